//! From a device's name to a card that answers.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Duration;

use card_io::{Iso7816, Replay, Tap, TraceWriter};
use sgp22::transport::RawCard;
use virtual_euicc::card::{CardShelf, VirtualCard};

use super::spec::{DeviceKind, DeviceSpec};
use crate::Manager;
use crate::database::Database;
use crate::error::{Error, Id, store_error};
use crate::lock::Lock;

/// A card with logical channels, whatever brings the bytes to it.
pub(crate) type CardLink = Iso7816<Tap<Box<dyn RawCard>>>;

/// How long a card may take for an ordinary command, unless something else is said.
const CARD_TIMEOUT: Duration = Duration::from_secs(30);

/// The name under which the block size that a device takes is remembered.
pub(crate) const BLOCK_FACT: &str = "block";

/// A card that is ours until this is dropped. The card goes first, then its lock.
pub(crate) struct Opened {
    pub(crate) link: CardLink,
    _lock: Option<Lock>,
    /// The device by its full name.
    pub(crate) device: String,
    /// What is remembered about the device goes by this; `None` for a recording, which is nothing to remember.
    pub(crate) fact_key: Option<String>,
}

struct Found {
    card: Box<dyn RawCard>,
    lock: Option<Lock>,
    device: String,
    fact_key: Option<String>,
}

/// Locks the device and gets at its card, waiting up to `wait` for another esimctl. Records it where that is wanted.
pub(crate) fn open(manager: &Manager, spec: &DeviceSpec, wait: Duration) -> Result<Opened, Error> {
    open_with(manager, spec, wait, manager.trace())
}

/// The same without a recording, for commands that open several devices.
pub(super) fn open_untraced(manager: &Manager, spec: &DeviceSpec, wait: Duration) -> Result<Opened, Error> {
    open_with(manager, spec, wait, None)
}

fn open_with(manager: &Manager, spec: &DeviceSpec, wait: Duration, trace: Option<&Path>) -> Result<Opened, Error> {
    let timeout =
        spec.options.timeout.or(manager.config().card_timeout.map(Duration::from_secs)).unwrap_or(CARD_TIMEOUT);
    let found = match &spec.kind {
        DeviceKind::Virtual(name) => virtual_card(manager, name, wait)?,
        DeviceKind::Pcsc(wanted) => reader(manager, wanted.as_deref(), timeout, wait)?,
        DeviceKind::Replay(path) => recording(path)?,
    };
    let trace = trace.map(|path| start_trace(path, &found)).transpose()?;
    let longest = spec.options.mss.or_else(|| remembered_block(manager, found.fact_key.as_deref())).unwrap_or(u8::MAX);
    let link = Iso7816::new(Tap::new(found.card, manager.counters().clone(), trace), longest);
    Ok(Opened { link, _lock: found.lock, device: found.device, fact_key: found.fact_key })
}

fn virtual_card(manager: &Manager, name: &str, wait: Duration) -> Result<Found, Error> {
    let folder = CardShelf::new(manager.paths().virtual_cards()).existing(name).map_err(store_error)?;
    let device = format!("virtual:{name}");
    let lock = virtual_lock(manager, name, &folder, wait)?;
    let card = VirtualCard::open(&folder).map_err(store_error)?;
    Ok(Found { card: Box::new(card), lock: Some(lock), fact_key: Some(device.clone()), device })
}

/// The lock of a virtual card, which lies beside it.
pub(crate) fn virtual_lock(manager: &Manager, name: &str, folder: &Path, wait: Duration) -> Result<Lock, Error> {
    Lock::of_file(&format!("virtual:{name}"), &virtual_lock_file(folder), &manager.wish(wait))
}

/// The file that is the lock of the virtual card in this folder.
pub(super) fn virtual_lock_file(folder: &Path) -> PathBuf {
    folder.join("lock")
}

#[cfg(feature = "pcsc")]
fn reader(manager: &Manager, wanted: Option<&str>, timeout: Duration, wait: Duration) -> Result<Found, Error> {
    use super::pcsc;
    let reader = pcsc::choose(wanted)?;
    let device = format!("pcsc:{reader}");
    let lock = pcsc::lock(manager, &reader, wait)?;
    let card = pcsc::connect(&reader, timeout)?;
    let atr: String = card.atr().iter().map(|byte| format!("{byte:02X}")).collect();
    Ok(Found { card: Box::new(card), lock: Some(lock), fact_key: Some(format!("{device}|{atr}")), device })
}

#[cfg(not(feature = "pcsc"))]
fn reader(_: &Manager, _: Option<&str>, _: Duration, _: Duration) -> Result<Found, Error> {
    Err(Error::new(Id::PcscNotBuilt))
}

fn recording(path: &Path) -> Result<Found, Error> {
    let unusable =
        |why: &dyn ToString| Error::new(Id::ReplayFile).with("path", path.display()).with("why", why.to_string());
    let file = File::open(path).map_err(|error| unusable(&error))?;
    let replay = Replay::read(BufReader::new(file)).map_err(|error| unusable(&error))?;
    let device = format!("replay:{}", path.display());
    Ok(Found { card: Box::new(replay), lock: None, fact_key: None, device })
}

fn start_trace(path: &Path, found: &Found) -> Result<TraceWriter, Error> {
    let file =
        File::create(path).map_err(|error| Error::new(Id::OutputFile).with("path", path.display()).cause(error))?;
    Ok(TraceWriter::new(Box::new(file), &found.device, found.card.nature()))
}

/// The block size that the device was found to take, if any was found. Without the database it is found out anew.
fn remembered_block(manager: &Manager, fact_key: Option<&str>) -> Option<u8> {
    let block = Database::peek(manager.paths())?.fact(fact_key?, BLOCK_FACT).ok()??;
    block.parse().ok().filter(|block| *block > 0)
}
