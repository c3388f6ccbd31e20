//! The AT driver against the virtual modem over a pseudo-terminal: how it copes with each deviation, and what it tells
//! of each thing that goes wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use card_io::modem::{self, ApduForm, Habits, LinkError, LinkErrorKind, ModemAddress, ModemOptions, Proxy};
use card_io::{Iso7816, Timeouts};
use data_encoding::HEXUPPER;
use sgp22::apdu::{Command, Le, StatusWord};
use sgp22::id::Aid;
use sgp22::transport::{
    CardSight, Channel, ChannelKeeper, Delivery, OpenError, Patience, RawCard, Transport, TransportError,
    TransportErrorKind,
};
use virtual_euicc::card::{NewCard, NewProfiles, Quirks, VirtualCard};
use virtual_euicc::modem::{AtVoice, ChosenModemQuirk, Modem, ModemQuirks, Pty};

const EID: &str = "89049032123451234512345678901235";
const FIRST: &str = "8999934567890120011";
const SECOND: &str = "8999934567890120029";
const GET_EID: &str = "BF3E035C015A";
/// EnableProfile of the second profile, with the refresh flag.
const ENABLE: &str = "BF3111A00C5A0A989939547698100220F98101FF";

/// How long a modem may take here. What is to answer does so in milliseconds; what is not has to be waited out.
const PATIENCE: Timeouts =
    Timeouts { connect: Duration::from_secs(3), normal: Duration::from_secs(2), long: Duration::from_secs(8) };

/// A modem that runs until this is dropped.
struct Bench {
    _folder: tempfile::TempDir,
    port: PathBuf,
    stop: Arc<AtomicBool>,
    modem: Option<JoinHandle<()>>,
}

impl Bench {
    fn new(quirks: &[&str]) -> Self {
        Self::with_card(quirks, NewProfiles::Sample, &[])
    }

    fn with_card(quirks: &[&str], profiles: NewProfiles, card: &[&str]) -> Self {
        let quirks_of_card = Quirks::of(card.iter().map(|quirk| quirk.parse().unwrap()).collect());
        let new = NewCard { eid: Some(EID.parse().unwrap()), profiles, icons: false, quirks: quirks_of_card };
        Self::of(Some(VirtualCard::in_memory(&new).unwrap()), quirks)
    }

    fn of(card: Option<VirtualCard>, quirks: &[&str]) -> Self {
        let quirks = quirks.iter().map(|quirk| quirk.parse::<ChosenModemQuirk>().unwrap()).collect();
        let mut voice = AtVoice::new(Modem::new(vec![card], ModemQuirks::of(quirks)));
        let folder = tempfile::tempdir().unwrap();
        let pty = Pty::open(Some(&folder.path().join("modem"))).unwrap();
        let (port, stop) = (pty.path().to_owned(), Arc::new(AtomicBool::new(false)));
        let stopped = stop.clone();
        let modem = std::thread::spawn(move || pty.serve(&mut voice, &stopped).unwrap());
        Self { _folder: folder, port, stop, modem: Some(modem) }
    }

    fn options() -> ModemOptions {
        ModemOptions { slot: None, proxy: Proxy::Auto, timeouts: PATIENCE, habits: Habits::default() }
    }

    fn raw(&self) -> Result<Box<dyn RawCard + Send>, LinkError> {
        modem::open(&ModemAddress::At(self.port.clone()), &Self::options())
    }

    fn card(&self) -> Iso7816<Box<dyn RawCard + Send>> {
        Iso7816::new(self.raw().unwrap(), 120)
    }

