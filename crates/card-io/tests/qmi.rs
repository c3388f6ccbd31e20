//! The QMI driver against a virtual modem at a port: each way to depart from a well-behaved modem, and bad input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "../../virtual/tests/common/programs.rs"]
mod programs;
#[path = "../../virtual/tests/common/running.rs"]
mod running;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use card_io::modem::{
    self, Habits, LinkError, LinkErrorKind, ModemAddress, ModemOptions, Proxy, SlotEvent, SlotObserver, SlotSwitch,
};
use card_io::{Iso7816, Timeouts};
use common::{active_slots, observe_slots};
use running::{EID, HOME, TRAVEL, card};
use sgp22::apdu::StatusWord;
use sgp22::es10c::{EnableProfile, GetEid, GetProfilesInfo, ProfileRef};
use sgp22::id::Aid;
use sgp22::transport::{
    CardSight, Channel, Delivery, ModemRefusal, OpenError, Patience, RawCard, RefusalReason, Transport, TransportError,
    TransportErrorKind,
};
use sgp22::{Function, store_data};
use virtual_euicc::card::{NewCard, NewProfiles, Quirks, VirtualCard};
use virtual_euicc::modem::{Modem, ModemQuirks, Pty, QmiModem};

type Link = Iso7816<Box<dyn RawCard + Send>>;

