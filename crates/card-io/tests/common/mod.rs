//! The slots of a modem, observed: for the tests of QMI and MBIM.

use std::sync::{Arc, Mutex};

use card_io::modem::{ModemOptions, SlotEvent, SlotObserver};
use sgp22::transport::Transport;

/// Options like these, and the switches that a driver tells of while a modem is opened with them.
pub fn observe_slots(options: &ModemOptions) -> (ModemOptions, Arc<Mutex<Vec<SlotEvent>>>) {
    let events: Arc<Mutex<Vec<SlotEvent>>> = Arc::default();
    let record = events.clone();
    let slot_observer = SlotObserver::new(move |event| record.lock().unwrap().push(event));
    (ModemOptions { slot_observer, ..options.clone() }, events)
}

/// The numbers of the slots that a modem uses.
pub fn active_slots(card: &mut impl Transport) -> Vec<u8> {
    let slots = card.terminal().unwrap().slots().unwrap();
    slots.iter().filter(|slot| slot.active).map(|slot| slot.number).collect()
}
