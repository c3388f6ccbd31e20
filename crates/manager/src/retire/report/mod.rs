//! The story of a case, to be shown to somebody: a person in a dispute, or a machine.

mod html;
mod markdown;
mod mask;

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::case::{Case, DeviceItem, Step, StepState};
use super::event::{Event, Happened};
use super::evidence::sha256;
use super::rules::reminders;
use super::tell::say;
use super::{Retirements, today};
use crate::database::Letter;
use crate::error::Error;
use mask::Mask;

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

/// All that is known of a case.
#[derive(Debug, Clone)]
pub struct Report {
    case: Case,
    history: Vec<Happened>,
    signed: Vec<Signed>,
    others: Vec<(String, String, String)>,
    made: String,
    full: bool,
    mask: Mask,
}

/// A piece of a report for people.
enum Block {
    Title(String),
    Heading(String),
    Text(String),
    Table(Vec<String>, Vec<Vec<String>>),
}

impl Retirements<'_> {
    /// The report of a case. Numbers of people, cards and customers are masked unless it is to be `full`.
    pub fn report(&self, case: &Case, full: bool) -> Result<Report, Error> {
        let history = self.history(case)?;
        let mut signed = Vec::new();
        if let Some(database) = &self.database {
            for item in &case.devices {
                for letter in database.letters_of_deletion(&case.subscription.iccid, &item.eid, &case.created)? {
                    let payload = database.payload(letter.id)?;
                    signed.push(Signed { letter, sha256: sha256(&payload), payload });
                }
            }
        }
        let others = self.others_of_provider(case)?;
        let made = jiff::Zoned::now().strftime("%Y-%m-%d %H:%M %:z").to_string();
        let mask = if full { Mask::default() } else { Mask::of(case, &history, &others) };
        Ok(Report { case: case.clone(), history, signed, others, made, full, mask })
    }
}

impl Report {
    /// The report as a file has it.
    #[must_use]
    pub fn text(&self, format: Format) -> String {
        match format {
            Format::Html => html::page(&self.title(), &self.masked_blocks()),
            Format::Markdown => markdown::text(&self.masked_blocks()),
            Format::Json => format!("{:#}\n", self.json()),
        }
    }

    /// The report for machines.
    #[must_use]
    pub fn json(&self) -> Value {
        let Self { case, history, signed, others, made, full, mask } = self;
        let event = |happened: &Happened| {
            let mut event = serde_json::to_value(&happened.event).unwrap_or_default();
            event["at"] = happened.at.clone().into();
            event
        };
        let other =
            |(eid, device, iccid): &(String, String, String)| json!({ "eid": eid, "device": device, "iccid": iccid });
        let mut report = json!({
            "schema": SCHEMA,
            "made": made,
            "masked": !full,
            "case": case_json(case),
            "history": history.iter().map(event).collect::<Vec<_>>(),
            "notifications": signed.iter().map(|one| one.json(*full)).collect::<Vec<_>>(),
            "other_profiles_of_the_operator": others.iter().map(other).collect::<Vec<_>>(),
        });
        mask.apply_to(&mut report);
        report
    }

    fn title(&self) -> String {
        self.mask.apply(&say("retire-report-title", &[("title", &self.case.subscription.title())]))
    }

    fn masked_blocks(&self) -> Vec<Block> {
        let masked = |text: String| self.mask.apply(&text);
        let row = |row: Vec<String>| row.into_iter().map(masked).collect::<Vec<_>>();
        let block = |block| match block {
            Block::Title(text) => Block::Title(masked(text)),
            Block::Heading(text) => Block::Heading(masked(text)),
            Block::Text(text) => Block::Text(masked(text)),
            Block::Table(header, rows) => Block::Table(header, rows.into_iter().map(row).collect()),
        };
        self.blocks().into_iter().map(block).collect()
    }

    fn blocks(&self) -> Vec<Block> {
        let mut blocks = vec![Block::Title(self.title()), Block::Text(self.summary())];
        blocks.extend(table("subscription", &["what", "value"], self.about()));
        blocks.extend(table("steps", &["step", "state", "date", "details"], self.steps()));
        blocks.extend(table("devices", &["device", "eid", "state", "since"], self.devices()));
        blocks.extend(table("notifications", &["server", "seq", "state", "at", "sha256"], self.notifications()));
        blocks.extend(table("evidence", &["file", "bytes", "sha256"], self.evidence()));
        blocks.extend(table("open", &["date", "what"], self.open()));
        blocks.extend(table("others", &["device", "eid", "iccid"], self.others()));
        let moment = |happened: &Happened| vec![happened.at.clone(), happened.event.tell()];
        blocks.extend(table("history", &["at", "what"], self.history.iter().map(moment).collect()));
        let key = if self.full { "retire-report-full" } else { "retire-report-masked" };
        blocks.push(Block::Text(say(key, &[("made", &self.made)])));
        blocks
    }

