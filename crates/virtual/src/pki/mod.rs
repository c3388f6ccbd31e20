//! A test public key infrastructure, shaped as SGP.26 has it: CI, EUM and eUICC certificates on NIST P-256.
//!
//! It is made once per directory and kept there as PEM files, which `openssl` reads:
//!
//! | File | What it is |
//! |---|---|
//! | `ci.cert.pem`, `ci.key.pem` | certificate issuer, the root of all |
//! | `eum-EIN.cert.pem`, `eum-EIN.key.pem` | maker of the eUICCs whose EID begins with the eight digits EIN |

mod certificate;
mod names;

use std::path::{Path, PathBuf};

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::Generate;
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use sgp22::ci::CiKeyId;
use sgp22::id::Eid;
use x509_cert::Certificate;
use x509_cert::der::{Decode, DecodePem, Encode, EncodePem};

/// A certificate and the key that belongs to it.
#[derive(Clone)]
pub struct Identity {
    certificate: Certificate,
    /// The certificate as it goes over the wire.
    der: Vec<u8>,
    key: SigningKey,
}

/// Why a PKI cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{path} is damaged: {why}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A certificate cannot be made; a mistake of this program.
    #[error("a certificate cannot be made: {0}")]
    Build(String),
}

impl From<x509_cert::builder::Error> for PkiError {
    fn from(error: x509_cert::builder::Error) -> Self {
        Self::Build(error.to_string())
    }
}

impl From<x509_cert::der::Error> for PkiError {
    fn from(error: x509_cert::der::Error) -> Self {
        Self::Build(error.to_string())
    }
}

impl Identity {
    fn new(certificate: Certificate, key: SigningKey) -> Result<Self, PkiError> {
        Ok(Self { der: certificate.to_der()?, certificate, key })
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

    /// An ECDSA signature with SHA-256 over `message`: r and s, 32 bytes each (BSI TR-03111 plain format).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let signature: Signature = self.key.sign(message);
        signature.to_bytes().into()
    }

    /// Reads `STEM.cert.pem` and `STEM.key.pem`.
    pub fn read(directory: &Path, stem: &str) -> Result<Self, PkiError> {
        let (cert_path, key_path) = paths(directory, stem);
        let read = |path: &Path| std::fs::read(path).map_err(|source| PkiError::Io { path: path.into(), source });
        let damaged = |path: &Path, why: String| PkiError::Damaged { path: path.into(), why };
        let certificate =
            Certificate::from_pem(read(&cert_path)?).map_err(|error| damaged(&cert_path, error.to_string()))?;
        let key_pem = String::from_utf8(read(&key_path)?).map_err(|error| damaged(&key_path, error.to_string()))?;
        let key = SigningKey::from_pkcs8_pem(&key_pem).map_err(|error| damaged(&key_path, error.to_string()))?;
        Self::new(certificate, key)
    }

    /// Writes `STEM.cert.pem` and `STEM.key.pem`.
    pub fn write(&self, directory: &Path, stem: &str) -> Result<(), PkiError> {
        let (cert_path, key_path) = paths(directory, stem);
        let write = |path: &Path, text: &str| {
            std::fs::write(path, text).map_err(|source| PkiError::Io { path: path.into(), source })
        };
        let key = self.key.to_pkcs8_pem(LineEnding::LF).map_err(|error| PkiError::Build(error.to_string()))?;
        write(&key_path, &key)?;
        write(&cert_path, &self.certificate.to_pem(LineEnding::LF)?)
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({})", self.certificate.tbs_certificate().subject())
    }
}

fn paths(directory: &Path, stem: &str) -> (PathBuf, PathBuf) {
    (directory.join(format!("{stem}.cert.pem")), directory.join(format!("{stem}.key.pem")))
}

/// What an eUICC holds: its own identity, and the certificates above it.
#[derive(Debug, Clone)]
pub struct EuiccCredentials {
    /// The eUICC's certificate and key.
    pub euicc: Identity,
    /// The EUM's certificate in DER.
    pub eum_certificate: Vec<u8>,
    /// The key identifier of the issuer.
    pub ci: CiKeyId,
}

