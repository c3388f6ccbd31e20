//! A connection that can be made to break.

use std::io::{Error, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How much still gets through a connection.
#[derive(Debug)]
pub(super) struct Gate {
    /// So many bytes may still be written; then the connection breaks.
    writable: AtomicUsize,
    /// When so many bytes are written, no request is read any more.
    last: AtomicUsize,
    /// No request is read any more.
    ended: AtomicBool,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            writable: AtomicUsize::new(usize::MAX),
            last: AtomicUsize::new(usize::MAX),
            ended: AtomicBool::new(false),
        }
    }
}

impl Gate {
    /// Lets so many bytes through, and then breaks the connection.
    pub(super) fn allow(&self, bytes: usize) {
        self.writable.store(bytes, Ordering::Relaxed);
    }

    /// Closes the connection when an answer with a body of so many bytes is out.
    pub(super) fn close_after(&self, bytes: usize) {
        self.last.store(bytes, Ordering::Relaxed);
    }

    fn is_broken(&self) -> bool {
        self.writable.load(Ordering::Relaxed) == 0
    }

    fn wrote(&self, bytes: usize) {
        for counter in [&self.writable, &self.last] {
            let left = counter.load(Ordering::Relaxed);
            if left != usize::MAX {
                counter.store(left.saturating_sub(bytes), Ordering::Relaxed);
            }
        }
    }
}

/// A connection behind its gate.
#[derive(Debug)]
pub(super) struct Gated<S> {
    stream: S,
    pub(super) gate: Arc<Gate>,
}

impl<S> Gated<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, gate: Arc::default() }
    }
}

fn broken<T>() -> Poll<std::io::Result<T>> {
    Poll::Ready(Err(Error::from(ErrorKind::ConnectionReset)))
}

impl<S: AsyncRead + Unpin> AsyncRead for Gated<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.gate.ended.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gated<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        let allowed = bytes.len().min(self.gate.writable.load(Ordering::Relaxed));
        if allowed == 0 && !bytes.is_empty() {
            return broken();
        }
        let written = Pin::new(&mut self.stream).poll_write(context, &bytes[..allowed]);
        if let Poll::Ready(Ok(count)) = &written {
            self.gate.wrote(*count);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        if flushed.is_ready() && self.gate.last.load(Ordering::Relaxed) == 0 {
            self.gate.ended.store(true, Ordering::Relaxed);
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        // A connection that breaks does not say goodbye in TLS either.
        if self.gate.is_broken() { broken() } else { Pin::new(&mut self.stream).poll_shutdown(context) }
    }
}
