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
    }
}
