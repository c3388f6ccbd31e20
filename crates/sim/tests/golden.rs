//! Vectors from outside this project: worked examples of the standards and messages and records seen in public.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use sim::dialling::{self, Dialling};
use sim::fcp::{Fcp, Structure};
use sim::phonebook::{BookFile, Link, Role, decode_companion, decode_reference};
use sim::sms::{self, Coding, NewMessage, Status, Tpdu};
use sim::{Slot, alpha, digits, gsm7, identity};

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXUPPER_PERMISSIVE.decode(text.replace(' ', "").as_bytes()).unwrap()
}

#[test]
fn the_gsm_alphabet() {
    // "hellohello", the example that every tutorial packs.
    assert_eq!(gsm7::pack(&gsm7::encode("hellohello").unwrap(), 0), hex("E8329BFD4697D9EC37"));
    assert_eq!(gsm7::decode(&gsm7::unpack(&hex("E8329BFD4697D9EC37"), 0, 10)), "hellohello");
    // By their codes (3GPP TS 23.038 6.2.1).
    for (text, codes) in [
        ("@£$¥", "00010203"),
        ("Δ_ΦΓΛΩΠΨΣΘΞ", "1011121314151617181 91A"),
        ("ÆæßÉ", "1C1D1E1F"),
        ("¤", "24"),
        ("¡AZÄÖÑÜ§", "40415A5B5C5D5E5F"),
        ("¿azäöñüà", "60617A7B7C7D7E7F"),
        ("€[]{}|~^\\", "1B651B3C1B3E1B281B291B401B3D1B141B2F"),
    ] {
        assert_eq!(gsm7::encode(text).unwrap(), hex(codes), "{text}");
        assert_eq!(gsm7::decode(&hex(codes)), text);
    }
    assert_eq!(gsm7::encode("ú"), None);
    assert_eq!(gsm7::encode("\u{1B}"), None);
    // An escape to nowhere shows the sign of the default alphabet; one at the end shows nothing.
    assert_eq!(gsm7::decode(&[0x1B, 0x41, 0x1B]), "A");
    assert_eq!(gsm7::decode(&[0x41, 0x80]), "A\u{FFFD}");
}

#[test]
fn names() {
    for (bytes, name) in [
        ("4D79204E616D65FFFFFF", "My Name"),
        // ETSI TS 102 221 Annex A: UCS-2, by a base of one byte, by a base of two.
        ("80 0416 0436 FFFF FF", "Жж"),
        // The examples of the annex. Base 13 is 0980: 53 is S, 95 is 0995, A6 is 09A6.
        ("81 05 13 53 95 A6 A6 25 FF FF", "S\u{995}\u{9A6}\u{9A6}%"),
        // Base 0530: 2D is a hyphen, 82 is 0532, D3 is 0583, 31 is 1.
        ("82 05 05 30 2D 82 D3 2D 31", "-\u{532}\u{583}-1"),
        ("80 D83D DE00", "😀"),
        ("FFFF", ""),
        ("80", ""),
    ] {
        assert_eq!(alpha::decode(&hex(bytes)).unwrap(), name, "{bytes}");
    }
    for garbage in ["81", "8105", "810513", "81051341", "82010530", "80D800", "419F42", "C3"] {
        assert!(alpha::decode(&hex(garbage)).is_err(), "{garbage}");
    }
    assert_eq!(alpha::encode("王小明", 9), hex("80738B5C0F660EFFFF"));
    assert_eq!(alpha::encode("王小明", 6), hex("80738B5C0FFF"));
    assert_eq!(alpha::encode_based("Иван", 8).unwrap(), hex("81040898B2B0BDFF"));
}

#[test]
fn numbers() {
    assert_eq!(digits::decode(&hex("214365"), digits::DIALLING), "123456");
    assert_eq!(digits::decode(&hex("2143F5FF"), digits::DIALLING), "12345");
    assert_eq!(digits::decode(&hex("1AB0CDFE"), digits::DIALLING), "*10#?pe");
    assert_eq!(digits::encode("*100#", digits::DIALLING).unwrap(), hex("1A00FB"));
    assert_eq!(digits::encode("12 3", digits::DIALLING), None);
}

fn used(name: &str, number: &str, cut: bool) -> Slot<Dialling> {
    Slot::Used(Dialling { name: name.into(), number: number.into(), cut })
}

