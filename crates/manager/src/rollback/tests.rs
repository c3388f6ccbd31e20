//! What is done about a switch that is due, by what the card says and what the journal knows.

use serde_json::json;
use sgp22::policy::PprIds;
use sgp22::profile::{ProfileInfo, ProfileState};

use super::*;
use crate::backup::{BackupOptions, NoPin};
use crate::card::Goal;
use crate::database::{Entry, NewEntry, NewRollback, Outcome};
use crate::process::Liveness;
use crate::retire::{Case, CleanWish};
use crate::virtual_cards::NewCard;
use crate::{ProfileQuery, Session};

const FORMER: &str = "8999900000000000017";
const NEW: &str = "8999900000000000025";
const OTHER: &str = "8999900000000000033";

fn profile(iccid: &str, enabled: bool) -> ProfileInfo {
    let state = if enabled { ProfileState::Enabled } else { ProfileState::Disabled };
    ProfileInfo { iccid: Some(iccid.parse().unwrap()), state: Some(state), ..ProfileInfo::default() }
}

/// A state directory with one switch that waits to be undone, and its process gone.
struct Bench {
    _directory: tempfile::TempDir,
    manager: Manager,
}

impl Bench {
    fn new(former: Option<&str>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let settings = Settings { state_dir: Some(directory.path().join("state")), ..Settings::default() };
        let bench = Self { _directory: directory, manager: Manager::new(settings).unwrap() };
        bench.done("enable", OTHER);
        let new = NewRollback {
            device: "at:/dev/played".into(),
            stable: None,
            eid: "89".into(),
            iccid: NEW.into(),
            former: former.map(str::to_owned),
            time: Duration::from_secs(60),
        };
        bench.database().promise_rollback(&new).unwrap();
        bench.done("enable", NEW);
        bench
    }

    fn database(&self) -> Database {
        Database::open(self.manager.paths()).unwrap()
    }

    fn begin(&self, command: &str, iccid: &str) -> i64 {
        let (eid, iccid) = ("89".to_owned(), Some(iccid.to_owned()));
        self.database().begin(&NewEntry { command, device: "at:/dev/played", eid, iccid, plan: json!({}) }).unwrap()
    }

    fn done(&self, command: &str, iccid: &str) {
        let id = self.begin(command, iccid);
        self.database().finish(id, Outcome::Done, None).unwrap();
    }

    fn pending(&self) -> PendingRollback {
        self.database().pending_rollbacks().unwrap().remove(0)
    }

    fn since(&self) -> Vec<Entry> {
        self.database().later("89", self.pending().since).unwrap()
    }

    fn choice(&self, profiles: &[ProfileInfo]) -> String {
        match decide(&self.pending(), profiles, &self.since()) {
            Choice::IsBack => "is back".into(),
            Choice::Moot(why) => why.into(),
            Choice::GoBack { back, stays } => {
                let goal = if back.goal == Goal::Enabled { "enable" } else { "disable" };
                let stays = if stays { ", which a rule forbids" } else { "" };
                format!("{goal} {}{stays}", back.profile.iccid.unwrap().digits())
            }
        }
    }
}

#[test]
fn the_card_decides_what_there_is_to_undo() {
    let bench = Bench::new(Some(FORMER));
    let (former, new, other) = (profile(FORMER, false), profile(NEW, false), profile(OTHER, false));
    let back = format!("enable {FORMER}");
    for (profiles, expected) in [
        (vec![former.clone(), profile(NEW, true), other.clone()], back.as_str()),
        // The switch was half made: the former profile is disabled, and none is enabled.
        (vec![former.clone(), new.clone()], &back),
        (vec![former.clone()], &back),
        (vec![profile(FORMER, true), new.clone()], "is back"),
        (vec![former.clone(), new.clone(), profile(OTHER, true)], "rollback-switched-since"),
        (vec![profile(NEW, true), other.clone()], "rollback-former-gone"),
        (vec![], "rollback-former-gone"),
    ] {
        assert_eq!(bench.choice(&profiles), expected, "{profiles:?}");
    }
    let mut kept = profile(NEW, true);
    kept.policy_rules = Some(PprIds::of(&[PprIds::PPR1]));
    assert_eq!(bench.choice(&[former, kept]), format!("{back}, which a rule forbids"));
}

#[test]
fn where_none_was_enabled_none_is_again() {
    let bench = Bench::new(None);
    assert_eq!(bench.choice(&[profile(NEW, true), profile(OTHER, false)]), format!("disable {NEW}"));
    assert_eq!(bench.choice(&[profile(NEW, false), profile(OTHER, false)]), "is back");
    assert_eq!(bench.choice(&[profile(OTHER, true), profile(NEW, false)]), "rollback-switched-since");
}

