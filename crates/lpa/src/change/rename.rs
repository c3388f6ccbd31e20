//! Giving a profile a nickname.

use sgp22::Function;
use sgp22::es10c::{ProfileRef, SetNickname, SetNicknameResult};
use sgp22::id::Iccid;
use sgp22::tlv::Text;

use super::{Verdict, settle};
use crate::Isdr;
use crate::error::refused;
use crate::profiles::{self, Detail};

/// Sets a profile's nickname, or clears it with an empty one, and proves it.
pub fn rename(isdr: &mut Isdr<'_>, iccid: &Iccid, nickname: &Text) -> Result<(), Verdict> {
    isdr.checkpoint().map_err(Verdict::NotDone)?;
    isdr.uninterrupted(|isdr| {
        let request = SetNickname { iccid: iccid.clone(), nickname: nickname.clone() };
        let answer = isdr.call(&request).and_then(|result| match result {
            SetNicknameResult::Ok => Ok(()),
            result => Err(refused!(SetNickname::NAME, result)),
        });
        let reference = ProfileRef::Iccid(iccid.clone());
        let settled = settle(isdr, answer, false, |isdr| {
            let profile = profiles::get(isdr, &reference, Detail::Row)?;
            let now = profile.and_then(|profile| profile.nickname).unwrap_or_default();
            // A card may keep it in another encoding, or with filler behind it.
            Ok(now == *nickname || now.to_string() == nickname.to_string())
        })?;
        settled.into_result(SetNickname::NAME).map_err(Verdict::NotDone)
    })
}
