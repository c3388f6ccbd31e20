//! The shapes in which servers write their answers: each is read as what it means, or refused where that is not clear.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use common::*;
use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD};
use serde_json::{Value, json};
use sgp22::es9p::*;
use sgp22::id::TransactionId;

fn read<F: ServerFunction>(body: impl Into<Vec<u8>>) -> Result<Result<F::Answer, ExecutionFailure>, BodyError> {
    F::decode_answer(body.into())
}

/// A package whose base64 has both digits that differ between the alphabets, padding, and some length.
fn package() -> Vec<u8> {
    [&b"\xBF\x36\x78"[..], &[0xFB, 0xEF, 0xBE, 0xFF, 0xFF, 0xFC].repeat(20), b"\x00"].concat()
}

fn offer() -> ProfileOffer {
    ProfileOffer {
        transaction_id: Some(tid()),
        profile_metadata: package(),
        smdp_signed2: bytes(SMDP_SIGNED2),
        smdp_signature2: bytes(SIGNATURE),
        smdp_certificate: bytes(CERT_DP_AUTH),
    }
}

/// The offer and the package as a well-behaved server writes them.
fn bodies() -> [Value; 2] {
    let offer = AuthenticateClient::encode_answer(&offer());
    let bound = BoundPackage { transaction_id: Some(tid()), bound_profile_package: package() };
    [offer, GetBoundProfilePackage::encode_answer(&bound)].map(|body| serde_json::from_slice(&body).unwrap())
}

/// Each text in base64 is written anew.
fn recode(mut body: Value, write: impl Fn(&[u8]) -> String) -> Value {
    for (name, value) in body.as_object_mut().unwrap() {
        if let (Value::String(text), true) = (&*value, name != "transactionId") {
            *value = write(&BASE64.decode(text.as_bytes()).unwrap()).into();
        }
    }
    body
}

fn with(mut body: Value, change: impl FnOnce(&mut Value)) -> Value {
    change(&mut body);
    body
}

/// How a shape is made of a body.
type Shape = fn(Value) -> String;

