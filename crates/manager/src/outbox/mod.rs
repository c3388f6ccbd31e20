//! The outbox: what cards have signed for servers, kept here before it is delivered, until it is, and for good.
//!
//! The life of a notification: a change has the card sign it; it is fetched and kept here; its server is asked to take
//! it; the server's word is recorded; only then does the card forget it. After a crash between any two of these steps the
//! next one is made later, at worst twice, never not at all.

mod deliver;
mod exchange;
mod unresolved;

use std::collections::BTreeMap;

use lpa::Interrupt;
use sgp22::notification::NotificationMetadata;

use crate::Manager;
use crate::database::Database;
pub use crate::database::{AttemptOutcome, DeliveryAttempt, Letter, LetterState};
use crate::device::DeviceSpec;
use crate::error::{Details, Error, Id, State};
use crate::retire::parse_reason;
use crate::servers::CardKind;
use crate::words;
pub(crate) use deliver::{Choice, Round, deliver};
pub use exchange::{Exported, FORMAT, Imported};
pub(crate) use exchange::{event_words, parts};
pub use unresolved::UnresolvedServer;

/// A server that did not take all that was for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Its host.
    pub server: String,
    /// How many wait for it still.
    pub waiting: usize,
    /// Why, in its own words or those of whoever noticed it.
    pub why: String,
    /// It was reached, and answered.
    pub answered: bool,
}

impl Failed {
    /// A warning: what was not reported, why, and how it goes on.
    #[must_use]
    pub fn warning(&self) -> String {
        words::text("not-reported-yet", &[("server", self.server.as_str().into()), ("why", self.why.as_str().into())])
    }
}

/// What became of the notifications of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reporting {
    /// How many their servers have accepted during this command, those of earlier changes included.
    pub delivered: usize,
    /// What waits on the card and was accepted by nobody yet; `None` if the card was not asked or could not say.
    pub pending: Option<Vec<NotificationMetadata>>,
    /// How many of this change stay on the card since the configuration says so.
    pub kept: usize,
    /// The servers that did not take all that was for them.
    pub failed: Vec<Failed>,
    /// Notifications that name no server. They are never sent.
    pub nameless: Vec<Letter>,
}

/// The sentence for notifications that name no server; `None` if there are none.
#[must_use]
pub fn nameless_warning(nameless: &[Letter]) -> Option<String> {
    const MAX_IDS_SHOWN: usize = 10;
    if nameless.is_empty() {
        return None;
    }
    let mut ids: Vec<String> = nameless.iter().take(MAX_IDS_SHOWN).map(|letter| letter.id.to_string()).collect();
    if nameless.len() > MAX_IDS_SHOWN {
        ids.push("…".into());
    }
    Some(words::text("nameless-warning", &[("count", nameless.len().into()), ("ids", ids.join(" ").into())]))
}

impl Reporting {
    /// Adds what came of another card, beside the servers that failed and what names none.
    fn add(&mut self, more: Self) {
        self.delivered += more.delivered;
        self.kept += more.kept;
        if let Some(pending) = more.pending {
            self.pending.get_or_insert_default().extend(pending);
        }
    }

    /// For a command that is about delivering: a server that did not take what was for it is an error then.
    pub fn into_result(self) -> Result<Self, Error> {
        match not_delivered(&self.failed, self.delivered) {
            None => Ok(self),
            Some(error) => Err(error),
        }
    }
}

/// The error for servers that did not take all that was for them, after so many were `delivered`.
fn not_delivered(failed: &[Failed], delivered: usize) -> Option<Error> {
    if failed.is_empty() {
        return None;
    }
    let noun = |count: usize| words::text("notifications-counted", &[("count", count.into())]);
    let waiting: usize = failed.iter().map(|failed| failed.waiting).sum();
    let told: Vec<String> = failed.iter().map(|failed| format!("{}: {}", failed.server, failed.why)).collect();
    let id = if failed.iter().all(|failed| failed.answered) { Id::NotAccepted } else { Id::NotDelivered };
    let error = Error::new(id).with("what", noun(waiting)).cause(told.join("; "));
    Some(match delivered {
        0 => error,
        some => error.state(State::NotDone).aside(words::text("others-reached", &[("what", noun(some).into())])),
    })
}

