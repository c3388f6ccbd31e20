//! Notifications: what happened to a profile, signed by the card for the operator's server.

use crate::id::{Iccid, ServerAddress, ServerAddressError};
use crate::tlv::{Bits, DecodeError, Elements, Reader, Tag, Text, Writer, decode_u64, encode_u64};

/// What a notification reports (SGP.22 NotificationEvent).
///
/// ```text
/// NotificationEvent ::= BIT STRING {
///     notificationInstall(0), notificationEnable(1), notificationDisable(2), notificationDelete(3)
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events(pub Bits);

impl Events {
    /// Bit 0: a profile was installed.
    pub const INSTALL: usize = 0;
    /// Bit 1: a profile was enabled.
    pub const ENABLE: usize = 1;
    /// Bit 2: a profile was disabled.
    pub const DISABLE: usize = 2;
    /// Bit 3: a profile was deleted.
    pub const DELETE: usize = 3;

    /// The events with these bits.
    #[must_use]
    pub fn of(bits: &[usize]) -> Self {
        Self(Bits::of(bits))
    }

    /// Install, enable, disable and delete.
    #[must_use]
    pub fn all() -> Self {
        Self::of(&[Self::INSTALL, Self::ENABLE, Self::DISABLE, Self::DELETE])
    }

    /// Reads the value of an event element.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        Bits::decode("NotificationEvent", value).map(Self)
    }

    /// Reads what can be read of an event element, whatever is odd about it.
    #[must_use]
    pub(crate) fn decode_leniently(value: &[u8]) -> Self {
        Self(Bits::decode_leniently(value))
    }

    /// The events by name: `install`, `enable`, `disable`, `delete`, those of v3, or `event` with the bit number.
    pub fn names(&self) -> impl Iterator<Item = String> + '_ {
        self.0.iter().map(|bit| match bit {
            Self::INSTALL => "install".to_owned(),
            Self::ENABLE => "enable".to_owned(),
            Self::DISABLE => "disable".to_owned(),
            Self::DELETE => "delete".to_owned(),
            4 => "rpm-enable".to_owned(),
            5 => "rpm-disable".to_owned(),
            6 => "rpm-delete".to_owned(),
            7 => "rpm-result".to_owned(),
            bit => format!("event{bit}"),
        })
    }
}

/// What a notification is about, and for whom (SGP.22 5.7.9).
///
/// ```text
/// NotificationMetadata ::= [47] SEQUENCE {                 -- BF2F
///     seqNumber [0] INTEGER,
///     profileManagementOperation [1] NotificationEvent,    -- exactly one bit
///     notificationAddress UTF8String,                      -- tag 0C, the server's host name
///     iccid Iccid OPTIONAL                                 -- tag 5A
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationMetadata {
    /// Number of the notification; one counter per eUICC, which starts at 0 or 1.
    pub seq: u64,
    /// What happened.
    pub event: Events,
    /// The server that waits for it, as the card holds it (see [`NotificationMetadata::server`]).
    pub address: Text,
    /// The profile that it happened to.
    pub iccid: Option<Iccid>,
}

impl NotificationMetadata {
    /// The tag of the object.
    pub const TAG: Tag = Tag(0xBF2F);

    /// The server that waits for it.
    ///
    /// # Errors
    ///
    /// The reason why the address names no server, so that nobody can be told.
    pub fn server(&self) -> Result<ServerAddress, ServerAddressError> {
        self.address.to_string().parse()
    }

    /// The server in a text for people: as it is asked, or the address as the card has it if that names no server.
    #[must_use]
    pub fn server_name(&self) -> String {
        self.server().map_or_else(|_| self.address.to_string(), |server| server.to_string())
    }

    /// Reads the value of a `BF2F`.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::parse("NotificationMetadata", value)?;
        Ok(Self {
            seq: elements.required(Tag(0x80), |value| decode_u64("seqNumber", value))?,
            // Without these a notification can still be told apart from the others, and must not hide them.
            event: elements.value(Tag(0x81)).map(Events::decode_leniently).unwrap_or_default(),
            address: elements.value(Tag(0x0C)).map(Text::from_bytes).unwrap_or_default(),
            iccid: elements.lenient(Tag(0x5A), Iccid::decode),
        })
    }

    /// The whole object: what an `OtherSignedNotification` signs.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.put(Tag(0x80), &encode_u64(self.seq));
            w.put(Tag(0x81), &self.event.0.encode());
            w.put(Tag(0x0C), self.address.as_bytes());
            w.maybe(Tag(0x5A), self.iccid.as_ref());
        })
    }
}

/// A notification with its signature, ready for the server (SGP.22 5.7.10).
///
/// ```text
/// PendingNotification ::= CHOICE {
///     profileInstallationResult [55] ProfileInstallationResult,   -- BF37
///     otherSignedNotification OtherSignedNotification             -- 30
/// }
/// OtherSignedNotification ::= SEQUENCE {
///     tbsOtherNotification NotificationMetadata,                  -- BF2F
///     euiccNotificationSignature [APPLICATION 55] OCTET STRING,   -- 5F37
///     euiccCertificate Certificate, eumCertificate Certificate
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingNotification {
    /// What it says. `None` if this version cannot read it (v3 has more kinds): it is still delivered.
    pub metadata: Option<NotificationMetadata>,
    /// Which kind it is.
    pub kind: PendingKind,
    /// The object exactly as the card gave it; this is what the server gets and what the signature covers.
    pub bytes: Vec<u8>,
}

/// The kinds of [`PendingNotification`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingKind {
    /// The result of loading a Bound Profile Package.
    InstallationResult,
    /// An enable, disable, delete or configured install notification.
    Other,
    /// A kind that this version does not know.
    Unknown(Tag),
}

impl PendingNotification {
    /// Reads one notification as the card lists it. What it says may be unreadable: it is there all the same.
    ///
    /// # Errors
    /// If the bytes are no TLV.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new("PendingNotification", bytes);
        let object = reader.next().ok_or(DecodeError::value("PendingNotification", "an empty notification"))??;
        let (kind, path) = match object.tag {
            Tag(0xBF37) => (PendingKind::InstallationResult, &[Tag(0xBF27), NotificationMetadata::TAG][..]),
            Tag(0x30) => (PendingKind::Other, &[NotificationMetadata::TAG][..]),
            tag => (PendingKind::Unknown(tag), &[][..]),
        };
        let metadata = if path.is_empty() { None } else { descend(object.value, path) };
        let metadata = metadata.and_then(|value| NotificationMetadata::decode(value).ok());
        Ok(Self { metadata, kind, bytes: object.raw.to_vec() })
    }
}

/// The value of the element that this path of tags leads to; `None` if it does not lead anywhere.
fn descend<'a>(value: &'a [u8], path: &[Tag]) -> Option<&'a [u8]> {
    path.iter().try_fold(value, |value, tag| Elements::parse("PendingNotification", value).ok()?.value(*tag))
}
