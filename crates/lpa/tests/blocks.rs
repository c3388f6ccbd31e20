//! Block sizes: up where longer ones pass, down where they are refused, and never twice in a change.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

use lpa::{Error, Isdr, NeverInterrupted};
use sgp22::apdu::{Command, Response, StatusWord};
use sgp22::id::Aid;
use sgp22::transport::{
    Channel, Identity, OpenChannel, OpenError, Patience, Sight, Terminal, Transport, TransportError, TransportErrorKind,
};

/// How too long a block is answered.
#[derive(Clone, Copy, PartialEq)]
enum Refusal {
    Status(u16),
    Lost,
    Timeout,
    /// The answer before it is given again.
    Again,
}

/// A way to a card that takes blocks up to `limit`; keeps the lengths that it was sent.
struct Way {
    start: u8,
    limit: usize,
    refusal: Refusal,
    modem: bool,
    lengths: Vec<usize>,
    opened: u8,
    /// The card answers to the end of a chain alone.
    chain: Vec<u8>,
    last: Vec<u8>,
}

impl Way {
    fn new(start: u8, limit: usize, refusal: Refusal) -> Self {
        Self { start, limit, refusal, modem: true, lengths: Vec::new(), opened: 0, chain: Vec::new(), last: Vec::new() }
    }
}

impl Transport for Way {
    fn open_channel(&mut self, applications: &[Aid]) -> Result<OpenChannel, OpenError> {
        self.opened += 1;
        Ok(OpenChannel { channel: Channel(self.opened), application: applications[0].clone(), fci: Vec::new() })
    }

    fn transmit(&mut self, channel: Channel, command: Command, _: Patience) -> Result<Response, TransportError> {
        assert_eq!(channel.0, self.opened, "on the channel that is open");
        self.lengths.push(command.data.len());
        if command.data.len() > self.limit {
            let error = |kind| Err(TransportError::unsure(kind, "+CME ERROR"));
            return match self.refusal {
                Refusal::Status(status) => Ok(Response::status(StatusWord(status))),
                Refusal::Lost => error(TransportErrorKind::Lost),
                Refusal::Timeout => error(TransportErrorKind::Timeout),
                Refusal::Again => Ok(Response::ok(self.last.clone())),
            };
        }
        if command.p2 == 0 {
            self.chain.clear();
        }
        self.chain.extend_from_slice(&command.data);
        self.last = match self.chain[..2] {
            _ if command.p1 & 0x80 == 0 => Vec::new(),
            [0xBF, 0x3E] => [&b"\xBF\x3E\x12\x5A\x10"[..], &[0x89; 16]].concat(),
            _ => b"\xBF\x2D\x02\xA0\x00".to_vec(),
        };
        Ok(Response::ok(self.last.clone()))
    }

    fn close_channel(&mut self, _: Channel) -> Result<(), TransportError> {
        Ok(())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    fn longest_data(&self) -> u8 {
        self.start
    }

    fn terminal(&mut self) -> Option<&mut dyn Terminal> {
        if self.modem { Some(self) } else { None }
    }
}

impl Terminal for Way {
    fn sight(&mut self) -> Result<Sight, TransportError> {
        panic!("nobody asks")
    }
    fn power_cycle(&mut self) -> Result<(), TransportError> {
        panic!("nobody asks")
    }
    fn identity(&mut self) -> Result<Identity, TransportError> {
        Ok(Identity::default())
    }
}

fn isdr(way: &mut Way) -> Isdr<'_> {
    Isdr::open(way, &[Aid::isd_r()], &NeverInterrupted).unwrap()
}

#[test]
fn longer_blocks_are_taken_up_where_they_pass() {
    let mut way = Way::new(120, 255, Refusal::Lost);
    let mut card = isdr(&mut way);
    card.stretch().unwrap();
    assert_eq!(card.block(), 255);
    card.stretch().unwrap();
    drop(card);
    assert_eq!(way.lengths, [6, 255], "asked once");
    // What was sent is a read, whole and well-formed, that finds nothing.
    assert_eq!(way.chain[..4], [0xBF, 0x2D, 0x81, 0xFB]);
    assert_eq!(way.chain[4..18], *b"\xA0\x0C\x5A\x0A\x98\x98\x98\x98\x98\x98\x98\x98\x98\x98");
    assert_eq!(way.chain[18..21], [0x5C, 0x81, 0xEA]);
}

#[test]
fn every_length_is_tried_by_just_that_length() {
    for block in 32..=255u8 {
        let mut way = Way::new(16, 255, Refusal::Lost);
        assert!(isdr(&mut way).takes(block).unwrap());
        let sent: usize = way.lengths[1..].iter().sum();
        assert!(sent == usize::from(block) || sent + 1 == usize::from(block), "{block}: {sent}");
        assert_eq!(way.lengths.len(), 2, "{block}");
    }
}

#[test]
fn shorter_ones_stay_where_longer_ones_are_refused_or_lost() {
    for refusal in [Refusal::Status(0x6700), Refusal::Status(0x6A80), Refusal::Lost, Refusal::Again] {
        let mut way = Way::new(120, 120, refusal);
        let mut card = isdr(&mut way);
        card.stretch().unwrap();
        assert_eq!(card.block(), 120);
        assert!(card.call_raw("read", &[0x5A; 300], Patience::Normal).is_ok(), "the session goes on");
        drop(card);
        assert_eq!(way.lengths, [6, 255, 120, 120, 60]);
        assert_eq!(way.opened, if refusal == Refusal::Lost { 2 } else { 1 }, "a lost one has another channel opened");
    }
    // One that does not answer at all is not talked to on.
    let mut way = Way::new(120, 120, Refusal::Timeout);
    assert!(matches!(isdr(&mut way).stretch(), Err(Error::Transport { .. })));
    assert_eq!(way.lengths, [6, 255]);
}

#[test]
fn a_read_that_a_modem_loses_is_read_again_in_smaller_blocks() {
    let mut way = Way::new(120, 60, Refusal::Lost);
    let mut card = isdr(&mut way);
    assert!(card.call_raw("read", &[0x5A; 130], Patience::Normal).is_ok());
    assert_eq!(card.block(), 60, "and that is kept");
    drop(card);
    assert_eq!(way.lengths, [120, 60, 60, 10]);
    // Nothing helps against a modem that loses everything, nor in a reader, where cards refuse by themselves.
    for (modem, limit, expected) in [(true, 20, &[120, 60][..]), (false, 60, &[120])] {
        let mut way = Way { modem, ..Way::new(120, limit, Refusal::Lost) };
        assert!(isdr(&mut way).call_raw("read", &[0x5A; 130], Patience::Normal).is_err());
        assert_eq!(way.lengths, expected, "{modem}");
    }
}
