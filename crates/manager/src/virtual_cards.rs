//! Virtual cards: made, looked at, removed, and put into a real reader.

use std::net::TcpStream;
use std::os::fd::AsFd;
use std::path::Path;

use sgp22::ci::CiKeyId;
use virtual_euicc::card::{CardShelf, CardState, VirtualCard};
use virtual_euicc::modem::{Modem, ModemQuirks, StdioVoice, serve_lines};
use virtual_euicc::pki::Pki;
use virtual_euicc::vpcd;

pub use virtual_euicc::card::{
    ChosenQuirk, Euicc, NewCard, NewProfile, NewProfiles, Quirk, QuirkEntry, Quirks, StoredClass, StoredNotification,
    StoredProfile, SwitchError,
};
pub use virtual_euicc::vpcd::{DEFAULT_ADDRESS, Unplugged};

use crate::Manager;
use crate::device::virtual_lock;
use crate::error::{Error, Id, store_error};
use crate::lock::Lock;

/// A virtual card by name.
#[derive(Debug, Clone)]
pub struct NamedCard {
    /// Its name.
    pub name: String,
    /// What is in its memory.
    pub state: CardState,
}

impl Manager {
    fn shelf(&self) -> CardShelf {
        CardShelf::new(self.paths().virtual_cards())
    }

    /// Makes a virtual card, certified by the PKI of the state directory.
    pub fn create_virtual(&self, name: &str, new: &NewCard) -> Result<NamedCard, Error> {
        self.create_virtual_under(None, name, new)
    }

    /// Makes a virtual card, certified by the PKI in this directory.
    pub fn create_virtual_under(&self, pki: Option<&Path>, name: &str, new: &NewCard) -> Result<NamedCard, Error> {
        if let Some(eid) = new.eid.filter(|eid| !eid.is_valid()) {
            return Err(Error::new(Id::EidInvalid).with("eid", eid).with("right", eid.with_check_digits()));
        }
        let shelf = self.shelf();
        shelf.folder(name).map_err(store_error)?;
        self.paths().make_state()?;
        let pki = self.pki(pki)?;
        let state = VirtualCard::create(&shelf, name, &pki, new).map_err(store_error)?;
        Ok(NamedCard { name: name.into(), state })
    }

    /// The names of all virtual cards.
    pub fn virtual_names(&self) -> Result<Vec<String>, Error> {
        self.shelf().names().map_err(store_error)
    }

    /// A virtual card's memory, also while it is in use.
    pub fn virtual_card(&self, name: &str) -> Result<NamedCard, Error> {
        let folder = self.shelf().existing(name).map_err(store_error)?;
        let state = VirtualCard::peek(&folder).map_err(store_error)?;
        Ok(NamedCard { name: name.into(), state })
    }

    /// The issuer that certifies the virtual cards of this state directory, if there are any.
    #[must_use]
    pub fn virtual_ci(&self) -> Option<CiKeyId> {
        let directory = self.paths().pki();
        if !directory.exists() {
            return None;
        }
        Pki::open(&directory).ok()?.ci().key_id().ok()
    }

    /// Removes a virtual card for good.
    pub fn remove_virtual(&self, name: &str) -> Result<(), Error> {
        let shelf = self.shelf();
        let folder = shelf.existing(name).map_err(store_error)?;
        let _lock = virtual_lock(self, name, &folder, self.lock_wait())?;
        shelf.remove(name).map_err(store_error)
    }

    /// Answers for a virtual card in lines of JSON, as a program behind `stdio:` does: what is asked at `input` is answered
    /// at `output`, until the end of input or until the user stops.
    pub fn serve_virtual_lines(&self, name: &str, input: impl AsFd, output: impl AsFd) -> Result<(), Error> {
        let folder = self.shelf().existing(name).map_err(store_error)?;
        let _lock = virtual_lock(self, name, &folder, self.lock_wait())?;
        let card = VirtualCard::open(&folder).map_err(store_error)?;
        let mut voice = StdioVoice::new(Modem::new(vec![Some(card)], ModemQuirks::default()));
        serve_lines(&mut voice, input, output, &self.interrupt().0)
            .map_err(|error| Error::new(Id::LinesFailed).cause(error))
    }

    /// Puts a virtual card into the reader behind the vpcd at `address`.
    pub fn plug_virtual(&self, name: &str, address: &str) -> Result<Plug<'_>, Error> {
        let folder = self.shelf().existing(name).map_err(store_error)?;
        let lock = virtual_lock(self, name, &folder, self.lock_wait())?;
        let card = VirtualCard::open(&folder).map_err(store_error)?;
        let stream = connect(address)?;
        Ok(Plug { manager: self, address: address.into(), card, stream, _lock: lock })
    }
}

/// A virtual card that is in a reader, until this is dropped.
pub struct Plug<'m> {
    manager: &'m Manager,
    address: String,
    card: VirtualCard,
    stream: TcpStream,
    _lock: Lock,
}

impl Plug<'_> {
    /// What is in the card's memory.
    #[must_use]
    pub fn state(&self) -> &CardState {
        self.card.state()
    }

    /// The card's answer to reset.
    #[must_use]
    pub fn atr(&self) -> Vec<u8> {
        self.card.atr()
    }

    /// Serves the reader until it is gone or the user stops.
    pub fn serve(&mut self) -> Result<Unplugged, Error> {
        let stop = &self.manager.interrupt().0;
        vpcd::serve(&mut self.card, &self.stream, stop).map_err(|error| Error::new(Id::VpcdFailed).cause(error))
    }

    /// Puts the card back into the reader.
    pub fn plug_again(&mut self) -> Result<(), Error> {
        self.stream = connect(&self.address)?;
        Ok(())
    }
}

fn connect(address: &str) -> Result<TcpStream, Error> {
    vpcd::plug(address).map_err(|error| Error::new(Id::VpcdUnreachable).with("address", address).cause(error))
}
