//! A profile as the card describes it.

use crate::codes::codes;
use crate::id::{Aid, Iccid, OperatorId};
use crate::notification::Events;
use crate::policy::PprIds;
use crate::tlv::{
    DecodeError, Elements, RawTlv, Reader, Tag, Text, Tlv, Writer, decode_int, decode_u64, encode_int, encode_u64,
};

codes! {
    /// Whether a profile is in use (SGP.22 ProfileState).
    pub enum ProfileState {
        Disabled = 0, "disabled", "installed and not in use";
        Enabled = 1, "enabled", "in use";
    }
}

codes! {
    /// What a profile is for (SGP.22 ProfileClass).
    pub enum ProfileClass {
        Test = 0, "test", "for tests of the device, without a real network";
        Provisioning = 1, "provisioning", "for downloading other profiles only";
        Operational = 2, "operational", "an ordinary subscription";
    }
}

codes! {
    /// The format of an icon (SGP.22 IconType).
    pub enum IconType {
        Jpeg = 0, "jpg", "a JPEG picture";
        Png = 1, "png", "a PNG picture";
    }
}

impl IconType {
    /// Recognises the format by an icon's first bytes, whatever its profile says about it.
    #[must_use]
    pub fn recognize(icon: &[u8]) -> Option<Self> {
        if icon.starts_with(b"\x89PNG\r\n\x1A\n") {
            Some(Self::Png)
        } else if icon.starts_with(b"\xFF\xD8\xFF") {
            Some(Self::Jpeg)
        } else {
            None
        }
    }
}

/// Where a profile's notifications go (SGP.22 NotificationConfigurationInformation).
///
/// ```text
/// SEQUENCE { profileManagementOperation [0] NotificationEvent, notificationAddress [1] UTF8String }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationTarget {
    /// The events that this server wants to hear of.
    pub events: Events,
    /// Its host name.
    pub address: Text,
}

/// A profile on the card (SGP.22 5.7.15 ProfileInfo), every field as the card gave it.
///
/// ```text
/// ProfileInfo ::= [PRIVATE 3] SEQUENCE {                      -- E3
///     iccid [APPLICATION 26], isdpAid [APPLICATION 15],       -- 5A, 4F
///     profileState [112], profileNickname [16],               -- 9F70, 90
///     serviceProviderName [17], profileName [18],             -- 91, 92
///     iconType [19], icon [20], profileClass [21],            -- 93, 94, 95
///     notificationConfigurationInfo [22], profileOwner [23],  -- B6, B7
///     dpProprietaryData [24], profilePolicyRules [25],        -- B8, 99
///     ...                                                     -- all OPTIONAL
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileInfo {
    /// Its number.
    pub iccid: Option<Iccid>,
    /// The AID of its security domain.
    pub isdp_aid: Option<Aid>,
    /// Whether it is in use; see [`ProfileInfo::is_enabled`].
    pub state: Option<ProfileState>,
    /// The user's own name for it, up to 64 bytes.
    pub nickname: Option<Text>,
    /// The operator's name, up to 32 bytes.
    pub service_provider: Option<Text>,
    /// The operator's name for the product, up to 64 bytes.
    pub name: Option<Text>,
    /// Format of the icon.
    pub icon_type: Option<IconType>,
    /// The icon, up to 1,024 bytes by the standard.
    pub icon: Option<Vec<u8>>,
    /// What it is for.
    pub class: Option<ProfileClass>,
    /// Who wants to be notified of what.
    pub notification_targets: Option<Vec<NotificationTarget>>,
    /// The operator that owns it.
    pub owner: Option<OperatorId>,
    /// What its SM-DP+ stored for itself (`B8`, the value).
    pub dp_proprietary: Option<Vec<u8>>,
    /// The operator's rules.
    pub policy_rules: Option<PprIds>,
    /// v3: the eSIM port that it is enabled on; negative or absent for none.
    pub enabled_on_port: Option<i64>,
    /// v3: how much of the card's memory it takes, in bytes.
    pub size: Option<u64>,
    /// Elements that are kept as they came: those of [`field::kept_name`] and unknown ones.
    pub other: Vec<RawTlv>,
}

