//! After a crash, a lost answer or an unplugged cable: what was begun, and what became of it.
//!
//! The journal says what was to be done, the card what is. A change is never repeated here. What it left for servers is
//! fetched into the outbox, as the change itself would have done.

mod decide;
pub(crate) mod download;
pub(crate) use download::step;

use std::collections::BTreeMap;

use lpa::profiles::Detail;
use sgp22::es10b::ProfileInstallationResult;
use sgp22::notification::{Events, NotificationMetadata};
use sgp22::profile::ProfileInfo;

use crate::Manager;
use crate::card::{Card, Collected, Unwatched, WAITED, is_listed};
use crate::database::{Database, Entry, Outcome};
use crate::error::{Error, Id};
use crate::outbox::Reporting;
use crate::rollback::RollbackOutcome;

/// What is found out about an open entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// It was done.
    Done,
    /// It was not done, and can be tried again.
    NotDone,
    /// It cannot be told now, but later.
    Unknown,
    /// A later change makes it moot.
    Superseded,
    /// It can never be told.
    NobodyKnows,
}

impl Finding {
    /// Its name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotDone => "not_done",
            Self::Unknown => "unknown",
            Self::Superseded => "superseded",
            Self::NobodyKnows => "nobody_knows",
        }
    }

    /// How the journal has it; `None` leaves the entry open.
    const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Done => Some(Outcome::Done),
            Self::NotDone => Some(Outcome::NotDone),
            Self::Unknown => None,
            Self::Superseded | Self::NobodyKnows => Some(Outcome::Closed),
        }
    }
}

/// A finding with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) finding: Finding,
    pub(crate) message: String,
    pub(crate) next: Option<String>,
}

impl Decision {
    pub(crate) fn new(finding: Finding, message: impl Into<String>) -> Self {
        Self { finding, message: message.into(), next: None }
    }

    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}

/// An entry that was open, and what was found out about it.
#[derive(Debug, Clone)]
pub struct Recovered {
    /// The entry as it was.
    pub entry: Entry,
    /// What was found out.
    pub finding: Finding,
    /// The same for a person.
    pub message: String,
    /// What to do, if there is anything.
    pub next: Option<String>,
}

/// What a recovery came to.
#[derive(Debug, Clone, Default)]
pub struct Recovery {
    /// The entries that were open, oldest first.
    pub entries: Vec<Recovered>,
    /// What became of the notifications of the cards that were at hand.
    pub notifications: Vec<Reporting>,
    /// What became of switches that were due to be undone. A change that was recovered may be one of them.
    pub rollbacks: Vec<RollbackOutcome>,
}

/// What a card says of itself. What cannot be read proves nothing, neither that something is there nor that it is not.
pub(crate) struct Seen {
    /// The profiles, or why the list of them cannot be read.
    pub(crate) profiles: Result<Vec<ProfileInfo>, String>,
    /// The notifications that wait; `None` if the card does not list them.
    pub(crate) queue: Option<Vec<NotificationMetadata>>,
    pub(crate) default_smdp: String,
    /// The results of installations that wait on it.
    pub(crate) results: Vec<ProfileInstallationResult>,
    /// It has signed a result that it does not give, or that cannot be read.
    pub(crate) has_unread_results: bool,
}

impl Seen {
    /// Takes in what the card has signed of an installation.
    fn take_result(&mut self, signed: &[u8]) {
        match ProfileInstallationResult::decode(signed) {
            Ok(result) => self.results.push(result),
            Err(error) => {
                log::warn!("A result of an installation cannot be read: {error}");
                self.has_unread_results = true;
            }
        }
    }

    /// True if the card may have signed a result that is not among those that were read.
    pub(crate) fn may_have_other_results(&self) -> bool {
        self.has_unread_results || self.queue.is_none()
    }
}

