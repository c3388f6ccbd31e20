//! Certificates of issuers and servers, as right or wrong as a test wants them.

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::elliptic_curve::Generate;
use p256::pkcs8::{EncodePrivateKey, EncodePublicKey};
use sgp22::ci::CiKeyId;
use sgp22::tlv::{Tag, Writer};

const SEQUENCE: Tag = Tag(0x30);
const ECDSA_WITH_SHA256: &[u8] = b"\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x02";
const BRAINPOOL_KEY: &[u8] = b"\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x09\x2B\x24\x03\x03\x02\x08\x01\x01\x07";
/// Policies (2.23.146.1.2.1…): server in TLS, maker of cards, issuer below a CI.
pub(crate) const DP_TLS: &[u8] = b"\x67\x81\x12\x01\x02\x01\x03";
pub(crate) const EUM: &[u8] = b"\x67\x81\x12\x01\x02\x01\x02";
pub(crate) const CI_SUB_CA: &[u8] = b"\x67\x81\x12\x01\x02\x01\x00\x00";
/// 2.999.10, as GSMA's test servers have it.
const REGISTERED_ID: &[u8] = b"\x88\x37\x0A";

pub(crate) const LONG_AGO: &str = "20200101000000Z";
pub(crate) const PAST: &str = "20210101000000Z";
pub(crate) const FUTURE: &str = "20480101000000Z";
pub(crate) const FAR_FUTURE: &str = "20490101000000Z";

/// An issuer of certificates.
pub(crate) struct Authority {
    pub(crate) der: Vec<u8>,
    pub(crate) id: CiKeyId,
    name: Vec<u8>,
    key: SigningKey,
}

/// A server's certificate and key.
#[derive(Clone)]
pub(crate) struct Identity {
    /// The server's own first.
    pub(crate) chain: Vec<Vec<u8>>,
    pub(crate) key: Vec<u8>,
}

/// What a server's certificate should be like.
pub(crate) struct Wish<'a> {
    pub(crate) names: &'a [&'a str],
    pub(crate) from: &'a str,
    pub(crate) until: &'a str,
    pub(crate) policy: Option<&'a [u8]>,
    /// A critical extension that nobody knows.
    pub(crate) odd: bool,
    pub(crate) for_clients_only: bool,
    pub(crate) brainpool: bool,
}

impl Default for Wish<'_> {
    fn default() -> Self {
        Self {
            names: &["smdp.example.test", "localhost"],
            from: LONG_AGO,
            until: FAR_FUTURE,
            policy: Some(DP_TLS),
            odd: false,
            for_clients_only: false,
            brainpool: false,
        }
    }
}

impl Authority {
    /// A root.
    pub(crate) fn root(common_name: &str, until: &str) -> Self {
        let key = SigningKey::generate();
        let name = name(common_name);
        let der = certificate(&name, &key, &name, &public_key(&key), (LONG_AGO, until), &authority(&key, None));
        Self { der, id: id(&key), name, key }
    }

    /// One below this one.
    pub(crate) fn below(&self, common_name: &str, policy: &[u8]) -> Self {
        let key = SigningKey::generate();
        let name = name(common_name);
        let extensions = authority(&key, Some(policy));
        let der = certificate(&self.name, &self.key, &name, &public_key(&key), (LONG_AGO, FAR_FUTURE), &extensions);
        Self { der, id: id(&key), name, key }
    }

    /// A server's certificate.
    pub(crate) fn issue(&self, wish: &Wish<'_>) -> Identity {
        let key = SigningKey::generate();
        let mut public = public_key(&key);
        if wish.brainpool {
            let point = key.verifying_key().to_sec1_point(false);
            public = Writer::object(SEQUENCE, |w| {
                w.put(SEQUENCE, BRAINPOOL_KEY).put(Tag(0x03), &[&[0], point.as_bytes()].concat());
            });
        }
        let dates = (wish.from, wish.until);
        let der = certificate(&self.name, &self.key, &name("A server"), &public, dates, &self.server(wish));
        Identity { chain: vec![der], key: key.to_pkcs8_der().unwrap().as_bytes().to_vec() }
    }

