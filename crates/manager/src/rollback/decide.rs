//! What is to be done about a switch that is due, by what the card says now.

use sgp22::id::Iccid;
use sgp22::policy::PprIds;
use sgp22::profile::ProfileInfo;

use crate::card::Goal;
use crate::database::{Entry, PendingRollback};

/// The next thing to be done.
#[derive(Debug, Clone)]
pub(crate) enum Choice {
    /// This switch undoes it. `stays`: a rule of the operator keeps the new profile enabled.
    GoBack {
        /// The switch.
        back: Box<SwitchBack>,
        /// The new profile must not be disabled (PPR1).
        stays: bool,
    },
    /// The card is as it was before.
    IsBack,
    /// There is nothing to undo: the key of a text that says why.
    Moot(&'static str),
}

/// The switch that undoes another one.
#[derive(Debug, Clone)]
pub(crate) struct SwitchBack {
    /// The profile.
    pub(crate) profile: ProfileInfo,
    /// What it is to be.
    pub(crate) goal: Goal,
    /// The profile that is enabled now, if it is another one.
    pub(crate) current: Option<ProfileInfo>,
}

/// Decides by the profiles on the card, and by what was done to it since.
pub(crate) fn decide(pending: &PendingRollback, profiles: &[ProfileInfo], since: &[Entry]) -> Choice {
    let named = |iccid: &str| profiles.iter().find(|profile| digits(profile).as_deref() == Some(iccid));
    let enabled = profiles.iter().find(|profile| profile.is_enabled());
    let former = pending.former.as_deref().map(named);
    let is_back = match former {
        None => enabled.is_none(),
        Some(former) => former.is_some_and(ProfileInfo::is_enabled),
    };
    if is_back {
        return Choice::IsBack;
    }
    if switched_since(pending, since) {
        return Choice::Moot("rollback-switched-since");
    }
    match (enabled, former) {
        (_, Some(None)) => Choice::Moot("rollback-former-gone"),
        (Some(enabled), _) if digits(enabled).as_deref() != Some(&*pending.iccid) => {
            Choice::Moot("rollback-switched-since")
        }
        (enabled, former) => match back(enabled, former.flatten()) {
            None => Choice::IsBack,
            Some(back) => Choice::GoBack { back: Box::new(back), stays: enabled.is_some_and(stays) },
        },
    }
}

/// The switch from the profile that is enabled to the former one, or to none.
fn back(enabled: Option<&ProfileInfo>, former: Option<&ProfileInfo>) -> Option<SwitchBack> {
    match (enabled.cloned(), former.cloned()) {
        (current, Some(profile)) => Some(SwitchBack { profile, goal: Goal::Enabled, current }),
        (Some(profile), None) => Some(SwitchBack { profile, goal: Goal::Disabled, current: None }),
        (None, None) => None,
    }
}

/// True if the card was switched, or reset, by a command that came after the switch itself.
fn switched_since(pending: &PendingRollback, since: &[Entry]) -> bool {
    // Newest first: the oldest of these is the switch itself.
    let is_switch = |entry: &&Entry| entry.command == "enable" && entry.iccid.as_deref() == Some(&*pending.iccid);
    let own = since.iter().rev().find(is_switch).map(|entry| entry.id);
    since.iter().any(|entry| {
        let done = entry.is_done();
        done && Some(entry.id) != own && matches!(entry.command.as_str(), "enable" | "disable" | "reset")
    })
}

fn stays(profile: &ProfileInfo) -> bool {
    profile.policy_rules.as_ref().is_some_and(PprIds::forbids_disabling)
}

fn digits(profile: &ProfileInfo) -> Option<String> {
    profile.iccid.as_ref().map(Iccid::digits)
}
