//! A message bus of a test's own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A `dbus-daemon`, which ends with this.
pub struct PrivateBus {
    daemon: Child,
    pub address: String,
}

impl PrivateBus {
    /// Starts one. Where there is no `dbus-daemon` the test says so and passes; with `ESIMCTL_REQUIRE_PCSC` set, as in
    /// CI, that is a failure.
    pub fn start() -> Option<Self> {
        let daemon = Command::new("dbus-daemon")
            .args(["--session", "--print-address", "--nofork", "--nopidfile"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut daemon = match daemon {
            Ok(daemon) => daemon,
            Err(error) => {
                assert!(
                    std::env::var_os("ESIMCTL_REQUIRE_PCSC").is_none(),
                    "dbus-daemon cannot be started ({error}): scripts/setup test"
                );
                // Past the capture of the test harness: a skip must be seen.
                let text = "\nSKIPPED: tests on a message bus (dbus-daemon is missing); scripts/setup test\n";
                let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
                return None;
            }
        };
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let address = address.trim().to_owned();
        assert!(!address.is_empty(), "dbus-daemon ended without a bus: {:?}", daemon.wait());
        Some(Self { daemon, address })
    }
}

impl Drop for PrivateBus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
