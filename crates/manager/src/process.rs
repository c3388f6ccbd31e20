//! Telling a process that lives from one that has ended, across processes and reboots.

use std::fs::read_to_string;

use crate::device::System;

/// This process: its number, when it was started, and since which boot; a number alone is given out again.
pub(crate) fn this() -> Option<String> {
    describe(std::process::id())
}

/// True if the process that was described lives. Where that cannot be told, it does not.
pub(crate) fn is_alive(described: &str) -> bool {
    let pid = described.split(' ').next().and_then(|pid| pid.parse().ok());
    pid.and_then(describe).as_deref() == Some(described)
}

/// Seconds since the boot, sleep included: a clock that nobody sets. `None` where the system does not say.
pub(crate) fn uptime() -> Option<i64> {
    let uptime = read_played("/proc/uptime").ok()?;
    uptime.split(['.', ' ']).next()?.parse().ok()
}

fn describe(pid: u32) -> Option<String> {
    let stat = read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Behind the name, which may hold blanks and brackets: the start is field 22, the state is 3.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    let started = fields.nth(18)?;
    let boot = boot()?;
    // A process that has ended stays listed until its parent has asked.
    (state != "Z").then(|| format!("{pid} {started} {boot}"))
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
        assert!(is_alive(&this().unwrap()));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let described = describe(child.id());
        child.wait().unwrap();
        assert!(described.is_none_or(|described| !is_alive(&described)));
        for odd in ["", "1", "x y z", &format!("{} 1 2", std::process::id())] {
            assert!(!is_alive(odd), "{odd:?}");
        }
    }
}
