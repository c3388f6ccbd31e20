//! ES10c.EnableProfile and ES10c.DisableProfile: the same command but for the tag and the codes.

use super::ProfileRef;
use crate::codes::codes;
use crate::function::{Function, decode_result, encode_result};
use crate::tlv::{DecodeError, Elements, Tag, Writer, decode_bool, decode_u64, encode_u64};

/// Enables a profile; the one that was enabled is disabled with it (SGP.22 5.7.16).
///
/// ```text
/// EnableProfileRequest ::= [49] SEQUENCE {                                     -- BF31
///     profileIdentifier [0] CHOICE { isdpAid, iccid },                         -- A0, EXPLICIT
///     refreshFlag [1] BOOLEAN,                                                 -- true: the card asks for a REFRESH
///     targetEsimPort [2] INTEGER OPTIONAL                                      -- v3, cards with several ports
/// }
/// EnableProfileResponse ::= [49] SEQUENCE { enableResult [0] INTEGER, targetEsimPort [1] INTEGER OPTIONAL }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnableProfile {
    /// The profile.
    pub profile: ProfileRef,
    /// True to have the card ask the terminal for a REFRESH.
    pub refresh: bool,
    /// v3: the eSIM port to enable it on.
    pub port: Option<u64>,
}

/// Disables the enabled profile (SGP.22 5.7.17).
///
/// ```text
/// DisableProfileRequest ::= [50] SEQUENCE { ... as EnableProfileRequest }      -- BF32
/// DisableProfileResponse ::= [50] SEQUENCE { disableResult [0] INTEGER }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisableProfile {
    /// The profile.
    pub profile: ProfileRef,
    /// True to have the card ask the terminal for a REFRESH.
    pub refresh: bool,
}

codes! {
    /// Result of ES10c.EnableProfile.
    pub enum EnableProfileResult {
        Ok = 0, "ok", "done";
        IccidOrAidNotFound = 1, "iccidOrAidNotFound", "the card has no profile with this ICCID or AID";
        ProfileNotInDisabledState = 2, "profileNotInDisabledState", "the profile is enabled already";
        DisallowedByPolicy = 3, "disallowedByPolicy", "the enabled profile has a rule that forbids disabling it";
        WrongProfileReenabling = 4, "wrongProfileReenabling", "after a test profile, only the profile that was enabled before it may follow";
        CatBusy = 5, "catBusy", "the card is busy with a command to the modem";
        DisallowedByEnterpriseRule = 6, "disallowedByEnterpriseRule", "an enterprise rule forbids it";
        CommandError = 7, "commandError", "the card does not take the command as it is";
        DisallowedForRpm = 9, "disallowedForRpm", "not allowed by remote management";
        NoEsimPortAvailable = 10, "noEsimPortAvailable", "all eSIM ports are in use";
        UndefinedError = 127, "undefinedError", "the card refused without saying why";
    }
}

codes! {
    /// Result of ES10c.DisableProfile.
    pub enum DisableProfileResult {
        Ok = 0, "ok", "done";
        IccidOrAidNotFound = 1, "iccidOrAidNotFound", "the card has no profile with this ICCID or AID";
        ProfileNotInEnabledState = 2, "profileNotInEnabledState", "the profile is disabled already";
        DisallowedByPolicy = 3, "disallowedByPolicy", "the profile has a rule that forbids disabling it";
        CatBusy = 5, "catBusy", "the card is busy with a command to the modem";
        CommandError = 7, "commandError", "the card does not take the command as it is";
        DisallowedForRpm = 10, "disallowedForRpm", "not allowed by remote management";
        UndefinedError = 127, "undefinedError", "the card refused without saying why";
    }
}

macro_rules! switch_profile {
    ($function:ident, $result:ident, $tag:literal, $name:literal $(, $port:ident)?) => {
        impl Function for $function {
            type Answer = $result;
            const TAG: Tag = Tag($tag);
            const NAME: &'static str = $name;

            fn encode(&self) -> Vec<u8> {
                Writer::object(Self::TAG, |w| {
                    w.nest(Tag(0xA0), |w| self.profile.write(w));
                    w.put(Tag(0x81), if self.refresh { &[0xFF] } else { &[0x00] });
                    $( w.maybe(Tag(0x82), self.$port.map(encode_u64)); )?
                })
            }

            fn decode(command: &[u8]) -> Result<Self, DecodeError> {
                let mut elements = Elements::open(Self::NAME, command, Self::TAG)?;
                let profile = elements.required(Tag(0xA0), |value| {
                    let mut choice = Elements::parse("profileIdentifier", value)?;
                    let profile = ProfileRef::take(&mut choice)?;
                    choice.deny_rest()?;
                    Ok(profile)
                })?;
                let refresh = elements.required(Tag(0x81), |value| decode_bool("refreshFlag", value))?;
                $( let $port = elements.optional(Tag(0x82), |value| decode_u64("targetEsimPort", value))?; )?
                elements.deny_rest()?;
                Ok(Self { profile, refresh $(, $port)? })
            }

            fn encode_answer(answer: &$result) -> Vec<u8> {
                encode_result(Self::TAG, &answer.encode())
            }

            fn decode_answer(answer: &[u8]) -> Result<$result, DecodeError> {
                decode_result(Self::NAME, Self::TAG, answer, $result::decode)
            }
        }
    };
}

switch_profile!(EnableProfile, EnableProfileResult, 0xBF31, "ES10c.EnableProfile", port);
switch_profile!(DisableProfile, DisableProfileResult, 0xBF32, "ES10c.DisableProfile");
