//! Recordings of APDU traffic: JSON, one line an event, so that a bug report can be played back.
//!
//! ```text
//! {"esimctl_trace":1,"device":"pcsc:…","le_with_data":true,"we_are_the_terminal":true}
//! {"command":"0070000001","answer":"019000","us":812}
//! {"command":"01A40400…","error":"the card was removed","us":40}
//! {"reset":"ok"}
//! ```
//!
//! Where a modem keeps the channels, the first line says `"modem_keeps_channels":true`, and there are lines of what it was
//! asked for beside APDUs, each with what came of it, `ok` or `error`:
//!
//! ```text
//! {"open":"A0000005591010FFFFFFFF8900000100","ok":{"open":{"channel":1,"answer":"6F…"}},"us":9120}
//! {"open":"A0000005591010FFFFFFFF8900050500","ok":{"refused":"ERROR"},"us":310}
//! {"close":1,"ok":null,"us":280}
//! {"sight":{"ok":{"card":"usable","iccid":"8999934567890120011","registered":true}}}
//! ```
//!
//! Secrets are not in it. Every byte of a PIN is `FF`. Every byte of these is `**`, wherever blocks are cut:
//!
//! - `ctxParams1` in the command AuthenticateServer, since it has the MatchingID, and the `matchingId` in the answer;
//! - `hashCc` in command and answer of PrepareDownload;
//! - what follows in a STORE DATA chain whose TLVs do not add up.
//!
//! Played back, commands are compared by what is shown, and `**` in an answer is `2D`, a hyphen: it can be read, yet no
//! server will take the signature over it. EID, ICCIDs, IMEI and what was read from the SIM are not secret, but personal:
//! the reader is told, and [`scrub`] takes them out for somebody else. In a command, `**` then stands for any byte.

use std::io::Write;
use std::time::Duration;

use data_encoding::{DecodeError, HEXUPPER, HEXUPPER_PERMISSIVE};
use serde::Serialize;
use sgp22::id::Aid;
use sgp22::transport::{Channel, Identity, Nature, Opening, Sight, TransportError};

mod event;
mod mask;
mod scrub;

pub use event::TraceHeader;
use event::{Came, RecordedIdentity};
pub(crate) use event::{RecordedOpening, RecordedSight, TraceEvent, application_text, as_recorded, departs};
pub(crate) use mask::Masker;
pub use scrub::{PersonalData, scrub};

/// The version of the format that is written and read.
pub(crate) const VERSION: u32 = 1;

/// A byte that is not shown.
pub(crate) const BLANK: &str = "**";

/// Writes a recording. A line that cannot be written ends the recording, not the command: the sink has to tell it.
pub struct TraceWriter {
    sink: Option<Box<dyn Write + Send>>,
    masker: Masker,
}

impl TraceWriter {
    /// Starts a recording of `device`, which has this nature; `modem_uses_card` says whether there is a modem to ask what
    /// it sees.
    pub fn new(sink: Box<dyn Write + Send>, device: &str, nature: Nature, modem_uses_card: bool) -> Self {
        let mut writer = Self { sink: Some(sink), masker: Masker::default() };
        writer.line(&TraceHeader::of(device, nature, modem_uses_card));
        writer
    }

    pub(crate) fn exchange(&mut self, command: &[u8], answer: &Result<Vec<u8>, TransportError>, time: Duration) {
        let command = to_text(&self.masker.command(command));
        let us = microseconds(time);
        let event = match answer {
            Ok(answer) => TraceEvent::Answered { command, answer: to_text(&self.masker.answer(answer)), us },
            Err(error) => TraceEvent::Failed { command, error: error.to_string(), us },
        };
        self.line(&event);
    }

    pub(crate) fn reset(&mut self, result: &Result<(), TransportError>) {
        self.masker.reset();
        let reset = result.as_ref().map_or_else(ToString::to_string, |()| "ok".to_owned());
        self.line(&TraceEvent::Reset { reset });
    }

    pub(crate) fn opened(&mut self, application: &Aid, opening: &Result<Opening, TransportError>, time: Duration) {
        let opening = Came::of(opening, RecordedOpening::of);
        let open = application_text(application);
        self.line(&TraceEvent::Opened { open, opening, us: microseconds(time) });
    }

    pub(crate) fn closed(&mut self, channel: Channel, closing: &Result<(), TransportError>, time: Duration) {
        let closing = Came::of(closing, |()| ());
        self.line(&TraceEvent::Closed { close: channel.0, closing, us: microseconds(time) });
    }

    pub(crate) fn sight(&mut self, sight: &Result<Sight, TransportError>) {
        self.line(&TraceEvent::Sight { sight: Came::of(sight, RecordedSight::of) });
    }

    pub(crate) fn power_cycle(&mut self, result: &Result<(), TransportError>) {
        self.masker.reset();
        self.line(&TraceEvent::PowerCycle { power_cycle: Came::of(result, |()| ()) });
    }

    pub(crate) fn identity(&mut self, identity: &Result<Identity, TransportError>) {
        self.line(&TraceEvent::Identity { identity: Came::of(identity, RecordedIdentity::of) });
    }

    fn line(&mut self, value: &impl Serialize) {
        let Some(sink) = &mut self.sink else { return };
        let written = serde_json::to_string(value)
            .map_err(std::io::Error::from)
            .and_then(|line| writeln!(sink, "{line}").and_then(|()| sink.flush()));
        if let Err(error) = written {
            log::info!("the recording ends here: {error}");
            self.sink = None;
        }
    }
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Bytes as a recording has them: in hexadecimal, those that are not shown as [`BLANK`].
pub(crate) fn to_text(masked: &[Option<u8>]) -> String {
    masked.iter().map(|byte| byte.map_or_else(|| BLANK.to_owned(), |byte| HEXUPPER.encode(&[byte]))).collect()
}

/// The bytes that a recording stands for. What was blanked comes back as hyphens, which read as a MatchingID.
pub(crate) fn from_text(text: &str) -> Result<Vec<u8>, DecodeError> {
    let pairs = text.as_bytes().chunks(2).map(|pair| if pair == BLANK.as_bytes() { b"2D".as_slice() } else { pair });
    HEXUPPER_PERMISSIVE.decode(&pairs.flatten().copied().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanked_bytes_come_back_as_hyphens() {
        let text = to_text(&[Some(0x80), Some(0x02), None, None, Some(0x9A)]);
        assert_eq!(text, "8002****9A");
        assert_eq!(from_text(&text).as_deref(), Ok(&b"\x80\x02--\x9A"[..]));
        for broken in ["8", "8*", "8**2", "*8*2", "***", "XX", "é"] {
            assert!(from_text(broken).is_err(), "{broken}");
        }
    }
}
