//! Enabling and disabling.

use sgp22::Function;
use sgp22::es10c::{DisableProfile, DisableProfileResult, EnableProfile, EnableProfileResult, ProfileRef};
use sgp22::id::{Aid, Iccid};
use sgp22::profile::{ProfileInfo, field};
use sgp22::tlv::{DecodeError, DecodeErrorKind};

use super::{BUSY_PAUSE, BUSY_TRIES, Settled, Verdict, settle};
use crate::error::refused;
use crate::profiles::{self, Detail};
use crate::{Error, Isdr, Refusal};

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
    /// All profiles as the card gave them last, if it was read again: a switch can fail half done.
    pub profiles: Option<Vec<ProfileInfo>>,
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
    let mut ladder = Ladder { iccid, aid, goal, attempts: Vec::new(), seen: None, busy: 0 };
    let climbed = match isdr.checkpoint() {
        Ok(()) => isdr.uninterrupted(|isdr| ladder.climb(isdr)),
        Err(error) => Err(Verdict::NotDone(error)),
    };
    let Ladder { attempts, seen, .. } = ladder;
    match climbed {
        Ok(()) => Ok(SwitchReport { attempts, profiles: seen.unwrap_or_default() }),
        Err(verdict) => Err(SwitchFailure { attempts, verdict, profiles: seen }),
    }
}

struct Ladder<'a> {
    iccid: &'a Iccid,
    aid: Option<&'a Aid>,
    goal: Goal,
    attempts: Vec<Attempt>,
    /// What the card said last.
    seen: Option<Vec<ProfileInfo>>,
    busy: usize,
}

/// What an error says about going on.
enum Advice {
    /// The card is busy; the same once more.
    Wait,
    /// No form of the command will do.
    GiveUp,
    /// Another form may do.
    TryOther,
}

impl Ladder<'_> {
    fn climb(&mut self, isdr: &mut Isdr<'_>) -> Result<(), Verdict> {
        let mut last = Error::Untrue { function: name(self.goal) };
        for form in Form::LADDER {
            let Some(profile) = self.reference(form) else { continue };
            loop {
                let Some(error) = self.step(isdr, form, &profile)? else { return Ok(()) };
                match self.advice(&error) {
                    Advice::Wait => std::thread::sleep(BUSY_PAUSE),
                    Advice::GiveUp => return Err(Verdict::NotDone(error)),
                    Advice::TryOther => {
                        last = error;
                        break;
                    }
                }
            }
        }
        Err(Verdict::NotDone(last))
    }

    fn reference(&self, form: Form) -> Option<ProfileRef> {
        match form {
            Form::IccidRefresh | Form::Iccid => Some(ProfileRef::Iccid(self.iccid.clone())),
            Form::AidRefresh | Form::Aid => self.aid.cloned().map(ProfileRef::Aid),
        }
    }

    /// One try, and the truth after it: `None` if it is done, or why it is not.
    fn step(&mut self, isdr: &mut Isdr<'_>, form: Form, profile: &ProfileRef) -> Result<Option<Error>, Verdict> {
        log::info!("{:?} by {}", self.goal, form.name());
        let answer = send(isdr, self.goal, profile, form.refresh());
        self.attempts.push(Attempt { form, error: answer.as_ref().err().cloned() });
        // Only a card that may have switched is reset: the reset is what completes a switch.
        let may_have_switched = answer.is_ok();
        self.seen = None;
        let settled = settle(isdr, answer, may_have_switched, |isdr| {
            let profiles = profiles::list(isdr, Detail::Lean)?;
            let holds = self.holds(&profiles);
            self.seen = Some(profiles);
            holds
        })?;
        Ok(match settled {
            Settled::Done => None,
            Settled::NotDone(Ok(())) => Some(Error::Untrue { function: name(self.goal) }),
            Settled::NotDone(Err(error)) => Some(error),
        })
    }

    /// True if the profile is as it is to be. A card that does not say the state of a profile proves nothing.
    fn holds(&self, profiles: &[ProfileInfo]) -> Result<bool, Error> {
        let Some(target) = profiles.iter().find(|profile| profile.iccid.as_ref() == Some(self.iccid)) else {
            return Ok(false);
        };
        match target.says_whether_enabled() {
            Some(enabled) => Ok(enabled == (self.goal == Goal::Enabled)),
            None => {
                let source = DecodeError::new("ProfileInfo", DecodeErrorKind::Missing(field::STATE));
                Err(Error::Decode { function: "ES10c.GetProfilesInfo", source })
            }
        }
    }

    fn advice(&mut self, error: &Error) -> Advice {
        let Error::Refused(Refusal { code, .. }) = error else { return Advice::TryOther };
        // The two functions share these codes.
        use EnableProfileResult as R;
        match R::from_code(*code) {
            R::CatBusy if self.busy < BUSY_TRIES => {
                self.busy += 1;
                Advice::Wait
            }
            R::CatBusy
            | R::DisallowedByPolicy
            | R::WrongProfileReenabling
            | R::DisallowedByEnterpriseRule
            | R::DisallowedForRpm
            | R::NoEsimPortAvailable => Advice::GiveUp,
            _ => Advice::TryOther,
        }
    }
}

fn name(goal: Goal) -> &'static str {
    match goal {
        Goal::Enabled => EnableProfile::NAME,
        Goal::Disabled => DisableProfile::NAME,
    }
}

fn send(isdr: &mut Isdr<'_>, goal: Goal, profile: &ProfileRef, refresh: bool) -> Result<(), Error> {
    let profile = profile.clone();
    match goal {
        Goal::Enabled => match isdr.call(&EnableProfile { profile, refresh, port: None })? {
            EnableProfileResult::Ok => Ok(()),
            result => Err(refused!(EnableProfile::NAME, result)),
        },
        Goal::Disabled => match isdr.call(&DisableProfile { profile, refresh })? {
            DisableProfileResult::Ok => Ok(()),
            result => Err(refused!(DisableProfile::NAME, result)),
        },
    }
}
