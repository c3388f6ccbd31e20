//! What journal, outbox and inventory bring into a case.

use super::case::{Case, CaseState, DeviceState, Step, StepState};
use super::event::Event;
use super::settle::settle;
use super::sightings::{NoticeKind, seen};
use super::{Facts, Subscription};
use crate::database::{Database, Described, NewEntry, NewNotification, Outcome, Sighting};

const ICCID: &str = "8999900000000000033";

struct Bench {
    _directory: tempfile::TempDir,
    database: Database,
}

impl Bench {
    /// A case on the card `E1`, of which the removal alone is left to do.
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let paths = crate::Paths::new(Some(directory.path().join("state"))).unwrap();
        let database = Database::open(&paths).unwrap();
        let subscription =
            Subscription { iccid: ICCID.into(), eid: "E1".into(), device: "virtual:a".into(), ..Default::default() };
        let devices = vec![("E1".to_owned(), "virtual:a".to_owned())];
        let outbox_before = Some(database.newest_letter().unwrap());
        let started = Event::Started { subscription: subscription.clone(), devices, journal_before: 0, outbox_before };
        database.open_case(&subscription, &[started]).unwrap().unwrap();
        let bench = Self { _directory: directory, database };
        for step in Step::ALL.iter().filter(|step| **step != Step::Clean) {
            bench.add(Event::Recorded { step: *step, facts: Facts::default(), evidence: Vec::new() });
        }
        bench
    }

    fn add(&self, event: Event) {
        self.database.add_to_case(1, |_| Ok(vec![event])).unwrap();
    }

    fn settled(&self) -> Case {
        settle(&self.database, 1).unwrap()
    }

    fn change(&self, command: &str, eid: &str, outcome: Outcome) -> i64 {
        let iccid = Some(ICCID.into());
        let plan = serde_json::json!({});
        let entry = NewEntry { command, device: "virtual:x", eid: eid.into(), iccid, plan };
        let id = self.database.begin(&entry).unwrap();
        self.database.finish(id, outcome, None).unwrap();
        id
    }

    fn saw(&self, eid: &str, there: bool) {
        let described = Described { iccid: ICCID.into(), ..Described::default() };
        let there = if there { vec![described] } else { Vec::new() };
        self.database.saw(eid, "virtual:x", &Sighting { there, whole: true, ..Sighting::default() }).unwrap();
    }

    fn notices(&self, eid: &str) -> Vec<NoticeKind> {
        let found = seen(&self.database, Some((eid, "virtual:x")), &[ICCID.into()]).unwrap();
        found.into_iter().map(|notice| notice.kind).collect()
    }
}

/// The notification of a deletion on the card `E1`.
fn deletion(journal: Option<i64>) -> NewNotification {
    NewNotification {
        eid: "E1".into(),
        device: "virtual:a".into(),
        seq: 7,
        event: "delete".into(),
        address: "a.example".into(),
        iccid: Some(ICCID.into()),
        payload: b"signed".to_vec(),
        journal,
    }
}

#[test]
fn cards_that_journal_or_inventory_know_join_an_open_case() {
    let bench = Bench::new();
    bench.change("delete", "E1", Outcome::Done);
    bench.change("enable", "E2", Outcome::NotDone);
    bench.saw("E3", true);
    bench.change("download", "E4", Outcome::NotDone);
    bench.change("download", "E5", Outcome::Done);
    let case = bench.settled();
    let states: Vec<(&str, DeviceState)> = case.devices.iter().map(|item| (&*item.eid, item.state)).collect();
    let open = |eid| (eid, DeviceState::Open);
    assert_eq!(states, [("E1", DeviceState::Done), open("E3"), open("E5"), open("E2")]);
    assert_eq!((case.state, case.state_of(Step::Clean)), (CaseState::Open, StepState::Pending));
}

