//! A bare card behind AT commands.

use std::time::{Duration, Instant};

use modem_wire::at::{Command, Failure, Reply, Session, apdu_in, session_in};
use sgp22::apdu::{StatusWord, channel_of};
use sgp22::id::Aid;
use sgp22::transport::{
    Channel, ChannelKeeper, Nature, Opening, Patience, RawCard, Terminal, TransportError, TransportErrorKind,
};

use super::STATUS;
use super::line::Line;
use crate::Timeouts;
use crate::modem::{Habits, ModemOptions};

/// The longest command data at first: longer lines do not fit into the buffers of some modems (lpac 173).
const BLOCK: u8 = 120;

/// Data of this length fits into every modem's lines; what is refused for its length is longer.
const SHORT: usize = 60;

/// The sessions that programs before this one may have left open.
const LEFTOVERS: [&str; 3] = ["1", "2", "3"];

/// How long a card that is being started is left alone between two tries.
const TRY_AGAIN: Duration = Duration::from_millis(300);

/// How long the end of everything may take, for each command.
const LEAVING: Duration = Duration::from_secs(3);

/// By which commands APDUs travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `+CCHO`, `+CGLA`, `+CCHC`.
    Cgla,
    /// `+CSIM`.
    Csim,
}

/// A channel that is open.
#[derive(Debug)]
struct Open {
    /// Our number for it.
    channel: u8,
    /// The modem's name for it.
    session: Session,
}

/// A card behind a modem.
#[derive(Debug)]
pub(super) struct AtCard {
    pub(super) line: Line,
    pub(super) timeouts: Timeouts,
    habits: Habits,
    form: Form,
    sessions: Vec<Open>,
    /// Opened to see whether it works, and not asked for yet.
    spare: Option<Session>,
    /// Channels of the card that were opened by `+CSIM`.
    raw: Vec<u8>,
    /// How often the modem had come back when the sessions were opened.
    returns: u32,
    /// The card was started anew: the modem may need a while for it.
    fresh: bool,
    /// What others left was closed.
    swept: bool,
    /// The command for the ICCID that this modem knows.
    pub(super) iccid_command: Option<&'static str>,
    /// An application was opened: the card works, whatever the modem makes of it.
    pub(super) reached: bool,
}

impl AtCard {
    pub(super) fn new(line: Line, options: &ModemOptions) -> Self {
        Self {
            returns: line.returns(),
            line,
            timeouts: options.timeouts,
            habits: options.habits.clone(),
            form: Form::Cgla,
            sessions: Vec::new(),
            spare: None,
            raw: Vec::new(),
            fresh: false,
            swept: false,
            iccid_command: None,
            reached: false,
        }
    }

    pub(super) fn set_form(&mut self, form: Form) {
        self.form = form;
    }

    /// Asks the modem something that has nothing to do with APDUs.
    pub(super) fn ask_modem(&mut self, command: &Command) -> Result<Reply, TransportError> {
        self.line.ready()?;
        self.notice_return();
        self.line.ask(command, self.timeouts.normal)
    }

    /// Whether the modem carries this out.
    pub(super) fn knows(&mut self, command: &str) -> Result<bool, TransportError> {
        Ok(self.ask_modem(&Command::plain(command))?.end.is_ok())
    }

    /// Whether APDUs pass by `+CSIM`.
    pub(super) fn takes_csim(&mut self) -> Result<bool, TransportError> {
        let reply = self.ask_modem(&Command::csim(&STATUS))?;
        Ok(reply.end.is_ok() && apdu_in(&reply).is_ok())
    }

    /// Opens a channel to the ISD-R where it mostly is, and keeps it for whoever asks for it first.
    pub(super) fn try_isdr(&mut self) -> Result<Result<(), Failure>, TransportError> {
        self.line.ready()?;
        Ok(self.session_to(&Aid::isd_r())?.map(|session| self.spare = Some(session)))
    }

    /// Whatever a modem had open before it left is gone.
    fn notice_return(&mut self) {
        if self.returns != self.line.returns() {
            self.returns = self.line.returns();
            self.forget_channels();
            (self.fresh, self.swept) = (true, false);
        }
    }

    fn forget_channels(&mut self) {
        self.sessions.clear();
        self.raw.clear();
        self.spare = None;
    }

    /// A session with this application. What is in its way is cleared: leftovers, and a card that is being started.
    fn session_to(&mut self, application: &Aid) -> Result<Result<Session, Failure>, TransportError> {
        let end = Instant::now() + self.timeouts.connect;
        if self.habits.close_leftover && self.sessions.is_empty() {
            self.sweep()?;
        }
        loop {
            let failure = match self.open_session(application)? {
                Ok(session) => {
                    (self.fresh, self.reached) = (false, true);
                    return Ok(Ok(session));
                }
                Err(failure) => failure,
            };
            let starting = failure.is_busy() || (self.fresh && matches!(failure.code(), Some(10 | 13)));
            if starting && Instant::now() < end {
                std::thread::sleep(TRY_AGAIN);
            } else if !self.swept && !failure.is_no_card() && self.sessions.is_empty() && self.sweep()? {
                log::info!("closed what another program had left open");
            } else {
                return Ok(Err(failure));
            }
        }
    }

