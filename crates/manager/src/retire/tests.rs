//! What may be recorded, what speaks against a removal, and what is to be thought of.

use jiff::civil::{Date, date};

use super::case::{Case, Step, StepState};
use super::event::Event;
use super::facts::{Facts, Money, Said};
use super::rules::{Obstacle, ReminderKind, obstacles, reminders};
use super::*;

const TODAY: Date = date(2026, 11, 22);

fn done(step: Step, facts: Facts) -> Event {
    Event::Recorded { step, facts, evidence: Vec::new() }
}

fn on(date: Date) -> Facts {
    Facts { date: Some(date), ..Facts::default() }
}

/// The operator's confirmation of a day, with a number that it can be looked up by.
fn confirmation(date: Date) -> Event {
    done(Step::Confirmation, Facts { reference: Some("AB-1".into()), ..on(date) })
}

fn backup(missing: &[&str]) -> Event {
    Event::BackedUp {
        directory: "/nowhere".into(),
        files: Vec::new(),
        sim: true,
        number: None,
        missing: missing.iter().map(ToString::to_string).collect(),
    }
}

fn case_after(events: &[Event]) -> Case {
    let subscription = Subscription { iccid: "8999".into(), servers: vec!["a.example".into()], ..Default::default() };
    let devices = vec![("E1".to_owned(), "virtual:a".to_owned()), ("E2".to_owned(), "virtual:b".to_owned())];
    let mut case = Case::new(1, "2026-01-01T00:00:00Z");
    case.apply(
        "2026-01-01T00:00:00Z",
        &Event::Started { subscription, devices, journal_before: 0, outbox_before: Some(0) },
    );
    events.iter().for_each(|event| case.apply("2026-11-01T12:00:00Z", event));
    case
}

fn against(events: &[Event]) -> Vec<&'static str> {
    obstacles(&case_after(events), TODAY).iter().map(Obstacle::name).collect()
}

#[test]
fn amounts_are_exact_with_comma_or_point() {
    for (amount, currency, kept) in [
        ("12,30", "eur", "12.30 EUR"),
        ("12.3", "EUR", "12.30 EUR"),
        ("0012", "CNY", "12.00 CNY"),
        ("0", "USD", "0.00 USD"),
        ("1500", "JPY", "1500 JPY"),
        ("1,5", "KWD", "1.500 KWD"),
        ("999999999999.99", "EUR", "999999999999.99 EUR"),
    ] {
        assert_eq!(Money::parse(amount, currency).unwrap().to_string(), kept);
    }
    for amount in
        ["", ",", "1,", ".5", "1.2.3", "1.234,5", "-1", "+1", "1e3", "12 30", "1.234", "1000000000000", "１２"]
    {
        assert_eq!(Money::parse(amount, "EUR").unwrap_err().id, Id::AmountInvalid, "{amount:?}");
    }
    assert_eq!(Money::parse("1,5", "JPY").unwrap_err().id, Id::AmountInvalid);
    for currency in ["", "EU", "EURO", "€", "12A"] {
        assert_eq!(Money::parse("1", currency).unwrap_err().id, Id::CurrencyInvalid, "{currency:?}");
    }
    assert!(Money::parse("0,00", "EUR").unwrap().is_zero() && !Money::parse("0,01", "EUR").unwrap().is_zero());
}

#[test]
fn dates_are_in_the_past_and_not_before_the_contract() {
    let said = |date: &str| Said { date: Some(date.into()), ..Said::default() };
    let since = Some(date(2024, 1, 31));
    assert_eq!(said("2026-11-22").facts(TODAY, since).unwrap().date, Some(TODAY));
    assert_eq!(Said::default().facts(TODAY, since).unwrap().date, Some(TODAY));
    for (text, id) in [
        ("2026-11-23", Id::DateInFuture),
        ("2024-01-30", Id::DateBeforeContract),
        ("0024-01-30", Id::DateInvalid),
        ("2025-02-29", Id::DateInvalid),
        ("22.11.2026", Id::DateInvalid),
        ("", Id::DateInvalid),
    ] {
        assert_eq!(said(text).facts(TODAY, since).unwrap_err().id, id, "{text}");
    }
    let told = Said { since: Some("2027-01-01".into()), ..Said::default() };
    assert_eq!(told.facts(TODAY, None).unwrap_err().id, Id::DateInFuture);
    let notice = |until: &str| Said { notice_until: Some(until.into()), ..Said::default() };
    for until in ["2030-01-01", "2036-11-22", "2025-01-01"] {
        assert!(notice(until).facts(TODAY, since).is_ok(), "{until}");
    }
    for until in ["2036-11-23", "2099-01-01", "9999-12-31"] {
        assert_eq!(notice(until).facts(TODAY, since).unwrap_err().id, Id::DateTooFar, "{until}");
    }
}

