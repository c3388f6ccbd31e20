//! What devices there are, and why one cannot be used.

use std::path::Path;
use std::time::Duration;

use card_io::modem::ModemAddress;
use lpa::NeverInterrupted;
use sgp22::id::{Aid, Eid};
use virtual_euicc::card::{CardShelf, VirtualCard};

use super::open::{open_untraced, opening_error, virtual_lock_file};
use super::spec::DeviceSpec;
use super::system::{Port, PortHolder, System};
use super::{Probed, applications};
use crate::Manager;
use crate::error::{Details, Error, Id, store_error};
use crate::inventory::Seen;
use crate::lock::look_at_file;
use crate::modem_manager::ModemManager;

/// A device.
#[derive(Debug, Clone)]
pub struct DeviceEntry {
    /// Its name for `--device`.
    pub device: String,
    /// `virtual`, `pcsc`, or what a port of a modem most likely speaks: `at`, `qmi`, `mbim`, `qrtr`.
    pub kind: &'static str,
    /// Its name for people.
    pub name: String,
    /// The card's answer to reset, if it is known.
    pub atr: Vec<u8>,
    /// Another program is connected to the card.
    pub in_use: bool,
    /// Why it cannot be used.
    pub problem: Option<Error>,
    /// The eUICCs on it, if it was asked.
    pub elements: Option<Vec<Element>>,
    /// What the system says of a modem's port.
    pub port: Option<Box<Port>>,
    /// What the modem says of itself, if it was asked.
    pub probed: Option<Probed>,
}

impl DeviceEntry {
    /// True if nothing is known to be in the way.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.problem.is_none() && !self.port.as_ref().is_some_and(|port| port.is_for_something_else())
    }

    /// True if it can be asked without disturbing another program.
    pub(super) fn is_free(&self) -> bool {
        let alone = self.port.as_ref().is_none_or(|port| port.holders.iter().all(|holder| is_proxy(&holder.command)));
        self.is_usable() && alone
    }

    /// True if ModemManager has the port: it lets go of it for a command that needs it, and is left alone otherwise.
    #[must_use]
    pub fn is_modem_managers(&self) -> bool {
        let holders = self.port.iter().flat_map(|port| &port.holders);
        self.is_usable() && !self.is_free() && holders.clone().any(|holder| holder.command == MODEM_MANAGER)
    }

    /// True if another esimctl holds it and will be done with it soon. A virtual card that is plugged in is no such: it
    /// is to be reached through its reader.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        match &self.problem {
            Some(Error { id: Id::DeviceLocked, details: Details::Holder(holder), .. }) => {
                !PLUG_COMMANDS.contains(&holder.command.as_str())
            }
            _ => false,
        }
    }
}

/// The name of its process.
const MODEM_MANAGER: &str = "ModemManager";

/// Commands that hold a card for as long as they run: it is to be reached through what they put it into.
const PLUG_COMMANDS: [&str; 2] = ["esimctl virtual plug", "esimctl virtual modem"];

/// An eUICC on a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its number.
    pub eid: Eid,
    /// The AID of its ISD-R.
    pub isdr_aid: Aid,
}

/// All devices, and what kept some from being found.
#[derive(Debug, Clone, Default)]
pub struct Devices {
    /// The devices.
    pub entries: Vec<DeviceEntry>,
    /// Why there may be more that cannot be seen.
    pub problems: Vec<Error>,
}

/// Lists the devices; asks each free one what it is if `probe` is set, all at once.
#[must_use]
pub fn discover(manager: &Manager, probe: bool) -> Devices {
    let mut devices = Devices::default();
    readers(&mut devices);
    virtual_cards(manager, &mut devices);
    let others = devices.entries.len();
    modem_ports(manager, &mut devices);
    if probe {
        let (others, ports) = devices.entries.split_at_mut(others);
        std::thread::scope(|scope| {
            scope.spawn(|| super::probe::modems(manager, ports));
            for entry in others {
                if entry.is_usable() {
                    scope.spawn(|| match ask(manager, &entry.device) {
                        Ok(elements) => entry.elements = Some(elements),
                        Err(error) => entry.problem = Some(error),
                    });
                }
            }
        });
        remember(manager, &devices);
    }
    devices
}

/// Remembers the cards that were asked, for the inventory. Of several on one device, each goes by its own name.
fn remember(manager: &Manager, devices: &Devices) {
    for entry in &devices.entries {
        let aids: Vec<Aid> = entry.elements.iter().flatten().map(|element| element.isdr_aid.clone()).collect();
        if let Some(key) = fact_key(entry).filter(|_| !aids.is_empty()) {
            super::elements::remember(manager, &key, &aids);
        }
        for (index, element) in entry.elements.iter().flatten().enumerate() {
            let device = if index == 0 { entry.device.clone() } else { format!("{},se={index}", entry.device) };
            crate::inventory::remember(manager, &device, Some(element.eid.to_string()), Seen::default(), false);
        }
    }
}

/// The name that facts about a device go by, as when it is opened; `None` for a modem, which has to say who it is for that.
fn fact_key(entry: &DeviceEntry) -> Option<String> {
    match entry.port {
        Some(_) => None,
        None if entry.atr.is_empty() => Some(entry.device.clone()),
        None => Some(super::open::reader_key(&entry.device, &entry.atr)),
    }
}