#[test]
fn records_of_numbers() {
    for (record, expected) in [
        // From the manual of a SIM tool.
        ("4D6F6D FFFF 07 91 447700091032 FFFFFFFF FF FF", used("Mom", "+447700900123", false)),
        ("FFFFFFFFFF 04 81 1A00FB FFFFFFFFFFFFFF FF FF", used("", "*100#", false)),
        ("4142 07 91 447700091032 FFFFFFFF FF 01", used("AB", "+447700900123", true)),
        ("FFFFFF FF FF FFFFFFFFFFFFFFFFFFFF FF FF", Slot::Free),
        ("414243 FF FF FFFFFFFFFFFFFFFFFFFF FF FF", used("ABC", "", false)),
        ("4142", Slot::Damaged("shorter than a record of a number")),
        ("4142 0C 91 FFFFFFFFFFFFFFFFFFFF FF FF", Slot::Damaged("a number that is longer than its record")),
        ("4190 02 91 21FFFFFFFFFFFFFFFFFF FF FF", Slot::Damaged("a name in no known coding")),
    ] {
        assert_eq!(dialling::decode(&hex(record)), expected, "{record}");
    }
    assert_eq!(
        dialling::encode("Mom", "+447700900123", 5).unwrap(),
        hex("4D6F6D FFFF 07 91 447700091032 FFFFFFFF FF FF")
    );
    assert_eq!(dialling::encode("long", "123456789012345678901", 5), None);
}

#[test]
fn who_a_sim_is() {
    // The IMSI of the standard's test SIM (3GPP TS 51.010-1): 001010123456789.
    assert_eq!(identity::decode_imsi(&hex("080910101032547698")).unwrap(), "001010123456789");
    assert_eq!(identity::encode_imsi("001010123456789").unwrap(), hex("080910101032547698"));
    // 14 digits have even parity and filler.
    assert_eq!(identity::decode_imsi(&hex("08 01 10 10 10 32 54 76 F8")).unwrap(), "00101012345678");
    assert_eq!(identity::encode_imsi("00101012345678").unwrap(), hex("080110101032547 6F8"));
    for garbage in ["", "FFFFFFFFFFFFFFFFFF", "0009", "09091010", "080910A0103254769A", "0109"] {
        assert!(identity::decode_imsi(&hex(garbage)).is_err(), "{garbage}");
    }
    assert_eq!(identity::mask_imsi("001010123456789", 2), "00101********89");
    assert_eq!(identity::mask_imsi("310410123456789", 3), "310410*******89");
    assert_eq!(identity::decode_spn(&hex("014578616D706C65FFFFFF")).unwrap(), "Example");
    assert_eq!(identity::decode_spn(&hex("FFFFFF")).unwrap(), "");
    assert!(identity::decode_spn(&[]).is_err());
    assert_eq!(identity::decode_mnc_digits(&hex("00000002")), Some(2));
    assert_eq!(identity::decode_mnc_digits(&hex("00000103")), Some(3));
    assert_eq!(identity::decode_mnc_digits(&hex("000000")), None);
    assert_eq!(identity::decode_iccid(&hex("981032547698103214F1")).unwrap(), "8901234567890123411");
    // EF.DIR of a real USIM.
    let record = hex("61184F10A0000000871002FF33FF01890101010050045553494DFFFFFFFFFFFF");
    let Slot::Used(application) = identity::decode_application(&record) else { panic!() };
    assert_eq!(application.aid.to_string(), "A0000000871002FF33FF018901010100");
    assert_eq!(application.label, "USIM");
    assert_eq!(identity::decode_application(&hex("FFFF")), Slot::Free);
    assert!(matches!(identity::decode_application(&hex("6104500141")), Slot::Damaged(_)));
    assert!(matches!(identity::decode_application(&hex("6184FFFFFFFF")), Slot::Damaged(_)));
}

#[test]
fn messages() {
    // SMS-DELIVER, the example that tutorials of AT+CMGR show: 9.00 in the alphabet, time with a zone.
    let tpdu = hex("040BC87238880900F10000993092516195800AE8329BFD4697D9EC37");
    let message = Tpdu::decode(&tpdu, true).unwrap();
    assert_eq!(message.party, "27838890001");
    assert_eq!(message.time.as_deref(), Some("1999-03-29T15:16:59+02:00"));
    assert_eq!(message.text.as_deref(), Some("hellohello"));
    // SMS-SUBMIT with a relative validity period.
    let tpdu = hex("11000B916407281553F80000AA0AE8329BFD4697D9EC37");
    let message = Tpdu::decode(&tpdu, false).unwrap();
    assert_eq!((message.party.as_str(), message.text.as_deref()), ("+46708251358", Some("hellohello")));
    assert_eq!(message.time, None);
    // UCS-2, west of Greenwich.
    let message = Tpdu::decode(&hex("040B915121551532F40008 11408021436529 04 4F60597D"), true).unwrap();
    assert_eq!(message.text.as_deref(), Some("你好"));
    assert_eq!(message.coding, Some(Coding::Ucs2));
    // A sender with a name: "hello" takes nine half bytes.
    let message = Tpdu::decode(&hex("04 09D0E8329BFD06 0000 42105021436500 00"), true).unwrap();
    assert_eq!((message.party.as_str(), message.text.as_deref()), ("hello", Some("")));
    // Eight-bit data stays data.
    let message = Tpdu::decode(&hex("0404810123 00F5 42105021436500 03 01FF7E").to_vec(), true).unwrap();
    assert_eq!((message.data.as_slice(), message.text, message.coding), (&hex("01FF7E")[..], None, Some(Coding::Data)));
    // A status report.
    let message = Tpdu::decode(&hex("06 2A 0B915121551532F4 42105021436500 42105021446500 00"), true).unwrap();
    assert_eq!(message.notes, ["a report: the message was delivered"]);
}

