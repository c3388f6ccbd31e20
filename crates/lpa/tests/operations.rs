//! Every operation on a well-behaved card: what it does to the card, and what it costs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod bench;

use bench::{Bench, numbered};
use lpa::change::{Form, Goal, Verdict, delete, memory_reset, rename, set_default_smdp, switch};
use lpa::profiles::{Detail, get, list};
use lpa::{Error, chip, notifications};
use sgp22::es10c::{ProfileRef, ResetOptions};
use sgp22::notification::PendingKind;
use sgp22::tlv::Text;
use virtual_euicc::card::{NewCard, NewProfile, NewProfiles, StoredClass};

fn with_profiles(profiles: Vec<NewProfile>) -> Bench {
    Bench::new(&NewCard { profiles: NewProfiles::These(profiles), ..NewCard::default() })
}

fn named(name: &str) -> NewProfile {
    NewProfile::named("Example Mobile", name)
}

#[test]
fn enable_switches_and_the_card_proves_it() {
    let mut bench = Bench::with(&[]);
    let (first, second) = (bench.iccid(0), bench.iccid(1));
    let report = switch(&mut bench.isdr(), &second, None, Goal::Enabled).unwrap();
    assert_eq!(report.attempts.len(), 1);
    assert_eq!(report.attempts[0].form, Form::IccidRefresh);
    let enabled: Vec<_> = report.profiles.iter().filter(|profile| profile.is_enabled()).collect();
    assert_eq!(enabled.len(), 1);
    assert_eq!(enabled[0].iccid, Some(second.clone()));
    assert!(bench.profile(1).enabled && !bench.profile(0).enabled);
    // The old profile's notification comes first.
    let waiting = notifications::list(&mut bench.isdr()).unwrap();
    let told: Vec<_> =
        waiting.iter().map(|one| (one.seq, one.event.names().collect::<String>(), one.iccid.clone())).collect();
    assert_eq!(told, [(1, "disable".into(), Some(first)), (2, "enable".into(), Some(second))]);
}

#[test]
fn disable_leaves_none_enabled() {
    let mut bench = Bench::with(&[]);
    let iccid = bench.iccid(0);
    switch(&mut bench.isdr(), &iccid, None, Goal::Disabled).unwrap();
    assert!(!bench.profile(0).enabled);
    let again = switch(&mut bench.isdr(), &iccid, None, Goal::Disabled).unwrap();
    assert!(
        again.attempts[0].error.is_some(),
        "the card says that it is disabled already, and that is what was wanted"
    );
}

#[test]
fn delete_removes_the_profile_and_queues_its_notification() {
    let mut bench = Bench::with(&[]);
    let iccid = bench.iccid(1);
    let left = delete(&mut bench.isdr(), &iccid, None).unwrap();
    assert_eq!(left.len(), 1);
    let signed = notifications::retrieve(&mut bench.isdr(), 1).unwrap().unwrap();
    assert_eq!(signed.kind, PendingKind::Other);
    assert_eq!(signed.metadata.unwrap().iccid, Some(iccid));
    assert_eq!(notifications::retrieve(&mut bench.isdr(), 2).unwrap(), None);
}

#[test]
fn an_enabled_profile_is_not_deleted() {
    let mut bench = Bench::with(&[]);
    let iccid = bench.iccid(0);
    let verdict = delete(&mut bench.isdr(), &iccid, None).unwrap_err();
    let Verdict::NotDone(Error::Refused(refusal)) = verdict else { panic!("{verdict:?}") };
    assert_eq!(refusal.name, "profileNotInDisabledState");
    assert_eq!(bench.state().euiccs[0].profiles.len(), 2);
}

