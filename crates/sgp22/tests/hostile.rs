//! What broken and hostile cards send: always an error, never a panic, never more memory than the message has.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use sgp22::Function;
use sgp22::es10b::*;
use sgp22::es10c::*;
use sgp22::id::{Aid, Eid, Iccid};
use sgp22::tlv::{Bits, DecodeErrorKind, Reader, Tag, decode_int, encode_int};

fn kind(bytes: &[u8]) -> DecodeErrorKind {
    GetProfilesInfo::decode_answer(bytes).unwrap_err().kind
}

#[test]
fn frames_that_do_not_add_up() {
    assert_eq!(kind(&[]), DecodeErrorKind::Missing(Tag(0xBF2D)));
    assert_eq!(kind(&[0xBF]), DecodeErrorKind::Incomplete);
    assert_eq!(kind(&[0xBF, 0x2D]), DecodeErrorKind::Incomplete);
    assert_eq!(kind(&[0xBF, 0x2D, 0x80, 0x00, 0x00]), DecodeErrorKind::IndefiniteLength);
    assert_eq!(kind(&[0xBF, 0x2D, 0x02, 0xA0]), DecodeErrorKind::Truncated { announced: 2, present: 1 });
    assert_eq!(kind(&[0xBF, 0x2D, 0x02, 0xA0, 0x00, 0x00]), DecodeErrorKind::TrailingBytes(1));
    assert_eq!(kind(&[0xBF, 0x2D, 0x00]), DecodeErrorKind::Missing(Tag(0xA0)));
    assert_eq!(kind(&[0xBF, 0x2D, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]), DecodeErrorKind::TooLong);
    assert!(matches!(kind(&[0xBF, 0x2D, 0x83, 0xFF, 0xFF, 0xFF]), DecodeErrorKind::Truncated { .. }));
    let long = [&[0xBF, 0x2D, 0x83, 0x10, 0x00, 0x00][..], &vec![0; 0x10_0000]].concat();
    assert_eq!(kind(&long), DecodeErrorKind::TooLong);
    assert_eq!(kind(&[0xBF, 0xFF, 0xFF, 0xFF, 0x01, 0x00]), DecodeErrorKind::LongTag);
    assert!(matches!(kind(&[0xBF, 0x22, 0x00]), DecodeErrorKind::UnexpectedTag { .. }));
}

#[test]
fn lengths_longer_than_needed_are_read() {
    let answer = GetProfilesInfo::decode_answer(&[0xBF, 0x2D, 0x82, 0x00, 0x03, 0xA0, 0x81, 0x00]);
    assert_eq!(answer, Ok(Ok(vec![])));
}

#[test]
fn nesting_100_000_deep_costs_nothing() {
    let mut headless = vec![0x30; 100_000];
    headless.push(0x00);
    assert!(GetProfilesInfo::decode_answer(&headless).is_err());
    // Well formed inside a profile: every level announces all that follow.
    let levels = 100_000u32;
    let inner: Vec<u8> = (0..levels)
        .rev()
        .flat_map(|below| {
            let [_, length @ ..] = (below * 5).to_be_bytes();
            [&[0x30, 0x83][..], &length].concat()
        })
        .collect();
    let mut list = sgp22::tlv::Writer::new();
    list.nest(Tag(0xBF2D), |w| {
        w.nest(Tag(0xA0), |w| {
            w.put(Tag(0xE3), &inner);
        });
    });
    let profiles = GetProfilesInfo::decode_answer(&list.finish()).unwrap().unwrap();
    assert_eq!(profiles[0].other.len(), 1);
}

#[test]
fn the_reader_stops_at_the_first_error() {
    let mut reader = Reader::new("test", &[0x80, 0x01, 0x00, 0x81, 0x05, 0x00]);
    assert!(reader.next().unwrap().is_ok());
    assert!(reader.next().unwrap().is_err());
    assert!(reader.next().is_none());
}

