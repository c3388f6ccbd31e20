//! The program at a modem that speaks QMI: the virtual modem in a process of its own, with our virtual card in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/server.rs"]
mod server;

use common::{EID, HOME, Sandbox, TRAVEL};
use server::Server;

/// A modem with the card `card` in its first slot, at a link in the sandbox.
struct Modem {
    _process: Server,
    device: String,
}

impl Modem {
    fn start(sandbox: &Sandbox, cards: &[&str], quirks: &[&str]) -> Self {
        let link = sandbox.path().join("modem");
        let mut arguments = vec!["modem", "qmi", cards[0], "--link", link.to_str().unwrap(), "--json"];
        cards[1..].iter().for_each(|card| arguments.extend(["--slot", card]));
        quirks.iter().for_each(|quirk| arguments.extend(["--quirk", quirk]));
        let process = Server::start(sandbox, &arguments);
        let device = process.ready["device"].as_str().unwrap().to_owned();
        assert_eq!(device, format!("qmi:{}", link.display()));
        // Whatever proxy this machine runs, it is none of ours.
        Self { _process: process, device: format!("{device},proxy=no") }
    }
}

/// An SM-DP+ with these orders, and how to reach it.
struct Smdp {
    _server: Server,
    way: [String; 4],
}

impl Smdp {
    fn start(sandbox: &Sandbox, orders: &[&str]) -> Self {
        let orders: Vec<&str> = orders.iter().flat_map(|order| ["--order", order]).collect();
        let server = Server::start(sandbox, &[&["smdp"], &orders[..]].concat());
        let ca = server.ready["ca"].as_str().unwrap().to_owned();
        let way = ["--ca".into(), ca, "--connect-to".into(), format!("smdp.example.com:443:{}", server.address())];
        Self { _server: server, way }
    }

    fn arguments<'a>(&'a self, device: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
        arguments.iter().copied().chain(["--device", device]).chain(self.way.iter().map(String::as_str)).collect()
    }
}

#[test]
fn every_operation_on_a_card_behind_a_modem() {
    let sandbox = Sandbox::with_card(&["--icons", "--quirk", "91xx"]);
    let in_process = sandbox.data(&["list", "-d", "virtual:card"]);
    let smdp = Smdp::start(&sandbox, &["A,size=12000"]);
    let modem = Modem::start(&sandbox, &["card", "empty"], &[]);
    let data = |arguments: &[&str]| sandbox.data(&smdp.arguments(&modem.device, arguments));

    assert_eq!(data(&["info"])["eid"], EID);
    assert_eq!(data(&["list"]), in_process);
    assert_eq!(data(&["show", TRAVEL])["icon"]["bytes"], 1024);
    assert_eq!(data(&["enable", "Europe 30 days"])["changed"], true);
    assert_eq!(data(&["rename", TRAVEL, "旅行"])["changed"], true);
    assert_eq!(data(&["disable", "旅行"])["changed"], true);
    let downloaded = data(&["download", "LPA:1$smdp.example.com$A", "--yes", "--enable"]);
    assert_eq!(downloaded["installed"], true, "{downloaded}");
    assert_eq!(data(&["delete", HOME, "--yes"])["profiles_left"], 2);
    assert!(data(&["notifications", "list"]).as_array().unwrap().is_empty(), "all was delivered");
    assert_eq!(data(&["reset", "--operational", "--yes"])["profiles_left"], 0);
    assert!(sandbox.memory("card")["profiles"].as_array().unwrap().is_empty());
}

/// Each of these with list, switch, download and delete.
#[test]
fn modems_that_do_it_in_their_own_way() {
    for (quirks, card) in [
        (&["chatty", "foreign-answers", "cut-frames"][..], &["91xx"][..]),
        (&["fetches-answers", "no-slot-status", "joined-frames"], &["91xx"]),
        (&["forgets-clients", "sim-busy=2", "old-open"], &["91xx"]),
        (&["leaked-channels", "powers-down", "pin-locked"], &["channel-lost"]),
        (&["ignores-switch", "latency=1", "logical-slots"], &[]),
        (&["reenumerates"], &["91xx"]),
    ] {
        let card: Vec<&str> = card.iter().flat_map(|quirk| ["--quirk", quirk]).collect();
        let sandbox = Sandbox::with_card(&card);
        let smdp = Smdp::start(&sandbox, &["A,size=4000,notify=none"]);
        let modem = Modem::start(&sandbox, &["card"], quirks);
        let data = |arguments: &[&str]| {
            let run = sandbox.run(&[&smdp.arguments(&modem.device, arguments)[..], &["--json"]].concat());
            assert_eq!(run.code, 0, "{quirks:?}, {arguments:?}: {}{}", run.out, run.err);
            run.json()["data"].clone()
        };
        assert_eq!(data(&["list"])[0]["iccid"], HOME, "{quirks:?}");
        assert_eq!(data(&["enable", TRAVEL])["changed"], true, "{quirks:?}");
        let downloaded = data(&["download", "LPA:1$smdp.example.com$A", "--yes"]);
        assert_eq!(downloaded["installed"], true, "{quirks:?}");
        assert_eq!(data(&["delete", HOME, "--yes"])["profiles_left"], 2, "{quirks:?}");
        assert_eq!(data(&["disable", TRAVEL])["changed"], true, "{quirks:?}");
    }
}

