//! A virtual modem on a pseudo-terminal, and what is asked of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use card_io::modem::{self, Habits, LinkError, LinkErrorKind, ModemAddress, ModemOptions, Proxy, SlotObserver};
use card_io::{Iso7816, Timeouts};
use data_encoding::HEXUPPER;
use sgp22::apdu::{Command, Le, StatusWord};
use sgp22::id::Aid;
use sgp22::transport::{Channel, OpenError, Patience, RawCard, Transport, TransportError};
use virtual_euicc::card::{NewCard, NewProfiles, Quirks, VirtualCard};
use virtual_euicc::modem::{AtVoice, ChosenModemQuirk, Modem, ModemQuirks, Pty};

pub const EID: &str = "89049032123451234512345678901235";
pub const FIRST: &str = "8999934567890120011";
pub const SECOND: &str = "8999934567890120029";
pub const GET_EID: &str = "BF3E035C015A";
/// EnableProfile of the second profile, with the refresh flag.
pub const ENABLE: &str = "BF3111A00C5A0A989939547698100220F98101FF";

/// The time that a modem may take here. One that answers does so in milliseconds; one that does not has to be waited out.
pub const TIMEOUTS: Timeouts =
    Timeouts { connect: Duration::from_secs(3), normal: Duration::from_secs(2), long: Duration::from_secs(8) };

/// A modem that runs until this is dropped.
pub struct Bench {
    _folder: tempfile::TempDir,
    pub port: PathBuf,
    stop: Arc<AtomicBool>,
    modem: Option<JoinHandle<()>>,
}

impl Bench {
    pub fn new(quirks: &[&str]) -> Self {
        Self::with_card(quirks, NewProfiles::Sample, &[])
    }

    pub fn with_card(quirks: &[&str], profiles: NewProfiles, card: &[&str]) -> Self {
        let quirks_of_card = Quirks::of(card.iter().map(|quirk| quirk.parse().unwrap()).collect());
        let new = NewCard { eid: Some(EID.parse().unwrap()), profiles, icons: false, quirks: quirks_of_card };
        Self::with_virtual_card(Some(VirtualCard::in_memory(&new).unwrap()), quirks)
    }

    pub fn with_virtual_card(card: Option<VirtualCard>, quirks: &[&str]) -> Self {
        let quirks = quirks.iter().map(|quirk| quirk.parse::<ChosenModemQuirk>().unwrap()).collect();
        let mut voice = AtVoice::new(Modem::new(vec![card], ModemQuirks::of(quirks)));
        let folder = tempfile::tempdir().unwrap();
        let pty = Pty::open(Some(&folder.path().join("modem"))).unwrap();
        let (port, stop) = (pty.path().to_owned(), Arc::new(AtomicBool::new(false)));
        let stopped = stop.clone();
        let modem = std::thread::spawn(move || pty.serve(&mut voice, &stopped).unwrap());
        Self { _folder: folder, port, stop, modem: Some(modem) }
    }

    pub fn options() -> ModemOptions {
        ModemOptions {
            slot: None,
            proxy: Proxy::Auto,
            timeouts: TIMEOUTS,
            habits: Habits::default(),
            slot_observer: SlotObserver::default(),
        }
    }

    pub fn raw(&self) -> Result<Box<dyn RawCard + Send>, LinkError> {
        modem::open(&ModemAddress::At(self.port.clone()), &Self::options())
    }

    pub fn card(&self) -> Iso7816<Box<dyn RawCard + Send>> {
        Iso7816::new(self.raw().unwrap(), 120)
    }

    pub fn refusal(&self) -> LinkErrorKind {
        match self.raw() {
            Ok(_) => panic!("the card is reached"),
            Err(error) => error.kind,
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(modem) = self.modem.take() {
            modem.join().unwrap();
        }
    }
}

pub fn isd_r(card: &mut impl Transport) -> Result<Channel, OpenError> {
    card.open_channel(&[Aid::isd_r()]).map(|open| open.channel)
}

pub fn call(card: &mut impl Transport, channel: Channel, tlv: &str) -> Result<String, TransportError> {
    let data = HEXUPPER.decode(tlv.as_bytes()).unwrap();
    let command = Command::new(0x80, 0xE2, 0x91, 0x00).with_data(data).with_le(Le::Max);
    let answer = card.transmit(channel, command, Patience::Normal)?;
    assert_eq!(answer.status, StatusWord::OK);
    Ok(HEXUPPER.encode(&answer.data))
}

pub fn eid_on(card: &mut impl Transport, channel: Channel) -> String {
    let answer = call(card, channel, GET_EID).unwrap();
    answer.strip_prefix("BF3E125A10").unwrap_or_else(|| panic!("{answer} holds no EID")).to_owned()
}

#[track_caller]
pub fn reads_the_eid(card: &mut impl Transport) {
    let channel = isd_r(card).unwrap();
    assert_eq!(eid_on(card, channel), EID);
    card.close_channel(channel).unwrap();
}

/// EnableProfile as a command.
pub fn enable() -> Command {
    let data = HEXUPPER.decode(ENABLE.as_bytes()).unwrap();
    Command::new(0x80, 0xE2, 0x91, 0x00).with_data(data).with_le(Le::Max)
}
