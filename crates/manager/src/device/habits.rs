//! How a modem is to be treated: what is known of its kind, then what was learnt about this one, then what the user wants.

use card_io::modem::{Habits, KNOWN, KnownQuirk, LEARNABLE, Learnt, ModemAddress, Signs};
use sgp22::id::Aid;
use sgp22::transport::{Identity, RawCard};

use super::discover::DeviceEntry;
use super::modem::node;
use super::spec::{DeviceKind, DeviceOptions, DeviceSpec};
use super::system::System;
use crate::Manager;
use crate::database::Database;
use crate::error::{Error, Id};

/// The name under which is remembered who a modem is.
const IDENTITY_FACT: &str = "identity";

/// The names under which is remembered where on a device an eUICC was found.
pub(crate) const ISDR_FACT: &str = "isdr_aid";
pub(crate) const SLOT_FACT: &str = "slot";

/// The quirks that the user names. They are about modems; a name that is none is a mistake.
pub(super) fn forced(spec: &DeviceSpec) -> Result<Vec<&'static KnownQuirk>, Error> {
    let wrong = |why: String| Error::new(Id::DeviceSyntax).with("device", &spec.kind).with("why", why);
    if !spec.options.quirks.is_empty() && !matches!(spec.kind, DeviceKind::Modem(_)) {
        return Err(wrong("quirk= goes with modems".into()));
    }
    let named = |name: &String| {
        KnownQuirk::named(name).ok_or_else(|| {
            let all: Vec<&str> = KNOWN.iter().filter(|quirk| quirk.changes_something()).map(|one| one.name).collect();
            wrong(format!("there is no quirk '{name}'; there are {}", all.join(", ")))
        })
    };
    spec.options.quirks.iter().map(named).collect()
}

/// What is remembered about a modem goes by this: its port, and what is plugged in there.
pub(super) fn fact_key(system: &System, address: &ModemAddress) -> String {
    let device = DeviceKind::Modem(address.clone());
    match usb(system, address) {
        Some((vendor, product)) => format!("{device}|{vendor:04x}:{product:04x}"),
        None => device.to_string(),
    }
}

fn usb(system: &System, address: &ModemAddress) -> Option<(u16, u16)> {
    usb_id(&system.modem_hardware(node(address)?)?)
}

/// Vendor and product of what is plugged in by USB.
fn usb_id(hardware: &super::ModemHardware) -> Option<(u16, u16)> {
    let (vendor, product) = hardware.id.split_once(':').filter(|_| hardware.place.starts_with("usb "))?;
    Some((u16::from_str_radix(vendor, 16).ok()?, u16::from_str_radix(product, 16).ok()?))
}

/// Who the modem said that it is, when it was asked.
fn remembered_identity(database: &Database, key: &str) -> Option<Identity> {
    let text = database.fact(key, IDENTITY_FACT).ok()??;
    let [manufacturer, model, firmware]: [String; 3] = serde_json::from_str(&text).ok()?;
    Some(Identity { manufacturer, model, firmware })
}

/// Asks a modem that was never met who it is, and remembers it. `None` if it was asked before, or does not say.
pub(super) fn meet(manager: &Manager, address: &ModemAddress, card: &mut dyn RawCard) -> Option<Identity> {
    let key = fact_key(manager.system(), address);
    if Database::peek(manager.paths()).is_some_and(|database| remembered_identity(&database, &key).is_some()) {
        return None;
    }
    let identity =
        card.terminal()?.identity().map_err(|error| log::info!("it does not say who it is: {error}")).ok()?;
    let Identity { manufacturer, model, firmware } = &identity;
    let text = serde_json::json!([manufacturer, model, firmware]).to_string();
    let learnt = Database::open(manager.paths()).and_then(|database| database.learn(&key, IDENTITY_FACT, &text));
    if let Err(error) = learnt {
        log::info!("not remembered: {error}");
    }
    Some(identity)
}

/// Who a modem said that it is, and the quirks that its kind is known to have.
pub(super) fn known(manager: &Manager, address: &ModemAddress) -> (Option<Identity>, Vec<&'static KnownQuirk>) {
    let key = fact_key(manager.system(), address);
    let identity = Database::peek(manager.paths()).and_then(|database| remembered_identity(&database, &key));
    let signs = Signs { usb: usb(manager.system(), address), identity: identity.as_ref(), pci: None, isdr: None };
    let quirks = KnownQuirk::of(signs).collect();
    (identity, quirks)
}

/// How to treat the modem at this address, which may have said who it is.
pub(super) fn choose(
    manager: &Manager,
    address: &ModemAddress,
    options: &DeviceOptions,
    identity: Option<&Identity>,
) -> Result<Habits, Error> {
    let spec = DeviceSpec { kind: DeviceKind::Modem(address.clone()), options: options.clone() };
    let (key, database) = (fact_key(manager.system(), address), Database::peek(manager.paths()));
    let remembered = database.as_ref().and_then(|database| remembered_identity(database, &key));
    let signs = Signs {
        usb: usb(manager.system(), address),
        identity: identity.or(remembered.as_ref()),
        pci: None,
        isdr: None,
    };
    let mut habits = Habits::default();
    for quirk in KnownQuirk::of(signs) {
        log::info!("{key}: {} ({}): {}", quirk.name, quirk.source, quirk.answer);
        quirk.apply(&mut habits);
    }
    match &options.learnt {
        Some(learnt) => learnt.apply(&mut habits),
        None => learnt(database.as_ref(), &key).apply(&mut habits),
    }
    for quirk in forced(&spec)? {
        log::info!("{key}: {}, as was wanted: {}", quirk.name, quirk.answer);
        quirk.apply(&mut habits);
    }
    Ok(habits)
}

fn learnt(database: Option<&Database>, key: &str) -> Learnt {
    let mut learnt = Learnt::default();
    for name in LEARNABLE {
        if let Some(value) = database.and_then(|database| database.fact(key, name).ok()?) {
            learnt.set(name, &value);
        }
    }
    learnt
}

/// The AID that an ISD-R was found under, when that was learnt.
pub(super) fn remembered_isdr(manager: &Manager, key: &str) -> Option<Aid> {
    Database::peek(manager.paths())?.fact(key, ISDR_FACT).ok()??.parse().ok()
}

/// The slot that an eUICC was found in, when that was learnt.
pub(super) fn remembered_slot(manager: &Manager, key: &str) -> Option<u8> {
    Database::peek(manager.paths())?.fact(key, SLOT_FACT).ok()??.parse().ok()
}

/// The quirks that a device is known to have, by all that is seen of it.
#[must_use]
pub fn quirks_of(entry: &DeviceEntry) -> Vec<&'static KnownQuirk> {
    let isdr = entry.elements.iter().flatten().next().map(|element| &element.isdr_aid);
    let usb = entry.port.as_ref().and_then(|port| usb_id(&port.modem));
    KnownQuirk::of(Signs { usb, identity: entry.probed.as_ref().map(|probed| &probed.identity), pci: None, isdr })
        .collect()
}
