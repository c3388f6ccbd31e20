//! ICCIDs.

use super::{ParseIdError, char_to_nibble, nibble_to_char, nibbles};
use crate::tlv::DecodeError;

/// The number of a profile, as the card holds it in EF.ICCID (ETSI TS 102 221 13.2): digits with their nibbles
/// swapped, `F` behind the last one, 10 bytes.
///
/// The bytes are the truth: real cards hold filler in odd places, nibbles that are no digits and other lengths, and
/// want to be asked with exactly what they answered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Iccid(Vec<u8>);

impl Iccid {
    /// Reads the value of a `5A` element of a profile.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        if value.is_empty() || value.len() > 10 {
            return Err(DecodeError::value("ICCID", "an ICCID has 1 to 10 bytes"));
        }
        Ok(Self(value.to_vec()))
    }

    /// The bytes as they stand in `5A`.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The digits as a person reads them, without the filler behind them.
    #[must_use]
    pub fn digits(&self) -> String {
        let swapped: Vec<u8> = self.0.iter().map(|byte| byte.rotate_left(4)).collect();
        let digits: String = nibbles(&swapped).map(nibble_to_char).collect();
        digits.trim_end_matches('F').to_owned()
    }

    /// The last four digits: what a person types to confirm.
    #[must_use]
    pub fn last_four(&self) -> String {
        let digits = self.digits();
        digits[digits.len().saturating_sub(4)..].to_owned()
    }
}

impl std::str::FromStr for Iccid {
    type Err = ParseIdError;

    /// Reads 18 to 20 digits, with or without the filler `F` at the end; blanks and dashes between them are ignored.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |why| ParseIdError { what: "ICCID", why };
        let compact: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let digits = compact.trim_end_matches(['F', 'f']);
        if !(18..=20).contains(&digits.len()) || compact.len() > 20 {
            return Err(error("an ICCID has 18 to 20 digits"));
        }
        let mut padded: Vec<u8> = digits
            .chars()
            .map(char_to_nibble)
            .collect::<Option<_>>()
            .ok_or_else(|| error("an ICCID consists of digits"))?;
        padded.resize(20, 0x0F);
        Ok(Self(padded.chunks(2).map(|pair| pair[1] << 4 | pair[0]).collect()))
    }
}

impl AsRef<[u8]> for Iccid {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Display for Iccid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.digits())
    }
}

impl std::fmt::Debug for Iccid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Iccid({self})")
    }
}
