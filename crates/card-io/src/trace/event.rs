//! What stands in a recording, line by line.

use data_encoding::HEXUPPER;
use serde::{Deserialize, Serialize};
use sgp22::apdu::StatusWord;
use sgp22::id::{Aid, Iccid};
use sgp22::transport::{
    CardSight, Channel, ChannelKeeper, Identity, ModemRefusal, Nature, Opening, RefusalReason, Sight, TransportError,
    TransportErrorKind,
};

use super::{PersonalData, from_text, to_text};

/// The first line of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceHeader {
    /// Version of the format: 1.
    pub esimctl_trace: u32,
    /// Where the card was.
    pub device: String,
    /// See [`Nature::le_with_data`].
    pub le_with_data: bool,
    /// See [`Nature::we_are_the_terminal`].
    pub we_are_the_terminal: bool,
    /// The longest command data, where that is not 255 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_data: Option<u8>,
    /// True if a modem opened and closed the channels; recordings of cards in readers do not say.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub modem_keeps_channels: bool,
    /// True if there was a modem to ask what it sees.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub modem_uses_card: bool,
}

impl TraceHeader {
    /// The header for a device with this nature.
    pub(crate) fn of(device: &str, nature: Nature, modem_uses_card: bool) -> Self {
        Self {
            esimctl_trace: super::VERSION,
            device: device.to_owned(),
            le_with_data: nature.le_with_data,
            we_are_the_terminal: nature.we_are_the_terminal,
            longest_data: nature.longest_data.filter(|longest| *longest < u8::MAX),
            modem_keeps_channels: nature.channels == ChannelKeeper::Modem,
            modem_uses_card,
        }
    }

    /// The nature of the card that was recorded.
    pub(crate) fn nature(&self) -> Nature {
        let channels = if self.modem_keeps_channels { ChannelKeeper::Modem } else { ChannelKeeper::Host };
        Nature {
            le_with_data: self.le_with_data,
            we_are_the_terminal: self.we_are_the_terminal,
            channels,
            longest_data: self.longest_data,
        }
    }
}

/// A further line of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum TraceEvent {
    Answered {
        command: String,
        answer: String,
        us: u64,
    },
    Failed {
        command: String,
        error: String,
        us: u64,
    },
    Reset {
        reset: String,
    },
    /// A modem was asked for a channel to this application.
    Opened {
        open: String,
        #[serde(flatten)]
        opening: Came<RecordedOpening>,
        us: u64,
    },
    /// A modem was asked to close this channel.
    Closed {
        close: u8,
        #[serde(flatten)]
        closing: Came<()>,
        us: u64,
    },
    /// A modem was asked what it sees.
    Sight {
        sight: Came<RecordedSight>,
    },
    /// A modem was asked to take the card's power away and give it back.
    PowerCycle {
        power_cycle: Came<()>,
    },
    /// A modem was asked who it is.
    Identity {
        identity: Came<RecordedIdentity>,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Came<T> {
    Ok(T),
    Error(String),
}

impl<T> Came<T> {
    pub(crate) fn of<S>(result: &Result<S, TransportError>, record: impl FnOnce(&S) -> T) -> Self {
        match result {
            Ok(value) => Self::Ok(record(value)),
            Err(error) => Self::Error(error.to_string()),
        }
    }

    /// It, once more. An error comes back as a lost answer: what it was is in its words.
    pub(crate) fn again<S>(self, play: impl FnOnce(T) -> Result<S, TransportError>) -> Result<S, TransportError> {
        match self {
            Self::Ok(value) => play(value),
            Self::Error(error) => Err(as_recorded(&error)),
        }
    }
}

/// An error of a recording, played back.
pub(crate) fn as_recorded(error: &str) -> TransportError {
    TransportError::unsure(TransportErrorKind::Lost, format!("as recorded: {error}"))
}

/// A recording that cannot be played on.
pub(crate) fn departs(detail: impl ToString) -> TransportError {
    TransportError::not_sent(TransportErrorKind::NotInRecording, detail.to_string())
}

/// See [`Opening`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RecordedOpening {
    Open {
        channel: u8,
        answer: String,
    },
    NotFound(u16),
    NoChannel(u16),
    Refused(String),
    Unusable {
        card: String,
        why: String,
    },
    /// The modem's words, and the reason by its name.
    RefusedByModem(String, String),
}

/// The reasons of a modem's refusal by their names in recordings.
const REFUSAL_REASONS: [(RefusalReason, &str); 4] = [
    (RefusalReason::SelectFailed, "select_failed"),
    (RefusalReason::NoChannel, "no_channel"),
    (RefusalReason::Denied, "denied"),
    (RefusalReason::Unsupported, "unsupported"),
];

