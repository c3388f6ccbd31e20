//! Living with modems: finding them, asking many at once, and switches that the modem has to notice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/server.rs"]
mod server;
#[path = "common/sysroot.rs"]
mod sysroot;

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{EID, HOME, Running, Sandbox, TRAVEL, wait};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;
use server::Server;
use sysroot::Sysroot;

const PORT: &str = "at:/dev/ttyUSB2";
const LASTING: &str = "at:/dev/serial/by-path/usb-1-2-2";

/// A virtual modem at the USB port of a machine.
struct Machine {
    sandbox: Sandbox,
    sysroot: Sysroot,
    _modem: Server,
}

impl Machine {
    fn new(card: &[&str], quirks: &[&str]) -> Self {
        let sandbox = Sandbox::with_card(card);
        let sysroot = Sysroot::new(&sandbox);
        let node = sysroot.modem_port("1-2", 2, "ttyUSB2");
        let mut arguments = vec!["modem", "at", "card", "--link", node.to_str().unwrap(), "--json"];
        quirks.iter().for_each(|quirk| arguments.extend(["--quirk", quirk]));
        let modem = Server::start(&sandbox, &arguments);
        Self { sandbox, sysroot, _modem: modem }
    }

    fn configure(&self, text: &str) {
        let directory = self.sandbox.path().join(".config/esimctl");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("config.toml"), text).unwrap();
    }

    fn enabled(&self) -> Vec<String> {
        self.sandbox.profiles("card").into_iter().filter(|(_, enabled)| *enabled).map(|(iccid, _)| iccid).collect()
    }

    fn devices(&self, arguments: &[&str]) -> Vec<Value> {
        let data = self.sandbox.data(&[&["devices"], arguments].concat());
        data["devices"].as_array().unwrap().iter().filter(|entry| !entry["port"].is_null()).cloned().collect()
    }

    /// The journal, oldest first: each command and how it ended.
    fn journal(&self) -> Vec<(String, Option<String>)> {
        let paths = manager::Paths::new(Some(self.sandbox.state())).unwrap();
        let entries = manager::Database::peek(&paths).unwrap().journal(9).unwrap();
        entries.into_iter().rev().map(|entry| (entry.command, entry.outcome)).collect()
    }
}

#[test]
fn a_modem_is_found_and_asked() {
    let machine = Machine::new(&[], &[]);
    machine.sysroot.process(4242, "minicom", &["/dev/null"]);
    let found = machine.devices(&[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0]["device"].as_str(), found[0]["usable"].as_bool()), (Some(PORT), Some(true)));
    assert_eq!(found[0]["port"]["stable"], "/dev/serial/by-path/usb-1-2-2");
    assert_eq!(found[0]["port"]["hardware"]["id"], "2c7c:0125");
    assert_eq!(found[0]["modem"], Value::Null, "nobody asked");
    let asked = machine.devices(&["--probe"]);
    assert_eq!(asked[0]["euiccs"][0]["eid"], EID, "{asked:?}");
    assert_eq!((&asked[0]["modem"]["language"], &asked[0]["modem"]["iccid"]), (&"at".into(), &HOME.into()));
    // The virtual card in it is not another device, so that this is the only one.
    assert_eq!(machine.sandbox.data(&["info"])["eid"], EID);
    assert_eq!(machine.sandbox.data(&["info"])["device"], PORT);
}

#[test]
fn a_port_that_another_program_holds_is_not_asked() {
    let machine = Machine::new(&[], &[]);
    machine.sysroot.process(4242, "minicom", &["/dev/ttyUSB2"]);
    let asked = machine.devices(&["--probe"]);
    assert_eq!((&asked[0]["usable"], &asked[0]["modem"]), (&false.into(), &Value::Null));
    assert_eq!(asked[0]["problem"]["id"], "port_busy");
    assert_eq!(asked[0]["port"]["holders"][0]["command"], "minicom");
    assert!(asked[0]["problem"]["cause"].as_str().unwrap().contains("4242"));
}

