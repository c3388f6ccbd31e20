//! The one owner of cards, for every front end.
//!
//! A front end makes a [`Manager`], names a device, and gets a [`Session`]: the card, locked for this process. From it
//! comes a [`Card`], an open eUICC, with one method for reading and two for each change: `plan_…` reads the card and
//! says what would happen, and the method that takes the plan does it: recorded first, proved afterwards.
//!
//! Everything that goes wrong is an [`error::Error`], which says what happened, whose fault it is, what state things
//! are in, and what to do.

pub mod backup;
pub mod card;
mod code_key;
mod config;
mod database;
pub mod device;
pub mod doctor;
pub mod error;
pub mod files;
mod hash;
pub mod inventory;
pub mod learn;
mod lock;
mod modem_manager;
pub mod network_manager;
pub mod outbox;
mod paths;
mod process;
pub mod proof;
mod query;
mod record;
pub mod recover;
pub mod retire;
pub mod rollback;
mod route;
mod servers;
mod session;
pub mod state;
pub mod support;
pub mod virtual_cards;
pub mod virtual_modems;
pub mod virtual_servers;
pub mod words;

/// The quirks of modems and cards that are known, and lived with.
pub mod quirks {
    pub use card_io::modem::{KNOWN, KNOWN_DEVICES, KnownDevice, KnownQuirk};

    pub use crate::device::{DeviceHint, hints_of, quirks_of};
}

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

pub use card::Card;
pub use card_io::Counts;
pub use config::{Config, Policy};
pub use database::{
    Database, Entry as JournalEntry, NewEntry as NewJournalEntry, Outcome, PendingRollback, RollbackEnd, SeenCard,
    SeenProfile, Step,
};
pub use error::Error;
pub use inventory::Waiting;
pub use lock::Holder;
pub use lpa::smdp::https::NetCounts;
pub use paths::Paths;
pub use query::{Certainty, ProfileQuery};
pub use servers::ServerSettings;
pub use session::Session;

use card_io::Counters;
use device::{DeviceKind, DeviceSpec, Devices, System};
use error::{Details, Id};

/// How long another esimctl is waited for, unless the configuration says otherwise.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// What a front end decides once.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The device that the user named.
    pub device: Option<String>,
    /// The state directory that the user named.
    pub state_dir: Option<PathBuf>,
    /// Where the APDUs are recorded.
    pub trace: Option<PathBuf>,
    /// Replace files that are there already by those that are written.
    pub overwrite: bool,
    /// What others are told that holds the device: the command, without arguments.
    pub command: String,
    /// Which servers are trusted, and how they are reached.
    pub servers: ServerSettings,
    /// Set from outside when the user wants to stop.
    pub interrupt: Arc<AtomicBool>,
    /// Set by the manager while a switch waits to be kept or undone: meanwhile the process must neither end by a second
    /// signal nor heed a hang-up.
    pub uninterruptible: Arc<AtomicBool>,
}

/// The one owner of cards.
#[derive(Debug)]
pub struct Manager {
    settings: Settings,
    paths: Paths,
    config: Config,
    counters: Counters,
    interrupt: Interrupt,
    servers: servers::Servers,
    system: System,
    /// The recording has been begun: each card that is opened later takes its place.
    trace_begun: AtomicBool,
    /// What became of the recording, a sentence each.
    trace_news: Arc<Mutex<Vec<String>>>,
    /// The switches of slots that commands have made and that have ended.
    slot_reports: Arc<Mutex<Vec<device::SlotReport>>>,
    /// The modems in use, with the slots that they may have to go back to.
    slot_records: Mutex<Vec<Weak<device::SlotRecord>>>,
    /// What cards that were seen are waiting for.
    notices: Mutex<Vec<retire::Notice>>,
    /// The cards that were met so far, by their EIDs.
    met: Mutex<Vec<String>>,
    /// Other eUICCs on the cards that were used so far.
    other_elements: Mutex<Vec<device::OtherElement>>,
    /// What became of the state directory, a sentence each.
    state_news: Vec<String>,
    /// What became of switches that were due to be undone before a card was used.
    rolled_back: rollback::Before,
    /// The device that was opened last, for hints on its kind.
    used: Mutex<device::UsedDevice>,
}

