//! A directory that moves with all that is in it.

use std::io::{Error, ErrorKind, Result};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::{
    Access, Existing, directory_of, draft_directory, make_directory, open_untrusted, persist_directory, write,
};

/// In a directory that was copied from another file system: where from, as long as the original is still there.
const ORIGIN: &str = ".moved-from";

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
        Ok(()) => std::fs::File::open(directory_of(to))?.sync_all(),
    }
}

fn copy_directory(from: &Path, to: &Path) -> Result<()> {
    let draft = draft_directory(directory_of(to), ".esimctl-move")?;
    copy_contents(from, draft.path())?;
    write(&draft.path().join(ORIGIN), from.as_os_str().as_bytes(), Access::Owner, Existing::Refuse)?;
    persist_directory(draft, to)?;
    finish_move(to)
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
/// in between.
///
/// # Errors
/// Whatever the system says. Calling it again goes on.
pub fn finish_move(to: &Path) -> Result<()> {
    let marker = to.join(ORIGIN);
    let origin = match std::fs::read(&marker) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        origin => PathBuf::from(std::ffi::OsString::from_vec(origin?)),
    };
    match std::fs::remove_dir_all(&origin) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    std::fs::remove_file(marker)
}
