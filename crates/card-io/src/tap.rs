//! Counting and recording what passes between an ISO 7816 layer and its card.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sgp22::transport::{Nature, Patience, RawCard, TransportError};

use crate::trace::TraceWriter;

/// What a command cost on the way to the card.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Commands sent.
    pub apdus: u64,
    /// Bytes of them.
    pub bytes_sent: u64,
    /// Bytes of the answers, status words included.
    pub bytes_received: u64,
    /// Time spent waiting for the card.
    pub time: Duration,
}

/// Counts that the owner of a card and whoever reports them share.
#[derive(Debug, Clone, Default)]
pub struct Counters(Arc<Mutex<Counts>>);

impl Counters {
    /// The counts so far.
    #[must_use]
    pub fn get(&self) -> Counts {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, sent: usize, received: usize, time: Duration) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.apdus += 1;
        counts.bytes_sent += sent as u64;
        counts.bytes_received += received as u64;
        counts.time += time;
    }
}

/// A card whose traffic is counted, and recorded if there is a trace.
pub struct Tap<R> {
    card: R,
    counters: Counters,
    trace: Option<TraceWriter>,
}

impl<R: RawCard> Tap<R> {
    /// Puts the tap between `card` and whoever uses it.
    pub fn new(card: R, counters: Counters, trace: Option<TraceWriter>) -> Self {
        Self { card, counters, trace }
    }
}

impl<R: RawCard> RawCard for Tap<R> {
    fn transmit(&mut self, command: &[u8], patience: Patience) -> Result<Vec<u8>, TransportError> {
        let start = Instant::now();
        let answer = self.card.transmit(command, patience);
        let time = start.elapsed();
        self.counters.add(command.len(), answer.as_ref().map_or(0, Vec::len), time);
        if let Some(trace) = &mut self.trace {
            trace.exchange(command, &answer, time);
        }
        answer
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        let result = self.card.reset();
        if let Some(trace) = &mut self.trace {
            trace.reset(&result);
        }
        result
    }

    fn nature(&self) -> Nature {
        self.card.nature()
    }
}
