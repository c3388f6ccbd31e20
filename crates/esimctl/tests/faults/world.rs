//! A user's state directory with a card, and a server in this process that the program finds.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use ledger::{Books, Goal};
use manager::Paths;
use manager::virtual_servers::{Guard, ServerKind, register};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use virtual_euicc::card::{Euicc, VirtualCard};
use virtual_euicc::https::{ServeOptions, ServerHandle, serve};
use virtual_euicc::pki::{Identity, Pki};
use virtual_euicc::server::{Outcome, Server};
use virtual_euicc::smdp::{NewOrder, Order, Smdp, SmdpOptions};

use crate::carrier::{Carried, Carrier};
use crate::case::{Case, Channel, Operation};
use crate::common::{PATIENCE, Sandbox};

const HOST: &str = "smdp.example.com";
const CARD: &str = "card";
/// The order that is downloaded while something goes wrong.
pub const TOKEN: &str = "TOKEN";
/// The order whose profile was downloaded before.
pub const BASE: &str = "BASE";
/// The name that the profile of that order is given.
const NICKNAME: &str = "Work";

/// How many seconds a modem has for anything.
const BETWEEN: u32 = 3;

/// More commands than any operation takes.
const FAR: u64 = 1_000_000;

/// Small, so that a case is quick: a few segments.
const PROFILE_SIZE: usize = 1200;

/// What a run of the program came to.
pub struct Ran {
    /// `None`: it was killed.
    pub code: Option<i32>,
    /// Its document; null if there is none.
    pub document: Value,
    pub err: String,
}

impl Ran {
    pub fn told(&self) -> String {
        format!("exit {:?}, {}, stderr {:?}", self.code, self.document, self.err)
    }
}

/// A server that can kill the program that asks it.
struct Door {
    smdp: Arc<Smdp>,
    /// The exchange at which the program is killed, and whether before the request is handled.
    kill: Mutex<Option<(u64, bool)>>,
    exchanges: AtomicU64,
    child: Mutex<Option<Pid>>,
    started: Condvar,
}

impl Door {
    fn kill_child(&self) {
        let child = self.child.lock().unwrap();
        let (child, _) = self.started.wait_timeout_while(child, PATIENCE, |child| child.is_none()).unwrap();
        kill_process(child.expect("somebody asks"), Signal::KILL).unwrap();
    }
}

impl Server for Door {
    fn exchange(&self, path: &str, body: &[u8]) -> Outcome {
        let number = self.exchanges.fetch_add(1, Ordering::SeqCst) + 1;
        let due = self.kill.lock().unwrap().filter(|(at, _)| *at == number);
        match due {
            Some((_, true)) => {
                self.kill_child();
                Outcome::Closed
            }
            Some((_, false)) => {
                self.smdp.exchange(path, body);
                self.kill_child();
                Outcome::Closed
            }
            None => self.smdp.exchange(path, body),
        }
    }

    fn tls(&self) -> &[(String, Identity)] {
        self.smdp.tls()
    }
}

pub struct World {
    sandbox: Sandbox,
    carrier: Carrier,
    /// The modem's.
    quirks: Mutex<Vec<String>>,
    carried: Mutex<Option<Carried>>,
    /// How the program reaches the server from a card that it does not know as a virtual one.
    way: [String; 4],
    pub smdp: Arc<Smdp>,
    door: Arc<Door>,
    paths: Paths,
    /// What runs, in the order in which it ends.
    _running: (Guard, ServerHandle),
}

/// Copies a directory with all that is in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

