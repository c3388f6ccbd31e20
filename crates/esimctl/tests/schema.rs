//! The JSON of every command is what `docs/schema/` says, no more and no less.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;

use std::collections::BTreeSet;

use common::{HOME, Sandbox, TRAVEL};
use serde_json::{Value, json};

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
        assert_eq!(document.get("data").is_some(), run.code == 0, "data and success go together: {document}");
        if run.code == 0 {
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
    let plain = [
        "virtual create card --profile name=Flat,nickname=Home,enabled --profile name=Other,ppr1,ppr2 --profile name=Test,class=test --icons --quirk unknown-tags",
        "virtual create odd --quirk only-aid-refresh --quirk two-se",
        "virtual create gone --quirk removed-after=6",
        "virtual list",
        "virtual show card",
        "virtual quirks",
        "devices",
        "devices --probe",
        "doctor",
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
        ("reset", 2),
        ("virtual plug none", 3),
        ("nosuch", 2),
    ];
    for line in plain {
        let run = sandbox.run(&split(line));
        assert_eq!(run.code, 0, "{line}: {}", run.out);
        checker.check(&run);
    }
    for (line, code) in failing {
        let run = sandbox.run(&split(line));
        assert_eq!(run.code, code, "{line}: {}", run.out);
        checker.check(&run);
    }
    // Those without a document: generators, what goes on, and the name for command lines that cannot be read.
    let without: BTreeSet<String> = ["completions", "man", "virtual plug", "esimctl"].map(Into::into).into();
    let commands: BTreeSet<String> = published["properties"]["command"]["enum"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(commands, checker.seen.union(&without).cloned().collect(), "every command has been tried");
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
