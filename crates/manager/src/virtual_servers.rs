//! Virtual servers: started, looked at, and found by the programs of the same state directory.
//!
//! A server that runs says so in a file that it keeps locked. The kernel drops the lock with the process, so that what a
//! killed server leaves behind is never taken for one that runs.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use private_files::{Access, LockAccess};
use serde::{Deserialize, Serialize};
use virtual_euicc::https::{Counters, ServeError, ServeOptions, ServerHandle, serve};
use virtual_euicc::pki::{Pki, PkiError};
use virtual_euicc::smdp::SmdpError;

pub use virtual_euicc::https::RequestLog;
pub use virtual_euicc::server::{Behaviour, BehaviourEntry, Behaviours, FAULT_KINDS, Fault, FaultError, Server};
pub use virtual_euicc::smdp::{NewOrder, NotificationRecord, Order, OrderState, Smdp, SmdpOptions, sample_icon};
pub use virtual_euicc::smds::{Event, Smds, SmdsOptions};

use crate::error::{Error, Id};
use crate::{Manager, Paths};

/// The SM-DP+ that the profiles of virtual cards name.
pub const DEFAULT_SMDP: &str = "smdp.example.com";
/// The SM-DS that virtual cards name.
pub const DEFAULT_SMDS: &str = "lpa.ds.example.com";

/// What kind of server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServerKind {
    /// Gives out profiles.
    Smdp,
    /// Knows where profiles wait.
    Smds,
}

impl ServerKind {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Smdp => "smdp",
            Self::Smds => "smds",
        }
    }
}

/// A server that runs, by one of its hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningServer {
    /// The host that it answers for.
    pub host: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// The file with the certificate that it is to be checked by.
    pub ca: PathBuf,
    /// What it is.
    pub kind: ServerKind,
    /// Its process.
    pub pid: u32,
}

/// What a server says of itself in its file.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    hosts: Vec<String>,
    address: SocketAddr,
    ca: PathBuf,
    kind: ServerKind,
    pid: u32,
}

/// A server's entry, as long as this lives.
#[derive(Debug)]
pub struct Guard {
    path: PathBuf,
    _file: File,
}

