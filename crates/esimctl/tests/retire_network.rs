//! What NetworkManager keeps of a SIM that is being retired: played on a bus of the test's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

#[path = "../../manager/tests/common/bus.rs"]
mod bus;
mod common;
// The other half of it is for the manager's own tests.
#[allow(dead_code)]
#[path = "../../manager/tests/common/network_manager.rs"]
mod mock;
#[path = "common/server.rs"]
mod server;
#[path = "common/terminal.rs"]
mod terminal;

use bus::PrivateBus;
use common::{HOME, Sandbox, TRAVEL};
use mock::{NetworkManager, Stored};
use serde_json::Value;
use server::Server;
use terminal::Terminal;

/// The operator of the sample profiles.
const OPERATOR: &str = "99901";
/// What has nothing to do with the profile that goes.
const UNCONCERNED: [&str; 3] = ["Home WLAN", "another SIM", "any SIM"];

struct Machine {
    sandbox: Sandbox,
    service: NetworkManager,
    _server: Server,
    _bus: PrivateBus,
}

impl Machine {
    /// A case that is ready for the removal, and connections of each kind.
    fn start() -> Option<Self> {
        let bus = PrivateBus::start()?;
        let mut sandbox = Sandbox::new();
        let travel = format!("iccid={TRAVEL},name=Trip");
        sandbox.create("card", &["--profile", &format!("iccid={HOME},enabled"), "--profile", &travel]);
        sandbox.system_bus.clone_from(&bus.address);
        let gsm = |name, uuid, properties: &[(&'static str, &'static str)]| (name, uuid, Some(properties.to_vec()));
        let stored: Vec<Stored> = vec![
            ("Home WLAN", "0", None),
            gsm("operator", "1", &[("sim-operator-id", OPERATOR)]),
            gsm("this SIM", "2", &[("sim-id", TRAVEL)]),
            gsm("another SIM", "3", &[("sim-id", HOME)]),
            gsm("any SIM", "4", &[("apn", "internet")]),
        ];
        let service = NetworkManager::start(&bus.address, stored);
        let server = Server::start(&sandbox, &["smdp"]);
        ready(&sandbox);
        Some(Self { sandbox, service, _server: server, _bus: bus })
    }

    /// Which of the two that are bound to the SIM or its operator are there.
    fn bound(&self) -> Vec<&'static str> {
        let names = self.service.names();
        assert!(UNCONCERNED.iter().all(|name| names.contains(name)), "{names:?}");
        assert_eq!(self.service.secrets_asked(), 0);
        names.into_iter().filter(|name| !UNCONCERNED.contains(name)).collect()
    }

    fn history(&self) -> Vec<Value> {
        let report = self.sandbox.data(&["retire", "report", "R1", "-", "--full"])["report"]["history"].clone();
        report.as_array().unwrap().iter().filter(|one| one["kind"] == "traces").cloned().collect()
    }
}

fn ready(sandbox: &Sandbox) {
    sandbox.data(&["retire", "start", TRAVEL]);
    for step in ["backup", "contact", "account", "balance", "contract", "request"] {
        sandbox.data(&["retire", "record", "R1", step, "--skip", "a test"]);
    }
    sandbox.data(&["retire", "record", "R1", "confirmation", "--reference", "C-815"]);
}

/// Name and outcome of each connection that is told.
fn outcomes(cleaned: &Value) -> Vec<(&str, &str)> {
    let all = cleaned["connections"].as_array().unwrap_or_else(|| panic!("{cleaned}"));
    all.iter().for_each(|one| assert!(one["bound_by"].as_str().unwrap().starts_with("gsm.sim-"), "{one}"));
    all.iter().map(|one| (one["name"].as_str().unwrap(), one["outcome"].as_str().unwrap())).collect()
}

#[test]
fn without_a_word_they_are_shown_and_kept_and_can_go_later() {
    let Some(machine) = Machine::start() else { return };
    let sandbox = &machine.sandbox;
    let clean = |more: &[&str]| sandbox.data(&[&["retire", "clean", "R1"], more].concat());
    assert_eq!(
        outcomes(&clean(&["--dry-run", "--forget-connections"])),
        [("this SIM", "found"), ("operator", "found")]
    );
    assert_eq!(machine.bound(), ["operator", "this SIM"]);
    let cleaned = clean(&["--yes"]);
    assert_eq!(cleaned["devices"][0]["outcome"], "deleted");
    assert_eq!(outcomes(&cleaned), [("this SIM", "kept"), ("operator", "kept")]);
    assert_eq!(machine.bound(), ["operator", "this SIM"]);
    assert_eq!(sandbox.error(&["retire", "clean", "R1", "--yes"]).1["id"], "nothing_to_clean");
    // The profile is gone, and they still can go; with nobody to ask only what is for this SIM alone.
    let (code, error) = sandbox.error(&["retire", "clean", "R1", "--forget-connections"]);
    assert_eq!((code, error["id"].as_str()), (4, Some("confirmation_needed")), "{error}");
    let later = clean(&["--yes", "--forget-connections"]);
    assert_eq!(
        (outcomes(&later), &later["changed"]),
        (vec![("this SIM", "removed"), ("operator", "kept")], &true.into())
    );
    assert_eq!(machine.bound(), ["operator"]);
    let history = machine.history();
    assert!(history.iter().any(|one| one.to_string().contains("this SIM (gsm.sim-id)")), "{history:?}");
}

#[test]
fn what_is_agreed_to_beforehand_is_for_this_sim_alone() {
    let Some(machine) = Machine::start() else { return };
    let run = machine.sandbox.run(&["retire", "clean", "R1", "--yes", "--forget-connections"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("NetworkManager has forgotten this SIM (gsm.sim-id)."), "{}", run.out);
    assert!(run.out.contains("NetworkManager keeps operator (gsm.sim-operator-id)"), "{}", run.out);
    assert_eq!(machine.bound(), ["operator"]);
}

#[test]
fn a_person_is_asked_about_each_and_silence_is_a_no() {
    let Some(machine) = Machine::start() else { return };
    let mut terminal = Terminal::start(machine.sandbox.command().args(["retire", "clean", "R1"]));
    terminal.expect("Type the last four digits");
    terminal.type_line("0029");
    terminal.expect("Have NetworkManager forget this SIM (gsm.sim-id)? [y/N]");
    terminal.type_line("");
    terminal.expect("Have NetworkManager forget operator (gsm.sim-operator-id)? [y/N]");
    terminal.type_line("yes please");
    assert_eq!(terminal.wait().code(), Some(0), "{}", terminal.screen());
    assert_eq!(machine.bound(), ["operator", "this SIM"]);
    // That the option is given answers no question.
    let mut terminal =
        Terminal::start(machine.sandbox.command().args(["retire", "clean", "R1", "--forget-connections"]));
    terminal.expect("forget this SIM");
    terminal.type_line("n");
    terminal.expect("forget operator");
    terminal.type_line("y");
    assert_eq!(terminal.wait().code(), Some(0), "{}", terminal.screen());
    assert_eq!(machine.bound(), ["this SIM"]);
}

#[test]
fn where_none_runs_that_is_told_and_no_failure() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    ready(&sandbox);
    let run = sandbox.run(&["retire", "clean", "R1", "--yes", "--forget-connections"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("NetworkManager does not run here"), "{}", run.out);
    assert_eq!(sandbox.data(&["retire", "R1"])["case"]["state"], "completed");
}
