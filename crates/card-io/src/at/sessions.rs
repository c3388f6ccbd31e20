//! Sessions of `+CCHO`: opened, and what is in their way cleared.

use std::time::Instant;

use modem_wire::at::{CardState, Command, Failure, Session, session_in};
use sgp22::id::Aid;
use sgp22::transport::{CardSight, Opening, TransportError};

use super::card::{AtCard, RETRY_INTERVAL};

/// The sessions that programs before this one may have left open.
const LEFTOVER_SESSIONS: [&str; 3] = ["1", "2", "3"];

impl AtCard {
    /// Opens a channel to the ISD-R where it mostly is, and keeps it for whoever asks for it first.
    pub(super) fn try_isdr(&mut self) -> Result<Result<(), Failure>, TransportError> {
        self.line.ready()?;
        Ok(self.session_to(&Aid::isd_r())?.map(|session| self.spare = Some(session)))
    }

    /// A session with this application. What is in its way is cleared: leftovers, and a card that is being started.
    pub(super) fn session_to(&mut self, application: &Aid) -> Result<Result<Session, Failure>, TransportError> {
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
            if self.is_starting(&failure)? {
                if Instant::now() >= end {
                    return Ok(Err(failure));
                }
                std::thread::sleep(RETRY_INTERVAL);
            } else if self.swept || failure.is_no_card() || !self.sessions.is_empty() || !self.sweep()? {
                return Ok(Err(failure));
            } else {
                log::info!("closed what another program had left open");
            }
        }
    }

    /// True if the refusal of a session comes from a card that is being started. A modem that gives no reason is asked.
    fn is_starting(&mut self, failure: &Failure) -> Result<bool, TransportError> {
        let may_be = match failure.code() {
            Some(14) => return Ok(true),
            Some(10 | 13) if self.fresh => return Ok(true),
            code => matches!(code, None | Some(3 | 10 | 13 | 100)),
        };
        Ok(may_be && self.card_state()? == CardState::Starting)
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
        for session in LEFTOVER_SESSIONS.iter().filter_map(|handle| Session::new(handle)) {
            closed |= self.line.ask(&Command::close(&session), self.timeouts.normal)?.end.is_ok();
        }
        Ok(closed)
    }

    /// The state of the card, as the modem gives it.
    pub(super) fn card_state(&mut self) -> Result<CardState, TransportError> {
        Ok(CardState::in_reply(&self.ask_modem(&CardState::command())?))
    }

    /// Converts a refused session: the state of the card may explain it. A missing application is reported as missing,
    /// whatever the state.
    pub(super) fn refused_opening(&mut self, failure: &Failure) -> Result<Opening, TransportError> {
        let why = failure.to_string();
        if failure.code() == Some(22) {
            return Ok(Opening::Refused(why));
        }
        let state = match CardState::from_failure(failure) {
            CardState::Refused | CardState::Failed | CardState::NotInserted => self.card_state()?,
            state => state,
        };
        let card = match state {
            CardState::Ready | CardState::Unknown | CardState::Refused => CardSight::Usable,
            CardState::PinRequired => CardSight::Locked,
            CardState::PukRequired => CardSight::PukRequired,
            CardState::DeviceLocked => CardSight::DeviceLocked,
            CardState::NoProfile => CardSight::NoProfile,
            CardState::Starting => CardSight::Starting,
            // A card that worked a moment ago is there, whatever the modem makes of it.
            CardState::NotInserted | CardState::Failed if self.reached => CardSight::Usable,
            CardState::NotInserted => CardSight::Absent,
            CardState::Failed => CardSight::Failed,
        };
        Ok(if card == CardSight::Usable { Opening::Refused(why) } else { Opening::Unusable(card, why) })
    }
}
