//! A virtual modem that runs in a thread until the test is done.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use virtual_euicc::card::{NewCard, VirtualCard};
use virtual_euicc::modem::{Language, Line, Modem, ModemQuirks, Pty, Said, Voice};

/// An EID with valid check digits.
pub const EID: &str = "89049032123451234512345678901235";
/// The ICCIDs that the two sample profiles of a card with that EID get.
pub const HOME: &str = "8999934567890120011";
pub const TRAVEL: &str = "8999934567890120029";

/// A card with the sample profiles.
pub fn card() -> Option<VirtualCard> {
    Some(VirtualCard::in_memory(&NewCard { eid: Some(EID.parse().unwrap()), ..NewCard::default() }).unwrap())
}

pub struct Running {
    /// What a host opens.
    pub port: String,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl Running {
    /// With these cards in its slots.
    pub fn start(language: Language, cards: Vec<Option<VirtualCard>>, quirks: &[&str], proxy: bool) -> Self {
        Self::on(language, cards, quirks, Line::open(language, None, proxy).unwrap())
    }

    /// The same at a port to which a link points.
    pub fn at(language: Language, cards: Vec<Option<VirtualCard>>, quirks: &[&str], link: &Path) -> Self {
        Self::on(language, cards, quirks, Line::open(language, Some(link), false).unwrap())
    }

    fn on(language: Language, cards: Vec<Option<VirtualCard>>, quirks: &[&str], line: Line) -> Self {
        let quirks = ModemQuirks::of(quirks.iter().map(|quirk| quirk.parse().unwrap()).collect());
        let modem = Modem::new(cards, quirks);
        let (port, stop) = (line.port(), Arc::new(AtomicBool::new(false)));
        let stopped = stop.clone();
        let thread = Some(std::thread::spawn(move || line.serve(language, modem, &stopped)));
        Self { port, stop, thread }
    }

    /// It leaves the bus.
    pub fn unplug(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let served = thread.join().unwrap();
            if !std::thread::panicking() {
                served.unwrap();
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.unplug();
    }
}

/// A device whose every answer is made by a function.
struct Odd(fn(&[u8]) -> Vec<u8>);

impl Voice for Odd {
    fn hear(&mut self, bytes: &[u8]) -> Vec<Said> {
        vec![Said::Bytes((self.0)(bytes))]
    }
}

impl Running {
    /// A device that is no modem.
    pub fn speaking(answer: fn(&[u8]) -> Vec<u8>) -> Self {
        let pty = Pty::open(None).unwrap();
        let (port, stop) = (pty.path().display().to_string(), Arc::new(AtomicBool::new(false)));
        let stopped = stop.clone();
        let thread = Some(std::thread::spawn(move || pty.serve(&mut Odd(answer), &stopped)));
        Self { port, stop, thread }
    }
}
