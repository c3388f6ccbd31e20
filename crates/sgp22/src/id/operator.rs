//! Network operators.

use super::{ParseIdError, char_to_nibble, nibble_to_char};
use crate::tlv::{DecodeError, Elements, Tag, Writer};

/// Mobile country and network code in the three bytes of 3GPP TS 24.008 10.5.1.13.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mccmnc(pub [u8; 3]);

impl Mccmnc {
    /// Any operator, as Rules Authorisation Tables write it.
    pub const ANY: Self = Self([0xEE; 3]);

    /// Reads the value of a `mccMnc` element.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        value.try_into().map(Self).map_err(|_| DecodeError::value("OperatorId.mccMnc", "an operator code has 3 bytes"))
    }

    fn digits(self) -> [u8; 6] {
        let [a, b, c] = self.0;
        [a & 0x0F, a >> 4, b & 0x0F, c & 0x0F, c >> 4, b >> 4]
    }

    /// The country code: three digits, `E` for any.
    #[must_use]
    pub fn mcc(self) -> String {
        self.digits()[..3].iter().map(|digit| nibble_to_char(*digit)).collect()
    }

    /// The network code: two or three digits, `E` for any.
    #[must_use]
    pub fn mnc(self) -> String {
        let text: String = self.digits()[3..].iter().map(|digit| nibble_to_char(*digit)).collect();
        text.trim_end_matches('F').to_owned()
    }
}

impl std::str::FromStr for Mccmnc {
    type Err = ParseIdError;

    /// Reads `262-01`, `262/01` or `26201`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = ParseIdError {
            what: "operator code",
            why: "it has three digits for the country, two or three for the network",
        };
        let mut digits: Vec<u8> = text
            .chars()
            .filter(|c| !matches!(c, '-' | '/' | ' '))
            .map(char_to_nibble)
            .collect::<Option<_>>()
            .ok_or_else(|| error.clone())?;
        if digits.len() == 5 {
            digits.push(0x0F);
        }
        let [c1, c2, c3, n1, n2, n3] = digits[..] else { return Err(error) };
        Ok(Self([c2 << 4 | c1, n3 << 4 | c3, n2 << 4 | n1]))
    }
}

impl std::fmt::Display for Mccmnc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if *self == Self::ANY { f.pad("any") } else { f.pad(&format!("{}-{}", self.mcc(), self.mnc())) }
    }
}

impl std::fmt::Debug for Mccmnc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mccmnc({self})")
    }
}

/// An operator, down to its brands (SGP.22 5.7.15).
///
/// ```text
/// OperatorId ::= SEQUENCE {
///     mccMnc OCTET STRING (SIZE(3)),      -- [0]
///     gid1 OCTET STRING OPTIONAL,         -- [1] EF.GID1
///     gid2 OCTET STRING OPTIONAL          -- [2] EF.GID2
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorId {
    /// Country and network.
    pub mccmnc: Mccmnc,
    /// First group identifier; an empty one stands for any.
    pub gid1: Option<Vec<u8>>,
    /// Second group identifier.
    pub gid2: Option<Vec<u8>>,
}

impl OperatorId {
    /// The operator with this code, whatever its brands.
    #[must_use]
    pub fn new(mccmnc: Mccmnc) -> Self {
        Self { mccmnc, gid1: None, gid2: None }
    }

    /// Reads the value of an element that holds an operator.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::parse("OperatorId", value)?;
        Ok(Self {
            mccmnc: elements.required(Tag(0x80), Mccmnc::decode)?,
            gid1: elements.take(Tag(0x81)).map(|gid| gid.value.to_vec()),
            gid2: elements.take(Tag(0x82)).map(|gid| gid.value.to_vec()),
        })
    }

    /// Writes the fields.
    pub fn write(&self, writer: &mut Writer) {
        writer.put(Tag(0x80), &self.mccmnc.0);
        writer.maybe(Tag(0x81), self.gid1.as_deref());
        writer.maybe(Tag(0x82), self.gid2.as_deref());
    }
}
