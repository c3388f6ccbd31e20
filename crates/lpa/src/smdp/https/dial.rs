//! Making a connection: name, TCP, proxy, TLS. Everything here happens before a server has seen a request.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, ClientConnection, Stream};

use super::address::Host;
use super::settings::{ConnectTo, HttpsSettings};
use super::trust::{Issuer, Trust};
use super::verifier::Verifier;
use crate::smdp::{ServerErrorKind, TrustError};

/// A time-out that a system call takes: none of them takes 0.
const SHORTEST: Duration = Duration::from_millis(1);

/// Longer than any time-out: clocks cannot be added to without end.
const FOREVER: Duration = Duration::from_secs(24 * 3600);

/// When a time-out that begins now will be over.
pub(super) fn deadline(timeout: Duration) -> Instant {
    Instant::now() + timeout.min(FOREVER)
}

/// Makes connections.
#[derive(Debug)]
pub(super) struct Dialer {
    settings: HttpsSettings,
    trust: Arc<Trust>,
    provider: Arc<CryptoProvider>,
}

impl Dialer {
    pub(super) fn new(settings: HttpsSettings) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let trust = Arc::new(Trust::new(&settings, Arc::clone(&provider)));
        Self { settings, trust, provider }
    }

    pub(super) fn settings(&self) -> &HttpsSettings {
        &self.settings
    }

    /// Connects to a server and has it prove who it is; both may take as long as the settings say, or less if it has to be
    /// done `within` less.
    pub(super) fn dial(&self, host: &Host, within: Option<Duration>) -> Result<Secured, ServerErrorKind> {
        let usual = self.settings.timeouts.connect;
        let mut wire = self.reach(host, deadline(within.map_or(usual, |within| within.min(usual))))?;
        if within.is_none() {
            wire.deadline = deadline(usual);
        }
        let verifier = Arc::new(Verifier::new(Arc::clone(&self.trust)));
        let mut tls = self.client(host, &verifier)?;
        tls.complete_io(&mut wire).map_err(|error| handshake_error(error, &verifier))?;
        let Some(Ok(issuer)) = verifier.verdict() else {
            return Err(ServerErrorKind::Trust(TrustError::Other("the server showed no certificate".into())));
        };
        self.settings.counter.add(|counts| counts.handshakes += 1);
        log::debug!("{}: {:?} by {issuer:?}", host.authority(), tls.protocol_version());
        Ok(Secured { tls, wire, issuer })
    }

    fn client(&self, host: &Host, verifier: &Arc<Verifier>) -> Result<ClientConnection, ServerErrorKind> {
        let broken = |error: rustls::Error| ServerErrorKind::Tls(error.to_string());
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .map_err(broken)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::<Verifier>::clone(verifier))
            .with_no_client_auth();
        // A resumed session shows no certificate, so that nobody would know whom it led to.
        config.resumption = Resumption::disabled();
        let name = host.server_name().ok_or(ServerErrorKind::Address)?;
        ClientConnection::new(Arc::new(config), name).map_err(broken)
    }

    /// TCP, through a proxy if there is one.
    fn reach(&self, host: &Host, deadline: Instant) -> Result<Wire, ServerErrorKind> {
        let route = ConnectTo::route(&self.settings.connect_to, host);
        let proxy = self.settings.proxy.as_ref().filter(|proxy| proxy.serves(host, route.as_ref()));
        let (name, port) = route.unwrap_or_else(|| (host.name.clone(), host.port));
        let Some(proxy) = proxy else { return self.tcp(&name, port, deadline) };
        let mut wire = self.tcp(&proxy.name, proxy.port, deadline).map_err(|error| match error {
            ServerErrorKind::Unreachable(why) | ServerErrorKind::Unresolved(why) => ServerErrorKind::Proxy(why),
            other => other,
        })?;
        proxy.connect(&mut wire, (&name, port), &self.settings.user_agent)?;
        Ok(wire)
    }

    /// Tries the addresses of a name in turn; each gets its share of the time that is left.
    fn tcp(&self, name: &str, port: u16, deadline: Instant) -> Result<Wire, ServerErrorKind> {
        let addresses = resolve(name, port, deadline)?;
        let mut last = ServerErrorKind::Unresolved("it has no address".into());
        for (tried, address) in (0u32..).zip(&addresses) {
            let left = u32::try_from(addresses.len()).unwrap_or(u32::MAX).saturating_sub(tried).max(1);
            let share = deadline.saturating_duration_since(Instant::now()) / left;
            match TcpStream::connect_timeout(address, share.max(SHORTEST)) {
                Ok(socket) => {
                    self.settings.counter.add(|counts| counts.connections += 1);
                    // Requests are written whole; waiting to fill a segment would only delay their ends.
                    let _ = socket.set_nodelay(true);
                    return Ok(Wire { socket, deadline });
                }
                Err(error) if error.kind() == io::ErrorKind::TimedOut => last = ServerErrorKind::Timeout,
                Err(error) => last = ServerErrorKind::Unreachable(error.to_string()),
            }
        }
        Err(last)
    }
}

