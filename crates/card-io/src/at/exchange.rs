//! APDUs by AT commands, and what a refusal of one means.

use modem_wire::at::{Command, Failure, Session, apdu_in};
use sgp22::apdu::StatusWord;
use sgp22::transport::{Patience, TransportError, TransportErrorKind};

use super::card::AtCard;
use super::class_byte::{is_about_class, is_success, with_channel};

/// Data of this length fits into every modem's lines; what is refused for its length is longer.
const MAX_SAFE_DATA_LEN: usize = 60;

impl AtCard {
    /// Sends an APDU by `+CSIM`.
    pub(super) fn carry(&mut self, apdu: &[u8], patience: Patience) -> Result<Vec<u8>, TransportError> {
        let answer = self.exchange(&Command::csim(apdu), patience)?;
        answer.or_else(|failure| refusal(&failure, apdu, self.ccho_refusal.as_deref()))
    }

    /// Sends an APDU on a session, with the channel in its class byte where the modem wants it there.
    pub(super) fn carry_on(
        &mut self,
        session: &Session,
        command: &[u8],
        patience: Patience,
    ) -> Result<Vec<u8>, TransportError> {
        let channel = session.channel();
        let names_channel = channel.is_some() && self.class.names_channel();
        let apdu = with_channel(command, channel.filter(|_| names_channel));
        let answer = self.exchange(&Command::transmit(session, &apdu), patience)?;
        let is_refused = match &answer {
            Ok(answer) => is_about_class(answer),
            Err(failure) => !failure.is_busy() && !failure.is_no_card(),
        };
        if !is_refused {
            if channel.is_some() && answer.is_ok() {
                self.class.learn(names_channel);
            }
        } else if names_channel && self.class.may_change(&apdu) {
            let bare = with_channel(command, None);
            let again = self.exchange(&Command::transmit(session, &bare), patience)?;
            // Without a channel it may have been for the basic one, which refuses it for other reasons.
            if again.as_ref().is_ok_and(|answer| is_success(answer)) {
                log::info!("the modem wants no channel in the class byte");
                self.class.learn(false);
                return again.or_else(|failure| refusal(&failure, &bare, None));
            }
        }
        answer.or_else(|failure| refusal(&failure, &apdu, None))
    }

    /// Sends an APDU by this command: the card's answer, or the modem's refusal.
    fn exchange(&mut self, command: &Command, patience: Patience) -> Result<Result<Vec<u8>, Failure>, TransportError> {
        let reply = self.line.ask(command, self.timeouts.of(patience))?;
        match &reply.end {
            Ok(()) => apdu_in(&reply).map(Ok).map_err(|error| self.garbage(&error)),
            Err(failure) => Ok(Err(failure.clone())),
        }
    }
}

/// Converts the refusal of an APDU. `before` is the refusal of `+CCHO` when the form was determined.
fn refusal(failure: &Failure, apdu: &[u8], before: Option<&str>) -> Result<Vec<u8>, TransportError> {
    let why = match before {
        Some(before) => format!("the modem answers {failure}, and {before} to AT+CCHO"),
        None => format!("the modem answers {failure}"),
    };
    match failure.code() {
        // The line is too long for the modem, and the card has not seen it: as if the card had said so.
        Some(24 | 50) if apdu.len() > 5 + MAX_SAFE_DATA_LEN => {
            log::info!("{why} to {} bytes", apdu.len());
            let StatusWord(status) = StatusWord::WRONG_LENGTH;
            Ok(status.to_be_bytes().to_vec())
        }
        _ if failure.is_about_the_line() => Err(TransportError::not_sent(TransportErrorKind::Refused, why)),
        Some(10) => Err(TransportError::unsure(TransportErrorKind::CardRemoved, why)),
        _ => Err(TransportError::unsure(TransportErrorKind::Refused, why)),
    }
}
