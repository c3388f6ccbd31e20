//! Certificates with the extensions that SGP.22 4.5.2.1 demands of each role.

use std::str::FromStr;
use std::time::{Duration, SystemTime};

use p256::ecdsa::{DerSignature, SigningKey};
use sgp22::id::Eid;
use sgp22::tlv::{Tag, Writer};
use x509_cert::Certificate;
use x509_cert::TbsCertificate;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::der::asn1::{Ia5String, ObjectIdentifier, OctetString};
use x509_cert::der::flagset::FlagSet;
use x509_cert::der::oid::AssociatedOid;
use x509_cert::der::oid::db::rfc5280::{ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH};
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::certpolicy::PolicyInformation;
use x509_cert::ext::pkix::constraints::name::GeneralSubtree;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, CrlDistributionPoints, ExtendedKeyUsage, KeyUsage,
    KeyUsages, NameConstraints, SubjectAltName, SubjectKeyIdentifier,
};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};

use super::names::{CI_OID, EUM_OID, ROLE_CI, ROLE_EUICC, ROLE_EUM};
use super::{Identity, PkiError, new_key};

/// Certificates of tests live long: 30 years, as real EUM and eUICC ones do.
const VALIDITY: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// The root: signs itself.
pub(super) fn issue_ci() -> Result<Identity, PkiError> {
    let key = new_key();
    let subject = Name::from_str("CN=esimctl virtual CI,OU=Test bench,O=esimctl,C=XX")?;
    let role = Role {
        issuer: subject.clone(),
        subject,
        authority_key: None,
        extensions: vec![
            critical(&policy(ROLE_CI))?,
            critical(&KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign))?,
            critical(&BasicConstraints { ca: true, path_len_constraint: None })?,
            registered(&CI_OID)?,
            plain(&crl_at("http://ci.example.test/crl")?)?,
        ],
    };
    let certificate = build(role, &key, &key, Lifetime::Long)?;
    Identity::new(certificate, key)
}

/// A maker of eUICCs, who may only certify EIDs that begin with `ein`.
pub(super) fn issue_eum(ci: &Identity, ein: &str, lifetime: Lifetime) -> Result<Identity, PkiError> {
    let key = new_key();
    let organisation = eum_organisation(ein);
    let permitted = GeneralSubtree {
        base: GeneralName::DirectoryName(Name::from_str(&format!("serialNumber={ein},O={organisation}"))?),
        minimum: 0,
        maximum: None,
    };
    let role = Role {
        subject: Name::from_str(&format!("CN=EUM {ein},O={organisation},C=XX"))?,
        issuer: ci.certificate.tbs_certificate().subject().clone(),
        authority_key: Some(subject_key_id(&ci.certificate)?),
        extensions: vec![
            critical(&policy(ROLE_EUM))?,
            critical(&KeyUsage(KeyUsages::KeyCertSign.into()))?,
            critical(&BasicConstraints { ca: true, path_len_constraint: Some(0) })?,
            critical(&NameConstraints { permitted_subtrees: Some(vec![permitted]), excluded_subtrees: None })?,
            registered(&EUM_OID)?,
            plain(&crl_at("http://ci.example.test/crl-eum")?)?,
        ],
    };
    let certificate = build(role, &key, &ci.key, lifetime)?;
    Identity::new(certificate, key)
}

/// An eUICC: its EID is the serial number of the subject.
pub(super) fn issue_euicc(eum: &Identity, eid: Eid, lifetime: Lifetime) -> Result<Identity, PkiError> {
    let key = new_key();
    // An EUM of others' names what the eUICCs' organisation must be.
    let permitted = sgp22::cert::Certificate::decode(&eum.der).ok().and_then(|eum| eum.permitted_eids());
    let organisation =
        permitted.map_or_else(|| eum_organisation(&eid.to_string()[..8]), |(organisation, _)| organisation);
    let role = Role {
        subject: Name::from_str(&format!("CN=Virtual eUICC,serialNumber={eid},O={organisation},C=XX"))?,
        issuer: eum.certificate.tbs_certificate().subject().clone(),
        authority_key: Some(subject_key_id(&eum.certificate)?),
        extensions: vec![
            critical(&policy(ROLE_EUICC))?,
            critical(&KeyUsage(FlagSet::from(KeyUsages::DigitalSignature)))?,
        ],
    };
    let certificate = build(role, &key, &eum.key, lifetime)?;
    Identity::new(certificate, key)
}

