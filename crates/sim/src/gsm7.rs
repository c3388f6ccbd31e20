//! The GSM 7-bit default alphabet and its extension (3GPP TS 23.038 6.2.1).

/// By code. `1B` leads to the extension.
const DEFAULT: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1B}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                       ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// The signs behind an escape.
const EXTENSION: [(u8, char); 10] = [
    (0x0A, '\u{0C}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

const ESCAPE: u8 = 0x1B;

/// The text of these codes. One that is no code, or an escape to nowhere, becomes U+FFFD or a blank, as phones do.
#[must_use]
pub fn decode(codes: &[u8]) -> String {
    let table: Vec<char> = DEFAULT.chars().collect();
    let mut text = String::new();
    let mut codes = codes.iter().copied();
    while let Some(code) = codes.next() {
        if code != ESCAPE {
            text.push(table.get(usize::from(code)).copied().unwrap_or(char::REPLACEMENT_CHARACTER));
            continue;
        }
        let Some(code) = codes.next() else { break };
        let extended = EXTENSION.iter().find(|(known, _)| *known == code).map(|(_, sign)| *sign);
        // A phone that does not know the extension shows the sign of the default alphabet.
        let plain = table.get(usize::from(code)).copied().filter(|_| code != ESCAPE);
        text.push(extended.or(plain).unwrap_or(' '));
    }
    text
}

/// The codes of a text; `None` if a sign is not in the alphabet.
#[must_use]
pub fn encode(text: &str) -> Option<Vec<u8>> {
    let mut codes = Vec::new();
    for sign in text.chars() {
        match DEFAULT.chars().position(|known| known == sign && sign != '\u{1B}') {
            Some(code) => codes.push(u8::try_from(code).ok()?),
            None => {
                let (code, _) = EXTENSION.iter().find(|(_, known)| *known == sign)?;
                codes.extend([ESCAPE, *code]);
            }
        }
    }
    Some(codes)
}

/// Unpacks `count` codes of seven bits each, beginning `skip` bits into `bytes`. Fewer if the bytes end.
#[must_use]
pub fn unpack(bytes: &[u8], skip: usize, count: usize) -> Vec<u8> {
    let bit = |at: usize| bytes.get(at / 8).map(|byte| byte >> (at % 8) & 1);
    (0..count)
        .map_while(|index| {
            let start = skip + index * 7;
            (0..7).try_fold(0, |code, offset| Some(code | bit(start + offset)? << offset))
        })
        .collect()
}

/// Packs codes of seven bits each, beginning `skip` bits into the first byte.
#[must_use]
pub fn pack(codes: &[u8], skip: usize) -> Vec<u8> {
    let mut bytes = vec![0u8; (skip + codes.len() * 7).div_ceil(8)];
    for (index, code) in codes.iter().enumerate() {
        for offset in 0..7 {
            let at = skip + index * 7 + offset;
            bytes[at / 8] |= (code >> offset & 1) << (at % 8);
        }
    }
    bytes
}
