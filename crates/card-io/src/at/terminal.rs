//! What a modem says of its card, its network and itself.

use std::time::{Duration, Instant};

use modem_wire::at::{CardState, Command, EID_COMMANDS, IccidCommand, eids_in};
use sgp22::id::{Eid, Iccid};
use sgp22::transport::{CardSight, Identity, Sight, Terminal, TransportError, TransportErrorKind};

use super::card::AtCard;
use crate::modem::Learnt;

/// The time for all commands for the ICCID together.
const ICCID_TIMEOUT: Duration = Duration::from_secs(8);

/// The time for one command for an ICCID or an EID: modems that know it answer in milliseconds.
const NUMBER_TIMEOUT: Duration = Duration::from_secs(2);

/// How often it is looked whether the card is back.
const GLANCE: Duration = Duration::from_millis(300);

/// How long a modem may call a card failed or missing that it has just been given power for.
const STARTING: Duration = Duration::from_secs(3);

impl AtCard {
    fn sight_of(&self, state: CardState) -> CardSight {
        match state {
            CardState::Ready | CardState::Unknown => CardSight::Usable,
            CardState::PinRequired => CardSight::Locked,
            CardState::PukRequired => CardSight::PukRequired,
            CardState::DeviceLocked => CardSight::DeviceLocked,
            CardState::NoProfile => CardSight::NoProfile,
            CardState::Starting => CardSight::Starting,
            // An eUICC without a profile looks like that to a modem.
            CardState::NotInserted | CardState::Failed | CardState::Refused if self.reached => CardSight::NoProfile,
            CardState::NotInserted => CardSight::Absent,
            CardState::Failed | CardState::Refused => CardSight::Failed,
        }
    }

    /// The ICCID of the profile that the modem uses. The command that gave it before is asked first, and mostly alone.
    fn iccid(&mut self) -> Result<Option<Iccid>, TransportError> {
        let end = Instant::now() + ICCID_TIMEOUT.min(self.timeouts.normal);
        let known = self.iccid_command;
        let others = IccidCommand::all().filter(|command| Some(*command) != known);
        for command in known.into_iter().chain(others) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            if self.unanswered.contains(&command) {
                continue;
            }
            let reply = match self.ask_modem_within(&command.command(), NUMBER_TIMEOUT.min(left)) {
                Err(error) if error.kind == TransportErrorKind::Timeout => {
                    log::info!("{} is not answered", command.text());
                    self.unanswered.push(command);
                    continue;
                }
                reply => reply?,
            };
            if let Some(iccid) = command.iccid_in(&reply).and_then(|digits| digits.parse().ok()) {
                self.iccid_command = Some(command);
                return Ok(Some(iccid));
            }
            // The command is known, and the card has nothing to give: neither do the others.
            let is_about_card = reply.end.as_ref().is_err_and(|failure| matches!(failure.code(), Some(10 | 13 | 14)));
            if is_about_card || (Some(command) == known && reply.end.is_ok()) {
                break;
            }
        }
        Ok(None)
    }

    /// Whether any of the networks that a modem tells of apart has it.
    fn registered(&mut self) -> Result<Option<bool>, TransportError> {
        let mut said = None;
        for (text, prefix) in [("AT+CEREG?", "+CEREG"), ("AT+CREG?", "+CREG")] {
            let reply = self.ask_modem(&Command::asking(text, prefix))?;
            // An unsolicited line has the state alone, an answer how much is told, too.
            let state = reply.lines.iter().find_map(|line| line.split(',').nth(1)?.trim().parse::<u8>().ok());
            match state {
                Some(1 | 5) => return Ok(Some(true)),
                Some(_) => said = Some(false),
                None => {}
            }
        }
        Ok(said)
    }

    fn words(&mut self, command: &str) -> Result<String, TransportError> {
        let reply = self.ask_modem(&Command::text(command))?;
        Ok(if reply.end.is_ok() { reply.lines.join(" ") } else { String::new() })
    }
}

impl Terminal for AtCard {
    fn sight(&mut self) -> Result<Sight, TransportError> {
        let state = self.card_state()?;
        // In these states, no modem names a profile.
        let may_have = !matches!(state, CardState::Starting | CardState::NoProfile);
        let card = self.sight_of(state);
        let iccid = if may_have && card != CardSight::Absent { self.iccid()? } else { None };
        Ok(Sight { card, iccid, registered: self.registered()? })
    }

    fn power_cycle(&mut self) -> Result<(), TransportError> {
        if !self.restart_card()? {
            return Err(TransportError::not_sent(TransportErrorKind::Refused, "the modem refuses AT+CFUN=0"));
        }
        let start = Instant::now();
        loop {
            let waited = start.elapsed();
            let limit = match self.card_state()? {
                CardState::Ready | CardState::PinRequired | CardState::PukRequired => return Ok(()),
                CardState::DeviceLocked | CardState::NoProfile => return Ok(()),
                CardState::Starting => self.timeouts.connect,
                CardState::NotInserted | CardState::Failed | CardState::Unknown | CardState::Refused => STARTING,
            };
            if waited >= limit {
                return Ok(());
            }
            std::thread::sleep(GLANCE);
        }
    }

    fn named_eids(&mut self) -> Result<Vec<Eid>, TransportError> {
        for command in EID_COMMANDS {
            let reply = self.ask_modem_within(&Command::any(command), NUMBER_TIMEOUT)?;
            let eids: Vec<Eid> = eids_in(&reply).iter().filter_map(|eid| eid.parse().ok()).collect();
            if reply.end.is_ok() && !eids.is_empty() {
                return Ok(eids);
            }
        }
        Ok(Vec::new())
    }

    fn findings(&self) -> Vec<(&'static str, String)> {
        // What is tried first anyhow needs no memory.
        let usual = self.habits.iccid_command.or_else(|| IccidCommand::all().next());
        let iccid_command = self.iccid_command.filter(|_| self.iccid_command != usual);
        Learnt { channel_in_class: self.class.finding(), iccid_command, ..Learnt::default() }.facts()
    }

    fn identity(&mut self) -> Result<Identity, TransportError> {
        Ok(Identity::new(&self.words("AT+CGMI")?, &self.words("AT+CGMM")?, &self.words("AT+CGMR")?))
    }
}
