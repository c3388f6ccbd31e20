//! Notifications that wait on the card.

use data_encoding::BASE64;
use serde_json::{Value, json};
use sgp22::id::Iccid;
use sgp22::notification::{NotificationMetadata, PendingKind, PendingNotification};

use super::Report;
use super::profile::event_words;
use super::table::table;
use super::text::{DIM, Fields, clean, count};

/// `notifications` of a change: how many wait, `null` if the card could not say.
pub(super) fn pending(waiting: Option<&[NotificationMetadata]>) -> Value {
    json!({ "pending": waiting.map(<[_]>::len) })
}

/// The line below a change that says what waits for whom.
pub(super) fn pending_text(waiting: Option<&[NotificationMetadata]>) -> String {
    let Some(waiting) = waiting.filter(|waiting| !waiting.is_empty()) else { return String::new() };
    let mut servers: Vec<String> = waiting.iter().map(|one| clean(&one.server())).collect();
    servers.sort();
    servers.dedup();
    format!("{DIM}{} on the card for {}.{DIM:#}\n", waits(waiting.len()), servers.join(", "))
}

fn waits(number: usize) -> String {
    let verb = if number == 1 { "waits" } else { "wait" };
    format!("{} {verb}", count(number, "notification"))
}

fn metadata_json(metadata: &NotificationMetadata) -> Value {
    json!({
        "seq": metadata.seq,
        "events": metadata.event.names().collect::<Vec<_>>(),
        "server": metadata.server(),
        "address": metadata.address.to_string(),
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
        let rows: Vec<Vec<String>> = self
            .0
            .iter()
            .map(|one| {
                vec![
                    one.seq.to_string(),
                    event_words(&one.event),
                    clean(&one.server()),
                    one.iccid.as_ref().map(Iccid::digits).unwrap_or_default(),
                ]
            })
            .collect();
        table(&["SEQ", "EVENT", "SERVER", "ICCID"], &rows)
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
                .add("For", clean(&metadata.server()))
                .add("ICCID", metadata.iccid.as_ref().map(Iccid::digits).unwrap_or_default());
        }
        fields.add("Kind", self.kind()).add("Payload", format!("{} bytes; --json gives them", self.0.bytes.len()));
        fields.text()
    }
}
