//! The quirks that are known, and what was learnt about a device.

use manager::learn::Lesson;
use manager::quirks::{KNOWN, KnownQuirk};
use serde_json::{Value, json};

use super::Report;
use super::table::table;
use super::text::{BOLD, Fields, GREEN, YELLOW, clean, count};

pub(crate) struct KnownQuirksReport;

fn quirk_json(quirk: &KnownQuirk) -> Value {
    json!({
        "name": quirk.name,
        "behaviour": quirk.behaviour,
        "answer": quirk.answer,
        "devices": quirk.devices(),
        "source": quirk.source,
        "recognised": quirk.is_recognised(),
        "changes": quirk.changes_something(),
    })
}

impl Report for KnownQuirksReport {
    fn data(&self) -> Value {
        KNOWN.iter().map(quirk_json).collect()
    }

    fn text(&self) -> String {
        let part = |title: &str, changes: bool| {
            let rows: Vec<String> = KNOWN
                .iter()
                .filter(|quirk| quirk.changes_something() == changes)
                .map(|quirk| {
                    let KnownQuirk { name, behaviour, answer, source, .. } = quirk;
                    let devices = quirk.devices();
                    format!("{BOLD}{name}{BOLD:#}: {behaviour}\n    {answer}\n    {devices} ({source})\n")
                })
                .collect();
            format!("{title}\n\n{}", rows.join(""))
        };
        format!(
            "{}\n{}",
            part("Lived with where a device has it; ,quirk=NAME behind a modem says that it has:", true),
            part("Lived with everywhere:", false)
        )
    }
}

pub(crate) struct LessonReport(pub(crate) Lesson);

impl Report for LessonReport {
    fn data(&self) -> Value {
        let Lesson { device, identity, quirks, trials, remembered } = &self.0;
        json!({
            "device": device,
            "modem": identity.as_ref().map(|one| json!({
                "manufacturer": one.manufacturer, "model": one.model, "firmware": one.firmware,
            })),
            "quirks": quirks.iter().map(|quirk| quirk.name).collect::<Vec<_>>(),
            "trials": trials
                .iter()
                .map(|trial| json!({ "what": trial.what, "works": trial.works, "detail": trial.detail }))
                .collect::<Vec<_>>(),
            "remembered": remembered
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Value::from(value.clone())))
                .collect::<serde_json::Map<_, _>>(),
        })
    }

    fn text(&self) -> String {
        let Lesson { device, identity, quirks, trials, remembered } = &self.0;
        let mut fields = Fields::default();
        fields.add("Device", clean(device));
        if let Some(one) = identity {
            fields.add("Modem", clean(format!("{} {} {}", one.manufacturer, one.model, one.firmware).trim()));
        }
        let quirks: Vec<String> =
            quirks.iter().map(|one| format!("{}: {} ({})", one.name, one.answer, one.source)).collect();
        fields.add("Quirks", quirks.join("\n"));
        let rows: Vec<Vec<String>> = trials
            .iter()
            .map(|trial| vec![trial.what.clone(), if trial.works { "yes" } else { "no" }.into(), clean(&trial.detail)])
            .collect();
        let facts: Vec<String> = remembered.iter().map(|(name, value)| format!("{name} {}", clean(value))).collect();
        let end = if facts.is_empty() {
            format!("{YELLOW}Nothing is remembered: no way to an eUICC was found.{YELLOW:#}\n")
        } else {
            format!("{GREEN}Remembered for this device:{GREEN:#} {}\n", facts.join(", "))
        };
        format!("{}\n{}\n{end}", fields.text(), table(&["TRIED", "WORKS", "FOUND"], &rows))
    }
}

pub(crate) struct ForgottenReport {
    pub(crate) device: String,
    pub(crate) facts: usize,
}

impl Report for ForgottenReport {
    fn data(&self) -> Value {
        json!({ "device": self.device, "forgotten": self.facts })
    }

    fn text(&self) -> String {
        match self.facts {
            0 => format!("Nothing was remembered about {}.\n", clean(&self.device)),
            facts => format!("Forgotten about {}: {}.\n", clean(&self.device), count(facts, "thing")),
        }
    }
}
