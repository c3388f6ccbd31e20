//! Forged records: each rule of the ledger has a case here in which it finds what is wrong.
#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::json;

use crate::*;

const EID: &str = "89049032123451234512345678901235";
const ICCID: &str = "8999934567890120011";
const OTHER: &str = "8999934567890120029";

fn key(seq: u64) -> NotificationKey {
    NotificationKey { eid: EID.into(), seq, sha256: format!("{seq:064x}") }
}

fn row(seq: u64, state: RowState) -> QueuedNotification {
    let outcome = if state == RowState::Delivered { AttemptOutcome::Accepted } else { AttemptOutcome::Unreached };
    let trail = if state == RowState::Nameless { Vec::new() } else { vec![Some(outcome)] };
    let names_server = state != RowState::Nameless;
    QueuedNotification { id: seq.cast_signed(), key: key(seq), state, trail, is_on_card: true, names_server }
}

fn posted(seq: u64) -> Posted {
    Posted { server: "smdp-a".into(), sha256: key(seq).sha256, seq, is_genuine: true, times: 1 }
}

fn line(id: i64, outcome: Option<&str>) -> JournalLine {
    JournalLine {
        id,
        command: "enable".into(),
        eid: EID.into(),
        iccid: Some(OTHER.into()),
        outcome: outcome.map(str::to_owned),
    }
}

fn profile(iccid: &str, enabled: bool) -> ProfileLine {
    ProfileLine { iccid: iccid.into(), enabled, nickname: String::new() }
}

/// Three notifications: the first accepted and removed, the second in the outbox, the third on the card alone.
fn books() -> Books {
    let card = CardBook {
        profiles: vec![profile(ICCID, true), profile(OTHER, false)],
        signed: [key(1), key(2), key(3)].into(),
        waiting: [key(2), key(3)].into(),
    };
    Books {
        cards: [(EID.to_owned(), card)].into(),
        posted: vec![posted(1)],
        outbox: vec![
            QueuedNotification { is_on_card: false, ..row(1, RowState::Delivered) },
            row(2, RowState::Waiting),
        ],
        journal: vec![line(1, Some("done"))],
    }
}

fn forged(forge: impl FnOnce(&mut Books)) -> Books {
    let mut books = books();
    forge(&mut books);
    books
}

/// What is found in records that were forged, when nothing went wrong on the bench.
fn found(forge: impl FnOnce(&mut Books)) -> Vec<Discrepancy> {
    forged(forge).audit_notifications(&Circumstances::default())
}

fn card(books: &mut Books) -> &mut CardBook {
    books.cards.get_mut(EID).unwrap()
}

#[test]
fn true_records_agree() {
    assert_eq!(found(|_| {}), []);
    assert_eq!(Books::default().audit_end(&Circumstances::default()), []);
}

#[test]
fn a_notification_that_nobody_holds_is_lost() {
    assert_eq!(found(|books| assert!(card(books).waiting.remove(&key(3)))), [Discrepancy::Lost(key(3))]);
    let other_object = NotificationKey { sha256: "f".repeat(64), ..key(3) };
    let counted_anew = found(|books| {
        card(books).waiting = [key(2), other_object.clone()].into();
        card(books).signed.insert(other_object.clone());
    });
    assert_eq!(counted_anew, [Discrepancy::Lost(key(3))], "the number alone is no proof");
}

#[test]
fn a_row_that_no_card_signed_is_found() {
    let invented = found(|books| {
        assert!(card(books).signed.remove(&key(2)));
        assert!(card(books).waiting.remove(&key(2)));
    });
    assert!(invented.contains(&Discrepancy::NotSigned(key(2))), "{invented:?}");
    assert_eq!(found(|books| books.outbox.push(row(2, RowState::Waiting))), [Discrepancy::QueuedTwice(key(2))]);
}

#[test]
fn an_acceptance_that_no_server_knows_is_found() {
    assert_eq!(found(|books| books.posted.clear()), [Discrepancy::NotReceived(key(1))]);
}

