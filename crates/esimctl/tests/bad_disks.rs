//! A state directory on a disk that is full or read-only: a clear error, nothing lost, nothing claimed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/namespace.rs"]
mod namespace;

use common::{HOME, Run, Sandbox, TRAVEL};
use namespace::run_in_mounts;
use serde_json::Value;

/// A card, a notification that waits (there is no server), an open entry in the journal, and a case.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_card(&[]);
    assert_eq!(sandbox.run(&["enable", TRAVEL]).code, 0);
    sandbox.data(&["retire", "start", HOME]);
    let paths = manager::Paths::new(Some(sandbox.state())).unwrap();
    let database = manager::Database::open(&paths).unwrap();
    let entry = manager::NewJournalEntry {
        command: "enable",
        device: "virtual:card",
        eid: common::EID.into(),
        iccid: Some(HOME.into()),
        plan: serde_json::json!({}),
    };
    database.begin(&entry).unwrap();
    drop(database);
    let connection = rusqlite::Connection::open(sandbox.state().join("esimctl.db")).unwrap();
    // Of a process that is gone.
    connection.execute("UPDATE journal SET process = '1 1 elsewhere' WHERE outcome IS NULL", []).unwrap();
    sandbox
}

fn read_only(sandbox: &Sandbox, arguments: &[&str]) -> Option<Run> {
    let state = sandbox.state();
    let script = format!("mount --bind '{0}' '{0}' && mount -o remount,bind,ro '{0}' || exit 99", state.display());
    run_in_mounts(&script, sandbox.command().args(arguments))
}

fn data(run: &Run) -> Value {
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    run.json()["data"].clone()
}

#[test]
fn reading_commands_read_in_a_read_only_directory() {
    let sandbox = sandbox();
    for command in [
        &["outbox", "list"][..],
        &["retire", "list"],
        &["retire", "R1"],
        &["inventory"],
        &["virtual", "list"],
        &["list"],
        &["info"],
        &["notifications", "list"],
    ] {
        let expected = sandbox.data(command);
        let Some(run) = read_only(&sandbox, &[command, &["--json"]].concat()) else { return };
        assert_eq!(data(&run), expected, "{command:?}");
    }
    // A card that nobody has locked yet has no lock file, and none can be made.
    let expected = sandbox.data(&["list"]);
    std::fs::remove_file(sandbox.state().join("virtual/card/lock")).unwrap();
    assert_eq!(data(&read_only(&sandbox, &["list", "--json"]).unwrap()), expected);
    let before = std::fs::read(sandbox.state().join("esimctl.db")).unwrap();
    let Some(recover) = read_only(&sandbox, &["recover", "--json"]) else { return };
    let told = recover.json();
    assert!(told.to_string().contains("read-only") && told.to_string().contains("enable"), "{told}");
    assert_eq!(std::fs::read(sandbox.state().join("esimctl.db")).unwrap(), before);
}

#[test]
fn a_change_in_a_read_only_directory_is_refused_before_the_card_is_touched() {
    let sandbox = sandbox();
    let before = sandbox.profiles("card");
    for command in [
        &["enable", HOME][..],
        &["rename", HOME, "x"],
        &["retire", "record", "R1", "contact"],
        &["outbox", "send"],
        &["virtual", "create", "other"],
    ] {
        let Some(run) = read_only(&sandbox, &[command, &["--json"]].concat()) else { return };
        assert!(run.code != 0, "{command:?}: {}", run.out);
        let error = run.json()["error"].clone();
        assert!(error.to_string().contains("ead-only"), "{command:?}: {error}");
    }
    assert_eq!(sandbox.profiles("card"), before);
}

#[test]
fn doctor_says_of_bad_disks_what_is_true() {
    let sandbox = sandbox();
    let checks = |run: Run| {
        let document = run.json();
        let of = |name: &str| {
            let checks = document["data"]["checks"].as_array().or(document["data"].as_array()).unwrap();
            let check = checks.iter().find(|check| check["name"] == name).unwrap();
            (check["finding"].as_str().unwrap().to_owned(), check["message"].as_str().unwrap().to_owned())
        };
        (of("state_directory"), of("database"))
    };
    let Some(run) = read_only(&sandbox, &["doctor", "--json"]) else { return };
    let (directory, database) = checks(run);
    assert_eq!(directory.0, "fail", "{directory:?}");
    assert_eq!(database.0, "note", "{database:?}");
    assert!(database.1.ends_with("can be read, but not written."), "{database:?}");
    let (directory, database) = checks(full(&sandbox, ".", &["doctor", "--json"], ":").unwrap());
    assert_eq!(directory.0, "fail", "{directory:?}");
    assert!(directory.1.contains("No space left"), "{directory:?}");
    assert!(database.0 != "ok" && !database.1.contains("read and written"), "{database:?}");
    let (directory, database) = checks(sandbox.run(&["doctor", "--json"]));
    assert_eq!((directory.0.as_str(), database.0.as_str()), ("ok", "ok"));
}

