//! Through a real PC/SC service: our virtual card in its reader, our program and others as its clients.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/pcscd.rs"]
mod pcscd;
#[path = "common/server.rs"]
mod server;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{EID, HOME, PATIENCE, Sandbox, TRAVEL, wait};
use pcscd::{READERS, wait_for};
use server::Server;

/// The card in the first reader. Its virtual twin is in use, so that it would be found without a name as well.
const FIRST: [&str; 2] = ["--device", "pcsc:0"];

fn on<'a>(device: &'a [&'a str], arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, device].concat()
}

#[test]
fn every_operation_on_a_card_in_a_reader() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    sandbox.create("card", &["--icons"]);
    let in_process = sandbox.data(&["list", "-d", "virtual:card"]);
    let plugged = pcscd.plug(&sandbox, "card", 0);

    let devices = sandbox.data(&["devices", "--probe"]);
    assert_eq!(devices["devices"][0]["euiccs"][0]["eid"], EID);
    assert_eq!(devices["devices"][1]["problem"]["id"], "reader_empty");
    assert_eq!(devices["devices"][2]["problem"]["id"], "device_locked", "the virtual card is in the reader");

    // The only usable device needs no name.
    assert_eq!(sandbox.data(&["info"])["eid"], EID);
    assert_eq!(sandbox.data(&["list"]), in_process);
    assert_eq!(sandbox.data(&["show", TRAVEL])["icon"]["bytes"], 1024);
    assert_eq!(sandbox.data(&["enable", "Europe 30 days"])["changed"], true);
    assert_eq!(sandbox.data(&["list"])[1]["state"], "enabled");
    assert_eq!(sandbox.data(&["rename", TRAVEL, "旅行"])["changed"], true);
    assert_eq!(sandbox.data(&["show", "旅行"])["iccid"], TRAVEL);
    assert_eq!(sandbox.data(&["disable", "旅行"])["notifications"]["pending"], 3);
    assert_eq!(sandbox.data(&["server", "set", "smdp.example.com"])["changed"], true);
    assert_eq!(sandbox.data(&["server", "show"])["default_smdp"], "smdp.example.com");
    assert_eq!(sandbox.data(&["delete", "旅行", "--yes"])["profiles_left"], 1);
    assert_eq!(sandbox.data(&["notifications", "list"]).as_array().unwrap().len(), 4);
    assert!(sandbox.data(&["notifications", "show", "4"])["payload_base64"].as_str().unwrap().len() > 1000);
    let select = "01A4040010A0000005591010FFFFFFFF890000010000";
    let raw = sandbox.data(&["apdu", "0070000001", select, "81E2910006BF3E035C015A00", "00708001"]);
    assert_eq!(raw["answers"][2]["data"], format!("BF3E125A10{EID}"));
    assert_eq!(sandbox.data(&["reset", "--operational", "--server", "--yes"])["profiles_left"], 0);

    plugged.unplug();
    let memory = sandbox.memory("card");
    assert!(memory["profiles"].as_array().unwrap().is_empty());
    assert_eq!(memory["default_smdp"], serde_json::Value::Null);
    assert_eq!(memory["notifications"].as_array().unwrap().len(), 5);
}

#[test]
fn it_costs_the_same_as_in_process() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    sandbox.create("card", &["--icons", "--profiles", "10"]);
    let cost = |device: &str, command: &str| {
        let run = sandbox.run(&[command, "-d", device, "--stats", "--json"]);
        let stats = run.json()["stats"].clone();
        ["apdus", "bytes_sent", "bytes_received"].map(|name| stats[name].as_u64().unwrap())
    };
    let commands = ["list", "info"];
    let in_process = commands.map(|command| cost("virtual:card", command));
    let _plugged = pcscd.plug(&sandbox, "card", 0);
    assert_eq!(commands.map(|command| cost("pcsc:0", command)), in_process);
}

