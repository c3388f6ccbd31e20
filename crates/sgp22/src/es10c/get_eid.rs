//! ES10c.GetEID.

use crate::function::Function;
use crate::id::Eid;
use crate::tlv::{DecodeError, Elements, Tag, Writer};

/// Asks for the EID (SGP.22 5.7.20).
///
/// ```text
/// GetEuiccDataRequest ::= [62] SEQUENCE { tagList [APPLICATION 28] Octet1 }       -- BF3E, 5C with the value 5A
/// GetEuiccDataResponse ::= [62] SEQUENCE { eidValue [APPLICATION 26] Octet16 }    -- 5A
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetEid;

impl Function for GetEid {
    type Answer = Eid;
    const TAG: Tag = Tag(0xBF3E);
    const NAME: &'static str = "ES10c.GetEID";

    fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.put(Tag(0x5C), &[0x5A]);
        })
    }

    fn decode(command: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open(Self::NAME, command, Self::TAG)?;
        elements.required(Tag(0x5C), |tags| match tags {
            [0x5A] => Ok(()),
            _ => Err(DecodeError::value("GetEID.tagList", "the tag list holds 5A and nothing else")),
        })?;
        elements.deny_rest()?;
        Ok(Self)
    }

    fn encode_answer(answer: &Eid) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.put(Tag(0x5A), answer.as_bytes());
        })
    }

    fn decode_answer(answer: &[u8]) -> Result<Eid, DecodeError> {
        Elements::open(Self::NAME, answer, Self::TAG)?.required(Tag(0x5A), Eid::decode)
    }
}
