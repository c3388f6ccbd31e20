//! What a modem says of its card, its network and itself.

use std::time::{Duration, Instant};

use modem_wire::at::{Command, Failure};
use sgp22::id::Iccid;
use sgp22::transport::{CardSight, Identity, Sight, Terminal, TransportError, TransportErrorKind};

use super::card::AtCard;

/// The commands for the ICCID: each modem knows one of them. None is in the standard.
const ICCID_COMMANDS: [(&str, &str); 3] = [("AT+CCID", "+CCID"), ("AT+QCCID", "+QCCID"), ("AT+ICCID", "+ICCID")];

/// How often it is looked whether the card is back.
const GLANCE: Duration = Duration::from_millis(300);

/// How long a modem may call a card failed or missing that it has just been given power for.
const STARTING: Duration = Duration::from_secs(3);

impl AtCard {
    fn card_sight(&mut self) -> Result<CardSight, TransportError> {
        let reply = self.ask_modem(&Command::asking("AT+CPIN?", "+CPIN"))?;
        Ok(match (reply.end, reply.lines.first().map(String::as_str)) {
            (Ok(()), Some("READY")) => CardSight::Usable,
            (Ok(()), _) => CardSight::Locked,
            (Err(failure), _) => self.without_pin(&failure),
        })
    }

    fn without_pin(&self, failure: &Failure) -> CardSight {
        match failure.code() {
            Some(14) => CardSight::Starting,
            Some(11 | 12 | 17 | 18) => CardSight::Locked,
            // An eUICC without a profile looks like that to a modem.
            _ if self.reached => CardSight::NoProfile,
            Some(10) => CardSight::Absent,
            _ => CardSight::Failed,
        }
    }

    fn iccid(&mut self) -> Result<Option<Iccid>, TransportError> {
        for (text, prefix) in ICCID_COMMANDS {
            if self.iccid_command.is_some_and(|known| known != text) {
                continue;
            }
            let reply = self.ask_modem(&Command::asking(text, prefix))?;
            let told = reply.lines.first().and_then(|line| line.trim_matches('"').parse().ok());
            if let (Ok(()), Some(iccid)) = (reply.end, told) {
                self.iccid_command = Some(text);
                return Ok(Some(iccid));
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
        let card = self.card_sight()?;
        let iccid = if card == CardSight::Absent { None } else { self.iccid()? };
        Ok(Sight { card, iccid, registered: self.registered()? })
    }

    fn power_cycle(&mut self) -> Result<(), TransportError> {
        if !self.restart_card()? {
            return Err(TransportError::not_sent(TransportErrorKind::Lost, "the modem refuses AT+CFUN=0"));
        }
        let start = Instant::now();
        loop {
            let waited = start.elapsed();
            let limit = match self.card_sight()? {
                CardSight::Usable | CardSight::Locked => return Ok(()),
                CardSight::Starting => self.timeouts.connect,
                CardSight::Absent | CardSight::NoProfile | CardSight::Failed => STARTING,
            };
            if waited >= limit {
                return Ok(());
            }
            std::thread::sleep(GLANCE);
        }
    }

    fn identity(&mut self) -> Result<Identity, TransportError> {
        Ok(Identity::new(&self.words("AT+CGMI")?, &self.words("AT+CGMM")?, &self.words("AT+CGMR")?))
    }
}