/// A modem in a thread, whose clients and channels can be counted.
struct Running {
    modem: QmiModem,
    port: String,
    folder: tempfile::TempDir,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl Running {
    fn start(cards: Vec<Option<VirtualCard>>, quirks: &[&str]) -> Self {
        let quirks = ModemQuirks::of(quirks.iter().map(|quirk| quirk.parse().unwrap()).collect());
        let modem = QmiModem::new(Modem::new(cards, quirks));
        let folder = tempfile::tempdir().unwrap();
        let pty = Pty::open(Some(&folder.path().join("port"))).unwrap();
        let (port, stop) = (pty.path().display().to_string(), Arc::new(AtomicBool::new(false)));
        let (mut voice, stopped) = (modem.at_port(), stop.clone());
        let thread = Some(std::thread::spawn(move || pty.serve(&mut voice, &stopped)));
        Self { modem, port, folder, stop, thread }
    }

    fn unplug(&mut self) {
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
        assert!(!self.folder.path().join("port").exists());
    }
}

fn start(quirks: &[&str]) -> Running {
    Running::start(vec![card(), None], quirks)
}

fn options() -> ModemOptions {
    let timeouts = Timeouts { connect: Duration::from_secs(20), ..Timeouts::default() };
    ModemOptions {
        slot: None,
        proxy: Proxy::No,
        timeouts,
        habits: Habits::default(),
        slot_observer: SlotObserver::default(),
    }
}

/// For modems that do not answer: nobody wants to wait for them long.
fn hasty() -> ModemOptions {
    let timeouts =
        Timeouts { connect: Duration::from_secs(3), normal: Duration::from_millis(1500), long: Duration::from_secs(3) };
    ModemOptions { timeouts, ..options() }
}

fn try_open(modem: &Running, options: &ModemOptions) -> Result<Link, LinkError> {
    let card = modem::open(&ModemAddress::Qmi(modem.port.clone().into()), options)?;
    Ok(Iso7816::new(card, 255))
}

fn open(modem: &Running, options: &ModemOptions) -> Link {
    try_open(modem, options).unwrap()
}

fn isd_r(link: &mut Link) -> Channel {
    link.open_channel(&[Aid::isd_r()]).unwrap().channel
}

/// Has the ISD-R carry a function out.
fn call<F: Function>(link: &mut Link, channel: Channel, function: &F) -> Result<F::Answer, TransportError> {
    let mut answer = None;
    for block in store_data::blocks(&function.encode(), 255).unwrap() {
        let response = link.transmit(channel, block, Patience::Normal)?;
        assert_eq!(response.status, StatusWord::OK);
        answer = Some(response.data);
    }
    Ok(F::decode_answer(&answer.unwrap()).unwrap())
}

fn eid(link: &mut Link, channel: Channel) -> Result<String, TransportError> {
    call(link, channel, &GetEid).map(|eid| eid.to_string())
}

fn nothing_is_left(modem: &Running, what: &dyn std::fmt::Debug) {
    assert_eq!((modem.modem.clients(), modem.modem.channels()), (0, 0), "{what:?} left clients or channels");
}

/// Everything that a command needs: open, ask, close, and again; in the end all is given back.
fn works(quirks: &[&str], options: &ModemOptions) {
    let modem = start(quirks);
    let mut link = open(&modem, options);
    for _ in 0..2 {
        let channel = isd_r(&mut link);
        assert_eq!(eid(&mut link, channel).unwrap(), EID, "{quirks:?}");
        let profiles = call(&mut link, channel, &GetProfilesInfo::default()).unwrap().unwrap();
        assert_eq!(profiles.len(), 2, "{quirks:?}");
        link.close_channel(channel).unwrap();
    }
    link.reset().unwrap();
    let channel = isd_r(&mut link);
    assert_eq!(eid(&mut link, channel).unwrap(), EID, "{quirks:?} after a reset");
    assert_eq!(modem.modem.clients(), 1, "{quirks:?}");
    drop(link);
    nothing_is_left(&modem, &quirks);
}

#[test]
fn a_well_behaved_modem() {
    works(&[], &options());
}

#[test]
fn what_is_found_out_by_itself() {
    for quirks in [
        &["fetches-answers"][..],
        &["foreign-answers"],
        &["chatty"],
        &["cut-frames"],
        &["cut-frames", "chatty", "foreign-answers"],
        &["joined-frames"],
        &["joined-frames", "foreign-answers"],
        &["old-open"],
        &["leaked-channels"],
        &["powers-down"],
        &["sim-busy=3"],
        &["pin-locked"],
        &["latency=5"],
        &["logical-slots"],
        &["no-slot-status"],
    ] {
        works(quirks, &options());
    }
    works(&[], &ModemOptions { habits: Habits { skip_procedure_bytes: true, ..Habits::default() }, ..options() });
}

/// A card that asks for a refresh after a switch.
fn refreshing() -> Option<VirtualCard> {
    let quirks = Quirks::of(vec!["91xx".parse().unwrap()]);
    Some(VirtualCard::in_memory(&NewCard { eid: Some(EID.parse().unwrap()), quirks, ..NewCard::default() }).unwrap())
}

fn enable_travel() -> EnableProfile {
    EnableProfile { profile: ProfileRef::Iccid(TRAVEL.parse().unwrap()), refresh: true, port: None }
}

fn seen(link: &mut Link) -> Option<String> {
    link.terminal().unwrap().sight().unwrap().iccid.map(|iccid| iccid.digits())
}

#[test]
fn what_the_modem_sees() {
    for quirks in [&[][..], &["forgets-clients"]] {
        let modem = Running::start(vec![refreshing()], quirks);
        let mut link = open(&modem, &options());
        let identity = link.terminal().unwrap().identity().unwrap();
        assert_eq!((&identity.manufacturer[..], &identity.model[..]), ("esimctl", "virtual QMI modem"));
        assert!(!identity.firmware.is_empty());
        let sight = link.terminal().unwrap().sight().unwrap();
        assert_eq!((sight.card, sight.registered), (CardSight::Usable, Some(true)));
        assert_eq!(sight.iccid, Some(HOME.parse().unwrap()));

        let channel = isd_r(&mut link);
        call(&mut link, channel, &enable_travel()).unwrap();
        // The card was started anew, so that the channel is gone.
        let error = eid(&mut link, channel).unwrap_err();
        assert_eq!(error.kind, TransportErrorKind::ResetByOther, "{quirks:?}");
        assert_eq!(seen(&mut link).as_deref(), Some(TRAVEL));
        let channel = isd_r(&mut link);
        assert_eq!(eid(&mut link, channel).unwrap(), EID);
        drop(link);
        nothing_is_left(&modem, &quirks);
    }
}

#[test]
fn a_modem_that_ignores_a_switch_sees_it_after_a_power_cycle() {
    let modem = Running::start(vec![refreshing()], &["ignores-switch"]);
    let mut link = open(&modem, &options());
    let channel = isd_r(&mut link);
    call(&mut link, channel, &enable_travel()).unwrap();
    assert_eq!(seen(&mut link).as_deref(), Some(HOME));
    link.terminal().unwrap().power_cycle().unwrap();
    assert_eq!(seen(&mut link).as_deref(), Some(TRAVEL));
}

#[test]
fn sights() {
    let empty = NewCard { profiles: NewProfiles::Count(0), ..NewCard::default() };
    let bare = Running::start(vec![Some(VirtualCard::in_memory(&empty).unwrap())], &[]);
    assert_eq!(open(&bare, &options()).terminal().unwrap().sight().unwrap().card, CardSight::NoProfile);
    let locked = start(&["pin-locked"]);
    assert_eq!(open(&locked, &options()).terminal().unwrap().sight().unwrap().card, CardSight::Locked);
    let modem = start(&["no-slot-status=71"]);
    let sight = open(&modem, &options()).terminal().unwrap().sight().unwrap();
    assert_eq!((sight.card, sight.iccid), (CardSight::Usable, None));
}

/// A modem that leaves the bus at the switch, the answer with it, and comes back at another terminal.
#[test]
fn a_modem_that_starts_anew() {
    for quirk in ["reenumerates=300", "vanishes-after=2"] {
        let modem = Running::start(vec![refreshing()], &[quirk]);
        let mut link = open(&modem, &options());
        let channel = isd_r(&mut link);
        let error = call(&mut link, channel, &enable_travel()).unwrap_err();
        assert_eq!((error.kind, error.delivery), (TransportErrorKind::DeviceGone, Delivery::Unknown), "{quirk}");
        link.close_channel(channel).unwrap();
        link.reset().unwrap();
        assert_eq!(seen(&mut link).as_deref(), Some(TRAVEL), "{quirk}");
        let channel = isd_r(&mut link);
        assert_eq!(eid(&mut link, channel).unwrap(), EID, "{quirk}");
        drop(link);
        nothing_is_left(&modem, &quirk);
    }
}

#[test]
fn a_modem_that_leaves_for_good() {
    let mut modem = start(&[]);
    let mut link = open(&modem, &hasty());
    let channel = isd_r(&mut link);
    modem.unplug();
    let error = eid(&mut link, channel).unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::DeviceGone);
    // There is nothing left to close.
    link.close_channel(channel).unwrap();
}

