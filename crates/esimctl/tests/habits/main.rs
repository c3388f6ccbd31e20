//! Quirks of modems: each row of the table against a simulated modem that has it, what is learnt, and bug reports.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

#[path = "../common/mod.rs"]
mod common;
mod hints;
mod rows;
#[path = "../common/server.rs"]
mod server;
mod smdp;
mod swap;
#[path = "../common/sysroot.rs"]
mod sysroot;

use common::{EID, HOME, Sandbox, TRAVEL};
use server::Server;
use smdp::Smdp;
use sysroot::Sysroot;

#[test]
fn what_is_learnt_is_used_and_can_be_forgotten() {
    let sandbox =
        Sandbox::with_card(&["--quirk", "isdr-aid=A0000005591010FFFFFFFF8900000177", "--quirk", "max-block=130"]);
    let commands = |device: &str| {
        let run = sandbox.run(&["info", "-d", device, "--stats", "--json"]);
        assert_eq!(run.code, 0, "{}", run.out);
        run.json()["stats"]["apdus"].as_u64().unwrap()
    };
    let before = commands("virtual:card");
    let lesson = sandbox.data(&["doctor", "--learn", "-d", "virtual:card"]);
    assert_eq!(lesson["remembered"]["isdr_aid"], "A0000005591010FFFFFFFF8900000177");
    assert_eq!(lesson["remembered"]["block"], "120");
    let sizes: Vec<(&str, bool)> = lesson["trials"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|trial| Some((trial["what"].as_str()?.strip_prefix("blocks of ")?, trial["works"] == true)))
        .collect();
    assert_eq!(sizes, [("60 bytes", true), ("120 bytes", true), ("180 bytes", false)], "no further than needed");
    let after = commands("virtual:card");
    assert!(after < before, "the right AID comes first: {after} against {before}");
    let text = sandbox.run(&["doctor", "--forget", "-d", "virtual:card"]);
    assert!(text.out.starts_with("Forgotten about virtual:card: 2 things"), "{}", text.out);
    assert_eq!(commands("virtual:card"), before);
    assert_eq!(sandbox.profiles("card").len(), 2, "nothing has changed");
}

#[test]
fn a_modem_that_knows_one_form_is_found_out() {
    let sandbox = Sandbox::with_card(&[]);
    let modem = Server::start(&sandbox, &["modem", "at", "card", "--quirk", "only-csim", "--json"]);
    let device = format!("at:{}", modem.ready["port"].as_str().unwrap());
    let lesson = sandbox.data(&["doctor", "--learn", "-d", &device]);
    assert_eq!(lesson["remembered"]["apdu_form"], "csim", "{lesson}");
    let works: Vec<bool> =
        lesson["trials"].as_array().unwrap()[..3].iter().map(|trial| trial["works"] == true).collect();
    assert_eq!(works, [false, false, true], "{lesson}");
    assert_eq!(sandbox.data(&["info", "-d", &device])["eid"], EID);
}

/// A modem on a port of this sandbox, and its device.
fn modem(sandbox: &Sandbox, language: &str, slots: &[&str], quirks: &[&str]) -> (Server, String) {
    let link = sandbox.path().join("modem");
    let mut arguments = vec!["modem", language, slots[0], "--link", link.to_str().unwrap(), "--json"];
    slots[1..].iter().for_each(|card| arguments.extend(["--slot", card]));
    quirks.iter().for_each(|quirk| arguments.extend(["--quirk", quirk]));
    let proxy = if language == "at" { "" } else { ",proxy=no" };
    (Server::start(sandbox, &arguments), format!("{language}:{}{proxy}", link.display()))
}

