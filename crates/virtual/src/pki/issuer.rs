//! The root of a PKI.

use std::path::Path;

use sgp22::ci::CiKeyId;
use x509_cert::Certificate;

use super::{CI, Identity, PkiError, certificate, files};

/// The root of a PKI. Of others' PKIs one has the certificate, and not always the key.
#[derive(Debug, Clone)]
pub struct Issuer {
    certificate: Certificate,
    der: Vec<u8>,
    identity: Option<Identity>,
}

impl Issuer {
    pub(super) fn of(identity: Identity) -> Self {
        Self { certificate: identity.certificate.clone(), der: identity.der.clone(), identity: Some(identity) }
    }

    pub(super) fn read(directory: &Path) -> Result<Option<Self>, PkiError> {
        let Some(certificate) = files::certificate(directory, CI)? else { return Ok(None) };
        if files::key(directory, CI)?.is_some() {
            return Identity::read(directory, CI).map(Self::of).map(Some);
        }
        Ok(Some(Self { der: files::der(&certificate)?, certificate, identity: None }))
    }

    /// The certificate in DER.
    #[must_use]
    pub fn certificate_der(&self) -> &[u8] {
        &self.der
    }

    /// The key identifier of the certificate: SHA-1 of its public key.
    pub fn key_id(&self) -> Result<CiKeyId, PkiError> {
        certificate::subject_key_id(&self.certificate).map(|id| CiKeyId::from_bytes(&id))
    }

    /// What new certificates are made with.
    pub fn identity(&self) -> Result<&Identity, PkiError> {
        self.identity.as_ref().ok_or(PkiError::NoIssuerKey)
    }
}