/// What a server proves with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerRole<'a> {
    /// That it is the party with this registered identifier, to a card, or as the one who binds packages.
    Signing(sgp22::cert::Role),
    /// That it is this host, to an LPA.
    Tls(sgp22::cert::Role, &'a str),
}

/// A server, directly below the issuer as in version 2.
pub(super) fn issue_server(
    ci: &Identity,
    role: ServerRole<'_>,
    oid: &[u8],
    lifetime: Lifetime,
) -> Result<Identity, PkiError> {
    let key = new_key();
    let (kind, name) = match role {
        ServerRole::Signing(kind) => (kind, "signs"),
        ServerRole::Tls(kind, host) => (kind, host),
    };
    let mut extensions = vec![critical(&KeyUsage(FlagSet::from(KeyUsages::DigitalSignature)))?];
    let policy = policy_of(kind)?;
    match role {
        ServerRole::Signing(_) => {
            extensions.push(critical(&policy)?);
            extensions.push(registered(oid)?);
        }
        ServerRole::Tls(_, host) => {
            extensions.push(plain(&policy)?);
            let purposes = ExtendedKeyUsage(vec![ID_KP_SERVER_AUTH, ID_KP_CLIENT_AUTH]);
            extensions.push(critical(&purposes)?);
            extensions.push(host_and_registered(host, oid)?);
        }
    }
    extensions.push(plain(&crl_at("http://ci.example.test/crl")?)?);
    let role = Role {
        subject: Name::from_str(&format!("CN={kind:?} {name},O=esimctl virtual servers,C=XX"))?,
        issuer: ci.certificate.tbs_certificate().subject().clone(),
        authority_key: Some(subject_key_id(&ci.certificate)?),
        extensions,
    };
    let certificate = build(role, &key, &ci.key, lifetime)?;
    Identity::new(certificate, key)
}

fn eum_organisation(ein: &str) -> String {
    format!("esimctl virtual EUM {ein}")
}

/// A certificate's names and extensions; the key identifiers are added where the keys are known.
struct Role {
    subject: Name,
    issuer: Name,
    authority_key: Option<Vec<u8>>,
    extensions: Vec<Extension>,
}

impl BuilderProfile for Role {
    fn get_issuer(&self, _: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        key: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        _: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        let mut extensions = self.extensions.clone();
        extensions.push(plain(&SubjectKeyIdentifier::try_from(key)?)?);
        if let Some(authority) = &self.authority_key {
            extensions.push(plain(&AuthorityKeyIdentifier {
                key_identifier: Some(OctetString::new(authority.clone())?),
                ..AuthorityKeyIdentifier::default()
            })?);
        }
        Ok(extensions)
    }
}

/// When a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lifetime {
    /// From now on for a long time.
    Long,
    /// Not any more.
    Past,
    /// Not yet.
    Future,
}

impl Lifetime {
    fn validity(self) -> Result<Validity, PkiError> {
        let day = Duration::from_secs(24 * 3600);
        let now = SystemTime::now();
        Ok(match self {
            Self::Long => Validity::from_now(VALIDITY)?,
            Self::Past => Validity::new(Time::try_from(now - 2 * day)?, Time::try_from(now - day)?),
            Self::Future => Validity::new(Time::try_from(now + day)?, Time::try_from(now + 2 * day)?),
        })
    }
}