#[test]
fn parts_of_messages() {
    // The header takes six bytes, and a bit is left over before the text.
    let tpdu = hex("44 0B915121551532F4 0000 42105021436500 0C 050003 2A 02 01 906536FB0D");
    let message = Tpdu::decode(&tpdu, true).unwrap();
    assert_eq!(message.part, Some((0x2A, 2, 1)));
    assert_eq!(message.text.as_deref(), Some("Hello"));
    // 16 bits of reference.
    let tpdu = hex("44 0B915121551532F4 0008 42105021436500 09 060804 012C 03 02 0041");
    assert_eq!(Tpdu::decode(&tpdu, true).unwrap().part, Some((0x012C, 3, 2)));
    // A part of none.
    let tpdu = hex("44 0B915121551532F4 0008 42105021436500 08 050003 2A 02 03 0041");
    assert_eq!(Tpdu::decode(&tpdu, true).unwrap().part, None);

    let record = |number, text, part, status| {
        let message = NewMessage { from: "+447700900123", time: [24, 5, 1, 12, 0, 0, 8], text, part };
        let bytes = sms::encode(status, "+447700900000", &message.encode().unwrap()).unwrap();
        let Slot::Used(record) = sms::decode(&bytes) else { panic!() };
        (number, record, bytes)
    };
    let joined = sms::join(vec![
        record(1, "two ", Some((9, 3, 2)), 0x01),
        record(2, "alone", None, 0x01),
        record(3, "one ", Some((9, 3, 1)), 0x03),
        record(4, "другой", Some((8, 2, 2)), 0x01),
        record(5, "again ", Some((9, 3, 1)), 0x01),
        record(6, "three", Some((9, 3, 3)), 0x01),
    ]);
    let told: Vec<_> =
        joined.iter().map(|one| (one.text.as_deref().unwrap(), &one.records[..], &one.missing[..])).collect();
    assert_eq!(
        told,
        [
            ("one two three", &[3, 1, 6][..], &[][..]),
            ("alone", &[2], &[]),
            ("другой", &[4], &[1]),
            ("again ", &[5], &[2, 3]),
        ]
    );
    assert_eq!(joined[0].status, Status::Unread);
    assert_eq!(joined[2].notes, ["1 of its 2 parts are not on the card"]);
    assert_eq!(joined[0].time.as_deref(), Some("2024-05-01T12:00:00+02:00"));
}

#[test]
fn records_of_messages() {
    // Another example of the tutorials, with its service centre.
    let record = "01 07911326040000F0 040B911346610089F60000208062917314080CC8F71D14969741F977FD07 FFFF";
    let Slot::Used(found) = sms::decode(&hex(record)) else { panic!() };
    assert_eq!((found.service_centre.as_str(), found.tpdu.party.as_str()), ("+31624000000", "+31641600986"));
    assert_eq!(found.tpdu.text.as_deref(), Some("How are you?"));
    assert!(found.tpdu.time.unwrap().starts_with("2002-08-26T19:37:41"));
    let deliver = "040BC87238880900F10000993092516195800AE8329BFD4697D9EC37";
    for (record, status) in [("01", Status::Read), ("03", Status::Unread)] {
        let Slot::Used(found) = sms::decode(&hex(&format!("{record}07917238010010F5{deliver}FFFF"))) else { panic!() };
        assert_eq!((found.status, found.service_centre.as_str()), (status, "+27831000015"));
    }
    assert_eq!(sms::decode(&hex("00FFFFFF")), Slot::Free);
    assert_eq!(sms::decode(&hex("FFFFFFFF")), Slot::Free);
    for garbage in ["010D", "0107917238", "050007", "0100FF", "010004FF"] {
        assert!(matches!(sms::decode(&hex(garbage)), Slot::Damaged(_)), "{garbage}");
    }
}

