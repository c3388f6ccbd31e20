//! A TLS server and a proxy that do as a test tells them.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::pki::Identity;

/// What the server does with a request.
#[derive(Clone)]
pub(crate) enum Act {
    Answer(Vec<u8>),
    /// As if it would go on, and then hangs up.
    AnswerAndClose(Vec<u8>),
    /// Hangs up instead.
    Cut,
    /// Says nothing until the client hangs up.
    Silence,
}

/// What happened at the server.
#[derive(Default, Clone)]
pub(crate) struct Seen {
    pub(crate) connections: usize,
    pub(crate) handshakes: usize,
    pub(crate) requests: Vec<String>,
    pub(crate) closed: usize,
}

pub(crate) struct Server {
    pub(crate) port: u16,
    seen: Arc<Mutex<Seen>>,
}

type Tls = StreamOwned<ServerConnection, TcpStream>;

/// An HTTP answer.
pub(crate) fn answer(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Shows one certificate to everybody, whether or not the key belongs to it.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

impl Server {
    /// A server that does `acts` in turn and afterwards answers `{}` to everything.
    pub(crate) fn start(identity: &Identity, acts: Vec<Act>) -> Self {
        Self::with_versions(identity, acts, rustls::ALL_VERSIONS)
    }

    pub(crate) fn with_versions(
        identity: &Identity,
        acts: Vec<Act>,
        versions: &[&'static rustls::SupportedProtocolVersion],
    ) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::try_from(identity.key.clone()).unwrap();
        let key = provider.key_provider.load_private_key(key).unwrap();
        let chain = identity.chain.iter().cloned().map(CertificateDer::from).collect();
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Always(Arc::new(CertifiedKey::new(chain, key)))));
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let acts = Arc::new(Mutex::new(VecDeque::from(acts)));
        let shared = Arc::clone(&seen);
        thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                shared.lock().unwrap().connections += 1;
                let (config, shared, acts) = (Arc::clone(&config), Arc::clone(&shared), Arc::clone(&acts));
                thread::spawn(move || {
                    let _ = serve(config, socket, &shared, &acts);
                    shared.lock().unwrap().closed += 1;
                });
            }
        });
        Self { port, seen }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    /// Waits until something is so at the server.
    pub(crate) fn wait(&self, is_so: impl Fn(&Seen) -> bool) {
        let began = Instant::now();
        while !is_so(&self.seen()) {
            assert!(began.elapsed() < Duration::from_secs(60), "the server waits for ever");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn serve(
    config: Arc<ServerConfig>,
    mut socket: TcpStream,
    seen: &Mutex<Seen>,
    acts: &Mutex<VecDeque<Act>>,
) -> io::Result<()> {
    let mut connection = ServerConnection::new(config).unwrap();
    connection.complete_io(&mut socket)?;
    seen.lock().unwrap().handshakes += 1;
    let mut stream = StreamOwned::new(connection, socket);
    while let Some(request) = read_request(&mut stream)? {
        seen.lock().unwrap().requests.push(request);
        let act = acts.lock().unwrap().pop_front().unwrap_or_else(|| Act::Answer(answer("200 OK", "{}")));
        match act {
            Act::Answer(bytes) => stream.write_all(&bytes)?,
            Act::AnswerAndClose(bytes) => {
                stream.write_all(&bytes)?;
                stream.conn.send_close_notify();
                stream.flush()?;
                return stream.sock.shutdown(Shutdown::Both);
            }
            Act::Cut => return stream.sock.shutdown(Shutdown::Both),
            Act::Silence => {
                let _ = stream.read(&mut [0]);
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Head and body of a request; `None` at the end of the connection.
fn read_request(stream: &mut Tls) -> io::Result<Option<String>> {
    let Some(mut request) = read_head(stream)? else { return Ok(None) };
    let length = request
        .to_ascii_lowercase()
        .split("content-length: ")
        .nth(1)
        .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    request.push_str(std::str::from_utf8(&body).unwrap());
    Ok(Some(request))
}

fn read_head(stream: &mut impl Read) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte)? == 0 {
            return Ok(None);
        }
        head.push(byte[0]);
    }
    Ok(Some(String::from_utf8(head).unwrap()))
}

/// A proxy that answers CONNECT with `status`; what it was asked is kept.
pub(crate) struct TestProxy {
    pub(crate) port: u16,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl TestProxy {
    pub(crate) fn start(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&asked);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                thread::spawn(move || relay(client, status, &shared));
            }
        });
        Self { port, asked }
    }
}

fn relay(mut client: TcpStream, status: &str, asked: &Mutex<Vec<String>>) -> io::Result<()> {
    let Some(head) = read_head(&mut client)? else { return Ok(()) };
    let target = head.split(' ').nth(1).unwrap().to_owned();
    asked.lock().unwrap().push(head);
    write!(client, "HTTP/1.1 {status}\r\nVia: a test\r\n\r\n")?;
    if !status.starts_with('2') {
        return Ok(());
    }
    let mut server = TcpStream::connect(target)?;
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut from_client, &mut to_server);
        to_server.shutdown(Shutdown::Write)
    });
    io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Write)
}
