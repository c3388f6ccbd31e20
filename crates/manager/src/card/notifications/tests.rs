//! Delivering with servers that do as they are told, on a virtual card in process.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use lpa::change::Goal;
use lpa::smdp::{Peer, Reached, Reply, ServerError, ServerErrorKind};
use sgp22::es9p::{ExecutionFailure, HandleNotification, ServerFunction};

use super::*;
use crate::config::NotificationPolicy;
use crate::outbox::Failed;
use crate::virtual_cards::{NewCard, NewProfile, NewProfiles};
use crate::{Manager, ProfileQuery, Settings};

/// What a server does with what it gets.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Does {
    Accept,
    Answer(u16),
    /// It says in JSON that it does not want it.
    Refuse,
    /// A web page, with a status that says all is well.
    Page,
    NotThere,
    /// It accepts, and then this program is killed.
    Kill,
}

/// Servers by name; what has reached them, in order, by host and the card's number.
struct Servers {
    does: Vec<(&'static str, Does)>,
    got: RefCell<Vec<(String, u64)>>,
}

impl Servers {
    fn new(does: &[(&'static str, Does)]) -> Self {
        Self { does: does.to_vec(), got: RefCell::default() }
    }

    fn got(&self) -> Vec<(String, u64)> {
        self.got.take()
    }

    fn numbers(&self) -> Vec<u64> {
        self.got().into_iter().map(|(_, seq)| seq).collect()
    }
}

impl RspServer for Servers {
    fn post(&self, peer: Peer<'_>, path: &str, body: Vec<u8>, _: usize) -> Result<Reply, ServerError> {
        assert_eq!(path, "/gsma/rsp2/es9plus/handleNotification");
        let does = self.does.iter().find(|(host, _)| *host == peer.address).map_or(Does::NotThere, |(_, does)| *does);
        let kind = ServerErrorKind::Unreachable("refused".into());
        let error = ServerError { address: peer.address.into(), function: "", kind, reached: Reached::No };
        if does == Does::NotThere {
            self.got.borrow_mut().push((format!("{} (dead)", peer.address), 0));
            return Err(error);
        }
        let payload = HandleNotification::decode(&body).unwrap().pending_notification;
        let seq = PendingNotification::decode(&payload).unwrap().metadata.unwrap().seq;
        self.got.borrow_mut().push((peer.address.into(), seq));
        match does {
            Does::Kill => panic!("killed"),
            Does::Refuse => Ok(Reply { status: 200, body: ExecutionFailure::failed("8.1", "6.1", "").encode() }),
            Does::Page => Ok(Reply { status: 200, body: b"<html>Maintenance</html>".to_vec() }),
            Does::Answer(status) => Ok(Reply { status, body: Vec::new() }),
            _ => Ok(Reply { status: 204, body: Vec::new() }),
        }
    }

    fn reach(&self, _: &str) -> Result<(), ServerError> {
        unreachable!("nobody looks ahead here")
    }
}

const ONE: &str = "one.example";
const TWO: &str = "two.example";

struct Bench {
    _directory: tempfile::TempDir,
    manager: Manager,
}

impl Bench {
    /// A card with two profiles, the first enabled, each with its server.
    fn new(servers: [&str; 2]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let state_dir = Some(directory.path().join("state"));
        let settings = Settings { device: Some("virtual:card".into()), state_dir, ..Settings::default() };
        let manager = Manager::new(settings).unwrap();
        let profile = |name: &str, server: &str| NewProfile {
            server: server.into(),
            ..NewProfile::named("Example Mobile", name)
        };
        let first = NewProfile { enabled: true, ..profile("First", servers[0]) };
        let profiles = NewProfiles::These(vec![first, profile("Second", servers[1])]);
        manager.create_virtual("card", &NewCard { profiles, ..NewCard::default() }).unwrap();
        Self { _directory: directory, manager }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Card<'_>) -> T) -> T {
        let mut session = self.manager.session().unwrap();
        let mut card = session.card().unwrap();
        work(&mut card)
    }

    /// A switch without its delivery.
    fn switch(&self, profile: &str, goal: Goal) -> Collected {
        self.with(|card| {
            let plan = card.plan_switch(&ProfileQuery::new(profile), goal).unwrap();
            card.make_switch(&plan).unwrap().1
        })
    }

    fn deliver(&self, servers: &Servers, choice: Choice<'_>) -> Reporting {
        self.with(|card| {
            card.before_change().unwrap();
            card.deliver(servers, choice).unwrap()
        })
    }

    fn database(&self) -> Database {
        Database::open(self.manager.paths()).unwrap()
    }

    /// As a process does that has no card at hand.
    fn deliver_without_card(&self, servers: &Servers, choice: Choice<'_>) {
        deliver(&self.database(), servers, CardKind::Virtual, choice, self.manager.interrupt()).unwrap();
    }

    /// As if time had passed.
    fn make_due(&self, letter: i64) {
        let connection = rusqlite::Connection::open(self.manager.paths().database()).unwrap();
        connection.execute("UPDATE outbox SET next_try = '2026-01-01T00:00:00Z' WHERE id = ?1", [letter]).unwrap();
    }

    fn states(&self) -> Vec<(u64, &'static str, bool)> {
        let letters = self.database().letters(true).unwrap();
        letters.iter().map(|letter| (letter.seq, letter.state.name(), letter.on_card)).collect()
    }

    fn on_card(&self) -> Vec<u64> {
        self.with(|card| card.notifications().unwrap().iter().map(|one| one.seq).collect())
    }
}

fn minute() -> Duration {
    Duration::from_secs(60)
}

#[test]
fn kept_delivered_in_order_and_only_then_removed() {
    let bench = Bench::new([ONE, ONE]);
    let collected = bench.switch("Second", Goal::Enabled);
    assert_eq!(bench.states(), [(1, "waiting", true), (2, "waiting", true)]);
    let servers = Servers::new(&[(ONE, Does::Accept)]);
    let reporting = bench.deliver(&servers, Choice::Change(&collected.letters, minute()));
    assert_eq!(reporting, Reporting { delivered: 2, pending: Some(Vec::new()), kept: 0, ..Reporting::default() });
    assert_eq!(servers.numbers(), [1, 2]);
    assert_eq!(bench.states(), [(1, "delivered", false), (2, "delivered", false)]);
    assert!(bench.on_card().is_empty());
    assert!(!bench.database().payload(1).unwrap().is_empty(), "the archive has the proof");
}

#[test]
fn a_dead_server_keeps_nobody_else_waiting() {
    let bench = Bench::new([ONE, TWO]);
    let collected = bench.switch("Second", Goal::Enabled);
    let servers = Servers::new(&[(TWO, Does::Accept)]);
    let reporting = bench.deliver(&servers, Choice::Change(&collected.letters, minute()));
    assert_eq!(servers.got(), [("one.example (dead)".into(), 0), (TWO.into(), 2)]);
    assert_eq!(reporting.delivered, 1);
    let [Failed { server, waiting: 1, answered: false, .. }] = &reporting.failed[..] else { panic!("{reporting:?}") };
    assert_eq!(server, ONE);
    assert_eq!(bench.on_card(), [1]);
}

#[test]
fn a_server_in_trouble_gets_nothing_out_of_order() {
    let bench = Bench::new([ONE, ONE]);
    let collected = bench.switch("Second", Goal::Enabled);
    let broken = Servers::new(&[(ONE, Does::Answer(500))]);
    let reporting = bench.deliver(&broken, Choice::Change(&collected.letters, minute()));
    assert_eq!(broken.numbers(), [1], "the second one is not tried");
    assert_eq!((reporting.failed[0].waiting, reporting.failed[0].answered), (2, true));
    assert_eq!(reporting.pending.unwrap().len(), 2);
    // The next change finds it mended: what is older goes first, due or not.
    let next = bench.switch("First", Goal::Enabled);
    let mended = Servers::new(&[(ONE, Does::Accept)]);
    assert_eq!(bench.deliver(&mended, Choice::Change(&next.letters, minute())).delivered, 4);
    assert_eq!(mended.numbers(), [1, 2, 3, 4]);
}

#[test]
fn one_that_a_server_does_not_want_holds_up_no_other() {
    let bench = Bench::new([ONE, ONE]);
    let collected = bench.switch("Second", Goal::Enabled);
    let servers = Servers::new(&[(ONE, Does::Refuse)]);
    let reporting = bench.deliver(&servers, Choice::Change(&collected.letters, minute()));
    assert_eq!(servers.numbers(), [1, 2]);
    assert!(reporting.failed[0].why.contains("eUICC"), "{}", reporting.failed[0].why);
    assert_eq!(bench.on_card(), [1, 2], "never removed undelivered");
}

/// Not the server's own word, but that of something in its place: the order is kept, and nothing counts as accepted.
#[test]
fn what_stands_in_a_servers_place_accepts_nothing_and_mixes_up_no_order() {
    for does in [Does::Answer(404), Does::Answer(502), Does::Page] {
        let bench = Bench::new([ONE, ONE]);
        let collected = bench.switch("Second", Goal::Enabled);
        let servers = Servers::new(&[(ONE, does)]);
        let reporting = bench.deliver(&servers, Choice::Change(&collected.letters, minute()));
        assert_eq!(servers.numbers(), [1]);
        assert_eq!((reporting.delivered, reporting.failed[0].waiting), (0, 2));
        assert_eq!(bench.on_card(), [1, 2]);
    }
}

#[test]
fn old_ones_wait_longer_from_try_to_try_and_take_no_more_than_their_time() {
    let bench = Bench::new([ONE, TWO]);
    let old = bench.switch("First", Goal::Disabled).letters;
    let dead = Servers::new(&[]);
    let next_try = || bench.database().letter(old[0]).unwrap().unwrap().next_try.unwrap().parse::<Timestamp>().unwrap();
    for seconds in [60, 300, 1800, 7200, 43_200, 86_400, 86_400] {
        let before = Timestamp::now();
        bench.deliver(&dead, Choice::All);
        let pause = next_try().duration_since(before).as_secs();
        assert!((seconds - 2..=seconds + 30).contains(&pause), "{pause} for {seconds}");
    }
    // Not due: a change that is about another server leaves it alone.
    let own = bench.switch("Second", Goal::Enabled).letters;
    let alive = Servers::new(&[(ONE, Does::Accept), (TWO, Does::Accept)]);
    let reporting = bench.deliver(&alive, Choice::Change(&own, minute()));
    assert_eq!((alive.got(), reporting.failed), (vec![(TWO.into(), 2)], Vec::new()));
    // Due, but there is no time.
    bench.make_due(old[0]);
    assert_eq!(bench.deliver(&alive, Choice::Change(&[], Duration::ZERO)).delivered, 0);
    assert_eq!(bench.deliver(&alive, Choice::Change(&[], minute())).delivered, 1);
    assert_eq!(alive.got(), [(ONE.into(), 1)]);
}

/// Also by changes that leave nothing themselves, and never by reading.
#[test]
fn every_change_tries_what_is_due() {
    let bench = Bench::new([ONE, TWO]);
    let old = bench.switch("First", Goal::Disabled).letters[0];
    let tries = || bench.database().letter(old).unwrap().unwrap().attempts;
    let one_more = |change: &dyn Fn(&mut Card<'_>)| {
        bench.make_due(old);
        let before = tries();
        bench.with(change);
        tries() - before
    };
    let rename = |card: &mut Card<'_>| {
        let plan = card.plan_rename(&ProfileQuery::new("First"), "New").unwrap();
        card.rename(plan).unwrap();
    };
    let set_server = |card: &mut Card<'_>| {
        let plan = card.plan_server(Some("smdp.example.org")).unwrap();
        card.set_server(plan).unwrap();
    };
    let read = |card: &mut Card<'_>| {
        card.info().unwrap();
        card.notifications().unwrap();
        card.profiles(crate::card::Detail::Everything).unwrap();
    };
    assert_eq!([one_more(&rename), one_more(&set_server), one_more(&read)], [1, 1, 0]);
}

