//! Slots of modems: what a command switches is put back, or said to stay, whatever becomes of the command.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/modem.rs"]
mod modem;
#[path = "common/server.rs"]
mod server;

use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{EID, Run, Running, Sandbox, TRAVEL, wait};
use modem::Modem;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

const OTHER: &str = "89049032000000000000000000000066";

struct Bench {
    sandbox: Sandbox,
    modem: Modem,
    second: String,
}

impl Bench {
    /// A modem with a card in each of two slots, of which it uses the first.
    fn new(language: &str, quirks: &[&str]) -> Self {
        let sandbox = Sandbox::with_card(&[]);
        sandbox.create("other", &["--eid", OTHER]);
        Self::with_cards(sandbox, language, &["card", "other"], quirks)
    }

    fn with_cards(sandbox: Sandbox, language: &str, cards: &[&str], quirks: &[&str]) -> Self {
        let modem = Modem::start(&sandbox, language, cards, quirks);
        let second = format!("{},slot=2", modem.device);
        Self { sandbox, modem, second }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.sandbox.run(&[arguments, &["--json"]].concat())
    }

    /// The card in the slot that the modem uses.
    fn eid(&self) -> Value {
        self.sandbox.data(&["info", "-d", &self.modem.device])["eid"].clone()
    }

    fn report(&self, outcome: &str) -> Value {
        let device = self.modem.device.split(',').next().unwrap();
        json!([{ "device": device, "from": 1, "to": 2, "outcome": outcome }])
    }
}

#[test]
fn reading_commands_go_back() {
    for language in ["qmi", "mbim"] {
        let bench = Bench::new(language, &[]);
        for command in [&["info"][..], &["list"], &["notifications", "list"], &["server", "show"]] {
            let run = bench.run(&[command, &["-d", &bench.second]].concat());
            assert_eq!(run.code, 0, "{language}: {}", run.out);
            assert_eq!(run.json()["slot_switches"], bench.report("restored"), "{command:?}");
            assert!(run.err.contains("slot 1 is in use again."), "{}", run.err);
            let run = bench.run(&["info", "-d", &bench.modem.device]);
            assert_eq!((&run.json()["data"]["eid"], run.json().get("slot_switches")), (&EID.into(), None));
        }
        let info = bench.sandbox.data(&["info", "-d", &bench.second]);
        assert_eq!(info["eid"], OTHER);
    }
}

#[test]
fn they_go_back_after_an_error() {
    for language in ["qmi", "mbim"] {
        let sandbox = Sandbox::with_card(&[]);
        sandbox.create("plain", &["--quirk", "isdr-aid=A00000000000000001"]);
        let bench = Bench::with_cards(sandbox, language, &["card", "plain"], &[]);
        let run = bench.run(&["list", "-d", &bench.second]);
        let document = run.json();
        assert_eq!((run.code, &document["error"]["id"]), (3, &"not_an_euicc".into()), "{language}: {document}");
        assert_eq!(document["slot_switches"], bench.report("restored"));
        assert_eq!(bench.eid(), EID);
        // The profile is on no card.
        let run = bench.run(&["enable", "nothing", "-d", &bench.second]);
        assert_eq!(run.json()["slot_switches"], bench.report("restored"), "nothing was changed: {}", run.out);
    }
}

#[test]
fn changes_stay_where_they_were_made() {
    for language in ["qmi", "mbim"] {
        let bench = Bench::new(language, &[]);
        let run = bench.run(&["enable", "Europe 30 days", "-d", &bench.second]);
        assert_eq!(run.code, 0, "{language}: {}{}", run.out, run.err);
        assert_eq!(run.json()["slot_switches"], bench.report("kept"));
        assert!(run.err.contains("uses slot 2 from now on"), "{}", run.err);
        assert_eq!(bench.eid(), OTHER);
        // And what reads the first slot leaves it at the second.
        let first = format!("{},slot=1", bench.modem.device);
        let run = bench.run(&["info", "-d", &first]);
        assert_eq!(run.json()["data"]["eid"], EID);
        assert_eq!((&run.json()["slot_switches"][0]["from"], bench.eid()), (&2.into(), OTHER.into()));
    }
}

