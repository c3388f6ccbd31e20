//! What keeps a profile from being deleted by accident, and a card from being used by two at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{HOME, PATIENCE, Sandbox, TRAVEL, wait};
use rustix::process::Signal;
use terminal::Terminal;

fn delete_at_a_terminal(sandbox: &Sandbox) -> Terminal {
    let terminal = Terminal::start(sandbox.command().args(["delete", TRAVEL]));
    terminal.expect("Type the last four digits of the ICCID");
    terminal
}

#[test]
fn a_person_types_the_last_four_digits() {
    let sandbox = Sandbox::with_card(&[]);
    let mut terminal = delete_at_a_terminal(&sandbox);
    terminal.expect("Deleting a profile does not end the contract");
    terminal.type_line("0029");
    assert_eq!(terminal.wait().code(), Some(0), "{}", terminal.screen());
    terminal.expect("was deleted");
    assert_eq!(sandbox.profiles("card").len(), 1);
}

#[test]
fn a_wrong_answer_deletes_nothing() {
    for answer in ["", "y", "yes", "0011", "29"] {
        let sandbox = Sandbox::with_card(&[]);
        let mut terminal = delete_at_a_terminal(&sandbox);
        terminal.type_line(answer);
        assert_eq!(terminal.wait().code(), Some(4), "{answer:?}: {}", terminal.screen());
        assert_eq!(sandbox.profiles("card").len(), 2, "{answer:?}");
    }
}

#[test]
fn ctrl_c_at_the_question_deletes_nothing_and_frees_the_card() {
    let sandbox = Sandbox::with_card(&[]);
    let mut terminal = delete_at_a_terminal(&sandbox);
    terminal.signal(Signal::INT);
    assert_eq!(terminal.wait().code(), Some(1), "{}", terminal.screen());
    terminal.expect("Nothing was changed.");
    assert_eq!(sandbox.profiles("card").len(), 2);
    assert_eq!(sandbox.run(&["list"]).code, 0);
}

/// Rewrites a virtual card's memory, as no command does.
fn tamper(sandbox: &Sandbox, change: impl FnOnce(&mut serde_json::Value)) {
    let file = sandbox.card_file("card");
    let mut state = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    change(&mut state);
    std::fs::write(file, state.to_string()).unwrap();
}

#[test]
fn an_iccid_without_digits_is_not_confirmed_by_an_empty_answer() {
    let sandbox = Sandbox::with_card(&[]);
    tamper(&sandbox, |state| state["euiccs"][0]["profiles"][1]["iccid"] = "FFFFFFFFFFFFFFFFFFFF".into());
    for (answer, code) in [("", 4), ("0029", 4), ("1100", 0)] {
        let mut terminal = Terminal::start(sandbox.command().args(["delete", "Europe 30 days"]));
        terminal.expect("Type the last four characters of the ISD-P AID");
        terminal.type_line(answer);
        assert_eq!(terminal.wait().code(), Some(code), "{answer:?}: {}", terminal.screen());
    }
    assert_eq!(sandbox.profiles("card").len(), 1);
}

#[test]
fn while_a_person_thinks_the_card_is_free_and_what_changes_is_noticed() {
    let sandbox = Sandbox::with_card(&[]);
    let mut terminal = delete_at_a_terminal(&sandbox);
    assert_eq!(sandbox.run(&["rename", TRAVEL, "Needed after all"]).code, 0);
    terminal.type_line("0029");
    assert_eq!(terminal.wait().code(), Some(4), "{}", terminal.screen());
    terminal.expect("not as it was when this was planned");
    assert_eq!(sandbox.profiles("card").len(), 2);
}

#[test]
fn profiles_of_no_known_class_are_not_forgotten_in_a_reset() {
    let sandbox = Sandbox::with_card(&["--quirk", "no-class"]);
    let plan = sandbox.data(&["reset", "--operational", "--dry-run"]);
    assert_eq!(plan["plan"]["in_danger"].as_array().unwrap().len(), 2);
    let done = sandbox.data(&["reset", "--operational", "--yes"]);
    assert_eq!(done["deleted"].as_array().unwrap().len(), 2);
    assert!(sandbox.profiles("card").is_empty());
}

#[test]
fn a_reset_of_the_server_goes_back_to_what_the_card_was_made_with() {
    let sandbox = Sandbox::with_card(&[]);
    tamper(&sandbox, |state| state["euiccs"][0]["factory_smdp"] = "factory.example.com".into());
    let done = sandbox.data(&["reset", "--server", "--yes"]);
    assert_eq!((done["changed"].as_bool(), done["default_smdp"].as_str()), (Some(true), Some("factory.example.com")));
    let again = sandbox.data(&["reset", "--server", "--yes"]);
    assert_eq!(again["changed"], false, "there is nothing left to do, and that is no failure");
}

