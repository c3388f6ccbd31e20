//! ES10b.RetrieveNotificationsList.

use crate::codes::codes;
use crate::function::{Function, decode_list, encode_list};
use crate::notification::{Events, PendingNotification};
use crate::tlv::{DecodeError, Elements, Reader, Tag, Writer, decode_u64, encode_u64};

/// Asks for notifications with their signatures (SGP.22 5.7.10).
///
/// ```text
/// RetrieveNotificationsListRequest ::= [43] SEQUENCE {                    -- BF2B
///     searchCriteria CHOICE {                                             -- [0], EXPLICIT
///         seqNumber [0] INTEGER, profileManagementOperation [1] NotificationEvent
///     } OPTIONAL
/// }
/// RetrieveNotificationsListResponse ::= [43] CHOICE {
///     notificationList SEQUENCE OF PendingNotification,                   -- [0]
///     notificationsListResultError INTEGER                                -- [1]
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetrieveNotificationsList {
    /// All of them.
    All,
    /// The one with this number.
    Seq(u64),
    /// Those of one of these events.
    Events(Events),
}

codes! {
    /// Error of ES10b.RetrieveNotificationsList.
    pub enum RetrieveNotificationsError {
        NoResultAvailable = 1, "noResultAvailable", "no notification fits";
        UndefinedError = 127, "undefinedError", "the card refused without saying why";
    }
}

impl Function for RetrieveNotificationsList {
    type Answer = Result<Vec<PendingNotification>, RetrieveNotificationsError>;
    const TAG: Tag = Tag(0xBF2B);
    const NAME: &'static str = "ES10b.RetrieveNotificationsList";

    fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| match self {
            Self::All => {}
            Self::Seq(seq) => {
                w.nest(Tag(0xA0), |w| {
                    w.put(Tag(0x80), &encode_u64(*seq));
                });
            }
            Self::Events(events) => {
                w.nest(Tag(0xA0), |w| {
                    w.put(Tag(0x81), &events.0.encode());
                });
            }
        })
    }

    fn decode(command: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open(Self::NAME, command, Self::TAG)?;
        let criteria = elements.take(Tag(0xA0));
        elements.deny_rest()?;
        let Some(criteria) = criteria else { return Ok(Self::All) };
        let mut choice = Elements::parse("searchCriteria", criteria.value)?;
        let search = match choice.optional(Tag(0x80), |value| decode_u64("seqNumber", value))? {
            Some(seq) => Self::Seq(seq),
            None => Self::Events(choice.required(Tag(0x81), Events::decode)?),
        };
        choice.deny_rest()?;
        Ok(search)
    }

    fn encode_answer(answer: &Self::Answer) -> Vec<u8> {
        encode_list(
            Self::TAG,
            answer,
            |list, w| {
                for notification in list {
                    w.raw(&notification.bytes);
                }
            },
            |error| error.encode(),
        )
    }

    /// Old cards answer with an empty object, or with nothing at all, when nothing fits.
    fn decode_answer(answer: &[u8]) -> Result<Self::Answer, DecodeError> {
        if answer.is_empty() || answer == [0xBF, 0x2B, 0x00] {
            return Ok(Ok(Vec::new()));
        }
        let read_list = |list: &[u8]| {
            Reader::new("notificationList", list)
                .map(|notification| PendingNotification::decode(notification?.raw))
                .collect()
        };
        decode_list(Self::NAME, Self::TAG, answer, read_list, RetrieveNotificationsError::decode)
    }
}
