//! QR codes in pictures: a file's bytes in, texts out, within limits of time and memory.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::search::search;
use crate::{Format, decode};

/// The interval at which the interrupt and the deadline are checked.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The name of threads on which pictures are read.
const THREAD_NAME: &str = "picture";

/// A reason why a picture gives no texts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// No format that is known begins like this.
    #[error("it is not a picture in a known format")]
    Unknown,
    /// A format that is recognised and cannot be decoded here.
    #[error("it is a picture in a format that cannot be read")]
    Unsupported(Format),
    /// More pixels than can be looked at, or a side that is too long.
    #[error("{width} by {height} pixels are more than can be looked at")]
    TooLarge {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
    },
    /// The file contradicts itself, or its beginning is missing.
    #[error("the picture is damaged: {0}")]
    Damaged(String),
    /// The time was over before anything was found.
    #[error("the search took too long")]
    TimedOut,
    /// The caller asked to stop.
    #[error("the search was interrupted")]
    Interrupted,
}

/// Asks whoever works on a picture to stop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    fn request(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn check(&self) -> Result<(), PictureError> {
        if self.is_requested() { Err(PictureError::Interrupted) } else { Ok(()) }
    }
}

/// Reads the QR codes in a picture: their texts, each once, in alphabetical order. There may be none.
///
/// The picture is a PNG, JPEG, WebP, GIF or BMP. Of one with several frames, they are searched until one has a code.
/// The search ends after `time` with what was found until then, and soon after `interrupt` is set.
///
/// The search has a thread of its own. If that is inside a library when the time is over, it is left alone to end later.
///
/// # Errors
///
/// Returns why the picture cannot be read, [`PictureError::TimedOut`] if nothing was found in time.
pub fn read_picture(
    bytes: Vec<u8>,
    time: Duration,
    interrupt: &AtomicBool,
) -> Result<Zeroizing<Vec<String>>, PictureError> {
    silence_panics();
    let deadline = Instant::now() + time;
    let (stop, texts) = (Stop::default(), Arc::new(Mutex::new(Zeroizing::new(Vec::new()))));
    let (send, receive) = mpsc::channel();
    let worker = {
        let (stop, texts) = (stop.clone(), texts.clone());
        move || drop(send.send(read_frames(bytes, &stop, &texts)))
    };
    let thread = std::thread::Builder::new().name(THREAD_NAME.into()).spawn(worker);
    thread.map_err(|error| PictureError::Damaged(error.to_string()))?;
    let outcome = loop {
        match receive.recv_timeout(POLL_INTERVAL) {
            Ok(outcome) => break outcome,
            // It panicked, in a decoder.
            Err(RecvTimeoutError::Disconnected) => break Err(PictureError::Damaged("it cannot be decoded".into())),
            Err(RecvTimeoutError::Timeout) if interrupt.load(Ordering::SeqCst) => break Err(PictureError::Interrupted),
            Err(RecvTimeoutError::Timeout) if Instant::now() >= deadline => break Err(PictureError::TimedOut),
            Err(RecvTimeoutError::Timeout) => {}
        }
    };
    stop.request();
    let mut texts = std::mem::take(&mut *texts.lock().unwrap_or_else(PoisonError::into_inner));
    texts.sort();
    texts.dedup();
    match outcome {
        Err(PictureError::Interrupted) => Err(PictureError::Interrupted),
        Err(error) if texts.is_empty() => Err(error),
        _ => Ok(texts),
    }
}

fn read_frames(bytes: Vec<u8>, stop: &Stop, texts: &Mutex<Zeroizing<Vec<String>>>) -> Result<(), PictureError> {
    decode::decode(bytes, stop, &mut |plane| {
        let mut any = false;
        search(plane, stop, &mut |mut text| {
            any = true;
            texts.lock().unwrap_or_else(PoisonError::into_inner).push(std::mem::take(&mut *text));
        });
        if any { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
}

/// Keeps panics on threads that read pictures off standard error: they are told as damaged pictures.
fn silence_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if std::thread::current().name() != Some(THREAD_NAME) {
                others(panic);
            }
        }));
    });
}