#[test]
fn nothing_goes_before_the_confirmation_the_money_the_notice_and_the_backup() {
    let against = |events: &[Event]| against(&[&[backup(&[])], events].concat());
    let confirmed = confirmation(TODAY);
    let owed = |paid| Facts { money: Some(Money::parse("1", "EUR").unwrap()), paid, ..on(TODAY) };
    let until = |until| Facts { notice_until: Some(until), ..on(TODAY) };
    assert_eq!(against(&[]), ["not_confirmed"]);
    assert!(against(std::slice::from_ref(&confirmed)).is_empty());
    let skipped = Event::Skipped { step: Step::Confirmation, reason: "tired of it".into() };
    assert_eq!(against(&[skipped]), ["not_confirmed"], "to skip it is no confirmation");
    let prepaid = Event::NotApplicable { step: Step::Confirmation, reason: "prepaid".into() };
    assert!(against(&[prepaid]).is_empty());
    for step in [Step::Balance, Step::Contract, Step::Request] {
        assert_eq!(against(&[confirmed.clone(), done(step, owed(false))]), ["unpaid"]);
        assert!(against(&[confirmed.clone(), done(step, owed(true))]).is_empty());
    }
    assert_eq!(against(&[confirmed.clone(), done(Step::Contract, until(TODAY))]), ["notice_runs"]);
    assert!(against(&[confirmed.clone(), done(Step::Contract, until(date(2026, 11, 21)))]).is_empty());
    let earlier = Facts { note: Some("by telephone".into()), ..until(date(2026, 11, 1)) };
    let earlier = done(Step::Confirmation, earlier);
    assert!(against(&[done(Step::Contract, until(date(2027, 1, 1))), earlier]).is_empty(), "the operator knows better");
}

#[test]
fn a_confirmation_counts_only_with_something_that_proves_it() {
    let against = |facts: Facts, evidence: Vec<Evidence>| {
        against(&[backup(&[]), Event::Recorded { step: Step::Confirmation, facts, evidence }])
    };
    let file = Evidence { name: "letter.pdf".into(), sha256: "00".into(), bytes: 1 };
    assert_eq!(against(on(TODAY), Vec::new()), ["not_proved"]);
    let said =
        |reference: &str, note: &str| Facts { reference: Some(reference.into()), note: Some(note.into()), ..on(TODAY) };
    assert_eq!(against(said(" ", ""), Vec::new()), ["not_proved"], "blanks prove nothing");
    assert!(against(said("AB-1", ""), Vec::new()).is_empty() && against(said("", "Ms X"), Vec::new()).is_empty());
    assert!(against(on(TODAY), vec![file]).is_empty());
}

#[test]
fn a_backup_that_is_missing_or_lacks_something_holds_the_removal_up() {
    let confirmed = confirmation(TODAY);
    assert_eq!(against(std::slice::from_ref(&confirmed)), ["not_backed_up"]);
    let described =
        Event::BackedUp { directory: "/x".into(), files: Vec::new(), sim: false, number: None, missing: Vec::new() };
    for (events, names) in [
        (vec![backup(&["contacts", "messages"])], &["partly_backed_up"][..]),
        (vec![described], &["partly_backed_up"]),
        (vec![backup(&[])], &[]),
        (vec![backup(&["contacts"]), backup(&[])], &[]),
        (vec![backup(&[]), backup(&["contacts"])], &[]),
        (vec![Event::Skipped { step: Step::Backup, reason: "nothing on it".into() }], &[]),
        (vec![backup(&["contacts"]), Event::Skipped { step: Step::Backup, reason: "no PIN".into() }], &[]),
    ] {
        let events = [events, vec![confirmed.clone()]].concat();
        assert_eq!(against(&events), names, "{events:?}");
    }
}

