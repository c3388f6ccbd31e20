//! Recordings of APDU traffic: JSON, one line an event, so that a bug report can be played back.
//!
//! ```text
//! {"esimctl_trace":1,"device":"pcsc:…","le_with_data":true,"we_are_the_terminal":true}
//! {"command":"0070000001","answer":"019000","us":812}
//! {"command":"01A40400…","error":"the card was removed","us":40}
//! {"reset":"ok"}
//! ```
//!
//! PINs are masked (`FF` for every byte). EID and ICCIDs are not secret, but personal: the reader is told.

use std::io::Write;
use std::time::Duration;

use data_encoding::HEXUPPER;
use serde::{Deserialize, Serialize};
use sgp22::transport::{Nature, TransportError};

/// The first line of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceHeader {
    /// Version of the format: 1.
    pub esimctl_trace: u32,
    /// Where the card was.
    pub device: String,
    /// See [`Nature::le_with_data`].
    pub le_with_data: bool,
    /// See [`Nature::we_are_the_terminal`].
    pub we_are_the_terminal: bool,
}

/// A further line of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum TraceEvent {
    Answered { command: String, answer: String, us: u64 },
    Failed { command: String, error: String, us: u64 },
    Reset { reset: String },
}

/// The version of the format that is written and read.
pub(crate) const VERSION: u32 = 1;

/// Writes a recording. A line that cannot be written ends the recording, not the command.
pub struct TraceWriter {
    sink: Option<Box<dyn Write + Send>>,
}

impl TraceWriter {
    /// Starts a recording of `device`, which has this nature.
    pub fn new(sink: Box<dyn Write + Send>, device: &str, nature: Nature) -> Self {
        let mut writer = Self { sink: Some(sink) };
        let Nature { le_with_data, we_are_the_terminal } = nature;
        writer.line(&TraceHeader {
            esimctl_trace: VERSION,
            device: device.to_owned(),
            le_with_data,
            we_are_the_terminal,
        });
        writer
    }

    pub(crate) fn exchange(&mut self, command: &[u8], answer: &Result<Vec<u8>, TransportError>, time: Duration) {
        let command = HEXUPPER.encode(&masked(command));
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.line(&match answer {
            Ok(answer) => TraceEvent::Answered { command, answer: HEXUPPER.encode(answer), us },
            Err(error) => TraceEvent::Failed { command, error: error.to_string(), us },
        });
    }

    pub(crate) fn reset(&mut self, result: &Result<(), TransportError>) {
        let reset = result.as_ref().map_or_else(ToString::to_string, |()| "ok".to_owned());
        self.line(&TraceEvent::Reset { reset });
    }

    fn line(&mut self, value: &impl Serialize) {
        let Some(sink) = &mut self.sink else { return };
        let written = serde_json::to_string(value)
            .map_err(std::io::Error::from)
            .and_then(|line| writeln!(sink, "{line}").and_then(|()| sink.flush()));
        if let Err(error) = written {
            log::warn!("the recording ends here: {error}");
            self.sink = None;
        }
    }
}

/// The command with its PINs masked: VERIFY, CHANGE, DISABLE, ENABLE and UNBLOCK PIN (ETSI TS 102 221 11.1.9 ff.).
pub(crate) fn masked(command: &[u8]) -> Vec<u8> {
    let mut masked = command.to_vec();
    if let [_, 0x20 | 0x24 | 0x26 | 0x28 | 0x2C, _, _, _, data @ ..] = &mut masked[..] {
        data.fill(0xFF);
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_masked_and_nothing_else() {
        assert_eq!(masked(b"\x00\x20\x00\x01\x081234\xFF\xFF\xFF\xFF")[5..], [0xFF; 8]);
        let select = b"\x00\xA4\x04\x00\x02\x3F\x00";
        assert_eq!(masked(select), select);
    }
}
