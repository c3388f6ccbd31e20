//! Where things are kept.

use std::path::{Path, PathBuf};

use crate::device::System;
use crate::error::Error;
use crate::state::place::Account;

/// The name of the key by which activation codes are recognised.
pub(crate) const CODE_KEY: &str = "code.key";

/// The directories of one user, or of one sandbox.
#[derive(Debug, Clone)]
pub struct Paths {
    state: PathBuf,
    account: Account,
}

impl Paths {
    /// The state directory that is named, else the one of the machine for root, services and its group, else the user's by
    /// the rules of XDG.
    ///
    /// # Errors
    /// None today; kept for front ends that were written for older versions.
    pub fn new(state: Option<PathBuf>) -> Result<Self, Error> {
        Ok(Self::in_system(&System::default(), state))
    }

    pub(crate) fn in_system(system: &System, state: Option<PathBuf>) -> Self {
        let account = Account::of_this_process(system);
        let state = state.unwrap_or_else(|| account.state());
        Self { state, account }
    }

    /// The account that uses them.
    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// Where virtual cards, the database and all that is remembered live.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// The configuration files: that of the machine, then that of the user, which wins.
    #[must_use]
    pub fn config_files(&self) -> Vec<PathBuf> {
        self.account.configurations()
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.state.join("esimctl.db")
    }

    /// The key by which activation codes are recognised.
    #[must_use]
    pub(crate) fn code_key(&self) -> PathBuf {
        self.state.join(CODE_KEY)
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
}
