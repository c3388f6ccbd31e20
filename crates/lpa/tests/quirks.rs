//! Every quirk of the virtual card, and what the operations make of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod bench;

use bench::Bench;
use lpa::change::{Form, Goal, Verdict, delete, memory_reset, rename, set_default_smdp, switch};
use lpa::profiles::{Detail, get, list};
use lpa::{Error, Isdr, NeverInterrupted, chip, notifications};
use sgp22::es10c::{ProfileRef, ResetOptions};
use sgp22::id::{Aid, ServerAddressError};
use sgp22::tlv::Text;
use sgp22::transport::{Patience, TransportErrorKind};
use virtual_euicc::card::{NewCard, NewProfile, NewProfiles, Quirk};

/// Quirks that are no obstacle: every operation works as on a good card.
const HARMLESS: [&str; 37] = [
    "61xx",
    "no-le",
    "le-required",
    "get-response-class",
    "basic-channel-only",
    "no-manage-channel",
    "high-channels",
    "no-terminal-capability",
    "terminal-capability-required",
    "isdr-aid",
    "two-se",
    "max-block=32",
    "reset-after-switch",
    "channel-lost",
    "91xx",
    "seq-from-0",
    "no-result-error",
    "no-result-empty",
    "spaced-address",
    "long-icons",
    "no-tag-list",
    "no-search",
    "unknown-tags",
    "long-bit-strings",
    "no-class",
    "wrapped-list",
    "no-names",
    "odd-members",
    "name-encoding=utf-16le",
    "no-notification-search",
    "no-notification-list",
    "no-signing-issuer",
    "info2-no-signing-issuer",
    "issuers-differ",
    "no-issuer-lists",
    "test-root",
    "partial-aid",
];

fn all_operations(bench: &mut Bench, quirk: &str) {
    let (first, second) = (bench.iccid(0), bench.iccid(1));
    let aid = bench.profile(1).isdp_aid;
    let info = chip::info(&mut bench.isdr()).unwrap_or_else(|error| panic!("{quirk}: {error}"));
    assert!(info.info.is_ok() && info.addresses.is_ok() && info.rules.is_ok(), "{quirk}: {info:?}");
    assert_eq!(list(&mut bench.isdr(), Detail::Row).unwrap().len(), 2, "{quirk}");
    assert_eq!(list(&mut bench.isdr(), Detail::Everything).unwrap().len(), 2, "{quirk}");
    switch(&mut bench.isdr(), &second, Some(&aid), Goal::Enabled)
        .unwrap_or_else(|failure| panic!("{quirk}: {failure:?}"));
    assert!(bench.profile(1).enabled && !bench.profile(0).enabled, "{quirk}");
    switch(&mut bench.isdr(), &second, Some(&aid), Goal::Disabled)
        .unwrap_or_else(|failure| panic!("{quirk}: {failure:?}"));
    assert!(!bench.profile(1).enabled, "{quirk}");
    let name = Text::from("a name that is as long as the standard allows, which is 64 bytes");
    rename(&mut bench.isdr(), &first, &name).unwrap_or_else(|verdict| panic!("{quirk}: {verdict}"));
    assert_eq!(bench.profile(0).nickname, name.to_string(), "{quirk}");
    set_default_smdp(&mut bench.isdr(), &Text::from("smdp.example.org"))
        .unwrap_or_else(|verdict| panic!("{quirk}: {verdict}"));
    delete(&mut bench.isdr(), &second, Some(&aid)).unwrap_or_else(|verdict| panic!("{quirk}: {verdict}"));
    assert_eq!(bench.state().euiccs[0].profiles.len(), 1, "{quirk}");
    let waiting = notifications::list(&mut bench.isdr()).unwrap();
    assert_eq!(waiting.len(), 4, "{quirk}: disable, enable, disable, delete");
    for one in &waiting {
        assert_eq!(one.server_name(), "smdp.example.com", "{quirk}");
        assert!(notifications::retrieve(&mut bench.isdr(), one.seq).unwrap().is_some(), "{quirk}");
    }
    assert_eq!(notifications::retrieve(&mut bench.isdr(), 99).unwrap(), None, "{quirk}");
    let options = ResetOptions::of(&[ResetOptions::OPERATIONAL, ResetOptions::SERVER]);
    let before = Text::from("smdp.example.org");
    let report = memory_reset(&mut bench.isdr(), &options, &[first], Some(&before))
        .unwrap_or_else(|failure| panic!("{quirk}: {failure:?}"));
    assert!(report.profiles.is_empty() && report.default_smdp == Some(Text::default()), "{quirk}");
}

