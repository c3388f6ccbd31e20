//! What a notification proves to somebody who was not there: that a genuine eUICC signed it.
//!
//! The chain goes from the card's certificate over its maker's (EUM) to an issuer of the GSMA (SGP.22 4.5.2); its rules
//! are in `rules`. Nothing here asks a server: whether a certificate was revoked is not known.

mod error;
mod rules;

use rustls::pki_types::{SignatureVerificationAlgorithm, alg_id};
use sgp22::cert::{Certificate, distinguished_name};
use sgp22::ci::CiKeyId;
use sgp22::id::Eid;
use sgp22::notification::NotificationMetadata;
use sgp22::signed_notification::{OtherSignedNotification, der_signature};

use crate::smdp::https::chain::{Chain, Search};
use crate::smdp::https::{Anchor, AnchorKind, key_algorithm};
pub use error::{CertificateOf, Misuse, ProofError};

/// The most certificates of a notification that are looked at.
const MAX_CERTIFICATES: usize = 6;

/// A verifier of what cards sign, with the issuers that it believes.
#[derive(Debug)]
pub struct ProofVerifier {
    anchors: Vec<Anchor>,
    trust_test_issuers: bool,
    algorithms: &'static [&'static dyn SignatureVerificationAlgorithm],
}

/// A notification that a genuine card has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenNotification {
    /// The signed content.
    pub metadata: NotificationMetadata,
    /// The card, from its certificate.
    pub eid: Eid,
    /// The maker's name.
    pub maker: String,
    /// The issuer that the chain leads to.
    pub issuer: ProofIssuer,
    /// Certificates of the chain that are out of date, or not valid yet, at the time of checking.
    pub out_of_date: Vec<OutOfDate>,
}

/// The issuer at the top of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofIssuer {
    /// The key identifier.
    pub key: CiKeyId,
    /// The name in its certificate.
    pub name: String,
    /// The source of the trust in it.
    pub kind: AnchorKind,
}

/// A certificate that is not valid at the time of checking. A card has no clock: when it signed, nobody can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfDate {
    /// The owner.
    pub of: CertificateOf,
    /// The end of its validity, or the beginning where that lies ahead; in seconds since 1970.
    pub at: i64,
    /// True if it expired, false if it is not valid yet.
    pub expired: bool,
}

impl ProofVerifier {
    /// A verifier that knows the built-in issuers and `added`. Test issuers count only if the user trusts them.
    #[must_use]
    pub fn new(added: Vec<Anchor>, trust_test_issuers: bool) -> Self {
        let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms.all;
        let mut anchors = [added, Anchor::built_in()].concat();
        anchors.sort_by_key(|anchor| anchor.kind);
        Self { anchors, trust_test_issuers, algorithms }
    }

    /// Checks a notification: certificates, signature, and that the maker may certify this EID. `now` in seconds since
    /// 1970 decides about dates alone.
    ///
    /// # Errors
    /// If anything of it does not hold, or cannot be found out.
    pub fn verify(&self, bytes: &[u8], now: i64) -> Result<ProvenNotification, ProofError> {
        if !OtherSignedNotification::is_one(bytes) {
            return Err(ProofError::OtherKind);
        }
        let signed = OtherSignedNotification::decode(bytes).map_err(ProofError::Unreadable)?;
        let card_bytes = signed.card_certificate.ok_or(ProofError::Missing(CertificateOf::Card))?;
        let maker_bytes = signed.maker_certificate.ok_or(ProofError::Missing(CertificateOf::Maker))?;
        let read = |of, bytes| Certificate::decode(bytes).map_err(|why| ProofError::BadCertificate { of, why });
        let card = read(CertificateOf::Card, card_bytes)?;
        let mut above = vec![read(CertificateOf::Maker, maker_bytes)?];
        for other in signed.other_certificates.iter().take(MAX_CERTIFICATES) {
            above.push(read(CertificateOf::Issuer, other)?);
        }
        let chain = self.chain(&card, &above)?;
        let eid = rules::check(&card, &chain.certificates)?;
        self.check_signature(&card, &signed)?;
        let issuer = issuer_of(chain.anchor);
        if issuer.kind == AnchorKind::Test && !self.trust_test_issuers {
            return Err(ProofError::TestIssuer(issuer));
        }
        let maker = chain.certificates.get(1).map(|maker| maker.organisation().unwrap_or_default());
        let out_of_date = out_of_date(&chain, now);
        Ok(ProvenNotification { metadata: signed.metadata, eid, maker: maker.unwrap_or_default(), issuer, out_of_date })
    }