/// Asks the front end's flag.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl lpa::Interrupt for Interrupt {
    fn requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Manager {
    /// Reads the configuration. A state directory that is there already is put right: root's is moved to that of the
    /// machine, and what others could read is made private. Nothing else is made or opened yet.
    ///
    /// # Errors
    /// `config_invalid`, errors about root's state in two places, and `output_exists` for a recording that is there.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        let system = System::default();
        let paths = Paths::in_system(&system, settings.state_dir.clone());
        let config = Config::read_all(&paths.config_files())?;
        if let Some(trace) = &settings.trace {
            files::check_target(trace, settings.existing_files())?;
        }
        // Last: what is put right is told once, and must not get lost behind an error.
        let state_news = paths.settle(settings.state_dir.is_some())?;
        let interrupt = Interrupt(settings.interrupt.clone());
        Ok(Self {
            settings,
            paths,
            config,
            counters: Counters::default(),
            interrupt,
            servers: servers::Servers::default(),
            system,
            trace_begun: AtomicBool::new(false),
            trace_news: Arc::default(),
            slot_reports: Arc::default(),
            slot_records: Mutex::default(),
            notices: Mutex::default(),
            met: Mutex::default(),
            other_elements: Mutex::default(),
            state_news,
            rolled_back: rollback::Before::default(),
            used: Mutex::default(),
        })
    }

    /// What became of the state directory when it was opened, a sentence each: moved, permissions put right.
    #[must_use]
    pub fn state_news(&self) -> &[String] {
        &self.state_news
    }

    /// The error with hints on the kind of device that was used last, if it came from the device.
    #[must_use]
    pub fn with_hints(&self, error: Error) -> Error {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).add_hints(error)
    }

    /// Why the recording is incomplete, a sentence each; nothing as long as it goes on.
    #[must_use]
    pub fn trace_news(&self) -> Vec<String> {
        self.trace_news.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The switches of slots that were made, and how each ended.
    #[must_use]
    pub fn slot_reports(&self) -> Vec<device::SlotReport> {
        self.slot_reports.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets the modem with this name stay in the slot that it was switched to: the card there is about to be changed.
    pub(crate) fn keep_slot(&self, device: &str) {
        let records = self.slot_records.lock().unwrap_or_else(PoisonError::into_inner);
        records
            .iter()
            .filter_map(Weak::upgrade)
            .filter(|record| record.is_for_device(device))
            .for_each(|record| record.keep());
    }

    /// Where things are kept.
    #[must_use]
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// What was exchanged with cards so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counters.get()
    }

    /// Lists the devices; `probe` also asks each free one what it is.
    #[must_use]
    pub fn devices(&self, probe: bool) -> Devices {
        device::discover(self, probe)
    }

    /// Locks the device that is meant and connects to its card. Switches that are due to be undone are undone first.
    pub fn session(&self) -> Result<Session<'_>, Error> {
        self.roll_back_first();
        self.session_at(self.device()?)
    }

    /// The same for this device.
    pub(crate) fn session_at(&self, spec: DeviceSpec) -> Result<Session<'_>, Error> {
        self.session_within(spec, self.lock_wait())
    }

    /// The same, waiting so long for another process that uses it.
    pub(crate) fn session_within(&self, spec: DeviceSpec, wait: Duration) -> Result<Session<'_>, Error> {
        let spec = self.with_command_line(spec);
        let opened = device::open(self, &spec, wait)?;
        Ok(Session::new(self, spec.options, opened))
    }

    /// The same for a device on record, unless the user names it with these words. Other people may write the record, so
    /// it names no program that is started and no file that is read.
    pub(crate) fn session_of_record(&self, device: &str) -> Result<Session<'_>, Error> {
        let named_so = self.named_device() == Some(device);
        self.session_at(if named_so { device.parse()? } else { self.recorded_device(device)? })
    }

    /// A device that the database names. The command line of its program comes from the user or the configuration.
    pub(crate) fn recorded_device(&self, device: &str) -> Result<DeviceSpec, Error> {
        let spec = self.with_command_line(device.parse()?);
        match &spec.kind {
            DeviceKind::Stdio(command) if !self.is_given(&spec) => {
                Err(Error::new(Id::ProgramForgotten).with("device", command))
            }
            // None is ever recorded.
            DeviceKind::Replay(_) => Err(Error::new(Id::RecordingOnly)),
            _ => Ok(spec),
        }
    }

    /// The devices that the user and the configuration name.
    fn given_devices(&self) -> impl Iterator<Item = DeviceSpec> + '_ {
        let named = self.settings.device.as_deref().and_then(|device| device.parse().ok());
        named.into_iter().chain(self.config.device.clone())
    }

    fn is_given(&self, spec: &DeviceSpec) -> bool {
        self.given_devices().any(|given| given.kind == spec.kind)
    }

    /// The device with the command line of its program, if the one that is named or configured is the one whose name was
    /// stored: command lines themselves are not kept.
    fn with_command_line(&self, spec: DeviceSpec) -> DeviceSpec {
        if !matches!(spec.kind, DeviceKind::Stdio(_)) {
            return spec;
        }
        let name = spec.kind.to_string();
        self.given_devices().find(|device| device.kind.to_string() == name).unwrap_or(spec)
    }

    /// The device that is meant: the one named, the one in the configuration, or the only usable one.
    fn device(&self) -> Result<DeviceSpec, Error> {
        if let Some(named) = &self.settings.device {
            return named.parse();
        }
        if let Some(configured) = &self.config.device {
            return Ok(configured.clone());
        }
        let devices = self.devices(false);
        match device::only(&devices.entries)[..] {
            [entry] => entry.device.parse(),
            [] => {
                // One reason explains it; several are left to `esimctl devices`.
                let reasons =
                    devices.problems.into_iter().chain(devices.entries.into_iter().filter_map(|entry| entry.problem));
                let reasons: Vec<Error> = reasons.collect();
                match &reasons[..] {
                    [only] => Err(only.clone()),
                    reasons => {
                        let told: Vec<String> = reasons.iter().map(Error::message).collect();
                        Err(Error::new(Id::NoDevice).cause(told.join(" ")))
                    }
                }
            }
            ref several => {
                let entries: Vec<_> = several.iter().map(|entry| (*entry).clone()).collect();
                Err(Error::new(Id::DeviceAmbiguous).with("count", entries.len()).details(Details::Devices(entries)))
            }
        }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn system(&self) -> &System {
        &self.system
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The device that the user named for this command.
    pub(crate) fn named_device(&self) -> Option<&str> {
        self.settings.device.as_deref()
    }

    pub(crate) fn trace(&self) -> Option<&Path> {
        self.settings.trace.as_deref()
    }

    /// What to do with a recording that is there: the one that this manager has begun gives way to the next.
    pub(crate) fn existing_trace(&self) -> files::Existing {
        if self.trace_begun.load(Ordering::Relaxed) { files::Existing::Replace } else { self.existing_files() }
    }

    /// Remembers that the recording is this manager's own.
    pub(crate) fn trace_is_begun(&self) {
        self.trace_begun.store(true, Ordering::Relaxed);
    }

    pub(crate) fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// How this process wants its locks.
    pub(crate) fn wish(&self, wait: Duration) -> lock::Wish<'_> {
        lock::Wish { command: &self.settings.command, wait, interrupt: &self.interrupt }
    }

    pub(crate) fn lock_wait(&self) -> Duration {
        self.config.lock_wait.map_or(LOCK_WAIT, Duration::from_secs)
    }
}
