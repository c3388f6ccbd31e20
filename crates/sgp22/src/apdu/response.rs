//! Answer APDUs.

use super::StatusWord;

/// An answer APDU. `Debug` shows the status word and the length alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// Answer data without the status word.
    pub data: Vec<u8>,
    /// How it went.
    pub status: StatusWord,
}

/// Fewer than the two bytes of a status word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an answer of {0} bytes, too short for a status word")]
pub struct MalformedResponse(pub usize);

impl Response {
    /// An answer without data.
    #[must_use]
    pub fn status(status: StatusWord) -> Self {
        Self { data: Vec::new(), status }
    }

    /// An answer of data and `9000`.
    #[must_use]
    pub fn ok(data: Vec<u8>) -> Self {
        Self { data, status: StatusWord::OK }
    }

    /// Splits the bytes from the wire into data and status word.
    pub fn parse(mut bytes: Vec<u8>) -> Result<Self, MalformedResponse> {
        let Some([sw1, sw2]) = bytes.last_chunk().copied() else { return Err(MalformedResponse(bytes.len())) };
        bytes.truncate(bytes.len() - 2);
        Ok(Self { data: bytes, status: StatusWord::new(sw1, sw2) })
    }

    /// The bytes on the wire.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        let mut bytes = self.data;
        bytes.extend(self.status.0.to_be_bytes());
        bytes
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Response({} bytes, {})", self.data.len(), self.status)
    }
}
