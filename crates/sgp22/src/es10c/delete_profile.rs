//! ES10c.DeleteProfile.

use super::ProfileRef;
use crate::codes::codes;
use crate::function::{Function, decode_result, encode_result};
use crate::tlv::{DecodeError, Elements, Tag, Writer};

/// Deletes a disabled profile for good (SGP.22 5.7.18).
///
/// ```text
/// DeleteProfileRequest ::= [51] CHOICE { isdpAid [APPLICATION 15], iccid [APPLICATION 26] }    -- BF33, no A0 here
/// DeleteProfileResponse ::= [51] SEQUENCE { deleteResult [0] INTEGER }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteProfile {
    /// The profile.
    pub profile: ProfileRef,
}

codes! {
    /// Result of ES10c.DeleteProfile.
    pub enum DeleteProfileResult {
        Ok = 0, "ok", "done";
        IccidOrAidNotFound = 1, "iccidOrAidNotFound", "the card has no profile with this ICCID or AID";
        ProfileNotInDisabledState = 2, "profileNotInDisabledState", "the profile is enabled";
        DisallowedByPolicy = 3, "disallowedByPolicy", "the profile has a rule that forbids deleting it";
        DisallowedInTestMode = 4, "disallowedInTestMode", "not while a test profile is enabled";
        CommandError = 7, "commandError", "the card does not take the command as it is";
        UndefinedError = 127, "undefinedError", "the card refused without saying why";
    }
}

impl Function for DeleteProfile {
    type Answer = DeleteProfileResult;
    const TAG: Tag = Tag(0xBF33);
    const NAME: &'static str = "ES10c.DeleteProfile";

    fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| self.profile.write(w))
    }

    fn decode(command: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open(Self::NAME, command, Self::TAG)?;
        let profile = ProfileRef::take(&mut elements)?;
        elements.deny_rest()?;
        Ok(Self { profile })
    }

    fn encode_answer(answer: &DeleteProfileResult) -> Vec<u8> {
        encode_result(Self::TAG, &answer.encode())
    }

    fn decode_answer(answer: &[u8]) -> Result<DeleteProfileResult, DecodeError> {
        decode_result(Self::NAME, Self::TAG, answer, DeleteProfileResult::decode)
    }
}
