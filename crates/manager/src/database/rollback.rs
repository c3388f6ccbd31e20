//! Switches that are to be undone if no network takes the modem with the new profile.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use super::{Database, now, text};
use crate::error::Error;
use crate::process::{self, Liveness};

/// The first version of the format that has the table.
const FIRST_VERSION: i64 = 4;

/// A switch that is about to be made, and to be undone if no network takes it.
#[derive(Debug, Clone)]
pub(crate) struct NewRollback {
    /// The way to the card, with its options.
    pub(crate) device: String,
    /// A name of the same port that outlives a reboot.
    pub(crate) stable: Option<String>,
    /// The card.
    pub(crate) eid: String,
    /// The profile to be enabled.
    pub(crate) iccid: String,
    /// The profile to go back to; `None` if none is enabled.
    pub(crate) former: Option<String>,
    /// The time for which a network is waited for.
    pub(crate) time: Duration,
}

/// A switch that is still to be kept or undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingRollback {
    /// The number of its record.
    pub id: i64,
    /// The moment of the promise: UTC, RFC 3339.
    pub created: String,
    /// The way to the card, with its options.
    pub device: String,
    /// A name of the same port that outlives a reboot.
    pub stable: Option<String>,
    /// The card.
    pub eid: String,
    /// The profile to be enabled.
    pub iccid: String,
    /// The profile to go back to; `None` if none was enabled.
    pub former: Option<String>,
    /// The seconds for which a network is waited for.
    pub seconds: u64,
    /// The deadline by the clock on the wall: UTC, RFC 3339. To be shown; nothing is decided by it.
    pub deadline: String,
    /// The reason why going back failed last, if it did.
    pub detail: Option<String>,
    /// The boot that `until` counts from.
    pub(crate) boot: String,
    /// The deadline in seconds since that boot.
    pub(crate) until: u64,
    /// The process that waits or goes back.
    pub(crate) process: Option<String>,
    /// The last entry of the journal before the switch.
    pub(crate) since: i64,
    /// True while it is being undone, or was when its process ended.
    pub(crate) going_back: bool,
}

impl PendingRollback {
    /// Tells whether the process that promised it, or that undoes it, still runs.
    pub(crate) fn liveness(&self) -> Liveness {
        self.process.as_deref().map_or(Liveness::Gone, process::liveness)
    }

    /// The number of the process that waits or goes back, unless it is known to have ended.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.as_deref().filter(|_| self.liveness() != Liveness::Gone)?.split(' ').next()?.parse().ok()
    }
}

/// The end of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RollbackEnd {
    /// A network has taken the modem with the new profile.
    Registered,
    /// The former profile is enabled again.
    RolledBack,
    /// The user said that the new profile stays.
    Kept,
    /// There is nothing to undo any more.
    Moot,
}

impl RollbackEnd {
    /// The name in the database and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::RolledBack => "rolled_back",
            Self::Kept => "kept",
            Self::Moot => "moot",
        }
    }
}

/// What came of the user's word that a new profile stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// It stays.
    Kept,
    /// The record had ended before.
    HadEnded,
    /// Somebody is just going back.
    GoesBack,
}

fn pending(row: &Row<'_>) -> rusqlite::Result<PendingRollback> {
    let count = |name: &str| row.get::<_, i64>(name).map(|number| u64::try_from(number).unwrap_or(0));
    Ok(PendingRollback {
        id: row.get("id")?,
        created: row.get("created")?,
        device: row.get("device")?,
        stable: row.get("stable")?,
        eid: row.get("eid")?,
        iccid: row.get("iccid")?,
        former: row.get("former")?,
        seconds: count("seconds")?,
        deadline: row.get("deadline")?,
        detail: row.get("detail")?,
        boot: row.get("boot")?,
        until: count("until")?,
        process: row.get("process")?,
        since: row.get("since")?,
        going_back: row.get::<_, String>("state")? == "going_back",
    })
}

/// A deadline by the wall clock, the boot, and the same deadline in seconds since that boot.
fn deadline(time: Duration) -> (String, String, i64) {
    let wall = Timestamp::now().saturating_add(SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX));
    let time = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let until = process::uptime().unwrap_or(0).saturating_add(time);
    (text(wall.unwrap_or(Timestamp::MAX)), process::boot().unwrap_or_default(), until)
}

