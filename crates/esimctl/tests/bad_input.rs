//! Broken files, hostile cards, odd recordings: a clear error, the right exit code, nothing lost, no hang.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;

use common::{HOME, Sandbox, TRAVEL};
use serde_json::Value;

fn id(error: &Value) -> &str {
    error["id"].as_str().unwrap()
}

#[test]
fn a_damaged_or_newer_virtual_card_is_left_as_it_is() {
    let sandbox = Sandbox::with_card(&[]);
    let file = sandbox.card_file("card");
    let good = std::fs::read_to_string(&file).unwrap();
    for (text, expected) in [
        ("", "virtual_damaged"),
        ("{", "virtual_damaged"),
        ("[]", "virtual_damaged"),
        (&good[..good.len() / 2], "virtual_damaged"),
        (&good.replace("\"eid\"", "\"eit\""), "virtual_damaged"),
        (&good.replace("\"version\": 1", "\"version\": 99"), "virtual_newer"),
    ] {
        std::fs::write(&file, text).unwrap();
        for arguments in [vec!["list"], vec!["delete", TRAVEL, "--yes"], vec!["virtual", "show", "card"]] {
            let (code, error) = sandbox.error(&[&arguments[..], &["-d", "virtual:card"]].concat());
            assert_eq!((code, id(&error)), (1, expected), "{arguments:?} with {text:.40}");
        }
        assert_eq!(sandbox.data(&["devices"])["devices"][0]["usable"], false);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "nothing was written over it");
    }
    std::fs::write(&file, good).unwrap();
    assert_eq!(sandbox.profiles("card").len(), 2);
}

#[test]
fn a_newer_database_stops_changes_and_not_reading() {
    let sandbox = Sandbox::with_card(&[]);
    assert_eq!(sandbox.run(&["rename", HOME, "x"]).code, 0);
    let database = sandbox.state().join("esimctl.db");
    // user_version is a big-endian number at offset 60 of an SQLite file.
    let mut bytes = std::fs::read(&database).unwrap();
    bytes[60..64].copy_from_slice(&99u32.to_be_bytes());
    std::fs::write(&database, bytes).unwrap();
    let (code, error) = sandbox.error(&["rename", HOME, "y"]);
    assert_eq!((code, id(&error)), (1, "state_newer"));
    assert_eq!(sandbox.data(&["list"])[0]["nickname"], "x");
}

#[test]
fn a_state_directory_that_cannot_be_made() {
    let sandbox = Sandbox::with_card(&[]);
    let file = sandbox.path().join("file");
    std::fs::write(&file, "").unwrap();
    let directory = file.join("state");
    let (code, error) = sandbox.error(&["virtual", "create", "x", "--state-dir", directory.to_str().unwrap()]);
    assert_eq!((code, id(&error)), (1, "state_directory"));
}

#[test]
fn an_invalid_configuration_is_named() {
    let sandbox = Sandbox::with_card(&[]);
    let directory = sandbox.path().join(".config/esimctl");
    std::fs::create_dir_all(&directory).unwrap();
    for (text, word) in [("devise = 'x'", "devise"), ("device = 'usb:9'", "usb"), ("card_timeout = 'long'", "string")] {
        std::fs::write(directory.join("config.toml"), text).unwrap();
        let (code, error) = sandbox.error(&["list"]);
        assert_eq!((code, id(&error)), (2, "config_invalid"), "{text}");
        assert!(error["message"].as_str().unwrap().contains(word), "{error}");
    }
    std::fs::write(directory.join("config.toml"), "device = 'virtual:card'").unwrap();
    sandbox.create("another", &[]);
    assert_eq!(sandbox.run(&["list"]).code, 0, "the configured device is taken");
}

#[test]
fn hostile_cards_get_an_error_and_no_more_than_that() {
    for (quirk, expected) in [
        ("garbage", "card_garbage"),
        ("truncated", "card_garbage"),
        ("overlong", "card_garbage"),
        ("deep-nesting", "card_garbage"),
        ("endless", "card_garbage"),
        ("trickle", "card_garbage"),
        ("empty-answers", "card_garbage"),
        ("no-status-word", "card_garbage"),
        ("silent", "card_timeout"),
        ("removed-before=1", "card_removed"),
        ("removed-before=4", "card_removed"),
        ("removed-after=4", "card_removed"),
    ] {
        let sandbox = Sandbox::with_card(&["--quirk", quirk]);
        for arguments in
            [vec!["info"], vec!["list"], vec!["show", "Home"], vec!["notifications", "list"], vec!["server", "show"]]
        {
            let (code, error) = sandbox.error(&arguments);
            assert_eq!(id(&error), expected, "{quirk}, {arguments:?}");
            assert!(code == 1 || code == 3, "{quirk}: {code}");
            assert_eq!(error["state"], "unchanged", "{quirk}");
        }
        assert_eq!(sandbox.profiles("card").len(), 2);
    }
}

