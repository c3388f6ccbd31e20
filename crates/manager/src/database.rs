//! The database in the state directory: the journal of changes, and what was learnt about devices.
//!
//! SQLite with a write-ahead log: after a crash there is what was committed, nothing else. Reading commands work without
//! it; a command that changes a card does nothing until it has been recorded here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use crate::error::{Error, Id};
use crate::paths::Paths;

/// The version of the format, in SQLite's `user_version`.
const VERSION: i64 = 1;

const SCHEMA: &str = "
    -- Every change of a card: written before the first command goes out, closed when the card has been read again.
    CREATE TABLE journal (
        id       INTEGER PRIMARY KEY,
        started  TEXT NOT NULL,          -- UTC, RFC 3339
        command  TEXT NOT NULL,          -- enable, disable, delete, ...
        device   TEXT NOT NULL,          -- how the card was reached
        eid      TEXT NOT NULL,
        iccid    TEXT,                   -- the profile, if it is about one
        plan     TEXT NOT NULL,          -- what was to be done, JSON, without secrets
        finished TEXT,                   -- NULL: begun and never heard of again
        outcome  TEXT,                   -- done, not_done, unknown
        detail   TEXT                    -- why, for all but done
    ) STRICT;
    CREATE INDEX journal_unfinished ON journal (id) WHERE outcome IS NULL OR outcome = 'unknown';

    -- What was found out about a device, so that it is not found out again.
    CREATE TABLE device_fact (
        device  TEXT NOT NULL,
        name    TEXT NOT NULL,
        value   TEXT NOT NULL,
        learned TEXT NOT NULL,
        PRIMARY KEY (device, name)
    ) STRICT, WITHOUT ROWID;
";

/// The open database.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    path: PathBuf,
}

/// How a change ended, in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The card proves it.
    Done,
    /// The card proves that nothing has changed.
    NotDone,
    /// The card could not be read afterwards.
    Unknown,
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotDone => "not_done",
            Self::Unknown => "unknown",
        }
    }
}

/// A change that is about to be made.
#[derive(Debug, Clone)]
pub struct NewEntry<'a> {
    /// What kind of change.
    pub command: &'a str,
    /// How the card is reached.
    pub device: &'a str,
    /// The card.
    pub eid: String,
    /// The profile, if it is about one.
    pub iccid: Option<String>,
    /// What is to be done, without secrets.
    pub plan: serde_json::Value,
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub id: i64,
    /// What kind of change.
    pub command: String,
    /// The profile, if it is about one.
    pub iccid: Option<String>,
    /// How it ended; `None` if it was begun and never heard of again.
    pub outcome: Option<String>,
}

impl Database {
    /// Opens the database for writing, made if there is none.
    pub fn open(paths: &Paths) -> Result<Self, Error> {
        paths.make_state()?;
        let path = paths.database();
        let connection = Connection::open(&path).map_err(|error| refused(&path, &error))?;
        let mut database = Self { connection, path };
        database.prepare().map_err(|error| refused(&database.path, &error))?;
        database.migrate()?;
        Ok(database)
    }

    /// Opens the database for reading; `None` if there is none, or none that this version can read.
    #[must_use]
    pub fn peek(paths: &Paths) -> Option<Self> {
        let path = paths.database();
        if !path.exists() {
            return None;
        }
        let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        let database = Self { connection, path };
        (database.version().ok()? == VERSION).then_some(database)
    }

    fn prepare(&self) -> rusqlite::Result<()> {
        self.connection.busy_timeout(Duration::from_secs(5))?;
        self.connection.pragma_update(None, "journal_mode", "WAL")?;
        // The journal must be on the disk before a card is touched.
        self.connection.pragma_update(None, "synchronous", "FULL")
    }

    fn version(&self) -> rusqlite::Result<i64> {
        self.connection.pragma_query_value(None, "user_version", |row| row.get(0))
    }

    fn migrate(&mut self) -> Result<(), Error> {
        let refuse = |path: &Path| {
            let path = path.to_owned();
            move |error: rusqlite::Error| refused(&path, &error)
        };
        let refuse = refuse(&self.path);
        match self.version().map_err(&refuse)? {
            VERSION => Ok(()),
            0 => {
                let transaction = self
                    .connection
                    .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
                    .map_err(&refuse)?;
                // Another process may have been quicker.
                let version: i64 =
                    transaction.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(&refuse)?;
                if version == 0 {
                    transaction.execute_batch(SCHEMA).map_err(&refuse)?;
                    transaction.pragma_update(None, "user_version", VERSION).map_err(&refuse)?;
                }
                transaction.commit().map_err(&refuse)
            }
            newer => Err(Error::new(Id::StateNewer).with("path", self.path.display()).with("version", newer)),
        }
    }