/// The error of a card, with what came of the outbox meanwhile.
fn beside_outbox(error: Error, delivered: usize, failed: &[Failed]) -> Error {
    let error = match not_delivered(failed, 0) {
        None => error,
        Some(undelivered) => {
            let told = [&*error.cause, &*undelivered.message(), &*undelivered.cause];
            let told: Vec<&str> = told.into_iter().filter(|text| !text.is_empty()).collect();
            let told = told.join("; ");
            error.cause(told)
        }
    };
    if delivered == 0 {
        return error;
    }
    let what = words::text("notifications-counted", &[("count", delivered.into())]);
    error.state(State::NotDone).aside(words::text("others-reached", &[("what", what.into())]))
}

/// What came of sending from the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// How many their servers have accepted.
    pub delivered: usize,
    /// How many of them their cards still hold, as far as is known.
    pub on_card: usize,
    /// Notifications that name no server, and were not sent.
    pub nameless: Vec<Letter>,
}

/// The outbox, without a card at hand.
#[derive(Debug)]
pub struct Outbox<'m> {
    manager: &'m Manager,
    /// `None` as long as nothing was ever recorded.
    database: Option<Database>,
}

impl Manager {
    /// Opens the outbox.
    pub fn outbox(&self) -> Result<Outbox<'_>, Error> {
        Ok(Outbox { manager: self, database: Database::open_existing(self.paths())? })
    }
}

impl Manager {
    /// Sends everything that waits, wherever it does: on the card at hand, and in the outbox for whatever card. Where
    /// several cards are at hand and none is named, each that can be read is asked; without any, the outbox alone.
    ///
    /// # Errors
    ///
    /// Why the card that was named or is there alone cannot be used. What is in the outbox is sent nevertheless.
    pub fn send_everything(&self) -> Result<Reporting, Error> {
        // What going back leaves is sent, too.
        self.roll_back_first();
        let mut kinds = vec![CardKind::Real, CardKind::Virtual];
        let mut ask = |spec: DeviceSpec| {
            let mut session = self.session_at(spec)?;
            let mut card = session.card()?;
            let reporting = card.send_all()?;
            kinds.retain(|kind| *kind != CardKind::of(card.device()));
            Ok(reporting)
        };
        let cards = self.cards_at_hand().and_then(|cards| match <[DeviceSpec; 1]>::try_from(cards) {
            Ok([card]) => ask(card),
            Err(several) => Ok(ask_each(several, ask)),
        });
        let Round { accepted, failed, nameless } = self.outbox()?.deliver(Choice::All, &kinds)?;
        match cards {
            Ok(mut reporting) => {
                reporting.delivered += accepted.len();
                reporting.failed.extend(failed);
                reporting.nameless.extend(nameless);
                Ok(reporting)
            }
            Err(error) => Err(beside_outbox(error, accepted.len(), &failed)),
        }
    }

    /// The device with the card that is meant; all of them if none is named.
    fn cards_at_hand(&self) -> Result<Vec<DeviceSpec>, Error> {
        let none_named = self.named_device().is_none() && self.config().device.is_none();
        match self.device() {
            Err(Error { details: Details::Devices(entries), .. }) if none_named => {
                entries.iter().map(|entry| entry.device.parse()).collect()
            }
            Err(error) if none_named => {
                log::info!("no card is asked: {error}");
                Ok(Vec::new())
            }
            device => device.map(|device| vec![device]),
        }
    }
}

/// What came of asking several cards of which none was named. One that cannot be read keeps no other waiting.
fn ask_each(devices: Vec<DeviceSpec>, mut ask: impl FnMut(DeviceSpec) -> Result<Reporting, Error>) -> Reporting {
    let mut all = Reporting::default();
    let mut failed: Vec<(CardKind, Failed)> = Vec::new();
    let mut nameless: BTreeMap<i64, Letter> = BTreeMap::new();
    for device in devices {
        let name = device.kind.to_string();
        match ask(device) {
            Ok(one) => {
                // Each card has all tried that waits for its kind of servers, so that the last word on them counts.
                let kind = CardKind::of(&name);
                failed.retain(|(of, _)| *of != kind);
                failed.extend(one.failed.iter().cloned().map(|failed| (kind, failed)));
                nameless.extend(one.nameless.iter().map(|letter| (letter.id, letter.clone())));
                all.add(one);
            }
            Err(error) => {
                let particulars = [("device", name.into()), ("why", error.message().into())];
                log::warn!("{}", words::text("card-not-asked", &particulars));
            }
        }
    }
    all.failed = failed.into_iter().map(|(_, failed)| failed).collect();
    all.nameless = nameless.into_values().collect();
    all
}

