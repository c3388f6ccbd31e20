//! Identifiers of remote provisioning sessions.

use super::ParseIdError;
use crate::tlv::DecodeError;

/// What a server calls a session: 1 to 16 bytes; in JSON as hexadecimal text, compared as bytes (SGP.22 3.0.1).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionId(Vec<u8>);

impl TransactionId {
    /// The identifier with these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ParseIdError> {
        if !(1..=16).contains(&bytes.len()) {
            return Err(ParseIdError { what: "transaction id", why: "it has 1 to 16 bytes" });
        }
        Ok(Self(bytes.to_vec()))
    }

    /// Reads the value of an element that holds one.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        Self::from_bytes(value).map_err(|error| DecodeError::value("transactionId", error.why))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::str::FromStr for TransactionId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = data_encoding::HEXUPPER_PERMISSIVE
            .decode(text.trim().as_bytes())
            .map_err(|_| ParseIdError { what: "transaction id", why: "it is written in hexadecimal" })?;
        Self::from_bytes(&bytes)
    }
}

impl AsRef<[u8]> for TransactionId {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Display for TransactionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&data_encoding::HEXUPPER.encode(&self.0))
    }
}

impl std::fmt::Debug for TransactionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TransactionId({self})")
    }
}
