//! Servers: what an SM-DP+ or SM-DS is asked, and how what goes wrong on the way is told apart.

mod error;
pub mod https;

pub use error::{Reached, ServerError, ServerErrorKind, TrustError, UNRESOLVED};

use std::time::Duration;

use sgp22::ci::CiKeyId;
use sgp22::es9p::{PATH, ServerFunction};

/// The longest ordinary answer that is read, in bytes: metadata with an icon, certificates, lists of events.
pub const LONGEST_ANSWER: usize = 512 * 1024;
/// The longest answer with a Bound Profile Package that is read, in bytes.
pub const LONGEST_PACKAGE: usize = 8 * 1024 * 1024;

/// Who is spoken to.
#[derive(Debug, Clone, Copy)]
pub struct Peer<'a> {
    /// Host name, with `:PORT` if it is not 443: as the activation code, the card or the notification has it.
    pub address: &'a str,
    /// The issuers that the card verifies servers under. The server's certificate must come from one of them; `None` if
    /// there is no card, or the card names none.
    pub card_issuers: Option<&'a [CiKeyId]>,
    /// So long it may take in all; `None` where there is no hurry.
    pub within: Option<Duration>,
    /// The user may stop the wait for the answer. Not where something is being brought to its end.
    pub interruptible: bool,
}

impl<'a> Peer<'a> {
    /// A server that is asked for a card that accepts those under these issuers, where the card names them.
    #[must_use]
    pub fn for_card(address: &'a str, card_issuers: Option<&'a [CiKeyId]>) -> Self {
        Self { address, card_issuers, within: None, interruptible: true }
    }

    /// The same, to be waited for also by a user who wants to stop.
    #[must_use]
    pub fn to_the_end(self) -> Self {
        Self { interruptible: false, ..self }
    }
}

/// What a server sent back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status of HTTP.
    pub status: u16,
    /// What came with it.
    pub body: Vec<u8>,
}

/// The way to servers.
///
/// An object keeps its connections: one operation uses one object, and so one connection to each server.
pub trait RspServer {
    /// Posts `body` to `path` of a server and waits for what comes back, of which no more than `longest` bytes are read.
    ///
    /// Nothing is ever sent twice: whether to ask again is for the caller to say.
    fn post(&self, peer: Peer<'_>, path: &str, body: Vec<u8>, longest: usize) -> Result<Reply, ServerError>;

    /// Makes a connection to `address`, the TLS handshake included, and keeps it for the next request: nothing is asked.
    fn reach(&self, address: &str) -> Result<(), ServerError>;

    /// Says that `address` will be spoken to soon, so that a connection can be made while the card works.
    fn expect(&self, address: &str) {
        let _ = address;
    }
}

/// Asks a server for something.
pub fn call<F: ServerFunction>(
    servers: &dyn RspServer,
    peer: Peer<'_>,
    request: &F,
    longest: usize,
) -> Result<F::Answer, ServerError> {
    let error = |kind, reached| ServerError { address: peer.address.into(), function: F::NAME, kind, reached };
    let reply =
        servers.post(peer, &format!("{PATH}{}", F::ENDPOINT), request.encode(), longest).map_err(|mut failure| {
            failure.function = F::NAME;
            failure
        })?;
    log::info!("{}: {} answers {} with {} bytes", F::NAME, peer.address, reply.status, reply.body.len());
    if !(200..300).contains(&reply.status) {
        return Err(error(ServerErrorKind::Status(reply.status), Reached::Yes));
    }
    match F::decode_answer(reply.body) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(failure)) => Err(error(ServerErrorKind::Refused(failure), Reached::Yes)),
        Err(source) => Err(error(ServerErrorKind::Body(source), Reached::Yes)),
    }
}
