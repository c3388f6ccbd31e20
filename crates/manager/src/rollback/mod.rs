//! Switches that are undone if no network takes the modem with the new profile.
//!
//! Such a switch is on record before it is made, with the card, the profile to go back to and the deadline. The process
//! that made it waits and ends the record. Should that process end too early, the switch is due: whoever uses a card next
//! goes back first ([`Manager::session`]), or a unit that runs at boot ([`Manager::roll_back_due`]). Going back is not
//! interrupted by anybody, and what could not be undone stays on record.

mod decide;
mod standing;
mod unit;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub(crate) use decide::{Choice, SwitchBack, decide};
use standing::Present;
pub use standing::Standing;

use crate::card::{Card, Settled, Unwatched, Watch};
use crate::database::{Database, Keeping, PendingRollback, RollbackEnd};
use crate::device::{DeviceKind, DeviceSpec};
use crate::error::{Error, Exit, Id};
use crate::words;
use crate::{Manager, Settings};

/// The pause before a device that is not there is looked for again.
const DEVICE_PAUSE: Duration = Duration::from_millis(500);

/// The outcome of a switch that was due to be undone.
#[derive(Debug, Clone)]
pub struct RollbackOutcome {
    /// The record as it was.
    pub pending: PendingRollback,
    /// The end with a sentence about it, or the reason why it is still open.
    pub result: Result<(RollbackEnd, String), Error>,
}

/// The outcomes of those that were due before a card was used.
#[derive(Debug, Default)]
pub(crate) struct Before {
    looked: AtomicBool,
    /// The state directory was registered for a switch.
    registered: AtomicBool,
    outcomes: Mutex<Vec<RollbackOutcome>>,
}

/// No signal ends the process as long as this lives.
#[derive(Debug)]
pub(crate) struct Uninterruptible<'m>(&'m AtomicBool);

/// Why one could not be undone.
struct Failed {
    error: Error,
    /// A device was not there. At boot the modem may come later than this program.
    may_come: bool,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        let may_come = error.exit() == Exit::NoDevice && error.id != Id::RollbackOtherCard;
        Self { error, may_come }
    }
}

impl Drop for Uninterruptible<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl Manager {
    /// The switches that are still to be kept or undone, oldest first. Nothing is made or changed by looking.
    ///
    /// # Errors
    ///
    /// Fails if there is a database that cannot be read.
    pub fn rollbacks(&self) -> Result<Vec<(PendingRollback, Standing)>, Error> {
        let database = match Database::peek(self.paths()) {
            Some(database) => Some(database),
            None => Database::open_existing(self.paths())?,
        };
        let Some(database) = database else { return Ok(Vec::new()) };
        let present = Present::now();
        let standing = |pending: PendingRollback| {
            let standing = present.standing(&pending, pending.liveness());
            (pending, standing)
        };
        Ok(database.pending_rollbacks()?.into_iter().map(standing).collect())
    }

    /// The number of switches that are due to be undone and wait for somebody to do it. What cannot be read counts as
    /// nothing.
    #[must_use]
    pub fn due_rollbacks(&self) -> usize {
        let all = Database::peek(self.paths()).and_then(|database| database.pending_rollbacks().ok());
        let present = Present::now();
        let due = |pending: &&PendingRollback| present.standing(pending, pending.liveness()) == Standing::Due;
        all.iter().flatten().filter(due).count()
    }

    /// Keeps the new profiles enabled by the user's word: these switches are not undone any more; without numbers none of
    /// those that are open. Gives those that were.
    ///
    /// # Errors
    ///
    /// Fails if there is none with such a number, or if one is just being undone.
    pub fn keep_rollbacks(&self, ids: &[i64]) -> Result<Vec<PendingRollback>, Error> {
        let (open, not_found) = (self.rollbacks()?, |id: i64| Error::new(Id::RollbackNotFound).with("id", id));
        if let Some(id) = ids.iter().find(|id| open.iter().all(|(pending, _)| pending.id != **id)) {
            return Err(not_found(*id));
        }
        let chosen = open.into_iter().filter(|(pending, _)| ids.is_empty() || ids.contains(&pending.id));
        let mut kept = Vec::new();
        for (pending, _) in chosen {
            let database = Database::open(self.paths())?;
            match database.keep_rollback(pending.id, "by the user's word", goes_on)? {
                Keeping::Kept => kept.push(pending),
                Keeping::HadEnded => {}
                Keeping::GoesBack => return Err(Error::new(Id::RollbackRunning).with("id", pending.id)),
            }
            self.rollback_has_ended(&database);
        }
        Ok(kept)
    }

