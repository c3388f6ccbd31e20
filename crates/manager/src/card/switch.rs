//! Enabling and disabling.

use std::time::{Duration, Instant};

use lpa::change::{Attempt, Goal, ModemReport, SwitchFailure, switch};
use lpa::download::Watch;
use lpa::profiles::Detail;
use sgp22::id::Iccid;
use sgp22::policy::PprIds;
use sgp22::profile::ProfileInfo;
use sgp22::tlv::Text;

use super::binding::{Binding, changed, query_of, same_profile};
use super::rollback::Promise;
use super::{Card, Collected, ConnectionLoss, Failure, Kind};
use crate::error::{Error, Id};
use crate::outbox::Reporting;
use crate::query::ProfileQuery;
use crate::words;

/// A switch that is about to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchPlan {
    /// The profile.
    pub profile: ProfileInfo,
    /// What it is to be.
    pub goal: Goal,
    /// The profile that is enabled now, if it is another one.
    pub current: Option<ProfileInfo>,
    /// It is so already: nothing will be done.
    pub already: bool,
    /// What is lost with the profile that is enabled now.
    pub loss: ConnectionLoss,
    pub(super) binding: Binding,
}

impl SwitchPlan {
    /// The profile that is switched off.
    #[must_use]
    pub fn switched_off(&self) -> Option<&ProfileInfo> {
        if self.goal == Goal::Disabled { Some(&self.profile) } else { self.current.as_ref() }
    }
}

/// A switch that is done.
#[derive(Debug, Clone)]
pub struct SwitchDone {
    /// What was planned.
    pub plan: SwitchPlan,
    /// What was tried, in order; empty if it was so already.
    pub attempts: Vec<Attempt>,
    /// What the modem makes of it, if one uses the card.
    pub modem: Option<ModemReport>,
    /// What became of its notifications.
    pub notifications: Reporting,
}