    fn open_session(&mut self, application: &Aid) -> Result<Result<Session, Failure>, TransportError> {
        let reply = self.line.ask(&Command::open(application.as_bytes()), self.timeouts.normal)?;
        match &reply.end {
            Err(failure) => Ok(Err(failure.clone())),
            Ok(()) => session_in(&reply).map(Ok).map_err(|error| self.garbage(&error)),
        }
    }

    /// Closes the sessions that others may have left; true if there was one.
    fn sweep(&mut self) -> Result<bool, TransportError> {
        self.swept = true;
        let mut closed = false;
        for session in LEFTOVERS.iter().filter_map(|handle| Session::new(handle)) {
            closed |= self.line.ask(&Command::close(&session), self.timeouts.normal)?.end.is_ok();
        }
        Ok(closed)
    }

    /// What came is no answer to what was asked.
    fn garbage(&mut self, error: &impl ToString) -> TransportError {
        self.line.unsettle();
        TransportError::unsure(TransportErrorKind::Garbage, error.to_string())
    }

    /// Sends an APDU by this command.
    fn carry(&mut self, command: &Command, apdu: &[u8], patience: Patience) -> Result<Vec<u8>, TransportError> {
        let reply = self.line.ask(command, self.timeouts.of(patience))?;
        let Err(failure) = &reply.end else {
            return apdu_in(&reply).map_err(|error| self.garbage(&error));
        };
        let why = format!("the modem answers {failure}");
        match failure.code() {
            // The line is too long for the modem, and the card has not seen it: as if the card had said so.
            Some(24 | 50) if apdu.len() > 5 + SHORT => {
                log::info!("{why} to {} bytes", apdu.len());
                let StatusWord(status) = StatusWord::WRONG_LENGTH;
                Ok(status.to_be_bytes().to_vec())
            }
            _ if failure.is_about_the_line() => Err(TransportError::not_sent(TransportErrorKind::Lost, why)),
            Some(10) => Err(TransportError::unsure(TransportErrorKind::CardRemoved, why)),
            _ => Err(TransportError::unsure(TransportErrorKind::Lost, why)),
        }
    }

    /// Notes the channels that an APDU opens and closes.
    fn note(&mut self, apdu: &[u8], answer: &[u8]) {
        match (apdu, answer) {
            ([_, 0x70, 0x00, 0x00, ..], [number, 0x90, 0x00]) => self.raw.push(*number),
            ([_, 0x70, 0x80, number, ..], [0x90, 0x00]) => self.raw.retain(|open| open != number),
            _ => {}
        }
    }

    fn close_session(&mut self, session: &Session, patience: Duration) -> Result<(), TransportError> {
        if let Err(failure) = self.line.ask(&Command::close(session), patience)?.end {
            log::debug!("session {}: {failure}", session.as_str());
        }
        Ok(())
    }

    /// Nobody wants what was opened to see whether it works.
    fn give_spare_back(&mut self) -> Result<(), TransportError> {
        match self.spare.take() {
            Some(session) => self.close_session(&session, self.timeouts.normal),
            None => Ok(()),
        }
    }

    /// Closes whatever is open.
    fn close_all(&mut self, patience: Duration) -> Result<(), TransportError> {
        let open = std::mem::take(&mut self.sessions).into_iter().map(|open| open.session);
        for session in self.spare.take().into_iter().chain(open) {
            self.close_session(&session, patience)?;
        }
        for number in std::mem::take(&mut self.raw) {
            self.line.ask(&Command::csim(&[0x00, 0x70, 0x80, number]), patience)?;
        }
        Ok(())
    }

    /// Takes the card's power away and gives it back; false if the modem refuses to.
    pub(super) fn restart_card(&mut self) -> Result<bool, TransportError> {
        self.line.ready()?;
        if self.returns != self.line.returns() {
            // The modem itself started anew, and its card with it.
            self.notice_return();
            return Ok(true);
        }
        if let Err(failure) = self.line.ask(&Command::plain("AT+CFUN=0"), self.timeouts.normal)?.end {
            log::info!("AT+CFUN=0: {failure}");
            self.close_all(self.timeouts.normal)?;
            return Ok(false);
        }
        self.forget_channels();
        (self.fresh, self.swept) = (true, false);
        // A modem may come back from this as from a restart.
        self.line.ready()?;
        match self.line.ask(&Command::plain("AT+CFUN=1"), self.timeouts.normal) {
            Err(error) if error.kind == TransportErrorKind::DeviceGone => self.line.ready()?,
            Err(error) => return Err(error),
            Ok(reply) => {
                if let Err(failure) = reply.end {
                    let why = format!("AT+CFUN=1: {failure}");
                    return Err(TransportError::unsure(TransportErrorKind::Lost, why));
                }
            }
        }
        // Its settings may be those of the start.
        self.line.set_up()?;
        Ok(true)
    }

