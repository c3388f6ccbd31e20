//! Basic Connect: who the device is, and how it gets on with its card and its network (MBIM 1.0 10.5).

use super::buffer::{Reader, Writer};
use super::{BufferError, Command, Uuid};

/// The service.
pub const SERVICE: Uuid =
    Uuid([0xa2, 0x89, 0xcc, 0x33, 0xbc, 0xbb, 0x8b, 0x4f, 0xb6, 0xb0, 0x13, 0x3e, 0xc2, 0xaa, 0xe6, 0xdf]);

/// The command that asks for [`DeviceCaps`].
pub const DEVICE_CAPS: u32 = 1;
/// The command that asks for [`SubscriberReady`]; told by the device as well.
pub const SUBSCRIBER_READY_STATUS: u32 = 2;
/// The command that asks for or sets the radio's state: [`RadioState`].
pub const RADIO_STATE: u32 = 3;
/// The command that asks for [`RegisterState`].
pub const REGISTER_STATE: u32 = 9;
/// The command that asks for [`DeviceServices`].
pub const DEVICE_SERVICES: u32 = 16;

/// A question of this service, which all have nothing to say.
#[must_use]
pub fn query(command: u32) -> Command {
    Command::query(SERVICE, command, Vec::new())
}

/// What the device can, and who it is. Of its abilities those are kept that matter for cards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceCaps {
    /// Its identity, mostly an IMEI.
    pub device_id: String,
    /// Its firmware.
    pub firmware: String,
    /// Its hardware.
    pub hardware: String,
}

impl DeviceCaps {
    /// As an LTE device whose card can be taken out tells it; with the number of a radio as Microsoft's extensions have it.
    #[must_use]
    pub fn encode(&self, executor: Option<u32>) -> Vec<u8> {
        // Removable; 3GPP; no voice; removable SIM; LTE; no messages; no control; 8 sessions; no class of its own.
        Writer::new(if executor.is_some() { 68 } else { 64 })
            .u32s(&[2, 1, 1, 2, 0x20, 0, 0, 8])
            .text("")
            .text(&self.device_id)
            .text(&self.firmware)
            .text(&self.hardware)
            .u32s(executor.as_slice())
            .finish()
    }

    /// Reads it.
    pub fn decode(buffer: &[u8]) -> Result<Self, BufferError> {
        let mut reader = Reader::new(buffer);
        reader.take(40)?;
        Ok(Self { device_id: reader.text()?, firmware: reader.text()?, hardware: reader.text()? })
    }
}

/// How the device gets on with its card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadyState(pub u32);

impl ReadyState {
    /// The card is being started.
    pub const NOT_INITIALIZED: Self = Self(0);
    /// The card can be used.
    pub const INITIALIZED: Self = Self(1);
    /// There is none.
    pub const SIM_NOT_INSERTED: Self = Self(2);
    /// It is of no use.
    pub const BAD_SIM: Self = Self(3);
    /// Something failed.
    pub const FAILURE: Self = Self(4);
    /// The subscription is not active.
    pub const NOT_ACTIVATED: Self = Self(5);
    /// The card wants a PIN.
    pub const DEVICE_LOCKED: Self = Self(6);
    /// The card is an eUICC without an enabled profile.
    pub const NO_ESIM_PROFILE: Self = Self(7);

    /// The name of the state, as MBIM 1.0 10.5.2 and Microsoft's extensions have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NOT_INITIALIZED => "not initialized",
            Self::INITIALIZED => "initialized",
            Self::SIM_NOT_INSERTED => "SIM not inserted",
            Self::BAD_SIM => "bad SIM",
            Self::FAILURE => "failure",
            Self::NOT_ACTIVATED => "not activated",
            Self::DEVICE_LOCKED => "device locked",
            Self::NO_ESIM_PROFILE => "no eSIM profile",
            _ => "unknown",
        }
    }
}

impl std::fmt::Display for ReadyState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "subscriber ready state {}: {}", self.0, self.name())
    }
}

/// The card, as the device sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriberReady {
    /// How the device gets on with it.
    pub state: ReadyState,
    /// The subscriber's number; empty if it is not known.
    pub imsi: String,
    /// The profile's number; empty if it is not known.
    pub iccid: String,
}

impl SubscriberReady {
    /// As MBIM 1.0 has it, or, with `flags`, MBIMEx 3.0, which has them behind the state.
    #[must_use]
    pub fn encode(&self, flags: Option<u32>) -> Vec<u8> {
        let writer = match flags {
            None => Writer::new(28).u32(self.state.0),
            Some(flags) => Writer::new(32).u32(self.state.0).u32(flags),
        };
        writer.text(&self.imsi).text(&self.iccid).u32(0).u32(0).finish()
    }

