//! ES10b.GetRAT.

use crate::function::{Function, decode_empty};
use crate::policy::AuthorisationRule;
use crate::tlv::{DecodeError, Elements, Reader, Tag, Writer};

/// Asks for the Rules Authorisation Table: which operators may put policy rules on a profile (SGP.22 5.7.22).
///
/// ```text
/// GetRatRequest ::= [67] SEQUENCE {}                                                  -- BF43
/// GetRatResponse ::= [67] SEQUENCE { rat SEQUENCE OF ProfilePolicyAuthorisationRule }    -- [0]
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetRat;

impl Function for GetRat {
    type Answer = Vec<AuthorisationRule>;
    const TAG: Tag = Tag(0xBF43);
    const NAME: &'static str = "ES10b.GetRAT";

    fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |_| {})
    }

    fn decode(command: &[u8]) -> Result<Self, DecodeError> {
        decode_empty(Self::NAME, Self::TAG, command).map(|()| Self)
    }

    fn encode_answer(answer: &Self::Answer) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.nest(Tag(0xA0), |w| {
                for rule in answer {
                    w.nest(Tag(0x30), |w| rule.write(w));
                }
            });
        })
    }

    /// A rule that cannot be read allows nothing, and so it is left out.
    fn decode_answer(answer: &[u8]) -> Result<Self::Answer, DecodeError> {
        Elements::open(Self::NAME, answer, Self::TAG)?.required(Tag(0xA0), |list| {
            let rules = Reader::new("rat", list).collect::<Result<Vec<_>, _>>()?;
            Ok(rules.iter().filter_map(|rule| AuthorisationRule::decode(rule.value).ok()).collect())
        })
    }
}
