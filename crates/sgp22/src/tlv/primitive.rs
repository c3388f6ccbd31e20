//! The values inside elements: INTEGER, BOOLEAN, BIT STRING and UTF8String.

use std::borrow::Cow;

use super::{DecodeError, encoding};

/// Reads a DER INTEGER of up to 8 bytes.
pub fn decode_int(place: &'static str, value: &[u8]) -> Result<i64, DecodeError> {
    let (&first, rest) = value.split_first().ok_or(DecodeError::value(place, "an integer without digits"))?;
    if rest.len() > 7 {
        return Err(DecodeError::value(place, "an integer of more than 64 bits"));
    }
    let sign = i64::from(i8::from_be_bytes([first]));
    Ok(rest.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte)))
}

/// Reads bytes as an unsigned big-endian number; cards use any width, and some leave the DER sign byte away.
pub fn decode_u64(place: &'static str, value: &[u8]) -> Result<u64, DecodeError> {
    let start = value.iter().position(|byte| *byte != 0).unwrap_or(value.len());
    let digits = &value[start..];
    if digits.len() > 8 {
        return Err(DecodeError::value(place, "a number of more than 64 bits"));
    }
    Ok(digits.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// A DER INTEGER: minimal two's complement (128 is `00 80`).
#[must_use]
pub fn encode_int(number: i64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let sign = if number < 0 { 0xFF } else { 0x00 };
    let needless = bytes.windows(2).take_while(|pair| pair[0] == sign && (pair[1] ^ sign) & 0x80 == 0).count();
    bytes[needless..].to_vec()
}

/// A DER INTEGER of a number that is never negative; what exceeds 63 bits is capped.
#[must_use]
pub fn encode_u64(number: u64) -> Vec<u8> {
    encode_int(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Reads a BOOLEAN. DER has `FF` for true; cards in the field also use `01`.
pub fn decode_bool(place: &'static str, value: &[u8]) -> Result<bool, DecodeError> {
    match value {
        [byte] => Ok(*byte != 0),
        _ => Err(DecodeError::value(place, "a boolean that is not one byte")),
    }
}

/// A BIT STRING of named bits: bit 0 is the most significant bit of the first byte.
///
/// Bits that nobody has named yet are kept. Two strings are equal if the same bits are set, however many trailing
/// zeros they carry.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Bits(Vec<u8>);

impl Bits {
    /// The longest string that is read, in bytes. The longest that is defined has four.
    const LONGEST: usize = 32;

    /// The string with exactly these bits set.
    #[must_use]
    pub fn of(bits: &[usize]) -> Self {
        let mut string = Self::default();
        for bit in bits {
            string.set(*bit);
        }
        string
    }

    /// Reads the contents of a BIT STRING: a count of unused bits, then the bits. Trailing zeros are accepted.
    pub fn decode(place: &'static str, value: &[u8]) -> Result<Self, DecodeError> {
        let (&unused, bytes) = value.split_first().ok_or(DecodeError::value(place, "a bit string without content"))?;
        if unused > 7 || (bytes.is_empty() && unused != 0) {
            return Err(DecodeError::value(place, "a bit string with a wrong count of unused bits"));
        }
        if bytes.len() > Self::LONGEST {
            return Err(DecodeError::value(place, "a bit string that is longer than any"));
        }
        let mut bytes = bytes.to_vec();
        if let Some(last) = bytes.last_mut() {
            *last &= 0xFF << unused;
        }
        while bytes.last() == Some(&0) {
            bytes.pop();
        }
        Ok(Self(bytes))
    }

    /// Reads what can be read of a BIT STRING that may be written against the rules. Bits that somebody may have meant are
    /// rather read than left out: without a count of unused bits, all bytes are bits.
    #[must_use]
    pub fn decode_leniently(value: &[u8]) -> Self {
        let (unused, bytes) = match value {
            [unused @ 0..=7, bytes @ ..] => (*unused, bytes),
            bytes => (0, bytes),
        };
        let bytes = &bytes[..bytes.len().min(Self::LONGEST)];
        let counted = [&[if bytes.is_empty() { 0 } else { unused }][..], bytes].concat();
        Self::decode("BIT STRING", &counted).unwrap_or_default()
    }

    /// The contents of a DER BIT STRING of named bits: trailing zeros left out, `00` if no bit is set.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let unused = self.0.last().map_or(0, |last| last.trailing_zeros());
        let mut value = vec![u8::try_from(unused).unwrap_or(0)];
        value.extend_from_slice(&self.0);
        value
    }

    /// True if this bit is set.
    #[must_use]
    pub fn has(&self, bit: usize) -> bool {
        self.0.get(bit / 8).is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0)
    }

    /// Sets this bit.
    pub fn set(&mut self, bit: usize) {
        if self.0.len() <= bit / 8 {
            self.0.resize(bit / 8 + 1, 0);
        }
        self.0[bit / 8] |= 0x80 >> (bit % 8);
    }

    /// True if no bit is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True if both strings have a bit in common.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(ours, theirs)| ours & theirs != 0)
    }

    /// The set bits in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.0.len() * 8).filter(|bit| self.has(*bit))
    }
}

impl std::fmt::Debug for Bits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// A UTF8String as a card or server sent it: the bytes are kept, since not all of them are UTF-8. Shown, it is decoded from
/// whatever encoding the bytes speak for, without byte order marks and filler.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Vec<u8>);

impl Text {
    /// The text with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// The bytes as they came.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// True if there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text as people read it; `None` if there is nothing in it but blanks and filler.
    #[must_use]
    pub fn readable(&self) -> Option<String> {
        let text = self.decoded();
        (!text.trim().is_empty()).then(|| text.into_owned())
    }

    fn decoded(&self) -> Cow<'_, str> {
        encoding::decode(&self.0)
    }
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.decoded())
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.decoded())
    }
}
