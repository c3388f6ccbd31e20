//! QMI inside of MBIM: each message to the modem is a command of a service, each from it the answer, or told by itself.

use std::path::Path;
use std::time::Instant;

use modem_wire::mbim::{Body, Command, QMI, QMI_MESSAGE, Status};
use modem_wire::qmi::{Frame, FrameReader};

use super::device::Device;
use super::wire::Why;
use crate::Timeouts;
use crate::modem::{LinkError, LinkErrorKind, Proxy};
use crate::qmi::{Link, LinkFailure};

/// A modem that carries QMI.
struct Carrier(Device);

/// Opens the device at a port and talks QMI to it.
pub(crate) fn carry_qmi(path: &Path, proxy: Proxy, timeouts: &Timeouts) -> Result<Box<dyn Link>, LinkError> {
    let device = Device::open(path, proxy, timeouts)?;
    if !device.lists(QMI, QMI_MESSAGE) {
        return Err(LinkError::new(LinkErrorKind::NoApdus, "it speaks MBIM, and carries no QMI"));
    }
    log::info!("the modem carries QMI inside of MBIM");
    Ok(Box::new(Carrier(device)))
}

/// True if the kernel says that a port is one for MBIM.
pub(crate) fn is_mbim_port(path: &Path) -> bool {
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.into());
    let Some(name) = path.file_name() else { return false };
    let driver = std::fs::read_link(Path::new("/sys/class/usbmisc").join(name).join("device/driver"));
    let by_driver = driver.is_ok_and(|driver| driver.ends_with("cdc_mbim"));
    let name = name.to_string_lossy();
    by_driver || name.starts_with("wwan") && name.contains("mbim")
}

impl Link for Carrier {
    fn send(&mut self, frame: &Frame, deadline: Instant) -> Result<(), LinkFailure> {
        let command = Command::set(QMI, QMI_MESSAGE, frame.to_bytes());
        self.0.post(command, deadline).map_err(|failure| failed(failure.why))
    }

    fn receive(&mut self, deadline: Instant) -> Result<Frame, LinkFailure> {
        loop {
            let bytes = match self.0.listen(deadline).map_err(failed)? {
                Body::CommandDone(done) if done.service == QMI => match done.status {
                    Status::OK => done.buffer,
                    Status::NO_DEVICE_SUPPORT => return Err(LinkFailure::NoService),
                    status => return Err(LinkFailure::Garbage(status.to_string())),
                },
                Body::Indication(told) if told.service == QMI => told.buffer,
                _ => continue,
            };
            let mut frames = FrameReader::default();
            frames.push(&bytes);
            match frames.next_frame() {
                Ok(Some(frame)) => return Ok(frame),
                Ok(None) => log::debug!("the modem carries nothing, or half of something"),
                Err(error) => return Err(LinkFailure::Garbage(error.to_string())),
            }
        }
    }
}

fn failed(why: Why) -> LinkFailure {
    match why {
        Why::Timeout => LinkFailure::Timeout,
        Why::Gone(why) => LinkFailure::Gone(why),
        Why::Garbage(why) => LinkFailure::Garbage(why),
        Why::Refused(error) => LinkFailure::Garbage(error.to_string()),
    }
}
