//! Links that begin with `lpa:`, as a desktop hands them over by the entry in `dist/`.

use std::process::Command;

use virtual_euicc::smdp::OrderState;

use crate::bench::{Bench, HOST, TOKEN, code, id};
use crate::common;
use crate::terminal::Terminal;

const ENTRY: &str = include_str!("../../../../dist/esimctl.desktop");

fn value<'a>(key: &str) -> &'a str {
    let line = ENTRY.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    line.unwrap_or_else(|| panic!("{key} is missing"))
}

/// The words of the Exec line for a link, by the Desktop Entry Specification 1.5: blanks part them, quotes keep them
/// together, and a field code that is a word by itself becomes one argument, whatever is in it.
fn words(link: &str) -> Vec<String> {
    let exec = value("Exec");
    assert!(!exec.contains(['"', '\\', '\'', '`', '>', '<', '~', '|', '&', ';', '*', '?', '#', '(', ')']), "{exec}");
    assert_eq!(exec.matches('%').count(), 1, "{exec}");
    exec.split(' ').map(|word| if word == "%u" { link.to_owned() } else { word.to_owned() }).collect()
}

fn command(bench: &Bench, link: &str) -> Command {
    let words = words(link);
    assert_eq!(words[0], "esimctl");
    let mut command = bench.sandbox.command();
    command.args(&words[1..]).current_dir(bench.sandbox.path());
    command
}

#[test]
fn the_entry_is_one_of_a_scheme() {
    assert_eq!((value("Type"), value("Terminal"), value("MimeType")), ("Application", "true", "x-scheme-handler/lpa;"));
    let lines = ENTRY.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(lines.clone().next(), Some("[Desktop Entry]"));
    assert!(lines.skip(1).all(|line| line.contains('=')));
    // Where it is installed, the desktop's own judge.
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../dist/esimctl.desktop");
    match Command::new("desktop-file-validate").arg(file).output() {
        Ok(output) => assert!(output.status.success() && output.stdout.is_empty(), "{output:?}"),
        Err(error) => eprintln!("SKIPPED: desktop-file-validate: {error}"),
    }
}

#[test]
fn a_link_shows_the_offer_and_installs_nothing_by_itself() {
    let bench = Bench::new();
    for link in [code(TOKEN).replacen("LPA:", "lpa:", 1), format!("lpa://1%24{HOST}%24{TOKEN}")] {
        let mut terminal = Terminal::start(&mut command(&bench, &link));
        terminal.expect("[i]nstall it, [n]ot now");
        assert!(terminal.screen().contains("Flat 50 GB"), "{}", terminal.screen());
        terminal.press("\n");
        // The window stays until it was read.
        terminal.expect("Press Enter to close.");
        assert!(terminal.screen().contains("The activation code still works."), "{}", terminal.screen());
        terminal.press("\n");
        assert_eq!(terminal.wait().code(), Some(1));
        assert_eq!((bench.state(), bench.sandbox.profiles("card").len()), (OrderState::Released, 2));
    }
    // Without a terminal nobody is asked, and nothing waits.
    let run = common::run(&mut command(&bench, &code(TOKEN)));
    assert_eq!((run.code, bench.state()), (4, OrderState::Released), "{}", run.err);
}

#[test]
fn a_hostile_link_is_an_argument_and_nothing_else() {
    let bench = Bench::new();
    let long = format!("lpa:1${HOST}${}", "A1".repeat(5000));
    for link in [
        "--yes",
        "-y",
        "--help",
        "-d=virtual:card",
        "-dstdio:touch z",
        "--device=stdio:touch z",
        "--state-dir=/tmp",
        "--qr=/etc/passwd",
        "--code-file=/etc/passwd",
        "--server=smdp.example.com",
        "--confirmation-code=1",
        "--trace=z",
        "lpa:$(touch z)",
        "lpa:1$`touch z`$T",
        "lpa:1$x$y\" ; touch z",
        "lpa:1$x$y'; touch z; '",
        "lpa:1$x$y | touch z",
        "lpa:1$x$y\ntouch z",
        "lpa:%u",
        "lpa:",
        "lpa:1$$",
        "lpa:1$\u{1b}[2J$T",
        &long,
    ] {
        let mut command = command(&bench, link);
        command.arg("--json");
        let run = common::run(command.env("ESIMCTL_LANG", "en"));
        // After "--" everything is a code, --json as well: a second one is refused.
        assert_eq!(run.code, 2, "{link}: {}{}", run.out, run.err);
        let run = common::run(&mut self::command(&bench, link));
        // A code for another server, or none that can be read.
        let expected = if link.starts_with("lpa:1$x$y") { [2, 5] } else { [2, 2] };
        assert!(expected.contains(&run.code), "{link}: {} {}{}", run.code, run.out, run.err);
        assert!(run.err.contains("error: ") && run.err.lines().count() < 12, "{link}: {}", run.err);
        assert!(
            !run.err.contains("touch") && !run.err.contains('\u{1b}') && !run.err.contains("A1A1"),
            "{link}: {}",
            run.err
        );
        assert!(!bench.path("z").exists() && bench.served.functions().is_empty(), "{link}");
    }
    assert_eq!(bench.sandbox.profiles("card").len(), 2);
    assert_eq!(id(&bench.fails(&["lpa:1$$"]).1), "code_invalid");
}
