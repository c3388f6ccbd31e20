//! EIDs and who made the chip.

use super::{ParseIdError, char_to_nibble, nibble_to_char, nibbles};
use crate::tlv::DecodeError;

/// The number of an eUICC: 32 digits, plain BCD in 16 bytes (SGP.02 2.2.2, SGP.29).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Eid([u8; 16]);

/// A maker of eUICCs (EUM) and the EIDs it numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EumEntry {
    /// The first eight digits of its EIDs (EIN).
    pub prefix: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its country (ISO 3166-1 alpha-2).
    pub country: &'static str,
}

const fn eum(prefix: &'static str, name: &'static str, country: &'static str) -> EumEntry {
    EumEntry { prefix, name, country }
}

/// The makers known by their prefix.
const EUMS: &[EumEntry] = &[
    eum("35060000", "HED", "CN"),
    eum("35840574", "Watchdata", "CN"),
    eum("89033023", "Thales", "FR"),
    eum("89033024", "IDEMIA", "FR"),
    eum("89034011", "Valid", "ES"),
    eum("89041030", "STMicroelectronics", "CH"),
    eum("89043051", "NXP", "AT"),
    eum("89043052", "NXP", "AT"),
    eum("89044045", "Kigen", "GB"),
    eum("89044047", "Truphone", "GB"),
    eum("89049032", "Giesecke+Devrient", "DE"),
    eum("89049038", "Giesecke+Devrient", "DE"),
    eum("89086001", "Hengbao", "CN"),
    eum("89086029", "Tianyu", "CN"),
    eum("89086030", "Eastcompeace", "CN"),
];

impl Eid {
    /// The EID with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Reads the value of a `5A` element of GetEID.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        value.try_into().map(Self).map_err(|_| DecodeError::value("EID", "an EID has 16 bytes"))
    }

    /// The bytes as on the wire.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// True if the check digits fit: the 32 digits as one number leave 1 when divided by 97.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.remainder() == Some(1)
    }

    /// The same EID with its last two digits replaced by the right check digits.
    #[must_use]
    pub fn with_check_digits(mut self) -> Self {
        self.0[15] = 0;
        if let Some(remainder) = self.remainder() {
            let check = 98 - remainder;
            self.0[15] = ((check / 10) << 4) | (check % 10);
        }
        self
    }

    /// The digits modulo 97; `None` if one of them is not decimal.
    fn remainder(&self) -> Option<u8> {
        let remainder =
            nibbles(&self.0).try_fold(0u16, |sum, digit| (digit < 10).then_some((sum * 10 + u16::from(digit)) % 97))?;
        u8::try_from(remainder).ok()
    }

    /// Who made the chip, if its prefix is known.
    #[must_use]
    pub fn maker(&self) -> Option<&'static EumEntry> {
        let digits = self.to_string();
        EUMS.iter().find(|entry| digits.starts_with(entry.prefix))
    }
}

impl std::str::FromStr for Eid {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = ParseIdError { what: "EID", why: "an EID has 32 digits" };
        let digits: Vec<u8> = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| char_to_nibble(c).filter(|digit| *digit < 10))
            .collect::<Option<_>>()
            .ok_or_else(|| error.clone())?;
        let bytes: Vec<u8> = digits.chunks(2).filter_map(|pair| Some(pair.first()? << 4 | pair.get(1)?)).collect();
        match <[u8; 16]>::try_from(bytes) {
            Ok(bytes) if digits.len() == 32 => Ok(Self(bytes)),
            _ => Err(error),
        }
    }
}

impl std::fmt::Display for Eid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits: String = nibbles(&self.0).map(nibble_to_char).collect();
        f.pad(&digits)
    }
}

impl std::fmt::Debug for Eid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Eid({self})")
    }
}
