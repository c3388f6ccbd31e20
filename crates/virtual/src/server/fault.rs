//! What goes wrong once, with one HTTP exchange.

use std::str::FromStr;
use std::sync::Mutex;
use std::time::Duration;

use super::{HttpAnswer, held};

/// What can happen to an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The connection is closed before the request is handled.
    RequestLost,
    /// The request is handled, and the connection closed without an answer.
    ReplyLost,
    /// The connection is closed in the middle of the answer.
    Cut,
    /// The body of the answer is random bytes.
    Garbage,
    /// The request is handled twice; the second answer goes out.
    Duplicate,
    /// The answer comes so much later.
    Delay(Duration),
    /// The server's process is killed after the request was handled.
    Kill,
}

/// Each kind by its name, and what it does.
pub const FAULT_KINDS: [(&str, &str); 7] = [
    ("request-lost", "closes the connection before the request is handled"),
    ("reply-lost", "handles the request, and closes the connection without an answer"),
    ("cut", "closes the connection in the middle of the answer"),
    ("garbage", "answers random bytes"),
    ("duplicate", "handles the request twice, and gives the second answer"),
    ("delay=MILLISECONDS", "handles the request, and answers so much later (60000 without a number)"),
    ("kill", "handles the request, and ends with SIGKILL"),
];

/// Longer than a client waits.
const LONG: Duration = Duration::from_secs(60);

/// A fault and the exchange that it happens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// The number of the exchange, from 1.
    pub at: u64,
}

/// Why a text names no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no fault: request-lost, reply-lost, cut, garbage, duplicate, delay[=MILLISECONDS] or kill, then @ and the number of the exchange"
)]
pub struct FaultError(String);

impl FromStr for Fault {
    type Err = FaultError;

    /// Reads `KIND@N`.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let error = || FaultError(text.into());
        let (kind, at) = text.split_once('@').ok_or_else(error)?;
        let at = at.parse().ok().filter(|at| *at > 0).ok_or_else(error)?;
        let kind = match kind {
            "request-lost" => FaultKind::RequestLost,
            "reply-lost" => FaultKind::ReplyLost,
            "cut" => FaultKind::Cut,
            "garbage" => FaultKind::Garbage,
            "duplicate" => FaultKind::Duplicate,
            "delay" => FaultKind::Delay(LONG),
            "kill" => FaultKind::Kill,
            other => {
                let milliseconds = other.strip_prefix("delay=").and_then(|number| number.parse().ok());
                FaultKind::Delay(Duration::from_millis(milliseconds.ok_or_else(error)?))
            }
        };
        Ok(Self { kind, at })
    }
}

/// How an exchange ended, for whoever brings the answer to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// This is the answer.
    Answer(HttpAnswer),
    /// Half of this answer goes out, then the connection is closed.
    Cut(HttpAnswer),
    /// This answer goes out after so long.
    Late(HttpAnswer, Duration),
    /// The connection is closed.
    Closed,
    /// The process is to be killed.
    Killed,
}

/// The faults that are still to come, and how many exchanges there were.
#[derive(Debug, Default)]
pub(crate) struct FaultPlan(Mutex<(u64, Vec<Fault>)>);

impl FaultPlan {
    pub(crate) fn of(faults: Vec<Fault>) -> Self {
        Self(Mutex::new((0, faults)))
    }

    pub(crate) fn add(&self, fault: Fault) {
        held(&self.0).1.push(fault);
    }

    /// Requests so far.
    pub(crate) fn exchanges(&self) -> u64 {
        held(&self.0).0
    }

    fn next(&self) -> Option<FaultKind> {
        let mut plan = held(&self.0);
        plan.0 += 1;
        let now = plan.0;
        let index = plan.1.iter().position(|fault| fault.at == now)?;
        Some(plan.1.remove(index).kind)
    }

    /// Has the request handled, with the fault that is due.
    pub(crate) fn run(&self, handle: impl Fn() -> HttpAnswer) -> Outcome {
        match self.next() {
            None => Outcome::Answer(handle()),
            Some(FaultKind::RequestLost) => Outcome::Closed,
            Some(FaultKind::ReplyLost) => {
                handle();
                Outcome::Closed
            }
            Some(FaultKind::Cut) => Outcome::Cut(handle()),
            Some(FaultKind::Garbage) => {
                let mut answer = handle();
                answer.status = 200;
                answer.body = vec![0; answer.body.len().max(64)];
                // Without random numbers zeros are garbage, too.
                let _ = getrandom::fill(&mut answer.body);
                Outcome::Answer(answer)
            }
            Some(FaultKind::Duplicate) => {
                handle();
                Outcome::Answer(handle())
            }
            Some(FaultKind::Delay(time)) => Outcome::Late(handle(), time),
            Some(FaultKind::Kill) => {
                handle();
                Outcome::Killed
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read() {
        let read = |text: &str| text.parse::<Fault>();
        assert_eq!(read("cut@3"), Ok(Fault { kind: FaultKind::Cut, at: 3 }));
        assert_eq!(read("delay=5@1").unwrap().kind, FaultKind::Delay(Duration::from_millis(5)));
        assert_eq!(read("delay@1").unwrap().kind, FaultKind::Delay(LONG));
        for wrong in ["", "cut", "cut@0", "cut@x", "cuts@1", "delay=@1", "cut=5@1"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_fault_happens_once_at_its_exchange() {
        let plan = FaultPlan::of(vec!["request-lost@2".parse().unwrap(), "duplicate@3".parse().unwrap()]);
        let handled = std::cell::Cell::new(0);
        let exchange = || {
            plan.run(|| {
                handled.set(handled.get() + 1);
                HttpAnswer::no_content()
            })
        };
        assert_eq!(exchange(), Outcome::Answer(HttpAnswer::no_content()));
        assert_eq!((exchange(), handled.get()), (Outcome::Closed, 1));
        assert_eq!((exchange(), handled.get()), (Outcome::Answer(HttpAnswer::no_content()), 3));
        assert_eq!((exchange(), handled.get()), (Outcome::Answer(HttpAnswer::no_content()), 4));
        assert_eq!(plan.exchanges(), 4);
    }
}
