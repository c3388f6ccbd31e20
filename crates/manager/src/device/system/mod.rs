//! What the system says of modems and their ports, without any being opened.
//!
//! A modem is a piece of hardware (a USB or PCI device), and has several ports. Each is a node in `/dev`, of which `/sys`
//! tells the driver, udev's links a name that stays, and `/proc` who has it open.

mod hardware;
mod holders;
mod ports;
#[cfg(test)]
mod tests;

use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use card_io::modem::{KnownDevice, ModemAddress};

pub(crate) use hardware::Hardware;
pub use holders::PortHolder;
pub(crate) use ports::plugged_without_driver;

/// The longest text that is taken from a file in `/sys`, in bytes: the kernel gives a page at most.
const MAX_SYSFS_TEXT: u64 = 4096;

/// Where `/sys`, `/proc`, `/dev` and `/run` are looked for: below `ESIMCTL_SYSROOT`, which is for tests.
#[derive(Debug, Clone)]
pub(crate) struct System {
    root: PathBuf,
}

/// A port of a modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Where it is, and what it most likely speaks.
    pub address: ModemAddress,
    /// Its node, as in `/dev/ttyUSB2`; empty for a QRTR node.
    pub node: String,
    /// A link of udev's to it that names its place, and stays when it comes back under another name.
    pub stable: Option<String>,
    /// The driver, as the kernel calls it; empty if it does not say.
    pub driver: String,
    /// What udev knows the port to be for, as in `at`, `gps` or `diagnostics`.
    pub role: Option<&'static str>,
    /// The hardware that it belongs to.
    pub modem: ModemHardware,
    /// Who has it open.
    pub holders: Vec<PortHolder>,
    /// False if there may be more: other users' processes cannot be looked into.
    pub holders_known: bool,
}

/// A modem, as far as `/sys` tells it from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModemUnit {
    /// Names the unit: ids with serial number or place.
    pub(crate) signature: String,
    /// The description of the hardware.
    pub(crate) hardware: ModemHardware,
    /// Differs after each boot, and whenever the port was made anew: then another modem of the kind may be there, or other
    /// firmware. `None` if that cannot be told.
    pub(crate) enumeration: Option<String>,
}

/// A piece of hardware. What the system does not say is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModemHardware {
    /// What it goes by here: where it is plugged in.
    pub place: String,
    /// Who makes it.
    pub vendor: String,
    /// Its model.
    pub product: String,
    /// Its USB or PCI id, as in `2c7c:0125`.
    pub id: String,
}

impl Port {
    /// Its name for `--device`.
    #[must_use]
    pub fn device(&self) -> String {
        super::DeviceKind::Modem(self.address.clone()).to_string()
    }

    /// True if what is behind it is of no use here: positions, diagnostics, sound.
    #[must_use]
    pub fn is_for_something_else(&self) -> bool {
        self.role.is_some_and(|role| role != "at")
    }
}

impl ModemHardware {
    /// The name for people: what the hardware says, or what is known of its id.
    #[must_use]
    pub fn name(&self) -> String {
        let name = format!("{} {}", self.vendor, self.product);
        let known = KnownDevice::name_of_hardware(self.usb_id(), self.pci_id());
        match (name.trim(), known, self.id.as_str()) {
            ("", Some(known), _) => known.to_owned(),
            ("", None, "") => "modem".into(),
            ("", None, id) => format!("modem {id}"),
            (name, ..) => name.to_owned(),
        }
    }

    /// Vendor and product on USB; `None` for hardware on another bus.
    #[must_use]
    pub fn usb_id(&self) -> Option<(u16, u16)> {
        self.id_on("usb ")
    }

    /// Vendor and device on PCI; `None` for hardware on another bus.
    #[must_use]
    pub fn pci_id(&self) -> Option<(u16, u16)> {
        self.id_on("pci ")
    }

    fn id_on(&self, bus: &str) -> Option<(u16, u16)> {
        let (vendor, product) = self.id.split_once(':').filter(|_| self.place.starts_with(bus))?;
        Some((u16::from_str_radix(vendor, 16).ok()?, u16::from_str_radix(product, 16).ok()?))
    }
}

impl Default for System {
    fn default() -> Self {
        Self::at(std::env::var_os("ESIMCTL_SYSROOT").map_or_else(|| "/".into(), PathBuf::from))
    }
}

impl System {
    pub(crate) fn at(root: PathBuf) -> Self {
        Self { root: root.canonicalize().unwrap_or(root) }
    }

