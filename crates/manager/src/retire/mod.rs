//! Retiring a subscription: from "I want to cancel" to proof that it is gone everywhere.
//!
//! Removing a profile from a card ends no contract, and a deletion that the operator's server never hears of leaves the
//! profile "installed" there for ever. So a case goes in steps, the removal last, and each thing that happens is an
//! event that is only ever added. What a case comes to lies beside its events, written in the same transaction.

mod adopt;
#[cfg(test)]
mod adopt_tests;
mod backup;
mod by_word;
#[cfg(test)]
mod by_word_tests;
mod case;
mod clean;
#[cfg(test)]
mod clean_tests;
mod event;
mod evidence;
mod facts;
mod fold;
mod guide;
mod ics;
mod report;
mod rules;
#[cfg(test)]
mod sentences;
#[cfg(test)]
mod sentences_devices;
mod settle;
#[cfg(test)]
mod settle_tests;
mod sightings;
mod statements;
mod tell;
mod tell_event;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use jiff::civil::Date;
use lpa::profiles::Detail;
use sgp22::id::Iccid;
use sgp22::notification::Events;
use sgp22::profile::ProfileInfo;

pub use adopt::{AdoptedBy, Adoption};
pub use backup::CaseBackup;
pub use by_word::{ByWordState, DeviceByWord, Reader, Statement};
pub use case::{Case, CaseState, DeviceItem, DeviceState, Evidence, Step, StepRecord, StepState, Subscription};
pub use clean::{CleanPlan, CleanWish, Cleaned, Look};
pub use event::{Event, Happened, Reached};
pub use evidence::{CheckedEvidence, EvidenceState, LONGEST_EVIDENCE, evidence_path};
pub use facts::{Channel, Facts, Money, Said, parse_date, parse_reason};
pub use guide::{Guide, guide_of};
pub use ics::calendar;
pub use report::{Format, Report, case_json};
pub use rules::{ANSWER_WITHIN, Obstacle, Reminder, ReminderKind, cautions, obstacles, open_steps, refusal, reminders};
pub(crate) use settle::settle_all;
pub use sightings::{Notice, NoticeKind};
pub(crate) use sightings::{is_news_to_a_case, seen};
pub use statements::{Description, RemovalByWord};
pub use tell::{clock_set_back, parts};

use crate::Manager;
use crate::card::Card;
use crate::database::Database;
use crate::error::{Error, Id};
use crate::query::ProfileQuery;

