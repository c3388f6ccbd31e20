//! ES10a.SetDefaultDpAddress.

use crate::ci::CiKeyId;
use crate::codes::codes;
use crate::function::{Function, decode_result, encode_result};
use crate::tlv::{DecodeError, Elements, Tag, Text, Writer};

/// Sets or clears the default SM-DP+ (SGP.22 5.7.4).
///
/// ```text
/// SetDefaultDpAddressRequest ::= [63] SEQUENCE {           -- BF3F
///     defaultDpAddress UTF8String,                         -- [0], empty clears
///     allowedCiPKId SubjectKeyIdentifier OPTIONAL          -- [1], v3
/// }
/// SetDefaultDpAddressResponse ::= [63] SEQUENCE { setDefaultDpAddressResult INTEGER }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetDefaultDpAddress {
    /// Host name without a scheme; empty to clear.
    pub address: Text,
    /// v3: the only issuer whose servers may have this address.
    pub allowed_ci: Option<CiKeyId>,
}

codes! {
    /// Result of ES10a.SetDefaultDpAddress.
    pub enum SetDefaultDpAddressResult {
        Ok = 0, "ok", "done";
        UnsupportedCiPkId = 8, "unsupportedCiPKId", "the card does not know the issuer asked for";
        UndefinedError = 127, "undefinedError", "the card refused without saying why";
    }
}

impl Function for SetDefaultDpAddress {
    type Answer = SetDefaultDpAddressResult;
    const TAG: Tag = Tag(0xBF3F);
    const NAME: &'static str = "ES10a.SetDefaultDpAddress";

    fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.put(Tag(0x80), self.address.as_bytes());
            w.maybe(Tag(0x81), self.allowed_ci.as_ref());
        })
    }

    fn decode(command: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open(Self::NAME, command, Self::TAG)?;
        let address = elements.required(Tag(0x80), |value| Ok(Text::from_bytes(value)))?;
        let allowed_ci = elements.optional(Tag(0x81), CiKeyId::decode)?;
        elements.deny_rest()?;
        Ok(Self { address, allowed_ci })
    }

    fn encode_answer(answer: &SetDefaultDpAddressResult) -> Vec<u8> {
        encode_result(Self::TAG, &answer.encode())
    }

    fn decode_answer(answer: &[u8]) -> Result<SetDefaultDpAddressResult, DecodeError> {
        decode_result(Self::NAME, Self::TAG, answer, SetDefaultDpAddressResult::decode)
    }
}
