//! A test public key infrastructure, shaped as SGP.26 has it: CI, EUM and eUICC certificates on NIST P-256.
//!
//! It is kept in a directory, one file each for certificate (`.cert`) and key (`.key`). What is made here is PEM, keys in
//! PKCS #8; what others put there may also be DER (`.der` instead of `.pem`), keys as SEC 1 has them. What is missing is
//! made when it is wanted, if the issuer's key is there.
//!
//! | File | What it is |
//! |---|---|
//! | `ci` | certificate issuer, the root of all; its key may be missing |
//! | `eum-EIN`, or else `eum` | maker of the eUICCs whose EID begins with the eight digits EIN |
//! | `euicc-EID` | an eUICC, if it is not to be made |
//! | `dpauth`, `dppb` | SM-DP+: authentication, binding of packages |
//! | `dptls-HOST`, or else `dptls` | SM-DP+: TLS as HOST |
//! | `dsauth` | SM-DS: authentication |
//! | `dstls-HOST`, or else `dstls` | SM-DS: TLS as HOST |

mod certificate;
mod files;
mod issuer;
mod names;

use std::path::{Path, PathBuf};

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::Generate;
use sgp22::ci::CiKeyId;
use sgp22::id::Eid;
use x509_cert::Certificate;
use x509_cert::der::{Decode, DecodePem};

use certificate::{Lifetime, ServerRole};
pub use issuer::Issuer;
use names::{OTHER_SMDP_OID, SMDP_OID, SMDS_OID};

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
    /// A certificate is missing and cannot be made.
    #[error("a certificate is missing, and the issuer's key to make it with")]
    NoIssuerKey,
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
        Ok(Self { der: files::der(&certificate)?, certificate, key })
    }

    /// The certificate in DER.
    #[must_use]
    pub fn certificate_der(&self) -> &[u8] {
        &self.der
    }

    /// An ECDSA signature with SHA-256 over `message`: r and s, 32 bytes each (BSI TR-03111 plain format).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let signature: Signature = self.key.sign(message);
        signature.to_bytes().into()
    }

    /// The private key.
    #[must_use]
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The private key in PKCS #8.
    pub fn key_der(&self) -> Result<Vec<u8>, PkiError> {
        files::key_der(&self.key)
    }

    /// Reads `STEM.cert` and `STEM.key`, in PEM or DER.
    pub fn read(directory: &Path, stem: &str) -> Result<Self, PkiError> {
        let source = std::io::ErrorKind::NotFound.into();
        let missing = PkiError::Io { path: directory.join(format!("{stem}.cert.pem")), source };
        files::identity(directory, stem)?.ok_or(missing)
    }

    /// Writes `STEM.cert.pem` and `STEM.key.pem`, the key for the owner alone.
    pub fn write(&self, directory: &Path, stem: &str) -> Result<(), PkiError> {
        files::write(self, directory, stem)
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({})", self.certificate.tbs_certificate().subject())
    }
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
        files::write_certificate(&Certificate::from_der(&self.eum_certificate)?, &path)
    }

    /// Reads what [`EuiccCredentials::write`] wrote.
    pub fn read(directory: &Path, index: usize) -> Result<Self, PkiError> {
        let euicc = Identity::read(directory, &format!("{}{index}", Self::EUICC_STEM))?;
        let path = directory.join(format!("{index}.{}", Self::EUM_FILE));
        let pem = std::fs::read(&path).map_err(|source| PkiError::Io { path: path.clone(), source })?;
        let eum = Certificate::from_pem(pem).map_err(|error| PkiError::Damaged { path, why: error.to_string() })?;
        let ci = CiKeyId::from_bytes(&certificate::authority_key_id(&eum)?);
        Ok(Self { euicc, eum_certificate: files::der(&eum)?, ci })
    }
}

/// Which of a card's certificates is out of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expired {
    /// Its maker's.
    Eum,
    /// Its own.
    Euicc,
}

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerKind {
    /// Gives out profiles.
    Smdp,
    /// Knows where profiles wait.
    Smds,
}

