//! Asking the person at the terminal.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use manager::Error;
use manager::error::Id;

/// Shows what is to be done, and asks for a text to be typed that proves that the right thing is meant. An empty answer
/// never does.
pub(crate) fn confirm(
    what: impl FnOnce() -> String,
    question: &str,
    answer: &str,
    interrupt: &AtomicBool,
) -> Result<(), Error> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Error::new(Id::ConfirmationNeeded));
    }
    anstream::eprint!("{}{question}: ", what());
    let _ = anstream::stderr().flush();
    let line = read_line(interrupt)?;
    let typed = line.trim();
    if !typed.is_empty() && typed == answer { Ok(()) } else { Err(Error::new(Id::ConfirmationWrong)) }
}

/// A line from the terminal. Reading would block through a Ctrl-C, so that a thread does it.
fn read_line(interrupt: &AtomicBool) -> Result<String, Error> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line);
        send.send(read.map(|_| line))
    });
    loop {
        match receive.recv_timeout(Duration::from_millis(50)) {
            Ok(line) => return line.map_err(|error| Error::new(Id::ConfirmationNeeded).cause(error)),
            Err(mpsc::RecvTimeoutError::Timeout) if interrupt.load(Ordering::Relaxed) => {
                anstream::eprintln!();
                return Err(Error::new(Id::Interrupted));
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err(Error::new(Id::ConfirmationNeeded)),
        }
    }
}
