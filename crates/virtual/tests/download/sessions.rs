//! Authentication, preparation and cancellation.

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use sgp22::Function;
use sgp22::es10b::{
    AuthenticateServer, AuthenticateServerError as AuthError, CancelSession, CancelSessionError, CancelSessionReason,
    GetEuiccChallenge, PrepareDownload, PrepareDownloadError as OfferError,
};
use sgp22::id::TransactionId;
use sgp22::signed::{EuiccCancelSessionSigned, EuiccSigned1, EuiccSigned2};
use sgp22::tlv::{Elements, Reader, Tag, Writer};
use sgp22::transport::RawCard;
use virtual_euicc::card::VirtualCard;
use virtual_euicc::pki::{Identity, Pki, ServerKind};

use crate::bench::{Bench, EID, HOST, Link, Server, new_card, otpk, verify};

#[test]
fn card_and_server_authenticate_each_other() {
    // However the commands travel: several kilobytes, in blocks of any size, also where all is fetched by GET RESPONSE.
    for (quirks, block) in [(&[][..], 255), (&["61xx"], 255), (&["max-block=64"], 64), (&["unknown-tags"], 120)] {
        let mut bench = Bench::new(quirks);
        bench.link.block = block;
        let challenge = bench.link.call(&GetEuiccChallenge);
        let request = bench.server.authentication(&challenge);
        let answer = bench.link.call(&request).unwrap();
        let signed = EuiccSigned1::decode(&answer.euicc_signed1).unwrap();
        assert_eq!(signed.transaction_id, bench.server.transaction_id);
        assert_eq!((signed.server_address.to_string().as_str(), signed.server_challenge), (HOST, [0x11; 16]));
        assert_eq!(signed.matching_id, request.matching_id);
        assert!(signed.euicc_info2.ci_for_signing.is_some_and(|list| !list.is_empty()));
        verify(&answer.euicc_certificate, &answer.euicc_signed1, &answer.euicc_signature1);
        // What the LPA said of the device comes back byte for byte.
        let sent = request.encode();
        let mut sent = Elements::open("", &sent, AuthenticateServer::TAG).unwrap();
        let mut echoed = Elements::open("", &answer.euicc_signed1, Tag(0x30)).unwrap();
        assert_eq!(echoed.take(Tag(0xA0)).unwrap().raw, sent.take(Tag(0xA0)).unwrap().raw);

        let offer = bench.server.offer(&answer.euicc_signature1);
        let prepared = bench.link.call(&offer).unwrap();
        let message = [&prepared.euicc_signed2[..], &offer.smdp_signature2].concat();
        verify(&answer.euicc_certificate, &message, &prepared.euicc_signature2);
        assert_eq!(EuiccSigned2::decode(&prepared.euicc_signed2).unwrap().hash_cc, None);
        assert_eq!(otpk(&prepared).len(), 65);
    }
}

/// A certificate with another curve or extension, signed by the issuer again.
fn altered(pki: &Pki, identity: &Identity, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let whole = Reader::new("", identity.certificate_der()).next().unwrap().unwrap().value;
    let mut parts = Reader::new("", whole);
    let mut tbs = parts.next().unwrap().unwrap().raw.to_vec();
    let algorithm = parts.next().unwrap().unwrap().raw;
    let at = tbs.windows(from.len()).position(|window| window == from).expect("it is in the certificate");
    tbs[at..at + from.len()].copy_from_slice(to);
    let key: &SigningKey = pki.ci().identity().unwrap().key();
    let signature: DerSignature = key.sign(&tbs);
    Writer::object(Tag(0x30), |w| {
        w.raw(&tbs).raw(algorithm);
        w.put(Tag(0x03), &[&[0], signature.as_bytes()].concat());
    })
}

