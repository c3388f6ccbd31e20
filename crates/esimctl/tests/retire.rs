//! Ending a subscription, as its owner does it: card, server and program as they are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/pcscd.rs"]
mod pcscd;
#[path = "common/server.rs"]
mod server;
#[path = "common/terminal.rs"]
mod terminal;

use std::path::PathBuf;

use common::{EID, HOME, Sandbox, TRAVEL};
use rustix::process::Signal;
use serde_json::Value;
use server::Server;
use terminal::Terminal;

/// The EID of a second card.
const OTHER: &str = "89049032000000000000000000000163";

fn smdp(sandbox: &Sandbox) -> Server {
    Server::start(sandbox, &["smdp", "--order", "A"])
}

/// How the server's order of the only profile stands.
fn order(sandbox: &Sandbox) -> String {
    sandbox.data(&["virtual", "smdp", "orders"])[0]["state"].as_str().unwrap().to_owned()
}

/// Downloads the profile, enables it and opens a case; gives its ICCID.
fn begun(sandbox: &Sandbox, by: &[&str]) -> String {
    let run = |arguments: &[&str]| sandbox.data(&[arguments, by].concat());
    let profile = run(&["download", "LPA:1$smdp.example.com$A", "--yes", "--enable"])["profile"].clone();
    let iccid = profile["iccid"].as_str().unwrap().to_owned();
    let case = run(&["retire", "start", &iccid])["case"].clone();
    assert_eq!(
        (&case["id"], &case["state"], &case["next"]),
        (&"R1".into(), &"open".into(), &"backup".into()),
        "{case}"
    );
    assert_eq!(case["iccid"], *iccid);
    assert_eq!(case["servers"][0], "smdp.example.com");
    iccid
}

/// Records all that an operator is asked and answers.
fn confirmed(sandbox: &Sandbox) {
    for arguments in [
        &["contact", "--channel", "hotline", "--reference", "Ms Example"][..],
        &["account", "--reference", "K-4711-22334", "--number", "+49 151 0000000"],
        &["balance", "--amount", "12,30", "--currency", "eur", "--paid"],
        &["contract", "--since", "2024-01-31", "--notice-until", "2025-12-31"],
        &["request", "--channel", "online", "--date", "2025-11-01"],
        &["confirmation", "--date", "2025-11-05", "--reference", "C-815"],
    ] {
        sandbox.data(&[&["retire", "record", "R1"], arguments].concat());
    }
}

/// A day in the next year.
fn next_year() -> String {
    format!("{}-12-31", manager::retire::today().year() + 1)
}

fn case(sandbox: &Sandbox) -> Value {
    sandbox.data(&["retire", "R1"])["case"].clone()
}

fn proof(sandbox: &Sandbox) -> PathBuf {
    let path = sandbox.path().join("confirmation.pdf");
    std::fs::write(&path, "Your contract ends.").unwrap();
    path
}

