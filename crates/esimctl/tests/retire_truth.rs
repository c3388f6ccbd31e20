//! What `retire` promises, and may only say where it is so: devices, backups, proof, the end of a case.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/server.rs"]
mod server;

use common::{EID, HOME, Sandbox, TRAVEL};
use serde_json::Value;
use server::Server;

/// The EIDs of two further cards.
const SECOND: &str = "89049032000000000000000000000163";
const THIRD: &str = "89049032000000000000000000000260";
/// A profile that several cards hold.
const FLAT: &str = "name=Flat,provider=OpQ,nickname=Work,iccid=8999900000000000033,enabled";

/// Two cards with one ICCID, both listed before; the case is opened on the first.
fn two_cards() -> (Sandbox, Server) {
    let sandbox = Sandbox::new();
    sandbox.create("d1", &["--profile", FLAT]);
    sandbox.create("d2", &["--eid", SECOND, "--profile", FLAT]);
    let server = Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["list", "-d", "virtual:d1"]);
    // The other card was never seen.
    sandbox.data(&["retire", "start", "Work", "-d", "virtual:d1"]);
    (sandbox, server)
}

/// In a reader, one card takes the place of another with the same profile: it is asked who it is.
#[test]
fn a_card_in_the_place_of_another_one_joins_the_case() {
    for looked_at in [true, false] {
        let sandbox = Sandbox::new();
        sandbox.create("d1", &["--profile", FLAT]);
        sandbox.data(&["list"]);
        sandbox.data(&["retire", "start", "Work"]);
        assert_eq!(sandbox.run(&["virtual", "remove", "d1"]).code, 0);
        sandbox.create("d1", &["--eid", SECOND, "--profile", FLAT]);
        if looked_at {
            sandbox.data(&["info"]);
        }
        sandbox.data(&["list"]);
        let devices = case(&sandbox)["devices"].as_array().unwrap().clone();
        let eids: Vec<&str> = devices.iter().map(|device| device["eid"].as_str().unwrap()).collect();
        assert_eq!(eids, [EID, SECOND]);
        let cards = sandbox.data(&["inventory"])["cards"].as_array().unwrap().clone();
        let second = cards.iter().find(|card| card["eid"] == SECOND).unwrap();
        assert_eq!(second["profiles"].as_array().unwrap().len(), 1, "{second}");
        let write_off = ["retire", "clean", "R1", "--write-off", EID, "--reason", "it is lost", "--yes"];
        let run = sandbox.run(&write_off);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        let written_off = |case: Value| case["devices"][0]["state"].clone();
        let before = written_off(case(&sandbox));
        for _ in 0..2 {
            sandbox.data(&["list"]);
            assert_eq!(written_off(case(&sandbox)), before, "it is not in the reader");
        }
    }
}

fn record(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    sandbox.data(&[&["retire", "record", "R1"], arguments].concat())["case"].clone()
}

/// Leaves out all that is not of interest.
fn skipped(sandbox: &Sandbox, steps: &[&str]) {
    for step in steps {
        record(sandbox, &[step, "--skip", "a test"]);
    }
}

const ASIDE: [&str; 5] = ["contact", "account", "balance", "contract", "request"];

fn case(sandbox: &Sandbox) -> Value {
    sandbox.data(&["retire", "R1"])["case"].clone()
}

fn state(case: &Value, step: &str) -> String {
    let steps = case["steps"].as_array().unwrap();
    steps.iter().find(|one| one["step"] == step).unwrap()["state"].as_str().unwrap().to_owned()
}

fn report(sandbox: &Sandbox) -> String {
    let run = sandbox.run(&["retire", "report", "R1", "-", "--md"]);
    assert_eq!(run.code, 0, "{}", run.err);
    run.out
}

fn refused(sandbox: &Sandbox, id: &str) -> Value {
    let (code, error) = sandbox.error(&["retire", "clean", "R1", "--yes"]);
    assert_eq!((code, error["id"].as_str()), (4, Some(id)), "{error}");
    error
}

