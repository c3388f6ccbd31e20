//! A code that was typed after the wrong command, option or position never comes back on the screen.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub, dead_code)]

mod common;

use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Run, Sandbox};

const TOKEN: &str = "K7Q-SECRET-93XZ";

fn codes() -> Vec<String> {
    let code = format!("LPA:1$smdp.example.com${TOKEN}$$4711-PIN");
    vec![code.clone(), format!("https://esimsetup.apple.com/x?carddata={}", code.replace('$', "%24"))]
}

/// Commands that go on until they are stopped.
const ENDLESS_COMMANDS: [&str; 4] = ["virtual smdp", "virtual smds", "virtual plug", "virtual modem"];

fn help(sandbox: &Sandbox, path: &[String]) -> String {
    let mut command = sandbox.command();
    command.args(path).arg("--help");
    common::run(&mut command).out
}

/// All commands, by what --help lists.
fn commands(sandbox: &Sandbox, path: &[String], into: &mut Vec<(Vec<String>, String)>) {
    let text = help(sandbox, path);
    let listed = text.split_once("Commands:\n").map(|(_, after)| after.split("\n\n").next().unwrap_or_default());
    for line in listed.unwrap_or_default().lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let name = line.trim().split(' ').next().unwrap().to_owned();
        commands(sandbox, &[path, &[name]].concat(), into);
    }
    into.push((path.to_vec(), text));
}

/// Runs a command, and ends it if it goes on.
fn run(sandbox: &Sandbox, arguments: &[String]) -> Run {
    let mut command = sandbox.command();
    command.current_dir(sandbox.path()).args(arguments).env("ESIMCTL_TIMEOUT", "1");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() >= end {
            child.kill().unwrap();
            panic!("{arguments:?} goes on");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Run { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

/// The part of a code that a shell leaves without quotes is in the advice, too, which is not hidden for it.
#[test]
fn the_beginning_of_a_code_hides_no_advice() {
    let sandbox = Sandbox::with_card(&[]);
    for rest in ["LPA:1", "lpa:1$", "LPA:"] {
        let (_, error) = sandbox.error(&["download", rest]);
        let next = error["next"].as_str().unwrap();
        assert!(next.contains("A code looks like LPA:1$smdp.example.com$TOKEN."), "{rest}: {next}");
    }
}

#[test]
fn the_server_of_a_code_without_a_token_is_told() {
    let sandbox = Sandbox::with_card(&[]);
    let (_, error) = sandbox.error(&["download", "LPA:1$smdp.example.org"]);
    assert!(error["message"].as_str().unwrap().contains("smdp.example.org"), "{error}");
    // A token in the place of the host stays hidden.
    let run = sandbox.run(&["list", "LPA:1$K7Q-SECRET"]);
    assert!(run.code == 2 && !run.err.contains("SECRET"), "{}", run.err);
}

#[test]
fn no_command_repeats_a_code() {
    let sandbox = Sandbox::with_card(&[]);
    let mut all = Vec::new();
    commands(&sandbox, &[], &mut all);
    assert!(all.len() > 50, "{}", all.len());
    let codes = codes();
    let mut ran = 0;
    for (path, help) in &all {
        let serves = ENDLESS_COMMANDS.contains(&path.join(" ").as_str());
        let mut forms: Vec<Vec<&str>> =
            vec![vec!["--no-such-option", "C"], vec!["C", "C", "C", "C"], vec!["--no-such=C"], vec!["-zC"]];
        if !serves {
            forms.push(vec!["C"]);
        }
        // Those of every command are tried once.
        let own = help.split("Options of every command:").next().unwrap_or_default();
        for line in if path.is_empty() { help.lines() } else { own.lines() } {
            let Some(option) = line.trim().split([' ', ',']).find(|word| word.starts_with("--")) else { continue };
            if line.contains('<') && !serves {
                forms.push(vec![option, "C"]);
                forms.push(vec![option, "C", "C"]);
            }
        }
        for (index, form) in forms.iter().enumerate() {
            let code = &codes[index % codes.len()];
            let given = form.iter().map(|word| word.replace('C', code));
            let mut arguments: Vec<String> = path.iter().cloned().chain(given).collect();
            if index % 3 == 0 {
                arguments.push("--json".into());
            }
            if path.is_empty() {
                arguments.push("list".into());
            }
            let run = run(&sandbox, &arguments);
            ran += 1;
            for secret in [TOKEN, "93XZ", "4711-PIN", "%24smdp"] {
                assert!(!run.out.contains(secret), "{arguments:?}: {}", run.out);
                assert!(!run.err.contains(secret), "{arguments:?}: {}", run.err);
            }
        }
    }
    eprintln!("{ran} command lines");
}

#[test]
fn a_command_that_takes_no_code_refuses_it_and_hides_it() {
    let sandbox = Sandbox::with_card(&[]);
    for code in codes() {
        for arguments in
            [&["discover", &code][..], &["discover", "--json", &code], &["-d", &code, "list"], &["enable", &code]]
        {
            let run = sandbox.run(arguments);
            assert_ne!(run.code, 0, "{}{}", run.out, run.err);
            assert!(run.out.contains('…') || run.err.contains('…'), "{arguments:?}: {}{}", run.out, run.err);
        }
    }
    // An ordinary mistake is named as before.
    let run = sandbox.run(&["enable", "NO-SUCH-93"]);
    assert!(run.err.contains("NO-SUCH-93"), "{}", run.err);
}
