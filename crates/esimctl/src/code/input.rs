//! Files and standard input: read up to a limit, and given up if nothing comes.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::MAX_TEXT_LEN;

/// The interval at which the interrupt and the deadline are checked.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The time limit for reading a file: a pipe without a writer never ends.
const FILE_TIME_LIMIT: Duration = Duration::from_secs(10);

/// Reads a file of up to so many bytes.
///
/// # Errors
///
/// Besides what the system says: `IsADirectory`, `FileTooLarge`, `TimedOut`, `Interrupted`.
pub(super) fn read_file(path: &Path, max_len: usize, interrupt: &AtomicBool) -> Result<Zeroizing<Vec<u8>>> {
    let path = path.to_owned();
    let open = move || {
        if path.is_dir() {
            return Err(Error::new(ErrorKind::IsADirectory, "it is a directory"));
        }
        let file = File::open(path)?;
        if file.metadata()?.len() > max_len as u64 { Err(too_large(max_len)) } else { Ok(file) }
    };
    read(open, max_len, Some(FILE_TIME_LIMIT), interrupt)
}

/// Reads the first bytes of a file: so many, or all that there are.
///
/// # Errors
///
/// As [`read_file`], but a larger file is none.
pub(super) fn read_beginning(path: &Path, len: usize, interrupt: &AtomicBool) -> Result<Zeroizing<Vec<u8>>> {
    let path = path.to_owned();
    read(move || Ok(File::open(path)?.take(len as u64)), len, Some(FILE_TIME_LIMIT), interrupt)
}

/// Reads standard input up to its end, however long somebody takes to type.
///
/// # Errors
///
/// As [`read_file`].
pub(super) fn read_standard_input(max_len: usize, interrupt: &AtomicBool) -> Result<Zeroizing<Vec<u8>>> {
    read(|| Ok(std::io::stdin()), max_len, None, interrupt)
}

fn too_large(max_len: usize) -> Error {
    Error::new(ErrorKind::FileTooLarge, format!("it is larger than {} MB", max_len >> 20))
}

/// Opens and reads on a thread, which is given up at the deadline or an interrupt: both can block for ever.
fn read<R: Read>(
    open: impl FnOnce() -> Result<R> + Send + 'static,
    max_len: usize,
    time: Option<Duration>,
    interrupt: &AtomicBool,
) -> Result<Zeroizing<Vec<u8>>> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        // A text has all its room from the start: growing would leave copies behind. Of a picture it does not matter.
        let mut bytes = Zeroizing::new(Vec::with_capacity(max_len.min(MAX_TEXT_LEN) + 2));
        let read = open().and_then(|from| from.take(max_len as u64 + 1).read_to_end(&mut bytes));
        send.send(read.map(|_| bytes))
    });
    let deadline = time.map(|time| Instant::now() + time);
    loop {
        match receive.recv_timeout(POLL_INTERVAL) {
            Ok(Ok(bytes)) if bytes.len() > max_len => {
                return Err(too_large(max_len));
            }
            Ok(result) => return result,
            Err(RecvTimeoutError::Disconnected) => return Err(ErrorKind::Other.into()),
            Err(RecvTimeoutError::Timeout) if interrupt.load(Ordering::SeqCst) => {
                return Err(ErrorKind::Interrupted.into());
            }
            Err(RecvTimeoutError::Timeout) if deadline.is_some_and(|deadline| Instant::now() >= deadline) => {
                let why = "nothing came from it in 10 seconds";
                return Err(Error::new(ErrorKind::TimedOut, why));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}
