//! A test SM-DS: tells a card which servers have something for it, as ES11 has it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use sgp22::es9p::{InitiateAuthentication, ServerFunction};
use sgp22::es11::{AuthenticateClient, EventEntry, Events};
use sgp22::id::{Eid, MatchingId, TransactionId};

use crate::pki::{Identity, Pki, PkiError, ServerCredentials, ServerKind};
use crate::server::{
    AuthSide, Behaviour, Behaviours, Fault, FaultPlan, HttpAnswer, Initiated, Outcome, Problem, Server, TlsVersions,
    check_card, early, function, held, initiate, late, refused, tls_identities, tls_versions,
};

/// So many sessions are remembered.
const SESSIONS: usize = 200;

/// Something that waits for a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The card.
    pub eid: Eid,
    /// What the server there calls it.
    pub event_id: MatchingId,
    /// Where it waits: an SM-DP+, or another SM-DS.
    pub server: String,
}

/// How a server is set up.
#[derive(Debug, Clone, Default)]
pub struct SmdsOptions {
    /// The hosts that it answers for; the first one is its name.
    pub hosts: Vec<String>,
    /// How it departs from a well-behaved one.
    pub behaviours: Behaviours,
    /// What goes wrong once.
    pub faults: Vec<Fault>,
}

impl SmdsOptions {
    /// A well-behaved server of this name.
    #[must_use]
    pub fn named(host: &str) -> Self {
        Self { hosts: vec![host.into()], ..Self::default() }
    }
}

/// A test SM-DS. What it knows is gone with the process.
#[derive(Debug)]
pub struct Smds {
    hosts: Vec<String>,
    behaviours: Behaviours,
    faults: FaultPlan,
    credentials: ServerCredentials,
    auth: Identity,
    tls: Vec<(String, Identity)>,
    ci: Vec<u8>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    events: Vec<Event>,
    sessions: BTreeMap<u64, (TransactionId, Initiated)>,
    next_session: u64,
}

impl Smds {
    /// A server with certificates of `pki`, which knows of nothing yet.
    pub fn new(pki: &Pki, options: SmdsOptions) -> Result<Self, PkiError> {
        let host = options.hosts.first().map_or("localhost", String::as_str);
        let credentials = pki.issue_server(ServerKind::Smds, host)?;
        let has = |behaviour| options.behaviours.has(behaviour);
        let auth = if has(Behaviour::AuthForeignCi) {
            Pki::in_memory()?.issue_server(ServerKind::Smds, host)?.auth
        } else if has(Behaviour::AuthWrongRole) {
            credentials.tls.clone()
        } else {
            credentials.auth.clone()
        };
        Ok(Self {
            tls: tls_identities(pki, ServerKind::Smds, &options.hosts, &options.behaviours)?,
            hosts: options.hosts,
            behaviours: options.behaviours,
            faults: FaultPlan::of(options.faults),
            auth,
            credentials,
            ci: pki.ci().certificate_der().to_vec(),
            state: Mutex::default(),
        })
    }

    /// Lets something wait for a card (ES12.RegisterEvent). The same event twice is one.
    pub fn register(&self, event: Event) {
        let mut state = held(&self.state);
        if !state.events.contains(&event) {
            state.events.push(event);
        }
    }

    /// Lets nothing of this name wait any more (ES12.DeleteEvent).
    pub fn delete(&self, event_id: &MatchingId) {
        held(&self.state).events.retain(|event| event.event_id != *event_id);
    }

    /// All that waits.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        held(&self.state).events.clone()
    }

    /// Lets something go wrong with a coming exchange; they are counted from 1.
    pub fn add_fault(&self, fault: Fault) {
        self.faults.add(fault);
    }

    /// Handles a request, without faults. `path` is that of the URL, or the function's name alone.
    #[must_use]
    pub fn handle(&self, path: &str, body: &[u8]) -> HttpAnswer {
        let known = [InitiateAuthentication::ENDPOINT, AuthenticateClient::ENDPOINT];
        let Some(function) = function(path).filter(|name| known.contains(name)) else {
            return HttpAnswer::text(404, "There is no such function.");
        };
        let answer = early(&self.behaviours, function).unwrap_or_else(|| {
            let result = match function {
                InitiateAuthentication::ENDPOINT => self.initiate(body),
                _ => self.authenticate(body),
            };
            result.map_or_else(|problem| problem.answer(), HttpAnswer::json)
        });
        late(&self.behaviours, function, answer)
    }

    fn initiate(&self, body: &[u8]) -> Result<Vec<u8>, Problem> {
        let side = AuthSide {
            hosts: &self.hosts,
            identity: &self.auth,
            ci: &self.credentials.ci,
            subject: "8.9",
            behaviours: &self.behaviours,
        };
        let (initiated, answer) = initiate(&side, &InitiateAuthentication::decode(body)?)?;
        let mut state = held(&self.state);
        let number = state.next_session;
        state.next_session += 1;
        state.sessions.insert(number, (answer.transaction_id.clone(), initiated));
        while state.sessions.len() > SESSIONS {
            state.sessions.pop_first();
        }
        Ok(InitiateAuthentication::encode_answer(&answer))
    }

    fn authenticate(&self, body: &[u8]) -> Result<Vec<u8>, Problem> {
        let request = AuthenticateClient::decode(body)?.0;
        let state = held(&self.state);
        let session = state.sessions.values().find(|(id, _)| *id == request.transaction_id);
        let (id, initiated) = session.ok_or_else(|| refused("8.10.1", "3.9", "there is no such session"))?;
        let proof = check_card(initiated, id, &request.authenticate_server_response, &self.ci)?;
        let wanted = proof.signed.matching_id.as_ref().filter(|id| !id.is_empty());
        let found: Vec<EventEntry> = state
            .events
            .iter()
            .filter(|event| event.eid == proof.eid && wanted.is_none_or(|id| *id == event.event_id))
            .map(|event| EventEntry { event_id: event.event_id.clone(), server: event.server.clone() })
            .collect();
        if found.is_empty() && (wanted.is_some() || self.behaviours.has(Behaviour::NoEventsError)) {
            return Err(refused("8.9.5", "3.9", "nothing waits for this card").into());
        }
        let transaction_id = Some(request.transaction_id.clone());
        Ok(AuthenticateClient::encode_answer(&Events { transaction_id, entries: found }))
    }
}

impl Server for Smds {
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
