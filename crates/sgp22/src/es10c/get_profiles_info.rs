//! ES10c.GetProfilesInfo.

use super::ProfileRef;
use crate::codes::codes;
use crate::function::{Function, decode_list, encode_list, rows};
use crate::profile::{ProfileClass, ProfileInfo, field};
use crate::tlv::{DecodeError, Elements, Tag, Writer};

/// Asks for profiles and their fields (SGP.22 5.7.15).
///
/// ```text
/// ProfileInfoListRequest ::= [45] SEQUENCE {                                   -- BF2D
///     searchCriteria [0] CHOICE {                                              -- A0, EXPLICIT
///         isdpAid [APPLICATION 15], iccid [APPLICATION 26], profileClass [21]  -- 4F, 5A, 95
///     } OPTIONAL,
///     tagList [APPLICATION 28] OCTET STRING OPTIONAL,                          -- 5C, tags one after the other
///     iotSpecificTagList [APPLICATION 29] OCTET STRING OPTIONAL                -- 5D, SGP.32
/// }
/// ProfileInfoListResponse ::= [45] CHOICE {
///     profileInfoListOk SEQUENCE OF ProfileInfo,                               -- [0]
///     profileInfoListError INTEGER                                             -- [1]
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetProfilesInfo {
    /// Only profiles that fit this.
    pub search: Option<SearchCriterion>,
    /// The fields asked for, by tag. `None` leaves it to the card, which then gives everything up to the class,
    /// icons included, but neither policy rules nor owner.
    pub tags: Option<Vec<Tag>>,
    /// SGP.32: the fields of IoT cards asked for, by tag.
    pub iot_tags: Option<Vec<Tag>>,
}

/// What profiles to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchCriterion {
    /// The one with this AID or ICCID.
    Profile(ProfileRef),
    /// Those of this class.
    Class(ProfileClass),
}

codes! {
    /// Error of ES10c.GetProfilesInfo.
    pub enum ProfilesInfoError {
        IncorrectInputValues = 1, "incorrectInputValues", "the card does not take the request as it is";
        ProfileChangeOngoing = 11, "profileChangeOngoing", "the card is in the middle of a profile change";
        UndefinedError = 127, "undefinedError", "the card refused without saying why";
    }
}

impl Function for GetProfilesInfo {
    type Answer = Result<Vec<ProfileInfo>, ProfilesInfoError>;
    const TAG: Tag = Tag(0xBF2D);
    const NAME: &'static str = "ES10c.GetProfilesInfo";

    fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            if let Some(search) = &self.search {
                w.nest(Tag(0xA0), |w| match search {
                    SearchCriterion::Profile(profile) => profile.write(w),
                    SearchCriterion::Class(class) => {
                        w.put(field::CLASS, &class.encode());
                    }
                });
            }
            w.maybe(Tag(0x5C), self.tags.as_deref().map(encode_tag_list));
            w.maybe(Tag(0x5D), self.iot_tags.as_deref().map(encode_tag_list));
        })
    }

    fn decode(command: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open(Self::NAME, command, Self::TAG)?;
        let search = elements.optional(Tag(0xA0), |value| {
            let mut choice = Elements::parse("searchCriteria", value)?;
            let search = match choice.optional(field::CLASS, ProfileClass::decode)? {
                Some(class) => SearchCriterion::Class(class),
                None => SearchCriterion::Profile(ProfileRef::take(&mut choice)?),
            };
            choice.deny_rest()?;
            Ok(search)
        })?;
        let tags = elements.optional(Tag(0x5C), decode_tag_list)?;
        let iot_tags = elements.optional(Tag(0x5D), decode_tag_list)?;
        elements.deny_rest()?;
        Ok(Self { search, tags, iot_tags })
    }

    fn encode_answer(answer: &Self::Answer) -> Vec<u8> {
        encode_list(
            Self::TAG,
            answer,
            |list, w| {
                for profile in list {
                    profile.write(w);
                }
            },
            |error| error.encode(),
        )
    }

    fn decode_answer(answer: &[u8]) -> Result<Self::Answer, DecodeError> {
        let read_list = |list: &[u8]| {
            let rows = rows("profileInfoListOk", list, ProfileInfo::TAG)?;
            rows.iter().map(|profile| ProfileInfo::decode(profile.value)).collect()
        };
        decode_list(Self::NAME, Self::TAG, answer, read_list, ProfilesInfoError::decode)
    }
}

fn encode_tag_list(tags: &[Tag]) -> Vec<u8> {
    tags.iter().flat_map(|tag| tag.to_bytes()).collect()
}

/// Tags one after the other, those of several bytes written whole.
fn decode_tag_list(mut value: &[u8]) -> Result<Vec<Tag>, DecodeError> {
    let mut tags = Vec::new();
    while !value.is_empty() {
        let (tag, rest) = Tag::split(value).map_err(|kind| DecodeError::new("tagList", kind))?;
        tags.push(tag);
        value = rest;
    }
    Ok(tags)
}
