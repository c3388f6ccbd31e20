//! The quirks that esimctl knows how to live with, and the devices that have them: two tables. A row of quirks says what to
//! do in [`Habits`]; one that changes nothing there is lived with at every modem. A row of devices says by which signs a
//! device is recognised, which quirks it has, and what helps whoever uses it.

mod device_table;
mod devices;
mod table;
#[cfg(test)]
mod tests;

pub use devices::{KNOWN_DEVICES, KnownDevice, Signs};
pub use table::KNOWN;

use super::habits::Habits;

/// A quirk: a row of [`KNOWN`].
#[derive(Debug, Clone, Copy)]
pub struct KnownQuirk {
    /// The name, for `quirk=`.
    pub name: &'static str,
    /// What the device does.
    pub behaviour: &'static str,
    /// What is done about it.
    pub answer: &'static str,
    /// Devices that have it beside those of [`KNOWN_DEVICES`]: no sign tells them. Empty if there are none.
    pub others: &'static str,
    /// Where it was told.
    pub source: &'static str,
    /// What it changes; `None` where nothing has to be changed: all modems are treated so.
    change: Option<fn(&mut Habits)>,
}

impl KnownQuirk {
    /// The quirk of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        KNOWN.iter().find(|quirk| quirk.name == name)
    }

    /// The quirks that a device with these signs has, in the order of the table.
    pub fn of(signs: Signs<'_>) -> impl Iterator<Item = &'static Self> {
        let devices: Vec<&KnownDevice> = KnownDevice::matching(signs).collect();
        KNOWN.iter().filter(move |quirk| devices.iter().any(|device| device.has(quirk.name)))
    }

    /// The devices that have it, for people.
    #[must_use]
    pub fn devices(&self) -> String {
        let names = KNOWN_DEVICES.iter().filter(|device| device.has(self.name)).map(|device| device.name);
        names.chain(Some(self.others).filter(|others| !others.is_empty())).collect::<Vec<_>>().join(", ")
    }

    /// True if a device that has it is treated otherwise than all are.
    #[must_use]
    pub fn changes_something(&self) -> bool {
        self.change.is_some()
    }

    /// True if it can be told from a device, and need not be named.
    #[must_use]
    pub fn is_recognised(&self) -> bool {
        KNOWN_DEVICES.iter().any(|device| device.has(self.name))
    }

    /// Changes the habits as a device with this quirk needs them.
    pub fn apply(&self, habits: &mut Habits) {
        if let Some(change) = self.change {
            change(habits);
        }
    }
}
