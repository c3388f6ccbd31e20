//! A device that was opened, and is closed at the end.

use std::path::Path;
use std::time::{Duration, Instant};

use modem_wire::mbim::basic::{self, DeviceServices};
use modem_wire::mbim::extensions::{self, Version};
use modem_wire::mbim::{Body, BufferError, Command, ProtocolError, Status, Uuid, uicc};

use super::proxy::{self, PROXY};
use super::transfer;
use super::wire::{Failure, Why, Wire};
use crate::Timeouts;
use crate::modem::{LinkError, LinkErrorKind, Proxy};
use crate::port::Port;

/// How long a device may take to close.
const CLOSING: Duration = Duration::from_secs(2);

/// How often a device that says that it is not opened is opened.
const OPENINGS: u32 = 3;

/// An open device.
pub(super) struct Device {
    wire: Wire,
    /// The port is ours alone: what the device keeps for its host, it keeps for us.
    pub(super) direct: bool,
    services: DeviceServices,
    /// Which of Microsoft's extensions were agreed on; 0 if that is not known.
    extensions: u16,
    open: bool,
    /// It answered nothing the last time that it was asked.
    silent: bool,
}

/// Why a command did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    /// The device says so; there may be more in the structure.
    #[error("{0}")]
    Status(Status, Vec<u8>),
    /// There is no answer.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// The answer is not what it should be.
    #[error("{0}")]
    Malformed(#[from] BufferError),
}

impl Trouble {
    /// What the device says.
    pub(super) fn status(&self) -> Option<Status> {
        match self {
            Self::Status(status, _) => Some(*status),
            _ => None,
        }
    }

    /// True if the device does not have the command.
    pub(super) fn is_unsupported(&self) -> bool {
        let codes = [Status::NO_DEVICE_SUPPORT, Status::INVALID_DEVICE_SERVICE_OPERATION];
        self.status().is_some_and(|status| codes.contains(&status))
    }
}

impl Device {
    /// Opens the device at a port, or has the proxy do so.
    pub(super) fn open(path: &Path, proxy: Proxy, timeouts: &Timeouts) -> Result<Self, LinkError> {
        let socket = match proxy {
            Proxy::No => None,
            // Beside a proxy that runs nobody may open the port: each would read the other's messages.
            Proxy::Auto => PROXY.running(),
            Proxy::Yes => Some(PROXY.started()?),
        };
        let (wire, direct) = match socket {
            Some(socket) => (proxy::open_port(socket, path, timeouts.connect)?, false),
            None => {
                let mut wire = Wire::new(Port::open(path)?, transfer::longest(path));
                wire.drain();
                (wire, true)
            }
        };
        let (services, extensions) = (DeviceServices::default(), 0);
        let mut device = Self { wire, direct, services, extensions, open: false, silent: false };
        device.begin(timeouts.connect)?;
        device.look_around(timeouts.connect)?;
        Ok(device)
    }

    /// Opens it. A host before us may have left it open, with its channels; some devices then want to be closed first.
    fn begin(&mut self, patience: Duration) -> Result<(), LinkError> {
        let deadline = Instant::now() + patience;
        if self.direct {
            self.close_for(CLOSING.min(patience / 2))?;
        }
        let longest = self.wire.longest();
        for _ in 0..OPENINGS {
            let answer = self.wire.ask(Body::Open { longest }, deadline);
            match answer {
                Ok(Body::OpenDone(Status::OK)) => {
                    self.open = true;
                    return Ok(());
                }
                Ok(Body::OpenDone(status)) => return Err(LinkError::new(LinkErrorKind::Failed, status)),
                Ok(_) => return Err(LinkError::new(LinkErrorKind::NotAModem, "it answers something else")),
                Err(Failure { why: Why::Refused(ProtocolError::NOT_OPENED), .. }) => self.close_for(CLOSING)?,
                Err(failure) => return Err(self.refused(&failure.into())),
            }
        }
        Err(LinkError::new(LinkErrorKind::Failed, ProtocolError::NOT_OPENED))
    }

    /// Whatever a device says to that: only a port that is gone is an error.
    fn close_for(&mut self, time: Duration) -> Result<(), LinkError> {
        match self.wire.ask(Body::Close, Instant::now() + time) {
            Err(failure @ Failure { why: Why::Gone(_), .. }) => Err(self.refused(&failure.into())),
            answer => {
                log::debug!("closing: {answer:?}");
                Ok(())
            }
        }
    }

