//! The program at a modem that speaks AT: the virtual modem in a process of its own, with our virtual card in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/modem.rs"]
mod modem;
#[path = "common/server.rs"]
mod server;

use std::process::{Command, Stdio};

use common::{EID, HOME, Sandbox, TRAVEL};
use modem::{Modem, Smdp, judge, switch_with};
use rustix::process::Signal;
use serde_json::Value;

fn start(sandbox: &Sandbox, quirks: &[&str]) -> Modem {
    Modem::start(sandbox, "at", &["card"], quirks)
}

/// The same port with APDUs by `AT+CSIM`.
fn by_csim(modem: &Modem) -> String {
    modem.device.replace("at:", "at-csim:")
}

fn on<'a>(device: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["--device", device]].concat()
}

#[test]
fn every_operation_on_a_card_behind_a_modem() {
    let sandbox = Sandbox::with_card(&["--icons", "--quirk", "91xx"]);
    let in_process = sandbox.data(&["list", "-d", "virtual:card"]);
    let smdp = Smdp::start(&sandbox, &["A,size=12000"]);
    let modem = start(&sandbox, &[]);
    assert_eq!(modem.process.ready["slots"][0]["eids"][0], EID);
    let data = |arguments: &[&str]| sandbox.data(&smdp.arguments(&modem.device, arguments));

    assert_eq!(data(&["info"])["eid"], EID);
    assert_eq!(data(&["list"]), in_process);
    assert_eq!(data(&["show", TRAVEL])["icon"]["bytes"], 1024);
    assert_eq!(data(&["enable", "Europe 30 days"])["changed"], true);
    assert_eq!(data(&["rename", TRAVEL, "旅行"])["changed"], true);
    assert_eq!(data(&["show", "旅行"])["state"], "enabled");
    assert_eq!(data(&["disable", "旅行"])["changed"], true);
    assert_eq!(data(&["server", "set", "smdp.example.com"])["changed"], true);
    assert_eq!(data(&["server", "show"])["default_smdp"], "smdp.example.com");
    let downloaded = data(&["download", "LPA:1$smdp.example.com$A", "--yes", "--enable"]);
    assert_eq!(downloaded["installed"], true, "{downloaded}");
    assert_eq!(data(&["delete", HOME, "--yes"])["profiles_left"], 2);
    assert!(data(&["notifications", "list"]).as_array().unwrap().is_empty(), "all was delivered");
    assert_eq!(data(&["apdu", "80F2000C00"])["answers"][0]["status"], "9000");
    assert!(data(&["apdu", "--isdr", "BF3E035C015A"]).to_string().contains(EID));
    let select = "01A4040010A0000005591010FFFFFFFF890000010000";
    let raw = data(&["apdu", "0070000001", select, "81E2910006BF3E035C015A00", "00708001"]);
    assert_eq!(raw["answers"][2]["data"], format!("BF3E125A10{EID}"), "by AT+CSIM, beside the sessions");
    assert_eq!(data(&["reset", "--operational", "--yes"])["profiles_left"], 0);

    let link = sandbox.path().join("modem");
    assert!(link.is_symlink());
    assert!(modem.process.end(Signal::INT).success());
    assert!(!link.is_symlink(), "the link goes with the modem");
    assert!(sandbox.memory("card")["profiles"].as_array().unwrap().is_empty());
}

#[test]
fn modems_that_do_it_in_their_own_way() {
    modem::are_lived_with(
        "at",
        &[
            (&["bare-session", "urcs", "no-test-forms"], &[]),
            (&["long-session", "error-words", "pin-locked"], &["91xx"]),
            (&["leftover-session", "sim-busy", "no-csim"], &["91xx"]),
            (&["only-csim", "plain-errors"], &["91xx"]),
            (&["ccho-parameters", "newlines-only"], &[]),
            (&["reenumerates", "numeric-results"], &["91xx"]),
            (&["needs-cfun", "echo-returns", "upper-hex-only"], &["91xx"]),
            (&["ignores-switch", "cchc-line", "latency=1"], &["91xx"]),
            (&["fetches-answers", "no-cchc"], &["61xx"]),
            (&["no-cfun"], &["channel-lost"]),
            (&["class-as-sent", "iccid-command=AT+SQNCCID?", "not-ready=2"], &["91xx"]),
            (&["no-channel-in-class", "iccid-command=AT^ICCID?"], &["61xx"]),
            (&["no-channel-in-class=error", "iccid-command=AT+CRSM", "no-csim"], &["91xx"]),
            (&["returns-91xx", "bare-session", "empty-euicc", "cchc-error", "names-eid"], &["91xx"]),
            (&["no-blank", "card-state=PH-NET PIN"], &[]),
        ],
    );
}

