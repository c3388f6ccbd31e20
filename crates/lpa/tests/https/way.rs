//! The way to a server: names, other addresses, proxies.

use std::io::Write;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use lpa::smdp::https::{HttpsServers, HttpsSettings, Proxy, Timeouts};
use lpa::smdp::{Reached, ServerErrorKind};

use crate::pki::{Authority, FAR_FUTURE, Wish};
use crate::server::{Server, TestProxy};
use crate::{NAME, post, settings};

fn proxy(port: u16, exceptions: &'static str) -> Option<Proxy> {
    let url = format!("http://us%40er:s3cret@127.0.0.1:{port}");
    let value = move |name: &str| match name {
        "https_proxy" => Some(url.clone()),
        "no_proxy" => Some(exceptions.into()),
        _ => None,
    };
    Proxy::from_vars(value).unwrap()
}

/// A server as it is called by its own name, through a proxy.
fn behind(proxy: Option<Proxy>) -> (Server, HttpsServers, String) {
    let issuer = Authority::root("Test CI", FAR_FUTURE);
    let wish = Wish { names: &["127.0.0.1"], ..Wish::default() };
    let server = Server::start(&issuer.issue(&wish), vec![]);
    let client = HttpsServers::new(HttpsSettings { connect_to: vec![], proxy, ..settings(&issuer, &server) });
    let address = format!("127.0.0.1:{}", server.port);
    (server, client, address)
}

#[test]
fn an_address_may_have_a_port() {
    let (server, client, address) = behind(None);
    post(&client, &address).unwrap();
    assert!(server.seen().requests[0].to_ascii_lowercase().contains(&format!("host: {address}\r\n")));
}

#[test]
fn a_proxy_is_asked_for_the_way() {
    let relay = TestProxy::start("200 Connected");
    let (server, client, address) = behind(proxy(relay.port, ""));
    post(&client, &address).unwrap();
    post(&client, &address).unwrap();
    assert_eq!((server.seen().connections, server.seen().requests.len()), (1, 2));
    let asked = relay.asked.lock().unwrap().clone();
    assert_eq!(
        asked,
        [format!(
            "CONNECT {address} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: gsma-rsp-lpad\r\n\
             Proxy-Authorization: Basic dXNAZXI6czNjcmV0\r\n\r\n"
        )]
    );
}

#[test]
fn exceptions_and_this_machine_need_no_proxy() {
    let relay = TestProxy::start("200 Connected");
    let (_server, client, address) = behind(proxy(relay.port, "example.test, 127.0.0.1"));
    post(&client, &address).unwrap();
    let issuer = Authority::root("Test CI", FAR_FUTURE);
    let server = Server::start(&issuer.issue(&Wish::default()), vec![]);
    let settings = HttpsSettings { proxy: proxy(relay.port, ""), ..settings(&issuer, &server) };
    post(&HttpsServers::new(settings), NAME).unwrap();
    assert!(relay.asked.lock().unwrap().is_empty());
}

#[test]
fn a_proxy_that_refuses_is_told_apart() {
    for (status, said) in [("407 Who are you", "407"), ("502 Bad Gateway", "502")] {
        let relay = TestProxy::start(status);
        let (server, client, address) = behind(proxy(relay.port, ""));
        let error = post(&client, &address).unwrap_err();
        assert!(matches!(&error.kind, ServerErrorKind::Proxy(why) if why.contains(said)), "{error}");
        assert!(!format!("{error} {error:?}").contains("s3cret"));
        assert_eq!((error.reached, server.seen().connections), (Reached::No, 0));
    }
}

#[test]
fn a_proxy_that_is_not_there_is_told_apart() {
    let (_server, client, address) = behind(proxy(free_port(), ""));
    let error = post(&client, &address).unwrap_err();
    assert!(matches!(error.kind, ServerErrorKind::Proxy(_)), "{error}");
}

/// A port at which nobody listens.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn nobody_is_there() {
    let client = HttpsServers::new(HttpsSettings::default());
    let error = post(&client, &format!("127.0.0.1:{}", free_port())).unwrap_err();
    assert!(matches!(error.kind, ServerErrorKind::Unreachable(_)), "{error}");
    assert_eq!(error.reached, Reached::No);
    assert_eq!(client.counter().read().requests, 0);
}

#[test]
fn a_name_that_nobody_has() {
    let error = post(&HttpsServers::new(HttpsSettings::default()), "nobody.invalid").unwrap_err();
    assert!(matches!(error.kind, ServerErrorKind::Unresolved(_) | ServerErrorKind::Timeout), "{error}");
    assert_eq!(error.reached, Reached::No);
}

#[test]
fn what_is_no_address() {
    for address in ["", "not a host", "http://smdp.example.test", "https://", "a:b"] {
        let error = post(&HttpsServers::new(HttpsSettings::default()), address).unwrap_err();
        assert_eq!((error.kind, error.reached), (ServerErrorKind::Address, Reached::No));
    }
}

#[test]
fn who_accepts_and_says_nothing_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let timeouts = Timeouts { connect: Duration::from_millis(300), ..Timeouts::default() };
    let client = HttpsServers::new(HttpsSettings { timeouts, ..HttpsSettings::default() });
    let error = post(&client, &address).unwrap_err();
    assert_eq!((error.kind, error.reached), (ServerErrorKind::Timeout, Reached::No));
}

#[test]
fn who_speaks_no_tls_is_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        thread::sleep(Duration::from_secs(60));
    });
    let error = post(&HttpsServers::new(HttpsSettings::default()), &address).unwrap_err();
    assert!(matches!(error.kind, ServerErrorKind::Tls(_)), "{error}");
}
