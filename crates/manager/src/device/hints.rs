//! Hints on devices: what helps whoever uses one of a kind, as reports have it.

use card_io::modem::{KnownDevice, Signs};

use super::discover::DeviceEntry;
use super::habits::{seen_signs, signs};
use super::identity::ModemIdentity;
use crate::error::{Error, Id};
use crate::words;

/// A hint on a kind of device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceHint {
    /// Maker and model.
    pub device: &'static str,
    /// The hint, in whole sentences and in the language that was chosen.
    pub text: String,
    /// The report that it rests on.
    pub source: &'static str,
}

/// A kind of reader for cards.
struct KnownReader {
    /// Maker and model, for people.
    name: &'static str,
    /// Words of the reader's name, in lower case: any of them tells it.
    words: &'static [&'static str],
    /// The errors at which the hint helps; always if there are none.
    errors: &'static [Id],
    /// The key of the hint.
    hint: &'static str,
    source: &'static str,
}

/// The readers that are known.
const KNOWN_READERS: [KnownReader; 3] = [
    KnownReader {
        name: "Alcor Link AK9563",
        words: &["alcor link ak9563"],
        errors: &[],
        hint: "reader-ak9563",
        source: "VoCat 103",
    },
    KnownReader {
        name: "SCM or OMNIKEY reader",
        words: &["scm ", "omnikey"],
        // 80100066
        errors: &[Id::CardMute],
        hint: "reader-mute-5ber",
        source: "EasyLPAC 32",
    },
    KnownReader {
        name: "EMV reader",
        words: &["emv "],
        errors: &[Id::NoChannel],
        hint: "reader-basic-channel",
        source: "NekokoLPA2 31",
    },
];

impl KnownReader {
    /// True if a reader of this name is one, and its hint helps with the error at hand.
    fn helps(&self, reader: &str, error: Option<Id>) -> bool {
        let reader = format!("{} ", reader.to_lowercase());
        let is_one = self.words.iter().any(|word| reader.match_indices(word).any(|(at, _)| begins_word(&reader, at)));
        is_one && (self.errors.is_empty() || error.is_some_and(|id| self.errors.contains(&id)))
    }

    fn hint(&self) -> DeviceHint {
        hint(self.name, self.hint, self.source)
    }
}

fn begins_word(text: &str, at: usize) -> bool {
    !text[..at].ends_with(char::is_alphanumeric)
}

fn hint(device: &'static str, key: &str, source: &'static str) -> DeviceHint {
    DeviceHint { device, text: words::text(&format!("hint-{key}"), &[]), source }
}

/// The hints on a modem, a card or both, by their signs.
pub(super) fn by_signs(signs: Signs<'_>) -> Vec<DeviceHint> {
    KnownDevice::matching(signs).filter_map(|known| Some(hint(known.name, known.hint?, known.source))).collect()
}

/// The hints on a reader of this name, with the error at hand.
pub(super) fn on_reader(name: &str, error: Option<Id>) -> Vec<DeviceHint> {
    KNOWN_READERS.iter().filter(|known| known.helps(name, error)).map(KnownReader::hint).collect()
}

/// The hints on a device, by all that is seen of it.
#[must_use]
pub fn hints_of(entry: &DeviceEntry) -> Vec<DeviceHint> {
    let mut hints = by_signs(seen_signs(entry));
    if entry.kind == "pcsc" {
        hints.extend(on_reader(&entry.name, entry.problem.as_ref().map(|problem| problem.id)));
    }
    hints
}

/// A device that is used, as far as its kind is known.
#[derive(Debug, Default)]
pub(crate) struct UsedDevice {
    device: String,
    modem: Option<ModemIdentity>,
}

impl UsedDevice {
    pub(super) fn new(device: &str, modem: Option<ModemIdentity>) -> Self {
        Self { device: device.to_owned(), modem }
    }

