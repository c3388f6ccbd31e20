//! What the signals of the user and of the system do to a command.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use manager::error::Exit;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::phase;

/// What is done about a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reaction {
    /// The command is asked for a clean end.
    Ask,
    /// The process ends at once, and then nobody knows.
    End,
    /// Nothing.
    Ignore,
}

/// The first signal asks for a clean end; the second one ends at once. While a switch waits to be kept or undone
/// (`uninterruptible`), a hang-up is nothing, since that is what the promise is for, and a further signal does not stop
/// going back.
fn reaction(signal: i32, asked: bool, uninterruptible: bool) -> Reaction {
    match (uninterruptible, asked) {
        (true, _) if signal == SIGHUP => Reaction::Ignore,
        (true, true) => Reaction::Ignore,
        (_, false) => Reaction::Ask,
        (false, true) => Reaction::End,
    }
}

/// Watches the signals on a thread of its own. Each is answered with what it does.
pub(crate) fn watch(interrupt: &Arc<AtomicBool>, uninterruptible: &Arc<AtomicBool>) {
    let (interrupt, uninterruptible) = (interrupt.clone(), uninterruptible.clone());
    let mut signals = match Signals::new([SIGINT, SIGTERM, SIGHUP]) {
        Ok(signals) => signals,
        Err(error) => return log::debug!("signals cannot be watched: {error}"),
    };
    std::thread::spawn(move || {
        // Who asked to go back waits for that, and for what is said about it afterwards.
        let mut goes_back = false;
        for signal in signals.forever() {
            let promised = uninterruptible.load(Ordering::SeqCst);
            match reaction(signal, interrupt.load(Ordering::SeqCst), goes_back || promised) {
                Reaction::Ask => {
                    goes_back = promised;
                    interrupt.store(true, Ordering::SeqCst);
                    if promised { phase::tell_promised() } else { phase::tell_stopping() }
                }
                Reaction::End => {
                    phase::tell_ending();
                    signal_hook::low_level::exit(Exit::Unknown as i32);
                }
                Reaction::Ignore if signal == SIGHUP => {}
                Reaction::Ignore if promised => phase::tell_promised(),
                // It has gone back by now, and says so in a moment.
                Reaction::Ignore => {}
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_signal_asks_and_the_second_one_ends() {
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            assert_eq!(reaction(signal, false, false), Reaction::Ask);
            assert_eq!(reaction(signal, true, false), Reaction::End);
        }
    }

    #[test]
    fn a_promise_outlives_a_hang_up_and_a_second_signal() {
        assert_eq!(reaction(SIGHUP, false, true), Reaction::Ignore);
        assert_eq!(reaction(SIGHUP, true, true), Reaction::Ignore);
        for signal in [SIGINT, SIGTERM] {
            assert_eq!(reaction(signal, false, true), Reaction::Ask);
            assert_eq!(reaction(signal, true, true), Reaction::Ignore);
        }
    }
}
