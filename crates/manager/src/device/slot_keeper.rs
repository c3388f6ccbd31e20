//! The slot that a modem was switched away from, which commands that only read go back to.
//!
//! A switch is noted in the database before it is made, and the note is removed when the modem is back, or when a change was
//! made to the card in the new slot, which then stays in use. A command that is killed in between leaves the note; the next
//! command at the modem goes back then. Another modem at the same port is left alone: the note goes by the hardware and by
//! what the modem says of itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use card_io::modem::{ModemAddress, SlotEvent, SlotObserver, SlotSwitch};
use sgp22::transport::RawCard;

use super::identity::ModemIdentity;
use super::spec::DeviceKind;
use crate::database::Database;
use crate::{Manager, Paths};

/// The name of the note: the slot to go back to, the one that was switched to, and the device by its name then, as in
/// `1>2 qmi:/dev/cdc-wdm0`.
const SWITCHED_SLOT_FACT: &str = "switched_slot";

/// The start of the key under which the note is kept. What was learnt about a modem is dropped when another one says who it
/// is at its place; the note stays, for the modem may come back in the slot that it was left in.
const KEY_PREFIX: &str = "slots of ";

/// A switch of a modem to another slot, and how it ended. Slots are numbered from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotReport {
    /// The modem by its full name.
    pub device: String,
    /// The slot that was in use before.
    pub from: u8,
    /// The slot that the command used.
    pub to: u8,
    /// The end of it.
    pub outcome: SlotOutcome,
}

/// The slot that a modem uses after a command that switched it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlotOutcome {
    /// The former slot is in use again.
    Restored,
    /// The new slot stays in use: the card in it was changed.
    Kept,
    /// The modem could not be switched back, for this reason.
    NotRestored(String),
}

impl SlotOutcome {
    /// The name in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Restored => "restored",
            Self::Kept => "kept",
            Self::NotRestored(_) => "not_restored",
        }
    }
}

/// The slots of one modem while a command uses it; shared with the driver, which tells of switches.
#[derive(Debug)]
pub(crate) struct SlotRecord {
    paths: Paths,
    device: String,
    reports: Arc<Mutex<Vec<SlotReport>>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The key of the note; `None` before the modem is known.
    key: Option<String>,
    /// The switch that is to be undone.
    switch: Option<SlotSwitch>,
    /// The switch that was to be undone before the driver began its last one.
    before: Option<SlotSwitch>,
    /// True if this command made the switch; false if a command that was killed made it.
    is_ours: bool,
    /// The card in the new slot was changed.
    keep: bool,
}

/// Goes back to the former slot when it is told that the card is left.
pub(super) struct SlotKeeper(Arc<SlotRecord>);

impl SlotKeeper {
    /// A keeper for the modem at this address.
    pub(super) fn new(manager: &Manager, address: &ModemAddress) -> Self {
        let record = Arc::new(SlotRecord {
            paths: manager.paths().clone(),
            device: DeviceKind::Modem(address.clone()).to_string(),
            reports: manager.slot_reports.clone(),
            state: Mutex::default(),
        });
        if let Ok(mut records) = manager.slot_records.lock() {
            records.retain(|record: &Weak<SlotRecord>| record.strong_count() > 0);
            records.push(Arc::downgrade(&record));
        }
        Self(record)
    }

    /// Takes up what a command before may have left, once it is certain which modem this is. A modem that does not say who
    /// it is may be another one than that, and is left in the slot that it uses.
    pub(super) fn recognise(&self, identity: &ModemIdentity) {
        let mut state = self.0.state();
        if state.key.is_some() || !identity.is_certain() {
            return;
        }
        let key = note_key(&identity.key());
        if identity.identity().is_some() {
            state.switch = Database::peek(&self.0.paths).and_then(|database| noted_switch(&database, &key));
        }
        state.key = Some(key);
    }

    /// Hears of the driver's switches.
    pub(super) fn observer(&self) -> SlotObserver {
        let record = self.0.clone();
        SlotObserver::new(move |event| record.record_event(event))
    }

    /// Goes back to the former slot, unless the new one is to stay in use.
    pub(super) fn leave(&self, card: &mut dyn RawCard) {
        let (switch, is_ours, keep) = {
            let state = self.0.state();
            let Some(switch) = state.switch else { return };
            (switch, state.is_ours, state.keep)
        };
        if keep {
            return self.0.finish(is_ours.then_some(SlotOutcome::Kept));
        }
        if switch.from == switch.to {
            return self.0.finish(None);
        }
        let Some(terminal) = card.terminal() else { return };
        if !is_ours {
            // Somebody else may have switched since the command that was killed.
            let slots = terminal.slots().unwrap_or_default();
            let used = slots.iter().find(|slot| slot.active).map(|slot| slot.number);
            if used.is_some_and(|used| used != switch.to) {
                return self.0.finish(None);
            }
        }
        self.0.finish(Some(match terminal.use_slot(switch.from) {
            Ok(()) => SlotOutcome::Restored,
            Err(error) => SlotOutcome::NotRestored(error.in_modem().to_string()),
        }));
    }
}

