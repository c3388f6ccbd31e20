//! From a certificate of a server or a card up to an issuer.
//!
//! Not by `webpki`: it refuses certificates whose policies are marked critical, as SGP.22 4.5.2.1 has them. Chains here
//! are short and their rules few. Dates are no part of it, so that an expired certificate from an unknown issuer is
//! said to come from an unknown issuer.

use rustls::pki_types::SignatureVerificationAlgorithm;
use sgp22::cert::Certificate;
use sgp22::tlv::{Elements, Reader, Tag, open};

use super::anchors::{Anchor, key_algorithm};

/// The most certificates of a server that are looked at, so that one cannot keep the processor busy.
pub(super) const MOST_PRESENTED: usize = 6;
/// The most certificates between the server's and the issuer: SGP.22 version 3 has two.
const MOST_BETWEEN: usize = 3;

const KEY_USAGE: &[u8] = b"\x55\x1D\x0F";
const SUBJECT_ALT_NAME: &[u8] = b"\x55\x1D\x11";
const BASIC_CONSTRAINTS: &[u8] = b"\x55\x1D\x13";
const CRL_DISTRIBUTION_POINTS: &[u8] = b"\x55\x1D\x1F";
const CERTIFICATE_POLICIES: &[u8] = b"\x55\x1D\x20";
const EXTENDED_KEY_USAGE: &[u8] = b"\x55\x1D\x25";
/// Extensions that may be critical. Name constraints are none of them: they are for makers of cards.
const UNDERSTOOD: [&[u8]; 6] =
    [KEY_USAGE, SUBJECT_ALT_NAME, BASIC_CONSTRAINTS, CRL_DISTRIBUTION_POINTS, CERTIFICATE_POLICIES, EXTENDED_KEY_USAGE];
/// id-kp-serverAuth, 1.3.6.1.5.5.7.3.1.
const SERVER_AUTHENTICATION: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x03\x01";
/// Roles of those who certify cards: in version 2 (2.23.146.1.2.1.2) and, with all below it, in version 3 (…1.0.0.0).
const CARD_MAKER: &[u8] = b"\x67\x81\x12\x01\x02\x01\x02";
const CARD_MAKER_V3: &[u8] = b"\x67\x81\x12\x01\x02\x01\x00\x00\x00";

/// A way from a certificate to an issuer.
pub(crate) struct Chain<'a> {
    pub(crate) anchor: &'a Anchor,
    /// The certificate that was asked about, then those between it and the issuer.
    pub(crate) certificates: Vec<&'a Certificate<'a>>,
}

/// What chains are made of.
pub(crate) struct Search<'a> {
    pub(crate) anchors: &'a [Anchor],
    /// The certificates that came with the one that is asked about.
    pub(crate) presented: &'a [Certificate<'a>],
    pub(crate) algorithms: &'static [&'static dyn SignatureVerificationAlgorithm],
    /// True if a certificate may stand between, with so many others below it.
    pub(crate) may_certify: fn(&Certificate<'_>, usize) -> bool,
}

impl<'a> Search<'a> {
    /// The shortest way from `leaf` to the first anchor that there is.
    pub(crate) fn find(&self, leaf: &'a Certificate<'a>) -> Option<Chain<'a>> {
        let mut ways = vec![vec![leaf]];
        for _ in 0..=MOST_BETWEEN {
            let ended = ways.iter().find_map(|way| {
                let anchor = self.anchors.iter().find(|anchor| self.ends_at(way, anchor))?;
                Some(Chain { anchor, certificates: way.clone() })
            });
            if ended.is_some() {
                return ended;
            }
            ways = ways.iter().flat_map(|way| self.longer(way)).collect();
        }
        None
    }

    fn ends_at(&self, way: &[&Certificate<'_>], anchor: &Anchor) -> bool {
        let Some(last) = way.last() else { return false };
        contents(last.issuer) == Some(anchor.name.as_slice())
            && self.signed(last, &anchor.algorithm, &anchor.public_key)
    }

    /// The ways that lead one certificate further up.
    fn longer(&self, way: &[&'a Certificate<'a>]) -> Vec<Vec<&'a Certificate<'a>>> {
        let Some(last) = way.last() else { return Vec::new() };
        let issued = |issuer: &Certificate<'a>| {
            issuer.subject == last.issuer
                && !way.iter().any(|used| used.raw == issuer.raw)
                && (self.may_certify)(issuer, way.len() - 1)
                && key_algorithm(issuer).is_ok_and(|algorithm| self.signed(last, algorithm, issuer.public_key))
        };
        self.presented.iter().filter(|issuer| issued(issuer)).map(|issuer| [way, &[issuer]].concat()).collect()
    }

    fn signed(&self, certificate: &Certificate<'_>, key_algorithm: &[u8], key: &[u8]) -> bool {
        let Some(signature_algorithm) = contents(certificate.signature_algorithm) else { return false };
        self.algorithms
            .iter()
            .filter(|algorithm| algorithm.signature_alg_id().as_ref() == signature_algorithm)
            .filter(|algorithm| algorithm.public_key_alg_id().as_ref() == key_algorithm)
            .any(|algorithm| algorithm.verify_signature(key, certificate.tbs, certificate.signature).is_ok())
    }
}

