//! Proof that a stranger can check: reports and exports, checked by the program and by openssl.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/server.rs"]
mod server;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{EID, HOME, Run, Sandbox, TRAVEL};
use data_encoding::BASE64;
use serde_json::Value;
use server::Server;
use sgp22::notification::{Events, NotificationMetadata};
use sgp22::tlv::{Tag, Text, Writer};
use virtual_euicc::pki::{Expired, Pki};

/// A case whose profile was deleted, and its full report in each form.
struct Deleted {
    sandbox: Sandbox,
    _server: Server,
    iccid: String,
}

impl Deleted {
    fn new() -> Self {
        let sandbox = Sandbox::with_card(&[]);
        let server = Server::start(&sandbox, &["smdp", "--order", "A"]);
        let downloaded = sandbox.data(&["download", "LPA:1$smdp.example.com$A", "--yes"]);
        let iccid = downloaded["profile"]["iccid"].as_str().unwrap().to_owned();
        clean(&sandbox, &iccid);
        Self { sandbox, _server: server, iccid }
    }

    fn report(&self, name: &str, options: &[&str]) -> PathBuf {
        let path = self.sandbox.path().join(name);
        written(&self.sandbox, &path, options);
        path
    }

    fn verify(&self, path: &Path, options: &[&str]) -> Run {
        self.sandbox.run(&[&["retire", "verify", path.to_str().unwrap()], options].concat())
    }

    fn payload(&self) -> Vec<u8> {
        let report = self.sandbox.data(&["retire", "report", "R1", "-", "--full"])["report"].clone();
        BASE64.decode(report["notifications"][0]["payload_base64"].as_str().unwrap().as_bytes()).unwrap()
    }
}

/// Writes the report in the form that the name has.
fn written(sandbox: &Sandbox, path: &Path, options: &[&str]) {
    let run = sandbox.run(&[&["retire", "report", "R1", path.to_str().unwrap()], options].concat());
    assert_eq!(run.code, 0, "{}", run.err);
}

fn clean(sandbox: &Sandbox, iccid: &str) {
    sandbox.data(&["retire", "start", iccid]);
    sandbox.data(&["retire", "clean", "R1", "--yes", "--despite", "a test"]);
}

