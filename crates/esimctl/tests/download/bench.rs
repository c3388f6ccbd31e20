//! A card, a server that this process runs, and what the server heard.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use manager::Paths;
use manager::virtual_servers::{Guard, ServerKind, register};
use serde_json::Value;
use sgp22::Function;
use sgp22::es9p::{CancelSession, ServerFunction};
use sgp22::es10b::{CancelSession as CardCancelSession, CancelSessionReason};
use sgp22::signed::EuiccCancelSessionSigned;
use virtual_euicc::https::{ServeOptions, ServerHandle, serve};
use virtual_euicc::pki::{Identity, Pki};
use virtual_euicc::server::{Behaviours, Outcome, Server};
use virtual_euicc::smdp::{NewOrder, Order, OrderState, Smdp, SmdpOptions};

use crate::common::{Run, Sandbox};

pub const HOST: &str = "smdp.example.com";
/// A token that is not found anywhere by chance.
pub const TOKEN: &str = "K7Q-TOKEN-93XZ";

/// The code for the order with this token.
pub fn code(token: &str) -> String {
    format!("LPA:1${HOST}${token}")
}

/// A server that remembers what it was asked.
pub struct Witness {
    inner: Arc<dyn Server>,
    /// Function and body of each request.
    heard: Mutex<Vec<(String, Vec<u8>)>>,
    /// What it is known by in TLS, if not by what is its own.
    tls: Option<Vec<(String, Identity)>>,
}

impl Server for Witness {
    fn exchange(&self, path: &str, body: &[u8]) -> Outcome {
        let function = path.rsplit('/').next().unwrap().to_owned();
        self.heard.lock().unwrap().push((function, body.to_vec()));
        self.inner.exchange(path, body)
    }

    fn tls(&self) -> &[(String, Identity)] {
        self.tls.as_deref().unwrap_or_else(|| self.inner.tls())
    }
}

/// A server that runs.
pub struct Served {
    pub witness: Arc<Witness>,
    pub handle: ServerHandle,
    _guard: Option<Guard>,
}

impl Served {
    pub fn start(core: Arc<dyn Server>) -> Self {
        Self::known_by(core, None)
    }

    /// A server that is known by this in TLS.
    pub fn known_by(core: Arc<dyn Server>, tls: Option<Vec<(String, Identity)>>) -> Self {
        let witness = Arc::new(Witness { inner: core, heard: Mutex::default(), tls });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let handle = serve(listener, witness.clone(), ServeOptions::default()).unwrap();
        Self { witness, handle, _guard: None }
    }

    /// The same, found by its hosts.
    pub fn registered(sandbox: &Sandbox, name: &str, kind: ServerKind, hosts: &[&str], core: Arc<dyn Server>) -> Self {
        let served = Self::start(core);
        let paths = Paths::new(Some(sandbox.state())).unwrap();
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let ca = paths.pki().join("ci.cert.pem");
        let guard = register(&paths, name, kind, &hosts, served.handle.address(), &ca).unwrap();
        Self { _guard: Some(guard), ..served }
    }

    /// The arguments that lead to it, as `--connect-to` takes them.
    pub fn way(&self) -> String {
        format!("{HOST}:443:127.0.0.1:{}", self.handle.address().port())
    }

    /// The functions that were asked for.
    pub fn functions(&self) -> Vec<String> {
        self.witness.heard.lock().unwrap().iter().map(|(function, _)| function.clone()).collect()
    }

    /// The reasons that sessions were cancelled for.
    pub fn cancelled(&self) -> Vec<CancelSessionReason> {
        let heard = self.witness.heard.lock().unwrap();
        let bodies = heard.iter().filter(|(function, _)| function == CancelSession::ENDPOINT).map(|(_, body)| body);
        bodies
            .map(|body| {
                let answer = CancelSession::decode(body).unwrap().cancel_session_response;
                let (object, _) = CardCancelSession::decode_answer(&answer).unwrap().unwrap();
                EuiccCancelSessionSigned::decode(&object).unwrap().reason
            })
            .collect()
    }

    /// What was sent to a function, the last time.
    pub fn body(&self, function: &str) -> Vec<u8> {
        let heard = self.witness.heard.lock().unwrap();
        heard.iter().rfind(|(name, _)| name == function).unwrap().1.clone()
    }
}

pub fn pki(sandbox: &Sandbox) -> Pki {
    Pki::open(&Paths::new(Some(sandbox.state())).unwrap().pki()).unwrap()
}

