//! What a card's own description rules out is refused before the network is used, and offers stand without what they lack.

use serde_json::{Value, json};
use virtual_euicc::smdp::NewOrder;

use crate::bench::{Bench, TOKEN, code, id};

fn card(quirk: &str) -> Bench {
    Bench::with(&["--quirk", quirk], &[], vec![NewOrder::new(TOKEN)])
}

fn limits(bench: &Bench) -> Vec<Value> {
    let info = bench.sandbox.data(&["info"]);
    info["limits"].as_array().unwrap().iter().map(|limit| limit["limit"].clone()).collect()
}

/// The findings of the doctor about what cards can do.
fn findings(bench: &Bench) -> Vec<Value> {
    let checks = bench.sandbox.data(&["doctor"])["checks"].clone();
    let checks = checks.as_array().unwrap().iter();
    checks.filter(|check| check["name"] == "card_limits").map(|check| check["finding"].clone()).collect()
}

#[test]
fn a_card_that_cannot_download_is_refused_before_the_network() {
    for (quirk, expected, limit) in [
        ("no-signing-issuer", "card_cannot_sign", "no_signing_issuer"),
        ("issuers-differ", "card_issuers_differ", "no_common_issuer"),
    ] {
        let bench = card(quirk);
        for command in [&["download", &code(TOKEN)[..], "--yes"][..], &["discover", "--server", "smdp.example.com"]] {
            let run = bench.run(&[command, &["--json", "--stats"]].concat());
            let document = run.json();
            let error = &document["error"];
            assert_eq!((run.code, id(error), &error["layer"]), (1, expected, &"card".into()), "{quirk}: {document}");
            let good = if command[0] == "download" { "good".into() } else { Value::Null };
            assert_eq!(error["code"], good, "{quirk}: {error}");
            assert_eq!(document["stats"]["tcp_connections"], 0, "{quirk}: {document}");
        }
        assert_eq!(bench.served.functions(), [""; 0], "{quirk}");
        assert_eq!(bench.sandbox.data(&["recover"])["entries"], json!([]), "{quirk}");
        assert_eq!(limits(&bench), [limit], "{quirk}");
        assert_eq!(findings(&bench), ["fail"], "{quirk}");
        let told = bench.run(&["info"]).out;
        assert!(told.contains("Downloads") && told.contains("This card cannot download profiles"), "{told}");
        assert!(bench.run(&["info", "--lang", "zh-CN"]).out.contains("无法下载配置文件"));
        assert!(
            bench.run(&["doctor", "--lang", "zh-CN"]).out.contains("请用另一张卡下载。这张卡上的配置文件仍可管理。")
        );
        // What is on it can be used.
        assert_eq!(bench.run(&["enable", "@2"]).code, 0, "{quirk}");
    }
}

/// A limit that `info` and `doctor` tell of holds for `download`, also where the short description denies it.
#[test]
fn the_full_description_counts_where_the_short_one_is_good() {
    let bench = card("info2-no-signing-issuer");
    assert_eq!((limits(&bench), findings(&bench)), (vec!["no_signing_issuer".into()], vec!["fail".into()]));
    let document = bench.run(&["download", &code(TOKEN), "--yes", "--json", "--stats"]).json();
    let error = &document["error"];
    assert_eq!((id(error), &error["code"]), ("card_cannot_sign", &"good".into()), "{document}");
    assert_eq!(document["stats"]["tcp_connections"], 0, "{document}");
    assert_eq!(bench.served.functions(), [""; 0]);
}

#[test]
fn a_card_without_a_free_byte_is_refused_before_the_network() {
    let bench = card("memory-full");
    let run = bench.run(&["download", &code(TOKEN), "--yes", "--json", "--stats"]);
    let document = run.json();
    assert_eq!((run.code, id(&document["error"])), (4, "card_memory_full"), "{document}");
    assert_eq!(document["error"]["code"], "good", "{document}");
    assert_eq!(document["stats"]["tcp_connections"], 0, "{document}");
    assert_eq!((limits(&bench), findings(&bench)), (vec!["no_free_memory".into()], vec!["note".into()]));
    // Cards err about it: whoever says so goes on.
    assert_eq!(id(&bench.by_code(&["--despite-memory"]).1["error"]), "server_no_memory");
}

#[test]
fn what_a_card_does_not_say_is_no_reason_to_refuse() {
    let bench = card("no-issuer-lists");
    assert_eq!((limits(&bench), findings(&bench)), (vec!["missing_issuers".into()], vec!["note".into()]));
    // This server wants the lists.
    assert_eq!(id(&bench.by_code(&[]).1["error"]), "server_issuers");
    let good = Bench::new();
    assert_eq!((limits(&good), findings(&good)), (vec![], vec![]));
}

#[test]
fn a_discovery_server_for_tests_is_not_asked_as_if_it_were_real() {
    let bench = card("test-root");
    let (run, info) = (bench.run(&["discover", "--json", "--stats"]), bench.sandbox.data(&["info"]));
    let document = run.json();
    assert_eq!((run.code, id(&document["error"])), (2, "test_root_server"), "{document}");
    assert_eq!(document["stats"]["tcp_connections"], 0, "{document}");
    assert_eq!((&info["root_smds"], &info["root_smds_is_for_tests"]), (&"testrootsmds.gsma.com".into(), &true.into()));
    assert!(bench.run(&["info"]).out.contains("testrootsmds.gsma.com (for tests only)"));
    let addresses = bench.sandbox.data(&["server", "show"]);
    assert_eq!(addresses["root_smds_is_for_tests"], true, "{addresses}");
    // Named, it is asked.
    let named = bench.run(&["discover", "--server", "testrootsmds.gsma.com", "--json"]).json();
    assert_eq!(id(&named["error"]), "smds_not_running", "{named}");
}

#[test]
fn an_offer_stands_without_names_and_says_so() {
    for (behaviour, sentence, provider) in [
        ("bare-offer", "The offer names neither its operator nor the profile.", Value::Null),
        ("odd-offer", "The offer has no name for the profile.", "Example Mobile".into()),
    ] {
        let bench = Bench::with(&[], &[behaviour], vec![NewOrder::new(TOKEN)]);
        let looked = bench.run(&["download", &code(TOKEN), "--dry-run"]);
        assert_eq!(looked.code, 0, "{}{}", looked.out, looked.err);
        assert!(looked.out.contains(sentence), "{}", looked.out);
        let data = bench.download(&[&code(TOKEN), "--dry-run"]).1["data"].clone();
        let profile = &data["profile"];
        assert_eq!((&profile["name"], &profile["provider"]), (&Value::Null, &provider), "{data}");
        let installed = bench.installs(&[]);
        assert_eq!(installed["profile"]["name"], Value::Null, "{installed}");
        assert_eq!(bench.sandbox.profiles("card").len(), 3);
    }
}
