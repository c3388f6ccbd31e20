//! What happens to frames on their way to the host.

use std::time::Duration;

use modem_wire::qmi::uim::{CardStatus, CardStatusIs, Refresh, SendApdu};
use modem_wire::qmi::{Frame, Message, Sdu, Service};

use crate::modem::line::Said;
use crate::modem::quirk::{ModemQuirk, ModemQuirks};

/// Between the pieces of a frame that was cut.
const BETWEEN: Duration = Duration::from_millis(3);

/// The APDU whose answer comes to grief.
const THIRD: u32 = 3;

/// How much a modem says at once that does not stop talking.
const FLOOD: usize = 200;

#[derive(Debug)]
pub(super) struct Trouble {
    quirks: ModemQuirks,
    apdus: u32,
    flooding: bool,
}

impl Trouble {
    pub(super) fn of(quirks: &ModemQuirks) -> Self {
        Self { quirks: quirks.clone(), apdus: 0, flooding: false }
    }

    /// What the modem sends for this answer.
    pub(super) fn send(&mut self, answer: Frame) -> Vec<Said> {
        self.flooding = false;
        if is_apdu(&answer) {
            self.apdus += 1;
            if let Some(said) = self.spoil(&answer) {
                return said;
            }
        }
        let mut frames = Vec::new();
        if self.quirks.has(ModemQuirk::ForeignAnswers) {
            frames.extend(foreign(&answer));
        }
        let talks = self.quirks.has(ModemQuirk::Chatty) || self.quirks.has(ModemQuirk::JoinedFrames);
        if talks {
            frames.extend(chatter());
        }
        frames.push(answer);
        if self.quirks.has(ModemQuirk::JoinedFrames) {
            frames.extend(chatter());
            return vec![Said::Bytes(frames.iter().flat_map(Frame::to_bytes).collect())];
        }
        frames.iter().flat_map(|frame| self.cut(frame.to_bytes())).collect()
    }

    fn cut(&self, bytes: Vec<u8>) -> Vec<Said> {
        if !self.quirks.has(ModemQuirk::CutFrames) {
            return vec![Said::Bytes(bytes)];
        }
        bytes.chunks(7).flat_map(|piece| [Said::Bytes(piece.to_vec()), Said::Pause(BETWEEN)]).collect()
    }

    fn spoil(&mut self, answer: &Frame) -> Option<Vec<Said>> {
        if self.apdus != THIRD {
            return None;
        }
        let bytes = answer.to_bytes();
        if self.quirks.has(ModemQuirk::HalfFrame) {
            return Some(vec![Said::Bytes(bytes[..bytes.len() / 2].to_vec())]);
        }
        if self.quirks.has(ModemQuirk::HugeFrame) {
            return Some(vec![Said::Bytes([&[0x01, 0xFF, 0xFF], &bytes[3..]].concat())]);
        }
        if self.quirks.has(ModemQuirk::Noise) {
            return Some(vec![Said::Bytes([&[0x7E, 0xA5, 0x00], &bytes[..]].concat())]);
        }
        if self.quirks.has(ModemQuirk::Endless) {
            self.flooding = true;
            return Some(self.idle());
        }
        None
    }

    /// What the modem says by itself.
    pub(super) fn idle(&self) -> Vec<Said> {
        if !self.flooding {
            return Vec::new();
        }
        vec![Said::Bytes(chatter().iter().flat_map(Frame::to_bytes).collect::<Vec<u8>>().repeat(FLOOD))]
    }

    /// The modem started anew.
    pub(super) fn calm(&mut self) {
        self.flooding = false;
    }
}

fn is_apdu(answer: &Frame) -> bool {
    answer.service == Service::UIM
        && Sdu::from_bytes(answer.service, &answer.sdu).is_ok_and(|sdu| sdu.message == SendApdu::ID)
}

/// Answers for others: another transaction, another client, another service.
fn foreign(answer: &Frame) -> Vec<Frame> {
    let mut frames = Vec::new();
    if let Ok(mut sdu) = Sdu::from_bytes(answer.service, &answer.sdu) {
        sdu.transaction ^= 0x80;
        frames.push(Frame { sdu: sdu.to_bytes(answer.service), ..answer.clone() });
    }
    frames.push(Frame { client: answer.client ^ 0x40, ..answer.clone() });
    frames.push(Frame { service: Service(0x01), client: 1, ..answer.clone() });
    frames
}

/// Indications for everybody.
fn chatter() -> Vec<Frame> {
    let frame = |sdu: &Sdu| Frame {
        from_modem: true,
        service: Service::UIM,
        client: Frame::ALL_CLIENTS,
        sdu: sdu.to_bytes(Service::UIM),
    };
    let refresh = Refresh { stage: Refresh::START, mode: Refresh::RESET };
    vec![frame(&Sdu::indication(&CardStatusIs::<0x0032>(CardStatus::default()))), frame(&Sdu::indication(&refresh))]
}
