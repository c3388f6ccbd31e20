//! Trust anchors: the certificate issuers (CI) that servers' certificates must come from.

use data_encoding::HEXUPPER;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sgp22::cert::Certificate;
use sgp22::ci::CiKeyId;
use sgp22::tlv::{Elements, Tag, Writer, open};

use super::anchors_table::{BUILT_IN, BuiltIn, Curve};

/// Algorithm of a key on NIST P-256: the contents of the AlgorithmIdentifier.
const KEY_ON_P256: &[u8] = b"\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07";
/// The same for brainpoolP256r1.
const KEY_ON_BRAINPOOL: &[u8] = b"\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x09\x2B\x24\x03\x03\x02\x08\x01\x01\x07";
/// The most certificates that one file may have: system bundles have some 150.
const MOST: usize = 1000;

/// Where an anchor comes from, and so when it is trusted. In the order in which they are preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnchorKind {
    /// Given by the user.
    Added,
    /// Built in, for real subscriptions.
    Production,
    /// Built in, for tests; its private key may be public.
    Test,
}

/// A certificate issuer that servers' certificates may come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Its key identifier, which cards name it by.
    pub key: CiKeyId,
    /// Where it comes from.
    pub kind: AnchorKind,
    /// When its own certificate expires, in seconds since 1970.
    pub not_after: i64,
    /// Its name: what is in the SEQUENCE.
    pub(crate) name: Vec<u8>,
    /// Algorithm of its key: what is in the SEQUENCE.
    pub(super) algorithm: Vec<u8>,
    /// Its key: what is in the BIT STRING.
    pub(super) public_key: Vec<u8>,
}

/// Why issuers cannot be taken from a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// There is none.
    #[error("there is no certificate in it, neither in PEM nor in DER")]
    None,
    /// There are more than make sense.
    #[error("there are more than {MOST} certificates in it")]
    TooMany,
    /// One cannot be read.
    #[error("certificate {number} in it cannot be read: {why}")]
    Unreadable {
        /// Which one, from 1.
        number: usize,
        /// What is wrong with it.
        why: String,
    },
    /// One has no name for its key.
    #[error("certificate {number} in it lacks a subject key identifier, by which cards name issuers")]
    NoKeyId {
        /// Which one, from 1.
        number: usize,
    },
}

impl Anchor {
    /// The issuer's name as people read it, as in `CN=GSM Association RSP2 Root CI1, O=GSM Association`.
    #[must_use]
    pub fn distinguished_name(&self) -> String {
        sgp22::cert::distinguished_name(&Writer::object(Tag(0x30), |w| {
            w.raw(&self.name);
        }))
    }

    /// Reads the certificates of a file: one in DER, or any number in PEM.
    pub fn read(file: &[u8]) -> Result<Vec<Self>, AnchorError> {
        let certificates: Vec<CertificateDer<'_>> = if file.first() == Some(&0x30) {
            vec![CertificateDer::from(file)]
        } else {
            let unreadable = |(index, why): (usize, String)| AnchorError::Unreadable { number: index + 1, why };
            CertificateDer::pem_slice_iter(file)
                .take(MOST + 1)
                .enumerate()
                .map(|(index, found)| found.map_err(|error| unreadable((index, error.to_string()))))
                .collect::<Result<_, _>>()?
        };
        match certificates.len() {
            0 => Err(AnchorError::None),
            count if count > MOST => Err(AnchorError::TooMany),
            _ => certificates.iter().zip(1..).map(|(der, number)| Self::added(der, number)).collect(),
        }
    }

    fn added(der: &[u8], number: usize) -> Result<Self, AnchorError> {
        let unreadable = |why: sgp22::tlv::DecodeError| AnchorError::Unreadable { number, why: why.to_string() };
        let certificate = Certificate::decode(der).map_err(unreadable)?;
        let key = certificate.subject_key_id().ok_or(AnchorError::NoKeyId { number })?;
        Ok(Self {
            key,
            kind: AnchorKind::Added,
            not_after: certificate.not_after,
            name: open("Name", certificate.subject, Tag(0x30)).map_err(unreadable)?.value.to_vec(),
            algorithm: key_algorithm(&certificate).map_err(unreadable)?.to_vec(),
            public_key: certificate.public_key.to_vec(),
        })
    }

    /// The issuers that are built in.
    #[must_use]
    pub fn built_in() -> Vec<Self> {
        BUILT_IN.iter().filter_map(Self::from_table).collect()
    }

    fn from_table(row: &BuiltIn) -> Option<Self> {
        let bytes = |hex: &str| HEXUPPER.decode(hex.as_bytes()).ok();
        let algorithm = match row.curve {
            Curve::P256 => KEY_ON_P256,
            Curve::Brainpool256 => KEY_ON_BRAINPOOL,
        };
        Some(Self {
            key: CiKeyId::from_bytes(&bytes(row.key)?),
            kind: row.kind,
            not_after: row.not_after,
            name: bytes(row.name)?,
            algorithm: algorithm.to_vec(),
            public_key: bytes(row.point)?,
        })
    }
}

/// The algorithm of a certificate's key: the contents of the AlgorithmIdentifier.
pub(crate) fn key_algorithm<'a>(certificate: &Certificate<'a>) -> Result<&'a [u8], sgp22::tlv::DecodeError> {
    Elements::open("SubjectPublicKeyInfo", certificate.public_key_info, Tag(0x30))?.required(Tag(0x30), Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_can_be_read() {
        let anchors = Anchor::built_in();
        assert_eq!(anchors.len(), BUILT_IN.len());
        for anchor in &anchors {
            assert_eq!((anchor.key.as_bytes().len(), anchor.public_key.len()), (20, 65), "{}", anchor.key);
            assert_ne!(anchor.key.name(), None, "sgp22 has no name for {}", anchor.key);
            assert_eq!(anchor.kind == AnchorKind::Test, anchor.key.kind() == sgp22::ci::CiKind::Test, "{}", anchor.key);
        }
    }

    #[test]
    fn files_without_certificates_are_refused() {
        assert_eq!(Anchor::read(b""), Err(AnchorError::None));
        assert_eq!(Anchor::read(b"hello\n"), Err(AnchorError::None));
        assert!(matches!(Anchor::read(b"0\x03\x02\x01\x01"), Err(AnchorError::Unreadable { number: 1, .. })));
    }
}
