//! The cards that were seen, and the profiles on them: remembered from what commands read anyway, at no APDU more.
//!
//! A card is known by its EID. Commands that do not ask for it remember what they saw if the card can be told by how it
//! was reached and by the profiles on it. Remembering never fails a command.

use sgp22::id::{Eid, Iccid};
use sgp22::profile::ProfileInfo;
use sgp22::tlv::Text;

use crate::Manager;
use crate::database::{Database, Described, SeenCard, Sighting};
use crate::error::{Error, Id};
use crate::retire;

/// What of profiles is remembered.
pub(crate) fn sighting(profiles: &[ProfileInfo], whole: bool) -> Sighting {
    Sighting { there: profiles.iter().filter_map(described).collect(), whole, gone: Vec::new() }
}

/// `None` if it cannot be named.
pub(crate) fn described(profile: &ProfileInfo) -> Option<Described> {
    let text = |text: &Option<Text>| text.as_ref().map(ToString::to_string).filter(|text| !text.is_empty());
    Some(Described {
        iccid: profile.iccid.as_ref().map(Iccid::digits)?,
        provider: text(&profile.service_provider),
        name: text(&profile.name),
        nickname: text(&profile.nickname),
    })
}

/// Remembers what was seen, and notes what is to be said about it.
pub(crate) fn remember(manager: &Manager, device: &str, eid: Option<&Eid>, seen: Option<Sighting>) {
    if eid.is_none() && seen.is_none() {
        return;
    }
    if let Err(error) = remembered(manager, device, eid, &seen.unwrap_or_default()) {
        log::info!("not remembered: {error}");
    }
}

fn remembered(manager: &Manager, device: &str, eid: Option<&Eid>, seen: &Sighting) -> Result<(), Error> {
    let iccids: Vec<String> = seen.there.iter().map(|one| one.iccid.clone()).collect();
    let eid = match eid {
        Some(eid) => eid.to_string(),
        None => {
            // Nothing is made for a command that only reads, and nothing brought to a newer format.
            let Some(known) = Database::peek(manager.paths()).filter(Database::is_current) else { return Ok(()) };
            match known.recognise(device, &iccids)? {
                Some(eid) => eid,
                None => return note(manager, &known, None, &iccids),
            }
        }
    };
    // A command that is not about it does not wait for whoever writes.
    let database = Database::open_patiently(manager.paths(), std::time::Duration::from_millis(200))?;
    database.saw(&eid, device, seen)?;
    note(manager, &database, Some((&eid, device)), &iccids)
}

/// Notes what is to be said about profiles that were seen; where the card is known it joins the cases about them.
fn note(manager: &Manager, database: &Database, card: Option<(&str, &str)>, iccids: &[String]) -> Result<(), Error> {
    let found = retire::seen(database, card, iccids)?;
    if let Ok(mut notices) = manager.notices.lock() {
        for notice in found {
            if !notices.contains(&notice) {
                notices.push(notice);
            }
        }
    }
    Ok(())
}

impl Manager {
    /// What cards that were seen so far are waiting for.
    #[must_use]
    pub fn notices(&self) -> Vec<retire::Notice> {
        self.notices.lock().map(|notices| notices.clone()).unwrap_or_default()
    }

    /// The cards that were ever seen, those seen last first.
    pub fn inventory(&self) -> Result<Vec<SeenCard>, Error> {
        Database::open_existing(self.paths())?.map_or(Ok(Vec::new()), |database| database.inventory())
    }

    /// Forgets a card, by its EID or how it was reached; gives what was known of it.
    pub fn forget_card(&self, which: &str) -> Result<SeenCard, Error> {
        let not_found = || Error::new(Id::CardNotSeen).with("card", which);
        let database = Database::open_existing(self.paths())?.ok_or_else(not_found)?;
        let cards = database.inventory()?;
        let mut found = cards.into_iter().filter(|card| card.eid.eq_ignore_ascii_case(which) || card.device == which);
        let card = found.next().ok_or_else(not_found)?;
        if found.next().is_some() {
            return Err(Error::new(Id::CardSeenTwice).with("card", which));
        }
        database.forget_card(&card.eid)?;
        Ok(card)
    }
}
