//! Devices that esimctl cannot read: what the user said of them, and how an eSIM is removed there.

use manager::retire::{Case, DeviceByWord, Guide, Reader, guide_of, obstacles, today};
use serde_json::{Value, json};

use super::{line, phrase};
use crate::output::Report;
use crate::output::text::{BOLD, YELLOW, clean};
use crate::output::wrap::{terminal_width, wrap};

/// A text with its particulars, in lines that fit the terminal.
pub(super) fn prose(key: &str, particulars: &[(&str, &str)]) -> String {
    phrase(key, particulars).lines().map(|paragraph| wrap(paragraph, terminal_width())).collect()
}

/// The devices of a case that esimctl cannot read.
pub(super) fn by_word_text(case: &Case) -> String {
    if case.by_word.is_empty() && !case.devices.is_empty() {
        return String::new();
    }
    if case.by_word.is_empty() {
        return prose("retire-word-none", &[("case", &case.name())]);
    }
    let told = |item: &DeviceByWord| {
        prose("retire-word-line", &[("device", &item.device), ("state", &item.tell(Reader::User))])
    };
    prose("retire-word-heading", &[]) + &case.by_word.iter().map(told).collect::<String>()
}

/// Reasons not to remove the profile now; empty if there are none.
pub(crate) fn obstacles_text(case: &Case) -> String {
    let obstacles = obstacles(case, today());
    if obstacles.is_empty() {
        return String::new();
    }
    let told = |obstacle: &manager::retire::Obstacle| wrap(&format!("- {}", clean(&obstacle.tell())), terminal_width());
    let heading = format!("{YELLOW}{}{YELLOW:#}", line("retire-word-against", &[]));
    heading + &obstacles.iter().map(told).collect::<String>()
}

/// The steps on a device, and the facts that hold on every device.
pub(crate) fn guide_text(device: &str, guide: Option<Guide>) -> String {
    let head = phrase("retire-guide-head", &[("device", device)]);
    let steps = guide.map(|guide| paragraphs(&guide.steps())).unwrap_or_default();
    format!("{BOLD}{head}{BOLD:#}\n{steps}{}", notes_text())
}

fn notes_text() -> String {
    format!("\n{BOLD}{}{BOLD:#}\n{}", phrase("retire-guide-notes-head", &[]), paragraphs(&Guide::notes()))
}

fn paragraphs(paragraphs: &[String]) -> String {
    paragraphs.iter().map(|paragraph| wrap(paragraph, terminal_width())).collect()
}

/// The warning that a removal was recorded too early.
pub(super) fn early_warning(case: &Case, device: &str) -> Option<String> {
    let item = case.device_by_word(device).filter(|item| !item.obstacles.is_empty())?;
    Some(phrase("retire-word-early-warning", &[("against", &item.against())]))
}

/// How an eSIM is removed on one kind of device, or on each.
pub(crate) struct GuideReport {
    pub(crate) guides: Vec<Guide>,
}

impl Report for GuideReport {
    fn data(&self) -> Value {
        let guide = |guide: &Guide| json!({ "kind": guide.name(), "title": guide.title(), "steps": guide.steps() });
        json!({ "guides": self.guides.iter().map(guide).collect::<Vec<_>>(), "notes": Guide::notes() })
    }

    fn text(&self) -> String {
        let one = |guide: &Guide| {
            let head = phrase("retire-guide-head", &[("device", &guide.title())]);
            format!("{BOLD}{head}{BOLD:#}\n{}\n", paragraphs(&guide.steps()))
        };
        let guides: String = self.guides.iter().map(one).collect();
        format!("{guides}{}", notes_text().trim_start())
    }
}

/// The guide for a device, by its name or by what the user says it is.
pub(crate) fn guide_for(name: &str) -> Option<Guide> {
    Guide::of(&name.trim().to_lowercase()).or_else(|| guide_of(name))
}
