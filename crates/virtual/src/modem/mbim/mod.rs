//! A virtual modem that speaks MBIM.
//!
//! [`MbimModem`] is the device: it carries out commands. An [`MbimVoice`] is its side of one line: it takes bytes apart,
//! keeps whether this host has opened the device, and puts answers together. Behind a proxy several voices share a modem.

mod commands;
mod trouble;
mod uicc;
mod voice;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use modem_wire::mbim::Status;

use super::qmi::Shared;
use super::quirk::ModemQuirk;
use super::sim::Modem;
pub use voice::MbimVoice;

/// A modem that speaks MBIM.
#[derive(Debug)]
pub struct MbimModem {
    /// The modem itself, which QMI inside of MBIM reaches as well.
    core: Shared,
    /// Which of Microsoft's extensions the host agreed on.
    extensions: u16,
    /// The groups of the channels that are open.
    groups: Vec<(u8, u32)>,
    /// What the card is told of its host.
    capability: Vec<Vec<u8>>,
    /// The card is left alone.
    pass_through: bool,
    radio: bool,
    /// When the slot was switched last.
    switched: Option<Instant>,
    /// APDUs that came, for quirks that strike at one of them.
    apdus: u32,
    opened: bool,
    closed_once: bool,
    /// A profile or the slot was switched since the modem started.
    after_switch: bool,
    /// The modem no longer answers commands for the card.
    hangs: bool,
    /// The host before did not close the device, and a quirk makes that matter.
    stale: bool,
}

/// What comes of a command that does not succeed.
#[derive(Debug, PartialEq, Eq)]
enum Failed {
    /// A status, and the structure that goes with it.
    Status(Status, Vec<u8>),
    /// Nothing is answered.
    Silence,
    /// The modem leaves its bus for this long.
    Gone(Duration),
    /// The modem leaves for good.
    Closed,
}

impl From<Status> for Failed {
    fn from(status: Status) -> Self {
        Self::Status(status, Vec::new())
    }
}

/// The structure of an answer, or why there is none.
type Answer = Result<Vec<u8>, Failed>;

impl MbimModem {
    /// Makes a device of `modem`.
    #[must_use]
    pub fn new(modem: Modem) -> Self {
        Self {
            core: Shared::new(modem),
            extensions: 0x0100,
            groups: Vec::new(),
            capability: Vec::new(),
            pass_through: false,
            radio: true,
            switched: None,
            apdus: 0,
            opened: false,
            closed_once: false,
            after_switch: false,
            hangs: false,
            stale: false,
        }
    }

    /// A modem that several lines can have.
    #[must_use]
    pub fn shared(self) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(self))
    }

    /// Its side of the one line that it has.
    #[must_use]
    pub fn voice(self) -> MbimVoice {
        MbimVoice::direct(&self.shared())
    }

    fn has(&self, quirk: ModemQuirk) -> bool {
        self.core.modem.quirks().has(quirk)
    }

    /// A host opens the device: what the one before agreed on no longer holds. False if it does not listen.
    fn open(&mut self) -> bool {
        if self.has(ModemQuirk::NeedsClose) && !self.closed_once {
            return false;
        }
        self.stale |= self.opened && self.has(ModemQuirk::StaleChannels);
        self.opened = true;
        self.extensions = 0x0100;
        true
    }

    /// The host closes the device: its channels are closed, too.
    fn close(&mut self) {
        (self.opened, self.closed_once, self.stale) = (false, true, false);
        for channel in self.core.modem.channels().to_vec() {
            // A card that gives no answer has lost its channels as well.
            let _ = self.core.modem.close_channel(channel);
        }
        self.groups.clear();
    }

    /// The modem left its bus and is there again.
    fn restarted(&mut self) {
        self.close();
        self.after_switch = false;
        self.hangs = false;
        self.core.restarted();
    }

    /// Takes the card's power and gives it back.
    fn restart_card(&mut self) {
        self.core.modem.power_off();
        self.core.modem.power_on();
        self.groups.clear();
        self.introduce();
    }

    /// Tells the card of the host.
    fn introduce(&mut self) {
        for object in self.capability.clone() {
            let Ok(length) = u8::try_from(object.len()) else { continue };
            let answer = self.core.modem.raw(&[&[0x80, 0xAA, 0x00, 0x00, length][..], &object].concat());
            log::debug!("TERMINAL CAPABILITY: {answer:?}");
        }
    }

    /// Whether the card can be used after the last switch of slots.
    fn settled(&self) -> bool {
        let needed = self.core.modem.quirks().number(ModemQuirk::SlowSlot).unwrap_or(0);
        self.switched.is_none_or(|then| then.elapsed() >= Duration::from_millis(needed.into()))
    }
}
