//! A Bound Profile Package that another implementation made, with known keys: how it is read, cut, and refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use common::*;
use sgp22::bpp::*;
use sgp22::metadata::StoreMetadata;
use sgp22::tlv::{DecodeErrorKind, Tag, Writer};

/// One element.
fn element(tag: u32, value: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.put(Tag(tag), value);
    writer.finish()
}

/// A package of these parts.
fn package(parts: &[Vec<u8>]) -> Vec<u8> {
    element(0xBF36, &parts.concat())
}

/// The parts of the sample package: `BF23`, `A0`, `A1`, `A2`, `A3`.
fn parts() -> [Vec<u8>; 5] {
    let [_, configure, metadata_header, metadata, keys, header, profile] = segments();
    [initialise(), configure, [metadata_header, metadata].concat(), keys, [header, profile].concat()]
}

fn cut(package: &[u8]) -> Vec<Vec<u8>> {
    let segments: Vec<_> = BoundProfilePackage::parse(package).unwrap().segments().map(|cut| cut.0.to_vec()).collect();
    assert_eq!(segments.concat(), package, "joined together the segments are the package");
    segments
}

fn refused(package: &[u8]) -> PackageError {
    BoundProfilePackage::parse(package).map(|_| ()).unwrap_err()
}

#[test]
fn the_worked_example_is_cut_into_seven_segments() {
    let whole = segments().concat();
    assert_eq!(whole.len(), 391);
    assert_eq!(cut(&whole), segments());
    let read = BoundProfilePackage::parse(&whole).unwrap();
    assert_eq!(read.as_bytes(), whole);
    assert_eq!(read.initialise(), initialise());
    let metadata =
        "BF25405A0A9800103254769810321491065350204F6E659206546573742041950102B6183016800204F08110736D64702E65
        78616D706C652E636F6DB705800362F210";
    same(&read.metadata(), metadata);
    assert_eq!(StoreMetadata::decode(&read.metadata()).unwrap().name.unwrap().to_string(), "Test A");
}

#[test]
fn the_first_part() {
    let value = InitialiseSecureChannel {
        remote_op: InitialiseSecureChannel::INSTALL.to_vec(),
        transaction_id: tid(),
        control_reference: ControlReference {
            key_type: ControlReference::AES.to_vec(),
            key_length: ControlReference::AES_128.to_vec(),
            host_id: b"smdp1".to_vec(),
        },
        smdp_otpk: bytes(OTPK_DP),
        smdp_signature: bytes(SMDP_SIGN),
    };
    assert_eq!(hex(&value.encode()), hex(&initialise()));
    assert_eq!(InitialiseSecureChannel::decode(&initialise()), Ok(value));
    let signed = InitialiseSecureChannel::to_be_signed(&initialise(), &bytes(OTPK_EUICC)).unwrap();
    assert_eq!(signed.len(), 172);
    same(&signed, &format!("820101 8010{TID} A60D8001888101108405736D647031 5F4941{OTPK_DP} 5F4941{OTPK_EUICC}"));
}

#[test]
fn what_is_signed_of_the_first_part_is_as_it_came() {
    // The transaction id with a length longer than needed, and a field that nobody knows.
    let odd = [bytes("820101 81820001AA 9F7F0100"), element(0x5F37, &[0x11; 64])].concat();
    let signed = InitialiseSecureChannel::to_be_signed(&element(0xBF23, &odd), &[0x04]).unwrap();
    same(&signed, "820101 81820001AA 9F7F0100 5F490104");
}

#[test]
fn new_session_keys() {
    let keys = ReplaceSessionKeys { mac_chaining: [0x55; 16], encryption: [0x33; 16], mac: [0x44; 16] };
    let wire = format!("BF2636 8010{} 8110{} 8210{}", "55".repeat(16), "33".repeat(16), "44".repeat(16));
    same(&keys.encode(), &wire);
    assert_eq!(ReplaceSessionKeys::decode(&bytes(&wire)), Ok(keys.clone()));
    hides(&keys, &[0x33; 16]);
    assert!(ReplaceSessionKeys::decode(&bytes("BF2606 800101 810101")).is_err());
}

