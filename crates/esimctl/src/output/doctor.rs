//! What the doctor found.

use manager::doctor::{Check, Finding};
use serde_json::{Value, json};

use super::Report;
use super::text::{BOLD, GREEN, RED, YELLOW, clean};
use super::wrap::{terminal_width, wrap};

/// The columns before everything but the first line of a finding.
const INDENT: &str = "      ";

pub(crate) struct DoctorReport(pub(crate) Vec<Check>);

impl DoctorReport {
    fn healthy(&self) -> bool {
        self.0.iter().all(|check| check.finding != Finding::Bad)
    }
}

impl Report for DoctorReport {
    fn data(&self) -> Value {
        let checks = self.0.iter().map(|check| {
            json!({
                "name": check.name,
                "finding": check.finding.name(),
                "message": check.message,
                "remedy": check.remedy,
            })
        });
        json!({ "healthy": self.healthy(), "checks": checks.collect::<Vec<_>>() })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for check in &self.0 {
            let (style, mark) = match check.finding {
                Finding::Good => (GREEN, "ok  "),
                Finding::Note => (YELLOW, "note"),
                Finding::Bad => (RED, "FAIL"),
            };
            let message = clean(&check.message);
            // Without a remedy it is prose, which may be long.
            let message = match (check.finding, &check.remedy) {
                (Finding::Note, None) => wrap(&message, terminal_width().saturating_sub(INDENT.len())),
                _ => message,
            };
            text += &format!("{style}{mark}{style:#}  {}\n", message.trim_end().replace('\n', &format!("\n{INDENT}")));
            for line in check.remedy.iter().flat_map(|remedy| remedy.lines()) {
                text += &format!("{INDENT}{BOLD}{line}{BOLD:#}\n");
            }
        }
        let verdict = if self.healthy() { "All is well." } else { "Mend what is marked FAIL, from the top." };
        text + &format!("\n{verdict}\n")
    }
}
