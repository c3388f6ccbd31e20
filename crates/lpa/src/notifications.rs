//! The notifications that wait on the card.

use sgp22::Function;
use sgp22::es10b::{
    ListNotification, RemoveNotificationFromList, RemoveNotificationResult, RetrieveNotificationsError,
    RetrieveNotificationsList,
};
use sgp22::notification::{NotificationMetadata, PendingNotification};
use sgp22::transport::Patience;

use crate::error::refused;
use crate::{Error, Isdr};

/// Lists what waits, without signatures, in the card's order. A card that refuses to list is asked for everything with
/// signatures instead.
///
/// Notifications without a number, which nobody can fetch or remove, are left out and told.
///
/// # Errors
///
/// What keeps the card from answering, and its refusal of both.
pub fn list(isdr: &mut Isdr<'_>) -> Result<Vec<NotificationMetadata>, Error> {
    match list_as_asked(isdr) {
        Err(error) if is_refusal(&error) => {
            log::info!("the card does not list its notifications ({error}): asking for all of them");
            let all = retrieve_all(isdr).map_err(|second| if is_refusal(&second) { error } else { second })?;
            Ok(all.into_iter().filter_map(|one| one.metadata).collect())
        }
        list => list,
    }
}

fn list_as_asked(isdr: &mut Isdr<'_>) -> Result<Vec<NotificationMetadata>, Error> {
    let function = ListNotification::NAME;
    let answer = isdr.call_raw(function, &ListNotification::default().encode(), Patience::Normal)?;
    let list = ListNotification::decode_answer(&answer).map_err(|source| Error::Decode { function, source })?;
    let unnumbered = ListNotification::count_unnumbered(&answer);
    if unnumbered > 0 {
        log::warn!("Notifications on the card without a number: {unnumbered}. They can be neither sent nor removed.");
    }
    list.map_err(|error| refused!(function, error))
}

/// Retrieves one notification with its signature. Cards have several ways to say that there is none. A card that refuses
/// to search is asked for all, and not for a search again as long as the ISD-R is open.
///
/// # Errors
/// If the card refuses, or cannot be read.
pub fn retrieve(isdr: &mut Isdr<'_>, seq: u64) -> Result<Option<PendingNotification>, Error> {
    if isdr.searches_notifications {
        match search(isdr, seq) {
            Err(error) if is_refusal(&error) => {
                log::info!("the card does not search its notifications ({error}): asking for all of them");
                // It may refuse for another reason: then its first word counts.
                let all = retrieve_all(isdr).map_err(|second| if is_refusal(&second) { error } else { second })?;
                isdr.searches_notifications = false;
                return Ok(with_number(&all, seq));
            }
            found => return found,
        }
    }
    Ok(with_number(&retrieve_all(isdr)?, seq))
}

fn search(isdr: &mut Isdr<'_>, seq: u64) -> Result<Option<PendingNotification>, Error> {
    match isdr.call(&RetrieveNotificationsList::Seq(seq))? {
        Ok(found) => Ok(found.into_iter().find(|one| one.metadata.as_ref().is_none_or(|data| data.seq == seq))),
        Err(RetrieveNotificationsError::NoResultAvailable) => Ok(None),
        Err(error) => Err(refused!(RetrieveNotificationsList::NAME, error)),
    }
}

fn retrieve_all(isdr: &mut Isdr<'_>) -> Result<Vec<PendingNotification>, Error> {
    match isdr.call(&RetrieveNotificationsList::All)? {
        Ok(found) => Ok(found),
        Err(RetrieveNotificationsError::NoResultAvailable) => Ok(Vec::new()),
        Err(error) => Err(refused!(RetrieveNotificationsList::NAME, error)),
    }
}

/// The notification with this number. Unlike in the answer to a search, one that cannot be read may be any.
fn with_number(all: &[PendingNotification], seq: u64) -> Option<PendingNotification> {
    all.iter().find(|one| one.metadata.as_ref().is_some_and(|data| data.seq == seq)).cloned()
}

/// True if the card answers that it does not do this.
fn is_refusal(error: &Error) -> bool {
    matches!(error, Error::Refused(_) | Error::Status { .. })
}

/// What is to be done with a notification that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It waited before: nothing.
    Old,
    /// It is new, and fetched.
    Fetch,
    /// It is new, and stays where it is.
    Keep,
}

/// What came to wait on a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Born {
    /// All that waits now, in the card's order.
    pub queue: Vec<NotificationMetadata>,
    /// The new ones that were fetched, in the order of their numbers.
    pub fetched: Vec<(NotificationMetadata, PendingNotification)>,
    /// How many new ones stay where they are.
    pub kept: usize,
    /// Why others that are new could not be fetched.
    pub missing: Option<Error>,
}

/// Lists what waits and fetches what is new of it.
///
/// It belongs to the change that came before, so it is not interrupted.
pub fn born(isdr: &mut Isdr<'_>, fate: impl Fn(&NotificationMetadata) -> Fate) -> Result<Born, Error> {
    isdr.uninterrupted(|isdr| {
        let queue = list(isdr)?;
        let of = |wanted: Fate| queue.iter().filter(|one| fate(one) == wanted).cloned().collect::<Vec<_>>();
        let kept = of(Fate::Keep).len();
        let mut new = of(Fate::Fetch);
        new.sort_by_key(|one| one.seq);
        let (mut fetched, mut missing) = (Vec::new(), None);
        // Where the card does not search, one answer has them all.
        let mut all = None;
        for one in new {
            if !isdr.searches_notifications && all.is_none() {
                all = retrieve_all(isdr).ok();
            }
            let found = match &all {
                Some(all) => Ok(with_number(all, one.seq)),
                None => retrieve(isdr, one.seq),
            };
            match found {
                Ok(Some(signed)) => fetched.push((one, signed)),
                Ok(None) => log::warn!("The card lists notification {} and does not give it.", one.seq),
                Err(error) => missing = Some(error),
            }
        }
        Ok(Born { queue, fetched, kept, missing })
    })
}

/// What became of a notification that was to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// The card has removed it.
    Removed,
    /// The card did not have it any more.
    Gone,
    /// The card has another one under its number, which was left alone.
    Other,
}

/// Removes a notification for good, provided that what waits under its number is that very one, in all that the card
/// says of it: numbers can start anew.
///
/// `queue` is what the card listed last, with nobody else at it since. The answer is the proof; where it was lost, the
/// card is asked what waits now.
pub fn remove(
    isdr: &mut Isdr<'_>,
    wanted: &NotificationMetadata,
    queue: &[NotificationMetadata],
) -> Result<Removal, Error> {
    if !queue.contains(wanted) {
        let taken = queue.iter().any(|one| one.seq == wanted.seq);
        return Ok(if taken { Removal::Other } else { Removal::Gone });
    }
    isdr.checkpoint()?;
    isdr.uninterrupted(|isdr| match isdr.call(&RemoveNotificationFromList { seq: wanted.seq }) {
        Ok(RemoveNotificationResult::Ok) => Ok(Removal::Removed),
        Ok(RemoveNotificationResult::NothingToDelete) => Ok(Removal::Gone),
        Ok(result) => Err(refused!(RemoveNotificationFromList::NAME, result)),
        Err(cause) if cause.leaves_doubt() => {
            isdr.reset()?;
            if list(isdr)?.contains(wanted) { Err(cause) } else { Ok(Removal::Removed) }
        }
        Err(cause) => Err(cause),
    })
}