/// What a server holds.
#[derive(Debug, Clone)]
pub struct ServerCredentials {
    /// What it authenticates itself to cards with: `CERT.DPauth` or `CERT.DSauth`.
    pub auth: Identity,
    /// What it binds packages with, `CERT.DPpb`; an SM-DS has none.
    pub binding: Option<Identity>,
    /// What it is known by in TLS: `CERT.DPtls` or `CERT.DStls`.
    pub tls: Identity,
    /// The key identifier of the issuer.
    pub ci: CiKeyId,
}

/// The stem of the issuer's files.
const CI: &str = "ci";

/// The PKI in a directory, or in memory alone.
#[derive(Debug)]
pub struct Pki {
    directory: Option<PathBuf>,
    ci: Issuer,
}

impl Pki {
    /// A PKI that is gone with the process.
    pub fn in_memory() -> Result<Self, PkiError> {
        Ok(Self { directory: None, ci: Issuer::of(certificate::issue_ci()?) })
    }

    /// The PKI in `directory`, made if there is none. Two processes that make it at once end up with the same one.
    pub fn open(directory: &Path) -> Result<Self, PkiError> {
        let ci = match Issuer::read(directory)? {
            Some(ci) => ci,
            None => {
                Self::make(directory)?;
                Issuer::of(Identity::read(directory, CI)?)
            }
        };
        Ok(Self { directory: Some(directory.into()), ci })
    }

    /// The PKI in `directory`, which must be there.
    pub fn existing(directory: &Path) -> Result<Self, PkiError> {
        let ci = Issuer::read(directory)?.ok_or_else(|| PkiError::Io {
            path: directory.join("ci.cert.pem"),
            source: std::io::ErrorKind::NotFound.into(),
        })?;
        Ok(Self { directory: Some(directory.into()), ci })
    }

    fn make(directory: &Path) -> Result<(), PkiError> {
        let io = |source| PkiError::Io { path: directory.into(), source };
        let parent = directory.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        private_files::make_directory(parent, private_files::Access::Directory).map_err(io)?;
        let draft = private_files::draft_directory(parent, ".pki").map_err(io)?;
        certificate::issue_ci()?.write(draft.path(), CI)?;
        match private_files::persist_directory(draft, directory) {
            Ok(()) => Ok(()),
            Err(_) if directory.join("ci.cert.pem").exists() => Ok(()),
            Err(source) => Err(io(source)),
        }
    }

    /// The certificate issuer.
    #[must_use]
    pub fn ci(&self) -> &Issuer {
        &self.ci
    }

    /// The file with the issuer's certificate.
    #[must_use]
    pub fn ci_file(&self) -> Option<PathBuf> {
        let candidates = ["ci.cert.pem", "ci.cert.der"].map(|name| Some(self.directory.as_ref()?.join(name)));
        candidates.into_iter().flatten().find(|path| path.exists())
    }

    /// Makes an eUICC with this EID, under the maker that its first eight digits name.
    pub fn issue_euicc(&self, eid: Eid) -> Result<EuiccCredentials, PkiError> {
        let eum = self.eum(&eid.to_string()[..8])?;
        let euicc = match self.of_others(&format!("euicc-{eid}"))? {
            Some(euicc) => euicc,
            None => certificate::issue_euicc(&eum, eid, Lifetime::Long)?,
        };
        Ok(EuiccCredentials { euicc, eum_certificate: eum.der, ci: self.ci.key_id()? })
    }

    /// The same out of date, or with a maker that is; nothing of it is kept.
    pub fn issue_expired_euicc(&self, eid: Eid, part: Expired) -> Result<EuiccCredentials, PkiError> {
        let (eum, euicc) = match part {
            Expired::Eum => (Lifetime::Past, Lifetime::Long),
            Expired::Euicc => (Lifetime::Long, Lifetime::Past),
        };
        let eum = certificate::issue_eum(self.ci.identity()?, &eid.to_string()[..8], eum)?;
        let euicc = certificate::issue_euicc(&eum, eid, euicc)?;
        Ok(EuiccCredentials { euicc, eum_certificate: eum.der, ci: self.ci.key_id()? })
    }

