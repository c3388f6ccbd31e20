//! A directory that moves with all that is in it.

use std::io::{Error, ErrorKind, Result};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::{
    Access, Existing, directory_of, draft_directory, make_directory, open_untrusted, persist_directory, read_trusted,
    write,
};

/// In a directory that moves to another file system, and in its copy: the same text, as long as both are there. Whoever can
/// write into one of them cannot make the other.
const MARKER: &str = ".esimctl-move";

/// The longest marker, in bytes.
const MAX_MARKER: u64 = 4096;

/// Moves a directory to a name that is free, or that an empty directory has. On one file system that is one step. On two,
/// the copy is whole and on the disk before it gets its name, and the original goes after that; [`finish_move`] must be
/// called before the next look at either.
///
/// # Errors
/// [`ErrorKind::DirectoryNotEmpty`] if something is there, or whatever the system says. The original is as it was then.
pub fn move_directory(from: &Path, to: &Path) -> Result<()> {
    make_directory(directory_of(to), Access::Owner)?;
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => copy_directory(from, to),
        Err(error) => Err(error),
        Ok(()) => {
            // Of an earlier try, which was cut short when the two were on different file systems.
            let _ = std::fs::remove_file(to.join(MARKER));
            std::fs::File::open(directory_of(to))?.sync_all()
        }
    }
}

fn copy_directory(from: &Path, to: &Path) -> Result<()> {
    let draft = draft_directory(directory_of(to), ".esimctl-move")?;
    // The name of the draft is a new one for each try.
    write(&from.join(MARKER), draft.path().as_os_str().as_bytes(), Access::Owner, Existing::Replace)?;
    let copied = copy_contents(from, draft.path()).and_then(|()| persist_directory(draft, to));
    if copied.is_err() {
        let _ = std::fs::remove_file(from.join(MARKER));
    }
    copied?;
    finish_move(from, to)
}

fn copy_contents(from: &Path, to: &Path) -> Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            make_directory(&target, Access::Owner)?;
            copy_contents(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(std::fs::read_link(entry.path())?, target)?;
        } else if kind.is_file() {
            let mut draft = crate::Draft::new_in(to, Access::Owner, Existing::Refuse)?;
            std::io::copy(&mut open_untrusted(&entry.path())?, &mut draft)?;
            draft.persist(&target, Existing::Refuse)?;
        } else {
            let what = format!("{} is neither a file nor a directory", entry.path().display());
            return Err(Error::new(ErrorKind::InvalidInput, what));
        }
    }
    Ok(())
}

/// Removes the original of a directory that was copied whole, if that has not been done: the program may have been killed
/// in between. Nothing happens unless both have the marker of that move, as files of this user that nobody else can write.
///
/// # Errors
/// Whatever the system says. Calling it again goes on.
pub fn finish_move(from: &Path, to: &Path) -> Result<()> {
    let marker = |directory: &Path| {
        let found = read_trusted(&directory.join(MARKER), rustix::process::geteuid().as_raw(), MAX_MARKER);
        found.filter(|text| !text.is_empty())
    };
    if marker(from).is_none_or(|found| marker(to) != Some(found)) {
        return Ok(());
    }
    remove_original(from)?;
    std::fs::remove_file(to.join(MARKER))
}

/// Removes a directory with all that is in it, the marker last: a kill may come in between.
fn remove_original(from: &Path) -> Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name() == MARKER {
            continue;
        }
        let remove = if entry.file_type()?.is_dir() { std::fs::remove_dir_all } else { std::fs::remove_file };
        remove(entry.path())?;
    }
    std::fs::remove_file(from.join(MARKER))?;
    std::fs::remove_dir(from)
}
