//! What is worth keeping of a profile before it is given up: its description, and what its SIM holds.
//!
//! Nothing of it is a key, and a backup cannot be put onto another card. A profile that is disabled is enabled for it only
//! if the caller says so, and the card is afterwards as it was before, also if something fails in between.

mod csv;
mod describe;
mod files;
mod notes;
#[cfg(test)]
mod tests;
mod vcard;

pub use files::BackupFile;
pub use notes::BackupNote;
pub use sim::dialling::Dialling;
pub use sim::sms::{Message, Status};
pub use sim::{AskPin, Contact, Damaged, NoPin, Part, Pin, PinOutcome, PinRequest, Records, SimContents, Source};

use lpa::change::Goal;
use lpa::profiles::Detail;
use sgp22::es10a::ConfiguredAddresses;
use sgp22::id::Iccid;
use sgp22::policy::PprIds;
use sgp22::profile::ProfileInfo;

use crate::card::{SwitchDone, Unwatched, describe as name_of};
use crate::error::{Error, Id, State, sim_error};
use crate::words::text;
use crate::{ProfileQuery, Session};

/// What a backup is to be like.
#[derive(Debug, Clone, Copy)]
pub struct BackupOptions {
    /// Of the IMSI, keep the operator's part and the last two digits alone.
    pub mask_imsi: bool,
    /// Enable the profile for it if it is disabled, and restore the former state.
    pub enable_if_needed: bool,
    /// The user has agreed that this machine may lose its way to the internet meanwhile.
    pub lose_connection: bool,
}

impl Default for BackupOptions {
    fn default() -> Self {
        Self { mask_imsi: true, enable_if_needed: false, lose_connection: false }
    }
}

/// A backup, not written yet.
#[derive(Debug, Clone)]
pub struct Backup {
    /// The device that it was taken at.
    pub device: String,
    /// The card.
    pub eid: String,
    /// When.
    pub taken_at: jiff::Timestamp,
    /// The profile, as it was before.
    pub profile: ProfileInfo,
    /// The servers that the card knows; `None` if it does not say.
    pub addresses: Option<ConfiguredAddresses>,
    /// What the SIM holds.
    pub sim: SimResult,
    /// The IMSI is masked.
    pub imsi_masked: bool,
    /// What was switched for it; `None` if the profile was enabled already, or was not to be.
    pub switched: Option<Switched>,
}

/// What came of reading the SIM.
#[derive(Debug, Clone)]
pub enum SimResult {
    /// It was read; some of its parts may not have been.
    Read(Box<SimContents>),
    /// The profile is disabled, and was not to be enabled.
    NotEnabled,
    /// It was not read.
    Failed(Error),
}

/// A profile that was enabled for its backup.
#[derive(Debug, Clone)]
pub struct Switched {
    /// How it was enabled.
    pub done: SwitchDone,
    /// How the former state was restored; an error says what the card is like instead.
    pub restored: Result<SwitchDone, Error>,
}

impl Backup {
    /// What the SIM holds, if it was read.
    #[must_use]
    pub fn contents(&self) -> Option<&SimContents> {
        match &self.sim {
            SimResult::Read(contents) => Some(contents),
            _ => None,
        }
    }

    /// True if all that is there was read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing().is_empty()
    }

    /// The parts that are there and not, or not wholly, in the backup, by their names in `sim.json`; `sim`: the SIM was
    /// not read at all.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        self.contents().map_or_else(|| vec![crate::retire::WHOLE_SIM], SimContents::incomplete)
    }

    /// What somebody should know of how it came about, and of what is not in it.
    #[must_use]
    pub fn notes(&self) -> Vec<BackupNote> {
        notes::of(self)
    }
}

