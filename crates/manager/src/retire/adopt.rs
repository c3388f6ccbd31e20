//! What became of a profile before its case was opened: what journal, outbox and inventory know of it, card by card.

use serde::{Deserialize, Serialize};

use super::by_word::Statement;
use super::case::{Case, DeviceItem, DeviceState, Subscription, words};
use super::event::Event;
use super::tell::say;
use crate::database::{Database, Entry, Letter, ProfileSighting};
use crate::error::Error;
use crate::words;

words! {
    /// The source of the knowledge that a profile left a card before the case was opened.
    pub enum AdoptedBy {
        /// esimctl deleted it, and the card was read again.
        Deleted = "deleted",
        /// esimctl reset the card, and the card was read again.
        Reset = "reset",
        /// The card signed a notification of the deletion; who deleted it is not on record.
        Signed = "signed",
        /// The profile was missing when the card was read.
        Missing = "missing",
        /// A removal was begun, and its outcome is not known.
        Begun = "begun",
    }
}

/// The end of a profile on a card before the case, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adoption {
    /// The card.
    pub eid: String,
    /// The source of that knowledge.
    pub by: AdoptedBy,
    /// The moment when the change ended, the notification came here or the profile was missed: UTC, RFC 3339.
    pub at: String,
    /// The moment when the change began; its notifications are not older: UTC, RFC 3339.
    pub began: String,
    /// The change in the journal.
    pub journal: Option<i64>,
    /// The card's notifications of the deletion, by their numbers in the outbox.
    pub letters: Vec<i64>,
    /// The last number in the outbox that is about the profile before this removal.
    pub outbox_before: i64,
}

impl Adoption {
    /// The state of the device, before anybody asks whether the notifications were accepted.
    const fn state(&self) -> DeviceState {
        match self.by {
            AdoptedBy::Begun => DeviceState::Begun,
            AdoptedBy::Missing => DeviceState::Gone,
            // Without a notification on record nobody here knows whether the server was told.
            AdoptedBy::Deleted | AdoptedBy::Reset | AdoptedBy::Signed if self.letters.is_empty() => DeviceState::Gone,
            AdoptedBy::Deleted | AdoptedBy::Reset | AdoptedBy::Signed => DeviceState::Deleted,
        }
    }

    /// Tells what is known, and what is not.
    pub(super) fn tell(&self) -> String {
        let journal = self.journal.map(|number| number.to_string()).unwrap_or_default();
        let particulars = [("eid", &*self.eid), ("at", &self.at), ("journal", &journal)];
        let told = say(&format!("retire-adopted-{}", self.by.name()), &particulars);
        let silent = matches!(self.by, AdoptedBy::Deleted | AdoptedBy::Reset) && self.letters.is_empty();
        let unknown = if silent { say("retire-adopted-silent", &[]) } else { String::new() };
        words::sentences(&told, &unknown)
    }
}

impl Adoption {
    /// True if it happened before the case was opened: by number where the change is known, since clocks are set back.
    fn is_older_than(&self, case: &Case) -> bool {
        self.journal.map_or(self.at < case.created, |journal| journal <= case.journal_before)
    }

    /// Tells how a device stands of which something was known before the case.
    pub(super) fn tell_state(&self, state: DeviceState, word: &str) -> String {
        let key = match (state, self.by) {
            (DeviceState::Deleted | DeviceState::Done, AdoptedBy::Signed) => "retire-adopted-state-signed",
            (DeviceState::Deleted | DeviceState::Done, AdoptedBy::Deleted | AdoptedBy::Reset) => "retire-adopted-state",
            (DeviceState::Gone, AdoptedBy::Deleted | AdoptedBy::Reset) => "retire-adopted-state-silent",
            (DeviceState::Gone, AdoptedBy::Missing) => "retire-adopted-state-missing",
            _ => return word.to_owned(),
        };
        say(key, &[("state", word), ("date", self.at.get(..10).unwrap_or(&self.at))])
    }
}

