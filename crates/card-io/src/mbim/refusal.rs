//! Meaning of MBIM statuses and failures: whose refusal it is, the card's or the modem's, and whether the card may
//! have acted.

use modem_wire::mbim::uicc::{CardStatus, ChannelOpened};
use modem_wire::mbim::{ProtocolError, Status};
use sgp22::apdu::StatusWord;
use sgp22::transport::{CardSight, ModemRefusal, Opening, RefusalReason, TransportError, TransportErrorKind};

use super::device::Trouble;
use super::wire::{Failure, Why};
use crate::modem::{LinkError, LinkErrorKind};

/// The status word of the card in the structure that comes with a refusal. `None` if the modem does not fill it in, or
/// fills in one that is no refusal.
pub(super) fn card_status(buffer: &[u8]) -> Option<StatusWord> {
    let opened = ChannelOpened::decode(buffer).ok().filter(|opened| opened.status != CardStatus(0))?;
    let [sw1, sw2] = opened.status.words();
    Some(StatusWord::new(sw1, sw2)).filter(|_| sw1 & 0xF0 == 0x60)
}

/// A refusal of the modem's own, by the name of its status.
pub(super) fn refusal(reason: RefusalReason, status: impl std::fmt::Display) -> Opening {
    Opening::RefusedByModem(ModemRefusal { reason, words: format!("MBIM status {status}") })
}

/// The meaning of a status without anything of the card's in it, in answer to the opening of a channel.
pub(super) fn refused_opening(status: Status) -> Opening {
    let words = status.to_string();
    let by_modem = |reason, words| Opening::RefusedByModem(ModemRefusal { reason, words });
    match status {
        Status::BUSY | Status::NOT_INITIALIZED | Status::STK_BUSY => Opening::Unusable(CardSight::Starting, words),
        Status::PIN_REQUIRED => Opening::Unusable(CardSight::Locked, words),
        Status::BAD_SIM => Opening::Unusable(CardSight::Failed, words),
        Status::OPERATION_NOT_ALLOWED | Status::SERVICE_NOT_ACTIVATED | Status::RADIO_POWER_OFF => {
            by_modem(RefusalReason::Denied, words)
        }
        Status::NO_DEVICE_SUPPORT | Status::INVALID_DEVICE_SERVICE_OPERATION => {
            by_modem(RefusalReason::Unsupported, words)
        }
        // The card may have refused, or the modem.
        _ => Opening::Refused(words),
    }
}

/// Converts a failed command to the card into an error of the transport.
pub(super) fn transport_error(trouble: Trouble) -> TransportError {
    let why = trouble.to_string();
    match trouble {
        Trouble::Malformed(_) => TransportError::unsure(TransportErrorKind::Garbage, why),
        Trouble::Failure(Failure { why: what, sent }) => {
            let kind = match what {
                Why::Timeout => TransportErrorKind::Timeout,
                Why::Gone(_) => TransportErrorKind::DeviceGone,
                Why::Garbage(_) => TransportErrorKind::Garbage,
                // The modem was started anew.
                Why::Refused(ProtocolError::NOT_OPENED) => TransportErrorKind::ResetByOther,
                Why::Refused(_) => TransportErrorKind::Lost,
            };
            if sent { TransportError::unsure(kind, why) } else { TransportError::not_sent(kind, why) }
        }
        Trouble::Status(status, _) => match status {
            // The channel is gone: the card was started anew.
            Status::INVALID_LOGICAL_CHANNEL => TransportError::not_sent(TransportErrorKind::ResetByOther, why),
            Status::NOT_INITIALIZED => TransportError::not_sent(TransportErrorKind::ResetByOther, why),
            Status::SIM_NOT_INSERTED => TransportError::unsure(TransportErrorKind::CardRemoved, why),
            // These may be about the length of a block, as which a shorter one is tried.
            Status::INVALID_PARAMETERS | Status::PARAMETER_TOO_LONG => {
                TransportError::not_sent(TransportErrorKind::Lost, why)
            }
            Status::BUSY
            | Status::NO_DEVICE_SUPPORT
            | Status::OPERATION_NOT_ALLOWED
            | Status::INVALID_DEVICE_SERVICE_OPERATION => TransportError::not_sent(TransportErrorKind::Refused, why),
            Status::BAD_SIM
            | Status::PIN_REQUIRED
            | Status::SERVICE_NOT_ACTIVATED
            | Status::RADIO_POWER_OFF
            | Status::STK_BUSY => TransportError::unsure(TransportErrorKind::Refused, why),
            _ => TransportError::unsure(TransportErrorKind::Lost, why),
        },
    }
}

/// Converts the failure of a card or modem to come back after a command.
pub(super) fn lost_card_error(error: &LinkError) -> TransportError {
    let kind = match error.kind {
        LinkErrorKind::NoCard => TransportErrorKind::CardRemoved,
        LinkErrorKind::Dead => TransportErrorKind::Timeout,
        LinkErrorKind::CardFailed | LinkErrorKind::CardStarting | LinkErrorKind::Failed => TransportErrorKind::Lost,
        _ => TransportErrorKind::DeviceGone,
    };
    TransportError::not_sent(kind, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_cards_own_refusal_is_taken_for_one() {
        let opened =
            |sw1, sw2| ChannelOpened { status: CardStatus::of(sw1, sw2), channel: 0, answer: Vec::new() }.encode();
        assert_eq!(card_status(&opened(0x6A, 0x82)), Some(StatusWord::NOT_FOUND));
        for nothing in [opened(0, 0), opened(0x90, 0), opened(0x91, 0x0B), Vec::new(), vec![0x6A, 0x82]] {
            assert_eq!(card_status(&nothing), None, "{nothing:02X?}");
        }
    }

    #[test]
    fn each_status_is_told_as_whose_it_is() {
        let by_modem = |reason| move |words| Opening::RefusedByModem(ModemRefusal { reason, words });
        let card = |card| move |words| Opening::Unusable(card, words);
        let (denied, unsupported) = (by_modem(RefusalReason::Denied), by_modem(RefusalReason::Unsupported));
        let (starting, locked, failed) = (card(CardSight::Starting), card(CardSight::Locked), card(CardSight::Failed));
        let expected: [(Status, &dyn Fn(String) -> Opening); 10] = [
            (Status::BUSY, &starting),
            (Status::NOT_INITIALIZED, &starting),
            (Status::PIN_REQUIRED, &locked),
            (Status::BAD_SIM, &failed),
            (Status::OPERATION_NOT_ALLOWED, &denied),
            (Status::RADIO_POWER_OFF, &denied),
            (Status::NO_DEVICE_SUPPORT, &unsupported),
            (Status::FAILURE, &Opening::Refused),
            (Status::INVALID_PARAMETERS, &Opening::Refused),
            (Status(0x1234), &Opening::Refused),
        ];
        for (status, expected) in expected {
            assert_eq!(refused_opening(status), expected(status.to_string()), "{status}");
        }
        let kind = |status| transport_error(Trouble::Status(status, Vec::new())).kind;
        assert_eq!(kind(Status::OPERATION_NOT_ALLOWED), TransportErrorKind::Refused);
        assert_eq!(kind(Status::PIN_REQUIRED), TransportErrorKind::Refused);
        assert_eq!(kind(Status::NOT_INITIALIZED), TransportErrorKind::ResetByOther);
        assert_eq!(kind(Status::SIM_NOT_INSERTED), TransportErrorKind::CardRemoved);
        assert_eq!(kind(Status::FAILURE), TransportErrorKind::Lost);
    }
}
