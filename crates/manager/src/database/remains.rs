//! What an older version left in the file. Rows that were changed or deleted stay in its unused parts until something
//! else is written there, and in the write-ahead log.

use rusqlite::Connection;

/// Has SQLite write the file anew without its unused parts, and write zeros over all that this connection deletes from now
/// on. This comes before the rows are changed: after a crash it is done again, since the format is still the old one.
///
/// Where it fails the rows are changed all the same, for a disk may have no room for the second copy.
pub(super) fn clear(connection: &Connection) {
    // The copy is made in memory, not in a file that others might read from the disk.
    let cleared = connection.execute_batch("PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; VACUUM");
    if let Err(error) = cleared {
        log::warn!("The unused parts of the database could not be cleared: {error}");
    }
}

/// Has SQLite bring the write-ahead log into the file and empty it. While another process reads, the log stays; the last
/// process that closes the database deletes it.
pub(super) fn drop_log(connection: &Connection) {
    if let Err(error) = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
        log::warn!("The log of the database could not be emptied: {error}");
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, params};
    use serde_json::{Value, json};

    use super::super::tests::sandbox;
    use super::super::{Database, STEPS, VERSION, version};
    use crate::paths::Paths;

    /// A password on the command line of a program.
    const CANARY: &str = "canary-7f3a";
    const CLEANED: &str = "stdio:program#000000";

    fn line() -> String {
        format!("stdio:ssh -p {CANARY} 'a \"card\"',timeout=5")
    }

    /// Puts events into a case: each kind that has a device, as an object, in pairs, and in a subscription.
    fn fill_case(old: &Connection, case: i64) {
        let line = line();
        let subscription = json!({
            "iccid": "8999", "eid": "89", "device": line, "provider": null, "name": "stdio: a name", "nickname": null,
            "mcc": null, "mnc": null, "servers": [], "enabled": true,
        });
        let devices = json!([["89", line], ["90", "virtual:x"], ["91", line]]);
        let events = [
            json!({ "kind": "started", "subscription": subscription, "devices": devices, "journal_before": 0 }),
            json!({ "kind": "device_added", "eid": "92", "device": line }),
            json!({ "kind": "cleaning", "eid": "89", "device": line, "obstacles": [], "despite": null, "servers": [] }),
            json!({ "kind": "skipped", "step": "contact", "reason": "stdio: is what I said" }),
        ];
        let item = |eid: &str| {
            json!({ "eid": eid, "device": line, "state": "open", "journal": null, "letters": [], "settled": [],
                    "since": "2026", "why": null })
        };
        let current = json!({
            "id": case, "created": "2026", "state": "open", "subscription": subscription, "number": null, "steps": [],
            "devices": [item("89"), item("90"), item("91")], "journal_before": 0, "ended": null,
        });
        let insert = "INSERT INTO retire_case (id, iccid, eid, created, state, current) VALUES (?1, ?2, '89', '2026', 'open', ?3)";
        old.execute(insert, params![case, format!("8999{case}"), current.to_string()]).unwrap();
        for event in events {
            let insert = "INSERT INTO case_event (case_id, at, kind, detail) VALUES (?1, '2026', ?2, ?3)";
            old.execute(insert, params![case, event["kind"].as_str(), event.to_string()]).unwrap();
        }
    }

    /// A database of version 3 with the password in every place, and in rows that are gone already.
    fn old_database(paths: &Paths) {
        paths.make_state().unwrap();
        let old = Connection::open(paths.database()).unwrap();
        old.execute_batch("PRAGMA journal_mode = WAL; PRAGMA secure_delete = OFF").unwrap();
        old.execute_batch(&STEPS[..3].concat()).unwrap();
        let line = line();
        let cause = format!("device_failed: cannot start {}", &line[6..]);
        for number in 0..50 {
            let eid = format!("{number}");
            let insert = "INSERT INTO journal (started, command, device, eid, plan, detail) VALUES ('2026', 'enable', ?1, ?2, '{}', ?3)";
            old.execute(insert, [&line, &eid, &cause]).unwrap();
            let insert = "INSERT INTO outbox (eid, device, seq, event, address, payload, created, on_card, last_error) \
                          VALUES (?2, ?1, 1, 'enable', 'x', x'30', '2026', 0, ?3)";
            old.execute(insert, [&line, &eid, &cause]).unwrap();
            old.execute("INSERT INTO card_seen VALUES (?2, ?1, '2026', '2026')", [&line, &eid]).unwrap();
            old.execute("INSERT INTO device_fact VALUES (?1, ?2, '120', '2026')", [&line, &eid]).unwrap();
            fill_case(&old, number + 1);
        }
        // Pages and parts of pages that nothing uses any more.
        old.execute("DELETE FROM card_seen WHERE eid > '2'", []).unwrap();
        old.execute("DELETE FROM journal WHERE id > 20", []).unwrap();
        old.execute("UPDATE device_fact SET value = '1'", []).unwrap();
        old.execute_batch("PRAGMA user_version = 3").unwrap();
    }

    /// The files of the database that have the password in them.
    fn with_canary(paths: &Paths) -> Vec<String> {
        let files = std::fs::read_dir(paths.state()).unwrap().map(|file| file.unwrap().path());
        let has = |path: &std::path::PathBuf| {
            path.is_file() && std::fs::read(path).unwrap().windows(CANARY.len()).any(|part| part == CANARY.as_bytes())
        };
        files.filter(has).map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn command_lines_of_an_older_database_are_nowhere_in_its_files() {
        let (_directory, paths) = sandbox();
        old_database(&paths);
        assert!(!with_canary(&paths).is_empty(), "the test looks where it is");
        let database = Database::open(&paths).unwrap();
        assert_eq!(with_canary(&paths), [""; 0], "while the database is open");
        assert_eq!(version(&database.connection).unwrap(), VERSION);
        let check: String = database.connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
        drop(database);
        assert_eq!(with_canary(&paths), [""; 0], "afterwards");
    }

    #[test]
    fn all_else_in_an_older_database_is_as_it_was() {
        let (_directory, paths) = sandbox();
        old_database(&paths);
        let database = Database::open(&paths).unwrap();
        assert_eq!(database.unfinished().unwrap()[0].device, CLEANED);
        let cause = "SELECT DISTINCT detail FROM journal UNION SELECT last_error FROM outbox";
        let causes = database.rows(cause, [], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(causes, ["device_failed: cannot start program#000000"]);
        assert_eq!((database.letters(true).unwrap().len(), &*database.letters(true).unwrap()[0].device), (50, CLEANED));
        assert_eq!(database.inventory().unwrap()[0].device, CLEANED);
        assert_eq!(database.fact(&line(), "0").unwrap(), None);
        let case = database.case(7).unwrap().unwrap();
        assert_eq!((&*case.subscription.device, case.subscription.name.as_deref()), (CLEANED, Some("stdio: a name")));
        assert_eq!(case.devices.iter().map(|item| &*item.device).collect::<Vec<_>>(), [CLEANED; 3]);
        let history: Vec<Value> =
            database.history(7).unwrap().iter().map(|one| serde_json::to_value(&one.event).unwrap()).collect();
        let devices = json!([["89", CLEANED], ["90", "virtual:x"], ["91", CLEANED]]);
        assert_eq!((&history[0]["devices"], &history[0]["subscription"]["device"]), (&devices, &json!(CLEANED)));
        assert_eq!((&history[1]["device"], &history[2]["device"]), (&json!(CLEANED), &json!(CLEANED)));
        assert_eq!(history[3]["reason"], "stdio: is what I said", "a person's words stay");
        let refused = database.connection.execute("UPDATE case_event SET at = '2000'", []).unwrap_err();
        assert!(refused.to_string().contains("never changed"), "{refused}");
    }
}
