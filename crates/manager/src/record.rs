//! The record of a change while it is made.

use crate::Manager;
use crate::database::{Database, NewEntry, Outcome};
use crate::error::{Error, State};

/// An entry of the journal that is open while the change is made.
pub(crate) struct Record {
    journal: Database,
    id: i64,
}

impl Record {
    /// Records a change before it is made. Without this it must not be.
    pub(crate) fn begin(manager: &Manager, entry: &NewEntry<'_>) -> Result<Self, Error> {
        Self::begin_with_code(manager, entry, None)
    }

    /// Like [`Record::begin`], for a download by the order with this fingerprint.
    pub(crate) fn begin_with_code(manager: &Manager, entry: &NewEntry<'_>, code: Option<&str>) -> Result<Self, Error> {
        let journal = Database::open(manager.paths())?;
        let id = journal.begin_with_code(entry, code)?;
        manager.keep_slot(entry.device);
        Ok(Self { journal, id })
    }

    /// Its number.
    pub(crate) fn id(&self) -> i64 {
        self.id
    }

    /// Records how far the change came, before the next step is taken. Without this it must not be.
    pub(crate) fn step(&self, name: &str, detail: &serde_json::Value) -> Result<(), Error> {
        self.journal.step(self.id, name, detail)
    }

    /// Records how it ended. The card has been touched already, so a failure here is only told.
    pub(crate) fn end(self, error: Option<&Error>) {
        let outcome = match error.map(|error| error.state) {
            None | Some(State::Done) => Outcome::Done,
            Some(State::Unknown) => Outcome::Unknown,
            Some(State::NotDone | State::Unchanged) => Outcome::NotDone,
        };
        let detail = error.map(|error| format!("{}: {}", error.id.entry().name, error.cause));
        if let Err(error) = self.journal.finish(self.id, outcome, detail.as_deref()) {
            log::error!("the journal could not be closed: {} ({})", error.message(), error.cause);
        }
    }
}
