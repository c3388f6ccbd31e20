//! Bodies of ES9+ and ES11 in both directions, and what servers of the field make of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use common::*;
use data_encoding::BASE64;
use serde_json::{Value, json};
use sgp22::ci::CiKeyId;
use sgp22::es9p::*;
use sgp22::es11::{self, EventEntry};

const EUICC_INFO1: &str =
    "BF20358203020500A9160414F54172BDF98A95D65CBEB88A38A1C11D800A85C3AA160414F54172BDF98A95D65CBEB88A
    38A1C11D800A85C3";

fn parsed(body: &[u8]) -> Value {
    serde_json::from_slice(body).expect("JSON")
}

/// The request is written as `body`, and `body` is read as the request.
#[track_caller]
fn request<F: ServerFunction + std::fmt::Debug + PartialEq>(function: &F, body: &Value) {
    assert_eq!(parsed(&function.encode()), *body);
    assert_eq!(F::decode(body.to_string().as_bytes()).as_ref(), Ok(function));
}

fn read<F: ServerFunction>(body: impl Into<Vec<u8>>) -> Result<Result<F::Answer, ExecutionFailure>, BodyError> {
    F::decode_answer(body.into())
}

fn success(mut fields: Value) -> Value {
    fields["header"] = json!({ "functionExecutionStatus": { "status": "Executed-Success" } });
    fields
}

/// The answer is written as success with these fields, and read from them.
#[track_caller]
fn answer<F: ServerFunction>(value: F::Answer, fields: Value)
where
    F::Answer: std::fmt::Debug + PartialEq,
{
    let body = success(fields);
    assert_eq!(parsed(&F::encode_answer(&value)), body);
    assert_eq!(read::<F>(body.to_string()), Ok(Ok(value)));
}

fn base64(hex: &str) -> String {
    BASE64.encode(&bytes(hex))
}

#[test]
fn the_worked_example_of_initiate_authentication() {
    let wire = r#"{"smdpAddress":"smdp.example.com","euiccChallenge":"AAECAwQFBgcICQoLDA0ODw==","euiccInfo1":"vyA1ggMCBQCpFgQU9UFyvfmKldZcvriKOKHBHYAKhcOqFgQU9UFyvfmKldZcvriKOKHBHYAKhcM="}"#;
    let function = InitiateAuthentication {
        euicc_challenge: *b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F",
        euicc_info1: bytes(EUICC_INFO1),
        smdp_address: "smdp.example.com".into(),
    };
    assert_eq!(String::from_utf8(function.encode()).unwrap(), wire);
    assert_eq!(InitiateAuthentication::decode(wire.as_bytes()), Ok(function));
    assert_eq!(InitiateAuthentication::ENDPOINT, "initiateAuthentication");
}

fn server_authentication() -> ServerAuthentication {
    ServerAuthentication {
        transaction_id: tid(),
        server_signed1: bytes(SERVER_SIGNED1),
        server_signature1: bytes(SIGNATURE),
        ci: CiKeyId::from_bytes(&bytes(CI)),
        server_certificate: bytes(CERT_DP_AUTH),
    }
}

fn server_authentication_fields() -> Value {
    json!({
        "transactionId": TID,
        "serverSigned1": base64(SERVER_SIGNED1),
        "serverSignature1": base64(SIGNATURE),
        "euiccCiPKIdToBeUsed": "BBT1QXK9+YqV1ly+uIo4ocEdgAqFww==",
        "serverCertificate": base64(CERT_DP_AUTH),
    })
}

#[test]
fn the_worked_example_of_its_answer() {
    let fields = server_authentication_fields();
    assert!(fields["serverSigned1"].as_str().unwrap().starts_with("MEiAEAEC"));
    assert!(fields["serverSignature1"].as_str().unwrap().starts_with("XzdAIsy7"));
    answer::<InitiateAuthentication>(server_authentication(), fields);
}

#[test]
fn authenticate_client() {
    let function =
        AuthenticateClient { transaction_id: tid(), authenticate_server_response: bytes("BF3805A103020104") };
    let body = json!({ "transactionId": TID, "authenticateServerResponse": "vzgFoQMCAQQ=" });
    request(&function, &body);
    request(&es11::AuthenticateClient(function), &body);
    let offer = ProfileOffer {
        transaction_id: Some(tid()),
        profile_metadata: bytes("BF25135A0A9800103254769810321491025350920141"),
        smdp_signed2: bytes(SMDP_SIGNED2),
        smdp_signature2: bytes(SIGNATURE),
        smdp_certificate: bytes(CERT_DP_AUTH),
    };
    let fields = json!({
        "transactionId": TID,
        "profileMetadata": base64("BF25135A0A9800103254769810321491025350920141"),
        "smdpSigned2": base64(SMDP_SIGNED2),
        "smdpSignature2": base64(SIGNATURE),
        "smdpCertificate": base64(CERT_DP_AUTH),
    });
    answer::<AuthenticateClient>(offer, fields);
}

