//! Ports to modems: bytes out and in, never longer than a deadline.
//!
//! A port is a terminal (serial lines, and the pseudo-terminals of simulated modems), a control port of the kernel
//! (`/dev/cdc-wdm*`, `/dev/wwan*`), or the socket of a proxy. None is opened in a way that can block.

use std::io::ErrorKind;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Mode, OFlags, Stat, fstat, major, stat};
use rustix::io::Errno;
use rustix::termios::{OptionalActions, isatty, tcgetattr, tcsetattr};

use crate::modem::{LinkError, LinkErrorKind};

/// The kernel's number for memory, `/dev/null` and their like.
const MEMORY_DEVICES: u32 = 1;

/// The kernel's number for watchdogs, virtual machines, input by programs and their like.
const MISCELLANEOUS_DEVICES: u32 = 10;

/// Beginnings of the names of nodes that drivers for modems make, and that are no terminals in each kernel.
const MODEM_DRIVERS: [&str; 5] = ["wwan", "smd", "mhi", "rpmsg", "cdc-wdm"];

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
    ///
    /// # Errors
    ///
    /// Besides what the system says, `NotAModem` for what cannot be the port of a modem; nothing was written there.
    pub(crate) fn open(path: &Path) -> Result<Self, LinkError> {
        let failed = |error| refused(error, path);
        // Looked at beforehand, too: to open a watchdog is to start it.
        check(&stat(path).map_err(failed)?, path)?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::open(path, flags, Mode::empty()).map_err(failed)?;
        check(&fstat(&file).map_err(failed)?, path)?;
        if isatty(&file) {
            let mut settings = tcgetattr(&file).map_err(failed)?;
            settings.make_raw();
            tcsetattr(&file, OptionalActions::Now, &settings).map_err(failed)?;
        }
        Ok(Self { file })
    }

    /// Opens a port for AT commands: a terminal, or a node of a driver for modems.
    ///
    /// # Errors
    ///
    /// As [`Self::open`], and `NotAModem` for other devices.
    pub(crate) fn open_for_commands(path: &Path) -> Result<Self, LinkError> {
        let port = Self::open(path)?;
        let is_port = isatty(&port.file) || has_modem_driver(&opened_as(&port.file));
        if is_port { Ok(port) } else { Err(not_a_modem(path, "it is no terminal")) }
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

/// Refuses what is no port of a modem: whoever writes its name somewhere could have files and disks written to.
fn check(about: &Stat, path: &Path) -> Result<(), LinkError> {
    if FileType::from_raw_mode(about.st_mode) != FileType::CharacterDevice {
        return Err(not_a_modem(path, "it is no character device"));
    }
    match major(about.st_rdev) {
        MEMORY_DEVICES | MISCELLANEOUS_DEVICES => Err(not_a_modem(path, "it is a device of another kind")),
        _ => Ok(()),
    }
}

/// The name of what was opened, whatever links led there.
fn opened_as(file: &OwnedFd) -> PathBuf {
    std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap_or_default()
}

/// True for the node of a driver for modems, by the name that the kernel gave it.
fn has_modem_driver(node: &Path) -> bool {
    let name = node.file_name().unwrap_or_default().to_string_lossy();
    node.starts_with("/dev") && MODEM_DRIVERS.iter().any(|driver| name.starts_with(driver))
}

fn not_a_modem(path: &Path, why: &str) -> LinkError {
    LinkError::new(LinkErrorKind::NotAModem, format!("{}: {why}", path.display()))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever writes the name of a port into a record has nothing else opened or written to.
    #[test]
    fn nothing_but_a_character_device_is_a_port() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, "kept").unwrap();
        let fifo = directory.path().join("fifo");
        rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, Mode::RWXU).unwrap();
        let link = directory.path().join("link");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let null = Path::new("/dev/null");
        for path in [file.as_path(), &fifo, &link, directory.path(), null, Path::new("/dev/full")] {
            for open in [Port::open, Port::open_for_commands] {
                assert_eq!(open(path).unwrap_err().kind, LinkErrorKind::NotAModem, "{}", path.display());
            }
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "kept");
        assert_eq!(Port::open(&directory.path().join("none")).unwrap_err().kind, LinkErrorKind::NoPort);
    }

    #[test]
    fn commands_go_to_terminals_and_to_drivers_for_modems() {
        for node in ["/dev/wwan0at0", "/dev/smd11", "/dev/mhi_DUN"] {
            assert!(has_modem_driver(Path::new(node)), "{node}");
        }
        for node in ["/dev/sda", "/dev/input/event0", "/home/ann/wwan0at0", "/dev", ""] {
            assert!(!has_modem_driver(Path::new(node)), "{node}");
        }
        let terminal = Path::new("/dev/ptmx");
        assert!(Port::open_for_commands(terminal).is_ok());
        assert_eq!(opened_as(&Port::open(terminal).unwrap().file).file_name().unwrap(), "ptmx");
    }
}