#[test]
fn what_was_half_done_is_told() {
    let sandbox = Sandbox::with_card(&["--quirk", "half-done"]);
    let (code, error) = sandbox.error(&["enable", TRAVEL]);
    assert_eq!((code, error["state"].as_str()), (1, Some("not_done")));
    assert!(error["message"].as_str().unwrap().contains("is disabled now, so that no profile is enabled"), "{error}");
    let (code, error) = sandbox.error(&["reset", "--operational", "--yes"]);
    assert_eq!((code, error["state"].as_str()), (1, Some("not_done")));
    assert!(error["message"].as_str().unwrap().contains("is gone"), "{error}");
}

#[test]
fn a_reset_asks_for_more() {
    let sandbox = Sandbox::with_card(&[]);
    let question = "Type the last six digits of the EID";
    let mut terminal = Terminal::start(sandbox.command().args(["reset", "--operational"]));
    terminal.expect(question);
    terminal.type_line("1235");
    assert_eq!(terminal.wait().code(), Some(4), "{}", terminal.screen());
    assert_eq!(sandbox.profiles("card").len(), 2);
    let mut terminal = Terminal::start(sandbox.command().args(["reset", "--operational"]));
    terminal.expect(question);
    terminal.type_line("901235");
    assert_eq!(terminal.wait().code(), Some(0), "{}", terminal.screen());
    assert!(sandbox.profiles("card").is_empty());
}

#[test]
fn without_a_terminal_nothing_is_deleted_unless_it_is_said() {
    let sandbox = Sandbox::with_card(&[]);
    for arguments in [vec!["delete", TRAVEL], vec!["reset", "--operational"]] {
        let (code, error) = sandbox.error(&arguments);
        assert_eq!((code, error["id"].as_str()), (4, Some("confirmation_needed")), "{arguments:?}");
        assert_eq!(error["state"], "unchanged");
    }
    assert_eq!(sandbox.profiles("card").len(), 2);
}

#[test]
fn a_dry_run_changes_nothing() {
    let sandbox = Sandbox::with_card(&[]);
    let before = std::fs::read(sandbox.card_file("card")).unwrap();
    for arguments in [
        vec!["delete", TRAVEL, "--dry-run"],
        vec!["delete", HOME, "--disable-first", "--dry-run"],
        vec!["reset", "--all", "--dry-run"],
    ] {
        assert_eq!(sandbox.data(&arguments)["dry_run"], true);
    }
    assert_eq!(std::fs::read(sandbox.card_file("card")).unwrap(), before);
}

#[test]
fn only_a_sure_name_deletes() {
    let sandbox = Sandbox::with_card(&[]);
    for likely in ["0029", "89999345678901200", "@2", "europe 30 DAYS"] {
        let (code, error) = sandbox.error(&["delete", likely, "--yes"]);
        let ambiguous = likely.starts_with("8999");
        assert_eq!(code, if ambiguous { 2 } else { 4 }, "{likely}");
        assert_eq!(error["state"], "unchanged");
    }
    assert_eq!(sandbox.profiles("card").len(), 2);
    for sure in ["Europe 30 days", "A0000005591010FFFFFFFF8900001100", TRAVEL] {
        let sandbox = Sandbox::with_card(&[]);
        assert_eq!(sandbox.run(&["delete", sure, "--yes"]).code, 0, "{sure}");
        assert_eq!(sandbox.profiles("card"), [(HOME.to_owned(), true)]);
    }
}

#[test]
fn every_change_is_recorded_before_it_is_made() {
    let sandbox = Sandbox::with_card(&["--quirk", "removed-after=8"]);
    sandbox.create("good", &[]);
    assert_eq!(sandbox.run(&["delete", "Europe 30 days", "--yes", "-d", "virtual:card"]).code, 6);
    assert_eq!(sandbox.run(&["disable", HOME, "-d", "virtual:good"]).code, 0);
    let journal = journal(&sandbox);
    assert_eq!(journal, ["disable done", "delete unknown"]);
}

fn journal(sandbox: &Sandbox) -> Vec<String> {
    let paths = manager::Paths::new(Some(sandbox.state())).unwrap();
    let entries = manager::Database::open(&paths).unwrap().journal(99).unwrap();
    entries.iter().map(|entry| format!("{} {}", entry.command, entry.outcome.as_deref().unwrap_or("open"))).collect()
}

