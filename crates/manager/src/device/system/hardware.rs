//! The hardware that a port belongs to, from where `/sys` has it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use sgp22::transport::Identity;

use super::{ModemHardware, System};
use crate::hash::sha256_hex;

/// Digits of the hash that stands for a serial number.
const SERIAL_HASH_LEN: usize = 8;

/// The shortest serial number that can tell units apart, in characters, and how many different ones are in it.
const MIN_SERIAL_LEN: usize = 6;
const MIN_SERIAL_LETTERS: usize = 4;

/// USB devices that are looked at for another one with the same serial number.
const MAX_USB_DEVICES: usize = 512;

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
            Bus::Usb => {
                // The words of the device itself, which may be anything.
                let Identity { manufacturer: vendor, model: product, .. } =
                    Identity::new(&read("manufacturer"), &read("product"), "");
                let id = format!("{}:{}", read("idVendor"), read("idProduct"));
                ModemHardware { place: format!("usb {place}"), vendor, product, id }
            }
            Bus::Pci => ModemHardware {
                place: format!("pci {place}"),
                id: format!("{}:{}", number("vendor"), number("device")),
                ..ModemHardware::default()
            },
            Bus::Other => ModemHardware { place, ..ModemHardware::default() },
        }
    }

    /// Names this piece of hardware, after a reboot too: by its ids, and by its serial number or else its place. A serial
    /// number is hashed, since it can be an IMEI.
    pub(super) fn signature(&self, system: &System) -> String {
        let described = self.describe(system);
        match self.bus {
            Bus::Usb => match self.serial(system) {
                Some(serial) => format!("usb#{}|{}", &sha256_hex(serial.as_bytes())[..SERIAL_HASH_LEN], described.id),
                None => format!("{}|{}", described.place, described.id),
            },
            Bus::Pci => {
                let read = |file: &str| system.read(&self.path.join(file)).trim_start_matches("0x").to_owned();
                let board = format!("{}:{}", read("subsystem_vendor"), read("subsystem_device"));
                format!("{}|{}:{board}", described.place, described.id)
            }
            Bus::Other => self.sysfs.clone(),
        }
    }

    /// The serial number, where it tells this unit from others: not one that makers leave in all their devices, nor one
    /// that another device here has too.
    fn serial(&self, system: &System) -> Option<String> {
        let read = |device: &Path| {
            ["idVendor", "idProduct", "serial"].map(|file| system.read(&device.join(file)).to_lowercase())
        };
        let ours = read(&self.path);
        let serial = ours[2].clone();
        if !is_serial(&serial) {
            return None;
        }
        let devices = std::fs::read_dir(system.path("/sys/bus/usb/devices")).into_iter().flatten().flatten();
        let alike = devices.take(MAX_USB_DEVICES).filter(|device| read(&device.path()) == ours).count();
        (alike <= 1).then_some(serial)
    }

    /// The number of the maker, for USB devices.
    pub(super) fn usb_vendor(&self, system: &System) -> Option<String> {
        (self.bus == Bus::Usb).then(|| system.read(&self.path.join("idVendor")))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// True if this may be the number of one unit. Many makers write the same digits into all of them.
fn is_serial(text: &str) -> bool {
    const PLACEHOLDERS: [&str; 3] = ["0123456789", "1234567890", "123456789a"];
    let distinct: HashSet<char> = text.chars().collect();
    text.len() >= MIN_SERIAL_LEN
        && distinct.len() >= MIN_SERIAL_LETTERS
        && !PLACEHOLDERS.iter().any(|placeholder| text.starts_with(placeholder))
}

fn is_pci(path: &Path) -> bool {
    let subsystem = std::fs::read_link(path.join("subsystem")).unwrap_or_default();
    path.join("vendor").is_file() && subsystem.file_name().is_some_and(|name| name == "pci")
}
