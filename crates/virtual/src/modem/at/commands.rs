//! What each command does.

use std::time::Duration;

use data_encoding::{HEXUPPER, HEXUPPER_PERMISSIVE};
use modem_wire::at::{Argument, Failure, Operation, Request, Speech, Wish};
use sgp22::apdu::{Response, channel_of};
use sgp22::id::Aid;
use sgp22::transport::CardSight;

use super::{AtVoice, Outcome, RESTART};
use crate::modem::quirk::ModemQuirk;
use crate::modem::sim::{Modem, Refused};

/// Commands that reach the card.
const FOR_THE_CARD: [&str; 4] = ["+CCHO", "+CGLA", "+CCHC", "+CSIM"];

/// APDUs with 120 bytes of data are no longer than this, with header and Le.
const LONG: usize = 126;

/// The instruction by which channels are opened and closed (ISO 7816-4 7.1.2).
const MANAGE_CHANNEL: u8 = 0x70;

/// What a leftover session is called.
const LEFTOVER: &str = "1";

/// Whether a line has a command that reaches the card.
pub(super) fn is_for_the_card(request: &Request) -> bool {
    let reaches = |wish: &Wish| matches!(wish.operation, Operation::Set(_)) && FOR_THE_CARD.contains(&&wish.name[..]);
    request.wishes.iter().any(reaches)
}

/// The channels that hosts have open.
#[derive(Debug)]
pub(super) struct Sessions {
    /// Handle, and the card's number for it.
    open: Vec<(String, u8)>,
    opened: u32,
    /// A session of somebody who is gone is in the way.
    leftover: bool,
    /// None is opened before the card was powered off and on.
    blocked: bool,
    /// How often the card is still called busy.
    busy: u32,
    /// The number of times that the card is still reported as not ready.
    not_ready: u32,
}

impl Sessions {
    pub(super) fn new(modem: &Modem) -> Self {
        Self {
            open: Vec::new(),
            opened: 0,
            leftover: modem.quirks().has(ModemQuirk::LeftoverSession),
            blocked: false,
            busy: modem.quirks().number(ModemQuirk::SimBusy).unwrap_or(0),
            not_ready: modem.quirks().number(ModemQuirk::NotReady).unwrap_or(0),
        }
    }

    /// True if the card is still to be called not ready; counted.
    pub(super) fn take_not_ready(&mut self) -> bool {
        let is_starting = self.not_ready > 0;
        self.not_ready = self.not_ready.saturating_sub(1);
        is_starting
    }

    fn handle(&mut self, long: bool) -> String {
        self.opened = self.opened.wrapping_add(1);
        if long {
            return format!("{:016x}", 0x0385_a7ce_u64 + u64::from(self.opened));
        }
        let free = (1..=u8::MAX).map(|number| number.to_string());
        free.into_iter().find(|handle| self.open.iter().all(|(open, _)| open != handle)).unwrap_or_default()
    }
}

/// What a command gives: lines of the answer.
pub(super) type Told = Result<Vec<String>, Failed>;

/// Why a command gives none.
pub(super) enum Failed {
    With(Failure),
    /// It is not answered at all.
    Silent,
    Restart(Duration),
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self::With(failure)
    }
}

const NOT_ALLOWED: Failure = Failure::Cme(3);
pub(super) const NO_SIM: Failure = Failure::Cme(10);
pub(super) const SIM_FAILURE: Failure = Failure::Cme(13);
pub(super) const SIM_BUSY: Failure = Failure::Cme(14);
const NOT_FOUND: Failure = Failure::Cme(22);
const BAD_CHARACTERS: Failure = Failure::Cme(25);
const BAD_PARAMETERS: Failure = Failure::Cme(50);

impl AtVoice {
    /// Carries the commands of a line out, up to the first that fails.
    pub(super) fn carry_out(&mut self, request: &Request) -> Outcome {
        let mut lines = Vec::new();
        for wish in &request.wishes {
            match self.wish(wish) {
                Ok(told) => lines.extend(told),
                Err(Failed::With(failure)) => return Outcome::Answer(lines, Err(failure)),
                Err(Failed::Silent) => return Outcome::Silence,
                Err(Failed::Restart(time)) => return Outcome::Restart(time),
            }
        }
        Outcome::Answer(lines, Ok(()))
    }

