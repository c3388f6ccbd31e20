//! Virtual servers as programs of their own.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::Value;

use crate::common::{Sandbox, wait};

pub struct Server {
    pub process: Child,
    pub ready: Value,
}

impl Server {
    /// Starts `esimctl virtual` with these arguments, and waits until it is ready.
    pub fn start(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        Self::start_by(sandbox.command().arg("virtual").args(arguments))
    }

    pub fn start_by(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process, ready: serde_json::from_str(&line).unwrap() }
    }

    pub fn address(&self) -> &str {
        self.ready["address"].as_str().unwrap()
    }

    pub fn end(mut self, signal: rustix::process::Signal) -> ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(pid, signal).unwrap();
        wait(&mut self.process)
    }
}

/// Nothing that a failed test has started stays.
impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
