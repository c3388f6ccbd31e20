//! Claims of notifications, and the trail of the attempts to deliver them.
//!
//! An attempt is written down before anything is sent, and its outcome afterwards. As long as it has none it is a claim:
//! no other process sends anything that this card has for this server, so that each notification is posted once and in
//! order. A claim ends with its process; a lease bounds it where the process lives on and has forgotten it.

use rusqlite::{Connection, Row, Transaction, params};

use super::{Database, LetterState, now, text};
use crate::error::{Error, Id};
use crate::process::{self, Liveness};

/// The longest time that a claim holds, in seconds: longer than any exchange with a server may take.
pub(crate) const CLAIM_LEASE: i64 = 15 * 60;

/// The outcome of an attempt to deliver a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The server has accepted it.
    Accepted,
    /// The server, or something in its place, has answered, and not by accepting it.
    NotAccepted,
    /// The notification was on its way, and the answer was lost: the server may have it.
    Unanswered,
    /// The server was not reached: it does not have it.
    Unreached,
    /// The process ended, or its time was up, before it noted an answer: the server may have it.
    Lost,
}

impl AttemptOutcome {
    /// The name in the database and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::NotAccepted => "not_accepted",
            Self::Unanswered => "unanswered",
            Self::Unreached => "unreached",
            Self::Lost => "lost",
        }
    }

    /// Reads a name. One that this version does not know leaves open whether the server has it.
    fn from_name(name: &str) -> Self {
        [Self::Accepted, Self::NotAccepted, Self::Unanswered, Self::Unreached]
            .into_iter()
            .find(|outcome| outcome.name() == name)
            .unwrap_or(Self::Lost)
    }
}

/// An attempt to deliver a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryAttempt {
    /// The number of the notification in the outbox.
    pub letter: i64,
    /// The process that made it: its number, its start, the boot; `None` if it could not be told.
    pub process: Option<String>,
    /// The moment it was begun: UTC, RFC 3339.
    pub started: String,
    /// The moment its outcome was noted: UTC, RFC 3339; `None` while it goes on.
    pub ended: Option<String>,
    /// The outcome; `None` while it goes on.
    pub outcome: Option<AttemptOutcome>,
    /// The reason, for all but accepted ones.
    pub detail: Option<String>,
}

/// The answer to who wants to send a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Permission to send it, as the attempt with this number, and for nobody else.
    Granted(i64),
    /// The notification does not wait any more.
    Settled(LetterState),
    /// The notification is to be tried later.
    NotDue,
    /// Another process sends something of this card to this server now.
    Taken,
}

/// The server of a notification in SQL: one claim at a time for each card and server.
const SERVER: &str = "coalesce(host, address)";

/// True while the claim keeps others away. Its time is counted from the boot, since clocks are set; one that is further
/// away than any lease is from another boot. A process that cannot be seen from here counts as living until then.
fn holds(process: Option<&str>, lease: i64) -> bool {
    let in_time = process::uptime().is_none_or(|now| (now..=now + CLAIM_LEASE).contains(&lease));
    in_time && process.is_none_or(|process| process::liveness(process) != Liveness::Gone)
}

/// True if a claim among the open ones that `which` chooses still holds. Those that do not are noted as lost.
fn is_taken(transaction: &Transaction<'_>, which: &str, params: impl rusqlite::Params) -> rusqlite::Result<bool> {
    let open = format!(
        "SELECT a.id, a.process, a.lease FROM outbox_attempt a JOIN outbox o ON o.id = a.outbox \
         WHERE a.ended IS NULL AND {which}"
    );
    let mut open = transaction.prepare(&open)?;
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let open: Vec<(i64, Option<String>, i64)> = open.query_map(params, read)?.collect::<rusqlite::Result<_>>()?;
    let (held, void): (Vec<_>, Vec<_>) = open.into_iter().partition(|(_, by, lease)| holds(by.as_deref(), *lease));
    for (attempt, ..) in void {
        let why = "the process ended before it noted an answer";
        end_attempt(transaction, attempt, AttemptOutcome::Lost, Some(why))?;
    }
    Ok(!held.is_empty())
}

