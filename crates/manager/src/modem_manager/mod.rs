//! ModemManager, which owns the modems of most Linux systems: asked over D-Bus which ones it uses, and to let go of one.
//!
//! Two programs on one port steal each other's answers. So for as long as a port is used here without a proxy,
//! ModemManager is kept from the modem (`InhibitDevice`). It takes it back when it is told to, and by itself as soon as
//! this process has left the bus, however it ended. Where it does not run, nothing of this happens and nothing is waited for.

use std::collections::HashMap;
use std::sync::mpsc;
use std::time::Duration;

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

const NAME: &str = "org.freedesktop.ModemManager1";
const PATH: &str = "/org/freedesktop/ModemManager1";
const MODEM: &str = "org.freedesktop.ModemManager1.Modem";

/// How long the bus and ModemManager may take to answer. It disables the modem before it lets go of it.
const PATIENCE: Duration = Duration::from_secs(25);

/// How long connecting to the bus may take.
const CONNECT: Duration = Duration::from_secs(5);

/// More modems than this are not looked at.
const MOST_MODEMS: usize = 64;

/// A modem that ModemManager uses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Managed {
    /// What ModemManager calls the hardware: `/sys/devices/…`.
    pub(crate) uid: String,
    /// Its ports by their names, as in `ttyUSB2`.
    pub(crate) ports: Vec<String>,
    /// Its model.
    pub(crate) model: String,
}

impl Managed {
    /// True if it is the modem with this port, or on this hardware.
    pub(crate) fn is(&self, port: &str, hardware: Option<&str>) -> bool {
        self.ports.iter().any(|known| known == port) || hardware == Some(self.uid.as_str())
    }
}

/// Why ModemManager does not do what it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// This user may not ask for it.
    Unauthorised(String),
    /// Another program has asked for it already.
    Taken(String),
    /// Anything else, silence included.
    Failed(String),
}

/// A way to ModemManager.
pub(crate) struct ModemManager {
    bus: Connection,
}

impl ModemManager {
    /// Connects; `None` if it does not run, or there is no system bus at all.
    pub(crate) fn find() -> Option<Self> {
        let (send, receive) = mpsc::channel();
        // A bus that says nothing would be waited for without end.
        std::thread::spawn(move || send.send(connect()));
        match receive.recv_timeout(CONNECT) {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                log::debug!("no system bus: {error}");
                None
            }
            Err(_) => {
                log::info!("the system bus does not answer");
                None
            }
        }
    }

    /// The modems that it uses.
    pub(crate) fn modems(&self) -> Result<Vec<Managed>, Refusal> {
        let interface = Some("org.freedesktop.DBus.ObjectManager");
        let answer = self
            .bus
            .call_method(Some(NAME), PATH, interface, "GetManagedObjects", &())
            .map_err(|error| refusal(&error))?;
        type Objects = HashMap<OwnedObjectPath, HashMap<String, HashMap<String, OwnedValue>>>;
        let objects: Objects = answer.body().deserialize().map_err(|error| Refusal::Failed(error.to_string()))?;
        let modem = |interfaces: HashMap<String, HashMap<String, OwnedValue>>| interfaces.get(MODEM).map(managed);
        Ok(objects.into_values().filter_map(modem).take(MOST_MODEMS).collect())
    }

    /// Has it let go of this hardware until the result is dropped.
    pub(crate) fn inhibit(self, uid: &str) -> Result<Inhibition, Refusal> {
        ask(&self.bus, uid, true)?;
        log::info!("ModemManager lets go of {uid} for now");
        Ok(Inhibition { bus: self.bus, uid: uid.to_owned() })
    }
}

/// ModemManager keeps from a modem until this is dropped.
pub(crate) struct Inhibition {
    bus: Connection,
    uid: String,
}

fn ask(bus: &Connection, uid: &str, inhibit: bool) -> Result<(), Refusal> {
    let asked = bus.call_method(Some(NAME), PATH, Some(NAME), "InhibitDevice", &(uid, inhibit));
    asked.map(drop).map_err(|error| refusal(&error))
}

impl Drop for Inhibition {
    fn drop(&mut self) {
        // Should it fail, leaving the bus does the same.
        match ask(&self.bus, &self.uid, false) {
            Ok(()) => log::info!("ModemManager has {} back", self.uid),
            Err(error) => log::info!("ModemManager takes {} back by itself: {error:?}", self.uid),
        }
    }
}

fn connect() -> zbus::Result<Option<ModemManager>> {
    let bus = Builder::system()?.method_timeout(PATIENCE).build()?;
    // Not by a call to it, which would start it.
    let there = zbus::blocking::fdo::DBusProxy::new(&bus)?.name_has_owner(NAME.try_into()?)?;
    Ok(there.then_some(ModemManager { bus }))
}

fn managed(properties: &HashMap<String, OwnedValue>) -> Managed {
    let text = |name: &str| -> String {
        properties.get(name).and_then(|value| <&str>::try_from(value).ok()).unwrap_or_default().to_owned()
    };
    let ports = properties.get("Ports").and_then(|value| value.try_clone().ok());
    let ports: Vec<(String, u32)> = ports.and_then(|value| value.try_into().ok()).unwrap_or_default();
    let mut ports: Vec<String> = ports.into_iter().map(|(name, _)| name).collect();
    let primary = text("PrimaryPort");
    if !primary.is_empty() && !ports.contains(&primary) {
        ports.push(primary);
    }
    Managed { uid: text("Device"), ports, model: format!("{} {}", text("Manufacturer"), text("Model")).trim().into() }
}

fn refusal(error: &zbus::Error) -> Refusal {
    let words = error.to_string();
    let zbus::Error::MethodError(name, detail, _) = error else { return Refusal::Failed(words) };
    let words = detail.clone().unwrap_or(words);
    match name.rsplit('.').next().unwrap_or_default() {
        "Unauthorized" | "AccessDenied" | "AuthFailed" | "InteractiveAuthorizationRequired" => {
            Refusal::Unauthorised(words)
        }
        _ if words.contains("PolicyKit authorization failed") => Refusal::Unauthorised(words),
        "InProgress" => Refusal::Taken(words),
        _ if words.to_lowercase().contains("already inhibited") => Refusal::Taken(words),
        _ => Refusal::Failed(words),
    }
}
