//! The configuration file. `docs/config.toml` describes every option; a test keeps the two together.

use std::path::PathBuf;

use serde::Deserialize;
use sgp22::id::Aid;
use sgp22::notification::Events;

use crate::device::DeviceSpec;
use crate::error::{Error, Id};
use crate::words;

/// What `config.toml` can say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// The device to use where none is named.
    pub device: Option<DeviceSpec>,
    /// AIDs under which an ISD-R is looked for, before the built-in ones.
    pub isdr_aids: Vec<Aid>,
    /// Seconds that a card may take for an ordinary command.
    pub card_timeout: Option<u64>,
    /// Seconds to wait for another esimctl that holds the device.
    pub lock_wait: Option<u64>,
    /// Seconds to wait for a modem to notice a switch.
    pub modem_wait: Option<u64>,
    /// What becomes of notifications.
    pub notifications: NotificationPolicy,
    /// Files with certificate issuers that are trusted too.
    pub ca: Vec<PathBuf>,
    /// Trust the test issuers.
    pub trust_test_ci: bool,
    /// Trust the issuers of the web.
    pub trust_web_ca: bool,
    /// `HOST:PORT:ADDR:PORT2`, as curl has it.
    pub connect_to: Vec<String>,
    /// Seconds that a server may take to answer.
    pub server_timeout: Option<u64>,
}

/// What becomes of a notification that a change leaves on the card.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// It is brought to its server and then removed.
    #[default]
    Deliver,
    /// It stays on the card until the user sends it.
    Keep,
}

/// What becomes of notifications, by what happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotificationPolicy {
    /// A profile was installed.
    pub install: Policy,
    /// A profile was enabled.
    pub enable: Policy,
    /// A profile was disabled.
    pub disable: Policy,
    /// A profile was deleted.
    pub delete: Policy,
}

impl NotificationPolicy {
    /// What becomes of one that reports these events. Kinds that this version does not know are delivered.
    #[must_use]
    pub fn of(&self, events: &Events) -> Policy {
        let keeps = [
            (Events::INSTALL, self.install),
            (Events::ENABLE, self.enable),
            (Events::DISABLE, self.disable),
            (Events::DELETE, self.delete),
        ];
        let kept = keeps.iter().any(|(bit, policy)| *policy == Policy::Keep && events.0.has(*bit));
        if kept { Policy::Keep } else { Policy::Deliver }
    }
}

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    device: Option<String>,
    #[serde(default)]
    isdr_aids: Vec<String>,
    card_timeout: Option<u64>,
    lock_wait: Option<u64>,
    modem_wait: Option<u64>,
    #[serde(default)]
    notifications: NotificationPolicy,
    #[serde(default)]
    servers: Servers,
}

/// The table `[servers]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Servers {
    ca: Vec<PathBuf>,
    trust_test_ci: bool,
    trust_web_ca: bool,
    connect_to: Vec<String>,
    timeout: Option<u64>,
}

impl Config {
    /// Reads the files. Each key has the value of the last file that names it; a missing file names none.
    ///
    /// # Errors
    /// `config_invalid` with the file that cannot be read or understood.
    pub fn read_all(paths: &[PathBuf]) -> Result<Self, Error> {
        let mut merged = toml::Table::new();
        for path in paths {
            let invalid = |why: String| Error::new(Id::ConfigInvalid).with("path", path.display()).with("why", why);
            let text = match std::fs::read_to_string(path) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(invalid(words::text("unreadable", &[])).cause(error)),
            };
            // By itself, so that the error names the file that is wrong.
            Self::parse(&text).map_err(invalid)?;
            merge(&mut merged, text.parse().map_err(|error: toml::de::Error| invalid(error.message().to_owned()))?);
        }
        let invalid = |why: String| Error::new(Id::ConfigInvalid).with("path", "config.toml").with("why", why);
        let file = File::deserialize(merged).map_err(|error| invalid(error.message().to_owned()))?;
        Self::from_file(file).map_err(invalid)
    }

    fn parse(text: &str) -> Result<Self, String> {
        Self::from_file(toml::from_str(text).map_err(|error| error.message().to_owned())?)
    }

    fn from_file(file: File) -> Result<Self, String> {
        let seconds = |name: &str, value: Option<u64>, range: std::ops::RangeInclusive<u64>| match value {
            Some(value) if !range.contains(&value) => {
                Err(format!("{name} takes a number of seconds from {} to {}", range.start(), range.end()))
            }
            value => Ok(value),
        };
        Ok(Self {
            device: file.device.map(|device| device.parse()).transpose().map_err(|error: Error| error.message())?,
            isdr_aids: file
                .isdr_aids
                .iter()
                .map(|aid| aid.parse())
                .collect::<Result<_, _>>()
                .map_err(|error: sgp22::id::ParseIdError| error.to_string())?,
            card_timeout: seconds("card_timeout", file.card_timeout, 1..=3600)?,
            lock_wait: seconds("lock_wait", file.lock_wait, 0..=3600)?,
            modem_wait: seconds("modem_wait", file.modem_wait, 1..=3600)?,
            notifications: file.notifications,
            ca: file.servers.ca,
            trust_test_ci: file.servers.trust_test_ci,
            trust_web_ca: file.servers.trust_web_ca,
            connect_to: file.servers.connect_to,
            server_timeout: seconds("timeout", file.servers.timeout, 1..=3600)?,
        })
    }
}

