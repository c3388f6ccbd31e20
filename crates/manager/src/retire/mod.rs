//! Retiring a subscription: from "I want to cancel" to proof that it is gone everywhere.
//!
//! Removing a profile from a card ends no contract, and a deletion that the operator's server never hears of leaves the
//! profile "installed" there for ever. So a case goes in steps, the removal last, and each thing that happens is an
//! event that is only ever added. What a case comes to lies beside its events, written in the same transaction.

mod backup;
mod case;
mod clean;
mod event;
mod evidence;
mod facts;
mod fold;
mod ics;
mod report;
mod route;
mod rules;
mod settle;
mod tell;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use jiff::civil::Date;
use lpa::profiles::Detail;
use sgp22::id::Iccid;
use sgp22::notification::Events;
use sgp22::profile::ProfileInfo;

pub use backup::CaseBackup;
pub use case::{Case, CaseState, DeviceItem, DeviceState, Evidence, Step, StepRecord, StepState, Subscription};
pub use clean::{CleanPlan, CleanWish, Cleaned, Look};
pub use event::{Event, Happened, Reached};
pub use evidence::{LONGEST_EVIDENCE, evidence_path};
pub use facts::{Channel, Facts, Money, Said, parse_date};
pub use ics::calendar;
pub use report::{Format, Report, case_json};
pub use rules::{ANSWER_WITHIN, Obstacle, Reminder, ReminderKind, obstacles, reminders};
pub(crate) use settle::settle_all;

use crate::Manager;
use crate::card::Card;
use crate::database::Database;
use crate::error::{Error, Id};
use crate::query::ProfileQuery;

/// What became of a step.
#[derive(Debug, Clone)]
pub enum Word {
    /// It was done, with these files as proof.
    Done(Said, Vec<PathBuf>),
    /// It is left out, for a reason.
    Skip(String),
    /// There is nothing to do, for a reason.
    NotApplicable(String),
}

/// A card that has a profile whose case waits for its removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The case.
    pub case: i64,
    /// What the subscription is called.
    pub title: String,
    /// The profile.
    pub iccid: String,
}

/// The cases.
#[derive(Debug)]
pub struct Retirements<'m> {
    manager: &'m Manager,
    /// `None` as long as nothing was ever recorded.
    database: Option<Database>,
}

impl Manager {
    /// Opens the cases, brought up to what is on record.
    pub fn retirements(&self) -> Result<Retirements<'_>, Error> {
        let database = Database::open_existing(self.paths())?;
        if let Some(database) = &database {
            settle_all(database);
        }
        Ok(Retirements { manager: self, database })
    }
}

/// Today, where the user is.
#[must_use]
pub fn today() -> Date {
    jiff::Zoned::now().date()
}

