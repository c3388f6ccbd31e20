//! Virtual cards in a directory: one folder a card, its state in a file that is replaced as a whole.

use std::path::{Path, PathBuf};

use private_files::{Access, Existing};

use super::state::{CardState, VERSION};

/// The file with the card's state.
const STATE_FILE: &str = "card.json";

/// Why a virtual card cannot be made, read or kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The name is of no use.
    #[error("{0:?} is not a name for a card: it takes 1 to 40 letters, digits, '-' and '_'")]
    BadName(String),
    /// There is no such card.
    #[error("there is no virtual card {0:?}")]
    NotFound(String),
    /// There is one already.
    #[error("there is a virtual card {0:?} already")]
    Exists(String),
    /// The state file cannot be understood.
    #[error("{path} is damaged: {why}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The state file was written by a newer version.
    #[error("{path} was written by a newer version (format {version})")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u64,
    },
    /// The system refuses.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A new card cannot be made up.
    #[error("a new card cannot be made: {0}")]
    NewCard(String),
    /// Its certificates cannot be made or read.
    #[error(transparent)]
    Pki(#[from] crate::pki::PkiError),
}

impl From<sgp22::id::ParseIdError> for StoreError {
    fn from(error: sgp22::id::ParseIdError) -> Self {
        Self::NewCard(error.to_string())
    }
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Io { path, source }
}

/// All virtual cards below one directory.
#[derive(Debug, Clone)]
pub struct CardShelf {
    directory: PathBuf,
}

impl CardShelf {
    /// The cards in `directory`, which need not exist yet.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// The folder of the card with this name.
    pub fn folder(&self, name: &str) -> Result<PathBuf, StoreError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || name.len() > 40 || !name.chars().all(allowed) || name.starts_with('-') {
            return Err(StoreError::BadName(name.into()));
        }
        Ok(self.directory.join(name))
    }

    /// The folder of a card that exists.
    pub fn existing(&self, name: &str) -> Result<PathBuf, StoreError> {
        let folder = self.folder(name)?;
        if folder.join(STATE_FILE).exists() { Ok(folder) } else { Err(StoreError::NotFound(name.into())) }
    }

    /// The names of the cards, sorted.
    pub fn names(&self) -> Result<Vec<String>, StoreError> {
        let entries = match std::fs::read_dir(&self.directory) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(io(&self.directory))?,
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| self.existing(name).is_ok())
            .collect();
        names.sort();
        Ok(names)
    }

    /// Makes the folder of a new card in one step: `fill` writes into a draft that then gets the name.
    pub(super) fn add(
        &self,
        name: &str,
        fill: impl FnOnce(&Path) -> Result<(), StoreError>,
    ) -> Result<PathBuf, StoreError> {
        let folder = self.folder(name)?;
        if folder.exists() {
            return Err(StoreError::Exists(name.into()));
        }
        private_files::make_directory(&self.directory, Access::Directory).map_err(io(&self.directory))?;
        let draft = private_files::draft_directory(&self.directory, ".new").map_err(io(&self.directory))?;
        fill(draft.path())?;
        match private_files::persist_directory(draft, &folder) {
            Ok(()) => Ok(folder),
            Err(_) if folder.exists() => Err(StoreError::Exists(name.into())),
            Err(source) => Err(io(&folder)(source)),
        }
    }

    /// Removes a card for good.
    pub fn remove(&self, name: &str) -> Result<(), StoreError> {
        let folder = self.existing(name)?;
        std::fs::remove_dir_all(&folder).map_err(io(&folder))
    }
}

/// Reads the state in a card's folder.
pub(super) fn load(folder: &Path) -> Result<CardState, StoreError> {
    let path = folder.join(STATE_FILE);
    let text = std::fs::read(&path).map_err(io(&path))?;
    let damaged = |error: serde_json::Error| StoreError::Damaged { path: path.clone(), why: error.to_string() };
    let value: serde_json::Value = serde_json::from_slice(&text).map_err(damaged)?;
    match value.get("version").and_then(serde_json::Value::as_u64) {
        Some(version) if version > u64::from(VERSION) => Err(StoreError::Newer { path, version }),
        _ => serde_json::from_value(value).map_err(damaged),
    }
}

/// Replaces the state in a card's folder: after a crash there is the old one or the new one, never a mixture.
pub(super) fn save(folder: &Path, state: &CardState) -> Result<(), StoreError> {
    let path = folder.join(STATE_FILE);
    let mut text = serde_json::to_vec_pretty(state).map_err(|error| io(&path)(error.into()))?;
    text.push(b'\n');
    private_files::write(&path, &text, Access::Directory, Existing::Replace).map_err(io(&path))
}
