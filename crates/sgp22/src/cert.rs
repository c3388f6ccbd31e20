//! Certificates, as far as remote provisioning looks into them (SGP.22 4.5.2, SGP.26).
//!
//! Read with the reader that reads everything else, and not with a certificate library: what is signed is needed as it
//! was received, and GSMA's test parties have object identifiers (2.999…) that such libraries refuse.

mod card;
mod name;

pub use card::{PERMITTED_EINS, PermittedCards};
pub use name::distinguished_name;

use crate::ci::CiKeyId;
use crate::id::Oid;
use crate::tlv::{Bits, DecodeError, Elements, Reader, Tag, Tlv};

/// A certificate, borrowed from its bytes.
#[derive(Debug, Clone)]
pub struct Certificate<'a> {
    /// The whole certificate as received.
    pub raw: &'a [u8],
    /// What the issuer signed, as received.
    pub tbs: &'a [u8],
    /// The issuer's name, a DER SEQUENCE.
    pub issuer: &'a [u8],
    /// The subject's name, a DER SEQUENCE.
    pub subject: &'a [u8],
    /// Valid from, in seconds since 1970.
    pub not_before: i64,
    /// Valid until, in seconds since 1970.
    pub not_after: i64,
    /// The subject's public key information, a DER SEQUENCE.
    pub public_key_info: &'a [u8],
    /// The curve of the key; [`CURVE_P256`] for nearly all.
    pub curve: Option<Oid>,
    /// The public key: for an elliptic curve the point, `04 || X || Y`.
    pub public_key: &'a [u8],
    /// The algorithm of the signature, a DER SEQUENCE.
    pub signature_algorithm: &'a [u8],
    /// The signature: for ECDSA a DER SEQUENCE of two INTEGERs.
    pub signature: &'a [u8],
    extensions: Vec<Extension<'a>>,
}

/// An extension of a certificate.
#[derive(Debug, Clone)]
pub struct Extension<'a> {
    /// What it is.
    pub oid: Oid,
    /// Whether a certificate must be refused by whom does not know the extension.
    pub critical: bool,
    /// Its value: the contents of the OCTET STRING.
    pub value: &'a [u8],
}

/// The curve NIST P-256 (1.2.840.10045.3.1.7).
pub const CURVE_P256: &[u8] = b"\x2A\x86\x48\xCE\x3D\x03\x01\x07";

const SUBJECT_KEY_ID: &[u8] = b"\x55\x1D\x0E";
const KEY_USAGE: &[u8] = b"\x55\x1D\x0F";
const SUBJECT_ALT_NAME: &[u8] = b"\x55\x1D\x11";
const NAME_CONSTRAINTS: &[u8] = b"\x55\x1D\x1E";
const CERTIFICATE_POLICIES: &[u8] = b"\x55\x1D\x20";
const AUTHORITY_KEY_ID: &[u8] = b"\x55\x1D\x23";
/// Attribute types of names.
const ORGANIZATION: &[u8] = b"\x55\x04\x0A";
const SERIAL_NUMBER: &[u8] = b"\x55\x04\x05";
/// id-rspRole, 2.23.146.1.2.1: the role is the arc behind it.
const RSP_ROLE: &[u8] = b"\x67\x81\x12\x01\x02\x01";

/// What the owner of a certificate is (SGP.22 4.5.2.1.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Certificate issuer.
    Ci,
    /// An eUICC.
    Euicc,
    /// A maker of eUICCs.
    Eum,
    /// An SM-DP+ in TLS.
    DpTls,
    /// An SM-DP+ that authenticates itself to a card.
    DpAuth,
    /// An SM-DP+ that binds profile packages.
    DpPb,
    /// An SM-DS in TLS.
    DsTls,
    /// An SM-DS that authenticates itself to a card.
    DsAuth,
}

impl Role {
    const BY_ARC: [Self; 8] =
        [Self::Ci, Self::Euicc, Self::Eum, Self::DpTls, Self::DpAuth, Self::DpPb, Self::DsTls, Self::DsAuth];

    /// The policy that stands for the role in a certificate.
    #[must_use]
    pub fn policy(self) -> Oid {
        let arc = Self::BY_ARC.iter().position(|role| *role == self).and_then(|arc| u8::try_from(arc).ok());
        Oid::from_contents([RSP_ROLE, &[arc.unwrap_or(0)]].concat())
    }
}

fn certificate_error(why: &'static str) -> DecodeError {
    DecodeError::value("Certificate", why)
}

