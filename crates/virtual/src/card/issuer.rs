//! Whom the card believes: servers that its certificate issuer vouches for (SGP.22 2.6.6, 4.5.2).

use std::path::Path;

use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{DerSignature, Signature, VerifyingKey};
use private_files::{Access, Existing};
use sgp22::cert::{CURVE_P256, Certificate};
use sgp22::ci::CiKeyId;
use sgp22::tlv::{DecodeError, Tag};
use x509_cert::der::{DecodePem, Encode, EncodePem, pem::LineEnding};

use super::store::StoreError;
use crate::pki::{Pki, PkiError};

/// The certificate issuer of a card: its name and its key.
#[derive(Debug, Clone)]
pub(super) struct Issuer {
    der: Vec<u8>,
    id: CiKeyId,
    key: VerifyingKey,
}

/// Where the issuer's certificate lies in a card's folder.
const FILE: &str = "ci.cert.pem";

impl Issuer {
    /// The issuer of this PKI.
    pub(super) fn of(pki: &Pki) -> Result<Self, StoreError> {
        Self::decode(pki.ci().certificate_der()).map_err(|why| PkiError::Build(why).into())
    }

    fn decode(der: &[u8]) -> Result<Self, String> {
        let certificate = Certificate::decode(der).map_err(|error| error.to_string())?;
        let id = certificate.subject_key_id().ok_or("it has no key identifier")?;
        let key = key_of(&certificate).ok_or("its key is not on the curve NIST P-256")?;
        Ok(Self { der: der.to_vec(), id, key })
    }

    /// Writes the certificate into a card's folder.
    pub(super) fn write(&self, folder: &Path) -> Result<(), StoreError> {
        let path = folder.join(FILE);
        let pem = x509_cert::der::Decode::from_der(&self.der)
            .and_then(|certificate: x509_cert::Certificate| certificate.to_pem(LineEnding::LF))
            .map_err(PkiError::from)?;
        private_files::write(&path, pem.as_bytes(), Access::Directory, Existing::Replace)
            .map_err(|source| StoreError::Io { path, source })
    }

    /// Reads what [`Issuer::write`] wrote.
    pub(super) fn read(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let damaged = |why: String| StoreError::Damaged { path: path.clone(), why };
        let pem = match std::fs::read(&path) {
            Ok(pem) => pem,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(damaged(
                    "it is missing, since an older version made this card; make the card again".into(),
                ));
            }
            Err(source) => return Err(StoreError::Io { path, source }),
        };
        let der = x509_cert::Certificate::from_pem(pem)
            .and_then(|certificate| certificate.to_der())
            .map_err(|error| damaged(error.to_string()))?;
        Self::decode(&der).map_err(damaged)
    }

    /// True if this is its key identifier.
    pub(super) fn is(&self, id: &CiKeyId) -> bool {
        self.id == *id
    }

    /// True if it signed the certificate. A card has no clock: dates are not looked at.
    pub(super) fn vouches_for(&self, certificate: &Certificate<'_>) -> bool {
        let signature = DerSignature::from_bytes(certificate.signature);
        certificate.authority_key_id().is_some_and(|id| self.is(&id))
            && signature.is_ok_and(|signature| self.key.verify(certificate.tbs, &signature).is_ok())
    }
}

/// The public key in a certificate; `None` for one that is not on NIST P-256.
pub(super) fn key_of(certificate: &Certificate<'_>) -> Option<VerifyingKey> {
    let known = certificate.curve.as_ref().is_some_and(|curve| curve.as_bytes() == CURVE_P256);
    VerifyingKey::from_sec1_bytes(certificate.public_key).ok().filter(|_| known)
}

/// True if `object`, a whole `5F37`, is the signature over `message` by this key.
pub(super) fn signed_by(key: &VerifyingKey, message: &[u8], object: &[u8]) -> bool {
    let value =
        || -> Result<Vec<u8>, DecodeError> { Ok(sgp22::tlv::open("signature", object, Tag(0x5F37))?.value.to_vec()) };
    value().is_ok_and(|value| is_signature(key, message, &value))
}

/// True if `value`, r and s, is the signature over `message` by this key.
pub(super) fn is_signature(key: &VerifyingKey, message: &[u8], value: &[u8]) -> bool {
    Signature::from_slice(value).is_ok_and(|signature| key.verify(message, &signature).is_ok())
}
