//! Deleting whole kinds of profiles.

use lpa::change::{ResetFailure, ResetReport, memory_reset};
use lpa::profiles::Detail;
use sgp22::es10c::ResetOptions;
use sgp22::id::{Eid, Iccid};
use sgp22::profile::{ProfileClass, ProfileInfo};
use sgp22::tlv::Text;

use super::binding::{Binding, changed};
use super::{Card, Confirmation, ConnectionLoss, Failure, Kind};
use crate::error::Error;
use crate::outbox::Reporting;
use crate::words;

/// What a reset is to delete.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResetChoice {
    /// All operational profiles.
    pub operational: bool,
    /// The test profiles that were loaded later.
    pub test: bool,
    /// The default SM-DP+ goes back to what the card was made with.
    pub server: bool,
}

impl ResetChoice {
    fn options(self) -> ResetOptions {
        let chosen = [
            (self.operational, ResetOptions::OPERATIONAL),
            (self.test, ResetOptions::TEST),
            (self.server, ResetOptions::SERVER),
        ];
        let bits: Vec<usize> = chosen.into_iter().filter_map(|(wanted, bit)| wanted.then_some(bit)).collect();
        ResetOptions::of(&bits)
    }

    fn names(self) -> Vec<&'static str> {
        [(self.operational, "operational"), (self.test, "test"), (self.server, "server")]
            .into_iter()
            .filter_map(|(wanted, name)| wanted.then_some(name))
            .collect()
    }
}

/// A reset that is about to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetPlan {
    /// The card.
    pub eid: Eid,
    /// What is to go.
    pub choice: ResetChoice,
    /// The operational profiles that will be deleted, whatever their rules and state.
    pub doomed: Vec<ProfileInfo>,
    /// Profiles that may be deleted: test profiles, unless the card came with them, and those of which the card does not
    /// say what they are for.
    pub in_danger: Vec<ProfileInfo>,
    /// The default SM-DP+ now, empty if none is set; `None` if it is not to be reset.
    pub server: Option<String>,
    /// What is lost with the enabled profile, if it may go.
    pub loss: ConnectionLoss,
    binding: Binding,
}

impl ResetPlan {
    /// The enabled profile, if it may go.
    #[must_use]
    pub fn enabled(&self) -> Option<&ProfileInfo> {
        self.doomed.iter().chain(&self.in_danger).find(|profile| profile.is_enabled())
    }

    /// True if there is nothing that the reset could delete.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.doomed.is_empty() && self.in_danger.is_empty() && self.server.is_none()
    }

    /// What the user must type to confirm.
    #[must_use]
    pub fn confirmation(&self) -> Confirmation {
        let answer = self.eid.to_string()[26..].to_owned();
        Confirmation { what: "the last six digits of the EID".into(), answer }
    }
}

/// A reset that is done.
#[derive(Debug, Clone)]
pub struct ResetDone {
    /// What was planned.
    pub plan: ResetPlan,
    /// The profiles that were deleted, by ICCID.
    pub deleted: Vec<Iccid>,
    /// How many are left.
    pub left: usize,
    /// The default SM-DP+ afterwards, empty if none is set; `None` if it was not to be reset.
    pub server: Option<String>,
    /// What became of its notifications.
    pub notifications: Reporting,
}

impl ResetDone {
    /// True if anything is different now.
    #[must_use]
    pub fn changed(&self) -> bool {
        !self.deleted.is_empty() || self.server != self.plan.server
    }
}

impl Card<'_> {
    /// Finds out what a reset would delete.
    pub fn plan_reset(&mut self, choice: ResetChoice) -> Result<ResetPlan, Error> {
        let (eid, binding) = (self.eid()?, self.binding()?);
        let profiles = self.profiles(Detail::Row)?;
        let of = |fits: &dyn Fn(Option<ProfileClass>) -> bool| -> Vec<ProfileInfo> {
            profiles.iter().filter(|profile| fits(profile.class)).cloned().collect()
        };
        let server =
            if choice.server { Some(self.addresses()?.default_smdp.unwrap_or_default().to_string()) } else { None };
        let mut plan = ResetPlan {
            eid,
            choice,
            doomed: of(&|class| choice.operational && class == Some(ProfileClass::Operational)),
            in_danger: of(&|class| match class {
                Some(ProfileClass::Operational | ProfileClass::Provisioning) => false,
                Some(ProfileClass::Test) => choice.test,
                Some(ProfileClass::Unknown(_)) | None => choice.operational || choice.test,
            }),
            server,
            loss: ConnectionLoss::default(),
            binding,
        };
        if plan.enabled().is_some() {
            plan.loss = self.loss(true);
        }
        Ok(plan)
    }

    /// Makes the reset and proves it. One that takes this machine its way to the internet needs the user's word, see
    /// [`ConnectionLoss::agree`].
    pub fn reset(&mut self, plan: ResetPlan) -> Result<ResetDone, Error> {
        plan.enabled().map_or(Ok(()), |profile| plan.loss.check(profile))?;
        if !self.rests_on(&plan.binding)? && self.plan_reset(plan.choice)? != plan {
            return Err(changed("changed-profiles"));
        }
        if plan.is_empty() {
            let left = self.profiles(Detail::Lean)?.len();
            return Ok(ResetDone {
                plan,
                deleted: Vec::new(),
                left,
                server: None,
                notifications: Reporting::default(),
            });
        }
        let doomed = iccids(&plan.doomed);
        let all: Vec<Iccid> = doomed.iter().cloned().chain(iccids(&plan.in_danger)).collect();
        let journal_plan = serde_json::json!({
            "options": plan.choice.names(),
            "profiles": all.iter().map(Iccid::digits).collect::<Vec<_>>(),
            // Of the others nobody knows beforehand whether the card deletes them.
            "certain": doomed.iter().map(Iccid::digits).collect::<Vec<_>>(),
            "server": plan.server,
        });
        let server = plan.server.as_deref().map(Text::from);
        let (report, collected) = self.reported(Kind::Reset, None, journal_plan, |isdr| {
            memory_reset(isdr, &plan.choice.options(), &doomed, server.as_ref())
                .map_err(|failure| half_done(failure, &all))
        })?;
        let deleted = gone(&all, &report);
        // What was read for the plan is no longer there.
        deleted.iter().for_each(|iccid| self.seen.get_or_insert_default().lost(&iccid.digits()));
        Ok(ResetDone {
            deleted,
            left: report.profiles.len(),
            server: report.default_smdp.map(|address| address.to_string()),
            notifications: self.report(&collected),
            plan,
        })
    }
}

/// A reset that failed may have deleted some of the profiles all the same.
fn half_done(failure: ResetFailure, all: &[Iccid]) -> Failure {
    let gone = failure.left.map(|left| gone(all, &left)).unwrap_or_default();
    let aside = match gone.len() {
        0 => String::new(),
        count => words::text("profiles-gone", &[("count", count.into()), ("iccid", gone[0].to_string().into())]),
    };
    Failure { verdict: failure.verdict, aside }
}

/// Those that the card no longer has.
fn gone(all: &[Iccid], left: &ResetReport) -> Vec<Iccid> {
    let is_left = |iccid: &Iccid| left.profiles.iter().any(|profile| profile.iccid.as_ref() == Some(iccid));
    all.iter().filter(|iccid| !is_left(iccid)).cloned().collect()
}

fn iccids(profiles: &[ProfileInfo]) -> Vec<Iccid> {
    profiles.iter().filter_map(|profile| profile.iccid.clone()).collect()
}
