//! What became of changes that were begun and never finished.

use manager::error::{Exit, State};
use manager::recover::{Finding, Recovered, Recovery};
use serde_json::{Value, json};

use super::Report;
use super::notifications::{reporting, reporting_text, reporting_warnings};
use super::rollback::{outcome_json, rollback_line};
use super::text::{BOLD, DIM, GREEN, YELLOW, clean};

pub(crate) struct RecoveryReport {
    pub(crate) recovery: Recovery,
    /// The user asked to close what cannot be told.
    pub(crate) close: bool,
}

impl Report for RecoveryReport {
    fn data(&self) -> Value {
        json!({
            "entries": self.recovery.entries.iter().map(entry_json).collect::<Vec<_>>(),
            "notifications": self.recovery.notifications.iter().map(reporting).collect::<Vec<_>>(),
            "rollbacks": self.recovery.rollbacks.iter().map(outcome_json).collect::<Vec<_>>(),
        })
    }

    fn text(&self) -> String {
        if self.recovery.entries.is_empty() && self.recovery.rollbacks.is_empty() {
            return "No change is open.\n".into();
        }
        let entries: String = self.recovery.entries.iter().map(entry_text).collect();
        let rollbacks: String = self.recovery.rollbacks.iter().map(|outcome| rollback_line(outcome) + "\n").collect();
        entries + &rollbacks + &self.recovery.notifications.iter().map(reporting_text).collect::<String>()
    }

    fn exit(&self) -> Exit {
        // Who asked to close what nobody can ever know needs not be told that it is unknown.
        let untold = |finding| finding == Finding::Unknown || (finding == Finding::NobodyKnows && !self.close);
        let open = self.recovery.entries.iter().any(|recovered| untold(recovered.finding));
        // A switch that is still to be undone is something to come back for, too.
        let mut failures =
            self.recovery.rollbacks.iter().filter_map(|outcome| outcome.result.as_ref().err()).peekable();
        let any_failed = failures.peek().is_some();
        match open || failures.any(|error| error.state == State::Unknown) {
            true => Exit::Unknown,
            false if any_failed => Exit::NotDone,
            false => Exit::Done,
        }
    }

    fn warnings(&self) -> Vec<String> {
        self.recovery.notifications.iter().flat_map(reporting_warnings).collect()
    }
}

fn entry_json(recovered: &Recovered) -> Value {
    let entry = &recovered.entry;
    json!({
        "id": entry.id,
        "started": entry.started,
        "command": entry.command,
        "device": entry.device,
        "eid": Some(&entry.eid).filter(|eid| !eid.is_empty()),
        "iccid": entry.iccid,
        "finding": recovered.finding.name(),
        "message": recovered.message,
        "next": recovered.next,
    })
}

fn entry_text(recovered: &Recovered) -> String {
    let entry = &recovered.entry;
    let (style, word) = match recovered.finding {
        Finding::Done => (GREEN, "done"),
        Finding::NotDone => (YELLOW, "not done"),
        Finding::Unknown => (YELLOW, "unknown"),
        Finding::Superseded => (DIM, "moot"),
        Finding::NobodyKnows => (YELLOW, "nobody knows"),
    };
    let iccid = entry.iccid.as_ref().map(|iccid| format!(" {}", clean(iccid))).unwrap_or_default();
    let mut text = format!(
        "{BOLD}{}{iccid}{BOLD:#} ({}, {}): {style}{word}{style:#}. {}\n",
        clean(&entry.command),
        clean(&entry.device),
        entry.started,
        clean(&recovered.message)
    );
    if let Some(next) = &recovered.next {
        text += &format!("  {DIM}next{DIM:#}  {}\n", clean(next));
    }
    text
}
