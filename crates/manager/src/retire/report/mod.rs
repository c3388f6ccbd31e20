//! The story of a case, to be shown to somebody: a person in a dispute, or a machine.

mod files;
mod html;
mod markdown;
mod mask;
mod proof;

use super::by_word::{ByWordState, Reader, Statement};
use super::case::{Case, DeviceItem, DeviceState, Evidence, Step, StepRecord, StepState};
use super::event::{Event, Happened};
use super::evidence::EvidenceState;
use super::rules::reminders;
use super::settle::letters;
use super::tell::{against, clock_set_back, parts, say};
use super::{Retirements, moment_now, today};
use crate::database::Letter;
use crate::error::Error;
use crate::hash::sha256_hex;
use data_encoding::BASE64;
use files::{ReportedFile, corrections, files};
use serde_json::{Value, json};
use sgp22::id::ServerAddressError;

/// The version of the report as JSON.
const SCHEMA: &str = "esimctl-case/1";

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One file, for a browser or the printer.
    Html,
    /// Markdown.
    Markdown,
    /// For machines.
    Json,
}

/// A notification of the deletion, as the outbox has it.
#[derive(Debug, Clone)]
struct Signed {
    letter: Letter,
    sha256: String,
    payload: Vec<u8>,
}

/// Everything that is known of a case. Numbers are shortened already, unless the report is to be full.
#[derive(Debug, Clone)]
pub struct Report {
    case: Case,
    history: Vec<Happened>,
    /// When what happened at the same place of the history was corrected.
    corrected: Vec<Option<String>>,
    files: Vec<ReportedFile>,
    signed: Vec<Signed>,
    /// The places of the devices that signed nothing about the deletion.
    silent: Vec<usize>,
    others: Vec<(String, String, String)>,
    made: String,
    full: bool,
}

/// A piece of a report for people.
enum Block {
    Title(String),
    Heading(String),
    Text(String),
    /// Lines that are to be copied as they are.
    Verbatim(String),
    Table(Vec<String>, Vec<Vec<String>>),
}

impl Retirements<'_> {
    /// The report of a case. Numbers of people, cards and customers are shortened unless it is to be `full`.
    pub fn report(&self, case: &Case, full: bool) -> Result<Report, Error> {
        let history = self.history(case)?;
        let corrected = corrections(&history);
        let signed = self.signed(case)?;
        let report = Report {
            case: case.clone(),
            files: files(self.manager.paths(), &history, &corrected),
            corrected,
            history,
            silent: proof::silent_devices(case, &signed),
            signed,
            others: self.others_of_provider(case)?,
            made: jiff::Zoned::now().strftime("%Y-%m-%d %H:%M %:z").to_string(),
            full,
        };
        Ok(if full { report } else { report.masked() })
    }

    /// The notifications of the deletion on all devices, also those of a profile that came back since.
    fn signed(&self, case: &Case) -> Result<Vec<Signed>, Error> {
        let mut signed = Vec::new();
        let Some(database) = &self.database else { return Ok(signed) };
        for item in &case.devices {
            let whole = DeviceItem { outbox_before: 0, ..item.clone() };
            for letter in letters(database, case, &whole)? {
                let payload = database.payload(letter.id)?;
                signed.push(Signed { letter, sha256: sha256_hex(&payload), payload });
            }
        }
        Ok(signed)
    }
}

impl Report {
    fn masked(self) -> Self {
        let signed = |one: Signed| Signed { letter: mask::letter(&one.letter), ..one };
        Self {
            case: mask::case(&self.case),
            history: self.history.iter().map(mask::happened).collect(),
            signed: self.signed.into_iter().map(signed).collect(),
            others: self.others.iter().map(mask::other).collect(),
            ..self
        }
    }

    /// The report as a file has it.
    #[must_use]
    pub fn text(&self, format: Format) -> String {
        match format {
            Format::Html => html::page(&self.title(), &self.blocks()),
            Format::Markdown => markdown::text(&self.blocks()),
            Format::Json => format!("{:#}\n", self.json()),
        }
    }