fn reason_name(reason: RefusalReason) -> String {
    let name = REFUSAL_REASONS.iter().find(|(known, _)| *known == reason).map(|(_, name)| *name);
    name.unwrap_or_default().to_owned()
}

impl RecordedOpening {
    pub(crate) fn of(opening: &Opening) -> Self {
        match opening {
            Opening::Open { channel, fci } => Self::Open { channel: channel.0, answer: HEXUPPER.encode(fci) },
            Opening::NotFound(status) => Self::NotFound(status.0),
            Opening::NoChannel(status) => Self::NoChannel(status.0),
            Opening::Refused(why) => Self::Refused(why.clone()),
            Opening::Unusable(card, why) => Self::Unusable { card: card_name(*card).into(), why: why.clone() },
            Opening::RefusedByModem(refusal) => {
                Self::RefusedByModem(refusal.words.clone(), reason_name(refusal.reason))
            }
        }
    }

    pub(crate) fn opening(self) -> Result<Opening, TransportError> {
        Ok(match self {
            Self::Open { channel: channel @ 1..=19, answer } => {
                Opening::Open { channel: Channel(channel), fci: from_text(&answer).map_err(departs)? }
            }
            Self::Open { channel, .. } => return Err(departs(format!("there is no channel {channel}"))),
            Self::NotFound(status) => Opening::NotFound(StatusWord(status)),
            Self::NoChannel(status) => Opening::NoChannel(StatusWord(status)),
            Self::Refused(why) => Opening::Refused(why),
            Self::Unusable { card, why } => Opening::Unusable(card_named(&card)?, why),
            Self::RefusedByModem(words, name) => match REFUSAL_REASONS.iter().find(|(_, known)| *known == name) {
                Some((reason, _)) => Opening::RefusedByModem(ModemRefusal { reason: *reason, words }),
                None => Opening::Refused(words),
            },
        })
    }
}

/// See [`Sight`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordedSight {
    card: String,
    iccid: Option<String>,
    registered: Option<bool>,
}

/// What a recording calls them.
const CARD_SIGHTS: [(CardSight, &str); 9] = [
    (CardSight::Absent, "absent"),
    (CardSight::Starting, "starting"),
    (CardSight::Usable, "usable"),
    (CardSight::NotActivated, "not_activated"),
    (CardSight::NoProfile, "no_profile"),
    (CardSight::Locked, "locked"),
    (CardSight::PukRequired, "puk_required"),
    (CardSight::DeviceLocked, "device_locked"),
    (CardSight::Failed, "failed"),
];

fn card_name(card: CardSight) -> &'static str {
    CARD_SIGHTS.iter().find(|(known, _)| *known == card).map_or("", |(_, name)| name)
}

fn card_named(name: &str) -> Result<CardSight, TransportError> {
    let card = CARD_SIGHTS.iter().find(|(_, known)| *known == name).map(|(card, _)| *card);
    card.ok_or_else(|| departs(format!("no such sight of a card: {name}")))
}

impl RecordedSight {
    /// Without the number of the card.
    pub(super) fn without(self, personal: &mut dyn PersonalData) -> Self {
        Self { iccid: self.iccid.map(|iccid| personal.number(&iccid)), ..self }
    }

    pub(crate) fn of(sight: &Sight) -> Self {
        let iccid = sight.iccid.as_ref().map(Iccid::digits);
        Self { card: card_name(sight.card).to_owned(), iccid, registered: sight.registered }
    }

    pub(crate) fn sight(self) -> Result<Sight, TransportError> {
        Ok(Sight {
            card: card_named(&self.card)?,
            iccid: self.iccid.map(|iccid| iccid.parse()).transpose().map_err(departs)?,
            registered: self.registered,
        })
    }
}

/// See [`Identity`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordedIdentity {
    manufacturer: String,
    model: String,
    firmware: String,
}

impl RecordedIdentity {
    /// Without numbers of people and cards.
    pub(super) fn without(self, personal: &mut dyn PersonalData) -> Self {
        let Self { manufacturer, model, firmware } = self;
        let [manufacturer, model, firmware] = [manufacturer, model, firmware].map(|text| personal.text(&text));
        Self { manufacturer, model, firmware }
    }

    pub(crate) fn of(Identity { manufacturer, model, firmware }: &Identity) -> Self {
        Self { manufacturer: manufacturer.clone(), model: model.clone(), firmware: firmware.clone() }
    }

    pub(crate) fn identity(self) -> Identity {
        Identity { manufacturer: self.manufacturer, model: self.model, firmware: self.firmware }
    }
}

/// An application as a recording has it.
pub(crate) fn application_text(application: &Aid) -> String {
    to_text(&application.as_bytes().iter().copied().map(Some).collect::<Vec<_>>())
}
