//! Saving what a SIM holds: its PIN, and the ways to it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

#[path = "common/carrier.rs"]
mod carrier;
mod common;
#[path = "common/server.rs"]
mod server;
#[path = "common/terminal.rs"]
mod terminal;

use carrier::Carrier;
use common::{HOME, Sandbox};
use terminal::Terminal;

const PROFILE: &str = "iccid=8999934567890120011,name=Locked,enabled,pin=1234";

/// Takes a backup with this answer to the question for the PIN; gives the screen.
fn backup(sandbox: &Sandbox, answer: &str, tries: &str) -> String {
    let mut terminal = Terminal::start(sandbox.command().args(["retire", "backup", "R1"]));
    terminal.expect("The PIN of the SIM");
    terminal.expect(tries);
    terminal.type_line(answer);
    assert_eq!(terminal.wait().code(), Some(0), "{}", terminal.screen());
    assert_eq!(terminal.screen().matches("The PIN of the SIM").count(), 1, "asked once: {}", terminal.screen());
    terminal.screen()
}

fn begun(more: &[&str]) -> Sandbox {
    let sandbox = Sandbox::with_card(&[&["--profile", PROFILE], more].concat());
    sandbox.data(&["retire", "start", HOME]);
    sandbox
}

#[test]
fn a_pin_is_asked_for_once_and_never_tried_again() {
    let sandbox = begun(&[]);
    let screen = backup(&sandbox, "9999", "tries left: 3");
    assert!(screen.contains("The PIN was wrong") && screen.contains("2 tries left"), "{screen}");
    assert!(screen.contains("Without the PIN these were not read"), "{screen}");
    // What is no PIN, or no answer, costs no try.
    assert!(backup(&sandbox, "12", "tries left: 2").contains("none was tried"));
    let screen = backup(&sandbox, "", "tries left: 2");
    assert!(screen.contains("No PIN was given"), "{screen}");
    let screen = backup(&sandbox, "1234", "tries left: 2");
    assert!(!screen.contains("Without the PIN") && screen.contains("contacts"), "{screen}");
    // The right one gives all tries back.
    backup(&sandbox, "9999", "tries left: 3");
    backup(&sandbox, "9999", "tries left: 2");
    // Nobody is there to ask.
    let unasked = sandbox.data(&["retire", "backup", "R1"]);
    assert_eq!((&unasked["complete"], &unasked["sim_read"]), (&false.into(), &true.into()), "{unasked}");
    let screen = backup(&sandbox, "9999", "tries left: 1");
    assert!(screen.contains("is blocked now"), "{screen}");
}

#[test]
fn a_pin_that_is_blocked_is_not_asked_for() {
    let sandbox = begun(&["--quirk", "pin-blocked"]);
    let mut terminal = Terminal::start(sandbox.command().args(["retire", "backup", "R1"]));
    assert_eq!(terminal.wait().code(), Some(0), "{}", terminal.screen());
    let screen = terminal.screen();
    assert!(screen.contains("The PIN is blocked") && !screen.contains("The PIN of the SIM"), "{screen}");
}

/// The modem keeps the channels, and its own.
#[test]
fn a_sim_behind_a_modem_is_saved_as_one_in_a_reader() {
    let near = Sandbox::with_card(&[]);
    near.data(&["retire", "start", HOME]);
    let contents = |sandbox: &Sandbox, by: &[&str]| {
        let taken = sandbox.data(&[&["retire", "backup", "R1"], by].concat());
        assert_eq!((&taken["sim_read"], &taken["complete"]), (&true.into(), &true.into()), "{by:?}: {taken}");
        let file = std::path::Path::new(taken["directory"].as_str().unwrap()).join("sim.json");
        serde_json::from_slice::<serde_json::Value>(&std::fs::read(file).unwrap()).unwrap()["sim"].clone()
    };
    let expected = contents(&near, &[]);
    for carrier in [Carrier::At, Carrier::Qmi, Carrier::Mbim] {
        let sandbox = Sandbox::with_card(&[]);
        let carried = carrier.carry(&sandbox, &[], 30);
        let by = ["-d", &*carried.device];
        sandbox.data(&[&["retire", "start", HOME][..], &by].concat());
        assert_eq!(contents(&sandbox, &by), expected, "{carrier:?}");
    }
}

