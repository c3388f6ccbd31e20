//! What a Local Profile Assistant does with an eUICC.
//!
//! It reads no files, prints nothing and knows no home directory. Reading is in [`chip`], [`profiles`] and
//! [`notifications`]. Everything that changes the card is in [`change`], and has one shape: the command is sent, the
//! card is read again, and what the card *then* says decides. An answer that was lost on the way is therefore no
//! failure, and an `ok` that changed nothing is no success; the only open end is a card that cannot be read any more,
//! and that is told apart ([`change::Verdict`]).

pub mod change;
pub mod chip;
pub mod discovery;
pub mod download;
mod error;
mod isdr;
pub mod notifications;
pub mod profiles;
pub mod proof;
pub mod smdp;

pub use error::{Error, Refusal};
pub use isdr::{Interrupt, Isdr, NeverInterrupted, OpenIsdrError, elements};
