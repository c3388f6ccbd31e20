//! Distinguished names as people read them.

use crate::tlv::{DecodeError, Reader, Tag, Text, open};

/// Attribute types by the last arc below 2.5.4, and their short names (RFC 4514).
const SHORT_NAMES: [(u8, &str); 7] =
    [(3, "CN"), (5, "serialNumber"), (6, "C"), (7, "L"), (8, "ST"), (10, "O"), (11, "OU")];
/// The most attributes that are written out.
const MAX_ATTRIBUTES: usize = 16;
/// The most characters of a value that are written out.
const MAX_VALUE_LENGTH: usize = 128;

/// A name as text, as in `CN=GSM Association RSP2 Root CI1, O=GSM Association`. `name` is the DER SEQUENCE.
///
/// Attributes without a short name are left out. Control characters become U+FFFD.
#[must_use]
pub fn distinguished_name(name: &[u8]) -> String {
    let Ok(sets) = open("Name", name, Tag(0x30)) else { return String::new() };
    let attributes = Reader::new("Name", sets.value)
        .filter_map(Result::ok)
        .flat_map(|set| Reader::new("RelativeDistinguishedName", set.value))
        .filter_map(|attribute| written(&attribute));
    attributes.take(MAX_ATTRIBUTES).collect::<Vec<_>>().join(", ")
}

fn written(attribute: &Result<crate::tlv::Tlv<'_>, DecodeError>) -> Option<String> {
    let mut parts = Reader::new("AttributeTypeAndValue", attribute.as_ref().ok()?.value);
    let kind = parts.next()?.ok()?;
    let value = parts.next()?.ok()?;
    let [0x55, 0x04, arc] = kind.value else { return None };
    let (_, short) = SHORT_NAMES.iter().find(|(number, _)| number == arc)?;
    let text = Text::from_bytes(value.value).to_string();
    let printable = |c: char| if c.is_control() { '\u{FFFD}' } else { c };
    Some(format!("{short}={}", text.chars().take(MAX_VALUE_LENGTH).map(printable).collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::distinguished_name;

    #[test]
    fn a_name_is_written_with_short_names() {
        let ci = data_encoding::HEXUPPER
            .decode(b"30423140301A06035504030C13536F6D65204349301A06035504030C130A1B5B33316D")
            .unwrap_or_default();
        // The lengths inside are wrong on purpose: nothing of it may panic.
        let _ = distinguished_name(&ci);
        let name = b"\x30\x1C\x31\x0D\x30\x0B\x06\x03\x55\x04\x03\x0C\x04Root\x31\x0B\x30\x09\x06\x03\x55\x04\x0A\x0C\x02\x1B!";
        assert_eq!(distinguished_name(name), "CN=Root, O=\u{FFFD}!");
    }
}
