//! Writes every file of the program. A test of the workspace (`tests/writers.rs`) refuses writers outside this crate.
//!
//! Rules for every file:
//!
//! - Files are for their owner alone: 0600, directories 0700, whatever the umask is. In the shared state directory, which
//!   is recognised by its mode 2770, files are 0660 and directories 2770, for its group.
//! - A file is written beside its name and then gets it, so that there is the whole file or none, also on a full disk
//!   and after a kill. [`create_stream`] is the exception: a recording is worth most after a crash.
//! - A file that is there already is left alone, unless the caller says [`Existing::Replace`]. Even then only regular
//!   files are replaced, never a device, a directory or a symbolic link, and no link is followed.
//! - Permissions are changed by a handle ([`Held`]), never by a name that another user could give to something else.
//!
//! Three kinds of files cannot be new each time, since several processes open the same one. They have these rules
//! instead:
//!
//! - **Locks** ([`open_lock`]) are regular files, opened without following links and without waiting for a FIFO. They are
//!   never removed. Locks of readers, which users share, are 0666 in a sticky directory; all others follow the rules for
//!   files.
//! - **The database** ([`make_database`], [`set_mode`]) is made empty with its mode before SQLite opens it. SQLite gives its log (`-wal`,
//!   `-shm`) the same mode. An existing database is never opened here: closing it would drop SQLite's locks.
//! - **Entries of running servers** are locks with a text in them.

mod draft;
mod held;
mod moving;
mod shared;

pub use draft::{Draft, Stream, create_stream, write, write_all};
pub use held::{Held, set_mode};
pub use moving::{finish_move, move_directory};
pub use shared::{LockAccess, make_database, make_lock_directory, open_lock, open_untrusted, read_trusted};

use std::io::{Error, ErrorKind, Result, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

const PERMISSION_BITS: u32 = 0o7777;
const PRIVATE_FILE: u32 = 0o600;
const PRIVATE_DIRECTORY: u32 = 0o700;
const SHARED_FILE: u32 = 0o660;
const SHARED_DIRECTORY: u32 = 0o2770;

/// The rule for a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Leave it, and fail with [`ErrorKind::AlreadyExists`].
    Refuse,
    /// Put the new file in its place, if it is a regular file.
    Replace,
}

/// The people who may read and write a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The owner: for files that go where the user says.
    Owner,
    /// Whoever may use the directory: its owner, or in the shared state directory its group.
    Directory,
}

impl Access {
    fn is_shared_in(self, directory: &Path) -> bool {
        self == Self::Directory && is_shared(directory)
    }

    /// Permission bits of a file in this directory.
    #[must_use]
    pub fn file_mode(self, directory: &Path) -> u32 {
        if self.is_shared_in(directory) { SHARED_FILE } else { PRIVATE_FILE }
    }

    /// Permission bits of a directory in this directory.
    #[must_use]
    pub fn directory_mode(self, directory: &Path) -> u32 {
        if self.is_shared_in(directory) { SHARED_DIRECTORY } else { PRIVATE_DIRECTORY }
    }
}

/// True for a directory that belongs to a group as a whole: mode 2770.
#[must_use]
pub fn is_shared(directory: &Path) -> bool {
    std::fs::metadata(directory)
        .is_ok_and(|found| found.is_dir() && found.permissions().mode() & PERMISSION_BITS == SHARED_DIRECTORY)
}

/// The directory that a file is in.
fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// An error of tempfile's as the system has it: the name that tempfile adds is one that the user has never seen.
fn without_path(error: Error) -> Error {
    match error.to_string().split_once(" at path \"") {
        Some((system, _)) => Error::new(error.kind(), system.to_owned()),
        None => error,
    }
}

/// Makes a directory and those above it, where they are missing.
///
/// # Errors
/// Whatever the system says; [`ErrorKind::NotADirectory`] if a file has the name.
pub fn make_directory(path: &Path, access: Access) -> Result<()> {
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => return Ok(()),
        Ok(_) => return Err(ErrorKind::NotADirectory.into()),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Err(_) => {}
    }
    make_directory(directory_of(path), access)?;
    let mode = access.directory_mode(directory_of(path));
    match std::fs::DirBuilder::new().mode(mode).create(path) {
        // The umask has taken bits away, and mkdir(2) leaves the one for the group to chmod(2).
        Ok(()) => set_mode(path, mode).map(drop),
        // Another process was quicker.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Directories from this one upwards that do not exist, the innermost first.
#[must_use]
pub fn missing_directories(path: &Path) -> Vec<PathBuf> {
    path.ancestors().take_while(|path| path.symlink_metadata().is_err()).map(Path::to_path_buf).collect()
}

/// Removes directories that were made for what could not be written, as far as nothing is in them.
pub fn remove_empty_directories(directories: &[PathBuf]) {
    for directory in directories {
        // One that is in use by now stays.
        let _ = std::fs::remove_dir(directory);
    }
}

/// Makes a directory under a name of its own, to be filled and then renamed. It goes with what is returned.
///
/// # Errors
/// Whatever the system says.
pub fn draft_directory(parent: &Path, prefix: &str) -> Result<tempfile::TempDir> {
    let mode = Access::Directory.directory_mode(parent);
    let draft = tempfile::Builder::new().prefix(prefix).tempdir_in(parent).map_err(without_path)?;
    set_mode(draft.path(), mode)?;
    Ok(draft)
}

/// Gives a directory that was filled as a draft its name, unless there is a directory with something in it.
///
/// # Errors
/// Whatever the system says; the draft is gone then.
pub fn persist_directory(draft: tempfile::TempDir, target: &Path) -> Result<()> {
    std::fs::rename(draft.path(), target)?;
    // It is no longer the draft's to remove.
    let _ = draft.keep();
    std::fs::File::open(directory_of(target))?.sync_all()
}

/// How much must find room on a disk: a small change of the database is no longer.
const PROBE_BYTES: usize = 64 << 10;

/// Finds out whether files can be made in this directory, and whether there is room for what is in them. Nothing stays
/// behind.
///
/// # Errors
/// Whatever the system says.
pub fn probe_directory(directory: &Path) -> Result<()> {
    let mut file = tempfile::Builder::new().prefix(".esimctl-probe").tempfile_in(directory).map_err(without_path)?;
    // Some disks find out only then that they are full.
    file.as_file_mut().write_all(&[0; PROBE_BYTES]).and_then(|()| file.as_file().sync_all())
}

/// Checks before anything is done that a file could be written under this name.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`] if there is a file and it must stay; [`ErrorKind::InvalidInput`] if what is there is not
/// a regular file.
pub fn check_target(path: &Path, existing: Existing) -> Result<()> {
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(_) if existing == Existing::Refuse => Err(ErrorKind::AlreadyExists.into()),
        Ok(found) if found.is_file() => Ok(()),
        Ok(found) => {
            let what = if found.is_symlink() { "a symbolic link" } else { "not a regular file" };
            Err(Error::new(ErrorKind::InvalidInput, format!("it is {what}, and only regular files are replaced")))
        }
    }
}