fn contents(sequence: &[u8]) -> Option<&[u8]> {
    open("SEQUENCE", sequence, Tag(0x30)).ok().map(|sequence| sequence.value)
}

fn extension<'a>(certificate: &Certificate<'a>, oid: &[u8]) -> Option<&'a [u8]> {
    certificate.extensions().iter().find(|extension| extension.oid.as_bytes() == oid).map(|extension| extension.value)
}

/// True if `issuer` is a certificate authority for servers that allows for `below` more of them below it.
pub(super) fn may_certify_servers(issuer: &Certificate<'_>, below: usize) -> bool {
    is_authority(issuer, below) && unknown_critical(issuer).is_none() && !makes_cards(issuer)
}

/// True if `issuer` is a certificate authority that allows for `below` more of them below it.
pub(crate) fn is_authority(issuer: &Certificate<'_>, below: usize) -> bool {
    let authority = extension(issuer, BASIC_CONSTRAINTS).and_then(|value| {
        let mut constraints = Elements::open("BasicConstraints", value, Tag(0x30)).ok()?;
        let authority = constraints.take(Tag(0x01)).is_some_and(|value| value.value == [0xFF]);
        let longest =
            constraints.optional(Tag(0x02), |value| sgp22::tlv::decode_u64("pathLenConstraint", value)).ok()?;
        Some(authority && longest.is_none_or(|longest| u64::try_from(below).is_ok_and(|below| below <= longest)))
    });
    authority == Some(true) && issuer.may_sign_certificates()
}

/// True if a maker of cards owns the certificate: what one certifies is no server.
fn makes_cards(certificate: &Certificate<'_>) -> bool {
    let Some(policies) = extension(certificate, CERTIFICATE_POLICIES).and_then(contents) else { return false };
    Reader::new("CertificatePolicies", policies).any(|policy| {
        let oid = policy.ok().and_then(|policy| Reader::new("PolicyInformation", policy.value).next()?.ok());
        oid.is_none_or(|oid| oid.value == CARD_MAKER || oid.value.starts_with(CARD_MAKER_V3))
    })
}

/// A critical extension that is not known here, by its number.
pub(super) fn unknown_critical(certificate: &Certificate<'_>) -> Option<String> {
    unknown_critical_beside(certificate, &[])
}

/// A critical extension that is known neither here nor to the caller, who understands `more`.
pub(crate) fn unknown_critical_beside(certificate: &Certificate<'_>, more: &[&[u8]]) -> Option<String> {
    let unknown = |oid: &[u8]| !UNDERSTOOD.contains(&oid) && !more.contains(&oid);
    let extensions = certificate.extensions().iter();
    extensions
        .filter(|found| found.critical)
        .find(|found| unknown(found.oid.as_bytes()))
        .map(|found| found.oid.to_string())
}

/// True if the certificate is for a server in TLS, or for no use in particular.
pub(super) fn is_for_servers(certificate: &Certificate<'_>) -> bool {
    let signs = extension(certificate, KEY_USAGE).is_none() || certificate.may_sign_data();
    let uses = extension(certificate, EXTENDED_KEY_USAGE).map(|value| {
        contents(value).is_some_and(|uses| {
            Reader::new("ExtKeyUsageSyntax", uses).any(|oid| oid.is_ok_and(|oid| oid.value == SERVER_AUTHENTICATION))
        })
    });
    signs && uses.unwrap_or(true)
}
