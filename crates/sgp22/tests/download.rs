//! The messages of a download, byte for byte, in both directions: worked examples of an independent ASN.1 compiler.
//!
//! Objects that one side signs are opaque to the messages that carry them; what is in them is tested next to them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use common::*;
use sgp22::Function;
use sgp22::cert::{CURVE_P256, Certificate, Role};
use sgp22::ci::CiKeyId;
use sgp22::es10b::*;
use sgp22::euicc_info::EuiccInfo2;
use sgp22::id::{Imei, MatchingId, Tac, TransactionId};
use sgp22::metadata::StoreMetadata;
use sgp22::notification::Events;
use sgp22::profile::ProfileClass;
use sgp22::signed::*;
use sgp22::tlv::{DecodeErrorKind, Tag};

fn imei() -> Imei {
    "352906112345678".parse().unwrap()
}

fn device(lte_release: Option<u8>, imei: Option<Imei>) -> DeviceInfo {
    DeviceInfo { tac: Tac([0x53, 0x92, 0x60, 0x11]), lte_release, imei, other: Vec::new() }
}

fn authenticate(matching_id: Option<&str>, device: DeviceInfo) -> AuthenticateServer {
    AuthenticateServer {
        server_signed1: bytes(SERVER_SIGNED1),
        server_signature1: bytes(SIGNATURE),
        ci: CiKeyId::from_bytes(&bytes(CI)),
        server_certificate: bytes(CERT_DP_AUTH),
        matching_id: matching_id.map(|id| id.parse().unwrap()),
        device,
    }
}

/// The same object, written and read.
macro_rules! object_is {
    ($kind:ty, $value:expr, $hex:expr) => {
        let value: $kind = $value;
        same(&value.encode(), $hex);
        assert_eq!(<$kind>::decode(&bytes($hex)), Ok(value));
    };
}

#[test]
fn server_signed1() {
    object_is!(
        ServerSigned1,
        ServerSigned1 {
            transaction_id: tid(),
            euicc_challenge: *b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F",
            server_address: "smdp.example.com".into(),
            server_challenge: [0x11; 16],
        },
        SERVER_SIGNED1
    );
    // A server of v3 puts a session context and its capabilities behind it.
    let longer = [&[0x30, 0x4E][..], &bytes(SERVER_SIGNED1)[2..], &bytes("A500 86020780")].concat();
    assert_eq!(ServerSigned1::decode(&longer), ServerSigned1::decode(&bytes(SERVER_SIGNED1)));
}

#[test]
fn challenges_have_16_bytes_and_transaction_ids_up_to_16() {
    let wrong = |hex: &str| ServerSigned1::decode(&bytes(hex)).unwrap_err().kind;
    let with = |tid: &str, challenge: &str| object(0x30, &[tid, challenge, "830161", "8410", &"11".repeat(16)]);
    let good = format!("8110{}", "22".repeat(16));
    for id in ["800101", "8010000102030405060708090A0B0C0D0E0F"] {
        assert!(ServerSigned1::decode(&bytes(&with(id, &good))).is_ok());
    }
    for id in ["8000", "8011000102030405060708090A0B0C0D0E0F10"] {
        assert!(matches!(wrong(&with(id, &good)), DecodeErrorKind::BadValue(_)));
    }
    for challenge in ["8100".to_owned(), format!("810F{}", "22".repeat(15)), format!("8111{}", "22".repeat(17))] {
        assert!(matches!(wrong(&with("800101", &challenge)), DecodeErrorKind::BadValue(_)));
    }
    assert_eq!(wrong(&with("", &good)), DecodeErrorKind::Missing(Tag(0x80)));
}

#[test]
fn authenticate_server_in_every_form_of_ctx_params1() {
    for (matching_id, device, ctx_params1) in [
        (Some(TOKEN), device(Some(15), Some(imei())), CTX_PARAMS1),
        // An empty token, and none at all: default SM-DP+ and SM-DS.
        (Some(""), device(None, None), "A00C8000A108800453926011A100"),
        (None, device(None, None), "A00AA108800453926011A100"),
        (None, device(Some(15), None), "A00FA10D800453926011A10585030F0000"),
        (None, device(None, Some(imei())), "A014A112800453926011A1008208539260113254768F"),
    ] {
        let request = authenticate(matching_id, device);
        command(&request, &object(0xBF38, &[SERVER_SIGNED1, SIGNATURE, "0414", CI, CERT_DP_AUTH, ctx_params1]));
    }
}

