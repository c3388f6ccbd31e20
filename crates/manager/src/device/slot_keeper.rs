//! The slot that a modem was switched away from, which commands that only read go back to.
//!
//! A switch is noted in the database before it is made, and the note is removed when the modem is back, or when a change was
//! made to the card in the new slot, which then stays in use. A command that is killed in between leaves the note; the next
//! command at the device goes back then.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use card_io::modem::{ModemAddress, SlotEvent, SlotObserver, SlotSwitch};
use sgp22::transport::RawCard;

use super::spec::DeviceKind;
use crate::database::Database;
use crate::{Manager, Paths};

/// The name of the note: the slot to go back to, and the one that was switched to, as in `1>2`.
const SWITCHED_SLOT_FACT: &str = "switched_slot";

/// The start of the key under which the note is kept. What is known of a modem is dropped when another one says who it is,
/// and this is about the port.
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
    /// The switch that is to be undone.
    switch: Option<SlotSwitch>,
    /// What was to be undone before the driver began its last switch.
    before: Option<SlotSwitch>,
    /// It was made by this command, and not by one that was killed.
    is_ours: bool,
    /// The card in the new slot was changed.
    keep: bool,
}

/// Goes back to the former slot when it is told that the card is left.
pub(super) struct SlotKeeper(Arc<SlotRecord>);

impl SlotKeeper {
    /// A keeper for the modem at this address, with what a command before it may have left.
    pub(super) fn new(manager: &Manager, address: &ModemAddress) -> Self {
        let device = DeviceKind::Modem(address.clone()).to_string();
        let left = Database::peek(manager.paths()).and_then(|database| noted_switch(&database, &device));
        let record = Arc::new(SlotRecord {
            paths: manager.paths().clone(),
            device,
            reports: manager.slot_reports.clone(),
            state: Mutex::new(State { switch: left, ..State::default() }),
        });
        if let Ok(mut records) = manager.slot_records.lock() {
            records.retain(|record: &Weak<SlotRecord>| record.strong_count() > 0);
            records.push(Arc::downgrade(&record));
        }
        Self(record)
    }

    /// Hears of the driver's switches.
    pub(super) fn observer(&self) -> SlotObserver {
        let record = self.0.clone();
        SlotObserver::new(move |event| record.hear(event))
    }

    /// Goes back to the former slot, unless the new one is to stay in use.
    pub(super) fn leave(&self, card: &mut dyn RawCard) {
        let (switch, is_ours, keep) = {
            let state = self.0.state();
            let Some(switch) = state.switch else { return };
            (switch, state.is_ours, state.keep)
        };
        if keep {
            return self.0.settle(is_ours.then_some(SlotOutcome::Kept));
        }
        if switch.from == switch.to {
            return self.0.settle(None);
        }
        let Some(terminal) = card.terminal() else { return };
        if !is_ours {
            // Somebody else may have switched since the command that was killed.
            let slots = terminal.slots().unwrap_or_default();
            let used = slots.iter().find(|slot| slot.active).map(|slot| slot.number);
            if used.is_some_and(|used| used != switch.to) {
                return self.0.settle(None);
            }
        }
        self.0.settle(Some(match terminal.use_slot(switch.from) {
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
    pub(crate) fn is_of(&self, device: &str) -> bool {
        self.device == device
    }

    /// Lets the new slot stay in use: the card in it is about to be changed.
    pub(crate) fn keep(&self) {
        self.state().keep = true;
    }

    fn hear(&self, event: SlotEvent) {
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
                    Some(left) => self.note(left),
                    None => self.remove_note(),
                }
            }
            SlotEvent::Restored => self.settle(Some(SlotOutcome::Restored)),
            SlotEvent::NotRestored(why) => self.settle(Some(SlotOutcome::NotRestored(why))),
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
        self.note(switch);
    }

    fn note(&self, SlotSwitch { from, to }: SlotSwitch) {
        let note = format!("{from}>{to}");
        let noted = Database::open(&self.paths)
            .and_then(|database| database.learn(&note_key(&self.device), SWITCHED_SLOT_FACT, &note));
        if let Err(error) = noted {
            log::warn!("The switch to slot {to} could not be noted: {error}");
        }
    }

    /// Ends the switch, and tells how.
    fn settle(&self, outcome: Option<SlotOutcome>) {
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
        let removed = Database::open_existing(&self.paths).and_then(|database| {
            database.map_or(Ok(()), |database| database.unlearn(&note_key(&self.device), SWITCHED_SLOT_FACT))
        });
        if let Err(error) = removed {
            log::warn!("The note of a switch of slots could not be removed: {error}");
        }
    }
}

fn note_key(device: &str) -> String {
    format!("{KEY_PREFIX}{device}")
}

fn noted_switch(database: &Database, device: &str) -> Option<SlotSwitch> {
    read_switch(&database.fact(&note_key(device), SWITCHED_SLOT_FACT).ok()??)
}

fn read_switch(note: &str) -> Option<SlotSwitch> {
    let (from, to) = note.split_once('>')?;
    Some(SlotSwitch { from: from.parse().ok()?, to: to.parse().ok()? }).filter(|switch| switch.from > 0)
}

/// The switches that commands have left which were killed, or which could not go back: device, the slot before, and the one
/// that was switched to.
pub(crate) fn unrestored_slots(database: &Database) -> Vec<(String, u8, u8)> {
    let facts = database.all_facts().unwrap_or_default();
    let switches = facts.into_iter().filter(|(_, name, _)| name == SWITCHED_SLOT_FACT);
    let described = switches.filter_map(|(device, _, note)| {
        let SlotSwitch { from, to } = read_switch(&note)?;
        Some((device.strip_prefix(KEY_PREFIX)?.to_owned(), from, to))
    });
    described.collect()
}

#[cfg(test)]
mod tests;