#[test]
fn names_on_a_card_cannot_steer_the_terminal() {
    let sandbox = Sandbox::with_card(&["--profile", "name=\u{1b}]0;owned\u{7}\u{202e}txt,enabled"]);
    let text = sandbox.run(&["list", "--color", "always"]).out;
    assert!(!text.contains("\u{1b}]0") && !text.contains('\u{7}') && !text.contains('\u{202e}'), "{text:?}");
    assert_eq!(sandbox.data(&["list"])[0]["name"], "\u{1b}]0;owned\u{7}\u{202e}txt", "programs get it as it is");
}

#[test]
fn an_advice_cannot_steer_the_terminal_either() {
    let sandbox = Sandbox::with_card(&["--profile", "nickname=ev\u{1b}[2Jil"]);
    let text = sandbox.run(&["delete", "0011", "--yes", "--color", "always"]).err;
    assert!(text.contains("is meant") && !text.contains("\u{1b}[2J"), "{text:?}");
}

#[test]
fn braces_are_just_characters() {
    let sandbox = Sandbox::with_card(&["--profile", "name={},enabled", "--profile", "name={profile}"]);
    for (arguments, code) in [
        (vec!["show", "{}x"], 1),
        (vec!["delete", "{}", "--yes"], 4),
        (vec!["server", "set", "{}"], 2),
        (vec!["list", "-d", "virtual:{}"], 2),
        (vec!["list", "-d", "{name}"], 2),
    ] {
        let run = sandbox.run(&arguments);
        assert_eq!(run.code, code, "{arguments:?}: {}", run.err);
        assert!(run.err.contains('{'), "{arguments:?}: {}", run.err);
    }
    assert_eq!(sandbox.data(&["show", "{profile}"])["name"], "{profile}");
}

#[test]
fn a_nine_byte_iccid_is_a_whole_one() {
    let sandbox = Sandbox::with_card(&[]);
    let file = sandbox.card_file("card");
    let mut state: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    state["euiccs"][0]["profiles"][1]["iccid"] = "980721436587092143".into();
    std::fs::write(&file, state.to_string()).unwrap();
    assert_eq!(sandbox.run(&["rename", "897012345678901234", "Short"]).code, 0);
    assert_eq!(sandbox.run(&["delete", "897012345678901234", "--yes"]).code, 0);
}

#[test]
fn usage_errors_in_json_are_whole_sentences() {
    let (code, error) = Sandbox::new().error(&["reset"]);
    assert_eq!(code, 2);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("--operational") && !message.contains('\n'), "{message}");
}

#[test]
fn sixty_five_profiles() {
    let sandbox = Sandbox::with_card(&["--profiles", "65", "--icons"]);
    assert_eq!(sandbox.data(&["list"]).as_array().unwrap().len(), 65);
    let all = sandbox.data(&["list", "--all-fields"]);
    assert!(all.as_array().unwrap().iter().all(|profile| profile["icon"]["bytes"] == 1024));
    assert_eq!(sandbox.run(&["enable", "@65"]).code, 0);
    assert_eq!(sandbox.data(&["show", "@65"])["state"], "enabled");
}

#[test]
fn a_refused_block_size_is_remembered() {
    let sandbox = Sandbox::with_card(&["--quirk", "max-block=32"]);
    let name = "a name of sixty-four bytes, so that the command needs more blocks";
    let cost = |name: &str| {
        let run = sandbox.run(&["rename", HOME, name, "--stats", "--json"]);
        assert_eq!(run.code, 0, "{}", run.out);
        run.json()["stats"]["apdus"].as_u64().unwrap()
    };
    let (first, second) = (cost(&name[..64]), cost(&name[1..65]));
    assert!(second < first, "{second} APDUs after {first}: the refusals are not tried again");
    // What is said on the command line goes first.
    let run = sandbox.run(&["list", "-d", "virtual:card,mss=255", "--stats", "--json"]);
    assert_eq!(run.code, 0);
}