impl Session<'_> {
    /// Takes a backup of a profile. `ask` is asked at most once, and never for a PIN that is blocked.
    pub fn backup(
        &mut self,
        query: &ProfileQuery,
        ask: &mut dyn AskPin,
        options: &BackupOptions,
    ) -> Result<Backup, Error> {
        let device = self.device().to_owned();
        let mut card = self.card()?;
        let eid = card.eid()?.to_string();
        let profile = card.profile(query, Detail::Everything)?.profile;
        let iccid = profile.iccid.clone().ok_or_else(|| Error::new(Id::ProfileUnnamed))?;
        let addresses = card.addresses().ok();
        drop(card);
        // A card that does not say whether it is gets asked whose SIM it is.
        let disabled = profile.says_whether_enabled() == Some(false);
        let (sim, switched) = match (disabled, options.enable_if_needed) {
            (false, _) => (self.sim_of(&profile, &iccid, ask), None),
            (true, false) => (SimResult::NotEnabled, None),
            (true, true) => {
                let (sim, switched) = self.sim_of_disabled(&profile, &iccid, ask, options.lose_connection)?;
                (sim, Some(switched))
            }
        };
        let mut backup = Backup {
            device,
            eid,
            taken_at: jiff::Timestamp::now(),
            profile,
            addresses,
            sim,
            imsi_masked: options.mask_imsi,
            switched,
        };
        if options.mask_imsi {
            backup.mask_imsi();
        }
        Ok(backup)
    }

    /// Enables the profile, reads its SIM, and restores the former state whatever happens.
    fn sim_of_disabled(
        &mut self,
        profile: &ProfileInfo,
        iccid: &Iccid,
        ask: &mut dyn AskPin,
        lose_connection: bool,
    ) -> Result<(SimResult, Switched), Error> {
        if profile.policy_rules.as_ref().is_some_and(PprIds::forbids_disabling) {
            return Err(Error::new(Id::BackupOneWay).with("profile", name_of(profile)).with("iccid", iccid));
        }
        let mut card = self.card()?;
        let mut plan = card.plan_switch(&ProfileQuery::new(&iccid.digits()), Goal::Enabled)?;
        if lose_connection {
            plan.loss.agree();
        }
        let former = plan.current.clone();
        let enabled = card.switch(plan, None, &mut Unwatched);
        drop(card);
        match enabled {
            Ok(done) => {
                let sim = self.sim_of(profile, iccid, ask);
                let restored = self.restore(iccid, former.as_ref());
                Ok((sim, Switched { done, restored }))
            }
            // Half of it may have been done.
            Err(error) if error.state != State::Unchanged => Err(match self.restore(iccid, former.as_ref()) {
                Ok(done) if done.attempts.is_empty() => error,
                Ok(_) => error.aside(text("backup-restored", &[])),
                Err(other) => error.aside(text("backup-not-restored", &[("why", other.message().into())])),
            }),
            Err(error) => Err(error),
        }
    }

    /// Reads the SIM and sees that it is that of this profile.
    fn sim_of(&mut self, profile: &ProfileInfo, iccid: &Iccid, ask: &mut dyn AskPin) -> SimResult {
        match self.sim(ask).map_err(sim_error) {
            Ok(contents) => match contents.iccid.value() {
                Some(found) if *found != iccid.digits() => {
                    SimResult::Failed(Error::new(Id::SimOther).with("found", found).with("profile", name_of(profile)))
                }
                _ => SimResult::Read(Box::new(contents)),
            },
            Err(error) => SimResult::Failed(error),
        }
    }

    /// Enables the former profile again, or disables this one if none was enabled.
    fn restore(&mut self, iccid: &Iccid, former: Option<&ProfileInfo>) -> Result<SwitchDone, Error> {
        let former = former.and_then(|profile| profile.iccid.as_ref());
        let (wanted, goal) = former.map_or((iccid, Goal::Disabled), |former| (former, Goal::Enabled));
        let mut card = self.card_to_the_end()?;
        let mut plan = card.plan_switch(&ProfileQuery::new(&wanted.digits()), goal)?;
        // As it was before: whatever is lost by that was not there before either.
        plan.loss.agree();
        card.switch(plan, None, &mut Unwatched)
    }
}

impl Backup {
    fn mask_imsi(&mut self) {
        let SimResult::Read(contents) = &mut self.sim else { return };
        let mnc_digits = contents.mnc_digits.value().copied().flatten().unwrap_or(2);
        if let Part::Present { value } = &mut contents.imsi {
            *value = sim::identity::mask_imsi(value, mnc_digits);
        }
    }
}
