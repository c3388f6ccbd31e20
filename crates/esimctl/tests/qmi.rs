//! The program at a modem that speaks QMI: the virtual modem in a process of its own, with our virtual card in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/modem.rs"]
mod modem;
#[path = "common/server.rs"]
mod server;

use common::{EID, Sandbox};
use modem::Modem;

fn start(sandbox: &Sandbox, cards: &[&str], quirks: &[&str]) -> Modem {
    Modem::start(sandbox, "qmi", cards, quirks)
}

#[test]
fn every_operation_on_a_card_behind_a_modem() {
    modem::every_operation("qmi");
}

#[test]
fn modems_that_do_it_in_their_own_way() {
    modem::are_lived_with(
        "qmi",
        &[
            (&["chatty", "foreign-answers", "cut-frames"], &["91xx"]),
            (&["fetches-answers", "no-slot-status", "joined-frames"], &["91xx"]),
            (&["forgets-clients", "sim-busy=2", "old-open"], &["91xx"]),
            (&["leaked-channels", "powers-down", "pin-locked"], &["channel-lost"]),
            (&["ignores-switch", "latency=1", "logical-slots"], &[]),
            (&["reenumerates"], &["91xx"]),
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
    modem::costs_what_it_costs_in_a_reader("qmi");
}

/// What a user is told, by the name of the error and the exit code.
#[test]
fn what_cannot_be_reached_is_told() {
    let sandbox = Sandbox::with_card(&[]);
    let told = |device: &str| {
        let (code, error) = sandbox.error(&["list", "-d", device]);
        (code, error["id"].as_str().unwrap().to_owned())
    };
    assert_eq!(told("qmi:/nonexistent/cdc-wdm0,proxy=no"), (3, "port_not_found".into()));
    for (slots, quirks, id) in [
        (&["empty"][..], &[][..], "slot_empty"),
        (&["card"], &["dead"], "modem_dead"),
        (&["card"], &["no-client-ids"], "modem_client_ids"),
        (&["card"], &["no-uicc-access"], "modem_carries_nothing"),
        (&["card"], &["open-refused"], "modem_denies"),
        (&["card"], &["open-refused=68"], "modem_no_channel"),
        (&["card"], &["open-refused=104"], "modem_card_pin"),
        (&["card"], &["sim-busy=1000"], "modem_card_starting"),
        (&["card"], &["open-refused=3"], "modem_opens_no_channel"),
        (&["card"], &["no-euicc"], "not_an_euicc"),
        (&["card"], &["unplugged=1"], "modem_left"),
    ] {
        let modem = start(&sandbox, slots, quirks);
        assert_eq!(told(&format!("{},timeout=2", modem.device)), (3, id.into()), "{quirks:?}");
    }
    let modem = start(&sandbox, &["card", "empty"], &[]);
    assert_eq!(told(&format!("{},slot=2", modem.device)), (3, "slot_empty".into()));
    assert_eq!(told(&format!("{},slot=3", modem.device)), (3, "no_such_slot".into()));
}

#[test]
fn the_truth_is_told_whatever_happens() {
    modem::tells_the_truth("qmi");
}