impl<'a> Certificate<'a> {
    /// Reads a certificate in DER.
    pub fn decode(raw: &'a [u8]) -> Result<Self, DecodeError> {
        let mut outer = Reader::new("Certificate", crate::tlv::open("Certificate", raw, Tag(0x30))?.value);
        let mut part = |what| outer.next().ok_or(certificate_error(what))?;
        let tbs = part("lacks its contents")?;
        let algorithm = part("lacks its algorithm")?;
        let signature = bit_string(&part("lacks its signature")?)?;
        let mut fields = Elements::parse("TBSCertificate", tbs.value)?;
        let _version = fields.take(Tag(0xA0));
        let _serial = fields.take(Tag(0x02)).ok_or(certificate_error("lacks its serial number"))?;
        let mut sequences = fields.all(Tag(0x30)).into_iter();
        let mut next = |what| sequences.next().ok_or(certificate_error(what));
        let _signature_algorithm = next("lacks its algorithm")?;
        let issuer = next("lacks its issuer")?;
        let validity = next("lacks its validity")?;
        let subject = next("lacks its subject")?;
        let key = next("lacks its key")?;
        let mut times = Reader::new("Validity", validity.value);
        let mut time = || times.next().ok_or(certificate_error("lacks a date"))?.and_then(|time| seconds(&time));
        let (not_before, not_after) = (time()?, time()?);
        let mut key_parts = Elements::parse("SubjectPublicKeyInfo", key.value)?;
        let curve = key_parts
            .required(Tag(0x30), |algorithm| Elements::parse("AlgorithmIdentifier", algorithm))?
            .all(Tag(0x06))
            .get(1)
            .map(|curve| Oid::decode(curve.value))
            .transpose()?;
        let public_key =
            key_parts.take(Tag(0x03)).ok_or(certificate_error("lacks its key")).and_then(|bits| bit_string(&bits))?;
        let extensions = match fields.take(Tag(0xA3)) {
            Some(wrapper) => Elements::parse("Extensions", wrapper.value)?
                .required(Tag(0x30), |list| Reader::new("Extensions", list).map(extension).collect())?,
            None => Vec::new(),
        };
        Ok(Self {
            raw,
            tbs: tbs.raw,
            issuer: issuer.raw,
            subject: subject.raw,
            not_before,
            not_after,
            public_key_info: key.raw,
            curve,
            public_key,
            signature_algorithm: algorithm.raw,
            signature,
            extensions,
        })
    }

    /// All extensions, in order.
    #[must_use]
    pub fn extensions(&self) -> &[Extension<'a>] {
        &self.extensions
    }

    fn extension(&self, oid: &[u8]) -> Option<&'a [u8]> {
        self.extensions.iter().find(|extension| extension.oid.as_bytes() == oid).map(|extension| extension.value)
    }

    /// Its own key identifier; for a CI the CI PKID.
    #[must_use]
    pub fn subject_key_id(&self) -> Option<CiKeyId> {
        let value = self.extension(SUBJECT_KEY_ID)?;
        let octets = crate::tlv::open("SubjectKeyIdentifier", value, Tag(0x04)).ok()?;
        CiKeyId::decode(octets.value).ok()
    }

    /// The key identifier of its issuer.
    #[must_use]
    pub fn authority_key_id(&self) -> Option<CiKeyId> {
        let value = self.extension(AUTHORITY_KEY_ID)?;
        Elements::open("AuthorityKeyIdentifier", value, Tag(0x30)).ok()?.optional(Tag(0x80), CiKeyId::decode).ok()?
    }

    /// What its owner is.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        let value = self.extension(CERTIFICATE_POLICIES)?;
        let policies = crate::tlv::open("CertificatePolicies", value, Tag(0x30)).ok()?;
        Reader::new("CertificatePolicies", policies.value).find_map(|policy| {
            let oid = Reader::new("PolicyInformation", policy.ok()?.value).next()?.ok()?;
            let [arc] = oid.value.strip_prefix(RSP_ROLE)? else { return None };
            Role::BY_ARC.get(usize::from(*arc)).copied()
        })
    }

    /// The object identifier of its owner: a registered id among the alternative names.
    #[must_use]
    pub fn owner(&self) -> Option<Oid> {
        self.alternative_names(Tag(0x88)).find_map(|name| Oid::decode(name).ok())
    }

    /// The host names among the alternative names.
    #[must_use]
    pub fn host_names(&self) -> Vec<String> {
        self.alternative_names(Tag(0x82)).map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    }

    /// The addresses among the alternative names: four or sixteen bytes.
    #[must_use]
    pub fn host_addresses(&self) -> Vec<&'a [u8]> {
        self.alternative_names(Tag(0x87)).collect()
    }

    fn alternative_names(&self, tag: Tag) -> impl Iterator<Item = &'a [u8]> {
        let names = self
            .extension(SUBJECT_ALT_NAME)
            .and_then(|value| Elements::open("SubjectAltName", value, Tag(0x30)).ok())
            .map(|mut names| names.all(tag))
            .unwrap_or_default();
        names.into_iter().map(|name| name.value)
    }

    /// True if its key may be used to sign data.
    #[must_use]
    pub fn may_sign_data(&self) -> bool {
        self.key_usage(0)
    }

    /// True if its key may be used to sign certificates.
    #[must_use]
    pub fn may_sign_certificates(&self) -> bool {
        self.key_usage(5)
    }

    fn key_usage(&self, bit: usize) -> bool {
        self.extension(KEY_USAGE)
            .and_then(|value| crate::tlv::open("KeyUsage", value, Tag(0x03)).ok())
            .and_then(|bits| Bits::decode("KeyUsage", bits.value).ok())
            .is_some_and(|usage| usage.has(bit))
    }

    /// The organisation in the subject.
    #[must_use]
    pub fn organisation(&self) -> Option<String> {
        attribute(self.subject, ORGANIZATION)
    }

    /// The serial number in the subject; for an eUICC its EID.
    #[must_use]
    pub fn serial_number(&self) -> Option<String> {
        attribute(self.subject, SERIAL_NUMBER)
    }

    /// Organisation and EID prefix that an EUM may certify (SGP.22 4.5.2.1.0.2): the permitted directory name.
    #[must_use]
    pub fn permitted_eids(&self) -> Option<(String, String)> {
        let value = self.extension(NAME_CONSTRAINTS)?;
        let permitted = Elements::open("NameConstraints", value, Tag(0x30)).ok()?.take(Tag(0xA0))?;
        let subtree = Reader::new("GeneralSubtrees", permitted.value).next()?.ok()?;
        let directory = Elements::parse("GeneralSubtree", subtree.value).ok()?.take(Tag(0xA4))?;
        Some((attribute(directory.value, ORGANIZATION)?, attribute(directory.value, SERIAL_NUMBER)?))
    }
}

