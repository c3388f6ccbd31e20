//! Cards that are not like the virtual one: a scripted USIM with the files that a test gives it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;

use sgp22::apdu::{Command, Le, Response, StatusWord};
use sgp22::id::Aid;
use sgp22::transport::{Channel, OpenChannel, OpenError, Patience, Transport, TransportError};
use sim::{AskPin, NoPin, Part, Pin, PinOutcome, PinRequest, ReadError, SimContents};

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXUPPER_PERMISSIVE.decode(text.replace(' ', "").as_bytes()).unwrap()
}

/// Data and status word.
type Answer = (Vec<u8>, u16);

/// A card whose files are answers by path.
#[derive(Default)]
struct Card {
    /// What SELECT answers, by path.
    files: BTreeMap<Vec<u8>, Vec<u8>>,
    /// What READ answers, by path and P1, P2.
    contents: BTreeMap<(Vec<u8>, u8, u8), Answer>,
    /// What any READ answers that is not among those.
    otherwise: Option<Answer>,
    /// What VERIFY answers, one after the other: with a PIN, or without.
    verify: Vec<u16>,
    /// The file control parameters of the application.
    fci: Vec<u8>,
    selected: Vec<u8>,
    sent: Vec<String>,
    closed: usize,
}

impl Card {
    fn file(mut self, path: &str, fcp: &str) -> Self {
        self.files.insert(hex(path), hex(fcp));
        self
    }

    fn answer(mut self, path: &str, p1: u8, p2: u8, data: &str, status: u16) -> Self {
        self.contents.insert((hex(path), p1, p2), (hex(data), status));
        self
    }

    /// A file of records.
    fn records(self, path: &str, length: u8, records: &[&str]) -> Self {
        let count = u8::try_from(records.len()).unwrap();
        let card = self.file(path, &format!("620B82054221 00{length:02X} {count:02X} 8302 0000"));
        (1..).zip(records).fold(card, |card, (number, record)| card.answer(path, number, 0x04, record, 0x9000))
    }

    fn bytes(self, path: &str, bytes: &str) -> Self {
        let length = hex(bytes).len();
        self.file(path, &format!("6208820241218002{length:04X}")).answer(path, 0, 0, bytes, 0x9000)
    }
}

impl Transport for Card {
    fn open_channel(&mut self, applications: &[Aid]) -> Result<OpenChannel, OpenError> {
        assert_eq!(applications, [Aid::usim()]);
        Ok(OpenChannel { channel: Channel(1), application: Aid::usim(), fci: self.fci.clone() })
    }

    fn transmit(&mut self, channel: Channel, command: Command, _: Patience) -> Result<Response, TransportError> {
        assert_eq!(channel, Channel(1));
        let Command { ins, p1, p2, data, le, .. } = command;
        self.sent.push(format!("{ins:02X}{p1:02X}{p2:02X}{}", data_encoding::HEXUPPER.encode(&data)));
        let (data, status) = match ins {
            0xA4 => match self.files.get(&data) {
                Some(fcp) => {
                    self.selected.clone_from(&data);
                    (fcp.clone(), 0x9000)
                }
                None => (Vec::new(), 0x6A82),
            },
            0x20 => (Vec::new(), self.verify.remove(0)),
            _ => {
                assert_ne!(le, Le::Absent);
                let key = (self.selected.clone(), p1, p2);
                self.contents.get(&key).or(self.otherwise.as_ref()).cloned().unwrap_or((Vec::new(), 0x6A83))
            }
        };
        Ok(Response { data, status: StatusWord(status) })
    }

    fn close_channel(&mut self, _: Channel) -> Result<(), TransportError> {
        self.closed += 1;
        Ok(())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        panic!("nobody resets a card to read it")
    }

    fn longest_data(&self) -> u8 {
        255
    }
}

struct Knows(usize);

impl AskPin for Knows {
    fn ask(&mut self, request: &PinRequest) -> Option<Pin> {
        self.0 += 1;
        assert_ne!(request.tries_left, Some(0));
        "1234".parse().ok()
    }
}

fn read(card: &mut Card, ask: &mut dyn AskPin) -> Result<SimContents, ReadError> {
    let contents = sim::read(card, ask, &|| false);
    assert_eq!(card.closed, 1);
    contents
}

const NUMBER: &str = "07 91 447700091032 FFFFFFFF FF FF";

