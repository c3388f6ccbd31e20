//! The sentences about devices by the user's word, and about what was known of a profile before its case.

use super::adopt::{AdoptedBy, Adoption};
use super::by_word::Statement;
use super::case::{Case, Evidence, Step};
use super::event::Event;
use super::sentences::{Sentence, cleaned, finished, lost, nothing, of_case, of_step, quiet, told, unheard, whole};
use super::{Reader, Subscription};

pub(super) const SENTENCES: &[Sentence] = &[
    of_case(
        "retire-word-removed",
        "the user said so, and gave a file",
        &[phone_removed, card_and_phone_removed],
        &[nothing, finished, phone, phone_removed_bare, phone_lost, phone_taken_back],
    ),
    of_case(
        "retire-word-removed-bare",
        "the user said so, and gave nothing",
        &[phone_removed_bare],
        &[nothing, finished, phone, phone_removed, phone_lost, phone_taken_back],
    ),
    of_step(
        "retire-word-state",
        Step::Clean,
        "each card was seen without the profile; the user said the rest",
        &[card_and_phone_removed],
        &[nothing, finished, no_device, phone, phone_removed, phone_lost, card_left_and_phone_removed],
    ),
    of_step(
        "retire-word-state-alone",
        Step::Clean,
        "the user said so of each device, and no card is known",
        &[phone_removed, phone_removed_bare],
        &[nothing, finished, no_device, phone, phone_lost, phone_taken_back, card_and_phone_removed],
    ),
    of_case(
        "retire-word-summary",
        "devices are counted by what is known of them",
        &[phone, phone_removed, card_and_phone_removed],
        &[nothing, finished, no_device],
    ),
    of_case(
        "retire-report-heading-by-word",
        "the devices in the table have no card that esimctl could read",
        &[phone, phone_removed, phone_lost],
        &[nothing, finished, lost],
    ),
    of_case(
        "retire-report-despite-by-word",
        "the user recorded it while the obstacles stood, and has not taken it back",
        &[phone_removed_early],
        &[nothing, finished, phone_removed, phone_removed_early_and_taken_back],
    ),
    of_case(
        "retire-word-event-removed",
        "the user said so, and gave a file",
        &[phone_removed, phone_taken_back],
        &[nothing, finished, phone, phone_removed_bare, phone_lost],
    ),
    of_case(
        "retire-word-event-removed-bare",
        "the user said so, and gave nothing",
        &[phone_removed_bare],
        &[nothing, finished, phone, phone_removed, phone_lost],
    ),
    of_case(
        "retire-welcome",
        "the case was opened just now, and opening changes nothing",
        &[nothing, no_device, phone, removal_begun],
        &[deleted_before, missing_before],
    ),
    of_case(
        "retire-welcome-removed",
        "each known card was without the profile before the case, and no other device is named",
        &[deleted_before, reset_before, signed_before, missing_before],
        &[nothing, no_device, phone, removal_begun, deleted_before_and_phone, deleted_from_one_before],
    ),
    of_case(
        "retire-adopted-deleted",
        "the journal has the deletion as done, before the case",
        &[deleted_before, deleted_silently_before],
        &[nothing, finished, reset_before, signed_before, missing_before, removal_begun],
    ),
    of_case(
        "retire-adopted-reset",
        "the journal has the reset as done, before the case",
        &[reset_before],
        &[nothing, finished, deleted_before, signed_before, missing_before, removal_begun],
    ),
    of_case(
        "retire-adopted-signed",
        "the outbox has the notification of a deletion that is in no journal",
        &[signed_before],
        &[nothing, finished, deleted_before, reset_before, missing_before, removal_begun],
    ),
    of_case(
        "retire-adopted-missing",
        "the card was read without the profile, and nothing on record removed it",
        &[missing_before],
        &[nothing, finished, deleted_before, reset_before, signed_before, removal_begun],
    ),
    of_case(
        "retire-adopted-begun",
        "the journal has a removal without an end",
        &[removal_begun],
        &[nothing, finished, deleted_before, reset_before, signed_before, missing_before],
    ),
    of_case(
        "retire-adopted-silent",
        "the journal has the removal, and the outbox no notification of it",
        &[deleted_silently_before],
        &[nothing, deleted_before, reset_before, signed_before, missing_before, removal_begun],
    ),
    of_case(
        "retire-adopted-state",
        "the journal has the removal as done, and the outbox a notification",
        &[deleted_before, reset_before],
        &[nothing, finished, unheard, quiet, signed_before, missing_before, removal_begun, came_back],
    ),
    of_case(
        "retire-adopted-state-signed",
        "the outbox has the notification of a deletion that is in no journal",
        &[signed_before],
        &[nothing, finished, unheard, deleted_before, missing_before, removal_begun],
    ),
    of_case(
        "retire-adopted-state-silent",
        "the journal has the removal, and the outbox no notification of it",
        &[deleted_silently_before],
        &[nothing, finished, quiet, deleted_before, signed_before, missing_before, removal_begun],
    ),
];

fn started(eids: &[&str]) -> Vec<Event> {
    let about = Subscription { name: Some("Mobil".into()), servers: vec!["a.example".into()], ..Default::default() };
    let devices = eids.iter().map(|eid| ((*eid).to_owned(), format!("virtual:{eid}"))).collect();
    vec![Event::Started { subscription: about, devices, journal_before: 9, outbox_before: Some(9) }]
}

fn then(mut story: Vec<Event>, more: Vec<Event>) -> Vec<Event> {
    story.extend(more);
    story
}

/// A case that was opened by name, and nothing else.
pub(super) fn no_device() -> Vec<Event> {
    started(&[])
}

const PHONE: &str = "my iPhone";