#[test]
fn every_truncation_and_every_flipped_byte_of_an_answer_is_survived() {
    let list = "BF2D8181A07FE3465A0A980010325476981032144F10A0000005591010FFFFFFFF89000010009F7001019004576F726B91065350\
        204F6E659206546573742041950102B705800362F21099020640E3355A0A984474680000543721F84F10A0000005591010FFFFFFFF890000\
        12009F700100910653502054776F9206546573742042950100";
    let good = data_encoding::HEXUPPER.decode(list.as_bytes()).unwrap();
    for length in 0..good.len() {
        assert!(GetProfilesInfo::decode_answer(&good[..length]).is_err(), "cut to {length}");
    }
    for index in 0..good.len() {
        for flip in [0x01, 0x20, 0x80, 0xFF] {
            let mut bad = good.clone();
            bad[index] ^= flip;
            let _ = GetProfilesInfo::decode_answer(&bad);
            let _ = RetrieveNotificationsList::decode_answer(&bad);
            let _ = GetProfilesInfo::decode(&bad);
        }
    }
}

#[test]
fn cards_are_strict_about_commands() {
    let unknown =
        EnableProfile::decode(&[0xBF, 0x31, 0x0B, 0xA0, 0x03, 0x5A, 0x01, 0x98, 0x81, 0x01, 0xFF, 0x85, 0x01, 0x00]);
    assert!(unknown.is_err());
    let no_refresh_flag = EnableProfile::decode(&[0xBF, 0x31, 0x05, 0xA0, 0x03, 0x5A, 0x01, 0x98]);
    assert_eq!(no_refresh_flag.unwrap_err().kind, DecodeErrorKind::Missing(Tag(0x81)));
    let no_tag_list = GetEid::decode(&[0xBF, 0x3E, 0x00]);
    assert_eq!(no_tag_list.unwrap_err().kind, DecodeErrorKind::Missing(Tag(0x5C)));
    let unwrapped = RetrieveNotificationsList::decode(&[0xBF, 0x2B, 0x03, 0x80, 0x01, 0x01]);
    assert_eq!(unwrapped.unwrap_err().kind, DecodeErrorKind::Unknown(Tag(0x80)));
}

#[test]
fn numbers() {
    for (number, wire) in [
        (0, vec![0x00]),
        (127, vec![0x7F]),
        (128, vec![0x00, 0x80]),
        (-1, vec![0xFF]),
        (-128, vec![0x80]),
        (-129, vec![0xFF, 0x7F]),
        (i64::MAX, vec![0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
        (i64::MIN, vec![0x80, 0, 0, 0, 0, 0, 0, 0]),
    ] {
        assert_eq!(encode_int(number), wire);
        assert_eq!(decode_int("test", &wire), Ok(number));
    }
    assert!(decode_int("test", &[]).is_err());
    assert!(decode_int("test", &[0; 9]).is_err());
}

#[test]
fn bit_strings() {
    for broken in [&[][..], &[0x08, 0x00], &[0x01]] {
        assert!(Bits::decode("test", broken).is_err());
    }
    assert_eq!(Bits::default().encode(), [0x00]);
    assert_eq!(Bits::decode("test", &[0x00, 0x00]).unwrap(), Bits::default());
    // Bits inside the unused part do not count.
    assert_eq!(Bits::decode("test", &[0x07, 0xFF]).unwrap(), Bits::of(&[0]));
}

#[test]
fn identifiers_of_wrong_shape() {
    for text in ["", "8900012345678901", "890001234567890123412", "8900012345678901234Z", "89F00123456789012341F"] {
        assert!(text.parse::<Iccid>().is_err(), "{text}");
    }
    assert!(Iccid::decode(&[]).is_err());
    assert!(Iccid::decode(&[0; 11]).is_err());
    for text in ["", "8904903212345123451234567890123", "8904903212345123451234567890123A"] {
        assert!(text.parse::<Eid>().is_err(), "{text}");
    }
    assert!(Eid::decode(&[0; 15]).is_err());
    for text in ["", "A000", "A0000005591010FFFFFFFF890000010000", "XY", "A000000559F"] {
        assert!(text.parse::<Aid>().is_err(), "{text}");
    }
}

#[test]
fn digits_that_are_none_are_shown_and_sent_back_as_they_came() {
    let odd = [0x98, 0xA4, 0x0F, 0x10, 0x32, 0x54, 0x76, 0x98, 0x10, 0xF2];
    let iccid = Iccid::decode(&odd).unwrap();
    assert_eq!(iccid.digits(), "894AF00123456789012");
    assert_eq!(iccid.as_bytes(), odd);
    assert!(!Eid::from_bytes([0xAA; 16]).is_valid());
}
