//! How the text of a message is coded (3GPP TS 23.038 4).

use serde::Serialize;

/// What user data consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Coding {
    /// Seven bits a sign.
    Gsm7,
    /// Bytes without a meaning here.
    Data,
    /// UCS-2.
    Ucs2,
    /// Compressed, which nobody reads.
    Compressed,
}

impl Coding {
    /// What a data coding scheme says.
    #[must_use]
    pub const fn of(scheme: u8) -> Self {
        match scheme >> 4 {
            // General data coding, also with automatic deletion.
            0x0..=0x7 if scheme & 0x20 != 0 => Self::Compressed,
            0x0..=0x7 => match scheme >> 2 & 0x03 {
                0x01 => Self::Data,
                0x02 => Self::Ucs2,
                _ => Self::Gsm7,
            },
            // Message waiting, stored in UCS-2.
            0xE => Self::Ucs2,
            0xF if scheme & 0x04 != 0 => Self::Data,
            // Reserved ones are read as the default alphabet.
            _ => Self::Gsm7,
        }
    }
}
