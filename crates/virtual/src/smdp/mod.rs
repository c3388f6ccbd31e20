//! A test SM-DP+: gives out profiles as ES9+ has it, checks all that it is sent, and can go wrong in every way.
//!
//! [`Smdp`] is synchronous: a request's path and body go in, the answer comes out. [`crate::https`] puts it behind TLS.

mod authenticate;
mod description;
mod download;
mod icon;
mod notify;
mod order;
mod package;
mod state;
mod upp;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use sgp22::es9p::{
    AuthenticateClient, CancelSession, GetBoundProfilePackage, HandleNotification, InitiateAuthentication,
    ServerFunction,
};
use sgp22::id::{Eid, Oid, TransactionId};

pub use icon::sample_icon;
pub use order::{NewOrder, Order, OrderState};
pub use state::NotificationRecord;

use crate::pki::{Identity, Pki, PkiError, ServerCredentials, ServerKind};
use crate::server::{
    AuthSide, Behaviour, Behaviours, Fault, FaultPlan, HttpAnswer, Outcome, Problem, Server, TlsVersions, early,
    function, held, initiate, late, refused, tls_identities, tls_versions,
};
use state::{Session, State};

/// Why an SM-DP+ cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SmdpError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The state file cannot be understood.
    #[error("{path} is damaged: {why}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// An order makes no sense.
    #[error(transparent)]
    Order(#[from] sgp22::id::ParseIdError),
    /// Its certificates cannot be made or read.
    #[error(transparent)]
    Pki(#[from] PkiError),
}

/// How a server is set up.
#[derive(Debug, Clone, Default)]
pub struct SmdpOptions {
    /// The hosts that it answers for; the first one is its name.
    pub hosts: Vec<String>,
    /// How it departs from a well-behaved one.
    pub behaviours: Behaviours,
    /// What goes wrong once.
    pub faults: Vec<Fault>,
    /// Where orders are kept; in memory alone without it.
    pub directory: Option<PathBuf>,
}

impl SmdpOptions {
    /// A well-behaved server of this name, in memory.
    #[must_use]
    pub fn named(host: &str) -> Self {
        Self { hosts: vec![host.into()], ..Self::default() }
    }
}

/// A test SM-DP+.
#[derive(Debug)]
pub struct Smdp {
    hosts: Vec<String>,
    behaviours: Behaviours,
    faults: FaultPlan,
    directory: Option<PathBuf>,
    credentials: ServerCredentials,
    tls: Vec<(String, Identity)>,
    /// What it authenticates itself with, and binds packages with; of the credentials, if it behaves.
    auth: Identity,
    binding: Identity,
    /// The issuer's certificate.
    ci: Vec<u8>,
    oid: Oid,
    state: Mutex<State>,
}

impl Smdp {
    /// A server with certificates of `pki`, and the orders that it had before.
    pub fn new(pki: &Pki, options: SmdpOptions) -> Result<Self, SmdpError> {
        let names: Vec<&str> = options.hosts.iter().map(String::as_str).collect();
        let credentials = pki.issue_server(ServerKind::Smdp, names.first().copied().unwrap_or("localhost"))?;
        if let Some(directory) = &options.directory {
            private_files::make_directory(directory, private_files::Access::Directory)
                .map_err(|source| SmdpError::Io { path: directory.clone(), source })?;
        }
        let proper = credentials.binding.clone().unwrap_or_else(|| credentials.auth.clone());
        let certificate = sgp22::cert::Certificate::decode(credentials.auth.certificate_der());
        let oid = certificate.ok().and_then(|certificate| certificate.owner());
        let oid = oid.ok_or_else(|| PkiError::Build("the server's certificate has no OID".into()))?;
        let (auth, binding) = bent_identities(pki, &options.behaviours, &credentials.auth, &proper)?;
        let tls = tls_identities(pki, ServerKind::Smdp, &options.hosts, &options.behaviours)?;
        let state = State::load(options.directory.as_deref())?;
        Ok(Self {
            tls,
            hosts: options.hosts,
            behaviours: options.behaviours,
            faults: FaultPlan::of(options.faults),
            directory: options.directory,
            auth,
            binding,
            ci: pki.ci().certificate_der().to_vec(),
            oid,
            credentials,
            state: Mutex::new(state),
        })
    }

    /// The orders that a server keeps, or kept, in `directory`.
    pub fn peek(directory: &Path) -> Result<Vec<Order>, SmdpError> {
        State::load(Some(directory)).map(|state| state.orders)
    }

    /// The notifications that a server has received, as it keeps them in `directory`.
    pub fn peek_notifications(directory: &Path) -> Result<Vec<NotificationRecord>, SmdpError> {
        State::load(Some(directory)).map(|state| state.notifications)
    }

    /// Adds an order. One with a MatchingID, or for want of one an EID, that is known already stays as it is.
    pub fn add_order(&self, new: &NewOrder) -> Result<(), SmdpError> {
        let host = self.hosts.first().map_or("", String::as_str);
        let order = Order::new(new, host)?;
        let mut state = held(&self.state);
        let known = |other: &Order| {
            other.matching_id == order.matching_id && (!order.matching_id.is_empty() || other.eid == order.eid)
        };
        if state.orders.iter().any(known) {
            return Ok(());
        }
        state.orders.push(order);
        self.keep(&state)
    }

    /// All orders.
    #[must_use]
    pub fn orders(&self) -> Vec<Order> {
        held(&self.state).orders.clone()
    }

    /// The order with this MatchingID.
    #[must_use]
    pub fn order(&self, matching_id: &str) -> Option<Order> {
        held(&self.state).orders.iter().find(|order| order.matching_id == matching_id).cloned()
    }

    /// What was received, each notification once.
    #[must_use]
    pub fn notifications(&self) -> Vec<NotificationRecord> {
        held(&self.state).notifications.clone()
    }

    /// Lets something go wrong with a coming exchange; they are counted from 1.
    pub fn add_fault(&self, fault: Fault) {
        self.faults.add(fault);
    }

    /// Requests so far.
    #[must_use]
    pub fn exchanges(&self) -> u64 {
        self.faults.exchanges()
    }

    /// What it is known by in TLS, and its other certificates.
    #[must_use]
    pub fn credentials(&self) -> &ServerCredentials {
        &self.credentials
    }

    /// Handles a request, without faults. `path` is that of the URL, or the function's name alone.
    #[must_use]
    pub fn handle(&self, path: &str, body: &[u8]) -> HttpAnswer {
        let Some(function) = function(path) else { return HttpAnswer::text(404, "There is no such function.") };
        if let Some(answer) = early(&self.behaviours, function) {
            return late(&self.behaviours, function, answer);
        }
        let mut state = held(&self.state);
        let result = self.dispatch(&mut state, function, body);
        // Also a refusal can have changed something: a wrong code is counted.
        let kept = self.keep(&state);
        drop(state);
        let answer = match (result, kept) {
            (_, Err(error)) => Problem::Internal(error.to_string()).answer(),
            (Ok(body), _) if body.is_empty() => HttpAnswer::no_content(),
            (Ok(body), _) => HttpAnswer::json(body),
            (Err(problem), _) => problem.answer(),
        };
        late(&self.behaviours, function, answer)
    }

    fn dispatch(&self, state: &mut State, function: &str, body: &[u8]) -> Result<Vec<u8>, Problem> {
        match function {
            InitiateAuthentication::ENDPOINT => self.initiate(state, body),
            AuthenticateClient::ENDPOINT => self.authenticate(state, &AuthenticateClient::decode(body)?),
            GetBoundProfilePackage::ENDPOINT => self.get_package(state, &GetBoundProfilePackage::decode(body)?),
            CancelSession::ENDPOINT => self.cancel(state, &CancelSession::decode(body)?),
            _ => self.take_notification(state, &HandleNotification::decode(body)?),
        }
    }

    fn initiate(&self, state: &mut State, body: &[u8]) -> Result<Vec<u8>, Problem> {
        let side = AuthSide {
            hosts: &self.hosts,
            identity: &self.auth,
            ci: &self.credentials.ci,
            subject: "8.8",
            behaviours: &self.behaviours,
        };
        let (initiated, answer) = initiate(&side, &InitiateAuthentication::decode(body)?)?;
        state.begin(answer.transaction_id.clone(), initiated);
        Ok(InitiateAuthentication::encode_answer(&answer))
    }

    fn keep(&self, state: &State) -> Result<(), SmdpError> {
        self.directory.as_deref().map_or(Ok(()), |directory| state.save(directory))
    }
}

impl Server for Smdp {
    fn exchange(&self, path: &str, body: &[u8]) -> Outcome {
        self.faults.run(|| self.handle(path, body))
    }

    fn tls(&self) -> &[(String, Identity)] {
        &self.tls
    }

    fn tls_versions(&self) -> TlsVersions {
        tls_versions(&self.behaviours)
    }
}

/// The session of this name, if it is not over.
fn running<'s>(state: &'s mut State, id: &TransactionId) -> Result<&'s mut Session, Problem> {
    let unknown = || refused("8.10.1", "3.9", "there is no such session").into();
    state.any_session(id).filter(|session| !session.over).ok_or_else(unknown)
}

/// The identities that the server shows: its own, or what it is told to show instead.
fn bent_identities(
    pki: &Pki,
    behaviours: &Behaviours,
    auth: &Identity,
    binding: &Identity,
) -> Result<(Identity, Identity), PkiError> {
    let has = |behaviour| behaviours.has(behaviour);
    let foreign = || Pki::in_memory()?.issue_server(ServerKind::Smdp, "localhost");
    let shown_auth = match () {
        () if has(Behaviour::AuthWrongRole) => binding.clone(),
        () if has(Behaviour::AuthForeignCi) => foreign()?.auth,
        () => auth.clone(),
    };
    let shown_binding = match () {
        () if has(Behaviour::BindingWrongRole) => auth.clone(),
        () if has(Behaviour::BindingForeignCi) => foreign()?.binding.unwrap_or_else(|| binding.clone()),
        () if has(Behaviour::BindingOtherOid) => pki.issue_other_binding()?,
        () => binding.clone(),
    };
    Ok((shown_auth, shown_binding))
}

/// True if the order may be had by this card.
fn is_for(order: &Order, eid: Eid) -> bool {
    order.eid.is_none_or(|owner| owner == eid)
}