fn json_problems(document: &Value) -> Vec<String> {
    let problems = document["data"]["notifications"][0]["problems"].as_array().unwrap();
    problems.iter().map(|problem| problem["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_full_report_is_proof_in_each_form() {
    let deleted = Deleted::new();
    let ca = deleted.sandbox.state().join("pki/ci.cert.pem");
    for name in ["full.html", "full.md", "full.json"] {
        let path = deleted.report(name, &["--full"]);
        let run = deleted.verify(&path, &["--trust-test-ci"]);
        assert_eq!(run.code, 0, "{name}: {}{}", run.out, run.err);
        for there in ["Verified", &*deleted.iccid, EID, "TEST issuer", "has no clock", "contract has ended"] {
            assert!(run.out.contains(there), "{name}: no {there} in {}", run.out);
        }
        assert!(run.out.lines().all(|line| line.chars().count() <= 80), "{}", run.out);
        let named = deleted.verify(&path, &["--ca", ca.to_str().unwrap()]);
        assert!(named.code == 0 && named.out.contains("you trust by --ca"), "{}", named.out);
        let document = deleted.verify(&path, &["--json"]);
        assert_eq!((document.code, json_problems(&document.json())), (1, vec!["test_issuer".to_owned()]));
        let chinese = deleted.verify(&path, &["--trust-test-ci", "--lang", "zh-CN"]);
        assert!(chinese.out.contains("验证通过") && chinese.out.contains("卡没有时钟"), "{}", chinese.out);
    }
}

/// Who does not have the virtual cards' issuer is told whose it is.
#[test]
fn a_stranger_is_told_that_the_issuer_is_one_of_virtual_cards() {
    let deleted = Deleted::new();
    let path = deleted.report("full.md", &["--full"]);
    let stranger = Sandbox::new();
    let run = stranger.run(&["retire", "verify", path.to_str().unwrap(), "--trust-test-ci"]);
    assert_eq!(run.code, 1);
    for there in ["somebody's virtual cards", "CN=esimctl virtual CI"] {
        assert!(run.out.contains(there), "{}", run.out);
    }
}

#[test]
fn a_masked_report_has_the_hash_and_says_where_the_bytes_are() {
    let deleted = Deleted::new();
    let hash = deleted.sandbox.data(&["retire", "report", "R1", "-"])["report"]["notifications"][0]["sha256"].clone();
    for name in ["masked.html", "masked.md"] {
        let path = deleted.report(name, &[]);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(hash.as_str().unwrap()) && !text.contains("BEGIN ESIM"), "{text}");
        assert!(text.contains("esimctl retire report R1 FILE --full"), "{text}");
        assert_eq!(deleted.verify(&path, &["--trust-test-ci"]).code, 1);
    }
    let path = deleted.report("masked.json", &[]);
    let report: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(report["notifications"][0]["payload_is_in"], "esimctl retire report R1 FILE --full");
    let run = deleted.verify(&path, &["--trust-test-ci"]);
    assert!(run.code == 1 && run.out.contains("--full"), "{}", run.out);
}

/// What people read in the report is compared with what is signed: a change there is found, too.
#[test]
fn a_changed_report_is_found() {
    let deleted = Deleted::new();
    for name in ["full.html", "full.md", "full.json"] {
        let path = deleted.report(name, &["--full"]);
        let text = std::fs::read_to_string(&path).unwrap();
        let (rest, last) = deleted.iccid.split_at(deleted.iccid.len() - 1);
        let other = format!("{rest}{}", (last.parse::<u8>().unwrap() + 1) % 10);
        for (from, to) in [(deleted.iccid.as_str(), other.as_str()), (EID, "89049032000000000000000000000163")] {
            let mut failed = 0;
            for (at, _) in text.match_indices(from) {
                let changed = deleted.sandbox.path().join(format!("changed-{name}"));
                std::fs::write(&changed, format!("{}{to}{}", &text[..at], &text[at + from.len()..])).unwrap();
                let run = deleted.verify(&changed, &["--trust-test-ci"]);
                // In a sentence of the history it is told: a person may have written of another card.
                let told = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
                let in_words = told.contains("The proof is not about") && told.contains(to);
                assert!(run.code == 1 || in_words, "{name} {from} at {at}: {}", run.out);
                failed += run.code;
            }
            assert!(failed > 1, "{name}: the table and the block");
        }
    }
}

/// Without a notification the report says that nothing was signed, and nothing is verified: in the same words in each form.
#[test]
fn a_profile_that_asks_for_no_notification_leaves_no_proof() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp", "--order", "N1,notify=none"]);
    let downloaded = sandbox.data(&["download", "LPA:1$smdp.example.com$N1", "--yes"]);
    clean(&sandbox, downloaded["profile"]["iccid"].as_str().unwrap());
    let told = ["r.md", "r.html", "r.json"].map(|name| {
        let path = sandbox.path().join(name);
        written(&sandbox, &path, &["--full"]);
        let report = std::fs::read_to_string(&path).unwrap();
        assert!(!report.contains("card proved it"), "{name}: the card signed nothing\n{report}");
        let run = sandbox.run(&["retire", "verify", path.to_str().unwrap()]);
        assert_eq!(run.code, 1, "{}", run.out);
        run.out.lines().skip(1).map(|line| format!("{line}\n")).collect::<String>()
    });
    let nothing = format!("The file says that the card {EID} signed");
    assert!(told[0].contains(&nothing) && told[0].contains("There is no signed notification in it."), "{}", told[0]);
    assert!(!told[0].contains("also"), "{}", told[0]);
    assert!(told.iter().all(|text| *text == told[0]), "{told:#?}");
    let report = std::fs::read_to_string(sandbox.path().join("r.md")).unwrap();
    assert!(report.contains("the card signed nothing about the deletion"), "{report}");
    assert!(report.contains("reading the card again confirmed it") && report.contains("No server asks"), "{report}");
}

