//! A recorded card: answers as the real one did, as long as it is asked the same.

use std::collections::VecDeque;
use std::io::BufRead;

use sgp22::transport::{Nature, Patience, RawCard, TransportError, TransportErrorKind};

use crate::trace::{Masker, TraceEvent, TraceHeader, VERSION, from_text, to_text};

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

fn departs(detail: impl Into<String>) -> TransportError {
    TransportError::not_sent(TransportErrorKind::NotInRecording, detail)
}

impl RawCard for Replay {
    fn transmit(&mut self, command: &[u8], _: Patience) -> Result<Vec<u8>, TransportError> {
        let asked = to_text(&self.masker.command(command));
        match self.events.pop_front() {
            Some(TraceEvent::Answered { command, answer, .. }) if command.eq_ignore_ascii_case(&asked) => {
                from_text(&answer).map_err(|error| departs(error.to_string()))
            }
            Some(TraceEvent::Failed { command, error, .. }) if command.eq_ignore_ascii_case(&asked) => {
                Err(TransportError::unsure(TransportErrorKind::Lost, format!("as recorded: {error}")))
            }
            Some(TraceEvent::Answered { command, .. } | TraceEvent::Failed { command, .. }) => {
                Err(departs(format!("asked {asked}, recorded {command}")))
            }
            Some(TraceEvent::Reset { .. }) => Err(departs(format!("asked {asked}, recorded a reset"))),
            None => Err(departs(format!("asked {asked} after its end"))),
        }
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.masker.reset();
        match self.events.pop_front() {
            Some(TraceEvent::Reset { reset }) if reset == "ok" => Ok(()),
            Some(TraceEvent::Reset { reset }) => {
                Err(TransportError::unsure(TransportErrorKind::Lost, format!("as recorded: {reset}")))
            }
            _ => Err(departs("no reset here")),
        }
    }

    fn nature(&self) -> Nature {
        let TraceHeader { le_with_data, we_are_the_terminal, .. } = self.header;
        Nature { le_with_data, we_are_the_terminal }
    }
}
