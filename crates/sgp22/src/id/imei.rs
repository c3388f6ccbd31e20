//! IMEIs.

use super::{ParseIdError, char_to_nibble};
use crate::tlv::DecodeError;

/// The number of a device: 14 digits and a check digit (3GPP TS 23.003 6.2).
///
/// On the wire the first 14 digits have their nibbles swapped, and the last byte is `d F`: check digit in the high
/// nibble, filler in the low one. (Others send `F d`; servers rarely care.)
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Imei([u8; 8]);

impl Imei {
    /// Reads the value of an element that holds one, in whatever order of nibbles.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        value.try_into().map(Self).map_err(|_| DecodeError::value("IMEI", "an IMEI has 8 bytes"))
    }

    /// The eight bytes as DeviceInfo carries them.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// The type allocation code: the first eight digits, as DeviceInfo carries them.
    #[must_use]
    pub const fn tac(&self) -> Tac {
        let [a, b, c, d, ..] = self.0;
        Tac([a, b, c, d])
    }
}

/// A type allocation code: which model a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tac(pub [u8; 4]);

impl Tac {
    /// For a device that does not say which model it is: 35290611, as other LPAs send.
    pub const GENERIC: Self = Self([0x53, 0x92, 0x60, 0x11]);
}

impl std::str::FromStr for Imei {
    type Err = ParseIdError;

    /// Reads 15 digits, or 14 whose check digit is computed; blanks and dashes between them are ignored.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |why| ParseIdError { what: "IMEI", why };
        let mut digits: Vec<u8> = text
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '/'))
            .map(|c| char_to_nibble(c).filter(|digit| *digit < 10))
            .collect::<Option<_>>()
            .ok_or(error("an IMEI consists of digits"))?;
        if digits.len() != 14 && digits.len() != 15 {
            return Err(error("an IMEI has 15 digits"));
        }
        // A check digit that is wrong is sent as it is: some devices have one, and servers do not look at it.
        if digits.len() == 14 {
            digits.push(luhn(&digits));
        }
        let mut bytes = [0; 8];
        for (byte, pair) in bytes.iter_mut().zip(digits[..14].chunks(2)) {
            *byte = (pair[1] << 4) | pair[0];
        }
        bytes[7] = (digits[14] << 4) | 0x0F;
        Ok(Self(bytes))
    }
}

/// The Luhn check digit of `digits` (ISO/IEC 7812-1 Annex B).
#[must_use]
pub fn luhn(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .rev()
        .zip([2, 1].into_iter().cycle())
        .map(|(digit, weight)| {
            let product = u32::from(*digit) * weight;
            product / 10 + product % 10
        })
        .sum();
    u8::try_from((10 - sum % 10) % 10).unwrap_or(0)
}

/// An IMEI is personal: `Debug` shows the model alone.
impl std::fmt::Debug for Imei {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Imei({:?}, …)", self.tac())
    }
}
