//! One case: something goes wrong, and what was said, what is, and what is left to do are held against each other.

use manager::virtual_servers::OrderState;
use serde_json::Value;
use sgp22::es10b::BppErrorReason;

use crate::carrier::Carrier;
use crate::case::{Baseline, Case, Channel, Operation};
use crate::world::{BASE, Ran, TOKEN, Templates, World};

/// What the user was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    Done,
    NotDone,
    Unknown,
    /// The program was killed before it could say anything.
    Nothing,
}

/// What a case came to.
pub struct Judged {
    pub told: Told,
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
    let card = world.card();
    let profile = |token| {
        let iccid = world.order(token).iccid;
        card.profiles.iter().find(move |profile| profile.iccid == iccid)
    };
    match operation {
        Operation::Download => profile(TOKEN).is_some(),
        Operation::Enable => profile(BASE).is_some_and(|profile| profile.enabled),
        Operation::Delete => profile(BASE).is_none(),
        Operation::Send => world.not_received().is_empty() && card.notifications.is_empty(),
        Operation::Outbox => world.not_received().is_empty(),
        Operation::Recover => !world.journal().iter().any(|entry| entry.outcome.as_deref() != Some("done")),
    }
}

/// True if it is about a profile, and can be asked for again.
fn has_goal(operation: Operation) -> bool {
    matches!(operation, Operation::Download | Operation::Enable | Operation::Delete)
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

    fn nothing_is_lost(&mut self, when: &str) {
        let lost = self.world.lost();
        self.check(lost.is_empty(), || format!("{when}, notifications {lost:?} are lost"));
    }

    /// The operation with what goes wrong, and then the recovery.
    fn run(&mut self) -> Told {
        let Self { case, world, .. } = *self;
        let before = (world.profiles(), world.journal().len());
        world.break_at(case);
        let ran = world.run(&texts(&world.arguments(case.operation)));
        world.mend(case);
        let told = self.told(&ran);
        self.is_true(told, &ran, &before.0);
        self.nothing_is_lost("at once");
        let promised = self.recover(before.1, &ran);
        self.retry(told, promised.or_else(|| code_of(&ran.document)).as_deref(), &ran);
        told
    }

    fn told(&mut self, ran: &Ran) -> Told {
        let killed = self.case.kind.starts_with("kill");
        self.check(killed || ran.code.is_some(), || format!("it died: {}", ran.told()));
        let state = ran.document["error"]["state"].as_str();
        match (ran.code, state) {
            (None, _) => Told::Nothing,
            (Some(0), _) if ran.document["data"]["entries"][0]["finding"] == "unknown" => Told::Unknown,
            (Some(0), _) | (_, Some("done")) => Told::Done,
            (_, Some("not_done" | "unchanged")) => Told::NotDone,
            (Some(6), Some("unknown")) => Told::Unknown,
            _ => {
                self.wrong.push(format!("it says nothing that can be understood: {}", ran.told()));
                Told::Unknown
            }
        }
    }

    /// What the user was told is so.
    fn is_true(&mut self, told: Told, ran: &Ran, before: &[(String, bool)]) {
        let (done, now) = (is_done(self.world, self.case.operation), self.world.profiles());
        match told {
            // What was accepted can stay on the card for a while.
            Told::Done if self.case.operation == Operation::Send => {
                let left = self.world.not_received();
                self.check(left.is_empty(), || format!("said to be sent, and {left:?} are not: {}", ran.told()));
            }
            Told::Done => self.check(done, || format!("said to be done, and is not: {}", ran.told())),
            Told::NotDone if has_goal(self.case.operation) => {
                self.check(!done, || format!("said not to be done, and is: {}", ran.told()));
                self.check(now == before, || {
                    format!("said to be as before, and {before:?} is {now:?}: {}", ran.told())
                });
            }
            _ => {}
        }
    }

    /// Has it found out; gives what is said about the activation code.
    fn recover(&mut self, entries_before: usize, ran: &Ran) -> Option<String> {
        let world = self.world;
        let recovered = world.run(&["recover"]);
        self.check(recovered.code == Some(0), || format!("recover fails: {}", recovered.told()));
        let done = is_done(world, self.case.operation);
        let entries = recovered.document["data"]["entries"].as_array().cloned().unwrap_or_default();
        for entry in &entries {
            let right = entry["finding"] == if done { "done" } else { "not_done" };
            self.check(right, || format!("recover is wrong (done: {done}): {entry}; before: {}", ran.told()));
        }
        let journal = world.journal();
        for entry in journal.iter().take(journal.len() - entries_before) {
            let right = entry.outcome.as_deref() == Some(if done { "done" } else { "not_done" });
            self.check(right, || format!("the journal is wrong (done: {done}): {entry:?}; before: {}", ran.told()));
        }
        self.nothing_is_lost("after the recovery");
        let next = entries.iter().find_map(|entry| entry["next"].as_str())?;
        if next.contains("as good as before") {
            return Some("good".into());
        }
        let promises = ["works again, on this card", "Try the same code again, on this card"];
        promises.iter().any(|promise| next.contains(promise)).then(|| "this_card".into())
    }

    /// What was not done can be done now; `code` is what was said about the activation code.
    fn retry(&mut self, told: Told, code: Option<&str>, before: &Ran) {
        let Self { case, world, .. } = *self;
        if is_done(world, case.operation) || !has_goal(case.operation) {
            return;
        }
        let state = world.order(TOKEN).state;
        if case.operation == Operation::Download {
            let right = match code {
                Some("good") => state == OrderState::Released,
                Some("this_card") => matches!(state, OrderState::Released | OrderState::Downloaded),
                Some("spent") => state == OrderState::Error,
                _ => told != Told::NotDone || code.is_some(),
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
        let left = world.not_received();
        self.check(left.is_empty(), || format!("in the end, the server has not received {left:?}"));
        let queue = world.card().notifications.len();
        self.check(queue == 0, || format!("in the end, {queue} notifications are on the card"));
        self.received();
        let again = world.run(&["recover"]).document["data"]["entries"].clone();
        self.check(again == Value::Array(Vec::new()), || format!("in the end, the journal has open entries: {again}"));
        let (order, expected) = match case.operation {
            Operation::Download if is_done(world, case.operation) => (world.order(TOKEN), OrderState::Installed),
            Operation::Download => (world.order(TOKEN), OrderState::Error),
            Operation::Delete => (world.order(BASE), OrderState::Deleted),
            Operation::Enable | Operation::Send | Operation::Outbox | Operation::Recover => {
                (world.order(BASE), OrderState::Enabled)
            }
        };
        self.check(order.state == expected, || format!("in the end, the order is {}, not {expected}", order.state));
        case.operation == Operation::Download && expected == OrderState::Error
    }

    /// What the server has received is genuine, has come once or with good reason twice, and tells of no package that was
    /// loaded twice.
    fn received(&mut self) {
        let Self { case, world, .. } = *self;
        let twice = case.channel == Channel::Http;
        for one in world.smdp.notifications() {
            self.check(one.signature_is_right, || format!("the server does not believe {one:?}"));
            self.check(one.times <= if twice { 2 } else { 1 }, || format!("it came too often: {one:?}"));
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
