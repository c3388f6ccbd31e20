//! Recordings of a download: no secret is in them, everything else is, and they play back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod modem;

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Mutex};

use card_io::{Counters, Iso7816, Replay, Tap, TraceWriter};
use data_encoding::HEXUPPER;
use sgp22::Function;
use sgp22::apdu::{Command, Le};
use sgp22::ci::CiKeyId;
use sgp22::es10b::*;
use sgp22::id::{ConfirmationCode, TransactionId};
use sgp22::signed::{EuiccSigned1, EuiccSigned2, ServerSigned1, SmdpSigned2, signature_object};
use sgp22::store_data::blocks;
use sgp22::tlv::{Tag, Writer};
use sgp22::transport::{Channel, ChannelKeeper, Nature, Patience, RawCard, Transport, TransportError};

const TOKEN: &str = "SECRET-TOKEN-4711";

fn tid() -> TransactionId {
    "0102030405060708090A0B0C0D0E0F10".parse().unwrap()
}

fn hash_cc() -> [u8; 32] {
    "12345678".parse::<ConfirmationCode>().unwrap().hash(&tid())
}

/// Something that looks like a certificate of this size.
fn certificate(size: usize) -> Vec<u8> {
    Writer::object(Tag(0x30), |w| {
        w.nest(Tag(0x30), |w| {
            w.nest(Tag(0xA0), |w| {
                w.put(Tag(0x80), &vec![0xCE; size]);
            });
        });
        w.put(Tag(0x04), &[0xCE; 3]);
    })
}

/// A command, its answer, and the secrets in each, all in bytes.
struct Exchange {
    command: Vec<u8>,
    answer: Vec<u8>,
    in_command: Vec<u8>,
    in_answer: Vec<u8>,
}

fn authenticate(token: &str, certificate_size: usize) -> Exchange {
    let signed = ServerSigned1 {
        transaction_id: tid(),
        euicc_challenge: [0xA1; 16],
        server_address: "smdp.example.com".into(),
        server_challenge: [0xA2; 16],
    };
    let device = DeviceInfo::new(Some("352906112345678".parse().unwrap()));
    let request = AuthenticateServer {
        server_signed1: signed.encode(),
        server_signature1: signature_object(&[0x5A; 64]),
        ci: CiKeyId::from_bytes(&[0xC1; 20]),
        server_certificate: certificate(certificate_size),
        matching_id: Some(token.parse().unwrap()),
        device,
    };
    let command = request.encode();
    let ctx_params1 = command[command.len() - 29 - token.len()..].to_vec();
    assert_eq!(ctx_params1[..3], [0xA0, u8::try_from(27 + token.len()).unwrap(), 0x80], "ctxParams1 stands at the end");
    let info2 = b"\xBF\x22\x08\xA0\x06\x80\x01\x01\x04\x01\x02";
    let euicc_signed1 =
        EuiccSigned1::encode_with(&tid(), &signed.server_address, &signed.server_challenge, info2, &ctx_params1);
    let answer = AuthenticateServer::encode_answer(&Ok(AuthenticateServerOk {
        euicc_signed1,
        euicc_signature1: signature_object(&[0x5B; 64]),
        euicc_certificate: certificate(certificate_size),
        eum_certificate: certificate(certificate_size + 200),
    }));
    Exchange { command, answer, in_command: ctx_params1[2..].to_vec(), in_answer: token.into() }
}

fn prepare(certificate_size: usize) -> Exchange {
    let signed = SmdpSigned2 { transaction_id: tid(), confirmation_required: true, bpp_euicc_otpk: None };
    let request = PrepareDownload {
        smdp_signed2: signed.encode(),
        smdp_signature2: signature_object(&[0x5C; 64]),
        hash_cc: Some(hash_cc()),
        smdp_certificate: certificate(certificate_size),
    };
    let signed = EuiccSigned2 { transaction_id: tid(), euicc_otpk: vec![0x04; 65], hash_cc: Some(hash_cc().to_vec()) };
    let answer = PrepareDownload::encode_answer(&Ok(PrepareDownloadOk {
        euicc_signed2: signed.encode(),
        euicc_signature2: signature_object(&[0x5D; 64]),
    }));
    Exchange { command: request.encode(), answer, in_command: hash_cc().to_vec(), in_answer: hash_cc().to_vec() }
}

/// Gives an answer in parts of a size, the first with the last block, as a card over T=0 or T=1 does.
struct Card {
    answers: VecDeque<Vec<u8>>,
    part: usize,
    pending: VecDeque<Vec<u8>>,
    refuse_le: bool,
}

