//! Certificates of cards and their makers, as right or wrong as a test wants them.

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, Signature, SigningKey};
use p256::elliptic_curve::Generate;
use p256::pkcs8::EncodePublicKey;
use sgp22::tlv::{Tag, Writer};

const SEQUENCE: Tag = Tag(0x30);
const ECDSA_WITH_SHA256: &[u8] = b"\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x02";
const BRAINPOOL_KEY: &[u8] = b"\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x09\x2B\x24\x03\x03\x02\x08\x01\x01\x07";

pub(crate) const EID: &str = "89049032123451234512345678901235";
pub(crate) const LONG_AGO: &str = "20200101000000Z";
pub(crate) const FAR_FUTURE: &str = "20490101000000Z";
pub(crate) const IN_2026: i64 = 1_790_000_000;

/// A certificate to be made, with all that tests change about it.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) subject: Vec<u8>,
    /// The arcs below id-rspRole.
    pub(crate) role: &'static [u8],
    pub(crate) key_usage: &'static [u8],
    /// The value of basicConstraints.
    pub(crate) basic: Option<&'static [u8]>,
    /// Further extensions: identifier, critical, value.
    pub(crate) more: Vec<(&'static [u8], bool, Vec<u8>)>,
    pub(crate) from: &'static str,
    pub(crate) until: &'static str,
    pub(crate) brainpool: bool,
}

pub(crate) struct Party {
    pub(crate) der: Vec<u8>,
    name: Vec<u8>,
    key: SigningKey,
}

pub(crate) const SIGNS_CERTIFICATES: &[u8] = b"\x03\x02\x02\x04";
pub(crate) const SIGNS_DATA: &[u8] = b"\x03\x02\x07\x80";
pub(crate) const NAME_CONSTRAINTS: &[u8] = b"\x55\x1D\x1E";
pub(crate) const PERMITTED_EINS: &[u8] = b"\x67\x81\x12\x01\x02\x02\x00";

impl Plan {
    pub(crate) fn root() -> Self {
        Self {
            subject: name(&[(3, "Laboratory CI"), (10, "Laboratory")]),
            role: &[0],
            key_usage: b"\x03\x02\x01\x06",
            basic: Some(b"\x30\x03\x01\x01\xFF"),
            more: Vec::new(),
            from: LONG_AGO,
            until: FAR_FUTURE,
            brainpool: false,
        }
    }

    pub(crate) fn maker() -> Self {
        Self {
            subject: name(&[(10, "Maker"), (3, "Maker of cards")]),
            role: &[2],
            key_usage: SIGNS_CERTIFICATES,
            basic: Some(b"\x30\x06\x01\x01\xFF\x02\x01\x00"),
            more: vec![(NAME_CONSTRAINTS, true, permitted("Maker", "89049032"))],
            ..Self::root()
        }
    }

    pub(crate) fn card() -> Self {
        Self {
            subject: name(&[(10, "Maker"), (5, EID), (3, "A card")]),
            role: &[1],
            key_usage: SIGNS_DATA,
            basic: None,
            ..Self::root()
        }
    }

    fn extensions(&self) -> Vec<u8> {
        let mut all = Writer::new();
        all.raw(&extension(b"\x55\x1D\x0F", true, self.key_usage));
        let policies = Writer::object(SEQUENCE, |w| {
            w.nest(SEQUENCE, |w| {
                w.put(Tag(0x06), &[b"\x67\x81\x12\x01\x02\x01", self.role].concat());
            });
        });
        all.raw(&extension(b"\x55\x1D\x20", true, &policies));
        if let Some(basic) = self.basic {
            all.raw(&extension(b"\x55\x1D\x13", true, basic));
        }
        for (oid, critical, value) in &self.more {
            all.raw(&extension(oid, *critical, value));
        }
        all.finish()
    }
}

impl Party {
    pub(crate) fn root(plan: &Plan) -> Self {
        let key = SigningKey::generate();
        let mut plan = plan.clone();
        let id = Writer::object(Tag(0x04), |w| {
            w.raw(&key.verifying_key().to_sec1_point(true).as_bytes()[1..21]);
        });
        plan.more.push((b"\x55\x1D\x0E", false, id));
        Self::make(&plan, key.clone(), &plan.subject, &key)
    }

    pub(crate) fn issue(&self, plan: &Plan) -> Self {
        Self::make(plan, SigningKey::generate(), &self.name, &self.key)
    }

    fn make(plan: &Plan, key: SigningKey, issuer: &[u8], issuer_key: &SigningKey) -> Self {
        let point = key.verifying_key().to_sec1_point(false);
        let brainpool = Writer::object(SEQUENCE, |w| {
            w.put(SEQUENCE, BRAINPOOL_KEY).put(Tag(0x03), &[&[0], point.as_bytes()].concat());
        });
        let usual = key.verifying_key().to_public_key_der().unwrap().into_vec();
        let tbs = Writer::object(SEQUENCE, |w| {
            w.put(Tag(0xA0), b"\x02\x01\x02").put(Tag(0x02), b"\x01").put(SEQUENCE, ECDSA_WITH_SHA256).raw(issuer);
            w.nest(SEQUENCE, |w| {
                w.put(Tag(0x18), plan.from.as_bytes()).put(Tag(0x18), plan.until.as_bytes());
            });
            w.raw(&plan.subject).raw(if plan.brainpool { &brainpool } else { &usual });
            w.nest(Tag(0xA3), |w| {
                w.put(SEQUENCE, &plan.extensions());
            });
        });
        let signature: DerSignature = issuer_key.sign(&tbs);
        let der = Writer::object(SEQUENCE, |w| {
            w.raw(&tbs).put(SEQUENCE, ECDSA_WITH_SHA256).put(Tag(0x03), &[&[0], signature.as_bytes()].concat());
        });
        Self { der, name: plan.subject.clone(), key }
    }

    /// r and s over `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: Signature = self.key.sign(message);
        signature.to_bytes().to_vec()
    }
}

/// A distinguished name of attributes below 2.5.4.
pub(crate) fn name(attributes: &[(u8, &str)]) -> Vec<u8> {
    Writer::object(SEQUENCE, |w| {
        for (arc, value) in attributes {
            w.nest(Tag(0x31), |w| {
                w.nest(SEQUENCE, |w| {
                    w.put(Tag(0x06), &[0x55, 0x04, *arc]).put(Tag(0x0C), value.as_bytes());
                });
            });
        }
    })
}

/// Name constraints as makers have them.
pub(crate) fn permitted(organisation: &str, ein: &str) -> Vec<u8> {
    constraints(Tag(0xA0), organisation, ein)
}

/// Name constraints that permit (`A0`) or exclude (`A1`) a directory name.
pub(crate) fn constraints(kind: Tag, organisation: &str, ein: &str) -> Vec<u8> {
    Writer::object(SEQUENCE, |w| {
        w.nest(kind, |w| {
            w.nest(SEQUENCE, |w| {
                w.nest(Tag(0xA4), |w| {
                    w.raw(&name(&[(10, organisation), (5, ein)]));
                });
            });
        });
    })
}

/// permittedEins of version 3.
pub(crate) fn permitted_eins(eins: &[&str]) -> Vec<u8> {
    Writer::object(SEQUENCE, |w| {
        for ein in eins {
            w.put(Tag(0x13), ein.as_bytes());
        }
    })
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    Writer::object(SEQUENCE, |w| {
        w.put(Tag(0x06), oid).maybe(Tag(0x01), critical.then_some([0xFF])).put(Tag(0x04), value);
    })
}