/// The tags of a profile's fields, as tag lists name them.
pub mod field {
    use crate::tlv::Tag;

    /// ICCID.
    pub const ICCID: Tag = Tag(0x5A);
    /// AID of the ISD-P.
    pub const ISDP_AID: Tag = Tag(0x4F);
    /// State.
    pub const STATE: Tag = Tag(0x9F70);
    /// Nickname.
    pub const NICKNAME: Tag = Tag(0x90);
    /// Service provider name.
    pub const SERVICE_PROVIDER: Tag = Tag(0x91);
    /// Profile name.
    pub const NAME: Tag = Tag(0x92);
    /// Icon type.
    pub const ICON_TYPE: Tag = Tag(0x93);
    /// Icon.
    pub const ICON: Tag = Tag(0x94);
    /// Class.
    pub const CLASS: Tag = Tag(0x95);
    /// Notification configuration.
    pub const NOTIFICATION_TARGETS: Tag = Tag(0xB6);
    /// Owner.
    pub const OWNER: Tag = Tag(0xB7);
    /// Data of the SM-DP+.
    pub const DP_PROPRIETARY: Tag = Tag(0xB8);
    /// Policy rules.
    pub const POLICY_RULES: Tag = Tag(0x99);
    /// v3: eSIM port.
    pub const ENABLED_ON_PORT: Tag = Tag(0x9F24);
    /// v3: size.
    pub const SIZE: Tag = Tag(0x9F25);

    /// Fields of v2.7, v3 and Android that are kept without being read.
    pub const KEPT: [Tag; 8] =
        [Tag(0xBF76), Tag(0xBF22), Tag(0xBA), Tag(0x9B), Tag(0xBC), Tag(0xBD), Tag(0x9F1F), Tag(0xBF20)];

    /// The name of an element that is kept without being read.
    #[must_use]
    pub fn kept_name(tag: Tag) -> Option<&'static str> {
        Some(match tag.0 {
            0xBF76 => "refArDo (Android carrier privileges)",
            0xBF22 => "serviceSpecificDataStoredInEuicc",
            0xBA => "rpmConfiguration",
            0x9B => "hriServerAddress",
            0xBC => "lprConfiguration",
            0xBD => "enterpriseConfiguration",
            0x9F1F => "serviceDescription",
            0xBF20 => "deviceChangeConfiguration",
            0x9F7B => "ecallIndication",
            0x9F26 => "fallbackAttribute",
            0x9F67 => "fallbackAllowed",
            0xBF64 => "iotSpecificProfileInfo",
            _ => return None,
        })
    }
}

impl ProfileInfo {
    /// The tag of the object.
    pub const TAG: Tag = Tag(0xE3);

