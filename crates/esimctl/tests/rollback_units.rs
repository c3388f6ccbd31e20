//! What runs at boot: the unit of systemd, the init script of OpenWrt, and whose switches they undo.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/machine.rs"]
mod machine;
#[path = "common/server.rs"]
mod server;
#[path = "common/sysroot.rs"]
mod sysroot;

use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::path::Path;
use std::process::Command;

use machine::{FOR_EVER, Machine, PORT, Waiting};
use server::Server;

const SERVICE: &str = "../../dist/esimctl-rollback.service";
const INIT_SCRIPT: &str = "../../dist/openwrt/esimctl-rollback.init";
/// Where the package puts the program.
const PROGRAM: &str = "/usr/bin/esimctl";

/// The arguments of the service's command line.
fn service_arguments() -> Vec<String> {
    let service = std::fs::read_to_string(SERVICE).unwrap();
    let line = service.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    assert_eq!(words[0], PROGRAM);
    words[1..].to_vec()
}

/// The arguments of the command that the init script has procd start.
fn init_script_arguments() -> Vec<String> {
    let played = format!(
        "procd_open_instance() {{ :; }}; procd_close_instance() {{ :; }}\n\
         procd_set_param() {{ [ \"$1\" != command ] || {{ shift; printf '%s\\n' \"$@\"; }}; }}\n\
         . {INIT_SCRIPT}; start_service"
    );
    let output = Command::new("sh").args(["-eu", "-c", &played]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let words: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(words[0], PROGRAM);
    words[1..].to_vec()
}

/// True if the program is installed here.
fn has(program: &str) -> bool {
    let there = ["/usr/bin", "/bin", "/usr/sbin"].iter().any(|directory| Path::new(directory).join(program).exists());
    if !there {
        eprintln!("{program} is not installed here: scripts/setup test");
    }
    there
}

#[test]
fn the_unit_and_the_init_script_are_well_formed() {
    let sandbox = common::Sandbox::new();
    if has("systemd-analyze") {
        // The package is not installed: another program stands for it.
        let unit = sandbox.path().join("esimctl-rollback.service");
        let text = std::fs::read_to_string(SERVICE).unwrap();
        std::fs::write(&unit, text.replace(PROGRAM, env!("CARGO_BIN_EXE_esimctl"))).unwrap();
        let output = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&unit).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    }
    if has("shellcheck") {
        let output = Command::new("shellcheck").args(["--shell=sh", INIT_SCRIPT]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}

/// The machine boots, and its unit runs without any of the person's variables. The switch was made with a state directory of
/// its own, which is registered by that.
#[test]
fn what_runs_at_boot_finds_what_is_registered() {
    for arguments in [service_arguments(), init_script_arguments()] {
        let machine = Machine::new();
        machine.killed();
        assert_eq!(registered(&machine), 1);
        let mut command = machine.sandbox.command();
        command.env_remove("ESIMCTL_STATE_DIR").args(&arguments);
        let run = common::run(&mut command);
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.out, run.err);
        machine.is_home();
        assert_eq!(registered(&machine), 0, "nothing waits there any more");
        let again = common::run(&mut command);
        assert_eq!((again.code, again.out.as_str()), (0, ""), "{arguments:?}: {}", again.err);
    }
}

/// How many state directories are registered, by root or by this user.
fn registered(machine: &Machine) -> usize {
    let registers = ["var/lib/esimctl/registered", "home/.local/state/esimctl/registered"];
    let roots = [machine.sandbox.sysroot(), machine.sandbox.path().to_owned()];
    let all = roots.iter().flat_map(|root| registers.iter().map(|register| root.join(register)));
    all.filter_map(|register| Some(std::fs::read_dir(register).ok()?.count())).sum()
}

/// What cannot be read in one place keeps nobody from the others.
#[test]
fn a_damaged_database_of_the_machine_keeps_nobody_from_the_registered_ones() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let machine = Machine::new();
    machine.killed();
    let paths = manager::Paths::new(Some(machine.sandbox.state())).unwrap();
    let name = paths.database().file_name().unwrap().to_owned();
    machine.sysroot.file(&format!("var/lib/esimctl/{}", name.to_str().unwrap()), &"no database\n".repeat(999));
    let mut command = machine.sandbox.command();
    command.env_remove("ESIMCTL_STATE_DIR").args(service_arguments());
    let run = common::run(&mut command);
    assert_ne!(run.code, 0, "the damage is told: {}{}", run.out, run.err);
    machine.is_home();
}

/// A person without rights on this machine's state.
const PERSON: u32 = 4321;

/// The program as that person, without any group.
fn as_person(program: &Path, sandbox: &common::Sandbox) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=4321", "--regid=4321", "--clear-groups"]).arg(program);
    let like = sandbox.command();
    command.env_clear().envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

fn give(path: &Path) {
    lchown(path, Some(PERSON), Some(PERSON)).unwrap();
    if path.is_dir() && !path.is_symlink() {
        std::fs::read_dir(path).unwrap().for_each(|entry| give(&entry.unwrap().path()));
    }
}

#[test]
fn roots_unit_goes_back_for_a_person_with_that_persons_rights() {
    if !rustix::process::geteuid().is_root() || !has("setpriv") {
        return;
    }
    let machine = Machine::without_modem();
    let (sandbox, home) = (&machine.sandbox, machine.sandbox.path().to_owned());
    // It lies where everybody may start it.
    let program = home.join("esimctl");
    std::fs::copy(env!("CARGO_BIN_EXE_esimctl"), &program).unwrap();
    std::fs::set_permissions(&home, PermissionsExt::from_mode(0o755)).unwrap();
    machine.sysroot.file("etc/passwd", &format!("ann:x:{PERSON}:{PERSON}::/home/ann:/bin/sh\n"));
    machine.sysroot.file("etc/group", "");
    std::fs::create_dir_all(sandbox.sysroot().join("home/ann")).unwrap();
    std::fs::create_dir_all(sandbox.sysroot().join("var/lib")).unwrap();
    give(&sandbox.state());
    for below in ["home/ann", "dev"] {
        give(&sandbox.sysroot().join(below));
    }
    let link = machine.node.to_str().unwrap();
    let modem = ["virtual", "modem", "at", "card", "--link", link, "--json", "--quirk", "never-registers"];
    let _modem = Server::start_by(as_person(&program, sandbox).args(modem));
    let enable = ["enable", "@2", "--rollback-after", FOR_EVER, "-d", PORT];
    Waiting::start(as_person(&program, sandbox).args(enable)).kill();
    machine.sysroot.file("proc/uptime", "4000000000.00 1.00\n");
    assert_eq!(machine.enabled(), [machine.profiles()[1].clone()]);

    let like = sandbox.command();
    let mut unit = Command::new(&program);
    unit.env_clear().envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
    unit.env_remove("ESIMCTL_STATE_DIR").args(service_arguments()).arg("--json");
    let run = common::run(&mut unit);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(run.json()["data"]["rollbacks"][0]["outcome"], "rolled_back", "{}", run.out);
    assert_eq!(machine.enabled(), [machine.profiles()[0].clone()]);
    for entry in std::fs::read_dir(sandbox.state()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(std::fs::metadata(&path).unwrap().uid(), PERSON, "{} is still the person's", path.display());
    }
}