#[test]
fn what_was_given_up_without_a_word_is_found() {
    let drop = |books: &mut Books| books.outbox[1].state = RowState::Dropped;
    assert_eq!(found(drop), [Discrepancy::DroppedUnasked(key(2))]);
    let asked = Circumstances { given_up: [(EID.to_owned(), 2)].into(), ..Circumstances::default() };
    assert_eq!(forged(drop).audit_notifications(&asked), []);
}

/// One that names no server waits for nobody; it must not leave the card by itself, and no server may have it.
#[test]
fn what_names_no_server_is_never_posted_nor_removed() {
    let nameless = |books: &mut Books| books.outbox[1] = row(2, RowState::Nameless);
    assert_eq!(found(nameless), []);
    let end = forged(nameless).audit_end(&Circumstances::default());
    assert_eq!(end, [Discrepancy::Unsettled(key(3))], "the third one alone can still be told to somebody");
    let posted_to_another = found(|books| {
        nameless(books);
        books.posted.push(posted(2));
        books.outbox[1].trail = vec![Some(AttemptOutcome::Lost)];
    });
    assert!(posted_to_another.contains(&Discrepancy::PostedNameless(key(2))), "{posted_to_another:?}");
    let accepted_elsewhere = found(|books| books.outbox[0].names_server = false);
    assert_eq!(accepted_elsewhere, [Discrepancy::PostedNameless(key(1))], "whatever its row says");
    let removed = found(|books| {
        nameless(books);
        assert!(card(books).waiting.remove(&key(2)));
    });
    assert_eq!(removed, [Discrepancy::RemovedEarly(key(2))]);
}

#[test]
fn what_left_the_card_too_early_or_never_is_found() {
    let early = found(|books| assert!(card(books).waiting.remove(&key(2))));
    assert_eq!(early, [Discrepancy::RemovedEarly(key(2))]);
    assert_eq!(found(|books| books.outbox[1].is_on_card = false), [Discrepancy::StillOnCard(key(2))]);
}

#[test]
fn what_a_server_should_not_have_is_found() {
    let forged = Discrepancy::Forged { server: "smdp-a".into(), seq: 9 };
    assert_eq!(found(|books| books.posted.push(posted(9))), [forged]);
    let changed = Discrepancy::Forged { server: "smdp-a".into(), seq: 1 };
    assert_eq!(found(|books| books.posted[0].is_genuine = false), [changed]);
    assert_eq!(found(|books| books.posted.push(posted(3))), [Discrepancy::PostedUnrecorded(key(3))]);
}

#[test]
fn a_second_post_needs_a_reason() {
    let twice = |books: &mut Books| {
        books.posted[0].times = 2;
        books.outbox[0].trail = vec![Some(AttemptOutcome::Lost), Some(AttemptOutcome::Accepted)];
    };
    let again = Discrepancy::PostedAgain { keys: vec![(key(1), 1)], explained: 0 };
    assert_eq!(found(twice), [again]);
    for circumstances in [
        Circumstances { lost_answers: 1, ..Circumstances::default() },
        Circumstances { kills: 1, ..Circumstances::default() },
        Circumstances { duplicated_requests: 1, ..Circumstances::default() },
    ] {
        assert_eq!(forged(twice).audit_notifications(&circumstances), [], "{circumstances:?}");
    }
    let received = |books: &mut Books| {
        books.posted.push(posted(2));
        books.outbox[1].trail = vec![None];
    };
    let unnoted = Discrepancy::PostedAgain { keys: vec![(key(2), 1)], explained: 0 };
    assert_eq!(found(received), [unnoted], "it was received, and waits still");
}

#[test]
fn posts_without_attempts_on_record_are_found() {
    let unrecorded = |books: &mut Books| books.posted[0].times = 2;
    let killed = Circumstances { kills: 1, ..Circumstances::default() };
    let beyond = Discrepancy::PostedBeyondTrail { key: key(1), times: 2, attempts: 1 };
    assert_eq!(forged(unrecorded).audit_notifications(&killed), [beyond]);
    let on_the_wire = Circumstances { duplicated_requests: 1, ..Circumstances::default() };
    assert_eq!(forged(unrecorded).audit_notifications(&on_the_wire), []);
    let unreached = |books: &mut Books| books.posted.push(posted(2));
    let beyond = Discrepancy::PostedBeyondTrail { key: key(2), times: 1, attempts: 0 };
    assert_eq!(forged(unreached).audit_notifications(&killed), [beyond], "said not to have reached the server");
}