#[test]
fn another_slot() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.create("other", &["--eid", "89049032000000000000000000000066"]);
    let modem = Modem::start(&sandbox, &["card", "other"], &["slow-slot=500"]);
    let eid = |device: &str| sandbox.data(&["info", "-d", device])["eid"].clone();
    assert_eq!(eid(&modem.device), EID);
    assert_eq!(eid(&format!("{},slot=2", modem.device)), "89049032000000000000000000000066");
    assert_eq!(eid(&format!("{},slot=1", modem.device)), EID);
}

#[test]
fn it_costs_what_it_costs_in_a_reader() {
    let sandbox = Sandbox::with_card(&["--icons", "--profiles", "10", "--quirk", "91xx"]);
    let smdp = Smdp::start(&sandbox, &["A,size=12000,notify=none", "B,size=12000,notify=none"]);
    let cost = |device: &str, arguments: &[&str]| {
        let run = sandbox.run(&[&smdp.arguments(device, arguments)[..], &["--stats", "--json"]].concat());
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.out, run.err);
        run.json()["stats"]["apdus"].as_u64().unwrap()
    };
    let code = |order: &str| format!("LPA:1$smdp.example.com${order}");
    let (first, second) = (code("A"), code("B"));
    let commands = |code: &str| -> [Vec<String>; 4] {
        [&["list"][..], &["info"], &["enable", "@2"], &["download", code, "--yes"]]
            .map(|arguments| arguments.iter().map(|argument| (*argument).to_owned()).collect())
    };
    let run = |device: &str, code: &str| {
        commands(code).map(|one| cost(device, &one.iter().map(String::as_str).collect::<Vec<_>>()))
    };
    let in_process = run("virtual:card", &first);
    assert_eq!(cost("virtual:card", &["enable", "@1"]), in_process[2], "back to where it was");
    let modem = Modem::start(&sandbox, &["card"], &[]);
    for (spent, most) in run(&modem.device, &second).into_iter().zip(in_process) {
        assert!(spent <= most + 2, "{spent} APDUs, {most} in process");
    }
}

/// What a user is told, by the name of the error and the exit code.
#[test]
fn what_cannot_be_reached_is_told() {
    let sandbox = Sandbox::with_card(&[]);
    let told = |device: &str| {
        let (code, error) = sandbox.error(&["list", "-d", device]);
        (code, error["id"].as_str().unwrap().to_owned())
    };
    assert_eq!(told("qmi:/nonexistent/cdc-wdm0,proxy=no"), (3, "port_not_found".into()));
    for (slots, quirks, id) in [
        (&["empty"][..], &[][..], "slot_empty"),
        (&["card"], &["dead"], "modem_dead"),
        (&["card"], &["no-client-ids"], "modem_client_ids"),
        (&["card"], &["no-uicc-access"], "modem_opens_no_channel"),
        (&["card"], &["open-refused"], "modem_opens_no_channel"),
        (&["card"], &["open-refused=3"], "modem_opens_no_channel"),
        (&["card"], &["no-euicc"], "not_an_euicc"),
        (&["card"], &["unplugged=1"], "modem_left"),
    ] {
        let modem = Modem::start(&sandbox, slots, quirks);
        assert_eq!(told(&format!("{},timeout=2", modem.device)), (3, id.into()), "{quirks:?}");
    }
    let modem = Modem::start(&sandbox, &["card", "empty"], &[]);
    assert_eq!(told(&format!("{},slot=2", modem.device)), (3, "slot_empty".into()));
    assert_eq!(told(&format!("{},slot=3", modem.device)), (3, "no_such_slot".into()));
}

/// Something goes wrong with each command of an enable. Whatever is said then, it is so.
#[test]
fn the_truth_is_told_whatever_happens() {
    for quirk in ["silent-from", "vanishes-before", "vanishes-after"] {
        for number in [2, 4, 5, 6] {
            let sandbox = Sandbox::with_card(&[]);
            let modem = Modem::start(&sandbox, &["card"], &[&format!("{quirk}={number}")[..]]);
            let device = format!("{},timeout=2", modem.device);
            let run = sandbox.run(&["enable", TRAVEL, "-d", &device, "--json"]);
            drop(modem);
            let enabled = sandbox.profiles("card") == [(HOME.to_owned(), false), (TRAVEL.to_owned(), true)];
            let document = run.json();
            match run.code {
                0 => assert!(enabled, "{quirk}={number}: done: {document}"),
                6 => {
                    let modem = Modem::start(&sandbox, &["card"], &[]);
                    let entries = sandbox.data(&["recover", "-d", &modem.device])["entries"].clone();
                    let truth = if enabled { "done" } else { "not_done" };
                    assert_eq!(entries[0]["finding"], truth, "{quirk}={number}: {entries}");
                }
                _ => assert!(!enabled, "{quirk}={number}: {document}"),
            }
        }
    }
}