/// The whole way: refused as long as it is too early, and proved in the end.
fn whole_life(sandbox: &Sandbox, by: &[&str]) {
    let iccid = begun(sandbox, by);
    let clean = |more: &[&'static str]| [&["retire", "clean", "R1", "--yes"], more, by].concat();
    let refused = |id: &str| {
        let (code, error) = sandbox.error(&clean(&[]));
        assert_eq!((code, error["id"].as_str()), (4, Some(id)), "{error}");
        assert_eq!(order(sandbox), "enabled");
    };
    let backup = sandbox.data(&[&["retire", "backup", "R1"], by].concat());
    assert_eq!(backup["sim_read"], true, "{backup}");
    let directory = PathBuf::from(backup["directory"].as_str().unwrap());
    assert!(directory.join("profile.json").is_file() && directory.join("sim.json").is_file(), "{backup}");
    refused("not_confirmed");
    let record = |arguments: &[&str]| sandbox.data(&[&["retire", "record", "R1"], arguments].concat());
    record(&["contact", "--channel", "hotline", "--reference", "Ms Example"]);
    record(&["account", "--reference", "K-4711-22334", "--number", "+49 151 0000000"]);
    record(&["balance", "--amount", "12,30", "--currency", "EUR"]);
    let (code, error) = sandbox.error(&["retire", "record", "R1", "contract", "--notice-until", "2099-12-31"]);
    assert_eq!((code, error["id"].as_str()), (2, Some("date_too_far")), "{error}");
    record(&["contract", "--since", "2024-01-31", "--notice-until", &next_year()]);
    record(&["request", "--channel", "online", "--date", "2025-11-01"]);
    let overdue = sandbox.data(&["retire", "list"])["reminders"].clone();
    let overdue: Vec<&Value> = overdue.as_array().unwrap().iter().filter(|one| one["overdue"] == true).collect();
    assert_eq!((overdue.len(), &overdue[0]["kind"]), (1, &"confirmation".into()));
    refused("not_confirmed");
    let proof = proof(sandbox);
    let recorded = record(&["confirmation", "--file", proof.to_str().unwrap()]);
    let sha256 = recorded["case"]["steps"][6]["evidence"][0]["sha256"].as_str().unwrap().to_owned();
    assert_eq!(std::fs::read_to_string(sandbox.state().join("evidence").join(&sha256)).unwrap(), "Your contract ends.");
    refused("balance_unpaid");
    record(&["balance", "--amount", "12.30", "--currency", "EUR", "--paid"]);
    refused("notice_runs");
    record(&["contract", "--since", "2024-01-31", "--notice-until", "2025-12-31"]);

    let cleaned = sandbox.data(&clean(&["--enable-instead", HOME]));
    assert_eq!(cleaned["devices"][0]["outcome"], "deleted", "{cleaned}");
    assert_eq!((&cleaned["case"]["state"], order(sandbox)), (&"completed".into(), "deleted".to_owned()), "{cleaned}");
    let list = sandbox.data(&[&["list"], by].concat());
    assert_eq!(list[0]["state"], "enabled", "the other one was enabled in its place");
    assert!(list.as_array().unwrap().iter().all(|profile| profile["iccid"] != *iccid));
    reported(sandbox, &iccid, &sha256);
}

/// The report tells it all, and whose it is only if it is to.
fn reported(sandbox: &Sandbox, iccid: &str, evidence: &str) {
    let full = sandbox.data(&["retire", "report", "R1", "-", "--full"])["report"].clone();
    let letter = &full["notifications"][0];
    assert_eq!((&letter["server"], &letter["state"]), (&"smdp.example.com".into(), &"delivered".into()));
    assert!(letter["payload_base64"].as_str().unwrap().len() > 100 && letter["seq"].is_u64());
    let kinds: Vec<&str> =
        full["history"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.first(), Some(&"started"));
    assert!(kinds.ends_with(&["cleaning", "cleaned", "accepted", "completed", "traces"]), "{kinds:?}");
    for name in ["report.html", "report.md"] {
        let path = sandbox.path().join(name);
        sandbox.data(&[
            "retire",
            "report",
            "R1",
            path.to_str().unwrap(),
            if name.ends_with("html") { "--html" } else { "--md" },
        ]);
        let text = std::fs::read_to_string(path).unwrap();
        for there in [evidence, letter["sha256"].as_str().unwrap(), "smdp.example.com", "12.30 EUR"] {
            assert!(text.contains(there), "{name}: no {there}");
        }
        for secret in [iccid, EID, "K-4711-22334", "+49 151 0000000"] {
            assert!(!text.contains(secret), "{name}: {secret}");
        }
    }
    let masked = sandbox.data(&["retire", "report", "R1", "-"]).to_string();
    assert!(!masked.contains(iccid) && !masked.contains(EID) && !masked.contains("K-4711"), "{masked}");
}

#[test]
fn from_download_to_proof() {
    let sandbox = Sandbox::with_card(&[]);
    let _smdp = smdp(&sandbox);
    whole_life(&sandbox, &["-d", "virtual:card"]);
}

#[test]
fn from_download_to_proof_over_a_reader() {
    let Some(pcscd) = pcscd::start() else { return };
    let sandbox = pcscd.sandbox();
    sandbox.create("card", &[]);
    let server = smdp(&sandbox);
    let route = format!("smdp.example.com:443:{}", server.address());
    let ca = server.ready["ca"].as_str().unwrap();
    let _plugged = pcscd.plug(&sandbox, "card", 0);
    whole_life(&sandbox, &["-d", "pcsc:0", "--ca", ca, "--connect-to", &route]);
}

#[test]
fn a_server_out_of_reach_keeps_the_profile_or_the_case_open() {
    let sandbox = Sandbox::with_card(&[]);
    let server = smdp(&sandbox);
    let iccid = begun(&sandbox, &["-d", "virtual:card"]);
    sandbox.data(&["retire", "backup", "R1"]);
    confirmed(&sandbox);
    server.end(Signal::INT);
    let (code, error) = sandbox.error(&["retire", "clean", "R1", "--yes"]);
    assert_eq!((code, error["id"].as_str()), (4, Some("server_not_reached")), "{error}");
    assert!(sandbox.profiles("card").iter().any(|(there, _)| *there == iccid), "nothing was deleted");

    let cleaned = sandbox.data(&["retire", "clean", "R1", "--yes", "--despite", "the phone is sold today"]);
    assert_eq!(
        (&cleaned["case"]["state"], &cleaned["case"]["devices"][0]["state"]),
        (&"open".into(), &"deleted".into())
    );
    assert!(sandbox.profiles("card").iter().all(|(there, _)| *there != iccid));
    let history = sandbox.data(&["retire", "report", "R1", "-"])["report"]["history"].to_string();
    assert!(history.contains("the phone is sold today") && history.contains("server_not_reached"), "{history}");
    assert_eq!(sandbox.data(&["retire", "list"])["reminders"][0]["kind"], "notification");
    assert_eq!(sandbox.error(&["retire", "clean", "R1", "--yes"]).1["id"], "nothing_to_clean");

    let _server = smdp(&sandbox);
    sandbox.data(&["outbox", "send"]);
    assert_eq!((case(&sandbox)["state"].as_str(), &*order(&sandbox)), (Some("completed"), "deleted"));
}

#[test]
fn every_device_that_held_it_is_cleaned_or_stays_open() {
    let sandbox = Sandbox::with_card(&["--profile", &format!("iccid={HOME},provider=Example Mobile,enabled")]);
    let same = format!("iccid={HOME},provider=Example Mobile");
    sandbox.create("other", &["--eid", OTHER, "--profile", &same, "--profile", "provider=Example Mobile,name=Second"]);
    let _server = Server::start(&sandbox, &["smdp"]);
    // Seen there: that is remembered.
    sandbox.data(&["enable", HOME, "-d", "virtual:other"]);
    sandbox.data(&["list", "-d", "virtual:other"]);
    let begun = sandbox.data(&["retire", "start", HOME, "-d", "virtual:card"])["case"].clone();
    assert_eq!(begun["devices"].as_array().unwrap().len(), 2, "{begun}");
    assert_eq!(begun["other_profiles_of_the_operator"].as_array().unwrap().len(), 1, "{begun}");
    confirmed(&sandbox);
    sandbox.data(&["retire", "record", "R1", "backup", "--skip", "nothing on it"]);
    // One is not at hand.
    let file = sandbox.card_file("other");
    let away = file.with_extension("away");
    std::fs::rename(&file, &away).unwrap();
    let cleaned = sandbox.data(&["retire", "clean", "R1", "--yes"]);
    assert_eq!(
        (&cleaned["devices"][0]["outcome"], &cleaned["devices"][1]["outcome"]),
        (&"deleted".into(), &"absent".into())
    );
    assert_eq!(case(&sandbox)["state"], "open");
    assert_eq!(sandbox.error(&["retire", "clean", "R1", "--yes"]).1["id"], "not_at_hand");
    // It is remembered: any command that sees the card says so, in one line.
    std::fs::rename(&away, &file).unwrap();
    let list = sandbox.run(&["list", "-d", "virtual:other", "--json"]);
    assert_eq!((list.err.lines().count(), &list.json()["notices"][0]["case"]), (1, &"R1".into()), "{}", list.err);
    assert!(list.err.contains("esimctl retire clean R1"), "{}", list.err);
    assert!(!sandbox.run(&["list", "-d", "virtual:card"]).err.contains("retire"));
    sandbox.data(&["retire", "clean", "R1", "--yes"]);
    assert_eq!(case(&sandbox)["state"], "completed");
    assert_eq!(sandbox.run(&["list", "-d", "virtual:other"]).err, "");
}

#[test]
fn the_only_way_to_the_internet_is_told_before_it_goes() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["retire", "start", HOME]);
    let plan = || sandbox.data(&["retire", "clean", "R1", "--dry-run"])["devices"][0].clone();
    assert_eq!((&plan()["only_way"], &plan()["disable_first"]), (&false.into(), &true.into()));
    let proc = sandbox.sysroot().join("proc/net");
    std::fs::create_dir_all(&proc).unwrap();
    let route =
        "Iface Destination Gateway Flags RefCnt Use Metric Mask\nwwan0 00000000 0101A8C0 0003 0 0 100 00000000\n";
    std::fs::write(proc.join("route"), route).unwrap();
    assert_eq!(plan()["only_way"], true);
    assert!(sandbox.run(&["retire", "clean", "R1", "--dry-run"]).out.contains("by a mobile network alone"));
    std::fs::write(proc.join("route"), format!("{route}eth0 00000000 0101A8C0 0003 0 0 50 00000000\n")).unwrap();
    assert_eq!(plan()["only_way"], false);
}