/// Notes how an attempt ended. The word of the one who made it goes before that of those who thought it lost.
fn end_attempt(
    connection: &Connection,
    attempt: i64,
    outcome: AttemptOutcome,
    detail: Option<&str>,
) -> rusqlite::Result<()> {
    connection
        .execute(
            "UPDATE outbox_attempt SET ended = ?2, outcome = ?3, detail = ?4 \
             WHERE id = ?1 AND (ended IS NULL OR (outcome = 'lost' AND ?3 <> 'lost'))",
            params![attempt, now(), outcome.name(), detail],
        )
        .map(drop)
}

fn begin_attempt(transaction: &Transaction<'_>, letter: i64, next_try: &str) -> rusqlite::Result<i64> {
    transaction
        .execute("UPDATE outbox SET attempts = attempts + 1, next_try = ?2 WHERE id = ?1", (letter, next_try))?;
    let lease = process::uptime().map_or(i64::MAX, |now| now + CLAIM_LEASE);
    transaction.execute(
        "INSERT INTO outbox_attempt (outbox, process, started, lease) VALUES (?1, ?2, ?3, ?4)",
        params![letter, process::this(), now(), lease],
    )?;
    Ok(transaction.last_insert_rowid())
}

impl Database {
    /// Claims a notification before it is sent, and says when the next try will be. `only_if_due`: not if it was tried a
    /// short while ago.
    pub(crate) fn claim(&self, letter: i64, next_try: jiff::Timestamp, only_if_due: bool) -> Result<Claim, Error> {
        self.changed(|transaction| {
            let query = format!("SELECT state, next_try, eid, {SERVER} FROM outbox WHERE id = ?1");
            let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
            let (state, due, eid, server): (String, Option<String>, String, String) =
                transaction.query_row(&query, [letter], read)?;
            match LetterState::of(&state) {
                LetterState::Waiting => {}
                state => return Ok(Claim::Settled(state)),
            }
            let due = due.and_then(|at| at.parse::<jiff::Timestamp>().ok());
            if only_if_due && due.is_some_and(|at| at > jiff::Timestamp::now()) {
                return Ok(Claim::NotDue);
            }
            if is_taken(transaction, &format!("o.eid = ?1 AND {SERVER} = ?2"), [&eid, &server])? {
                return Ok(Claim::Taken);
            }
            begin_attempt(transaction, letter, &text(next_try)).map(Claim::Granted)
        })
    }

    /// Notes that the server has accepted what an attempt brought it: from now on it is the archive.
    pub(crate) fn accepted(&self, attempt: i64) -> Result<(), Error> {
        self.changed(|transaction| {
            end_attempt(transaction, attempt, AttemptOutcome::Accepted, None)?;
            let settle = "UPDATE outbox SET state = 'delivered', ended = ?2, next_try = NULL \
                          WHERE state = 'waiting' AND id = (SELECT outbox FROM outbox_attempt WHERE id = ?1)";
            transaction.execute(settle, params![attempt, now()]).map(drop)
        })
    }

    /// Notes why an attempt failed. The notification waits on.
    pub(crate) fn failed(&self, attempt: i64, outcome: AttemptOutcome, why: &str) -> Result<(), Error> {
        self.changed(|transaction| {
            end_attempt(transaction, attempt, outcome, Some(why))?;
            let note = "UPDATE outbox SET last_error = ?2 \
                        WHERE id = (SELECT outbox FROM outbox_attempt WHERE id = ?1)";
            transaction.execute(note, params![attempt, why]).map(drop)
        })
    }

