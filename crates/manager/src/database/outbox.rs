//! What cards have signed for servers: kept before it is delivered, and for good.

use rusqlite::{OptionalExtension, Row, Transaction, params};
use sgp22::id::{ServerAddress, ServerAddressError};

use super::{Database, now};
use crate::error::Error;

/// What became of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterState {
    /// No server has accepted it yet.
    Waiting,
    /// Its server has accepted it.
    Delivered,
    /// The user has given it up.
    Dropped,
}

impl LetterState {
    /// Its name, in the database and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dropped => "dropped",
        }
    }

    /// A state that this version does not know is left alone: nothing is sent twice for it.
    pub(super) fn of(name: &str) -> Self {
        match name {
            "waiting" => Self::Waiting,
            "dropped" => Self::Dropped,
            _ => Self::Delivered,
        }
    }
}

/// A notification in the outbox, without its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its number in the outbox.
    pub id: i64,
    /// The card that signed it.
    pub eid: String,
    /// How that card was reached.
    pub device: String,
    /// The card's number for it.
    pub seq: u64,
    /// What happened: install, enable, disable, delete, or a kind of v3.
    pub event: String,
    /// For whom it is, as the card has it.
    pub address: String,
    /// The host that is asked; `None` if the address names no server, so that nobody can be told.
    pub host: Option<String>,
    /// The profile.
    pub iccid: Option<String>,
    /// Since when it is here: UTC, RFC 3339.
    pub created: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried again by itself; `None`: with the next change.
    pub next_try: Option<String>,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// What became of it.
    pub state: LetterState,
    /// The card has it, too, as far as is known.
    pub on_card: bool,
    /// The change that it was born of.
    pub journal: Option<i64>,
    /// When it was delivered or dropped: UTC, RFC 3339.
    pub ended: Option<String>,
    /// The user's reason for giving it up, if one was given.
    pub reason: Option<String>,
}

impl Letter {
    /// The server's name for people: the host, or what stands in its place.
    #[must_use]
    pub fn server(&self) -> &str {
        self.host.as_deref().unwrap_or(&self.address)
    }

    /// The reason why the address names no server; `None` if it names one.
    #[must_use]
    pub fn address_error(&self) -> Option<ServerAddressError> {
        self.address.parse::<ServerAddress>().err()
    }

    /// True if it waits for nobody: it is not settled, and its address names no server.
    #[must_use]
    pub fn is_nameless(&self) -> bool {
        self.state == LetterState::Waiting && self.host.is_none()
    }
}

/// The host that is asked for an address; `None` if the address names no server.
pub(crate) fn server_host(address: &str) -> Option<String> {
    address.parse().ok().map(|address: ServerAddress| address.to_string())
}

/// A notification that is to be kept.
#[derive(Debug, Clone)]
pub(crate) struct NewNotification {
    pub(crate) eid: String,
    pub(crate) device: String,
    pub(crate) seq: u64,
    pub(crate) event: String,
    pub(crate) address: String,
    pub(crate) iccid: Option<String>,
    pub(crate) payload: Vec<u8>,
    pub(crate) journal: Option<i64>,
}

/// A card's number for SQLite; one beyond its range (no card counts that far) only loses its order.
fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

fn letter(row: &Row<'_>) -> rusqlite::Result<Letter> {
    let seq: i64 = row.get("seq")?;
    let state: String = row.get("state")?;
    let address: String = row.get("address")?;
    Ok(Letter {
        id: row.get("id")?,
        eid: row.get("eid")?,
        device: row.get("device")?,
        seq: u64::try_from(seq).unwrap_or_default(),
        event: row.get("event")?,
        // Judged anew: an older version may have made another host of it.
        host: server_host(&address),
        address,
        iccid: row.get("iccid")?,
        created: row.get("created")?,
        attempts: row.get("attempts")?,
        next_try: row.get("next_try")?,
        last_error: row.get("last_error")?,
        state: LetterState::of(&state),
        on_card: row.get("on_card")?,
        journal: row.get("journal")?,
        ended: row.get("ended")?,
        reason: row.get("reason")?,
    })
}

/// All columns but the payload, which can be long.
const COLUMNS: &str = "id, eid, device, seq, event, address, iccid, created, attempts, next_try, last_error, \
                       state, on_card, journal, ended";