#[test]
fn what_is_recorded_anew_adds_to_what_stands_there() {
    let said = |edit: fn(&mut Said)| {
        let mut said = Said::default();
        edit(&mut said);
        said
    };
    let first = said(|said| {
        (said.amount, said.currency) = (Some("50".into()), Some("EUR".into()));
        said.notice_until = Some("2027-01-01".into());
        said.date = Some("2026-11-01".into());
    });
    let first = first.added_to(None, TODAY, None).unwrap();
    let paid = said(|said| said.paid = true).added_to(Some(&first), TODAY, None).unwrap();
    assert_eq!(paid.notice_until, first.notice_until, "to pay a fee ends no notice period");
    assert_eq!((paid.date, paid.paid, paid.owed()), (first.date, true, None));
    let anew = said(|said| (said.amount, said.currency) = (Some("5".into()), Some("EUR".into())));
    assert!(anew.added_to(Some(&paid), TODAY, None).unwrap().owed().is_some(), "a new bill is not paid by the old one");
    let file = |name: &str| Evidence { name: name.into(), sha256: name.into(), bytes: 1 };
    let with = |name: &str| Event::Recorded { step: Step::Request, facts: on(TODAY), evidence: vec![file(name)] };
    let case = case_after(&[with("a"), with("b"), with("a")]);
    assert_eq!(case.step(Step::Request).unwrap().evidence, [file("a"), file("b")]);
}

#[test]
fn what_was_wrong_is_taken_back() {
    let number = |number: &str| Facts { number: Some(number.into()), ..on(TODAY) };
    let corrected = |step| Event::Corrected { step, reason: "another line".into() };
    let wrong = done(Step::Account, number("1"));
    assert_eq!(case_after(std::slice::from_ref(&wrong)).number.as_deref(), Some("1"));
    let open = case_after(&[wrong.clone(), corrected(Step::Account)]);
    assert_eq!((open.number.as_deref(), open.state_of(Step::Account)), (None, StepState::Pending));
    let right = case_after(&[wrong, corrected(Step::Account), done(Step::Account, number("2"))]);
    assert_eq!((right.number.as_deref(), right.state_of(Step::Account)), (Some("2"), StepState::Done));
    let lost = Event::WrittenOff { eid: "E1".into(), reason: "lost".into() };
    let back = Event::DeviceCorrected { eid: "E1".into(), reason: "found".into() };
    assert!(case_after(&[lost, back]).device("E1").unwrap().state.may_hold_profile());
}

#[test]
fn reminders_come_when_they_are_due() {
    let kinds = |events: &[Event]| {
        let told = reminders(&case_after(events), TODAY).into_iter();
        told.map(|one| (one.kind, one.due.to_string(), one.overdue)).collect::<Vec<_>>()
    };
    assert!(kinds(&[]).is_empty());
    let requested = |day| done(Step::Request, on(day));
    assert_eq!(kinds(&[requested(date(2026, 11, 8))]), [(ReminderKind::Confirmation, "2026-11-22".into(), false)]);
    assert_eq!(kinds(&[requested(date(2026, 11, 7))]), [(ReminderKind::Confirmation, "2026-11-21".into(), true)]);
    let confirmed = confirmation(date(2026, 11, 1));
    let open = kinds(&[requested(date(2026, 10, 1)), confirmed.clone()]);
    assert_eq!(
        open,
        [(ReminderKind::Device, "2026-11-15".into(), true), (ReminderKind::Device, "2026-11-15".into(), true)]
    );
    let cleaned = |eid: &str| Event::Cleaned { eid: eid.into(), journal: Some(1), letters: vec![1], reports: true };
    let waiting = kinds(&[confirmed.clone(), cleaned("E1"), cleaned("E2")]);
    assert!(waiting.iter().all(|(kind, ..)| *kind == ReminderKind::Notification) && waiting.len() == 2);
    assert!(kinds(&[confirmed, Event::Cancelled { reason: String::new() }]).is_empty());
}

#[test]
fn the_devices_decide_when_the_last_step_is_done() {
    let cleaned = |eid: &str, reports| Event::Cleaned { eid: eid.into(), journal: None, letters: Vec::new(), reports };
    let state = |events: &[Event]| case_after(events).state_of(Step::Clean);
    let lost = Event::WrittenOff { eid: "E2".into(), reason: "lost".into() };
    assert_eq!(state(&[cleaned("E1", false)]), StepState::Pending);
    assert_eq!(state(&[cleaned("E1", false), cleaned("E2", false)]), StepState::Done);
    assert_eq!(state(&[cleaned("E1", false), lost.clone()]), StepState::Partly, "nobody has seen the lost one");
    assert_eq!(state(&[cleaned("E1", true), lost.clone()]), StepState::Pending, "the server does not know yet");
    let posted = Event::Posted { eid: "E1".into(), letters: vec![7] };
    let given_up = Event::GivenUp {
        eid: "E1".into(),
        letter: 7,
        server: "a.example".into(),
        nameless: false,
        tried: false,
        reason: None,
    };
    let case = case_after(&[cleaned("E1", true), cleaned("E2", false), posted, given_up]);
    assert_eq!(case.state_of(Step::Clean), StepState::Done);
    assert_eq!(case.device("E1").unwrap().state, DeviceState::Unreported, "no server has accepted it");
}

