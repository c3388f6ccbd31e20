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
        if !ends || value.len() > 64 {
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

    /// The arcs. Those beyond 64 bits wrap; nobody has any.
    fn arcs(&self) -> Vec<u64> {
        let mut numbers = Vec::new();
        let mut number = 0u64;
        for byte in &self.0 {
            number = (number << 7) | u64::from(byte & 0x7F);
            if byte & 0x80 == 0 {
                numbers.push(number);
                number = 0;
            }
        }
        let Some((first, rest)) = numbers.split_first() else { return numbers };
        let root = (*first / 40).min(2);
        [&[root, first - 40 * root], rest].concat()
    }
}

impl std::str::FromStr for Oid {
    type Err = ParseIdError;

    /// Reads `2.999.10`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = ParseIdError { what: "OID", why: "it is written as numbers with dots between, as in 2.999.10" };
        if !text.chars().all(|c| c.is_ascii_digit() || c == '.') {
            return Err(error);
        }
        let arcs: Vec<u64> = text.split('.').map(str::parse).collect::<Result<_, _>>().map_err(|_| error.clone())?;
        let [root @ 0..=2, second, rest @ ..] = &arcs[..] else { return Err(error) };
        if (*root < 2 && *second >= 40) || arcs.len() > 32 {
            return Err(error);
        }
        let first = root.checked_mul(40).and_then(|number| number.checked_add(*second)).ok_or(error)?;
        let mut bytes = Vec::new();
        for number in std::iter::once(&first).chain(rest) {
            let groups: Vec<u8> =
                (0..10).rev().map(|shift| u8::try_from((number >> (7 * shift)) & 0x7F).unwrap_or(0)).collect();
            let start = groups.iter().position(|group| *group != 0).unwrap_or(groups.len() - 1);
            let (last, head) = groups[start..].split_last().unwrap_or((&0, &[]));
            bytes.extend(head.iter().map(|group| group | 0x80));
            bytes.push(*last);
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
        let text: Vec<String> = self.arcs().iter().map(u64::to_string).collect();
        f.pad(&text.join("."))
    }
}

impl std::fmt::Debug for Oid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Oid({self})")
    }
}
