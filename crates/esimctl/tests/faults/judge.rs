//! One case: something goes wrong, and what was said, what is, and what is left to do are held against each other.

use ledger::{Books, Circumstances, Discrepancy, JournalLine, Statement, Verdict, audit_recovery};
use manager::virtual_servers::OrderState;
use serde_json::Value;
use sgp22::es10b::BppErrorReason;

use crate::carrier::Carrier;
use crate::case::{Baseline, Case, Channel, Operation};
use crate::common::EID;
use crate::world::{BASE, Ran, TOKEN, Templates, World};

/// What a case came to.
pub struct Judged {
    pub told: Verdict,
    /// The activation code did not work again.
    pub code_lost: bool,
    /// What must not be; empty if all is well.
    pub wrong: Vec<String>,
}

/// Counts what an operation takes of card and server when nothing goes wrong.
pub fn baseline(templates: &Templates, carrier: Carrier, operation: Operation) -> Baseline {
    let world = templates.world(operation, carrier);
    world.count();
    let ran = world.run(&texts(&world.arguments(operation)));
    assert_eq!(ran.code, Some(0), "{operation}: {}", ran.told());
    assert!(is_done(&world, operation), "{operation}");
    let apdus = world.counted();
    Baseline { carrier, operation, apdus, exchanges: world.exchanges() }
}

pub fn judge(templates: &Templates, case: &Case) -> Judged {
    let world = templates.world(case.operation, case.carrier);
    let mut trial = Trial { case, world: &world, wrong: Vec::new() };
    let told = trial.run();
    let code_lost = trial.end();
    Judged { told, code_lost, wrong: trial.wrong }
}

fn texts(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

/// Whether what the operation is for holds, by the card's memory and the server's.
fn is_done(world: &World, operation: Operation) -> bool {
    let books = world.books();
    if let Some(goal) = world.goal(operation) {
        return goal.holds(&books.card(EID));
    }
    let has_all = world.not_received().is_empty();
    match operation {
        Operation::Send => has_all && books.card(EID).waiting.is_empty(),
        Operation::Outbox => has_all,
        _ => books.journal.iter().all(|line| line.outcome.as_deref() == Some("done")),
    }
}

/// What the ledger is to know of the case.
fn circumstances(case: &Case) -> Circumstances {
    let mut circumstances = Circumstances::default();
    match (case.channel, case.kind) {
        (_, "kill" | "kill-before") => circumstances.kills = 1,
        (Channel::Http, "duplicate") => circumstances.duplicated_requests = 1,
        // Whatever is asked has little time then, and a machine may be busy.
        (Channel::Http, "delay") => circumstances.lost_answers = 9,
        (Channel::Http, _) => circumstances.lost_answers = 1,
        (Channel::Apdu, _) => {}
    }
    circumstances
}

/// The verdict of a run. What `recover` finds out is told by its entries.
fn verdict(ran: &Ran) -> Result<Verdict, String> {
    if ran.code == Some(6) && ran.document["data"]["entries"][0]["finding"] == "unknown" {
        return Ok(Verdict::Unknown);
    }
    Verdict::of(ran.code, &ran.document)
}

struct Trial<'a> {
    case: &'a Case,
    world: &'a World,
    wrong: Vec<String>,
}