/// With the card in a reader, and the server reached by its address.
#[test]
fn a_download_costs_no_more_than_it_may() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    let server = Server::start(
        &sandbox,
        &["smdp", "--order", "A,size=12000,notify=none", "--order", "B,size=12000,notify=none"],
    );
    let route = format!("smdp.example.com:443:{}", server.address());
    for (name, quirks, code, most) in [
        ("good", &[][..], "LPA:1$smdp.example.com$A", 95),
        ("t0", &["--quirk", "61xx"], "LPA:1$smdp.example.com$B", 115),
    ] {
        sandbox.create(name, quirks);
        let plugged = pcscd.plug(&sandbox, name, 0);
        let trust = ["--ca", server.ready["ca"].as_str().unwrap(), "--connect-to", &route];
        let download = ["download", code, "--yes", "-d", "pcsc:0", "--stats", "--json"];
        let run = sandbox.run(&[&download[..], &trust[..]].concat());
        assert_eq!(run.code, 0, "{name}: {}{}", run.out, run.err);
        let document = run.json();
        assert_eq!(document["data"]["notifications"]["delivered"], 1, "{document}");
        let stats = |field: &str| document["stats"][field].as_u64().unwrap();
        assert!(stats("apdus") <= most, "{name}: {} APDUs", stats("apdus"));
        assert_eq!((stats("tcp_connections"), stats("tls_handshakes")), (1, 1), "{name}");
        plugged.unplug();
        wait_for(&sandbox, 0, false);
    }
}

/// Programs that nobody here wrote read the EID from the card side, so that a mistake that both our sides share would
/// show.
#[test]
fn other_programs_read_the_eid() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    for quirk in [&[][..], &["--quirk", "61xx"]] {
        let name = if quirk.is_empty() { "t1" } else { "t0" };
        sandbox.create(name, quirk);
        let plugged = pcscd.plug(&sandbox, name, 0);
        let spaced: String =
            EID.as_bytes().chunks(2).map(|pair| format!("{} ", std::str::from_utf8(pair).unwrap())).collect();

        let select = "00A4040010A0000005591010FFFFFFFF8900000100";
        let open_sc = common::run(pcscd.program("opensc-tool").args([
            "--reader",
            "0",
            "-s",
            select,
            "-s",
            "80E2910006BF3E035C015A",
            "-s",
            "80C0000015",
        ]));
        let answer: String = open_sc.out.lines().filter(|line| line.len() > 50).map(|line| &line[..48]).collect();
        assert!(answer.contains(&spaced), "{name}: {}{}", open_sc.out, open_sc.err);

        let script = sandbox.path().join("script");
        std::fs::write(&script, format!("{select}\n80E2910006BF3E035C015A00\n80C0000015\n")).unwrap();
        let scriptor = common::run(pcscd.program("scriptor").args(["-r", READERS[0]]).arg(&script));
        let answer: String = scriptor
            .out
            .lines()
            .filter(|line| !line.starts_with('>'))
            .map(|line| line.trim_start_matches("< "))
            .collect();
        assert!(answer.contains(spaced.trim()), "{name}: {}{}", scriptor.out, scriptor.err);

        let atr = common::run(pcscd.program("opensc-tool").args(["--reader", "0", "--atr"]));
        assert!(atr.out.starts_with("3b:"), "{name}: {}", atr.out);
        plugged.unplug();
        wait_for(&sandbox, 0, false);
    }
}

/// The same for the SIM of the enabled profile: who it is, which application it has, its phone book, and the PIN.
#[test]
fn other_programs_read_the_sim() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    for quirk in [&[][..], &["--quirk", "61xx"]] {
        let name = if quirk.is_empty() { "t1" } else { "t0" };
        let profile = ["--profile", "name=Flat,provider=Example Mobile,enabled,iccid=8999934567890120011,pin=1234"];
        sandbox.create(name, &[&profile, quirk].concat());
        let plugged = pcscd.plug(&sandbox, name, 0);
        // The bytes and the status of each answer. In its lines the program prints three characters a byte, and one more behind.
        let open_sc = |apdus: &[&str]| {
            let mut command = pcscd.program("opensc-tool");
            command.args(["--reader", "0"]);
            for apdu in apdus {
                command.args(["-s", apdu]);
            }
            let run = common::run(&mut command);
            let bytes = |line: &str| line.get(..line.len() / 4 * 3).unwrap_or_default().trim().to_owned();
            let answers: Vec<String> = run
                .out
                .split("Sending: ")
                .skip(1)
                .map(|exchange| {
                    let lines: Vec<&str> = exchange.lines().skip(1).collect();
                    let status = lines
                        .first()
                        .map(|line| line.trim_start_matches("Received (SW1=").trim_end_matches(':').to_owned());
                    let body: Vec<String> = lines.iter().skip(1).map(|line| bytes(line)).collect();
                    format!("{} | {}", body.join(" "), status.unwrap_or_default())
                })
                .collect();
            assert_eq!(answers.len(), apdus.len(), "{name}: {}{}", run.out, run.err);
            answers
        };
        let answers = open_sc(&["00A4000C023F00", "00A4000C022FE2", "00B000000A", "00A4000C022F00", "00B2010426"]);
        assert_eq!(answers[2], "98 99 39 54 76 98 10 02 10 F1 | 0x90, SW2=0x00)", "{name}");
        assert!(answers[4].starts_with("61 18 4F 10 A0 00 00 00 87 10 02 FF FF FF FF 89"), "{name}: {}", answers[4]);

        // The IMSI takes the PIN, which a wrong one does not open.
        let usim = "00A4040C07A0000000871002";
        let (imsi, read) = ("00A4080C047FFF6F07", "00B0000009");
        let answers = open_sc(&[usim, imsi, read, "002000010839393939FFFFFFFF", read]);
        let statuses: Vec<&str> = answers.iter().map(|answer| answer.trim_start_matches(" | ")).collect();
        assert_eq!(statuses[2..], ["0x69, SW2=0x82)", "0x63, SW2=0xC2)", "0x69, SW2=0x82)"], "{name}");
        let book = "00A4080C047F106F3A";
        let answers = open_sc(&[usim, "002000010831323334FFFFFFFF", imsi, read, book, "00B2010422"]);
        assert_eq!(answers[3], "08 99 99 10 87 09 21 00 11 | 0x90, SW2=0x00)", "{name}");
        assert!(answers[5].starts_with("41 6E 6E 61 20 42 65 69 73 70 69 65 6C FF FF FF"), "{name}: {}", answers[5]);
        assert!(answers[5].contains("07 91 44 77 00 09 10 32"), "{name}: {}", answers[5]);

        plugged.unplug();
        wait_for(&sandbox, 0, false);
        // The ISD-R is there as before.
        assert_eq!(sandbox.profiles(name).len(), 1);
    }
}

