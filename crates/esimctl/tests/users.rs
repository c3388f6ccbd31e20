//! One machine with several users: root, a member of the group `esimctl`, and somebody else. Needs root, as CI has it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{EID, Run};

const GROUP: u32 = 49_990;

/// A user by number, who need not exist outside of the test.
struct User {
    uid: u32,
    groups: &'static str,
    home: &'static str,
}

const ROOT: User = User { uid: 0, groups: "", home: "root" };
const ANN: User = User { uid: 49_001, groups: "49990", home: "home/ann" };
const BOB: User = User { uid: 49_002, groups: "", home: "home/bob" };

/// A system of its own below a directory that all users can enter.
struct Machine {
    directory: tempfile::TempDir,
}

impl Machine {
    /// `None` without root, which is said.
    fn new() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            assert!(std::env::var_os("ESIMCTL_REQUIRE_PCSC").is_none(), "these tests need root");
            eprintln!("SKIPPED: several users need root");
            return None;
        }
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        open(root, 0o755);
        for path in ["root", "home", "etc/esimctl", "var/lib", "bin", "run"] {
            std::fs::create_dir_all(root.join(path)).unwrap();
        }
        open(&root.join("run"), 0o1777);
        // The build directory may be closed to others. Another process copies: while this one had the file open, a child of
        // another test could inherit it, and a program that is open for writing cannot be run.
        let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_esimctl")).arg(root.join("bin/esimctl")).status();
        assert!(copied.unwrap().success());
        for user in [&ANN, &BOB] {
            std::fs::create_dir(root.join(user.home)).unwrap();
            chown(root.join(user.home), Some(user.uid), Some(user.uid)).unwrap();
        }
        let passwd = "root:x:0:0::/root:/bin/sh\nann:x:49001:49001::/home/ann:/bin/sh\nbob:x:49002:49002::/home/bob:\n";
        std::fs::write(root.join("etc/passwd"), passwd).unwrap();
        std::fs::write(root.join("etc/group"), "root:x:0:\nesimctl:x:49990:ann\n").unwrap();
        Some(Self { directory })
    }

    fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    fn shared(&self) -> PathBuf {
        self.path("var/lib/esimctl")
    }

    fn own(&self, user: &User) -> PathBuf {
        self.path(user.home).join(".local/state/esimctl")
    }

    fn command(&self, user: &User, umask: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("setpriv");
        let id = user.uid.to_string();
        command.args(["--reuid", &id, "--regid", &id]);
        match user.groups {
            "" => command.arg("--clear-groups"),
            groups => command.args(["--groups", groups]),
        };
        command.args(["sh", "-c", &format!("umask {umask}; exec \"$0\" \"$@\"")]);
        command.arg(self.path("bin/esimctl")).args(arguments).env_clear().current_dir("/");
        command
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", self.path(user.home))
            .env("ESIMCTL_SYSROOT", self.directory.path())
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .env("PCSCLITE_CSOCK_NAME", self.path("no-pcscd"))
            .env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent");
        command
    }

    fn run(&self, user: &User, arguments: &[&str]) -> Run {
        common::run(&mut self.command(user, "022", arguments))
    }

    fn cards(&self, user: &User) -> Vec<String> {
        let run = self.run(user, &["virtual", "list", "--json"]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        let list = run.json()["data"].clone();
        list.as_array().unwrap().iter().map(|card| card["name"].as_str().unwrap().to_owned()).collect()
    }
}

fn open(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    path.symlink_metadata().unwrap().mode() & 0o7777
}

fn all_below(directory: &Path, check: &mut dyn FnMut(&Path)) {
    check(directory);
    for entry in directory.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all_below(&path, check) } else { check(&path) }
    }
}

#[test]
fn root_and_the_group_share_one_state_and_others_have_their_own() {
    let Some(machine) = Machine::new() else { return };
    for (user, umask, card) in
        [(&ROOT, "077", "roots"), (&ANN, "077", "anns"), (&ANN, "0", "open"), (&ROOT, "0", "more")]
    {
        let mut create = machine.command(user, umask, &["virtual", "create", card]);
        let made = common::run(&mut create);
        assert_eq!((made.code, made.err.as_str()), (0, ""), "{card}");
        for users in [[&ROOT, &ANN], [&ANN, &ROOT]] {
            for other in users {
                let device = format!("virtual:{card}");
                let renamed = machine.run(other, &["rename", "@1", "x", "-d", &device]);
                assert_eq!((renamed.code, renamed.err.as_str()), (0, ""), "{card} by {}", other.uid);
            }
        }
    }
    assert_eq!(machine.cards(&ROOT), machine.cards(&ANN));
    assert_eq!(machine.cards(&ANN).len(), 4);
    all_below(&machine.shared(), &mut |path| {
        let about = path.metadata().unwrap();
        let expected = if about.is_dir() { 0o2770 } else { 0o660 };
        assert_eq!((mode(path), about.gid()), (expected, GROUP), "{}", path.display());
    });
    assert_eq!(machine.cards(&BOB), [] as [String; 0]);
    assert_eq!(machine.run(&BOB, &["virtual", "create", "bobs"]).code, 0);
    assert_eq!((machine.cards(&BOB), machine.cards(&ROOT).len()), (vec!["bobs".to_owned()], 4));
    all_below(&machine.own(&BOB), &mut |path| {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(path), expected, "{}", path.display());
    });
    assert!(!machine.own(&ANN).exists() && !machine.own(&ROOT).exists());
}

