//! The two ends of a download: a card reached through STORE DATA, and a server that can be made to do anything wrong.

use p256::SecretKey;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::Generate;
use sgp22::Function;
use sgp22::bpp::{BoundProfilePackage, ControlReference, InitialiseSecureChannel, ReplaceSessionKeys};
use sgp22::cert::Certificate;
use sgp22::es10b::{
    AuthenticateServer, AuthenticateServerOk, DeviceInfo, GetEuiccChallenge, PrepareDownload, PrepareDownloadOk,
    ProfileInstallationResult,
};
use sgp22::id::{Eid, Iccid, TransactionId};
use sgp22::metadata::StoreMetadata;
use sgp22::notification::Events;
use sgp22::profile::NotificationTarget;
use sgp22::signed::{EuiccSigned2, ServerSigned1, SmdpSigned2, signature_object};
use sgp22::tlv::{Tag, Writer};
use sgp22::transport::{Patience, RawCard, TransportError};
use virtual_euicc::card::{Euicc, NewCard, Quirks, VirtualCard};
use virtual_euicc::crypto::{SecureChannel, shared_secret};
use virtual_euicc::pki::{Pki, ServerCredentials, ServerKind};

pub const EID: &str = "89049032123451234512345678901235";
pub const ICCID: &str = "89000123456789012341";
pub const HOST: &str = "smdp.example.com";

/// A card with its ISD-R selected on channel 1.
pub struct Link {
    pub card: VirtualCard,
    /// Bytes in a block.
    pub block: usize,
}

impl Link {
    pub fn new(card: VirtualCard) -> Self {
        let mut link = Self { card, block: 255 };
        link.open();
        link
    }

    pub fn open(&mut self) {
        assert_eq!(self.card.transmit(b"\x00\x70\x00\x00\x01", Patience::Normal).unwrap(), b"\x01\x90\x00");
        let select = b"\x01\xA4\x04\x0C\x10\xA0\x00\x00\x05\x59\x10\x10\xFF\xFF\xFF\xFF\x89\x00\x00\x01\x00";
        assert_eq!(self.card.transmit(select, Patience::Normal).unwrap(), b"\x90\x00");
    }

    /// Sends a command TLV in blocks and fetches all of the answer.
    pub fn try_send(&mut self, tlv: &[u8]) -> Result<(Vec<u8>, u16), TransportError> {
        let mut status = 0;
        let mut data = Vec::new();
        let count = tlv.chunks(self.block).count();
        for (number, part) in tlv.chunks(self.block).enumerate() {
            let p1 = if number + 1 == count { 0x91 } else { 0x11 };
            let head = [0x81, 0xE2, p1, u8::try_from(number).unwrap(), u8::try_from(part.len()).unwrap()];
            (data, status) = self.exchange(&[&head[..], part, &[0]].concat())?;
            if number + 1 < count && status != 0x9000 {
                return Ok((data, status));
            }
        }
        while status & 0xFF00 == 0x6100 {
            let announced = u8::try_from(status & 0xFF).unwrap();
            let (more, then) = self.exchange(&[0x81, 0xC0, 0, 0, announced])?;
            data.extend(more);
            status = then;
        }
        Ok((data, status))
    }

    fn exchange(&mut self, command: &[u8]) -> Result<(Vec<u8>, u16), TransportError> {
        let mut answer = self.card.transmit(command, Patience::Normal)?;
        let status = answer.split_off(answer.len() - 2);
        Ok((answer, u16::from_be_bytes([status[0], status[1]])))
    }

    pub fn send(&mut self, tlv: &[u8]) -> (Vec<u8>, u16) {
        self.try_send(tlv).unwrap()
    }

    pub fn call<F: Function>(&mut self, request: &F) -> F::Answer {
        let (answer, status) = self.send(&request.encode());
        assert_eq!(status, 0x9000, "{}", F::NAME);
        F::decode_answer(&answer).unwrap()
    }

    /// The status word that a function is refused with.
    pub fn status_of<F: Function>(&mut self, request: &F) -> u16 {
        self.send(&request.encode()).1
    }

    pub fn euicc(&self) -> &Euicc {
        &self.card.state().euiccs[0]
    }
}

/// A card and a server of the same PKI.
pub struct Bench {
    pub pki: Pki,
    pub link: Link,
    pub server: Server,
}

pub fn new_card(quirks: &[&str]) -> NewCard {
    let quirks = Quirks::of(quirks.iter().map(|quirk| quirk.parse().unwrap()).collect());
    NewCard { eid: Some(EID.parse().unwrap()), quirks, ..NewCard::default() }
}

impl Bench {
    pub fn new(quirks: &[&str]) -> Self {
        let pki = Pki::in_memory().unwrap();
        let link = Link::new(VirtualCard::in_memory_under(&pki, &new_card(quirks)).unwrap());
        let server = Server::new(pki.issue_server(ServerKind::Smdp, HOST).unwrap());
        Self { pki, link, server }
    }

