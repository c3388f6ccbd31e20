//! Command and answer APDUs (ISO/IEC 7816-4), short and extended, and what status words mean.

mod command;
mod response;
mod status;

pub use command::{Command, CommandError, Le};
pub use response::{MalformedResponse, Response};
pub use status::StatusWord;

/// The class byte for a command on a logical channel (ETSI TS 102 221 10.1.1).
///
/// `base` is `00` for interindustry commands and `80` for proprietary ones. Channels 0 to 3 stand in the low two
/// bits; 4 to 19 use the further interindustry form, `40` (or `C0`) plus the channel less four.
#[must_use]
pub fn class_byte(base: u8, channel: u8) -> u8 {
    match channel {
        0..=3 => base | channel,
        _ => base | 0x40 | ((channel - 4) & 0x0F),
    }
}

/// The logical channel that a class byte names: the other direction of [`class_byte`].
#[must_use]
pub fn channel_of(class: u8) -> u8 {
    if class & 0x40 == 0 { class & 0x03 } else { 4 + (class & 0x0F) }
}
