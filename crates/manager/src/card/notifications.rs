//! What changes leave for servers: fetched from the card, kept in the outbox, delivered, and only then removed.

use std::time::Duration;

use lpa::notifications::{Born, Fate, born, remove, retrieve};
use lpa::smdp::RspServer;
use sgp22::id::{Eid, Iccid};
use sgp22::notification::{NotificationMetadata, PendingNotification};

use super::binding::{Binding, changed};
use super::{Card, Confirmation, Kind};
use crate::config::Policy;
use crate::database::{CardQueue, Database, Letter, LetterState, NewEntry, NewNotification};
use crate::error::{Error, Id, State, card_error};
use crate::outbox::{Choice, Exported, Reporting, Round, check_server, deliver, event_words, parts};
use crate::record::Record;
use crate::retire::parse_reason;
use crate::servers::CardKind;
use crate::words;

/// How long a change tries what earlier ones have left, in all.
const RETRY_BUDGET: Duration = Duration::from_secs(5);

/// What a change left for servers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collected {
    /// What is in the outbox now, by its numbers there.
    pub(crate) letters: Vec<i64>,
    /// How many stay on the card since the configuration says so.
    pub(crate) kept: usize,
    /// Some could not be fetched or kept: the record of the change stays open, so that they are looked for.
    pub(crate) incomplete: bool,
}

impl Collected {
    /// Both together.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.letters.extend(other.letters);
        self.kept += other.kept;
        self.incomplete |= other.incomplete;
        self
    }
}

/// Notifications that are about to be given up. Nothing has been changed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropPlan {
    /// The card.
    pub eid: Eid,
    /// What is to go.
    pub notifications: Vec<NotificationMetadata>,
    binding: Binding,
}

impl DropPlan {
    /// What the user must type to confirm.
    #[must_use]
    pub fn confirmation(&self) -> Confirmation {
        let numbers: Vec<String> = self.notifications.iter().map(|one| one.seq.to_string()).collect();
        let what = if numbers.len() == 1 { "its number" } else { "their numbers, with blanks between," };
        Confirmation { what: what.into(), answer: numbers.join(" ") }
    }
}

/// What waited on a card, for the journal: all that the card lists of it, since a card may count anew.
pub(crate) fn waited(queue: Option<&[NotificationMetadata]>) -> serde_json::Value {
    queue.unwrap_or_default().iter().map(listed).collect()
}

fn listed(one: &NotificationMetadata) -> serde_json::Value {
    let iccid = one.iccid.as_ref().map(Iccid::digits);
    serde_json::json!({ "seq": one.seq, "event": event_words(one), "address": one.address.to_string(), "iccid": iccid })
}

/// True if what the journal has of a notification is this one. Earlier versions wrote less of it, or its number alone:
/// what is not there is not compared.
pub(crate) fn is_listed(written: &serde_json::Value, one: &NotificationMetadata) -> bool {
    let listed = listed(one);
    let number = written.as_u64().or_else(|| written["seq"].as_u64());
    let same = |name: &str| written.get(name).is_none_or(|written| *written == listed[name]);
    number == Some(one.seq) && ["event", "address", "iccid"].into_iter().all(same)
}

/// The result of comparing a notification on a card with a settled one that is listed in the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// The same bytes, so that the card may forget them.
    Same,
    /// Another notification under the same number.
    Other,
    /// The card lists the notification and does not give it, so that nobody can compare.
    NotGiven,
}

/// Counts those of these that are in no outbox: only the card has them.
pub(crate) fn count_on_card_alone(queue: &[NotificationMetadata], letters: &[Letter]) -> CardQueue {
    let alone = queue.iter().filter(|metadata| !letters.iter().any(|letter| is_same(letter, metadata)));
    alone.fold(CardQueue::default(), |CardQueue { sendable, nameless }, metadata| match metadata.server() {
        Ok(_) => CardQueue { sendable: sendable.saturating_add(1), nameless },
        Err(_) => CardQueue { sendable, nameless: nameless.saturating_add(1) },
    })
}

/// True if the letter is this notification, in all that the card lists of it. Whether it is signed alike is another
/// question: a card that counts anew lists another one in the same words.
fn is_same(letter: &Letter, one: &NotificationMetadata) -> bool {
    let (seq, event, address, iccid) = parts(one);
    letter.seq == seq && letter.event == event && letter.address == address && letter.iccid == iccid
}

