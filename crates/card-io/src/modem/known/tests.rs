use std::collections::BTreeSet;

use sgp22::id::Aid;
use sgp22::transport::Identity;

use super::devices::Sign;
use super::*;
use crate::modem::{ApduForm, ClassByte};

/// A sign of a device, as it is met.
enum Seen {
    Usb(u16, u16),
    Pci(u16, u16),
    /// Manufacturer, model and firmware, as the modem says them.
    Identity(&'static str, &'static str, &'static str),
    Isdr(&'static str),
}

use Seen::{Identity as Says, Isdr, Pci, Usb};

const PR_438: [&str; 4] = ["extended-class", "select-p2-0c", "slot-mapping-hangs", "needs-le"];

/// Each device as it is met, and the quirks that it is known for then.
const CASES: &[(&str, &[Seen], &[&str])] = &[
    (
        "Fibocom FM350-GL",
        &[
            Says("Fibocom Wireless Inc.", "FM350-GL", "81600.0000.00.29.21.24"),
            Usb(0x0E8D, 0x7127),
            Pci(0x14C3, 0x4D75),
        ],
        &["bare-session", "small-blocks", "cchc-error", "empty-euicc", "returns-91xx", "names-eid"],
    ),
    ("Dell DW5931e", &[Says("Dell", "DW5931e-eSIM", "81600")], &["only-csim", "small-blocks"]),
    (
        "Sierra MC7455",
        &[Says("Sierra Wireless, Incorporated", "MC7455", "SWI9X30C_02.33.03.00")],
        &["long-session", "no-channel-in-class"],
    ),
    (
        "Sierra EM7590",
        &[Says("Sierra Wireless, Incorporated", "EM7590", "SWIX55C"), Usb(0x1199, 0xC081)],
        &["long-session", "no-channel-in-class", "no-test-forms"],
    ),
    ("Fibocom FG132-GL", &[Says("Fibocom", "FG132-GL-00", "R1"), Usb(0x2CB7, 0x0112)], &["no-test-forms"]),
    (
        "Quectel EM05-G",
        &[Says("Quectel", "EM05-G", "EM05GFAR07A07M1G"), Usb(0x2C7C, 0x030A), Usb(0x2C7C, 0x030E)],
        &["no-test-forms", "open-fails"],
    ),
    (
        "Sierra EM9191",
        &[Says("Sierra", "EM9191", "SWIX55C"), Says("Sierra", "EM9190", "SWIX55C"), Usb(0x1199, 0x90D3)],
        &["ccho-parameters", "no-cchc", "slow-slot"],
    ),
    ("Quectel EC20", &[Says("Quectel", "EC20F", "EC20CEFAGR06A05M4G")], &["last-block-error"]),
    ("Quectel EC25, EC20 or EG25", &[Says("Quectel", "EC25", "EC25EUGAR06A09M4G"), Usb(0x2C7C, 0x0125)], &[]),
    ("Quectel EC200U", &[Says("Quectel", "EC200U", "EC200UCNAAR03A07M08"), Usb(0x2C7C, 0x0901)], &[]),
    ("Quectel EC200T", &[Says("Quectel", "EC200T", "EC200TCNDAR02A21M16"), Usb(0x2C7C, 0x6026)], &[]),
    (
        "Dell DW5821e",
        &[Says("Dell", "DW5821e Snapdragon X20 LTE", "T77W968"), Usb(0x413C, 0x81D7), Usb(0x413C, 0x81E0)],
        &["only-csim", PR_438[0], PR_438[1], PR_438[2], PR_438[3]],
    ),
    ("Alcatel IK41", &[Says("Alcatel", "IK41VE1", "IK41_00")], &["only-csim"]),
    ("Huawei MS2372h-517", &[Says("huawei", "MS2372h-517", "21.300")], &["no-channels", "iccid-command"]),
    (
        "Quectel EG25",
        &[Says("Quectel", "EG25", "EG25GGBR07A08M2G"), Says("DJI", "EG25G_QDC507", "1")],
        &["csim-basic-only", "leftover-session", "reenumerates"],
    ),
    (
        "Quectel EG916Q",
        &[Says("QUECTEL", "EG916Q-GL", "EG916QGLLAR01A02M08"), Usb(0x2C7C, 0x6007)],
        &["leftover-session", "needs-cfun"],
    ),
    ("Quectel EM061K-GL", &[Says("Quectel", "EM061K-GL", "EM061KGLAAR01A05M4G")], &["ccho-needs-profile"]),
    ("Foxconn T99W696", &[Says("Foxconn", "T99W696", "F1")], &["upper-hex-only"]),
    (
        "Sequans Monarch",
        &[Says("Sequans", "GM01Q", "UE5.3"), Says("pycom", "Monarch", "LR5.1")],
        &["line-limit", "iccid-command"],
    ),
    ("Sony Xperia 10 IV", &[Says("Sony", "Xperia 10 IV", "65.2")], &["small-blocks"]),
    ("Fibocom L850-GL", &[Says("Fibocom", "L850-GL", "18500.5001.00.05.27.30"), Usb(0x2CB7, 0x0007)], &PR_438),
    (
        "Foxconn T99W175",
        &[
            Says("", "T99W175", "T99W175.F0.1.0.0.9"),
            Says("Cinterion", "MV31-W", "00.01"),
            Says("Dell", "DW5930e", "F0"),
            Usb(0x05C6, 0x90D5),
            Usb(0x1E2D, 0x00B3),
            Pci(0x105B, 0xE0AB),
            Pci(0x105B, 0xE0B0),
            Pci(0x105B, 0xE0BF),
            Pci(0x1E2D, 0x00B3),
        ],
        &[PR_438[0], PR_438[1], PR_438[2], PR_438[3], "slow-slot"],
    ),
    ("Foxconn T99W175 or another Qualcomm modem", &[Usb(0x05C6, 0x9025)], &["slow-slot"]),
    (
        "Foxconn DW5934e",
        &[Says("Foxconn", "DW5934e", "FDE2.F0.0.0.1.2"), Pci(0x105B, 0xE11D)],
        &["select-fails-after-switch", "load-unanswered"],
    ),
    ("Fibocom L860-GL", &[Says("Fibocom", "L860-GL", "18601")], &["stale-channels"]),
    ("Intel XMM7560", &[Says("Intel", "XMM7560", "1"), Pci(0x8086, 0x7560)], &["select-fails"]),
    ("Quectel RM500Q", &[Says("Quectel", "RM500Q-GL", "RM500QGLABR11A06M4G")], &["slow-slot"]),
    (
        "Quectel RM520N-GL",
        &[
            Says("Quectel", "RM520N-GL", "RM520NGLAAR03A03M4G"),
            Usb(0x2C7C, 0x0801),
            Pci(0x1EAC, 0x1004),
            Pci(0x1EAC, 0x1007),
        ],
        &[],
    ),
    ("Qualcomm SM7225", &[Says("QUALCOMM INCORPORATED", "SM7225", "1")], &["few-channels"]),
    ("Microsoft Surface Go 2", &[Usb(0x045E, 0x09A5)], &[]),
    ("SIMCom A7908E", &[Says("SIMCOM", "A7908E", "A7908B01")], &["fetches-answers", "no-blank"]),
    ("SIMCom SIM8230", &[Says("SIMCOM", "SIM8230G-M2", "1")], &[]),
    (
        "SIMCom SIM7600",
        &[Says("SIMCOM INCORPORATED", "SIMCOM_SIM7600G-H", "LE20B04")],
        &["isdr-blocked", "iccid-command"],
    ),
    ("Telit LE910C4", &[Says("Telit", "LE910C4-EU", "25.21")], &["isdr-blocked", "iccid-command"]),
    ("5ber", &[Isdr("A0000005591010FFFFFFFF8900050500")], &["no-iccid-refresh"]),
    ("eSIM.me", &[Isdr("A0000005591010000000008900000300")], &["no-iccid-refresh"]),
];

/// The rows that fit what is seen, and the quirks that follow.
fn known_for(seen: &Seen) -> (Vec<&'static KnownDevice>, Vec<&'static str>) {
    let (identity, isdr): (Identity, Aid);
    let signs = match *seen {
        Usb(vendor, product) => Signs { usb: Some((vendor, product)), ..Signs::default() },
        Pci(vendor, device) => Signs { pci: Some((vendor, device)), ..Signs::default() },
        Says(manufacturer, model, firmware) => {
            identity = Identity { manufacturer: manufacturer.into(), model: model.into(), firmware: firmware.into() };
            Signs { identity: Some(&identity), ..Signs::default() }
        }
        Isdr(aid) => {
            isdr = aid.parse().unwrap();
            Signs { isdr: Some(&isdr), ..Signs::default() }
        }
    };
    (KnownDevice::matching(signs).collect(), KnownQuirk::of(signs).map(|quirk| quirk.name).collect())
}

#[test]
fn each_device_is_known_by_each_of_its_signs() {
    let rows: Vec<&str> = KNOWN_DEVICES.iter().map(|device| device.name).collect();
    let cases: Vec<&str> = CASES.iter().map(|(name, ..)| *name).collect();
    assert_eq!(rows, cases, "each row has its case");
    for (row, (name, met, quirks)) in KNOWN_DEVICES.iter().zip(CASES) {
        let mut reached = BTreeSet::new();
        for seen in *met {
            let (rows, found) = known_for(seen);
            assert_eq!(rows.iter().map(|row| row.name).collect::<Vec<_>>(), [*name]);
            assert_eq!(found.iter().collect::<BTreeSet<_>>(), quirks.iter().collect(), "{name}");
            reached.extend(
                row.signs.iter().enumerate().filter(|(_, sign)| matches_sign(seen, sign)).map(|(index, _)| index),
            );
        }
        assert_eq!(reached.len(), row.signs.len(), "{name}: each sign is met");
    }
}

/// True if this sign alone is enough to know what is seen.
fn matches_sign(seen: &Seen, sign: &Sign) -> bool {
    match (seen, sign) {
        (Usb(vendor, product), Sign::Usb(v, p)) | (Pci(vendor, product), Sign::Pci(v, p)) => {
            (vendor, product) == (v, p)
        }
        (Says(manufacturer, model, firmware), Sign::Says(words)) => {
            format!("{manufacturer} {model} {firmware}").to_lowercase().contains(words)
        }
        (Isdr(aid), Sign::Isdr(bytes)) => aid.parse::<Aid>().unwrap().as_bytes() == bytes,
        _ => false,
    }
}

#[test]
fn a_model_is_not_taken_for_another_that_begins_alike() {
    for (model, quirks) in [
        ("EC20", &["last-block-error"][..]),
        ("EC20CEFAG", &["last-block-error"]),
        ("EC200U", &[]),
        ("EC200T-EU", &[]),
        ("EG250", &[]),
        ("NL850", &[]),
        ("SIM76001", &[]),
    ] {
        assert_eq!(known_for(&Says("Maker", model, "R1")).1, quirks, "{model}");
    }
}

#[test]
fn habits_come_of_all_quirks_together() {
    let dell = Signs { usb: Some((0x413C, 0x81D7)), ..Signs::default() };
    let mut habits = Habits::default();
    KnownQuirk::of(dell).for_each(|quirk| quirk.apply(&mut habits));
    let expected = Habits {
        apdu_form: ApduForm::Csim,
        class_byte: ClassByte::Extended,
        select_p2: 0x0C,
        slot_mapping: false,
        ..Habits::default()
    };
    assert_eq!(habits, expected);
}

#[test]
fn what_is_not_known_has_no_quirk() {
    let other = Identity { manufacturer: "esimctl".into(), model: "virtual modem".into(), firmware: "1".into() };
    let signs = Signs { usb: Some((1, 2)), pci: Some((1, 2)), identity: Some(&other), isdr: Some(&Aid::isd_r()) };
    assert_eq!(KnownQuirk::of(signs).count() + KnownQuirk::of(Signs::default()).count(), 0);
}

#[test]
fn the_table_of_devices_is_sound() {
    let mut signs = Vec::new();
    for KnownDevice { name, signs: of_device, quirks, hint, source } in KNOWN_DEVICES {
        assert!(name.len() > 3 && source.len() > 3, "{name} has a source");
        assert!(!of_device.is_empty(), "{name} can be told");
        assert!(quirks.iter().all(|quirk| KnownQuirk::named(quirk).is_some()), "{name}: {quirks:?}");
        assert!(hint.is_none_or(|key| !key.is_empty()), "{name}");
        for sign in *of_device {
            assert!(!signs.contains(sign), "{name}: {sign:?} tells two devices");
            signs.push(*sign);
            match sign {
                Sign::Says(words) => assert_eq!(*words, words.to_lowercase()),
                Sign::Usb(vendor, product) | Sign::Pci(vendor, product) => assert!(*vendor != 0 && *product != 0),
                Sign::Isdr(_) => {}
            }
        }
    }
}

#[test]
fn the_table_of_quirks_is_sound() {
    for (index, quirk) in KNOWN.iter().enumerate() {
        let KnownQuirk { name, behaviour, answer, source, .. } = quirk;
        let devices = quirk.devices();
        assert!([behaviour, answer, &&*devices, source].iter().all(|text| text.len() > 3), "{name} tells everything");
        assert!(name.chars().all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '-')), "{name}");
        assert!(std::ptr::eq(KnownQuirk::named(name).unwrap(), &raw const KNOWN[index]), "{name} stands once");
        // A change changes something, wherever the default is not what it wants.
        let before = Habits { le_with_data: quirk.name == "no-le", ..Habits::default() };
        let mut habits = before.clone();
        quirk.apply(&mut habits);
        assert_eq!(habits != before, quirk.changes_something(), "{name}");
    }
    assert!(KnownQuirk::named("nonsense").is_none());
}
