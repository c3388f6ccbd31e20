//! The register of state directories: what root's services have to look at after a reboot.
//!
//! Each directory that holds something for them has a file in a register, with its path in it. Who uses the machine's
//! state directory writes into the register there. Other people write into `~/.local/state/esimctl/registered` of the
//! home that the user database gives them, where root finds it. What root reads there is hostile: an entry counts only if it
//! is a small regular file that its owner alone can write, and for its owner alone. Root does nothing in a directory that
//! another user has entered but start a program with that user's rights ([`User::spawn`]).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use private_files::{Access, Existing};

use super::place::Account;
use super::users::{self, User};
use crate::Manager;
use crate::error::{Error, Id};
use crate::hash::sha256_hex;

/// The longest path that an entry may hold.
const MAX_PATH: u64 = 4096;

/// The most entries of one user that are read of one register.
const MAX_ENTRIES: usize = 256;

/// The name of a register in a state directory.
pub(super) const REGISTER: &str = "registered";

/// A state directory that holds something for this machine's services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateDir {
    /// The directory. It need not be there any more, and nothing has been checked about it.
    pub path: PathBuf,
    /// The user with whose rights it must be used; `None`: those of this process.
    pub owner: Option<User>,
}

impl Manager {
    /// Registers the state directory of this manager, so that root's services find it. Registering it twice is no
    /// error. False if root's services will not find it, since the user database does not know this user.
    ///
    /// # Errors
    /// `state_directory` if the register cannot be written.
    pub fn register_state_dir(&self) -> Result<bool, Error> {
        self.paths().make_state()?;
        register(self.paths().account(), self.paths().state())
    }

    /// Takes the state directory of this manager off the register.
    ///
    /// # Errors
    /// `state_directory` if the register cannot be written.
    pub fn unregister_state_dir(&self) -> Result<(), Error> {
        unregister(self.paths().account(), self.paths().state())
    }

    /// The state directories to look at: the one of this manager first, then those that are registered. Root also gets
    /// those of all people that the user database names.
    #[must_use]
    pub fn registered_state_dirs(&self) -> Vec<StateDir> {
        registered(self.paths().account(), self.paths().state())
    }
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.display().to_string();
    move |error| Error::new(Id::StateDirectory).with("path", path).cause(error)
}

/// The register that this account writes into, and whether root looks there.
fn own_register(account: &Account) -> Option<(PathBuf, bool)> {
    if account.is_root() || account.uses_machine_state() {
        return Some((account.machine_state().join(REGISTER), true));
    }
    let known = users::by_id(&account.system, account.uid).map(|user| register_of(&user.home));
    match known {
        Some(register) => Some((register, true)),
        None => Some((register_of(account.home.as_ref()?), false)),
    }
}

fn register_of(home: &Path) -> PathBuf {
    home.join(".local/state/esimctl").join(REGISTER)
}

/// The entry of a directory. Its name is of no meaning but that there is one for each.
fn entry_in(register: &Path, state: &Path) -> (PathBuf, PathBuf) {
    let state = state.canonicalize().or_else(|_| std::path::absolute(state)).unwrap_or_else(|_| state.into());
    let entry = register.join(sha256_hex(state.as_os_str().as_bytes()));
    (entry, state)
}

fn register(account: &Account, state: &Path) -> Result<bool, Error> {
    let Some((register, is_found)) = own_register(account) else { return Ok(false) };
    let (entry, state) = entry_in(&register, state);
    private_files::make_directory(&register, Access::Directory).map_err(failed(&register))?;
    // For the owner alone, also in the shared directory: what it says is done with the owner's rights.
    private_files::write(&entry, state.as_os_str().as_bytes(), Access::Owner, Existing::Replace)
        .map_err(failed(&entry))?;
    Ok(is_found)
}

fn unregister(account: &Account, state: &Path) -> Result<(), Error> {
    let Some((register, _)) = own_register(account) else { return Ok(()) };
    let (entry, _) = entry_in(&register, state);
    match std::fs::remove_file(&entry) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(&entry)(error)),
        _ => Ok(()),
    }
}