#[test]
fn killed_between_the_servers_word_and_its_record_it_is_delivered_again() {
    let bench = Bench::new([ONE, ONE]);
    let collected = bench.switch("First", Goal::Disabled);
    let servers = Servers::new(&[(ONE, Does::Kill)]);
    let choice = Choice::Change(&collected.letters, minute());
    assert!(catch_unwind(AssertUnwindSafe(|| bench.deliver(&servers, choice))).is_err());
    assert_eq!(bench.states(), [(1, "waiting", true)]);
    let servers = Servers::new(&[(ONE, Does::Accept)]);
    assert_eq!(bench.deliver(&servers, Choice::All).delivered, 1);
    assert_eq!(bench.states(), [(1, "delivered", false)]);
}

#[test]
fn killed_before_the_card_forgot_it_the_next_change_removes_it_unsent() {
    let bench = Bench::new([ONE, ONE]);
    let collected = bench.switch("First", Goal::Disabled);
    // As another process does without the card.
    let elsewhere = Servers::new(&[(ONE, Does::Accept)]);
    bench.deliver_without_card(&elsewhere, Choice::Named(&collected.letters));
    assert_eq!(bench.on_card(), [1]);
    let next = bench.switch("Second", Goal::Enabled);
    let servers = Servers::new(&[(ONE, Does::Accept)]);
    bench.deliver(&servers, Choice::Change(&next.letters, minute()));
    assert_eq!(servers.numbers(), [2]);
    assert!(bench.on_card().is_empty());
}