#[test]
fn get_bound_profile_package() {
    let function =
        GetBoundProfilePackage { transaction_id: tid(), prepare_download_response: bytes("BF2105A103020101") };
    request(&function, &json!({ "transactionId": TID, "prepareDownloadResponse": base64("BF2105A103020101") }));
    let package = segments().concat();
    let fields = json!({ "transactionId": TID, "boundProfilePackage": BASE64.encode(&package) });
    answer::<GetBoundProfilePackage>(
        BoundPackage { transaction_id: Some(tid()), bound_profile_package: package },
        fields,
    );
}

#[test]
fn handle_notification() {
    let function = HandleNotification { pending_notification: bytes("BF3700") };
    request(&function, &json!({ "pendingNotification": "vzcA" }));
    assert_eq!(HandleNotification::encode_answer(&()), b"");
    let refused = ExecutionFailure::failed("8.10.1", "3.9", "");
    assert_eq!(read::<HandleNotification>(refused.encode()), Ok(Err(refused)));
}

#[test]
fn cancel_session() {
    let function = CancelSession { transaction_id: tid(), cancel_session_response: bytes("BF4103810105") };
    request(&function, &json!({ "transactionId": TID, "cancelSessionResponse": "v0EDgQEF" }));
    answer::<CancelSession>((), json!({}));
    // A test server adds the session.
    assert_eq!(read::<CancelSession>(success(json!({ "transactionId": TID })).to_string()), Ok(Ok(())));
}

#[test]
fn events() {
    let event = |id: &str, server: &str| EventEntry { event_id: id.parse().unwrap(), server: server.into() };
    let entry = |id: &str, server: &str| json!({ "eventId": id, "rspServerAddress": server });
    let events = |entries| es11::Events { transaction_id: None, entries };
    answer::<es11::AuthenticateClient>(
        es11::Events {
            transaction_id: Some(TID.parse().unwrap()),
            entries: vec![event("EVENT-1", "smdp.example.com"), event("2", "smds.example.com")],
        },
        json!({ "transactionId": TID, "eventEntries": [entry("EVENT-1", "smdp.example.com"), entry("2", "smds.example.com")] }),
    );
    answer::<es11::AuthenticateClient>(events(vec![]), json!({ "eventEntries": [] }));
    let read = |fields: Value| read::<es11::AuthenticateClient>(success(fields).to_string());
    for nothing in [json!({}), json!({ "transactionId": null, "eventEntries": null })] {
        assert_eq!(read(nothing), Ok(Ok(events(vec![]))));
    }
    assert!(read(json!({ "transactionId": "no hex" })).is_err());
    // An entry that nobody can follow hides no other one.
    let odd = json!([{ "eventId": "A" }, 7, entry("EVENT-1", "smdp.example.com"), null, { "eventId": "", "rspServerAddress": 1 }]);
    let found = read(json!({ "eventEntries": odd })).unwrap().unwrap();
    assert_eq!(found.entries.iter().map(|entry| entry.server.as_str()).collect::<Vec<_>>(), ["smdp.example.com"]);
    let more = json!({ "eventEntries": [{ "eventId": " E ", "rspServerAddress": "a.example", "new": 1 }], "new": [] });
    assert_eq!(read(more), Ok(Ok(events(vec![event("E", "a.example")]))));
    for broken in [
        json!({}),
        json!("E"),
        json!([null]),
        json!([{ "eventId": "E" }]),
        json!([{ "eventId": 5, "rspServerAddress": "a.example" }]),
        json!([{ "eventId": "E$", "rspServerAddress": "a.example" }]),
        json!([{ "rspServerAddress": "a.example" }]),
    ] {
        let error = read(json!({ "eventEntries": broken })).unwrap_err();
        assert!(matches!(error, BodyError::BadField { field: "eventEntries", .. }), "{error}");
    }
    let none = ExecutionFailure::failed("8.9.5", "3.9", "no event");
    assert_eq!(self::read::<es11::AuthenticateClient>(none.encode()), Ok(Err(none)));
}

/// Every function whose answer has fields, reading the same body.
fn every_answer(body: &str) -> [Result<Option<ExecutionFailure>, BodyError>; 5] {
    fn of<F: ServerFunction>(body: &str) -> Result<Option<ExecutionFailure>, BodyError> {
        read::<F>(body).map(Result::err)
    }
    [
        of::<InitiateAuthentication>(body),
        of::<AuthenticateClient>(body),
        of::<GetBoundProfilePackage>(body),
        of::<CancelSession>(body),
        of::<es11::AuthenticateClient>(body),
    ]
}

