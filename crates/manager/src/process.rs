//! Telling a process that lives from one that has ended, across processes and reboots.

use std::fs::read_to_string;
use std::os::unix::fs::MetadataExt;

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use crate::device::System;

/// The answer to whether a process lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Liveness {
    /// It lives.
    Alive,
    /// It has ended, or the system has been started again since.
    Gone,
    /// The system does not show it: it may belong to another user (`hidepid`) or run in another PID namespace.
    Unknown,
}

/// The view of a process number from here.
#[derive(Debug, Clone, PartialEq, Eq)]
enum View {
    /// A process with this number was started at this moment, in ticks since the boot.
    Runs(String),
    /// No process with this number lives.
    Free,
    /// There is a process with this number, and the system does not show more of it.
    Hidden,
}

/// This process: its number, when it was started, since which boot, and in which PID namespace; a number alone is given
/// out again, and means something else in each namespace.
pub(crate) fn this() -> Option<String> {
    let described = describe(std::process::id())?;
    Some(match namespace() {
        Some(namespace) => format!("{described} {namespace}"),
        None => described,
    })
}

/// Tells whether the process that was described lives. Where the description makes no sense, it is gone.
pub(crate) fn liveness(described: &str) -> Liveness {
    judge(described, boot().as_deref(), namespace(), view)
}

fn judge(described: &str, boot: Option<&str>, namespace: Option<u64>, view: impl Fn(u32) -> View) -> Liveness {
    let mut fields = described.split(' ');
    let mut next = || fields.next();
    let (Some(pid), Some(started), Some(since)) = (next().and_then(|pid| pid.parse().ok()), next(), next()) else {
        return Liveness::Gone;
    };
    match boot {
        None => return Liveness::Unknown,
        Some(boot) if boot != since => return Liveness::Gone,
        Some(_) => {}
    }
    // Earlier descriptions name no namespace.
    let there = next().and_then(|number| number.parse::<u64>().ok());
    if there.is_some() && there != namespace {
        return Liveness::Unknown;
    }
    match view(pid) {
        View::Runs(start) if start == started => Liveness::Alive,
        View::Runs(_) | View::Free => Liveness::Gone,
        View::Hidden => Liveness::Unknown,
    }
}

/// Seconds since the boot, sleep included: a clock that nobody sets. `None` where the system does not say.
pub(crate) fn uptime() -> Option<i64> {
    let uptime = read_played("/proc/uptime").ok()?;
    uptime.split(['.', ' ']).next()?.parse().ok()
}

fn describe(pid: u32) -> Option<String> {
    match view(pid) {
        View::Runs(started) => Some(format!("{pid} {started} {}", boot()?)),
        View::Free | View::Hidden => None,
    }
}

fn view(pid: u32) -> View {
    match read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => parse_stat(&stat).unwrap_or(View::Hidden),
        Err(_) if exists(pid) => View::Hidden,
        Err(_) => View::Free,
    }
}

fn parse_stat(stat: &str) -> Option<View> {
    // Behind the name, which may hold blanks and brackets: the start is field 22, the state is 3.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    let started = fields.nth(18)?;
    // A process that has ended stays listed until its parent has asked.
    Some(if state == "Z" { View::Free } else { View::Runs(started.to_owned()) })
}

/// True if there is a process with this number, also one that `/proc` does not show.
fn exists(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| test_kill_process(pid) != Err(Errno::SRCH))
}

/// The number of the PID namespace in which this process runs.
fn namespace() -> Option<u64> {
    std::fs::metadata("/proc/self/ns/pid").ok().map(|about| about.ino())
}

/// The boot that this system runs since, as the kernel names it.
pub(crate) fn boot() -> Option<String> {
    let boot = read_played("/proc/sys/kernel/random/boot_id").ok()?;
    Some(boot.trim().to_owned())
}

/// Reads a file of the kernel's, or the one that stands for it below `ESIMCTL_SYSROOT`: other boots and times can be
/// played.
fn read_played(path: &str) -> std::io::Result<String> {
    read_to_string(System::default().path(path)).or_else(|_| read_to_string(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_since_the_boot_goes_on() {
        let first = uptime().unwrap();
        assert!(first > 0 && uptime().unwrap() >= first);
    }

    #[test]
    fn the_living_and_the_dead() {
        assert_eq!(liveness(&this().unwrap()), Liveness::Alive);
        let without_namespace = describe(std::process::id()).unwrap();
        assert_eq!(liveness(&without_namespace), Liveness::Alive, "as earlier versions wrote it");
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let described = describe(child.id());
        child.wait().unwrap();
        assert!(described.is_none_or(|described| liveness(&described) == Liveness::Gone));
        for odd in ["", "1", "x y z", &format!("{} 1 2", std::process::id())] {
            assert_eq!(liveness(odd), Liveness::Gone, "{odd:?}");
        }
    }

    #[test]
    fn one_that_is_not_shown_is_neither_alive_nor_gone() {
        let seen = |described: &str, view: View| judge(described, Some("boot"), Some(7), |_| view.clone());
        let runs = || View::Runs("100".into());
        assert_eq!(seen("5 100 boot", View::Hidden), Liveness::Unknown);
        assert_eq!(seen("5 100 boot 7", View::Hidden), Liveness::Unknown);
        assert_eq!(seen("5 100 boot 7", View::Free), Liveness::Gone);
        assert_eq!(seen("5 100 boot 7", runs()), Liveness::Alive);
        assert_eq!(seen("5 99 boot 7", runs()), Liveness::Gone, "the number was given out again");
        // In another namespace the number means another process.
        for view in [runs(), View::Free] {
            assert_eq!(seen("5 100 boot 8", view), Liveness::Unknown);
        }
        assert_eq!(seen("5 100 before 8", View::Hidden), Liveness::Gone, "no process outlives a boot");
        assert_eq!(judge("5 100 boot 7", None, Some(7), |_| runs()), Liveness::Unknown);
    }

    #[test]
    fn a_process_of_another_user_is_there_also_where_proc_hides_it() {
        assert!(exists(1) && exists(std::process::id()));
        assert!(!exists(0) && !exists(u32::MAX));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        assert_eq!(view(child.id()), View::Free);
    }
}
