//! Who has a port open.

use std::path::Path;

use super::{Port, System};

/// A process that has a port open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortHolder {
    /// Its number; 0 if that is not known.
    pub pid: u32,
    /// Its command, without arguments.
    pub command: String,
}

/// Looks through all processes once. Those of other users can be looked into by root alone.
pub(super) fn find(system: &System, ports: &mut [Port]) {
    if ports.iter().all(|port| port.node.is_empty()) {
        return;
    }
    let Ok(processes) = std::fs::read_dir(system.path("/proc")) else {
        return ports.iter_mut().for_each(|port| port.holders_known = false);
    };
    let nodes: Vec<[std::path::PathBuf; 2]> =
        ports.iter().map(|port| [port.node.clone().into(), system.resolve(Path::new(&port.node))]).collect();
    let mut complete = true;
    for process in processes.flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        if pid == std::process::id() {
            continue;
        }
        let open = match std::fs::read_dir(process.path().join("fd")) {
            Ok(open) => open,
            // One that has ended meanwhile holds nothing.
            Err(error) => {
                complete &= error.kind() != std::io::ErrorKind::PermissionDenied;
                continue;
            }
        };
        let open: Vec<_> = open.flatten().filter_map(|file| std::fs::read_link(file.path()).ok()).collect();
        for (port, node) in ports.iter_mut().zip(&nodes) {
            if open.iter().any(|target| node.contains(target)) {
                let command = system.read(&process.path().join("comm"));
                port.holders.push(PortHolder { pid, command });
            }
        }
    }
    for port in ports.iter_mut() {
        port.holders_known = complete;
        port.holders.sort_by_key(|holder| holder.pid);
    }
}
