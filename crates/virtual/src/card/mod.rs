//! A virtual eUICC card: bytes in, bytes out.
//!
//! [`VirtualCard`] is a bare card. Its layers, from the outside: [`crate::vpcd`] or the library's own ISO 7816 layer
//! bring commands; `fault` decides whether one goes astray; `iso` keeps logical channels and STORE DATA chains, and
//! `delivery` the answers that wait to be fetched; `isdr` carries out functions on the `state`, which is kept in a file
//! before the answer goes out; `files` are those of the profile that is enabled. Only a session with a server is volatile. [`Quirk`]s bend each of them.

mod delivery;
mod fault;
mod files;
mod hex;
mod isdr;
mod iso;
mod issuer;
mod quirk;
mod sample;
mod state;
mod store;

use std::path::{Path, PathBuf};

pub use crate::switch::SwitchError;
pub use quirk::{ChosenQuirk, Quirk, QuirkEntry, Quirks};
pub use sample::{NewCard, NewProfile, NewProfiles};
pub use state::{
    CardState, Euicc, SignedNotification, StoredClass, StoredKey, StoredLoad, StoredNotification, StoredPin,
    StoredProfile, StoredRule, StoredTarget,
};
pub use store::{CardShelf, StoreError};

use crate::pki::{EuiccCredentials, Pki};
use isdr::Isdr;
use iso::Volatile;
use issuer::Issuer;

/// A virtual card that is in a reader.
#[derive(Debug)]
pub struct VirtualCard {
    /// Where the state is kept; `None` for a card that lives in memory alone.
    folder: Option<PathBuf>,
    state: CardState,
    credentials: Vec<EuiccCredentials>,
    /// Whose servers the card believes.
    issuer: Issuer,
    volatile: Volatile,
    /// Taken out of the reader, as a quirk wants it.
    removed: bool,
    /// The process is the one that uses the card, and not one that stands for a card in a reader.
    shares_process: bool,
}

impl VirtualCard {
    /// A card that is gone with the process, under an issuer of its own.
    pub fn in_memory(new: &NewCard) -> Result<Self, StoreError> {
        Self::in_memory_under(&Pki::in_memory()?, new)
    }

    /// A card that is gone with the process, certified by `pki`: it believes the servers that `pki` makes.
    pub fn in_memory_under(pki: &Pki, new: &NewCard) -> Result<Self, StoreError> {
        let state = new.state()?;
        let credentials = issue(pki, &state)?;
        Ok(Self::power_on(None, state, credentials, Issuer::of(pki)?))
    }

    /// Makes a card on `shelf`, certified by `pki`.
    pub fn create(shelf: &CardShelf, name: &str, pki: &Pki, new: &NewCard) -> Result<CardState, StoreError> {
        let state = new.state()?;
        shelf.add(name, |folder| {
            for (index, credentials) in issue(pki, &state)?.iter().enumerate() {
                credentials.write(folder, index)?;
            }
            Issuer::of(pki)?.write(folder)?;
            store::save(folder, &state)
        })?;
        Ok(state)
    }

    /// Takes a card from its folder.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let state = store::load(folder)?;
        let credentials =
            (0..state.euiccs.len()).map(|index| EuiccCredentials::read(folder, index)).collect::<Result<_, _>>()?;
        Ok(Self::power_on(Some(folder.into()), state, credentials, Issuer::read(folder)?))
    }

    /// Reads a card's state without powering it on.
    pub fn peek(folder: &Path) -> Result<CardState, StoreError> {
        store::load(folder)
    }

    fn power_on(folder: Option<PathBuf>, state: CardState, credentials: Vec<EuiccCredentials>, issuer: Issuer) -> Self {
        let volatile = Volatile::at_power_on(&state);
        let mut card = Self { folder, state, credentials, issuer, volatile, removed: false, shares_process: true };
        card.power_up();
        card
    }

    /// Starts anew: what was volatile is gone, and a load that was under way has failed.
    fn power_up(&mut self) {
        self.volatile = Volatile::at_power_on(&self.state);
        let before = self.state.clone();
        let mut interrupted = false;
        for index in 0..self.state.euiccs.len() {
            interrupted |= self.isdr(index).report_interruption();
        }
        if interrupted && !self.keep() {
            self.state = before;
        }
    }

    /// Puts the card into the reader again: it starts anew.
    pub fn insert(&mut self) {
        self.removed = false;
        self.power_up();
    }

    /// From now on this process stands for a card in a reader. A fault that kills the process that uses the card then
    /// takes the card's power instead.
    pub fn stand_in_reader(&mut self) {
        self.shares_process = false;
    }

    fn isdr(&mut self, index: usize) -> Isdr<'_> {
        Isdr {
            euicc: &mut self.state.euiccs[index],
            credentials: &self.credentials[index],
            issuer: &self.issuer,
            quirks: &self.state.quirks,
            moods: &mut self.volatile.moods,
            session: &mut self.volatile.sessions[index],
        }
    }

    /// Everything in the card's memory.
    #[must_use]
    pub fn state(&self) -> &CardState {
        &self.state
    }

    /// The card's answer to reset (ISO/IEC 7816-3 8.2): T=1, or T=0 for a card that has nothing else.
    #[must_use]
    pub fn atr(&self) -> Vec<u8> {
        const HISTORICAL: &[u8; 7] = b"esimctl";
        if self.state.quirks.has(Quirk::OnlyGetResponse) {
            return [&[0x3B, 0x07][..], HISTORICAL].concat();
        }
        let body = [&[0x87, 0x01][..], HISTORICAL].concat();
        let check = body.iter().fold(0, |check, byte| check ^ byte);
        [&[0x3B][..], &body, &[check]].concat()
    }

    /// Keeps the state; says whether that worked.
    fn keep(&self) -> bool {
        let Some(folder) = &self.folder else { return true };
        match store::save(folder, &self.state) {
            Ok(()) => true,
            Err(error) => {
                log::error!("the virtual card's state cannot be kept: {error}");
                false
            }
        }
    }
}

fn issue(pki: &Pki, state: &CardState) -> Result<Vec<EuiccCredentials>, StoreError> {
    state.euiccs.iter().map(|euicc| Ok(pki.issue_euicc(euicc.eid)?)).collect()
}
