//! QMUX: which bytes of a stream are a frame, and for whom it is.

use super::Service;

const MARKER: u8 = 0x01;

/// Bytes of a frame before its SDU.
const HEADER: usize = 6;

/// The longest frame that its length field can announce.
pub const LONGEST_FRAME: usize = 1 + u16::MAX as usize;

/// A message on its way to or from a client.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// True if the modem sends it.
    pub from_modem: bool,
    /// The service.
    pub service: Service,
    /// The client; 0 with CTL, [`Frame::ALL_CLIENTS`] in indications that are for everybody.
    pub client: u8,
    /// The message.
    pub sdu: Vec<u8>,
}

/// What cards are told is nobody's business.
impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { from_modem, service, client, sdu } = self;
        let from = if *from_modem { "modem" } else { "host" };
        write!(f, "Frame(from the {from}, {service}, client {client:02X}, {} bytes)", sdu.len())
    }
}

/// What is no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A frame begins with another byte.
    #[error("a QMUX frame begins with 01, not {0:02X}")]
    Marker(u8),
    /// Its length is less than that of its header.
    #[error("a QMUX frame of {0} bytes is shorter than its header")]
    Short(usize),
    /// The bytes are more or less than one frame.
    #[error("there is not exactly one QMUX frame")]
    NotOne,
}

impl Frame {
    /// The client of an indication for everybody.
    pub const ALL_CLIENTS: u8 = 0xFF;

    /// As bytes.
    ///
    /// An SDU that is too long for a frame is cut; nobody builds one.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let sdu = &self.sdu[..self.sdu.len().min(LONGEST_FRAME - HEADER)];
        let length = u16::try_from(HEADER - 1 + sdu.len()).unwrap_or(u16::MAX);
        let mut bytes = Vec::with_capacity(HEADER + sdu.len());
        bytes.push(MARKER);
        bytes.extend(length.to_le_bytes());
        bytes.extend([if self.from_modem { 0x80 } else { 0x00 }, self.service.0, self.client]);
        bytes.extend(sdu);
        bytes
    }

    /// Reads bytes that are one frame, as MBIM carries them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrameError> {
        let mut reader = FrameReader::default();
        reader.push(bytes);
        match reader.next_frame()? {
            Some(frame) if reader.is_empty() => Ok(frame),
            _ => Err(FrameError::NotOne),
        }
    }
}

/// Puts frames together from a stream that is cut anyhow. What it holds is never more than a frame and what was pushed.
#[derive(Clone, Default)]
pub struct FrameReader {
    bytes: Vec<u8>,
}

impl std::fmt::Debug for FrameReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FrameReader({} bytes)", self.bytes.len())
    }
}

impl FrameReader {
    /// Takes what was read.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// The next frame; `None` until there is a whole one. After an error nothing is left: a stream that lost its step
    /// cannot be followed.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let result = self.take();
        if result.is_err() {
            self.clear();
        }
        result
    }

    fn take(&mut self) -> Result<Option<Frame>, FrameError> {
        match self.bytes.first() {
            None => return Ok(None),
            Some(&MARKER) => {}
            Some(&other) => return Err(FrameError::Marker(other)),
        }
        let [_, low, high, ..] = self.bytes[..] else { return Ok(None) };
        let length = 1 + usize::from(u16::from_le_bytes([low, high]));
        if length < HEADER {
            return Err(FrameError::Short(length));
        }
        if self.bytes.len() < length {
            return Ok(None);
        }
        let rest = self.bytes.split_off(length);
        let frame = std::mem::replace(&mut self.bytes, rest);
        Ok(Some(Frame {
            from_modem: frame[3] & 0x80 != 0,
            service: Service(frame[4]),
            client: frame[5],
            sdu: frame[HEADER..].to_vec(),
        }))
    }

    /// True if no part of a frame is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Drops what there is of a frame that does not go on.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }
}