#[test]
fn harmless_quirks_are_no_obstacle() {
    for quirk in HARMLESS {
        all_operations(&mut Bench::with(&[quirk]), quirk);
    }
}

#[test]
fn harmless_quirks_are_no_obstacle_two_at_a_time() {
    for pair in [
        ["61xx", "reset-after-switch"],
        ["no-le", "max-block=16"],
        ["basic-channel-only", "91xx"],
        ["high-channels", "channel-lost"],
    ] {
        all_operations(&mut Bench::with(&pair), &pair.join(" and "));
    }
}

#[test]
fn sequence_numbers_from_zero_lose_nothing() {
    let mut bench = Bench::with(&["seq-from-0"]);
    let iccid = bench.iccid(0);
    switch(&mut bench.isdr(), &iccid, None, Goal::Disabled).unwrap();
    assert_eq!(notifications::list(&mut bench.isdr()).unwrap()[0].seq, 0);
    assert!(notifications::retrieve(&mut bench.isdr(), 0).unwrap().is_some());
}

/// What was asked in vain is not asked again: one search, and one answer with all of them.
#[test]
fn a_card_that_does_not_search_is_asked_for_all_its_notifications() {
    let mut bench = Bench::with(&["no-notification-search"]);
    let iccid = bench.iccid(0);
    switch(&mut bench.isdr(), &iccid, None, Goal::Disabled).unwrap();
    delete(&mut bench.isdr(), &iccid, None).unwrap();
    let mut isdr = Isdr::open(&mut bench.link, &[Aid::isd_r()], &NeverInterrupted).unwrap();
    let before = bench.counters.get().apdus;
    assert_eq!(notifications::retrieve(&mut isdr, 2).unwrap().unwrap().metadata.unwrap().seq, 2);
    let first = bench.counters.get().apdus;
    assert_eq!(notifications::retrieve(&mut isdr, 1).unwrap().unwrap().metadata.unwrap().seq, 1);
    assert_eq!(notifications::retrieve(&mut isdr, 9).unwrap(), None);
    let second = bench.counters.get().apdus;
    assert!((second - first) / 2 < first - before, "the search is not tried again");
    drop(isdr);
    // What a change left is fetched with two answers, however much it is.
    let born = notifications::born(&mut bench.isdr(), |_| notifications::Fate::Fetch).unwrap();
    assert_eq!((born.fetched.len(), born.missing), (2, None));
}

/// A card that refuses to list is asked for what it has to list.
#[test]
fn a_card_that_does_not_list_is_asked_for_all_its_notifications() {
    let mut bench = Bench::with(&["no-notification-list"]);
    let iccid = bench.iccid(0);
    switch(&mut bench.isdr(), &iccid, None, Goal::Disabled).unwrap();
    let mut good = Bench::with(&[]);
    let iccid = good.iccid(0);
    switch(&mut good.isdr(), &iccid, None, Goal::Disabled).unwrap();
    let listed = |bench: &mut Bench| {
        let list = notifications::list(&mut bench.isdr()).unwrap();
        list.iter().map(|one| (one.seq, one.event.clone(), one.server())).collect::<Vec<_>>()
    };
    assert_eq!(listed(&mut bench), listed(&mut good));
    assert_eq!(listed(&mut bench).len(), 1);
    // One that gives nothing at all is told by its first word.
    let mut neither = Bench::with(&["no-notification-list", "garbage"]);
    assert!(notifications::list(&mut neither.isdr()).is_err());
}

#[test]
fn names_are_read_in_every_encoding() {
    for encoding in ["utf-16be", "utf-16le", "utf-16", "ucs-2", "latin-1", "zeros"] {
        let mut bench = Bench::with(&[&format!("name-encoding={encoding}")]);
        let rows = list(&mut bench.isdr(), Detail::Row).unwrap();
        let names: Vec<_> = rows.iter().map(|row| row.name.as_ref().unwrap().to_string()).collect();
        assert_eq!(names, ["Flat 20 GB", "Europe 30 days"], "{encoding}");
    }
}

