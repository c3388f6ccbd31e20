//! Giving a profile a nickname.

use lpa::change::rename;
use lpa::profiles::Detail;
use sgp22::es10c::SetNickname;
use sgp22::profile::ProfileInfo;
use sgp22::tlv::Text;

use super::binding::{Binding, query_of, same_profile};
use super::switch::iccid_of;
use super::{Card, Collected, Failure, Kind};
use crate::error::{Error, Id};
use crate::outbox::Reporting;
use crate::query::ProfileQuery;

/// A name that is about to be given.
#[derive(Debug, Clone)]
pub struct RenamePlan {
    /// The profile.
    pub profile: ProfileInfo,
    /// Its nickname to be; empty to clear it.
    pub nickname: String,
    binding: Binding,
}

/// A name that was given.
#[derive(Debug, Clone)]
pub struct Renamed {
    /// What was planned.
    pub plan: RenamePlan,
    /// It had that name already.
    pub already: bool,
    /// What became of the notifications of earlier changes.
    pub notifications: Reporting,
}

impl Card<'_> {
    /// Finds out what a renaming would do.
    pub fn plan_rename(&mut self, query: &ProfileQuery, nickname: &str) -> Result<RenamePlan, Error> {
        if nickname.len() > SetNickname::MAX_BYTES {
            return Err(Error::new(Id::NicknameTooLong).with("bytes", nickname.len()));
        }
        let binding = self.binding()?;
        let profile = self.profile(query, Detail::Row)?.profile;
        Ok(RenamePlan { profile, nickname: nickname.to_owned(), binding })
    }

    /// Refuses a plan for another card, or for one that has changed since.
    fn check_rename(&mut self, plan: &RenamePlan) -> Result<(), Error> {
        if self.rests_on(&plan.binding)? {
            return Ok(());
        }
        let now = self.profile(&query_of(&plan.profile), Detail::Row);
        same_profile(&plan.profile, now, |now| &now.profile).map(drop)
    }

    /// Gives the name and proves it.
    pub fn rename(&mut self, plan: RenamePlan) -> Result<Renamed, Error> {
        self.check_rename(&plan)?;
        let nickname = Text::from(plan.nickname.as_str());
        if plan.profile.nickname.clone().unwrap_or_default() == nickname {
            return Ok(Renamed { plan, already: true, notifications: Reporting::default() });
        }
        let iccid = iccid_of(&plan.profile)?;
        let journal_plan = serde_json::json!({ "nickname": plan.nickname });
        self.recorded(Kind::Rename, Some(&iccid), journal_plan, |isdr| {
            rename(isdr, &iccid, &nickname).map_err(Failure::from)
        })?;
        let notifications = self.report(&Collected::default());
        Ok(Renamed { plan, already: false, notifications })
    }
}