    fn refusal(&self) -> LinkErrorKind {
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

fn isd_r(card: &mut impl Transport) -> Result<Channel, OpenError> {
    card.open_channel(&[Aid::isd_r()]).map(|open| open.channel)
}

fn call(card: &mut impl Transport, channel: Channel, tlv: &str) -> Result<String, TransportError> {
    let data = HEXUPPER.decode(tlv.as_bytes()).unwrap();
    let command = Command::new(0x80, 0xE2, 0x91, 0x00).with_data(data).with_le(Le::Max);
    let answer = card.transmit(channel, command, Patience::Normal)?;
    assert_eq!(answer.status, StatusWord::OK);
    Ok(HEXUPPER.encode(&answer.data))
}

fn eid_on(card: &mut impl Transport, channel: Channel) -> String {
    let answer = call(card, channel, GET_EID).unwrap();
    answer.strip_prefix("BF3E125A10").unwrap_or_else(|| panic!("{answer} holds no EID")).to_owned()
}

#[track_caller]
fn reads_the_eid(card: &mut impl Transport) {
    let channel = isd_r(card).unwrap();
    assert_eq!(eid_on(card, channel), EID);
    card.close_channel(channel).unwrap();
}

#[test]
fn what_modems_do_in_their_own_ways() {
    for quirks in [
        &[][..],
        &["bare-session"],
        &["long-session"],
        &["bare-session", "urcs", "echo-returns"],
        &["no-test-forms"],
        &["no-cchc"],
        &["cchc-line"],
        &["leftover-session"],
        &["no-csim"],
        &["csim-basic-only"],
        &["last-block-error"],
        &["sim-busy"],
        &["pin-locked"],
        &["upper-hex-only"],
        &["error-words"],
        &["plain-errors"],
        &["numeric-results"],
        &["newlines-only"],
        &["urcs"],
        &["fetches-answers"],
        &["latency"],
        &["no-cfun"],
    ] {
        let bench = Bench::new(quirks);
        // Twice: a program must leave nothing behind that is in the way of the next.
        for _ in 0..2 {
            let raw = bench.raw().unwrap_or_else(|error| panic!("{quirks:?}: {error}"));
            assert_eq!(raw.nature().channels, ChannelKeeper::Modem, "{quirks:?}");
            assert_eq!(raw.nature().longest_data, Some(120));
            let mut card = Iso7816::new(raw, 120);
            reads_the_eid(&mut card);
            card.reset().unwrap();
            reads_the_eid(&mut card);
        }
    }
}

#[test]
fn by_csim_where_there_is_nothing_else() {
    for quirks in [&["only-csim"][..], &["ccho-parameters"], &["ccho-parameters", "plain-errors", "urcs"]] {
        let bench = Bench::new(quirks);
        for _ in 0..2 {
            let mut card = Iso7816::new(bench.raw().unwrap(), 120);
            let channel = isd_r(&mut card).unwrap();
            assert_eq!((channel, eid_on(&mut card, channel)), (Channel(1), EID.to_owned()), "{quirks:?}");
            card.reset().unwrap();
            reads_the_eid(&mut card);
        }
        assert_eq!(bench.raw().unwrap().nature().channels, ChannelKeeper::Host);
    }
    let bench = Bench::new(&[]);
    let csim = ModemAddress::AtCsim(bench.port.clone());
    let card = modem::open(&csim, &Bench::options()).unwrap();
    assert_eq!(card.nature().channels, ChannelKeeper::Host, "wanted by name");
    reads_the_eid(&mut Iso7816::new(card, 120));
    let habits = Habits { apdu_form: ApduForm::Csim, block: Some(60), ..Habits::default() };
    let options = ModemOptions { habits, ..Bench::options() };
    let card = modem::open(&ModemAddress::At(bench.port.clone()), &options).unwrap();
    assert_eq!((card.nature().channels, card.nature().longest_data), (ChannelKeeper::Host, Some(60)));
    let unable = Bench::new(&["no-csim"]);
    let refused = modem::open(&ModemAddress::AtCsim(unable.port.clone()), &Bench::options());
    assert_eq!(refused.err().unwrap().kind, LinkErrorKind::NoApdus);
}

#[test]
fn channels_are_given_back() {
    // A card has 19; more programs than that find one.
    for quirks in [&[][..], &["only-csim"]] {
        let bench = Bench::new(quirks);
        for _ in 0..25 {
            isd_r(&mut bench.card()).unwrap();
        }
        let mut card = bench.card();
        let channels: Vec<Channel> = (0..3).map(|_| isd_r(&mut card).unwrap()).collect();
        assert_eq!(channels, [Channel(1), Channel(2), Channel(3)]);
        for channel in channels {
            assert_eq!(eid_on(&mut card, channel), EID);
        }
    }
    // The one that was opened to see whether it works is given back too, if another application is wanted.
    let bench = Bench::new(&[]);
    for _ in 0..25 {
        let other = Aid::from_bytes(b"\xA0\x00\x00\x05\x59").unwrap();
        assert!(matches!(bench.card().open_channel(&[other]), Err(OpenError::Refused(_))));
        drop(bench.raw().unwrap());
    }
    reads_the_eid(&mut bench.card());
}

/// STORE DATA as a download sends it: many blocks, the last of which has the answer.
#[test]
fn long_chains() {
    let send = |card: &mut dyn Transport, channel: Channel| -> Result<StatusWord, TransportError> {
        // AuthenticateServer with 12 kB of nonsense: taken in whole, and refused then.
        let tlv = [&b"\xBF\x38\x82\x2E\xE0"[..], &[0x5A; 12_000]].concat();
        let blocks = sgp22::store_data::blocks(&tlv, card.longest_data()).unwrap();
        let count = blocks.len();
        for (number, block) in (1..).zip(blocks) {
            let answer = card.transmit(channel, block, Patience::Long)?;
            if number == count {
                return Ok(answer.status);
            }
            assert_eq!(answer.status, StatusWord::OK, "block {number}");
        }
        panic!("no block");
    };
    for quirks in [&[][..], &["urcs"], &["only-csim"]] {
        let bench = Bench::new(quirks);
        let mut card = bench.card();
        let channel = isd_r(&mut card).unwrap();
        send(&mut card, channel).unwrap();
        assert_eq!(eid_on(&mut card, channel), EID, "{quirks:?}");
    }
    let bench = Bench::new(&["last-block-error"]);
    let mut card = bench.card();
    let channel = isd_r(&mut card).unwrap();
    let error = send(&mut card, channel).unwrap_err();
    assert_eq!((error.kind, error.delivery), (TransportErrorKind::Lost, Delivery::Unknown), "{error}");
    assert_eq!(eid_on(&mut card, channel), EID, "the session goes on");
    let csim = modem::open(&ModemAddress::AtCsim(bench.port.clone()), &Bench::options()).unwrap();
    let mut card = Iso7816::new(csim, 120);
    let channel = isd_r(&mut card).unwrap();
    send(&mut card, channel).unwrap();
}

#[test]
fn what_is_told_where_nothing_can_be_reached() {
    assert_eq!(Bench::of(None, &[]).refusal(), LinkErrorKind::NoCard);
    // One that tells no reasons leaves it open until an application is wanted.
    let silent = Bench::of(None, &["plain-errors", "no-csim"]);
    assert!(matches!(isd_r(&mut silent.card()), Err(OpenError::Refused(why)) if why == "ERROR"));
    for (quirks, kind) in [
        (&["dead"][..], LinkErrorKind::Dead),
        (&["garbage"], LinkErrorKind::NotAModem),
        (&["only-csim", "no-csim"], LinkErrorKind::NoApdus),
        (&["silent-from=1"], LinkErrorKind::Dead),
        (&["half-answer=1"], LinkErrorKind::Dead),
        (&["endless-urcs=1"], LinkErrorKind::NotAModem),
        (&["unplugged=1"], LinkErrorKind::Gone),
        (&["vanishes-before=1"], LinkErrorKind::Gone),
    ] {
        assert_eq!(Bench::new(quirks).refusal(), kind, "{quirks:?}");
    }
    let open = |path: &str, options: &ModemOptions| {
        modem::open(&ModemAddress::At(path.into()), options).err().map(|error| error.kind)
    };
    assert_eq!(open("/nonexistent/ttyUSB0", &Bench::options()), Some(LinkErrorKind::NoPort));
    assert!(open("/", &Bench::options()).is_some());
    assert!(open("/dev/null", &Bench::options()).is_some());
    let bench = Bench::new(&[]);
    let options = ModemOptions { slot: Some(2), ..Bench::options() };
    assert_eq!(open(bench.port.to_str().unwrap(), &options), Some(LinkErrorKind::NoSlot));
}

#[test]
fn a_modem_without_an_euicc() {
    let bench = Bench::new(&["no-euicc"]);
    assert_eq!(isd_r(&mut bench.card()).unwrap_err(), OpenError::NotFound(StatusWord::NOT_FOUND));
    let bench = Bench::new(&["no-euicc", "no-csim"]);
    assert!(matches!(isd_r(&mut bench.card()), Err(OpenError::Refused(why)) if why.contains("22")));
    let bench = Bench::with_card(&[], NewProfiles::Sample, &["no-manage-channel"]);
    let opened = isd_r(&mut bench.card());
    assert!(opened.is_ok(), "without logical channels there is still the basic one: {opened:?}");
}

/// What goes wrong with the third command for the card: CCHO and a GetEID come before it.
#[test]
fn answers_that_do_not_come() {
    for (quirk, kind, delivery) in [
        ("silent-from=3", TransportErrorKind::Timeout, Delivery::Unknown),
        ("half-answer=3", TransportErrorKind::Timeout, Delivery::Unknown),
        ("late-answer=3", TransportErrorKind::Timeout, Delivery::Unknown),
        ("endless-urcs=3", TransportErrorKind::Garbage, Delivery::Unknown),
        ("vanishes-before=3", TransportErrorKind::DeviceGone, Delivery::Unknown),
        ("vanishes-after=3", TransportErrorKind::DeviceGone, Delivery::Unknown),
        ("unplugged=3", TransportErrorKind::DeviceGone, Delivery::Unknown),
    ] {
        let bench = Bench::new(&[quirk]);
        let mut card = bench.card();
        let channel = isd_r(&mut card).unwrap();
        assert_eq!(eid_on(&mut card, channel), EID);
        let error = call(&mut card, channel, "BF2000").unwrap_err();
        assert_eq!((error.kind, error.delivery), (kind, delivery), "{quirk}: {error}");
        match quirk.split('=').next().unwrap() {
            // What follows is never answered by what was late or cut.
            "late-answer" | "half-answer" => assert_eq!(eid_on(&mut card, channel), EID, "{quirk}"),
            "silent-from" => {
                let error = call(&mut card, channel, GET_EID).unwrap_err();
                assert_eq!((error.kind, error.delivery), (TransportErrorKind::Timeout, Delivery::Unknown), "{error}");
            }
            "endless-urcs" => {
                let error = call(&mut card, channel, GET_EID).unwrap_err();
                assert_eq!(error.delivery, Delivery::NotSent, "the line never gets ready: {error}");
            }
            "unplugged" => {
                let error = call(&mut card, channel, GET_EID).unwrap_err();
                assert_eq!((error.kind, error.delivery), (TransportErrorKind::DeviceGone, Delivery::NotSent));
            }
            _ => {
                // The channel went with the port; a reset waits for the modem.
                assert_eq!(call(&mut card, channel, GET_EID).unwrap_err().delivery, Delivery::NotSent, "{quirk}");
                card.reset().unwrap();
                reads_the_eid(&mut card);
            }
        }
    }
}

/// What a modem refuses has not reached the card only where it is about the line itself.
#[test]
fn refusals_leave_no_doubt_where_there_is_none() {
    let bench = Bench::new(&[]);
    let mut raw = bench.raw().unwrap();
    assert!(matches!(raw.open(&Aid::isd_r()), Ok(sgp22::transport::Opening::Open { .. })));
    // No APDU: the modem sees that by itself.
    let error = raw.transmit(&[0x81, 0xE2], Patience::Normal).unwrap_err();
    assert_eq!(error.delivery, Delivery::NotSent, "{error}");
    // A channel that nobody opened is the card's affair.
    assert_eq!(raw.transmit(&[0x02, 0xA4, 0x04, 0x00], Patience::Normal).unwrap_err().delivery, Delivery::NotSent);
    raw.reset().unwrap();
    let error = raw.transmit(&[0x81, 0xCA, 0x00, 0x00], Patience::Normal).unwrap_err();
    assert_eq!((error.kind, error.delivery), (TransportErrorKind::ResetByOther, Delivery::NotSent), "{error}");
    // The basic channel is there whatever the form.
    assert_eq!(raw.transmit(&[0x80, 0xF2, 0x00, 0x0C, 0x00], Patience::Normal).unwrap().len(), 2);
}

#[test]
fn a_switch_and_what_the_modem_makes_of_it() {
    let iccid = |card: &mut Iso7816<Box<dyn RawCard + Send>>| {
        card.terminal().unwrap().sight().unwrap().iccid.map(|iccid| iccid.digits())
    };
    for (quirks, answered, notices) in [
        (&[][..], true, true),
        (&["reenumerates"], false, true),
        (&["reenumerates", "echo-returns", "numeric-results"], false, true),
        (&["needs-cfun"], true, true),
        (&["ignores-switch"], true, false),
    ] {
        let bench = Bench::with_card(quirks, NewProfiles::Sample, &["91xx"]);
        let mut card = bench.card();
        let channel = isd_r(&mut card).unwrap();
        assert_eq!(iccid(&mut card).as_deref(), Some(FIRST));
        let enabled = call(&mut card, channel, ENABLE);
        assert_eq!(enabled.is_ok(), answered, "{quirks:?}: {enabled:?}");
        if let Err(error) = &enabled {
            assert_eq!((error.kind, error.delivery), (TransportErrorKind::DeviceGone, Delivery::Unknown));
        }
        let expected = if notices { SECOND } else { FIRST };
        assert_eq!(iccid(&mut card).as_deref(), Some(expected), "{quirks:?}: what the modem uses");
        card.reset().unwrap();
        assert_eq!(iccid(&mut card).as_deref(), Some(SECOND), "{quirks:?}");
        reads_the_eid(&mut card);
    }
}

#[test]
fn what_a_modem_says_of_its_card() {
    let sight = |bench: &Bench, reach: bool| {
        let mut card = bench.raw().unwrap();
        if reach {
            assert!(matches!(card.open(&Aid::isd_r()), Ok(sgp22::transport::Opening::Open { .. })));
        }
        let sight = card.terminal().unwrap().sight().unwrap();
        (sight.card, sight.iccid.map(|iccid| iccid.digits()), sight.registered)
    };
    let home = || Some(FIRST.to_owned());
    assert_eq!(sight(&Bench::new(&[]), false), (CardSight::Usable, home(), Some(true)));
    assert_eq!(sight(&Bench::new(&["pin-locked"]), true), (CardSight::Locked, home(), Some(true)));
    assert_eq!(sight(&Bench::new(&["urcs"]), true), (CardSight::Usable, home(), Some(true)));
    let bare = |quirks| Bench::with_card(quirks, NewProfiles::Count(0), &[]);
    assert_eq!(sight(&bare(&[]), true), (CardSight::NoProfile, None, Some(false)));
    assert_eq!(sight(&bare(&["ccho-needs-profile"]), false), (CardSight::Failed, None, Some(false)));

    let bench = Bench::new(&[]);
    let mut card = bench.raw().unwrap();
    let identity = card.terminal().unwrap().identity().unwrap();
    assert_eq!((&identity.manufacturer[..], &identity.model[..]), ("esimctl", "virtual modem"));
    assert!(identity.firmware.starts_with(char::is_numeric), "{identity:?}");
}

#[test]
fn power_is_taken_away_and_given_back() {
    let bench = Bench::new(&["echo-returns", "numeric-results"]);
    let mut card = bench.raw().unwrap();
    assert!(matches!(card.open(&Aid::isd_r()), Ok(sgp22::transport::Opening::Open { .. })));
    card.terminal().unwrap().power_cycle().unwrap();
    assert_eq!(card.terminal().unwrap().sight().unwrap().card, CardSight::Usable);
    let error = card.transmit(&[0x81, 0xCA, 0x00, 0x00], Patience::Normal).unwrap_err();
    assert_eq!(error.delivery, Delivery::NotSent, "the channel is gone: {error}");
    reads_the_eid(&mut Iso7816::new(card, 120));

    let firm = Bench::new(&["no-cfun"]);
    let mut card = firm.raw().unwrap();
    let error = card.terminal().unwrap().power_cycle().unwrap_err();
    assert_eq!(error.delivery, Delivery::NotSent, "{error}");
}

/// Lines that are too long for a modem: what it says then is the answer before. That never passes for the end of a chain.
#[test]
fn lines_that_do_not_fit() {
    let bench = Bench::new(&["line-limit"]);
    let mut card = bench.card();
    let channel = isd_r(&mut card).unwrap();
    let long = format!("BF2945{}", "5A".repeat(69));
    let data = HEXUPPER.decode(long.as_bytes()).unwrap();
    let command = Command::new(0x80, 0xE2, 0x91, 0x00).with_data(data);
    let error = card.transmit(channel, command, Patience::Normal).unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Garbage, "{error}");
    assert_eq!(eid_on(&mut card, channel), EID, "what fits passes");
}