impl EuiccCredentials {
    /// The names of the files in a card's directory.
    const EUICC_STEM: &'static str = "euicc";
    const EUM_FILE: &'static str = "eum.cert.pem";

    /// Writes certificates and key into a card's directory; `index` tells several secure elements apart.
    pub fn write(&self, directory: &Path, index: usize) -> Result<(), PkiError> {
        self.euicc.write(directory, &format!("{}{index}", Self::EUICC_STEM))?;
        let path = directory.join(format!("{index}.{}", Self::EUM_FILE));
        let pem = Certificate::from_der(&self.eum_certificate)?.to_pem(LineEnding::LF)?;
        std::fs::write(&path, pem).map_err(|source| PkiError::Io { path, source })
    }

    /// Reads what [`EuiccCredentials::write`] wrote.
    pub fn read(directory: &Path, index: usize) -> Result<Self, PkiError> {
        let euicc = Identity::read(directory, &format!("{}{index}", Self::EUICC_STEM))?;
        let path = directory.join(format!("{index}.{}", Self::EUM_FILE));
        let pem = std::fs::read(&path).map_err(|source| PkiError::Io { path: path.clone(), source })?;
        let eum = Certificate::from_pem(pem).map_err(|error| PkiError::Damaged { path, why: error.to_string() })?;
        let ci = CiKeyId::from_bytes(&certificate::authority_key_id(&eum)?);
        Ok(Self { euicc, eum_certificate: eum.to_der()?, ci })
    }
}

/// The PKI in a directory, or in memory alone.
#[derive(Debug)]
pub struct Pki {
    directory: Option<PathBuf>,
    ci: Identity,
}

impl Pki {
    /// A PKI that is gone with the process.
    pub fn in_memory() -> Result<Self, PkiError> {
        Ok(Self { directory: None, ci: certificate::issue_ci()? })
    }

    /// The PKI in `directory`, made if there is none. Two processes that make it at once end up with the same one.
    pub fn open(directory: &Path) -> Result<Self, PkiError> {
        if !directory.join("ci.cert.pem").exists() {
            Self::make(directory)?;
        }
        Ok(Self { directory: Some(directory.into()), ci: Identity::read(directory, "ci")? })
    }

    fn make(directory: &Path) -> Result<(), PkiError> {
        let io = |source| PkiError::Io { path: directory.into(), source };
        let parent = directory.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).map_err(io)?;
        let draft = tempfile::Builder::new().prefix(".pki").tempdir_in(parent).map_err(io)?;
        certificate::issue_ci()?.write(draft.path(), "ci")?;
        match std::fs::rename(draft.path(), directory) {
            Ok(()) => {
                // It is no longer the draft's to remove.
                let _ = draft.keep();
                Ok(())
            }
            Err(_) if directory.join("ci.cert.pem").exists() => Ok(()),
            Err(source) => Err(io(source)),
        }
    }

    /// The certificate issuer.
    #[must_use]
    pub fn ci(&self) -> &Identity {
        &self.ci
    }

    /// Makes an eUICC with this EID, under the maker that its first eight digits name.
    pub fn issue_euicc(&self, eid: Eid) -> Result<EuiccCredentials, PkiError> {
        let ein = eid.to_string()[..8].to_owned();
        let eum = self.eum(&ein)?;
        let euicc = certificate::issue_euicc(&eum, eid)?;
        Ok(EuiccCredentials { euicc, eum_certificate: eum.der, ci: self.ci.key_id()? })
    }

    fn eum(&self, ein: &str) -> Result<Identity, PkiError> {
        let stem = format!("eum-{ein}");
        let Some(directory) = &self.directory else { return certificate::issue_eum(&self.ci, ein) };
        if let Ok(eum) = Identity::read(directory, &stem) {
            return Ok(eum);
        }
        let eum = certificate::issue_eum(&self.ci, ein)?;
        eum.write(directory, &stem)?;
        Ok(eum)
    }
}

fn new_key() -> SigningKey {
    SigningKey::generate()
}