#[test]
fn without_new_session_keys() {
    let [initialise, configure, metadata, _, elements] = parts();
    let segments = cut(&package(&[initialise, configure, metadata, elements]));
    let [header, configure, metadata_header, metadata, _, elements_header, elements] = self::segments();
    let short_header = [&bytes("BF36820136")[..], &header[5..]].concat();
    assert_eq!(hex(&segments[0]), hex(&short_header));
    assert_eq!(segments[1..], [configure, metadata_header, metadata, elements_header, elements]);
}

#[test]
fn several_blocks_in_every_sequence() {
    let block = |tag: u32, byte: u8, length: usize| element(tag, &vec![byte; length]);
    let (a, b, c) = (block(0x87, 1, 24), block(0x87, 2, 24), block(0x87, 3, 1016));
    let (d, e) = (block(0x88, 4, 1016), block(0x88, 5, 20));
    let (f, g) = (block(0x87, 6, 72), block(0x87, 7, 24));
    let (h, i, j) = (block(0x86, 8, 1016), block(0x86, 9, 1016), block(0x86, 10, 24));
    let whole = package(&[
        initialise(),
        element(0xA0, &[&a[..], &b, &c].concat()),
        element(0xA1, &[&d[..], &e].concat()),
        element(0xA2, &[&f[..], &g].concat()),
        element(0xA3, &[&h[..], &i, &j].concat()),
    ]);
    let segments = cut(&whole);
    assert_eq!(hex(&segments[0]), hex(&whole[..5 + initialise().len()]));
    let expected = [
        // The header of A0 and A2 goes with their first block, that of A1 and A3 alone.
        [bytes("A0820430"), a].concat(),
        b,
        c,
        bytes("A1820412"),
        d,
        e,
        [bytes("A264"), f].concat(),
        g,
        bytes("A3820812"),
        h,
        i,
        j,
    ];
    assert_eq!(segments[1..], expected);
}

#[test]
fn metadata_in_two_blocks_is_put_together_without_their_macs() {
    let metadata: Vec<u8> = (0..=255).cycle().take(1500).collect();
    let (first, second) = metadata.split_at(1008);
    let blocks = [first, second].map(|part| element(0x88, &[part, &[0xEE; MAC_LENGTH]].concat())).concat();
    let [initialise, configure, _, keys, elements] = parts();
    let whole = package(&[initialise, configure, element(0xA1, &blocks), keys, elements]);
    assert_eq!(BoundProfilePackage::parse(&whole).unwrap().metadata(), metadata);
    // Blocks too short for a MAC have nothing in them.
    let [initialise, configure, _, keys, elements] = parts();
    let whole = package(&[initialise, configure, bytes("A1058803010203"), keys, elements]);
    assert!(BoundProfilePackage::parse(&whole).unwrap().metadata().is_empty());
}

#[test]
fn lengths_longer_than_needed_stay_as_they_were() {
    let [_, configure, _, _, _, _, profile] = segments();
    let long = |tag: &str, value: &[u8]| {
        [bytes(tag), vec![0x83, 0, 0, u8::try_from(value.len()).unwrap()], value.to_vec()].concat()
    };
    let block = long("87", &configure[4..]);
    let metadata = long("88", &[0x20; 40]);
    let whole = [initialise(), long("A0", &block), long("A1", &metadata), long("A3", &profile)].concat();
    let whole = [&bytes("BF36830001")[..], &[u8::try_from(whole.len() - 256).unwrap()], &whole].concat();
    let segments = cut(&whole);
    assert_eq!(segments[0], whole[..6 + initialise().len()]);
    assert_eq!(hex(&segments[1]), hex(&long("A0", &block)));
    assert_eq!(hex(&segments[2]), format!("A1830000{:02X}", metadata.len()));
    assert_eq!(segments[3], metadata);
    assert_eq!(hex(&segments[4]), "A38300001A");
    assert_eq!(segments[5], profile);
}

