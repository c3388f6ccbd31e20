//! The notifications that wait on the card.

use sgp22::Function;
use sgp22::es10b::{ListNotification, RetrieveNotificationsError, RetrieveNotificationsList};
use sgp22::notification::{NotificationMetadata, PendingNotification};

use crate::error::refused;
use crate::{Error, Isdr};

/// What waits, without signatures, in the card's order.
pub fn list(isdr: &mut Isdr<'_>) -> Result<Vec<NotificationMetadata>, Error> {
    isdr.call(&ListNotification::default())?.map_err(|error| refused!(ListNotification::NAME, error))
}

/// One notification with its signature. Cards have several ways to say that there is none.
pub fn retrieve(isdr: &mut Isdr<'_>, seq: u64) -> Result<Option<PendingNotification>, Error> {
    match isdr.call(&RetrieveNotificationsList::Seq(seq))? {
        Ok(found) => Ok(found.into_iter().find(|one| one.metadata.as_ref().is_none_or(|data| data.seq == seq))),
        Err(RetrieveNotificationsError::NoResultAvailable) => Ok(None),
        Err(error) => Err(refused!(RetrieveNotificationsList::NAME, error)),
    }
}