/// The card that signed says nothing of others: a row for another card is found, whatever the report says beside.
#[test]
fn a_device_that_was_added_to_a_report_is_found() {
    let deleted = Deleted::new();
    let other = "89049032000000000000000000000001";
    for name in ["full.html", "full.md", "full.json"] {
        let path = deleted.report(name, &["--full"]);
        let text = std::fs::read_to_string(&path).unwrap();
        let row = match name {
            "full.json" => {
                let mut report: Value = serde_json::from_str(&text).unwrap();
                let devices = report["case"]["devices"].as_array_mut().unwrap();
                let mut device = devices[0].clone();
                device["eid"] = other.into();
                devices.push(device);
                report.to_string()
            }
            _ => {
                let row = text.lines().find(|line| line.contains(EID) && line.contains("deleted")).unwrap();
                text.replacen(row, &format!("{row}\n{}", row.replace(EID, other)), 1)
            }
        };
        let whole = deleted.verify(&path, &["--trust-test-ci"]);
        assert!(whole.code == 0 && whole.out.contains("whatever else the report says"), "{}", whole.out);
        std::fs::write(&path, row).unwrap();
        let run = deleted.verify(&path, &["--trust-test-ci"]);
        assert!(run.code == 1 && run.out.contains("NOT verified") && run.out.contains(other), "{name}: {}", run.out);
        let document = deleted.verify(&path, &["--trust-test-ci", "--json"]).json();
        let devices = &document["data"]["devices_not_covered"];
        assert_eq!((devices[0]["eid"].as_str(), devices[0]["says_removed"].as_bool()), (Some(other), Some(true)));
        std::fs::remove_file(&path).unwrap();
    }
}

/// Each card counts its notifications by itself, so a problem is headed by the card, too.
#[test]
fn problems_are_told_by_card() {
    let deleted = Deleted::new();
    let path = deleted.report("full.json", &["--full"]);
    let mut report: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let other = "89049032000000000000000000000163";
    let notifications = report["notifications"].as_array_mut().unwrap();
    let mut second = notifications[0].clone();
    second["eid"] = other.into();
    notifications.push(second);
    std::fs::write(&path, report.to_string()).unwrap();
    let run = deleted.verify(&path, &[]);
    for eid in [EID, other] {
        assert_eq!(run.out.matches(&format!("of card {eid}:")).count(), 1, "{}", run.out);
    }
}

/// A certificate that is out of date is no refusal: the card has no clock. It is told.
#[test]
fn an_expired_certificate_is_told() {
    let sandbox = Sandbox::with_card(&[]);
    let pki = Pki::open(&sandbox.state().join("pki")).unwrap();
    for (part, owner) in [(Expired::Euicc, "the card"), (Expired::Eum, "the card's maker")] {
        let card = pki.issue_expired_euicc(EID.parse().unwrap(), part).unwrap();
        let tbs = NotificationMetadata {
            seq: 7,
            event: Events::of(&[Events::DELETE]),
            address: Text::from("smdp.example.com"),
            iccid: Some(HOME.parse().unwrap()),
        }
        .encode();
        let signed = Writer::object(Tag(0x30), |w| {
            w.raw(&tbs).put(Tag(0x5F37), &card.euicc.sign(&tbs));
            w.raw(card.euicc.certificate_der()).raw(&card.eum_certificate);
        });
        let path = sandbox.path().join("expired.der");
        std::fs::write(&path, &signed).unwrap();
        let verify = |options: &[&str]| {
            sandbox.run(&[&["retire", "verify", path.to_str().unwrap(), "--trust-test-ci"], options].concat())
        };
        let run = verify(&[]);
        let told = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(run.code, 0, "{}", run.out);
        assert!(told.contains(&format!("The certificate of {owner} expired on 2")), "{told}");
        assert!(told.contains("nobody can tell: a card has no clock"), "{told}");
        let document = verify(&["--json"]).json();
        assert_eq!(document["data"]["notifications"][0]["signed"]["out_of_date"][0]["expired"], true, "{document}");
    }
}