#[test]
fn a_full_disk_leaves_no_stumps() {
    let sandbox = sandbox();
    let trace = sandbox.path().join("disk/t");
    let list = ["--trace", trace.to_str().unwrap(), "list", "--json"];
    let retry = "ls -A \"$ESIMCTL_STATE_DIR\" >&2; rm \"$ESIMCTL_STATE_DIR/filler\"; \"$0\" \"$@\" >&2";
    let Some(run) = full(&sandbox, ".", &list, retry) else { return };
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("Nothing could be recorded") && run.err.contains("No space left"), "{}", run.err);
    assert!(!run.err.lines().any(|line| line == "t"), "no stump: {}", run.err);
    assert!(!run.err.contains("is there already"), "{}", run.err);
    let target = sandbox.path().join("disk/backups/one");
    let backup = ["retire", "backup", "R1", "--description-only", "--json", "--dir", target.to_str().unwrap()];
    let state = sandbox.state();
    let backup = [&backup[..], &["--state-dir", state.to_str().unwrap()]].concat();
    let run = full(&sandbox, ".", &backup, "ls -A \"$ESIMCTL_STATE_DIR\" >&2").unwrap();
    assert_eq!((run.code, &run.json()["error"]["id"]), (1, &"output_file".into()), "{}", run.out);
    assert!(run.err.contains("filler") && !run.err.contains("backups\n"), "{}", run.err);
}

/// A limit of 512 bytes for each file, as a disk that gets full on the way.
#[test]
fn a_recording_that_finds_no_room_ends_with_a_whole_line_and_is_told() {
    let sandbox = Sandbox::with_card(&[]);
    let trace = sandbox.path().join("t");
    let mut limited = std::process::Command::new("sh");
    let command = sandbox.command();
    limited.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""]).arg(command.get_program());
    limited.args(["info", "--trace", trace.to_str().unwrap()]);
    limited.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let run = common::run(&mut limited);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.err.contains("/t is incomplete"), "{}", run.err);
    let text = std::fs::read_to_string(trace).unwrap();
    assert!(text.len() <= 512 && text.ends_with("}\n"), "{text}");
    assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{text}");
}

/// The state directory is copied to a disk of a few pages, which is then filled.
fn full(sandbox: &Sandbox, keep: &str, arguments: &[&str], afterwards: &str) -> Option<Run> {
    let (state, disk) = (sandbox.state(), sandbox.path().join("disk"));
    std::fs::create_dir_all(&disk).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=2m,mode=700 tmpfs '{disk}' && cp -a '{state}/{keep}' '{disk}' || exit 99
         dd if=/dev/zero of='{disk}/filler' bs=4k 2>/dev/null
         export ESIMCTL_STATE_DIR='{disk}'
         \"$0\" \"$@\"; code=$?; {afterwards}; exit $code",
        disk = disk.display(),
        state = state.display(),
    );
    run_in_mounts(&script, sandbox.command().args(arguments))
}

#[test]
fn a_full_disk_is_told_before_the_card_is_touched() {
    let sandbox = sandbox();
    for command in [&["enable", HOME, "--json"][..], &["delete", HOME, "--yes", "--json"]] {
        // What the card holds is looked at when there is room again, on the same disk.
        let look = "rm \"$ESIMCTL_STATE_DIR/filler\"; \"$0\" list --json >&2";
        let Some(run) = full(&sandbox, ".", command, look) else { return };
        assert!(run.code == 1, "{command:?}: {}{}", run.out, run.err);
        let error = run.json()["error"].clone();
        assert_eq!((&error["id"], &error["state"]), (&"state_full".into(), &"unchanged".into()), "{error}");
        let list: Value = run.err.lines().find_map(|line| serde_json::from_str(line).ok()).expect(&run.err);
        let profiles = list["data"].as_array().unwrap();
        assert_eq!((profiles.len(), &profiles[1]["state"]), (2, &"enabled".into()), "{list}");
    }
}

#[test]
fn a_full_disk_without_a_database_and_evidence_that_finds_no_room() {
    let sandbox = sandbox();
    let Some(run) = full(&sandbox, "virtual", &["enable", HOME, "--json"], ":") else { return };
    assert_eq!((run.code, &run.json()["error"]["id"]), (1, &"state_full".into()), "{}", run.err);
    let letter = sandbox.path().join("letter");
    std::fs::write(&letter, "x".repeat(100_000)).unwrap();
    let record = ["retire", "record", "R1", "contact", "--file", letter.to_str().unwrap(), "--json"];
    let look = "ls -A \"$ESIMCTL_STATE_DIR/evidence\" >&2";
    let run = full(&sandbox, ".", &record, look).unwrap();
    assert_eq!((run.code, &run.json()["error"]["id"]), (1, &"state_full".into()));
    assert!(!run.err.contains("part"), "no stump: {}", run.err);
}
