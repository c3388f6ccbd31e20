//! The test SM-DP+ against a card that signs and opens what a real one does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{EID, FakeCard, OTHER_EID, Post, authenticate_client, call, code, get_package, verifies};
use p256::SecretKey;
use p256::elliptic_curve::Generate;
use sgp22::es9p::{AuthenticateClient, ServerFunction};
use sgp22::es10b::{BppErrorReason, CancelSessionReason};
use sgp22::id::{TransactionId, Version};
use sgp22::notification::Events;
use sgp22::signed::{ServerSigned1, SmdpSigned2};
use sgp22::tlv::{Bits, Tag, open};
use virtual_euicc::pki::{Expired, Pki};
use virtual_euicc::server::Behaviours;
use virtual_euicc::smdp::{NewOrder, Order, OrderState, Smdp, SmdpOptions};

const HOST: &str = "smdp.example.com";
const OID: &str = "2.999.10";

struct Bench {
    pki: Pki,
    server: Smdp,
    card: FakeCard,
}

impl Bench {
    fn new(behaviours: &[&str], order: &NewOrder) -> Self {
        let pki = Pki::in_memory().unwrap();
        let options = SmdpOptions { behaviours: Behaviours::parse(behaviours).unwrap(), ..SmdpOptions::named(HOST) };
        let server = Smdp::new(&pki, options).unwrap();
        server.add_order(order).unwrap();
        let card = FakeCard::new(&pki, EID);
        Self { pki, server, card }
    }

    fn order(&self) -> Order {
        self.server.order("A").unwrap()
    }

    fn state(&self) -> OrderState {
        self.order().state
    }

    fn binding_certificate(&self) -> Vec<u8> {
        self.server.credentials().binding.as_ref().unwrap().certificate_der().to_vec()
    }
}

fn to(server: &Smdp) -> impl Fn(&str, &[u8]) -> (u16, Vec<u8>) + '_ {
    |function, body| {
        let answer = server.handle(&format!("/gsma/rsp2/es9plus/{function}"), body);
        (answer.status, answer.body)
    }
}

fn order() -> NewOrder {
    NewOrder::new("A")
}

#[test]
fn a_profile_is_downloaded_and_its_life_followed() {
    let Bench { server, mut card, .. } = Bench::new(&[], &NewOrder { size: 12_000, ..order() });
    let post: Post<'_> = &to(&server);
    let opened = card.open(post, HOST, Some("A")).unwrap();
    let signed1 = ServerSigned1::decode(&opened.server.server_signed1).unwrap();
    assert_eq!((signed1.euicc_challenge, signed1.server_address.to_string()), (card.challenge, HOST.into()));
    let signature = open("", &opened.server.server_signature1, Tag(0x5F37)).unwrap().value;
    assert!(verifies(&opened.server.server_certificate, &opened.server.server_signed1, signature));

    let offer = card.offer(post, &opened).unwrap();
    let signed2 = SmdpSigned2::decode(&offer.smdp_signed2).unwrap();
    assert_eq!((signed2.transaction_id, signed2.confirmation_required), (opened.id.clone(), false));
    assert_eq!(signed2.bpp_euicc_otpk, None);
    let signature = open("", &offer.smdp_signature2, Tag(0x5F37)).unwrap().value;
    let message = [&offer.smdp_signed2[..], &opened.signature1].concat();
    assert!(verifies(&offer.smdp_certificate, &message, signature));

    let bound = card.package(post, &offer, None).unwrap();
    let (description, profile) = card.load(&bound, &offer.smdp_certificate);
    assert_eq!(description, offer.profile_metadata);
    assert_eq!((profile.len(), profile[0]), (12_000, 0xA0));
    let state = || server.order("A").unwrap().state;
    assert_eq!(state(), OrderState::Downloaded);

    let iccid = server.order("A").unwrap().iccid;
    let installed = card.result(&opened.id, &iccid, None);
    call(post, &installed).unwrap();
    assert_eq!(state(), OrderState::Installed);
    for (event, expected) in [
        (Events::ENABLE, OrderState::Enabled),
        (Events::DISABLE, OrderState::Disabled),
        (Events::DELETE, OrderState::Deleted),
    ] {
        call(post, &card.notify(event, &iccid)).unwrap();
        assert_eq!(state(), expected);
    }
    assert_eq!(code(card.fetch(post, HOST, "A")), "8.2.6/3.8");
}