/// The modem refuses the last block after the card has it: nothing is claimed that is not so, and with `at-csim:` it works.
#[test]
fn a_modem_that_breaks_downloads() {
    let sandbox = Sandbox::with_card(&[]);
    let smdp = Smdp::start(&sandbox, &["A,size=4000,notify=none"]);
    let modem = start(&sandbox, &["last-block-error"]);
    let download = ["download", "LPA:1$smdp.example.com$A", "--yes"];
    let (code, error) = sandbox.error(&smdp.arguments(&modem.device, &download));
    assert_ne!(code, 0, "{error}");
    assert_eq!(sandbox.profiles("card").len(), 2, "{error}");
    assert_eq!(sandbox.data(&on(&modem.device, &["list"])).as_array().unwrap().len(), 2, "the card works on");
    let by_csim = by_csim(&modem);
    let downloaded = sandbox.data(&smdp.arguments(&by_csim, &download));
    assert_eq!(downloaded["installed"], true);
}

#[test]
fn it_costs_what_it_costs_in_a_reader() {
    let sandbox = Sandbox::with_card(&["--icons", "--profiles", "10"]);
    let cost = |device: &str, command: &str| {
        let run = sandbox.run(&[command, "-d", device, "--stats", "--json"]);
        assert_eq!(run.code, 0, "{}", run.err);
        run.json()["stats"]["apdus"].as_u64().unwrap()
    };
    let in_process = ["list", "info"].map(|command| cost("virtual:card", command));
    let modem = start(&sandbox, &[]);
    for (command, most) in ["list", "info"].into_iter().zip(in_process) {
        let spent = cost(&modem.device, command);
        assert!(spent <= most, "{command}: {spent} APDUs, {most} in a reader");
        let spent = cost(&by_csim(&modem), command);
        assert!(spent <= most, "{command} by AT+CSIM: {spent} APDUs, {most} in a reader");
    }
}

