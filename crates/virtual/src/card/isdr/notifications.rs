//! Notifications: queued, listed, removed.

use sgp22::Function;
use sgp22::es10b::{
    ListNotification, ProfileInstallationResult, RemoveNotificationFromList, RemoveNotificationResult,
    RetrieveNotificationsError, RetrieveNotificationsList,
};
use sgp22::id::Iccid;
use sgp22::notification::{Events, NotificationMetadata, PendingKind, PendingNotification};
use sgp22::store_data;
use sgp22::tlv::{Bits, Tag, Text, Writer};

use super::{Isdr, Outcome, unchanged};
use crate::card::quirk::{Quirk, Quirks};
use crate::card::state::{SignedNotification, StoredNotification};

impl Isdr<'_> {
    /// Queues a signed notification for every server that the profile names for this event.
    pub(super) fn notify(&mut self, index: usize, event: usize) {
        let profile = &self.euicc.profiles[index];
        let iccid = profile.iccid.clone();
        let addresses: Vec<String> = profile
            .notify
            .iter()
            .filter(|target| target.events.contains(&event))
            .map(|target| target.address.clone())
            .collect();
        for address in addresses {
            let metadata = self.number(event, &address.as_str().into(), Some(iccid.clone()));
            let signed = self.signed(&metadata);
            self.queue(&metadata, event, signed);
        }
    }

    /// The next notification's number and address.
    pub(super) fn number(&mut self, event: usize, address: &Text, iccid: Option<Iccid>) -> NotificationMetadata {
        let seq = self.euicc.next_seq;
        self.euicc.next_seq += 1;
        let address = held_address(self.quirks, address);
        NotificationMetadata { seq, event: Events::of(&[event]), address, iccid }
    }

    /// Keeps a notification until it is removed, and the record of it for good.
    pub(super) fn queue(&mut self, metadata: &NotificationMetadata, event: usize, signed: Vec<u8>) {
        let notification = StoredNotification {
            seq: metadata.seq,
            event: vec![event],
            address: metadata.address.to_string(),
            iccid: metadata.iccid.clone(),
            signed,
        };
        self.euicc.signed.push(SignedNotification::of(&notification));
        self.euicc.notifications.push(notification);
    }

    fn signed(&self, metadata: &NotificationMetadata) -> Vec<u8> {
        let tbs = metadata.encode();
        Writer::object(Tag(0x30), |w| {
            w.raw(&tbs);
            w.put(Tag(0x5F37), &self.credentials.euicc.sign(&tbs));
            w.raw(self.credentials.euicc.certificate_der());
            w.raw(&self.credentials.eum_certificate);
        })
    }

    pub(super) fn list_notifications(&self, request: &ListNotification) -> Vec<NotificationMetadata> {
        let fits = |notification: &&StoredNotification| {
            request.events.as_ref().is_none_or(|events| events.0.intersects(&Bits::of(&notification.event)))
        };
        self.euicc.notifications.iter().filter(fits).map(StoredNotification::metadata).collect()
    }

    pub(super) fn retrieve_notifications(&self, request: &RetrieveNotificationsList) -> Outcome {
        if self.quirks.has(Quirk::NoNotificationSearch) && *request != RetrieveNotificationsList::All {
            return unchanged::<RetrieveNotificationsList>(&Err(RetrieveNotificationsError::UndefinedError));
        }
        let fits = |notification: &&StoredNotification| match request {
            RetrieveNotificationsList::All => true,
            RetrieveNotificationsList::Seq(seq) => notification.seq == *seq,
            RetrieveNotificationsList::Events(events) => events.0.intersects(&Bits::of(&notification.event)),
        };
        let found: Vec<PendingNotification> =
            self.euicc.notifications.iter().filter(fits).map(StoredNotification::pending).collect();
        if found.is_empty() && self.quirks.has(Quirk::NoResultError) {
            return unchanged::<RetrieveNotificationsList>(&Err(RetrieveNotificationsError::NoResultAvailable));
        }
        if found.is_empty() && self.quirks.has(Quirk::NoResultEmpty) {
            return Outcome {
                answer: Writer::object(RetrieveNotificationsList::TAG, |_| {}),
                changed: false,
                switched: false,
            };
        }
        unchanged::<RetrieveNotificationsList>(&Ok(found))
    }

    pub(super) fn remove_notification(&mut self, request: &RemoveNotificationFromList) -> Outcome {
        use RemoveNotificationResult as R;
        let before = self.euicc.notifications.len();
        self.euicc.notifications.retain(|notification| notification.seq != request.seq);
        let changed = self.euicc.notifications.len() < before;
        let result = if changed { R::Ok } else { R::NothingToDelete };
        Outcome { answer: RemoveNotificationFromList::encode_answer(&result), changed, switched: false }
    }
}

/// The address of a server as the card holds it.
pub(super) fn held_address(quirks: &Quirks, address: &Text) -> Text {
    let text = address.to_string();
    let held = match quirks.parameter(Quirk::OddAddress) {
        Some("empty") => String::new(),
        Some("blank") => text.replacen('.', " ", 1),
        Some("control") => text.replacen('.', "\0.", 1),
        Some("not-ascii") => format!("ü{text}"),
        Some("port") => format!("{text}:99999"),
        Some(_) => format!("http://{text}"),
        // As a carrier has written it.
        None if quirks.has(Quirk::SpacedAddress) => format!(" {}. ", text.to_uppercase()),
        None => return address.clone(),
    };
    Text::from(held.as_str())
}

impl StoredNotification {
    fn metadata(&self) -> NotificationMetadata {
        NotificationMetadata {
            seq: self.seq,
            event: Events::of(&self.event),
            address: Text::from(self.address.as_str()),
            iccid: self.iccid.clone(),
        }
    }

    fn pending(&self) -> PendingNotification {
        let result = store_data::leading_tag(&self.signed) == Some(ProfileInstallationResult::TAG);
        let kind = if result { PendingKind::InstallationResult } else { PendingKind::Other };
        PendingNotification { metadata: Some(self.metadata()), kind, bytes: self.signed.clone() }
    }
}
