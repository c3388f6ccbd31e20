//! qmi-proxy, which shares a port among programs. It is asked as libqmi asks it.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

use modem_wire::qmi::ctl::ProxyOpen;
use modem_wire::qmi::{Frame, Sdu, Service};

use super::link::{Link, PortLink};
use crate::modem::daemon::Daemon;
use crate::modem::{LinkError, LinkErrorKind};
use crate::port::Port;

/// The daemon.
pub(super) const PROXY: Daemon =
    Daemon { socket: "qmi-proxy", programs: &["/usr/libexec/qmi-proxy", "/usr/lib/libqmi/qmi-proxy"] };

/// Has the proxy open the port.
pub(super) fn open_port(socket: Port, path: &Path, patience: Duration) -> Result<Box<dyn Link>, LinkError> {
    // It compares paths to know which port is meant, so links are followed.
    let path = std::fs::canonicalize(path)
        .map_err(|error| LinkError::new(LinkErrorKind::NoPort, format!("{}: {error}", path.display())))?;
    let failed = |why: &dyn std::fmt::Display| {
        let why = format!("qmi-proxy does not open {}: {why}", path.display());
        LinkError::new(LinkErrorKind::ProxyFailed, why)
    };
    let mut link = PortLink::new(socket);
    let request = Sdu::request(1, &ProxyOpen(path.as_os_str().as_bytes().to_vec()));
    let frame = Frame { from_modem: false, service: Service::CTL, client: 0, sdu: request.to_bytes(Service::CTL) };
    let deadline = Instant::now() + patience;
    link.send(&frame, deadline).map_err(|error| failed(&error))?;
    // It says no by hanging up.
    let answer = link.receive(deadline).map_err(|error| failed(&error))?;
    let answer = Sdu::from_bytes(answer.service, &answer.sdu).and_then(|answer| answer.result());
    match answer {
        Ok(Ok(())) => Ok(Box::new(link)),
        Ok(Err(code)) => Err(failed(&code)),
        Err(error) => Err(failed(&error)),
    }
}
