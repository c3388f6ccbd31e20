//! The files of a USIM: what their bytes mean, and how they are read from a card.
//!
//! Everything but [`read`] is pure. What a card says is hostile input: lengths are checked, nothing recurses, and a record
//! that makes no sense is kept as it is, with a note ([`Damaged`]).
//!
//! | Look in | for |
//! |---|---|
//! | [`digits`], [`gsm7`], [`alpha`] | numbers, the GSM alphabet, names as SIM files hold them |
//! | [`dialling`], [`phonebook`] | records of numbers with names; how a phone book is spread over files |
//! | [`sms`] | messages: records, TPDUs, codings, parts that belong together |
//! | [`identity`] | ICCID, IMSI, provider name, the length of network codes, the list of applications |
//! | [`fcp`] | what a card says of a file when it is selected |
//! | [`reader`], [`contents`] | reading all of it, PIN and all; what was found |

pub mod alpha;
pub mod contents;
pub mod dialling;
pub mod digits;
pub mod fcp;
pub mod gsm7;
pub mod identity;
pub mod phonebook;
pub mod reader;
pub mod sms;

pub use contents::{Contact, Damaged, Part, PinOutcome, Records, SimContents, Source};
pub use reader::{AskPin, NoPin, Pin, PinRequest, ReadError, read};

/// What a record turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slot<T> {
    /// Nothing is in it.
    Free,
    /// It holds this.
    Used(T),
    /// It makes no sense, and why.
    Damaged(&'static str),
}

/// True if nothing but filler is there, as in a record that was never used.
pub(crate) fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0xFF)
}

/// Bytes as they are shown.
pub(crate) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXUPPER.encode(bytes)
}
