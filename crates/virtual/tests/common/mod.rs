//! A card for tests of servers, as small as it can be: it signs what a real one signs, and opens packages.

#![allow(dead_code)]

use p256::SecretKey;
use p256::elliptic_curve::Generate;
use p256::elliptic_curve::sec1::ToSec1Point;
use sgp22::Function;
use sgp22::bpp::{BoundProfilePackage, InitialiseSecureChannel, ReplaceSessionKeys};
use sgp22::ci::CiKeyId;
use sgp22::es9p::{
    AuthenticateClient, BoundPackage, CancelSession, ExecutionFailure, GetBoundProfilePackage, HandleNotification,
    InitiateAuthentication, ProfileOffer, ServerAuthentication, ServerFunction,
};
use sgp22::es10b::{
    AuthenticateServer, AuthenticateServerOk, BppCommand, BppErrorReason, CancelSession as CardCancel,
    CancelSessionReason, DeviceInfo, InstallationError, Installed, PrepareDownload, PrepareDownloadOk,
    ProfileInstallationResult, SimaResponse,
};
use sgp22::euicc_info::{CardResources, EuiccInfo1, EuiccInfo2};
use sgp22::id::{Aid, Eid, Iccid, Oid, TransactionId, Version};
use sgp22::notification::{Events, NotificationMetadata};
use sgp22::signed::{
    EuiccCancelSessionSigned, EuiccSigned1, EuiccSigned2, ServerSigned1, SmdpSigned2, signature_object,
};
use sgp22::tlv::{Bits, Elements, Reader, Tag, Writer};
use sha2::{Digest, Sha256};
use virtual_euicc::crypto::{SecureChannel, shared_secret};
use virtual_euicc::pki::{EuiccCredentials, Pki};

pub(crate) const EID: &str = "89049032123451234512345678901235";
pub(crate) const OTHER_EID: &str = "89049032000000000000000000000089";

/// Whoever brings requests to a server: function and body; status and body come back.
pub(crate) type Post<'a> = &'a dyn Fn(&str, &[u8]) -> (u16, Vec<u8>);

pub(crate) type Answer<T> = Result<T, ExecutionFailure>;

/// Calls a function of a server that answers properly.
pub(crate) fn call<F: ServerFunction>(post: Post<'_>, request: &F) -> Answer<F::Answer> {
    let (status, body) = post(F::ENDPOINT, &request.encode());
    assert!(matches!(status, 200 | 204), "{} answered HTTP {status}", F::NAME);
    F::decode_answer(body).unwrap()
}

/// Subject and reason of a refusal.
#[track_caller]
pub(crate) fn code<T: std::fmt::Debug>(answer: Answer<T>) -> String {
    answer.unwrap_err().code.expect("a refusal without codes").to_string()
}

pub(crate) struct FakeCard {
    pub(crate) eid: Eid,
    pub(crate) credentials: EuiccCredentials,
    pub(crate) info1: EuiccInfo1,
    pub(crate) info2: EuiccInfo2,
    pub(crate) challenge: [u8; 16],
    /// The key of the last package that was prepared.
    pub(crate) otsk: SecretKey,
    pub(crate) seq: u64,
}

/// A session as far as AuthenticateServer.
pub(crate) struct Opened {
    pub(crate) id: TransactionId,
    pub(crate) server: ServerAuthentication,
    pub(crate) signature1: Vec<u8>,
    pub(crate) response: Vec<u8>,
}

impl FakeCard {
    pub(crate) fn new(pki: &Pki, eid: &str) -> Self {
        let eid: Eid = eid.parse().unwrap();
        let credentials = pki.issue_euicc(eid).unwrap();
        let ci: Option<Vec<CiKeyId>> = Some(vec![credentials.ci.clone()]);
        let svn = Some(Version([2, 2, 2]));
        let info1 =
            EuiccInfo1 { svn, ci_for_verification: ci.clone(), ci_for_signing: ci.clone(), ..EuiccInfo1::default() };
        let info2 = EuiccInfo2 {
            svn,
            resources: Some(CardResources { free_nonvolatile: Some(300_000), ..CardResources::default() }),
            rsp_capability: Some(Bits::of(&[0, 3])),
            ci_for_verification: ci.clone(),
            ci_for_signing: ci,
            ..EuiccInfo2::default()
        };
        Self { eid, credentials, info1, info2, challenge: [0x5A; 16], otsk: SecretKey::generate(), seq: 0 }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        signature_object(&self.credentials.euicc.sign(message))
    }

