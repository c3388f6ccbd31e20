//! What a virtual card keeps when it is powered off.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sgp22::es10c::ProfileRef;
use sgp22::id::{Aid, Eid, Iccid, Oid, OperatorId, TransactionId};
use sgp22::notification::Events;
use sgp22::policy::{AuthorisationRule, PprIds};
use sgp22::profile::{IconType, NotificationTarget, ProfileClass, ProfileInfo, ProfileState};
use sgp22::tlv::{Bits, Text};
use sha2::{Digest, Sha256};

use super::hex;
use super::quirk::Quirks;

/// The version of the format.
pub(super) const VERSION: u32 = 1;

/// Everything in the card's memory. In JSON, bytes are hexadecimal and bit strings lists of bits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardState {
    /// Version of the format: 1.
    pub version: u32,
    /// How the card departs from a well-behaved one.
    pub quirks: Quirks,
    /// The eUICCs on the card: one, or several secure elements.
    pub euiccs: Vec<Euicc>,
}

/// One eUICC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Euicc {
    /// The AID of its ISD-R.
    #[serde(with = "hex::aid")]
    pub isdr_aid: Aid,
    /// Its number.
    #[serde(with = "crate::text::plain")]
    pub eid: Eid,
    /// Default SM-DP+; empty if none is set.
    pub default_smdp: String,
    /// The default SM-DP+ that the card was made with, and that a reset restores.
    pub factory_smdp: String,
    /// Root SM-DS.
    pub root_smds: String,
    /// Non-volatile memory for profiles, in bytes.
    pub memory: u64,
    /// Rules Authorisation Table.
    pub rules: Vec<StoredRule>,
    /// The profiles, in the order of their installation.
    pub profiles: Vec<StoredProfile>,
    /// The notifications that wait, in the order of their numbers.
    pub notifications: Vec<StoredNotification>,
    /// Every notification that the eUICC has ever signed, oldest first, also those that were removed since. No function
    /// of the card gives it away: a bench compares it with what servers have received.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signed: Vec<SignedNotification>,
    /// The number of the next notification.
    pub next_seq: u64,
    /// The counter in the AID of the next profile.
    pub next_isdp: u16,
    /// The operational profile that was enabled before a test profile was.
    #[serde(with = "hex::optional_iccid", default)]
    pub before_test: Option<Iccid>,
    /// Keys of downloads that did not come to their end, the newest last: a server may still hold packages for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_time_keys: Vec<StoredKey>,
    /// The load that is under way; found at power-up, it was interrupted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loading: Option<StoredLoad>,
}

/// A one-time key that a package may be bound to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredKey {
    /// The server that it was made for.
    #[serde(with = "crate::text::plain")]
    pub server: Oid,
    /// The secret number, 32 bytes.
    #[serde(with = "hex::bytes")]
    pub secret: Vec<u8>,
}

impl std::fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredKey({})", self.server)
    }
}

/// What the card must know of a load to say how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredLoad {
    /// The session.
    #[serde(with = "crate::text::plain")]
    pub transaction_id: TransactionId,
    /// The server's address, as it gave it.
    pub address: String,
    /// The server that bound the package.
    #[serde(with = "crate::text::plain")]
    pub server: Oid,
    /// The command inside the package that is under way (BppCommandId).
    pub command: i64,
    /// The profile, once its description has come.
    #[serde(with = "hex::optional_iccid", default)]
    pub iccid: Option<Iccid>,
}

/// A rule of the Rules Authorisation Table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredRule {
    /// Bits of the policy rules that it is about.
    pub rules: Vec<usize>,
    /// Operators that may use them: `any`, or country and network code.
    pub operators: Vec<String>,
    /// Whether the user must agree.
    pub consent_required: bool,
}

/// A profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredProfile {
    /// Its number, as on the wire.
    #[serde(with = "hex::iccid")]
    pub iccid: Iccid,
    /// The AID of its security domain.
    #[serde(with = "hex::aid")]
    pub isdp_aid: Aid,
    /// Whether it is enabled.
    pub enabled: bool,
    /// The user's name for it.
    #[serde(default)]
    pub nickname: String,
    /// The operator's name.
    pub provider: String,
    /// The operator's name for the product.
    pub name: String,
    /// Icon, in hexadecimal; empty if there is none.
    #[serde(with = "hex::bytes", default)]
    pub icon: Vec<u8>,
    /// The icon is a JPEG, not a PNG.
    #[serde(default)]
    pub icon_is_jpeg: bool,
    /// `test`, `provisioning` or `operational`.
    pub class: StoredClass,
    /// Owner as country and network code; empty if there is none.
    #[serde(default)]
    pub owner: String,
    /// Bits of its policy rules.
    #[serde(default)]
    pub policy_rules: Vec<usize>,
    /// Servers that are told of events.
    pub notify: Vec<StoredTarget>,
    /// The memory that it takes, in bytes.
    pub size: u64,
    /// It was on the card when that was made: a reset of test profiles leaves it.
    #[serde(default)]
    pub preloaded: bool,
    /// The PIN of its SIM; `None` if that is disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<StoredPin>,
}

/// The PIN of a profile's SIM.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredPin {
    /// The PIN, 4 to 8 digits.
    pub code: String,
    /// How often it may be tried still.
    pub tries: u8,
    /// What unblocks it, 8 digits.
    pub puk: String,
    /// How often that may be tried still.
    pub puk_tries: u8,
}

