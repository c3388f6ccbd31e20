//! Cards that were seen, and the profiles on them.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{Database, VERSION, now};
use crate::error::Error;

/// A profile that was seen on a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenProfile {
    /// Its number.
    pub iccid: String,
    /// The operator's name.
    pub provider: Option<String>,
    /// The operator's name for the product.
    pub name: Option<String>,
    /// The user's own name for it.
    pub nickname: Option<String>,
    /// UTC, RFC 3339.
    pub first_seen: String,
    /// UTC, RFC 3339.
    pub last_seen: String,
    /// Since when it is known to be off the card.
    pub gone: Option<String>,
}

/// A card that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenCard {
    /// The card.
    pub eid: String,
    /// How it was reached last.
    pub device: String,
    /// UTC, RFC 3339.
    pub first_seen: String,
    /// UTC, RFC 3339.
    pub last_seen: String,
    /// What was seen on it, also what is gone.
    pub profiles: Vec<SeenProfile>,
}

/// What a command has read of a card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sighting {
    /// Profiles that are there: number, provider, name, nickname.
    pub(crate) there: Vec<Described>,
    /// No others are.
    pub(crate) whole: bool,
    /// Those that are off it now.
    pub(crate) gone: Vec<String>,
    /// How many notifications wait on the card that are not in the outbox; `None` if it was not asked.
    pub(crate) waiting: Option<CardQueue>,
}

/// The notifications that a card has and the outbox has not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CardQueue {
    /// Notifications for a server.
    pub(crate) sendable: u32,
    /// Notifications that name no server.
    pub(crate) nameless: u32,
}

impl Sighting {
    /// A profile has left the card since.
    pub(crate) fn lost(&mut self, iccid: &str) {
        self.there.retain(|one| one.iccid != iccid);
        self.gone.push(iccid.to_owned());
    }

    /// A profile has come onto the card since.
    pub(crate) fn gained(&mut self, profile: Described) {
        self.there.retain(|one| one.iccid != profile.iccid);
        self.gone.retain(|one| *one != profile.iccid);
        self.there.push(profile);
    }
}

/// A profile, as far as it is remembered. What was not read stays as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Described {
    pub(crate) iccid: String,
    pub(crate) provider: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) nickname: Option<String>,
}

/// The cards that have a profile: EID, and how they are reached.
fn holders(connection: &Connection, iccid: &str) -> rusqlite::Result<Vec<(String, String)>> {
    let query = "SELECT c.eid, c.device FROM profile_seen p JOIN card_seen c ON c.eid = p.eid \
                 WHERE p.iccid = ?1 AND p.gone IS NULL";
    connection.prepare(query)?.query_map([iccid], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// A profile on one of the cards on which it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProfileSighting {
    pub(crate) eid: String,
    /// How the card was reached last.
    pub(crate) device: String,
    pub(crate) provider: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) nickname: Option<String>,
    /// UTC, RFC 3339.
    pub(crate) last_seen: String,
    /// Since when it is known to be off the card.
    pub(crate) gone: Option<String>,
}

/// The cards on which a profile was seen, the latest sighting first.
const SIGHTINGS: &str = "SELECT p.eid, c.device, p.provider, p.name, p.nickname, p.last_seen, p.gone FROM profile_seen p \
                         JOIN card_seen c ON c.eid = p.eid WHERE p.iccid = ?1 ORDER BY p.last_seen DESC, p.eid";

/// True if the card that was seen last where this one was reached, or at the same moment, is another one.
fn is_replaced(connection: &Connection, eid: &str) -> rusqlite::Result<bool> {
    let query = "SELECT EXISTS (SELECT 1 FROM card_seen this JOIN card_seen other ON other.device = this.device \
                 WHERE this.eid = ?1 AND other.eid <> ?1 AND other.last_seen >= this.last_seen)";
    connection.query_row(query, [eid], |row| row.get(0))
}

