//! The files of the enabled profile at their wire: selecting, reading, PIN.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use data_encoding::HEXUPPER;
use sgp22::transport::{Patience, RawCard};
use virtual_euicc::card::{CardShelf, NewCard, NewProfile, NewProfiles, Quirks, VirtualCard};
use virtual_euicc::pki::Pki;

const EID: &str = "89049032123451234512345678901235";
/// The first profile's number, 8999934567890120011, as EF.ICCID has it.
const ICCID: &str = "989939547698100210F1";
const USIM: &str = "A0000000871002FFFFFFFF8903020000";

fn new(quirks: &[&str], pin: &str) -> NewCard {
    let quirks = Quirks::of(quirks.iter().map(|quirk| quirk.parse().unwrap()).collect());
    let first = NewProfile { enabled: true, pin: pin.into(), ..NewProfile::named("Example Mobile", "Flat 20 GB") };
    let profiles = NewProfiles::These(vec![first, NewProfile::named("Wanderer", "Europe 30 days")]);
    NewCard { eid: Some(EID.parse().unwrap()), profiles, quirks, ..NewCard::default() }
}

fn card(quirks: &[&str], pin: &str) -> VirtualCard {
    VirtualCard::in_memory(&new(quirks, pin)).unwrap()
}

fn send(card: &mut VirtualCard, command: &str) -> String {
    let answer = card.transmit(&HEXUPPER.decode(command.as_bytes()).unwrap(), Patience::Normal).unwrap();
    HEXUPPER.encode(&answer)
}

/// Each command with its answer; one that ends in `*` is a beginning.
fn talk(card: &mut VirtualCard, lines: &[(&str, &str)]) {
    for (command, expected) in lines {
        let answer = send(card, command);
        match expected.strip_suffix('*') {
            Some(start) => assert!(answer.starts_with(start), "{command}: {answer}"),
            None => assert_eq!(answer, *expected, "{command}"),
        }
    }
}

#[test]
fn what_select_says_of_files() {
    let mut card = card(&[], "");
    talk(
        &mut card,
        &[
            // MF, and EF.ICCID below it: transparent, 10 bytes, short identifier 2.
            ("00A40004023F0000", "621D8202782183023F00A5038001718A01058B032F0601C6069001008301019000"),
            ("00A40004022FE200", "62178202412183022FE28A01058B032F06018002000A8801109000"),
            ("00A4000C022FE2", "9000"),
            ("00B000000A", &format!("{ICCID}9000")),
            ("00B0000000", &format!("{ICCID}9000")),
            ("00B000080200", "6700"),
            ("00B0000802", "10F19000"),
            ("00B000000B", "6C0A"),
            ("00B0000A01", "6B00"),
            ("00B0820004", "989939549000"),
            ("00B2010426", "6981"),
            // EF.DIR: one record of 38 bytes.
            ("00A40804022F0000", "621A8205422100260183022F008A01058B032F0601800200268801F09000"),
            ("00B2010426", &format!("61184F10{USIM}50045553494DFFFFFFFFFFFFFFFFFFFFFFFF9000")),
            ("00B2010400", &format!("61184F10{USIM}50045553494DFFFFFFFFFFFFFFFFFFFFFFFF9000")),
            ("00B2010420", "6C26"),
            ("00B2020426", "6A83"),
            ("00B0000001", "6981"),
            ("00A40104022F00", "6A86"),
            ("00A40001022F00", "6A86"),
            ("00A400040111", "6700"),
            ("00A40804046F077F10", "6A82"),
        ],
    );
}

#[test]
fn the_usim_is_an_application_of_its_channel() {
    let mut card = card(&[], "");
    talk(
        &mut card,
        &[
            ("00A40804047FFF6F07", "6A82"),
            ("00B0000001", "6986"),
            ("0070000001", "019000"),
            ("01A4040407A000000087100200", "622B*"),
            ("01A40804047FFF6F0700", "62*"),
            // 999-01 and the last ten digits of the ICCID, with odd parity.
            ("01B0000009", "0899991087092100119000"),
            ("01A40804047FFF6FAD00", "62*"),
            ("01B0000004", "000000029000"),
            ("00A40804047FFF6F07", "6A82"),
            // Step by step: DF.TELECOM is not below the USIM, but beside it.
            ("01A4000C027F10", "9000"),
            ("01A4000C026F3A", "9000"),
            ("01B201042200", "6700"),
            ("01B2010422", "416E6E612042656973706965*"),
            ("01B2000222", "416E6E61*"),
            ("01B2000222", "4D7E6C6C657220*"),
            ("01B2000222", "80738B5C0F660E*"),
            ("01B2000322", "4D7E6C6C657220*"),
            ("01B2000422", "4D7E6C6C657220*"),
            ("01A4000C027FFF", "9000"),
            // The ISD-R on a channel of its own knows nothing of it.
            ("0070000001", "029000"),
            ("02A4040C10A0000005591010FFFFFFFF8900000100", "9000"),
            ("02B0000001", "6D00"),
            ("82E2910006BF3E035C015A00", "BF3E125A10890490321234512345123456789012359000"),
            ("01B0870009", "0899991087092100119000"),
        ],
    );
}