impl Drop for Guard {
    fn drop(&mut self) {
        // It is stale without its lock all the same.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Tells the programs of this state directory that a server runs. One name has one server.
pub fn register(
    paths: &Paths,
    name: &str,
    kind: ServerKind,
    hosts: &[String],
    address: SocketAddr,
    ca: &Path,
) -> Result<Guard, Error> {
    let directory = paths.running_servers();
    let path = directory.join(format!("{}-{name}.json", kind.name()));
    let failed = |error: std::io::Error| server_failed(format!("{}: {error}", path.display()));
    private_files::make_directory(&directory, Access::Directory).map_err(failed)?;
    let mut file = lock_entry(&path).map_err(failed)?.ok_or_else(|| Error::new(Id::ServerRuns).with("name", name))?;
    let ca = std::path::absolute(ca).map_err(failed)?;
    let entry = Entry { hosts: hosts.to_vec(), address, ca, kind, pid: std::process::id() };
    let text = serde_json::to_string(&entry).map_err(|error| failed(error.into()))?;
    file.set_len(0).and_then(|()| file.write_all(text.as_bytes())).map_err(failed)?;
    Ok(Guard { path, _file: file })
}

/// Opens and locks an entry; `None` if another process has it. A file that was removed meanwhile is no entry any more.
fn lock_entry(path: &Path) -> std::io::Result<Option<File>> {
    loop {
        let file = private_files::open_lock(path, LockAccess::Directory)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        match std::fs::metadata(path) {
            Ok(named) if named.ino() == file.metadata()?.ino() => return Ok(Some(file)),
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
}

/// The servers that run now, one for each host.
#[must_use]
pub fn running(paths: &Paths) -> Vec<RunningServer> {
    let Ok(files) = std::fs::read_dir(paths.running_servers()) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    paths.sort();
    let entries = paths.iter().filter_map(|path| read_running(path));
    entries
        .flat_map(|Entry { hosts, address, ca, kind, pid }| {
            hosts.into_iter().map(move |host| RunningServer { host, address, ca: ca.clone(), kind, pid })
        })
        .collect()
}

/// The entry in this file, if a process holds it.
fn read_running(path: &Path) -> Option<Entry> {
    let mut file = File::open(path).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {}
        _ => return None,
    }
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// The server that runs now and answers for this host.
#[must_use]
pub fn find(paths: &Paths, host: &str) -> Option<RunningServer> {
    running(paths).into_iter().find(|server| server.host.eq_ignore_ascii_case(host))
}

/// What every server is started with.
#[derive(Clone, Default)]
pub struct ServerSettings {
    /// What it is called in the state directory.
    pub name: String,
    /// Where it listens.
    pub listen: String,
    /// The hosts that it answers for.
    pub hosts: Vec<String>,
    /// A PKI other than that of the state directory.
    pub pki: Option<PathBuf>,
    /// How it departs from a well-behaved one.
    pub behaviours: Behaviours,
    /// What goes wrong once.
    pub faults: Vec<Fault>,
    /// How long the network takes there and back.
    pub latency: Duration,
    /// Told of each request.
    pub log: Option<RequestLog>,
}

/// A server that was started; it ends when this is dropped.
#[derive(Debug)]
pub struct VirtualServer {
    /// The hosts that it answers for.
    pub hosts: Vec<String>,
    /// The file with the certificate that it is to be checked by.
    pub ca: PathBuf,
    handle: ServerHandle,
    _guard: Guard,
}

impl VirtualServer {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.handle.address()
    }

    /// What happened at its door.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        self.handle.counters()
    }
}

/// How often a wait looks whether it is to end.
const GLANCE: Duration = Duration::from_millis(50);

impl Manager {
    /// Starts an SM-DP+ with these orders, and those that it had before.
    pub fn start_smdp(&self, settings: &ServerSettings, orders: &[NewOrder]) -> Result<VirtualServer, Error> {
        let directory = self.smdp_directory(&settings.name)?;
        self.start(settings, ServerKind::Smdp, |pki, hosts| {
            let options = SmdpOptions {
                hosts,
                behaviours: settings.behaviours.clone(),
                faults: settings.faults.clone(),
                directory: Some(directory),
            };
            let server = Smdp::new(pki, options)?;
            orders.iter().try_for_each(|order| server.add_order(order))?;
            Ok(Arc::new(server))
        })
    }

    /// Starts an SM-DS that knows of these events.
    pub fn start_smds(&self, settings: &ServerSettings, events: &[Event]) -> Result<VirtualServer, Error> {
        self.start(settings, ServerKind::Smds, |pki, hosts| {
            let (behaviours, faults) = (settings.behaviours.clone(), settings.faults.clone());
            let server = Smds::new(pki, SmdsOptions { hosts, behaviours, faults })?;
            events.iter().for_each(|event| server.register(event.clone()));
            Ok(Arc::new(server))
        })
    }

    fn start(
        &self,
        settings: &ServerSettings,
        kind: ServerKind,
        make: impl FnOnce(&Pki, Vec<String>) -> Result<Arc<dyn Server>, SmdpError>,
    ) -> Result<VirtualServer, Error> {
        check_name(&settings.name)?;
        self.paths().make_state()?;
        let pki = self.pki(settings.pki.as_deref())?;
        let default = match kind {
            ServerKind::Smdp => DEFAULT_SMDP,
            ServerKind::Smds => DEFAULT_SMDS,
        };
        let hosts = if settings.hosts.is_empty() { vec![default.to_owned()] } else { settings.hosts.clone() };
        let ca = pki.ci_file().unwrap_or_default();
        let listener = TcpListener::bind(&settings.listen)
            .map_err(|error| server_failed(format!("{}: {error}", settings.listen)))?;
        let address = listener.local_addr().map_err(server_failed)?;
        // First of all: nobody else may have the orders of this name.
        let guard = register(self.paths(), &settings.name, kind, &hosts, address, &ca)?;
        let core = make(&pki, hosts.clone()).map_err(server_failed)?;
        let options = ServeOptions { latency: settings.latency, log: settings.log.clone() };
        let handle = serve(listener, core, options).map_err(|error: ServeError| server_failed(error))?;
        Ok(VirtualServer { hosts, ca, handle, _guard: guard })
    }

    /// Waits until the user wants to stop.
    pub fn wait_for_interrupt(&self) {
        while !self.interrupt().0.load(Ordering::Relaxed) {
            std::thread::sleep(GLANCE);
        }
    }

    /// The orders of an SM-DP+, also while it runs.
    pub fn smdp_orders(&self, name: &str) -> Result<Vec<Order>, Error> {
        Smdp::peek(&self.smdp_directory(name)?).map_err(server_failed)
    }

    /// The PKI in this directory, or else that of the virtual cards.
    pub fn pki(&self, directory: Option<&Path>) -> Result<Pki, Error> {
        let pki = match directory {
            Some(directory) => Pki::existing(directory),
            None => Pki::open(&self.paths().pki()),
        };
        pki.map_err(pki_failed)
    }

    /// Makes a whole PKI in a directory: issuer, maker of eUICCs, both kinds of servers.
    pub fn new_pki(&self, directory: &Path, ein: &str, smdp: &str, smds: &str) -> Result<PathBuf, Error> {
        use virtual_euicc::pki::ServerKind as Kind;
        if directory.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Error::new(Id::PkiExists).with("path", directory.display()));
        }
        let pki = Pki::open(directory).map_err(pki_failed)?;
        pki.issue_eum(ein).map_err(pki_failed)?;
        pki.issue_server(Kind::Smdp, smdp).map_err(pki_failed)?;
        pki.issue_server(Kind::Smds, smds).map_err(pki_failed)?;
        Ok(pki.ci_file().unwrap_or_default())
    }

