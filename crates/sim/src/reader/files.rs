//! Selecting and reading files (ETSI TS 102 221 11.1).

use sgp22::apdu::{Command, Le, Response, StatusWord};
use sgp22::transport::{Channel, OpenChannel, Patience, Transport, TransportError, TransportErrorKind};

use super::ReadError;
use super::pin::{AskPin, PinRequest};
use crate::contents::PinOutcome;
use crate::fcp::{Fcp, Structure};

/// The longest file that is read: as far as READ BINARY can reach.
const LONGEST: usize = 0x7FFF;
/// The most records that a file can have.
const MOST_RECORDS: u8 = 254;
/// The most commands of one reading. A SIM with 500 contacts and all that belongs to them takes a third of it; what takes
/// more would go on for hours.
const MOST_COMMANDS: u32 = 10_000;
/// The PIN of the application (PIN1), where the card does not name another.
const PIN1: u8 = 0x01;
/// The PIN of all applications.
const UNIVERSAL_PIN: u8 = 0x11;

const MF: u16 = 0x3F00;
const AUTHENTICATION_BLOCKED: StatusWord = StatusWord(0x6983);
const PIN_BLOCKED_2G: StatusWord = StatusWord(0x9840);
const RECORD_NOT_FOUND: StatusWord = StatusWord(0x6A83);
const END_OF_FILE: StatusWord = StatusWord(0x6282);
const WRONG_OFFSET: StatusWord = StatusWord(0x6B00);

/// What a file holds.
pub(super) enum Content {
    Bytes(Vec<u8>),
    Records {
        records: Vec<(u8, Vec<u8>)>,
        /// Those that the card does not give.
        failed: Vec<(u8, StatusWord)>,
    },
}

/// Why a file is not read.
pub(super) enum Trouble {
    Absent,
    /// The card wants a PIN.
    Locked,
    Refused(String),
    /// Nothing more can be read.
    Fatal(ReadError),
}

impl<E: Into<ReadError>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Fatal(error.into())
    }
}

/// An open USIM. Its channel is closed when this is dropped.
pub(super) struct Usim<'t> {
    transport: &'t mut dyn Transport,
    channel: Channel,
    ask: &'t mut dyn AskPin,
    stop: &'t dyn Fn() -> bool,
    /// The PIN that its files want.
    reference: u8,
    /// The card selects by path; cleared once it refused to.
    by_path: bool,
    /// Commands so far.
    commands: u32,
    /// What came of the PIN; `None` as long as nothing wanted one.
    pub(super) pin: Option<PinOutcome>,
}

impl<'t> Usim<'t> {
    pub(super) fn new(
        transport: &'t mut dyn Transport,
        opened: OpenChannel,
        ask: &'t mut dyn AskPin,
        stop: &'t dyn Fn() -> bool,
    ) -> Self {
        let pins = Fcp::decode(&opened.fci).map(|fcp| fcp.pins).unwrap_or_default();
        let of_files = |reference: u8| (PIN1..=0x08).contains(&reference) || reference == UNIVERSAL_PIN;
        let enabled = pins.into_iter().find(|(reference, enabled)| *enabled && of_files(*reference));
        let reference = enabled.map_or(PIN1, |(reference, _)| reference);
        Self { transport, channel: opened.channel, ask, stop, reference, by_path: true, commands: 0, pin: None }
    }

    fn send(&mut self, command: Command) -> Result<Response, ReadError> {
        if (self.stop)() {
            return Err(ReadError::Stopped);
        }
        self.commands += 1;
        if self.commands > MOST_COMMANDS {
            return Err(TransportError::unsure(TransportErrorKind::Garbage, "the files of the SIM do not end").into());
        }
        Ok(self.transport.transmit(self.channel, command, Patience::Normal)?)
    }

    /// Reads the file at `path`, which begins below the MF; asks for a PIN if it takes one.
    pub(super) fn file(&mut self, path: &[u16]) -> Result<Content, Trouble> {
        match self.read_once(path) {
            Err(Trouble::Locked) if self.pin.is_none() => {
                let outcome = self.unlock()?;
                self.pin = Some(outcome);
                if outcome == PinOutcome::Verified { self.read_once(path) } else { Err(Trouble::Locked) }
            }
            result => result,
        }
    }

    fn read_once(&mut self, path: &[u16]) -> Result<Content, Trouble> {
        let fcp = self.select(path)?;
        match fcp.structure {
            Structure::Transparent => self.read_binary(fcp.size.unwrap_or(256)).map(Content::Bytes),
            Structure::Linear | Structure::Cyclic => self.read_records(&fcp),
            Structure::Directory | Structure::Other(_) => Err(Trouble::Refused("it is no file of data".into())),
        }
    }

