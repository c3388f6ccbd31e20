//! The cards that were seen, and the profiles on them: remembered from what commands read anyway.
//!
//! A card is known by its EID. It is asked for that at first sight; later it is recognised by how it was reached and by its
//! profiles, all of them, at no APDU more. One whose profiles have changed is asked again, and so is one where another card
//! was seen since, or with a profile that a case is about: another card may have the same ones. Remembering never fails a
//! command, and writes only what is new.

use sgp22::id::Iccid;
use sgp22::notification::NotificationMetadata;
use sgp22::profile::ProfileInfo;
use sgp22::tlv::Text;

use crate::Manager;
use crate::card::count_on_card_alone;
use crate::database::{CardQueue, Database, Described, SeenCard, Sighting};
use crate::device::ProgramCommand;
use crate::error::{Error, Id};
use crate::retire;

/// What of profiles is remembered.
pub(crate) fn sighting(profiles: &[ProfileInfo], whole: bool) -> Sighting {
    Sighting { there: profiles.iter().filter_map(described).collect(), whole, ..Sighting::default() }
}

/// `None` if it cannot be named.
pub(crate) fn described(profile: &ProfileInfo) -> Option<Described> {
    let text = |text: &Option<Text>| text.as_ref().and_then(Text::readable);
    Some(Described {
        iccid: profile.iccid.as_ref().map(Iccid::digits)?,
        provider: text(&profile.service_provider),
        name: text(&profile.name),
        nickname: text(&profile.nickname),
    })
}

/// The facts that a command has read of a card.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) profiles: Option<Sighting>,
    /// What waited on the card when it was listed last.
    pub(crate) queue: Option<Vec<NotificationMetadata>>,
}

/// The answer to which card was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recognised {
    /// The known card with this EID.
    As(String),
    /// What was read is known, of the only card that it is known of: there is nothing to be remembered.
    Enough,
    /// No known card, or not for sure.
    Not,
}

/// Recognises a card by how it is reached and by what was read of it. What cannot be looked up is not recognised.
pub(crate) fn recognise(manager: &Manager, device: &str, seen: &Sighting) -> Recognised {
    let Some(known) = Database::peek(manager.paths()).filter(Database::is_current) else { return Recognised::Not };
    let iccids: Vec<String> = seen.there.iter().map(|one| one.iccid.clone()).collect();
    if seen.whole {
        return known.recognise(device, &iccids).ok().flatten().map_or(Recognised::Not, Recognised::As);
    }
    let all = iccids.iter().all(|iccid| known.knows_at(device, iccid).unwrap_or(false));
    if all { Recognised::Enough } else { Recognised::Not }
}

/// Remembers what was seen, and notes what is to be said about it. `touched`: the card was changed, so that the moment is
/// remembered even if nothing else is new.
pub(crate) fn remember(manager: &Manager, device: &str, eid: Option<String>, seen: Seen, touched: bool) {
    if let Err(error) = remembered(manager, device, eid, seen, touched) {
        log::info!("not remembered: {error}");
    }
}

fn remembered(manager: &Manager, device: &str, eid: Option<String>, seen: Seen, touched: bool) -> Result<(), Error> {
    let Seen { profiles, queue } = seen;
    let mut sighting = profiles.unwrap_or_default();
    let iccids: Vec<String> = sighting.there.iter().map(|one| one.iccid.clone()).collect();
    let known = Database::peek(manager.paths()).filter(Database::is_current);
    let Some(eid) = eid else { return known.map_or(Ok(()), |known| note(manager, &known, None, &iccids)) };
    let letters = known.as_ref().map_or(Ok(Vec::new()), |known| known.letters_on_card(&eid))?;
    sighting.waiting = queue.map(|queue| count_on_card_alone(&queue, &letters));
    if let Ok(mut met) = manager.met.lock()
        && !met.contains(&eid)
    {
        met.push(eid.clone());
    }
    // Nothing is written, and so nobody waited for, unless there is something new.
    if let Some(known) = known.filter(|_| !touched)
        && known.knows(&eid, device, &sighting)?
        && !retire::is_news_to_a_case(&known, &eid, &iccids)?
    {
        return note(manager, &known, Some((&eid, device)), &iccids);
    }
    // A command that is not about it does not wait for whoever writes.
    let database = Database::open_patiently(manager.paths(), std::time::Duration::from_millis(200))?;
    database.saw(&eid, device, &sighting)?;
    note(manager, &database, Some((&eid, device)), &iccids)
}

/// Notifications that wait for the operators' servers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Notifications in the outbox that have a server, from any card.
    pub outbox: usize,
    /// Notifications with a server that are only on the cards that this command has met, as the cards reported now or
    /// when they were asked last.
    pub cards: usize,
    /// Notifications in the outbox that name no server. They cannot be sent, and stay until the user gives them up.
    pub nameless: usize,
    /// Notifications without a server that are only on the cards that this command has met.
    pub nameless_on_cards: usize,
}

impl Waiting {
    /// The number of notifications that wait for a server.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.outbox + self.cards
    }
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
    /// The notifications that wait, as far as the outbox and what is remembered of the cards say. No card is asked.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        let Some(database) = Database::peek(self.paths()).filter(Database::is_current) else {
            return Waiting::default();
        };
        let met = self.met.lock().map(|met| met.clone()).unwrap_or_default();
        let letters = database.letters(false).unwrap_or_default();
        let nameless = letters.iter().filter(|letter| letter.is_nameless()).count();
        let CardQueue { sendable, nameless: nameless_on_cards } = database.waiting_on_cards(&met).unwrap_or_default();
        Waiting {
            outbox: letters.len() - nameless,
            nameless,
            cards: sendable as usize,
            nameless_on_cards: nameless_on_cards as usize,
        }
    }

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
        // A program's command line is not kept, but its name is.
        let spec = which.strip_prefix("stdio:").map(|command| ProgramCommand::from(command).to_string());
        let which = spec.as_deref().unwrap_or(which);
        let mut found = cards.into_iter().filter(|card| card.eid.eq_ignore_ascii_case(which) || card.device == which);
        let card = found.next().ok_or_else(not_found)?;
        if found.next().is_some() {
            return Err(Error::new(Id::CardSeenTwice).with("card", which));
        }
        database.forget_card(&card.eid)?;
        Ok(card)
    }
}

#[cfg(test)]
mod tests;