#[test]
fn a_profile_that_comes_back_opens_the_last_step_again() {
    let cleaned = |eid: &str| Event::Cleaned { eid: eid.into(), journal: Some(3), letters: vec![1], reports: true };
    let accepted = |eid: &str| Event::Accepted {
        eid: eid.into(),
        letter: 1,
        server: "a.example".into(),
        seq: 1,
        sha256: String::new(),
        accepted: String::new(),
    };
    let gone = [cleaned("E1"), accepted("E1"), cleaned("E2"), accepted("E2")];
    assert_eq!(case_after(&gone).state_of(Step::Clean), StepState::Done);
    let again = Event::SeenAgain {
        eid: "E1".into(),
        device: "virtual:a".into(),
        journal: None,
        journal_before: 9,
        outbox_before: 4,
    };
    let case = case_after(&[&gone[..], std::slice::from_ref(&again)].concat());
    let item = case.device("E1").unwrap();
    assert_eq!((case.state_of(Step::Clean), item.state), (StepState::Pending, DeviceState::Open));
    assert_eq!(
        (item.journal_before, item.outbox_before, item.letters.len()),
        (9, 4, 0),
        "the old removal counts no more"
    );
    let ended = case_after(&[&gone[..], &[Event::Completed, again]].concat());
    assert!(ended.has_come_back() && ended.state == CaseState::Completed);
    let third = Event::DeviceAdded { eid: "E3".into(), device: "virtual:c".into() };
    assert_eq!(case_after(&[&gone[..], &[third]].concat()).state_of(Step::Clean), StepState::Pending);
}

#[test]
fn a_backup_is_never_next_once_the_profile_is_gone() {
    let gone = |eid: &str| Event::Cleaned { eid: eid.into(), journal: None, letters: Vec::new(), reports: false };
    let lost = |eid: &str| Event::WrittenOff { eid: eid.into(), reason: "lost".into() };
    assert_eq!(case_after(&[gone("E1")]).next_step(), Some(Step::Backup), "it is on the other one still");
    for events in [[gone("E1"), gone("E2")], [lost("E1"), lost("E2")], [gone("E1"), lost("E2")]] {
        let case = case_after(&events);
        assert_eq!((case.state_of(Step::Backup), case.next_step()), (StepState::Missed, Some(Step::Contact)));
    }
    let partly = case_after(&[backup(&["contacts"]), gone("E1"), gone("E2")]);
    assert_eq!((partly.state_of(Step::Backup), partly.next_step()), (StepState::Partly, Some(Step::Contact)));
    let back = Event::DeviceAdded { eid: "E3".into(), device: "virtual:c".into() };
    assert_eq!(case_after(&[gone("E1"), gone("E2"), back]).next_step(), Some(Step::Backup));
}

#[test]
fn a_case_that_is_closed_after_a_removal_says_so() {
    let cancelled = Event::Cancelled { reason: String::new() };
    let gone = Event::Cleaned { eid: "E1".into(), journal: None, letters: Vec::new(), reports: false };
    assert_eq!(case_after(std::slice::from_ref(&cancelled)).state, CaseState::Cancelled);
    assert_eq!(case_after(&[gone, cancelled]).state, CaseState::Closed);
}

#[test]
fn rows_of_former_versions_are_read() {
    let mut old = serde_json::to_value(case_after(&[])).unwrap();
    let drop_from = |value: &mut serde_json::Value, names: &[&str]| {
        names.iter().for_each(|name| drop(value.as_object_mut().unwrap().remove(*name)));
    };
    drop_from(&mut old, &["outbox_before", "reopened"]);
    for item in old["devices"].as_array_mut().unwrap() {
        drop_from(item, &["given_up", "journal_before", "outbox_before"]);
    }
    for step in old["steps"].as_array_mut().unwrap() {
        drop_from(step, &["missing", "directory"]);
    }
    let case: Case = serde_json::from_value(old).unwrap();
    assert_eq!((case.outbox_before, case.devices.len(), case.steps.len()), (None, 2, 8));
    let event = r#"{"kind":"backed_up","directory":"/x","files":[],"sim":true,"number":null}"#;
    let event: Event = serde_json::from_str(event).unwrap();
    assert_eq!(case_after(&[event]).state_of(Step::Backup), StepState::Done);
}

