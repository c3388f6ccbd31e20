//! Limits that a card's own description puts on downloads, before any server is asked.

use crate::ci::{CiKeyId, CiKind};
use crate::euicc_info::{EuiccInfo1, EuiccInfo2};
use crate::id::Version;

/// The oldest version of SGP.22 that servers speak: version 1 had other messages.
const OLDEST_MAJOR: u8 = 2;
/// The newest version of SGP.22 that this program knows.
const NEWEST_MAJOR: u8 = 3;
/// The bit of `rspCapability` that says that one more profile can be installed (`additionalProfile`).
const ADDITIONAL_PROFILE: usize = 0;

/// A limit that a card's description (SGP.22 5.7.8) puts on downloads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardLimit {
    /// The list of issuers under which the card signs is empty, so that no server can verify it.
    NoSigningIssuer,
    /// The list of issuers under which the card verifies servers is empty, so that it accepts no server.
    NoVerificationIssuer,
    /// The lists have no issuer in common. Card and server must be certified under one issuer.
    NoCommonIssuer,
    /// The card implements a version of SGP.22 that no server speaks any more.
    OldVersion(Version),
    /// The lowest version that the card implements is newer than those that this program knows.
    NewVersion(Version),
    /// The card leaves one of the lists out, which the standard demands.
    MissingIssuers,
    /// No issuer that the card accepts is known here, so that its servers cannot be verified without help.
    UnknownIssuers,
    /// The card reports that it has no free memory.
    NoFreeMemory,
    /// The card says that it cannot take one more profile.
    NoRoom,
}

impl CardLimit {
    /// True if no download can work, whatever the server.
    #[must_use]
    pub const fn blocks_downloads(&self) -> bool {
        matches!(self, Self::NoSigningIssuer | Self::NoVerificationIssuer | Self::NoCommonIssuer | Self::OldVersion(_))
    }

    /// A stable name, for programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoSigningIssuer => "no_signing_issuer",
            Self::NoVerificationIssuer => "no_verification_issuer",
            Self::NoCommonIssuer => "no_common_issuer",
            Self::OldVersion(_) => "old_version",
            Self::NewVersion(_) => "new_version",
            Self::MissingIssuers => "missing_issuers",
            Self::UnknownIssuers => "unknown_issuers",
            Self::NoFreeMemory => "no_free_memory",
            Self::NoRoom => "no_room",
        }
    }
}

impl EuiccInfo1 {
    /// The limits that the short description shows; those that block downloads first. `known` says of an issuer without a
    /// name in the registry whether it is known all the same.
    #[must_use]
    pub fn limits(&self, known: impl Fn(&CiKeyId) -> bool) -> Vec<CardLimit> {
        let signing = self.ci_for_signing.as_deref();
        limits(self.svn, self.ci_for_verification.as_deref(), signing, &self.ci_for_signing_v3(), known)
    }
}

impl EuiccInfo2 {
    /// The limits that the full description shows; those that block downloads first. `known` says of an issuer without a
    /// name in the registry whether it is known all the same.
    #[must_use]
    pub fn limits(&self, known: impl Fn(&CiKeyId) -> bool) -> Vec<CardLimit> {
        let signing = self.ci_for_signing.as_deref();
        let mut found =
            limits(self.svn, self.ci_for_verification.as_deref(), signing, &self.ci_for_signing_v3(), known);
        let free = self.resources.as_ref().and_then(|resources| resources.free_nonvolatile);
        found.extend((free == Some(0)).then_some(CardLimit::NoFreeMemory));
        let full = self.rsp_capability.as_ref().is_some_and(|bits| !bits.has(ADDITIONAL_PROFILE));
        found.extend(full.then_some(CardLimit::NoRoom));
        found
    }
}

