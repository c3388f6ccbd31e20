//! The permissions of a state directory that is there already: put right, and told once.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use private_files::{Access, set_mode};

/// Names of all that is ever made in a state directory.
const OWN_NAMES: [&str; 10] = [
    "esimctl.db",
    "esimctl.db-wal",
    "esimctl.db-shm",
    "esimctl.db-journal",
    "evidence",
    "backup",
    "virtual",
    "pki",
    "servers",
    "registered",
];

const PRIVATE: u32 = 0o700;
const SHARED: u32 = 0o2770;

/// Whom a state directory is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    /// Its owner, or whoever its mode says that it is shared with.
    AsItIs,
    /// The group with this id.
    Group(u32),
}

/// Puts the permissions of a state directory right. Gives the paths whose permissions were others. What another user
/// owns, and what cannot be changed, is passed over.
pub(super) fn repair(state: &Path, sharing: Sharing) -> Vec<PathBuf> {
    let mut repaired = Vec::new();
    // The directory last: it tells the next run that all is done.
    let wanted = wanted_mode(state, sharing);
    let whole = permissions(state).is_some_and(|found| found != wanted);
    for name in OWN_NAMES {
        repair_entry(&state.join(name), wanted == SHARED, sharing, whole, &mut repaired);
    }
    if is_state_alone(state) {
        put_right(state, wanted, sharing, &mut repaired);
    }
    repaired
}

fn wanted_mode(state: &Path, sharing: Sharing) -> u32 {
    match sharing {
        Sharing::Group(_) => SHARED,
        Sharing::AsItIs if private_files::is_shared(state) => SHARED,
        Sharing::AsItIs => PRIVATE,
    }
}

/// True if nothing else is in the directory: then its permissions are ours to change. A user may have named one that
/// other things are in.
fn is_state_alone(state: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(state) else { return false };
    let mut names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
    let sticky = permissions(state).is_none_or(|mode| mode & 0o1000 != 0);
    state.join("esimctl.db").exists() && !sticky && names.all(|name| OWN_NAMES.iter().any(|own| name == *own))
}

/// True if other users can look into a state directory: one that other things are in keeps its permissions.
pub(crate) fn is_open_to_others(state: &Path) -> bool {
    permissions(state).is_some_and(|mode| mode & 0o077 != 0 && mode != SHARED)
}

fn permissions(path: &Path) -> Option<u32> {
    let found = std::fs::symlink_metadata(path).ok().filter(|found| !found.is_symlink())?;
    Some(found.permissions().mode() & 0o7777)
}

/// An entry of the state directory. What is in a directory is looked at only if that was wrong itself, or the `whole` is
/// to be put right: a look at each file would cost every command.
fn repair_entry(path: &Path, shared: bool, sharing: Sharing, whole: bool, repaired: &mut Vec<PathBuf>) {
    let Ok(found) = std::fs::symlink_metadata(path) else { return };
    if !found.is_dir() {
        let wanted = if shared { 0o660 } else { 0o600 };
        if found.is_file() {
            put_right(path, wanted, sharing, repaired);
        }
        return;
    }
    let wanted = if shared { SHARED } else { PRIVATE };
    if whole || permissions(path) != Some(wanted) {
        let entries = std::fs::read_dir(path).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        entries.for_each(|entry| repair_entry(&entry, shared, sharing, true, repaired));
    }
    put_right(path, wanted, sharing, repaired);
}

fn put_right(path: &Path, mode: u32, sharing: Sharing, repaired: &mut Vec<PathBuf>) {
    let Ok(found) = std::fs::symlink_metadata(path) else { return };
    let us = rustix::process::geteuid();
    if found.is_symlink() || !(us.is_root() || found.uid() == us.as_raw()) {
        return;
    }
    if let Sharing::Group(group) = sharing
        && found.gid() != group
        && let Err(error) = std::os::unix::fs::lchown(path, None, Some(group))
    {
        log::debug!("{} stays in its group: {error}", path.display());
        return;
    }
    match set_mode(path, mode) {
        Ok(true) => repaired.push(path.into()),
        Ok(false) => {}
        Err(error) => log::debug!("{} keeps its permissions: {error}", path.display()),
    }
}