#[test]
fn without_the_group_the_machines_state_is_roots_alone_until_there_is_one() {
    let Some(machine) = Machine::new() else { return };
    std::fs::write(machine.path("etc/group"), "root:x:0:\n").unwrap();
    assert_eq!(machine.run(&ROOT, &["virtual", "create", "card"]).code, 0);
    assert_eq!(machine.run(&ROOT, &["rename", "@1", "x"]).code, 0);
    assert_eq!(mode(&machine.shared()), 0o700);
    assert_eq!(machine.cards(&ANN), [] as [String; 0], "she uses her own");
    std::fs::write(machine.path("etc/group"), "esimctl:x:49990:ann\n").unwrap();
    let told = machine.run(&ROOT, &["list"]);
    assert!(told.err.starts_with("warning: ") && told.err.contains("var/lib/esimctl"), "{}", told.err);
    assert_eq!(machine.run(&ROOT, &["list"]).err, "", "once");
    assert_eq!(machine.cards(&ANN), ["card"]);
}

#[test]
fn roots_former_state_moves_to_the_machine_once() {
    let Some(machine) = Machine::new() else { return };
    let former = machine.own(&ROOT);
    let old = ["--state-dir", former.to_str().unwrap()];
    assert_eq!(machine.run(&ROOT, &[&["virtual", "create", "card", "--eid", EID], &old[..]].concat()).code, 0);
    assert_eq!(machine.run(&ROOT, &[&["enable", "@2"], &old[..]].concat()).code, 0);
    let before = machine.run(&ROOT, &[&["outbox", "list", "--json"], &old[..]].concat()).out;
    let moved = machine.run(&ROOT, &["outbox", "list", "--json"]);
    assert!(moved.err.contains("was moved from") && moved.err.contains(former.to_str().unwrap()), "{}", moved.err);
    assert_eq!(moved.out, before);
    assert!(!former.exists());
    assert_eq!(machine.run(&ROOT, &["outbox", "list"]).err, "", "told once");
    assert_eq!(machine.cards(&ANN), ["card"], "the group has it now");
    assert_eq!(machine.run(&ANN, &["enable", "@1"]).code, 0);
}

#[test]
fn state_in_two_places_is_refused_and_both_stay() {
    let Some(machine) = Machine::new() else { return };
    assert_eq!(machine.run(&ROOT, &["virtual", "create", "new"]).code, 0);
    let former = machine.own(&ROOT);
    let old = ["--state-dir", former.to_str().unwrap()];
    assert_eq!(machine.run(&ROOT, &[&["virtual", "create", "old"], &old[..]].concat()).code, 0);
    for (language, word) in [("en", "two places"), ("zh-CN", "两处")] {
        let refused = machine.run(&ROOT, &["list", "--lang", language]);
        assert_eq!(refused.code, 1);
        assert!(refused.err.contains(word) && refused.err.contains("--state-dir"), "{}", refused.err);
    }
    assert_eq!(machine.run(&ROOT, &[&["virtual", "show", "old"], &old[..]].concat()).code, 0, "named, it is used");
    std::fs::rename(&former, machine.path("away")).unwrap();
    assert_eq!(machine.cards(&ROOT), ["new"]);
}

/// `sudo` may leave the caller's home in the environment: what is there is not root's.
#[test]
fn a_persons_state_is_never_taken_for_roots() {
    let Some(machine) = Machine::new() else { return };
    assert_eq!(machine.run(&BOB, &["virtual", "create", "bobs"]).code, 0);
    let sudo = User { home: BOB.home, ..ROOT };
    assert_eq!(machine.cards(&sudo), [] as [String; 0]);
    assert_eq!(machine.cards(&BOB), ["bobs"]);
}

#[test]
fn the_machines_configuration_holds_for_all_and_a_persons_wins() {
    let Some(machine) = Machine::new() else { return };
    std::fs::write(machine.path("etc/esimctl/config.toml"), "device = 'virtual:b'\nlock_wait = 1\n").unwrap();
    for card in ["a", "b"] {
        assert_eq!(machine.run(&BOB, &["virtual", "create", card]).code, 0);
        assert_eq!(
            machine.run(&BOB, &["rename", "@1", &format!("on-{card}"), "-d", &format!("virtual:{card}")]).code,
            0
        );
    }
    let listed = || machine.run(&BOB, &["list"]).out;
    assert!(listed().contains("on-b"));
    let own = machine.path("home/bob/.config/esimctl");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(own.join("config.toml"), "device = 'virtual:a'\n").unwrap();
    assert!(listed().contains("on-a"));
    std::fs::write(machine.path("etc/esimctl/config.toml"), "lock_wait = 'x'\n").unwrap();
    let refused = machine.run(&BOB, &["list"]);
    assert!(refused.code == 2 && refused.err.contains("etc/esimctl/config.toml"), "{}", refused.err);
}

