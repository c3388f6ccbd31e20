//! The shapes of HTTP in which servers answer: each is read as what it means, or refused by its name.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use lpa::smdp::{self, Peer, Reached, ServerError, ServerErrorKind};
use sgp22::es9p::{AuthenticateClient, BodyError, HandleNotification, ProfileOffer, ServerFunction};

use crate::server::Act;
use crate::{LONGEST, NAME, pair};

fn offer() -> ProfileOffer {
    ProfileOffer {
        transaction_id: Some("0102030405060708".parse().unwrap()),
        profile_metadata: (0..=255).collect(),
        smdp_signed2: vec![0xFB; 300],
        smdp_signature2: vec![2; 64],
        smdp_certificate: vec![3; 500],
    }
}

fn json() -> Vec<u8> {
    AuthenticateClient::encode_answer(&offer())
}

/// Asks a server that answers with these bytes, and then hangs up or not.
fn asked<F: ServerFunction>(answer: Vec<u8>, ends: bool, request: &F) -> Result<F::Answer, ServerError> {
    let act = if ends { Act::AnswerAndClose(answer) } else { Act::Answer(answer) };
    let (server, client) = pair(vec![act]);
    let peer = Peer { address: NAME, card_issuers: None, within: None, interruptible: true };
    let result = smdp::call(&client, peer, request, LONGEST);
    assert_eq!(server.seen().requests.len(), 1, "nothing is sent twice");
    result
}

fn authenticate(answer: Vec<u8>, ends: bool) -> Result<ProfileOffer, ServerError> {
    let transaction_id = "0102030405060708".parse().unwrap();
    asked(answer, ends, &AuthenticateClient { transaction_id, authenticate_server_response: vec![0xBF, 0x38, 0x00] })
}

