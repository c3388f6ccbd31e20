//! Messages of either side (MBIM 1.0 9.3, 9.4).

use super::buffer::{Reader, Writer, length};
use super::frame::{Frame, FrameError, HEADER};
use super::{LEAST_TRANSFER, ProtocolError, Status, Uuid};

pub(super) const OPEN: u32 = 1;
pub(super) const CLOSE: u32 = 2;
pub(super) const COMMAND: u32 = 3;
/// An error of the host's, or with [`DONE`] of the device's.
pub(super) const ERROR: u32 = 4;
pub(super) const INDICATE: u32 = 0x8000_0007;
pub(super) const DONE: u32 = 0x8000_0000;

/// How many bytes say which fragment it is.
pub(super) const FRAGMENT: usize = 8;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Which command it belongs to; 0 in indications.
    pub transaction: u32,
    /// What it says.
    pub body: Body,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// The host begins; no frame may be longer than that.
    Open {
        /// The longest frame, in bytes.
        longest: u32,
    },
    /// The answer to it.
    OpenDone(Status),
    /// The host ends.
    Close,
    /// The answer to it.
    CloseDone(Status),
    /// The host wants something.
    Command(Command),
    /// The answer to it.
    CommandDone(CommandDone),
    /// The device tells something by itself.
    Indication(Indication),
    /// The host has something against a message.
    HostError(ProtocolError),
    /// The device has something against a message.
    FunctionError(ProtocolError),
}

/// A command to a service.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    /// The service.
    pub service: Uuid,
    /// Its command.
    pub command: u32,
    /// Whether something is set; otherwise something is asked.
    pub set: bool,
    /// The structure that goes with it.
    pub buffer: Vec<u8>,
}

/// The answer to a command.
#[derive(Clone, PartialEq, Eq)]
pub struct CommandDone {
    /// The service.
    pub service: Uuid,
    /// Its command.
    pub command: u32,
    /// How it ended.
    pub status: Status,
    /// The structure that goes with it.
    pub buffer: Vec<u8>,
}

/// What a service of the device tells by itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Indication {
    /// The service.
    pub service: Uuid,
    /// What it is about.
    pub command: u32,
    /// The structure that goes with it.
    pub buffer: Vec<u8>,
}

// What goes to a card and comes from it can be secret.
impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.set { "set" } else { "query" };
        write!(f, "Command {:?} {} {kind}, {} bytes", self.service, self.command, self.buffer.len())
    }
}

impl std::fmt::Debug for CommandDone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { service, command, status, buffer } = self;
        write!(f, "CommandDone {service:?} {command} {status}, {} bytes", buffer.len())
    }
}

impl std::fmt::Debug for Indication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Indication {:?} {}, {} bytes", self.service, self.command, self.buffer.len())
    }
}

impl Command {
    /// A question.
    #[must_use]
    pub fn query(service: Uuid, command: u32, buffer: Vec<u8>) -> Self {
        Self { service, command, set: false, buffer }
    }

    /// Something to be set.
    #[must_use]
    pub fn set(service: Uuid, command: u32, buffer: Vec<u8>) -> Self {
        Self { service, command, set: true, buffer }
    }
}

impl Message {
    /// The frames that carry it, none longer than `longest` bytes.
    #[must_use]
    pub fn to_frames(&self, longest: u32) -> Vec<Frame> {
        let frame = |kind, body: Vec<u8>| vec![Frame { kind, transaction: self.transaction, body }];
        match &self.body {
            Body::Open { longest } => frame(OPEN, longest.to_le_bytes().into()),
            Body::OpenDone(status) => frame(OPEN | DONE, status.0.to_le_bytes().into()),
            Body::Close => frame(CLOSE, Vec::new()),
            Body::CloseDone(status) => frame(CLOSE | DONE, status.0.to_le_bytes().into()),
            Body::HostError(error) => frame(ERROR, error.0.to_le_bytes().into()),
            Body::FunctionError(error) => frame(ERROR | DONE, error.0.to_le_bytes().into()),
            Body::Command(command) => {
                let third = Some(u32::from(command.set));
                self.fragments(COMMAND, &service(command.service, command.command, third, &command.buffer), longest)
            }
            Body::CommandDone(done) => {
                let bytes = service(done.service, done.command, Some(done.status.0), &done.buffer);
                self.fragments(COMMAND | DONE, &bytes, longest)
            }
            Body::Indication(told) => {
                self.fragments(INDICATE, &service(told.service, told.command, None, &told.buffer), longest)
            }
        }
    }

    /// The bytes of [`Message::to_frames`], one after the other.
    #[must_use]
    pub fn to_bytes(&self, longest: u32) -> Vec<u8> {
        self.to_frames(longest).iter().flat_map(Frame::to_bytes).collect()
    }

    fn fragments(&self, kind: u32, bytes: &[u8], longest: u32) -> Vec<Frame> {
        let longest = usize::try_from(longest.max(LEAST_TRANSFER)).unwrap_or(usize::MAX);
        let pieces = bytes.chunks(longest - HEADER - FRAGMENT);
        let total = length(pieces.len());
        (0..)
            .zip(pieces)
            .map(|(index, piece)| {
                let body = Writer::new(FRAGMENT + piece.len()).u32(total).u32(index).bytes(piece).finish();
                Frame { kind, transaction: self.transaction, body }
            })
            .collect()
    }

    /// Reads a message that never is in fragments; `None` if it is one that may be.
    pub(super) fn of_frame(frame: &Frame) -> Result<Option<Self>, FrameError> {
        let number = || {
            let error = FrameError::Body { kind: frame.kind, length: frame.body.len() };
            Reader::new(&frame.body).u32().map_err(|_| error)
        };
        let body = match frame.kind {
            COMMAND | INDICATE => return Ok(None),
            kind if kind == COMMAND | DONE => return Ok(None),
            OPEN => Body::Open { longest: number()? },
            CLOSE => Body::Close,
            ERROR => Body::HostError(ProtocolError(number()?)),
            kind if kind == OPEN | DONE => Body::OpenDone(Status(number()?)),
            kind if kind == CLOSE | DONE => Body::CloseDone(Status(number()?)),
            kind if kind == ERROR | DONE => Body::FunctionError(ProtocolError(number()?)),
            kind => return Err(FrameError::Type(kind)),
        };
        Ok(Some(Self { transaction: frame.transaction, body }))
    }

    /// Reads what the fragments of a message carry; `None` if that is not what it says to be.
    pub(super) fn of_fragments(kind: u32, transaction: u32, bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let mut uuid = Uuid([0; 16]);
        uuid.0.copy_from_slice(reader.take(16).ok()?);
        let (service, command) = (uuid, reader.u32().ok()?);
        let third = if kind == INDICATE { 0 } else { reader.u32().ok()? };
        let size = usize::try_from(reader.u32().ok()?).ok()?;
        let buffer = reader.take(size).ok()?.to_vec();
        let body = match kind {
            INDICATE => Body::Indication(Indication { service, command, buffer }),
            COMMAND if third <= 1 => Body::Command(Command { service, command, set: third == 1, buffer }),
            COMMAND => return None,
            _ => Body::CommandDone(CommandDone { service, command, status: Status(third), buffer }),
        };
        Some(Self { transaction, body })
    }
}

/// The part of a message that is cut into fragments.
fn service(service: Uuid, command: u32, third: Option<u32>, buffer: &[u8]) -> Vec<u8> {
    let mut bytes = service.0.to_vec();
    for number in [Some(command), third, Some(length(buffer.len()))].into_iter().flatten() {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(buffer);
    bytes
}
