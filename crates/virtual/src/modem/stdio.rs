//! A virtual card for programs that carry APDUs as lines of JSON, as lpac's driver `stdio` has them: they ask, this
//! answers.

use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use rustix::event::PollFlags;
use rustix::io::Errno;
use serde::Deserialize;
use serde_json::{Value, json};
use sgp22::id::Aid;

use super::line::{GLANCE, Said, Voice, wait};
use super::sim::{Modem, Refused};

/// The longest question that is taken.
const LONGEST_LINE: usize = 1 << 16;

/// What is answered to all that cannot be done.
const FAILED: i64 = -1;

/// The card behind lines of JSON.
#[derive(Debug)]
pub struct StdioVoice {
    modem: Modem,
    heard: Vec<u8>,
}

#[derive(Deserialize)]
struct Line {
    r#type: String,
    payload: Question,
}

#[derive(Deserialize)]
struct Question {
    func: String,
    #[serde(default)]
    param: Option<String>,
}

impl StdioVoice {
    /// Speaks for the card in this modem.
    #[must_use]
    pub fn new(modem: Modem) -> Self {
        Self { modem, heard: Vec::new() }
    }

    /// The payload of the answer; `None` where a silent card has none.
    fn answer(&mut self, line: &[u8]) -> Option<Value> {
        let question = match serde_json::from_slice::<Line>(line) {
            Ok(Line { r#type, payload }) if r#type == "apdu" => payload,
            // What else programs tell is not for a card.
            _ => return None,
        };
        let param = question.param.as_deref().unwrap_or_default();
        let done = |result: Result<(), Refused>| json!({ "ecode": result.map_or(FAILED, |()| 0) });
        Some(match &question.func[..] {
            "connect" => {
                self.modem.power_on();
                json!({ "ecode": 0 })
            }
            "disconnect" => {
                self.modem.power_off();
                json!({ "ecode": 0 })
            }
            "logic_channel_open" => {
                let opened = param.parse::<Aid>().ok().map(|aid| self.modem.open_channel(&aid, 0x00));
                match opened {
                    Some(Err(Refused::Silent)) => return None,
                    Some(Ok(opened)) => json!({ "ecode": opened.channel }),
                    _ => json!({ "ecode": FAILED }),
                }
            }
            "logic_channel_close" => {
                let channel = u8::from_str_radix(param, 16).map_err(|_| Refused::BadChannel);
                done(channel.and_then(|channel| self.modem.close_channel(channel)))
            }
            "transmit" => {
                let apdu = HEXLOWER_PERMISSIVE.decode(param.as_bytes()).map_err(|_| Refused::BadApdu);
                match apdu.and_then(|apdu| self.modem.raw(&apdu)) {
                    Ok(response) => json!({ "ecode": 0, "data": HEXLOWER.encode(&response.into_bytes()) }),
                    Err(Refused::Silent) => return None,
                    Err(_) => json!({ "ecode": FAILED }),
                }
            }
            _ => json!({ "ecode": FAILED }),
        })
    }
}

impl Voice for StdioVoice {
    fn hear(&mut self, bytes: &[u8]) -> Vec<Said> {
        self.heard.extend_from_slice(bytes);
        let mut said = Vec::new();
        while let Some(end) = self.heard.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.heard.drain(..=end).collect();
            if let Some(payload) = self.answer(&line) {
                said.push(Said::Bytes(format!("{}\n", json!({ "type": "apdu", "payload": payload })).into_bytes()));
            }
        }
        if self.heard.len() > LONGEST_LINE {
            said.push(Said::Closed);
        }
        said
    }
}

/// Answers what comes in at `input` until its end, or until `stop` is set.
pub fn serve_lines(
    voice: &mut StdioVoice,
    input: impl AsFd,
    output: impl AsFd,
    stop: &AtomicBool,
) -> std::io::Result<()> {
    let mut buffer = [0; 4096];
    while !stop.load(Ordering::Relaxed) {
        if !wait(&input, PollFlags::IN, GLANCE)? {
            continue;
        }
        let count = match rustix::io::read(&input, &mut buffer) {
            Ok(0) | Err(Errno::IO) => return Ok(()),
            Ok(count) => count,
            Err(Errno::INTR | Errno::AGAIN) => continue,
            Err(error) => return Err(error.into()),
        };
        for said in voice.hear(&buffer[..count]) {
            let Said::Bytes(mut bytes) = said else { return Ok(()) };
            while !bytes.is_empty() {
                match rustix::io::write(&output, &bytes) {
                    Ok(count) => drop(bytes.drain(..count)),
                    Err(Errno::INTR) => {}
                    Err(Errno::PIPE) => return Ok(()),
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
    Ok(())
}
