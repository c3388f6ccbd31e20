//! Reading profiles.

use std::time::Duration;

use sgp22::Function;
use sgp22::apdu::StatusWord;
use sgp22::es10c::{GetProfilesInfo, ProfileRef, ProfilesInfoError, SearchCriterion};
use sgp22::profile::{ProfileInfo, field};
use sgp22::tlv::{DecodeError, DecodeErrorKind, Tag};

use crate::error::refused;
use crate::{Error, Isdr};

/// How much of each profile is asked for. Icons are long, so only [`Detail::Everything`] has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// ICCID, state, class and policy rules: what a change needs to know of the other profiles.
    Lean,
    /// That, AID and names: a table row.
    Row,
    /// That, owner, notification configuration and whatever else is short.
    Description,
    /// All fields that any version defines, the icon included.
    Everything,
}

impl Detail {
    /// The fields by tag.
    #[must_use]
    pub fn tags(self) -> Vec<Tag> {
        let mut tags = vec![field::ICCID, field::STATE, field::CLASS, field::POLICY_RULES];
        if self != Self::Lean {
            tags.extend([field::ISDP_AID, field::NICKNAME, field::SERVICE_PROVIDER, field::NAME]);
        }
        if matches!(self, Self::Description | Self::Everything) {
            tags.extend([
                field::NOTIFICATION_TARGETS,
                field::OWNER,
                field::DP_PROPRIETARY,
                field::ENABLED_ON_PORT,
                field::SIZE,
            ]);
        }
        if self == Self::Everything {
            tags.extend([field::ICON_TYPE, field::ICON]);
            tags.extend(field::KEPT);
        }
        tags
    }
}

/// How long a card in the middle of a profile change is waited for, and how often.
const CHANGE_PAUSE: Duration = Duration::from_millis(500);
const CHANGE_TRIES: usize = 10;

/// All profiles, in the card's order.
pub fn list(isdr: &mut Isdr<'_>, detail: Detail) -> Result<Vec<ProfileInfo>, Error> {
    ask(isdr, None, detail)
}

/// The profile that `reference` names, if the card has it.
pub fn get(isdr: &mut Isdr<'_>, reference: &ProfileRef, detail: Detail) -> Result<Option<ProfileInfo>, Error> {
    let found = match ask(isdr, Some(SearchCriterion::Profile(reference.clone())), detail) {
        Err(Error::Refused(_) | Error::Status { .. }) => list(isdr, detail)?,
        found => found?,
    };
    // Cards that overlook search criteria answer with everything.
    Ok(found.into_iter().find(|profile| match reference {
        ProfileRef::Iccid(iccid) => profile.iccid.as_ref() == Some(iccid),
        ProfileRef::Aid(aid) => profile.isdp_aid.as_ref() == Some(aid),
    }))
}

/// Asks, and takes no row for a profile that has no ICCID: such a list says neither what is there nor what is not.
fn ask(isdr: &mut Isdr<'_>, search: Option<SearchCriterion>, detail: Detail) -> Result<Vec<ProfileInfo>, Error> {
    let profiles = ask_as_taken(isdr, search, detail)?;
    if profiles.iter().all(|profile| profile.iccid.is_some()) {
        return Ok(profiles);
    }
    let source = DecodeError::new("ProfileInfo", DecodeErrorKind::Missing(field::ICCID));
    Err(Error::Decode { function: GetProfilesInfo::NAME, source })
}

/// Asks with a tag list, and without one if the card does not take it.
fn ask_as_taken(
    isdr: &mut Isdr<'_>,
    search: Option<SearchCriterion>,
    detail: Detail,
) -> Result<Vec<ProfileInfo>, Error> {
    if isdr.takes_tag_lists {
        let mut tags = detail.tags();
        if detail == Detail::Everything {
            match ask_once(isdr, &GetProfilesInfo { search: search.clone(), tags: Some(tags.clone()), iot_tags: None })
            {
                Err(error) if is_dislike(&error) => {
                    log::info!("the card does not take tags of newer versions ({error}): asking without them");
                    tags.retain(|tag| !field::KEPT.contains(tag));
                }
                answer => return answer,
            }
        }
        match ask_once(isdr, &GetProfilesInfo { search: search.clone(), tags: Some(tags), iot_tags: None }) {
            Err(error) if search.is_none() && is_dislike(&error) => {
                log::info!("the card does not take a tag list ({error}): asking without");
                isdr.takes_tag_lists = false;
            }
            Ok(profiles) if !profiles.iter().all(is_told) => {
                log::info!("the card does not say ICCID and state of all its profiles: asking without a tag list");
            }
            answer => return answer,
        }
    }
    ask_once(isdr, &GetProfilesInfo { search, tags: None, iot_tags: None })
}

/// True if the card says what every change has to know.
fn is_told(profile: &ProfileInfo) -> bool {
    profile.iccid.is_some() && profile.says_whether_enabled().is_some()
}

/// True if the card does not like the form of the request.
fn is_dislike(error: &Error) -> bool {
    match error {
        Error::Refused(refusal) => refusal.code != ProfilesInfoError::ProfileChangeOngoing.code(),
        Error::Status { status, .. } => {
            matches!(*status, StatusWord::WRONG_DATA | StatusWord::REFERENCE_NOT_FOUND | StatusWord::WRONG_LENGTH)
        }
        _ => false,
    }
}

/// Asks; a card in the middle of a profile change is asked again.
fn ask_once(isdr: &mut Isdr<'_>, request: &GetProfilesInfo) -> Result<Vec<ProfileInfo>, Error> {
    let mut tries = 0;
    loop {
        match isdr.call(request)? {
            Ok(profiles) => return Ok(profiles),
            Err(ProfilesInfoError::ProfileChangeOngoing) if tries < CHANGE_TRIES => {
                tries += 1;
                std::thread::sleep(CHANGE_PAUSE);
            }
            Err(error) => return Err(refused!(GetProfilesInfo::NAME, error)),
        }
    }
}
