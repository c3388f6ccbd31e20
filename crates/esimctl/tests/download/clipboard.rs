//! Codes from the clipboard, read by programs that are played, and by the real one where it is installed.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bench::{Bench, HOST, TOKEN, code, id};
use crate::common::{self, Run};
use crate::sources::picture;

/// A desktop with these programs and nothing else on the path but the shell.
struct Desktop {
    bench: Bench,
}

impl Desktop {
    fn new(programs: &[(&str, &str)]) -> Self {
        let bench = Bench::new();
        let directory = bench.path("bin");
        std::fs::create_dir(&directory).unwrap();
        for (name, script) in programs {
            let path = directory.join(name);
            std::fs::write(
                &path,
                format!("#!/bin/sh\nPATH=/usr/bin:/bin\nD={}\n{script}\n", bench.sandbox.path().display()),
            )
            .unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { bench }
    }

    fn command(&self, display: &[(&str, &str)]) -> Command {
        let mut command = self.bench.sandbox.command();
        command.env("PATH", self.bench.path("bin")).envs(display.iter().copied());
        command.args(["download", "--clipboard", "--dry-run", "--json"]);
        command
    }

    fn run(&self, display: &[(&str, &str)]) -> Run {
        common::run(&mut self.command(display))
    }

    fn reads(&self, display: &[(&str, &str)]) -> Value {
        let run = self.run(display);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        run.json()["data"].clone()
    }

    fn fails(&self, display: &[(&str, &str)]) -> Value {
        let run = self.run(display);
        assert_eq!(run.code, 2, "{}{}", run.out, run.err);
        run.json()["error"].clone()
    }
}

const WAYLAND: (&str, &str) = ("WAYLAND_DISPLAY", "wayland-0");
const X11: (&str, &str) = ("DISPLAY", ":9");

/// `wl-paste` with a text.
fn wl_paste(text: &str) -> String {
    format!(
        "case \"$*\" in --list-types) echo text/plain;; '--no-newline --type text') printf %s '{text}';; *) exit 9;; esac"
    )
}

#[test]
fn the_program_of_the_desktop_is_asked() {
    let text = format!("Your code: {}", code(TOKEN));
    let xclip = format!(
        "case \"$*\" in *TARGETS) echo UTF8_STRING;; *'-out -target UTF8_STRING') printf %s '{text}';; *) exit 9;; esac"
    );
    let xsel = format!("test \"$*\" = '--clipboard --output' && printf %s '{text}'");
    let pbpaste = format!("test \"$*\" = '' && printf %s '{text}'");
    for (programs, display) in [
        (&[("wl-paste", wl_paste(&text).as_str()), ("xclip", "exit 9")][..], &[WAYLAND, X11][..]),
        (&[("xclip", &xclip), ("wl-paste", "exit 9")], &[X11]),
        (&[("xclip", &xclip)], &[WAYLAND, X11]),
        (&[("xsel", &xsel)], &[X11]),
        (&[("pbpaste", &pbpaste)], &[]),
    ] {
        let data = Desktop::new(programs).reads(display);
        assert_eq!(data["given"], json!({ "from": "clipboard", "form": "text" }), "{programs:?}");
    }
}

#[test]
fn a_picture_in_the_clipboard_is_read() {
    for types in ["image/png", "text/html\\nimage/png", "text/html\\nimage/jpeg\\nimage/png"] {
        let script = format!(
            "case \"$*\" in --list-types) printf '{types}\\n';; *'--type text') echo a picture;; '--type image/'*) cat $D/code.png;; *) exit 9;; esac"
        );
        let desktop = Desktop::new(&[("wl-paste", &script)]);
        picture(&desktop.bench.path("code.png"), &[&code(TOKEN)], false);
        assert_eq!(desktop.reads(&[WAYLAND])["given"]["from"], "clipboard", "{types}");
    }
}

#[test]
fn a_clipboard_that_gives_nothing_says_why() {
    for (programs, display, expected, words) in [
        (&[][..], &[WAYLAND][..], "clipboard_reader", "wl-clipboard"),
        (&[], &[X11], "clipboard_reader", "xclip"),
        (&[], &[], "clipboard", "WAYLAND_DISPLAY"),
        (
            &[("wl-paste", "echo 'Nothing is copied' >&2; exit 1")],
            &[WAYLAND],
            "clipboard",
            "wl-paste: Nothing is copied",
        ),
        (
            &[("xclip", "printf '\\033]0;x\\007Error: target TARGETS not available\\n' >&2; exit 1")],
            &[X11],
            "clipboard",
            "\u{FFFD}]0;x\u{FFFD}Error",
        ),
        (&[("wl-paste", "echo application/x-thing")], &[WAYLAND], "clipboard", "neither text nor a picture"),
        (&[("xsel", "exit 0")], &[X11], "code_invalid", "empty"),
        (&[("xsel", "printf 'SECRET-TOKEN'")], &[X11], "code_invalid", "'$'"),
        (&[("xsel", "head -c 3000000 /dev/zero")], &[X11], "clipboard", "more than 1 MB"),
        (&[("xsel", "yes")], &[X11], "clipboard", "more than 1 MB"),
        (&[("xsel", "head -c 1000 /dev/urandom | tr '\\n' '\\0'")], &[X11], "code_source", "text"),
    ] {
        let desktop = Desktop::new(programs);
        let error = desktop.fails(display);
        let text = format!("{}{}", error["message"], error["next"]);
        assert_eq!(id(&error), expected, "{error}");
        assert!(text.contains(words), "{words}: {error}");
        assert!(!error.to_string().contains("SECRET"), "{error}");
        assert!(desktop.bench.served.functions().is_empty(), "nobody was asked");
    }
}

/// A clipboard whose owner hangs is given up, and nothing that was started for it is left.
#[test]
fn a_clipboard_that_hangs_is_killed() {
    let desktop = Desktop::new(&[("xsel", "sleep 1000 & echo $! > $D/pid; wait")]);
    let began = Instant::now();
    let error = desktop.fails(&[X11]);
    assert!(error["message"].as_str().unwrap().contains("did not end in time"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    let pid = std::fs::read_to_string(desktop.bench.path("pid")).unwrap();
    let stat = || std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    while !stat().is_empty() && !stat().contains(") Z ") {
        assert!(began.elapsed() < Duration::from_secs(120), "it still runs");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Ctrl-C ends the wait for the clipboard at once.
#[test]
fn an_interrupt_is_heeded() {
    let desktop = Desktop::new(&[("xsel", "touch $D/started; sleep 1000")]);
    let mut child = desktop
        .command(&[X11])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while !desktop.bench.path("started").exists() {
        assert!(began.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let began = Instant::now();
    let status = child.wait().unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(status.code(), Some(1));
}

/// No part of a code is an argument of the programs, which everybody can see.
#[test]
fn the_programs_see_nothing_of_a_code() {
    let script = format!("echo \"$*\" >> $D/arguments; {}", wl_paste(&format!("LPA:1${HOST}${TOKEN}")));
    let desktop = Desktop::new(&[("wl-paste", &script)]);
    desktop.reads(&[WAYLAND]);
    let arguments = std::fs::read_to_string(desktop.bench.path("arguments")).unwrap();
    assert_eq!(arguments, "--list-types\n--no-newline --type text\n");
}
