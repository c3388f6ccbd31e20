//! A recorded card: answers as the real one did, as long as it is asked the same.

use std::collections::VecDeque;
use std::io::BufRead;

use sgp22::id::Aid;
use sgp22::transport::{Channel, Identity, Nature, Opening, Patience, RawCard, Sight, Terminal, TransportError};

use crate::trace::{
    BLANK, Masker, RecordedOpening, RecordedSight, TraceEvent, TraceHeader, VERSION, application_text, as_recorded,
    departs, from_text, to_text,
};

/// Plays a recording of [`crate::TraceWriter`] back.
#[derive(Debug)]
pub struct Replay {
    header: TraceHeader,
    events: VecDeque<TraceEvent>,
    masker: Masker,
}

/// Why a file is no recording.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A line is not what it should be.
    #[error("line {line}: {why}")]
    Line {
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// Written by a newer version.
    #[error("a recording of format {0}, newer than this version reads")]
    Newer(u32),
}

impl Replay {
    /// Reads a recording.
    pub fn read(source: impl BufRead) -> Result<Self, ReplayError> {
        let mut lines = source.lines().zip(1..);
        let bad = |line, why: &dyn ToString| ReplayError::Line { line, why: why.to_string() };
        let (first, _) = lines.next().ok_or_else(|| bad(1, &"the file is empty"))?;
        let header: TraceHeader = serde_json::from_str(&first?).map_err(|error| bad(1, &error))?;
        if header.esimctl_trace > VERSION {
            return Err(ReplayError::Newer(header.esimctl_trace));
        }
        let mut events = VecDeque::new();
        for (text, line) in lines {
            let event: TraceEvent = serde_json::from_str(&text?).map_err(|error| bad(line, &error))?;
            if let TraceEvent::Answered { answer, .. } = &event {
                from_text(answer).map_err(|error| bad(line, &error))?;
            }
            events.push_back(event);
        }
        Ok(Self { header, events, masker: Masker::default() })
    }
}

/// True if a command is the recorded one: a byte that is not shown is any byte.
fn is_same(recorded: &str, asked: &str) -> bool {
    let pairs = |text: &'_ str| text.as_bytes().chunks(2).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let same =
        |(recorded, asked): (&Vec<u8>, &Vec<u8>)| recorded == BLANK.as_bytes() || recorded.eq_ignore_ascii_case(asked);
    recorded.len() == asked.len() && pairs(recorded).iter().zip(&pairs(asked)).all(same)
}

impl RawCard for Replay {
    fn transmit(&mut self, command: &[u8], _: Patience) -> Result<Vec<u8>, TransportError> {
        let asked = to_text(&self.masker.command(command));
        match self.events.pop_front() {
            Some(TraceEvent::Answered { command, answer, .. }) if is_same(&command, &asked) => {
                from_text(&answer).map_err(departs)
            }
            Some(TraceEvent::Failed { command, error, .. }) if is_same(&command, &asked) => Err(as_recorded(&error)),
            Some(TraceEvent::Answered { command, .. } | TraceEvent::Failed { command, .. }) => {
                Err(departs(format!("asked {asked}, recorded {command}")))
            }
            Some(TraceEvent::Reset { .. }) => Err(departs(format!("asked {asked}, recorded a reset"))),
            Some(_) => Err(departs(format!("asked {asked}, recorded something asked of the modem"))),
            None => Err(departs(format!("asked {asked} after its end"))),
        }
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.masker.reset();
        match self.events.pop_front() {
            Some(TraceEvent::Reset { reset }) if reset == "ok" => Ok(()),
            Some(TraceEvent::Reset { reset }) => Err(as_recorded(&reset)),
            _ => Err(departs("no reset here")),
        }
    }

    fn nature(&self) -> Nature {
        self.header.nature()
    }

    fn open(&mut self, application: &Aid) -> Result<Opening, TransportError> {
        let asked = application_text(application);
        match self.events.pop_front() {
            Some(TraceEvent::Opened { open, opening, .. }) if open.eq_ignore_ascii_case(&asked) => {
                opening.again(RecordedOpening::opening)
            }
            _ => Err(departs(format!("no channel to {asked} was opened here"))),
        }
    }

    fn close(&mut self, channel: Channel) -> Result<(), TransportError> {
        match self.events.pop_front() {
            Some(TraceEvent::Closed { close, closing, .. }) if close == channel.0 => closing.again(Ok),
            _ => Err(departs(format!("channel {} was not closed here", channel.0))),
        }
    }

    fn terminal(&mut self) -> Option<&mut dyn Terminal> {
        if self.header.modem_uses_card { Some(self) } else { None }
    }
}

impl Terminal for Replay {
    fn sight(&mut self) -> Result<Sight, TransportError> {
        match self.events.pop_front() {
            Some(TraceEvent::Sight { sight }) => sight.again(RecordedSight::sight),
            _ => Err(departs("the modem was not asked here what it sees")),
        }
    }

    fn power_cycle(&mut self) -> Result<(), TransportError> {
        self.masker.reset();
        match self.events.pop_front() {
            Some(TraceEvent::PowerCycle { power_cycle }) => power_cycle.again(Ok),
            _ => Err(departs("no power cycle here")),
        }
    }

    fn identity(&mut self) -> Result<Identity, TransportError> {
        match self.events.pop_front() {
            Some(TraceEvent::Identity { identity }) => identity.again(|identity| Ok(identity.identity())),
            _ => Err(departs("the modem was not asked here who it is")),
        }
    }
}
