//! Ending a subscription whose profile esimctl cannot read: in a phone, on a lost device, or deleted already.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/server.rs"]
mod server;

use common::{EID, HOME, Sandbox, TRAVEL};
use serde_json::Value;
use server::Server;

fn settled(sandbox: &Sandbox) {
    for step in ["backup", "contact", "account", "balance", "contract", "request"] {
        sandbox.data(&["retire", "record", "R1", step, "--skip", "a test"]);
    }
    sandbox.data(&["retire", "record", "R1", "confirmation", "--reference", "AB-1"]);
}

fn picture(sandbox: &Sandbox) -> String {
    let path = sandbox.path().join("removed.png");
    std::fs::write(&path, "a picture").unwrap();
    path.to_str().unwrap().to_owned()
}

fn report(sandbox: &Sandbox) -> String {
    sandbox.run(&["retire", "report", "R1", "-", "--md"]).out
}

#[test]
fn a_phone_is_cleaned_by_the_users_word_and_no_device_is_opened() {
    let sandbox = Sandbox::new();
    let begun =
        sandbox.data(&["retire", "start", "--name", "Mobil 30", "--provider", "OpX", "--device-note", "my iPhone"]);
    let case = &begun["case"];
    assert_eq!(
        (&case["iccid"], &case["eid"], &case["name"]),
        (&Value::Null, &Value::Null, &"Mobil 30".into()),
        "{case}"
    );
    assert_eq!((case["devices"].as_array().unwrap().len(), &case["devices_by_word"][0]["state"]), (0, &"open".into()));
    assert_eq!(sandbox.error(&["retire", "clean", "R1", "--yes"]).1["id"], "devices_by_word");
    assert_eq!(sandbox.error(&["retire", "backup", "R1"]).1["id"], "backup_by_hand");
    sandbox.data(&["retire", "record", "R1", "backup", "--note", "saved on the phone"]);
    let file = picture(&sandbox);
    let early =
        sandbox.run(&["retire", "clean", "R1", "--removed", "my iPhone", "--date", "2026-01-31", "--file", &file]);
    assert!(early.err.contains("Recorded despite no confirmation of the operator"), "{}", early.err);
    assert!(early.out.contains("removed, by your word, on 2026-01-31, with evidence removed.png"), "{}", early.out);
    settled(&sandbox);
    let told = sandbox.run(&["retire", "R1"]).out;
    assert!(told.contains("completed") && told.contains("done, by your word alone"), "{told}");
    let report = report(&sandbox);
    assert!(report.contains("removed, by the user's word, on 2026-01-31, with evidence removed.png"), "{report}");
    assert!(report.contains("Proved by a card: 0. By the user's word: 1. Given up: 0."), "{report}");
    for claim in ["deleted", "reading the card again", "its server knows", "your word"] {
        assert!(!told.contains(claim) && !report.contains(claim) || claim == "your word", "{claim}: {told}{report}");
        assert!(!report.contains(claim), "{claim}: {report}");
    }
    assert!(!report.contains("none of"), "no card has shown that it is off the phone: {report}");
    let sha256 = sandbox.data(&["retire", "R1"])["case"]["devices_by_word"][0]["evidence"][0]["sha256"].clone();
    let kept = sandbox.state().join("evidence").join(sha256.as_str().unwrap());
    std::fs::remove_file(kept).unwrap();
    let shown = sandbox.run(&["retire", "R1", "--json"]);
    assert_eq!(shown.json()["data"]["case"]["evidence_lost"][0]["name"], "removed.png", "{}", shown.out);
}

