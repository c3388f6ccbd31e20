//! The AT driver against the virtual modem over a pseudo-terminal: how it copes with each deviation, and what it tells
//! of each thing that goes wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod bench;
mod card;

use bench::*;
use card_io::Iso7816;
use card_io::modem::{self, ApduForm, Habits, LinkErrorKind, ModemAddress, ModemOptions};
use data_encoding::HEXUPPER;
use sgp22::apdu::{Command, StatusWord};
use sgp22::id::Aid;
use sgp22::transport::{
    CardSight, Channel, ChannelKeeper, Delivery, OpenError, Patience, RawCard, Transport, TransportError,
    TransportErrorKind,
};
use virtual_euicc::card::NewProfiles;

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
        &["class-as-sent"],
        &["class-as-sent", "fetches-answers"],
        &["no-channel-in-class"],
        &["no-channel-in-class=6881"],
        &["no-channel-in-class=error"],
        &["no-channel-in-class=error", "plain-errors"],
        &["long-session", "no-channel-in-class"],
        &["no-blank"],
        &["not-ready"],
        &["cchc-error", "bare-session"],
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
    assert_eq!((error.kind, error.delivery), (TransportErrorKind::Refused, Delivery::Unknown), "{error}");
    assert_eq!(eid_on(&mut card, channel), EID, "the session goes on");
    let csim = modem::open(&ModemAddress::AtCsim(bench.port.clone()), &Bench::options()).unwrap();
    let mut card = Iso7816::new(csim, 120);
    let channel = isd_r(&mut card).unwrap();
    send(&mut card, channel).unwrap();
}

#[test]
fn what_is_told_where_nothing_can_be_reached() {
    assert_eq!(Bench::with_virtual_card(None, &[]).refusal(), LinkErrorKind::NoCard);
    // One that tells no reasons leaves it open until an application is wanted.
    let silent = Bench::with_virtual_card(None, &["plain-errors", "no-csim"]);
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