#[test]
fn without_a_choice_a_reader_or_virtual_card_goes_first_and_of_two_modems_none() {
    let machine = Machine::new(&[], &[]);
    machine.sandbox.create("other", &["--eid", "89049032123451234512345678901235"]);
    assert_eq!(machine.sandbox.data(&["info"])["device"], "virtual:other");
    assert_eq!(machine.sandbox.run(&["virtual", "remove", "other"]).code, 0);
    let node = machine.sysroot.modem_port("1-3", 2, "ttyUSB6");
    File::create(node).unwrap();
    let (code, error) = machine.sandbox.error(&["info"]);
    assert_eq!((code, error["id"].as_str()), (2, Some("device_ambiguous")), "{error}");
    assert_eq!(error["devices"], serde_json::json!([PORT, "at:/dev/ttyUSB6"]));
}

/// A port at which nothing ever answers, as long as the result lives.
fn dead_port(node: &Path) -> File {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    symlink(name.to_str().unwrap(), node).unwrap();
    File::from(master)
}

/// Counts at how many of these ports a command waits for its answer at once, at most, until `ended` is set.
fn count_overlapping_probes(ports: &[File], ended: &AtomicBool) -> usize {
    let (mut waits, mut most) = (vec![false; ports.len()], 0);
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    while !ended.load(Ordering::Relaxed) {
        for (mut port, waits) in ports.iter().zip(&mut waits) {
            let mut polled = [PollFd::new(port, PollFlags::IN)];
            poll(&mut polled, Some(&now)).unwrap();
            let ready = polled[0].revents();
            if ready.contains(PollFlags::IN) {
                *waits = port.read(&mut [0; 256]).is_ok_and(|count| count > 0);
            } else if ready.contains(PollFlags::HUP) {
                *waits = false;
            }
        }
        most = most.max(waits.iter().filter(|waits| **waits).count());
        std::thread::sleep(Duration::from_millis(5));
    }
    most
}

/// Two ports each: in a row, or one modem after the other, no more than two would wait at once.
#[test]
fn twenty_dead_ports_are_asked_at_once() {
    let sandbox = Sandbox::new();
    let sysroot = Sysroot::new(&sandbox);
    let add = |number: usize| {
        let (modem, interface) = (format!("1-{}", number / 2), u8::from(number % 2 == 1));
        dead_port(&sysroot.modem_port(&modem, interface, &format!("ttyUSB{number}")))
    };
    let ports: Vec<File> = (0..20).map(add).collect();
    let ended = AtomicBool::new(false);
    let (found, overlapping) = std::thread::scope(|scope| {
        let watch = scope.spawn(|| count_overlapping_probes(&ports, &ended));
        let run = sandbox.run(&["devices", "--probe", "--json"]);
        ended.store(true, Ordering::Relaxed);
        (run.json()["data"]["devices"].clone(), watch.join().unwrap())
    });
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), ports.len());
    for entry in found {
        assert_eq!(entry["problem"]["id"], "modem_dead", "{entry}");
    }
    assert!(overlapping > ports.len() / 2, "{overlapping} of {} at once", ports.len());
}

#[test]
fn a_modem_that_ignores_the_switch_is_made_to_notice() {
    let machine = Machine::new(&[], &["ignores-switch"]);
    let done = machine.sandbox.data(&["enable", TRAVEL]);
    assert_eq!((&done["modem"]["outcome"], &done["modem"]["iccid"]), (&"agrees".into(), &TRAVEL.into()), "{done}");
    let done = machine.sandbox.data(&["disable", TRAVEL]);
    assert_eq!((&done["modem"]["outcome"], &done["modem"]["iccid"]), (&"agrees".into(), &Value::Null), "{done}");
}