#[test]
fn without_the_record_nothing_is_done() {
    let sandbox = Sandbox::with_card(&[]);
    std::fs::write(sandbox.state().join("esimctl.db"), "no database").unwrap();
    let before = std::fs::read(sandbox.card_file("card")).unwrap();
    for arguments in [
        vec!["delete", TRAVEL, "--yes"],
        vec!["enable", TRAVEL],
        vec!["disable", HOME],
        vec!["rename", HOME, "x"],
        vec!["server", "set", "smdp.example.com"],
        vec!["reset", "--operational", "--yes"],
        vec!["apdu", "80CA0000"],
        vec!["apdu", "--isdr", "BF3E035C015A"],
    ] {
        let (code, error) = sandbox.error(&arguments);
        assert_eq!((code, error["id"].as_str()), (1, Some("state_damaged")), "{arguments:?}");
    }
    assert_eq!(std::fs::read(sandbox.card_file("card")).unwrap(), before);
    assert_eq!(sandbox.run(&["list"]).code, 0, "reading works without it");
}

fn slow_list(sandbox: &Sandbox) -> std::process::Child {
    sandbox.command().args(["list"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Waits until the card is in use.
fn wait_until_locked(sandbox: &Sandbox) {
    let end = Instant::now() + PATIENCE;
    while sandbox.data(&["devices"])["devices"][0]["usable"] == true {
        assert!(Instant::now() < end, "the card is never in use");
    }
}

fn no_waiting(sandbox: &Sandbox) {
    let directory = sandbox.path().join(".config/esimctl");
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("config.toml"), "lock_wait = 0\ndevice = 'virtual:card'\n").unwrap();
}

#[test]
fn a_second_one_is_told_who_holds_the_card() {
    let sandbox = Sandbox::with_card(&["--quirk", "latency=700"]);
    no_waiting(&sandbox);
    let mut first = slow_list(&sandbox);
    wait_until_locked(&sandbox);
    let (code, error) = sandbox.error(&["list"]);
    assert_eq!((code, error["id"].as_str()), (3, Some("device_locked")));
    assert_eq!(error["holder"]["pid"], first.id());
    assert_eq!(error["holder"]["command"], "esimctl list");
    let text = sandbox.run(&["list"]);
    assert!(text.err.contains(&format!("process {}", first.id())), "{}", text.err);
    assert!(wait(&mut first).success());
}

#[test]
fn ctrl_c_ends_the_wait_for_a_card() {
    let sandbox = Sandbox::with_card(&["--quirk", "latency=700"]);
    let mut first = slow_list(&sandbox);
    wait_until_locked(&sandbox);
    let mut second = Terminal::start(sandbox.command().args(["list"]));
    std::thread::sleep(Duration::from_millis(300));
    second.signal(Signal::INT);
    assert_eq!(second.wait().code(), Some(1), "{}", second.screen());
    second.expect("Stopped.");
    assert!(wait(&mut first).success());
}

#[test]
fn a_second_one_waits_a_little() {
    let sandbox = Sandbox::with_card(&["--quirk", "latency=100"]);
    let mut first = slow_list(&sandbox);
    assert_eq!(sandbox.run(&["list"]).code, 0);
    assert!(wait(&mut first).success());
}

#[test]
fn ctrl_c_ends_cleanly_and_in_the_middle_of_a_change_only_after_its_proof() {
    let sandbox = Sandbox::with_card(&["--quirk", "latency=200"]);
    // Reading: stops before the next command.
    let mut reading = Terminal::start(sandbox.command().args(["info", "-v"]));
    reading.expect("ES10c.GetEID");
    reading.signal(Signal::INT);
    assert_eq!(reading.wait().code(), Some(1), "{}", reading.screen());
    reading.expect("Stopped.");
    // Changing: once the command is out, it is proved.
    let mut changing = Terminal::start(sandbox.command().args(["enable", TRAVEL, "-v"]));
    changing.expect("Enabled by iccid+refresh");
    changing.signal(Signal::INT);
    assert_eq!(changing.wait().code(), Some(0), "{}", changing.screen());
    changing.expect("the card confirms it");
    assert!(sandbox.profiles("card")[1].1);
}

#[test]
fn killed_in_the_middle_the_card_is_whole_and_free() {
    let sandbox = Sandbox::with_card(&["--quirk", "latency=30"]);
    for milliseconds in (0..400).step_by(40) {
        let mut child = start_quietly(sandbox.command().args(["enable", "Europe 30 days"]));
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        wait(&mut child);
        let enabled = sandbox.profiles("card").iter().filter(|(_, enabled)| *enabled).count();
        assert_eq!(enabled, 1, "one profile is enabled, the old or the new one");
        assert_eq!(sandbox.run(&["enable", "Home"]).code, 0);
    }
}

fn start_quietly(command: &mut Command) -> std::process::Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn sandboxes_stand_side_by_side() {
    let (one, two) = (Sandbox::with_card(&[]), Sandbox::with_card(&["--profiles", "5"]));
    assert_eq!(one.run(&["delete", TRAVEL, "--yes"]).code, 0);
    assert_eq!(one.profiles("card").len(), 1);
    assert_eq!(two.profiles("card").len(), 5);
}
