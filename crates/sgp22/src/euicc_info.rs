//! What an eUICC says about itself.

use crate::ci::CiKeyId;
use crate::codes::codes;
use crate::id::Version;
use crate::policy::PprIds;
use crate::tlv::{self, Bits, DecodeError, Elements, RawTlv, Reader, Tag, Text, Writer, decode_u64};

/// The short form that an LPA sends to a server (SGP.22 5.7.8 EUICCInfo1).
///
/// ```text
/// EUICCInfo1 ::= [32] SEQUENCE {                                                  -- BF20
///     svn [2] VersionType,                                                        -- 82
///     euiccCiPKIdListForVerification [9] SEQUENCE OF SubjectKeyIdentifier,        -- A9
///     euiccCiPKIdListForSigning [10] SEQUENCE OF SubjectKeyIdentifier, ...        -- AA
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EuiccInfo1 {
    /// The version of SGP.22 that the card implements (v3: the lowest one).
    pub svn: Option<Version>,
    /// Issuers whose servers the card accepts; `None` if the card does not say.
    pub ci_for_verification: Option<Vec<CiKeyId>>,
    /// Issuers under which the card has a certificate, the preferred one first; `None` if the card does not say.
    pub ci_for_signing: Option<Vec<CiKeyId>>,
    /// v3: the highest version of SGP.22.
    pub highest_svn: Option<Version>,
    /// Elements that this version does not know.
    pub other: Vec<RawTlv>,
}

impl EuiccInfo1 {
    /// The tag of the object.
    pub const TAG: Tag = Tag(0xBF20);

    /// Reads the object.
    pub fn decode(object: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open("EUICCInfo1", object, Self::TAG)?;
        Ok(Self {
            svn: elements.lenient(Tag(0x82), Version::decode),
            ci_for_verification: elements.lenient(Tag(0xA9), decode_key_ids),
            ci_for_signing: elements.lenient(Tag(0xAA), decode_key_ids),
            highest_svn: elements.lenient(Tag(0x93), Version::decode),
            other: elements.rest(),
        })
    }

    /// v3: more issuers under which the card has a certificate; empty if it names none.
    #[must_use]
    pub fn ci_for_signing_v3(&self) -> Vec<CiKeyId> {
        signing_v3(&self.other)
    }

    /// Writes the object.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.maybe(Tag(0x82), self.svn);
            write_key_ids(Tag(0xA9), self.ci_for_verification.as_deref(), w);
            write_key_ids(Tag(0xAA), self.ci_for_signing.as_deref(), w);
            w.maybe(Tag(0x93), self.highest_svn);
            w.kept(&self.other);
        })
    }
}

codes! {
    /// How much an eUICC can hold (SGP.22 EUICCCategory).
    pub enum EuiccCategory {
        Other = 0, "other", "no category";
        Basic = 1, "basicEuicc", "basic";
        Medium = 2, "mediumEuicc", "medium";
        Contactless = 3, "contactlessEuicc", "contactless";
    }
}

