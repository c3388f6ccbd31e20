//! Other programs that give what a code is read from, such as the clipboard: started without a shell, and limited in time
//! and output.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use manager::words;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use zeroize::Zeroizing;

use super::MAX_TEXT_LEN;
use crate::output::clean;

/// The interval at which the interrupt and the deadline are checked.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The most of a program's error text that is shown, in characters.
const MAX_ERROR_LEN: usize = 200;

/// The limits on a program's time and output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The time until it has ended.
    pub(super) time: Duration,
    /// The most output, in bytes.
    pub(super) output_len: usize,
}

/// The reason why a program gave nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ProgramError {
    /// The program is not installed.
    Missing,
    /// The program could not be started, or its output could not be read.
    System(String),
    /// The program ended with an error: its error text, cleaned, or its exit status.
    Failed(String),
    /// The program did not end in time and was stopped, with all that it had started.
    TimedOut,
    /// The program gave more than this many bytes and was stopped, with all that it had started.
    TooMuch(usize),
    /// The user interrupted.
    Interrupted,
}

impl ProgramError {
    /// The sentence about the program, without its full stop.
    pub(super) fn sentence(&self, program: &str) -> String {
        let text = |key, name, value: &str| words::text(key, &[("program", program.into()), (name, value.into())]);
        match self {
            Self::Missing => text("program-missing", "why", ""),
            Self::System(why) | Self::Failed(why) => text("program-failed", "why", why),
            Self::TimedOut => text("program-timed-out", "why", ""),
            Self::TooMuch(limit) if *limit < 1 << 20 => {
                text("program-too-much", "limit", &format!("{} kB", limit >> 10))
            }
            Self::TooMuch(limit) => text("program-too-much", "limit", &format!("{} MB", limit >> 20)),
            Self::Interrupted => text("program-interrupted", "why", ""),
        }
    }
}

/// Runs a program and returns its standard output. `input` goes to its standard input.
///
/// The program has a process group of its own, which is killed whenever this returns: nothing that it has started is left.
pub(super) fn run(
    program: &OsStr,
    arguments: &[&OsStr],
    input: Vec<u8>,
    limits: Limits,
    interrupt: &AtomicBool,
) -> Result<Zeroizing<Vec<u8>>, ProgramError> {
    let deadline = Instant::now() + limits.time;
    let stdin = if input.is_empty() { Stdio::null() } else { Stdio::piped() };
    let mut command = Command::new(program);
    command.args(arguments).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    // It is none of their business.
    command.env_remove("ESIMCTL_CONFIRMATION_CODE");
    let child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => ProgramError::Missing,
        _ => ProgramError::System(error.to_string()),
    })?;
    let mut group = Group { child, is_over: false };
    if let Some(mut stdin) = group.child.stdin.take() {
        // A program that has read enough closes its end.
        std::thread::spawn(move || stdin.write_all(&input));
    }
    let output = read_on_thread(group.child.stdout.take(), limits.output_len + 1);
    let words = read_on_thread(group.child.stderr.take(), 4 * MAX_ERROR_LEN);
    let output = receive(&output, deadline, interrupt)?.map_err(|error| ProgramError::System(error.to_string()))?;
    if output.len() > limits.output_len {
        return Err(ProgramError::TooMuch(limits.output_len));
    }
    while !group.has_ended() {
        pause(deadline, interrupt)?;
    }
    let status = group.end().map_err(|error| ProgramError::System(error.to_string()))?;
    if status.success() {
        return Ok(output);
    }
    let words = receive(&words, deadline, interrupt)?.unwrap_or_default();
    let words = first_line(&words);
    Err(ProgramError::Failed(if words.is_empty() { status.to_string() } else { words }))
}

/// The first line of what a program said, safe for a terminal.
fn first_line(words: &[u8]) -> String {
    let words = String::from_utf8_lossy(words);
    let line = words.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    clean(line).chars().take(MAX_ERROR_LEN).collect()
}

type Output = std::io::Result<Zeroizing<Vec<u8>>>;

/// Reads up to `length` bytes on a thread, which is given up if nothing comes.
fn read_on_thread(from: Option<impl Read + Send + 'static>, length: usize) -> mpsc::Receiver<Output> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        // A text has all its room from the start: growing would leave copies behind. Of a picture it does not matter.
        let mut bytes = Zeroizing::new(Vec::with_capacity(length.min(MAX_TEXT_LEN + 1) + 1));
        let read = from.map_or(Ok(0), |from| from.take(length as u64).read_to_end(&mut bytes));
        send.send(read.map(|_| bytes))
    });
    receive
}

