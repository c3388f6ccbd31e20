//! Switches that are undone if no network takes them, whatever happens to the process, the system and the modem.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/machine.rs"]
mod machine;
#[path = "common/server.rs"]
mod server;
#[path = "common/sysroot.rs"]
mod sysroot;

use std::fs::File;
use std::io::BufReader;
use std::process::{ChildStderr, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use common::{EID, HOME, PATIENCE, Running, Sandbox, wait};
use machine::{FOR_EVER, Machine, OTHER_EID, PORT, Waiting};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;
use server::Server;
use sysroot::Sysroot;

fn done(command: &str) -> (String, Option<String>) {
    (command.to_owned(), Some("done".to_owned()))
}

#[test]
fn a_hang_up_does_not_end_the_wait() {
    let machine = Machine::new();
    let waiting = machine.waiting("5s");
    waiting.signal(Signal::HUP);
    let (code, document) = waiting.end();
    assert_eq!((code, document["error"]["id"].as_str()), (1, Some("rolled_back")), "{document}");
    machine.is_home();
    assert_eq!(machine.journal(), [done("enable"), done("enable")], "each switch is on record");
}

/// Nobody reads what it says any more, and writing fails.
#[test]
fn going_back_needs_no_terminal() {
    let machine = Machine::new();
    let mut waiting = machine.waiting("3s");
    waiting.signal(Signal::HUP);
    let Waiting { child, out, err } = &mut waiting;
    drop((std::mem::replace(out, BufReader::new(other_out())), std::mem::replace(err, other_err())));
    wait(&mut child.0);
    machine.is_home();

    // A terminal whose other side is gone gives errors of its own.
    let (master, slave) = terminal();
    let mut command = machine.enable("5s");
    command.stdout(slave.try_clone().unwrap()).stderr(slave);
    let mut child = Running(command.spawn().unwrap());
    drop(command);
    until(|| !machine.pending().is_empty() && machine.enabled() == [machine.profiles()[1].clone()]);
    drop(master);
    kill_process(Pid::from_child(&child.0), Signal::HUP).unwrap();
    wait(&mut child.0);
    machine.is_home();
}

fn other_out() -> ChildStdout {
    ended().stdout.take().unwrap()
}

fn other_err() -> ChildStderr {
    ended().stderr.take().unwrap()
}

/// A program that ends at once.
fn ended() -> std::process::Child {
    let mut child = std::process::Command::new("true").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.wait().unwrap();
    child
}

fn terminal() -> (File, File) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let slave = File::options().read(true).write(true).open(name).unwrap();
    (File::from(master), slave)
}