#[test]
fn without_home_and_variables_the_user_database_tells() {
    let Some(machine) = Machine::new() else { return };
    let homeless = |user: &User, arguments: &[&str]| {
        common::run(machine.command(user, "022", arguments).env_remove("HOME").env_remove("XDG_RUNTIME_DIR"))
    };
    assert_eq!(homeless(&BOB, &["virtual", "create", "bobs"]).code, 0);
    assert_eq!(machine.cards(&BOB), ["bobs"], "in his home");
    // Nobody has heard of this one: the machine's directory, which is closed to it.
    assert_eq!(machine.run(&ROOT, &["virtual", "create", "roots"]).code, 0);
    let stranger = User { uid: 49_777, ..BOB };
    let refused = homeless(&stranger, &["virtual", "create", "x"]);
    assert!(refused.code == 1 && refused.err.contains("var/lib/esimctl"), "{}", refused.err);
    let service = User { groups: ANN.groups, ..stranger };
    let listed = homeless(&service, &["virtual", "list"]);
    assert!(listed.code == 0 && listed.out.contains("roots"), "{}{}", listed.out, listed.err);
}

#[test]
fn whoever_joins_the_group_is_told_of_what_still_waits() {
    let Some(machine) = Machine::new() else { return };
    assert_eq!(machine.run(&ANN, &["virtual", "create", "card"]).code, 0);
    assert_eq!(machine.run(&ANN, &["enable", "@2"]).code, 0, "its notifications find no server");
    let own = machine.own(&ANN);
    assert!(own.exists());
    assert_eq!(machine.run(&ROOT, &["virtual", "create", "roots"]).code, 0);
    let told = machine.run(&ANN, &["virtual", "list"]);
    assert!(told.err.contains(own.to_str().unwrap()) && told.err.contains("outbox send"), "{}", told.err);
    std::fs::remove_dir_all(own).unwrap();
    assert_eq!(machine.run(&ANN, &["virtual", "list"]).err, "");
}

/// What a member of the group does, with that member's rights.
fn as_member(machine: &Machine, script: &str) {
    let mut shell = Command::new("setpriv");
    shell
        .args(["--reuid=49001", "--regid=49001", "--groups=49990", "sh", "-euc", script])
        .current_dir(machine.shared());
    assert!(shell.status().unwrap().success(), "{script}");
}

/// The shared directory is where root works and members write: what they put there has no more than their own rights.
#[test]
fn a_member_of_the_group_cannot_use_root() {
    let Some(machine) = Machine::new() else { return };
    assert_eq!(machine.run(&ROOT, &["virtual", "create", "card"]).code, 0);
    let (victim, secret) = (machine.path("root/victim"), machine.path("root/victim/secret"));
    std::fs::create_dir(&victim).unwrap();
    std::fs::write(&secret, "x").unwrap();
    open(&secret, 0o600);
    for marker in [".moved-from", ".esimctl-move"] {
        as_member(&machine, &format!("printf %s '{}' > {marker}", victim.display()));
    }
    as_member(
        &machine,
        &format!("ln -s '{}' evidence; ln -s '{}' esimctl.db-journal", victim.display(), secret.display()),
    );
    // As a race would leave it: the file of root's has a name of the program's.
    std::fs::hard_link(&secret, machine.shared().join("virtual/linked")).unwrap();
    open(&machine.shared().join("virtual"), 0o755);
    assert_eq!(machine.run(&ROOT, &["virtual", "list"]).code, 0);
    assert_eq!(mode(&machine.shared().join("virtual")), 0o2770, "root has looked");
    let about = secret.metadata().unwrap();
    assert_eq!((mode(&secret), about.gid(), about.uid()), (0o600, 0, 0));
    assert_eq!((mode(&victim), victim.metadata().unwrap().gid()), (0o755, 0));
}

/// `sudo` may leave the caller's home in the environment: a link there leads to what the caller chose.
#[test]
fn a_persons_link_moves_nothing_of_roots() {
    let Some(machine) = Machine::new() else { return };
    let (kept, link) = (machine.path("root/kept"), machine.own(&BOB));
    let old = ["--state-dir", kept.to_str().unwrap()];
    assert_eq!(machine.run(&ROOT, &[&["virtual", "create", "roots"], &old[..]].concat()).code, 0);
    std::fs::create_dir_all(link.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&kept, &link).unwrap();
    let sudo = User { home: BOB.home, ..ROOT };
    for owner in [BOB.uid, ROOT.uid] {
        std::os::unix::fs::lchown(&link, Some(owner), Some(owner)).unwrap();
        assert_eq!(machine.cards(&sudo), [] as [String; 0]);
        assert!(kept.join("virtual/roots").exists() && link.is_symlink(), "link of {owner}");
    }
}