/// Takes a card out of its reader, so to say.
fn away(sandbox: &Sandbox, name: &str, gone: bool) {
    let file = sandbox.card_file(name);
    let other = file.with_extension("away");
    let (from, to) = if gone { (file, other) } else { (other, file) };
    std::fs::rename(from, to).unwrap();
}

/// Changes what a virtual card keeps.
fn edit(sandbox: &Sandbox, name: &str, change: impl FnOnce(&mut Value)) {
    let file = sandbox.card_file(name);
    let mut state: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    change(&mut state);
    std::fs::write(file, state.to_string()).unwrap();
}

#[test]
fn a_card_that_is_seen_with_the_profile_after_the_start_joins_the_case() {
    let (sandbox, _server) = two_cards();
    sandbox.data(&["enable", "Work", "-d", "virtual:d2"]);
    let devices = case(&sandbox)["devices"].clone();
    assert_eq!(devices[1]["eid"], SECOND, "{devices}");
    record(&sandbox, &["confirmation", "--reference", "AB-1"]);
    skipped(&sandbox, &["backup"]);
    away(&sandbox, "d2", true);
    sandbox.data(&["retire", "clean", "R1", "--yes"]);
    let now = case(&sandbox);
    assert_eq!(state(&now, "clean"), "pending", "{now}");
    let told = report(&sandbox);
    assert!(told.contains("Devices that may still hold the profile: virtual:d2."), "{told}");
    assert!(told.contains("The profile was seen on another card: virtual:d2"), "{told}");
    away(&sandbox, "d2", false);
    let cleaned = sandbox.data(&["retire", "clean", "R1", "--yes"]);
    assert_eq!(cleaned["devices"][0]["outcome"], "deleted", "{cleaned}");
    assert_eq!(state(&cleaned["case"], "clean"), "done");
    assert!(report(&sandbox).contains("Known devices that still hold the profile: none of 2."));
}

#[test]
fn a_card_that_is_seen_after_the_last_removal_opens_the_step_again() {
    let (sandbox, _server) = two_cards();
    record(&sandbox, &["confirmation", "--reference", "AB-1"]);
    skipped(&sandbox, &["backup"]);
    let cleaned = sandbox.data(&["retire", "clean", "R1", "--yes", "-d", "virtual:d1"]);
    let before = state(&cleaned["case"], "clean");
    // It is at hand again only now.
    let listed = sandbox.run(&["enable", "Work", "-d", "virtual:d2"]);
    assert!(listed.err.contains("esimctl retire clean R1"), "{}", listed.err);
    let now = case(&sandbox);
    assert_eq!(
        (state(&now, "clean"), now["devices"][1]["state"].as_str()),
        ("pending".into(), Some("open")),
        "{before}"
    );
}

