//! Notifications that wait on the card.

use data_encoding::BASE64;
use manager::card::DropPlan;
use manager::outbox::{Failed, Imported, Reporting, nameless_warning};
use serde_json::{Value, json};
use sgp22::id::{Iccid, ServerAddressError};
use sgp22::notification::{NotificationMetadata, PendingKind, PendingNotification};

use super::Report;
use super::profile::event_words;
use super::table::table;
use super::text::{DIM, Fields, clean, count};

/// `notifications` of a change: what became of them.
pub(super) fn reporting(reporting: &Reporting) -> Value {
    json!({
        "pending": reporting.pending.as_ref().map(Vec::len),
        "delivered": reporting.delivered,
        "kept": reporting.kept,
        "failed": reporting.failed.iter().map(failed).collect::<Vec<_>>(),
        "nameless": reporting.nameless.len(),
    })
}

fn failed(failed: &Failed) -> Value {
    json!({ "server": failed.server, "waiting": failed.waiting, "error": failed.why })
}

/// The lines below a change that say what became of its notifications.
pub(super) fn reporting_text(reporting: &Reporting) -> String {
    let mut text = String::new();
    if reporting.delivered > 0 {
        let were = if reporting.delivered == 1 { "was" } else { "were" };
        text += &format!("{DIM}{} {were} delivered.{DIM:#}\n", count(reporting.delivered, "notification"));
    }
    let pending = reporting.pending.as_deref().unwrap_or_default();
    let mut servers: Vec<String> = pending.iter().filter_map(|one| Some(one.server().ok()?.to_string())).collect();
    let (waiting, nameless) = (servers.len(), pending.len() - servers.len());
    servers.sort();
    servers.dedup();
    if waiting > 0 {
        text += &format!("{DIM}{} on the card for {}.{DIM:#}\n", waits(waiting), servers.join(", "));
    }
    if nameless > 0 {
        let (stays, it_names) = if nameless == 1 { ("stays", "it names") } else { ("stay", "they name") };
        let many = count(nameless, "notification");
        text += &format!("{DIM}{many} {stays} on the card, since {it_names} no server.{DIM:#}\n");
    }
    text
}

/// What is done and not reported yet.
pub(super) fn reporting_warnings(reporting: &Reporting) -> Vec<String> {
    let failed = reporting.failed.iter().map(|failed| clean(&failed.warning()));
    failed.chain(nameless_warning(&reporting.nameless)).collect()
}

fn waits(number: usize) -> String {
    let verb = if number == 1 { "waits" } else { "wait" };
    format!("{} {verb}", count(number, "notification"))
}

fn metadata_json(metadata: &NotificationMetadata) -> Value {
    json!({
        "seq": metadata.seq,
        "events": metadata.event.names().collect::<Vec<_>>(),
        "server": metadata.server_name(),
        "address": metadata.address.to_string(),
        "address_error": metadata.server().err().map(ServerAddressError::name),
        "iccid": metadata.iccid.as_ref().map(Iccid::digits),
    })
}

pub(crate) struct NotificationsReport(pub(crate) Vec<NotificationMetadata>);

impl Report for NotificationsReport {
    fn data(&self) -> Value {
        self.0.iter().map(metadata_json).collect()
    }

    fn text(&self) -> String {
        if self.0.is_empty() {
            return "No notification waits on the card.\n".into();
        }
        notifications_table(&self.0)
    }
}

fn notifications_table(notifications: &[NotificationMetadata]) -> String {
    let row = |one: &NotificationMetadata| {
        vec![
            one.seq.to_string(),
            event_words(&one.event),
            server_cell(&one.server_name(), one.server().err()),
            one.iccid.as_ref().map(Iccid::digits).unwrap_or_default(),
        ]
    };
    table(&["SEQ", "EVENT", "SERVER", "ICCID"], &notifications.iter().map(row).collect::<Vec<_>>())
}

/// A server in a table; an address that names none stands in quotes.
pub(super) fn server_cell(name: &str, error: Option<ServerAddressError>) -> String {
    match error {
        None => clean(name),
        Some(ServerAddressError::Empty) => "names no server".into(),
        Some(_) => format!("names no server: '{}'", clean(name)),
    }
}

pub(crate) struct NotificationReport(pub(crate) PendingNotification);

