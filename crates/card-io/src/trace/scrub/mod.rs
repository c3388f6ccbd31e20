//! Recordings without what is personal, for somebody else to play back.
//!
//! Each byte is judged by what it is: by the file of the SIM that was selected, or by the field of the ES10 function that
//! it stands in. Numbers (EID, ICCID) become others, the same everywhere; what may be seen stays; everything else, also what
//! cannot be judged, is `**`. Chains are put together first, so that it does not matter where blocks cut a value.

mod chain;
mod fields;

use std::io::BufRead;

use sgp22::apdu::channel_of;

use super::event::{Came, RecordedIdentity, RecordedOpening, RecordedSight, TraceEvent};
use super::mask::split;
use super::{TraceHeader, from_text};
use crate::replay::ReplayError;
use chain::{Chain, Contents, Part};

/// The replacement of what is personal.
pub trait PersonalData {
    /// The digits that stand for this EID or ICCID, as many.
    fn number(&mut self, digits: &str) -> String;
    /// The name of a maker, model or version, without numbers of people and cards.
    fn text(&mut self, text: &str) -> String;
    /// An error without what it quotes: a modem's own words can be an answer with names and numbers in it.
    fn error(&mut self, text: &str) -> String;
    /// The name of a device.
    fn device(&mut self, name: &str) -> String;
}

const SELECT: u8 = 0xA4;
const STORE_DATA: u8 = 0xE2;
const GET_RESPONSE: u8 = 0xC0;
const READ_BINARY: u8 = 0xB0;
const READ_RECORD: u8 = 0xB2;
const STATUS: u8 = 0xF2;
const MANAGE_CHANNEL: u8 = 0x70;
const TERMINAL_CAPABILITY: u8 = 0xAA;
const EF_DIR: u16 = 0x2F00;
const EF_ICCID: u16 = 0x2FE2;
/// P1 of STORE DATA: block of TLVs, and the bit for the last block.
const TLV_BLOCK: u8 = 0x11;
const LAST: u8 = 0x80;
const CHANNELS: usize = 20;

/// Reads a recording and gives its lines without what is personal.
///
/// # Errors
/// If it is no recording.
pub fn scrub(source: impl BufRead, personal: &mut dyn PersonalData) -> Result<Vec<String>, ReplayError> {
    let bad = |line, why: &dyn ToString| ReplayError::Line { line, why: why.to_string() };
    let mut lines = source.lines().zip(1..);
    let (first, _) = lines.next().ok_or_else(|| bad(1, &"the file is empty"))?;
    let mut header: TraceHeader = serde_json::from_str(&first?).map_err(|error| bad(1, &error))?;
    header.device = personal.device(&header.device);
    let mut events = Vec::new();
    for (text, line) in lines {
        let event: TraceEvent = serde_json::from_str(&text?).map_err(|error| bad(line, &error))?;
        events.push(event);
    }
    Scrubber::new(&mut events, personal).run();
    let header = serde_json::to_string(&header).map_err(|error| bad(1, &error));
    let events = events.iter().map(|event| serde_json::to_string(event).map_err(|error| bad(1, &error)));
    std::iter::once(header).chain(events).collect()
}

/// The file that is selected on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Selected {
    /// One that may be seen: the list of applications.
    Open,
    /// The ICCID.
    Iccid,
    /// The root of the files (MF).
    Root,
    /// Any other, or nobody knows.
    #[default]
    Personal,
}

#[derive(Default)]
struct ChannelState {
    selected: Selected,
    command: Option<Blocks>,
    answer: Option<Chain>,
}

/// A command that comes in blocks of STORE DATA.
struct Blocks {
    chain: Chain,
    next: u16,
    /// Where the last block begins in the chain: it may come again, with another Le.
    last_start: usize,
}

struct Scrubber<'a> {
    events: &'a mut Vec<TraceEvent>,
    personal: &'a mut dyn PersonalData,
    channels: [ChannelState; CHANNELS],
}

impl<'a> Scrubber<'a> {
    fn new(events: &'a mut Vec<TraceEvent>, personal: &'a mut dyn PersonalData) -> Self {
        Self { events, personal, channels: std::array::from_fn(|_| ChannelState::default()) }
    }

