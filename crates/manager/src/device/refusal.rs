//! Hints on a modem that opens no eUICC: the eUICC that it had before, and the cards in its other slots.

use sgp22::transport::Slot;

use crate::Manager;
use crate::database::Database;
use crate::error::{Details, Error, Id};
use crate::words::text;

/// True for the errors about a card behind a modem in which no eUICC could be opened.
pub(super) fn is_refusal(id: Id) -> bool {
    matches!(
        id,
        Id::NotAnEuicc
            | Id::ModemOpensNoChannel
            | Id::ModemHidesEuicc
            | Id::ModemSelectFailed
            | Id::ModemDenies
            | Id::ModemNoCard
    )
}

/// Adds to such an error what is known of the modem at `device`.
pub(super) fn explain_refusal(manager: &Manager, error: Error, device: &str, slots: &[Slot]) -> Error {
    let other = other_slot(slots);
    let elsewhere = other.map(|(slot, key)| text(key, &[("device", device.into()), ("slot", slot.into())]));
    let error = error
        .with("device", device)
        .with("known", known_here(manager, device).unwrap_or_default())
        .with("elsewhere", elsewhere.unwrap_or_default());
    match other {
        Some((slot, _)) => error.details(Details::Slots(vec![slot])),
        None => error,
    }
}

/// The eUICC that was read at this device last.
fn known_here(manager: &Manager, device: &str) -> Option<String> {
    let seen = Database::peek(manager.paths())?.inventory().ok()?;
    let card = seen.into_iter().find(|card| card.device == device)?;
    let date = card.last_seen.get(..10).unwrap_or_default().to_owned();
    Some(text("euicc-seen-here", &[("eid", card.eid.into()), ("date", date.into())]))
}

/// A slot that is not in use and has an eUICC, or else one whose card may be one; and the text that says so.
fn other_slot(slots: &[Slot]) -> Option<(u8, &'static str)> {
    let unused = || slots.iter().filter(|slot| !slot.active);
    let sure = unused().find(|slot| slot.euicc == Some(true) || slot.eid.is_some());
    // MBIM does not tell of what kind a card is that is not in use.
    let maybe = || unused().find(|slot| slot.present == Some(true) && slot.euicc.is_none());
    let sure = sure.map(|slot| (slot.number, "euicc-in-slot"));
    sure.or_else(|| maybe().map(|slot| (slot.number, "card-in-other-slot")))
}