/// Sends what the card signed, after it was bent.
fn bent(bench: &Bench, bend: impl Fn(&mut AuthenticateClient)) -> String {
    let post: Post<'_> = &to(&bench.server);
    let opened = bench.card.open(post, HOST, Some("A")).unwrap();
    let mut request = authenticate_client(&opened);
    bend(&mut request);
    code(call(post, &request))
}

#[test]
fn a_session_begins_only_with_what_both_sides_know() {
    let Bench { server, mut card, .. } = Bench::new(&[], &order());
    let post: Post<'_> = &to(&server);
    let begin = |card: &FakeCard, host: &str| call(post, &card.initiate(host));
    assert_eq!(code(begin(&card, "other.example.com")), "8.8.1/3.8");
    let shouted = begin(&card, "SMDP.Example.Com").unwrap();
    let with_port = begin(&card, "smdp.example.com:8443").unwrap();
    let address = |signed1: &[u8]| ServerSigned1::decode(signed1).unwrap().server_address.to_string();
    assert_eq!(address(&shouted.server_signed1), HOST);
    assert_eq!(address(&with_port.server_signed1), "smdp.example.com:8443");
    assert_ne!(shouted.transaction_id, with_port.transaction_id);

    for version in [[1, 1, 0], [4, 0, 0]] {
        card.info1.svn = Some(Version(version));
        assert_eq!(code(begin(&card, HOST)), "8.8.3/3.1");
    }
    card.info1.svn = Some(Version([3, 0, 0]));
    let ours = std::mem::take(&mut card.info1.ci_for_signing);
    assert_eq!(code(begin(&card, HOST)), "8.8.2/3.1");
    card.info1.ci_for_signing = ours;
    card.info1.ci_for_verification = Some(Vec::new());
    assert_eq!(code(begin(&card, HOST)), "8.8.4/3.7");
}

#[test]
fn a_card_has_to_prove_who_it_is() {
    let bench = Bench::new(&[], &order());
    let other: TransactionId = "0102".parse().unwrap();
    assert_eq!(bent(&bench, |request| request.transaction_id = other.clone()), "8.10.1/3.9");
    assert_eq!(bent(&bench, |request| request.authenticate_server_response.truncate(40)), "1.6/2.1");
    // The last bytes are the EUM's signature and those of the eUICC's certificate before it.
    let spoil = |request: &mut AuthenticateClient, part: &[u8], from_end: usize| {
        let response = &mut request.authenticate_server_response;
        let at = response.windows(part.len()).position(|bytes| bytes == part).unwrap() + part.len();
        response[at - from_end] ^= 1;
    };
    let credentials = &bench.card.credentials;
    assert_eq!(bent(&bench, |request| spoil(request, &credentials.eum_certificate, 1)), "8.1.2/6.1");
    assert_eq!(bent(&bench, |request| spoil(request, credentials.euicc.certificate_der(), 1)), "8.1.3/6.1");

    let post: Post<'_> = &to(&bench.server);
    let first = bench.card.open(post, HOST, Some("A")).unwrap();
    let mut second = bench.card.open(post, HOST, Some("A")).unwrap();
    // JSON names another session than the card has signed.
    let id = std::mem::replace(&mut second.id, first.id.clone());
    assert_eq!(code(bench.card.offer(post, &second)), "8.10.1/3.9");
    second.id = id;
    let mut spoilt = authenticate_client(&second);
    let at = spoilt.authenticate_server_response.windows(66).position(|bytes| bytes == &second.signature1[..66]);
    spoilt.authenticate_server_response[at.unwrap() + 20] ^= 1;
    assert_eq!(code(call(post, &spoilt)), "8.1/6.1");
    let mut server = second.server.clone();
    let mut signed1 = ServerSigned1::decode(&server.server_signed1).unwrap();
    signed1.server_challenge[0] ^= 1;
    server.server_signed1 = signed1.encode();
    assert_eq!(code(bench.card.offer(post, &bench.card.authenticate(server, Some("A")))), "8.1/6.1");
    // After all those errors the session still goes on.
    bench.card.offer(post, &second).unwrap();
}

