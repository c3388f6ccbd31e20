//! Hides who somebody is: each EID, ICCID and IMEI becomes another number of the same length, the same everywhere.
//!
//! They stand in texts as digits, and in recordings as bytes: an EID as it is read (`5A 10`), an ICCID with its digits
//! swapped (`5A 0A`), and either as text, as in certificates. An answer comes in parts, so that bytes are looked for in what
//! all lines of a recording carry, put one behind the other.

use std::collections::BTreeMap;

use data_encoding::{HEXUPPER, HEXUPPER_PERMISSIVE};
use serde_json::Value;

/// What numbers have become.
#[derive(Debug, Default)]
pub(super) struct Mask {
    /// By the digits as a person reads them.
    known: BTreeMap<String, String>,
}

/// Length of an EID, in digits.
const EID: usize = 32;

impl Mask {
    /// The number that stands for this one: who made the card or gave the number out can still be told, not which it is.
    fn of(&mut self, digits: &str) -> String {
        let next = self.known.len() + 1;
        let kept = match digits.len() {
            EID => 8,
            15 => 8,
            _ => 6,
        };
        self.known
            .entry(digits.to_owned())
            .or_insert_with(|| format!("{}{next:0width$}", &digits[..kept], width = digits.len() - kept))
            .clone()
    }

    /// A text without them: digits that are as many as such a number has.
    pub(super) fn text(&mut self, text: &str) -> String {
        let mut masked = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit()) {
            let digits = &rest[start..];
            let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
            let (before, number) = (&rest[..start], &digits[..end]);
            masked += before;
            let in_a_word = before.ends_with(|letter: char| letter.is_ascii_hexdigit())
                || digits[end..].starts_with(|letter: char| letter.is_ascii_hexdigit());
            match (end, number.starts_with("89"), in_a_word) {
                (18..=20 | EID, true, false) | (15, _, false) => masked += &self.of(number),
                _ => masked += number,
            }
            rest = &digits[end..];
        }
        masked + rest
    }

    /// All texts in a value without them.
    pub(super) fn value(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.value(value)),
            Value::Object(fields) => fields.values_mut().for_each(|value| self.value(value)),
            _ => {}
        }
    }

    /// The lines of a recording without them.
    pub(super) fn recording(&mut self, lines: &mut [Value]) {
        for field in ["command", "answer"] {
            let mut stream = Stream::of(lines, field);
            self.bytes(&mut stream.bytes);
            stream.put_back(lines, field);
        }
        for line in lines.iter_mut() {
            let Some(fields) = line.as_object_mut() else { continue };
            for (name, value) in fields {
                if !matches!(name.as_str(), "command" | "answer" | "open" | "ok") {
                    self.value(value);
                }
            }
        }
    }

    fn bytes(&mut self, bytes: &mut [u8]) {
        let mut at = 0;
        while at < bytes.len() {
            at += match bytes[at..] {
                [0x5A, 0x10, 0x89, ..] if bytes.len() >= at + 18 => self.eid(&mut bytes[at + 2..at + 18]),
                [0x5A, 0x0A, 0x98, ..] if bytes.len() >= at + 12 => self.iccid(&mut bytes[at + 2..at + 12]),
                [b'8', b'9', ..] => self.ascii(&mut bytes[at..]),
                _ => 1,
            };
        }
    }

    fn eid(&mut self, bytes: &mut [u8]) -> usize {
        let digits = HEXUPPER.encode(bytes);
        if digits.bytes().all(|digit| digit.is_ascii_digit()) {
            let masked = self.of(&digits);
            put(&masked, bytes);
        }
        2 + bytes.len()
    }

    fn iccid(&mut self, bytes: &mut [u8]) -> usize {
        let swap = |bytes: &mut [u8]| bytes.iter_mut().for_each(|byte| *byte = byte.rotate_left(4));
        swap(bytes);
        let text = HEXUPPER.encode(bytes);
        let digits = text.trim_end_matches('F');
        if digits.len() >= 18 && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            let masked = self.of(digits) + &text[digits.len()..];
            put(&masked, bytes);
        }
        swap(bytes);
        2 + bytes.len()
    }

    fn ascii(&mut self, bytes: &mut [u8]) -> usize {
        let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if matches!(count, 18..=20 | EID) {
            let digits: String = bytes[..count].iter().map(|byte| char::from(*byte)).collect();
            bytes[..count].copy_from_slice(self.of(&digits).as_bytes());
        }
        count.max(1)
    }
}