#[test]
fn a_card_that_will_not_come_back_is_written_off() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.data(&["retire", "start", TRAVEL]);
    assert_eq!(sandbox.error(&["retire", "clean", "R1", "--write-off", EID]).0, 2, "a reason is needed");
    assert_eq!(
        sandbox.error(&["retire", "clean", "R1", "--write-off", OTHER, "--reason", "x"]).1["id"],
        "not_of_this_case"
    );
    let case = sandbox.data(&["retire", "clean", "R1", "--write-off", EID, "--reason", "lost at sea"])["case"].clone();
    assert_eq!(
        (&case["devices"][0]["state"], &case["devices"][0]["why"]),
        (&"written_off".into(), &"lost at sea".into())
    );
    assert_eq!(sandbox.profiles("card").len(), 2);
}

/// Has the card kill the program at its N-th command from now on.
fn kill_at(sandbox: &Sandbox, number: u64) {
    let file = sandbox.card_file("card");
    let mut state: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    state["quirks"] = serde_json::json!([format!("fault=kill@{number}")]);
    std::fs::write(file, state.to_string()).unwrap();
}

#[test]
fn a_crash_anywhere_leaves_a_case_that_tells_the_truth() {
    let sandbox = Sandbox::with_card(&["--profiles", "12"]);
    let _server = Server::start(&sandbox, &["smdp"]);
    let iccids: Vec<String> = sandbox.profiles("card").into_iter().map(|(iccid, _)| iccid).skip(1).collect();
    let opened = |iccid: &str| {
        let id = sandbox.data(&["retire", "start", iccid])["case"]["id"].as_str().unwrap().to_owned();
        for step in ["backup", "contact", "account", "balance", "request"] {
            sandbox.data(&["retire", "record", &id, step, "--skip", "a test"]);
        }
        for step in ["contract", "confirmation"] {
            sandbox.data(&["retire", "record", &id, step, "--not-applicable", "prepaid"]);
        }
        id
    };
    let first = opened(&iccids[0]);
    let run = sandbox.run(&["retire", "clean", &first, "--yes", "--json", "--stats"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let all = run.json()["stats"]["apdus"].as_u64().unwrap();
    let mut outcomes = std::collections::BTreeSet::new();
    for (iccid, back) in iccids[1..].iter().zip([1, 2, 4, 6, 8, 10, 12, 15, 18, all - 2]) {
        let id = opened(iccid);
        kill_at(&sandbox, all.saturating_sub(back).max(1));
        let killed = sandbox.run(&["retire", "clean", &id, "--yes"]);
        kill_at(&sandbox, 1_000_000);
        let gone = sandbox.profiles("card").iter().all(|(there, _)| there != iccid);
        sandbox.data(&["recover"]);
        sandbox.run(&["outbox", "send"]);
        let case = sandbox.data(&["retire", &id])["case"].clone();
        let state = case["devices"][0]["state"].as_str().unwrap().to_owned();
        assert_eq!(gone, state == "done", "{back} before the end, exit code {}: {case}", killed.code);
        assert_eq!(gone, case["state"] == "completed", "{back} before the end: {case}");
        if !gone {
            let again = sandbox.data(&["retire", "clean", &id, "--yes"]);
            assert_eq!(again["case"]["state"], "completed", "{again}");
        }
        outcomes.insert((gone, killed.code == 0));
    }
    assert!(outcomes.contains(&(true, false)) && outcomes.contains(&(false, false)), "{outcomes:?}");
    assert_eq!(sandbox.profiles("card").len(), 1);
}

#[test]
fn it_speaks_chinese() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    let zh = |arguments: &[&str]| sandbox.run(&[arguments, &["--lang", "zh-CN"]].concat());
    let begun = zh(&["retire", "start", TRAVEL]);
    for told in
        ["未作任何更改", "联系运营商", "等待运营商确认", "下一步：备份 SIM 中的资料", "esimctl retire backup R1"]
    {
        assert!(begun.out.contains(told), "{told}: {}", begun.out);
    }
    let refused = zh(&["retire", "clean", "R1", "--yes"]);
    assert_eq!(refused.code, 4);
    assert!(refused.err.contains("根据 R1 的记录，运营商尚未确认销户。"), "{}", refused.err);
    sandbox.data(&["retire", "record", "R1", "request", "--date", "2025-01-01"]);
    let list = zh(&["retire", "list"]);
    assert!(list.out.contains("已于 2025-01-15 逾期") && list.out.contains("进行中"), "{}", list.out);
    let cleaned = zh(&["retire", "clean", "R1", "--yes", "--despite", "换机"]);
    assert!(cleaned.out.contains("配置文件已删除，并经重新读卡核实"), "{}{}", cleaned.out, cleaned.err);
    let path = sandbox.path().join("report.html");
    assert_eq!(zh(&["retire", "report", "R1", path.to_str().unwrap()]).code, 0);
    let html = std::fs::read_to_string(path).unwrap();
    assert!(html.contains("<html lang=\"zh-CN\">") && html.contains("已签名的删除通知") && html.contains("换机"));
}

#[test]
fn a_wrong_answer_deletes_nothing() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    sandbox.data(&["retire", "start", TRAVEL]);
    sandbox.data(&["retire", "record", "R1", "backup", "--skip", "a test"]);
    confirmed(&sandbox);
    assert_eq!(sandbox.error(&["retire", "clean", "R1"]).1["id"], "confirmation_needed");
    let asked = "Type the last four digits of the ICCID";
    for answer in ["", "y", "yes", "d", "0011", "029", "R1"] {
        let mut terminal = Terminal::start(sandbox.command().args(["retire", "clean", "R1"]));
        terminal.expect(asked);
        terminal.type_line(answer);
        assert_eq!(terminal.wait().code(), Some(4), "{answer:?}: {}", terminal.screen());
        // The same at the end of the conversation.
        let mut terminal = Terminal::start(sandbox.command().args(["retire", "R1"]));
        terminal.expect("Look at the devices now");
        terminal.type_line("y");
        terminal.expect(asked);
        terminal.type_line(answer);
        assert_eq!(terminal.wait().code(), Some(4), "{answer:?}: {}", terminal.screen());
    }
    for answer in ["", "n", "d", "0029", "x"] {
        let mut terminal = Terminal::start(sandbox.command().args(["retire", "R1"]));
        terminal.expect("Look at the devices now");
        terminal.type_line(answer);
        if !["", "n"].contains(&answer) {
            terminal.expect("is none of those that were asked for");
            terminal.type_line("");
        }
        assert_eq!(terminal.wait().code(), Some(0), "{answer:?}: {}", terminal.screen());
    }
    assert_eq!(sandbox.profiles("card").len(), 2);
    let mut terminal = Terminal::start(sandbox.command().args(["retire", "clean", "R1"]));
    terminal.expect(asked);
    terminal.expect("Banks and payment services");
    terminal.type_line("0029");
    assert_eq!(terminal.wait().code(), Some(0), "{}", terminal.screen());
    assert_eq!((sandbox.profiles("card").len(), case(&sandbox)["state"].as_str()), (1, Some("completed")));
}

