//! Files that get their name when they are whole.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{ErrorKind, Result, Seek, SeekFrom, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use tempfile::NamedTempFile;

use crate::{Access, Existing, PRIVATE_FILE, check_target, directory_of, without_path};

/// A file that has no name yet. Dropped, it is gone.
#[derive(Debug)]
pub struct Draft(Content);

#[derive(Debug)]
enum Content {
    /// A file without any name (`O_TMPFILE`): the kernel removes it with the process.
    Unnamed(File),
    /// A file beside its later name, for what replaces another one, and for file systems that know no unnamed files.
    Named(NamedTempFile),
}

impl Draft {
    /// Begins a file in this directory.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn new_in(directory: &Path, access: Access, existing: Existing) -> Result<Self> {
        let unnamed = (existing == Existing::Refuse).then(|| unnamed_file(directory)).flatten();
        let content = match unnamed {
            Some(file) => Content::Unnamed(file),
            None => {
                let named = tempfile::Builder::new().prefix(".esimctl-").suffix(".part").tempfile_in(directory);
                Content::Named(named.map_err(without_path)?)
            }
        };
        let draft = Self(content);
        draft.file().set_permissions(Permissions::from_mode(access.file_mode(directory)))?;
        Ok(draft)
    }

    fn file(&self) -> &File {
        match &self.0 {
            Content::Unnamed(file) => file,
            Content::Named(file) => file.as_file(),
        }
    }

    /// Gives the file its name, in the directory that it was begun in. It is on the disk before this returns.
    ///
    /// # Errors
    /// As [`check_target`], or whatever the system says.
    pub fn persist(self, target: &Path, existing: Existing) -> Result<File> {
        self.file().sync_all()?;
        check_target(target, existing)?;
        let file = match (self.0, existing) {
            (Content::Unnamed(file), Existing::Refuse) => give_name(file, target)?,
            // Only a file that is not to replace another one is begun without a name.
            (Content::Unnamed(_), Existing::Replace) => return Err(ErrorKind::Unsupported.into()),
            (Content::Named(file), Existing::Refuse) => {
                file.persist_noclobber(target).map_err(|failed| without_path(failed.error))?
            }
            (Content::Named(file), Existing::Replace) => {
                file.persist(target).map_err(|failed| without_path(failed.error))?
            }
        };
        File::open(directory_of(target))?.sync_all()?;
        Ok(file)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.file().write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        self.file().flush()
    }
}

/// A file without a name, where kernel and file system have such.
fn unnamed_file(directory: &Path) -> Option<File> {
    // Giving it a name later goes by /proc.
    if !Path::new("/proc/self/fd").is_dir() {
        return None;
    }
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    rustix::fs::open(directory, flags, Mode::RUSR | Mode::WUSR).ok().map(File::from)
}

fn give_name(file: File, target: &Path) -> Result<File> {
    let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
    rustix::fs::linkat(CWD, unnamed, CWD, target, AtFlags::SYMLINK_FOLLOW)?;
    Ok(file)
}

/// Writes a whole file, or none.
///
/// # Errors
/// As [`check_target`], or whatever the system says. Nothing has been written then.
pub fn write(path: &Path, bytes: &[u8], access: Access, existing: Existing) -> Result<()> {
    check_target(path, existing)?;
    let mut draft = Draft::new_in(directory_of(path), access, existing)?;
    draft.write_all(bytes)?;
    draft.persist(path, existing).map(drop)
}

/// Writes several files that belong together. If one of them cannot be written, those that are new
/// are removed again.
///
/// # Errors
/// The name of the file that could not be written, and why.
pub fn write_all<'a>(
    directory: &Path,
    files: &[(&'a str, Vec<u8>)],
    access: Access,
    existing: Existing,
) -> std::result::Result<(), (&'a str, std::io::Error)> {
    for (name, _) in files {
        check_target(&directory.join(name), existing).map_err(|error| (*name, error))?;
    }
    for (count, (name, bytes)) in files.iter().enumerate() {
        if let Err(error) = write(&directory.join(name), bytes, access, existing) {
            if existing == Existing::Refuse {
                // Half of them would be taken for the whole.
                files.iter().take(count).for_each(|(name, _)| drop(std::fs::remove_file(directory.join(name))));
            }
            return Err((name, error));
        }
    }
    Ok(())
}

/// Makes an empty file for its owner alone that has its name from the start, for what is written while something goes
/// on and must outlive a crash.
///
/// # Errors
/// As [`check_target`], or whatever the system says.
pub fn create_stream(path: &Path, existing: Existing) -> Result<Stream> {
    check_target(path, existing)?;
    let stream = |file| Stream { file, path: path.into(), written: 0, whole: 0 };
    if existing == Existing::Replace {
        return Draft::new_in(directory_of(path), Access::Owner, existing)?.persist(path, existing).map(stream);
    }
    // O_EXCL does not follow links either.
    let file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE_FILE).open(path)?;
    file.set_permissions(Permissions::from_mode(PRIVATE_FILE))?;
    Ok(stream(file))
}

/// A file that grows while something goes on. Where the disk is full, what was flushed before stays; without any of that,
/// the file is removed.
#[derive(Debug)]
pub struct Stream {
    file: File,
    path: PathBuf,
    written: u64,
    /// How much of that was flushed.
    whole: u64,
}

impl Stream {
    /// True if anything was flushed, so that there is a file.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.whole > 0
    }

    /// Leaves no half of what was to be written.
    fn take_back(&mut self) -> Result<()> {
        if self.is_begun() {
            self.file.set_len(self.whole)?;
            return self.file.seek(SeekFrom::Start(self.whole)).map(|end| self.written = end);
        }
        let (ours, named) = (self.file.metadata()?, std::fs::symlink_metadata(&self.path)?);
        if (ours.dev(), ours.ino()) == (named.dev(), named.ino()) { std::fs::remove_file(&self.path) } else { Ok(()) }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        match self.file.write(bytes) {
            Ok(count) => {
                self.written += count as u64;
                Ok(count)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
            Err(error) => {
                // The first error is the one to be told.
                let _ = self.take_back();
                Err(error)
            }
        }
    }

    fn flush(&mut self) -> Result<()> {
        self.file.flush()?;
        self.whole = self.written;
        Ok(())
    }
}
