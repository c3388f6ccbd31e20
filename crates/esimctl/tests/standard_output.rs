//! Standard output that cannot be written: told, and never taken for done.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;

use std::process::Command;

use common::{HOME, Run, Sandbox, TRAVEL};

/// Runs the program with a shell's redirection.
fn redirected(sandbox: &Sandbox, arguments: &[&str], redirection: &str) -> Run {
    let plain = sandbox.command();
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("\"$0\" \"$@\" {redirection}")).arg(plain.get_program()).args(arguments).env_clear();
    shell.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    common::run(&mut shell)
}

/// Commands of each kind that print something.
const PRINTING: [&[&str]; 22] = [
    &["list"],
    &["list", "--json"],
    &["info"],
    &["show", HOME],
    &["devices"],
    &["doctor", "-d", "virtual:card"],
    &["notifications", "list"],
    &["outbox", "list", "--json"],
    &["recover"],
    &["server", "show"],
    &["inventory"],
    &["quirks"],
    &["apdu", "80E2910006BF3E035C015A00"],
    &["retire", "list"],
    &["retire", "R1"],
    &["retire", "report", "R1", "-"],
    &["retire", "report", "R1", "-", "--json"],
    &["virtual", "list"],
    &["virtual", "show", "card"],
    &["completions", "bash"],
    &["--help"],
    &["--version"],
];

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.data(&["retire", "start", HOME]);
    sandbox
}

#[test]
fn what_cannot_be_printed_is_told_and_is_no_success() {
    let sandbox = sandbox();
    for command in PRINTING {
        assert_eq!(sandbox.run(command).code, 0, "{command:?}");
        for (redirection, why) in [(">/dev/full", "No space left on device"), (">&-", "it is closed")] {
            let run = redirected(&sandbox, command, redirection);
            assert_eq!(run.code, 1, "{command:?} {redirection}: {}", run.err);
            assert!(run.err.contains("standard output") && run.err.contains(why), "{command:?}: {}", run.err);
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let sandbox = sandbox();
    for command in PRINTING {
        let run = redirected(&sandbox, command, "| true");
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{command:?}");
        // The exit code of the program itself, which a pipe hides.
        let own = redirected(&sandbox, command, "2>&1 | true; exit 0");
        assert_eq!(own.code, 0);
    }
    let plain = sandbox.command();
    let mut child = sandbox.command();
    let mut child = child.args(["completions", "bash"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop((plain, child.stdout.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_null_device_takes_everything() {
    let sandbox = sandbox();
    for redirection in [">/dev/null", "<>/dev/null >&0", "1<>/dev/null"] {
        let run = redirected(&sandbox, &["list"], redirection);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{redirection}");
    }
}

/// A change is done even if nobody can be told on standard output; a failure keeps its own exit code.
#[test]
fn a_change_that_was_done_stays_done() {
    let sandbox = sandbox();
    let run = redirected(&sandbox, &["enable", TRAVEL], ">/dev/full");
    assert_eq!(run.code, 1);
    assert!(run.err.contains("stays done") && !run.err.contains("Nothing was changed"), "{}", run.err);
    assert_eq!(sandbox.profiles("card"), [(HOME.into(), false), (TRAVEL.into(), true)]);
    let failed = redirected(&sandbox, &["enable", "no such profile", "--json"], ">/dev/full");
    assert_eq!(failed.code, sandbox.run(&["enable", "no such profile", "--json"]).code);
    assert!(failed.code != 0 && failed.err.contains("standard output"), "{} {}", failed.code, failed.err);
    let chinese = redirected(&sandbox, &["list", "--lang", "zh-CN"], ">/dev/full");
    assert!(chinese.err.contains("标准输出"), "{}", chinese.err);
}

/// There is nobody to tell, and that is no reason to fall over.
#[test]
fn standard_error_that_cannot_be_written_changes_nothing() {
    let sandbox = sandbox();
    for command in [&["list", "-vv"][..], &["enable", "no such profile"], &["list", "--stats"], &["no-such-command"]] {
        let expected = sandbox.run(command).code;
        for redirection in ["2>/dev/full", "2>&-"] {
            assert_eq!(redirected(&sandbox, command, redirection).code, expected, "{command:?} {redirection}");
        }
    }
}