impl Manager {
    /// How many changes were begun and never finished, or ended without an answer. Cheap: nothing is read that is not
    /// there, and what cannot be read counts as nothing.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        let open = Database::peek(self.paths()).and_then(|database| database.unfinished().ok());
        open.iter().flatten().filter(|entry| !entry.is_running()).count()
    }

    /// Finds out what became of every open entry, as far as the cards are at hand, and closes those that are clear; with
    /// `close_all` the others, too: then nobody will ever know. Switches that are due to be undone are undone then; those
    /// that cannot be stay open, also with `close_all`.
    pub fn recover(&self, close_all: bool) -> Result<Recovery, Error> {
        let Some(database) = Database::open_existing(self.paths())? else { return Ok(Recovery::default()) };
        let mut recovery = Recovery::default();
        let open: Vec<Entry> = database.unfinished()?.into_iter().filter(|entry| !entry.is_running()).collect();
        if database.is_read_only() {
            recovery.entries = open.into_iter().map(not_recordable).collect();
            return Ok(recovery);
        }
        let mut by_card: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        for entry in open {
            match decide::without_card(&entry) {
                Some(decision) => recovery.entries.push(close(&database, entry, decision)?),
                None => by_card.entry(entry.eid.clone()).or_default().push(entry),
            }
        }
        for (eid, entries) in by_card {
            self.recover_card(&database, &eid, entries, close_all, &mut recovery)?;
        }
        recovery.rollbacks = self.roll_back_due(std::time::Duration::ZERO, &mut Unwatched)?;
        crate::retire::settle_all(&database);
        recovery.entries.sort_by_key(|recovered| recovered.entry.id);
        Ok(recovery)
    }

    fn recover_card(
        &self,
        database: &Database,
        eid: &str,
        entries: Vec<Entry>,
        close_all: bool,
        recovery: &mut Recovery,
    ) -> Result<(), Error> {
        let mut problem = None;
        for device in self.candidates(&entries) {
            match self.recover_at(database, &device, eid, &entries) {
                Ok(Some((recovered, reporting))) => {
                    recovery.entries.extend(recovered);
                    recovery.notifications.push(reporting);
                    return Ok(());
                }
                Ok(None) => {}
                Err(error) if error.id == Id::Interrupted => return Err(error),
                Err(error) => problem = Some(error),
            }
        }
        let why = problem.map_or_else(
            || "The card that is there is another one.".to_owned(),
            |error| format!("The card cannot be read: {}", error.message()),
        );
        for entry in entries {
            let decision = if close_all {
                Decision::new(Finding::NobodyKnows, format!("{why} It is closed as it is."))
            } else {
                Decision::new(Finding::Unknown, &why).next(format!(
                    "Put the card with the EID {eid} into its reader, then: esimctl recover. If it will not come back: \
                     esimctl recover --close"
                ))
            };
            recovery.entries.push(close(database, entry, decision)?);
        }
        Ok(())
    }

    /// Where the card may be: at the device that the user names, or where it was.
    fn candidates(&self, entries: &[Entry]) -> Vec<String> {
        let known = entries.iter().rev().map(|entry| entry.device.clone());
        let mut devices: Vec<String> = Vec::new();
        for device in self.named_device().map(str::to_owned).into_iter().chain(known) {
            if !devices.contains(&device) {
                devices.push(device);
            }
        }
        devices
    }

    /// `None`: the card there is another one.
    fn recover_at(
        &self,
        database: &Database,
        device: &str,
        eid: &str,
        entries: &[Entry],
    ) -> Result<Option<(Vec<Recovered>, Reporting)>, Error> {
        let mut session = self.session_of_record(device)?;
        let mut card = session.card()?;
        if card.eid()?.to_string() == eid {
            return decide_all(database, &mut card, eid, entries).map(Some);
        }
        drop(card);
        let Some(mut card) = session.card_of(eid)? else { return Ok(None) };
        decide_all(database, &mut card, eid, entries).map(Some)
    }
}

/// Decides the entries of a card that is at hand.
fn decide_all(
    database: &Database,
    card: &mut Card<'_>,
    eid: &str,
    entries: &[Entry],
) -> Result<(Vec<Recovered>, Reporting), Error> {
    // Who held the card until now may have finished what it was at.
    let open = database.unfinished()?;
    let still_open: Vec<Entry> = entries.iter().filter(|entry| open.contains(entry)).cloned().collect();
    let any = |commands: &[&str]| still_open.iter().any(|entry| commands.contains(&entry.command.as_str()));
    let mut seen = card.look(any(&["server", "reset"]), any(&["download"]))?;
    // What was brought to its server since is on the card no more.
    let delivered = database.installations(eid)?;
    delivered.iter().for_each(|signed| seen.take_result(signed));
    let mut recovered = Vec::new();
    let mut collected = Collected::default();
    // The newest first: what it turns out to have done decides whether an older one can be told.
    for entry in still_open.into_iter().rev() {
        let later = database.later(eid, entry.id)?;
        let decision = match entry.command.as_str() {
            "download" => download::decide(&entry, &database.steps(entry.id)?, &seen),
            _ => decide::decide(&entry, &later, &seen),
        };
        // Before the entry is closed: an open one has them looked for. What was not done may have been half done.
        let decision = match card.collect_of(&entry, &later) {
            Ok(left) => {
                let incomplete = left.incomplete;
                collected = collected.and(left);
                if incomplete { still_waits(&decision, "the card does not give all of it") } else { decision }
            }
            Err(error) => still_waits(&decision, &error.message()),
        };
        recovered.push(close(database, entry, decision)?);
    }
    let reporting = card.report(&collected);
    Ok((recovered, reporting))
}

