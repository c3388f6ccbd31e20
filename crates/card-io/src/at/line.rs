//! The line to a modem: one command at a time, its answer picked out of all that comes.
//!
//! A command without an answer leaves the line unsettled: its answer may still come, and would be taken for that of the next
//! command. Nothing is asked before the line is settled again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use modem_wire::at::{Command, Heard, Lines, Listener, Reply};
use sgp22::transport::{TransportError, TransportErrorKind};

use super::place::lasting;
use crate::modem::{LinkError, LinkErrorKind};
use crate::port::{Port, PortError};

/// How long a modem may take to answer `AT`.
const HELLO: Duration = Duration::from_secs(1);

/// How often that is tried when a port is opened: the first bytes may be lost in noise.
const HELLOS: usize = 3;

/// How long nothing must come for the line to count as quiet, when it is opened and after an answer failed to come.
const QUIET_AT_FIRST: Duration = Duration::from_millis(50);
const QUIET: Duration = Duration::from_millis(300);

/// How long a modem that left the bus may take to come back.
const AWAY: Duration = Duration::from_secs(30);

/// How often it is looked for meanwhile.
const GLANCE: Duration = Duration::from_millis(100);

/// How long a modem may take to read a command.
const WRITING: Duration = Duration::from_secs(5);

/// How long, and how much of it, is read of what nobody asked for before a command goes out nevertheless.
const NOISE: Duration = Duration::from_secs(2);
const MOST_NOISE: usize = 1 << 16;

/// The line to a modem.
#[derive(Debug)]
pub(super) struct Line {
    path: PathBuf,
    port: Option<Port>,
    lines: Lines,
    unsettled: bool,
    /// It was waited for in vain: it is not waited for again.
    lost: bool,
    /// Something was said at all.
    heard: bool,
    /// How often the modem came back: what it had open before is gone.
    returns: u32,
    /// How long the line may take to settle.
    connect: Duration,
}

impl Line {
    /// Opens the port and has the modem answer.
    pub(super) fn open(path: &Path, connect: Duration) -> Result<Self, LinkError> {
        let port = Port::open_for_commands(path)?;
        let path = lasting(path);
        let (port, lines) = (Some(port), Lines::default());
        let mut line = Self { path, port, lines, unsettled: true, lost: false, heard: false, returns: 0, connect };
        line.greet()?;
        Ok(line)
    }

    /// How often the modem came back since the port was opened.
    pub(super) fn returns(&self) -> u32 {
        self.returns
    }

    /// True if the modem was there when it was last heard.
    pub(super) fn is_there(&self) -> bool {
        self.port.is_some()
    }

    /// The next command has to wait until the line is settled: what came was no answer.
    pub(super) fn unsettle(&mut self) {
        self.unsettled = true;
    }

    /// The first words with a modem.
    fn greet(&mut self) -> Result<(), LinkError> {
        for _ in 0..HELLOS {
            if self.hello(QUIET_AT_FIRST).map_err(|error| told(&error))? {
                return self.set_up().map_err(|error| told(&error));
            }
        }
        let (kind, why) = match self.heard {
            true => (LinkErrorKind::NotAModem, "something is said, and never OK to AT"),
            false => (LinkErrorKind::Dead, "nothing is said to AT"),
        };
        Err(LinkError::new(kind, format!("{}: {why}", self.path.display())))
    }

    /// Says `AT`, and waits for its OK and for silence then, so that no late answer is left. False if there was none.
    fn hello(&mut self, quiet: Duration) -> Result<bool, TransportError> {
        let ok = match self.ask(&Command::plain("AT"), HELLO) {
            Ok(reply) => reply.end.is_ok(),
            Err(error) if error.kind == TransportErrorKind::Timeout => false,
            Err(error) => return Err(error),
        };
        self.drain(Instant::now() + quiet, quiet)?;
        self.unsettled = !ok;
        Ok(ok)
    }

    /// Answers in words and without echo, errors in digits. A modem that does not know one of these is used as it is.
    pub(super) fn set_up(&mut self) -> Result<(), TransportError> {
        for setting in ["ATE0", "ATV1", "AT+CMEE=1"] {
            if let Err(failure) = self.ask(&Command::plain(setting), HELLO)?.end {
                log::debug!("{setting}: {failure}");
            }
        }
        Ok(())
    }

    /// Gets the line ready for a command, waiting for a modem that is away. Nothing has been sent if this fails.
    pub(super) fn ready(&mut self) -> Result<(), TransportError> {
        self.ready_within(AWAY, self.connect)
    }

    /// The same, with limits of its own: for a modem that is away, and for a late answer.
    pub(super) fn ready_within(&mut self, away: Duration, settling: Duration) -> Result<(), TransportError> {
        self.make_ready(away, settling).map_err(|error| TransportError::not_sent(error.kind, error.detail))
    }

