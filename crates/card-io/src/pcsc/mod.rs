//! Cards in smart card readers, through the system's PC/SC service (pcscd).
//!
//! Any PC/SC call can block for ever: a silent card holds `SCardTransmit` and every other client with it. So each card
//! lives on a thread of its own that is asked by message; when it does not answer in time it is given up, and with it
//! the way to that card for the rest of the command.

mod card;
mod error;
mod readers;
mod worker;

pub use card::PcscCard;
pub use error::{PcscError, PcscErrorKind};
pub use readers::{Reader, ReaderState, readers};
