//! Files and directories of a place where others can write, held while they are looked at and changed.

use std::ffi::{OsStr, OsString};
use std::io::Result;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Gid, Mode, OFlags, Stat};

use crate::PERMISSION_BITS;

/// A file or directory that is held: whoever gives its name to another one meanwhile changes nothing about this one.
///
/// It is not opened: a device does nothing, a FIFO is not waited for, and SQLite keeps its locks. A symbolic link is held
/// itself. What another user owns is never changed, nor a file that has a second name: that may be one from elsewhere.
#[derive(Debug)]
pub struct Held {
    handle: OwnedFd,
    about: Stat,
}

impl Held {
    /// Holds what has this name.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn at(path: &Path) -> Result<Self> {
        Self::below(CWD, path.as_os_str())
    }

    /// Holds what has this name in a directory.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn entry(&self, name: &OsStr) -> Result<Self> {
        Self::below(&self.handle, name)
    }

    fn below(directory: impl std::os::fd::AsFd, name: &OsStr) -> Result<Self> {
        let handle =
            rustix::fs::openat(directory, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
        let about = rustix::fs::fstat(&handle)?;
        Ok(Self { handle, about })
    }

    /// The names in a directory.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn names(&self) -> Result<impl Iterator<Item = OsString> + use<>> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let entries = Dir::new(rustix::fs::openat(&self.handle, ".", flags, Mode::empty())?)?;
        let names = entries.filter_map(|entry| Some(OsStr::from_bytes(entry.ok()?.file_name().to_bytes()).to_owned()));
        Ok(names.filter(|name| name != "." && name != ".."))
    }

    fn kind(&self) -> FileType {
        FileType::from_raw_mode(self.about.st_mode)
    }

    /// True for a directory.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.kind() == FileType::Directory
    }

    /// True for a regular file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.kind() == FileType::RegularFile
    }

    /// Permission bits.
    #[must_use]
    pub fn mode(&self) -> u32 {
        self.about.st_mode & PERMISSION_BITS
    }

    /// The id of the group.
    #[must_use]
    pub fn group(&self) -> u32 {
        self.about.st_gid
    }

    /// True for a directory of this process's user, and for a regular file that has one name only.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        let single = self.is_directory() || self.is_file() && self.about.st_nlink == 1;
        single && self.about.st_uid == rustix::process::geteuid().as_raw()
    }

    /// Sets permission bits, if this is ours; true if they were others before.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn set_mode(&self, mode: u32) -> Result<bool> {
        if !self.is_ours() || self.mode() == mode {
            return Ok(false);
        }
        // fchmod(2) takes no handle of what is not open. This name leads to what is held, and nowhere else.
        let held = format!("/proc/self/fd/{}", self.handle.as_raw_fd());
        rustix::fs::chmodat(CWD, held, Mode::from_raw_mode(mode), AtFlags::empty())?;
        Ok(true)
    }

    /// Gives it to a group, if this is ours.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn set_group(&self, group: u32) -> Result<()> {
        if self.is_ours() && self.group() != group {
            rustix::fs::chownat(&self.handle, "", None, Some(Gid::from_raw(group)), AtFlags::EMPTY_PATH)?;
        }
        Ok(())
    }
}

/// Sets permission bits of what is ours, as [`Held::set_mode`] does; true if they were others before.
///
/// # Errors
/// Whatever the system says.
pub fn set_mode(path: &Path, mode: u32) -> Result<bool> {
    Held::at(path)?.set_mode(mode)
}
