//! Rounds on a bench: several processes are killed, then all is found out and compared, and from time to time delivered.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ledger::{Books, Circumstances, Discrepancy, Statement, Verdict, audit_recovery};

use crate::bench::{Bench, CARDS, Process, Ran};
use crate::operation::{Kind, Operation};
use crate::random::Random;

/// So many rounds after each other leave things to deliver.
const ROUNDS_BETWEEN_DELIVERIES: u64 = 4;
/// No round is needed beyond these: most processes are killed.
const MAX_ROUNDS: u64 = 5000;

/// What came of all rounds.
#[derive(Debug, Default)]
pub struct Told {
    /// How many were killed, and how many ended before that, for each kind.
    counts: BTreeMap<Kind, [usize; 2]>,
    /// What must not be.
    pub wrong: Vec<String>,
}

impl Told {
    pub fn and(mut self, other: Self) -> Self {
        for (kind, [killed, ended]) in other.counts {
            let counts = self.counts.entry(kind).or_default();
            *counts = [counts[0] + killed, counts[1] + ended];
        }
        self.wrong.extend(other.wrong);
        self
    }

    pub fn kills(&self) -> usize {
        self.counts.values().map(|[killed, _]| killed).sum()
    }

    pub fn table(&self) -> String {
        let mut text = format!("{:<12}{:>10}{:>10}\n", "", "killed", "ended");
        for (kind, [killed, ended]) in &self.counts {
            text += &format!("{:<12}{killed:>10}{ended:>10}\n", kind.name());
        }
        text
    }
}

/// A bench, and what is known of it.
pub struct Trial {
    index: usize,
    bench: Bench,
    random: Random,
    told: Told,
    round: u64,
}

/// A process that is to be killed, and when.
struct Doomed {
    operation: Operation,
    process: Process,
    moment: Instant,
}

impl Trial {
    pub fn new(index: usize, seed: u64) -> Self {
        Self { index, bench: Bench::new(""), random: Random::new(seed), told: Told::default(), round: 0 }
    }

    /// Runs until so many were killed.
    pub fn run(mut self, kills: usize) -> Told {
        while self.told.kills() < kills && self.told.wrong.len() < 20 && self.round < MAX_ROUNDS {
            self.round += 1;
            self.round();
            if self.round.is_multiple_of(ROUNDS_BETWEEN_DELIVERIES) {
                self.deliver();
            }
            if self.round.is_multiple_of(20) {
                eprintln!("bench {}: {} of {kills}", self.index, self.told.kills());
            }
        }
        self.deliver();
        self.told
    }

    fn take(&mut self, when: &str, found: Vec<Discrepancy>) {
        let place = format!("bench {}, round {}, {when}", self.index, self.round);
        self.told.wrong.extend(found.iter().map(|discrepancy| format!("  {place}: {discrepancy}")));
    }

    fn check(&mut self, holds: bool, what: &str) {
        if !holds {
            self.told.wrong.push(format!("  bench {}, round {}: {what}", self.index, self.round));
        }
    }

    /// Each killed process explains one post whose answer was not noted.
    fn circumstances(&self) -> Circumstances {
        Circumstances { kills: self.told.kills() as u64, ..Circumstances::default() }
    }

    /// Something happens on every card at once, and is killed; then it is found out.
    fn round(&mut self) {
        let keep = self.random.once_in(5);
        self.bench.configure(if keep { "[notifications]\nenable = 'keep'\ndisable = 'keep'\n" } else { "" });
        self.bench.close_servers(self.random.once_in(4));
        let before = self.bench.books();
        let mut operations: Vec<Operation> = (0..CARDS).map(|card| self.draw(card)).collect();
        if self.random.once_in(2) {
            operations.push(Operation::outbox());
        }
        let ran = self.kill(operations);
        let after = self.bench.books();
        for (operation, ran) in &ran {
            self.judge(operation, ran, &before, &after);
        }
        self.take("at once", after.audit_notifications(&self.circumstances()));
        self.bench.close_servers(false);
        self.recover();
        self.judge_recovery(&ran, &before);
    }