impl Database {
    /// Records that a switch is undone if no network takes it, before it is made. Gives its number.
    pub(crate) fn promise_rollback(&self, new: &NewRollback) -> Result<i64, Error> {
        let NewRollback { device, stable, eid, iccid, former, time } = new;
        let (wall, boot, until) = deadline(*time);
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        self.changed(|transaction| {
            transaction.execute(
                "INSERT INTO rollback (created, device, stable, eid, iccid, former, seconds, deadline, boot, until, \
                 process, since) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ifnull(max(id), 0) FROM journal",
                params![now(), device, stable, eid, iccid, former, seconds, wall, boot, until, process::this()],
            )?;
            Ok(transaction.last_insert_rowid())
        })
    }

    /// Lets the time begin anew: the switch is made now.
    pub(crate) fn restart_rollback(&self, id: i64, time: Duration) -> Result<(), Error> {
        let (wall, boot, until) = deadline(time);
        self.changed(|transaction| {
            transaction
                .execute(
                    "UPDATE rollback SET deadline = ?2, boot = ?3, until = ?4 WHERE id = ?1 AND ended IS NULL",
                    params![id, wall, boot, until],
                )
                .map(drop)
        })
    }

    /// The switches that are still to be kept or undone, oldest first.
    pub(crate) fn pending_rollbacks(&self) -> Result<Vec<PendingRollback>, Error> {
        if self.version < FIRST_VERSION {
            return Ok(Vec::new());
        }
        self.rows("SELECT * FROM rollback WHERE ended IS NULL ORDER BY id", [], pending)
    }

    /// Claims one for this process, which undoes it. False if it has ended meanwhile. The caller holds the device, so that
    /// nobody else is at it.
    pub(crate) fn claim_rollback(&self, id: i64) -> Result<bool, Error> {
        self.changed(|transaction| {
            let claimed = transaction.execute(
                "UPDATE rollback SET state = 'going_back', process = ?2 WHERE id = ?1 AND ended IS NULL",
                params![id, process::this()],
            )?;
            Ok(claimed == 1)
        })
    }

    /// Gives one back that could not be undone: anybody may try again, at once.
    pub(crate) fn release_rollback(&self, id: i64, why: &str) -> Result<(), Error> {
        self.changed(|transaction| {
            transaction
                .execute(
                    "UPDATE rollback SET state = 'open', process = NULL, detail = ?2 WHERE id = ?1 AND ended IS NULL",
                    params![id, why],
                )
                .map(drop)
        })
    }

    /// Notes why one could not be undone.
    pub(crate) fn note_rollback_failure(&self, id: i64, why: &str) -> Result<(), Error> {
        self.changed(|transaction| {
            let note = "UPDATE rollback SET detail = ?2 WHERE id = ?1 AND ended IS NULL AND state = 'open'";
            transaction.execute(note, params![id, why]).map(drop)
        })
    }

    /// Ends one by the user's word, unless somebody `goes_on` undoing it. Both is decided in one step: whoever undoes it
    /// claims it before.
    pub(crate) fn keep_rollback(
        &self,
        id: i64,
        why: &str,
        goes_on: impl FnOnce(&PendingRollback) -> bool,
    ) -> Result<Keeping, Error> {
        self.changed(|transaction| {
            let open = "SELECT * FROM rollback WHERE id = ?1 AND ended IS NULL";
            let Some(open) = transaction.query_row(open, [id], pending).optional()? else {
                return Ok(Keeping::HadEnded);
            };
            if goes_on(&open) {
                return Ok(Keeping::GoesBack);
            }
            let end = "UPDATE rollback SET state = ?2, ended = ?3, detail = ?4 WHERE id = ?1 AND ended IS NULL";
            transaction.execute(end, params![id, RollbackEnd::Kept.name(), now(), why])?;
            Ok(Keeping::Kept)
        })
    }

    /// Does this if no switch waits to be kept or undone. Nobody can promise one meanwhile.
    pub(crate) fn unless_rollbacks_wait(&self, work: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
        self.changed(|transaction| {
            let open = "SELECT count(*) FROM rollback WHERE ended IS NULL";
            let open: i64 = transaction.query_row(open, [], |row| row.get(0))?;
            Ok(if open == 0 { work() } else { Ok(()) })
        })?
    }

    /// Ends one. False if it had ended already.
    pub(crate) fn end_rollback(&self, id: i64, end: RollbackEnd, why: &str) -> Result<bool, Error> {
        self.changed(|transaction| {
            let ended = transaction.execute(
                "UPDATE rollback SET state = ?2, ended = ?3, detail = ?4 WHERE id = ?1 AND ended IS NULL",
                params![id, end.name(), now(), why],
            )?;
            Ok(ended == 1)
        })
    }
}
