//! What speaks against removing a profile now, and what is to be thought of.

use jiff::civil::Date;
use jiff::{Span, ToSpan};

use super::case::{Case, DeviceState, Evidence, Step, StepRecord, StepState, words};
use super::evidence::EvidenceState;
use super::facts::{Facts, Money};
use super::tell;
use crate::error::{Error, Id};

/// For so many days an operator's answer is waited for, unless something else is said.
pub const ANSWER_WITHIN: u16 = 14;
/// The days after which something that could have been done at once is overdue.
const OVERDUE_AFTER_DAYS: u16 = 14;

/// Why a profile is not to be removed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// The operator has not confirmed that the contract ends.
    NotConfirmed,
    /// The confirmation is on record without a file, a reference or a note: nothing proves it.
    NotProved,
    /// Something is owed.
    Unpaid {
        /// The step at which it was recorded.
        step: Step,
        /// The amount.
        money: Money,
    },
    /// The contract runs until then.
    NoticeRuns(Date),
    /// No backup was made.
    NotBackedUp,
    /// The backup lacks these parts.
    PartlyBackedUp(Vec<String>),
    /// A file that was recorded as proof, or is part of the backup, is missing or was changed.
    EvidenceLost {
        /// The step.
        step: Step,
        /// The file.
        name: String,
        /// What became of it.
        state: EvidenceState,
    },
    /// The server that has to learn of the deletion cannot be reached now.
    ServerNotReached {
        /// The server.
        server: String,
        /// The cause.
        why: String,
    },
    /// The address that has to learn of the deletion names no server: nobody can be told.
    NamesNoServer {
        /// The address as the card has it.
        address: String,
        /// The cause.
        why: String,
    },
}

impl Obstacle {
    /// The stable name in JSON and in the database.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotConfirmed => "not_confirmed",
            Self::NotProved => "not_proved",
            Self::Unpaid { .. } => "unpaid",
            Self::NoticeRuns(_) => "notice_runs",
            Self::NotBackedUp => "not_backed_up",
            Self::PartlyBackedUp(_) => "partly_backed_up",
            Self::EvidenceLost { .. } => "evidence_lost",
            Self::ServerNotReached { .. } => "server_not_reached",
            Self::NamesNoServer { .. } => "names_no_server",
        }
    }

    /// The step that the obstacle is about; `None`: about no step in particular.
    #[must_use]
    pub const fn step(&self) -> Option<Step> {
        match self {
            Self::NotConfirmed | Self::NotProved => Some(Step::Confirmation),
            Self::Unpaid { step, .. } | Self::EvidenceLost { step, .. } => Some(*step),
            Self::NotBackedUp | Self::PartlyBackedUp(_) => Some(Step::Backup),
            Self::NoticeRuns(_) | Self::ServerNotReached { .. } | Self::NamesNoServer { .. } => None,
        }
    }

    fn error(&self, case: &Case) -> Error {
        let error = |id| Error::new(id).with("case", case.name());
        match self {
            Self::NotConfirmed => error(Id::NotConfirmed),
            Self::NotProved => error(Id::NotProved),
            Self::Unpaid { step, money } => error(Id::BalanceUnpaid).with("amount", money).with("step", step.name()),
            Self::NoticeRuns(until) => error(Id::NoticeRuns).with("date", until),
            Self::NotBackedUp => error(Id::NotBackedUp),
            Self::PartlyBackedUp(parts) => error(Id::PartlyBackedUp).with("parts", tell::parts(parts)),
            Self::EvidenceLost { name, state, .. } => {
                error(Id::EvidenceLost).with("file", name).with("state", state.word())
            }
            Self::ServerNotReached { server, why } => error(Id::ServerNotReached).with("server", server).cause(why),
            Self::NamesNoServer { address, why } => {
                error(Id::DeletionNamesNoServer).with("address", address).with("why", why)
            }
        }
    }
}

