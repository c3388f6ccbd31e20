//! Profile packages that are made up: small, and valid as far as a simulated card looks (TCA Interoperable Profile Package).

use sgp22::id::Iccid;
use sgp22::tlv::{Tag, Writer};

/// The size of a package where nobody says otherwise, in bytes.
pub(super) const DEFAULT_SIZE: usize = 4096;

/// The most that is filled into one file.
const FILE: usize = 16_000;
/// Template of the master file, 2.23.143.1.2.1.
const MF_TEMPLATE: &[u8] = b"\x67\x81\x0F\x01\x02\x01";
const TYPE: &str = "esimctl test profile";
/// The longest name that a type can have.
const LONGEST_TYPE: usize = 100;

/// A package of `size` bytes: header, master file, as many files as it takes, end. One that cannot be that small is as
/// small as it can be.
pub(super) fn generate(iccid: &Iccid, size: usize) -> Vec<u8> {
    let mut filler = size;
    let mut package = build(iccid, filler, TYPE);
    while package.len() > size && filler > 0 {
        filler = filler.saturating_sub(package.len() - size);
        package = build(iccid, filler, TYPE);
    }
    // Lengths take more bytes from 128 and 256 on, so that not every size can be had by filling alone.
    let missing = size.saturating_sub(package.len()).min(LONGEST_TYPE - TYPE.len());
    if missing == 0 { package } else { build(iccid, filler, &format!("{TYPE}{}", "-".repeat(missing))) }
}

fn build(iccid: &Iccid, filler: usize, kind: &str) -> Vec<u8> {
    let mut package = Writer::new();
    header(&mut package, iccid, kind);
    let mut number = 1;
    master_file(&mut package, iccid, number);
    let mut left = filler;
    while left > 0 {
        number += 1;
        let part = left.min(FILE);
        file(&mut package, number, part);
        left -= part;
    }
    package.nest(Tag(0xAA), |w| element_header(w, number + 1));
    package.finish()
}

/// `ProfileHeader`: version 2.3, and the ICCID as people read it, its nibbles not swapped.
fn header(package: &mut Writer, iccid: &Iccid, kind: &str) {
    let unswapped: Vec<u8> = iccid.as_bytes().iter().map(|byte| byte.rotate_left(4)).collect();
    package.nest(Tag(0xA0), |w| {
        w.put(Tag(0x80), &[2]).put(Tag(0x81), &[3]).put(Tag(0x82), kind.as_bytes()).put(Tag(0x83), &unswapped);
        w.nest(Tag(0xA5), |_| {});
        w.nest(Tag(0xA6), |w| {
            w.put(Tag(0x06), MF_TEMPLATE);
        });
    });
}

/// `PEHeader`: the card has to know the element; its number.
fn element_header(writer: &mut Writer, number: u8) {
    writer.nest(Tag(0xA0), |w| {
        w.put(Tag(0x80), &[]).put(Tag(0x81), &[number]);
    });
}

fn master_file(package: &mut Writer, iccid: &Iccid, number: u8) {
    let content = |w: &mut Writer, tag, content: &[u8]| {
        w.nest(Tag(tag), |w| {
            w.put(Tag(0x83), content);
        });
    };
    package.nest(Tag(0xB0), |w| {
        element_header(w, number);
        w.put(Tag(0x81), MF_TEMPLATE);
        w.nest(Tag(0xA2), |_| {});
        content(w, 0xA4, iccid.as_bytes());
        content(w, 0xA5, b"\x61\x09\x4F\x07\xA0\x00\x00\x00\x87\x10\x02");
        content(w, 0xA6, b"\x80\x01\x01\x90\x00");
    });
}

/// `PE-GenericFileManagement` that makes one transparent file and fills it.
fn file(package: &mut Writer, number: u8, size: usize) {
    let length = u16::try_from(size).unwrap_or(u16::MAX).to_be_bytes();
    package.nest(Tag(0xA1), |w| {
        element_header(w, number);
        w.nest(Tag(0xA1), |w| {
            w.nest(Tag(0x30), |w| {
                w.put(Tag(0x80), &[]);
                w.nest(Tag(0x62), |w| {
                    w.put(Tag(0x82), &[0x41, 0x21]).put(Tag(0x83), &[0x2F, 0x80 | number]);
                    w.put(Tag(0x8A), &[0x05]).put(Tag(0x8B), &[0x2F, 0x06, 0x01]).put(Tag(0x80), &length);
                });
                w.put(Tag(0x81), &vec![number; size]);
            });
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use sgp22::tlv::Reader;

    #[test]
    fn packages_have_the_size_asked_for_and_the_right_elements() {
        let iccid: Iccid = "8999980123456789012".parse().unwrap();
        for size in (190..700).chain([4096, 12_000, 16_140, 40_000, 200_000]) {
            let package = generate(&iccid, size);
            assert_eq!(package.len(), size);
            let elements: Vec<_> = Reader::new("UPP", &package).map(|element| element.unwrap().tag.0).collect();
            assert_eq!((elements[0], elements[1], *elements.last().unwrap()), (0xA0, 0xB0, 0xAA));
            assert!(elements[2..elements.len() - 1].iter().all(|tag| *tag == 0xA1));
        }
        assert!(generate(&iccid, 0).len() < 190);
        assert!(generate(&iccid, 300).windows(10).any(|bytes| bytes == b"\x89\x99\x98\x01\x23\x45\x67\x89\x01\x2F"));
    }
}
