//! Servers over HTTPS (SGP.22 6.1).
//!
//! HTTP is ureq's and TLS is that of rustls. What is done here is to connect ([`HttpsServers::expect`] ahead of time,
//! through proxies, elsewhere than the name says), to decide whom to believe, and to tell apart what goes wrong.
//! Nothing is ever sent twice.

mod address;
mod anchors;
mod anchors_table;
mod body;
pub(crate) mod chain;
mod connect;
mod counts;
mod dial;
mod line;
mod proxy;
mod settings;
mod trust;
mod verifier;

pub(crate) use anchors::key_algorithm;
pub use anchors::{Anchor, AnchorError, AnchorKind};
pub use counts::{NetCounter, NetCounts};
pub use proxy::{Proxy, ProxyError};
pub use settings::{ConnectTo, HttpsSettings, ParseConnectToError, Timeouts, WebIssuers};
pub use trust::Issuer;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use ureq::Agent;

use super::{Peer, Reached, Reply, RspServer, ServerError, ServerErrorKind};
use address::Host;
use dial::Dialer;
use line::Line;

/// The version of the protocol that servers are spoken to in.
const PROTOCOL: &str = "gsma/rsp/v2.2.2";

/// Servers over HTTPS. An object keeps one connection to each of them.
pub struct HttpsServers {
    dialer: Arc<Dialer>,
    ways: Mutex<HashMap<Host, Arc<Way>>>,
}

/// The way to one server. Requests take turns on it: there is one connection.
struct Way {
    line: Arc<Line>,
    agent: Mutex<Agent>,
}

impl HttpsServers {
    /// Servers as `settings` have them.
    #[must_use]
    pub fn new(settings: HttpsSettings) -> Self {
        Self { dialer: Arc::new(Dialer::new(settings)), ways: Mutex::default() }
    }

    /// What speaking to servers has cost so far.
    #[must_use]
    pub fn counter(&self) -> NetCounter {
        self.dialer.settings().counter.clone()
    }

    /// Whom the certificate of a server led to; `None` if there was no connection.
    #[must_use]
    pub fn issuer(&self, address: &str) -> Option<Issuer> {
        self.way(address)?.line.issuer()
    }

    /// `None` if the address is none.
    fn way(&self, address: &str) -> Option<Arc<Way>> {
        let host = Host::parse(address)?;
        let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        let way = ways.entry(host).or_insert_with_key(|host| {
            let line = Arc::new(Line::new(host.clone(), Arc::clone(&self.dialer)));
            let agent = Mutex::new(connect::agent(Arc::clone(&line), self.dialer.settings()));
            Arc::new(Way { line, agent })
        });
        Some(Arc::clone(way))
    }
}

impl RspServer for HttpsServers {
    fn post(&self, peer: Peer<'_>, path: &str, body: Vec<u8>, longest: usize) -> Result<Reply, ServerError> {
        let began = Instant::now();
        let error = |(kind, reached)| ServerError { address: peer.address.into(), function: "", kind, reached };
        let way = self.way(peer.address).ok_or_else(|| error((ServerErrorKind::Address, Reached::No)))?;
        let outcome = way.post(peer, path, &body, longest);
        self.dialer.settings().counter.add(|counts| {
            counts.waited += began.elapsed();
            counts.bytes_sent += if way.line.written() { body.len() as u64 } else { 0 };
            counts.bytes_received += outcome.as_ref().map_or(0, |reply| reply.body.len() as u64);
        });
        outcome.map_err(error)
    }

    fn reach(&self, address: &str) -> Result<(), ServerError> {
        let error = |kind| ServerError { address: address.into(), function: "", kind, reached: Reached::No };
        let way = self.way(address).ok_or_else(|| error(ServerErrorKind::Address))?;
        way.line.reach().map_err(error)
    }

    fn expect(&self, address: &str) {
        if let Some(way) = self.way(address) {
            way.line.expect();
        }
    }
}

impl Way {
    fn post(
        &self,
        peer: Peer<'_>,
        path: &str,
        body: &[u8],
        longest: usize,
    ) -> Result<Reply, (ServerErrorKind, Reached)> {
        let agent = self.agent.lock().unwrap_or_else(PoisonError::into_inner);
        self.line.begin(peer);
        let authority = self.line.host.authority();
        log::debug!("{authority}{path}: {} bytes", body.len());
        let answer = agent
            .post(format!("https://{authority}{path}"))
            .config()
            .timeout_global(peer.within)
            .build()
            .header("Content-Type", "application/json")
            .header("X-Admin-Protocol", PROTOCOL)
            .send(body);
        match answer {
            Ok(answer) => {
                let status = answer.status().as_u16();
                let body = body::read(answer, longest).map_err(|kind| (kind, Reached::Yes))?;
                Ok(Reply { status, body })
            }
            Err(error) => {
                let reached = if self.line.written() { Reached::Maybe } else { Reached::No };
                Err((connect::meaning(error), reached))
            }
        }
    }
}
