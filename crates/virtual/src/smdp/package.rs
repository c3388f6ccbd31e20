//! Bound Profile Packages: a profile protected for one card and one session (SGP.22 2.5.4, 5.5).

use p256::SecretKey;
use p256::elliptic_curve::Generate;
use p256::elliptic_curve::sec1::ToSec1Point;
use sgp22::bpp::{ControlReference, InitialiseSecureChannel, MAC_LENGTH, ReplaceSessionKeys};
use sgp22::id::{Eid, Iccid, TransactionId};
use sgp22::metadata::StoreMetadata;
use sgp22::policy::PprIds;
use sgp22::tlv::{Reader, Tag, Writer, open};

use super::description::altered_description;
use super::order::Order;
use crate::crypto::{SecureChannel, shared_secret};
use crate::pki::Identity;
use crate::server::{Behaviour, Behaviours, Problem, random, spoil};

const PACKAGE: Tag = Tag(0xBF36);
/// What the server calls itself in the derivation of keys.
const HOST_ID: &[u8] = b"esimctl";
/// A block has at most 1,020 bytes with its header and MAC; encryption always adds some.
const ENCRYPTED_BLOCK: usize = 1007;
const CLEAR_BLOCK: usize = 1008;

/// What a package is made of.
pub(super) struct Binding<'a> {
    pub(super) order: &'a Order,
    pub(super) identity: &'a Identity,
    pub(super) transaction_id: &'a TransactionId,
    pub(super) eid: Eid,
    /// The card's one-time key.
    pub(super) euicc_otpk: &'a [u8],
    pub(super) behaviours: &'a Behaviours,
}

impl Binding<'_> {
    fn has(&self, behaviour: Behaviour) -> bool {
        self.behaviours.has(behaviour)
    }

    /// Makes the package.
    pub(super) fn package(&self) -> Result<Vec<u8>, Problem> {
        let key = SecretKey::generate();
        let secret = shared_secret(&key, self.euicc_otpk)
            .ok_or_else(|| crate::server::refused("8.1", "6.1", "euiccOtpk is no point of the curve"))?;
        let mut channel = SecureChannel::derive(&secret, HOST_ID, self.eid);
        let otpk = key.public_key().to_sec1_point(false);
        let request = self.initialise(otpk.as_bytes());
        let initialise = sign(request, self.identity, self.euicc_otpk, self.has(Behaviour::BadBppSignature))?;
        let configure = vec![channel.encrypt(Tag(0x87), &Writer::object(Tag(0xBF24), |_| {}))];
        let metadata = self.metadata();
        let metadata = metadata.chunks(CLEAR_BLOCK).map(|part| channel.authenticate(Tag(0x88), part)).collect();
        let mut replace_keys = Vec::new();
        if self.has(Behaviour::RandomKeys) {
            let keys = ReplaceSessionKeys { mac_chaining: random()?, encryption: random()?, mac: random()? };
            replace_keys.push(channel.encrypt(Tag(0x87), &keys.encode()));
            channel.replace(&keys);
        }
        let profile = self.profile();
        let elements = profile.chunks(ENCRYPTED_BLOCK).map(|part| channel.encrypt(Tag(0x86), part)).collect();
        Ok(self.assemble(Parts { initialise, configure, metadata, replace_keys, elements }))
    }

    fn initialise(&self, otpk: &[u8]) -> InitialiseSecureChannel {
        let other_id = self.behaviours.concerns(Behaviour::SignedTransactionId, "getBoundProfilePackage");
        let own_id = self.transaction_id.clone();
        InitialiseSecureChannel {
            remote_op: if self.has(Behaviour::BppOperation) {
                vec![2]
            } else {
                InitialiseSecureChannel::INSTALL.into()
            },
            transaction_id: if other_id { crate::server::new_transaction_id().unwrap_or(own_id) } else { own_id },
            control_reference: ControlReference {
                key_type: if self.has(Behaviour::BppKeyType) { vec![0x80] } else { ControlReference::AES.into() },
                key_length: ControlReference::AES_128.into(),
                host_id: HOST_ID.into(),
            },
            smdp_otpk: otpk.into(),
            smdp_signature: Vec::new(),
        }
    }

    /// The description; other than offered if the server is to behave so.
    fn metadata(&self) -> Vec<u8> {
        let original = altered_description(self.behaviours, &self.order.metadata);
        let Ok(mut changed) = StoreMetadata::decode(&original) else { return original };
        match (self.has(Behaviour::MetadataChanged), self.has(Behaviour::RulesChanged)) {
            (false, false) => return original,
            (true, _) => changed.name = Some("Something else".into()),
            (false, true) if changed.policy_rules.forbids_deletion() => changed.policy_rules = PprIds::default(),
            (false, true) => changed.policy_rules = PprIds::of(&[PprIds::PPR2]),
        }
        changed.encode()
    }

    fn profile(&self) -> Vec<u8> {
        if self.has(Behaviour::NotAProfile) {
            return b"This is no profile, whatever its protection says.".to_vec();
        }
        if self.has(Behaviour::HeaderIccid)
            && let Ok(other) = "8999980000000000000".parse::<Iccid>()
        {
            return super::upp::generate(&other, self.order.upp.len());
        }
        self.order.upp.clone()
    }

    fn assemble(&self, parts: Parts) -> Vec<u8> {
        let about = |behaviour, part| self.behaviours.concerns(behaviour, part);
        let sequence = |w: &mut Writer, tag, name, mut blocks: Vec<Vec<u8>>| {
            if about(Behaviour::BppWrongMac, name)
                && let Some(last) = blocks.last_mut()
            {
                let mac = last.len() - MAC_LENGTH;
                last[mac] ^= 1;
            }
            if about(Behaviour::BppEmpty, name) {
                blocks.clear();
            }
            if !about(Behaviour::BppMissing, name) {
                w.put(Tag(tag), &blocks.concat());
            }
        };
        let mut package = Writer::object(PACKAGE, |w| {
            if about(Behaviour::BppEmpty, "initialise") {
                w.put(InitialiseSecureChannel::TAG, &[]);
            } else if !about(Behaviour::BppMissing, "initialise") {
                w.raw(&parts.initialise);
            }
            sequence(w, 0xA0, "configure", parts.configure);
            sequence(w, 0xA1, "metadata", parts.metadata);
            if !parts.replace_keys.is_empty() {
                sequence(w, 0xA2, "keys", parts.replace_keys);
            }
            sequence(w, 0xA3, "elements", parts.elements);
            if self.has(Behaviour::BppExtra) {
                w.put(Tag(0xA4), b"extra");
            }
        });
        if self.has(Behaviour::BppTruncated) {
            package.truncate(package.len() / 2);
        }
        package
    }
}

