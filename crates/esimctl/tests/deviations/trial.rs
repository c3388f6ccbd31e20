//! One case: four commands behind a modem that deviates, and the recovery behind one that does not.

use ledger::{Books, Circumstances, Discrepancy, Goal, JournalLine, Statement, Verdict, audit_recovery};
use serde_json::Value;

use crate::Case;
use crate::case::Operation;
use crate::common::{EID, TRAVEL};
use crate::expected::{Expected, expected};
use crate::world::{BASE, Ran, Templates, World};

/// What the user does, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    List,
    Enable,
    Download,
    Delete,
}

impl Step {
    const ALL: [Self; 4] = [Self::List, Self::Enable, Self::Download, Self::Delete];

    /// The name of the command.
    fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Enable => "enable",
            Self::Download => "download",
            Self::Delete => "delete",
        }
    }

    fn of(command: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == command)
    }
}

pub struct Trial {
    world: World,
    expected: Expected,
    wrong: Vec<String>,
}

impl Trial {
    pub fn new(templates: &Templates, case: &Case) -> Self {
        let world = templates.world(Operation::Enable, case.carrier);
        world.bend(case.chosen().as_deref().as_slice());
        let expected = case.quirk.map_or(Expected::Works, |quirk| expected(case.carrier, quirk));
        Self { world, expected, wrong: Vec::new() }
    }

    pub fn run(mut self) -> Vec<String> {
        for step in Step::ALL {
            self.step(step);
        }
        // Whatever was left open is in the way by now: the card has three channels more.
        if self.expected == Expected::Works {
            self.step(Step::List);
            self.step(Step::List);
        }
        self.world.bend(&[]);
        self.recover();
        self.deliver();
        self.wrong
    }

    fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.wrong.push(what());
        }
    }

    /// Takes what the ledger has found.
    fn take(&mut self, when: &str, found: Vec<Discrepancy>) {
        self.wrong.extend(found.iter().map(|discrepancy| format!("{when}: {discrepancy}")));
    }

    fn step(&mut self, step: Step) {
        let before = self.world.books();
        self.world.settle();
        let arguments = match step {
            Step::List => vec!["list".into()],
            Step::Enable => self.world.arguments(Operation::Enable),
            Step::Download => self.world.arguments(Operation::Download),
            Step::Delete => ["delete", TRAVEL, "--yes"].map(String::from).to_vec(),
        };
        let ran = self.world.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let after = self.world.books();
        self.is_expected(step, &ran);
        self.is_true(step, &ran, &before, &after);
        let when = format!("{step:?} ({})", ran.told());
        self.take(&when, after.audit_notifications(&Circumstances::default()));
    }

    fn is_expected(&mut self, step: Step, ran: &Ran) {
        let id = ran.document["error"]["id"].as_str().unwrap_or(if ran.code == Some(0) { "" } else { "nothing" });
        let fits = self.expected.has(step, id);
        self.check(fits, || format!("{step:?} was not expected to end with {id:?}: {}", ran.told()));
    }

    /// What the user was told is so.
    fn is_true(&mut self, step: Step, ran: &Ran, before: &Books, after: &Books) {
        let verdict = match Verdict::of(ran.code, &ran.document) {
            Ok(verdict) => verdict,
            Err(why) => return self.wrong.push(format!("{step:?}: {why}: {}", ran.err)),
        };
        let Some(goal) = self.goal(step) else {
            let (done, now) = (self.is_done(step, &ran.document), after.card(EID));
            self.check(done == (verdict == Verdict::Done), || format!("{step:?}: {now:?} is not {}", ran.told()));
            return;
        };
        let when = format!("{step:?} ({})", ran.told());
        self.take(&when, Statement { goal, eid: EID, verdict, before, after }.audit());
    }

    /// What the command is to bring about on the card.
    fn goal(&self, step: Step) -> Option<Goal> {
        match step {
            Step::List => None,
            Step::Enable => self.world.goal(Operation::Enable),
            Step::Download => self.world.goal(Operation::Download),
            Step::Delete => Some(Goal::Deleted(TRAVEL.into())),
        }
    }

    /// Whether what the command is for holds, by the card's memory.
    fn is_done(&self, step: Step, document: &Value) -> bool {
        let card = self.world.books().card(EID);
        let Some(goal) = self.goal(step) else {
            let told = |one: &Value| (one["iccid"].as_str().unwrap().to_owned(), one["state"] == "enabled");
            let there = card.profiles.iter().map(|profile| (profile.iccid.clone(), profile.enabled));
            return document["data"].as_array().is_some_and(|told_of| told_of.iter().map(told).eq(there));
        };
        goal.holds(&card)
    }

    /// Behind a modem that behaves, what was open is found out, and so it is.
    fn recover(&mut self) {
        let ran = self.world.run(&["recover"]);
        self.check(ran.code == Some(0), || format!("recover fails: {}", ran.told()));
        let finding = |done| if done { "done" } else { "not_done" };
        for entry in ran.document["data"]["entries"].as_array().into_iter().flatten() {
            let done = Step::of(entry["command"].as_str().unwrap()).map(|step| self.is_done(step, &Value::Null));
            self.check(done.is_some_and(|done| entry["finding"] == finding(done)), || {
                format!("recover is wrong (done: {done:?}): {entry}")
            });
        }
        let books = self.world.books();
        self.take("after the recovery", audit_recovery(&ran.document, &books));
        for entry in books.journal {
            let Some(step) = Step::of(&entry.command).filter(|_| self.is_ours(&entry)) else { continue };
            let done = self.is_done(step, &Value::Null);
            self.check(entry.outcome.as_deref() == Some(finding(done)), || {
                format!("the journal is wrong (done: {done}): {entry:?}")
            });
        }
    }

    /// The world begins with a download.
    fn is_ours(&self, entry: &JournalLine) -> bool {
        entry.command != "download" || entry.iccid.as_deref() != Some(&self.world.iccid(BASE)[..])
    }

    /// All notifications get to where they are for.
    fn deliver(&mut self) {
        for arguments in [["outbox", "send"].as_slice(), &["notifications", "send", "--all"], &["list"]] {
            let ran = self.world.run(arguments);
            self.check(ran.code == Some(0), || format!("{arguments:?} fails in the end: {}", ran.told()));
        }
        let end = self.world.books().audit_end(&Circumstances::default());
        self.take("in the end", end);
    }
}
