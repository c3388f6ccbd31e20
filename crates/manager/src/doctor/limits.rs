//! Checks of a card's abilities by its own description.

use super::{Check, note_what_waits};
use crate::card::{CardLimit, describe_limit};
use crate::error::Error;
use crate::words;
use crate::{Manager, Session};

/// Reads one eUICC: what waits on it, for another check, and the limits that it puts on downloads. One that cannot be read
/// is told of by another check.
pub(super) fn read(manager: &Manager, session: Result<Session<'_>, Error>, device: &str) -> Vec<Check> {
    let info = session.and_then(|mut session| {
        let mut card = session.card()?;
        note_what_waits(card.notifications());
        card.info()
    });
    let info = match info.map(|chip| chip.info) {
        Ok(Ok(info)) => info,
        Ok(Err(error)) => {
            log::info!("{device} does not describe itself: {error}");
            return Vec::new();
        }
        Err(error) => {
            log::info!("{device} cannot be read: {error}");
            return Vec::new();
        }
    };
    manager.card_limits(&info).iter().map(|limit| check(device, limit)).collect()
}

fn check(device: &str, limit: &CardLimit) -> Check {
    const NAME: &str = "card_limits";
    let message = format!("{device}: {}", describe_limit(limit));
    let key = match limit {
        CardLimit::NoFreeMemory | CardLimit::NoRoom => "limit-no-room",
        CardLimit::NewVersion(_) => "limit-new-version",
        CardLimit::MissingIssuers => "limit-missing-issuers",
        CardLimit::UnknownIssuers => "limit-unknown-issuers",
        _ => "limit-blocking",
    };
    let remedy = words::text(&format!("{key}-remedy"), &[]);
    if limit.blocks_downloads() { Check::bad(NAME, message, remedy) } else { Check::note(NAME, message, remedy) }
}
