//! Recordings of what a modem is asked for beside APDUs.

use std::collections::VecDeque;

use card_io::{Counters, Iso7816, Replay, Tap, TraceWriter};
use data_encoding::HEXUPPER;
use sgp22::apdu::StatusWord;
use sgp22::id::Aid;
use sgp22::store_data::blocks;
use sgp22::transport::{
    CardSight, Channel, ChannelKeeper, Identity, Nature, OpenError, Opening, Patience, RawCard, Sight, Terminal,
    Transport, TransportError, TransportErrorKind,
};

use super::{Card, Sink, TOKEN, authenticate};

/// A modem that keeps the channels: the first application is refused, the second one not there, the third one opens.
struct ChannelModem {
    card: Card,
    asked: usize,
    sights: usize,
}

impl RawCard for ChannelModem {
    fn transmit(&mut self, command: &[u8], patience: Patience) -> Result<Vec<u8>, TransportError> {
        self.card.transmit(command, patience)
    }
    fn reset(&mut self) -> Result<(), TransportError> {
        Err(TransportError::unsure(TransportErrorKind::Timeout, "no reset"))
    }
    fn nature(&self) -> Nature {
        Nature { channels: ChannelKeeper::Modem, ..self.card.nature() }
    }
    fn open(&mut self, _: &Aid) -> Result<Opening, TransportError> {
        self.asked += 1;
        Ok(match self.asked {
            1 => Opening::Refused("+CME ERROR: 22".into()),
            2 => Opening::NotFound(StatusWord::NOT_FOUND),
            3 => Opening::Open { channel: Channel(1), fci: vec![0x6F, 0x00] },
            4 => Opening::NoChannel(StatusWord(0x6A81)),
            _ => return Err(TransportError::unsure(TransportErrorKind::DeviceGone, "the port")),
        })
    }
    fn close(&mut self, _: Channel) -> Result<(), TransportError> {
        Ok(())
    }
    fn terminal(&mut self) -> Option<&mut dyn Terminal> {
        Some(self)
    }
}

impl Terminal for ChannelModem {
    fn sight(&mut self) -> Result<Sight, TransportError> {
        self.sights += 1;
        let card = [CardSight::NoProfile, CardSight::Usable][self.sights - 1];
        let iccid = (card == CardSight::Usable).then(|| "8999934567890120011".parse().unwrap());
        Ok(Sight { card, registered: iccid.as_ref().map(|_| true), iccid })
    }
    fn power_cycle(&mut self) -> Result<(), TransportError> {
        Ok(())
    }
    fn identity(&mut self) -> Result<Identity, TransportError> {
        Ok(Identity { manufacturer: "Quectel".into(), model: "EG25".into(), firmware: String::new() })
    }
}

/// Everything that can be asked of a modem, and what comes of it.
fn use_modem(card: impl RawCard) -> String {
    let aids: Vec<Aid> = [1u8, 2, 3].map(|last| Aid::from_bytes(&[0xA0, 0, 0, 5, 0x59, last]).unwrap()).into();
    let mut card = Iso7816::new(card, 255);
    let mut told = format!("{:?}\n", card.open_channel(&aids).map(|open| (open.channel, open.application, open.fci)));
    let exchange = authenticate(TOKEN, 20);
    for command in blocks(&exchange.command, 100).unwrap() {
        told += &format!("{:?}\n", card.transmit(Channel(1), command, Patience::Normal).unwrap().status);
    }
    told += &format!("{:?}\n", card.close_channel(Channel(1)));
    let kinds = |error| match error {
        OpenError::Transport(error) => format!("lost: {}", error.detail.replace("as recorded: ", "")),
        error => error.to_string(),
    };
    told += &format!("{:?}\n", card.open_channel(&aids).map(drop).map_err(kinds).unwrap_err().len() > 5);
    let gone = card.open_channel(&aids).map(drop).map_err(kinds).unwrap_err();
    told += &format!("{}\n", gone.contains("the port"));
    told += &format!("{}\n", card.reset().unwrap_err().detail.contains("no reset"));
    let modem = card.terminal().unwrap();
    told + &format!("{:?} {:?} {:?} {:?}", modem.identity(), modem.sight(), modem.power_cycle(), modem.sight())
}

#[test]
fn what_a_modem_is_asked_for_is_recorded_and_plays_back() {
    let exchange = authenticate(TOKEN, 20);
    let inner = Card { answers: [exchange.answer].into(), part: 200, pending: VecDeque::new(), refuse_le: false };
    let modem = ChannelModem { card: inner, asked: 0, sights: 0 };
    let sink = Sink::default();
    let trace = TraceWriter::new(Box::new(sink.clone()), "at:/dev/ttyUSB2", modem.nature(), true);
    let counters = Counters::default();
    let seen = use_modem(Tap::new(modem, counters.clone(), Some(trace)));
    let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    for line in [
        r#""we_are_the_terminal":true,"modem_keeps_channels":true,"modem_uses_card":true}"#,
        r#"{"open":"A00000055901","ok":{"refused":"+CME ERROR: 22"},"us":"#,
        r#"{"open":"A00000055902","ok":{"not_found":27266},"us":"#,
        r#"{"open":"A00000055903","ok":{"open":{"channel":1,"answer":"6F00"}},"us":"#,
        r#"{"close":1,"ok":null,"us":"#,
        r#""error":"the reader is gone (the port)""#,
        r#"{"power_cycle":{"ok":null}}"#,
        r#"{"sight":{"ok":{"card":"usable","iccid":"8999934567890120011","registered":true}}}"#,
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(!text.contains(&HEXUPPER.encode(TOKEN.as_bytes())), "masks hold on a modem's channels, too");
    assert_eq!(use_modem(Replay::read(text.as_bytes()).unwrap()), seen, "played back, it is the same");
    // What is asked in another order is not there; what is no channel is none.
    let mut replay = Replay::read(text.as_bytes()).unwrap();
    assert_eq!(replay.close(Channel(1)).unwrap_err().kind, TransportErrorKind::NotInRecording);
    let mut replay = Replay::read(text.replace(r#""channel":1,"#, r#""channel":99,"#).as_bytes()).unwrap();
    let aid = |last: u8| Aid::from_bytes(&[0xA0, 0, 0, 5, 0x59, last]).unwrap();
    assert!(replay.open(&aid(1)).is_ok() && replay.open(&aid(2)).is_ok());
    assert_eq!(replay.open(&aid(3)).unwrap_err().kind, TransportErrorKind::NotInRecording);
    // A recording of before has a reader's card.
    let old = r#"{"esimctl_trace":1,"device":"pcsc:x","le_with_data":true,"we_are_the_terminal":true}"#;
    let mut old = Replay::read(old.as_bytes()).unwrap();
    assert_eq!(old.nature().channels, ChannelKeeper::Host);
    assert!(old.terminal().is_none());
}
