//! Virtual servers as programs of their own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/server.rs"]
mod server;

use std::process::Command;

use common::{EID, Sandbox, wait};
use manager::Paths;
use manager::virtual_servers::{find, running};
use serde_json::Value;
use server::Server;

fn states(sandbox: &Sandbox) -> Vec<(String, String)> {
    let orders = sandbox.data(&["virtual", "smdp", "orders"]);
    let text = |order: &Value, field: &str| order[field].as_str().unwrap().to_owned();
    orders.as_array().unwrap().iter().map(|order| (text(order, "matching_id"), text(order, "state"))).collect()
}

#[test]
fn servers_are_found_by_their_hosts_until_they_end() {
    let sandbox = Sandbox::new();
    let paths = Paths::new(Some(sandbox.state())).unwrap();
    let smdp = Server::start(&sandbox, &["smdp", "--order", "A,cc=1234", "--order", "B,state=confirmed"]);
    let smds = Server::start(&sandbox, &["smds", "--event", &format!("{EID},E1,smdp.example.com")]);
    let named = Server::start(&sandbox, &["smdp", "other", "--host", "one.example.com", "--host", "two.example.com"]);
    for (server, kind, host) in [
        (&smdp, "smdp", "smdp.example.com"),
        (&smds, "smds", "lpa.ds.example.com"),
        (&named, "smdp", "two.example.com"),
    ] {
        assert_eq!(server.ready["kind"], kind);
        let found = find(&paths, host).unwrap();
        assert_eq!(server.ready["address"], found.address.to_string());
        assert_eq!(server.ready["ca"], found.ca.display().to_string());
        assert_eq!(found.pid, server.process.id());
    }
    assert_eq!(running(&paths).len(), 4);
    let expected = [("A".to_owned(), "released".to_owned()), ("B".to_owned(), "confirmed".to_owned())];
    assert_eq!(states(&sandbox), expected);
    let (code, error) = sandbox.error(&["virtual", "smdp"]);
    assert_eq!((code, &error["id"]), (1, &"virtual_server_runs".into()));

    assert!(smdp.end(rustix::process::Signal::INT).success());
    assert!(smds.end(rustix::process::Signal::TERM).success());
    assert!(!named.end(rustix::process::Signal::KILL).success());
    assert_eq!(running(&paths), []);
    // The orders stay, and one that is known is left as it is.
    let again = Server::start(&sandbox, &["smdp", "--order", "A,state=error", "--order", "C"]);
    assert_eq!(states(&sandbox)[0], expected[0]);
    assert_eq!(states(&sandbox).len(), 3);
    again.end(rustix::process::Signal::INT);
}

#[test]
fn a_server_kills_itself_when_it_is_told_to() {
    if Command::new("curl").arg("--version").output().is_err() {
        assert!(std::env::var_os("ESIMCTL_REQUIRE_PCSC").is_none(), "curl is missing: scripts/setup test");
        return eprintln!("skipped: curl is missing");
    }
    let sandbox = Sandbox::new();
    let mut server = Server::start(&sandbox, &["smdp", "--fault", "kill@1"]);
    let (host, address) = ("smdp.example.com", server.ready["address"].as_str().unwrap());
    let port = address.rsplit(':').next().unwrap();
    let curl = Command::new("curl")
        .args(["--silent", "--data", "{}", "--cacert", server.ready["ca"].as_str().unwrap()])
        .args(["--resolve", &format!("{host}:{port}:127.0.0.1")])
        .arg(format!("https://{host}:{port}/gsma/rsp2/es9plus/cancelSession"))
        .output()
        .unwrap();
    assert!(matches!(curl.status.code(), Some(52 | 56)), "{curl:?}");
    use std::os::unix::process::ExitStatusExt;
    assert_eq!(wait(&mut server.process).signal(), Some(9));
}

#[test]
fn the_ready_line_is_as_published() {
    let text = std::fs::read_to_string("../../docs/schema/esimctl-events-1.json").unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap();
    let server = Server::start(&Sandbox::new(), &["smds"]);
    assert!(schema.is_valid(&server.ready), "{}", server.ready);
}

#[test]
fn a_pki_of_its_own_serves_cards_and_servers() {
    let sandbox = Sandbox::new();
    let directory = sandbox.path().join("certificates");
    let directory = directory.to_str().unwrap();
    let made = sandbox.data(&["virtual", "pki", "new", directory, "--smdp", "one.example.com"]);
    assert_eq!(made["ca"], format!("{directory}/ci.cert.pem"));
    assert_eq!(sandbox.error(&["virtual", "pki", "new", directory]).1["id"], "pki_exists");
    sandbox.create("card", &["--pki", directory]);
    assert!(!sandbox.state().join("pki").exists());
    let server = Server::start(&sandbox, &["smdp", "--pki", directory, "--host", "one.example.com"]);
    assert_eq!(server.ready["ca"], made["ca"]);
}