/// Asks the system for the addresses of a name, in a thread of its own since that cannot be interrupted.
fn resolve(name: &str, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, ServerErrorKind> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let unresolved = |error: io::Error| ServerErrorKind::Unresolved(error.to_string());
    let (send, receive) = mpsc::channel();
    let question = (name.to_owned(), port);
    let ask = move || {
        // Nobody may be waiting for the answer any more.
        let _ = send.send(question.to_socket_addrs().map(Iterator::collect));
    };
    thread::Builder::new().name("resolver".into()).spawn(ask).map_err(unresolved)?;
    match receive.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Ok(answer) => answer.map_err(unresolved),
        Err(mpsc::RecvTimeoutError::Timeout) => Err(ServerErrorKind::Timeout),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(ServerErrorKind::Unresolved("the resolver failed".into())),
    }
}

fn handshake_error(error: io::Error, verifier: &Verifier) -> ServerErrorKind {
    if let Some(Err(distrust)) = verifier.verdict() {
        return ServerErrorKind::Trust(distrust);
    }
    match error.get_ref().and_then(|source| source.downcast_ref::<rustls::Error>()) {
        // The certificate is in order, and yet not proved: the server lacks its key.
        Some(source @ rustls::Error::InvalidCertificate(_)) => {
            ServerErrorKind::Trust(TrustError::Other(source.to_string()))
        }
        Some(source) => ServerErrorKind::Tls(source.to_string()),
        None if is_timeout(&error) => ServerErrorKind::Timeout,
        None => ServerErrorKind::Cut(super::connect::without_link(&error)),
    }
}

/// What the system says when a socket's time is up; Unix and Windows differ.
pub(super) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// A socket, every operation on which ends at the deadline: a peer that sends a byte now and then gains nothing.
#[derive(Debug)]
struct Wire {
    socket: TcpStream,
    deadline: Instant,
}

impl Wire {
    fn left(&self) -> io::Result<Option<Duration>> {
        match self.deadline.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
            left => Ok(Some(left.max(SHORTEST))),
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(self.left()?)?;
        self.socket.read(buffer)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(self.left()?)?;
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// A connection to a server that has proved who it is.
#[derive(Debug)]
pub(super) struct Secured {
    tls: ClientConnection,
    wire: Wire,
    pub(super) issuer: Issuer,
}

impl Secured {
    /// Reads until `deadline`.
    pub(super) fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        self.wire.deadline = deadline;
        Stream::new(&mut self.tls, &mut self.wire).read(buffer)
    }

    /// Writes everything until `deadline`.
    pub(super) fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<()> {
        self.wire.deadline = deadline;
        let mut stream = Stream::new(&mut self.tls, &mut self.wire);
        stream.write_all(bytes)?;
        stream.flush()
    }

    /// True if the server has not closed the connection, and has sent nothing that was not asked for. Messages of TLS
    /// itself, such as tickets, are taken in.
    pub(super) fn is_open(&mut self) -> bool {
        if self.wire.socket.set_nonblocking(true).is_err() {
            return false;
        }
        let open = loop {
            match self.tls.read_tls(&mut self.wire.socket) {
                Ok(0) => break false,
                Ok(_) => match self.tls.process_new_packets() {
                    Ok(state) if state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed() => {}
                    _ => break false,
                },
                Err(error) => break error.kind() == io::ErrorKind::WouldBlock,
            }
        };
        open && self.wire.socket.set_nonblocking(false).is_ok()
    }
}
