//! ES10b.ListNotification.

use crate::codes::codes;
use crate::function::{Function, decode_list, encode_list, rows};
use crate::notification::{Events, NotificationMetadata};
use crate::tlv::{DecodeError, Elements, Tag, Writer, decode_u64};

/// Asks which notifications wait on the card (SGP.22 5.7.9).
///
/// ```text
/// ListNotificationRequest ::= [40] SEQUENCE { profileManagementOperation NotificationEvent OPTIONAL }  -- BF28, [1]
/// ListNotificationResponse ::= [40] CHOICE {
///     notificationMetadataList SEQUENCE OF NotificationMetadata,   -- [0]
///     listNotificationsResultError INTEGER                         -- [1]
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListNotification {
    /// Only those of one of these events.
    pub events: Option<Events>,
}

codes! {
    /// Error of ES10b.ListNotification.
    pub enum ListNotificationError {
        UndefinedError = 127, "undefinedError", "the card refused without saying why";
    }
}

impl ListNotification {
    /// Counts the notifications in an answer that have no sequence number, or none that can be read.
    ///
    /// They are not in the decoded list: without a number a notification can neither be fetched nor removed, and it must
    /// not hide the others.
    #[must_use]
    pub fn count_unnumbered(answer: &[u8]) -> usize {
        let read_list = |list: &[u8]| {
            let rows = rows("notificationMetadataList", list, NotificationMetadata::TAG)?;
            Ok(rows.iter().filter(|metadata| is_unnumbered(metadata.value)).count())
        };
        let count = decode_list(Self::NAME, Self::TAG, answer, read_list, ListNotificationError::decode);
        count.ok().and_then(Result::ok).unwrap_or_default()
    }
}

fn is_unnumbered(metadata: &[u8]) -> bool {
    let Ok(mut elements) = Elements::parse("NotificationMetadata", metadata) else { return false };
    let is_number = |value: &[u8]| !value.is_empty() && decode_u64("seqNumber", value).is_ok();
    !elements.take(Tag(0x80)).is_some_and(|number| is_number(number.value))
}

impl Function for ListNotification {
    type Answer = Result<Vec<NotificationMetadata>, ListNotificationError>;
    const TAG: Tag = Tag(0xBF28);
    const NAME: &'static str = "ES10b.ListNotification";

    fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.maybe(Tag(0x81), self.events.as_ref().map(|events| events.0.encode()));
        })
    }

    fn decode(command: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open(Self::NAME, command, Self::TAG)?;
        let events = elements.optional(Tag(0x81), Events::decode)?;
        elements.deny_rest()?;
        Ok(Self { events })
    }

    fn encode_answer(answer: &Self::Answer) -> Vec<u8> {
        encode_list(
            Self::TAG,
            answer,
            |list, w| {
                for metadata in list {
                    w.raw(&metadata.encode());
                }
            },
            |error| error.encode(),
        )
    }

    fn decode_answer(answer: &[u8]) -> Result<Self::Answer, DecodeError> {
        let read_list = |list: &[u8]| {
            let rows = rows("notificationMetadataList", list, NotificationMetadata::TAG)?;
            let numbered = rows.iter().filter(|metadata| !is_unnumbered(metadata.value));
            numbered.map(|metadata| NotificationMetadata::decode(metadata.value)).collect()
        };
        decode_list(Self::NAME, Self::TAG, answer, read_list, ListNotificationError::decode)
    }
}
