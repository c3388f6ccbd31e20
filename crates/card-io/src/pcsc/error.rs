//! PC/SC errors, sorted by what a person can do about them.

use sgp22::transport::{TransportError, TransportErrorKind};

/// Why a reader or the card in it cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} ({detail})")]
pub struct PcscError {
    /// What went wrong.
    pub kind: PcscErrorKind,
    /// The PC/SC error code and its words, for experts.
    pub detail: String,
}

/// The kinds of [`PcscError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PcscErrorKind {
    /// pcscd does not run.
    #[error("the PC/SC service is not running")]
    NoService,
    /// pcscd refuses this user.
    #[error("the PC/SC service refuses access")]
    NoAccess,
    /// No such reader, or it was unplugged.
    #[error("there is no such reader")]
    NoReader,
    /// The reader is empty.
    #[error("there is no card in the reader")]
    NoCard,
    /// The card does not start: upside down, broken, or no smart card.
    #[error("the card in the reader does not respond")]
    MuteCard,
    /// Another program has the reader for itself.
    #[error("another program holds the reader")]
    Busy,
    /// pcscd itself does not answer.
    #[error("the PC/SC service does not answer")]
    ServiceHangs,
    /// Anything else.
    #[error("the PC/SC service reports an error")]
    Other,
}

impl PcscError {
    pub(super) fn new(kind: PcscErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

impl From<pcsc::Error> for PcscError {
    fn from(error: pcsc::Error) -> Self {
        use pcsc::Error as E;
        let kind = match error {
            E::NoService | E::ServiceStopped => PcscErrorKind::NoService,
            E::SecurityViolation | E::NoAccess => PcscErrorKind::NoAccess,
            E::UnknownReader | E::NoReadersAvailable | E::ReaderUnavailable => PcscErrorKind::NoReader,
            E::NoSmartcard | E::RemovedCard => PcscErrorKind::NoCard,
            E::UnresponsiveCard | E::UnpoweredCard | E::UnsupportedCard | E::ProtoMismatch | E::CardUnsupported => {
                PcscErrorKind::MuteCard
            }
            E::SharingViolation => PcscErrorKind::Busy,
            _ => PcscErrorKind::Other,
        };
        Self::new(kind, words(error))
    }
}

fn words(error: pcsc::Error) -> String {
    format!("PC/SC error {:08X}: {error}", error as u32)
}

/// What an error in the middle of a conversation means for the command that was under way.
pub(super) fn transport_error(error: pcsc::Error) -> TransportError {
    use pcsc::Error as E;
    let detail = words(error);
    match error {
        E::RemovedCard | E::NoSmartcard => TransportError::unsure(TransportErrorKind::CardRemoved, detail),
        E::ReaderUnavailable | E::UnknownReader | E::NoReadersAvailable | E::ServiceStopped | E::NoService => {
            TransportError::unsure(TransportErrorKind::DeviceGone, detail)
        }
        // pcscd says so instead of sending.
        E::ResetCard => TransportError::not_sent(TransportErrorKind::ResetByOther, detail),
        E::InsufficientBuffer => TransportError::unsure(TransportErrorKind::Garbage, detail),
        _ => TransportError::unsure(TransportErrorKind::Lost, detail),
    }
}
