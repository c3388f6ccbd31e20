//! Journals that end in the middle, on a virtual card in process.

use serde_json::{Value, json};
use sgp22::es10b::BppErrorReason;
use sgp22::notification::NotificationMetadata;

use super::*;
use crate::card::{Goal, Unwatched};
use crate::database::{NewEntry, Step};
use crate::virtual_cards::NewCard;
use crate::{ProfileQuery, Settings};

struct Bench {
    _directory: tempfile::TempDir,
    manager: Manager,
    eid: String,
    /// Two profiles, the first one enabled.
    iccids: Vec<String>,
}

impl Bench {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let state_dir = Some(directory.path().join("state"));
        let settings = Settings { state_dir, ..Settings::default() };
        let manager = Manager::new(settings).unwrap();
        let card = manager.create_virtual("card", &NewCard::default()).unwrap();
        let euicc = &card.state.euiccs[0];
        let iccids = euicc.profiles.iter().map(|profile| profile.iccid.digits()).collect();
        Self { _directory: directory, eid: euicc.eid.to_string(), manager, iccids }
    }

    fn database(&self) -> Database {
        Database::open(self.manager.paths()).unwrap()
    }

    /// A change that was begun, and whose process has ended since.
    fn begun(&self, command: &str, profile: Option<usize>, plan: Value) -> i64 {
        let iccid = profile.map(|index| self.iccids[index].clone());
        let entry = NewEntry { command, device: "virtual:card", eid: self.eid.clone(), iccid, plan };
        let id = self.database().begin(&entry).unwrap();
        self.database().finish(id, Outcome::Unknown, None).unwrap();
        id
    }

    fn enable(&self, index: usize) {
        let mut session = self.manager.session().unwrap();
        let mut card = session.card().unwrap();
        let plan = card.plan_switch(&ProfileQuery::new(&self.iccids[index]), Goal::Enabled).unwrap();
        card.switch(plan, None, &mut Unwatched).unwrap();
    }

    fn findings(&self) -> Vec<(i64, Finding)> {
        let recovery = self.manager.recover(false).unwrap();
        recovery.entries.iter().map(|one| (one.entry.id, one.finding)).collect()
    }
}

#[test]
fn what_the_card_says_decides() {
    let bench = Bench::new();
    assert_eq!(bench.findings(), []);
    let nickname = json!({ "nickname": "Home" });
    for (command, profile, plan, finding) in [
        ("enable", Some(0), json!({}), Finding::Done),
        ("enable", Some(1), json!({}), Finding::NotDone),
        ("disable", Some(1), json!({}), Finding::Done),
        ("disable", Some(0), json!({}), Finding::NotDone),
        ("delete", Some(1), json!({}), Finding::NotDone),
        ("rename", Some(0), nickname.clone(), Finding::Done),
        ("rename", Some(1), nickname, Finding::NotDone),
        ("server", None, json!({ "address": "a.example", "former": "" }), Finding::NotDone),
        ("server", None, json!({ "address": "", "former": "a.example" }), Finding::Done),
        ("server", None, json!({ "address": "b.example", "former": "a.example" }), Finding::Superseded),
        ("reset", None, json!({ "profiles": [bench.iccids[0]] }), Finding::NotDone),
        ("reset", None, json!({ "profiles": ["8999"] }), Finding::Done),
        ("reset", None, json!({ "profiles": [bench.iccids[0], "8999"] }), Finding::NotDone),
        ("drop", None, json!({ "notifications": [{ "seq": 1 }] }), Finding::Done),
        ("apdu", None, json!({}), Finding::NobodyKnows),
        ("es10", None, json!({}), Finding::NobodyKnows),
        ("download", None, json!({}), Finding::NotDone),
    ] {
        let id = bench.begun(command, profile, plan);
        assert_eq!(bench.manager.unfinished(), 1);
        assert_eq!(bench.findings(), [(id, finding)], "{command}");
        assert_eq!(bench.manager.unfinished(), 0, "{command} is closed");
    }
    // A profile that is not there any more.
    let entry = NewEntry {
        command: "delete",
        device: "virtual:card",
        eid: bench.eid.clone(),
        iccid: Some("8900".into()),
        plan: json!({}),
    };
    let id = bench.database().begin(&entry).unwrap();
    bench.database().finish(id, Outcome::Unknown, None).unwrap();
    assert_eq!(bench.findings(), [(id, Finding::Done)]);
}