/// KeyUsage digitalSignature as it stands in a certificate, and keyCertSign in its place.
const SIGNS: &[u8] = b"\x04\x04\x03\x02\x07\x80";
const CERTIFIES: &[u8] = b"\x04\x04\x03\x02\x07\x04";
const CURVE: &[u8] = b"\x2A\x86\x48\xCE\x3D\x03\x01\x07";
const OTHER_CURVE: &[u8] = b"\x2A\x86\x48\xCE\x3D\x03\x01\x06";
/// The registered identifier of the server.
const OWNER: &[u8] = b"\x88\x03\x88\x37\x0A";
const OTHER_OWNER: &[u8] = b"\x88\x03\x88\x37\x0B";

#[test]
fn every_error_of_authenticate_server() {
    type Spoil = fn(&Bench, &mut AuthenticateServer, [u8; 16]);
    let cases: [(&str, Spoil, AuthError); 11] = [
        (
            "no certificate",
            |_, r, _| r.server_certificate = b"\x30\x03\x02\x01\x01".to_vec(),
            AuthError::InvalidCertificate,
        ),
        (
            "another issuer",
            |_, r, _| {
                let other = Pki::in_memory().unwrap().issue_server(ServerKind::Smdp, HOST).unwrap();
                r.server_certificate = other.auth.certificate_der().to_vec();
            },
            AuthError::InvalidCertificate,
        ),
        (
            "a certificate that was touched",
            |_, r, _| *r.server_certificate.last_mut().unwrap() ^= 1,
            AuthError::InvalidCertificate,
        ),
        (
            "a key that may not sign",
            |b, r, _| r.server_certificate = altered(&b.pki, &b.server.credentials.auth, SIGNS, CERTIFIES),
            AuthError::InvalidCertificate,
        ),
        (
            "another curve",
            |b, r, _| r.server_certificate = altered(&b.pki, &b.server.credentials.auth, CURVE, OTHER_CURVE),
            AuthError::UnsupportedCurve,
        ),
        (
            "the role of binding",
            |b, r, _| r.server_certificate = b.server.credentials.binding.as_ref().unwrap().certificate_der().to_vec(),
            AuthError::InvalidOid,
        ),
        (
            "the role of TLS",
            |b, r, _| r.server_certificate = b.server.credentials.tls.certificate_der().to_vec(),
            AuthError::InvalidOid,
        ),
        ("a touched signature", |_, r, _| *r.server_signature1.last_mut().unwrap() ^= 1, AuthError::InvalidSignature),
        (
            "a short signature",
            |_, r, _| r.server_signature1 = b"\x5F\x37\x01\x00".to_vec(),
            AuthError::InvalidSignature,
        ),
        (
            "another challenge",
            |b, r, challenge| {
                let device = r.device.clone();
                *r = b.server.authentication(&challenge.map(|byte| !byte));
                r.device = device;
            },
            AuthError::EuiccChallengeMismatch,
        ),
        ("an unknown issuer", |_, r, _| r.ci = sgp22::ci::CiKeyId::from_bytes(&[7; 20]), AuthError::CiPkUnknown),
    ];
    for (what, spoil, error) in cases {
        let mut bench = Bench::new(&[]);
        let challenge = bench.link.call(&GetEuiccChallenge);
        let mut request = bench.server.authentication(&challenge);
        spoil(&bench, &mut request, challenge);
        let failed = bench.link.call(&request).unwrap_err();
        assert_eq!(
            (failed.error, failed.transaction_id.as_ref()),
            (error, Some(&bench.server.transaction_id)),
            "{what}"
        );
        // The challenge is spent.
        let again = bench.server.authentication(&challenge);
        assert_eq!(bench.link.call(&again).unwrap_err().error, AuthError::NoSessionContext, "{what}");
    }
}

#[test]
fn an_sm_ds_may_authenticate_itself_and_offer_nothing() {
    let mut bench = Bench::new(&[]);
    let smds = Server::new(bench.pki.issue_server(ServerKind::Smds, HOST).unwrap());
    let challenge = bench.link.call(&GetEuiccChallenge);
    let answer = bench.link.call(&smds.authentication(&challenge)).unwrap();
    let offer = bench.server.offer(&answer.euicc_signature1);
    assert_eq!(bench.link.call(&offer).unwrap_err().error, OfferError::InvalidCertificate);
}