    /// True if the profile is in use: by its state, or on some eSIM port (v3 cards with several of them).
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.state == Some(ProfileState::Enabled) || self.enabled_on_port.is_some_and(|port| port >= 0)
    }

    /// Whether the profile is in use, if the card says so.
    #[must_use]
    pub fn says_whether_enabled(&self) -> Option<bool> {
        (self.state.is_some() || self.enabled_on_port.is_some()).then(|| self.is_enabled())
    }

    /// Reads the value of an `E3`: any subset of the fields, in any order. A field that cannot be read is kept in
    /// [`ProfileInfo::other`] and does not hide the others; of the rules, whatever can be read counts.
    ///
    /// # Errors
    /// If the value does not consist of TLVs, or the ICCID is none: it names the profile.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::parse("ProfileInfo", value)?;
        let rules = elements.all(field::POLICY_RULES);
        Ok(Self {
            iccid: elements.optional(field::ICCID, Iccid::decode)?,
            state: elements.lenient(field::STATE, ProfileState::decode),
            isdp_aid: elements.lenient(field::ISDP_AID, Aid::decode),
            nickname: elements.value(field::NICKNAME).map(Text::from_bytes),
            service_provider: elements.value(field::SERVICE_PROVIDER).map(Text::from_bytes),
            name: elements.value(field::NAME).map(Text::from_bytes),
            icon_type: elements.lenient(field::ICON_TYPE, IconType::decode),
            icon: elements.value(field::ICON).map(<[u8]>::to_vec),
            class: elements.lenient(field::CLASS, ProfileClass::decode),
            notification_targets: elements.lenient(field::NOTIFICATION_TARGETS, decode_targets),
            owner: elements.lenient(field::OWNER, OperatorId::decode),
            dp_proprietary: elements.value(field::DP_PROPRIETARY).map(<[u8]>::to_vec),
            policy_rules: PprIds::decode_leniently(rules.iter().map(|element| element.value)),
            enabled_on_port: elements
                .lenient(field::ENABLED_ON_PORT, |value| decode_int("ProfileInfo.enabledOnEsimPort", value)),
            size: elements.lenient(field::SIZE, |value| decode_u64("ProfileInfo.profileSize", value)),
            other: elements.rest(),
        })
    }

    /// Writes the object with the fields that are there, in the order of the standard.
    pub fn write(&self, writer: &mut Writer) {
        writer.nest(Self::TAG, |w| {
            w.maybe(field::ICCID, self.iccid.as_ref());
            w.maybe(field::ISDP_AID, self.isdp_aid.as_ref());
            w.maybe(field::STATE, self.state.map(ProfileState::encode));
            w.maybe(field::NICKNAME, self.nickname.as_ref());
            w.maybe(field::SERVICE_PROVIDER, self.service_provider.as_ref());
            w.maybe(field::NAME, self.name.as_ref());
            w.maybe(field::ICON_TYPE, self.icon_type.map(IconType::encode));
            w.maybe(field::ICON, self.icon.as_ref());
            w.maybe(field::CLASS, self.class.map(ProfileClass::encode));
            if let Some(targets) = &self.notification_targets {
                w.nest(field::NOTIFICATION_TARGETS, |w| write_targets(targets, w));
            }
            if let Some(owner) = &self.owner {
                w.nest(field::OWNER, |w| owner.write(w));
            }
            w.maybe(field::DP_PROPRIETARY, self.dp_proprietary.as_ref());
            w.maybe(field::POLICY_RULES, self.policy_rules.as_ref().map(|rules| rules.0.encode()));
            w.maybe(field::ENABLED_ON_PORT, self.enabled_on_port.map(encode_int));
            w.maybe(field::SIZE, self.size.map(encode_u64));
            w.kept(&self.other);
        });
    }
}

/// Reads where notifications go. What a row lacks is left empty, so that it does not hide the other rows.
pub(crate) fn decode_targets(value: &[u8]) -> Result<Vec<NotificationTarget>, DecodeError> {
    let read = |target: Result<Tlv<'_>, DecodeError>| {
        let mut elements = Elements::parse("NotificationConfigurationInformation", target?.value)?;
        Ok(NotificationTarget {
            events: elements.value(Tag(0x80)).map(Events::decode_leniently).unwrap_or_default(),
            address: elements.value(Tag(0x81)).map(Text::from_bytes).unwrap_or_default(),
        })
    };
    Reader::new("notificationConfigurationInfo", value).map(read).collect()
}

pub(crate) fn write_targets(targets: &[NotificationTarget], writer: &mut Writer) {
    for target in targets {
        writer.nest(Tag(0x30), |w| {
            w.put(Tag(0x80), &target.events.0.encode());
            w.put(Tag(0x81), target.address.as_bytes());
        });
    }
}
