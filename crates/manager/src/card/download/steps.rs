//! The journal of a download, while it goes on.

use lpa::download::{Step, Watch};
use serde_json::json;

use crate::error::Error;
use crate::record::Record;
use crate::recover::step;

/// Records a step, where there is a record.
pub(super) fn note(record: Option<&Record>, name: &str, detail: serde_json::Value) -> Result<(), Error> {
    record.map_or(Ok(()), |record| record.step(name, &detail))
}

/// The same for what goes on all the same: a journal that cannot be written takes nothing from it.
pub(super) fn note_anyway(record: Option<&Record>, name: &str, detail: serde_json::Value) {
    if let Err(error) = note(record, name, detail) {
        log::error!("the journal cannot be written: {} ({})", error.message(), error.cause);
    }
}

/// Closes the record with an error, and passes that on.
pub(super) fn closed(record: Option<Record>, error: Error) -> Error {
    if let Some(record) = record {
        record.end(Some(&error));
    }
    error
}

/// Watches for whoever comes after a crash: that a session is about to be ended, and why, decides what the code is still
/// worth.
pub(super) struct Noted<'a> {
    watch: &'a mut dyn Watch,
    record: Option<&'a Record>,
}

impl<'a> Noted<'a> {
    pub(super) fn new(watch: &'a mut dyn Watch, record: Option<&'a Record>) -> Self {
        Self { watch, record }
    }
}

impl Watch for Noted<'_> {
    fn step(&mut self, step: Step) {
        if let Step::Ending(reason) = step {
            let detail = json!({ "reason": reason.code(), "name": reason.name() });
            note_anyway(self.record, step::ENDING, detail);
        }
        self.watch.step(step);
    }
}