/// Status, plan and report say what is missing, and the profile does not go for it.
fn lacks_phone_book_and_messages(sandbox: &Sandbox, how: &str) {
    let case = sandbox.data(&["retire", "R1"])["case"].clone();
    let step = &case["steps"][0];
    assert_eq!(step["state"], "partly", "{how}: {case}");
    let missing: Vec<&str> = step["missing"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
    assert!(missing.contains(&"contacts") && missing.contains(&"messages"), "{how}: {missing:?}");
    let shown = sandbox.run(&["retire", "R1"]).out;
    assert!(shown.contains("not read: ") && shown.contains("phone book"), "{how}: {shown}");
    let plan = sandbox.data(&["retire", "clean", "R1", "--dry-run"])["devices"][0]["obstacles"].to_string();
    assert!(plan.contains("partly_backed_up"), "{how}: {plan}");
    let report = sandbox.run(&["retire", "report", "R1", "-"]).out;
    let top = &report[..report.find("## ").unwrap()];
    assert!(top.contains("The backup is not complete. Not read: ") && top.contains("messages"), "{how}: {top}");
    sandbox.data(&["retire", "record", "R1", "confirmation", "--reference", "AB-1"]);
    let (code, error) = sandbox.error(&["retire", "clean", "R1", "--yes"]);
    assert_eq!((code, error["id"].as_str()), (4, Some("partly_backed_up")), "{how}: {error}");
}

#[test]
fn a_backup_without_the_pin_is_not_called_done() {
    let sandbox = begun(&[]);
    let _server = server::Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["retire", "backup", "R1"]);
    lacks_phone_book_and_messages(&sandbox, "nobody to ask");
    for (answer, tries) in [("9999", "tries left: 3"), ("", "tries left: 2"), ("12", "tries left: 2")] {
        backup(&sandbox, answer, tries);
        lacks_phone_book_and_messages(&sandbox, answer);
    }
    // The right PIN makes it whole, and a worse one later takes nothing away.
    for (answer, tries) in [("1234", "tries left: 2"), ("9999", "tries left: 3")] {
        backup(&sandbox, answer, tries);
        let step = sandbox.data(&["retire", "R1"])["case"]["steps"][0].clone();
        assert_eq!((&step["state"], &step["missing"]), (&"done".into(), &serde_json::json!([])), "{step}");
    }
    let plan = sandbox.data(&["retire", "clean", "R1", "--dry-run"])["devices"][0]["obstacles"].clone();
    assert_eq!(plan, serde_json::json!([]));
}

#[test]
fn a_backup_behind_a_blocked_pin_is_not_called_done() {
    let sandbox = begun(&["--quirk", "pin-blocked"]);
    let _server = server::Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["retire", "backup", "R1"]);
    lacks_phone_book_and_messages(&sandbox, "blocked");
    sandbox.data(&["retire", "record", "R1", "backup", "--skip", "nothing on it matters"]);
    let plan = sandbox.data(&["retire", "clean", "R1", "--dry-run"])["devices"][0]["obstacles"].clone();
    assert_eq!(plan, serde_json::json!([]), "said on purpose");
}

#[test]
fn a_backup_of_the_description_alone_is_not_called_done() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.data(&["retire", "start", common::TRAVEL]);
    sandbox.data(&["retire", "backup", "R1", "--description-only"]);
    let step = sandbox.data(&["retire", "R1"])["case"]["steps"][0].clone();
    assert_eq!((&step["state"], &step["missing"]), (&"partly".into(), &serde_json::json!(["sim"])), "{step}");
}

#[test]
fn a_backup_whose_files_are_gone_holds_the_removal_up() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = server::Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["retire", "start", HOME]);
    let taken = sandbox.data(&["retire", "backup", "R1"]);
    sandbox.data(&["retire", "record", "R1", "confirmation", "--reference", "AB-1"]);
    let directory = std::path::Path::new(taken["directory"].as_str().unwrap());
    std::fs::remove_file(directory.join("contacts.vcf")).unwrap();
    let (code, error) = sandbox.error(&["retire", "clean", "R1", "--yes"]);
    assert_eq!((code, error["id"].as_str()), (4, Some("evidence_lost")), "{error}");
    assert!(sandbox.run(&["retire", "R1"]).err.contains("contacts.vcf"));
}
