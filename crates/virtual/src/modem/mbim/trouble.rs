//! Answers as a modem with quirks sends them.

use modem_wire::mbim::{Body, CommandDone, Frame, Indication, Message, Status, basic, uicc};

use super::MbimVoice;
use crate::modem::line::Said;
use crate::modem::quirk::ModemQuirk;

/// The APDU at which quirks strike that strike once.
const AT_APDU: u32 = 3;

/// An answer, and what comes in its place or beside it.
pub(super) fn answer(voice: &mut MbimVoice, transaction: u32, done: CommandDone) -> Vec<Said> {
    let has = |quirk| voice.modem().has(quirk);
    let strikes = done.service == uicc::SERVICE && done.command == uicc::APDU && voice.modem().apdus == AT_APDU;
    if strikes && has(ModemQuirk::Endless) {
        voice.flooding = true;
        return Vec::new();
    }
    if strikes && has(ModemQuirk::HugeFrame) {
        let header = [0x8000_0003, u32::MAX, transaction].map(u32::to_le_bytes).concat();
        return vec![Said::Bytes([header, vec![0xA5; 2048]].concat())];
    }
    let mut said = Vec::new();
    if has(ModemQuirk::Chatty) {
        said.push(remark(voice));
    }
    if has(ModemQuirk::ForeignAnswers) {
        let foreign = CommandDone { status: Status::FAILURE, ..done.clone() };
        let transaction = transaction.wrapping_add(0x1000);
        let message = Message { transaction, body: Body::CommandDone(foreign) };
        said.push(Said::Bytes(bytes(&voice.frames(&message))));
    }
    let message = Message { transaction, body: Body::CommandDone(done) };
    let frames = if has(ModemQuirk::DisorderedFragments) { disordered(&message) } else { voice.frames(&message) };
    let mut bytes = bytes(&frames);
    if strikes && has(ModemQuirk::HalfFrame) {
        bytes.truncate(bytes.len() / 2);
    }
    said.push(Said::Bytes(bytes));
    said
}

/// Something that a modem tells by itself.
pub(super) fn remark(voice: &MbimVoice) -> Said {
    // SIGNAL_STATE: signal, error rate, intervals and thresholds.
    const SIGNAL_STATE: u32 = 11;
    let buffer = [17u32, 99, 30, 0, 0].map(u32::to_le_bytes).concat();
    let told = Indication { service: basic::SERVICE, command: SIGNAL_STATE, buffer };
    Said::Bytes(bytes(&voice.frames(&Message { transaction: 0, body: Body::Indication(told) })))
}

/// The second fragment comes last.
fn disordered(message: &Message) -> Vec<Frame> {
    let mut frames = message.to_frames(64);
    if frames.len() > 2 {
        let second = frames.remove(1);
        frames.push(second);
    }
    frames
}

fn bytes(frames: &[Frame]) -> Vec<u8> {
    frames.iter().flat_map(Frame::to_bytes).collect()
}
