//! ModemManager is kept from a modem as long as a command needs its port, and not longer: on a bus of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

#[path = "common/bus.rs"]
mod bus;
mod common;
#[path = "common/server.rs"]
mod server;
#[path = "common/sysroot.rs"]
mod sysroot;

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bus::{Bus, Event, Manners, Played, Polkit};
use common::{EID, PATIENCE, Running, Sandbox, TRAVEL, wait};
use server::Server;
use sysroot::Sysroot;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

struct Machine {
    sandbox: Sandbox,
    sysroot: Sysroot,
    modem: Server,
    service: Played,
    _bus: Bus,
}

impl Machine {
    /// A modem that a ModemManager of these manners uses; `None` where there can be no bus.
    fn new(quirks: &[&str], manners: Manners) -> Option<Self> {
        let bus = Bus::start()?;
        let mut sandbox = Sandbox::with_card(&[]);
        sandbox.system_bus = bus.address.clone();
        let sysroot = Sysroot::new(&sandbox);
        let node = sysroot.modem_port("1-2", 2, "ttyUSB2");
        let mut arguments = vec!["modem", "at", "card", "--link", node.to_str().unwrap(), "--json"];
        quirks.iter().for_each(|quirk| arguments.extend(["--quirk", quirk]));
        let modem = Server::start(&sandbox, &arguments);
        let service = Played::start(&bus, &["cdc-wdm0", "ttyUSB2"], manners);
        Some(Self { sandbox, sysroot, modem, service, _bus: bus })
    }
}

