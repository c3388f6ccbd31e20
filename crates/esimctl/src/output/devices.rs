//! Devices.

use manager::device::{DeviceEntry, Devices};
use serde_json::{Value, json};

use super::Report;
use super::error;
use super::table::table;
use super::text::{YELLOW, clean};

pub(crate) struct DevicesReport(pub(crate) Devices);

fn entry_json(entry: &DeviceEntry) -> Value {
    let elements = entry.elements.as_ref().map(|elements| {
        elements
            .iter()
            .map(|element| json!({ "eid": element.eid.to_string(), "isdr_aid": element.isdr_aid.to_string() }))
            .collect::<Vec<_>>()
    });
    json!({
        "device": entry.device,
        "kind": entry.kind,
        "name": entry.name,
        "usable": entry.problem.is_none(),
        "in_use": entry.in_use,
        "atr": (!entry.atr.is_empty()).then(|| data_encoding::HEXUPPER.encode(&entry.atr)),
        "euiccs": elements,
        "problem": entry.problem.as_ref().map(error::json),
    })
}

fn status(entry: &DeviceEntry) -> String {
    match (&entry.problem, &entry.elements) {
        (Some(error), _) => clean(&error.message()),
        (None, Some(elements)) => {
            let eids: Vec<String> = elements.iter().map(|element| format!("EID {}", element.eid)).collect();
            eids.join(", ")
        }
        (None, None) if entry.in_use => "usable; another program is connected, too".into(),
        (None, None) => "usable".into(),
    }
}

pub(super) fn devices_table(entries: &[DeviceEntry]) -> String {
    let rows: Vec<Vec<String>> = entries.iter().map(|entry| vec![clean(&entry.device), status(entry)]).collect();
    table(&["DEVICE", "STATUS"], &rows)
}

impl Report for DevicesReport {
    fn data(&self) -> Value {
        json!({
            "devices": self.0.entries.iter().map(entry_json).collect::<Vec<_>>(),
            "problems": self.0.problems.iter().map(error::json).collect::<Vec<_>>(),
        })
    }

    fn text(&self) -> String {
        let mut text = if self.0.entries.is_empty() {
            "No reader and no virtual card was found.\n".to_owned()
        } else {
            devices_table(&self.0.entries)
        };
        for problem in &self.0.problems {
            text += &format!("{YELLOW}note:{YELLOW:#} {}\n      {}\n", problem.message(), problem.next());
        }
        text
    }
}
