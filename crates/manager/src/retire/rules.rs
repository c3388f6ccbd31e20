//! What speaks against removing a profile now, and what is to be thought of.

use jiff::civil::Date;
use jiff::{Span, ToSpan};

use super::case::{Case, DeviceState, Step, StepState, words};
use super::facts::Money;
use crate::error::{Error, Id};

/// For so many days an operator's answer is waited for, unless something else is said.
pub const ANSWER_WITHIN: u16 = 14;
/// So many days later something that could have been done at once is overdue.
const PATIENCE: u16 = 14;

/// Why a profile is not to be removed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// The operator has not confirmed that the contract ends.
    NotConfirmed,
    /// Something is owed.
    Unpaid(Option<Money>),
    /// The contract runs until then.
    NoticeRuns(Date),
    /// The server that has to learn of the deletion cannot be reached now.
    ServerNotReached {
        /// Which one.
        server: String,
        /// Why.
        why: String,
    },
}

impl Obstacle {
    /// Its name in JSON and in the database.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotConfirmed => "not_confirmed",
            Self::Unpaid(_) => "unpaid",
            Self::NoticeRuns(_) => "notice_runs",
            Self::ServerNotReached { .. } => "server_not_reached",
        }
    }

    /// The error that it is without a reason to go on.
    #[must_use]
    pub fn error(&self, case: &Case) -> Error {
        let error = |id| Error::new(id).with("case", case.name());
        match self {
            Self::NotConfirmed => error(Id::NotConfirmed),
            Self::Unpaid(money) => {
                error(Id::BalanceUnpaid).with("amount", money.as_ref().map(ToString::to_string).unwrap_or_default())
            }
            Self::NoticeRuns(until) => error(Id::NoticeRuns).with("date", until),
            Self::ServerNotReached { server, why } => error(Id::ServerNotReached).with("server", server).cause(why),
        }
    }
}

/// What the case itself says against removing the profile.
#[must_use]
pub fn obstacles(case: &Case, today: Date) -> Vec<Obstacle> {
    let mut obstacles = Vec::new();
    if !matches!(case.state_of(Step::Confirmation), StepState::Done | StepState::NotApplicable) {
        obstacles.push(Obstacle::NotConfirmed);
    }
    if let Some(money) = unpaid(case) {
        obstacles.push(Obstacle::Unpaid(Some(money)));
    }
    if let Some(until) = notice_until(case).filter(|until| *until >= today) {
        obstacles.push(Obstacle::NoticeRuns(until));
    }
    obstacles
}

/// What is owed: on the account, or for ending the contract.
fn unpaid(case: &Case) -> Option<Money> {
    let of = |step| case.facts(step).filter(|facts| !facts.paid).and_then(|facts| facts.money.clone());
    [Step::Balance, Step::Contract, Step::Confirmation].into_iter().filter_map(of).find(|money| !money.is_zero())
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
}

impl Reminder {
    /// What tells it from others of its kind in the same case.
    pub(super) fn about_key(&self) -> &str {
        match self.kind {
            ReminderKind::Device | ReminderKind::Notification => &self.about,
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
    let mut add = |kind, due: Date, about: String| {
        reminders.push(Reminder { case: case.id, kind, due, overdue: due < today, about });
    };
    if !case.is_open() {
        return reminders;
    }
    let requested = case.facts(Step::Request);
    if let Some((facts, date)) = requested.and_then(|facts| Some((facts, facts.date?)))
        && case.state_of(Step::Confirmation) == StepState::Pending
    {
        add(ReminderKind::Confirmation, after(date, facts.answer_within.unwrap_or(ANSWER_WITHIN)), date.to_string());
    }
    let cleaned = case.state_of(Step::Clean) == StepState::Done;
    let notice = notice_until(case).filter(|_| !cleaned);
    if let Some(until) = notice.filter(|until| *until >= today) {
        add(ReminderKind::NoticeEnds, until, until.to_string());
    }
    if let Some(money) = unpaid(case) {
        let recorded = case.facts(Step::Balance).and_then(|facts| facts.date).unwrap_or(today);
        add(ReminderKind::Balance, after(recorded, PATIENCE), money.to_string());
    }
    let confirmed = case.facts(Step::Confirmation).and_then(|facts| facts.date);
    for item in &case.devices {
        match (item.state, confirmed) {
            (DeviceState::Open | DeviceState::Begun, Some(confirmed)) => {
                let free = notice.map_or(confirmed, |until| until.max(confirmed));
                add(ReminderKind::Device, after(free, PATIENCE), item.device.clone());
            }
            (DeviceState::Deleted, _) => {
                let since = day(&item.since).unwrap_or(today);
                add(ReminderKind::Notification, after(since, 1), item.device.clone());
            }
            _ => {}
        }
    }
    reminders.sort_by_key(|reminder| reminder.due);
    reminders
}
