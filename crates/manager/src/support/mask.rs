//! Replaces what is personal in a bundle. A number of a card becomes another one, the same everywhere, so that it can be
//! followed through journal and recordings.

use std::collections::BTreeMap;

use card_io::PersonalData;

/// Replacements that were made so far.
#[derive(Debug, Default)]
pub(super) struct Mask {
    /// Numbers by the digits as a person reads them.
    numbers: BTreeMap<String, String>,
    /// Names of virtual cards.
    cards: BTreeMap<String, String>,
    home: Option<String>,
}

/// Digits of an EID.
const EID_LENGTH: usize = 32;
/// A run of so many digits in a text could be a number of a person.
const MIN_NUMBER_LENGTH: usize = 7;
/// Stands for a number that is none.
const HIDDEN: &str = "(hidden)";

impl Mask {
    /// A mask that also hides this home directory, with the name of its user.
    pub(super) fn new(home: Option<String>) -> Self {
        Self { home: home.filter(|home| home.len() > 1), ..Self::default() }
    }
}

impl PersonalData for Mask {
    /// Who made the card or gave the number out can still be told, not which it is.
    fn number(&mut self, digits: &str) -> String {
        let kept = if digits.len() == EID_LENGTH { 8 } else { 6 };
        if digits.len() < 2 * kept || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return HIDDEN.into();
        }
        let next = self.numbers.len() + 1;
        let width = digits.len() - kept;
        self.numbers.entry(digits.to_owned()).or_insert_with(|| format!("{}{next:0width$}", &digits[..kept])).clone()
    }

    /// Long runs of digits and the home directory go. Application identifiers stay.
    fn text(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        if let Some(home) = &self.home {
            text = text.replace(home, "~");
        }
        let words = text.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric());
        words.map(|word| if is_aid(word) { word.to_owned() } else { without_numbers(word) }).collect()
    }

    /// What stands behind a quotation mark, a colon or a sign of AT commands can be anybody's words.
    fn error(&mut self, text: &str) -> String {
        let quoted = |letter: char| matches!(letter, '"' | '\'' | '“' | '‘' | '`' | ':' | '+' | '^' | '#' | '{' | '<');
        match text.find(quoted) {
            Some(at) => format!("{}…", self.text(&text[..at])),
            None => self.text(text),
        }
    }

    fn device(&mut self, name: &str) -> String {
        let (name, sign) = match name.rsplit_once('|') {
            Some((name, sign)) if sign.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':') => {
                (name, format!("|{sign}"))
            }
            _ => (name, String::new()),
        };
        let shown = match name.split_once(':') {
            Some(("virtual", card)) => {
                let next = self.cards.len() + 1;
                self.cards.entry(card.to_owned()).or_insert_with(|| format!("virtual:card-{next}")).clone()
            }
            // Some makers put the serial number into the reader's name, in parentheses.
            Some(("pcsc", reader)) => format!("pcsc:{}", self.text(&without_parentheses(reader))),
            Some(("stdio", program)) => format!("stdio:{}", program.split('#').next().unwrap_or_default()),
            Some(("replay", _)) => "replay".into(),
            // Names that stay have the serial number in them, which can be the IMEI.
            Some((kind @ ("at" | "at-csim" | "qmi" | "mbim" | "qrtr"), port)) if !port.contains("/by-id/") => {
                format!("{kind}:{}", self.text(&without_serial(port)))
            }
            Some((kind, _)) => self.text(kind),
            None => self.text(name),
        };
        shown + &sign
    }
}