fn refused(quirks: &[&str]) -> OpenError {
    let modem = start(quirks);
    let error = open(&modem, &hasty()).open_channel(&[Aid::isd_r()]).unwrap_err();
    nothing_is_left(&modem, &quirks);
    error
}

#[test]
fn refusals_are_told() {
    assert_eq!(refused(&["no-euicc"]), OpenError::NotFound(StatusWord::NOT_FOUND));
    // It may mean either.
    assert_eq!(refused(&["open-refused=3"]), OpenError::Refused("QMI error 3 Internal".into()));
    for (quirk, reason, words) in [
        ("open-refused", RefusalReason::Denied, "QMI error 82 AccessDenied"),
        ("open-refused=96", RefusalReason::Denied, "QMI error 96 CardCallControlFailed"),
        ("open-refused=98", RefusalReason::Denied, "QMI error 98 MsgBlocked"),
        ("open-refused=68", RefusalReason::NoChannel, "QMI error 68 InsufficientResources"),
        ("open-refused=80", RefusalReason::SelectFailed, "QMI error 80 SimFileNotFound"),
        ("no-uicc-access", RefusalReason::Unsupported, "QMI error 71 InvalidQmiCommand"),
    ] {
        let refusal = ModemRefusal { reason, words: words.into() };
        assert_eq!(refused(&[quirk]), OpenError::RefusedByModem(refusal), "{quirk}");
    }
    for (quirk, card, words) in [
        ("open-refused=104", CardSight::Locked, "QMI error 104 PinRestriction"),
        ("open-refused=106", CardSight::PukRequired, "QMI error 106 PukRestriction"),
        ("sim-busy=1000", CardSight::Starting, "QMI error 52 DeviceNotReady"),
    ] {
        assert_eq!(refused(&[quirk]), OpenError::Unusable(card, words.into()), "{quirk}");
    }
    match refused(&["open-refused=102"]) {
        OpenError::Transport(error) => assert_eq!(error.kind, TransportErrorKind::CardRemoved),
        other => panic!("{other:?}"),
    }
    let modem = start(&["no-client-ids"]);
    assert_eq!(try_open(&modem, &options()).err().unwrap().kind, LinkErrorKind::NoClientId);
}

