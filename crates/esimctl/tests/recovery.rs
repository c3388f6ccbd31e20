//! What is left when a change ends in the middle, and that no notification is lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{HOME, PATIENCE, Sandbox, TRAVEL, wait};
use terminal::Terminal;

/// Rewrites a virtual card's memory, as no command does.
fn tamper(sandbox: &Sandbox, change: impl FnOnce(&mut serde_json::Value)) {
    let file = sandbox.card_file("card");
    let mut state = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    change(&mut state);
    std::fs::write(file, state.to_string()).unwrap();
}

fn start_quietly(command: &mut Command) -> std::process::Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// True once a change is on record.
fn has_begun(sandbox: &Sandbox) -> bool {
    let paths = manager::Paths::new(Some(sandbox.state())).unwrap();
    manager::Database::peek(&paths).is_some_and(|database| database.journal(9).is_ok_and(|entries| !entries.is_empty()))
}

/// The card's numbers of what is in the outbox.
fn kept(sandbox: &Sandbox) -> Vec<u64> {
    let letters = sandbox.data(&["outbox", "list", "--all"]);
    letters.as_array().unwrap().iter().map(|letter| letter["seq"].as_u64().unwrap()).collect()
}

/// The numbers of what waits on the card.
fn waiting(sandbox: &Sandbox) -> Vec<u64> {
    let waiting = sandbox.memory("card")["notifications"].clone();
    waiting.as_array().unwrap().iter().map(|one| one["seq"].as_u64().unwrap()).collect()
}

#[test]
fn what_servers_wait_for_is_given_up_only_by_its_number() {
    let sandbox = Sandbox::with_card(&[]);
    assert_eq!(sandbox.run(&["enable", TRAVEL]).code, 0);
    for arguments in [["notifications", "drop", "1"], ["outbox", "drop", "1"]] {
        let (code, error) = sandbox.error(&arguments);
        assert_eq!((code, error["id"].as_str()), (4, Some("confirmation_needed")), "{arguments:?}");
        assert_eq!(sandbox.data(&[&arguments[..], &["--dry-run"]].concat())["changed"], false);
        for (answer, code) in [("", 4), ("y", 4), ("2", 4)] {
            let mut terminal = Terminal::start(sandbox.command().args(arguments));
            terminal.expect("refuse to give it again");
            terminal.expect("Type its number to give up");
            terminal.type_line(answer);
            assert_eq!(terminal.wait().code(), Some(code), "{answer:?}: {}", terminal.screen());
        }
    }
    assert_eq!((waiting(&sandbox), sandbox.data(&["outbox", "list"]).as_array().unwrap().len()), (vec![1, 2], 2));
    let mut terminal = Terminal::start(sandbox.command().args(["notifications", "drop", "1"]));
    terminal.expect("Type its number to give up");
    terminal.type_line("1");
    assert_eq!(terminal.wait().code(), Some(0), "{}", terminal.screen());
    assert_eq!((waiting(&sandbox), kept(&sandbox)), (vec![2], vec![1, 2]));
    assert_eq!(sandbox.data(&["outbox", "list", "--all"])[0]["state"], "dropped");
}

#[test]
fn notifications_go_into_a_file_once_and_come_out_of_it() {
    let (sandbox, other) = (Sandbox::with_card(&[]), Sandbox::new());
    assert_eq!(sandbox.run(&["enable", TRAVEL]).code, 0);
    let file = sandbox.path().join("notifications.json");
    let path = file.to_str().unwrap();
    assert_eq!(sandbox.data(&["notifications", "export", path])["count"], 2);
    assert_eq!(waiting(&sandbox), [1, 2], "the card is left alone");
    let text = std::fs::read_to_string(&file).unwrap();
    let (code, error) = sandbox.error(&["notifications", "export", path]);
    assert_eq!((code, error["id"].as_str()), (1, Some("output_exists")), "no file is written over");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    let imported = other.data(&["notifications", "import", path]);
    assert_eq!((imported["new"].as_u64(), imported["known"].as_u64()), (Some(2), Some(0)));
    assert_eq!(other.data(&["outbox", "list"])[1]["event"], "enable");
    for bad in ["", "{", "[]", &text[..text.len() / 2], &text.replace("esimctl-notifications/1", "x")] {
        std::fs::write(&file, bad).unwrap();
        let (code, error) = other.error(&["notifications", "import", path]);
        assert_eq!((code, error["id"].as_str()), (2, Some("import_file")), "{bad:?}");
    }
}

#[test]
fn what_ended_open_is_told_until_it_is_settled() {
    let sandbox = Sandbox::with_card(&["--quirk", "removed-after=8"]);
    let told = "1 change was begun and never finished: run esimctl recover";
    let unknown = sandbox.run(&["enable", TRAVEL]);
    assert_eq!(unknown.code, 6);
    assert!(unknown.err.contains("esimctl recover") && !unknown.err.contains(told), "{}", unknown.err);
    let list = sandbox.run(&["list", "--json"]);
    assert!(list.err.contains(told) && list.json()["data"].is_array(), "{}", list.err);
    tamper(&sandbox, |state| state["quirks"] = serde_json::json!([]));
    let recovered = sandbox.data(&["recover"]);
    assert_eq!(recovered["entries"][0]["finding"], "done", "{recovered}");
    assert!(!sandbox.run(&["list"]).err.contains("never finished"));
    assert_eq!((kept(&sandbox), waiting(&sandbox)), (vec![1, 2], vec![1, 2]), "what it left is in the outbox");
}

