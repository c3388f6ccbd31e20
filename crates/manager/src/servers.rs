//! The way to servers, by the kind of card that has something for them.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use lpa::proof::ProofVerifier;
use lpa::smdp::https::{
    Anchor, AnchorKind, ConnectTo, HttpsServers, HttpsSettings, NetCounter, NetCounts, Proxy, Timeouts,
};
use lpa::smdp::{Peer, Reached, Reply, RspServer, ServerError, ServerErrorKind};

use crate::error::{Error, Id};
use crate::{Manager, virtual_servers, words};

/// Which servers are trusted, and how they are reached: what the user said.
#[derive(Debug, Clone, Default)]
pub struct ServerSettings {
    /// Files with certificate issuers that are trusted too.
    pub ca: Vec<PathBuf>,
    /// Trust the test issuers.
    pub trust_test_ci: bool,
    /// Trust the issuers of the web.
    pub trust_web_ca: bool,
    /// `HOST:PORT:ADDR:PORT2`, as curl has it.
    pub connect_to: Vec<String>,
}

/// What a card is made of: it decides which servers are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardKind {
    /// A virtual card: virtual servers alone, so that nothing that is tried out reaches an operator.
    Virtual,
    /// Any other.
    Real,
}

impl CardKind {
    /// By the full name of the device that the card was reached through.
    #[must_use]
    pub fn of(device: &str) -> Self {
        if device.starts_with("virtual:") { Self::Virtual } else { Self::Real }
    }
}

/// The connections of this process, made when they are first needed and kept: one to each server.
#[derive(Default)]
pub(crate) struct Servers {
    real: OnceLock<HttpsServers>,
    r#virtual: OnceLock<VirtualServers>,
    counter: NetCounter,
}

impl std::fmt::Debug for Servers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Servers")
    }
}

impl Manager {
    /// The way to the servers of such a card.
    pub fn servers(&self, card: CardKind) -> Result<&dyn RspServer, Error> {
        match card {
            CardKind::Real => {
                if self.servers.real.get().is_none() {
                    let made = HttpsServers::new(self.https_settings(true)?);
                    let _ = self.servers.real.set(made);
                }
                Ok(self.servers.real.get().map_or(&Nowhere, |servers| servers as &dyn RspServer))
            }
            CardKind::Virtual => {
                if self.servers.r#virtual.get().is_none() {
                    let made = VirtualServers::new(self)?;
                    let _ = self.servers.r#virtual.set(made);
                }
                Ok(self.servers.r#virtual.get().map_or(&Nowhere, |servers| servers as &dyn RspServer))
            }
        }
    }

    /// What was exchanged with servers so far.
    #[must_use]
    pub fn net_counts(&self) -> NetCounts {
        self.servers.counter.read()
    }

    /// The verifier of what cards signed: it believes the issuers that servers may come from, too. That of the virtual
    /// cards here is known, as a test issuer.
    pub(crate) fn proof_verifier(&self) -> Result<ProofVerifier, Error> {
        let settings = self.https_settings(false)?;
        let mut anchors = settings.anchors;
        if let Ok(mut own) = read_anchors(&self.paths().pki().join("ci.cert.pem")) {
            own.iter_mut().for_each(|anchor| anchor.kind = AnchorKind::Test);
            anchors.extend(own);
        }
        Ok(ProofVerifier::new(anchors, settings.trust_test_issuers))
    }

    fn https_settings(&self, proxied: bool) -> Result<HttpsSettings, Error> {
        let ServerSettings { ca, trust_test_ci, trust_web_ca, connect_to } = &self.settings.servers;
        let configured = self.config();
        let mut anchors = Vec::new();
        for path in ca.iter().chain(&configured.ca) {
            anchors.extend(read_anchors(path)?);
        }
        let parse = |text: &String| {
            text.parse::<ConnectTo>().map_err(|error| {
                let about = [("text", text.as_str().into()), ("why", error.to_string().into())];
                Error::new(Id::Usage)
                    .with("why", words::text("connect-to-invalid", &about))
                    .with("hint", words::text("connect-to-invalid.next", &[]))
            })
        };
        let proxy = if proxied {
            Proxy::from_vars(|name| std::env::var(name).ok()).map_err(|error| {
                Error::new(Id::ServerProxy).with("server", words::text("any-server", &[])).cause(error)
            })?
        } else {
            None
        };
        let mut timeouts = Timeouts::default();
        if let Some(seconds) = configured.server_timeout {
            timeouts.response = Duration::from_secs(seconds);
        }
        Ok(HttpsSettings {
            timeouts,
            anchors,
            trust_test_issuers: *trust_test_ci || configured.trust_test_ci,
            trust_web_issuers: *trust_web_ca || configured.trust_web_ca,
            connect_to: connect_to.iter().chain(&configured.connect_to).map(parse).collect::<Result<_, _>>()?,
            proxy,
            counter: self.servers.counter.clone(),
            stop: self.settings.interrupt.clone(),
            ..HttpsSettings::default()
        })
    }
}

fn read_anchors(path: &Path) -> Result<Vec<Anchor>, Error> {
    let refused = |why: String| Error::new(Id::CaFile).with("path", path.display()).with("why", why);
    let bytes = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
    Anchor::read(&bytes).map_err(|error| refused(error.to_string()))
}

/// Servers for virtual cards: those that run beside, and those that the user said how to reach.
struct VirtualServers {
    https: HttpsServers,
    ways: Vec<ConnectTo>,
}

impl VirtualServers {
    fn new(manager: &Manager) -> Result<Self, Error> {
        let mut settings = manager.https_settings(false)?;
        let mut read: Vec<PathBuf> = Vec::new();
        for server in virtual_servers::running(manager.paths()) {
            if !read.contains(&server.ca) {
                settings.anchors.extend(read_anchors(&server.ca)?);
                read.push(server.ca);
            }
            settings.connect_to.push(ConnectTo {
                host: Some(server.host.to_lowercase()),
                port: None,
                to_host: Some(server.address.ip().to_string()),
                to_port: Some(server.address.port()),
            });
        }
        let ways = settings.connect_to.clone();
        Ok(Self { https: HttpsServers::new(settings), ways })
    }

    /// Whether the rule that decides leads to a server beside: one that names the host, or else an address.
    fn runs(&self, address: &str) -> bool {
        let way = self.ways.iter().find(|way| way.applies_to(address));
        way.is_some_and(|way| way.host.is_some() || way.to_host.is_some())
    }
}

impl RspServer for VirtualServers {
    fn post(&self, peer: Peer<'_>, path: &str, body: Vec<u8>, longest: usize) -> Result<Reply, ServerError> {
        if self.runs(peer.address) {
            self.https.post(peer, path, body, longest)
        } else {
            Nowhere.post(peer, path, body, longest)
        }
    }

    fn reach(&self, address: &str) -> Result<(), ServerError> {
        if self.runs(address) { self.https.reach(address) } else { Nowhere.reach(address) }
    }

    fn expect(&self, address: &str) {
        if self.runs(address) {
            self.https.expect(address);
        }
    }
}

/// Reaches nobody.
struct Nowhere;

impl RspServer for Nowhere {
    fn post(&self, peer: Peer<'_>, _: &str, _: Vec<u8>, _: usize) -> Result<Reply, ServerError> {
        Err(nobody(peer.address))
    }

    fn reach(&self, address: &str) -> Result<(), ServerError> {
        Err(nobody(address))
    }
}

fn nobody(address: &str) -> ServerError {
    let kind = ServerErrorKind::NotRunning;
    ServerError { address: address.into(), function: "", kind, reached: Reached::No }
}
