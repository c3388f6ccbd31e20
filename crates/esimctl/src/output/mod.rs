//! What the program says: text for people, one JSON document for programs.
//!
//! A command gives a [`Report`]; here it becomes one or the other. JSON is versioned ([`SCHEMA`], `docs/schema/`);
//! text is free to improve.

mod apdu;
mod devices;
mod doctor;
mod error;
mod info;
mod notifications;
mod profile;
mod server;
mod switch;
mod table;
mod text;
mod virtual_cards;

use std::io::Write;
use std::process::ExitCode;

use manager::error::Exit;
use manager::{Counts, Error};
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) use apdu::{ApduReport, Es10Report};
pub(crate) use devices::DevicesReport;
pub(crate) use doctor::DoctorReport;
pub(crate) use info::InfoReport;
pub(crate) use notifications::{NotificationReport, NotificationsReport};
pub(crate) use profile::{DeletePlanReport, DeletedReport, ListReport, RenamedReport, ShowReport, delete_plan_text};
pub(crate) use server::{AddressesReport, ResetPlanReport, ResetReport, ServerSetReport, reset_plan_text};
pub(crate) use switch::SwitchReport;
pub(crate) use virtual_cards::{
    CreatedReport, PlugEvent, QuirksReport, RemovedReport, VirtualListReport, VirtualShowReport,
};

/// The version of the JSON documents.
pub(crate) const SCHEMA: &str = "esimctl/1";

/// What a command has to say.
pub(crate) trait Report {
    /// `data` of the JSON document.
    fn data(&self) -> Value;
    /// The text, with a line end after each line.
    fn text(&self) -> String;
}

/// How the output is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    pub(crate) json: bool,
    pub(crate) stats: bool,
}

/// A value as JSON; types of this crate always can be.
fn to_json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// Prints a report; the command was done.
pub(crate) fn finish(screen: &Screen, command: &str, report: &dyn Report, counts: Counts) -> ExitCode {
    if screen.json {
        let mut document = json!({ "schema": SCHEMA, "command": command, "data": report.data() });
        add_stats(&mut document, screen, Some(counts));
        print(&format!("{document}\n"));
    } else {
        print(&report.text());
        print_stats(screen, Some(counts));
    }
    ExitCode::from(Exit::Done as u8)
}

/// Prints an error; gives the exit code that belongs to it.
pub(crate) fn finish_error(screen: &Screen, command: &str, error: &Error, counts: Option<Counts>) -> ExitCode {
    if screen.json {
        let mut document = json!({ "schema": SCHEMA, "command": command, "error": error::json(error) });
        add_stats(&mut document, screen, counts);
        print(&format!("{document}\n"));
    } else {
        anstream::eprint!("{}", error::text(error));
        print_stats(screen, counts);
    }
    ExitCode::from(error.exit() as u8)
}

/// Prints a line of JSON or of text at once, for commands that go on.
pub(crate) fn say(screen: &Screen, event: &PlugEvent) {
    print(&if screen.json { format!("{}\n", event.json()) } else { event.text() });
}

fn add_stats(document: &mut Value, screen: &Screen, counts: Option<Counts>) {
    let Some(counts) = counts.filter(|_| screen.stats) else { return };
    document["stats"] = json!({
        "apdus": counts.apdus,
        "bytes_sent": counts.bytes_sent,
        "bytes_received": counts.bytes_received,
        "card_ms": milliseconds(counts),
        "http_requests": 0,
        "tls_handshakes": 0,
        "http_ms": 0.0,
    });
}

fn print_stats(screen: &Screen, counts: Option<Counts>) {
    if let Some(counts) = counts.filter(|_| screen.stats) {
        let Counts { apdus, bytes_sent, bytes_received, .. } = counts;
        let time = milliseconds(counts);
        anstream::eprintln!(
            "Cost: {apdus} APDUs, {bytes_sent} bytes sent, {bytes_received} received, {time} ms on the card"
        );
    }
}

/// Time on the card in milliseconds, to a tenth.
fn milliseconds(counts: Counts) -> f64 {
    (counts.time.as_secs_f64() * 10_000.0).round() / 10.0
}

/// Prints to standard output. A reader that has gone away is no error of the command.
fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if let Err(error) = written {
        log::debug!("nobody reads: {error}");
    }
}