impl Retirements<'_> {
    fn database(&self) -> Result<Database, Error> {
        Database::open(self.manager.paths())
    }

    /// The cases: those that are open, or all. In the order in which they were begun.
    pub fn cases(&self, all: bool) -> Result<Vec<Case>, Error> {
        self.database.as_ref().map_or(Ok(Vec::new()), |database| database.cases(all))
    }

    /// The case that is called so: `R1`, `1`, or the ICCID of one that is open.
    pub fn find(&self, name: &str) -> Result<Case, Error> {
        let not_found = || Error::new(Id::CaseNotFound).with("case", name);
        let database = self.database.as_ref().ok_or_else(not_found)?;
        let about = if name.len() >= 18 { database.case_about(name)? } else { None };
        if let Some(case) = about {
            return Ok(case);
        }
        let number = name.trim().trim_start_matches(['R', 'r']).parse::<i64>().map_err(|_| not_found())?;
        database.case(number)?.ok_or_else(not_found)
    }

    /// What happened in a case, in order.
    pub fn history(&self, case: &Case) -> Result<Vec<Happened>, Error> {
        self.database.as_ref().map_or(Ok(Vec::new()), |database| database.history(case.id))
    }

    /// Opens a case about a profile. The card is only read.
    pub fn start(&self, card: &mut Card<'_>, query: &ProfileQuery) -> Result<Case, Error> {
        let profile = card.profile(query, Detail::Description)?.profile;
        let eid = card.recorded_eid()?;
        let subscription = subscription(&profile, eid, card.device())?;
        let database = self.database()?;
        let (devices, gone) = whereabouts(&database, &subscription)?;
        let (iccid, title) = (subscription.iccid.clone(), subscription.title());
        let event = Event::Started { subscription, devices, journal_before: database.newest_entry()? };
        let case = database.open_case(&iccid, &event)?.map_err(|open| {
            Error::new(Id::CaseOpen).with("profile", title).with("case", open.name()).with("created", &open.created)
        })?;
        if gone.is_empty() {
            return Ok(case);
        }
        let gone = gone.into_iter().map(|(eid, journal)| Event::FoundGone { eid, journal }).collect();
        database.add_to_case(case.id, |_| Ok(gone))
    }

    /// Records what became of a step.
    pub fn record(&self, case: &Case, step: Step, word: Word) -> Result<Case, Error> {
        self.record_on(case, step, word, today())
    }

    fn record_on(&self, case: &Case, step: Step, word: Word, today: Date) -> Result<Case, Error> {
        open(case)?;
        let event = match word {
            Word::Done(said, files) => {
                if matches!(step, Step::Backup | Step::Clean) {
                    return Err(Error::new(Id::StepIsNotTold).with("step", step.name()).with("case", case.name()));
                }
                let since = case.facts(Step::Contract).and_then(|facts| facts.since);
                let mut facts = said.facts(today, since)?;
                if facts.paid && facts.money.is_none() {
                    // What was owed is what is paid.
                    facts.money = case.facts(step).and_then(|before| before.money.clone());
                }
                in_order(case, step, &facts)?;
                let keep = |file: &PathBuf| evidence::keep(self.manager.paths(), file);
                let evidence = files.iter().map(keep).collect::<Result<_, _>>()?;
                Event::Recorded { step, facts, evidence }
            }
            Word::Skip(reason) => Event::Skipped { step, reason: facts::parse_reason(&reason)? },
            Word::NotApplicable(reason) => {
                let no_contract = case.state_of(Step::Contract) == StepState::NotApplicable;
                if step == Step::Confirmation && !no_contract {
                    return Err(Error::new(Id::ContractFirst).with("case", case.name()));
                }
                Event::NotApplicable { step, reason: facts::parse_reason(&reason)? }
            }
        };
        if step == Step::Clean {
            return Err(Error::new(Id::StepIsNotTold).with("step", step.name()).with("case", case.name()));
        }
        self.add(case, event)
    }

    /// Records what was removed of what the system kept, and what was left.
    pub fn record_traces(&self, case: &Case, removed: Vec<String>, kept: Vec<String>) -> Result<Case, Error> {
        let database = self.database()?;
        database.add_to_case(case.id, |_| Ok(vec![Event::Traces { removed, kept }]))
    }

    /// What the system knows the SIM by; `None` if its number is none that it could.
    #[must_use]
    pub fn sim_of(&self, case: &Case) -> Option<(Iccid, Option<sgp22::id::Mccmnc>)> {
        let about = &case.subscription;
        let iccid = about.iccid.parse().ok()?;
        let operator = about.mcc.as_ref().zip(about.mnc.as_ref());
        Some((iccid, operator.and_then(|(mcc, mnc)| format!("{mcc}{mnc}").parse().ok())))
    }

    /// Forgets what was kept here of a profile whose case is completed: its report has what is worth knowing.
    pub fn forget_traces(&self, case: &Case) -> Result<(), Error> {
        if case.state == CaseState::Completed && self.database()?.forget_gone(&case.subscription.iccid)? > 0 {
            self.record_traces(case, vec!["inventory".into()], Vec::new())?;
        }
        Ok(())
    }

    /// Ends a case: the subscription stays.
    pub fn cancel(&self, case: &Case, reason: &str) -> Result<Case, Error> {
        self.add(case, Event::Cancelled { reason: facts::parse_text(reason)? })
    }

    /// Goes on with a case that was ended.
    pub fn reopen(&self, case: &Case, reason: &str) -> Result<Case, Error> {
        if case.is_open() {
            return Err(Error::new(Id::CaseNotClosed).with("case", case.name()));
        }
        let database = self.database()?;
        if let Some(other) = database.case_about(&case.subscription.iccid)? {
            let error = Error::new(Id::CaseOpen).with("profile", case.subscription.title());
            return Err(error.with("case", other.name()).with("created", &other.created));
        }
        let reason = facts::parse_text(reason)?;
        database.add_to_case(case.id, |_| Ok(vec![Event::Reopened { reason }]))
    }

    /// Cards that hold other profiles of the same operator: EID, device, ICCID. They are named and left alone.
    pub fn others_of_provider(&self, case: &Case) -> Result<Vec<(String, String, String)>, Error> {
        let about = &case.subscription;
        match (&self.database, about.provider.as_deref().filter(|name| !name.is_empty())) {
            (Some(database), Some(provider)) => database.cards_of_provider(provider, &about.iccid),
            _ => Ok(Vec::new()),
        }
    }

    fn add(&self, case: &Case, event: Event) -> Result<Case, Error> {
        open(case)?;
        let database = self.database()?;
        database.add_to_case(case.id, |now| open(now).map(|()| vec![event]))?;
        settle::settle(&database, case.id)
    }
}