#[test]
fn a_part_of_the_aid_selects_where_the_card_allows_it() {
    let part = Aid::from_bytes(&Aid::ISD_R[..15]).unwrap();
    let mut bench = Bench::with(&["partial-aid"]);
    assert!(Isdr::open(&mut bench.link, std::slice::from_ref(&part), &NeverInterrupted).unwrap().eid().is_ok());
    let mut strict = Bench::with(&[]);
    assert!(Isdr::open(&mut strict.link, &[part], &NeverInterrupted).is_err());
}

#[test]
fn the_ladder_is_climbed_as_far_as_needed() {
    for (quirk, forms) in [
        ("no-iccid-refresh", vec![Form::IccidRefresh, Form::Iccid]),
        ("only-aid-refresh", vec![Form::IccidRefresh, Form::Iccid, Form::AidRefresh]),
        ("lies-about-switch", vec![Form::IccidRefresh, Form::IccidRefresh]),
        ("cat-busy", vec![Form::IccidRefresh, Form::IccidRefresh]),
        ("reply-lost=enable", vec![Form::IccidRefresh]),
    ] {
        let mut bench = Bench::with(&[quirk]);
        let (iccid, aid) = (bench.iccid(1), bench.profile(1).isdp_aid);
        let report = switch(&mut bench.isdr(), &iccid, Some(&aid), Goal::Enabled);
        if quirk == "lies-about-switch" {
            // The lie comes again after every reset, so no rung helps; what counts is that it is not believed.
            let failure = report.unwrap_err();
            assert_eq!(failure.attempts.len(), 4, "{quirk}");
            assert!(matches!(failure.verdict, Verdict::NotDone(_)), "{quirk}");
            assert!(!bench.profile(1).enabled);
            continue;
        }
        let report = report.unwrap_or_else(|failure| panic!("{quirk}: {failure:?}"));
        assert_eq!(report.attempts.iter().map(|attempt| attempt.form).collect::<Vec<_>>(), forms, "{quirk}");
        assert!(bench.profile(1).enabled, "{quirk}");
    }
}

#[test]
fn lost_answers_are_settled_by_reading_again() {
    for quirk in ["reply-lost=any", "reply-lost=delete"] {
        let mut bench = Bench::with(&[quirk]);
        let (first, second) = (bench.iccid(0), bench.iccid(1));
        delete(&mut bench.isdr(), &second, None).unwrap();
        assert_eq!(bench.state().euiccs[0].profiles.len(), 1);
        assert_eq!(bench.state().euiccs[0].notifications.len(), 1, "deleted once");
        rename(&mut bench.isdr(), &first, &Text::from("x")).unwrap();
        set_default_smdp(&mut bench.isdr(), &Text::from("smdp.example.org")).unwrap();
        switch(&mut bench.isdr(), &first, None, Goal::Disabled).unwrap();
        let options = ResetOptions::of(&[ResetOptions::OPERATIONAL]);
        memory_reset(&mut bench.isdr(), &options, &[first], None).unwrap();
    }
}

#[test]
fn lost_requests_are_told_as_not_done_and_not_repeated() {
    let mut bench = Bench::with(&["request-lost=any"]);
    let (first, second) = (bench.iccid(0), bench.iccid(1));
    let is_lost = |verdict: Verdict| {
        let Verdict::NotDone(error) = verdict else { panic!("{verdict:?}") };
        assert_eq!(error.transport().map(|error| error.kind), Some(TransportErrorKind::Lost));
    };
    is_lost(delete(&mut bench.isdr(), &second, None).unwrap_err());
    is_lost(rename(&mut bench.isdr(), &first, &Text::from("x")).unwrap_err());
    is_lost(set_default_smdp(&mut bench.isdr(), &Text::from("smdp.example.org")).unwrap_err());
    let options = ResetOptions::of(&[ResetOptions::OPERATIONAL]);
    is_lost(memory_reset(&mut bench.isdr(), &options, &[first.clone(), second], None).unwrap_err().verdict);
    is_lost(switch(&mut bench.isdr(), &first, None, Goal::Disabled).unwrap_err().verdict);
    let state = bench.state();
    assert!(state.euiccs[0].profiles[0].enabled && state.euiccs[0].notifications.is_empty());
}