#[test]
fn policy_rules_hold() {
    let mut bench = with_profiles(vec![
        NewProfile { enabled: true, policy_rules: vec![1], ..named("stays enabled") },
        NewProfile { policy_rules: vec![2], ..named("stays on the card") },
    ]);
    let (first, second) = (bench.iccid(0), bench.iccid(1));
    for (iccid, goal) in [(&first, Goal::Disabled), (&second, Goal::Enabled)] {
        let failure = switch(&mut bench.isdr(), iccid, None, goal).unwrap_err();
        assert_eq!(failure.attempts.len(), 1, "a rule is not asked twice");
        let Verdict::NotDone(Error::Refused(refusal)) = failure.verdict else { panic!("{failure:?}") };
        assert_eq!(refusal.name, "disallowedByPolicy");
    }
    let Verdict::NotDone(Error::Refused(refusal)) = delete(&mut bench.isdr(), &second, None).unwrap_err() else {
        panic!("not refused")
    };
    assert_eq!(refusal.name, "disallowedByPolicy");
    assert!(bench.profile(0).enabled);
}

#[test]
fn after_a_test_profile_only_the_former_one_may_follow() {
    let mut bench = with_profiles(vec![
        NewProfile { enabled: true, ..named("former") },
        NewProfile { class: StoredClass::Test, ..named("test") },
        named("another"),
    ]);
    let [former, test, another] = [0, 1, 2].map(|index| bench.iccid(index));
    switch(&mut bench.isdr(), &test, None, Goal::Enabled).unwrap();
    let failure = switch(&mut bench.isdr(), &another, None, Goal::Enabled).unwrap_err();
    let Verdict::NotDone(Error::Refused(refusal)) = failure.verdict else { panic!("{failure:?}") };
    assert_eq!(refusal.name, "wrongProfileReenabling");
    switch(&mut bench.isdr(), &former, None, Goal::Enabled).unwrap();
}

#[test]
fn rename_sets_and_clears() {
    let mut bench = Bench::with(&[]);
    let iccid = bench.iccid(1);
    rename(&mut bench.isdr(), &iccid, &Text::from("旅行")).unwrap();
    assert_eq!(bench.profile(1).nickname, "旅行");
    rename(&mut bench.isdr(), &iccid, &Text::default()).unwrap();
    assert_eq!(bench.profile(1).nickname, "");
}

#[test]
fn the_default_server_is_set_and_cleared() {
    let mut bench = Bench::with(&[]);
    set_default_smdp(&mut bench.isdr(), &Text::from("smdp.example.org")).unwrap();
    let addresses = chip::addresses(&mut bench.isdr()).unwrap();
    assert_eq!(addresses.default_smdp, Some(Text::from("smdp.example.org")));
    set_default_smdp(&mut bench.isdr(), &Text::default()).unwrap();
    assert_eq!(chip::addresses(&mut bench.isdr()).unwrap().default_smdp, None);
}

#[test]
fn a_reset_deletes_one_class_and_tells_every_server() {
    let mut bench = with_profiles(vec![
        NewProfile { enabled: true, policy_rules: vec![1, 2], ..named("one") },
        NewProfile { class: StoredClass::Test, ..named("test") },
        named("two"),
        NewProfile { class: StoredClass::Provisioning, ..named("bootstrap") },
    ]);
    let doomed = [bench.iccid(0), bench.iccid(2)];
    let options = ResetOptions::of(&[ResetOptions::OPERATIONAL]);
    let report = memory_reset(&mut bench.isdr(), &options, &doomed, None).unwrap();
    assert_eq!(report.profiles.len(), 2, "test and provisioning profiles stay");
    assert_eq!(notifications::list(&mut bench.isdr()).unwrap().len(), 2);
    let nothing = memory_reset(&mut bench.isdr(), &options, &doomed, None);
    assert!(nothing.is_ok(), "what was to be deleted is not there: {nothing:?}");
}

#[test]
fn info_says_everything() {
    let mut bench = Bench::with(&[]);
    let info = chip::info(&mut bench.isdr()).unwrap();
    assert!(info.eid.is_valid());
    let chip = info.info.unwrap();
    assert_eq!(chip.ci_for_signing.map(|list| list.len()), Some(1));
    assert_eq!(chip.resources.unwrap().free_nonvolatile, Some(640 * 1024));
    assert_eq!(info.rules.unwrap().len(), 1);
    assert!(info.addresses.unwrap().root_smds.is_some());
}

/// APDUs of `work` on a fresh card, opening and closing included.
fn cost(new: &NewCard, work: impl FnOnce(&mut Bench)) -> u64 {
    let mut bench = Bench::new(new);
    work(&mut bench);
    bench.apdus()
}