fn extension(extension: Result<Tlv<'_>, DecodeError>) -> Result<Extension<'_>, DecodeError> {
    let mut parts = Elements::parse("Extension", extension?.value)?;
    let oid = parts.required(Tag(0x06), Oid::decode)?;
    let critical = parts.optional(Tag(0x01), |value| Ok(value != [0]))?.unwrap_or(false);
    let value = parts.take(Tag(0x04)).ok_or(certificate_error("has an extension without a value"))?;
    Ok(Extension { oid, critical, value: value.value })
}

/// The bytes of a BIT STRING that has no unused bits.
fn bit_string<'a>(bits: &Tlv<'a>) -> Result<&'a [u8], DecodeError> {
    match (bits.tag, bits.value) {
        (Tag(0x03), [0, bytes @ ..]) => Ok(bytes),
        _ => Err(certificate_error("has a key or signature that is no bit string")),
    }
}

/// The first attribute of this type in a name.
fn attribute(name: &[u8], wanted: &[u8]) -> Option<String> {
    let sets = crate::tlv::open("Name", name, Tag(0x30)).ok()?;
    Reader::new("Name", sets.value).find_map(|set| {
        Reader::new("RelativeDistinguishedName", set.ok()?.value).find_map(|attribute| {
            let mut parts = Reader::new("AttributeTypeAndValue", attribute.ok()?.value);
            let kind = parts.next()?.ok()?;
            let value = parts.next()?.ok()?;
            (kind.value == wanted).then(|| String::from_utf8_lossy(value.value).into_owned())
        })
    })
}

/// UTCTime (`YYMMDDHHMMSSZ`, 1950 to 2049) or GeneralizedTime (`YYYYMMDDHHMMSSZ`) in seconds since 1970.
fn seconds(time: &Tlv<'_>) -> Result<i64, DecodeError> {
    let error = || certificate_error("has a date that cannot be read");
    let (digits, century) = match (time.tag, time.value.len()) {
        (Tag(0x17), 13) => (time.value, None),
        (Tag(0x18), 15) => (&time.value[2..], Some(&time.value[..2])),
        _ => return Err(error()),
    };
    let number = |bytes: &[u8]| match bytes {
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Ok(i64::from(a - b'0') * 10 + i64::from(b - b'0')),
        _ => Err(error()),
    };
    let short_year = number(&digits[..2])?;
    let year = match century {
        Some(century) => number(century)? * 100 + short_year,
        None if short_year < 50 => 2000 + short_year,
        None => 1900 + short_year,
    };
    let (month, day) = (number(&digits[2..4])?, number(&digits[4..6])?);
    let (hour, minute, second) = (number(&digits[6..8])?, number(&digits[8..10])?, number(&digits[10..12])?);
    let in_range = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    if !in_range || digits[12] != b'Z' {
        return Err(error());
    }
    Ok(((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

/// Days since 1970-01-01 in the Gregorian calendar; a year is taken to begin in March, so that leap days come last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(days(1970, 1, 1), 0);
        assert_eq!(days(2000, 3, 1), 11_017);
        assert_eq!(days(2024, 2, 29), 19_782);
        let at = |tag, text: &'static [u8]| seconds(&Tlv { tag: Tag(tag), value: text, raw: text });
        assert_eq!(at(0x17, b"700101000000Z"), Ok(0));
        assert_eq!(at(0x17, b"261122120000Z"), Ok(1_795_348_800));
        assert_eq!(at(0x18, b"20520221235959Z"), Ok(2_592_172_799));
        for wrong in [&b"2611221200Z"[..], b"26112212000aZ", b"261322120000Z", b"261122120000+"] {
            assert!(at(0x17, wrong).is_err());
        }
    }

    #[test]
    fn roles_have_their_policies() {
        assert_eq!(Role::DpAuth.policy().to_string(), "2.23.146.1.2.1.4");
        assert_eq!(Role::Ci.policy().to_string(), "2.23.146.1.2.1.0");
        assert_eq!(Role::DsAuth.policy().to_string(), "2.23.146.1.2.1.7");
    }
}
