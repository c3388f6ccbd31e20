//! Deleting a profile.

use sgp22::Function;
use sgp22::es10c::{DeleteProfile, DeleteProfileResult, ProfileRef};
use sgp22::id::{Aid, Iccid};
use sgp22::profile::ProfileInfo;

use super::{Verdict, settle};
use crate::error::refused;
use crate::profiles::{self, Detail};
use crate::{Error, Isdr};

/// Deletes a profile and proves it; gives the profiles that are left (see [`Detail::Lean`]).
///
/// The command is sent by ICCID, and by AID if the card does not know the ICCID that it gave itself. After a lost
/// answer it is never sent again: the card is read, and what it says is the result.
pub fn delete(isdr: &mut Isdr<'_>, iccid: &Iccid, aid: Option<&Aid>) -> Result<Vec<ProfileInfo>, Verdict> {
    isdr.checkpoint().map_err(Verdict::NotDone)?;
    isdr.uninterrupted(|isdr| {
        let by_iccid = ProfileRef::Iccid(iccid.clone());
        match (delete_by(isdr, iccid, &by_iccid)?, aid) {
            (Ok(left), _) => Ok(left),
            (Err(error), Some(aid)) if is_not_found(&error) => {
                delete_by(isdr, iccid, &ProfileRef::Aid(aid.clone()))?.map_err(Verdict::NotDone)
            }
            (Err(error), _) => Err(Verdict::NotDone(error)),
        }
    })
}

/// One try and the truth after it.
fn delete_by(
    isdr: &mut Isdr<'_>,
    iccid: &Iccid,
    profile: &ProfileRef,
) -> Result<Result<Vec<ProfileInfo>, Error>, Verdict> {
    let answer = isdr.call(&DeleteProfile { profile: profile.clone() }).and_then(|result| match result {
        DeleteProfileResult::Ok => Ok(()),
        result => Err(refused!(DeleteProfile::NAME, result)),
    });
    let mut left = Vec::new();
    let settled = settle(isdr, answer, false, |isdr| {
        left = profiles::list(isdr, Detail::Lean)?;
        Ok(left.iter().all(|profile| profile.iccid.as_ref() != Some(iccid)))
    })?;
    Ok(settled.into_result(DeleteProfile::NAME).map(|()| left))
}

fn is_not_found(error: &Error) -> bool {
    let code = DeleteProfileResult::IccidOrAidNotFound.code();
    matches!(error, Error::Refused(refusal) if refusal.code == code)
}
