//! Root's state from before there was one for the machine: moved there, once.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::place::Account;
use super::{modes, users};
use crate::Paths;
use crate::database::Database;
use crate::error::{Error, Id};

/// Where root's state was moved from.
pub(super) fn move_roots_state(account: &Account) -> Result<Option<PathBuf>, Error> {
    let to = account.machine_state();
    let mut moved = None;
    for from in former_directories(account) {
        private_files::finish_move(&from, &to).map_err(|error| cannot_move(&from, &to, error))?;
        if is_same(&from, &to) || !has_content(&from) || !modes::holds_state(&from) {
            continue;
        }
        if has_content(&to) {
            let error = Error::new(Id::StateInTwoPlaces);
            return Err(error.with("from", from.display()).with("to", to.display()));
        }
        if is_in_use(account, &from) {
            return Err(Error::new(Id::StateInUse).with("from", from.display()).with("to", to.display()));
        }
        move_one(&from, &to)?;
        moved = Some(from);
    }
    Ok(moved)
}

/// Where an older version kept root's state: by the environment, and where it is without one. The environment may be that
/// of the user who called `sudo`, so these are only directories that nobody else can put there.
fn former_directories(account: &Account) -> Vec<PathBuf> {
    let home = users::by_id(&account.system, 0).map(|root| root.home.join(".local/state/esimctl"));
    let mut found: Vec<PathBuf> = account.own_state().into_iter().chain(home).collect();
    found.dedup();
    found.retain(|path| is_placed_by_us(path));
    found
}

/// True if no other user can put something else at this path: each directory and link on the way, and on the way to where
/// it leads, is ours or root's and closed to others.
fn is_placed_by_us(path: &Path) -> bool {
    let Ok(real) = path.canonicalize() else { return false };
    let us = rustix::process::geteuid().as_raw();
    let own = real.symlink_metadata().is_ok_and(|found| found.is_dir() && found.uid() == us);
    own && path.ancestors().chain(real.ancestors()).all(|step| is_closed(step, us))
}

fn is_closed(path: &Path, us: u32) -> bool {
    path.symlink_metadata().is_ok_and(|found| {
        // Nobody can remove another's from a sticky directory. A link's own permissions mean nothing.
        let closed = found.is_symlink() || found.mode() & 0o022 == 0 || found.mode() & 0o1000 != 0;
        closed && [0, us].contains(&found.uid())
    })
}

fn is_same(one: &Path, other: &Path) -> bool {
    one.canonicalize().ok().is_some_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

fn has_content(directory: &Path) -> bool {
    std::fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some())
}

/// True while another process may change a card by this directory, or serves virtual cards from it.
fn is_in_use(account: &Account, state: &Path) -> bool {
    let paths = Paths::in_system(&account.system, Some(state.into()));
    let open = Database::peek(&paths).and_then(|database| database.unfinished().ok());
    open.iter().flatten().any(crate::JournalEntry::may_be_running)
        || !crate::virtual_servers::running(&paths).is_empty()
}

fn move_one(from: &Path, to: &Path) -> Result<(), Error> {
    // A link to the directory would be moved instead of it.
    let real = from.canonicalize().map_err(|error| cannot_move(from, to, error))?;
    match private_files::move_directory(&real, to) {
        // Another process was quicker.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !real.exists() => {}
        Err(error) => return Err(cannot_move(from, to, error)),
        Ok(()) => {}
    }
    if from.is_symlink() {
        let _ = std::fs::remove_file(from);
    }
    Ok(())
}

fn cannot_move(from: &Path, to: &Path, error: std::io::Error) -> Error {
    Error::new(Id::StateNotMoved).with("from", from.display()).with("to", to.display()).cause(error)
}

#[cfg(test)]
mod tests {
    use super::super::place::tests::account;
    use super::*;

    struct Machine {
        _directory: tempfile::TempDir,
        account: Account,
        from: PathBuf,
        to: PathBuf,
    }

    impl Machine {
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            let root = directory.path().canonicalize().unwrap();
            let account = account(&root, 0, &[]);
            let (from, to) = (root.join("home/.local/state/esimctl"), root.join("var/lib/esimctl"));
            Self { _directory: directory, account, from, to }
        }