/// A card called `card`, and an SM-DP+.
pub struct Bench {
    pub sandbox: Sandbox,
    pub smdp: Arc<Smdp>,
    pub served: Served,
}

impl Bench {
    /// An ordinary card and an order for it.
    pub fn new() -> Self {
        Self::with(&[], &[], vec![NewOrder::new(TOKEN)])
    }

    /// A card made with these arguments, a server that behaves like this, and what it has.
    pub fn with(card: &[&str], behaviours: &[&str], orders: Vec<NewOrder>) -> Self {
        let sandbox = Sandbox::with_card(card);
        let (smdp, served) = start(&sandbox, behaviours, &[]);
        orders.iter().for_each(|order| smdp.add_order(order).unwrap());
        Self { sandbox, smdp, served }
    }

    /// The same card and orders, and a server with which this goes wrong once.
    pub fn with_fault(card: &[&str], fault: &str, orders: Vec<NewOrder>) -> Self {
        let sandbox = Sandbox::with_card(card);
        let (smdp, served) = start(&sandbox, &[], &[fault]);
        orders.iter().for_each(|order| smdp.add_order(order).unwrap());
        Self { sandbox, smdp, served }
    }

    /// A server that has an order like this.
    pub fn order(order: NewOrder) -> Self {
        Self::with(&[], &[], vec![order])
    }

    /// The same server with its orders, which behaves like this from now on.
    pub fn behave(&mut self, behaviours: &[&str]) {
        let Self { sandbox, smdp, served } = self;
        // One name has one server: the old one has to go first.
        served._guard = None;
        (*smdp, *served) = start(sandbox, behaviours, &[]);
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        self.sandbox.run(arguments)
    }

    /// The same server with its orders, with which this goes wrong once.
    pub fn break_once(&mut self, fault: &str) {
        let Self { sandbox, smdp, served } = self;
        served._guard = None;
        (*smdp, *served) = start(sandbox, &[], &[fault]);
    }

    /// `download` with these arguments: its exit code and the whole document.
    pub fn download(&self, arguments: &[&str]) -> (i32, Value) {
        let run = self.run(&[&["download", "--json"], arguments].concat());
        (run.code, run.json())
    }

    /// Downloads by the code, without questions.
    pub fn by_code(&self, arguments: &[&str]) -> (i32, Value) {
        self.download(&[&[&code(TOKEN)[..], "--yes"], arguments].concat())
    }

    /// `data` of a download by the code that has to succeed.
    pub fn installs(&self, arguments: &[&str]) -> Value {
        let (exit, document) = self.by_code(arguments);
        assert_eq!(exit, 0, "{arguments:?}: {document}");
        assert_eq!(document["data"]["installed"], true);
        document["data"].clone()
    }

    /// `error` of a download that has to fail.
    pub fn fails(&self, arguments: &[&str]) -> (i32, Value) {
        let (exit, document) = self.download(arguments);
        assert!(document["error"].is_object(), "{arguments:?}: {document}");
        (exit, document["error"].clone())
    }

    pub fn state(&self) -> OrderState {
        self.the_order().state
    }

    pub fn the_order(&self) -> Order {
        self.smdp.order(TOKEN).unwrap()
    }

    /// Nothing was installed, and the server was told that the session is over, with this reason alone.
    pub fn was_kept(&self, reason: CancelSessionReason) {
        assert_eq!(self.served.cancelled(), [reason]);
        assert_eq!(self.sandbox.profiles("card").len(), 2);
        assert!(self.state() == OrderState::Released || !reason.keeps_the_order(), "{}", self.state());
    }

    /// A file of the sandbox.
    pub fn path(&self, name: &str) -> PathBuf {
        self.sandbox.path().join(name)
    }
}

fn start(sandbox: &Sandbox, behaviours: &[&str], faults: &[&str]) -> (Arc<Smdp>, Served) {
    let options = SmdpOptions {
        behaviours: Behaviours::parse(behaviours).unwrap(),
        faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
        directory: Some(sandbox.path().join("smdp")),
        ..SmdpOptions::named(HOST)
    };
    let smdp = Arc::new(Smdp::new(&pki(sandbox), options).unwrap());
    let served = Served::registered(sandbox, "default", ServerKind::Smdp, &[HOST], smdp.clone());
    (smdp, served)
}

/// The name of an error.
pub fn id(error: &Value) -> &str {
    error["id"].as_str().unwrap()
}
