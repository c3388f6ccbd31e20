//! Who is believed, and what is said about the others.

use lpa::smdp::https::{Anchor, AnchorKind, HttpsServers, HttpsSettings, Issuer, WebIssuers};
use lpa::smdp::{Peer, Reached, RspServer, ServerErrorKind, TrustError};
use sgp22::ci::CiKeyId;

use crate::pki::{Authority, CI_SUB_CA, EUM, FAR_FUTURE, FUTURE, Identity, PAST, Wish};
use crate::server::Server;
use crate::{LONGEST, NAME, PATH, post, settings};

/// What is said about a server of this identity.
fn judge(
    identity: &Identity,
    change: impl FnOnce(&mut HttpsSettings),
    trusted: &Authority,
) -> Result<Issuer, TrustError> {
    let server = Server::start(identity, vec![]);
    let mut settings = settings(trusted, &server);
    settings.web_issuers = WebIssuers::from_fn(Vec::new);
    change(&mut settings);
    let client = HttpsServers::new(settings);
    match post(&client, NAME) {
        Ok(_) => Ok(client.issuer(NAME).unwrap()),
        Err(error) => {
            assert_eq!((error.reached, server.seen().requests.len()), (Reached::No, 0));
            let ServerErrorKind::Trust(distrust) = error.kind else { panic!("{error}") };
            Err(distrust)
        }
    }
}

fn root() -> Authority {
    Authority::root("Test CI", FAR_FUTURE)
}

#[test]
fn a_server_below_an_issuer_that_was_added() {
    let issuer = root();
    assert_eq!(judge(&issuer.issue(&Wish::default()), |_| {}, &issuer), Ok(Issuer::Ci(issuer.id.clone())));
}

#[test]
fn both_versions_of_tls() {
    let issuer = root();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let server = Server::with_versions(&issuer.issue(&Wish::default()), vec![], &[version]);
        post(&HttpsServers::new(settings(&issuer, &server)), NAME).unwrap();
    }
}

#[test]
fn a_key_that_is_not_the_certificates() {
    let issuer = root();
    let identity = Identity { key: issuer.issue(&Wish::default()).key, ..issuer.issue(&Wish::default()) };
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let server = Server::with_versions(&identity, vec![], &[version]);
        let error = post(&HttpsServers::new(settings(&issuer, &server)), NAME).unwrap_err();
        assert!(matches!(error.kind, ServerErrorKind::Trust(TrustError::Other(_))), "{error}");
    }
}

#[test]
fn issuers_between_as_version_3_has_them() {
    let issuer = root();
    let between = issuer.below("CI SubCA", CI_SUB_CA);
    let mut identity = between.issue(&Wish::default());
    assert_eq!(judge(&identity, |_| {}, &issuer), Err(TrustError::UnknownIssuer));
    identity.chain.push(between.der.clone());
    assert_eq!(judge(&identity, |_| {}, &issuer), Ok(Issuer::Ci(issuer.id.clone())));
}

#[test]
fn a_maker_of_cards_certifies_no_servers() {
    let issuer = root();
    let maker = issuer.below("EUM", EUM);
    let mut identity = maker.issue(&Wish::default());
    identity.chain.push(maker.der.clone());
    assert_eq!(judge(&identity, |_| {}, &issuer), Err(TrustError::UnknownIssuer));
}

#[test]
fn a_server_certifies_no_servers() {
    let issuer = root();
    let server = issuer.issue(&Wish::default());
    let forged = Authority::root("A server", FAR_FUTURE).issue(&Wish::default());
    let identity = Identity { chain: vec![forged.chain[0].clone(), server.chain[0].clone()], key: forged.key };
    assert_eq!(judge(&identity, |_| {}, &issuer), Err(TrustError::UnknownIssuer));
}

#[test]
fn strangers_are_unknown_even_if_they_have_expired() {
    let (issuer, stranger) = (root(), root());
    for until in [FAR_FUTURE, PAST] {
        let identity = stranger.issue(&Wish { until, ..Wish::default() });
        assert_eq!(judge(&identity, |_| {}, &issuer), Err(TrustError::UnknownIssuer));
    }
}

#[test]
fn dates() {
    let issuer = root();
    let expired = issuer.issue(&Wish { until: PAST, ..Wish::default() });
    assert!(matches!(judge(&expired, |_| {}, &issuer), Err(TrustError::Expired { now }) if now > 1_700_000_000));
    let early = issuer.issue(&Wish { from: FUTURE, ..Wish::default() });
    assert!(matches!(judge(&early, |_| {}, &issuer), Err(TrustError::NotYetValid { .. })));
    let gone = Authority::root("Old CI", PAST);
    let said = judge(&gone.issue(&Wish::default()), |_| {}, &gone);
    let Err(TrustError::IssuerExpired { issuer, expired, .. }) = said else { panic!("{said:?}") };
    assert_eq!((issuer, expired), (gone.id.clone(), 1_609_459_200));
}