    fn run(mut self) {
        for index in 0..self.events.len() {
            match self.events[index].clone() {
                TraceEvent::Answered { command, answer, .. } => self.exchange(index, &command, Some(&answer)),
                TraceEvent::Failed { command, error, us } => {
                    let error = self.personal.error(&error);
                    self.events[index] = TraceEvent::Failed { command: command.clone(), error, us };
                    self.exchange(index, &command, None);
                }
                TraceEvent::Reset { reset } => {
                    self.end_all();
                    let reset = self.personal.error(&reset);
                    self.events[index] = TraceEvent::Reset { reset };
                }
                other => self.events[index] = self.beside(other),
            }
        }
        self.end_all();
    }

    /// What was asked of a modem beside APDUs.
    fn beside(&mut self, event: TraceEvent) -> TraceEvent {
        self.forget_files();
        let personal = &mut *self.personal;
        match event {
            TraceEvent::Opened { open, opening, us } => {
                let opening = came(opening, personal, |opening, personal| match opening {
                    RecordedOpening::Refused(why) => RecordedOpening::Refused(personal.error(&why)),
                    RecordedOpening::Unusable { card, why } => {
                        RecordedOpening::Unusable { card, why: personal.error(&why) }
                    }
                    RecordedOpening::RefusedByModem(words, reason) => {
                        RecordedOpening::RefusedByModem(personal.error(&words), personal.error(&reason))
                    }
                    other => other,
                });
                TraceEvent::Opened { open, opening, us }
            }
            TraceEvent::Closed { close, closing, us } => {
                TraceEvent::Closed { close, closing: came(closing, personal, |done, _| done), us }
            }
            TraceEvent::Sight { sight } => TraceEvent::Sight { sight: came(sight, personal, RecordedSight::without) },
            TraceEvent::PowerCycle { power_cycle } => {
                self.end_all();
                TraceEvent::PowerCycle { power_cycle: came(power_cycle, self.personal, |done, _| done) }
            }
            TraceEvent::Identity { identity } => {
                TraceEvent::Identity { identity: came(identity, personal, RecordedIdentity::without) }
            }
            other => other,
        }
    }

    /// The card was reset, or the recording ends.
    fn end_all(&mut self) {
        for number in 0..CHANNELS {
            let state = std::mem::take(&mut self.channels[number]);
            self.finish(state.command.map(|blocks| blocks.chain));
            self.finish(state.answer);
        }
    }

    /// Channels come and go: what is selected on one of this number is not known any more.
    fn forget_files(&mut self) {
        self.channels.iter_mut().for_each(|state| state.selected = Selected::Personal);
    }

    fn finish(&mut self, chain: Option<Chain>) {
        if let Some(chain) = chain {
            chain.apply(self.events, self.personal);
        }
    }

    fn exchange(&mut self, index: usize, command: &str, answer: Option<&str>) {
        let bytes = from_text(command).unwrap_or_default();
        let &[class, instruction, p1, p2, ..] = &bytes[..] else { return self.hide(index, 0..usize::MAX) };
        let number = usize::from(channel_of(class)).min(CHANNELS - 1);
        if instruction != GET_RESPONSE {
            let former = self.channels[number].answer.take();
            self.finish(former);
            let data = split(&bytes).map(|(header, data, _)| header.len()..header.len() + data.len());
            let contents = self.command(index, number, (class, instruction, p1, p2), data, &bytes, answer);
            self.channels[number].answer = Some(Chain::new(contents));
        }
        let length = answer.and_then(|answer| (answer.len() / 2).checked_sub(2)).unwrap_or(0);
        match &mut self.channels[number].answer {
            Some(chain) => chain.push(self.events, Part::Answer, index, 0..length),
            // GET RESPONSE for nothing that was recorded.
            None => Chain::hiding(self.events, Part::Answer, index, 0..length).apply(self.events, self.personal),
        }
    }