/// The error that obstacles are without a reason to go on: the first one in full, since it is cured first, and the others
/// by name, since `--despite` overrides them all.
#[must_use]
pub fn refusal(obstacles: &[Obstacle], case: &Case) -> Option<Error> {
    let (first, others) = obstacles.split_first()?;
    let error = first.error(case);
    if others.is_empty() {
        return Some(error);
    }
    Some(error.aside(tell::also(others)))
}

/// What the case itself says against removing the profile.
#[must_use]
pub fn obstacles(case: &Case, today: Date) -> Vec<Obstacle> {
    let mut obstacles: Vec<Obstacle> = confirmation(case).into_iter().collect();
    if let Some((step, money)) = unpaid(case) {
        obstacles.push(Obstacle::Unpaid { step, money });
    }
    if let Some(until) = notice_until(case).filter(|until| *until >= today) {
        obstacles.push(Obstacle::NoticeRuns(until));
    }
    obstacles.extend(match case.step(Step::Backup) {
        Some(record) if record.state == StepState::Pending => Some(Obstacle::NotBackedUp),
        Some(record) if record.state == StepState::Partly => Some(Obstacle::PartlyBackedUp(record.missing.clone())),
        _ => None,
    });
    obstacles
}

fn confirmation(case: &Case) -> Option<Obstacle> {
    let record = case.step(Step::Confirmation)?;
    match record.state {
        StepState::NotApplicable => None,
        StepState::Done | StepState::Owed if is_proved(&record.facts, &record.evidence) => None,
        StepState::Done | StepState::Owed => Some(Obstacle::NotProved),
        _ => Some(Obstacle::NotConfirmed),
    }
}

/// True if a file proves it, or a reference or note says where it can be looked up.
fn is_proved(facts: &Facts, evidence: &[Evidence]) -> bool {
    let said = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    !evidence.is_empty() || said(&facts.reference) || said(&facts.note)
}

/// True if a step that is not done without proof was recorded without any.
pub(super) fn is_said_alone(step: Step, facts: &Facts, evidence: &[Evidence]) -> bool {
    step == Step::Confirmation && !is_proved(facts, evidence)
}

impl StepRecord {
    /// True if the step is recorded as done, counts only with proof, and has none.
    #[must_use]
    pub fn is_unproved(&self) -> bool {
        self.state == StepState::Done && is_said_alone(self.step, &self.facts, &self.evidence)
    }
}

/// What is owed, and at which step that was recorded: on the account, or for ending the contract.
fn unpaid(case: &Case) -> Option<(Step, Money)> {
    let owed = |step: &Step| Some((*step, case.facts(*step)?.owed()?.clone()));
    Step::ALL.iter().find_map(owed)
}

/// The steps before the removal that are not settled, beside those that an obstacle names.
#[must_use]
pub fn open_steps(case: &Case, obstacles: &[Obstacle]) -> Vec<Step> {
    let open = |record: &&StepRecord| record.state == StepState::Pending && record.step != Step::Clean;
    let named = |step: Step| obstacles.iter().any(|obstacle| obstacle.step() == Some(step));
    case.steps.iter().filter(open).map(|record| record.step).filter(|step| !named(*step)).collect()
}

/// What is worth a second look right after a step was recorded.
#[must_use]
pub fn cautions(case: &Case, step: Step, today: Date) -> Vec<String> {
    let mut cautions = Vec::new();
    if step == Step::Confirmation && confirmation(case) == Some(Obstacle::NotProved) {
        cautions.push(tell::say("retire-caution-not-proved", &[("case", &case.name())]));
    }
    let until = case.facts(step).and_then(|facts| facts.notice_until);
    if let Some(until) = until.filter(|until| *until < today) {
        cautions.push(tell::say("retire-caution-notice-past", &[("date", &until.to_string())]));
    }
    cautions
}

/// Until when the contract runs: the operator's confirmation knows better than the contract.
fn notice_until(case: &Case) -> Option<Date> {
    let of = |step| case.facts(step).and_then(|facts| facts.notice_until);
    of(Step::Confirmation).or_else(|| of(Step::Contract))
}