/// Puts the keys of `stronger` over those that are there. Tables are merged, everything else is replaced.
fn merge(into: &mut toml::Table, stronger: toml::Table) {
    for (key, value) in stronger {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => merge(below, above),
            (_, value) => drop(into.insert(key, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_the_machine_hold_until_the_user_names_them() {
        let directory = tempfile::tempdir().unwrap();
        let [machine, own] = ["machine", "own"].map(|name| directory.path().join(name));
        let read = || Config::read_all(&[machine.clone(), own.clone()]);
        assert_eq!(read().unwrap(), Config::default());
        let text = "lock_wait = 7\nisdr_aids = ['A000000001']\n[servers]\ntrust_web_ca = true\ntimeout = 9\n";
        std::fs::write(&machine, text).unwrap();
        std::fs::write(&own, "card_timeout = 3\n[servers]\ntrust_web_ca = false\n[notifications]\nenable = 'keep'\n")
            .unwrap();
        let merged = read().unwrap();
        assert_eq!((merged.lock_wait, merged.card_timeout, merged.server_timeout), (Some(7), Some(3), Some(9)));
        assert!(!merged.trust_web_ca && merged.isdr_aids.len() == 1);
        assert_eq!(merged.notifications.enable, Policy::Keep);
        for (wrong, right) in [(&machine, &own), (&own, &machine)] {
            std::fs::write(right, "").unwrap();
            std::fs::write(wrong, "lock_wait = 'x'").unwrap();
            let error = read().unwrap_err();
            assert!(error.message().contains(wrong.to_str().unwrap()), "{}", error.message());
        }
    }

    /// The documented example, with its options uncommented, is valid and names every option.
    #[test]
    fn the_documentation_is_complete_and_valid() {
        let documented = include_str!("../../../docs/config.toml");
        let active: String =
            documented.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line).to_owned() + "\n").collect();
        let config = Config::parse(&active).unwrap();
        assert!(config.device.is_some() && config.card_timeout.is_some() && config.lock_wait.is_some());
        assert!(config.modem_wait.is_some());
        assert!(!config.isdr_aids.is_empty());
        let NotificationPolicy { install, enable, disable, delete } = config.notifications;
        assert_eq!([install, enable, disable, delete], [Policy::Keep; 4]);
        assert!(!config.ca.is_empty() && !config.connect_to.is_empty() && config.server_timeout.is_some());
        assert_eq!(Config::parse(documented).unwrap(), Config::default(), "as it is, it changes nothing");
    }

    #[test]
    fn mistakes_are_named() {
        for (text, word) in [
            ("devise = 1", "devise"),
            ("device = 'usb:1'", "usb"),
            ("isdr_aids = ['A0']", "5 to 16 bytes"),
            ("lock_wait = 'x'", "invalid type"),
            ("lock_wait = 9223372036854775807", "0 to 3600"),
            ("card_timeout = 0", "1 to 3600"),
            ("[", "keys"),
            ("[notifications]\nenable = 'never'", "keep"),
            ("[notifications]\nload = 'keep'", "load"),
            ("[servers]\ntimeout = 0", "1 to 3600"),
        ] {
            let why = Config::parse(text).unwrap_err();
            assert!(why.contains(word), "{text}: {why}");
        }
    }
}
