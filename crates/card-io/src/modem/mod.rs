//! Cards behind modems, whatever language the modem speaks.
//!
//! Each language is a room beside this one and gives a `RawCard` whose logical channels the modem keeps, or, where it
//! carries bare APDUs (`AT+CSIM`), one that is used as a card in a reader is. What a modem does in its own way is a
//! [`Habits`], never an `if` on its name.

pub(crate) mod daemon;
mod habits;
mod known;
mod learnt;
mod slot;

use std::path::PathBuf;

pub use habits::{ApduForm, ClassByte, Habits};
pub use known::{KNOWN, KNOWN_DEVICES, KnownDevice, KnownQuirk, Signs};
pub use learnt::{LEARNABLE, Learnt};
use sgp22::transport::{Identity, RawCard, Slot};
pub use slot::{SlotEvent, SlotObserver, SlotSwitch};

use crate::{Timeouts, at};

/// Where a modem is, and what it speaks there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ModemAddress {
    /// AT commands on a serial port; the form for APDUs is found out.
    At(PathBuf),
    /// The same with `AT+CSIM` alone.
    AtCsim(PathBuf),
    /// QMI on a control port.
    Qmi(PathBuf),
    /// QMI by QRTR sockets; on this node, or on the first that offers the UIM service.
    Qrtr(Option<u32>),
    /// MBIM on a control port.
    Mbim(PathBuf),
}

/// Whether the daemon that shares a port among programs is used: qmi-proxy, mbim-proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proxy {
    /// If it runs already; then the port must not be opened beside it.
    #[default]
    Auto,
    /// Yes; it is started if need be.
    Yes,
    /// No.
    No,
}

/// How a modem is to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModemOptions {
    /// The card slot, from 1; the active one if `None`.
    pub slot: Option<u8>,
    /// Whether the port is shared.
    pub proxy: Proxy,
    /// How long things may take.
    pub timeouts: Timeouts,
    /// In what the modem differs from others.
    pub habits: Habits,
    /// Hears of switches of slots.
    pub slot_observer: SlotObserver,
}

/// Why a modem or its card cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}{}", if self.detail.is_empty() { String::new() } else { format!(" ({})", self.detail) })]
pub struct LinkError {
    /// What went wrong.
    pub kind: LinkErrorKind,
    /// The system's or the modem's own words, for experts.
    pub detail: String,
    /// With [`LinkErrorKind::NoCard`]: the slots that do have a card, where the modem tells.
    pub cards_in: Vec<u8>,
}

impl LinkError {
    /// An error of this kind.
    #[must_use]
    pub fn new(kind: LinkErrorKind, detail: impl ToString) -> Self {
        Self { kind, detail: detail.to_string(), cards_in: Vec::new() }
    }

    /// The same with the slots that have a card, if it is one that the slot is empty. They are asked for only then.
    pub(crate) fn with_slots(mut self, slots: impl FnOnce() -> Vec<Slot>) -> Self {
        if self.kind == LinkErrorKind::NoCard {
            self.cards_in = slots().iter().filter(|slot| slot.present == Some(true)).map(|slot| slot.number).collect();
        }
        self
    }
}

/// The kinds of [`LinkError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkErrorKind {
    /// There is no such port.
    #[error("there is no such port")]
    NoPort,
    /// This user may not open it.
    #[error("the port may not be opened")]
    NoAccess,
    /// Another program has it for itself.
    #[error("another program holds the port")]
    Busy,
    /// What is there speaks something else.
    #[error("what is at the port does not speak this language")]
    NotAModem,
    /// Nothing answers.
    #[error("the modem does not answer")]
    Dead,
    /// The port went away.
    #[error("the port is gone")]
    Gone,
    /// There is no card in the slot.
    #[error("there is no card in the slot")]
    NoCard,
    /// The modem gave the card up.
    #[error("the modem cannot use the card")]
    CardFailed,
    /// The modem has not started the card yet, however long it was waited for.
    #[error("the modem does not get the card started")]
    CardStarting,
    /// The modem refuses to switch to another slot.
    #[error("the modem refuses to switch to another slot")]
    SlotRefused,
    /// The modem has no such slot, or cannot switch to it.
    #[error("the modem does not have this slot")]
    NoSlot,
    /// The modem has no commands for APDUs.
    #[error("the modem carries no APDUs")]
    NoApdus,
    /// The modem gives no client id: they leaked.
    #[error("the modem has no client id left")]
    NoClientId,
    /// The proxy cannot be started or refuses.
    #[error("the proxy does not serve")]
    ProxyFailed,
    /// The kernel lacks what is needed.
    #[error("this system cannot do that")]
    Unsupported,
    /// The modem reports an error.
    #[error("the modem reports an error")]
    Failed,
}

/// The nodes that offer cards by QRTR: what this system's name service knows. Nothing is sent to a modem.
pub fn qrtr_nodes() -> Result<Vec<u32>, LinkError> {
    crate::qrtr::nodes()
}

/// Asks a modem who it is, and leaves its card and slots alone; `None` if it does not say.
///
/// # Errors
///
/// The port cannot be opened, or nothing that speaks this language is there.
pub fn identify(address: &ModemAddress, options: &ModemOptions) -> Result<Option<Identity>, LinkError> {
    match address {
        ModemAddress::At(port) | ModemAddress::AtCsim(port) => at::identify(port, options),
        ModemAddress::Mbim(port) => crate::mbim::identify(port, options),
        ModemAddress::Qmi(port) => crate::qmi::identify(port, options),
        ModemAddress::Qrtr(node) => crate::qrtr::identify(*node, options),
    }
}

/// Reaches the card behind a modem.
pub fn open(address: &ModemAddress, options: &ModemOptions) -> Result<Box<dyn RawCard + Send>, LinkError> {
    match address {
        ModemAddress::At(port) => at::open(port, options, options.habits.apdu_form),
        ModemAddress::AtCsim(port) => at::open(port, options, ApduForm::Csim),
        ModemAddress::Mbim(port) => crate::mbim::open(port, options),
        ModemAddress::Qmi(port) => crate::qmi::open(port, options),
        ModemAddress::Qrtr(node) => crate::qrtr::open(*node, options),
    }
}
