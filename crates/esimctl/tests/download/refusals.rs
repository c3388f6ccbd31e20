//! Subject and reason: each pair has a sentence with a cause and a next step, and is still shown.

use sgp22::es10b::CancelSessionReason as Reason;
use virtual_euicc::smdp::NewOrder;

use crate::bench::{Bench, TOKEN, code, id};

const INITIATE: &str = "initiateAuthentication";
const AUTHENTICATE: &str = "authenticateClient";
const PACKAGE: &str = "getBoundProfilePackage";

/// The function, the pair, the error, and what is said of the code.
const PAIRS: [(&str, &str, &str, &str); 52] = [
    (INITIATE, "8.8.1/3.8", "server_address_refused", "good"),
    (INITIATE, "8.8.2/3.1", "server_issuers", "good"),
    (INITIATE, "8.8.3/3.1", "server_version", "good"),
    (INITIATE, "8.8.4/3.7", "server_issuers", "good"),
    (INITIATE, "8.8/4.4", "server_busy", "good"),
    (INITIATE, "8.8/4.2", "server_refused", "good"),
    (INITIATE, "8.9.1/3.8", "server_address_refused", "good"),
    (INITIATE, "8.9.2/3.1", "server_issuers", "good"),
    (INITIATE, "8.9.3/3.1", "server_version", "good"),
    (INITIATE, "8.9.4/3.7", "server_issuers", "good"),
    (AUTHENTICATE, "8.1/4.8", "server_no_memory", "good"),
    (AUTHENTICATE, "8.1/6.1", "card_rejected", "good"),
    (AUTHENTICATE, "8.1.1/2.2", "no_order_for_card", "other_card"),
    (AUTHENTICATE, "8.1.1/3.1", "order_other_card", "other_card"),
    (AUTHENTICATE, "8.1.1/3.8", "order_other_card", "other_card"),
    (AUTHENTICATE, "8.1.1/3.10", "order_other_card", "other_card"),
    (AUTHENTICATE, "8.1.2/6.1", "card_rejected", "good"),
    (AUTHENTICATE, "8.1.2/6.3", "card_certificate_expired", "good"),
    (AUTHENTICATE, "8.1.3/6.1", "card_rejected", "good"),
    (AUTHENTICATE, "8.1.3/6.3", "card_certificate_expired", "good"),
    (AUTHENTICATE, "8.1.4/6.1", "card_rejected", "good"),
    (AUTHENTICATE, "8.2/1.2", "order_not_released", "good"),
    (AUTHENTICATE, "8.2.1/1.2", "server_refused", "unknown"),
    (AUTHENTICATE, "8.2.1/3.3", "server_refused", "unknown"),
    (AUTHENTICATE, "8.2.1/3.5", "server_refused", "unknown"),
    (AUTHENTICATE, "8.2.1/3.9", "server_refused", "unknown"),
    (AUTHENTICATE, "8.2.1/3.10", "server_refused", "unknown"),
    (AUTHENTICATE, "8.2.5/1.2", "server_refused", "unknown"),
    (AUTHENTICATE, "8.2.5/3.7", "no_eligible_profile", "other_card"),
    (AUTHENTICATE, "8.2.5/3.8", "server_refused", "unknown"),
    (AUTHENTICATE, "8.2.5/3.9", "server_refused", "unknown"),
    (AUTHENTICATE, "8.2.5/4.3", "no_eligible_profile", "other_card"),
    (AUTHENTICATE, "8.2.6/3.1", "code_refused", "rejected"),
    (AUTHENTICATE, "8.2.6/3.3", "code_refused", "rejected"),
    (AUTHENTICATE, "8.2.6/3.8", "code_refused", "rejected"),
    (AUTHENTICATE, "8.2.6/3.10", "code_refused", "rejected"),
    (AUTHENTICATE, "8.8.5/4.1", "order_expired", "rejected"),
    (AUTHENTICATE, "8.8.5/4.10", "order_expired", "rejected"),
    (AUTHENTICATE, "8.8.5/6.4", "order_exhausted", "rejected"),
    (AUTHENTICATE, "8.9/4.2", "server_refused", "good"),
    (AUTHENTICATE, "8.9/5.1", "server_refused", "good"),
    (AUTHENTICATE, "8.9.5/3.3", "server_refused", "unknown"),
    (AUTHENTICATE, "8.9.5/3.9", "no_event", "unknown"),
    (AUTHENTICATE, "8.10.1/3.9", "session_unknown", "good"),
    (AUTHENTICATE, "8.11.1/3.9", "card_rejected", "good"),
    (PACKAGE, "8.1/6.1", "card_rejected", "this_card"),
    (PACKAGE, "8.2/3.7", "package_not_rebound", "rejected"),
    (PACKAGE, "8.2.7/2.2", "confirmation_required", "good"),
    (PACKAGE, "8.2.7/3.8", "confirmation_refused", "good"),
    (PACKAGE, "8.2.7/6.4", "confirmation_exhausted", "rejected"),
    (PACKAGE, "8.8.5/4.10", "order_expired", "rejected"),
    (PACKAGE, "8.99.7/9.1", "server_refused", "unknown"),
];

