//! The file for a bug report.

use manager::device::Devices;
use manager::words;
use serde_json::{Value, json};

use super::text::{clean, count, wrap};
use super::{DevicesReport, Report};

/// The devices as a bundle has them.
pub(crate) fn bundle_devices(devices: &Devices) -> Value {
    DevicesReport(devices.clone()).data()
}

pub(crate) struct BundleReport {
    file: String,
    bundle: Value,
    /// The file is there.
    pub(crate) written: bool,
}

impl BundleReport {
    pub(crate) fn new(file: String, bundle: Value) -> Self {
        Self { file, bundle, written: false }
    }

    /// All of it, as it stands in the file.
    pub(crate) fn whole(&self) -> String {
        serde_json::to_string_pretty(&self.bundle).unwrap_or_default() + "\n"
    }

    /// It without the lines of recordings, for a look before it is written.
    pub(crate) fn shown(&self) -> String {
        let mut short = self.bundle.clone();
        for recording in short["recordings"].as_array_mut().into_iter().flatten() {
            let lines = recording["lines"].as_array().map_or(0, Vec::len);
            recording["lines"] = format!("{} not shown here", count(lines, "line")).into();
        }
        let text = serde_json::to_string_pretty(&short).unwrap_or_default();
        let lines: String = text.lines().map(|line| format!("{}\n", clean(line))).collect();
        format!("{}\n\n{lines}\n", wrap(&self.sentence()))
    }

    /// What is in it, and what is not.
    fn sentence(&self) -> String {
        let masked = self.bundle["masked"].as_bool() == Some(true);
        words::text(if masked { "bundle-masked" } else { "bundle-full" }, &[])
    }
}

impl Report for BundleReport {
    fn data(&self) -> Value {
        json!({
            "file": self.written.then_some(&self.file),
            "masked": self.bundle["masked"],
            "recordings": self.bundle["recordings"].as_array().map_or(0, Vec::len),
            "bundle": if self.written { Value::Null } else { self.bundle.clone() },
        })
    }

    fn text(&self) -> String {
        if !self.written {
            return self.whole();
        }
        let written = words::text("bundle-written", &[("file", clean(&self.file).into())]);
        format!("{written}\n{}\n", wrap(&self.sentence()))
    }
}