#[test]
fn device_information_as_others_write_it() {
    let read = |ctx_params1: &str| {
        let hex = object(0xBF38, &[SERVER_SIGNED1, SIGNATURE, "0414", CI, CERT_DP_AUTH, ctx_params1]);
        AuthenticateServer::decode(&bytes(&hex)).map(|request| request.device)
    };
    // More capabilities than ours, and an IMEI whose last byte is swapped, too.
    let capabilities = object(0xA1, &["80030D0000", "81030D0000", "85030F0000", "8903100000"]);
    let theirs = object(0xA1, &["800435290611", &capabilities, "820853926011325476F8"]);
    let theirs = object(0xA0, &[&theirs]);
    let device = read(&theirs).unwrap();
    assert_eq!((device.tac, device.lte_release), (Tac([0x35, 0x29, 0x06, 0x11]), Some(15)));
    assert_eq!(device.imei.unwrap().as_bytes()[..], bytes("53926011325476F8"));
    // v3: preferred languages and test mode are kept.
    let newer = read("A012A110800453926011A100A3048002656E8400").unwrap();
    assert_eq!(newer.other.iter().map(|element| element.tag).collect::<Vec<_>>(), [Tag(0xA3), Tag(0x84)]);
    for broken in [
        "A000",
        "A002A100",
        // A TAC of three bytes, one without capabilities, capabilities without a TAC.
        "A009A1078003539260A100",
        "A008A106800453926011",
        "A004A102A100",
        // An IMEI of seven bytes, and a token that is none.
        "A013A111800453926011A100820753926011325476",
        "A00D8001 2BA108800453926011A100",
    ] {
        assert!(read(broken).is_err(), "{broken}");
    }
}

fn euicc_signed1(ctx_params1: &str) -> String {
    object(
        0x30,
        &[
            "8010",
            TID,
            "8310736D64702E6578616D706C652E636F6D",
            "841011111111111111111111111111111111",
            INFO2,
            ctx_params1,
        ],
    )
}

#[test]
fn authenticate_server_answers() {
    let signed = euicc_signed1(CTX_PARAMS1);
    let ok = AuthenticateServerOk {
        euicc_signed1: bytes(&signed),
        euicc_signature1: bytes(SIGNATURE),
        euicc_certificate: bytes(CERT_EUICC),
        eum_certificate: bytes(CERT_EUM),
    };
    let inner = object(0xA0, &[&signed, SIGNATURE, CERT_EUICC, CERT_EUM]);
    answer::<AuthenticateServer>(&Ok(ok.clone()), &object(0xBF38, &[&inner]));
    // v3 adds the other certificates of a chain.
    let newer = object(0xBF38, &[&object(0xA0, &[&signed, SIGNATURE, CERT_EUICC, CERT_EUM, "A000"])]);
    assert_eq!(AuthenticateServer::decode_answer(&bytes(&newer)), Ok(Ok(ok)));
    let short = object(0xBF38, &[&object(0xA0, &[&signed, SIGNATURE, CERT_EUICC])]);
    assert_eq!(
        AuthenticateServer::decode_answer(&bytes(&short)).unwrap_err().kind,
        DecodeErrorKind::Missing(Tag(0x30))
    );
}

#[test]
fn euicc_signed1_holds_what_was_asked() {
    let hex = euicc_signed1(CTX_PARAMS1);
    let signed = EuiccSigned1::decode(&bytes(&hex)).unwrap();
    assert_eq!(signed.matching_id, Some(TOKEN.parse().unwrap()));
    assert_eq!(signed.device, device(Some(15), Some(imei())));
    assert_eq!(signed.euicc_info2, EuiccInfo2::decode(&bytes(INFO2)).unwrap());
    let written = EuiccSigned1::encode_with(
        &signed.transaction_id,
        &signed.server_address,
        &signed.server_challenge,
        &bytes(INFO2),
        &bytes(CTX_PARAMS1),
    );
    same(&written, &hex);
    // Byte for byte also where the request was not in DER.
    let long_form = "A082000AA108800453926011A100";
    assert_eq!(EuiccSigned1::decode(&bytes(&euicc_signed1(long_form))).unwrap().matching_id, None);
}