impl World {
    /// As `template` has it, or made anew.
    pub fn new(template: Option<&Sandbox>, carrier: Carrier) -> Self {
        let sandbox = match template {
            Some(template) => {
                let sandbox = Sandbox::new();
                copy(&template.state(), &sandbox.state());
                sandbox
            }
            None => Sandbox::with_card(&[]),
        };
        let paths = Paths::new(Some(sandbox.state())).unwrap();
        let pki = Pki::existing(&paths.pki()).unwrap();
        let options = SmdpOptions { directory: Some(paths.servers().join("smdp-faults")), ..SmdpOptions::named(HOST) };
        let smdp = Arc::new(Smdp::new(&pki, options).unwrap());
        for token in [BASE, TOKEN] {
            smdp.add_order(&NewOrder { size: PROFILE_SIZE, ..NewOrder::new(token) }).unwrap();
        }
        let door = Arc::new(Door {
            smdp: smdp.clone(),
            kill: Mutex::default(),
            exchanges: AtomicU64::new(0),
            child: Mutex::default(),
            started: Condvar::new(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let handle = serve(listener, door.clone(), ServeOptions::default()).unwrap();
        let ca = pki.ci_file().unwrap();
        let guard = register(&paths, "faults", ServerKind::Smdp, &[HOST.into()], address, &ca).unwrap();
        let way = ["--ca".into(), ca.display().to_string(), "--connect-to".into(), format!("{HOST}:443:{address}")];
        let (quirks, carried) = (Mutex::default(), Mutex::default());
        let world = Self { sandbox, carrier, quirks, carried, way, smdp, door, paths, _running: (guard, handle) };
        world.set_quirks(&[]);
        world.configure("");
        world
    }

    /// Gives the modem these quirks.
    pub fn bend(&self, quirks: &[&str]) {
        *self.carried.lock().unwrap() = None;
        *self.quirks.lock().unwrap() = quirks.iter().map(|quirk| (*quirk).to_owned()).collect();
    }

    /// Waits for a modem that left.
    pub fn settle(&self) {
        if let Some(carried) = &mut *self.carried.lock().unwrap() {
            carried.settle();
        }
    }

    /// What the program calls the card, put where it is to be.
    fn device(&self) -> String {
        let quirks = self.quirks.lock().unwrap();
        let quirks: Vec<&str> = quirks.iter().map(String::as_str).collect();
        let mut carried = self.carried.lock().unwrap();
        carried.get_or_insert_with(|| self.carrier.carry(&self.sandbox, &quirks, BETWEEN)).device.clone()
    }

    /// Ends the server; what is left is a template.
    pub fn into_template(self) -> Sandbox {
        self.sandbox
    }

    /// Writes the user's configuration.
    pub fn configure(&self, text: &str) {
        // A modem that stays away is given up soon. A program of another test may still wait for one at the same terminal.
        self.sandbox.configure(&format!("modem_wait = 5\nlock_wait = 45\n{text}"));
    }

    pub fn exchanges(&self) -> u64 {
        self.door.exchanges.load(Ordering::SeqCst)
    }

    /// Runs the program, for no longer than is reasonable.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let device = self.device();
        let out = self.sandbox.path().join("out");
        let err = self.sandbox.path().join("err");
        let file = |path: &PathBuf| Stdio::from(std::fs::File::create(path).unwrap());
        let mut child: Child = self
            .sandbox
            .command()
            .args(arguments)
            .args(["--json", "--stats", "--device", &device])
            .args(if self.carrier == Carrier::InProcess { &[] } else { &self.way[..] })
            .stdout(file(&out))
            .stderr(file(&err))
            .spawn()
            .unwrap();
        *self.door.child.lock().unwrap() = Some(Pid::from_child(&child));
        self.door.started.notify_all();
        let code = crate::common::wait(&mut child).code();
        *self.door.child.lock().unwrap() = None;
        let text = std::fs::read_to_string(out).unwrap();
        let document = text.lines().last().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default();
        Ran { code, document, err: std::fs::read_to_string(err).unwrap() }
    }

    /// Runs what must not fail.
    pub fn done(&self, arguments: &[&str]) -> Value {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.told());
        ran.document["data"].clone()
    }

    /// Sets the fault.
    pub fn break_at(&self, case: &Case) {
        if case.kind == "delay" {
            self.configure("[servers]\ntimeout = 1\n");
        }
        match (case.channel, case.kind) {
            (Channel::Apdu, kind) => self.set_quirks(&[format!("fault={kind}@{}", case.at)]),
            (Channel::Http, "kill") => *self.door.kill.lock().unwrap() = Some((case.at, false)),
            (Channel::Http, "kill-before") => *self.door.kill.lock().unwrap() = Some((case.at, true)),
            (Channel::Http, kind) => self.smdp.add_fault(format!("{kind}@{}", case.at).parse().unwrap()),
        }
    }

    /// From now on all goes well.
    pub fn mend(&self, case: &Case) {
        if case.kind == "unplugged" {
            // Into its modem, too.
            *self.carried.lock().unwrap() = None;
        }
        self.set_quirks(&[]);
        *self.door.kill.lock().unwrap() = None;
        self.configure("");
    }

    /// Has the card count its commands. Modems ask it things of their own, and fetch its answers.
    pub fn count(&self) {
        self.set_quirks(&[format!("fault=cut@{FAR}")]);
    }

    /// How many commands it got since.
    pub fn counted(&self) -> u64 {
        let state: Value = serde_json::from_slice(&std::fs::read(self.sandbox.card_file(CARD)).unwrap()).unwrap();
        let quirks = state["quirks"].as_array().unwrap().iter().filter_map(Value::as_str);
        let left = quirks.filter_map(|quirk| quirk.strip_prefix("fault=cut@")).next().unwrap();
        FAR - left.parse::<u64>().unwrap()
    }

    /// Gives the card these quirks; if it has them already, it stays where it is.
    fn set_quirks(&self, quirks: &[String]) {
        // Modems want to be told of a switch.
        let by_nature = (self.carrier.language().is_some()).then(|| "91xx".to_owned());
        let quirks: Vec<String> = by_nature.into_iter().chain(quirks.iter().cloned()).collect();
        let file = self.sandbox.card_file(CARD);
        let mut state: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        if state["quirks"] == Value::from(&quirks[..]) {
            return;
        }
        *self.carried.lock().unwrap() = None;
        state = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        state["quirks"] = quirks.into();
        std::fs::write(file, state.to_string()).unwrap();
    }

    /// The card's memory, read beside the program.
    pub fn card(&self) -> Euicc {
        let folder = self.paths.virtual_cards().join(CARD);
        VirtualCard::peek(&folder).unwrap().euiccs.remove(0)
    }

    /// All records as they are now.
    pub fn books(&self) -> Books {
        Books::read(&self.paths).unwrap()
    }

    /// The numbers of what the card has ever signed and the server has not.
    pub fn not_received(&self) -> Vec<u64> {
        let books = self.books();
        books.signed().filter(|key| books.times_posted(key) == 0).map(|key| key.seq).collect()
    }

    pub fn order(&self, token: &str) -> Order {
        self.smdp.order(token).unwrap()
    }

    pub fn iccid(&self, token: &str) -> String {
        self.order(token).iccid.digits()
    }

    /// The arguments of an operation.
    pub fn arguments(&self, operation: Operation) -> Vec<String> {
        let base = self.iccid(BASE);
        let arguments: &[&str] = match operation {
            Operation::Download => &["download", &format!("LPA:1${HOST}${TOKEN}"), "--yes"],
            Operation::Enable => &["enable", &base],
            Operation::Disable => &["disable", &base],
            Operation::Rename => &["rename", &base, NICKNAME],
            Operation::Delete => &["delete", &base, "--yes"],
            Operation::DeleteEnabled => &["delete", &base, "--disable-first", "--yes"],
            Operation::Reset => &["reset", "--operational", "--yes"],
            Operation::Send => &["notifications", "send", "--all"],
            Operation::Outbox => &["outbox", "send"],
            Operation::Recover => &["recover"],
        };
        arguments.iter().map(|argument| (*argument).to_owned()).collect()
    }

    /// What an operation is to bring about on the card, if it is about that.
    pub fn goal(&self, operation: Operation) -> Option<Goal> {
        let base = || self.iccid(BASE);
        match operation {
            Operation::Download => Some(Goal::Installed(self.iccid(TOKEN))),
            Operation::Enable => Some(Goal::Enabled(base())),
            Operation::Disable => Some(Goal::Disabled(base())),
            Operation::Rename => Some(Goal::Named(base(), NICKNAME.into())),
            Operation::Delete | Operation::DeleteEnabled => Some(Goal::Deleted(base())),
            Operation::Reset => Some(Goal::Emptied),
            Operation::Send | Operation::Outbox | Operation::Recover => None,
        }
    }
}

/// What the operations begin with.
pub struct Templates {
    /// A downloaded profile, all reported.
    plain: Sandbox,
    /// With that profile enabled, all reported.
    used: Sandbox,
    /// After a change whose notifications stay on the card.
    kept: Sandbox,
    /// After a change whose notifications are in the outbox, and on the card.
    waiting: Sandbox,
    /// After a change of which the journal does not know that it was made.
    open: Sandbox,
}

impl Templates {
    pub fn new() -> Self {
        let world = World::new(None, Carrier::InProcess);
        world.done(&["download", &format!("LPA:1${HOST}${BASE}"), "--yes"]);
        let plain = world.into_template();
        let world = World::new(Some(&plain), Carrier::InProcess);
        world.done(&["enable", &world.iccid(BASE)]);
        let used = world.into_template();
        let world = World::new(Some(&plain), Carrier::InProcess);
        world.configure("[notifications]\nenable = 'keep'\ndisable = 'keep'\n");
        world.done(&["enable", &world.iccid(BASE)]);
        let kept = world.into_template();
        let world = World::new(Some(&plain), Carrier::InProcess);
        // Nobody takes what is for servers.
        for at in 1..9 {
            world.smdp.add_fault(format!("request-lost@{at}").parse().unwrap());
        }
        world.done(&["enable", &world.iccid(BASE)]);
        let waiting = world.into_template();
        let open = killed_when_enabled(&plain);
        Self { plain, used, kept, waiting, open }
    }

    pub fn world(&self, operation: Operation, carrier: Carrier) -> World {
        let template = match operation {
            Operation::Download | Operation::Enable | Operation::Rename | Operation::Delete | Operation::Reset => {
                &self.plain
            }
            Operation::Disable | Operation::DeleteEnabled => &self.used,
            Operation::Send => &self.kept,
            Operation::Outbox => &self.waiting,
            Operation::Recover => &self.open,
        };
        World::new(Some(template), carrier)
    }
}

/// The program is killed by the first command that changes the card.
fn killed_when_enabled(plain: &Sandbox) -> Sandbox {
    for at in 1..99 {
        let world = World::new(Some(plain), Carrier::InProcess);
        let case = Case {
            carrier: Carrier::InProcess,
            operation: Operation::Enable,
            channel: Channel::Apdu,
            kind: "kill",
            at,
        };
        world.break_at(&case);
        world.run(&["enable", &world.iccid(BASE)]);
        world.mend(&case);
        let base = world.order(BASE).iccid;
        if world.card().profiles.iter().any(|profile| profile.iccid == base && profile.enabled) {
            return world.into_template();
        }
    }
    panic!("no command enables the profile")
}