#[test]
fn a_modem_that_speaks_at_is_recognised() {
    let download = |identity: &str| {
        let sandbox = Sandbox::with_card(&[]);
        let smdp = Smdp::start(&sandbox, "A,size=4000");
        let (_modem, device) = modem(&sandbox, "at", &["card"], &["last-block-error", identity]);
        sandbox.run(&[&smdp.download()[..], &["-d", &device, "--json"]].concat())
    };
    assert_ne!(download("identity=Somebody/Something/1").code, 0);
    let run = download("identity=Quectel/EC20F/EC20CEFAGR06A05M4G");
    assert_eq!(run.code, 0, "{}", run.out);
}

#[test]
fn a_modem_that_speaks_mbim_is_recognised() {
    let sandbox = Sandbox::with_card(&[]);
    let identity = "identity=Fibocom/L850-GL/18500.5001.00.05.27.30";
    let (_modem, device) = modem(&sandbox, "mbim", &["card"], &["select-p2-0c", "extended-class", identity]);
    // Asked who it is at first, remembered then.
    for _ in 0..2 {
        assert_eq!(sandbox.data(&["list", "-d", &device])[0]["iccid"], HOME);
    }
    let lesson = sandbox.data(&["doctor", "--learn", "-d", &device]);
    let quirks = ["extended-class", "select-p2-0c", "slot-mapping-hangs", "needs-le"];
    assert_eq!(lesson["quirks"], serde_json::json!(quirks), "{lesson}");
    assert_eq!(lesson["modem"]["model"], "L850-GL");
}

#[test]
fn a_modem_that_speaks_qmi_is_recognised() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.create("other", &["--eid", "89049032000000000000000000000066"]);
    let quirks = ["slow-slot", "identity=Quectel/RM500Q-GL/RM500QGLABR11A06M4G"];
    let (_modem, device) = modem(&sandbox, "qmi", &["other", "card"], &quirks);
    let run = sandbox.run(&["info", "-v", "-d", &format!("{device},slot=2")]);
    assert!(run.code == 0 && run.out.contains(EID), "{}{}", run.out, run.err);
    assert!(run.err.contains("slow-slot (lpac 241): two seconds are waited"), "{}", run.err);
    let lesson = sandbox.data(&["doctor", "--learn", "-d", &format!("{device},slot=2")]);
    assert_eq!((&lesson["quirks"], &lesson["modem"]["firmware"]), (&["slow-slot"][..].into(), &quirks[1][27..].into()));
}

#[test]
fn what_mbim_has_to_be_told_is_found_out() {
    for (quirks, learnt) in [
        (&[][..], ["by-command", "00", ""]),
        (&["extended-class", "returns-61xx", "select-p2-0c"], ["extended", "0C", ""]),
        (&["wants-terminal-capability"], ["by-command", "00", "true"]),
        (&["extended-class", "returns-61xx", "select-p2-0c", "wants-terminal-capability"], ["extended", "0C", "true"]),
    ] {
        let sandbox = Sandbox::with_card(&[]);
        // Each time a modem that was just switched on: they keep what they are told.
        let fresh = || modem(&sandbox, "mbim", &["card"], quirks);
        let (running, device) = fresh();
        let reached = sandbox.run(&["list", "-d", &device]).code == 0;
        assert_eq!(reached, !quirks.contains(&"select-p2-0c"), "{quirks:?}: before");
        drop(running);
        let (running, _) = fresh();
        let lesson = sandbox.data(&["doctor", "--learn", "-d", &device]);
        let names = ["class_byte", "select_p2", "terminal_capability"];
        let remembered = names.map(|name| lesson["remembered"][name].as_str().unwrap_or_default());
        assert_eq!(remembered, learnt, "{quirks:?}: {lesson}");
        drop(running);
        let (_running, _) = fresh();
        assert_eq!(sandbox.data(&["list", "-d", &device])[0]["iccid"], HOME, "{quirks:?}");
        assert_eq!(sandbox.data(&["enable", TRAVEL, "-d", &device])["changed"], true, "{quirks:?}");
    }
}

