//! ES10b.RemoveNotificationFromList.

use crate::codes::codes;
use crate::function::{Function, decode_result, encode_result};
use crate::tlv::{DecodeError, Elements, Tag, Writer, decode_u64, encode_u64};

/// Removes a notification for good; only after its server has accepted it (SGP.22 5.7.11).
///
/// ```text
/// NotificationSentRequest ::= [48] SEQUENCE { seqNumber [0] INTEGER }                  -- BF30
/// NotificationSentResponse ::= [48] SEQUENCE { deleteNotificationStatus INTEGER }      -- [0]
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoveNotificationFromList {
    /// Number of the notification.
    pub seq: u64,
}

codes! {
    /// Result of ES10b.RemoveNotificationFromList.
    pub enum RemoveNotificationResult {
        Ok = 0, "ok", "done";
        NothingToDelete = 1, "nothingToDelete", "no notification has this number";
        UndefinedError = 127, "undefinedError", "the card refused without saying why";
    }
}

impl Function for RemoveNotificationFromList {
    type Answer = RemoveNotificationResult;
    const TAG: Tag = Tag(0xBF30);
    const NAME: &'static str = "ES10b.RemoveNotificationFromList";

    fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.put(Tag(0x80), &encode_u64(self.seq));
        })
    }

    fn decode(command: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open(Self::NAME, command, Self::TAG)?;
        let seq = elements.required(Tag(0x80), |value| decode_u64("seqNumber", value))?;
        elements.deny_rest()?;
        Ok(Self { seq })
    }

    fn encode_answer(answer: &RemoveNotificationResult) -> Vec<u8> {
        encode_result(Self::TAG, &answer.encode())
    }

    fn decode_answer(answer: &[u8]) -> Result<RemoveNotificationResult, DecodeError> {
        decode_result(Self::NAME, Self::TAG, answer, RemoveNotificationResult::decode)
    }
}
