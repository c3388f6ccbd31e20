//! What the program says: text for people, one JSON document for programs.
//!
//! A command gives a [`Report`]; here it becomes one or the other. JSON is versioned ([`SCHEMA`], `docs/schema/`);
//! text is free to improve.

mod apdu;
mod devices;
mod doctor;
mod download;
mod error;
mod icon;
mod info;
mod inventory;
mod learn;
mod notifications;
mod outbox;
mod profile;
mod progress;
mod proof;
mod recover;
mod retire;
mod rollback;
mod server;
mod support;
mod switch;
mod table;
mod text;
mod virtual_cards;
mod virtual_modems;
mod virtual_servers;
mod wrap;

use std::io::Write;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use manager::device::{OtherElement, SlotOutcome, SlotReport};
use manager::error::{Exit, Id};
use manager::retire::{Notice, NoticeKind};
use manager::rollback::RollbackOutcome;
use manager::{Counts, Error, Manager, NetCounts, Waiting, words};
use serde::Serialize;
use serde_json::{Value, json};

use crate::code::{conceal, conceal_in_json};

pub(crate) use apdu::{ApduReport, Es10Report};
pub(crate) use devices::DevicesReport;
pub(crate) use doctor::DoctorReport;
pub(crate) use download::{DeclinedReport, DiscoveredReport, DownloadedReport, offer_text};
pub(crate) use info::InfoReport;
pub(crate) use inventory::{ForgottenDeviceReport, InventoryReport};
pub(crate) use learn::{ForgottenReport, KnownQuirksReport, LessonReport};
pub(crate) use notifications::{
    DroppedReport, ExportedReport, ImportedReport, NotificationReport, NotificationsReport, SentReport, drop_plan_text,
};
pub(crate) use outbox::{GivenUpReport, OutboxReport, OutboxSentReport, give_up_text};
pub(crate) use profile::{DeletePlanReport, DeletedReport, ListReport, RenamedReport, ShowReport, delete_plan_text};
pub(crate) use progress::Progress;
pub(crate) use proof::VerificationReport;
pub(crate) use recover::RecoveryReport;
pub(crate) use retire::{
    BackupReport, CaseListReport, CaseReport, CleanedDevice, CleanedReport, GuideReport, Trace, TraceOutcome, Traces,
    WrittenReport, backup_text, clean_plan_text, clean_question, guide_for, guide_text, next_step_text, obstacles_text,
    overview_text, phrase, profile_choices, welcome_text,
};
pub(crate) use rollback::{KeptReport, RollbacksReport, RolledBackReport, SettledRow, rollback_line};
pub(crate) use server::{AddressesReport, ResetPlanReport, ResetReport, ServerSetReport, reset_plan_text};
pub(crate) use support::{BundleReport, bundle_devices};
pub(crate) use switch::SwitchReport;
pub(crate) use text::clean;
pub(crate) use virtual_cards::{
    CreatedReport, PlugEvent, QuirksReport, RemovedReport, VirtualListReport, VirtualShowReport,
};
pub(crate) use virtual_modems::{ModemEvent, ModemQuirksReport};
pub(crate) use virtual_servers::{BehavioursReport, NewPkiReport, OrdersReport, ready};

/// The version of the JSON documents.
pub(crate) const SCHEMA: &str = "esimctl/1";

/// What a command has to say.
pub(crate) trait Report {
    /// `data` of the JSON document.
    fn data(&self) -> Value;
    /// The text, with a line end after each line.
    fn text(&self) -> String;
    /// The exit code. Only a command whose answer is a verdict has another one than that of success.
    fn exit(&self) -> Exit {
        Exit::Done
    }
    /// What is done and still asks for attention, a line each: goes to standard error, beside text and JSON.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What happens while a command goes on.
pub(crate) trait Event {
    /// The line of JSON.
    fn json(&self) -> Value;
    /// The text, with a line end after each line.
    fn text(&self) -> String;
}

/// What a command has cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Costs {
    card: Counts,
    servers: NetCounts,
    whole: Duration,
}

impl Costs {
    /// What was spent since the program `began`.
    pub(crate) fn of(manager: &Manager, began: Instant) -> Self {
        Self { card: manager.counts(), servers: manager.net_counts(), whole: began.elapsed() }
    }
}