#[test]
fn cards_of_other_issuers_and_forged_numbers_are_refused() {
    let mut bench = Bench::new(&[], &order());
    let foreign = Pki::in_memory().unwrap();
    let ours = bench.card.credentials.clone();
    bench.card.credentials = foreign.issue_euicc(bench.card.eid).unwrap();
    assert_eq!(bent(&bench, |_| {}), "8.11.1/3.9");
    for (part, expected) in [(Expired::Eum, "8.1.2/6.3"), (Expired::Euicc, "8.1.3/6.3")] {
        bench.card.credentials = bench.pki.issue_expired_euicc(bench.card.eid, part).unwrap();
        assert_eq!(bent(&bench, |_| {}), expected);
    }
    // A certificate of one EUM under another.
    let other = bench.pki.issue_euicc("89033023000000000000000000000001".parse().unwrap()).unwrap();
    bench.card.credentials = virtual_euicc::pki::EuiccCredentials { eum_certificate: other.eum_certificate, ..ours };
    assert_eq!(bent(&bench, |_| {}), "8.1.3/6.1");
}

#[test]
fn orders_are_found_by_name_and_by_card() {
    let Bench { pki, server, card } = Bench::new(&[], &order());
    let other = FakeCard::new(&pki, OTHER_EID);
    let post: Post<'_> = &to(&server);
    let ask = |card: &FakeCard, id: Option<&str>| card.offer(post, &card.open(post, HOST, id).unwrap());
    assert_eq!(code(ask(&card, Some("B"))), "8.2.6/3.8");
    for nameless in [None, Some("")] {
        assert_eq!(code(ask(&card, nameless)), "8.2.6/3.8");
    }
    server.add_order(&NewOrder { eid: Some(card.eid), ..NewOrder::new("") }).unwrap();
    server.add_order(&NewOrder { eid: Some(card.eid), ..NewOrder::new("MINE") }).unwrap();
    for id in [None, Some(""), Some("MINE")] {
        ask(&card, id).unwrap();
    }
    assert_eq!(code(ask(&other, None)), "8.2.6/3.8");
    assert_eq!(code(ask(&other, Some("MINE"))), "8.1.1/3.8");
    ask(&other, Some("A")).unwrap();
    // Whoever fetches the package has the order.
    card.fetch(post, HOST, "A").unwrap();
    assert_eq!(code(ask(&other, Some("A"))), "8.1.1/3.8");
    for (state, expected) in [
        (OrderState::Available, "8.2/1.2"),
        (OrderState::Allocated, "8.2/1.2"),
        (OrderState::Linked, "8.2/1.2"),
        (OrderState::Confirmed, "8.2/1.2"),
        (OrderState::Installed, "8.2.6/3.8"),
        (OrderState::Error, "8.2.6/3.8"),
        (OrderState::Unavailable, "8.2.6/3.8"),
    ] {
        server.add_order(&NewOrder { state, ..NewOrder::new(state.name()) }).unwrap();
        assert_eq!(code(ask(&card, Some(state.name()))), expected);
    }
}

#[test]
fn orders_lapse_and_cards_can_be_too_small() {
    let Bench { server, mut card, .. } = Bench::new(&[], &NewOrder { expires_in: Some(0), ..order() });
    let post: Post<'_> = &to(&server);
    let ask = |card: &FakeCard, id: &str| card.offer(post, &card.open(post, HOST, Some(id)).unwrap());
    assert_eq!(code(ask(&card, "A")), "8.8.5/4.10");
    assert_eq!(server.order("A").unwrap().state, OrderState::Error);
    server.add_order(&NewOrder { size: 400_000, ..NewOrder::new("LARGE") }).unwrap();
    assert_eq!(code(ask(&card, "LARGE")), "8.1/4.8");
    let class = sgp22::profile::ProfileClass::Test;
    server.add_order(&NewOrder { class, ..NewOrder::new("TEST") }).unwrap();
    ask(&card, "TEST").unwrap();
    card.info2.rsp_capability = Some(Bits::of(&[0]));
    assert_eq!(code(ask(&card, "TEST")), "8.2.5/4.3");
    server.add_order(&NewOrder { downloads: 1, ..NewOrder::new("ONCE") }).unwrap();
    card.fetch(post, HOST, "ONCE").unwrap();
    assert_eq!(code(ask(&card, "ONCE")), "8.8.5/6.4");
    assert_eq!(server.order("ONCE").unwrap().state, OrderState::Error);
}

