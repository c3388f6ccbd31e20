//! Enabling, disabling, deleting, resetting.

use sgp22::Function;
use sgp22::es10c::{
    DeleteProfile, DeleteProfileResult, DisableProfile, DisableProfileResult, EnableProfile, EnableProfileResult,
    EuiccMemoryReset, MemoryResetResult, ProfileRef, ResetOptions,
};
use sgp22::notification::Events;

use super::{Isdr, Moods, Outcome, unchanged};
use crate::card::quirk::Quirk;
use crate::card::state::{StoredClass, StoredProfile};

impl Isdr<'_> {
    /// What a switch is refused with before it is looked at: the quirks.
    fn balks(&mut self, profile: &ProfileRef, refresh: bool) -> Option<Balk> {
        if Moods::one_less(&mut self.moods.cat_busy) {
            return Some(Balk::CatBusy);
        }
        let by_iccid = matches!(profile, ProfileRef::Iccid(_));
        if self.quirks.has(Quirk::NoIccidRefresh) && by_iccid && refresh {
            return Some(Balk::Undefined);
        }
        if self.quirks.has(Quirk::OnlyAidRefresh) && (by_iccid || !refresh) {
            return Some(Balk::Undefined);
        }
        if std::mem::take(&mut self.moods.lies) {
            return Some(Balk::Lie);
        }
        None
    }

    pub(super) fn enable(&mut self, request: &EnableProfile) -> Outcome {
        use EnableProfileResult as R;
        let result = match self.balks(&request.profile, request.refresh) {
            Some(Balk::CatBusy) => R::CatBusy,
            Some(Balk::Undefined) => R::UndefinedError,
            Some(Balk::Lie) => return unchanged::<EnableProfile>(&R::Ok),
            None => self.try_enable(&request.profile),
        };
        let changed = result == R::Ok || self.quirks.has(Quirk::HalfDone);
        Outcome { answer: EnableProfile::encode_answer(&result), changed, switched: result == R::Ok }
    }

    fn try_enable(&mut self, reference: &ProfileRef) -> EnableProfileResult {
        use EnableProfileResult as R;
        let Some(target) = self.find(reference) else { return R::IccidOrAidNotFound };
        if self.euicc.profiles[target].enabled {
            return R::ProfileNotInDisabledState;
        }
        if let Some(current) = self.enabled() {
            let (current, target) = (&self.euicc.profiles[current], &self.euicc.profiles[target]);
            if current.rules().forbids_disabling() {
                return R::DisallowedByPolicy;
            }
            let back = self.euicc.before_test.as_ref().is_none_or(|before| *before == target.iccid);
            if current.class == StoredClass::Test && target.class != StoredClass::Test && !back {
                return R::WrongProfileReenabling;
            }
        }
        if let Some(current) = self.enabled() {
            if self.euicc.profiles[target].class == StoredClass::Test
                && self.euicc.profiles[current].class != StoredClass::Test
            {
                self.euicc.before_test = Some(self.euicc.profiles[current].iccid.clone());
            }
            self.set_enabled(current, false);
        }
        if self.quirks.has(Quirk::HalfDone) {
            return R::UndefinedError;
        }
        self.set_enabled(target, true);
        if self.euicc.profiles[target].class != StoredClass::Test {
            self.euicc.before_test = None;
        }
        R::Ok
    }

    pub(super) fn disable(&mut self, request: &DisableProfile) -> Outcome {
        use DisableProfileResult as R;
        let result = match self.balks(&request.profile, request.refresh) {
            Some(Balk::CatBusy) => R::CatBusy,
            Some(Balk::Undefined) => R::UndefinedError,
            Some(Balk::Lie) => return unchanged::<DisableProfile>(&R::Ok),
            None => self.try_disable(&request.profile),
        };
        let ok = result == R::Ok;
        Outcome { answer: DisableProfile::encode_answer(&result), changed: ok, switched: ok }
    }

    fn try_disable(&mut self, reference: &ProfileRef) -> DisableProfileResult {
        use DisableProfileResult as R;
        let Some(target) = self.find(reference) else { return R::IccidOrAidNotFound };
        let profile = &self.euicc.profiles[target];
        if !profile.enabled {
            return R::ProfileNotInEnabledState;
        }
        if profile.rules().forbids_disabling() {
            return R::DisallowedByPolicy;
        }
        self.set_enabled(target, false);
        R::Ok
    }

    fn set_enabled(&mut self, index: usize, enabled: bool) {
        self.euicc.profiles[index].enabled = enabled;
        self.notify(index, if enabled { Events::ENABLE } else { Events::DISABLE });
    }

    pub(super) fn delete(&mut self, request: &DeleteProfile) -> Outcome {
        use DeleteProfileResult as R;
        let result = match self.find(&request.profile) {
            None => R::IccidOrAidNotFound,
            Some(index) if self.euicc.profiles[index].enabled => R::ProfileNotInDisabledState,
            Some(index) if self.euicc.profiles[index].rules().forbids_deletion() => R::DisallowedByPolicy,
            Some(index) => {
                self.remove_profile(index);
                R::Ok
            }
        };
        Outcome { answer: DeleteProfile::encode_answer(&result), changed: result == R::Ok, switched: false }
    }

    fn remove_profile(&mut self, index: usize) {
        self.notify(index, Events::DELETE);
        self.euicc.profiles.remove(index);
    }

    pub(super) fn memory_reset(&mut self, request: &EuiccMemoryReset) -> Outcome {
        use MemoryResetResult as R;
        if Moods::one_less(&mut self.moods.cat_busy) {
            return unchanged::<EuiccMemoryReset>(&R::CatBusy);
        }
        let wants = |bit| request.options.0.has(bit);
        let goes = |profile: &StoredProfile| match profile.class {
            StoredClass::Operational => wants(ResetOptions::OPERATIONAL),
            StoredClass::Test => wants(ResetOptions::TEST) && !profile.preloaded,
            StoredClass::Provisioning => false,
        };
        let mut switched = false;
        let mut changed = false;
        while let Some(index) = self.euicc.profiles.iter().position(goes) {
            switched |= self.euicc.profiles[index].enabled;
            self.remove_profile(index);
            changed = true;
            if self.quirks.has(Quirk::HalfDone) {
                let answer = EuiccMemoryReset::encode_answer(&R::UndefinedError);
                return Outcome { answer, changed, switched };
            }
        }
        if wants(ResetOptions::SERVER) && self.euicc.default_smdp != self.euicc.factory_smdp {
            self.euicc.default_smdp = self.euicc.factory_smdp.clone();
            changed = true;
        }
        let result = if changed { R::Ok } else { R::NothingToDelete };
        // A reset ends a session, too (SGP.22 5.7.19).
        changed |= self.drop_session();
        Outcome { answer: EuiccMemoryReset::encode_answer(&result), changed, switched }
    }
}

/// Why a switch is refused by a quirk.
enum Balk {
    CatBusy,
    Undefined,
    Lie,
}