#[test]
fn a_row_and_its_trail_must_agree() {
    let untraced = found(|books| books.outbox[0].trail = vec![Some(AttemptOutcome::Unanswered)]);
    assert_eq!(untraced, [Discrepancy::OtherThanTrail(key(1))]);
    let killed = Circumstances { kills: 1, ..Circumstances::default() };
    let unsettled = forged(|books| {
        books.posted.push(posted(2));
        books.outbox[1].trail = vec![Some(AttemptOutcome::Accepted)];
    });
    assert_eq!(unsettled.audit_notifications(&killed), [Discrepancy::OtherThanTrail(key(2))]);
    let again = found(|books| books.outbox[0].trail.push(Some(AttemptOutcome::Unreached)));
    assert_eq!(again, [Discrepancy::TriedAfterAcceptance(key(1))]);
}

#[test]
fn what_is_left_in_the_end_is_found() {
    let end = books().audit_end(&Circumstances::default());
    assert_eq!(end, [Discrepancy::Unsettled(key(2)), Discrepancy::Unsettled(key(3))]);
    for outcome in [None, Some("unknown")] {
        let open = Books { journal: vec![line(7, outcome)], ..Books::default() };
        assert_eq!(open.audit_end(&Circumstances::default()), [Discrepancy::OpenEntry(7)]);
    }
}

#[test]
fn an_entry_stays_open_until_the_notifications_are_fetched() {
    let before = forged(|books| assert!(card(books).waiting.remove(&key(3))));
    let after = |is_owed: bool| {
        forged(|books| {
            card(books).profiles = vec![profile(ICCID, false), profile(OTHER, true)];
            books.journal.push(line(2, None));
            if !is_owed {
                assert!(card(books).waiting.remove(&key(3)));
            }
        })
    };
    let audit = |after: &Books| {
        let goal = Goal::Enabled(OTHER.into());
        Statement { goal, eid: EID, verdict: Verdict::Done, before: &before, after }.audit()
    };
    assert_eq!(audit(&after(true)), [], "the third one is on the card alone");
    assert!(matches!(audit(&after(false))[..], [Discrepancy::OtherThanJournal { .. }]));
}

/// The other profile is to be enabled; `now` says whether it is, and the journal what it says.
fn statement(verdict: Verdict, now: bool, outcome: Option<Option<&str>>) -> Vec<Discrepancy> {
    let before = books();
    let after = forged(|books| {
        assert!(card(books).waiting.remove(&key(3)));
        card(books).profiles = vec![profile(ICCID, !now), profile(OTHER, now)];
        books.journal.extend(outcome.map(|outcome| line(2, outcome)));
    });
    let goal = Goal::Enabled(OTHER.into());
    Statement { goal, eid: EID, verdict, before: &before, after: &after }.audit()
}

#[test]
fn true_verdicts_agree() {
    for (verdict, now, outcome) in [
        (Verdict::Done, true, Some(Some("done"))),
        (Verdict::NotDone, false, Some(Some("not_done"))),
        (Verdict::NotDone, false, None),
        (Verdict::Unknown, true, Some(Some("unknown"))),
        (Verdict::Unknown, false, Some(None)),
        (Verdict::Silent, true, Some(None)),
        (Verdict::Silent, false, None),
    ] {
        assert_eq!(statement(verdict, now, outcome), [], "{verdict:?} {now} {outcome:?}");
    }
}

#[test]
fn a_verdict_that_the_card_contradicts_is_found() {
    let goal = Goal::Enabled(OTHER.into());
    let is_false = |verdict, holds| Discrepancy::FalseVerdict { goal: goal.clone(), verdict, holds };
    let done = statement(Verdict::Done, false, Some(Some("done")));
    assert!(done.contains(&is_false(Verdict::Done, false)), "{done:?}");
    let not_done = statement(Verdict::NotDone, true, Some(Some("not_done")));
    assert!(not_done.contains(&is_false(Verdict::NotDone, true)), "{not_done:?}");
}