/// What was found out, while something that it left is still to be fetched.
fn still_waits(decision: &Decision, why: &str) -> Decision {
    let message = format!("{} But what it left for the servers could not be fetched: {why}", decision.message);
    Decision::new(Finding::Unknown, message).next("Once the card can be read: esimctl recover")
}

/// An open entry of a state directory that cannot be written: what was found out could not be kept.
fn not_recordable(entry: Entry) -> Recovered {
    let message = "The state directory is read-only, so the card was not asked: the answer could not be recorded.";
    let next = "As a user who may write there, or once the disk can be written: esimctl recover";
    Recovered { entry, finding: Finding::Unknown, message: message.into(), next: Some(next.into()) }
}

fn close(database: &Database, entry: Entry, decision: Decision) -> Result<Recovered, Error> {
    let Decision { finding, message, next } = decision;
    if let Some(outcome) = finding.outcome() {
        database.finish(entry.id, outcome, Some(&format!("recovered: {message}")))?;
    }
    Ok(Recovered { entry, finding, message, next })
}

impl Card<'_> {
    /// Reads all that decides: the default SM-DP+ and the results of installations where those are asked for.
    fn look(&mut self, server: bool, installations: bool) -> Result<Seen, Error> {
        let profiles = match self.profiles(Detail::Row) {
            Ok(profiles) => Ok(profiles),
            Err(error) if is_unreadable(&error) => Err(format!("{} ({})", error.message(), error.cause)),
            Err(error) => return Err(error),
        };
        let queue = self.before_change()?;
        let addresses = server.then(|| self.addresses()).transpose()?;
        let default_smdp = addresses.and_then(|known| known.default_smdp).unwrap_or_default().to_string();
        let installed = |one: &&NotificationMetadata| installations && one.event.0.has(Events::INSTALL);
        let numbers: Vec<_> = queue.iter().flatten().filter(installed).map(|one| one.seq).collect();
        let mut seen = Seen { profiles, queue, default_smdp, results: Vec::new(), has_unread_results: false };
        for number in numbers {
            match self.notification(number) {
                Ok(signed) => seen.take_result(&signed.bytes),
                // One that the card lists and does not give must not hide all the others.
                Err(error) if error.id == Id::NotificationNotFound || is_unreadable(&error) => {
                    log::warn!("Notification {number} cannot be read: {error}");
                    seen.has_unread_results = true;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(seen)
    }

    /// Fetches what a change has left on the card: what did not wait before it, and came before the change that followed.
    /// What is in the outbox already is found again there, by its signature: a number alone does not tell, since cards
    /// have counted anew.
    fn collect_of(&mut self, entry: &Entry, later: &[Entry]) -> Result<Collected, Error> {
        let Some(before) = queue_before(entry) else { return Ok(Collected::default()) };
        let next = later.iter().rev().find_map(queue_before);
        let is_in = |queue: &[serde_json::Value], one: &NotificationMetadata| {
            queue.iter().any(|written| is_listed(written, one))
        };
        self.collect_new(Some(entry.id), |one| !is_in(before, one) && next.is_none_or(|next| is_in(next, one)))
    }
}

/// True if the card answers, and its answer is of no use: what else it says still counts.
fn is_unreadable(error: &Error) -> bool {
    matches!(error.id, Id::CardGarbage | Id::CardStatus | Id::CardRefused)
}

/// What waited on the card before the change, as the journal has it.
fn queue_before(entry: &Entry) -> Option<&[serde_json::Value]> {
    entry.plan.get(WAITED)?.as_array().map(Vec::as_slice)
}

#[cfg(test)]
mod tests;
