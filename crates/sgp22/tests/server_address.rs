//! The addresses of servers that cards, servers, codes and people give: what is understood, and what is refused, so that
//! no text becomes the address of another host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use sgp22::id::{ServerAddress, ServerAddressError as E};

fn read(text: &str) -> Result<String, E> {
    text.parse::<ServerAddress>().map(|address| address.to_string())
}

#[test]
fn forms_of_the_field_are_understood() {
    for (text, address) in [
        ("smdp.example.com", "smdp.example.com"),
        ("SMDP.EXAMPLE.COM", "smdp.example.com"),
        ("smdp.example.com.", "smdp.example.com"),
        (" \tsmdp.example.com\r\n", "smdp.example.com"),
        (" SMDP.EXAMPLE.COM. ", "smdp.example.com"),
        ("smdp.example.com\0\0", "smdp.example.com"),
        ("\u{a0}smdp.example.com\u{3000}", "smdp.example.com"),
        ("https://smdp.example.com/", "smdp.example.com"),
        ("HTTPS://SMDP.example.com", "smdp.example.com"),
        ("https://smdp.example.com/gsma/rsp2/es9plus?x=1#y", "smdp.example.com"),
        ("smdp.example.com/gsma", "smdp.example.com"),
        ("smdp.example.com:443", "smdp.example.com"),
        ("smdp.example.com.:8443", "smdp.example.com:8443"),
        ("smdp.example.com:00443", "smdp.example.com"),
        ("smdp.example.com:1", "smdp.example.com:1"),
        ("smdp.example.com:65535", "smdp.example.com:65535"),
        ("https://smdp.example.com:8443/", "smdp.example.com:8443"),
        ("localhost", "localhost"),
        ("osmo_smdpp.example", "osmo_smdpp.example"),
        ("1.example", "1.example"),
        ("127.0.0.1:8443", "127.0.0.1:8443"),
        ("[::1]", "[::1]"),
        ("[2001:DB8::0:1]:8443", "[2001:db8::1]:8443"),
        ("[::ffff:192.0.2.1]:443", "[::ffff:192.0.2.1]"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("1--2.example", "1--2.example"),
    ] {
        assert_eq!(read(text).as_deref(), Ok(address), "{text:?}");
        assert_eq!(read(address).as_deref(), Ok(address), "what it is written as is read again");
    }
    let port = |text: &str| text.parse::<ServerAddress>().unwrap().port();
    assert_eq!((port("a.example"), port("[::1]:81")), (443, 81));
    assert_eq!("[::1]:81".parse::<ServerAddress>().unwrap().name(), "::1");
}

#[test]
fn what_is_no_address_is_refused_with_its_reason() {
    for (text, why) in [
        ("", E::Empty),
        (" \t", E::Empty),
        ("\0\0", E::Empty),
        ("https://", E::Empty),
        ("https:///path", E::Empty),
        ("/", E::Empty),
        ("smdp example.com", E::Blank),
        ("smdp\u{a0}example.com", E::Blank),
        ("smdp.example.com a", E::Blank),
        ("https://smdp.example.com/a b", E::Blank),
        ("smdp.\nexample.com", E::Blank),
        ("smdp.\u{85}example.com", E::Blank),
        ("smdp\0.example.com", E::Control),
        ("smdp\u{1b}[31m.example", E::Control),
        ("\u{7f}a.example", E::Control),
        ("http://smdp.example.com", E::Scheme),
        ("ftp://smdp.example.com", E::Scheme),
        ("https://https://a.example", E::Port),
        ("user@smdp.example.com", E::UserInfo),
        ("https://user:word@smdp.example.com/", E::UserInfo),
        ("ü.example", E::NotAscii),
        ("smdp\u{3002}example", E::NotAscii),
        ("smdp\u{200b}.example", E::NotAscii),
        // KELVIN SIGN and LATIN SMALL LETTER LONG S: in lower or upper case they are the letters k and s.
        ("\u{212a}igen.example", E::NotAscii),
        ("\u{17f}mdp.example", E::NotAscii),
        ("smdp.example\u{fffd}", E::NotAscii),
        ("*.example.com", E::Wildcard),
        ("a.example,b.example", E::Character),
        ("a.example;b.example", E::Character),
        ("a.example?x", E::Character),
        ("a.example#x", E::Character),
        ("a%2eexample", E::Character),
        ("a\\b.example", E::Character),
        ("a..b", E::EmptyLabel),
        (".example.com", E::EmptyLabel),
        ("example.com..", E::EmptyLabel),
        (".", E::EmptyLabel),
        (":443", E::EmptyLabel),
        ("-a.example", E::Hyphen),
        ("a-.example", E::Hyphen),
        ("1.2.3.4.5", E::Number),
        ("256.0.0.1", E::Number),
        ("127.1", E::Number),
        ("2130706433", E::Number),
        ("0x7f000001", E::Number),
        ("0X7F.0.0.0x1", E::Number),
        ("[::1", E::Brackets),
        ("[a.example]", E::Brackets),
        ("[fe80::1%eth0]", E::Brackets),
        ("[::1]8443", E::Brackets),
        ("::1", E::Colons),
        ("a.example:443:443", E::Colons),
        ("a.example:", E::Port),
        ("a.example:0", E::Port),
        ("a.example:65536", E::Port),
        ("a.example:99999", E::Port),
        ("a.example:000443", E::Port),
        ("a.example:+443", E::Port),
        ("a.example:-1", E::Port),
        ("a.example:x", E::Port),
        ("[::1]:0", E::Port),
    ] {
        assert_eq!(read(text), Err(why), "{text:?}");
    }
}

#[test]
fn lengths_have_limits() {
    let longest = format!("{}example", "a.".repeat(123));
    assert_eq!(longest.len(), 253);
    assert_eq!(read(&longest), Ok(longest.clone()));
    assert_eq!(read(&format!("{longest}.:8443")), Ok(format!("{longest}:8443")), "dot and port do not count");
    assert_eq!(read(&format!("{longest}s")), Err(E::TooLong));
    let label = "a".repeat(63);
    assert!(read(&format!("{label}.example")).is_ok());
    assert_eq!(read(&format!("{label}a.example")), Err(E::LongLabel));
    assert_eq!(read(&"a".repeat(1 << 20)), Err(E::TooLong));
}

/// Whatever the text: an address that is read has no other characters than the text has, in their order, but for case.
#[test]
fn no_text_becomes_another_host() {
    let pieces = ["a", "B", ".", " ", ":", "1", "-", "\u{0}", "https://", "/", "@", "ü", "\u{212a}", "*", "8443"];
    let mut texts = vec![String::new()];
    for _ in 0..4 {
        texts = texts.iter().flat_map(|text| pieces.iter().map(move |piece| format!("{text}{piece}"))).collect();
        for text in &texts {
            let Ok(address) = text.parse::<ServerAddress>() else { continue };
            assert!(text.to_ascii_lowercase().contains(address.name()), "{text:?} became {address}");
        }
    }
}

#[test]
fn each_reason_has_a_name_and_a_sentence_of_its_own() {
    let distinct =
        |words: fn(E) -> &'static str| E::ALL.map(words).into_iter().collect::<std::collections::BTreeSet<_>>();
    assert_eq!((distinct(E::name).len(), distinct(E::meaning).len()), (E::ALL.len(), E::ALL.len()));
}
