//! A case: one subscription that is being ended, what was done about it, and what is left.
//!
//! What happened is kept as [`Event`](super::Event)s, which are only ever added; a [`Case`] is what they come to.

use serde::{Deserialize, Serialize};

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
        /// Done.
        Done = "done",
        /// Left out, for a reason.
        Skipped = "skipped",
        /// There is nothing to do here, for a reason.
        NotApplicable = "not_applicable",
    }
}

words! {
    /// Where a case stands.
    pub enum CaseState {
        /// Something is left to do.
        Open = "open",
        /// All is done.
        Completed = "completed",
        /// The user has changed their mind.
        Cancelled = "cancelled",
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
        /// It is deleted, and its server knows, or wants no word of it.
        Done = "done",
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
        matches!(self, Self::Done | Self::Gone | Self::WrittenOff)
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
    /// The devices.
    pub devices: Vec<DeviceItem>,
    /// Until which entry of the journal nothing is about this case.
    pub journal_before: i64,
    /// When it was completed or cancelled: UTC, RFC 3339.
    pub ended: Option<String>,
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

    /// What was recorded of a step that is done.
    #[must_use]
    pub fn facts(&self, step: Step) -> Option<&Facts> {
        self.step(step).filter(|record| record.state == StepState::Done).map(|record| &record.facts)
    }

    /// The first step about which nothing was done; `None`: all are settled.
    #[must_use]
    pub fn next_step(&self) -> Option<Step> {
        self.steps.iter().find(|record| record.state == StepState::Pending).map(|record| record.step)
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
