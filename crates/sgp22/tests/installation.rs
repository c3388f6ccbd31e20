//! How the installation of a profile ended, in the card's signed words: byte for byte, in both directions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use common::*;
use sgp22::es10b::*;
use sgp22::id::Aid;
use sgp22::notification::{Events, NotificationMetadata, PendingKind, PendingNotification};

const SIGNED_RESULT: &str =
    "80100102030405060708090A0B0C0D0E0F10BF2F25800102810207800C10736D64702E6578616D706C652E636F6D5A0A98001032547698103214
     060388370A";

fn installation(result: Result<Installed, InstallationError>) -> ProfileInstallationResult {
    ProfileInstallationResult {
        transaction_id: tid(),
        metadata: NotificationMetadata {
            seq: 2,
            event: Events::of(&[Events::INSTALL]),
            address: "smdp.example.com".into(),
            iccid: Some("89000123456789012341".parse().unwrap()),
        },
        smdp_oid: "2.999.10".parse().unwrap(),
        result,
    }
}

/// The result is written as `hex` and read from it, and the list of notifications takes it for what it is.
#[track_caller]
fn installation_is(result: &ProfileInstallationResult, data: &str) {
    same(&result.encode_data(), data);
    let whole = ProfileInstallationResult::join(&bytes(data), &bytes(SIGNATURE)[3..]);
    same(&whole, &object(0xBF37, &[data, SIGNATURE]));
    assert_eq!(ProfileInstallationResult::decode(&whole).as_ref(), Ok(result));
    let pending = PendingNotification::decode(&whole).unwrap();
    assert_eq!((pending.kind, pending.metadata.as_ref()), (PendingKind::InstallationResult, Some(&result.metadata)));
    assert_eq!(pending.bytes, whole);
}

#[test]
fn installed() {
    let sima_response = bytes("3007A0053003800100");
    assert_eq!(SimaResponse::ok().encode(), sima_response);
    assert_eq!(SimaResponse::decode(&sima_response), Ok(SimaResponse::ok()));
    let result = installation(Ok(Installed { isdp_aid: Aid::isd_p(0x0010), sima_response }));
    let end = "A21FA01D4F10A0000005591010FFFFFFFF890000100004093007A0053003800100";
    installation_is(&result, &object(0xBF27, &[SIGNED_RESULT, end]));
    same(&ProfileInstallationResult::join(&result.encode_data(), &[0x11; 64])[..4], "BF3781A6");
}

#[test]
fn not_installed() {
    let wire = "300FA00B30098001038101058201018100";
    let sima = SimaResponse::decode(&bytes(wire)).unwrap();
    assert!(sima.aborted);
    assert_eq!(
        sima.elements,
        [PeStatus { status: PeStatusCode::BadValues, identification: Some(5), additional: Some(1), offset: None }]
    );
    same(&sima.encode(), wire);
    let result = installation(Err(InstallationError {
        command: BppCommand::LoadProfileElements,
        reason: BppErrorReason::PeProcessing,
        sima_response: Some(bytes(wire)),
    }));
    let end = format!("A21BA11980010581010C8211{wire}");
    installation_is(&result, &object(0xBF27, &[SIGNED_RESULT, &end]));
}

#[test]
fn every_command_and_every_reason_of_a_failure() {
    for (command, reason) in (0..=6).flat_map(|command| (0..=127).map(move |reason| (command, reason))) {
        let error = InstallationError {
            command: BppCommand::from_code(command),
            reason: BppErrorReason::from_code(reason),
            sima_response: None,
        };
        let unknown = |name| name == "unknown";
        assert_eq!(unknown(error.command.name()), command > 5);
        let known = matches!(reason, 1..=15 | 17..=23 | 26 | 31 | 32 | 127);
        assert_eq!(unknown(error.reason.name()), !known, "{reason}");
        let end = format!("A208A1068001{command:02X}8101{reason:02X}");
        installation_is(&installation(Err(error)), &object(0xBF27, &[SIGNED_RESULT, &end]));
    }
    // No ICCID: it failed before the metadata.
    let mut early = installation(Err(InstallationError {
        command: BppCommand::InitialiseSecureChannel,
        reason: BppErrorReason::InvalidSignature,
        sima_response: None,
    }));
    early.metadata.iccid = None;
    let metadata = "BF2F19800102810207800C10736D64702E6578616D706C652E636F6D";
    installation_is(&early, &object(0xBF27, &["8010", TID, metadata, "060388370A", "A208A106800100810102"]));
}

#[test]
fn several_answers_of_the_profile_interpreter() {
    let several = bytes("3007A0053003800100 3016A00B3009800101810107830100 82074E6F20726F6F6D");
    let several = SimaResponse::decode(&several).unwrap();
    assert_eq!(several.elements.len(), 2);
    assert_eq!(several.elements[1].status, PeStatusCode::NotSupported);
    assert_eq!((several.aborted, several.message.as_deref()), (false, Some("No room")));
    assert_eq!(SimaResponse::decode(&[]), Ok(SimaResponse::default()));
    // A status word as status.
    let word = SimaResponse::decode(&bytes("3008A006300480026A84")).unwrap();
    assert_eq!(word.elements[0].status, PeStatusCode::Unknown(0x6A84));
}
