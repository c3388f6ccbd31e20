//! Which connections of NetworkManager are bound to a SIM, so that they can go with it.
//!
//! Nothing is started for this, no secret is asked for, and nothing is removed but by [`Connection::delete`].

mod bus;

use std::time::{Duration, Instant};

use sgp22::id::{Iccid, Mccmnc};
use zbus::fdo;
use zbus::names::BusName;

pub use bus::Bus;
use bus::{ConnectionProxy, SettingsProxy, failed, is_denied, is_gone};

use crate::error::{Error, Id, State};

/// How long looking at all connections may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Nobody has more connections; a service that says so is not believed.
const MOST: usize = 10_000;

/// By which of its properties a connection is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// `gsm.sim-id` is the ICCID: it serves this SIM alone.
    Sim,
    /// `gsm.sim-operator-id` is the operator: it may serve other SIMs as well.
    Operator,
}

impl Binding {
    /// The property, as NetworkManager calls it.
    #[must_use]
    pub const fn property(self) -> &'static str {
        match self {
            Self::Sim => "gsm.sim-id",
            Self::Operator => "gsm.sim-operator-id",
        }
    }
}

/// A connection that NetworkManager keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its name, as the user or a program chose it: clean it for a terminal.
    pub id: String,
    /// What names it for good.
    pub uuid: String,
    /// How it is bound to the SIM.
    pub binding: Binding,
    /// What the property holds.
    value: String,
    bus: Bus,
}

/// The connections of this system that are bound to a SIM with this ICCID and operator, those for it alone first.
///
/// # Errors
///
/// `network_manager_absent` where none runs, which is no fault.
pub fn connections_of(iccid: &Iccid, operator: Option<Mccmnc>) -> Result<Vec<Connection>, Error> {
    connections_on(&Bus::System, iccid, operator)
}

/// The same on a certain bus.
pub fn connections_on(bus: &Bus, iccid: &Iccid, operator: Option<Mccmnc>) -> Result<Vec<Connection>, Error> {
    let wanted = Wanted::new(iccid, operator);
    let end = Instant::now() + PATIENCE;
    let connection = open(bus)?;
    let paths =
        settings(&connection).and_then(|settings| settings.list_connections()).map_err(|error| failed(&error))?;
    if paths.len() > MOST {
        return Err(Error::new(Id::NetworkManagerFailed).cause(format!("it names {} connections", paths.len())));
    }
    let mut found = Vec::new();
    for path in paths {
        if Instant::now() > end {
            return Err(Error::new(Id::NetworkManagerFailed).cause("it answers too slowly"));
        }
        let told = ConnectionProxy::builder(&connection)
            .path(path.clone())
            .and_then(zbus::blocking::proxy::Builder::build)
            .and_then(|proxy| bus::facts(&proxy));
        match told {
            Ok(facts) => found.extend(wanted.bound(&facts).map(|(binding, value)| Connection {
                id: facts.id.clone(),
                uuid: facts.uuid.clone(),
                binding,
                value,
                bus: bus.clone(),
            })),
            // Gone since, or another user's, which is none of this one's business.
            Err(error) if is_gone(&error) || is_denied(&error) => log::info!("{} is not shown: {error}", path.as_str()),
            Err(error) => return Err(failed(&error)),
        }
    }
    found.sort_by_key(|connection| connection.binding != Binding::Sim);
    Ok(found)
}

impl Connection {
    /// Has NetworkManager forget it; what is connected by it is disconnected. It has to be what it was when it was
    /// found, and is looked for again afterwards.
    pub fn delete(&self) -> Result<(), Error> {
        let connection = open(&self.bus)?;
        let gone = || Error::new(Id::ConnectionGone).with("name", &self.id).with("uuid", &self.uuid);
        let settings = settings(&connection).map_err(|error| failed(&error))?;
        let path = match settings.get_connection_by_uuid(&self.uuid) {
            Ok(path) => path,
            Err(error) if is_gone(&error) => return Err(gone().cause(error)),
            Err(error) => return Err(failed(&error)),
        };
        let proxy = ConnectionProxy::builder(&connection)
            .path(path)
            .and_then(zbus::blocking::proxy::Builder::build)
            .map_err(|error| failed(&error))?;
        let facts = bus::facts(&proxy).map_err(|error| failed(&error))?;
        let bound_by = match self.binding {
            Binding::Sim => facts.sim_id,
            Binding::Operator => facts.operator,
        };
        if facts.uuid != self.uuid || bound_by.as_ref() != Some(&self.value) {
            return Err(gone().cause("it was changed meanwhile"));
        }
        let answer = proxy.delete();
        // What it says is one thing, and what is there another.
        match (settings.get_connection_by_uuid(&self.uuid), answer) {
            (Err(error), _) if is_gone(&error) => Ok(()),
            (Ok(_), Err(error)) => Err(self.kept(&error)),
            (Ok(_), Ok(())) => Err(failed_to_delete("it says that it is done, and the connection is still there")),
            (Err(lost), _) => Err(failed_to_delete(lost).state(State::Unknown)),
        }
    }

    /// Why it is there still.
    fn kept(&self, error: &zbus::Error) -> Error {
        if !is_denied(error) {
            return failed_to_delete(error);
        }
        Error::new(Id::NetworkManagerDenied)
            .with("name", &self.id)
            .with("uuid", &self.uuid)
            .state(State::NotDone)
            .cause(error)
    }
}

fn failed_to_delete(why: impl ToString) -> Error {
    Error::new(Id::NetworkManagerFailed).state(State::NotDone).cause(why)
}

/// A bus that NetworkManager is on. It is not started for this: what does not run keeps nothing connected.
fn open(bus: &Bus) -> Result<zbus::blocking::Connection, Error> {
    let absent = |error: &zbus::Error| Error::new(Id::NetworkManagerAbsent).cause(error);
    let connection = bus.connect().map_err(|error| absent(&error))?;
    let name = BusName::try_from(bus::NAME).map_err(|error| failed(&error.into()))?;
    let there = zbus::blocking::fdo::DBusProxy::new(&connection)
        .and_then(|daemon| daemon.name_has_owner(name).map_err(fdo::Error::into))
        .map_err(|error| failed(&error))?;
    if there { Ok(connection) } else { Err(Error::new(Id::NetworkManagerAbsent)) }
}

fn settings(connection: &zbus::blocking::Connection) -> zbus::Result<SettingsProxy<'_>> {
    SettingsProxy::new(connection)
}

/// The SIM, as NetworkManager writes it.
struct Wanted {
    iccid: String,
    operator: Option<String>,
}

impl Wanted {
    fn new(iccid: &Iccid, operator: Option<Mccmnc>) -> Self {
        let operator = operator.filter(|operator| *operator != Mccmnc::ANY);
        Self {
            iccid: without_padding(&iccid.digits()).to_owned(),
            operator: operator.map(|operator| format!("{}{}", operator.mcc(), operator.mnc())),
        }
    }

    /// How a connection is bound to it, and by what. One for another SIM of the operator is not.
    fn bound(&self, facts: &bus::Facts) -> Option<(Binding, String)> {
        match (&facts.sim_id, &facts.operator) {
            (Some(sim), _) => (without_padding(sim) == self.iccid).then(|| (Binding::Sim, sim.clone())),
            (None, Some(operator)) => {
                (Some(operator) == self.operator.as_ref()).then(|| (Binding::Operator, operator.clone()))
            }
            (None, None) => None,
        }
    }
}

/// An ICCID with an odd number of digits is filled up by some modems, and not by others.
fn without_padding(iccid: &str) -> &str {
    iccid.trim_end_matches(['F', 'f'])
}