fn named() -> Vec<Event> {
    vec![Event::ByWord(Statement::Named { device: PHONE.into() })]
}

fn removed(files: &[&str]) -> Vec<Event> {
    let file = |name: &&str| Evidence { name: (*name).into(), sha256: "00".into(), bytes: 3 };
    vec![Event::ByWord(Statement::Removed {
        device: PHONE.into(),
        date: jiff::civil::date(2026, 1, 31),
        note: None,
        evidence: files.iter().map(file).collect(),
        obstacles: Vec::new(),
    })]
}

/// Removed from the phone although the operator had not confirmed.
fn phone_removed_early() -> Vec<Event> {
    let obstacles = vec!["not_confirmed".to_owned()];
    let (device, date) = (PHONE.to_owned(), jiff::civil::date(2026, 1, 31));
    let removed = Statement::Removed { device, date, note: None, evidence: Vec::new(), obstacles };
    then(phone(), vec![Event::ByWord(removed)])
}

fn phone_removed_early_and_taken_back() -> Vec<Event> {
    let back = Statement::StillThere { device: PHONE.into(), reason: "the other line".into() };
    then(phone_removed_early(), vec![Event::ByWord(back)])
}

fn phone() -> Vec<Event> {
    then(no_device(), named())
}

pub(super) fn phone_removed() -> Vec<Event> {
    then(phone(), removed(&["shot.png"]))
}

fn phone_removed_bare() -> Vec<Event> {
    then(phone(), removed(&[]))
}

fn phone_lost() -> Vec<Event> {
    then(phone(), vec![Event::ByWord(Statement::WrittenOff { device: PHONE.into(), reason: "lost".into() })])
}

fn phone_taken_back() -> Vec<Event> {
    let back = Statement::StillThere { device: PHONE.into(), reason: "the other line".into() };
    then(phone_removed(), vec![Event::ByWord(back)])
}

pub(super) fn card_and_phone_removed() -> Vec<Event> {
    then(finished(), then(named(), removed(&["shot.png"])))
}

fn card_left_and_phone_removed() -> Vec<Event> {
    then(named(), removed(&["shot.png"]))
}

pub(super) fn phone_removed_at_the_end() -> Vec<Event> {
    let steps = then(whole(), told());
    then(then(phone_removed(), steps), vec![Event::Completed])
}

/// Removed from each card, and a phone is left when the owner closes the case.
pub(super) fn phone_left_at_the_end() -> Vec<Event> {
    then(then(finished(), named()), closed())
}

pub(super) fn phone_removed_and_cancelled() -> Vec<Event> {
    then(card_and_phone_removed(), closed())
}

fn closed() -> Vec<Event> {
    vec![Event::Cancelled { reason: String::new() }]
}

fn adopted(eid: &str, by: AdoptedBy, letters: &[i64]) -> Vec<Event> {
    let at = "2025-01-01T00:00:00Z".to_owned();
    let journal = matches!(by, AdoptedBy::Deleted | AdoptedBy::Reset | AdoptedBy::Begun).then_some(3);
    let (eid, began, letters) = (eid.to_owned(), at.clone(), letters.to_vec());
    vec![Event::Adopted(Adoption { eid, by, at, began, journal, letters, outbox_before: 0 })]
}

fn deleted_before() -> Vec<Event> {
    then(started(&["E1"]), adopted("E1", AdoptedBy::Deleted, &[1]))
}

fn deleted_silently_before() -> Vec<Event> {
    then(started(&["E1"]), adopted("E1", AdoptedBy::Deleted, &[]))
}

fn reset_before() -> Vec<Event> {
    then(started(&["E1"]), adopted("E1", AdoptedBy::Reset, &[1]))
}

fn signed_before() -> Vec<Event> {
    then(started(&["E1"]), adopted("E1", AdoptedBy::Signed, &[1]))
}

fn missing_before() -> Vec<Event> {
    then(started(&["E1"]), adopted("E1", AdoptedBy::Missing, &[]))
}

fn removal_begun() -> Vec<Event> {
    then(started(&["E1"]), adopted("E1", AdoptedBy::Begun, &[]))
}

fn deleted_before_and_phone() -> Vec<Event> {
    then(deleted_before(), named())
}

fn deleted_from_one_before() -> Vec<Event> {
    then(started(&["E1", "E2"]), adopted("E1", AdoptedBy::Deleted, &[1]))
}

/// Deleted before the case, downloaded again, and deleted in the case.
fn came_back() -> Vec<Event> {
    let back = Event::SeenAgain {
        eid: "E1".into(),
        device: "virtual:a".into(),
        journal: Some(10),
        journal_before: 10,
        outbox_before: 10,
    };
    then(deleted_before(), vec![back, cleaned("E1", &[11])])
}

/// The case that a story comes to.
fn case_of(story: fn() -> Vec<Event>) -> Case {
    let mut case = Case::new(1, "2026-01-01T00:00:00Z");
    story().iter().for_each(|event| case.apply("2026-01-01T00:00:00Z", event));
    case
}

#[test]
fn devices_are_counted_by_what_is_known_of_them() {
    for (story, counts) in [
        (phone as fn() -> Vec<Event>, [0, 0, 0]),
        (phone_removed, [0, 1, 0]),
        (phone_lost, [0, 0, 1]),
        (phone_taken_back, [0, 0, 0]),
        (deleted_before_and_phone, [1, 0, 0]),
        (|| then(missing_before(), named()), [0, 0, 0]),
        (|| then(deleted_silently_before(), named()), [0, 0, 0]),
    ] {
        let [proved, told, given_up] = counts;
        let wanted = format!("Proved by a card: {proved}. By the user's word: {told}. Given up: {given_up}.");
        assert_eq!(case_of(story).word_summary(Reader::Stranger).unwrap(), wanted);
    }
}