#[test]
fn quirks_show_through_the_reader_as_they_do_in_process() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    for quirk in [
        "61xx",
        "no-le",
        "basic-channel-only",
        "high-channels",
        "reset-after-switch",
        "91xx",
        "only-aid-refresh",
        "max-block=32",
        "two-se",
        "reply-lost=any",
    ] {
        let name = quirk.split('=').next().unwrap();
        sandbox.create(name, &["--quirk", quirk]);
        let plugged = pcscd.plug(&sandbox, name, 0);
        for arguments in [
            vec!["enable", "Europe 30 days"],
            vec!["rename", HOME, "a name of more than 32 bytes, as it is"],
            vec!["delete", HOME, "--yes"],
        ] {
            let run = sandbox.run(&on(&FIRST, &arguments));
            assert_eq!(run.code, 0, "{quirk}, {arguments:?}: {}{}", run.out, run.err);
            // A card that lost an answer has left the reader for a moment.
            wait_for(&sandbox, 0, true);
        }
        plugged.pull();
        wait_for(&sandbox, 0, false);
        assert_eq!(sandbox.profiles(name), [(TRAVEL.to_owned(), true)], "{quirk}");
    }
}

/// Every changing operation, with the card pulled out right before and right after its command.
#[test]
fn pulled_out_in_the_middle_the_truth_is_told() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    // The number of the command in its operation: TERMINAL CAPABILITY, MANAGE CHANNEL, SELECT, GetEID, then reading
    // the profiles and, where notifications come of it, what waits.
    for (arguments, number) in [
        (vec!["enable", TRAVEL], 8),
        (vec!["disable", HOME], 7),
        (vec!["rename", HOME, "x"], 6),
        (vec!["delete", TRAVEL, "--yes"], 7),
        (vec!["reset", "--operational", "--yes"], 7),
        (vec!["server", "set", "smdp.example.com"], 6),
    ] {
        for quirk in [format!("removed-before={number}"), format!("removed-after={number}"), "removed-after=3".into()] {
            let name = format!("{}-{}", arguments[0], quirk.replace('=', "-"));
            sandbox.create(&name, &["--quirk", &quirk]);
            let before = sandbox.memory(&name);
            let plugged = pcscd.plug(&sandbox, &name, 0);
            let (code, error) = sandbox.error(&on(&FIRST, &arguments));
            plugged.pull();
            wait_for(&sandbox, 0, false);
            let changed = sandbox.memory(&name) != before;
            let state = error["state"].as_str().unwrap();
            match (code, state) {
                (6, "unknown") => assert!(quirk != "removed-after=3", "{name}: nothing was under way: {error}"),
                (1 | 3, "not_done" | "unchanged") => assert!(!changed, "{name}: {error}"),
                _ => panic!("{name}: {code}, {error}"),
            }
            assert_eq!(changed, quirk == format!("removed-after={number}"), "{name}: the quirk strikes at the command");
        }
    }
}

