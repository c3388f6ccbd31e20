//! What else can be wanted of a download, and what speaks against a profile.

use manager::virtual_servers::sample_icon;
use serde_json::Value;
use sgp22::es9p::{AuthenticateClient, ServerFunction};
use sgp22::es10b::CancelSessionReason as Reason;
use sgp22::policy::PprIds;
use virtual_euicc::smdp::{NewOrder, OrderState};

use crate::bench::{Bench, TOKEN, code, id};
use crate::common::HOME;
use crate::terminal::Terminal;

fn with_rules(rules: &[usize]) -> NewOrder {
    NewOrder { policy_rules: PprIds::of(rules), ..NewOrder::new(TOKEN) }
}

/// Changes what is in the card's memory.
fn change(bench: &Bench, change: impl FnOnce(&mut Value)) {
    let file = bench.sandbox.card_file("card");
    let mut memory: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    change(&mut memory["euiccs"][0]);
    std::fs::write(&file, memory.to_string()).unwrap();
}

#[test]
fn enabling_goes_with_it() {
    let bench = Bench::new();
    let data = bench.installs(&["--enable"]);
    assert_eq!(data["enabled"]["changed"], true, "{data}");
    let new = bench.the_order().iccid.digits();
    assert_eq!(bench.sandbox.profiles("card")[2], (new, true));
    assert_eq!(bench.state(), OrderState::Enabled);
    assert!(bench.sandbox.memory("card")["notifications"].as_array().unwrap().is_empty());
}

#[test]
fn enabling_may_fail_and_the_profile_stays() {
    let order = NewOrder::new(TOKEN);
    let bench = Bench::with(&["--profile", "name=Bound,ppr1,enabled"], &[], vec![order]);
    let (exit, document) = bench.by_code(&["--enable"]);
    let error = &document["error"];
    assert_eq!((exit, id(error), error["code"].as_str()), (4, "profile_stays", Some("used")), "{error}");
    assert!(error["message"].as_str().unwrap().contains("was installed before that, and stays installed"), "{error}");
    assert_eq!(error["state"], "not_done", "something was changed");
    assert_eq!(bench.sandbox.profiles("card").len(), 2);
    assert_eq!(bench.state(), OrderState::Installed);
}

#[test]
fn the_imei_reaches_the_server() {
    let bench = Bench::new();
    let signed = |bench: &Bench| {
        let body = bench.served.body(AuthenticateClient::ENDPOINT);
        AuthenticateClient::decode(&body).unwrap().authenticate_server_response
    };
    // As it stands in DeviceInfo: digits in pairs, swapped.
    let has_imei = |response: &[u8]| response.windows(8).any(|bytes| bytes == b"\x53\x02\x99\x00\x02\x00\x47\x87");
    assert_eq!(bench.download(&[&code(TOKEN), "--dry-run"]).0, 0);
    assert!(!has_imei(&signed(&bench)), "it is not told without being asked for");
    assert_eq!(bench.download(&[&code(TOKEN), "--dry-run", "--imei", "35-209900-200074-8"]).0, 0);
    assert!(signed(&bench).windows(3).any(|bytes| bytes == b"\x53\x02\x99"), "{:02X?}", signed(&bench));
    for wrong in ["", "1234", "3520990020007481", "x"] {
        let (exit, error) = bench.fails(&[&code(TOKEN), "--yes", "--imei", wrong]);
        assert_eq!((exit, id(&error)), (2, "imei_invalid"), "{wrong}");
    }
    assert_eq!(bench.served.cancelled().len(), 2, "a wrong one is refused before anything is begun");
}

#[test]
fn the_icon_is_saved_before_anything_is_spent() {
    let order = NewOrder { icon: Some(sample_icon()), ..NewOrder::new(TOKEN) };
    let bench = Bench::order(order);
    let path = bench.path("icon.png");
    let save = ["--save-icon", path.to_str().unwrap()];
    for how in ["--dry-run", "--yes"] {
        let (exit, error) = bench.fails(&[&code(TOKEN), how, "--save-icon", "/no/such/directory/icon"]);
        assert_eq!((exit, id(&error), error["code"].as_str()), (1, "output_file", Some("good")), "{how}: {error}");
    }
    assert_eq!(bench.served.cancelled(), [Reason::Postponed; 2]);
    assert_eq!(bench.download(&[&[&code(TOKEN)[..], "--dry-run"], &save[..]].concat()).0, 0);
    assert_eq!(std::fs::read(&path).unwrap(), sample_icon());
    let again = [save[0], save[1], "--overwrite"];
    bench.installs(&again);
    let bench = Bench::new();
    let (exit, document) = bench.by_code(&again);
    assert_eq!((exit, id(&document["error"])), (1, "icon_missing"));
    bench.was_kept(Reason::Postponed);
}

