//! Modems as devices.

use std::path::Path;
use std::time::{Duration, Instant};

use card_io::Timeouts;
use card_io::modem::{self, Habits, LinkError, LinkErrorKind, ModemAddress, ModemOptions, Proxy};
use sgp22::id::Aid;
use sgp22::transport::{Channel, Identity, Nature, Opening, Patience, RawCard, Terminal, TransportError};

use super::habits::{self, Treatment};
use super::identity::ModemIdentity;
use super::slot_keeper::SlotKeeper;
use super::spec::{DeviceKind, DeviceOptions};
use super::system::System;
use crate::Manager;
use crate::error::{Details, Error, Id};
use crate::lock::{Lock, look_at_device};
use crate::modem_manager::{Inhibition, ModemManager, Refusal};
use crate::paths::Paths;
use crate::words;

/// How long ModemManager may take to close a port that it has let go of.
const LET_GO: Duration = Duration::from_secs(5);

/// What the failure to reach a modem says to the user.
pub(super) fn told(error: &LinkError, device: &str) -> Error {
    let id = match error.kind {
        LinkErrorKind::NoPort => Id::PortNotFound,
        LinkErrorKind::NoAccess => Id::PortNoAccess,
        LinkErrorKind::Busy => Id::PortBusy,
        LinkErrorKind::NotAModem => Id::NotAModem,
        LinkErrorKind::Dead => Id::ModemDead,
        LinkErrorKind::Gone => Id::ModemGone,
        LinkErrorKind::NoCard => Id::SlotEmpty,
        LinkErrorKind::CardFailed => Id::ModemCardFailed,
        LinkErrorKind::CardStarting => Id::ModemCardStarting,
        LinkErrorKind::SlotRefused => Id::SlotSwitchRefused,
        LinkErrorKind::NoSlot => Id::NoSuchSlot,
        LinkErrorKind::NoApdus => Id::ModemCarriesNothing,
        LinkErrorKind::NoClientId => Id::ModemClientIds,
        LinkErrorKind::ProxyFailed => Id::ProxyFailed,
        LinkErrorKind::Unsupported => Id::ModemUnsupported,
        LinkErrorKind::Failed => Id::ModemFailed,
    };
    let told = Error::new(id).with("device", device).cause(error);
    let Some(slot) = error.cards_in.first() else { return told };
    let slots: Vec<String> = error.cards_in.iter().map(u8::to_string).collect();
    let about = [("slots", slots.join(", ").into()), ("device", device.into()), ("slot", (*slot).into())];
    told.with("elsewhere", words::text("cards-in-slots", &about)).details(Details::Slots(error.cards_in.clone()))
}

/// A modem that was reached.
pub(super) struct Connected {
    pub(super) card: Box<dyn RawCard>,
    pub(super) lock: Lock,
    /// The device by its full name.
    pub(super) device: String,
    /// The longest block that its kind is known to take.
    pub(super) block: Option<u8>,
    pub(super) identity: ModemIdentity,
}

/// Locks the modem, has ModemManager let go of it where that is needed, and reaches the card.
pub(super) fn connect(
    manager: &Manager,
    address: &ModemAddress,
    options: &DeviceOptions,
    timeout: Duration,
    wait: Duration,
) -> Result<Connected, Error> {
    let device = DeviceKind::Modem(address.clone()).to_string();
    let lock = lock(manager, address, wait)?;
    let inhibition = let_go(manager.system(), address, options.proxy, &device)?;
    let timeouts = Timeouts::with_normal(timeout);
    let Reached { card, block, identity } = reach(manager, address, options, timeouts, inhibition)?;
    Ok(Connected { card, lock, device, block, identity })
}

/// Locks the modem that this port belongs to.
pub(super) fn lock(manager: &Manager, address: &ModemAddress, wait: Duration) -> Result<Lock, Error> {
    let device = DeviceKind::Modem(address.clone()).to_string();
    Lock::of_device(&device, &lock_key(manager.system(), address), &manager.wish(wait))
}

/// Looks whether somebody has locked the modem that this port belongs to.
pub(super) fn look(system: &System, address: &ModemAddress) -> Result<(), Error> {
    look_at_device(&DeviceKind::Modem(address.clone()).to_string(), &lock_key(system, address))
}

