//! Which ports belong to modems, and what they speak.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use card_io::modem::ModemAddress;

use super::{Hardware, ModemHardware, Port, System};

/// Drivers that nothing but modems have.
const MODEM_DRIVERS: [&str; 9] =
    ["option1", "option", "sierra", "qcserial", "qcaux", "hso", "ipw", "sierra_net", "ipwtty"];

/// Makers of modems, by USB: theirs is a modem, whatever its driver.
const MODEM_MAKERS: [&str; 17] = [
    "05c6", // Qualcomm
    "0489", // Foxconn
    "0bdb", // Ericsson
    "1199", // Sierra Wireless
    "12d1", // Huawei
    "1435", // Wistron NeWeb
    "1546", // u-blox
    "19d2", // ZTE
    "1bc7", // Telit
    "1e0e", // SIMCom
    "1e2d", // Cinterion, Thales
    "2c7c", // Quectel
    "2cb7", // Fibocom
    "2dee", // MeiG
    "305a", // GosuncnWelink
    "33f8", // Rolling Wireless
    "1782", // Spreadtrum
];

/// What udev knows of serial ports by rules of ModemManager's, and what it is called here.
const ROLES: [(&str, &str); 7] = [
    ("ID_MM_PORT_TYPE_AT_PRIMARY", "at"),
    ("ID_MM_PORT_TYPE_AT_SECONDARY", "at"),
    ("ID_MM_PORT_TYPE_AT_PPP", "at"),
    ("ID_MM_PORT_TYPE_GPS", "gps"),
    ("ID_MM_PORT_TYPE_QCDM", "diagnostics"),
    ("ID_MM_PORT_TYPE_AUDIO", "audio"),
    ("ID_MM_PORT_IGNORE", "ignored"),
];

/// More ports than this no machine has; the rest is not looked at.
const MOST_PORTS: usize = 256;

pub(super) fn all(system: &System) -> Vec<Port> {
    let mut ports = control_ports(system);
    ports.extend(wwan_ports(system));
    let modems: HashSet<String> = ports.iter().map(|port| port.modem.place.clone()).collect();
    ports.extend(serial_ports(system, &modems));
    ports.extend(qrtr_nodes(system));
    ports.truncate(MOST_PORTS);
    ports
}

/// The entries of a class in `/sys`: name and real place, sorted as people count.
fn class(system: &System, class: &str) -> Vec<(String, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(system.path("/sys/class").join(class)) else { return Vec::new() };
    let mut entries: Vec<(String, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path().canonicalize().ok()?)))
        .collect();
    entries
        .sort_by_cached_key(|(name, _)| (name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned(), number(name)));
    entries
}

fn number(name: &str) -> u64 {
    let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    name[name.len() - digits..].parse().unwrap_or(0)
}

/// The driver of the nearest thing above this place that has one.
fn driver(place: &Path) -> String {
    let links = place.ancestors().take(4).flat_map(|path| [path.join("driver"), path.join("device/driver")]);
    let driver = links.filter_map(|link| std::fs::read_link(link).ok()).next();
    let name = driver.as_deref().and_then(Path::file_name);
    name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn port(system: &System, name: &str, place: &Path, language: fn(PathBuf) -> ModemAddress) -> Port {
    let node = format!("/dev/{name}");
    let hardware = Hardware::of(system, place);
    Port {
        address: language(PathBuf::from(&node)),
        stable: stable_link(system, Path::new(&node)),
        driver: driver(place),
        role: None,
        modem: hardware.map_or_else(|| alone(name), |hardware| hardware.describe(system)),
        node,
        holders: Vec::new(),
        holders_known: true,
    }
}

/// A port of which `/sys` names no hardware is a modem of its own.
fn alone(name: &str) -> ModemHardware {
    ModemHardware { place: name.to_owned(), ..ModemHardware::default() }
}

/// `/dev/cdc-wdm*`: the driver tells the language.
fn control_ports(system: &System) -> Vec<Port> {
    let entries = class(system, "usbmisc").into_iter().filter(|(name, _)| name.starts_with("cdc-wdm"));
    let found = |(name, place): (String, PathBuf)| {
        let language = match driver(&place).as_str() {
            "qmi_wwan" | "qmi_wwan_q" | "GobiNet" => ModemAddress::Qmi,
            "cdc_mbim" => ModemAddress::Mbim,
            // What is left carries AT commands: huawei_cdc_ncm, cdc_wdm by itself.
            _ => ModemAddress::At,
        };
        port(system, &name, &place, language)
    };
    entries.map(found).collect()
}

/// `/dev/wwan0mbim0` and the like: the name tells the language.
fn wwan_ports(system: &System) -> Vec<Port> {
    let found = |(name, place): (String, PathBuf)| {
        let kind = name.strip_prefix("wwan")?.trim_start_matches(|c: char| c.is_ascii_digit());
        let language = match kind.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "qmi" => ModemAddress::Qmi,
            "mbim" => ModemAddress::Mbim,
            "at" => ModemAddress::At,
            _ => return None,
        };
        Some(port(system, &name, &place, language))
    };
    class(system, "wwan").into_iter().filter_map(found).collect()
}

