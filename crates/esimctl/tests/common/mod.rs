//! A user with nothing but an empty home directory, and the program.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long anything may take. Generous, since the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// An EID with valid check digits.
pub const EID: &str = "89049032123451234512345678901235";
/// The ICCIDs that the two sample profiles of a card with that EID get.
pub const HOME: &str = "8999934567890120011";
pub const TRAVEL: &str = "8999934567890120029";

pub struct Sandbox {
    directory: tempfile::TempDir,
    /// Where the PC/SC service listens; nowhere unless a test says so.
    pub pcsc_socket: PathBuf,
    /// The address of the system bus; nowhere unless a test says so.
    pub system_bus: String,
}

pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Sandbox {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let pcsc_socket = directory.path().join("no-pcscd");
        let system_bus = format!("unix:path={}", directory.path().join("no-bus").display());
        Self { directory, pcsc_socket, system_bus }
    }

    /// Where the system is looked for, but for readers: it has no modems unless a test puts some there.
    pub fn sysroot(&self) -> PathBuf {
        self.path().join("sysroot")
    }

    /// With a virtual card called `card`, made with these further arguments.
    pub fn with_card(arguments: &[&str]) -> Self {
        let sandbox = Self::new();
        sandbox.create("card", arguments);
        sandbox
    }

    pub fn create(&self, name: &str, arguments: &[&str]) {
        let eid = if arguments.contains(&"--eid") { &[][..] } else { &["--eid", EID][..] };
        let made = self.run(&[&["virtual", "create", name], eid, arguments].concat());
        assert_eq!(made.code, 0, "{}", made.err);
    }

    /// Writes the user's configuration.
    pub fn configure(&self, text: &str) {
        let directory = self.path().join(".config/esimctl");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("config.toml"), text).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn state(&self) -> PathBuf {
        self.path().join("state")
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_esimctl"));
        command
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("ESIMCTL_STATE_DIR", self.state())
            .env("PCSCLITE_CSOCK_NAME", &self.pcsc_socket)
            .env("ESIMCTL_SYSROOT", self.sysroot())
            .env("DBUS_SYSTEM_BUS_ADDRESS", &self.system_bus)
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        run(self.command().args(arguments))
    }

    /// Runs a command that has to succeed, and gives `data` of its document.
    pub fn data(&self, arguments: &[&str]) -> Value {
        let run = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.out, run.err);
        run.json()["data"].clone()
    }

    /// Runs a command that has to fail, and gives its exit code and `error` of its document.
    pub fn error(&self, arguments: &[&str]) -> (i32, Value) {
        let run = self.run(&[arguments, &["--json"]].concat());
        let document = run.json();
        assert!(document["error"].is_object(), "{arguments:?}: {document}");
        (run.code, document["error"].clone())
    }

    /// What is in a virtual card's memory.
    pub fn memory(&self, name: &str) -> Value {
        self.data(&["virtual", "show", name])["euiccs"][0].clone()
    }

    /// The ICCIDs on a virtual card, and whether each is enabled.
    pub fn profiles(&self, name: &str) -> Vec<(String, bool)> {
        let memory = self.memory(name);
        let profile = |profile: &Value| (profile["iccid"].as_str().unwrap().to_owned(), profile["state"] == "enabled");
        memory["profiles"].as_array().unwrap().iter().map(profile).collect()
    }

    /// The file that holds a virtual card's memory.
    pub fn card_file(&self, name: &str) -> PathBuf {
        self.state().join("virtual").join(name).join("card.json")
    }
}

pub fn run(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
}

impl Run {
    pub fn json(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "one document in one line: {:?} {:?}", self.out, self.err);
        serde_json::from_str(&self.out).unwrap()
    }
}

/// A program that a failed test leaves behind no longer than it takes to say so.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits for a process, but not for ever.
pub fn wait(child: &mut Child) -> ExitStatus {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if Instant::now() > end {
            child.kill().unwrap();
            panic!("the program does not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