/// What is to be said beside what was asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notices {
    /// Profiles that were seen, and that their case of `retire` wants removed.
    pub(crate) retire: Vec<Notice>,
    /// Notifications that wait for their servers.
    pub(crate) waiting: Waiting,
    /// Other eUICCs on the card that was read.
    pub(crate) other_elements: Vec<OtherElement>,
    /// What became of switches that were due to be undone.
    pub(crate) rolled_back: Vec<RollbackOutcome>,
    /// Modems that were switched to another slot.
    pub(crate) slots: Vec<SlotReport>,
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
pub(crate) fn finish(screen: &Screen, command: &str, report: &dyn Report, notices: &Notices, costs: Costs) -> ExitCode {
    if screen.json {
        let mut document = json!({ "schema": SCHEMA, "command": command, "data": report.data() });
        conceal_in_json(&mut document);
        if !notices.retire.is_empty() {
            document["notices"] = notices.retire.iter().map(notice_json).collect();
        }
        if notices.waiting != Waiting::default() {
            let Waiting { outbox, cards, nameless, nameless_on_cards } = notices.waiting;
            document["waiting"] = json!({
                "outbox": outbox, "card": cards, "nameless": nameless, "nameless_on_card": nameless_on_cards,
            });
        }
        if !notices.other_elements.is_empty() {
            document["other_euiccs"] = notices.other_elements.iter().map(other_element_json).collect();
        }
        if !notices.rolled_back.is_empty() {
            document["rollbacks"] = notices.rolled_back.iter().map(rollback::outcome_json).collect();
        }
        add_slots(&mut document, &notices.slots);
        add_stats(&mut document, screen, Some(costs));
        print(&format!("{document}\n"));
    } else {
        print(&conceal(&report.text()));
        print_stats(screen, Some(costs));
    }
    notices.retire.iter().for_each(notice);
    notices.slots.iter().for_each(tell_slot);
    waiting_notice(notices.waiting);
    notices.other_elements.iter().for_each(other_element_notice);
    report.warnings().iter().for_each(|line| warn(line));
    ExitCode::from(report.exit() as u8)
}

/// The line that tells that notifications wait for their servers.
fn waiting_notice(waiting: Waiting) {
    if waiting.total() > 0 {
        tell_line!("{}", words::text("waiting-notice", &[("count", waiting.total().into())]));
    }
    if waiting.nameless > 0 {
        tell_line!("{}", words::text("nameless-notice", &[("count", waiting.nameless.into())]));
    }
    if waiting.nameless_on_cards > 0 {
        tell_line!("{}", words::text("nameless-notice-card", &[("count", waiting.nameless_on_cards.into())]));
    }
}

/// The line that tells of another eUICC on the card.
fn other_element_notice(other: &OtherElement) {
    let key = if other.seen { "other-euicc" } else { "other-euicc-possible" };
    tell_line!("{}", words::text(key, &[("device", other.device.as_str().into())]));
}

fn other_element_json(other: &OtherElement) -> Value {
    json!({ "device": other.device, "isdr_aid": other.isdr_aid.to_string(), "seen": other.seen })
}

fn notice_json(notice: &Notice) -> Value {
    let kind = match notice.kind {
        NoticeKind::Waits => "waits",
        NoticeKind::Back => "back",
    };
    json!({ "case": format!("R{}", notice.case), "iccid": notice.iccid, "title": notice.title, "kind": kind })
}

/// The line that tells of a card whose profile waits to be removed.
fn notice(notice: &Notice) {
    let case = format!("R{}", notice.case);
    let key = match notice.kind {
        NoticeKind::Waits => "retire-notice",
        NoticeKind::Back => "retire-notice-back",
    };
    tell_line!("{}", phrase(key, &[("title", &notice.title), ("case", &case)]));
}

/// Prints a text at once, for commands that go on asking.
pub(crate) fn show_text(text: &str) {
    tell_line!("{}", text.trim_end_matches('\n'));
}

/// Prints what is no report but a file that goes to standard output.
pub(crate) fn print_raw(text: &str) {
    print(text);
}

/// Prints a warning.
pub(crate) fn warn(line: &str) {
    tell_line!("{} {}", words::text("warning-label", &[]), conceal(line));
}

/// The line that every command begins with as long as changes are open.
pub(crate) fn warn_unfinished(count: usize) {
    let (changes, were) = (text::count(count, "change"), if count == 1 { "was" } else { "were" });
    warn(&format!("{changes} {were} begun and never finished: run esimctl recover"));
}

/// The line that tells of switches that are due to be undone, where the command used no card.
pub(crate) fn warn_due_rollbacks(count: usize) {
    warn(&words::text("rollback-due", &[("count", count.into())]));
}

/// Prints an error; gives the exit code that belongs to it.
pub(crate) fn finish_error(
    screen: &Screen,
    command: &str,
    error: &Error,
    slots: &[SlotReport],
    costs: Option<Costs>,
) -> ExitCode {
    if screen.json {
        let mut document = json!({ "schema": SCHEMA, "command": command, "error": error::json(error) });
        conceal_in_json(&mut document);
        add_slots(&mut document, slots);
        add_stats(&mut document, screen, costs);
        print(&format!("{document}\n"));
    } else {
        tell!("{}", conceal(&error::text(error)));
        print_stats(screen, costs);
    }
    slots.iter().for_each(tell_slot);
    ExitCode::from(error.exit() as u8)
}