    /// Registers the state directory anew once a switch is on record. Another process, whose switch was the last one until
    /// then, may have taken it off meanwhile; from then on nobody does.
    pub(crate) fn stay_registered(&self) {
        if !self.rolled_back.registered.load(Ordering::Relaxed) {
            return;
        }
        if let Err(error) = self.register_state_dir() {
            log::warn!("No unit at boot finds this switch: {error} ({}).", error.cause);
        }
    }

    /// Takes the state directory off the register once nothing in it waits to be undone.
    pub(crate) fn rollback_has_ended(&self, database: &Database) {
        let unregistered = database.unless_rollbacks_wait(|| self.unregister_state_dir());
        if let Err(error) = unregistered {
            log::warn!("The state directory stays registered: {error} ({}).", error.cause);
        }
    }

    /// A manager like this one for another state directory, with the same right to be interrupted.
    ///
    /// # Errors
    ///
    /// Fails as [`Manager::new`] does.
    pub fn with_state_dir(&self, state_dir: &Path) -> Result<Self, Error> {
        Self::new(Settings { state_dir: Some(state_dir.into()), ..self.settings.clone() })
    }

    /// Undoes the switches that are due. A device that is not there is waited for so long, and so is another process that
    /// uses it. A switch that a network has taken meanwhile stays; what cannot be undone stays on record.
    ///
    /// # Errors
    ///
    /// Fails if there is a database that cannot be read.
    pub fn roll_back_due(&self, wait: Duration, watch: &mut dyn Watch) -> Result<Vec<RollbackOutcome>, Error> {
        self.rolled_back.looked.store(true, Ordering::Relaxed);
        let until = Instant::now() + wait;
        let mut outcomes = Vec::new();
        for (pending, standing) in self.rollbacks()? {
            let result = match standing {
                Standing::Waiting => continue,
                // Whoever promised it lives, and holds the device unless something is wrong.
                Standing::Overdue => match self.roll_back(&pending, Instant::now(), Duration::ZERO, watch) {
                    Err(error) if error.id == Id::DeviceLocked => continue,
                    result => result,
                },
                Standing::Due => self.roll_back(&pending, until, wait.max(self.lock_wait()), watch),
            };
            match result {
                Ok(None) => {}
                Ok(Some(settled)) => outcomes.push(RollbackOutcome { pending, result: Ok(settled) }),
                Err(error) => {
                    self.note_failure(&pending, &error);
                    outcomes.push(RollbackOutcome { pending, result: Err(error) });
                }
            }
        }
        Ok(outcomes)
    }

    /// Keeps why one could not be undone for whoever looks later. It stays open also where that cannot be written.
    fn note_failure(&self, pending: &PendingRollback, error: &Error) {
        let noted = Database::open(self.paths())
            .and_then(|database| database.note_rollback_failure(pending.id, &error.message()));
        if let Err(error) = noted {
            log::info!("rollback {}: the failure could not be recorded: {error}", pending.id);
        }
    }

    /// Undoes what is due before a card is used for something else, once in the life of this.
    pub(crate) fn roll_back_first(&self) {
        if self.rolled_back.looked.swap(true, Ordering::Relaxed) || self.due_rollbacks() == 0 {
            return;
        }
        log::warn!("{}", words::text("rollback-goes-first", &[]));
        match self.roll_back_due(Duration::ZERO, &mut Unwatched) {
            Ok(outcomes) => {
                if let Ok(mut before) = self.rolled_back.outcomes.lock() {
                    before.extend(outcomes);
                }
            }
            Err(error) => log::warn!("{error} ({}).", error.cause),
        }
    }

    /// Takes the outcomes of switches that were due before a card was used; each is given once.
    #[must_use]
    pub fn take_rollback_outcomes(&self) -> Vec<RollbackOutcome> {
        self.rolled_back.outcomes.lock().map(|mut outcomes| std::mem::take(&mut *outcomes)).unwrap_or_default()
    }