/// Serial ports of USB devices that are modems: by driver, by maker, or since the device has a control port, too.
fn serial_ports(system: &System, modems: &HashSet<String>) -> Vec<Port> {
    let usb = |name: &str| name.starts_with("ttyUSB") || name.starts_with("ttyACM");
    let entries = class(system, "tty").into_iter().filter(|(name, _)| usb(name));
    let found = |(name, place): (String, PathBuf)| {
        let hardware = Hardware::of(system, &place)?;
        let mut port = port(system, &name, &place, ModemAddress::At);
        let is_modem = is_modem(system, &port.driver, &hardware) || modems.contains(&port.modem.place);
        port.role = role(system, &place);
        is_modem.then_some(port)
    };
    entries.filter_map(found).collect()
}

/// True if the device has a network interface beside its serial ports.
fn has_network(device: &Path) -> bool {
    has_interface_for(device, "net")
}

/// True if an interface of this USB device has a port or network of this class.
fn has_interface_for(device: &Path, class: &str) -> bool {
    let Ok(interfaces) = std::fs::read_dir(device) else { return false };
    interfaces.flatten().any(|interface| interface.path().join(class).is_dir())
}

/// True if the hardware of a port is the modem itself, and not a serial adapter. Control ports are made by drivers of
/// modems alone.
pub(super) fn is_modem_itself(system: &System, name: &str, place: &Path, hardware: &Hardware) -> bool {
    !name.starts_with("tty")
        || is_modem(system, &driver(place), hardware)
        || has_interface_for(hardware.path(), "usbmisc")
}

/// True if a serial port with this driver belongs to a modem: by driver, by maker, or since the device has a network.
fn is_modem(system: &System, driver: &str, hardware: &Hardware) -> bool {
    let maker = hardware.usb_vendor(system).is_some_and(|vendor| MODEM_MAKERS.contains(&vendor.as_str()));
    MODEM_DRIVERS.contains(&driver) || maker || has_network(hardware.path())
}

/// Modems that are plugged in by USB, and of which no interface has a driver: their names.
pub(crate) fn plugged_without_driver(system: &System) -> Vec<String> {
    let Ok(devices) = std::fs::read_dir(system.path("/sys/bus/usb/devices")) else { return Vec::new() };
    let mut names = Vec::new();
    for device in devices.flatten().filter_map(|entry| entry.path().canonicalize().ok()) {
        let Some(hardware) = Hardware::of(system, &device).filter(|hardware| hardware.path() == device) else {
            continue;
        };
        let interfaces: Vec<PathBuf> = std::fs::read_dir(&device)
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default();
        let class = |path: &PathBuf| system.read(&path.join("bInterfaceClass"));
        let maker = hardware.usb_vendor(system).is_some_and(|vendor| MODEM_MAKERS.contains(&vendor.as_str()));
        // Makers of modems make Bluetooth, too: a modem has an interface of its own kind, or for communication.
        let like_a_modem = interfaces.iter().any(|path| matches!(class(path).as_str(), "ff" | "02"));
        let taken = interfaces.iter().any(|path| path.join("driver").exists() && !class(path).is_empty());
        if maker && like_a_modem && !taken {
            let described = hardware.describe(system);
            names.push(format!("{}, {}", described.name(), described.place));
        }
    }
    names.sort();
    names
}

/// What udev noted of a port when it came.
fn role(system: &System, place: &Path) -> Option<&'static str> {
    let number = system.read(&place.join("dev"));
    let noted = std::fs::read_to_string(system.path("/run/udev/data").join(format!("c{number}"))).ok()?;
    let is_set = |property: &str| {
        noted.lines().any(|line| {
            line.strip_prefix("E:")
                .and_then(|line| line.split_once('='))
                .is_some_and(|(name, value)| name == property && value != "0")
        })
    };
    ROLES.iter().find(|(property, _)| is_set(property)).map(|(_, role)| *role)
}

/// A link of udev's that names the place of a port.
pub(super) fn stable_link(system: &System, node: &Path) -> Option<String> {
    let node = system.resolve(node);
    ["/dev/serial/by-path", "/dev/serial/by-id"].iter().find_map(|directory| {
        let entries = std::fs::read_dir(system.path(directory)).ok()?;
        let mut links: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|link| link.canonicalize().is_ok_and(|target| target == node))
            .collect();
        links.sort();
        links.first().map(|link| system.told(link))
    })
}

/// The nodes of QRTR, where the kernel has it.
fn qrtr_nodes(system: &System) -> Vec<Port> {
    if !system.has_qrtr() {
        return Vec::new();
    }
    let nodes = card_io::modem::qrtr_nodes().unwrap_or_else(|error| {
        log::info!("the nodes of QRTR cannot be listed: {error}");
        Vec::new()
    });
    let found = |node: u32| Port {
        address: ModemAddress::Qrtr(Some(node)),
        node: String::new(),
        stable: None,
        driver: "qrtr".into(),
        role: None,
        modem: alone(&format!("qrtr node {node}")),
        holders: Vec::new(),
        holders_known: true,
    };
    nodes.into_iter().map(found).collect()
}