#[test]
fn a_profile_that_comes_back_after_the_end_is_told_and_nothing_is_claimed() {
    let (sandbox, _server) = two_cards();
    let before: Value = serde_json::from_slice(&std::fs::read(sandbox.card_file("d1")).unwrap()).unwrap();
    skipped(&sandbox, &ASIDE);
    record(&sandbox, &["confirmation", "--reference", "AB-1"]);
    skipped(&sandbox, &["backup"]);
    sandbox.data(&["retire", "clean", "R1", "--yes"]);
    assert_eq!(case(&sandbox)["state"], "completed");
    assert!(sandbox.run(&["retire", "R1"]).out.contains("Nothing is left to do"), "steps were skipped");
    edit(&sandbox, "d1", |state| state["euiccs"][0]["profiles"] = before["euiccs"][0]["profiles"].clone());
    let seen = sandbox.run(&["disable", "Work", "-d", "virtual:d1", "--json"]);
    assert_eq!(seen.json()["notices"][0]["kind"], "back", "{}", seen.out);
    assert!(seen.err.contains("esimctl retire reopen R1"), "{}", seen.err);
    let shown = sandbox.run(&["retire", "R1"]).out;
    assert!(shown.contains("was seen again after R1 was completed: virtual:d1"), "{shown}");
    assert!(!shown.contains("All is done") && !shown.contains("Nothing is left"), "{shown}");
    let told = report(&sandbox);
    assert!(told.contains("Devices that may still hold the profile: virtual:d1."), "{told}");
    assert!(!told.contains("none of"), "{told}");
    let reopened = sandbox.data(&["retire", "reopen", "R1"])["case"].clone();
    assert_eq!((&reopened["state"], &reopened["next"]), (&"open".into(), &"clean".into()), "{reopened}");
    let cleaned = sandbox.data(&["retire", "clean", "R1", "--yes"]);
    assert_eq!(cleaned["case"]["state"], "completed", "{cleaned}");
    let notifications = sandbox.data(&["retire", "report", "R1", "-"])["report"]["notifications"].clone();
    assert!(notifications.as_array().unwrap().len() >= 2, "both removals: {notifications}");
}

#[test]
fn a_card_with_another_eid_is_not_taken_for_that_of_the_case() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["retire", "start", TRAVEL]);
    edit(&sandbox, "card", |state| {
        let text = state.to_string().replace(EID, THIRD);
        *state = serde_json::from_str(&text).unwrap();
    });
    let (code, error) = sandbox.error(&["retire", "clean", "R1", "--yes", "--despite", "a test"]);
    assert_eq!((code, error["id"].as_str()), (3, Some("not_at_hand")), "{error}");
    let told = sandbox.run(&["retire", "clean", "R1", "--yes", "--despite", "a test"]).err;
    assert!(told.contains(THIRD) && told.contains(EID), "{told}");
    assert_eq!(case(&sandbox)["devices"][0]["state"], "open", "nothing is claimed");
    assert_eq!(sandbox.profiles("card").len(), 2);
}

#[test]
fn nothing_is_removed_before_a_backup_unless_somebody_says_why() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["retire", "start", TRAVEL]);
    record(&sandbox, &["confirmation", "--reference", "AB-1"]);
    refused(&sandbox, "not_backed_up");
    assert_eq!(sandbox.profiles("card").len(), 2);
    let plan = sandbox.data(&["retire", "clean", "R1", "--dry-run"])["devices"][0].clone();
    assert_eq!((&plan["obstacles"][0], &plan["open_steps"]), (&"not_backed_up".into(), &serde_json::json!(ASIDE)));
    let shown = sandbox.run(&["retire", "clean", "R1", "--dry-run"]).out;
    assert!(shown.contains("No backup was made.") && shown.contains("Steps that are still open: Contact"), "{shown}");
    for reason in ["", "  "] {
        let (code, error) = sandbox.error(&["retire", "clean", "R1", "--despite", reason]);
        assert_eq!((code, error["id"].as_str()), (2, Some("reason_missing")), "before anybody is asked: {error}");
    }
    let cleaned = sandbox.data(&["retire", "clean", "R1", "--yes", "--despite", "the SIM is empty"]);
    assert_eq!(state(&cleaned["case"], "backup"), "missed", "{cleaned}");
    assert_eq!(cleaned["case"]["next"], "contact");
    let (code, error) = sandbox.error(&["retire", "backup", "R1"]);
    assert_eq!((code, error["id"].as_str()), (1, Some("backup_too_late")), "{error}");
    let told = report(&sandbox);
    let reason = told.find("despite no backup. Reason given: the SIM is empty").expect(&told);
    assert!(reason < told.find("## Subscription").unwrap(), "at the top: {told}");
}