    /// Keeps signals from ending the process as long as the result lives.
    pub(crate) fn uninterruptible(&self) -> Uninterruptible<'_> {
        self.settings.uninterruptible.store(true, Ordering::SeqCst);
        Uninterruptible(&self.settings.uninterruptible)
    }

    /// A name of the device that outlives a reboot, if the system has one.
    pub(crate) fn stable_device(&self, device: &str) -> Option<String> {
        let spec: DeviceSpec = device.parse().ok()?;
        let DeviceKind::Modem(address) = &spec.kind else { return None };
        let node = crate::device::modem_node(address)?;
        let stable = self.system().stable(node)?;
        let (kind, _) = device.split_once(':')?;
        Some(format!("{kind}:{stable}{}", spec.options))
    }

    /// Undoes one, at any of the devices where its card may be. `None`: somebody else has settled it meanwhile.
    fn roll_back(
        &self,
        pending: &PendingRollback,
        until: Instant,
        lock_wait: Duration,
        watch: &mut dyn Watch,
    ) -> Result<Option<Settled>, Error> {
        loop {
            let Failed { error, may_come } = match self.roll_back_once(pending, lock_wait, watch) {
                Err(failed) => failed,
                Ok(settled) => return Ok(settled),
            };
            if !may_come || Instant::now() + DEVICE_PAUSE > until || lpa::Interrupt::requested(self.interrupt()) {
                return Err(error);
            }
            std::thread::sleep(DEVICE_PAUSE);
        }
    }

    fn roll_back_once(
        &self,
        pending: &PendingRollback,
        lock_wait: Duration,
        watch: &mut dyn Watch,
    ) -> Result<Option<Settled>, Failed> {
        let mut failed: Option<Failed> = None;
        for spec in self.devices_of(pending).map_err(Failed::from)? {
            match self.roll_back_at(spec, pending, lock_wait, watch) {
                Err(error) => {
                    let before = failed.is_some_and(|failed| failed.may_come);
                    let now = Failed::from(error);
                    failed = Some(Failed { may_come: before || now.may_come, ..now });
                }
                Ok(settled) => return Ok(settled),
            }
        }
        Err(failed.unwrap_or_else(|| Failed { error: Error::new(Id::NoDevice), may_come: false }))
    }

    /// Where the card may be: at the device that the user names, or where it was. What is on record is a modem: nothing
    /// else is opened for it, whatever stands there. A name that outlives a reboot leaves the other one out: at boot that
    /// may be another modem's, which is neither to be opened nor taken from its ModemManager.
    fn devices_of(&self, pending: &PendingRollback) -> Result<Vec<DeviceSpec>, Error> {
        let named = self.named_device().map(str::parse::<DeviceSpec>).transpose()?;
        let known = pending
            .stable
            .iter()
            .chain(pending.stable.is_none().then_some(&pending.device))
            .filter_map(|device| self.recorded_device(device).ok());
        let modems = known.filter(|spec: &DeviceSpec| matches!(spec.kind, DeviceKind::Modem(_)));
        Ok(named.into_iter().chain(modems).collect())
    }

    fn roll_back_at(
        &self,
        spec: DeviceSpec,
        pending: &PendingRollback,
        lock_wait: Duration,
        watch: &mut dyn Watch,
    ) -> Result<Option<Settled>, Error> {
        let mut session = self.session_within(spec, lock_wait)?;
        let device = session.device().to_owned();
        let mut card = session.card_to_the_end()?;
        if card.eid()?.to_string() == pending.eid {
            return self.settle_at(&mut card, pending, watch);
        }
        drop(card);
        match session.card_of(&pending.eid)? {
            Some(mut card) => self.settle_at(&mut card, pending, watch),
            None => Err(Error::new(Id::RollbackOtherCard).with("device", device).with("eid", &pending.eid)),
        }
    }

    /// Settles one at its card, which is locked for this process, and records how.
    fn settle_at(
        &self,
        card: &mut Card<'_>,
        pending: &PendingRollback,
        watch: &mut dyn Watch,
    ) -> Result<Option<Settled>, Error> {
        let database = Database::open(self.paths())?;
        let uninterruptible = self.uninterruptible();
        if !database.claim_rollback(pending.id)? {
            return Ok(None);
        }
        match card.settle_rollback(pending, Present::now().second_chance(pending), watch) {
            Ok(((end, message), left)) => {
                database.end_rollback(pending.id, end, &message)?;
                drop(uninterruptible);
                self.rollback_has_ended(&database);
                card.report_back(&left);
                Ok(Some((end, message)))
            }
            Err(error) => {
                database.release_rollback(pending.id, &error.message())?;
                Err(error)
            }
        }
    }
}

/// True while the process that goes back may still run.
fn goes_on(pending: &PendingRollback) -> bool {
    pending.going_back && Present::now().standing(pending, pending.liveness()) != Standing::Due
}

#[cfg(test)]
mod tests;
