//! What the ISD-R says when it is selected.

use crate::id::{Aid, Version};
use crate::tlv::{Bits, DecodeError, Elements, Tag};

/// The file control information of the ISD-R (SGP.22 5.7.1, ISO/IEC 7816-4 5.3.3).
///
/// ```text
/// 6F { 84 AID, A5 { 9F65 longest command data, ... },
///      E0 { 82 svn VersionType, 03 lpaeSupport BIT STRING OPTIONAL },     -- ISDRProprietaryApplicationTemplate
///      E1 { 80 euiccConfiguration BIT STRING } OPTIONAL }                 -- SGP.32, a card for IoT devices
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IsdrFci {
    /// The AID of what is selected.
    pub aid: Option<Aid>,
    /// The version of SGP.22 (v3: the lowest one).
    pub svn: Option<Version>,
    /// How an LPA inside the card can be reached: CAT (bit 0), SCWS (bit 1).
    pub lpae_support: Option<Bits>,
    /// SGP.32: what the card for IoT devices supports.
    pub iot_configuration: Option<Bits>,
}

impl IsdrFci {
    /// Reads the answer to SELECT. Cards differ a lot here, so everything is optional.
    pub fn decode(fci: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open("FCI", fci, Tag(0x6F))?;
        let aid = elements.optional(Tag(0x84), Aid::decode)?;
        let (svn, lpae_support) = elements
            .optional(Tag(0xE0), |value| {
                let mut template = Elements::parse("ISDRProprietaryApplicationTemplate", value)?;
                let svn = template.optional(Tag(0x82), Version::decode)?;
                Ok((svn, template.optional(Tag(0x03), |bits| Bits::decode("lpaeSupport", bits))?))
            })?
            .unwrap_or_default();
        let iot_configuration = elements
            .optional(Tag(0xE1), |value| {
                let mut template = Elements::parse("ISDRProprietaryApplicationTemplateIoT", value)?;
                template.optional(Tag(0x80), |bits| Bits::decode("euiccConfiguration", bits))
            })?
            .flatten();
        Ok(Self { aid, svn, lpae_support, iot_configuration })
    }
}