    /// Records a change before it is made; gives its number.
    pub fn begin(&self, entry: &NewEntry<'_>) -> Result<i64, Error> {
        let NewEntry { command, device, eid, iccid, plan } = entry;
        self.connection
            .execute(
                "INSERT INTO journal (started, command, device, eid, iccid, plan) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![now(), command, device, eid, iccid, plan.to_string()],
            )
            .map_err(|error| refused(&self.path, &error))?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Records how a change ended.
    pub fn finish(&self, id: i64, outcome: Outcome, detail: Option<&str>) -> Result<(), Error> {
        self.connection
            .execute(
                "UPDATE journal SET finished = ?2, outcome = ?3, detail = ?4 WHERE id = ?1",
                params![id, now(), outcome.name(), detail],
            )
            .map(drop)
            .map_err(|error| refused(&self.path, &error))
    }

    /// The journal, newest entry first.
    pub fn journal(&self, most: u32) -> Result<Vec<Entry>, Error> {
        let read = || {
            let mut statement =
                self.connection.prepare("SELECT id, command, iccid, outcome FROM journal ORDER BY id DESC LIMIT ?1")?;
            let rows = statement.query_map([most], |row| {
                Ok(Entry { id: row.get(0)?, command: row.get(1)?, iccid: row.get(2)?, outcome: row.get(3)? })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|error| refused(&self.path, &error))
    }

    /// Something that was found out about a device.
    pub fn fact(&self, device: &str, name: &str) -> Result<Option<String>, Error> {
        self.connection
            .query_row("SELECT value FROM device_fact WHERE device = ?1 AND name = ?2", [device, name], |row| {
                row.get(0)
            })
            .optional()
            .map_err(|error| refused(&self.path, &error))
    }

    /// Remembers something about a device.
    pub fn learn(&self, device: &str, name: &str, value: &str) -> Result<(), Error> {
        self.connection
            .execute(
                "INSERT OR REPLACE INTO device_fact (device, name, value, learned) VALUES (?1, ?2, ?3, ?4)",
                params![device, name, value, now()],
            )
            .map(drop)
            .map_err(|error| refused(&self.path, &error))
    }
}

fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn refused(path: &Path, error: &rusqlite::Error) -> Error {
    use rusqlite::ErrorCode as Code;
    let id = match error.sqlite_error_code() {
        Some(Code::NotADatabase | Code::DatabaseCorrupt) => Id::StateDamaged,
        Some(Code::DiskFull) => Id::StateFull,
        _ => Id::StateDirectory,
    };
    Error::new(id).with("path", path.display()).cause(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sandbox() -> (tempfile::TempDir, Paths) {
        let directory = tempfile::tempdir().unwrap();
        let paths = Paths::new(Some(directory.path().join("state"))).unwrap();
        (directory, paths)
    }

    fn entry() -> NewEntry<'static> {
        NewEntry {
            command: "delete",
            device: "virtual:x",
            eid: "89".repeat(16),
            iccid: Some("8999".into()),
            plan: serde_json::json!({}),
        }
    }

    #[test]
    fn a_change_is_there_before_it_is_finished_and_after() {
        let (_directory, paths) = sandbox();
        let id = Database::open(&paths).unwrap().begin(&entry()).unwrap();
        let database = Database::open(&paths).unwrap();
        assert_eq!(database.journal(9).unwrap()[0].outcome, None, "begun and never heard of again");
        database.finish(id, Outcome::Unknown, Some("unplugged")).unwrap();
        assert_eq!(database.journal(9).unwrap()[0].outcome.as_deref(), Some("unknown"));
    }

    #[test]
    fn facts_are_remembered_and_replaced() {
        let (_directory, paths) = sandbox();
        assert!(Database::peek(&paths).is_none());
        Database::open(&paths).unwrap().learn("pcsc:x", "block", "120").unwrap();
        Database::open(&paths).unwrap().learn("pcsc:x", "block", "60").unwrap();
        let database = Database::peek(&paths).unwrap();
        assert_eq!(database.fact("pcsc:x", "block").unwrap().as_deref(), Some("60"));
        assert_eq!(database.fact("pcsc:y", "block").unwrap(), None);
    }

    #[test]
    fn a_newer_or_damaged_database_is_left_alone() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        database.connection.pragma_update(None, "user_version", 99).unwrap();
        drop(database);
        assert_eq!(Database::open(&paths).unwrap_err().id, Id::StateNewer);
        assert!(Database::peek(&paths).is_none());
        std::fs::write(paths.database(), "this is no database, whatever its name says it is").unwrap();
        for suffix in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(paths.state().join(format!("esimctl.db{suffix}")));
        }
        assert_eq!(Database::open(&paths).unwrap_err().id, Id::StateDamaged);
    }

    #[test]
    fn a_full_disk_is_told_before_anything_is_done() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        let pages: i64 = database.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        database.connection.pragma_update(None, "max_page_count", pages).unwrap();
        let error = (0..10_000).find_map(|_| database.begin(&entry()).err()).unwrap();
        assert_eq!(error.id, Id::StateFull);
    }
}