    pub(crate) fn initiate(&self, host: &str) -> InitiateAuthentication {
        InitiateAuthentication {
            euicc_challenge: self.challenge,
            euicc_info1: self.info1.encode(),
            smdp_address: host.into(),
        }
    }

    /// AuthenticateServer: what the card signs for this server.
    pub(crate) fn authenticate(&self, server: ServerAuthentication, matching_id: Option<&str>) -> Opened {
        let signed1 = ServerSigned1::decode(&server.server_signed1).unwrap();
        let request = AuthenticateServer {
            server_signed1: server.server_signed1.clone(),
            server_signature1: server.server_signature1.clone(),
            ci: server.ci.clone(),
            server_certificate: server.server_certificate.clone(),
            matching_id: matching_id.map(|id| id.parse().unwrap()),
            device: DeviceInfo::new(None),
        };
        let encoded = request.encode();
        let context = Elements::open("test", &encoded, AuthenticateServer::TAG).unwrap().take(Tag(0xA0)).unwrap().raw;
        let signed = EuiccSigned1::encode_with(
            &signed1.transaction_id,
            &signed1.server_address,
            &signed1.server_challenge,
            &self.info2.encode(),
            context,
        );
        let signature = self.sign(&signed);
        let ok = AuthenticateServerOk {
            euicc_signed1: signed,
            euicc_signature1: signature.clone(),
            euicc_certificate: self.credentials.euicc.certificate_der().to_vec(),
            eum_certificate: self.credentials.eum_certificate.clone(),
        };
        let response = AuthenticateServer::encode_answer(&Ok(ok));
        Opened { id: server.transaction_id.clone(), server, signature1: signature, response }
    }

    pub(crate) fn open(&self, post: Post<'_>, host: &str, matching_id: Option<&str>) -> Answer<Opened> {
        Ok(self.authenticate(call(post, &self.initiate(host))?, matching_id))
    }

    pub(crate) fn offer(&self, post: Post<'_>, opened: &Opened) -> Answer<ProfileOffer> {
        call(post, &authenticate_client(opened))
    }

    /// PrepareDownload: the card signs for a package that is bound to `key`.
    pub(crate) fn prepare(&self, offer: &ProfileOffer, key: &SecretKey, confirmation_code: Option<&str>) -> Vec<u8> {
        let signed2 = SmdpSigned2::decode(&offer.smdp_signed2).unwrap();
        let hash_cc = confirmation_code.map(|code| {
            let hash = Sha256::digest(code);
            Sha256::new().chain_update(hash).chain_update(signed2.transaction_id.as_bytes()).finalize().to_vec()
        });
        let otpk = key.public_key().to_sec1_point(false).as_bytes().to_vec();
        let signed = EuiccSigned2 { transaction_id: signed2.transaction_id, euicc_otpk: otpk, hash_cc }.encode();
        let signature = self.sign(&[&signed[..], &offer.smdp_signature2].concat());
        PrepareDownload::encode_answer(&Ok(PrepareDownloadOk { euicc_signed2: signed, euicc_signature2: signature }))
    }

    pub(crate) fn package(&self, post: Post<'_>, offer: &ProfileOffer, code: Option<&str>) -> Answer<BoundPackage> {
        let prepared = self.prepare(offer, &self.otsk, code);
        // The session is that of what the server signed: its JSON may leave it out.
        let session = SmdpSigned2::decode(&offer.smdp_signed2).unwrap().transaction_id;
        call(post, &get_package(&session, prepared))
    }

    /// From the first request to the package.
    pub(crate) fn fetch(&self, post: Post<'_>, host: &str, matching_id: &str) -> Answer<BoundPackage> {
        let opened = self.open(post, host, Some(matching_id))?;
        let offer = self.offer(post, &opened)?;
        self.package(post, &offer, None)
    }