/// Keeps one, or finds the same one again; gives its number, and whether it is new.
fn keep(transaction: &Transaction<'_>, new: &NewNotification) -> rusqlite::Result<(i64, bool)> {
    let NewNotification { eid, device, seq, event, address, iccid, payload, journal } = new;
    let host = server_host(address);
    let seq = number(*seq);
    let same = "UPDATE outbox SET on_card = 1 WHERE eid = ?1 AND seq = ?2 AND payload = ?3 RETURNING id";
    let known = transaction.query_row(same, params![eid, seq, payload], |row| row.get(0)).optional()?;
    if let Some(id) = known {
        return Ok((id, false));
    }
    transaction.execute(
        "INSERT INTO outbox (eid, device, seq, event, address, host, iccid, payload, created, on_card, journal) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, ?10)",
        params![eid, device, seq, event, address, host, iccid, payload, now(), journal],
    )?;
    Ok((transaction.last_insert_rowid(), true))
}

impl Database {
    /// Keeps notifications, all or none: before they are delivered, and while the card still has them. One that is here
    /// already is not kept twice. Gives their numbers, and for each whether it is new.
    pub(crate) fn keep(&self, new: &[NewNotification]) -> Result<Vec<(i64, bool)>, Error> {
        if new.is_empty() {
            return Ok(Vec::new());
        }
        self.changed(|transaction| new.iter().map(|one| keep(transaction, one)).collect())
    }

    /// What is in the outbox; `all` has what is settled, too. In the order in which it came.
    pub fn letters(&self, all: bool) -> Result<Vec<Letter>, Error> {
        if self.version < 2 {
            return Ok(Vec::new());
        }
        self.select(if all { "ORDER BY id" } else { "WHERE state = 'waiting' ORDER BY id" }, [])
    }

    /// One of them.
    pub fn letter(&self, id: i64) -> Result<Option<Letter>, Error> {
        Ok(self.select("WHERE id = ?1", [id])?.pop())
    }

    /// Those that a card has, too, as far as is known.
    pub(crate) fn letters_on_card(&self, eid: &str) -> Result<Vec<Letter>, Error> {
        self.select("WHERE on_card = 1 AND eid = ?1 ORDER BY id", [eid])
    }

    /// What a card has signed of the deletion of a profile since a moment.
    pub(crate) fn letters_of_deletion(&self, iccid: &str, eid: &str, since: &str) -> Result<Vec<Letter>, Error> {
        let which = "WHERE iccid = ?1 AND eid = ?2 AND created >= ?3 AND event LIKE '%delete%' ORDER BY id";
        self.select(which, params![iccid, eid, since])
    }

    /// What cards have signed about a profile, in the order in which it came here.
    pub(crate) fn letters_of_profile(&self, iccid: &str) -> Result<Vec<Letter>, Error> {
        self.select("WHERE iccid = ?1 ORDER BY id", [iccid])
    }

    /// What the card has signed, as it gave it.
    pub fn payload(&self, id: i64) -> Result<Vec<u8>, Error> {
        self.connection
            .query_row("SELECT payload FROM outbox WHERE id = ?1", [id], |row| row.get(0))
            .map_err(|error| self.refused(&error))
    }

    /// What a card has signed of installations, as far as it came here: also what is settled.
    pub(crate) fn installations(&self, eid: &str) -> Result<Vec<Vec<u8>>, Error> {
        let which = "SELECT payload FROM outbox WHERE eid = ?1 AND event LIKE '%install%' ORDER BY id DESC";
        self.rows(which, [eid], |row| row.get(0))
    }

    /// The card has these no more.
    pub(crate) fn off_card(&self, ids: &[i64]) -> Result<(), Error> {
        if ids.is_empty() {
            return Ok(());
        }
        self.changed(|transaction| {
            for id in ids {
                transaction.execute("UPDATE outbox SET on_card = 0 WHERE id = ?1", [id])?;
            }
            Ok(())
        })
    }