#[test]
fn what_the_configuration_keeps_stays_until_it_is_sent() {
    let mut bench = Bench::new([ONE, ONE]);
    bench.manager.config.notifications = NotificationPolicy { disable: Policy::Keep, ..NotificationPolicy::default() };
    let collected = bench.switch("Second", Goal::Enabled);
    assert_eq!((collected.letters.len(), collected.kept), (1, 1));
    let servers = Servers::new(&[(ONE, Does::Accept)]);
    bench.deliver(&servers, Choice::Change(&collected.letters, minute()));
    assert_eq!((servers.numbers(), bench.on_card()), (vec![2], vec![1]));
    assert_eq!(bench.states(), [(2, "delivered", false)], "what is kept is not in the outbox");
    bench.with(|card| card.send_by(&servers, &[1])).unwrap();
    assert_eq!((servers.numbers(), bench.on_card()), (vec![1], vec![]));
}

#[test]
fn what_is_given_up_is_kept_and_never_sent() {
    let bench = Bench::new([ONE, ONE]);
    bench.switch("Second", Goal::Enabled);
    bench.with(|card| {
        let plan = card.plan_drop(&[1]).unwrap();
        assert_eq!(plan.confirmation().answer, "1");
        card.drop_notifications(plan, None).unwrap();
    });
    assert_eq!(bench.states(), [(1, "dropped", false), (2, "waiting", true)]);
    let servers = Servers::new(&[(ONE, Does::Accept)]);
    bench.deliver(&servers, Choice::All);
    assert_eq!(servers.numbers(), [2]);
    let journal = bench.database().journal(1).unwrap();
    assert_eq!((journal[0].command.as_str(), journal[0].outcome.as_deref()), ("drop", Some("done")));
    let error = bench.with(|card| card.plan_drop(&[9]).unwrap_err());
    assert_eq!(error.id, Id::NotificationNotFound);
}