    /// Judges a command; gives what its answer holds.
    fn command(
        &mut self,
        index: usize,
        number: usize,
        (class, instruction, p1, p2): (u8, u8, u8, u8),
        data: Option<std::ops::Range<usize>>,
        bytes: &[u8],
        answer: Option<&str>,
    ) -> Contents {
        let Some(data) = data else {
            self.hide(index, 4..bytes.len());
            return Contents::Personal;
        };
        match instruction {
            STORE_DATA if class & 0x80 != 0 || p1 & !LAST == TLV_BLOCK => {
                self.block(index, number, p2, data);
                Contents::Es10Answer
            }
            SELECT => {
                let state = &mut self.channels[number];
                state.selected = selected(state.selected, p1, &bytes[data], answer);
                Contents::Seen
            }
            MANAGE_CHANNEL => {
                self.forget_files();
                Contents::Seen
            }
            STATUS | TERMINAL_CAPABILITY => Contents::Seen,
            READ_BINARY | READ_RECORD => match self.channels[number].selected {
                // By its short identifier: another file than the one that is selected.
                _ if by_short_identifier(instruction, p1, p2) => Contents::Personal,
                Selected::Open => Contents::Seen,
                Selected::Iccid if (instruction, p1, p2) == (READ_BINARY, 0, 0) => Contents::Iccid,
                _ => Contents::Personal,
            },
            _ => {
                self.hide(index, data);
                Contents::Personal
            }
        }
    }

    /// A block of STORE DATA.
    fn block(&mut self, index: usize, number: usize, p2: u8, data: std::ops::Range<usize>) {
        let block = u16::from(p2);
        let mut blocks = match self.channels[number].command.take() {
            Some(blocks) if block > 0 && (block == blocks.next || block + 1 == blocks.next) => blocks,
            former => {
                self.finish(former.map(|blocks| blocks.chain));
                if block > 0 {
                    // Without its beginning: nobody can tell what it is.
                    return self.hide(index, data);
                }
                Blocks { chain: Chain::new(Contents::Es10Command), next: 0, last_start: 0 }
            }
        };
        if block == blocks.next {
            blocks.last_start = blocks.chain.len();
            blocks.next += 1;
            blocks.chain.push(self.events, Part::Command, index, data);
        } else {
            blocks.chain.push_again(self.events, Part::Command, index, data, blocks.last_start);
        }
        self.channels[number].command = Some(blocks);
    }

    fn hide(&mut self, index: usize, range: std::ops::Range<usize>) {
        Chain::hiding(self.events, Part::Command, index, range).apply(self.events, self.personal);
    }
}

fn came<T>(
    came: Came<T>,
    personal: &mut dyn PersonalData,
    without: impl FnOnce(T, &mut dyn PersonalData) -> T,
) -> Came<T> {
    match came {
        Came::Ok(value) => Came::Ok(without(value, personal)),
        Came::Error(error) => Came::Error(personal.error(&error)),
    }
}

/// The file that is selected after SELECT, directly below the root: elsewhere the same identifiers mean other files. A
/// selection that failed leaves nobody sure.
fn selected(former: Selected, p1: u8, data: &[u8], answer: Option<&str>) -> Selected {
    let answer = answer.unwrap_or_default();
    let status = answer.get(answer.len().saturating_sub(4)..).unwrap_or_default();
    let worked = ["9000", "91", "61", "9F"].iter().any(|good| status.starts_with(good));
    let below_root = p1 == 0x08 || (p1 == 0x00 && former != Selected::Personal);
    let file = match data {
        [0x3F, 0x00] if worked && p1 == 0x00 => return Selected::Root,
        [high, low] if worked && below_root => u16::from_be_bytes([*high, *low]),
        _ => return Selected::Personal,
    };
    match file {
        EF_DIR => Selected::Open,
        EF_ICCID => Selected::Iccid,
        _ => Selected::Personal,
    }
}

/// True if a read names a file by its short identifier.
fn by_short_identifier(instruction: u8, p1: u8, p2: u8) -> bool {
    if instruction == READ_BINARY { p1 & 0x80 != 0 } else { p2 >> 3 != 0 }
}

#[cfg(test)]
mod tests;
