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

fn case_after(events: &[Event]) -> Case {
    let subscription = Subscription { iccid: "8999".into(), servers: vec!["a.example".into()], ..Default::default() };
    let devices = vec![("E1".to_owned(), "virtual:a".to_owned()), ("E2".to_owned(), "virtual:b".to_owned())];
    let mut case = Case::new(1, "2026-01-01T00:00:00Z");
    case.apply("2026-01-01T00:00:00Z", &Event::Started { subscription, devices, journal_before: 0 });
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
    let notice = Said { notice_until: Some("2030-01-01".into()), ..Said::default() };
    assert!(notice.facts(TODAY, since).is_ok(), "notice may end later");
}

#[test]
fn nothing_goes_before_the_confirmation_the_money_and_the_notice() {
    let confirmed = done(Step::Confirmation, on(TODAY));
    let owed = |paid| Facts { money: Some(Money::parse("1", "EUR").unwrap()), paid, ..on(TODAY) };
    let until = |until| Facts { notice_until: Some(until), ..on(TODAY) };
    assert_eq!(against(&[]), ["not_confirmed"]);
    assert!(against(std::slice::from_ref(&confirmed)).is_empty());
    let skipped = Event::Skipped { step: Step::Confirmation, reason: "tired of it".into() };
    assert_eq!(against(&[skipped]), ["not_confirmed"], "to skip it is no confirmation");
    let prepaid = Event::NotApplicable { step: Step::Confirmation, reason: "prepaid".into() };
    assert!(against(&[prepaid]).is_empty());
    assert_eq!(against(&[confirmed.clone(), done(Step::Balance, owed(false))]), ["unpaid"]);
    assert!(against(&[confirmed.clone(), done(Step::Balance, owed(true))]).is_empty());
    assert_eq!(against(&[confirmed.clone(), done(Step::Contract, until(TODAY))]), ["notice_runs"]);
    assert!(against(&[confirmed.clone(), done(Step::Contract, until(date(2026, 11, 21)))]).is_empty());
    let earlier = done(Step::Confirmation, until(date(2026, 11, 1)));
    assert!(against(&[done(Step::Contract, until(date(2027, 1, 1))), earlier]).is_empty(), "the operator knows better");
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
    let confirmed = done(Step::Confirmation, on(date(2026, 11, 1)));
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
    assert_eq!(state(&[cleaned("E1", false), lost.clone()]), StepState::Done);
    assert_eq!(state(&[cleaned("E1", true), lost.clone()]), StepState::Pending, "the server does not know yet");
    let posted = Event::Posted { eid: "E1".into(), letters: vec![7] };
    let given_up = Event::GivenUp { eid: "E1".into(), letter: 7, server: "a.example".into() };
    assert_eq!(state(&[cleaned("E1", true), lost, posted, given_up]), StepState::Done);
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
