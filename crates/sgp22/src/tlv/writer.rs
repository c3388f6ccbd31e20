//! Writing DER: shortest lengths, elements in the order they are put.

use super::{RawTlv, Tag};

/// Builds a message element by element.
#[derive(Debug, Default, Clone)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty message.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends one element.
    pub fn put(&mut self, tag: Tag, value: &[u8]) -> &mut Self {
        self.header(tag, value.len()).raw(value)
    }

    /// Appends tag and length of an element whose value, so many bytes, is somewhere else.
    pub fn header(&mut self, tag: Tag, length: usize) -> &mut Self {
        self.bytes.extend(tag.to_bytes());
        push_length(&mut self.bytes, length);
        self
    }

    /// Appends one element if there is a value for it.
    pub fn maybe<V: AsRef<[u8]>>(&mut self, tag: Tag, value: Option<V>) -> &mut Self {
        if let Some(value) = value {
            self.put(tag, value.as_ref());
        }
        self
    }

    /// Appends one element whose value `build` writes.
    pub fn nest(&mut self, tag: Tag, build: impl FnOnce(&mut Self)) -> &mut Self {
        let mut inner = Self::new();
        build(&mut inner);
        self.put(tag, &inner.bytes)
    }

    /// Appends bytes that are whole elements already.
    pub fn raw(&mut self, elements: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(elements);
        self
    }

    /// Appends elements that were kept as they came.
    pub fn kept(&mut self, elements: &[RawTlv]) -> &mut Self {
        for element in elements {
            self.raw(&element.bytes);
        }
        self
    }

    /// The message.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// A message of one object whose value `build` writes.
    #[must_use]
    pub fn object(tag: Tag, build: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut writer = Self::new();
        writer.nest(tag, build);
        writer.finish()
    }
}

fn push_length(bytes: &mut Vec<u8>, length: usize) {
    let digits = length.to_be_bytes();
    let start = digits.iter().position(|digit| *digit != 0).unwrap_or(digits.len() - 1);
    let digits = &digits[start..];
    if length > 0x7F {
        bytes.push(0x80 | u8::try_from(digits.len()).unwrap_or(0));
    }
    bytes.extend_from_slice(digits);
}