impl Case {
    /// Takes in what was known of a card before the case.
    pub(super) fn take_adoption(&mut self, adoption: &Adoption) {
        let Some(item) = self.devices.iter_mut().find(|item| item.eid == adoption.eid) else { return };
        item.state = adoption.state();
        item.since.clone_from(&adoption.at);
        item.journal = adoption.journal;
        item.letters.clone_from(&adoption.letters);
        item.adopted = Some(adoption.clone());
    }
}

impl DeviceItem {
    /// The adoption with which the case was opened, as long as nothing has happened to the profile there since.
    pub(super) fn as_adopted(&self) -> Option<&Adoption> {
        self.adopted.as_ref().filter(|adoption| adoption.journal == self.journal && self.journal_before == 0)
    }
}

/// A card that holds a profile, or held it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The card.
    pub(super) eid: String,
    /// The way to it.
    pub(super) device: String,
    /// The end of the profile there; `None`: as far as is known it is there.
    pub(super) adoption: Option<Adoption>,
}

/// Every card on which a profile was ever seen or changed.
#[derive(Debug, Default)]
pub(super) struct Whereabouts {
    places: Vec<Place>,
    sightings: Vec<ProfileSighting>,
    servers: Vec<String>,
    /// The oldest change of the profile that nobody knows the end of.
    unclear: Option<i64>,
}

/// Looks up what is on record of a profile; nothing if its number is not known.
pub(super) fn whereabouts(database: &Database, iccid: &str) -> Result<Whereabouts, Error> {
    if iccid.is_empty() {
        return Ok(Whereabouts::default());
    }
    let sightings = database.sightings_of(iccid)?;
    let mut entries = database.entries_of_profile(iccid)?;
    entries.extend(database.resets_of_profile(iccid)?);
    entries.retain(|entry| !entry.eid.is_empty());
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    let letters = database.letters_of_profile(iccid)?;
    let records = Records { iccid, entries: &entries, letters: &letters, sightings: &sightings };
    let places = records.places();
    let servers = letters.iter().filter(|letter| is_deletion(letter)).map(|letter| letter.server().to_owned());
    let mut servers: Vec<String> = servers.collect();
    servers.sort();
    servers.dedup();
    let unclear = entries.iter().filter(|entry| is_unclear(entry)).map(|entry| entry.id).min();
    Ok(Whereabouts { places, sightings, servers, unclear })
}

impl Whereabouts {
    /// The card at hand comes first, and holds the profile whatever is on record.
    pub(super) fn with_card(mut self, eid: &str, device: &str) -> Self {
        self.places.retain(|place| place.eid != eid);
        self.places.insert(0, Place { eid: eid.into(), device: device.into(), adoption: None });
        self
    }

    /// The cards: those that were seen first, then those of the journal, then those that signed a deletion.
    pub(super) fn places(&self) -> &[Place] {
        &self.places
    }

    /// Fills in what the user did not say.
    pub(super) fn describe(&self, subscription: &mut Subscription) {
        let first =
            |text: fn(&ProfileSighting) -> &Option<String>| self.sightings.iter().find_map(|one| text(one).clone());
        let Subscription { provider, name, nickname, servers, .. } = subscription;
        *provider = provider.take().or_else(|| first(|one| &one.provider));
        *name = name.take().or_else(|| first(|one| &one.name));
        *nickname = nickname.take().or_else(|| first(|one| &one.nickname));
        if servers.is_empty() {
            servers.clone_from(&self.servers);
        }
    }

    /// The event that opens the case.
    pub(super) fn started(&self, database: &Database, subscription: Subscription) -> Result<Event, Error> {
        let devices = self.places.iter().map(|place| (place.eid.clone(), place.device.clone())).collect();
        let journal_before = self.journal_before(database.newest_entry()?);
        let outbox_before = Some(database.newest_letter()?);
        Ok(Event::Started { subscription, devices, journal_before, outbox_before })
    }

