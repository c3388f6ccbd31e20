//! Enabling and disabling.

use std::time::Duration;

use sgp22::Function;
use sgp22::es10c::{DisableProfile, DisableProfileResult, EnableProfile, EnableProfileResult, ProfileRef};
use sgp22::id::{Aid, Iccid};
use sgp22::profile::ProfileInfo;

use super::{Settled, Verdict, settle};
use crate::error::refused;
use crate::profiles::{self, Detail};
use crate::{Error, Isdr};

/// What a profile is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// In use.
    Enabled,
    /// Not in use.
    Disabled,
}

/// A form of the command. Cards differ in which they take; the order is that of the standard's intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// By ICCID, asking for a REFRESH.
    IccidRefresh,
    /// By ICCID.
    Iccid,
    /// By AID, asking for a REFRESH.
    AidRefresh,
    /// By AID.
    Aid,
}

impl Form {
    /// From the form that should do to the one of last resort.
    const LADDER: [Self; 4] = [Self::IccidRefresh, Self::Iccid, Self::AidRefresh, Self::Aid];

    /// A short name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::IccidRefresh => "iccid+refresh",
            Self::Iccid => "iccid",
            Self::AidRefresh => "aid+refresh",
            Self::Aid => "aid",
        }
    }

    const fn refresh(self) -> bool {
        matches!(self, Self::IccidRefresh | Self::AidRefresh)
    }
}

/// One try and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The form of the command.
    pub form: Form,
    /// What the card answered; `None` for ok.
    pub error: Option<Error>,
}

/// A switch that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchReport {
    /// What was tried, in order; the last one did it.
    pub attempts: Vec<Attempt>,
    /// All profiles as the card gives them afterwards (see [`Detail::Lean`]).
    pub profiles: Vec<ProfileInfo>,
}

/// A switch that is not done, or of which nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchFailure {
    /// What was tried, in order.
    pub attempts: Vec<Attempt>,
    /// How it ended.
    pub verdict: Verdict,
}

/// How long a card that is busy with its modem is waited for between tries, and how often.
const BUSY_PAUSE: Duration = Duration::from_millis(1000);
const BUSY_TRIES: usize = 5;

/// What the card answered to one try.
enum Answer {
    Ok,
    /// Another form of the command may do.
    TryOther(Error),
    /// The card will not do it in any form.
    Final(Error),
    Busy(Error),
}

/// Enables or disables a profile and proves it.
///
/// Climbs the ladder of [`Form`]s. After each one the card is reset if it may have switched, read again, and believed:
/// a lost answer is no failure, and an `ok` that changed nothing no success.
pub fn switch(
    isdr: &mut Isdr<'_>,
    iccid: &Iccid,
    aid: Option<&Aid>,
    goal: Goal,
) -> Result<SwitchReport, SwitchFailure> {
    isdr.checkpoint().map_err(|error| SwitchFailure { attempts: Vec::new(), verdict: Verdict::NotDone(error) })?;
    isdr.uninterrupted(|isdr| Ladder { iccid, aid, goal, attempts: Vec::new(), busy: 0 }.climb(isdr))
}

struct Ladder<'a> {
    iccid: &'a Iccid,
    aid: Option<&'a Aid>,
    goal: Goal,
    attempts: Vec<Attempt>,
    busy: usize,
}

