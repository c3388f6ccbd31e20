//! From bytes to text: UTF-8, UTF-16, and single-byte encodings.

use zeroize::Zeroizing;

/// Decodes the bytes of a file or of standard input. `None` if they are no text.
///
/// UTF-16 is recognised by its byte order mark or by its zero bytes. Bytes that are not UTF-8 are taken for a single-byte
/// encoding: activation codes are ASCII, so that it does not matter which one.
#[must_use]
pub fn decode_text(bytes: &[u8]) -> Option<Zeroizing<String>> {
    if let Some(little_endian) = utf16_order(bytes) {
        return decode_utf16(bytes, little_endian);
    }
    if !is_text(bytes) {
        return None;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(Zeroizing::new(text.to_owned()));
    }
    // Latin-1: at most two bytes for one, so that the text never grows out of its place.
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    text.extend(bytes.iter().map(|byte| char::from(*byte)));
    Some(text)
}

/// True for little endian, false for big endian, `None` for anything but UTF-16.
fn utf16_order(bytes: &[u8]) -> Option<bool> {
    match bytes {
        [0xFF, 0xFE, ..] => Some(true),
        [0xFE, 0xFF, ..] => Some(false),
        // Without a mark: Latin letters have zeros in every other byte.
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => Some(true),
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => Some(false),
        _ => None,
    }
}

fn decode_utf16(bytes: &[u8], little_endian: bool) -> Option<Zeroizing<String>> {
    let units = bytes.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if little_endian { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    });
    // At most three bytes for two.
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() / 2 * 3));
    text.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
    is_text(text.as_bytes()).then_some(text)
}

/// True if nothing in it is a control character that texts do not have.
fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | 0x1B))
}
