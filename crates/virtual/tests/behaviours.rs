//! A server departs from a well-behaved one exactly as it is told to, and keeps what it has across its end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{EID, FakeCard, Post, call, code, verifies};
use sgp22::bpp::{BoundProfilePackage, InitialiseSecureChannel, PackageError};
use sgp22::cert::{Certificate, Role};
use sgp22::es9p::{ProfileOffer, ServerAuthentication};
use sgp22::metadata::StoreMetadata;
use sgp22::signed::{ServerSigned1, SmdpSigned2};
use sgp22::tlv::{Reader, Tag, open};
use virtual_euicc::pki::Pki;
use virtual_euicc::server::{Behaviours, FUNCTIONS, Outcome, Server};
use virtual_euicc::smdp::{NewOrder, OrderState, Smdp, SmdpOptions, sample_icon};

const HOST: &str = "smdp.example.com";

struct Bench {
    server: Smdp,
    card: FakeCard,
}

impl Bench {
    fn new(behaviours: &[&str]) -> Self {
        let pki = Pki::in_memory().unwrap();
        let options = SmdpOptions { behaviours: Behaviours::parse(behaviours).unwrap(), ..SmdpOptions::named(HOST) };
        let server = Smdp::new(&pki, options).unwrap();
        server.add_order(&NewOrder::new("A")).unwrap();
        Self { server, card: FakeCard::new(&pki, EID) }
    }

    fn raw(&self, function: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let answer = self.server.handle(function, body);
        (answer.status, answer.body)
    }

    fn begun(&self) -> ServerAuthentication {
        call(&|function, body| self.raw(function, body), &self.card.initiate(HOST)).unwrap()
    }

    fn offer(&self) -> ProfileOffer {
        let post: Post<'_> = &|function, body| self.raw(function, body);
        self.card.offer(post, &self.card.open(post, HOST, Some("A")).unwrap()).unwrap()
    }

    fn package(&self) -> Vec<u8> {
        let post: Post<'_> = &|function, body| self.raw(function, body);
        self.card.fetch(post, HOST, "A").unwrap().bound_profile_package
    }
}

#[test]
fn every_pair_of_codes_can_be_had_from_every_function() {
    for function in FUNCTIONS {
        for pair in ["8.1/4.8", "8.2.6/3.8", "8.8.5/4.10", "8.11.1/3.9"] {
            let bench = Bench::new(&[&format!("fail={function}:{pair}")]);
            let text = String::from_utf8(bench.raw(function, b"{}").1).unwrap();
            let (subject, reason) = pair.split_once('/').unwrap();
            assert!(text.contains(&format!("\"subjectCode\":\"{subject}\",\"reasonCode\":\"{reason}\"")), "{text}");
        }
    }
    let bench = Bench::new(&["fail=authenticateClient:8.2/1.2", "says=[actual=Linked]"]);
    let text = String::from_utf8(bench.raw("authenticateClient", b"{}").1).unwrap();
    assert!(text.contains("\"message\":\"[actual=Linked]\""), "{text}");
    let bench = Bench::new(&["expired-status"]);
    assert!(String::from_utf8(bench.raw("cancelSession", b"{}").1).unwrap().contains("\"status\":\"Expired\""));
}

#[test]
fn what_authenticates_the_server_goes_wrong() {
    let signed = |behaviour| ServerSigned1::decode(&Bench::new(&[behaviour]).begun().server_signed1).unwrap();
    let valid = |begun: &ServerAuthentication| {
        let signature = open("", &begun.server_signature1, Tag(0x5F37)).unwrap().value;
        verifies(&begun.server_certificate, &begun.server_signed1, signature)
    };
    assert_eq!(signed("wrong-address").server_address.to_string(), "other.example.com");
    assert_ne!(signed("wrong-challenge").euicc_challenge, [0x5A; 16]);
    assert!(!valid(&Bench::new(&["bad-server-signature1"]).begun()));
    let other = Bench::new(&["signed-transaction-id=initiateAuthentication"]).begun();
    assert_ne!(ServerSigned1::decode(&other.server_signed1).unwrap().transaction_id, other.transaction_id);
    let other = Bench::new(&["other-transaction-id=initiateAuthentication"]).begun();
    assert_ne!(ServerSigned1::decode(&other.server_signed1).unwrap().transaction_id, other.transaction_id);
    let unknown = Bench::new(&["unknown-ci"]);
    assert_ne!(unknown.begun().ci, unknown.card.credentials.ci);
    let role = |begun: &ServerAuthentication| Certificate::decode(&begun.server_certificate).unwrap().role();
    assert_eq!(role(&Bench::new(&[]).begun()), Some(Role::DpAuth));
    assert_eq!(role(&Bench::new(&["auth-wrong-role"]).begun()), Some(Role::DpPb));
    let foreign = Bench::new(&["auth-foreign-ci"]);
    let begun = foreign.begun();
    let issuer = Certificate::decode(&begun.server_certificate).unwrap().authority_key_id();
    assert_ne!(issuer, Some(foreign.card.credentials.ci.clone()));
    // All but what is meant to be wrong is right.
    for fine in ["auth-wrong-role", "auth-foreign-ci", "wrong-address", "newer-version", "unknown-ci"] {
        assert!(valid(&Bench::new(&[fine]).begun()), "{fine}");
    }
}