#[test]
fn what_was_half_done_is_seen() {
    let mut bench = Bench::with(&["half-done"]);
    let (first, second) = (bench.iccid(0), bench.iccid(1));
    let failure = switch(&mut bench.isdr(), &second, None, Goal::Enabled).unwrap_err();
    assert!(matches!(failure.verdict, Verdict::NotDone(_)), "{failure:?}");
    let seen = failure.profiles.expect("the card was read");
    assert!(seen.iter().all(|profile| !profile.is_enabled()), "the old one is disabled, and it shows");
    let options = ResetOptions::of(&[ResetOptions::OPERATIONAL]);
    let failure = memory_reset(&mut bench.isdr(), &options, &[first, second], None).unwrap_err();
    assert!(matches!(failure.verdict, Verdict::NotDone(_)), "{failure:?}");
    assert_eq!(failure.left.expect("the card was read").profiles.len(), 1);
}

#[test]
fn a_refusal_stays_one_when_the_card_is_gone_afterwards() {
    for moment in 4..9 {
        let mut bench = Bench::new(&NewCard {
            profiles: NewProfiles::These(vec![
                NewProfile { enabled: true, policy_rules: vec![1], ..NewProfile::named("Example", "stays") },
                NewProfile::named("Example", "other"),
            ]),
            quirks: bench::quirks_of(&[&format!("removed-before={moment}")]),
            ..NewCard::default()
        });
        let iccid = bench.iccid(1);
        let failure = switch(&mut bench.isdr(), &iccid, None, Goal::Enabled).unwrap_err();
        let refused = failure.attempts.first().is_some_and(|attempt| matches!(attempt.error, Some(Error::Refused(_))));
        if refused {
            assert!(matches!(failure.verdict, Verdict::NotDone(Error::Refused(_))), "{moment}: {failure:?}");
        }
    }
}

#[test]
fn a_refusal_for_another_reason_does_not_make_blocks_smaller() {
    let mut bench = Bench::with(&["max-block=32"]);
    let mut isdr = bench.isdr();
    let before = isdr.block();
    // 6700 to a command of one block that is short enough.
    assert!(isdr.call_raw("test", b"\xBF\x7F\x00", Patience::Normal).is_err());
    assert_eq!(isdr.block(), before);
}

#[test]
fn a_card_that_never_says_the_state_proves_nothing() {
    let mut bench = Bench::with(&["no-state"]);
    let iccid = bench.iccid(0);
    let failure = switch(&mut bench.isdr(), &iccid, None, Goal::Disabled).unwrap_err();
    assert!(matches!(failure.verdict, Verdict::Unknown { .. }), "{failure:?}");
    assert!(!bench.profile(0).enabled, "it was done, but the card does not say so");
}

#[test]
fn what_a_card_refuses_is_not_needed_for_anything_else() {
    let mut bench = Bench::with(&["no-addresses"]);
    let info = chip::info(&mut bench.isdr()).unwrap();
    assert!(info.info.is_ok() && info.addresses.is_err());
    let doomed = [bench.iccid(0), bench.iccid(1)];
    let options = ResetOptions::of(&[ResetOptions::OPERATIONAL]);
    memory_reset(&mut bench.isdr(), &options, &doomed, None).unwrap();
}

#[test]
fn nothing_to_reset_is_no_failure() {
    let mut bench = Bench::with(&[]);
    let options = ResetOptions::of(&[ResetOptions::TEST, ResetOptions::SERVER]);
    let report = memory_reset(&mut bench.isdr(), &options, &[], Some(&Text::default())).unwrap();
    assert_eq!(report.profiles.len(), 2);
}

#[test]
fn a_reset_waits_for_a_busy_card() {
    let mut bench = Bench::with(&["cat-busy=2"]);
    let doomed = [bench.iccid(0), bench.iccid(1)];
    let options = ResetOptions::of(&[ResetOptions::OPERATIONAL]);
    memory_reset(&mut bench.isdr(), &options, &doomed, None).unwrap();
    assert!(bench.state().euiccs[0].profiles.is_empty());
}

#[test]
fn a_card_that_stays_busy_is_given_up_unchanged() {
    let mut bench = Bench::with(&["cat-busy=50"]);
    let iccid = bench.iccid(1);
    let failure = switch(&mut bench.isdr(), &iccid, None, Goal::Enabled).unwrap_err();
    let Verdict::NotDone(Error::Refused(refusal)) = failure.verdict else { panic!("{failure:?}") };
    assert_eq!(refusal.name, "catBusy");
}

