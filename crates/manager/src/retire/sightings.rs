//! Cards that were seen with the profile of a case: they join it, at any time before its end.

use super::adopt::{self, AdoptedBy, Adoption, Place};
use super::case::{Case, CaseState, DeviceItem, DeviceState};
use super::event::Event;
use super::rules::obstacles;
use super::today;
use crate::database::{Database, Entry};
use crate::error::Error;

/// The meaning of a card that was seen with a profile for a case about that profile.
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
    /// The meaning of the sighting for the case.
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

/// What is on record of cards with the profile, and the case does not know: also where a command could not write down what
/// it saw.
pub(super) fn on_record(database: &Database, case: &Case) -> Result<Vec<Event>, Error> {
    let known = adopt::whereabouts(database, &case.subscription.iccid)?;
    let unknown: Vec<&Place> = known.places().iter().filter(|place| joins(case, place)).collect();
    let added = |place: &&Place| Event::DeviceAdded { eid: place.eid.clone(), device: place.device.clone() };
    let mut events: Vec<Event> = unknown.iter().map(added).collect();
    events.extend(unknown.iter().filter_map(|place| place.adoption.as_ref()).filter_map(|found| gone(case, found)));
    for item in case.devices.iter().filter(|item| !item.state.may_hold_profile()) {
        events.extend(came_back(database, case, item)?);
    }
    Ok(events)
}

/// True for a card that the case does not have. What came and went after the end of the case is nothing to it.
fn joins(case: &Case, place: &Place) -> bool {
    let is_gone = place.adoption.as_ref().is_some_and(|adoption| adoption.by != AdoptedBy::Begun);
    case.device(&place.eid).is_none() && (case.is_open() || !is_gone)
}

/// The event of a card that the profile left before the case knew of the card.
fn gone(case: &Case, found: &Adoption) -> Option<Event> {
    let event = || Event::FoundGone { eid: found.eid.clone(), journal: found.journal };
    match found.by {
        AdoptedBy::Begun => None,
        // A deletion since the case was opened is found in the journal as any removal is.
        AdoptedBy::Deleted => found.journal.is_none_or(|journal| journal <= case.journal_before).then(event),
        AdoptedBy::Missing | AdoptedBy::Reset => Some(event()),
        AdoptedBy::Signed => Some(Event::Adopted(found.clone())),
    }
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
    let downloaded = entries.iter().find(|entry| entry.is_done() && matches!(&*entry.command, "download" | "delete"));
    if let Some(entry) = downloaded.filter(|entry| entry.command == "download" && later(entry)) {
        let before = (entry.id, database.newest_letter()?);
        return Ok(Some(sighting(case, &item.eid, &entry.device, before, Some(entry.id))));
    }
    let rows = database.sightings_of(iccid)?;
    let row = rows.iter().find(|row| row.eid == item.eid && row.gone.is_none() && row.last_seen > item.since);
    let before = || Ok::<_, Error>((database.newest_entry()?, database.newest_letter()?));
    row.map(|row| Ok(sighting(case, &item.eid, &row.device, before()?, None))).transpose()
}
