//! What devices there are, and why one cannot be used.

use std::time::Duration;

use lpa::NeverInterrupted;
use sgp22::id::{Aid, Eid};
use virtual_euicc::card::{CardShelf, VirtualCard};

use super::applications;
use super::open::{open_untraced, virtual_lock_file};
use super::spec::DeviceSpec;
use crate::Manager;
use crate::error::{Details, Error, Id, open_error, store_error};
use crate::lock::look_at_file;

/// A device.
#[derive(Debug, Clone)]
pub struct DeviceEntry {
    /// Its name for `--device`.
    pub device: String,
    /// `virtual` or `pcsc`.
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
}

impl DeviceEntry {
    /// True if nothing is known to be in the way.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.problem.is_none()
    }

    /// True if another esimctl holds it and will be done with it soon. A virtual card that is plugged in is no such: it
    /// is to be reached through its reader.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        match &self.problem {
            Some(Error { id: Id::DeviceLocked, details: Details::Holder(holder), .. }) => {
                holder.command != PLUG_COMMAND
            }
            _ => false,
        }
    }
}

/// The command that holds a card for as long as it runs.
const PLUG_COMMAND: &str = "esimctl virtual plug";

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
    if probe {
        std::thread::scope(|scope| {
            for entry in &mut devices.entries {
                if entry.is_usable() {
                    scope.spawn(|| match ask(manager, &entry.device) {
                        Ok(elements) => entry.elements = Some(elements),
                        Err(error) => entry.problem = Some(error),
                    });
                }
            }
        });
    }
    devices
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
        });
    }
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
    let elements =
        lpa::elements(&mut opened.link, &aids, &NeverInterrupted).map_err(|error| open_error(error, None))?;
    Ok(elements.into_iter().map(|(isdr_aid, eid)| Element { eid, isdr_aid }).collect())
}
