use lpa::proof::ProofVerifier;
use lpa::smdp::https::Anchor;
use sgp22::notification::{Events, NotificationMetadata};
use sgp22::tlv::{Tag, Text, Writer};
use virtual_euicc::pki::Pki;

use super::*;

const EID: &str = "89049032123451234512345678901235";
const ICCID: &str = "8999900000000000033";

/// A deletion that a virtual card has signed, and a verifier that believes its issuer.
fn deletion() -> (Vec<u8>, ProofVerifier) {
    let pki = Pki::in_memory().unwrap();
    let card = pki.issue_euicc(EID.parse().unwrap()).unwrap();
    let tbs = NotificationMetadata {
        seq: 7,
        event: Events::of(&[Events::DELETE]),
        address: Text::from("smdp.example.com"),
        iccid: Some(ICCID.parse().unwrap()),
    }
    .encode();
    let bytes = Writer::object(Tag(0x30), |w| {
        w.raw(&tbs).put(Tag(0x5F37), &card.euicc.sign(&tbs));
        w.raw(card.euicc.certificate_der()).raw(&card.eum_certificate);
    });
    let anchors = Anchor::read(pki.ci().certificate_der()).unwrap();
    (bytes, ProofVerifier::new(anchors, false))
}

fn claim(bytes: &[u8]) -> Claim {
    Claim {
        event: Some("delete".into()),
        iccid: Some(ICCID.into()),
        eid: Some(EID.into()),
        seq: Some("7".into()),
        server: Some("smdp.example.com".into()),
        address: None,
        sha256: Some(sha256_hex(bytes)),
        payload: Payload::Missing,
    }
}

fn json_report(bytes: &[u8]) -> String {
    serde_json::json!({
        "schema": "esimctl-case/1",
        "case": { "iccid": ICCID, "eid": EID, "devices": [{ "eid": EID }] },
        "history": [{ "kind": "cleaned", "eid": EID }],
        "notifications": [{
            "eid": EID, "seq": 7, "event": "delete", "server": "smdp.example.com", "address": "smdp.example.com",
            "sha256": sha256_hex(bytes), "payload_base64": data_encoding::BASE64.encode(bytes),
        }],
    })
    .to_string()
}

fn markdown_report(bytes: &[u8]) -> String {
    let hash = sha256_hex(bytes);
    format!(
        "| What | Value |\n| --- | --- |\n| ICCID | {ICCID} |\n\n| Device | EID |\n| --- | --- |\n| demo | {EID} |\n\n\
         | A | B | C | D |\n| --- | --- | --- | --- |\n| smdp.example.com | 7 | accepted | {hash} |\n\n\
         | Time |\n| --- |\n| deleted from {EID}: {ICCID} |\n\n```text\n{}```\n",
        block::write(&claim(bytes), bytes)
    )
}

fn html_report(bytes: &[u8]) -> String {
    let hash = sha256_hex(bytes);
    format!(
        "<!DOCTYPE html>\n<table>\n<tr><td>ICCID</td><td>{ICCID}</td></tr>\n</table>\n\
         <table>\n<tr><th>Device</th><th>EID</th></tr>\n<tr><td>demo</td><td>{EID}</td></tr>\n</table>\n\
         <table>\n<tr><td>smdp.example.com</td><td>7</td><td>{hash}</td></tr>\n\
         <tr><td>deleted from {EID}: {ICCID}</td></tr>\n</table>\n<pre>\n{}</pre>\n",
        block::write(&claim(bytes), bytes)
    )
}

fn judge(verifier: &ProofVerifier, text: &[u8], purpose: Purpose) -> Option<Verification> {
    let file = file::parse(text).ok()?;
    Some(verify(verifier, file, purpose, "a file".into(), jiff::Timestamp::now().as_second()))
}

#[test]
fn a_deletion_is_verified_in_every_form() {
    let (bytes, verifier) = deletion();
    for text in [json_report(&bytes), markdown_report(&bytes), html_report(&bytes)] {
        let verified = judge(&verifier, text.as_bytes(), Purpose::Deletion).unwrap();
        assert!(verified.is_verified(), "{text}\n{verified:#?}");
    }
    assert!(judge(&verifier, &bytes, Purpose::Deletion).unwrap().is_verified());
}

