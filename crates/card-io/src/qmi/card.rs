//! The card behind a modem that speaks QMI; the modem keeps its channels.

use std::time::{Duration, Instant};

use modem_wire::qmi::ErrorCode;
use modem_wire::qmi::uim::{
    ChannelRefused, CloseChannel, LongAnswer, OpenByOldMessage, OpenChannel, PowerOff, PowerOn, Reset, SendApdu,
};
use sgp22::apdu::{StatusWord, channel_of};
use sgp22::id::Aid;
use sgp22::transport::{
    CardSight, Channel, ModemRefusal, Nature, Opening, Patience, RawCard, RefusalReason, Terminal, TransportError,
    TransportErrorKind,
};

use super::client::{Client, Failure};
use super::link::LinkFailure;
use super::{Connect, slot};
use crate::modem::{LinkError, LinkErrorKind, ModemOptions, SlotEvent};

/// How long a modem that left may take to come back: USB devices are enumerated anew.
const RETURN: Duration = Duration::from_secs(30);

/// How often it is looked for.
const LOOK: Duration = Duration::from_millis(500);

/// How often something that the modem is not ready for is tried again.
const NOT_YET: Duration = Duration::from_millis(500);

/// A card behind a modem.
pub(super) struct QmiCard {
    connect: Connect,
    pub(super) modem: Client,
    /// The logical slot.
    pub(super) slot: u8,
    pub(super) options: ModemOptions,
    /// The physical slot that was in use before the modem was switched to another.
    home: Option<u8>,
    /// The modem knows the older message for opening channels alone.
    old_message: bool,
    /// The modem left, and was waited for in vain: it is not waited for again.
    lost: bool,
}

impl QmiCard {
    /// Reaches the card.
    pub(super) fn open(mut connect: Connect, options: &ModemOptions) -> Result<Self, LinkError> {
        let modem = Client::new(connect()?);
        let options = options.clone();
        let mut card = Self { connect, modem, slot: 1, options, home: None, old_message: false, lost: false };
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
        self.options.slot_observer.tell(match slot::switch(&mut self.modem, home, &self.options.timeouts) {
            Ok(()) => SlotEvent::Restored,
            Err(failure) => SlotEvent::NotRestored(failure.to_string()),
        });
    }

    fn prepare(&mut self) -> Result<(), LinkError> {
        self.find_card().map_err(|error| error.with_slots(|| slot::all(&mut self.modem, &self.options.timeouts)))
    }

    fn find_card(&mut self) -> Result<(), LinkError> {
        let chosen = slot::choose(&mut self.modem, &self.options, &mut self.home)?;
        self.slot = chosen.logical;
        slot::wait_for_card(&mut self.modem, chosen.logical, chosen.switched, &self.options.timeouts)
    }

