//! What binds a plan to the card that it was made for, and to the state that it was made in.
//!
//! A plan that is carried out by the [`Card`] that made it, with nothing changed in between and the card never reset, rests
//! on that reading and costs nothing more. Any other has waited: while it did, another card may have come to the device,
//! or another program may have changed this one. Then EID and state are read again, and the plan is refused if anything
//! that it rests on differs.

use std::sync::atomic::{AtomicU64, Ordering};

use sgp22::id::{Aid, Eid, Iccid};
use sgp22::profile::ProfileInfo;

use super::Card;
use super::switch::describe;
use crate::error::{Error, Id};
use crate::query::ProfileQuery;
use crate::words;

/// A stretch of time in which a card was held without a break and not changed. No two in a process are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading(u64);

impl Reading {
    pub(super) fn begin() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// The card that a plan was made for, and the reading that the plan rests on.
#[derive(Debug, Clone)]
pub(super) struct Binding {
    eid: Eid,
    reading: Reading,
    /// How often the way to the card had been opened: after a reset it could be another card.
    openings: u32,
}

/// Two plans are equal if they do the same to the same card, whenever they were made.
impl PartialEq for Binding {
    fn eq(&self, other: &Self) -> bool {
        self.eid == other.eid
    }
}

impl Eq for Binding {}

impl Card<'_> {
    /// Binds a plan to this card as it was read just now.
    pub(super) fn binding(&mut self) -> Result<Binding, Error> {
        Ok(Binding { eid: self.eid()?, reading: self.reading, openings: self.isdr.openings() })
    }

    /// True if the plan rests on what this session has read, with nothing changed since. False if its card is here, and is
    /// to be read again.
    ///
    /// # Errors
    ///
    /// [`Id::PlanOfOtherCard`] if it was made for another card.
    pub(super) fn rests_on(&mut self, binding: &Binding) -> Result<bool, Error> {
        if binding.reading == self.reading && binding.openings == self.isdr.openings() {
            return Ok(true);
        }
        self.eid = None;
        self.queue = None;
        let here = self.eid()?;
        if here != binding.eid {
            return Err(Error::new(Id::PlanOfOtherCard).with("eid", binding.eid).with("here", here));
        }
        Ok(false)
    }

    /// Ends the reading that plans rest on: from now on the card is another one than they know.
    pub(super) fn end_reading(&mut self) {
        self.reading = Reading::begin();
    }
}

/// The error for a plan whose card has changed since; `what` is the key of the text that says how.
pub(super) fn changed(what: &str) -> Error {
    Error::new(Id::CardChanged).cause(words::text(what, &[]))
}

/// Like [`changed`], for a profile.
fn profile_changed(what: &str, profile: &ProfileInfo) -> Error {
    Error::new(Id::CardChanged).cause(words::text(what, &[("profile", describe(profile).into())]))
}

/// The very profile that a plan is about, so that the card can be asked for it alone: by its ICCID, or by its AID where the
/// ICCID has no digits.
pub(super) fn query_of(profile: &ProfileInfo) -> ProfileQuery {
    let iccid = profile.iccid.as_ref().filter(|iccid| iccid.digits().parse::<Iccid>().is_ok());
    let name = iccid.map(Iccid::digits).or_else(|| profile.isdp_aid.as_ref().map(Aid::to_string));
    ProfileQuery::new(&name.unwrap_or_default())
}

/// Compares a profile that a plan is about with what the card holds now. An error of reading that means that it is not
/// there becomes the refusal of the plan; others pass.
pub(super) fn same_profile<T>(
    planned: &ProfileInfo,
    now: Result<T, Error>,
    profile: impl FnOnce(&T) -> &ProfileInfo,
) -> Result<T, Error> {
    let now = now.map_err(|error| match error.id {
        Id::ProfileNotFound | Id::ProfileAmbiguous => profile_changed("changed-profile-gone", planned),
        _ => error,
    })?;
    let found = profile(&now);
    let same = found.iccid == planned.iccid
        && found.isdp_aid == planned.isdp_aid
        && found.state == planned.state
        && found.class == planned.class
        && found.nickname == planned.nickname
        && found.name == planned.name
        && found.policy_rules == planned.policy_rules;
    if same { Ok(now) } else { Err(profile_changed("changed-profile-state", planned)) }
}

#[cfg(test)]
mod tests;
