//! What a bug report needs, in one file that a person can read: versions, devices, quirks, the journal, recordings.
//!
//! Nothing in it is secret: the journal and recordings have no secrets to begin with. What is personal is masked unless it
//! is wanted: EIDs, ICCIDs and IMEIs, and the home directory.

mod mask;

use std::path::{Path, PathBuf};

use mask::Mask;
use serde_json::{Value, json};

use crate::Manager;
use crate::database::Database;
use crate::error::{Error, Id};

/// The first field of a bundle, with the version of its format.
pub(crate) const BUNDLE: &str = "esimctl_support_bundle";

/// How many entries of the journal go in.
const ENTRIES: usize = 50;

/// The longest recording that is read.
const LONGEST_RECORDING: u64 = 16 << 20;

/// What goes into a bundle.
#[derive(Debug, Clone, Default)]
pub struct BundleWishes {
    /// Recordings.
    pub recordings: Vec<PathBuf>,
    /// Personal numbers stay as they are.
    pub full: bool,
    /// The devices, as `esimctl devices` tells them.
    pub devices: Value,
    /// The version of the program.
    pub version: &'static str,
}

impl Manager {
    /// Collects all that a bug report needs. Nothing is written, and no device is opened.
    pub fn support_bundle(&self, wishes: &BundleWishes) -> Result<Value, Error> {
        let mut recordings = Vec::new();
        for path in &wishes.recordings {
            recordings.push((path, read_recording(path)?));
        }
        let database = Database::peek(self.paths());
        let mut bundle = json!({
            BUNDLE: 1,
            "esimctl": wishes.version,
            "system": system(),
            "devices": wishes.devices,
            "learnt": database.as_ref().map(learnt).transpose()?.unwrap_or_else(|| json!([])),
            "config": self.config_lines(),
            "journal": database.as_ref().map(journal).transpose()?.unwrap_or_else(|| json!([])),
        });
        let mut mask = Mask::default();
        let told: Vec<Value> = recordings
            .into_iter()
            .map(|(path, mut lines)| {
                if !wishes.full {
                    mask.recording(&mut lines);
                }
                let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
                json!({ "file": path.file_name().map(|name| name.to_string_lossy()), "lines": lines })
            })
            .collect();
        if !wishes.full {
            mask.value(&mut bundle);
            at_home(&mut bundle);
        }
        bundle["masked"] = (!wishes.full).into();
        bundle["recordings"] = told.into();
        Ok(bundle)
    }

    fn config_lines(&self) -> Vec<String> {
        let files = self.paths().config_files();
        let text: Vec<String> = files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect();
        let text = text.join("\n");
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(Into::into).collect()
    }
}

/// The first recording in a bundle, as a file of its own has it; `None` if this is no bundle, or has none.
pub(crate) fn first_recording(text: &str) -> Option<String> {
    let bundle: Value = serde_json::from_str(text).ok()?;
    bundle.get(BUNDLE)?;
    let lines = bundle["recordings"].get(0)?["lines"].as_array()?;
    Some(lines.iter().filter_map(Value::as_str).map(|line| format!("{line}\n")).collect())
}

fn read_recording(path: &Path) -> Result<Vec<Value>, Error> {
    let wrong = |why: String| Error::new(Id::ReplayFile).with("path", path.display()).with("why", why);
    let size = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
    if size > LONGEST_RECORDING {
        return Err(wrong(format!("it has {size} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    // It has to be one: what else a file holds nobody has looked through.
    card_io::Replay::read(text.as_bytes()).map_err(|error| wrong(error.to_string()))?;
    let lines = text.lines().map(serde_json::from_str).collect::<Result<_, _>>();
    lines.map_err(|error| wrong(error.to_string()))
}

fn system() -> Value {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).unwrap_or_default();
    let kernel = rustix::system::uname();
    json!({
        "os": name.trim_matches('"'),
        "kernel": kernel.release().to_string_lossy(),
        "architecture": kernel.machine().to_string_lossy(),
    })
}

fn learnt(database: &Database) -> Result<Value, Error> {
    let facts = database.all_facts()?;
    Ok(facts.iter().map(|(device, name, value)| json!({ "device": device, "name": name, "value": value })).collect())
}

fn journal(database: &Database) -> Result<Value, Error> {
    let entries = database.recent(ENTRIES)?;
    let tell = |entry: &crate::JournalEntry| -> Result<Value, Error> {
        let steps: Vec<Value> =
            database.steps(entry.id)?.iter().map(|step| json!({ "name": step.name, "detail": step.detail })).collect();
        Ok(json!({
            "id": entry.id,
            "started": entry.started,
            "command": entry.command,
            "device": entry.device,
            "eid": entry.eid,
            "iccid": entry.iccid,
            "plan": entry.plan,
            "outcome": entry.outcome,
            "steps": steps,
        }))
    };
    entries.iter().map(tell).collect()
}

/// Names of users hide in paths.
fn at_home(value: &mut Value) {
    let Some(home) = std::env::home_dir().map(|home| home.display().to_string()).filter(|home| home.len() > 1) else {
        return;
    };
    match value {
        Value::String(text) => *text = text.replace(&home, "~"),
        Value::Array(values) => values.iter_mut().for_each(at_home),
        Value::Object(fields) => fields.values_mut().for_each(at_home),
        _ => {}
    }
}
