//! What leaves the machine: bundles for bug reports, and what is stored of devices. A canary for each kind of secret must
//! be nowhere, in whatever form and wherever blocks cut it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/server.rs"]
mod server;

use std::path::Path;

use common::{EID, HOME, Sandbox, TRAVEL};
use data_encoding::{HEXLOWER, HEXUPPER};
use serde_json::Value;
use server::Server;

const IMEI: &str = "352906112345671";
const NICKNAME: &str = "Call +4915112345678";
const PRODUCT: &str = "Plan of Ms Canary";
const PASSWORD: &str = "hunter2-canary";
/// In the phone book of virtual cards.
const CONTACT: &str = "Anna Beispiel";
const CONTACT_NUMBER: &str = "447700900123";

/// A canary in every form in which it could stand in a file.
fn forms(canary: &str) -> Vec<String> {
    let wide = |bytes: fn(u16) -> [u8; 2]| canary.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let mut bytes = vec![canary.as_bytes().to_vec(), wide(u16::to_be_bytes), wide(u16::to_le_bytes)];
    if canary.bytes().all(|digit| digit.is_ascii_digit()) {
        let even = &canary[..canary.len() / 2 * 2];
        let plain = HEXUPPER.decode(even.as_bytes()).unwrap();
        bytes.push(plain.iter().map(|byte| byte.rotate_left(4)).collect());
        // With a nibble in front, as IMSIs have it.
        let digits = &canary.as_bytes()[1..];
        let shifted = HEXUPPER.decode(&digits[..digits.len() / 2 * 2]).unwrap();
        bytes.push(shifted.iter().map(|byte| byte.rotate_left(4)).collect());
        bytes.push(plain);
    }
    let hex = bytes.iter().flat_map(|bytes| [HEXUPPER.encode(bytes), HEXLOWER.encode(bytes)]);
    std::iter::once(canary.to_owned()).chain(hex).collect()
}

/// The text of a bundle, and the data of each of its recordings put together.
fn texts(bundle: &str) -> Vec<String> {
    let value: Value = serde_json::from_str(bundle).unwrap();
    let mut texts = vec![bundle.to_owned()];
    for recording in value["recordings"].as_array().unwrap() {
        let lines: Vec<Value> = recording["lines"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| serde_json::from_str(line.as_str().unwrap()).unwrap())
            .collect();
        for (field, from, until) in [("command", 10, 0), ("answer", 0, 4)] {
            let parts = lines.iter().filter_map(|line| line[field].as_str());
            texts.push(parts.filter_map(|text| text.get(from..text.len().checked_sub(until)?)).collect());
        }
    }
    texts
}

fn assert_none(texts: &[String], canaries: &[&str], what: &str) {
    for canary in canaries {
        for form in forms(canary) {
            assert!(!texts.iter().any(|text| text.contains(&form)), "{what}: {canary} as {form}");
        }
    }
}

