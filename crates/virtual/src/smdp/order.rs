//! Download orders: what waits for whom, and how far it got.

use serde::{Deserialize, Serialize};
use sgp22::id::{Eid, Iccid, OperatorId};
use sgp22::metadata::StoreMetadata;
use sgp22::notification::Events;
use sgp22::policy::PprIds;
use sgp22::profile::{IconType, NotificationTarget, ProfileClass};
use sha2::{Digest, Sha256};

use super::upp;
use crate::server::wire;

/// What an order is to be like.
#[derive(Debug, Clone)]
pub struct NewOrder {
    /// What the client names it by; empty for one that is found by the EID alone.
    pub matching_id: String,
    /// The only card that may have it.
    pub eid: Option<Eid>,
    /// The profile package; one is made if there is none.
    pub upp: Option<Vec<u8>>,
    /// The size of a package that is made, in bytes.
    pub size: usize,
    /// The code that the user must type.
    pub confirmation_code: Option<String>,
    /// Number of the profile; derived from the MatchingID if there is none.
    pub iccid: Option<Iccid>,
    /// The operator's name.
    pub provider: String,
    /// The operator's name for the product.
    pub name: String,
    /// Its icon, a PNG or a JPEG.
    pub icon: Option<Vec<u8>>,
    /// What it is for.
    pub class: ProfileClass,
    /// The operator.
    pub owner: Option<OperatorId>,
    /// The operator's rules.
    pub policy_rules: PprIds,
    /// Servers that are told of events; the server that gives it out if there is none.
    pub notify: Option<Vec<NotificationTarget>>,
    /// Where the order stands.
    pub state: OrderState,
    /// It can be had for so many seconds.
    pub expires_in: Option<i64>,
    /// How often the package may be fetched.
    pub downloads: u32,
    /// How often a confirmation code may be wrong: with the last time the order is lost.
    pub wrong_codes: u32,
}

impl NewOrder {
    /// A released order for any card, with a small profile that is made up.
    #[must_use]
    pub fn new(matching_id: &str) -> Self {
        Self {
            matching_id: matching_id.into(),
            eid: None,
            upp: None,
            size: upp::DEFAULT_SIZE,
            confirmation_code: None,
            iccid: None,
            provider: "Example Mobile".into(),
            name: "Flat 50 GB".into(),
            icon: None,
            class: ProfileClass::Operational,
            owner: None,
            policy_rules: PprIds::default(),
            notify: None,
            state: OrderState::Released,
            expires_in: None,
            downloads: 10,
            wrong_codes: 3,
        }
    }
}

/// Where an order stands (SGP.22 3.1.6), and what became of its profile as its notifications tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderState {
    /// There is a profile, and nobody ordered it.
    Available,
    /// Ordered.
    Allocated,
    /// Linked to a card.
    Linked,
    /// Confirmed, and not yet to be fetched.
    Confirmed,
    /// Ready to be fetched.
    Released,
    /// Fetched; what the card made of it is not known.
    Downloaded,
    /// On a card.
    Installed,
    /// On a card, in use.
    Enabled,
    /// On a card, not in use any more.
    Disabled,
    /// Not on the card any more.
    Deleted,
    /// Lost: refused, cancelled, failed, or tried too often.
    Error,
    /// Not to be had.
    Unavailable,
}

impl OrderState {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Available,
        Self::Allocated,
        Self::Linked,
        Self::Confirmed,
        Self::Released,
        Self::Downloaded,
        Self::Installed,
        Self::Enabled,
        Self::Disabled,
        Self::Deleted,
        Self::Error,
        Self::Unavailable,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Allocated => "allocated",
            Self::Linked => "linked",
            Self::Confirmed => "confirmed",
            Self::Released => "released",
            Self::Downloaded => "downloaded",
            Self::Installed => "installed",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
            Self::Error => "error",
            Self::Unavailable => "unavailable",
        }
    }
}

