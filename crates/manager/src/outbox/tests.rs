//! Several that deliver at once, each with a database connection of its own, as processes have.

use std::sync::Mutex;
use std::time::Duration;

use lpa::smdp::{Peer, Reached, Reply, RspServer, ServerError, ServerErrorKind};
use sgp22::es9p::{HandleNotification, ServerFunction};

use super::*;
use crate::database::tests::sandbox;
use crate::database::{CLAIM_LEASE, Claim, NewNotification};
use crate::paths::Paths;

/// A server that takes its time, and can lose the answer to the first post of each notification.
struct SlowServer {
    loses_answers: bool,
    posts: Mutex<Vec<Vec<u8>>>,
    busy: Mutex<Vec<u8>>,
}

impl SlowServer {
    fn new(loses_answers: bool) -> Self {
        Self { loses_answers, posts: Mutex::default(), busy: Mutex::default() }
    }
}

impl RspServer for SlowServer {
    fn post(&self, peer: Peer<'_>, _: &str, body: Vec<u8>, _: usize) -> Result<Reply, ServerError> {
        let lease = Duration::from_secs(CLAIM_LEASE.unsigned_abs());
        assert!(peer.within.is_some_and(|within| within < lease), "nobody else may think it lost meanwhile");
        let payload = HandleNotification::decode(&body).unwrap().pending_notification;
        let card = payload[0];
        {
            let mut busy = self.busy.lock().unwrap();
            assert!(!busy.contains(&card), "one at a time for each card");
            busy.push(card);
        }
        std::thread::sleep(Duration::from_millis(5));
        let first = {
            let mut posts = self.posts.lock().unwrap();
            posts.push(payload.clone());
            posts.iter().filter(|one| **one == payload).count() == 1
        };
        self.busy.lock().unwrap().retain(|one| *one != card);
        if self.loses_answers && first {
            let kind = ServerErrorKind::Cut("before the answer".into());
            return Err(ServerError { address: peer.address.into(), function: "", kind, reached: Reached::Maybe });
        }
        Ok(Reply { status: 204, body: Vec::new() })
    }

    fn reach(&self, _: &str) -> Result<(), ServerError> {
        unreachable!("nobody looks ahead here")
    }
}

/// So many notifications of each of four cards, in the outbox in another order than they were numbered.
fn outbox_of_four_cards(paths: &Paths, count: u8) -> Vec<i64> {
    let new = |card: u8, seq: u8| NewNotification {
        eid: format!("{card:032}"),
        device: "virtual:x".into(),
        seq: seq.into(),
        event: "enable".into(),
        address: "one.example".into(),
        iccid: None,
        payload: vec![card, seq],
        journal: None,
    };
    let new: Vec<_> = (1..=count).rev().flat_map(|seq| (1..=4).map(move |card| new(card, seq))).collect();
    Database::open(paths).unwrap().keep(&new).unwrap().into_iter().map(|(id, _)| id).collect()
}