/// Shapes that have one meaning.
const READ: [(&str, Shape); 17] = [
    ("as the standard has it", |body| body.to_string()),
    ("a byte order mark", |body| format!("\u{FEFF}{body}")),
    ("a byte order mark, and blanks around", |body| format!("\u{FEFF}\r\n {body} \r\n\r\n")),
    ("pretty", |body| serde_json::to_string_pretty(&body).unwrap().replace('\n', "\r\n")),
    ("escaped slashes", |body| body.to_string().replace('/', r"\/")),
    ("escaped everything", |body| body.to_string().replace('/', r"\u002F").replace('+', r"\u002b")),
    ("base64 for URLs", |body| recode(body, |bytes| BASE64URL.encode(bytes)).to_string()),
    ("base64 for URLs without padding", |body| recode(body, |bytes| BASE64URL_NOPAD.encode(bytes)).to_string()),
    ("base64 without padding", |body| recode(body, |b| BASE64.encode(b).trim_end_matches('=').into()).to_string()),
    ("base64 in lines", |body| {
        let lines =
            |text: String| text.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line) + "\r\n").collect();
        recode(body, |bytes| lines(BASE64.encode(bytes))).to_string()
    }),
    ("null members", |body| {
        with(body, |body| {
            ["crlList", "otherCertsInChain", "rpmScript"].iter().for_each(|name| body[name] = Value::Null);
        })
        .to_string()
    }),
    ("members that nobody knows", |body| with(body, |body| body["vendor"] = json!({ "a": [null, 1.5] })).to_string()),
    ("no header", |body| with(body, |body| drop(body.as_object_mut().unwrap().remove("header"))).to_string()),
    ("a status in small letters", |body| body.to_string().replace("Executed-Success", "executed-success")),
    ("a status with other marks", |body| body.to_string().replace("Executed-Success", " EXECUTED_SUCCESS ")),
    ("a transaction id in small letters", |body| body.to_string().replace(TID, &TID.to_lowercase())),
    ("the same member twice", |body| body.to_string().replacen('{', &format!(r#"{{"transactionId":"{TID}","#), 1)),
];

#[test]
fn shapes_with_one_meaning_are_read() {
    let [of_offer, of_package] = bodies();
    for (name, shape) in READ {
        assert_eq!(read::<AuthenticateClient>(shape(of_offer.clone())), Ok(Ok(offer())), "{name}");
        let bound = read::<GetBoundProfilePackage>(shape(of_package.clone())).unwrap().expect(name);
        assert_eq!((bound.transaction_id, bound.bound_profile_package), (Some(tid()), package()), "{name}");
    }
}

/// Both have the session in what is signed; a later answer may leave it out.
#[test]
fn a_later_answer_may_leave_the_session_out() {
    for nothing in [None, Some(Value::Null)] {
        let [of_offer, of_package] = bodies().map(|body| {
            with(body, |body| {
                body.as_object_mut().unwrap().remove("transactionId");
                nothing.iter().for_each(|nothing| body["transactionId"] = nothing.clone());
            })
        });
        let offered = read::<AuthenticateClient>(of_offer.to_string()).unwrap().unwrap();
        assert_eq!(offered, ProfileOffer { transaction_id: None, ..offer() });
        let bound = read::<GetBoundProfilePackage>(of_package.to_string()).unwrap().unwrap();
        assert_eq!((bound.transaction_id, bound.bound_profile_package), (None, package()));
    }
    for wrong in [json!(7), json!("x"), json!("")] {
        for (of_which, body) in bodies().into_iter().enumerate() {
            let body = with(body, |body| body["transactionId"] = wrong.clone()).to_string();
            let error = match of_which {
                0 => read::<AuthenticateClient>(body).map(|_| ()).unwrap_err(),
                _ => read::<GetBoundProfilePackage>(body).map(|_| ()).unwrap_err(),
            };
            assert!(matches!(error, BodyError::BadField { field: "transactionId", .. }), "{error}");
        }
    }
}

/// Shapes that leave open what is meant.
const REFUSED: [(&str, Shape); 7] = [
    ("two sessions", |body| body.to_string().replacen('{', r#"{"transactionId":"00","#, 1)),
    ("two packages", |body| {
        body.to_string().replacen('{', r#"{"boundProfilePackage":"AAAA","smdpSigned2":"AAAA","#, 1)
    }),
    ("two headers", |body| body.to_string().replacen('{', r#"{"header":{},"#, 1)),
    ("two statuses", |body| body.to_string().replace(r#"{"status""#, r#"{"status":"Failed","status""#)),
    ("two bodies", |body| format!("{body}{body}")),
    ("UTF-16", |body| body.to_string().chars().flat_map(|c| ['\0', c]).collect()),
    ("two byte order marks", |body| format!("\u{FEFF}\u{FEFF}{body}")),
];

#[test]
fn shapes_with_two_meanings_are_refused() {
    let [of_offer, of_package] = bodies();
    for (name, shape) in REFUSED {
        let is_contradiction = !name.contains("bodies") && !name.contains("UTF") && !name.contains("mark");
        for error in [
            read::<AuthenticateClient>(shape(of_offer.clone())).map(|_| ()).expect_err(name),
            read::<GetBoundProfilePackage>(shape(of_package.clone())).map(|_| ()).expect_err(name),
        ] {
            assert_eq!(matches!(error, BodyError::Contradiction { .. }), is_contradiction, "{name}: {error}");
        }
    }
}

/// A status code, and how it is read.
const CODES: [(&str, Option<(&str, &str)>); 16] = [
    (r#"{"subjectCode":"8.2.6","reasonCode":"3.8"}"#, Some(("8.2.6", "3.8"))),
    (r#"{"subjectCode":" 8.2.6 ","reasonCode":"3.8\n"}"#, Some(("8.2.6", "3.8"))),
    (r#"{"subjectCode":"3.8","reasonCode":"8.2.6"}"#, Some(("8.2.6", "3.8"))),
    (r#"{"subjectCode":"1.6","reasonCode":"2.2"}"#, Some(("1.6", "2.2"))),
    (r#"{"subjectCode":"8.2.6 - Matching ID","reasonCode":"3.8 (Refused)"}"#, Some(("8.2.6", "3.8"))),
    (r#"{"subjectCode":"8.2.6:","reasonCode":"3.8."}"#, Some(("8.2.6", "3.8"))),
    (r#"{"subjectCode":"8.2.6/3.8"}"#, Some(("8.2.6", "3.8"))),
    (r#"{"subjectCode":"8.2.6/3.8","reasonCode":""}"#, Some(("8.2.6", "3.8"))),
    (r#"{"reasonCode":"8.2.6 / 3.8","subjectCode":null}"#, Some(("8.2.6", "3.8"))),
    (r#"{"subjectCode":8.2,"reasonCode":1.2}"#, Some(("8.2", "1.2"))),
    (r#"{"subjectCode":8,"reasonCode":"3.8"}"#, Some(("8", "3.8"))),
    (r#"{"subjectCode":"MatchingID","reasonCode":"Refused"}"#, Some(("MatchingID", "Refused"))),
    (r#"{"subjectCode":"8.2.6"}"#, None),
    (r#"{"subjectCode":"","reasonCode":"3.8"}"#, None),
    (r#"{"subjectCode":["8.2.6"],"reasonCode":"3.8"}"#, None),
    (r#""8.2.6/3.8""#, None),
];

#[test]
fn codes_are_read_in_every_form() {
    for (data, expected) in CODES {
        let status = format!(r#"{{"status":"Failed","statusCodeData":{data}}}"#);
        for body in [
            format!(r#"{{"header":{{"functionExecutionStatus":{status}}}}}"#),
            format!(r#"{{"functionExecutionStatus":{status}}}"#),
            format!(r#"{{"header":{{}},"functionExecutionStatus":{status},"transactionId":"00"}}"#),
        ] {
            let expected = expected.map(|(subject, reason)| StatusCode::new(subject, reason));
            for failure in [
                read::<AuthenticateClient>(&*body).unwrap().unwrap_err(),
                read::<GetBoundProfilePackage>(&*body).unwrap().unwrap_err(),
                read::<HandleNotification>(&*body).unwrap().unwrap_err(),
                read::<CancelSession>(&*body).unwrap().unwrap_err(),
            ] {
                assert_eq!((failure.status.as_str(), failure.code), ("Failed", expected.clone()), "{body}");
            }
        }
    }
    // Codes without a status are no success.
    let body = r#"{"header":{"functionExecutionStatus":{"statusCodeData":{"subjectCode":"8.1","reasonCode":"4.8"}}}}"#;
    let failure = read::<CancelSession>(body).unwrap().unwrap_err();
    assert_eq!((failure.status.as_str(), failure.code), ("", Some(StatusCode::new("8.1", "4.8"))));
}

#[test]
fn a_servers_words_become_one_safe_line() {
    for (message, expected) in [
        (
            "Bad profile state  [expected=Released]\r\n\t[actual=Error]",
            "Bad profile state [expected=Released] [actual=Error]",
        ),
        ("  a\u{1B}[31mred\u{7}\u{9B}1m ", "a [31mred 1m"),
        ("\u{202E}evil\u{202C} \u{2066}x\u{2069}\u{200B}\u{FEFF}\u{2028}y", "evil x y"),
        ("订单已被使用", "订单已被使用"),
    ] {
        let body = json!({ "header": { "functionExecutionStatus": { "status": "Failed", "statusCodeData": {
            "subjectCode": "8.2", "reasonCode": "1.2", "message": message, "subjectIdentifier": message } } } });
        let failure = read::<AuthenticateClient>(body.to_string()).unwrap().unwrap_err();
        assert_eq!(failure.message.as_deref(), Some(expected));
        assert_eq!(failure.identifier.as_deref(), Some(expected));
    }
}

/// A text in which a token stands, and what is left of it.
#[test]
fn secrets_are_kept_out_of_a_servers_words() {
    let token = "K7Q-TOKEN-93XZ";
    let long = format!("{}{token} {}", "x ".repeat(95), "y".repeat(900));
    for (message, expected) in [
        ("no order K7Q-TOKEN-93XZ here", "no order … here"),
        ("LPA:1$smdp.example.com$K7Q-TOKEN-93XZ", "LPA:1$smdp.example.com$…"),
        ("k7q-token-93xz, K7QTOKEN93XZ, K7Q TOKEN 93XZ", "…, …, …"),
        ("MatchingId=xK7Q-TOKEN-93XZx", "MatchingId=x…x"),
        ("hex 4b37512d544f4b454e2d3933585a", "hex …"),
        ("4B 37 51 2D 54 4F 4B 45 4E 2D 39 33 58 5A", "…"),
        ("base64 SzdRLVRPS0VOLTkzWFo=", "base64 …o="),
        ("code 1234 for 12345 and 123 4", "code … for 12345 and …"),
        ("nothing", "nothing"),
        (&long, &format!("{}… {}…", "x ".repeat(95), "y".repeat(7))),
    ] {
        let mut failure = ExecutionFailure::failed("8.2.6", "3.8", message);
        failure.identifier = Some(message.into());
        failure.redact(&[token, "1234", ""]);
        assert_eq!(failure.message.as_deref(), Some(expected));
        assert_eq!(failure.identifier.as_deref(), Some(expected));
    }
    let mut failure = ExecutionFailure::failed("8.2.6", "3.8", "there is no such order: NO-SUCH, nosuch");
    failure.redact(&["NO-SUCH"]);
    assert_eq!(failure.message.as_deref(), Some("there is no such order: …, …"));
    // A token that begins in what is shown, and ends behind it.
    let message = format!("{}{token}", "x ".repeat(95));
    let body = json!({ "header": { "functionExecutionStatus": { "status": "Failed", "statusCodeData": {
        "subjectCode": "8.2.6", "reasonCode": "3.8", "message": message } } } });
    let mut failure = read::<AuthenticateClient>(body.to_string()).unwrap().unwrap_err();
    failure.redact(&[token]);
    assert_eq!(failure.message, Some("x ".repeat(95) + "…"));
    // In base64 that holds more, at each of the three places that a byte can have in it.
    for before in ["", "a", "ab"] {
        let text = BASE64.encode(format!("{before}{token}...").as_bytes());
        let mut failure = ExecutionFailure::failed("8.2.6", "3.8", &text);
        failure.redact(&[token]);
        let left = failure.message.unwrap();
        assert!(left.contains('…') && left.len() < text.len() - token.len(), "{left}");
    }
}

/// The body of an answer to a notification, and whether it accepts.
const ACCEPTANCE: [(&str, bool); 42] = [
    ("", true),
    (" \r\n", true),
    ("\u{FEFF}", true),
    ("OK", true),
    ("ok\n", true),
    ("OK.", true),
    ("Success", true),
    ("Executed-Success", true),
    ("Accepted!", true),
    (r#""""#, true),
    (r#""ok""#, true),
    (r#""Success""#, true),
    ("null", true),
    ("{}", true),
    ("[]", true),
    ("true", true),
    (r#"{"header":{"functionExecutionStatus":{"status":"executed-success"}}}"#, true),
    (r#"{"header":null,"transactionId":null}"#, true),
    (r#"{"transactionId":"00","vendor":{"a":42}}"#, true),
    (r#"{"status":"OK"}"#, true),
    (r#"{"status":200,"message":"Success"}"#, true),
    (r#"{"success":true,"error":null,"errorCode":0}"#, true),
    ("false", false),
    ("0", false),
    ("500", false),
    ("[1]", false),
    (r#""error""#, false),
    (r#""Maintenance""#, false),
    (r#"{"error":"unavailable"}"#, false),
    (r#"{"errorCode":17}"#, false),
    (r#"{"success":false}"#, false),
    (r#"{"status":"maintenance"}"#, false),
    (r#"{"status":503}"#, false),
    (r#"{"message":"Endpoint request timed out"}"#, false),
    ("Maintenance", false),
    ("Service Unavailable", false),
    ("Not OK", false),
    ("OK, but the service is under maintenance", false),
    ("<html><body>Welcome to the hotel. Please log in.</body></html>", false),
    ("<OK/>", false),
    ("{", false),
    ("O\u{0}K", false),
];

#[test]
fn a_notification_is_accepted_by_what_says_so_alone() {
    for (body, accepted) in ACCEPTANCE {
        let read = read::<HandleNotification>(body);
        assert_eq!(read == Ok(Ok(())), accepted, "{body:?}: {read:?}");
    }
    assert!(read::<HandleNotification>(format!("OK{}", " ".repeat(5000))).is_err(), "a page of blanks");
    assert!(read::<HandleNotification>(b"OK\xFF".to_vec()).is_err());
    let refused = ExecutionFailure::failed("8.10.1", "3.9", "");
    assert_eq!(read::<HandleNotification>(refused.encode()), Ok(Err(refused)));
}

/// The other functions have fields: a word is no answer to them.
#[test]
fn a_word_is_no_answer_to_what_has_fields() {
    for body in ["OK", "null", "true", r#""""#, "Success", "[]"] {
        assert!(matches!(read::<AuthenticateClient>(body), Err(BodyError::NotJson { .. })), "{body}");
        assert!(matches!(read::<GetBoundProfilePackage>(body), Err(BodyError::NotJson { .. })), "{body}");
    }
    let id = |text: &str| text.parse::<TransactionId>().unwrap();
    assert_eq!(id(TID), id(&TID.to_lowercase()));
}
