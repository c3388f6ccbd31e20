//! Frames in a stream of bytes: type, length, transaction, and what follows.

/// The longest frame that is taken, in bytes. Devices send 4096 at most; some take the whole message at once.
pub const LONGEST_FRAME: usize = 1 << 17;

/// Type, length and transaction.
pub(super) const HEADER: usize = 12;

/// Why bytes are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// It says that it is shorter than its own header.
    #[error("a frame says that it has {0} bytes, which is less than its header")]
    TooShort(u32),
    /// It says that it is longer than anything that is taken. Nothing of it is kept.
    #[error("a frame says that it has {0} bytes; {LONGEST_FRAME} is the most")]
    TooLong(u32),
    /// No message begins like this: the two sides have lost each other.
    #[error("a frame says that it is of type {0:08X}, which is none of MBIM")]
    Type(u32),
    /// The body is not what the type wants.
    #[error("a frame of type {kind:08X} is cut short: {length} bytes")]
    Body {
        /// Its type.
        kind: u32,
        /// Bytes behind the header.
        length: usize,
    },
}

/// What travels at once.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// What it is.
    pub kind: u32,
    /// Which command it belongs to; 0 in indications.
    pub transaction: u32,
    /// What stands behind the header.
    pub body: Vec<u8>,
}

// What it carries can be secret.
impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame {:08X} of transaction {}, {} bytes", self.kind, self.transaction, self.body.len())
    }
}

impl Frame {
    /// The bytes on the line.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let length = super::buffer::length(HEADER + self.body.len());
        let mut bytes = Vec::with_capacity(HEADER + self.body.len());
        for number in [self.kind, length, self.transaction] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(&self.body);
        bytes
    }
}

/// Finds frames in a stream. After an error everything that has come is forgotten.
#[derive(Default)]
pub struct Deframer {
    buffer: Vec<u8>,
}

impl std::fmt::Debug for Deframer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Deframer with {} bytes", self.buffer.len())
    }
}

impl Deframer {
    /// Takes bytes that came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend(bytes);
    }

    /// Forgets a frame of which a part has come.
    pub fn forget(&mut self) {
        self.buffer.clear();
    }

    /// True if a part of a frame has come.
    #[must_use]
    pub fn is_amid(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// The next frame, if it is complete.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let result = self.cut();
        if result.is_err() {
            self.forget();
        }
        result
    }

    fn cut(&mut self) -> Result<Option<Frame>, FrameError> {
        let word = |index: usize| Some(u32::from_le_bytes(*self.buffer.get(index..index + 4)?.first_chunk()?));
        let (Some(kind), Some(said)) = (word(0), word(4)) else { return Ok(None) };
        if !matches!(kind & 0x7FFF_FFFF, 1..=4 | 7) {
            return Err(FrameError::Type(kind));
        }
        let length = match usize::try_from(said) {
            Ok(length) if length < HEADER => return Err(FrameError::TooShort(said)),
            Ok(length) if length <= LONGEST_FRAME => length,
            _ => return Err(FrameError::TooLong(said)),
        };
        if self.buffer.len() < length {
            return Ok(None);
        }
        let Some(transaction) = word(8) else { return Ok(None) };
        let body = self.buffer[HEADER..length].to_vec();
        self.buffer.drain(..length);
        Ok(Some(Frame { kind, transaction, body }))
    }
}
