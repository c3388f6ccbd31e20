//! What a bug report needs, in one file that a person can read: versions, devices, quirks, the journal, recordings.
//!
//! Nothing in it is secret: the journal and recordings have no secrets to begin with. Unless it is wanted, nothing in it is
//! personal either: each field, and each byte of a recording, is judged by what it is. EIDs and ICCIDs become other numbers;
//! what may be personal, and what cannot be judged, is left out.

mod fields;
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
        let home = std::env::home_dir().map(|home| home.display().to_string());
        let mut mask = Mask::new(home);
        let mut recordings = Vec::new();
        for path in &wishes.recordings {
            recordings.push(recording(path, (!wishes.full).then_some(&mut mask))?);
        }
        let database = Database::peek(self.paths());
        let learnt = database.as_ref().map(learnt).transpose()?.unwrap_or_else(|| json!([]));
        let journal = database.as_ref().map(journal).transpose()?.unwrap_or_else(|| json!([]));
        let mut judged = |value: &Value, table| {
            if wishes.full { value.clone() } else { fields::keep(value, table, &mut mask) }
        };
        Ok(json!({
            BUNDLE: 1,
            "esimctl": wishes.version,
            "system": system(),
            "devices": judged(&wishes.devices, fields::DEVICES),
            "learnt": judged(&learnt, fields::LEARNT),
            "config": self.config_lines(wishes.full),
            "journal": judged(&journal, fields::JOURNAL),
            "masked": !wishes.full,
            "recordings": recordings,
        }))
    }

    /// The options that are set. Texts are left out unless they are wanted; the command line of a program always is.
    fn config_lines(&self, full: bool) -> Vec<String> {
        let mut lines = Vec::new();
        for file in self.paths().config_files() {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            let Ok(options) = text.parse::<toml::Table>() else { continue };
            for (name, value) in &options {
                match (name.as_str(), value) {
                    ("device", _) => lines.extend(
                        self.config()
                            .device
                            .as_ref()
                            .map(|device| if full { format!("device = {}", device.kind) } else { SET_DEVICE.into() }),
                    ),
                    (_, toml::Value::Table(inner)) => {
                        lines.extend(
                            inner.iter().map(|(key, value)| config_line(&format!("{name}.{key}"), value, full)),
                        );
                    }
                    (_, value) => lines.push(config_line(name, value, full)),
                }
            }
        }
        lines
    }
}

/// Stands for the device of the configuration.
const SET_DEVICE: &str = "device = (set)";

/// An option of the configuration. Policies for notifications and AIDs are nobody's; other texts may be.
fn config_line(name: &str, value: &toml::Value, full: bool) -> String {
    let harmless = full
        || name.starts_with("notifications.")
        || name == "isdr_aids"
        || !matches!(value, toml::Value::String(_) | toml::Value::Array(_) | toml::Value::Table(_));
    let told = serde_json::to_value(value).map_or_else(|_| String::new(), |value| value.to_string());
    if harmless { format!("{name} = {told}") } else { format!("{name} = (set)") }
}

/// The first recording in a bundle, as a file of its own has it; `None` if this is no bundle, or has none.
pub(crate) fn first_recording(text: &str) -> Option<String> {
    let bundle: Value = serde_json::from_str(text).ok()?;
    bundle.get(BUNDLE)?;
    let lines = bundle["recordings"].get(0)?["lines"].as_array()?;
    Some(lines.iter().filter_map(Value::as_str).map(|line| format!("{line}\n")).collect())
}

/// A recording as a bundle has it, without what is personal if there is a mask.
fn recording(path: &Path, mask: Option<&mut Mask>) -> Result<Value, Error> {
    let wrong = |why: String| Error::new(Id::ReplayFile).with("path", path.display()).with("why", why);
    let metadata = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?;
    if !metadata.is_file() {
        return Err(wrong(crate::words::text("proof-not-a-file", &[])));
    }
    let size = metadata.len();
    if size > LONGEST_RECORDING {
        return Err(wrong(format!("it has {size} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    // It has to be one: what else a file holds nobody has looked through.
    card_io::Replay::read(text.as_bytes()).map_err(|error| wrong(error.to_string()))?;
    match mask {
        Some(mask) => {
            let lines = card_io::scrub(text.as_bytes(), mask).map_err(|error| wrong(error.to_string()))?;
            Ok(json!({ "file": "recording", "lines": lines }))
        }
        None => {
            let lines: Vec<&str> = text.lines().collect();
            Ok(json!({ "file": path.file_name().map(|name| name.to_string_lossy()), "lines": lines }))
        }
    }
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