#[test]
fn the_next_steps_are_taken_together() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.data(&["retire", "start", HOME]);
    let mut terminal = Terminal::start(sandbox.command().args(["retire"]));
    terminal.expect("Save it now");
    terminal.type_line("y");
    terminal.expect("Next: Contact the operator");
    terminal.type_line("d");
    terminal.expect("On which day?");
    terminal.type_line("2025-05-01");
    terminal.expect("By hotline, online");
    terminal.type_line("store");
    terminal.expect("Ticket, customer number");
    terminal.type_line("Mr Example");
    terminal.expect("A file that proves it?");
    terminal.type_line("");
    terminal.expect("Next: Confirm identity");
    terminal.type_line("n");
    terminal.expect("Why?");
    terminal.type_line("known there");
    terminal.expect("Next: Settle the balance");
    terminal.type_line("");
    assert_eq!(terminal.wait().code(), Some(0), "{}", terminal.screen());
    let case = case(&sandbox);
    let states: Vec<&str> =
        case["steps"].as_array().unwrap()[..4].iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["done", "done", "not_applicable", "pending"]);
    assert_eq!(
        (&case["steps"][1]["facts"]["channel"], &case["steps"][1]["facts"]["date"]),
        (&"store".into(), &"2025-05-01".into())
    );
    for wrong in ["x", "yes", "delete"] {
        let mut terminal = Terminal::start(sandbox.command().args(["retire"]));
        terminal.expect("Next: Settle the balance");
        terminal.type_line(wrong);
        terminal.expect(&format!("'{wrong}' is none of those that were asked for"));
        terminal.type_line("");
        assert_eq!(terminal.wait().code(), Some(0), "{wrong}: {}", terminal.screen());
    }
    assert_eq!(sandbox.profiles("card").len(), 2);
}