impl StoredPin {
    /// The PUK of every virtual card.
    pub const PUK: &'static str = "12345678";
    /// How often a PIN may be tried (ETSI TS 102 221 11.1.9).
    pub const TRIES: u8 = 3;
    /// How often a PUK may be tried.
    pub const PUK_TRIES: u8 = 10;

    /// This PIN, untried.
    #[must_use]
    pub fn new(code: &str) -> Self {
        Self { code: code.into(), tries: Self::TRIES, puk: Self::PUK.into(), puk_tries: Self::PUK_TRIES }
    }
}

impl std::fmt::Debug for StoredPin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredPin({} tries, {} of the PUK)", self.tries, self.puk_tries)
    }
}

/// What a profile is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoredClass {
    /// Tests of the device.
    Test,
    /// Downloading other profiles.
    Provisioning,
    /// An ordinary subscription.
    Operational,
}

/// A server and the events that it is told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredTarget {
    /// Host name.
    pub address: String,
    /// Bits of the events.
    pub events: Vec<usize>,
}

/// A notification that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredNotification {
    /// Its number.
    pub seq: u64,
    /// Bits of its event.
    pub event: Vec<usize>,
    /// The server that waits for it.
    pub address: String,
    /// The profile that it is about.
    #[serde(with = "hex::optional_iccid", default)]
    pub iccid: Option<Iccid>,
    /// The signed object for the server.
    #[serde(with = "hex::bytes")]
    pub signed: Vec<u8>,
}

/// The record of a notification that the eUICC has signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedNotification {
    /// The number in its metadata.
    pub seq: u64,
    /// Bits of its event.
    pub event: Vec<usize>,
    /// The server that it is for.
    pub address: String,
    /// The profile that it is about.
    #[serde(with = "hex::optional_iccid", default)]
    pub iccid: Option<Iccid>,
    /// SHA-256 of the signed object, in lower-case hexadecimal.
    pub sha256: String,
}

impl SignedNotification {
    pub(super) fn of(notification: &StoredNotification) -> Self {
        Self {
            seq: notification.seq,
            event: notification.event.clone(),
            address: notification.address.clone(),
            iccid: notification.iccid.clone(),
            sha256: notification.sha256(),
        }
    }
}

impl StoredNotification {
    /// SHA-256 of the signed object, in lower-case hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(&self.signed))
    }
}

impl StoredProfile {
    /// True if `reference` names this profile.
    #[must_use]
    pub fn is(&self, reference: &ProfileRef) -> bool {
        match reference {
            ProfileRef::Aid(aid) => *aid == self.isdp_aid,
            ProfileRef::Iccid(iccid) => *iccid == self.iccid,
        }
    }

    /// The operator's rules.
    #[must_use]
    pub fn rules(&self) -> PprIds {
        PprIds::of(&self.policy_rules)
    }

    /// Everything about it, as GetProfilesInfo can give it.
    #[must_use]
    pub fn info(&self) -> ProfileInfo {
        let icon = (!self.icon.is_empty()).then(|| self.icon.clone());
        ProfileInfo {
            iccid: Some(self.iccid.clone()),
            isdp_aid: Some(self.isdp_aid.clone()),
            state: Some(if self.enabled { ProfileState::Enabled } else { ProfileState::Disabled }),
            nickname: (!self.nickname.is_empty()).then(|| Text::from(self.nickname.as_str())),
            service_provider: Some(Text::from(self.provider.as_str())),
            name: Some(Text::from(self.name.as_str())),
            icon_type: icon.as_ref().map(|_| if self.icon_is_jpeg { IconType::Jpeg } else { IconType::Png }),
            icon,
            class: Some(match self.class {
                StoredClass::Test => ProfileClass::Test,
                StoredClass::Provisioning => ProfileClass::Provisioning,
                StoredClass::Operational => ProfileClass::Operational,
            }),
            notification_targets: (!self.notify.is_empty())
                .then(|| self.notify.iter().map(StoredTarget::target).collect()),
            owner: self.owner.parse().ok().map(OperatorId::new),
            policy_rules: (!self.policy_rules.is_empty()).then(|| self.rules()),
            ..ProfileInfo::default()
        }
    }
}

impl StoredTarget {
    fn target(&self) -> NotificationTarget {
        NotificationTarget { events: Events::of(&self.events), address: Text::from(self.address.as_str()) }
    }
}

impl StoredRule {
    pub(super) fn rule(&self) -> AuthorisationRule {
        let operators = self.operators.iter().map(|code| match code.parse() {
            Ok(mccmnc) => OperatorId::new(mccmnc),
            Err(_) => OperatorId { mccmnc: sgp22::id::Mccmnc::ANY, gid1: Some(Vec::new()), gid2: Some(Vec::new()) },
        });
        AuthorisationRule {
            rules: PprIds::of(&self.rules),
            operators: operators.collect(),
            flags: if self.consent_required { Bits::of(&[0]) } else { Bits::default() },
        }
    }
}

impl Euicc {
    /// Free non-volatile memory, in bytes.
    #[must_use]
    pub fn free_memory(&self) -> u64 {
        let used = self.profiles.iter().map(|profile| profile.size).fold(0, u64::saturating_add);
        self.memory.saturating_sub(used)
    }
}