#[test]
fn a_refused_apdu_is_the_modems_refusal() {
    let modem = start(&["command-refused=2"]);
    let mut link = open(&modem, &options());
    let channel = isd_r(&mut link);
    let error = eid(&mut link, channel).unwrap_err();
    assert_eq!((error.kind, error.delivery), (TransportErrorKind::Refused, Delivery::NotSent), "{error}");
    assert_eq!(eid(&mut link, channel).unwrap(), EID, "only once");
}

#[test]
fn a_modem_with_few_channels_gets_them_back() {
    let modem = start(&["few-channels=2"]);
    let mut link = open(&modem, &options());
    for _ in 0..5 {
        let channel = isd_r(&mut link);
        assert_eq!(eid(&mut link, channel).unwrap(), EID);
        link.close_channel(channel).unwrap();
    }
}

#[test]
fn switches_of_slots_are_told_and_can_be_undone() {
    let modem = Running::start(vec![card(), None, card()], &[]);
    let switching = SlotEvent::Switching(SlotSwitch { from: 1, to: 3 });
    let (third, events) = observe_slots(&ModemOptions { slot: Some(3), ..options() });
    let mut link = open(&modem, &third);
    assert_eq!(*events.lock().unwrap(), std::slice::from_ref(&switching));
    link.terminal().unwrap().use_slot(1).unwrap();
    drop(link);
    assert_eq!(active_slots(&mut open(&modem, &options())), [1]);
    // One that is in use already is not switched to.
    let (first, events) = observe_slots(&ModemOptions { slot: Some(1), ..options() });
    drop(open(&modem, &first));
    assert_eq!(*events.lock().unwrap(), []);
    // The card in the third slot does not start in time: the modem is switched back at once.
    let modem = Running::start(vec![card(), None, card()], &["slow-slot=60000"]);
    let (third, events) = observe_slots(&ModemOptions { slot: Some(3), ..hasty() });
    assert_eq!(try_open(&modem, &third).err().unwrap().kind, LinkErrorKind::CardStarting);
    assert_eq!(*events.lock().unwrap(), [switching.clone(), SlotEvent::Restored]);
    // A modem that refuses is as it was.
    let modem = Running::start(vec![card(), None, card()], &["slot-switch-refused"]);
    let (third, events) = observe_slots(&ModemOptions { slot: Some(3), ..hasty() });
    let error = try_open(&modem, &third).err().unwrap();
    assert_eq!(error.kind, LinkErrorKind::SlotRefused, "{error}");
    assert_eq!(*events.lock().unwrap(), [switching, SlotEvent::Refused]);
    assert_eq!(active_slots(&mut open(&modem, &options())), [1]);
}

#[test]
fn answers_in_parts_are_told() {
    let modem = start(&["long-answers=60"]);
    let mut link = open(&modem, &options());
    let channel = isd_r(&mut link);
    let error = call(&mut link, channel, &GetProfilesInfo::default()).unwrap_err();
    assert_eq!((error.kind, error.delivery), (TransportErrorKind::Lost, Delivery::Unknown));
    assert!(error.detail.contains("in parts"), "{error}");
    assert_eq!(eid(&mut link, channel).unwrap(), EID);
}

/// Forty profiles: a list of several kilobytes, fetched by 256 bytes, so that no answer is too long.
#[test]
fn long_answers() {
    let new = NewCard { eid: Some(EID.parse().unwrap()), profiles: NewProfiles::Count(40), ..NewCard::default() };
    for quirks in [&["long-answers=258"][..], &["fetches-answers", "cut-frames"]] {
        let modem = Running::start(vec![Some(VirtualCard::in_memory(&new).unwrap())], quirks);
        let mut link = open(&modem, &options());
        let channel = isd_r(&mut link);
        assert_eq!(call(&mut link, channel, &GetProfilesInfo::default()).unwrap().unwrap().len(), 40, "{quirks:?}");
    }
}

