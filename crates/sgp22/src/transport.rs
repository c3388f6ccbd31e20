//! The two seams between a card and everything that talks to it.
//!
//! A channel (PC/SC, a modem, the virtual card) implements one of them; the LPA uses [`Transport`]. Nothing else
//! crosses between the crates.

use crate::apdu::{Command, Response, StatusWord};
use crate::id::{Aid, Eid, Iccid};
use crate::invisible::is_invisible;

/// A bare card: bytes in, bytes out. Logical channels, GET RESPONSE and the like are made on top of it.
pub trait RawCard {
    /// Sends one command APDU and returns the answer, status word included.
    fn transmit(&mut self, command: &[u8], patience: Patience) -> Result<Vec<u8>, TransportError>;

    /// Resets the card. All logical channels are gone afterwards.
    fn reset(&mut self) -> Result<(), TransportError>;

    /// How this card wants its commands.
    fn nature(&self) -> Nature;

    /// Opens a logical channel with this application selected, where a modem keeps the channels
    /// ([`ChannelKeeper::Modem`]). Commands name the channel by the channel bits of their class.
    fn open(&mut self, application: &Aid) -> Result<Opening, TransportError> {
        let why = format!("nobody keeps channels to {application} here");
        Err(TransportError::not_sent(TransportErrorKind::Lost, why))
    }

    /// Closes a channel that [`RawCard::open`] gave. One that is gone already is no error.
    fn close(&mut self, _: Channel) -> Result<(), TransportError> {
        Ok(())
    }

    /// The modem that uses the card by itself, if there is one.
    fn terminal(&mut self) -> Option<&mut dyn Terminal> {
        None
    }
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

    fn open(&mut self, application: &Aid) -> Result<Opening, TransportError> {
        (**self).open(application)
    }

    fn close(&mut self, channel: Channel) -> Result<(), TransportError> {
        (**self).close(channel)
    }

    fn terminal(&mut self) -> Option<&mut dyn Terminal> {
        (**self).terminal()
    }
}

/// What must be known of a bare card to talk to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nature {
    /// True if a command with data may carry an Le field. Over T=0 it may not: the card announces by `61xx`.
    pub le_with_data: bool,
    /// True if nobody else answers the card's proactive commands, so that the terminal's part is ours.
    pub we_are_the_terminal: bool,
    /// Who opens and closes logical channels.
    pub channels: ChannelKeeper,
    /// The longest command data to begin with, in bytes, as this kind of way to a card is known; `None`: all 255.
    pub longest_data: Option<u8>,
}

/// Who opens and closes logical channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChannelKeeper {
    /// Whoever sends the APDUs, by MANAGE CHANNEL and SELECT.
    #[default]
    Host,
    /// The modem, which has commands of its own for it: [`RawCard::open`], [`RawCard::close`].
    Modem,
}

/// What came of asking a modem for a channel to an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// It is open.
    Open {
        /// Its number, for the class byte: 1 to 19.
        channel: Channel,
        /// What SELECT answered; empty if the modem keeps that for itself.
        fci: Vec<u8>,
    },
    /// The card has no such application.
    NotFound(StatusWord),
    /// The card has no channel left.
    NoChannel(StatusWord),
    /// The modem refuses in its own words, which may mean either.
    Refused(String),
    /// The modem refuses in its own words, and says that its card is in a state that explains it.
    Unusable(CardSight, String),
    /// The modem refuses for a reason of its own: no answer of the card's is in it.
    RefusedByModem(ModemRefusal),
}

/// A modem's refusal to open a channel, in which the card had no say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct ModemRefusal {
    /// The reason, as far as it can be told from the modem's code.
    pub reason: RefusalReason,
    /// The modem's code with its name, such as `MBIM status SelectFailed`.
    pub words: String,
}

/// The reasons of a [`ModemRefusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalReason {
    /// The application was not selected. The modem passes no status word of the card on.
    SelectFailed,
    /// The modem has no channel left.
    NoChannel,
    /// The modem lets no program use the application.
    Denied,
    /// The modem has no command for it.
    Unsupported,
}

impl RefusalReason {
    /// True if another application could not be opened either.
    #[must_use]
    pub fn concerns_all_applications(self) -> bool {
        !matches!(self, Self::SelectFailed | Self::Denied)
    }
}

/// A modem that uses the card by itself, and can tell how it gets on with it.
pub trait Terminal {
    /// What the modem says of its card and its network now. Opens the port again first if the modem left and came back.
    fn sight(&mut self) -> Result<Sight, TransportError>;

    /// Takes the card's power away and gives it back. All channels are gone afterwards.
    fn power_cycle(&mut self) -> Result<(), TransportError>;

    /// Who it is, as far as it says.
    fn identity(&mut self) -> Result<Identity, TransportError>;

    /// The EIDs that it names by commands of its own, without a channel to the card; empty if it names none.
    fn named_eids(&mut self) -> Result<Vec<Eid>, TransportError> {
        Ok(Vec::new())
    }

