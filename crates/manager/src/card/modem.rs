//! A switch behind a modem: it is done once the modem has noticed, and undone if the new profile finds no network.

use std::time::{Duration, Instant};

use lpa::Interrupt;
use lpa::change::{Expected, Goal, ModemReport, Onlooker, Registration, View, Waits, agree};
use lpa::download::Watch;
use sgp22::id::Iccid;

use super::rollback::Promise;
use super::switch::{SwitchPlan, describe, iccid_of};
use super::{Card, Collected, ConnectionLoss};
use crate::database::RollbackEnd;
use crate::error::{Error, Id, State};
use crate::words;

/// How long a modem is waited for, unless the configuration says otherwise.
const SETTLE: Duration = Duration::from_secs(60);

impl Card<'_> {
    /// Waits until the modem sees what the card says; `None` if no modem uses the card. `time` bounds it further.
    pub(super) fn await_modem(
        &mut self,
        plan: &SwitchPlan,
        time: Option<Duration>,
        interrupt: &dyn Interrupt,
        watch: &mut dyn Watch,
    ) -> Result<Option<ModemReport>, Error> {
        Ok(self.await_sight(&expected(plan)?, time, interrupt, watch))
    }

    /// Like [`Card::await_modem`], for what the modem is to see.
    pub(super) fn await_sight(
        &mut self,
        expected: &Expected,
        time: Option<Duration>,
        interrupt: &dyn Interrupt,
        watch: &mut dyn Watch,
    ) -> Option<ModemReport> {
        let settle = self.manager.config().modem_wait.map_or(SETTLE, Duration::from_secs);
        let waits = Waits::with_settle(time.map_or(settle, |time| settle.min(time)));
        let terminal = self.isdr.terminal()?;
        let report = agree(terminal, expected, &waits, &mut Onlooker { interrupt, watch });
        log::info!("the modem: {:?}", report.view);
        // The channel went with the card's power. Without it, what was delivered stays on the card a little longer.
        if (report.power_cycled || report.was_away)
            && let Err(error) = self.isdr.reopen()
        {
            log::info!("the channel is gone and cannot be opened again: {error}");
        }
        Some(report)
    }

    /// Waits until a network has the modem with the new profile; goes back to the former one if none does in time, or if
    /// the user does not want to wait.
    pub(super) fn keep_or_roll_back(
        &mut self,
        plan: &SwitchPlan,
        promise: Promise<'_>,
        switched: Instant,
        collected: Collected,
        watch: &mut dyn Watch,
    ) -> Result<Collected, Error> {
        let left = promise.time.saturating_sub(switched.elapsed());
        let registration = self.registration(&expected(plan)?, left, watch);
        if registration == Registration::Registered {
            promise.end(RollbackEnd::Registered, "");
            return Ok(collected);
        }
        if !promise.claim() {
            log::info!("the user has said meanwhile that the new profile stays");
            return Ok(collected);
        }
        let profile = describe(&plan.profile);
        let error = match registration {
            Registration::Unawaited => Error::new(Id::RegistrationUnawaited),
            Registration::DoesNotSay => {
                Error::new(Id::RolledBack).with("why", words::text("modem-says-nothing-of-networks", &[]))
            }
            _ => Error::new(Id::RolledBack),
        };
        let error = error.with("profile", profile).with("seconds", promise.time.as_secs());
        Err(self.roll_back(plan, promise, collected, error, watch))
    }

    /// Undoes the switch; gives the error with what became of that filled in.
    fn roll_back(
        &mut self,
        plan: &SwitchPlan,
        promise: Promise<'_>,
        collected: Collected,
        error: Error,
        watch: &mut dyn Watch,
    ) -> Error {
        let time = promise.time;
        match self.go_back(&back(plan), watch) {
            Ok((modem, left)) => {
                promise.end(RollbackEnd::RolledBack, &error.message());
                self.report_back(&collected.and(left));
                let iccid = plan.profile.iccid.as_ref().map(Iccid::digits).unwrap_or_default();
                error.with("back", back_words(plan)).with("modem", modem).with("iccid", iccid).state(State::NotDone)
            }
            Err(failure) => {
                promise.leave_open(&failure);
                let about = [("profile", describe(&plan.profile).into()), ("seconds", time.as_secs().into())];
                failure.after(words::text("going-back-failed", &about)).aside(words::text("rollback-stays-open", &[]))
            }
        }
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
            loss: ConnectionLoss::default(),
            binding,
        },
        None => SwitchPlan {
            profile: plan.profile.clone(),
            goal: Goal::Disabled,
            current: None,
            already: false,
            loss: ConnectionLoss::default(),
            binding,
        },
    }
}

pub(super) fn back_words(plan: &SwitchPlan) -> String {
    match &plan.current {
        Some(former) => words::text("enabled-again", &[("profile", describe(former).into())]),
        None => words::text("disabled-again-as-before", &[]),
    }
}

/// What came of asking the modem after going back.
pub(super) fn modem_words(report: &ModemReport) -> String {
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
