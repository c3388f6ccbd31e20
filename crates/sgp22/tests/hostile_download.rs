//! What broken and hostile servers and cards send in a download: always an error, never a panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use common::*;
use sgp22::Function;
use sgp22::bpp::{BoundProfilePackage, InitialiseSecureChannel, ReplaceSessionKeys};
use sgp22::cert::Certificate;
use sgp22::es9p::{self, ServerFunction};
use sgp22::es10b::*;
use sgp22::metadata::StoreMetadata;
use sgp22::signed::*;
use sgp22::{es11, notification};

/// An object of these elements.
fn object(tag: u32, elements: &[&str]) -> Vec<u8> {
    bytes(&common::object(tag, elements))
}

fn euicc_signed1() -> Vec<u8> {
    object(0x30, &["8010", TID, "8310736D64702E6578616D706C652E636F6D", "8410", &"11".repeat(16), INFO2, CTX_PARAMS1])
}

fn metadata() -> Vec<u8> {
    BoundProfilePackage::parse(&segments().concat()).unwrap().metadata()
}

type Reader = fn(&[u8]) -> bool;

/// Everything that reads an object of a server or a card; true if it is taken.
const READERS: &[(&str, Reader)] = &[
    ("BoundProfilePackage", |object| {
        BoundProfilePackage::parse(object).is_ok_and(|package| {
            let joined: Vec<u8> = package.segments().flat_map(|segment| segment.0.to_vec()).collect();
            assert_eq!(joined, object, "what is taken is sent as it is");
            let _ = package.metadata();
            true
        })
    }),
    ("Certificate", |object| {
        Certificate::decode(object).is_ok_and(|certificate| {
            let _ = (certificate.role(), certificate.owner(), certificate.host_names(), certificate.permitted_eids());
            let _ = (certificate.subject_key_id(), certificate.authority_key_id(), certificate.serial_number());
            let _ = (certificate.may_sign_data(), certificate.organisation());
            true
        })
    }),
    ("ServerSigned1", |object| ServerSigned1::decode(object).is_ok()),
    ("SmdpSigned2", |object| SmdpSigned2::decode(object).is_ok()),
    ("EuiccSigned1", |object| EuiccSigned1::decode(object).is_ok()),
    ("EuiccSigned2", |object| EuiccSigned2::decode(object).is_ok()),
    ("EuiccCancelSessionSigned", |object| EuiccCancelSessionSigned::decode(object).is_ok()),
    ("InitialiseSecureChannel", |object| {
        let _ = InitialiseSecureChannel::to_be_signed(object, &[4; 65]);
        InitialiseSecureChannel::decode(object).is_ok()
    }),
    ("ReplaceSessionKeys", |object| ReplaceSessionKeys::decode(object).is_ok()),
    ("StoreMetadata", |object| StoreMetadata::decode(object).is_ok()),
    ("ProfileInstallationResult", |object| {
        let _ = notification::PendingNotification::decode(object);
        ProfileInstallationResult::decode(object).is_ok_and(|result| {
            let sima = match result.result {
                Ok(installed) => installed.sima_response,
                Err(error) => error.sima_response.unwrap_or_default(),
            };
            let _ = SimaResponse::decode(&sima);
            true
        })
    }),
    ("AuthenticateServer", |object| {
        AuthenticateServer::decode(object).is_ok() | AuthenticateServer::decode_answer(object).is_ok()
    }),
    ("PrepareDownload", |object| {
        PrepareDownload::decode(object).is_ok() | PrepareDownload::decode_answer(object).is_ok()
    }),
    ("CancelSession", |object| CancelSession::decode(object).is_ok() | CancelSession::decode_answer(object).is_ok()),
];

/// A good object of every kind, with its reader's name.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let signed1 = euicc_signed1();
    let ok = object(0xA0, &[&hex(&signed1), SIGNATURE, CERT_EUICC, CERT_EUM]);
    let signed2 = object(0x30, &["8010", TID, "5F4941", OTPK_EUICC, "0420", &"CC".repeat(32)]);
    let cancelled = object(0x30, &["8010", TID, "810388370A820101"]);
    let result = object(
        0xBF27,
        &[
            "8010",
            TID,
            "BF2F25800102810207800C10736D64702E6578616D706C652E636F6D5A0A98001032547698103214060388370A",
            "A21BA11980010581010C8211300FA00B30098001038101058201018100",
        ],
    );
    vec![
        ("BoundProfilePackage", segments().concat()),
        ("Certificate", bytes(CERT_DP_AUTH)),
        ("Certificate", bytes(CERT_EUM)),
        ("Certificate", bytes(CERT_EUICC)),
        ("ServerSigned1", bytes(SERVER_SIGNED1)),
        ("SmdpSigned2", bytes(SMDP_SIGNED2_CC)),
        ("EuiccSigned1", signed1),
        ("EuiccSigned2", signed2.clone()),
        ("EuiccCancelSessionSigned", cancelled.clone()),
        ("InitialiseSecureChannel", initialise()),
        (
            "ReplaceSessionKeys",
            ReplaceSessionKeys { mac_chaining: [1; 16], encryption: [2; 16], mac: [3; 16] }.encode(),
        ),
        ("StoreMetadata", metadata()),
        ("ProfileInstallationResult", object(0xBF37, &[&hex(&result), SIGNATURE])),
        ("AuthenticateServer", object(0xBF38, &[SERVER_SIGNED1, SIGNATURE, "0414", CI, CERT_DP_AUTH, CTX_PARAMS1])),
        ("AuthenticateServer", object(0xBF38, &[&hex(&ok)])),
        ("PrepareDownload", object(0xBF21, &[SMDP_SIGNED2, SIGNATURE, CERT_DP_AUTH])),
        ("PrepareDownload", object(0xBF21, &[&hex(&object(0xA0, &[&hex(&signed2), SIGNATURE]))])),
        ("CancelSession", object(0xBF41, &[&hex(&object(0xA0, &[&hex(&cancelled), SIGNATURE]))])),
    ]
}