    fn wish(&mut self, wish: &Wish) -> Told {
        let done = Ok(Vec::new());
        if let Some(command) = Self::iccid_command(wish) {
            return self.iccid(wish, command);
        }
        match (&wish.name[..], &wish.operation) {
            ("", _) => done,
            ("E", Operation::Run(value)) => set(value.unwrap_or(0), |on| self.speech.echo = on),
            ("V", Operation::Run(value)) => set(value.unwrap_or(0), |on| self.speech.verbose = on),
            ("Z" | "&F", Operation::Run(_)) => {
                self.speech = Speech { verbose: self.speech.verbose, ..self.first_speech() };
                done
            }
            ("+CMEE", Operation::Read) => Ok(vec![format!("+CMEE: {}", self.speech.errors)]),
            ("+CMEE", Operation::Set(arguments)) => {
                self.speech.errors = number(arguments, 0).filter(|level| *level < 3).ok_or(BAD_PARAMETERS)?;
                done
            }
            ("I", _) => Ok(self.names()[..2].to_vec()),
            ("+CGMI", Operation::Run(_)) => Ok(self.names()[..1].to_vec()),
            ("+CGMM", Operation::Run(_)) => Ok(self.names()[1..2].to_vec()),
            ("+CGMR", Operation::Run(_)) => Ok(self.names()[2..].to_vec()),
            ("+CPIN", Operation::Read) => self.pin(),
            ("+EID" | "+ESLOTSINFO", Operation::Read) if self.has(ModemQuirk::NamesEid) => self.eids(&wish.name),
            ("+CREG" | "+CEREG", Operation::Read) => {
                Ok(vec![format!("{}: 0,{}", wish.name, if self.modem.registered() { 1 } else { 2 })])
            }
            ("+CFUN", operation) if !self.has(ModemQuirk::NoCfun) => self.function(operation),
            ("+CCHO", Operation::Set(_)) if self.has(ModemQuirk::NoChannels) => Err(Failure::Plain.into()),
            ("+CCHO" | "+CGLA" | "+CCHC", _) if self.has(ModemQuirk::OnlyCsim) => Err(Failure::Plain.into()),
            ("+CSIM", _) if self.has(ModemQuirk::NoCsim) => Err(Failure::Plain.into()),
            ("+CCHC", _) if self.has(ModemQuirk::NoCchc) => Err(Failure::Plain.into()),
            ("+CCHO" | "+CGLA" | "+CCHC" | "+CSIM", Operation::Test) if !self.has(ModemQuirk::NoTestForms) => done,
            ("+CCHO", Operation::Set(arguments)) => self.open(arguments),
            ("+CGLA", Operation::Set(arguments)) => self.transmit(arguments),
            ("+CCHC", Operation::Set(arguments)) => self.close(arguments),
            ("+CSIM", Operation::Set(arguments)) => self.raw(arguments),
            _ => Err(Failure::Plain.into()),
        }
    }

    /// Manufacturer, model, firmware.
    fn names(&self) -> [String; 3] {
        let ours = ["esimctl", "virtual modem", env!("CARGO_PKG_VERSION")];
        self.modem.quirks().identity().unwrap_or(ours).map(String::from)
    }