impl Outbox<'_> {
    /// What waits; `all` has the archive, too. In the order in which it came.
    pub fn letters(&self, all: bool) -> Result<Vec<Letter>, Error> {
        self.database.as_ref().map_or(Ok(Vec::new()), |database| database.letters(all))
    }

    /// Those with these numbers, which must all wait.
    pub fn waiting(&self, ids: &[i64]) -> Result<Vec<Letter>, Error> {
        let known = self.letters(true)?;
        let find = |id: &i64| {
            let letter = known.iter().find(|letter| letter.id == *id);
            let letter = letter.ok_or_else(|| Error::new(Id::LetterNotFound).with("id", id))?;
            match letter.state {
                LetterState::Waiting => Ok(letter.clone()),
                state => Err(Error::new(Id::LetterSettled).with("id", id).with("state", state.name())),
            }
        };
        ids.iter().map(find).collect()
    }

    /// Delivers those with these numbers, or all if there are none, due or not.
    ///
    /// # Errors
    ///
    /// Those that are named and name no server, and servers that do not take all that is for them.
    pub fn send(&self, ids: &[i64]) -> Result<Sent, Error> {
        self.waiting(ids)?.iter().try_for_each(check_server)?;
        let choice = if ids.is_empty() { Choice::All } else { Choice::Named(ids) };
        let Round { accepted, failed, nameless } = self.deliver(choice, &[CardKind::Real, CardKind::Virtual])?;
        if let Some(error) = not_delivered(&failed, accepted.len()) {
            return Err(error);
        }
        if accepted.is_empty() && self.manager.interrupt().requested() {
            return Err(Error::new(Id::Interrupted));
        }
        let on_card = self.letters(true)?.iter().filter(|one| accepted.contains(&one.id) && one.on_card).count();
        Ok(Sent { delivered: accepted.len(), on_card, nameless })
    }

    /// Delivers what cards of these kinds have signed.
    fn deliver(&self, choice: Choice<'_>, kinds: &[CardKind]) -> Result<Round, Error> {
        let mut all = Round::default();
        let Some(database) = &self.database else { return Ok(all) };
        for kind in kinds {
            let letters = database.letters(false)?;
            if letters.iter().any(|letter| CardKind::of(&letter.device) == *kind) {
                let servers = self.manager.servers(*kind)?;
                let round = deliver(database, servers, *kind, choice, self.manager.interrupt())?;
                all.accepted.extend(round.accepted);
                all.failed.extend(round.failed);
                all.nameless.extend(round.nameless);
            }
        }
        crate::retire::settle_all(database);
        Ok(all)
    }

    /// The attempts to deliver a notification, in order.
    ///
    /// # Errors
    ///
    /// What keeps the database from being read.
    pub fn attempts(&self, id: i64) -> Result<Vec<DeliveryAttempt>, Error> {
        self.database.as_ref().map_or(Ok(Vec::new()), |database| database.attempts(id))
    }

    /// Gives notifications up. They stay in the archive, with the user's reason if one is given.
    ///
    /// # Errors
    ///
    /// [`Id::ReasonMissing`] and [`Id::TextTooLong`] for the reason; and what keeps the database from being changed.
    pub fn give_up(&self, letters: &[Letter], reason: Option<&str>) -> Result<(), Error> {
        let reason = reason.map(parse_reason).transpose()?;
        let ids: Vec<i64> = letters.iter().map(|letter| letter.id).collect();
        self.database.as_ref().map_or(Ok(()), |database| {
            database.give_up(&ids, reason.as_deref())?;
            crate::retire::settle_all(database);
            Ok(())
        })
    }
}

/// Refuses a notification that names no server.
pub(crate) fn check_server(letter: &Letter) -> Result<(), Error> {
    let Some(why) = letter.address_error() else { return Ok(()) };
    let error = Error::new(Id::NamesNoServer).with("id", letter.id).with("address", &letter.address);
    Err(error.with("why", why))
}

#[cfg(test)]
mod tests;
