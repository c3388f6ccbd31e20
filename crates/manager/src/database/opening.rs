//! Opening the file: for reading where it cannot be written, and with another journal where a write-ahead log does not
//! work.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{CONVERSION_INTERVAL, CREATION_WAIT, is_busy, version};
use crate::state::filesystem::FileSystem;

/// Opens a database for reading. The disk may be read-only.
///
/// # Errors
/// Whatever SQLite says.
pub(super) fn connect_for_reading(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    match version(&connection) {
        Ok(_) => Ok(connection),
        // SQLite cannot make the index of the log. If the log has nothing that is not in the database, it needs none.
        Err(error) if cannot_index(&error) && !has_log(path) => connect_unchanging(path),
        Err(error) => Err(error),
    }
}

fn cannot_index(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure))
}

fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(Path::new(&log)).is_ok_and(|log| log.len() > 0)
}

/// Opens a file that nobody can change: without locks and without a log.
fn connect_unchanging(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags)
}

/// Has SQLite keep the journal that works on the disk: a write-ahead log, or on the disk of another machine, which has no
/// shared memory, a rollback journal.
///
/// # Errors
/// Whatever SQLite says.
pub(super) fn choose_journal(connection: &Connection, disk: FileSystem) -> rusqlite::Result<()> {
    match disk {
        FileSystem::Remote(_) => patiently(|| use_rollback_journal(connection)),
        FileSystem::Local | FileSystem::Memory => patiently(|| connection.pragma_update(None, "journal_mode", "WAL")),
    }
}

/// The locking mode "exclusive" has SQLite read an existing write-ahead log without shared memory.
fn use_rollback_journal(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    let changed = connection.pragma_update(None, "journal_mode", "DELETE");
    connection.pragma_update(None, "locking_mode", "NORMAL")?;
    // The lock is given back at the next look.
    changed.and_then(|()| version(connection).map(drop))
}

/// Converting needs the file for one process alone, for which SQLite does not wait (two that convert at once would wait
/// for each other): so it is tried again until one has done it. In a database that is as it should be, nothing is
/// converted.
fn patiently(convert: impl Fn() -> rusqlite::Result<()>) -> rusqlite::Result<()> {
    let start = Instant::now();
    loop {
        match convert() {
            Err(error) if is_busy(&error) && start.elapsed() < CREATION_WAIT => {
                // Processes that began at once shall not go on in step.
                let aside = Duration::from_millis(u64::from(std::process::id() % 16));
                std::thread::sleep(CONVERSION_INTERVAL + aside);
            }
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Database;
    use super::super::tests::{running_entry, sandbox};
    use super::*;

    fn journal_mode(connection: &Connection) -> String {
        connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap()
    }

    /// A state directory that was moved to the disk of another machine, and one that was made there.
    #[test]
    fn on_another_machines_disk_the_journal_needs_no_shared_memory() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        database.begin(&running_entry()).unwrap();
        assert_eq!(journal_mode(&database.connection), "wal");
        drop(database);
        let connection = Connection::open(paths.database()).unwrap();
        choose_journal(&connection, FileSystem::Remote("NFS")).unwrap();
        assert_eq!(journal_mode(&connection), "delete");
        let other = Connection::open(paths.database()).unwrap();
        choose_journal(&other, FileSystem::Remote("NFS")).unwrap();
        let write = |connection: &Connection| connection.execute("UPDATE journal SET command = 'x'", []);
        assert_eq!(
            (write(&connection).unwrap(), write(&other).unwrap()),
            (1, 1),
            "both may write, one after the other"
        );
        drop((connection, other));
        let local = Database::open(&paths).unwrap();
        assert_eq!((journal_mode(&local.connection).as_str(), local.unfinished().unwrap().len()), ("wal", 1));
    }

    #[test]
    fn a_path_with_odd_characters_is_read_where_nothing_can_be_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("50%25 ?a#b");
        Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 3").unwrap();
        assert_eq!(version(&connect_unchanging(&path).unwrap()).unwrap(), 3);
    }
}