/// The name of the whole SIM among the parts that a backup lacks.
pub const WHOLE_SIM: &str = "sim";

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
        if let Some(database) = database.as_ref().filter(|database| !database.is_read_only()) {
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

/// Now, as moments are written in the history.
#[must_use]
pub fn moment_now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
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
        let case = database.case(number)?.ok_or_else(not_found)?;
        settle::settle(database, case.id)
    }

    /// What happened in a case, in order.
    pub fn history(&self, case: &Case) -> Result<Vec<Happened>, Error> {
        self.database.as_ref().map_or(Ok(Vec::new()), |database| database.history(case.id))
    }

    /// Opens a case about a profile. The card is only read. `others` are devices that esimctl cannot read and that had the
    /// profile, too, by the user's names for them.
    pub fn start(&self, card: &mut Card<'_>, query: &ProfileQuery, others: &[String]) -> Result<Case, Error> {
        let found = card.profile(query, Detail::Description).map_err(|error| match error.id {
            Id::ProfileNotFound => error.aside(tell::say("retire-start-gone", &[])),
            _ => error,
        });
        let profile = found?.profile;
        let eid = card.recorded_eid()?;
        let subscription = subscription(&profile, eid, card.device())?;
        let database = self.database()?;
        let known = adopt::whereabouts(&database, &subscription.iccid)?;
        let known = known.with_card(&subscription.eid, &subscription.device);
        self.open_case(&database, &known, &subscription, statements::named(others)?)
    }

    /// Records what became of a step. What is not said anew of a step that is done stays as it was recorded.
    pub fn record(&self, case: &Case, step: Step, word: Word) -> Result<Case, Error> {
        open(case)?;
        let event = self.told(case, step, word, today())?;
        self.add(case, vec![event])
    }

    /// Takes back what was recorded of a step, since it was wrong, and records what is right; without a `word` the step is
    /// open again. The history keeps both.
    ///
    /// # Errors
    ///
    /// If nothing is recorded of the step, or the word is not one that can be recorded of it.
    pub fn correct(&self, case: &Case, step: Step, reason: &str, word: Option<Word>) -> Result<Case, Error> {
        open(case)?;
        let corrected = Event::Corrected { step, reason: parse_reason(reason)? };
        let untouched = matches!(case.state_of(step), StepState::Pending | StepState::Missed);
        if untouched || step == Step::Clean {
            return Err(Error::new(Id::NothingToCorrect).with("step", step.name()).with("case", case.name()));
        }
        let mut blank = case.clone();
        blank.apply("", &corrected);
        let event = word.map(|word| self.told(&blank, step, word, today())).transpose()?;
        self.add(case, std::iter::once(corrected).chain(event).collect())
    }

    /// Takes back that a card will not come back, or what else was recorded of it: the profile may be on it.
    ///
    /// # Errors
    ///
    /// If the case has no such card, or the profile counts as being on it already.
    pub fn take_back(&self, case: &Case, eid: &str, reason: &str) -> Result<Case, Error> {
        open(case)?;
        let item = device_of(case, eid)?;
        if item.state.may_hold_profile() {
            return Err(Error::new(Id::NothingToCorrect).with("step", Step::Clean.name()).with("case", case.name()));
        }
        self.add(case, vec![Event::DeviceCorrected { eid: item.eid.clone(), reason: parse_reason(reason)? }])
    }

    /// The event of a step of which somebody tells.
    fn told(&self, case: &Case, step: Step, word: Word, today: Date) -> Result<Event, Error> {
        let by_hand = step == Step::Backup && case.is_by_word_alone();
        if step == Step::Clean || (step == Step::Backup && matches!(word, Word::Done(..)) && !by_hand) {
            return Err(Error::new(Id::StepIsNotTold).with("step", step.name()).with("case", case.name()));
        }
        Ok(match word {
            Word::Done(said, files) => {
                let since = case.facts(Step::Contract).and_then(|facts| facts.since);
                let facts = said.added_to(case.facts(step), today, since)?;
                in_order(case, step, &facts)?;
                let keep = |file: &PathBuf| evidence::keep(self.manager.paths(), file);
                let evidence = files.iter().map(keep).collect::<Result<_, _>>()?;
                Event::Recorded { step, facts, evidence }
            }
            Word::Skip(reason) => Event::Skipped { step, reason: parse_reason(&reason)? },
            Word::NotApplicable(reason) => {
                let no_contract = case.state_of(Step::Contract) == StepState::NotApplicable;
                if step == Step::Confirmation && !no_contract {
                    return Err(Error::new(Id::ContractFirst).with("case", case.name()));
                }
                Event::NotApplicable { step, reason: parse_reason(&reason)? }
            }
        })
    }

    /// Compares all files that a case stands on with what was recorded of them.
    #[must_use]
    pub fn check_evidence(&self, case: &Case) -> Vec<CheckedEvidence> {
        evidence::check_all(self.manager.paths(), case)
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

    /// Closes a case before its end. One in which nothing is left to do is completed instead.
    pub fn cancel(&self, case: &Case, reason: &str) -> Result<Case, Error> {
        let event = match case.is_finished() && case.is_removed_anywhere() {
            true => Event::Completed,
            false => Event::Cancelled { reason: facts::parse_text(reason)? },
        };
        self.add(case, vec![event])
    }

    /// Goes on with a case that was ended.
    pub fn reopen(&self, case: &Case, reason: &str) -> Result<Case, Error> {
        if case.is_open() {
            return Err(Error::new(Id::CaseNotClosed).with("case", case.name()));
        }
        let database = self.database()?;
        let reason = facts::parse_text(reason)?;
        database.add_to_case_of(case.id, &case.subscription.iccid, |_| Ok(vec![Event::Reopened { reason }]))
    }

    /// Cards that hold other profiles of the same operator: EID, device, ICCID. They are named and left alone.
    pub fn others_of_provider(&self, case: &Case) -> Result<Vec<(String, String, String)>, Error> {
        let about = &case.subscription;
        match (&self.database, about.provider.as_deref().filter(|name| !name.is_empty())) {
            (Some(database), Some(provider)) => database.cards_of_provider(provider, &about.iccid),
            _ => Ok(Vec::new()),
        }
    }

    fn add(&self, case: &Case, events: Vec<Event>) -> Result<Case, Error> {
        open(case)?;
        let database = self.database()?;
        database.add_to_case(case.id, |now| open(now).map(|()| events))?;
        settle::settle(&database, case.id)
    }
}

/// The device of a case with this card.
fn device_of<'c>(case: &'c Case, eid: &str) -> Result<&'c DeviceItem, Error> {
    case.device(eid).ok_or_else(|| Error::new(Id::NotOfThisCase).with("eid", eid).with("case", case.name()))
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
    let text = |text: &Option<sgp22::tlv::Text>| text.as_ref().and_then(sgp22::tlv::Text::readable);
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