words! {
    /// What is to be thought of.
    pub enum ReminderKind {
        /// The operator ought to have confirmed.
        Confirmation = "confirmation",
        /// The notice period ends: after that the profile can go.
        NoticeEnds = "notice_ends",
        /// Something is owed.
        Balance = "balance",
        /// The profile is on a device still.
        Device = "device",
        /// A server has not accepted that it is deleted.
        Notification = "notification",
        /// The notification of the deletion names no server: the user has to give it up.
        Nameless = "nameless",
    }
}

/// Something to be thought of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// The case.
    pub case: i64,
    /// What kind.
    pub kind: ReminderKind,
    /// When.
    pub due: Date,
    /// The day is past.
    pub overdue: bool,
    /// The amount, the date or the device that it is about.
    pub about: String,
    /// The step at which it was recorded.
    pub step: Step,
}

impl Reminder {
    /// What tells it from others of its kind in the same case.
    pub(super) fn about_key(&self) -> &str {
        match self.kind {
            ReminderKind::Device | ReminderKind::Notification | ReminderKind::Nameless => &self.about,
            // A date or an amount that changes makes no other reminder of it.
            _ => "",
        }
    }
}

fn after(date: Date, days: u16) -> Date {
    let span: Span = i64::from(days).days();
    date.saturating_add(span)
}

/// A day of a moment in the database.
fn day(moment: &str) -> Option<Date> {
    let moment: jiff::Timestamp = moment.parse().ok()?;
    Some(moment.to_zoned(jiff::tz::TimeZone::system()).date())
}

/// All that is to be thought of in a case, in the order of the days.
#[must_use]
pub fn reminders(case: &Case, today: Date) -> Vec<Reminder> {
    let mut reminders = Vec::new();
    let mut add = |kind, due: Date, about: String, step| {
        reminders.push(Reminder { case: case.id, kind, due, overdue: due < today, about, step });
    };
    if !case.is_open() {
        return reminders;
    }
    let requested = case.facts(Step::Request);
    if let Some((facts, date)) = requested.and_then(|facts| Some((facts, facts.date?)))
        && case.state_of(Step::Confirmation) == StepState::Pending
    {
        add(
            ReminderKind::Confirmation,
            after(date, facts.answer_within.unwrap_or(ANSWER_WITHIN)),
            date.to_string(),
            Step::Confirmation,
        );
    }
    let cleaned = !case.is_within_reach();
    let notice = notice_until(case).filter(|_| !cleaned);
    if let Some(until) = notice.filter(|until| *until >= today) {
        add(ReminderKind::NoticeEnds, until, until.to_string(), Step::Contract);
    }
    if let Some((step, money)) = unpaid(case) {
        let recorded = case.facts(step).and_then(|facts| facts.date).unwrap_or(today);
        add(ReminderKind::Balance, after(recorded, OVERDUE_AFTER_DAYS), money.to_string(), step);
    }
    let confirmed = case.facts(Step::Confirmation).and_then(|facts| facts.date);
    for item in &case.devices {
        match (item.state, confirmed) {
            (DeviceState::Open | DeviceState::Begun, Some(confirmed)) => {
                let free = notice.map_or(confirmed, |until| until.max(confirmed));
                add(ReminderKind::Device, after(free, OVERDUE_AFTER_DAYS), item.device.clone(), Step::Clean);
            }
            (DeviceState::Deleted, _) => {
                let since = day(&item.since).unwrap_or(today);
                let kind = if item.waits_for_nobody() { ReminderKind::Nameless } else { ReminderKind::Notification };
                add(kind, after(since, 1), item.device.clone(), Step::Clean);
            }
            _ => {}
        }
    }
    for item in case.by_word.iter().filter(|item| !item.is_settled()) {
        if let Some(confirmed) = confirmed {
            let free = notice.map_or(confirmed, |until| until.max(confirmed));
            add(ReminderKind::Device, after(free, OVERDUE_AFTER_DAYS), item.device.clone(), Step::Clean);
        }
    }
    reminders.sort_by_key(|reminder| reminder.due);
    reminders
}
