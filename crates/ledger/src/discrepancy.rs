//! What must not be.

use std::fmt;

use crate::books::NotificationKey;
use crate::statement::{Goal, Verdict};

/// Two records that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discrepancy {
    /// A card has signed it, and it is neither on the card nor in the outbox.
    Lost(NotificationKey),
    /// The outbox holds what no card has signed.
    NotSigned(NotificationKey),
    /// Two rows of the outbox hold the same notification.
    QueuedTwice(NotificationKey),
    /// The outbox says that a server accepted it, and no server has received it.
    NotReceived(NotificationKey),
    /// The outbox says that the user gave it up, and the user did not.
    DroppedUnasked(NotificationKey),
    /// The card has removed it, and no server had accepted it, as far as the outbox knows.
    RemovedEarly(NotificationKey),
    /// The outbox says that the card holds it no more, and the card does.
    StillOnCard(NotificationKey),
    /// A server has received what is not genuine, or what no card has signed.
    Forged {
        /// The server.
        server: String,
        /// The number that it says.
        seq: u64,
    },
    /// A server has received it before it was in the outbox.
    PostedUnrecorded(NotificationKey),
    /// A notification was posted more often than the trail has attempts that reached a server.
    PostedBeyondTrail {
        /// The notification.
        key: NotificationKey,
        /// The number of posts.
        times: u64,
        /// The attempts on record that can have reached a server.
        attempts: u64,
    },
    /// A server has received it, though it names none: it went to a host that nobody named.
    PostedNameless(NotificationKey),
    /// The outbox says that it was accepted, and the trail has no attempt that was, or the other way round.
    OtherThanTrail(NotificationKey),
    /// The trail has another attempt after the one that was accepted.
    TriedAfterAcceptance(NotificationKey),
    /// More posts were repeated than answers were lost and processes killed.
    PostedAgain {
        /// The notifications, and how many posts of each brought no answer that was noted.
        keys: Vec<(NotificationKey, u64)>,
        /// The number of such posts that the faults of the bench explain.
        explained: u64,
    },
    /// A notification is not settled though everything was to be delivered.
    Unsettled(NotificationKey),
    /// A change is open though everything was to be found out.
    OpenEntry(i64),
    /// The user was told this, and the card contradicts it.
    FalseVerdict {
        /// The change.
        goal: Goal,
        /// The verdict that the user was told.
        verdict: Verdict,
        /// True if the card is as wanted.
        holds: bool,
    },
    /// The user was told this, and the journal contradicts it.
    OtherThanJournal {
        /// The change.
        goal: Goal,
        /// The verdict that the user was told.
        verdict: Verdict,
        /// The outcomes in the journal, of the entries that the command made.
        outcomes: Vec<Option<String>>,
    },
    /// The journal says this, and the card contradicts it.
    FalseEntry {
        /// The change.
        goal: Goal,
        /// The number of the entry.
        id: i64,
        /// The outcome in the journal.
        outcome: String,
        /// True if the card is as wanted.
        holds: bool,
    },
    /// The card was changed, and no entry of the journal says so.
    Unjournalled(Goal),
    /// `recover` told this of an entry, and the journal says something else.
    FalseFinding {
        /// The number of the entry.
        id: i64,
        /// The finding that the user was told.
        finding: String,
        /// The outcome in the journal; `None` if the entry is open or missing.
        outcome: Option<String>,
    },
}

impl fmt::Display for Discrepancy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let holds = |holds: &bool| if *holds { "the card is as wanted" } else { "the card is not as wanted" };
        match self {
            Self::Lost(key) => write!(f, "notification {key} is lost"),
            Self::NotSigned(key) => write!(f, "notification {key} is in the outbox, and no card has signed it"),
            Self::QueuedTwice(key) => write!(f, "notification {key} is in the outbox twice"),
            Self::NotReceived(key) => write!(f, "notification {key} is said to be accepted, and no server has it"),
            Self::DroppedUnasked(key) => write!(f, "notification {key} was given up without the user's word"),
            Self::RemovedEarly(key) => write!(f, "the card removed notification {key} before it was accepted"),
            Self::StillOnCard(key) => write!(f, "notification {key} is said to be off the card, and is not"),
            Self::Forged { server, seq } => write!(f, "{server} received a notification {seq} that no card signed"),
            Self::PostedUnrecorded(key) => write!(f, "notification {key} was posted, and is not in the outbox"),
            Self::PostedBeyondTrail { key, times, attempts } => {
                write!(f, "notification {key} was posted {times} times, and the trail has {attempts} attempts for that")
            }
            Self::PostedNameless(key) => write!(f, "notification {key} names no server, and one has received it"),
            Self::OtherThanTrail(key) => write!(f, "the row of notification {key} and its trail contradict each other"),
            Self::TriedAfterAcceptance(key) => write!(f, "notification {key} was tried again after it was accepted"),
            Self::PostedAgain { keys, explained } => {
                let keys: Vec<String> = keys.iter().map(|(key, posts)| format!("{key} ({posts})")).collect();
                write!(f, "posts without an answer that was noted: {}; faults explain {explained}", keys.join(", "))
            }
            Self::Unsettled(key) => write!(f, "notification {key} is not settled in the end"),
            Self::OpenEntry(id) => write!(f, "entry {id} of the journal is open in the end"),
            Self::FalseVerdict { goal, verdict, holds: now } => {
                write!(f, "told {verdict:?} of {goal}, and {}", holds(now))
            }
            Self::OtherThanJournal { goal, verdict, outcomes } => {
                write!(f, "told {verdict:?} of {goal}, and the journal says {outcomes:?}")
            }
            Self::FalseEntry { goal, id, outcome, holds: now } => {
                write!(f, "entry {id} of the journal says {outcome} of {goal}, and {}", holds(now))
            }
            Self::Unjournalled(goal) => write!(f, "the card was changed ({goal}), and the journal has no entry"),
            Self::FalseFinding { id, finding, outcome } => {
                write!(f, "recover told {finding} of entry {id}, and the journal says {outcome:?}")
            }
        }
    }
}