#[test]
fn a_failure_is_told_with_all_that_the_server_says() {
    let body = r#"{"header":{"functionExecutionStatus":{"status":"Failed","statusCodeData":{"subjectCode":"8.2.6",
        "reasonCode":"3.8","subjectIdentifier":"order","message":"used up"}}}}"#;
    let failure = ExecutionFailure {
        status: "Failed".into(),
        code: Some(StatusCode::new("8.2.6", "3.8")),
        identifier: Some("order".into()),
        message: Some("used up".into()),
    };
    for read in every_answer(body) {
        assert_eq!(read, Ok(Some(failure.clone())));
    }
    assert_eq!(failure.to_string(), "Failed 8.2.6/3.8 (MatchingID: refused), order, used up");
    assert_eq!(parsed(&failure.encode()), parsed(body.as_bytes()));
}

#[test]
fn a_failure_with_less_or_more_around_it() {
    let wrap = |status: &str, data: &str, rest: &str| {
        format!(r#"{{"header":{{"functionExecutionStatus":{{"status":"{status}"{data}}}}}{rest}}}"#)
    };
    let bare = |status: &str| ExecutionFailure { status: status.into(), ..ExecutionFailure::default() };
    let coded = |status| ExecutionFailure { code: Some(StatusCode::new("8.8.5", "4.10")), ..bare(status) };
    let code =
        r#","statusCodeData":{"subjectCode":" 8.8.5","reasonCode":"4.10 ","message":null,"subjectIdentifier":""}"#;
    let nulls = r#","transactionId":null,"serverSigned1":null,"profileMetadata":null,"boundProfilePackage":null"#;
    for (body, failure) in [
        (wrap("Failed", "", ""), bare("Failed")),
        (wrap("Failed", r#","statusCodeData":null"#, nulls), bare("Failed")),
        (wrap("Failed", r#","statusCodeData":{"subjectCode":8}"#, ""), bare("Failed")),
        (wrap("Expired", code, nulls), coded("Expired")),
        (wrap("Failed", code, r#","transactionId":"","boundProfilePackage":"","new":[{}]"#), coded("Failed")),
        (wrap("SomethingNew", "", ""), bare("SomethingNew")),
    ] {
        for read in every_answer(&body) {
            assert_eq!(read, Ok(Some(failure.clone())), "{body}");
        }
    }
    assert!(!coded("Expired").to_string().contains("not in the standard"));
    let unknown = ExecutionFailure::failed("9.9", "7.7", "");
    assert_eq!(unknown.to_string(), "Failed 9.9/7.7 (not in the standard: not in the standard)");
    // A page of words is cut.
    let long = wrap("Failed", &format!(r#","statusCodeData":{{"message":"{}"}}"#, "ä".repeat(5000)), "");
    let mut failure = every_answer(&long)[0].clone().unwrap().unwrap();
    assert_eq!(failure.to_string().chars().count(), "Failed, ".len() + 200);
    failure.redact(&[]);
    assert_eq!(failure.message.unwrap().chars().count(), 200);
}

#[test]
fn a_warning_and_a_missing_header_are_no_failure() {
    let mut body = success(server_authentication_fields());
    body["header"]["functionExecutionStatus"]["status"] = "Executed-WithWarning".into();
    assert_eq!(read::<InitiateAuthentication>(body.to_string()), Ok(Ok(server_authentication())));
    for header in [json!(null), json!({}), json!("x"), json!({ "functionExecutionStatus": {} })] {
        body["header"] = header;
        assert_eq!(read::<InitiateAuthentication>(body.to_string()), Ok(Ok(server_authentication())));
    }
    let bare = server_authentication_fields().to_string();
    assert_eq!(read::<InitiateAuthentication>(bare), Ok(Ok(server_authentication())));
    let package = json!({ "transactionId": TID, "boundProfilePackage": "vzYA" }).to_string();
    assert_eq!(read::<GetBoundProfilePackage>(package).unwrap().unwrap().bound_profile_package, bytes("BF3600"));
}

#[test]
fn what_is_no_json() {
    let whole = success(server_authentication_fields()).to_string();
    for body in ["<html><body>502 Bad Gateway</body></html>", "[]", "7", "null", "{", r#"{"header":"#, "{}{}", "%"] {
        for read in every_answer(body) {
            assert!(matches!(read, Err(BodyError::NotJson { .. })), "{body}: {read:?}");
        }
    }
    for body in ["", " \r\n\t"] {
        for read in every_answer(body) {
            assert!(matches!(read, Err(BodyError::Empty { .. })), "{body:?}");
        }
    }
    for length in 1..whole.len() {
        assert!(matches!(read::<InitiateAuthentication>(&whole[..length]), Err(BodyError::NotJson { .. })), "{length}");
    }
    assert!(matches!(read::<CancelSession>(b"{\"a\":\"\xFF\"}".to_vec()), Err(BodyError::NotJson { .. })));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(every_answer(&format!(r#"{{"header":{deep}}}"#)).iter().all(Result::is_err));
    // What does not parse is not repeated: it may hold a secret.
    let error = read::<InitiateAuthentication>(r#"{"serverSigned1":"SECRET"#).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("SECRET"), "{error}");
}

#[test]
fn fields_that_are_missing_or_of_no_use() {
    let whole = success(server_authentication_fields());
    for field in ["transactionId", "serverSigned1", "serverSignature1", "euiccCiPKIdToBeUsed", "serverCertificate"] {
        let with = |value: Option<Value>| {
            let mut body = whole.clone();
            body.as_object_mut().unwrap().remove(field);
            if let Some(value) = value {
                body[field] = value;
            }
            read::<InitiateAuthentication>(body.to_string()).unwrap_err()
        };
        for nothing in [None, Some(Value::Null)] {
            assert!(matches!(with(nothing), BodyError::Missing { field: named, .. } if named == field));
        }
        for wrong in [json!(1), json!({}), json!(["AA=="]), json!("*"), json!("A")] {
            assert!(matches!(with(Some(wrong)), BodyError::BadField { field: named, .. } if named == field));
        }
    }
    let package = |id: Value, package: Value| {
        read::<GetBoundProfilePackage>(json!({ "transactionId": id, "boundProfilePackage": package }).to_string())
    };
    assert!(matches!(package(json!(TID), json!(null)), Err(BodyError::Missing { field: "boundProfilePackage", .. })));
    for wrong in [json!(1), json!({}), json!([]), json!("*"), json!("A"), json!("vzYA\u{0}")] {
        assert!(matches!(package(json!(TID), wrong), Err(BodyError::BadField { field: "boundProfilePackage", .. })));
    }
    for id in [json!(""), json!("0"), json!("zz"), json!("00".repeat(17))] {
        assert!(matches!(package(id, json!("vzYA")), Err(BodyError::BadField { field: "transactionId", .. })));
    }
    for challenge in ["", "AAEC", "AAECAwQFBgcICQoLDA0ODxA="] {
        let body = json!({ "smdpAddress": "a", "euiccChallenge": challenge, "euiccInfo1": "vyAA" }).to_string();
        assert!(matches!(
            InitiateAuthentication::decode(body.as_bytes()),
            Err(BodyError::BadField { field: "euiccChallenge", .. })
        ));
    }
}

#[test]
fn what_servers_of_the_field_write() {
    let lines = |text: &str| {
        let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("{}\r\n", lines.join("\r\n"))
    };
    let mut body = success(server_authentication_fields());
    for field in ["serverSigned1", "serverCertificate"] {
        body[field] = lines(body[field].as_str().unwrap()).into();
    }
    body["serverSignature1"] = base64(SIGNATURE).trim_end_matches('=').into();
    body["transactionId"] = TID.to_lowercase().into();
    body["otherCertsInChain"] = Value::Null;
    body["crlList"] = json!([]);
    body["vendor"] = json!({ "x": 1 });
    assert_eq!(read::<InitiateAuthentication>(body.to_string()), Ok(Ok(server_authentication())));
    // Slashes with a backslash before them, and blanks around everything.
    let escaped = format!(" \n{}\n", body.to_string().replace('/', r"\/"));
    assert_eq!(read::<InitiateAuthentication>(escaped), Ok(Ok(server_authentication())));

    let package = segments().concat();
    let text = lines(&BASE64.encode(&package));
    let body = json!({ "boundProfilePackage": text, "transactionId": TID.to_lowercase(), "new": {}, "header": null });
    let expected = BoundPackage { transaction_id: Some(tid()), bound_profile_package: package };
    assert_eq!(read::<GetBoundProfilePackage>(body.to_string()), Ok(Ok(expected.clone())));
    let escaped = body.to_string().replace('/', r"\/").replace('+', r"\u002b");
    assert_eq!(read::<GetBoundProfilePackage>(escaped), Ok(Ok(expected)));
}

#[test]
fn what_other_clients_write() {
    let body = json!({
        "header": { "functionRequesterIdentifier": "1", "functionCallIdentifier": "2" },
        "transactionId": TID.to_lowercase(),
        "cancelSessionResponse": "v0ED\ngQEF\n",
        "useMatchingIdForAcr": null,
    });
    let read = CancelSession::decode(body.to_string().as_bytes()).unwrap();
    assert_eq!(read, CancelSession { transaction_id: tid(), cancel_session_response: bytes("BF4103810105") });
}
