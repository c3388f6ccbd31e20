//! Programs that nobody here wrote, and namespaces to run them in.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Where something is missing, tests say so and pass; with `ESIMCTL_REQUIRE_PCSC` set, as in CI, that is a failure.
pub fn skip(what: &str, why: &str) {
    if std::env::var_os("ESIMCTL_REQUIRE_PCSC").is_some() {
        panic!("{what}: {why}");
    }
    // Past the capture of the test harness: a skip must be seen.
    let text = format!("\nSKIPPED: {what} ({why}); 'make test' installs what it needs\n");
    let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
}

/// True if this program is there; otherwise the skip is told.
pub fn is_there(program: &str) -> bool {
    let there = Path::new(program).exists();
    if !there {
        skip(program, "it is not installed");
    }
    there
}

/// Runs an ignored test of this binary in a network and process namespace of its own, where it is root: abstract sockets
/// are its own there, and whatever it starts ends with it.
pub fn in_namespaces(test: &str) {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]);
    let probe = command.arg("true").stdin(Stdio::null()).output();
    match probe {
        Ok(output) if output.status.success() => {}
        Ok(output) => return skip(test, String::from_utf8_lossy(&output.stderr).trim()),
        Err(error) => return skip(test, &error.to_string()),
    }
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]);
    command.arg(std::env::current_exe().unwrap()).args(["--exact", "--ignored", "--nocapture", test]);
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{text}");
    assert!(text.contains("1 passed"), "there is no test of this name: {text}");
}