#[cfg(feature = "pcsc")]
fn readers(devices: &mut Devices) {
    match super::pcsc::list() {
        Ok(readers) => {
            for reader in readers {
                let mut entry = super::pcsc::entry(&reader);
                if entry.is_usable() {
                    entry.problem = super::pcsc::look(&reader.name).err();
                }
                devices.entries.push(entry);
            }
        }
        Err(error) => devices.problems.push(error),
    }
}

#[cfg(not(feature = "pcsc"))]
fn readers(_: &mut Devices) {}

fn virtual_cards(manager: &Manager, devices: &mut Devices) {
    let shelf = CardShelf::new(manager.paths().virtual_cards());
    let names = match shelf.names() {
        Ok(names) => names,
        Err(error) => return devices.problems.push(store_error(error)),
    };
    for name in names {
        let problem = usable(&shelf, &name).err();
        devices.entries.push(DeviceEntry {
            device: format!("virtual:{name}"),
            kind: "virtual",
            in_use: problem.as_ref().is_some_and(|error| error.id == Id::DeviceLocked),
            name,
            atr: Vec::new(),
            problem,
            elements: None,
            port: None,
            probed: None,
        });
    }
}

/// A program that shares a port with others.
fn is_proxy(command: &str) -> bool {
    matches!(command, "qmi-proxy" | "mbim-proxy")
}

/// Programs beside which a port can be used: proxies share it, and ModemManager lets go of it when it is asked to.
fn gives_way(command: &str) -> bool {
    is_proxy(command) || command == MODEM_MANAGER
}

fn modem_ports(manager: &Manager, devices: &mut Devices) {
    let system = manager.system();
    let mut ports = system.ports();
    if ports.iter().any(|port| !port.holders_known) {
        note_modem_manager(system, &mut ports);
    }
    for port in ports {
        let kind = match port.address {
            ModemAddress::At(_) | ModemAddress::AtCsim(_) => "at",
            ModemAddress::Qmi(_) => "qmi",
            ModemAddress::Mbim(_) => "mbim",
            ModemAddress::Qrtr(_) => "qrtr",
        };
        devices.entries.push(DeviceEntry {
            device: port.device(),
            kind,
            name: port.modem.name(),
            atr: Vec::new(),
            in_use: !port.holders.is_empty(),
            problem: port_problem(system, &port),
            elements: None,
            port: Some(Box::new(port)),
            probed: None,
        });
    }
}

/// Who may not look into other users' processes can still ask ModemManager what it uses.
fn note_modem_manager(system: &System, ports: &mut [Port]) {
    let Some(modems) = ModemManager::find().and_then(|service| service.modems().ok()) else { return };
    for port in ports {
        let hardware = system.hardware(Path::new(&port.node)).map(|hardware| hardware.sysfs);
        let name = port.node.rsplit('/').next().unwrap_or_default();
        let known = port.holders.iter().any(|holder| gives_way(&holder.command));
        if !known && !name.is_empty() && modems.iter().any(|modem| modem.is(name, hardware.as_deref())) {
            port.holders.push(PortHolder { pid: 0, command: MODEM_MANAGER.into() });
        }
    }
}

/// Why a port cannot be used, as far as one sees without opening it.
fn port_problem(system: &System, port: &Port) -> Option<Error> {
    if let Err(error) = super::modem::look(system, &port.address) {
        return Some(error);
    }
    let node = system.path(&port.node);
    let access = rustix::fs::Access::READ_OK | rustix::fs::Access::WRITE_OK;
    if !port.node.is_empty()
        && let Err(error) = rustix::fs::access(&node, access)
    {
        let id = if error == rustix::io::Errno::NOENT { Id::PortNotFound } else { Id::PortNoAccess };
        return Some(Error::new(id).with("device", port.device()).cause(error));
    }
    let other = port.holders.iter().find(|holder| !gives_way(&holder.command))?;
    let cause = format!("{} (process {})", other.command, other.pid);
    Some(Error::new(Id::PortBusy).with("device", port.device()).cause(cause))
}

/// True if nobody holds the card and its state can be read.
fn usable(shelf: &CardShelf, name: &str) -> Result<(), Error> {
    let folder = shelf.existing(name).map_err(store_error)?;
    VirtualCard::peek(&folder).map_err(store_error)?;
    look_at_file(&format!("virtual:{name}"), &virtual_lock_file(&folder))
}

/// How long a device that is looked at by others is waited for.
const GLANCE: Duration = Duration::from_millis(500);

/// Asks a device which eUICCs it has.
fn ask(manager: &Manager, device: &str) -> Result<Vec<Element>, Error> {
    let spec: DeviceSpec = device.parse()?;
    let mut opened = open_untraced(manager, &spec, GLANCE)?;
    let aids = applications(&spec.options, &manager.config().isdr_aids);
    let elements = lpa::elements(&mut opened.link, &aids, &NeverInterrupted)
        .map_err(|error| opening_error(manager, &mut opened.link, error, None, device))?;
    Ok(elements.into_iter().map(|(isdr_aid, eid)| Element { eid, isdr_aid }).collect())
}
