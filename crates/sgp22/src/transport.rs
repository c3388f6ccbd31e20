//! The two seams between a card and everything that talks to it.
//!
//! A channel (PC/SC, a modem, the virtual card) implements one of them; the LPA uses [`Transport`]. Nothing else
//! crosses between the crates.

use crate::apdu::{Command, Response, StatusWord};
use crate::id::Aid;

/// A bare card: bytes in, bytes out. Logical channels, GET RESPONSE and the like are made on top of it.
pub trait RawCard {
    /// Sends one command APDU and returns the answer, status word included.
    fn transmit(&mut self, command: &[u8], patience: Patience) -> Result<Vec<u8>, TransportError>;

    /// Resets the card. All logical channels are gone afterwards.
    fn reset(&mut self) -> Result<(), TransportError>;

    /// How this card wants its commands.
    fn nature(&self) -> Nature;
}

impl<C: RawCard + ?Sized> RawCard for Box<C> {
    fn transmit(&mut self, command: &[u8], patience: Patience) -> Result<Vec<u8>, TransportError> {
        (**self).transmit(command, patience)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        (**self).reset()
    }

    fn nature(&self) -> Nature {
        (**self).nature()
    }
}

/// What must be known of a bare card to talk to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nature {
    /// True if a command with data may carry an Le field. Over T=0 it may not: the card announces by `61xx`.
    pub le_with_data: bool,
    /// True if nobody else answers the card's proactive commands, so that the terminal's part is ours.
    pub we_are_the_terminal: bool,
}

/// A card with logical channels.
pub trait Transport {
    /// Opens a logical channel and selects the first of these applications that the card has.
    fn open_channel(&mut self, applications: &[Aid]) -> Result<OpenChannel, OpenError>;

    /// Sends one command on an open channel; the class byte's channel bits are filled in here.
    ///
    /// The answer is complete: what the card announced by `61xx` has been fetched.
    fn transmit(&mut self, channel: Channel, command: Command, patience: Patience) -> Result<Response, TransportError>;

    /// Closes the channel. One that is gone already is no error.
    fn close_channel(&mut self, channel: Channel) -> Result<(), TransportError>;

    /// Resets the card. All channels are gone afterwards.
    fn reset(&mut self) -> Result<(), TransportError>;

    /// The longest command data that this way to the card carries, in bytes: 1 to 255.
    fn longest_data(&self) -> u8;
}

/// A logical channel by number; 0 is the basic channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Channel(pub u8);

/// What [`Transport::open_channel`] gives.
#[derive(Debug, Clone)]
pub struct OpenChannel {
    /// The channel.
    pub channel: Channel,
    /// The application that is selected on it.
    pub application: Aid,
    /// The file control information that SELECT answered; empty if there was none.
    pub fci: Vec<u8>,
}

/// How long a card may take for its answer; the channel knows what that is in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patience {
    /// An ordinary command.
    #[default]
    Normal,
    /// One that may generate keys or write a lot: the end of a profile load, a memory reset.
    Long,
}

/// Why a command has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}{}", if self.detail.is_empty() { String::new() } else { format!(" ({})", self.detail) })]
pub struct TransportError {
    /// What went wrong.
    pub kind: TransportErrorKind,
    /// Whether the card may have carried the command out.
    pub delivery: Delivery,
    /// The channel's own words, for experts; empty if there are none.
    pub detail: String,
}

impl TransportError {
    /// An error after which the command may or may not have been carried out.
    #[must_use]
    pub fn unsure(kind: TransportErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, delivery: Delivery::Unknown, detail: detail.into() }
    }

    /// An error before anything reached the card.
    #[must_use]
    pub fn not_sent(kind: TransportErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, delivery: Delivery::NotSent, detail: detail.into() }
    }
}

/// Whether a command without an answer reached the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It surely did not.
    NotSent,
    /// It may have been carried out: only re-reading tells.
    Unknown,
}

/// The kinds of [`TransportError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The card was taken out of the reader.
    #[error("the card was removed")]
    CardRemoved,
    /// The reader, port or modem is gone.
    #[error("the reader is gone")]
    DeviceGone,
    /// No answer within the time allowed.
    #[error("the card does not answer")]
    Timeout,
    /// The answer was lost on the way, or the link broke.
    #[error("the answer was lost")]
    Lost,
    /// Another program reset the card meanwhile.
    #[error("another program reset the card")]
    ResetByOther,
    /// The answer is not an APDU, or never ends.
    #[error("the card answers garbage")]
    Garbage,
    /// A recorded session has no such exchange.
    #[error("the recording does not go on like this")]
    NotInRecording,
}

/// Why there is no channel to an application.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The card has none of the applications asked for.
    #[error("none of the applications is on this card (last answer {0})")]
    NotFound(StatusWord),
    /// The card has no logical channel left, or refuses to open one, and the basic channel does not do either.
    #[error("no logical channel can be opened ({0})")]
    NoChannel(StatusWord),
    /// The way to the card failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
}
