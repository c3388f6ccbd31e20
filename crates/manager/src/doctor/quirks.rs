//! The quirks that devices are known to have: not a fault, yet the first thing to know when something is odd.

use std::collections::BTreeMap;

use super::Check;
use crate::device::{DeviceEntry, quirks_of};

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