#[test]
fn exported_notifications_and_single_ones_are_checked() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.data(&["enable", TRAVEL]);
    let path = sandbox.path().join("exported.json");
    let exported = sandbox.data(&["notifications", "export", path.to_str().unwrap()]);
    assert!(exported["count"].as_u64().unwrap() > 0, "{exported}");
    let verify =
        |path: &Path, command: &str| sandbox.run(&[command, "verify", path.to_str().unwrap(), "--trust-test-ci"]);
    let run = verify(&path, "notifications");
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(verify(&path, "retire").out.contains("not a deletion"));
    let text = std::fs::read_to_string(&path).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let payload = BASE64.decode(file["notifications"][0]["payload_base64"].as_str().unwrap().as_bytes()).unwrap();
    let single = sandbox.path().join("single.der");
    std::fs::write(&single, &payload).unwrap();
    assert_eq!(verify(&single, "notifications").code, 0);
    std::fs::write(&path, text.replacen(EID, "89049032000000000000000000000163", 1)).unwrap();
    assert!(verify(&path, "notifications").out.contains("but the card signed"), "a changed EID");
}

#[test]
fn files_without_proof_are_refused_at_once() {
    let sandbox = Sandbox::new();
    let long = sandbox.path().join("long");
    std::fs::File::create(&long).unwrap().set_len(3 << 30).unwrap();
    let other = sandbox.path().join("other.txt");
    std::fs::write(&other, "hello\n").unwrap();
    let fifo = sandbox.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for path in [long, other, fifo, sandbox.path().to_owned(), sandbox.path().join("missing")] {
        let (code, error) = sandbox.error(&["retire", "verify", path.to_str().unwrap()]);
        assert_eq!((code, error["id"].as_str()), (2, Some("proof_file")), "{error}");
    }
}

/// The commands of the manual, as one script.
fn manual() -> String {
    let text = std::fs::read_to_string("../../docs/proof.md").unwrap();
    let blocks = text.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    format!("set -eu\n{}", blocks.collect::<String>())
}

fn run_manual(directory: &Path, report: &str) -> (bool, String) {
    std::fs::write(directory.join("report.md"), report).unwrap();
    let run = Command::new("sh").args(["-c", &manual()]).current_dir(directory).output().unwrap();
    let text = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    (run.status.success(), text)
}

/// The manual's commands with the real openssl: a report is proof, and one changed byte in any part is found.
#[test]
fn the_manual_finds_what_the_program_finds() {
    if Command::new("openssl").arg("version").output().is_err() {
        assert!(std::env::var_os("ESIMCTL_REQUIRE_PCSC").is_none(), "openssl is missing");
        eprintln!("SKIPPED: there is no openssl");
        return;
    }
    let deleted = Deleted::new();
    let directory = tempfile::tempdir().unwrap();
    std::fs::copy(deleted.sandbox.state().join("pki/ci.cert.pem"), directory.path().join("ci.pem")).unwrap();
    let report = std::fs::read_to_string(deleted.report("full.md", &["--full"])).unwrap();
    let (done, text) = run_manual(directory.path(), &report);
    assert!(done, "{text}");
    assert_eq!(text.matches("Verified OK").count(), 2, "{text}");
    for there in ["maker.pem: OK", EID, "smdp.example.com"] {
        assert!(text.contains(there), "no {there} in {text}");
    }
    let html = std::fs::read_to_string(deleted.report("full.html", &["--full"])).unwrap();
    assert!(run_manual(directory.path(), &html).0, "the commands work on HTML");

    let payload = deleted.payload();
    let encode = |bytes: &[u8]| {
        let lines: Vec<String> =
            BASE64.encode(bytes).as_bytes().chunks(76).map(|line| String::from_utf8(line.to_vec()).unwrap()).collect();
        lines.join("\n")
    };
    assert!(report.contains(&encode(&payload)));
    // In the number, the ICCID, the signature, and the certificates of card and maker.
    let places = [9, 38, 70, 300, payload.len() / 2, payload.len() - 300, payload.len() - 20];
    for place in places {
        let mut changed = payload.clone();
        changed[place] ^= 0x01;
        let changed = report.replace(&encode(&payload), &encode(&changed));
        let (done, text) = run_manual(directory.path(), &changed);
        assert!(!done, "byte {place} of {}: {text}", payload.len());
        let path = directory.path().join("changed.md");
        std::fs::write(&path, &changed).unwrap();
        assert_eq!(deleted.verify(&path, &["--trust-test-ci"]).code, 1, "byte {place}");
    }
}
