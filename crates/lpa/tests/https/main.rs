//! The HTTPS client against a server of TLS on this machine that does as it is told.

#![allow(clippy::unwrap_used, clippy::panic)]

mod exchange;
mod pki;
mod server;
mod shapes;
mod trust;
mod way;

use std::time::Duration;

use lpa::smdp::https::{Anchor, HttpsServers, HttpsSettings, Timeouts};
use lpa::smdp::{Peer, Reply, RspServer, ServerError};
use pki::{Authority, FAR_FUTURE, Wish};
use server::{Act, Server};

/// As the certificates of tests have it.
pub(crate) const NAME: &str = "smdp.example.test";
pub(crate) const PATH: &str = "/gsma/rsp2/es9plus/initiateAuthentication";
pub(crate) const LONGEST: usize = 64 * 1024;

/// Settings that believe `issuer` and find every name at `server`.
pub(crate) fn settings(issuer: &Authority, server: &Server) -> HttpsSettings {
    HttpsSettings {
        anchors: Anchor::read(&issuer.der).unwrap(),
        connect_to: vec![format!("::127.0.0.1:{}", server.port).parse().unwrap()],
        // Slow machines are no failure.
        timeouts: Timeouts { connect: Duration::from_secs(60), ..Timeouts::default() },
        ..HttpsSettings::default()
    }
}

/// A server in order, and a client that believes it.
pub(crate) fn pair(acts: Vec<Act>) -> (Server, HttpsServers) {
    let issuer = Authority::root("Test CI", FAR_FUTURE);
    let server = Server::start(&issuer.issue(&Wish::default()), acts);
    let client = HttpsServers::new(settings(&issuer, &server));
    (server, client)
}

pub(crate) fn post(client: &HttpsServers, address: &str) -> Result<Reply, ServerError> {
    client.post(
        Peer { address, card_issuers: None, within: None, interruptible: true },
        PATH,
        b"{\"a\":1}".to_vec(),
        LONGEST,
    )
}
