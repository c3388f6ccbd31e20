//! Devices that a report names, and what it says became of the profile there.

use serde_json::Value;

use super::claim::one_line;
use crate::retire::DeviceState;
use crate::words::{self, Language};

/// States that do not say that the profile was deleted and a signature could prove it.
const NOT_REMOVED: [DeviceState; 4] =
    [DeviceState::Open, DeviceState::Begun, DeviceState::Gone, DeviceState::WrittenOff];
/// Texts of such states that have a date in them.
const NOT_REMOVED_SINCE: [&str; 2] = ["retire-adopted-state-silent", "retire-adopted-state-missing"];

/// A device of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedDevice {
    /// The EID that the report gives it.
    pub eid: String,
    /// The state that the report gives it, in words.
    pub state: String,
    /// True unless that is one of the states in which nothing is known to be deleted.
    pub says_removed: bool,
}

impl ReportedDevice {
    /// The device in a row of a table.
    pub(super) fn shown(eid: &str, state: &str) -> Self {
        Self { eid: eid.to_owned(), state: state.to_owned(), says_removed: !is_not_removed(state) }
    }

    /// The device in a report as JSON.
    pub(super) fn in_json(device: &Value) -> Self {
        let text = |name: &str| device.get(name).and_then(Value::as_str).map(one_line).unwrap_or_default();
        let name = text("state");
        let state = DeviceState::of(&name);
        Self {
            eid: text("eid"),
            says_removed: state.is_none_or(|state| !NOT_REMOVED.contains(&state)),
            state: state.map_or(name, DeviceState::word),
        }
    }
}

/// True for the words of a state, in any language, in which nothing is known to be deleted.
fn is_not_removed(told: &str) -> bool {
    let is_date = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    Language::ALL.into_iter().any(|language| {
        let is_state = |state: &DeviceState| state.word_in(language) == told;
        let is_since = |key: &&str| {
            let text = words::text_in(language, key, &[("date", "\n".into())]);
            let parts = text.split_once('\n');
            let date = parts.and_then(|(before, after)| told.strip_prefix(before)?.strip_suffix(after));
            date.is_some_and(is_date)
        };
        NOT_REMOVED.iter().any(is_state) || NOT_REMOVED_SINCE.iter().any(is_since)
    })
}
