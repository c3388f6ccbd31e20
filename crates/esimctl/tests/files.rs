//! Files that the program writes: who may read them, what becomes of those that are there, and what a full disk leaves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{HOME, Run, Sandbox, TRAVEL};

fn mode(path: &Path) -> u32 {
    path.symlink_metadata().unwrap().permissions().mode() & 0o7777
}

/// Runs the program from a shell that does something before.
fn under(sandbox: &Sandbox, before: &str, arguments: &[&str]) -> Run {
    let plain = sandbox.command();
    let mut shell = Command::new("sh");
    let script = format!("{before}; exec \"$0\" \"$@\"");
    shell.arg("-c").arg(script).arg(plain.get_program()).args(arguments).env_clear();
    shell.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    common::run(&mut shell)
}

/// Everything below a directory.
fn below(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in directory.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(below(&path));
        }
        found.push(path);
    }
    found
}

/// A command for each kind of file that goes where the user says; `FILE` stands for it.
const OUTPUTS: [&[&str]; 7] = [
    &["list", "--trace", "FILE"],
    &["show", HOME, "--save-icon", "FILE"],
    &["notifications", "export", "FILE"],
    &["support-bundle", "FILE", "--yes"],
    &["retire", "report", "R1", "FILE"],
    &["retire", "list", "--ics", "FILE"],
    &["retire", "report", "R1", "FILE", "--html"],
];

fn with_file(command: &[&str], file: &str) -> Vec<String> {
    command.iter().map(|word| if *word == "FILE" { file.to_owned() } else { (*word).to_owned() }).collect()
}

fn run_with(sandbox: &Sandbox, before: &str, command: &[&str], file: &Path, more: &[&str]) -> Run {
    let words = with_file(command, file.to_str().unwrap());
    let words: Vec<&str> = words.iter().map(String::as_str).chain(more.iter().copied()).collect();
    under(sandbox, before, &words)
}

/// A card with an icon, a notification that waits, and a case.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.create("card", &["--icons"]);
    assert_eq!(sandbox.run(&["enable", TRAVEL]).code, 0);
    sandbox.data(&["retire", "start", HOME]);
    sandbox
}

#[test]
fn files_are_private_whatever_the_umask_is() {
    for umask in ["0", "077"] {
        let before = format!("umask {umask}");
        let sandbox = Sandbox::new();
        assert_eq!(under(&sandbox, &before, &["virtual", "create", "card", "--icons"]).code, 0);
        let home = sandbox.data(&["list"])[0]["iccid"].as_str().unwrap().to_owned();
        assert_eq!(under(&sandbox, &before, &["enable", "@2"]).code, 0);
        let evidence = sandbox.path().join("letter.pdf");
        std::fs::write(&evidence, "letter").unwrap();
        assert_eq!(under(&sandbox, &before, &["retire", "start", "@1"]).code, 0);
        let record = ["retire", "record", "R1", "request", "--file", evidence.to_str().unwrap()];
        assert_eq!(under(&sandbox, &before, &record).code, 0);
        let pki = sandbox.path().join("pki");
        let made = under(&sandbox, &before, &["virtual", "pki", "new", pki.to_str().unwrap()]);
        assert_eq!(made.code, 0, "{}", made.err);
        for path in below(&sandbox.state()).iter().chain(&below(&pki)).chain([&sandbox.state(), &pki]) {
            let expected = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode(path), expected, "umask {umask}: {}", path.display());
        }
        for (number, command) in OUTPUTS.iter().enumerate() {
            let file = sandbox.path().join(format!("output{number}"));
            let command: Vec<&str> = command.iter().map(|word| if *word == HOME { &home } else { *word }).collect();
            let run = run_with(&sandbox, &before, &command, &file, &[]);
            assert_eq!(run.code, 0, "{command:?}: {}", run.err);
            assert_eq!(mode(&file), 0o600, "umask {umask}: {command:?}");
        }
        let man = sandbox.path().join("man");
        assert_eq!(under(&sandbox, &before, &["man", man.to_str().unwrap()]).code, 0);
        assert_eq!((mode(&man), mode(&man.join("esimctl.1"))), (0o700, 0o600));
    }
}

#[test]
fn files_that_are_there_stay_unless_they_are_to_be_replaced() {
    let sandbox = sandbox();
    for command in OUTPUTS {
        let file = sandbox.path().join("file");
        std::fs::write(&file, "mine").unwrap();
        let refused = run_with(&sandbox, ":", command, &file, &[]);
        assert_eq!(refused.code, 1, "{command:?}: {}", refused.err);
        assert!(refused.err.contains("is there already") && refused.err.contains("--overwrite"), "{}", refused.err);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine", "{command:?}");
        let replaced = run_with(&sandbox, ":", command, &file, &["--overwrite"]);
        assert_eq!(replaced.code, 0, "{command:?}: {}", replaced.err);
        assert!(std::fs::read(&file).unwrap() != b"mine" && mode(&file) == 0o600, "{command:?}");
    }
    let man = sandbox.path().join("man");
    std::fs::create_dir(&man).unwrap();
    std::fs::write(man.join("esimctl-list.1"), "mine").unwrap();
    let (code, error) = sandbox.error(&["man", man.to_str().unwrap()]);
    assert_eq!((code, error["id"].as_str()), (1, Some("output_exists")));
    assert_eq!(man.read_dir().unwrap().count(), 1, "not one of them");
    assert_eq!(sandbox.run(&["man", man.to_str().unwrap(), "--overwrite"]).code, 0);
}