impl NotificationReport {
    fn kind(&self) -> String {
        match self.0.kind {
            PendingKind::InstallationResult => "installation-result".into(),
            PendingKind::Other => "other-signed".into(),
            PendingKind::Unknown(tag) => format!("unknown-{tag}"),
        }
    }
}

impl Report for NotificationReport {
    fn data(&self) -> Value {
        let mut data = self.0.metadata.as_ref().map_or_else(|| json!({}), metadata_json);
        data["kind"] = self.kind().into();
        data["payload_base64"] = BASE64.encode(&self.0.bytes).into();
        data
    }

    fn text(&self) -> String {
        let mut fields = Fields::default();
        if let Some(metadata) = &self.0.metadata {
            fields
                .add("Number", metadata.seq.to_string())
                .add("Event", event_words(&metadata.event))
                .add("For", server_cell(&metadata.server_name(), metadata.server().err()))
                .add("Address", metadata.server().err().map_or_else(String::new, |why| format!("not used: {why}")))
                .add("ICCID", metadata.iccid.as_ref().map(Iccid::digits).unwrap_or_default());
        }
        fields.add("Kind", self.kind()).add("Payload", format!("{} bytes; --json gives them", self.0.bytes.len()));
        fields.text()
    }
}

pub(crate) struct SentReport {
    pub(crate) reporting: Reporting,
    /// Also what was in the outbox.
    pub(crate) everything: bool,
}

impl Report for SentReport {
    fn data(&self) -> Value {
        json!({ "notifications": reporting(&self.reporting) })
    }

    fn text(&self) -> String {
        match &self.reporting {
            Reporting { delivered: 0, pending, .. } if pending.as_ref().is_none_or(Vec::is_empty) => {
                let where_none_waits = match (self.everything, pending) {
                    (false, _) => "on the card",
                    (true, Some(_)) => "on the card or in the outbox",
                    (true, None) => "in the outbox, and no card was asked",
                };
                format!("No notification waits {where_none_waits}.\n")
            }
            reporting => reporting_text(reporting),
        }
    }

    fn warnings(&self) -> Vec<String> {
        nameless_warning(&self.reporting.nameless).into_iter().collect()
    }
}

/// What giving notifications up costs.
pub(super) const COST_OF_DROPPING: &str = "Their servers will never learn of these events, and go on believing what they know. After a deletion that was\n\
     not reported, a server may think that the profile is still installed and refuse to give it again.\n";

/// What dropping would do, for the person who is asked.
pub(crate) fn drop_plan_text(plan: &DropPlan) -> String {
    format!("To be given up, unsent:\n{}{COST_OF_DROPPING}", notifications_table(&plan.notifications))
}

pub(crate) struct DroppedReport {
    pub(crate) plan: DropPlan,
    pub(crate) reason: Option<String>,
    pub(crate) dry_run: bool,
}

impl Report for DroppedReport {
    fn data(&self) -> Value {
        json!({
            "eid": self.plan.eid.to_string(),
            "dropped": self.plan.notifications.iter().map(metadata_json).collect::<Vec<_>>(),
            "reason": self.reason,
            "dry_run": self.dry_run,
            "changed": !self.dry_run,
        })
    }

    fn text(&self) -> String {
        if self.dry_run {
            return format!("{}{DIM}A dry run: nothing was changed.{DIM:#}\n", drop_plan_text(&self.plan));
        }
        let number = self.plan.notifications.len();
        let was = if number == 1 { "was" } else { "were" };
        format!("{} {was} given up, unsent. The outbox keeps a copy.\n", count(number, "notification"))
    }
}

pub(crate) struct ExportedReport {
    pub(crate) path: String,
    pub(crate) count: usize,
}

impl Report for ExportedReport {
    fn data(&self) -> Value {
        json!({ "path": self.path, "count": self.count })
    }

    fn text(&self) -> String {
        let were = if self.count == 1 { "was" } else { "were" };
        format!("{} {were} written to {}; the card still has them.\n", count(self.count, "notification"), self.path)
    }
}

pub(crate) struct ImportedReport {
    pub(crate) path: String,
    pub(crate) imported: Imported,
}

impl Report for ImportedReport {
    fn data(&self) -> Value {
        json!({ "path": self.path, "new": self.imported.new, "known": self.imported.known })
    }

    fn text(&self) -> String {
        let Imported { new, known } = self.imported;
        let known = if known > 0 { format!(", {known} were there already") } else { String::new() };
        format!("{} came into the outbox{known}. To send: esimctl outbox send\n", count(new, "notification"))
    }
}