#[test]
fn another_host() {
    let issuer = root();
    let other = issuer.issue(&Wish { names: &["other.example.test", "10.0.0.1"], ..Wish::default() });
    let names = vec!["other.example.test".into(), "10.0.0.1".into()];
    assert_eq!(judge(&other, |_| {}, &issuer), Err(TrustError::OtherHost { names }));
    let wild = issuer.issue(&Wish { names: &["*.example.test"], ..Wish::default() });
    assert_eq!(judge(&wild, |_| {}, &issuer), Ok(Issuer::Ci(issuer.id.clone())));
}

#[test]
fn curves_that_tls_cannot_be_spoken_with() {
    let issuer = root();
    let identity = issuer.issue(&Wish { brainpool: true, ..Wish::default() });
    assert_eq!(judge(&identity, |_| {}, &issuer), Err(TrustError::Curve));
}

#[test]
fn certificates_for_something_else() {
    let issuer = root();
    for wish in [Wish { for_clients_only: true, ..Wish::default() }, Wish { odd: true, ..Wish::default() }] {
        assert!(matches!(judge(&issuer.issue(&wish), |_| {}, &issuer), Err(TrustError::Other(_))));
    }
}

#[test]
fn test_issuers_must_be_asked_for() {
    let issuer = root();
    let identity = issuer.issue(&Wish::default());
    let as_test = |settings: &mut HttpsSettings| settings.anchors[0].kind = AnchorKind::Test;
    assert_eq!(judge(&identity, as_test, &issuer), Err(TrustError::TestIssuer(issuer.id.clone())));
    let allowed = |settings: &mut HttpsSettings| {
        as_test(settings);
        settings.trust_test_issuers = true;
    };
    assert_eq!(judge(&identity, allowed, &issuer), Ok(Issuer::Ci(issuer.id.clone())));
}

#[test]
fn issuers_of_the_web_must_be_asked_for() {
    let (issuer, web) = (root(), Authority::root("Web CA", FAR_FUTURE));
    let of_web = |trusted: bool| {
        let der = web.der.clone();
        move |settings: &mut HttpsSettings| {
            settings.web_issuers = WebIssuers::from_fn(move || vec![der.clone()]);
            settings.trust_web_issuers = trusted;
        }
    };
    let plain = Wish { policy: None, ..Wish::default() };
    assert_eq!(judge(&web.issue(&plain), of_web(false), &issuer), Err(TrustError::WebIssuer));
    assert_eq!(judge(&web.issue(&plain), of_web(true), &issuer), Ok(Issuer::Web));
    let expired = web.issue(&Wish { until: PAST, ..plain });
    assert_eq!(judge(&expired, of_web(false), &issuer), Err(TrustError::WebIssuer));
    assert!(matches!(judge(&expired, of_web(true), &issuer), Err(TrustError::Expired { .. })));
    let other = web.issue(&Wish { names: &["other.example.test"], policy: None, ..Wish::default() });
    assert_eq!(judge(&other, of_web(false), &issuer), Err(TrustError::WebIssuer));
    let names = vec!["other.example.test".into()];
    assert_eq!(judge(&other, of_web(true), &issuer), Err(TrustError::OtherHost { names }));
}

#[test]
fn an_issuer_that_the_card_does_not_accept() {
    let issuer = root();
    let server = Server::start(&issuer.issue(&Wish::default()), vec![]);
    let client = HttpsServers::new(settings(&issuer, &server));
    let strange = [CiKeyId::from_bytes(&[1; 20])];
    let ask =
        |card_issuers: &[CiKeyId]| client.post(Peer::for_card(NAME, Some(card_issuers)), PATH, b"{}".to_vec(), LONGEST);
    let refused = |kind| kind == ServerErrorKind::Trust(TrustError::NotTheCards(issuer.id.clone()));
    // On a connection made ahead, and on one that was used.
    client.expect(NAME);
    let error = ask(&strange).unwrap_err();
    assert!(refused(error.kind) && error.reached == Reached::No);
    server.wait(|seen| seen.closed == 1);
    assert_eq!((client.counter().read().handshakes, server.seen().requests.len()), (1, 0));
    ask(&[strange[0].clone(), issuer.id.clone()]).unwrap();
    let error = ask(&strange).unwrap_err();
    assert!(refused(error.kind) && error.reached == Reached::No);
    assert_eq!(server.seen().requests.len(), 1);
    assert_eq!(client.counter().read().requests, 1);
}

#[test]
fn files_of_issuers() {
    let (one, other) = (root(), root());
    let pem = |der: &[u8]| {
        let text = data_encoding::BASE64.encode(der);
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    };
    let file = format!("A comment\n{}{}", pem(&one.der), pem(&other.der));
    let keys: Vec<CiKeyId> = Anchor::read(file.as_bytes()).unwrap().into_iter().map(|anchor| anchor.key).collect();
    assert_eq!(keys, [one.id, other.id]);
}
