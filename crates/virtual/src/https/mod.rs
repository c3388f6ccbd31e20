//! HTTPS for the test servers: HTTP/1.1 over TLS on a thread of its own, and connections that break where they are to.

mod gate;
mod tls;

use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Method, Response, StatusCode};
use http_body::{Frame, SizeHint};
use tokio::sync::oneshot;

use crate::pki::PkiError;
use crate::server::{AfterAnswer, HttpAnswer, Outcome, Server};
use gate::Gate;
use tls::{Acceptor, GateOf};

/// No request is longer.
const LONGEST_REQUEST: usize = 4 * 1024 * 1024;
/// Blanks that are sent at a time.
const BLANKS: &[u8; 16 * 1024] = &[b' '; 16 * 1024];

/// What happened at a server's door.
#[derive(Debug, Default)]
pub struct Counters {
    connections: AtomicU64,
    handshakes: AtomicU64,
    requests: AtomicU64,
}

impl Counters {
    /// TCP connections that were accepted.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    /// TLS handshakes that were completed.
    #[must_use]
    pub fn handshakes(&self) -> u64 {
        self.handshakes.load(Ordering::Relaxed)
    }

    /// Requests that came.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

/// Told of each request, in a line for a person without secrets.
pub type RequestLog = Arc<dyn Fn(&str) + Send + Sync>;

/// How requests are served.
#[derive(Clone, Default)]
pub struct ServeOptions {
    /// How long the network takes there and back: for a connection, for each exchange of its TLS handshake (one in
    /// TLS 1.3, two in 1.2) and for each request.
    pub latency: Duration,
    /// Told of each request.
    pub log: Option<RequestLog>,
}

/// Why a server cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The system refuses.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Its certificates are of no use for TLS.
    #[error("the certificate cannot be used for TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// Its certificates cannot be made or read.
    #[error(transparent)]
    Pki(#[from] PkiError),
}

/// A server that runs, until this is dropped.
#[derive(Debug)]
pub struct ServerHandle {
    address: SocketAddr,
    counters: Arc<Counters>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl ServerHandle {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What happened at its door.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Ends it at once; connections are broken off.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there was printed already.
            let _ = thread.join();
        }
    }
}

impl Drop for ServerHandle {
    fn drop(&mut self) {
        self.end();
    }
}

/// Serves `core` on `listener`, on a thread of its own.
pub fn serve(listener: TcpListener, core: Arc<dyn Server>, options: ServeOptions) -> Result<ServerHandle, ServeError> {
    let config = tls::config(&*core)?;
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let counters = Arc::new(Counters::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let round_trip = options.latency;
    let shared = Shared { core, options, counters: counters.clone() };
    let door = counters.clone();
    let thread = std::thread::Builder::new().name("https".into()).spawn(move || {
        runtime.block_on(async move {
            let listener = match tokio::net::TcpListener::from_std(listener) {
                Ok(listener) => listener,
                Err(error) => return log::error!("the server cannot listen: {error}"),
            };
            let acceptor = Acceptor::start(listener, config, door, round_trip);
            let router = Router::new().fallback(answer).with_state(shared);
            let service = router.into_make_service_with_connect_info::<GateOf>();
            tokio::spawn(async move { axum::serve(acceptor, service).await });
            // An error says that the handle is gone: the same.
            let _ = stopped.await;
        });
    })?;
    Ok(ServerHandle { address, counters, stop: Some(stop), thread: Some(thread) })
}

#[derive(Clone)]
struct Shared {
    core: Arc<dyn Server>,
    options: ServeOptions,
    counters: Arc<Counters>,
}

async fn answer(
    State(shared): State<Shared>,
    ConnectInfo(GateOf(gate)): ConnectInfo<GateOf>,
    request: Request,
) -> Response<Body> {
    shared.counters.requests.fetch_add(1, Ordering::Relaxed);
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    if head.method != Method::POST {
        return response(HttpAnswer::text(405, "Functions are called by POST."), &gate);
    }
    let Ok(body) = axum::body::to_bytes(body, LONGEST_REQUEST).await else {
        return response(HttpAnswer::text(413, "The request is too long or was cut."), &gate);
    };
    tokio::time::sleep(shared.options.latency).await;
    let outcome = shared.core.exchange(path, &body);
    if let Some(log) = &shared.options.log {
        log(&line(path, &outcome));
    }
    match outcome {
        Outcome::Answer(answer) => response(answer, &gate),
        Outcome::Late(answer, time) => {
            tokio::time::sleep(time).await;
            response(answer, &gate)
        }
        Outcome::Cut(answer) => {
            gate.allow(if answer.body.is_empty() { 10 } else { 100 + answer.body.len() / 2 });
            response(answer, &gate)
        }
        Outcome::Closed => {
            gate.allow(0);
            response(HttpAnswer::no_content(), &gate)
        }
        Outcome::Killed => die(),
    }
}

/// Ends the process as nothing else does: without a word to anybody.
fn die() -> ! {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    std::process::abort()
}

fn line(path: &str, outcome: &Outcome) -> String {
    let function = path.rsplit('/').next().unwrap_or(path);
    let told = |answer: &HttpAnswer| match &answer.note {
        Some(note) => format!("{} {note}", answer.status),
        None => answer.status.to_string(),
    };
    match outcome {
        Outcome::Answer(answer) => format!("{function}: {}", told(answer)),
        Outcome::Late(answer, time) => format!("{function}: {}, late by {} ms", told(answer), time.as_millis()),
        Outcome::Cut(answer) => format!("{function}: {}, cut in the middle", told(answer)),
        Outcome::Closed => format!("{function}: the connection is closed"),
        Outcome::Killed => format!("{function}: the server is killed"),
    }
}

fn response(answer: HttpAnswer, gate: &Gate) -> Response<Body> {
    let length = answer.body.len();
    let body = Padded { first: Some(Bytes::from(answer.body)), left: answer.padding };
    let mut response = Response::new(Body::new(body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-admin-protocol"), HeaderValue::from_static("gsma/rsp/v2.2.0"));
    if let Some(kind) = answer.content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    if let Some(coding) = answer.coding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    match answer.connection {
        AfterAnswer::Keep => {}
        AfterAnswer::Close => {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        AfterAnswer::Drop => gate.close_after(length),
    }
    response
}

/// A body, and blanks behind it.
struct Padded {
    first: Option<Bytes>,
    left: u64,
}

impl HttpBody for Padded {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::convert::Infallible>>> {
        let part = match self.first.take() {
            Some(first) if !first.is_empty() => first,
            _ => {
                let length = self.left.min(BLANKS.len() as u64);
                self.left -= length;
                Bytes::from_static(&BLANKS[..usize::try_from(length).unwrap_or(0)])
            }
        };
        Poll::Ready((!part.is_empty()).then(|| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0 && self.first.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.first.as_ref().map_or(0, Bytes::len) as u64 + self.left)
    }
}