    /// `AT+CFUN`: 0 takes the power from the card, 1 gives it back.
    fn function(&mut self, operation: &Operation) -> Told {
        let off = self.sight() == CardSight::Starting;
        let arguments = match operation {
            Operation::Read => return Ok(vec![format!("+CFUN: {}", u8::from(!off))]),
            Operation::Test if !self.has(ModemQuirk::NoTestForms) => return Ok(vec!["+CFUN: (0,1,4),(0,1)".into()]),
            Operation::Set(arguments) => arguments,
            _ => return Err(Failure::Plain.into()),
        };
        match (number::<u8>(arguments, 0), arguments.get(1).and(number::<u8>(arguments, 1))) {
            (Some(1), Some(1)) => return Err(Failed::Restart(RESTART)),
            (Some(0), None | Some(0)) => {
                self.modem.power_off();
                self.sessions = Sessions::new(&self.modem);
                self.sessions.leftover = false;
            }
            (Some(1), None | Some(0)) if off => {
                self.modem.power_on();
                if self.has(ModemQuirk::EchoReturns) {
                    self.speech = self.first_speech();
                }
            }
            (Some(1 | 4), None | Some(0)) => {}
            _ => return Err(BAD_PARAMETERS.into()),
        }
        self.modem.take_refreshed();
        Ok(Vec::new())
    }

    /// `AT+CCHO="A000…"`.
    fn open(&mut self, arguments: &[Argument]) -> Told {
        let [application] = arguments else { return Err(BAD_PARAMETERS.into()) };
        let application = self.hex(&application.text).map(|bytes| Aid::from_bytes(&bytes))?;
        let application = application.map_err(|_| BAD_PARAMETERS)?;
        if self.has(ModemQuirk::CchoParameters) {
            return Err(Failure::Words("Parameters error".into()).into());
        }
        if self.sight() == CardSight::Absent {
            return Err(NO_SIM.into());
        }
        if self.sessions.not_ready > 0 {
            return Err(Failure::Plain.into());
        }
        if self.sessions.busy > 0 {
            self.sessions.busy -= 1;
            return Err(SIM_BUSY.into());
        }
        let barred = self.has(ModemQuirk::CchoNeedsProfile) && self.sight() == CardSight::NoProfile;
        if self.sessions.blocked || barred {
            return Err(SIM_FAILURE.into());
        }
        if self.sessions.leftover {
            return Err(NOT_ALLOWED.into());
        }
        let opened = self.modem.open_channel(&application, 0x00).map_err(refusal)?;
        let handle = match self.has(ModemQuirk::ClassAsSent) {
            true => opened.channel.to_string(),
            false => self.sessions.handle(self.has(ModemQuirk::LongSession)),
        };
        self.sessions.open.push((handle.clone(), opened.channel));
        Ok(vec![if self.has(ModemQuirk::BareSession) { handle } else { format!("+CCHO: {handle}") }])
    }

    /// `AT+CGLA=1,10,"80E29100…"`: the modem writes the channel into the class byte, whatever is there.
    fn transmit(&mut self, arguments: &[Argument]) -> Told {
        let [session, length, apdu] = arguments else { return Err(BAD_PARAMETERS.into()) };
        let apdu = self.apdu(&length.text, &apdu.text)?;
        let open = self.sessions.open.iter().find(|(handle, _)| *handle == session.text);
        let channel = open.map(|(_, channel)| *channel).ok_or(NOT_FOUND)?;
        if channel_of(apdu[0]) != 0 && self.has(ModemQuirk::NoChannelInClass) {
            let status = self.modem.quirks().status(ModemQuirk::NoChannelInClass).ok_or(BAD_PARAMETERS)?;
            return Ok(vec![format!("+CGLA: 4,\"{status:04X}\"")]);
        }
        self.lets_pass(&apdu)?;
        let response = match self.has(ModemQuirk::ClassAsSent) {
            true => self.modem.apdu_as_sent(&apdu),
            false => self.modem.apdu(channel, &apdu),
        };
        let told = self.answered("+CGLA", response)?;
        let last_of_several = matches!(apdu[..], [_, 0xE2, 0x91, block, ..] if block > 0);
        if last_of_several && self.has(ModemQuirk::LastBlockError) {
            return Err(Failure::Plain.into());
        }
        Ok(told)
    }