    fn select(&mut self, path: &[u16]) -> Result<Fcp, Trouble> {
        if self.by_path {
            let bytes: Vec<u8> = path.iter().flat_map(|id| id.to_be_bytes()).collect();
            let response = self.send(Command::new(0x00, 0xA4, 0x08, 0x04).with_data(bytes).with_le(Le::Max))?;
            match response.status.sw1() {
                // What else these may mean, step by step the card says it again.
                0x67 | 0x6B | 0x6D => self.by_path = false,
                0x6A if matches!(response.status, StatusWord::WRONG_P1_P2 | StatusWord::FUNCTION_NOT_SUPPORTED) => {
                    self.by_path = false;
                }
                _ => return selected(&response),
            }
        }
        let from_mf = (path.first() != Some(&super::ADF)).then_some(MF);
        let mut fcp = None;
        for id in from_mf.into_iter().chain(path.iter().copied()) {
            let step = Command::new(0x00, 0xA4, 0x00, 0x04).with_data(id.to_be_bytes()).with_le(Le::Max);
            fcp = Some(selected(&self.send(step)?)?);
        }
        fcp.ok_or(Trouble::Absent)
    }

    fn read_binary(&mut self, size: usize) -> Result<Vec<u8>, Trouble> {
        let mut bytes = Vec::new();
        let size = size.min(LONGEST);
        while bytes.len() < size {
            let [high, low] = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
            let most = u32::try_from((size - bytes.len()).min(255)).unwrap_or(255);
            let response = self.send(Command::new(0x00, 0xB0, high, low).with_le(Le::Exactly(most)))?;
            // A file may be shorter than the card said.
            if response.status == WRONG_OFFSET && !bytes.is_empty() {
                break;
            }
            if !response.status.is_ok() && response.status != END_OF_FILE {
                return Err(refused(response.status));
            }
            let ended = response.data.is_empty() || response.status == END_OF_FILE;
            bytes.extend(response.data);
            if ended {
                break;
            }
        }
        bytes.truncate(size);
        Ok(bytes)
    }

    fn read_records(&mut self, fcp: &Fcp) -> Result<Content, Trouble> {
        let le = if fcp.record_length == 0 { Le::Max } else { Le::Exactly(fcp.record_length.into()) };
        let (mut records, mut failed) = (Vec::new(), Vec::new());
        for number in 1..=fcp.records.unwrap_or(MOST_RECORDS).min(MOST_RECORDS) {
            let response = self.send(Command::new(0x00, 0xB2, number, 0x04).with_le(le))?;
            match response.status {
                status if status.is_ok() || status == END_OF_FILE => records.push((number, response.data)),
                RECORD_NOT_FOUND => break,
                status if number == 1 => return Err(refused(status)),
                status => failed.push((number, status)),
            }
        }
        Ok(Content::Records { records, failed })
    }

    /// Asks how often the PIN may be tried, then for the PIN, and tries it once.
    fn unlock(&mut self) -> Result<PinOutcome, ReadError> {
        let verify = Command::new(0x00, 0x20, 0x00, self.reference);
        let status = self.send(verify.clone())?.status;
        let tries_left = match (tries(status), status) {
            (Some(0), _) | (_, AUTHENTICATION_BLOCKED | PIN_BLOCKED_2G) => return Ok(PinOutcome::Blocked),
            (Some(tries), _) => Some(tries),
            // A card that does not know the question.
            (None, StatusWord::WRONG_LENGTH | StatusWord::WRONG_P1_P2) => None,
            (None, status) => return Ok(PinOutcome::Refused { status: status.0 }),
        };
        let Some(pin) = self.ask.ask(&PinRequest { tries_left }) else {
            return Ok(PinOutcome::NotGiven { tries_left });
        };
        let status = self.send(verify.with_data(pin.as_bytes()))?.status;
        Ok(match (tries(status), status) {
            (Some(tries_left), _) => PinOutcome::Wrong { tries_left },
            (None, AUTHENTICATION_BLOCKED | PIN_BLOCKED_2G) => PinOutcome::Wrong { tries_left: 0 },
            (None, status) if status.is_ok() => PinOutcome::Verified,
            (None, status) => PinOutcome::Refused { status: status.0 },
        })
    }
}

impl Drop for Usim<'_> {
    fn drop(&mut self) {
        // One that cannot be closed is gone with its card or its way there; whoever comes next finds out.
        let _ = self.transport.close_channel(self.channel);
    }
}

/// `63CX`: X tries are left.
fn tries(status: StatusWord) -> Option<u8> {
    (status.sw1() == 0x63 && status.sw2() & 0xF0 == 0xC0).then_some(status.sw2() & 0x0F)
}

fn selected(response: &Response) -> Result<Fcp, Trouble> {
    if !response.status.is_ok() {
        return Err(refused(response.status));
    }
    Fcp::decode(&response.data).map_err(|error| Trouble::Refused(error.to_string()))
}

fn refused(status: StatusWord) -> Trouble {
    match status {
        StatusWord::NOT_FOUND => Trouble::Absent,
        StatusWord::SECURITY_STATUS | AUTHENTICATION_BLOCKED | PIN_BLOCKED_2G => Trouble::Locked,
        status => Trouble::Refused(format!("the card refuses: {} ({status})", status.meaning())),
    }
}