#[test]
fn a_later_change_makes_an_earlier_one_moot() {
    let bench = Bench::new();
    let first = bench.begun("disable", Some(0), json!({}));
    let other = bench.begun("rename", Some(0), json!({ "nickname": "Home" }));
    bench.enable(1);
    assert_eq!(bench.findings(), [(first, Finding::Superseded), (other, Finding::Done)]);
}

#[test]
fn of_two_that_are_open_the_later_one_is_decided_first() {
    let bench = Bench::new();
    let first = bench.begun("enable", Some(1), json!({}));
    let second = bench.begun("enable", Some(0), json!({}));
    assert_eq!(bench.findings(), [(first, Finding::Superseded), (second, Finding::Done)]);
}

#[test]
fn another_card_decides_nothing() {
    let bench = Bench::new();
    let id = bench.begun("enable", Some(1), json!({}));
    bench.manager.remove_virtual("card").unwrap();
    assert_eq!(bench.findings(), [(id, Finding::Unknown)]);
    bench.manager.create_virtual("card", &NewCard::default()).unwrap();
    let recovery = bench.manager.recover(false).unwrap();
    assert_eq!(recovery.entries[0].finding, Finding::Unknown);
    assert!(recovery.entries[0].next.as_ref().unwrap().contains(&bench.eid));
    assert_eq!(bench.manager.unfinished(), 1);
    assert_eq!(bench.manager.recover(true).unwrap().entries[0].finding, Finding::NobodyKnows);
    assert_eq!(bench.manager.unfinished(), 0);
}

#[test]
fn what_another_process_is_at_is_left_alone() {
    let bench = Bench::new();
    let entry = NewEntry {
        command: "enable",
        device: "virtual:card",
        eid: bench.eid.clone(),
        iccid: Some(bench.iccids[1].clone()),
        plan: json!({}),
    };
    bench.database().begin(&entry).unwrap();
    assert_eq!((bench.manager.unfinished(), bench.findings()), (0, vec![]));
}

#[test]
fn notifications_of_a_change_that_was_cut_short_are_kept() {
    let bench = Bench::new();
    bench.enable(1);
    let forget = || {
        // As if the program had been killed before anything was in the outbox.
        let connection = rusqlite::Connection::open(bench.manager.paths().database()).unwrap();
        connection
            .execute_batch(
                "DELETE FROM outbox_attempt; DELETE FROM outbox; UPDATE journal SET outcome = NULL, process = NULL",
            )
            .unwrap();
    };
    forget();
    let recovery = bench.manager.recover(false).unwrap();
    assert_eq!(recovery.entries[0].finding, Finding::Done);
    let letters = bench.database().letters(false).unwrap();
    let told: Vec<_> = letters.iter().map(|one| (one.seq, one.event.as_str(), one.journal)).collect();
    let id = recovery.entries[0].entry.id;
    assert_eq!(told, [(1, "disable", Some(id)), (2, "enable", Some(id))]);
    assert_eq!(recovery.notifications[0].failed[0].waiting, 2);
    assert_eq!(bench.manager.recover(false).unwrap().entries.len(), 0);
}

/// A card that counts anew gives a number again, and even the same words: what is signed is another notification.
#[test]
fn a_notification_under_a_number_that_was_given_before_is_fetched() {
    let bench = Bench::new();
    bench.enable(1);
    let connection = rusqlite::Connection::open(bench.manager.paths().database()).unwrap();
    // As if both numbers had been given before, for notifications that were signed otherwise.
    connection
        .execute_batch(
            "UPDATE outbox SET payload = x'00';
             UPDATE outbox SET state = 'delivered' WHERE seq = 1;
             UPDATE journal SET outcome = NULL, process = NULL",
        )
        .unwrap();
    bench.manager.recover(false).unwrap();
    let letters = bench.database().letters(true).unwrap();
    assert_eq!(letters.iter().map(|one| one.seq).collect::<Vec<_>>(), [1, 2, 1, 2], "the new ones beside the old ones");
    assert!(letters[2..].iter().all(|one| one.state.name() == "waiting" && one.on_card));
    let mut session = bench.manager.session().unwrap();
    assert_eq!(session.card().unwrap().notifications().unwrap().len(), 2, "nothing was removed for the old ones");
}

