//! Where state and configuration are, by who asks.

use std::path::{Path, PathBuf};

use super::filesystem::FileSystem;
use super::users;
use crate::device::System;

/// The state directory of the machine.
const MACHINE_STATE: &str = "/var/lib/esimctl";

/// The configuration of the machine.
const MACHINE_CONFIG: &str = "/etc/esimctl/config.toml";

/// The group that shares the machine's state directory.
pub(crate) const GROUP: &str = "esimctl";

/// The user who asks, with what the environment says.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) system: System,
    pub(crate) uid: u32,
    /// The groups of this process.
    pub(crate) groups: Vec<u32>,
    /// The home directory by the environment or the user database.
    pub(crate) home: Option<PathBuf>,
    /// `XDG_STATE_HOME`, where it is set and absolute.
    pub(crate) xdg_state: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`, where it is set and absolute.
    pub(crate) xdg_config: Option<PathBuf>,
}

/// A path from the environment. Relative ones count as not set, as XDG has it, and so do empty ones.
fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

impl Account {
    /// The account of this process.
    pub(crate) fn of_this_process(system: &System) -> Self {
        let uid = rustix::process::geteuid().as_raw();
        let mut groups: Vec<u32> =
            rustix::process::getgroups().unwrap_or_default().into_iter().map(rustix::fs::Gid::as_raw).collect();
        groups.push(rustix::process::getegid().as_raw());
        Self {
            system: system.clone(),
            uid,
            groups,
            home: home(system, uid),
            xdg_state: variable("XDG_STATE_HOME"),
            xdg_config: variable("XDG_CONFIG_HOME"),
        }
    }

    pub(crate) fn is_root(&self) -> bool {
        self.uid == 0
    }

    /// The state directory that this account uses, if none is named.
    pub(crate) fn state(&self) -> PathBuf {
        let own = if self.uses_machine_state() { None } else { self.own_state() };
        own.unwrap_or_else(|| self.machine_state())
    }

    /// The state directory of this account alone; `None` without a home.
    pub(crate) fn own_state(&self) -> Option<PathBuf> {
        let base = self.xdg_state.clone().or_else(|| Some(self.home.as_ref()?.join(".local/state")))?;
        Some(base.join("esimctl"))
    }

    /// The state directory of the machine.
    pub(crate) fn machine_state(&self) -> PathBuf {
        self.system.path(MACHINE_STATE)
    }

    /// True for root, services and people whose group shares the state directory of the machine.
    pub(crate) fn uses_machine_state(&self) -> bool {
        if self.is_root() { self.machine_state_lasts() } else { self.shares(&self.machine_state()) }
    }

    /// True if the directory belongs to one of our groups as a whole.
    fn shares(&self, directory: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;
        let found = std::fs::symlink_metadata(directory);
        private_files::is_shared(directory) && found.is_ok_and(|found| self.groups.contains(&found.gid()))
    }

    /// False where the machine keeps `/var` in memory, as OpenWrt does: then root stays with a home directory that lasts.
    fn machine_state_lasts(&self) -> bool {
        let in_memory = |path: &Path| FileSystem::of(path) == FileSystem::Memory;
        let lasting_home = self.home.as_ref().is_some_and(|home| !in_memory(home));
        !(lasting_home && in_memory(&self.machine_state()))
    }

    /// Configuration files, the later one stronger.
    pub(crate) fn configurations(&self) -> Vec<PathBuf> {
        let base = self.xdg_config.clone().or_else(|| Some(self.home.as_ref()?.join(".config")));
        let own = base.map(|base| base.join("esimctl/config.toml"));
        [self.system.path(MACHINE_CONFIG)].into_iter().chain(own).collect()
    }
}

/// The home directory of this process: by `HOME`, else by the user database, its files first.
fn home(system: &System, uid: u32) -> Option<PathBuf> {
    let named = variable("HOME").or_else(|| users::by_id(system, uid).map(|user| user.home));
    // The standard library also asks directory services, but only if HOME is not set at all.
    named.or_else(|| std::env::home_dir().filter(|home| home.is_absolute()))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// An account in a system of its own, below one directory.
    pub(crate) fn account(root: &Path, uid: u32, groups: &[u32]) -> Account {
        Account {
            system: System::at(root.into()),
            uid,
            groups: groups.into(),
            home: Some(root.join("home")),
            xdg_state: None,
            xdg_config: None,
        }
    }

    /// Makes the machine's directory with the group of this process.
    fn share(root: &Path) -> PathBuf {
        let directory = root.join("var/lib/esimctl");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::set_permissions(&directory, PermissionsExt::from_mode(0o2770)).unwrap();
        directory
    }

    #[test]
    fn root_and_the_group_use_the_machine_and_others_their_own() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let own_group = rustix::process::getegid().as_raw();
        let (machine, own) = (root.join("var/lib/esimctl"), root.join("home/.local/state/esimctl"));
        assert_eq!(account(&root, 0, &[]).state(), machine, "root makes it");
        assert_eq!(account(&root, 1000, &[own_group]).state(), own, "there is none to share");
        share(&root);
        assert_eq!(account(&root, 1000, &[own_group]).state(), machine);
        assert_eq!(account(&root, 1000, &[own_group + 1]).state(), own, "not in the group");
        std::fs::set_permissions(&machine, PermissionsExt::from_mode(0o770)).unwrap();
        assert_eq!(account(&root, 1000, &[own_group]).state(), own, "not shared as a whole");
    }

    #[test]
    fn variables_win_and_without_a_home_it_is_the_machine() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let mut person = account(&root, 1000, &[]);
        person.xdg_state = Some("/s".into());
        person.xdg_config = Some("/c".into());
        assert_eq!(person.state(), PathBuf::from("/s/esimctl"));
        let machine = root.join("etc/esimctl/config.toml");
        assert_eq!(person.configurations(), [machine.clone(), "/c/esimctl/config.toml".into()]);
        let homeless = Account { home: None, xdg_state: None, xdg_config: None, ..person };
        assert_eq!(homeless.state(), root.join("var/lib/esimctl"));
        assert_eq!(homeless.configurations(), [machine]);
    }

    /// OpenWrt: `/var` is in memory, and would take the journal with it at a reboot.
    #[test]
    fn root_stays_at_home_where_the_machine_forgets() {
        let memory = tempfile::tempdir_in("/dev/shm").unwrap();
        let disk = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let mut root = account(memory.path(), 0, &[]);
        root.home = Some(disk.path().into());
        assert_eq!(root.state(), disk.path().join(".local/state/esimctl"));
        root.home = Some(memory.path().into());
        assert_eq!(root.state(), memory.path().canonicalize().unwrap().join("var/lib/esimctl"), "neither lasts");
    }
}