fn build(role: Role, key: &SigningKey, issuer: &SigningKey, lifetime: Lifetime) -> Result<Certificate, PkiError> {
    let mut serial = [0; 8];
    getrandom::fill(&mut serial).map_err(|error| PkiError::Build(error.to_string()))?;
    serial[0] = (serial[0] & 0x7F) | 0x01;
    let public_key =
        SubjectPublicKeyInfo::from_key(key.verifying_key()).map_err(|error| PkiError::Build(error.to_string()))?;
    let serial = SerialNumber::new(&serial)?;
    let builder = CertificateBuilder::new(role, serial, lifetime.validity()?, public_key)?;
    Ok(builder.build::<_, DerSignature>(issuer)?)
}

fn extension<E: AssociatedOid + Encode>(value: &E, critical: bool) -> Result<Extension, x509_cert::der::Error> {
    Ok(Extension { extn_id: E::OID, critical, extn_value: OctetString::new(value.to_der()?)? })
}

fn critical<E: AssociatedOid + Encode>(value: &E) -> Result<Extension, x509_cert::der::Error> {
    extension(value, true)
}

fn plain<E: AssociatedOid + Encode>(value: &E) -> Result<Extension, x509_cert::der::Error> {
    extension(value, false)
}

fn policy(role: ObjectIdentifier) -> CertificatePolicies {
    CertificatePolicies(vec![PolicyInformation { policy_identifier: role, policy_qualifiers: None }])
}

/// The policy that stands for a server's role.
fn policy_of(role: sgp22::cert::Role) -> Result<CertificatePolicies, PkiError> {
    Ok(policy(
        ObjectIdentifier::from_bytes(role.policy().as_bytes()).map_err(|error| PkiError::Build(error.to_string()))?,
    ))
}

/// A subject alternative name of a host and a registered identifier.
fn host_and_registered(host: &str, oid: &[u8]) -> Result<Extension, x509_cert::der::Error> {
    let names = Writer::object(Tag(0x30), |w| {
        w.put(Tag(0x82), host.as_bytes());
        w.put(Tag(0x88), oid);
    });
    Ok(Extension { extn_id: SubjectAltName::OID, critical: false, extn_value: OctetString::new(names)? })
}

/// A subject alternative name of one registered identifier: `SEQUENCE { registeredID [8] OBJECT IDENTIFIER }`.
fn registered(oid: &[u8]) -> Result<Extension, x509_cert::der::Error> {
    let names = Writer::object(Tag(0x30), |w| {
        w.put(Tag(0x88), oid);
    });
    Ok(Extension { extn_id: SubjectAltName::OID, critical: false, extn_value: OctetString::new(names)? })
}

fn crl_at(url: &str) -> Result<CrlDistributionPoints, x509_cert::der::Error> {
    let name = GeneralName::UniformResourceIdentifier(Ia5String::new(url)?);
    Ok(CrlDistributionPoints(vec![DistributionPoint {
        distribution_point: Some(DistributionPointName::FullName(vec![name])),
        reasons: None,
        crl_issuer: None,
    }]))
}

/// The value of the subject key identifier extension.
pub(super) fn subject_key_id(certificate: &Certificate) -> Result<Vec<u8>, PkiError> {
    let id: SubjectKeyIdentifier = find_extension(certificate)?;
    Ok(id.0.as_bytes().to_vec())
}

/// The key identifier in the authority key identifier extension.
pub(super) fn authority_key_id(certificate: &Certificate) -> Result<Vec<u8>, PkiError> {
    let id: AuthorityKeyIdentifier = find_extension(certificate)?;
    let key = id.key_identifier.ok_or_else(|| PkiError::Build("no authority key identifier".into()))?;
    Ok(key.as_bytes().to_vec())
}

fn find_extension<E: AssociatedOid + for<'a> Decode<'a>>(certificate: &Certificate) -> Result<E, PkiError> {
    let extensions = certificate.tbs_certificate().extensions().map_or(&[][..], Vec::as_slice);
    let found = extensions
        .iter()
        .find(|extension| extension.extn_id == E::OID)
        .ok_or_else(|| PkiError::Build(format!("the certificate lacks extension {}", E::OID)))?;
    E::from_der(found.extn_value.as_bytes()).map_err(|error| PkiError::Build(error.to_string()))
}
