use sgp22::transport::Identity;

use super::*;
use crate::Settings;

/// A keeper for the modem at this address, which says that it is this model.
fn keeper_for(manager: &Manager, address: &ModemAddress, model: &str) -> SlotKeeper {
    let mut identity = ModemIdentity::recall(manager, address);
    identity.settle(manager, Some(Identity::new("Maker", model, "1")).filter(|_| !model.is_empty()));
    let keeper = SlotKeeper::new(manager, address);
    keeper.recognise(&identity);
    keeper
}

fn bench() -> (tempfile::TempDir, Manager, ModemAddress) {
    let directory = tempfile::tempdir().unwrap();
    let manager = manager_in(&directory);
    (directory, manager, ModemAddress::Qmi("/dev/cdc-wdm7".into()))
}

fn manager_in(directory: &tempfile::TempDir) -> Manager {
    let state_dir = Some(directory.path().join("state"));
    Manager::new(Settings { state_dir, ..Settings::default() }).unwrap()
}

fn notes(manager: &Manager) -> Vec<(String, u8, u8)> {
    Database::peek(manager.paths()).map(|database| unrestored_slots(&database)).unwrap_or_default()
}

fn switching(from: u8, to: u8) -> SlotEvent {
    SlotEvent::Switching(SlotSwitch { from, to })
}

const DEVICE: &str = "qmi:/dev/cdc-wdm7";
const MODEL: &str = "Model A";

#[test]
fn nothing_is_written_unless_the_modem_is_switched() {
    let (_directory, manager, address) = bench();
    let keeper = SlotKeeper::new(&manager, &address);
    keeper.recognise(&ModemIdentity::recall(&manager, &address));
    drop(keeper);
    assert!(Database::peek(manager.paths()).is_none());
}

#[test]
fn a_switch_is_noted_before_it_is_made_and_until_it_is_undone() {
    let (directory, manager, address) = bench();
    let keeper = keeper_for(&manager, &address, MODEL);
    keeper.0.record_event(switching(1, 2));
    assert_eq!(notes(&manager), [(DEVICE.to_owned(), 1, 2)]);
    // The process is killed. The next command knows, and goes back as far as the first of them came from.
    let next = manager_in(&directory);
    let keeper = keeper_for(&next, &address, MODEL);
    keeper.0.record_event(switching(2, 3));
    assert_eq!(notes(&next), [(DEVICE.to_owned(), 1, 3)]);
    keeper.0.record_event(SlotEvent::Restored);
    assert_eq!(notes(&next), []);
    let report = SlotReport { device: DEVICE.into(), from: 1, to: 3, outcome: SlotOutcome::Restored };
    assert_eq!(next.slot_reports(), [report]);
}

#[test]
fn a_refused_switch_leaves_what_was_noted_before_it() {
    let (directory, manager, address) = bench();
    keeper_for(&manager, &address, MODEL).0.record_event(switching(1, 2));
    let next = manager_in(&directory);
    let keeper = keeper_for(&next, &address, MODEL);
    keeper.0.record_event(switching(2, 3));
    keeper.0.record_event(SlotEvent::Refused);
    assert_eq!(notes(&next), [(DEVICE.to_owned(), 1, 2)], "the modem is still in slot 2");
    let (_directory, manager, address) = bench();
    let keeper = keeper_for(&manager, &address, MODEL);
    keeper.0.record_event(switching(1, 2));
    keeper.0.record_event(SlotEvent::Refused);
    assert_eq!((notes(&manager), manager.slot_reports()), (vec![], vec![]));
}

#[test]
fn a_modem_that_cannot_go_back_stays_noted() {
    let (_directory, manager, address) = bench();
    let keeper = keeper_for(&manager, &address, MODEL);
    keeper.0.record_event(switching(1, 2));
    keeper.0.record_event(SlotEvent::NotRestored("gone".into()));
    assert_eq!(notes(&manager), [(DEVICE.to_owned(), 1, 2)]);
    assert_eq!(manager.slot_reports()[0].outcome, SlotOutcome::NotRestored("gone".into()));
}

#[test]
fn another_modem_at_the_port_is_not_switched() {
    let (directory, manager, address) = bench();
    keeper_for(&manager, &address, MODEL).0.record_event(switching(1, 2));
    for other in ["Model B", ""] {
        let next = manager_in(&directory);
        let keeper = keeper_for(&next, &address, other);
        assert_eq!(keeper.0.state().switch, None, "{other}");
        // Where it is switched itself, it goes back to its own slot.
        keeper.0.record_event(switching(2, 3));
        assert_eq!(keeper.0.state().switch, Some(SlotSwitch { from: 2, to: 3 }));
        keeper.0.record_event(SlotEvent::Restored);
        assert_eq!(notes(&next), [(DEVICE.to_owned(), 1, 2)], "the first one may come back");
    }
    let keeper = keeper_for(&manager_in(&directory), &address, MODEL);
    assert_eq!(keeper.0.state().switch, Some(SlotSwitch { from: 1, to: 2 }));
}

#[test]
fn a_modem_that_does_not_say_who_it_is_is_not_switched_for_a_note() {
    let (directory, manager, address) = bench();
    keeper_for(&manager, &address, "").0.record_event(switching(1, 2));
    assert_eq!(notes(&manager), [(DEVICE.to_owned(), 1, 2)]);
    let next = manager_in(&directory);
    assert_eq!(keeper_for(&next, &address, "").0.state().switch, None, "it may be another one");
}

#[test]
fn notes_that_make_no_sense_are_none() {
    for (note, switch) in [
        ("1>2 qmi:/dev/x", Some((1, 2))),
        ("0>2 x", None),
        ("1>2", None),
        ("1 x", None),
        ("x>2 x", None),
        ("1>300 x", None),
    ] {
        assert_eq!(read_note(note).map(|(switch, _)| (switch.from, switch.to)), switch, "{note}");
    }
}