/// Each place where a file claims something: a change of one character there is found, in every form.
#[test]
fn a_changed_claim_is_found_wherever_it_stands() {
    let (bytes, verifier) = deletion();
    let hash = sha256_hex(&bytes);
    for text in [json_report(&bytes), markdown_report(&bytes), html_report(&bytes)] {
        for claimed in [ICCID, EID, "smdp.example.com", &hash] {
            for (at, _) in text.match_indices(claimed) {
                let mut changed = text.clone().into_bytes();
                changed[at + claimed.len() - 1] ^= 1;
                let verified = judge(&verifier, &changed, Purpose::Deletion);
                let told = |one: Verification| one.is_verified() && one.other_numbers.is_empty();
                assert!(!verified.is_some_and(told), "{claimed} at {at}\n{text}");
            }
        }
        for seq in ["\"seq\":7", "seq: 7", "| 7 |", "<td>7</td>"].iter().filter(|seq| text.contains(**seq)) {
            let changed = text.replacen(seq, &seq.replace('7', "8"), 1);
            let verified = judge(&verifier, changed.as_bytes(), Purpose::Deletion).unwrap();
            assert!(!verified.is_verified(), "{seq}\n{text}");
        }
        let changed = text.replace("delete\"", "enable\"").replace("event: delete", "event: enable");
        assert!(!judge(&verifier, changed.as_bytes(), Purpose::Deletion).unwrap().is_verified());
    }
}

/// Each character of the bytes in base64: none may panic, none may be believed.
#[test]
fn a_changed_byte_of_the_proof_is_found() {
    let (bytes, verifier) = deletion();
    let encoded = data_encoding::BASE64.encode(&bytes);
    let text = json_report(&bytes);
    let start = text.find(&encoded).unwrap();
    for at in start..start + encoded.len() {
        let mut changed = text.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        if changed[at] == text.as_bytes()[at] {
            continue;
        }
        let verified = judge(&verifier, &changed, Purpose::Deletion);
        assert!(!verified.is_some_and(|one| one.is_verified()), "at {at}");
    }
}

#[test]
fn another_event_is_no_deletion() {
    let (bytes, verifier) = deletion();
    let pki = Pki::in_memory().unwrap();
    let card = pki.issue_euicc(EID.parse().unwrap()).unwrap();
    let tbs = NotificationMetadata {
        seq: 7,
        event: Events::of(&[Events::ENABLE]),
        address: Text::from("smdp.example.com"),
        iccid: None,
    }
    .encode();
    let enabled = Writer::object(Tag(0x30), |w| {
        w.raw(&tbs).put(Tag(0x5F37), &card.euicc.sign(&tbs));
        w.raw(card.euicc.certificate_der()).raw(&card.eum_certificate);
    });
    let own = ProofVerifier::new(Anchor::read(pki.ci().certificate_der()).unwrap(), false);
    assert!(judge(&own, &enabled, Purpose::AnyEvent).unwrap().is_verified());
    let problems = judge(&own, &enabled, Purpose::Deletion).unwrap().notifications.remove(0).problems;
    assert_eq!(problems, [Problem::NotADeletion("enable".into())]);
    // The other issuer has the same name and another key.
    assert!(!judge(&verifier, &enabled, Purpose::AnyEvent).unwrap().is_verified());
    assert!(!judge(&own, &bytes, Purpose::AnyEvent).unwrap().is_verified());
}

#[test]
fn a_masked_report_is_not_verified() {
    let (bytes, verifier) = deletion();
    let masked = json_report(&bytes).replace(&format!("\"{}\"", data_encoding::BASE64.encode(&bytes)), "null");
    let problems = judge(&verifier, masked.as_bytes(), Purpose::Deletion).unwrap().notifications.remove(0).problems;
    assert_eq!(problems, [Problem::Masked]);
    assert!(!judge(&verifier, b"{\"schema\":\"esimctl-case/1\"}", Purpose::Deletion).unwrap().is_verified());
}

#[test]
fn other_files_are_refused() {
    for bytes in [&b""[..], b"hello\n", b"{}", b"{\"format\":\"x\"}", b"\xFF\xFE", b"<html></html>", b"{"] {
        assert!(file::parse(bytes).is_err(), "{bytes:?}");
    }
    let directory = tempfile::tempdir().unwrap();
    let long = directory.path().join("long");
    std::fs::File::create(&long).unwrap().set_len(3 << 30).unwrap();
    assert!(file::read(&long).is_err());
    assert!(file::read(directory.path()).is_err());
}

/// A report with one more device in its table, which is in the state `word` or, for JSON, `name`.
fn with_device(report: &str, eid: &str, word: &str, name: &str) -> String {
    let device = |one: &str| format!("{{\"eid\":\"{one}\"");
    let more = format!("{},\"state\":\"{name}\"}},{}", device(eid), device(EID));
    report
        .replacen(&format!("| demo | {EID} |\n"), &format!("| demo | {EID} |\n|d2 |{eid}| {word} |\n"), 1)
        .replacen(
            "</tr>\n</table>\n<table>\n<tr><td>smdp",
            &format!("</tr>\n<tr><td>d2</td><td>{eid}</td><td>{word}</td></tr>\n</table>\n<table>\n<tr><td>smdp"),
            1,
        )
        .replacen(&format!("\"devices\":[{}", device(EID)), &format!("\"devices\":[{more}"), 1)
}