#[test]
fn authenticate_server_errors() {
    let failed = |error| Err(Failed { transaction_id: Some(tid()), error });
    answer::<AuthenticateServer>(
        &failed(AuthenticateServerError::InvalidSignature),
        "BF3817A11580100102030405060708090A0B0C0D0E0F10020102",
    );
    for code in 0..=127 {
        let error = AuthenticateServerError::from_code(code);
        assert_eq!(error.code(), code);
        let wire = format!("BF3817A1158010{TID}0201{code:02X}");
        answer::<AuthenticateServer>(&failed(error), &wire);
        let known = (1..=14).contains(&code) || code == 127;
        assert_eq!(error.name() != "unknown", known, "{code}");
    }
    // Without the session, as some cards do.
    answer::<AuthenticateServer>(
        &Err(Failed { transaction_id: None, error: AuthenticateServerError::NoSessionContext }),
        "BF3805A103020104",
    );
    let nothing = AuthenticateServer::decode_answer(&bytes("BF3802A100")).unwrap_err();
    assert_eq!(nothing.kind, DecodeErrorKind::Missing(Tag(0x02)));
}

#[test]
fn smdp_signed2() {
    let without = SmdpSigned2 { transaction_id: tid(), confirmation_required: false, bpp_euicc_otpk: None };
    object_is!(SmdpSigned2, without.clone(), SMDP_SIGNED2);
    object_is!(SmdpSigned2, SmdpSigned2 { confirmation_required: true, ..without.clone() }, SMDP_SIGNED2_CC);
    let bound = object(0x30, &["8010", TID, "010100", "5F4941", OTPK_EUICC]);
    object_is!(SmdpSigned2, SmdpSigned2 { bpp_euicc_otpk: Some(bytes(OTPK_EUICC)), ..without.clone() }, &bound);
    // True as some servers write it, and the rpmPending of v3.
    let read = |hex: &str| SmdpSigned2::decode(&bytes(hex));
    assert!(read(&object(0x30, &["8010", TID, "010101"])).unwrap().confirmation_required);
    assert_eq!(read(&object(0x30, &["8010", TID, "0101000500"])), Ok(without));
    assert_eq!(read(&object(0x30, &["8010", TID])).unwrap_err().kind, DecodeErrorKind::Missing(Tag(0x01)));
    assert!(read(&object(0x30, &["8010", TID, "0100"])).is_err());
}

const HASH_CC: &str = "87B0215C5D8F952804B1C92D5F2AE9966568B47CD659519536D862E7A9470D2D";

#[test]
fn prepare_download() {
    let request = |hash_cc| PrepareDownload {
        smdp_signed2: bytes(SMDP_SIGNED2_CC),
        smdp_signature2: bytes(SIGNATURE),
        hash_cc,
        smdp_certificate: bytes(CERT_DP_AUTH),
    };
    let hash: [u8; 32] = bytes(HASH_CC).try_into().unwrap();
    let with_code = object(0xBF21, &[SMDP_SIGNED2_CC, SIGNATURE, "0420", HASH_CC, CERT_DP_AUTH]);
    command(&request(Some(hash)), &with_code);
    command(&request(None), &object(0xBF21, &[SMDP_SIGNED2_CC, SIGNATURE, CERT_DP_AUTH]));
    let short_hash = object(0xBF21, &[SMDP_SIGNED2_CC, SIGNATURE, "041F", &HASH_CC[2..], CERT_DP_AUTH]);
    assert!(PrepareDownload::decode(&bytes(&short_hash)).is_err());
    let no_certificate = PrepareDownload::decode(&bytes(&object(0xBF21, &[SMDP_SIGNED2, SIGNATURE])));
    assert_eq!(no_certificate.unwrap_err().kind, DecodeErrorKind::Missing(Tag(0x30)));
}