/// True if there is or was a case about one of these profiles.
fn is_any_in_case(connection: &Connection, iccids: &[String]) -> rusqlite::Result<bool> {
    let mut query = connection.prepare("SELECT EXISTS (SELECT 1 FROM retire_case WHERE iccid = ?1)")?;
    for iccid in iccids {
        if query.query_row([iccid], |row| row.get(0))? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn profile(row: &Row<'_>) -> rusqlite::Result<SeenProfile> {
    Ok(SeenProfile {
        iccid: row.get("iccid")?,
        provider: row.get("provider")?,
        name: row.get("name")?,
        nickname: row.get("nickname")?,
        first_seen: row.get("first_seen")?,
        last_seen: row.get("last_seen")?,
        gone: row.get("gone")?,
    })
}

/// The profiles that a card has, as far as is known.
fn present(connection: &Connection, eid: &str) -> rusqlite::Result<Vec<Described>> {
    let query = "SELECT iccid, provider, name, nickname FROM profile_seen WHERE eid = ?1 AND gone IS NULL";
    let read = |row: &Row<'_>| {
        Ok(Described { iccid: row.get(0)?, provider: row.get(1)?, name: row.get(2)?, nickname: row.get(3)? })
    };
    connection.prepare(query)?.query_map([eid], read)?.collect()
}

/// True if what was read of a card is known, all of it.
fn is_known(connection: &Connection, eid: &str, device: &str, seen: &Sighting) -> rusqlite::Result<bool> {
    let card = "SELECT device, waiting, nameless FROM card_seen WHERE eid = ?1";
    let read = |row: &Row<'_>| {
        let counts: (Option<u32>, Option<u32>) = (row.get(1)?, row.get(2)?);
        let waiting = counts.0.zip(counts.1).map(|(sendable, nameless)| CardQueue { sendable, nameless });
        Ok((row.get::<_, String>(0)?, waiting))
    };
    let Some((known_device, waiting)) = connection.query_row(card, [eid], read).optional()? else { return Ok(false) };
    let present = present(connection, eid)?;
    // What was not read stays as it was.
    let same = |read: &Option<String>, known: &Option<String>| read.is_none() || read == known;
    let has = |one: &Described| {
        present.iter().any(|known| {
            known.iccid == one.iccid
                && same(&one.provider, &known.provider)
                && same(&one.name, &known.name)
                && same(&one.nickname, &known.nickname)
        })
    };
    let lost = |known: &Described| {
        seen.gone.contains(&known.iccid) || (seen.whole && !seen.there.iter().any(|one| one.iccid == known.iccid))
    };
    // Another card was there meanwhile: that this one is back is news.
    Ok(known_device == device
        && !is_replaced(connection, eid)?
        && (seen.waiting.is_none() || seen.waiting == waiting)
        && seen.there.iter().all(has)
        && !present.iter().any(lost))
}