#[test]
fn without_an_enabled_profile_there_are_no_files() {
    let profiles = NewProfiles::These(vec![NewProfile::named("Wanderer", "Europe 30 days")]);
    let mut card = VirtualCard::in_memory(&NewCard { profiles, ..NewCard::default() }).unwrap();
    talk(
        &mut card,
        &[
            ("00A40004023F00", "6A82"),
            ("00A40004022F00", "6A82"),
            ("00A4040407A0000000871002", "6A82"),
            ("00B0000001", "6D00"),
        ],
    );
}

#[test]
fn the_files_go_with_the_profile() {
    let mut card = card(&[], "1234");
    let second = HEXUPPER.encode(card.state().euiccs[0].profiles[1].iccid.as_bytes());
    talk(
        &mut card,
        &[
            ("00A4000C022FE2", "9000"),
            ("002000010831323334FFFFFFFF", "9000"),
            ("0070000001", "019000"),
            ("01A4040C10A0000005591010FFFFFFFF8900000100", "9000"),
            (&format!("81E2910014BF3111A00C5A0A{second}8101FF00"), "BF31038001009000"),
            // What was selected is no more.
            ("00B000000A", "6986"),
            ("00A4000C022FE2", "9000"),
            ("00B000000A", &format!("{second}9000")),
        ],
    );
}

#[test]
fn a_pin_has_three_tries_that_survive_the_power() {
    let directory = tempfile::tempdir().unwrap();
    let pki = Pki::open(&directory.path().join("pki")).unwrap();
    let shelf = CardShelf::new(directory.path().join("cards"));
    VirtualCard::create(&shelf, "card", &pki, &new(&[], "1234")).unwrap();
    let folder = shelf.existing("card").unwrap();
    let open = || VirtualCard::open(&folder).unwrap();
    let usim = ("00A4040C07A0000000871002", "9000");
    let imsi = ("00A4080C047FFF6F07", "9000");
    let wrong = "002000010839393939FFFFFFFF";
    let right = "002000010831323334FFFFFFFF";
    talk(
        &mut open(),
        &[
            usim,
            // PIN1 is enabled.
            ("00A40004023F0000", "621D8202782183023F00A5038001718A01058B032F0601C6069001808301019000"),
            imsi,
            ("00B0000009", "6982"),
            ("0020000100", "63C3"),
            ("00200001", "63C3"),
            ("0020000200", "6A88"),
            ("002000010431323334", "6700"),
            (wrong, "63C2"),
            ("00B0000009", "6982"),
        ],
    );
    talk(
        &mut open(),
        &[("00200001", "63C2"), (right, "9000"), ("00200001", "63C3"), usim, imsi, ("00B0000001", "08*")],
    );
    // Verified until the power goes.
    talk(&mut open(), &[usim, imsi, ("00B0000009", "6982"), (wrong, "63C2"), (wrong, "63C1")]);
    talk(&mut open(), &[(wrong, "63C0"), (wrong, "6983"), (right, "6983"), ("00200001", "63C0"), ("002C0001", "63CA")]);
    talk(
        &mut open(),
        &[
            ("002C00011030303030303030303132333FFFFFFFFF", "63C9"),
            ("002C000110313233343536373835363738FFFFFFFF", "9000"),
            usim,
            imsi,
            ("00B0000001", "089000"),
        ],
    );
    talk(
        &mut open(),
        &[("00200001", "63C3"), ("002C0001", "63CA"), (right, "63C2"), ("002000010835363738FFFFFFFF", "9000")],
    );
}

#[test]
fn without_a_pin_everything_is_free_and_nothing_to_be_verified() {
    let mut card = card(&[], "");
    talk(
        &mut card,
        &[
            ("00A4040C07A0000000871002", "9000"),
            ("00A4080C047FFF6F07", "9000"),
            ("00B0000001", "089000"),
            ("00200001", "63C3"),
            ("002000010831323334FFFFFFFF", "6984"),
        ],
    );
}

#[test]
fn quirks_of_the_sim() {
    talk(
        &mut card(&["no-phone-book"], ""),
        &[("00A4080C047F106F3A", "6A82"), ("00A4080C047F105F3A", "6A82"), ("00A4080C047F106F3C", "9000")],
    );
    talk(
        &mut card(&["no-path-select"], ""),
        &[("00A4080C022FE2", "6A86"), ("00A4000C022FE2", "9000"), ("00B0000001", "989000")],
    );
    talk(&mut card(&["pin-blocked"], ""), &[("00200001", "63C0"), ("002000010830303030FFFFFFFF", "6983")]);
    let mut spoilt = card(&["garbage-records"], "");
    talk(&mut spoilt, &[("00A4080C047F106F3A", "9000"), ("00B2010422", "416E6E61*")]);
    let garbage = send(&mut spoilt, "00B2020422");
    assert!(garbage.ends_with("9000") && !garbage.starts_with("4D"), "{garbage}");
}
