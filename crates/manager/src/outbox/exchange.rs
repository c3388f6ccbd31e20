//! Notifications in a file: to be moved to another machine, or sent by hand.

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use sgp22::notification::{NotificationMetadata, PendingNotification};

use super::Outbox;
use crate::database::{Database, NewNotification};
use crate::error::{Error, Id};

/// The version of the format.
pub const FORMAT: &str = "esimctl-notifications/1";

/// The longest file that is read, in bytes: thousands of notifications.
const LONGEST_FILE: usize = 16 << 20;

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    format: String,
    /// The card that signed them.
    eid: String,
    /// How it was reached.
    device: String,
    notifications: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Item {
    seq: u64,
    event: String,
    address: String,
    iccid: Option<String>,
    /// `PendingNotification`: what the body of ES9+.HandleNotification carries.
    payload_base64: String,
}

/// What came of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// How many are new here.
    pub new: usize,
    /// How many were here already.
    pub known: usize,
}

impl Exported {
    pub(crate) fn new(eid: String, device: &str, signed: &[(NotificationMetadata, PendingNotification)]) -> Self {
        let item = |(metadata, signed): &(NotificationMetadata, PendingNotification)| Item {
            seq: metadata.seq,
            event: event_words(metadata),
            address: metadata.address.to_string(),
            iccid: metadata.iccid.as_ref().map(sgp22::id::Iccid::digits),
            payload_base64: BASE64.encode(&signed.bytes),
        };
        let notifications = signed.iter().map(item).collect();
        Self { format: FORMAT.into(), eid, device: device.into(), notifications }
    }

    /// How many it holds.
    #[must_use]
    pub fn count(&self) -> usize {
        self.notifications.len()
    }

    /// The text of the file.
    pub fn text(&self) -> Result<String, Error> {
        let text = serde_json::to_string_pretty(self).map_err(|error| Error::new(Id::ImportFile).cause(error))?;
        Ok(text + "\n")
    }

    /// Reads a file. What it says of a notification counts only where the signed object does not say it itself.
    fn read(text: &str) -> Result<Vec<NewNotification>, String> {
        if text.len() > LONGEST_FILE {
            return Err(format!("it is longer than {LONGEST_FILE} bytes"));
        }
        let file: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if file.format != FORMAT {
            return Err(format!("its format is '{}', and not '{FORMAT}'", file.format));
        }
        let eid: sgp22::id::Eid = file.eid.parse().map_err(|error| format!("{error}"))?;
        let (eid, device) = (eid.to_string(), file.device);
        let numbered = file.notifications.into_iter().zip(1..);
        let read = numbered.map(|(item, number)| {
            let payload = BASE64.decode(item.payload_base64.as_bytes()).map_err(|error| error.to_string());
            let signed = payload.and_then(|bytes| PendingNotification::decode(&bytes).map_err(|e| e.to_string()));
            let signed = signed.map_err(|why| format!("its notification {number} cannot be read: {why}"))?;
            let listed = || (item.seq, item.event.clone(), item.address.clone(), item.iccid.clone());
            let (seq, event, address, iccid) = signed.metadata.as_ref().map_or_else(listed, parts);
            let payload = signed.bytes;
            let (eid, device, journal) = (eid.clone(), device.clone(), None);
            Ok(NewNotification { eid, device, seq, event, address, iccid, payload, journal })
        });
        read.collect()
    }
}

/// The words for what happened, with commas between.
pub(crate) fn event_words(metadata: &NotificationMetadata) -> String {
    metadata.event.names().collect::<Vec<_>>().join(",")
}

/// The columns kept in the outbox beside the signed object: number, event, address, ICCID.
pub(crate) fn parts(metadata: &NotificationMetadata) -> (u64, String, String, Option<String>) {
    (
        metadata.seq,
        event_words(metadata),
        metadata.address.to_string(),
        metadata.iccid.as_ref().map(sgp22::id::Iccid::digits),
    )
}

impl Outbox<'_> {
    /// Takes the notifications of a file into the outbox; `path` names it in errors.
    pub fn import(&mut self, path: &str, text: &str) -> Result<Imported, Error> {
        let new = Exported::read(text).map_err(|why| Error::new(Id::ImportFile).with("path", path).with("why", why))?;
        let database = match self.database.take() {
            Some(database) => database,
            None => Database::open(self.manager.paths())?,
        };
        let kept = self.database.insert(database).keep(&new)?;
        let added = kept.iter().filter(|(_, is_new)| *is_new).count();
        Ok(Imported { new: added, known: kept.len() - added })
    }
}