fn receive(from: &mpsc::Receiver<Output>, deadline: Instant, interrupt: &AtomicBool) -> Result<Output, ProgramError> {
    loop {
        match from.recv_timeout(POLL_INTERVAL) {
            Ok(output) => return Ok(output),
            Err(RecvTimeoutError::Disconnected) => return Err(ProgramError::System("it cannot be read".into())),
            Err(RecvTimeoutError::Timeout) => check(deadline, interrupt)?,
        }
    }
}

fn pause(deadline: Instant, interrupt: &AtomicBool) -> Result<(), ProgramError> {
    check(deadline, interrupt)?;
    std::thread::sleep(POLL_INTERVAL / 4);
    Ok(())
}

fn check(deadline: Instant, interrupt: &AtomicBool) -> Result<(), ProgramError> {
    if interrupt.load(Ordering::SeqCst) {
        return Err(ProgramError::Interrupted);
    }
    if Instant::now() >= deadline { Err(ProgramError::TimedOut) } else { Ok(()) }
}

/// A process and everything in its group, which ends with this.
struct Group {
    child: Child,
    is_over: bool,
}

impl Group {
    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// True once the process has ended. It stays a zombie, so that its group keeps its number.
    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(self.pid()), options), Ok(None))
    }

    /// Kills what is left of the group.
    fn end(&mut self) -> std::io::Result<ExitStatus> {
        self.is_over = true;
        // Nothing is left if it fails.
        let _ = kill_process_group(self.pid(), Signal::KILL);
        self.child.wait()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.is_over {
            // There is nobody to tell any more.
            let _ = self.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, input: &[u8], limits: Limits) -> Result<Vec<u8>, ProgramError> {
        let arguments = [OsStr::new("-c"), OsStr::new(script)];
        run(OsStr::new("sh"), &arguments, input.to_vec(), limits, &AtomicBool::new(false)).map(|bytes| bytes.to_vec())
    }

    const LIMITS: Limits = Limits { time: Duration::from_secs(30), output_len: 1000 };

    #[test]
    fn output_and_failures_are_told() {
        assert_eq!(shell("echo a; cat", b"b", LIMITS), Ok(b"a\nb".to_vec()));
        assert_eq!(shell("exit 0", b"nobody reads this", LIMITS), Ok(Vec::new()));
        assert_eq!(
            shell("printf '\\n\\033[2Jno\\n' >&2; exit 1", b"", LIMITS),
            Err(ProgramError::Failed("\u{FFFD}[2Jno".into()))
        );
        assert_eq!(shell("exit 3", b"", LIMITS), Err(ProgramError::Failed("exit status: 3".into())));
        assert_eq!(shell("yes", b"", LIMITS), Err(ProgramError::TooMuch(1000)));
        let missing = run(OsStr::new("/no/such"), &[], Vec::new(), LIMITS, &AtomicBool::new(false));
        assert_eq!(missing.unwrap_err(), ProgramError::Missing);
        let interrupted = run(OsStr::new("sleep"), &[OsStr::new("60")], Vec::new(), LIMITS, &AtomicBool::new(true));
        assert_eq!(interrupted.unwrap_err(), ProgramError::Interrupted);
    }

    #[test]
    fn a_limit_is_told_in_its_unit() {
        for (limit, told) in [(64 << 10, "xclip gives more than 64 kB"), (40 << 20, "xclip gives more than 40 MB")] {
            assert_eq!(ProgramError::TooMuch(limit).sentence("xclip"), told);
        }
        assert_eq!(ProgramError::Failed("No selection".into()).sentence("xclip"), "xclip: No selection");
    }

    /// A program that hangs is killed with what it has started, and one that leaves a child behind does not keep us.
    #[test]
    fn nothing_is_left_of_a_program() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pid");
        let alive = |file: &std::path::Path| {
            let pid = std::fs::read_to_string(file).unwrap();
            // A zombie that nobody has waited for yet is dead.
            std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).is_ok_and(|stat| !stat.contains(") Z "))
        };
        let limits = Limits { time: Duration::from_millis(700), ..LIMITS };
        for (end, expected) in [("wait", Err(ProgramError::TimedOut)), ("exit 0", Ok(Vec::new()))] {
            let redirect = if end == "wait" { "" } else { ">/dev/null 2>&1" };
            let script = format!("sleep 1000 {redirect} & echo $! >{}; {end}", file.display());
            assert_eq!(shell(&script, b"", limits), expected);
            let began = Instant::now();
            while alive(&file) && began.elapsed() < Duration::from_secs(10) {
                std::thread::sleep(POLL_INTERVAL);
            }
            assert!(!alive(&file), "{end}");
        }
    }
}