#[test]
fn parts_that_are_missing() {
    let tags = [0xBF23, 0xA0, 0xA1, 0xA2, 0xA3];
    for (index, tag) in tags.into_iter().enumerate().filter(|(_, tag)| *tag != 0xA2) {
        let mut left = parts().to_vec();
        left.remove(index);
        assert_eq!(refused(&package(&left)), PackageError::Missing(Tag(tag)));
        // And all behind it.
        assert_eq!(refused(&package(&parts()[..index])), PackageError::Missing(Tag(tag)));
    }
}

#[test]
fn parts_that_are_empty() {
    let tags = [0xBF23, 0xA0, 0xA1, 0xA2, 0xA3];
    for (index, tag) in tags.into_iter().enumerate() {
        let mut with_empty = parts();
        with_empty[index] = element(tag, &[]);
        assert_eq!(refused(&package(&with_empty)), PackageError::Empty(Tag(tag)));
    }
    for (index, tag, block) in [(1, 0xA0, 0x87), (2, 0xA1, 0x88), (3, 0xA2, 0x87), (4, 0xA3, 0x86)] {
        let mut with_empty = parts();
        with_empty[index] = element(tag, &element(block, &[]));
        assert_eq!(refused(&package(&with_empty)), PackageError::Empty(Tag(block)));
    }
}

#[test]
fn parts_that_do_not_belong_there() {
    for place in 0..=5 {
        for extra in [0x80, 0xA4, 0xBF25, 0x30] {
            let mut with_extra = parts().to_vec();
            with_extra.insert(place, element(extra, &[1]));
            assert_eq!(refused(&package(&with_extra)), PackageError::Extra(Tag(extra)), "{extra:X} at {place}");
        }
    }
    for (index, tag) in [0xBF23, 0xA0, 0xA1, 0xA2, 0xA3].into_iter().enumerate() {
        let mut twice = parts().to_vec();
        twice.insert(index, twice[index].clone());
        assert_eq!(refused(&package(&twice)), PackageError::Extra(Tag(tag)));
    }
    for (index, tag) in [(1, 0xA0), (2, 0xA1), (3, 0xA2), (4, 0xA3)] {
        let mut foreign = parts();
        foreign[index] = element(tag, &element(0x85, &[1]));
        assert_eq!(refused(&package(&foreign)), PackageError::Extra(Tag(0x85)));
    }
}

#[test]
fn parts_in_the_wrong_order() {
    for index in 0..4 {
        let mut swapped = parts();
        swapped.swap(index, index + 1);
        let error = refused(&package(&swapped));
        assert!(matches!(error, PackageError::Missing(_) | PackageError::Extra(_)), "{error}");
    }
}

#[test]
fn lengths_that_do_not_add_up() {
    let whole = segments().concat();
    let malformed = |package: &[u8]| match refused(package) {
        PackageError::Malformed(error) => error.kind,
        other => panic!("{other}"),
    };
    assert_eq!(malformed(&[&whole[..], &[0]].concat()), DecodeErrorKind::TrailingBytes(1));
    assert_eq!(malformed(&[]), DecodeErrorKind::Missing(Tag(0xBF36)));
    assert!(matches!(malformed(&initialise()), DecodeErrorKind::UnexpectedTag { .. }));
    // The last part, or a block in it, goes beyond the end.
    let mut longer = whole.clone();
    longer[391 - 27] += 1;
    assert!(matches!(malformed(&longer), DecodeErrorKind::Truncated { .. }));
    let mut longer = whole.clone();
    longer[391 - 25] += 1;
    assert!(matches!(malformed(&longer), DecodeErrorKind::Truncated { .. }));
    let mut shorter = whole;
    shorter[391 - 25] -= 1;
    assert!(matches!(malformed(&shorter), DecodeErrorKind::Incomplete | DecodeErrorKind::Truncated { .. }));
}

#[test]
fn a_package_of_a_megabyte_is_walked_through() {
    let block = element(0x86, &[0x5A; 1016]);
    let elements = element(0xA3, &block.repeat(1024));
    let [initialise, configure, metadata, keys, _] = parts();
    let segments = cut(&package(&[initialise, configure, metadata, keys, elements]));
    assert_eq!(segments.len(), 6 + 1024);
    assert_eq!(hex(&segments[5]), "A3830FF000");
    assert!(segments[6..].iter().all(|segment| *segment == block));
}
