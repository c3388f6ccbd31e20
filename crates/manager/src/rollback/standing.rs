//! When a switch that was to be undone is due, and how long a network may still take.
//!
//! The clock on the wall decides nothing: it jumps, and many routers start with a wrong one. While the process that made
//! the promise lives, the clock of the boot counts, which nobody sets and which goes on asleep. Once that process is gone
//! (a kill, a crash, a reboot), nobody waits any more, and the switch is due, whatever the time. A process that cannot be
//! seen (of another user, or in another container) counts as living until the time is over, and as gone after that.

use std::time::Duration;

use crate::database::PendingRollback;
use crate::process::{self, Liveness};

/// The longest that a network is given once nobody waits any more: enough for a modem that has just started.
const MAX_SECOND_CHANCE: Duration = Duration::from_secs(30);

/// The standing of a switch that is still to be kept or undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The process that promised it waits for a network.
    Waiting,
    /// The process lives, but its time is over: it is going back, or hangs.
    Overdue,
    /// The promise is without a process: nobody waits any more.
    Due,
}

/// The system's present.
#[derive(Debug, Clone)]
pub(crate) struct Present {
    /// The boot that it runs since.
    pub(crate) boot: String,
    /// The time since that boot, sleep included.
    pub(crate) since_boot: Duration,
}

impl Present {
    pub(crate) fn now() -> Self {
        Self { boot: process::boot().unwrap_or_default(), since_boot: since_boot() }
    }

    /// The rest of the time, and never more than was given.
    fn left(&self, pending: &PendingRollback) -> Duration {
        let whole = Duration::from_secs(pending.seconds);
        if pending.boot != self.boot {
            // The modem started with the system, and so does its search for a network.
            return whole;
        }
        Duration::from_secs(pending.until).saturating_sub(self.since_boot).min(whole)
    }

    /// Judges how things stand. A process that cannot be seen from here waits, until its time is over.
    pub(crate) fn standing(&self, pending: &PendingRollback, process: Liveness) -> Standing {
        match (process, self.left(pending).is_zero()) {
            _ if pending.boot != self.boot => Standing::Due,
            (Liveness::Gone, _) | (Liveness::Unknown, true) => Standing::Due,
            (Liveness::Alive, true) => Standing::Overdue,
            (Liveness::Alive | Liveness::Unknown, false) => Standing::Waiting,
        }
    }

    /// The time in which a network may still take the modem before it is gone back.
    pub(crate) fn second_chance(&self, pending: &PendingRollback) -> Duration {
        self.left(pending).min(MAX_SECOND_CHANCE)
    }
}

/// Where the system does not say, all that is left of a time is left.
fn since_boot() -> Duration {
    Duration::from_secs(process::uptime().and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(boot: &str, until: u64, seconds: u64, deadline: &str) -> PendingRollback {
        PendingRollback {
            id: 1,
            created: "2026-11-26T21:00:00Z".into(),
            device: "at:/dev/ttyUSB2".into(),
            stable: None,
            eid: "89".into(),
            iccid: "8999".into(),
            former: None,
            seconds,
            deadline: deadline.into(),
            detail: None,
            boot: boot.into(),
            until,
            process: None,
            since: 0,
            going_back: false,
        }
    }

    fn present(since_boot: u64) -> Present {
        Present { boot: "this".into(), since_boot: Duration::from_secs(since_boot) }
    }

    #[test]
    fn the_clock_on_the_wall_decides_nothing() {
        for deadline in ["1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "not a time"] {
            let waits = pending("this", 1000, 120, deadline);
            assert_eq!(present(999).standing(&waits, Liveness::Alive), Standing::Waiting, "{deadline}");
            assert_eq!(present(1000).standing(&waits, Liveness::Alive), Standing::Overdue, "{deadline}");
            assert_eq!(present(999).standing(&waits, Liveness::Gone), Standing::Due, "{deadline}");
            assert_eq!(present(999).standing(&waits, Liveness::Unknown), Standing::Waiting, "{deadline}");
            assert_eq!(present(1000).standing(&waits, Liveness::Unknown), Standing::Due, "{deadline}");
        }
    }

    #[test]
    fn after_a_reboot_it_is_due_whoever_seems_to_run() {
        let other = pending("another", 10_000, 120, "2099-01-01T00:00:00Z");
        for process in [Liveness::Alive, Liveness::Gone, Liveness::Unknown] {
            assert_eq!(present(5).standing(&other, process), Standing::Due, "{process:?}");
        }
    }

    #[test]
    fn a_network_has_what_is_left_of_the_time_and_no_more_than_it_was_given() {
        let chance = |boot, until, seconds| present(1000).second_chance(&pending(boot, until, seconds, "")).as_secs();
        assert_eq!(chance("this", 1012, 120), 12, "what is left");
        assert_eq!(chance("this", 900, 120), 0, "nothing is left");
        assert_eq!(chance("this", u64::MAX, 7), 7, "a deadline that cannot be is no longer than the time");
        assert_eq!(chance("another", 0, 12), 12, "a modem that starts anew has its time anew");
        assert_eq!(chance("another", 0, 86_400), MAX_SECOND_CHANCE.as_secs());
    }
}
