//! Everything that changes a card, each change proved by reading the card again.
//!
//! The caller has read the card and knows what is there and what it wants. After every command the card is asked whether
//! that holds. What the command itself answered only decides how to go on.

mod delete;
mod modem;
mod rename;
mod reset;
mod server;
mod switch;

pub use delete::delete;
pub use modem::{Expected, ModemReport, Onlooker, Registration, View, Waits, agree, registers};
pub use rename::rename;
pub use reset::{ResetFailure, ResetReport, memory_reset};
pub use server::set_default_smdp;
pub use switch::{Attempt, Form, Goal, SwitchFailure, SwitchReport, switch};

use std::time::Duration;

use sgp22::transport::TransportErrorKind;

use crate::{Error, Isdr};

/// How long a card that is busy with its modem is waited for between tries, and how often.
const BUSY_PAUSE: Duration = Duration::from_millis(1000);
const BUSY_TRIES: usize = 5;

/// How a change ended, when it did not end well.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Verdict {
    /// The card was read afterwards: it is as it was.
    #[error("not done: {0}")]
    NotDone(Error),
    /// The card could not be read afterwards: it may have changed.
    #[error("unknown: {cause}, and then {reread}")]
    Unknown {
        /// What went wrong with the change.
        cause: Error,
        /// Why the card could not be read.
        reread: Error,
    },
}

/// What is known about a command after the card was read again.
pub(crate) enum Settled<T> {
    /// What was wanted holds, whatever the command answered.
    Done,
    /// What was wanted does not hold; the command's answer, or why there is none.
    NotDone(Result<T, Error>),
}

impl Settled<()> {
    /// The plain result, for a command that answers nothing but ok or an error.
    pub(crate) fn into_result(self, function: &'static str) -> Result<(), Error> {
        match self {
            Self::Done => Ok(()),
            Self::NotDone(Ok(())) => Err(Error::Untrue { function }),
            Self::NotDone(Err(error)) => Err(error),
        }
    }
}

/// Reads the card after a command and decides by what it says.
///
/// `holds` reads whether the wanted state holds. A card that lost the answer, or that does not answer the reading, is
/// reset: many answer nothing else after a switch until then.
pub(crate) fn settle<T>(
    isdr: &mut Isdr<'_>,
    answer: Result<T, Error>,
    reset_first: bool,
    mut holds: impl FnMut(&mut Isdr<'_>) -> Result<bool, Error>,
) -> Result<Settled<T>, Verdict> {
    let doubtful = answer.as_ref().err().is_some_and(Error::leaves_doubt);
    let read = if reset_first || doubtful {
        reset_and_read(isdr, &mut holds)
    } else {
        holds(isdr).or_else(|error| {
            log::info!("the card cannot be read as it is ({error})");
            reset_and_read(isdr, &mut holds)
        })
    };
    match (read, answer) {
        (Ok(true), _) => Ok(Settled::Done),
        (Ok(false), answer) => Ok(Settled::NotDone(answer)),
        // Refused, so that nothing has changed, whatever ails the card since.
        (Err(_), Err(cause)) if !cause.leaves_doubt() => Err(Verdict::NotDone(cause)),
        (Err(reread), Err(cause)) => Err(Verdict::Unknown { cause, reread }),
        (Err(reread), Ok(_)) => Err(Verdict::Unknown { cause: reread.clone(), reread }),
    }
}

/// Once more if that fails: what is lost here would leave open what became of the change.
fn reset_and_read(
    isdr: &mut Isdr<'_>,
    holds: &mut impl FnMut(&mut Isdr<'_>) -> Result<bool, Error>,
) -> Result<bool, Error> {
    let mut read = || {
        isdr.reset()?;
        holds(isdr)
    };
    read().or_else(|error| {
        if error.transport().is_some_and(|error| error.kind == TransportErrorKind::CardRemoved) {
            return Err(error);
        }
        log::info!("the card could not be read after a reset ({error}): once more");
        read()
    })
}
