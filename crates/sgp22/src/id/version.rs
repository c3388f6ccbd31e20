//! Version triples.

use crate::tlv::DecodeError;

/// Major, minor, revision: one binary byte each (SGP.22 VersionType).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub [u8; 3]);

impl Version {
    /// Reads the value of a VersionType element.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        value.try_into().map(Self).map_err(|_| DecodeError::value("VersionType", "a version has 3 bytes"))
    }
}

impl AsRef<[u8]> for Version {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [major, minor, revision] = self.0;
        f.pad(&format!("{major}.{minor}.{revision}"))
    }
}

impl std::fmt::Debug for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Version({self})")
    }
}
