//! Any program as the way to a card: JSON, a line each way, over its standard input and output. It is the protocol of
//! lpac's driver `stdio`; this side asks, the program answers.
//!
//! ```text
//! > {"type":"apdu","payload":{"func":"connect","param":null}}
//! < {"type":"apdu","payload":{"ecode":0}}
//! > {"type":"apdu","payload":{"func":"logic_channel_open","param":"a0000005591010ffffffff8900000100"}}
//! < {"type":"apdu","payload":{"ecode":1}}                     the number of the channel
//! > {"type":"apdu","payload":{"func":"transmit","param":"81e2910006bf3e035c015a"}}
//! < {"type":"apdu","payload":{"ecode":0,"data":"6115"}}
//! > {"type":"apdu","payload":{"func":"logic_channel_close","param":"01"}}
//! > {"type":"apdu","payload":{"func":"disconnect","param":null}}
//! ```
//!
//! A negative `ecode` is an error. Answers have no number by which they could be told apart, so a program that did not
//! answer in time is ended: what it says later would be taken for the answer to something else.

mod program;
mod words;

pub use words::split as words;

use std::time::{Duration, Instant};

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use program::{NoLine, Program};
use serde::{Deserialize, Serialize};
use sgp22::id::Aid;
use sgp22::transport::{
    Channel, ChannelKeeper, Nature, Opening, Patience, RawCard, TransportError, TransportErrorKind,
};

use crate::Timeouts;

/// How many lines that are no answers are passed over for one that is.
const MOST_OTHER_LINES: usize = 100;

/// How long the program may take to let go of the card.
const FAREWELL: Duration = Duration::from_secs(2);

/// A card that a program carries APDUs to.
#[derive(Debug)]
pub struct StdioCard {
    program: Program,
    timeouts: Timeouts,
}

/// Why there is no card behind a program.
#[derive(Debug, thiserror::Error)]
pub enum StdioError {
    /// The command line has a quote that is not closed, or no word.
    #[error("a quote is not closed, or there is nothing to start")]
    Syntax,
    /// It cannot be started.
    #[error(transparent)]
    Start(std::io::Error),
    /// It does not answer as it should, or says that there is no card.
    #[error("{0}")]
    NoCard(TransportError),
}

#[derive(Serialize)]
struct Question<'a> {
    r#type: &'static str,
    payload: Asked<'a>,
}

#[derive(Serialize)]
struct Asked<'a> {
    func: &'static str,
    param: Option<&'a str>,
}

#[derive(Deserialize)]
struct Line {
    r#type: String,
    payload: Answer,
}

#[derive(Deserialize)]
struct Answer {
    ecode: i64,
    #[serde(default)]
    data: Option<String>,
}

impl StdioCard {
    /// Starts the program with this command line, and has it connect to its card. Words are split at blanks; quotes and
    /// `\` are as in a shell, and nothing else is.
    pub fn start(command_line: &str, timeouts: Timeouts) -> Result<Self, StdioError> {
        let words = words::split(command_line).filter(|words| !words.is_empty()).ok_or(StdioError::Syntax)?;
        let program = Program::start(&words).map_err(StdioError::Start)?;
        let mut card = Self { program, timeouts };
        card.connect().map_err(StdioError::NoCard)?;
        Ok(card)
    }

    fn connect(&mut self) -> Result<(), TransportError> {
        self.ask("connect", None, self.timeouts.connect).map(drop)
    }

    /// Asks for something; gives the answer if it is none of an error.
    fn ask(&mut self, func: &'static str, param: Option<&str>, time: Duration) -> Result<Answer, TransportError> {
        let answer = self.exchange(func, param, time)?;
        if answer.ecode < 0 {
            let why =
                format!("the program answers {func} with the error {}{}", answer.ecode, self.program.last_words());
            return Err(TransportError::unsure(TransportErrorKind::Lost, why));
        }
        Ok(answer)
    }

    fn exchange(&mut self, func: &'static str, param: Option<&str>, time: Duration) -> Result<Answer, TransportError> {
        let deadline = Instant::now() + time;
        let question = Question { r#type: "apdu", payload: Asked { func, param } };
        let line = serde_json::to_string(&question).unwrap_or_default() + "\n";
        if let Err(why) = self.program.say(&line, deadline) {
            let TransportError { kind, detail, .. } = self.lost(why, func);
            return Err(TransportError::not_sent(kind, detail));
        }
        for _ in 0..MOST_OTHER_LINES {
            let line = self.program.hear(deadline).map_err(|why| self.lost(why, func))?;
            match serde_json::from_slice::<Line>(&line) {
                Ok(Line { r#type, payload }) if r#type == "apdu" => return Ok(payload),
                _ => log::debug!("the program says something else: {} bytes", line.len()),
            }
        }
        Err(self.lost(NoLine::TooLong, func))
    }

    /// There is no answer: the program is ended, lest an answer comes yet.
    fn lost(&mut self, why: NoLine, func: &str) -> TransportError {
        self.program.end(Duration::ZERO);
        let words = self.program.last_words();
        let (kind, why) = match why {
            NoLine::Timeout => (TransportErrorKind::Timeout, "did not answer in time"),
            NoLine::Ended => (TransportErrorKind::DeviceGone, "has ended"),
            NoLine::TooLong => (TransportErrorKind::Garbage, "says something else without end"),
        };
        TransportError::unsure(kind, format!("{func}: the program {why}{words}"))
    }
}

impl RawCard for StdioCard {
    fn transmit(&mut self, command: &[u8], patience: Patience) -> Result<Vec<u8>, TransportError> {
        let answer = self.ask("transmit", Some(&HEXLOWER.encode(command)), self.timeouts.of(patience))?;
        let data = answer.data.unwrap_or_default();
        HEXLOWER_PERMISSIVE.decode(data.as_bytes()).map_err(|error| {
            TransportError::unsure(TransportErrorKind::Garbage, format!("the answer is not hexadecimal: {error}"))
        })
    }

    /// There is no word for it: the program lets go of the card and takes it up again.
    fn reset(&mut self) -> Result<(), TransportError> {
        self.ask("disconnect", None, self.timeouts.connect)?;
        self.connect()
    }

    /// Commands with data go without Le, as lpac sends them: what these programs are tried with.
    fn nature(&self) -> Nature {
        Nature { le_with_data: false, we_are_the_terminal: false, channels: ChannelKeeper::Modem, longest_data: None }
    }

    fn open(&mut self, application: &Aid) -> Result<Opening, TransportError> {
        let aid = HEXLOWER.encode(application.as_bytes());
        let answer = self.exchange("logic_channel_open", Some(&aid), self.timeouts.normal)?;
        Ok(match u8::try_from(answer.ecode) {
            Ok(channel @ 1..=19) => Opening::Open { channel: Channel(channel), fci: Vec::new() },
            _ => Opening::Refused(format!("the program answers {}{}", answer.ecode, self.program.last_words())),
        })
    }

    fn close(&mut self, channel: Channel) -> Result<(), TransportError> {
        // An error: it is closed already.
        self.exchange("logic_channel_close", Some(&format!("{:02x}", channel.0)), self.timeouts.normal).map(drop)
    }
}

impl Drop for StdioCard {
    fn drop(&mut self) {
        if let Err(error) = self.exchange("disconnect", None, FAREWELL) {
            log::debug!("no farewell: {error}");
        }
    }
}
