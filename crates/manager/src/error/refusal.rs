//! Meaning of a server's refusal, and the state of the order after it.

use sgp22::es9p::{ExecutionFailure, InitiateAuthentication, ServerFunction, StatusCode};

use super::Id;
use super::server_words::{self, Sign};

/// The state of an order after a server's refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worth {
    /// The order works as before, at whatever point of the download the refusal came.
    Good,
    /// The order works as it did at that point of the download: on this card alone once the package was asked for.
    Kept,
    /// The server gives no profile for the order.
    Rejected,
    /// The order does not work for this card; for another one it may.
    OtherCard,
    /// Only the operator knows.
    Open,
}

impl Worth {
    /// True if what the server's words say of the order cannot be true beside this.
    ///
    /// That a profile is not released yet fits with a code that still works; that it was downloaded, installed or lost
    /// does not. That the server has trouble for now does not fit with a code that never works again.
    fn is_contradicted_by(self, sign: Sign) -> bool {
        match self {
            Self::Good | Self::Kept => matches!(sign, Sign::Downloaded | Sign::Installed | Sign::Ended),
            Self::Rejected => matches!(sign, Sign::Unreleased | Sign::Released | Sign::Trouble),
            Self::OtherCard => matches!(sign, Sign::Ended | Sign::Trouble),
            Self::Open => false,
        }
    }
}

/// The meaning of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) id: Id,
    pub(super) worth: Worth,
}

/// The pairs of subject and reason that an LPA meets, what each means, and what the order is worth after it. Several
/// servers write 3.1 and 4.1 for 3.10 and 4.10.
pub(super) const REFUSALS: &[(&str, &str, Id, Worth)] = &[
    ("8.1", "4.8", Id::ServerNoMemory, Worth::Kept),
    ("8.1", "6.1", Id::CardRejected, Worth::Kept),
    ("8.1.1", "2.2", Id::NoOrderForCard, Worth::OtherCard),
    ("8.1.1", "3.1", Id::OrderOtherCard, Worth::OtherCard),
    ("8.1.1", "3.8", Id::OrderOtherCard, Worth::OtherCard),
    ("8.1.1", "3.10", Id::OrderOtherCard, Worth::OtherCard),
    ("8.1.2", "6.1", Id::CardRejected, Worth::Kept),
    ("8.1.2", "6.3", Id::CardCertificateExpired, Worth::Kept),
    ("8.1.3", "6.1", Id::CardRejected, Worth::Kept),
    ("8.1.3", "6.3", Id::CardCertificateExpired, Worth::Kept),
    ("8.1.4", "6.1", Id::CardRejected, Worth::Kept),
    ("8.2", "1.2", Id::OrderNotReleased, Worth::Good),
    ("8.2", "3.7", Id::PackageNotRebound, Worth::Rejected),
    ("8.2.5", "3.7", Id::NoEligibleProfile, Worth::OtherCard),
    ("8.2.5", "4.3", Id::NoEligibleProfile, Worth::OtherCard),
    ("8.2.6", "3.1", Id::CodeRefused, Worth::Rejected),
    ("8.2.6", "3.3", Id::CodeRefused, Worth::Rejected),
    ("8.2.6", "3.8", Id::CodeRefused, Worth::Rejected),
    ("8.2.6", "3.9", Id::CodeRefused, Worth::Rejected),
    ("8.2.6", "3.10", Id::CodeRefused, Worth::Rejected),
    ("8.2.7", "2.2", Id::ConfirmationRequired, Worth::Good),
    ("8.2.7", "3.8", Id::ConfirmationRefused, Worth::Good),
    ("8.2.7", "6.4", Id::ConfirmationExhausted, Worth::Rejected),
    ("8.8", "4.4", Id::ServerBusy, Worth::Kept),
    ("8.8.1", "3.8", Id::ServerAddressRefused, Worth::Kept),
    ("8.8.2", "3.1", Id::ServerIssuers, Worth::Kept),
    ("8.8.3", "3.1", Id::ServerVersion, Worth::Kept),
    ("8.8.4", "3.7", Id::ServerIssuers, Worth::Kept),
    ("8.8.5", "4.1", Id::OrderExpired, Worth::Rejected),
    ("8.8.5", "4.10", Id::OrderExpired, Worth::Rejected),
    ("8.8.5", "6.4", Id::OrderExhausted, Worth::Rejected),
    ("8.9.1", "3.8", Id::ServerAddressRefused, Worth::Kept),
    ("8.9.2", "3.1", Id::ServerIssuers, Worth::Kept),
    ("8.9.3", "3.1", Id::ServerVersion, Worth::Kept),
    ("8.9.4", "3.7", Id::ServerIssuers, Worth::Kept),
    ("8.9.5", "3.9", Id::NoEvent, Worth::Open),
    ("8.10.1", "3.9", Id::SessionUnknown, Worth::Kept),
    ("8.11.1", "3.9", Id::CardRejected, Worth::Kept),
];

