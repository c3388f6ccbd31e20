//! Object identifiers of servers.

use super::ParseIdError;
use crate::tlv::DecodeError;

/// An object identifier, as the contents of its DER object (2.999.10 is `88 37 0A`).
///
/// Libraries for certificates know only arcs below 40 under 2; GSMA's test servers live under 2.999.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(Vec<u8>);

impl Oid {
    /// Reads the contents of an OBJECT IDENTIFIER.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let ends = value.last().is_some_and(|last| last & 0x80 == 0);
        if !ends || value.len() > MAX_CONTENTS_LEN {
            return Err(DecodeError::value("OBJECT IDENTIFIER", "not an object identifier"));
        }
        Ok(Self(value.to_vec()))
    }

    /// One whose contents are known to be well formed.
    pub(crate) const fn from_contents(contents: Vec<u8>) -> Self {
        Self(contents)
    }

    /// The contents of the DER object.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The arcs as decimal numbers. An arc may be larger than 64 bits, such as a UUID under 2.25.
    fn arcs(&self) -> Vec<String> {
        let mut arcs = Vec::new();
        for (index, number) in self.0.split_inclusive(|byte| byte & 0x80 == 0).enumerate() {
            let mut groups: Vec<u8> = number.iter().rev().map(|byte| byte & 0x7F).collect();
            // The first number holds two arcs: 40 times the root, and the second arc.
            if index == 0 {
                let root = if groups[1..].iter().any(|group| *group != 0) { 2 } else { (groups[0] / 40).min(2) };
                arcs.push(root.to_string());
                subtract(&mut groups, 40 * root);
            }
            arcs.push(decimal(&groups));
        }
        arcs
    }
}

/// The longest contents that are taken, in bytes.
const MAX_CONTENTS_LEN: usize = 64;

/// Reads a decimal number of any size, plus `offset`, as groups of 7 bits, lowest first. `None` if it is no number, or has
/// more groups than an identifier may have bytes.
fn groups(digits: &str, offset: u8) -> Option<Vec<u8>> {
    if digits.is_empty() {
        return None;
    }
    let mut groups = vec![0];
    for digit in digits.bytes() {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        multiply_and_add(&mut groups, 10, digit)?;
    }
    multiply_and_add(&mut groups, 1, offset)?;
    Some(groups)
}

fn multiply_and_add(groups: &mut Vec<u8>, factor: u16, summand: u8) -> Option<()> {
    let mut carry = u16::from(summand);
    for group in groups.iter_mut() {
        let value = u16::from(*group) * factor + carry;
        *group = (value & 0x7F) as u8;
        carry = value >> 7;
    }
    if carry > 0 {
        groups.push(u8::try_from(carry).ok()?);
    }
    (groups.len() <= MAX_CONTENTS_LEN).then_some(())
}

/// Subtracts a number that is no larger from groups of 7 bits, lowest first.
fn subtract(groups: &mut [u8], subtrahend: u8) {
    let mut borrow = subtrahend;
    for group in groups {
        let value = *group;
        *group = value.wrapping_sub(borrow) & 0x7F;
        borrow = u8::from(value < borrow);
    }
}

/// Writes groups of 7 bits, lowest first, as a decimal number.
fn decimal(groups: &[u8]) -> String {
    let mut digits = vec![0u8];
    for group in groups.iter().rev() {
        let mut carry = u16::from(*group);
        for digit in &mut digits {
            let value = u16::from(*digit) * 128 + carry;
            *digit = (value % 10) as u8;
            carry = value / 10;
        }
        while carry > 0 {
            digits.push((carry % 10) as u8);
            carry /= 10;
        }
    }
    digits.iter().rev().map(|digit| char::from(b'0' + digit)).collect()
}

impl std::str::FromStr for Oid {
    type Err = ParseIdError;

    /// Reads `2.999.10`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = ParseIdError { what: "OID", why: "it is written as numbers with dots between, as in 2.999.10" };
        let arcs: Vec<&str> = text.split('.').collect();
        let [root @ ("0" | "1" | "2"), second, rest @ ..] = &arcs[..] else { return Err(error) };
        let root = root.as_bytes()[0] - b'0';
        if root < 2 && groups(second, 0).is_none_or(|groups| groups.len() > 1 || groups[0] >= 40) {
            return Err(error);
        }
        let numbers = std::iter::once(groups(second, 40 * root)).chain(rest.iter().map(|arc| groups(arc, 0)));
        let mut bytes = Vec::new();
        for number in numbers {
            let number = number.ok_or_else(|| error.clone())?;
            let (last, head) = number.split_first().ok_or_else(|| error.clone())?;
            bytes.extend(head.iter().rev().map(|group| group | 0x80));
            bytes.push(*last);
            if bytes.len() > MAX_CONTENTS_LEN {
                return Err(error);
            }
        }
        Ok(Self(bytes))
    }
}

impl AsRef<[u8]> for Oid {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Display for Oid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.arcs().join("."))
    }
}

impl std::fmt::Debug for Oid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Oid({self})")
    }
}
