//! Activation codes.

use zeroize::Zeroizing;

use super::{MatchingId, Oid};

/// What an operator gives out as a QR code or text (SGP.22 4.1).
///
/// ```text
/// [LPA:]1$HOST$TOKEN[$[OID][$[1]]]
/// ```
///
/// `Debug` hides the token. Codes in the field have blanks and line breaks in odd places, `lpa:` in small letters, a
/// scheme before the host, and lack their last parts: all of that is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivationCode {
    /// The SM-DP+: host name in lower case, with a port if the code has one.
    pub smdp: String,
    /// The token. Empty: the server is to look for an order by the EID.
    pub matching_id: MatchingId,
    /// The SM-DP+ that must answer, and no other.
    pub smdp_oid: Option<Oid>,
    /// A confirmation code will be asked for.
    pub confirmation_required: bool,
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
    /// The OID cannot be read.
    #[error("its third part is no object identifier")]
    Oid,
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
        let smdp = host(parts.next().unwrap_or_default()).ok_or(E::Host)?;
        let matching_id = parts.next().unwrap_or_default().parse().map_err(|_| E::Token)?;
        let smdp_oid = match parts.next() {
            None | Some("") => None,
            Some(oid) => Some(oid.parse().map_err(|_| E::Oid)?),
        };
        // Newer versions append more fields; they say nothing that is needed here.
        let confirmation_required = parts.next() == Some("1");
        Ok(Self { smdp, matching_id, smdp_oid, confirmation_required })
    }
}

/// What editors put before a text, and web pages into one: byte order marks, spaces and joiners of no width.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{FEFF}' | '\u{200B}'..='\u{200F}' | '\u{2060}')
}

/// A server's host name as it is used: lower case, without scheme, path and final dot; with its port, if it has one.
#[must_use]
pub fn host(text: &str) -> Option<String> {
    let lower = text.trim().to_lowercase();
    let bare = lower.strip_prefix("https://").unwrap_or(&lower);
    let bare = bare.split('/').next().unwrap_or_default().trim_end_matches('.');
    let (name, port) = bare.split_once(':').map_or((bare, None), |(name, port)| (name, Some(port)));
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let labels = name.split('.').all(|label| (1..=63).contains(&label.len()) && label.chars().all(letter));
    let digits = |port: &str| port.chars().all(|c| c.is_ascii_digit());
    let port_fits = port.is_none_or(|port| digits(port) && port.parse::<u16>().is_ok_and(|port| port > 0));
    (labels && port_fits && name.len() <= 253).then(|| bare.to_owned())
}
