//! Deleting, safely.

use lpa::change::{Goal, delete};
use lpa::profiles::Detail;
use sgp22::id::{Aid, Iccid};
use sgp22::notification::Events;
use sgp22::policy::PprIds;
use sgp22::profile::ProfileInfo;

use super::binding::{Binding, changed, query_of, same_profile};
use super::switch::{SwitchPlan, describe, iccid_of};
use super::{Card, Collected, ConnectionLoss, Failure, Kind};
use crate::error::{Error, Id, State};
use crate::outbox::Reporting;
use crate::query::{Certainty, ProfileQuery};
use crate::words;

/// A deletion that is about to be made. Nothing has been changed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletePlan {
    /// The profile, with all that is known about it but its icon.
    pub profile: ProfileInfo,
    /// It is enabled, and will be disabled first.
    pub disable_first: bool,
    /// What is lost with it, if it is enabled.
    pub loss: ConnectionLoss,
    iccid: Iccid,
    confirmation: Confirmation,
    pub(super) binding: Binding,
}

/// What the user types to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// What it is, as in `the last four digits of the ICCID`.
    pub what: String,
    /// The characters themselves; never empty.
    pub answer: String,
}

impl DeletePlan {
    /// What the user must type to confirm.
    #[must_use]
    pub fn confirmation(&self) -> &Confirmation {
        &self.confirmation
    }

    /// The servers that the card will tell of the deletion.
    #[must_use]
    pub fn servers(&self) -> Vec<String> {
        let targets = self.profile.notification_targets.iter().flatten();
        targets.filter(|target| target.events.0.has(Events::DELETE)).map(|target| target.address.to_string()).collect()
    }
}

/// The last four digits of the ICCID. A card can hold an ICCID that has none; then the end of the AID has to do.
fn confirmation(profile: &ProfileInfo, iccid: &Iccid) -> Result<Confirmation, Error> {
    let ending = |text: String| (text.len() >= 4).then(|| text[text.len() - 4..].to_owned());
    if let Some(answer) = ending(iccid.digits()) {
        return Ok(Confirmation { what: "the last four digits of the ICCID".into(), answer });
    }
    let aid = profile.isdp_aid.as_ref().map(Aid::to_string).and_then(ending);
    aid.map(|answer| Confirmation { what: "the last four characters of the ISD-P AID".into(), answer })
        .ok_or_else(|| Error::new(Id::ProfileUnnamed))
}

/// A deletion that is done.
#[derive(Debug, Clone)]
pub struct Deleted {
    /// What was planned.
    pub plan: DeletePlan,
    /// The profiles that are left.
    pub left: usize,
    /// What became of its notifications.
    pub notifications: Reporting,
}

impl Card<'_> {
    /// Finds out what a deletion would do, and refuses what must not be.
    ///
    /// Only a whole ICCID, an AID or an exact name will do. An enabled profile is refused unless `disable_first` is
    /// set, and so is one that its operator protects (PPR2).
    pub fn plan_delete(&mut self, query: &ProfileQuery, disable_first: bool) -> Result<DeletePlan, Error> {
        let binding = self.binding()?;
        let selected = self.profile(query, Detail::Description)?;
        let profile = selected.profile;
        let iccid = iccid_of(&profile)?;
        if selected.certainty != Certainty::Sure {
            return Err(Error::new(Id::ProfileUnsure)
                .with("profile", query.as_str())
                .with("found", describe(&profile))
                .with("iccid", &iccid));
        }
        let rules = profile.policy_rules.clone().unwrap_or_default();
        if rules.forbids_deletion() {
            return Err(Error::new(Id::ProfileKept).with("profile", describe(&profile)));
        }
        if profile.is_enabled() && !disable_first {
            return Err(Error::new(Id::ProfileEnabled).with("profile", describe(&profile)).with("iccid", &iccid));
        }
        if profile.is_enabled() && PprIds::forbids_disabling(&rules) {
            return Err(Error::new(Id::ProfileStays).with("profile", describe(&profile)));
        }
        let confirmation = confirmation(&profile, &iccid)?;
        let loss = if profile.is_enabled() { self.loss(true) } else { ConnectionLoss::default() };
        Ok(DeletePlan { disable_first: profile.is_enabled(), loss, profile, iccid, confirmation, binding })
    }

    /// Refuses a plan for another card, or for one that has changed since.
    fn check_delete(&mut self, plan: &DeletePlan) -> Result<(), Error> {
        if self.rests_on(&plan.binding)? {
            return Ok(());
        }
        let now = self.plan_delete(&query_of(&plan.profile), true);
        let now = same_profile(&plan.profile, now, |now| &now.profile)?;
        // What is to be told, and to whom, is a part of it.
        if now == *plan { Ok(()) } else { Err(changed("changed-profile-told")) }
    }

    /// Deletes and proves it. One that takes this machine its way to the internet needs the user's word, see
    /// [`ConnectionLoss::agree`].
    pub fn delete(&mut self, plan: DeletePlan) -> Result<Deleted, Error> {
        plan.loss.check(&plan.profile)?;
        self.check_delete(&plan)?;
        let mut disabling = Collected::default();
        if plan.disable_first {
            let profile = plan.profile.clone();
            let binding = plan.binding.clone();
            let switch =
                SwitchPlan { profile, goal: Goal::Disabled, current: None, already: false, loss: plan.loss, binding };
            disabling = self.make_switch(&switch)?.1;
        }
        let aid = plan.profile.isdp_aid.clone();
        let journal_plan = serde_json::json!({ "disabled_first": plan.disable_first });
        let (left, collected) = self
            .reported(Kind::Delete, Some(&plan.iccid), journal_plan, |isdr| {
                delete(isdr, &plan.iccid, aid.as_ref()).map_err(Failure::from)
            })
            .map_err(|error| after_disabling(error, plan.disable_first))?;
        self.seen.get_or_insert_default().lost(&plan.iccid.digits());
        let notifications = self.report(&disabling.and(collected));
        Ok(Deleted { plan, left: left.len(), notifications })
    }
}

/// A deletion that failed after the profile was disabled has changed something after all.
fn after_disabling(error: Error, disabled: bool) -> Error {
    match error.state {
        State::NotDone | State::Unchanged if disabled => {
            error.state(State::NotDone).aside(words::text("disabled-before", &[]))
        }
        _ => error,
    }
}
