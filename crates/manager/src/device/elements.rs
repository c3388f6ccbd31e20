//! Cards with more than one eUICC: AIDs that are known to go together, and what was seen on which device.

use sgp22::id::Aid;

use crate::Manager;
use crate::database::Database;

/// The AIDs of the ISD-Rs of cards that hold two eUICCs: eSTK.me with its SE0 and SE1.
const PAIRS: [[&[u8; 16]; 2]; 1] = [[
    b"\xA0\x65\x73\x74\x6B\x6D\x65\xFF\xFF\x49\x53\x44\x2D\x52\x20\x30",
    b"\xA0\x65\x73\x74\x6B\x6D\x65\xFF\xFF\x49\x53\x44\x2D\x52\x20\x31",
]];

/// The name under which the AIDs of all eUICCs on a device are remembered.
const ELEMENTS_FACT: &str = "isdr_aids";

/// Another eUICC on the card that a command has used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherElement {
    /// The name for `--device`.
    pub device: String,
    /// The AID of its ISD-R.
    pub isdr_aid: Aid,
    /// True if it was seen; false if cards of this kind can have one.
    pub seen: bool,
}

/// The AID of the other eUICC on a card that has this one, if cards of its kind can have two.
pub(crate) fn counterpart(application: &Aid) -> Option<Aid> {
    let other = |[first, second]: &[&[u8; 16]; 2]| match application.as_bytes() {
        aid if aid == *first => Aid::from_bytes(*second).ok(),
        aid if aid == *second => Aid::from_bytes(*first).ok(),
        _ => None,
    };
    PAIRS.iter().find_map(other)
}

/// The AIDs of all eUICCs on a device, if they were looked for.
pub(crate) fn remembered_elements(manager: &Manager, key: &str) -> Option<Vec<Aid>> {
    let text = Database::peek(manager.paths())?.fact(key, ELEMENTS_FACT).ok()??;
    text.split(',').map(|aid| aid.parse().ok()).collect()
}

/// Remembers the AIDs of all eUICCs on a device, where there is more to say than that it has one. Nothing is written
/// unless it is new.
pub(crate) fn remember(manager: &Manager, key: &str, applications: &[Aid]) {
    let known = remembered_elements(manager, key);
    let is_special = applications.len() > 1 || applications.iter().any(|aid| counterpart(aid).is_some());
    if known.as_deref() == Some(applications) || (known.is_none() && !is_special) {
        return;
    }
    let text = applications.iter().map(Aid::to_string).collect::<Vec<_>>().join(",");
    let learnt = Database::open(manager.paths()).and_then(|database| database.learn(key, ELEMENTS_FACT, &text));
    if let Err(error) = learnt {
        log::info!("not remembered: {error}");
    }
}

impl Manager {
    /// Notes which other eUICCs are on the card of which this one is used, as far as is known without asking the card.
    pub(crate) fn note_other_elements(&self, device: &str, key: &str, application: &Aid) {
        // Another card may be in the reader now: then it is found under another AID.
        let seen = remembered_elements(self, key).filter(|known| known.contains(application));
        let others: Vec<Aid> = match &seen {
            Some(known) => known.iter().filter(|aid| *aid != application).cloned().collect(),
            None => counterpart(application).into_iter().collect(),
        };
        let Ok(mut noted) = self.other_elements.lock() else { return };
        for isdr_aid in others {
            let device = format!("{device},aid={isdr_aid}");
            noted.retain(|one| one.device != device);
            noted.push(OtherElement { device, isdr_aid, seen: seen.is_some() });
        }
        if seen.is_some_and(|known| known.len() == 1) {
            noted.retain(|one| !one.device.starts_with(&format!("{device},")));
        }
    }

    /// Other eUICCs on the cards that were used so far.
    #[must_use]
    pub fn other_elements(&self) -> Vec<OtherElement> {
        self.other_elements.lock().map(|noted| noted.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_a_pair_leads_to_the_other() {
        for [first, second] in PAIRS {
            let (first, second) = (Aid::from_bytes(first).unwrap(), Aid::from_bytes(second).unwrap());
            assert_eq!(counterpart(&first), Some(second.clone()));
            assert_eq!(counterpart(&second), Some(first));
        }
        assert_eq!(counterpart(&Aid::isd_r()), None);
    }
}
