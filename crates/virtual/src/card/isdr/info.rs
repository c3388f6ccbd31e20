//! What the card says of itself.

use sgp22::ci::CiKeyId;
use sgp22::es10a::ConfiguredAddresses;
use sgp22::euicc_info::{CardResources, EuiccCategory, EuiccInfo1, EuiccInfo2};
use sgp22::id::Version;
use sgp22::tlv::{Bits, RawTlv, Tag, Text, Writer};

use super::Isdr;
use crate::card::quirk::Quirk;

/// The version of SGP.22 that the card implements.
const SVN: Version = Version([2, 5, 0]);

/// The GSMA's SM-DS for tests.
const TEST_ROOT: &str = "testrootsmds.gsma.com";

impl Isdr<'_> {
    pub(super) fn info1(&self) -> EuiccInfo1 {
        EuiccInfo1 {
            svn: Some(SVN),
            ci_for_verification: self.verification(),
            ci_for_signing: self.signing(false),
            highest_svn: None,
            other: self.unknown_elements(),
        }
    }

    pub(super) fn info2(&self) -> EuiccInfo2 {
        EuiccInfo2 {
            profile_version: Some(Version([2, 3, 1])),
            svn: Some(SVN),
            firmware: Some(Version([1, 0, 0])),
            resources: Some(CardResources {
                applications: Some(self.euicc.profiles.len() as u64),
                free_nonvolatile: Some(self.free_memory()),
                free_volatile: Some(8192),
            }),
            // usim, isim, AKA Milenage and TUAK, GBA, Java Card, several USIMs, BER-TLV files
            uicc_capability: Bits::of(&[1, 2, 4, 6, 7, 10, 14, 16, 19]),
            ts102241_version: Some(Version([15, 1, 0])),
            globalplatform_version: Some(Version([2, 3, 0])),
            // room for one more profile, test profiles, extensible device info
            rsp_capability: Some(if self.quirks.has(Quirk::NoTestProfiles) {
                Bits::of(&[0, 4])
            } else {
                Bits::of(&[0, 3, 4])
            }),
            ci_for_verification: self.verification(),
            ci_for_signing: self.signing(true),
            category: Some(EuiccCategory::Medium),
            pp_version: Some(Version([1, 0, 0])),
            sas_accreditation: Some("XX-VIRTUAL-0001".into()),
            platform_label: Some("2.999/esimctl-virtual".into()),
            other: [self.unknown_elements(), self.odd_elements(&[0x8D, 0x93, 0x99])].concat(),
            ..EuiccInfo2::default()
        }
    }

    /// The issuers whose servers the card says that it accepts.
    fn verification(&self) -> Option<Vec<CiKeyId>> {
        (!self.quirks.has(Quirk::NoIssuerLists)).then(|| vec![self.credentials.ci.clone()])
    }

    /// The issuers that the card says that it signs under, in its full description (EUICCInfo2) or in the short one.
    fn signing(&self, is_full: bool) -> Option<Vec<CiKeyId>> {
        let has = |quirk| self.quirks.has(quirk);
        let signs_nothing = has(Quirk::NoSigningIssuer) || (is_full && has(Quirk::Info2NoSigningIssuer));
        match (has(Quirk::NoIssuerLists), signs_nothing, has(Quirk::IssuersDiffer)) {
            (true, ..) => None,
            (_, true, _) => Some(Vec::new()),
            (_, _, true) => Some(vec![CiKeyId::from_bytes(&[0x99; 20])]),
            _ => self.verification(),
        }
    }

    /// Elements that `odd-members` adds: these tags, without a value.
    pub(super) fn odd_elements(&self, tags: &[u32]) -> Vec<RawTlv> {
        let empty = |tag: &u32| RawTlv { tag: Tag(*tag), bytes: [Tag(*tag).to_bytes(), vec![0x00]].concat() };
        if self.quirks.has(Quirk::OddMembers) { tags.iter().map(empty).collect() } else { Vec::new() }
    }

    /// Room for profiles, in bytes.
    pub(super) fn free_memory(&self) -> u64 {
        if self.quirks.has(Quirk::MemoryFull) { 0 } else { self.euicc.free_memory() }
    }

    pub(super) fn addresses(&self) -> ConfiguredAddresses {
        let default = self.euicc.default_smdp.as_str();
        ConfiguredAddresses {
            default_smdp: (!default.is_empty()).then(|| Text::from(default)),
            root_smds: Some(Text::from(if self.quirks.has(Quirk::TestRoot) {
                TEST_ROOT
            } else {
                &self.euicc.root_smds
            })),
            other: self.unknown_elements(),
        }
    }

    /// What `unknown-tags` adds: a primitive and a constructed element that no version defines.
    pub(super) fn unknown_elements(&self) -> Vec<RawTlv> {
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
}
