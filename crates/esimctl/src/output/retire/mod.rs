//! Cases of `retire`, in the language of the user.

mod by_word;
mod clean;

use manager::retire::{
    Case, CaseBackup, CheckedEvidence, DeviceItem, DeviceState, EvidenceState, Reader, Reminder, Retirements, Step,
    StepState, case_json, cautions, clock_set_back, moment_now, reminders, today,
};
use manager::{Error, words};
use serde_json::{Value, json};
use sgp22::id::Iccid;
use sgp22::profile::ProfileInfo;

use crate::output::Report;
use crate::output::table::table;
use crate::output::text::{BOLD, DIM, GREEN, YELLOW, clean};

pub(crate) use by_word::{GuideReport, guide_for, guide_text, obstacles_text};
pub(crate) use clean::{CleanedDevice, CleanedReport, Trace, TraceOutcome, Traces, clean_plan_text, clean_question};

/// Other profiles of the same operator: EID, device, ICCID.
type Others = Vec<(String, String, String)>;

/// A text with its particulars, which come from cards and people.
pub(crate) fn phrase(key: &str, particulars: &[(&str, &str)]) -> String {
    let cleaned: Vec<(&str, String)> = particulars.iter().map(|(name, value)| (*name, clean(value))).collect();
    let arguments: Vec<(&str, words::Value<'_>)> =
        cleaned.iter().map(|(name, value)| (*name, words::Value::from(value.as_str()))).collect();
    words::text(key, &arguments)
}

fn line(key: &str, particulars: &[(&str, &str)]) -> String {
    format!("{}\n", phrase(key, particulars))
}

fn headed(columns: &[&str], rows: &[Vec<String>]) -> String {
    let header: Vec<String> = columns.iter().map(|name| phrase(&format!("retire-column-{name}"), &[])).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    table(&header, rows)
}

/// The state of a step or case, in its colour.
fn steps_table(case: &Case) -> String {
    let next = case.next_step().filter(|_| case.is_open());
    let row = |record: &manager::retire::StepRecord| {
        let mark = if next == Some(record.step) { "▸ " } else { "  " };
        let date = record.facts.date.map(|date| date.to_string());
        let date = date.or_else(|| record.at.as_deref().map(|at| at.get(..10).unwrap_or(at).to_owned()));
        let date = if record.state == StepState::Pending { String::new() } else { date.unwrap_or_default() };
        let state = case.state_word(record, Reader::User);
        vec![format!("{mark}{}", record.step.title()), state, date, clean(&record.details())]
    };
    headed(&["step", "state", "date", "details"], &case.steps.iter().map(row).collect::<Vec<_>>())
}

fn devices_table(case: &Case) -> String {
    let row = |item: &DeviceItem| vec![clean(&item.device), item.eid.clone(), item.tell()];
    let by_card = case.devices.iter().map(row).collect::<Vec<_>>();
    let by_card = if by_card.is_empty() { String::new() } else { headed(&["device", "eid", "state"], &by_card) };
    let by_word = by_word::by_word_text(case);
    let between = if by_card.is_empty() || by_word.is_empty() { "" } else { "\n" };
    format!("{by_card}{between}{by_word}")
}

/// The profiles of a card, to choose one of.
pub(crate) fn profile_choices(profiles: &[ProfileInfo]) -> String {
    let row = |(number, profile): (usize, &ProfileInfo)| {
        let iccid = profile.iccid.as_ref().map(Iccid::digits).unwrap_or_default();
        vec![format!("@{number}"), iccid, clean(&manager::card::describe(profile))]
    };
    headed(&["number", "iccid", "title"], &(1..).zip(profiles).map(row).collect::<Vec<_>>())
}

fn reminder_line(reminder: &Reminder) -> String {
    let date = reminder.due.to_string();
    let (style, key) = if reminder.overdue { (YELLOW, "retire-overdue") } else { (DIM, "retire-due") };
    format!("{style}{}{style:#}  {}\n", phrase(key, &[("date", &date)]), clean(&reminder.tell()))
}

fn others_text(others: &Others) -> String {
    if others.is_empty() {
        return String::new();
    }
    let row = |(eid, device, iccid): &(String, String, String)| vec![clean(device), eid.clone(), clean(iccid)];
    let rows: Vec<_> = others.iter().map(row).collect();
    format!("\n{}{}", line("retire-others", &[]), headed(&["device", "eid", "iccid"], &rows))
}

/// The first sentence about a case that was opened just now.
pub(crate) fn welcome_text(case: &Case) -> String {
    clean(&case.welcome())
}

/// Where a case stands.
pub(crate) fn overview_text(case: &Case, others: &Others) -> String {
    let about = &case.subscription;
    let known = !about.iccid.is_empty() && about.iccid != about.title();
    let title = if known { format!("{} ({})", about.title(), about.iccid) } else { about.title() };
    let since = case.ended.as_ref().unwrap_or(&case.created);
    let since = since.get(..10).unwrap_or(since);
    let particulars = [("case", &*case.name()), ("title", &title), ("state", &case.standing()), ("since", since)];
    let head = if case.has_come_back() { "retire-head-seen-again" } else { "retire-head" };
    let mut text = format!("{BOLD}{}{BOLD:#}\n\n{}", phrase(head, &particulars), steps_table(case));
    text += &format!("\n{}{}", devices_table(case), others_text(others));
    let reminders = reminders(case, today());
    if !reminders.is_empty() {
        text += &format!("\n{}", reminders.iter().map(reminder_line).collect::<String>());
    }
    text
}

/// What is next, why, and how.
pub(crate) fn next_step_text(case: &Case, step: Step) -> String {
    let head = phrase("retire-next", &[("step", &step.title())]);
    if step == Step::Clean && !case.is_within_reach() && !case.waits_for_word() {
        let devices = case.device_names(|state| state == DeviceState::Deleted);
        return format!("\n{BOLD}{head}{BOLD:#}\n{}", line("retire-waits", &[("devices", &devices)]));
    }
    format!("\n{BOLD}{head}{BOLD:#}\n{}\n{DIM}{}{DIM:#}\n", step.reason(case), step.way(case))
}

fn reminder_json(reminder: &Reminder) -> Value {
    json!({
        "case": format!("R{}", reminder.case),
        "kind": reminder.kind.name(),
        "due": reminder.due.to_string(),
        "overdue": reminder.overdue,
        "message": reminder.tell(),
    })
}

fn reminders_json(cases: &[Case]) -> Value {
    let today = today();
    cases.iter().flat_map(|case| reminders(case, today)).map(|reminder| reminder_json(&reminder)).collect()
}

fn others_json(others: &Others) -> Value {
    others.iter().map(|(eid, device, iccid)| json!({ "eid": eid, "device": device, "iccid": iccid })).collect()
}

/// One case, as it stands after the command.
pub(crate) struct CaseReport {
    case: Case,
    others: Others,
    /// Files that are not what was recorded.
    lost: Vec<CheckedEvidence>,
    /// What is worth a second look.
    warnings: Vec<String>,
    /// It was begun now.
    new: bool,
    /// Something was recorded: the whole is not shown again.
    brief: bool,
    /// A removal by the user's word was recorded.
    removed: bool,
}

impl CaseReport {
    pub(crate) fn of(retirements: &Retirements<'_>, case: Case) -> Result<Self, Error> {
        let lost = |checked: &CheckedEvidence| checked.state != EvidenceState::Kept;
        let lost: Vec<CheckedEvidence> = retirements.check_evidence(&case).into_iter().filter(lost).collect();
        let mut warnings: Vec<String> = lost.iter().map(lost_text).collect();
        if let Some((before, after)) = clock_set_back(&retirements.history(&case)?, &moment_now()) {
            warnings.push(phrase("retire-clock", &[("before", &before), ("after", &after)]));
        }
        let others = retirements.others_of_provider(&case)?;
        Ok(Self { others, case, lost, warnings, new: false, brief: false, removed: false })
    }

    pub(crate) fn started(retirements: &Retirements<'_>, case: Case) -> Result<Self, Error> {
        Ok(Self { new: true, ..Self::of(retirements, case)? })
    }

    pub(crate) fn removed(retirements: &Retirements<'_>, case: Case, device: &str) -> Result<Self, Error> {
        let mut report = Self { removed: true, ..Self::recorded(retirements, case)? };
        report.warnings.extend(by_word::early_warning(&report.case, device));
        Ok(report)
    }

    pub(crate) fn recorded(retirements: &Retirements<'_>, case: Case) -> Result<Self, Error> {
        Ok(Self { brief: true, ..Self::of(retirements, case)? })
    }

    /// With what is worth a second look about the step that was recorded.
    pub(crate) fn recorded_step(retirements: &Retirements<'_>, case: Case, step: Step) -> Result<Self, Error> {
        let mut report = Self::recorded(retirements, case)?;
        report.warnings.extend(cautions(&report.case, step, today()));
        Ok(report)
    }
}

fn lost_text(checked: &CheckedEvidence) -> String {
    let CheckedEvidence { step, evidence, state } = checked;
    let particulars = [("file", &*evidence.name), ("step", &step.title()), ("state", &state.word())];
    phrase("retire-evidence-lost", &particulars)
}

fn case_data(case: &Case, others: &Others) -> Value {
    let mut data = case_json(case);
    data["reminders"] = reminders_json(std::slice::from_ref(case));
    data["other_profiles_of_the_operator"] = others_json(others);
    data
}

/// What is next, or how the case ended.
fn end_text(case: &Case) -> String {
    if let Some(step) = case.next_step().filter(|_| case.is_open()) {
        return next_step_text(case, step);
    }
    let style = if case.has_come_back() { YELLOW } else { GREEN };
    case.ending().map(|ending| format!("\n{style}{}{style:#}\n", clean(&ending))).unwrap_or_default()
}

impl Report for CaseReport {
    fn data(&self) -> Value {
        let lost = |checked: &CheckedEvidence| json!({ "step": checked.step.name(), "name": checked.evidence.name, "state": checked.state.name() });
        let mut data = json!({ "case": case_data(&self.case, &self.others) });
        data["case"]["evidence_lost"] = self.lost.iter().map(lost).collect();
        data
    }

    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }

    fn text(&self) -> String {
        let case = &self.case;
        if self.brief {
            let by_word = if self.removed { by_word::by_word_text(case) } else { String::new() };
            return format!("{}{by_word}{}", line("retire-recorded", &[]), end_text(case));
        }
        let mut text = overview_text(case, &self.others);
        if self.new {
            text += &format!("\n{}\n", welcome_text(case));
            for (number, step) in (1..).zip(Step::ALL) {
                text += &format!("\n{BOLD}{number}. {}{BOLD:#}\n{}\n", step.title(), step.reason(case));
            }
            // Its reason stands there already.
            if let Some(step) = case.next_step() {
                let head = phrase("retire-next", &[("step", &step.title())]);
                return format!("{text}\n{BOLD}{head}{BOLD:#}\n{DIM}{}{DIM:#}\n", step.way(case));
            }
        }
        text + &end_text(case)
    }
}

