//! The other side of everything: what a real card does, stricter than the field and breakable at every step.
//!
//! It is the built-in demo and the test bench. Client and simulator share one codec, so a mistake that both make would
//! pass here; what guards against that are the golden bytes of `sgp22` and programs that nobody here wrote, which reach
//! the card through [`vpcd`].

pub mod card;
pub mod crypto;
pub mod https;
pub mod modem;
pub mod pki;
pub mod server;
pub mod smdp;
pub mod smds;
pub mod switch;
mod text;
pub mod vpcd;
