//! Reading the records of a state directory.

use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use manager::outbox::{DeliveryAttempt, Letter, LetterState};
use manager::{Database, JournalEntry, Paths};
use sgp22::notification::PendingNotification;
use sha2::{Digest, Sha256};
use virtual_euicc::card::{CardShelf, Euicc, VirtualCard};
use virtual_euicc::smdp::Smdp;

use crate::books::{Books, CardBook, JournalLine, NotificationKey, Posted, ProfileLine, QueuedNotification, RowState};

/// A record that cannot be read.
#[derive(Debug)]
pub struct ReadError {
    /// The file or directory.
    pub path: PathBuf,
    /// The reason.
    pub why: String,
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.why)
    }
}

impl std::error::Error for ReadError {}

fn failed<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> ReadError {
    let path = path.to_owned();
    move |error| ReadError { path, why: error.to_string() }
}

/// More entries than any test makes.
const MAX_ENTRIES: u32 = 1_000_000;

impl Books {
    /// Reads all records below a state directory. Nothing may run on it meanwhile, or they do not belong together.
    ///
    /// # Errors
    ///
    /// Fails if a record is there and cannot be read; a missing one is an empty one.
    pub fn read(paths: &Paths) -> Result<Self, ReadError> {
        let mut books = Self::default();
        read_cards(paths, &mut books)?;
        read_servers(paths, &mut books)?;
        if let Some(database) = Database::peek(paths) {
            read_database(paths, &database, &mut books)?;
        }
        Ok(books)
    }
}

fn read_cards(paths: &Paths, books: &mut Books) -> Result<(), ReadError> {
    let shelf = CardShelf::new(paths.virtual_cards());
    for name in shelf.names().map_err(failed(&paths.virtual_cards()))? {
        let folder = paths.virtual_cards().join(name);
        let state = VirtualCard::peek(&folder).map_err(failed(&folder))?;
        books.cards.extend(state.euiccs.iter().map(|euicc| (euicc.eid.to_string(), card_book(euicc))));
    }
    Ok(())
}

fn card_book(euicc: &Euicc) -> CardBook {
    let key = |seq, sha256| NotificationKey { eid: euicc.eid.to_string(), seq, sha256 };
    CardBook {
        profiles: euicc
            .profiles
            .iter()
            .map(|profile| ProfileLine {
                iccid: profile.iccid.digits(),
                enabled: profile.enabled,
                nickname: profile.nickname.clone(),
            })
            .collect(),
        signed: euicc.signed.iter().map(|signed| key(signed.seq, signed.sha256.clone())).collect(),
        waiting: euicc.notifications.iter().map(|waiting| key(waiting.seq, waiting.sha256())).collect(),
    }
}

fn read_servers(paths: &Paths, books: &mut Books) -> Result<(), ReadError> {
    let Ok(directories) = std::fs::read_dir(paths.servers()) else { return Ok(()) };
    for directory in directories.filter_map(|entry| Some(entry.ok()?.path())) {
        let name = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with("smdp-") {
            continue;
        }
        let received = Smdp::peek_notifications(&directory).map_err(failed(&directory))?;
        books.posted.extend(received.into_iter().map(|one| Posted {
            server: name.clone(),
            sha256: one.sha256,
            seq: one.seq,
            is_genuine: one.signature_is_right,
            times: one.times,
        }));
    }
    Ok(())
}

fn read_database(paths: &Paths, database: &Database, books: &mut Books) -> Result<(), ReadError> {
    let path = paths.database();
    for letter in database.letters(true).map_err(failed(&path))? {
        let payload = database.payload(letter.id).map_err(failed(&path))?;
        let attempts = database.attempts(letter.id).map_err(failed(&path))?;
        books.outbox.push(queued(letter, &payload, &attempts));
    }
    let journal = database.journal(MAX_ENTRIES).map_err(failed(&path))?;
    books.journal = journal.into_iter().rev().map(journal_line).collect();
    Ok(())
}

fn queued(letter: Letter, payload: &[u8], attempts: &[DeliveryAttempt]) -> QueuedNotification {
    let sha256 = HEXLOWER.encode(&Sha256::digest(payload));
    let names_server = names_server(&letter, payload);
    QueuedNotification {
        id: letter.id,
        key: NotificationKey { eid: letter.eid, seq: letter.seq, sha256 },
        state: match letter.state {
            LetterState::Waiting if !names_server => RowState::Nameless,
            LetterState::Waiting => RowState::Waiting,
            LetterState::Delivered => RowState::Delivered,
            LetterState::Dropped => RowState::Dropped,
        },
        trail: attempts.iter().map(|attempt| attempt.outcome).collect(),
        is_on_card: letter.on_card,
        names_server,
    }
}

/// True if a notification names a server, by what the card has signed: a wrong address in the outbox must not hide that a
/// server has to be told. The row counts only where the signed bytes have no address.
fn names_server(row: &Letter, payload: &[u8]) -> bool {
    match PendingNotification::decode(payload) {
        Ok(PendingNotification { metadata: Some(signed), .. }) => signed.server().is_ok(),
        _ => row.address_error().is_none(),
    }
}

fn journal_line(entry: JournalEntry) -> JournalLine {
    JournalLine { id: entry.id, command: entry.command, eid: entry.eid, iccid: entry.iccid, outcome: entry.outcome }
}

#[cfg(test)]
mod tests {
    use sgp22::notification::{Events, NotificationMetadata};
    use sgp22::tlv::{Tag, Writer};

    use super::*;

    fn signed_for(address: &str) -> Vec<u8> {
        let event = Events::of(&[Events::ENABLE]);
        let metadata = NotificationMetadata { seq: 1, event, address: address.into(), iccid: None };
        Writer::object(Tag(0x30), |writer| {
            writer.raw(&metadata.encode());
        })
    }

    fn row(address: &str) -> Letter {
        Letter {
            id: 1,
            eid: "89".into(),
            device: "virtual:card".into(),
            seq: 1,
            event: "enable".into(),
            address: address.into(),
            host: None,
            iccid: None,
            created: String::new(),
            attempts: 0,
            next_try: None,
            last_error: None,
            state: LetterState::Waiting,
            on_card: true,
            journal: None,
            ended: None,
            reason: None,
        }
    }

    #[test]
    fn what_a_card_has_signed_says_if_a_server_has_to_be_told() {
        let state = |address: &str, payload: &[u8]| queued(row(address), payload, &[]).state;
        assert_eq!(state("", &signed_for("smdp.example.com")), RowState::Waiting, "a row that has lost its address");
        assert_eq!(state("smdp.example.com", &signed_for("smdp example com")), RowState::Nameless, "a made-up one");
        assert_eq!(state("smdp.example.com", &signed_for("smdp.example.com")), RowState::Waiting);
        // A kind that cannot be read goes by its row.
        assert_eq!(state("", b"\xBF\x7E\x00"), RowState::Nameless);
    }
}
