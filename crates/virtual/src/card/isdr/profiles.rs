//! The list of profiles, and what is changed about one without switching.

use sgp22::Function;
use sgp22::es10a::{SetDefaultDpAddress, SetDefaultDpAddressResult};
use sgp22::es10c::{GetProfilesInfo, ProfileRef, ProfilesInfoError, SearchCriterion, SetNickname, SetNicknameResult};
use sgp22::profile::{IconType, ProfileInfo, field};
use sgp22::tlv::{Bits, RawTlv, Tag, Text, Writer};

use super::notifications::held_address;
use super::{Isdr, Moods, Outcome, unchanged};
use crate::card::quirk::Quirk;
use crate::card::sample;
use crate::card::state::StoredProfile;

/// A name as `name-encoding` writes it. Latin-1 cannot write every name: signs that it lacks become `?`.
fn encoded(name: &str, encoding: &str) -> Vec<u8> {
    let units = |bytes: fn(u16) -> [u8; 2]| name.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    match encoding {
        "utf-16be" => units(u16::to_be_bytes),
        "utf-16le" => units(u16::to_le_bytes),
        "utf-16" => [b"\xFE\xFF".to_vec(), units(u16::to_be_bytes)].concat(),
        "ucs-2" => [b"\x80".to_vec(), units(u16::to_be_bytes)].concat(),
        "latin-1" => name.chars().map(|sign| u8::try_from(u32::from(sign)).unwrap_or(b'?')).collect(),
        _ => [name.as_bytes(), b"\0\0"].concat(),
    }
}

impl Isdr<'_> {
    pub(super) fn profiles_info(&mut self, request: &GetProfilesInfo) -> Result<Vec<ProfileInfo>, ProfilesInfoError> {
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
            all.icon_type = Some(IconType::Png);
        }
        for target in all.notification_targets.iter_mut().flatten() {
            target.address = held_address(self.quirks, &target.address);
        }
        fn keep<T>(wanted: bool, value: Option<T>) -> Option<T> {
            value.filter(|_| wanted)
        }
        let wants = |tag: Tag| tags.contains(&tag);
        let mut other = [self.unknown_elements(), self.odd_elements(&[0x9F24, 0x93, 0xB6, 0xB7, 0x99, 0x92])].concat();
        if self.quirks.has(Quirk::NoNames) {
            all = ProfileInfo { service_provider: None, name: None, icon: None, icon_type: None, class: None, ..all };
        }
        if let Some(encoding) = self.quirks.parameter(Quirk::NameEncoding) {
            for name in [&mut all.nickname, &mut all.service_provider, &mut all.name].into_iter().flatten() {
                *name = Text::from_bytes(&encoded(&name.to_string(), encoding));
            }
        }
        let mut policy_rules = keep(wants(field::POLICY_RULES), all.policy_rules);
        if self.quirks.has(Quirk::LongBitStrings) && policy_rules.take().is_some() {
            let mut writer = Writer::new();
            let bits = Bits::of(&profile.policy_rules);
            let first = (0..8).filter(|bit| bits.has(*bit)).fold(0u8, |byte, bit| byte | (0x80 >> bit));
            writer.put(field::POLICY_RULES, &[0x00, first, 0x00]);
            other.push(RawTlv { tag: field::POLICY_RULES, bytes: writer.finish() });
        }
        ProfileInfo {
            iccid: keep(wants(field::ICCID) && !self.hides_iccids(), all.iccid),
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

    fn hides_iccids(&self) -> bool {
        self.quirks.number(Quirk::NoIccid).is_some_and(|count| usize::from(count) == self.euicc.profiles.len())
    }

    /// The answer with the list of profiles, which a quirk puts into one more wrapper.
    pub(super) fn profile_list(&mut self, request: &GetProfilesInfo) -> Outcome {
        let answer = self.profiles_info(request);
        let wraps = self.quirks.has(Quirk::WrappedList);
        let Some(profiles) = answer.as_ref().ok().filter(|profiles| wraps && !profiles.is_empty()) else {
            return unchanged::<GetProfilesInfo>(&answer);
        };
        let wrapped = Writer::object(GetProfilesInfo::TAG, |w| {
            w.nest(Tag(0xA0), |w| {
                w.nest(Tag(0x30), |w| profiles.iter().for_each(|profile| profile.write(w)));
            });
        });
        Outcome { answer: wrapped, changed: false, switched: false }
    }

    pub(super) fn find(&self, reference: &ProfileRef) -> Option<usize> {
        self.euicc.profiles.iter().position(|profile| profile.is(reference))
    }

    pub(super) fn enabled(&self) -> Option<usize> {
        self.euicc.profiles.iter().position(|profile| profile.enabled)
    }

    pub(super) fn set_nickname(&mut self, request: &SetNickname) -> Outcome {
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

    pub(super) fn set_default_smdp(&mut self, request: &SetDefaultDpAddress) -> Outcome {
        self.euicc.default_smdp = request.address.to_string();
        let answer = SetDefaultDpAddress::encode_answer(&SetDefaultDpAddressResult::Ok);
        Outcome { answer, changed: true, switched: false }
    }
}