#[test]
fn bad_input_is_told_and_nothing_is_lost() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.data(&["retire", "start", TRAVEL]);
    let (code, error) = sandbox.error(&["retire", "start", TRAVEL]);
    assert_eq!((code, error["id"].as_str()), (1, Some("case_open")));
    assert!(error["message"].as_str().unwrap().contains("R1"));
    sandbox.data(&["retire", "record", "R1", "contract", "--since", "2024-01-31"]);
    sandbox.data(&["retire", "record", "R1", "request", "--date", "2025-06-01"]);
    let path = |name: &str| sandbox.path().join(name).to_str().unwrap().to_owned();
    std::fs::File::create(path("big")).unwrap().set_len(1 << 30).unwrap();
    std::fs::create_dir(path("folder")).unwrap();
    let before = case(&sandbox);
    for (arguments, code, id) in [
        (&["R1", "contact", "--date", "9999-01-01"][..], 2, "date_in_future"),
        (&["R1", "contact", "--date", "31.1.2024"], 2, "date_invalid"),
        (&["R1", "contact", "--date", "2024-01-30"], 2, "date_before_contract"),
        (&["R1", "confirmation", "--date", "2025-05-31"], 2, "date_before_request"),
        (&["R1", "balance", "--amount", "12"], 2, "currency_missing"),
        (&["R1", "balance", "--amount", "1.234,50", "--currency", "EUR"], 2, "amount_invalid"),
        (&["R1", "balance", "--amount", "1,234", "--currency", "EUR"], 2, "amount_invalid"),
        (&["R1", "balance", "--amount=-1", "--currency", "EUR"], 2, "amount_invalid"),
        (&["R1", "balance", "--amount", "12.5", "--currency", "JPY"], 2, "amount_invalid"),
        (&["R1", "balance", "--amount", "1", "--currency", "Euro"], 2, "currency_invalid"),
        (&["R1", "contact", "--skip", " "], 2, "reason_missing"),
        (&["R1", "confirmation", "--not-applicable", "no idea"], 4, "contract_first"),
        (&["R1", "backup"], 2, "step_is_not_told"),
        (&["R1", "contact", "--file", &path("missing")], 2, "evidence_file"),
        (&["R1", "contact", "--file", &path("folder")], 2, "evidence_file"),
        (&["R1", "contact", "--file", "/dev/zero"], 2, "evidence_file"),
        (&["R1", "contact", "--file", &path("big")], 2, "evidence_too_long"),
        (&["R2", "contact"], 1, "case_not_found"),
        (&["nothing", "contact"], 1, "case_not_found"),
    ] {
        let (exit, error) = sandbox.error(&[&["retire", "record"], arguments].concat());
        assert_eq!((exit, error["id"].as_str()), (code, Some(id)), "{arguments:?}: {error}");
    }
    assert_eq!(case(&sandbox), before);
    sandbox.data(&["retire", "cancel", "R1", "--reason", "they made an offer"]);
    assert_eq!(sandbox.error(&["retire", "record", "R1", "contact"]).1["id"], "case_closed");
    assert_eq!(sandbox.data(&["retire", "start", TRAVEL])["case"]["id"], "R2");
    assert_eq!(sandbox.error(&["retire", "reopen", "R1"]).1["id"], "case_open");
    assert_eq!(sandbox.error(&["retire", "start", "8944000000000000000"]).1["id"], "profile_not_found");
}