fn check(function: &str, pair: &str, expected: &str, code_state: &str) {
    let mut bench = Bench::with(&[], &[&format!("fail={function}:{pair}")], vec![NewOrder::new(TOKEN)]);
    let (exit, document) = bench.by_code(&[]);
    let error = &document["error"];
    assert_eq!(id(error), expected, "{pair}: {error}");
    let expected_exit = match expected {
        "confirmation_required" => 4,
        _ => 5,
    };
    assert_eq!(exit, expected_exit, "{pair}: {error}");
    assert_eq!(error["code"], code_state, "{pair}");
    let refusal = &error["refusal"];
    let shown = format!("{}/{}", refusal["subject"].as_str().unwrap(), refusal["reason"].as_str().unwrap());
    assert_eq!(shown, pair);
    assert!(refusal["function"].as_str().unwrap().to_lowercase().ends_with(&function.to_lowercase()), "{refusal}");
    assert_eq!(refusal["message"], "refused because the test server was told to");
    // Whoever reads the text sees the pair, too.
    assert!(error["cause"].as_str().unwrap().contains(pair), "{error}");
    assert_eq!(bench.served.cancelled(), vec![Reason::Postponed; usize::from(function != INITIATE)], "{pair}");
    assert_eq!(bench.sandbox.profiles("card").len(), 2);
    if matches!(code_state, "good" | "this_card") {
        bench.behave(&[]);
        assert_eq!(bench.download(&[&code(TOKEN), "--dry-run"]).0, 0, "{pair}");
    }
}

#[test]
fn each_pair_has_a_sentence() {
    for (function, pair, expected, code_state) in &PAIRS[..PAIRS.len() / 2] {
        check(function, pair, expected, code_state);
    }
}

#[test]
fn each_other_pair_has_a_sentence_too() {
    for (function, pair, expected, code_state) in &PAIRS[PAIRS.len() / 2..] {
        check(function, pair, expected, code_state);
    }
}

#[test]
fn pairs_that_nobody_knows_are_shown_as_they_are() {
    let bench = Bench::with(&[], &["fail=authenticateClient:8.99.7/9.1"], vec![NewOrder::new(TOKEN)]);
    let run = bench.run(&["download", &code(TOKEN), "--yes"]);
    assert!(run.err.contains("number 8.99.7: number 9.1"), "{}", run.err);
    assert!(run.err.contains("give them the numbers 8.99.7/9.1"), "{}", run.err);
}

/// The codes say that the profile is to come, the words that it never does: nobody is told to wait.
#[test]
fn what_the_servers_words_deny_is_not_claimed() {
    let fail = "fail=authenticateClient:8.2/1.2";
    let bench = Bench::with(
        &[],
        &[fail, "says=Bad profile state\u{1b}[2J  [actual=Error_InstallFailed]"],
        vec![NewOrder::new(TOKEN)],
    );
    let run = bench.run(&["download", &code(TOKEN), "--yes"]);
    assert!(run.err.contains("  server says \"Bad profile state [2J [actual=Error_InstallFailed]\"\n"), "{}", run.err);
    assert!(run.err.contains("only the operator knows"), "{}", run.err);
    for claim in ["not released", "still works.", "Wait"] {
        assert!(!run.err.contains(claim), "{claim}: {}", run.err);
    }
    let error = &bench.by_code(&[]).1["error"];
    assert_eq!((id(error), &error["code"]), ("server_contradictory", &"unknown".into()), "{error}");
    assert_eq!(error["refusal"]["message"], "Bad profile state [2J [actual=Error_InstallFailed]");

    let bench = Bench::with(&[], &[fail, "says=[expected=Released] [actual=Linked]"], vec![NewOrder::new(TOKEN)]);
    let error = &bench.by_code(&[]).1["error"];
    assert_eq!((id(error), &error["code"]), ("order_not_released", &"good".into()), "{error}");
}

#[test]
fn codes_in_another_form_mean_the_same() {
    for (form, pair, expected) in
        [("numeric-codes", "8.2/1.2", "order_not_released"), ("swapped-codes", "8.2.6/3.8", "code_refused")]
    {
        let fail = format!("fail=authenticateClient:{pair}");
        let bench = Bench::with(&[], &[&fail, form], vec![NewOrder::new(TOKEN)]);
        let error = &bench.by_code(&[]).1["error"];
        assert_eq!(id(error), expected, "{form}: {error}");
    }
}

#[test]
fn secrets_that_a_server_repeats_are_not_shown() {
    let says = format!("says=no order {TOKEN} (k7q_token_93xz) for {}", code(TOKEN));
    let bench = Bench::with(&[], &["fail=authenticateClient:8.2.6/3.8", &says], vec![NewOrder::new(TOKEN)]);
    let run = bench.run(&["download", &code(TOKEN), "--yes", "-vv"]);
    assert!(run.err.contains("says \"no order … (…) for LPA:1$smdp.example.com$…\""), "{}", run.err);
    let json = bench.by_code(&[]).1.to_string();
    for text in [&run.err, &json] {
        let folded = text.to_uppercase().replace(['-', '_'], "");
        assert!(!folded.contains("K7QTOKEN"), "{text}");
    }
}

#[test]
fn orders_say_themselves_why_they_cannot_be_had() {
    use virtual_euicc::smdp::OrderState as S;
    let other = "89049032976489740626251734506882".parse().unwrap();
    let new = || NewOrder::new(TOKEN);
    let orders = vec![
        (NewOrder { state: S::Confirmed, ..new() }, "order_not_released"),
        (NewOrder { state: S::Installed, ..new() }, "code_refused"),
        (NewOrder { state: S::Error, ..new() }, "code_refused"),
        (NewOrder { expires_in: Some(0), ..new() }, "order_expired"),
        (NewOrder { downloads: 0, ..new() }, "order_exhausted"),
        (NewOrder::new("ANOTHER"), "code_refused"),
        (NewOrder { eid: Some(other), ..new() }, "order_other_card"),
    ];
    for (order, expected) in orders {
        let bench = Bench::order(order);
        let (exit, document) = bench.by_code(&[]);
        assert_eq!((exit, id(&document["error"])), (5, expected), "{document}");
        assert_eq!(bench.served.cancelled(), [Reason::Postponed], "{expected}");
        assert_eq!(bench.sandbox.profiles("card").len(), 2);
    }
}
