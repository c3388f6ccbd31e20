//! Counting and recording what passes between an ISO 7816 layer and its card.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sgp22::id::{Aid, Eid};
use sgp22::transport::{
    Channel, Identity, Nature, Opening, Patience, RawCard, Sight, Slot, Terminal, TransportError, TransportErrorKind,
};

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

    /// Counted as one command: what the modem makes of it is its own affair.
    fn open(&mut self, application: &Aid) -> Result<Opening, TransportError> {
        let start = Instant::now();
        let opening = self.card.open(application);
        let time = start.elapsed();
        self.counters.add(application.as_bytes().len(), 0, time);
        if let Some(trace) = &mut self.trace {
            trace.opened(application, &opening, time);
        }
        opening
    }

    fn close(&mut self, channel: Channel) -> Result<(), TransportError> {
        let start = Instant::now();
        let result = self.card.close(channel);
        let time = start.elapsed();
        self.counters.add(0, 0, time);
        if let Some(trace) = &mut self.trace {
            trace.closed(channel, &result, time);
        }
        result
    }

    fn terminal(&mut self) -> Option<&mut dyn Terminal> {
        if self.trace.is_none() {
            return self.card.terminal();
        }
        if self.card.terminal().is_some() { Some(self) } else { None }
    }
}

impl<R: RawCard> Tap<R> {
    /// Asks the modem, and records what it says.
    fn ask<T>(
        &mut self,
        question: impl FnOnce(&mut dyn Terminal) -> Result<T, TransportError>,
        record: impl FnOnce(&mut TraceWriter, &Result<T, TransportError>),
    ) -> Result<T, TransportError> {
        let nobody = || TransportError::not_sent(TransportErrorKind::DeviceGone, "there is no modem any more");
        let answer = self.card.terminal().ok_or_else(nobody).and_then(question);
        if let Some(trace) = &mut self.trace {
            record(trace, &answer);
        }
        answer
    }
}

impl<R: RawCard> Terminal for Tap<R> {
    fn sight(&mut self) -> Result<Sight, TransportError> {
        self.ask(|modem| modem.sight(), TraceWriter::sight)
    }

    fn power_cycle(&mut self) -> Result<(), TransportError> {
        self.ask(|modem| modem.power_cycle(), TraceWriter::power_cycle)
    }

    fn identity(&mut self) -> Result<Identity, TransportError> {
        self.ask(|modem| modem.identity(), TraceWriter::identity)
    }

    fn named_eids(&mut self) -> Result<Vec<Eid>, TransportError> {
        // Asked once a command has failed: a recording that is played back has come to its end by then.
        self.ask(|modem| modem.named_eids(), |_, _| {})
    }

    /// Not recorded: it is asked only where something went wrong, or beside the card.
    fn slots(&mut self) -> Result<Vec<Slot>, TransportError> {
        self.ask(|modem| modem.slots(), |_, _| {})
    }

    fn use_slot(&mut self, slot: u8) -> Result<(), TransportError> {
        self.ask(|modem| modem.use_slot(slot), |_, _| {})
    }
}