/// Makes the state directory of the machine, for its group if there is one.
///
/// # Errors
/// Whatever the system says.
pub(super) fn make_shared(state: &Path, group: u32) -> std::io::Result<()> {
    private_files::make_directory(state, Access::Owner)?;
    std::os::unix::fs::lchown(state, None, Some(group))?;
    set_mode(state, SHARED).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        permissions(path).unwrap()
    }

    /// A state directory as an older version left it under umask 0.
    fn open_for_all() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state");
        std::fs::create_dir_all(state.join("virtual/card")).unwrap();
        for name in ["esimctl.db", "esimctl.db-wal", "virtual/card/card.json"] {
            std::fs::write(state.join(name), "x").unwrap();
            set_mode(&state.join(name), 0o644).unwrap();
        }
        for name in ["virtual/card", "virtual", ""] {
            set_mode(&state.join(name), 0o755).unwrap();
        }
        (directory, state)
    }

    #[test]
    fn what_others_could_read_is_put_right_and_told_once() {
        let (_directory, state) = open_for_all();
        let repaired = repair(&state, Sharing::AsItIs);
        assert_eq!(repaired.len(), 6, "{repaired:?}");
        for (name, wanted) in [
            ("", 0o700),
            ("esimctl.db", 0o600),
            ("esimctl.db-wal", 0o600),
            ("virtual", 0o700),
            ("virtual/card/card.json", 0o600),
        ] {
            assert_eq!(mode(&state.join(name)), wanted, "{name}");
        }
        assert!(repair(&state, Sharing::AsItIs).is_empty(), "once");
        assert!(!is_open_to_others(&state));
        set_mode(&state.join("esimctl.db"), 0o644).unwrap();
        assert_eq!(repair(&state, Sharing::AsItIs), [state.join("esimctl.db")]);
    }

    #[test]
    fn a_directory_with_other_things_in_it_keeps_its_permissions() {
        let (_directory, state) = open_for_all();
        std::fs::write(state.join("thesis.txt"), "x").unwrap();
        set_mode(&state.join("thesis.txt"), 0o644).unwrap();
        assert!(is_open_to_others(&state));
        repair(&state, Sharing::AsItIs);
        assert_eq!([mode(&state), mode(&state.join("thesis.txt"))], [0o755, 0o644]);
        assert!(is_open_to_others(&state), "which doctor tells");
        assert_eq!(mode(&state.join("esimctl.db")), 0o600);
        let (_directory, empty) = open_for_all();
        std::fs::remove_file(empty.join("esimctl.db")).unwrap();
        repair(&empty, Sharing::AsItIs);
        assert_eq!(mode(&empty), 0o755, "without a database it may be anything");
    }

    #[test]
    fn the_machines_directory_is_for_its_group() {
        let (_directory, state) = open_for_all();
        let group = rustix::process::getegid().as_raw();
        repair(&state, Sharing::Group(group));
        for (name, wanted) in
            [("", 0o2770), ("esimctl.db", 0o660), ("virtual/card", 0o2770), ("virtual/card/card.json", 0o660)]
        {
            assert_eq!(mode(&state.join(name)), wanted, "{name}");
            assert_eq!(std::fs::metadata(state.join(name)).unwrap().gid(), group);
        }
        assert!(repair(&state, Sharing::AsItIs).is_empty(), "a member finds it as it should be");
    }

    #[test]
    fn links_are_left_alone() {
        let (directory, state) = open_for_all();
        let target = directory.path().join("target");
        std::fs::write(&target, "x").unwrap();
        set_mode(&target, 0o644).unwrap();
        std::fs::remove_file(state.join("esimctl.db-wal")).unwrap();
        std::os::unix::fs::symlink(&target, state.join("esimctl.db-wal")).unwrap();
        repair(&state, Sharing::AsItIs);
        assert_eq!(mode(&target), 0o644);
    }
}