/// An icon that is none is not saved, neither from the offer nor from the card, and nothing is said to be saved.
#[test]
fn an_icon_that_is_not_a_picture_is_not_saved() {
    let cut = sample_icon()[..60].to_vec();
    for (icon, expected, line) in [
        (Vec::new(), "icon_missing", None),
        (b"<html>404</html>".to_vec(), "icon_invalid", Some("not a picture, 16 bytes")),
        (b"GIF89a".to_vec(), "icon_invalid", Some("not a picture, 6 bytes")),
        (cut, "icon_invalid", Some("png, 60 bytes")),
    ] {
        let bench = Bench::order(NewOrder { icon: Some(icon.clone()), ..NewOrder::new(TOKEN) });
        let path = bench.path("icon.png");
        let save = ["--save-icon", path.to_str().unwrap()];
        for how in ["--dry-run", "--yes"] {
            let (exit, error) = bench.fails(&[&[&code(TOKEN), how], &save[..]].concat());
            assert_eq!((exit, id(&error), error["code"].as_str()), (1, expected, Some("good")), "{error}");
        }
        bench.installs(&[]);
        let iccid = bench.sandbox.profiles("card").last().unwrap().0.clone();
        let run = bench.run(&[&["show", &iccid], &save[..]].concat());
        assert_eq!(run.code, 1, "{}{}", run.out, run.err);
        assert!(!run.out.contains("was saved"), "{}", run.out);
        assert!(!path.exists(), "{expected}");
        let run = bench.run(&["show", &iccid]);
        let shown = run.out.lines().find_map(|line| line.strip_prefix("Icon")).map(str::trim);
        assert_eq!(shown, line, "{}", run.out);
    }
}

#[test]
fn a_profile_that_is_there_already_is_left_alone() {
    let bench = Bench::order(NewOrder { iccid: Some(HOME.parse().unwrap()), ..NewOrder::new(TOKEN) });
    let (exit, document) = bench.by_code(&[]);
    let error = &document["error"];
    assert_eq!((exit, id(error), error["code"].as_str()), (1, "profile_present", Some("good")));
    assert!(error["message"].as_str().unwrap().starts_with("Home "), "{error}");
    assert_eq!(error["next"].as_str().unwrap().split('.').next().unwrap(), format!("Enable it: esimctl enable {HOME}"));
    bench.was_kept(Reason::Postponed);
    assert_eq!(bench.run(&["delete", HOME, "--yes", "--disable-first"]).code, 0);
    bench.installs(&[]);
}

#[test]
fn little_memory_is_told_and_next_to_none_stops() {
    let bench = Bench::new();
    let free = |bytes: u64| {
        change(&bench, |card| {
            let used: u64 = card["profiles"].as_array().unwrap().iter().map(|one| one["size"].as_u64().unwrap()).sum();
            card["memory"] = (used + bytes).into();
        });
    };
    free(5000);
    let (exit, document) = bench.by_code(&[]);
    let error = &document["error"];
    assert_eq!((exit, id(error), error["code"].as_str()), (4, "little_memory", Some("good")), "{error}");
    bench.was_kept(Reason::Postponed);
    // The server knows how large it is, and says no.
    free(1000);
    let (exit, document) = bench.by_code(&["--despite-memory"]);
    let error = &document["error"];
    assert_eq!((exit, id(error)), (5, "server_no_memory"), "{error}");
    assert_eq!((&error["refusal"]["subject"], &error["refusal"]["reason"]), (&"8.1".into(), &"4.8".into()));
    free(40_000);
    let data = bench.download(&[&code(TOKEN), "--dry-run"]).1["data"].clone();
    assert_eq!(
        (&data["concerns"][0]["concern"], &data["concerns"][0]["free_bytes"]),
        (&"little_memory".into(), &40_000.into())
    );
    free(5000);
    bench.installs(&["--despite-memory"]);
}

#[test]
fn a_card_that_finds_itself_full_keeps_the_code() {
    let bench = Bench::with(&["--quirk", "memory-full"], &[], vec![NewOrder::new(TOKEN)]);
    let (exit, document) = bench.by_code(&["--despite-memory"]);
    let error = &document["error"];
    assert_eq!((exit, error["code"].as_str()), (5, Some("good")), "{error}");
    assert_ne!(bench.state(), OrderState::Error);
    assert_eq!(bench.sandbox.profiles("card").len(), 2);
}

#[test]
fn rules_are_agreed_to_by_name() {
    let bench = Bench::order(with_rules(&[2]));
    let (exit, document) = bench.by_code(&[]);
    let error = &document["error"];
    assert_eq!((exit, id(error), error["code"].as_str()), (4, "policy_consent", Some("good")), "{error}");
    bench.was_kept(Reason::Postponed);
    let looked = bench.run(&["download", &code(TOKEN), "--dry-run"]);
    assert!(looked.out.contains("can not be deleted again") && looked.out.contains("still works"), "{}", looked.out);
    bench.installs(&["--accept-rules"]);
    // A card that asks nobody: told, not asked.
    let bench = Bench::order(with_rules(&[2]));
    change(&bench, |card| card["rules"][0]["consent_required"] = false.into());
    let run = bench.run(&["download", &code(TOKEN), "--yes", "--json"]);
    assert_eq!((run.code, &run.json()["data"]["concerns"][0]["concern"]), (0, &"rules".into()), "{}", run.out);
    assert!(run.err.contains("can not be deleted again"), "{}", run.err);
}