/// Prints a line of JSON or of text at once, for commands that go on.
pub(crate) fn say(screen: &Screen, event: &dyn Event) {
    print(&if screen.json { format!("{}\n", event.json()) } else { event.text() });
}

/// Adds what became of the slots of modems, if any were switched.
fn add_slots(document: &mut Value, slots: &[SlotReport]) {
    if slots.is_empty() {
        return;
    }
    let report = |SlotReport { device, from, to, outcome }: &SlotReport| {
        let mut report = json!({ "device": device, "from": from, "to": to, "outcome": outcome.name() });
        if let SlotOutcome::NotRestored(why) = outcome {
            report["why"] = why.clone().into();
        }
        report
    };
    document["slot_switches"] = slots.iter().map(report).collect();
}

/// The line that tells that a modem was switched to another slot, and which slot it uses now.
fn tell_slot(report: &SlotReport) {
    let SlotReport { device, from, to, outcome } = report;
    let (key, why) = match outcome {
        SlotOutcome::Restored => ("slot-restored", String::new()),
        SlotOutcome::Kept => ("slot-kept", String::new()),
        SlotOutcome::NotRestored(why) => ("slot-not-restored", clean(why)),
    };
    let about = [("device", device.into()), ("from", (*from).into()), ("to", (*to).into()), ("why", why.into())];
    let line = words::text(key, &about);
    if matches!(outcome, SlotOutcome::NotRestored(_)) { warn(&line) } else { tell_line!("{line}") }
}

fn add_stats(document: &mut Value, screen: &Screen, costs: Option<Costs>) {
    let Some(Costs { card, servers, whole }) = costs.filter(|_| screen.stats) else { return };
    document["stats"] = json!({
        "apdus": card.apdus,
        "bytes_sent": card.bytes_sent,
        "bytes_received": card.bytes_received,
        "card_ms": milliseconds(card.time),
        "http_requests": servers.requests,
        "tcp_connections": servers.connections,
        "tls_handshakes": servers.handshakes,
        "http_bytes_sent": servers.bytes_sent,
        "http_bytes_received": servers.bytes_received,
        "http_ms": milliseconds(servers.waited),
        "total_ms": milliseconds(whole),
    });
}

fn print_stats(screen: &Screen, costs: Option<Costs>) {
    let Some(Costs { card, servers, whole }) = costs.filter(|_| screen.stats) else { return };
    let Counts { apdus, bytes_sent, bytes_received, .. } = card;
    let time = milliseconds(card.time);
    tell_line!("Cost: {apdus} APDUs, {bytes_sent} bytes sent, {bytes_received} received, {time} ms on the card");
    if servers.connections > 0 {
        let count = |number: u64, noun| text::count(usize::try_from(number).unwrap_or(usize::MAX), noun);
        tell_line!(
            "      {} to servers over {} with {}, {} ms waiting for them",
            count(servers.requests, "request"),
            count(servers.connections, "connection"),
            count(servers.handshakes, "TLS handshake"),
            milliseconds(servers.waited)
        );
    }
    tell_line!("      {} ms in all", milliseconds(whole));
}

/// Milliseconds, to a tenth.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

/// Prints to standard output. What goes wrong is told at the end, by [`end`].
fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    let written = check_open().and_then(|()| out.write_all(text.as_bytes())).and_then(|()| out.flush());
    note_output(written);
}

/// The first thing that went wrong with standard output.
static OUTPUT_FAILURE: OnceLock<std::io::Error> = OnceLock::new();

/// Fails if standard output was closed when the program began: the runtime has put `/dev/null` in its place, which would
/// take everything.
pub(crate) fn check_open() -> std::io::Result<()> {
    if start_state::output_was_closed() { Err(std::io::Error::other("it is closed")) } else { Ok(()) }
}

/// Remembers that something could not be printed. A reader that has gone away, as `head` does, is no failure.
fn note_output(written: std::io::Result<()>) {
    match written {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => log::debug!("nobody reads: {error}"),
        Err(error) => drop(OUTPUT_FAILURE.set(error)),
        Ok(()) => {}
    }
}

/// The end of the program: if anything could not be printed, that is told, and a command that was done otherwise is not.
pub(crate) fn end(code: ExitCode) -> ExitCode {
    let Some(failure) = OUTPUT_FAILURE.get() else { return code };
    let error = Error::new(Id::StandardOutput).cause(failure);
    tell!("{}", error::text_after_the_command(&error));
    if code == ExitCode::SUCCESS { ExitCode::from(error.exit() as u8) } else { code }
}
