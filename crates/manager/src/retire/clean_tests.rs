//! Removals that were agreed to and wait: the card may be another one by then, or have changed.

use super::clean::{CleanPlan, CleanWish, Look};
use crate::backup::{BackupOptions, NoPin};
use crate::card::{Detail, Goal, Unwatched};
use crate::error::Id;
use crate::virtual_cards::{NewCard, NewProfile, NewProfiles};
use crate::{Card, Manager, ProfileQuery, Settings};

const ICCIDS: [&str; 3] = ["8999900000000000033", "8999900000000000041", "8999900000000000058"];

fn create(manager: &Manager) {
    let profile = |(index, iccid): (usize, &&str)| NewProfile {
        iccid: Some(iccid.parse().unwrap()),
        enabled: index == 0,
        ..NewProfile::named("Example Mobile", &format!("Profile {index}"))
    };
    let profiles = NewProfiles::These(ICCIDS.iter().enumerate().map(profile).collect());
    manager.create_virtual("card", &NewCard { profiles, ..NewCard::default() }).unwrap();
}

fn with<T>(manager: &Manager, work: impl FnOnce(&mut Card<'_>) -> T) -> T {
    let mut session = manager.session().unwrap();
    let mut card = session.card().unwrap();
    work(&mut card)
}

/// The removal of the first profile, the second one of the list enabled instead, as it was agreed to.
fn agreed(manager: &Manager) -> CleanPlan {
    let retirements = manager.retirements().unwrap();
    let case = with(manager, |card| retirements.start(card, &ProfileQuery::new(ICCIDS[0]), &[]).unwrap());
    let wish = CleanWish {
        lose_connection: false,
        enable_instead: Some(ProfileQuery::new("@2")),
        despite: Some("a test".into()),
    };
    match retirements.look(&case, &case.devices[0], &wish).unwrap() {
        Look::There(plan) => *plan,
        other => panic!("{other:?}"),
    }
}

fn bench() -> (tempfile::TempDir, Manager, CleanPlan) {
    let directory = tempfile::tempdir().unwrap();
    let state_dir = Some(directory.path().join("state"));
    let manager = Manager::new(Settings { state_dir, ..Settings::default() }).unwrap();
    create(&manager);
    let plan = agreed(&manager);
    (directory, manager, plan)
}

/// Carries the removal out, which is to be refused, and looks that the card is as it was.
fn refused(manager: &Manager, plan: CleanPlan) -> Id {
    let read = || with(manager, |card| card.profiles(Detail::Row).unwrap());
    let before = read();
    let error = manager.retirements().unwrap().clean(plan).unwrap_err();
    assert_eq!(read(), before);
    error.id
}

#[test]
fn a_removal_is_carried_out_on_the_card_that_it_was_agreed_for() {
    let (_directory, manager, plan) = bench();
    manager.retirements().unwrap().clean(plan).unwrap();
    let (_directory, manager, plan) = bench();
    manager.remove_virtual("card").unwrap();
    create(&manager);
    assert_eq!(refused(&manager, plan), Id::OtherCard, "another card with the same profiles");
}

#[test]
fn a_removal_is_refused_where_the_card_has_changed() {
    let (_directory, manager, plan) = bench();
    with(&manager, |card| {
        let plan = card.plan_switch(&ProfileQuery::new(ICCIDS[2]), Goal::Enabled).unwrap();
        card.switch(plan, None, &mut Unwatched).unwrap();
    });
    assert_eq!(refused(&manager, plan), Id::CardChanged, "the profile is not enabled any more");
    let (_directory, manager, plan) = bench();
    with(&manager, |card| {
        let plan = card.plan_delete(&ProfileQuery::new(ICCIDS[1]), false).unwrap();
        card.delete(plan).unwrap();
    });
    assert_eq!(refused(&manager, plan), Id::CardChanged, "another one would be enabled instead");
}

/// Who may write the database is not therefore allowed to start programs as whoever retires a profile.
#[test]
fn a_device_on_record_starts_no_program_and_opens_no_recording() {
    let (directory, manager, plan) = bench();
    let mark = directory.path().join("mark");
    let program = format!("stdio:touch {}", mark.display());
    let retirements = manager.retirements().unwrap();
    for (device, refused) in [(program.as_str(), Id::ProgramForgotten), ("replay:/etc/passwd", Id::RecordingOnly)] {
        let mut case = plan.case.clone();
        case.devices[0].device = device.into();
        let look = retirements.look(&case, &case.devices[0], &CleanWish::default()).unwrap();
        assert!(matches!(&look, Look::Absent(error) if error.id == refused), "{look:?}");
        let backup = retirements.backup(&case, &mut NoPin, &BackupOptions::default(), None, false);
        assert_eq!(backup.unwrap_err().id, refused);
    }
    assert!(!mark.exists(), "it was started");
}