#[test]
fn what_binds_the_package_goes_wrong() {
    let certificate = |behaviour: &str| Bench::new(&[behaviour]).offer().smdp_certificate;
    let owner = |der: &[u8]| Certificate::decode(der).unwrap().owner().unwrap().to_string();
    assert_eq!(owner(&certificate("close")), "2.999.10");
    assert_eq!(owner(&certificate("binding-other-oid")), "2.999.11");
    assert_eq!(Certificate::decode(&certificate("binding-wrong-role")).unwrap().role(), Some(Role::DpAuth));
    certificate("binding-foreign-ci");
    let other = Bench::new(&["signed-transaction-id=authenticateClient"]).offer();
    assert_ne!(Some(SmdpSigned2::decode(&other.smdp_signed2).unwrap().transaction_id), other.transaction_id);
    let bench = Bench::new(&["bad-smdp-signature2"]);
    let post: Post<'_> = &|function, body| bench.raw(function, body);
    let opened = bench.card.open(post, HOST, Some("A")).unwrap();
    let offer = bench.card.offer(post, &opened).unwrap();
    let signature = open("", &offer.smdp_signature2, Tag(0x5F37)).unwrap().value;
    assert!(!verifies(&offer.smdp_certificate, &[&offer.smdp_signed2[..], &opened.signature1].concat(), signature));
}

#[test]
fn packages_lack_parts_and_have_too_many() {
    let broken = |behaviour: &str| BoundProfilePackage::parse(&Bench::new(&[behaviour]).package()).unwrap_err();
    for (part, tag) in [("initialise", 0xBF23), ("configure", 0xA0), ("metadata", 0xA1), ("elements", 0xA3)] {
        assert_eq!(broken(&format!("bpp-missing={part}")), PackageError::Missing(Tag(tag)));
        assert_eq!(broken(&format!("bpp-empty={part}")), PackageError::Empty(Tag(tag)));
    }
    assert_eq!(broken("bpp-extra"), PackageError::Extra(Tag(0xA4)));
    assert!(matches!(broken("bpp-truncated"), PackageError::Malformed(_)));
    let request = |behaviour: &str| {
        let package = Bench::new(&[behaviour]).package();
        InitialiseSecureChannel::decode(BoundProfilePackage::parse(&package).unwrap().initialise()).unwrap()
    };
    assert_eq!(request("bpp-operation").remote_op, [2]);
    assert_eq!(request("bpp-key-type").control_reference.key_type, [0x80]);
    for (behaviour, named, length) in [("bare-offer", false, 2), ("odd-offer", false, 7)] {
        let bench = Bench::new(&[behaviour]);
        let offered = bench.offer().profile_metadata;
        let inside = BoundProfilePackage::parse(&bench.package()).unwrap().metadata();
        assert_eq!(offered, inside, "{behaviour}");
        let read = StoreMetadata::decode(&offered).unwrap();
        assert_eq!(read.name.is_some_and(|name| !name.is_empty()), named, "{behaviour}");
        let elements = Reader::new("", open("", &offered, StoreMetadata::TAG).unwrap().value).count();
        assert_eq!(elements, length, "{behaviour}");
    }
    let numberless = Bench::new(&["no-iccid"]).offer().profile_metadata;
    assert!(StoreMetadata::decode(&numberless).is_err());
    for behaviour in ["metadata-changed", "rules-changed"] {
        let bench = Bench::new(&[behaviour]);
        let offered = StoreMetadata::decode(&bench.offer().profile_metadata).unwrap();
        let package = bench.package();
        let sent = StoreMetadata::decode(&BoundProfilePackage::parse(&package).unwrap().metadata()).unwrap();
        assert_eq!(sent.name == offered.name, behaviour == "rules-changed");
        assert_eq!(sent.policy_rules == offered.policy_rules, behaviour == "metadata-changed");
    }
}