    pub fn authenticate(&mut self) -> AuthenticateServerOk {
        let challenge = self.link.call(&GetEuiccChallenge);
        let request = self.server.authentication(&challenge);
        self.link.call(&request).unwrap()
    }

    /// As far as PrepareDownload; the card's one-time key.
    pub fn prepare(&mut self) -> Vec<u8> {
        let first = self.authenticate();
        let request = self.server.offer(&first.euicc_signature1);
        otpk(&self.link.call(&request).unwrap())
    }

    /// The whole way; the result, whether the profile was installed or not.
    pub fn download(&mut self, package: &Package) -> ProfileInstallationResult {
        let otpk = self.prepare();
        let bytes = package.bind(&self.server, &otpk);
        let result = self.load(&segments(&bytes));
        ProfileInstallationResult::decode(&result).unwrap()
    }

    /// Sends segments; each but the last one that is answered with data must have none. That data.
    pub fn load(&mut self, segments: &[Vec<u8>]) -> Vec<u8> {
        for segment in segments {
            let (answer, status) = self.link.send(segment);
            assert_eq!(status, 0x9000, "segment {:02X?}…", &segment[..2]);
            if !answer.is_empty() {
                return answer;
            }
        }
        panic!("the card took the whole package and said nothing");
    }
}

/// A server with a session.
pub struct Server {
    pub credentials: ServerCredentials,
    pub transaction_id: TransactionId,
    pub one_time_key: SecretKey,
    pub host_id: Vec<u8>,
    pub eid: Eid,
    /// The card's key that a package is bound to already.
    pub bound_to: Option<Vec<u8>>,
}

impl Server {
    pub fn new(credentials: ServerCredentials) -> Self {
        Self {
            credentials,
            transaction_id: "0102030405060708090A0B0C0D0E0F10".parse().unwrap(),
            one_time_key: SecretKey::generate(),
            host_id: b"smdp1".to_vec(),
            eid: EID.parse().unwrap(),
            bound_to: None,
        }
    }

    pub fn signed1(&self, challenge: &[u8; 16]) -> ServerSigned1 {
        ServerSigned1 {
            transaction_id: self.transaction_id.clone(),
            euicc_challenge: *challenge,
            server_address: HOST.into(),
            server_challenge: [0x11; 16],
        }
    }

    pub fn authentication(&self, challenge: &[u8; 16]) -> AuthenticateServer {
        let server_signed1 = self.signed1(challenge).encode();
        AuthenticateServer {
            server_signature1: signature_object(&self.credentials.auth.sign(&server_signed1)),
            server_signed1,
            ci: self.credentials.ci.clone(),
            server_certificate: self.credentials.auth.certificate_der().to_vec(),
            matching_id: Some("TOKEN-1".parse().unwrap()),
            device: DeviceInfo::new(None),
        }
    }

    pub fn offer(&self, euicc_signature1: &[u8]) -> PrepareDownload {
        self.offer_of(self.transaction_id.clone(), false, euicc_signature1)
    }

    pub fn offer_of(&self, transaction_id: TransactionId, code: bool, euicc_signature1: &[u8]) -> PrepareDownload {
        let binding = self.credentials.binding.as_ref().unwrap();
        let smdp_signed2 =
            SmdpSigned2 { transaction_id, confirmation_required: code, bpp_euicc_otpk: self.bound_to.clone() }.encode();
        PrepareDownload {
            smdp_signature2: signature_object(&binding.sign(&[&smdp_signed2[..], euicc_signature1].concat())),
            smdp_signed2,
            hash_cc: None,
            smdp_certificate: binding.certificate_der().to_vec(),
        }
    }
}

pub fn otpk(prepared: &PrepareDownloadOk) -> Vec<u8> {
    EuiccSigned2::decode(&prepared.euicc_signed2).unwrap().euicc_otpk
}

/// What goes into a package; each part can be made wrong.
pub struct Package {
    pub remote_op: Vec<u8>,
    /// Another session than the server's.
    pub transaction_id: Option<TransactionId>,
    pub template: Option<ControlReference>,
    /// Signed with the key for authentication, and not with the one for binding.
    pub wrong_signer: bool,
    pub configure: Vec<u8>,
    pub metadata: Vec<u8>,
    /// Bytes of metadata in a block.
    pub metadata_block: usize,
    /// The command that replaces the session keys.
    pub keys: Option<Vec<u8>>,
    pub profile: Vec<u8>,
}

/// Keys of a package that was protected in advance.
pub fn prepared_keys() -> ReplaceSessionKeys {
    ReplaceSessionKeys { mac_chaining: [0x55; 16], encryption: [0x33; 16], mac: [0x44; 16] }
}

