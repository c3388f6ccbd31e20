//! What a server says about the profile that it offers (SGP.22 5.5.3 StoreMetadataRequest).

use crate::id::{Iccid, OperatorId};
use crate::policy::PprIds;
use crate::profile::{IconType, NotificationTarget, ProfileClass, ProfileInfo, decode_targets, field, write_targets};
use crate::tlv::{DecodeError, Elements, RawTlv, Tag, Text, Writer};

/// The description of a profile, in the offer and again inside its package; both must be the same.
///
/// ```text
/// StoreMetadataRequest ::= [37] SEQUENCE {                                       -- BF25
///     iccid Iccid, serviceProviderName [17], profileName [18] UTF8String,        -- 5A, 91, 92
///     iconType [19], icon [20] OPTIONAL,                                         -- 93, 94
///     profileClass [21] ProfileClass DEFAULT operational,                        -- 95
///     notificationConfigurationInfo [22], profileOwner [23] OPTIONAL,            -- B6, B7
///     profilePolicyRules [25] PprIds OPTIONAL, ...                               -- 99
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreMetadata {
    /// Its number.
    pub iccid: Iccid,
    /// The operator's name, up to 32 bytes; `None` where the server leaves it out, against the standard.
    pub service_provider: Option<Text>,
    /// The operator's name for the product, up to 64 bytes; `None` where the server leaves it out, against the standard.
    pub name: Option<Text>,
    /// Format of the icon.
    pub icon_type: Option<IconType>,
    /// The icon, up to 1,024 bytes by the standard.
    pub icon: Option<Vec<u8>>,
    /// What it is for.
    pub class: ProfileClass,
    /// Who is to be notified of what.
    pub notification_targets: Vec<NotificationTarget>,
    /// The operator that owns it.
    pub owner: Option<OperatorId>,
    /// The operator's rules.
    pub policy_rules: PprIds,
    /// Elements of newer versions, and those that cannot be read, kept as they came.
    pub other: Vec<RawTlv>,
}

impl StoreMetadata {
    /// The tag of the object.
    pub const TAG: Tag = Tag(0xBF25);

    /// The description of an operational profile without rules, icon or owner.
    #[must_use]
    pub fn new(iccid: Iccid, service_provider: &str, name: &str) -> Self {
        Self {
            iccid,
            service_provider: Some(service_provider.into()),
            name: Some(name.into()),
            icon_type: None,
            icon: None,
            class: ProfileClass::Operational,
            notification_targets: Vec::new(),
            owner: None,
            policy_rules: PprIds::default(),
            other: Vec::new(),
        }
    }

    /// Reads the whole object. The ICCID alone is essential; of the rules, whatever can be read counts. Any other element
    /// may be missing, and one that cannot be read is kept in [`StoreMetadata::other`].
    ///
    /// # Errors
    /// If the object is no TLV of this tag, or has no ICCID.
    pub fn decode(object: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open("StoreMetadataRequest", object, Self::TAG)?;
        let rules = elements.all(field::POLICY_RULES);
        Ok(Self {
            iccid: elements.required(field::ICCID, Iccid::decode)?,
            service_provider: elements.value(field::SERVICE_PROVIDER).map(Text::from_bytes),
            name: elements.value(field::NAME).map(Text::from_bytes),
            icon_type: elements.lenient(field::ICON_TYPE, IconType::decode),
            icon: elements.value(field::ICON).map(<[u8]>::to_vec),
            class: elements.lenient(field::CLASS, ProfileClass::decode).unwrap_or(ProfileClass::Operational),
            notification_targets: elements.lenient(field::NOTIFICATION_TARGETS, decode_targets).unwrap_or_default(),
            owner: elements.lenient(field::OWNER, OperatorId::decode),
            policy_rules: PprIds::decode_leniently(rules.iter().map(|element| element.value)).unwrap_or_default(),
            other: elements.rest(),
        })
    }

    /// The profile as a card would describe it that has just installed it, without what only the card knows.
    #[must_use]
    pub fn profile(&self) -> ProfileInfo {
        ProfileInfo {
            iccid: Some(self.iccid.clone()),
            service_provider: self.service_provider.clone(),
            name: self.name.clone(),
            icon_type: self.icon_type,
            icon: self.icon.clone(),
            class: Some(self.class),
            notification_targets: (!self.notification_targets.is_empty()).then(|| self.notification_targets.clone()),
            owner: self.owner.clone(),
            policy_rules: Some(self.policy_rules.clone()),
            other: self.other.clone(),
            ..ProfileInfo::default()
        }
    }

    /// The whole object, as DER has it: without what is the default.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.put(field::ICCID, self.iccid.as_bytes());
            w.maybe(field::SERVICE_PROVIDER, self.service_provider.as_ref());
            w.maybe(field::NAME, self.name.as_ref());
            w.maybe(field::ICON_TYPE, self.icon_type.map(IconType::encode));
            w.maybe(field::ICON, self.icon.as_ref());
            w.maybe(field::CLASS, (self.class != ProfileClass::Operational).then(|| self.class.encode()));
            if !self.notification_targets.is_empty() {
                w.nest(field::NOTIFICATION_TARGETS, |w| write_targets(&self.notification_targets, w));
            }
            if let Some(owner) = &self.owner {
                w.nest(field::OWNER, |w| owner.write(w));
            }
            w.maybe(field::POLICY_RULES, (!self.policy_rules.0.is_empty()).then(|| self.policy_rules.0.encode()));
            w.kept(&self.other);
        })
    }
}
