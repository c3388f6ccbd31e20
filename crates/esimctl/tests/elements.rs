//! Cards with two eUICCs: commands that read one of them tell of the other one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;

use common::{Run, Sandbox};
use serde_json::{Value, json};

const FIRST: &str = "A06573746B6D65FFFF4953442D522030";
const SECOND: &str = "A06573746B6D65FFFF4953442D522031";

fn run(sandbox: &Sandbox, arguments: &[&str]) -> (Run, Value) {
    let run = sandbox.run(&[arguments, &["--json", "--stats"]].concat());
    assert_eq!(run.code, 0, "{arguments:?}: {}", run.out);
    let document = run.json();
    (run, document)
}

fn other(aid: &str, seen: bool) -> Value {
    json!([{ "device": format!("virtual:card,aid={aid}"), "isdr_aid": aid, "seen": seen }])
}

#[test]
fn a_second_euicc_is_hinted_at_and_found() {
    let sandbox = Sandbox::with_card(&["--quirk", "two-se"]);
    let (first, document) = run(&sandbox, &["list"]);
    assert_eq!(document["other_euiccs"], other(SECOND, false), "{document}");
    assert!(first.err.contains("may have another eUICC"), "{}", first.err);
    let before = run(&sandbox, &["list"]).1["stats"]["apdus"].clone();
    // One look, and never again.
    let (_, looked) = run(&sandbox, &["info"]);
    assert_eq!(looked["other_euiccs"], other(SECOND, true), "{looked}");
    let again = run(&sandbox, &["info"]).1["stats"]["apdus"].as_u64().unwrap();
    assert!(looked["stats"]["apdus"].as_u64().unwrap() > again);
    let (told, document) = run(&sandbox, &["list"]);
    assert_eq!(document["other_euiccs"], other(SECOND, true), "{document}");
    assert_eq!(document["stats"]["apdus"], before, "at no APDU more");
    let device = format!("virtual:card,aid={SECOND}");
    assert!(told.err.contains(&format!("another eUICC, with profiles of its own: --device {device}")), "{}", told.err);
    let chinese = sandbox.run(&["list", "--lang", "zh-CN"]).err;
    assert!(chinese.contains("另一个 eUICC"), "{chinese}");
    // It leads there, and back.
    let (_, second) = run(&sandbox, &["list", "-d", &device]);
    assert_eq!(second["data"].as_array().unwrap().len(), 1, "{second}");
    assert_eq!(second["other_euiccs"], other(FIRST, true), "{second}");
    let checks = sandbox.data(&["doctor"])["checks"].to_string();
    assert!(checks.contains("2 eUICCs") && checks.contains("--device virtual:card,se=1"), "{checks}");
}

#[test]
fn the_doctor_remembers_what_it_finds() {
    let sandbox = Sandbox::with_card(&["--quirk", "two-se"]);
    sandbox.data(&["doctor"]);
    assert_eq!(run(&sandbox, &["list"]).1["other_euiccs"], other(SECOND, true));
    // Another card in its place is not taken for it.
    assert_eq!(sandbox.run(&["virtual", "remove", "card"]).code, 0);
    sandbox.create("card", &[]);
    assert_eq!(run(&sandbox, &["list"]).1["other_euiccs"], Value::Null);
    // Nor is one of the same kind that has one eUICC alone, once somebody has looked.
    assert_eq!(sandbox.run(&["virtual", "remove", "card"]).code, 0);
    sandbox.create("card", &["--quirk", &format!("isdr-aid={FIRST}")]);
    sandbox.data(&["doctor"]);
    for command in ["list", "info"] {
        assert_eq!(run(&sandbox, &[command]).1["other_euiccs"], Value::Null, "{command}");
    }
}

#[test]
fn cards_of_other_kinds_cost_nothing_more() {
    let sandbox = Sandbox::with_card(&[]);
    run(&sandbox, &["list"]);
    let (told, document) = run(&sandbox, &["info"]);
    assert_eq!(document["other_euiccs"], Value::Null, "{document}");
    assert!(!told.err.contains("eUICC"), "{}", told.err);
    assert!(document["stats"]["apdus"].as_u64().unwrap() <= 10, "{document}");
}
