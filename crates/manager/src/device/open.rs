//! From a device's name to a card that answers.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use card_io::modem::KnownQuirk;
use card_io::stdio::{StdioCard, StdioError};
use card_io::{Iso7816, Replay, Tap, Timeouts, TraceWriter};
use lpa::OpenIsdrError;
use sgp22::id::Aid;
use sgp22::transport::{Identity, Nature, RawCard, Transport};
use virtual_euicc::card::{CardShelf, VirtualCard};

use super::habits;
use super::hints::UsedDevice;
use super::identity::ModemIdentity;
use super::program::ProgramCommand;
use super::refusal::{explain_refusal, is_refusal};
use super::spec::{DeviceKind, DeviceSpec};
use crate::Manager;
use crate::card::Place;
use crate::database::Database;
use crate::error::{Error, Id, open_error, store_error};
use crate::lock::Lock;
use crate::support::first_recording;

/// A card with logical channels, whatever brings the bytes to it.
pub(crate) type CardLink = Iso7816<Tap<Box<dyn RawCard>>>;

/// How long a card may take for an ordinary command, unless something else is said.
const CARD_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest bundle that is read.
const LONGEST_BUNDLE: u64 = 64 << 20;

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
    /// Longer blocks than those at first were never tried.
    may_stretch: bool,
    /// Where the ISD-R was found before.
    pub(crate) isdr: Option<Aid>,
    /// The identity of the modem, if it is one.
    modem: Option<ModemIdentity>,
}

/// What is known of a device itself.
#[derive(Debug, Clone)]
pub(crate) struct Meeting {
    /// What is remembered about it goes by this.
    pub(crate) key: Option<String>,
    /// Who the modem says that it is.
    pub(crate) identity: Option<Identity>,
    /// The quirks that its kind is known to have.
    pub(crate) quirks: Vec<&'static KnownQuirk>,
}

impl Opened {
    /// The card, the device's full name, and what is remembered about it.
    pub(crate) fn parts(&mut self) -> (&mut CardLink, &str, Place<'_>) {
        let fact_key = self.fact_key.as_deref();
        let place = Place { fact_key, may_stretch: self.may_stretch && fact_key.is_some() };
        (&mut self.link, &self.device, place)
    }

    pub(crate) fn meeting(&self) -> Meeting {
        let identity = self.modem.as_ref().and_then(|modem| modem.identity().cloned());
        let quirks = self.modem.as_ref().map(habits::known_quirks).unwrap_or_default();
        Meeting { key: self.fact_key.clone(), identity, quirks }
    }
}

struct Found {
    card: Box<dyn RawCard>,
    lock: Option<Lock>,
    device: String,
    fact_key: Option<String>,
}

#[cfg(test)]
impl Opened {
    /// A card that a test made, as if it were a device of this name.
    pub(crate) fn of_test(manager: &Manager, card: Box<dyn RawCard>, device: &str) -> Self {
        let link = Iso7816::new(Tap::new(card, manager.counters().clone(), None), u8::MAX);
        let (may_stretch, isdr, modem) = (false, None, None);
        Self { link, _lock: None, device: device.into(), fact_key: Some(device.into()), may_stretch, isdr, modem }
    }
}

/// Locks the device and gets at its card, waiting up to `wait` for another esimctl. Records it where that is wanted.
pub(crate) fn open(manager: &Manager, spec: &DeviceSpec, wait: Duration) -> Result<Opened, Error> {
    let opened = open_with(manager, spec, wait, manager.trace());
    let used = match (&opened, &spec.kind) {
        (Ok(opened), _) => UsedDevice::new(&opened.device, opened.modem.clone()),
        (Err(_), DeviceKind::Modem(address)) => {
            UsedDevice::new(&spec.kind.to_string(), Some(ModemIdentity::recall(manager, address)))
        }
        // An error of a reader names it.
        (Err(_), _) => UsedDevice::default(),
    };
    *manager.used.lock().unwrap_or_else(PoisonError::into_inner) = used;
    opened
}

