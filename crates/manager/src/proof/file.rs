//! Reading the files that carry proof: reports in three forms, exported notifications, and a notification alone.

use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::block::{self, Blocks};
use super::claim::{Claim, Payload, one_line};
use super::page::{self, Shown, html, markdown};
use crate::outbox::FORMAT as EXPORT_FORMAT;

/// The longest file that is read, in bytes: thousands of notifications.
const MAX_FILE_LENGTH: u64 = 16 << 20;
/// The beginning of the schema of a report as JSON.
const REPORT_SCHEMA: &str = "esimctl-case/";

/// The kind of a file that carries proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A report as JSON.
    JsonReport,
    /// A report as HTML.
    HtmlReport,
    /// A report as Markdown.
    MarkdownReport,
    /// Exported notifications.
    Export,
    /// A signed notification alone, as the card gave it.
    Notification,
}

impl FileKind {
    /// True for a report of a case.
    #[must_use]
    pub const fn is_report(self) -> bool {
        matches!(self, Self::JsonReport | Self::HtmlReport | Self::MarkdownReport)
    }

    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::JsonReport => "json_report",
            Self::HtmlReport => "html_report",
            Self::MarkdownReport => "markdown_report",
            Self::Export => "notifications",
            Self::Notification => "notification",
        }
    }
}

/// A file that carries proof, as read.
#[derive(Debug)]
pub(super) struct ProofFile {
    pub(super) kind: FileKind,
    pub(super) claims: Vec<Claim>,
    /// The tables that a report shows beside, which claim the same again.
    pub(super) shown: Option<Shown>,
    /// Cards of which the file says that they signed nothing.
    pub(super) signed_nothing: Vec<String>,
}

/// The bytes of a regular file that is not too long.
fn read_capped(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err(crate::words::text("proof-not-a-file", &[]));
    }
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_LENGTH + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_FILE_LENGTH {
        return Err(crate::words::text("proof-too-long", &[]));
    }
    Ok(bytes)
}

/// Reads a file, whatever its name: the contents tell what it is.
pub(super) fn read(path: &Path) -> Result<ProofFile, String> {
    parse(&read_capped(path)?)
}

pub(super) fn parse(bytes: &[u8]) -> Result<ProofFile, String> {
    if bytes.first() == Some(&0x30) || bytes.starts_with(&[0xBF]) {
        return Ok(alone(bytes));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| crate::words::text("proof-unknown-kind", &[]))?;
    let start = text.trim_start_matches('\u{FEFF}').trim_start();
    if start.starts_with('{') {
        return json(start);
    }
    let (kind, page) = if start.starts_with('<') {
        (FileKind::HtmlReport, html(text))
    } else {
        (FileKind::MarkdownReport, markdown(text))
    };
    if page.is_empty() {
        return Err(crate::words::text("proof-unknown-kind", &[]));
    }
    let Blocks { claims, signed_nothing } = block::read_all(&page.blocks);
    Ok(ProofFile { kind, claims, shown: Some(page.shown(text)), signed_nothing })
}

fn alone(bytes: &[u8]) -> ProofFile {
    let claim = Claim { payload: Payload::Bytes(bytes.to_vec()), ..Claim::default() };
    ProofFile { kind: FileKind::Notification, claims: vec![claim], shown: None, signed_nothing: Vec::new() }
}

fn json(text: &str) -> Result<ProofFile, String> {
    let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    // `--json retire report CASE -` has the report inside.
    let document = document.get("data").and_then(|data| data.get("report")).unwrap_or(&document);
    let of = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default();
    let notifications = document.get("notifications").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if of("schema").starts_with(REPORT_SCHEMA) {
        let iccid = document.get("case").and_then(|case| case.get("iccid")).and_then(word);
        let claims = notifications.iter().map(|one| claim(one, iccid.clone(), None)).collect();
        let signed_nothing = document.get("signed_nothing").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let signed_nothing = signed_nothing.iter().filter_map(word).collect();
        let shown = Some(page::json(document));
        return Ok(ProofFile { kind: FileKind::JsonReport, claims, shown, signed_nothing });
    }
    if of("format") == EXPORT_FORMAT {
        let eid = document.get("eid").and_then(word);
        let claims = notifications.iter().map(|one| claim(one, None, eid.clone())).collect();
        return Ok(ProofFile { kind: FileKind::Export, claims, shown: None, signed_nothing: Vec::new() });
    }
    Err(crate::words::text("proof-unknown-kind", &[]))
}

/// The claim in an object of a report or an export; what the whole file claims stands in for what the object leaves out.
fn claim(object: &Value, iccid: Option<String>, eid: Option<String>) -> Claim {
    let own = |name: &str| object.get(name).and_then(word);
    let payload = match object.get("payload_base64") {
        Some(Value::String(text)) => Payload::from_base64(text),
        Some(Value::Null) | None => Payload::Missing,
        Some(_) => Payload::Unreadable(String::new()),
    };
    Claim {
        event: own("event"),
        iccid: own("iccid").or(iccid),
        eid: own("eid").or(eid),
        seq: own("seq"),
        server: own("server"),
        address: own("address"),
        sha256: own("sha256"),
        payload,
    }
}

/// A text or number on one line. Anything else is a claim too, and one that no card signs.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(one_line(text)),
        other => Some(one_line(&other.to_string())),
    }
}