fn limits(
    version: Option<Version>,
    verification: Option<&[CiKeyId]>,
    signing: Option<&[CiKeyId]>,
    signing_v3: &[CiKeyId],
    known: impl Fn(&CiKeyId) -> bool,
) -> Vec<CardLimit> {
    let mut found = Vec::new();
    match version {
        Some(version) if version.0[0] < OLDEST_MAJOR => found.push(CardLimit::OldVersion(version)),
        _ => {}
    }
    // A card of version 3 may have all its certificates in the newer list.
    let signs = |key: &CiKeyId| signing.is_some_and(|list| list.contains(key)) || signing_v3.contains(key);
    let names_signing = signing.is_some() || !signing_v3.is_empty();
    let signs_nothing = signing.is_some_and(<[_]>::is_empty) && signing_v3.is_empty();
    match verification {
        _ if signs_nothing => found.push(CardLimit::NoSigningIssuer),
        Some([]) => found.push(CardLimit::NoVerificationIssuer),
        Some(accepted) if names_signing && !accepted.iter().any(signs) => found.push(CardLimit::NoCommonIssuer),
        _ => {}
    }
    if verification.is_none() || !names_signing {
        found.push(CardLimit::MissingIssuers);
    }
    let is_known = |key: &CiKeyId| key.kind() != CiKind::Unknown || known(key);
    if verification.is_some_and(|accepted| !accepted.is_empty() && !accepted.iter().any(is_known)) {
        found.push(CardLimit::UnknownIssuers);
    }
    found.extend(version.filter(|version| version.0[0] > NEWEST_MAJOR).map(CardLimit::NewVersion));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::euicc_info::CardResources;
    use crate::tlv::{Bits, RawTlv, Tag};

    /// The GSMA's issuer, one of its test issuers, and one that nobody knows.
    const KEYS: [[u8; 3]; 3] = [[0x81, 0x37, 0x0F], [0xF5, 0x41, 0x72], [1, 2, 3]];

    fn keys(of: Option<&[usize]>) -> Option<Vec<CiKeyId>> {
        of.map(|of| of.iter().map(|index| CiKeyId::from_bytes(&KEYS[*index])).collect())
    }

    fn info1(version: u8, verification: Option<&[usize]>, signing: Option<&[usize]>) -> EuiccInfo1 {
        EuiccInfo1 {
            svn: Some(Version([version, 2, 2])),
            ci_for_verification: keys(verification),
            ci_for_signing: keys(signing),
            ..EuiccInfo1::default()
        }
    }

    #[test]
    fn issuers_and_versions_are_judged() {
        for (version, verification, signing, expected) in [
            (2, Some(&[0, 1][..]), Some(&[0][..]), &[][..]),
            (2, Some(&[0]), Some(&[]), &["no_signing_issuer"]),
            (2, Some(&[]), Some(&[0]), &["no_verification_issuer"]),
            (2, Some(&[]), Some(&[]), &["no_signing_issuer"]),
            (2, Some(&[0]), Some(&[1]), &["no_common_issuer"]),
            (2, Some(&[2]), Some(&[2]), &["unknown_issuers"]),
            (2, None, Some(&[0]), &["missing_issuers"]),
            (2, Some(&[0]), None, &["missing_issuers"]),
            (2, None, Some(&[]), &["no_signing_issuer", "missing_issuers"]),
            (1, Some(&[0]), Some(&[0]), &["old_version"]),
            (3, Some(&[0]), Some(&[0]), &[]),
            (4, Some(&[0]), Some(&[0]), &["new_version"]),
        ] {
            let limits = info1(version, verification, signing).limits(|_| false);
            let names: Vec<_> = limits.iter().map(CardLimit::name).collect();
            assert_eq!(names, expected, "{version} {verification:?} {signing:?}");
            // Blocking ones stand first.
            assert!(limits.is_sorted_by_key(|limit| !limit.blocks_downloads()), "{limits:?}");
        }
        assert_eq!(info1(2, Some(&[2]), Some(&[2])).limits(|_| true), [], "known to whoever asks");
    }

    #[test]
    fn certificates_of_version_3_count() {
        let mut info = info1(3, Some(&[0]), Some(&[]));
        info.other = vec![RawTlv { tag: Tag(0xB1), bytes: b"\xB1\x05\x04\x03\x81\x37\x0F".to_vec() }];
        assert_eq!(info.limits(|_| false), []);
        info.ci_for_verification = keys(Some(&[1]));
        assert_eq!(info.limits(|_| false), [CardLimit::NoCommonIssuer]);
        info.ci_for_signing = None;
        assert_eq!(info.limits(|_| false), [CardLimit::NoCommonIssuer], "the newer list alone");
    }

    #[test]
    fn memory_and_room_are_told() {
        let with = |free, bits: Option<&[usize]>| EuiccInfo2 {
            ci_for_verification: keys(Some(&[0])),
            ci_for_signing: keys(Some(&[0])),
            resources: Some(CardResources { free_nonvolatile: free, ..CardResources::default() }),
            rsp_capability: bits.map(Bits::of),
            ..EuiccInfo2::default()
        };
        assert_eq!(with(Some(1), Some(&[0, 3])).limits(|_| false), []);
        assert_eq!(with(None, None).limits(|_| false), [], "what is not said is no limit");
        let full = with(Some(0), Some(&[3])).limits(|_| false);
        assert_eq!(full, [CardLimit::NoFreeMemory, CardLimit::NoRoom]);
        assert!(!full.iter().any(CardLimit::blocks_downloads), "cards err about it");
    }
}
