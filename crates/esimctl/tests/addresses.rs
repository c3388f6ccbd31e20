//! Notifications that name no server, from the change that makes the card sign them to the user's word that gives them up:
//! nothing is sent to anybody, nothing is lost, and nothing says that anybody was told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/server.rs"]
mod server;

use std::collections::BTreeSet;

use common::{EID, Sandbox, TRAVEL};
use ledger::{Books, Circumstances};
use manager::Paths;
use server::Server;

const REASON: &str = "the carrier has put no address there";

fn audit_end(sandbox: &Sandbox, given_up: &[u64]) {
    let paths = Paths::new(Some(sandbox.state())).unwrap();
    let given_up: BTreeSet<_> = given_up.iter().map(|seq| (EID.to_owned(), *seq)).collect();
    let circumstances = Circumstances { given_up, ..Circumstances::default() };
    assert_eq!(Books::read(&paths).unwrap().audit_end(&circumstances), []);
}

#[test]
fn what_names_no_server_is_told_everywhere_and_sent_nowhere() {
    for (kind, why) in [("empty", "empty"), ("blank", "blank_inside"), ("scheme", "scheme"), ("not-ascii", "not_ascii")]
    {
        let sandbox = Sandbox::with_card(&["--quirk", &format!("odd-address={kind}")]);
        // One runs that an address with a blank or another scheme could be made into.
        let _server = Server::start(&sandbox, &["smdp", "--host", "smdp.example.com", "--host", "smdpexample.com"]);
        let run = sandbox.run(&["enable", TRAVEL]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        assert!(run.err.contains("2 notifications name no server, so they cannot be sent"), "{}", run.err);
        assert!(run.out.contains("2 notifications stay on the card, since they name no server"), "{}", run.out);

        let data = sandbox.data(&["notifications", "list"]);
        let told: Vec<_> = data.as_array().unwrap().iter().map(|one| one["address_error"].clone()).collect();
        assert_eq!(told, [why, why], "{data}");
        assert!(sandbox.run(&["notifications", "list"]).out.contains("names no server"));
        let letters = sandbox.data(&["outbox", "list"]);
        for letter in letters.as_array().unwrap() {
            let parts = (&letter["address_error"], &letter["attempts"], &letter["next_try"], &letter["history"]);
            assert_eq!(parts, (&why.into(), &0.into(), &serde_json::Value::Null, &serde_json::json!([])), "{letter}");
        }
        let list = sandbox.run(&["list"]);
        assert!(list.err.contains("2 notifications name no server"), "{}", list.err);
        assert!(!list.err.contains("for their servers"), "{}", list.err);
        let waiting = sandbox.run(&["list", "--json"]).json()["waiting"].clone();
        assert_eq!(waiting, serde_json::json!({ "outbox": 0, "card": 0, "nameless": 2, "nameless_on_card": 0 }));
        assert!(sandbox.run(&["doctor"]).out.contains("name no server and cannot be sent: 2 in the outbox"));

        // Whatever is tried next has nothing to do with them.
        let sent = sandbox.data(&["notifications", "send", "--all"]);
        assert_eq!((&sent["notifications"]["delivered"], &sent["notifications"]["nameless"]), (&0.into(), &2.into()));
        assert_eq!(sandbox.run(&["outbox", "send"]).out, "Nothing that can be sent waits in the outbox.\n");
        let sent = sandbox.data(&["outbox", "send"]);
        assert_eq!((&sent["delivered"], &sent["nameless"]), (&0.into(), &2.into()));
        for arguments in [["outbox", "send", "1"], ["notifications", "send", "1"]] {
            let (_, error) = sandbox.error(&arguments);
            assert_eq!(error["id"], "names_no_server", "{arguments:?}");
        }
        audit_end(&sandbox, &[]);

        // The card forgets what is given up with the next change of it.
        sandbox.data(&["outbox", "drop", "2", "--yes", "--reason", REASON]);
        let dropped = sandbox.data(&["notifications", "drop", "1", "--reason", REASON, "--yes"]);
        assert_eq!((&dropped["reason"], &dropped["changed"]), (&REASON.into(), &true.into()));
        assert!(sandbox.data(&["outbox", "list"]).as_array().unwrap().is_empty());
        let all = sandbox.data(&["outbox", "list", "--all"]);
        let told: Vec<_> = all.as_array().unwrap().iter().map(|one| (&one["state"], &one["reason"])).collect();
        assert_eq!(told, [(&"dropped".into(), &REASON.into()); 2]);
        assert!(sandbox.run(&["outbox", "list", "--all"]).out.contains(&format!("given up: {REASON}")));
        audit_end(&sandbox, &[1, 2]);
    }
}

/// Notifications that were left on the card are told apart like those in the outbox.
#[test]
fn what_names_no_server_and_stays_on_the_card_waits_for_nobody() {
    let sandbox = Sandbox::with_card(&["--quirk", "odd-address"]);
    let config = sandbox.path().join(".config/esimctl");
    std::fs::create_dir_all(&config).unwrap();
    let policies = "[notifications]\nenable = \"keep\"\ndisable = \"keep\"\n";
    std::fs::write(config.join("config.toml"), policies).unwrap();
    sandbox.data(&["enable", TRAVEL]);
    for command in [&["notifications", "list"][..], &["list"], &["info"]] {
        let run = sandbox.run(command);
        assert!(run.err.contains("2 notifications on the card name no server"), "{command:?}: {}", run.err);
        assert!(!run.err.contains("for their servers"), "{command:?}: {}", run.err);
    }
    let waiting = sandbox.run(&["list", "--json"]).json()["waiting"].clone();
    let expected = serde_json::json!({ "outbox": 0, "card": 0, "nameless": 0, "nameless_on_card": 2 });
    assert_eq!(waiting, expected);
    let doctor = sandbox.run(&["doctor"]).out;
    assert!(
        doctor.contains("cannot be sent: 0 in the outbox, 2 only on a card.\n      esimctl notifications list"),
        "{doctor}"
    );
    let chinese = sandbox.run(&["list", "--lang", "zh-CN"]).err;
    assert!(chinese.contains("卡上有 2 条通知没有指明服务器"), "{chinese}");
}

#[test]
fn a_reason_says_something_and_is_not_endless() {
    let sandbox = Sandbox::with_card(&["--quirk", "odd-address"]);
    sandbox.data(&["enable", TRAVEL]);
    for (reason, id) in [("  ".to_owned(), "reason_missing"), ("x".repeat(5000), "text_too_long")] {
        for arguments in [["outbox", "drop", "1"], ["notifications", "drop", "1"]] {
            for consent in ["--yes", "--dry-run"] {
                let (_, error) = sandbox.error(&[&arguments[..], &[consent, "--reason", &reason]].concat());
                assert_eq!(error["id"], id, "{arguments:?} {consent}");
            }
        }
    }
    assert_eq!(sandbox.data(&["outbox", "list"]).as_array().unwrap().len(), 2, "nothing was given up");
}

/// The report of a deletion that nobody can be told of: the case waits for the user's word, and claims nothing.
#[test]
fn a_case_says_that_the_operator_was_not_told() {
    let sandbox = Sandbox::with_card(&["--quirk", "odd-address=blank"]);
    sandbox.data(&["retire", "start", TRAVEL]);
    for step in ["contact", "account", "balance", "contract", "request", "backup"] {
        sandbox.data(&["retire", "record", "R1", step, "--skip", "a test"]);
    }
    sandbox.data(&["retire", "record", "R1", "confirmation", "--reference", "AB-1"]);
    sandbox.data(&["retire", "clean", "R1", "--yes", "--despite", "it names no server"]);
    let says_accepted = |text: &str| text.contains("report accepted") || text.contains("All is done");
    let shown = sandbox.run(&["retire", "R1"]).out;
    assert!(shown.contains("names no server and cannot be sent") && !says_accepted(&shown), "{shown}");
    let case = sandbox.data(&["retire", "R1"])["case"].clone();
    assert_eq!((&case["state"], &case["devices"][0]["state"]), (&"open".into(), &"deleted".into()));
    let letter = case["devices"][0]["letters"][0].to_string();
    sandbox.data(&["outbox", "drop", &letter, "--yes", "--reason", REASON]);
    let case = sandbox.data(&["retire", "R1"])["case"].clone();
    assert_eq!((&case["state"], &case["devices"][0]["state"]), (&"completed".into(), &"unreported".into()));
    let shown = sandbox.run(&["retire", "R1"]).out;
    assert!(shown.contains("operator not told") && !says_accepted(&shown), "{shown}");
    let report = sandbox.path().join("report.md");
    sandbox.data(&["retire", "report", "R1", report.to_str().unwrap()]);
    let report = std::fs::read_to_string(report).unwrap();
    assert!(
        report.contains("was given up without being sent.") && report.contains(REASON) && !says_accepted(&report),
        "{report}"
    );
}

/// An address that an SM-DS points to is judged as well: one that names no server is told, and hides no other event.
#[test]
fn an_event_that_names_no_server_is_told_and_hides_no_other() {
    let sandbox = Sandbox::with_card(&[]);
    let events = [format!("{EID},SECRET1,smdp example com"), format!("{EID},E2,SMDP.example.com.")];
    let _smds = Server::start(&sandbox, &["smds", "--event", &events[0], "--event", &events[1]]);
    let _smdp = Server::start(&sandbox, &["smdp", "--host", "smdp.example.com", "--host", "smdpexamplecom"]);
    let run = sandbox.run(&["discover", "--json"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let found = run.json()["data"]["events"].clone();
    let servers: Vec<_> = found.as_array().unwrap().iter().map(|event| event["server"].clone()).collect();
    assert_eq!(servers, ["smdp.example.com"], "{found}");
    assert!(run.err.contains("which is not the address of a server: it has a blank inside"), "{}", run.err);
    assert!(!run.err.contains("SECRET1"), "its id is as good as a matching id: {}", run.err);
}

/// The default server that the card names is judged before any server is asked.
#[test]
fn a_default_server_on_the_card_that_is_no_address_is_told_as_the_cards() {
    let sandbox = Sandbox::with_card(&[]);
    // ES10a.SetDefaultDpAddress with "smdp example com".
    sandbox.data(&["apdu", "--isdr", "BF3F128010736D6470206578616D706C6520636F6D"]);
    let shown = sandbox.run(&["server", "show"]).out;
    assert!(
        shown.contains("'smdp example com', which is not the address of a server: it has a blank inside"),
        "{shown}"
    );
    let (_, error) = sandbox.error(&["download", "--yes"]);
    assert_eq!((error["id"].as_str(), error["layer"].as_str()), (Some("card_address"), Some("card")), "{error}");
    let (_, error) = sandbox.error(&["server", "set", "LPA:1$smdp.example.com$SECRET"]);
    assert!(error["id"] == "code_misplaced" && !error.to_string().contains("SECRET"), "{error}");
}
