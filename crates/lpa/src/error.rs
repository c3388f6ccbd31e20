//! Why a function has no result.

use sgp22::apdu::StatusWord;
use sgp22::store_data::TooLong;
use sgp22::tlv::DecodeError;
use sgp22::transport::{Delivery, OpenError, TransportError};

/// Why a function of the card has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The way to the card failed.
    #[error("{function}: {source}")]
    Transport {
        /// Name of the function.
        function: &'static str,
        /// What failed.
        source: TransportError,
    },
    /// The card refused the command with a status word.
    #[error("{function}: the card answers {status} ({})", status.meaning())]
    Status {
        /// Name of the function.
        function: &'static str,
        /// What the card answered.
        status: StatusWord,
    },
    /// The card's answer cannot be read.
    #[error("{function}: the card's answer cannot be read: {source}")]
    Decode {
        /// Name of the function.
        function: &'static str,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// The command does not fit into the blocks that this way to the card takes.
    #[error("{function}: {source}")]
    TooLong {
        /// Name of the function.
        function: &'static str,
        /// How much too long it is.
        source: TooLong,
    },
    /// The card carried the function out, with an error as its result.
    #[error("{0}")]
    Refused(Refusal),
    /// The card said that it was done, and reading it again shows that it was not.
    #[error("{function}: the card answers ok, and reading it again shows that nothing has changed")]
    Untrue {
        /// Name of the function.
        function: &'static str,
    },
    /// The card could not be opened again after a reset.
    #[error("after a reset: {0}")]
    Reopen(OpenError),
    /// The user wants to stop, and nothing was under way that must be finished.
    #[error("interrupted")]
    Interrupted,
}

/// An error that a function has as its result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{function}: {meaning} ({name}, {code})")]
pub struct Refusal {
    /// Name of the function.
    pub function: &'static str,
    /// The result code.
    pub code: i64,
    /// What SGP.22 calls it.
    pub name: &'static str,
    /// What it says, for a person.
    pub meaning: &'static str,
}

impl Error {
    /// True if the card may have carried the command out although there is no good answer: only re-reading tells.
    #[must_use]
    pub fn leaves_doubt(&self) -> bool {
        match self {
            Self::Transport { source, .. } => source.delivery == Delivery::Unknown,
            Self::Decode { .. } => true,
            // The card failed without saying where, or this is no status word at all (ISO/IEC 7816-3 10.3.3) but noise
            // on the way; every other one refuses.
            Self::Status { status, .. } => {
                matches!(status.sw1(), 0x62 | 0x63 | 0x64 | 0x65 | 0x6F) || !matches!(status.sw1() >> 4, 6 | 9)
            }
            Self::TooLong { .. } | Self::Refused(_) | Self::Untrue { .. } | Self::Interrupted => false,
            Self::Reopen(_) => true,
        }
    }

    /// True if the card answers, and what it answers is of no use: asking again later will not help.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Self::Decode { .. } | Self::Status { .. } | Self::Refused(_) | Self::TooLong { .. })
    }

    /// The failure of the way to the card, if it is one.
    #[must_use]
    pub fn transport(&self) -> Option<&TransportError> {
        match self {
            Self::Transport { source, .. } | Self::Reopen(OpenError::Transport(source)) => Some(source),
            _ => None,
        }
    }
}

/// Makes an [`Error`] of a result code.
macro_rules! refused {
    ($function:expr, $code:expr) => {
        $crate::Error::Refused($crate::Refusal {
            function: $function,
            code: $code.code(),
            name: $code.name(),
            meaning: $code.meaning(),
        })
    };
}
pub(crate) use refused;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_refuses_and_what_leaves_doubt() {
        let doubtful = |status| Error::Status { function: "F", status: StatusWord(status) }.leaves_doubt();
        assert!([0x6281, 0x6300, 0x6400, 0x6581, 0x6F00].into_iter().all(doubtful));
        assert!([0xB7E1, 0x0090, 0xFFFF, 0x5000].into_iter().all(doubtful), "no card says that");
        assert!(![0x6700, 0x6881, 0x6985, 0x6A80, 0x6D00, 0x9300].into_iter().any(doubtful));
    }
}