    /// Makes a server of this name. It signs with the same key as all others of its kind, and has its own name in TLS.
    pub fn issue_server(&self, kind: ServerKind, host: &str) -> Result<ServerCredentials, PkiError> {
        use sgp22::cert::Role;
        let signing = |stem: &str, role| {
            self.kept(stem, |ci| certificate::issue_server(ci, ServerRole::Signing(role), kind.oid(), Lifetime::Long))
        };
        let (auth, binding) = match kind {
            ServerKind::Smdp => (signing("dpauth", Role::DpAuth)?, Some(signing("dppb", Role::DpPb)?)),
            ServerKind::Smds => (signing("dsauth", Role::DsAuth)?, None),
        };
        Ok(ServerCredentials { auth, binding, tls: self.issue_tls(kind, host)?, ci: self.ci.key_id()? })
    }

    /// What a server is known by in TLS.
    pub fn issue_tls(&self, kind: ServerKind, host: &str) -> Result<Identity, PkiError> {
        let stem = kind.tls_stem();
        if let Some(identity) = self.of_others(stem)? {
            return Ok(identity);
        }
        let role = ServerRole::Tls(kind.tls_role(), host);
        self.kept(&format!("{stem}-{host}"), |ci| certificate::issue_server(ci, role, kind.oid(), Lifetime::Long))
    }

    /// The same, out of date; it is not kept.
    pub fn issue_expired_tls(&self, kind: ServerKind, host: &str) -> Result<Identity, PkiError> {
        self.issue_tls_for(kind, host, Lifetime::Past)
    }

    /// The same, valid from tomorrow on; it is not kept.
    pub fn issue_early_tls(&self, kind: ServerKind, host: &str) -> Result<Identity, PkiError> {
        self.issue_tls_for(kind, host, Lifetime::Future)
    }

    fn issue_tls_for(&self, kind: ServerKind, host: &str, lifetime: Lifetime) -> Result<Identity, PkiError> {
        let role = ServerRole::Tls(kind.tls_role(), host);
        certificate::issue_server(self.ci.identity()?, role, kind.oid(), lifetime)
    }

    /// A certificate for binding packages that belongs to another SM-DP+; it is not kept.
    pub fn issue_other_binding(&self) -> Result<Identity, PkiError> {
        let role = ServerRole::Signing(sgp22::cert::Role::DpPb);
        certificate::issue_server(self.ci.identity()?, role, &OTHER_SMDP_OID, Lifetime::Long)
    }

    /// Makes a maker of eUICCs whose EIDs begin with these eight digits.
    pub fn issue_eum(&self, ein: &str) -> Result<Identity, PkiError> {
        if ein.len() != 8 || !ein.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PkiError::Build("an EIN has eight digits".into()));
        }
        self.eum(ein)
    }

    fn eum(&self, ein: &str) -> Result<Identity, PkiError> {
        if let Some(eum) = self.of_others("eum")? {
            return Ok(eum);
        }
        self.kept(&format!("eum-{ein}"), |ci| certificate::issue_eum(ci, ein, Lifetime::Long))
    }

    /// The identity in the files of this stem, which are never made here.
    fn of_others(&self, stem: &str) -> Result<Option<Identity>, PkiError> {
        self.directory.as_deref().map_or(Ok(None), |directory| files::identity(directory, stem))
    }

    /// The identity in the files of this stem, made if there is none.
    fn kept(
        &self,
        stem: &str,
        issue: impl FnOnce(&Identity) -> Result<Identity, PkiError>,
    ) -> Result<Identity, PkiError> {
        let Some(directory) = &self.directory else { return issue(self.ci.identity()?) };
        // Certificate and key are two files: who reads them while another process makes them would find one of them.
        let _turn = files::take_turn(directory)?;
        if let Some(identity) = files::identity(directory, stem)? {
            return Ok(identity);
        }
        let identity = issue(self.ci.identity()?)?;
        identity.write(directory, stem)?;
        Ok(identity)
    }
}

impl ServerKind {
    const fn oid(self) -> &'static [u8] {
        match self {
            Self::Smdp => &SMDP_OID,
            Self::Smds => &SMDS_OID,
        }
    }

    const fn tls_stem(self) -> &'static str {
        match self {
            Self::Smdp => "dptls",
            Self::Smds => "dstls",
        }
    }

    const fn tls_role(self) -> sgp22::cert::Role {
        match self {
            Self::Smdp => sgp22::cert::Role::DpTls,
            Self::Smds => sgp22::cert::Role::DsTls,
        }
    }
}

fn new_key() -> SigningKey {
    SigningKey::generate()
}