/// The errors that explain what is wrong with the order. Where the server's words contradict one, it is not told.
const ABOUT_THE_ORDER: [Id; 6] = [
    Id::CodeRefused,
    Id::NoEligibleProfile,
    Id::OrderExhausted,
    Id::OrderExpired,
    Id::OrderNotReleased,
    Id::OrderOtherCard,
];

/// The meaning of a refusal of this function.
///
/// Codes and words are held against each other: what the words contradict is not claimed.
pub(super) fn meaning(failure: &ExecutionFailure, function: &str) -> Meaning {
    let by_codes = match &failure.code {
        Some(code) => meaning_by_codes(code),
        None => Meaning { id: Id::ServerSilent, worth: Worth::Open },
    };
    let signs = server_words::signs(failure);
    if !signs.iter().any(|sign| by_codes.worth.is_contradicted_by(*sign)) {
        // The first request does not name an order: whatever the reason is, it is none of the order's.
        let is_first = function == InitiateAuthentication::NAME && by_codes.worth == Worth::Open;
        return Meaning { worth: if is_first { Worth::Good } else { by_codes.worth }, ..by_codes };
    }
    let id = if ABOUT_THE_ORDER.contains(&by_codes.id) { Id::ServerContradictory } else { by_codes.id };
    Meaning { id, worth: Worth::Open }
}

fn meaning_by_codes(code: &StatusCode) -> Meaning {
    let known = REFUSALS.iter().find(|(subject, reason, ..)| *subject == code.subject && *reason == code.reason);
    if let Some((.., id, worth)) = known {
        return Meaning { id: *id, worth: *worth };
    }
    let id = if code.reason == "4.4" { Id::ServerBusy } else { Id::ServerRefused };
    Meaning { id, worth: if may_concern_order(code) { Worth::Open } else { Worth::Kept } }
}