#[test]
fn a_backup_that_was_left_out_on_purpose_holds_nothing_up() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["retire", "start", TRAVEL]);
    record(&sandbox, &["confirmation", "--note", "told by Ms Example"]);
    skipped(&sandbox, &["backup"]);
    assert_eq!(sandbox.data(&["retire", "clean", "R1", "--yes"])["devices"][0]["outcome"], "deleted");
}

#[test]
fn all_that_speaks_against_a_removal_is_named_before_it_is_overridden() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["retire", "start", TRAVEL]);
    record(&sandbox, &["balance", "--amount", "5", "--currency", "EUR"]);
    let message = refused(&sandbox, "not_confirmed")["message"].as_str().unwrap().to_owned();
    assert!(message.contains("an open bill") && message.contains("no backup"), "{message}");
}

#[test]
fn a_report_shortens_fields_and_nothing_else() {
    let sandbox = Sandbox::with_card(&["--profile", "name=Gold,provider=OpX,iccid=8999900000000000033"]);
    let _server = Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["retire", "start", "8999900000000000033"]);
    record(&sandbox, &["account", "--reference", "K-4711-22334", "--number", "+49 151 0000000"]);
    for reference in ["e", "X", "0", "2026", "T-99"] {
        record(&sandbox, &["contact", "--reference", reference, "--date", "2026-01-02"]);
        let told = report(&sandbox);
        for whole in ["# Cancellation record: OpX, Gold", "| Operator | OpX |", "2026-01-02", "telephone number"] {
            assert!(told.contains(whole), "{reference}: no '{whole}' in {told}");
        }
        assert!(told.contains(&format!("Reference: {reference}")), "a ticket is what a dispute needs: {told}");
        for secret in ["8999900000000000033", EID, "K-4711-22334", "+49 151 0000000"] {
            assert!(!told.contains(secret), "{reference}: {secret}");
        }
        let top = &told[..told.find("## ").unwrap()];
        assert!(top.contains("Shortened in it: ICCIDs, EIDs, telephone numbers and the customer number"), "{top}");
        let json = sandbox.data(&["retire", "report", "R1", "-"])["report"].clone();
        assert_eq!((&json["case"]["provider"], &json["schema"]), (&"OpX".into(), &"esimctl-case/1".into()));
        assert!(json["case"]["created"].as_str().unwrap().starts_with("20"), "{json}");
    }
    assert!(sandbox.run(&["retire", "report", "R1", "-", "--full"]).out.contains("K-4711-22334"));
}

#[test]
fn a_case_that_is_reopened_and_closed_again_says_what_is_true() {
    let (sandbox, _server) = two_cards();
    skipped(&sandbox, &ASIDE);
    record(&sandbox, &["confirmation", "--reference", "AB-1"]);
    skipped(&sandbox, &["backup"]);
    sandbox.data(&["retire", "clean", "R1", "--yes"]);
    let reopened = sandbox.run(&["retire", "reopen", "R1"]).out;
    assert!(reopened.contains("R1 is open again, and no step is left to do"), "{reopened}");
    assert_eq!(case(&sandbox)["state"], "open", "it stays open until somebody does something");
    let closed = sandbox.run(&["retire", "cancel", "R1"]).out;
    assert!(!closed.contains("stays") && !closed.contains("cancelled"), "{closed}");
    assert_eq!(case(&sandbox)["state"], "completed");
    // Something is left to do, and the profile is gone.
    sandbox.data(&["retire", "reopen", "R1"]);
    record(&sandbox, &["confirmation", "--withdraw", "it was about another line"]);
    let closed = sandbox.run(&["retire", "cancel", "R1"]).out;
    assert!(closed.contains("That brings no profile back: virtual:d1") && !closed.contains("stays"), "{closed}");
    assert_eq!(case(&sandbox)["state"], "closed");
    let list = sandbox.run(&["retire", "list", "--all"]).out;
    assert!(list.contains("closed early; profile removed") && !list.contains("cancelled"), "{list}");
    let told = report(&sandbox);
    assert!(told.contains("the profile was removed from a device") && !told.contains("was cancelled"), "{told}");
}

