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
use crate::modem::{LinkError, LinkErrorKind};

/// How often a card that is being started is looked at.
const POLL: Duration = Duration::from_millis(250);

/// The logical slot of the card in the physical slot `wanted`, which is switched to if need be, and whether it was.
pub(super) fn choose(
    modem: &mut Client,
    wanted: Option<u8>,
    settle: Duration,
    timeouts: &Timeouts,
) -> Result<(u8, bool), LinkError> {
    let Some(wanted) = wanted else { return Ok((1, false)) };
    let none = |have: usize| LinkError::new(LinkErrorKind::NoSlot, format!("slot {wanted} of {have}"));
    let status = match modem.ask(&GetSlotStatus {}, timeouts.connect) {
        Ok(status) => status.0,
        // A modem from before there were several physical slots; some have several logical ones.
        Err(failure) if failure.is_unknown_message() => {
            let cards = if wanted == 1 { 1 } else { cards(modem, timeouts)?.cards.len() };
            return if usize::from(wanted) <= cards { Ok((wanted, false)) } else { Err(none(cards)) };
        }
        Err(failure) => return Err(refused(modem, &failure)),
    };
    let count = status.slots.len();
    let slot =
        usize::from(wanted).checked_sub(1).and_then(|index| status.slots.get(index)).ok_or_else(|| none(count))?;
    if slot.active {
        return Ok((slot.logical.max(1), false));
    }
    if slot.present == Some(false) {
        return Err(LinkError::new(LinkErrorKind::NoCard, format!("slot {wanted}")));
    }
    match modem.ask(&SwitchSlot { logical: 1, physical: wanted.into() }, timeouts.normal) {
        Ok(_) => {}
        Err(Failure::Refused(ErrorCode::NO_EFFECT, _)) => return Ok((1, false)),
        Err(Failure::Refused(code, _)) => {
            return Err(LinkError::new(LinkErrorKind::NoSlot, format!("slot {wanted}: {code}")));
        }
        Err(failure) => return Err(refused(modem, &failure)),
    }
    log::info!("the modem uses slot {wanted} from now on");
    std::thread::sleep(settle);
    Ok((1, true))
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
                Condition::Starting => (LinkErrorKind::CardFailed, "it does not start".into()),
            },
            Err(failure) if failure.is_unknown_message() => return Ok(()),
            Err(failure) if failure.code().is_some_and(ErrorCode::is_not_yet) => {
                (LinkErrorKind::CardFailed, failure.to_string())
            }
            Err(failure) => return Err(refused(modem, &failure)),
        };
        if Instant::now() > deadline {
            return Err(LinkError::new(kind, why));
        }
        starting |= kind == LinkErrorKind::CardFailed;
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
