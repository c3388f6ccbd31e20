//! One user of a card at a time, across processes and state directories.
//!
//! A reader's lock is a file that everybody can find, since sandboxes with state directories of their own share
//! readers: in `/run/lock/esimctl`, or where that cannot be written in the user's runtime directory. A virtual card's
//! lock lies beside the card. The kernel drops a lock with its process, so none is ever stale; the file says who holds it.

// Without any kind of reader there are virtual cards alone, and nothing that users share.
#![cfg_attr(not(feature = "pcsc"), allow(dead_code))]

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

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

/// A lock that is held as long as this lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// How often a held lock is tried again.
const GLANCE: Duration = Duration::from_millis(100);

impl Lock {
    /// Takes the lock of a reader or port, waiting up to `wait` for another process.
    pub(crate) fn of_device(device: &str, key: &str, command: &str, wait: Duration) -> Result<Self, Error> {
        let directory = shared_directory(device)?;
        Self::of_file(device, &directory.join(file_name(key)), command, wait)
    }

    /// Takes the lock that is this file.
    pub(crate) fn of_file(device: &str, path: &Path, command: &str, wait: Duration) -> Result<Self, Error> {
        let failed = |error: std::io::Error| lock_failed(device, path, error);
        let mut file = open(path).map_err(failed)?;
        let end = Instant::now() + wait;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::sleep(GLANCE),
                Err(TryLockError::WouldBlock) => return Err(held(device, &mut file)),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        // The words are for others only: a lock without them still locks.
        if let Err(error) = sign(&mut file, &Holder::this_process(command)) {
            log::debug!("the lock {} cannot be signed: {error}", path.display());
        }
        Ok(Self { _file: file })
    }
}

fn lock_failed(device: &str, path: &Path, error: std::io::Error) -> Error {
    Error::new(Id::LockFailed).with("device", device).with("path", path.display()).cause(error)
}

fn held(device: &str, file: &mut File) -> Error {
    let mut text = String::new();
    let holder = file.read_to_string(&mut text).ok().and_then(|_| serde_json::from_str::<Holder>(&text).ok());
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

/// Opens or makes a lock file that every user can lock. The directory may be writable for all, so links are not
/// followed, and a file that exists is opened without `O_CREAT`: the kernel refuses that for other users' files there.
fn open(path: &Path) -> std::io::Result<File> {
    let no_links = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0);
    let mut options = OpenOptions::new();
    options.read(true).write(true).custom_flags(no_links);
    match options.open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let file = options.create(true).truncate(false).open(path)?;
            file.set_permissions(std::fs::Permissions::from_mode(0o666))?;
            Ok(file)
        }
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            OpenOptions::new().read(true).custom_flags(no_links).open(path)
        }
        file => file,
    }
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
    match std::fs::DirBuilder::new().mode(0o1777).create(directory) {
        Ok(()) => std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o1777)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            // Writable for us? The cheapest way to know is to ask the kernel.
            rustix::fs::access(directory, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK)
                .map_err(std::io::Error::from)
        }
        Err(error) => Err(error),
    }
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
    use super::*;

    #[test]
    fn a_second_one_is_told_who_holds_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let first = Lock::of_file("virtual:x", &path, "esimctl list", Duration::ZERO).unwrap();
        let error = Lock::of_file("virtual:x", &path, "esimctl info", Duration::ZERO).unwrap_err();
        assert_eq!(error.id, Id::DeviceLocked);
        assert!(error.message().contains("esimctl list") && error.message().contains(&std::process::id().to_string()));
        drop(first);
        Lock::of_file("virtual:x", &path, "esimctl info", Duration::ZERO).unwrap();
    }

    #[test]
    fn a_lock_that_is_given_back_in_time_is_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let first = Lock::of_file("virtual:x", &path, "esimctl list", Duration::ZERO).unwrap();
        let later = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            drop(first);
        });
        Lock::of_file("virtual:x", &path, "esimctl info", Duration::from_secs(60)).unwrap();
        later.join().unwrap();
    }

    #[test]
    fn links_are_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        std::os::unix::fs::symlink(directory.path().join("elsewhere"), &path).unwrap();
        let error = Lock::of_file("virtual:x", &path, "esimctl list", Duration::ZERO).unwrap_err();
        assert_eq!(error.id, Id::LockFailed);
        assert!(!directory.path().join("elsewhere").exists());
    }

    #[test]
    fn file_names_are_harmless_and_differ() {
        assert_eq!(file_name("pcsc:A/B 00"), "pcsc_3aA_2fB_2000.lock");
        assert_ne!(file_name("pcsc:a b"), file_name("pcsc:a_b"));
        assert!(file_name(&"x".repeat(999)).len() < 255);
    }
}
