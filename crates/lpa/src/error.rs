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
            // The card failed without saying where; every other status word refuses.
            Self::Status { status, .. } => matches!(status.sw1(), 0x62 | 0x63 | 0x64 | 0x65 | 0x6F),
            Self::TooLong { .. } | Self::Refused(_) | Self::Untrue { .. } | Self::Interrupted => false,
            Self::Reopen(_) => true,
        }
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
