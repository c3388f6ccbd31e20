//! Whether anything goes back after a reboot: the unit of systemd or the init script of OpenWrt.

use std::path::Path;
use std::sync::atomic::Ordering;

use crate::Manager;
use crate::device::System;
use crate::error::Error;
use crate::state::filesystem::FileSystem;

/// Links that systemd makes for a unit that is enabled.
const SYSTEMD_LINKS: [&str; 2] = [
    "/etc/systemd/system/multi-user.target.wants/esimctl-rollback.service",
    "/usr/lib/systemd/system/multi-user.target.wants/esimctl-rollback.service",
];

/// The directory of the init scripts that OpenWrt runs at boot, as links whose names begin with `S` and a number.
const OPENWRT_LINKS: &str = "/etc/rc.d";

/// The end of the name of our link there.
const OPENWRT_NAME: &str = "esimctl-rollback";

impl Manager {
    /// True if a switch that is to be undone would be undone after a reboot: a unit runs at boot, finds the state directory
    /// that is in use, and that directory outlives the reboot. It is registered for that.
    ///
    /// # Errors
    ///
    /// Fails if the register of state directories cannot be written.
    pub fn register_for_reboot(&self) -> Result<bool, Error> {
        let is_found = self.register_state_dir()?;
        self.rolled_back.registered.store(true, Ordering::Relaxed);
        Ok(is_found && self.state_lasts() && unit_is_enabled(self.system()))
    }

    /// False if a reboot takes the state directory with it, or root's register, without which only root's own one is found.
    fn state_lasts(&self) -> bool {
        let lasts = |path: &Path| FileSystem::of(path) != FileSystem::Memory;
        let (account, state) = (self.paths().account(), self.paths().state());
        let is_listed = !account.is_root() || state == account.state() || lasts(&account.machine_state());
        lasts(state) && is_listed
    }
}

fn unit_is_enabled(system: &System) -> bool {
    // A link may point to a unit that is only there below the real root.
    let is_there = |link: &&str| system.path(link).symlink_metadata().is_ok();
    SYSTEMD_LINKS.iter().any(is_there) || openwrt_link(system)
}

fn openwrt_link(system: &System) -> bool {
    let Ok(links) = std::fs::read_dir(system.path(OPENWRT_LINKS)) else { return false };
    links.flatten().any(|link| {
        let name = link.file_name().to_string_lossy().into_owned();
        name.starts_with('S') && name.ends_with(OPENWRT_NAME)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_counts_once_it_is_enabled() {
        for link in [SYSTEMD_LINKS[0], SYSTEMD_LINKS[1], "/etc/rc.d/S99esimctl-rollback"] {
            let root = tempfile::tempdir().unwrap();
            let system = System::at(root.path().to_owned());
            assert!(!unit_is_enabled(&system));
            let link = system.path(link);
            std::fs::create_dir_all(link.parent().unwrap()).unwrap();
            assert!(!unit_is_enabled(&system), "{link:?}");
            std::os::unix::fs::symlink("/nowhere", &link).unwrap();
            assert!(unit_is_enabled(&system), "{link:?}");
        }
    }
}