#[test]
fn a_refused_change_that_left_another_one_is_found() {
    let before = books();
    let after = forged(|books| {
        card(books).profiles[0].enabled = false;
        books.journal.push(line(2, Some("not_done")));
    });
    let goal = Goal::Enabled(OTHER.into());
    let said = Statement { goal: goal.clone(), eid: EID, verdict: Verdict::NotDone, before: &before, after: &after };
    let is_false = Discrepancy::FalseVerdict { goal, verdict: Verdict::NotDone, holds: false };
    assert_eq!(said.audit(), [is_false], "the card is not as before");
}

/// A deletion that disables first: what is told, and the outcomes of disabling and of deleting.
fn deletion(verdict: Verdict, outcomes: &[(&str, Option<&str>)]) -> Vec<Discrepancy> {
    let before = books();
    let has = |wanted| outcomes.iter().any(|(command, outcome)| *command == wanted && *outcome == Some("done"));
    let after = forged(|books| {
        card(books).profiles[0].enabled = !has("disable");
        if has("delete") {
            card(books).profiles.remove(0);
        }
        assert!(card(books).waiting.remove(&key(3)));
        let entry = |((command, outcome), id): (&(&str, Option<&str>), i64)| JournalLine {
            command: (*command).to_owned(),
            ..line(id, *outcome)
        };
        books.journal.extend(outcomes.iter().zip(2..).map(entry));
    });
    Statement { goal: Goal::Deleted(ICCID.into()), eid: EID, verdict, before: &before, after: &after }.audit()
}

#[test]
fn a_change_of_two_steps_is_judged_by_both() {
    let done = ("disable", Some("done"));
    for (verdict, outcomes) in [
        (Verdict::Done, &[done, ("delete", Some("done"))][..]),
        (Verdict::Done, &[("disable", Some("closed")), ("delete", Some("done"))]),
        (Verdict::NotDone, &[("disable", Some("not_done"))]),
        (Verdict::NotDone, &[done, ("delete", Some("not_done"))]),
        (Verdict::NotDone, &[done]),
        (Verdict::Unknown, &[("disable", Some("unknown"))]),
        (Verdict::Unknown, &[done, ("delete", Some("unknown"))]),
        (Verdict::Silent, &[done, ("delete", None)]),
    ] {
        assert_eq!(deletion(verdict, outcomes), [], "{verdict:?} {outcomes:?}");
    }
    for (verdict, outcomes) in [
        (Verdict::Done, &[done][..]),
        (Verdict::Done, &[("disable", None), ("delete", Some("done"))]),
        (Verdict::NotDone, &[done, ("delete", None)]),
        (Verdict::Unknown, &[done]),
        (Verdict::Silent, &[("disable", Some("not_done")), ("delete", Some("done"))]),
    ] {
        let found = deletion(verdict, outcomes);
        assert!(matches!(found[..], [.., Discrepancy::OtherThanJournal { .. }]), "{verdict:?} {outcomes:?}: {found:?}");
    }
}

#[test]
fn a_step_that_stays_open_for_its_notifications_is_done_all_the_same() {
    let before = forged(|books| assert!(card(books).waiting.remove(&key(3))));
    let after = |command: &str| {
        forged(|books| {
            card(books).profiles[0].enabled = false;
            books.journal.push(JournalLine { command: command.into(), ..line(2, None) });
        })
    };
    let audit = |after: &Books| {
        let goal = Goal::Deleted(ICCID.into());
        Statement { goal, eid: EID, verdict: Verdict::NotDone, before: &before, after }.audit()
    };
    assert_eq!(audit(&after("disable")), [], "it was disabled, and the deletion never began");
    assert!(matches!(audit(&after("delete"))[..], [Discrepancy::FalseVerdict { .. }, ..]), "the deletion changed it");
}

#[test]
fn a_verdict_that_the_journal_contradicts_is_found() {
    for (verdict, now, outcome) in [
        (Verdict::Done, true, Some(None)),
        (Verdict::Done, true, Some(Some("unknown"))),
        (Verdict::NotDone, false, Some(None)),
        (Verdict::Unknown, false, None),
        (Verdict::Unknown, true, Some(Some("done"))),
    ] {
        let goal = Goal::Enabled(OTHER.into());
        let outcomes = outcome.iter().map(|outcome| outcome.map(str::to_owned)).collect();
        let other = Discrepancy::OtherThanJournal { goal, verdict, outcomes };
        assert_eq!(statement(verdict, now, outcome), [other], "{verdict:?} {now} {outcome:?}");
    }
}

