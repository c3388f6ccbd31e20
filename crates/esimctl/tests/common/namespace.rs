//! Programs in a mount namespace of their own, as root or in a user namespace.

use std::process::Command;

use crate::common::{Run, run};

/// Runs `command` after a `script` of the shell in a mount namespace, where it may mount what it likes; `None` where there
/// are no namespaces, which is said. `$0` is the program, and what it is given follows.
pub fn run_in_mounts(script: &str, command: &Command) -> Option<Run> {
    let as_root: &[&str] = if rustix::process::geteuid().is_root() { &[] } else { &["--user", "--map-root-user"] };
    let mut inside = Command::new("unshare");
    inside.args(as_root).args(["--mount", "--propagation", "private", "sh", "-c"]);
    inside.arg(format!("{script}\nexec \"$0\" \"$@\"")).arg(command.get_program()).args(command.get_args());
    inside.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let run = run(&mut inside);
    if run.err.contains("unshare:") || run.err.contains("mount:") {
        assert!(std::env::var_os("ESIMCTL_REQUIRE_PCSC").is_none(), "{}", run.err);
        eprintln!("SKIPPED: no mount namespace here: {}", run.err);
        return None;
    }
    Some(run)
}
