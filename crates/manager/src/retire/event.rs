//! What happens in a case. Events are only ever added; a [`Case`](super::Case) is what they come to.

use serde::{Deserialize, Serialize};

use super::adopt::Adoption;
use super::by_word::Statement;
use super::case::{Evidence, Step, Subscription};
use super::facts::Facts;

/// Where a notification of the deletion went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// The server.
    pub server: String,
    /// Why it could not be reached; `None`: its TLS handshake was made.
    pub why_not: Option<String>,
}

/// Something that happened in a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// It was begun.
    Started {
        /// What it is about.
        subscription: Subscription,
        /// The devices on which the profile was ever seen.
        devices: Vec<(String, String)>,
        /// The last entry of the journal before.
        journal_before: i64,
        /// The last number of the outbox before; `None`: written by a version that did not note it.
        #[serde(default)]
        outbox_before: Option<i64>,
    },
    /// A step was done.
    Recorded {
        /// Which one.
        step: Step,
        /// What is known of it.
        facts: Facts,
        /// The proof.
        evidence: Vec<Evidence>,
    },
    /// A step was left out.
    Skipped {
        /// Which one.
        step: Step,
        /// Why.
        reason: String,
    },
    /// There is nothing to do at a step.
    NotApplicable {
        /// Which one.
        step: Step,
        /// Why.
        reason: String,
    },
    /// What was recorded of a step before was wrong. What is right follows, if it is known.
    Corrected {
        /// The step.
        step: Step,
        /// Why.
        reason: String,
    },
    /// Profile and SIM were saved.
    BackedUp {
        /// Where to.
        directory: String,
        /// The files.
        files: Vec<Evidence>,
        /// The SIM was read; otherwise it is the description alone.
        sim: bool,
        /// The telephone number that the SIM knows.
        number: Option<String>,
        /// The parts that are not in it, by their names in `sim.json`; `sim`: the whole SIM.
        #[serde(default)]
        missing: Vec<String>,
    },
    /// The profile was seen on another card.
    DeviceAdded {
        /// The card.
        eid: String,
        /// How it was reached.
        device: String,
    },
    /// The profile was seen on a card again after it had been removed or the card had been given up.
    SeenAgain {
        /// The card.
        eid: String,
        /// How it was reached.
        device: String,
        /// The change on record that brought it there.
        journal: Option<i64>,
        /// The last entry of the journal then.
        journal_before: i64,
        /// The last number of the outbox then.
        outbox_before: i64,
    },
    /// What was recorded of a card before was wrong: the profile may be on it.
    DeviceCorrected {
        /// The card.
        eid: String,
        /// Why.
        reason: String,
    },
    /// The profile is about to be removed from a card.
    Cleaning {
        /// The card.
        eid: String,
        /// How it is reached.
        device: String,
        /// What spoke against it, by its name.
        obstacles: Vec<String>,
        /// Why it is done all the same.
        despite: Option<String>,
        /// The servers that are to be told.
        servers: Vec<Reached>,
    },
    /// It was not removed.
    NotCleaned {
        /// The card.
        eid: String,
        /// Why.
        why: String,
    },
    /// It is off the card.
    Cleaned {
        /// The card.
        eid: String,
        /// The change that did it.
        journal: Option<i64>,
        /// What it left for servers, by the numbers in the outbox.
        letters: Vec<i64>,
        /// Servers want to be told of it.
        reports: bool,
    },
    /// What it left for servers came into the outbox only now.
    Posted {
        /// The card.
        eid: String,
        /// By the numbers in the outbox.
        letters: Vec<i64>,
    },
    /// A server has accepted the notification.
    Accepted {
        /// The card.
        eid: String,
        /// Its number in the outbox.
        letter: i64,
        /// The server.
        server: String,
        /// The card's number for it.
        seq: u64,
        /// SHA-256 of what the card has signed.
        sha256: String,
        /// When: UTC, RFC 3339.
        accepted: String,
    },
    /// The user has given the notification up.
    GivenUp {
        /// The card.
        eid: String,
        /// Its number in the outbox.
        letter: i64,
        /// The server; the address as the card has it if that names none.
        server: String,
        /// True if the address names no server.
        #[serde(default)]
        nameless: bool,
        /// True if the server may have received it: an attempt got through, or its answer was lost. Older versions did not
        /// record it, so that nothing is certain about theirs.
        #[serde(default = "yes")]
        tried: bool,
        /// The user's reason, if one was given.
        #[serde(default)]
        reason: Option<String>,
    },
    /// The notification names no server, so that nobody can be told.
    Nameless {
        /// The card.
        eid: String,
        /// The number of the notification in the outbox.
        letter: i64,
        /// The address as the card has it.
        address: String,
    },
    /// The profile left a card before the case was opened.
    Adopted(Adoption),
    /// The user said something of a device that esimctl cannot read.
    ByWord(Statement),
    /// The profile was not there when it was looked for.
    FoundGone {
        /// The card.
        eid: String,
        /// The change on record that explains it.
        journal: Option<i64>,
    },
    /// The card will not come back.
    WrittenOff {
        /// The card.
        eid: String,
        /// Why.
        reason: String,
    },
    /// What the system kept of the SIM.
    Traces {
        /// Removed.
        removed: Vec<String>,
        /// Left.
        kept: Vec<String>,
    },
    /// All is done.
    Completed,
    /// The user has changed their mind.
    Cancelled {
        /// Why.
        reason: String,
    },
    /// It goes on after all.
    Reopened {
        /// Why.
        reason: String,
    },
}

/// The default of a member that has to be true where it is not certain.
const fn yes() -> bool {
    true
}

impl Event {
    /// The step that it is about, if it is about one.
    #[must_use]
    pub const fn step(&self) -> Option<Step> {
        match self {
            Self::Recorded { step, .. }
            | Self::Skipped { step, .. }
            | Self::NotApplicable { step, .. }
            | Self::Corrected { step, .. } => Some(*step),
            Self::BackedUp { .. } => Some(Step::Backup),
            Self::DeviceAdded { .. }
            | Self::SeenAgain { .. }
            | Self::DeviceCorrected { .. }
            | Self::Cleaning { .. }
            | Self::NotCleaned { .. }
            | Self::Cleaned { .. }
            | Self::Posted { .. }
            | Self::Accepted { .. }
            | Self::GivenUp { .. }
            | Self::Nameless { .. }
            | Self::Adopted(_)
            | Self::ByWord(_)
            | Self::FoundGone { .. }
            | Self::WrittenOff { .. }
            | Self::Traces { .. } => Some(Step::Clean),
            Self::Started { .. } | Self::Completed | Self::Cancelled { .. } | Self::Reopened { .. } => None,
        }
    }
}

/// An event with its moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// When it was recorded: UTC, RFC 3339.
    pub at: String,
    /// What.
    pub event: Event,
}