    /// Finds out what it can, and agrees on what is spoken.
    fn look_around(&mut self, patience: Duration) -> Result<(), LinkError> {
        match self.read(basic::query(basic::DEVICE_SERVICES), patience, DeviceServices::decode) {
            Ok(services) => self.services = services,
            // Then each command will tell.
            Err(Trouble::Status(status, _)) => log::info!("the modem does not list its services: {status}"),
            Err(trouble) => return Err(self.refused(&trouble)),
        }
        // What is spoken on a shared port is up to the others: they would get answers of another form than they expect.
        if !self.direct || !self.lists(extensions::SERVICE, extensions::VERSION) {
            return Ok(());
        }
        let ours = Version { mbim: 0x0100, extensions: Version::WITH_SLOT_IDS };
        match self.read(ours.query(), patience, Version::decode) {
            Ok(theirs) => self.extensions = theirs.extensions.min(ours.extensions),
            Err(Trouble::Status(status, _)) => log::info!("the modem agrees on no version: {status}"),
            Err(trouble) => return Err(self.refused(&trouble)),
        }
        Ok(())
    }

    /// True if it says that it has this command.
    pub(super) fn lists(&self, service: Uuid, command: u32) -> bool {
        self.services.has(service, command)
    }

    /// True if it says what it has, and this is not in it.
    pub(super) fn lacks(&self, service: Uuid, command: u32) -> bool {
        !self.services.0.is_empty() && !self.lists(service, command)
    }

    /// True if it carries APDUs, or does not say.
    pub(super) fn carries_apdus(&self) -> bool {
        !self.lacks(uicc::SERVICE, uicc::APDU)
    }

    /// True if commands to the card name its slot.
    pub(super) fn names_slots(&self) -> bool {
        self.extensions >= Version::WITH_SLOT_IDS
    }

    /// True if another host may have agreed with the modem that they do.
    pub(super) fn may_name_slots(&self) -> bool {
        !self.direct && !self.names_slots()
    }

    /// From now on they do.
    pub(super) fn name_slots(&mut self) {
        self.extensions = Version::WITH_SLOT_IDS;
    }

    /// True once the device or its port is gone.
    pub(super) fn is_gone(&self) -> bool {
        self.wire.is_gone()
    }

    /// Carries a command out.
    pub(super) fn command(&mut self, command: Command, time: Duration) -> Result<Vec<u8>, Trouble> {
        let (service, number) = (command.service, command.command);
        let answer = self.wire.ask(Body::Command(command), Instant::now() + time);
        self.silent = matches!(answer, Err(Failure { why: Why::Timeout | Why::Garbage(_), .. }));
        match answer? {
            Body::CommandDone(done) if (done.service, done.command) == (service, number) => match done.status {
                Status::OK => Ok(done.buffer),
                status => Err(Trouble::Status(status, done.buffer)),
            },
            _ => {
                let why = Why::Garbage("the modem answers another command than it was given".into());
                Err(Failure { why, sent: true }.into())
            }
        }
    }

    /// Sends a command whose answer is listened for.
    pub(super) fn post(&mut self, command: Command, deadline: Instant) -> Result<(), Failure> {
        self.wire.send(Body::Command(command), deadline).map(drop)
    }

    /// The next message, whatever it is about.
    pub(super) fn listen(&mut self, deadline: Instant) -> Result<Body, Why> {
        let result = self.wire.listen(deadline);
        self.silent = matches!(result, Err(Why::Timeout | Why::Garbage(_)));
        result
    }

    /// The same, and reads the answer.
    pub(super) fn read<T>(
        &mut self,
        command: Command,
        time: Duration,
        decode: fn(&[u8]) -> Result<T, BufferError>,
    ) -> Result<T, Trouble> {
        Ok(decode(&self.command(command, time)?)?)
    }

    /// Why the modem cannot be used, by what became of a command.
    pub(super) fn refused(&self, trouble: &Trouble) -> LinkError {
        let kind = match trouble {
            Trouble::Status(Status::SIM_NOT_INSERTED, _) => LinkErrorKind::NoCard,
            Trouble::Status(Status::BAD_SIM, _) => LinkErrorKind::CardFailed,
            Trouble::Status(Status::NOT_INITIALIZED | Status::BUSY, _) => LinkErrorKind::CardStarting,
            Trouble::Status(Status::NO_DEVICE_SUPPORT, _) => LinkErrorKind::NoApdus,
            Trouble::Status(..) | Trouble::Malformed(_) => LinkErrorKind::Failed,
            Trouble::Failure(failure) => match failure.why {
                Why::Timeout => LinkErrorKind::Dead,
                Why::Gone(_) => LinkErrorKind::Gone,
                Why::Garbage(_) if !self.open => LinkErrorKind::NotAModem,
                Why::Garbage(_) | Why::Refused(_) => LinkErrorKind::Failed,
            },
        };
        LinkError::new(kind, trouble)
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        if !self.open || self.wire.is_gone() {
            return;
        }
        // A silent modem is told as well, and not waited for.
        let time = if self.silent { Duration::from_millis(100) } else { CLOSING };
        let closed = self.wire.ask(Body::Close, Instant::now() + time);
        log::debug!("closing: {closed:?}");
    }
}