#[test]
fn a_profile_that_vanished_is_told_as_what_it_is() {
    let sandbox = Sandbox::with_card(&[]);
    let _server = Server::start(&sandbox, &["smdp"]);
    for (profile, known) in [(TRAVEL, true), (HOME, false)] {
        let case = sandbox.data(&["retire", "start", profile])["case"]["id"].as_str().unwrap().to_owned();
        if known {
            sandbox.data(&["delete", profile, "--yes"]);
            assert_eq!(sandbox.data(&["retire", &case])["case"]["devices"][0]["state"], "done");
            continue;
        }
        let file = sandbox.card_file("card");
        let mut state: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        state["euiccs"][0]["profiles"] = serde_json::json!([]);
        std::fs::write(file, state.to_string()).unwrap();
        let cleaned = sandbox.data(&["retire", "clean", &case, "--yes"]);
        assert_eq!(cleaned["devices"][0]["outcome"], "gone", "{cleaned}");
        assert_eq!(
            (&cleaned["case"]["devices"][0]["state"], &cleaned["case"]["devices"][0]["journal"]),
            (&"gone".into(), &Value::Null)
        );
    }
}

#[test]
fn reminders_go_into_a_calendar() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.data(&["retire", "start", TRAVEL]);
    sandbox.data(&["retire", "record", "R1", "request", "--date", "2025-06-01", "--answer-within", "30"]);
    let path = sandbox.path().join("cases.ics");
    let write = || {
        sandbox.data(&["retire", "list", "--overwrite", "--ics", path.to_str().unwrap()]);
        std::fs::read_to_string(&path).unwrap()
    };
    let text = write();
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
    assert!(text.contains("DTSTART;VALUE=DATE:20250701\r\n"), "{text}");
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
    assert_eq!(write(), text, "the same reminder is the same entry");
}