#[test]
fn a_number_that_the_card_gives_again_is_not_removed_for_an_older_one() {
    let bench = Bench::new([ONE, TWO]);
    let collected = bench.switch("First", Goal::Disabled);
    let mut other = bench.database().letter(collected.letters[0]).unwrap().unwrap();
    // As if the card had counted anew since: another event under the same number was delivered.
    other.event = "delete".into();
    let queue = bench.with(|card| card.notifications().unwrap());
    assert!(!is_same(&other, &queue[0]));
    bench.with(|card| {
        card.before_change().unwrap();
        let removed = NotificationMetadata { address: "other.example".into(), ..queue[0].clone() };
        card.remove(&removed).unwrap();
    });
    assert_eq!(bench.on_card(), [1]);
}

/// The card counts anew and signs an event that it lists in the same words: the old one, settled without the card at
/// hand, must not take the new one with it.
#[test]
fn one_in_the_same_words_is_not_removed_for_one_that_was_settled() {
    let bench = Bench::new([ONE, TWO]);
    let collected = bench.switch("First", Goal::Disabled);
    let servers = Servers::new(&[(ONE, Does::Accept)]);
    bench.deliver_without_card(&servers, Choice::Named(&collected.letters));
    let connection = rusqlite::Connection::open(bench.manager.paths().database()).unwrap();
    connection.execute("UPDATE outbox SET payload = x'00'", []).unwrap();
    assert_eq!(servers.numbers(), [1]);
    bench.deliver(&servers, Choice::Change(&[], minute()));
    assert_eq!(bench.states(), [(1, "delivered", false), (1, "waiting", true)]);
    assert_eq!(bench.on_card(), [1]);
    bench.with(|card| card.send_by(&servers, &[1])).unwrap();
    assert_eq!((servers.numbers(), bench.on_card()), (vec![1], vec![]));
    assert_eq!(bench.states(), [(1, "delivered", false), (1, "delivered", false)]);
}

