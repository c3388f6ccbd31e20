//! A modem that speaks AT (3GPP TS 27.007): the line, and all that can go wrong on it. `commands` carries out what is
//! asked for.

mod about;
mod commands;

use std::time::Duration;

use modem_wire::at::{Failure, Request, Speech};

use super::line::{Said, Voice};
use super::quirk::ModemQuirk;
use super::sim::Modem;
use commands::Sessions;

/// The longest command line that is taken.
const LONGEST_LINE: usize = 4096;

/// How long a modem that crashed is away.
const RESTART: Duration = Duration::from_millis(500);

/// How many unsolicited lines come at once where they do not end: more than anybody should read.
const FLOOD: usize = 5_000;

/// A modem on a terminal.
#[derive(Debug)]
pub struct AtVoice {
    modem: Modem,
    speech: Speech,
    sessions: Sessions,
    /// The command line as far as it came.
    line: Vec<u8>,
    /// How many commands for the card there were.
    commands: u32,
    /// How many long APDUs there were.
    long_blocks: u32,
    /// The last answer.
    last: Vec<u8>,
    /// An answer that comes with the next one.
    late: Vec<u8>,
    flooding: bool,
}

/// What a GNSS port says.
const NMEA: &[u8] = b"$GPGSV,1,1,00*79\r\n$GPGGA,,,,,,0,,,,,,,,*66\r\n";

/// What comes of a command line.
#[derive(Debug)]
enum Outcome {
    /// Lines, and how it ended.
    Answer(Vec<String>, Result<(), Failure>),
    /// Nothing is said.
    Silence,
    /// The modem starts anew.
    Restart(Duration),
}

impl AtVoice {
    /// A modem that was just switched on.
    #[must_use]
    pub fn new(modem: Modem) -> Self {
        let sessions = Sessions::new(&modem);
        let mut voice = Self {
            modem,
            speech: Speech::default(),
            sessions,
            line: Vec::new(),
            commands: 0,
            long_blocks: 0,
            last: Vec::new(),
            late: Vec::new(),
            flooding: false,
        };
        voice.speech = voice.first_speech();
        voice
    }

    /// The modem behind the line.
    #[must_use]
    pub fn modem(&self) -> &Modem {
        &self.modem
    }

    fn has(&self, quirk: ModemQuirk) -> bool {
        self.modem.quirks().has(quirk)
    }

    /// Whether this is the command for the card that this quirk is about.
    fn is_due(&self, quirk: ModemQuirk) -> bool {
        self.modem.quirks().number(quirk) == Some(self.commands)
    }

    fn first_speech(&self) -> Speech {
        Speech { verbose: !self.has(ModemQuirk::NumericResults), ..Speech::default() }
    }

    /// How errors are told.
    fn spoken(&self) -> Speech {
        let errors = match self.speech.errors {
            _ if self.has(ModemQuirk::ErrorWords) => 2,
            _ if self.has(ModemQuirk::PlainErrors) => 0,
            errors => errors,
        };
        Speech { errors, ..self.speech }
    }

    /// A whole command line came.
    fn command(&mut self, line: &[u8]) -> Vec<Said> {
        let line = String::from_utf8_lossy(line).into_owned();
        if line.trim().is_empty() || self.has(ModemQuirk::Dead) {
            return Vec::new();
        }
        if self.has(ModemQuirk::Garbage) {
            return vec![Said::Bytes(b"$GPTXT,01,01,02,\xFF\x00\xF3\x81\x01*66\r\n".to_vec())];
        }
        if let Some(limit) = self.modem.quirks().number(ModemQuirk::LineLimit).map(|limit| limit as usize) {
            if line.len() == limit + 1 {
                return Vec::new();
            }
            if line.len() > limit {
                return vec![Said::Bytes(self.last.clone())];
            }
        }
        let request = Request::parse(&line);
        let about_card = request.as_ref().is_some_and(commands::is_for_the_card);
        self.commands += u32::from(about_card);
        if about_card && let Some(said) = self.broken_before() {
            return said;
        }
        let outcome = match (request, line.len() > LONGEST_LINE) {
            (Some(request), false) => self.carry_out(&request),
            _ => Outcome::Answer(Vec::new(), Err(Failure::Plain)),
        };
        if about_card && self.is_due(ModemQuirk::VanishesAfter) {
            return vec![Said::Gone(RESTART)];
        }
        match outcome {
            Outcome::Answer(lines, end) => self.answer(&lines, &end, about_card),
            Outcome::Silence => Vec::new(),
            Outcome::Restart(time) => vec![Said::Gone(time)],
        }
    }

