//! TLS: a certificate for each host, and handshakes that do not wait for each other.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ProtocolVersion, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::gate::{Gate, Gated};
use super::{Counters, ServeError};
use crate::server::Server;

/// A client that takes longer for its handshake has gone away.
const PATIENCE: Duration = Duration::from_secs(30);
/// Connections that wait to be served.
const WAITING: usize = 64;

/// The certificates of a server by host; the first one also for whoever names none.
#[derive(Debug)]
struct ByHost(Vec<(String, Arc<CertifiedKey>)>);

impl ResolvesServerCert for ByHost {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let named =
            hello.server_name().and_then(|name| self.0.iter().find(|(host, _)| host.eq_ignore_ascii_case(name)));
        named.or(self.0.first()).map(|(_, key)| key.clone())
    }
}

pub(super) fn config(core: &dyn Server) -> Result<Arc<ServerConfig>, ServeError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut keys = Vec::new();
    for (host, identity) in core.tls() {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key_der()?));
        let key = provider.key_provider.load_private_key(key)?;
        let chain = vec![CertificateDer::from(identity.certificate_der().to_vec())];
        keys.push((host.clone(), Arc::new(CertifiedKey::new(chain, key))));
    }
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(core.tls_versions())?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(ByHost(keys)));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

type Connection = Gated<TlsStream<TcpStream>>;

/// Connections whose handshakes are done.
pub(super) struct Acceptor {
    ready: mpsc::Receiver<(Connection, SocketAddr)>,
    address: std::io::Result<SocketAddr>,
}

impl Acceptor {
    /// Accepts connections and does their handshakes, each in a task of its own. The network takes `round_trip` for the
    /// connection, and again for each exchange of the handshake.
    pub(super) fn start(
        listener: TcpListener,
        config: Arc<ServerConfig>,
        counters: Arc<Counters>,
        round_trip: Duration,
    ) -> Self {
        let address = listener.local_addr();
        let acceptor = TlsAcceptor::from(config);
        let (sender, ready) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            loop {
                let (stream, peer) = match listener.accept().await {
                    Ok(connection) => connection,
                    Err(error) => {
                        log::warn!("a connection cannot be accepted: {error}");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                };
                counters.connections.fetch_add(1, Ordering::Relaxed);
                let (acceptor, sender, counters) = (acceptor.clone(), sender.clone(), counters.clone());
                tokio::spawn(async move {
                    // Small answers go out at once.
                    let _ = stream.set_nodelay(true);
                    // One for TCP, one for the handshake up to where the client may speak in TLS 1.3.
                    tokio::time::sleep(2 * round_trip).await;
                    match tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await {
                        Ok(Ok(stream)) => {
                            if stream.get_ref().1.protocol_version() == Some(ProtocolVersion::TLSv1_2) {
                                tokio::time::sleep(round_trip).await;
                            }
                            counters.handshakes.fetch_add(1, Ordering::Relaxed);
                            // An error says that the server has ended.
                            let _ = sender.send((Gated::new(stream), peer)).await;
                        }
                        Ok(Err(error)) => log::info!("a TLS handshake failed: {error}"),
                        Err(_) => log::info!("a TLS handshake was not finished"),
                    }
                });
            }
        });
        Self { ready, address }
    }
}

impl Listener for Acceptor {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The task that accepts runs as long as the server: this is the end.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.address.as_ref().copied().map_err(|error| error.kind().into())
    }
}

/// How a handler reaches the gate of its connection.
#[derive(Debug, Clone)]
pub(super) struct GateOf(pub(super) Arc<Gate>);

impl Connected<IncomingStream<'_, Acceptor>> for GateOf {
    fn connect_info(stream: IncomingStream<'_, Acceptor>) -> Self {
        Self(stream.io().gate.clone())
    }
}
