//! Any program as the way to a card: the protocol of lpac's driver `stdio`, from both sides.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/server.rs"]
mod server;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};

use common::{EID, HOME, Sandbox, TRAVEL, wait};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::json;
use server::Server;

/// The device: this program itself, serving the virtual card.
fn device() -> String {
    format!("stdio:'{}' virtual stdio card", env!("CARGO_BIN_EXE_esimctl"))
}

/// A device whose program is a script, with `card` in it standing for the program that serves the card.
fn script(text: &str) -> String {
    let card = format!("\"{}\" virtual stdio card", env!("CARGO_BIN_EXE_esimctl"));
    format!("stdio:sh -c '{}'", text.replace("CARD", &card))
}

#[test]
fn a_program_is_a_way_to_a_card_for_reading_changing_and_downloading() {
    let sandbox = Sandbox::with_card(&[]);
    let smdp = Server::start(&sandbox, &["smdp", "--order", "A"]);
    let device = device();
    let with = |arguments: &[&str]| sandbox.data(&[arguments, &["-d", &device]].concat());
    assert_eq!(with(&["info"])["eid"], EID);
    assert_eq!(with(&["list"])[0]["iccid"], HOME);
    with(&["enable", TRAVEL]);
    assert_eq!(sandbox.profiles("card"), [(HOME.into(), false), (TRAVEL.into(), true)]);
    // What the card signs goes to virtual servers alone, so that a download from one needs the card to be known as such.
    let downloaded = sandbox.run(&["download", "LPA:1$smdp.example.com$A", "--yes", "-d", &device]);
    assert_eq!(downloaded.code, 5, "a card behind a program is a real one: {}", downloaded.err);
    let address = format!("smdp.example.com:443:{}", smdp.address());
    let ca = sandbox.state().join("pki/ci.cert.pem");
    let way = ["--connect-to", &address, "--ca", ca.to_str().unwrap()];
    let arguments = [&["download", "LPA:1$smdp.example.com$A", "--yes", "-d", &device][..], &way].concat();
    sandbox.data(&arguments);
    assert_eq!(sandbox.profiles("card").len(), 3);
    with(&["delete", TRAVEL, "--disable-first", "--yes"]);
    assert_eq!(sandbox.profiles("card").len(), 2);
}