#[test]
fn a_file_that_vanished_or_was_changed_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let paths = crate::Paths::new(Some(directory.path().join("state"))).unwrap();
    let source = directory.path().join("letter.txt");
    std::fs::write(&source, "abc").unwrap();
    let kept = evidence::keep(&paths, &source).unwrap();
    let stored = evidence_path(&paths, &kept);
    assert_eq!(evidence::check(&stored, &kept), EvidenceState::Kept);
    for changed in ["abd", "ab", "abcd", ""] {
        std::fs::write(&stored, changed).unwrap();
        assert_eq!(evidence::check(&stored, &kept), EvidenceState::Changed, "{changed:?}");
    }
    std::fs::remove_file(&stored).unwrap();
    assert_eq!(evidence::check(&stored, &kept), EvidenceState::Missing);
    std::fs::create_dir(&stored).unwrap();
    assert_eq!(evidence::check(&stored, &kept), EvidenceState::Changed);
}

#[test]
fn no_reminder_sends_anybody_where_they_are() {
    let owed = Facts { money: Some(Money::parse("1", "EUR").unwrap()), ..on(date(2026, 1, 1)) };
    let requested = done(Step::Request, on(date(2026, 1, 1)));
    let notice = Facts { notice_until: Some(date(2026, 12, 1)), ..owed.clone() };
    let cleaned = Event::Cleaned { eid: "E1".into(), journal: Some(1), letters: vec![1], reports: true };
    let mut kinds = std::collections::BTreeSet::new();
    let early = [requested.clone(), done(Step::Balance, owed)];
    let late = [requested, done(Step::Contract, notice), confirmation(TODAY), cleaned];
    let no_address = Event::Nameless { eid: "E1".into(), letter: 1, address: String::new() };
    let nameless = [late.as_slice(), &[no_address]].concat();
    for events in [&early[..], &late, &nameless] {
        for reminder in reminders(&case_after(events), TODAY) {
            let told = reminder.tell();
            assert!(!told.ends_with("esimctl retire R1") && !told.contains("esimctl retire list"), "{told}");
            kinds.insert(reminder.kind);
            if reminder.kind == ReminderKind::Balance {
                assert!(told.contains(&format!("record R1 {} --paid", reminder.step.name())), "{told}");
            }
        }
    }
    assert_eq!(kinds.len(), ReminderKind::ALL.len(), "each kind was looked at: {kinds:?}");
}

#[test]
fn a_clock_that_was_set_back_is_seen() {
    let at = |at: &str| Happened { at: at.into(), event: Event::Completed };
    let now = "2026-11-22T00:00:00Z";
    assert_eq!(clock_set_back(&[at("2026-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z")], now), None);
    assert!(clock_set_back(&[at("2026-02-01T00:00:00Z"), at("2026-01-01T00:00:00Z")], now).is_some());
    assert!(clock_set_back(&[at("2027-02-01T00:00:00Z")], now).is_some(), "the future");
}

#[test]
fn proof_is_copied_and_known_by_its_content() {
    let directory = tempfile::tempdir().unwrap();
    let paths = crate::Paths::new(Some(directory.path().join("state"))).unwrap();
    let source = directory.path().join("letter.txt");
    std::fs::write(&source, "abc").unwrap();
    let kept = evidence::keep(&paths, &source).unwrap();
    assert_eq!((kept.name.as_str(), kept.bytes), ("letter.txt", 3));
    assert_eq!(kept.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    std::fs::remove_file(&source).unwrap();
    assert_eq!(std::fs::read(evidence_path(&paths, &kept)).unwrap(), b"abc");
    assert_eq!(std::fs::read_dir(paths.evidence()).unwrap().count(), 1, "no draft is left");
    std::fs::File::create(&source).unwrap().set_len(LONGEST_EVIDENCE + 1).unwrap();
    assert_eq!(evidence::keep(&paths, &source).unwrap_err().id, Id::EvidenceTooLong);
    assert_eq!(evidence::keep(&paths, directory.path()).unwrap_err().id, Id::EvidenceFile);
}

#[test]
fn obstacles_of_a_kind_are_counted() {
    let lost =
        |name: &str| Obstacle::EvidenceLost { step: Step::Request, name: name.into(), state: EvidenceState::Missing };
    let told = tell::also(&[lost("a"), Obstacle::NotBackedUp, lost("b"), lost("c")]);
    assert_eq!(told, "Also: 3 recorded files that are missing or changed, no backup.");
    assert_eq!(tell::also(&[lost("a")]), "Also: a recorded file that is missing or changed.");
}
