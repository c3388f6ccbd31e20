//! A switch behind a modem: it is done once the modem has noticed, and undone if the new profile finds no network.

use std::time::{Duration, Instant};

use lpa::change::{Expected, Goal, ModemReport, Onlooker, Registration, View, Waits, agree, registers};
use lpa::download::Watch;
use sgp22::id::Iccid;
use sgp22::policy::PprIds;

use super::switch::{SwitchPlan, describe, iccid_of};
use super::{Card, Collected};
use crate::error::{Error, Id, State};
use crate::words;

/// How long a modem is waited for, unless the configuration says otherwise.
const SETTLE: Duration = Duration::from_secs(60);

impl Card<'_> {
    /// Refuses what could not be kept: without a modem nothing registers, and some profiles cannot be disabled again.
    pub(super) fn check_rollback(&mut self, plan: &SwitchPlan) -> Result<(), Error> {
        if self.isdr.terminal().is_none() {
            return Err(Error::new(Id::NoModem).with("device", self.device));
        }
        match plan.profile.policy_rules.as_ref().is_some_and(PprIds::forbids_disabling) {
            true => Err(Error::new(Id::ProfileStays).with("profile", describe(&plan.profile))),
            false => Ok(()),
        }
    }

    /// Waits until the modem sees what the card says; `None` if no modem uses the card. `time` bounds it further.
    pub(super) fn await_modem(
        &mut self,
        plan: &SwitchPlan,
        time: Option<Duration>,
        watch: &mut dyn Watch,
    ) -> Result<Option<ModemReport>, Error> {
        let expected = expected(plan)?;
        let settle = self.manager.config().modem_wait.map_or(SETTLE, Duration::from_secs);
        let waits = Waits::with_settle(time.map_or(settle, |time| settle.min(time)));
        let manager = self.manager;
        let Some(terminal) = self.isdr.terminal() else { return Ok(None) };
        let report = agree(terminal, &expected, &waits, &mut Onlooker { interrupt: manager.interrupt(), watch });
        log::info!("the modem: {:?}", report.view);
        // The channel went with the card's power. Without it, what was delivered stays on the card a little longer.
        if (report.power_cycled || report.was_away)
            && let Err(error) = self.isdr.reopen()
        {
            log::info!("the channel is gone and cannot be opened again: {error}");
        }
        Ok(Some(report))
    }

    /// Waits until a network has the modem with the new profile; goes back to the former one if none does in time.
    pub(super) fn keep_or_roll_back(
        &mut self,
        plan: &SwitchPlan,
        switched: Instant,
        time: Duration,
        collected: Collected,
        watch: &mut dyn Watch,
    ) -> Result<Collected, Error> {
        let manager = self.manager;
        let expected = expected(plan)?;
        let registration = match self.isdr.terminal() {
            None => Registration::DoesNotSay,
            Some(terminal) => {
                let onlooker = &mut Onlooker { interrupt: manager.interrupt(), watch: &mut *watch };
                registers(terminal, &expected, Duration::from_secs(1), switched + time, onlooker)
            }
        };
        let profile = describe(&plan.profile);
        let why = match registration {
            Registration::Registered => return Ok(collected),
            Registration::Unawaited => {
                self.report(&collected);
                return Err(Error::new(Id::RegistrationUnawaited).with("profile", profile).state(State::Done));
            }
            Registration::Not => String::new(),
            Registration::DoesNotSay => words::text("modem-says-nothing-of-networks", &[]),
        };
        let error =
            Error::new(Id::RolledBack).with("profile", profile).with("seconds", time.as_secs()).with("why", why);
        Err(self.roll_back(plan, time, collected, error, watch)?)
    }

    /// Undoes the switch, on a record of its own; gives the error with what became of that filled in.
    fn roll_back(
        &mut self,
        plan: &SwitchPlan,
        time: Duration,
        collected: Collected,
        error: Error,
        watch: &mut dyn Watch,
    ) -> Result<Error, Error> {
        let back = back(plan);
        let (_, more) = self.make_switch(&back).map_err(|error| {
            let about = [("profile", describe(&plan.profile).into()), ("seconds", time.as_secs().into())];
            error.after(words::text("going-back-failed", &about))
        })?;
        let modem = self.await_modem(&back, None, watch)?;
        let reporting = self.report(&collected.and(more));
        for failed in &reporting.failed {
            log::warn!(
                "not reported yet to {}: it is tried again with later changes: esimctl outbox send",
                failed.server
            );
        }
        Ok(error
            .with("back", back_words(plan))
            .with("modem", modem.as_ref().map(modem_words).unwrap_or_default())
            .with("iccid", iccid_of(&plan.profile)?.digits())
            .state(State::NotDone))
    }
}

fn expected(plan: &SwitchPlan) -> Result<Expected, Error> {
    Ok(match plan.goal {
        Goal::Enabled => Expected::Profile(iccid_of(&plan.profile)?),
        Goal::Disabled => Expected::NoProfile,
    })
}

/// The switch that undoes this one.
fn back(plan: &SwitchPlan) -> SwitchPlan {
    let binding = plan.binding.clone();
    match &plan.current {
        Some(former) => SwitchPlan {
            profile: former.clone(),
            goal: Goal::Enabled,
            current: Some(plan.profile.clone()),
            already: false,
            binding,
        },
        None => {
            SwitchPlan { profile: plan.profile.clone(), goal: Goal::Disabled, current: None, already: false, binding }
        }
    }
}

fn back_words(plan: &SwitchPlan) -> String {
    match &plan.current {
        Some(former) => words::text("enabled-again", &[("profile", describe(former).into())]),
        None => words::text("disabled-again-as-before", &[]),
    }
}

/// What came of asking the modem after going back.
fn modem_words(report: &ModemReport) -> String {
    words::text(
        match report.view {
            View::Agrees => "modem-agrees",
            View::DoesNotSay => "modem-does-not-say",
            View::Disagrees => "modem-disagrees",
            View::Away => "modem-away",
            View::Unawaited => "modem-unawaited",
        },
        &[],
    )
}

/// The ICCID that a modem sees, as text.
#[must_use]
pub fn seen_iccid(report: &ModemReport) -> Option<String> {
    report.sight.as_ref()?.iccid.as_ref().map(Iccid::digits)
}

#[cfg(test)]
mod tests;
