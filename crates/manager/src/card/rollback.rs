//! A switch that is undone if no network takes it: what is on record of it before it is made, and how it is undone.

use std::time::Duration;

use lpa::NeverInterrupted;
use lpa::change::{Expected, Goal, Onlooker, Registration, registers};
use lpa::download::{Step, Watch};
use lpa::profiles::Detail;
use sgp22::id::Iccid;
use sgp22::policy::PprIds;
use sgp22::profile::ProfileInfo;

use super::switch::{SwitchPlan, describe, iccid_of};
use super::{Card, Collected, ConnectionLoss};
use crate::Manager;
use crate::database::{Database, NewRollback, PendingRollback, RollbackEnd};
use crate::error::{Error, Id, State};
use crate::rollback::{Choice, SwitchBack, Uninterruptible, decide};
use crate::words;

/// The pause between two questions whether a network has taken the modem.
const REGISTRATION_PAUSE: Duration = Duration::from_secs(1);

/// The record of a switch that is still to be kept or undone. As long as this lives, no signal ends the process.
pub(super) struct Promise<'m> {
    manager: &'m Manager,
    database: Database,
    id: i64,
    /// The time for which a network is waited for.
    pub(super) time: Duration,
    _uninterruptible: Uninterruptible<'m>,
}

impl Promise<'_> {
    /// Lets the time begin: the switch is made.
    pub(super) fn begin(&self) {
        self.note("its time", self.database.restart_rollback(self.id, self.time));
    }

    /// Claims it for going back. False if the user has said meanwhile that the new profile stays. What cannot be asked is
    /// no reason to stay without a network.
    pub(super) fn claim(&self) -> bool {
        self.database.claim_rollback(self.id).unwrap_or_else(|error| {
            log::error!("the record of the rollback cannot be read: {error} ({})", error.cause);
            true
        })
    }

    /// Records how it ended. Signals are as always from then on.
    pub(super) fn end(self, end: RollbackEnd, why: &str) {
        self.note("its end", self.database.end_rollback(self.id, end, why).map(drop));
        self.manager.rollback_has_ended(&self.database);
    }

    /// Leaves it open for whoever comes next.
    pub(super) fn leave_open(self, error: &Error) {
        self.note("the failure", self.database.release_rollback(self.id, &error.message()));
    }

    /// The card comes first: what cannot be recorded is told.
    fn note(&self, what: &str, noted: Result<(), Error>) {
        if let Err(error) = noted {
            log::error!("rollback {}: {what} could not be recorded: {error} ({})", self.id, error.cause);
        }
    }
}

/// The end of a switch that was due to be undone, with a sentence about it.
pub(crate) type Settled = (RollbackEnd, String);

impl<'s> Card<'s> {
    /// Refuses what could not be kept: without a modem nothing registers, and some profiles cannot be disabled again.
    ///
    /// # Errors
    ///
    /// Says which of these it is.
    pub fn check_rollback(&mut self, plan: &SwitchPlan) -> Result<(), Error> {
        if self.isdr.terminal().is_none() {
            return Err(Error::new(Id::NoModem).with("device", self.device));
        }
        match plan.profile.policy_rules.as_ref().is_some_and(PprIds::forbids_disabling) {
            true => Err(Error::new(Id::ProfileStays).with("profile", describe(&plan.profile))),
            false => Ok(()),
        }
    }

