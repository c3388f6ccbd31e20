//! The phone book of a USIM: files that EF.PBR names (3GPP TS 31.102 4.4.2).

use sgp22::tlv::{Reader, Tag};

use crate::{alpha, dialling, is_blank};

/// How the records of a file belong to those of EF.ADN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// By their number (type 1).
    Position,
    /// By what stands at their end (type 2).
    Pointer,
    /// By a pointer from elsewhere (type 3).
    Elsewhere,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Names and numbers.
    Adn,
    /// Second names.
    SecondName,
    /// Further numbers.
    FurtherNumber,
    /// Addresses of electronic mail.
    Email,
    /// Something that is not read: groups, indexes, extensions.
    Other(u8),
}

/// A file of a phone book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookFile {
    /// What it holds.
    pub role: Role,
    /// How its records belong to those of EF.ADN.
    pub link: Link,
    /// Its identifier.
    pub id: u16,
}

/// Reads a record of EF.PBR: the files of one part of the book. What makes no sense is left out.
#[must_use]
pub fn decode_reference(record: &[u8]) -> Vec<BookFile> {
    let end = record.iter().rposition(|byte| *byte != 0xFF).map_or(0, |last| last + 1);
    // The last length may count filler.
    let outer = Reader::new("EF.PBR", record).take_while(|element| element.as_ref().is_ok_and(|one| one.tag.0 != 0xFF));
    let mut files = Vec::new();
    for element in outer.filter_map(Result::ok).take(end) {
        let link = match element.tag {
            Tag(0xA8) => Link::Position,
            Tag(0xA9) => Link::Pointer,
            Tag(0xAA) => Link::Elsewhere,
            _ => continue,
        };
        files.extend(Reader::new("EF.PBR", element.value).map_while(Result::ok).filter_map(|file| {
            let [high, low, ..] = *file.value else { return None };
            let role = match file.tag {
                Tag(0xC0) => Role::Adn,
                Tag(0xC3) => Role::SecondName,
                Tag(0xC4) => Role::FurtherNumber,
                Tag(0xCA) => Role::Email,
                Tag(other) => Role::Other(u8::try_from(other).unwrap_or(0xFF)),
            };
            Some(BookFile { role, link, id: u16::from_be_bytes([high, low]) })
        }));
    }
    files
}

/// The text of a record of `role`, and the record of EF.ADN that it points to if `link` is [`Link::Pointer`].
pub fn decode_companion(role: Role, link: Link, record: &[u8]) -> Result<Option<(String, Option<u8>)>, &'static str> {
    if is_blank(record) {
        return Ok(None);
    }
    let (record, pointer) = match link {
        Link::Pointer => {
            let (record, [_, number]) = record.split_last_chunk::<2>().ok_or("too short for a pointer")?;
            (record, Some(*number).filter(|number| *number != 0xFF && *number != 0))
        }
        _ => (record, None),
    };
    let text = match role {
        Role::FurtherNumber => {
            let [_, length, kind, number @ ..] = record else { return Err("shorter than a record of a number") };
            dialling::number(*length, *kind, number)?
        }
        _ => alpha::decode(record)?,
    };
    Ok((!text.is_empty()).then_some((text, pointer)))
}

/// Writes a record of a further number (type 1).
#[must_use]
pub fn encode_further_number(number: &str) -> Option<Vec<u8>> {
    dialling::tail(number).map(|tail| [&[0x00][..], &tail].concat())
}
