//! The state of a modem's card, as `AT+CPIN?` gives it (TS 27.007 8.3).

use super::error::Failure;
use super::host::{Command, Reply};

/// The state of the card in a modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardState {
    /// No PIN is pending. `SIM PIN2` and `SIM PUK2` count as this: they protect a few files alone.
    Ready,
    /// The PIN of the profile is pending (`SIM PIN`).
    PinRequired,
    /// The PIN of the profile is blocked, and its PUK is pending (`SIM PUK`).
    PukRequired,
    /// The modem is locked to a card, a network or an operator (`PH-SIM PIN`, `PH-NET PIN` and their like).
    DeviceLocked,
    /// The card is an eUICC without an enabled profile (`EMPTY_EUICC`, MediaTek).
    NoProfile,
    /// The card is being started (`NOT READY`, `SIM BUSY`, error 14).
    Starting,
    /// There is no card (`NOT INSERTED`, error 10).
    NotInserted,
    /// The modem cannot use the card (`SIM FAILURE`, errors 13 and 15).
    Failed,
    /// A word that is in no table, or an answer without one.
    Unknown,
    /// The question was refused with an error that says nothing of the card.
    Refused,
}

/// The words behind `+CPIN:`, in upper case. Those that begin with `PH-` are device locks and not listed.
const WORDS: [(&str, CardState); 22] = [
    ("READY", CardState::Ready),
    ("SIM PIN2", CardState::Ready),
    ("SIM PUK2", CardState::Ready),
    ("SIM PIN", CardState::PinRequired),
    ("SIM PUK", CardState::PukRequired),
    ("EMPTY_EUICC", CardState::NoProfile),
    ("EMPTY EUICC", CardState::NoProfile),
    ("NO PROFILE", CardState::NoProfile),
    ("NOT READY", CardState::Starting),
    ("SIM NOT READY", CardState::Starting),
    ("SIM BUSY", CardState::Starting),
    ("BUSY", CardState::Starting),
    ("NOT INSERTED", CardState::NotInserted),
    ("SIM NOT INSERTED", CardState::NotInserted),
    ("SIM REMOVED", CardState::NotInserted),
    ("NO SIM", CardState::NotInserted),
    ("ABSENT", CardState::NotInserted),
    ("SIM FAILURE", CardState::Failed),
    ("SIM ERROR", CardState::Failed),
    ("SIM WRONG", CardState::Failed),
    ("ERROR", CardState::Failed),
    ("FAILURE", CardState::Failed),
];

impl CardState {
    /// The command that asks for it.
    #[must_use]
    pub fn command() -> Command {
        Command::asking("AT+CPIN?", "+CPIN")
    }

    /// Reads the answer to [`Self::command`]. The last line counts: one before it may have come by itself.
    #[must_use]
    pub fn in_reply(reply: &Reply) -> Self {
        match &reply.end {
            Ok(()) => reply.lines.last().map_or(Self::Unknown, |line| Self::from_word(line)),
            Err(failure) => Self::from_failure(failure),
        }
    }

    fn from_word(text: &str) -> Self {
        let word = text.trim().trim_matches('"').trim().to_ascii_uppercase();
        if word.starts_with("PH-") {
            return Self::DeviceLocked;
        }
        WORDS.iter().find(|(known, _)| *known == word).map_or(Self::Unknown, |(_, state)| *state)
    }

    /// The state that a refusal of any command for the card tells of (TS 27.007 9.2).
    #[must_use]
    pub fn from_failure(failure: &Failure) -> Self {
        match failure.code() {
            Some(5..=7 | 40..=47) => Self::DeviceLocked,
            Some(10) => Self::NotInserted,
            Some(11) => Self::PinRequired,
            Some(12) => Self::PukRequired,
            Some(14) => Self::Starting,
            Some(13 | 15) => Self::Failed,
            Some(17 | 18) => Self::Ready,
            _ => Self::Refused,
        }
    }
}