fn registered(account: &Account, own: &Path) -> Vec<StateDir> {
    let mut found = vec![StateDir { path: entry_in(own, own).1, owner: None }];
    let mut add = |paths: Vec<PathBuf>, owner: Option<&User>| {
        for path in paths {
            let entry = StateDir { path, owner: owner.cloned() };
            if !found.contains(&entry) {
                found.push(entry);
            }
        }
    };
    if !account.is_root() {
        let register = own_register(account).map(|(register, _)| register);
        add(register.map(|register| entries_of(&register, account.uid)).unwrap_or_default(), None);
        return found;
    }
    let mut machine = entries_by_owner(&account.machine_state().join(REGISTER));
    add(machine.remove(&0).unwrap_or_default(), None);
    for user in users::all(&account.system).into_iter().filter(|user| user.uid != 0) {
        add(machine.remove(&user.uid).unwrap_or_default(), Some(&user));
        add(entries_of(&register_of(&user.home), user.uid), Some(&user));
    }
    found
}

/// The paths that this user has entered in a register.
fn entries_of(register: &Path, uid: u32) -> Vec<PathBuf> {
    entries_by_owner(register).remove(&uid).unwrap_or_default()
}

/// The paths in a register by who has entered them. Each user has [`MAX_ENTRIES`]: however many one makes, those of others
/// are found.
fn entries_by_owner(register: &Path) -> BTreeMap<u32, Vec<PathBuf>> {
    let mut found: BTreeMap<u32, Vec<PathBuf>> = BTreeMap::new();
    for name in std::fs::read_dir(register).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())) {
        let Ok(about) = name.symlink_metadata() else { continue };
        let entries = found.entry(about.uid()).or_default();
        if entries.len() < MAX_ENTRIES {
            entries.extend(read_entry(&name, about.uid()));
        }
    }
    found.values_mut().for_each(|paths| paths.sort());
    found
}

