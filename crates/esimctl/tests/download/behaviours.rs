//! What servers do wrong: what the user is told, what card and server are told, and what the code is worth then.

use sgp22::es10b::CancelSessionReason as Reason;
use virtual_euicc::server::Behaviour;
use virtual_euicc::smdp::{NewOrder, OrderState};

use crate::bench::{Bench, TOKEN, code, id};

/// A behaviour, the exit code and error that it leads to, what that says of the code, and for which reason the session
/// is cancelled. Where the order stands follows: lost where the code is not said to be good.
type Row = (&'static str, i32, &'static str, &'static str, Option<Reason>);

const POSTPONED: Option<Reason> = Some(Reason::Postponed);

/// What is seen through before the card has to sign, and what the card sees through.
const IDENTITIES: [Row; 15] = [
    ("no-iccid", 5, "offer_without_iccid", "good", POSTPONED),
    ("wrong-address", 5, "server_confused", "good", None),
    ("wrong-challenge", 5, "server_confused", "good", None),
    ("other-transaction-id=initiateAuthentication", 5, "server_confused", "good", None),
    ("signed-transaction-id=initiateAuthentication", 5, "server_confused", "good", None),
    ("other-transaction-id", 5, "server_confused", "good", POSTPONED),
    ("signed-transaction-id", 5, "server_confused", "good", POSTPONED),
    ("other-transaction-id=getBoundProfilePackage", 5, "server_confused", "this_card", POSTPONED),
    ("unknown-ci", 5, "no_common_issuer", "good", None),
    ("auth-wrong-role", 5, "server_confused", "good", None),
    // The server learns from the card's answer itself.
    ("auth-foreign-ci", 5, "server_not_for_card", "good", None),
    ("bad-server-signature1", 5, "server_not_for_card", "good", None),
    ("bad-smdp-signature2", 5, "server_not_for_card", "good", POSTPONED),
    ("binding-wrong-role", 5, "server_not_for_card", "good", POSTPONED),
    ("binding-other-oid", 5, "server_not_for_card", "good", POSTPONED),
];

/// Packages that are not what was offered, or that the card refuses with a report of its own.
const PACKAGES: [Row; 22] = [
    ("binding-foreign-ci", 5, "server_not_for_card", "good", POSTPONED),
    ("metadata-changed", 5, "metadata_changed", "this_card", POSTPONED),
    ("rules-changed", 5, "metadata_changed", "this_card", POSTPONED),
    ("bpp-missing=initialise", 5, "package_unusable", "this_card", POSTPONED),
    ("bpp-missing=configure", 5, "package_unusable", "this_card", POSTPONED),
    ("bpp-missing=metadata", 5, "package_unusable", "this_card", POSTPONED),
    ("bpp-missing=elements", 5, "package_unusable", "this_card", POSTPONED),
    ("bpp-empty=initialise", 5, "package_unusable", "this_card", POSTPONED),
    ("bpp-empty=configure", 5, "package_unusable", "this_card", POSTPONED),
    ("bpp-empty=metadata", 5, "package_unusable", "this_card", POSTPONED),
    ("bpp-empty=elements", 5, "package_unusable", "this_card", POSTPONED),
    ("bpp-extra", 5, "package_unusable", "this_card", POSTPONED),
    ("bpp-truncated", 5, "package_unusable", "this_card", POSTPONED),
    ("signed-transaction-id=getBoundProfilePackage", 1, "install_refused", "unknown", None),
    ("bad-bpp-signature", 1, "install_refused", "unknown", None),
    ("bpp-wrong-mac=configure", 1, "install_refused", "unknown", None),
    ("bpp-wrong-mac=metadata", 1, "install_refused", "unknown", None),
    ("bpp-wrong-mac", 1, "install_refused", "unknown", None),
    ("bpp-operation", 1, "install_refused", "unknown", None),
    ("bpp-key-type", 1, "install_refused", "unknown", None),
    ("header-iccid", 1, "install_refused", "unknown", None),
    ("not-a-profile", 1, "install_refused", "unknown", None),
];

const CONNECTIONS: [Row; 5] = [
    ("drops-connection", 5, "server_cut", "good", POSTPONED),
    ("tls-wrong-host", 5, "server_other_host", "good", None),
    ("tls-expired", 5, "server_expired", "good", None),
    ("tls-not-yet-valid", 5, "server_not_yet_valid", "good", None),
    ("tls-foreign-ca", 5, "server_unknown_issuer", "good", None),
];

/// Behaviours about one function, and the error that they lead to.
const ANSWERS: [(&str, &str); 8] = [
    ("html", "server_garbage"),
    ("no-content", "server_garbage"),
    ("truncated-json", "server_garbage"),
    ("http-500", "server_http"),
    ("http-404", "server_http"),
    ("huge", "server_too_long"),
    ("expired-status", "server_silent"),
    ("no-reason", "server_silent"),
];

/// What a program has to live with.
const HARMLESS: [&str; 25] = [
    "bare-offer",
    "odd-offer",
    "byte-order-mark",
    "pretty",
    "escaped-slashes",
    "url-safe-base64",
    "no-padding",
    "lower-case-status",
    "no-transaction-id",
    "notification-text",
    "gzip",
    "notification-body",
    "warning",
    "no-header",
    "null-fields",
    "unknown-keys",
    "lower-case",
    "broken-base64",
    "newer-version",
    "close",
    "random-keys",
    "rebind",
    "forgets-binding",
    "no-events-error",
    "tls-1.2",
];

/// A whole download against such a server, and once more against a better one.
fn check(row: &Row) {
    let (behaviour, expected_exit, expected_id, expected_code, reason) = *row;
    let mut bench = Bench::with(&[], &[behaviour], vec![NewOrder::new(TOKEN)]);
    let before = bench.sandbox.memory("card");
    let (exit, document) = bench.by_code(&[]);
    let error = &document["error"];
    assert!(error.is_object(), "{behaviour}: {document}");
    assert_eq!((exit, id(error)), (expected_exit, expected_id), "{behaviour}: {error}");
    assert_eq!(error["code"], expected_code, "{behaviour}: {error}");
    assert_eq!(error["state"], if expected_id == "install_refused" { "not_done" } else { "unchanged" });
    // Where the server hears nothing of it, it cannot tell.
    if behaviour != "drops-connection" {
        assert_eq!(bench.served.cancelled(), Vec::from_iter(reason), "{behaviour}");
    }
    let memory = bench.sandbox.memory("card");
    assert_eq!(memory["profiles"], before["profiles"], "{behaviour}");
    assert_eq!(memory["notifications"], before["notifications"], "{behaviour}: the report was delivered");
    let words = format!("{} {}", error["message"], error["next"]);
    assert!(!words.contains("  ") && !words.contains("{"), "{behaviour}: {words}");
    assert_eq!(
        bench.sandbox.data(&["recover"])["entries"].as_array().unwrap().len(),
        0,
        "{behaviour}: nothing is open"
    );
    bench.behave(&[]);
    if matches!(expected_id, "metadata_changed" | "package_unusable") {
        // The server keeps what it has made: until it makes it anew, nobody can have it, and the user may end it.
        assert_eq!(bench.state(), OrderState::Downloaded, "{behaviour}");
        assert_eq!(bench.download(&[&code(TOKEN), "--refuse"]).0, 0, "{behaviour}");
        assert_eq!(bench.state(), OrderState::Error, "{behaviour}");
    } else if matches!(expected_code, "good" | "this_card") || expected_id == "server_silent" {
        bench.installs(&[]);
        assert_eq!(bench.state(), OrderState::Installed);
    } else {
        assert_eq!(bench.state(), OrderState::Error, "{behaviour}");
        assert_eq!(id(&bench.by_code(&[]).1["error"]), "code_refused", "{behaviour}: rightly said to be lost");
    }
}

#[test]
fn a_server_that_does_not_prove_who_it_is() {
    IDENTITIES.iter().for_each(check);
}

#[test]
fn a_package_that_is_not_what_it_should_be() {
    PACKAGES.iter().for_each(check);
}

#[test]
fn a_connection_that_is_not_what_it_should_be() {
    CONNECTIONS.iter().for_each(check);
}

#[test]
fn answers_that_are_none() {
    for (behaviour, expected) in ANSWERS {
        for (function, code, reason) in [
            ("initiateAuthentication", "good", None),
            ("authenticateClient", "good", POSTPONED),
            ("getBoundProfilePackage", "this_card", POSTPONED),
        ] {
            // A refusal without a reason can be about the order, once it was named.
            let is_open = expected == "server_silent" && function != "initiateAuthentication";
            let code = if is_open { "unknown" } else { code };
            check(&(&*format!("{behaviour}={function}").leak(), 5, expected, code, reason));
        }
    }
}

/// The profile is installed, whatever becomes of the report.
#[test]
fn answers_to_notifications_that_are_none() {
    for (behaviour, delivered) in [
        ("no-content", true),
        // Not the server's word, but that of something in its place.
        ("html", false),
        ("truncated-json", true),
        ("http-500", false),
        ("http-404", false),
        ("huge", false),
        ("expired-status", false),
        ("no-reason", false),
    ] {
        let bench = Bench::with(&[], &[&format!("{behaviour}=handleNotification")], vec![NewOrder::new(TOKEN)]);
        let data = bench.installs(&[]);
        assert_eq!(data["notifications"]["pending"], if delivered { 0 } else { 2 }, "{behaviour}: {data}");
        let waiting = bench.sandbox.memory("card")["notifications"].as_array().unwrap().len();
        assert_eq!(waiting, if delivered { 0 } else { 2 }, "{behaviour}: removed only when it was taken");
    }
}

/// A text is an acceptance only if it says so.
#[test]
fn notifications_that_are_answered_with_a_text() {
    for (text, delivered) in [("OK", true), ("success", true), ("Down for maintenance", false), ("false", false)] {
        let bench = Bench::with(&[], &[&format!("notification-text={text}")], vec![NewOrder::new(TOKEN)]);
        let data = bench.installs(&[]);
        assert_eq!(data["notifications"]["pending"], if delivered { 0 } else { 2 }, "{text}: {data}");
        let waiting = bench.sandbox.memory("card")["notifications"].as_array().unwrap().len();
        assert_eq!(waiting, if delivered { 0 } else { 2 }, "{text}: removed only when it was taken");
    }
}

#[test]
fn a_server_that_does_not_hear_of_the_end() {
    for (behaviour, _) in ANSWERS {
        let mut bench = Bench::with(&[], &[&format!("{behaviour}=cancelSession")], vec![NewOrder::new(TOKEN)]);
        let run = bench.run(&["download", &code(TOKEN), "--dry-run", "--json"]);
        assert_eq!(run.code, 0, "{behaviour}: {}", run.out);
        let ended = run.json()["data"]["session_ended"].clone();
        assert_eq!((&ended["card"], &ended["server"]), (&true.into(), &false.into()), "{behaviour}");
        assert!(run.err.contains("could not be told"), "{behaviour}: {}", run.err);
        bench.behave(&[]);
        bench.installs(&[]);
    }
    // A word that costs the order, and nobody knows whether it was heard.
    let bench = Bench::with(&[], &["http-500=cancelSession"], vec![NewOrder::new(TOKEN)]);
    let (exit, document) = bench.download(&[&code(TOKEN), "--refuse"]);
    assert_eq!((exit, &document["data"]["code"]), (0, &"unknown".into()), "{document}");
}

#[test]
fn what_is_merely_odd_does_no_harm() {
    for behaviour in HARMLESS {
        let bench = Bench::with(&[], &[behaviour], vec![NewOrder::new(TOKEN)]);
        bench.installs(&[]);
        assert_eq!(bench.state(), OrderState::Installed, "{behaviour}");
        assert!(bench.sandbox.memory("card")["notifications"].as_array().unwrap().is_empty(), "{behaviour}");
    }
    let bench = Bench::with(&[], &HARMLESS, vec![NewOrder::new(TOKEN)]);
    bench.installs(&["--enable"]);
}

#[test]
fn a_second_try_gets_the_package_of_the_first() {
    for (quirks, behaviours, expected) in [
        (&[][..], &[][..], None),
        (&["--quirk", "new-keys"], &[], Some("package_not_rebound")),
        (&["--quirk", "new-keys"], &["rebind"], None),
        (&[], &["forgets-binding"], Some("package_not_rebound")),
    ] {
        let first = "other-transaction-id=getBoundProfilePackage";
        let mut bench = Bench::with(quirks, &[first], vec![NewOrder::new(TOKEN)]);
        assert_eq!(bench.by_code(&[]).0, 5);
        assert_eq!(bench.state(), OrderState::Downloaded);
        bench.behave(behaviours);
        let (exit, looked) = bench.download(&[&code(TOKEN), "--dry-run"]);
        let forgets = behaviours.contains(&"forgets-binding");
        let concern = if forgets { serde_json::Value::Null } else { "retry".into() };
        assert_eq!((exit, &looked["data"]["concerns"][0]["concern"]), (0, &concern), "{looked}");
        let (exit, document) = bench.by_code(&[]);
        match expected {
            None => assert_eq!((exit, bench.state()), (0, OrderState::Installed), "{document}"),
            Some(expected) => {
                assert_eq!((exit, id(&document["error"])), (5, expected), "{document}");
                assert_eq!(bench.state(), OrderState::Downloaded);
            }
        }
    }
}

#[test]
fn every_behaviour_has_its_line() {
    let mut tried: Vec<&str> = HARMLESS.to_vec();
    tried.extend(ANSWERS.iter().map(|(behaviour, _)| *behaviour));
    tried
        .extend([&IDENTITIES[..], &PACKAGES, &CONNECTIONS].concat().iter().map(|row| row.0.split('=').next().unwrap()));
    // Their lines are in `refusals.rs`.
    tried.extend(["fail", "says", "numeric-codes", "swapped-codes"]);
    for behaviour in Behaviour::ALL {
        assert!(tried.contains(&behaviour.describe().name), "{}", behaviour.describe().name);
    }
}