/// The same without a recording, for commands that open several devices.
pub(super) fn open_untraced(manager: &Manager, spec: &DeviceSpec, wait: Duration) -> Result<Opened, Error> {
    open_with(manager, spec, wait, None)
}

fn open_with(manager: &Manager, spec: &DeviceSpec, wait: Duration, trace: Option<&Path>) -> Result<Opened, Error> {
    habits::forced(spec)?;
    let timeout =
        spec.options.timeout.or(manager.config().card_timeout.map(Duration::from_secs)).unwrap_or(CARD_TIMEOUT);
    let (mut known, mut modem) = (None, None);
    let mut found = match &spec.kind {
        DeviceKind::Virtual(name) => virtual_card(manager, name, wait)?,
        DeviceKind::Pcsc(wanted) => reader(manager, wanted.as_deref(), timeout, wait)?,
        DeviceKind::Replay(path) => recording(path)?,
        DeviceKind::Modem(address) => {
            let found = super::modem::connect(manager, address, &spec.options, timeout, wait)?;
            let super::modem::Connected { card, lock, device, block, identity } = found;
            let fact_key = identity.fact_key();
            (known, modem) = (block, Some(identity));
            Found { card, lock: Some(lock), fact_key, device }
        }
        DeviceKind::Stdio(command) => program(manager, command, timeout, wait)?,
    };
    // That longer ones pass now and then says nothing where a modem's kind is known to fail at them.
    let remembered = remembered_block(manager, found.fact_key.as_deref());
    let decided = spec.options.mss.or_else(|| known.into_iter().chain(remembered).min());
    let longest = decided.or(found.card.nature().longest_data).unwrap_or(u8::MAX);
    let trace = trace.map(|path| start_trace(manager, path, &mut found, longest)).transpose()?;
    let link = Iso7816::new(Tap::new(found.card, manager.counters().clone(), trace), longest);
    Ok(Opened {
        link,
        _lock: found.lock,
        isdr: found.fact_key.as_deref().and_then(|key| habits::remembered_isdr(manager, key)),
        device: found.device,
        fact_key: found.fact_key,
        may_stretch: decided.is_none() && longest < u8::MAX,
        modem,
    })
}