/// Starts a command on the second slot, and waits until the modem has been switched.
fn switched(bench: &Bench, arguments: &[&str]) -> Running {
    let mut command = bench.sandbox.command();
    command.args(arguments).args(["-d", &bench.second]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = Running(command.spawn().unwrap());
    let noted = || {
        let paths = manager::Paths::new(Some(bench.sandbox.state())).unwrap();
        let facts = manager::Database::peek(&paths).map(|database| database.all_facts().unwrap()).unwrap_or_default();
        facts.iter().any(|(_, name, _)| name == "switched_slot")
    };
    let deadline = Instant::now() + Duration::from_secs(30);
    while !noted() {
        assert!(Instant::now() < deadline, "it does not switch");
        std::thread::sleep(Duration::from_millis(5));
    }
    // The note comes before the switch.
    std::thread::sleep(Duration::from_millis(200));
    child
}

#[test]
fn they_go_back_when_they_are_to_stop() {
    for (language, signal) in [("qmi", Signal::INT), ("mbim", Signal::TERM)] {
        let bench = Bench::new(language, &["latency=800"]);
        let mut child = switched(&bench, &["list", "--json"]);
        kill_process(Pid::from_child(&child.0), signal).unwrap();
        let code = wait(&mut child.0).code();
        let document: Value = serde_json::from_reader(child.0.stdout.take().unwrap()).unwrap();
        assert_eq!((code, &document["error"]["id"]), (Some(1), &"interrupted".into()), "{language}: {document}");
        assert_eq!(document["slot_switches"], bench.report("restored"));
        assert_eq!(bench.eid(), EID);
    }
}

#[test]
fn the_next_command_goes_back_after_a_kill() {
    for language in ["qmi", "mbim"] {
        let bench = Bench::new(language, &["latency=800"]);
        let mut child = switched(&bench, &["list"]);
        kill_process(Pid::from_child(&child.0), Signal::KILL).unwrap();
        wait(&mut child.0);
        // Nothing probes the modem of this sandbox: the doctor says what is known.
        let checks = bench.sandbox.data(&["doctor"])["checks"].clone();
        let note = checks.as_array().unwrap().iter().find(|check| check["name"] == "modem_slot_switched");
        let message = note.unwrap_or_else(|| panic!("{checks}"))["message"].as_str().unwrap();
        assert!(message.contains("from slot 1 to slot 2"), "{message}");
        // This command finds slot 2 in use, and leaves slot 1 in use.
        let run = bench.run(&["info", "-d", &bench.modem.device]);
        assert_eq!(run.json()["data"]["eid"], OTHER, "{language}");
        assert_eq!(run.json()["slot_switches"], bench.report("restored"));
        assert_eq!(bench.eid(), EID);
        let checks = bench.sandbox.data(&["doctor"])["checks"].to_string();
        assert!(!checks.contains("modem_slot_switched"), "{checks}");
    }
}

/// What a killed command left is about the modem that it switched.
#[test]
fn another_modem_at_the_port_is_left_in_its_slot() {
    for language in ["qmi", "mbim"] {
        let bench = Bench::new(language, &["latency=800", "identity=Maker/Model A/1"]);
        let mut child = switched(&bench, &["list"]);
        kill_process(Pid::from_child(&child.0), Signal::KILL).unwrap();
        wait(&mut child.0);
        let Bench { sandbox, modem, second } = bench;
        let device = modem.device.clone();
        drop(modem);
        let cards = ["card", "other"];
        let put = |identity| Modem::start(&sandbox, language, &cards, &["starts-in-slot=2", identity]);
        for other in ["identity=Maker/Model B/1", "identity=Maker/Model A/2"] {
            let modem = put(other);
            assert_eq!(modem.device, device);
            for _ in 0..2 {
                let run = sandbox.run(&["info", "-d", &device, "--json"]);
                assert_eq!(run.json()["data"]["eid"], OTHER, "{language}: its own slot: {}", run.out);
                assert_eq!(run.json().get("slot_switches"), None);
            }
            // A switch of its own goes back to where it was, not to where the other one was.
            let first = second.replace("slot=2", "slot=1");
            let run = sandbox.run(&["info", "-d", &first, "--json"]);
            let report = &run.json()["slot_switches"][0];
            assert_eq!((&report["from"], &report["outcome"]), (&2.into(), &"restored".into()), "{report}");
        }
        let _again = put("identity=Maker/Model A/1");
        let run = sandbox.run(&["info", "-d", &device, "--json"]);
        assert_eq!(run.json()["slot_switches"][0]["outcome"], "restored", "{language}: {}", run.out);
        assert_eq!(sandbox.data(&["info", "-d", &device])["eid"], EID);
    }
}

#[test]
fn a_modem_that_is_gone_cannot_go_back() {
    for language in ["qmi", "mbim"] {
        let bench = Bench::new(language, &["unplugged=2"]);
        let run = bench.run(&["list", "-d", &bench.second]);
        let report = &run.json()["slot_switches"][0];
        assert_eq!((run.code, &report["outcome"]), (3, &"not_restored".into()), "{language}: {}", run.out);
        assert!(run.err.contains("could not be switched back to slot 1"), "{}", run.err);
    }
}

/// Another slot is named where the one in use has no eUICC.
#[test]
fn an_ordinary_card_names_the_slot_with_the_euicc() {
    for (language, words) in [("qmi", "Slot 2 has an eUICC"), ("mbim", "The card in slot 2 may be an eUICC")] {
        let sandbox = Sandbox::with_card(&[]);
        sandbox.create("plain", &["--quirk", "isdr-aid=A00000000000000001"]);
        let bench = Bench::with_cards(sandbox, language, &["plain", "card"], &[]);
        let (code, error) = bench.sandbox.error(&["list", "-d", &bench.modem.device]);
        assert_eq!((code, &error["id"], &error["slots"]), (3, &"not_an_euicc".into(), &json!([2])), "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(words) && message.ends_with(",slot=2"), "{message}");
    }
}

/// A modem's refusal is told as the modem's, with what was known of its port and of its kind.
#[test]
fn a_modem_that_refuses_is_told_with_what_is_known_of_it() {
    let sandbox = Sandbox::with_card(&[]);
    let modem = Modem::start(&sandbox, "mbim", &["card"], &[]);
    let device = modem.device.clone();
    assert_eq!(sandbox.data(&["list", "-d", &device]).as_array().unwrap().len(), 2);
    drop(modem);
    sandbox.run(&["doctor", "--forget", "-d", &device]);
    let _modem = Modem::start(&sandbox, "mbim", &["card"], &["select-fails", "identity=Intel/XMM7560/1"]);
    let (code, error) = sandbox.error(&["list", "-d", &device]);
    assert_eq!((code, &error["id"], &error["layer"]), (3, &"modem_select_failed".into(), &"reader".into()));
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("The modem refused to select the eUICC (MBIM status SelectFailed)."), "{message}");
    assert!(message.contains(&format!("this port led to the eUICC {EID}.")), "{message}");
    let next = error["next"].as_str().unwrap();
    assert!(next.contains("rebind its driver"), "{next}");
    assert_eq!(error["hints"][0]["device"], "Intel XMM7560", "{error}");
    assert!(!message.contains("not an eUICC") && !next.contains("pcsc"), "{message} {next}");
}

/// After a switch such a modem selects nothing until it starts anew: nobody can say what became of the switch.
#[test]
fn a_modem_that_refuses_after_a_switch_leaves_it_unknown() {
    let sandbox = Sandbox::with_card(&["--quirk", "91xx"]);
    let modem = Modem::start(&sandbox, "mbim", &["card"], &["select-fails=after-switch"]);
    let (code, error) = sandbox.error(&["enable", TRAVEL, "-d", &modem.device]);
    assert_eq!((code, &error["id"], &error["state"]), (6, &"modem_select_failed".into(), &"unknown".into()), "{error}");
    assert!(error["next"].as_str().unwrap().contains("rebind its driver"), "{error}");
    drop(modem);
    let _modem = Modem::start(&sandbox, "mbim", &["card"], &[]);
    let recovered = sandbox.data(&["recover"]);
    assert_eq!(recovered["entries"][0]["finding"], "done", "{recovered}");
}
