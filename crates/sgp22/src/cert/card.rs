//! Certificates of eUICCs and of those who make them (SGP.22 4.5.2.1), in the forms of version 2 and version 3.

use super::{CERTIFICATE_POLICIES, Certificate, NAME_CONSTRAINTS, ORGANIZATION, RSP_ROLE, SERIAL_NUMBER, attribute};
use crate::id::Eid;
use crate::tlv::{DecodeError, Elements, Reader, Tag, open};

/// permittedEins, 2.23.146.1.2.2.0: the constraint of makers in version 3.
pub const PERMITTED_EINS: &[u8] = b"\x67\x81\x12\x01\x02\x02\x00";

/// Arcs below id-rspRole: eUICC in version 2 and 3.
const CARD_ROLES: [&[u8]; 2] = [&[1], &[0, 0, 0, 0, 0]];
/// Arcs below id-rspRole: maker (EUM) in version 2 and 3, and the issuers below one in version 3.
const MAKER_ROLES: [&[u8]; 3] = [&[2], &[0, 0, 0], &[0, 0, 0, 0]];
/// Arcs below id-rspRole: issuer below a CI, version 3.
const SUB_CI_ROLE: &[u8] = &[0, 0];

/// A range of eUICCs that a maker may certify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermittedCards {
    /// The organisation that the card's certificate must name; `None` where the maker's sets none (version 3).
    pub organisation: Option<String>,
    /// The first digits of the EID.
    pub eid_prefix: String,
}

impl PermittedCards {
    /// True if a card of this organisation and EID is in the range.
    #[must_use]
    pub fn contains(&self, organisation: Option<&str>, eid: &Eid) -> bool {
        let same = self.organisation.as_deref().is_none_or(|wanted| organisation == Some(wanted));
        same && !self.eid_prefix.is_empty() && eid.to_string().starts_with(&self.eid_prefix)
    }
}

impl Certificate<'_> {
    /// True for the certificate of an eUICC.
    #[must_use]
    pub fn is_card(&self) -> bool {
        self.has_role(&CARD_ROLES)
    }

    /// True for the certificate of a maker of eUICCs, or of an issuer below one.
    #[must_use]
    pub fn is_card_maker(&self) -> bool {
        self.has_role(&MAKER_ROLES)
    }

    /// True for the certificate of an issuer between a CI and a maker.
    #[must_use]
    pub fn is_sub_ci(&self) -> bool {
        self.has_role(&[SUB_CI_ROLE])
    }

    fn has_role(&self, roles: &[&[u8]]) -> bool {
        let Some(policies) = self.extension(CERTIFICATE_POLICIES) else { return false };
        let Ok(policies) = open("CertificatePolicies", policies, Tag(0x30)) else { return false };
        Reader::new("CertificatePolicies", policies.value).any(|policy| {
            let oid = policy.ok().and_then(|policy| Reader::new("PolicyInformation", policy.value).next()?.ok());
            let arcs = oid.and_then(|oid| oid.value.strip_prefix(RSP_ROLE));
            arcs.is_some_and(|arcs| roles.contains(&arcs))
        })
    }

    /// The eUICCs that a maker may certify: permitted directory names (4.5.2.1.0.2), or permittedEins of version 3.
    ///
    /// # Errors
    /// If a constraint is there that cannot be read, or one that excludes names: that would have to be obeyed.
    pub fn permitted_cards(&self) -> Result<Vec<PermittedCards>, DecodeError> {
        let mut ranges = Vec::new();
        if let Some(value) = self.extension(NAME_CONSTRAINTS) {
            let mut constraints = Elements::open("NameConstraints", value, Tag(0x30))?;
            let subtrees = constraints.take(Tag(0xA0));
            constraints.deny_rest()?;
            for subtree in subtrees.iter().flat_map(|subtrees| Reader::new("GeneralSubtrees", subtrees.value)) {
                ranges.push(directory_range(subtree?.value)?);
            }
        }
        if let Some(value) = self.extension(PERMITTED_EINS) {
            let list = open("permittedEins", value, Tag(0x30))?;
            for ein in Reader::new("permittedEins", list.value) {
                let eid_prefix = String::from_utf8_lossy(ein?.value).into_owned();
                ranges.push(PermittedCards { organisation: None, eid_prefix });
            }
        }
        Ok(ranges)
    }
}

/// A permitted subtree of exactly one directory name.
fn directory_range(subtree: &[u8]) -> Result<PermittedCards, DecodeError> {
    let error = || DecodeError::value("NameConstraints", "a maker's constraint names organisation and serial number");
    let mut parts = Elements::parse("GeneralSubtree", subtree)?;
    let name = parts.take(Tag(0xA4)).ok_or_else(error)?;
    parts.deny_rest()?;
    Ok(PermittedCards {
        organisation: Some(attribute(name.value, ORGANIZATION).ok_or_else(error)?),
        eid_prefix: attribute(name.value, SERIAL_NUMBER).ok_or_else(error)?,
    })
}