    fn summary(&self) -> String {
        let case = &self.case;
        let open = case.devices.iter().filter(|item| !item.state.is_settled()).count().to_string();
        let ended = case.ended.clone().unwrap_or_default();
        let particulars = [("case", &*case.name()), ("created", &case.created), ("ended", &ended), ("open", &open)];
        say(&format!("retire-report-summary-{}", case.state.name()), &particulars)
    }

    fn about(&self) -> Vec<Vec<String>> {
        let about = &self.case.subscription;
        let operator = about.mcc.as_ref().zip(about.mnc.as_ref()).map(|(mcc, mnc)| format!("{mcc} {mnc}"));
        let servers = Some(about.servers.join(", ")).filter(|servers| !servers.is_empty());
        let rows = [
            ("provider", about.provider.clone()),
            ("name", about.name.clone()),
            ("nickname", about.nickname.clone()),
            ("iccid", Some(about.iccid.clone())),
            ("operator", operator),
            ("number", self.case.number.clone()),
            ("server", servers),
        ];
        let row = |(key, value): (&str, Option<String>)| Some(vec![say(&format!("retire-report-{key}"), &[]), value?]);
        rows.into_iter().filter_map(row).collect()
    }

    fn steps(&self) -> Vec<Vec<String>> {
        let row = |record: &super::StepRecord| {
            let date = record.facts.date.map(|date| date.to_string()).or_else(|| record.at.clone());
            let mut facts = record.facts.clone();
            facts.date = None;
            let details = record.reason.clone().unwrap_or_else(|| facts.line());
            vec![record.step.title(), record.state.word(), date.unwrap_or_default(), details]
        };
        self.case.steps.iter().map(row).collect()
    }

    fn devices(&self) -> Vec<Vec<String>> {
        let row = |item: &DeviceItem| vec![item.device.clone(), item.eid.clone(), item.tell(), item.since.clone()];
        self.case.devices.iter().map(row).collect()
    }

    fn notifications(&self) -> Vec<Vec<String>> {
        let row = |Signed { letter, sha256, .. }: &Signed| {
            let state = say(&format!("retire-letter-{}", letter.state.name()), &[]);
            let at = letter.ended.clone().unwrap_or_default();
            vec![letter.server().to_owned(), letter.seq.to_string(), state, at, sha256.clone()]
        };
        self.signed.iter().map(row).collect()
    }

    fn evidence(&self) -> Vec<Vec<String>> {
        let of = |happened: &Happened| match &happened.event {
            Event::Recorded { evidence, .. } => evidence.clone(),
            Event::BackedUp { files, .. } => files.clone(),
            _ => Vec::new(),
        };
        let row = |file: super::Evidence| vec![file.name, file.bytes.to_string(), file.sha256];
        self.history.iter().flat_map(of).map(row).collect()
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
    fn json(&self, full: bool) -> Value {
        let Letter { eid, seq, event, address, created, state, ended, .. } = &self.letter;
        json!({
            "eid": eid,
            "seq": seq,
            "event": event,
            "server": self.letter.server(),
            "address": address,
            "created": created,
            "state": state.name(),
            "ended": ended,
            "sha256": self.sha256,
            // The card's number and that of the profile are in it.
            "payload_base64": full.then(|| BASE64.encode(&self.payload)),
        })
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

/// A case for machines.
#[must_use]
pub fn case_json(case: &Case) -> Value {
    let about = &case.subscription;
    let step = |record: &super::StepRecord| {
        json!({
            "step": record.step.name(),
            "state": record.state.name(),
            "at": record.at,
            "facts": (record.state == StepState::Done && record.step != Step::Clean).then_some(&record.facts),
            "reason": record.reason,
            "evidence": record.evidence,
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
        })
    };
    json!({
        "id": case.name(),
        "state": case.state.name(),
        "created": case.created,
        "ended": case.ended,
        "iccid": about.iccid,
        "eid": about.eid,
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
    })
}