#[test]
fn a_lost_device_is_given_up_and_the_report_says_what_may_be_on_it() {
    let sandbox = Sandbox::new();
    sandbox.data(&["retire", "start", "--iccid", TRAVEL, "--device-note", "old Pixel", "--number", "+49 151 0000000"]);
    settled(&sandbox);
    assert_eq!(sandbox.error(&["retire", "clean", "R1", "--write-off", "old Pixel"]).0, 2, "a reason is needed");
    assert_eq!(
        sandbox.error(&["retire", "clean", "R1", "--write-off", "x", "--reason", "x"]).1["id"],
        "not_of_this_case"
    );
    let ended = sandbox.data(&["retire", "clean", "R1", "--write-off", "Old Pixel", "--reason", "left in a taxi"]);
    assert_eq!(ended["case"]["state"], "completed", "{ended}");
    let report = report(&sandbox);
    assert!(report.contains("the profile may still be on it. Reason: left in a taxi"), "{report}");
    assert!(!report.contains("deleted") && !report.contains("none of"), "{report}");
    let full = sandbox.run(&["retire", "report", "R1", "-", "--full"]).out;
    assert!(full.contains("+49 151 0000000") && !report.contains("+49 151 0000000"), "{report}");
    let masked = sandbox.data(&["retire", "report", "R1", "-"]).to_string();
    assert!(!masked.contains("+49 151 0000000") && !masked.contains(TRAVEL), "{masked}");
}

#[test]
fn a_card_and_a_phone_are_told_apart() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["retire", "start", TRAVEL, "--device-note", "my iPhone"]);
    settled(&sandbox);
    let cleaned = sandbox.run(&["retire", "clean", "R1", "--yes"]);
    assert_eq!(cleaned.code, 0, "{}", cleaned.err);
    assert!(cleaned.out.contains("my iPhone: the profile is there, as far as is known"), "{}", cleaned.out);
    let case = sandbox.data(&["retire", "R1"])["case"].clone();
    assert_eq!(
        (&case["state"], &case["next"], &case["devices"][0]["state"]),
        (&"open".into(), &"clean".into(), &"done".into())
    );
    let (code, error) = sandbox.error(&["retire", "clean", "R1", "--yes"]);
    assert_eq!((code, error["id"].as_str()), (1, Some("devices_by_word")));
    assert!(error["message"].as_str().unwrap().contains("my iPhone"), "{error}");
    sandbox.data(&["retire", "device", "R1", "--add", "old Pixel"]);
    assert_eq!(sandbox.error(&["retire", "device", "R1", "--add", "OLD pixel"]).1["id"], "device_named_twice");
    sandbox.data(&["retire", "clean", "R1", "--removed", "my iPhone"]);
    let taken_back = sandbox.data(&["retire", "clean", "R1", "--take-back", "my iPhone", "--reason", "the other line"]);
    assert_eq!(taken_back["case"]["devices_by_word"][0]["state"], "open", "{taken_back}");
    sandbox.data(&["retire", "clean", "R1", "--removed", "my iPhone"]);
    let ended = sandbox.data(&["retire", "clean", "R1", "--removed", "old Pixel", "--note", "by the shop"]);
    assert_eq!(ended["case"]["state"], "completed", "{ended}");
    let told = sandbox.run(&["retire", "R1"]).out;
    assert!(told.contains("done, in part by your word"), "{told}");
    let report = report(&sandbox);
    assert!(report.contains("Proved by a card: 1. By the user's word: 2. Given up: 0."), "{report}");
    assert!(report.contains("by the user's word") && report.contains("without evidence"), "{report}");
}

#[test]
fn a_profile_that_was_deleted_before_is_adopted_with_its_notification() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.data(&["delete", TRAVEL, "--yes"]);
    // No server runs: its notification waits.
    let case = sandbox.data(&["retire", "start", "--iccid", TRAVEL])["case"].clone();
    let item = &case["devices"][0];
    assert_eq!(
        (&item["eid"], &item["state"], &item["adopted"]["by"]),
        (&EID.into(), &"deleted".into(), &"deleted".into()),
        "{item}"
    );
    assert_eq!(
        (&case["servers"][0], item["letters"].as_array().unwrap().len()),
        (&"smdp.example.com".into(), 1),
        "{case}"
    );
    settled(&sandbox);
    assert_eq!(sandbox.data(&["retire", "R1"])["case"]["state"], "open", "its server does not know yet");
    let _server = Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["outbox", "send"]);
    let case = sandbox.data(&["retire", "R1"])["case"].clone();
    assert_eq!((&case["state"], &case["devices"][0]["state"]), (&"completed".into(), &"done".into()), "{case}");
    let report = report(&sandbox);
    assert!(report.contains("Before this case, the profile was deleted from"), "{report}");
    let full = sandbox.data(&["retire", "report", "R1", "-", "--full"])["report"].clone();
    assert_eq!(full["notifications"].as_array().unwrap().len(), 1, "the card's signature belongs to the case: {full}");
}

