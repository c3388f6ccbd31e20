//! What a person sees: every command, success and mistake. `TRYCMD=overwrite cargo test --test transcripts` writes what
//! the program prints now; read the difference before you commit it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/server.rs"]
mod server;

use std::path::Path;
use std::process::Command;

use server::Server;

/// What stands before a server that is to run while a transcript is made.
const BESIDE: &str = "Beside it runs `esimctl ";

/// The README's session is one of them. Each file has a home directory of its own, and no PC/SC service.
#[test]
fn transcripts() {
    let mut files: Vec<_> =
        std::fs::read_dir("tests/transcripts").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.push("../../README.md".into());
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
        let environment = [
            ("HOME", path("")),
            ("XDG_CONFIG_HOME", path("config")),
            ("ESIMCTL_STATE_DIR", path("state")),
            ("PCSCLITE_CSOCK_NAME", path("no-pcscd")),
            ("ESIMCTL_SYSROOT", path("no-modems")),
            ("DBUS_SYSTEM_BUS_ADDRESS", format!("unix:path={}", path("no-bus"))),
        ];
        let _servers = servers(&file, &environment);
        let cases = trycmd::TestCases::new();
        cases.insert_var("[HOME]", home.path().to_str().unwrap().to_owned()).unwrap();
        for (name, value) in &environment {
            cases.env(*name, value);
        }
        // What is set here cannot be set by a line of the transcript any more.
        if !file.ends_with("language.trycmd") {
            cases.env("LC_ALL", "C.UTF-8");
        }
        cases.case(&file).run();
    }
}

/// Starts what the file says is to run beside it.
fn servers(file: &Path, environment: &[(&str, String)]) -> Vec<Server> {
    let text = std::fs::read_to_string(file).unwrap();
    let commands = text.lines().filter_map(|line| line.strip_prefix(BESIDE)?.split('`').next());
    let start = |arguments: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_esimctl"));
        command.args(arguments.split(' ')).envs(environment.iter().map(|(name, value)| (name, value)));
        Server::start_by(&mut command)
    };
    commands.map(start).collect()
}
