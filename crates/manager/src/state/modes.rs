//! The permissions of a state directory that is there already: put right, and told once.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use private_files::{Access, Held};

use super::register::REGISTER;
use crate::paths::CODE_KEY;

/// Names of all that is ever made in a state directory.
const OWN_NAMES: [&str; 11] = [
    "esimctl.db",
    "esimctl.db-wal",
    "esimctl.db-shm",
    "esimctl.db-journal",
    CODE_KEY,
    "evidence",
    "backup",
    "virtual",
    "pki",
    "servers",
    REGISTER,
];

const PRIVATE: u32 = 0o700;
const SHARED: u32 = 0o2770;
const PRIVATE_FILE: u32 = 0o600;
const SHARED_FILE: u32 = 0o660;

/// The people whom a state directory is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    /// The owner, or whoever the mode says that it is shared with.
    AsItIs,
    /// The group with this id.
    Group(u32),
}

/// Puts the permissions of a state directory right. Gives the paths whose permissions were others.
///
/// Root does this where members of the group can write, so nothing goes by a path: each entry is held, looked at and
/// changed by its handle. What another user owns is passed over with all that is in it, root's rights or not: whoever owns
/// it puts it right. So are links, files with a second name, and what cannot be changed.
pub(super) fn repair(state: &Path, sharing: Sharing) -> Vec<PathBuf> {
    let Some(directory) = hold_directory(state) else { return Vec::new() };
    let wanted = wanted_mode(&directory, sharing);
    let is_link = state.is_symlink();
    let mut repair = Repair { shared: wanted == SHARED, sharing, repaired: Vec::new() };
    let whole = !is_link && directory.mode() != wanted;
    for name in OWN_NAMES {
        repair.entry(&directory, name.as_ref(), state, whole);
    }
    // The directory last: it tells the next run that all is done.
    if !is_link && is_state_alone(&directory) {
        repair.put_right(&directory, state, wanted);
    }
    repair.repaired
}

/// The directory itself, also where a link leads to it: whoever names the state directory may name a link.
fn hold_directory(state: &Path) -> Option<Held> {
    Held::at(&state.canonicalize().ok()?).ok().filter(Held::is_directory)
}

fn wanted_mode(state: &Held, sharing: Sharing) -> u32 {
    match sharing {
        Sharing::Group(_) => SHARED,
        Sharing::AsItIs if state.mode() == SHARED => SHARED,
        Sharing::AsItIs => PRIVATE,
    }
}

/// True if nothing else is in the directory: then its permissions are ours to change. A user may have named one that
/// other things are in.
fn is_state_alone(state: &Held) -> bool {
    let sticky = state.mode() & 0o1000 != 0;
    state.entry("esimctl.db".as_ref()).is_ok() && !sticky && holds_own_names_alone(state)
}

fn holds_own_names_alone(state: &Held) -> bool {
    state.names().is_ok_and(|mut names| names.all(|name| OWN_NAMES.iter().any(|own| name == *own)))
}

/// True for a directory with a database of ours, or with nothing but what is made in a state directory.
pub(super) fn holds_state(directory: &Path) -> bool {
    hold_directory(directory).is_some_and(|state| {
        state.entry("esimctl.db".as_ref()).is_ok_and(|database| database.is_file()) || holds_own_names_alone(&state)
    })
}

/// What other users can do in a state directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Openness {
    /// See what is in it.
    Readable,
    /// Create files, and remove none but their own.
    Sticky,
    /// Create, rename and remove files.
    Writable,
}

/// What other users can do in a state directory: one that other things are in keeps its permissions. `None` if it is
/// closed to them.
pub(crate) fn openness(state: &Path) -> Option<Openness> {
    let mode = Held::at(state).ok().filter(Held::is_directory)?.mode();
    match (mode & 0o077 != 0 && mode != SHARED, mode & 0o022 != 0) {
        (false, _) => None,
        (true, false) => Some(Openness::Readable),
        (true, true) if mode & 0o1000 != 0 => Some(Openness::Sticky),
        (true, true) => Some(Openness::Writable),
    }
}

struct Repair {
    shared: bool,
    sharing: Sharing,
    repaired: Vec<PathBuf>,
}

