//! A case: one subscription that is being ended, what was done about it, and what is left.
//!
//! What happened is kept as [`Event`](super::Event)s, which are only ever added; a [`Case`] is what they come to.

use serde::{Deserialize, Serialize};

use super::adopt::Adoption;
use super::by_word::{ByWordState, DeviceByWord};
use super::facts::Facts;

macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $( $(#[$about:meta])* $variant:ident = $word:literal, )* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $( $(#[$about])* #[serde(rename = $word)] $variant, )* }

        impl $name {
            /// All of them, in their order.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )*];

            /// Its name: on the command line, in JSON and in the database.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }

            /// The one of this name.
            #[must_use]
            pub fn of(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }
        }
    };
}
pub(super) use words;

words! {
    /// A step of a case, in the order in which they are best taken.
    pub enum Step {
        /// Saving what the SIM holds.
        Backup = "backup",
        /// Reaching the operator.
        Contact = "contact",
        /// Proving who one is, and which account it is about.
        Account = "account",
        /// What is owed, or left.
        Balance = "balance",
        /// Notice and fees.
        Contract = "contract",
        /// Submitting the cancellation.
        Request = "request",
        /// The operator's confirmation.
        Confirmation = "confirmation",
        /// Removing the profile, on every device.
        Clean = "clean",
    }
}

words! {
    /// Where a step stands.
    pub enum StepState {
        /// Nobody has done anything about it.
        Pending = "pending",
        /// A part is done, and another part is missing.
        Partly = "partly",
        /// Recorded, and money is owed.
        Owed = "owed",
        /// Done.
        Done = "done",
        /// Left out, for a reason.
        Skipped = "skipped",
        /// There is nothing to do here, for a reason.
        NotApplicable = "not_applicable",
        /// Not done, and no longer possible: the profile is out of reach.
        Missed = "missed",
    }
}

words! {
    /// Where a case stands.
    pub enum CaseState {
        /// Something is left to do.
        Open = "open",
        /// All is done.
        Completed = "completed",
        /// The user has changed their mind before the profile was removed anywhere.
        Cancelled = "cancelled",
        /// The user has closed it before all was done, and the profile was removed from a device.
        Closed = "closed",
    }
}

words! {
    /// What became of the profile on one device.
    pub enum DeviceState {
        /// It is there, or nobody has looked.
        Open = "open",
        /// Its removal was begun; how it ended is not recorded.
        Begun = "begun",
        /// It is deleted, and its server has not accepted the notification yet.
        Deleted = "deleted",
        /// It is deleted, and each server that is to be told has accepted the notification.
        Done = "done",
        /// It is deleted, and a notification of that was given up.
        Unreported = "unreported",
        /// It was not there when it was looked for.
        Gone = "gone",
        /// The card will not come back.
        WrittenOff = "written_off",
    }
}

impl DeviceState {
    /// Nothing is left to do there.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Done | Self::Unreported | Self::Gone | Self::WrittenOff)
    }

    /// True if the profile may be there, as far as is known.
    #[must_use]
    pub const fn may_hold_profile(self) -> bool {
        matches!(self, Self::Open | Self::Begun)
    }

    /// True if the profile was there and is known to be off the card.
    #[must_use]
    pub const fn is_removed(self) -> bool {
        matches!(self, Self::Deleted | Self::Done | Self::Unreported | Self::Gone)
    }
}

/// The subscription as the card described it when the case was begun.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The profile's number.
    pub iccid: String,
    /// The card on which the case was begun.
    pub eid: String,
    /// How that card was reached.
    pub device: String,
    /// The operator's name.
    pub provider: Option<String>,
    /// The operator's name for the product.
    pub name: Option<String>,
    /// The user's own name for it.
    pub nickname: Option<String>,
    /// Mobile country code.
    pub mcc: Option<String>,
    /// Mobile network code.
    pub mnc: Option<String>,
    /// The servers that the card will tell of a deletion.
    pub servers: Vec<String>,
    /// It was enabled then.
    pub enabled: bool,
}

impl Subscription {
    /// What a person calls it: the nickname, or provider and product.
    #[must_use]
    pub fn title(&self) -> String {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let operators = [filled(&self.provider), filled(&self.name)];
        filled(&self.nickname).unwrap_or_else(|| {
            let words: Vec<String> = operators.into_iter().flatten().collect();
            if words.is_empty() { self.iccid.clone() } else { words.join(", ") }
        })
    }
}

/// A file that was copied into the state directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its name where it came from.
    pub name: String,
    /// SHA-256 of its content, which is also the name of the copy.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
}

/// A device on which the profile is, or was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceItem {
    /// The card.
    pub eid: String,
    /// How it was reached last.
    pub device: String,
    /// What became of the profile there.
    pub state: DeviceState,
    /// The change that deleted it.
    pub journal: Option<i64>,
    /// What its servers were sent, by the numbers in the outbox.
    pub letters: Vec<i64>,
    /// Those that were accepted, or given up.
    pub settled: Vec<i64>,
    /// Since when it is as it is: UTC, RFC 3339.
    pub since: String,
    /// Why, where there is something to say.
    pub why: Option<String>,
    /// The notifications that were given up, by the numbers in the outbox.
    #[serde(default)]
    pub given_up: Vec<i64>,
    /// The notifications that name no server, by the numbers in the outbox.
    #[serde(default)]
    pub nameless: Vec<i64>,
    /// The notifications that were given up and that no server has received.
    #[serde(default)]
    pub untold: Vec<i64>,
    /// Until which entry of the journal nothing is about the profile as it is there now: it came back since.
    #[serde(default)]
    pub journal_before: i64,
    /// The same for the numbers in the outbox.
    #[serde(default)]
    pub outbox_before: i64,
    /// What was known of it when the case was opened; `None` if nothing had happened there.
    #[serde(default)]
    pub adopted: Option<Adoption>,
}