/// Each change starts the card anew by itself, to read it. This modem needs one start more, which is for its sake alone.
#[test]
fn a_modem_that_goes_on_after_a_restart_of_its_card_gets_another() {
    for language in ["at", "qmi", "mbim"] {
        let sandbox = Sandbox::with_card(&[]);
        let directory = sandbox.path().join(".config/esimctl");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("config.toml"), "modem_wait = 4").unwrap();
        let link = sandbox.path().join("modem");
        let link = link.to_str().unwrap();
        let quirk = ["--quirk", "ignores-switch=2"];
        let arguments = [&["modem", language, "card", "--link", link, "--json"][..], &quirk].concat();
        let _modem = Server::start(&sandbox, &arguments);
        let device = if language == "at" { format!("at:{link}") } else { format!("{language}:{link},proxy=no") };
        for (arguments, seen) in [(["enable", TRAVEL], Value::from(TRAVEL)), (["disable", TRAVEL], Value::Null)] {
            let done = sandbox.data(&[&arguments[..], &["--device", &device]].concat());
            assert_eq!(done["modem"]["outcome"], "agrees", "{language}: {done}");
            assert_eq!(done["modem"]["power_cycled"], true, "{language}: {done}");
            assert_eq!(done["modem"]["iccid"], seen, "{language}: {done}");
        }
    }
}

#[test]
fn a_modem_that_disagrees_is_told_and_the_card_is_believed() {
    let machine = Machine::new(&[], &["ignores-switch", "no-cfun"]);
    machine.configure("modem_wait = 1");
    let run = machine.sandbox.run(&["enable", TRAVEL]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains(&format!("the modem still uses {HOME}")), "{}", run.err);
    assert_eq!(machine.enabled(), [TRAVEL]);
    assert_eq!(machine.journal(), [("enable".into(), Some("done".into()))]);
    let done = machine.sandbox.data(&["enable", HOME]);
    assert_eq!(done["modem"]["outcome"], "agrees", "it never was anywhere else");
}

#[test]
fn a_modem_that_leaves_usb_at_the_switch_is_found_again() {
    let machine = Machine::new(&["--quirk", "91xx"], &["reenumerates=1500"]);
    let done = machine.sandbox.data(&["enable", TRAVEL]);
    assert_eq!((&done["modem"]["outcome"], &done["changed"]), (&"agrees".into(), &true.into()), "{done}");
    assert_eq!(machine.enabled(), [TRAVEL]);
    assert_eq!(machine.sandbox.data(&["list"])[1]["state"], "enabled");
}

#[test]
fn a_profile_without_a_network_is_undone() {
    let machine = Machine::new(&[], &["never-registers"]);
    let (code, error) = machine.sandbox.error(&["enable", TRAVEL, "--rollback-after", "2s"]);
    assert_eq!((code, error["id"].as_str(), error["state"].as_str()), (1, Some("rolled_back"), Some("not_done")));
    assert_eq!(machine.enabled(), [HOME]);
    let done = || ("enable".to_owned(), Some("done".to_owned()));
    assert_eq!(machine.journal(), [done(), done()], "each on record");
    // The profile that a network takes stays.
    assert_eq!(machine.sandbox.run(&["disable", HOME]).code, 0);
    assert_eq!(machine.sandbox.data(&["enable", HOME, "--rollback-after", "1m"])["changed"], true);
    assert_eq!(machine.enabled(), [HOME]);
}

#[test]
fn rolling_back_is_for_modems() {
    let sandbox = Sandbox::with_card(&[]);
    let (code, error) = sandbox.error(&["enable", TRAVEL, "--rollback-after", "2m"]);
    assert_eq!((code, error["id"].as_str()), (2, Some("no_modem")));
    for time in ["0", "2h", "-1", "x", "99999999999999999999m"] {
        assert_eq!(sandbox.run(&["enable", TRAVEL, &format!("--rollback-after={time}")]).code, 2, "{time}");
    }
}