#[test]
fn a_confirmation_code_may_be_wrong_twice() {
    let new = NewOrder { confirmation_code: Some("1234".into()), ..order() };
    let Bench { server, card, .. } = Bench::new(&[], &new);
    let post: Post<'_> = &to(&server);
    let offer = || card.offer(post, &card.open(post, HOST, Some("A")).unwrap()).unwrap();
    let first = offer();
    assert!(SmdpSigned2::decode(&first.smdp_signed2).unwrap().confirmation_required);
    assert_eq!(code(card.package(post, &first, None)), "8.2.7/2.2");
    // The same request again, as it happens on the way, is the same try.
    for _ in 0..3 {
        assert_eq!(code(card.package(post, &first, Some("9999"))), "8.2.7/3.8");
    }
    assert_eq!(server.order("A").unwrap().wrong_codes, 1);
    assert_eq!(code(card.package(post, &offer(), Some("9999"))), "8.2.7/3.8");
    card.package(post, &first, Some("1234")).unwrap();
    assert_eq!(code(card.package(post, &offer(), Some("9999"))), "8.2.7/6.4");
    assert_eq!(server.order("A").unwrap().state, OrderState::Error);
}

#[test]
fn a_package_is_checked_for_before_it_is_given() {
    let Bench { server, card, .. } = Bench::new(&[], &order());
    let post: Post<'_> = &to(&server);
    let opened = card.open(post, HOST, Some("A")).unwrap();
    let other = card.open(post, HOST, Some("A")).unwrap();
    let early = get_package(&opened.id, Vec::new());
    assert_eq!(code(call(post, &early)), "8.10.1/3.9");
    let offer = card.offer(post, &opened).unwrap();
    let prepared = card.prepare(&offer, &card.otsk, None);
    assert_eq!(code(call(post, &get_package(&"00".parse().unwrap(), prepared.clone()))), "8.10.1/3.9");
    card.offer(post, &other).unwrap();
    assert_eq!(code(call(post, &get_package(&other.id, prepared.clone()))), "8.10.1/3.9");
    let mut spoilt = prepared;
    *spoilt.last_mut().unwrap() ^= 1;
    assert_eq!(code(call(post, &get_package(&opened.id, spoilt))), "8.1/6.1");
    assert_eq!(server.order("A").unwrap().downloads, 0);
}

#[test]
fn a_retry_gets_the_same_package_for_the_same_key_alone() {
    for behaviour in [&[][..], &["rebind"], &["forgets-binding"], &["random-keys"]] {
        let mut bench = Bench::new(behaviour, &order());
        let first = bench.card.fetch(&to(&bench.server), HOST, "A").unwrap();
        let certificate = bench.binding_certificate();
        let post: Post<'_> = &to(&bench.server);
        let offer = bench.card.offer(post, &bench.card.open(post, HOST, Some("A")).unwrap()).unwrap();
        let otpk = SmdpSigned2::decode(&offer.smdp_signed2).unwrap().bpp_euicc_otpk;
        assert_eq!(otpk.is_some(), behaviour != ["forgets-binding"]);
        let second = bench.card.package(post, &offer, None).unwrap();
        assert_ne!(first.transaction_id, second.transaction_id);
        assert_eq!(bench.card.load(&first, &certificate), bench.card.load(&second, &certificate));
        let tail = |package: &[u8]| package[package.len() - 4000..].to_vec();
        assert_eq!(tail(&first.bound_profile_package), tail(&second.bound_profile_package));

        bench.card.otsk = SecretKey::generate();
        let third = bench.card.package(post, &offer, None);
        if behaviour == ["rebind"] {
            bench.card.load(&third.unwrap(), &certificate);
        } else {
            assert_eq!(code(third), "8.2/3.7");
        }
    }
}

