//! Processes are killed (`kill -9`) at random moments of whatever they do with virtual cards and servers, several at once
//! on one state directory. After each, `recover` finds out what is, and the ledger compares all records: nothing is lost,
//! and no verdict is wrong. Beside it: many processes at once without a kill, and each notification is posted once.
//!
//! `ESIMCTL_KILLS` says how many are killed, 20 if it is not set; `ESIMCTL_KILL_SEED` draws the same operations and
//! moments again. What a process has done by a moment differs from run to run all the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

#[path = "kill/bench.rs"]
mod bench;
mod common;
#[path = "kill/operation.rs"]
mod operation;
#[path = "common/random.rs"]
mod random;
#[path = "kill/round.rs"]
mod round;

use std::time::Instant;

use bench::{Bench, CARDS, SERVERS};
use ledger::{Circumstances, Goal};
use operation::{Kind, Operation};
use round::{Told, Trial};

/// How many processes are killed in a run of all tests.
const SAMPLE: usize = 20;

#[test]
fn killed_at_any_moment_nothing_is_lost_and_no_verdict_is_wrong() {
    let wanted = std::env::var("ESIMCTL_KILLS").map_or(SAMPLE, |kills| kills.parse().unwrap());
    let seed = random::seed("ESIMCTL_KILL_SEED");
    let benches = std::thread::available_parallelism().map_or(2, usize::from).min(wanted.max(1));
    let start = Instant::now();
    let told = std::thread::scope(|scope| {
        let share = |index: usize| (wanted + index) / benches;
        let run = |(index, seed)| scope.spawn(move || Trial::new(index, seed).run(share(index)));
        let running: Vec<_> = (0..benches).zip(seed..).map(run).collect();
        running.into_iter().map(|one| one.join().unwrap()).fold(Told::default(), Told::and)
    });
    eprint!("{}", told.table());
    eprintln!("{} kills in {} s", told.kills(), start.elapsed().as_secs());
    assert!(told.kills() >= wanted, "{} of {wanted} were killed", told.kills());
    let wrong = told.wrong;
    assert!(wrong.is_empty(), "ESIMCTL_KILL_SEED={seed}: {} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// What is done on each card at once; no two of them depend on each other.
fn first_wave(bench: &Bench, card: usize) -> Vec<Operation> {
    let profiles = bench.books().card(&bench.eid(card)).profiles;
    let [_, second, third, fourth] = &profiles[..] else { panic!("{profiles:?}") };
    let mut wave: Vec<Operation> =
        (0..SERVERS).map(|server| bench.download(card, server, &format!("W{card}{server}"))).collect();
    wave.push(Operation::on(card, Kind::Enable, &["enable", &second.iccid], Goal::Enabled(second.iccid.clone())));
    let goal = Goal::Deleted(fourth.iccid.clone());
    wave.push(Operation::on(card, Kind::Delete, &["delete", &fourth.iccid, "--yes"], goal));
    assert!(!third.enabled);
    wave
}

/// The same after that, while no server can be reached.
fn second_wave(bench: &Bench, card: usize) -> Vec<Operation> {
    let profiles = bench.books().card(&bench.eid(card)).profiles;
    let [first, second, third, fourth, ..] = &profiles[..] else { panic!("{profiles:?}") };
    let rename = |iccid: &str, name: &str| {
        Operation::on(card, Kind::Rename, &["rename", iccid, name], Goal::Named(iccid.into(), name.into()))
    };
    let goal = Goal::Deleted(third.iccid.clone());
    vec![
        rename(&second.iccid, "Work"),
        rename(&fourth.iccid, "Travel"),
        Operation::on(card, Kind::Delete, &["delete", &third.iccid, "--yes"], goal),
        Operation::on(card, Kind::Enable, &["enable", &first.iccid], Goal::Enabled(first.iccid.clone())),
    ]
}

/// Runs all of them at the same time; none may fail.
fn run_at_once(bench: &Bench, wave: &[Operation]) {
    let before = bench.books();
    let end = Instant::now() + common::PATIENCE * 3;
    let mut running: Vec<_> = wave.iter().map(|operation| bench.start(operation)).collect();
    let ran: Vec<_> = running.iter_mut().map(|process| process.wait_until(end)).collect();
    let after = bench.books();
    for (operation, ran) in wave.iter().zip(&ran) {
        assert_eq!(ran.code, Some(0), "{operation}: {} {}", ran.document, ran.err);
        let (Some(goal), Some(card)) = (&operation.goal, operation.card) else { continue };
        assert!(goal.holds(&after.card(&bench.eid(card))), "{operation}: {after:?}");
    }
    let new = after.journal.iter().filter(|line| line.id > before.last_entry());
    let outcomes: Vec<_> = new.map(|line| line.outcome.as_deref()).collect();
    let changes = wave.iter().filter(|operation| operation.goal.is_some()).count();
    assert_eq!(outcomes, vec![Some("done"); changes]);
    assert_eq!(after.audit_notifications(&Circumstances::default()), []);
}

#[test]
fn of_sixteen_processes_at_once_each_notification_is_posted_once() {
    let bench = Bench::new("lock_wait = 120\n");
    let waves = |wave: fn(&Bench, usize) -> Vec<Operation>| -> Vec<Operation> {
        (0..CARDS).flat_map(|card| wave(&bench, card)).collect()
    };
    let first = waves(first_wave);
    assert_eq!(first.len(), 16);
    run_at_once(&bench, &first);
    bench.close_servers(true);
    run_at_once(&bench, &waves(second_wave));
    bench.close_servers(false);
    let waiting = bench.books().outbox.iter().filter(|row| row.state == ledger::RowState::Waiting).count();
    assert_eq!(waiting, CARDS * 3, "a deletion and two ends of a switch, for each card");
    // The same notifications are wanted by all of them.
    run_at_once(&bench, &vec![Operation::outbox(); 16]);
    let clean: Vec<Operation> = (0..CARDS).map(Operation::send).collect();
    run_at_once(&bench, &clean);
    let books = bench.books();
    assert_eq!(books.audit_end(&Circumstances::default()), []);
    let posts: u64 = books.posted.iter().map(|posted| posted.times).sum();
    assert_eq!(posts, books.signed().count() as u64, "one post each");
    assert!(posts >= (CARDS * 8) as u64, "{posts}");
}