impl std::fmt::Display for OrderState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A download order.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What the client names it by.
    pub matching_id: String,
    /// The card that it is for: the one it was ordered for, or the one that has fetched it.
    #[serde(with = "crate::text::optional")]
    pub eid: Option<Eid>,
    /// Where it stands.
    pub state: OrderState,
    /// Number of the profile.
    #[serde(with = "crate::text::plain")]
    pub iccid: Iccid,
    /// SHA-256 of the confirmation code, in base64; the code itself is not kept.
    #[serde(default)]
    pub(super) code_hash: Option<String>,
    /// How often the code was wrong.
    #[serde(default)]
    pub wrong_codes: u32,
    pub(super) max_wrong_codes: u32,
    /// How often the package was fetched.
    #[serde(default)]
    pub downloads: u32,
    pub(super) max_downloads: u32,
    /// When it lapses, in seconds since 1970.
    pub(super) expires: Option<i64>,
    /// The number of the newest notification that its state follows.
    #[serde(default)]
    pub(super) last_seq: Option<u64>,
    /// `StoreMetadataRequest`, the whole object.
    #[serde(with = "wire::base64")]
    pub(super) metadata: Vec<u8>,
    /// The profile package in clear.
    #[serde(with = "wire::base64")]
    pub(super) upp: Vec<u8>,
    /// The package as it was bound to a card.
    #[serde(default)]
    pub(super) bound: Option<Bound>,
}

impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Order({}, {})", self.iccid, self.state)
    }
}

/// A package bound to a card's one-time key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bound {
    /// The card's key.
    #[serde(with = "wire::base64")]
    pub(super) euicc_otpk: Vec<u8>,
    /// The package.
    #[serde(with = "wire::base64")]
    pub(super) package: Vec<u8>,
}

impl Order {
    pub(super) fn new(new: &NewOrder, host: &str) -> Result<Self, sgp22::id::ParseIdError> {
        let iccid = new.iccid.clone().map_or_else(|| derived_iccid(&new.matching_id, new.eid), Ok)?;
        let to_us = || vec![NotificationTarget { events: Events::all(), address: host.into() }];
        let code = if new.class == ProfileClass::Test { "001-01" } else { "999-01" };
        let metadata = StoreMetadata {
            icon_type: new.icon.as_ref().map(|icon| icon_type(icon)),
            icon: new.icon.clone(),
            class: new.class,
            notification_targets: new.notify.clone().unwrap_or_else(to_us),
            owner: Some(new.owner.clone().map_or_else(|| code.parse().map(OperatorId::new), Ok)?),
            policy_rules: new.policy_rules.clone(),
            ..StoreMetadata::new(iccid.clone(), &new.provider, &new.name)
        };
        Ok(Self {
            matching_id: new.matching_id.clone(),
            eid: new.eid,
            state: new.state,
            code_hash: new.confirmation_code.as_deref().map(hash_of),
            wrong_codes: 0,
            max_wrong_codes: new.wrong_codes,
            downloads: 0,
            max_downloads: new.downloads,
            expires: new.expires_in.map(|seconds| crate::server::now().saturating_add(seconds)),
            last_seq: None,
            metadata: metadata.encode(),
            upp: new.upp.clone().unwrap_or_else(|| upp::generate(&iccid, new.size)),
            bound: None,
            iccid,
        })
    }

    /// The description of the profile.
    #[must_use]
    pub fn description(&self) -> Option<StoreMetadata> {
        StoreMetadata::decode(&self.metadata).ok()
    }

    /// True if the user must type a code.
    #[must_use]
    pub fn wants_code(&self) -> bool {
        self.code_hash.is_some()
    }

    /// Size of the profile package, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.upp.len()
    }

    /// True if it is too late for it.
    #[must_use]
    pub fn has_expired(&self) -> bool {
        self.expires.is_some_and(|expires| crate::server::now() >= expires)
    }
}

fn hash_of(code: &str) -> String {
    data_encoding::BASE64.encode(&Sha256::digest(code.as_bytes()))
}

fn icon_type(icon: &[u8]) -> IconType {
    if icon.starts_with(b"\x89PNG") { IconType::Png } else { IconType::Jpeg }
}

/// 19 digits: telecommunication (89), no country (999), twelve digits out of what the order is known by, a Luhn digit.
/// The same order has the same profile every time.
fn derived_iccid(matching_id: &str, eid: Option<Eid>) -> Result<Iccid, sgp22::id::ParseIdError> {
    let eid = eid.map(|eid| eid.to_string()).unwrap_or_default();
    let hash = Sha256::digest(format!("{matching_id}/{eid}"));
    let mut digits = vec![8, 9, 9, 9, 9, 8];
    digits.extend(hash.iter().take(12).map(|byte| byte % 10));
    digits.push(sgp22::id::luhn(&digits));
    digits.iter().map(u8::to_string).collect::<String>().parse()
}
