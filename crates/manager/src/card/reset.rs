//! Deleting whole kinds of profiles.

use lpa::change::memory_reset;
use lpa::profiles::Detail;
use sgp22::es10c::ResetOptions;
use sgp22::id::{Eid, Iccid};
use sgp22::notification::NotificationMetadata;
use sgp22::profile::{ProfileClass, ProfileInfo};
use sgp22::tlv::Text;

use super::{Card, Kind};
use crate::error::Error;

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
#[derive(Debug, Clone)]
pub struct ResetPlan {
    /// The card.
    pub eid: Eid,
    /// What is to go.
    pub choice: ResetChoice,
    /// The operational profiles that will be deleted, whatever their rules and state.
    pub doomed: Vec<ProfileInfo>,
    /// Test profiles that will be deleted unless the card came with them.
    pub doomed_tests: Vec<ProfileInfo>,
    /// The default SM-DP+ now; empty if none is set.
    pub server: String,
}

impl ResetPlan {
    /// True if there is nothing that the reset could delete.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.doomed.is_empty() && self.doomed_tests.is_empty() && (!self.choice.server || self.server.is_empty())
    }

    /// What the user must type to confirm: the last six digits of the EID.
    #[must_use]
    pub fn confirmation(&self) -> String {
        self.eid.to_string()[26..].to_owned()
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
    /// The default SM-DP+ afterwards; empty if none is set.
    pub server: String,
    /// The notifications that wait on the card, if it could say.
    pub waiting: Option<Vec<NotificationMetadata>>,
}

impl Card<'_> {
    /// Finds out what a reset would delete.
    pub fn plan_reset(&mut self, choice: ResetChoice) -> Result<ResetPlan, Error> {
        let eid = self.eid()?;
        let profiles = self.profiles(Detail::Row)?;
        let of = |class, wanted: bool| -> Vec<ProfileInfo> {
            profiles.iter().filter(|profile| wanted && profile.class == Some(class)).cloned().collect()
        };
        let server = self.addresses()?.default_smdp.unwrap_or_default().to_string();
        Ok(ResetPlan {
            eid,
            choice,
            doomed: of(ProfileClass::Operational, choice.operational),
            doomed_tests: of(ProfileClass::Test, choice.test),
            server,
        })
    }

    /// Makes the reset and proves it.
    pub fn reset(&mut self, plan: ResetPlan) -> Result<ResetDone, Error> {
        if plan.is_empty() {
            let left = self.profiles(Detail::Lean)?.len();
            let server = plan.server.clone();
            return Ok(ResetDone { plan, deleted: Vec::new(), left, server, waiting: None });
        }
        let doomed = iccids(&plan.doomed);
        let journal_plan = serde_json::json!({
            "options": plan.choice.names(),
            "profiles": doomed.iter().map(Iccid::digits).collect::<Vec<_>>(),
        });
        let server = Text::from(plan.server.as_str());
        let server = (plan.choice.server && !plan.server.is_empty()).then_some(&server);
        let report = self.recorded(Kind::Reset, None, journal_plan, |isdr| {
            memory_reset(isdr, &plan.choice.options(), &doomed, server)
        })?;
        let gone = |iccid: &Iccid| report.profiles.iter().all(|profile| profile.iccid.as_ref() != Some(iccid));
        let deleted = doomed.into_iter().chain(iccids(&plan.doomed_tests)).filter(gone).collect();
        Ok(ResetDone {
            deleted,
            left: report.profiles.len(),
            server: report.default_smdp.to_string(),
            waiting: self.waiting(),
            plan,
        })
    }
}

fn iccids(profiles: &[ProfileInfo]) -> Vec<Iccid> {
    profiles.iter().filter_map(|profile| profile.iccid.clone()).collect()
}
