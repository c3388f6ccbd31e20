//! One user of a card at a time, across processes and state directories.
//!
//! A reader's lock is a file that everybody can find, since sandboxes with state directories of their own share
//! readers: in `/run/lock/esimctl`, or where that cannot be written in the user's runtime directory. A virtual card's
//! lock lies beside the card. The kernel drops a lock with its process, so none is ever stale; the file says who holds it.

// Without any kind of reader there are virtual cards alone, and nothing that users share.
#![cfg_attr(not(feature = "pcsc"), allow(dead_code))]

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use private_files::{LockAccess, open_lock};
use serde::{Deserialize, Serialize};

use crate::error::{Details, Error, Id};

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// The command, without its arguments: those may hold codes.
    pub command: String,
    /// Since when, in local time.
    pub since: String,
}

impl Holder {
    fn this_process(command: &str) -> Self {
        let now = jiff::Zoned::now();
        Self { pid: std::process::id(), command: command.into(), since: now.strftime("%Y-%m-%d %H:%M:%S").to_string() }
    }
}

/// How a lock is wanted.
pub(crate) struct Wish<'a> {
    /// What others are told that holds it.
    pub(crate) command: &'a str,
    /// How long another process is waited for.
    pub(crate) wait: Duration,
    /// Ends the wait.
    pub(crate) interrupt: &'a dyn lpa::Interrupt,
}

/// A lock that is held as long as this lives.
#[derive(Debug)]
pub(crate) struct Lock {
    /// `None` on a read-only disk without a lock file: nobody can change what it would guard.
    _file: Option<File>,
}

/// The longest text that is read from a lock, in bytes: every user may write there.
const MAX_HOLDER: u64 = 4096;

/// The time between two attempts to take a held lock.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

impl Lock {
    /// Takes the lock of a reader or port, waiting up to `wait` for another process.
    pub(crate) fn of_device(device: &str, key: &str, holder: &Wish<'_>) -> Result<Self, Error> {
        Self::take(device, &shared_path(device, key)?, LockAccess::Everyone, holder)
    }

    /// Takes the lock that is this file.
    pub(crate) fn of_file(device: &str, path: &Path, wish: &Wish<'_>) -> Result<Self, Error> {
        Self::take(device, path, LockAccess::Directory, wish)
    }

    fn take(device: &str, path: &Path, access: LockAccess, wish: &Wish<'_>) -> Result<Self, Error> {
        let failed = |error: std::io::Error| lock_failed(device, path, error);
        let mut file = match open_lock(path, access) {
            Err(error) if is_needless(&error, access) => return Ok(Self { _file: None }),
            file => file.map_err(failed)?,
        };
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if wish.interrupt.requested() => return Err(Error::new(Id::Interrupted)),
                Err(TryLockError::WouldBlock) if start.elapsed() < wish.wait => std::thread::sleep(POLL_INTERVAL),
                Err(TryLockError::WouldBlock) => return Err(held(device, &mut file)),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        // The words are for others only: a lock without them still locks.
        if let Err(error) = sign(&mut file, &Holder::this_process(wish.command)) {
            log::debug!("the lock {} cannot be signed: {error}", path.display());
        }
        Ok(Self { _file: Some(file) })
    }
}

/// Looks whether somebody has locked the device, without keeping anyone from it.
pub(crate) fn look_at_device(device: &str, key: &str) -> Result<(), Error> {
    look(device, &shared_path(device, key)?, LockAccess::Everyone)
}

/// Looks whether somebody has locked this file. Those who look do not see each other.
pub(crate) fn look_at_file(device: &str, path: &Path) -> Result<(), Error> {
    look(device, path, LockAccess::Directory)
}

fn look(device: &str, path: &Path, access: LockAccess) -> Result<(), Error> {
    let mut file = match open_lock(path, access) {
        Err(error) if is_needless(&error, access) => return Ok(()),
        file => file.map_err(|error| lock_failed(device, path, error))?,
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(held(device, &mut file)),
        Err(TryLockError::Error(error)) => Err(lock_failed(device, path, error)),
    }
}

/// True if the lock would lie beside a virtual card on a read-only disk.
fn is_needless(error: &std::io::Error, access: LockAccess) -> bool {
    access == LockAccess::Directory && error.kind() == std::io::ErrorKind::ReadOnlyFilesystem
}

fn shared_path(device: &str, key: &str) -> Result<PathBuf, Error> {
    Ok(shared_directory(device)?.join(file_name(key)))
}

fn lock_failed(device: &str, path: &Path, error: std::io::Error) -> Error {
    Error::new(Id::LockFailed).with("device", device).with("path", path.display()).cause(error)
}

fn held(device: &str, file: &mut File) -> Error {
    let mut text = String::new();
    let holder =
        file.take(MAX_HOLDER).read_to_string(&mut text).ok().and_then(|_| serde_json::from_str::<Holder>(&text).ok());
    let unknown = Holder { pid: 0, command: "unknown".into(), since: "unknown".into() };
    let holder = holder.unwrap_or(unknown);
    Error::new(Id::DeviceLocked)
        .with("device", device)
        .with("command", &holder.command)
        .with("pid", holder.pid)
        .with("since", &holder.since)
        .details(Details::Holder(Box::new(holder)))
}

