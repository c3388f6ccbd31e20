//! Downloads through a real PC/SC service: the card is any other there, so that its servers are the world's.

use std::sync::Arc;

use virtual_euicc::smdp::{NewOrder, Smdp, SmdpOptions};

use crate::bench::{HOST, Served, TOKEN, code, id, pki};
use crate::common;
use crate::pcscd;

const FIRST: [&str; 2] = ["-d", "pcsc:0"];

#[test]
fn a_whole_life_over_a_reader() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    // T=1 as most are, and T=0, where each answer has to be fetched.
    for (name, quirk) in [("t1", &[][..]), ("t0", &["--quirk", "61xx"])] {
        sandbox.create(name, quirk);
        let pki = pki(&sandbox);
        let smdp = Arc::new(Smdp::new(&pki, SmdpOptions::named(HOST)).unwrap());
        smdp.add_order(&NewOrder { size: 12_000, ..NewOrder::new(TOKEN) }).unwrap();
        let served = Served::start(smdp.clone());
        let (ca, way) = (pki.ci_file().unwrap(), served.way());
        let servers = ["--ca", ca.to_str().unwrap(), "--connect-to", &way];
        let plugged = pcscd.plug(&sandbox, name, 0);
        let state = || smdp.order(TOKEN).unwrap().state.name();
        let data = |arguments: &[&str]| sandbox.data(&[arguments, &FIRST[..], &servers[..]].concat());

        let downloaded = data(&["download", &code(TOKEN), "--yes"]);
        assert_eq!((&downloaded["installed"], state()), (&true.into(), "installed"), "{name}: {downloaded}");
        assert_eq!(downloaded["notifications"]["pending"], 0);
        let iccid = downloaded["profile"]["iccid"].as_str().unwrap().to_owned();
        data(&["enable", &iccid]);
        assert_eq!(state(), "enabled", "{name}");
        data(&["delete", &iccid, "--disable-first", "--yes"]);
        assert_eq!(state(), "deleted", "{name}");
        assert!(data(&["notifications", "list"]).as_array().unwrap().is_empty(), "{name}: all was delivered");
        assert!(smdp.notifications().iter().all(|one| one.signature_is_right && one.times == 1), "{name}");
        // Many more than a download has to have, and still few: nothing is asked for twice.
        assert_eq!(served.cancelled(), []);
        plugged.unplug();
        pcscd::wait_for(&sandbox, 0, false);
    }
}

/// A real card's servers are looked for in the world: never among those that run beside.
#[test]
fn what_a_real_card_has_does_not_go_to_virtual_servers_by_itself() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    sandbox.create("card", &[]);
    let pki = pki(&sandbox);
    let smdp = Arc::new(Smdp::new(&pki, SmdpOptions::named(HOST)).unwrap());
    smdp.add_order(&NewOrder::new(TOKEN)).unwrap();
    let kind = manager::virtual_servers::ServerKind::Smdp;
    let served = Served::registered(&sandbox, "default", kind, &[HOST], smdp.clone());
    let _plugged = pcscd.plug(&sandbox, "card", 0);
    let run = |arguments: &[&str], proxy: &str| {
        let mut command = sandbox.command();
        command.env("HTTPS_PROXY", proxy).args(["download", &code(TOKEN), "--yes", "--json"]).args(FIRST);
        let run = common::run(command.args(arguments));
        (run.code, run.json()["error"].clone())
    };
    // Nothing listens there: that the proxy is asked shows by that.
    let (exit, error) = run(&[], "http://127.0.0.1:1");
    assert_eq!((exit, id(&error), error["code"].as_str()), (5, "server_proxy", Some("good")), "{error}");
    let (exit, error) = run(&[], "not a proxy");
    assert_eq!((exit, id(&error)), (5, "server_proxy"), "{error}");
    // Reached, and not trusted: its issuer is none of the GSMA's.
    let way = served.way();
    let (exit, error) = run(&["--connect-to", &way], "");
    assert_eq!((exit, id(&error)), (5, "server_unknown_issuer"), "{error}");
    assert!(served.functions().is_empty());
    assert_eq!(smdp.order(TOKEN).unwrap().state.name(), "released");
}
