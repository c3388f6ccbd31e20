//! The quirks and hints that devices are known for: not a fault, yet the first thing to know when something is odd.

use std::collections::BTreeMap;

use super::Check;
use crate::device::{DeviceEntry, hints_of, quirks_of};

/// Tells the hints on devices of kinds that are known, each once.
pub(super) fn hints(entries: &[DeviceEntry]) -> Vec<Check> {
    let mut messages: Vec<String> = Vec::new();
    for hint in entries.iter().flat_map(hints_of) {
        let message = format!("{}: {} ({})", hint.device, hint.text, hint.source);
        if !messages.contains(&message) {
            messages.push(message);
        }
    }
    messages.into_iter().map(|message| Check::prose("device_hint", message)).collect()
}

/// A line for each device that has some.
pub(super) fn examine(entries: &[DeviceEntry]) -> Vec<Check> {
    // Several ports are one modem.
    let mut devices: BTreeMap<&str, (String, Vec<&'static str>)> = BTreeMap::new();
    for entry in entries {
        let (place, name) = match entry.port.as_deref() {
            Some(port) => (port.modem.place.as_str(), port.modem.name()),
            None => (entry.device.as_str(), entry.device.clone()),
        };
        let (_, quirks) = devices.entry(place).or_insert_with(|| (name, Vec::new()));
        quirks.extend(quirks_of(entry).iter().map(|quirk| quirk.name));
    }
    let told = |(name, mut quirks): (String, Vec<&'static str>)| {
        let mut seen = std::collections::BTreeSet::new();
        quirks.retain(|quirk| seen.insert(*quirk));
        let message = format!("{name}: is known for {}, and treated so.", quirks.join(", "));
        (!quirks.is_empty()).then(|| Check::good("quirks", message))
    };
    devices.into_values().filter_map(told).collect()
}
