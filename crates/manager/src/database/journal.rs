//! The journal of changes.

use rusqlite::{Row, params};
use serde_json::Value;

use super::{Database, now};
use crate::error::Error;
use crate::process::{self, Liveness};

/// How a change ended, in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The card proves it.
    Done,
    /// The card proves that nothing has changed.
    NotDone,
    /// The card could not be read afterwards.
    Unknown,
    /// Nobody will ever know, or it does not matter any more.
    Closed,
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotDone => "not_done",
            Self::Unknown => "unknown",
            Self::Closed => "closed",
        }
    }
}

/// A change that is about to be made.
#[derive(Debug, Clone)]
pub struct NewEntry<'a> {
    /// What kind of change.
    pub command: &'a str,
    /// How the card is reached.
    pub device: &'a str,
    /// The card.
    pub eid: String,
    /// The profile, if it is about one.
    pub iccid: Option<String>,
    /// What is to be done, without secrets.
    pub plan: Value,
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub id: i64,
    /// When it was begun: UTC, RFC 3339.
    pub started: String,
    /// What kind of change.
    pub command: String,
    /// How the card was reached.
    pub device: String,
    /// The card; empty for raw commands.
    pub eid: String,
    /// The profile, if it is about one.
    pub iccid: Option<String>,
    /// What was to be done.
    pub plan: Value,
    /// How it ended; `None` if it was begun and never heard of again.
    pub outcome: Option<String>,
    /// When it ended: UTC, RFC 3339.
    pub finished: Option<String>,
    /// Who makes it.
    process: Option<String>,
}

impl Entry {
    /// True if the change was made, and the card was read again.
    pub(crate) fn is_done(&self) -> bool {
        self.outcome.as_deref() == Some("done")
    }

    /// True while the process that makes the change is seen to run.
    ///
    /// One that cannot be seen from here does not count: an entry has no deadline, and would stay in progress until the
    /// next boot though its process died. What looks into open entries takes the lock of the device first, which a
    /// process that still works on the card holds.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.outcome.is_none() && self.liveness() == Liveness::Alive
    }

    /// True unless the change has ended, or the process that made it: for what must not happen beside it.
    pub(crate) fn may_be_running(&self) -> bool {
        self.outcome.is_none() && self.liveness() != Liveness::Gone
    }

    fn liveness(&self) -> Liveness {
        self.process.as_deref().map_or(Liveness::Gone, process::liveness)
    }
}

/// How far a change came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// What belongs to it.
    pub detail: Value,
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let plan: String = row.get("plan")?;
    Ok(Entry {
        id: row.get("id")?,
        started: row.get("started")?,
        command: row.get("command")?,
        device: row.get("device")?,
        eid: row.get("eid")?,
        iccid: row.get("iccid")?,
        plan: serde_json::from_str(&plan).unwrap_or_default(),
        outcome: row.get("outcome")?,
        finished: row.get("finished")?,
        process: row.get("process")?,
    })
}