    fn chain<'a>(&'a self, card: &'a Certificate<'a>, above: &'a [Certificate<'a>]) -> Result<Chain<'a>, ProofError> {
        let search = Search {
            anchors: &self.anchors,
            presented: above,
            algorithms: self.algorithms,
            may_certify: rules::may_certify,
        };
        search.find(card).ok_or_else(|| self.why_no_chain(card, above))
    }

    /// The reason why no chain was found: an issuer that nobody here knows, or certificates that do not fit together.
    fn why_no_chain(&self, card: &Certificate<'_>, above: &[Certificate<'_>]) -> ProofError {
        let Some(maker) = above.iter().find(|maker| maker.subject == card.issuer) else {
            return ProofError::WrongIssuer(CertificateOf::Card);
        };
        if let Some(fault) = rules::fault_of_maker(maker) {
            return fault;
        }
        let top = above.iter().find(|top| top.subject == maker.issuer).unwrap_or(maker);
        let name = distinguished_name(top.issuer);
        if self.is_known(top) {
            return ProofError::BadChain { issuer: name };
        }
        ProofError::UnknownIssuer { name, key: top.authority_key_id() }
    }

    fn is_known(&self, certificate: &Certificate<'_>) -> bool {
        self.anchors.iter().any(|anchor| {
            let same_key = certificate.authority_key_id().is_some_and(|key| key == anchor.key);
            same_key || distinguished_name(certificate.issuer) == anchor.distinguished_name()
        })
    }

    fn check_signature(&self, card: &Certificate<'_>, signed: &OtherSignedNotification<'_>) -> Result<(), ProofError> {
        let signature = der_signature(signed.signature).ok_or(ProofError::BadSignature)?;
        let key_algorithm =
            key_algorithm(card).map_err(|why| ProofError::BadCertificate { of: CertificateOf::Card, why })?;
        let usable = self
            .algorithms
            .iter()
            .filter(|algorithm| algorithm.public_key_alg_id().as_ref() == key_algorithm)
            .find(|algorithm| algorithm.signature_alg_id() == alg_id::ECDSA_SHA256)
            .ok_or(ProofError::Curve(CertificateOf::Card))?;
        usable.verify_signature(card.public_key, signed.tbs, &signature).map_err(|_| ProofError::BadSignature)
    }
}

fn issuer_of(anchor: &Anchor) -> ProofIssuer {
    ProofIssuer { key: anchor.key.clone(), name: anchor.distinguished_name(), kind: anchor.kind }
}

fn out_of_date(chain: &Chain<'_>, now: i64) -> Vec<OutOfDate> {
    let of = |index: usize| match index {
        0 => CertificateOf::Card,
        1 => CertificateOf::Maker,
        _ => CertificateOf::Issuer,
    };
    let judge = |(index, certificate): (usize, &&Certificate<'_>)| {
        if certificate.not_after < now {
            return Some(OutOfDate { of: of(index), at: certificate.not_after, expired: true });
        }
        (certificate.not_before > now).then(|| OutOfDate { of: of(index), at: certificate.not_before, expired: false })
    };
    let mut found: Vec<OutOfDate> = chain.certificates.iter().enumerate().filter_map(judge).collect();
    if chain.anchor.not_after < now {
        found.push(OutOfDate { of: CertificateOf::Issuer, at: chain.anchor.not_after, expired: true });
    }
    found
}
