//! Messages in EF.SMS (3GPP TS 31.102 4.2.25; TPDUs: 3GPP TS 23.040 9.2).

mod coding;
mod join;
mod time;
mod tpdu;

pub use coding::Coding;
pub use join::{Message, join};
pub use tpdu::{NewMessage, Tpdu};

use serde::Serialize;

use crate::digits;
use crate::{Slot, is_blank};

/// What the first byte of a record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It came, and was read.
    Read,
    /// It came, and was not read yet.
    Unread,
    /// It was sent.
    Sent,
    /// It is still to be sent.
    Unsent,
}

impl Status {
    /// Its name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Unread => "unread",
            Self::Sent => "sent",
            Self::Unsent => "unsent",
        }
    }

    /// True if it came from the network.
    #[must_use]
    pub const fn is_received(self) -> bool {
        matches!(self, Self::Read | Self::Unread)
    }
}

/// A record of EF.SMS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its status.
    pub status: Status,
    /// The service centre that brought it, or is to take it; empty if none is named.
    pub service_centre: String,
    /// The message itself.
    pub tpdu: Tpdu,
}

/// Reads a record: status, service centre, TPDU, filler.
#[must_use]
pub fn decode(record: &[u8]) -> Slot<Record> {
    let [status, rest @ ..] = record else { return Slot::Free };
    let status = match status & 0x07 {
        0x01 => Status::Read,
        0x03 => Status::Unread,
        0x05 => Status::Sent,
        0x07 => Status::Unsent,
        // Bit 1 says whether it is in use at all.
        _ if status & 0x01 == 0 => return Slot::Free,
        _ => return Slot::Damaged("no status of a message"),
    };
    if is_blank(rest) {
        return Slot::Free;
    }
    let [length, rest @ ..] = rest else { return Slot::Damaged("a message that is cut short") };
    // Phones leave FF where they know no service centre.
    let length = if *length == 0xFF { 0 } else { usize::from(*length) };
    let Some((centre, rest)) = rest.split_at_checked(length).filter(|_| length <= 12) else {
        return Slot::Damaged("a service centre that is longer than its field");
    };
    let service_centre = match centre {
        [kind, number @ ..] => digits::with_type(*kind, &digits::decode(number, digits::ADDRESS)),
        [] => String::new(),
    };
    match Tpdu::decode(rest, status.is_received()) {
        Ok(tpdu) => Slot::Used(Record { status, service_centre, tpdu }),
        Err(why) => Slot::Damaged(why),
    }
}

/// Writes a record of 176 bytes; `None` if it does not fit.
#[must_use]
pub fn encode(status: u8, service_centre: &str, tpdu: &[u8]) -> Option<Vec<u8>> {
    let (kind, signs) = digits::type_of(service_centre);
    let number = digits::encode(signs, digits::ADDRESS)?;
    let mut record = vec![status, u8::try_from(number.len() + 1).ok()?, kind];
    record.extend(number);
    record.extend_from_slice(tpdu);
    (record.len() <= RECORD).then(|| {
        record.resize(RECORD, 0xFF);
        record
    })
}

/// The length of a record, in bytes.
pub const RECORD: usize = 176;
