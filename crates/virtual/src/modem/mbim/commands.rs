//! What a virtual modem does on commands: Basic Connect and its extensions.

use modem_wire::mbim::basic::{
    self, DeviceCaps, DeviceService, DeviceServices, RadioState, ReadyState, RegisterState, SubscriberReady,
};
use modem_wire::mbim::extensions::{self, SlotInfo, SlotMappings, SlotState, SysCaps, Version};
use modem_wire::mbim::{BufferError, Command, Indication, QMI, QMI_MESSAGE, Status, Uuid, uicc};
use modem_wire::qmi::{Frame, FrameReader, Sdu};
use sgp22::id::Iccid;
use sgp22::transport::CardSight;

use super::{Answer, Failed, MbimModem};
use crate::modem::qmi::{HostId, Outcome};
use crate::modem::quirk::ModemQuirk;

/// What a device is asked that may be set as well.
const BOTH: &[bool] = &[false, true];
const QUERY: &[bool] = &[false];
const SET: &[bool] = &[true];

/// The commands of a service, and whether each is asked, set, or both.
type Commands = &'static [(u32, &'static [bool])];

const SERVICES: &[(Uuid, Commands)] = &[
    (
        basic::SERVICE,
        &[
            (basic::DEVICE_CAPS, QUERY),
            (basic::SUBSCRIBER_READY_STATUS, QUERY),
            (basic::RADIO_STATE, BOTH),
            (basic::REGISTER_STATE, QUERY),
            (basic::DEVICE_SERVICES, QUERY),
        ],
    ),
    (
        extensions::SERVICE,
        &[
            (extensions::SYS_CAPS, QUERY),
            (extensions::DEVICE_CAPS, QUERY),
            (extensions::DEVICE_SLOT_MAPPINGS, BOTH),
            (extensions::SLOT_INFO_STATUS, QUERY),
            (extensions::VERSION, QUERY),
        ],
    ),
    (
        uicc::SERVICE,
        &[
            (uicc::ATR, QUERY),
            (uicc::OPEN_CHANNEL, SET),
            (uicc::CLOSE_CHANNEL, SET),
            (uicc::APDU, SET),
            (uicc::TERMINAL_CAPABILITY, BOTH),
            (uicc::RESET, BOTH),
        ],
    ),
    (QMI, &[(QMI_MESSAGE, SET)]),
];

impl From<BufferError> for Failed {
    fn from(error: BufferError) -> Self {
        log::info!("a host sent what cannot be read: {error}");
        match error {
            BufferError::TooMuch { .. } => Status::PARAMETER_TOO_LONG.into(),
            _ => Status::INVALID_PARAMETERS.into(),
        }
    }
}

impl MbimModem {
    /// Carries a command out.
    pub(super) fn command(&mut self, host: HostId, command: &Command) -> Answer {
        let of_service = SERVICES.iter().find(|(service, _)| *service == command.service);
        let known = of_service.and_then(|(_, all)| all.iter().find(|(number, _)| *number == command.command));
        let Some((_, allowed)) = known.filter(|_| !self.lacks(command.service, command.command)) else {
            return Err(Status::NO_DEVICE_SUPPORT.into());
        };
        if !allowed.contains(&command.set) {
            return Err(Status::INVALID_DEVICE_SERVICE_OPERATION.into());
        }
        match command.service {
            basic::SERVICE => self.basic(command),
            extensions::SERVICE => self.extension(command),
            QMI => self.qmi(host, command),
            _ => self.uicc(command),
        }
    }

    fn lacks(&self, service: Uuid, command: u32) -> bool {
        match (service, command) {
            (uicc::SERVICE, uicc::RESET) if self.has(ModemQuirk::NoReset) => true,
            (uicc::SERVICE, _) => self.has(ModemQuirk::NoUicc),
            (extensions::SERVICE, _) => self.has(ModemQuirk::NoSlots),
            (QMI, _) => !self.has(ModemQuirk::CarriesQmi),
            _ => false,
        }
    }