#[test]
fn a_recording_plays_back_and_departs_where_it_has_to() {
    let sandbox = Sandbox::with_card(&[]);
    let trace = sandbox.path().join("trace.jsonl");
    let path = trace.to_str().unwrap();
    let recorded = sandbox.data(&["list", "--trace", path]);
    let replay = format!("replay:{path}");
    assert_eq!(sandbox.data(&["list", "-d", &replay]), recorded);
    let (code, error) = sandbox.error(&["info", "-d", &replay]);
    assert_eq!((code, id(&error)), (1, "replay_departs"));
    // A change is played back, too: the recording is believed, since it is what the card said.
    assert_eq!(sandbox.run(&["enable", TRAVEL, "--trace", path, "--overwrite"]).code, 0);
    assert_eq!(sandbox.run(&["enable", TRAVEL, "-d", &replay]).code, 0);
    // Nothing happened to a card there, so nothing is on record.
    let paths = manager::Paths::new(Some(sandbox.state())).unwrap();
    assert_eq!(manager::Database::open(&paths).unwrap().journal(9).unwrap().len(), 1);
    // A recording holds one device.
    let (code, error) = sandbox.error(&["devices", "--trace", path, "--overwrite"]);
    assert_eq!((code, id(&error)), (2, "usage"));
}

#[test]
fn recordings_that_are_none() {
    let sandbox = Sandbox::new();
    let path = sandbox.path().join("trace.jsonl");
    let header = r#"{"esimctl_trace":1,"device":"x","le_with_data":true,"we_are_the_terminal":true}"#;
    for text in [
        String::new(),
        "x".into(),
        "{}".into(),
        header.replace(":1,", ":99,"),
        format!("{header}\n{{\"command\":\"00\"}}"),
        format!("{header}\n{{\"command\":\"00\",\"answer\":\"XY\",\"us\":1}}"),
    ] {
        std::fs::write(&path, &text).unwrap();
        let (code, error) = sandbox.error(&["list", "-d", &format!("replay:{}", path.display())]);
        assert_eq!((code, id(&error)), (2, "replay_file"), "{text}");
    }
    let (code, error) = sandbox.error(&["list", "-d", "replay:/no/such/file"]);
    assert_eq!((code, id(&error)), (2, "replay_file"));
}

#[test]
fn a_trace_that_cannot_be_written() {
    let sandbox = Sandbox::with_card(&[]);
    let (code, error) = sandbox.error(&["list", "--trace", "/no/such/directory/trace"]);
    assert_eq!((code, id(&error)), (1, "output_file"));
}

#[test]
fn pins_do_not_reach_a_trace_or_an_error() {
    let sandbox = Sandbox::with_card(&[]);
    let trace = sandbox.path().join("trace.jsonl");
    let run = sandbox.run(&["apdu", "00200001083132333435363738", "--trace", trace.to_str().unwrap()]);
    assert_eq!(run.code, 0);
    let text = std::fs::read_to_string(&trace).unwrap();
    assert!(text.contains("0020000108FFFFFFFFFFFFFFFF") && !text.contains("3132333435"), "{text}");
    let wrong = sandbox.run(&["apdu", "0020000108313233343536373", "-vv"]);
    assert_eq!(wrong.code, 2);
    assert!(!wrong.err.contains("313233"), "{}", wrong.err);
}

#[test]
fn an_icon_is_saved_byte_for_byte() {
    let sandbox = Sandbox::with_card(&["--icons"]);
    let path = sandbox.path().join("icon.png");
    assert_eq!(sandbox.run(&["show", HOME, "--save-icon", path.to_str().unwrap()]).code, 0);
    let icon = std::fs::read(path).unwrap();
    assert_eq!(icon.len(), 1024);
    assert!(icon.starts_with(b"\x89PNG"));
}

#[test]
fn man_pages_and_completions_name_every_command() {
    let sandbox = Sandbox::new();
    let directory = sandbox.path().join("man");
    assert_eq!(sandbox.run(&["man", directory.to_str().unwrap()]).code, 0);
    for page in ["esimctl.1", "esimctl-delete.1", "esimctl-virtual-plug.1"] {
        assert!(directory.join(page).exists(), "{page}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = sandbox.run(&["completions", shell]).out;
        assert!(script.contains("notifications") && script.contains("disable-first"), "{shell}");
    }
    let (code, error) = sandbox.error(&["man", "/proc/no/such"]);
    assert_eq!((code, id(&error)), (1, "output_file"));
}

#[test]
fn a_reader_of_the_output_may_go_away() {
    use std::process::Stdio;
    let sandbox = Sandbox::with_card(&["--profiles", "65"]);
    let mut child =
        sandbox.command().args(["list", "--all-fields"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"), "{output:?}");
}