/// The full description (SGP.22 5.7.8 EUICCInfo2). Cards leave out even what the standard demands, so all is optional.
///
/// ```text
/// EUICCInfo2 ::= [34] SEQUENCE {                                   -- BF22
///     profileVersion [1], svn [2], euiccFirmwareVer [3] VersionType,
///     extCardResource [4] OCTET STRING,                            -- TLVs of ETSI TS 102 226
///     uiccCapability [5] UICCCapability,
///     ts102241Version [6], globalplatformVersion [7] VersionType OPTIONAL,
///     rspCapability [8] RspCapability,
///     euiccCiPKIdListForVerification [9], euiccCiPKIdListForSigning [10],
///     euiccCategory [11] OPTIONAL, forbiddenProfilePolicyRules [25] PprIds OPTIONAL,
///     ppVersion VersionType, sasAcreditationNumber UTF8String(SIZE(0..64)),   -- 04, 0C
///     certificationDataObject [12] OPTIONAL, ...
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EuiccInfo2 {
    /// The version of the interoperable profile package format (SAIP).
    pub profile_version: Option<Version>,
    /// The version of SGP.22 that the card implements (v3: the lowest one).
    pub svn: Option<Version>,
    /// The maker's firmware version.
    pub firmware: Option<Version>,
    /// Memory and applications.
    pub resources: Option<CardResources>,
    /// What the UICC can do; names by [`uicc_capability`].
    pub uicc_capability: Bits,
    /// The version of TS 102 241 (Java Card API).
    pub ts102241_version: Option<Version>,
    /// The version of GlobalPlatform.
    pub globalplatform_version: Option<Version>,
    /// Remote provisioning features of the eUICC; names by [`rsp_capability`]. `None` if the card does not say.
    pub rsp_capability: Option<Bits>,
    /// Issuers whose servers the card accepts; `None` if the card does not say.
    pub ci_for_verification: Option<Vec<CiKeyId>>,
    /// Issuers under which the card has a certificate, the preferred one first; `None` if the card does not say.
    pub ci_for_signing: Option<Vec<CiKeyId>>,
    /// Category.
    pub category: Option<EuiccCategory>,
    /// Policy rules that no profile on this card may have.
    pub forbidden_rules: Option<PprIds>,
    /// The version of the protection profile.
    pub pp_version: Option<Version>,
    /// The number under which the maker's site is accredited.
    pub sas_accreditation: Option<Text>,
    /// Platform label.
    pub platform_label: Option<Text>,
    /// Where certificates about the platform are found.
    pub discovery_base_url: Option<Text>,
    /// v2.7: is the chip discrete (bit 0), integrated (1), does it use remote memory (2).
    pub tre_properties: Option<Bits>,
    /// v2.7: the product of an integrated chip.
    pub tre_product_reference: Option<Text>,
    /// v2.7: more versions of the profile package format.
    pub more_profile_versions: Vec<Version>,
    /// v3: the highest version of SGP.22.
    pub highest_svn: Option<Version>,
    /// SGP.32: the card is for IoT devices, and what it can do.
    pub iot: Option<Vec<u8>>,
    /// Elements that are kept as they came: those of [`EuiccInfo2::kept_name`] and unknown ones.
    pub other: Vec<RawTlv>,
}

impl EuiccInfo2 {
    /// The tag of the object.
    pub const TAG: Tag = Tag(0xBF22);

