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