fn kind_of(modem: &Running, slot: u8) -> Option<LinkErrorKind> {
    let options = ModemOptions { slot: Some(slot), ..hasty() };
    let kind = try_open(modem, &options).err().map(|error| error.kind);
    nothing_is_left(modem, &slot);
    kind
}

#[test]
fn slots() {
    for (quirks, second) in [
        (&[][..], LinkErrorKind::NoCard),
        (&["no-slot-status"], LinkErrorKind::NoSlot),
        (&["no-slot-status=71"], LinkErrorKind::NoSlot),
        (&["no-slot-status=25"], LinkErrorKind::NoSlot),
        (&["logical-slots"], LinkErrorKind::NoCard),
        (&["logical-slots", "no-slot-status"], LinkErrorKind::NoCard),
    ] {
        let modem = start(quirks);
        assert_eq!(kind_of(&modem, 1), None, "{quirks:?}");
        assert_eq!(kind_of(&modem, 2), Some(second), "{quirks:?}");
        assert_eq!(kind_of(&modem, 3), Some(LinkErrorKind::NoSlot), "{quirks:?}");
    }
    assert_eq!(try_open(&Running::start(vec![None], &[]), &hasty()).err().unwrap().kind, LinkErrorKind::NoCard);
}

#[test]
fn an_empty_slot_names_those_with_a_card() {
    for (quirks, slots) in [(&["starts-in-slot=2"][..], vec![1]), (&["starts-in-slot=2", "no-slot-status"], vec![])] {
        let error = try_open(&start(quirks), &hasty()).err().unwrap();
        assert_eq!((error.kind, error.cards_in), (LinkErrorKind::NoCard, slots), "{quirks:?}");
    }
    let error = try_open(&start(&[]), &ModemOptions { slot: Some(2), ..hasty() }).err().unwrap();
    assert_eq!((error.kind, error.cards_in), (LinkErrorKind::NoCard, vec![1]));
}

#[test]
fn another_slot_is_switched_to() {
    let new = NewCard { profiles: NewProfiles::Count(5), ..NewCard::default() };
    let five = || Some(VirtualCard::in_memory(&new).unwrap());
    let profiles = |link: &mut Link| {
        let channel = isd_r(link);
        call(link, channel, &GetProfilesInfo::default()).unwrap().unwrap().len()
    };
    for quirks in [&[][..], &["slow-slot=1500"], &["logical-slots"], &["logical-slots", "no-slot-status"]] {
        let modem = Running::start(vec![five(), None, card()], quirks);
        let third = ModemOptions { slot: Some(3), ..options() };
        assert_eq!(profiles(&mut open(&modem, &third)), 2, "{quirks:?}");
        let several = quirks.contains(&"logical-slots");
        // It stays in use, where there is one at a time.
        assert_eq!(profiles(&mut open(&modem, &options())), if several { 5 } else { 2 }, "{quirks:?}");
        assert_eq!(profiles(&mut open(&modem, &third)), 2, "{quirks:?}");
        nothing_is_left(&modem, &quirks);
    }
}

#[test]
fn garbage_is_told_and_survived() {
    for (quirk, kind) in [
        ("half-frame", TransportErrorKind::Garbage),
        ("huge-frame", TransportErrorKind::Garbage),
        ("noise", TransportErrorKind::Garbage),
        ("endless", TransportErrorKind::Timeout),
    ] {
        let modem = start(&[quirk]);
        let mut link = open(&modem, &hasty());
        let channel = isd_r(&mut link);
        for _ in 0..2 {
            assert_eq!(eid(&mut link, channel).unwrap(), EID, "{quirk}");
        }
        let error = eid(&mut link, channel).unwrap_err();
        assert_eq!((error.kind, error.delivery), (kind, Delivery::Unknown), "{quirk}");
        // What follows is understood again.
        assert_eq!(eid(&mut link, channel).unwrap(), EID, "{quirk}");
        drop(link);
        nothing_is_left(&modem, &quirk);
    }
}

#[test]
fn a_modem_that_falls_silent() {
    let modem = start(&["silent-from=2"]);
    let mut link = open(&modem, &hasty());
    let channel = isd_r(&mut link);
    let error = eid(&mut link, channel).unwrap_err();
    assert_eq!((error.kind, error.delivery), (TransportErrorKind::Timeout, Delivery::Unknown));
    drop(link);
    assert_eq!(modem.modem.clients(), 0);
}