#[test]
fn a_card_that_is_seen_later_joins_a_case_that_was_opened_by_word() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    let begun = sandbox.data(&["retire", "start", "--iccid", TRAVEL, "--device-note", "my iPhone"])["case"].clone();
    assert_eq!(begun["devices"], serde_json::json!([]), "no device was opened: {begun}");
    settled(&sandbox);
    let enabled = sandbox.run(&["enable", TRAVEL]);
    assert!(enabled.err.contains("esimctl retire clean R1"), "{}", enabled.err);
    let case = sandbox.data(&["retire", "R1"])["case"].clone();
    assert_eq!((&case["devices"][0]["eid"], &case["devices"][0]["state"]), (&EID.into(), &"open".into()), "{case}");
    let cleaned = sandbox.data(&["retire", "clean", "R1", "--yes"]);
    assert_eq!(cleaned["case"]["devices"][0]["state"], "done", "{cleaned}");
    assert_eq!(cleaned["case"]["servers"][0], "smdp.example.com", "the case learns it from the card: {cleaned}");
    sandbox.data(&["retire", "clean", "R1", "--removed", "my iPhone"]);
    assert_eq!(sandbox.data(&["retire", "R1"])["case"]["state"], "completed");
}

#[test]
fn a_case_opened_by_name_learns_its_iccid_and_the_card_joins() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["retire", "start", "--name", "Mobil 30", "--device-note", "my iPhone"]);
    sandbox.data(&["enable", TRAVEL]);
    assert_eq!(sandbox.data(&["retire", "R1"])["case"]["devices"], serde_json::json!([]), "its number is not known");
    let (code, error) = sandbox.error(&["retire", "describe", "R1", "--iccid", "8999"]);
    assert_eq!((code, error["id"].as_str()), (2, Some("iccid_invalid")));
    sandbox.data(&["retire", "start", "--iccid", HOME]);
    let (code, error) = sandbox.error(&["retire", "describe", "R1", "--iccid", HOME]);
    assert_eq!((code, error["id"].as_str()), (1, Some("case_open")), "{error}");
    assert!(error["message"].as_str().unwrap().contains("R2"), "{error}");
    let case = sandbox.data(&["retire", "describe", "R1", "--iccid", TRAVEL])["case"].clone();
    assert_eq!((&case["iccid"], &case["name"]), (&TRAVEL.into(), &"Mobil 30".into()), "{case}");
    assert_eq!((&case["devices"][0]["eid"], &case["devices"][0]["state"]), (&EID.into(), &"open".into()), "{case}");
    let (code, error) = sandbox.error(&["retire", "describe", "R1", "--iccid", "8999934567890120099"]);
    assert_eq!((code, error["id"].as_str()), (1, Some("iccid_known")), "a card of the case has the first: {error}");
    settled(&sandbox);
    let cleaned = sandbox.data(&["retire", "clean", "R1", "--yes"]);
    assert_eq!(cleaned["case"]["devices"][0]["state"], "done", "{cleaned}");
    let report = report(&sandbox);
    assert!(report.contains("By the user's word, the ICCID is: 89…029."), "{report}");
}