/// All cases.
pub(crate) struct CaseListReport {
    pub(crate) cases: Vec<Case>,
    /// The file that has the reminders as calendar entries.
    pub(crate) calendar: Option<String>,
}

impl Report for CaseListReport {
    fn data(&self) -> Value {
        json!({
            "cases": self.cases.iter().map(case_json).collect::<Vec<_>>(),
            "reminders": reminders_json(&self.cases),
            "calendar": self.calendar,
        })
    }

    fn text(&self) -> String {
        let today = today();
        let due: Vec<Reminder> = self.cases.iter().flat_map(|case| reminders(case, today)).collect();
        let row = |case: &Case| {
            let first = due.iter().find(|reminder| reminder.case == case.id);
            let first = first.map(|reminder| reminder.due.to_string()).unwrap_or_default();
            let next = case.next_step().filter(|_| case.is_open()).map(Step::title).unwrap_or_default();
            vec![case.name(), clean(&case.subscription.title()), case.standing(), next, first]
        };
        let mut text = if self.cases.is_empty() {
            line("retire-list-empty", &[])
        } else {
            headed(&["case", "title", "state", "next", "due"], &self.cases.iter().map(row).collect::<Vec<_>>())
        };
        let overdue: String = due.iter().filter(|reminder| reminder.overdue).map(reminder_line).collect();
        if !overdue.is_empty() {
            text += &format!("\n{overdue}");
        }
        if let Some(path) = &self.calendar {
            text += &line("retire-calendar-written", &[("path", path), ("count", &due.len().to_string())]);
        }
        text
    }
}

