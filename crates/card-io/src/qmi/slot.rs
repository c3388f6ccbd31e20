//! Getting at the card in the slot that is wanted.

use std::time::{Duration, Instant};

use modem_wire::qmi::ErrorCode;
use modem_wire::qmi::uim::{
    Card, CardState, CardStatus, GetCardStatus, GetSlotStatus, PhysicalSlot, PowerOn, SwitchSlot,
};
use sgp22::id::Eid;
use sgp22::transport::Slot;

use super::client::{Client, Failure};
use super::link::LinkFailure;
use crate::Timeouts;
use crate::modem::{LinkError, LinkErrorKind, ModemOptions, SlotEvent, SlotSwitch};

/// How often a card that is being started is looked at.
const POLL: Duration = Duration::from_millis(250);

/// The slot that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chosen {
    /// The logical slot, by which requests name it.
    pub(super) logical: u8,
    /// The modem was switched to it.
    pub(super) switched: bool,
}

/// Has the modem use the physical slot `options.slot`. Where it has to be switched for that, the slot that it used before
/// is put into `home` first, unless there is one in it.
pub(super) fn choose(modem: &mut Client, options: &ModemOptions, home: &mut Option<u8>) -> Result<Chosen, LinkError> {
    let timeouts = &options.timeouts;
    let unswitched = |logical| Ok(Chosen { logical, switched: false });
    let Some(wanted) = options.slot else { return unswitched(1) };
    let none = |have: usize| LinkError::new(LinkErrorKind::NoSlot, format!("slot {wanted} of {have}"));
    let slots = match modem.ask(&GetSlotStatus {}, timeouts.connect) {
        Ok(status) => status.0.slots,
        // A modem from before there were several physical slots; some have several logical ones.
        Err(failure) if failure.is_unknown_message() => {
            let cards = if wanted == 1 { 1 } else { cards(modem, timeouts)?.cards.len() };
            return if usize::from(wanted) <= cards { unswitched(wanted) } else { Err(none(cards)) };
        }
        Err(failure) => return Err(refused(modem, &failure)),
    };
    let count = slots.len();
    let slot = usize::from(wanted).checked_sub(1).and_then(|index| slots.get(index)).ok_or_else(|| none(count))?;
    if slot.active {
        return unswitched(slot.logical.max(1));
    }
    if slot.present == Some(false) {
        return Err(LinkError::new(LinkErrorKind::NoCard, format!("slot {wanted}")));
    }
    let used = slots.iter().position(|slot| slot.active && slot.logical <= 1);
    let before = *home;
    if let Some(from) = used.and_then(|index| u8::try_from(index + 1).ok()) {
        home.get_or_insert(from);
        options.slot_observer.tell(SlotEvent::Switching(SlotSwitch { from, to: wanted }));
    }
    match switch(modem, wanted, timeouts) {
        Ok(()) => {}
        Err(Failure::Refused(code, _)) => {
            *home = before;
            options.slot_observer.tell(SlotEvent::Refused);
            let kind = match code {
                ErrorCode::INVALID_ARGUMENT => LinkErrorKind::NoSlot,
                code if code.is_unknown_message() => LinkErrorKind::NoSlot,
                _ => LinkErrorKind::SlotRefused,
            };
            return Err(LinkError::new(kind, format!("slot {wanted}: {code}")));
        }
        Err(failure) => return Err(refused(modem, &failure)),
    }
    log::info!("the modem uses slot {wanted} from now on");
    std::thread::sleep(options.habits.slot_settle);
    Ok(Chosen { logical: 1, switched: true })
}

