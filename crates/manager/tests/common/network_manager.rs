//! NetworkManager's settings service, as far as anything here speaks to it, stricter than the real one: asking for
//! secrets is remembered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use zbus::blocking::{Connection, connection};
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Str, Value};

/// How it treats who wants to delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletes {
    Yes,
    Denied,
    /// It says yes and does nothing.
    Untrue,
    Fails,
    /// It says nothing that makes sense from then on.
    Breaks,
}

/// A connection: name, UUID, and the properties of its `gsm` section; none for another kind.
pub type Stored = (&'static str, &'static str, Option<Vec<(&'static str, &'static str)>>);

#[derive(Debug)]
struct State {
    stored: Vec<Option<Stored>>,
    deletes: Deletes,
    broken: bool,
    secrets_asked: usize,
    /// The one with this number is another user's.
    hidden: Option<usize>,
}

/// The service; it leaves the bus with this.
pub struct NetworkManager {
    state: Arc<Mutex<State>>,
    _connection: Connection,
}

const SETTINGS: &str = "/org/freedesktop/NetworkManager/Settings";

/// How NetworkManager says no.
#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.freedesktop.NetworkManager.Settings")]
enum No {
    #[zbus(error)]
    ZBus(zbus::Error),
    InvalidConnection(String),
    PermissionDenied(String),
    Failed(String),
}

impl NetworkManager {
    pub fn start(address: &str, stored: Vec<Stored>) -> Self {
        let count = stored.len();
        let stored = stored.into_iter().map(Some).collect();
        let state = State { stored, deletes: Deletes::Yes, broken: false, secrets_asked: 0, hidden: None };
        let state = Arc::new(Mutex::new(state));
        let mut builder =
            connection::Builder::address(address).unwrap().serve_at(SETTINGS, Settings(state.clone())).unwrap();
        for number in 0..count {
            builder = builder.serve_at(path(number), One { number, state: state.clone() }).unwrap();
        }
        // The name comes last, so that nobody finds it half built.
        let connection = builder.name("org.freedesktop.NetworkManager").unwrap().build().unwrap();
        Self { state, _connection: connection }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn deletes(&self, how: Deletes) {
        self.state().deletes = how;
    }

    pub fn hide(&self, number: usize) {
        self.state().hidden = Some(number);
    }

    /// Another program gives a connection other properties.
    pub fn change(&self, number: usize, stored: Stored) {
        self.state().stored[number] = Some(stored);
    }

    /// The names of those that are there.
    pub fn names(&self) -> Vec<&'static str> {
        self.state().stored.iter().flatten().map(|(name, ..)| *name).collect()
    }

    pub fn secrets_asked(&self) -> usize {
        self.state().secrets_asked
    }
}

fn path(number: usize) -> OwnedObjectPath {
    ObjectPath::try_from(format!("{SETTINGS}/{}", number + 1)).unwrap().into()
}

struct Settings(Arc<Mutex<State>>);

#[zbus::interface(name = "org.freedesktop.NetworkManager.Settings")]
impl Settings {
    fn list_connections(&self) -> Vec<OwnedObjectPath> {
        let state = self.0.lock().unwrap();
        state.stored.iter().enumerate().filter(|(_, stored)| stored.is_some()).map(|(number, _)| path(number)).collect()
    }

    fn get_connection_by_uuid(&self, uuid: &str) -> Result<OwnedObjectPath, No> {
        let state = self.0.lock().unwrap();
        if state.broken {
            return Err(No::Failed("broken".into()));
        }
        let fits = |stored: &Option<Stored>| stored.as_ref().is_some_and(|(_, known, _)| *known == uuid);
        state
            .stored
            .iter()
            .position(fits)
            .map(path)
            .ok_or_else(|| No::InvalidConnection("No connection with the UUID was found".into()))
    }
}

struct One {
    number: usize,
    state: Arc<Mutex<State>>,
}

#[zbus::interface(name = "org.freedesktop.NetworkManager.Settings.Connection")]
impl One {
    fn get_settings(&self) -> Result<HashMap<String, HashMap<String, OwnedValue>>, No> {
        let state = self.state.lock().unwrap();
        if state.hidden == Some(self.number) {
            return Err(No::PermissionDenied("another user's".into()));
        }
        let (id, uuid, gsm) = state.stored[self.number].clone().ok_or_else(|| No::InvalidConnection("gone".into()))?;
        let text = |text: &str| OwnedValue::from(Str::from(text.to_owned()));
        let mut connection = HashMap::from([("id".into(), text(id)), ("uuid".into(), text(uuid))]);
        // Of other types than those that are looked at.
        connection.insert("timestamp".into(), OwnedValue::from(7_u64));
        connection.insert("permissions".into(), OwnedValue::try_from(Value::from(vec!["user:a"])).unwrap());
        connection.insert("type".into(), text(if gsm.is_some() { "gsm" } else { "802-11-wireless" }));
        let mut sections = HashMap::from([("connection".into(), connection)]);
        if let Some(gsm) = gsm {
            sections.insert("gsm".into(), gsm.iter().map(|(name, value)| ((*name).into(), text(value))).collect());
        }
        Ok(sections)
    }

    fn get_secrets(&self, _setting: &str) -> HashMap<String, HashMap<String, OwnedValue>> {
        self.state.lock().unwrap().secrets_asked += 1;
        HashMap::new()
    }

    fn delete(&self) -> Result<(), No> {
        let mut state = self.state.lock().unwrap();
        match state.deletes {
            Deletes::Yes => state.stored[self.number] = None,
            Deletes::Denied => return Err(No::PermissionDenied("Insufficient privileges".into())),
            Deletes::Untrue => {}
            Deletes::Breaks => state.broken = true,
            Deletes::Fails => return Err(No::Failed("the disk is full".into())),
        }
        Ok(())
    }
}
