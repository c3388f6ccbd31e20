//! The card behind a modem that speaks MBIM; the modem keeps its channels.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use modem_wire::mbim::Status;
use modem_wire::mbim::basic::RadioState;
use modem_wire::mbim::uicc::{Apdu, ApduDone, ChannelOpened, CloseChannel, OpenChannel, Reset, TerminalCapability};
use sgp22::apdu::{StatusWord, channel_of};
use sgp22::id::Aid;
use sgp22::transport::{
    Channel, ModemRefusal, Nature, Opening, Patience, RawCard, RefusalReason, Terminal, TransportError,
};

use super::device::{Device, Trouble};
use super::refusal::{card_status, lost_card_error, refusal, refused_opening, transport_error};
use super::slot::{self, Slot};
use crate::iso7816::TERMINAL_CAPABILITY;
use crate::modem::{ClassByte, LinkError, LinkErrorKind, ModemOptions, SlotEvent};

/// Our channels are one group, so that those that a program of ours left open when it died can be closed. The port's
/// lock sees to it that no two of us are at work.
const GROUP: u32 = 0x4553;

/// How long a modem that left may take to come back: USB devices are enumerated anew.
const RETURN: Duration = Duration::from_secs(30);

/// How often something that the modem is not ready for is tried again.
const NOT_YET: Duration = Duration::from_millis(500);

/// The same for a modem that is busy.
const BUSY: Duration = Duration::from_millis(100);

/// How long after a switch of slots or a reset a modem may fail without saying why.
const FRESH: Duration = Duration::from_secs(5);

/// A card behind a modem.
pub(super) struct MbimCard {
    path: PathBuf,
    pub(super) options: ModemOptions,
    pub(super) device: Device,
    slot: Slot,
    /// The slot, from 0, that was in use before the modem was switched to another.
    home: Option<u32>,
    /// The modem was told of TERMINAL CAPABILITY since the card was started.
    introduced: bool,
    /// When the card was started last, if that was ours to do.
    started: Option<Instant>,
    /// The modem left, and was waited for in vain: it is not waited for again.
    lost: bool,
}

impl MbimCard {
    /// Reaches the card.
    pub(super) fn open(path: &Path, options: &ModemOptions) -> Result<Self, LinkError> {
        let device = Device::open(path, options.proxy, &options.timeouts)?;
        let slot = Slot { index: None, switched: false };
        let (path, options) = (path.to_owned(), options.clone());
        let (introduced, started, lost) = (false, None, false);
        let mut card = Self { path, options, device, slot, home: None, introduced, started, lost };
        match card.prepare() {
            Ok(()) => Ok(card),
            Err(error) => {
                card.leave_slot();
                Err(error)
            }
        }
    }

    /// Goes back to the slot that was in use before: the card in the other one cannot be reached.
    fn leave_slot(&mut self) {
        let Some(home) = self.home else { return };
        self.options.slot_observer.tell(match slot::switch(&mut self.device, &self.options, home) {
            Ok(()) => SlotEvent::Restored,
            Err(trouble) => SlotEvent::NotRestored(trouble.to_string()),
        });
    }

    fn prepare(&mut self) -> Result<(), LinkError> {
        if !self.device.carries_apdus() {
            return Err(LinkError::new(LinkErrorKind::NoApdus, "it lists no low-level access to its card"));
        }
        self.find_card().map_err(|error| error.with_slots(|| slot::all(&mut self.device, &self.options)))
    }

    fn find_card(&mut self) -> Result<(), LinkError> {
        self.slot = slot::choose(&mut self.device, &self.options, &mut self.home)?;
        self.started = self.slot.switched.then(Instant::now);
        slot::wait_for_card(&mut self.device, self.slot, self.slot.switched, &self.options)
    }

    /// Finds the modem again if it left.
    pub(super) fn revive(&mut self) -> Result<(), TransportError> {
        if !self.device.is_gone() {
            return Ok(());
        }
        let end = Instant::now() + if self.lost { Duration::ZERO } else { RETURN };
        self.introduced = false;
        loop {
            let tried = Device::open(&self.path, self.options.proxy, &self.options.timeouts).and_then(|device| {
                self.device = device;
                self.prepare()
            });
            match tried {
                Ok(()) => {
                    self.lost = false;
                    return Ok(());
                }
                Err(error) if Instant::now() >= end => {
                    self.lost = true;
                    return Err(lost_card_error(&error));
                }
                Err(error) => log::debug!("not back yet: {error}"),
            }
            std::thread::sleep(NOT_YET);
        }
    }

