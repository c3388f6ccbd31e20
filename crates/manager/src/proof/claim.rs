//! The claims of a file about a signed notification, and what the card really signed.

use data_encoding::BASE64;
use lpa::proof::ProvenNotification;
use sgp22::id::Iccid;

use crate::database::server_host;
use crate::hash::sha256_hex;

/// The claims of a file about a notification; `None` where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim {
    /// The event, as in `delete`.
    pub event: Option<String>,
    /// The profile.
    pub iccid: Option<String>,
    /// The card.
    pub eid: Option<String>,
    /// The sequence number.
    pub seq: Option<String>,
    /// The host of the server.
    pub server: Option<String>,
    /// The address as the card holds it.
    pub address: Option<String>,
    /// SHA-256 of the bytes, in hexadecimal.
    pub sha256: Option<String>,
    /// The bytes.
    pub(crate) payload: Payload,
}

/// The bytes of a notification in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Payload {
    /// There are none: the file is masked.
    #[default]
    Missing,
    /// The text is not base64.
    Unreadable(String),
    /// The bytes.
    Bytes(Vec<u8>),
}

/// A claim that is not what the card signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field: `event`, `iccid`, `eid`, `seq`, `server`, `address` or `sha256`.
    pub field: &'static str,
    /// The claim of the file.
    pub claimed: String,
    /// The signed value, or the one that is computed from the bytes.
    pub signed: String,
}

impl Payload {
    pub(super) fn from_base64(text: &str) -> Self {
        match BASE64.decode(text.as_bytes()) {
            Ok(bytes) => Self::Bytes(bytes),
            Err(error) => Self::Unreadable(error.to_string()),
        }
    }
}

/// One line of a text: control characters could otherwise begin another claim.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

impl Claim {
    /// Names and values, in the order in which a block has them.
    pub(super) fn fields(&self) -> [(&'static str, Option<&str>); 7] {
        [
            ("event", self.event.as_deref()),
            ("iccid", self.iccid.as_deref()),
            ("eid", self.eid.as_deref()),
            ("seq", self.seq.as_deref()),
            ("server", self.server.as_deref()),
            ("address", self.address.as_deref()),
            ("sha256", self.sha256.as_deref()),
        ]
    }

    /// Takes a line of a block; false if it is no claim.
    pub(super) fn set(&mut self, name: &str, value: &str) -> bool {
        let field = match name {
            "event" => &mut self.event,
            "iccid" => &mut self.iccid,
            "eid" => &mut self.eid,
            "seq" => &mut self.seq,
            "server" => &mut self.server,
            "address" => &mut self.address,
            "sha256" => &mut self.sha256,
            _ => return false,
        };
        *field = Some(value.to_owned());
        true
    }

    /// The claim that says what the card signed.
    fn of(proven: &ProvenNotification, bytes: &[u8]) -> Self {
        let metadata = &proven.metadata;
        Self {
            event: Some(crate::outbox::event_words(metadata)),
            iccid: metadata.iccid.as_ref().map(Iccid::digits),
            eid: Some(proven.eid.to_string()),
            seq: Some(metadata.seq.to_string()),
            server: Some(one_line(&server_of(proven))),
            address: Some(one_line(&metadata.address.to_string())),
            sha256: Some(sha256_hex(bytes)),
            payload: Payload::Missing,
        }
    }

    /// Everything that the file claims and the card did not sign.
    pub(super) fn differences(&self, proven: &ProvenNotification, bytes: &[u8]) -> Vec<Difference> {
        let signed = Self::of(proven, bytes);
        let pairs = self.fields().into_iter().zip(signed.fields());
        let differing = pairs.filter(|((_, claimed), (_, signed))| claimed.is_some() && claimed != signed);
        differing
            .map(|((field, claimed), (_, signed))| Difference {
                field,
                claimed: claimed.unwrap_or_default().to_owned(),
                signed: signed.unwrap_or_default().to_owned(),
            })
            .collect()
    }
}

/// The host that reports and the outbox name for an address.
fn server_of(proven: &ProvenNotification) -> String {
    let address = proven.metadata.address.to_string();
    server_host(&address).unwrap_or(address)
}
