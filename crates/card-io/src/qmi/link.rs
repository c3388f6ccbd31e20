//! What QMI needs of whatever carries it, and the first thing that does: a port.

use std::time::Instant;

use modem_wire::qmi::{Frame, FrameReader};

use crate::port::{Port, PortError};

/// The most that is read at once.
const READ: usize = 8192;

/// Carries QMI messages between one host and one modem: a port, a proxy's socket, MBIM, QRTR.
///
/// It knows nothing of what the messages say. Each call ends at its deadline.
pub(crate) trait Link: Send {
    /// Sends one message.
    fn send(&mut self, frame: &Frame, deadline: Instant) -> Result<(), LinkFailure>;

    /// The next message from the modem, whoever it is for.
    fn receive(&mut self, deadline: Instant) -> Result<Frame, LinkFailure>;

    /// Whether clients have numbers, which CTL gives. Over QRTR the socket is the client, and there is no CTL.
    fn has_client_ids(&self) -> bool {
        true
    }
}

/// Why no message passes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LinkFailure {
    /// Nothing came, or nothing could be sent, in time.
    #[error("nothing in time")]
    Timeout,
    /// The other side is gone.
    #[error("the port is gone ({0})")]
    Gone(String),
    /// What came is no message.
    #[error("{0}")]
    Garbage(String),
    /// The modem does not have the service that the message is for.
    #[error("there is no such service")]
    NoService,
}

impl From<PortError> for LinkFailure {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Timeout => Self::Timeout,
            PortError::Gone(why) => Self::Gone(why),
        }
    }
}

/// QMUX on a port or on the socket of a proxy.
pub(super) struct PortLink {
    port: Port,
    frames: FrameReader,
}

impl PortLink {
    /// Takes the port over.
    pub(super) fn new(port: Port) -> Self {
        Self { port, frames: FrameReader::default() }
    }

    /// Drops what another program left unread.
    pub(super) fn drain(&mut self) {
        let mut buffer = [0; READ];
        // No more than a port can hold, so that a modem that talks without end does not keep us here.
        for _ in 0..16 {
            if self.port.read(&mut buffer, Instant::now()).is_err() {
                return;
            }
        }
    }

    fn next(&mut self, deadline: Instant) -> Result<Frame, LinkFailure> {
        let mut buffer = [0; READ];
        loop {
            if let Some(frame) = self.frames.next_frame().map_err(|error| LinkFailure::Garbage(error.to_string()))? {
                return Ok(frame);
            }
            let count = self.port.read(&mut buffer, deadline)?;
            self.frames.push(&buffer[..count]);
        }
    }
}

impl Link for PortLink {
    fn send(&mut self, frame: &Frame, deadline: Instant) -> Result<(), LinkFailure> {
        Ok(self.port.write(&frame.to_bytes(), deadline)?)
    }

    fn receive(&mut self, deadline: Instant) -> Result<Frame, LinkFailure> {
        let result = self.next(deadline);
        if matches!(result, Err(LinkFailure::Garbage(_))) {
            // The stream lost its step: what is left of it means nothing.
            self.drain();
        }
        if result == Err(LinkFailure::Timeout) && !self.frames.is_empty() {
            // Half a frame that does not go on: what follows begins anew.
            self.frames.clear();
            return Err(LinkFailure::Garbage("a frame that does not end".into()));
        }
        result
    }
}