#[test]
fn a_case_that_is_closed_with_the_profile_on_a_card_does_not_say_that_it_is_removed() {
    let (sandbox, _server) = two_cards();
    sandbox.data(&["list", "-d", "virtual:d2"]);
    assert_eq!(case(&sandbox)["devices"].as_array().unwrap().len(), 2);
    skipped(&sandbox, &ASIDE);
    sandbox.run(&["retire", "clean", "R1", "-d", "virtual:d1", "--yes", "--despite", "hurry"]);
    sandbox.data(&["retire", "cancel", "R1"]);
    let shown = sandbox.run(&["retire", "R1"]).out;
    assert!(shown.contains("closed early; removed from some devices"), "{shown}");
    assert!(!shown.contains("profile removed"), "{shown}");
}

#[test]
fn a_confirmation_that_nothing_proves_is_not_called_done() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["retire", "start", TRAVEL]);
    for step in ASIDE.iter().chain(&["backup"]) {
        record(&sandbox, &[step, "--not-applicable", "a test"]);
    }
    record(&sandbox, &["confirmation"]);
    sandbox.data(&["retire", "clean", "R1", "--yes", "--despite", "hurry"]);
    let shown = sandbox.run(&["retire", "R1"]).out;
    assert!(shown.contains("said to be done, without proof"), "{shown}");
    assert!(
        shown.contains("Nothing is left to do, but not everything was done") && !shown.contains("All is done"),
        "{shown}"
    );
}

#[test]
fn a_case_that_is_given_up_before_any_removal_stays_a_cancelled_one() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.data(&["retire", "start", TRAVEL]);
    assert!(sandbox.run(&["retire", "cancel", "R1"]).out.contains("the subscription stays"));
    assert_eq!(case(&sandbox)["state"], "cancelled");
}

#[test]
fn what_was_written_off_is_not_called_done_and_can_be_taken_back() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["retire", "start", TRAVEL]);
    let off = sandbox.data(&["retire", "clean", "R1", "--write-off", EID, "--reason", "lost"])["case"].clone();
    assert_eq!((state(&off, "clean"), state(&off, "backup")), ("partly".into(), "missed".into()), "{off}");
    assert_ne!(off["next"], "backup");
    assert_eq!(sandbox.error(&["retire", "backup", "R1"]).1["id"], "backup_out_of_reach");
    assert!(report(&sandbox).contains("Given up without being looked at: virtual:card."));
    assert_eq!(
        sandbox.error(&["retire", "clean", "R1", "--take-back", EID, "--reason", " "]).1["id"],
        "reason_missing"
    );
    let back = sandbox.data(&["retire", "clean", "R1", "--take-back", EID, "--reason", "found"])["case"].clone();
    assert_eq!((&back["devices"][0]["state"], &back["next"]), (&"open".into(), &"backup".into()), "{back}");
    assert_eq!(
        sandbox.error(&["retire", "clean", "R1", "--take-back", EID, "--reason", "x"]).1["id"],
        "nothing_to_correct"
    );
    let told = report(&sandbox);
    assert!(told.contains("will not come back. Reason: lost (Taken back ") && told.contains("Reason: found"), "{told}");
    // One that is seen with the profile comes back by itself.
    sandbox.data(&["retire", "clean", "R1", "--write-off", EID, "--reason", "lost again"]);
    sandbox.data(&["list"]);
    assert_eq!(case(&sandbox)["devices"][0]["state"], "open");
}