#[test]
fn prepare_download_answers() {
    let signed = EuiccSigned2 { transaction_id: tid(), euicc_otpk: bytes(OTPK_EUICC), hash_cc: None };
    let plain = object(0x30, &["8010", TID, "5F4941", OTPK_EUICC]);
    let with_code = object(0x30, &["8010", TID, "5F4941", OTPK_EUICC, "0420", HASH_CC]);
    object_is!(EuiccSigned2, EuiccSigned2 { hash_cc: Some(bytes(HASH_CC)), ..signed.clone() }, &with_code);
    object_is!(EuiccSigned2, signed, &plain);
    let ok = PrepareDownloadOk { euicc_signed2: bytes(&with_code), euicc_signature2: bytes(SIGNATURE) };
    let inner = object(0xA0, &[&with_code, SIGNATURE]);
    answer::<PrepareDownload>(&Ok(ok), &object(0xBF21, &[&inner]));
    let failed = |error| Err(Failed { transaction_id: Some(tid()), error });
    answer::<PrepareDownload>(
        &failed(PrepareDownloadError::InvalidSignature),
        "BF2117A11580100102030405060708090A0B0C0D0E0F10020102",
    );
    for code in 0..=127 {
        let error = PrepareDownloadError::from_code(code);
        answer::<PrepareDownload>(&failed(error), &format!("BF2117A1158010{TID}0201{code:02X}"));
        assert_eq!(error.name() != "unknown", (1..=5).contains(&code) || code == 127, "{code}");
    }
}

#[test]
fn cancel_session() {
    let request = |reason| CancelSession { transaction_id: tid(), reason };
    command(&request(CancelSessionReason::EndUserRejection), "BF411580100102030405060708090A0B0C0D0E0F10810100");
    for code in 0..=127 {
        let reason = CancelSessionReason::from_code(code);
        command(&request(reason), &format!("BF41158010{TID}8101{code:02X}"));
        assert_eq!(reason.name() != "unknown", code <= 5 || code == 127, "{code}");
        assert_eq!(reason.keeps_the_order(), matches!(code, 1 | 2), "{code}");
    }
    answer::<CancelSession>(&Err(CancelSessionError::InvalidTransactionId), "BF4103810105");
    answer::<CancelSession>(&Err(CancelSessionError::UndefinedError), "BF410381017F");
    let signed = "301A80100102030405060708090A0B0C0D0E0F10810388370A820101";
    object_is!(
        EuiccCancelSessionSigned,
        EuiccCancelSessionSigned {
            transaction_id: tid(),
            smdp_oid: "2.999.10".parse().unwrap(),
            reason: CancelSessionReason::Postponed,
        },
        signed
    );
    let inner = object(0xA0, &[signed, SIGNATURE]);
    answer::<CancelSession>(&Ok((bytes(signed), bytes(SIGNATURE))), &object(0xBF41, &[&inner]));
}

#[test]
fn metadata_in_both_spellings_of_the_default_class() {
    let explicit =
        "BF25405A0A9800103254769810321491065350204F6E659206546573742041950102B6183016800204F08110736D64702E65
        78616D706C652E636F6DB705800362F210";
    let metadata = StoreMetadata::decode(&bytes(explicit)).unwrap();
    assert_eq!(metadata.class, ProfileClass::Operational);
    assert_eq!(metadata.iccid.digits(), "89000123456789012341");
    assert_eq!((&metadata.service_provider, &metadata.name), (&Some("SP One".into()), &Some("Test A".into())));
    assert_eq!(metadata.notification_targets[0].events, Events::all());
    let der = explicit.replace("950102", "").replace("BF2540", "BF253D");
    same(&metadata.encode(), &der);
    assert_eq!(StoreMetadata::decode(&bytes(&der)), Ok(metadata));
}

