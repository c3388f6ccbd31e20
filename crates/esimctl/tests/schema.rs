//! The JSON of every command is what `docs/schema/` says, no more and no less.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/server.rs"]
mod server;
#[path = "common/sysroot.rs"]
mod sysroot;

use std::collections::BTreeSet;

use common::{EID, HOME, Sandbox, TRAVEL};
use serde_json::{Value, json};
use server::Server;

fn schema(file: &str) -> Value {
    let text = std::fs::read_to_string(format!("../../docs/schema/{file}")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The schema as published lets fields be added; here each one must be in it.
fn strict(mut schema: Value) -> Value {
    close(&mut schema);
    schema
}

fn close(value: &mut Value) {
    if let Some(object) = value.as_object_mut() {
        let is_object = object.get("properties").is_some() && object.get("type") == Some(&json!("object"));
        for (key, child) in object.iter_mut() {
            if key != "if" {
                close(child);
            }
        }
        if is_object {
            object.insert("additionalProperties".into(), false.into());
        }
    } else if let Some(list) = value.as_array_mut() {
        list.iter_mut().for_each(close);
    }
}

struct Checker {
    validator: jsonschema::Validator,
    seen: BTreeSet<String>,
}

impl Checker {
    fn check(&mut self, run: &common::Run) {
        let document = run.json();
        let errors: Vec<String> =
            self.validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
        // What is not verified, and what cannot be told of a change, is an answer with another exit code, and no error.
        let is_open = run.code == 6 && document["command"] == "recover";
        let is_answer = run.code == 0 || is_open || document["data"]["verified"] == false;
        assert_eq!(document.get("data").is_some(), is_answer, "data and success go together: {document}");
        if run.code == 0 || is_open {
            self.seen.insert(document["command"].as_str().unwrap().to_owned());
        }
    }
}

#[test]
fn every_document_is_valid() {
    let published = schema("esimctl-1.json");
    let validator = jsonschema::validator_for(&strict(published.clone())).unwrap();
    let mut checker = Checker { validator, seen: BTreeSet::new() };
    let sandbox = Sandbox::new();
    let file = sandbox.path().join("notifications.json");
    let (export, import) = (
        format!("notifications export {} -d virtual:card", file.display()),
        format!("notifications import {}", file.display()),
    );
    let plain = [
        "virtual create card --profile name=Flat,nickname=Home,enabled --profile name=Other,ppr1,ppr2 --profile name=Test,class=test --icons --quirk unknown-tags",
        "virtual create odd --quirk only-aid-refresh --quirk two-se",
        "virtual create gone --quirk removed-after=7",
        "virtual list",
        "virtual show card",
        "virtual quirks",
        "virtual quirks modem",
        "outbox list",
        "outbox send",
        "recover",
        "rollback",
        "rollback --due",
        "rollback --keep",
        "notifications send --all -d virtual:card",
        "virtual smdp orders",
        "virtual behaviours",
        "devices",
        "devices --probe",
        "doctor",
        "doctor --learn -d virtual:odd",
        "doctor --forget -d virtual:odd",
        "quirks",
        "support-bundle /nowhere/bundle --dry-run",
        "info -d virtual:card",
        "info -d virtual:odd,se=1",
        "list -d virtual:card",
        "list -d virtual:card --all-fields --stats",
        "show Home -d virtual:card",
        "server show -d virtual:card",
        "server set smdp.example.com -d virtual:card",
        "server clear -d virtual:card",
        "rename Home Office -d virtual:card",
        "rename Office Office -d virtual:card",
        "enable Test -d virtual:card",
        "enable Test -d virtual:card",
        "disable Test -d virtual:card",
        "enable @2 -d virtual:odd",
        "notifications list -d virtual:card",
        "notifications show 1 -d virtual:card",
        &export,
        &import,
        "notifications drop 1 --dry-run -d virtual:card",
        "notifications drop 1 --yes -d virtual:card",
        "outbox drop 2 --dry-run",
        "outbox drop 2 --yes",
        "outbox list --all",
        "apdu 80CA0000 -d virtual:card",
        "apdu --isdr BF3E035C015A -d virtual:card",
        "delete Test --dry-run -d virtual:card",
        "delete Test --yes -d virtual:card",
        "reset --all --dry-run -d virtual:card",
        "reset --operational --yes -d virtual:card",
        "virtual remove card",
    ];
    let failing = [
        ("list", 2),
        ("list -d virtual:none", 3),
        ("list -d nonsense", 2),
        ("show Nothing -d virtual:odd", 1),
        ("delete Home -d virtual:odd", 4),
        ("delete Home --disable-first -d virtual:odd", 4),
        ("enable @2 -d virtual:gone", 6),
        ("notifications send 7 -d virtual:odd", 1),
        ("notifications send --all -d virtual:odd", 5),
        ("notifications drop 1 -d virtual:odd", 4),
        ("outbox send", 5),
        ("outbox drop 99 --yes", 1),
        ("outbox drop 1 --yes", 1),
        ("notifications verify /no/such/file", 2),
        ("notifications import /no/such/file", 2),
        ("reset", 2),
        ("virtual plug none", 3),
        ("support-bundle /nowhere/bundle", 2),
        ("list -d at:/dev/null,quirk=nonsense", 2),
        ("list -d virtual:odd,quirk=only-csim", 2),
        ("virtual modem at none", 3),
        ("virtual modem at odd --quirk nonsense", 2),
        ("virtual smdp --order A,colour=red", 2),
        ("virtual smdp --behaviour nonsense", 2),
        ("virtual smdp --fault cut", 2),
        ("virtual smds --event nonsense", 2),
        ("virtual smdp --pki /nonexistent", 1),
        ("nosuch", 2),
    ];
    for line in plain {
        let run = sandbox.run(&split(line));
        assert_eq!(run.code, 0, "{line}: {}", run.out);
        checker.check(&run);
    }
    let exported: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let format = jsonschema::validator_for(&strict(schema("esimctl-notifications-1.json"))).unwrap();
    assert!(format.is_valid(&exported) && exported["notifications"].as_array().is_some_and(|list| !list.is_empty()));
    for (options, code) in [(&["--trust-test-ci"][..], 0), (&[], 1)] {
        let verify = [&["notifications", "verify", file.to_str().unwrap(), "--json"], options].concat();
        let run = sandbox.run(&verify);
        assert_eq!(run.code, code, "{}", run.out);
        checker.check(&run);
    }
    let pki = sandbox.path().join("other-pki");
    checker.check(&sandbox.run(&["virtual", "pki", "new", pki.to_str().unwrap(), "--json"]));
    for (line, code) in failing {
        let run = sandbox.run(&split(line));
        assert_eq!(run.code, code, "{line}: {}", run.out);
        checker.check(&run);
    }
    check_downloads(&mut checker);
    check_retirements(&mut checker);
    check_cases_by_word(&mut checker);
    let recovered = sandbox.run(&split("recover"));
    assert_eq!(recovered.json()["data"]["entries"].as_array().unwrap().len(), 1);
    checker.check(&recovered);
    // Those without a document: generators, what goes on, and the name for command lines that cannot be read.
    let without: BTreeSet<String> = [
        "completions",
        "man",
        "virtual plug",
        "virtual stdio",
        "virtual modem",
        "virtual smdp",
        "virtual smds",
        "esimctl",
    ]
    .map(Into::into)
    .into();
    let commands: BTreeSet<String> = published["properties"]["command"]["enum"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(commands, checker.seen.union(&without).cloned().collect(), "every command has been tried");
}

/// A subscription that is ended.
fn check_retirements(checker: &mut Checker) {
    let sandbox = Sandbox::with_card(&[]);
    let _smdp = Server::start(&sandbox, &["smdp"]);
    let calendar = format!("retire list --all --ics {}", sandbox.path().join("cases.ics").display());
    let report = sandbox.path().join("report.html");
    let report = report.display();
    let (write, verify) = (format!("retire report R1 {report} --full"), format!("retire verify {report}"));
    let trusting = format!("{verify} --trust-test-ci");
    for (line, code) in [
        ("retire", 0),
        ("retire start @2", 0),
        ("retire start @2", 1),
        ("retire R1", 0),
        ("retire", 0),
        ("retire backup R1", 4),
        ("retire backup R1 --enable", 0),
        ("retire record R1 contact --channel store --reference X --note Y --number 1 --answer-within 5", 0),
        ("retire record R1 balance --amount 1 --currency EUR", 0),
        ("retire record R1 contract --not-applicable prepaid", 0),
        ("retire record R1 request --date 2025-01-01 --file Cargo.toml", 0),
        (&calendar, 0),
        ("retire clean R1 --dry-run", 0),
        ("retire clean R1 --yes", 4),
        ("retire clean R1 --yes --despite because", 0),
        ("retire clean R1 --write-off X --reason y", 1),
        ("retire report R1 -", 0),
        (&write, 0),
        (&verify, 1),
        (&trusting, 0),
        ("retire cancel R1", 0),
        ("retire reopen R1", 0),
        ("inventory", 0),
        ("inventory forget virtual:card", 0),
        ("inventory forget virtual:card", 1),
    ] {
        let run = sandbox.run(&split(line));
        assert_eq!(run.code, code, "{line}: {}", run.out);
        checker.check(&run);
    }
}

/// Subscriptions whose profile esimctl cannot read, or that was deleted before.
fn check_cases_by_word(checker: &mut Checker) {
    let sandbox = Sandbox::with_card(&[]);
    for (line, code) in [
        ("delete 8999934567890120029 --yes", 0),
        ("retire start --iccid 8999934567890120029 --device-note phone --number 1", 0),
        ("retire start --name Mobil --provider OpX", 0),
        ("retire start --name Mobil --provider OpX", 1),
        ("retire describe R2 --iccid 8999934567890120029", 1),
        ("retire describe R2 --iccid 8999", 2),
        ("retire describe R2 --iccid 8999934567890120011", 0),
        ("retire device R1 --add watch", 0),
        ("retire device R1 --add watch", 2),
        ("retire guide", 0),
        ("retire guide iphone", 0),
        ("retire clean R1 --removed phone --file Cargo.toml --date 2026-01-31 --note x", 0),
        ("retire clean R1 --yes", 1),
        ("retire clean R2 --yes", 1),
        ("retire backup R2", 1),
        ("retire clean R1 --take-back phone --reason y", 0),
        ("retire clean R1 --write-off watch --reason y", 0),
        ("retire list", 0),
        ("retire report R1 -", 0),
    ] {
        let run = sandbox.run(&split(line));
        assert_eq!(run.code, code, "{line}: {}", run.out);
        checker.check(&run);
    }
}

/// Everything that comes of talking to servers.
fn check_downloads(checker: &mut Checker) {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.create("new", &["--profiles", "0", "--eid", "89049032000000000000000000000163"]);
    sandbox.create("bad", &["--quirk", "install-error"]);
    let orders = ["A", "ICON,icon", "CC,cc=1234", "RULES,ppr1,ppr2", "BAD", "E1", "E2"];
    let orders: Vec<&str> = orders.iter().flat_map(|order| ["--order", order]).collect();
    let _smdp = Server::start(&sandbox, &[&["smdp"], &orders[..]].concat());
    let _odd = Server::start(&sandbox, &["smdp", "odd", "--host", "odd.example.com", "--behaviour", "no-reason"]);
    let shaky = ["smdp", "shaky", "--host", "shaky.example.com", "--order", "RETRY", "--fault", "reply-lost@3"];
    let _shaky = Server::start(&sandbox, &shaky);
    let events = [format!("{EID},E1,smdp.example.com"), format!("{EID},E2,smdp.example.com")];
    let _smds = Server::start(&sandbox, &["smds", "--event", &events[0], "--event", &events[1]]);
    let one = ["smds", "other", "--host", "one.example.com", "--event", &events[0]];
    let _one = Server::start(&sandbox, &one);
    for (line, code, found) in [
        ("download LPA:1$smdp.example.com$A --dry-run", 0, "/data/code"),
        ("download LPA:1$smdp.example.com$A", 4, "/error/code"),
        ("download LPA:1$smdp.example.com$A --yes", 0, "/data/package_bytes"),
        ("download LPA:1$smdp.example.com$A --yes", 5, "/error/refusal/subject"),
        ("download --server smdp.example.com --matching-id ICON --yes --enable --stats", 0, "/data/enabled/former"),
        ("download --server smdp.example.com --matching-id NONE --yes", 5, "/error/refusal/message"),
        ("download LPA:1$smdp.example.com$CC --dry-run", 0, "/data/confirmation_required"),
        ("download LPA:1$smdp.example.com$CC --yes", 4, "/error/code"),
        ("download LPA:1$smdp.example.com$CC --yes --confirmation-code 1", 5, "/error/refusal"),
        ("download LPA:1$smdp.example.com$RULES --dry-run", 4, "/error/code"),
        ("download LPA:1$smdp.example.com$RULES --dry-run -d virtual:new", 0, "/data/concerns/0/rules"),
        ("download LPA:1$smdp.example.com$RULES --yes -d virtual:new", 4, "/error/code"),
        ("download LPA:1$smdp.example.com$RULES --refuse", 0, "/data/refused"),
        ("download LPA:1$odd.example.com$A --yes", 5, "/error/code"),
        ("download LPA:1$nobody.example.com$A --yes", 5, "/error/code"),
        ("download nonsense", 2, "/error/id"),
        ("download --yes", 2, "/error/id"),
        ("discover", 0, "/data/events/1/via"),
        ("discover -d virtual:new", 0, "/data/events"),
        ("discover --download --yes", 2, "/error/id"),
        ("discover --download --yes -d virtual:new", 5, "/error/id"),
        ("discover --server one.example.com --download --dry-run", 0, "/data/session_ended/server"),
        ("discover --server one.example.com --download --yes", 0, "/data/notifications/delivered"),
        ("download LPA:1$smdp.example.com$BAD --yes -d virtual:bad", 1, "/error/code"),
        ("download LPA:1$shaky.example.com$RETRY --yes", 5, "/error/code"),
        ("download LPA:1$shaky.example.com$RETRY --dry-run", 0, "/data/concerns/0/concern"),
        ("virtual smdp orders", 0, "/data/0/eid"),
        ("notifications list", 0, "/data"),
        ("outbox list --all", 0, "/data/0/ended"),
    ] {
        let device = if line.contains("-d ") || line.starts_with("virtual") { "" } else { " -d virtual:card" };
        let line = format!("{line}{device}");
        let run = sandbox.run(&split(&line));
        assert_eq!(run.code, code, "{line}: {}", run.out);
        assert!(run.json().pointer(found).is_some(), "{line}: no {found} in {}", run.out);
        checker.check(&run);
    }
}

#[test]
fn progress_is_told_in_events() {
    let events = jsonschema::validator_for(&strict(schema("esimctl-events-1.json"))).unwrap();
    let documents = jsonschema::validator_for(&strict(schema("esimctl-1.json"))).unwrap();
    let sandbox = Sandbox::with_card(&[]);
    let _smdp = Server::start(&sandbox, &["smdp", "--order", "A", "--order", "E1"]);
    let _smds = Server::start(&sandbox, &["smds", "--event", &format!("{EID},E1,smdp.example.com")]);
    let whole = ["authenticating", "asking", "preparing", "fetching", "loading", "verifying"];
    for (line, expected) in [
        ("download LPA:1$smdp.example.com$A --dry-run", &["authenticating", "asking", "ending"][..]),
        ("download LPA:1$smdp.example.com$A --yes", &whole),
        ("download LPA:1$smdp.example.com$NONE --yes", &["authenticating", "asking", "ending"]),
        // The one that it points to is asked what it is.
        ("discover", &["authenticating", "asking", "authenticating"]),
    ] {
        let run = sandbox.run(&split(&format!("{line} --progress")));
        let mut lines: Vec<Value> = run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let document = lines.pop().unwrap();
        assert!(documents.is_valid(&document), "{line}: {document}");
        let mut steps: Vec<&str> = Vec::new();
        for event in &lines {
            assert!(events.is_valid(event), "{line}: {event}");
            assert!(!documents.is_valid(event), "an event is no document");
            steps.push(event["step"].as_str().unwrap());
        }
        if steps.contains(&"loading") {
            let loading: Vec<_> = lines.iter().filter(|event| event["step"] == "loading").collect();
            assert_eq!(loading[0]["bytes_done"], 0);
            assert_eq!(loading.last().unwrap()["bytes_done"], document["data"]["package_bytes"]);
            assert!(loading.is_sorted_by_key(|event| event["bytes_done"].as_u64()));
        }
        steps.dedup();
        assert_eq!(steps, expected, "{line}");
    }
}

fn split(line: &str) -> Vec<&str> {
    let mut words: Vec<&str> = line.split(' ').collect();
    words.push("--json");
    words
}

#[test]
fn every_command_of_the_program_is_in_the_schema() {
    let help = Sandbox::new().run(&["--help"]).out;
    let commands = schema("esimctl-1.json")["properties"]["command"]["enum"].to_string();
    let listed = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    for line in listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let name = line.split_whitespace().next().unwrap();
        assert!(commands.contains(&format!("\"{name}")), "{name}");
    }
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let validator = jsonschema::validator_for(&schema("esimctl-1.json")).unwrap();
    for wrong in [
        json!({}),
        json!({ "schema": "esimctl/1", "command": "list" }),
        json!({ "schema": "esimctl/2", "command": "list", "data": [] }),
        json!({ "schema": "esimctl/1", "command": "list", "data": {} }),
        json!({ "schema": "esimctl/1", "command": "info", "data": {} }),
        json!({ "schema": "esimctl/1", "command": "list", "data": [{ "iccid": 1 }] }),
        json!({ "schema": "esimctl/1", "command": "list", "error": { "id": "x" } }),
    ] {
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
}

#[test]
fn a_profile_is_as_the_readme_says() {
    let sandbox = Sandbox::with_card(&[]);
    let list = sandbox.data(&["list"]);
    assert_eq!(list[0]["iccid"], HOME);
    assert_eq!(list[0]["state"], "enabled");
    assert_eq!(list[0]["nickname"], "Home");
    assert_eq!(list[0]["name"], "Flat 20 GB");
    assert_eq!(list[0]["provider"], "Example Mobile");
    assert_eq!(list[0]["class"], "operational");
    assert_eq!(list[0]["isdp_aid"], "A0000005591010FFFFFFFF8900001000");
    assert_eq!(list[0]["policy_rules"], json!([]));
    assert_eq!(list[1]["iccid"], TRAVEL);
    assert_eq!(list[1]["nickname"], Value::Null);
}

#[test]
fn documents_about_modems_are_valid() {
    let validator = jsonschema::validator_for(&strict(schema("esimctl-1.json"))).unwrap();
    let mut checker = Checker { validator, seen: BTreeSet::new() };
    let sandbox = Sandbox::with_card(&[]);
    let sysroot = sysroot::Sysroot::new(&sandbox);
    let node = sysroot.modem_port("1-2", 2, "ttyUSB2");
    let link = node.to_str().unwrap();
    let _modem =
        Server::start(&sandbox, &["modem", "at", "card", "--link", link, "--json", "--quirk", "never-registers"]);
    sysroot.process(4242, "ModemManager", &["/dev/cdc-wdm9"]);
    for arguments in [
        &["devices"][..],
        &["devices", "--probe"],
        &["doctor"],
        &["enable", TRAVEL, "--rollback-after", "1"],
        &["enable", TRAVEL],
        &["disable", TRAVEL],
    ] {
        let run = sandbox.run(&[arguments, &["--json"]].concat());
        checker.check(&run);
        let told = run.json().to_string();
        assert!(arguments[0] == "doctor" || told.contains("\"modem\":") || told.contains("rolled_back"), "{told}");
    }
    let events = jsonschema::validator_for(&strict(schema("esimctl-events-1.json"))).unwrap();
    let run = sandbox.run(&["enable", TRAVEL, "--json", "--progress"]);
    assert!(run.out.lines().count() > 1, "{}", run.out);
    let (lines, document) = run.out.trim_end().rsplit_once('\n').unwrap();
    for line in lines.lines() {
        assert!(events.is_valid(&serde_json::from_str(line).unwrap()), "{line}");
    }
    assert!(checker.validator.is_valid(&serde_json::from_str(document).unwrap()), "{document}");
}

#[test]
fn documents_about_rollbacks_are_valid() {
    let validator = jsonschema::validator_for(&strict(schema("esimctl-1.json"))).unwrap();
    let mut checker = Checker { validator, seen: BTreeSet::new() };
    let sandbox = Sandbox::with_card(&[]);
    let link = sandbox.path().join("modem");
    let link = link.to_str().unwrap();
    let modem = ["modem", "at", "card", "--link", link, "--json", "--quirk", "never-registers"];
    let _modem = Server::start(&sandbox, &modem);
    let device = format!("at:{link}");
    let mut check = |arguments: &[&str]| {
        let run = sandbox.run(&[arguments, &["--json"]].concat());
        checker.check(&run);
        assert!(run.out.contains("\"rollbacks\":[{\"id\":"), "{arguments:?}: {}", run.out);
        run.json()
    };
    for settled_by in [&["rollback", "--due"][..], &["rollback", "--keep"], &["recover"], &["list", "-d", &device]] {
        // Afterwards the profile is enabled, or the former one again.
        let profile = if sandbox.profiles("card")[0].1 { TRAVEL } else { HOME };
        let mut command = sandbox.command();
        command.args(["enable", profile, "-d", &device, "--rollback-after", "8", "--json", "--progress"]);
        let mut child = common::Running(command.stdout(std::process::Stdio::piped()).spawn().unwrap());
        let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.0.stdout.take().unwrap()));
        assert!(lines.by_ref().map_while(Result::ok).any(|line| line.contains("awaiting_modem")));
        child.0.kill().unwrap();
        child.0.wait().unwrap();
        check(&["rollback"]);
        check(settled_by);
    }
}