    /// Gives notifications up for the user's `reason`, all or none: fails if another process is sending one of them.
    /// Notifications that do not wait stay unchanged.
    pub(crate) fn give_up(&self, letters: &[i64], reason: Option<&str>) -> Result<(), Error> {
        let sent_now = self.changed(|transaction| {
            for letter in letters {
                if is_taken(transaction, "o.id = ?1 AND o.state = 'waiting'", [letter])? {
                    return Ok(Some(*letter));
                }
            }
            let drop = "UPDATE outbox SET state = 'dropped', ended = ?2, next_try = NULL, reason = ?3 \
                        WHERE id = ?1 AND state = 'waiting'";
            for letter in letters {
                transaction.execute(drop, params![letter, now(), reason])?;
            }
            Ok(None)
        })?;
        sent_now.map_or(Ok(()), |letter| Err(Error::new(Id::LetterBeingSent).with("id", letter)))
    }

    /// The attempts to deliver a notification, in order.
    pub fn attempts(&self, letter: i64) -> Result<Vec<DeliveryAttempt>, Error> {
        if self.version < 4 {
            return Ok(Vec::new());
        }
        let query = "SELECT outbox, process, started, ended, outcome, detail FROM outbox_attempt \
                     WHERE outbox = ?1 ORDER BY id";
        self.rows(query, [letter], |row| {
            let outcome: Option<String> = row.get(4)?;
            Ok(DeliveryAttempt {
                letter: row.get(0)?,
                process: row.get(1)?,
                started: row.get(2)?,
                ended: row.get(3)?,
                outcome: outcome.as_deref().map(AttemptOutcome::from_name),
                detail: row.get(5)?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::NewNotification;
    use super::super::outbox::tests::new;
    use super::super::tests::sandbox;
    use super::*;
    use crate::paths::Paths;

    fn later() -> jiff::Timestamp {
        jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1)
    }

    fn kept(paths: &Paths, seqs: &[u64]) -> (Database, Vec<i64>) {
        let database = Database::open(paths).unwrap();
        let new: Vec<_> = seqs.iter().map(|seq| new(*seq, seq.to_string().as_bytes())).collect();
        let ids = database.keep(&new).unwrap().into_iter().map(|(id, _)| id).collect();
        (database, ids)
    }

    fn granted(claim: Claim) -> i64 {
        match claim {
            Claim::Granted(attempt) => attempt,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_one_sends_nobody_else_does_and_nothing_goes_before_it() {
        let (_directory, paths) = sandbox();
        let (first, ids) = kept(&paths, &[1, 2]);
        let second = Database::open(&paths).unwrap();
        let other_card = NewNotification { eid: "90".repeat(16), ..new(3, b"three") };
        let other_card = first.keep(&[other_card]).unwrap()[0].0;
        let attempt = granted(first.claim(ids[0], later(), false).unwrap());
        for id in &ids {
            assert_eq!(second.claim(*id, later(), false).unwrap(), Claim::Taken, "{id}");
        }
        granted(second.claim(other_card, later(), false).unwrap());
        first.accepted(attempt).unwrap();
        assert_eq!(second.claim(ids[0], later(), false).unwrap(), Claim::Settled(LetterState::Delivered));
        let attempt = granted(second.claim(ids[1], later(), false).unwrap());
        second.failed(attempt, AttemptOutcome::Unreached, "nobody there").unwrap();
        assert_eq!(first.claim(ids[1], later(), true).unwrap(), Claim::NotDue);
        granted(first.claim(ids[1], later(), false).unwrap());
        let letter = first.letter(ids[1]).unwrap().unwrap();
        assert_eq!((letter.attempts, letter.last_error.as_deref()), (2, Some("nobody there")));
    }

    #[test]
    fn a_claim_ends_with_its_process_or_its_time_and_the_trail_tells() {
        let (_directory, paths) = sandbox();
        let (database, ids) = kept(&paths, &[1]);
        for void in
            ["process = '1 1 elsewhere'", "lease = 0", "lease = 9000000000000000000", "process = NULL, lease = 1"]
        {
            granted(database.claim(ids[0], later(), false).unwrap());
            assert_eq!(database.claim(ids[0], later(), false).unwrap(), Claim::Taken);
            let end = format!("UPDATE outbox_attempt SET {void} WHERE ended IS NULL");
            database.connection.execute(&end, []).unwrap();
            let attempt = granted(database.claim(ids[0], later(), false).unwrap());
            let told: Vec<_> = database.attempts(ids[0]).unwrap().iter().map(|one| one.outcome).collect();
            assert_eq!(told[told.len() - 2..], [Some(AttemptOutcome::Lost), None], "{void}");
            database.failed(attempt, AttemptOutcome::Unanswered, "cut").unwrap();
        }
        // One that was thought lost and comes back with an answer is believed.
        let slow = granted(database.claim(ids[0], later(), false).unwrap());
        database.connection.execute("UPDATE outbox_attempt SET lease = 0 WHERE ended IS NULL", []).unwrap();
        granted(database.claim(ids[0], later(), false).unwrap());
        database.accepted(slow).unwrap();
        let trail = database.attempts(ids[0]).unwrap();
        assert_eq!(trail[trail.len() - 2].outcome, Some(AttemptOutcome::Accepted));
        assert_eq!(database.letter(ids[0]).unwrap().unwrap().state, LetterState::Delivered);
    }

    /// A process in another container has another namespace for its number: nothing goes out twice for that.
    #[test]
    fn a_claim_of_a_process_that_cannot_be_seen_holds_for_its_time() {
        let (_directory, paths) = sandbox();
        let (database, ids) = kept(&paths, &[1]);
        granted(database.claim(ids[0], later(), false).unwrap());
        let by = format!("{} 1 {} 1", std::process::id(), process::boot().unwrap());
        database.connection.execute("UPDATE outbox_attempt SET process = ?1", [by]).unwrap();
        assert_eq!(database.claim(ids[0], later(), false).unwrap(), Claim::Taken);
        assert_eq!(database.give_up(&ids, None).unwrap_err().id, Id::LetterBeingSent);
        database.connection.execute("UPDATE outbox_attempt SET lease = 0", []).unwrap();
        granted(database.claim(ids[0], later(), false).unwrap());
    }

    #[test]
    fn what_is_being_sent_is_not_given_up() {
        let (_directory, paths) = sandbox();
        let (database, ids) = kept(&paths, &[1, 2]);
        let attempt = granted(database.claim(ids[1], later(), false).unwrap());
        let error = Database::open(&paths).unwrap().give_up(&ids, None).unwrap_err();
        assert_eq!(error.id, Id::LetterBeingSent);
        assert_eq!(database.letters(false).unwrap().len(), 2, "all or none");
        database.failed(attempt, AttemptOutcome::NotAccepted, "no").unwrap();
        database.give_up(&ids, None).unwrap();
        assert_eq!(database.claim(ids[0], later(), false).unwrap(), Claim::Settled(LetterState::Dropped));
        database.give_up(&ids, None).unwrap();
        assert!(database.letters(false).unwrap().is_empty());
    }

    /// As many as there are threads, all at once: what is claimed is claimed once.
    #[test]
    fn of_sixteen_at_once_one_gets_it() {
        let (_directory, paths) = sandbox();
        let (database, ids) = kept(&paths, &[1, 2, 3, 4]);
        let claims: usize = std::thread::scope(|scope| {
            let work = || {
                let database = Database::open(&paths).unwrap();
                let mine = ids.iter().filter(|id| match database.claim(**id, later(), false).unwrap() {
                    Claim::Granted(attempt) => database.accepted(attempt).is_ok(),
                    _ => false,
                });
                mine.count()
            };
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        let attempts: usize = ids.iter().map(|id| database.attempts(*id).unwrap().len()).sum();
        assert_eq!(claims, attempts);
        assert!(ids.iter().all(|id| database.attempts(*id).unwrap().len() <= 1));
    }
}