#[test]
fn every_error_of_prepare_download() {
    type Spoil = fn(&Bench, &mut PrepareDownload, &[u8]);
    let cases: [(&str, Spoil, OfferError); 9] = [
        (
            "the certificate for authentication",
            |b, r, _| r.smdp_certificate = b.server.credentials.auth.certificate_der().to_vec(),
            OfferError::InvalidCertificate,
        ),
        (
            "another server's",
            |b, r, _| {
                let binding = b.server.credentials.binding.as_ref().unwrap();
                r.smdp_certificate = altered(&b.pki, binding, OWNER, OTHER_OWNER);
            },
            OfferError::InvalidCertificate,
        ),
        (
            "a key that may not sign",
            |b, r, _| {
                let binding = b.server.credentials.binding.as_ref().unwrap();
                r.smdp_certificate = altered(&b.pki, binding, SIGNS, CERTIFIES);
            },
            OfferError::InvalidCertificate,
        ),
        ("no certificate", |_, r, _| r.smdp_certificate = b"\x30\x00".to_vec(), OfferError::InvalidCertificate),
        (
            "another curve",
            |b, r, _| {
                let binding = b.server.credentials.binding.as_ref().unwrap();
                r.smdp_certificate = altered(&b.pki, binding, CURVE, OTHER_CURVE);
            },
            OfferError::UnsupportedCurve,
        ),
        ("a touched signature", |_, r, _| *r.smdp_signature2.last_mut().unwrap() ^= 1, OfferError::InvalidSignature),
        (
            "a signature for another answer of the card",
            |b, r, _| *r = b.server.offer(&sgp22::signed::signature_object(&[7; 64])),
            OfferError::InvalidSignature,
        ),
        (
            "another session",
            |b, r, signature| *r = b.server.offer_of("99".parse().unwrap(), false, signature),
            OfferError::InvalidTransactionId,
        ),
        (
            "no confirmation code where one is wanted",
            |b, r, signature| *r = b.server.offer_of(b.server.transaction_id.clone(), true, signature),
            OfferError::UndefinedError,
        ),
    ];
    for (what, spoil, error) in cases {
        let mut bench = Bench::new(&[]);
        let answer = bench.authenticate();
        let mut request = bench.server.offer(&answer.euicc_signature1);
        spoil(&bench, &mut request, &answer.euicc_signature1);
        assert_eq!(bench.link.call(&request).unwrap_err().error, error, "{what}");
        // The session goes on.
        bench.link.call(&bench.server.offer(&answer.euicc_signature1)).unwrap();
    }
    let mut bench = Bench::new(&[]);
    let answer = bench.authenticate();
    bench.link.card.reset().unwrap();
    bench.link.open();
    let failed = bench.link.call(&bench.server.offer(&answer.euicc_signature1)).unwrap_err();
    assert_eq!(failed.error, OfferError::NoSessionContext, "a session is gone with a reset");
}

#[test]
fn the_confirmation_code_is_signed_with_the_rest() {
    let mut bench = Bench::new(&[]);
    let answer = bench.authenticate();
    let id = bench.server.transaction_id.clone();
    let request =
        PrepareDownload { hash_cc: Some([9; 32]), ..bench.server.offer_of(id, true, &answer.euicc_signature1) };
    let prepared = bench.link.call(&request).unwrap();
    assert_eq!(EuiccSigned2::decode(&prepared.euicc_signed2).unwrap().hash_cc, Some(vec![9; 32]));
}