impl DeviceItem {
    /// True if all notifications of the deletion that are left name no server: they wait for the user's word alone.
    #[must_use]
    pub fn waits_for_nobody(&self) -> bool {
        let mut left = self.letters.iter().filter(|letter| !self.settled.contains(letter)).peekable();
        left.peek().is_some() && left.all(|letter| self.nameless.contains(letter))
    }

    /// True if no server has received a notification of the deletion: each was given up before that.
    #[must_use]
    pub fn has_told_nobody(&self) -> bool {
        !self.letters.is_empty() && self.letters.iter().all(|letter| self.untold.contains(letter))
    }
}

/// A step, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Which one.
    pub step: Step,
    /// Where it stands.
    pub state: StepState,
    /// When that was recorded: UTC, RFC 3339.
    pub at: Option<String>,
    /// What was recorded.
    pub facts: Facts,
    /// Why it was left out.
    pub reason: Option<String>,
    /// The proof.
    pub evidence: Vec<Evidence>,
    /// The parts of a backup that are not in it, by their names in `sim.json`; `sim`: the whole SIM.
    #[serde(default)]
    pub missing: Vec<String>,
    /// The directory of a backup.
    #[serde(default)]
    pub directory: Option<String>,
}

impl StepRecord {
    /// A step about which nothing has happened.
    pub(super) fn blank(step: Step) -> Self {
        Self {
            step,
            state: StepState::Pending,
            at: None,
            facts: Facts::default(),
            reason: None,
            evidence: Vec::new(),
            missing: Vec::new(),
            directory: None,
        }
    }
}

/// A case, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its number.
    pub id: i64,
    /// When it was begun: UTC, RFC 3339.
    pub created: String,
    /// Where it stands.
    pub state: CaseState,
    /// What it is about.
    pub subscription: Subscription,
    /// The telephone number, if anybody has said.
    pub number: Option<String>,
    /// The steps, in their order.
    pub steps: Vec<StepRecord>,
    /// The devices with a card that esimctl can read.
    pub devices: Vec<DeviceItem>,
    /// The devices of which the user alone can say how things stand.
    #[serde(default)]
    pub by_word: Vec<DeviceByWord>,
    /// Until which entry of the journal nothing is about this case.
    pub journal_before: i64,
    /// Until which number of the outbox nothing is about this case; `None`: by its date.
    #[serde(default)]
    pub outbox_before: Option<i64>,
    /// When it was completed, cancelled or closed: UTC, RFC 3339.
    pub ended: Option<String>,
    /// It was reopened, and nothing has happened since: it is not completed again by itself.
    #[serde(default)]
    pub reopened: bool,
}

impl Case {
    /// Its name: `R1`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("R{}", self.id)
    }

    /// A step.
    #[must_use]
    pub fn step(&self, step: Step) -> Option<&StepRecord> {
        self.steps.iter().find(|record| record.step == step)
    }

    /// Where a step stands.
    #[must_use]
    pub fn state_of(&self, step: Step) -> StepState {
        self.step(step).map_or(StepState::Pending, |record| record.state)
    }

    /// What was recorded of a step that is done, also if something is owed.
    #[must_use]
    pub fn facts(&self, step: Step) -> Option<&Facts> {
        let recorded = |record: &&StepRecord| matches!(record.state, StepState::Done | StepState::Owed);
        self.step(step).filter(recorded).map(|record| &record.facts)
    }

    /// The step that is to be taken next; `None`: all are settled. What is only half done comes after what nobody has
    /// begun, and the removal last.
    #[must_use]
    pub fn next_step(&self) -> Option<Step> {
        let untouched = |record: &&StepRecord| record.state == StepState::Pending && record.step != Step::Clean;
        let first = self.steps.iter().find(untouched);
        first.or_else(|| self.steps.iter().find(|record| !self.is_settled(record))).map(|record| record.step)
    }

    /// True if nothing is left to do at a step.
    fn is_settled(&self, record: &StepRecord) -> bool {
        match record.state {
            StepState::Pending | StepState::Owed => false,
            // What is missing can be read as long as the profile is somewhere.
            StepState::Partly => record.step != Step::Backup || !self.is_within_reach(),
            StepState::Done | StepState::Skipped | StepState::NotApplicable | StepState::Missed => true,
        }
    }

    /// True if nothing is left to do at any step.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.steps.iter().all(|record| self.is_settled(record))
    }

    /// True if the profile may be on a device of the case.
    #[must_use]
    pub fn is_within_reach(&self) -> bool {
        self.devices.iter().any(|item| item.state.may_hold_profile())
    }

    /// True if the profile was removed from a device of the case.
    #[must_use]
    pub fn is_removed_anywhere(&self) -> bool {
        self.devices.iter().any(|item| item.state.is_removed())
            || self.by_word.iter().any(|item| item.state == ByWordState::Removed)
    }

    /// True if the profile was removed from each device of the case, and a card shows it each time.
    #[must_use]
    pub fn is_removed_everywhere(&self) -> bool {
        self.by_word.is_empty() && self.devices.iter().all(|item| item.state.is_removed())
    }

    /// True if the case was ended and the profile may be on a device again: it was seen there since.
    #[must_use]
    pub fn has_come_back(&self) -> bool {
        matches!(self.state, CaseState::Completed) && self.is_within_reach()
    }

    /// The device with this card.
    #[must_use]
    pub fn device(&self, eid: &str) -> Option<&DeviceItem> {
        self.devices.iter().find(|item| item.eid == eid)
    }

    /// True as long as something is left to do.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == CaseState::Open
    }
}