fn note(transaction: &Transaction<'_>, eid: &str, device: &str, seen: &Sighting) -> rusqlite::Result<()> {
    let now = now();
    transaction.execute(
        "INSERT INTO card_seen (eid, device, first_seen, last_seen, waiting, nameless) VALUES (?1, ?2, ?3, ?3, ?4, ?5) \
         ON CONFLICT (eid) DO UPDATE SET device = ?2, last_seen = ?3, waiting = coalesce(?4, waiting), \
         nameless = coalesce(?5, nameless)",
        params![eid, device, now, seen.waiting.map(|queue| queue.sendable), seen.waiting.map(|queue| queue.nameless)],
    )?;
    for Described { iccid, provider, name, nickname } in &seen.there {
        transaction.execute(
            "INSERT INTO profile_seen (eid, iccid, provider, name, nickname, first_seen, last_seen) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) ON CONFLICT (eid, iccid) DO UPDATE SET \
             provider = coalesce(?3, provider), name = coalesce(?4, name), nickname = coalesce(?5, nickname), \
             last_seen = ?6, gone = NULL",
            params![eid, iccid, provider, name, nickname, now],
        )?;
    }
    let mut gone = seen.gone.clone();
    if seen.whole {
        let mut known = transaction.prepare("SELECT iccid FROM profile_seen WHERE eid = ?1 AND gone IS NULL")?;
        let known: Vec<String> = known.query_map([eid], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        gone.extend(known.into_iter().filter(|iccid| !seen.there.iter().any(|one| one.iccid == *iccid)));
    }
    for iccid in gone {
        let off = "UPDATE profile_seen SET gone = ?3 WHERE eid = ?1 AND iccid = ?2 AND gone IS NULL";
        transaction.execute(off, params![eid, iccid, now])?;
    }
    Ok(())
}

impl Database {
    /// True if there is nothing new in what was read of a card. That it was seen again is no news.
    pub(crate) fn knows(&self, eid: &str, device: &str, seen: &Sighting) -> Result<bool, Error> {
        if self.version < VERSION {
            return Ok(false);
        }
        is_known(&self.connection, eid, device, seen).map_err(|error| self.refused(&error))
    }

    /// Remembers what was read of a card.
    pub(crate) fn saw(&self, eid: &str, device: &str, seen: &Sighting) -> Result<(), Error> {
        self.changed(|transaction| note(transaction, eid, device, seen))
    }

    /// The EID of the card that is reached like this and has these profiles and no others; `None` if no known card or
    /// more than one has them. A card without profiles is not recognised: nothing tells it from another one. Nor is one
    /// with a profile that a case is about, or one where another card was seen since: a copy of it may be in its place.
    pub(crate) fn recognise(&self, device: &str, iccids: &[String]) -> Result<Option<String>, Error> {
        let work = || {
            let first = iccids.first().map(String::as_str).unwrap_or_default();
            let mut found = Vec::new();
            for (eid, at) in holders(&self.connection, first)? {
                let present = present(&self.connection, &eid)?;
                if present.len() == iccids.len() && present.iter().all(|one| iccids.contains(&one.iccid)) {
                    found.push((eid, at));
                }
            }
            Ok(match &found[..] {
                [(eid, at)] if at == device && self.is_sure(eid, iccids)? => Some(eid.clone()),
                _ => None,
            })
        };
        work().map_err(|error: rusqlite::Error| self.refused(&error))
    }

    /// True if profiles suffice to tell which card this is.
    fn is_sure(&self, eid: &str, iccids: &[String]) -> rusqlite::Result<bool> {
        Ok(!is_replaced(&self.connection, eid)? && !is_any_in_case(&self.connection, iccids)?)
    }

    /// True if one known card has this profile, it is reached like this, and it is surely the one that is there.
    pub(crate) fn knows_at(&self, device: &str, iccid: &str) -> Result<bool, Error> {
        let work = || match &holders(&self.connection, iccid)?[..] {
            [(eid, at)] if at == device => self.is_sure(eid, &[iccid.to_owned()]),
            _ => Ok(false),
        };
        work().map_err(|error| self.refused(&error))
    }

    /// How many notifications these cards had that are not in the outbox, when they were asked last.
    pub(crate) fn waiting_on_cards(&self, eids: &[String]) -> Result<CardQueue, Error> {
        let mut total = CardQueue::default();
        for eid in eids {
            let query = "SELECT coalesce(sum(waiting), 0), coalesce(sum(nameless), 0) FROM card_seen WHERE eid = ?1";
            let read = |row: &Row<'_>| Ok(CardQueue { sendable: row.get(0)?, nameless: row.get(1)? });
            let queue = self.connection.query_row(query, [eid], read).map_err(|error| self.refused(&error))?;
            total.sendable += queue.sendable;
            total.nameless += queue.nameless;
        }
        Ok(total)
    }

    /// The cards on which a profile was ever seen, also those from which it is gone.
    pub(crate) fn sightings_of(&self, iccid: &str) -> Result<Vec<ProfileSighting>, Error> {
        self.rows(SIGHTINGS, [iccid], |row| {
            Ok(ProfileSighting {
                eid: row.get(0)?,
                device: row.get(1)?,
                provider: row.get(2)?,
                name: row.get(3)?,
                nickname: row.get(4)?,
                last_seen: row.get(5)?,
                gone: row.get(6)?,
            })
        })
    }

    /// The cards on which there are other profiles of this operator.
    pub(crate) fn cards_of_provider(
        &self,
        provider: &str,
        iccid: &str,
    ) -> Result<Vec<(String, String, String)>, Error> {
        let query = "SELECT c.eid, c.device, p.iccid FROM profile_seen p JOIN card_seen c ON c.eid = p.eid \
                     WHERE p.provider = ?1 AND p.iccid <> ?2 AND p.gone IS NULL ORDER BY c.eid, p.iccid";
        self.rows(query, [provider, iccid], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    }

    /// All cards, those seen last first.
    pub(crate) fn inventory(&self) -> Result<Vec<SeenCard>, Error> {
        if self.version < 3 {
            return Ok(Vec::new());
        }
        let cards = "SELECT eid, device, first_seen, last_seen FROM card_seen ORDER BY last_seen DESC, eid";
        let mut cards = self.rows(cards, [], |row| {
            let profiles = Vec::new();
            Ok(SeenCard {
                eid: row.get(0)?,
                device: row.get(1)?,
                first_seen: row.get(2)?,
                last_seen: row.get(3)?,
                profiles,
            })
        })?;
        for card in &mut cards {
            let of = "SELECT * FROM profile_seen WHERE eid = ?1 ORDER BY first_seen, iccid";
            card.profiles = self.rows(of, [&card.eid], profile)?;
        }
        Ok(cards)
    }

    /// Forgets a card and what was seen on it.
    pub(crate) fn forget_card(&self, eid: &str) -> Result<(), Error> {
        self.changed(|transaction| {
            transaction.execute("DELETE FROM profile_seen WHERE eid = ?1", [eid])?;
            transaction.execute("DELETE FROM card_seen WHERE eid = ?1", [eid]).map(drop)
        })
    }

    /// Forgets a profile on all cards where it is gone.
    pub(crate) fn forget_gone(&self, iccid: &str) -> Result<usize, Error> {
        self.changed(|transaction| {
            transaction.execute("DELETE FROM profile_seen WHERE iccid = ?1 AND gone IS NOT NULL", [iccid])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::sandbox;
    use super::*;

    fn there(iccids: &[&str], whole: bool) -> Sighting {
        let described = |iccid: &&str| Described { iccid: (*iccid).into(), ..Described::default() };
        Sighting { there: iccids.iter().map(described).collect(), whole, ..Sighting::default() }
    }

    #[test]
    fn what_was_seen_is_remembered_also_where_it_is_gone() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        database.saw("E1", "virtual:a", &there(&["1", "2"], true)).unwrap();
        database.saw("E2", "virtual:b", &there(&["2"], false)).unwrap();
        database.saw("E1", "pcsc:x", &there(&["1"], true)).unwrap();
        let cards = database.inventory().unwrap();
        let first = cards.iter().find(|card| card.eid == "E1").unwrap();
        assert_eq!(first.device, "pcsc:x");
        assert_eq!(first.profiles.iter().map(|one| one.gone.is_some()).collect::<Vec<_>>(), [false, true]);
        assert_eq!(database.sightings_of("2").unwrap().len(), 2, "a card that had it counts");
        database.saw("E1", "pcsc:x", &there(&["2"], false)).unwrap();
        assert!(database.inventory().unwrap().iter().all(|card| card.profiles.iter().all(|one| one.gone.is_none())));
        database.forget_card("E1").unwrap();
        assert_eq!(database.inventory().unwrap().len(), 1);
    }

    #[test]
    fn a_card_is_recognised_by_how_it_is_reached_and_what_is_on_it() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        database.saw("E1", "virtual:a", &there(&["1"], true)).unwrap();
        database.saw("E2", "virtual:c", &there(&["1"], true)).unwrap();
        database.saw("E3", "virtual:b", &there(&["1", "2"], true)).unwrap();
        let recognised = |device: &str, iccids: &[&str]| {
            let iccids: Vec<String> = iccids.iter().map(|iccid| (*iccid).to_owned()).collect();
            database.recognise(device, &iccids).unwrap()
        };
        assert_eq!(recognised("virtual:b", &["2", "1"]).as_deref(), Some("E3"));
        assert_eq!(recognised("virtual:a", &["2", "1"]), None, "at another device");
        assert_eq!(recognised("virtual:c", &["1"]), None, "two cards have that set");
        assert_eq!(recognised("virtual:b", &["2"]), None, "a part is not the whole");
        assert_eq!(recognised("virtual:b", &["1", "2", "9"]), None);
        assert_eq!(recognised("virtual:b", &[]), None, "nothing tells empty cards apart");
        database.saw("E2", "virtual:c", &there(&["7"], true)).unwrap();
        assert_eq!(recognised("virtual:a", &["1"]).as_deref(), Some("E1"), "what is gone does not count");
        assert_eq!(recognised("virtual:c", &["7", "8"]), None, "it has one more than that card");
    }

    /// Sets when a card was seen last: the clock has whole seconds.
    fn seen_at(database: &Database, eid: &str, moment: &str) {
        let update = "UPDATE card_seen SET last_seen = ?2 WHERE eid = ?1";
        database.connection.execute(update, [eid, moment]).unwrap();
    }

    #[test]
    fn a_card_is_not_recognised_where_another_one_was_seen_since() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        let seen = there(&["1"], true);
        database.saw("E1", "virtual:a", &seen).unwrap();
        database.saw("E2", "virtual:a", &Sighting::default()).unwrap();
        let recognised = || database.recognise("virtual:a", &["1".to_owned()]).unwrap();
        for (first, second) in
            [("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"), ("2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z")]
        {
            seen_at(&database, "E1", first);
            seen_at(&database, "E2", second);
            assert_eq!(recognised(), None);
            assert!(!database.knows_at("virtual:a", "1").unwrap());
            assert!(!database.knows("E1", "virtual:a", &seen).unwrap(), "that it is back is news");
        }
        seen_at(&database, "E1", "2026-01-03T00:00:00Z");
        assert_eq!(recognised().as_deref(), Some("E1"));
        assert!(database.knows_at("virtual:a", "1").unwrap());
        assert!(database.knows("E1", "virtual:a", &seen).unwrap());
    }

    #[test]
    fn a_card_is_not_recognised_by_a_profile_that_a_case_is_about() {
        use crate::retire::{Event, Subscription};
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        database.saw("E1", "virtual:a", &there(&["1", "2"], true)).unwrap();
        let recognised = || database.recognise("virtual:a", &["1".to_owned(), "2".to_owned()]).unwrap();
        assert_eq!(recognised().as_deref(), Some("E1"));
        let subscription = Subscription { iccid: "2".into(), ..Subscription::default() };
        let started = Event::Started {
            subscription: subscription.clone(),
            devices: vec![("E1".to_owned(), "virtual:a".to_owned())],
            journal_before: 0,
            outbox_before: Some(0),
        };
        let case = database.open_case(&subscription, &[started]).unwrap().unwrap();
        let asked = || assert_eq!((recognised(), database.knows_at("virtual:a", "2").unwrap()), (None, false));
        asked();
        assert!(database.knows_at("virtual:a", "1").unwrap());
        database.add_to_case(case.id, |_| Ok(vec![Event::Cancelled { reason: "no".into() }])).unwrap();
        asked();
    }

    #[test]
    fn what_is_known_is_no_news() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        let named =
            |nickname: &str| Described { iccid: "1".into(), nickname: Some(nickname.into()), ..Described::default() };
        let seen = Sighting { there: vec![named("Home")], whole: true, ..Sighting::default() };
        assert!(!database.knows("E1", "virtual:a", &seen).unwrap());
        database.saw("E1", "virtual:a", &seen).unwrap();
        for known in [seen.clone(), there(&["1"], false), Sighting { whole: false, ..Sighting::default() }] {
            assert!(database.knows("E1", "virtual:a", &known).unwrap(), "{known:?}");
        }
        for news in [
            Sighting { there: vec![named("Work")], ..Sighting::default() },
            there(&["1", "2"], true),
            there(&["2"], true),
            Sighting { gone: vec!["2".into()], ..Sighting::default() },
            Sighting { waiting: Some(CardQueue { sendable: 1, nameless: 0 }), ..Sighting::default() },
            Sighting { waiting: Some(CardQueue { sendable: 1, nameless: 1 }), ..Sighting::default() },
            Sighting { waiting: Some(CardQueue::default()), ..Sighting::default() },
        ] {
            assert!(!database.knows("E1", "virtual:a", &news).unwrap(), "{news:?}");
            database.saw("E1", "virtual:a", &news).unwrap();
            assert!(database.knows("E1", "virtual:a", &news).unwrap(), "{news:?}");
        }
        assert!(!database.knows("E1", "virtual:b", &Sighting::default()).unwrap(), "reached in another way");
    }
}