/// Also those that a case is opened with know of resets and of signed deletions: it is the same question.
#[test]
fn a_card_that_was_reset_or_has_signed_joins_as_one_without_the_profile() {
    let bench = Bench::new();
    bench.saw("E2", true);
    let plan = serde_json::json!({ "profiles": [ICCID], "certain": [ICCID] });
    let entry = NewEntry { command: "reset", device: "virtual:x", eid: "E2".into(), iccid: None, plan };
    let reset = bench.database.begin(&entry).unwrap();
    bench.database.finish(reset, Outcome::Done, None).unwrap();
    bench.saw("E2", false);
    let notification = NewNotification { eid: "E3".into(), ..deletion(None) };
    bench.database.keep(&[notification]).unwrap();
    let case = bench.settled();
    let told = |eid| case.device(eid).map(|item| (item.state, item.journal, item.letters.len()));
    assert_eq!(told("E2"), Some((DeviceState::Gone, Some(reset), 0)));
    assert_eq!(told("E3"), Some((DeviceState::Deleted, None, 1)));
}

#[test]
fn a_removal_that_is_followed_by_a_download_is_none() {
    let bench = Bench::new();
    bench.add(Event::DeviceAdded { eid: "E9".into(), device: "virtual:z".into() });
    bench.change("delete", "E1", Outcome::Done);
    assert_eq!(bench.settled().device("E1").unwrap().state, DeviceState::Done);
    bench.change("download", "E1", Outcome::NotDone);
    assert_eq!(bench.settled().device("E1").unwrap().state, DeviceState::Done, "it came to nothing");
    let download = bench.change("download", "E1", Outcome::Done);
    let case = bench.settled();
    let item = case.device("E1").unwrap();
    assert_eq!((item.state, item.journal_before, item.journal), (DeviceState::Open, download, None));
    let again = bench.change("delete", "E1", Outcome::Done);
    assert_eq!(bench.settled().device("E1").unwrap().journal, Some(again));
}

#[test]
fn a_card_that_is_seen_joins_at_once_and_only_once() {
    let bench = Bench::new();
    assert_eq!(bench.notices("E2"), [], "what speaks against a removal is not told of by every command");
    assert_eq!(bench.settled().devices.len(), 2);
    bench.notices("E2");
    assert_eq!(
        bench.database.history(1).unwrap().iter().filter(|one| matches!(one.event, Event::DeviceAdded { .. })).count(),
        1
    );
    bench.add(Event::WrittenOff { eid: "E2".into(), reason: "lost".into() });
    assert_eq!(bench.notices("E2").len(), 0);
    assert_eq!(bench.settled().device("E2").unwrap().state, DeviceState::Open, "it is not lost");
}

#[test]
fn a_completed_case_takes_note_and_stays_completed() {
    let bench = Bench::new();
    bench.change("delete", "E1", Outcome::Done);
    assert_eq!(bench.settled().state, CaseState::Completed);
    assert_eq!(bench.notices("E1"), [NoticeKind::Back]);
    let case = bench.settled();
    assert!(case.has_come_back() && case.state == CaseState::Completed);
    assert_eq!(bench.notices("E2"), [NoticeKind::Back]);
    assert_eq!(bench.settled().device("E2").unwrap().state, DeviceState::Open);
    bench.change("delete", "E1", Outcome::Done);
    bench.change("delete", "E2", Outcome::Done);
    assert!(!bench.settled().has_come_back(), "it was removed again");
}

#[test]
fn what_a_command_could_not_note_after_the_end_is_found_by_the_next_one() {
    let bench = Bench::new();
    bench.change("delete", "E1", Outcome::Done);
    bench.settled();
    bench.saw("E5", false);
    assert!(!bench.settled().has_come_back());
    bench.saw("E5", true);
    assert!(bench.settled().has_come_back());
}