impl RawCard for Card {
    fn transmit(&mut self, command: &[u8], _: Patience) -> Result<Vec<u8>, TransportError> {
        let command = Command::parse(command).unwrap();
        match command.ins {
            0xE2 if self.refuse_le && command.le == Le::Max && !command.data.is_empty() => return Ok(vec![0x67, 0x00]),
            0xE2 if command.p1 & 0x80 == 0 => return Ok(vec![0x90, 0x00]),
            0xE2 => {
                let answer = self.answers.pop_front().unwrap();
                self.pending = answer.chunks(self.part).map(<[u8]>::to_vec).collect();
                if self.refuse_le {
                    self.pending.push_front(Vec::new());
                }
            }
            0xC0 => {}
            other => panic!("{other:02X}"),
        }
        let mut part = self.pending.pop_front().unwrap();
        match self.pending.front() {
            Some(next) => part.extend([0x61, u8::try_from(next.len()).unwrap()]),
            None => part.extend([0x90, 0x00]),
        }
        Ok(part)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    fn nature(&self) -> Nature {
        Nature { le_with_data: true, we_are_the_terminal: true, channels: ChannelKeeper::Host, longest_data: None }
    }
}

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Sends the commands in blocks of a size to a card; gives the answers.
fn converse(card: impl RawCard, exchanges: &[Exchange], block: u8) -> Vec<Vec<u8>> {
    let mut card = Iso7816::new(card, 255);
    exchanges
        .iter()
        .map(|exchange| {
            let mut answer = Vec::new();
            for command in blocks(&exchange.command, block).unwrap() {
                let response = card.transmit(Channel(1), command, Patience::Normal).unwrap();
                assert!(response.status.is_ok(), "{}", response.status);
                answer = response.data;
            }
            answer
        })
        .collect()
}

fn record(exchanges: &[Exchange], block: u8, refuse_le: bool) -> String {
    let answers = exchanges.iter().map(|exchange| exchange.answer.clone()).collect();
    let card = Card { answers, part: usize::from(block), pending: VecDeque::new(), refuse_le };
    let sink = Sink::default();
    let trace = TraceWriter::new(Box::new(sink.clone()), "test", card.nature(), false);
    let answers = converse(Tap::new(card, Counters::default(), Some(trace)), exchanges, block);
    for (exchange, answer) in exchanges.iter().zip(answers) {
        assert_eq!(answer, exchange.answer, "the card's user sees it all");
    }
    let trace = sink.0.lock().unwrap().clone();
    String::from_utf8(trace).unwrap()
}

/// What a recording has of the messages: all data of commands and of answers, in hexadecimal, in one piece each.
fn messages(trace: &str) -> (String, String) {
    let (mut commands, mut answers) = (String::new(), String::new());
    for line in trace.lines().skip(1) {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        let (command, answer) = (event["command"].as_str().unwrap(), event["answer"].as_str().unwrap());
        if answer == "6700" {
            continue;
        }
        if &command[2..4] == "E2" {
            let length = usize::from_str_radix(&command[8..10], 16).unwrap();
            commands.push_str(&command[10..10 + 2 * length]);
        }
        answers.push_str(&answer[..answer.len() - 4]);
    }
    (commands, answers)
}

/// The message with its secret blanked.
fn blanked(message: &[u8], secret: &[u8]) -> String {
    let at = message.windows(secret.len()).position(|window| window == secret).unwrap();
    let hex = HEXUPPER.encode(message);
    format!("{}{}{}", &hex[..2 * at], "**".repeat(secret.len()), &hex[2 * (at + secret.len())..])
}

/// That a recording hides the secrets, shows all other bytes, and plays back.
fn check(exchanges: &[Exchange], block: u8, refuse_le: bool) {
    let trace = record(exchanges, block, refuse_le);
    for secret in [TOKEN.as_bytes(), &hash_cc()] {
        let hex = HEXUPPER.encode(secret);
        // Not even a piece of it, where the blocks leave one.
        for piece in [&hex[..8], &hex[hex.len() - 8..]] {
            assert!(!trace.to_uppercase().contains(piece) || block < 4, "{block}: {piece}");
        }
        assert!(!trace.contains(TOKEN), "{block}");
    }
    let (commands, answers) = messages(&trace);
    let expected: String = exchanges.iter().map(|exchange| blanked(&exchange.command, &exchange.in_command)).collect();
    assert_eq!(commands, expected, "{block}");
    let expected: String = exchanges.iter().map(|exchange| blanked(&exchange.answer, &exchange.in_answer)).collect();
    assert_eq!(answers, expected, "{block}");

    let replayed = converse(Replay::read(trace.as_bytes()).unwrap(), exchanges, block);
    for (exchange, answer) in exchanges.iter().zip(replayed) {
        let at = exchange.answer.windows(exchange.in_answer.len()).position(|window| window == exchange.in_answer);
        let mut expected = exchange.answer.clone();
        expected[at.unwrap()..][..exchange.in_answer.len()].fill(b'-');
        assert_eq!(answer, expected, "{block}");
    }
}

#[test]
fn secrets_are_blanked_wherever_blocks_are_cut() {
    for block in 1..=255 {
        // The largest certificate that so many blocks have room for.
        let room = (usize::from(block) * 256).saturating_sub(330).min(600);
        let exchanges = [authenticate(TOKEN, room), prepare(room), authenticate("Z9-X", room)];
        check(&exchanges, block, false);
        // A card over T=0: the first command comes twice, and every answer by GET RESPONSE.
        if block <= 120 {
            check(&exchanges, block, true);
        }
    }
}

#[test]
fn the_largest_certificate_and_an_empty_token() {
    let exchanges = [authenticate(TOKEN, 2000), authenticate(&"T".repeat(40), 0), prepare(2000)];
    for block in [20, 63, 120, 254, 255] {
        check(&exchanges, block, false);
    }
    let none = authenticate("T", 10);
    let empty = Exchange { command: none.command.clone(), answer: b"\xBF\x38\x02\xA0\x00".to_vec(), ..none };
    let trace = record(&[empty], 120, false);
    assert!(messages(&trace).1.ends_with("BF3802A000"));
}

#[test]
fn what_was_blanked_reads_as_a_message_in_a_replay() {
    let exchanges = [authenticate(TOKEN, 300), prepare(300)];
    let trace = record(&exchanges, 120, false);
    // Another token of the same length is asked for: nobody can tell.
    let others = [authenticate("another-token-012", 300), prepare(300)];
    let answers = converse(Replay::read(trace.as_bytes()).unwrap(), &others, 120);
    let ok = AuthenticateServer::decode_answer(&answers[0]).unwrap().unwrap();
    let signed = ok.euicc_signed1;
    let token = "-".repeat(TOKEN.len());
    assert!(signed.windows(token.len()).any(|window| window == token.as_bytes()));
    let ok = PrepareDownload::decode_answer(&answers[1]).unwrap().unwrap();
    assert_eq!(EuiccSigned2::decode(&ok.euicc_signed2).unwrap().hash_cc, Some(vec![b'-'; 32]));
}

#[test]
fn answers_that_are_no_tlv_are_not_shown_and_others_are() {
    let broken = |answer: &[u8]| {
        let exchange = Exchange {
            command: b"\xBF\x2D\x00".to_vec(),
            answer: answer.to_vec(),
            in_command: vec![],
            in_answer: vec![],
        };
        messages(&record(&[exchange], 5, false)).1
    };
    assert_eq!(broken(b"\xBF\x2D\x04\xA0\x02\x2A\x2A"), "BF2D04A0022A2A");
    assert_eq!(broken(b"\xBF\x38\x09\xA0\x80\x2A\x2A\x2A\x2A\x2A\x00\x00"), "BF3809A0****************");
    assert_eq!(broken(b"\xBF\x38\x80\x2A"), "BF38****");
}

#[test]
fn whatever_is_sent_is_recorded_without_a_panic() {
    struct Mirror;
    impl RawCard for Mirror {
        fn transmit(&mut self, command: &[u8], _: Patience) -> Result<Vec<u8>, TransportError> {
            Ok(command[command.len() / 2..].to_vec())
        }
        fn reset(&mut self) -> Result<(), TransportError> {
            Ok(())
        }
        fn nature(&self) -> Nature {
            Nature { le_with_data: true, we_are_the_terminal: true, channels: ChannelKeeper::Host, longest_data: None }
        }
    }
    let good = authenticate(TOKEN, 30).command;
    let trace = TraceWriter::new(Box::new(std::io::sink()), "test", Mirror.nature(), false);
    let mut card = Tap::new(Mirror, Counters::default(), Some(trace));
    let mut state = 1u32;
    let mut random = |limit: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        usize::try_from(state >> 8).unwrap() % limit
    };
    for _ in 0..20_000 {
        let (start, length) = (random(good.len()), random(40));
        let mut command =
            vec![0x80, [0xE2, 0xC0, 0xA4, 0x20][random(4)], [0x11, 0x91, 0x00][random(3)], [0, 1, 2][random(3)]];
        command.push(u8::try_from(length).unwrap());
        command.extend(good.iter().cycle().skip(start).take(length));
        command.truncate(command.len() - random(3));
        if random(2) == 0 {
            let at = random(command.len());
            command[at] = [0x00, 0x80, 0x83, 0x84, 0xFF][random(5)];
        }
        card.transmit(&command, Patience::Normal).unwrap();
    }
}
