//! Pieces between blanks: which of them may belong to a code that was broken apart.

/// The kind of a piece that stands after a blank or a line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// Looks like a part of a token: digits among letters, capitals, hyphens.
    Token,
    /// Digits alone: a part of a token, a confirmation code, or any number.
    Digits,
    /// A word of a sentence, or something that no token can hold.
    Word,
}

impl Piece {
    pub(super) fn classify(text: &str) -> Self {
        let text = text.trim_end_matches('.');
        let mut letters = text.bytes();
        if text.is_empty() || !letters.all(is_token_byte) {
            return Self::Word;
        }
        let has = |kind: fn(&u8) -> bool| text.bytes().any(|byte| kind(&byte));
        let (digits, lower) = (has(u8::is_ascii_digit), has(u8::is_ascii_lowercase));
        let (upper, joined) = (has(u8::is_ascii_uppercase), text.contains(['-', '_']));
        match (digits, lower, upper) {
            (true, false, false) if !joined => Self::Digits,
            (true, ..) => Self::Token,
            // Capitals alone; "Thanks" and "e-mail" are words.
            (false, false, true) => Self::Token,
            _ => Self::Word,
        }
    }
}

/// True for what a token consists of.
pub(super) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

/// True for what a host, with scheme, port and path, consists of.
pub(super) fn is_host_byte(byte: u8) -> bool {
    is_token_byte(byte) || matches!(byte, b':' | b'/')
}