/// A switch that waits for its modem; gives the program once it does, and the rest of what it says.
fn waiting(machine: &Machine) -> (Running, BufReader<std::process::ChildStdout>) {
    machine.configure("modem_wait = 3600\nlock_wait = 0");
    let mut command = machine.sandbox.command();
    command.args(["enable", TRAVEL, "--json", "--progress"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Running(command.spawn().unwrap());
    let mut lines = BufReader::new(child.0.stdout.take().unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    assert!(line.contains("awaiting_modem"), "{line}");
    (child, lines)
}

#[test]
fn waiting_can_be_broken_off_and_loses_nothing() {
    let machine = Machine::new(&[], &["ignores-switch", "no-cfun"]);
    let (mut child, mut lines) = waiting(&machine);
    // Meanwhile the modem is locked under each of its names.
    for device in [PORT, LASTING] {
        let (code, error) = machine.sandbox.error(&["list", "--device", device]);
        assert_eq!((code, error["id"].as_str()), (3, Some("device_locked")), "{device}: {error}");
        assert_eq!(error["holder"]["command"], "esimctl enable");
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&child.0), rustix::process::Signal::INT).unwrap();
    let mut rest = String::new();
    lines.read_line(&mut rest).unwrap();
    assert_eq!(wait(&mut child.0).code(), Some(0));
    let mut told = String::new();
    Read::read_to_string(&mut child.0.stderr.take().unwrap(), &mut told).unwrap();
    assert!(told.contains("The card is switched; the modem is not waited for any longer."), "{told}");
    let document: Value = serde_json::from_str(&rest).unwrap();
    assert_eq!(document["data"]["modem"]["outcome"], "unawaited", "{document}");
    assert_eq!(machine.enabled(), [TRAVEL]);
    assert_eq!(machine.journal(), [("enable".into(), Some("done".into()))]);
    let letters = machine.sandbox.data(&["outbox", "list", "--all"]);
    assert_eq!(letters.as_array().unwrap().len(), 2, "{letters}");
}

#[test]
fn the_doctor_names_the_rule_and_the_remedies() {
    let machine = Machine::new(&[], &["no-euicc"]);
    let checks = |machine: &Machine| machine.sandbox.data(&["doctor"])["checks"].as_array().unwrap().clone();
    let find = |checks: &[Value], name: &str| checks.iter().find(|check| check["name"] == name).cloned();
    let found = find(&checks(&machine), "modem_euicc").unwrap();
    assert!(found["message"].as_str().unwrap().contains("Quectel EG25-G"), "{found}");
    // A modem that is plugged in, and that no driver wants.
    machine.sysroot.file("sys/devices/pci0000:00/usb1/1-8/idVendor", "1199");
    machine.sysroot.file("sys/devices/pci0000:00/usb1/1-8/1-8:1.0/bInterfaceClass", "ff");
    machine.sysroot.file("sys/bus/usb/devices/x", "");
    symlink("../../../devices/pci0000:00/usb1/1-8", machine.sysroot.path().join("sys/bus/usb/devices/1-8")).unwrap();
    let found = find(&checks(&machine), "modem_driver").unwrap();
    assert!(found["remedy"].as_str().unwrap().contains("modprobe"), "{found}");
    // A modem of which a node is a control port, and no proxy is installed in this system.
    assert!(find(&checks(&machine), "modem_proxy").is_none());
}

#[test]
fn slots_are_told_without_switching_to_them() {
    let sandbox = Sandbox::with_card(&[]);
    let sysroot = Sysroot::new(&sandbox);
    let node = sysroot.control_port("1-2", "cdc-wdm0", "qmi_wwan");
    assert_eq!(sandbox.run(&["virtual", "create", "other"]).code, 0);
    let other = sandbox.memory("other")["eid"].as_str().unwrap().to_owned();
    assert_ne!(other, EID);
    let link = node.to_str().unwrap();
    let _modem = Server::start(&sandbox, &["modem", "qmi", "card", "--slot", "other", "--link", link, "--json"]);
    let devices = sandbox.data(&["devices", "--probe"])["devices"].clone();
    let port = devices.as_array().unwrap().iter().find(|entry| !entry["port"].is_null()).unwrap().clone();
    assert_eq!((&port["device"], &port["euiccs"][0]["eid"]), (&"qmi:/dev/cdc-wdm0".into(), &EID.into()), "{port}");
    let slots = port["modem"]["slots"].as_array().unwrap();
    let told: Vec<_> = slots.iter().map(|slot| (slot["active"].as_bool(), slot["eid"].as_str())).collect();
    assert_eq!(told, [(Some(true), Some(EID)), (Some(false), Some(&other[..]))]);
    assert!(sandbox.run(&["devices", "--probe"]).out.contains(&format!("Slot 2: an eUICC, EID {other}.")));
    let done = sandbox.data(&["enable", TRAVEL]);
    assert_eq!(done["modem"]["outcome"], "agrees", "{done}");
}

/// A modem that speaks this at the control port `/dev/cdc-wdm0`, with these cards in its slots.
fn at_control_port(sandbox: &Sandbox, language: &str, cards: &[&str], quirks: &[&str]) -> (Sysroot, Server) {
    let sysroot = Sysroot::new(sandbox);
    let driver = if language == "qmi" { "qmi_wwan" } else { "cdc_mbim" };
    let node = sysroot.control_port("1-2", "cdc-wdm0", driver);
    let mut arguments = vec!["modem", language, cards[0], "--link", node.to_str().unwrap(), "--json"];
    cards[1..].iter().for_each(|card| arguments.extend(["--slot", card]));
    quirks.iter().for_each(|quirk| arguments.extend(["--quirk", quirk]));
    let modem = Server::start(sandbox, &arguments);
    (sysroot, modem)
}

/// What the doctor says under this name.
fn diagnosis(sandbox: &Sandbox, name: &str) -> Value {
    let checks = sandbox.data(&["doctor"])["checks"].clone();
    let found = checks.as_array().unwrap().iter().find(|check| check["name"] == name).cloned();
    found.unwrap_or_else(|| panic!("no {name}: {checks}"))
}

#[test]
fn an_empty_slot_in_use_names_the_one_with_the_card() {
    for language in ["qmi", "mbim"] {
        let sandbox = Sandbox::with_card(&[]);
        let _modem = at_control_port(&sandbox, language, &["empty", "card"], &["starts-in-slot=1"]);
        let device = format!("{language}:/dev/cdc-wdm0");
        let (code, error) = sandbox.error(&["list"]);
        assert_eq!((code, error["id"].as_str()), (3, Some("slot_empty")), "{error}");
        assert_eq!(error["slots"], serde_json::json!([2]));
        let named = format!("{device},slot=2");
        assert!(error["message"].as_str().unwrap().ends_with(&named), "{error}");
        let found = diagnosis(&sandbox, "modem_slot");
        assert!(found["message"].as_str().unwrap().contains("is empty, and slot 2 has a card"), "{found}");
        assert!(found["remedy"].as_str().unwrap().ends_with(&named), "{found}");
        // And so it is.
        assert_eq!(sandbox.data(&["info", "--device", &named])["eid"], EID);
    }
}

/// By its USB id this modem is known to need three habits; without any of them nothing answers.
#[test]
fn probing_treats_a_modem_as_its_kind_needs_it() {
    let sandbox = Sandbox::with_card(&[]);
    let quirks = ["extended-class", "select-p2-0c", "needs-le", "slot-mapping-hangs"];
    let (sysroot, _modem) = at_control_port(&sandbox, "mbim", &["card"], &quirks);
    let probed = || {
        let devices = sandbox.data(&["devices", "--probe"])["devices"].clone();
        devices.as_array().unwrap().iter().find(|entry| !entry["port"].is_null()).unwrap().clone()
    };
    let unknown = probed();
    assert_eq!(unknown["euiccs"].as_array().map_or(0, Vec::len), 0, "{unknown}");
    sysroot.file("sys/devices/pci0000:00/usb1/1-2/idVendor", "2cb7\n");
    sysroot.file("sys/devices/pci0000:00/usb1/1-2/idProduct", "0007\n");
    let known = probed();
    assert_eq!(known["euiccs"][0]["eid"], EID, "{known}");
}

#[test]
fn the_doctor_names_what_the_system_lacks() {
    let sandbox = Sandbox::with_card(&[]);
    let (sysroot, _modem) = at_control_port(&sandbox, "qmi", &["card"], &[]);
    // No program that shares the port is installed in this system.
    let found = diagnosis(&sandbox, "modem_proxy");
    assert_eq!(found["remedy"], "sudo apt install libqmi-proxy", "{found}");
    sysroot.file("usr/libexec/qmi-proxy", "");
    assert!(!told(&sandbox).contains(&"modem_proxy".to_owned()));
    // A modem on PCIe brings a router for QRTR, of which the kernel knows nothing.
    sysroot.file("sys/bus/mhi/devices/mhi0_IPCR/uevent", "");
    let found = diagnosis(&sandbox, "qrtr");
    assert_eq!(
        (found["finding"].as_str(), found["remedy"].as_str()),
        (Some("fail"), Some("sudo modprobe -a qrtr qrtr-mhi"))
    );
    sysroot.file(
        "proc/net/protocols",
        "protocol  size sockets  memory press maxhdr  slab module\nQIPCRTR   1024 1 -1 NI 0 no qrtr\n",
    );
    assert!(!told(&sandbox).contains(&"qrtr".to_owned()));
}

/// The program as one of whom files want to be asked, also if it is root's.
fn humble(sandbox: &Sandbox) -> std::process::Command {
    let program = sandbox.command();
    if !rustix::process::geteuid().is_root() {
        return program;
    }
    let mut command = std::process::Command::new("setpriv");
    command.arg("--bounding-set=-dac_override,-dac_read_search").arg(program.get_program()).env_clear();
    for (name, value) in program.get_envs() {
        command.env(name, value.unwrap());
    }
    command.stdin(Stdio::null());
    command
}

#[test]
fn the_doctor_brings_the_rule_for_ports_that_may_not_be_opened() {
    let sandbox = Sandbox::new();
    let sysroot = Sysroot::new(&sandbox);
    let node = sysroot.modem_port("1-2", 2, "ttyUSB2");
    File::create(&node).unwrap().set_permissions(std::fs::Permissions::from_mode(0o000)).unwrap();
    let data = |command: &str| common::run(humble(&sandbox).args([command, "--json"])).json()["data"].clone();
    let devices = data("devices");
    assert_eq!(devices["devices"][0]["problem"]["id"], "port_no_access", "{devices}");
    let checks = data("doctor")["checks"].clone();
    let found = checks.as_array().unwrap().iter().find(|check| check["name"] == "modem_rights").unwrap();
    assert!(found["message"].as_str().unwrap().contains(PORT), "{found}");
    for part in ["tee /etc/udev/rules.d/70-esimctl.rules", "uaccess", "adduser"] {
        assert!(found["remedy"].as_str().unwrap().contains(part), "{part}: {found}");
    }
}

/// The names of all that the doctor says.
fn told(sandbox: &Sandbox) -> Vec<String> {
    let checks = sandbox.data(&["doctor"])["checks"].clone();
    checks.as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_ordinary_card_in_use_beside_an_euicc() {
    for (language, said) in [("qmi", "slot 2 has one"), ("mbim", "the card in slot 2 may be one")] {
        let sandbox = Sandbox::with_card(&[]);
        // None of the AIDs that are tried leads anywhere in it.
        assert_eq!(sandbox.run(&["virtual", "create", "plain", "--quirk", "isdr-aid=A00000000000000001"]).code, 0);
        let _modem = at_control_port(&sandbox, language, &["plain", "card"], &[]);
        let found = diagnosis(&sandbox, "modem_slot");
        assert!(found["message"].as_str().unwrap().contains(said), "{found}");
        let named = format!("{language}:/dev/cdc-wdm0,slot=2");
        assert!(found["remedy"].as_str().unwrap().ends_with(&named), "{found}");
        assert_eq!(sandbox.data(&["info", "--device", &named])["eid"], EID);
    }
}
