//! How bytes reach a card.
//!
//! Each way to a card is a room of its own and knows nothing of the others; what they have in common is
//! [`sgp22::transport`]. A way that carries bare APDUs implements `RawCard` and becomes a `Transport` through
//! [`Iso7816`], the only place that knows about logical channels, GET RESPONSE and proactive commands.
//! [`Tap`] sits between the two: it counts, and records what [`Replay`] can play back.

mod at;
mod iso7816;
mod mbim;
pub mod modem;
#[cfg(feature = "pcsc")]
pub mod pcsc;
mod port;
mod qmi;
mod qrtr;
mod replay;
pub mod stdio;
mod tap;
mod timeouts;
mod trace;

pub use iso7816::Iso7816;
pub use replay::{Replay, ReplayError};
pub use tap::{Counters, Counts, Tap};
pub use timeouts::Timeouts;
pub use trace::{PersonalData, TraceHeader, TraceWriter, scrub};
