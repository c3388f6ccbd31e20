//! What the user says of devices that esimctl cannot read.

use super::statements::MAX_DEVICE_NAME;
use super::*;

fn manager() -> (tempfile::TempDir, Manager) {
    let directory = tempfile::tempdir().unwrap();
    let state_dir = Some(directory.path().join("state"));
    let manager = Manager::new(crate::Settings { state_dir, ..Default::default() }).unwrap();
    (directory, manager)
}

fn about(name: &str, devices: &[&str]) -> Description {
    let devices = devices.iter().map(|device| (*device).into()).collect();
    Description { name: Some(name.into()), devices, ..Description::default() }
}

fn retirements(manager: &Manager) -> Retirements<'_> {
    manager.retirements().unwrap()
}

#[test]
fn a_case_needs_an_iccid_or_a_name() {
    let (_directory, manager) = manager();
    let start = |about: &Description| retirements(&manager).start_by_word(about).map(|case| case.id);
    let refused = |about: &Description| start(about).unwrap_err().id;
    assert_eq!(refused(&Description::default()), Id::SubscriptionUnnamed);
    assert_eq!(refused(&about(" ", &[])), Id::SubscriptionUnnamed);
    let iccid = |iccid: &str| Description { iccid: Some(iccid.into()), ..Description::default() };
    for wrong in ["", "8999", "89999345678901200x9", "899993456789012002911"] {
        assert_eq!(refused(&iccid(wrong)), Id::IccidInvalid, "{wrong}");
    }
    assert_eq!(refused(&about("Home", &["a\u{7}"])), Id::DeviceNameInvalid);
    assert_eq!(refused(&about("Home", &[&"x".repeat(MAX_DEVICE_NAME + 1)])), Id::DeviceNameInvalid);
    assert!(retirements(&manager).cases(true).unwrap().is_empty(), "nothing was opened");
    assert_eq!(start(&about("Home", &["my iPhone", "MY IPHONE", "Pixel"])).unwrap(), 1);
    assert_eq!(refused(&about("Home", &[])), Id::CaseOpen, "a case by name is open once");
    assert_eq!(start(&about("Work", &[])).unwrap(), 2, "two of them may be open without a number");
    assert_eq!(start(&iccid("8999934567890120029")).unwrap(), 3);
    assert_eq!(refused(&iccid("8999 9345-6789 0120 029")), Id::CaseOpen);
    let devices: Vec<String> =
        retirements(&manager).find("R1").unwrap().by_word.into_iter().map(|item| item.device).collect();
    assert_eq!(devices, ["my iPhone", "Pixel"]);
}

#[test]
fn a_word_is_told_as_a_word_and_may_be_taken_back() {
    let (directory, manager) = manager();
    let case = retirements(&manager).start_by_word(&about("Home", &["my iPhone"])).unwrap();
    let cases = retirements(&manager);
    let picture = directory.path().join("shot.png");
    std::fs::write(&picture, "png").unwrap();
    let date = Some("2026-01-31".to_owned());
    let removal = RemovalByWord { date, note: None, files: vec![picture] };
    let refused = |device: &str, removal: &RemovalByWord| cases.removed_by_word(&case, device, removal).unwrap_err().id;
    assert_eq!(refused("my Pixel", &removal), Id::DeviceNotNamed);
    let missing = RemovalByWord { files: vec!["/no/such/file".into()], ..RemovalByWord::default() };
    assert_eq!(refused("my iPhone", &missing), Id::EvidenceFile);
    let future = RemovalByWord { date: Some("9999-01-01".into()), ..RemovalByWord::default() };
    assert_eq!(refused("my iPhone", &future), Id::DateInFuture);
    assert_eq!(cases.find("R1").unwrap(), case, "nothing was recorded");

    let case = cases.removed_by_word(&case, "My IPHONE", &removal).unwrap();
    let told = case.by_word[0].tell(Reader::User);
    assert!(told.contains("by your word, on 2026-01-31, with evidence shot.png"), "{told}");
    assert!(told.contains("no confirmation of the operator"), "it was too early: {told}");
    let stranger = case.by_word[0].tell(Reader::Stranger);
    assert!(stranger.contains("by the user's word") && !stranger.contains("your"), "{stranger}");
    assert!(!told.contains("deleted"), "{told}");
    assert_eq!(case.state_of(Step::Clean), StepState::Done);
    let word = case.state_word(case.step(Step::Clean).unwrap(), Reader::User);
    assert_eq!(word, "done, by your word alone");

    assert_eq!(cases.still_there(&case, "my iPhone", " ").unwrap_err().id, Id::ReasonMissing);
    let case = cases.still_there(&case, "my iPhone", "it was the other line").unwrap();
    assert_eq!((case.state_of(Step::Clean), case.by_word[0].state), (StepState::Pending, ByWordState::Open));
    let history: Vec<String> = cases.history(&case).unwrap().iter().map(|one| one.event.tell()).collect();
    assert!(history.iter().any(|told| told.contains("shot.png")), "the old word stays: {history:?}");
}

