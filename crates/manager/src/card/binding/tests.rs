//! Plans that wait: two cards that hold the same profiles, and one that changes in between.

use lpa::change::Goal;
use sgp22::id::Iccid;

use super::*;
use crate::card::{Detail, ResetChoice, Unwatched};
use crate::error::State;
use crate::virtual_cards::{NewCard, NewProfile, NewProfiles};
use crate::{Manager, Settings};

const ICCIDS: [&str; 2] = ["8999900000000000033", "8999900000000000041"];

/// Makes a plan on a card, and carries it out on a card.
type Waiting = Box<dyn FnOnce(&mut Card<'_>) -> Result<(), Error>>;

/// Each kind of plan, by what it does.
const KINDS: [&str; 7] = ["enable", "disable", "rename", "server", "delete", "reset", "drop"];

/// A plan of this kind, made for the card as it is.
fn plan(kind: &str, card: &mut Card<'_>) -> Waiting {
    let second = ProfileQuery::new(ICCIDS[1]);
    match kind {
        "enable" => {
            let plan = card.plan_switch(&second, Goal::Enabled).unwrap();
            Box::new(|card| card.switch(plan, None, &mut Unwatched).map(drop))
        }
        "disable" => {
            let plan = card.plan_switch(&ProfileQuery::new("First"), Goal::Disabled).unwrap();
            Box::new(|card| card.switch(plan, None, &mut Unwatched).map(drop))
        }
        "rename" => {
            let plan = card.plan_rename(&second, "Other").unwrap();
            Box::new(|card| card.rename(plan).map(drop))
        }
        "server" => {
            let plan = card.plan_server(Some("other.example")).unwrap();
            Box::new(|card| card.set_server(plan).map(drop))
        }
        "delete" => {
            let plan = card.plan_delete(&second, false).unwrap();
            Box::new(|card| card.delete(plan).map(drop))
        }
        "reset" => {
            let choice = ResetChoice { operational: true, ..ResetChoice::default() };
            let plan = card.plan_reset(choice).unwrap();
            Box::new(|card| card.reset(plan).map(drop))
        }
        "drop" => {
            let plan = card.plan_drop(&[1]).unwrap();
            Box::new(|card| card.drop_notifications(plan, None).map(drop))
        }
        other => panic!("{other}"),
    }
}

struct Bench {
    _directory: tempfile::TempDir,
    manager: Manager,
}

impl Bench {
    /// Two cards that hold the same profiles, the first one enabled, each with a notification that waits.
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let state_dir = Some(directory.path().join("state"));
        let manager = Manager::new(Settings { state_dir, ..Settings::default() }).unwrap();
        for name in ["one", "two"] {
            let profile = |name: &str, iccid: &str| NewProfile {
                iccid: Some(iccid.parse::<Iccid>().unwrap()),
                ..NewProfile::named("Example Mobile", name)
            };
            let first = NewProfile { enabled: true, ..profile("First", ICCIDS[0]) };
            let profiles = NewProfiles::These(vec![first, profile("Second", ICCIDS[1])]);
            manager.create_virtual(name, &NewCard { profiles, ..NewCard::default() }).unwrap();
        }
        let bench = Self { _directory: directory, manager };
        ["one", "two"].into_iter().for_each(|card| bench.switch(card, "Second").unwrap());
        ["one", "two"].into_iter().for_each(|card| bench.switch(card, "First").unwrap());
        bench
    }

    fn with<T>(&self, card: &str, work: impl FnOnce(&mut Card<'_>) -> T) -> T {
        let mut session = self.manager.session_at(format!("virtual:{card}").parse().unwrap()).unwrap();
        let mut card = session.card().unwrap();
        work(&mut card)
    }

    fn switch(&self, card: &str, profile: &str) -> Result<(), Error> {
        self.with(card, |card| {
            let plan = card.plan_switch(&ProfileQuery::new(profile), Goal::Enabled)?;
            card.switch(plan, None, &mut Unwatched).map(drop)
        })
    }

    /// All that a plan could change.
    fn state(&self, card: &str) -> (Vec<ProfileInfo>, usize, Option<String>) {
        self.with(card, |card| {
            let profiles = card.profiles(Detail::Row).unwrap();
            let server = card.addresses().unwrap().default_smdp.map(|address| address.to_string());
            (profiles, card.notifications().unwrap().len(), server)
        })
    }

    fn journal(&self) -> usize {
        crate::Database::open(self.manager.paths()).unwrap().journal(99).unwrap().len()
    }
}

#[test]
fn a_plan_for_one_card_is_refused_by_another_with_the_same_profiles() {
    let bench = Bench::new();
    for kind in KINDS {
        let (before, entries) = (bench.state("two"), bench.journal());
        let waiting = bench.with("one", |card| plan(kind, card));
        let error = bench.with("two", waiting).unwrap_err();
        assert_eq!((error.id, error.state), (Id::PlanOfOtherCard, State::Unchanged), "{kind}");
        assert_eq!((bench.state("two"), bench.journal()), (before, entries), "{kind}");
    }
}

#[test]
fn a_plan_for_a_card_that_changed_meanwhile_is_refused() {
    for kind in KINDS {
        let bench = Bench::new();
        let waiting = bench.with("one", |card| plan(kind, card));
        bench.with("one", |card| match kind {
            "server" => {
                let plan = card.plan_server(Some("third.example")).unwrap();
                card.set_server(plan).map(drop).unwrap();
            }
            "drop" => {
                let plan = card.plan_drop(&[1]).unwrap();
                card.drop_notifications(plan, None).map(drop).unwrap();
            }
            "enable" => {
                // Not the profile itself, but the one that it takes the place of.
                let plan = card.plan_switch(&ProfileQuery::new("First"), Goal::Disabled).unwrap();
                card.switch(plan, None, &mut Unwatched).unwrap();
            }
            _ => {
                let plan = card.plan_switch(&ProfileQuery::new("Second"), Goal::Enabled).unwrap();
                card.switch(plan, None, &mut Unwatched).unwrap();
            }
        });
        let (before, entries) = (bench.state("one"), bench.journal());
        let error = bench.with("one", waiting).unwrap_err();
        assert_eq!((error.id, error.state), (Id::CardChanged, State::Unchanged), "{kind}: {error}");
        assert!(!error.cause.is_empty(), "{kind}");
        assert_eq!((bench.state("one"), bench.journal()), (before, entries), "{kind}");
    }
}

#[test]
fn a_plan_for_a_profile_that_is_gone_is_refused() {
    for kind in ["enable", "rename", "delete", "reset"] {
        let bench = Bench::new();
        let waiting = bench.with("one", |card| plan(kind, card));
        bench.with("one", |card| plan("delete", card)(card)).unwrap();
        let error = bench.with("one", waiting).unwrap_err();
        assert_eq!((error.id, error.state), (Id::CardChanged, State::Unchanged), "{kind}: {error}");
    }
}

#[test]
fn a_plan_that_waited_for_an_unchanged_card_is_carried_out() {
    for kind in KINDS {
        let bench = Bench::new();
        let waiting = bench.with("one", |card| plan(kind, card));
        bench.with("one", waiting).unwrap_or_else(|error| panic!("{kind}: {error}"));
    }
}

/// Also by the very object that made it: what it has changed since is known only by reading.
#[test]
fn a_plan_is_compared_anew_after_a_change_in_the_same_session() {
    let bench = Bench::new();
    bench.with("one", |card| {
        let (rename, delete) = (plan("rename", card), plan("delete", card));
        rename(card).unwrap();
        assert_eq!(delete(card).unwrap_err().id, Id::CardChanged);
    });
}

#[test]
fn a_plan_that_is_carried_out_at_once_reads_nothing_twice() {
    let bench = Bench::new();
    bench.with("one", |card| {
        let plan = card.plan_delete(&ProfileQuery::new(ICCIDS[1]), false).unwrap();
        let before = bench.manager.counts().apdus;
        assert!(card.rests_on(&plan.binding).unwrap());
        assert_eq!(bench.manager.counts().apdus, before);
        card.isdr.reset().unwrap();
        let after_reset = bench.manager.counts().apdus;
        assert!(!card.rests_on(&plan.binding).unwrap(), "what answers after a reset may be another card");
        assert!(bench.manager.counts().apdus > after_reset, "so that it is asked who it is");
    });
}