    fn basic(&mut self, command: &Command) -> Answer {
        Ok(match command.command {
            basic::DEVICE_CAPS => self.caps().encode(None),
            basic::SUBSCRIBER_READY_STATUS => self.subscriber(),
            basic::RADIO_STATE if command.set => {
                self.switch_radio(RadioState::decode_set(&command.buffer)?);
                RadioState { hardware: true, software: self.radio }.encode()
            }
            basic::RADIO_STATE => RadioState { hardware: true, software: self.radio }.encode(),
            basic::REGISTER_STATE => self.register(),
            _ => self.services().encode(),
        })
    }

    /// The card has power as long as the radio has.
    fn switch_radio(&mut self, on: bool) {
        if on && !self.radio {
            self.core.modem.power_on();
            self.introduce();
        } else if !on {
            self.core.modem.power_off();
            self.groups.clear();
        }
        self.radio = on;
    }

    fn services(&self) -> DeviceServices {
        let commands = |service: Uuid, all: Commands| -> Vec<u32> {
            all.iter().map(|(command, _)| *command).filter(|command| !self.lacks(service, *command)).collect()
        };
        let services = SERVICES.iter().map(|(service, all)| {
            let commands = commands(*service, all);
            DeviceService { service: *service, commands }
        });
        DeviceServices(services.filter(|service| !service.commands.is_empty()).collect())
    }

    fn register(&self) -> Vec<u8> {
        let home = self.core.modem.registered() && self.radio;
        let text = |text: &str| if home { text.to_owned() } else { String::new() };
        let state =
            RegisterState { state: if home { 3 } else { 2 }, provider_id: text("99934"), provider: text("Example") };
        state.encode((self.extensions >= 0x0200).then_some(0x20))
    }

    fn subscriber(&self) -> Vec<u8> {
        let forced = self.core.modem.quirks().number(ModemQuirk::Subscriber).map(ReadyState);
        let state = forced.unwrap_or_else(|| match self.core.sight(self.core.modem.active_slot()) {
            _ if self.pass_through || !self.settled() => ReadyState::NOT_INITIALIZED,
            CardSight::Absent => ReadyState::SIM_NOT_INSERTED,
            CardSight::Starting => ReadyState::NOT_INITIALIZED,
            CardSight::NoProfile => ReadyState::NO_ESIM_PROFILE,
            CardSight::Locked | CardSight::PukRequired | CardSight::DeviceLocked => ReadyState::DEVICE_LOCKED,
            CardSight::Failed => ReadyState::FAILURE,
            CardSight::Usable => ReadyState::INITIALIZED,
            CardSight::NotActivated => ReadyState::NOT_ACTIVATED,
        });
        let read = matches!(state, ReadyState::INITIALIZED | ReadyState::NOT_ACTIVATED | ReadyState::DEVICE_LOCKED);
        let iccid = self.core.modem.iccid().filter(|_| read).map(Iccid::digits).unwrap_or_default();
        let esim = 1;
        SubscriberReady { state, imsi: String::new(), iccid }.encode((self.extensions >= 0x0300).then_some(esim))
    }

    /// The card was started anew: what a device then tells by itself.
    pub(super) fn news(&mut self) -> Option<Indication> {
        if !self.core.modem.take_refreshed() {
            return None;
        }
        let command = basic::SUBSCRIBER_READY_STATUS;
        Some(Indication { service: basic::SERVICE, command, buffer: self.subscriber() })
    }

    /// A QMI message inside of MBIM.
    fn qmi(&mut self, host: HostId, command: &Command) -> Answer {
        let (mut frames, invalid) = (FrameReader::default(), Status::INVALID_PARAMETERS);
        frames.push(&command.buffer);
        let frame = frames.next_frame().ok().flatten().ok_or(invalid)?;
        let request = Sdu::from_bytes(frame.service, &frame.sdu).map_err(|_| invalid)?;
        match self.core.serve(frame.service, frame.client, host, &request) {
            Outcome::Answer(answer) => {
                Ok(Frame { from_modem: true, sdu: answer.to_bytes(frame.service), ..frame }.to_bytes())
            }
            Outcome::Silence => Err(Failed::Silence),
            Outcome::Gone(time) => Err(Failed::Gone(time)),
            Outcome::Closed => Err(Failed::Closed),
        }
    }

