//! Asking modems what they are: all at once, and each on all its ports at once.
//!
//! Opening a port and asking who is there harms nobody; channels to the card are opened on one port alone, the first that
//! leads to an eUICC. So a machine full of dead ports takes no longer than one of them.

use std::collections::BTreeMap;
use std::time::Duration;

use card_io::{Iso7816, Tap, Timeouts};
use lpa::NeverInterrupted;
use sgp22::transport::{Identity, RawCard, Sight, Slot};

use super::choose::rank;
use super::discover::{DeviceEntry, Element};
use super::open::opening_error;
use super::spec::DeviceOptions;
use super::{applications, habits, modem};
use crate::Manager;
use crate::error::Error;

/// How long a modem may take to answer while it is only looked at.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long another esimctl is waited for then.
const GLANCE: Duration = Duration::from_millis(500);

/// What a modem says of itself on a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// The language that it answers in.
    pub language: &'static str,
    /// Who it is.
    pub identity: Identity,
    /// What it sees of its card and network.
    pub sight: Option<Sight>,
    /// What is in its slots; empty if it does not say.
    pub slots: Vec<Slot>,
}

/// Asks the modems behind these ports.
pub(super) fn modems(manager: &Manager, entries: &mut [DeviceEntry]) {
    let mut modems: BTreeMap<String, Vec<&mut DeviceEntry>> = BTreeMap::new();
    for entry in entries {
        let Some(port) = entry.port.as_ref().filter(|_| entry.is_free()) else { continue };
        modems.entry(modem::lock_key(manager.system(), &port.address)).or_default().push(entry);
    }
    std::thread::scope(|scope| {
        for ports in modems.into_values() {
            scope.spawn(move || one(manager, ports));
        }
    });
}

fn one(manager: &Manager, mut ports: Vec<&mut DeviceEntry>) {
    ports.sort_by_key(|entry| rank(entry.port.as_deref()));
    let address = ports.first().and_then(|entry| entry.port.as_ref()).map(|port| port.address.clone());
    let _lock = match address.map(|address| modem::lock(manager, &address, GLANCE)) {
        None => return,
        Some(Ok(lock)) => lock,
        Some(Err(error)) => return ports.iter_mut().for_each(|entry| entry.problem = Some(error.clone())),
    };
    let cards: Vec<Option<Box<dyn RawCard + Send>>> = std::thread::scope(|scope| {
        let asked: Vec<_> = ports.iter_mut().map(|entry| scope.spawn(|| ask(manager, entry))).collect();
        asked.into_iter().map(|thread| thread.join().unwrap_or_default()).collect()
    });
    let mut found = false;
    for (entry, card) in ports.into_iter().zip(cards) {
        let Some(card) = card.filter(|_| !found) else { continue };
        match elements(manager, &entry.device, card) {
            Ok(elements) => {
                entry.elements = Some(elements);
                found = true;
            }
            Err(error) => entry.problem = Some(error),
        }
    }
}

/// Opens a port and asks who is there.
fn ask(manager: &Manager, entry: &mut DeviceEntry) -> Option<Box<dyn RawCard + Send>> {
    let port = entry.port.as_ref()?;
    let options = DeviceOptions::default();
    let timeouts = Timeouts::with_normal(TIMEOUT);
    match modem::reach(manager, &port.address, &options, timeouts, None) {
        Ok(modem::Reached { mut card, identity, .. }) => {
            let language = entry.kind;
            entry.probed = card.terminal().map(|terminal| Probed {
                language,
                identity: terminal.identity().unwrap_or_default(),
                sight: terminal.sight().ok(),
                slots: terminal.slots().unwrap_or_default(),
            });
            let findings = card.terminal().map(|terminal| terminal.findings()).unwrap_or_default();
            habits::remember(manager.paths(), identity.fact_key().as_deref(), &findings);
            Some(card)
        }
        Err(error) => {
            entry.problem = Some(error);
            None
        }
    }
}

fn elements(manager: &Manager, device: &str, card: Box<dyn RawCard + Send>) -> Result<Vec<Element>, Error> {
    let card: Box<dyn RawCard> = card;
    let longest = card.nature().longest_data.unwrap_or(u8::MAX);
    let mut link = Iso7816::new(Tap::new(card, manager.counters().clone(), None), longest);
    let aids = applications(&DeviceOptions::default(), &manager.config().isdr_aids);
    let elements = lpa::elements(&mut link, &aids, &NeverInterrupted)
        .map_err(|error| opening_error(manager, &mut link, error, None, device))?;
    Ok(elements.into_iter().map(|(isdr_aid, eid)| Element { eid, isdr_aid }).collect())
}
