//! Certificates and keys as files, ours and those of others.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use p256::SecretKey;
use p256::ecdsa::SigningKey;
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use private_files::{Access, Existing};
use x509_cert::Certificate;
use x509_cert::der::{Decode, DecodePem, Encode, EncodePem};

use super::{Identity, PkiError};

/// The kinds of files that are looked for, in this order.
const ENCODINGS: [&str; 2] = ["pem", "der"];

fn damaged(path: &Path, why: impl std::fmt::Display) -> PkiError {
    PkiError::Damaged { path: path.into(), why: why.to_string() }
}

/// The first of `STEM.KIND.pem` and `STEM.KIND.der` that is there.
fn read_any(directory: &Path, stem: &str, kind: &str) -> Result<Option<(PathBuf, Vec<u8>)>, PkiError> {
    for encoding in ENCODINGS {
        let path = directory.join(format!("{stem}.{kind}.{encoding}"));
        match std::fs::read(&path) {
            Ok(bytes) => return Ok(Some((path, bytes))),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(source) => return Err(PkiError::Io { path, source }),
        }
    }
    Ok(None)
}

/// The certificate of this stem; `None` if there is no such file.
pub(super) fn certificate(directory: &Path, stem: &str) -> Result<Option<Certificate>, PkiError> {
    let Some((path, bytes)) = read_any(directory, stem, "cert")? else { return Ok(None) };
    let read = if is_pem(&bytes) { Certificate::from_pem(&bytes) } else { Certificate::from_der(&bytes) };
    read.map(Some).map_err(|error| damaged(&path, error))
}

/// The key of this stem, in PKCS #8 or as SEC 1 has it; `None` if there is no such file.
pub(super) fn key(directory: &Path, stem: &str) -> Result<Option<SigningKey>, PkiError> {
    let Some((path, bytes)) = read_any(directory, stem, "key")? else { return Ok(None) };
    let read = if is_pem(&bytes) {
        let text = String::from_utf8_lossy(&bytes);
        // OpenSSL writes the curve's parameters before a SEC 1 key.
        let start = text.find("-----BEGIN EC PRIVATE KEY").or(text.find("-----BEGIN PRIVATE KEY")).unwrap_or(0);
        let text = &text[start..];
        SecretKey::from_pkcs8_pem(text).ok().or_else(|| SecretKey::from_sec1_pem(text).ok())
    } else {
        SecretKey::from_pkcs8_der(&bytes).ok().or_else(|| SecretKey::from_sec1_der(&bytes).ok())
    };
    let key = read.ok_or_else(|| damaged(&path, "it is no private key on NIST P-256, in PKCS #8 or SEC 1"))?;
    Ok(Some(SigningKey::from(key)))
}

fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(11).take(4096).any(|window| window == b"-----BEGIN ")
}

/// Certificate and key of this stem; `None` if there are none. One without the other, or that does not belong to the
/// other, is an error: nothing may be overwritten that somebody put there.
pub(super) fn identity(directory: &Path, stem: &str) -> Result<Option<Identity>, PkiError> {
    let path = directory.join(format!("{stem}.cert"));
    match (certificate(directory, stem)?, key(directory, stem)?) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => {
            let identity = Identity::new(certificate, key)?;
            let parsed =
                sgp22::cert::Certificate::decode(identity.certificate_der()).map_err(|error| damaged(&path, error))?;
            if parsed.public_key != identity.key.verifying_key().to_sec1_point(false).as_bytes() {
                return Err(damaged(&path, "the key beside it belongs to another certificate"));
            }
            Ok(Some(identity))
        }
        (Some(_), None) => Err(damaged(&path, "the key that belongs to it is missing")),
        (None, Some(_)) => Err(damaged(&path, "there is a key, and no certificate")),
    }
}

/// Waits until no other process makes anything in the directory, and keeps them away while the file is open. The
/// directory itself is locked: it may be one that nothing can be written to.
pub(super) fn take_turn(directory: &Path) -> Result<File, PkiError> {
    let io = |source| PkiError::Io { path: directory.into(), source };
    let opened = File::open(directory).map_err(io)?;
    match opened.lock() {
        // A disk of another machine may lock no directories: there it goes on without.
        Err(error) if error.kind() != ErrorKind::Interrupted => {
            log::debug!("{} is not locked: {error}", directory.display());
        }
        Err(error) => return Err(io(error)),
        Ok(()) => {}
    }
    Ok(opened)
}

/// Writes `STEM.cert.pem` and `STEM.key.pem`.
pub(super) fn write(identity: &Identity, directory: &Path, stem: &str) -> Result<(), PkiError> {
    let key = identity.key.to_pkcs8_pem(LineEnding::LF).map_err(|error| PkiError::Build(error.to_string()))?;
    write_text(&directory.join(format!("{stem}.key.pem")), &key)?;
    write_certificate(&identity.certificate, &directory.join(format!("{stem}.cert.pem")))
}

/// Writes a certificate.
pub(super) fn write_certificate(certificate: &Certificate, path: &Path) -> Result<(), PkiError> {
    write_text(path, &certificate.to_pem(LineEnding::LF)?)
}

fn write_text(path: &Path, text: &str) -> Result<(), PkiError> {
    private_files::write(path, text.as_bytes(), Access::Directory, Existing::Replace)
        .map_err(|source| PkiError::Io { path: path.into(), source })
}

/// The key in PKCS #8.
pub(super) fn key_der(key: &SigningKey) -> Result<Vec<u8>, PkiError> {
    let document = key.to_pkcs8_der().map_err(|error| PkiError::Build(error.to_string()))?;
    Ok(document.as_bytes().to_vec())
}

/// A certificate in DER.
pub(super) fn der(certificate: &Certificate) -> Result<Vec<u8>, PkiError> {
    Ok(certificate.to_der()?)
}
