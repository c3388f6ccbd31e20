//! A virtual modem in a process of its own, with our virtual card in it, and what is tried whatever it speaks.

// Each test file uses a part of it.
#![allow(dead_code)]

use crate::common::{EID, HOME, Sandbox, TRAVEL};
use crate::server::Server;

/// A modem with cards in its slots, at a link in the sandbox.
pub struct Modem {
    pub process: Server,
    pub device: String,
}

impl Modem {
    pub fn start(sandbox: &Sandbox, language: &str, cards: &[&str], quirks: &[&str]) -> Self {
        let link = sandbox.path().join("modem");
        let mut arguments = vec!["modem", language, cards[0], "--link", link.to_str().unwrap(), "--json"];
        cards[1..].iter().for_each(|card| arguments.extend(["--slot", card]));
        quirks.iter().for_each(|quirk| arguments.extend(["--quirk", quirk]));
        let process = Server::start(sandbox, &arguments);
        let mut device = process.ready["device"].as_str().unwrap().to_owned();
        assert_eq!(device, format!("{language}:{}", link.display()));
        // Whatever proxy this machine runs, it is none of ours.
        if language != "at" {
            device += ",proxy=no";
        }
        Self { process, device }
    }
}

/// An SM-DP+ with these orders. A card in a modem has servers of the world: this one is reached by its address, and
/// trusted by name.
pub struct Smdp {
    _server: Server,
    way: [String; 4],
}

impl Smdp {
    pub fn start(sandbox: &Sandbox, orders: &[&str]) -> Self {
        let orders: Vec<&str> = orders.iter().flat_map(|order| ["--order", order]).collect();
        let server = Server::start(sandbox, &[&["smdp"], &orders[..]].concat());
        let ca = server.ready["ca"].as_str().unwrap().to_owned();
        let way = ["--ca".into(), ca, "--connect-to".into(), format!("smdp.example.com:443:{}", server.address())];
        Self { _server: server, way }
    }

    pub fn arguments<'a>(&'a self, device: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
        arguments.iter().copied().chain(["--device", device]).chain(self.way.iter().map(String::as_str)).collect()
    }
}

/// All that changes a card.
pub fn every_operation(language: &str) {
    let sandbox = Sandbox::with_card(&["--icons", "--quirk", "91xx"]);
    let in_process = sandbox.data(&["list", "-d", "virtual:card"]);
    let smdp = Smdp::start(&sandbox, &["A,size=12000"]);
    let modem = Modem::start(&sandbox, language, &["card", "empty"], &[]);
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

/// Each of these with list, switch, download and delete: the quirks of the modem, and those of the card. Modems are waited
/// for most of the time, so all at once.
pub fn are_lived_with(language: &str, ways: &[(&[&str], &[&str])]) {
    std::thread::scope(|scope| {
        for (quirks, card) in ways {
            scope.spawn(|| is_lived_with(language, quirks, card));
        }
    });
}

/// List, switch, download and delete, with these quirks of the modem and of the card.
fn is_lived_with(language: &str, quirks: &[&str], card: &[&str]) {
    let card: Vec<&str> = card.iter().flat_map(|quirk| ["--quirk", quirk]).collect();
    let sandbox = Sandbox::with_card(&card);
    // One that does not notice a switch is given up soon.
    sandbox.configure("modem_wait = 6\n");
    let smdp = Smdp::start(&sandbox, &["A,size=4000,notify=none"]);
    let modem = Modem::start(&sandbox, language, &["card"], quirks);
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
    let profiles = sandbox.profiles("card");
    assert_eq!((profiles.len(), profiles.iter().any(|(_, enabled)| *enabled)), (2, false), "{quirks:?}");
}

pub fn costs_what_it_costs_in_a_reader(language: &str) {
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
    let modem = Modem::start(&sandbox, language, &["card"], &[]);
    for (spent, most) in run(&modem.device, &second).into_iter().zip(in_process) {
        assert!(spent <= most + 2, "{spent} APDUs, {most} in process");
    }
}

/// Something goes wrong with each command of an enable. Whatever is said then, it is so.
pub fn tells_the_truth(language: &str) {
    std::thread::scope(|scope| {
        for kind in ["silent-from", "vanishes-before", "vanishes-after"] {
            for number in [2, 4, 5, 6] {
                scope.spawn(move || switch_with(language, &format!("{kind}={number}")));
            }
        }
    });
}

/// An enable at a modem with this quirk.
pub fn switch_with(language: &str, quirk: &str) {
    let sandbox = Sandbox::with_card(&[]);
    let modem = Modem::start(&sandbox, language, &["card"], &[quirk]);
    let device = format!("{},timeout=2", modem.device);
    let run = sandbox.run(&["enable", TRAVEL, "-d", &device, "--json"]);
    drop(modem);
    let enabled = sandbox.profiles("card") == [(HOME.to_owned(), false), (TRAVEL.to_owned(), true)];
    judge(&sandbox, language, quirk, run.code, &run.json(), enabled);
}

/// The verdict of a command has to fit what the card is like, also that of `recover` where there was none.
pub fn judge(sandbox: &Sandbox, language: &str, quirk: &str, code: i32, document: &serde_json::Value, done: bool) {
    match code {
        0 => assert!(done, "{quirk}: {document}"),
        6 => {
            let modem = Modem::start(sandbox, language, &["card"], &[]);
            let entries = sandbox.data(&["recover", "-d", &modem.device])["entries"].clone();
            assert_eq!(entries[0]["finding"], if done { "done" } else { "not_done" }, "{quirk}: {entries}");
        }
        _ => assert!(!done, "{quirk}: {document}"),
    }
}