impl Card<'_> {
    /// Finds out what a switch would do.
    pub fn plan_switch(&mut self, query: &ProfileQuery, goal: Goal) -> Result<SwitchPlan, Error> {
        let binding = self.binding()?;
        let mut selected = self.profile(query, Detail::Row)?;
        if selected.all.is_empty() && goal == Goal::Enabled {
            selected.all = self.profiles(Detail::Lean)?;
        }
        let profile = selected.profile;
        let current = selected
            .all
            .into_iter()
            .find(|other| goal == Goal::Enabled && other.is_enabled() && other.iccid != profile.iccid);
        // A card that does not say is asked to do it, and proves it.
        let already = profile.says_whether_enabled() == Some(goal == Goal::Enabled);
        let mut plan = SwitchPlan { profile, goal, current, already, loss: ConnectionLoss::default(), binding };
        if !already && plan.switched_off().is_some() {
            plan.loss = self.loss(goal == Goal::Disabled);
        }
        Ok(plan)
    }

    /// Makes the switch and proves it, on the card and where a modem uses the card there, too.
    ///
    /// A switch that takes this machine its way to the internet needs the user's word, see [`ConnectionLoss::agree`].
    /// With `rollback_after` it does not: the former profile is enabled again if no network takes the modem with the new
    /// one in that time, or if the user does not want to wait. That is on record before the switch is made: should this
    /// process end too early, the next one goes back ([`Manager::roll_back_due`](crate::Manager::roll_back_due)).
    pub fn switch(
        &mut self,
        plan: SwitchPlan,
        rollback_after: Option<Duration>,
        watch: &mut dyn Watch,
    ) -> Result<SwitchDone, Error> {
        self.check_switch(&plan)?;
        if rollback_after.is_some() {
            self.check_rollback(&plan)?;
        }
        if plan.already {
            return Ok(SwitchDone { plan, attempts: Vec::new(), modem: None, notifications: Reporting::default() });
        }
        // What the operator forbids is not even tried.
        let disabled = plan.switched_off();
        let stays = |profile: &&ProfileInfo| profile.policy_rules.as_ref().is_some_and(PprIds::forbids_disabling);
        if let Some(profile) = disabled.filter(stays) {
            return Err(Error::new(Id::ProfileStays).with("profile", describe(profile)));
        }
        // One that goes back by itself loses nothing for good.
        if let Some(profile) = disabled.filter(|_| rollback_after.is_none()) {
            plan.loss.check(profile)?;
        }
        let promise = rollback_after.map(|time| self.promise_rollback(&plan, time)).transpose()?;
        let (made, promise) = match (self.make_switch(&plan), promise) {
            (Err(failure), Some(promise)) => return Err(self.undo_failed_switch(&plan, promise, failure, watch)),
            (made, promise) => (made?, promise),
        };
        let (attempts, mut collected) = made;
        let switched = Instant::now();
        promise.iter().for_each(Promise::begin);
        let manager = self.manager;
        let modem = self.await_modem(&plan, rollback_after, manager.interrupt(), watch)?;
        if let Some(promise) = promise {
            collected = self.keep_or_roll_back(&plan, promise, switched, collected, watch)?;
        }
        // Servers may be reached through this very modem, so they come last.
        let notifications = self.report(&collected);
        Ok(SwitchDone { plan, attempts, modem, notifications })
    }

    /// Refuses a plan for another card, or for one that has changed since.
    fn check_switch(&mut self, plan: &SwitchPlan) -> Result<(), Error> {
        if self.rests_on(&plan.binding)? {
            return Ok(());
        }
        let now = self.plan_switch(&query_of(&plan.profile), plan.goal);
        let now = same_profile(&plan.profile, now, |now| &now.profile)?;
        let iccid = |current: &Option<ProfileInfo>| current.as_ref().and_then(|profile| profile.iccid.clone());
        if iccid(&now.current) == iccid(&plan.current) { Ok(()) } else { Err(changed("changed-enabled")) }
    }

    /// The recorded switch alone.
    pub(super) fn make_switch(&mut self, plan: &SwitchPlan) -> Result<(Vec<Attempt>, Collected), Error> {
        let iccid = iccid_of(&plan.profile)?;
        let aid = plan.profile.isdp_aid.clone();
        let former = plan.current.as_ref().and_then(|profile| profile.iccid.as_ref()).map(Iccid::digits);
        let kind = if plan.goal == Goal::Enabled { Kind::Enable } else { Kind::Disable };
        self.reported(kind, Some(&iccid), serde_json::json!({ "former": former }), |isdr| {
            switch(isdr, &iccid, aid.as_ref(), plan.goal)
                .map(|report| report.attempts)
                .map_err(|failure| half_done(failure, plan.current.as_ref()))
        })
    }
}

/// A switch that failed may have disabled the former profile all the same.
fn half_done(failure: SwitchFailure, former: Option<&ProfileInfo>) -> Failure {
    let SwitchFailure { verdict, profiles, .. } = failure;
    let now = |former: &ProfileInfo| profiles.iter().flatten().find(|profile| profile.iccid == former.iccid).cloned();
    let aside = match former.map(|former| (former, now(former))) {
        Some((former, Some(now))) if now.says_whether_enabled() == Some(false) => {
            words::text("none-enabled-now", &[("profile", describe(former).into())])
        }
        _ => String::new(),
    };
    Failure { verdict, aside }
}

/// The ICCID, without which no command names the profile.
pub(super) fn iccid_of(profile: &ProfileInfo) -> Result<Iccid, Error> {
    profile.iccid.clone().ok_or_else(|| Error::new(Id::ProfileUnnamed))
}

/// A profile in a sentence: by its nickname or name, and its ICCID. As the card gives it: clean it for a terminal.
#[must_use]
pub fn describe(profile: &ProfileInfo) -> String {
    let iccid = profile.iccid.as_ref().map_or_else(|| "without ICCID".to_owned(), Iccid::digits);
    let name = [&profile.nickname, &profile.name].into_iter().flatten().find_map(Text::readable);
    name.map_or_else(|| iccid.clone(), |name| format!("{name} ({iccid})"))
}
