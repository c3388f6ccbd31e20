//! Identifiers: how they are written on the wire, printed, and checked.

mod activation_code;
mod activation_code_warning;
mod aid;
mod confirmation_code;
mod eid;
mod iccid;
mod imei;
mod matching_id;
mod oid;
mod operator;
mod server_address;
mod transaction_id;
mod version;

pub use activation_code::{ActivationCode, ActivationCodeError};
pub use activation_code_warning::ActivationCodeWarning;
pub use aid::Aid;
pub use confirmation_code::ConfirmationCode;
pub use eid::{Eid, EumEntry};
pub use iccid::Iccid;
pub use imei::{Imei, Tac, luhn};
pub use matching_id::MatchingId;
pub use oid::Oid;
pub use operator::{Mccmnc, OperatorId};
pub use server_address::{ServerAddress, ServerAddressError};
pub use transaction_id::TransactionId;
pub use version::Version;

/// Why a text is not the identifier it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {what}: {why}")]
pub struct ParseIdError {
    /// The kind of identifier.
    pub what: &'static str,
    /// What is wrong with the text. The text itself is not repeated here.
    pub why: &'static str,
}

/// The nibbles of some bytes, high one first.
fn nibbles(bytes: &[u8]) -> impl Iterator<Item = u8> + '_ {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0F])
}

/// A nibble as a character: a digit, or a letter where a card holds something that is not decimal.
fn nibble_to_char(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('?').to_ascii_uppercase()
}

/// The value of a hexadecimal digit.
fn char_to_nibble(character: char) -> Option<u8> {
    character.to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
