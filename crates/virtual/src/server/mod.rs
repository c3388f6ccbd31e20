//! What the test servers have in common: HTTP answers, the checks of a card, and ways to go wrong.

mod behaviour;
mod card_proof;
mod fault;
mod initiate;
mod mangle;
pub(crate) mod wire;

use std::sync::{Mutex, MutexGuard, PoisonError};

use sgp22::es9p::{BodyError, ExecutionFailure};

use crate::pki::{Identity, Pki, PkiError, ServerKind};
pub use crate::switch::SwitchError;
pub use behaviour::{Behaviour, BehaviourEntry, Behaviours, ChosenBehaviour, FUNCTIONS};
pub(crate) use card_proof::{CardProof, check_card, check_chain, signature_is_right};
pub(crate) use fault::FaultPlan;
pub use fault::{FAULT_KINDS, Fault, FaultError, FaultKind, Outcome};
pub(crate) use initiate::{AuthSide, Initiated, initiate, new_transaction_id, newer, spoil};
pub(crate) use mangle::{early, late};

/// An answer as HTTP has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// HTTP's status.
    pub status: u16,
    /// Kind of the body; `None` if there is no body.
    pub content_type: Option<&'static str>,
    /// The body.
    pub body: Vec<u8>,
    /// The coding that the body is compressed in; `None` for none.
    pub coding: Option<&'static str>,
    /// So many blanks follow the body: an answer too long to be made up in memory.
    pub padding: u64,
    /// What becomes of the connection.
    pub connection: AfterAnswer,
    /// How it went, for a person who watches the server.
    pub note: Option<String>,
}

/// What becomes of the connection after an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AfterAnswer {
    /// It stays open.
    #[default]
    Keep,
    /// It is closed, as the answer says.
    Close,
    /// It is closed without a word.
    Drop,
}

const JSON: &str = "application/json;charset=UTF-8";

impl HttpAnswer {
    fn new(status: u16, content_type: Option<&'static str>, body: Vec<u8>) -> Self {
        Self { status, content_type, body, coding: None, padding: 0, connection: AfterAnswer::Keep, note: None }
    }

    /// A function that was carried out or refused: JSON.
    pub(crate) fn json(body: Vec<u8>) -> Self {
        Self::new(200, Some(JSON), body)
    }

    /// A function that was refused.
    pub(crate) fn refusal(failure: &ExecutionFailure) -> Self {
        Self { note: Some(failure.to_string()), ..Self::json(failure.encode()) }
    }

    /// Nothing to say.
    pub(crate) fn no_content() -> Self {
        Self::new(204, None, Vec::new())
    }

    /// Something for a person.
    pub(crate) fn text(status: u16, text: &str) -> Self {
        Self::new(status, Some("text/plain;charset=UTF-8"), format!("{text}\n").into_bytes())
    }

    fn html(status: u16, title: &str) -> Self {
        let page =
            format!("<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n");
        Self::new(status, Some("text/html;charset=UTF-8"), page.into_bytes())
    }
}

/// A test server, as whoever brings it requests sees it.
pub trait Server: Send + Sync {
    /// Handles one request, with the fault that is due. `path` is that of the URL.
    fn exchange(&self, path: &str, body: &[u8]) -> Outcome;

    /// What it is known by in TLS, for each host that it answers for; the first one for whoever names no host.
    fn tls(&self) -> &[(String, Identity)];

    /// The versions of TLS that it knows.
    fn tls_versions(&self) -> TlsVersions {
        rustls::DEFAULT_VERSIONS
    }
}

/// Versions of TLS.
pub type TlsVersions = &'static [&'static rustls::SupportedProtocolVersion];

/// What a server knows of TLS: all, or what it is told to.
pub(crate) fn tls_versions(behaviours: &Behaviours) -> TlsVersions {
    static OLD: TlsVersions = &[&rustls::version::TLS12];
    if behaviours.has(Behaviour::Tls12) { OLD } else { rustls::DEFAULT_VERSIONS }
}

/// What a server is known by in TLS: its own certificates, or what it is told to show instead.
pub(crate) fn tls_identities(
    pki: &Pki,
    kind: ServerKind,
    hosts: &[String],
    behaviours: &Behaviours,
) -> Result<Vec<(String, Identity)>, PkiError> {
    let identity = |host: &String| {
        let identity = if behaviours.has(Behaviour::TlsWrongHost) {
            pki.issue_tls(kind, "another-host.example.com")?
        } else if behaviours.has(Behaviour::TlsExpired) {
            pki.issue_expired_tls(kind, host)?
        } else if behaviours.has(Behaviour::TlsNotYetValid) {
            pki.issue_early_tls(kind, host)?
        } else if behaviours.has(Behaviour::TlsForeignCa) {
            Pki::in_memory()?.issue_tls(kind, host)?
        } else {
            pki.issue_tls(kind, host)?
        };
        Ok((host.clone(), identity))
    };
    hosts.iter().map(identity).collect()
}

/// Why a function was not carried out.
#[derive(Debug)]
pub(crate) enum Problem {
    /// As the standard has it.
    Refused(ExecutionFailure),
    /// The body is no JSON object at all.
    NoJson(String),
    /// The server itself failed.
    Internal(String),
}

impl From<ExecutionFailure> for Problem {
    fn from(failure: ExecutionFailure) -> Self {
        Self::Refused(failure)
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match &error {
            BodyError::Empty { .. } | BodyError::NotJson { .. } => Self::NoJson(error.to_string()),
            BodyError::Missing { .. } => refused("1.6", "2.2", &error.to_string()).into(),
            BodyError::BadField { .. } | BodyError::Contradiction { .. } | BodyError::NoAcceptance { .. } => {
                refused("1.6", "2.1", &error.to_string()).into()
            }
        }
    }
}

impl Problem {
    pub(crate) fn answer(&self) -> HttpAnswer {
        match self {
            Self::Refused(failure) => HttpAnswer::refusal(failure),
            Self::NoJson(why) => HttpAnswer::text(400, why),
            Self::Internal(why) => HttpAnswer::text(500, why),
        }
    }
}

/// A refusal with this subject and reason.
pub(crate) fn refused(subject: &str, reason: &str, message: &str) -> ExecutionFailure {
    ExecutionFailure::failed(subject, reason, message)
}

/// The function that a path names.
pub(crate) fn function(path: &str) -> Option<&'static str> {
    let name = path.strip_prefix(sgp22::es9p::PATH).unwrap_or(path);
    FUNCTIONS.iter().find(|function| **function == name).copied()
}

/// What a mutex guards. A panic elsewhere does not make it worse than it is.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Random bytes; those of a system without any are a test's least problem.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Problem::Internal(error.to_string()))?;
    Ok(bytes)
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}
