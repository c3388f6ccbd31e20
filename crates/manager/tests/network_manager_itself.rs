//! The real NetworkManager, in namespaces of its own: what the stand-in says must be what this says. Where it is not
//! installed the test says so and passes: to install it for a test could take over somebody's network.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use manager::error::Id;
use manager::network_manager::{Binding, connections_of};

const ICCID: &str = "8999934567890120011";
const TEST: &str = "the_real_one_is_understood";
const INNER: &str = "ESIMCTL_TEST_INNER";

/// Starts both services, then this test again beside them; they end with the namespace.
const SCRIPT: &str = r#"
mkdir -p /run/NetworkManager && mount -t tmpfs tmpfs /run/NetworkManager || exit 77
DBUS_SYSTEM_BUS_ADDRESS=$(dbus-daemon --session --fork --print-address) || exit 77
export DBUS_SYSTEM_BUS_ADDRESS
NetworkManager --config "$1/nm.conf" --config-dir "$1/none" --state-file "$1/state" --pid-file "$1/pid" \
    --no-daemon >"$1/log" 2>&1 &
"$2" --exact "$3" --nocapture
"#;

#[test]
fn the_real_one_is_understood() {
    if std::env::var_os(INNER).is_some() {
        return beside_it();
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    write_connections(path);
    let root: &[&str] = if rustix::process::geteuid().is_root() { &[] } else { &["--map-root-user"] };
    let namespaces = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
    let unshare = |arguments: &[&str]| Command::new("unshare").args(root).args(namespaces).args(arguments).output();
    let there = unshare(&["sh", "-c", "command -v NetworkManager && command -v dbus-daemon"]);
    if !there.is_ok_and(|there| there.status.success()) {
        return skip("NetworkManager, dbus-daemon or namespaces are missing");
    }
    let this = std::env::current_exe().unwrap();
    let inner = Command::new("unshare")
        .args(root)
        .args(namespaces)
        .args(["sh", "-c", SCRIPT, "sh"])
        .args([path, &this])
        .arg(TEST)
        .env(INNER, "1")
        .output()
        .unwrap();
    if inner.status.code() == Some(77) {
        return skip("it cannot have a /run of its own");
    }
    let out = String::from_utf8_lossy(&inner.stdout) + String::from_utf8_lossy(&inner.stderr);
    let log = std::fs::read_to_string(path.join("log")).unwrap_or_default();
    assert!(inner.status.success() && out.contains("1 passed"), "{out}\n{log}");
    assert!(!path.join("stored/1.nmconnection").exists() && path.join("stored/2.nmconnection").exists());
}

fn skip(why: &str) {
    // Past the capture of the test harness: a skip must be seen.
    let text = format!("\nSKIPPED: the real NetworkManager ({why})\n");
    let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
}

fn write_connections(path: &Path) {
    let stored = path.join("stored");
    std::fs::create_dir(&stored).unwrap();
    let configuration =
        format!("[main]\nplugins=keyfile\nauth-polkit=false\n[keyfile]\npath={}\n", stored.to_str().unwrap());
    std::fs::write(path.join("nm.conf"), configuration).unwrap();
    let properties = [
        format!("sim-id={ICCID}"),
        format!("sim-id={ICCID}F\npassword=secret"),
        "sim-operator-id=99993".into(),
        "sim-id=8999934567890120029\nsim-operator-id=99993".into(),
        String::new(),
    ];
    for (number, properties) in (1..).zip(properties) {
        let text = format!(
            "[connection]\nid=number {number}\nuuid=00000000-0000-4000-8000-00000000000{number}\ntype=gsm\n\
             autoconnect=false\n[gsm]\napn=internet\n{properties}\n"
        );
        let file = stored.join(format!("{number}.nmconnection"));
        std::fs::write(&file, text).unwrap();
        // It reads no others, since secrets may be in them.
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    }
}

/// What is seen by a program on its bus.
fn beside_it() {
    let (iccid, operator) = (ICCID.parse().unwrap(), "999-93".parse().unwrap());
    let end = Instant::now() + Duration::from_secs(60);
    let found = loop {
        match connections_of(&iccid, Some(operator)) {
            // It names none before it has read its files.
            Ok(found) if !found.is_empty() => break found,
            Err(error) if error.id != Id::NetworkManagerAbsent => panic!("{error:?}"),
            _ if Instant::now() > end => panic!("NetworkManager does not start"),
            _ => std::thread::sleep(Duration::from_millis(100)),
        }
    };
    let named: Vec<_> = found.iter().map(|connection| (connection.id.as_str(), connection.binding)).collect();
    let all = [("number 1", Binding::Sim), ("number 2", Binding::Sim), ("number 3", Binding::Operator)];
    assert_eq!(named.len(), all.len(), "{named:?}");
    assert!(all.iter().all(|one| named.contains(one)), "{named:?}");
    let first = found.iter().find(|connection| connection.id == "number 1").unwrap();
    first.delete().unwrap();
    assert_eq!(first.delete().unwrap_err().id, Id::ConnectionGone);
    assert_eq!(connections_of(&iccid, Some(operator)).unwrap().len(), 2);
}
