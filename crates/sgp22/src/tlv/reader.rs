//! Reading: a cursor over elements, and a bag of children by tag.

use super::{DecodeError, DecodeErrorKind, MAX_LENGTH, RawTlv, Tag};

/// One element, borrowed from the message it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// The tag.
    pub tag: Tag,
    /// The value alone.
    pub value: &'a [u8],
    /// Tag, length and value as received; what a signature covers.
    pub raw: &'a [u8],
}

/// A cursor over elements that stand one after the other.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    place: &'static str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads the elements in `bytes`; `place` names them in errors.
    #[must_use]
    pub fn new(place: &'static str, bytes: &'a [u8]) -> Self {
        Self { place, rest: bytes }
    }

    fn read(&mut self) -> Result<Tlv<'a>, DecodeErrorKind> {
        let (tag, length, value_start) = split_header(self.rest)?;
        if length > value_start.len() {
            return Err(DecodeErrorKind::Truncated { announced: length, present: value_start.len() });
        }
        let header = self.rest.len() - value_start.len();
        let (raw, rest) = self.rest.split_at(header + length);
        self.rest = rest;
        Ok(Tlv { tag, value: &raw[header..], raw })
    }
}

/// Ends after the first error: nothing behind it can be trusted.
impl<'a> Iterator for Reader<'a> {
    type Item = Result<Tlv<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let element = self.read();
        if element.is_err() {
            self.rest = &[];
        }
        Some(element.map_err(|kind| DecodeError::new(self.place, kind)))
    }
}

impl Tag {
    /// Splits the tag off the beginning of `bytes`.
    pub fn split(bytes: &[u8]) -> Result<(Self, &[u8]), DecodeErrorKind> {
        let (&first, mut rest) = bytes.split_first().ok_or(DecodeErrorKind::Incomplete)?;
        let mut tag = u32::from(first);
        if first & 0x1F == 0x1F {
            loop {
                let (&next, after) = rest.split_first().ok_or(DecodeErrorKind::Incomplete)?;
                rest = after;
                tag = (tag << 8) | u32::from(next);
                if next & 0x80 == 0 {
                    break;
                }
                if tag > 0xFFFF {
                    return Err(DecodeErrorKind::LongTag);
                }
            }
        }
        Ok((Self(tag), rest))
    }
}

/// Splits tag and length off the beginning of `bytes`; the value need not be there yet. For what is read in pieces.
pub fn split_header(bytes: &[u8]) -> Result<(Tag, usize, &[u8]), DecodeErrorKind> {
    let (tag, after_tag) = Tag::split(bytes)?;
    let (length, value) = split_length(after_tag)?;
    Ok((tag, length, value))
}

/// Any of the definite forms, also a longer one than needed: real cards use those.
fn split_length(bytes: &[u8]) -> Result<(usize, &[u8]), DecodeErrorKind> {
    let (&first, rest) = bytes.split_first().ok_or(DecodeErrorKind::Incomplete)?;
    let count = match first {
        0x00..=0x7F => return Ok((usize::from(first), rest)),
        0x80 => return Err(DecodeErrorKind::IndefiniteLength),
        0x81..=0x83 => usize::from(first - 0x80),
        _ => return Err(DecodeErrorKind::TooLong),
    };
    let (digits, rest) = rest.split_at_checked(count).ok_or(DecodeErrorKind::Incomplete)?;
    Ok((digits.iter().fold(0, |length, digit| (length << 8) | usize::from(*digit)), rest))
}

/// Opens the one object that `bytes` must hold: the right tag and nothing behind it.
pub fn open<'a>(place: &'static str, bytes: &'a [u8], tag: Tag) -> Result<Tlv<'a>, DecodeError> {
    let mut reader = Reader::new(place, bytes);
    let object = reader.next().ok_or(DecodeError::new(place, DecodeErrorKind::Missing(tag)))??;
    if object.tag != tag {
        return Err(DecodeError::new(place, DecodeErrorKind::UnexpectedTag { expected: tag, found: object.tag }));
    }
    if !reader.rest.is_empty() {
        return Err(DecodeError::new(place, DecodeErrorKind::TrailingBytes(reader.rest.len())));
    }
    Ok(object)
}

/// The children of an object, taken out by tag.
///
/// Cards and servers differ in the order of fields and newer versions add some, so that order is not looked at.
#[derive(Debug)]
pub struct Elements<'a> {
    place: &'static str,
    left: Vec<Tlv<'a>>,
}

impl<'a> Elements<'a> {
    /// Splits `value` into its elements.
    pub fn parse(place: &'static str, value: &'a [u8]) -> Result<Self, DecodeError> {
        if value.len() > MAX_LENGTH {
            return Err(DecodeError::new(place, DecodeErrorKind::TooLong));
        }
        Ok(Self { place, left: Reader::new(place, value).collect::<Result<_, _>>()? })
    }

    /// Opens the object `tag` in `bytes` (see [`open`]) and splits its value.
    pub fn open(place: &'static str, bytes: &'a [u8], tag: Tag) -> Result<Self, DecodeError> {
        Self::parse(place, open(place, bytes, tag)?.value)
    }

    /// The first element with this tag, once.
    pub fn take(&mut self, tag: Tag) -> Option<Tlv<'a>> {
        let index = self.left.iter().position(|element| element.tag == tag)?;
        Some(self.left.remove(index))
    }

    /// The value of an optional element, read by `read`.
    pub fn optional<T>(
        &mut self,
        tag: Tag,
        read: impl FnOnce(&'a [u8]) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        self.take(tag).map(|element| read(element.value)).transpose()
    }

    /// The value of an optional element that nothing depends on: one that cannot be read stays with the rest.
    pub fn lenient<T>(&mut self, tag: Tag, read: impl FnOnce(&'a [u8]) -> Result<T, DecodeError>) -> Option<T> {
        let index = self.left.iter().position(|element| element.tag == tag)?;
        let value = read(self.left[index].value).ok()?;
        self.left.remove(index);
        Some(value)
    }

    /// Takes an optional element and returns its value; `None` if there is none with this tag.
    pub fn value(&mut self, tag: Tag) -> Option<&'a [u8]> {
        self.take(tag).map(|element| element.value)
    }

    /// The value of a mandatory element, read by `read`.
    pub fn required<T>(
        &mut self,
        tag: Tag,
        read: impl FnOnce(&'a [u8]) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let element = self.take(tag).ok_or(DecodeError::new(self.place, DecodeErrorKind::Missing(tag)))?;
        read(element.value)
    }

    /// All elements with this tag, in order.
    pub fn all(&mut self, tag: Tag) -> Vec<Tlv<'a>> {
        let (wanted, left) = self.left.iter().partition(|element| element.tag == tag);
        self.left = left;
        wanted
    }

    /// What nobody took, kept as it came.
    #[must_use]
    pub fn rest(self) -> Vec<RawTlv> {
        self.left.iter().map(|element| RawTlv { tag: element.tag, bytes: element.raw.to_vec() }).collect()
    }

    /// Refuses what nobody took: a card is strict about its commands.
    pub fn deny_rest(self) -> Result<(), DecodeError> {
        match self.left.first() {
            None => Ok(()),
            Some(element) => Err(DecodeError::new(self.place, DecodeErrorKind::Unknown(element.tag))),
        }
    }
}
