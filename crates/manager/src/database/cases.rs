//! Cases: what happened in them, and what that comes to.

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{Database, now};
use crate::error::{Error, Id};
use crate::retire::{Case, Event, Happened, Subscription};

/// The rows of cases that are asked for, in the order in which they were begun.
const ALL: &str = "SELECT current FROM retire_case ORDER BY id";
const OPEN: &str = "SELECT current FROM retire_case WHERE state = 'open' ORDER BY id";
const ONE: &str = "SELECT current FROM retire_case WHERE id = ?1";
const OPEN_OF_PROFILE: &str = "SELECT current FROM retire_case WHERE state = 'open' AND iccid = ?1 AND iccid <> ''";
const OPEN_OF_NAME: &str = "SELECT current FROM retire_case WHERE state = 'open' AND iccid = '' \
                            AND name IS ?1 AND provider IS ?2";
const NEWEST_OF_PROFILE: &str =
    "SELECT current FROM retire_case WHERE iccid = ?1 ORDER BY state = 'open' DESC, id DESC LIMIT 1";
const HISTORY: &str = "SELECT at, detail FROM case_event WHERE case_id = ?1 ORDER BY id";

fn case(row: &Row<'_>) -> rusqlite::Result<Case> {
    from_json(row, 0)
}

fn from_json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into()))
}

fn to_json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// Adds events, and brings the row of the case up to them.
fn add(transaction: &Transaction<'_>, case: &mut Case, events: &[Event]) -> rusqlite::Result<()> {
    let at = now();
    for event in events {
        case.apply(&at, event);
        let detail =
            serde_json::to_value(event).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        transaction.execute(
            "INSERT INTO case_event (case_id, at, kind, step, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                case.id,
                at,
                detail["kind"].as_str(),
                event.step().map(crate::retire::Step::name),
                detail.to_string()
            ],
        )?;
    }
    let about = &case.subscription;
    transaction.execute(
        "UPDATE retire_case SET iccid = ?2, eid = ?3, provider = ?4, name = ?5, mcc = ?6, mnc = ?7, number = ?8, \
         state = ?9, current = ?10 WHERE id = ?1",
        params![
            case.id,
            about.iccid,
            about.eid,
            about.provider,
            about.name,
            about.mcc,
            about.mnc,
            case.number,
            case.state.name(),
            to_json(case)?
        ],
    )?;
    Ok(())
}

impl Database {
    /// Opens a case. One profile has one open case at most: the one that is open already is given instead.
    /// A profile without a known number is the one of its name and operator. The events are those of the beginning.
    pub(crate) fn open_case(&self, about: &Subscription, events: &[Event]) -> Result<Result<Case, Case>, Error> {
        let iccid = &about.iccid;
        self.changed(|transaction| {
            let of_profile = transaction.query_row(OPEN_OF_PROFILE, [iccid], case).optional()?;
            let same_name = || transaction.query_row(OPEN_OF_NAME, [&about.name, &about.provider], case).optional();
            if let Some(open) = if iccid.is_empty() { same_name()? } else { of_profile } {
                return Ok(Err(open));
            }
            let created = now();
            transaction.execute(
                "INSERT INTO retire_case (iccid, eid, created, state, current) VALUES (?1, '', ?2, 'open', '{}')",
                params![iccid, created],
            )?;
            let mut case = Case::new(transaction.last_insert_rowid(), &created);
            add(transaction, &mut case, events)?;
            Ok(Ok(case))
        })
    }

    /// Adds to a case what `decide` makes of it as it stands, in one transaction; gives it as it stands then.
    pub(crate) fn add_to_case(
        &self,
        id: i64,
        decide: impl FnOnce(&Case) -> Result<Vec<Event>, Error>,
    ) -> Result<Case, Error> {
        self.extend_case(id, |_, case| Ok(decide(case)))
    }

    /// The same for a case that becomes, or becomes again, the open one about a profile: refused if another one is.
    pub(crate) fn add_to_case_of(
        &self,
        id: i64,
        iccid: &str,
        decide: impl FnOnce(&Case) -> Result<Vec<Event>, Error>,
    ) -> Result<Case, Error> {
        self.extend_case(id, |transaction, of| {
            let open = transaction.query_row(OPEN_OF_PROFILE, [iccid], case).optional()?;
            Ok(match open.filter(|open| open.id != id) {
                Some(open) => {
                    let error = Error::new(Id::CaseOpen).with("profile", open.subscription.title());
                    Err(error.with("case", open.name()).with("created", &open.created))
                }
                None => decide(of),
            })
        })
    }