#[test]
fn what_qmi_has_to_be_told_is_found_out() {
    let sandbox = Sandbox::with_card(&["--quirk", "isdr-aid", "--quirk", "max-block=130"]);
    sandbox.create("other", &["--eid", "89049032000000000000000000000066"]);
    let (server, device) = modem(&sandbox, "qmi", &["other", "card"], &[]);
    let lesson = sandbox.data(&["doctor", "--learn", "-d", &format!("{device},slot=2")]);
    let learnt = &lesson["remembered"];
    assert_eq!((&learnt["slot"], &learnt["block"]), (&"2".into(), &"120".into()), "{lesson}");
    assert_eq!(learnt["isdr_aid"], "A0000005591010FFFFFFFF8900050500", "{lesson}");
    // The modem starts anew, with its first slot in use; the slot that was learnt is used all the same.
    drop(server);
    let (_server, _) = modem(&sandbox, "qmi", &["other", "card"], &[]);
    assert_eq!(sandbox.data(&["info", "-d", &device])["eid"], EID);
    assert_eq!(sandbox.data(&["list", "-d", &device])[0]["iccid"], HOME);
}

/// Long blocks pass when they are tried, and are refused in the middle of the package.
#[test]
fn a_refusal_inside_a_package_ends_it_and_the_next_try_starts_smaller() {
    let sandbox = Sandbox::with_card(&[]);
    let smdp = Smdp::start(&sandbox, "A,size=12000");
    let (_modem, device) = modem(&sandbox, "at", &["card"], &["long-blocks-fail=30"]);
    let block = || {
        let bundle = sandbox.data(&["support-bundle", "x", "--dry-run"]);
        let learnt = bundle["bundle"]["learnt"].as_array().unwrap().clone();
        learnt.iter().find(|fact| fact["name"] == "block").map(|fact| fact["value"].as_str().unwrap().to_owned())
    };
    let download = || sandbox.run(&[&smdp.download()[..], &["-d", &device, "--json"]].concat());
    let refused = download();
    let error = refused.json()["error"].clone();
    assert_eq!((&error["id"], &error["state"]), (&"install_refused".into(), &"not_done".into()), "{error}");
    assert_eq!(sandbox.profiles("card").len(), 2, "nothing half is left");
    assert_eq!(sandbox.data(&["list", "-d", &device])[0]["iccid"], HOME, "the card is at hand at once");
    assert_eq!(block().as_deref(), Some("120"), "no longer 255");
    let installed = download();
    assert_eq!(installed.code, 0, "{}", installed.out);
    assert_eq!((sandbox.profiles("card").len(), block().as_deref()), (3, Some("120")));
}

#[test]
fn a_bundle_hides_who_it_is_from_and_plays_back() {
    let sandbox = Sandbox::with_card(&[]);
    let path = |name: &str| sandbox.path().join(name).to_str().unwrap().to_owned();
    let (trace, bundle) = (path("trace"), path("bundle"));
    sandbox.data(&["info", "-d", "virtual:card", "--trace", &trace]);
    sandbox.data(&["rename", "Home", "Work", "-d", "virtual:card"]);
    assert_eq!(sandbox.error(&["support-bundle", &bundle, "--recording", &trace]).1["id"], "usage");
    let written = sandbox.data(&["support-bundle", &bundle, "--recording", &trace, "--yes"]);
    assert_eq!((&written["masked"], &written["recordings"]), (&true.into(), &1.into()));
    let text = std::fs::read_to_string(&bundle).unwrap();
    assert!(!text.contains(EID) && !text.contains(HOME) && !text.contains(&EID[8..]), "{text}");
    assert!(!text.contains(sandbox.path().to_str().unwrap()), "nor where it lives");
    let data: serde_json::Value = serde_json::from_str(&text).unwrap();
    let journal = &data["journal"][0];
    assert_eq!((&journal["command"], &journal["outcome"]), (&"rename".into(), &"done".into()));
    // The same number in the journal and in the recording that is played back.
    let played = sandbox.data(&["info", "-d", &format!("replay:{bundle}")]);
    assert_eq!(played["eid"], journal["eid"]);
    assert_ne!(played["eid"], EID);
    // What is there already stays; with --full numbers stay.
    assert_eq!(sandbox.error(&["support-bundle", &bundle, "--yes"]).1["id"], "output_exists");
    let full = path("full");
    sandbox.data(&["support-bundle", &full, "--recording", &trace, "--full", "--yes"]);
    assert!(std::fs::read_to_string(&full).unwrap().contains(EID));
    // Only recordings go in.
    std::fs::write(path("shadow"), "root:secret\n").unwrap();
    assert_eq!(
        sandbox.error(&["support-bundle", &path("other"), "--recording", &path("shadow"), "--yes"]).1["id"],
        "replay_file"
    );
}