pub fn metadata() -> StoreMetadata {
    let mut metadata = StoreMetadata::new(ICCID.parse::<Iccid>().unwrap(), "Example Mobile", "Test plan");
    metadata.notification_targets = vec![
        NotificationTarget { events: Events::all(), address: HOST.into() },
        NotificationTarget { events: Events::of(&[Events::ENABLE]), address: "other.example.com".into() },
    ];
    metadata
}

/// A profile element with a header that says it must be there.
pub fn element(tag: u32, identification: u8, rest: &[u8]) -> Vec<u8> {
    Writer::object(Tag(tag), |w| {
        w.nest(Tag(0xA0), |w| {
            w.put(Tag(0x80), &[]).put(Tag(0x81), &[identification]);
        });
        w.raw(rest);
    })
}

/// A profile with so many bytes in its file system.
pub fn profile(iccid: &str, files: usize) -> Vec<u8> {
    let digits: Vec<u8> = iccid.bytes().map(|digit| digit - b'0').collect();
    let number: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    let header = Writer::object(Tag(0xA0), |w| {
        w.put(Tag(0x80), &[2]).put(Tag(0x81), &[3]).put(Tag(0x83), &number);
        w.nest(Tag(0xA5), |w| {
            w.put(Tag(0x81), &[]).put(Tag(0x84), &[]);
        });
    });
    let contents = Writer::object(Tag(0xA1), |w| {
        w.put(Tag(0x81), &vec![0x55; files]);
    });
    [header, element(0xB0, 1, &contents), element(0xB3, 2, &[]), element(0xAA, 3, &[])].concat()
}

impl Default for Package {
    fn default() -> Self {
        Self {
            remote_op: InitialiseSecureChannel::INSTALL.to_vec(),
            transaction_id: None,
            template: None,
            wrong_signer: false,
            configure: vec![0xBF, 0x24, 0x00],
            metadata: metadata().encode(),
            metadata_block: 1008,
            keys: None,
            profile: profile(ICCID, 5000),
        }
    }
}

impl Package {
    /// The first part, as the server signs it for this key of the card.
    fn initialise(&self, server: &Server, euicc_otpk: &[u8]) -> Vec<u8> {
        let template = self.template.clone().unwrap_or_else(|| ControlReference {
            key_type: ControlReference::AES.to_vec(),
            key_length: ControlReference::AES_128.to_vec(),
            host_id: server.host_id.clone(),
        });
        let mut request = InitialiseSecureChannel {
            remote_op: self.remote_op.clone(),
            transaction_id: self.transaction_id.clone().unwrap_or(server.transaction_id.clone()),
            control_reference: template,
            smdp_otpk: server.one_time_key.public_key().to_sec1_bytes().into_vec(),
            smdp_signature: vec![0; 64],
        };
        let signed = InitialiseSecureChannel::to_be_signed(&request.encode(), euicc_otpk).unwrap();
        let binding = server.credentials.binding.as_ref().unwrap();
        let signer = if self.wrong_signer { &server.credentials.auth } else { binding };
        request.smdp_signature = signer.sign(&signed).to_vec();
        request.encode()
    }

    /// The package, bound to this key of the card.
    pub fn bind(&self, server: &Server, euicc_otpk: &[u8]) -> Vec<u8> {
        let secret = shared_secret(&server.one_time_key, euicc_otpk).unwrap();
        let mut channel = SecureChannel::derive(&secret, &server.host_id, server.eid);
        Writer::object(Tag(0xBF36), |w| {
            w.raw(&self.initialise(server, euicc_otpk));
            w.nest(Tag(0xA0), |w| {
                w.raw(&channel.encrypt(Tag(0x87), &self.configure));
            });
            w.nest(Tag(0xA1), |w| {
                for part in self.metadata.chunks(self.metadata_block) {
                    w.raw(&channel.authenticate(Tag(0x88), part));
                }
            });
            if let Some(keys) = &self.keys {
                w.nest(Tag(0xA2), |w| {
                    w.raw(&channel.encrypt(Tag(0x87), keys));
                });
                channel.replace(&prepared_keys());
            }
            w.nest(Tag(0xA3), |w| {
                for part in self.profile.chunks(1007) {
                    w.raw(&channel.encrypt(Tag(0x86), part));
                }
            });
        })
    }
}

/// The package as an LPA cuts it.
pub fn segments(package: &[u8]) -> Vec<Vec<u8>> {
    BoundProfilePackage::parse(package).unwrap().segments().map(|segment| segment.0.to_vec()).collect()
}

/// Checks `object`, a `5F37`, by the key of a certificate.
pub fn verify(certificate: &[u8], message: &[u8], object: &[u8]) {
    let certificate = Certificate::decode(certificate).unwrap();
    let key = VerifyingKey::from_sec1_bytes(certificate.public_key).unwrap();
    let signature = Signature::from_slice(sgp22::tlv::open("signature", object, Tag(0x5F37)).unwrap().value).unwrap();
    key.verify(message, &signature).expect("the signature is right");
}
