//! A bus of its own, and on it a ModemManager that is played: it lists modems and lets go of them as the real one does.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::blocking::fdo::DBusProxy;
use zbus::message::Header;
use zbus::zvariant::{ObjectPath, Value};

use crate::common::PATIENCE;

pub struct Bus {
    process: Child,
    pub address: String,
}

/// Tells of a test that is not made, past the capture of the test harness: that must be seen.
pub fn skipped(why: &str) {
    let text = format!("\nSKIPPED: a test on a D-Bus of its own ({why}); 'make test' installs what it needs\n");
    let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
}

impl Bus {
    /// Where it cannot run, tests say so and pass; with `ESIMCTL_REQUIRE_PCSC` set, as in CI, that is a failure.
    pub fn start() -> Option<Self> {
        match Self::try_start() {
            Ok(bus) => Some(bus),
            Err(why) if std::env::var_os("ESIMCTL_REQUIRE_PCSC").is_none() => {
                skipped(&why);
                None
            }
            Err(why) => panic!("no D-Bus: {why}"),
        }
    }

    fn try_start() -> Result<Self, String> {
        let mut process = Command::new("dbus-daemon")
            .args(["--session", "--print-address", "--nofork", "--nopidfile"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("dbus-daemon: {error}"))?;
        let mut address = String::new();
        let read = BufReader::new(process.stdout.take().unwrap()).read_line(&mut address);
        if read.is_err() || address.trim().is_empty() {
            let _ = process.kill();
            let _ = process.wait();
            return Err("dbus-daemon gives no address".into());
        }
        Ok(Self { process, address: address.trim().to_owned() })
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What has happened to a modem: by which peer of the bus it was taken, or given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Taken(String),
    Returned,
    /// The peer has left the bus without giving it back.
    Left,
}

/// How it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manners {
    Good,
    /// It lets nobody have a modem.
    Unauthorised,
    /// Another program has the modem.
    Busy,
}

/// What the hardware is called.
pub const UID: &str = "/sys/devices/pci0000:00/usb1/1-2";

struct Shared {
    events: Mutex<Vec<Event>>,
    holder: Mutex<Option<String>>,
    manners: Manners,
    ports: Vec<String>,
}

/// A polkit that allows everything, which the real ModemManager asks.
pub struct Polkit {
    _connection: Connection,
}

struct Authority;

#[zbus::interface(name = "org.freedesktop.PolicyKit1.Authority")]
impl Authority {
    fn check_authorization(
        &self,
        _subject: (String, Properties<'_>),
        _action: &str,
        _details: HashMap<String, String>,
        _flags: u32,
        _cancellation: &str,
    ) -> ((bool, bool, HashMap<String, String>),) {
        // One structure, not three values.
        ((true, false, HashMap::new()),)
    }

    #[zbus(property)]
    fn backend_name(&self) -> &str {
        "played"
    }

    #[zbus(property)]
    fn backend_version(&self) -> &str {
        "1"
    }

    #[zbus(property)]
    fn backend_features(&self) -> u32 {
        0
    }
}

impl Polkit {
    pub fn start(bus: &Bus) -> Self {
        let connection = Builder::address(bus.address.as_str())
            .unwrap()
            .serve_at("/org/freedesktop/PolicyKit1/Authority", Authority)
            .unwrap()
            .name("org.freedesktop.PolicyKit1")
            .unwrap()
            .build()
            .unwrap();
        Self { _connection: connection }
    }
}

/// A ModemManager that is played.
pub struct Played {
    shared: Arc<Shared>,
    _connection: Connection,
}

struct Service(Arc<Shared>);

#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.freedesktop.ModemManager1.Error.Core")]
enum Refusal {
    #[zbus(error)]
    ZBus(zbus::Error),
    Unauthorized(String),
    InProgress(String),
    NotFound(String),
}

#[zbus::interface(name = "org.freedesktop.ModemManager1")]
impl Service {
    fn inhibit_device(&self, uid: &str, inhibit: bool, #[zbus(header)] header: Header<'_>) -> Result<(), Refusal> {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let shared = &self.0;
        let mut holder = shared.holder.lock().unwrap();
        match (shared.manners, inhibit) {
            (Manners::Unauthorised, _) => return Err(Refusal::Unauthorized("PolicyKit authorization failed".into())),
            (Manners::Busy, true) => return Err(Refusal::InProgress(format!("Device '{uid}' is already inhibited"))),
            _ if uid != UID => return Err(Refusal::NotFound(format!("No device found with uid '{uid}'"))),
            (_, true) if holder.is_some() => return Err(Refusal::InProgress("already inhibited".into())),
            (_, true) => {
                *holder = Some(sender.clone());
                shared.events.lock().unwrap().push(Event::Taken(sender));
            }
            (_, false) if holder.as_deref() != Some(sender.as_str()) => {
                return Err(Refusal::NotFound("not inhibited by this client".into()));
            }
            (_, false) => {
                *holder = None;
                shared.events.lock().unwrap().push(Event::Returned);
            }
        }
        Ok(())
    }
}

struct Objects(Arc<Shared>);

type Properties<'a> = HashMap<String, Value<'a>>;

#[zbus::interface(name = "org.freedesktop.DBus.ObjectManager")]
impl Objects {
    /// A modem that is let go of is not on the bus, as with the real one.
    fn get_managed_objects(&self) -> HashMap<ObjectPath<'_>, HashMap<String, Properties<'_>>> {
        if self.0.holder.lock().unwrap().is_some() {
            return HashMap::new();
        }
        let ports: Vec<(String, u32)> = self.0.ports.iter().map(|port| (port.clone(), 3)).collect();
        let properties = HashMap::from([
            ("Device".to_owned(), Value::from(UID)),
            ("PrimaryPort".to_owned(), Value::from(self.0.ports[0].clone())),
            ("Model".to_owned(), Value::from("EG25-G")),
            ("Ports".to_owned(), Value::from(ports)),
        ]);
        let path = ObjectPath::from_static_str("/org/freedesktop/ModemManager1/Modem/0").unwrap();
        HashMap::from([(path, HashMap::from([("org.freedesktop.ModemManager1.Modem".to_owned(), properties)]))])
    }
}

impl Played {
    /// Uses the modem with these ports.
    pub fn start(bus: &Bus, ports: &[&str], manners: Manners) -> Self {
        let ports = ports.iter().map(ToString::to_string).collect();
        let shared = Arc::new(Shared { events: Mutex::default(), holder: Mutex::default(), manners, ports });
        let path = "/org/freedesktop/ModemManager1";
        let connection = Builder::address(bus.address.as_str())
            .unwrap()
            .serve_at(path, Service(shared.clone()))
            .unwrap()
            .serve_at(path, Objects(shared.clone()))
            .unwrap()
            .name("org.freedesktop.ModemManager1")
            .unwrap()
            .build()
            .unwrap();
        let watched = shared.clone();
        let watch = DBusProxy::new(&connection).unwrap();
        let changes = watch.receive_name_owner_changed().unwrap();
        std::thread::spawn(move || {
            for change in changes {
                let Ok(change) = change.args() else { continue };
                let mut holder = watched.holder.lock().unwrap();
                if change.new_owner().is_none() && holder.as_deref() == Some(change.name().as_str()) {
                    *holder = None;
                    watched.events.lock().unwrap().push(Event::Left);
                }
            }
        });
        Self { shared, _connection: connection }
    }

    pub fn events(&self) -> Vec<Event> {
        self.shared.events.lock().unwrap().clone()
    }

    pub fn is_taken(&self) -> bool {
        self.shared.holder.lock().unwrap().is_some()
    }

    /// Waits until that many things have happened.
    pub fn wait_for(&self, count: usize) -> Vec<Event> {
        let end = Instant::now() + PATIENCE;
        while self.events().len() < count {
            assert!(Instant::now() < end, "{:?}", self.events());
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        self.events()
    }
}
