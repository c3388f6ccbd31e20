//! Activation codes.

use zeroize::Zeroizing;

use super::{ActivationCodeWarning, MatchingId, Oid, ServerAddress};

/// What an operator gives out as a QR code or text (SGP.22 4.1).
///
/// ```text
/// [LPA:]1$HOST$TOKEN[$[OID][$[1]]]
/// ```
///
/// `Debug` hides the token. Codes in the field have blanks and line breaks in odd places, `lpa:` in small letters, a
/// scheme before the host, and lack their last parts: all of that is understood. Format, host and token are read strictly;
/// an optional part that cannot be read becomes a warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivationCode {
    /// The SM-DP+, as a [`ServerAddress`] is written.
    pub smdp: String,
    /// The token. Empty: the server is to look for an order by the EID.
    pub matching_id: MatchingId,
    /// The SM-DP+ that must answer, and no other.
    pub smdp_oid: Option<Oid>,
    /// A confirmation code will be asked for.
    pub confirmation_required: bool,
    /// Optional parts that were left out because they cannot be read, in their order. The code works without them.
    pub warnings: Vec<ActivationCodeWarning>,
}

/// Why a text is no activation code. The text itself is never part of it: it may work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActivationCodeError {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// More than 255 characters.
    #[error("it is longer than the 255 characters that a code can have")]
    TooLong,
    /// No `$` at all: typed into a shell without quotes, everything behind a `$` is lost.
    #[error("it has no '$'")]
    NoDollar,
    /// Does not begin with `1$`.
    #[error("it does not begin with '1$', which is the only format there is")]
    Format,
    /// The host is missing or none.
    #[error("what should be the server's host name is none")]
    Host,
    /// The token has characters that it cannot have.
    #[error("its token has characters other than letters, digits, hyphens, dots and underscores")]
    Token,
}

impl std::str::FromStr for ActivationCode {
    type Err = ActivationCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        use ActivationCodeError as E;
        // As long as it can become, so that no copy of the token is left behind where it grew out of.
        let mut compact = Zeroizing::new(String::with_capacity(text.len()));
        compact.extend(text.chars().filter(|c| !c.is_whitespace() && !is_invisible(*c)));
        if compact.is_empty() {
            return Err(E::Empty);
        }
        if compact.len() > 255 {
            return Err(E::TooLong);
        }
        let code = match compact.get(..4) {
            Some(scheme) if scheme.eq_ignore_ascii_case("lpa:") => &compact[4..],
            _ => &compact[..],
        };
        if !code.contains('$') {
            return Err(E::NoDollar);
        }
        let mut parts = code.split('$');
        if parts.next() != Some("1") {
            return Err(E::Format);
        }
        let smdp: ServerAddress = parts.next().unwrap_or_default().parse().map_err(|_| E::Host)?;
        let matching_id = parts.next().unwrap_or_default().parse().map_err(|_| E::Token)?;
        let optional: Vec<&str> = parts.collect();
        let part = |index: usize| optional.get(index).copied().unwrap_or_default();
        let smdp_oid = part(0).parse().ok();
        let confirmation_required = part(1) == "1";
        let warnings = super::activation_code_warning::judge_optional_parts(&optional, smdp_oid.is_some());
        Ok(Self { smdp: smdp.to_string(), matching_id, smdp_oid, confirmation_required, warnings })
    }
}

/// What editors put before a text, and web pages into one: byte order marks, spaces and joiners of no width.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{FEFF}' | '\u{200B}'..='\u{200F}' | '\u{2060}')
}
