//! The daemons that share a port among programs: qmi-proxy, mbim-proxy.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{LinkError, LinkErrorKind};
use crate::port::Port;

/// How often a daemon that was started is tried, and how long it gets in between.
const TRIES: u32 = 30;
const PAUSE: Duration = Duration::from_millis(100);

/// Such a daemon.
pub(crate) struct Daemon {
    /// Its abstract socket.
    pub(crate) socket: &'static str,
    /// Where distributions have the program.
    pub(crate) programs: &'static [&'static str],
}

impl Daemon {
    /// It, if it listens.
    pub(crate) fn running(&self) -> Option<Port> {
        Port::connect(self.socket).ok()
    }

    /// It, started if need be. It ends by itself some minutes after its last user.
    pub(crate) fn started(&self) -> Result<Port, LinkError> {
        if let Some(port) = self.running() {
            return Ok(port);
        }
        let failed = |why: String| LinkError::new(LinkErrorKind::ProxyFailed, why);
        let program = self.programs.iter().find(|program| Path::new(program).exists());
        let program = program.ok_or_else(|| failed(format!("{} is not installed", self.socket)))?;
        let mut child = Command::new(program)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Others will use it, too: what ends us must not end it.
            .process_group(0)
            .spawn()
            .map_err(|error| failed(format!("{program}: {error}")))?;
        let mut last = String::new();
        for _ in 0..TRIES {
            std::thread::sleep(PAUSE);
            match Port::connect(self.socket) {
                Ok(port) => return Ok(port),
                Err(error) => last = error.to_string(),
            }
        }
        let _ = child.kill();
        let _ = child.wait();
        Err(failed(format!("{program} does not listen: {last}")))
    }
}
