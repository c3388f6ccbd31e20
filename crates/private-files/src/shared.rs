//! Files that several processes open: locks and the database.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{Error, ErrorKind, Read, Result};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, OFlags};

use crate::{Access, directory_of, set_mode};

/// The mode of a lock that every user of the machine can take.
const PUBLIC_LOCK: u32 = 0o666;

/// The mode of a directory for them: sticky.
const LOCK_DIRECTORY: u32 = 0o1777;

/// Permission bits by which others than the owner can change a file.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// The people who may take a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockAccess {
    /// Every user of the machine: for hardware that they share.
    Everyone,
    /// Whoever may use the directory that it is in.
    Directory,
}

impl LockAccess {
    fn mode(self, path: &Path) -> u32 {
        match self {
            Self::Everyone => PUBLIC_LOCK,
            Self::Directory => Access::Directory.file_mode(directory_of(path)),
        }
    }
}

/// Opens or makes a lock file. Where it cannot be written it is opened for reading, which is enough to lock it.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] if what has the name is not a regular file, or whatever the system says.
pub fn open_lock(path: &Path, access: LockAccess) -> Result<File> {
    let file = match open(path, true) {
        Err(error) if error.kind() == ErrorKind::NotFound => return make_lock(path, access),
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
            open(path, false)?
        }
        file => file?,
    };
    regular(file)
}

/// Opens a file of somebody else's for reading: a regular one, not through a link, and without waiting for a FIFO.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] if what has the name is not a regular file, or whatever the system says.
pub fn open_untrusted(path: &Path) -> Result<File> {
    regular(open(path, false)?)
}

/// Reads a small file from a place where others can write. `None` unless it is a regular file of this user, which nobody
/// else may write, and which has no second name: that might be another file of the user's, linked there.
#[must_use]
pub fn read_trusted(path: &Path, owner: u32, limit: u64) -> Option<Vec<u8>> {
    let file = open_untrusted(path).ok()?;
    let about = file.metadata().ok()?;
    if about.uid() != owner || about.nlink() != 1 || about.mode() & WRITABLE_BY_OTHERS != 0 || about.len() > limit {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn regular(file: File) -> Result<File> {
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(Error::new(ErrorKind::InvalidInput, "it is not a regular file"))
}

/// Opens a file that exists. A FIFO is not waited for. Without `O_CREAT`, which the kernel refuses for other users' files
/// in a sticky directory.
fn open(path: &Path, write: bool) -> Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    OpenOptions::new().read(true).write(write).custom_flags(flags.bits().cast_signed()).open(path)
}

fn make_lock(path: &Path, access: LockAccess) -> Result<File> {
    let mode = access.mode(path);
    match OpenOptions::new().read(true).write(true).create_new(true).mode(mode).open(path) {
        Ok(file) => {
            file.set_permissions(Permissions::from_mode(mode))?;
            Ok(file)
        }
        // Another process was quicker.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => open_lock(path, access),
        Err(error) => Err(error),
    }
}

/// Makes a directory in which every user may make locks and nobody may remove another's.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`] if something has the name, or whatever the system says.
pub fn make_lock_directory(path: &Path) -> Result<()> {
    std::fs::DirBuilder::new().mode(LOCK_DIRECTORY).create(path)?;
    set_mode(path, LOCK_DIRECTORY).map(drop)
}

/// Makes an empty database, if there is none. No file is opened for that: to close it would drop the locks that SQLite
/// holds for another thread of this process. True if it was made.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] if what has the name is not a regular file, or whatever the system says.
pub fn make_database(path: &Path) -> Result<bool> {
    let mode = Access::Directory.file_mode(directory_of(path));
    match rustix::fs::mknodat(CWD, path, FileType::RegularFile, Mode::from_raw_mode(mode), 0) {
        Ok(()) => set_mode(path, mode).map(|_| true),
        Err(rustix::io::Errno::EXIST) if std::fs::symlink_metadata(path)?.is_file() => Ok(false),
        Err(rustix::io::Errno::EXIST) => Err(Error::new(ErrorKind::InvalidInput, "it is not a regular file")),
        Err(error) => Err(error.into()),
    }
}
