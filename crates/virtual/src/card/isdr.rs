//! What the ISD-R does with a command TLV.

use sgp22::Function;
use sgp22::apdu::StatusWord;
use sgp22::es10a::{ConfiguredAddresses, GetEuiccConfiguredAddresses, SetDefaultDpAddress, SetDefaultDpAddressResult};
use sgp22::es10b::{
    GetEuiccChallenge, GetEuiccInfo1, GetEuiccInfo2, GetRat, ListNotification, RemoveNotificationFromList,
    RemoveNotificationResult, RetrieveNotificationsError, RetrieveNotificationsList,
};
use sgp22::es10c::{
    DeleteProfile, DeleteProfileResult, DisableProfile, DisableProfileResult, EnableProfile, EnableProfileResult,
    EuiccMemoryReset, GetEid, GetProfilesInfo, MemoryResetResult, ProfileRef, ProfilesInfoError, ResetOptions,
    SearchCriterion, SetNickname, SetNicknameResult,
};
use sgp22::euicc_info::{CardResources, EuiccCategory, EuiccInfo1, EuiccInfo2};
use sgp22::id::Version;
use sgp22::notification::{Events, NotificationMetadata, PendingKind, PendingNotification};
use sgp22::profile::{ProfileInfo, field};
use sgp22::store_data;
use sgp22::tlv::{Bits, RawTlv, Tag, Text, Writer};

use super::quirk::{Quirk, Quirks};
use super::sample;
use super::state::{Euicc, StoredClass, StoredNotification, StoredProfile};
use crate::pki::EuiccCredentials;

/// The version of SGP.22 that the card implements.
const SVN: Version = Version([2, 5, 0]);

/// What the ISD-R answers, and what follows from it.
pub(super) struct Outcome {
    /// The answer TLV.
    pub(super) answer: Vec<u8>,
    /// The state has changed and must be kept before the answer goes out.
    pub(super) changed: bool,
    /// The enabled profile has changed.
    pub(super) switched: bool,
}

/// What the card remembers only until it is powered off.
#[derive(Debug, Default)]
pub(super) struct Moods {
    pub(super) cat_busy: u16,
    pub(super) change_ongoing: u16,
    pub(super) lies: bool,
}

impl Moods {
    pub(super) fn at_power_on(quirks: &Quirks) -> Self {
        Self {
            cat_busy: quirks.number(Quirk::CatBusy).unwrap_or(0),
            change_ongoing: quirks.number(Quirk::ChangeOngoing).unwrap_or(0),
            lies: quirks.has(Quirk::LiesAboutSwitch),
        }
    }

    fn one_less(count: &mut u16) -> bool {
        let left = *count > 0;
        *count = count.saturating_sub(1);
        left
    }
}

/// One eUICC at work on one command.
pub(super) struct Isdr<'a> {
    pub(super) euicc: &'a mut Euicc,
    pub(super) credentials: &'a EuiccCredentials,
    pub(super) quirks: &'a Quirks,
    pub(super) moods: &'a mut Moods,
}

/// The name that quirks have for a command; `None` for those that change nothing.
pub(super) fn command_name(tlv: &[u8]) -> Option<&'static str> {
    match store_data::leading_tag(tlv)? {
        EnableProfile::TAG => Some("enable"),
        DisableProfile::TAG => Some("disable"),
        DeleteProfile::TAG => Some("delete"),
        SetNickname::TAG => Some("rename"),
        EuiccMemoryReset::TAG => Some("reset"),
        SetDefaultDpAddress::TAG => Some("server"),
        _ => None,
    }
}

/// Reads the command or says `6A80`, as cards do.
fn parse<F: Function>(tlv: &[u8]) -> Result<F, StatusWord> {
    F::decode(tlv).map_err(|error| {
        log::debug!("virtual card: {error}");
        StatusWord::WRONG_DATA
    })
}

/// Refuses what a card of v2.5 does not know.
fn v2<F>(request: F, known: impl FnOnce(&F) -> bool) -> Result<F, StatusWord> {
    if known(&request) { Ok(request) } else { Err(StatusWord::WRONG_DATA) }
}

fn unchanged<F: Function>(answer: &F::Answer) -> Outcome {
    Outcome { answer: F::encode_answer(answer), changed: false, switched: false }
}