#[test]
fn file_control_parameters() {
    // EF.ICCID of a USIM, as a public trace has it.
    let fcp = Fcp::decode(&hex("621982054221000A0183022FE28A01058B032F06038002000A880110")).err();
    assert!(fcp.is_some(), "a length that is not true");
    let fcp = Fcp::decode(&hex("62178202412183022FE2A503C00100 8A01058B032F06028002000A")).err();
    assert!(fcp.is_some());
    let fcp = Fcp::decode(&hex("621782054221001C0A83026F3A8A01058B036F060280020118")).unwrap();
    assert_eq!(
        (fcp.structure, fcp.id, fcp.record_length, fcp.records),
        (Structure::Linear, Some(0x6F3A), 28, Some(10))
    );
    assert_eq!(fcp.size, Some(280));
    // An application with PIN1 enabled, PIN2 not named, and the universal PIN disabled.
    let fcp = Fcp::decode(&hex("621E8202782183027FF0A503800171C60C90018083010183011183010A8A0105"));
    let fcp = fcp.unwrap();
    assert_eq!(fcp.structure, Structure::Directory);
    assert_eq!(fcp.pins, [(0x01, true), (0x11, false), (0x0A, false)]);
    for garbage in ["", "62", "6200", "62028200", "6F00", "6207820542210100 05"] {
        assert!(Fcp::decode(&hex(garbage)).is_err(), "{garbage}");
    }
}

#[test]
fn references_of_a_phone_book() {
    // As 3GPP TS 31.102 Annex G has it: type 1, type 2 by an index, type 3.
    let record = hex("A80E C0024F3A C1034F5001 C3034F5102 A906 C4024F11 CA00 AA04 C2024F4A FFFFFF");
    let record = [record, vec![0xFF; 8]].concat();
    assert_eq!(
        decode_reference(&record),
        [
            BookFile { role: Role::Adn, link: Link::Position, id: 0x4F3A },
            BookFile { role: Role::Other(0xC1), link: Link::Position, id: 0x4F50 },
            BookFile { role: Role::SecondName, link: Link::Position, id: 0x4F51 },
            BookFile { role: Role::FurtherNumber, link: Link::Pointer, id: 0x4F11 },
            BookFile { role: Role::Other(0xC2), link: Link::Elsewhere, id: 0x4F4A },
        ]
    );
    assert_eq!(decode_reference(&hex("FFFF")), []);
    assert_eq!(decode_reference(&hex("A8FF")), []);
    let number = hex("00 07 91 447700091032 FFFFFFFF FF FF 01 05");
    assert_eq!(
        decode_companion(Role::FurtherNumber, Link::Pointer, &number),
        Ok(Some(("+447700900123".into(), Some(5))))
    );
    let mail = hex("61006578616D706C652E636F6DFFFF");
    assert_eq!(decode_companion(Role::Email, Link::Position, &mail), Ok(Some(("a@example.com".into(), None))));
    assert_eq!(decode_companion(Role::Email, Link::Position, &hex("FFFF")), Ok(None));
    assert!(decode_companion(Role::FurtherNumber, Link::Position, &hex("0007")).is_err());
    assert!(decode_companion(Role::Email, Link::Pointer, &hex("41")).is_err());
}

/// Whatever a card says, nobody falls over it.
#[test]
fn nonsense_is_never_a_panic() {
    let mut state = 0x2545_F491u32;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    };
    for round in 0..60_000usize {
        let mut bytes: Vec<u8> = (0..round % 180).map(|_| random()).collect();
        // Half of them begin as something that makes sense.
        if let Some(first) = bytes.first_mut().filter(|_| round % 2 == 0) {
            *first = [0x01, 0x05, 0x62, 0x61, 0xA8, 0x80, 0x81, 0x82, 0x44, 0x11][round / 2 % 10];
        }
        let _ = (dialling::decode(&bytes), sms::decode(&bytes), Fcp::decode(&bytes), decode_reference(&bytes));
        let _ = (Tpdu::decode(&bytes, true), Tpdu::decode(&bytes, false), alpha::decode(&bytes));
        let _ = (identity::decode_imsi(&bytes), identity::decode_iccid(&bytes), identity::decode_application(&bytes));
        for (role, link) in [(Role::FurtherNumber, Link::Pointer), (Role::Email, Link::Position)] {
            let _ = decode_companion(role, link, &bytes);
        }
        if let Slot::Used(record) = sms::decode(&bytes) {
            let _ = sms::join(vec![(1, record, bytes)]);
        }
    }
}