fn reader(name: &str) -> Reader {
    READERS.iter().find(|(known, _)| *known == name).expect(name).1
}

#[test]
fn every_prefix_of_every_object_is_refused() {
    for (name, good) in samples() {
        let takes = reader(name);
        assert!(takes(&good), "{name}");
        for length in 0..good.len() {
            assert!(!takes(&good[..length]), "{name} cut to {length} of {}", good.len());
        }
        assert!(!takes(&[&good[..], &[0]].concat()), "{name} with a byte behind it");
    }
}

#[test]
fn every_flipped_bit_of_every_object_is_survived_by_every_reader() {
    for (_, good) in samples() {
        for index in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[index] ^= 1 << bit;
                for (_, takes) in READERS {
                    takes(&bad);
                }
            }
        }
    }
}

/// Changes a few things at random, as a fuzzer does.
fn mutated(good: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bad = good.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bad.len());
        match random.below(6) {
            0 if !bad.is_empty() => bad[at] = u8::try_from(random.below(256)).unwrap(),
            1 if !bad.is_empty() => bad[at] = [0x00, 0x7F, 0x80, 0x81, 0x82, 0x83, 0x84, 0xFF][random.below(8)],
            2 if !bad.is_empty() => drop(bad.remove(at)),
            3 => bad.insert(at, u8::try_from(random.below(256)).unwrap()),
            4 => bad.truncate(at),
            _ => {
                // A piece of it once more, somewhere else.
                let end = (at + random.below(40)).min(bad.len());
                let piece = bad[at..end].to_vec();
                let to = random.below(bad.len());
                bad.splice(to..to, piece);
            }
        }
    }
    bad
}

#[test]
fn random_mutations_of_objects_are_survived() {
    let mut random = Random(22);
    let samples = samples();
    for _ in 0..20_000 {
        let (_, good) = &samples[random.below(samples.len())];
        let bad = mutated(good, &mut random);
        for (_, takes) in READERS {
            takes(&bad);
        }
    }
}

#[test]
fn random_mutations_of_bodies_are_survived() {
    let package = es9p::BoundPackage { transaction_id: Some(tid()), bound_profile_package: segments().concat() };
    let offer = es9p::ProfileOffer {
        transaction_id: Some(tid()),
        profile_metadata: metadata(),
        smdp_signed2: bytes(SMDP_SIGNED2),
        smdp_signature2: bytes(SIGNATURE),
        smdp_certificate: bytes(CERT_DP_AUTH),
    };
    let event = es11::EventEntry { event_id: "E".parse().unwrap(), server: "a.example".into() };
    let bodies = [
        es9p::GetBoundProfilePackage::encode_answer(&package),
        es9p::AuthenticateClient::encode_answer(&offer),
        es11::AuthenticateClient::encode_answer(&es11::Events { transaction_id: Some(tid()), entries: vec![event] }),
        es9p::ExecutionFailure::failed("8.2.6", "3.8", "used up").encode(),
    ];
    let mut random = Random(6);
    for _ in 0..10_000 {
        let bad = mutated(&bodies[random.below(bodies.len())], &mut random);
        let _ = es9p::GetBoundProfilePackage::decode_answer(bad.clone());
        let _ = es9p::AuthenticateClient::decode_answer(bad.clone());
        let _ = es9p::InitiateAuthentication::decode_answer(bad.clone());
        let _ = es9p::CancelSession::decode_answer(bad.clone());
        let _ = es9p::HandleNotification::decode_answer(bad.clone());
        let _ = es11::AuthenticateClient::decode_answer(bad.clone());
        let _ = es9p::GetBoundProfilePackage::decode(&bad);
    }
}

#[test]
fn random_mutations_of_what_people_type_are_survived() {
    let good = "LPA:1$https://smdp.example.com:8443/$TS48v1_A$2.999.10$1";
    let mut random = Random(1);
    for _ in 0..20_000 {
        let bad = mutated(good.as_bytes(), &mut random);
        let text = String::from_utf8_lossy(&bad);
        let _ = text.parse::<sgp22::id::ActivationCode>();
        let _ = text.parse::<sgp22::id::ConfirmationCode>();
        let _ = text.parse::<sgp22::id::TransactionId>();
        let _ = text.parse::<sgp22::id::Imei>();
        if let Ok(oid) = text.parse::<sgp22::id::Oid>() {
            assert_eq!(oid.to_string().parse(), Ok(oid));
        }
        if let Ok(oid) = sgp22::id::Oid::decode(&bad) {
            let _ = oid.to_string();
        }
    }
}