#[test]
fn only_later_keeps_an_order_that_is_cancelled() {
    use CancelSessionReason as Reason;
    for (reason, fetched, left) in [
        (Reason::Postponed, false, OrderState::Released),
        (Reason::Timeout, false, OrderState::Released),
        (Reason::Postponed, true, OrderState::Downloaded),
        (Reason::EndUserRejection, false, OrderState::Error),
        (Reason::PprNotAllowed, false, OrderState::Error),
        (Reason::MetadataMismatch, true, OrderState::Error),
        (Reason::LoadBppExecutionError, true, OrderState::Error),
        (Reason::UndefinedReason, false, OrderState::Error),
    ] {
        let bench = Bench::new(&[], &order());
        let (card, post): (_, Post<'_>) = (&bench.card, &to(&bench.server));
        let opened = card.open(post, HOST, Some("A")).unwrap();
        assert_eq!(code(call(post, &card.cancel(&opened.id, OID, reason))), "8.10.1/3.9");
        let offer = card.offer(post, &opened).unwrap();
        if fetched {
            card.package(post, &offer, None).unwrap();
        }
        assert_eq!(code(call(post, &card.cancel(&opened.id, "2.999.99", reason))), "8.8/3.10");
        assert_eq!(code(call(post, &card.cancel(&"77".parse().unwrap(), OID, reason))), "8.10.1/3.9");
        let mut cancel = card.cancel(&opened.id, OID, reason);
        *cancel.cancel_session_response.last_mut().unwrap() ^= 1;
        assert_eq!(code(call(post, &cancel)), "8.1/6.1");
        *cancel.cancel_session_response.last_mut().unwrap() ^= 1;
        call(post, &cancel).unwrap();
        assert_eq!(bench.state(), left, "{reason}");
        assert_eq!(code(call(post, &cancel)), "8.10.1/3.9");
        let again = card.fetch(post, HOST, "A");
        assert_eq!(again.is_ok(), left != OrderState::Error);
    }
}

#[test]
fn results_of_installations_move_the_order() {
    for (error, left) in [
        (None, OrderState::Installed),
        (Some(BppErrorReason::InsufficientMemory), OrderState::Downloaded),
        (Some(BppErrorReason::Interruption), OrderState::Downloaded),
        (Some(BppErrorReason::PeProcessing), OrderState::Error),
        (Some(BppErrorReason::InvalidSignature), OrderState::Error),
    ] {
        let mut bench = Bench::new(&[], &order());
        let bound = bench.card.fetch(&to(&bench.server), HOST, "A").unwrap();
        let iccid = bench.order().iccid;
        let result = bench.card.result(bound.transaction_id.as_ref().unwrap(), &iccid, error);
        assert_eq!(call(&to(&bench.server), &result), Ok(()));
        assert_eq!(bench.state(), left);
        let log = bench.server.notifications();
        assert_eq!((log.len(), log[0].seq, log[0].signature_is_right), (1, 1, true));
        assert_eq!(log[0].failure.map(|(_, reason)| reason), error.map(BppErrorReason::code));
    }
}

#[test]
fn notifications_come_twice_late_and_forged() {
    let mut bench = Bench::new(&[], &order());
    let bound = bench.card.fetch(&to(&bench.server), HOST, "A").unwrap();
    let iccid = bench.order().iccid;
    let installed = bench.card.result(bound.transaction_id.as_ref().unwrap(), &iccid, None);
    let enabled = bench.card.notify(Events::ENABLE, &iccid);
    let disabled = bench.card.notify(Events::DISABLE, &iccid);
    let mut forged = bench.card.notify(Events::DELETE, &iccid);
    let length = bench.card.credentials.euicc.certificate_der().len() + bench.card.credentials.eum_certificate.len();
    let at = forged.pending_notification.len() - length - 1;
    forged.pending_notification[at] ^= 1;
    let unknown = bench.card.result(&"AA".parse().unwrap(), &iccid, None);
    let post: Post<'_> = &to(&bench.server);
    for (notification, left) in [
        (&disabled, OrderState::Disabled),
        (&enabled, OrderState::Disabled),
        (&installed, OrderState::Disabled),
        (&installed, OrderState::Disabled),
        (&disabled, OrderState::Disabled),
        (&forged, OrderState::Disabled),
        (&unknown, OrderState::Disabled),
    ] {
        let (status, body) = post("handleNotification", &notification.encode());
        assert_eq!((status, body), (204, Vec::new()));
        assert_eq!(bench.state(), left);
    }
    let log: Vec<_> =
        bench.server.notifications().iter().map(|one| (one.seq, one.times, one.signature_is_right)).collect();
    assert_eq!(log, [(3, 2, true), (2, 1, true), (1, 2, true), (4, 1, false), (5, 1, false)]);
}
