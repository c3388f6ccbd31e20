//! Application identifiers.

use super::ParseIdError;
use crate::tlv::DecodeError;

/// An application identifier: 5 to 16 bytes (ISO/IEC 7816-4 8.2.1.2).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Aid(Vec<u8>);

impl Aid {
    /// The ISD-R, where GSMA puts it (SGP.22 Annex H).
    pub const ISD_R: [u8; 16] = *b"\xA0\x00\x00\x05\x59\x10\x10\xFF\xFF\xFF\xFF\x89\x00\x00\x01\x00";

    /// The first part of every ISD-P's AID; a counter of two bytes and `00` follow.
    const ISD_P_PREFIX: [u8; 13] = *b"\xA0\x00\x00\x05\x59\x10\x10\xFF\xFF\xFF\xFF\x89\x00";

    /// The AID with these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ParseIdError> {
        if !(5..=16).contains(&bytes.len()) {
            return Err(ParseIdError { what: "AID", why: "an AID has 5 to 16 bytes" });
        }
        Ok(Self(bytes.to_vec()))
    }

    /// Reads the value of an element that holds an AID.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        Self::from_bytes(value).map_err(|error| DecodeError::value("AID", error.why))
    }

    /// The GSMA ISD-R.
    #[must_use]
    pub fn isd_r() -> Self {
        Self(Self::ISD_R.to_vec())
    }

    /// The ISD-P with this counter; the first one is `0x0010`.
    #[must_use]
    pub fn isd_p(counter: u16) -> Self {
        let [high, low] = counter.to_be_bytes();
        Self([&Self::ISD_P_PREFIX[..], &[high, low, 0]].concat())
    }

    /// The first part of every USIM's AID (ETSI TS 101 220 Annex E); what follows differs from operator to operator.
    #[must_use]
    pub fn usim() -> Self {
        Self(vec![0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02])
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::str::FromStr for Aid {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = data_encoding::HEXUPPER_PERMISSIVE.decode(text.trim().as_bytes()).map_err(|_| ParseIdError {
            what: "AID",
            why: "an AID is written as an even number of hexadecimal digits",
        })?;
        Self::from_bytes(&bytes)
    }
}

impl AsRef<[u8]> for Aid {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Display for Aid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&data_encoding::HEXUPPER.encode(&self.0))
    }
}

impl std::fmt::Debug for Aid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Aid({self})")
    }
}