    /// The last entry of the journal that is not about a case which begins after `newest`.
    fn journal_before(&self, newest: i64) -> i64 {
        // A change without a known end may still turn out to be the removal.
        self.unclear.map_or(newest, |unclear| newest.min(unclear - 1))
    }

    /// The events of a case that learns the number of its profile only now. What happened on a card since the case was
    /// opened is no adoption: that is found as for any case.
    pub(super) fn identified(&self, case: &Case, iccid: String) -> Vec<Event> {
        let journal_before = self.journal_before(case.journal_before);
        let said = Statement::Iccid { iccid, servers: self.servers.clone(), journal_before };
        let mut events = vec![Event::ByWord(said)];
        for Place { eid, device, adoption } in &self.places {
            let older = adoption.as_ref().filter(|adoption| adoption.is_older_than(case));
            // A removal that only the card told of is in no journal.
            let signed = adoption.as_ref().is_some_and(|adoption| adoption.by == AdoptedBy::Signed);
            if adoption.is_none() || older.is_some() || signed {
                events.push(Event::DeviceAdded { eid: eid.clone(), device: device.clone() });
            }
            events.extend(older.cloned().map(Event::Adopted));
        }
        events
    }

    /// The events that adopt what happened before.
    pub(super) fn adoptions(&self) -> impl Iterator<Item = Event> + '_ {
        self.places.iter().filter_map(|place| place.adoption.clone()).map(Event::Adopted)
    }
}

/// Everything on record of one profile; entries newest first.
struct Records<'r> {
    iccid: &'r str,
    entries: &'r [Entry],
    letters: &'r [Letter],
    sightings: &'r [ProfileSighting],
}

