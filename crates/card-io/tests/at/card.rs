//! Tests of a modem's reports on its card, and of refusals.

use std::time::{Duration, Instant};

use card_io::Iso7816;
use card_io::modem::{self, ApduForm, Habits, LinkErrorKind, ModemAddress, ModemOptions};
use data_encoding::HEXUPPER;
use sgp22::apdu::{Command, Le, StatusWord};
use sgp22::id::Aid;
use sgp22::transport::{CardSight, Delivery, OpenError, Opening, Patience, Terminal, Transport, TransportErrorKind};
use virtual_euicc::card::NewProfiles;

use super::bench::*;

#[test]
fn what_a_modem_says_of_its_card() {
    let sight = |bench: &Bench, reach: bool| {
        let mut card = bench.raw().unwrap();
        if reach {
            assert!(matches!(card.open(&Aid::isd_r()), Ok(Opening::Open { .. })));
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

fn opening(bench: &Bench, habits: Habits) -> Opening {
    let options = ModemOptions { habits, ..Bench::options() };
    modem::open(&ModemAddress::At(bench.port.clone()), &options).unwrap().open(&Aid::isd_r()).unwrap()
}

#[test]
fn words_about_a_card_are_told_apart() {
    for (words, card) in [
        ("READY", CardSight::Usable),
        ("SIM PIN", CardSight::Locked),
        ("SIM PIN2", CardSight::Usable),
        ("SIM PUK", CardSight::PukRequired),
        ("PH-NET PIN", CardSight::DeviceLocked),
        ("EMPTY_EUICC", CardSight::NoProfile),
        ("NOT READY", CardSight::Starting),
        ("NOT INSERTED", CardSight::Absent),
        ("SIM FAILURE", CardSight::Failed),
        ("SOMETHING NEW", CardSight::Usable),
    ] {
        let quirk = format!("card-state={words}");
        let bench = Bench::new(&[&quirk]);
        let mut raw = bench.raw().unwrap();
        assert!(matches!(raw.open(&Aid::isd_r()), Ok(Opening::Open { .. })));
        let sight = raw.terminal().unwrap().sight().unwrap();
        // The ISD-R was reached: a card that is there and said not to be is an eUICC that a modem has no use for.
        let expected = if matches!(card, CardSight::Absent | CardSight::Failed) { CardSight::NoProfile } else { card };
        assert_eq!(sight.card, expected, "{words}");
        // Where no channel is opened, it explains why. With the form forced nothing is found out before.
        let refusing = Bench::new(&[&quirk, "ccho-parameters"]);
        let habits = Habits { apdu_form: ApduForm::Cgla, ..Habits::default() };
        match (opening(&refusing, habits), card) {
            (Opening::Refused(why), CardSight::Usable) => assert!(why.contains("Parameters error"), "{why}"),
            (Opening::Unusable(told, why), _) => assert_eq!(told, card, "{words}: {why}"),
            (other, _) => panic!("{words}: {other:?}"),
        }
    }
}

/// A card that is not ready is waited for, and not for ever.
#[test]
fn a_card_that_starts_is_waited_for() {
    reads_the_eid(&mut Bench::new(&["not-ready=4"]).card());
    let start = Instant::now();
    let bench = Bench::new(&["not-ready=1000", "no-csim"]);
    let mut raw = bench.raw().unwrap();
    let opening = raw.open(&Aid::isd_r()).unwrap();
    assert!(matches!(opening, Opening::Unusable(CardSight::Starting, _)), "{opening:?}");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    // A modem without a profile says so at once: nothing is waited for.
    let bench = Bench::with_card(&["empty-euicc"], NewProfiles::Count(0), &[]);
    let mut raw = bench.raw().unwrap();
    let sight = raw.terminal().unwrap().sight().unwrap();
    assert_eq!((sight.card, sight.iccid), (CardSight::NoProfile, None));
    let start = Instant::now();
    raw.terminal().unwrap().power_cycle().unwrap();
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    reads_the_eid(&mut Iso7816::new(raw, 120));
}

fn iccid_and_findings(terminal: &mut dyn Terminal) -> (Option<String>, Vec<(&'static str, String)>) {
    let iccid = terminal.sight().unwrap().iccid.map(|iccid| iccid.digits());
    (iccid, terminal.findings())
}

#[test]
fn the_iccid_is_asked_in_every_form_and_the_form_remembered() {
    for command in [
        "AT+QCCID",
        "AT+ICCID",
        "AT+CCID?",
        "AT+CICCID",
        "AT#CCID",
        "AT^ICCID?",
        "AT!ICCID?",
        "AT+SQNCCID?",
        "AT+MCCID",
        "AT+CRSM",
    ] {
        let bench = Bench::new(&[&format!("iccid-command={command}"), "urcs"]);
        let mut raw = bench.raw().unwrap();
        let (iccid, findings) = iccid_and_findings(raw.terminal().unwrap());
        assert_eq!(iccid.as_deref(), Some(FIRST), "{command}");
        let [("iccid_command", found)] = &findings[..] else { panic!("{command}: {findings:?}") };
        assert!(found.starts_with(command), "{found}");
        drop(raw);
        // With what was remembered, it is the only one that is asked: a silent one before it would show.
        let mut learnt = modem::Learnt::default();
        learnt.set("iccid_command", found);
        let mut habits = Habits::default();
        learnt.apply(&mut habits);
        let options = ModemOptions { habits, ..Bench::options() };
        let mut raw = modem::open(&ModemAddress::At(bench.port.clone()), &options).unwrap();
        assert_eq!(iccid_and_findings(raw.terminal().unwrap()), (Some(FIRST.into()), Vec::new()), "{command}");
    }
    // What does not hold any more is found out again; what is usual is not remembered.
    let mut learnt = modem::Learnt::default();
    learnt.set("iccid_command", "AT#CCID");
    let mut habits = Habits::default();
    learnt.apply(&mut habits);
    let bench = Bench::new(&[]);
    let options = ModemOptions { habits, ..Bench::options() };
    let mut raw = modem::open(&ModemAddress::At(bench.port.clone()), &options).unwrap();
    assert_eq!(iccid_and_findings(raw.terminal().unwrap()).0.as_deref(), Some(FIRST));
    drop(raw);
    assert_eq!(iccid_and_findings(bench.raw().unwrap().terminal().unwrap()), (Some(FIRST.into()), Vec::new()));
}

#[test]
fn an_iccid_that_is_not_told_costs_a_bounded_time() {
    let bench = Bench::new(&["iccid-command=none"]);
    let mut raw = bench.raw().unwrap();
    assert_eq!(iccid_and_findings(raw.terminal().unwrap()), (None, Vec::new()));
    // Commands that were not answered are not sent again: once each has had its time, looking takes none. A modem that
    // hangs is left in peace for 300 ms before the next command.
    let bench = Bench::new(&["iccid-command=silent"]);
    let timeouts = card_io::Timeouts { normal: Duration::from_millis(100), ..Bench::options().timeouts };
    let options = ModemOptions { timeouts, ..Bench::options() };
    let mut raw = modem::open(&ModemAddress::At(bench.port.clone()), &options).unwrap();
    let looks = (0..16).map(|_| {
        let start = Instant::now();
        raw.terminal().unwrap().sight().map(|_| start.elapsed())
    });
    let quickest = looks.skip(11).flatten().min().unwrap();
    assert!(quickest < Duration::from_millis(300), "{quickest:?}");
    // A modem that hangs at each: the time for all together ends it.
    let bench = Bench::new(&["iccid-command=silent"]);
    let mut raw = bench.raw().unwrap();
    let start = Instant::now();
    let sight = raw.terminal().unwrap().sight().unwrap();
    assert_eq!((sight.iccid, sight.registered), (None, Some(true)), "the rest is told all the same");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn the_form_of_the_class_byte_is_found_out_by_reading() {
    let finding = |quirks: &[&str], read_first: bool| {
        let bench = Bench::new(quirks);
        let mut card = bench.card();
        let channel = isd_r(&mut card).unwrap();
        if !read_first {
            // Enabling is never tried twice.
            let answer = card.transmit(channel, enable(), Patience::Normal);
            assert!(answer.is_err() || !answer.unwrap().status.is_ok(), "{quirks:?}");
        }
        assert_eq!(eid_on(&mut card, channel), EID, "{quirks:?}");
        card.terminal().unwrap().findings()
    };
    for answer in ["6E00", "6881", "6985", "error"] {
        let quirk = format!("no-channel-in-class={answer}");
        for read_first in [true, false] {
            assert_eq!(finding(&[&quirk], read_first), [("channel_in_class", "false".to_owned())], "{answer}");
        }
    }
    assert_eq!(finding(&["class-as-sent"], true), []);
    assert_eq!(finding(&[], true), []);
    assert_eq!(finding(&["long-session", "no-channel-in-class"], true), []);
    // With a form that is known, the other is not tried.
    let bench = Bench::new(&["no-channel-in-class=error"]);
    let habits = Habits { channel_in_class: Some(true), ..Habits::default() };
    let options = ModemOptions { habits, ..Bench::options() };
    let card = modem::open(&ModemAddress::At(bench.port.clone()), &options).unwrap();
    let mut card = Iso7816::new(card, 120);
    let channel = isd_r(&mut card).unwrap();
    let error = call(&mut card, channel, GET_EID).unwrap_err();
    assert_eq!((error.kind, error.delivery), (TransportErrorKind::Refused, Delivery::NotSent), "{error}");
}

#[test]
fn a_modem_that_opens_no_channel_at_all() {
    let bench = Bench::new(&["no-channels"]);
    match isd_r(&mut bench.card()) {
        Err(OpenError::Refused(why)) => assert_eq!(why, "the modem answers ERROR, and ERROR to AT+CCHO"),
        other => panic!("{other:?}"),
    }
    // The channel that was opened in vain is closed again: there are only so many.
    let bench = Bench::new(&["csim-basic-only", "ccho-parameters"]);
    for _ in 0..5 {
        assert!(matches!(isd_r(&mut bench.card()), Err(OpenError::Refused(_))));
    }
    let bench = Bench::new(&["no-euicc", "names-eid"]);
    let mut raw = bench.raw().unwrap();
    let eids = raw.terminal().unwrap().named_eids().unwrap();
    assert_eq!(eids.iter().map(ToString::to_string).collect::<Vec<_>>(), [EID]);
    assert!(Bench::new(&[]).raw().unwrap().terminal().unwrap().named_eids().unwrap().is_empty());
}

#[test]
fn a_line_without_an_end() {
    let bench = Bench::new(&["endless-line=3"]);
    let mut card = bench.card();
    let channel = isd_r(&mut card).unwrap();
    assert_eq!(eid_on(&mut card, channel), EID);
    let error = call(&mut card, channel, "BF2000").unwrap_err();
    assert_eq!((error.kind, error.delivery), (TransportErrorKind::Garbage, Delivery::Unknown), "{error}");
    assert_eq!(eid_on(&mut card, channel), EID, "the session goes on");
    assert_eq!(Bench::new(&["endless-line=1"]).refusal(), LinkErrorKind::NotAModem);
}

/// A card that has lost its channels refuses what is for them. The other form reaches the basic channel of such a modem,
/// where it is refused for another reason: nothing is learnt of it.
#[test]
fn a_refusal_on_another_channel_says_nothing_of_the_form() {
    let bench = Bench::with_card(&["class-as-sent"], NewProfiles::Sample, &["reply-lost=enable", "channel-lost"]);
    let mut card = bench.card();
    let [first, channel] = [(); 2].map(|()| isd_r(&mut card).unwrap());
    card.transmit(first, enable(), Patience::Normal).unwrap_err();
    let command = Command::new(0x80, 0xE2, 0x91, 0x00).with_data(HEXUPPER.decode(GET_EID.as_bytes()).unwrap());
    let answer = card.transmit(channel, command.with_le(Le::Max), Patience::Normal).unwrap();
    assert_eq!(answer.status, StatusWord::CHANNEL_NOT_SUPPORTED);
    assert_eq!(card.terminal().unwrap().findings(), []);
    let channel = isd_r(&mut card).unwrap();
    assert_eq!(eid_on(&mut card, channel), EID);
}

/// Channels beyond the third are named in another way in the class byte (ISO 7816-4 5.4.1).
#[test]
fn many_channels_on_a_modem_that_leaves_the_class_byte_alone() {
    let bench = Bench::with_card(&["class-as-sent"], NewProfiles::Sample, &["high-channels"]);
    let mut card = bench.card();
    let channels: Vec<_> = (0..6).map(|_| isd_r(&mut card).unwrap()).collect();
    for channel in channels.into_iter().rev() {
        assert_eq!(eid_on(&mut card, channel), EID, "{channel:?}");
    }
}

/// The status by which a card asks for a refresh is left to the host: the switch is done all the same.
#[test]
fn a_switch_that_ends_with_910b() {
    let bench = Bench::with_card(&["returns-91xx"], NewProfiles::Sample, &["91xx"]);
    let mut card = bench.card();
    let channel = isd_r(&mut card).unwrap();
    let answer = card.transmit(channel, enable(), Patience::Normal).unwrap();
    assert_eq!((answer.status.0, answer.status.is_ok()), (0x910B, true));
    let sight = card.terminal().unwrap().sight().unwrap();
    assert_eq!(sight.iccid.map(|iccid| iccid.digits()).as_deref(), Some(SECOND));
    card.reset().unwrap();
    reads_the_eid(&mut card);
}
