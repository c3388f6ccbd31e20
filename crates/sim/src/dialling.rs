//! Records of a number with a name: EF.ADN, EF.MSISDN, EF.LND (3GPP TS 31.102 4.2.26, 4.4.2.3; TS 51.011 10.5).

use serde::Serialize;

use crate::{Slot, alpha, digits, is_blank};

/// Behind the name: length, type, ten bytes of number, capability, extension.
const TAIL: usize = 14;
/// The bytes of a number with its type.
const MOST: u8 = 11;

/// A number with a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Dialling {
    /// The name; empty if there is none.
    pub name: String,
    /// The number; empty if there is none.
    pub number: String,
    /// The number goes on in an extension record, which is not read.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

/// Reads a record.
#[must_use]
pub fn decode(record: &[u8]) -> Slot<Dialling> {
    if is_blank(record) {
        return Slot::Free;
    }
    let Some((name, tail)) = record.len().checked_sub(TAIL).and_then(|room| record.split_at_checked(room)) else {
        return Slot::Damaged("shorter than a record of a number");
    };
    let name = match alpha::decode(name) {
        Ok(name) => name,
        Err(why) => return Slot::Damaged(why),
    };
    let number = match number(tail[0], tail[1], &tail[2..12]) {
        Ok(number) => number,
        Err(why) => return Slot::Damaged(why),
    };
    if name.is_empty() && number.is_empty() {
        return Slot::Free;
    }
    Slot::Used(Dialling { name, number, cut: tail[13] != 0xFF })
}

/// Reads a record of EF.OCI (3GPP TS 31.102 4.2.34): a number as above, then when it was called, how long, and where it
/// stands in the phone book.
#[must_use]
pub fn decode_call(record: &[u8]) -> Slot<Dialling> {
    const CALL: usize = 7 + 3 + 3;
    match record.len().checked_sub(CALL) {
        // A record that was never used holds zeros in places.
        Some(end) if is_blank(&record[..end]) => Slot::Free,
        Some(end) => decode(&record[..end]),
        None => Slot::Damaged("shorter than a record of a call"),
    }
}

/// A number of `length` bytes, its type among them.
pub(crate) fn number(length: u8, kind: u8, bytes: &[u8]) -> Result<String, &'static str> {
    match length {
        0 | 0xFF => Ok(String::new()),
        1..=MOST => {
            let bytes = bytes.get(..usize::from(length - 1)).ok_or("a number that is cut short")?;
            Ok(digits::with_type(kind, &digits::decode(bytes, digits::DIALLING)))
        }
        _ => Err("a number that is longer than its record"),
    }
}

/// Writes a record with `room` bytes for the name; `None` if the number is none.
#[must_use]
pub fn encode(name: &str, number: &str, room: usize) -> Option<Vec<u8>> {
    with_name(alpha::encode(name, room), number)
}

/// The same with the name in bytes.
#[must_use]
pub fn with_name(mut record: Vec<u8>, number: &str) -> Option<Vec<u8>> {
    record.extend(tail(number)?);
    Some(record)
}

/// Length, type, ten bytes of number, capability and extension.
pub(crate) fn tail(number: &str) -> Option<Vec<u8>> {
    let (kind, signs) = digits::type_of(number);
    let mut bytes = digits::encode(signs, digits::DIALLING)?;
    let length = u8::try_from(bytes.len() + 1).ok().filter(|length| *length <= MOST)?;
    bytes.resize(12, 0xFF);
    Some([&[length, kind][..], &bytes].concat())
}