/// 12 kB in blocks of 120 bytes, from the first command to the last.
#[test]
fn a_download_is_cheap() {
    let sandbox = Sandbox::with_card(&[]);
    let smdp = Smdp::start(&sandbox, &["A,size=12000,notify=none", "B,size=12000,notify=none"]);
    let modem = start(&sandbox, &[]);
    let (at, at_csim) = (format!("{},mss=120", modem.device), format!("{},mss=120", by_csim(&modem)));
    for (device, code) in [(&at, "LPA:1$smdp.example.com$A"), (&at_csim, "LPA:1$smdp.example.com$B")] {
        let arguments = ["download", code, "--yes", "--stats", "--json"];
        let run = sandbox.run(&smdp.arguments(device, &arguments));
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        let document = run.json();
        assert_eq!(document["data"]["notifications"]["delivered"], 1, "{document}");
        let commands = document["stats"]["apdus"].as_u64().unwrap();
        // Beside them go those that set the modem up: five.
        assert!((100..=165).contains(&commands), "{device}: {commands} commands");
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
    assert_eq!(told("at:/nonexistent/ttyUSB0"), (3, "port_not_found".into()));
    for (card, quirks, id) in [
        ("empty", &[][..], "slot_empty"),
        ("card", &["dead"], "modem_dead"),
        ("card", &["garbage"], "not_a_modem"),
        ("card", &["only-csim", "no-csim"], "modem_carries_nothing"),
        ("card", &["endless-urcs=1"], "not_a_modem"),
        ("card", &["unplugged=1"], "modem_gone"),
        ("card", &["no-euicc"], "not_an_euicc"),
        ("card", &["no-euicc", "no-csim"], "modem_opens_no_channel"),
        ("card", &["no-channels"], "modem_opens_no_channel"),
        ("card", &["no-euicc", "names-eid"], "modem_hides_euicc"),
        ("card", &["no-channels", "names-eid"], "modem_hides_euicc"),
        ("card", &["no-csim", "ccho-parameters", "card-state=SIM PIN"], "modem_card_pin"),
        ("card", &["no-csim", "ccho-parameters", "card-state=SIM PUK"], "modem_card_puk"),
        ("card", &["no-csim", "ccho-parameters", "card-state=PH-NET PIN"], "modem_locked"),
        ("card", &["no-csim", "ccho-parameters", "card-state=EMPTY_EUICC"], "modem_hides_euicc"),
        ("card", &["no-csim", "ccho-parameters", "card-state=SIM FAILURE"], "modem_card_broken"),
        ("card", &["no-csim", "ccho-parameters", "card-state=NOT INSERTED"], "slot_empty"),
        ("card", &["no-csim", "not-ready=1000"], "modem_card_starting"),
        ("card", &["endless-line=1"], "not_a_modem"),
    ] {
        let modem = Modem::start(&sandbox, "at", &[card], quirks);
        let device = format!("{},timeout=2", modem.device);
        assert_eq!(told(&device), (3, id.into()), "{quirks:?}");
    }
    let modem = start(&sandbox, &[]);
    assert_eq!(told(&format!("{},slot=2", modem.device)), (3, "no_such_slot".into()));
    assert_eq!(told("virtual:card"), (3, "device_locked".into()), "the card is in the modem");
}

/// A profile that is enabled and that the modem cannot use yet.
#[test]
fn what_keeps_a_modem_from_using_the_profile_is_told() {
    let sandbox = Sandbox::with_card(&[]);
    for (state, english, chinese) in [
        ("SIM PIN", "protected by a PIN", "受 PIN 保护"),
        ("SIM PUK", "once the PUK was entered", "输入 PUK 之后"),
        ("PH-NET PIN", "locked to certain operators", "锁定到特定的运营商"),
        ("READY", "", ""),
    ] {
        let modem = start(&sandbox, &[&format!("card-state={state}")]);
        for (language, profile, words) in [("en", TRAVEL, english), ("zh-CN", "@1", chinese)] {
            let run = sandbox.run(&on(&modem.device, &["enable", profile, "--lang", language]));
            assert_eq!(run.code, 0, "{state}: {}", run.err);
            let said = ["PIN", "PUK", "locked", "锁定"].iter().any(|word| run.err.contains(word));
            assert!(run.err.contains(words) && said != words.is_empty(), "{state}: {}", run.err);
        }
    }
}

/// A form that the driver finds out by itself is remembered: the next command asks in the right form at once.
#[test]
fn what_was_found_out_is_remembered() {
    let sandbox = Sandbox::with_card(&["--quirk", "91xx"]);
    let modem = start(&sandbox, &["no-channel-in-class", "iccid-command=AT+CICCID"]);
    let learnt = || {
        let bundle = sandbox.data(&["support-bundle", "x", "--dry-run"]);
        let facts = bundle["bundle"]["learnt"].as_array().unwrap().clone();
        facts.into_iter().map(|fact| format!("{}={}", fact["name"], fact["value"]).replace('"', "")).collect::<Vec<_>>()
    };
    let list = sandbox.run(&on(&modem.device, &["list", "-v"]));
    assert!(list.err.contains("wants no channel in the class byte"), "{}", list.err);
    assert!(learnt().contains(&"channel_in_class=false".to_owned()), "{:?}", learnt());
    let list = sandbox.run(&on(&modem.device, &["list", "-v"]));
    assert_eq!((list.code, list.err.contains("class byte")), (0, false), "{}", list.err);
    let enabled = sandbox.data(&on(&modem.device, &["enable", TRAVEL]));
    assert_eq!(enabled["modem"]["outcome"], "agrees", "{enabled}");
    assert!(learnt().contains(&"iccid_command=AT+CICCID".to_owned()), "{:?}", learnt());
    let lesson = sandbox.data(&on(&modem.device, &["doctor", "--learn"]));
    assert_eq!(lesson["remembered"]["channel_in_class"], "false", "{lesson}");
    let works: Vec<bool> =
        lesson["trials"].as_array().unwrap()[..3].iter().map(|trial| trial["works"] == true).collect();
    assert_eq!(works, [false, true, true], "{lesson}");
}

/// A modem that sends the class byte on as it is: without the channel in it, the card answers on the basic one.
#[test]
fn a_modem_that_leaves_the_class_byte_alone() {
    let sandbox = Sandbox::with_card(&[]);
    let modem = start(&sandbox, &["class-as-sent", "no-csim"]);
    let lesson = sandbox.data(&on(&modem.device, &["doctor", "--learn"]));
    let works: Vec<bool> =
        lesson["trials"].as_array().unwrap()[..3].iter().map(|trial| trial["works"] == true).collect();
    assert_eq!(works, [true, false, false], "{lesson}");
    assert_eq!(lesson["remembered"]["apdu_form"], "cgla");
    assert_eq!(lesson["remembered"]["channel_in_class"], Value::Null, "that is what is tried first: {lesson}");
    assert_eq!(sandbox.data(&on(&modem.device, &["info"]))["eid"], EID);
    let wrong = format!("{},quirk=no-channel-in-class", modem.device);
    let (code, error) = sandbox.error(&on(&wrong, &["info"]));
    assert_eq!((code, &error["id"]), (1, &"card_status".into()), "{error}");
}

/// A Fibocom FM350-GL in all its ways: a bare session, EMPTY_EUICC, 910B after a switch, an error for what is not open.
#[test]
fn a_modem_that_says_that_its_euicc_is_empty() {
    let sandbox = Sandbox::with_card(&["--quirk", "91xx"]);
    let quirks = ["bare-session", "empty-euicc", "returns-91xx", "cchc-error", "names-eid", "iccid-command=AT+ICCID"];
    let modem = start(&sandbox, &quirks);
    let disabled = sandbox.data(&on(&modem.device, &["disable", HOME]));
    let seen = &disabled["modem"];
    assert_eq!((&seen["outcome"], &seen["card"]), (&"agrees".into(), &"no_profile".into()), "{disabled}");
    assert_eq!(seen["power_cycled"], false, "nothing is wrong with it: {disabled}");
    assert_eq!(sandbox.data(&on(&modem.device, &["list"])).as_array().unwrap().len(), 2);
    let enabled = sandbox.data(&on(&modem.device, &["enable", HOME]));
    assert_eq!((&enabled["modem"]["outcome"], &enabled["modem"]["iccid"]), (&"agrees".into(), &HOME.into()));
}

/// A modem that names its profile to nobody is not waited for longer than it takes to see that.
#[test]
fn a_modem_that_does_not_name_its_profile() {
    let sandbox = Sandbox::with_card(&[]);
    let modem = start(&sandbox, &["iccid-command=none"]);
    let start = std::time::Instant::now();
    let enabled = sandbox.data(&on(&modem.device, &["enable", TRAVEL]));
    assert_eq!(enabled["modem"]["outcome"], "does_not_say", "{enabled}");
    assert!(start.elapsed() < std::time::Duration::from_secs(12), "{:?}", start.elapsed());
}

/// What was recorded over a modem is played back with the blocks that it was recorded with.
#[test]
fn a_recording_plays_back() {
    let sandbox = Sandbox::with_card(&[]);
    let trace = sandbox.path().join("trace.jsonl");
    let modem = start(&sandbox, &["urcs"]);
    let name = "a name of as many bytes as a card takes, so that it is in blocks";
    let rename = ["rename", HOME, name, "--trace", trace.to_str().unwrap()];
    assert_eq!(sandbox.data(&on(&format!("{},mss=40", modem.device), &rename))["changed"], true);
    let recorded = sandbox.data(&on(&modem.device, &["list", "--overwrite", "--trace", trace.to_str().unwrap()]));
    assert_eq!(sandbox.data(&["list", "-d", &format!("replay:{}", trace.display())]), recorded);
    assert!(std::fs::read_to_string(trace).unwrap().contains("\"longest_data\":120"));
}

/// Whatever a port is called and spoken to, one program uses it at a time.
#[test]
fn a_port_is_used_by_one() {
    let sandbox = Sandbox::with_card(&[]);
    let modem = start(&sandbox, &["latency=1000"]);
    let port = std::fs::canonicalize(modem.device.strip_prefix("at:").unwrap()).unwrap();
    let mut user = sandbox
        .command()
        .args(["list", "-d", &modem.device])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let config = sandbox.path().join("impatient");
    std::fs::create_dir_all(config.join("esimctl")).unwrap();
    std::fs::write(config.join("esimctl").join("config.toml"), "lock_wait = 0").unwrap();
    // The slot is refused before anything is said to the modem, and after the lock is taken.
    let other = format!("at-csim:{},slot=2", port.display());
    loop {
        let run = common::run(sandbox.command().env("XDG_CONFIG_HOME", &config).args(["list", "--json", "-d", &other]));
        let error = run.json()["error"].clone();
        if error["id"] == "device_locked" {
            break;
        }
        assert_eq!(error["id"], "no_such_slot");
        assert_eq!(user.try_wait().unwrap(), None, "the other one was never in the way");
    }
    assert!(common::wait(&mut user).success());
}

/// A program that is killed leaves its session open. The card has three channels, and the fourth program closes them.
#[test]
fn what_killed_programs_leave_is_closed() {
    let sandbox = Sandbox::with_card(&[]);
    let modem = start(&sandbox, &["latency=100", "no-csim"]);
    for _ in 0..7 {
        let list = ["list", "-v", "-d", &modem.device];
        let mut user = sandbox.command().args(list).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut told = std::io::BufRead::lines(std::io::BufReader::new(user.stderr.take().unwrap()));
        let opened = told.any(|line| line.unwrap().contains("the modem selected"));
        assert!(opened, "a channel was opened");
        user.kill().unwrap();
        user.wait().unwrap();
    }
    assert_eq!(sandbox.data(&on(&modem.device, &["list"])).as_array().unwrap().len(), 2);
}

/// Something goes wrong with one command of an enable. Whatever is said then, it is so.
#[test]
fn the_truth_is_told_whatever_happens_to_a_switch() {
    let kinds = ["silent-from", "half-answer", "late-answer", "vanishes-before", "vanishes-after"];
    std::thread::scope(|scope| {
        for kind in kinds {
            // The command itself is the fifth; after it the card is read again.
            for number in [2, 4, 5, 6, 7] {
                scope.spawn(move || switch_with("at", &format!("{kind}={number}")));
            }
        }
        // One that never comes back is waited for, once.
        scope.spawn(|| switch_with("at", "unplugged=5"));
    });
}

/// The same for a download: where the card is asked first, in the middle of the package, at its end, and after it.
#[test]
fn the_truth_is_told_whatever_happens_to_a_download() {
    let whole = {
        let (sandbox, smdp) = with_order();
        let modem = start(&sandbox, &[]);
        let download = ["download", "LPA:1$smdp.example.com$A", "--yes", "--stats", "--json"];
        let run = sandbox.run(&smdp.arguments(&modem.device, &download));
        run.json()["stats"]["apdus"].as_u64().unwrap()
    };
    assert!(whole > 40, "{whole}");
    std::thread::scope(|scope| {
        for kind in ["silent-from", "late-answer", "vanishes-before", "vanishes-after"] {
            for number in [5, whole / 2, whole - 12, whole - 6, whole - 2] {
                scope.spawn(move || download_with(&format!("{kind}={number}")));
            }
        }
    });
}

fn with_order() -> (Sandbox, Smdp) {
    let sandbox = Sandbox::with_card(&[]);
    let smdp = Smdp::start(&sandbox, &["A,size=4000,notify=none"]);
    (sandbox, smdp)
}

fn download_with(quirk: &str) {
    let (sandbox, smdp) = with_order();
    let modem = start(&sandbox, &[quirk]);
    let device = format!("{},timeout=2", modem.device);
    let run = sandbox.run(&smdp.arguments(&device, &["download", "LPA:1$smdp.example.com$A", "--yes", "--json"]));
    drop(modem);
    let installed = sandbox.profiles("card").len() == 3;
    judge(&sandbox, "at", quirk, run.code, &run.json(), installed);
}

#[test]
fn the_modem_tells_what_it_is() {
    let sandbox = Sandbox::with_card(&[]);
    let schema: Value =
        serde_json::from_str(&std::fs::read_to_string("../../docs/schema/esimctl-events-1.json").unwrap()).unwrap();
    let events = jsonschema::validator_for(&schema).unwrap();
    let mut command = sandbox.command();
    let link = sandbox.path().join("tty");
    command.args(["virtual", "modem", "at", "card", "--slot", "empty", "--json", "--link"]).arg(&link);
    let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(process.stdout.take().unwrap()));
    let mut lines = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let ready = lines.next().unwrap();
    assert_eq!((&ready["speaks"], &ready["slots"][1]["card"]), (&"at".into(), &Value::Null));
    assert_eq!(ready["port"], link.to_str().unwrap());
    rustix::process::kill_process(rustix::process::Pid::from_child(&process), Signal::TERM).unwrap();
    let off = lines.next().unwrap();
    assert_eq!(off["event"], "off");
    for event in [&ready, &off] {
        assert!(events.is_valid(event), "{event}");
    }
    assert!(common::wait(&mut process).success());

    let error = |arguments: &[&str]| {
        let (code, error) = sandbox.error(&[&["virtual", "modem"], arguments].concat());
        (code, error["id"].as_str().unwrap().to_owned())
    };
    assert_eq!(error(&["at", "none"]), (3, "virtual_not_found".into()));
    assert_eq!(error(&["at", "card", "--quirk", "nonsense"]), (2, "modem_quirk_unknown".into()));
    assert_eq!(error(&["qmi", "card", "--quirk", "urcs"]), (2, "modem_quirk_unknown".into()), "that is about AT");
    assert_eq!(error(&["at", "card", "--as-proxy"]), (1, "virtual_modem_failed".into()));
    std::fs::write(sandbox.path().join("file"), "mine").unwrap();
    let file = sandbox.path().join("file");
    assert_eq!(error(&["at", "card", "--link", file.to_str().unwrap()]), (1, "virtual_modem_failed".into()));
    assert_eq!(std::fs::read_to_string(file).unwrap(), "mine", "only links are replaced");
}

