//! The way to one server: its connections, made ahead or when they are needed.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use sgp22::ci::CiKeyId;

use super::address::Host;
use super::dial::{Dialer, Secured};
use super::trust::Issuer;
use crate::smdp::{Peer, ServerErrorKind, TrustError};

/// For so long a failure to connect ahead is told instead of trying once more.
const FAILURE_HOLDS: Duration = Duration::from_secs(60);

/// How often somebody who waits looks up whether the user wants to stop.
const SLICE: Duration = Duration::from_millis(20);

/// The way to one server.
pub(super) struct Line {
    pub(super) host: Host,
    dialer: Arc<Dialer>,
    early: Mutex<Option<Early>>,
    /// A connection that was asked for by itself.
    kept: Mutex<Option<Secured>>,
    request: Mutex<Request>,
}

/// A connection that is made ahead.
struct Early {
    began: Instant,
    thread: JoinHandle<Result<Secured, ServerErrorKind>>,
}

/// The request that is under way, or was the last one.
#[derive(Default)]
struct Request {
    card_issuers: Option<Vec<CiKeyId>>,
    within: Option<Duration>,
    interruptible: bool,
    begun: bool,
    written: bool,
    issuer: Option<Issuer>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Line {
    pub(super) fn new(host: Host, dialer: Arc<Dialer>) -> Self {
        Self { host, dialer, early: Mutex::default(), kept: Mutex::default(), request: Mutex::default() }
    }

    /// Makes a connection ahead, unless one is made already or a request was begun, which makes its own.
    pub(super) fn expect(&self) {
        let mut early = lock(&self.early);
        if early.is_some() || lock(&self.request).begun {
            return;
        }
        let (dialer, host) = (Arc::clone(&self.dialer), self.host.clone());
        let spawned = thread::Builder::new().name("connect".into()).spawn(move || dialer.dial(&host, None));
        // Without a thread the connection is made when it is needed.
        *early = spawned.ok().map(|thread| Early { began: Instant::now(), thread });
    }

    /// Makes a connection and keeps it for the next request.
    pub(super) fn reach(&self) -> Result<(), ServerErrorKind> {
        let secured = self.connection()?;
        *lock(&self.kept) = Some(secured);
        Ok(())
    }

    /// A connection: the one made ahead, as long as it is any good. Nothing was sent on it, so that making another one
    /// repeats nothing.
    pub(super) fn connection(&self) -> Result<Secured, ServerErrorKind> {
        let kept = lock(&self.kept).take();
        if let Some(secured) = kept.and_then(|mut secured| secured.is_open().then_some(secured)) {
            return Ok(secured);
        }
        let early = lock(&self.early).take();
        while early.as_ref().is_some_and(|early| !early.thread.is_finished()) {
            if self.stopped() {
                return Err(ServerErrorKind::Interrupted);
            }
            thread::sleep(SLICE);
        }
        let ready = match early.map(|early| (early.began, early.thread.join())) {
            Some((_, Ok(Ok(mut secured)))) => secured.is_open().then_some(secured),
            Some((began, Ok(Err(kind)))) if began.elapsed() < FAILURE_HOLDS => return Err(kind),
            _ => None,
        };
        let within = lock(&self.request).within;
        let secured = ready.map_or_else(|| self.dialer.dial(&self.host, within), Ok)?;
        lock(&self.request).issuer = Some(secured.issuer.clone());
        Ok(secured)
    }

    /// Begins a request.
    pub(super) fn begin(&self, peer: Peer<'_>) {
        let mut request = lock(&self.request);
        request.card_issuers = peer.card_issuers.map(<[_]>::to_vec);
        request.within = peer.within;
        request.interruptible = peer.interruptible;
        request.begun = true;
        request.written = false;
    }

    /// Asked before anything is written: does the card accept a server under this issuer?
    pub(super) fn admit(&self, issuer: &Issuer) -> Result<(), ServerErrorKind> {
        let mut request = lock(&self.request);
        if let (Issuer::Ci(key), Some(accepted)) = (issuer, &request.card_issuers)
            && !accepted.contains(key)
        {
            return Err(ServerErrorKind::Trust(TrustError::NotTheCards(key.clone())));
        }
        if !request.written {
            request.written = true;
            self.dialer.settings().counter.add(|counts| counts.requests += 1);
        }
        Ok(())
    }

    /// True if the user wants to stop, and may.
    pub(super) fn stopped(&self) -> bool {
        lock(&self.request).interruptible && self.dialer.settings().stop.load(Ordering::Relaxed)
    }

    /// True once a part of the request may have been written.
    pub(super) fn written(&self) -> bool {
        lock(&self.request).written
    }

    /// Whom the last connection led to.
    pub(super) fn issuer(&self) -> Option<Issuer> {
        lock(&self.request).issuer.clone()
    }
}