    /// This path of the system, below the root.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// A path below the root as the system has it.
    fn told(&self, path: &Path) -> String {
        Path::new("/").join(path.strip_prefix(&self.root).unwrap_or(path)).display().to_string()
    }

    /// The text of a small file of the kernel's, without blanks around it; empty if there is none. What a device says there
    /// of itself (names, serial numbers) is cut to [`MAX_SYSFS_TEXT`], and what is no text becomes `�`.
    pub(crate) fn read(&self, path: &Path) -> String {
        let is_file = std::fs::metadata(path).is_ok_and(|about| about.is_file());
        let Some(file) = is_file.then(|| std::fs::File::open(path).ok()).flatten() else { return String::new() };
        let mut bytes = Vec::new();
        if file.take(MAX_SYSFS_TEXT).read_to_end(&mut bytes).is_err() {
            return String::new();
        }
        String::from_utf8_lossy(&bytes).trim().to_owned()
    }

    /// Where a node really is: links are followed.
    pub(crate) fn resolve(&self, node: &Path) -> PathBuf {
        let below = self.path(node);
        below.canonicalize().unwrap_or_else(|_| node.canonicalize().unwrap_or_else(|_| node.to_owned()))
    }

    /// The node to open: that below the root, if it is there.
    pub(crate) fn openable(&self, node: &Path) -> PathBuf {
        let below = self.path(node);
        if below.exists() { below } else { node.to_owned() }
    }

    /// True if the kernel has QRTR.
    pub(crate) fn has_qrtr(&self) -> bool {
        let protocols = std::fs::read_to_string(self.path("/proc/net/protocols")).unwrap_or_default();
        protocols.lines().any(|line| line.starts_with("QIPCRTR "))
    }

    /// The ports of modems.
    pub(crate) fn ports(&self) -> Vec<Port> {
        let mut ports = ports::all(self);
        holders::find(self, &mut ports);
        ports
    }

    /// The port that a node or a link to one stands for: its name, and where `/sys` has it; `None` for one that no driver
    /// made, as a pseudo-terminal.
    pub(crate) fn port(&self, node: &Path) -> Option<(String, PathBuf)> {
        let mut path = self.openable(node);
        // A link to a link, as udev makes them; more are none of its.
        for _ in 0..4 {
            let name = path.file_name()?.to_str()?.to_owned();
            let in_dev = path.parent().is_some_and(|parent| parent == self.path("/dev") || parent == Path::new("/dev"));
            let entry = ["tty", "usbmisc", "wwan"]
                .iter()
                .map(|class| self.path("/sys/class").join(class).join(&name))
                .find_map(|entry| entry.canonicalize().ok())
                .filter(|_| in_dev);
            if let Some(entry) = entry {
                return Some((name, entry));
            }
            let target = std::fs::read_link(&path).ok()?;
            let parent = path.parent()?.canonicalize().ok()?;
            path = normal(&parent.join(target));
        }
        None
    }

    /// A link of udev's to a node that names its place, and stays when it comes back under another name.
    pub(crate) fn stable(&self, node: &Path) -> Option<String> {
        ports::stable_link(self, node)
    }

    /// True if this is the machine itself, and not one that tests have made up.
    pub(crate) fn is_real(&self) -> bool {
        self.root == Path::new("/")
    }

    /// The hardware that a network interface belongs to, if the system says so.
    pub(crate) fn interface_hardware(&self, name: &str) -> Option<Hardware> {
        let place = self.path("/sys/class/net").join(name).canonicalize().ok()?;
        Hardware::of(self, &place)
    }

    /// The modem behind a port, as far as `/sys` tells it from others; `None` where it does not: the port has no hardware,
    /// or that is an adapter behind which any modem can be put.
    pub(crate) fn modem_unit(&self, node: &Path) -> Option<ModemUnit> {
        let (name, place) = self.port(node)?;
        let hardware = Hardware::of(self, &place)?;
        if !ports::is_modem_itself(self, &name, &place, &hardware) {
            return None;
        }
        let number = std::fs::metadata(&place).ok().map(|about| about.ino());
        let enumeration = crate::process::boot().zip(number).map(|(boot, number)| format!("{boot} {number}"));
        Some(ModemUnit { signature: hardware.signature(self), hardware: hardware.describe(self), enumeration })
    }

    /// The hardware that a port belongs to; `None` for one that has none, as a simulated one.
    pub(crate) fn hardware(&self, node: &Path) -> Option<Hardware> {
        Hardware::of(self, &self.port(node)?.1)
    }
}

/// A path without `..`, where no part of it is a link.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(normal.pop()),
            part => normal.push(part),
        }
    }
    normal
}