/// A terminal program that nobody here wrote, at the port that the program gives.
#[test]
fn socat_at_the_port() {
    if Command::new("socat").arg("-V").stdout(Stdio::null()).status().is_err() {
        assert!(std::env::var_os("ESIMCTL_REQUIRE_PCSC").is_none(), "socat is missing");
        return eprintln!("SKIPPED: socat is missing; 'make test' installs it");
    }
    let sandbox = Sandbox::with_card(&[]);
    let modem = start(&sandbox, &[]);
    let port = modem.device.strip_prefix("at:").unwrap();
    let script = format!("printf 'ATE0\\rAT+CCID\\r' | socat -t 2 - {port},raw,echo=0");
    let said = common::run(Command::new("sh").args(["-c", &script]));
    assert!(said.out.contains(&format!("+CCID: {HOME}F")), "{}{}", said.out, said.err);
}

/// A port that no driver of the system made is found by nobody, but looked at if it is named.
#[test]
fn the_doctor_looks_at_the_device_that_is_named() {
    let sandbox = Sandbox::with_card(&[]);
    let modem = start(&sandbox, &[]);
    let find = |device: &str| {
        let checks = sandbox.data(&["doctor", "-d", device])["checks"].clone();
        let found = checks.as_array().unwrap().iter().find(|check| check["name"] == "device").unwrap().clone();
        let none_works = checks.to_string().contains("No device can be used");
        (found["finding"].as_str().unwrap().to_owned(), none_works)
    };
    // The card itself is in use by the modem.
    assert_eq!(find(&modem.device), ("ok".to_owned(), false));
    assert_eq!(find("at:/nowhere"), ("fail".to_owned(), true));
}