#[test]
fn a_deletion_since_a_case_was_opened_by_name_is_found_as_one_since_then_and_an_older_one_as_older() {
    for before in [true, false] {
        let sandbox = Sandbox::with_card(&[]);
        let start = || drop(sandbox.data(&["retire", "start", "--name", "Mobil 30"]));
        let delete = || drop(sandbox.data(&["delete", TRAVEL, "--yes"]));
        let steps: [&dyn Fn(); 2] = if before { [&delete, &start] } else { [&start, &delete] };
        steps.iter().for_each(|step| step());
        let case = sandbox.data(&["retire", "describe", "R1", "--iccid", TRAVEL])["case"].clone();
        let item = &case["devices"][0];
        assert_eq!((&item["eid"], &item["state"]), (&EID.into(), &"deleted".into()), "{item}");
        assert_eq!((item["letters"].as_array().unwrap().len(), item["adopted"].is_object()), (1, before), "{item}");
        let report = report(&sandbox);
        assert_eq!(report.contains("Before this case"), before, "{report}");
    }
}

#[test]
fn a_card_that_was_reset_before_is_adopted() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["reset", "--operational", "--yes"]);
    let case = sandbox.data(&["retire", "start", "--iccid", HOME, "--device-note", "my phone"])["case"].clone();
    assert_eq!(case["devices"][0]["adopted"]["by"], "reset", "{case}");
    assert_eq!(case["devices_by_word"][0]["device"], "my phone");
}

#[test]
fn an_eid_of_a_second_card_and_its_deletion_belong_to_a_case_that_begins_on_another() {
    let sandbox = Sandbox::with_card(&["--profile", &format!("iccid={HOME},provider=Example Mobile,enabled")]);
    let other = "89049032000000000000000000000163";
    sandbox.create("other", &["--eid", other, "--profile", &format!("iccid={HOME},provider=Example Mobile")]);
    // Its server does not run, and its notification waits.
    sandbox.data(&["delete", HOME, "--yes", "-d", "virtual:other"]);
    let case = sandbox.data(&["retire", "start", HOME, "-d", "virtual:card"])["case"].clone();
    let state = |eid: &str| {
        let devices = case["devices"].as_array().unwrap().iter();
        devices.clone().find(|item| item["eid"] == eid).unwrap()["state"].as_str().unwrap().to_owned()
    };
    assert_eq!((state(EID), state(other)), ("open".into(), "deleted".into()), "{case}");
}

#[test]
fn the_guides_fit_the_terminal_in_both_languages() {
    let sandbox = Sandbox::new();
    for kind in ["iphone", "ipad", "pixel", "samsung", "android", "watch", "windows"] {
        for (language, notes) in [("en", "ends no contract"), ("zh-CN", "并不等于销户")] {
            let told = sandbox.run(&["retire", "guide", kind, "--lang", language]);
            assert_eq!(told.code, 0, "{}", told.err);
            let out = told.out;
            assert!(out.contains(notes) && out.contains("ICCID"), "{kind}: {out}");
            let width = |line: &str| -> usize { line.chars().map(|c| if c as u32 > 0x2E00 { 2 } else { 1 }).sum() };
            assert!(out.lines().all(|line| width(line) <= 80), "{kind} in {language}: {out}");
        }
    }
    let guides = sandbox.data(&["retire", "guide"])["guides"].clone();
    assert_eq!(guides.as_array().unwrap().len(), 7);
}

#[test]
fn a_profile_that_is_not_on_the_card_leads_to_its_number() {
    let sandbox = Sandbox::with_card(&[]);
    let (code, error) = sandbox.error(&["retire", "start", "Adam"]);
    assert_eq!((code, error["id"].as_str()), (1, Some("profile_not_found")), "{error}");
    assert!(error["message"].as_str().unwrap().contains("esimctl retire start --iccid ICCID"), "{error}");
}

#[test]
fn a_removal_against_obstacles_stands_at_the_top_of_the_report() {
    let sandbox = Sandbox::new();
    sandbox.data(&["retire", "start", "--name", "Mobil 30", "--device-note", "ph"]);
    sandbox.data(&["retire", "clean", "R1", "--removed", "ph", "--yes"]);
    let report = sandbox.run(&["retire", "report", "R1", "-", "--md"]).out;
    let top = &report[..report.find("## ").unwrap()];
    assert!(top.contains("ph: by the user's word, the profile was removed on"), "{top}");
    assert!(top.contains("despite no confirmation of the operator"), "{top}");
}