impl Repair {
    /// An entry of a directory. What is in a directory is looked at only if that was wrong itself, or the `whole` is to be
    /// put right: a look at each file would cost every command.
    fn entry(&mut self, parent: &Held, name: &OsStr, above: &Path, whole: bool) {
        let Ok(found) = parent.entry(name) else { return };
        if !found.is_ours() {
            return;
        }
        let path = above.join(name);
        if found.is_file() {
            self.put_right(&found, &path, if self.shared { SHARED_FILE } else { PRIVATE_FILE });
            return;
        }
        let wanted = if self.shared { SHARED } else { PRIVATE };
        // Entries of the register are for their owner alone, also in a shared directory.
        if name != REGISTER && (whole || found.mode() != wanted) {
            for name in found.names().into_iter().flatten() {
                self.entry(&found, &name, &path, true);
            }
        }
        self.put_right(&found, &path, wanted);
    }

    fn put_right(&mut self, found: &Held, path: &Path, mode: u32) {
        if let Sharing::Group(group) = self.sharing
            && let Err(error) = found.set_group(group)
        {
            log::debug!("{} stays in its group: {error}", path.display());
            return;
        }
        match found.set_mode(mode) {
            Ok(true) => self.repaired.push(path.into()),
            Ok(false) => {}
            Err(error) => log::debug!("{} keeps its permissions: {error}", path.display()),
        }
    }
}

/// Makes the state directory of the machine, for its group if there is one.
///
/// # Errors
/// Whatever the system says.
pub(super) fn make_shared(state: &Path, group: u32) -> std::io::Result<()> {
    private_files::make_directory(state, Access::Owner)?;
    let made = Held::at(state)?;
    made.set_group(group)?;
    made.set_mode(SHARED).map(drop)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use private_files::set_mode;

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.symlink_metadata().unwrap().permissions().mode() & 0o7777
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
        assert_eq!(openness(&state), None);
        set_mode(&state.join("esimctl.db"), 0o644).unwrap();
        assert_eq!(repair(&state, Sharing::AsItIs), [state.join("esimctl.db")]);
    }

    #[test]
    fn a_directory_with_other_things_in_it_keeps_its_permissions() {
        let (_directory, state) = open_for_all();
        std::fs::write(state.join("thesis.txt"), "x").unwrap();
        set_mode(&state.join("thesis.txt"), 0o644).unwrap();
        assert_eq!(openness(&state), Some(Openness::Readable));
        repair(&state, Sharing::AsItIs);
        assert_eq!([mode(&state), mode(&state.join("thesis.txt"))], [0o755, 0o644]);
        assert_eq!(openness(&state), Some(Openness::Readable), "which doctor tells");
        for (open, expected) in [
            (0o711, Openness::Readable),
            (0o1777, Openness::Sticky),
            (0o777, Openness::Writable),
            (0o770, Openness::Writable),
        ] {
            set_mode(&state, open).unwrap();
            assert_eq!(openness(&state), Some(expected), "{open:o}");
        }
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

    /// In the shared directory a member may give a name of ours to anything that the machine has.
    #[test]
    fn files_with_a_second_name_and_those_of_other_users_are_left_alone() {
        let (directory, state) = open_for_all();
        let [first, theirs] = ["first", "theirs"].map(|name| directory.path().join(name));
        for path in [&first, &theirs] {
            std::fs::write(path, "x").unwrap();
            set_mode(path, 0o644).unwrap();
        }
        std::fs::hard_link(&first, state.join("esimctl.db-journal")).unwrap();
        let root = rustix::process::geteuid().is_root();
        if root {
            std::fs::create_dir(state.join("evidence")).unwrap();
            std::fs::write(state.join("evidence/ours"), "x").unwrap();
            set_mode(&state.join("evidence/ours"), 0o644).unwrap();
            std::os::unix::fs::chown(&theirs, Some(4321), None).unwrap();
            std::os::unix::fs::chown(state.join("evidence"), Some(4321), None).unwrap();
            std::fs::rename(&theirs, state.join("virtual/theirs")).unwrap();
        }
        let group = rustix::process::getegid().as_raw();
        repair(&state, Sharing::Group(group));
        assert_eq!(mode(&first), 0o644);
        if root {
            assert_eq!(mode(&state.join("virtual/theirs")), 0o644);
            assert_eq!([mode(&state.join("evidence")), mode(&state.join("evidence/ours"))], [0o755, 0o644]);
        }
        assert_eq!(mode(&state.join("esimctl.db")), 0o660);
    }

    #[test]
    fn entries_of_the_register_stay_their_owners() {
        let (_directory, state) = open_for_all();
        let entry = state.join("registered/entry");
        std::fs::create_dir(state.join("registered")).unwrap();
        private_files::write(&entry, b"/x", Access::Owner, private_files::Existing::Refuse).unwrap();
        repair(&state, Sharing::Group(rustix::process::getegid().as_raw()));
        assert_eq!([mode(&state.join("registered")), mode(&entry)], [0o2770, 0o600]);
    }
}
