//! Virtual modems: virtual cards behind a port that programs for modems can use.

use std::path::PathBuf;

use virtual_euicc::card::{CardShelf, VirtualCard};
use virtual_euicc::modem::Modem;

pub use virtual_euicc::modem::{ChosenModemQuirk, Language, Line, ModemQuirk, ModemQuirkEntry, ModemQuirks};

use crate::Manager;
use crate::device::virtual_lock;
use crate::error::{Error, Id, store_error};
use crate::lock::Lock;

/// What a modem is to be.
#[derive(Debug, Clone)]
pub struct NewModem {
    /// What it speaks.
    pub language: Language,
    /// The virtual cards in its slots; `None` is an empty one.
    pub slots: Vec<Option<String>>,
    /// Where a symbolic link to its port is wanted.
    pub link: Option<PathBuf>,
    /// How it departs from a well-behaved one.
    pub quirks: Vec<ChosenModemQuirk>,
    /// It takes the place of the daemon that shares ports.
    pub as_proxy: bool,
}

/// A slot of a modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModemSlot {
    /// The name of the virtual card in it, if there is one.
    pub card: Option<String>,
    /// The EIDs on the card.
    pub eids: Vec<String>,
}

/// A modem that is switched on; its cards are in use until this is dropped.
#[derive(Debug)]
pub struct VirtualModem<'m> {
    manager: &'m Manager,
    language: Language,
    slots: Vec<ModemSlot>,
    port: String,
    line: Line,
    modem: Modem,
    _locks: Vec<Lock>,
}

impl Manager {
    /// Switches a virtual modem on.
    pub fn start_modem(&self, new: &NewModem) -> Result<VirtualModem<'_>, Error> {
        if let Some(other) = new.quirks.iter().find(|quirk| !new.language.has(quirk.which)) {
            let (entry, language) = (other.which.describe(), new.language.name());
            let why = format!("The quirk {} is about {}, and this modem speaks {language}", entry.name, entry.speaks);
            return Err(Error::new(Id::ModemQuirkUnknown).with("why", why));
        }
        let shelf = CardShelf::new(self.paths().virtual_cards());
        let (mut slots, mut cards, mut locks) = (Vec::new(), Vec::new(), Vec::new());
        for name in &new.slots {
            let Some(name) = name else {
                slots.push(ModemSlot { card: None, eids: Vec::new() });
                cards.push(None);
                continue;
            };
            let folder = shelf.existing(name).map_err(store_error)?;
            locks.push(virtual_lock(self, name, &folder, self.lock_wait())?);
            let card = VirtualCard::open(&folder).map_err(store_error)?;
            let eids = card.state().euiccs.iter().map(|euicc| euicc.eid.to_string()).collect();
            slots.push(ModemSlot { card: Some(name.clone()), eids });
            cards.push(Some(card));
        }
        let line = Line::open(new.language, new.link.as_deref(), new.as_proxy).map_err(failed)?;
        let modem = Modem::new(cards, ModemQuirks::of(new.quirks.clone()));
        let (language, port) = (new.language, line.port());
        Ok(VirtualModem { manager: self, language, slots, port, line, modem, _locks: locks })
    }
}

impl VirtualModem<'_> {
    /// What it speaks.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// What is in its slots.
    #[must_use]
    pub fn slots(&self) -> &[ModemSlot] {
        &self.slots
    }

    /// What a host opens.
    #[must_use]
    pub fn port(&self) -> &str {
        &self.port
    }

    /// Lets it work until the user stops, or it ends by itself.
    pub fn serve(self) -> Result<(), Error> {
        self.line.serve(self.language, self.modem, &self.manager.interrupt().0).map_err(failed)
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::new(Id::VirtualModemFailed).cause(error)
}
