//! A signed notification as text that a person can copy: what is claimed of it, then its bytes in base64.
//!
//! The form is that of PEM (RFC 7468), so that `openssl asn1parse` reads it as it stands; the lines before it are
//! explanatory text to PEM, and claims here.

use data_encoding::BASE64;

use super::claim::{Claim, Payload};

const BEGIN: &str = "-----BEGIN ESIM NOTIFICATION-----";
const END: &str = "-----END ESIM NOTIFICATION-----";
/// The line that ends the block of a card which signed nothing.
const NOTHING: &str = "signed: nothing";
/// Columns of a line of base64, as `base64` of coreutils has them.
const LINE_LENGTH: usize = 76;
/// The most blocks that are read from one file.
const MAX_BLOCKS: usize = 1000;

/// The block of a notification, a line end after each line.
pub(crate) fn write(claim: &Claim, bytes: &[u8]) -> String {
    let mut text = String::new();
    for (name, value) in claim.fields() {
        if let Some(value) = value {
            text += &format!("{name}: {value}\n");
        }
    }
    text += &format!("{BEGIN}\n");
    let encoded = BASE64.encode(bytes);
    for line in encoded.as_bytes().chunks(LINE_LENGTH) {
        text += &String::from_utf8_lossy(line);
        text.push('\n');
    }
    text + END + "\n"
}

/// The block that names a card which signed nothing, for programs; the sentence before it is for people.
pub(crate) fn write_signed_nothing(eid: &str) -> String {
    format!("eid: {eid}\n{NOTHING}\n")
}

/// What the blocks of a file say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Blocks {
    pub(super) claims: Vec<Claim>,
    /// The cards that signed nothing.
    pub(super) signed_nothing: Vec<String>,
}

/// All blocks in a text.
pub(super) fn read_all(text: &str) -> Blocks {
    let mut found = Blocks::default();
    let mut claim = Claim::default();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == BEGIN {
            let encoded: String = lines.by_ref().take_while(|line| *line != END).flat_map(str::chars).collect();
            claim.payload = Payload::from_base64(&encoded);
            found.claims.push(std::mem::take(&mut claim));
        } else if line == NOTHING {
            found.signed_nothing.extend(std::mem::take(&mut claim).eid);
        } else if !line.split_once(": ").is_some_and(|(name, value)| claim.set(name, value)) {
            // A line that is no claim belongs to whatever stands before.
            claim = Claim::default();
        }
        if found.claims.len() + found.signed_nothing.len() == MAX_BLOCKS {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_read_as_it_was_written() {
        let claim = Claim {
            event: Some("delete".into()),
            eid: Some("89".into()),
            seq: Some("3".into()),
            payload: Payload::Bytes(vec![7; 200]),
            ..Claim::default()
        };
        let text = write(&claim, &[7; 200]);
        assert!(text.lines().all(|line| line.len() <= LINE_LENGTH));
        let silent = write_signed_nothing("8904");
        let found = read_all(&format!("seq: 9\nsomething else\n{text}{silent}{text}{NOTHING}\n"));
        assert_eq!(found, Blocks { claims: vec![claim.clone(), claim], signed_nothing: vec!["8904".into()] });
    }
}
