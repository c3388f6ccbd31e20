//! A state directory with several cards, and several servers in this process that the program finds.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ledger::{Books, Goal};
use manager::Paths;
use manager::virtual_servers::{Guard, ServerKind, register};
use serde_json::Value;
use virtual_euicc::card::VirtualCard;
use virtual_euicc::https::{ServeOptions, ServerHandle, serve};
use virtual_euicc::pki::{Identity, Pki};
use virtual_euicc::server::{Outcome, Server};
use virtual_euicc::smdp::{NewOrder, Smdp, SmdpOptions};

use crate::common::{PATIENCE, Sandbox};
use crate::operation::{Kind, Operation};

/// How many cards a bench has.
pub const CARDS: usize = 4;
/// How many servers a bench has.
pub const SERVERS: usize = HOSTS.len();

/// The first one is known to the profiles that new cards have.
const HOSTS: [&str; 2] = ["smdp.example.com", "smdp2.example.com"];

/// Small, so that a download is quick: a few segments.
const PROFILE_SIZE: usize = 1200;

/// A server that can be out of reach.
struct Gate {
    smdp: Smdp,
    closed: AtomicBool,
}

impl Server for Gate {
    fn exchange(&self, path: &str, body: &[u8]) -> Outcome {
        if self.closed.load(Ordering::SeqCst) { Outcome::Closed } else { self.smdp.exchange(path, body) }
    }

    fn tls(&self) -> &[(String, Identity)] {
        self.smdp.tls()
    }
}

/// What runs, in the order in which it ends.
type Running = (Guard, ServerHandle);

pub struct Bench {
    sandbox: Sandbox,
    paths: Paths,
    eids: Vec<String>,
    gates: Vec<Arc<Gate>>,
    /// How long each kind of command took when it was not killed.
    took: Mutex<BTreeMap<Kind, Duration>>,
    started: Mutex<u64>,
    _running: Vec<Running>,
}

impl Bench {
    /// With this configuration.
    pub fn new(configuration: &str) -> Self {
        let sandbox = Sandbox::new();
        let eids = (0..CARDS).map(|card| make_card(&sandbox, card)).collect();
        let paths = Paths::new(Some(sandbox.state())).unwrap();
        let pki = Pki::existing(&paths.pki()).unwrap();
        let (gates, running) = HOSTS.iter().map(|host| start_server(&paths, &pki, host)).unzip();
        let (took, started) = (Mutex::default(), Mutex::default());
        let bench = Self { sandbox, paths, eids, gates, took, started, _running: running };
        bench.configure(configuration);
        bench
    }

    /// Writes the user's configuration.
    pub fn configure(&self, text: &str) {
        self.sandbox.configure(text);
    }

    /// From now on no server can be reached, or all can again.
    pub fn close_servers(&self, closed: bool) {
        self.gates.iter().for_each(|gate| gate.closed.store(closed, Ordering::SeqCst));
    }

    /// All records as they are now; nothing may run.
    pub fn books(&self) -> Books {
        Books::read(&self.paths).unwrap()
    }

    pub fn eid(&self, card: usize) -> String {
        self.eids[card].clone()
    }

    /// A download of a new order.
    pub fn download(&self, card: usize, server: usize, token: &str) -> Operation {
        let smdp = &self.gates[server].smdp;
        smdp.add_order(&NewOrder { size: PROFILE_SIZE, ..NewOrder::new(token) }).unwrap();
        let goal = Goal::Installed(smdp.order(token).unwrap().iccid.digits());
        let code = format!("LPA:1${}${token}", HOSTS[server]);
        Operation::on(card, Kind::Download, &["download", &code, "--yes"], goal)
    }

    /// How long a command of this kind takes, as far as is known.
    pub fn typical(&self, kind: Kind) -> Duration {
        self.took.lock().unwrap().get(&kind).copied().unwrap_or(Duration::from_millis(600))
    }

    /// Remembers how long a command took that was not killed.
    pub fn took(&self, kind: Kind, time: Duration) {
        let mut took = self.took.lock().unwrap();
        let known = took.get(&kind).copied().unwrap_or(time);
        took.insert(kind, (known * 3 + time) / 4);
    }

    /// Starts the program.
    pub fn start(&self, operation: &Operation) -> Process {
        let number = {
            let mut started = self.started.lock().unwrap();
            *started += 1;
            *started
        };
        let file = |suffix: &str| self.sandbox.path().join(format!("{number}.{suffix}"));
        let (out, err) = (file("out"), file("err"));
        let to = |path: &PathBuf| Stdio::from(std::fs::File::create(path).unwrap());
        let mut command = self.sandbox.command();
        command.args(&operation.arguments).arg("--json").stdout(to(&out)).stderr(to(&err));
        if let Some(card) = operation.card {
            command.args(["--device", &format!("virtual:card{card}")]);
        }
        Process { child: command.spawn().unwrap(), started: Instant::now(), out, err }
    }
}

fn make_card(sandbox: &Sandbox, card: usize) -> String {
    let name = format!("card{card}");
    let made = sandbox.run(&["virtual", "create", &name, "--profiles", "4"]);
    assert_eq!(made.code, 0, "{}", made.err);
    let state = VirtualCard::peek(&sandbox.state().join("virtual").join(&name)).unwrap();
    state.euiccs[0].eid.to_string()
}

fn start_server(paths: &Paths, pki: &Pki, host: &str) -> (Arc<Gate>, Running) {
    let options =
        SmdpOptions { directory: Some(paths.servers().join(format!("smdp-{host}"))), ..SmdpOptions::named(host) };
    let gate = Arc::new(Gate { smdp: Smdp::new(pki, options).unwrap(), closed: AtomicBool::new(false) });
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let handle = serve(listener, gate.clone(), ServeOptions::default()).unwrap();
    let guard = register(paths, host, ServerKind::Smdp, &[host.into()], address, &pki.ci_file().unwrap()).unwrap();
    (gate, (guard, handle))
}

/// A run of the program.
pub struct Process {
    child: Child,
    pub started: Instant,
    out: PathBuf,
    err: PathBuf,
}

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    /// `None`: it was killed.
    pub code: Option<i32>,
    /// The document that it wrote; null if there is none that is whole.
    pub document: Value,
    pub err: String,
    pub took: Duration,
}

impl Process {
    /// Waits for its end, and kills it at this moment if it has none before.
    pub fn kill_at(&mut self, moment: Instant) -> Ran {
        while self.child.try_wait().unwrap().is_none() && Instant::now() < moment {
            let left = moment.saturating_duration_since(Instant::now());
            std::thread::sleep(left.min(Duration::from_millis(2)));
        }
        let _ = self.child.kill();
        self.ran()
    }

    /// Waits for its end, which is to come by itself.
    pub fn wait_until(&mut self, end: Instant) -> Ran {
        let ran = self.kill_at(end);
        assert!(ran.code.is_some(), "it does not end: {ran:?}");
        ran
    }

    /// Waits for its end for no longer than is reasonable.
    pub fn wait(&mut self) -> Ran {
        self.wait_until(Instant::now() + PATIENCE)
    }

    fn ran(&mut self) -> Ran {
        let code = self.child.wait().unwrap().code();
        let text = std::fs::read_to_string(&self.out).unwrap_or_default();
        let document = text.lines().last().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default();
        let err = std::fs::read_to_string(&self.err).unwrap_or_default();
        let _ = (std::fs::remove_file(&self.out), std::fs::remove_file(&self.err));
        Ran { code, document, err, took: self.started.elapsed() }
    }
}