/// Has the modem use this physical slot for the first logical one. One that it uses already is no error.
pub(super) fn switch(modem: &mut Client, physical: u8, timeouts: &Timeouts) -> Result<(), Failure> {
    match modem.ask(&SwitchSlot { logical: 1, physical: physical.into() }, timeouts.normal) {
        Ok(_) | Err(Failure::Refused(ErrorCode::NO_EFFECT, _)) => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// What the modem says of its slots; empty if it says nothing, as those with one slot do.
pub(super) fn all(modem: &mut Client, timeouts: &Timeouts) -> Vec<Slot> {
    let status = modem.ask(&GetSlotStatus {}, timeouts.connect);
    let slots = status.map(|status| status.0.slots).unwrap_or_default();
    (1..).zip(&slots).map(|(number, slot)| told_slot(number, slot)).collect()
}

fn told_slot(number: u8, slot: &PhysicalSlot) -> Slot {
    let eid = slot.eid.as_slice().try_into().ok().map(Eid::from_bytes);
    Slot { number, active: slot.active, present: slot.present, euicc: slot.is_euicc, eid }
}

fn cards(modem: &mut Client, timeouts: &Timeouts) -> Result<CardStatus, LinkError> {
    match modem.ask(&GetCardStatus {}, timeouts.connect) {
        Ok(status) => Ok(status.0),
        Err(failure) => Err(refused(modem, &failure)),
    }
}

/// Waits until the card in this logical slot can be used. No application has to be ready: an eUICC without an enabled
/// profile has none. `starting`: a card that is not seen yet may still come.
pub(super) fn wait_for_card(
    modem: &mut Client,
    slot: u8,
    mut starting: bool,
    timeouts: &Timeouts,
) -> Result<(), LinkError> {
    let deadline = Instant::now() + timeouts.connect;
    loop {
        let (kind, why) = match modem.ask(&GetCardStatus {}, timeouts.connect) {
            Ok(status) => match judge(card_in(&status.0, slot)) {
                Condition::Usable => return Ok(()),
                Condition::Absent if !starting => return Err(LinkError::new(LinkErrorKind::NoCard, "")),
                Condition::Absent => (LinkErrorKind::NoCard, String::new()),
                Condition::Failed(error) => return Err(LinkError::new(LinkErrorKind::CardFailed, error)),
                Condition::NoPower => {
                    log::info!("the modem took the card's power away: asking for it");
                    let on = modem.ask(&PowerOn { slot }, timeouts.connect);
                    (LinkErrorKind::CardFailed, format!("no power: {on:?}"))
                }
                Condition::Starting => (LinkErrorKind::CardStarting, String::new()),
            },
            Err(failure) if failure.is_unknown_message() => return Ok(()),
            Err(failure) if failure.code().is_some_and(ErrorCode::is_not_yet) => {
                (LinkErrorKind::CardStarting, failure.to_string())
            }
            Err(failure) => return Err(refused(modem, &failure)),
        };
        if Instant::now() > deadline {
            return Err(LinkError::new(kind, why));
        }
        starting |= kind != LinkErrorKind::NoCard;
        std::thread::sleep(POLL);
    }
}

/// The card in this logical slot.
pub(super) fn card_in(status: &CardStatus, slot: u8) -> Option<&Card> {
    status.cards.get(usize::from(slot).checked_sub(1)?)
}

/// What can be done with a card.
pub(super) enum Condition {
    Absent,
    /// Its power is off, as some modems have it while nobody needs the card.
    NoPower,
    Starting,
    Usable,
    Failed(&'static str),
}

/// What can be done with this card.
pub(super) fn judge(card: Option<&Card>) -> Condition {
    let Some(card) = card else { return Condition::Absent };
    match (card.state, card.error) {
        (CardState::ABSENT, _) => Condition::Absent,
        (CardState::PRESENT, _) => Condition::Usable,
        (_, Card::POWER_DOWN) => Condition::NoPower,
        (_, 3) => Condition::Failed("no answer to reset"),
        (_, 4) => Condition::Failed("wrong voltage"),
        (_, 5) => Condition::Failed("parity error"),
        (_, 7) => Condition::Failed("technical problem"),
        _ => Condition::Starting,
    }
}

/// Why the modem cannot be used, by what became of a request.
pub(super) fn refused(modem: &Client, failure: &Failure) -> LinkError {
    let kind = match failure {
        Failure::Refused(ErrorCode::CLIENT_IDS_EXHAUSTED, _) => LinkErrorKind::NoClientId,
        Failure::Refused(ErrorCode::INVALID_SERVICE, _) => LinkErrorKind::NoApdus,
        Failure::Refused(ErrorCode::NO_SIM, _) => LinkErrorKind::NoCard,
        Failure::Refused(code, _) if code.is_not_yet() => LinkErrorKind::CardStarting,
        Failure::Refused(..) => LinkErrorKind::Failed,
        Failure::NotSent(link) | Failure::NoAnswer(link) => match link {
            LinkFailure::Timeout => LinkErrorKind::Dead,
            LinkFailure::Gone(_) => LinkErrorKind::Gone,
            LinkFailure::Garbage(_) if modem.has_answered() => LinkErrorKind::Failed,
            LinkFailure::Garbage(_) => LinkErrorKind::NotAModem,
            LinkFailure::NoService => LinkErrorKind::NoApdus,
        },
    };
    LinkError::new(kind, failure)
}
