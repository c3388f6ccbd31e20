//! What is adopted of a profile's past, and what is not.

use serde_json::json;

use super::*;
use crate::database::tests::sandbox;
use crate::database::{NewEntry, NewNotification, Outcome, Sighting};

const ICCID: &str = "8999934567890120029";
const EID: &str = "89049032123451234512345678901235";

struct Past {
    _directory: tempfile::TempDir,
    manager: Manager,
    database: Database,
    seq: std::cell::Cell<u64>,
}

impl Past {
    fn new() -> Self {
        let (directory, paths) = sandbox();
        let state_dir = Some(paths.state().to_owned());
        let manager = Manager::new(crate::Settings { state_dir, ..Default::default() }).unwrap();
        let database = Database::open(&paths).unwrap();
        Self { _directory: directory, manager, database, seq: 1.into() }
    }

    fn change(&self, command: &str, outcome: Option<Outcome>) -> i64 {
        let iccid = (command != "reset").then(|| ICCID.into());
        let plan = if command == "reset" { json!({ "profiles": [ICCID], "certain": [ICCID] }) } else { json!({}) };
        let entry = NewEntry { command, device: "virtual:a", eid: EID.into(), iccid, plan };
        let id = self.database.begin(&entry).unwrap();
        if let Some(outcome) = outcome {
            self.database.finish(id, outcome, None).unwrap();
        }
        id
    }

    fn reset(&self, plan: serde_json::Value) {
        let entry = NewEntry { command: "reset", device: "virtual:a", eid: EID.into(), iccid: None, plan };
        let id = self.database.begin(&entry).unwrap();
        self.database.finish(id, Outcome::Done, None).unwrap();
    }

    fn signed(&self, event: &str, journal: Option<i64>) -> i64 {
        self.seq.set(self.seq.get() + 1);
        let new = NewNotification {
            eid: EID.into(),
            device: "virtual:a".into(),
            seq: self.seq.get(),
            event: event.into(),
            address: "smdp.example.com".into(),
            iccid: Some(ICCID.into()),
            payload: vec![1, 2, 3],
            journal,
        };
        self.database.keep(&[new]).unwrap()[0].0
    }

    fn deliver(&self, letter: i64) {
        let claim = self.database.claim(letter, jiff::Timestamp::now(), false).unwrap();
        let crate::database::Claim::Granted(attempt) = claim else { panic!("{claim:?}") };
        self.database.accepted(attempt).unwrap();
    }

    fn seen(&self, sighting: &Sighting) {
        self.database.saw(EID, "virtual:a", sighting).unwrap();
    }

    /// Opens a case by word, and gives it.
    fn case(&self) -> Case {
        let about = Description { iccid: Some(ICCID.into()), ..Description::default() };
        self.manager.retirements().unwrap().start_by_word(&about).unwrap()
    }
}

fn there() -> Sighting {
    let there = vec![crate::database::Described { iccid: ICCID.into(), ..Default::default() }];
    Sighting { there, whole: true, ..Sighting::default() }
}

fn state(case: &Case) -> (DeviceState, Option<AdoptedBy>) {
    (case.devices[0].state, case.devices[0].adopted.as_ref().map(|adoption| adoption.by))
}

#[test]
fn a_deletion_is_adopted_with_its_date_and_its_notification() {
    let past = Past::new();
    let change = past.change("delete", Some(Outcome::Done));
    let letter = past.signed("delete", Some(change));
    let case = past.case();
    assert_eq!(state(&case), (DeviceState::Deleted, Some(AdoptedBy::Deleted)), "its server does not know yet");
    assert_eq!((case.devices[0].journal, &*case.devices[0].letters), (Some(change), &[letter][..]));
    assert!(case.devices[0].since <= case.created, "{case:?}");
    assert_eq!(case.state_of(Step::Clean), StepState::Pending);
    past.deliver(letter);
    let case = past.manager.retirements().unwrap().find("R1").unwrap();
    assert_eq!(state(&case).0, DeviceState::Done);
    assert_eq!(case.state_of(Step::Clean), StepState::Done);
}