impl Card<'_> {
    /// What waits on the card before a change, so that what the change adds can be told. `None`: the card does not say.
    pub(crate) fn before_change(&mut self) -> Result<Option<Vec<NotificationMetadata>>, Error> {
        if self.queue.is_none() {
            match lpa::notifications::list(&mut self.isdr) {
                Ok(queue) => self.queue = Some(queue),
                Err(error) if error.transport().is_some() || error == lpa::Error::Interrupted => {
                    return Err(card_error(error));
                }
                Err(error) => log::info!("the card does not list its notifications: {error}"),
            }
        }
        Ok(self.queue.clone())
    }

    /// Fetches what came to wait since `before` and keeps it in the outbox, as far as the configuration says so.
    ///
    /// The change has been made, so that what goes wrong here is only told: then they wait on the card.
    pub(crate) fn collect(&mut self, before: &[NotificationMetadata], journal: Option<i64>) -> Collected {
        self.collect_new(journal, |one| !before.contains(one)).unwrap_or_else(|error| {
            log::warn!(
                "The new notifications could not be fetched ({error}) and stay on the card; \
                 to fetch and send them: esimctl recover"
            );
            Collected { incomplete: true, ..Collected::default() }
        })
    }

    /// The same for what `is_new` says.
    pub(crate) fn collect_new(
        &mut self,
        journal: Option<i64>,
        is_new: impl Fn(&NotificationMetadata) -> bool,
    ) -> Result<Collected, Error> {
        let policy = self.manager.config().notifications;
        let fate = |one: &NotificationMetadata| match policy.of(&one.event) {
            _ if !is_new(one) => Fate::Old,
            Policy::Deliver => Fate::Fetch,
            Policy::Keep => Fate::Keep,
        };
        self.queue = None;
        let Born { queue, fetched, kept, missing } = born(&mut self.isdr, fate).map_err(card_error)?;
        self.queue = Some(queue);
        let letters = self.keep(&fetched, journal)?;
        if let Some(error) = &missing {
            log::warn!("Some new notifications could not be fetched and stay on the card: {error}");
        }
        Ok(Collected { letters, kept, incomplete: missing.is_some() })
    }

    /// Keeps signed notifications in the outbox; gives their numbers there. A recording has nothing to be kept.
    fn keep(
        &mut self,
        signed: &[(NotificationMetadata, PendingNotification)],
        journal: Option<i64>,
    ) -> Result<Vec<i64>, Error> {
        if signed.is_empty() || self.fact_key.is_none() {
            return Ok(Vec::new());
        }
        let (eid, device) = (self.eid()?.to_string(), self.device.to_owned());
        let new = |(metadata, signed): &(NotificationMetadata, PendingNotification)| {
            let (seq, event, address, iccid) = parts(metadata);
            let (eid, device, payload) = (eid.clone(), device.clone(), signed.bytes.clone());
            NewNotification { eid, device, seq, event, address, iccid, payload, journal }
        };
        let new: Vec<NewNotification> = signed.iter().map(new).collect();
        let kept = Database::open(self.manager.paths())?.keep(&new)?;
        let kept: Vec<i64> = kept.into_iter().map(|(id, _)| id).collect();
        self.fetched.extend(&kept);
        Ok(kept)
    }

    /// Delivers what a change has left, and, for a few seconds, what earlier ones have.
    pub(crate) fn report(&mut self, collected: &Collected) -> Reporting {
        let choice = Choice::Change(&collected.letters, RETRY_BUDGET);
        let reported = self.manager.servers(CardKind::of(self.device)).and_then(|servers| {
            let reporting = self.deliver(servers, choice)?;
            Ok(Reporting { kept: collected.kept, ..reporting })
        });
        reported.unwrap_or_else(|error| {
            log::warn!("The new notifications could not be delivered and stay queued: {error} {}", error.cause);
            Reporting { kept: collected.kept, pending: self.queue.clone(), ..Reporting::default() }
        })
    }

    /// Delivers what is chosen, and removes from the card what was delivered now or earlier.
    pub(crate) fn deliver(&mut self, servers: &dyn RspServer, choice: Choice<'_>) -> Result<Reporting, Error> {
        if self.fact_key.is_none() {
            return Ok(Reporting { pending: self.queue.clone(), ..Reporting::default() });
        }
        let database = Database::open(self.manager.paths())?;
        let round = deliver(&database, servers, CardKind::of(self.device), choice, self.manager.interrupt())?;
        if let Err(error) = self.tidy(&database) {
            log::warn!(
                "Delivered notifications could not be removed from the card; its next change removes them: {error}"
            );
        }
        crate::retire::settle_all(&database);
        let eid = self.eid()?.to_string();
        let settled = database.letters_on_card(&eid)?;
        let waits = |one: &NotificationMetadata| {
            !settled.iter().any(|letter| letter.state != LetterState::Waiting && is_same(letter, one))
        };
        let pending = self.queue.as_ref().map(|queue| queue.iter().filter(|one| waits(one)).cloned().collect());
        let Round { accepted, failed, nameless } = round;
        Ok(Reporting { delivered: accepted.len(), pending, kept: 0, failed, nameless })
    }

    /// Removes from the card what is settled, and notes what the card does not have any more.
    fn tidy(&mut self, database: &Database) -> Result<(), Error> {
        let Some(queue) = self.queue.clone() else { return Ok(()) };
        let eid = self.eid()?.to_string();
        for letter in database.letters_on_card(&eid)? {
            match queue.iter().find(|one| is_same(&letter, one)) {
                Some(_) if letter.state == LetterState::Waiting => continue,
                Some(one) => match self.compare(&letter, one, database)? {
                    Comparison::Same => self.remove(one)?,
                    Comparison::Other => {}
                    Comparison::NotGiven => continue,
                },
                None => {}
            }
            database.off_card(&[letter.id])?;
        }
        Ok(())
    }

    /// Compares a notification that the card lists with the settled one of the same words, signature and all. If it is
    /// another one, from a card that counts anew, it goes into the outbox and waits.
    fn compare(
        &mut self,
        letter: &Letter,
        one: &NotificationMetadata,
        database: &Database,
    ) -> Result<Comparison, Error> {
        if self.fetched.contains(&letter.id) {
            return Ok(Comparison::Same);
        }
        let Some(found) = retrieve(&mut self.isdr, one.seq).map_err(card_error)? else {
            // It may be another one. If the card has lost it, its next list says so.
            log::info!("the card lists notification {} and does not give it, so it stays there", one.seq);
            return Ok(Comparison::NotGiven);
        };
        if found.bytes == database.payload(letter.id)? {
            return Ok(Comparison::Same);
        }
        log::warn!("Notification {} is not the one that was settled under its number.", one.seq);
        self.keep(&[(one.clone(), found)], None)?;
        Ok(Comparison::Other)
    }

    /// Removes one from the card, if that is what waits under its number.
    fn remove(&mut self, one: &NotificationMetadata) -> Result<(), Error> {
        let queue = self.queue.take().unwrap_or_default();
        let removal = remove(&mut self.isdr, one, &queue).map_err(card_error)?;
        self.queue = Some(queue.into_iter().filter(|other| other != one).collect());
        log::info!("notification {}: {removal:?}", one.seq);
        Ok(())
    }

    /// Those with these numbers that wait on the card, or all if there are none.
    fn chosen(&mut self, seqs: &[u64]) -> Result<Vec<NotificationMetadata>, Error> {
        if self.fact_key.is_none() {
            return Err(Error::new(Id::RecordingOnly));
        }
        let queue = self.notifications()?;
        if let Some(seq) = seqs.iter().find(|seq| !queue.iter().any(|one| one.seq == **seq)) {
            return Err(Error::new(Id::NotificationNotFound).with("seq", seq));
        }
        Ok(queue.into_iter().filter(|one| seqs.is_empty() || seqs.contains(&one.seq)).collect())
    }

    /// Fetches notifications into the outbox; gives their numbers there. One that is there already is found again by all of
    /// it, the signature included.
    fn fetch(&mut self, chosen: &[NotificationMetadata]) -> Result<Vec<i64>, Error> {
        let eid = self.eid()?.to_string();
        let there = Database::open(self.manager.paths())?.letters_on_card(&eid)?;
        let (mut letters, mut signed) = (Vec::new(), Vec::new());
        for one in chosen {
            let known = there.iter().find(|letter| is_same(letter, one));
            match (retrieve(&mut self.isdr, one.seq).map_err(card_error)?, known) {
                (Some(found), _) => signed.push((one.clone(), found)),
                (None, Some(letter)) => letters.push(letter.id),
                (None, None) => return Err(Error::new(Id::NotificationNotFound).with("seq", one.seq)),
            }
        }
        letters.extend(self.keep(&signed, None)?);
        Ok(letters)
    }

    /// Sends notifications that wait on the card, all of them if none is named, and removes what is accepted.
    ///
    /// # Errors
    ///
    /// [`Id::NamesNoServer`] if one that is named names no server; and whatever keeps card, outbox and servers from it.
    pub fn send(&mut self, seqs: &[u64]) -> Result<Reporting, Error> {
        let servers = self.manager.servers(CardKind::of(self.device))?;
        self.send_by(servers, seqs)
    }

    /// Sends all that wait on the card, and what is in the outbox for cards of its kind; removes from the card what is
    /// accepted.
    pub(crate) fn send_all(&mut self) -> Result<Reporting, Error> {
        let servers = self.manager.servers(CardKind::of(self.device))?;
        let chosen = self.chosen(&[])?;
        self.fetch(&chosen)?;
        self.deliver(servers, Choice::All)
    }

    fn send_by(&mut self, servers: &dyn RspServer, seqs: &[u64]) -> Result<Reporting, Error> {
        let chosen = self.chosen(seqs)?;
        let letters = self.fetch(&chosen)?;
        if !seqs.is_empty() {
            let database = Database::open(self.manager.paths())?;
            letters.iter().try_for_each(|id| database.letter(*id)?.as_ref().map_or(Ok(()), check_server))?;
        }
        self.deliver(servers, Choice::Named(&letters))
    }

    /// Finds out what giving notifications up would do.
    pub fn plan_drop(&mut self, seqs: &[u64]) -> Result<DropPlan, Error> {
        Ok(DropPlan { binding: self.binding()?, notifications: self.chosen(seqs)?, eid: self.eid()? })
    }

    /// Refuses a plan for another card, or where the notifications that it is about do not wait there any more.
    fn check_drop(&mut self, plan: &DropPlan) -> Result<(), Error> {
        if self.rests_on(&plan.binding)? {
            return Ok(());
        }
        let queue = self.chosen(&[])?;
        let all_wait = plan.notifications.iter().all(|one| queue.contains(one));
        if all_wait { Ok(()) } else { Err(changed("changed-queue")) }
    }

    /// Gives notifications up: the archive keeps them with the user's reason, if one is given; the card does not.
    ///
    /// # Errors
    ///
    /// [`Id::ReasonMissing`] and [`Id::TextTooLong`] for the reason; and whatever keeps card and outbox from it.
    pub fn drop_notifications(&mut self, plan: DropPlan, reason: Option<&str>) -> Result<DropPlan, Error> {
        let reason = reason.map(parse_reason).transpose()?;
        self.check_drop(&plan)?;
        let letters = self.fetch(&plan.notifications)?;
        let journal_plan = serde_json::json!({ "notifications": waited(Some(&plan.notifications)), "letters": letters, "reason": reason });
        let eid = plan.eid.to_string();
        let entry = NewEntry { command: Kind::Drop.name(), device: self.device, eid, iccid: None, plan: journal_plan };
        let record = Record::begin(self.manager, &entry)?;
        self.end_reading();
        let database = Database::open(self.manager.paths())?;
        // Given up first: nothing is sent any more, and the card loses what is left of it with the next change at worst.
        let dropped = database.give_up(&letters, reason.as_deref()).and_then(|()| {
            self.tidy(&database)
                .map_err(|error| error.state(State::NotDone).aside(words::text("given-up-in-outbox", &[])))
        });
        record.end(dropped.as_ref().err());
        dropped.map(|()| plan)
    }

    /// All that waits on the card, signed, for a file. The card is left as it is.
    pub fn export(&mut self) -> Result<Exported, Error> {
        let eid = self.eid()?.to_string();
        let mut signed = Vec::new();
        for one in self.notifications()? {
            let found = self.notification(one.seq)?;
            signed.push((one, found));
        }
        Ok(Exported::new(eid, self.device, &signed))
    }
}

#[cfg(test)]
mod tests;