#[test]
fn what_was_done_since_by_the_users_word_is_not_undone() {
    for (command, iccid) in [("enable", NEW), ("disable", NEW), ("enable", OTHER), ("reset", NEW)] {
        let bench = Bench::new(Some(FORMER));
        let profiles = [profile(FORMER, false), profile(NEW, true)];
        let open = bench.begin(command, iccid);
        assert_eq!(bench.choice(&profiles), format!("enable {FORMER}"), "{command}: nobody knows whether it was done");
        bench.database().finish(open, Outcome::Done, None).unwrap();
        assert_eq!(bench.choice(&profiles), "rollback-switched-since", "{command}");
    }
    let bench = Bench::new(Some(FORMER));
    bench.done("rename", NEW);
    assert_eq!(bench.choice(&[profile(FORMER, false), profile(NEW, true)]), format!("enable {FORMER}"));
}

#[test]
fn one_ends_once_and_a_failure_leaves_it_to_anybody() {
    let bench = Bench::new(Some(FORMER));
    let (database, id) = (bench.database(), bench.pending().id);
    assert!(bench.pending().liveness() == Liveness::Alive, "by this process, which promised it");
    assert!(database.claim_rollback(id).unwrap());
    let running = bench.manager.keep_rollbacks(&[id]).unwrap_err();
    assert_eq!(running.id, Id::RollbackRunning, "it is being undone");
    // Also for who has read the record before it was claimed.
    assert_eq!(database.keep_rollback(id, "", goes_on).unwrap(), Keeping::GoesBack);
    database.release_rollback(id, "unplugged").unwrap();
    let open = bench.manager.rollbacks().unwrap();
    assert_eq!((open[0].1, open[0].0.detail.as_deref()), (Standing::Due, Some("unplugged")));
    assert_eq!(bench.manager.due_rollbacks(), 1);
    assert!(database.end_rollback(id, RollbackEnd::RolledBack, "").unwrap());
    assert!(!database.end_rollback(id, RollbackEnd::Kept, "").unwrap(), "it has ended");
    assert!(!database.claim_rollback(id).unwrap());
    assert_eq!(database.keep_rollback(id, "", goes_on).unwrap(), Keeping::HadEnded);
    assert_eq!((bench.manager.rollbacks().unwrap().len(), bench.manager.due_rollbacks()), (0, 0));
}

/// A file in a directory that others may write to names no program that is started, and no file that is opened.
#[test]
fn nothing_but_a_modem_is_opened() {
    let bench = Bench::new(Some(FORMER));
    let mut pending = bench.pending();
    for device in ["stdio:touch /tmp/x", "replay:/etc/passwd", "virtual:card", "pcsc", "nonsense"] {
        pending.device = device.into();
        assert_eq!(bench.manager.devices_of(&pending).unwrap(), [], "{device}");
    }
    pending.stable = Some("at:/dev/serial/by-path/x".into());
    pending.device = "at:/dev/ttyUSB2,quirk=at-csim".into();
    let devices: Vec<String> = bench.manager.devices_of(&pending).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(devices, ["at:/dev/serial/by-path/x"], "the other name may be another modem's by now");
    pending.stable = None;
    let devices: Vec<String> = bench.manager.devices_of(&pending).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(devices, ["at:/dev/ttyUSB2,quirk=at-csim"]);
}

#[test]
fn signals_are_kept_off_as_long_as_something_is_to_be_finished() {
    let bench = Bench::new(None);
    let flag = bench.manager.settings.uninterruptible.clone();
    let held = bench.manager.uninterruptible();
    assert!(flag.load(Ordering::SeqCst));
    drop(held);
    assert!(!flag.load(Ordering::SeqCst));
}

/// A case about the first profile of a card in process.
fn case_of(manager: &Manager) -> Case {
    manager.create_virtual("card", &NewCard::default()).unwrap();
    let mut session: Session<'_> = manager.session().unwrap();
    let mut card = session.card().unwrap();
    manager.retirements().unwrap().start(&mut card, &ProfileQuery::new("@1"), &[]).unwrap()
}

/// A command that opens a card, as its part of the manager.
type Entrance = fn(&Manager, &Case);

/// Otherwise a profile could be deleted that is to be gone back to, or a network that is about to go be used.
#[test]
fn each_entrance_to_a_card_goes_back_first() {
    let bench = Bench::new(Some(FORMER));
    let case = case_of(&bench.manager);
    bench.database().release_rollback(bench.pending().id, "its process is gone").unwrap();
    let entrances: [(&str, Entrance); 5] = [
        ("session", |manager, _| drop(manager.session().unwrap())),
        ("learn", |manager, _| drop(manager.learn().unwrap())),
        ("send --all", |manager, _| drop(manager.send_everything())),
        ("retire clean", |manager, case| {
            drop(manager.retirements().unwrap().look(case, &case.devices[0], &CleanWish::default()).unwrap());
        }),
        ("retire backup", |manager, case| {
            let options = BackupOptions::default();
            drop(manager.retirements().unwrap().backup(case, &mut NoPin, &options, None, false).unwrap());
        }),
    ];
    for (name, enter) in entrances {
        let manager = Manager::new(bench.manager.settings.clone()).unwrap();
        enter(&manager, &case);
        let tried = manager.take_rollback_outcomes();
        assert_eq!(tried.len(), 1, "{name}");
        assert_eq!(tried[0].result.as_ref().unwrap_err().id, Id::PortNotFound, "{name}");
    }
    assert!(bench.pending().detail.unwrap().contains("at:/dev/played"), "why is on record");
}