#[test]
fn a_download_over_at_takes_the_longest_blocks_that_pass_and_remembers_them() {
    // By card and modem: a good one, a card that refuses, a line that loses, and one that gives its last answer again.
    for (card, modem, most, block) in [
        (&[][..], &[][..], 100, "255"),
        (&["--quirk", "max-block=130"], &[], 170, "120"),
        (&[], &["--quirk", "line-limit=300"], 170, "120"),
    ] {
        let sandbox = Sandbox::with_card(card);
        let smdp = Server::start(&sandbox, &["smdp", "--order", "A,size=12000"]);
        let modem = Server::start(&sandbox, &[&["modem", "at", "card", "--json"], modem].concat());
        let device = format!("at:{}", modem.ready["port"].as_str().unwrap());
        let way = format!("smdp.example.com:443:{}", smdp.address());
        let ca = sandbox.state().join("pki/ci.cert.pem");
        let code = "LPA:1$smdp.example.com$A";
        let trust = ["--ca", ca.to_str().unwrap(), "--connect-to", &way];
        let arguments = [&["download", code, "--yes", "--stats", "--json", "-d", &device], &trust[..]].concat();
        let run = sandbox.run(&arguments);
        assert_eq!(run.code, 0, "{block}: {}", run.out);
        let commands = run.json()["stats"]["apdus"].as_u64().unwrap();
        assert!(commands <= most, "{block}: {commands} commands");
        let bundle = sandbox.data(&["support-bundle", "x", "--dry-run"]);
        let learnt = bundle["bundle"]["learnt"].as_array().unwrap().clone();
        assert!(learnt.iter().any(|fact| fact["name"] == "block" && fact["value"] == block), "{learnt:?}");
    }
}

#[test]
fn what_a_modem_is_known_for_is_told() {
    let sandbox = Sandbox::with_card(&[]);
    let sysroot = Sysroot::new(&sandbox);
    let node = sysroot.modem_port("1-2", 2, "ttyUSB2");
    let identity = "identity=Quectel/EG916Q-GL/EG916QGLLAR01A02M08";
    let arguments = ["modem", "at", "card", "--link", node.to_str().unwrap(), "--quirk", identity, "--json"];
    let _modem = Server::start(&sandbox, &arguments);
    let before = sandbox.run(&["devices"]).out;
    assert!(!before.contains("Known for"), "nobody has asked it yet: {before}");
    let asked = sandbox.run(&["devices", "--probe"]).out;
    assert!(asked.contains("\n  Known for leftover-session, needs-cfun, and treated so.\n"), "{asked}");
    let examined = sandbox.run(&["doctor"]).out;
    let line = "ok    Quectel EG25-G: is known for leftover-session, needs-cfun, and treated so.\n";
    assert!(examined.contains(line), "{examined}");
    let checks = sandbox.data(&["doctor"])["checks"].clone();
    assert!(checks.as_array().unwrap().iter().any(|check| check["name"] == "quirks"), "{checks}");
}