    /// The report for machines.
    #[must_use]
    pub fn json(&self) -> Value {
        let Self { case, history, corrected, files, signed, others, made, full, .. } = self;
        let event = |(happened, corrected): (&Happened, &Option<String>)| {
            let mut event = serde_json::to_value(&happened.event).unwrap_or_default();
            event["at"] = happened.at.clone().into();
            if let Some(at) = corrected {
                event["corrected"] = at.clone().into();
            }
            event
        };
        let other =
            |(eid, device, iccid): &(String, String, String)| json!({ "eid": eid, "device": device, "iccid": iccid });
        json!({
            "schema": SCHEMA,
            "made": made,
            "masked": !full,
            "case": case_json(case),
            "history": history.iter().zip(corrected).map(event).collect::<Vec<_>>(),
            "evidence": files.iter().map(ReportedFile::json).collect::<Vec<_>>(),
            "notifications": signed.iter().map(|one| one.json(case, *full)).collect::<Vec<_>>(),
            "signed_nothing": proof::signed_nothing(self).map(|item| &item.eid).collect::<Vec<_>>(),
            "other_profiles_of_the_operator": others.iter().map(other).collect::<Vec<_>>(),
            "clock": clock_set_back(history, &moment_now()).map(|(before, after)| json!([before, after])),
        })
    }

    fn title(&self) -> String {
        say("retire-report-title", &[("title", &self.case.subscription.title())])
    }

    fn blocks(&self) -> Vec<Block> {
        let mut blocks = vec![Block::Title(self.title()), Block::Text(self.summary())];
        blocks.extend(self.case.word_summary(Reader::Stranger).map(Block::Text));
        blocks.extend(self.headlines().into_iter().map(Block::Text));
        blocks.extend(table("subscription", &["what", "value"], self.about()));
        blocks.extend(table("steps", &["step", "state", "date", "details"], self.steps()));
        blocks.extend(table("devices", &["device", "eid", "state", "since"], self.devices()));
        blocks.extend(table("by-word", &["device", "state", "recorded"], self.by_word()));
        blocks.extend(table("notifications", &["server", "seq", "state", "at", "sha256"], self.notifications()));
        blocks.extend(proof::blocks(self));
        blocks.extend(table("evidence", &["step", "file", "state", "bytes", "sha256"], self.evidence()));
        blocks.extend(table("open", &["date", "what"], self.open()));
        blocks.extend(table("others", &["device", "eid", "iccid"], self.others()));
        blocks.extend(table("history", &["at", "what"], self.told_history()));
        blocks
    }

    fn summary(&self) -> String {
        let case = &self.case;
        let ended = case.ended.clone().unwrap_or_default();
        let particulars = [("case", &*case.name()), ("created", &case.created), ("ended", &ended)];
        let summary = say(&format!("retire-report-summary-{}", case.state.name()), &particulars);
        crate::words::sentences(&summary, &self.devices_summary())
    }

    /// The devices that may hold the profile: none only if each known one was seen without it.
    fn devices_summary(&self) -> String {
        let devices = &self.case.devices;
        let there = self.case.named(DeviceState::may_hold_profile, ByWordState::Open);
        let lost = self.case.named(|state| state == DeviceState::WrittenOff, ByWordState::WrittenOff);
        let left = match there.is_empty() {
            false => say("retire-report-devices-left", &[("devices", &there)]),
            // What the user says is not what a card shows, and no device is no proof.
            true if lost.is_empty() && self.case.by_word.is_empty() && !devices.is_empty() => {
                say("retire-report-devices-none", &[("count", &devices.len().to_string())])
            }
            true => String::new(),
        };
        let lost = match lost.is_empty() {
            true => String::new(),
            false => say("retire-report-devices-lost", &[("devices", &lost)]),
        };
        crate::words::sentences(&left, &lost)
    }

    /// What a reader has to know before anything else.
    fn headlines(&self) -> Vec<String> {
        let mut lines =
            vec![say(if self.full { "retire-report-full" } else { "retire-report-masked" }, &[("made", &self.made)])];
        // What a card did stays done; the user's word may have been taken back.
        let stands = |(happened, corrected): &(&Happened, &Option<String>)| {
            corrected.is_none() || !matches!(happened.event, Event::ByWord(_))
        };
        let standing = self.history.iter().zip(&self.corrected).filter(stands);
        lines.extend(standing.filter_map(|(happened, _)| despite(&happened.event)));
        if let Some(record) = self.case.step(Step::Backup).filter(|record| !record.missing.is_empty()) {
            lines.push(say("retire-report-partly", &[("parts", &parts(&record.missing))]));
        }
        let counts = |file: &&ReportedFile| {
            self.case.step(file.step).is_some_and(|record| record.evidence.contains(&file.evidence))
        };
        let lost = self.files.iter().filter(|file| file.state != EvidenceState::Kept && !file.corrected).filter(counts);
        lines.extend(lost.map(|file| {
            let particulars =
                [("file", &*file.evidence.name), ("step", &file.step.title()), ("state", &file.state.word())];
            say("retire-report-lost", &particulars)
        }));
        if let Some((before, after)) = clock_set_back(&self.history, &moment_now()) {
            lines.push(say("retire-clock", &[("before", &before), ("after", &after)]));
        }
        lines
    }