    /// The slot, where commands name it.
    fn slot_id(&self) -> Option<u32> {
        self.device.names_slots().then_some(self.slot.index.unwrap_or(0))
    }

    /// Tells the modem what to tell the card of us.
    fn introduce(&mut self) -> Result<(), Trouble> {
        self.introduced = true;
        let command = TerminalCapability(vec![TERMINAL_CAPABILITY.into()]).set(self.slot_id());
        match self.device.command(command, self.options.timeouts.normal) {
            Err(Trouble::Status(status, _)) => log::info!("the modem does not take TERMINAL CAPABILITY: {status}"),
            other => return other.map(drop),
        }
        Ok(())
    }

    fn try_open(&mut self, application: &Aid) -> Result<Opening, Trouble> {
        if self.options.habits.terminal_capability == Some(true) && !self.introduced {
            self.introduce()?;
        }
        let aid = application.as_bytes().to_vec();
        let select_p2 = self.options.habits.select_p2.into();
        let command = OpenChannel { aid, select_p2, group: GROUP, slot: self.slot_id() }.command();
        match self.device.read(command, self.options.timeouts.normal, ChannelOpened::decode) {
            Ok(opened) => Ok(judge(opened)),
            Err(Trouble::Status(Status::NO_LOGICAL_CHANNELS, buffer)) => {
                let by_modem = || refusal(RefusalReason::NoChannel, "NoLogicalChannels");
                Ok(card_status(&buffer).map_or_else(by_modem, Opening::NoChannel))
            }
            Err(Trouble::Status(Status::SELECT_FAILED, buffer)) => {
                let by_modem = || refusal(RefusalReason::SelectFailed, "SelectFailed");
                Ok(card_status(&buffer).map_or_else(by_modem, Opening::NotFound))
            }
            // Another host of the proxy agreed on more with the modem.
            Err(Trouble::Status(Status::INVALID_PARAMETERS, _)) if self.device.may_name_slots() => {
                log::info!("the modem wants its slot named");
                self.device.name_slots();
                self.slot.index = slot::in_use(&mut self.device, &self.options)?;
                self.try_open(application)
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// The same, waiting for a card that is being started.
    fn open_when_ready(&mut self, application: &Aid) -> Result<Opening, TransportError> {
        let deadline = Instant::now() + self.options.timeouts.connect;
        loop {
            let fresh = self.started.is_some_and(|then| then.elapsed() < FRESH);
            match self.try_open(application) {
                Ok(opening) => return Ok(opening),
                Err(Trouble::Status(Status::BUSY | Status::NOT_INITIALIZED, _)) if Instant::now() < deadline => {}
                Err(Trouble::Status(Status::FAILURE, _)) if fresh => {}
                Err(Trouble::Status(status, _)) if status != Status::SIM_NOT_INSERTED => {
                    return Ok(refused_opening(status));
                }
                Err(trouble) => return Err(transport_error(trouble)),
            }
            std::thread::sleep(NOT_YET);
        }
    }

    /// Closes what is open of our group; what a card that was started anew does not have any more is no error.
    fn close_group(&mut self) -> Result<(), Trouble> {
        let command = CloseChannel { channel: 0, group: GROUP, slot: self.slot_id() }.command();
        match self.device.command(command, self.options.timeouts.connect) {
            Err(Trouble::Status(Status::INVALID_LOGICAL_CHANNEL, _)) => Ok(()),
            other => other.map(drop),
        }
    }

    /// Starts the card anew.
    pub(super) fn restart(&mut self) -> Result<(), TransportError> {
        self.revive()?;
        // Passed through, the modem would leave the card alone and see nothing of it.
        let reset = Reset { pass_through: false, slot: self.slot_id() }.command();
        match self.device.command(reset, self.options.timeouts.normal) {
            Ok(_) => {}
            Err(trouble) if trouble.is_unsupported() => self.restart_otherwise()?,
            // It starts itself anew, and the card with it.
            Err(trouble) if self.device.is_gone() => {
                log::info!("the modem left: {trouble}");
                return self.revive();
            }
            Err(trouble) => return Err(transport_error(trouble)),
        }
        self.introduced = false;
        self.started = Some(Instant::now());
        slot::wait_for_card(&mut self.device, self.slot, true, &self.options).map_err(|error| lost_card_error(&error))
    }

    /// With the radio, many modems take the card's power as well. Where even that is not to be had, the channels are
    /// closed: what was selected on them is gone at least.
    fn restart_otherwise(&mut self) -> Result<(), TransportError> {
        log::warn!("The modem cannot reset its card: switching its radio off and on instead.");
        let time = self.options.timeouts.normal;
        let switched = [false, true].map(|on| self.device.command(RadioState::set(on), time));
        match switched {
            [Ok(_), Ok(_)] => {}
            [Err(Trouble::Status(status, _)), _] | [_, Err(Trouble::Status(status, _))] => {
                log::warn!("The modem does not switch its radio ({status}): only its channels are closed.");
            }
            [Err(trouble), _] | [_, Err(trouble)] => return Err(transport_error(trouble)),
        }
        match self.close_group() {
            Ok(()) | Err(Trouble::Status(..)) => Ok(()),
            Err(trouble) => Err(transport_error(trouble)),
        }
    }

    fn apdu(&mut self, command: &[u8], deadline: Instant) -> Result<ApduDone, Trouble> {
        let class = command.first().copied().unwrap_or(0);
        let extended_class = match self.options.habits.class_byte {
            ClassByte::ByCommand => class & 0x80 != 0,
            ClassByte::Extended => true,
            ClassByte::Interindustry => false,
        };
        let (channel, slot) = (channel_of(class).into(), self.slot_id());
        let apdu = Apdu { channel, secure_messaging: false, extended_class, slot, command: command.to_vec() };
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.device.read(apdu.command(), left, ApduDone::decode) {
                Err(Trouble::Status(Status::BUSY, _)) if !left.is_zero() => std::thread::sleep(BUSY),
                other => return other,
            }
        }
    }
}

impl RawCard for MbimCard {
    fn transmit(&mut self, command: &[u8], patience: Patience) -> Result<Vec<u8>, TransportError> {
        let deadline = Instant::now() + self.options.timeouts.of(patience);
        let mut done = self.apdu(command, deadline).map_err(transport_error)?;
        done.answer.extend(done.status.words());
        Ok(done.answer)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.restart()
    }

    fn nature(&self) -> Nature {
        self.options.habits.nature()
    }

    fn open(&mut self, application: &Aid) -> Result<Opening, TransportError> {
        self.revive()?;
        let opening = self.open_when_ready(application)?;
        match opening {
            // Channels may have been left open by programs of ours that died.
            Opening::NoChannel(_) | Opening::RefusedByModem(ModemRefusal { reason: RefusalReason::NoChannel, .. }) => {
                log::info!("no channel: closing what may have been left open");
                match self.close_group() {
                    Ok(()) | Err(Trouble::Status(..)) => {}
                    Err(trouble) => return Err(transport_error(trouble)),
                }
            }
            // Some cards show their ISD-R to those alone who say that they can deal with it.
            Opening::NotFound(_)
            | Opening::RefusedByModem(ModemRefusal { reason: RefusalReason::SelectFailed, .. })
                if !self.introduced && self.options.habits.terminal_capability.is_none() =>
            {
                self.introduce().map_err(transport_error)?;
            }
            other => return Ok(other),
        }
        self.open_when_ready(application)
    }

    fn close(&mut self, channel: Channel) -> Result<(), TransportError> {
        if self.device.is_gone() {
            return Ok(());
        }
        let command = CloseChannel { channel: channel.0.into(), group: GROUP, slot: self.slot_id() }.command();
        match self.device.command(command, self.options.timeouts.connect) {
            Ok(_) => Ok(()),
            // There is no such channel any more.
            Err(Trouble::Status(status, _)) => {
                log::debug!("closing channel {}: {status}", channel.0);
                Ok(())
            }
            Err(trouble) => Err(transport_error(trouble)),
        }
    }

    fn terminal(&mut self) -> Option<&mut dyn Terminal> {
        Some(self)
    }
}

/// What an opening without an error means.
fn judge(opened: ChannelOpened) -> Opening {
    let [sw1, sw2] = opened.status.words();
    let status = StatusWord::new(sw1, sw2);
    match (u8::try_from(opened.channel), sw1) {
        (Ok(channel @ 1..=19), 0x90 | 0x91 | 0x61..=0x63) => {
            Opening::Open { channel: Channel(channel), fci: opened.answer }
        }
        (_, 0x68) | (Ok(0), 0x90) => Opening::NoChannel(status),
        _ if status == StatusWord::FUNCTION_NOT_SUPPORTED => Opening::NoChannel(status),
        _ => Opening::NotFound(status),
    }
}