    /// Reads either form: which one a device uses on a shared port is up to what another host agreed on with it. In the
    /// wrong form the references point to where nothing can be.
    pub fn decode(buffer: &[u8]) -> Result<Self, BufferError> {
        Self::decode_form(buffer, false).or_else(|error| Self::decode_form(buffer, true).map_err(|_| error))
    }

    fn decode_form(buffer: &[u8], flags: bool) -> Result<Self, BufferError> {
        let mut reader = Reader::new(buffer);
        let state = ReadyState(reader.u32()?);
        if flags {
            reader.u32()?;
        }
        let ready = Self { state, imsi: reader.text()?, iccid: reader.text()? };
        reader.take(8)?;
        Ok(ready)
    }
}

/// Whether the radio is on, by its switch and by software.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RadioState {
    /// By a switch of the machine.
    pub hardware: bool,
    /// By software.
    pub software: bool,
}

impl RadioState {
    /// Switches it.
    #[must_use]
    pub fn set(on: bool) -> Command {
        Command::set(SERVICE, RADIO_STATE, u32::from(on).to_le_bytes().into())
    }

    /// What [`RadioState::set`] wants.
    pub fn decode_set(buffer: &[u8]) -> Result<bool, BufferError> {
        Ok(Reader::new(buffer).u32()? != 0)
    }

    /// The answer.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        Writer::new(8).u32(self.hardware.into()).u32(self.software.into()).finish()
    }
}

/// How the device gets on with its network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterState {
    /// 0 unknown, 1 not registered, 2 searching, 3 at home, 4 roaming, 5 with a partner, 6 denied.
    pub state: u32,
    /// The network's number.
    pub provider_id: String,
    /// The network's name.
    pub provider: String,
}

impl RegisterState {
    /// Whether a network has the device; `None` if it does not know.
    #[must_use]
    pub fn registered(&self) -> Option<bool> {
        (self.state != 0).then_some(matches!(self.state, 3..=5))
    }

    /// As MBIM 1.0 has it, or, with the classes that are preferred, MBIMEx 2.0.
    #[must_use]
    pub fn encode(&self, preferred: Option<u32>) -> Vec<u8> {
        let writer = Writer::new(if preferred.is_some() { 52 } else { 48 })
            .u32s(&[0, self.state, 1, 0x20, 1])
            .text(&self.provider_id)
            .text(&self.provider)
            .text("")
            .u32(0);
        match preferred {
            Some(classes) => writer.u32(classes).finish(),
            None => writer.finish(),
        }
    }

    /// Reads either form.
    pub fn decode(buffer: &[u8]) -> Result<Self, BufferError> {
        let mut reader = Reader::new(buffer);
        reader.take(4)?;
        let state = reader.u32()?;
        reader.take(12)?;
        Ok(Self { state, provider_id: reader.text()?, provider: reader.text()? })
    }
}

/// A service that the device has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceService {
    /// Its name.
    pub service: Uuid,
    /// Its commands.
    pub commands: Vec<u32>,
}

/// The services that the device has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceServices(pub Vec<DeviceService>);

impl DeviceServices {
    /// True if the device has this command, or does not say which commands the service has.
    #[must_use]
    pub fn has(&self, service: Uuid, command: u32) -> bool {
        let has = |one: &DeviceService| one.commands.is_empty() || one.commands.contains(&command);
        self.0.iter().any(|one| one.service == service && has(one))
    }

    /// As the device tells it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let writer = Writer::new(8 + 8 * self.0.len()).u32(super::buffer::length(self.0.len())).u32(0);
        let element = |one: &DeviceService| {
            let count = super::buffer::length(one.commands.len());
            let head = Writer::new(28 + 4 * one.commands.len()).bytes(&one.service.0).u32(0).u32(0).u32(count);
            head.u32s(&one.commands).finish()
        };
        self.0.iter().fold(writer, |writer, one| writer.offset_size(&element(one))).finish()
    }

    /// Reads it.
    pub fn decode(buffer: &[u8]) -> Result<Self, BufferError> {
        let mut reader = Reader::new(buffer);
        let mut behind = reader.clone();
        behind.take(8)?;
        let count = reader.count("the number of services", 8)?;
        (0..count).map(|_| Self::element(behind.offset_size()?)).collect::<Result<_, _>>().map(Self)
    }

    fn element(bytes: &[u8]) -> Result<DeviceService, BufferError> {
        let mut reader = Reader::new(bytes);
        let mut service = Uuid([0; 16]);
        service.0.copy_from_slice(reader.take(16)?);
        reader.take(8)?;
        let count = reader.count("the number of commands", 4)?;
        let commands = (0..count).map(|_| reader.u32()).collect::<Result<_, _>>()?;
        Ok(DeviceService { service, commands })
    }
}