/// True for an application identifier, with whatever ends the word.
fn is_aid(word: &str) -> bool {
    let bare = word.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
    bare.starts_with("A0") && (10..=32).contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The name of a port or of hardware without the hash of a serial number: numbers that are few can be found by trying.
fn without_serial(name: &str) -> String {
    match name.split_once('#') {
        Some((before, after)) => format!("{before}{}", after.trim_start_matches(|c: char| c.is_ascii_hexdigit())),
        None => name.to_owned(),
    }
}

fn without_numbers(word: &str) -> String {
    let mut kept = String::new();
    let mut digits = String::new();
    for letter in word.chars().chain(['\0']) {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        if digits.len() >= MIN_NUMBER_LENGTH {
            kept += &"#".repeat(digits.len());
        } else {
            kept += &digits;
        }
        digits.clear();
        kept.extend((letter != '\0').then_some(letter));
    }
    kept
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0_usize;
    let mut kept = String::new();
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            letter if depth == 0 => kept.push(letter),
            _ => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const EID: &str = "89049032123451234512345678901235";
    const ICCID: &str = "8999934567890120011";

    #[test]
    fn numbers_become_others_the_same_everywhere() {
        let mut mask = Mask::default();
        assert_eq!(mask.number(EID), "89049032000000000000000000000001");
        assert_eq!(mask.number(ICCID), "8999930000000000002");
        assert_eq!(mask.number(EID), "89049032000000000000000000000001");
        for odd in ["", "12", "é", "8999934567890120x11"] {
            assert_eq!(mask.number(odd), HIDDEN, "{odd}");
        }
    }

    #[test]
    fn texts_lose_their_numbers_wherever_they_stand() {
        let mut mask = Mask::new(Some("/home/anna".into()));
        for (text, masked) in [
            (&*format!("cardd{EID}"), &*format!("cardd{}", "#".repeat(32))),
            (&*format!("{ICCID}f"), &*format!("{}f", "#".repeat(19))),
            ("IMEI 352906112345671.", "IMEI ###############."),
            ("call +49 151 2345678", "call +49 151 #######"),
            ("/home/anna/x", "~/x"),
            ("A0000005591010FFFFFFFF8900000100", "A0000005591010FFFFFFFF8900000100"),
            ("2026-11-22T22:15:02Z, 393216 bytes", "2026-11-22T22:15:02Z, 393216 bytes"),
        ] {
            assert_eq!(mask.text(text), masked);
        }
    }

    #[test]
    fn errors_lose_what_they_quote() {
        let mut mask = Mask::default();
        for (error, told) in [
            ("ok", "ok"),
            ("the card was removed", "the card was removed"),
            ("the modem answers +CNUM: \"Anna\"", "the modem answers …"),
            ("no answer: 4915112345678", "no answer…"),
            ("lost 4915112345678", "lost #############"),
        ] {
            assert_eq!(mask.error(error), told);
        }
    }

    #[test]
    fn devices_are_told_by_their_kind() {
        let mut mask = Mask::default();
        for (device, told) in [
            ("virtual:grandma-491511234567", "virtual:card-1"),
            ("virtual:other", "virtual:card-2"),
            ("virtual:grandma-491511234567", "virtual:card-1"),
            ("pcsc:ACME Reader (52512345) 00 00|3B9F96801FC7", "pcsc:ACME Reader  00 00|3B9F96801FC7"),
            ("stdio:ssh#12ab34", "stdio:ssh"),
            ("replay:/home/anna/x", "replay"),
            ("at:/dev/ttyUSB2|2c7c:0125", "at:/dev/ttyUSB2|2c7c:0125"),
            ("at:usb 1-2|2c7c:0125|12ab34cd", "at:usb 1-2|2c7c:0125|12ab34cd"),
            ("qmi:usb#12ab34cd|2c7c:0125|12ab34cd", "qmi:usb|2c7c:0125|12ab34cd"),
            (
                "mbim:pci 0000:08:00.0|8086:7560:1cf8:8521|12ab34cd",
                "mbim:pci 0000:08:00.0|8086:7560:1cf8:8521|12ab34cd",
            ),
            ("at:/dev/serial/by-id/usb-SimTech_352906112345671-if02", "at"),
        ] {
            assert_eq!(mask.device(device), told);
        }
    }
}