#[test]
fn list_costs_little_and_grows_linearly() {
    let cost_of = |count| {
        cost(&numbered(count, true), |bench| {
            assert_eq!(list(&mut bench.isdr(), Detail::Row).unwrap().len(), count);
        })
    };
    let ten = cost_of(10);
    let fifty = cost_of(50);
    assert!(ten <= 12, "{ten} APDUs for ten profiles");
    assert!(fifty <= 5 * ten, "{fifty} APDUs for fifty profiles, {ten} for ten");
}

#[test]
fn one_profile_is_found_without_reading_the_others() {
    let spent = cost(&numbered(50, true), |bench| {
        let iccid = bench.iccid(49);
        let found = get(&mut bench.isdr(), &ProfileRef::Iccid(iccid.clone()), Detail::Row).unwrap();
        assert_eq!(found.unwrap().iccid, Some(iccid));
    });
    assert!(spent <= 5, "{spent} APDUs");
}

#[test]
fn info_costs_at_most_ten() {
    let spent = cost(&NewCard::default(), |bench| {
        chip::info(&mut bench.isdr()).unwrap();
    });
    assert!(spent <= 10, "{spent} APDUs");
}

#[test]
fn sixty_five_profiles_with_icons_are_read_whole() {
    let mut bench = Bench::new(&numbered(65, true));
    let profiles = list(&mut bench.isdr(), Detail::Everything).unwrap();
    assert_eq!(profiles.len(), 65);
    assert!(profiles.iter().all(|profile| profile.icon.as_ref().is_some_and(|icon| icon.len() == 1024)));
}

#[test]
fn every_channel_is_closed_again() {
    let mut bench = Bench::with(&[]);
    for _ in 0..10 {
        // More often than the card has channels.
        bench.isdr().eid().unwrap();
    }
}

#[test]
fn a_notification_is_removed_only_if_it_is_the_very_one() {
    use lpa::notifications::{Removal, remove};
    let mut bench = Bench::with(&[]);
    let iccid = bench.iccid(0);
    switch(&mut bench.isdr(), &iccid, None, Goal::Disabled).unwrap();
    let mut isdr = bench.isdr();
    let queue = notifications::list(&mut isdr).unwrap();
    let one = queue[0].clone();
    let other = sgp22::notification::NotificationMetadata { address: Text::from("other.example"), ..one.clone() };
    assert_eq!(remove(&mut isdr, &other, &queue).unwrap(), Removal::Other);
    assert_eq!(notifications::list(&mut isdr).unwrap(), queue);
    assert_eq!(remove(&mut isdr, &one, &queue).unwrap(), Removal::Removed);
    assert_eq!(remove(&mut isdr, &one, &queue).unwrap(), Removal::Gone, "the card says that it has none");
    assert_eq!(remove(&mut isdr, &one, &[]).unwrap(), Removal::Gone);
    assert!(notifications::list(&mut isdr).unwrap().is_empty());
}

#[test]
fn what_is_new_is_fetched_and_what_is_kept_is_counted() {
    use lpa::notifications::{Fate, born};
    let mut bench = Bench::with(&[]);
    let (first, second) = (bench.iccid(0), bench.iccid(1));
    switch(&mut bench.isdr(), &first, None, Goal::Disabled).unwrap();
    let before = notifications::list(&mut bench.isdr()).unwrap();
    switch(&mut bench.isdr(), &second, None, Goal::Enabled).unwrap();
    let new =
        |kind: Fate| move |one: &sgp22::notification::NotificationMetadata| if one.seq == 1 { Fate::Old } else { kind };
    let fetched = born(&mut bench.isdr(), new(Fate::Fetch)).unwrap();
    assert_eq!((before.len(), fetched.queue.len(), fetched.kept), (1, 2, 0));
    assert_eq!(fetched.fetched[0].0.seq, 2);
    assert_eq!(fetched.fetched[0].1.metadata.as_ref(), Some(&fetched.fetched[0].0));
    let kept = born(&mut bench.isdr(), new(Fate::Keep)).unwrap();
    assert_eq!((kept.fetched.len(), kept.kept), (0, 1));
}
