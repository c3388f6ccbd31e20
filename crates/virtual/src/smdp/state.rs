//! What an SM-DP+ remembers, and where it keeps that.

use std::collections::BTreeMap;
use std::path::Path;

use private_files::{Access, Existing};
use serde::{Deserialize, Serialize};
use sgp22::id::{Eid, Iccid, TransactionId};

use super::SmdpError;
use super::order::Order;
use crate::server::{Initiated, wire};

/// The file with the orders.
pub(super) const FILE: &str = "orders.json";
const VERSION: u32 = 1;
/// So many sessions are remembered; older ones are forgotten.
const SESSIONS: usize = 200;

/// Everything.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct State {
    version: u32,
    /// The orders, in the order in which they were added.
    pub(super) orders: Vec<Order>,
    /// What was received, each notification once.
    pub(super) notifications: Vec<NotificationRecord>,
    sessions: BTreeMap<u64, Session>,
    next_session: u64,
}

/// A session with a card.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Session {
    #[serde(with = "crate::text::plain")]
    pub(super) transaction_id: TransactionId,
    pub(super) initiated: Initiated,
    /// What is known since the card has proved who it is.
    pub(super) card: Option<CardSession>,
    /// It was cancelled, or the package was installed: nothing more can be done in it.
    pub(super) over: bool,
}

/// A session with a card that has proved who it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CardSession {
    #[serde(with = "crate::text::plain")]
    pub(super) eid: Eid,
    /// The card's certificate.
    #[serde(with = "wire::base64")]
    pub(super) certificate: Vec<u8>,
    /// Which order it is about.
    pub(super) order: usize,
    /// `smdpSignature2`, the whole object.
    #[serde(with = "wire::base64")]
    pub(super) smdp_signature2: Vec<u8>,
    /// The answer of the card that came with a wrong code: a request that is repeated on the way counts once.
    #[serde(with = "wire::base64", default)]
    pub(super) wrong_answer: Vec<u8>,
}

/// A notification that was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationRecord {
    /// Its number on the card.
    pub seq: u64,
    /// `install`, `enable`, `disable`, `delete`, or whatever it says.
    pub event: String,
    /// True for the result of an installation.
    pub is_installation_result: bool,
    /// Why an installation failed: command and reason.
    pub failure: Option<(i64, i64)>,
    /// The profile that it is about.
    #[serde(with = "crate::text::optional")]
    pub iccid: Option<Iccid>,
    /// The card that it is of, if that is known.
    #[serde(with = "crate::text::optional")]
    pub eid: Option<Eid>,
    /// Its signature is right, and its certificates are.
    pub signature_is_right: bool,
    /// SHA-256 of the object, in hexadecimal.
    pub sha256: String,
    /// How often it came.
    pub times: u64,
}

impl State {
    fn new() -> Self {
        Self { version: VERSION, orders: vec![], notifications: vec![], sessions: BTreeMap::new(), next_session: 0 }
    }

    pub(super) fn begin(&mut self, transaction_id: TransactionId, initiated: Initiated) {
        self.sessions.insert(self.next_session, Session { transaction_id, initiated, card: None, over: false });
        self.next_session += 1;
        while self.sessions.len() > SESSIONS {
            self.sessions.pop_first();
        }
    }

    /// The session of this name, also one that is over.
    pub(super) fn any_session(&mut self, id: &TransactionId) -> Option<&mut Session> {
        self.sessions.values_mut().find(|session| session.transaction_id == *id)
    }

    /// Reads the state in `directory`; there need be none.
    pub(super) fn load(directory: Option<&Path>) -> Result<Self, SmdpError> {
        let Some(directory) = directory else { return Ok(Self::new()) };
        let path = directory.join(FILE);
        let text = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::new()),
            text => text.map_err(|source| SmdpError::Io { path: path.clone(), source })?,
        };
        let damaged = |why: String| SmdpError::Damaged { path: path.clone(), why };
        let state: Self = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        if state.version != VERSION {
            return Err(damaged(format!("format {} is not known", state.version)));
        }
        Ok(state)
    }

    /// Replaces the state in `directory` as a whole.
    pub(super) fn save(&self, directory: &Path) -> Result<(), SmdpError> {
        let path = directory.join(FILE);
        let write = || {
            let mut text = serde_json::to_vec_pretty(self)?;
            text.push(b'\n');
            private_files::write(&path, &text, Access::Directory, Existing::Replace)
        };
        write().map_err(|source| SmdpError::Io { path: path.clone(), source })
    }
}
