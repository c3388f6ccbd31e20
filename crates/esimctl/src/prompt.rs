//! Asking the person at the terminal.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use manager::Error;
use manager::error::Id;
use zeroize::Zeroizing;

use crate::phase::{self, Phase};

/// Shows what is to be done, and asks for a text to be typed that proves that the right thing is meant. An empty answer
/// never does.
pub(crate) fn confirm(
    what: impl FnOnce() -> String,
    question: &str,
    answer: &str,
    interrupt: &AtomicBool,
) -> Result<(), Error> {
    if !is_possible() {
        return Err(Error::new(Id::ConfirmationNeeded));
    }
    tell!("{}{question}: ", what());
    let _ = anstream::stderr().flush();
    let line = read_line(interrupt, None)?.unwrap_or_default();
    let typed = line.trim();
    if !typed.is_empty() && typed == answer { Ok(()) } else { Err(Error::new(Id::ConfirmationWrong)) }
}

/// True if there is somebody to ask.
pub(crate) fn is_possible() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Keeps the window of the terminal open until Enter is pressed, if somebody is there.
pub(crate) fn hold() {
    if is_possible() {
        tell!("Press Enter to close. ");
        let _ = anstream::stderr().flush();
        // At the end of the input nobody is there any more.
        let _ = std::io::stdin().read_line(&mut String::new());
    }
}

/// What came back.
pub(crate) enum Answer {
    /// What was typed, without blanks around it.
    Text(Zeroizing<String>),
    /// An empty line, or the end of input.
    Nothing,
    /// Nobody answered in time.
    TooLate,
}

/// Asks a question and waits for the answer for so long. What is typed is seen, also a confirmation code: it works once,
/// and the server counts those that are typed wrong.
pub(crate) fn ask(question: &str, time: Duration, interrupt: &AtomicBool) -> Result<Answer, Error> {
    tell!("{question}");
    let _ = anstream::stderr().flush();
    match read_line(interrupt, Some(Instant::now() + time))? {
        None => {
            tell_line!();
            Ok(Answer::TooLate)
        }
        Some(line) if line.trim().is_empty() => Ok(Answer::Nothing),
        Some(line) => Ok(Answer::Text(Zeroizing::new(line.trim().to_owned()))),
    }
}

/// A line from the terminal; `None` after the deadline. Reading would block through a Ctrl-C, so that a thread does it.
fn read_line(interrupt: &AtomicBool, deadline: Option<Instant>) -> Result<Option<Zeroizing<String>>, Error> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = Zeroizing::new(String::new());
        let read = std::io::stdin().read_line(&mut line);
        send.send(read.map(|_| line))
    });
    // What a signal does here shows by itself: the command ends with what it has to say.
    let before = phase::enter(Phase::Asking);
    let line = await_line(&receive, interrupt, deadline);
    phase::enter(before);
    line
}

fn await_line(
    receive: &mpsc::Receiver<std::io::Result<Zeroizing<String>>>,
    interrupt: &AtomicBool,
    deadline: Option<Instant>,
) -> Result<Option<Zeroizing<String>>, Error> {
    loop {
        match receive.recv_timeout(Duration::from_millis(50)) {
            Ok(line) => return line.map(Some).map_err(|error| Error::new(Id::ConfirmationNeeded).cause(error)),
            Err(mpsc::RecvTimeoutError::Timeout) if interrupt.load(Ordering::Relaxed) => {
                tell_line!();
                return Err(Error::new(Id::Interrupted));
            }
            Err(mpsc::RecvTimeoutError::Timeout) if deadline.is_some_and(|deadline| Instant::now() > deadline) => {
                return Ok(None);
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err(Error::new(Id::ConfirmationNeeded)),
        }
    }
}