    fn make_ready(&mut self, away: Duration, settling: Duration) -> Result<(), TransportError> {
        if self.port.is_some() && !self.unsettled {
            // What came by itself since is about nothing that is asked now; and this notices that the modem left.
            if self.drain(Instant::now(), Duration::ZERO).is_ok() {
                return Ok(());
            }
        }
        let end = Instant::now() + if self.lost { Duration::ZERO } else { away };
        while self.port.is_none() {
            match Port::open_for_commands(&self.path) {
                Ok(port) => {
                    log::info!("{} is there again", self.path.display());
                    (self.port, self.unsettled, self.lost) = (Some(port), true, false);
                    self.returns = self.returns.wrapping_add(1);
                    match self.settle(settling) {
                        Err(error) if error.kind == TransportErrorKind::DeviceGone => {}
                        settled => return settled,
                    }
                }
                Err(error) if Instant::now() >= end => {
                    self.lost = true;
                    return Err(TransportError::not_sent(TransportErrorKind::DeviceGone, error.to_string()));
                }
                Err(_) => std::thread::sleep(GLANCE),
            }
        }
        self.settle(settling)
    }

    fn settle(&mut self, limit: Duration) -> Result<(), TransportError> {
        let end = Instant::now() + limit;
        while self.unsettled {
            match self.hello(QUIET) {
                // A modem that started anew has its echo back.
                Ok(true) => return self.set_up(),
                Ok(false) => {}
                // The rest of a line without an end, or of many lines, may still be on its way.
                Err(error) if error.kind == TransportErrorKind::Garbage && Instant::now() < end => {
                    self.drain(Instant::now() + QUIET, QUIET)?;
                }
                Err(error) => return Err(error),
            }
            if Instant::now() >= end {
                return Err(TransportError::not_sent(TransportErrorKind::Timeout, "nothing is said to AT"));
            }
        }
        Ok(())
    }

    /// Sends a command and waits for its answer. The line is to be ready.
    pub(super) fn ask(&mut self, command: &Command, patience: Duration) -> Result<Reply, TransportError> {
        let start = Instant::now();
        self.send(command, start + WRITING.min(patience))?;
        let end = start + patience;
        let mut listener = Listener::new(command);
        let mut buffer = [0; 4096];
        // Whoever talks without end would keep a mere wait for silence from ever ending.
        while Instant::now() < end {
            let count = self.read(&mut buffer, end)?;
            let lines = self.lines.take(&buffer[..count]);
            let lines =
                lines.map_err(|error| TransportError::unsure(TransportErrorKind::Garbage, error.to_string()))?;
            for line in lines {
                match listener.hear(&line) {
                    Heard::More => {}
                    Heard::Done(reply) => {
                        self.unsettled = false;
                        return Ok(reply);
                    }
                    Heard::Flood => {
                        let why = "unsolicited lines without end";
                        return Err(TransportError::unsure(TransportErrorKind::Garbage, why));
                    }
                }
            }
        }
        Err(timeout())
    }

    /// The end of the line goes by itself: before that, no modem does anything.
    fn send(&mut self, command: &Command, end: Instant) -> Result<(), TransportError> {
        let gone = || TransportError::not_sent(TransportErrorKind::DeviceGone, "the port is closed");
        self.unsettled = true;
        self.lines.forget();
        let port = self.port.as_mut().ok_or_else(gone)?;
        let sent = port.write(command.as_str().as_bytes(), end);
        if let Err(error) = sent {
            let error = self.failed(error);
            return Err(TransportError::not_sent(error.kind, error.detail));
        }
        let port = self.port.as_mut().ok_or_else(gone)?;
        let sent = port.write(b"\r", end);
        sent.map_err(|error| self.failed(error))
    }

    /// Reads what comes until it is quiet for this long, from `until` on at the latest.
    fn drain(&mut self, until: Instant, quiet: Duration) -> Result<(), TransportError> {
        let mut buffer = [0; 4096];
        let (mut end, mut count) = (until, 0);
        let last = Instant::now() + NOISE;
        while count < MOST_NOISE && Instant::now() < last {
            match self.read(&mut buffer, end) {
                Ok(more) => count += more,
                Err(error) if error.kind == TransportErrorKind::Timeout => break,
                Err(error) => return Err(error),
            }
            end = Instant::now() + quiet;
        }
        self.lines.forget();
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8], end: Instant) -> Result<usize, TransportError> {
        let gone = || TransportError::unsure(TransportErrorKind::DeviceGone, "the port is closed");
        let read = self.port.as_mut().ok_or_else(gone)?.read(buffer, end);
        self.heard |= read.is_ok();
        read.map_err(|error| self.failed(error))
    }

    fn failed(&mut self, error: PortError) -> TransportError {
        match error {
            PortError::Timeout => timeout(),
            PortError::Gone(why) => {
                log::info!("{}: {why}", self.path.display());
                self.port = None;
                TransportError::unsure(TransportErrorKind::DeviceGone, why)
            }
        }
    }
}

fn timeout() -> TransportError {
    TransportError::unsure(TransportErrorKind::Timeout, "no answer of the modem in time")
}

/// What a failure is before anything of the card was asked for.
pub(super) fn told(error: &TransportError) -> LinkError {
    let kind = match error.kind {
        TransportErrorKind::DeviceGone => LinkErrorKind::Gone,
        TransportErrorKind::Timeout => LinkErrorKind::Dead,
        TransportErrorKind::Garbage => LinkErrorKind::NotAModem,
        TransportErrorKind::CardRemoved => LinkErrorKind::NoCard,
        _ => LinkErrorKind::Failed,
    };
    LinkError::new(kind, &error.detail)
}
