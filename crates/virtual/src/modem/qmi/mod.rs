//! A modem that speaks QMI: at a port of its own, in place of qmi-proxy, inside of MBIM, or over QRTR.
//!
//! [`QmiModem`] is shared by all its hosts; each has a [`QmiVoice`]. `ctl` gives client ids, `uim` and `names` answer
//! for the services, `trouble` does to the frames what a quirk wants.

mod clients;
mod ctl;
mod names;
mod service;
mod trouble;
mod uim;
mod voice;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::sim::Modem;

pub(crate) use clients::HostId;
pub(crate) use service::{Outcome, RESTART, Shared};
pub use voice::QmiVoice;

/// A modem that speaks QMI with any number of hosts.
#[derive(Debug, Clone)]
pub struct QmiModem(Arc<Mutex<Shared>>);

impl QmiModem {
    /// Has `modem` speak QMI.
    #[must_use]
    pub fn new(modem: Modem) -> Self {
        Self(Arc::new(Mutex::new(Shared::new(modem))))
    }

    /// Its side of a port that is opened directly.
    #[must_use]
    pub fn at_port(&self) -> QmiVoice {
        QmiVoice::new(self.clone(), false)
    }

    /// Its side of a connection to it as if it were qmi-proxy, which wants to be told the port first.
    #[must_use]
    pub fn as_proxy(&self) -> QmiVoice {
        QmiVoice::new(self.clone(), true)
    }

    /// How many client ids are given out.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.shared().clients.count()
    }

    /// How many channels to its card are open.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.shared().modem.channels().len()
    }

    pub(crate) fn shared(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
