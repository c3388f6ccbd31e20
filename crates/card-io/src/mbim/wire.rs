//! Messages out, messages in, and which answer belongs to what.

use std::time::Instant;

use modem_wire::mbim::{Body, CollectError, Collector, Deframer, Frame, Message, ProtocolError};

use crate::port::{Port, PortError};

/// The most that is read at once.
const READ: usize = 8192;

/// How often a port that holds leftovers of others is read before it is used. A modem that talks without end does not
/// keep us there.
const LEFTOVERS: usize = 16;

/// A port to a device, or the socket of the proxy.
pub(super) struct Wire {
    port: Port,
    frames: Deframer,
    messages: Collector,
    transaction: u32,
    /// The longest frame that the device takes.
    longest: u32,
    gone: bool,
    /// The stream has lost its step: what is left of it by the next message means nothing.
    astray: bool,
}

/// Why a message has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub(super) struct Failure {
    /// What happened.
    pub(super) why: Why,
    /// The device may have got the message, and done what it says.
    pub(super) sent: bool,
}

/// What happened to a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Why {
    /// Nothing came in time.
    #[error("nothing in time")]
    Timeout,
    /// The port is gone.
    #[error("the port is gone ({0})")]
    Gone(String),
    /// What came is no message.
    #[error("{0}")]
    Garbage(String),
    /// The device has something against the message.
    #[error("{0}")]
    Refused(ProtocolError),
}

impl From<PortError> for Why {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Timeout => Self::Timeout,
            PortError::Gone(why) => Self::Gone(why),
        }
    }
}

impl Wire {
    /// Takes the port over.
    pub(super) fn new(port: Port, longest: u32) -> Self {
        // A late answer to a program before us must not pass for one to us.
        let transaction = std::process::id() << 12;
        let (frames, messages) = (Deframer::default(), Collector::default());
        Self { port, frames, messages, transaction, longest, gone: false, astray: false }
    }

    /// True once the device or its port is gone.
    pub(super) fn is_gone(&self) -> bool {
        self.gone
    }

    /// The longest frame that the device takes.
    pub(super) fn longest(&self) -> u32 {
        self.longest
    }

    /// Drops what another program left unread.
    pub(super) fn drain(&mut self) {
        let mut buffer = [0; READ];
        for _ in 0..LEFTOVERS {
            if self.port.read(&mut buffer, Instant::now()).is_err() {
                return;
            }
        }
    }

    /// Sends a message and waits for the answer to it.
    pub(super) fn ask(&mut self, body: Body, deadline: Instant) -> Result<Body, Failure> {
        let transaction = self.send(body, deadline)?;
        loop {
            let message = self.receive(Some(transaction), deadline).map_err(|why| {
                // Of a message that the device could not even read nothing was done.
                let sent = !matches!(why, Why::Refused(error) if error != ProtocolError::CANCEL);
                Failure { why, sent }
            })?;
            match message.body {
                Body::Indication(told) => log::debug!("the modem tells {:?} {}", told.service, told.command),
                body if message.transaction == transaction => return Ok(body),
                _ => log::debug!("not for us: an answer to transaction {}", message.transaction),
            }
        }
    }

    /// Sends a message; gives its transaction.
    pub(super) fn send(&mut self, body: Body, deadline: Instant) -> Result<u32, Failure> {
        if std::mem::take(&mut self.astray) {
            self.frames.forget();
            self.drain();
        }
        self.transaction = self.transaction.checked_add(1).unwrap_or(1);
        let message = Message { transaction: self.transaction, body };
        for (index, frame) in message.to_frames(self.longest).iter().enumerate() {
            self.port.write(&frame.to_bytes(), deadline).map_err(|error| {
                let why = self.noted(error.into());
                // Nothing is done before the last fragment has come; of the last, a part may have left in time.
                Failure { sent: why == Why::Timeout && index > 0, why }
            })?;
        }
        Ok(self.transaction)
    }

    /// The next message from the device, also if it is no answer to the last command.
    pub(super) fn listen(&mut self, deadline: Instant) -> Result<Body, Why> {
        self.receive(Some(self.transaction), deadline).map(|message| message.body)
    }

    /// The next message from the device. An error that is about another transaction than `ours` is not ours.
    fn receive(&mut self, ours: Option<u32>, deadline: Instant) -> Result<Message, Why> {
        loop {
            let frame = self.frame(deadline).map_err(|why| self.noted(why))?;
            let message = match self.messages.take(&frame) {
                Ok(Some(message)) => message,
                Ok(None) => continue,
                Err(error) if error.transaction().is_some() && error.transaction() != ours => {
                    log::debug!("not for us: {error}");
                    continue;
                }
                Err(error) => {
                    self.complain(&frame, error);
                    return Err(Why::Garbage(error.to_string()));
                }
            };
            match message.body {
                Body::FunctionError(error) if message.transaction == 0 || Some(message.transaction) == ours => {
                    return Err(Why::Refused(error));
                }
                Body::FunctionError(error) => log::debug!("not for us: {error}"),
                Body::Open { .. } | Body::Close | Body::Command(_) | Body::HostError(_) => {
                    return Err(Why::Garbage("the port gives back what it is sent".into()));
                }
                _ => return Ok(message),
            }
        }
    }

    fn frame(&mut self, deadline: Instant) -> Result<Frame, Why> {
        let mut buffer = [0; READ];
        loop {
            match self.frames.next_frame() {
                // A modem that talks without end of other things does not keep us here.
                Ok(Some(_)) if Instant::now() > deadline => return Err(Why::Timeout),
                Ok(Some(frame)) => return Ok(frame),
                Ok(None) => {}
                Err(error) => {
                    self.astray = true;
                    return Err(Why::Garbage(error.to_string()));
                }
            }
            match self.port.read(&mut buffer, deadline) {
                Ok(count) => self.frames.push(&buffer[..count]),
                Err(PortError::Timeout) if self.frames.is_amid() => {
                    self.astray = true;
                    return Err(Why::Garbage("a frame that does not end".into()));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Tells the device what is wrong with its fragments, so that it does not go on with them.
    fn complain(&mut self, frame: &Frame, error: CollectError) {
        self.messages.forget();
        let code = match error {
            CollectError::OutOfSequence { .. } => ProtocolError::FRAGMENT_OUT_OF_SEQUENCE,
            _ => ProtocolError::LENGTH_MISMATCH,
        };
        let message = Message { transaction: frame.transaction, body: Body::HostError(code) };
        // It has been told an error already if that fails.
        let _ = self.port.write(&message.to_bytes(self.longest), Instant::now());
    }

    fn noted(&mut self, why: Why) -> Why {
        self.gone |= matches!(why, Why::Gone(_));
        why
    }
}