#[test]
fn only_the_last_removal_is_adopted_and_later_ones_are_told_as_such() {
    let past = Past::new();
    let first = past.change("delete", Some(Outcome::Done));
    past.signed("delete", Some(first));
    past.change("download", Some(Outcome::Done));
    let second = past.change("delete", Some(Outcome::Done));
    let letter = past.signed("delete", Some(second));
    let case = past.case();
    assert_eq!((case.devices[0].journal, &*case.devices[0].letters), (Some(second), &[letter][..]), "{case:?}");
    past.deliver(letter);
    let case = past.manager.retirements().unwrap().find("R1").unwrap();
    assert_eq!((case.devices[0].state, case.devices[0].letters.len()), (DeviceState::Done, 1), "{case:?}");
    assert!(case.devices[0].tell().contains("before this case"), "{}", case.devices[0].tell());
    // It comes back, and is deleted anew.
    past.change("download", Some(Outcome::Done));
    let case = past.manager.retirements().unwrap().find("R1").unwrap();
    assert_eq!(case.devices[0].state, DeviceState::Open, "{case:?}");
    let third = past.change("delete", Some(Outcome::Done));
    past.deliver(past.signed("delete", Some(third)));
    let case = past.manager.retirements().unwrap().find("R1").unwrap();
    assert_eq!((case.devices[0].state, case.devices[0].journal), (DeviceState::Done, Some(third)), "{case:?}");
    assert!(!case.devices[0].tell().contains("before this case"), "{}", case.devices[0].tell());
}

#[test]
fn a_reset_is_adopted_only_by_the_profiles_that_it_named() {
    let past = Past::new();
    past.change("reset", Some(Outcome::Done));
    assert_eq!(state(&past.case()), (DeviceState::Gone, Some(AdoptedBy::Reset)), "nothing says that a server knows");
    let other = Past::new();
    other.reset(json!({ "profiles": ["8999934567890120011"], "certain": [] }));
    assert!(other.case().devices.is_empty());
    let spared = Past::new();
    spared.reset(json!({ "profiles": [ICCID], "certain": [] }));
    assert_eq!(state(&spared.case()), (DeviceState::Open, None), "the card may have kept it");
}

#[test]
fn a_notification_alone_proves_the_deletion_and_no_date() {
    let past = Past::new();
    past.signed("install", None);
    past.signed("delete", None);
    let case = past.case();
    assert_eq!(state(&case), (DeviceState::Deleted, Some(AdoptedBy::Signed)));
    assert!(case.devices[0].adopted.as_ref().unwrap().tell().contains("not on record"));
}

#[test]
fn a_profile_that_came_back_is_not_adopted_as_removed() {
    for back in ["download", "sighting", "install"] {
        let past = Past::new();
        let journal = (back != "install").then(|| past.change("delete", Some(Outcome::Done)));
        past.signed("delete", journal);
        match back {
            "download" => drop(past.change("download", Some(Outcome::Done))),
            "sighting" => past.seen(&there()),
            _ => drop(past.signed("install", None)),
        }
        let case = past.case();
        assert!(case.devices.iter().all(|item| item.state == DeviceState::Open), "{back}: {case:?}");
    }
}

#[test]
fn a_missing_profile_is_told_as_missing_and_no_more() {
    let past = Past::new();
    past.seen(&there());
    past.seen(&Sighting { whole: true, ..Sighting::default() });
    let case = past.case();
    assert_eq!(state(&case), (DeviceState::Gone, Some(AdoptedBy::Missing)));
    assert!(!case.devices[0].tell().contains("deleted"), "{}", case.devices[0].tell());
}

#[test]
fn a_removal_with_an_unknown_end_stays_to_be_found_out() {
    let past = Past::new();
    past.change("enable", Some(Outcome::Done));
    let change = past.change("delete", None);
    assert_eq!(state(&past.case()), (DeviceState::Begun, Some(AdoptedBy::Begun)));
    past.database.finish(change, Outcome::Done, None).unwrap();
    let case = past.manager.retirements().unwrap().find("R1").unwrap();
    assert_eq!((state(&case).0, case.devices[0].journal), (DeviceState::Done, Some(change)));
}

#[test]
fn a_failed_download_put_nothing_anywhere() {
    let past = Past::new();
    past.change("download", Some(Outcome::NotDone));
    assert!(past.case().devices.is_empty());
}
