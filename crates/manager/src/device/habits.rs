//! How a modem is to be treated: what is known of its kind, then what was learnt about this one, then what the user wants.

use card_io::modem::{Habits, KNOWN, KnownQuirk, LEARNABLE, Learnt, ModemAddress, Signs};
use sgp22::id::Aid;

use super::discover::DeviceEntry;
use super::identity::ModemIdentity;
use super::spec::{DeviceKind, DeviceOptions, DeviceSpec};
use super::system::ModemHardware;
use crate::Manager;
use crate::database::Database;
use crate::error::{Error, Id};
use crate::paths::Paths;

/// The names under which is remembered where on a device an eUICC was found.
pub(crate) const ISDR_FACT: &str = "isdr_aid";
pub(crate) const SLOT_FACT: &str = "slot";

/// The treatment of a modem: habits and workarounds that apply to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Treatment {
    pub(super) habits: Habits,
    /// The slot to use, from 1; the active one if `None`.
    pub(super) slot: Option<u8>,
}

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

/// The signs of a modem: its hardware, and what it said of itself if that is certain.
pub(super) fn signs(identity: &ModemIdentity) -> Signs<'_> {
    let hardware = identity.hardware();
    Signs {
        usb: hardware.and_then(ModemHardware::usb_id),
        pci: hardware.and_then(ModemHardware::pci_id),
        identity: identity.identity(),
        isdr: None,
    }
}

/// The quirks that this kind of modem is known to have.
pub(super) fn known_quirks(identity: &ModemIdentity) -> Vec<&'static KnownQuirk> {
    KnownQuirk::of(signs(identity)).collect()
}

/// Remembers what was found out about a modem while it was used.
pub(super) fn remember(paths: &Paths, key: Option<&str>, findings: &[(&'static str, String)]) {
    let Some(key) = key else { return };
    let is_known = |database: &Database, name: &str, value: &str| {
        database.fact(key, name).is_ok_and(|known| known.as_deref() == Some(value))
    };
    let peeked = Database::peek(paths);
    let new =
        findings.iter().filter(|(name, value)| peeked.as_ref().is_none_or(|database| !is_known(database, name, value)));
    let new: Vec<_> = new.collect();
    if new.is_empty() {
        return;
    }
    log::info!("{key}: from now on {new:?}");
    let learnt = Database::open(paths)
        .and_then(|database| new.iter().try_for_each(|(name, value)| database.learn(key, name, value)));
    if let Err(error) = learnt {
        log::info!("not remembered: {error}");
    }
}

/// Decides how to treat a modem, and which slot it was found to have its eUICC in.
pub(super) fn choose(
    manager: &Manager,
    address: &ModemAddress,
    options: &DeviceOptions,
    identity: &ModemIdentity,
) -> Result<Treatment, Error> {
    let spec = DeviceSpec { kind: DeviceKind::Modem(address.clone()), options: options.clone() };
    let (name, database) = (identity.key(), Database::peek(manager.paths()));
    // Without a key, what is remembered may be about another modem.
    let facts = identity.fact_key().zip(database);
    let mut habits = Habits::default();
    for quirk in KnownQuirk::of(signs(identity)) {
        log::info!("{name}: {} ({}): {}", quirk.name, quirk.source, quirk.answer);
        quirk.apply(&mut habits);
    }
    match &options.learnt {
        Some(learnt) => learnt.apply(&mut habits),
        None => facts.iter().for_each(|(key, database)| learnt(database, key).apply(&mut habits)),
    }
    for quirk in forced(&spec)? {
        log::info!("{name}: {}, as was wanted: {}", quirk.name, quirk.answer);
        quirk.apply(&mut habits);
    }
    let remembered = || {
        let (key, database) = facts.as_ref()?;
        database.fact(key, SLOT_FACT).ok()??.parse().ok()
    };
    let slot = options.slot.or_else(remembered);
    Ok(Treatment { habits, slot })
}

fn learnt(database: &Database, key: &str) -> Learnt {
    let mut learnt = Learnt::default();
    for name in LEARNABLE {
        if let Some(value) = database.fact(key, name).ok().flatten() {
            learnt.set(name, &value);
        }
    }
    learnt
}

/// The AID that an ISD-R was found under, when that was learnt.
pub(super) fn remembered_isdr(manager: &Manager, key: &str) -> Option<Aid> {
    Database::peek(manager.paths())?.fact(key, ISDR_FACT).ok()??.parse().ok()
}

/// The quirks that a device is known to have, by all that is seen of it.
#[must_use]
pub fn quirks_of(entry: &DeviceEntry) -> Vec<&'static KnownQuirk> {
    KnownQuirk::of(seen_signs(entry)).collect()
}

/// All signs that are seen of a device.
pub(super) fn seen_signs(entry: &DeviceEntry) -> Signs<'_> {
    let hardware = entry.port.as_ref().map(|port| &port.modem);
    Signs {
        usb: hardware.and_then(ModemHardware::usb_id),
        pci: hardware.and_then(ModemHardware::pci_id),
        identity: entry.probed.as_ref().map(|probed| &probed.identity),
        isdr: entry.elements.iter().flatten().next().map(|element| &element.isdr_aid),
    }
}

#[cfg(test)]
mod tests {
    use sgp22::transport::Identity;

    use super::*;
    use crate::Settings;

    /// Facts are kept under this key by whoever neither says who it is nor has hardware of its own.
    const PORT: &str = "qmi:/dev/cdc-wdm7";

    #[test]
    fn what_may_be_about_another_modem_is_not_applied() {
        let directory = tempfile::tempdir().unwrap();
        let state_dir = Some(directory.path().join("state"));
        let manager = Manager::new(Settings { state_dir, ..Settings::default() }).unwrap();
        let address = ModemAddress::Qmi("/dev/cdc-wdm7".into());
        let recall = || ModemIdentity::recall(&manager, &address);
        let settled = |identity: Option<Identity>| {
            let mut modem = recall();
            modem.settle(&manager, identity);
            modem
        };
        let treatment = |modem: &ModemIdentity| {
            let treatment = choose(&manager, &address, &DeviceOptions::default(), modem).unwrap();
            (treatment.slot, treatment.habits.select_p2)
        };
        let first = settled(Some(Identity::new("Maker", "Model A", "1")));
        let database = Database::open(manager.paths()).unwrap();
        for key in [PORT, &first.fact_key().unwrap()] {
            database.learn(key, SLOT_FACT, "2").unwrap();
            database.learn(key, "select_p2", "0C").unwrap();
        }
        assert_eq!(treatment(&first), (Some(2), 0x0C));
        assert_eq!(treatment(&recall()), (None, 0x00), "nobody has asked who it is");
        assert_eq!(treatment(&recall().as_remembered()), (Some(2), 0x0C));
        let nameless = settled(None);
        assert_eq!((treatment(&nameless), nameless.fact_key()), ((None, 0x00), None), "it may be any modem");
        assert_eq!(treatment(&settled(Some(Identity::new("Maker", "Model B", "1")))), (None, 0x00));
    }
}