#[test]
fn the_inventory_knows_the_cards_and_forgets_them() {
    let sandbox = Sandbox::with_card(&[]);
    assert_eq!(sandbox.data(&["inventory"])["cards"], serde_json::json!([]));
    sandbox.data(&["list"]);
    let cards = sandbox.data(&["inventory"])["cards"].clone();
    assert_eq!((&cards[0]["eid"], &cards[0]["device"]), (&EID.into(), &"virtual:card".into()));
    assert_eq!(cards[0]["profiles"].as_array().unwrap().len(), 2);
    sandbox.data(&["enable", TRAVEL]);
    sandbox.data(&["delete", HOME, "--yes"]);
    let profiles = sandbox.data(&["inventory"])["cards"][0]["profiles"].clone();
    let gone: Vec<bool> = profiles.as_array().unwrap().iter().map(|one| one["gone"].is_string()).collect();
    assert_eq!(gone.iter().filter(|gone| **gone).count(), 1, "{profiles}");
    assert_eq!(sandbox.error(&["inventory", "forget", "virtual:x"]).1["id"], "card_not_seen");
    assert_eq!(sandbox.data(&["inventory", "forget", "virtual:card"])["forgotten"]["eid"], EID);
    assert_eq!(sandbox.data(&["inventory"])["cards"], serde_json::json!([]));
}