    /// Adds hints to an error that came from the device or its card.
    pub(crate) fn add_hints(&self, error: Error) -> Error {
        if !error.is_of_device() {
            return error;
        }
        let modem = self.modem.as_ref().map(|identity| by_signs(signs(identity))).unwrap_or_default();
        let reader = self.device.strip_prefix("pcsc:").map(|name| on_reader(name, Some(error.id))).unwrap_or_default();
        modem.into_iter().chain(reader).fold(error, Error::hint)
    }
}

#[cfg(test)]
mod tests {
    use card_io::modem::KNOWN_DEVICES;

    use super::*;
    use crate::words::{Language, found};

    fn names(reader: &str, error: Option<Id>) -> Vec<&'static str> {
        on_reader(reader, error).iter().map(|hint| hint.device).collect()
    }

    #[test]
    fn readers_are_known_by_their_names_and_errors() {
        let none: [&str; 0] = [];
        for (reader, name, error) in [
            ("Alcor Link AK9563 00 00", "Alcor Link AK9563", None),
            ("SCM Microsystems Inc. SCR 3310 [CCID Interface] 00 00", "SCM or OMNIKEY reader", Some(Id::CardMute)),
            ("OMNIKEY AG CardMan 3121 00 00", "SCM or OMNIKEY reader", Some(Id::CardMute)),
            ("HID Global OMNIKEY 3x21 Smart Card Reader 00 00", "SCM or OMNIKEY reader", Some(Id::CardMute)),
            ("Generic EMV Smartcard Reader 00 00", "EMV reader", Some(Id::NoChannel)),
        ] {
            assert_eq!(names(reader, error), [name], "{reader}");
            assert_eq!(names(reader, Some(Id::CardTimeout)).is_empty(), error.is_some(), "{reader}: another error");
        }
        for reader in ["ACS ACR39U ICC Reader 00 00", "Alcor Micro AU9540 00 00", "PISCMA 1", "REMV 1", ""] {
            for error in [None, Some(Id::CardMute), Some(Id::NoChannel)] {
                assert_eq!(names(reader, error), none, "{reader}");
            }
        }
    }

    #[test]
    fn a_hint_stands_beside_what_the_device_may_have_caused_alone() {
        let used = UsedDevice::new("pcsc:Alcor Link AK9563 00 00", None);
        let hints = |id: Id| used.add_hints(Error::new(id)).hints.len();
        for id in [Id::CardMute, Id::CardTimeout, Id::NotAnEuicc, Id::CardRefused, Id::CardLost, Id::RolledBack] {
            assert_eq!(hints(id), 1, "{id:?}");
        }
        for id in [Id::Usage, Id::DeviceLocked, Id::ReaderBusy, Id::ProfileKept, Id::ServerTimeout, Id::StateFull] {
            assert_eq!(hints(id), 0, "{id:?}");
        }
        let twice = used.add_hints(used.add_hints(Error::new(Id::CardMute)));
        assert_eq!(twice.hints.len(), 1, "each once");
        assert_eq!(UsedDevice::default().add_hints(Error::new(Id::CardMute)).hints, []);
    }

    #[test]
    fn each_hint_is_there_in_both_languages() {
        let readers = KNOWN_READERS.iter().map(|known| (known.name, known.hint, known.source));
        let devices = KNOWN_DEVICES.iter().filter_map(|known| Some((known.name, known.hint?, known.source)));
        let mut keys = Vec::new();
        for (name, key, source) in devices.chain(readers) {
            assert!(source.len() > 3, "{name} has a source");
            assert!(!keys.contains(&key), "{key} is the hint of one device");
            keys.push(key);
            for language in [Language::English, Language::Chinese] {
                let text = found(language, &format!("hint-{key}"), &[]);
                assert!(text.is_some_and(|text| text.ends_with(['.', '。'])), "{key} in {language:?}");
            }
        }
        let english = include_str!("../../locales/en/devices.ftl");
        let texts = english.lines().filter(|line| line.starts_with("hint-") && *line != "hint-label = hint").count();
        assert_eq!(texts, keys.len(), "no text is left over");
    }
}