#[test]
fn rules_that_the_card_does_not_allow_cost_nothing() {
    for (rules, allowed, expected) in [
        (&[1][..], Some("any"), "policy_not_alone"),
        (&[2], None, "policy_not_authorised"),
        (&[2], Some("262-01"), "policy_not_authorised"),
    ] {
        let bench = Bench::order(with_rules(rules));
        change(&bench, |card| match allowed {
            Some(operator) => card["rules"][0]["operators"] = serde_json::json!([operator]),
            None => card["rules"] = serde_json::json!([]),
        });
        for arguments in [&["--dry-run"][..], &["--yes", "--accept-rules"]] {
            let (exit, error) = bench.fails(&[&[&code(TOKEN)[..]], arguments].concat());
            assert_eq!((exit, id(&error), error["code"].as_str()), (4, expected, Some("good")), "{error}");
        }
        assert_eq!(bench.served.cancelled(), [Reason::Postponed; 2]);
        assert_eq!((bench.state(), bench.sandbox.profiles("card").len()), (OrderState::Released, 2));
        // Another card takes it by the same code.
        bench.run(&["virtual", "create", "other", "--profiles", "0"]);
        bench.installs(&["--accept-rules", "-d", "virtual:other"]);
    }
}

#[test]
fn a_profile_that_wants_the_card_for_itself_goes_on_it_once_the_others_are_deleted() {
    let bench = Bench::order(with_rules(&[1]));
    let mut terminal = Terminal::start(bench.sandbox.command().args(["download", &code(TOKEN)]));
    assert_eq!(terminal.wait().code(), Some(4), "{}", terminal.screen());
    let screen = terminal.screen();
    for words in [HOME, "esimctl delete", "another card", "The activation code still works.", "--refuse"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    bench.was_kept(Reason::Postponed);
    for (iccid, _) in bench.sandbox.profiles("card") {
        bench.sandbox.data(&["delete", &iccid, "--disable-first", "--yes"]);
    }
    bench.installs(&["--accept-rules"]);
}

#[test]
fn an_order_is_ended_at_the_users_word_whatever_the_card_could_take() {
    for order in [NewOrder::new(TOKEN), with_rules(&[1])] {
        let bench = Bench::order(order);
        for not_both in ["--yes", "--dry-run", "--enable", "--accept-rules"] {
            assert_eq!(bench.run(&["download", &code(TOKEN), "--refuse", not_both]).code, 2, "{not_both}");
        }
        let (exit, document) = bench.download(&[&code(TOKEN), "--refuse"]);
        let data = &document["data"];
        assert_eq!((exit, &data["refused"], &data["code"]), (0, &true.into(), &"spent".into()), "{document}");
        assert_eq!((bench.served.cancelled(), bench.state()), (vec![Reason::EndUserRejection], OrderState::Error));
        assert_eq!(bench.sandbox.profiles("card").len(), 2);
    }
}

#[test]
fn a_profile_that_the_card_signed_for_is_installed_though_its_list_cannot_be_read() {
    let bench = Bench::with(&["--quirk", "no-iccid=3"], &[], vec![NewOrder::new(TOKEN)]);
    let run = bench.run(&["download", &code(TOKEN), "--yes", "--json"]);
    let data = run.json()["data"].clone();
    assert_eq!((run.code, &data["installed"], &data["listed"]), (0, &true.into(), &false.into()), "{}", run.out);
    assert_eq!(data["profile"]["iccid"], bench.the_order().iccid.digits());
    assert!(run.err.contains("list of profiles cannot be read"), "{}", run.err);
    assert_eq!((bench.state(), bench.sandbox.profiles("card").len()), (OrderState::Installed, 3));
    assert_eq!(bench.sandbox.data(&["recover"])["entries"], serde_json::json!([]), "its entry is closed as done");
    // One more wrapper around the rows is no obstacle at all.
    let bench = Bench::with(&["--quirk", "wrapped-list"], &[], vec![NewOrder::new(TOKEN)]);
    assert_eq!(bench.installs(&[])["listed"], true);
}

#[test]
fn progress_comes_as_lines_of_json() {
    let bench = Bench::new();
    let run = bench.run(&["download", &code(TOKEN), "--yes", "--json", "--progress"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let lines: Vec<Value> = run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let steps: Vec<&str> = lines.iter().filter_map(|line| line["step"].as_str()).collect();
    let mut kinds = steps.clone();
    kinds.dedup();
    assert_eq!(kinds, ["authenticating", "asking", "preparing", "fetching", "loading", "verifying"]);
    let loading: Vec<&Value> = lines.iter().filter(|line| line["step"] == "loading").collect();
    assert_eq!(loading[0]["bytes_done"], 0);
    assert_eq!(loading.last().unwrap()["bytes_done"], loading[0]["bytes_total"]);
    assert_eq!(lines.last().unwrap()["data"]["installed"], true);
    let text = std::fs::read_to_string("../../docs/schema/esimctl-events-1.json").unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap();
    assert!(lines[..lines.len() - 1].iter().all(|line| schema.is_valid(line)), "{}", lines[0]);
}
