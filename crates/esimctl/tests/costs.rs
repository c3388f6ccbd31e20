//! What commands cost, counted by the program itself: APDUs on a card that answers at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/server.rs"]
mod server;

use common::{HOME, Sandbox};
use serde_json::Value;
use server::Server;

/// Ten profiles whose names have 16 bytes, each with an icon of 1 kB, with a nickname of 16 bytes.
fn ten_profiles(quirks: &[&str]) -> Sandbox {
    let profiles: Vec<String> = (0..10)
        .map(|n| {
            let enabled = if n == 0 { ",enabled" } else { "" };
            format!("name=sixteen bytes {n:02},provider=sixteen letters.,nickname=sixteen again {n:02}{enabled}")
        })
        .collect();
    let mut arguments = vec!["--icons"];
    for profile in &profiles {
        arguments.extend(["--profile", profile]);
    }
    for quirk in quirks {
        arguments.extend(["--quirk", quirk]);
    }
    Sandbox::with_card(&arguments)
}

fn apdus(sandbox: &Sandbox, arguments: &[&str]) -> u64 {
    let run = sandbox.run(&[arguments, &["--stats", "--json"]].concat());
    assert_eq!(run.code, 0, "{arguments:?}: {}", run.out);
    run.json()["stats"]["apdus"].as_u64().unwrap()
}

/// What the re-reading after a change costs: everything behind the command itself, counted in a trace.
fn before_rereading(sandbox: &Sandbox, arguments: &[&str], command: &str) -> usize {
    let trace = sandbox.path().join("trace.jsonl");
    let run = sandbox.run(&[arguments, &["--overwrite", "--trace", trace.to_str().unwrap()]].concat());
    assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.out, run.err);
    let text = std::fs::read_to_string(trace).unwrap();
    let apdus: Vec<&str> = text.lines().filter(|line| line.contains("\"command\"")).collect();
    apdus.iter().position(|line| line.contains(command)).expect("the command is in the trace") + 1
}

#[test]
fn reading_is_cheap() {
    let sandbox = ten_profiles(&[]);
    let first = apdus(&sandbox, &["list"]);
    let list = apdus(&sandbox, &["list"]);
    assert!(list <= 12, "list of ten profiles with icons: {list}");
    assert_eq!(first, list + 1, "the EID is asked at first sight, and never again");
    assert_eq!(apdus(&sandbox, &["list"]), list);
    assert_eq!(apdus(&sandbox, &["show", HOME]), apdus(&sandbox, &["show", HOME]), "nor by other commands that read");
    let info = apdus(&sandbox, &["info"]);
    assert!(info <= 10, "info: {info}");
}

#[test]
fn a_61xx_card_costs_one_more_for_each_answer() {
    let good = ten_profiles(&[]);
    let other = ten_profiles(&["61xx"]);
    // list: SELECT, one answer, and the EID at first sight; info: SELECT and four answers.
    assert!(apdus(&other, &["list"]) <= apdus(&good, &["list"]) + 3);
    assert!(apdus(&other, &["info"]) <= apdus(&good, &["info"]) + 5);
}

#[test]
fn the_cost_of_list_grows_linearly() {
    let of = |count: &str| apdus(&Sandbox::with_card(&["--icons", "--profiles", count]), &["list"]);
    let (ten, fifty) = (of("10"), of("50"));
    assert!(fifty <= 5 * ten, "{fifty} for fifty, {ten} for ten");
}