    /// Finds the modem again if it left.
    pub(super) fn revive(&mut self) -> Result<(), TransportError> {
        if !self.modem.is_gone() {
            return Ok(());
        }
        let end = Instant::now() + if self.lost { Duration::ZERO } else { RETURN };
        loop {
            let tried = (self.connect)().and_then(|link| {
                self.modem = Client::new(link);
                self.prepare()
            });
            match tried {
                Ok(()) => {
                    self.lost = false;
                    return Ok(());
                }
                Err(error) if Instant::now() >= end => {
                    self.lost = true;
                    return Err(lost(&error));
                }
                Err(error) => log::debug!("not back yet: {error}"),
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Takes the card's power away and gives it back.
    pub(super) fn power(&mut self) -> Result<(), TransportError> {
        self.revive()?;
        let time = self.options.timeouts.normal;
        match self.modem.ask(&PowerOff { slot: self.slot }, time) {
            Ok(_) | Err(Failure::Refused(ErrorCode::NO_EFFECT, _)) => {}
            Err(failure) => return Err(told(failure)),
        }
        match self.modem.ask(&PowerOn { slot: self.slot }, time) {
            Ok(_) | Err(Failure::Refused(ErrorCode::NO_EFFECT, _)) => {}
            Err(failure) => return Err(told(failure)),
        }
        slot::wait_for_card(&mut self.modem, self.slot, true, &self.options.timeouts).map_err(|error| lost(&error))
    }

    fn try_open(&mut self, application: &Aid) -> Result<Opening, Failure> {
        let time = self.options.timeouts.normal;
        let request = OpenChannel { slot: self.slot, aid: application.as_bytes().to_vec() };
        if !self.old_message {
            match self.modem.ask(&request, time) {
                Ok(opened) => return Ok(open(opened.channel, opened.select)),
                Err(failure) if failure.is_unknown_message() => self.old_message = true,
                Err(failure) => return refusal(failure),
            }
        }
        match self.modem.ask(&OpenByOldMessage(request), time) {
            Ok(opened) => Ok(open(opened.channel, opened.select)),
            Err(failure) => refusal(failure),
        }
    }

    /// The same, waiting for a card that is being started.
    fn open_when_ready(&mut self, application: &Aid) -> Result<Opening, TransportError> {
        let deadline = Instant::now() + self.options.timeouts.connect;
        loop {
            match self.try_open(application) {
                Err(Failure::Refused(code, _)) if code.is_not_yet() && Instant::now() < deadline => {
                    std::thread::sleep(NOT_YET);
                }
                Err(Failure::Refused(code, _)) if code != ErrorCode::NO_SIM => return Ok(refused_opening(code)),
                Err(failure) => return Err(told(failure)),
                Ok(opening) => return Ok(opening),
            }
        }
    }
}

fn open(channel: u8, fci: Vec<u8>) -> Opening {
    Opening::Open { channel: Channel(channel), fci }
}

/// What a refused opening means, as far as the card had a say in it.
fn refusal(failure: Failure) -> Result<Opening, Failure> {
    let Failure::Refused(_, tlvs) = &failure else { return Err(failure) };
    match ChannelRefused::read(tlvs).0.map(|[sw1, sw2]| StatusWord::new(sw1, sw2)) {
        Some(status @ (StatusWord::FUNCTION_NOT_SUPPORTED | StatusWord::CHANNEL_NOT_SUPPORTED)) => {
            Ok(Opening::NoChannel(status))
        }
        Some(status) if status.sw1() & 0xF0 == 0x60 => Ok(Opening::NotFound(status)),
        // No status word, or one that is no refusal.
        _ => Err(failure),
    }
}

/// The meaning of an error without a status word of the card, in answer to the opening of a channel.
fn refused_opening(code: ErrorCode) -> Opening {
    let words = code.to_string();
    let by_modem = |reason, words| Opening::RefusedByModem(ModemRefusal { reason, words });
    match code {
        ErrorCode::SIM_FILE_NOT_FOUND => by_modem(RefusalReason::SelectFailed, words),
        // SM7225 opens three channels, then none.
        ErrorCode::INSUFFICIENT_RESOURCES | ErrorCode::NO_MEMORY => by_modem(RefusalReason::NoChannel, words),
        code if is_denial(code) => by_modem(RefusalReason::Denied, words),
        code if code.is_unknown_message() => by_modem(RefusalReason::Unsupported, words),
        ErrorCode::PIN_RESTRICTION => Opening::Unusable(CardSight::Locked, words),
        ErrorCode::PUK_RESTRICTION => Opening::Unusable(CardSight::PukRequired, words),
        ErrorCode::DEVICE_IN_USE => Opening::Unusable(CardSight::Starting, words),
        code if code.is_not_yet() => Opening::Unusable(CardSight::Starting, words),
        // The card may have refused, or the modem.
        _ => Opening::Refused(words),
    }
}

/// True for the errors by which a firmware refuses what it could do.
fn is_denial(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::ACCESS_DENIED
            | ErrorCode::HARDWARE_RESTRICTED
            | ErrorCode::CARD_CALL_CONTROL_FAILED
            | ErrorCode::MESSAGE_BLOCKED
            | ErrorCode::DISABLED
    )
}

impl RawCard for QmiCard {
    fn transmit(&mut self, command: &[u8], patience: Patience) -> Result<Vec<u8>, TransportError> {
        let channel = command.first().map(|class| channel_of(*class)).filter(|channel| *channel != 0);
        let skip_procedure_bytes = self.options.habits.skip_procedure_bytes && switches_profiles(command);
        let request = SendApdu { slot: self.slot, apdu: command.to_vec(), channel, skip_procedure_bytes };
        self.modem.ask(&request, self.options.timeouts.of(patience)).map(|answer| answer.0).map_err(told)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.power()
    }

    fn nature(&self) -> Nature {
        self.options.habits.nature()
    }

    fn open(&mut self, application: &Aid) -> Result<Opening, TransportError> {
        self.revive()?;
        let opening = self.open_when_ready(application)?;
        let no_channel = matches!(
            opening,
            Opening::NoChannel(_) | Opening::RefusedByModem(ModemRefusal { reason: RefusalReason::NoChannel, .. })
        );
        if !no_channel {
            return Ok(opening);
        }
        // Channels may have been left open by programs that died.
        log::info!("no channel: asking the modem to forget what it has open for us");
        if let Err(failure) = self.modem.ask(&Reset {}, self.options.timeouts.normal) {
            log::info!("the modem does not reset its card service: {failure}");
        }
        self.open_when_ready(application)
    }

    fn close(&mut self, channel: Channel) -> Result<(), TransportError> {
        if self.modem.is_gone() {
            return Ok(());
        }
        let request = CloseChannel { slot: self.slot, channel: channel.0 };
        match self.modem.ask(&request, self.options.timeouts.connect) {
            Ok(_) => Ok(()),
            // There is no such channel any more.
            Err(Failure::Refused(code, _)) => {
                log::debug!("closing channel {}: {code}", channel.0);
                Ok(())
            }
            Err(failure) => Err(told(failure)),
        }
    }

    fn terminal(&mut self) -> Option<&mut dyn Terminal> {
        Some(self)
    }
}

/// True for the STORE DATA that enables or disables a profile: the card starts anew in the middle of it, and some
/// modems lose the answer if they wait for procedure bytes.
fn switches_profiles(command: &[u8]) -> bool {
    matches!(command, [_, 0xE2, _, _, _, 0xBF, 0x31 | 0x32, ..])
}

/// What a failure says of a command to the card.
pub(super) fn told(failure: Failure) -> TransportError {
    let why = failure.to_string();
    let of_link = |link: &LinkFailure| match link {
        LinkFailure::Timeout => TransportErrorKind::Timeout,
        LinkFailure::Gone(_) | LinkFailure::NoService => TransportErrorKind::DeviceGone,
        LinkFailure::Garbage(_) => TransportErrorKind::Garbage,
    };
    match &failure {
        Failure::NotSent(link) => TransportError::not_sent(of_link(link), why),
        Failure::NoAnswer(link) => TransportError::unsure(of_link(link), why),
        Failure::Refused(code, tlvs) => match *code {
            ErrorCode::MALFORMED_MESSAGE
            | ErrorCode::CLIENT_IDS_EXHAUSTED
            | ErrorCode::INVALID_CLIENT_ID
            | ErrorCode::MISSING_ARGUMENT
            | ErrorCode::ARGUMENT_TOO_LONG
            | ErrorCode::INVALID_SERVICE => TransportError::not_sent(TransportErrorKind::Lost, why),
            code if code.is_unknown_message() => TransportError::not_sent(TransportErrorKind::Refused, why),
            ErrorCode::INSUFFICIENT_RESOURCES if LongAnswer::is_announced(tlvs) => {
                let why = "the modem wants to give the answer in parts, in a way that nothing is known of";
                TransportError::unsure(TransportErrorKind::Lost, why)
            }
            ErrorCode::NO_SIM => TransportError::unsure(TransportErrorKind::CardRemoved, why),
            // The channel is gone: the card was started anew.
            ErrorCode::INVALID_ARGUMENT | ErrorCode::INVALID_HANDLE => {
                TransportError::unsure(TransportErrorKind::ResetByOther, why)
            }
            // The card is being started.
            ErrorCode::DEVICE_NOT_READY | ErrorCode::UIM_UNINITIALIZED | ErrorCode::INCOMPATIBLE_STATE => {
                TransportError::unsure(TransportErrorKind::ResetByOther, why)
            }
            // The card was asked for its consent, so that it may have seen the command.
            ErrorCode::CARD_CALL_CONTROL_FAILED => TransportError::unsure(TransportErrorKind::Refused, why),
            code if is_denial(code) => TransportError::not_sent(TransportErrorKind::Refused, why),
            ErrorCode::DEVICE_IN_USE | ErrorCode::PIN_RESTRICTION | ErrorCode::PUK_RESTRICTION => {
                TransportError::unsure(TransportErrorKind::Refused, why)
            }
            _ => TransportError::unsure(TransportErrorKind::Lost, why),
        },
    }
}

/// What it says of a command that the card or the modem did not come back.
fn lost(error: &LinkError) -> TransportError {
    let kind = match error.kind {
        LinkErrorKind::NoCard => TransportErrorKind::CardRemoved,
        LinkErrorKind::Dead => TransportErrorKind::Timeout,
        LinkErrorKind::CardFailed | LinkErrorKind::CardStarting | LinkErrorKind::Failed => TransportErrorKind::Lost,
        _ => TransportErrorKind::DeviceGone,
    };
    TransportError::not_sent(kind, error.to_string())
}
