//! ES10b.GetEUICCChallenge.

use crate::function::{Function, decode_empty};
use crate::tlv::{DecodeError, Elements, Tag, Writer};

/// Starts a new remote provisioning session; the card drops an earlier one (SGP.22 5.7.7).
///
/// ```text
/// GetEuiccChallengeRequest ::= [46] SEQUENCE {}                        -- BF2E
/// GetEuiccChallengeResponse ::= [46] SEQUENCE { euiccChallenge Octet16 }    -- [0]
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetEuiccChallenge;

impl Function for GetEuiccChallenge {
    /// 16 random bytes.
    type Answer = [u8; 16];
    const TAG: Tag = Tag(0xBF2E);
    const NAME: &'static str = "ES10b.GetEUICCChallenge";

    fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |_| {})
    }

    fn decode(command: &[u8]) -> Result<Self, DecodeError> {
        decode_empty(Self::NAME, Self::TAG, command).map(|()| Self)
    }

    fn encode_answer(answer: &[u8; 16]) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.put(Tag(0x80), answer);
        })
    }

    fn decode_answer(answer: &[u8]) -> Result<[u8; 16], DecodeError> {
        Elements::open(Self::NAME, answer, Self::TAG)?.required(Tag(0x80), |value| {
            value.try_into().map_err(|_| DecodeError::value("euiccChallenge", "a challenge has 16 bytes"))
        })
    }
}
