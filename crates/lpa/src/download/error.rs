//! How a download ends that does not end well.

use sgp22::bpp::PackageError;
use sgp22::card_limits::CardLimit;
use sgp22::ci::CiKeyId;
use sgp22::es9p::BodyError;
use sgp22::es10b::ProfileInstallationResult;
use sgp22::id::Oid;
use sgp22::tlv::DecodeError;

use super::{Cancellation, Stop};
use crate::Error;
use crate::smdp::{ServerError, ServerErrorKind};

/// A download that was stopped before anything was loaded. The card is as it was before.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{cause}")]
pub struct Stopped {
    /// Why.
    pub cause: Cause,
    /// How the session was ended; `None` if there was none yet, or the card had refused it.
    pub cancellation: Option<Cancellation>,
    /// The package had been asked for: the server may count the profile as handed out.
    pub package_requested: bool,
}

/// Why a download was stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The card, or the way to it.
    #[error(transparent)]
    Card(#[from] Error),
    /// The server, or the way to it.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The server is not the one that it should be, or mixes things up.
    #[error(transparent)]
    Mistrust(#[from] Mistrust),
    /// What the server signed or described cannot be read.
    #[error("what the server sent cannot be read: {0}")]
    Unreadable(#[from] DecodeError),
    /// The package cannot be cut for the card.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// The package is for another profile than was offered.
    #[error("the package describes another profile than the server offered: {what}")]
    MetadataChanged {
        /// What differs.
        what: &'static str,
    },
    /// The package comes with other policy rules than were offered.
    #[error("the package comes with other policy rules than the server offered")]
    PolicyChanged,
    /// The card's own description rules downloads out.
    #[error("by its own description the card cannot download profiles: {}", .0.name())]
    CardLimit(CardLimit),
    /// The server wants a confirmation code, and there is none.
    #[error("the server wants a confirmation code")]
    ConfirmationMissing,
}

impl Cause {
    /// The row of the table of stops that this is.
    #[must_use]
    pub fn stop(&self) -> Stop {
        match self {
            Self::Card(Error::Interrupted) | Self::Server(ServerError { kind: ServerErrorKind::Interrupted, .. }) => {
                Stop::Interrupted
            }
            Self::Card(_) => Stop::CardFailed,
            Self::Server(error) => server_stop(&error.kind),
            Self::Mistrust(_) => Stop::ServerDistrusted,
            Self::Unreadable(_) => Stop::ServerFailed,
            Self::Package(_) => Stop::PackageUnusable,
            Self::MetadataChanged { .. } => Stop::OfferChanged,
            Self::PolicyChanged => Stop::RulesChanged,
            Self::CardLimit(CardLimit::OldVersion(_)) => Stop::OldCard,
            Self::CardLimit(_) => Stop::UnfitCard,
            Self::ConfirmationMissing => Stop::ConfirmationMissing,
        }
    }
}

/// The row for what goes wrong with a server, or with the way to it.
fn server_stop(kind: &ServerErrorKind) -> Stop {
    match kind {
        ServerErrorKind::Timeout => Stop::ServerTimeout,
        ServerErrorKind::Refused(_) => Stop::ServerRefused,
        ServerErrorKind::Trust(_) => Stop::ServerDistrusted,
        ServerErrorKind::Body(BodyError::BadField { field: "boundProfilePackage", .. }) => Stop::PackageUnusable,
        _ => Stop::ServerFailed,
    }
}

/// A server that is not to be trusted with this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mistrust {
    /// Card and server have no certificate issuer in common.
    #[error("the server's certificate comes from issuer {server}, which this card does not know")]
    NoCommonIssuer {
        /// The server's.
        server: CiKeyId,
    },
    /// The server chose an issuer that the card has no certificate under.
    #[error("the server wants the card to sign under issuer {wanted}, which it cannot")]
    CannotSignUnder {
        /// What the server wants.
        wanted: CiKeyId,
    },
    /// Another server than the activation code names.
    #[error("the server is {found}, the activation code is for {expected}")]
    OtherServer {
        /// Whom the code names.
        expected: Oid,
        /// Who answered.
        found: Oid,
    },
    /// The server has not this role.
    #[error("the server's certificate is for another role")]
    Role,
    /// The server speaks for another address.
    #[error("the server speaks for {found:?}")]
    Address {
        /// What it signed.
        found: String,
    },
    /// The server did not sign the card's challenge.
    #[error("the server signed another challenge than the card's")]
    Challenge,
    /// The server mixes up its sessions.
    #[error("the server's {0} belongs to another session")]
    Session(&'static str),
}

/// A package that was, or may have been, on its way to the card when something went wrong.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LoadFailure {
    /// Not begun: see there.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The card tried and says why it did not install the profile. It has a notification on that for the server.
    #[error("the card did not install the profile")]
    Refused(Box<ProfileInstallationResult>),
    /// The card was read again: the profile is not there, and nothing was signed.
    #[error("not installed: {cause}")]
    NotInstalled {
        /// What went wrong.
        cause: Error,
        /// How the session was ended, if the card still knew it.
        cancellation: Option<Cancellation>,
    },
    /// Nobody knows.
    #[error(transparent)]
    Unknown(#[from] Doubt),
}

/// Why nobody knows whether a profile was installed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown: {cause}, and then {reread}")]
pub struct Doubt {
    /// What went wrong with the load.
    pub cause: Error,
    /// Why the card could not be read afterwards.
    pub reread: Error,
}