#[test]
fn changes_are_cheap_before_they_are_proved() {
    // By the whole ICCID at most 8, by name at most 11.
    let sandbox = ten_profiles(&[]);
    let second = sandbox.profiles("card")[1].0.clone();
    let third = sandbox.profiles("card")[2].0.clone();
    for (arguments, command, most) in [
        (vec!["enable", second.as_str()], "BF31", 8),
        (vec!["disable", second.as_str()], "BF32", 8),
        (vec!["rename", second.as_str(), "other sixteen by"], "BF29", 8),
        (vec!["delete", third.as_str(), "--yes"], "BF33", 8),
        (vec!["enable", "sixteen bytes 05"], "BF31", 11),
        (vec!["disable", "sixteen bytes 05"], "BF32", 11),
        (vec!["rename", "sixteen bytes 05", "other sixteen by"], "BF29", 11),
        (vec!["delete", "sixteen bytes 06", "--yes"], "BF33", 11),
    ] {
        let spent = before_rereading(&sandbox, &arguments, command);
        assert!(spent <= most, "{arguments:?}: {spent} APDUs");
    }
}

/// What a download of 12 kB costs on such a card, from the first command to the last: preflight, re-reading, and the
/// delivery and removal of the one notification that it leaves.
fn download(quirks: &[&str], segments: &str) -> Value {
    let quirks: Vec<&str> = quirks.iter().flat_map(|quirk| ["--quirk", quirk]).collect();
    let sandbox = Sandbox::with_card(&quirks);
    let _server = Server::start(&sandbox, &["smdp", "--order", "A,size=12000,notify=none"]);
    let device = format!("virtual:card{segments}");
    let run = sandbox.run(&["download", "LPA:1$smdp.example.com$A", "--yes", "-d", &device, "--stats", "--json"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let document = run.json();
    assert_eq!(document["data"]["notifications"]["delivered"], 1, "{document}");
    assert_eq!(document["data"]["notifications"]["pending"], 0, "{document}");
    let orders = sandbox.data(&["virtual", "smdp", "orders"]);
    assert_eq!((&orders[0]["state"], &orders[0]["size_bytes"]), (&"installed".into(), &12000.into()));
    document["stats"].clone()
}

#[test]
fn a_download_is_cheap() {
    for (quirks, most) in [(&[][..], 95), (&["61xx"], 115)] {
        let stats = download(quirks, "");
        let apdus = stats["apdus"].as_u64().unwrap();
        assert!(apdus <= most, "{quirks:?}: {apdus} APDUs");
        let net = ["tcp_connections", "tls_handshakes", "http_requests"].map(|name| stats[name].as_u64().unwrap());
        assert_eq!(net, [1, 1, 4], "{quirks:?}");
    }
    let small = download(&[], ",mss=120")["apdus"].as_u64().unwrap();
    assert!(small > 130, "in segments of 120 bytes: {small} APDUs");
}

fn waiting(sandbox: &Sandbox, command: &str) -> Value {
    let run = sandbox.run(&[command, "--json"]);
    let document = run.json();
    let told = run.err.contains("for its server") || run.err.contains("for their servers");
    assert_eq!(document["waiting"].is_object(), told, "{document} {}", run.err);
    document["waiting"].clone()
}

#[test]
fn the_advice_to_send_all_holds_with_several_cards() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.create("second", &["--eid", "89049032000000000000000000000163"]);
    for card in ["card", "second"] {
        let other = sandbox.profiles(card).into_iter().find(|(_, enabled)| !enabled).unwrap().0;
        assert_eq!(sandbox.run(&["enable", &other, "-d", &format!("virtual:{card}")]).code, 0);
    }
    // A third one cannot be read, which keeps no other waiting.
    sandbox.create("mute", &["--eid", "89049032000000000000000000000260", "--quirk", "removed-after=1"]);
    let listed = sandbox.run(&["list", "-d", "virtual:card"]);
    assert!(listed.err.contains("esimctl notifications send --all"), "{}", listed.err);
    let server = Server::start(&sandbox, &["smdp"]);
    let sent = sandbox.run(&["notifications", "send", "--all"]);
    assert_eq!(sent.code, 0, "{}{}", sent.out, sent.err);
    assert!(sent.err.contains("The card of virtual:mute was not asked"), "{}", sent.err);
    assert_eq!(sandbox.data(&["outbox", "list"]), serde_json::json!([]), "all are delivered");
    for card in ["card", "second"] {
        assert_eq!(sandbox.memory(card)["notifications"], serde_json::json!([]), "{card}");
    }
    drop(server);
}

#[test]
fn what_waits_is_told_at_no_apdu_more_until_one_command_has_sent_it() {
    for (policy, outbox, card) in [("deliver", 2, 0), ("keep", 0, 2)] {
        let sandbox = Sandbox::with_card(&[]);
        let config = sandbox.path().join(".config/esimctl");
        std::fs::create_dir_all(&config).unwrap();
        let policies = format!("[notifications]\nenable = \"{policy}\"\ndisable = \"{policy}\"\n");
        std::fs::write(config.join("config.toml"), policies).unwrap();
        apdus(&sandbox, &["list"]);
        let costs = || ["list", "info"].map(|command| apdus(&sandbox, &[command]));
        let before = costs();
        assert_eq!(waiting(&sandbox, "list"), Value::Null);
        assert_eq!(sandbox.run(&["enable", "@2"]).code, 0);
        for command in ["list", "info"] {
            assert_eq!(
                waiting(&sandbox, command),
                serde_json::json!({ "outbox": outbox, "card": card, "nameless": 0, "nameless_on_card": 0 }),
                "{command}"
            );
        }
        assert_eq!(costs(), before);
        let chinese = sandbox.run(&["list", "--lang", "zh-CN"]).err;
        assert!(chinese.contains("有 2 条通知等待发给服务器"), "{chinese}");
        let check = |sandbox: &Sandbox| {
            let checks = sandbox.data(&["doctor"])["checks"].clone();
            checks.as_array().unwrap().iter().find(|check| check["name"] == "notifications").unwrap().clone()
        };
        assert_eq!(check(&sandbox)["remedy"], "esimctl notifications send --all");
        let _server = Server::start(&sandbox, &["smdp"]);
        assert_eq!(sandbox.data(&["notifications", "send", "--all"])["notifications"]["delivered"], 2);
        assert_eq!(waiting(&sandbox, "list"), Value::Null);
        assert_eq!(check(&sandbox)["finding"], "ok");
    }
}

/// Also what other cards have left in the outbox, and without a card at hand.
#[test]
fn one_command_sends_everything_wherever_it_waits() {
    let sandbox = Sandbox::with_card(&[]);
    assert_eq!(sandbox.run(&["virtual", "create", "other"]).code, 0);
    for device in ["virtual:card", "virtual:other"] {
        assert_eq!(sandbox.run(&["enable", "@2", "-d", device]).code, 0);
    }
    assert_eq!(sandbox.run(&["virtual", "remove", "other"]).code, 0);
    let _server = Server::start(&sandbox, &["smdp"]);
    assert_eq!(sandbox.data(&["notifications", "send", "--all"])["notifications"]["delivered"], 4);
    assert_eq!(sandbox.run(&["enable", "@1"]).code, 0);
    assert_eq!(sandbox.run(&["virtual", "remove", "card"]).code, 0);
    let run = sandbox.run(&["notifications", "send", "--all"]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, "No notification waits in the outbox, and no card was asked.\n"),
        "{}",
        run.err
    );
    // A device that is named and not there is told, though the outbox was sent.
    assert_eq!(sandbox.error(&["notifications", "send", "--all", "-d", "virtual:card"]).0, 3);
}

#[test]
fn stats_are_told_with_errors_too() {
    let sandbox = Sandbox::with_card(&[]);
    let run = sandbox.run(&["show", "Nothing", "--stats", "--json"]);
    assert!(run.json()["stats"]["apdus"].as_u64().unwrap() > 0);
    let text = sandbox.run(&["show", HOME, "--stats"]);
    assert!(text.err.starts_with("Cost: ") && text.err.contains(" APDUs, "), "{}", text.err);
    assert!(text.err.ends_with(" ms in all\n"), "{}", text.err);
}