    fn select(&self, which: &str, params: impl rusqlite::Params) -> Result<Vec<Letter>, Error> {
        let reason = if self.version < 5 { "NULL AS reason" } else { "reason" };
        self.rows(&format!("SELECT {COLUMNS}, {reason} FROM outbox {which}"), params, letter)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::tests::sandbox;
    use super::*;

    pub(crate) fn new(seq: u64, payload: &[u8]) -> NewNotification {
        NewNotification {
            eid: "89".repeat(16),
            device: "virtual:x".into(),
            seq,
            event: "enable".into(),
            address: " A.Example ".into(),
            iccid: None,
            payload: payload.into(),
            journal: None,
        }
    }

    #[test]
    fn the_same_one_is_kept_once_and_a_card_may_count_anew() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        let first = database.keep(&[new(1, b"one"), new(2, b"two")]).unwrap();
        assert!(first.iter().all(|(_, is_new)| *is_new));
        let again = database.keep(&[new(1, b"one"), new(1, b"after a repair"), new(2, b"two")]).unwrap();
        assert_eq!(again.iter().map(|(_, is_new)| *is_new).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!((again[0].0, again[2].0), (first[0].0, first[1].0));
        assert_eq!(database.letters(false).unwrap().len(), 3);
        assert_eq!(database.payload(first[1].0).unwrap(), b"two");
    }

    #[test]
    fn what_is_settled_is_kept_for_good() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        let id = database.keep(&[new(1, b"one")]).unwrap()[0].0;
        database.give_up(&[id], Some("the operator is gone")).unwrap();
        let kept = database.letters(true).unwrap();
        assert_eq!((kept[0].state, kept[0].on_card), (LetterState::Dropped, true));
        assert_eq!(kept[0].reason.as_deref(), Some("the operator is gone"));
        database.off_card(&[id]).unwrap();
        assert!(database.letters_on_card(&kept[0].eid).unwrap().is_empty());
        assert_eq!(database.payload(id).unwrap(), b"one");
    }

    /// Rows as versions 2 to 4 wrote them for an address with a blank inside: another host, attempts, and the
    /// next attempt.
    #[test]
    fn what_an_older_version_made_of_an_address_is_judged_anew() {
        for version in 2..=4 {
            let (_directory, paths) = sandbox();
            paths.make_state().unwrap();
            let old = rusqlite::Connection::open(paths.database()).unwrap();
            super::super::STEPS[..version].iter().for_each(|step| old.execute_batch(step).unwrap());
            for (address, host) in [
                ("smdp example com", Some("smdpexamplecom")),
                ("smdp\texample.com", Some("smdpexample.com")),
                ("smdp\u{a0}example.com", Some("smdpexample.com")),
                ("", None),
                (" A.Example ", Some("a.example")),
                ("a.example:443", Some("a.example:443")),
            ] {
                let insert = "INSERT INTO outbox (eid, device, seq, event, address, host, payload, created, attempts, on_card) \
                              VALUES ('89', 'x', 1, 'enable', ?1, ?2, ?3, '2026-01-01T00:00:00Z', 3, 1)";
                old.execute(insert, params![address, host, address.as_bytes()]).unwrap();
            }
            old.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
            drop(old);
            let hosts = |database: &Database| {
                let letters = database.letters(false).unwrap();
                assert!(letters.iter().all(|letter| letter.is_nameless() == letter.address_error().is_some()));
                letters.into_iter().map(|letter| letter.host.unwrap_or_default()).collect::<Vec<_>>()
            };
            let expected = ["", "", "", "", "a.example", "a.example"];
            assert_eq!(hosts(&Database::peek(&paths).unwrap()), expected, "version {version} is read as it is");
            let database = Database::open(&paths).unwrap();
            assert_eq!(hosts(&database), expected, "version {version}");
            let claims: Vec<_> = (5..=6).map(|id| database.claim(id, jiff::Timestamp::now(), false).unwrap()).collect();
            assert_eq!(claims[1], super::super::Claim::Taken, "one server, written in two ways");
        }
    }

    #[test]
    fn all_are_kept_or_none() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        let dangling = NewNotification { journal: Some(99), ..new(2, b"two") };
        database.connection.pragma_update(None, "foreign_keys", true).unwrap();
        assert!(database.keep(&[new(1, b"one"), dangling]).is_err());
        assert!(database.letters(true).unwrap().is_empty());
    }
}