/// What the lock of a modem goes by: its hardware, so that two languages on one modem are one, or else the port.
pub(super) fn lock_key(system: &System, address: &ModemAddress) -> String {
    match node(address) {
        None => "modem:qrtr".into(),
        Some(node) => match system.hardware(node) {
            Some(hardware) => format!("modem:{}", hardware.key(system)),
            None => format!("modem:{}", system.resolve(node).display()),
        },
    }
}

/// The node of a modem's port; QRTR has none.
pub(crate) fn node(address: &ModemAddress) -> Option<&Path> {
    match address {
        ModemAddress::At(node) | ModemAddress::AtCsim(node) | ModemAddress::Qmi(node) | ModemAddress::Mbim(node) => {
            Some(node)
        }
        ModemAddress::Qrtr(_) => None,
    }
}

/// A card that was reached.
pub(super) struct Reached {
    pub(super) card: Box<dyn RawCard + Send>,
    /// The longest block that the modem's kind is known to take.
    pub(super) block: Option<u8>,
    pub(super) identity: ModemIdentity,
}

/// Reaches the card, with the habits that suit the modem: once it has said who it is, these may be others.
pub(super) fn reach(
    manager: &Manager,
    address: &ModemAddress,
    options: &DeviceOptions,
    timeouts: Timeouts,
    inhibition: Option<Inhibition>,
) -> Result<Reached, Error> {
    let keeper = SlotKeeper::new(manager, address);
    let was_let_go = inhibition.is_some();
    let access = ModemAccess { manager, address, proxy: options.proxy, timeouts, was_let_go, keeper: &keeper };
    let mut identity = ModemIdentity::recall(manager, address);
    let mut treated = habits::choose(manager, address, options, &identity)?;
    if !identity.is_certain() {
        // What is remembered may be about another modem: this one is asked before any of it is applied.
        let changes = habits::choose(manager, address, options, &identity.as_remembered())? != treated;
        // And a switch of slots is noted for the modem that is switched.
        if changes || treated.slot.is_some() {
            identity.settle(manager, access.identify()?);
            treated = habits::choose(manager, address, options, &identity)?;
        }
    }
    keeper.recognise(&identity);
    let mut card = access.open(&treated)?;
    if !identity.is_certain() {
        let said = card.terminal().and_then(|terminal| {
            terminal.identity().map_err(|error| log::info!("it does not say who it is: {error}")).ok()
        });
        identity.settle(manager, said);
        keeper.recognise(&identity);
        let better = habits::choose(manager, address, options, &identity)?;
        if better != treated {
            // The port has to be free before it is opened again.
            drop(card);
            card = access.open(&better)?;
            treated = better;
        }
    }
    let (paths, key) = (manager.paths().clone(), identity.fact_key());
    let card = Box::new(Ours { card, paths, key, keeper, _inhibition: inhibition });
    Ok(Reached { card, block: treated.habits.block, identity })
}

/// The way to a modem, with whatever habits it is opened.
struct ModemAccess<'m> {
    manager: &'m Manager,
    address: &'m ModemAddress,
    proxy: Proxy,
    timeouts: Timeouts,
    was_let_go: bool,
    keeper: &'m SlotKeeper,
}

impl ModemAccess<'_> {
    fn options(&self, treated: &Treatment) -> ModemOptions {
        let Treatment { habits, slot } = treated.clone();
        let slot_observer = self.keeper.observer();
        ModemOptions { slot, proxy: self.proxy, timeouts: self.timeouts, habits, slot_observer }
    }

    /// Opens the port and reaches the card.
    fn open(&self, treated: &Treatment) -> Result<Box<dyn RawCard + Send>, Error> {
        let options = self.options(treated);
        self.reached(|address| modem::open(address, &options))
    }

    /// Asks the modem who it is, and leaves its card and slots alone. `None` if it does not say.
    fn identify(&self) -> Result<Option<Identity>, Error> {
        let options = self.options(&Treatment { habits: Habits::default(), slot: None });
        self.reached(|address| modem::identify(address, &options))
    }

    /// Opens the port. One that ModemManager has just let go of may take a moment.
    fn reached<T>(&self, open: impl Fn(&ModemAddress) -> Result<T, LinkError>) -> Result<T, Error> {
        let device = DeviceKind::Modem(self.address.clone()).to_string();
        let address = openable(self.manager.system(), self.address);
        let until = Instant::now() + LET_GO;
        loop {
            match open(&address) {
                Err(error) if error.kind == LinkErrorKind::Busy && self.was_let_go && Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(200));
                }
                reached => return reached.map_err(|error| told(&error, &device)),
            }
        }
    }
}

