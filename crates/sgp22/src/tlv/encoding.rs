//! Texts that should be UTF-8 and are not: finding out how a card or server has written them.

use std::borrow::Cow;
use std::sync::LazyLock;

/// The byte that begins a text in UCS-2 in SIM files (ETSI TS 102 221 Annex A).
const UCS2_MARK: u8 = 0x80;

/// First byte of both bytes of a sign in GB 2312 (EUC-CN).
const GB_FIRST: u8 = 0xA1;

/// Columns of a row of GB 2312.
const GB_COLUMNS: usize = 94;

/// The signs of GB 2312, rows A1 to F7, U+FFFD where there is none. GBK adds rarer signs, whose second bytes are ASCII
/// letters: these cannot be told apart from Latin-1, so they are not read.
static GB2312: LazyLock<Vec<char>> =
    LazyLock::new(|| include_str!("gb2312.txt").chars().filter(|sign| *sign != '\n').collect());

/// Decodes a text: UTF-8 unless the bytes speak for UTF-16, UCS-2, GB 2312 or Latin-1. Byte order marks and filler at the
/// end are left out. Bytes that fit nothing become U+FFFD.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some(text) = marked(bytes) {
        return Cow::Owned(text);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let trimmed = trim(bytes, &[0x00]);
    match str::from_utf8(trimmed) {
        Ok(text) if !has_odd_controls(text) => Cow::Borrowed(text),
        Ok(text) => utf16_by_zeros(bytes).or_else(|| utf16_by_blocks(bytes)).map_or(Cow::Borrowed(text), Cow::Owned),
        Err(_) => utf16_by_zeros(bytes)
            .or_else(|| single_bytes(trim(bytes, &[0x00, 0xFF])))
            .or_else(|| utf16_by_blocks(bytes))
            .or_else(|| latin1(trim(bytes, &[0x00])))
            .map_or_else(|| String::from_utf8_lossy(trimmed), Cow::Owned),
    }
}

/// Decodes a text that says by its first bytes how it is written.
fn marked(bytes: &[u8]) -> Option<String> {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [UCS2_MARK, rest @ ..] if !rest.is_empty() => utf16(rest, u16::from_be_bytes),
        _ => None,
    }
}

/// Decodes UTF-16, up to the filler of SIM files; `None` if it is none.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    // A single zero behind the last unit ends the text for programs in C.
    if !matches!(bytes.chunks_exact(2).remainder(), [] | [0x00]) {
        return None;
    }
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    let end = units.iter().position(|unit| *unit == 0xFFFF).unwrap_or(units.len());
    let text = String::from_utf16(&units[..end]).ok()?;
    let text = text.trim_end_matches('\0');
    (!text.contains('\0')).then(|| text.to_owned())
}

/// Decodes UTF-16 without a mark in which ASCII letters have left zeros, at least half of the signs being such.
fn utf16_by_zeros(bytes: &[u8]) -> Option<String> {
    let zeros = |offset: usize| bytes.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let is_enough = |zeros: usize| 2 * zeros >= bytes.len() / 2;
    match (zeros(0), zeros(1)) {
        (high, low) if high > low && is_enough(high) => utf16(bytes, u16::from_be_bytes),
        (high, low) if low > high && is_enough(low) => utf16(bytes, u16::from_le_bytes),
        _ => None,
    }
}

/// Decodes UTF-16 without a mark if it consists of signs of scripts that have no letter in ASCII.
fn utf16_by_blocks(bytes: &[u8]) -> Option<String> {
    if is_mostly_ascii_words(bytes) {
        return None;
    }
    let plausible = |text: &String| text.chars().count() > 1 && text.chars().all(is_of_other_script);
    let read = |unit: fn([u8; 2]) -> u16| utf16(bytes, unit).filter(plausible);
    read(u16::from_be_bytes).or_else(|| read(u16::from_le_bytes))
}

/// True if three of four bytes are ASCII letters, digits or blanks. Two such bytes make a sign of CJK, but halves of such
/// signs are hardly ever all letters.
fn is_mostly_ascii_words(bytes: &[u8]) -> bool {
    const MIN_LEN: usize = 6;
    let count = bytes.iter().filter(|byte| byte.is_ascii_alphanumeric() || **byte == b' ').count();
    bytes.len() >= MIN_LEN && 4 * count >= 3 * bytes.len()
}

/// True for blanks, digits, and Greek to Arabic, Thai, CJK, Kana and Hangul.
fn is_of_other_script(sign: char) -> bool {
    matches!(sign, ' ' | '0'..='9' | '\u{370}'..='\u{6FF}' | '\u{E00}'..='\u{E7F}' | '\u{3000}'..='\u{30FF}')
        || matches!(sign, '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{FF00}'..='\u{FFEF}')
}

/// True if there are so many control characters in a text that they must be halves of other signs.
fn has_odd_controls(text: &str) -> bool {
    let count = text.chars().filter(|sign| is_odd_control(*sign)).count();
    count > 0 && 4 * count >= text.len()
}

/// Control characters that no text has, but that are halves of signs in UTF-16.
fn is_odd_control(sign: char) -> bool {
    matches!(sign, '\0'..='\x08' | '\x0E'..='\x1A' | '\x1C'..='\x1F')
}