    fn about(&self) -> Vec<Vec<String>> {
        let about = &self.case.subscription;
        let operator = about.mcc.as_ref().zip(about.mnc.as_ref()).map(|(mcc, mnc)| format!("{mcc} {mnc}"));
        let servers = Some(about.servers.join(", ")).filter(|servers| !servers.is_empty());
        let rows = [
            ("provider", about.provider.clone()),
            ("name", about.name.clone()),
            ("nickname", about.nickname.clone()),
            ("iccid", Some(about.iccid.clone()).filter(|iccid| !iccid.is_empty())),
            ("operator", operator),
            ("number", self.case.number.clone()),
            ("server", servers),
        ];
        let row = |(key, value): (&str, Option<String>)| Some(vec![say(&format!("retire-report-{key}"), &[]), value?]);
        rows.into_iter().filter_map(row).collect()
    }

    fn steps(&self) -> Vec<Vec<String>> {
        let row = |record: &StepRecord| {
            let date = record.facts.date.map(|date| date.to_string()).or_else(|| record.at.clone());
            let state = self.case.state_word(record, Reader::Stranger);
            vec![record.step.title(), state, date.unwrap_or_default(), record.details()]
        };
        self.case.steps.iter().map(row).collect()
    }

    fn devices(&self) -> Vec<Vec<String>> {
        let row = |item: &DeviceItem| vec![item.device.clone(), item.eid.clone(), item.tell(), item.since.clone()];
        self.case.devices.iter().map(row).collect()
    }

    /// Devices of which the user's word is all there is.
    fn by_word(&self) -> Vec<Vec<String>> {
        self.case
            .by_word
            .iter()
            .map(|item| vec![item.device.clone(), item.tell(Reader::Stranger), item.since.clone()])
            .collect()
    }

    fn notifications(&self) -> Vec<Vec<String>> {
        let row = |Signed { letter, sha256, .. }: &Signed| {
            let name = if letter.is_nameless() { "nameless" } else { letter.state.name() };
            let state = say(&format!("retire-letter-{name}"), &[]);
            let reason = letter.reason.iter().map(|reason| say("retire-event-reason", &[("reason", reason)]));
            let state = std::iter::once(state).chain(reason).collect::<Vec<_>>().join(&say("retire-semicolon", &[]));
            let at = letter.ended.clone().unwrap_or_default();
            vec![letter.server().to_owned(), letter.seq.to_string(), state, at, sha256.clone()]
        };
        self.signed.iter().map(row).collect()
    }

    fn evidence(&self) -> Vec<Vec<String>> {
        let row = |file: &ReportedFile| {
            let Evidence { name, sha256, bytes } = &file.evidence;
            let state = match file.corrected {
                true => say("retire-evidence-corrected", &[("state", &file.state.word())]),
                false => file.state.word(),
            };
            vec![file.step.title(), name.clone(), state, bytes.to_string(), sha256.clone()]
        };
        self.files.iter().map(row).collect()
    }

    fn told_history(&self) -> Vec<Vec<String>> {
        let row = |(happened, corrected): (&Happened, &Option<String>)| {
            let told = happened.event.tell();
            let told = match corrected {
                Some(at) => crate::words::sentences(&told, &say("retire-event-was-corrected", &[("at", at)])),
                None => told,
            };
            vec![happened.at.clone(), told]
        };
        self.history.iter().zip(&self.corrected).map(row).collect()
    }

    fn open(&self) -> Vec<Vec<String>> {
        let row = |reminder: super::Reminder| vec![reminder.due.to_string(), reminder.tell()];
        reminders(&self.case, today()).into_iter().map(row).collect()
    }

    fn others(&self) -> Vec<Vec<String>> {
        self.others.iter().map(|(eid, device, iccid)| vec![device.clone(), eid.clone(), iccid.clone()]).collect()
    }
}