/// The same with the node where the system has it.
fn openable(system: &System, address: &ModemAddress) -> ModemAddress {
    match address {
        ModemAddress::At(node) => ModemAddress::At(system.openable(node)),
        ModemAddress::AtCsim(node) => ModemAddress::AtCsim(system.openable(node)),
        ModemAddress::Qmi(node) => ModemAddress::Qmi(system.openable(node)),
        ModemAddress::Mbim(node) => ModemAddress::Mbim(system.openable(node)),
        ModemAddress::Qrtr(node) => ModemAddress::Qrtr(*node),
    }
}

/// True if other programs may use the port beside this one: through a proxy, or by sockets of their own.
pub(super) fn is_shared(system: &System, address: &ModemAddress, proxy: Proxy) -> bool {
    let socket = match address {
        ModemAddress::Qmi(_) => "@qmi-proxy",
        ModemAddress::Mbim(_) => "@mbim-proxy",
        ModemAddress::Qrtr(_) => return true,
        ModemAddress::At(_) | ModemAddress::AtCsim(_) => return false,
    };
    match proxy {
        Proxy::Yes => true,
        Proxy::No => false,
        Proxy::Auto => {
            let sockets = std::fs::read_to_string(system.path("/proc/net/unix")).unwrap_or_default();
            sockets.lines().any(|line| line.split_whitespace().next_back() == Some(socket))
        }
    }
}

/// Has ModemManager let go of the modem, if it uses it and the port cannot be shared.
fn let_go(system: &System, address: &ModemAddress, proxy: Proxy, device: &str) -> Result<Option<Inhibition>, Error> {
    let Some(node) = node(address).filter(|_| !is_shared(system, address, proxy)) else { return Ok(None) };
    // Without a name of the kernel's, it is nothing that ModemManager would know.
    let Some((port, _)) = system.port(node) else { return Ok(None) };
    let Some(service) = ModemManager::find() else { return Ok(None) };
    let refused = |refusal: Refusal| {
        let (id, words) = match refusal {
            Refusal::Unauthorised(words) => (Id::ModemManagerRefuses, words),
            Refusal::Taken(words) | Refusal::Failed(words) => (Id::ModemManagerFailed, words),
        };
        Error::new(id).with("device", device).cause(words)
    };
    let hardware = system.hardware(node).map(|hardware| hardware.sysfs);
    let modems = service.modems().map_err(refused)?;
    match modems.into_iter().find(|modem| modem.is(&port, hardware.as_deref())) {
        None => Ok(None),
        Some(modem) => service.inhibit(&modem.uid).map(Some).map_err(refused),
    }
}

/// A card behind a modem that ModemManager keeps from. The port is closed first, then it may have it back. What goes wrong is
/// told of a modem, and what was found out about it is remembered in the end.
struct Ours {
    card: Box<dyn RawCard + Send>,
    paths: Paths,
    /// The key under which facts about the modem are stored; `None` if none are.
    key: Option<String>,
    keeper: SlotKeeper,
    _inhibition: Option<Inhibition>,
}

impl Drop for Ours {
    fn drop(&mut self) {
        let findings = self.card.terminal().map(|terminal| terminal.findings()).unwrap_or_default();
        habits::remember(&self.paths, self.key.as_deref(), &findings);
        self.keeper.leave(&mut *self.card);
    }
}

impl RawCard for Ours {
    fn transmit(&mut self, command: &[u8], patience: Patience) -> Result<Vec<u8>, TransportError> {
        self.card.transmit(command, patience).map_err(TransportError::in_modem)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.card.reset().map_err(TransportError::in_modem)
    }

    fn nature(&self) -> Nature {
        self.card.nature()
    }

    fn open(&mut self, application: &Aid) -> Result<Opening, TransportError> {
        self.card.open(application).map_err(TransportError::in_modem)
    }

    fn close(&mut self, channel: Channel) -> Result<(), TransportError> {
        self.card.close(channel).map_err(TransportError::in_modem)
    }

    fn terminal(&mut self) -> Option<&mut dyn Terminal> {
        self.card.terminal()
    }
}