/// A switch that waits for its modem, so that it can be looked at while it runs.
fn waiting(machine: &Machine) -> Running {
    let directory = machine.sandbox.path().join(".config/esimctl");
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("config.toml"), "modem_wait = 3600").unwrap();
    let mut command = machine.sandbox.command();
    command.args(["enable", TRAVEL, "--json", "--progress"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = Running(command.spawn().unwrap());
    let mut line = String::new();
    BufReader::new(child.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("awaiting_modem"), "{line}");
    child
}

fn taken_and(events: &[Event], end: &Event) {
    assert!(matches!(events, [Event::Taken(_), last] if last == end), "{events:?}");
}

#[test]
fn it_lets_go_for_as_long_as_a_command_runs() {
    let Some(machine) = Machine::new(&["ignores-switch", "no-cfun"], Manners::Good) else { return };
    let mut child = waiting(&machine);
    assert!(machine.service.is_taken(), "while the command runs");
    rustix::process::kill_process(rustix::process::Pid::from_child(&child.0), rustix::process::Signal::TERM).unwrap();
    assert_eq!(wait(&mut child.0).code(), Some(0), "stopped in order");
    taken_and(&machine.service.wait_for(2), &Event::Returned);
}

#[test]
fn it_has_the_modem_back_after_success_and_after_failure() {
    let Some(machine) = Machine::new(&[], Manners::Good) else { return };
    assert_eq!(machine.sandbox.data(&["info"])["eid"], EID);
    taken_and(&machine.service.wait_for(2), &Event::Returned);
    assert_eq!(machine.sandbox.error(&["show", "nothing"]).0, 1);
    assert_eq!(machine.service.wait_for(4)[3], Event::Returned);
    // The modem is gone: the port cannot even be opened.
    drop(machine.modem);
    let _ = std::fs::remove_file(machine.sysroot.path().join("dev/ttyUSB2"));
    assert_ne!(machine.sandbox.error(&["info", "--device", "at:/dev/ttyUSB2"]).0, 0);
    assert_eq!(machine.service.events().iter().filter(|event| **event == Event::Left).count(), 0);
    assert!(!machine.service.is_taken());
}

#[test]
fn it_has_the_modem_back_from_a_program_that_was_killed() {
    let Some(machine) = Machine::new(&["ignores-switch", "no-cfun"], Manners::Good) else { return };
    let mut child = waiting(&machine);
    assert!(machine.service.is_taken());
    child.0.kill().unwrap();
    child.0.wait().unwrap();
    taken_and(&machine.service.wait_for(2), &Event::Left);
}

#[test]
fn who_may_not_take_the_modem_is_told() {
    for (manners, id) in [(Manners::Unauthorised, "modem_manager_refuses"), (Manners::Busy, "modem_manager_failed")] {
        let Some(machine) = Machine::new(&[], manners) else { return };
        let (code, error) = machine.sandbox.error(&["info"]);
        assert_eq!((code, error["id"].as_str()), (3, Some(id)), "{error}");
        assert!(!error["cause"].as_str().unwrap().is_empty(), "{error}");
        assert_eq!(machine.service.events(), []);
    }
}

#[test]
fn looking_at_devices_takes_nothing_and_tells_who_has_them() {
    let Some(machine) = Machine::new(&[], Manners::Good) else { return };
    machine.sysroot.process(4242, "ModemManager", &["/dev/ttyUSB2"]);
    let devices = machine.sandbox.data(&["devices", "--probe"])["devices"].clone();
    let port = devices.as_array().unwrap().iter().find(|entry| !entry["port"].is_null()).unwrap().clone();
    assert_eq!(
        (&port["in_use"], &port["usable"], &port["modem"]),
        (&true.into(), &true.into(), &serde_json::Value::Null)
    );
    let text = machine.sandbox.run(&["devices", "--probe"]).out;
    assert!(text.contains("ModemManager uses it, so that --probe leaves it alone"), "{text}");
    assert!(text.contains("esimctl info --device at:/dev/ttyUSB2\n"), "{text}");
    let checks = machine.sandbox.data(&["doctor"])["checks"].clone();
    let modem = checks.as_array().unwrap().iter().find(|check| check["name"] == "modem").unwrap();
    assert_eq!(modem["remedy"], "To look: esimctl info --device at:/dev/ttyUSB2", "{modem}");
    let check = checks.as_array().unwrap().iter().find(|check| check["name"] == "modem_manager").unwrap().clone();
    assert!(check["message"].as_str().unwrap().contains("ModemManager uses /dev/ttyUSB2"), "{check}");
    assert_eq!(machine.service.events(), []);
}

#[test]
fn other_devices_have_nothing_to_do_with_it() {
    let Some(machine) = Machine::new(&[], Manners::Unauthorised) else { return };
    machine.sandbox.create("other", &[]);
    assert_eq!(machine.sandbox.data(&["info", "--device", "virtual:other"])["eid"], EID);
    assert_eq!(machine.service.events(), []);
}

const SERVICE: &str = "org.freedesktop.ModemManager1";
const PATH: &str = "/org/freedesktop/ModemManager1";

/// The real ModemManager, on the same bus.
fn real(bus: &Bus) -> Option<Running> {
    let program = "/usr/sbin/ModemManager";
    if !std::path::Path::new(program).exists() {
        assert!(std::env::var_os("ESIMCTL_REQUIRE_PCSC").is_none(), "ModemManager is not installed");
        bus::skipped("ModemManager is not installed");
        return None;
    }
    let quiet = ["--test-session", "--test-no-udev", "--test-enable", "--test-no-qrtr", "--test-no-suspend-resume"];
    let child = Command::new(program)
        .args(quiet)
        .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
        .env("DBUS_SYSTEM_BUS_ADDRESS", &bus.address)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Some(Running(child))
}

/// What the bus says of the modems of the service: their number.
fn modems(connection: &zbus::blocking::Connection) -> Option<usize> {
    type Objects = HashMap<OwnedObjectPath, HashMap<String, HashMap<String, OwnedValue>>>;
    let manager = Some("org.freedesktop.DBus.ObjectManager");
    let answer = connection.call_method(Some(SERVICE), PATH, manager, "GetManagedObjects", &()).ok()?;
    let objects: Objects = answer.body().deserialize().ok()?;
    Some(objects.len())
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE * 2;
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn the_real_one_lets_go_and_takes_back() {
    let Some(bus) = Bus::start() else { return };
    let _polkit = Polkit::start(&bus);
    let Some(_service) = real(&bus) else { return };
    let mut sandbox = Sandbox::with_card(&[]);
    sandbox.system_bus = bus.address.clone();
    let sysroot = Sysroot::new(&sandbox);
    // It is told of a socket, which leads to a second modem of the same kind; here the port has the same name.
    let socket = format!("esimctl-{}", std::process::id());
    let name = format!("abstract:{socket}");
    let node = sysroot.modem_port("1-2", 2, &name);
    let link = node.to_str().unwrap();
    let quirks = ["--quirk", "ignores-switch", "--quirk", "no-cfun"];
    let _modem = Server::start(&sandbox, &[&["modem", "at", "card", "--link", link, "--json"][..], &quirks].concat());
    sandbox.create("twin", &["--eid", "89049032123451234512345678901235"]);
    let twin = sandbox.path().join("twin");
    let _twin = Server::start(&sandbox, &["modem", "at", "twin", "--link", twin.to_str().unwrap(), "--json"]);
    let _bridge = Running(
        Command::new("socat")
            .args([
                format!("ABSTRACT-LISTEN:abstract\\:{socket},fork,max-children=1"),
                format!("{},raw,echo=0", twin.display()),
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let connection = zbus::blocking::connection::Builder::address(bus.address.as_str()).unwrap().build().unwrap();
    let listens = || std::fs::read_to_string("/proc/net/unix").unwrap().contains(&format!("@{name}"));
    until("the socket is there", listens);
    until("ModemManager starts", || modems(&connection).is_some());
    let profile = ("test", "generic", vec![name.as_str()]);
    let interface = Some("org.freedesktop.ModemManager1.Test");
    connection.call_method(Some(SERVICE), PATH, interface, "SetProfile", &profile).unwrap();
    until("it finds its modem", || modems(&connection) == Some(1));

    let machine_config = sandbox.path().join(".config/esimctl");
    std::fs::create_dir_all(&machine_config).unwrap();
    std::fs::write(machine_config.join("config.toml"), "modem_wait = 3600").unwrap();
    let device = format!("at:/dev/{name}");
    // The modem notices neither, so that both wait for it. One is stopped in order, the other is killed.
    for (change, kills) in [("enable", false), ("disable", true)] {
        let mut command = sandbox.command();
        command.args([change, TRAVEL, "--json", "--progress", "--device", &device]);
        let mut child = Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
        let mut line = String::new();
        BufReader::new(child.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("awaiting_modem"), "{line}");
        assert_eq!(modems(&connection), Some(0), "it has let go");
        let signal = if kills { rustix::process::Signal::KILL } else { rustix::process::Signal::TERM };
        rustix::process::kill_process(rustix::process::Pid::from_child(&child.0), signal).unwrap();
        wait(&mut child.0);
        until("it has the modem back", || modems(&connection) == Some(1));
    }
}
