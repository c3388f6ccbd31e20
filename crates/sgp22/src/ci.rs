//! Certificate issuers (CI) by the key identifier that cards and certificates name them with.

use crate::tlv::DecodeError;

/// The subject key identifier of a CI's certificate (CI PKID): 20 bytes for all known ones.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CiKeyId(Vec<u8>);

/// Issuers by the first bytes of their key identifier, and whether they stand for real subscriptions.
const KNOWN: &[(&str, &str, CiKind)] = &[
    ("81370F", "GSM Association RSP2 Root CI1", CiKind::Production),
    ("D7A7D0", "GSM Association M2M31 Root CI2", CiKind::Production),
    ("4C2796", "OISTE GSMA CI G1", CiKind::Production),
    ("665A14", "Symantec RSP Test Root", CiKind::Test),
    ("F54172", "GSMA Test CI (SGP.26, NIST P-256)", CiKind::Test),
    ("C0BC70", "GSMA Test CI (SGP.26, Brainpool)", CiKind::Test),
    ("34EECF", "GSMA Test CI (SGP.26 v3, NIST P-256)", CiKind::Test),
    ("2209F6", "GSMA Test CI (SGP.26 v3, Brainpool)", CiKind::Test),
    ("148030", "Taier eSIM Root", CiKind::Production),
    ("16B5D1", "China Unicom eSIM Root CA", CiKind::Production),
    ("7C0E54", "China Unicom (test)", CiKind::Test),
    ("3BD3F5", "China Unicom", CiKind::Production),
    ("CDF6D1", "China Mobile (CMCA)", CiKind::Production),
    ("D3EF83", "China Telecom", CiKind::Production),
    ("4EB94E", "China Telecom", CiKind::Production),
    ("B70BA4", "Truphone SAS-UP", CiKind::Production),
    ("73FCA0", "Redtea Mobile", CiKind::Production),
    ("EA53AD", "SubMan V4.2 (Giesecke+Devrient)", CiKind::Production),
    ("96524C", "SubMan V4.2 (Giesecke+Devrient)", CiKind::Production),
    ("B60F0B", "SubMan for Google Pixel", CiKind::Production),
    ("CD6E60", "MC4 OT Root CI v1", CiKind::Production),
    ("066D48", "MC4 CI Test", CiKind::Test),
    ("16704B", "Entrust eSIM Certification Authority", CiKind::Production),
    ("77F0BD", "Gemalto CE CI", CiKind::Production),
    // Only its key identifier is known (lpac issue 92).
    ("0B1359", "an issuer of 5ber cards", CiKind::Unknown),
];

/// What an issuer stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CiKind {
    /// Real subscriptions.
    Production,
    /// Tests; its private keys may be public.
    Test,
    /// Nobody here knows.
    Unknown,
}

impl CiKeyId {
    /// The identifier with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// Reads the value of a `04` element.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        if value.is_empty() || value.len() > 64 {
            return Err(DecodeError::value("CI PKID", "a key identifier has 1 to 64 bytes"));
        }
        Ok(Self(value.to_vec()))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn known(&self) -> Option<&'static (&'static str, &'static str, CiKind)> {
        let hex = self.to_string();
        KNOWN.iter().find(|(prefix, ..)| hex.starts_with(prefix))
    }

    /// The issuer's name, if it is known.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        self.known().map(|(_, name, _)| *name)
    }

    /// What the issuer stands for.
    #[must_use]
    pub fn kind(&self) -> CiKind {
        self.known().map_or(CiKind::Unknown, |(.., kind)| *kind)
    }
}

impl AsRef<[u8]> for CiKeyId {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Display for CiKeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&data_encoding::HEXUPPER.encode(&self.0))
    }
}

impl std::fmt::Debug for CiKeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CiKeyId({self})")
    }
}
