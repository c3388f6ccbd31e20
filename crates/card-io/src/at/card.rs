//! A bare card behind AT commands.

use std::time::{Duration, Instant};

use modem_wire::at::{Command, IccidCommand, Reply, Session, apdu_in};
use sgp22::apdu::{StatusWord, channel_of};
use sgp22::id::Aid;
use sgp22::transport::{
    Channel, ChannelKeeper, Nature, Opening, Patience, RawCard, Terminal, TransportError, TransportErrorKind,
};

use super::STATUS;
use super::class_byte::ClassForm;
use super::line::Line;
use crate::Timeouts;
use crate::modem::{Habits, ModemOptions};

/// The longest command data at first: longer lines do not fit into the buffers of some modems (lpac 173).
const BLOCK: u8 = 120;

/// How long a card that is being started is left alone between two tries.
pub(super) const RETRY_INTERVAL: Duration = Duration::from_millis(300);

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
pub(super) struct Open {
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
    pub(super) habits: Habits,
    form: Form,
    /// The form of the class byte that the modem wants in `+CGLA`.
    pub(super) class: ClassForm,
    pub(super) sessions: Vec<Open>,
    /// Opened to see whether it works, and not asked for yet.
    pub(super) spare: Option<Session>,
    /// Channels of the card that were opened by `+CSIM`.
    raw: Vec<u8>,
    /// How often the modem had come back when the sessions were opened.
    returns: u32,
    /// The card was started anew: the modem may need a while for it.
    pub(super) fresh: bool,
    /// What others left was closed.
    pub(super) swept: bool,
    /// The modem's refusal of `+CCHO` when the form was determined. Named in errors beside the answer to `+CSIM`.
    pub(super) ccho_refusal: Option<String>,
    /// The command for the ICCID that this modem knows.
    pub(super) iccid_command: Option<IccidCommand>,
    /// Commands for the ICCID that were not answered: they are not sent again.
    pub(super) unanswered: Vec<IccidCommand>,
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
            class: ClassForm::new(options.habits.channel_in_class),
            sessions: Vec::new(),
            spare: None,
            raw: Vec::new(),
            fresh: false,
            swept: false,
            ccho_refusal: None,
            iccid_command: options.habits.iccid_command,
            unanswered: Vec::new(),
            reached: false,
        }
    }

    pub(super) fn set_form(&mut self, form: Form) {
        self.form = form;
    }

    /// Asks the modem something that has nothing to do with APDUs.
    pub(super) fn ask_modem(&mut self, command: &Command) -> Result<Reply, TransportError> {
        self.ask_modem_within(command, self.timeouts.normal)
    }

    /// Like [`Self::ask_modem`], for a command that may take this long.
    pub(super) fn ask_modem_within(&mut self, command: &Command, limit: Duration) -> Result<Reply, TransportError> {
        self.line.ready()?;
        self.notice_return();
        self.line.ask(command, limit.min(self.timeouts.normal))
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

    /// What came is no answer to what was asked.
    pub(super) fn garbage(&mut self, error: &impl ToString) -> TransportError {
        self.line.unsettle();
        TransportError::unsure(TransportErrorKind::Garbage, error.to_string())
    }

    /// Notes the channels that an APDU opens and closes.
    fn note(&mut self, apdu: &[u8], answer: &[u8]) {
        match (apdu, answer) {
            ([_, 0x70, 0x00, 0x00, ..], [number, 0x90, 0x00]) => self.raw.push(*number),
            ([_, 0x70, 0x80, number, ..], [0x90, 0x00]) => self.raw.retain(|open| open != number),
            _ => {}
        }
    }

    pub(super) fn close_session(&mut self, session: &Session, patience: Duration) -> Result<(), TransportError> {
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
            std::thread::sleep(RETRY_INTERVAL);
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
            let answer = self.carry(command, patience)?;
            self.note(command, &answer);
            return Ok(answer);
        };
        let session = open.session.clone();
        self.carry_on(&session, command, patience)
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
            Err(failure) => return self.refused_opening(&failure),
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
