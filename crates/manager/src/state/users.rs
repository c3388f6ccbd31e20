//! The user database: `/etc/passwd` and `/etc/group`.
//!
//! The files are read here, since the standard library lists no users, and crates that do so call getpwent(3), which takes
//! unsafe code and keeps one list for a whole process. Users of a directory service alone are not seen.

use std::path::PathBuf;
use std::process::{Child, Command};

use rustix::fs::{Gid, Uid};

use crate::device::System;

/// The longest user database that is read, in bytes.
const MAX_DATABASE: u64 = 4 << 20;

/// A user of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The login name.
    pub name: String,
    /// The user id.
    pub uid: u32,
    /// The id of the primary group.
    pub gid: u32,
    /// The home directory.
    pub home: PathBuf,
    /// Ids of the other groups that the user is in.
    pub groups: Vec<u32>,
}

impl User {
    /// Starts a program with the rights of this user, as login would: user, primary group, other groups. `self` may be
    /// any user if this process is root.
    ///
    /// # Errors
    /// Whatever the system says; nothing was started then.
    pub fn spawn(&self, command: &mut Command) -> std::io::Result<Child> {
        // `CommandExt::uid` would take the other groups away, and with them the right to open a modem. Credentials belong
        // to a thread in Linux, so one is made that gives its own away.
        let started = std::thread::scope(|scope| scope.spawn(|| self.spawn_from_this_thread(command)).join());
        started.unwrap_or_else(|_| Err(std::io::Error::other("the thread that starts it ended")))
    }

    fn spawn_from_this_thread(&self, command: &mut Command) -> std::io::Result<Child> {
        let gid = Gid::from_raw(self.gid);
        let groups: Vec<Gid> = self.groups.iter().copied().chain([self.gid]).map(Gid::from_raw).collect();
        rustix::thread::set_thread_groups(&groups)?;
        rustix::thread::set_thread_res_gid(gid, gid, gid)?;
        let uid = Uid::from_raw(self.uid);
        rustix::thread::set_thread_res_uid(uid, uid, uid)?;
        command.spawn()
    }
}

/// All users that the database names.
pub(crate) fn all(system: &System) -> Vec<User> {
    let groups = read(system, "/etc/group");
    let passwd = read(system, "/etc/passwd");
    let users = passwd.lines().filter_map(|line| parse_user(line, &groups));
    users.map(|user| User { home: system.path(&user.home), ..user }).collect()
}

/// The user with this id.
pub(crate) fn by_id(system: &System, uid: u32) -> Option<User> {
    all(system).into_iter().find(|user| user.uid == uid)
}

/// The id of the group of this name.
pub(crate) fn group_id(system: &System, name: &str) -> Option<u32> {
    read(system, "/etc/group").lines().filter_map(parse_group).find(|(found, ..)| *found == name).map(|(_, gid, _)| gid)
}

fn read(system: &System, path: &str) -> String {
    use std::io::Read;
    let mut text = Vec::new();
    let read = std::fs::File::open(system.path(path)).and_then(|file| file.take(MAX_DATABASE).read_to_end(&mut text));
    if let Err(error) = read {
        log::debug!("{path} cannot be read: {error}");
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// `name:password:uid:gid:comment:home:shell`. Lines of NIS (`+…`) name no home.
fn parse_user(line: &str, groups: &str) -> Option<User> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, _, uid, gid, _, home, ..] = fields[..] else { return None };
    let home = PathBuf::from(home);
    if name.is_empty() || !home.is_absolute() {
        return None;
    }
    let memberships = groups.lines().filter_map(parse_group).filter(|(_, _, members)| members.contains(&name));
    let groups = memberships.map(|(_, gid, _)| gid).collect();
    Some(User { name: name.into(), uid: uid.parse().ok()?, gid: gid.parse().ok()?, home, groups })
}

/// `name:password:gid:member,member`.
fn parse_group(line: &str) -> Option<(&str, u32, Vec<&str>)> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, _, gid, members] = fields[..] else { return None };
    Some((name, gid.parse().ok()?, members.split(',').map(str::trim).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(passwd: &str, group: &str) -> (tempfile::TempDir, System) {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("etc")).unwrap();
        std::fs::write(root.path().join("etc/passwd"), passwd).unwrap();
        std::fs::write(root.path().join("etc/group"), group).unwrap();
        let system = System::at(root.path().into());
        (root, system)
    }

    #[test]
    fn users_are_read_with_their_groups_and_odd_lines_passed_over() {
        let (_root, system) = system(
            "root:x:0:0:root:/root:/bin/sh\n\nodd\n+::::::\nno:x:a:1::/h:\nrel:x:7:7::home:/bin/sh\n\
             ann:x:1000:1000:Ann,,,:/home/ann:/bin/sh\nhuge:x:99999999999:1::/h:\n\u{fffd}\n",
            "root:x:0:\nesimctl:x:990:bob,ann\ndialout:x:20:ann\nodd:x:y:ann\nshort:x:1\n",
        );
        let found: Vec<(String, u32, Vec<u32>)> =
            all(&system).into_iter().map(|user| (user.name, user.uid, user.groups)).collect();
        assert_eq!(found, [("root".into(), 0, vec![]), ("ann".into(), 1000, vec![990, 20])]);
        assert_eq!(by_id(&system, 1000).unwrap().home, system.path("/home/ann"));
        assert_eq!((group_id(&system, "esimctl"), group_id(&system, "odd")), (Some(990), None));
    }

    #[test]
    fn without_a_database_there_are_no_users() {
        let root = tempfile::tempdir().unwrap();
        assert!(all(&System::at(root.path().into())).is_empty());
    }

    /// Credentials as `id` of coreutils sees them in the new process.
    #[test]
    fn a_program_starts_with_all_the_groups_of_its_user() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let user = User { name: "x".into(), uid: 4321, gid: 4322, home: "/".into(), groups: vec![4323, 4324] };
        let mut command = Command::new("sh");
        command.args(["-c", "id -u; id -g; id -G"]).stdout(std::process::Stdio::piped());
        let output = user.spawn(&mut command).unwrap().wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let mut lines = text.lines();
        assert_eq!((lines.next(), lines.next()), (Some("4321"), Some("4322")));
        let mut groups: Vec<&str> = lines.next().unwrap().split(' ').collect();
        groups.sort_unstable();
        assert_eq!(groups, ["4322", "4323", "4324"]);
        assert!(rustix::process::geteuid().is_root(), "this process keeps its own");
    }
}