/// A row that says that a card has deleted the profile proves nothing, also beside a card that signed.
#[test]
fn a_deletion_that_no_card_signed_is_found_in_every_form() {
    let (bytes, verifier) = deletion();
    let states = [
        ("deleted; report accepted", "done", false),
        ("deleted; report given up", "unreported", false),
        ("已删除，运营商服务器已接受通知", "deleted", false),
        ("gone for good, I promise", "gone for good", false),
        ("before this case, on 2026-01-01: deleted; report accepted", "done", false),
        ("missing before this case, since a deletion", "x", false),
        ("still there, as far as is known", "open", true),
        ("removal begun; end not recorded", "begun", true),
        ("not there when looked for", "gone", true),
        ("given up: will not come back", "written_off", true),
        ("检查时已不在卡上", "gone", true),
        ("missing before this case, since 2026-01-01", "gone", true),
        ("deleted before this case, on 2026-01-01; whether its server knows is not on record", "gone", true),
    ];
    for report in [json_report(&bytes), markdown_report(&bytes), html_report(&bytes)] {
        for eid in ["89049032000000000000000000000001", "8904 9032", ""] {
            for (word, name, verified) in states {
                let text = with_device(&report, eid, word, name);
                let judged = judge(&verifier, text.as_bytes(), Purpose::Deletion).unwrap();
                // An EID that is none is wrong in itself where it is a field.
                let is_eid = eid.len() == EID.len();
                assert!(verified || !judged.is_verified(), "{word}\n{text}");
                assert!(!verified || !is_eid || judged.is_verified(), "{word}\n{text}");
                let [device] = &*judged.not_covered else { panic!("{judged:#?}\n{text}") };
                assert_eq!((&*device.eid, device.says_removed), (eid, !verified), "{text}");
            }
        }
        let same = with_device(&report, EID, "deleted; report accepted", "done");
        let judged = judge(&verifier, same.as_bytes(), Purpose::Deletion).unwrap();
        assert!(judged.is_verified() && judged.not_covered.is_empty(), "{judged:#?}");
    }
}

/// A card of which the report itself says that it signed nothing is named as such, and not once more.
#[test]
fn a_card_that_signed_nothing_is_named_in_every_form() {
    let (bytes, verifier) = deletion();
    let silent = "89049032000000000000000000000001";
    let json = json_report(&bytes).replacen('{', &format!("{{\"signed_nothing\":[\"{silent}\"],"), 1);
    let block = block::write_signed_nothing(silent);
    let markdown = format!("{}\n```text\n{block}```\n", markdown_report(&bytes));
    let html = format!("{}<pre>\n{block}</pre>\n", html_report(&bytes));
    for report in [json, markdown, html] {
        let text = with_device(&report, silent, "deleted; no report asked for", "done");
        let judged = judge(&verifier, text.as_bytes(), Purpose::Deletion).unwrap();
        assert!(judged.is_verified() && judged.not_covered.is_empty(), "{judged:#?}\n{text}");
        assert_eq!((&*judged.signed_nothing, judged.other_numbers.len()), (&[silent.to_owned()][..], 0), "{text}");
    }
}

/// Without a signed notification the proof is about nothing, and nothing is "not what it is about".
#[test]
fn where_nothing_is_signed_no_number_is_another_one() {
    let (bytes, verifier) = deletion();
    for report in [json_report(&bytes), markdown_report(&bytes), html_report(&bytes)] {
        let start = report.find("\"notifications\":[").map(|at| at + "\"notifications\":[".len());
        let text = match start {
            Some(start) => format!("{}{}", &report[..start], &report[report[start..].find(']').unwrap() + start..]),
            None => report.replace("BEGIN ESIM", "BEGIN").replace("eid: ", "").replace("iccid: ", ""),
        };
        let judged = judge(&verifier, text.as_bytes(), Purpose::Deletion).unwrap();
        assert!(judged.notifications.is_empty() && judged.other_numbers.is_empty(), "{judged:#?}\n{text}");
        assert!(!judged.is_verified() && judged.not_covered.is_empty(), "{judged:#?}\n{text}");
    }
}

/// A number in any part of a page that people read is told, also in lines that only look like no table.
#[test]
fn a_number_outside_the_tables_is_named() {
    let (bytes, verifier) = deletion();
    let other = "89049032000000000000000000000001";
    let markdown = markdown_report(&bytes);
    let html = html_report(&bytes);
    for text in [
        format!("Also deleted: {other}.\n{markdown}"),
        format!("{markdown}\n * {other}: deleted\n"),
        format!("{html}<p>Also deleted: {other}</p>\n"),
        format!("{html}<TABLE><TR><TD>{other}</TD></TR></TABLE>\n"),
        format!("{html}<pre>\n{other} deleted\n</pre>\n"),
    ] {
        let judged = judge(&verifier, text.as_bytes(), Purpose::Deletion).unwrap();
        assert_eq!(judged.other_numbers, [other], "{text}");
    }
}
