//! mbim-proxy, which shares a port among programs. It is asked as libmbim asks it.

use std::path::Path;
use std::time::{Duration, Instant};

use modem_wire::mbim::{Body, Status, USUAL_TRANSFER, proxy};

use super::wire::Wire;
use crate::modem::daemon::Daemon;
use crate::modem::{LinkError, LinkErrorKind};
use crate::port::Port;

/// The daemon.
pub(super) const PROXY: Daemon =
    Daemon { socket: "mbim-proxy", programs: &["/usr/libexec/mbim-proxy", "/usr/lib/libmbim/mbim-proxy"] };

/// Has the proxy open the port, if nobody had it do so before.
pub(super) fn open_port(socket: Port, path: &Path, patience: Duration) -> Result<Wire, LinkError> {
    // It compares paths to know which port is meant, so links are followed.
    let path = std::fs::canonicalize(path)
        .map_err(|error| LinkError::new(LinkErrorKind::NoPort, format!("{}: {error}", path.display())))?;
    let failed = |why: &dyn std::fmt::Display| {
        let why = format!("mbim-proxy does not open {}: {why}", path.display());
        LinkError::new(LinkErrorKind::ProxyFailed, why)
    };
    let timeout = u32::try_from(patience.as_secs().max(1)).unwrap_or(u32::MAX);
    let configuration = proxy::Configuration { path: path.display().to_string(), timeout };
    let mut wire = Wire::new(socket, USUAL_TRANSFER);
    // The proxy gives up first, and says so.
    let deadline = Instant::now() + patience + Duration::from_secs(1);
    match wire.ask(Body::Command(configuration.command()), deadline) {
        Ok(Body::CommandDone(done)) if done.status == Status::OK => Ok(wire),
        Ok(Body::CommandDone(done)) => Err(failed(&done.status)),
        Ok(_) => Err(failed(&"it answers something else")),
        Err(failure) => Err(failed(&failure)),
    }
}
