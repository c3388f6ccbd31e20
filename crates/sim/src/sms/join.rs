//! Messages of several parts, put together again.

use serde::Serialize;

use super::{Coding, Record, Status};
use crate::hex;

/// A message, whole as far as its parts are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The records that it stands in, in the order of its parts.
    pub records: Vec<u8>,
    /// Its status.
    pub status: Status,
    /// Whom it came from or goes to.
    pub party: String,
    /// The service centre; empty if none is named.
    pub service_centre: String,
    /// When the service centre got it, as `2024-05-01T12:34:56+02:00`.
    pub time: Option<String>,
    /// How it is coded; `None` for a report.
    pub coding: Option<Coding>,
    /// Its text; `None` if it has none.
    pub text: Option<String>,
    /// Content that is no text, in hexadecimal; empty if there is none.
    pub data: String,
    /// How many parts it has.
    pub parts: u8,
    /// The parts that are not there.
    pub missing: Vec<u8>,
    /// What is to be known about it beside that.
    pub notes: Vec<String>,
    /// Its records as they stand there, in hexadecimal.
    pub raw: Vec<String>,
}

/// A part on its way to its message.
struct Piece {
    number: u8,
    record: Record,
    raw: Vec<u8>,
    place: u8,
}

/// Puts parts together: those from one number that share a reference and a number of parts. `records` are the number of a
/// record, its content, its bytes.
#[must_use]
pub fn join(records: Vec<(u8, Record, Vec<u8>)>) -> Vec<Message> {
    let mut whole: Vec<Vec<Piece>> = Vec::new();
    for (number, record, raw) in records {
        let place = record.tpdu.part.map_or(1, |(_, _, part)| part);
        let belongs = |pieces: &&mut Vec<Piece>| {
            let first = &pieces[0].record;
            let same = |other: &Record| {
                let key = |one: &Record| one.tpdu.part.map(|(reference, parts, _)| (reference, parts));
                key(other) == key(&record) && other.tpdu.party == record.tpdu.party
            };
            record.tpdu.part.is_some()
                && same(first)
                && first.status.is_received() == record.status.is_received()
                && pieces.iter().all(|piece| piece.place != place)
        };
        let piece = |record| Piece { number, record, raw, place };
        match whole.iter_mut().find(belongs) {
            Some(pieces) => pieces.push(piece(record)),
            None => whole.push(vec![piece(record)]),
        }
    }
    whole.into_iter().map(message).collect()
}

fn message(mut pieces: Vec<Piece>) -> Message {
    pieces.sort_by_key(|piece| piece.place);
    let parts = pieces[0].record.tpdu.part.map_or(1, |(_, parts, _)| parts);
    let missing: Vec<u8> = (1..=parts).filter(|part| pieces.iter().all(|piece| piece.place != *part)).collect();
    let mut notes: Vec<String> = Vec::new();
    for note in pieces.iter().flat_map(|piece| &piece.record.tpdu.notes) {
        if !notes.iter().any(|known| known == note) {
            notes.push((*note).to_owned());
        }
    }
    if !missing.is_empty() {
        notes.push(format!("{} of its {parts} parts are not on the card", missing.len()));
    }
    let has_text = pieces.iter().any(|piece| piece.record.tpdu.text.is_some());
    let text: String = pieces.iter().filter_map(|piece| piece.record.tpdu.text.as_deref()).collect();
    let first = &pieces[0].record;
    // One part that was not read leaves the message unread.
    let unread = pieces.iter().find(|piece| piece.record.status == Status::Unread);
    Message {
        records: pieces.iter().map(|piece| piece.number).collect(),
        status: unread.map_or(first.status, |piece| piece.record.status),
        party: first.tpdu.party.clone(),
        service_centre: first.service_centre.clone(),
        time: first.tpdu.time.clone(),
        coding: first.tpdu.coding,
        text: has_text.then_some(text),
        data: pieces.iter().map(|piece| hex(&piece.record.tpdu.data)).collect(),
        parts,
        missing,
        notes,
        raw: pieces.iter().map(|piece| hex(&piece.raw)).collect(),
    }
}
