//! The ISO 7816 layer against a scripted card: what it sends, byte for byte, and what it makes of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use card_io::Iso7816;
use data_encoding::HEXUPPER;
use sgp22::apdu::{Command, Le, StatusWord};
use sgp22::id::Aid;
use sgp22::transport::{
    Channel, ChannelKeeper, Delivery, Nature, OpenError, Patience, RawCard, Transport, TransportError,
    TransportErrorKind,
};

/// Expects these commands in this order and gives these answers; resets are written as `reset`.
#[derive(Clone)]
struct Script {
    lines: Arc<Mutex<VecDeque<(String, String)>>>,
    t0: bool,
}

impl Script {
    fn new(lines: &[(&str, &str)]) -> Self {
        let compact = |text: &str| text.split_whitespace().collect::<String>();
        let lines = lines.iter().map(|(command, answer)| (compact(command), compact(answer))).collect();
        Self { lines: Arc::new(Mutex::new(lines)), t0: false }
    }

    fn over_t0(mut self) -> Self {
        self.t0 = true;
        self
    }

    fn is_over(&self) -> bool {
        self.lines.lock().unwrap().is_empty()
    }

    fn next(&self, sent: &str) -> String {
        let (expected, answer) =
            self.lines.lock().unwrap().pop_front().unwrap_or_else(|| panic!("{sent} after the end"));
        assert_eq!(sent, expected);
        answer
    }
}

impl RawCard for Script {
    fn transmit(&mut self, command: &[u8], _: Patience) -> Result<Vec<u8>, TransportError> {
        let answer = self.next(&HEXUPPER.encode(command));
        Ok(HEXUPPER.decode(answer.as_bytes()).unwrap())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.next("reset");
        Ok(())
    }

    fn nature(&self) -> Nature {
        Nature { le_with_data: !self.t0, we_are_the_terminal: true, channels: ChannelKeeper::Host, longest_data: None }
    }
}

const CAPABILITY: (&str, &str) = ("80AA00000A A908 8100 820101 830107", "9000");
const SELECT_1: &str = "01A4040010A0000005591010FFFFFFFF890000010000";
const SELECT_0: &str = "00A4040010A0000005591010FFFFFFFF890000010000";
const GET_EID: &[u8] = b"\xBF\x3E\x03\x5C\x01\x5A";

fn store_data() -> Command {
    Command::new(0x80, 0xE2, 0x91, 0x00).with_data(GET_EID).with_le(Le::Max)
}

fn open(script: &Script) -> Result<u8, OpenError> {
    let mut card = Iso7816::new(script.clone(), 255);
    card.open_channel(&[Aid::isd_r()]).map(|open| open.channel.0)
}

#[test]
fn the_worked_example_of_opening_over_t0() {
    let script = Script::new(&[
        CAPABILITY,
        ("0070000001", "01 9000"),
        ("01A4040010 A0000005591010FFFFFFFF8900000100", "6121"),
        ("01C0000021", "6F1F8410A0000005591010FFFFFFFF8900000100A5049F6501FFE0058203020202 9000"),
        ("81E2910006 BF3E035C015A", "6115"),
        ("01C0000015", "BF3E125A1089049032123451234512345678901235 9000"),
        ("00708001", "9000"),
    ])
    .over_t0();
    let mut card = Iso7816::new(script.clone(), 255);
    let open = card.open_channel(&[Aid::isd_r()]).unwrap();
    assert_eq!(open.fci.len(), 33);
    let response = card.transmit(open.channel, store_data(), Patience::Normal).unwrap();
    assert_eq!((response.data.len(), response.status), (21, StatusWord::OK));
    card.close_channel(open.channel).unwrap();
    assert!(script.is_over());
}

#[test]
fn the_channel_is_closed_when_nobody_closes_it() {
    let script = Script::new(&[
        CAPABILITY,
        ("0070000001", "02 9000"),
        (&SELECT_1.replace("01A4", "02A4"), "9000"),
        ("00708002", "9000"),
    ]);
    assert_eq!(open(&script), Ok(2));
    assert!(script.is_over());
}

#[test]
fn the_channel_is_closed_when_a_panic_passes() {
    let script = Script::new(&[CAPABILITY, ("0070000001", "01 9000"), (SELECT_1, "9000"), ("00708001", "9000")]);
    let inside = script.clone();
    let result = std::thread::spawn(move || {
        let mut card = Iso7816::new(inside, 255);
        card.open_channel(&[Aid::isd_r()]).unwrap();
        panic!("on purpose");
    })
    .join();
    assert!(result.is_err() && script.is_over());
}

#[test]
fn a_channel_that_raw_commands_open_is_closed_unless_they_do() {
    let script = Script::new(&[
        ("0070000001", "01 9000"),
        ("0070000001", "02 9000"),
        ("00708001", "9000"),
        ("00708002", "9000"),
    ]);
    let mut card = Iso7816::new(script.clone(), 255);
    for command in [&b"\x00\x70\x00\x00\x01"[..], b"\x00\x70\x00\x00\x01", b"\x00\x70\x80\x01"] {
        card.transmit_raw(command).unwrap();
    }
    drop(card);
    assert!(script.is_over(), "the second one is closed, and only that");
}

