//! What a new virtual card comes with.

use sgp22::id::{Aid, Eid, Iccid, ParseIdError};
use sgp22::notification::Events;

use super::quirk::{Quirk, Quirks};
use super::state::{CardState, Euicc, StoredClass, StoredPin, StoredProfile, StoredRule, StoredTarget, VERSION};
use super::store::StoreError;

/// What a new card is to be like.
#[derive(Debug, Clone, Default)]
pub struct NewCard {
    /// Its EID; a random one if there is none.
    pub eid: Option<Eid>,
    /// The profiles on it.
    pub profiles: NewProfiles,
    /// Give every profile an icon of 1,024 bytes.
    pub icons: bool,
    /// How it departs from a well-behaved card.
    pub quirks: Quirks,
}

/// The profiles on a new card.
#[derive(Debug, Clone, Default)]
pub enum NewProfiles {
    /// Two, the first one enabled.
    #[default]
    Sample,
    /// So many; the first one enabled.
    Count(usize),
    /// These.
    These(Vec<NewProfile>),
}

/// A profile on a new card.
#[derive(Debug, Clone)]
pub struct NewProfile {
    /// Its number; derived from the EID if there is none.
    pub iccid: Option<Iccid>,
    /// The operator's name.
    pub provider: String,
    /// The operator's name for the product.
    pub name: String,
    /// The user's name for it.
    pub nickname: String,
    /// What it is for.
    pub class: StoredClass,
    /// Whether it is enabled.
    pub enabled: bool,
    /// Bits of its policy rules.
    pub policy_rules: Vec<usize>,
    /// The server that is told of all events.
    pub server: String,
    /// The PIN of its SIM, 4 to 8 digits; empty if that is disabled.
    pub pin: String,
}

impl NewProfile {
    /// An operational profile that is disabled and has no rules.
    #[must_use]
    pub fn named(provider: &str, name: &str) -> Self {
        Self {
            iccid: None,
            provider: provider.into(),
            name: name.into(),
            nickname: String::new(),
            class: StoredClass::Operational,
            enabled: false,
            policy_rules: Vec::new(),
            server: "smdp.example.com".into(),
            pin: String::new(),
        }
    }
}

/// The maker under which random EIDs are made.
const EIN: &str = "89049032";
/// Non-volatile memory of a new card, in bytes.
const MEMORY: u64 = 640 * 1024;
/// What a sample profile takes of it.
const PROFILE_SIZE: u64 = 24 * 1024;
/// The size of an icon that the standard still allows.
pub(super) const ICON_SIZE: usize = 1024;

/// The AIDs of the two secure elements of an eSTK.me card.
const SECURE_ELEMENTS: [&[u8; 16]; 2] = [
    b"\xA0\x65\x73\x74\x6B\x6D\x65\xFF\xFF\x49\x53\x44\x2D\x52\x20\x30",
    b"\xA0\x65\x73\x74\x6B\x6D\x65\xFF\xFF\x49\x53\x44\x2D\x52\x20\x31",
];

impl NewCard {
    pub(super) fn state(&self) -> Result<CardState, StoreError> {
        let first = self.eid.map_or_else(random_eid, Ok)?;
        let mut euiccs = vec![self.euicc(first, isdr_aid(&self.quirks, 0), &self.profiles)?];
        if self.quirks.has(Quirk::TwoSecureElements) {
            euiccs.push(self.euicc(next_eid(first), isdr_aid(&self.quirks, 1), &NewProfiles::Count(1))?);
        }
        Ok(CardState { version: VERSION, quirks: self.quirks.clone(), euiccs })
    }

    fn euicc(&self, eid: Eid, isdr_aid: Aid, profiles: &NewProfiles) -> Result<Euicc, StoreError> {
        let profiles = match profiles {
            NewProfiles::Sample => sample(),
            NewProfiles::Count(count) => numbered(*count),
            NewProfiles::These(profiles) => profiles.clone(),
        };
        let stored = (0u16..)
            .zip(&profiles)
            .map(|(index, profile)| self.store(eid, index, profile))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Euicc {
            isdr_aid,
            eid,
            default_smdp: String::new(),
            factory_smdp: String::new(),
            root_smds: "lpa.ds.example.com".into(),
            memory: MEMORY + PROFILE_SIZE * stored.len() as u64,
            rules: vec![StoredRule { rules: vec![1, 2], operators: vec!["any".into()], consent_required: true }],
            next_isdp: FIRST_ISDP + u16::try_from(stored.len()).unwrap_or(u16::MAX - FIRST_ISDP),
            profiles: stored,
            notifications: Vec::new(),
            signed: Vec::new(),
            next_seq: if self.quirks.has(Quirk::SeqFromZero) { 0 } else { 1 },
            before_test: None,
            one_time_keys: Vec::new(),
            loading: None,
        })
    }

    fn store(&self, eid: Eid, index: u16, profile: &NewProfile) -> Result<StoredProfile, StoreError> {
        Ok(StoredProfile {
            iccid: profile.iccid.clone().map_or_else(|| derived_iccid(eid, index), Ok)?,
            isdp_aid: Aid::isd_p(FIRST_ISDP + index),
            enabled: profile.enabled,
            nickname: profile.nickname.clone(),
            provider: profile.provider.clone(),
            name: profile.name.clone(),
            icon: if self.icons { icon(index) } else { Vec::new() },
            icon_is_jpeg: false,
            class: profile.class,
            owner: if profile.class == StoredClass::Test { "001-01" } else { "999-01" }.into(),
            policy_rules: profile.policy_rules.clone(),
            notify: vec![StoredTarget { address: profile.server.clone(), events: Events::all().0.iter().collect() }],
            size: PROFILE_SIZE,
            preloaded: false,
            pin: self.pin(&profile.pin),
        })
    }

    /// A profile's PIN, blocked if a quirk wants it.
    fn pin(&self, code: &str) -> Option<StoredPin> {
        let blocked = self.quirks.has(Quirk::PinBlocked);
        let code = if code.is_empty() && blocked { "0000" } else { code };
        let pin = StoredPin::new(code);
        (!code.is_empty()).then_some(StoredPin { tries: if blocked { 0 } else { pin.tries }, ..pin })
    }
}

