//! Cards that were seen, and the profiles on them.

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{Database, now};
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

/// A card on which a profile was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenOn {
    /// The card.
    pub(crate) eid: String,
    /// The way to it.
    pub(crate) device: String,
    /// The profile is known to be off the card.
    pub(crate) gone: bool,
    /// When the profile was seen there last: UTC, RFC 3339.
    pub(crate) last_seen: String,
}

const WHERE_SEEN: &str = "SELECT c.eid, c.device, p.gone IS NOT NULL, p.last_seen FROM profile_seen p \
                          JOIN card_seen c ON c.eid = p.eid WHERE p.iccid = ?1";

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

fn note(transaction: &Transaction<'_>, eid: &str, device: &str, seen: &Sighting) -> rusqlite::Result<()> {
    let now = now();
    transaction.execute(
        "INSERT INTO card_seen (eid, device, first_seen, last_seen) VALUES (?1, ?2, ?3, ?3) \
         ON CONFLICT (eid) DO UPDATE SET device = ?2, last_seen = ?3",
        params![eid, device, now],
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
    /// Remembers what was read of a card.
    pub(crate) fn saw(&self, eid: &str, device: &str, seen: &Sighting) -> Result<(), Error> {
        self.changed(|transaction| note(transaction, eid, device, seen))
    }

    /// Which card it is, that was reached like this and has these profiles, if that is known.
    pub(crate) fn recognise(&self, device: &str, iccids: &[String]) -> Result<Option<String>, Error> {
        let on = "SELECT c.eid FROM card_seen c JOIN profile_seen p ON p.eid = c.eid \
                  WHERE c.device = ?1 AND p.iccid = ?2 ORDER BY c.last_seen DESC LIMIT 1";
        for iccid in iccids {
            let found = self.connection.query_row(on, [device, iccid], |row| row.get(0)).optional();
            if let Some(eid) = found.map_err(|error| self.refused(&error))? {
                return Ok(Some(eid));
            }
        }
        Ok(None)
    }

    /// The cards on which a profile was ever seen.
    pub(crate) fn sightings_of(&self, iccid: &str) -> Result<Vec<SeenOn>, Error> {
        let seen = |row: &Row<'_>| {
            Ok(SeenOn { eid: row.get(0)?, device: row.get(1)?, gone: row.get(2)?, last_seen: row.get(3)? })
        };
        self.rows(WHERE_SEEN, [iccid], seen)
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
        Sighting { there: iccids.iter().map(described).collect(), whole, gone: Vec::new() }
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
        database.saw("E2", "virtual:b", &there(&["1"], true)).unwrap();
        assert_eq!(database.recognise("virtual:b", &["1".into()]).unwrap().as_deref(), Some("E2"));
        assert_eq!(database.recognise("virtual:b", &["9".into()]).unwrap(), None);
        assert_eq!(database.recognise("virtual:c", &["1".into()]).unwrap(), None);
    }
}
