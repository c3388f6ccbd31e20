//! MatchingIDs: what a download is known by, and what it costs to lose.

use zeroize::Zeroize;

use super::ParseIdError;

/// The token of an activation code, or the id of an event: letters, digits and hyphens, possibly none at all. Test
/// servers name their orders after files, so that dots and underscores are taken, too.
///
/// Whoever has it can download the profile, once. So it is never printed: `Debug` hides it, and it is wiped from memory.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct MatchingId(String);

impl MatchingId {
    /// The MatchingID itself, for the card and nobody else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// True for the empty one, which has the server look for an order by the EID.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::str::FromStr for MatchingId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |why| ParseIdError { what: "MatchingID", why };
        if text.len() > 255 {
            return Err(error("it has at most 255 characters"));
        }
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')) {
            return Err(error("it consists of letters, digits, hyphens, dots and underscores"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl Drop for MatchingId {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for MatchingId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "MatchingId(empty)" } else { "MatchingId(…)" })
    }
}
