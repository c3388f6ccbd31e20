//! BER-TLV, as small as this protocol needs it.
//!
//! One idiom serves every message. To read, [`open`] takes the outer object and [`Elements`] hands out the children
//! by tag, in any order; what nobody asked for is either kept ([`Elements::rest`], answers) or refused
//! ([`Elements::deny_rest`], commands). To write, [`Writer`] puts elements one after the other and nests them.
//!
//! Input may be hostile: lengths are checked before anything is sliced, indefinite lengths are refused, nothing is
//! copied while parsing and nothing recurses, so that deep nesting costs nothing.

mod encoding;
mod primitive;
mod reader;
mod writer;

pub use primitive::{Bits, Text, decode_bool, decode_int, decode_u64, encode_int, encode_u64};
pub use reader::{Elements, Reader, Tlv, open, split_header};
pub use writer::Writer;

/// The largest object that is split into its children, in bytes. A list of 200 profiles with icons stays below it; a
/// Bound Profile Package, which is longer, is only ever walked through.
pub const MAX_LENGTH: usize = 512 * 1024;

/// A tag, held as the bytes on the wire read as one big-endian number: `BF2D` is `Tag(0xBF2D)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u32);

impl Tag {
    /// The bytes on the wire, 1 to 3 of them.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        let bytes = self.0.to_be_bytes();
        let start = bytes.iter().position(|b| *b != 0).unwrap_or(3);
        bytes[start..].to_vec()
    }
}

impl std::fmt::Debug for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::fmt::Display for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02X}", self.0)
    }
}

/// Why some bytes could not be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {kind}")]
pub struct DecodeError {
    /// The message or field that was being read, by its name in SGP.22.
    pub place: &'static str,
    /// What is wrong with it.
    pub kind: DecodeErrorKind,
}

impl DecodeError {
    /// An error of `kind` at `place`.
    #[must_use]
    pub fn new(place: &'static str, kind: DecodeErrorKind) -> Self {
        Self { place, kind }
    }

    /// A value that has the right frame but makes no sense.
    #[must_use]
    pub fn value(place: &'static str, why: &'static str) -> Self {
        Self::new(place, DecodeErrorKind::BadValue(why))
    }
}

/// The kinds of [`DecodeError`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// An element announces more bytes than there are.
    #[error("cut short: {announced} bytes announced, {present} present")]
    Truncated {
        /// Length that the element announces.
        announced: usize,
        /// Bytes that are there.
        present: usize,
    },
    /// Nothing at all, or a tag without a length.
    #[error("ends in the middle of a tag or length")]
    Incomplete,
    /// The indefinite length form (`80`), which DER does not have.
    #[error("indefinite length")]
    IndefiniteLength,
    /// To be split and longer than [`MAX_LENGTH`], or a length of more than three bytes.
    #[error("longer than anything this protocol has")]
    TooLong,
    /// A tag of more than three bytes.
    #[error("a tag of more than three bytes")]
    LongTag,
    /// Bytes after the end of the object.
    #[error("{0} bytes too many after the end")]
    TrailingBytes(usize),
    /// Another tag than the one that belongs here.
    #[error("tag {found} where {expected} was expected")]
    UnexpectedTag {
        /// What belongs here.
        expected: Tag,
        /// What is there.
        found: Tag,
    },
    /// A mandatory element is missing.
    #[error("element {0} is missing")]
    Missing(Tag),
    /// An element that does not belong here (only where that is refused).
    #[error("element {0} does not belong here")]
    Unknown(Tag),
    /// A value that makes no sense.
    #[error("{0}")]
    BadValue(&'static str),
}

/// An element that is kept as it came, because nothing here knows its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawTlv {
    /// The tag.
    pub tag: Tag,
    /// Tag, length and value exactly as received.
    pub bytes: Vec<u8>,
}