#[test]
fn what_is_inside_the_package_goes_wrong() {
    let profile = |behaviour: &str| {
        let bench = Bench::new(&[behaviour]);
        let post: Post<'_> = &|function, body| bench.raw(function, body);
        let bound = bench.card.fetch(post, HOST, "A").unwrap();
        let certificate = bench.server.credentials().binding.as_ref().unwrap().certificate_der().to_vec();
        (bench.card.load(&bound, &certificate).1, bench.server.order("A").unwrap().iccid)
    };
    let has_iccid = |behaviour: &str| {
        let (profile, iccid) = profile(behaviour);
        let unswapped: Vec<u8> = iccid.as_bytes().iter().map(|byte| byte.rotate_left(4)).collect();
        profile.windows(10).any(|bytes| bytes == unswapped)
    };
    assert!(has_iccid("close"));
    assert!(!has_iccid("header-iccid"));
    assert_eq!(profile("not-a-profile").0[0], b'T');
    // A wrong MAC or signature: the card finds that out when it opens the package.
    for behaviour in ["bpp-wrong-mac=configure", "bpp-wrong-mac=metadata", "bpp-wrong-mac", "bad-bpp-signature"] {
        assert!(std::panic::catch_unwind(|| profile(behaviour)).is_err(), "{behaviour}");
    }
}

#[test]
fn an_icon_makes_the_description_two_blocks() {
    let bench = Bench::new(&["random-keys"]);
    bench.server.add_order(&NewOrder { icon: Some(sample_icon()), ..NewOrder::new("ICON") }).unwrap();
    let post: Post<'_> = &|function, body| bench.raw(function, body);
    let bound = bench.card.fetch(post, HOST, "ICON").unwrap();
    let certificate = bench.server.credentials().binding.as_ref().unwrap().certificate_der().to_vec();
    let (description, _) = bench.card.load(&bound, &certificate);
    assert!(description.len() > 1008);
    assert_eq!(StoreMetadata::decode(&description).unwrap().icon, Some(sample_icon()));
}

#[test]
fn odd_json_is_still_read() {
    let odd = [
        "lower-case",
        "broken-base64",
        "null-fields",
        "unknown-keys",
        "no-header",
        "warning",
        "newer-version",
        "byte-order-mark",
        "pretty",
        "escaped-slashes",
        "url-safe-base64",
        "no-padding",
        "lower-case-status",
        "no-transaction-id",
    ];
    for behaviour in odd {
        Bench::new(&[behaviour]).package();
    }
    Bench::new(&odd).package();
    let text = |behaviour, function| String::from_utf8(Bench::new(&[behaviour]).raw(function, b"{}").1).unwrap();
    assert!(text("html", "cancelSession").starts_with("<!DOCTYPE html>"));
    assert!(text("null-fields", "cancelSession").contains("\"profileMetadata\":null"));
    assert!(serde_json::from_str::<serde_json::Value>(&text("truncated-json", "cancelSession")).is_err());
    assert!(text("no-reason", "cancelSession").ends_with("{\"status\":\"Failed\"}}}"));
    assert!(text("byte-order-mark", "cancelSession").starts_with("\u{FEFF}{"));
    assert!(text("pretty", "cancelSession").lines().count() > 5);
    let refusal = |behaviour| text(behaviour, "authenticateClient");
    assert!(refusal("escaped-slashes").contains('{'));
    assert!(refusal("lower-case-status").contains("\"status\":\"failed\""));
    let failing = |behaviour: &str, pair: &str| {
        let bench = Bench::new(&[behaviour, &format!("fail=authenticateClient:{pair}")]);
        String::from_utf8(bench.raw("authenticateClient", b"{}").1).unwrap()
    };
    assert!(failing("numeric-codes", "8.2/1.2").contains("\"subjectCode\":8.2,\"reasonCode\":1.2"));
    assert!(failing("swapped-codes", "8.2.6/3.8").contains("\"subjectCode\":\"3.8\",\"reasonCode\":\"8.2.6\""));
    let answer = Bench::new(&["gzip"]).server.handle("cancelSession", b"{}");
    assert_eq!((answer.coding, &answer.body[..2]), (Some("gzip"), &b"\x1f\x8b"[..]));
    for (behaviour, status) in [("http-500", 500), ("http-404", 404), ("no-content", 204)] {
        assert_eq!(Bench::new(&[behaviour]).raw("authenticateClient", b"{}").0, status);
    }
}

