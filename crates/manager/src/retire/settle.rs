//! What the journal and the outbox know and a case does not yet: after a crash, and when a server was reached later.

use super::case::{Case, CaseState, DeviceItem, DeviceState};
use super::event::Event;
use super::sightings;
use crate::database::{AttemptOutcome, Database, Letter, LetterState};
use crate::error::Error;
use crate::hash::sha256_hex;

/// Brings all open cases up to what is on record. For commands that are about something else: what goes wrong is told.
pub(crate) fn settle_all(database: &Database) {
    let settled =
        database.cases(false).and_then(|open| open.iter().try_for_each(|case| settle(database, case.id).map(drop)));
    if let Err(error) = settled {
        log::warn!("The cases of retire could not be updated; the next command tries again: {error}");
    }
}

/// Brings a case up to what is on record; one that was completed, too, since the profile may have been seen after that.
pub(super) fn settle(database: &Database, id: i64) -> Result<Case, Error> {
    loop {
        let Some(case) = database.case(id)? else { return database.add_to_case(id, |_| Ok(Vec::new())) };
        if matches!(case.state, CaseState::Cancelled | CaseState::Closed) {
            return Ok(case);
        }
        let events = news(database, &case)?;
        if events.is_empty() {
            return Ok(case);
        }
        // Somebody else may have been quicker: then what is new is looked for again.
        database.add_to_case(id, |now| Ok(if *now == case { events } else { Vec::new() }))?;
    }
}

/// What is on record and not in the case.
fn news(database: &Database, case: &Case) -> Result<Vec<Event>, Error> {
    let mut whole = case.clone();
    let mut events = sightings::on_record(database, case)?;
    events.iter().for_each(|event| whole.apply("", event));
    let eids: Vec<String> = whole.devices.iter().map(|item| item.eid.clone()).collect();
    for eid in eids {
        for look in [deleted, delivered] {
            let found = whole.device(&eid).map(|item| look(database, &whole, item)).transpose()?.unwrap_or_default();
            found.iter().for_each(|event| whole.apply("", event));
            events.extend(found);
        }
    }
    if whole.is_open() && whole.is_finished() && !whole.reopened {
        events.push(Event::Completed);
    }
    Ok(events)
}

/// What the journal says of a device on which the profile was, as far as the case knows.
fn deleted(database: &Database, case: &Case, item: &DeviceItem) -> Result<Vec<Event>, Error> {
    if !item.state.may_hold_profile() {
        return Ok(Vec::new());
    }
    let iccid = &case.subscription.iccid;
    let entries = database.entries_about(iccid, &item.eid, case.journal_before.max(item.journal_before))?;
    // The newest change that came to something says what is: a profile can be downloaded again.
    let newest =
        entries.iter().find(|entry| entry.is_done() && matches!(entry.command.as_str(), "delete" | "download"));
    if let Some(entry) = newest.filter(|entry| entry.command == "delete") {
        let letters: Vec<i64> = letters(database, case, item)?.iter().map(|letter| letter.id).collect();
        let reports = !letters.is_empty() || !case.subscription.servers.is_empty();
        return Ok(vec![Event::Cleaned { eid: item.eid.clone(), journal: Some(entry.id), letters, reports }]);
    }
    let failed = entries.iter().find(|entry| entry.command == "delete").filter(|entry| {
        item.state == DeviceState::Begun && matches!(entry.outcome.as_deref(), Some("not_done" | "closed"))
    });
    Ok(failed
        .filter(|entry| entry.started >= item.since)
        .map(|entry| Event::NotCleaned { eid: item.eid.clone(), why: format!("journal {}", entry.id) })
        .into_iter()
        .collect())
}

/// The notifications of the deletion on a device, as far as they are about the profile as it was there last. They are
/// told by their numbers: a clock may have been set back since the case was opened.
pub(super) fn letters(database: &Database, case: &Case, item: &DeviceItem) -> Result<Vec<Letter>, Error> {
    // What was adopted at the beginning is older than the case.
    let before = item.adopted.as_ref().map(|adoption| adoption.outbox_before).or(case.outbox_before);
    let since = if before.is_some() { "" } else { &*case.created };
    let mut letters = database.letters_of_deletion(&case.subscription.iccid, &item.eid, since)?;
    letters.retain(|letter| letter.id > item.outbox_before.max(before.unwrap_or_default()));
    Ok(letters)
}

/// What became of the notifications of a deletion.
fn delivered(database: &Database, case: &Case, item: &DeviceItem) -> Result<Vec<Event>, Error> {
    if item.state != DeviceState::Deleted {
        return Ok(Vec::new());
    }
    let letters = letters(database, case, item)?;
    let eid = || item.eid.clone();
    let mut events = Vec::new();
    let late: Vec<i64> = letters.iter().map(|letter| letter.id).filter(|id| !item.letters.contains(id)).collect();
    if !late.is_empty() {
        events.push(Event::Posted { eid: eid(), letters: late });
    }
    for letter in letters.iter().filter(|letter| !item.settled.contains(&letter.id)) {
        match letter.state {
            LetterState::Waiting if letter.is_nameless() && !item.nameless.contains(&letter.id) => {
                events.push(Event::Nameless { eid: eid(), letter: letter.id, address: letter.address.clone() });
            }
            LetterState::Waiting => {}
            LetterState::Delivered => events.push(Event::Accepted {
                eid: eid(),
                letter: letter.id,
                server: letter.server().to_owned(),
                seq: letter.seq,
                sha256: sha256_hex(&database.payload(letter.id)?),
                accepted: letter.ended.clone().unwrap_or_default(),
            }),
            LetterState::Dropped => {
                events.push(Event::GivenUp {
                    eid: eid(),
                    letter: letter.id,
                    server: letter.server().to_owned(),
                    nameless: letter.address_error().is_some(),
                    tried: may_have_been_received(database, letter.id)?,
                    reason: letter.reason.clone(),
                });
            }
        }
    }
    Ok(events)
}

/// True if an attempt to deliver a notification got through, or nobody knows that it did not.
fn may_have_been_received(database: &Database, letter: i64) -> Result<bool, Error> {
    let attempts = database.attempts(letter)?;
    Ok(attempts.iter().any(|attempt| attempt.outcome != Some(AttemptOutcome::Unreached)))
}