impl Ladder<'_> {
    fn climb(mut self, isdr: &mut Isdr<'_>) -> Result<SwitchReport, SwitchFailure> {
        let mut last = Error::Interrupted;
        for form in Form::LADDER {
            let Some(profile) = self.reference(form) else { continue };
            loop {
                match self.step(isdr, form, &profile) {
                    Err(verdict) => return Err(SwitchFailure { attempts: self.attempts, verdict }),
                    Ok(Step::Done(profiles)) => return Ok(SwitchReport { attempts: self.attempts, profiles }),
                    Ok(Step::Wait) => std::thread::sleep(BUSY_PAUSE),
                    Ok(Step::GiveUp(error)) => {
                        return Err(SwitchFailure { attempts: self.attempts, verdict: Verdict::NotDone(error) });
                    }
                    Ok(Step::Next(error)) => {
                        last = error;
                        break;
                    }
                }
            }
        }
        Err(SwitchFailure { attempts: self.attempts, verdict: Verdict::NotDone(last) })
    }

    fn reference(&self, form: Form) -> Option<ProfileRef> {
        match form {
            Form::IccidRefresh | Form::Iccid => Some(ProfileRef::Iccid(self.iccid.clone())),
            Form::AidRefresh | Form::Aid => self.aid.cloned().map(ProfileRef::Aid),
        }
    }

    /// One try, and the truth after it.
    fn step(&mut self, isdr: &mut Isdr<'_>, form: Form, profile: &ProfileRef) -> Result<Step, Verdict> {
        log::info!("{:?} by {}", self.goal, form.name());
        let answer = send(isdr, self.goal, profile, form.refresh());
        let error = match &answer {
            Ok(Answer::Ok) => None,
            Ok(Answer::TryOther(error) | Answer::Final(error) | Answer::Busy(error)) | Err(error) => {
                Some(error.clone())
            }
        };
        self.attempts.push(Attempt { form, error });
        // Only a card that may have switched is reset: the reset is what completes a switch.
        let may_have_switched = matches!(answer, Ok(Answer::Ok));
        let mut seen = Vec::new();
        let settled = settle(isdr, answer, may_have_switched, |isdr| {
            seen = profiles::list(isdr, Detail::Lean)?;
            Ok(self.holds(&seen))
        })?;
        Ok(match settled {
            Settled::Done => Step::Done(seen),
            Settled::NotDone(Ok(Answer::Ok)) => Step::Next(Error::Untrue { function: name(self.goal) }),
            Settled::NotDone(Ok(Answer::Busy(error))) => {
                self.busy += 1;
                if self.busy <= BUSY_TRIES { Step::Wait } else { Step::GiveUp(error) }
            }
            Settled::NotDone(Ok(Answer::Final(error))) => Step::GiveUp(error),
            Settled::NotDone(Ok(Answer::TryOther(error)) | Err(error)) => Step::Next(error),
        })
    }

    fn holds(&self, profiles: &[ProfileInfo]) -> bool {
        let target = profiles.iter().find(|profile| profile.iccid.as_ref() == Some(self.iccid));
        target.is_some_and(|profile| profile.is_enabled() == (self.goal == Goal::Enabled))
    }
}

enum Step {
    Done(Vec<ProfileInfo>),
    Wait,
    GiveUp(Error),
    Next(Error),
}

fn name(goal: Goal) -> &'static str {
    match goal {
        Goal::Enabled => EnableProfile::NAME,
        Goal::Disabled => DisableProfile::NAME,
    }
}

fn send(isdr: &mut Isdr<'_>, goal: Goal, profile: &ProfileRef, refresh: bool) -> Result<Answer, Error> {
    match goal {
        Goal::Enabled => {
            use EnableProfileResult as R;
            let result = isdr.call(&EnableProfile { profile: profile.clone(), refresh })?;
            let error = refused!(EnableProfile::NAME, result);
            Ok(match result {
                R::Ok => Answer::Ok,
                R::CatBusy => Answer::Busy(error),
                R::DisallowedByPolicy
                | R::WrongProfileReenabling
                | R::DisallowedByEnterpriseRule
                | R::DisallowedForRpm
                | R::NoEsimPortAvailable => Answer::Final(error),
                _ => Answer::TryOther(error),
            })
        }
        Goal::Disabled => {
            use DisableProfileResult as R;
            let result = isdr.call(&DisableProfile { profile: profile.clone(), refresh })?;
            let error = refused!(DisableProfile::NAME, result);
            Ok(match result {
                R::Ok => Answer::Ok,
                R::CatBusy => Answer::Busy(error),
                R::DisallowedByPolicy | R::DisallowedForRpm => Answer::Final(error),
                _ => Answer::TryOther(error),
            })
        }
    }
}
