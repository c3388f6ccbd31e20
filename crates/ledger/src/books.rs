//! The records of card, server and program, as plain data.

use std::collections::{BTreeMap, BTreeSet};

pub use manager::outbox::AttemptOutcome;

/// The identity of a notification: the card, its number, and the signed object.
///
/// The number alone is none: a card that was repaired may count from the beginning again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotificationKey {
    /// The EID of the card that signed it.
    pub eid: String,
    /// The card's number for it.
    pub seq: u64,
    /// SHA-256 of the signed object, in lower-case hexadecimal.
    pub sha256: String,
}

impl std::fmt::Display for NotificationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of card {}", self.seq, self.eid)
    }
}

/// A profile on a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileLine {
    /// The ICCID, in digits.
    pub iccid: String,
    /// True while it is enabled.
    pub enabled: bool,
    /// The user's name for it; empty if there is none.
    pub nickname: String,
}

/// The record that a card keeps of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardBook {
    /// The profiles, in the order of their installation.
    pub profiles: Vec<ProfileLine>,
    /// Every notification that was ever signed, also those that were removed since.
    pub signed: BTreeSet<NotificationKey>,
    /// The notifications that wait on the card.
    pub waiting: BTreeSet<NotificationKey>,
}

/// A notification in the records of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The directory in which the server keeps its records.
    pub server: String,
    /// SHA-256 of the object that came, in lower-case hexadecimal.
    pub sha256: String,
    /// The number that it says.
    pub seq: u64,
    /// True if the server believes the signature.
    pub is_genuine: bool,
    /// The number of times that it came.
    pub times: u64,
}

/// The state of a row of the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowState {
    /// Has a server, which has not accepted it as far as the program knows.
    Waiting,
    /// Names no server: it cannot be sent, and stays until the user gives it up.
    Nameless,
    /// The program knows that its server has accepted it.
    Delivered,
    /// The user has given it up.
    Dropped,
}

/// A row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedNotification {
    /// The number of the row.
    pub id: i64,
    /// The notification.
    pub key: NotificationKey,
    /// The state.
    pub state: RowState,
    /// The outcomes of the attempts to deliver it, in order; `None` for one that has not ended.
    pub trail: Vec<Option<AttemptOutcome>>,
    /// True if the program takes it to be on the card, too.
    pub is_on_card: bool,
    /// True if its address names a server.
    pub names_server: bool,
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// The number of the entry.
    pub id: i64,
    /// The kind of change.
    pub command: String,
    /// The EID of the card.
    pub eid: String,
    /// The ICCID of the profile, if it is about one.
    pub iccid: Option<String>,
    /// The outcome: `done`, `not_done`, `unknown`, `closed`; `None` while it is open.
    pub outcome: Option<String>,
}

impl JournalLine {
    /// True while nobody knows how the change ended.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.outcome.as_deref(), None | Some("unknown"))
    }
}

/// All records at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Books {
    /// The records of the cards, by EID.
    pub cards: BTreeMap<String, CardBook>,
    /// The records of the servers.
    pub posted: Vec<Posted>,
    /// The outbox, with what is settled.
    pub outbox: Vec<QueuedNotification>,
    /// The journal, oldest entry first.
    pub journal: Vec<JournalLine>,
}

impl Books {
    /// The number of the newest entry of the journal; 0 if there is none.
    #[must_use]
    pub fn last_entry(&self) -> i64 {
        self.journal.last().map_or(0, |line| line.id)
    }

    /// The record of a card; an empty one if there is no such card.
    #[must_use]
    pub fn card(&self, eid: &str) -> CardBook {
        self.cards.get(eid).cloned().unwrap_or_default()
    }

    /// Every notification that any card has signed.
    pub fn signed(&self) -> impl Iterator<Item = &NotificationKey> {
        self.cards.values().flat_map(|card| &card.signed)
    }

    /// True while a card holds this notification.
    #[must_use]
    pub fn is_on_a_card(&self, key: &NotificationKey) -> bool {
        self.cards.get(&key.eid).is_some_and(|card| card.waiting.contains(key))
    }

    /// True while a card holds a notification that was not fetched into the outbox.
    #[must_use]
    pub fn is_owed(&self, eid: &str) -> bool {
        let is_queued = |key: &NotificationKey| self.outbox.iter().any(|row| row.key == *key);
        self.cards.get(eid).is_some_and(|card| !card.waiting.iter().all(is_queued))
    }

    /// Counts how often servers received this notification.
    #[must_use]
    pub fn times_posted(&self, key: &NotificationKey) -> u64 {
        self.posted.iter().filter(|posted| posted.sha256 == key.sha256).map(|posted| posted.times).sum()
    }
}