#[test]
fn it_is_recorded_and_played_back() {
    let sandbox = Sandbox::with_card(&[]);
    let file = sandbox.path().join("trace.jsonl");
    let file = file.to_str().unwrap();
    let first = sandbox.data(&["list", "-d", &device(), "--trace", file]);
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(r#""modem_keeps_channels":true"#) && text.contains(r#"{"open":"A0"#), "{text}");
    assert_eq!(sandbox.data(&["list", "-d", &format!("replay:{file}")]), first);
}

#[test]
fn programs_that_do_it_wrong_are_told_and_ended() {
    let sandbox = Sandbox::with_card(&[]);
    let says = |ecode: i32| {
        let file = sandbox.path().join(format!("answer{ecode}"));
        std::fs::write(&file, format!("{}\n", json!({ "type": "apdu", "payload": { "ecode": ecode } }))).unwrap();
        format!("read l; cat {}", file.display())
    };
    for (device, id, words) in [
        ("stdio:'sh -c".to_owned(), "program_syntax", "quote"),
        ("stdio:/no/such/program".to_owned(), "program_not_started", "started"),
        (script("exit 0"), "program_no_card", "ended"),
        (script("echo no reader here >&2; sleep 0.2; exit 3"), "program_no_card", "no reader here"),
        (script("read l; yes"), "program_no_card", "without end"),
        (script("read l; tr -d \"\\\\n\" </dev/zero"), "program_no_card", "without end"),
        (script(&format!("{}; cat", says(-1))), "program_no_card", "-1"),
        (format!("{},timeout=1", script("sleep 600")), "program_no_card", "in time"),
        (script(&format!("{}; read l; exit", says(0))), "reader_gone", "ended"),
    ] {
        let (code, error) = sandbox.error(&["list", "-d", &device]);
        let told = error.to_string();
        assert!(code == 3 || code == 2, "{device}: {code} {told}");
        assert_eq!(error["id"], id, "{device}: {told}");
        assert!(told.contains(words), "{device}: {told}");
    }
}

#[test]
fn a_program_that_hangs_is_ended_and_reaped_and_one_that_talks_is_heard() {
    let sandbox = Sandbox::with_card(&[]);
    let mark = sandbox.path().join("pid");
    let hangs = script(&format!("echo $$ > {}; read l; sleep 600", mark.display()));
    let (_, error) = sandbox.error(&["list", "-d", &format!("{hangs},timeout=1")]);
    assert_eq!(error["id"], "program_no_card");
    let pid: i32 = std::fs::read_to_string(&mark).unwrap().trim().parse().unwrap();
    assert!(test_kill_process(Pid::from_raw(pid).unwrap()).is_err(), "it is gone");

    // Noise before the answers, and words on standard error.
    let noisy = script("echo tuning in >&2; echo {}; echo hello; exec CARD");
    let run = sandbox.run(&["list", "-v", "-d", &noisy]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("the program says: tuning in"), "{}", run.err);
    let quiet = sandbox.run(&["list", "-d", &noisy]);
    assert!(!quiet.err.contains("tuning in"), "{}", quiet.err);
}

/// It ends after so many questions, and what it is asked next is lost.
#[test]
fn a_program_that_dies_in_a_change_leaves_the_truth_to_be_found() {
    let (mut unknown, mut done) = (0, 0);
    for answers in 3..=12 {
        let sandbox = Sandbox::with_card(&[]);
        let dies = script(&format!("sed -u {answers}q | CARD"));
        let run = sandbox.run(&["enable", TRAVEL, "-d", &dies, "--json"]);
        if run.code == 0 {
            done += 1;
            continue;
        }
        let enabled = sandbox.profiles("card")[1].1;
        let error = run.json()["error"].clone();
        match error["state"].as_str().unwrap() {
            "unknown" => {
                unknown += 1;
                let found = sandbox.data(&["recover", "-d", &device()]);
                let expected = if enabled { "done" } else { "not_done" };
                assert_eq!(found["entries"][0]["finding"], expected, "{answers}: {found}");
            }
            "not_done" | "unchanged" => assert!(!enabled, "{answers}: {error}"),
            state => panic!("{answers}: {state}"),
        }
    }
    assert!(unknown >= 2 && done < 5, "{unknown} ended open, {done} were done");
}

fn serve(sandbox: &Sandbox) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = sandbox
        .command()
        .args(["virtual", "stdio", "card"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

#[test]
fn the_virtual_card_answers_as_the_samples_have_it() {
    let sandbox = Sandbox::with_card(&[]);
    let (mut child, mut output) = serve(&sandbox);
    let mut input = child.stdin.take().unwrap();
    let mut ask = |func: &str, param: serde_json::Value| {
        writeln!(input, "{}", json!({ "type": "apdu", "payload": { "func": func, "param": param } })).unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let answer: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(answer["type"], "apdu");
        answer["payload"].clone()
    };
    assert_eq!(ask("connect", json!(null)), json!({ "ecode": 0 }));
    assert_eq!(ask("logic_channel_open", json!("a0000005591010ffffffff8900000177")), json!({ "ecode": -1 }));
    assert_eq!(ask("logic_channel_open", json!("a0000005591010ffffffff8900000100")), json!({ "ecode": 1 }));
    let announced = ask("transmit", json!("81e2910006bf3e035c015a"));
    let eid = match announced["data"].as_str().unwrap() {
        "6115" => ask("transmit", json!("81c0000015")),
        _ => announced,
    };
    assert_eq!(eid, json!({ "ecode": 0, "data": format!("bf3e125a10{EID}9000") }));
    assert_eq!(ask("transmit", json!("8")), json!({ "ecode": -1 }));
    assert_eq!(ask("fly", json!(null)), json!({ "ecode": -1 }));
    assert_eq!(ask("logic_channel_close", json!("01")), json!({ "ecode": 0 }));
    assert_eq!(ask("logic_channel_close", json!("01")), json!({ "ecode": -1 }));
    assert_eq!(ask("disconnect", json!(null)), json!({ "ecode": 0 }));
    drop(input);
    assert!(wait(&mut child).success(), "the end of input is the end");
}

#[test]
fn the_virtual_card_ends_at_a_signal_and_is_locked_meanwhile() {
    let sandbox = Sandbox::with_card(&[]);
    let (mut child, mut output) = serve(&sandbox);
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{}", json!({ "type": "apdu", "payload": { "func": "connect" } })).unwrap();
    output.read_line(&mut String::new()).unwrap();
    std::fs::create_dir_all(sandbox.path().join(".config/esimctl")).unwrap();
    std::fs::write(sandbox.path().join(".config/esimctl/config.toml"), "lock_wait = 0").unwrap();
    let (_, error) = sandbox.error(&["list", "-d", "virtual:card"]);
    assert_eq!(error["id"], "device_locked");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(wait(&mut child).success());
}