#[test]
fn nothing_personal_is_in_a_bundle_and_it_plays_back() {
    let name = "cardd89049032123451234512345678901235";
    let sandbox = Sandbox::new();
    sandbox.create(name, &["--profile", &format!("name={PRODUCT},nickname=Home,enabled"), "--profile", "name=Other"]);
    let _smdp = Server::start(&sandbox, &["smdp", "--order", "A"]);
    let device = format!("virtual:{name}");
    let path = |name: &str| sandbox.path().join(name).to_str().unwrap().to_owned();
    let traced = |trace: &str, arguments: &[&str]| {
        sandbox.data(&[arguments, &["-d", &device, "--trace", &path(trace)]].concat())
    };
    traced("rename", &["rename", "Home", NICKNAME]);
    traced("list", &["list", "--all-fields"]);
    traced("download", &["download", "LPA:1$smdp.example.com$A", "--yes", "--imei", IMEI]);
    sandbox.data(&["retire", "start", HOME, "-d", &device]);
    let backup = traced("backup", &["retire", "backup", "R1", "--full", "--dir", &path("files")]);
    let own_number = backup["case"]["number"].as_str().unwrap().trim_start_matches('+').to_owned();
    let imsi = imsi(&sandbox.path().join("files"));
    let imei_digits = &IMEI[..14];
    let canaries = [
        EID,
        HOME,
        &imsi[1..],
        &own_number,
        imei_digits,
        NICKNAME,
        "4915112345678",
        PRODUCT,
        "Canary",
        CONTACT,
        CONTACT_NUMBER,
        &name[4..],
    ];
    let recordings: Vec<String> = ["rename", "list", "download", "backup"]
        .iter()
        .flat_map(|name| ["--recording".to_owned(), path(name)])
        .collect();
    let recordings: Vec<&str> = recordings.iter().map(String::as_str).collect();

    // They are there to be found: with --full each one is.
    let full = path("full");
    sandbox.data(&[&["support-bundle", &full, "--full", "--yes"], &recordings[..]].concat());
    let full = texts(&std::fs::read_to_string(full).unwrap());
    for canary in canaries {
        assert!(forms(canary).iter().any(|form| full.iter().any(|text| text.contains(form))), "no {canary} to hide");
    }

    let bundle = path("bundle");
    let written = sandbox.run(&[&["support-bundle", &bundle, "--yes"], &recordings[..]].concat());
    assert!(written.code == 0 && written.out.contains("what was read from the SIM"), "{}{}", written.out, written.err);
    let masked = texts(&std::fs::read_to_string(&bundle).unwrap());
    assert_none(&masked, &canaries, "the bundle");

    // What is left plays back.
    let listed = path("listed");
    sandbox.data(&["support-bundle", &listed, "--yes", "--recording", &path("list")]);
    let played = sandbox.data(&["list", "--all-fields", "-d", &format!("replay:{listed}")]);
    assert_eq!(played.as_array().unwrap().len(), 2, "{played}");
    assert_eq!(played[0]["state"], "enabled");
    assert_ne!(played[0]["iccid"], HOME);
}

/// The IMSI in a backup.
fn imsi(directory: &Path) -> String {
    let sim: Value = serde_json::from_slice(&std::fs::read(directory.join("sim.json")).unwrap()).unwrap();
    sim["sim"]["imsi"]["value"].as_str().unwrap().to_owned()
}

/// The password of a `stdio:` command line: in no file of the state directory, no bundle, no export, no recording.
#[test]
fn the_command_line_of_a_program_is_stored_nowhere() {
    let sandbox = Sandbox::with_card(&[]);
    let device = format!("stdio:env CARD_PASSWORD={PASSWORD} '{}' virtual stdio card", env!("CARGO_BIN_EXE_esimctl"));
    let path = |name: &str| sandbox.path().join(name).to_str().unwrap().to_owned();
    let run = |arguments: &[&str]| sandbox.run(&[arguments, &["-d", &device]].concat());
    assert_eq!(run(&["info", "--trace", &path("trace")]).code, 0);
    assert_eq!(run(&["enable", TRAVEL]).code, 0);
    assert_eq!(run(&["notifications", "export", &path("export")]).code, 0);
    assert_eq!(run(&["retire", "start", HOME]).code, 0);
    let refused = sandbox.run(&["info", "-d", &format!("{device},slot=99")]);
    assert!(refused.code == 2 && !refused.err.contains(PASSWORD), "{}", refused.err);
    std::fs::create_dir_all(sandbox.path().join("config/esimctl")).unwrap();
    let bundle = path("bundle");
    sandbox.data(&["support-bundle", &bundle, "--yes", "--recording", &path("trace")]);
    sandbox.data(&["support-bundle", &path("full"), "--full", "--yes", "--recording", &path("trace")]);
    let mut files = 0;
    search(sandbox.path(), &mut files);
    assert!(files > 5, "{files}");

    // The card is found again by whoever names the program again, and without it the error says what to do.
    let seen = sandbox.data(&["inventory"]);
    let stored = seen["cards"][0]["device"].as_str().unwrap_or_else(|| panic!("{seen}")).to_owned();
    assert!(stored.starts_with("stdio:env#"), "{stored}");
    let (code, error) = sandbox.error(&["retire", "backup", "R1"]);
    assert_eq!((code, error["id"].as_str()), (3, Some("program_forgotten")), "{error}");
    assert_eq!(run(&["retire", "backup", "R1", "--enable"]).code, 0);
    assert_eq!(run(&["inventory", "forget", &device]).code, 0);
}

fn search(directory: &Path, files: &mut usize) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path, files);
        } else if path.is_file() {
            *files += 1;
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
}