    /// As SGP.22 4.5.2.1 has it for CERT.DPtls.
    fn server(&self, wish: &Wish<'_>) -> Vec<u8> {
        let purposes: &[&[u8]] = if wish.for_clients_only { &[b"\x02"] } else { &[b"\x01", b"\x02"] };
        let mut all = Writer::new();
        all.raw(&extension(b"\x55\x1D\x0F", true, b"\x03\x02\x07\x80"));
        let uses = Writer::object(SEQUENCE, |w| {
            for purpose in purposes {
                w.put(Tag(0x06), &[b"\x2B\x06\x01\x05\x05\x07\x03", *purpose].concat());
            }
        });
        all.raw(&extension(b"\x55\x1D\x25", true, &uses));
        if let Some(policy) = wish.policy {
            all.raw(&extension(b"\x55\x1D\x20", true, &policies(policy)));
        }
        let names = Writer::object(SEQUENCE, |w| {
            for name in wish.names {
                match name.parse::<std::net::Ipv4Addr>() {
                    Ok(address) => w.put(Tag(0x87), &address.octets()),
                    Err(_) => w.put(Tag(0x82), name.as_bytes()),
                };
            }
            w.put(Tag(0x88), REGISTERED_ID);
        });
        all.raw(&extension(b"\x55\x1D\x11", false, &names));
        let authority = Writer::object(SEQUENCE, |w| {
            w.put(Tag(0x80), self.id.as_bytes());
        });
        all.raw(&extension(b"\x55\x1D\x23", false, &authority));
        if wish.odd {
            all.raw(&extension(b"\x88\x37\x63", true, b"\x05\x00"));
        }
        all.finish()
    }
}

fn name(common_name: &str) -> Vec<u8> {
    Writer::object(SEQUENCE, |w| {
        w.nest(Tag(0x31), |w| {
            w.nest(SEQUENCE, |w| {
                w.put(Tag(0x06), b"\x55\x04\x03").put(Tag(0x0C), common_name.as_bytes());
            });
        });
    })
}

/// Unique, which is all that a key identifier has to be.
fn id(key: &SigningKey) -> CiKeyId {
    CiKeyId::from_bytes(&key.verifying_key().to_sec1_point(true).as_bytes()[1..21])
}

fn public_key(key: &SigningKey) -> Vec<u8> {
    key.verifying_key().to_public_key_der().unwrap().into_vec()
}

fn authority(key: &SigningKey, policy: Option<&[u8]>) -> Vec<u8> {
    let mut all = Writer::new();
    all.raw(&extension(b"\x55\x1D\x13", true, b"\x30\x03\x01\x01\xFF"));
    all.raw(&extension(b"\x55\x1D\x0F", true, b"\x03\x02\x01\x06"));
    let mut key_id = Writer::new();
    key_id.put(Tag(0x04), id(key).as_bytes());
    all.raw(&extension(b"\x55\x1D\x0E", false, &key_id.finish()));
    if let Some(policy) = policy {
        all.raw(&extension(b"\x55\x1D\x20", true, &policies(policy)));
    }
    all.finish()
}

fn policies(policy: &[u8]) -> Vec<u8> {
    Writer::object(SEQUENCE, |w| {
        w.nest(SEQUENCE, |w| {
            w.put(Tag(0x06), policy);
        });
    })
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    Writer::object(SEQUENCE, |w| {
        w.put(Tag(0x06), oid).maybe(Tag(0x01), critical.then_some([0xFF])).put(Tag(0x04), value);
    })
}

fn certificate(
    issuer: &[u8],
    issuer_key: &SigningKey,
    subject: &[u8],
    public_key: &[u8],
    (from, until): (&str, &str),
    extensions: &[u8],
) -> Vec<u8> {
    let tbs = Writer::object(SEQUENCE, |w| {
        w.put(Tag(0xA0), b"\x02\x01\x02").put(Tag(0x02), b"\x01").put(SEQUENCE, ECDSA_WITH_SHA256).raw(issuer);
        w.nest(SEQUENCE, |w| {
            w.put(Tag(0x18), from.as_bytes()).put(Tag(0x18), until.as_bytes());
        });
        w.raw(subject).raw(public_key);
        w.nest(Tag(0xA3), |w| {
            w.put(SEQUENCE, extensions);
        });
    });
    let signature: DerSignature = issuer_key.sign(&tbs);
    Writer::object(SEQUENCE, |w| {
        w.raw(&tbs).put(SEQUENCE, ECDSA_WITH_SHA256).put(Tag(0x03), &[&[0], signature.as_bytes()].concat());
    })
}