#[test]
fn what_is_owed_is_not_done() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.data(&["retire", "start", TRAVEL]);
    let owed = record(&sandbox, &["balance", "--amount", "12,30", "--currency", "EUR"]);
    assert_eq!(state(&owed, "balance"), "owed");
    assert!(!report(&sandbox).contains("| Settle the balance | done"));
    skipped(&sandbox, &["backup", "contact", "account", "contract", "request"]);
    let confirmed = record(&sandbox, &["confirmation", "--reference", "AB-1"]);
    assert_eq!(confirmed["next"], "balance", "what is owed comes before the removal");
    refused(&sandbox, "balance_unpaid");
    assert_eq!(state(&record(&sandbox, &["balance", "--paid"]), "balance"), "done");
    // A fee is no different, and the text names its step; to pay it ends no notice period.
    let fee = ["contract", "--amount", "50", "--currency", "EUR", "--notice-until", "2025-12-31"];
    assert_eq!(state(&record(&sandbox, &fee), "contract"), "owed");
    let error = refused(&sandbox, "balance_unpaid");
    assert!(error["next"].as_str().unwrap().contains("record R1 contract --paid"), "{error}");
    let paid = record(&sandbox, &["contract", "--paid"]);
    assert_eq!(
        (state(&paid, "contract"), &paid["steps"][4]["facts"]["notice_until"]),
        ("done".into(), &"2025-12-31".into())
    );
}

#[test]
fn a_confirmation_that_nothing_proves_opens_nothing() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["retire", "start", TRAVEL]);
    skipped(&sandbox, &["backup"]);
    let run = sandbox.run(&["retire", "record", "R1", "confirmation"]);
    assert!(run.code == 0 && run.err.contains("Nothing proves the confirmation yet"), "{}", run.err);
    refused(&sandbox, "not_proved");
    let letter = sandbox.path().join("letter.pdf");
    std::fs::write(&letter, "Your contract ends.").unwrap();
    record(&sandbox, &["confirmation", "--file", letter.to_str().unwrap()]);
    let plan = || sandbox.data(&["retire", "clean", "R1", "--dry-run"])["devices"][0]["obstacles"].clone();
    assert_eq!(plan(), serde_json::json!([]));
    // The proof is tied to its step in the report.
    let told = report(&sandbox);
    assert!(told.contains("| Wait for the operator's confirmation | letter.pdf | kept | 19 | "), "{told}");
    // It vanishes, or is another one.
    let sha256 = case(&sandbox)["steps"][6]["evidence"][0]["sha256"].as_str().unwrap().to_owned();
    let stored = sandbox.state().join("evidence").join(sha256);
    for (content, word) in [(Some("Your contract runs."), "changed"), (None, "missing")] {
        match content {
            Some(text) => std::fs::write(&stored, text).unwrap(),
            None => std::fs::remove_file(&stored).unwrap(),
        }
        let now = sandbox.run(&["retire", "R1", "--json"]);
        assert_eq!(now.json()["data"]["case"]["evidence_lost"][0]["state"], word, "{}", now.out);
        assert!(now.err.contains("letter.pdf") && now.err.contains(word), "{}", now.err);
        assert_eq!(plan(), serde_json::json!(["evidence_lost"]));
        let told = report(&sandbox);
        let top = &told[..told.find("## ").unwrap()];
        assert!(top.contains("letter.pdf") && top.contains(word), "{top}");
        assert!(!told.contains("| kept |"), "{told}");
    }
    refused(&sandbox, "evidence_lost");
    assert_eq!(sandbox.profiles("card").len(), 2);
    // Recorded again, it is there again.
    record(&sandbox, &["confirmation", "--file", letter.to_str().unwrap()]);
    assert_eq!(plan(), serde_json::json!([]));
}

