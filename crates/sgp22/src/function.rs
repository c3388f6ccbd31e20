//! What every ES10 function has in common.

use crate::tlv::{DecodeError, Elements, Reader, Tag, Tlv, Writer};

/// One ES10 function: the command TLV that goes to the card and the answer TLV that comes back, in both directions,
/// since the virtual card reads what the LPA writes.
///
/// Commands are read strictly (an element that does not belong is refused, as cards do), answers leniently (unknown
/// elements are kept or skipped, since newer cards add some).
pub trait Function: Sized {
    /// What the card answers.
    type Answer;
    /// The tag of both command and answer.
    const TAG: Tag;
    /// Interface and name, as in `ES10c.EnableProfile`.
    const NAME: &'static str;

    /// The command TLV.
    fn encode(&self) -> Vec<u8>;
    /// Reads a command TLV.
    fn decode(command: &[u8]) -> Result<Self, DecodeError>;
    /// The answer TLV.
    fn encode_answer(answer: &Self::Answer) -> Vec<u8>;
    /// Reads an answer TLV.
    fn decode_answer(answer: &[u8]) -> Result<Self::Answer, DecodeError>;
}

/// The answer that is just `80 result`.
pub(crate) fn encode_result(tag: Tag, result: &[u8]) -> Vec<u8> {
    Writer::object(tag, |w| {
        w.put(Tag(0x80), result);
    })
}

/// Reads the answer that is just `80 result`.
pub(crate) fn decode_result<T>(
    place: &'static str,
    tag: Tag,
    answer: &[u8],
    read: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    Elements::open(place, answer, tag)?.required(Tag(0x80), read)
}

/// A command that has no fields.
pub(crate) fn decode_empty(place: &'static str, tag: Tag, command: &[u8]) -> Result<(), DecodeError> {
    Elements::open(place, command, tag)?.deny_rest()
}

/// The answer that is a list in `A0` or an error in `81`.
pub(crate) fn decode_list<T, E>(
    place: &'static str,
    tag: Tag,
    answer: &[u8],
    read_list: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
    read_error: impl FnOnce(&[u8]) -> Result<E, DecodeError>,
) -> Result<Result<T, E>, DecodeError> {
    let mut elements = Elements::open(place, answer, tag)?;
    if let Some(error) = elements.optional(Tag(0x81), read_error)? {
        return Ok(Err(error));
    }
    elements.required(Tag(0xA0), read_list).map(Ok)
}

/// The SEQUENCE that some cards put around the rows of a list, besides the list itself.
const WRAPPER: Tag = Tag(0x30);

/// Reads the elements of a list. Where a card has put rows with `tag` into one more SEQUENCE, they are taken out of it,
/// provided that it holds nothing else: everything else stays as it is.
pub(crate) fn rows<'a>(place: &'static str, list: &'a [u8], tag: Tag) -> Result<Vec<Tlv<'a>>, DecodeError> {
    let mut rows = Vec::new();
    for element in Reader::new(place, list) {
        let element = element?;
        match wrapped_rows(place, &element, tag) {
            Some(inside) => rows.extend(inside),
            None => rows.push(element),
        }
    }
    Ok(rows)
}

/// The rows inside a wrapper; `None` if the element is none.
fn wrapped_rows<'a>(place: &'static str, element: &Tlv<'a>, tag: Tag) -> Option<Vec<Tlv<'a>>> {
    if element.tag != WRAPPER {
        return None;
    }
    let inside: Vec<Tlv<'a>> = Reader::new(place, element.value).collect::<Result<_, _>>().ok()?;
    (!inside.is_empty() && inside.iter().all(|row| row.tag == tag)).then_some(inside)
}

/// Writes the answer that is a list in `A0` or an error in `81`.
pub(crate) fn encode_list<T, E>(
    tag: Tag,
    answer: &Result<T, E>,
    write_list: impl FnOnce(&T, &mut Writer),
    error_code: impl FnOnce(&E) -> Vec<u8>,
) -> Vec<u8> {
    Writer::object(tag, |w| match answer {
        Ok(list) => {
            w.nest(Tag(0xA0), |w| write_list(list, w));
        }
        Err(error) => {
            w.put(Tag(0x81), &error_code(error));
        }
    })
}
