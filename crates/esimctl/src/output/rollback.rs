//! Switches that are undone if no network takes them.

use manager::PendingRollback;
use manager::rollback::{RollbackOutcome, Standing};
use manager::words;
use serde_json::{Value, json};

use super::Report;
use super::text::clean;

/// Those that are still to be kept or undone.
pub(crate) struct RollbacksReport(pub(crate) Vec<(PendingRollback, Standing)>);

/// Those that were due, and all of them settled.
pub(crate) struct RolledBackReport(pub(crate) Vec<SettledRow>);

/// One that was due: what is printed of it, also where another process settled it.
pub(crate) struct SettledRow(pub(crate) Value);

impl SettledRow {
    pub(crate) fn new(outcome: &RollbackOutcome) -> Self {
        Self(outcome_json(outcome))
    }

    fn text(&self) -> String {
        clean(self.0["message"].as_str().unwrap_or_default()) + "\n"
    }
}

/// Those whose new profile stays by the user's word.
pub(crate) struct KeptReport(pub(crate) Vec<PendingRollback>);

impl Report for RollbacksReport {
    fn data(&self) -> Value {
        let row = |(pending, standing): &(PendingRollback, Standing)| {
            let mut row = pending_json(pending);
            row["standing"] = standing_name(*standing).into();
            row["pid"] = pending.pid().into();
            row["problem"] = pending.detail.clone().into();
            row
        };
        json!({ "rollbacks": self.0.iter().map(row).collect::<Vec<_>>() })
    }

    fn text(&self) -> String {
        if self.0.is_empty() {
            return words::text("rollback-none", &[]) + "\n";
        }
        self.0.iter().map(|(pending, standing)| row_text(pending, *standing)).collect()
    }
}

impl Report for RolledBackReport {
    fn data(&self) -> Value {
        json!({ "rollbacks": self.0.iter().map(|row| &row.0).collect::<Vec<_>>() })
    }

    /// Nothing where nothing was due: this runs at each boot.
    fn text(&self) -> String {
        self.0.iter().map(SettledRow::text).collect()
    }
}

impl Report for KeptReport {
    fn data(&self) -> Value {
        json!({ "rollbacks": self.0.iter().map(pending_json).collect::<Vec<_>>() })
    }

    fn text(&self) -> String {
        if self.0.is_empty() {
            return words::text("rollback-none-kept", &[]) + "\n";
        }
        let kept = |pending: &PendingRollback| {
            let about = [("profile", clean(&pending.iccid).into()), ("id", pending.id.to_string().into())];
            words::text("rollback-kept", &about) + "\n"
        };
        self.0.iter().map(kept).collect()
    }
}

const fn standing_name(standing: Standing) -> &'static str {
    match standing {
        Standing::Waiting => "waiting",
        Standing::Overdue => "overdue",
        Standing::Due => "due",
    }
}

fn pending_json(pending: &PendingRollback) -> Value {
    json!({
        "id": pending.id,
        "created": pending.created,
        "device": pending.device,
        "eid": pending.eid,
        "iccid": pending.iccid,
        "former": pending.former,
        "seconds": pending.seconds,
        "deadline": pending.deadline,
    })
}

/// What became of one that was due.
pub(super) fn outcome_json(outcome: &RollbackOutcome) -> Value {
    let mut row = pending_json(&outcome.pending);
    let (name, message) = match &outcome.result {
        Ok((end, message)) => (end.name(), message.clone()),
        Err(error) => ("open", error.message()),
    };
    row["outcome"] = name.into();
    row["message"] = message.into();
    row
}

/// A sentence on what became of one that was due.
pub(crate) fn rollback_line(outcome: &RollbackOutcome) -> String {
    match &outcome.result {
        Ok((_, message)) => clean(message),
        Err(error) => {
            let about = [("profile", clean(&outcome.pending.iccid).into()), ("why", clean(&error.message()).into())];
            words::text("rollback-open-now", &about)
        }
    }
}

fn row_text(pending: &PendingRollback, standing: Standing) -> String {
    let about = [
        ("id", pending.id.to_string().into()),
        ("profile", clean(&pending.iccid).into()),
        ("created", clean(&pending.created).into()),
        ("device", clean(&pending.device).into()),
        ("seconds", pending.seconds.to_string().into()),
        ("former", pending.former.as_deref().map(clean).unwrap_or_default().into()),
        ("pid", pending.pid().unwrap_or(0).to_string().into()),
        ("deadline", clean(&pending.deadline).into()),
        ("why", pending.detail.as_deref().map(clean).unwrap_or_default().into()),
    ];
    let back = if pending.former.is_some() { "rollback-back-to" } else { "rollback-back-to-none" };
    let now = match standing {
        Standing::Waiting => "rollback-waiting",
        Standing::Overdue => "rollback-overdue",
        Standing::Due => "rollback-is-due",
    };
    let failed = pending.detail.as_ref().map(|_| "rollback-failed-last");
    let lines = [Some(back), failed, Some(now)];
    let further: String = lines.into_iter().flatten().map(|key| format!("   {}\n", words::text(key, &about))).collect();
    format!("{}\n{further}", words::text("rollback-row", &about))
}