#[test]
fn a_wrong_record_is_corrected_and_stays_in_the_history() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.data(&["retire", "start", TRAVEL]);
    record(&sandbox, &["account", "--reference", "K-1", "--number", "111"]);
    let right = record(&sandbox, &["account", "--reference", "K-2", "--correct", "the neighbour's line"]);
    assert_eq!((&right["number"], &right["steps"][2]["facts"]["reference"]), (&Value::Null, &"K-2".into()), "{right}");
    skipped(&sandbox, &["contact"]);
    let open = record(&sandbox, &["contact", "--withdraw", "I do call them"]);
    assert_eq!(state(&open, "contact"), "pending");
    let history = sandbox.data(&["retire", "report", "R1", "-", "--full"])["report"]["history"].clone();
    let corrected: Vec<bool> = history.as_array().unwrap().iter().map(|one| one["corrected"].is_string()).collect();
    assert_eq!(corrected, [false, true, false, false, true, false], "{history}");
    let told = report(&sandbox);
    assert!(told.contains("Reason: the neighbour's line") && told.contains("(Taken back "), "{told}");
    for (arguments, id) in [
        (&["request", "--withdraw", "x"][..], "nothing_to_correct"),
        (&["contact", "--correct", "x"], "nothing_to_correct"),
        (&["account", "--withdraw", " "], "reason_missing"),
        (&["account", "--correct", ""], "reason_missing"),
    ] {
        assert_eq!(sandbox.error(&[&["retire", "record", "R1"], arguments].concat()).1["id"], id, "{arguments:?}");
    }
    assert_eq!(sandbox.run(&["retire", "record", "R1", "account", "--withdraw", "x", "--paid"]).code, 2);
}

#[test]
fn a_notification_that_was_given_up_is_not_called_accepted() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.data(&["retire", "start", TRAVEL]);
    record(&sandbox, &["confirmation", "--reference", "AB-1"]);
    skipped(&sandbox, &["backup"]);
    skipped(&sandbox, &ASIDE);
    sandbox.data(&["retire", "clean", "R1", "--yes", "--despite", "no server runs here"]);
    let waiting = sandbox.run(&["retire", "R1"]).out;
    assert!(waiting.contains("has not accepted the deletion on virtual:card yet"), "{waiting}");
    let letter = case(&sandbox)["devices"][0]["letters"][0].to_string();
    sandbox.data(&["outbox", "drop", &letter, "--yes"]);
    let now = case(&sandbox);
    assert_eq!((&now["state"], &now["devices"][0]["state"]), (&"completed".into(), &"unreported".into()), "{now}");
    let shown = sandbox.run(&["retire", "R1"]).out;
    assert!(shown.contains("deleted; report given up"), "{shown}");
    assert!(!shown.contains("All is done") && !shown.contains("report accepted"), "{shown}");
}

#[test]
fn a_deadline_that_is_past_is_told() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.data(&["retire", "start", HOME]);
    let run = sandbox.run(&["retire", "record", "R1", "contract", "--notice-until", "2020-01-01"]);
    assert!(run.code == 0 && run.err.contains("2020-01-01 is past"), "{}", run.err);
    let (code, error) = sandbox.error(&["retire", "record", "R1", "contract", "--notice-until", "2099-01-01"]);
    assert_eq!((code, error["id"].as_str()), (2, Some("date_too_far")), "{error}");
    assert_eq!(case(&sandbox)["steps"][4]["facts"]["notice_until"], "2020-01-01", "nothing was changed");
}

#[test]
fn a_reset_is_known_as_what_removed_the_profile() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["retire", "start", TRAVEL]);
    sandbox.data(&["reset", "--operational", "--yes"]);
    let cards = sandbox.data(&["inventory"])["cards"].clone();
    let profiles = cards[0]["profiles"].as_array().unwrap();
    assert!(!profiles.is_empty() && profiles.iter().all(|one| one["gone"].is_string()), "{cards}");
    let cleaned = sandbox.data(&["retire", "clean", "R1", "--yes"])["case"].clone();
    assert_eq!((&cleaned["devices"][0]["state"], cleaned["devices"][0]["journal"].is_i64()), (&"gone".into(), true));
    assert!(report(&sandbox).contains("was not on 89…235 any more: change "), "{cleaned}");
}