#[test]
fn a_silent_card_leaves_it_unknown_or_not_done() {
    for (quirk, silent_at) in [("silent=delete", "delete"), ("silent", "everything")] {
        let mut bench = Bench::with(&[quirk]);
        let iccid = bench.iccid(1);
        let verdict = delete(&mut bench.isdr(), &iccid, None).unwrap_err();
        match silent_at {
            "delete" => assert!(matches!(verdict, Verdict::NotDone(_)), "{verdict:?}"),
            _ => assert!(matches!(verdict, Verdict::Unknown { .. }), "{verdict:?}"),
        }
    }
}

#[test]
fn a_card_in_the_middle_of_a_change_is_asked_again() {
    let mut bench = Bench::with(&["change-ongoing=2"]);
    assert_eq!(list(&mut bench.isdr(), Detail::Row).unwrap().len(), 2);
}

#[test]
fn garbage_is_an_error_and_never_a_panic() {
    for quirk in ["garbage", "truncated", "overlong", "deep-nesting", "endless", "trickle", "empty-answers"] {
        let mut bench = Bench::with(&[quirk]);
        let iccid = bench.iccid(1);
        assert!(chip::info(&mut bench.isdr()).is_err(), "{quirk}");
        assert!(list(&mut bench.isdr(), Detail::Row).is_err(), "{quirk}");
        assert!(notifications::list(&mut bench.isdr()).is_err(), "{quirk}");
        let verdict = delete(&mut bench.isdr(), &iccid, None).unwrap_err();
        assert!(matches!(verdict, Verdict::Unknown { .. }), "{quirk}: nobody can tell: {verdict:?}");
    }
    assert!(Bench::with(&["no-status-word"]).try_isdr().is_err());
}

#[test]
fn a_list_with_a_row_without_iccid_proves_nothing() {
    let mut bench = Bench::with(&["no-iccid=2"]);
    let first = ProfileRef::Iccid(bench.iccid(0));
    for detail in [Detail::Lean, Detail::Row, Detail::Description, Detail::Everything] {
        let error = list(&mut bench.isdr(), detail).unwrap_err();
        assert!(matches!(error, Error::Decode { .. }), "{error:?}");
        assert!(get(&mut bench.isdr(), &first, detail).is_err(), "it is not told to be missing");
    }
    // Read before the change, and not after it: whether the profile went cannot be told.
    let mut bench = Bench::with(&["no-iccid=1"]);
    let second = bench.iccid(1);
    assert_eq!(list(&mut bench.isdr(), Detail::Row).unwrap().len(), 2);
    let verdict = delete(&mut bench.isdr(), &second, None).unwrap_err();
    assert!(matches!(verdict, Verdict::Unknown { .. }), "{verdict:?}");
}

