//! What was sent, received and waited for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What speaking to servers has cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NetCounts {
    /// TCP connections made.
    pub connections: u64,
    /// TLS handshakes completed.
    pub handshakes: u64,
    /// Requests sent, answered or not.
    pub requests: u64,
    /// Bytes in the bodies of requests.
    pub bytes_sent: u64,
    /// Bytes in the bodies of answers.
    pub bytes_received: u64,
    /// How long callers waited for servers. A connection made ahead costs nothing here.
    pub waited: Duration,
}

/// Counts for whoever holds a copy: it may be given to several [`HttpsServers`](super::HttpsServers).
#[derive(Debug, Clone, Default)]
pub struct NetCounter(Arc<Mutex<NetCounts>>);

impl NetCounter {
    /// What was counted so far.
    #[must_use]
    pub fn read(&self) -> NetCounts {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, change: impl FnOnce(&mut NetCounts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