#[test]
fn an_entry_that_the_card_contradicts_is_found() {
    for (now, outcome) in [(true, "not_done"), (false, "done")] {
        let goal = Goal::Enabled(OTHER.into());
        let is_false = Discrepancy::FalseEntry { goal, id: 2, outcome: outcome.into(), holds: now };
        assert_eq!(statement(Verdict::Silent, now, Some(Some(outcome))), [is_false]);
    }
}

#[test]
fn a_change_without_an_entry_is_found() {
    let unjournalled = Discrepancy::Unjournalled(Goal::Enabled(OTHER.into()));
    assert_eq!(statement(Verdict::Silent, true, None), [unjournalled]);
}

#[test]
fn a_finding_that_the_journal_contradicts_is_found() {
    let told = |finding: &str| json!({ "data": { "entries": [{ "id": 1, "finding": finding }] } });
    let after = |outcome| Books { journal: vec![line(1, outcome)], ..Books::default() };
    for (finding, outcome) in [
        ("done", Some("done")),
        ("not_done", Some("not_done")),
        ("unknown", None),
        ("superseded", Some("closed")),
        ("nobody_knows", Some("closed")),
    ] {
        assert_eq!(audit_recovery(&told(finding), &after(outcome)), [], "{finding}");
        let other = if outcome.is_none() { Some("done") } else { None };
        let is_false = Discrepancy::FalseFinding { id: 1, finding: finding.into(), outcome: other.map(str::to_owned) };
        assert_eq!(audit_recovery(&told(finding), &after(other)), [is_false], "{finding}");
    }
    let missing = Discrepancy::FalseFinding { id: 1, finding: "unknown".into(), outcome: None };
    assert_eq!(audit_recovery(&told("unknown"), &Books::default()), [missing]);
}

#[test]
fn verdicts_are_read_from_exit_code_and_document() {
    let error = |state: &str| json!({ "error": { "state": state } });
    for (exit, document, verdict) in [
        (None, json!(null), Verdict::Silent),
        (None, json!({ "data": {} }), Verdict::Done),
        (None, error("done"), Verdict::Done),
        (None, error("not_done"), Verdict::NotDone),
        (None, error("unknown"), Verdict::Unknown),
        (Some(0), json!({ "data": {} }), Verdict::Done),
        (Some(1), error("done"), Verdict::Done),
        (Some(1), error("not_done"), Verdict::NotDone),
        (Some(4), error("unchanged"), Verdict::NotDone),
        (Some(6), error("unknown"), Verdict::Unknown),
    ] {
        assert_eq!(Verdict::of(exit, &document), Ok(verdict));
    }
    for (exit, document) in [
        (Some(0), error("unknown")),
        (Some(0), error("not_done")),
        (Some(1), error("unknown")),
        (Some(6), error("not_done")),
        (Some(1), json!(null)),
    ] {
        assert!(Verdict::of(exit, &document).is_err(), "{exit:?} {document}");
    }
}

#[test]
fn goals_are_read_from_the_card() {
    let mut card = books().card(EID);
    card.profiles[1].nickname = "Work".into();
    let holds = |goal: Goal| goal.holds(&card);
    let (home, other, none) = (ICCID.to_owned(), OTHER.to_owned(), "8900".to_owned());
    assert!(holds(Goal::Installed(home.clone())) && !holds(Goal::Installed(none.clone())));
    assert!(holds(Goal::Enabled(home.clone())) && !holds(Goal::Enabled(other.clone())));
    assert!(holds(Goal::Disabled(other.clone())) && !holds(Goal::Disabled(home.clone())));
    assert!(!holds(Goal::Disabled(none.clone())), "a profile that is gone is not disabled");
    assert!(holds(Goal::Deleted(none)) && !holds(Goal::Deleted(home.clone())));
    assert!(holds(Goal::Named(other, "Work".into())) && !holds(Goal::Named(home, "Work".into())));
    assert!(!holds(Goal::Emptied) && Goal::Emptied.holds(&CardBook::default()));
}