/// A name, the operation, and whether the card shows it as done.
type Operation = (&'static str, fn(&mut Bench) -> Option<Verdict>, fn(&Bench) -> bool);

const OPERATIONS: [Operation; 5] = [
    ("enable", enable_second, |bench| bench.profile(1).enabled),
    ("disable", disable_first, |bench| !bench.profile(0).enabled),
    ("rename", rename_first, |bench| bench.profile(0).nickname == "x"),
    ("delete", delete_second, |bench| bench.state().euiccs[0].profiles.len() == 1),
    ("reset", reset_all, |bench| bench.state().euiccs[0].profiles.is_empty()),
];

/// Every operation on a card with each of these quirks: what is told must be what the card shows. How often it is left
/// open.
fn left_open(quirks: impl Iterator<Item = String>) -> usize {
    let mut unknown = 0;
    for quirk in quirks {
        for (name, operation, is_done) in OPERATIONS {
            let mut bench = Bench::with(&[&quirk]);
            let verdict = operation(&mut bench);
            let done = is_done(&bench);
            match verdict {
                None => assert!(done, "{name}, {quirk}: told as done"),
                Some(Verdict::NotDone(_)) => assert!(!done, "{name}, {quirk}: told as not done"),
                Some(Verdict::Unknown { .. }) => unknown += 1,
            }
        }
    }
    unknown
}

/// Cut off before and after each of its commands.
#[test]
fn a_card_that_is_pulled_out_at_any_moment_is_told_truly() {
    let moments =
        (1..20).flat_map(|moment| ["removed-before", "removed-after"].map(|quirk| format!("{quirk}={moment}")));
    assert!(left_open(moments) > 0, "a card that is gone right after the command leaves it open");
}

/// What goes wrong once, at each command to the ISD-R.
#[test]
fn a_card_that_fails_once_at_any_moment_is_told_truly() {
    let faults = |kind| (1..20).map(move |moment| format!("fault={kind}@{moment}"));
    for kind in ["request-lost", "reply-lost", "cut", "garbage", "duplicate", "delay"] {
        assert_eq!(left_open(faults(kind)), 0, "{kind}: the card can be read again");
    }
    assert!(left_open(faults("unplugged")) > 0);
}

fn opened(bench: &mut Bench, work: impl FnOnce(&mut Isdr<'_>) -> Option<Verdict>) -> Option<Verdict> {
    match bench.try_isdr() {
        Ok(mut isdr) => work(&mut isdr),
        Err(error) => Some(Verdict::NotDone(Error::Reopen(error))),
    }
}

fn enable_second(bench: &mut Bench) -> Option<Verdict> {
    let iccid = bench.iccid(1);
    opened(bench, |isdr| switch(isdr, &iccid, None, Goal::Enabled).err().map(|failure| failure.verdict))
}

fn disable_first(bench: &mut Bench) -> Option<Verdict> {
    let iccid = bench.iccid(0);
    opened(bench, |isdr| switch(isdr, &iccid, None, Goal::Disabled).err().map(|failure| failure.verdict))
}

fn rename_first(bench: &mut Bench) -> Option<Verdict> {
    let iccid = bench.iccid(0);
    opened(bench, |isdr| rename(isdr, &iccid, &Text::from("x")).err())
}

fn delete_second(bench: &mut Bench) -> Option<Verdict> {
    let iccid = bench.iccid(1);
    opened(bench, |isdr| delete(isdr, &iccid, None).err())
}

fn reset_all(bench: &mut Bench) -> Option<Verdict> {
    let doomed = [bench.iccid(0), bench.iccid(1)];
    let options = ResetOptions::of(&[ResetOptions::OPERATIONAL]);
    opened(bench, |isdr| memory_reset(isdr, &options, &doomed, None).err().map(|failure| failure.verdict))
}

#[test]
fn latency_is_felt_at_every_command() {
    let mut bench = Bench::with(&["latency=2"]);
    bench.isdr().eid().unwrap();
    let counts = bench.counters.get();
    assert!(counts.time.as_millis() >= u128::from(2 * counts.apdus), "{counts:?}");
}

/// All works, and the notifications are there to be given up; they name no server.
#[test]
fn notifications_with_odd_addresses_are_listed_and_name_no_server() {
    for (quirk, why) in [
        ("odd-address", "empty"),
        ("odd-address=blank", "blank_inside"),
        ("odd-address=control", "control_character"),
        ("odd-address=not-ascii", "not_ascii"),
        ("odd-address=port", "port"),
        ("odd-address=scheme", "scheme"),
    ] {
        let mut bench = Bench::with(&[quirk]);
        let second = bench.iccid(1);
        switch(&mut bench.isdr(), &second, None, Goal::Enabled)
            .unwrap_or_else(|failure| panic!("{quirk}: {failure:?}"));
        let queue = notifications::list(&mut bench.isdr()).unwrap();
        let told: Vec<_> = queue.iter().map(|one| one.server().map_err(ServerAddressError::name)).collect();
        assert_eq!(told, [Err(why), Err(why)], "{quirk}");
        let signed = notifications::retrieve(&mut bench.isdr(), queue[0].seq).unwrap().unwrap();
        assert_eq!(signed.metadata.as_ref(), Some(&queue[0]), "{quirk}");
    }
}

#[test]
fn every_quirk_is_tried_somewhere() {
    // Those of downloads are tried where the test plays the server, those of files at the wire.
    let tried = [
        include_str!("quirks.rs"),
        include_str!("download.rs"),
        include_str!("../../virtual/tests/download/loads.rs"),
        include_str!("../../virtual/tests/download/sessions.rs"),
        include_str!("../../virtual/tests/files.rs"),
    ]
    .concat();
    for quirk in Quirk::ALL {
        let name = quirk.describe().name;
        assert!(tried.contains(&format!("\"{name}")), "{name} is not tried");
    }
}
