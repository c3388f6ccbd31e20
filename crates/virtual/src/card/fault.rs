//! One-shot faults: what goes wrong once, at a certain command, and never again.
//!
//! A fault counts down in the card's state and is gone from it before it strikes: a process that starts over after it
//! finds a card that behaves.

use std::str::FromStr;

use sgp22::transport::{TransportError, TransportErrorKind};

use super::VirtualCard;
use super::quirk::{ChosenQuirk, Quirk};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// The card never gets the command.
    RequestLost,
    /// The card carries the command out, and the answer is lost.
    ReplyLost,
    /// As before, and the card loses power.
    Cut,
    /// The answer is random bytes, with a status word that says so.
    Garbage,
    /// The card gets the command twice; the second answer counts.
    Duplicate,
    /// The answer comes too late.
    Delay,
    /// The process is killed before it sees the answer.
    Kill,
    /// The process is killed before the card gets the command.
    KillBefore,
    /// The card is taken out of the reader before it gets the command.
    Unplugged,
}

impl FaultKind {
    const NAMES: [(&'static str, Self); 9] = [
        ("request-lost", Self::RequestLost),
        ("reply-lost", Self::ReplyLost),
        ("cut", Self::Cut),
        ("garbage", Self::Garbage),
        ("duplicate", Self::Duplicate),
        ("delay", Self::Delay),
        ("kill", Self::Kill),
        ("kill-before", Self::KillBefore),
        ("unplugged", Self::Unplugged),
    ];

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// A fault and when it strikes: `KIND@N`, at the N-th command from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    kind: FaultKind,
    countdown: u32,
}

impl Fault {
    /// What is wanted of the parameter.
    pub(super) const WANTED: &'static str = "KIND@N: request-lost, reply-lost, cut, garbage, duplicate, delay, kill, \
                                             kill-before or unplugged, and a number from 1";
}

impl FromStr for Fault {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (name, number) = text.split_once('@').ok_or(())?;
        let (_, kind) = FaultKind::NAMES.into_iter().find(|(known, _)| *known == name).ok_or(())?;
        let countdown = number.parse().ok().filter(|number| *number > 0).ok_or(())?;
        Ok(Self { kind, countdown })
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.kind.name(), self.countdown)
    }
}

impl VirtualCard {
    /// The fault that strikes at this command.
    pub(super) fn next_fault(&mut self) -> Option<FaultKind> {
        let fault: Fault = self.state.quirks.parameter(Quirk::Fault)?.parse().ok()?;
        let strikes = fault.countdown <= 1;
        let left = (!strikes).then(|| ChosenQuirk {
            which: Quirk::Fault,
            parameter: Some(Fault { countdown: fault.countdown - 1, ..fault }.to_string()),
        });
        self.state.quirks.replace_first(Quirk::Fault, left);
        // A card that cannot keep its state still fails as it was told to.
        let _ = self.keep();
        strikes.then_some(fault.kind)
    }

    /// Carries the command out with what goes wrong on the way.
    pub(super) fn fail(&mut self, fault: FaultKind, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        let lost = |detail: &str| TransportError::unsure(TransportErrorKind::Lost, detail);
        match fault {
            FaultKind::KillBefore if self.shares_process => return die(),
            FaultKind::KillBefore => self.power_up(),
            FaultKind::RequestLost => return Err(lost("the virtual card lost the command")),
            FaultKind::Unplugged => {
                self.removed = true;
                return Err(TransportError::unsure(TransportErrorKind::CardRemoved, "the virtual card was taken out"));
            }
            _ => {}
        }
        let answer = self.carry_out(command)?;
        match fault {
            FaultKind::Kill if self.shares_process => die(),
            FaultKind::Cut | FaultKind::Kill => {
                self.power_up();
                Err(lost("the virtual card lost power"))
            }
            FaultKind::Garbage => {
                let mut noise = vec![0; answer.len().max(4)];
                getrandom::fill(&mut noise).map_err(|_| lost("the virtual card lost its answer"))?;
                // Noise that passes for data (9000, 61xx) is none that anybody could tell.
                let sw1 = noise.len() - 2;
                noise[sw1] = if noise[sw1] & 0x7F == 0x61 { 0x71 } else { noise[sw1] & 0x7F };
                Ok(noise)
            }
            FaultKind::Duplicate => self.carry_out(command),
            FaultKind::Delay => {
                Err(TransportError::unsure(TransportErrorKind::Timeout, "the virtual card took too long"))
            }
            FaultKind::ReplyLost | FaultKind::RequestLost | FaultKind::KillBefore | FaultKind::Unplugged => {
                Err(lost("the virtual card lost its answer"))
            }
        }
    }
}

/// Ends the process as a crash does: nothing is cleaned up.
fn die() -> Result<Vec<u8>, TransportError> {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    Err(TransportError::unsure(TransportErrorKind::Lost, "the process was not killed"))
}