#[test]
fn a_cancelled_case_says_nothing_of_a_profile_that_stays() {
    let bench = Bench::new();
    bench.add(Event::Cancelled { reason: String::new() });
    assert_eq!(bench.notices("E1"), []);
    assert_eq!(bench.notices("E2"), []);
    assert_eq!(bench.settled().devices.len(), 1);
}

#[test]
fn a_reopened_case_stays_open_until_something_happens() {
    let bench = Bench::new();
    bench.change("delete", "E1", Outcome::Done);
    bench.settled();
    bench.add(Event::Reopened { reason: String::new() });
    let case = bench.settled();
    assert_eq!((case.state, case.next_step()), (CaseState::Open, None));
    bench.add(Event::Recorded { step: Step::Contact, facts: Facts::default(), evidence: Vec::new() });
    assert_eq!(bench.settled().state, CaseState::Completed);
}

#[test]
fn a_clock_that_was_set_back_hides_no_notification() {
    let bench = Bench::new();
    let journal = bench.change("delete", "E1", Outcome::Done);
    bench.database.keep(&[deletion(Some(journal))]).unwrap();
    let mut case = bench.database.case(1).unwrap().unwrap();
    // The case was opened in what is the future now.
    case.created = "2099-01-01T00:00:00Z".into();
    let found = super::settle::letters(&bench.database, &case, &case.devices[0]).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(bench.settled().device("E1").unwrap().state, DeviceState::Deleted);
}

/// The report of a deletion that names no server: nobody accepts it, and the case says so until the user gives it up.
#[test]
fn a_report_that_names_no_server_is_told_as_such_and_never_as_accepted() {
    for address in ["", "a example"] {
        let bench = Bench::new();
        let journal = bench.change("delete", "E1", Outcome::Done);
        let letter = NewNotification { address: address.into(), ..deletion(Some(journal)) };
        let letter = bench.database.keep(&[letter]).unwrap()[0].0;
        let told = |case: &Case| {
            let history = bench.database.history(1).unwrap().iter().map(|one| one.event.tell()).collect::<Vec<_>>();
            let told = format!("{}\n{}", case.device("E1").unwrap().tell(), history.join("\n"));
            assert!(!told.contains("report accepted") && !told.contains(" accepted the signed"), "{told}");
            told
        };
        let case = bench.settled();
        assert_eq!(case.device("E1").unwrap().state, DeviceState::Deleted);
        assert!(told(&case).contains("names no server and cannot be sent"), "{}", told(&case));
        let again = bench.settled();
        assert_eq!(again.device("E1").unwrap().nameless, [letter], "it is noted once");
        bench.database.give_up(&[letter], Some("no address was given")).unwrap();
        let case = bench.settled();
        assert_eq!(case.device("E1").unwrap().state, DeviceState::Unreported);
        let told = told(&case);
        assert!(told.contains("operator not told") && told.contains("Reason: no address was given"), "{told}");
    }
}

/// Whoever gives up a report that a server may have received is not told that nobody knows of the deletion.
#[test]
fn a_report_that_was_given_up_after_an_attempt_may_have_been_received() {
    use crate::database::{AttemptOutcome, Claim};
    for (outcome, untold) in [(AttemptOutcome::Unreached, true), (AttemptOutcome::Unanswered, false)] {
        let bench = Bench::new();
        let journal = bench.change("delete", "E1", Outcome::Done);
        let letter = bench.database.keep(&[deletion(Some(journal))]).unwrap()[0].0;
        let claim = bench.database.claim(letter, jiff::Timestamp::now(), false).unwrap();
        let Claim::Granted(attempt) = claim else { panic!("{claim:?}") };
        bench.database.failed(attempt, outcome, "no").unwrap();
        bench.database.give_up(&[letter], None).unwrap();
        let case = bench.settled();
        let item = case.device("E1").unwrap();
        assert_eq!((item.state, item.has_told_nobody()), (DeviceState::Unreported, untold));
        assert_eq!(item.tell().contains("operator not told"), untold, "{}", item.tell());
    }
}
