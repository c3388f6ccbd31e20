//! Between [`Trust`] and rustls: one verifier for one connection, which keeps the verdict.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::verify_tls13_signature_with_raw_key;
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use sgp22::cert::Certificate;

use super::anchors::key_algorithm;
use super::trust::{Issuer, Trust};
use crate::smdp::TrustError;

/// Asks [`Trust`] about one server and keeps what it says: rustls itself has no room for that in its answers.
#[derive(Debug)]
pub(super) struct Verifier {
    trust: Arc<Trust>,
    verdict: Mutex<Option<Result<Issuer, TrustError>>>,
}

impl Verifier {
    pub(super) fn new(trust: Arc<Trust>) -> Self {
        Self { trust, verdict: Mutex::new(None) }
    }

    /// What was said about the server; `None` if the handshake did not come as far.
    pub(super) fn verdict(&self) -> Option<Result<Issuer, TrustError>> {
        self.verdict.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.trust.judge(end_entity, intermediates, server_name, now);
        let answer = match &verdict {
            Ok(_) => Ok(ServerCertVerified::assertion()),
            Err(error) => Err(told_to_server(error).into()),
        };
        *self.verdict.lock().unwrap_or_else(PoisonError::into_inner) = Some(verdict);
        answer
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let certificate = decode(cert)?;
        let key_algorithm = key_algorithm(&certificate).map_err(|_| CertificateError::BadEncoding)?;
        let algorithms = self.trust.algorithms.mapping.iter().filter(|(scheme, _)| *scheme == dss.scheme);
        let valid = algorithms
            .flat_map(|(_, algorithms)| algorithms.iter())
            .filter(|algorithm| algorithm.public_key_alg_id().as_ref() == key_algorithm)
            .any(|algorithm| algorithm.verify_signature(certificate.public_key, message, dss.signature()).is_ok());
        if valid { Ok(HandshakeSignatureValid::assertion()) } else { Err(CertificateError::BadSignature.into()) }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(decode(cert)?.public_key_info);
        verify_tls13_signature_with_raw_key(message, &key, dss, &self.trust.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.algorithms.supported_schemes()
    }
}

fn decode<'a>(certificate: &'a CertificateDer<'_>) -> Result<Certificate<'a>, Error> {
    Certificate::decode(certificate).map_err(|_| CertificateError::BadEncoding.into())
}

/// As the alert has it that the server gets.
fn told_to_server(error: &TrustError) -> CertificateError {
    match error {
        TrustError::Expired { .. } => CertificateError::Expired,
        TrustError::NotYetValid { .. } => CertificateError::NotValidYet,
        TrustError::OtherHost { .. } => CertificateError::NotValidForName,
        TrustError::Curve | TrustError::Other(_) => CertificateError::ApplicationVerificationFailure,
        TrustError::WebIssuer
        | TrustError::TestIssuer(_)
        | TrustError::UnknownIssuer
        | TrustError::NotTheCards(_)
        | TrustError::IssuerExpired { .. } => CertificateError::UnknownIssuer,
    }
}