#[test]
fn high_channels_have_another_class() {
    let script = Script::new(&[
        CAPABILITY,
        ("0070000001", "13 9000"),
        (&SELECT_1.replace("01A4", "4FA4"), "9000"),
        ("CFE2910006BF3E035C015A00", "6102"),
        ("4FC0000002", "0102 9000"),
        ("00708013", "9000"),
    ]);
    let mut card = Iso7816::new(script.clone(), 255);
    let open = card.open_channel(&[Aid::isd_r()]).unwrap();
    assert_eq!(open.channel, Channel(19));
    assert_eq!(card.transmit(open.channel, store_data(), Patience::Normal).unwrap().data, [1, 2]);
    drop(card);
    assert!(script.is_over());
}

#[test]
fn the_list_of_applications_is_tried_in_order() {
    let other: Aid = "A0000005591010FFFFFFFF8900050500".parse().unwrap();
    let script = Script::new(&[
        CAPABILITY,
        ("0070000001", "01 9000"),
        (SELECT_1, "6A82"),
        ("01A4040010A0000005591010FFFFFFFF890005050000", "9000"),
        ("00708001", "9000"),
    ]);
    let mut card = Iso7816::new(script.clone(), 255);
    assert_eq!(card.open_channel(&[Aid::isd_r(), other.clone()]).unwrap().application, other);
    drop(card);
    assert!(script.is_over());
}

#[test]
fn what_is_not_there_leaves_no_channel_open() {
    let script = Script::new(&[CAPABILITY, ("0070000001", "01 9000"), (SELECT_1, "6A82"), ("00708001", "9000")]);
    assert_eq!(open(&script), Err(OpenError::NotFound(StatusWord::NOT_FOUND)));
    assert!(script.is_over());
}

#[test]
fn the_basic_channel_is_the_last_resort() {
    for (refusal, status) in [("6881", StatusWord(0x6881)), ("6D00", StatusWord(0x6D00)), ("6A81", StatusWord(0x6A81))]
    {
        let script = Script::new(&[CAPABILITY, ("0070000001", refusal), (SELECT_0, "9000")]);
        assert_eq!(open(&script), Ok(0), "nothing to close: {status}");
        let script = Script::new(&[CAPABILITY, ("0070000001", refusal), (SELECT_0, "6881")]);
        assert_eq!(open(&script), Err(OpenError::NoChannel(status)));
    }
    let script = Script::new(&[
        CAPABILITY,
        ("0070000001", "01 9000"),
        (SELECT_1, "6881"),
        ("00708001", "9000"),
        (SELECT_0, "9000"),
    ]);
    assert_eq!(open(&script), Ok(0));
    assert!(script.is_over());
}

#[test]
fn terminal_capability_is_sent_once_after_each_reset_and_may_be_refused() {
    let refused = (CAPABILITY.0, "6E00");
    let script = Script::new(&[
        refused,
        ("0070000001", "01 9000"),
        (SELECT_1, "9000"),
        ("00708001", "9000"),
        ("0070000001", "01 9000"),
        (SELECT_1, "9000"),
        ("reset", ""),
        CAPABILITY,
        ("0070000001", "01 9000"),
        (SELECT_1, "9000"),
        ("00708001", "9000"),
    ]);
    let mut card = Iso7816::new(script.clone(), 255);
    let open = card.open_channel(&[Aid::isd_r()]).unwrap();
    card.close_channel(open.channel).unwrap();
    card.open_channel(&[Aid::isd_r()]).unwrap();
    card.reset().unwrap();
    card.open_channel(&[Aid::isd_r()]).unwrap();
    drop(card);
    assert!(script.is_over());
}

/// One STORE DATA on channel 0 of a card that plays `lines`.
fn converse(lines: &[(&str, &str)]) -> (Result<sgp22::apdu::Response, TransportError>, bool) {
    let script = Script::new(lines);
    let mut card = Iso7816::new(script.clone(), 255);
    let response = card.transmit(Channel(0), store_data(), Patience::Normal);
    (response, script.is_over())
}

#[test]
fn a_wrong_le_is_corrected() {
    let (response, over) = converse(&[("80E2910006BF3E035C015A00", "6C15"), ("80E2910006BF3E035C015A15", "0102 9000")]);
    assert_eq!(response.unwrap().data, [1, 2]);
    assert!(over);
    let (response, over) =
        converse(&[("80E2910006BF3E035C015A00", "6100"), ("00C0000000", "6C03"), ("00C0000003", "010203 9000")]);
    assert_eq!(response.unwrap().data, [1, 2, 3]);
    assert!(over);
}

