//! A program that runs beside this one: lines in, lines out, never longer than a deadline.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::port::{Port, PortError};

/// The longest line that is taken: an answer of 64 kB in hexadecimal, and as much again.
const LONGEST_LINE: usize = 1 << 18;

/// How much of what it says on standard error is kept.
const LONGEST_WORDS: usize = 300;

/// How long a program that has been told to end may take for it.
const FAREWELL: Duration = Duration::from_secs(2);

/// The program; ended when this is dropped.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    /// `None` once it is not to be talked to any more.
    pipes: Option<Pipes>,
    /// What came behind the last line.
    rest: Vec<u8>,
    /// The last line of its standard error.
    words: Arc<Mutex<String>>,
}

#[derive(Debug)]
struct Pipes {
    to: Port,
    from: Port,
}

/// Why there is no line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoLine {
    /// Nothing was said in time.
    Timeout,
    /// It has ended, or closed its output.
    Ended,
    /// It says more than anybody wants to hear.
    TooLong,
}

impl Program {
    /// Starts it, in a process group of its own: a Ctrl-C at the terminal is for this program alone, which lets a change
    /// that has begun come to its end.
    pub(super) fn start(words: &[String]) -> std::io::Result<Self> {
        let (name, arguments) = words.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
        let mut child = Command::new(name)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let said = Arc::new(Mutex::new(String::new()));
        if let Some(stderr) = child.stderr.take() {
            let said = said.clone();
            std::thread::spawn(move || listen(stderr, &said));
        }
        let pipes = match (child.stdin.take(), child.stdout.take()) {
            (Some(to), Some(from)) => Some(Pipes { to: Port::pipe(to.into())?, from: Port::pipe(from.into())? }),
            _ => None,
        };
        Ok(Self { child, pipes, rest: Vec::new(), words: said })
    }

    /// Sends a line. An error: nothing of it was sent, since pipes take a line of less than a page as a whole.
    pub(super) fn say(&mut self, line: &str, deadline: Instant) -> Result<(), NoLine> {
        let pipes = self.pipes.as_mut().ok_or(NoLine::Ended)?;
        pipes.to.write(line.as_bytes(), deadline).map_err(reason)
    }

    /// The next line, without its end.
    pub(super) fn hear(&mut self, deadline: Instant) -> Result<Vec<u8>, NoLine> {
        let pipes = self.pipes.as_mut().ok_or(NoLine::Ended)?;
        let mut buffer = [0; 4096];
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line = self.rest.drain(..=end).take(end).collect();
                return Ok(line);
            }
            if self.rest.len() > LONGEST_LINE {
                return Err(NoLine::TooLong);
            }
            let count = pipes.from.read(&mut buffer, deadline).map_err(reason)?;
            self.rest.extend_from_slice(&buffer[..count]);
        }
    }

    /// What it said last on its standard error, behind a colon; nothing if it said nothing.
    pub(super) fn last_words(&self) -> String {
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        if words.is_empty() { String::new() } else { format!(": {words}") }
    }

    /// Ends it: at the end of its input, or else by force.
    pub(super) fn end(&mut self, patience: Duration) {
        if self.pipes.take().is_none() {
            return;
        }
        let deadline = Instant::now() + patience;
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() >= deadline {
                log::info!("the program does not end by itself");
                // It may have ended just now.
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end(FAREWELL);
    }
}

fn reason(error: PortError) -> NoLine {
    match error {
        PortError::Timeout => NoLine::Timeout,
        PortError::Gone(_) => NoLine::Ended,
    }
}

/// Tells what the program says beside its answers, until it says no more.
fn listen(stderr: ChildStderr, last: &Mutex<String>) {
    let mut reader = BufReader::new(stderr);
    loop {
        let mut line = Vec::new();
        match reader.by_ref().take(LONGEST_WORDS as u64).read_until(b'\n', &mut line) {
            Ok(1..) => {}
            _ => return,
        }
        let line = String::from_utf8_lossy(&line).trim().replace(char::is_control, "\u{FFFD}");
        if !line.is_empty() {
            log::info!("the program says: {line}");
            *last.lock().unwrap_or_else(PoisonError::into_inner) = line;
        }
    }
}
