//! The hardware that a port belongs to, from where `/sys` has it.

use std::path::{Path, PathBuf};

use super::{ModemHardware, System};

/// A piece of hardware in `/sys`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hardware {
    /// Its directory, as `/sys/devices/…`: ModemManager calls it by that.
    pub(crate) sysfs: String,
    path: PathBuf,
    bus: Bus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bus {
    Usb,
    Pci,
    Other,
}

impl Hardware {
    /// The USB device, or else the PCI device or whatever holds the wwan device, above this place in `/sys`.
    pub(super) fn of(system: &System, place: &Path) -> Option<Self> {
        let found = |path: &Path, bus| Self { sysfs: system.told(path), path: path.to_owned(), bus };
        let devices = system.path("/sys/devices");
        let above = || place.ancestors().take_while(|path| path.starts_with(&devices) && **path != devices);
        // An interface of a USB device has no idVendor of its own, and a hub is never below a port.
        let usb = above().find(|path| path.join("idVendor").is_file()).map(|path| found(path, Bus::Usb));
        let pci = || above().find(|path| is_pci(path)).map(|path| found(path, Bus::Pci));
        let wwan = || {
            let class = above().find(|path| path.file_name().is_some_and(|name| name == "wwan"))?;
            class.parent().map(|path| found(path, Bus::Other))
        };
        usb.or_else(pci).or_else(wwan)
    }

    /// What tells it from all others of this system, in few letters: names of lock files are made of it.
    pub(crate) fn key(&self, system: &System) -> String {
        let place = match self.bus {
            // Where it is plugged in is unique by itself.
            Bus::Usb | Bus::Pci => self.describe(system).place,
            Bus::Other => self.sysfs.clone(),
        };
        if system.root == Path::new("/") { place } else { format!("{}:{place}", system.root.display()) }
    }

    pub(super) fn describe(&self, system: &System) -> ModemHardware {
        let read = |file: &str| system.read(&self.path.join(file));
        let number = |file: &str| read(file).trim_start_matches("0x").to_owned();
        let place = self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match self.bus {
            Bus::Usb => ModemHardware {
                place: format!("usb {place}"),
                vendor: read("manufacturer"),
                product: read("product"),
                id: format!("{}:{}", read("idVendor"), read("idProduct")),
            },
            Bus::Pci => ModemHardware {
                place: format!("pci {place}"),
                id: format!("{}:{}", number("vendor"), number("device")),
                ..ModemHardware::default()
            },
            Bus::Other => ModemHardware { place, ..ModemHardware::default() },
        }
    }

    /// The number of the maker, for USB devices.
    pub(super) fn usb_vendor(&self, system: &System) -> Option<String> {
        (self.bus == Bus::Usb).then(|| system.read(&self.path.join("idVendor")))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

fn is_pci(path: &Path) -> bool {
    let subsystem = std::fs::read_link(path.join("subsystem")).unwrap_or_default();
    path.join("vendor").is_file() && subsystem.file_name().is_some_and(|name| name == "pci")
}