#[test]
fn a_lost_device_ends_a_case_and_may_still_hold_the_profile() {
    let (_directory, manager) = manager();
    retirements(&manager).start_by_word(&about("Home", &["my iPhone"])).unwrap();
    let cases = retirements(&manager);
    let mut case = cases.find("R1").unwrap();
    for step in Step::ALL.iter().filter(|step| **step != Step::Clean) {
        case = cases.record(&case, *step, Word::Skip("a test".into())).unwrap();
    }
    assert_eq!(case.state, CaseState::Open);
    assert_eq!(cases.write_off_by_word(&case, "my iPhone", "").unwrap_err().id, Id::ReasonMissing);
    case = cases.write_off_by_word(&case, "my iPhone", "left in a taxi").unwrap();
    assert_eq!(case.state, CaseState::Completed);
    let told = case.by_word[0].tell(Reader::Stranger);
    assert!(told.contains("may still be on it") && told.contains("left in a taxi"), "{told}");
    let summary = case.word_summary(Reader::Stranger).unwrap();
    assert_eq!(summary, "Proved by a card: 0. By the user's word: 0. Given up: 1.");
}

#[test]
fn an_iccid_that_is_learnt_later_is_one_that_no_other_case_has() {
    let (_directory, manager) = manager();
    let case = retirements(&manager).start_by_word(&about("Home", &["my iPhone"])).unwrap();
    let other = Description { iccid: Some("8999934567890120011".into()), ..Description::default() };
    retirements(&manager).start_by_word(&other).unwrap();
    let cases = retirements(&manager);
    let refused = |iccid: &str| cases.describe(&case, iccid).unwrap_err();
    assert_eq!(refused("8999").id, Id::IccidInvalid);
    let taken = refused("8999934567890120011");
    assert_eq!(taken.id, Id::CaseOpen);
    assert!(taken.message().contains("R2"), "{}", taken.message());
    assert_eq!(cases.find("R1").unwrap(), case, "nothing was recorded");

    let wrong = cases.describe(&case, "8999 9345 6789 0120 037").unwrap();
    assert_eq!(wrong.subscription.iccid, "8999934567890120037");
    assert_eq!(wrong.subscription.title(), "Home", "it is called as before");
    let right = cases.describe(&wrong, "8999934567890120029").unwrap();
    assert_eq!(cases.describe(&right, "8999934567890120029").unwrap(), right, "once is enough");
    assert_eq!(cases.find("8999934567890120029").unwrap().id, 1);
    let told: Vec<String> = cases.history(&right).unwrap().iter().map(|one| one.event.tell()).collect();
    assert_eq!(told.iter().filter(|told| told.contains("the ICCID is")).count(), 2, "{told:?}");
    let report = cases.report(&right, false).unwrap().text(Format::Markdown);
    assert!(!report.contains("8999934567890120029") && report.contains("89…029"), "{report}");

    let closed = cases.cancel(&right, "a test").unwrap();
    assert_eq!(cases.describe(&closed, "8999934567890120029").unwrap_err().id, Id::CaseClosed);
    let again = Description { iccid: Some("8999934567890120029".into()), ..Description::default() };
    retirements(&manager).start_by_word(&again).unwrap();
    assert_eq!(cases.reopen(&closed, "").unwrap_err().id, Id::CaseOpen);
}
