//! Readers as devices.

use std::path::PathBuf;
use std::time::Duration;

use card_io::Timeouts;
use card_io::pcsc::{PcscCard, PcscError, PcscErrorKind, Reader, ReaderState, readers};

use super::discover::DeviceEntry;
use super::hints::UsedDevice;
use crate::Manager;
use crate::error::{Details, Error, Id};
use crate::lock::{Lock, look_at_device};

/// How long the PC/SC service may take to list its readers.
const LIST_TIMEOUT: Duration = Duration::from_secs(10);

/// What a PC/SC error says to the user.
pub(super) fn told(error: &PcscError, reader: &str) -> Error {
    let id = match error.kind {
        PcscErrorKind::NoService => Id::PcscNotRunning,
        PcscErrorKind::NoAccess => Id::PcscNoAccess,
        PcscErrorKind::NoReader => Id::ReaderNotFound,
        PcscErrorKind::NoCard => Id::ReaderEmpty,
        PcscErrorKind::MuteCard => Id::CardMute,
        PcscErrorKind::Busy => Id::ReaderBusy,
        PcscErrorKind::ServiceHangs => Id::PcscHangs,
        PcscErrorKind::Other => Id::PcscFailed,
    };
    add_reader_hints(Error::new(id).with("reader", reader).cause(error), reader)
}

/// The error with what is known of this kind of reader.
fn add_reader_hints(error: Error, reader: &str) -> Error {
    UsedDevice::new(&format!("pcsc:{reader}"), None).add_hints(error)
}

/// The readers that the service knows.
pub(super) fn list() -> Result<Vec<Reader>, Error> {
    readers(LIST_TIMEOUT).map_err(|error| told(&error, ""))
}

/// The name of the reader that is meant, with a card in it.
pub(super) fn choose(wanted: Option<&str>) -> Result<String, Error> {
    let readers = list()?;
    if readers.is_empty() {
        return Err(Error::new(Id::NoReader));
    }
    let fitting = match wanted {
        Some(wanted) => fitting(&readers, wanted),
        None => readers.iter().filter(|reader| reader.state == ReaderState::Card).collect(),
    };
    match fitting[..] {
        [reader] => match problem(reader) {
            None => Ok(reader.name.clone()),
            Some(error) => Err(error),
        },
        [] => Err(match wanted {
            Some(wanted) => Error::new(Id::ReaderNotFound).with("reader", wanted),
            None => {
                let names: Vec<_> = readers.iter().map(|reader| reader.name.as_str()).collect();
                Error::new(Id::ReaderEmpty).with("reader", names.join("' or '"))
            }
        }),
        _ => {
            let entries = fitting.iter().map(|reader| entry(reader)).collect();
            Err(Error::new(Id::DeviceAmbiguous).with("count", fitting.len()).details(Details::Devices(entries)))
        }
    }
}

/// By index, by the whole name, or by a part of it.
fn fitting<'a>(readers: &'a [Reader], wanted: &str) -> Vec<&'a Reader> {
    if let Ok(index) = wanted.parse::<usize>() {
        return readers.get(index).into_iter().collect();
    }
    if let Some(exact) = readers.iter().find(|reader| reader.name == wanted) {
        return vec![exact];
    }
    let wanted = wanted.to_lowercase();
    readers.iter().filter(|reader| reader.name.to_lowercase().contains(&wanted)).collect()
}

/// Why the card in a reader cannot be used, as far as one sees without touching it.
fn problem(reader: &Reader) -> Option<Error> {
    let id = match reader.state {
        ReaderState::Empty => Id::ReaderEmpty,
        ReaderState::Mute => Id::CardMute,
        ReaderState::Unavailable => Id::ReaderNotFound,
        ReaderState::Card if reader.exclusive => Id::ReaderBusy,
        ReaderState::Card => return None,
    };
    Some(add_reader_hints(Error::new(id).with("reader", &reader.name), &reader.name))
}

/// A reader as an entry of the list.
pub(super) fn entry(reader: &Reader) -> DeviceEntry {
    DeviceEntry {
        device: format!("pcsc:{}", reader.name),
        kind: "pcsc",
        name: reader.name.clone(),
        atr: reader.atr.clone(),
        in_use: reader.in_use,
        problem: problem(reader),
        elements: None,
        port: None,
        probed: None,
    }
}

/// Connects to the card in a reader.
pub(super) fn connect(reader: &str, card_timeout: Duration) -> Result<PcscCard, Error> {
    PcscCard::connect(reader, Timeouts::with_normal(card_timeout)).map_err(|error| told(&error, reader))
}

/// Locks a reader.
pub(super) fn lock(manager: &Manager, reader: &str, wait: Duration) -> Result<Lock, Error> {
    Lock::of_device(&format!("pcsc:{reader}"), &lock_key(reader), &manager.wish(wait))
}

/// Looks whether somebody has locked a reader.
pub(super) fn look(reader: &str) -> Result<(), Error> {
    look_at_device(&format!("pcsc:{reader}"), &lock_key(reader))
}

/// What the lock of a reader goes by: its name, and the service that owns it where there are several.
fn lock_key(reader: &str) -> String {
    const DEFAULT_SOCKET: &str = "/run/pcscd/pcscd.comm";
    let socket = std::env::var_os("PCSCLITE_CSOCK_NAME").map_or(DEFAULT_SOCKET.into(), PathBuf::from);
    let socket = socket.canonicalize().unwrap_or(socket);
    format!("pcsc:{}:{reader}", socket.display())
}