fn until(happened: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !happened() {
        assert!(Instant::now() < end, "it does not happen");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_signal_to_end_goes_back_at_once_and_further_ones_do_not_interrupt_that() {
    for signal in [Signal::TERM, Signal::INT] {
        let machine = Machine::new();
        let waiting = machine.waiting(FOR_EVER);
        waiting.signal(signal);
        // While it goes back, everything that ends other commands is tried.
        for again in [Signal::HUP, Signal::TERM, Signal::INT, Signal::TERM] {
            std::thread::sleep(Duration::from_millis(60));
            waiting.signal(again);
        }
        let (code, document) = waiting.end();
        let error = &document["error"];
        assert_eq!((code, error["id"].as_str()), (1, Some("registration_unawaited")), "{document}");
        assert_eq!(error["state"], "not_done", "{document}");
        assert!(error["message"].as_str().unwrap().contains("enabled again"), "{document}");
        machine.is_home();
    }
}

#[test]
fn after_a_kill_it_is_due_and_undone_once() {
    let machine = Machine::new();
    machine.killed();
    let pending = machine.pending();
    assert_eq!((&pending[0]["standing"], &pending[0]["eid"]), (&"due".into(), &EID.into()), "{pending:?}");
    assert_eq!(pending[0]["former"], machine.profiles()[0], "{pending:?}");
    let told = machine.sandbox.run(&["outbox", "list"]);
    assert!(told.err.contains("esimctl rollback --due"), "{}", told.err);
    assert_eq!(machine.outcomes(), ["rolled_back"]);
    machine.is_home();
    assert_eq!(machine.outcomes(), [""; 0], "nothing is due any more");
    assert_eq!(machine.journal(), [done("enable"), done("enable")]);
}

#[test]
fn the_next_command_that_uses_a_card_goes_back_first() {
    let machine = Machine::new();
    let [home, travel] = machine.profiles();
    machine.killed();
    let run = machine.sandbox.run(&["list", "--json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let document = run.json();
    let states: Vec<_> =
        document["data"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states[..2], ["enabled", "disabled"], "{document}");
    assert_eq!(document["rollbacks"][0]["outcome"], "rolled_back", "{document}");
    assert!(run.err.contains(&travel) && run.err.contains(&home), "{}", run.err);
    machine.is_home();

    machine.killed();
    let recovered = machine.sandbox.data(&["recover"]);
    assert_eq!(recovered["rollbacks"][0]["outcome"], "rolled_back", "{recovered}");
    machine.is_home();
}

#[test]
fn after_a_reboot_it_is_due_whatever_the_deadline_was() {
    let machine = Machine::new();
    let waiting = machine.waiting("20s");
    machine.reboot();
    // That process is one of the boot before, and so is its hold on the modem.
    let pending = machine.pending();
    assert_eq!(pending[0]["standing"], "due", "{pending:?}");
    waiting.kill();
    assert_eq!(machine.outcomes(), ["rolled_back"]);
    machine.is_home();
}

#[test]
fn what_somebody_waits_for_is_not_due() {
    let machine = Machine::new();
    let waiting = machine.waiting(FOR_EVER);
    let run = machine.sandbox.run(&["rollback", "--due"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""));
    let pending = machine.pending();
    assert_eq!(pending[0]["standing"], "waiting", "{pending:?}");
    assert_eq!(pending[0]["pid"], waiting.child.0.id(), "{pending:?}");
    waiting.signal(Signal::TERM);
    waiting.end();
    machine.is_home();
}

/// What the doctor says of switches that are still to be kept or undone.
fn doctor(machine: &Machine) -> Vec<Value> {
    let checks = machine.sandbox.run(&["doctor", "--json"]).json()["data"]["checks"].clone();
    checks.as_array().unwrap().iter().filter(|check| check["name"] == "rollback").cloned().collect()
}

#[test]
fn the_doctor_tells_of_switches_that_are_still_to_be_kept_or_undone() {
    let mut machine = Machine::new();
    assert_eq!(doctor(&machine), Vec::<Value>::new());
    let waiting = machine.waiting(FOR_EVER);
    let [told] = &doctor(&machine)[..] else { panic!("one is open") };
    let pending = machine.pending()[0].clone();
    let says = |told: &Value, part: &str| assert!(told.to_string().contains(part), "{part}: {told}");
    for part in [EID, pending["created"].as_str().unwrap(), "waits for a network until", "esimctl rollback --keep 1"] {
        says(told, part);
    }
    assert!(!told.to_string().contains("--due"), "another process must not undo it: {told}");
    waiting.kill();
    machine.unplug();
    let [told] = &doctor(&machine)[..] else { panic!("it is still open") };
    for part in [EID, "is still to be undone", "esimctl rollback --due", "esimctl rollback --keep 1"] {
        says(told, part);
    }
    machine.start("card", &[]);
    // A modem that starts anew may find a network with the new profile.
    assert_eq!(machine.outcomes().len(), 1);
    assert_eq!(doctor(&machine), Vec::<Value>::new());
}

#[test]
fn nothing_due_touches_nothing() {
    let sandbox = Sandbox::new();
    for arguments in [&["rollback", "--due"][..], &["rollback", "--due", "--wait", "0"]] {
        let run = sandbox.run(arguments);
        assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""));
    }
    assert!(!sandbox.state().exists(), "not even a state directory is made");
    assert_eq!(sandbox.run(&["rollback"]).out, "No switch waits to be kept or undone.\n");
}

#[test]
fn a_modem_that_comes_later_is_waited_for() {
    let mut machine = Machine::new();
    machine.killed();
    machine.unplug();
    machine.reboot();
    let run = machine.sandbox.run(&["rollback", "--due", "--wait", "0", "--json"]);
    assert_eq!((run.code, run.json()["error"]["id"].as_str()), (3, Some("port_not_found")), "{}", run.out);
    assert_eq!(machine.pending().len(), 1, "it stays open");
    // What kept it is on record for whoever looks later.
    assert!(machine.sandbox.run(&["rollback"]).out.contains("Going back failed last: There is no port"));
    assert!(machine.pending()[0]["problem"].as_str().unwrap().contains("no port"), "{:?}", machine.pending());

    let mut command = machine.sandbox.command();
    command.args(["rollback", "--due", "--json"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut unit = Running(command.spawn().unwrap());
    std::thread::sleep(Duration::from_secs(1));
    assert!(unit.0.try_wait().unwrap().is_none(), "it waits");
    machine.start("card", &["never-registers"]);
    assert_eq!(wait(&mut unit.0).code(), Some(0));
    // A modem that starts anew finds a network with whatever profile it starts with.
    let document: Value = serde_json::from_reader(unit.0.stdout.take().unwrap()).unwrap();
    assert_eq!(document["data"]["rollbacks"][0]["outcome"], "registered", "{document}");
    assert_eq!(machine.enabled(), [machine.profiles()[1].clone()], "a network has taken it: it stays");
    assert_eq!(machine.pending(), Vec::<Value>::new());
}

/// At boot another modem may have the name that the right one had, and come first.
#[test]
fn another_modem_under_the_former_name_is_left_alone_and_the_right_one_waited_for() {
    let mut machine = Machine::without_modem();
    let place = machine.sandbox.sysroot().join("dev/serial/by-path/usb-0:2");
    let appear = |machine: &Machine| std::os::unix::fs::symlink(&machine.node, &place).unwrap();
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    appear(&machine);
    machine.start("card", &["never-registers"]);
    machine.killed();
    machine.unplug();
    machine.reboot();
    std::fs::remove_file(&place).unwrap();
    machine.sandbox.create("other", &["--eid", OTHER_EID, "--profiles", "3"]);
    machine.start("other", &[]);
    let run = machine.sandbox.run(&["rollback", "--due", "--wait", "0", "--json"]);
    assert_eq!((run.code, run.json()["error"]["id"].as_str()), (3, Some("port_not_found")), "{}", run.out);

    let mut command = machine.sandbox.command();
    command.args(["rollback", "--due", "--json"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut unit = Running(command.spawn().unwrap());
    std::thread::sleep(Duration::from_secs(1));
    assert!(unit.0.try_wait().unwrap().is_none(), "it waits");
    machine.unplug();
    machine.start("card", &["never-registers"]);
    appear(&machine);
    assert_eq!(wait(&mut unit.0).code(), Some(0));
    assert_eq!(machine.pending(), Vec::<Value>::new());
}

/// The user names a device, and another card is there: the right modem may still come.
#[test]
fn another_card_at_the_device_that_is_named_ends_no_wait_for_the_right_modem() {
    let mut machine = Machine::new();
    machine.killed();
    machine.unplug();
    machine.sandbox.create("other", &["--eid", OTHER_EID, "--profiles", "3"]);
    let mut command = machine.sandbox.command();
    command.args(["rollback", "--due", "--json", "-d", "virtual:other"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut unit = Running(command.spawn().unwrap());
    std::thread::sleep(Duration::from_secs(1));
    assert!(unit.0.try_wait().unwrap().is_none(), "it waits");
    machine.start("card", &["never-registers"]);
    assert_eq!(wait(&mut unit.0).code(), Some(0));
    assert_eq!(machine.pending(), Vec::<Value>::new());
}

#[test]
fn another_card_at_the_port_is_left_alone() {
    let mut machine = Machine::new();
    machine.killed();
    machine.sandbox.create("other", &["--eid", OTHER_EID, "--profiles", "3"]);
    assert_eq!(machine.sandbox.run(&["virtual", "show", "other"]).code, 0);
    let before = machine.sandbox.profiles("other");
    machine.unplug();
    machine.start("other", &["never-registers"]);
    let run = machine.due();
    assert_eq!((run.code, run.json()["error"]["id"].as_str()), (3, Some("rollback_other_card")), "{}", run.out);
    assert!(run.json()["error"]["next"].as_str().unwrap().contains(EID), "{}", run.out);
    assert_eq!(machine.sandbox.profiles("other"), before);
    assert_eq!(machine.pending().len(), 1, "it stays open");
    let recovered = machine.sandbox.run(&["recover", "--close"]);
    assert_eq!(recovered.code, 1, "{}", recovered.out);
    assert!(recovered.out.contains("not undone"), "{}", recovered.out);
    assert_eq!(machine.pending().len(), 1, "only the user's word ends it");
}

#[test]
fn the_users_word_keeps_the_profile() {
    let machine = Machine::new();
    machine.killed();
    let (code, error) = machine.sandbox.error(&["rollback", "--keep", "7"]);
    assert_eq!((code, error["id"].as_str()), (1, Some("rollback_not_found")), "{error}");
    let kept = machine.sandbox.data(&["rollback", "--keep", "1"]);
    assert_eq!(kept["rollbacks"][0]["id"], 1, "{kept}");
    assert_eq!(machine.outcomes(), [""; 0]);
    assert_eq!(machine.enabled(), [machine.profiles()[1].clone()]);

    // Also while somebody waits: then the wait ends without going back.
    assert_eq!(machine.sandbox.run(&["enable", "@1"]).code, 0);
    let waiting = machine.waiting("5s");
    machine.sandbox.data(&["rollback", "--cancel"]);
    let (code, document) = waiting.end();
    assert_eq!((code, &document["data"]["changed"]), (0, &true.into()), "{document}");
    assert_eq!(machine.enabled(), [machine.profiles()[1].clone()]);
}

/// What another program, or this one with another state directory, did to the card since.
#[test]
fn the_card_decides_what_is_still_to_be_undone() {
    for (changes, enabled, outcome) in [
        (&[&["enable", "@3"][..]][..], Some(2), "moot"),
        (&[&["enable", "@1"]], Some(0), "rolled_back"),
        (&[&["disable", "@2"]], Some(0), "rolled_back"),
        (&[&["delete", HOME, "--yes"]], Some(0), "moot"),
    ] {
        let machine = Machine::new();
        let home = machine.profiles()[0].clone();
        machine.killed();
        let elsewhere = machine.sandbox.path().join("elsewhere");
        for change in changes {
            let change: Vec<&str> =
                change.iter().map(|word| if *word == HOME { home.as_str() } else { word }).collect();
            let place = ["-d", PORT, "--state-dir", elsewhere.to_str().unwrap()];
            let run = machine.sandbox.run(&[&change[..], &place].concat());
            assert_eq!(run.code, 0, "{change:?}: {}", run.err);
        }
        assert_eq!(machine.outcomes(), [outcome], "{changes:?}");
        let profiles = machine.sandbox.profiles("card");
        assert_eq!(profiles.iter().position(|(_, enabled)| *enabled), enabled, "{changes:?}");
        assert_eq!(machine.pending(), Vec::<Value>::new());
    }
}

#[test]
fn two_at_once_go_back_once() {
    let machine = Machine::new();
    machine.killed();
    let spawn = || {
        let mut command = machine.sandbox.command();
        command.args(["rollback", "--due", "--json"]).stdout(Stdio::piped()).stderr(Stdio::null());
        Running(command.spawn().unwrap())
    };
    let mut both = [spawn(), spawn(), spawn()];
    for one in &mut both {
        assert_eq!(wait(&mut one.0).code(), Some(0));
    }
    let told: usize = both
        .iter_mut()
        .map(|one| {
            let document: Value = serde_json::from_reader(one.0.stdout.take().unwrap()).unwrap();
            document["data"]["rollbacks"].as_array().unwrap().len()
        })
        .sum();
    assert_eq!(told, 1);
    machine.is_home();
    assert_eq!(machine.journal(), [done("enable"), done("enable")]);
}

#[test]
fn without_a_former_profile_none_is_enabled_again() {
    let machine = Machine::new();
    assert_eq!(machine.sandbox.run(&["disable", "@1"]).code, 0);
    machine.killed();
    assert_eq!(machine.outcomes(), ["rolled_back"]);
    assert_eq!(machine.enabled(), [""; 0]);
}

/// The modem leaves in the middle of each step of going back, and comes back for the next try.
#[test]
fn what_fails_stays_open_until_it_is_done() {
    let mut undone = 0;
    for number in [3, 5, 6, 7] {
        let mut machine = Machine::new();
        machine.killed();
        machine.unplug();
        machine.start("card", &[&format!("vanishes-after={number}")]);
        let run = machine.sandbox.run(&["rollback", "--due", "--wait", "0", "--json"]);
        let open = machine.pending().len();
        assert_eq!(run.code == 0, open == 0, "{number}: {}", run.out);
        undone += open;
        machine.unplug();
        machine.start("card", &[]);
        if open > 0 {
            machine.outcomes();
        }
        assert_eq!(machine.pending(), Vec::<Value>::new(), "{number}");
    }
    assert!(undone > 0, "no try failed, so that nothing was tried");
}

/// How the modem was reached is on record with the options that it needs.
#[test]
fn whatever_the_modem_speaks_it_is_found_again() {
    for language in ["at", "qmi", "mbim"] {
        let machine = Machine::without_modem();
        let link = machine.sandbox.path().join("modem");
        let link = link.to_str().unwrap();
        let modem = ["modem", language, "card", "--link", link, "--json", "--quirk", "never-registers"];
        let _modem = Server::start(&machine.sandbox, &modem);
        let options = if language == "at" { ",timeout=20" } else { ",timeout=20,proxy=no" };
        let device = format!("{language}:{link}{options}");
        let mut command = machine.sandbox.command();
        Waiting::start(command.args(["enable", "@2", "--rollback-after", FOR_EVER, "-d", &device])).kill();
        machine.sysroot.file("proc/uptime", "4000000000.00 1.00\n");
        assert_eq!(machine.pending()[0]["device"], device);
        assert_eq!(machine.outcomes(), ["rolled_back"], "{language}");
        machine.is_home();
    }
}

/// A card that carries out half of each enable: the former profile is disabled, and the new one not enabled.
#[test]
fn a_switch_that_is_half_made_is_undone_or_stays_open() {
    let sandbox = Sandbox::with_card(&["--profiles", "3", "--quirk", "half-done"]);
    let sysroot = Sysroot::new(&sandbox);
    let node = sysroot.modem_port("1-2", 2, "ttyUSB2");
    let mut machine = Machine { sandbox, sysroot, node, modem: None };
    machine.start("card", &["never-registers"]);
    let run = common::run(machine.enable("2m").arg("--json"));
    let document = run.json();
    assert_eq!((run.code, document["error"]["state"].as_str()), (1, Some("not_done")), "{document}");
    assert_eq!(machine.enabled(), [""; 0]);
    let pending = machine.pending();
    assert_eq!((pending.len(), &pending[0]["standing"]), (1, &"due".into()), "{pending:?}");
    assert!(document["error"]["message"].as_str().unwrap().contains("esimctl rollback --due"), "{document}");
    assert!(pending[0]["problem"].is_string(), "{pending:?}");
}

#[test]
fn a_reboot_that_no_unit_covers_is_said_beforehand() {
    let machine = Machine::with(&[]);
    let told = |machine: &Machine| machine.sandbox.run(&["enable", "@2", "--rollback-after", "2m", "-d", PORT]);
    let run = told(&machine);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("Nothing that starts at boot undoes the switches"), "{}", run.err);
    assert_eq!(machine.pending(), Vec::<Value>::new(), "a network has taken it");
    assert_eq!(machine.outcomes(), [""; 0]);
}