/// A card that lists a notification and does not give it may mean another one: it is not removed without a look. If the
/// card has lost it, its next list says so.
#[test]
fn one_that_the_card_lists_and_does_not_give_is_not_removed() {
    let bench = Bench::new([ONE, TWO]);
    let collected = bench.switch("First", Goal::Disabled);
    let servers = Servers::new(&[(ONE, Does::Accept)]);
    bench.deliver_without_card(&servers, Choice::Named(&collected.letters));
    let left = bench.with(|card| {
        let listed = card.before_change().unwrap();
        card.remove(&listed.as_ref().unwrap()[0]).unwrap();
        card.queue = listed;
        card.tidy(&bench.database()).unwrap();
        card.queue.as_ref().map(Vec::len)
    });
    assert_eq!(left, Some(1), "no command to remove it");
    assert_eq!(bench.states(), [(1, "delivered", true)]);
    bench.deliver(&servers, Choice::Change(&[], minute()));
    assert_eq!(bench.states(), [(1, "delivered", false)]);
}

/// A card that cannot be used hides nothing of what came of the outbox.
#[test]
fn what_the_outbox_could_not_deliver_is_told_beside_the_error_of_the_card() {
    let bench = Bench::new([ONE, TWO]);
    bench.switch("First", Goal::Disabled);
    let state_dir = Some(bench.manager.paths().state().to_owned());
    let settings = Settings { device: Some("virtual:gone".into()), state_dir, ..Settings::default() };
    let error = Manager::new(settings).unwrap().send_everything().unwrap_err();
    assert_ne!(error.id, Id::NotDelivered);
    assert!(error.cause.contains(ONE) && error.cause.contains("1 notification"), "{}", error.cause);
}

/// The same for what is asked to be sent by its number on the card.
#[test]
fn sending_by_number_fetches_what_is_signed_otherwise() {
    let bench = Bench::new([ONE, TWO]);
    bench.switch("First", Goal::Disabled);
    let connection = rusqlite::Connection::open(bench.manager.paths().database()).unwrap();
    connection.execute("UPDATE outbox SET payload = x'00', state = 'dropped'", []).unwrap();
    let servers = Servers::new(&[(ONE, Does::Accept)]);
    bench.with(|card| card.send_by(&servers, &[1])).unwrap();
    assert_eq!((servers.numbers(), bench.on_card()), (vec![1], vec![]));
}