#[test]
fn a_card_without_le_is_found_out_once() {
    let script = Script::new(&[
        ("80E2910006BF3E035C015A00", "6700"),
        ("80E2910006BF3E035C015A", "6102"),
        ("00C0000002", "0102 9000"),
        ("80E2910006BF3E035C015A", "9000"),
    ]);
    let mut card = Iso7816::new(script.clone(), 255);
    assert_eq!(card.transmit(Channel(0), store_data(), Patience::Normal).unwrap().data, [1, 2]);
    card.transmit(Channel(0), store_data(), Patience::Normal).unwrap();
    assert!(script.is_over());
}

#[test]
fn a_length_that_is_wrong_either_way_stays_a_refusal() {
    let (response, over) = converse(&[("80E2910006BF3E035C015A00", "6700"), ("80E2910006BF3E035C015A", "6700")]);
    assert_eq!(response.unwrap().status, StatusWord::WRONG_LENGTH);
    assert!(over);
}

#[test]
fn get_response_in_the_class_of_the_command_if_nothing_else_will_do() {
    let (response, over) =
        converse(&[("80E2910006BF3E035C015A00", "6102"), ("00C0000002", "6E00"), ("80C0000002", "0102 9000")]);
    assert_eq!(response.unwrap().data, [1, 2]);
    assert!(over);
}

#[test]
fn answers_without_end_are_given_up() {
    let (response, _) = converse(&[("80E2910006BF3E035C015A00", "6110"), ("00C0000010", "6110")]);
    assert_eq!(response.unwrap_err().kind, TransportErrorKind::Garbage);
    let long = "55".repeat(256) + "6100";
    let mut lines = vec![("80E2910006BF3E035C015A00", "6100")];
    lines.extend(vec![("00C0000000", long.as_str()); 2000]);
    let (response, over) = converse(&lines);
    assert_eq!(response.unwrap_err().kind, TransportErrorKind::Garbage);
    assert!(!over, "long before the 2,000th");
}

#[test]
fn what_is_no_answer() {
    let (response, _) = converse(&[("80E2910006BF3E035C015A00", "90")]);
    assert_eq!(response.unwrap_err().kind, TransportErrorKind::Garbage);
    let (response, _) = converse(&[("80E2910006BF3E035C015A00", "")]);
    assert_eq!(response.unwrap_err().kind, TransportErrorKind::Lost, "the card went away in the middle");
}

#[test]
fn a_refresh_is_fetched_and_answered() {
    let (response, over) = converse(&[
        ("80E2910006BF3E035C015A00", "BF3103800100 910B"),
        ("801200000B", "D009 8103010104 82028182 9000"),
        ("801400000C 8103010104 82028281 830100", "9000"),
    ]);
    let response = response.unwrap();
    assert!(response.status.is_ok());
    assert_eq!(response.data, b"\xBF\x31\x03\x80\x01\x00");
    assert!(over);
}

#[test]
fn other_proactive_commands_are_declined_and_do_not_go_on_for_ever() {
    let fetch = ("801200000B", "D009 8103012100 82028102 9000");
    let decline = ("801400000C 8103012100 82028281 830130", "910B");
    let mut lines = vec![("80E2910006BF3E035C015A00", "910B")];
    for _ in 0..8 {
        lines.extend([fetch, decline]);
    }
    let (response, over) = converse(&lines);
    assert!(response.unwrap().status.is_ok() && over);
    // A failure on this side way does not undo the command.
    let (response, over) = converse(&[("80E2910006BF3E035C015A00", "910B"), ("801200000B", "6F00")]);
    assert!(response.unwrap().status.is_ok() && over);
}

#[test]
fn an_answer_that_cannot_be_fetched_leaves_doubt_about_the_command() {
    /// Carries a command out, announces its answer, and is gone.
    struct Leaves(usize);
    impl RawCard for Leaves {
        fn transmit(&mut self, _: &[u8], _: Patience) -> Result<Vec<u8>, TransportError> {
            self.0 += 1;
            if self.0 == 1 {
                Ok(vec![0x61, 0x06])
            } else {
                Err(TransportError::not_sent(TransportErrorKind::DeviceGone, ""))
            }
        }
        fn reset(&mut self) -> Result<(), TransportError> {
            Ok(())
        }
        fn nature(&self) -> Nature {
            Nature { le_with_data: true, we_are_the_terminal: false, channels: ChannelKeeper::Host, longest_data: None }
        }
    }
    let error = Iso7816::new(Leaves(0), 255).transmit(Channel(1), store_data(), Patience::Normal).unwrap_err();
    assert_eq!((error.kind, error.delivery), (TransportErrorKind::DeviceGone, Delivery::Unknown));
    // Before that nothing had reached the card.
    let error = Iso7816::new(Leaves(1), 255).transmit(Channel(1), store_data(), Patience::Normal).unwrap_err();
    assert_eq!(error.delivery, Delivery::NotSent);
}
