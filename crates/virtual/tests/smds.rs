//! The test SM-DS against a card that signs what a real one does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{EID, FakeCard, OTHER_EID, Post, authenticate_client, call, code};
use sgp22::es11::AuthenticateClient;
use virtual_euicc::pki::Pki;
use virtual_euicc::server::Behaviours;
use virtual_euicc::smds::{Event, Smds, SmdsOptions};

const HOST: &str = "lpa.ds.example.com";

fn server(pki: &Pki, behaviours: &[&str]) -> Smds {
    let behaviours = Behaviours::parse(behaviours).unwrap();
    Smds::new(pki, SmdsOptions { behaviours, ..SmdsOptions::named(HOST) }).unwrap()
}

fn event(eid: &str, id: &str, server: &str) -> Event {
    Event { eid: eid.parse().unwrap(), event_id: id.parse().unwrap(), server: server.into() }
}

/// The events that the server tells this card of, or the codes of its refusal.
fn ask(server: &Smds, card: &FakeCard, event_id: Option<&str>) -> Result<Vec<(String, String)>, String> {
    let post: Post<'_> = &|function, body| {
        let answer = server.handle(function, body);
        (answer.status, answer.body)
    };
    let opened = card.open(post, HOST, event_id).map_err(|failure| failure.code.unwrap().to_string())?;
    let events = call(post, &AuthenticateClient(authenticate_client(&opened)));
    let events = events.map_err(|failure| failure.code.unwrap().to_string())?;
    Ok(events.entries.into_iter().map(|event| (event.event_id.expose().to_owned(), event.server)).collect())
}

fn pair(id: &str, server: &str) -> (String, String) {
    (id.into(), server.into())
}

#[test]
fn a_card_is_told_of_its_own_events() {
    let pki = Pki::in_memory().unwrap();
    let server = server(&pki, &[]);
    let (card, other) = (FakeCard::new(&pki, EID), FakeCard::new(&pki, OTHER_EID));
    assert_eq!(ask(&server, &card, None), Ok(vec![]));
    server.register(event(EID, "ONE", "smdp.example.com"));
    server.register(event(EID, "TWO", "ds2.example.com"));
    server.register(event(EID, "TWO", "ds2.example.com"));
    server.register(event(OTHER_EID, "THREE", "smdp.example.com"));
    let both = Ok(vec![pair("ONE", "smdp.example.com"), pair("TWO", "ds2.example.com")]);
    assert_eq!(ask(&server, &card, None), both);
    assert_eq!(ask(&server, &card, Some("")), both);
    assert_eq!(ask(&server, &card, Some("TWO")), Ok(vec![pair("TWO", "ds2.example.com")]));
    assert_eq!(ask(&server, &card, Some("THREE")), Err("8.9.5/3.9".into()));
    assert_eq!(ask(&server, &other, None), Ok(vec![pair("THREE", "smdp.example.com")]));
    server.delete(&"THREE".parse().unwrap());
    assert_eq!(ask(&server, &other, None), Ok(vec![]));
}

#[test]
fn what_is_wrong_has_the_codes_of_an_smds() {
    let pki = Pki::in_memory().unwrap();
    let server = server(&pki, &["no-events-error"]);
    let mut card = FakeCard::new(&pki, EID);
    let post: Post<'_> = &|function, body| {
        let answer = server.handle(function, body);
        (answer.status, answer.body)
    };
    assert_eq!(ask(&server, &card, None), Err("8.9.5/3.9".into()));
    assert_eq!(code(call(post, &card.initiate("smdp.example.com"))), "8.9.1/3.8");
    let known = std::mem::take(&mut card.info1.ci_for_verification);
    assert_eq!(code(call(post, &card.initiate(HOST))), "8.9.4/3.7");
    card.info1.ci_for_verification = known;
    card.info1.ci_for_signing = Some(Vec::new());
    assert_eq!(code(call(post, &card.initiate(HOST))), "8.9.2/3.1");
    card.info1.svn = None;
    assert_eq!(code(call(post, &card.initiate(HOST))), "8.9.3/3.1");
    assert_eq!(server.handle("getBoundProfilePackage", b"{}").status, 404);
}