impl SlotRecord {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True if this is the record of the modem with this name.
    pub(crate) fn is_for_device(&self, device: &str) -> bool {
        self.device == device
    }

    /// Lets the new slot stay in use: the card in it is about to be changed.
    pub(crate) fn keep(&self) {
        self.state().keep = true;
    }

    fn record_event(&self, event: SlotEvent) {
        match event {
            SlotEvent::Switching(switch) => self.begin(switch),
            SlotEvent::Refused => {
                // What a command before has left is still to be undone.
                let left = {
                    let mut state = self.state();
                    (state.switch, state.is_ours) = (state.before.take(), false);
                    state.switch
                };
                match left {
                    Some(left) => self.note_switch(left),
                    None => self.remove_note(),
                }
            }
            SlotEvent::Restored => self.finish(Some(SlotOutcome::Restored)),
            SlotEvent::NotRestored(why) => self.finish(Some(SlotOutcome::NotRestored(why))),
        }
    }

    /// Notes a switch before it is made. One that a killed command left is gone back from as a whole.
    fn begin(&self, switch: SlotSwitch) {
        let switch = {
            let mut state = self.state();
            state.before = state.switch;
            let from = state.switch.filter(|left| left.to == switch.from).map_or(switch.from, |left| left.from);
            let switch = SlotSwitch { from, ..switch };
            (state.switch, state.is_ours) = (Some(switch), true);
            switch
        };
        self.note_switch(switch);
    }

    fn note_switch(&self, SlotSwitch { from, to }: SlotSwitch) {
        let Some(key) = self.state().key.clone() else {
            log::warn!("The switch to slot {to} is not noted: it is not known which modem this is");
            return;
        };
        let note = format!("{from}>{to} {}", self.device);
        let noted = Database::open(&self.paths).and_then(|database| database.learn(&key, SWITCHED_SLOT_FACT, &note));
        if let Err(error) = noted {
            log::warn!("The switch to slot {to} could not be noted: {error}");
        }
    }

    /// Ends the switch, and tells how.
    fn finish(&self, outcome: Option<SlotOutcome>) {
        let Some(SlotSwitch { from, to }) = self.state().switch.take() else { return };
        if !matches!(outcome, Some(SlotOutcome::NotRestored(_))) {
            self.remove_note();
        }
        if let Some(outcome) = outcome.filter(|_| from != to) {
            let report = SlotReport { device: self.device.clone(), from, to, outcome };
            self.reports.lock().unwrap_or_else(PoisonError::into_inner).push(report);
        }
    }

    fn remove_note(&self) {
        let Some(key) = self.state().key.clone() else { return };
        let removed = Database::open_existing(&self.paths)
            .and_then(|database| database.map_or(Ok(()), |database| database.unlearn(&key, SWITCHED_SLOT_FACT)));
        if let Err(error) = removed {
            log::warn!("The note of a switch of slots could not be removed: {error}");
        }
    }
}

/// The key of the note about the modem whose facts go by this key.
pub(super) fn note_key(fact_key: &str) -> String {
    format!("{KEY_PREFIX}{fact_key}")
}

fn noted_switch(database: &Database, key: &str) -> Option<SlotSwitch> {
    read_note(&database.fact(key, SWITCHED_SLOT_FACT).ok()??).map(|(switch, _)| switch)
}

/// The switch and the device in a note.
fn read_note(note: &str) -> Option<(SlotSwitch, &str)> {
    let (slots, device) = note.split_once(' ')?;
    let (from, to) = slots.split_once('>')?;
    let switch = SlotSwitch { from: from.parse().ok()?, to: to.parse().ok()? };
    (switch.from > 0).then_some((switch, device))
}

/// The switches that commands have left which were killed, or which could not go back: device, the slot before, and the one
/// that was switched to.
pub(crate) fn unrestored_slots(database: &Database) -> Vec<(String, u8, u8)> {
    let facts = database.all_facts().unwrap_or_default();
    let notes = facts.iter().filter(|(_, name, _)| name == SWITCHED_SLOT_FACT);
    let described = notes.filter_map(|(_, _, note)| {
        let (SlotSwitch { from, to }, device) = read_note(note)?;
        Some((device.to_owned(), from, to))
    });
    described.collect()
}

#[cfg(test)]
mod tests;
