//! What the program is at, so that a signal can be answered with what it does just now.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use manager::card::Step;
use manager::words;

/// What the program is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// Reading or changing a card.
    Working,
    /// Waiting for a person's answer.
    Asking,
    /// Card and server talk to each other, and nothing is loaded yet.
    Session,
    /// The card loads a profile.
    Loading,
    /// The card is read again, and what it has for servers is delivered.
    Finishing,
    /// A modem is waited for.
    AwaitingModem,
    /// A network is waited for, or the former profile is gone back to.
    AwaitingNetwork,
    /// Notifications are delivered.
    Delivering,
    /// A virtual card, modem or server is there for other programs.
    Serving,
}

/// The text for a switch that is undone at the first signal.
const GOING_BACK: &str = "signal-going-back";

/// All phases, by their number.
const PHASES: [Phase; 9] = [
    Phase::Working,
    Phase::Asking,
    Phase::Session,
    Phase::Loading,
    Phase::Finishing,
    Phase::AwaitingModem,
    Phase::AwaitingNetwork,
    Phase::Delivering,
    Phase::Serving,
];

// A signal finds the process, and not a value that somebody hands around.
static PHASE: AtomicU8 = AtomicU8::new(Phase::Working as u8);

/// A bar stands on the terminal's line.
static LINE_IN_USE: AtomicBool = AtomicBool::new(false);

impl Phase {
    fn now() -> Self {
        PHASES.get(usize::from(PHASE.load(Ordering::SeqCst))).copied().unwrap_or(Self::Working)
    }

    /// The phase of a step of a download or a switch.
    pub(crate) fn of(step: Step) -> Self {
        match step {
            Step::Authenticating | Step::Asking | Step::Preparing | Step::Fetching | Step::Ending(_) => Self::Session,
            Step::Loading { .. } => Self::Loading,
            Step::Verifying => Self::Finishing,
            Step::AwaitingModem | Step::PowerCycling => Self::AwaitingModem,
            Step::AwaitingNetwork | Step::GoingBack => Self::AwaitingNetwork,
        }
    }

    /// The text that tells what the first signal does; `None` where that shows by itself.
    const fn answer(self) -> Option<&'static str> {
        match self {
            Self::Working => Some("signal-working"),
            Self::Session => Some("signal-session"),
            Self::Loading => Some("signal-loading"),
            Self::Finishing => Some("signal-finishing"),
            Self::AwaitingModem => Some("signal-awaiting-modem"),
            Self::AwaitingNetwork => Some(GOING_BACK),
            Self::Delivering => Some("signal-delivering"),
            Self::Asking | Self::Serving => None,
        }
    }
}

/// Enters a phase; gives the one before.
pub(crate) fn enter(phase: Phase) -> Phase {
    let before = Phase::now();
    PHASE.store(phase as u8, Ordering::SeqCst);
    before
}

/// Notes whether a bar stands on the terminal's line.
pub(crate) fn use_line(used: bool) {
    LINE_IN_USE.store(used, Ordering::SeqCst);
}

/// Says what the first signal does.
pub(crate) fn tell_stopping() {
    if let Some(key) = Phase::now().answer() {
        tell(key);
    }
}

/// Says that the former profile is gone back to, and that no signal stops that.
pub(crate) fn tell_going_back() {
    tell(GOING_BACK);
}

/// Says what the second signal does: the process ends at once.
pub(crate) fn tell_ending() {
    if Phase::now() != Phase::Serving {
        tell("signal-ending");
    }
}

/// Prints a text on a line of its own: terminals show the key that was pressed, and a bar may stand there.
fn tell(key: &str) {
    let mut beside = std::io::stderr().lock();
    let line = if beside.is_terminal() || LINE_IN_USE.load(Ordering::SeqCst) { "\n" } else { "" };
    // Nobody may be there any more: what is said is a courtesy.
    let _ = writeln!(beside, "{line}{}", words::text(key, &[])).and_then(|()| beside.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_has_its_number_and_its_words_in_both_languages() {
        for (number, phase) in PHASES.into_iter().enumerate() {
            assert_eq!(usize::from(phase as u8), number);
            let Some(key) = phase.answer() else { continue };
            for locale in ["en", "zh-CN"] {
                let path = format!("{}/../manager/locales/{locale}/errors.ftl", env!("CARGO_MANIFEST_DIR"));
                let texts = std::fs::read_to_string(path).unwrap_or_default();
                assert!(texts.contains(&format!("\n{key} = ")), "{locale}: {key}");
            }
        }
    }
}