    /// What the device tells the host of QMI by itself.
    pub(super) fn qmi_news(&mut self, host: HostId) -> Vec<Indication> {
        let told = |frame: &Frame| Indication { service: QMI, command: QMI_MESSAGE, buffer: frame.to_bytes() };
        self.core.news(host).iter().map(told).collect()
    }

    fn extension(&mut self, command: &Command) -> Answer {
        Ok(match command.command {
            extensions::SYS_CAPS => {
                let slots = u32::try_from(self.core.modem.slot_count()).unwrap_or(u32::MAX);
                SysCaps { executors: 1, slots, concurrency: 1, modem: 1 }.encode()
            }
            extensions::DEVICE_CAPS => self.caps().encode(Some(0)),
            extensions::DEVICE_SLOT_MAPPINGS => return self.mappings(command),
            extensions::SLOT_INFO_STATUS => {
                let slot = SlotInfo::decode_query(&command.buffer)?;
                SlotInfo { slot, state: self.slot_state(slot).ok_or(Status::INVALID_PARAMETERS)? }.encode()
            }
            _ => {
                let host = Version::decode(&command.buffer)?;
                let ours = if self.has(ModemQuirk::SlotIds) { Version::WITH_SLOT_IDS } else { 0x0300 };
                self.extensions = ours.min(host.extensions).max(0x0100);
                Version { mbim: 0x0100, extensions: ours }.encode()
            }
        })
    }

    fn mappings(&mut self, command: &Command) -> Answer {
        if self.has(ModemQuirk::MappingHangs) {
            return Err(Failed::Silence);
        }
        if self.has(ModemQuirk::NoMapping) {
            return Err(Status::NO_DEVICE_SUPPORT.into());
        }
        if self.has(ModemQuirk::MappingRefused) || command.set && self.has(ModemQuirk::SwitchRefused) {
            return Err(Status::OPERATION_NOT_ALLOWED.into());
        }
        if command.set {
            let &[slot] = &SlotMappings::decode(&command.buffer)?.0[..] else {
                return Err(Status::INVALID_PARAMETERS.into());
            };
            let index = usize::try_from(slot).map_err(|_| Status::INVALID_PARAMETERS)?;
            if index != self.core.modem.active_slot() {
                if !self.core.modem.switch_slot(index) {
                    return Err(Status::INVALID_PARAMETERS.into());
                }
                self.groups.clear();
                self.switched = Some(std::time::Instant::now());
                self.after_switch = true;
                self.introduce();
            }
        }
        Ok(SlotMappings(vec![self.active_slot()]).encode())
    }

    pub(super) fn active_slot(&self) -> u32 {
        u32::try_from(self.core.modem.active_slot()).unwrap_or(u32::MAX)
    }

    fn slot_state(&self, slot: u32) -> Option<SlotState> {
        let index = usize::try_from(slot).ok().filter(|index| *index < self.core.modem.slot_count())?;
        let (sight, used) = (self.core.modem.sight(index), index == self.core.modem.active_slot());
        Some(match (sight, used) {
            (CardSight::Absent, true) => SlotState::EMPTY,
            (CardSight::Absent, false) => SlotState::OFF_EMPTY,
            (_, false) => SlotState::OFF,
            _ if !self.settled() => SlotState::NOT_READY,
            (CardSight::Starting, true) => SlotState::NOT_READY,
            (CardSight::Failed, true) => SlotState::ERROR,
            _ if self.core.modem.eid(index).is_none() => SlotState::ACTIVE,
            (CardSight::NoProfile, true) => SlotState::ACTIVE_ESIM_NO_PROFILE,
            _ => SlotState::ACTIVE_ESIM,
        })
    }

    fn caps(&self) -> DeviceCaps {
        let ours = ["esimctl", "Virtual MBIM modem", concat!("esimctl ", env!("CARGO_PKG_VERSION"))];
        let [_, hardware, firmware] = self.core.modem.quirks().identity().unwrap_or(ours).map(String::from);
        DeviceCaps { device_id: "990000862471854".into(), firmware, hardware }
    }
}
