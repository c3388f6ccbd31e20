//! Numbers as SIM files hold them: two digits a byte, the first one in the low half, `F` behind the last one.

/// The signs of a dialling number (3GPP TS 31.102 4.4.2.3): `p` waits before the tones that follow, `?` stands for any
/// digit, `e` says that there is more to this sign.
pub const DIALLING: &[u8; 15] = b"0123456789*#p?e";

/// The signs of an address in a message (3GPP TS 23.040 9.1.2.3).
pub const ADDRESS: &[u8; 15] = b"0123456789*#abc";

/// Type of number: international, so that a `+` belongs before it.
pub const INTERNATIONAL: u8 = 0x91;
/// Type of number: unknown, as it is dialled.
pub const UNKNOWN: u8 = 0x81;

/// The number in these bytes, up to the first filler.
#[must_use]
pub fn decode(bytes: &[u8], signs: &[u8; 15]) -> String {
    let halves = bytes.iter().flat_map(|byte| [byte & 0x0F, byte >> 4]);
    halves.map_while(|half| signs.get(usize::from(half))).map(|sign| char::from(*sign)).collect()
}

/// The other way round; `None` if a sign has no place there.
#[must_use]
pub fn encode(text: &str, signs: &[u8; 15]) -> Option<Vec<u8>> {
    let halves: Vec<u8> = text
        .bytes()
        .map(|sign| signs.iter().position(|known| *known == sign).and_then(|at| u8::try_from(at).ok()))
        .collect::<Option<_>>()?;
    Some(halves.chunks(2).map(|pair| pair.get(1).copied().unwrap_or(0x0F) << 4 | pair[0]).collect())
}

/// The number behind its type: with `+` if it is an international one.
#[must_use]
pub fn with_type(kind: u8, digits: &str) -> String {
    if kind & 0x70 == INTERNATIONAL & 0x70 && !digits.is_empty() { format!("+{digits}") } else { digits.to_owned() }
}

/// Splits a number into its type and its digits.
#[must_use]
pub fn type_of(number: &str) -> (u8, &str) {
    number.strip_prefix('+').map_or((UNKNOWN, number), |digits| (INTERNATIONAL, digits))
}
