//! The D-Bus interface of NetworkManager, as far as it is used (`nm-settings-dbus(5)`).

use std::collections::HashMap;
use std::sync::mpsc;
use std::time::Duration;

use zbus::blocking::{Connection, connection};
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

use crate::error::{Error, Id};

/// How long one call may take, and how long getting onto the bus.
const PATIENCE: Duration = Duration::from_secs(10);

/// The name that NetworkManager has on the bus.
pub(super) const NAME: &str = "org.freedesktop.NetworkManager";

/// A message bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bus {
    /// The system's, or the one in `DBUS_SYSTEM_BUS_ADDRESS`.
    System,
    /// The one at this address.
    At(String),
}

impl Bus {
    /// Gets onto it, on a thread that is given up if the bus says nothing.
    pub(super) fn connect(&self) -> zbus::Result<Connection> {
        let bus = self.clone();
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let builder = match &bus {
                Self::System => connection::Builder::system(),
                Self::At(address) => connection::Builder::address(address.as_str()),
            };
            // Nobody may be waiting any more.
            let _ = tell.send(builder.and_then(|builder| builder.method_timeout(PATIENCE).build()));
        });
        told.recv_timeout(PATIENCE).unwrap_or_else(|_| Err(zbus::Error::Failure("the bus does not answer".into())))
    }
}

#[zbus::proxy(
    interface = "org.freedesktop.NetworkManager.Settings",
    default_service = "org.freedesktop.NetworkManager",
    default_path = "/org/freedesktop/NetworkManager/Settings",
    gen_async = false
)]
pub(super) trait Settings {
    fn list_connections(&self) -> zbus::Result<Vec<OwnedObjectPath>>;
    fn get_connection_by_uuid(&self, uuid: &str) -> zbus::Result<OwnedObjectPath>;
}

#[zbus::proxy(
    interface = "org.freedesktop.NetworkManager.Settings.Connection",
    default_service = "org.freedesktop.NetworkManager",
    gen_async = false
)]
pub(super) trait Connection {
    /// All but the secrets.
    fn get_settings(&self) -> zbus::Result<HashMap<String, HashMap<String, OwnedValue>>>;
    fn delete(&self) -> zbus::Result<()>;
}

/// What is looked at.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) id: String,
    pub(super) uuid: String,
    pub(super) sim_id: Option<String>,
    pub(super) operator: Option<String>,
}

/// Reads what is looked at, and drops the rest.
pub(super) fn facts(proxy: &ConnectionProxy<'_>) -> zbus::Result<Facts> {
    let settings = proxy.get_settings()?;
    let text = |section: &str, property: &str| {
        let value: &str = settings.get(section)?.get(property)?.downcast_ref().ok()?;
        (!value.is_empty()).then(|| value.to_owned())
    };
    Ok(Facts {
        id: text("connection", "id").unwrap_or_default(),
        uuid: text("connection", "uuid").unwrap_or_default(),
        sim_id: text("gsm", "sim-id"),
        operator: text("gsm", "sim-operator-id"),
    })
}

/// The last part of the name with which the other side answered an error; empty if it did not answer.
fn answer(error: &zbus::Error) -> &str {
    match error {
        zbus::Error::MethodError(name, ..) => name.rsplit('.').next().unwrap_or_default(),
        _ => "",
    }
}

/// There is no such connection.
pub(super) fn is_gone(error: &zbus::Error) -> bool {
    matches!(answer(error), "InvalidConnection" | "UnknownObject" | "UnknownMethod" | "UnknownInterface")
}

/// This user may not do that.
pub(super) fn is_denied(error: &zbus::Error) -> bool {
    matches!(answer(error), "PermissionDenied" | "AccessDenied" | "AuthFailed")
}

/// Why something cannot be known.
pub(super) fn failed(error: &zbus::Error) -> Error {
    Error::new(Id::NetworkManagerFailed).cause(error)
}