    /// Opens a package: its description and the profile.
    pub(crate) fn load(&self, bound: &BoundPackage, binding_certificate: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let package = BoundProfilePackage::parse(&bound.bound_profile_package).unwrap();
        let request = InitialiseSecureChannel::decode(package.initialise()).unwrap();
        assert_eq!(Some(&request.transaction_id), bound.transaction_id.as_ref());
        let otpk = self.otsk.public_key().to_sec1_point(false);
        let signed = InitialiseSecureChannel::to_be_signed(package.initialise(), otpk.as_bytes()).unwrap();
        assert!(verifies(binding_certificate, &signed, &request.smdp_signature), "smdpSign");
        let secret = shared_secret(&self.otsk, &request.smdp_otpk).unwrap();
        let mut channel = SecureChannel::derive(&secret, &request.control_reference.host_id, self.eid);
        let (mut description, mut profile) = (Vec::new(), Vec::new());
        let outer = sgp22::tlv::open("BPP", &bound.bound_profile_package, Tag(0xBF36)).unwrap();
        for part in Reader::new("BPP", outer.value).skip(1) {
            let part = part.unwrap();
            for block in Reader::new("BPP", part.value) {
                let block = block.unwrap();
                assert!(block.raw.len() <= 1020);
                match (part.tag.0, block.tag.0) {
                    (0xA0, 0x87) => assert_eq!(channel.decrypt(block.tag, block.value).unwrap(), b"\xBF\x24\x00"),
                    (0xA1, 0x88) => description.extend(channel.verify(block.tag, block.value).unwrap()),
                    (0xA2, 0x87) => {
                        let keys = channel.decrypt(block.tag, block.value).unwrap();
                        channel.replace(&ReplaceSessionKeys::decode(&keys).unwrap());
                    }
                    (0xA3, 0x86) => profile.extend(channel.decrypt(block.tag, block.value).unwrap()),
                    other => panic!("{other:X?}"),
                }
            }
        }
        (description, profile)
    }

    pub(crate) fn cancel(&self, offer_id: &TransactionId, oid: &str, reason: CancelSessionReason) -> CancelSession {
        let signed = EuiccCancelSessionSigned {
            transaction_id: offer_id.clone(),
            smdp_oid: oid.parse::<Oid>().unwrap(),
            reason,
        };
        let signed = signed.encode();
        let signature = self.sign(&signed);
        CancelSession {
            transaction_id: offer_id.clone(),
            cancel_session_response: CardCancel::encode_answer(&Ok((signed, signature))),
        }
    }

    fn next(&mut self, event: usize, iccid: &Iccid) -> NotificationMetadata {
        self.seq += 1;
        NotificationMetadata {
            seq: self.seq,
            event: Events::of(&[event]),
            address: "smdp.example.com".into(),
            iccid: Some(iccid.clone()),
        }
    }

    /// The result of an installation.
    pub(crate) fn result(
        &mut self,
        id: &TransactionId,
        iccid: &Iccid,
        error: Option<BppErrorReason>,
    ) -> HandleNotification {
        let result = ProfileInstallationResult {
            transaction_id: id.clone(),
            metadata: self.next(Events::INSTALL, iccid),
            smdp_oid: "2.999.10".parse().unwrap(),
            result: match error {
                None => Ok(Installed { isdp_aid: Aid::isd_p(0x10), sima_response: SimaResponse::ok().encode() }),
                Some(reason) => {
                    Err(InstallationError { command: BppCommand::LoadProfileElements, reason, sima_response: None })
                }
            },
        };
        let data = result.encode_data();
        let signature = self.credentials.euicc.sign(&data);
        HandleNotification { pending_notification: ProfileInstallationResult::join(&data, &signature) }
    }

    /// A notification of another kind.
    pub(crate) fn notify(&mut self, event: usize, iccid: &Iccid) -> HandleNotification {
        let metadata = self.next(event, iccid).encode();
        let signature = self.sign(&metadata);
        let pending_notification = Writer::object(Tag(0x30), |w| {
            w.raw(&metadata).raw(&signature);
            w.raw(self.credentials.euicc.certificate_der()).raw(&self.credentials.eum_certificate);
        });
        HandleNotification { pending_notification }
    }
}

pub(crate) fn authenticate_client(opened: &Opened) -> AuthenticateClient {
    AuthenticateClient { transaction_id: opened.id.clone(), authenticate_server_response: opened.response.clone() }
}

pub(crate) fn get_package(id: &TransactionId, prepare_download_response: Vec<u8>) -> GetBoundProfilePackage {
    GetBoundProfilePackage { transaction_id: id.clone(), prepare_download_response }
}

/// True if this is a signature (r and s) by the key of the certificate.
pub(crate) fn verifies(certificate: &[u8], message: &[u8], signature: &[u8]) -> bool {
    use p256::ecdsa::signature::Verifier;
    let certificate = sgp22::cert::Certificate::decode(certificate).unwrap();
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(certificate.public_key).unwrap();
    key.verify(message, &p256::ecdsa::Signature::from_slice(signature).unwrap()).is_ok()
}