#[test]
fn a_package_for_an_older_key_can_still_be_had() {
    let directory = tempfile::tempdir().unwrap();
    let pki = Pki::open(&directory.path().join("pki")).unwrap();
    let shelf = virtual_euicc::card::CardShelf::new(directory.path().join("cards"));
    VirtualCard::create(&shelf, "card", &pki, &new_card(&[])).unwrap();
    let folder = shelf.existing("card").unwrap();
    let server = Server::new(pki.issue_server(ServerKind::Smdp, HOST).unwrap());
    let mut bench = Bench { link: Link::new(VirtualCard::open(&folder).unwrap()), server, pki };
    let first = bench.prepare();
    // Also by another process.
    bench.link = Link::new(VirtualCard::open(&folder).unwrap());
    assert_ne!(bench.prepare(), first, "a new one if the server does not ask");
    bench.server.bound_to = Some(first.clone());
    assert_eq!(bench.prepare(), first);
    bench.server.bound_to = Some(vec![4; 65]);
    assert_ne!(bench.prepare(), first, "the card has no such key");
    bench.server.bound_to = Some(first.clone());
    assert_eq!(bench.prepare(), first);
    let package = crate::bench::Package::default();
    bench.download(&package).result.unwrap();
    assert_ne!(bench.prepare(), first, "the key went with the package");
    assert!(bench.link.euicc().one_time_keys.len() <= 8);
    assert_eq!(format!("{:?}", bench.link.euicc().one_time_keys[0]), "StoredKey(2.999.10)", "secrets are not shown");
}

#[test]
fn a_card_may_make_a_new_key_all_the_same() {
    let mut bench = Bench::new(&["new-keys"]);
    let first = bench.prepare();
    bench.server.bound_to = Some(first.clone());
    assert_ne!(bench.prepare(), first);
}

#[test]
fn a_session_is_cancelled_with_a_signed_reason() {
    for prepared in [false, true] {
        let mut bench = Bench::new(&[]);
        let answer = bench.authenticate();
        if prepared {
            bench.link.call(&bench.server.offer(&answer.euicc_signature1)).unwrap();
        }
        let other: TransactionId = "77".parse().unwrap();
        let cancel = |transaction_id| CancelSession { transaction_id, reason: CancelSessionReason::Postponed };
        assert_eq!(bench.link.call(&cancel(other)), Err(CancelSessionError::InvalidTransactionId));
        let request = cancel(bench.server.transaction_id.clone());
        let (signed, signature) = bench.link.call(&request).unwrap();
        verify(&answer.euicc_certificate, &signed, &signature);
        let said = EuiccCancelSessionSigned::decode(&signed).unwrap();
        assert_eq!((said.reason, said.smdp_oid.to_string()), (CancelSessionReason::Postponed, "2.999.10".into()));
        assert_eq!(bench.link.call(&request), Err(CancelSessionError::InvalidTransactionId), "it is over");
        let failed = bench.link.call(&bench.server.offer(&answer.euicc_signature1)).unwrap_err();
        assert_eq!(failed.error, OfferError::NoSessionContext);
    }
    let mut bench = Bench::new(&[]);
    bench.link.call(&GetEuiccChallenge);
    let id = bench.server.transaction_id.clone();
    let early = CancelSession { transaction_id: id, reason: CancelSessionReason::Timeout };
    assert_eq!(bench.link.call(&early), Err(CancelSessionError::InvalidTransactionId), "there is no server yet");
}

#[test]
fn a_card_that_knows_no_issuer_says_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let pki = Pki::open(&directory.path().join("pki")).unwrap();
    let shelf = virtual_euicc::card::CardShelf::new(directory.path().join("cards"));
    VirtualCard::create(&shelf, "card", &pki, &new_card(&[])).unwrap();
    let folder = shelf.existing("card").unwrap();
    assert_eq!(VirtualCard::open(&folder).unwrap().state().euiccs[0].eid.to_string(), EID);
    std::fs::remove_file(folder.join("ci.cert.pem")).unwrap();
    let error = VirtualCard::open(&folder).unwrap_err().to_string();
    assert!(error.contains("ci.cert.pem") && error.contains("make the card again"), "{error}");
}