/// True unless the subject is the card, the server or the session: then the order is as it was. A subject that the
/// standard does not have can be anything.
fn may_concern_order(code: &StatusCode) -> bool {
    const ORDERS: [&str; 4] = ["8.1.1", "8.2", "8.8.5", "8.9.5"];
    let is_part_of = |subject: &&str| code.subject == **subject || code.subject.starts_with(&format!("{subject}."));
    code.subject_name().is_none() || ORDERS.iter().any(is_part_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning_of(pair: &str, message: &str) -> Meaning {
        let (subject, reason) = pair.split_once('/').unwrap();
        meaning(&ExecutionFailure::failed(subject, reason, message), "ES9+.AuthenticateClient")
    }

    /// A pair of codes, the server's words, the error, and what the order is worth.
    const CODE_AND_WORDS_CASES: [(&str, &str, Id, Worth); 36] = [
        // Not released, by the codes. What is lost, given out or installed is not to be waited for.
        ("8.2/1.2", "", Id::OrderNotReleased, Worth::Good),
        (
            "8.2/1.2",
            "Bad profile state [expected=Released] [actual=Error_InstallFailed]",
            Id::ServerContradictory,
            Worth::Open,
        ),
        ("8.2/1.2", "[expected=Released] [actual=Installed]", Id::ServerContradictory, Worth::Open),
        ("8.2/1.2", "[expected=Released] [actual=Downloaded]", Id::ServerContradictory, Worth::Open),
        ("8.2/1.2", "[expected=Released] [actual=Unavailable]", Id::ServerContradictory, Worth::Open),
        ("8.2/1.2", "expected: RELEASED, actual: ENABLED", Id::ServerContradictory, Worth::Open),
        ("8.2/1.2", "profile already downloaded", Id::ServerContradictory, Worth::Open),
        ("8.2/1.2", "The order was cancelled.", Id::ServerContradictory, Worth::Open),
        ("8.2/1.2", "[expected=Released] [actual=Available]", Id::OrderNotReleased, Worth::Good),
        ("8.2/1.2", "[expected=Released] [actual=Allocated]", Id::OrderNotReleased, Worth::Good),
        ("8.2/1.2", "[expected=Released] [actual=Linked]", Id::OrderNotReleased, Worth::Good),
        ("8.2/1.2", "[expected=Released] [actual=Confirmed]", Id::OrderNotReleased, Worth::Good),
        ("8.2/1.2", "The profile is not released yet, and was not cancelled.", Id::OrderNotReleased, Worth::Good),
        // No such order, by the codes. What waits, or what is the server's own trouble, is not a wrong code.
        ("8.2.6/3.8", "", Id::CodeRefused, Worth::Rejected),
        ("8.2.6/3.8", "already used", Id::CodeRefused, Worth::Rejected),
        ("8.2.6/3.8", "[expected=Released] [actual=Error]", Id::CodeRefused, Worth::Rejected),
        ("8.2.6/3.8", "[expected=Released] [actual=Confirmed]", Id::ServerContradictory, Worth::Open),
        ("8.2.6/3.8", "current state: Released", Id::ServerContradictory, Worth::Open),
        ("8.2.6/3.8", "Database timeout, please try again later", Id::ServerContradictory, Worth::Open),
        ("8.8.5/4.10", "Order expired", Id::OrderExpired, Worth::Rejected),
        ("8.8.5/4.10", "temporarily not available", Id::ServerContradictory, Worth::Open),
        ("8.2.7/6.4", "Maximum number of attempts exceeded", Id::ConfirmationExhausted, Worth::Rejected),
        // Another card's, by the codes.
        ("8.1.1/3.8", "already downloaded to another eUICC", Id::OrderOtherCard, Worth::OtherCard),
        ("8.1.1/3.8", "order cancelled", Id::ServerContradictory, Worth::Open),
        ("8.2.5/4.3", "order blocked", Id::ServerContradictory, Worth::Open),
        // Nothing of the order, by the codes: the error stays, the certainty goes.
        ("8.2.7/3.8", "wrong code, 2 left", Id::ConfirmationRefused, Worth::Good),
        ("8.2.7/3.8", "Order blocked: too many attempts", Id::ConfirmationRefused, Worth::Open),
        ("8.1/4.8", "Maximum memory exceeded", Id::ServerNoMemory, Worth::Kept),
        ("8.1/4.8", "profile state is Error", Id::ServerNoMemory, Worth::Open),
        ("8.8/4.4", "busy, try again later", Id::ServerBusy, Worth::Kept),
        ("8.8/4.2", "[actual=Deleted]", Id::ServerRefused, Worth::Open),
        ("8.1.3/6.3", "certificate expired", Id::CardCertificateExpired, Worth::Kept),
        ("8.10.1/3.9", "session expired", Id::SessionUnknown, Worth::Kept),
        // Pairs that the table does not have: by the subject alone.
        ("8.8/4.2", "", Id::ServerRefused, Worth::Kept),
        ("8.2.1/3.3", "", Id::ServerRefused, Worth::Open),
        ("8.99.7/9.1", "", Id::ServerRefused, Worth::Open),
    ];

    #[test]
    fn codes_and_words_are_held_against_each_other() {
        for (pair, message, id, worth) in CODE_AND_WORDS_CASES {
            assert_eq!(meaning_of(pair, message), Meaning { id, worth }, "{pair} {message}");
        }
    }

    #[test]
    fn what_is_said_of_the_thing_counts_as_well() {
        let mut failure = ExecutionFailure::failed("8.2", "1.2", "bad state");
        failure.identifier = Some("actual=Error_InstallFailed".into());
        assert_eq!(meaning(&failure, "ES9+.AuthenticateClient").worth, Worth::Open);
    }

    #[test]
    fn a_refusal_without_a_reason_leaves_open_what_the_order_is_worth() {
        let silent = ExecutionFailure { status: "Failed".into(), ..ExecutionFailure::default() };
        assert_eq!(meaning(&silent, "ES9+.AuthenticateClient").worth, Worth::Open);
        assert_eq!(meaning(&silent, "ES9+.GetBoundProfilePackage").worth, Worth::Open);
        // No order was named yet.
        assert_eq!(meaning(&silent, InitiateAuthentication::NAME).worth, Worth::Good);
    }

    /// Words of which each says something of the order, on each row.
    #[test]
    fn no_row_is_certain_of_what_the_servers_words_deny() {
        let ends = ["actual=Error", "actual=Unavailable", "actual=Deleted", "order cancelled", "order revoked"];
        let waits = ["actual=Released", "actual=Allocated", "actual=Confirmed", "please try again later"];
        for (subject, reason, ..) in REFUSALS {
            let worth = |words: &str| meaning_of(&format!("{subject}/{reason}"), words).worth;
            for words in ends {
                assert!(matches!(worth(words), Worth::Open | Worth::Rejected), "{subject}/{reason} {words}");
            }
            for words in waits {
                assert_ne!(worth(words), Worth::Rejected, "{subject}/{reason} {words}");
            }
        }
    }
}
