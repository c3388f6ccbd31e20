//! Messages from their fragments (MBIM 1.0 9.2).

use super::buffer::Reader;
use super::frame::{Frame, FrameError};
use super::message::{FRAGMENT, Message};

/// The longest message that is put together, in bytes: four times the longest answer of a card.
pub const LONGEST_MESSAGE: usize = 1 << 18;

/// How many messages are put together at a time. A device sends one after the other, yet a proxy serves several hosts.
const MOST_AT_ONCE: usize = 8;

/// Why frames make no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CollectError {
    /// It is no frame of MBIM.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A fragment is not the one that is due.
    #[error("fragment {got} of {total} came where {due} was due")]
    OutOfSequence {
        /// Which command it belongs to.
        transaction: u32,
        /// The one that came.
        got: u32,
        /// The one that was due.
        due: u32,
        /// How many there are, as the one that came says.
        total: u32,
    },
    /// The message is longer than anything that is taken, or would be cut into more pieces than it can have bytes.
    #[error("a message is longer than {LONGEST_MESSAGE} bytes")]
    TooLong {
        /// Which command it belongs to.
        transaction: u32,
    },
    /// What the fragments carry is shorter than it says.
    #[error("a message is cut short")]
    Short {
        /// Which command it belongs to.
        transaction: u32,
    },
}

impl CollectError {
    /// Which command it is about, if that is known.
    #[must_use]
    pub fn transaction(self) -> Option<u32> {
        match self {
            Self::Frame(_) => None,
            Self::OutOfSequence { transaction, .. } | Self::TooLong { transaction } | Self::Short { transaction } => {
                Some(transaction)
            }
        }
    }
}

/// Puts messages together. After an error everything that came of the message is forgotten.
#[derive(Debug, Default)]
pub struct Collector {
    begun: Vec<Begun>,
}

struct Begun {
    kind: u32,
    transaction: u32,
    total: u32,
    /// Index of the fragment that is due.
    due: u32,
    bytes: Vec<u8>,
}

// What it carries can be secret.
impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} fragments of transaction {}", self.due, self.total, self.transaction)
    }
}

impl Collector {
    /// Takes a frame; gives the message that it completes.
    pub fn take(&mut self, frame: &Frame) -> Result<Option<Message>, CollectError> {
        if let Some(message) = Message::of_frame(frame)? {
            return Ok(Some(message));
        }
        let cut_short = FrameError::Body { kind: frame.kind, length: frame.body.len() };
        let mut reader = Reader::new(&frame.body);
        let (Ok(total), Ok(got)) = (reader.u32(), reader.u32()) else { return Err(cut_short.into()) };
        let transaction = frame.transaction;
        let most = u32::try_from(LONGEST_MESSAGE).unwrap_or(u32::MAX);
        let position = self.begun.iter().position(|one| one.transaction == transaction && one.kind == frame.kind);
        let begun = position.map(|position| self.begun.remove(position));
        let due = begun.as_ref().map_or(0, |begun| begun.due);
        if got != due || total <= got || begun.as_ref().is_some_and(|begun| begun.total != total) {
            return Err(CollectError::OutOfSequence { transaction, got, due, total });
        }
        let mut begun = begun.unwrap_or(Begun { kind: frame.kind, transaction, total, due: 0, bytes: Vec::new() });
        let piece = &frame.body[FRAGMENT..];
        if total > most || begun.bytes.len() + piece.len() > LONGEST_MESSAGE {
            return Err(CollectError::TooLong { transaction });
        }
        begun.bytes.extend(piece);
        begun.due += 1;
        if begun.due < begun.total {
            if self.begun.len() >= MOST_AT_ONCE {
                self.begun.remove(0);
            }
            self.begun.push(begun);
            return Ok(None);
        }
        let message = Message::of_fragments(begun.kind, transaction, &begun.bytes);
        message.map(Some).ok_or(CollectError::Short { transaction })
    }

    /// Forgets what was begun: nobody waits for it any more.
    pub fn forget(&mut self) {
        self.begun.clear();
    }
}
