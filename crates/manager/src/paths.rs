//! Where things are kept.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::error::{Error, Id};
use crate::words;

/// The directories of one user, or of one sandbox.
#[derive(Debug, Clone)]
pub struct Paths {
    state: PathBuf,
    config: PathBuf,
}

impl Paths {
    /// By the XDG rules, with another state directory if one is named.
    pub fn new(state: Option<PathBuf>) -> Result<Self, Error> {
        let xdg = etcetera::base_strategy::Xdg::new().map_err(|error| {
            Error::new(Id::StateDirectory).with("path", words::text("home-directory", &[])).cause(error)
        })?;
        let state = state
            .or_else(|| xdg.state_dir().map(|directory| directory.join("esimctl")))
            .unwrap_or_else(|| xdg.data_dir().join("esimctl"));
        Ok(Self { state, config: xdg.config_dir().join("esimctl/config.toml") })
    }

    /// Where virtual cards, the database and all that is remembered live.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// The configuration file.
    #[must_use]
    pub fn config_file(&self) -> &Path {
        &self.config
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.state.join("esimctl.db")
    }

    /// Proof of what happened in a case, each file under its SHA-256.
    #[must_use]
    pub fn evidence(&self) -> PathBuf {
        self.state.join("evidence")
    }

    /// The virtual cards.
    #[must_use]
    pub fn virtual_cards(&self) -> PathBuf {
        self.state.join("virtual")
    }

    /// The test PKI of the virtual cards.
    #[must_use]
    pub fn pki(&self) -> PathBuf {
        self.state.join("pki")
    }

    /// What virtual servers keep, a directory each.
    #[must_use]
    pub fn servers(&self) -> PathBuf {
        self.state.join("servers")
    }

    /// A file for each virtual server that runs.
    #[must_use]
    pub fn running_servers(&self) -> PathBuf {
        self.servers().join("running")
    }

    /// Makes the state directory, for its owner alone.
    pub fn make_state(&self) -> Result<(), Error> {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.state)
            .map_err(|error| Error::new(Id::StateDirectory).with("path", self.state.display()).cause(error))
    }
}