struct Parts {
    initialise: Vec<u8>,
    configure: Vec<Vec<u8>>,
    metadata: Vec<Vec<u8>>,
    replace_keys: Vec<Vec<u8>>,
    elements: Vec<Vec<u8>>,
}

/// The first part with the server's signature.
fn sign(
    mut request: InitialiseSecureChannel,
    identity: &Identity,
    euicc_otpk: &[u8],
    wrongly: bool,
) -> Result<Vec<u8>, Problem> {
    let internal = |error: sgp22::tlv::DecodeError| Problem::Internal(error.to_string());
    request.smdp_signature = Vec::new();
    let signed = InitialiseSecureChannel::to_be_signed(&request.encode(), euicc_otpk).map_err(internal)?;
    let mut signature = identity.sign(&signed);
    spoil(&mut signature, wrongly);
    request.smdp_signature = signature.to_vec();
    Ok(request.encode())
}

/// The same package for another session of the same card: the transaction id is another, and with it the signature
/// (SGP.22 5.6.2). A package that is broken on purpose stays as it is.
pub(super) fn again(
    package: &[u8],
    transaction_id: &TransactionId,
    identity: &Identity,
    euicc_otpk: &[u8],
    behaviours: &Behaviours,
) -> Result<Vec<u8>, Problem> {
    let Ok(outer) = open("BoundProfilePackage", package, PACKAGE) else { return Ok(package.to_vec()) };
    let Some(Ok(first)) = Reader::new("BoundProfilePackage", outer.value).next() else { return Ok(package.to_vec()) };
    let Ok(mut request) = InitialiseSecureChannel::decode(first.raw) else { return Ok(package.to_vec()) };
    request.transaction_id = transaction_id.clone();
    let initialise = sign(request, identity, euicc_otpk, behaviours.has(Behaviour::BadBppSignature))?;
    Ok(Writer::object(PACKAGE, |w| {
        w.raw(&initialise).raw(&outer.value[first.raw.len()..]);
    }))
}
