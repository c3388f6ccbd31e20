//! A machine with a modem whose network takes no new profile, and switches that wait for one.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{ChildStderr, ChildStdout, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::common::{Run, Running, Sandbox, wait};
use crate::server::Server;
use crate::sysroot::Sysroot;

/// Another EID with valid check digits.
pub const OTHER_EID: &str = "89049032000001000000000000000074";
pub const PORT: &str = "at:/dev/ttyUSB2";
/// Longer than any test takes: whoever goes back before did not wait for it.
pub const FOR_EVER: &str = "1440m";

/// A virtual modem at the USB port of a machine, with a card whose profiles are called Home, Travel and Other.
pub struct Machine {
    pub sandbox: Sandbox,
    pub sysroot: Sysroot,
    pub node: PathBuf,
    pub modem: Option<Server>,
}

impl Machine {
    pub fn new() -> Self {
        Self::with(&["never-registers"])
    }

    pub fn with(quirks: &[&str]) -> Self {
        let mut machine = Self::without_modem();
        machine.start("card", quirks);
        machine
    }

    pub fn without_modem() -> Self {
        let sandbox = Sandbox::with_card(&["--profiles", "3"]);
        let sysroot = Sysroot::new(&sandbox);
        let node = sysroot.modem_port("1-2", 2, "ttyUSB2");
        Self { sandbox, sysroot, node, modem: None }
    }

    pub fn start(&mut self, card: &str, quirks: &[&str]) {
        let mut arguments = vec!["modem", "at", card, "--link", self.node.to_str().unwrap(), "--json"];
        quirks.iter().for_each(|quirk| arguments.extend(["--quirk", quirk]));
        self.modem = Some(Server::start(&self.sandbox, &arguments));
    }

    /// Takes the modem out of its port.
    pub fn unplug(&mut self) {
        self.modem.take().unwrap().end(Signal::TERM);
        let _ = std::fs::remove_file(&self.node);
    }

    /// The same machine after it was started anew.
    pub fn reboot(&self) {
        self.sysroot.file("proc/sys/kernel/random/boot_id", "00000000-0000-4000-8000-000000000001\n");
    }

    /// The first two profiles as a card of that many has them.
    pub fn profiles(&self) -> [String; 2] {
        let profiles = self.sandbox.profiles("card");
        [profiles[0].0.clone(), profiles[1].0.clone()]
    }

    pub fn enabled(&self) -> Vec<String> {
        self.sandbox.profiles("card").into_iter().filter(|(_, enabled)| *enabled).map(|(iccid, _)| iccid).collect()
    }

    pub fn enable(&self, time: &str) -> std::process::Command {
        let mut command = self.sandbox.command();
        command.args(["enable", "@2", "--rollback-after", time, "-d", PORT]);
        command
    }

    /// A switch that waits for a network.
    pub fn waiting(&self, time: &str) -> Waiting {
        Waiting::start(&mut self.enable(time))
    }

    /// A switch whose process was killed while it waited for a network, and whose time is over by now.
    pub fn killed(&self) {
        // The time that an earlier one was moved to is over.
        let _ = std::fs::remove_file(self.sandbox.sysroot().join("proc/uptime"));
        self.waiting(FOR_EVER).kill();
        self.sysroot.file("proc/uptime", "4000000000.00 1.00\n");
        assert_eq!(self.enabled(), [self.profiles()[1].clone()], "the new profile is enabled");
    }

    pub fn due(&self) -> Run {
        self.sandbox.run(&["rollback", "--due", "--json"])
    }

    /// Undoes what is due; gives how it ended.
    pub fn outcomes(&self) -> Vec<String> {
        let run = self.due();
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        let rollbacks = run.json()["data"]["rollbacks"].clone();
        rollbacks.as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap().to_owned()).collect()
    }

    pub fn pending(&self) -> Vec<Value> {
        self.sandbox.data(&["rollback"])["rollbacks"].as_array().unwrap().clone()
    }

    /// The journal, oldest first: each command and how it ended.
    pub fn journal(&self) -> Vec<(String, Option<String>)> {
        let paths = manager::Paths::new(Some(self.sandbox.state())).unwrap();
        let entries = manager::Database::peek(&paths).unwrap().journal(9).unwrap();
        entries.into_iter().rev().map(|entry| (entry.command, entry.outcome)).collect()
    }

    pub fn is_home(&self) {
        assert_eq!(self.enabled(), [self.profiles()[0].clone()], "the former profile is enabled again");
        assert_eq!(self.pending(), Vec::<Value>::new());
    }
}

pub struct Waiting {
    pub child: Running,
    pub out: BufReader<ChildStdout>,
    pub err: ChildStderr,
}

impl Waiting {
    /// Starts a switch, and waits until it waits for a network.
    pub fn start(command: &mut std::process::Command) -> Self {
        command.args(["--json", "--progress"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Running(command.spawn().unwrap());
        let mut out = BufReader::new(child.0.stdout.take().unwrap());
        let err = child.0.stderr.take().unwrap();
        let mut line = String::new();
        while !line.contains("awaiting_network") {
            line.clear();
            assert!(out.read_line(&mut line).unwrap() > 0, "the program ends without waiting");
        }
        Self { child, out, err }
    }

    pub fn signal(&self, signal: Signal) {
        // One that has ended already needs none.
        let _ = kill_process(Pid::from_child(&self.child.0), signal);
    }

    pub fn kill(mut self) {
        self.signal(Signal::KILL);
        wait(&mut self.child.0);
    }

    /// Waits for the end; gives the exit code and the document.
    pub fn end(mut self) -> (i32, Value) {
        let code = wait(&mut self.child.0).code().unwrap();
        let (mut out, mut err) = (String::new(), String::new());
        self.out.read_to_string(&mut out).unwrap();
        self.err.read_to_string(&mut err).unwrap();
        let last = out.lines().last().unwrap_or_else(|| panic!("no document: {err}"));
        (code, serde_json::from_str(last).unwrap())
    }
}