#[test]
fn links_and_devices_are_never_written_through() {
    let sandbox = sandbox();
    let target = sandbox.path().join("target");
    for command in OUTPUTS {
        for (what, more) in [(&target, &[][..]), (&target, &["--overwrite"]), (&sandbox.path().join("none"), &[])] {
            std::fs::write(&target, "mine").unwrap();
            let link = sandbox.path().join("link");
            let _ = std::fs::remove_file(&link);
            symlink(what, &link).unwrap();
            assert_eq!(run_with(&sandbox, ":", command, &link, more).code, 1, "{command:?} {more:?}");
            assert_eq!(std::fs::read_to_string(&target).unwrap(), "mine", "{command:?} {more:?}");
            assert!(link.is_symlink() && !sandbox.path().join("none").exists());
        }
        assert_eq!(run_with(&sandbox, ":", command, Path::new("/dev/null"), &["--overwrite"]).code, 1);
    }
}

/// A disk without room: a limit for the size of files fails in the same place, and needs no rights.
#[test]
fn a_write_that_fails_leaves_no_stump_and_can_be_repeated() {
    let sandbox = sandbox();
    for command in &OUTPUTS[1..] {
        let directory = sandbox.path().join("output");
        std::fs::create_dir(&directory).unwrap();
        let file = directory.join("file");
        let failed = run_with(&sandbox, "trap '' XFSZ; ulimit -f 0", command, &file, &[]);
        assert_eq!(failed.code, 1, "{command:?}: {}{}", failed.out, failed.err);
        assert_eq!(below(&directory), [] as [PathBuf; 0], "{command:?}: {}", failed.err);
        let again = run_with(&sandbox, ":", command, &file, &[]);
        assert_eq!((again.code, file.exists()), (0, true), "{command:?}: {}", again.err);
        std::fs::remove_dir_all(&directory).unwrap();
    }
}

#[test]
fn a_report_is_written_only_in_a_form_that_its_name_allows() {
    let sandbox = sandbox();
    for (name, arguments, beginning) in [
        ("r.html", &[][..], "<!DOCTYPE html>"),
        ("r.HTM", &[], "<!DOCTYPE html>"),
        ("r.json", &[], "{"),
        ("r.md", &[], "# "),
        ("r", &[], "# "),
        ("r.txt", &[], "# "),
        ("x.md", &["--json"], "# "),
        ("x", &["--json"], "{"),
        ("x.pdf", &["--html"], "<!DOCTYPE html>"),
    ] {
        let file = sandbox.path().join(name);
        let words = [&["retire", "report", "R1", file.to_str().unwrap()], arguments].concat();
        let run = sandbox.run(&words);
        assert_eq!(run.code, 0, "{name}: {}", run.err);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(
            text.to_lowercase().starts_with(&beginning.to_lowercase()),
            "{name} {arguments:?}: {:?}",
            text.get(..40)
        );
    }
    for name in ["r.pdf", "r.docx", "r.PDF"] {
        let file = sandbox.path().join(name);
        for arguments in [&[][..], &["--lang", "zh-CN"]] {
            let words = [&["retire", "report", "R1", file.to_str().unwrap()], arguments].concat();
            let run = sandbox.run(&words);
            assert_eq!((run.code, file.exists()), (2, false), "{name}: {}", run.err);
            for form in ["html", "md", "json"] {
                assert!(run.err.contains(form), "{name}: {}", run.err);
            }
        }
    }
}

/// What a state directory that another version left open says, and that it says it once.
#[test]
fn a_state_directory_that_others_could_read_is_put_right_and_told_once() {
    let sandbox = sandbox();
    let state = sandbox.state();
    let database = state.join("esimctl.db");
    for (path, open) in [(&database, 0o644), (&state, 0o755)] {
        std::fs::set_permissions(path, PermissionsExt::from_mode(open)).unwrap();
    }
    let told = sandbox.run(&["list"]);
    assert_eq!(told.code, 0);
    assert!(told.err.contains("esimctl.db") && told.err.starts_with("warning: Other users"), "{}", told.err);
    assert_eq!((mode(&database), mode(&state)), (0o600, 0o700));
    assert!(!sandbox.run(&["list"]).err.contains("warning"), "once");
    std::fs::set_permissions(&database, PermissionsExt::from_mode(0o644)).unwrap();
    // With other things in it, its permissions may be on purpose: they stay, and doctor tells.
    std::fs::write(state.join("thesis.txt"), "mine").unwrap();
    std::fs::set_permissions(&state, PermissionsExt::from_mode(0o755)).unwrap();
    let doctor = sandbox.run(&["doctor"]);
    assert!(doctor.out.contains("Other users can see") && doctor.out.contains("chmod 700"), "{}", doctor.out);
    assert_eq!((mode(&database), mode(&state)), (0o600, 0o755));
    std::fs::set_permissions(&state, PermissionsExt::from_mode(0o1777)).unwrap();
    let doctor = sandbox.run(&["doctor"]);
    assert!(doctor.out.contains("can create files there") && !doctor.out.contains("chmod 700"), "{}", doctor.out);
    std::fs::set_permissions(&database, PermissionsExt::from_mode(0o644)).unwrap();
    let chinese = sandbox.run(&["list", "--lang", "zh-CN"]);
    assert!(chinese.err.contains("权限现已改正"), "{}", chinese.err);
}

#[test]
fn the_first_command_closes_a_state_directory_to_others() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.state()).unwrap();
    std::fs::set_permissions(sandbox.state(), PermissionsExt::from_mode(0o777)).unwrap();
    sandbox.create("card", &[]);
    sandbox.data(&["list"]);
    assert!(sandbox.state().join("esimctl.db").exists());
    assert_eq!(mode(&sandbox.state()), 0o700);
}
