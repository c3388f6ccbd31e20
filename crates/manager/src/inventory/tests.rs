//! What reading commands remember, and what they cost.

use super::*;
use crate::card::{Card, Detail, Goal, Unwatched};
use crate::virtual_cards::{NewCard, NewProfile, NewProfiles};
use crate::{ProfileQuery, Settings};

struct Bench {
    _directory: tempfile::TempDir,
    manager: Manager,
}

impl Bench {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let state_dir = Some(directory.path().join("state"));
        let manager = Manager::new(Settings { state_dir, ..Settings::default() }).unwrap();
        Self { _directory: directory, manager }
    }

    fn card(self, name: &str, iccids: &[&str]) -> Self {
        let profile = |iccid: &&str| NewProfile {
            iccid: Some(iccid.parse().unwrap()),
            ..NewProfile::named("Example Mobile", &format!("Profile {iccid}"))
        };
        let profiles = NewProfiles::These(iccids.iter().map(profile).collect());
        self.manager.create_virtual(name, &NewCard { profiles, ..NewCard::default() }).unwrap();
        self
    }

    /// Works with a card; gives the APDUs that it took.
    fn with(&self, card: &str, work: impl FnOnce(&mut Card<'_>)) -> u64 {
        let before = self.manager.counts().apdus;
        let mut session = self.manager.session_at(format!("virtual:{card}").parse().unwrap()).unwrap();
        work(&mut session.card().unwrap());
        self.manager.counts().apdus - before
    }

    fn list(&self, card: &str) -> u64 {
        self.with(card, |card| drop(card.profiles(Detail::Row).unwrap()))
    }

    /// The devices and how many profiles were seen there.
    fn seen(&self) -> Vec<(String, usize)> {
        let mut seen: Vec<_> = self
            .manager
            .inventory()
            .unwrap()
            .into_iter()
            .map(|card| (card.device, card.profiles.iter().filter(|one| one.gone.is_none()).count()))
            .collect();
        seen.sort();
        seen
    }

    fn database(&self) -> Vec<u8> {
        std::fs::read(self.manager.paths().database()).unwrap()
    }
}

const ONE: &str = "8999900000000000033";
const TWO: &str = "8999900000000000041";
const THREE: &str = "8999900000000000058";

#[test]
fn a_card_that_is_only_listed_is_remembered_and_asked_for_its_eid_once() {
    let bench = Bench::new().card("a", &[ONE, TWO]);
    let first = bench.list("a");
    assert_eq!(bench.seen(), [("virtual:a".to_owned(), 2)]);
    let written = bench.database();
    let later = bench.list("a");
    assert_eq!(first, later + 1, "GetEID, once");
    assert_eq!(bench.list("a"), later);
    assert_eq!(bench.database(), written, "nothing is written where nothing is new");
}

#[test]
fn a_card_that_is_only_looked_at_otherwise_is_remembered_too() {
    let bench = Bench::new().card("a", &[ONE]).card("b", &[TWO]);
    bench.with("a", |card| drop(card.info().unwrap()));
    assert_eq!(bench.seen(), [("virtual:a".to_owned(), 0)]);
    drop(bench.manager.devices(true));
    assert_eq!(bench.seen(), [("virtual:a".to_owned(), 0), ("virtual:b".to_owned(), 0)]);
    let show = |card: &mut Card<'_>| drop(card.profile(&ProfileQuery::new(TWO), Detail::Everything).unwrap());
    let first = bench.with("b", show);
    assert_eq!(bench.seen()[1], ("virtual:b".to_owned(), 1));
    assert_eq!(bench.with("b", show) + 1, first, "the EID is asked once");
}

#[test]
fn a_card_whose_profiles_have_changed_is_asked_again() {
    let bench = Bench::new().card("a", &[ONE, TWO]).card("b", &[ONE, TWO, THREE]);
    bench.list("a");
    let known = bench.list("a");
    // Another program deletes a profile.
    let file = bench.manager.paths().virtual_cards().join("a/card.json");
    let mut state: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    state["euiccs"][0]["profiles"].as_array_mut().unwrap().pop();
    std::fs::write(&file, state.to_string()).unwrap();
    assert_eq!(bench.list("a"), known + 1);
    assert_eq!(bench.list("a"), known);
    assert_eq!(bench.seen(), [("virtual:a".to_owned(), 1)]);
}

/// Two cards with the same profiles: neither is taken for the other, at the price of asking each.
#[test]
fn cards_with_the_same_profiles_are_told_apart_by_asking() {
    let bench = Bench::new().card("a", &[ONE]).card("b", &[ONE]).card("empty", &[]);
    bench.list("a");
    let known = bench.list("a");
    assert_eq!(bench.list("b"), known + 1);
    assert_eq!(bench.list("a"), known + 1, "two cards have that set now");
    bench.list("empty");
    assert_eq!(bench.seen().len(), 3);
    assert_eq!(bench.list("empty"), known + 1, "nothing tells one without profiles from another");
}

#[test]
fn what_waits_is_known_without_asking() {
    let bench = Bench::new().card("a", &[ONE, TWO]);
    assert_eq!(bench.manager.waiting(), Waiting::default());
    let enable = |query: &'static str| {
        move |card: &mut Card<'_>| {
            let plan = card.plan_switch(&ProfileQuery::new(query), Goal::Enabled).unwrap();
            card.switch(plan, None, &mut Unwatched).unwrap();
        }
    };
    bench.with("a", enable(ONE));
    assert_eq!(
        bench.manager.waiting(),
        Waiting { outbox: 1, cards: 0, nameless: 0, nameless_on_cards: 0 },
        "in the outbox, and not counted twice"
    );
    // What only the card has: the outbox forgets it.
    let connection = rusqlite::Connection::open(bench.manager.paths().database()).unwrap();
    connection.execute_batch("DELETE FROM outbox_attempt; DELETE FROM outbox").unwrap();
    bench.with("a", |card| drop(card.notifications().unwrap()));
    assert_eq!(bench.manager.waiting(), Waiting { outbox: 0, cards: 1, nameless: 0, nameless_on_cards: 0 });
    // Another process, which only lists the profiles, tells it from what is remembered.
    let settings = Settings { state_dir: Some(bench.manager.paths().state().to_owned()), ..Settings::default() };
    let other = Bench { _directory: tempfile::tempdir().unwrap(), manager: Manager::new(settings).unwrap() };
    assert_eq!(other.manager.waiting(), Waiting::default(), "it has met no card yet");
    other.list("a");
    assert_eq!(other.manager.waiting(), Waiting { outbox: 0, cards: 1, nameless: 0, nameless_on_cards: 0 });
    assert_eq!(other.manager.waiting().total(), 1);
}
