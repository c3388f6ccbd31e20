//! ES10c.SetNickname.

use crate::codes::codes;
use crate::function::{Function, decode_result, encode_result};
use crate::id::Iccid;
use crate::profile::field;
use crate::tlv::{DecodeError, Elements, Tag, Text, Writer};

/// Sets or clears the user's own name for a profile (SGP.22 5.7.21).
///
/// ```text
/// SetNicknameRequest ::= [41] SEQUENCE {                          -- BF29
///     iccid Iccid,                                                -- 5A
///     profileNickname [16] UTF8String (SIZE(0..64))               -- 90, empty clears
/// }
/// SetNicknameResponse ::= [41] SEQUENCE { setNicknameResult INTEGER }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetNickname {
    /// The profile, exactly as the card gave it.
    pub iccid: Iccid,
    /// The name, up to [`SetNickname::MAX_BYTES`]; empty to clear.
    pub nickname: Text,
}

impl SetNickname {
    /// The longest nickname, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 64;
}

codes! {
    /// Result of ES10c.SetNickname.
    pub enum SetNicknameResult {
        Ok = 0, "ok", "done";
        IccidNotFound = 1, "iccidNotFound", "the card has no profile with this ICCID";
        UndefinedError = 127, "undefinedError", "the card refused without saying why";
    }
}

impl Function for SetNickname {
    type Answer = SetNicknameResult;
    const TAG: Tag = Tag(0xBF29);
    const NAME: &'static str = "ES10c.SetNickname";

    fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.put(field::ICCID, self.iccid.as_bytes());
            w.put(field::NICKNAME, self.nickname.as_bytes());
        })
    }

    fn decode(command: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open(Self::NAME, command, Self::TAG)?;
        let iccid = elements.required(field::ICCID, Iccid::decode)?;
        let nickname = elements.required(field::NICKNAME, |value| Ok(Text::from_bytes(value)))?;
        elements.deny_rest()?;
        Ok(Self { iccid, nickname })
    }

    fn encode_answer(answer: &SetNicknameResult) -> Vec<u8> {
        encode_result(Self::TAG, &answer.encode())
    }

    fn decode_answer(answer: &[u8]) -> Result<SetNicknameResult, DecodeError> {
        decode_result(Self::NAME, Self::TAG, answer, SetNicknameResult::decode)
    }
}