    fn extend_case(
        &self,
        id: i64,
        decide: impl FnOnce(&Transaction<'_>, &Case) -> rusqlite::Result<Result<Vec<Event>, Error>>,
    ) -> Result<Case, Error> {
        let not_found = || Error::new(Id::CaseNotFound).with("case", format!("R{id}"));
        self.changed(|transaction| {
            let Some(mut case) = transaction.query_row(ONE, [id], case).optional()? else {
                return Ok(Err(not_found()));
            };
            match decide(transaction, &case)? {
                Err(error) => return Ok(Err(error)),
                Ok(events) if events.is_empty() => {}
                Ok(events) => add(transaction, &mut case, &events)?,
            }
            Ok(Ok(case))
        })?
    }

    /// The cases: those that are open, or all.
    pub(crate) fn cases(&self, all: bool) -> Result<Vec<Case>, Error> {
        if self.version < 3 {
            return Ok(Vec::new());
        }
        self.rows(if all { ALL } else { OPEN }, [], case)
    }

    /// One of them.
    pub(crate) fn case(&self, id: i64) -> Result<Option<Case>, Error> {
        Ok(self.rows(ONE, [id], case)?.pop())
    }

    /// The open case about this profile.
    pub(crate) fn case_about(&self, iccid: &str) -> Result<Option<Case>, Error> {
        if self.version < 3 {
            return Ok(None);
        }
        Ok(self.rows(OPEN_OF_PROFILE, [iccid], case)?.pop())
    }

    /// The open case about this profile, else the newest of those that are closed.
    pub(crate) fn newest_case_about(&self, iccid: &str) -> Result<Option<Case>, Error> {
        if self.version < 3 {
            return Ok(None);
        }
        Ok(self.rows(NEWEST_OF_PROFILE, [iccid], case)?.pop())
    }

    /// What happened in a case, in order.
    pub(crate) fn history(&self, id: i64) -> Result<Vec<Happened>, Error> {
        self.rows(HISTORY, [id], |row| Ok(Happened { at: row.get(0)?, event: from_json(row, 1)? }))
    }

    /// The newest number of the outbox.
    pub(crate) fn newest_letter(&self) -> Result<i64, Error> {
        let newest = "SELECT coalesce(max(id), 0) FROM outbox";
        self.connection.query_row(newest, [], |row| row.get(0)).map_err(|error| self.refused(&error))
    }

    /// The newest entry of the journal.
    pub(crate) fn newest_entry(&self) -> Result<i64, Error> {
        let newest = "SELECT coalesce(max(id), 0) FROM journal";
        self.connection.query_row(newest, [], |row| row.get(0)).map_err(|error| self.refused(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::sandbox;
    use super::*;
    use crate::retire::{Facts, Step};

    fn started(iccid: &str) -> Event {
        let subscription = Subscription { iccid: iccid.into(), eid: "89".repeat(16), ..Subscription::default() };
        let devices = vec![("89".repeat(16), "virtual:x".to_owned())];
        Event::Started { subscription, devices, journal_before: 0, outbox_before: Some(0) }
    }

    /// Opens a case about a profile.
    fn begin(database: &Database, iccid: &str) -> Result<Case, Case> {
        let about = Subscription { iccid: iccid.into(), ..Subscription::default() };
        database.open_case(&about, &[started(iccid)]).unwrap()
    }

    #[test]
    fn a_row_is_what_the_events_come_to() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        let id = begin(&database, "8999").unwrap().id;
        for step in [Step::Contact, Step::Request] {
            let event = Event::Recorded { step, facts: Facts::default(), evidence: Vec::new() };
            database.add_to_case(id, |_| Ok(vec![event])).unwrap();
        }
        database.add_to_case(id, |_| Ok(vec![Event::Cancelled { reason: "no".into() }])).unwrap();
        let stored = database.case(id).unwrap().unwrap();
        let mut folded = Case::new(id, &stored.created);
        let history = database.history(id).unwrap();
        assert_eq!(history.len(), 4);
        history.iter().for_each(|happened| folded.apply(&happened.at, &happened.event));
        assert_eq!(folded, stored);
    }

    #[test]
    fn what_happened_stays_as_it_was() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        let case = begin(&database, "8999").unwrap();
        for tampering in ["UPDATE case_event SET at = '2000'", "DELETE FROM case_event"] {
            let refused = database.connection.execute(tampering, []).unwrap_err();
            assert!(refused.to_string().contains("never"), "{refused}");
        }
        let failed = database.add_to_case(case.id, |_| Err(Error::new(Id::CaseClosed)));
        assert_eq!(failed.unwrap_err().id, Id::CaseClosed);
        assert_eq!(database.history(case.id).unwrap().len(), 1);
    }

    #[test]
    fn one_profile_has_one_open_case() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        let first = begin(&database, "8999").unwrap();
        assert_eq!(begin(&database, "8999").unwrap_err().id, first.id);
        assert!(begin(&database, "8998").is_ok());
        database.add_to_case(first.id, |_| Ok(vec![Event::Cancelled { reason: "no".into() }])).unwrap();
        assert!(begin(&database, "8999").is_ok(), "a closed one is in nobody's way");
        assert_eq!(database.cases(true).unwrap().len(), 3);
        assert_eq!(database.cases(false).unwrap().len(), 2);
    }

    /// A crash is the end of the process between any two statements: what was not committed is not there.
    #[test]
    fn an_event_and_what_it_comes_to_are_there_together_or_not_at_all() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        let case = begin(&database, "8999").unwrap();
        let forbid = "CREATE TRIGGER full BEFORE UPDATE ON retire_case BEGIN SELECT RAISE(ABORT, 'full'); END";
        database.connection.execute_batch(forbid).unwrap();
        let event = Event::Skipped { step: Step::Backup, reason: "none".into() };
        assert!(database.add_to_case(case.id, |_| Ok(vec![event])).is_err());
        assert_eq!(database.history(case.id).unwrap().len(), 1);
        assert_eq!(database.case(case.id).unwrap().unwrap(), case);
    }

