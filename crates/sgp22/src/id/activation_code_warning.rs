//! Optional parts of activation codes that cannot be read, and are left out.

/// An optional part of an activation code that was left out (SGP.22 4.1). The part itself is never repeated: it may be a
/// confirmation code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActivationCodeWarning {
    /// Digits where no digits belong. Some operators append the confirmation code, which belongs nowhere in an activation
    /// code.
    #[error("digits after the token look like a confirmation code; give it when you are asked for it")]
    ConfirmationCode,
    /// The third part is not an object identifier.
    #[error("the part after the token is not a server number (OID) and was left out")]
    Oid,
    /// The fourth part is neither empty nor `1`.
    #[error("the confirmation flag of the code is neither empty nor 1 and was left out")]
    Flag,
    /// Parts that no version of the standard has.
    #[error("the code has more parts than the standard defines; they were left out")]
    Surplus,
}

impl ActivationCodeWarning {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConfirmationCode => "confirmation_code_in_code",
            Self::Oid => "oid_unreadable",
            Self::Flag => "confirmation_flag_unreadable",
            Self::Surplus => "surplus_parts",
        }
    }
}

/// Judges the parts after the token: OID, confirmation flag, and the two that SGP.22 version 3 appended (the beginning of a
/// key identifier in hexadecimal, and a flag).
pub(super) fn judge_optional_parts(parts: &[&str], oid_is_readable: bool) -> Vec<ActivationCodeWarning> {
    use ActivationCodeWarning as W;
    let mut warnings = Vec::new();
    for (index, text) in parts.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
        let understood = match index {
            0 => oid_is_readable,
            1 => *text == "1",
            2 => text.chars().all(|c| c.is_ascii_hexdigit()) && text.chars().any(|c| c.is_ascii_alphabetic()),
            3 => matches!(*text, "0" | "1"),
            _ => false,
        };
        let warning = match index {
            _ if understood => continue,
            _ if text.len() >= MIN_CONFIRMATION_CODE_LEN && text.chars().all(|c| c.is_ascii_digit()) => {
                W::ConfirmationCode
            }
            0 => W::Oid,
            1 => W::Flag,
            _ => W::Surplus,
        };
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    warnings
}

/// The fewest digits that are taken for a confirmation code.
const MIN_CONFIRMATION_CODE_LEN: usize = 3;
