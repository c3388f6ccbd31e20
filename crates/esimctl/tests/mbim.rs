//! The program at a modem that speaks MBIM: the virtual modem in a process of its own, with our virtual card in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/modem.rs"]
mod modem;
#[path = "common/server.rs"]
mod server;

use common::{EID, Sandbox};
use modem::{Modem, Smdp};

fn start(sandbox: &Sandbox, cards: &[&str], quirks: &[&str]) -> Modem {
    Modem::start(sandbox, "mbim", cards, quirks)
}

#[test]
fn every_operation_on_a_card_behind_a_modem() {
    modem::every_operation("mbim");
}

#[test]
fn modems_that_do_it_in_their_own_way() {
    modem::are_lived_with(
        "mbim",
        &[
            (&["fragments=64", "chatty", "foreign-answers"], &["91xx"]),
            (&["returns-61xx", "needs-le", "no-slot-mapping"], &["91xx"]),
            (&["slot-ids", "status-zero", "busy-once", "sim-busy=2"], &["channel-lost"]),
            (&["wants-terminal-capability", "needs-close", "pin-locked"], &["91xx"]),
            (&["no-reset", "ignores-switch", "latency=1"], &[]),
            (&["reenumerates", "stale-channels"], &["91xx"]),
        ],
    );
}

#[test]
fn another_slot() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.create("other", &["--eid", "89049032000000000000000000000066"]);
    let modem = start(&sandbox, &["card", "other"], &["slow-slot=500"]);
    let eid = |device: &str| sandbox.data(&["info", "-d", device])["eid"].clone();
    assert_eq!(eid(&modem.device), EID);
    assert_eq!(eid(&format!("{},slot=2", modem.device)), "89049032000000000000000000000066");
    assert_eq!(eid(&format!("{},slot=1", modem.device)), EID);
}

#[test]
fn it_costs_what_it_costs_in_a_reader() {
    modem::costs_what_it_costs_in_a_reader("mbim");
}

/// What a user is told, by the name of the error and the exit code.
#[test]
fn what_cannot_be_reached_is_told() {
    let sandbox = Sandbox::with_card(&[]);
    let told = |device: &str| {
        let (code, error) = sandbox.error(&["list", "-d", device]);
        (code, error["id"].as_str().unwrap().to_owned())
    };
    assert_eq!(told("mbim:/nonexistent/cdc-wdm0,proxy=no"), (3, "port_not_found".into()));
    for (slots, quirks, id) in [
        (&["empty"][..], &[][..], "slot_empty"),
        (&["card"], &["dead"], "modem_dead"),
        (&["card"], &["no-uicc-access"], "modem_carries_nothing"),
        (&["card"], &["subscriber=3"], "modem_card_failed"),
        (&["card"], &["subscriber=0"], "modem_card_starting"),
        (&["card"], &["open-fails"], "modem_opens_no_channel"),
        (&["card"], &["select-fails"], "modem_select_failed"),
        (&["card"], &["no-euicc"], "not_an_euicc"),
        (&["card"], &["unplugged=1"], "modem_left"),
    ] {
        let modem = start(&sandbox, slots, quirks);
        assert_eq!(told(&format!("{},timeout=2", modem.device)), (3, id.into()), "{quirks:?}");
    }
    let modem = start(&sandbox, &["card"], &["command-refused=2"]);
    assert_eq!(told(&modem.device), (1, "modem_refuses".into()));
    drop(modem);
    let modem = start(&sandbox, &["card", "empty"], &[]);
    assert_eq!(told(&format!("{},slot=2", modem.device)), (3, "slot_empty".into()));
    assert_eq!(told(&format!("{},slot=3", modem.device)), (3, "no_such_slot".into()));
}

#[test]
fn the_truth_is_told_whatever_happens() {
    modem::tells_the_truth("mbim");
}

/// The modem leaves the last block without an answer, and the card has installed the profile. One that answers again is
/// asked at once; one that hangs leaves it open until it was started anew. Nothing is downloaded twice.
#[test]
fn a_download_whose_last_answer_does_not_come() {
    let sandbox = Sandbox::with_card(&[]);
    let smdp = Smdp::start(&sandbox, &["A,size=4000", "B,size=4000"]);
    let download = |device: &str, code: &str| {
        let device = format!("{device},timeout=2");
        let run = sandbox.run(&smdp.arguments(&device, &["download", code, "--yes", "--json"]));
        (run.code, run.json())
    };
    let modem = start(&sandbox, &["card"], &["load-unanswered=serves"]);
    let (code, document) = download(&modem.device, "LPA:1$smdp.example.com$A");
    assert_eq!((code, &document["data"]["installed"]), (0, &true.into()), "{document}");
    assert_eq!(sandbox.profiles("card").len(), 3);
    drop(modem);
    let modem = start(&sandbox, &["card"], &["load-unanswered"]);
    let (code, document) = download(&modem.device, "LPA:1$smdp.example.com$B");
    assert_eq!((code, &document["error"]["state"]), (6, &"unknown".into()), "{document}");
    assert_eq!(sandbox.profiles("card").len(), 4, "it is installed all the same");
    drop(modem);
    let _modem = start(&sandbox, &["card"], &[]);
    let recovered = sandbox.data(&["recover"]);
    assert_eq!(recovered["entries"][0]["finding"], "done", "{recovered}");
}