fn open(case: &Case) -> Result<(), Error> {
    if case.is_open() {
        return Ok(());
    }
    let since = case.ended.clone().unwrap_or_default();
    Err(Error::new(Id::CaseClosed).with("case", case.name()).with("since", since))
}

/// An operator confirms what it was asked for, not before.
fn in_order(case: &Case, step: Step, facts: &Facts) -> Result<(), Error> {
    let requested = case.facts(Step::Request).and_then(|facts| facts.date);
    match (step, facts.date, requested) {
        (Step::Confirmation, Some(date), Some(requested)) if date < requested => {
            Err(Error::new(Id::DateBeforeRequest).with("date", date).with("requested", requested))
        }
        _ => Ok(()),
    }
}

fn subscription(profile: &ProfileInfo, eid: String, device: &str) -> Result<Subscription, Error> {
    let iccid = profile.iccid.as_ref().map(Iccid::digits).ok_or_else(|| Error::new(Id::ProfileUnnamed))?;
    let text = |text: &Option<sgp22::tlv::Text>| text.as_ref().map(ToString::to_string).filter(|text| !text.is_empty());
    let operator = profile.owner.as_ref().map(|owner| owner.mccmnc);
    let targets = profile.notification_targets.iter().flatten();
    Ok(Subscription {
        iccid,
        eid,
        device: device.into(),
        provider: text(&profile.service_provider),
        name: text(&profile.name),
        nickname: text(&profile.nickname),
        mcc: operator.map(sgp22::id::Mccmnc::mcc),
        mnc: operator.map(sgp22::id::Mccmnc::mnc),
        servers: targets.filter(|one| one.events.0.has(Events::DELETE)).map(|one| one.address.to_string()).collect(),
        enabled: profile.is_enabled(),
    })
}

/// A card with how it was reached.
type Place = (String, String);
/// A card that the profile is gone from, with the change that explains it.
type Gone = (String, Option<i64>);

/// Every card on which the profile was ever seen, this one first, and those of them from which it is gone.
fn whereabouts(database: &Database, about: &Subscription) -> Result<(Vec<Place>, Vec<Gone>), Error> {
    let mut places = vec![(about.eid.clone(), about.device.clone())];
    let mut gone = Vec::new();
    let entries = database.entries_of_profile(&about.iccid)?;
    let newest = |eid: &str| {
        let of_card = entries.iter().filter(|entry| entry.eid == eid && entry.outcome.as_deref() == Some("done"));
        of_card.filter(|entry| matches!(entry.command.as_str(), "delete" | "download")).max_by_key(|entry| entry.id)
    };
    for (eid, device, is_gone) in database.cards_with(&about.iccid)? {
        if eid != about.eid {
            if is_gone {
                let by = newest(&eid).filter(|entry| entry.command == "delete").map(|entry| entry.id);
                gone.push((eid.clone(), by));
            }
            places.push((eid, device));
        }
    }
    // What was changed before cards were remembered.
    for entry in &entries {
        let held = entry.command != "download" || entry.outcome.as_deref() == Some("done");
        if held && !entry.eid.is_empty() && !places.iter().any(|(eid, _)| *eid == entry.eid) {
            places.push((entry.eid.clone(), entry.device.clone()));
            gone.extend(newest(&entry.eid).filter(|by| by.command == "delete").map(|by| (by.eid.clone(), Some(by.id))));
        }
    }
    Ok((places, gone))
}

/// What is to be said about the profiles that a command has seen on a card. One question with an index for each.
pub(crate) fn notices(database: &Database, iccids: &[String]) -> Result<Vec<Notice>, Error> {
    let mut notices = Vec::new();
    for iccid in iccids {
        let waits = |case: &Case| {
            let begun = case.devices.iter().any(|item| item.state != DeviceState::Open);
            begun || obstacles(case, today()).is_empty()
        };
        if let Some(case) = database.case_about(iccid)?.filter(waits) {
            notices.push(Notice { case: case.id, title: case.subscription.title(), iccid: iccid.clone() });
        }
    }
    Ok(notices)
}