impl Trial<'_> {
    fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.wrong.push(what());
        }
    }

    /// Takes what the ledger has found.
    fn take(&mut self, when: &str, found: Vec<Discrepancy>) {
        self.wrong.extend(found.iter().map(|discrepancy| format!("{when}: {discrepancy}")));
    }

    /// The operation with what goes wrong, and then the recovery.
    fn run(&mut self) -> Verdict {
        let Self { case, world, .. } = *self;
        let before = world.books();
        world.break_at(case);
        let ran = world.run(&texts(&world.arguments(case.operation)));
        world.mend(case);
        let told = self.told(&ran);
        let books = world.books();
        self.is_true(told, &ran, &before, &books);
        self.take("at once", books.audit_notifications(&circumstances(case)));
        let promised = self.recover(&before, &ran);
        self.retry(told, promised.or_else(|| code_of(&ran.document)).as_deref(), &ran);
        told
    }

    fn told(&mut self, ran: &Ran) -> Verdict {
        let killed = self.case.kind.starts_with("kill");
        self.check(killed || ran.code.is_some(), || format!("it died: {}", ran.told()));
        verdict(ran).unwrap_or_else(|why| {
            self.wrong.push(format!("it says nothing that can be understood: {why}: {}", ran.err));
            Verdict::Unknown
        })
    }

    /// What the user was told is so.
    fn is_true(&mut self, told: Verdict, ran: &Ran, before: &Books, after: &Books) {
        let Self { case, world, .. } = *self;
        match (world.goal(case.operation), told) {
            (Some(goal), verdict) => {
                let found = Statement { goal, eid: EID, verdict, before, after }.audit();
                self.take(&format!("told {}", ran.told()), found);
            }
            // What was accepted can stay on the card for a while.
            (None, Verdict::Done) if case.operation == Operation::Send => {
                let left = world.not_received();
                self.check(left.is_empty(), || format!("said to be sent, and {left:?} are not: {}", ran.told()));
            }
            (None, Verdict::Done) => {
                let done = is_done(world, case.operation);
                self.check(done, || format!("said to be done, and is not: {}", ran.told()));
            }
            (None, _) => {}
        }
    }

    /// Has it found out; gives what is said about the activation code.
    fn recover(&mut self, before: &Books, ran: &Ran) -> Option<String> {
        let Self { case, world, .. } = *self;
        let recovered = world.run(&["recover"]);
        self.check(recovered.code == Some(0), || format!("recover fails: {}", recovered.told()));
        let after = world.books();
        let when = format!("after the recovery from {}", ran.told());
        self.take(&when, audit_recovery(&recovered.document, &after));
        self.take(&when, after.audit_notifications(&circumstances(case)));
        if let Some(goal) = world.goal(case.operation) {
            self.take(&when, Statement { goal, eid: EID, verdict: Verdict::Silent, before, after: &after }.audit());
        } else {
            let done = is_done(world, case.operation);
            self.check(case.operation != Operation::Recover || done, || format!("{when}: {:?}", after.journal));
        }
        // A step on the way can be moot by then, but what it led to cannot.
        let settled = |line: &JournalLine| matches!(line.outcome.as_deref(), Some("done" | "not_done"));
        let is_settled = after.journal.iter().all(|line| !line.is_open()) && after.journal.last().is_none_or(settled);
        self.check(is_settled, || format!("{when}, the journal is not settled: {:?}", after.journal));
        code_after_recovery(&recovered.document)
    }

    /// What was not done can be done now; `code` is what was said about the activation code.
    fn retry(&mut self, told: Verdict, code: Option<&str>, before: &Ran) {
        let Self { case, world, .. } = *self;
        if is_done(world, case.operation) || world.goal(case.operation).is_none() {
            return;
        }
        let state = world.order(TOKEN).state;
        if case.operation == Operation::Download {
            let right = match code {
                Some("good") => state == OrderState::Released,
                Some("this_card") => matches!(state, OrderState::Released | OrderState::Downloaded),
                Some("spent") => state == OrderState::Error,
                _ => told != Verdict::NotDone || code.is_some(),
            };
            self.check(right, || format!("the code is said to be {code:?}, the order is {state}: {}", before.told()));
        }
        let ran = world.run(&texts(&world.arguments(case.operation)));
        let is_there =
            case.operation != Operation::Download || matches!(state, OrderState::Released | OrderState::Downloaded);
        self.check(!is_there || ran.code == Some(0), || {
            format!("it does not work again: {}; before (order {state}): {}", ran.told(), before.told())
        });
    }

    /// All is delivered, and then card, journal and server agree. True if the activation code is lost.
    fn end(&mut self) -> bool {
        let Self { case, world, .. } = *self;
        for arguments in [["outbox", "send"].as_slice(), &["notifications", "send", "--all"]] {
            let sent = world.run(arguments);
            self.check(sent.code == Some(0), || format!("{arguments:?} fails in the end: {}", sent.told()));
        }
        self.take("in the end", world.books().audit_end(&circumstances(case)));
        self.received();
        let again = world.run(&["recover"]).document["data"]["entries"].clone();
        self.check(again == Value::Array(Vec::new()), || format!("in the end, the journal has open entries: {again}"));
        let (order, expected) = match case.operation {
            Operation::Download if is_done(world, case.operation) => (world.order(TOKEN), OrderState::Installed),
            Operation::Download => (world.order(TOKEN), OrderState::Error),
            Operation::Delete | Operation::DeleteEnabled | Operation::Reset => (world.order(BASE), OrderState::Deleted),
            Operation::Disable => (world.order(BASE), OrderState::Disabled),
            Operation::Rename => (world.order(BASE), OrderState::Installed),
            Operation::Enable | Operation::Send | Operation::Outbox | Operation::Recover => {
                (world.order(BASE), OrderState::Enabled)
            }
        };
        self.check(order.state == expected, || format!("in the end, the order is {}, not {expected}", order.state));
        case.operation == Operation::Download && expected == OrderState::Error
    }

    /// What the server has received tells of no package that was loaded twice.
    fn received(&mut self) {
        let Self { case, world, .. } = *self;
        for one in world.smdp.notifications() {
            let interrupted = |(_, reason)| reason == BppErrorReason::Interruption.code();
            let explained = one.failure.is_none_or(interrupted) || case.kind == "duplicate";
            self.check(explained, || format!("the card did not like what it was sent: {one:?}"));
        }
    }
}

/// What the document says about the activation code.
fn code_of(document: &Value) -> Option<String> {
    document["error"]["code"].as_str().map(str::to_owned)
}

/// What `recover` says about the activation code.
fn code_after_recovery(document: &Value) -> Option<String> {
    let next = document["data"]["entries"].as_array()?.iter().find_map(|entry| entry["next"].as_str())?;
    if next.contains("as good as before") {
        return Some("good".into());
    }
    let promises = ["works again, on this card", "Try the same code again, on this card"];
    promises.iter().any(|promise| next.contains(promise)).then(|| "this_card".into())
}
