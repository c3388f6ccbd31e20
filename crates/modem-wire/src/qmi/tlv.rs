//! Elements: type, length, value, in any order.

use super::Malformed;

/// The elements of a message, all of whose lengths fit.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tlvs {
    bytes: Vec<u8>,
}

/// Types and lengths alone: what cards are told is nobody's business.
impl std::fmt::Debug for Tlvs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut map = f.debug_map();
        let mut rest = &self.bytes[..];
        while let Some((kind, value, next)) = split(rest) {
            map.entry(&format_args!("{kind:02X}"), &value.len());
            rest = next;
        }
        map.finish()
    }
}

impl Tlvs {
    /// Takes the elements of this message, whose lengths must fit.
    pub fn read(message: u16, bytes: &[u8]) -> Result<Self, Malformed> {
        let mut rest = bytes;
        while !rest.is_empty() {
            (_, _, rest) = split(rest).ok_or(Malformed::Short(message))?;
        }
        Ok(Self { bytes: bytes.to_vec() })
    }

    /// As bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The first element of this type.
    #[must_use]
    pub fn get(&self, wanted: u8) -> Option<Reader<'_>> {
        let mut rest = &self.bytes[..];
        while let Some((kind, value, next)) = split(rest) {
            if kind == wanted {
                return Some(Reader { kind, rest: value });
            }
            rest = next;
        }
        None
    }

    /// The first element of this type, which has to be there.
    pub fn want(&self, wanted: u8) -> Result<Reader<'_>, Malformed> {
        self.get(wanted).ok_or(Malformed::Element(wanted))
    }
}

/// Type, value and what follows.
fn split(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [kind, low, high, ref rest @ ..] = *bytes else { return None };
    let length = usize::from(u16::from_le_bytes([low, high]));
    Some((kind, rest.get(..length)?, &rest[length..]))
}

/// Reads the value of an element.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    kind: u8,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// These many bytes.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Malformed::Element(self.kind))?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Malformed::Element(self.kind))?;
        self.rest = rest;
        Ok(*taken)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, Malformed> {
        self.array().map(u8::from_le_bytes)
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(u16::from_le_bytes)
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_le_bytes)
    }

    /// Bytes behind their count, which has one byte.
    pub fn counted(&mut self) -> Result<&'a [u8], Malformed> {
        let count = self.u8()?;
        self.bytes(count.into())
    }

    /// Bytes behind their count, which has two bytes.
    pub fn long_counted(&mut self) -> Result<&'a [u8], Malformed> {
        let count = self.u16()?;
        self.bytes(count.into())
    }

    /// All that is left.
    #[must_use]
    pub fn rest(self) -> &'a [u8] {
        self.rest
    }

    /// As many as the count in front of them says.
    pub fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Result<T, Malformed>) -> Result<Vec<T>, Malformed> {
        let count = self.u8()?;
        (0..count).map(|_| one(self)).collect()
    }
}

/// Builds elements, and what is in them.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An element.
    ///
    /// # Panics
    ///
    /// Never: a value too long for its length field is cut.
    pub fn element(&mut self, kind: u8, value: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        value(&mut inner);
        inner.bytes.truncate(u16::MAX.into());
        self.u8(kind);
        self.long_counted(&inner.bytes);
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// Two bytes.
    pub fn u16(&mut self, value: u16) {
        self.bytes.extend(value.to_le_bytes());
    }

    /// Four bytes.
    pub fn u32(&mut self, value: u32) {
        self.bytes.extend(value.to_le_bytes());
    }

    /// Bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// Bytes behind their count, which has one byte; at most 255 of them.
    pub fn counted(&mut self, bytes: &[u8]) {
        let count = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
        self.u8(count);
        self.bytes(&bytes[..count.into()]);
    }

    /// Bytes behind their count, which has two bytes; at most 65535 of them.
    pub fn long_counted(&mut self, bytes: &[u8]) {
        let count = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
        self.u16(count);
        self.bytes(&bytes[..count.into()]);
    }

    /// Items behind their count; at most 255 of them.
    pub fn list<T>(&mut self, items: &[T], mut one: impl FnMut(&mut Self, &T)) {
        let count = u8::try_from(items.len()).unwrap_or(u8::MAX);
        self.u8(count);
        for item in &items[..count.into()] {
            one(self, item);
        }
    }

    /// What was written.
    #[must_use]
    pub fn done(self) -> Tlvs {
        Tlvs { bytes: self.bytes }
    }
}