/// Decodes words in Latin-1, or else GB 2312.
fn single_bytes(bytes: &[u8]) -> Option<String> {
    if is_latin1_words(bytes) { latin1(bytes) } else { gb2312(bytes) }
}

/// True if accented letters stand alone or in twos among ASCII letters, as in European words.
fn is_latin1_words(bytes: &[u8]) -> bool {
    // The last four are the signs for pound, registered trade mark, degree, and the middle dot.
    const PUNCTUATION: &[u8] = b" -_.,&'()/+:!\xA3\xAE\xB0\xB7";
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || PUNCTUATION.contains(byte) || is_accented(*byte);
    let longest_run = bytes.split(u8::is_ascii).map(<[u8]>::len).max().unwrap_or(0);
    bytes.iter().all(is_word) && bytes.iter().any(u8::is_ascii_alphabetic) && longest_run <= 2
}

fn is_accented(byte: u8) -> bool {
    byte >= 0xC0 && byte != 0xD7 && byte != 0xF7
}

/// Decodes Latin-1; `None` if there are bytes that it has no sign for.
fn latin1(bytes: &[u8]) -> Option<String> {
    let has_sign = |byte: &u8| !matches!(byte, 0x80..=0x9F);
    bytes.iter().all(has_sign).then(|| bytes.iter().map(|byte| char::from(*byte)).collect())
}

/// Decodes GB 2312 with ASCII in between; `None` if there are bytes that it has no sign for.
fn gb2312(bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    let mut rest = bytes;
    while let [first, behind @ ..] = rest {
        if first.is_ascii() {
            text.push(char::from(*first));
            rest = behind;
            continue;
        }
        let [second, behind @ ..] = behind else { return None };
        let row = usize::from(first.checked_sub(GB_FIRST)?);
        let column = usize::from(second.checked_sub(GB_FIRST)?);
        let sign = (column < GB_COLUMNS).then(|| GB2312.get(row * GB_COLUMNS + column)).flatten()?;
        if *sign == char::REPLACEMENT_CHARACTER {
            return None;
        }
        text.push(*sign);
        rest = behind;
    }
    Some(text)
}

/// The bytes without filler at the end.
fn trim<'a>(bytes: &'a [u8], filler: &[u8]) -> &'a [u8] {
    let end = bytes.iter().rposition(|byte| !filler.contains(byte)).map_or(0, |last| last + 1);
    &bytes[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_in_whatever_way_they_are_written() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"\0\0", ""),
            (b" \0\0", " "),
            (b"Flat 20 GB", "Flat 20 GB"),
            ("旅行 ✈ 😀".as_bytes(), "旅行 ✈ 😀"),
            (b"\xEF\xBB\xBFFlat", "Flat"),
            (b"Flat\0\0\0", "Flat"),
            // Hostile signs stay: whoever shows them cleans them.
            (b"a\x1B[31m\xE2\x80\xAEx\r\n", "a\u{1B}[31m\u{202E}x\r\n"),
            // UTF-16, with a mark and without one.
            (b"\xFE\xFF\x4E\x2D\x56\xFD", "中国"),
            (b"\xFF\xFE\x2D\x4E\xFD\x56", "中国"),
            (b"\xFE\xFF\xD8\x3D\xDE\x00", "😀"),
            (b"\xFE\xFF", ""),
            (b"\0F\0l\0a\0t", "Flat"),
            (b"F\0l\0a\0t\0", "Flat"),
            (b"F\0l\0a\0t\0\0\0", "Flat"),
            (b"\0M\0\xFC\0n", "Mün"),
            (b"\0A\x4E\x2D\0B", "A中B"),
            (b"\x4E\x2D\x56\xFD\x79\xFB\x52\xA8", "中国移动"),
            (b"\x2D\x4E\xFD\x56\xFB\x79\xA8\x52", "中国移动"),
            (b"\x04\x1F\x04\x40\x04\x38\x04\x32\x04\x35\x04\x42", "Привет"),
            // As SIM files have it.
            (b"\x80\x4E\x2D\x56\xFD", "中国"),
            (b"\x80\0A\xFF\xFF\xFF\xFF", "A"),
            // GB 2312 and Latin-1.
            (b"\xD6\xD0\xB9\xFA\xD2\xC6\xB6\xAF", "中国移动"),
            (b"\xD6\xD0\xB9\xFA 5G\xFF\xFF", "中国 5G"),
            (b"\xD6\xD0", "中"),
            (b"Caf\xE9", "Café"),
            (b"M\xFCnchen", "München"),
            (b"Gr\xF6\xDFe", "Größe"),
            (b"\xA35 off", "£5 off"),
            (b"Fl\xE4che ?", "Fläche ?"),
            (b"Caf\xE9 *plus*", "Café *plus*"),
            // One control character among letters makes no other encoding.
            (b"ab\x01cdefg", "ab\u{1}cdefg"),
            (b"smdp\0example.com", "smdp\0example.com"),
            // Nothing fits.
            (b"a\x80b", "a\u{FFFD}b"),
            (b"\xFE\xFFabc", "þÿabc"),
        ] {
            assert_eq!(decode(bytes), text, "{bytes:02X?}");
        }
    }

    #[test]
    fn no_bytes_are_too_odd() {
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                for bytes in [&[first, second][..], &[first, second, b'a'], &[first, second, second, first]] {
                    assert!(decode(bytes).chars().count() <= bytes.len());
                }
            }
        }
    }
}
