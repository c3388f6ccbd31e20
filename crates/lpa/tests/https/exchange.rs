//! Requests and answers, whole and broken.

use std::time::Duration;

use lpa::smdp::https::{HttpsServers, HttpsSettings, Timeouts};
use lpa::smdp::{Peer, Reached, RspServer, ServerErrorKind};

use crate::pki::{Authority, FAR_FUTURE, Wish};
use crate::server::{Act, Server, answer};
use crate::{LONGEST, NAME, pair, post, settings};

fn fails(acts: Vec<Act>) -> (ServerErrorKind, Reached) {
    let (server, client) = pair(acts);
    let error = post(&client, NAME).unwrap_err();
    assert_eq!(server.seen().requests.len(), 1, "nothing is sent twice");
    (error.kind, error.reached)
}

#[test]
fn one_connection_carries_all_requests() {
    let (server, client) = pair(vec![Act::Answer(answer("200 OK", "{\"b\":2}"))]);
    for spelling in [NAME, " SMDP.example.test. ", "smdp.example.test:443"] {
        assert_eq!(post(&client, spelling).unwrap().status, 200);
    }
    let seen = server.seen();
    assert_eq!((seen.connections, seen.handshakes, seen.requests.len()), (1, 1, 3));
    let counts = client.counter().read();
    assert_eq!((counts.connections, counts.handshakes, counts.requests), (1, 1, 3));
    assert_eq!((counts.bytes_sent, counts.bytes_received), (21, 11));
    assert!(counts.waited > Duration::ZERO);
}

#[test]
fn requests_are_as_the_specification_has_them() {
    let (server, client) = pair(vec![]);
    post(&client, NAME).unwrap();
    let request = server.seen().requests.remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    let mut lines: Vec<&str> = head.split("\r\n").collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "accept: application/json",
            "content-length: 7",
            "content-type: application/json",
            "host: smdp.example.test",
            "post /gsma/rsp2/es9plus/initiateauthentication http/1.1",
            "user-agent: gsma-rsp-lpad",
            "x-admin-protocol: gsma/rsp/v2.2.2",
        ]
    );
    assert_eq!(body, "{\"a\":1}");
}

#[test]
fn a_connection_made_ahead_is_taken_over() {
    let (server, client) = pair(vec![]);
    client.expect(NAME);
    client.expect(NAME);
    server.wait(|seen| seen.handshakes == 1);
    post(&client, NAME).unwrap();
    client.expect(NAME);
    post(&client, NAME).unwrap();
    let seen = server.seen();
    assert_eq!((seen.connections, seen.handshakes, seen.requests.len()), (1, 1, 2));
}

#[test]
fn a_connection_made_ahead_is_waited_for() {
    let (server, client) = pair(vec![]);
    client.expect(NAME);
    post(&client, NAME).unwrap();
    assert_eq!(server.seen().connections, 1);
}

#[test]
fn a_failure_to_connect_ahead_is_told_once() {
    let strangers = Authority::root("Another CI", FAR_FUTURE);
    let issuer = Authority::root("Test CI", FAR_FUTURE);
    let server = Server::start(&issuer.issue(&Wish::default()), vec![]);
    let client = HttpsServers::new(settings(&strangers, &server));
    client.expect(NAME);
    server.wait(|seen| seen.closed == 1);
    assert_eq!(post(&client, NAME).unwrap_err().reached, Reached::No);
    assert_eq!(server.seen().connections, 1, "no second attempt behind the caller's back");
    post(&client, NAME).unwrap_err();
    assert_eq!(server.seen().connections, 2);
}

#[test]
fn an_idle_connection_that_was_closed_is_replaced() {
    let (server, client) = pair(vec![Act::AnswerAndClose(answer("200 OK", "{}"))]);
    post(&client, NAME).unwrap();
    server.wait(|seen| seen.closed == 1);
    post(&client, NAME).unwrap();
    let seen = server.seen();
    assert_eq!((seen.connections, seen.requests.len()), (2, 2));
}

#[test]
fn every_status_is_an_answer() {
    let html = "<html>Bad gateway</html>";
    for (status, body) in [("500 Oops", html), ("404 Not Found", ""), ("200 OK", html), ("302 Found", "")] {
        let (server, client) = pair(vec![Act::Answer(answer(status, body))]);
        let reply = post(&client, NAME).unwrap();
        assert_eq!((reply.status.to_string(), reply.body), (status[..3].into(), body.as_bytes().to_vec()));
        assert_eq!(server.seen().requests.len(), 1);
    }
}

#[test]
fn notifications_are_answered_with_nothing() {
    let (server, client) = pair(vec![Act::Answer(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())]);
    let reply = post(&client, NAME).unwrap();
    assert_eq!((reply.status, reply.body), (204, vec![]));
    post(&client, NAME).unwrap();
    assert_eq!(server.seen().connections, 1);
}

#[test]
fn redirects_are_not_followed() {
    let redirect = b"HTTP/1.1 307 Temporary\r\nLocation: https://elsewhere.example.test/\r\nContent-Length: 0\r\n\r\n";
    let (server, client) = pair(vec![Act::Answer(redirect.to_vec())]);
    assert_eq!(post(&client, NAME).unwrap().status, 307);
    assert_eq!(server.seen().requests.len(), 1);
}

#[test]
fn chunks_are_put_together() {
    let chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n";
    let (server, client) = pair(vec![Act::Answer(chunks.to_vec())]);
    assert_eq!(post(&client, NAME).unwrap().body, b"{\"a\":1}");
    post(&client, NAME).unwrap();
    assert_eq!(server.seen().connections, 1);
}

