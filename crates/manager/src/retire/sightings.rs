//! Cards that were seen with the profile of a case: they join it, at any time before its end.

use super::case::{Case, CaseState, DeviceItem, DeviceState, Subscription};
use super::event::Event;
use super::rules::obstacles;
use super::today;
use crate::database::{Database, Entry};
use crate::error::Error;

/// A card with the way to it.
pub(super) type Place = (String, String);
/// A card that the profile is gone from, with the change that explains it.
pub(super) type Gone = (String, Option<i64>);

/// What a card that was seen with a profile means for a case about that profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// The case is open, and the profile is to be removed from the card.
    Waits,
    /// The case is ended, and the profile is on a card all the same.
    Back,
}

/// A card that has a profile of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The case.
    pub case: i64,
    /// The name of the subscription.
    pub title: String,
    /// The profile.
    pub iccid: String,
    /// What the sighting means for the case.
    pub kind: NoticeKind,
}

/// Takes in that profiles were seen on a card just now, and says what there is to say about it. Cards of which only the
/// device is known (`place` is `None`) join no case. One question with an index for each profile.
pub(crate) fn seen(database: &Database, place: Option<(&str, &str)>, iccids: &[String]) -> Result<Vec<Notice>, Error> {
    let mut notices = Vec::new();
    for iccid in iccids {
        let Some(mut case) = database.newest_case_about(iccid)? else { continue };
        // Where a case was cancelled the subscription stays, and the profile with it.
        if case.state == CaseState::Cancelled {
            continue;
        }
        if let Some((eid, device)) = place
            && is_news(&case, eid)
        {
            let (journal_before, outbox_before) = (database.newest_entry()?, database.newest_letter()?);
            let event = sighting(&case, eid, device, (journal_before, outbox_before), None);
            case = database.add_to_case(case.id, |now| Ok(if is_news(now, eid) { vec![event] } else { Vec::new() }))?;
        }
        let begun = case.devices.iter().any(|item| item.state != DeviceState::Open);
        let kind = match case.is_open() {
            true if begun || obstacles(&case, today()).is_empty() => NoticeKind::Waits,
            true => continue,
            false => NoticeKind::Back,
        };
        notices.push(Notice { case: case.id, title: case.subscription.title(), iccid: iccid.clone(), kind });
    }
    Ok(notices)
}

/// True if a card with these profiles is news to a case about one of them, so that there is something to be written.
pub(crate) fn is_news_to_a_case(database: &Database, eid: &str, iccids: &[String]) -> Result<bool, Error> {
    for iccid in iccids {
        let case = database.newest_case_about(iccid)?;
        if case.is_some_and(|case| case.state != CaseState::Cancelled && is_news(&case, eid)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A card that is seen with the profile says something that the case does not know.
fn is_news(case: &Case, eid: &str) -> bool {
    case.device(eid).is_none_or(|item| !item.state.may_hold_profile())
}

/// The event of a card that was seen with the profile, after these entries of journal and outbox.
fn sighting(case: &Case, eid: &str, device: &str, before: (i64, i64), journal: Option<i64>) -> Event {
    let (eid_of, device) = (eid.to_owned(), device.to_owned());
    if case.device(eid).is_none() {
        return Event::DeviceAdded { eid: eid_of, device };
    }
    Event::SeenAgain { eid: eid_of, device, journal, journal_before: before.0, outbox_before: before.1 }
}

/// What inventory and journal know of cards with the profile, and the case does not: also where a command could not write
/// down what it saw.
pub(super) fn on_record(database: &Database, case: &Case) -> Result<Vec<Event>, Error> {
    let (places, gone) = whereabouts(database, &case.subscription)?;
    let unknown = |eid: &str| case.device(eid).is_none();
    // What came and went after the end of the case is nothing to it.
    let counts = |eid: &str| case.is_open() || !gone.iter().any(|(other, _)| other == eid);
    let added = places.iter().filter(|(eid, _)| unknown(eid) && counts(eid));
    let mut events: Vec<Event> =
        added.map(|(eid, device)| Event::DeviceAdded { eid: eid.clone(), device: device.clone() }).collect();
    // What was removed since the case was opened is found in the journal as any removal is.
    let before = |journal: &Option<i64>| journal.is_none_or(|journal| journal <= case.journal_before);
    let lost = gone.iter().filter(|(eid, journal)| unknown(eid) && counts(eid) && before(journal));
    events.extend(lost.map(|(eid, journal)| Event::FoundGone { eid: eid.clone(), journal: *journal }));
    for item in case.devices.iter().filter(|item| !item.state.may_hold_profile()) {
        events.extend(came_back(database, case, item)?);
    }
    Ok(events)
}

/// A download or a sighting that is newer than what the case knows of a device.
fn came_back(database: &Database, case: &Case, item: &DeviceItem) -> Result<Option<Event>, Error> {
    let iccid = &case.subscription.iccid;
    let entries = database.entries_about(iccid, &item.eid, case.journal_before.max(item.journal_before))?;
    // By number where a change is known, since clocks are set back.
    let later = |entry: &Entry| match item.journal {
        Some(journal) => entry.id > journal,
        None => entry.started > item.since,
    };
    let downloaded = entries.iter().find(|entry| is_done(entry) && matches!(&*entry.command, "download" | "delete"));
    if let Some(entry) = downloaded.filter(|entry| entry.command == "download" && later(entry)) {
        let before = (entry.id, database.newest_letter()?);
        return Ok(Some(sighting(case, &item.eid, &entry.device, before, Some(entry.id))));
    }
    let rows = database.sightings_of(iccid)?;
    let row = rows.iter().find(|row| row.eid == item.eid && row.gone.is_none() && row.last_seen > item.since);
    let before = || Ok::<_, Error>((database.newest_entry()?, database.newest_letter()?));
    row.map(|row| Ok(sighting(case, &item.eid, &row.device, before()?, None))).transpose()
}

fn is_done(entry: &Entry) -> bool {
    entry.outcome.as_deref() == Some("done")
}

/// Every card on which the profile was ever seen, that of the case first, and those of them from which it is gone.
pub(super) fn whereabouts(database: &Database, about: &Subscription) -> Result<(Vec<Place>, Vec<Gone>), Error> {
    let own = Some((about.eid.clone(), about.device.clone())).filter(|(eid, _)| !eid.is_empty());
    let mut places: Vec<Place> = own.into_iter().collect();
    let mut gone = Vec::new();
    let entries = database.entries_of_profile(&about.iccid)?;
    let newest = |eid: &str| {
        let of_card = entries.iter().filter(|entry| entry.eid == eid && is_done(entry));
        of_card.filter(|entry| matches!(entry.command.as_str(), "delete" | "download")).max_by_key(|entry| entry.id)
    };
    for row in database.sightings_of(&about.iccid)? {
        if row.eid != about.eid {
            if row.gone.is_some() {
                let by = newest(&row.eid).filter(|entry| entry.command == "delete").map(|entry| entry.id);
                gone.push((row.eid.clone(), by));
            }
            places.push((row.eid, row.device));
        }
    }
    // What was changed before cards were remembered.
    for entry in &entries {
        let held = entry.command != "download" || is_done(entry);
        if held && !entry.eid.is_empty() && !places.iter().any(|(eid, _)| *eid == entry.eid) {
            places.push((entry.eid.clone(), entry.device.clone()));
            gone.extend(newest(&entry.eid).filter(|by| by.command == "delete").map(|by| (by.eid.clone(), Some(by.id))));
        }
    }
    Ok((places, gone))
}