/// Each of them as it comes out of a real offer and a real package.
#[test]
fn what_is_left_out_and_written_otherwise_is_so_in_answers_with_fields() {
    let offered = |behaviour: &str| {
        let bench = Bench::new(&[behaviour]);
        let post: Post<'_> = &|function, body| bench.raw(function, body);
        let opened = bench.card.open(post, HOST, Some("A")).unwrap();
        let request = sgp22::es9p::AuthenticateClient {
            transaction_id: opened.id.clone(),
            authenticate_server_response: opened.response.clone(),
        };
        String::from_utf8(bench.raw("authenticateClient", &sgp22::es9p::ServerFunction::encode(&request)).1).unwrap()
    };
    assert!(offered("close").contains("transactionId") && offered("close").contains('/'));
    assert!(!offered("no-transaction-id").contains("transactionId"));
    assert!(!offered("no-padding").contains('='));
    let url_safe = offered("url-safe-base64");
    assert!(!url_safe.contains(['+', '/']) && url_safe.contains('_'), "{url_safe}");
    assert!(offered("escaped-slashes").contains("\\/"));
}

#[test]
fn a_server_that_was_ended_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let pki = Pki::open(&directory.path().join("pki")).unwrap();
    let start = || {
        let options = SmdpOptions { directory: Some(directory.path().join("smdp")), ..SmdpOptions::named(HOST) };
        let server = Smdp::new(&pki, options).unwrap();
        server.add_order(&NewOrder { confirmation_code: Some("1234".into()), ..NewOrder::new("A") }).unwrap();
        server
    };
    let mut card = FakeCard::new(&pki, EID);
    // Another process for each request.
    let post: Post<'_> = &|function, body| {
        let answer = start().handle(function, body);
        (answer.status, answer.body)
    };
    let offer = card.offer(post, &card.open(post, HOST, Some("A")).unwrap()).unwrap();
    assert_eq!(code(card.package(post, &offer, Some("1"))), "8.2.7/3.8");
    let bound = card.package(post, &offer, Some("1234")).unwrap();
    let order = || Smdp::peek(&directory.path().join("smdp")).unwrap().remove(0);
    assert_eq!((order().state, order().wrong_codes, order().downloads), (OrderState::Downloaded, 1, 1));
    let result = card.result(bound.transaction_id.as_ref().unwrap(), &order().iccid, None);
    for _ in 0..2 {
        call(post, &result).unwrap();
    }
    assert_eq!(order().state, OrderState::Installed);
    assert_eq!(Smdp::peek_notifications(&directory.path().join("smdp")).unwrap()[0].times, 2);
    let text = std::fs::read_to_string(directory.path().join("smdp/orders.json")).unwrap();
    assert!(!text.contains("1234\""), "the code itself is not kept");
}

#[test]
fn faults_happen_to_the_exchange_that_is_named() {
    let bench = Bench::new(&[]);
    let body = {
        use sgp22::es9p::ServerFunction;
        bench.card.initiate(HOST).encode()
    };
    let exchange = |fault: &str| {
        let next = bench.server.exchanges() + 1;
        bench.server.add_fault(format!("{fault}@{next}").parse().unwrap());
        bench.server.exchange("/gsma/rsp2/es9plus/initiateAuthentication", &body)
    };
    assert_eq!(exchange("request-lost"), Outcome::Closed);
    assert_eq!(exchange("reply-lost"), Outcome::Closed);
    assert!(matches!(exchange("cut"), Outcome::Cut(answer) if answer.status == 200));
    assert!(matches!(exchange("garbage"), Outcome::Answer(answer) if answer.body[0] != b'{' || answer.body[1] != b'"'));
    assert!(matches!(exchange("delay=7"), Outcome::Late(_, time) if time.as_millis() == 7));
    assert_eq!(exchange("kill"), Outcome::Killed);
    assert!(matches!(exchange("duplicate"), Outcome::Answer(_)));
}