fn put(digits: &str, bytes: &mut [u8]) {
    if let Ok(masked) = HEXUPPER_PERMISSIVE.decode(digits.as_bytes())
        && masked.len() == bytes.len()
    {
        bytes.copy_from_slice(&masked);
    }
}

/// What the lines of a recording carry in one direction, put one behind the other.
struct Stream {
    bytes: Vec<u8>,
    /// For each byte the line, and the place in its text.
    places: Vec<(usize, usize)>,
}

impl Stream {
    /// The data of commands that carry some (blocks of STORE DATA), or of answers without their status words. Bytes that are
    /// not shown are left out.
    fn of(lines: &[Value], field: &str) -> Self {
        let mut stream = Self { bytes: Vec::new(), places: Vec::new() };
        for (number, line) in lines.iter().enumerate() {
            let Some(text) = line.get(field).and_then(Value::as_str).filter(|text| text.is_ascii()) else { continue };
            let range = match field {
                "command" if text.get(2..4) == Some("E2") => 10..text.len(),
                "command" => continue,
                _ => 0..text.len().saturating_sub(4),
            };
            for at in range.step_by(2) {
                if let Some(pair) = text.get(at..at + 2)
                    && let Ok(byte) = u8::from_str_radix(pair, 16)
                {
                    stream.bytes.push(byte);
                    stream.places.push((number, at));
                }
            }
        }
        stream
    }

    fn put_back(&self, lines: &mut [Value], field: &str) {
        for (byte, (line, at)) in self.bytes.iter().zip(&self.places) {
            if let Some(Value::String(text)) = lines[*line].get_mut(field) {
                text.replace_range(*at..*at + 2, &format!("{byte:02X}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const EID: &str = "89049032123451234512345678901235";
    const ICCID: &str = "8999934567890120011";

    #[test]
    fn numbers_become_others_the_same_everywhere() {
        let mut mask = Mask::default();
        let text = mask.text(&format!("EID {EID}, profile {ICCID} and {ICCID}, IMEI 352906112345678"));
        assert_eq!(
            text,
            "EID 89049032000000000000000000000001, profile 8999930000000000002 and 8999930000000000002, IMEI 352906110000003"
        );
        // What is no such number stays: times, AIDs, amounts.
        for other in ["2026-11-22T22:15:02Z", "A0000005591010FFFFFFFF8900000100", "393216", "12345678901234567890"] {
            assert_eq!(mask.text(other), other);
        }
        let mut value = json!({ "list": [{ "iccid": ICCID }], "n": 5 });
        mask.value(&mut value);
        assert_eq!(value, json!({ "list": [{ "iccid": "8999930000000000002" }], "n": 5 }));
    }

    #[test]
    fn recordings_hide_them_wherever_answers_are_cut() {
        let swapped = "989939547698100210F1";
        let ascii = HEXUPPER.encode(EID.as_bytes());
        let whole = format!("BF3E125A10{EID}5A0A{swapped}1320{ascii}");
        for cut in (0..=whole.len()).step_by(2) {
            let mut lines = vec![
                json!({ "esimctl_trace": 1, "device": "x" }),
                json!({ "command": format!("81E291000C{}00", &format!("5A0A{swapped}")), "answer": format!("{}6110", &whole[..cut]), "us": 1 }),
                json!({ "command": "81C0000010", "answer": format!("{}9000", &whole[cut..]), "us": 1 }),
                json!({ "sight": { "ok": { "iccid": ICCID } } }),
            ];
            let mut mask = Mask::default();
            mask.recording(&mut lines);
            let text = Value::from(lines.clone()).to_string();
            assert!(
                !text.contains(&EID[8..]) && !text.contains(&ascii[16..]) && !text.contains(ICCID),
                "{cut}: {text}"
            );
            assert!(!text.contains("7698100210F1"), "{cut}: {text}");
            assert_eq!(lines[0], json!({ "esimctl_trace": 1, "device": "x" }));
            assert_eq!(lines[3]["sight"]["ok"]["iccid"], "8999930000000000001");
            assert!(lines[1]["command"].as_str().unwrap().ends_with("989939000000000000F100"), "{}", lines[1]);
            assert!(lines[1]["answer"].as_str().unwrap().ends_with("6110"));
        }
    }
}
