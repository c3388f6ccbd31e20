//! Undoes what mail programs, web pages, editors and shells do to a text, so that a code stands in it as it is defined.
//!
//! Every step is linear in its input. None makes a text longer, but for the links that are moved to its end.

use zeroize::Zeroizing;

use super::markup;

/// The number of times that percent-encoding is undone: links that carry links are encoded twice.
const MAX_PERCENT_ROUNDS: usize = 3;

/// Rewrites a text so that its codes are plain ASCII. Links of web pages and of Markdown come after the text.
pub(super) fn plain(text: &str) -> Zeroizing<String> {
    let mut text =
        if is_quoted_printable(text) { undo_quoted_printable(text) } else { Zeroizing::new(text.to_owned()) };
    text = unify_characters(&text);
    text = markup::strip(&text);
    for _ in 0..2 {
        if text.contains('&') {
            text = undo_entities(&text);
        }
    }
    for _ in 0..MAX_PERCENT_ROUNDS {
        if text.contains('%') {
            text = undo_percent_encoding(&text);
        }
    }
    text = undo_backslashes(&text);
    // What stood for another character is a character now.
    unify_characters(&text)
}

/// True for a mail as it travels: it says so, or has soft line ends, or an escaped equals sign before a code.
fn is_quoted_printable(text: &str) -> bool {
    ["=\n", "=\r\n", "=3DLPA", "=3Dlpa", "=3D1$", "quoted-printable"].iter().any(|sign| text.contains(sign))
}

/// RFC 2045 6.7. Bytes that are not ASCII become a replacement character: no code has any.
fn undo_quoted_printable(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(at) = rest.find('=') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(next) = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')) {
            rest = next;
        } else if let Some(byte) = hex_byte(rest) {
            plain.push(if byte.is_ascii() { char::from(byte) } else { '?' });
            rest = &rest[2..];
        } else {
            plain.push('=');
        }
    }
    plain.push_str(rest);
    plain
}

/// The byte that two hexadecimal digits at the beginning stand for.
fn hex_byte(text: &str) -> Option<u8> {
    let digits = text.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u8::from_str_radix(digits, 16).ok()
}

/// `%24` is a dollar sign. Only what stands for ASCII is undone.
fn undo_percent_encoding(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match hex_byte(rest).filter(u8::is_ascii) {
            Some(byte) => {
                plain.push(char::from(byte));
                rest = &rest[2..];
            }
            None => plain.push('%'),
        }
    }
    plain.push_str(rest);
    plain
}

/// The longest name or number of an entity that is looked for, in characters.
const MAX_ENTITY_LEN: usize = 10;

/// `&#36;`, `&#x24;` and `&dollar;` are a dollar sign (HTML).
fn undo_entities(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.bytes().take(MAX_ENTITY_LEN + 1).position(|byte| byte == b';');
        match end.and_then(|end| Some((entity(&rest[..end])?, end))) {
            Some((c, end)) => {
                plain.push(c);
                rest = &rest[end + 1..];
            }
            None => plain.push('&'),
        }
    }
    plain.push_str(rest);
    plain
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return code.ok().and_then(char::from_u32);
    }
    Some(match name {
        "amp" | "AMP" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" | "ldquo" | "rdquo" | "bdquo" | "laquo" | "raquo" => '"',
        "apos" | "lsquo" | "rsquo" | "sbquo" => '\'',
        "nbsp" | "ensp" | "emsp" | "thinsp" | "Tab" => ' ',
        "NewLine" => '\n',
        "shy" | "zwnj" | "zwj" | "lrm" | "rlm" => '\u{200B}',
        "dollar" => '$',
        "colon" => ':',
        "sol" => '/',
        "period" => '.',
        "percnt" => '%',
        "lowbar" => '_',
        "hyphen" | "dash" | "ndash" | "minus" => '-',
        _ => return None,
    })
}

/// A backslash before punctuation escapes it (Markdown, shells, JSON); `\u0024` is a dollar sign in JSON.
fn undo_backslashes(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(byte) = rest.strip_prefix("u00").and_then(hex_byte).filter(u8::is_ascii) {
            plain.push(char::from(byte));
            rest = &rest[5..];
        } else if !rest.starts_with(|c: char| c.is_ascii_punctuation()) {
            plain.push('\\');
        }
    }
    plain.push_str(rest);
    plain
}

/// Characters that stand for others become those, and what cannot be seen goes. Lines end with `\n`.
fn unify_characters(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        if c == '\r' && letters.peek() == Some(&'\n') {
            continue;
        }
        plain.extend(unified(c));
    }
    plain
}

fn unified(c: char) -> Option<char> {
    Some(match c {
        ' '..='~' | '\n' => c,
        // Full-width forms, as Chinese and Japanese keyboards type them.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0)?,
        '\u{FE69}' => '$',
        '\u{FE55}' => ':',
        // Hyphens that editors put in place of plain ones. A dash ends a code.
        '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{FE63}' => '-',
        '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{2BC}' => '\'',
        '\u{201C}'..='\u{201F}' | '\u{2033}' | '\u{AB}' | '\u{BB}' => '"',
        '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        // Soft hyphens, joiners, marks of direction and of byte order, selectors of variants.
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' => {
            return None;
        }
        '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' => return None,
        c if c.is_whitespace() => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    })
}
