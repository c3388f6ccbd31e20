//! What was found out about devices.

use rusqlite::{OptionalExtension, params};

use super::{Database, now};
use crate::error::Error;

impl Database {
    /// Something that was found out about a device.
    pub fn fact(&self, device: &str, name: &str) -> Result<Option<String>, Error> {
        self.connection
            .query_row("SELECT value FROM device_fact WHERE device = ?1 AND name = ?2", [device, name], |row| {
                row.get(0)
            })
            .optional()
            .map_err(|error| self.refused(&error))
    }

    /// All that is remembered about any device: device, name, value.
    pub fn all_facts(&self) -> Result<Vec<(String, String, String)>, Error> {
        self.rows("SELECT device, name, value FROM device_fact ORDER BY device, name", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
    }

    /// Forgets all that; gives how much it was.
    pub fn forget(&self, device: &str) -> Result<usize, Error> {
        self.changed(|transaction| {
            transaction.execute(
                "DELETE FROM device_fact WHERE device = ?1 OR substr(device, 1, length(?1) + 1) = ?1 || '|'",
                [device],
            )
        })
    }

    /// Forgets this about a device.
    pub(crate) fn unlearn(&self, device: &str, name: &str) -> Result<(), Error> {
        self.changed(|transaction| {
            transaction.execute("DELETE FROM device_fact WHERE device = ?1 AND name = ?2", [device, name]).map(drop)
        })
    }

    /// Remembers something about a device.
    pub fn learn(&self, device: &str, name: &str, value: &str) -> Result<(), Error> {
        self.changed(|transaction| {
            transaction
                .execute(
                    "INSERT OR REPLACE INTO device_fact (device, name, value, learned) VALUES (?1, ?2, ?3, ?4)",
                    params![device, name, value, now()],
                )
                .map(drop)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::sandbox;
    use super::*;

    #[test]
    fn facts_are_remembered_and_replaced() {
        let (_directory, paths) = sandbox();
        assert!(Database::peek(&paths).is_none());
        Database::open(&paths).unwrap().learn("pcsc:x", "block", "120").unwrap();
        Database::open(&paths).unwrap().learn("pcsc:x", "block", "60").unwrap();
        let database = Database::peek(&paths).unwrap();
        assert_eq!(database.fact("pcsc:x", "block").unwrap().as_deref(), Some("60"));
        assert_eq!(database.fact("pcsc:y", "block").unwrap(), None);
        let database = Database::open(&paths).unwrap();
        for device in ["at:/dev/a", "at:/dev/a|2c7c:0125", "at:/dev/ab", "at:/dev/b|1:2"] {
            database.learn(device, "slot", "2").unwrap();
        }
        assert_eq!(database.forget("at:/dev/a").unwrap(), 2);
        assert_eq!((database.forget("at:/dev/a").unwrap(), database.all_facts().unwrap().len()), (0, 3));
    }
}
