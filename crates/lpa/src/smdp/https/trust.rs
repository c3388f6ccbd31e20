//! Whom of the servers is believed, and what is said about those who are not.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, RootCertStore};
use sgp22::cert::Certificate;
use sgp22::ci::CiKeyId;

use super::anchors::{Anchor, AnchorKind, key_algorithm};
use super::chain::{Chain, MOST_PRESENTED, Search, is_for_servers, may_certify_servers, unknown_critical};
use super::settings::{HttpsSettings, WebIssuers};
use crate::smdp::TrustError;

/// Algorithm of a key on an elliptic curve (1.2.840.10045.2.1), as it stands in an AlgorithmIdentifier.
const ELLIPTIC_KEY: &[u8] = b"\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01";

/// Whom a server's certificate led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issuer {
    /// A certificate issuer of the GSMA, of tests, or one that the user added.
    Ci(CiKeyId),
    /// One of the web, as the system has them.
    Web,
}

/// Whom of the servers is believed.
#[derive(Debug)]
pub(super) struct Trust {
    /// All that are known, also those that are not trusted: the better ones first.
    anchors: Vec<Anchor>,
    trust_test_issuers: bool,
    trust_web_issuers: bool,
    web_issuers: WebIssuers,
    pub(super) algorithms: WebPkiSupportedAlgorithms,
    provider: Arc<CryptoProvider>,
    /// Issuers of the web, read when they are first asked for.
    web: OnceLock<Option<Arc<WebPkiServerVerifier>>>,
}

impl Trust {
    pub(super) fn new(settings: &HttpsSettings, provider: Arc<CryptoProvider>) -> Self {
        let mut anchors = [settings.anchors.clone(), Anchor::built_in()].concat();
        anchors.sort_by_key(|anchor| anchor.kind);
        Self {
            anchors,
            trust_test_issuers: settings.trust_test_issuers,
            trust_web_issuers: settings.trust_web_issuers,
            web_issuers: settings.web_issuers.clone(),
            algorithms: provider.signature_verification_algorithms,
            provider,
            web: OnceLock::new(),
        }
    }

    /// Judges the certificates that a server presented, its own first.
    pub(super) fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        presented: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<Issuer, TrustError> {
        let own = Certificate::decode(leaf)
            .map_err(|error| TrustError::Other(format!("the certificate cannot be read: {error}")))?;
        let others: Vec<Certificate<'_>> =
            presented.iter().take(MOST_PRESENTED).filter_map(|der| Certificate::decode(der).ok()).collect();
        let search = Search {
            anchors: &self.anchors,
            presented: &others,
            algorithms: self.algorithms.all,
            may_certify: may_certify_servers,
        };
        match search.find(&own) {
            Some(chain) => self.admit(&chain, name, seconds(now)),
            None if self.is_on_other_curve(&own) => Err(TrustError::Curve),
            None => self.judge_web(leaf, presented, &own, name, now),
        }
    }

    fn admit(&self, chain: &Chain<'_>, name: &ServerName<'_>, now: i64) -> Result<Issuer, TrustError> {
        let issuer = chain.anchor.key.clone();
        if chain.anchor.kind == AnchorKind::Test && !self.trust_test_issuers {
            return Err(TrustError::TestIssuer(issuer));
        }
        if chain.anchor.not_after < now {
            return Err(TrustError::IssuerExpired { issuer, expired: chain.anchor.not_after, now });
        }
        if chain.certificates.iter().any(|certificate| certificate.not_after < now) {
            return Err(TrustError::Expired { now });
        }
        if chain.certificates.iter().any(|certificate| certificate.not_before > now) {
            return Err(TrustError::NotYetValid { now });
        }
        let Some(own) = chain.certificates.first() else { return Err(TrustError::UnknownIssuer) };
        if !self.has_usable_key(own) {
            return Err(TrustError::Curve);
        }
        if let Some(oid) = unknown_critical(own) {
            return Err(TrustError::Other(format!(
                "the certificate has a critical extension that is not known, {oid}"
            )));
        }
        if !is_for_servers(own) {
            return Err(TrustError::Other("the certificate is not for servers".into()));
        }
        if !is_for(own, name) {
            return Err(TrustError::OtherHost { names: names(own) });
        }
        Ok(Issuer::Ci(issuer))
    }

    fn has_usable_key(&self, certificate: &Certificate<'_>) -> bool {
        key_algorithm(certificate).is_ok_and(|algorithm| self.is_usable(algorithm))
    }

    fn is_usable(&self, key_algorithm: &[u8]) -> bool {
        self.algorithms.all.iter().any(|algorithm| algorithm.public_key_alg_id().as_ref() == key_algorithm)
    }