impl Database {
    /// The last entries, the youngest first.
    pub fn recent(&self, count: usize) -> Result<Vec<Entry>, Error> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.rows("SELECT * FROM journal ORDER BY id DESC LIMIT ?1", [count], entry)
    }

    /// Records a change before it is made; gives its number.
    pub fn begin(&self, entry: &NewEntry<'_>) -> Result<i64, Error> {
        self.begin_with_code(entry, None)
    }

    /// Like [`Database::begin`], for a download by the order with this fingerprint.
    pub(crate) fn begin_with_code(&self, entry: &NewEntry<'_>, code: Option<&str>) -> Result<i64, Error> {
        let NewEntry { command, device, eid, iccid, plan } = entry;
        self.changed(|transaction| {
            transaction.execute(
                "INSERT INTO journal (started, command, device, eid, iccid, plan, process, code) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![now(), command, device, eid, iccid, plan.to_string(), process::this(), code],
            )?;
            Ok(transaction.last_insert_rowid())
        })
    }

    /// The downloads by the order with this fingerprint, newest first. A database of an older format, which is only looked
    /// at, knows of none.
    pub(crate) fn downloads_by_code(&self, code: &str) -> Result<Vec<Entry>, Error> {
        if !self.is_current() {
            return Ok(Vec::new());
        }
        self.entries("WHERE code = ?1 ORDER BY id DESC", [code])
    }

    /// The name of a profile on a card, as it was seen last.
    pub(crate) fn profile_name(&self, eid: &str, iccid: &str) -> Result<Option<String>, Error> {
        let name = "SELECT COALESCE(NULLIF(nickname, ''), NULLIF(name, ''), NULLIF(provider, '')) FROM profile_seen \
                    WHERE eid = ?1 AND iccid = ?2";
        Ok(self.rows(name, [eid, iccid], |row| row.get(0))?.into_iter().next().flatten())
    }

    /// Records how far a change came. The profile that it is about may be known only now (`iccid` in the detail).
    pub fn step(&self, id: i64, name: &str, detail: &Value) -> Result<(), Error> {
        self.changed(|transaction| {
            if let Some(iccid) = detail["iccid"].as_str() {
                transaction
                    .execute("UPDATE journal SET iccid = ?2 WHERE id = ?1 AND iccid IS NULL", params![id, iccid])?;
            }
            transaction
                .execute(
                    "INSERT INTO journal_step (journal, at, step, detail) VALUES (?1, ?2, ?3, ?4)",
                    params![id, now(), name, detail.to_string()],
                )
                .map(drop)
        })
    }

    /// How far a change came, in order.
    pub fn steps(&self, id: i64) -> Result<Vec<Step>, Error> {
        self.rows("SELECT step, detail FROM journal_step WHERE journal = ?1 ORDER BY id", [id], |row| {
            let detail: String = row.get(1)?;
            Ok(Step { name: row.get(0)?, detail: serde_json::from_str(&detail).unwrap_or_default() })
        })
    }

    /// Records how a change ended.
    pub fn finish(&self, id: i64, outcome: Outcome, detail: Option<&str>) -> Result<(), Error> {
        self.changed(|transaction| {
            transaction
                .execute(
                    "UPDATE journal SET finished = ?2, outcome = ?3, detail = ?4 WHERE id = ?1",
                    params![id, now(), outcome.name(), detail],
                )
                .map(drop)
        })
    }

    /// The journal, newest entry first.
    pub fn journal(&self, most: u32) -> Result<Vec<Entry>, Error> {
        self.entries("ORDER BY id DESC LIMIT ?1", [most])
    }

    /// The entries that are open: begun and never finished, still running, or ended without an answer. Oldest first.
    pub fn unfinished(&self) -> Result<Vec<Entry>, Error> {
        self.entries("WHERE outcome IS NULL OR outcome = 'unknown' ORDER BY id", [])
    }

    /// The entries of a card that came later than this one, newest first.
    pub fn later(&self, eid: &str, id: i64) -> Result<Vec<Entry>, Error> {
        self.entries("WHERE eid = ?1 AND id > ?2 ORDER BY id DESC", params![eid, id])
    }

    /// What was done to a profile on a card since an entry, newest first.
    pub(crate) fn entries_about(&self, iccid: &str, eid: &str, since: i64) -> Result<Vec<Entry>, Error> {
        self.entries("WHERE iccid = ?1 AND eid = ?2 AND id > ?3 ORDER BY id DESC", params![iccid, eid, since])
    }

    /// What was done to a profile on any card, newest first.
    pub(crate) fn entries_of_profile(&self, iccid: &str) -> Result<Vec<Entry>, Error> {
        self.entries("WHERE iccid = ?1 ORDER BY id DESC", [iccid])
    }

    /// The resets of a card since an entry, newest first.
    pub(crate) fn resets(&self, eid: &str, since: i64) -> Result<Vec<Entry>, Error> {
        self.entries("WHERE command = 'reset' AND eid = ?1 AND id > ?2 ORDER BY id DESC", params![eid, since])
    }

    /// The resets of any card that were to delete a profile, newest first.
    pub(crate) fn resets_of_profile(&self, iccid: &str) -> Result<Vec<Entry>, Error> {
        let names = |entry: &Entry| {
            entry.plan["profiles"].as_array().into_iter().flatten().any(|one| one.as_str() == Some(iccid))
        };
        let resets = self.entries("WHERE command = 'reset' ORDER BY id DESC", [])?;
        Ok(resets.into_iter().filter(names).collect())
    }

    fn entries(&self, which: &str, params: impl rusqlite::Params) -> Result<Vec<Entry>, Error> {
        // A database of version 1 that is only looked at has no column for the process.
        let process = if self.version < 2 { "NULL AS process" } else { "process" };
        self.rows(&format!("SELECT *, {process} FROM journal {which}"), params, entry)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::super::tests::sandbox;
    use super::*;

    pub(crate) fn entry() -> NewEntry<'static> {
        NewEntry {
            command: "delete",
            device: "virtual:x",
            eid: "89".repeat(16),
            iccid: Some("8999".into()),
            plan: json!({}),
        }
    }

    #[test]
    fn a_change_is_there_before_it_is_finished_and_after() {
        let (_directory, paths) = sandbox();
        let id = Database::open(&paths).unwrap().begin(&entry()).unwrap();
        let database = Database::open(&paths).unwrap();
        assert_eq!(database.journal(9).unwrap()[0].outcome, None, "begun and never heard of again");
        database.finish(id, Outcome::Unknown, Some("unplugged")).unwrap();
        assert_eq!(database.journal(9).unwrap()[0].outcome.as_deref(), Some("unknown"));
    }

    #[test]
    fn downloads_are_found_by_the_fingerprint_of_their_order() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        database.begin(&entry()).unwrap();
        let ids: Vec<i64> =
            ["a", "b", "a"].iter().map(|code| database.begin_with_code(&entry(), Some(code)).unwrap()).collect();
        let found: Vec<i64> = database.downloads_by_code("a").unwrap().iter().map(|entry| entry.id).collect();
        assert_eq!(found, [ids[2], ids[0]]);
        assert!(database.downloads_by_code("c").unwrap().is_empty());
        drop(database);
        assert_eq!(Database::peek(&paths).unwrap().downloads_by_code("b").unwrap().len(), 1);
    }

    #[test]
    fn steps_are_kept_in_order() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        let id = database.begin(&entry()).unwrap();
        database.step(id, "one", &json!({ "server": "a.example" })).unwrap();
        database.step(id, "two", &json!({})).unwrap();
        let steps = database.steps(id).unwrap();
        assert_eq!((steps[0].name.as_str(), steps[1].name.as_str()), ("one", "two"));
        assert_eq!(steps[0].detail["server"], "a.example");
    }

    #[test]
    fn what_this_process_does_is_work_in_progress() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        let id = database.begin(&entry()).unwrap();
        assert!(database.unfinished().unwrap()[0].is_running());
        database.connection.execute("UPDATE journal SET process = '1 1 elsewhere'", []).unwrap();
        assert!(!database.unfinished().unwrap()[0].is_running());
        assert!(!database.unfinished().unwrap()[0].may_be_running());
        // One in another PID namespace, which cannot be seen from here.
        let hidden = format!("{} 1 {} 1", std::process::id(), process::boot().unwrap());
        database.connection.execute("UPDATE journal SET process = ?1", [hidden]).unwrap();
        let open = &database.unfinished().unwrap()[0];
        assert_eq!((open.is_running(), open.may_be_running()), (false, true), "recover looks, and nothing is moved");
        database.finish(id, Outcome::Closed, None).unwrap();
        assert!(database.unfinished().unwrap().is_empty());
    }
}
