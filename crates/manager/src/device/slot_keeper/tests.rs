use super::*;
use crate::Settings;

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

#[test]
fn nothing_is_written_unless_the_modem_is_switched() {
    let (_directory, manager, address) = bench();
    drop(SlotKeeper::new(&manager, &address));
    assert!(Database::peek(manager.paths()).is_none());
}

#[test]
fn a_switch_is_noted_before_it_is_made_and_until_it_is_undone() {
    let (directory, manager, address) = bench();
    let keeper = SlotKeeper::new(&manager, &address);
    keeper.0.hear(switching(1, 2));
    assert_eq!(notes(&manager), [(DEVICE.to_owned(), 1, 2)]);
    // The process is killed. The next command knows, and goes back as far as the first of them came from.
    let next = manager_in(&directory);
    let keeper = SlotKeeper::new(&next, &address);
    keeper.0.hear(switching(2, 3));
    assert_eq!(notes(&next), [(DEVICE.to_owned(), 1, 3)]);
    keeper.0.hear(SlotEvent::Restored);
    assert_eq!(notes(&next), []);
    let report = SlotReport { device: DEVICE.into(), from: 1, to: 3, outcome: SlotOutcome::Restored };
    assert_eq!(next.slot_reports(), [report]);
}

#[test]
fn a_refused_switch_leaves_what_was_noted_before_it() {
    let (directory, manager, address) = bench();
    SlotKeeper::new(&manager, &address).0.hear(switching(1, 2));
    let next = manager_in(&directory);
    let keeper = SlotKeeper::new(&next, &address);
    keeper.0.hear(switching(2, 3));
    keeper.0.hear(SlotEvent::Refused);
    assert_eq!(notes(&next), [(DEVICE.to_owned(), 1, 2)], "the modem is still in slot 2");
    let (_directory, manager, address) = bench();
    let keeper = SlotKeeper::new(&manager, &address);
    keeper.0.hear(switching(1, 2));
    keeper.0.hear(SlotEvent::Refused);
    assert_eq!((notes(&manager), manager.slot_reports()), (vec![], vec![]));
}

#[test]
fn a_modem_that_cannot_go_back_stays_noted() {
    let (_directory, manager, address) = bench();
    let keeper = SlotKeeper::new(&manager, &address);
    keeper.0.hear(switching(1, 2));
    keeper.0.hear(SlotEvent::NotRestored("gone".into()));
    assert_eq!(notes(&manager), [(DEVICE.to_owned(), 1, 2)]);
    assert_eq!(manager.slot_reports()[0].outcome, SlotOutcome::NotRestored("gone".into()));
}

#[test]
fn notes_that_make_no_sense_are_none() {
    for (note, switch) in [("1>2", Some((1, 2))), ("0>2", None), ("1", None), ("x>2", None), ("1>300", None)] {
        assert_eq!(read_switch(note).map(|switch| (switch.from, switch.to)), switch, "{note}");
    }
}
