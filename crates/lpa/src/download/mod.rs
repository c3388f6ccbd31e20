//! Downloading a profile: one type for each point where somebody has to decide (SGP.22 3.1.3).
//!
//! ```text
//! begin ──> Offer ──prepare──> Prepared ──fetch──> Package ──load──> Installed
//!             │                    │                  │
//!             └──────── cancel ────┴──────────────────┘
//! ```
//!
//! Each step takes the one before, so that no step can be left out or done twice. A step that fails has ended the
//! session on the card and on the server before it returns, with the reason that the table of [`Stop`]s has for it.
//! [`Stopped`] says how far things had come.

mod authenticate;
mod cancel;
mod error;
mod load;
mod offer;
mod package;
pub mod policy;
mod secrets;
mod stop;

pub use authenticate::check_card;
pub use cancel::Cancellation;
pub use error::{Cause, Doubt, LoadFailure, Mistrust, Stopped};
pub use load::Installed;
pub use offer::{Offer, Prepared};
pub use package::Package;
pub use sgp22::es10b::CancelSessionReason;
pub use stop::{Cost, Decider, Party, Stage, Stop, StopRule, Told};

pub(crate) use authenticate::{Authentication, authenticate};

use sgp22::es10b::DeviceInfo;
use sgp22::id::{MatchingId, Oid};

use crate::Isdr;
use crate::smdp::RspServer;

/// What is to be downloaded.
#[derive(Debug, Clone)]
pub struct Order {
    /// The server, as the activation code, the card or the event names it.
    pub address: String,
    /// The token or event id. An empty one is sent as such; `None` where there is none, as with a default SM-DP+.
    pub matching_id: Option<MatchingId>,
    /// The server that must answer, and no other.
    pub smdp_oid: Option<Oid>,
    /// What the device says of itself.
    pub device: DeviceInfo,
}

/// How far a download or a switch has come, for whoever watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Card and server prove to each other who they are.
    Authenticating,
    /// The server is asked what it has for the card.
    Asking,
    /// The card makes the key that the package will be bound to.
    Preparing,
    /// The server binds the package and sends it. From here on it counts the profile as handed out.
    Fetching,
    /// The package goes to the card.
    Loading {
        /// Bytes that the card has taken.
        done: usize,
        /// Bytes in all.
        total: usize,
    },
    /// The card is read again.
    Verifying,
    /// The session is ended: the card signs why, and the server is told. It may give the order up for it
    /// ([`CancelSessionReason::keeps_the_order`]).
    Ending(CancelSessionReason),
    /// The card is switched; the modem is to notice.
    AwaitingModem,
    /// It does not by itself: its card is powered off and on.
    PowerCycling,
    /// A network is to take the modem with its new profile.
    AwaitingNetwork,
    /// The switch is undone, which nothing interrupts.
    GoingBack,
}

/// Watches a download or a switch.
pub trait Watch {
    /// Is told of each step as it begins.
    fn step(&mut self, step: Step);
}

/// For when nobody watches.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn step(&mut self, _: Step) {}
}

/// The two that talk to each other, and who watches.
pub struct Parties<'p, 't> {
    /// The card.
    pub isdr: &'p mut Isdr<'t>,
    /// The way to servers.
    pub servers: &'p dyn RspServer,
    /// Who watches.
    pub watch: &'p mut dyn Watch,
}

impl std::fmt::Debug for Parties<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parties")
    }
}

/// Has card and server authenticate each other and asks what the server has for the card (SGP.22 3.1.2, 3.1.3).
///
/// Nothing is spent: the server keeps the order as it is until [`Prepared::fetch`].
pub fn begin(parties: &mut Parties<'_, '_>, order: &Order) -> Result<Offer, Stopped> {
    offer::ask(parties, order)
}