    fn smdp_directory(&self, name: &str) -> Result<PathBuf, Error> {
        check_name(name)?;
        Ok(self.paths().servers().join(format!("smdp-{name}")))
    }
}

/// Names become those of files.
fn check_name(name: &str) -> Result<(), Error> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || name.len() > 40 || name.starts_with('-') || !name.chars().all(allowed) {
        return Err(Error::new(Id::ServerName).with("name", name));
    }
    Ok(())
}

fn server_failed(cause: impl std::fmt::Display) -> Error {
    Error::new(Id::ServerFailed).cause(cause)
}

fn pki_failed(error: PkiError) -> Error {
    Error::new(Id::PkiFailed).cause(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(paths: &Paths) -> Vec<String> {
        running(paths).into_iter().map(|server| server.host).collect()
    }

    #[test]
    fn a_server_is_found_as_long_as_it_runs() {
        let directory = tempfile::tempdir().unwrap();
        let paths = Paths::new(Some(directory.path().into())).unwrap();
        assert_eq!(running(&paths), []);
        let address = "127.0.0.1:4711".parse().unwrap();
        let names = ["a.example.com".to_owned(), "b.example.com".to_owned()];
        let start = |name| register(&paths, name, ServerKind::Smdp, &names, address, Path::new("/pki/ci.cert.pem"));
        let guard = start("one").unwrap();
        assert_eq!(hosts(&paths), names);
        assert_eq!(start("one").unwrap_err().id, Id::ServerRuns);
        let found = find(&paths, "B.Example.COM").unwrap();
        assert_eq!((found.address, found.kind, found.pid), (address, ServerKind::Smdp, std::process::id()));
        assert_eq!(find(&paths, "c.example.com"), None);
        drop(guard);
        assert_eq!(running(&paths), []);
        start("one").unwrap();
    }

    #[test]
    fn what_a_killed_server_leaves_behind_is_no_server() {
        let directory = tempfile::tempdir().unwrap();
        let paths = Paths::new(Some(directory.path().into())).unwrap();
        let names = ["a.example.com".to_owned()];
        let guard =
            register(&paths, "one", ServerKind::Smds, &names, "[::1]:1".parse().unwrap(), Path::new("ca")).unwrap();
        let path = guard.path.clone();
        let text = std::fs::read(&path).unwrap();
        drop(guard);
        std::fs::write(&path, text).unwrap();
        assert_eq!(running(&paths), []);
        std::fs::write(paths.running_servers().join("rubbish"), "rubbish").unwrap();
        assert_eq!(running(&paths), []);
    }
}
