//! Ports to modems: bytes out and in, never longer than a deadline.
//!
//! A port is a terminal (serial lines, and the pseudo-terminals of simulated modems), a control port of the kernel
//! (`/dev/cdc-wdm*`, `/dev/wwan*`), or the socket of a proxy. None is opened in a way that can block.

use std::io::ErrorKind;
use std::os::fd::{AsFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{OptionalActions, isatty, tcgetattr, tcsetattr};

use crate::modem::{LinkError, LinkErrorKind};

/// A port that is open until this is dropped.
#[derive(Debug)]
pub(crate) struct Port {
    file: OwnedFd,
}

/// Why bytes do not pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PortError {
    /// Nothing came, or nothing could be sent, in time.
    #[error("nothing in time")]
    Timeout,
    /// The other side is gone.
    #[error("the port is gone ({0})")]
    Gone(String),
}

impl Port {
    /// Opens a device. A terminal is made raw, so that the kernel changes nothing of what passes.
    pub(crate) fn open(path: &Path) -> Result<Self, LinkError> {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| refused(error, path))?;
        if isatty(&file) {
            let mut settings = tcgetattr(&file).map_err(|error| refused(error, path))?;
            settings.make_raw();
            tcsetattr(&file, OptionalActions::Now, &settings).map_err(|error| refused(error, path))?;
        }
        Ok(Self { file })
    }

    /// Connects to the abstract stream socket of a proxy.
    pub(crate) fn connect(name: &str) -> std::io::Result<Self> {
        let stream = UnixStream::connect_addr(&SocketAddr::from_abstract_name(name)?)?;
        stream.set_nonblocking(true)?;
        Ok(Self { file: stream.into() })
    }

    /// One end of a pipe.
    pub(crate) fn pipe(file: OwnedFd) -> std::io::Result<Self> {
        rustix::io::ioctl_fionbio(&file, true)?;
        Ok(Self { file })
    }

    /// Reads what is there, waiting for at least a byte until `deadline`.
    pub(crate) fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> Result<usize, PortError> {
        loop {
            match rustix::io::read(&self.file, &mut *buffer) {
                Ok(0) => return Err(PortError::Gone("end of file".into())),
                Ok(count) => return Ok(count),
                Err(Errno::AGAIN) => self.wait(PollFlags::IN, deadline)?,
                Err(Errno::INTR) => {}
                Err(error) => return Err(PortError::Gone(error.to_string())),
            }
        }
    }

    /// Sends all of it.
    pub(crate) fn write(&mut self, mut bytes: &[u8], deadline: Instant) -> Result<(), PortError> {
        while !bytes.is_empty() {
            match rustix::io::write(&self.file, bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(Errno::AGAIN) => self.wait(PollFlags::OUT, deadline)?,
                Err(Errno::INTR) => {}
                Err(error) => return Err(PortError::Gone(error.to_string())),
            }
        }
        Ok(())
    }

    fn wait(&self, what: PollFlags, deadline: Instant) -> Result<(), PortError> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(PortError::Timeout);
        }
        // A wait that is too long for the kernel's format is cut; the caller comes back.
        let left = Timespec::try_from(left.min(Duration::from_secs(3600))).map_err(|_| PortError::Timeout)?;
        match poll(&mut [PollFd::new(&self.file, what)], Some(&left)) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(PortError::Gone(error.to_string())),
        }
    }
}

impl AsFd for Port {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// Why a port cannot be opened.
fn refused(error: Errno, path: &Path) -> LinkError {
    let kind = match std::io::Error::from(error).kind() {
        ErrorKind::NotFound => LinkErrorKind::NoPort,
        ErrorKind::PermissionDenied => LinkErrorKind::NoAccess,
        ErrorKind::ResourceBusy => LinkErrorKind::Busy,
        _ if matches!(error, Errno::NODEV | Errno::NXIO) => LinkErrorKind::NoPort,
        _ if error == Errno::IO => LinkErrorKind::Gone,
        _ => LinkErrorKind::Failed,
    };
    LinkError::new(kind, format!("{}: {error}", path.display()))
}