#[test]
fn notifications_move_to_another_machine_and_back_home_the_card_forgets_them() {
    let bench = Bench::new([ONE, ONE]);
    bench.switch("Second", Goal::Enabled);
    let text = bench.with(|card| card.export().unwrap().text().unwrap());
    assert_eq!(bench.on_card(), [1, 2]);
    let away = Bench::new([TWO, TWO]);
    let mut outbox = away.manager.outbox().unwrap();
    let imported = outbox.import("file", &text).unwrap();
    assert_eq!((imported.new, imported.known), (2, 0));
    assert_eq!(outbox.import("file", &text).unwrap().known, 2);
    let servers = Servers::new(&[(ONE, Does::Accept)]);
    assert_eq!(away.deliver(&servers, Choice::All).delivered, 2);
    assert_eq!(servers.numbers(), [1, 2]);
    assert_eq!(away.states(), [(1, "delivered", true), (2, "delivered", true)], "that card is not at hand");
    for (bad, word) in [
        ("", "EOF"),
        ("{}", "format"),
        (&*text.replace("notifications/1", "notifications/9"), "notifications/9"),
        (&*text.replace("MII", "~~~"), "notification 1"),
    ] {
        let error = outbox.import("file", bad).unwrap_err();
        assert!(error.id == Id::ImportFile && error.message().contains(word), "{}", error.message());
    }
}

/// An empty address, blanks inside (which once became the name of another host), and others that are none.
#[test]
fn what_names_no_server_is_never_sent_and_waits_for_the_users_word() {
    for address in
        ["", "one .example", "one\texample", "no host!", "http://one.example", "one.example:0", "\u{ff4f}ne.example"]
    {
        let bench = Bench::new([address, ONE]);
        let collected = bench.switch("Second", Goal::Enabled);
        let everything = |choice| {
            let servers = Servers::new(&[ONE, "oneexample", "no", address].map(|host| (host, Does::Accept)));
            let reporting = bench.deliver(&servers, choice);
            (reporting, servers.got())
        };
        let (reporting, got) = everything(Choice::Change(&collected.letters, minute()));
        assert_eq!(got, [(ONE.into(), 2)], "{address:?}");
        assert_eq!((reporting.delivered, &reporting.failed), (1, &Vec::new()), "{address:?}");
        let [Letter { id, seq: 1, .. }] = &reporting.nameless[..] else { panic!("{reporting:?}") };
        let named = [*id];
        for choice in [Choice::All, Choice::Named(&named)] {
            let (reporting, got) = everything(choice);
            assert_eq!((got, reporting.nameless.len(), reporting.failed), (Vec::new(), 1, Vec::new()), "{address:?}");
        }
        let (later, got) = everything(Choice::Change(&[], minute()));
        assert_eq!((got, later.nameless), (Vec::new(), Vec::new()), "it is said once, with its change");
        let letter = bench.database().letter(*id).unwrap().unwrap();
        assert!(letter.is_nameless() && letter.attempts == 0 && letter.next_try.is_none(), "{letter:?}");
        assert!(bench.database().attempts(*id).unwrap().is_empty());
        assert_eq!(bench.on_card(), [1], "the card keeps it until somebody decides");
        let waiting = bench.manager.waiting();
        assert_eq!((waiting.total(), waiting.nameless), (0, 1), "{address:?}");
        let error = bench.manager.outbox().unwrap().send(&[*id]).unwrap_err();
        assert_eq!(error.id, Id::NamesNoServer);
        let error = bench.with(|card| card.send_by(&Servers::new(&[]), &[1])).unwrap_err();
        assert_eq!(error.id, Id::NamesNoServer);
        let dropped = bench.with(|card| {
            let plan = card.plan_drop(&[1]).unwrap();
            assert_eq!(card.drop_notifications(plan.clone(), Some(" ")).unwrap_err().id, Id::ReasonMissing);
            card.drop_notifications(plan, Some("the operator put no address there"))
        });
        dropped.unwrap();
        assert_eq!(bench.states(), [(1, "dropped", false), (2, "delivered", false)]);
        let letter = bench.database().letter(*id).unwrap().unwrap();
        assert_eq!(letter.reason.as_deref(), Some("the operator put no address there"));
        assert!(bench.on_card().is_empty());
        assert_eq!(bench.manager.waiting().nameless, 0);
    }
}
