//! The database in the state directory: the journal of changes, the outbox, and what was learnt about devices.
//!
//! SQLite with a write-ahead log: after a crash there is what was committed, nothing else. Reading commands work without
//! it; a command that changes a card does nothing until it has been recorded here.

mod cases;
mod claims;
mod facts;
mod inventory;
mod journal;
mod opening;
mod outbox;
mod remains;
mod rollback;
mod schema;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, Params, Row, Transaction, TransactionBehavior};

pub use claims::{AttemptOutcome, DeliveryAttempt};
pub(crate) use claims::{CLAIM_LEASE, Claim};
pub(crate) use inventory::{CardQueue, Described, ProfileSighting, Sighting};
pub use inventory::{SeenCard, SeenProfile};
pub use journal::{Entry, NewEntry, Outcome, Step};
use opening::{choose_journal, connect_for_reading};
pub use outbox::{Letter, LetterState};
pub(crate) use outbox::{NewNotification, server_host};
pub(crate) use rollback::{Keeping, NewRollback};
pub use rollback::{PendingRollback, RollbackEnd};
use schema::{STEPS, VERSION};

use crate::error::{Error, Id};
use crate::paths::Paths;
use crate::state::filesystem::FileSystem;

/// How long another process that writes is waited for.
const WRITER_WAIT: Duration = Duration::from_secs(5);

/// How long another process that makes the database, or brings it to today's format, is waited for at least: on a slow
/// disk, with many that begin at once, that takes longer than a change.
const CREATION_WAIT: Duration = Duration::from_secs(30);

/// How often the conversion to a write-ahead log is tried again.
const CONVERSION_INTERVAL: Duration = Duration::from_millis(20);

/// The open database.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    path: PathBuf,
    version: i64,
    /// It was opened for reading, since it cannot be written or need not be.
    read_only: bool,
}

impl Database {
    /// Opens the database for writing, made if there is none.
    pub fn open(paths: &Paths) -> Result<Self, Error> {
        Self::open_patiently(paths, WRITER_WAIT)
    }

    /// The same, waiting so long for another process that writes.
    pub(crate) fn open_patiently(paths: &Paths, patience: Duration) -> Result<Self, Error> {
        paths.make_state()?;
        let path = paths.database();
        if private_files::make_database(&path).map_err(|error| unusable(&path, error))? {
            paths.settle_new_database();
        }
        let connection = Connection::open(&path).map_err(|error| refused(&path, &error))?;
        let mut database = Self { connection, path, version: VERSION, read_only: false };
        database.prepare().map_err(|error| database.refused(&error))?;
        database.migrate()?;
        database.connection.busy_timeout(patience).map_err(|error| database.refused(&error))?;
        Ok(database)
    }

    /// Like [`Database::open`], but `None` if there is none yet. Where the disk or the directory is read-only, it is opened
    /// for reading: then whatever changes it fails.
    ///
    /// # Errors
    /// As for [`Database::open`].
    pub fn open_existing(paths: &Paths) -> Result<Option<Self>, Error> {
        let path = paths.database();
        if !path.exists() {
            return Ok(None);
        }
        match Self::open(paths) {
            Err(error) if error.id == Id::StateReadOnly => Self::read(path, error).map(Some),
            opened => opened.map(Some),
        }
    }

    /// Opens a database that cannot be written. One of an older version is `refused`: it would have to be changed first.
    fn read(path: PathBuf, refused: Error) -> Result<Self, Error> {
        let connection = connect_for_reading(&path).map_err(|error| self::refused(&path, &error))?;
        let version = version(&connection).map_err(|error| self::refused(&path, &error))?;
        if version == VERSION { Ok(Self { connection, path, version, read_only: true }) } else { Err(refused) }
    }

    /// True if the disk or the directory is read-only, so that nothing can be recorded.
    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Opens the database for reading; `None` if there is none, or none that this version can read.
    #[must_use]
    pub fn peek(paths: &Paths) -> Option<Self> {
        let path = paths.database();
        if !path.exists() {
            return None;
        }
        let connection = connect_for_reading(&path).ok()?;
        let version = version(&connection).ok().filter(|version| (1..=VERSION).contains(version))?;
        Some(Self { connection, path, version, read_only: true })
    }

    /// Its format is today's, also where it is only looked at.
    pub(crate) fn is_current(&self) -> bool {
        self.version == VERSION
    }

    fn prepare(&self) -> rusqlite::Result<()> {
        self.connection.busy_timeout(CREATION_WAIT)?;
        choose_journal(&self.connection, FileSystem::of(&self.path))?;
        // The journal must be on the disk before a card is touched.
        self.connection.pragma_update(None, "synchronous", "FULL")
    }

