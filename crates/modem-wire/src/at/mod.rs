//! AT commands for a card (3GPP TS 27.007 8.3, 8.17, 8.18, 8.43 to 8.46, 9.2): lines out, lines in.
//!
//! The host's side is [`Command`], [`Lines`] and [`Listener`]; the modem's is [`Request`] and [`Speech`].

mod card_state;
mod error;
mod host;
mod lines;
mod modem;
mod numbers;

pub use card_state::CardState;
pub use error::{Failure, cme_words};
pub use host::{Command, Heard, Listener, Malformed, Reply, Session, apdu_in, session_in};
pub use lines::{Lines, TooLong};
pub use modem::{Argument, Operation, Request, Speech, Wish};
pub use numbers::{EID_COMMANDS, IccidCommand, eids_in};