/// What a removal is told by, in one case after the other.
struct Removals {
    /// Shown before anything is done, with its server running.
    planned: String,
    /// The same, its server out of reach.
    planned_offline: String,
    /// The same for a profile that asks for no notification.
    planned_quietly: String,
    /// Done.
    done: String,
    /// The profile was not there.
    gone: String,
    /// The card was not there.
    absent: String,
    /// Something spoke against it.
    refused: String,
    /// The command to delete was lost on its way to the card.
    lost: String,
}

fn all(run: &common::Run) -> String {
    format!("{}{}", run.out, run.err)
}

/// A case about the profile on a card of its own.
fn opened(arguments: &[&str]) -> Sandbox {
    let sandbox = Sandbox::with_card(arguments);
    sandbox.data(&["retire", "start", TRAVEL]);
    sandbox
}

fn removals() -> Removals {
    let clean = |sandbox: &Sandbox, with: &[&str]| all(&sandbox.run(&[&["retire", "clean", "R1"], with].concat()));
    let despite = ["--yes", "--despite", "a test"];
    let sandbox = opened(&[]);
    let planned_offline = clean(&sandbox, &["--dry-run"]);
    let server = Server::start(&sandbox, &["smdp"]);
    let planned = clean(&sandbox, &["--dry-run"]);
    let refused = clean(&sandbox, &["--yes"]);
    away(&sandbox, "card", true);
    let absent = clean(&sandbox, &despite);
    away(&sandbox, "card", false);
    let done = clean(&sandbox, &despite);
    drop(server);
    let sandbox = opened(&[]);
    edit(&sandbox, "card", |state| state["euiccs"][0]["profiles"] = serde_json::json!([]));
    let gone = clean(&sandbox, &despite);
    let sandbox = Sandbox::with_card(&[]);
    edit(&sandbox, "card", |state| {
        let profiles = state["euiccs"][0]["profiles"].as_array_mut().unwrap();
        profiles.iter_mut().for_each(|profile| profile["notify"] = serde_json::json!([]));
    });
    sandbox.data(&["retire", "start", TRAVEL]);
    let planned_quietly = clean(&sandbox, &["--dry-run"]);
    let sandbox = opened(&["--quirk", "request-lost=delete"]);
    let lost = clean(&sandbox, &despite);
    Removals { planned, planned_offline, planned_quietly, done, gone, absent, refused, lost }
}

#[test]
fn plan_and_removal_claim_what_was_seen_and_nothing_else() {
    let Removals { planned, planned_offline, planned_quietly, done, gone, absent, refused, lost } = &removals();
    type Told<'t> = &'t [&'t String];
    let table: [(&str, Told<'_>, Told<'_>); 6] = [
        ("retire-plan", &[planned, planned_offline, planned_quietly], &[done, gone, absent, refused, lost]),
        ("retire-plan-server", &[planned], &[planned_offline, planned_quietly, gone]),
        ("retire-plan-no-server", &[planned_quietly], &[planned, planned_offline, gone]),
        ("retire-dry-run", &[planned, planned_offline], &[done, gone, absent, refused, lost]),
        ("retire-cleaned", &[done], &[planned, planned_offline, planned_quietly, gone, absent, refused, lost]),
        ("retire-found-gone", &[gone], &[planned, planned_offline, done, absent, refused, lost]),
    ];
    for (key, said, unsaid) in table {
        let place = if key == "retire-plan" { ("device", "virtual:card") } else { ("server", "smdp.example.com") };
        let device = ("device", "virtual:card");
        let particulars = [place, device].map(|(name, value)| (name, manager::words::Value::from(value)));
        let text = manager::words::text(key, &particulars);
        said.iter().for_each(|told| assert!(told.contains(&text), "{key} is not said: {told}"));
        unsaid.iter().for_each(|told| assert!(!told.contains(&text), "{key} is said without proof: {told}"));
    }
}