impl Signed {
    fn json(&self, case: &Case, full: bool) -> Value {
        let Letter { eid, seq, event, address, created, state, ended, reason, .. } = &self.letter;
        json!({
            "eid": eid,
            "seq": seq,
            "event": event,
            "server": self.letter.server(),
            "address": address,
            "created": created,
            "state": state.name(),
            "ended": ended,
            "reason": reason,
            "address_error": self.letter.address_error().map(ServerAddressError::name),
            "sha256": self.sha256,
            // The card's number and that of the profile are in it.
            "payload_base64": full.then(|| BASE64.encode(&self.payload)),
            "payload_is_in": (!full).then(|| format!("esimctl retire report {} FILE --full", case.name())),
        })
    }
}

/// A removal that obstacles stood against: in a sentence.
fn despite(event: &Event) -> Option<String> {
    match event {
        Event::Cleaning { device, obstacles, despite: Some(reason), .. } if !obstacles.is_empty() => {
            let particulars = [("device", &**device), ("against", &against(obstacles)), ("reason", reason)];
            Some(say("retire-report-despite", &particulars))
        }
        Event::ByWord(Statement::Removed { device, date, obstacles, .. }) if !obstacles.is_empty() => {
            let particulars = [("device", &**device), ("against", &against(obstacles)), ("date", &date.to_string())];
            Some(say("retire-report-despite-by-word", &particulars))
        }
        _ => None,
    }
}

/// A table under its heading; nothing if it is empty.
fn table(key: &str, header: &[&str], rows: Vec<Vec<String>>) -> Vec<Block> {
    if rows.is_empty() {
        return Vec::new();
    }
    let column = |name: &&str| say(&format!("retire-column-{name}"), &[]);
    let heading = say(&format!("retire-report-heading-{key}"), &[]);
    vec![Block::Heading(heading), Block::Table(header.iter().map(column).collect(), rows)]
}

fn has_facts(record: &StepRecord) -> bool {
    matches!(record.state, StepState::Done | StepState::Owed) && record.step != Step::Clean
}

/// A case for machines.
#[must_use]
pub fn case_json(case: &Case) -> Value {
    let about = &case.subscription;
    let step = |record: &StepRecord| {
        json!({
            "step": record.step.name(),
            "state": record.state.name(),
            "at": record.at,
            "facts": has_facts(record).then_some(&record.facts),
            "reason": record.reason,
            "evidence": record.evidence,
            "missing": record.missing,
        })
    };
    let device = |item: &DeviceItem| {
        json!({
            "eid": item.eid,
            "device": item.device,
            "state": item.state.name(),
            "since": item.since,
            "why": item.why,
            "journal": item.journal,
            "letters": item.letters,
            "adopted": item.adopted,
        })
    };
    // A case by word may know neither.
    let known = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    json!({
        "id": case.name(),
        "state": case.state.name(),
        "created": case.created,
        "ended": case.ended,
        "iccid": known(&about.iccid),
        "eid": known(&about.eid),
        "provider": about.provider,
        "name": about.name,
        "nickname": about.nickname,
        "mcc": about.mcc,
        "mnc": about.mnc,
        "number": case.number,
        "servers": about.servers,
        "next": case.next_step().map(Step::name),
        "steps": case.steps.iter().map(step).collect::<Vec<_>>(),
        "devices": case.devices.iter().map(device).collect::<Vec<_>>(),
        "devices_by_word": case.by_word,
    })
}

/// Reports for tests of what they say.
#[cfg(test)]
pub(super) mod tests_only {
    use super::*;

    /// A report, as Markdown, on a machine that keeps no files.
    pub(crate) fn report_of(case: &Case, history: Vec<Happened>) -> String {
        report(case, history).text(Format::Markdown).replace('\\', "")
    }

    /// A report on a machine that keeps no files and has nothing in its outbox.
    pub(crate) fn report(case: &Case, history: Vec<Happened>) -> Report {
        let corrected = corrections(&history);
        let directory = std::path::PathBuf::from("/nonexistent");
        let paths = crate::Paths::new(Some(directory)).unwrap();
        let files = files(&paths, &history, &corrected);
        Report {
            case: case.clone(),
            history,
            corrected,
            files,
            signed: Vec::new(),
            silent: proof::silent_devices(case, &[]),
            others: Vec::new(),
            made: "today".into(),
            full: false,
        }
    }
}