    /// What goes wrong before the command for the card is carried out.
    fn broken_before(&mut self) -> Option<Vec<Said>> {
        if self.modem.quirks().number(ModemQuirk::SilentFrom).is_some_and(|from| self.commands >= from) {
            return Some(Vec::new());
        }
        if self.is_due(ModemQuirk::EndlessUrcs) {
            self.flooding = true;
            return Some(self.flood());
        }
        if self.is_due(ModemQuirk::EndlessLine) {
            return Some(vec![Said::Bytes(vec![b'A'; 1 << 20]), Said::Bytes(b"\r\n\r\nOK\r\n".to_vec())]);
        }
        if self.is_due(ModemQuirk::VanishesBefore) {
            return Some(vec![Said::Gone(RESTART)]);
        }
        self.is_due(ModemQuirk::Unplugged).then(|| vec![Said::Closed])
    }

    fn flood(&self) -> Vec<Said> {
        vec![Said::Bytes("\r\n+CREG: 2\r\n".repeat(FLOOD).into_bytes())]
    }

    fn answer(&mut self, lines: &[String], end: &Result<(), Failure>, about_card: bool) -> Vec<Said> {
        let (speech, urcs) = (self.spoken(), self.has(ModemQuirk::Urcs));
        let mut text = String::new();
        if urcs {
            text += "\r\n+CREG: 1\r\n";
        }
        for line in lines {
            let line = if self.has(ModemQuirk::NoBlank) { line.replacen(": ", ":", 1) } else { line.clone() };
            text += &speech.line(&line);
        }
        if urcs {
            text += "\r\nRING\r\n\r\n+QIND: \"csq\",20,99\r\n";
        }
        text += &speech.end(end);
        if urcs {
            text += "\r\n+CSQ: 20,99\r\n";
        }
        if self.has(ModemQuirk::NewlinesOnly) {
            text = text.replace("\r\n", "\n");
        }
        let mut bytes = text.into_bytes();
        self.last.clone_from(&bytes);
        if about_card && self.is_due(ModemQuirk::HalfAnswer) {
            bytes.truncate(bytes.len() / 2);
        }
        let before = std::mem::take(&mut self.late);
        if about_card && self.is_due(ModemQuirk::LateAnswer) {
            self.late = bytes;
            return Vec::new();
        }
        vec![Said::Bytes([before, bytes].concat())]
    }
}

impl Voice for AtVoice {
    fn hear(&mut self, bytes: &[u8]) -> Vec<Said> {
        let mut said = Vec::new();
        for byte in bytes {
            match byte {
                b'\n' => {}
                b'\r' => {
                    let line = std::mem::take(&mut self.line);
                    if self.speech.echo && !self.has(ModemQuirk::Dead) && !self.has(ModemQuirk::Garbage) {
                        said.push(Said::Bytes([&line[..], b"\r"].concat()));
                    }
                    said.extend(self.command(&line));
                }
                // Kept as far as it takes to see that it is too long.
                byte if self.line.len() <= LONGEST_LINE => self.line.push(*byte),
                _ => {}
            }
        }
        said
    }

    fn idle(&mut self) -> Vec<Said> {
        match () {
            () if self.flooding => self.flood(),
            // Positions come all the time.
            () if self.has(ModemQuirk::Garbage) => vec![Said::Bytes(NMEA.to_vec())],
            () => Vec::new(),
        }
    }

    fn reconnected(&mut self) {
        self.modem.power_off();
        self.modem.power_on();
        self.modem.take_refreshed();
        self.sessions = Sessions::new(&self.modem);
        self.speech = self.first_speech();
        self.line.clear();
        self.late.clear();
        self.flooding = false;
    }
}