    /// Facts learned about the device while it was used: names and values, to be remembered for the next time.
    fn findings(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// What is in its slots; empty if it does not say. Nothing is switched for it.
    fn slots(&mut self) -> Result<Vec<Slot>, TransportError> {
        Ok(Vec::new())
    }

    /// Has the modem use another slot, numbered from 1, whatever is in it. All channels are gone afterwards.
    fn use_slot(&mut self, slot: u8) -> Result<(), TransportError> {
        Err(TransportError::not_sent(TransportErrorKind::Refused, format!("slot {slot}: the modem switches no slots")))
    }
}

/// A slot of a modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Its number, from 1.
    pub number: u8,
    /// The modem uses it.
    pub active: bool,
    /// Whether there is a card in it; `None` if the modem does not say.
    pub present: Option<bool>,
    /// Whether that is an eUICC; `None` if the modem does not say.
    pub euicc: Option<bool>,
    /// The EID of the eUICC, where the modem knows it.
    pub eid: Option<Eid>,
}

/// What a modem sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// Its card.
    pub card: CardSight,
    /// The ICCID of the profile that it uses; `None` if it uses none, or does not say.
    pub iccid: Option<Iccid>,
    /// Whether a network has it; `None` if it does not say.
    pub registered: Option<bool>,
}

/// How a modem gets on with its card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardSight {
    /// No card in the slot.
    Absent,
    /// Being started.
    Starting,
    /// Usable.
    Usable,
    /// Usable, but the operator has not activated the subscription.
    NotActivated,
    /// An eUICC without an enabled profile: nothing to use, and nothing wrong.
    NoProfile,
    /// Asks for the PIN of the profile. An ISD-R can still be reached.
    Locked,
    /// Asks for the PUK of the profile: the PIN is blocked. An ISD-R can still be reached.
    PukRequired,
    /// The modem is locked to another card, network or operator, and does not use this one.
    DeviceLocked,
    /// Given up by the modem.
    Failed,
}

/// Who a modem is. What it does not say is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// Who makes it.
    pub manufacturer: String,
    /// Its model.
    pub model: String,
    /// Its firmware.
    pub firmware: String,
}

impl Identity {
    /// The longest name that is kept, in characters.
    pub const MAX_NAME_LEN: usize = 100;

    /// Makes an identity of what a modem answers, which may be anything: names are cut to [`Self::MAX_NAME_LEN`], and what
    /// would steer a terminal, break a line or not be seen at all is left out.
    #[must_use]
    pub fn new(manufacturer: &str, model: &str, firmware: &str) -> Self {
        let [manufacturer, model, firmware] = [manufacturer, model, firmware].map(|name| {
            let seen: String = name.chars().filter(|c| !is_hostile(*c)).take(Self::MAX_NAME_LEN).collect();
            seen.trim().to_owned()
        });
        Self { manufacturer, model, firmware }
    }
}

/// True for what steers a terminal, ends a line or is not seen.
fn is_hostile(c: char) -> bool {
    c.is_control() || is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}')
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

    /// The modem that uses the card by itself, if there is one.
    fn terminal(&mut self) -> Option<&mut dyn Terminal> {
        None
    }
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
#[error("{}{}", self.what(), if self.detail.is_empty() { String::new() } else { format!(" ({})", self.detail) })]
pub struct TransportError {
    /// What went wrong.
    pub kind: TransportErrorKind,
    /// Whether the card may have carried the command out.
    pub delivery: Delivery,
    /// The channel's own words, for experts; empty if there are none.
    pub detail: String,
    /// The card is in a modem, and not in a reader.
    pub in_modem: bool,
}

impl TransportError {
    /// An error after which the command may or may not have been carried out.
    #[must_use]
    pub fn unsure(kind: TransportErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, delivery: Delivery::Unknown, detail: detail.into(), in_modem: false }
    }

    /// An error before anything reached the card.
    #[must_use]
    pub fn not_sent(kind: TransportErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, delivery: Delivery::NotSent, detail: detail.into(), in_modem: false }
    }

    /// The same of a card in a modem.
    #[must_use]
    pub fn in_modem(self) -> Self {
        Self { in_modem: true, ..self }
    }

    fn what(&self) -> String {
        match self.kind {
            TransportErrorKind::DeviceGone if self.in_modem => "the modem is gone".into(),
            TransportErrorKind::Timeout if self.in_modem => "the modem does not answer".into(),
            TransportErrorKind::ResetByOther if self.in_modem => "the card was started anew".into(),
            kind => kind.to_string(),
        }
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
    /// The modem refuses the command in words of its own. With [`Delivery::Unknown`], the card may have seen it.
    #[error("the modem refuses the command")]
    Refused,
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
    /// The modem refuses, in its own words.
    #[error("the modem opens no channel ({0})")]
    Refused(String),
    /// The modem refuses, in its own words, because its card is in this state.
    #[error("the modem opens no channel ({1})")]
    Unusable(CardSight, String),
    /// The modem refuses, for a reason of its own.
    #[error("the modem opens no channel ({0})")]
    RefusedByModem(ModemRefusal),
    /// The way to the card failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
}