    /// `AT+CCHC=1`.
    fn close(&mut self, arguments: &[Argument]) -> Told {
        let [session] = arguments else { return Err(BAD_PARAMETERS.into()) };
        let told = if self.has(ModemQuirk::CchcLine) { vec!["+CCHC".into()] } else { Vec::new() };
        if session.text == LEFTOVER && std::mem::take(&mut self.sessions.leftover) {
            return Ok(told);
        }
        let unknown = if self.has(ModemQuirk::CchcError) { Failure::Plain } else { NOT_FOUND };
        let position = self.sessions.open.iter().position(|(handle, _)| *handle == session.text).ok_or(unknown)?;
        let (_, channel) = self.sessions.open.remove(position);
        self.modem.close_channel(channel).map_err(refusal)?;
        Ok(told)
    }

    /// `AT+CSIM=10,"0070000001"`: the channels are the host's affair.
    fn raw(&mut self, arguments: &[Argument]) -> Told {
        let [length, apdu] = arguments else { return Err(BAD_PARAMETERS.into()) };
        let apdu = self.apdu(&length.text, &apdu.text)?;
        if apdu[1] == MANAGE_CHANNEL && self.has(ModemQuirk::NoChannels) {
            return Err(Failure::Plain.into());
        }
        if channel_of(apdu[0]) != 0 && self.has(ModemQuirk::CsimBasicOnly) {
            return Err(Failure::Plain.into());
        }
        self.lets_pass(&apdu)?;
        let response = self.modem.raw(&apdu);
        self.answered("+CSIM", response)
    }

    /// Some modems have had enough of long APDUs after a while.
    fn lets_pass(&mut self, apdu: &[u8]) -> Result<(), Failure> {
        self.long_blocks += u32::from(apdu.len() > LONG);
        let from = self.modem.quirks().number(ModemQuirk::LongBlocksFail).unwrap_or(u32::MAX);
        if apdu.len() > LONG && self.long_blocks >= from { Err(Failure::Plain) } else { Ok(()) }
    }

    /// The answer to an APDU. If the card asked for a refresh meanwhile, it was started anew, and sessions are gone.
    fn answered(&mut self, name: &str, response: Result<Response, Refused>) -> Told {
        if self.modem.take_refreshed() {
            self.sessions = Sessions { leftover: false, ..Sessions::new(&self.modem) };
            self.sessions.blocked = self.has(ModemQuirk::NeedsCfun);
            if let Some(milliseconds) = self.modem.quirks().number(ModemQuirk::Reenumerates) {
                return Err(Failed::Restart(Duration::from_millis(milliseconds.into())));
            }
        }
        let bytes = response.map_err(refusal)?.into_bytes();
        Ok(vec![format!("{name}: {},\"{}\"", 2 * bytes.len(), HEXUPPER.encode(&bytes))])
    }

    fn apdu(&self, length: &str, hex: &str) -> Result<Vec<u8>, Failure> {
        if length.parse() != Ok(hex.len()) {
            return Err(BAD_PARAMETERS);
        }
        let apdu = self.hex(hex)?;
        if apdu.len() < 4 { Err(BAD_PARAMETERS) } else { Ok(apdu) }
    }

    fn hex(&self, text: &str) -> Result<Vec<u8>, Failure> {
        if self.has(ModemQuirk::LowerHexRefused) && text.bytes().any(|byte| byte.is_ascii_lowercase()) {
            return Err(BAD_CHARACTERS);
        }
        HEXUPPER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| BAD_CHARACTERS)
    }
}

fn set(value: u32, apply: impl FnOnce(bool)) -> Told {
    match value {
        0 | 1 => apply(value == 1),
        _ => return Err(Failure::Plain.into()),
    }
    Ok(Vec::new())
}

fn number<N: std::str::FromStr>(arguments: &[Argument], index: usize) -> Option<N> {
    arguments.get(index)?.text.parse().ok()
}

fn refusal(refused: Refused) -> Failed {
    match refused {
        Refused::NoCard => NO_SIM.into(),
        Refused::NoChannel(_) => NOT_ALLOWED.into(),
        Refused::NotFound(_) | Refused::BadChannel => NOT_FOUND.into(),
        Refused::BadApdu => BAD_PARAMETERS.into(),
        Refused::Silent => Failed::Silent,
        Refused::Lost => SIM_FAILURE.into(),
    }
}
