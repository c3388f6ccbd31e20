//! ICCIDs and EIDs in what modems answer: each vendor has a command and a form of its own.

use super::host::{Command, Reply};

/// The digits of an EID (SGP.02 2.2.2).
const EID_LEN: usize = 32;

/// The digits that an ICCID may have (ITU-T E.118; 18 on some old cards).
const ICCID_LENGTHS: std::ops::RangeInclusive<usize> = 18..=20;

/// A command that gives the ICCID of the profile in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IccidCommand(usize);

/// The commands for the ICCID, most common first. `AT+CRSM` (TS 27.007 8.18, READ BINARY of EF.ICCID) is the only one in
/// the standard and still the last: it reads the card, and the others tell which profile the modem works with.
const ICCID_COMMANDS: [&str; 11] = [
    "AT+CCID",
    "AT+QCCID",
    "AT+ICCID",
    "AT+CCID?",
    "AT+CICCID",
    "AT#CCID",
    "AT^ICCID?",
    "AT!ICCID?",
    "AT+SQNCCID?",
    "AT+MCCID",
    CRSM,
];

const CRSM: &str = "AT+CRSM=176,12258,0,0,10";

/// The commands for the EIDs that a modem knows of, without a way to the ISD-R (MediaTek).
pub const EID_COMMANDS: [&str; 2] = ["AT+EID?", "AT+ESLOTSINFO?"];

impl IccidCommand {
    /// Every command, most common first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..ICCID_COMMANDS.len()).map(Self)
    }

    /// The command of this text; `None` for any other text, so that nothing else is ever sent.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        ICCID_COMMANDS.iter().position(|known| *known == text).map(Self)
    }

    /// The command line without its end.
    #[must_use]
    pub fn text(self) -> &'static str {
        ICCID_COMMANDS[self.0]
    }

    /// The command to send.
    #[must_use]
    pub fn command(self) -> Command {
        Command::any(self.text())
    }

    /// The digits of the ICCID in the answer, without filler; `None` if there is none, or more than one.
    #[must_use]
    pub fn iccid_in(self, reply: &Reply) -> Option<String> {
        if reply.end.is_err() {
            return None;
        }
        if self.text() == CRSM {
            return reply.lines.iter().find_map(|line| file_contents(line));
        }
        let (own, other): (Vec<&String>, Vec<&String>) = reply.lines.iter().partition(|line| is_about_iccid(line));
        // A number in a line of its own needs no check digit; one in a line that came by itself does.
        common_value(own.iter().filter_map(|line| iccid_in_line(line, false)))
            .or_else(|| common_value(other.iter().filter_map(|line| iccid_in_line(line, true))))
    }
}

/// The EIDs in an answer: 32 digits that begin with 89, each once.
#[must_use]
pub fn eids_in(reply: &Reply) -> Vec<String> {
    let mut eids = Vec::new();
    for field in reply.lines.iter().flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric())) {
        let fits = field.len() == EID_LEN && field.starts_with("89") && is_decimal(field);
        if fits && !eids.iter().any(|known| known == field) {
            eids.push(field.to_owned());
        }
    }
    eids
}

/// True for a line that names the ICCID (`+QCCID: …`, `ICCID: …`), and for one that names nothing.
fn is_about_iccid(line: &str) -> bool {
    match line.split_once(':') {
        Some((name, _)) => name.to_ascii_uppercase().contains("CCID"),
        None => !line.starts_with(['+', '^', '*', '$', '%', '#', '!']),
    }
}

/// Returns the value that all items have; `None` if they differ or there are none.
fn common_value(mut values: impl Iterator<Item = String>) -> Option<String> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

/// The ICCID in a line of fields. With blanks in it, if it has none without.
fn iccid_in_line(line: &str, strict: bool) -> Option<String> {
    let at_blanks = line.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(iccid_in_field);
    let joined: Vec<String> = line
        .split([',', '"', ':', ';', '(', ')'])
        .map(|field| field.chars().filter(|c| !c.is_whitespace() && *c != '-').collect())
        .collect();
    let mut found: Vec<(String, bool)> = at_blanks.collect();
    if found.is_empty() {
        found = joined.iter().filter_map(|field| iccid_in_field(field)).collect();
    }
    let certain = found.iter().filter(|(_, is_certain)| *is_certain).map(|(digits, _)| digits.clone());
    common_value(certain).or_else(|| match &found[..] {
        [(digits, _)] if !strict => Some(digits.clone()),
        _ => None,
    })
}

/// The digits of an ICCID, and true if its beginning and its check digit are right.
fn iccid_in_field(field: &str) -> Option<(String, bool)> {
    if !field.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let swapped = field.starts_with("98").then(|| swap_nibbles(field)).flatten();
    let digits = swapped.as_deref().unwrap_or(field).trim_end_matches(['F', 'f']);
    let starts_well = digits.starts_with("89");
    // Some operators count on beyond 9. Without the beginning, that could be anything.
    if field.len() > 20 || !ICCID_LENGTHS.contains(&digits.len()) || !(starts_well || is_decimal(digits)) {
        return None;
    }
    let is_certain = starts_well && is_decimal(digits) && (digits.len() == 18 || has_check_digit(digits));
    Some((digits.to_ascii_uppercase(), is_certain))
}

/// The ICCID in `144,0,"98…"`, what EF.ICCID holds: digits with swapped nibbles (ETSI TS 102 221 13.2).
fn file_contents(line: &str) -> Option<String> {
    let mut fields = line.strip_prefix("+CRSM:")?.splitn(3, ',').map(str::trim);
    // 90 00, or 91 XX with a proactive command pending.
    let status: u8 = fields.next()?.parse().ok().filter(|status| matches!(status, 0x90 | 0x91))?;
    fields.next()?.parse::<u8>().ok().filter(|low| status == 0x91 || *low == 0)?;
    let contents = fields.next()?.trim_matches('"');
    if contents.len() > 20 || !contents.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let swapped = swap_nibbles(contents)?;
    let digits = swapped.trim_end_matches(['F', 'f']);
    (ICCID_LENGTHS.contains(&digits.len())).then(|| digits.to_ascii_uppercase())
}

fn swap_nibbles(field: &str) -> Option<String> {
    let pairs = field.as_bytes().chunks(2);
    pairs
        .map(|pair| Some([*pair.get(1)?, pair[0]]))
        .collect::<Option<Vec<_>>>()
        .map(|pairs| pairs.into_iter().flatten().map(char::from).collect())
}

fn is_decimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// True if the last digit is right (Luhn, ITU-T E.118 annex B).
fn has_check_digit(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit - b'0') * if place % 2 == 1 { 2 } else { 1 };
            value / 10 + value % 10
        })
        .sum();
    sum.is_multiple_of(10)
}