/// An answer with this status line and these lines of the head, a length among them.
fn framed(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("{head}\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

fn ok(lines: &str, body: &[u8]) -> Vec<u8> {
    framed(&format!("HTTP/1.1 200 OK\r\nContent-Type: application/json{lines}"), body)
}

fn chunked(body: &[u8], extension: &str, trailers: &str) -> Vec<u8> {
    let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for part in body.chunks(100) {
        answer.extend_from_slice(format!("{:X}{extension}\r\n", part.len()).as_bytes());
        answer.extend_from_slice(part);
        answer.extend_from_slice(b"\r\n");
    }
    answer.extend_from_slice(format!("0\r\n{trailers}\r\n").as_bytes());
    answer
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn raw_deflate(body: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn shapes_with_one_meaning_are_read() {
    let body = json();
    let with_mark = [b"\xEF\xBB\xBF", &body[..]].concat();
    let unframed = |head: &str| [head.as_bytes(), b"\r\n\r\n", &body].concat();
    let shapes: Vec<(&str, Vec<u8>, bool)> = vec![
        ("as the standard has it", ok("\r\nX-Admin-Protocol: gsma/rsp/v2.2.0", &body), false),
        ("no X-Admin-Protocol, no Content-Type", framed("HTTP/1.1 200 OK", &body), false),
        ("another X-Admin-Protocol", ok("\r\nX-Admin-Protocol: gsma/rsp/v3.1.0", &body), false),
        ("a charset", ok(";charset=UTF-8", &body), false),
        ("another charset", ok("; charset=\"iso-8859-1\"", &body), false),
        ("a wrong Content-Type", framed("HTTP/1.1 200 OK\r\nContent-Type: text/html", &body), false),
        ("no reason phrase", framed("HTTP/1.1 200 ", &body), false),
        ("not even the blank before it", framed("HTTP/1.1 200", &body), false),
        ("another status of success", framed("HTTP/1.1 201 Created", &body), false),
        (
            "names of the head in small letters",
            [b"HTTP/1.1 200 ok\r\ncontent-length: ", body.len().to_string().as_bytes(), b"\r\n\r\n", &body].concat(),
            false,
        ),
        ("HTTP/1.0 with a length", framed("HTTP/1.0 200 OK", &body), true),
        ("HTTP/1.0 without a length", unframed("HTTP/1.0 200 OK"), true),
        ("HTTP/1.1 without a length", unframed("HTTP/1.1 200 OK\r\nConnection: close"), true),
        ("chunks", chunked(&body, "", ""), false),
        ("chunks with extensions", chunked(&body, ";name=\"value\"", ""), false),
        ("chunks with trailers", chunked(&body, "", "X-Checksum: 1\r\nExpires: never\r\n"), false),
        ("an interim answer before", [b"HTTP/1.1 100 Continue\r\n\r\n", &ok("", &body)[..]].concat(), false),
        ("a byte order mark", ok("", &with_mark), false),
        ("gzip", ok("\r\nContent-Encoding: gzip", &gzip(&body)), false),
        ("gzip by its old name", ok("\r\ncontent-encoding: X-GZIP", &gzip(&body)), false),
        ("gzip in chunks", chunked(&gzip(&body), "", "").replace_head("Content-Encoding: gzip"), false),
        (
            "gzip in two parts",
            ok("\r\nContent-Encoding: gzip", &[gzip(&body[..50]), gzip(&body[50..])].concat()),
            false,
        ),
        ("gzip, and a coding that changes nothing", ok("\r\nContent-Encoding: identity, gzip", &gzip(&body)), false),
        ("deflate", ok("\r\nContent-Encoding: deflate", &zlib(&body)), false),
        ("deflate without its wrapping", ok("\r\nContent-Encoding: deflate", &raw_deflate(&body)), false),
    ];
    for (name, answer, ends) in shapes {
        assert_eq!(authenticate(answer, ends).as_ref(), Ok(&offer()), "{name}");
    }
}

trait ReplaceHead {
    fn replace_head(self, line: &str) -> Self;
}

impl ReplaceHead for Vec<u8> {
    /// Puts a line behind the status line.
    fn replace_head(self, line: &str) -> Self {
        let at = self.windows(2).position(|bytes| bytes == b"\r\n").unwrap();
        [&self[..at], b"\r\n", line.as_bytes(), &self[at..]].concat()
    }
}

#[test]
fn shapes_without_a_meaning_are_refused_by_their_name() {
    let (body, page) = (json(), "<html><body>Welcome to the hotel. Please log in.</body></html>");
    let kind = |answer: Vec<u8>, ends: bool| {
        let error = authenticate(answer, ends).unwrap_err();
        assert_eq!(error.reached, Reached::Yes, "{error}");
        error.kind
    };
    let coding = |answer: Vec<u8>| match kind(answer, false) {
        ServerErrorKind::Coding(why) => why,
        other => panic!("{other:?}"),
    };
    assert!(coding(ok("\r\nContent-Encoding: br", b"x")).contains("\"br\""));
    assert!(coding(ok("\r\nContent-Encoding: zstd", b"x")).contains("\"zstd\""));
    assert!(coding(ok("\r\nContent-Encoding: gzip, gzip", &gzip(&gzip(&body)))).contains("\"gzip\""));
    let whole = gzip(&body);
    assert!(coding(ok("\r\nContent-Encoding: gzip", &whole[..whole.len() / 2])).contains("decompressed"));
    assert!(coding(ok("\r\nContent-Encoding: gzip", &body)).contains("decompressed"));
    // What is small on the way can be large here.
    let bomb = gzip(&vec![b' '; 50 * LONGEST]);
    assert!(bomb.len() < LONGEST);
    assert_eq!(kind(ok("\r\nContent-Encoding: gzip", &bomb), false), ServerErrorKind::TooLong { longest: LONGEST });

    for empty in [
        framed("HTTP/1.1 200 OK", b""),
        b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        ok("\r\nContent-Encoding: gzip", b""),
    ] {
        assert!(matches!(kind(empty, false), ServerErrorKind::Body(BodyError::Empty { .. })));
    }
    assert!(matches!(kind(ok("", page.as_bytes()), false), ServerErrorKind::Body(BodyError::NotJson { .. })));
    let portal = framed("HTTP/1.1 302 Found\r\nLocation: https://hotel.example/login", page.as_bytes());
    assert_eq!(kind(portal, false), ServerErrorKind::Status(302));
    // One that ends early is none, also where nothing says how long it is.
    let half = [b"HTTP/1.0 200 OK\r\n\r\n", &body[..body.len() / 2]].concat();
    assert!(matches!(kind(half, true), ServerErrorKind::Body(BodyError::NotJson { .. })));
}

/// What comes back for a notification, and whether it was accepted: a page that stands in the server's place has not.
#[test]
fn notifications_are_accepted_by_the_server_alone() {
    let page = "<html><body>Welcome to the hotel. Please log in.</body></html>";
    let notify =
        |answer: Vec<u8>| asked(answer, false, &HandleNotification { pending_notification: vec![0xBF, 0x37, 0] });
    for (answer, accepted) in [
        (b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(), true),
        (framed("HTTP/1.1 200 OK", b""), true),
        (framed("HTTP/1.1 202 Accepted\r\nContent-Type: text/plain", b"OK"), true),
        (ok("\r\nContent-Encoding: gzip", &gzip(b"OK")), true),
        (ok("", page.as_bytes()), false),
        (framed("HTTP/1.1 200 OK\r\nContent-Type: text/html", b"Down for maintenance"), false),
        (framed("HTTP/1.1 302 Found\r\nLocation: https://hotel.example/login", page.as_bytes()), false),
        (framed("HTTP/1.1 503 Service Unavailable", b"OK"), false),
        (ok("\r\nContent-Encoding: br", b"OK"), false),
    ] {
        let shown = String::from_utf8_lossy(&answer).into_owned();
        assert_eq!(notify(answer).is_ok(), accepted, "{shown}");
    }
}