        /// With a database that has a log beside it, as after a kill.
        fn with_state() -> Self {
            let machine = Self::new();
            std::fs::create_dir_all(machine.from.join("virtual/card")).unwrap();
            for name in ["esimctl.db-wal", "esimctl.db-shm", "virtual/card/lock"] {
                std::fs::write(machine.from.join(name), name).unwrap();
            }
            machine
        }
    }

    #[test]
    fn state_moves_once_with_all_that_is_in_it() {
        let machine = Machine::with_state();
        std::fs::create_dir_all(&machine.to).unwrap();
        assert_eq!(move_roots_state(&machine.account).unwrap(), Some(machine.from.clone()));
        for name in ["esimctl.db-wal", "esimctl.db-shm", "virtual/card/lock"] {
            assert_eq!(std::fs::read_to_string(machine.to.join(name)).unwrap(), name);
        }
        assert!(!machine.from.exists());
        assert_eq!(move_roots_state(&machine.account).unwrap(), None);
    }

    #[test]
    fn without_former_state_nothing_is_made() {
        let machine = Machine::new();
        assert_eq!(move_roots_state(&machine.account).unwrap(), None);
        std::fs::create_dir_all(&machine.from).unwrap();
        assert_eq!(move_roots_state(&machine.account).unwrap(), None, "an empty one is none");
        assert!(!machine.to.exists());
    }

    /// The program was killed while it removed the original, on another file system.
    #[test]
    fn a_move_that_was_cut_short_goes_on() {
        let machine = Machine::with_state();
        std::fs::create_dir_all(&machine.to).unwrap();
        for path in [&machine.from, &machine.to] {
            private_files::write(
                &path.join(".esimctl-move"),
                b"once",
                private_files::Access::Owner,
                private_files::Existing::Refuse,
            )
            .unwrap();
        }
        std::fs::write(machine.to.join("esimctl.db"), "copied").unwrap();
        assert_eq!(move_roots_state(&machine.account).unwrap(), None);
        assert!(!machine.from.exists() && !machine.to.join(".esimctl-move").exists());
        assert_eq!(std::fs::read_to_string(machine.to.join("esimctl.db")).unwrap(), "copied");
    }

    #[test]
    fn what_others_could_have_put_there_is_not_roots_former_state() {
        let open =
            |path: &Path, mode| std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode));
        let machine = Machine::with_state();
        let above = machine.from.parent().unwrap();
        for (path, mode) in [(above, 0o777), (above, 0o775), (&*machine.from, 0o720)] {
            open(path, mode).unwrap();
            assert_eq!(move_roots_state(&machine.account).unwrap(), None, "{mode:o}");
            open(path, 0o700).unwrap();
        }
        open(above, 0o1777).unwrap();
        assert!(move_roots_state(&machine.account).unwrap().is_some(), "as in /tmp");
    }

    /// Root's, and not a state: the environment named it.
    #[test]
    fn a_directory_with_other_things_in_it_is_no_state() {
        let machine = Machine::with_state();
        std::fs::write(machine.from.join("secret"), "x").unwrap();
        assert_eq!(move_roots_state(&machine.account).unwrap(), None);
        std::fs::write(machine.from.join("esimctl.db"), "").unwrap();
        assert!(move_roots_state(&machine.account).unwrap().is_some(), "a state in which a user has put something");
    }

    /// A person's link leads into a directory of root's.
    #[test]
    fn a_link_of_another_user_is_not_followed() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let machine = Machine::with_state();
        let elsewhere = machine.from.with_file_name("elsewhere");
        std::fs::rename(&machine.from, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &machine.from).unwrap();
        std::os::unix::fs::lchown(&machine.from, Some(4321), Some(4321)).unwrap();
        assert_eq!(move_roots_state(&machine.account).unwrap(), None);
        assert!(machine.from.is_symlink() && elsewhere.join("esimctl.db-wal").exists() && !machine.to.exists());
    }

    #[test]
    fn two_with_content_are_refused_and_both_stay() {
        let machine = Machine::with_state();
        std::fs::create_dir_all(&machine.to).unwrap();
        std::fs::write(machine.to.join("esimctl.db"), "other").unwrap();
        let error = move_roots_state(&machine.account).unwrap_err();
        assert_eq!(error.id, Id::StateInTwoPlaces);
        for path in [&machine.from, &machine.to] {
            assert!(error.message().contains(path.to_str().unwrap()), "{}", error.message());
        }
        assert!(machine.from.join("esimctl.db-wal").exists());
        assert_eq!(std::fs::read_to_string(machine.to.join("esimctl.db")).unwrap(), "other");
    }

    #[test]
    fn state_that_is_in_use_stays() {
        let machine = Machine::new();
        let paths = Paths::in_system(&machine.account.system, Some(machine.from.clone()));
        let database = Database::open(&paths).unwrap();
        database.begin(&crate::database::tests::running_entry()).unwrap();
        assert_eq!(move_roots_state(&machine.account).unwrap_err().id, Id::StateInUse);
        assert!(paths.database().exists() && !machine.to.exists());
    }

    #[test]
    fn a_link_to_the_new_place_or_to_another_is_understood() {
        let machine = Machine::with_state();
        let elsewhere = machine.from.with_file_name("elsewhere");
        std::fs::rename(&machine.from, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &machine.from).unwrap();
        move_roots_state(&machine.account).unwrap();
        assert!(machine.to.join("esimctl.db-wal").exists() && !machine.from.is_symlink() && !elsewhere.exists());
        std::os::unix::fs::symlink(&machine.to, &machine.from).unwrap();
        assert_eq!(move_roots_state(&machine.account).unwrap(), None);
        assert!(machine.to.join("esimctl.db-wal").exists());
    }
}