    #[test]
    fn a_list_of_a_thousand_cases_reads_no_events() {
        let (_directory, paths) = sandbox();
        let database = Database::open(&paths).unwrap();
        let template = begin(&database, "8999").unwrap();
        let filled = database.changed(|transaction| {
            for number in 2..=1000 {
                let mut copy = template.clone();
                copy.id = number;
                let insert = "INSERT INTO retire_case (id, iccid, eid, created, state, current) VALUES (?1, ?2, '', '', 'open', ?3)";
                transaction.execute(insert, params![number, format!("{number}"), to_json(&copy)?])?;
                for _ in 0..10 {
                    transaction.execute("INSERT INTO case_event (case_id, at, kind, detail) VALUES (?1, '', 'x', '{}')", [number])?;
                }
            }
            Ok(())
        });
        filled.unwrap();
        assert_eq!(database.cases(true).unwrap().len(), 1000);
        let plan = |query: &str| {
            let explain = format!("EXPLAIN QUERY PLAN {query}");
            let needs = query.matches("?1").count();
            let parameters: Vec<i64> = vec![7; needs];
            database
                .rows(&explain, rusqlite::params_from_iter(parameters), |row| row.get::<_, String>(3))
                .unwrap()
                .join("; ")
        };
        for query in [ALL, OPEN, ONE, OPEN_OF_PROFILE, NEWEST_OF_PROFILE] {
            assert!(!plan(query).contains("case_event"), "{query}: {}", plan(query));
        }
        for query in [ONE, OPEN_OF_PROFILE, NEWEST_OF_PROFILE, HISTORY] {
            assert!(plan(query).contains("SEARCH") && !plan(query).contains("SCAN"), "{query}: {}", plan(query));
        }
        assert!(plan(OPEN).contains("USING INDEX retire_case_state"), "{}", plan(OPEN));
        assert!(plan(HISTORY).contains("USING INDEX case_event_of"), "{}", plan(HISTORY));
    }
}
