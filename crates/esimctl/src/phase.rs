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

/// The text while no network has taken a switch yet: the first signal undoes it.
const GOING_BACK: &str = "signal-going-back";

/// The text while a switch that is to be undone is prepared, made, or looked at.
const PROMISED: &str = "signal-promised";

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
            // A network is waited for on a promise alone. Now that it has ended, what it left is delivered.
            Self::AwaitingNetwork | Self::Delivering => Some("signal-delivering"),
            Self::Asking | Self::Serving => None,
        }
    }

    /// The text that tells what a signal does while a switch is to be undone unless a network takes it.
    const fn answer_with_promise(self) -> &'static str {
        match self {
            Self::AwaitingModem | Self::AwaitingNetwork => GOING_BACK,
            _ => PROMISED,
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

/// Says what a signal does while a switch is to be undone unless a network takes it, and that no signal stops that.
pub(crate) fn tell_promised() {
    tell(Phase::now().answer_with_promise());
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
            for key in phase.answer().into_iter().chain([phase.answer_with_promise()]) {
                for locale in ["en", "zh-CN"] {
                    let path = format!("{}/../manager/locales/{locale}/errors.ftl", env!("CARGO_MANIFEST_DIR"));
                    let texts = std::fs::read_to_string(path).unwrap_or_default();
                    assert!(texts.contains(&format!("\n{key} = ")), "{locale}: {key}");
                }
            }
        }
    }

    #[test]
    fn going_back_is_said_only_while_that_is_done() {
        for phase in PHASES {
            let goes_back = matches!(phase, Phase::AwaitingModem | Phase::AwaitingNetwork);
            assert_eq!(phase.answer_with_promise() == GOING_BACK, goes_back, "{phase:?}");
            assert_ne!(phase.answer(), Some(GOING_BACK), "{phase:?}: nothing is promised");
        }
        // A network has taken the modem, and the phase is still the one before.
        assert_eq!(Phase::AwaitingNetwork.answer(), Phase::Delivering.answer());
    }
}