#[test]
fn a_pulled_cable_ends_every_reading_command() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    sandbox.create("card", &["--quirk", "latency=150"]);
    for command in [&["info"][..], &["list"], &["show", HOME], &["notifications", "list"], &["server", "show"]] {
        let plugged = pcscd.plug(&sandbox, "card", 0);
        let child = sandbox.command().args(on(&FIRST, command)).arg("--json").stdout(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(400));
        plugged.pull();
        let output = child.wait_with_output().unwrap();
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let id = document["error"]["id"].as_str().unwrap();
        assert!(matches!(id, "card_removed" | "reader_gone" | "card_lost" | "reader_empty"), "{command:?}: {document}");
        assert_ne!(output.status.code(), Some(6), "{command:?}: nothing was to be changed");
        wait_for(&sandbox, 0, false);
    }
    assert_eq!(sandbox.profiles("card").len(), 2);
}

#[test]
fn a_card_that_is_unplugged_and_plugged_again_while_others_watch() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    sandbox.create("card", &[]);
    for _ in 0..3 {
        let plugged = pcscd.plug(&sandbox, "card", 0);
        assert_eq!(sandbox.data(&["info"])["eid"], EID);
        plugged.unplug();
        wait_for(&sandbox, 0, false);
        assert_eq!(sandbox.error(&on(&FIRST, &["info"])).1["id"], "reader_empty");
    }
}

#[test]
fn a_service_that_ends_in_the_middle() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    sandbox.create("card", &["--quirk", "latency=200"]);
    let mut plugged = pcscd.plug(&sandbox, "card", 0);
    let mut child =
        sandbox.command().args(on(&FIRST, &["info"])).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    pcscd.stop();
    let code = wait(&mut child).code().unwrap();
    assert!(code == 1 || code == 3, "{code}");
    assert_eq!(plugged.next_event()["reason"], "reader-gone");
    let (code, error) = sandbox.error(&on(&FIRST, &["info"]));
    assert_eq!((code, error["id"].as_str()), (3, Some("pcsc_not_running")));
}

#[test]
fn a_card_that_never_answers_is_given_up() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    sandbox.create("silent", &["--quirk", "silent=delete"]);
    let plugged = pcscd.plug(&sandbox, "silent", 0);
    let start = Instant::now();
    let (code, error) = sandbox.error(&["delete", TRAVEL, "--yes", "-d", "pcsc:0,timeout=2"]);
    assert_eq!((code, error["id"].as_str()), (6, Some("card_timeout")));
    assert_eq!(error["state"], "unknown");
    assert!(error["next"].as_str().unwrap().contains("plug it in again"), "{error}");
    assert!(start.elapsed() < PATIENCE, "it does not wait for ever");
    // Another client starves until the card is pulled out, and is told so.
    let (code, error) = sandbox.error(&["list", "-d", "pcsc:0,timeout=2"]);
    assert_eq!(code, 3, "{error}");
    plugged.pull();
    wait_for(&sandbox, 0, false);
    let _plugged = pcscd.plug(&sandbox, "silent", 0);
    assert_eq!(sandbox.data(&on(&FIRST, &["list"])).as_array().unwrap().len(), 2, "it was not deleted");
}

#[test]
fn two_readers_are_told_apart() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    let (code, error) = sandbox.error(&["list"]);
    assert_eq!((code, error["id"].as_str()), (3, Some("no_device")));
    sandbox.create("one", &[]);
    sandbox.create("two", &["--eid", "89049032000000000000000000000066", "--profiles", "1"]);
    let _one = pcscd.plug(&sandbox, "one", 0);
    let _two = pcscd.plug(&sandbox, "two", 1);
    for ambiguous in [&["list"][..], &["list", "-d", "pcsc"], &["list", "-d", "pcsc:virtual pcd"]] {
        let (code, error) = sandbox.error(ambiguous);
        assert_eq!((code, error["id"].as_str()), (2, Some("device_ambiguous")), "{ambiguous:?}");
        assert_eq!(error["devices"], serde_json::json!(READERS.map(|name| format!("pcsc:{name}"))));
    }
    for (device, profiles) in [("pcsc:0", 2), ("pcsc:1", 1), ("pcsc:00 01", 1), ("pcsc:Virtual PCD 00 00", 2)] {
        assert_eq!(sandbox.data(&["list", "-d", device]).as_array().unwrap().len(), profiles, "{device}");
    }
    for missing in ["pcsc:2", "pcsc:Omnikey"] {
        assert_eq!(sandbox.error(&["list", "-d", missing]).1["id"], "reader_not_found", "{missing}");
    }
}