    /// Records, before the switch, that it is undone if no network takes it in this time.
    pub(super) fn promise_rollback(&mut self, plan: &SwitchPlan, time: Duration) -> Result<Promise<'s>, Error> {
        let manager = self.manager;
        let device = format!("{}{}", self.device, self.options);
        let new = NewRollback {
            stable: manager.stable_device(&device),
            device,
            eid: self.recorded_eid()?,
            iccid: iccid_of(&plan.profile)?.digits(),
            former: plan.current.as_ref().map(iccid_of).transpose()?.map(|iccid| iccid.digits()),
            time,
        };
        let database = Database::open(manager.paths())?;
        let uninterruptible = manager.uninterruptible();
        let id = database.promise_rollback(&new)?;
        manager.stay_registered();
        Ok(Promise { manager, database, id, time, _uninterruptible: uninterruptible })
    }

    /// Puts the card right after a switch that failed: one that was half made, or of which nobody knows, is undone.
    pub(super) fn undo_failed_switch(
        &mut self,
        plan: &SwitchPlan,
        promise: Promise<'_>,
        failure: Error,
        watch: &mut dyn Watch,
    ) -> Error {
        if failure.state != State::Unknown && !failure.has_aside() {
            promise.end(RollbackEnd::Moot, "the switch was not made");
            return failure;
        }
        self.isdr.ignore_interrupts();
        let undone = promise.database.pending_rollbacks().and_then(|all| {
            let pending = all.into_iter().find(|pending| pending.id == promise.id);
            pending.map_or(Ok(None), |pending| self.settle_rollback(&pending, Duration::ZERO, watch).map(Some))
        });
        match undone {
            Ok(None) => failure,
            Ok(Some(((end, message), left))) => {
                promise.end(end, &message);
                self.report_back(&left);
                let about = [("back", super::modem::back_words(plan).into())];
                let restored = words::text("rollback-undone-at-once", &about);
                let said = if end == RollbackEnd::RolledBack { restored } else { message };
                failure.state(State::NotDone).without_aside().aside(said)
            }
            Err(error) => {
                log::info!("{} cannot be undone now: {error}", describe(&plan.profile));
                promise.leave_open(&error);
                failure.aside(words::text("rollback-stays-open", &[]))
            }
        }
    }

    /// Settles a switch that is due to be undone: looks whether a network has the modem by now, else goes back. Also gives
    /// what that left for servers: it is delivered once the end is on record.
    pub(crate) fn settle_rollback(
        &mut self,
        pending: &PendingRollback,
        second_chance: Duration,
        watch: &mut dyn Watch,
    ) -> Result<(Settled, Collected), Error> {
        let profiles = self.profiles(Detail::Row)?;
        let since = Database::open(self.manager.paths())?.later(&pending.eid, pending.since)?;
        let name = |iccid: &str| name_of(&profiles, iccid);
        let back = match &pending.former {
            Some(former) => words::text("enabled-again", &[("profile", name(former).into())]),
            None => words::text("disabled-again-as-before", &[]),
        };
        let about = [("profile", name(&pending.iccid).into()), ("back", back.into())];
        let ended = |end: RollbackEnd, why: &str| ((end, words::text(why, &about)), Collected::default());
        match decide(pending, &profiles, &since) {
            Choice::Moot(why) => Ok(ended(RollbackEnd::Moot, why)),
            Choice::IsBack => {
                self.await_former(pending, watch)?;
                Ok(ended(RollbackEnd::RolledBack, "rollback-is-back"))
            }
            Choice::GoBack { back, stays } => {
                if self.is_taken(pending, &back, second_chance, watch)? {
                    return Ok(ended(RollbackEnd::Registered, "rollback-registered"));
                }
                if stays {
                    return Err(Error::new(Id::ProfileStays).with("profile", name(&pending.iccid)));
                }
                let SwitchBack { profile, goal, current } = *back;
                let loss = ConnectionLoss::default();
                let plan = SwitchPlan { profile, goal, current, already: false, loss, binding: self.binding()? };
                let (modem, left) = self.go_back(&plan, watch)?;
                Ok(((RollbackEnd::RolledBack, words::text("rollback-done", &about) + &modem), left))
            }
        }
    }

    /// True if a network has, or takes in this time, the modem with the new profile.
    fn is_taken(
        &mut self,
        pending: &PendingRollback,
        back: &SwitchBack,
        time: Duration,
        watch: &mut dyn Watch,
    ) -> Result<bool, Error> {
        let enabled = back.current.as_ref().or((back.goal == Goal::Disabled).then_some(&back.profile));
        let Some(enabled) = enabled.filter(|profile| digits(profile).as_ref() == Some(&pending.iccid)) else {
            return Ok(false);
        };
        let expected = Expected::Profile(iccid_of(enabled)?);
        Ok(self.registration(&expected, time, watch) == Registration::Registered)
    }

    /// Waits until a network has the modem with this profile.
    pub(super) fn registration(&mut self, expected: &Expected, time: Duration, watch: &mut dyn Watch) -> Registration {
        let manager = self.manager;
        let Some(terminal) = self.isdr.terminal() else { return Registration::DoesNotSay };
        let onlooker = &mut Onlooker { interrupt: manager.interrupt(), watch };
        registers(terminal, expected, REGISTRATION_PAUSE, std::time::Instant::now() + time, onlooker)
    }

    /// Makes the switch back, on a record of its own, and waits for the modem. Nothing interrupts it. Gives a sentence on
    /// the modem, and what the switch left for servers.
    pub(super) fn go_back(&mut self, back: &SwitchPlan, watch: &mut dyn Watch) -> Result<(String, Collected), Error> {
        self.isdr.ignore_interrupts();
        watch.step(Step::GoingBack);
        let (_, left) = self.make_switch(back)?;
        let modem = self.await_modem(back, None, &NeverInterrupted, watch)?;
        Ok((modem.as_ref().map(super::modem::modem_words).unwrap_or_default(), left))
    }

    /// Delivers what going back has left, through the modem that has its network again.
    pub(crate) fn report_back(&mut self, left: &Collected) {
        for failed in &self.report(left).failed {
            log::warn!("{}", failed.warning());
        }
    }

    /// Waits until the modem uses the former profile again: whoever switched the card may have ended before.
    fn await_former(&mut self, pending: &PendingRollback, watch: &mut dyn Watch) -> Result<(), Error> {
        let former = pending.former.as_deref().map(str::parse::<Iccid>).transpose().ok().flatten();
        let expected = former.map_or(Expected::NoProfile, Expected::Profile);
        self.await_sight(&expected, None, &NeverInterrupted, watch);
        Ok(())
    }
}

fn digits(profile: &ProfileInfo) -> Option<String> {
    profile.iccid.as_ref().map(Iccid::digits)
}

/// A profile by its name, or by its ICCID if the card does not have it.
fn name_of(profiles: &[ProfileInfo], iccid: &str) -> String {
    let profile = profiles.iter().find(|profile| digits(profile).as_deref() == Some(iccid));
    profile.map_or_else(|| iccid.to_owned(), describe)
}
