//! The MBIM driver against a virtual modem at a port: each way to depart from a well-behaved modem, and bad input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "../../virtual/tests/common/programs.rs"]
mod programs;
#[path = "../../virtual/tests/common/running.rs"]
mod running;

use std::time::Duration;

use card_io::modem::{
    self, ClassByte, Habits, LinkError, LinkErrorKind, ModemAddress, ModemOptions, Proxy, SlotEvent, SlotObserver,
    SlotSwitch,
};
use card_io::{Iso7816, Timeouts};
use common::{active_slots, observe_slots};
use running::{EID, HOME, Running, TRAVEL, card};
use sgp22::apdu::StatusWord;
use sgp22::es10c::{EnableProfile, GetEid, GetProfilesInfo, ProfileRef};
use sgp22::id::Aid;
use sgp22::transport::{
    CardSight, Channel, Delivery, ModemRefusal, OpenError, Patience, RawCard, RefusalReason, Transport, TransportError,
    TransportErrorKind,
};
use sgp22::{Function, store_data};
use virtual_euicc::card::{NewCard, NewProfiles, Quirks, VirtualCard};
use virtual_euicc::modem::{Language, ModemQuirk};

type Link = Iso7816<Box<dyn RawCard + Send>>;

fn start(quirks: &[&str]) -> Running {
    Running::start(Language::Mbim, vec![card(), None], quirks, false)
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

fn with(habits: Habits) -> ModemOptions {
    ModemOptions { habits, ..options() }
}

fn try_open(modem: &Running, options: &ModemOptions) -> Result<Link, LinkError> {
    reach(&ModemAddress::Mbim(modem.port.clone().into()), options)
}

fn reach(address: &ModemAddress, options: &ModemOptions) -> Result<Link, LinkError> {
    Ok(Iso7816::new(modem::open(address, options)?, 255))
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

/// Everything that a command needs: open, ask, close, and again.
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
}

fn refused(quirks: &[&str], options: &ModemOptions) -> OpenError {
    let modem = start(quirks);
    open(&modem, options).open_channel(&[Aid::isd_r()]).unwrap_err()
}

#[test]
fn a_well_behaved_modem() {
    works(&[], &options());
}

/// A card that asks for a refresh after a switch.
fn refreshing() -> Option<VirtualCard> {
    let quirks = Quirks::of(vec!["91xx".parse().unwrap()]);
    Some(VirtualCard::in_memory(&NewCard { eid: Some(EID.parse().unwrap()), quirks, ..NewCard::default() }).unwrap())
}

#[test]
fn what_the_modem_sees() {
    let modem = Running::start(Language::Mbim, vec![refreshing()], &[], false);
    let mut link = open(&modem, &options());
    let identity = link.terminal().unwrap().identity().unwrap();
    assert_eq!(identity.model, "Virtual MBIM modem");
    assert!(identity.firmware.starts_with("esimctl "));
    let sight = link.terminal().unwrap().sight().unwrap();
    assert_eq!((sight.card, sight.registered), (CardSight::Usable, Some(true)));
    assert_eq!(sight.iccid, Some(HOME.parse().unwrap()));

    let channel = isd_r(&mut link);
    let enable = EnableProfile { profile: ProfileRef::Iccid(TRAVEL.parse().unwrap()), refresh: true, port: None };
    call(&mut link, channel, &enable).unwrap();
    // The card started the modem's side of it anew, so that the channel is gone; the modem itself says so.
    let error = eid(&mut link, channel).unwrap_err();
    assert_eq!((error.kind, error.delivery), (TransportErrorKind::ResetByOther, Delivery::NotSent));
    assert_eq!(link.terminal().unwrap().sight().unwrap().iccid, Some(TRAVEL.parse().unwrap()));
    let channel = isd_r(&mut link);
    assert_eq!(eid(&mut link, channel).unwrap(), EID);
}

/// MBIM tells no manufacturer.
#[test]
fn a_modem_says_who_it_is() {
    let modem = start(&["identity=Fibocom/L850-GL/18500.5001"]);
    let identity = open(&modem, &options()).terminal().unwrap().identity().unwrap();
    let told = [&identity.manufacturer, &identity.model, &identity.firmware];
    assert_eq!(told, ["", "L850-GL", "18500.5001"]);
}

#[test]
fn a_modem_that_ignores_a_switch_sees_it_after_a_power_cycle() {
    let modem = Running::start(Language::Mbim, vec![refreshing()], &["ignores-switch"], false);
    let mut link = open(&modem, &options());
    let channel = isd_r(&mut link);
    let enable = EnableProfile { profile: ProfileRef::Iccid(TRAVEL.parse().unwrap()), refresh: true, port: None };
    call(&mut link, channel, &enable).unwrap();
    assert_eq!(link.terminal().unwrap().sight().unwrap().iccid, Some(HOME.parse().unwrap()));
    link.terminal().unwrap().power_cycle().unwrap();
    assert_eq!(link.terminal().unwrap().sight().unwrap().iccid, Some(TRAVEL.parse().unwrap()));
}

#[test]
fn what_is_found_out_by_itself() {
    for quirks in [
        &["returns-61xx"][..],
        &["fetches-answers"],
        &["fragments=64"],
        &["fragments=64", "chatty", "foreign-answers"],
        &["foreign-answers"],
        &["chatty"],
        &["busy-once"],
        &["needs-close"],
        &["needs-le"],
        &["empty-without-le"],
        &["interindustry-6e00"],
        &["interindustry-6e00", "returns-61xx"],
        &["slot-mapping-refused"],
        &["no-slot-mapping"],
        &["slot-mapping-hangs"],
        &["slot-ids"],
        &["status-zero"],
        &["wants-terminal-capability"],
        &["no-reset"],
        &["sim-busy=3"],
        &["pin-locked"],
        &["latency=5"],
        // What is no download is answered; one is played in `esimctl/tests/mbim.rs`.
        &["load-unanswered"],
    ] {
        works(quirks, &options());
    }
}

/// What nobody can find out without harm, or without waiting long, is a habit that is told.
#[test]
fn what_a_habit_helps_with() {
    let p2 = Habits { select_p2: 0x0C, ..Habits::default() };
    assert_eq!(refused(&["select-p2-0c"], &options()), OpenError::NotFound(StatusWord::WRONG_P1_P2));
    works(&["select-p2-0c"], &with(p2.clone()));

    let extended = Habits { class_byte: ClassByte::Extended, ..Habits::default() };
    // The modem leaves GET RESPONSE to us, which is of no extended class.
    let quirks = &["extended-class", "returns-61xx"];
    works(quirks, &with(extended.clone()));
    let modem = Running::start(Language::Mbim, vec![big_card()], quirks, false);
    let mut link = open(&modem, &options());
    let channel = isd_r(&mut link);
    assert!(call(&mut link, channel, &GetProfilesInfo::default()).is_err());
    drop(link);
    let mut link = open(&modem, &with(extended.clone()));
    let channel = isd_r(&mut link);
    assert_eq!(call(&mut link, channel, &GetProfilesInfo::default()).unwrap().unwrap().len(), 40);

    let no_mapping = Habits { slot_mapping: false, ..Habits::default() };
    let hanging = |habits| ModemOptions { slot: Some(1), habits, ..hasty() };
    let modem = start(&["slot-mapping-hangs"]);
    let error = try_open(&modem, &hanging(Habits::default())).err().unwrap();
    assert_eq!(error.kind, LinkErrorKind::Dead);
    assert!(try_open(&modem, &hanging(no_mapping)).is_ok());

    works(&["wants-terminal-capability"], &with(Habits { terminal_capability: Some(true), ..Habits::default() }));
    let l850 = Habits { slot_mapping: false, ..Habits { select_p2: 0x0C, ..extended } };
    works(&["extended-class", "select-p2-0c", "needs-le", "slot-mapping-hangs"], &with(l850));
}

/// Forty profiles: a list of several kilobytes.
fn big_card() -> Option<VirtualCard> {
    let new = NewCard { eid: Some(EID.parse().unwrap()), profiles: NewProfiles::Count(40), ..NewCard::default() };
    Some(VirtualCard::in_memory(&new).unwrap())
}

#[test]
fn long_answers() {
    for quirks in [&[][..], &["returns-61xx"], &["fragments=64"]] {
        let modem = Running::start(Language::Mbim, vec![big_card()], quirks, false);
        let mut link = open(&modem, &options());
        let channel = isd_r(&mut link);
        let request = GetProfilesInfo::default();
        assert_eq!(call(&mut link, channel, &request).unwrap().unwrap().len(), 40, "{quirks:?}");
    }
}

#[test]
fn refusals_are_told() {
    let refusal = OpenError::RefusedByModem(ModemRefusal {
        reason: RefusalReason::SelectFailed,
        words: "MBIM status SelectFailed".into(),
    });
    assert_eq!(refused(&["select-fails"], &options()), refusal);
    // Here the card's own word comes with it.
    assert_eq!(refused(&["no-euicc"], &options()), OpenError::NotFound(StatusWord::NOT_FOUND));
    match refused(&["open-fails"], &options()) {
        OpenError::Refused(why) => assert!(why.contains("failure"), "{why}"),
        other => panic!("{other:?}"),
    }
    match refused(&["command-refused=1"], &options()) {
        OpenError::RefusedByModem(refusal) => assert_eq!(refusal.reason, RefusalReason::Denied),
        other => panic!("{other:?}"),
    }
    let busy = refused(&["sim-busy=1000"], &hasty());
    assert_eq!(busy, OpenError::Unusable(CardSight::Starting, "MBIM status 1: busy".into()));
    let modem = start(&["no-uicc-access"]);
    assert_eq!(try_open(&modem, &options()).err().unwrap().kind, LinkErrorKind::NoApdus);
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
fn a_modem_that_selects_nothing_after_a_switch() {
    let modem = Running::start(Language::Mbim, vec![refreshing(), None], &["select-fails=after-switch"], false);
    let mut link = open(&modem, &options());
    let channel = isd_r(&mut link);
    let enable = EnableProfile { profile: ProfileRef::Iccid(TRAVEL.parse().unwrap()), refresh: true, port: None };
    call(&mut link, channel, &enable).unwrap();
    link.reset().unwrap();
    match link.open_channel(&[Aid::isd_r()]) {
        Err(OpenError::RefusedByModem(refusal)) => assert_eq!(refusal.reason, RefusalReason::SelectFailed),
        other => panic!("{other:?}"),
    }
}

#[test]
fn switches_of_slots_are_told_and_can_be_undone() {
    let modem = Running::start(Language::Mbim, vec![card(), None, big_card()], &[], false);
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
    // The card in the third slot does not start: the modem is switched back at once.
    let modem = Running::start(Language::Mbim, vec![card(), None, big_card()], &["subscriber=3"], false);
    let (third, events) = observe_slots(&ModemOptions { slot: Some(3), ..hasty() });
    assert_eq!(try_open(&modem, &third).err().unwrap().kind, LinkErrorKind::CardFailed);
    assert_eq!(*events.lock().unwrap(), [switching.clone(), SlotEvent::Restored]);
    // A modem that refuses is as it was.
    let quirks = &["slot-switch-refused"];
    let modem = Running::start(Language::Mbim, vec![card(), None, big_card()], quirks, false);
    let (third, events) = observe_slots(&ModemOptions { slot: Some(3), ..hasty() });
    let error = try_open(&modem, &third).err().unwrap();
    assert_eq!(error.kind, LinkErrorKind::SlotRefused, "{error}");
    assert_eq!(*events.lock().unwrap(), [switching, SlotEvent::Refused]);
    assert_eq!(active_slots(&mut open(&modem, &options())), [1]);
}

fn kind_of(modem: &Running, slot: u8) -> Option<LinkErrorKind> {
    let options = ModemOptions { slot: Some(slot), ..hasty() };
    try_open(modem, &options).err().map(|error| error.kind)
}

#[test]
fn slots() {
    let modem = start(&[]);
    assert_eq!(kind_of(&modem, 1), None);
    assert_eq!(kind_of(&modem, 2), Some(LinkErrorKind::NoCard));
    assert_eq!(kind_of(&modem, 3), Some(LinkErrorKind::NoSlot));
    assert_eq!(kind_of(&start(&["slot-mapping-refused"]), 1), None, "it goes on with the slot in use");
    for quirk in ["no-slot-mapping", "slot-mapping-hangs", "slot-mapping-refused"] {
        let modem = start(&[quirk]);
        let habits = Habits { slot_mapping: quirk != "slot-mapping-hangs", ..Habits::default() };
        let error = try_open(&modem, &ModemOptions { slot: Some(2), habits, ..hasty() }).err().unwrap();
        assert_eq!(error.kind, LinkErrorKind::NoSlot, "{quirk}");
    }
}

/// Number, in use, card in it, eUICC.
fn told_slots(modem: &Running, options: &ModemOptions) -> Vec<(u8, bool, Option<bool>, Option<bool>)> {
    let slots = open(modem, options).terminal().unwrap().slots().unwrap();
    slots.iter().map(|slot| (slot.number, slot.active, slot.present, slot.euicc)).collect()
}

#[test]
fn the_slots_are_told() {
    let modem = Running::start(Language::Mbim, vec![card(), None, big_card()], &[], false);
    let used = (1, true, Some(true), Some(true));
    // Of a card that it does not use, a modem tells no more than that it is there.
    assert_eq!(told_slots(&modem, &options()), [used, (2, false, Some(false), None), (3, false, Some(true), None)]);
    // It has not switched for that.
    assert_eq!(told_slots(&modem, &options())[0], used);
    let third = told_slots(&modem, &ModemOptions { slot: Some(3), ..options() });
    let (first, third) = ((third[0].1, third[0].3), (third[2].1, third[2].3));
    assert_eq!((first, third), ((false, None), (true, Some(true))));
    // One that tells nothing of mappings still tells how each slot is.
    assert_eq!(told_slots(&start(&["no-slot-mapping"]), &options()), [used, (2, false, Some(false), None)]);
    let ordinary = told_slots(&start(&["no-euicc"]), &options());
    assert_eq!(ordinary[0], (1, true, Some(true), Some(false)));
    // Where asking for the mapping has to be left out, no slots are asked about.
    let habits = Habits { slot_mapping: false, ..Habits::default() };
    assert_eq!(told_slots(&start(&["slot-mapping-hangs"]), &with(habits)), []);
}

#[test]
fn an_empty_slot_names_those_with_a_card() {
    for (quirk, slots) in [("starts-in-slot=2", vec![1, 3]), ("no-slots", vec![])] {
        let cards = if slots.is_empty() { vec![None, None] } else { vec![card(), None, big_card()] };
        let modem = Running::start(Language::Mbim, cards, &[quirk], false);
        let error = try_open(&modem, &hasty()).err().unwrap();
        assert_eq!((error.kind, error.cards_in), (LinkErrorKind::NoCard, slots), "{quirk}");
    }
    let error = try_open(&start(&[]), &ModemOptions { slot: Some(2), ..hasty() }).err().unwrap();
    assert_eq!((error.kind, error.cards_in), (LinkErrorKind::NoCard, vec![1]));
}

#[test]
fn a_modem_without_the_extensions_tells_no_slots() {
    assert_eq!(told_slots(&start(&["no-slots"]), &options()), []);
}

#[test]
fn another_slot_is_switched_to() {
    for quirks in [&[][..], &["slow-slot=1500"], &["slot-ids"]] {
        let modem = Running::start(Language::Mbim, vec![big_card(), None, card()], quirks, false);
        let mut link = open(&modem, &ModemOptions { slot: Some(3), ..options() });
        assert_eq!(link.terminal().unwrap().sight().unwrap().iccid, Some(HOME.parse().unwrap()));
        let channel = isd_r(&mut link);
        assert_eq!(call(&mut link, channel, &GetProfilesInfo::default()).unwrap().unwrap().len(), 2, "{quirks:?}");
        drop(link);
        // It stays in use.
        let mut link = open(&modem, &options());
        let channel = isd_r(&mut link);
        assert_eq!(call(&mut link, channel, &GetProfilesInfo::default()).unwrap().unwrap().len(), 2, "{quirks:?}");
    }
}

#[test]
fn states_of_the_card() {
    for (state, error) in [
        (0, Some(LinkErrorKind::CardStarting)),
        (1, None),
        (2, Some(LinkErrorKind::NoCard)),
        (3, Some(LinkErrorKind::CardFailed)),
        (4, Some(LinkErrorKind::CardFailed)),
        (5, None),
        (6, None),
        (7, None),
    ] {
        let modem = start(&[&format!("subscriber={state}")]);
        let opened = try_open(&modem, &hasty());
        assert_eq!(opened.as_ref().err().map(|error| error.kind), error, "state {state}");
        if let Some(error) = opened.as_ref().err().filter(|error| error.kind != LinkErrorKind::NoCard) {
            let name = ["not initialized", "", "", "bad SIM", "failure"][state];
            assert_eq!(error.detail, format!("subscriber ready state {state}: {name}"));
        }
        let Ok(mut link) = opened else { continue };
        let channel = isd_r(&mut link);
        assert_eq!(eid(&mut link, channel).unwrap(), EID);
        let sight = link.terminal().unwrap().sight().unwrap().card;
        let expected = match state {
            5 => CardSight::NotActivated,
            6 => CardSight::Locked,
            7 => CardSight::NoProfile,
            _ => CardSight::Usable,
        };
        assert_eq!(sight, expected, "state {state}");
    }
}

#[test]
fn a_program_that_died_left_channels() {
    for quirks in [&[][..], &["stale-channels"], &["slot-ids"]] {
        let modem = start(quirks);
        for _ in 0..25 {
            let mut link = open(&modem, &options());
            let channel = isd_r(&mut link);
            assert_eq!(eid(&mut link, channel).unwrap(), EID, "{quirks:?}");
            // Neither the channel nor the device is closed.
            std::mem::forget(link);
        }
    }
}

/// Opens the ISD-R and asks until it goes wrong: at the third APDU.
fn third_apdu(quirk: &str) -> (TransportError, Link, Running) {
    let modem = start(&[quirk]);
    let mut link = open(&modem, &hasty());
    let channel = isd_r(&mut link);
    for _ in 0..2 {
        assert_eq!(eid(&mut link, channel).unwrap(), EID, "{quirk}");
    }
    let error = eid(&mut link, channel).unwrap_err();
    (error, link, modem)
}

#[test]
fn garbage_is_told_and_survived() {
    for (quirk, kind) in [
        ("half-frame", TransportErrorKind::Garbage),
        ("huge-frame", TransportErrorKind::Garbage),
        ("endless", TransportErrorKind::Timeout),
    ] {
        let (error, mut link, _modem) = third_apdu(quirk);
        assert_eq!((error.kind, error.delivery), (kind, Delivery::Unknown), "{quirk}");
        // What follows is understood again.
        link.reset().unwrap();
        let channel = isd_r(&mut link);
        assert_eq!(eid(&mut link, channel).unwrap(), EID, "{quirk}");
    }
}

#[test]
fn fragments_in_disorder() {
    let modem = start(&["disordered-fragments"]);
    let error = try_open(&modem, &hasty()).err().unwrap();
    assert_eq!(error.kind, LinkErrorKind::Failed);
    assert!(error.detail.contains("fragment 2 of"), "{error}");
}

#[test]
fn what_is_no_modem() {
    let open = |path: &str| modem::open(&ModemAddress::Mbim(path.into()), &hasty()).err().unwrap().kind;
    assert_eq!(open("/nowhere"), LinkErrorKind::NoPort);
    assert_eq!(open("/dev/null"), LinkErrorKind::NotAModem);
    assert_eq!(try_open(&start(&["dead"]), &hasty()).err().unwrap().kind, LinkErrorKind::Dead);
    // A line that gives back what it is sent, as a serial port with an echo does.
    let echo = Running::speaking(<[u8]>::to_vec);
    assert_eq!(open(&echo.port), LinkErrorKind::NotAModem);
}

#[test]
fn a_modem_of_another_kind() {
    let modem = Running::speaking(|_| b"\r\nERROR\r\n".to_vec());
    assert_eq!(try_open(&modem, &hasty()).err().unwrap().kind, LinkErrorKind::NotAModem);
}

#[test]
fn a_modem_that_leaves() {
    let mut modem = start(&[]);
    let mut link = open(&modem, &hasty());
    let channel = isd_r(&mut link);
    modem.unplug();
    let error = eid(&mut link, channel).unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::DeviceGone);
    // There is nothing left to close.
    link.close_channel(channel).unwrap();
}

#[test]
fn a_profile_without_coverage() {
    let modem = Running::start(Language::Mbim, vec![refreshing()], &["never-registers"], false);
    let mut link = open(&modem, &options());
    assert_eq!(link.terminal().unwrap().sight().unwrap().registered, Some(true));
    let channel = isd_r(&mut link);
    let enable = EnableProfile { profile: ProfileRef::Iccid(TRAVEL.parse().unwrap()), refresh: true, port: None };
    call(&mut link, channel, &enable).unwrap();
    assert_eq!(link.terminal().unwrap().sight().unwrap().registered, Some(false));
}

#[test]
fn a_modem_that_leaves_amid_a_command() {
    let modem = start(&["unplugged=2"]);
    let mut link = open(&modem, &hasty());
    let channel = isd_r(&mut link);
    let error = eid(&mut link, channel).unwrap_err();
    assert_eq!((error.kind, error.delivery), (TransportErrorKind::DeviceGone, Delivery::Unknown));
}

/// A modem that leaves the bus, and comes back at the same port; the card tells then what became of the command.
#[test]
fn a_modem_that_leaves_and_comes_back() {
    let directory = std::env::temp_dir().join(format!("mbim-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    for (quirk, delivery) in [("vanishes-before=3", Delivery::Unknown), ("vanishes-after=3", Delivery::Unknown)] {
        let port = directory.join(quirk);
        let modem = Running::at(Language::Mbim, vec![card()], &[quirk], &port);
        let mut link = open(&modem, &options());
        let channel = isd_r(&mut link);
        assert_eq!(eid(&mut link, channel).unwrap(), EID);
        let error = eid(&mut link, channel).unwrap_err();
        assert_eq!((error.kind, error.delivery), (TransportErrorKind::DeviceGone, delivery), "{quirk}");
        assert_eq!(link.terminal().unwrap().sight().unwrap().iccid, Some(HOME.parse().unwrap()), "{quirk}");
        let channel = isd_r(&mut link);
        assert_eq!(eid(&mut link, channel).unwrap(), EID, "{quirk}");
    }
    let port = directory.join("reenumerates");
    let modem = Running::at(Language::Mbim, vec![refreshing()], &["reenumerates=300"], &port);
    let mut link = open(&modem, &options());
    let channel = isd_r(&mut link);
    let enable = EnableProfile { profile: ProfileRef::Iccid(TRAVEL.parse().unwrap()), refresh: true, port: None };
    assert_eq!(call(&mut link, channel, &enable).unwrap_err().delivery, Delivery::Unknown);
    assert_eq!(link.terminal().unwrap().sight().unwrap().iccid, Some(TRAVEL.parse().unwrap()));
    drop((link, modem));
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_modem_that_falls_silent() {
    let modem = start(&["silent-from=3"]);
    let mut link = open(&modem, &hasty());
    let channel = isd_r(&mut link);
    assert_eq!(eid(&mut link, channel).unwrap(), EID);
    let error = eid(&mut link, channel).unwrap_err();
    assert_eq!((error.kind, error.delivery), (TransportErrorKind::Timeout, Delivery::Unknown));
}

/// `qmi:` at a port where QMI travels inside of MBIM.
#[test]
fn qmi_inside_of_mbim() {
    for quirks in [&["carries-qmi"][..], &["carries-qmi", "fragments=64", "chatty"]] {
        let modem = Running::start(Language::Mbim, vec![big_card(), None, card()], quirks, false);
        let address = ModemAddress::Qmi(modem.port.clone().into());
        let mut link = reach(&address, &ModemOptions { slot: Some(3), ..options() }).unwrap();
        for _ in 0..2 {
            let channel = isd_r(&mut link);
            assert_eq!(eid(&mut link, channel).unwrap(), EID);
            let profiles = call(&mut link, channel, &GetProfilesInfo::default()).unwrap().unwrap();
            assert_eq!(profiles.len(), 2, "{quirks:?}");
            link.reset().unwrap();
        }
        assert_eq!(link.terminal().unwrap().sight().unwrap().iccid, Some(HOME.parse().unwrap()));
    }
    let modem = start(&[]);
    let error = reach(&ModemAddress::Qmi(modem.port.clone().into()), &hasty()).err().unwrap();
    assert_eq!(error.kind, LinkErrorKind::NotAModem);
}

/// Through the real mbim-proxy to a modem at a port: the proxy is started by us, and serves two of ours and mbimcli.
#[test]
#[ignore = "is run in namespaces of its own by the one below"]
fn inside_through_the_real_proxy() {
    let modem = Running::start(Language::Mbim, vec![refreshing(), None], &["chatty", "fragments=256"], false);
    let through = ModemOptions { proxy: Proxy::Yes, ..options() };
    let mut first = open(&modem, &through);
    let of_first = isd_r(&mut first);
    assert_eq!(eid(&mut first, of_first).unwrap(), EID);
    // It runs by now, so that it is used by whoever does not say that it must not be.
    let mut second = open(&modem, &ModemOptions { proxy: Proxy::Auto, ..options() });
    let of_second = isd_r(&mut second);
    assert_ne!(of_first, of_second);

    let mut cli = std::process::Command::new("/usr/bin/mbimcli");
    cli.args(["--device", &modem.port, "--device-open-proxy", "--query-subscriber-ready-status"]);
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
        assert!(told.contains("'initialized'") && told.contains(HOME), "{told}");
    });

    // What one of them leaves open stays open in the modem, and can be closed by whoever comes next.
    second.close_channel(of_second).unwrap();
    drop(second);
    first.reset().unwrap();
    let of_first = isd_r(&mut first);
    let enable = EnableProfile { profile: ProfileRef::Iccid(TRAVEL.parse().unwrap()), refresh: true, port: None };
    call(&mut first, of_first, &enable).unwrap();
    assert_eq!(first.terminal().unwrap().sight().unwrap().iccid, Some(TRAVEL.parse().unwrap()));
    assert_eq!(eid(&mut first, of_first).unwrap_err().kind, TransportErrorKind::ResetByOther);
}

#[test]
fn through_the_real_proxy() {
    if programs::is_there("/usr/libexec/mbim-proxy") && programs::is_there("/usr/bin/mbimcli") {
        programs::in_namespaces("inside_through_the_real_proxy");
    }
}

/// Channels that programs of ours left open through a proxy, which closes nothing.
#[test]
#[ignore = "is run in namespaces of its own by the one below"]
fn inside_channels_left_through_a_proxy() {
    let modem = Running::start(Language::Mbim, vec![card()], &[], true);
    for _ in 0..25 {
        let mut link = open(&modem, &ModemOptions { proxy: Proxy::Auto, ..options() });
        let channel = isd_r(&mut link);
        assert_eq!(eid(&mut link, channel).unwrap(), EID);
        std::mem::forget(link);
    }
}

#[test]
fn channels_left_through_a_proxy() {
    programs::in_namespaces("inside_channels_left_through_a_proxy");
}

/// Each way to depart from a well-behaved modem that is about MBIM has its place in this file.
#[test]
fn every_quirk_is_tried() {
    let here = include_str!("mbim.rs");
    for quirk in ModemQuirk::ALL.iter().filter(|quirk| Language::Mbim.has(**quirk)) {
        let entry = quirk.describe();
        let named = here.contains(&format!("\"{}\"", entry.name)) || here.contains(&format!("\"{}=", entry.name));
        assert!(named, "{} is tried nowhere", entry.name);
    }
}