#[test]
fn a_card_that_is_no_euicc() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    sandbox.create("sim", &["--quirk", "isdr-aid=A0000000871002FFFFFFFF8907090000"]);
    let _plugged = pcscd.plug(&sandbox, "sim", 0);
    let (code, error) = sandbox.error(&["list"]);
    assert_eq!((code, error["id"].as_str()), (3, Some("not_an_euicc")));
    let checks = sandbox.data(&["doctor"]);
    assert_eq!(checks["healthy"], false);
    assert!(checks.to_string().contains("not an eUICC"), "{checks}");
}

#[test]
fn a_reader_that_another_program_holds() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    sandbox.create("card", &[]);
    let _plugged = pcscd.plug(&sandbox, "card", 0);
    for how in ["exclusive", "transaction"] {
        let ready = sandbox.path().join(how);
        let mut holder = hold(&sandbox, how, &ready);
        let end = Instant::now() + PATIENCE;
        while !ready.exists() {
            assert!(Instant::now() < end && holder.try_wait().unwrap().is_none(), "the holder does not get the reader");
            std::thread::sleep(Duration::from_millis(10));
        }
        let (code, error) = sandbox.error(&["list", "-d", "pcsc:0,timeout=2"]);
        assert_eq!((code, error["id"].as_str()), (3, Some("reader_busy")), "{how}");
        holder.kill().unwrap();
        holder.wait().unwrap();
        assert_eq!(sandbox.run(&on(&FIRST, &["list"])).code, 0, "{how}: the reader is free again");
    }
}

/// This test program once more, as the other program: it takes the reader and keeps it.
fn hold(sandbox: &Sandbox, how: &str, ready: &std::path::Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_other_program", "--ignored"])
        .env("PCSCLITE_CSOCK_NAME", &sandbox.pcsc_socket)
        .env("HOLD", how)
        .env("HOLD_READY", ready)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "is started by the test above"]
fn the_other_program() {
    let exclusive = std::env::var("HOLD").unwrap() == "exclusive";
    let share = if exclusive { pcsc::ShareMode::Exclusive } else { pcsc::ShareMode::Shared };
    let context = pcsc::Context::establish(pcsc::Scope::User).unwrap();
    let name = std::ffi::CString::new(READERS[0]).unwrap();
    let mut card = context.connect(&name, share, pcsc::Protocols::ANY).unwrap();
    let _transaction = card.transaction().unwrap();
    std::fs::write(std::env::var("HOLD_READY").unwrap(), "").unwrap();
    std::thread::sleep(PATIENCE);
}

#[test]
fn a_reader_is_locked_across_state_directories() {
    let Some(pcscd) = pcscd::start() else { return };
    let (sandbox, other) = (pcscd.sandbox(), pcscd.sandbox());
    sandbox.create("card", &["--quirk", "latency=500"]);
    let _plugged = pcscd.plug(&sandbox, "card", 0);
    let mut first = sandbox.command().args(on(&FIRST, &["list"])).stdout(Stdio::null()).spawn().unwrap();
    let end = Instant::now() + PATIENCE;
    while other.data(&["devices"])["devices"][0]["usable"] == true {
        assert!(Instant::now() < end, "the reader is never in use");
    }
    let config = other.path().join(".config/esimctl");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), "lock_wait = 0").unwrap();
    let (code, error) = other.error(&on(&FIRST, &["list"]));
    assert_eq!((code, error["id"].as_str()), (3, Some("device_locked")));
    assert_eq!(error["holder"]["pid"], first.id());
    assert!(wait(&mut first).success());
}

/// The card is not reset between commands, so that a channel left open would be missed soon: it has three.
#[test]
fn channels_are_closed_on_every_way_out() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    sandbox.create("card", &["--quirk", "latency=60"]);
    let _plugged = pcscd.plug(&sandbox, "card", 0);
    for round in 0..5 {
        let mut interrupted =
            sandbox.command().args(on(&FIRST, &["info"])).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(150 + 40 * round));
        let pid = rustix::process::Pid::from_child(&interrupted);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        wait(&mut interrupted);
        assert_eq!(sandbox.run(&on(&FIRST, &["show", "Nothing"])).code, 1);
    }
    for _ in 0..4 {
        assert_eq!(sandbox.run(&on(&FIRST, &["apdu", "0070000001"])).code, 0);
    }
    let run = sandbox.run(&on(&FIRST, &["list", "-v"]));
    assert!(run.err.contains("on channel 1"), "{}", run.err);
}
