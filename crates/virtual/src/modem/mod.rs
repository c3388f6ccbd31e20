//! A modem with cards in its slots, whatever language it is spoken to in.
//!
//! [`Modem`] is what all languages share: slots, power, channels, and what the modem itself makes of the card: which
//! profile it uses, and whether a network has it. A room a language turns frames into calls of it. It is stricter than
//! the field, and each [`ModemQuirk`] bends it.

mod at;
mod language;
mod line;
mod mbim;
mod qmi;
mod qrtr;
mod quirk;
mod sim;
mod stdio;

pub use at::AtVoice;
pub use language::{Language, Line};
pub use line::{ProxySocket, Pty, Said, Voice, serve_as_proxy};
pub use mbim::{MbimModem, MbimVoice};
pub use qmi::{QmiModem, QmiVoice};
pub use qrtr::QrtrNode;
pub use quirk::{ChosenModemQuirk, ModemQuirk, ModemQuirkEntry, ModemQuirks};
pub use sim::{Modem, Opened, Refused};
pub use stdio::{StdioVoice, serve_lines};