    /// True if the key of the certificate, or of the issuer that it names, is on a curve that cannot be used here.
    fn is_on_other_curve(&self, certificate: &Certificate<'_>) -> bool {
        let on_other = |algorithm: &[u8]| algorithm.starts_with(ELLIPTIC_KEY) && !self.is_usable(algorithm);
        let issuer = certificate.authority_key_id();
        key_algorithm(certificate).is_ok_and(on_other)
            || self.anchors.iter().any(|anchor| Some(&anchor.key) == issuer.as_ref() && on_other(&anchor.algorithm))
    }

    /// Is it one of the web? First without regard to dates and names, since those of a stranger are of no interest.
    fn judge_web(
        &self,
        leaf: &CertificateDer<'_>,
        presented: &[CertificateDer<'_>],
        own: &Certificate<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<Issuer, TrustError> {
        let Some(web) = self.web() else { return Err(TrustError::UnknownIssuer) };
        let verify = |at| web.verify_server_cert(leaf, presented, name, &[], at);
        let begin = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(own.not_before).unwrap_or(0)));
        let leads_there = |at| match verify(at) {
            Err(rustls::Error::InvalidCertificate(error)) => is_about_name(&error),
            other => other.is_ok(),
        };
        if !leads_there(now) && !leads_there(begin) {
            return Err(TrustError::UnknownIssuer);
        }
        if !self.trust_web_issuers {
            return Err(TrustError::WebIssuer);
        }
        verify(now).map(|_| Issuer::Web).map_err(|error| web_error(&error, own, seconds(now)))
    }

    fn web(&self) -> Option<&WebPkiServerVerifier> {
        let read = || {
            let mut roots = RootCertStore::empty();
            let (known, _) = roots.add_parsable_certificates(self.web_issuers.read());
            log::debug!("{known} issuers of the web");
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider)).build().ok()
        };
        self.web.get_or_init(read).as_deref()
    }
}

fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

fn is_about_name(error: &CertificateError) -> bool {
    matches!(error, CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. })
}

fn web_error(error: &rustls::Error, own: &Certificate<'_>, now: i64) -> TrustError {
    use CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
    match error {
        rustls::Error::InvalidCertificate(Expired | ExpiredContext { .. }) => TrustError::Expired { now },
        rustls::Error::InvalidCertificate(NotValidYet | NotValidYetContext { .. }) => TrustError::NotYetValid { now },
        rustls::Error::InvalidCertificate(error) if is_about_name(error) => TrustError::OtherHost { names: names(own) },
        error => TrustError::Other(error.to_string()),
    }
}

/// Whom a certificate is for.
fn names(certificate: &Certificate<'_>) -> Vec<String> {
    let mut names = certificate.host_names();
    names.extend(addresses(certificate).map(|address| address.to_string()));
    names
}

fn addresses(certificate: &Certificate<'_>) -> impl Iterator<Item = IpAddr> {
    certificate.host_addresses().into_iter().filter_map(|bytes| {
        let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
        four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
    })
}

fn is_for(certificate: &Certificate<'_>, name: &ServerName<'_>) -> bool {
    match name {
        ServerName::DnsName(wanted) => {
            certificate.host_names().iter().any(|pattern| is_same_name(pattern, wanted.as_ref()))
        }
        ServerName::IpAddress(wanted) => addresses(certificate).any(|address| address == IpAddr::from(*wanted)),
        _ => false,
    }
}

/// Compares names as RFC 6125 has it: a star stands for the whole first label, and for that alone.
fn is_same_name(pattern: &str, wanted: &str) -> bool {
    let wanted = wanted.strip_suffix('.').unwrap_or(wanted);
    if pattern.eq_ignore_ascii_case(wanted) {
        return true;
    }
    let Some(parent) = pattern.strip_prefix("*.") else { return false };
    parent.contains('.') && wanted.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent))
}

#[cfg(test)]
mod tests {
    use super::is_same_name;

    #[test]
    fn names_are_compared_whole() {
        assert!(is_same_name("smdp.example.com", "SMDP.example.com"));
        assert!(is_same_name("*.example.com", "smdp.example.com"));
        for (pattern, wanted) in [
            ("example.com", "smdp.example.com"),
            ("*.example.com", "example.com"),
            ("*.example.com", "a.b.example.com"),
            ("*.com", "example.com"),
            ("s*.example.com", "smdp.example.com"),
            ("*", "localhost"),
            ("", "a"),
            ("smdp.example.com\0.evil.example", "smdp.example.com"),
        ] {
            assert!(!is_same_name(pattern, wanted), "{pattern} {wanted}");
        }
    }
}