/// A report that was written into a file, or is in this document.
pub(crate) struct WrittenReport {
    pub(crate) case: String,
    pub(crate) path: Option<String>,
    pub(crate) document: Option<Value>,
}

impl Report for WrittenReport {
    fn data(&self) -> Value {
        json!({ "case": self.case, "path": self.path, "report": self.document })
    }

    fn text(&self) -> String {
        line("retire-written", &[("path", self.path.as_deref().unwrap_or("-"))])
    }
}
/// A backup that was taken.
pub(crate) struct BackupReport(pub(crate) CaseBackup);

impl Report for BackupReport {
    fn data(&self) -> Value {
        let CaseBackup { case, backup, directory, files } = &self.0;
        json!({
            "case": case_data(case, &Vec::new()),
            "directory": directory,
            "files": files,
            "sim_read": backup.contents().is_some(),
            "complete": backup.is_complete(),
            "notes": backup.notes().iter().map(|note| clean(&note.to_string())).collect::<Vec<_>>(),
        })
    }

    fn text(&self) -> String {
        format!("{}{}", backup_text(&self.0), end_text(&self.0.case))
    }
}

/// What was saved, and what was not.
pub(crate) fn backup_text(taken: &CaseBackup) -> String {
    let mut text = line("retire-saved", &[("path", taken.directory.as_deref().unwrap_or("-"))]);
    for file in &taken.files {
        let (bytes, kilobytes) = (file.bytes.to_string(), (file.bytes / 1024).to_string());
        let key = if file.bytes < 10_000 { "retire-saved-file" } else { "retire-saved-file-large" };
        text += &line(key, &[("name", &*file.name), ("bytes", &bytes), ("kilobytes", &kilobytes)]);
    }
    text + &taken.backup.notes().iter().map(|note| format!("{}\n", clean(&note.to_string()))).collect::<String>()
}