    fn draw(&mut self, card: usize) -> Operation {
        Operation::draw(&self.bench, card, &mut self.random, self.round)
    }

    /// A moment up to a little after the end of a command.
    fn moment(&mut self, kind: Kind) -> Duration {
        let most = self.bench.typical(kind) * 11 / 10;
        Duration::from_micros(self.random.below(usize::try_from(most.as_micros()).unwrap_or(1).max(1)) as u64)
    }

    /// Runs all of them at once, and kills each at a moment of its own.
    fn kill(&mut self, operations: Vec<Operation>) -> Vec<(Operation, Ran)> {
        let start = |operation: Operation| {
            let process = self.bench.start(&operation);
            let moment = process.started + self.moment(operation.kind);
            Doomed { operation, process, moment }
        };
        let mut doomed: Vec<Doomed> = operations.into_iter().map(start).collect();
        doomed.sort_by_key(|one| one.moment);
        let ran: Vec<(Operation, Ran)> =
            doomed.into_iter().map(|mut one| (one.operation, one.process.kill_at(one.moment))).collect();
        for (operation, ran) in &ran {
            self.told.counts.entry(operation.kind).or_default()[usize::from(ran.code.is_some())] += 1;
            if ran.code.is_some() {
                self.bench.took(operation.kind, ran.took);
            }
        }
        ran
    }

    /// What was told, the card and the journal agree.
    fn judge(&mut self, operation: &Operation, ran: &Ran, before: &Books, after: &Books) {
        let (Some(goal), Some(card)) = (operation.goal.clone(), operation.card) else { return };
        let eid = self.bench.eid(card);
        match Verdict::of(ran.code, &ran.document) {
            Ok(verdict) => {
                let found = Statement { goal, eid: &eid, verdict, before, after }.audit();
                self.take(&format!("{operation} ({:?} after {:?})", ran.code, ran.took), found);
            }
            Err(why) => self.check(false, &format!("{operation}: {why} {}", ran.err)),
        }
    }

    /// Has it found out, and sometimes kills that, too.
    fn recover(&mut self) {
        while self.random.once_in(3) {
            self.kill(vec![Operation::recover()]);
            let found = self.bench.books().audit_notifications(&self.circumstances());
            self.take("after a recovery that was killed", found);
        }
        let start = Instant::now();
        let ran = self.bench.start(&Operation::recover()).wait();
        self.bench.took(Kind::Recover, start.elapsed());
        self.check(ran.code == Some(0), &format!("recover fails: {} {}", ran.document, ran.err));
        let after = self.bench.books();
        self.take("by recover", audit_recovery(&ran.document, &after));
    }

    /// Nothing is open any more, and what the journal says is so.
    fn judge_recovery(&mut self, ran: &[(Operation, Ran)], before: &Books) {
        let after = self.bench.books();
        for (operation, _) in ran {
            let (Some(goal), Some(card)) = (operation.goal.clone(), operation.card) else { continue };
            let eid = self.bench.eid(card);
            let found = Statement { goal, eid: &eid, verdict: Verdict::Silent, before, after: &after }.audit();
            self.take(&format!("{operation}, recovered"), found);
        }
        let open: Vec<i64> = after.journal.iter().filter(|line| line.is_open()).map(|line| line.id).collect();
        self.check(open.is_empty(), &format!("recover left entries open: {open:?}"));
        self.take("after the recovery", after.audit_notifications(&self.circumstances()));
    }

    /// All is delivered, and each notification is where it is for.
    fn deliver(&mut self) {
        if self.random.once_in(2) {
            self.kill(vec![Operation::outbox()]);
        }
        for operation in std::iter::once(Operation::outbox()).chain((0..CARDS).map(Operation::send)) {
            let ran = self.bench.start(&operation).wait();
            self.bench.took(operation.kind, ran.took);
            self.check(ran.code == Some(0), &format!("{operation} fails: {} {}", ran.document, ran.err));
        }
        let end = self.bench.books().audit_end(&self.circumstances());
        self.take("in the end", end);
    }
}