#[test]
fn a_card_without_files_has_no_parts() {
    let contents = read(&mut Card::default(), &mut NoPin).unwrap();
    assert_eq!((contents.iccid, contents.imsi), (Part::Absent, Part::Absent));
    assert_eq!((contents.contacts, contents.messages), (Part::Absent, Part::Absent));
    assert_eq!((contents.last_numbers, contents.pin), (Part::Absent, PinOutcome::NotNeeded));
}

#[test]
fn a_phone_book_of_the_usim_with_files_that_point() {
    // Two entries; a further number and an address point to the second one, another address to none.
    let mut card = Card::default()
        .records("7FFF5F3A4F30", 24, &["A804 C0024F3A A908 C4024F11 CA024F50 AA04 C3024F19 FFFF FFFF"])
        .records("7FFF5F3A4F3A", 16, &[&format!("4142 {NUMBER}"), &format!("4344 {NUMBER}")])
        .records("7FFF5F3A4F11", 17, &["00 03 81 2143FFFFFFFFFFFFFFFF FF FF 01 02", &"FF".repeat(17)])
        .records("7FFF5F3A4F50", 6, &["61006263 01 02", "61006264 01 09"])
        // The same book once more, as EF.ADN.
        .records("7F106F3A", 16, &[&format!("4142 {NUMBER}"), &format!("4546 {NUMBER}")]);
    let contents = read(&mut card, &mut NoPin).unwrap();
    let book = contents.contacts.value().unwrap();
    let told: Vec<_> =
        book.entries.iter().map(|one| (one.name.as_str(), one.numbers.len(), one.emails.len())).collect();
    assert_eq!(told, [("AB", 1, 0), ("CD", 2, 1), ("EF", 1, 0)]);
    assert_eq!(book.entries[1].numbers, ["+447700900123", "1234"]);
    assert_eq!(book.entries[1].emails, ["a@bc"]);
    assert_eq!((book.damaged.len(), book.damaged[0].why.as_str()), (1, "it belongs to no entry of the phone book"));
    assert_eq!(book.notes, ["second names of a phone book are linked in a way that is not read"]);
}

#[test]
fn the_calls_of_a_usim_stand_for_last_numbers() {
    let call = "24 05 01 12 34 56 08 000010 FFFFFF";
    let mut card = Card::default().records("7F106F44", 16, &[&"FF".repeat(16)]).records(
        "7FFF6F81",
        29,
        &[&format!("4142 {NUMBER} {call}"), &format!("{} 00000000000000 000000 FFFFFF", "FF".repeat(16))],
    );
    let contents = read(&mut card, &mut NoPin).unwrap();
    let dialled = &contents.last_numbers.value().unwrap();
    assert_eq!((dialled.entries.len(), dialled.entries[0].number.as_str()), (1, "+447700900123"));
    assert!(dialled.damaged.is_empty());
}

#[test]
fn one_bad_record_costs_no_other() {
    let mut card = Card::default().records("7F106F3A", 16, &[&format!("4142 {NUMBER}"), "", &format!("4344 {NUMBER}")]);
    card = card.answer("7F106F3A", 2, 0x04, "", 0x6581);
    let contents = read(&mut card, &mut NoPin).unwrap();
    let book = contents.contacts.value().unwrap();
    assert_eq!(book.entries.len(), 2);
    assert_eq!(book.damaged[0].why, "the card does not give it: memory failure (6581)");
}

#[test]
fn a_card_that_says_nothing_of_its_records_is_read_to_the_last() {
    let mut card = Card::default()
        .file("7F106F3A", "620A 8202 4221 8302 6F3A 8000")
        .answer("7F106F3A", 1, 4, &format!("4142 {NUMBER}"), 0x9000)
        .answer("7F106F3A", 2, 4, &format!("4344 {NUMBER}"), 0x9000);
    let contents = read(&mut card, &mut NoPin).unwrap();
    assert_eq!(contents.contacts.value().unwrap().entries.len(), 2);
}

