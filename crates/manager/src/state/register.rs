//! The register of state directories: what root's services have to look at after a reboot.
//!
//! Each directory that holds something for them has a file in a register, with its path in it. Who uses the machine's
//! state directory writes into the register there. Other people write into `~/.local/state/esimctl/registered` of the
//! home that the user database gives them, where root finds it. What root reads there is hostile: entries count only if
//! they are small regular files of the register's owner, and root does nothing in a person's directory but start a
//! program with that person's rights ([`User::spawn`]).

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use private_files::{Access, Existing};
use sha2::{Digest, Sha256};

use super::place::Account;
use super::users::{self, User};
use crate::Manager;
use crate::error::{Error, Id};

/// The longest path that an entry may hold.
const MAX_PATH: u64 = 4096;

/// The most entries that are read of one register.
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
    let entry = register.join(HEXLOWER.encode(&Sha256::digest(state.as_os_str().as_bytes())));
    (entry, state)
}

fn register(account: &Account, state: &Path) -> Result<bool, Error> {
    let Some((register, is_found)) = own_register(account) else { return Ok(false) };
    let (entry, state) = entry_in(&register, state);
    private_files::make_directory(&register, Access::Directory).map_err(failed(&register))?;
    private_files::write(&entry, state.as_os_str().as_bytes(), Access::Directory, Existing::Replace)
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
    let mut add = |entries: Vec<StateDir>| {
        for entry in entries {
            if !found.contains(&entry) {
                found.push(entry);
            }
        }
    };
    let machine = account.machine_state().join(REGISTER);
    if !account.is_root() {
        let own = own_register(account).map(|(register, _)| entries_of(&register, account.uid));
        add(own.unwrap_or_default().into_iter().map(|path| StateDir { path, owner: None }).collect());
        return found;
    }
    add(entries_of(&machine, 0).into_iter().map(|path| StateDir { path, owner: None }).collect());
    for user in users::all(&account.system).into_iter().filter(|user| user.uid != 0) {
        let paths = [machine.clone(), register_of(&user.home)];
        let paths = paths.iter().flat_map(|register| entries_of(register, user.uid));
        add(paths.map(|path| StateDir { path, owner: Some(user.clone()) }).collect());
    }
    found
}

/// The paths that this user has entered in a register.
fn entries_of(register: &Path, uid: u32) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(register) else { return Vec::new() };
    let mut names: Vec<PathBuf> = entries.take(MAX_ENTRIES).filter_map(|entry| Some(entry.ok()?.path())).collect();
    names.sort();
    names.iter().filter_map(|name| read_entry(name, uid)).collect()
}

/// The path in an entry, if it is a small regular file of this user. One with a second name may be another user's file
/// that was linked into the register.
fn read_entry(entry: &Path, uid: u32) -> Option<PathBuf> {
    let file = private_files::open_untrusted(entry).ok()?;
    let about = file.metadata().ok()?;
    if about.uid() != uid || about.nlink() != 1 || about.len() > MAX_PATH {
        return None;
    }
    let mut path = Vec::new();
    file.take(MAX_PATH).read_to_end(&mut path).ok()?;
    let path = PathBuf::from(OsString::from_vec(path));
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
}