/// The counter in the AID of the first profile.
const FIRST_ISDP: u16 = 0x0010;

fn isdr_aid(quirks: &Quirks, secure_element: usize) -> Aid {
    let known = |bytes: &[u8]| Aid::from_bytes(bytes).unwrap_or_else(|_| Aid::isd_r());
    if quirks.has(Quirk::TwoSecureElements) {
        return known(SECURE_ELEMENTS[secure_element]);
    }
    quirks.parameter(Quirk::IsdrAid).and_then(|aid| aid.parse().ok()).unwrap_or_else(Aid::isd_r)
}

fn sample() -> Vec<NewProfile> {
    vec![
        NewProfile { enabled: true, nickname: "Home".into(), ..NewProfile::named("Example Mobile", "Flat 20 GB") },
        NewProfile::named("Wanderer", "Europe 30 days"),
    ]
}

fn numbered(count: usize) -> Vec<NewProfile> {
    (1..=count)
        .map(|number| NewProfile {
            enabled: number == 1,
            ..NewProfile::named("Example Mobile", &format!("Plan {number}"))
        })
        .collect()
}

fn random_eid() -> Result<Eid, StoreError> {
    let mut random = [0; 11];
    getrandom::fill(&mut random).map_err(|error| StoreError::NewCard(error.to_string()))?;
    let digits: String = random.iter().map(|byte| format!("{:02}", byte % 100)).collect();
    Ok(format!("{EIN}{digits}00").parse::<Eid>()?.with_check_digits())
}

/// Another EID of the same maker.
fn next_eid(eid: Eid) -> Eid {
    let mut bytes = *eid.as_bytes();
    let last = &mut bytes[14];
    *last = if *last & 0x0F == 9 { *last & 0xF0 } else { *last + 1 };
    Eid::from_bytes(bytes).with_check_digits()
}

/// 19 digits: telecommunication (89), no country (999), ten digits of the EID, three of the index, a Luhn digit.
fn derived_iccid(eid: Eid, index: u16) -> Result<Iccid, ParseIdError> {
    let body = format!("89999{}{:03}", &eid.to_string()[20..30], index % 1000 + 1);
    let luhn: u32 = body
        .bytes()
        .rev()
        .zip([2, 1].into_iter().cycle())
        .map(|(digit, weight)| {
            let product = u32::from(digit - b'0') * weight;
            product / 10 + product % 10
        })
        .sum();
    let check = (10 - luhn % 10) % 10;
    format!("{body}{check}").parse()
}

/// A PNG of 64 by 64 pixels and [`ICON_SIZE`] bytes, in a colour of its own.
pub(super) fn icon(index: u16) -> Vec<u8> {
    padded_png(index, ICON_SIZE).unwrap_or_default()
}

/// A PNG of this many bytes: a picture, and a comment that fills up the rest.
pub(super) fn padded_png(index: u16, size: usize) -> Result<Vec<u8>, png::EncodingError> {
    let bare = png_with_comment(index, "")?;
    let filler = size.saturating_sub(bare.len());
    png_with_comment(index, &"x".repeat(filler))
}

fn png_with_comment(index: u16, comment: &str) -> Result<Vec<u8>, png::EncodingError> {
    let hues = [[0x1E, 0x66, 0xF5], [0xD2, 0x0F, 0x39], [0x40, 0xA0, 0x2B], [0xDF, 0x8E, 0x1D], [0x88, 0x39, 0xEF]];
    let colour = hues[usize::from(index) % hues.len()];
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 64, 64);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_palette([&colour[..], &[0xFF, 0xFF, 0xFF]].concat());
    encoder.add_text_chunk("Comment".into(), comment.into())?;
    let mut writer = encoder.write_header()?;
    let pixels: Vec<u8> = (0..64u16)
        .flat_map(|row| if (24..40).contains(&row) { [0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0] } else { [0; 8] })
        .collect();
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_eids_are_valid_and_differ() {
        let (one, two) = (random_eid().unwrap(), random_eid().unwrap());
        assert!(one.is_valid() && two.is_valid());
        assert_ne!(one, two);
        assert!(next_eid(one).is_valid());
        assert_ne!(next_eid(one), one);
    }

    #[test]
    fn derived_iccids_have_19_digits_and_differ() {
        let eid = "89049032123451234512345678901235".parse().unwrap();
        let iccids: Vec<String> = (0..100).map(|index| derived_iccid(eid, index).unwrap().digits()).collect();
        assert_eq!(iccids[0], "8999934567890120011");
        assert!(iccids.iter().all(|iccid| iccid.len() == 19));
        assert_eq!(iccids.iter().collect::<std::collections::BTreeSet<_>>().len(), 100);
    }

    #[test]
    fn icons_have_the_size_asked_for() {
        assert_eq!(icon(0).len(), ICON_SIZE);
        assert_eq!(padded_png(3, 4096).unwrap().len(), 4096);
        let mut reader = png::Decoder::new(std::io::Cursor::new(icon(1))).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (64, 64));
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
    }
}