    /// Waits until APDUs pass.
    fn wait_for_csim(&mut self) -> Result<(), TransportError> {
        let end = Instant::now() + self.timeouts.connect;
        while !self.takes_csim()? && Instant::now() < end {
            std::thread::sleep(TRY_AGAIN);
        }
        Ok(())
    }
}

impl RawCard for AtCard {
    fn transmit(&mut self, command: &[u8], patience: Patience) -> Result<Vec<u8>, TransportError> {
        let channel = command.first().map_or(0, |class| channel_of(*class));
        let kept_by_modem = self.form == Form::Cgla && channel != 0 && !self.raw.contains(&channel);
        if kept_by_modem && !self.line.is_there() {
            let why = "the modem went away, and the channel with it";
            return Err(TransportError::not_sent(TransportErrorKind::DeviceGone, why));
        }
        self.line.ready()?;
        self.notice_return();
        let Some(open) = self.sessions.iter().find(|open| open.channel == channel) else {
            if kept_by_modem {
                let why = "the channel is closed";
                return Err(TransportError::not_sent(TransportErrorKind::ResetByOther, why));
            }
            self.give_spare_back().map_err(|error| TransportError::not_sent(error.kind, error.detail))?;
            let answer = self.carry(&Command::csim(command), command, patience)?;
            self.note(command, &answer);
            return Ok(answer);
        };
        // The modem writes the channel into the class byte.
        let mut apdu = command.to_vec();
        apdu[0] &= if apdu[0] & 0x40 == 0 { 0xFC } else { 0xB0 };
        self.carry(&Command::transmit(&open.session, &apdu), &apdu, patience)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        if !self.restart_card()? {
            log::info!("the modem does not switch its card off and on: channels are closed instead");
        }
        if self.form == Form::Csim { self.wait_for_csim() } else { Ok(()) }
    }

    fn nature(&self) -> Nature {
        let kept = self.habits.nature();
        Nature {
            channels: if self.form == Form::Cgla { kept.channels } else { ChannelKeeper::Host },
            longest_data: kept.longest_data.or(Some(BLOCK)),
            ..kept
        }
    }

    fn open(&mut self, application: &Aid) -> Result<Opening, TransportError> {
        self.line.ready()?;
        self.notice_return();
        let session = match self.spare.take() {
            Some(session) if *application == Aid::isd_r() => Ok(session),
            spare => {
                self.spare = spare;
                self.give_spare_back()?;
                self.session_to(application)?
            }
        };
        let session = match session {
            Ok(session) => session,
            Err(failure) => return Ok(Opening::Refused(failure.to_string())),
        };
        let taken = |number: &u8| self.sessions.iter().any(|open| open.channel == *number);
        let Some(channel) = (1..=19).find(|number| !taken(number) && !self.raw.contains(number)) else {
            self.close_session(&session, self.timeouts.normal)?;
            return Ok(Opening::NoChannel(StatusWord::CHANNEL_NOT_SUPPORTED));
        };
        self.sessions.push(Open { channel, session });
        Ok(Opening::Open { channel: Channel(channel), fci: Vec::new() })
    }

    fn close(&mut self, channel: Channel) -> Result<(), TransportError> {
        let Some(position) = self.sessions.iter().position(|open| open.channel == channel.0) else { return Ok(()) };
        let open = self.sessions.remove(position);
        if !self.line.is_there() {
            return Ok(());
        }
        self.line.ready_within(Duration::ZERO, LEAVING)?;
        if self.returns != self.line.returns() {
            return Ok(());
        }
        self.close_session(&open.session, self.timeouts.normal)
    }

    fn terminal(&mut self) -> Option<&mut dyn Terminal> {
        Some(self)
    }
}

/// Other programs find no channel taken.
impl Drop for AtCard {
    fn drop(&mut self) {
        let nothing = self.sessions.is_empty() && self.spare.is_none() && self.raw.is_empty();
        if nothing || !self.line.is_there() {
            return;
        }
        let closed = self.line.ready_within(Duration::ZERO, LEAVING).and_then(|()| {
            self.notice_return();
            self.close_all(LEAVING.min(self.timeouts.normal))
        });
        if let Err(error) = closed {
            log::debug!("channels could not be closed: {error}");
        }
    }
}