impl Isdr<'_> {
    /// Carries out a command TLV.
    pub(super) fn execute(&mut self, tlv: &[u8]) -> Result<Outcome, StatusWord> {
        let tag = store_data::leading_tag(tlv).ok_or(StatusWord::WRONG_DATA)?;
        Ok(match tag {
            GetEid::TAG => {
                parse::<GetEid>(tlv)?;
                unchanged::<GetEid>(&self.euicc.eid)
            }
            GetEuiccInfo1::TAG => {
                parse::<GetEuiccInfo1>(tlv)?;
                unchanged::<GetEuiccInfo1>(&self.info1())
            }
            GetEuiccInfo2::TAG => {
                parse::<GetEuiccInfo2>(tlv)?;
                unchanged::<GetEuiccInfo2>(&self.info2())
            }
            GetEuiccChallenge::TAG => {
                parse::<GetEuiccChallenge>(tlv)?;
                let mut challenge = [0; 16];
                getrandom::fill(&mut challenge).map_err(|_| StatusWord::UNKNOWN)?;
                unchanged::<GetEuiccChallenge>(&challenge)
            }
            GetEuiccConfiguredAddresses::TAG if !self.quirks.has(Quirk::NoAddresses) => {
                parse::<GetEuiccConfiguredAddresses>(tlv)?;
                unchanged::<GetEuiccConfiguredAddresses>(&self.addresses())
            }
            GetRat::TAG => {
                parse::<GetRat>(tlv)?;
                unchanged::<GetRat>(&self.euicc.rules.iter().map(super::state::StoredRule::rule).collect())
            }
            GetProfilesInfo::TAG => {
                let request = v2(parse(tlv)?, |request: &GetProfilesInfo| request.iot_tags.is_none())?;
                unchanged::<GetProfilesInfo>(&self.profiles_info(&request))
            }
            ListNotification::TAG => unchanged::<ListNotification>(&Ok(self.list_notifications(&parse(tlv)?))),
            RetrieveNotificationsList::TAG => self.retrieve_notifications(&parse(tlv)?),
            RemoveNotificationFromList::TAG => self.remove_notification(&parse(tlv)?),
            SetDefaultDpAddress::TAG => {
                self.set_default_smdp(&v2(parse(tlv)?, |request: &SetDefaultDpAddress| request.allowed_ci.is_none())?)
            }
            SetNickname::TAG => self.set_nickname(&parse(tlv)?),
            EnableProfile::TAG => self.enable(&v2(parse(tlv)?, |request: &EnableProfile| request.port.is_none())?),
            DisableProfile::TAG => self.disable(&parse(tlv)?),
            DeleteProfile::TAG => self.delete(&parse(tlv)?),
            EuiccMemoryReset::TAG => self.memory_reset(&parse(tlv)?),
            _ => return Err(StatusWord::REFERENCE_NOT_FOUND),
        })
    }

    // --- information ---

    fn info1(&self) -> EuiccInfo1 {
        EuiccInfo1 {
            svn: Some(SVN),
            ci_for_verification: vec![self.credentials.ci.clone()],
            ci_for_signing: vec![self.credentials.ci.clone()],
            highest_svn: None,
            other: self.unknown_elements(),
        }
    }

    fn info2(&self) -> EuiccInfo2 {
        EuiccInfo2 {
            profile_version: Some(Version([2, 3, 1])),
            svn: Some(SVN),
            firmware: Some(Version([1, 0, 0])),
            resources: Some(CardResources {
                applications: Some(self.euicc.profiles.len() as u64),
                free_nonvolatile: Some(self.euicc.free_memory()),
                free_volatile: Some(8192),
            }),
            // usim, isim, AKA Milenage and TUAK, GBA, Java Card, several USIMs, BER-TLV files
            uicc_capability: Bits::of(&[1, 2, 4, 6, 7, 10, 14, 16, 19]),
            ts102241_version: Some(Version([15, 1, 0])),
            globalplatform_version: Some(Version([2, 3, 0])),
            // room for one more profile, test profiles, extensible device info
            rsp_capability: Bits::of(&[0, 3, 4]),
            ci_for_verification: vec![self.credentials.ci.clone()],
            ci_for_signing: vec![self.credentials.ci.clone()],
            category: Some(EuiccCategory::Medium),
            pp_version: Some(Version([1, 0, 0])),
            sas_accreditation: Some("XX-VIRTUAL-0001".into()),
            platform_label: Some("2.999/esimctl-virtual".into()),
            other: self.unknown_elements(),
            ..EuiccInfo2::default()
        }
    }

    fn addresses(&self) -> ConfiguredAddresses {
        let default = self.euicc.default_smdp.as_str();
        ConfiguredAddresses {
            default_smdp: (!default.is_empty()).then(|| Text::from(default)),
            root_smds: Some(Text::from(self.euicc.root_smds.as_str())),
            other: self.unknown_elements(),
        }
    }

    /// What `unknown-tags` adds: a primitive and a constructed element that no version defines.
    fn unknown_elements(&self) -> Vec<RawTlv> {
        if !self.quirks.has(Quirk::UnknownTags) {
            return Vec::new();
        }
        let element = |tag: Tag, value: &[u8]| {
            let mut writer = Writer::new();
            writer.put(tag, value);
            RawTlv { tag, bytes: writer.finish() }
        };
        vec![element(Tag(0x9F7F), b"\x01\x02"), element(Tag(0xBF7E), b"\x80\x01\x00")]
    }

    // --- profiles ---

    fn profiles_info(&mut self, request: &GetProfilesInfo) -> Result<Vec<ProfileInfo>, ProfilesInfoError> {
        if Moods::one_less(&mut self.moods.change_ongoing) {
            return Err(ProfilesInfoError::ProfileChangeOngoing);
        }
        let refused = (request.tags.is_some() && self.quirks.has(Quirk::NoTagList))
            || (request.search.is_some() && self.quirks.has(Quirk::NoSearch));
        if refused {
            return Err(ProfilesInfoError::IncorrectInputValues);
        }
        let fits = |profile: &&StoredProfile| match &request.search {
            None => true,
            Some(SearchCriterion::Profile(reference)) => profile.is(reference),
            Some(SearchCriterion::Class(class)) => profile.info().class == Some(*class),
        };
        Ok(self
            .euicc
            .profiles
            .iter()
            .filter(fits)
            .map(|profile| self.described(profile, request.tags.as_deref()))
            .collect())
    }

    fn described(&self, profile: &StoredProfile, tags: Option<&[Tag]>) -> ProfileInfo {
        const DEFAULT: [Tag; 9] = [
            field::ICCID,
            field::ISDP_AID,
            field::STATE,
            field::NICKNAME,
            field::SERVICE_PROVIDER,
            field::NAME,
            field::ICON_TYPE,
            field::ICON,
            field::CLASS,
        ];
        let tags = tags.unwrap_or(&DEFAULT);
        let mut all = profile.info();
        let long_icons = self.quirks.has(Quirk::LongIcons);
        if long_icons {
            all.icon = sample::padded_png(0, 4096).ok();
            all.icon_type = Some(sgp22::profile::IconType::Png);
        }
        if self.quirks.has(Quirk::SpacedAddress) {
            for target in all.notification_targets.iter_mut().flatten() {
                target.address = spaced(&target.address);
            }
        }
        fn keep<T>(wanted: bool, value: Option<T>) -> Option<T> {
            value.filter(|_| wanted)
        }
        let wants = |tag: Tag| tags.contains(&tag);
        let mut other = self.unknown_elements();
        let mut policy_rules = keep(wants(field::POLICY_RULES), all.policy_rules);
        if self.quirks.has(Quirk::LongBitStrings) && policy_rules.take().is_some() {
            let mut writer = Writer::new();
            let bits = Bits::of(&profile.policy_rules);
            let first = (0..8).filter(|bit| bits.has(*bit)).fold(0u8, |byte, bit| byte | (0x80 >> bit));
            writer.put(field::POLICY_RULES, &[0x00, first, 0x00]);
            other.push(RawTlv { tag: field::POLICY_RULES, bytes: writer.finish() });
        }
        ProfileInfo {
            iccid: keep(wants(field::ICCID), all.iccid),
            isdp_aid: keep(wants(field::ISDP_AID), all.isdp_aid),
            state: keep(wants(field::STATE) && !self.quirks.has(Quirk::NoState), all.state),
            nickname: keep(wants(field::NICKNAME), all.nickname),
            service_provider: keep(wants(field::SERVICE_PROVIDER), all.service_provider),
            name: keep(wants(field::NAME), all.name),
            icon_type: keep(wants(field::ICON_TYPE) || long_icons, all.icon_type),
            icon: keep(wants(field::ICON) || long_icons, all.icon),
            class: keep(wants(field::CLASS) && !self.quirks.has(Quirk::NoClass), all.class),
            notification_targets: keep(wants(field::NOTIFICATION_TARGETS), all.notification_targets),
            owner: keep(wants(field::OWNER), all.owner),
            policy_rules,
            other,
            ..ProfileInfo::default()
        }
    }

    fn find(&self, reference: &ProfileRef) -> Option<usize> {
        self.euicc.profiles.iter().position(|profile| profile.is(reference))
    }

    fn enabled(&self) -> Option<usize> {
        self.euicc.profiles.iter().position(|profile| profile.enabled)
    }

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

    fn enable(&mut self, request: &EnableProfile) -> Outcome {
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

    fn disable(&mut self, request: &DisableProfile) -> Outcome {
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

    fn delete(&mut self, request: &DeleteProfile) -> Outcome {
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

    fn memory_reset(&mut self, request: &EuiccMemoryReset) -> Outcome {
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
        Outcome { answer: EuiccMemoryReset::encode_answer(&result), changed, switched }
    }

    fn set_nickname(&mut self, request: &SetNickname) -> Outcome {
        use SetNicknameResult as R;
        let result = match self.find(&ProfileRef::Iccid(request.iccid.clone())) {
            None => R::IccidNotFound,
            Some(_) if request.nickname.as_bytes().len() > SetNickname::MAX_BYTES => R::UndefinedError,
            Some(index) => {
                self.euicc.profiles[index].nickname = request.nickname.to_string();
                R::Ok
            }
        };
        Outcome { answer: SetNickname::encode_answer(&result), changed: result == R::Ok, switched: false }
    }

    fn set_default_smdp(&mut self, request: &SetDefaultDpAddress) -> Outcome {
        self.euicc.default_smdp = request.address.to_string();
        let answer = SetDefaultDpAddress::encode_answer(&SetDefaultDpAddressResult::Ok);
        Outcome { answer, changed: true, switched: false }
    }

    // --- notifications ---

    /// Queues a signed notification for every server that the profile names for this event.
    fn notify(&mut self, index: usize, event: usize) {
        let profile = &self.euicc.profiles[index];
        let iccid = profile.iccid.clone();
        let addresses: Vec<String> = profile
            .notify
            .iter()
            .filter(|target| target.events.contains(&event))
            .map(|target| target.address.clone())
            .collect();
        for address in addresses {
            let seq = self.euicc.next_seq;
            self.euicc.next_seq += 1;
            let sent_as = if self.quirks.has(Quirk::SpacedAddress) {
                spaced(&address.as_str().into())
            } else {
                address.as_str().into()
            };
            let metadata =
                NotificationMetadata { seq, event: Events::of(&[event]), address: sent_as, iccid: Some(iccid.clone()) };
            self.euicc.notifications.push(StoredNotification {
                seq,
                event: vec![event],
                address: metadata.address.to_string(),
                iccid: metadata.iccid.clone(),
                signed: self.signed(&metadata),
            });
        }
    }

    fn signed(&self, metadata: &NotificationMetadata) -> Vec<u8> {
        let tbs = metadata.encode();
        Writer::object(Tag(0x30), |w| {
            w.raw(&tbs);
            w.put(Tag(0x5F37), &self.credentials.euicc.sign(&tbs));
            w.raw(self.credentials.euicc.certificate_der());
            w.raw(&self.credentials.eum_certificate);
        })
    }

    fn list_notifications(&self, request: &ListNotification) -> Vec<NotificationMetadata> {
        let fits = |notification: &&StoredNotification| {
            request.events.as_ref().is_none_or(|events| events.0.intersects(&Bits::of(&notification.event)))
        };
        self.euicc.notifications.iter().filter(fits).map(StoredNotification::metadata).collect()
    }

    fn retrieve_notifications(&self, request: &RetrieveNotificationsList) -> Outcome {
        let fits = |notification: &&StoredNotification| match request {
            RetrieveNotificationsList::All => true,
            RetrieveNotificationsList::Seq(seq) => notification.seq == *seq,
            RetrieveNotificationsList::Events(events) => events.0.intersects(&Bits::of(&notification.event)),
        };
        let found: Vec<PendingNotification> =
            self.euicc.notifications.iter().filter(fits).map(StoredNotification::pending).collect();
        if found.is_empty() && self.quirks.has(Quirk::NoResultError) {
            return unchanged::<RetrieveNotificationsList>(&Err(RetrieveNotificationsError::NoResultAvailable));
        }
        if found.is_empty() && self.quirks.has(Quirk::NoResultEmpty) {
            return Outcome {
                answer: Writer::object(RetrieveNotificationsList::TAG, |_| {}),
                changed: false,
                switched: false,
            };
        }
        unchanged::<RetrieveNotificationsList>(&Ok(found))
    }

    fn remove_notification(&mut self, request: &RemoveNotificationFromList) -> Outcome {
        use RemoveNotificationResult as R;
        let before = self.euicc.notifications.len();
        self.euicc.notifications.retain(|notification| notification.seq != request.seq);
        let changed = self.euicc.notifications.len() < before;
        let result = if changed { R::Ok } else { R::NothingToDelete };
        Outcome { answer: RemoveNotificationFromList::encode_answer(&result), changed, switched: false }
    }
}

/// Why a switch is refused by a quirk.
enum Balk {
    CatBusy,
    Undefined,
    Lie,
}

/// An address as a carrier has written it.
fn spaced(address: &Text) -> Text {
    Text::from(format!(" {}. ", address.to_string().to_uppercase()).as_str())
}

impl StoredNotification {
    fn metadata(&self) -> NotificationMetadata {
        NotificationMetadata {
            seq: self.seq,
            event: Events::of(&self.event),
            address: Text::from(self.address.as_str()),
            iccid: self.iccid.clone(),
        }
    }

    fn pending(&self) -> PendingNotification {
        PendingNotification { metadata: Some(self.metadata()), kind: PendingKind::Other, bytes: self.signed.clone() }
    }
}