    /// The name of an element that is kept without being read.
    #[must_use]
    pub fn kept_name(tag: Tag) -> Option<&'static str> {
        Some(match tag.0 {
            0x90 => "lpaMode",
            0xB1 => "euiccCiPKIdListForSigningV3",
            0x92 => "additionalEuiccInfo",
            0x95 => "euiccMinimumSecurityLevel",
            _ => return None,
        })
    }

    /// Reads the object.
    pub fn decode(object: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open("EUICCInfo2", object, Self::TAG)?;
        let (platform_label, discovery_base_url) = elements
            .lenient(Tag(0xAC), |value| {
                let mut object = Elements::parse("certificationDataObject", value)?;
                Ok((object.value(Tag(0x80)).map(Text::from_bytes), object.value(Tag(0x81)).map(Text::from_bytes)))
            })
            .unwrap_or_default();
        let forbidden = elements.all(Tag(0x99));
        Ok(Self {
            profile_version: elements.lenient(Tag(0x81), Version::decode),
            svn: elements.lenient(Tag(0x82), Version::decode),
            firmware: elements.lenient(Tag(0x83), Version::decode),
            resources: elements.lenient(Tag(0x84), CardResources::decode),
            uicc_capability: elements.value(Tag(0x85)).map(Bits::decode_leniently).unwrap_or_default(),
            ts102241_version: elements.lenient(Tag(0x86), Version::decode),
            globalplatform_version: elements.lenient(Tag(0x87), Version::decode),
            rsp_capability: elements.value(Tag(0x88)).map(Bits::decode_leniently),
            ci_for_verification: elements.lenient(Tag(0xA9), decode_key_ids),
            ci_for_signing: elements.lenient(Tag(0xAA), decode_key_ids),
            category: elements.lenient(Tag(0x8B), EuiccCategory::decode),
            forbidden_rules: PprIds::decode_leniently(forbidden.iter().map(|element| element.value)),
            pp_version: elements.lenient(Tag(0x04), Version::decode),
            sas_accreditation: elements.value(Tag(0x0C)).map(Text::from_bytes),
            platform_label,
            discovery_base_url,
            tre_properties: elements.value(Tag(0x8D)).map(Bits::decode_leniently),
            tre_product_reference: elements.value(Tag(0x8E)).map(Text::from_bytes),
            more_profile_versions: elements.lenient(Tag(0xAF), decode_versions).unwrap_or_default(),
            highest_svn: elements.lenient(Tag(0x93), Version::decode),
            iot: elements.value(Tag(0xB4)).map(<[u8]>::to_vec),
            other: elements.rest(),
        })
    }

    /// v3: more issuers under which the card has a certificate; empty if it names none.
    #[must_use]
    pub fn ci_for_signing_v3(&self) -> Vec<CiKeyId> {
        signing_v3(&self.other)
    }

    /// Writes the object with the fields that are there, in the order of the standard.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.maybe(Tag(0x81), self.profile_version);
            w.maybe(Tag(0x82), self.svn);
            w.maybe(Tag(0x83), self.firmware);
            w.maybe(Tag(0x84), self.resources.as_ref().map(CardResources::encode));
            w.put(Tag(0x85), &self.uicc_capability.encode());
            w.maybe(Tag(0x86), self.ts102241_version);
            w.maybe(Tag(0x87), self.globalplatform_version);
            w.maybe(Tag(0x88), self.rsp_capability.as_ref().map(Bits::encode));
            write_key_ids(Tag(0xA9), self.ci_for_verification.as_deref(), w);
            write_key_ids(Tag(0xAA), self.ci_for_signing.as_deref(), w);
            w.maybe(Tag(0x8B), self.category.map(EuiccCategory::encode));
            w.maybe(Tag(0x99), self.forbidden_rules.as_ref().map(|rules| rules.0.encode()));
            w.maybe(Tag(0x04), self.pp_version);
            w.maybe(Tag(0x0C), self.sas_accreditation.as_ref());
            if self.platform_label.is_some() || self.discovery_base_url.is_some() {
                w.nest(Tag(0xAC), |w| {
                    w.maybe(Tag(0x80), self.platform_label.as_ref());
                    w.maybe(Tag(0x81), self.discovery_base_url.as_ref());
                });
            }
            w.maybe(Tag(0x8D), self.tre_properties.as_ref().map(Bits::encode));
            w.maybe(Tag(0x8E), self.tre_product_reference.as_ref());
            if !self.more_profile_versions.is_empty() {
                w.nest(Tag(0xAF), |w| {
                    for version in &self.more_profile_versions {
                        w.put(Tag(0x04), version.as_ref());
                    }
                });
            }
            w.maybe(Tag(0x93), self.highest_svn);
            w.maybe(Tag(0xB4), self.iot.as_ref());
            w.kept(&self.other);
        })
    }
}

/// Applications and memory of the card (ETSI TS 102 226 8.2.1.7.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardResources {
    /// Number of installed applications.
    pub applications: Option<u64>,
    /// Free non-volatile memory, in bytes: what a new profile takes from.
    pub free_nonvolatile: Option<u64>,
    /// Free volatile memory, in bytes.
    pub free_volatile: Option<u64>,
}

impl CardResources {
    fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::parse("extCardResource", value)?;
        // A length of zero says nothing, not that nothing is free.
        let number = |value: &[u8]| match value {
            [] => Err(DecodeError::value("extCardResource", "a number without digits")),
            digits => decode_u64("extCardResource", digits),
        };
        Ok(Self {
            applications: elements.lenient(Tag(0x81), number),
            free_nonvolatile: elements.lenient(Tag(0x82), number),
            free_volatile: elements.lenient(Tag(0x83), number),
        })
    }

    fn encode(&self) -> Vec<u8> {
        let trimmed = |number: u64, width: usize| {
            let bytes = number.to_be_bytes();
            let digits = bytes.iter().position(|byte| *byte != 0).map_or(1, |start| bytes.len() - start);
            bytes[bytes.len() - digits.max(width)..].to_vec()
        };
        let mut w = Writer::new();
        w.maybe(Tag(0x81), self.applications.map(|number| trimmed(number, 1)));
        w.maybe(Tag(0x82), self.free_nonvolatile.map(|number| trimmed(number, 4)));
        w.maybe(Tag(0x83), self.free_volatile.map(|number| trimmed(number, 2)));
        w.finish()
    }
}