#[test]
fn an_answer_that_is_announced_too_long_is_not_read() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n".to_vec();
    assert_eq!(fails(vec![Act::Answer(head)]), (ServerErrorKind::TooLong { longest: LONGEST }, Reached::Yes));
}

#[test]
fn an_answer_that_becomes_too_long_is_left() {
    let mut chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..20 {
        chunks.extend_from_slice(format!("1000\r\n{}\r\n", "x".repeat(0x1000)).as_bytes());
    }
    assert_eq!(fails(vec![Act::Answer(chunks)]), (ServerErrorKind::TooLong { longest: LONGEST }, Reached::Yes));
}

#[test]
fn the_longest_answer_is_read_whole() {
    let (_server, client) = pair(vec![Act::Answer(answer("200 OK", &"x".repeat(LONGEST)))]);
    assert_eq!(post(&client, NAME).unwrap().body.len(), LONGEST);
}

#[test]
fn a_truncated_answer_is_none() {
    let part = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"a\":".to_vec();
    let (kind, reached) = fails(vec![Act::AnswerAndClose(part)]);
    assert!(matches!(kind, ServerErrorKind::Cut(_)), "{kind:?}");
    assert_eq!(reached, Reached::Yes);
    let part = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n".to_vec();
    assert!(matches!(fails(vec![Act::AnswerAndClose(part)]).0, ServerErrorKind::Cut(_)));
}

#[test]
fn a_connection_cut_after_the_request_leaves_doubt() {
    let (kind, reached) = fails(vec![Act::Cut]);
    assert!(matches!(kind, ServerErrorKind::Cut(_)), "{kind:?}");
    assert_eq!(reached, Reached::Maybe);
    let part = b"HTTP/1.1 200 O".to_vec();
    assert_eq!(fails(vec![Act::AnswerAndClose(part)]).1, Reached::Maybe);
}

#[test]
fn what_is_no_http() {
    let (kind, reached) = fails(vec![Act::AnswerAndClose(b"SSH-2.0-OpenSSH\r\n\r\n".to_vec())]);
    assert!(matches!(kind, ServerErrorKind::NotHttp(_)), "{kind:?}");
    assert_eq!(reached, Reached::Maybe);
    let endless = [b"HTTP/1.1 200 OK\r\nX: ", &vec![b'x'; 200_000][..]].concat();
    let (kind, _) = fails(vec![Act::AnswerAndClose(endless)]);
    assert!(matches!(kind, ServerErrorKind::NotHttp(_)), "{kind:?}");
}

#[test]
fn silence_is_a_timeout() {
    let issuer = Authority::root("Test CI", FAR_FUTURE);
    let server = Server::start(&issuer.issue(&Wish::default()), vec![Act::Silence]);
    let mut settings = settings(&issuer, &server);
    settings.timeouts = Timeouts { response: Duration::from_millis(300), ..settings.timeouts };
    let error = post(&HttpsServers::new(settings), NAME).unwrap_err();
    assert_eq!((error.kind, error.reached), (ServerErrorKind::Timeout, Reached::Maybe));
    assert_eq!(server.seen().requests.len(), 1);
}

#[test]
fn an_answer_that_never_ends_is_a_timeout() {
    let issuer = Authority::root("Test CI", FAR_FUTURE);
    let part = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{".to_vec();
    let server = Server::start(&issuer.issue(&Wish::default()), vec![Act::Answer(part)]);
    let mut settings = settings(&issuer, &server);
    settings.timeouts = Timeouts { body: Duration::from_millis(300), ..settings.timeouts };
    let error = post(&HttpsServers::new(settings), NAME).unwrap_err();
    assert_eq!((error.kind, error.reached), (ServerErrorKind::Timeout, Reached::Yes));
}

/// What is tried along with something else has no more time than that leaves.
#[test]
fn a_request_in_a_hurry_waits_no_longer_than_it_may() {
    fn hurried(address: &str) -> Peer<'_> {
        Peer { address, card_issuers: None, within: Some(Duration::from_millis(300)), interruptible: true }
    }
    let issuer = Authority::root("Test CI", FAR_FUTURE);
    let server = Server::start(&issuer.issue(&Wish::default()), vec![Act::Silence]);
    let client = HttpsServers::new(settings(&issuer, &server));
    let error = client.post(hurried(NAME), "/", Vec::new(), LONGEST).unwrap_err();
    assert_eq!((error.kind, error.reached), (ServerErrorKind::Timeout, Reached::Maybe));

    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let client = HttpsServers::new(HttpsSettings::default());
    let error = client.post(hurried(&mute.local_addr().unwrap().to_string()), "/", Vec::new(), LONGEST).unwrap_err();
    assert_eq!((error.kind, error.reached), (ServerErrorKind::Timeout, Reached::No));
}

/// The user need not wait for a server that hangs; what brings a session to its end is waited for.
#[test]
fn a_wait_is_stopped_when_the_user_wants_and_may() {
    let issuer = Authority::root("Test CI", FAR_FUTURE);
    let server = Server::start(&issuer.issue(&Wish::default()), vec![Act::Silence]);
    let settings = settings(&issuer, &server);
    settings.stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let peer = Peer { address: NAME, card_issuers: None, within: None, interruptible: true };
    let error = HttpsServers::new(settings).post(peer, "/", Vec::new(), LONGEST).unwrap_err();
    assert_eq!((error.kind, error.reached), (ServerErrorKind::Interrupted, Reached::Maybe));

    let server = Server::start(&issuer.issue(&Wish::default()), vec![Act::Answer(answer("200 OK", "{}"))]);
    let settings = crate::settings(&issuer, &server);
    settings.stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let answer = HttpsServers::new(settings).post(peer.to_the_end(), "/", Vec::new(), LONGEST);
    assert!(answer.is_ok(), "{answer:?}");
}