fn deliver_by_sixteen(paths: &Paths, server: &SlowServer, ids: &[i64]) -> Vec<usize> {
    std::thread::scope(|scope| {
        let one = |number: usize| {
            let database = Database::open(paths).unwrap();
            let named = [ids[number % ids.len()]];
            let choice = match number % 3 {
                0 => Choice::All,
                1 => Choice::Change(&named, Duration::from_secs(30)),
                _ => Choice::Named(ids),
            };
            let round = deliver(&database, server, CardKind::Virtual, choice, &lpa::NeverInterrupted).unwrap();
            round.accepted.len()
        };
        let threads: Vec<_> = (0..16).map(|number| scope.spawn(move || one(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn sixteen_at_once_deliver_each_once_and_in_order() {
    let (_directory, paths) = sandbox();
    let ids = outbox_of_four_cards(&paths, 6);
    let server = SlowServer::new(false);
    let delivered = deliver_by_sixteen(&paths, &server, &ids);
    let posts = server.posts.lock().unwrap();
    assert_eq!(posts.len(), ids.len(), "one post each");
    for card in 1..=4 {
        let seqs: Vec<u8> = posts.iter().filter(|post| post[0] == card).map(|post| post[1]).collect();
        assert!(seqs.is_sorted() && seqs.len() == 6, "card {card}: {seqs:?}");
    }
    assert!(delivered.iter().sum::<usize>() >= ids.len(), "what waited and another one delivered counts for both");
    let database = Database::open(&paths).unwrap();
    assert!(database.letters(false).unwrap().is_empty());
    let trail: Vec<_> = ids.iter().flat_map(|id| database.attempts(*id).unwrap()).collect();
    assert_eq!(trail.len(), ids.len());
    assert!(trail.iter().all(|attempt| attempt.outcome == Some(AttemptOutcome::Accepted)));
}

#[test]
fn where_answers_are_lost_the_trail_explains_each_second_post() {
    let (_directory, paths) = sandbox();
    let ids = outbox_of_four_cards(&paths, 2);
    let server = SlowServer::new(true);
    for _ in 0..4 {
        deliver_by_sixteen(&paths, &server, &ids);
    }
    let database = Database::open(&paths).unwrap();
    assert!(database.letters(false).unwrap().is_empty());
    for id in ids {
        let trail: Vec<_> = database.attempts(id).unwrap().iter().map(|attempt| attempt.outcome).collect();
        assert_eq!(trail, [Some(AttemptOutcome::Unanswered), Some(AttemptOutcome::Accepted)]);
        let payload = database.payload(id).unwrap();
        assert_eq!(server.posts.lock().unwrap().iter().filter(|post| **post == payload).count(), 2);
    }
}

/// The process of a claim is gone: whoever comes next goes on, and says why.
#[test]
fn what_a_dead_process_had_claimed_is_delivered_by_the_next_one() {
    let (_directory, paths) = sandbox();
    let ids = outbox_of_four_cards(&paths, 1);
    let database = Database::open(&paths).unwrap();
    database.claim(ids[0], jiff::Timestamp::now(), false).unwrap();
    let connection = rusqlite::Connection::open(paths.database()).unwrap();
    connection.execute("UPDATE outbox_attempt SET process = '1 1 elsewhere'", []).unwrap();
    let server = SlowServer::new(false);
    deliver_by_sixteen(&paths, &server, &ids);
    assert_eq!(server.posts.lock().unwrap().len(), ids.len());
    let trail: Vec<_> = database.attempts(ids[0]).unwrap().iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(trail, [Some(AttemptOutcome::Lost), Some(AttemptOutcome::Accepted)]);
}

/// A change's own notification goes after an earlier one of its card, also where another process sends that.
#[test]
fn what_another_process_sends_before_it_is_waited_for() {
    let (_directory, paths) = sandbox();
    let ids = outbox_of_four_cards(&paths, 2);
    let database = Database::open(&paths).unwrap();
    let earlier = ids.iter().find(|id| database.payload(**id).unwrap() == [1, 1]).unwrap();
    let own = *ids.iter().find(|id| database.payload(**id).unwrap() == [1, 2]).unwrap();
    let other = Database::open(&paths).unwrap();
    let Claim::Granted(attempt) = other.claim(*earlier, jiff::Timestamp::now(), false).unwrap() else { panic!() };
    let server = SlowServer::new(false);
    std::thread::scope(|scope| {
        let change = scope.spawn(|| {
            let choice = Choice::Change(&[own], Duration::from_secs(30));
            let database = Database::open(&paths).unwrap();
            deliver(&database, &server, CardKind::Virtual, choice, &lpa::NeverInterrupted).unwrap()
        });
        std::thread::sleep(Duration::from_millis(300));
        assert!(!server.posts.lock().unwrap().contains(&vec![1, 2]), "not before the earlier one");
        other.accepted(attempt).unwrap();
        assert!(change.join().unwrap().accepted.contains(&own));
    });
    assert!(!server.posts.lock().unwrap().contains(&vec![1, 1]), "the other process has posted that");
}