#[test]
fn what_is_no_modem() {
    let open = |path: &str| modem::open(&ModemAddress::Qmi(path.into()), &hasty()).err().unwrap().kind;
    assert_eq!(open("/nowhere"), LinkErrorKind::NoPort);
    assert_eq!(open("/dev/null"), LinkErrorKind::NotAModem);
    assert_eq!(try_open(&start(&["dead"]), &hasty()).err().unwrap().kind, LinkErrorKind::Dead);
    // A line that gives back what it is sent, as a serial port with an echo does; one that speaks AT; one that hisses.
    let echo = running::Running::speaking(<[u8]>::to_vec);
    assert_eq!(open(&echo.port), LinkErrorKind::NotAModem);
    let at = running::Running::speaking(|_| b"\r\nERROR\r\n".to_vec());
    assert_eq!(open(&at.port), LinkErrorKind::NotAModem);
    let zeros = running::Running::speaking(|_| vec![0x01, 0x00, 0x00]);
    assert_eq!(open(&zeros.port), LinkErrorKind::NotAModem);
}

/// Programs that died left their client ids; when all are gone, that is told.
#[test]
fn client_ids_that_leaked() {
    let modem = start(&[]);
    for _ in 0..20 {
        std::mem::forget(open(&modem, &options()));
    }
    assert_eq!(try_open(&modem, &options()).err().unwrap().kind, LinkErrorKind::NoClientId);
    assert_eq!(modem.modem.clients(), 20);
}

#[test]
fn through_the_real_proxy() {
    if programs::is_there("/usr/libexec/qmi-proxy") && programs::is_there("/usr/bin/qmicli") {
        programs::in_namespaces("inside::through_the_real_proxy");
    }
}

/// What has to be alone with its abstract sockets.
mod inside {
    use super::*;

    /// The real qmi-proxy, started by us, serves two of ours and qmicli at a time.
    #[test]
    #[ignore = "is run in namespaces of its own"]
    fn through_the_real_proxy() {
        let modem = Running::start(vec![card(), None], &["chatty"]);
        let mut first = open(&modem, &ModemOptions { proxy: Proxy::Yes, ..options() });
        let of_first = isd_r(&mut first);
        assert_eq!(eid(&mut first, of_first).unwrap(), EID);
        // It runs by now, so that it is used by whoever does not say that it must not be.
        let mut second = open(&modem, &ModemOptions { proxy: Proxy::Auto, ..options() });
        let of_second = isd_r(&mut second);
        assert_ne!(of_first, of_second);
        let port = std::fs::canonicalize(&modem.port).unwrap();
        let mut cli = std::process::Command::new("/usr/bin/qmicli");
        cli.arg("--device").arg(port).args(["--device-open-qmi", "--device-open-proxy", "--uim-get-slot-status"]);
        std::thread::scope(|scope| {
            let told = scope.spawn(move || cli.output().unwrap());
            for (link, channel) in [(&mut first, of_first), (&mut second, of_second)] {
                scope.spawn(move || {
                    for _ in 0..50 {
                        assert_eq!(eid(link, channel).unwrap(), EID);
                        let profiles = call(link, channel, &GetProfilesInfo::default()).unwrap().unwrap();
                        assert_eq!(profiles.len(), 2);
                    }
                });
            }
            let told = String::from_utf8(told.join().unwrap().stdout).unwrap();
            assert!(told.contains(HOME), "{told}");
        });
        assert_eq!(modem.modem.clients(), 2);
        drop(first);
        assert_eq!(modem.modem.clients(), 1);
        assert_eq!(eid(&mut second, of_second).unwrap(), EID);
        drop(second);
        nothing_is_left(&modem, &"the proxy");

        // The proxy hangs up if it cannot open the port.
        let nothing = ModemAddress::Qmi("/dev/null".into());
        let error = modem::open(&nothing, &ModemOptions { proxy: Proxy::Yes, ..hasty() }).err().unwrap();
        assert!(
            matches!(error.kind, LinkErrorKind::ProxyFailed | LinkErrorKind::Dead | LinkErrorKind::Gone),
            "{error}"
        );
    }
}