#[test]
fn what_cannot_be_found_out_ends_as_unknown_and_is_told_in_a_whole_document() {
    let sandbox = Sandbox::with_card(&["--quirk", "removed-after=8"]);
    assert_eq!(sandbox.run(&["enable", TRAVEL]).code, 6);
    let file = sandbox.card_file("card");
    let away = sandbox.path().join("away");
    std::fs::rename(&file, &away).unwrap();
    for _ in 0..2 {
        let recovered = sandbox.run(&["recover", "--json"]);
        assert_eq!(recovered.code, 6, "{}", recovered.out);
        assert_eq!(recovered.json()["data"]["entries"][0]["finding"], "unknown", "{}", recovered.out);
    }
    std::fs::rename(&away, &file).unwrap();
    tamper(&sandbox, |state| state["quirks"] = serde_json::json!([]));
    assert_eq!(sandbox.run(&["recover"]).code, 0, "it is found out");
}

#[test]
fn what_can_never_be_told_ends_as_unknown_once() {
    let sandbox = Sandbox::with_card(&["--quirk", "latency=1000"]);
    let mut child = start_quietly(sandbox.command().args(["apdu", "80CA0000", "80CA0000", "80CA0000", "80CA0000"]));
    let begun = Instant::now();
    while !has_begun(&sandbox) && begun.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    wait(&mut child);
    tamper(&sandbox, |state| state["quirks"] = serde_json::json!([]));
    let recovered = sandbox.run(&["recover", "--json"]);
    let entries = recovered.json()["data"]["entries"].clone();
    assert_eq!((recovered.code, &entries[0]["finding"]), (6, &"nobody_knows".into()), "{}", recovered.out);
    let again = sandbox.run(&["recover"]);
    assert_eq!((again.code, &*again.out), (0, "No change is open.\n"), "{}", again.err);
}

#[test]
fn what_the_user_gives_up_is_closed_and_leaves_nothing_to_come_back_for() {
    let sandbox = Sandbox::with_card(&["--quirk", "removed-after=8"]);
    assert_eq!(sandbox.run(&["enable", TRAVEL]).code, 6);
    std::fs::remove_file(sandbox.card_file("card")).unwrap();
    let closed = sandbox.run(&["recover", "--close", "--json"]);
    assert_eq!((closed.code, &closed.json()["data"]["entries"][0]["finding"]), (0, &"nobody_knows".into()));
}

#[test]
fn killed_in_the_middle_no_notification_is_lost() {
    let sandbox = Sandbox::with_card(&["--quirk", "latency=20"]);
    for milliseconds in (100..700).step_by(60) {
        let enabled = sandbox.profiles("card")[0].1;
        let goal = if enabled { TRAVEL } else { HOME };
        let mut child = start_quietly(sandbox.command().args(["enable", goal]));
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        wait(&mut child);
        let recovered = sandbox.data(&["recover"]);
        for entry in recovered["entries"].as_array().unwrap() {
            let done = sandbox.profiles("card")[0].1 != enabled;
            assert_eq!(entry["finding"], if done { "done" } else { "not_done" }, "{entry}");
        }
        assert_eq!(kept(&sandbox), waiting(&sandbox), "after {milliseconds} ms");
    }
}

#[test]
fn what_is_under_way_is_not_taken_for_abandoned() {
    let sandbox = Sandbox::with_card(&["--quirk", "latency=300"]);
    let mut child = start_quietly(sandbox.command().args(["enable", TRAVEL]));
    let end = Instant::now() + PATIENCE;
    while !has_begun(&sandbox) {
        assert!(Instant::now() < end, "the change is never recorded");
        std::thread::sleep(Duration::from_millis(20));
    }
    let other = sandbox.run(&["virtual", "list"]);
    assert!(!other.err.contains("never finished"), "{}", other.err);
    assert_eq!(sandbox.data(&["recover"])["entries"], serde_json::json!([]));
    assert!(wait(&mut child).success());
}

/// A card whose list has rows without ICCID says neither what is there nor what is not.
#[test]
fn a_list_that_cannot_be_read_is_no_verdict() {
    let sandbox = Sandbox::with_card(&["--quirk", "no-iccid=1"]);
    let (code, error) = sandbox.error(&["delete", TRAVEL, "--yes"]);
    assert_eq!((code, error["state"].as_str()), (6, Some("unknown")), "{error}");
    let (code, error) = sandbox.error(&["list"]);
    assert_eq!((code, error["id"].as_str()), (1, Some("card_garbage")), "no row without a name: {error}");
    assert_eq!(sandbox.error(&["enable", TRAVEL]).1["id"], "card_garbage", "it is not told to be missing");
    let recovered = sandbox.run(&["recover", "--json"]);
    let finding = &recovered.json()["data"]["entries"][0]["finding"];
    assert_eq!((recovered.code, finding), (6, &"unknown".into()), "{}", recovered.out);
    tamper(&sandbox, |state| state["quirks"] = serde_json::json!([]));
    assert_eq!(sandbox.data(&["recover"])["entries"][0]["finding"], "done");
    let sandbox = Sandbox::with_card(&["--quirk", "wrapped-list"]);
    assert_eq!(sandbox.data(&["list"]).as_array().map(Vec::len), Some(2));
}