impl Records<'_> {
    fn places(&self) -> Vec<Place> {
        let mut places: Vec<(String, String)> = Vec::new();
        let seen = self.sightings.iter().map(|one| (&one.eid, &one.device));
        let changed = self.entries.iter().filter(|entry| held(entry)).map(|entry| (&entry.eid, &entry.device));
        let signed =
            self.letters.iter().filter(|letter| is_deletion(letter)).map(|letter| (&letter.eid, &letter.device));
        for (eid, device) in seen.chain(changed).chain(signed) {
            if !places.iter().any(|(known, _)| known == eid) {
                places.push((eid.clone(), device.clone()));
            }
        }
        let place = |(eid, device): (String, String)| Place { adoption: self.adoption(&eid), eid, device };
        places.into_iter().map(place).collect()
    }

    /// What happened to the profile on a card; `None`: as far as is known it is there.
    fn adoption(&self, eid: &str) -> Option<Adoption> {
        let removal =
            self.unclear_removal(eid).or_else(|| self.proved_removal(eid)).or_else(|| self.signed_removal(eid));
        let sighting = self.sightings.iter().find(|one| one.eid == eid);
        let missing = sighting.and_then(|one| one.gone.clone()).map(|gone| Adoption {
            eid: eid.into(),
            by: AdoptedBy::Missing,
            began: gone.clone(),
            at: gone,
            journal: None,
            letters: Vec::new(),
            outbox_before: 0,
        });
        // It was seen there again since. Moments are kept in whole seconds: in doubt the profile is there.
        let came_back =
            |removal: &Adoption| sighting.is_some_and(|one| one.gone.is_none() && one.last_seen >= removal.at);
        let mut adoption = removal.filter(|removal| !came_back(removal)).or(missing)?;
        let older = self.letters.iter().filter(|letter| letter.eid == eid && letter.created < adoption.began);
        let older = older.map(|letter| letter.id).max().unwrap_or_default();
        adoption.outbox_before = adoption.letters.iter().min().map_or(older, |first| first - 1);
        Some(adoption)
    }

    /// The newest change of the profile there, if it is a removal and nobody knows how it ended.
    fn unclear_removal(&self, eid: &str) -> Option<Adoption> {
        let newest = self.entries.iter().find(|entry| entry.eid == eid && (entry.is_done() || is_unclear(entry)))?;
        let unclear = is_removal(newest) && is_unclear(newest);
        unclear.then(|| adopted(newest, AdoptedBy::Begun, newest.started.clone(), Vec::new()))
    }

    /// The newest change that came to something, if it is a removal.
    fn proved_removal(&self, eid: &str) -> Option<Adoption> {
        let of_card = |entry: &&Entry| entry.eid == eid && entry.is_done();
        let decides = |entry: &&Entry| entry.command == "download" || self.is_proved(entry);
        let entry = self.entries.iter().filter(of_card).find(decides).filter(|entry| is_removal(entry))?;
        let by = if entry.command == "reset" { AdoptedBy::Reset } else { AdoptedBy::Deleted };
        // By number where the change is known, since clocks are set back.
        let born = |letter: &&Letter| match letter.journal {
            Some(journal) => journal >= entry.id,
            None => letter.created >= entry.started,
        };
        let at = entry.finished.clone().unwrap_or_else(|| entry.started.clone());
        let letters = self.deletions(eid).filter(born).map(|letter| letter.id).collect();
        Some(adopted(entry, by, at, letters))
    }

    /// True if an entry that is done removed the profile. A reset may have spared one that the card alone decides about.
    fn is_proved(&self, entry: &Entry) -> bool {
        match &*entry.command {
            "delete" => true,
            "reset" => {
                let gone = self.sightings.iter().any(|one| one.eid == entry.eid && one.gone.is_some());
                let signed = self.deletions(&entry.eid).any(|letter| letter.created >= entry.started);
                names(entry, "certain", self.iccid) || gone || signed
            }
            _ => false,
        }
    }

    /// The newest notification of the card about the profile, if it tells of a deletion.
    fn signed_removal(&self, eid: &str) -> Option<Adoption> {
        let known = self.entries.iter().any(|entry| entry.eid == eid && entry.is_done() && entry.command == "download");
        let newest = self.letters.iter().filter(|letter| letter.eid == eid).max_by_key(|letter| letter.seq)?;
        if known || !is_deletion(newest) {
            return None;
        }
        // One deletion is told to each server, by a number of its own.
        let installed = self.letters.iter().filter(|letter| letter.eid == eid && !is_deletion(letter));
        let before = installed.map(|letter| letter.seq).max();
        let last = |letter: &&Letter| before.is_none_or(|before| letter.seq > before);
        let letters: Vec<&Letter> = self.deletions(eid).filter(last).collect();
        let began = letters.iter().map(|letter| letter.created.clone()).min().unwrap_or_default();
        let letters = letters.iter().map(|letter| letter.id).collect();
        let (eid, at) = (eid.to_owned(), newest.created.clone());
        Some(Adoption { eid, by: AdoptedBy::Signed, at, began, journal: None, letters, outbox_before: 0 })
    }

    fn deletions<'s>(&'s self, eid: &'s str) -> impl Iterator<Item = &'s Letter> {
        self.letters.iter().filter(move |letter| letter.eid == eid && is_deletion(letter))
    }
}

fn adopted(entry: &Entry, by: AdoptedBy, at: String, letters: Vec<i64>) -> Adoption {
    Adoption {
        eid: entry.eid.clone(),
        by,
        at,
        began: entry.started.clone(),
        journal: Some(entry.id),
        letters,
        outbox_before: 0,
    }
}

fn is_removal(entry: &Entry) -> bool {
    matches!(entry.command.as_str(), "delete" | "reset")
}

/// True if the plan of a change has the profile in this list.
fn names(entry: &Entry, list: &str, iccid: &str) -> bool {
    entry.plan[list].as_array().into_iter().flatten().any(|one| one.as_str() == Some(iccid))
}

fn is_unclear(entry: &Entry) -> bool {
    is_removal(entry) && matches!(entry.outcome.as_deref(), None | Some("unknown"))
}

/// A download that came to nothing says nothing of the card.
fn held(entry: &Entry) -> bool {
    entry.command != "download" || entry.is_done()
}

fn is_deletion(letter: &Letter) -> bool {
    letter.event.contains("delete")
}