#[test]
fn sizes_that_are_not_true() {
    // 32 kB announced, and 10 bytes there.
    let iccid = "98993954769810021 0F1";
    let mut card = Card::default().file("2FE2", "6208820241218002FFFF").answer("2FE2", 0, 0, iccid, 0x6282);
    let contents = read(&mut card, &mut NoPin).unwrap();
    assert_eq!(contents.iccid.value().unwrap(), "8999934567890120011");
    // Nothing announced, nothing there.
    let mut card = Card::default().file("2FE2", "6207820241218000 00").file("7FFF6F07", "62088202412180020000");
    let contents = read(&mut card, &mut NoPin).unwrap();
    assert!(matches!(contents.iccid, Part::Unreadable { .. }) && matches!(contents.imsi, Part::Unreadable { .. }));
}

#[test]
fn files_of_another_kind_than_they_should_be() {
    let mut card = Card::default()
        .records("7FFF6F07", 9, &["080910101032547698"])
        .bytes("7FFF6F3C", "0102030405")
        .file("7FFF6F46", "62 04 8202 7821");
    let contents = read(&mut card, &mut NoPin).unwrap();
    assert_eq!(contents.unread(), ["imsi", "provider", "messages"]);
}

fn locked(verify: &[u16]) -> Card {
    let card = Card { verify: verify.to_vec(), ..Card::default() };
    card.file("7FFF6F07", "62088202412180020009").answer("7FFF6F07", 0, 0, "", 0x6982)
}

#[test]
fn pins_of_all_kinds_of_cards() {
    for (verify, asked, outcome) in [
        (&[0x6983][..], 0, PinOutcome::Blocked),
        (&[0x63C0], 0, PinOutcome::Blocked),
        (&[0x9840], 0, PinOutcome::Blocked),
        (&[0x63C1, 0x63C0], 1, PinOutcome::Wrong { tries_left: 0 }),
        (&[0x63C3, 0x6983], 1, PinOutcome::Wrong { tries_left: 0 }),
        (&[0x63C3, 0x6984], 1, PinOutcome::Refused { status: 0x6984 }),
        // It does not know the question how many tries are left.
        (&[0x6700, 0x63C1], 1, PinOutcome::Wrong { tries_left: 1 }),
        (&[0x6A88], 0, PinOutcome::Refused { status: 0x6A88 }),
        // Not needed, it says, and keeps the file all the same.
        (&[0x9000], 0, PinOutcome::Refused { status: 0x9000 }),
        (&[0x63C3, 0x9000], 1, PinOutcome::Verified),
    ] {
        let (mut card, mut ask) = (locked(verify), Knows(0));
        let contents = read(&mut card, &mut ask).unwrap();
        assert_eq!((contents.pin, ask.0), (outcome, asked), "{verify:04X?}");
        assert!(card.verify.is_empty() && contents.imsi.is_unread(), "{verify:04X?}");
        if outcome == PinOutcome::Verified {
            let why = "the card wants more than the PIN for it".to_owned();
            assert_eq!(contents.imsi, Part::Unreadable { why });
        }
    }
}

#[test]
fn the_pin_is_the_one_that_the_card_names() {
    // PIN1 is disabled, the universal PIN enabled.
    let mut card = locked(&[0x63C3]);
    card.fci = hex("6212 82027821 C609 900140 830101 830111 8A0105");
    read(&mut card, &mut NoPin).unwrap();
    assert!(card.sent.contains(&"200011".to_owned()), "{:?}", card.sent);
    let mut card = locked(&[0x63C3]);
    read(&mut card, &mut NoPin).unwrap();
    assert!(card.sent.contains(&"200001".to_owned()), "{:?}", card.sent);
}

/// Books with more files than anybody reads, each with as many records as there can be.
#[test]
fn a_card_does_not_go_on_for_ever() {
    let files: String = (0..9).map(|number| format!("C3024F{number:02X}")).collect();
    let reference = format!("A828 C0024F3A {files}");
    let mut card = Card::default();
    for book in ["7FFF5F3A", "7F105F3A"] {
        let pbr = format!("{book}4F30");
        card = card.records(&pbr, 42, &[reference.as_str(); 16]);
        for id in (0..9).map(|number| format!("4F{number:02X}")).chain(["4F3A".to_owned()]) {
            card = card.file(&format!("{book}{id}"), "6207820542210010FE");
        }
    }
    card.otherwise = Some((hex(&format!("4142 {NUMBER}")), 0x9000));
    let error = read(&mut card, &mut NoPin).unwrap_err();
    assert!(matches!(error, ReadError::Transport(_)), "{error}");
    assert!(error.to_string().contains("do not end") && card.sent.len() == 10_000, "{error}");
}