/// What waited before a change is told from what it left by all that the card lists, not by the number alone.
#[test]
fn what_waited_before_is_told_from_what_came_by_more_than_its_number() {
    let bench = Bench::new();
    bench.enable(1);
    let connection = rusqlite::Connection::open(bench.manager.paths().database()).unwrap();
    let forget = |waited: &str| {
        let reset = format!(
            "DELETE FROM outbox_attempt; DELETE FROM outbox;
             UPDATE journal SET outcome = NULL, process = NULL, plan = json_set(plan, '$.waited', json('{waited}'))"
        );
        connection.execute_batch(&reset).unwrap();
        bench.manager.recover(false).unwrap();
        bench.database().letters(true).unwrap().iter().map(|one| one.seq).collect::<Vec<_>>()
    };
    let other = r#"[{"seq": 1, "event": "install", "address": "other.example", "iccid": null}]"#;
    assert_eq!(forget(other), [1, 2]);
    assert_eq!(forget("[1]"), [2], "as earlier versions wrote it");
    assert_eq!(forget(r#"[{"seq": 1}, {"seq": 2}]"#), [0u64; 0]);
}

fn steps(names: &[&str]) -> Vec<Step> {
    let detail = json!({ "server": "smdp.example.com", "transaction_id": "0102", "iccid": "89000000000000000013" });
    names.iter().map(|name| Step { name: (*name).into(), detail: detail.clone() }).collect()
}

fn seen(results: Vec<ProfileInstallationResult>) -> Seen {
    Seen {
        profiles: Ok(Vec::new()),
        queue: Some(Vec::new()),
        default_smdp: String::new(),
        results,
        has_unread_results: false,
    }
}

fn entry() -> Entry {
    let bench = Bench::new();
    bench.begun("download", None, json!({}));
    bench.database().unfinished().unwrap().remove(0)
}

/// A card's refusal to install, in the session that `steps` name.
fn refusal(reason: BppErrorReason) -> ProfileInstallationResult {
    use sgp22::es10b::{BppCommand, InstallationError};
    ProfileInstallationResult {
        transaction_id: "0102".parse().unwrap(),
        metadata: NotificationMetadata {
            seq: 1,
            event: Events::of(&[Events::INSTALL]),
            address: "smdp.example.com".into(),
            iccid: None,
        },
        smdp_oid: "1.2.3".parse().unwrap(),
        result: Err(InstallationError { command: BppCommand::LoadProfileElements, reason, sima_response: None }),
    }
}

#[test]
fn a_download_says_what_the_code_is_still_good_for() {
    let entry = entry();
    for (names, results, finding, word) in [
        (&[][..], vec![], Finding::NotDone, "as good as before"),
        (&["authenticating", "authenticated"], vec![], Finding::NotDone, "as good as before"),
        (&["authenticated", "requesting package"], vec![], Finding::NotDone, "works again, on this card"),
        (&["requesting package", "loading"], vec![], Finding::NotDone, "works again, on this card"),
        (
            &["requesting package", "loading"],
            vec![refusal(BppErrorReason::PeProcessing)],
            Finding::NotDone,
            "Ask the operator",
        ),
        (&["loading"], vec![refusal(BppErrorReason::Interruption)], Finding::NotDone, "Try the same code again"),
        (&["loading"], vec![refusal(BppErrorReason::InsufficientMemory)], Finding::NotDone, "Make room"),
    ] {
        let decision = download::decide(&entry, &steps(names), &seen(results));
        assert_eq!(decision.finding, finding, "{names:?}");
        assert!(decision.next.as_ref().unwrap().contains(word), "{names:?}: {decision:?}");
    }
    let ended = |reason: i64| {
        let mut steps = steps(&["requesting package"]);
        steps.push(Step { name: "ending session".into(), detail: json!({ "reason": reason }) });
        download::decide(&entry, &steps, &seen(Vec::new())).next.unwrap()
    };
    assert!(ended(1).contains("works again, on this card"), "postponed: {}", ended(1));
    assert!(ended(4).contains("ask the operator for a new one"), "given up: {}", ended(4));
    let gone = download::decide(&entry, &steps(&["loading", "installed"]), &seen(Vec::new()));
    assert_eq!(gone.finding, Finding::Done, "the card had signed it: {}", gone.message);
    let profile = ProfileInfo { iccid: Some("89000000000000000013".parse().unwrap()), ..ProfileInfo::default() };
    let there = Seen { profiles: Ok(vec![profile]), ..seen(Vec::new()) };
    assert_eq!(download::decide(&entry, &steps(&["loading"]), &there).finding, Finding::Done);
    assert_eq!(
        download::decide(&entry, &steps(&["authenticated"]), &there).finding,
        Finding::NotDone,
        "it was there before"
    );
}

/// A result that cannot be read is one all the same: nobody may say that the card has signed none.
#[test]
fn a_result_that_cannot_be_read_is_not_called_none() {
    let entry = entry();
    let decided = |seen: &Seen, names: &[&str]| download::decide(&entry, &steps(names), seen);
    let mut garbled = seen(Vec::new());
    garbled.take_result(b"\xbf\x37\x02\x05\x00");
    let silent = Seen { queue: None, ..seen(Vec::new()) };
    for unread in [&garbled, &silent] {
        let decision = decided(unread, &["requesting package", "loading"]);
        assert_eq!(decision.finding, Finding::NotDone, "the list of profiles was read: {decision:?}");
        assert!(decision.message.contains("cannot be read here"), "{decision:?}");
        assert!(!decision.message.contains("no result"), "{decision:?}");
        let next = decision.next.unwrap();
        assert!(!next.contains("works again") && next.contains("ask the operator"), "nobody knows that: {next}");
        let before = decided(unread, &["requesting package"]);
        assert!(before.message.contains("no result"), "nothing had gone to the card: {before:?}");
    }
    garbled.results.push(refusal(BppErrorReason::InsufficientMemory));
    let decision = decided(&garbled, &["loading"]);
    assert!(decision.next.as_ref().unwrap().contains("Make room"), "the one that can be read counts: {decision:?}");
    let none = decided(&seen(Vec::new()), &["loading"]);
    assert!(none.message.contains("no result"), "{none:?}");
}

/// A list that cannot be read proves neither that a profile is there nor that it is not.
#[test]
fn what_cannot_be_read_decides_nothing() {
    let unread = |results| Seen { profiles: Err("garbage".into()), queue: None, ..seen(results) };
    let bench = Bench::new();
    for (command, plan) in [
        ("enable", json!({})),
        ("disable", json!({})),
        ("delete", json!({})),
        ("rename", json!({ "nickname": "x" })),
        ("reset", json!({ "profiles": ["8999"] })),
        ("drop", json!({ "notifications": [{ "seq": 1 }] })),
    ] {
        bench.begun(command, Some(0), plan);
        let entry = bench.database().unfinished().unwrap().pop().unwrap();
        assert_eq!(decide::decide(&entry, &[], &unread(Vec::new())).finding, Finding::Unknown, "{command}");
    }
    let entry = entry();
    let installed = ProfileInstallationResult {
        result: Ok(sgp22::es10b::Installed { isdp_aid: sgp22::id::Aid::isd_p(0x10), sima_response: Vec::new() }),
        ..refusal(BppErrorReason::PeProcessing)
    };
    for (names, results, finding) in [
        (&["authenticated"][..], vec![], Finding::NotDone),
        (&["requesting package"], vec![], Finding::NotDone),
        (&["requesting package", "loading"], vec![], Finding::Unknown),
        (&["loading"], vec![refusal(BppErrorReason::PeProcessing)], Finding::NotDone),
        (&["loading"], vec![installed], Finding::Done),
        (&["loading", "installed"], vec![], Finding::Done),
    ] {
        let decision = download::decide(&entry, &steps(names), &unread(results));
        assert_eq!(decision.finding, finding, "{names:?}: {decision:?}");
        assert!(!decision.message.contains("deleted since"), "{decision:?}");
    }
}

/// Who may write the journal is not therefore allowed to start programs as whoever recovers.
#[test]
fn the_journal_starts_no_program() {
    let bench = Bench::new();
    let mark = bench.manager.paths().state().join("mark");
    let device = format!("stdio:touch {}", mark.display());
    let id = bench.begun("enable", Some(1), json!({}));
    let connection = rusqlite::Connection::open(bench.manager.paths().database()).unwrap();
    connection.execute("UPDATE journal SET device = ?1", [&device]).unwrap();
    assert_eq!(bench.findings(), [(id, Finding::Unknown)]);
    assert!(!mark.exists(), "it was started");

    // Named by the user it is started, and gives no card.
    let settings = Settings { device: Some(device), ..bench.manager.settings.clone() };
    Manager::new(settings).unwrap().recover(false).unwrap();
    assert!(mark.exists());
}