/// The path in an entry of this user.
fn read_entry(entry: &Path, uid: u32) -> Option<PathBuf> {
    let path = PathBuf::from(OsString::from_vec(private_files::read_trusted(entry, uid, MAX_PATH)?));
    (path.is_absolute() && !path.as_os_str().as_bytes().contains(&0)).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::super::place::tests::account;
    use super::*;

    /// A machine with one person, who is the user of this process.
    struct Machine {
        _directory: tempfile::TempDir,
        root: PathBuf,
        uid: u32,
    }

    impl Machine {
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            let root = directory.path().canonicalize().unwrap();
            // As root, files are given to another user.
            let uid = match rustix::process::geteuid().as_raw() {
                0 => 4321,
                uid => uid,
            };
            std::fs::create_dir_all(root.join("etc")).unwrap();
            std::fs::write(root.join("etc/passwd"), format!("ann:x:{uid}:{uid}::/home/ann:\n")).unwrap();
            Self { _directory: directory, root, uid }
        }

        fn person(&self) -> Account {
            let mut person = account(&self.root, self.uid, &[]);
            person.home = Some(self.root.join("home/ann"));
            person
        }

        fn register(&self) -> PathBuf {
            self.root.join("home/ann/.local/state/esimctl/registered")
        }

        fn give_to_person(&self) {
            for entry in std::fs::read_dir(self.register()).unwrap() {
                let path = entry.unwrap().path();
                rustix::fs::chownat(
                    rustix::fs::CWD,
                    path,
                    Some(rustix::fs::Uid::from_raw(self.uid)),
                    None,
                    rustix::fs::AtFlags::SYMLINK_NOFOLLOW,
                )
                .unwrap();
            }
        }

        /// What root finds in people's registers.
        fn found(&self) -> Vec<(PathBuf, Option<u32>)> {
            let own = self.root.join("var/lib/esimctl");
            let found = registered(&account(&self.root, 0, &[]), &own);
            assert_eq!(found[0], StateDir { path: own, owner: None }, "always");
            found[1..].iter().map(|dir| (dir.path.clone(), dir.owner.as_ref().map(|owner| owner.uid))).collect()
        }
    }

    #[test]
    fn root_finds_what_a_person_has_registered_until_it_is_taken_off() {
        let machine = Machine::new();
        let (state, other) = (machine.root.join("home/ann/state"), machine.root.join("home/ann/other"));
        let person = machine.person();
        assert!(register(&person, &state).unwrap() && register(&person, &other).unwrap());
        assert!(register(&person, &state).unwrap(), "twice is no error");
        machine.give_to_person();
        let mut expected = [(state.clone(), Some(machine.uid)), (other.clone(), Some(machine.uid))];
        let mut found = machine.found();
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
        unregister(&person, &other).unwrap();
        assert_eq!(machine.found(), [(state, Some(machine.uid))]);
        unregister(&person, &machine.root.join("never")).unwrap();
    }

    #[test]
    fn a_user_whom_the_database_does_not_know_is_told_so() {
        let machine = Machine::new();
        let mut stranger = account(&machine.root, 77, &[]);
        stranger.home = Some(machine.root.join("home/stranger"));
        assert!(!register(&stranger, &machine.root.join("state")).unwrap());
        let homeless = Account { home: None, ..stranger };
        assert!(!register(&homeless, &machine.root.join("state")).unwrap());
    }

    #[test]
    fn hostile_entries_do_not_count() {
        let machine = Machine::new();
        let register = machine.register();
        std::fs::create_dir_all(&register).unwrap();
        let write = |name: &str, bytes: &[u8]| std::fs::write(register.join(name), bytes).unwrap();
        write("relative", b"../../etc");
        write("empty", b"");
        write("nul", b"/x\0y");
        write("long", &[b'/'; 5000]);
        for (name, mode) in [("group", 0o660), ("everyone", 0o606), ("group-only", 0o620)] {
            write(name, b"/rewritten");
            std::fs::set_permissions(register.join(name), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        }
        write("twice", b"/linked");
        std::fs::hard_link(register.join("twice"), register.join("twice-again")).unwrap();
        std::fs::create_dir(register.join("directory")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, register.join("fifo"), rustix::fs::Mode::RWXU).unwrap();
        std::fs::write(machine.root.join("target"), "/through/a/link").unwrap();
        std::os::unix::fs::symlink(machine.root.join("target"), register.join("link")).unwrap();
        machine.give_to_person();
        assert_eq!(machine.found(), []);
        write("good", b"/good");
        if rustix::process::geteuid().is_root() {
            assert_eq!(machine.found(), [], "root's file in a person's register");
        }
        machine.give_to_person();
        assert_eq!(machine.found(), [("/good".into(), Some(machine.uid))]);
    }

    /// The register of the machine lies where members of the group can write.
    #[test]
    fn a_member_can_neither_rewrite_nor_hide_the_entries_of_others() {
        let machine = Machine::new();
        let mut root = account(&machine.root, 0, &[]);
        root.xdg_state = Some(machine.root.join("root"));
        let (shared, kept) = (machine.root.join("var/lib/esimctl"), machine.root.join("root/state"));
        std::fs::create_dir_all(&shared).unwrap();
        std::fs::set_permissions(&shared, std::os::unix::fs::PermissionsExt::from_mode(0o2770)).unwrap();
        assert!(register(&root, &kept).unwrap());
        let entry = entry_in(&shared.join(REGISTER), &kept).0;
        assert_eq!(std::fs::metadata(&entry).unwrap().mode() & 0o777, 0o600);
        if !rustix::process::geteuid().is_root() {
            return;
        }
        for number in 0..=MAX_ENTRIES {
            let theirs = shared.join(REGISTER).join(format!("{number}"));
            std::fs::write(&theirs, format!("/theirs/{number}")).unwrap();
            std::os::unix::fs::chown(&theirs, Some(machine.uid), None).unwrap();
        }
        let found = registered(&root, &shared);
        assert!(found.contains(&StateDir { path: kept, owner: None }));
        let theirs: Vec<_> = found.iter().filter(|entry| entry.path.starts_with("/theirs")).collect();
        assert_eq!(theirs.len(), MAX_ENTRIES);
        assert!(theirs.iter().all(|entry| entry.owner.as_ref().is_some_and(|owner| owner.uid == machine.uid)));
    }
}