/// Reads a list of issuers. One that cannot be read does not hide the others; a list without any that can be read is none.
fn decode_key_ids(value: &[u8]) -> Result<Vec<CiKeyId>, DecodeError> {
    let read: Vec<_> =
        Reader::new("euiccCiPKIdList", value).map(|id| id.and_then(|id| CiKeyId::decode(id.value))).collect();
    let is_readable = read.is_empty() || read.iter().any(Result::is_ok);
    if is_readable { Ok(read.into_iter().flatten().collect()) } else { read.into_iter().collect() }
}

/// The issuers in `euiccCiPKIdListForSigningV3` ([17]).
fn signing_v3(other: &[RawTlv]) -> Vec<CiKeyId> {
    let list = other.iter().find(|element| element.tag == Tag(0xB1));
    list.and_then(|list| tlv::open("euiccCiPKIdListForSigningV3", &list.bytes, list.tag).ok())
        .and_then(|list| decode_key_ids(list.value).ok())
        .unwrap_or_default()
}

fn write_key_ids(tag: Tag, ids: Option<&[CiKeyId]>, writer: &mut Writer) {
    let Some(ids) = ids else { return };
    writer.nest(tag, |w| {
        for id in ids {
            w.put(Tag(0x04), id.as_bytes());
        }
    });
}

fn decode_versions(value: &[u8]) -> Result<Vec<Version>, DecodeError> {
    Reader::new("additionalEuiccProfilePackageVersions", value).map(|version| Version::decode(version?.value)).collect()
}

/// The names of the bits of `uiccCapability` (SGP.22 UICCCapability; SAIP 3.x for the last ones).
const UICC_CAPABILITIES: [&str; 32] = [
    "contactless",
    "usim",
    "isim",
    "csim",
    "aka-milenage",
    "aka-cave",
    "aka-tuak128",
    "aka-tuak256",
    "usim-test-algorithm",
    "rfu2",
    "gba-usim",
    "gba-isim",
    "mbms",
    "eap-client",
    "javacard",
    "multos",
    "multiple-usim",
    "multiple-isim",
    "multiple-csim",
    "ber-tlv-file",
    "df-link",
    "cat-tp",
    "get-identity",
    "profile-a-x25519",
    "profile-b-p256",
    "suci-calculator-api",
    "dns-resolution",
    "scp11ac",
    "scp11c-authorization",
    "s16-mode",
    "eaka",
    "iot-minimal",
];

/// The names of the bits of `rspCapability` (SGP.22 RspCapability, with those of v2.7 and v3).
const RSP_CAPABILITIES: [&str; 29] = [
    "additional-profile",
    "crl",
    "rpm",
    "test-profile",
    "device-info-extensibility",
    "service-specific-data",
    "hri-server-address",
    "service-provider-message",
    "lpa-proxy",
    "enterprise-profiles",
    "service-description",
    "device-change",
    "encrypted-device-change-data",
    "estimated-profile-size",
    "profile-size-in-profiles-info",
    "crl-stapling-v3",
    "cert-chain-v3",
    "signed-smds-response-v3",
    "rsp-capability-in-info1",
    "os-update",
    "cancel-for-empty-names",
    "update-notification-configuration",
    "update-metadata-v3",
    "rsp23",
    "rsp24",
    "rsp25",
    "iot-specific-metadata",
    "minimum-security-level-check",
    "test-profile-allow-list-check",
];

fn names(bits: &Bits, names: &'static [&'static str]) -> impl Iterator<Item = String> {
    bits.iter()
        .map(|bit| names.get(bit).map_or_else(|| format!("bit{bit}"), |name| (*name).to_owned()))
        .collect::<Vec<_>>()
        .into_iter()
}

/// What the bits of `uiccCapability` are called.
pub fn uicc_capability(bits: &Bits) -> impl Iterator<Item = String> {
    names(bits, &UICC_CAPABILITIES)
}

/// What the bits of `rspCapability` are called.
pub fn rsp_capability(bits: &Bits) -> impl Iterator<Item = String> {
    names(bits, &RSP_CAPABILITIES)
}
