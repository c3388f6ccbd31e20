//! The files that a case stands on, and what of its history was corrected.

use serde_json::{Value, json};

use super::super::case::{Evidence, Step};
use super::super::event::{Event, Happened};
use super::super::evidence::{EvidenceState, check, stored_at};
use crate::Paths;

/// A file that was recorded, with the step that it proves.
#[derive(Debug, Clone)]
pub(super) struct ReportedFile {
    pub(super) step: Step,
    pub(super) evidence: Evidence,
    pub(super) state: EvidenceState,
    /// What it belongs to was corrected since.
    pub(super) corrected: bool,
}

impl ReportedFile {
    pub(super) fn json(&self) -> Value {
        let Evidence { name, sha256, bytes } = &self.evidence;
        json!({
            "step": self.step.name(),
            "name": name,
            "sha256": sha256,
            "bytes": bytes,
            "state": self.state.name(),
            "corrected": self.corrected,
        })
    }
}

/// All files that were ever recorded, looked at again.
pub(super) fn files(paths: &Paths, history: &[Happened], corrected: &[Option<String>]) -> Vec<ReportedFile> {
    let mut files: Vec<ReportedFile> = Vec::new();
    for (happened, corrected) in history.iter().zip(corrected) {
        let (step, directory, evidence) = match &happened.event {
            Event::Recorded { step, evidence, .. } => (*step, None, &**evidence),
            Event::BackedUp { directory, files, .. } => (Step::Backup, Some(&**directory), &**files),
            Event::ByWord(statement) => (Step::Clean, None, statement.evidence()),
            _ => continue,
        };
        for one in evidence {
            let state = check(&stored_at(paths, directory, one), one);
            files.push(ReportedFile { step, evidence: one.clone(), state, corrected: corrected.is_some() });
        }
    }
    files
}

/// For each event, when what it records was taken back as wrong.
pub(super) fn corrections(history: &[Happened]) -> Vec<Option<String>> {
    let takes_back = |later: &Event, event: &Event| match (later, event) {
        (Event::Corrected { step, .. }, _) => event.step() == Some(*step) && !matches!(event, Event::Corrected { .. }),
        (Event::DeviceCorrected { eid, .. }, Event::WrittenOff { eid: of, .. } | Event::FoundGone { eid: of, .. }) => {
            eid == of
        }
        (Event::ByWord(later), Event::ByWord(statement)) => later.takes_back(statement),
        _ => false,
    };
    let when = |(place, happened): (usize, &Happened)| {
        let later = history[place + 1..].iter().find(|later| takes_back(&later.event, &happened.event));
        later.map(|later| later.at.clone())
    };
    history.iter().enumerate().map(when).collect()
}