/// Explains why the ISD-R cannot be opened over this link. A modem that still names an EID has an eUICC, but gives
/// no access to it.
pub(crate) fn opening_error(
    manager: &Manager,
    link: &mut dyn Transport,
    error: OpenIsdrError,
    asked: Option<usize>,
    device: &str,
) -> Error {
    let error = open_error(error, asked).with("device", device);
    let Some(terminal) = link.terminal().filter(|_| is_refusal(error.id)) else { return error };
    let named = terminal.named_eids().unwrap_or_default();
    match named.first() {
        Some(eid) => {
            let cause = error.cause.clone();
            Error::new(Id::ModemHidesEuicc).with("device", device).with("eid", format!(" (EID {eid})")).cause(cause)
        }
        None => explain_refusal(manager, error, device, &terminal.slots().unwrap_or_default()),
    }
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

/// The name that facts about the card in a reader go by: the reader, and the card's answer to reset.
pub(super) fn reader_key(device: &str, atr: &[u8]) -> String {
    format!("{device}|{}", data_encoding::HEXUPPER.encode(atr))
}

#[cfg(feature = "pcsc")]
fn reader(manager: &Manager, wanted: Option<&str>, timeout: Duration, wait: Duration) -> Result<Found, Error> {
    use super::pcsc;
    let reader = pcsc::choose(wanted)?;
    let device = format!("pcsc:{reader}");
    let lock = pcsc::lock(manager, &reader, wait)?;
    let card = pcsc::connect(&reader, timeout)?;
    let fact_key = Some(reader_key(&device, card.atr()));
    Ok(Found { card: Box::new(card), lock: Some(lock), fact_key, device })
}

#[cfg(not(feature = "pcsc"))]
fn reader(_: &Manager, _: Option<&str>, _: Duration, _: Duration) -> Result<Found, Error> {
    Err(Error::new(Id::PcscNotBuilt))
}

fn program(manager: &Manager, command: &ProgramCommand, timeout: Duration, wait: Duration) -> Result<Found, Error> {
    let device = command.to_string();
    if command.is_stored_name() {
        return Err(Error::new(Id::ProgramForgotten).with("device", device));
    }
    let lock = Lock::of_device(&device, &device, &manager.wish(wait))?;
    let card = StdioCard::start(command.line(), Timeouts::with_normal(timeout)).map_err(|error| {
        let id = match error {
            StdioError::Syntax => Id::ProgramSyntax,
            StdioError::Start(_) => Id::ProgramNotStarted,
            StdioError::NoCard(_) => Id::ProgramNoCard,
        };
        Error::new(id).with("device", &device).cause(error)
    })?;
    Ok(Found { card: Box::new(card), lock: Some(lock), fact_key: Some(device.clone()), device })
}

fn recording(path: &Path) -> Result<Found, Error> {
    let unusable =
        |why: &dyn ToString| Error::new(Id::ReplayFile).with("path", path.display()).with("why", why.to_string());
    let mut file = BufReader::new(File::open(path).map_err(|error| unusable(&error))?);
    // A bundle for a bug report is one object over many lines; a recording begins with a whole one.
    let is_bundle = file.fill_buf().map_err(|error| unusable(&error))?.starts_with(b"{\n");
    let replay = if is_bundle {
        let mut text = String::new();
        file.take(LONGEST_BUNDLE).read_to_string(&mut text).map_err(|error| unusable(&error))?;
        let recording = first_recording(&text).ok_or_else(|| unusable(&"there is no recording in it"))?;
        Replay::read(recording.as_bytes())
    } else {
        Replay::read(file)
    };
    let replay = replay.map_err(|error| unusable(&error))?;
    let device = format!("replay:{}", path.display());
    Ok(Found { card: Box::new(replay), lock: None, fact_key: None, device })
}

fn start_trace(manager: &Manager, path: &Path, found: &mut Found, longest: u8) -> Result<TraceWriter, Error> {
    let file = private_files::create_stream(path, manager.existing_trace());
    let file = file.map_err(|error| crate::files::failure(path, error))?;
    manager.trace_is_begun();
    // Played back, blocks are cut as they were.
    let nature = Nature { longest_data: Some(longest), ..found.card.nature() };
    let modem_uses_card = found.card.terminal().is_some();
    let sink = Recording { file, path: path.into(), news: manager.trace_news.clone() };
    Ok(TraceWriter::new(Box::new(sink), &found.device, nature, modem_uses_card))
}

/// The file of a recording; tells where it ends too early.
struct Recording {
    file: private_files::Stream,
    path: PathBuf,
    news: Arc<Mutex<Vec<String>>>,
}

impl Recording {
    fn tell(&self, error: &std::io::Error) {
        let id = if self.file.is_begun() { "trace-ends" } else { "trace-none" };
        let path = self.path.display().to_string();
        let news = crate::words::text(id, &[("path", path.into()), ("why", error.to_string().into())]);
        let mut told = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        if !told.contains(&news) {
            told.push(news);
        }
    }
}

impl Write for Recording {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes);
        if let Err(error) = &written
            && error.kind() != std::io::ErrorKind::Interrupted
        {
            self.tell(error);
        }
        written
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush().inspect_err(|error| self.tell(error))
    }
}

/// The block size that the device was found to take, if any was found. Without the database it is found out anew.
fn remembered_block(manager: &Manager, fact_key: Option<&str>) -> Option<u8> {
    let block = Database::peek(manager.paths())?.fact(fact_key?, BLOCK_FACT).ok()??;
    block.parse().ok().filter(|block| *block > 0)
}