    /// Brings the format up to date, all steps or none.
    fn migrate(&mut self) -> Result<(), Error> {
        let found = version(&self.connection).map_err(|error| self.refused(&error))?;
        if found == VERSION {
            return Ok(());
        }
        let is_old = (1..VERSION).contains(&found);
        if is_old {
            remains::clear(&self.connection);
        }
        let done = self.changed(|transaction| {
            // Another process may have been quicker.
            let version = version(transaction)?;
            let past = usize::try_from(version).unwrap_or(STEPS.len());
            if version > VERSION {
                return Ok(Some(version));
            }
            for step in STEPS.iter().skip(past) {
                transaction.execute_batch(step)?;
            }
            transaction.pragma_update(None, "user_version", VERSION)?;
            Ok(None)
        })?;
        if is_old {
            remains::drop_log(&self.connection);
        }
        match done {
            None => Ok(()),
            Some(newer) => Err(Error::new(Id::StateNewer).with("path", self.path.display()).with("version", newer)),
        }
    }

    /// Writes in one transaction: all of it or nothing.
    fn changed<T>(&self, write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T, Error> {
        let work = || {
            let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
            let result = write(&transaction)?;
            transaction.commit()?;
            Ok(result)
        };
        work().map_err(|error| self.refused(&error))
    }

    /// All rows of a query.
    fn rows<T>(
        &self,
        query: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Error> {
        let work = || self.connection.prepare(query)?.query_map(params, read)?.collect::<rusqlite::Result<_>>();
        work().map_err(|error| self.refused(&error))
    }

    fn refused(&self, error: &rusqlite::Error) -> Error {
        refused(&self.path, error)
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// A moment as the database has it; the order of the texts is that of the moments.
fn text(moment: jiff::Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn now() -> String {
    text(jiff::Timestamp::now())
}

/// The error for a file of the database that the system does not give.
fn unusable(path: &Path, error: std::io::Error) -> Error {
    let id = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Id::StateFull,
        std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => Id::StateReadOnly,
        _ => Id::StateDirectory,
    };
    Error::new(id).with("path", path.display()).cause(error)
}

/// True if the database or a file beside it cannot be written.
fn is_read_only(path: &Path) -> bool {
    use rustix::fs::Access;
    let closed = |path: &Path, wanted| rustix::fs::access(path, wanted).is_err();
    let directory = path.parent().unwrap_or(path);
    closed(directory, Access::WRITE_OK | Access::EXEC_OK) || (path.exists() && closed(path, Access::WRITE_OK))
}

fn refused(path: &Path, error: &rusqlite::Error) -> Error {
    use rusqlite::ErrorCode as Code;
    let id = match error.sqlite_error_code() {
        Some(Code::NotADatabase | Code::DatabaseCorrupt) => Id::StateDamaged,
        Some(Code::DiskFull) => Id::StateFull,
        // What SQLite calls the failure depends on which of its files it could not make.
        Some(Code::CannotOpen | Code::SystemIoFailure | Code::ReadOnly | Code::PermissionDenied)
            if is_read_only(path) =>
        {
            Id::StateReadOnly
        }
        Some(Code::CannotOpen | Code::SystemIoFailure) if FileSystem::is_full(path) => Id::StateFull,
        _ => Id::StateDirectory,
    };
    Error::new(id).with("path", path.display()).cause(error)
}

#[cfg(test)]
pub(crate) mod tests {
    pub(crate) use super::journal::tests::entry as running_entry;
    use super::*;

    pub(crate) fn sandbox() -> (tempfile::TempDir, Paths) {
        let directory = tempfile::tempdir().unwrap();
        let paths = Paths::new(Some(directory.path().join("state"))).unwrap();
        (directory, paths)
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
    fn a_database_of_an_older_version_goes_on_with_all_that_is_in_it() {
        for number in 1..STEPS.len() {
            let (_directory, paths) = sandbox();
            paths.make_state().unwrap();
            let old = Connection::open(paths.database()).unwrap();
            STEPS[..number].iter().for_each(|step| old.execute_batch(step).unwrap());
            old.execute_batch(
                "INSERT INTO journal (started, command, device, eid, plan) VALUES ('2026-01-01T00:00:00Z', 'enable', 'virtual:x', '89', '{}');
                 INSERT INTO device_fact VALUES ('pcsc:x', 'block', '120', '2026-01-01T00:00:00Z');
                 INSERT INTO device_fact VALUES ('at:/dev/ttyUSB2', 'apdu_form', 'csim', '2026-01-01T00:00:00Z');
                 INSERT INTO device_fact VALUES ('mbim:/dev/cdc-wdm0|2cb7:0007', 'slot', '2', '2026-01-01T00:00:00Z');",
            )
            .unwrap();
            if number > 1 {
                old.execute_batch(
                    "INSERT INTO outbox (eid, device, seq, event, address, host, payload, created, attempts, on_card, state)
                        VALUES ('89', 'x', 1, 'enable', 'a.example', 'a.example', x'01', '2026-01-01T00:00:00Z', 0, 1, 'waiting'),
                               ('89', 'x', 2, 'enable', 'a.example', 'a.example', x'02', '2026-01-01T00:00:00Z', 1, 0, 'dropped')",
                )
                .unwrap();
            }
            old.pragma_update(None, "user_version", i64::try_from(number).unwrap()).unwrap();
            drop(old);
            let peeked = Database::peek(&paths).unwrap();
            assert_eq!(peeked.unfinished().unwrap().len(), 1, "version {number} is read as it is");
            assert_eq!(peeked.fact("pcsc:x", "block").unwrap().as_deref(), Some("120"));
            assert!(peeked.downloads_by_code("x").unwrap().is_empty());
            drop(peeked);
            let database = Database::open(&paths).unwrap();
            assert_eq!(version(&database.connection).unwrap(), VERSION);
            let unfinished = database.unfinished().unwrap();
            assert_eq!((unfinished.len(), unfinished[0].command.as_str()), (1, "enable"));
            assert_eq!(database.fact("pcsc:x", "block").unwrap().as_deref(), Some("120"));
            assert_eq!(database.all_facts().unwrap().len(), 1, "a modem's may be about another one by now");
            let letters = database.letters(true).unwrap();
            let states: Vec<LetterState> = letters.iter().map(|letter| letter.state).collect();
            let expected = [LetterState::Waiting, LetterState::Dropped];
            assert_eq!(states, if number > 1 { &expected[..] } else { &[] }, "version {number}");
            assert!(letters.iter().all(|letter| letter.reason.is_none()), "older versions asked for no reason");
            assert!(database.downloads_by_code("x").unwrap().is_empty(), "older downloads have no fingerprint");
            let queue = database.waiting_on_cards(&["89".into()]).unwrap();
            assert_eq!(queue, CardQueue::default(), "no card has been asked for notifications without a server");
            database.begin_with_code(&journal::tests::entry(), Some("x")).unwrap();
            assert_eq!(database.downloads_by_code("x").unwrap().len(), 1);
            drop(database);
            assert!(Database::open(&paths).is_ok() && Database::peek(&paths).is_some(), "once is enough");
        }
    }

    /// Sixteen at once, each with a connection of its own, while others look: what processes do that start side by side.
    fn open_side_by_side(paths: &Paths) {
        std::thread::scope(|scope| {
            let open = || {
                let database = Database::open(paths).unwrap();
                let id = database.begin(&journal::tests::entry()).unwrap();
                database.finish(id, Outcome::Done, None).unwrap();
            };
            let look = || {
                if let Some(database) = Database::peek(paths) {
                    database.unfinished().unwrap();
                }
            };
            let threads: Vec<_> =
                (0..16).map(|n| if n % 4 == 3 { scope.spawn(look) } else { scope.spawn(open) }).collect();
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        });
        assert_eq!(Database::open(paths).unwrap().journal(99).unwrap().len(), 12);
    }

    #[test]
    fn many_make_the_database_at_once() {
        for _ in 0..20 {
            let (_directory, paths) = sandbox();
            open_side_by_side(&paths);
        }
    }

    /// SQLite itself does not wait here.
    #[test]
    fn whoever_is_at_a_new_database_is_waited_for() {
        let (_directory, paths) = sandbox();
        paths.make_state().unwrap();
        let other = Connection::open(paths.database()).unwrap();
        other.execute_batch("CREATE TABLE something (id INTEGER); BEGIN IMMEDIATE").unwrap();
        let later = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            other.execute_batch("COMMIT").unwrap();
        });
        let database = Database::open(&paths).unwrap();
        let mode: String = database.connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        later.join().unwrap();
    }

    #[test]
    fn many_bring_an_older_database_to_todays_format_at_once() {
        for old in 1..STEPS.len() {
            let (_directory, paths) = sandbox();
            paths.make_state().unwrap();
            let connection = Connection::open(paths.database()).unwrap();
            STEPS[..old].iter().for_each(|step| connection.execute_batch(step).unwrap());
            connection.pragma_update(None, "user_version", i64::try_from(old).unwrap()).unwrap();
            drop(connection);
            open_side_by_side(&paths);
        }
    }

    #[test]
    fn a_full_disk_is_told_before_anything_is_done() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        let pages: i64 = database.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        database.connection.pragma_update(None, "max_page_count", pages).unwrap();
        let error = (0..10_000).find_map(|_| database.begin(&journal::tests::entry()).err()).unwrap();
        assert_eq!(error.id, Id::StateFull);
    }
}
