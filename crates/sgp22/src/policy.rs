//! Profile policy rules and the table that says which operators may use them.

use crate::id::OperatorId;
use crate::tlv::{Bits, DecodeError, Elements, Reader, Tag, Writer};

/// The rules that an operator put on a profile (SGP.22 PprIds).
///
/// ```text
/// PprIds ::= BIT STRING { pprUpdateControl(0), ppr1(1), ppr2(2) }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PprIds(pub Bits);

impl PprIds {
    /// Bit 0: the operator may change the rules over the air.
    pub const UPDATE_CONTROL: usize = 0;
    /// Bit 1, PPR1: the profile must not be disabled.
    pub const PPR1: usize = 1;
    /// Bit 2, PPR2: the profile must not be deleted.
    pub const PPR2: usize = 2;

    /// The rules with these bits.
    #[must_use]
    pub fn of(bits: &[usize]) -> Self {
        Self(Bits::of(bits))
    }

    /// Reads the value of a PprIds element.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        Bits::decode("PprIds", value).map(Self)
    }

    /// Reads what can be read of PprIds elements, whatever is odd about them, and whoever has written several.
    #[must_use]
    pub(crate) fn decode_leniently<'a>(elements: impl IntoIterator<Item = &'a [u8]>) -> Option<Self> {
        let mut rules = None;
        for value in elements {
            let bits = &mut rules.get_or_insert_with(Self::default).0;
            Bits::decode_leniently(value).iter().for_each(|bit| bits.set(bit));
        }
        rules
    }

    /// True if the profile must not be disabled (PPR1).
    #[must_use]
    pub fn forbids_disabling(&self) -> bool {
        self.0.has(Self::PPR1)
    }

    /// True if the profile must not be deleted (PPR2).
    #[must_use]
    pub fn forbids_deletion(&self) -> bool {
        self.0.has(Self::PPR2)
    }

    /// The rules by name: `pprUpdateControl`, `ppr1`, `ppr2`, or `ppr` with the bit number.
    pub fn names(&self) -> impl Iterator<Item = String> + '_ {
        self.0.iter().map(|bit| match bit {
            Self::UPDATE_CONTROL => "pprUpdateControl".to_owned(),
            bit => format!("ppr{bit}"),
        })
    }
}

/// One rule of the Rules Authorisation Table (SGP.22 ProfilePolicyAuthorisationRule).
///
/// ```text
/// ProfilePolicyAuthorisationRule ::= SEQUENCE {
///     pprIds PprIds,                             -- [0]
///     allowedOperators SEQUENCE OF OperatorId,   -- [1]
///     pprFlags BIT STRING { consentRequired(0) } -- [2]
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorisationRule {
    /// The policy rules that it is about.
    pub rules: PprIds,
    /// The operators that may use them.
    pub operators: Vec<OperatorId>,
    /// Flags; see [`AuthorisationRule::consent_required`].
    pub flags: Bits,
}

impl AuthorisationRule {
    /// True if the user must be asked before a profile with these rules is installed.
    #[must_use]
    pub fn consent_required(&self) -> bool {
        self.flags.has(0)
    }

    pub(crate) fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::parse("ProfilePolicyAuthorisationRule", value)?;
        Ok(Self {
            rules: elements.required(Tag(0x80), PprIds::decode)?,
            operators: elements.required(Tag(0xA1), |list| {
                Reader::new("allowedOperators", list).map(|operator| OperatorId::decode(operator?.value)).collect()
            })?,
            flags: elements.required(Tag(0x82), |value| Bits::decode("pprFlags", value))?,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.put(Tag(0x80), &self.rules.0.encode());
        writer.nest(Tag(0xA1), |w| {
            for operator in &self.operators {
                w.nest(Tag(0x30), |w| operator.write(w));
            }
        });
        writer.put(Tag(0x82), &self.flags.encode());
    }
}