#[test]
fn certificates_of_the_roles() {
    let dp = bytes(CERT_DP_AUTH);
    let dp = Certificate::decode(&dp).unwrap();
    assert_eq!((dp.role(), dp.owner()), (Some(Role::DpAuth), Some("2.999.10".parse().unwrap())));
    assert_eq!(dp.host_names(), ["smdp.example.com"]);
    assert!(dp.may_sign_data() && !dp.may_sign_certificates());
    assert_eq!(dp.curve.as_ref().map(sgp22::id::Oid::as_bytes), Some(CURVE_P256));
    assert_eq!((dp.public_key.len(), dp.public_key[0]), (65, 0x04));
    // 2024-01-01 00:00:00 and 2052-05-20 23:59:59, the latter as GeneralizedTime.
    assert_eq!((dp.not_before, dp.not_after), (1_704_067_200, 2_599_862_399));
    let (eum, euicc) = (bytes(CERT_EUM), bytes(CERT_EUICC));
    let (eum, euicc) = (Certificate::decode(&eum).unwrap(), Certificate::decode(&euicc).unwrap());
    assert_eq!((eum.role(), euicc.role()), (Some(Role::Eum), Some(Role::Euicc)));
    assert!(eum.may_sign_certificates());
    assert_eq!(eum.permitted_eids(), Some(("Test EUM".into(), "89049032".into())));
    assert_eq!(euicc.serial_number().as_deref(), Some("89049032123451234512345678901235"));
    assert_eq!(euicc.organisation(), eum.organisation());
    assert_eq!(euicc.authority_key_id(), eum.subject_key_id());
    assert_eq!(eum.authority_key_id(), dp.authority_key_id());
    assert_eq!((euicc.issuer, euicc.owner()), (eum.subject, None));
}

#[test]
fn no_message_shows_a_secret() {
    let token = TOKEN.as_bytes();
    hides(&authenticate(Some(TOKEN), device(None, Some(imei()))), token);
    let signed = bytes(&euicc_signed1(CTX_PARAMS1));
    hides(&EuiccSigned1::decode(&signed).unwrap(), token);
    let answer = AuthenticateServerOk {
        euicc_signed1: signed.clone(),
        euicc_signature1: bytes(SIGNATURE),
        euicc_certificate: bytes(CERT_EUICC),
        eum_certificate: bytes(CERT_EUM),
    };
    hides(&answer, token);
    let whole = AuthenticateServer::encode_answer(&Ok(answer));
    hides(
        &sgp22::es9p::AuthenticateClient { transaction_id: tid(), authenticate_server_response: whole.clone() },
        token,
    );
    let to_smds = sgp22::es9p::AuthenticateClient { transaction_id: tid(), authenticate_server_response: whole };
    hides(&sgp22::es11::AuthenticateClient(to_smds), token);
    let event_id: MatchingId = TOKEN.parse().unwrap();
    hides(&sgp22::es11::EventEntry { event_id, server: "smdp.example.com".into() }, token);

    let hash: [u8; 32] = bytes(HASH_CC).try_into().unwrap();
    let request = PrepareDownload {
        smdp_signed2: bytes(SMDP_SIGNED2_CC),
        smdp_signature2: bytes(SIGNATURE),
        hash_cc: Some(hash),
        smdp_certificate: bytes(CERT_DP_AUTH),
    };
    hides(&request, &hash);
    let signed = EuiccSigned2 { transaction_id: tid(), euicc_otpk: bytes(OTPK_EUICC), hash_cc: Some(hash.to_vec()) };
    hides(&signed, &hash);
    let answer = PrepareDownloadOk { euicc_signed2: signed.encode(), euicc_signature2: bytes(SIGNATURE) };
    hides(&answer, &hash);
    let whole = PrepareDownload::encode_answer(&Ok(answer));
    hides(&sgp22::es9p::GetBoundProfilePackage { transaction_id: tid(), prepare_download_response: whole }, &hash);
}

#[test]
fn a_transaction_id_is_compared_as_bytes() {
    let lower: TransactionId = TID.to_lowercase().parse().unwrap();
    assert_eq!((lower.clone(), lower.to_string().as_str()), (tid(), TID));
    for wrong in ["", "0", "0G", &"00".repeat(17), "01 02"] {
        assert!(wrong.parse::<TransactionId>().is_err(), "{wrong}");
    }
}
