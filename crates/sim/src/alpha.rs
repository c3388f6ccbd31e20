//! Names as SIM files hold them: alpha identifiers (ETSI TS 102 221 Annex A, 3GPP TS 31.101).

use crate::gsm7;

/// UCS-2 throughout.
const UCS2: u8 = 0x80;
/// A length, half of the signs counted from a base of one byte.
const UCS2_BASE: u8 = 0x81;
/// A length, half of the signs counted from a base of two bytes.
const UCS2_LONG_BASE: u8 = 0x82;

/// The name in these bytes, up to the filler; the error says why there is none.
pub fn decode(bytes: &[u8]) -> Result<String, &'static str> {
    match bytes {
        [UCS2, rest @ ..] => ucs2(rest),
        [UCS2_BASE, length, base, rest @ ..] => from_base(rest, *length, u32::from(*base) << 7),
        [UCS2_LONG_BASE, length, high, low, rest @ ..] => {
            from_base(rest, *length, u32::from(u16::from_be_bytes([*high, *low])))
        }
        [UCS2_BASE | UCS2_LONG_BASE, ..] => Err("a name that is cut short"),
        plain => {
            let end = plain.iter().position(|byte| *byte == 0xFF).unwrap_or(plain.len());
            if plain[..end].iter().any(|code| *code >= 0x80) {
                return Err("a name in no known coding");
            }
            Ok(gsm7::decode(&plain[..end]))
        }
    }
}

/// Big-endian UCS-2, or rather UTF-16, which is what phones write.
pub(crate) fn ucs2(bytes: &[u8]) -> Result<String, &'static str> {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let units: Vec<u16> = units.take_while(|unit| *unit != 0xFFFF).collect();
    String::from_utf16(&units).map_err(|_| "a text with half a sign in it")
}

fn from_base(bytes: &[u8], length: u8, base: u32) -> Result<String, &'static str> {
    let signs = bytes.get(..usize::from(length)).ok_or("a name that is longer than its record")?;
    let mut text = String::new();
    let mut plain = Vec::new();
    for sign in signs {
        if *sign < 0x80 {
            plain.push(*sign);
            continue;
        }
        text += &gsm7::decode(&std::mem::take(&mut plain));
        text.push(char::from_u32(base + u32::from(sign & 0x7F)).ok_or("a name with half a sign in it")?);
    }
    Ok(text + &gsm7::decode(&plain))
}

/// Writes a name into `room` bytes, filled up: in the GSM alphabet if that has all its signs, else in UCS-2. What does not
/// fit is cut off.
#[must_use]
pub fn encode(name: &str, room: usize) -> Vec<u8> {
    let mut bytes = match gsm7::encode(name) {
        Some(codes) => codes,
        None => {
            let units = name.encode_utf16().take(room.saturating_sub(1) / 2);
            std::iter::once(UCS2).chain(units.flat_map(u16::to_be_bytes)).collect()
        }
    };
    bytes.resize(room, 0xFF);
    bytes
}

/// The same with a base of one byte, as phones with few signs of one script write it; `None` if the signs lie too far
/// apart.
#[must_use]
pub fn encode_based(name: &str, room: usize) -> Option<Vec<u8>> {
    let base = name.chars().find(|sign| gsm7::encode(&sign.to_string()).is_none()).map(|sign| u32::from(sign) >> 7)?;
    let mut signs = Vec::new();
    for sign in name.chars() {
        match gsm7::encode(&sign.to_string()) {
            Some(codes) => signs.extend(codes),
            None if u32::from(sign) >> 7 == base => signs.push(0x80 | u8::try_from(u32::from(sign) & 0x7F).ok()?),
            None => return None,
        }
    }
    let mut bytes = vec![UCS2_BASE, u8::try_from(signs.len()).ok()?, u8::try_from(base).ok()?];
    bytes.extend(signs);
    (bytes.len() <= room).then(|| {
        bytes.resize(room, 0xFF);
        bytes
    })
}
