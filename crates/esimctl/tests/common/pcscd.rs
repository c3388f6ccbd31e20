//! A private PC/SC stack: a real pcscd with vsmartcard's virtual reader, in namespaces of its own, so that any number
//! can run side by side and nothing outside sees them.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::{PATIENCE, Sandbox};

/// The names of the two readers.
pub const READERS: [&str; 2] = ["Virtual PCD 00 00", "Virtual PCD 00 01"];

pub struct Pcscd {
    process: Child,
    directory: tempfile::TempDir,
    socket: PathBuf,
}

/// Where it cannot run, tests say so and pass; with `ESIMCTL_REQUIRE_PCSC` set, as in CI, that is a failure.
pub fn start() -> Option<Pcscd> {
    match Pcscd::try_start() {
        Ok(pcscd) => Some(pcscd),
        Err(why) if std::env::var_os("ESIMCTL_REQUIRE_PCSC").is_none() => {
            static TOLD: AtomicBool = AtomicBool::new(false);
            if !TOLD.swap(true, Ordering::Relaxed) {
                // Past the capture of the test harness: a skip must be seen.
                let text = format!(
                    "\nSKIPPED: tests through a real PC/SC stack ({why}); 'make test' installs what they need\n"
                );
                let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
            }
            None
        }
        Err(why) => panic!("no PC/SC stack: {why}"),
    }
}

impl Pcscd {
    fn try_start() -> Result<Self, String> {
        let entry =
            std::fs::read_to_string("/etc/reader.conf.d/vpcd").map_err(|_| "vsmartcard-vpcd is not installed")?;
        if !Path::new("/usr/sbin/pcscd").exists() {
            return Err("pcscd is not installed".into());
        }
        let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
        let path = directory.path().to_str().ok_or("an odd temporary directory")?;
        std::fs::write(directory.path().join("reader.conf"), entry).map_err(|error| error.to_string())?;
        // pcscd has /run/pcscd compiled in: it gets a /run of its own. vpcd listens on all addresses: it gets a network
        // of its own, too.
        let script = format!(
            "ip link set lo up && mount -t tmpfs tmpfs /run && mkdir /run/pcscd && mount --bind {path} /run/pcscd && \
             exec /usr/sbin/pcscd --foreground --config {path}/reader.conf"
        );
        let root: &[&str] = if rustix::process::geteuid().is_root() { &[] } else { &["--map-root-user"] };
        let log = std::fs::File::create(directory.path().join("log")).map_err(|error| error.to_string())?;
        let process = Command::new("unshare")
            .args(root)
            .args(["--mount", "--net", "--fork", "--kill-child", "sh", "-c", &script])
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(|error| error.to_string())?)
            .stderr(log)
            .spawn()
            .map_err(|error| error.to_string())?;
        let socket = directory.path().join("pcscd.comm");
        let mut pcscd = Self { process, directory, socket };
        pcscd.wait_for_socket()?;
        Ok(pcscd)
    }

    fn wait_for_socket(&mut self) -> Result<(), String> {
        let end = Instant::now() + PATIENCE;
        while !self.socket.exists() {
            if self.process.try_wait().map_err(|error| error.to_string())?.is_some() || Instant::now() > end {
                let log = std::fs::read_to_string(self.socket.with_file_name("log")).unwrap_or_default();
                return Err(format!("pcscd does not start: {}", log.lines().last().unwrap_or_default()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// A user who sees these readers.
    pub fn sandbox(&self) -> Sandbox {
        let mut sandbox = Sandbox::new();
        sandbox.pcsc_socket = self.socket.clone();
        sandbox
    }

    /// Another program that sees these readers.
    pub fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command.env("PCSCLITE_CSOCK_NAME", &self.socket).stdin(Stdio::null());
        command
    }

    /// Puts a virtual card into the reader with this index, and waits until the service has seen it.
    pub fn plug(&self, sandbox: &Sandbox, card: &str, reader: usize) -> Plugged {
        let port = 35963 + reader;
        let pid = self.process.id().to_string();
        let users: &[&str] =
            if rustix::process::geteuid().is_root() { &[] } else { &["--user", "--preserve-credentials"] };
        let program = sandbox.command();
        let mut command = Command::new("nsenter");
        command.args(["--target", &pid, "--net"]).args(users).arg("--").arg(program.get_program());
        command.args(["virtual", "plug", card, "--json", "--vpcd", &format!("127.0.0.1:{port}")]);
        command.env_clear();
        for (name, value) in program.get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        let mut plugged = Plugged { process, lines };
        assert_eq!(plugged.next_event()["event"], "ready");
        wait_for(sandbox, reader, true);
        plugged
    }

    /// Ends the service, as an administrator might in the middle of everything.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        self.remove_locks();
    }

    /// Locks of readers that nobody will ever see again; their names hold the name of this stack's directory.
    fn remove_locks(&self) {
        let name = self.directory.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        for entry in std::fs::read_dir("/run/lock/esimctl").into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().contains(&name) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

impl Drop for Pcscd {
    fn drop(&mut self) {
        self.end();
    }
}

/// Waits until the reader has a card, or has none.
pub fn wait_for(sandbox: &Sandbox, reader: usize, card: bool) {
    let end = Instant::now() + PATIENCE;
    loop {
        let devices = sandbox.data(&["devices"]);
        let entry =
            devices["devices"].as_array().unwrap().iter().find(|entry| entry["name"] == READERS[reader]).cloned();
        if entry.as_ref().is_some_and(|entry| entry["atr"].is_string() == card) {
            return;
        }
        assert!(Instant::now() < end, "the reader does not get there: {devices}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A virtual card that is in a reader until this is dropped.
pub struct Plugged {
    process: Child,
    lines: BufReader<ChildStdout>,
}

impl Plugged {
    pub fn next_event(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    /// Takes the card out politely and waits until the program has ended.
    pub fn unplug(mut self) {
        let pid = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        assert!(self.process.wait().unwrap().success());
    }

    /// Pulls the card out.
    pub fn pull(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        self.end();
    }
}
