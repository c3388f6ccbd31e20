//! Files that go where the user says: private, whole or not at all, and by one rule for those that are there already.

use std::path::Path;

pub use private_files::{Access, Existing};

use crate::error::{Error, Id};
use crate::{Manager, Settings};

impl Settings {
    pub(crate) fn existing_files(&self) -> Existing {
        if self.overwrite { Existing::Replace } else { Existing::Refuse }
    }
}

impl Manager {
    /// The user's rule for files that are there already.
    #[must_use]
    pub fn existing_files(&self) -> Existing {
        self.settings.existing_files()
    }
}

/// Writes a file for its owner alone.
///
/// # Errors
/// `output_exists` if it is there and must stay, `output_file` if it cannot be written. Nothing has been written then.
pub fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), Error> {
    private_files::write(path, bytes, Access::Owner, existing).map_err(|error| failure(path, error))
}

/// Checks before anything else is done that a file can be written there, as far as that can be told from its name.
///
/// # Errors
/// As for [`write()`].
pub fn check_target(path: &Path, existing: Existing) -> Result<(), Error> {
    private_files::check_target(path, existing).map_err(|error| failure(path, error))
}

/// Writes files that belong together into a directory, which is made if it is missing.
///
/// # Errors
/// As for [`write()`]. Not one of them has been written then, unless they were to replace others; nor is there a
/// directory that was not there before.
pub fn write_all(directory: &Path, files: &[(&str, Vec<u8>)], access: Access, existing: Existing) -> Result<(), Error> {
    let new = private_files::missing_directories(directory);
    let made = private_files::make_directory(directory, access).map_err(|error| failure(directory, error));
    let written = made.and_then(|()| {
        let written = private_files::write_all(directory, files, access, existing);
        written.map_err(|(name, error)| failure(&directory.join(name), error))
    });
    if written.is_err() {
        private_files::remove_empty_directories(&new);
    }
    written
}

/// The error for a file that cannot be written.
pub(crate) fn failure(path: &Path, error: std::io::Error) -> Error {
    let exists = error.kind() == std::io::ErrorKind::AlreadyExists;
    let id = if exists { Id::OutputExists } else { Id::OutputFile };
    let failure = Error::new(id).with("path", path.display());
    if exists { failure } else { failure.cause(error) }
}