fn sign(file: &mut File, holder: &Holder) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(serde_json::to_string(holder)?.as_bytes())
}

/// The directory of locks that all users of the machine share, or the best substitute.
fn shared_directory(device: &str) -> Result<PathBuf, Error> {
    let candidates = [Some(PathBuf::from("/run/lock")), std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from)];
    let mut last = std::io::Error::from(std::io::ErrorKind::NotFound);
    for parent in candidates.into_iter().flatten() {
        let directory = parent.join("esimctl");
        match make_shared(&directory) {
            Ok(()) => return Ok(directory),
            Err(error) => last = error,
        }
    }
    Err(lock_failed(device, Path::new("/run/lock/esimctl"), last))
}

/// Makes a directory in which everybody may make files and nobody remove another's.
fn make_shared(directory: &Path) -> std::io::Result<()> {
    match private_files::make_lock_directory(directory) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => trusted(directory),
        made => made,
    }
}

/// Whoever came first made the directory. It will do if nobody can remove another's lock from it: a real directory,
/// writable for us, and sticky unless it is ours alone. Its owner could, so that has to be root or us; the others fall
/// back to their own, and are told nothing worse than that.
fn trusted(directory: &Path) -> std::io::Result<()> {
    let metadata = std::fs::symlink_metadata(directory)?;
    let us = rustix::process::geteuid().as_raw();
    let owned = metadata.uid() == 0 || metadata.uid() == us;
    let sticky = metadata.mode() & 0o1000 != 0 || metadata.mode() & 0o022 == 0;
    if !metadata.is_dir() || !owned || !sticky {
        return Err(std::io::ErrorKind::PermissionDenied.into());
    }
    // Writable for us? The cheapest way to know is to ask the kernel.
    rustix::fs::access(directory, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK)?;
    Ok(())
}

/// A file name for a key, the same for every version of this program.
fn file_name(key: &str) -> String {
    let escaped: String = key
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' => char::from(byte).to_string(),
            byte => format!("_{byte:02x}"),
        })
        .collect();
    format!("{}.lock", &escaped[..escaped.len().min(200)])
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn take(path: &Path, command: &str, wait: Duration) -> Result<Lock, Error> {
        Lock::of_file("virtual:x", path, &Wish { command, wait, interrupt: &lpa::NeverInterrupted })
    }

    #[test]
    fn a_second_one_is_told_who_holds_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let first = take(&path, "esimctl list", Duration::ZERO).unwrap();
        for error in
            [take(&path, "esimctl info", Duration::ZERO).unwrap_err(), look_at_file("virtual:x", &path).unwrap_err()]
        {
            assert_eq!(error.id, Id::DeviceLocked);
            let message = error.message();
            assert!(message.contains("esimctl list") && message.contains(&std::process::id().to_string()), "{message}");
        }
        drop(first);
        look_at_file("virtual:x", &path).unwrap();
        take(&path, "esimctl info", Duration::ZERO).unwrap();
    }

    #[test]
    fn a_lock_that_is_given_back_in_time_is_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let first = take(&path, "esimctl list", Duration::ZERO).unwrap();
        let later = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            drop(first);
        });
        take(&path, "esimctl info", Duration::MAX).unwrap();
        later.join().unwrap();
    }

    #[test]
    fn a_wait_can_be_interrupted() {
        struct Now;
        impl lpa::Interrupt for Now {
            fn requested(&self) -> bool {
                true
            }
        }
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let _first = take(&path, "esimctl list", Duration::ZERO).unwrap();
        let wish = Wish { command: "esimctl info", wait: Duration::MAX, interrupt: &Now };
        assert_eq!(Lock::of_file("virtual:x", &path, &wish).unwrap_err().id, Id::Interrupted);
    }

    #[test]
    fn links_are_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        std::os::unix::fs::symlink(directory.path().join("elsewhere"), &path).unwrap();
        assert_eq!(take(&path, "esimctl list", Duration::ZERO).unwrap_err().id, Id::LockFailed);
        assert!(!directory.path().join("elsewhere").exists());
    }

    #[test]
    fn a_directory_where_others_could_remove_locks_is_not_used() {
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("esimctl");
        make_shared(&directory).unwrap();
        make_shared(&directory).unwrap();
        std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o777)).unwrap();
        assert!(make_shared(&directory).is_err(), "not sticky");
        let link = parent.path().join("link");
        std::os::unix::fs::symlink(&directory, &link).unwrap();
        assert!(make_shared(&link).is_err(), "a link");
    }

    #[test]
    fn file_names_are_harmless_and_differ() {
        assert_eq!(file_name("pcsc:A/B 00"), "pcsc_3aA_2fB_2000.lock");
        assert_ne!(file_name("pcsc:a b"), file_name("pcsc:a_b"));
        assert!(file_name(&"x".repeat(999)).len() < 255);
    }
}
