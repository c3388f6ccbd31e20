//! The line between a virtual modem and its host: a pseudo-terminal, or the socket of a proxy.

use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

/// How often a modem that nobody talks to may say something, and looks whether it is to stop.
pub(super) const GLANCE: Duration = Duration::from_millis(50);

/// How long a host that does not read is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// A modem as its side of a line.
pub trait Voice {
    /// Takes bytes from the host, cut anyhow, and says what comes of it.
    fn hear(&mut self, bytes: &[u8]) -> Vec<Said>;

    /// What it says by itself; asked whenever nothing comes from the host.
    fn idle(&mut self) -> Vec<Said> {
        Vec::new()
    }

    /// The line was cut by the modem and is there again.
    fn reconnected(&mut self) {}
}

/// What a modem does on its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It sends these bytes.
    Bytes(Vec<u8>),
    /// It takes its time.
    Pause(Duration),
    /// It leaves the bus and comes back after this time, as modems do that start anew.
    Gone(Duration),
    /// It ends the line for good.
    Closed,
}

/// A pseudo-terminal whose other side is the modem's port.
#[derive(Debug)]
pub struct Pty {
    ours: OwnedFd,
    /// Held open, so that a host that closes the port does not end the line.
    _theirs: OwnedFd,
    path: PathBuf,
    link: Option<PathBuf>,
}

impl Pty {
    /// Opens one; `link` becomes a symbolic link to it, as udev makes them.
    pub fn open(link: Option<&Path>) -> std::io::Result<Self> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let name = ptsname(&ours, Vec::new())?;
        let path = PathBuf::from(String::from_utf8_lossy(name.as_bytes()).into_owned());
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let theirs = rustix::fs::open(&path, flags, Mode::empty())?;
        let mut settings = tcgetattr(&theirs)?;
        settings.make_raw();
        tcsetattr(&theirs, OptionalActions::Now, &settings)?;
        rustix::io::ioctl_fionbio(&ours, true)?;
        if let Some(link) = link {
            relink(link, &path)?;
        }
        Ok(Self { ours, _theirs: theirs, path, link: link.map(Into::into) })
    }

    /// The host's side.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.link.as_deref().unwrap_or(&self.path)
    }

    /// Serves until `stop` is set, or the modem ends the line. A modem that leaves comes back on another terminal, to which
    /// the link then points.
    pub fn serve(mut self, voice: &mut dyn Voice, stop: &AtomicBool) -> std::io::Result<()> {
        loop {
            match converse(&self.ours, voice, stop)? {
                Ended::Stopped | Ended::Closed | Ended::HostGone => return Ok(()),
                Ended::Gone(time) => {
                    let link = self.link.clone();
                    drop(self);
                    std::thread::sleep(time);
                    self = Self::open(link.as_deref())?;
                    voice.reconnected();
                }
            }
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if let Some(link) = &self.link {
            let _ = std::fs::remove_file(link);
        }
    }
}

/// Points `link` to `path`; nothing but a link is replaced.
fn relink(link: &Path, path: &Path) -> std::io::Result<()> {
    match std::fs::symlink_metadata(link) {
        Ok(there) if there.is_symlink() => std::fs::remove_file(link)?,
        Ok(_) => return Err(std::io::ErrorKind::AlreadyExists.into()),
        Err(_) => {}
    }
    std::os::unix::fs::symlink(path, link)
}

/// The abstract socket of a proxy.
#[derive(Debug)]
pub struct ProxySocket(UnixListener);

impl ProxySocket {
    /// Listens under this name.
    pub fn bind(name: &str) -> std::io::Result<Self> {
        let listener = UnixListener::bind_addr(&SocketAddr::from_abstract_name(name)?)?;
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    /// Serves until `stop` is set; each host gets a voice of its own from `voices`.
    pub fn serve<V: Voice + Send>(self, voices: &(dyn Fn() -> V + Sync), stop: &AtomicBool) -> std::io::Result<()> {
        std::thread::scope(|scope| {
            while !stop.load(Ordering::Relaxed) {
                match self.0.accept() {
                    Ok((stream, _)) => {
                        stream.set_nonblocking(true)?;
                        scope.spawn(move || {
                            let ended = converse(&stream.into(), &mut voices(), stop);
                            log::debug!("a host of the proxy is done: {ended:?}");
                        });
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                        wait(&self.0, PollFlags::IN, GLANCE)?;
                    }
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        })
    }
}

/// Listens as a proxy does, on an abstract socket; each host gets a voice of its own from `voices`.
pub fn serve_as_proxy<V: Voice + Send>(
    name: &str,
    voices: &(dyn Fn() -> V + Sync),
    stop: &AtomicBool,
) -> std::io::Result<()> {
    ProxySocket::bind(name)?.serve(voices, stop)
}

/// Why a conversation is over.
#[derive(Debug)]
enum Ended {
    Stopped,
    HostGone,
    Gone(Duration),
    Closed,
}

fn converse(file: &OwnedFd, voice: &mut dyn Voice, stop: &AtomicBool) -> std::io::Result<Ended> {
    let mut buffer = [0; 4096];
    while !stop.load(Ordering::Relaxed) {
        let said = match rustix::io::read(file, &mut buffer) {
            Ok(0) => return Ok(Ended::HostGone),
            Ok(count) => voice.hear(&buffer[..count]),
            Err(Errno::AGAIN) if wait(file, PollFlags::IN, GLANCE)? => continue,
            Err(Errno::AGAIN) => voice.idle(),
            Err(Errno::INTR) => continue,
            Err(Errno::IO | Errno::CONNRESET | Errno::PIPE) => return Ok(Ended::HostGone),
            Err(error) => return Err(error.into()),
        };
        for said in said {
            match said {
                Said::Bytes(bytes) => {
                    if !send(file, &bytes)? {
                        return Ok(Ended::HostGone);
                    }
                }
                Said::Pause(time) => std::thread::sleep(time),
                Said::Gone(time) => return Ok(Ended::Gone(time)),
                Said::Closed => return Ok(Ended::Closed),
            }
        }
    }
    Ok(Ended::Stopped)
}

/// Sends all of it; false if the host is gone. What a host does not read in time is lost, as on a serial line.
fn send(file: &OwnedFd, mut bytes: &[u8]) -> std::io::Result<bool> {
    let deadline = Instant::now() + PATIENCE;
    while !bytes.is_empty() {
        match rustix::io::write(file, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::AGAIN) if Instant::now() < deadline => drop(wait(file, PollFlags::OUT, GLANCE)?),
            Err(Errno::AGAIN) => return Ok(true),
            Err(Errno::INTR) => {}
            Err(Errno::IO | Errno::CONNRESET | Errno::PIPE) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}

/// Waits; true if something can be done now. A signal ends the wait with nothing to be done: who reads then would block.
pub(super) fn wait(file: &impl std::os::fd::AsFd, what: PollFlags, time: Duration) -> std::io::Result<bool> {
    let time = Timespec::try_from(time).unwrap_or_default();
    match poll(&mut [PollFd::new(file, what)], Some(&time)) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
