//! Notifications as cards in the field list them: odd addresses, numbers and events are read, told apart and kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use common::{bytes, object};
use sgp22::Function;
use sgp22::es10b::ListNotification;
use sgp22::id::ServerAddressError as E;
use sgp22::notification::NotificationMetadata;

const ICCID: &str = "5A0A98583215220500000010";

/// A list of notifications, given as their elements in hexadecimal.
fn list(notifications: &[String]) -> Vec<NotificationMetadata> {
    ListNotification::decode_answer(&answer(notifications)).unwrap().unwrap()
}

fn answer(notifications: &[String]) -> Vec<u8> {
    let rows: Vec<String> = notifications.iter().map(|elements| object(0xBF2F, &[elements])).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    bytes(&object(0xBF28, &[&object(0xA0, &rows)]))
}

fn element(tag: &str, value: &[u8]) -> String {
    format!("{tag}{:02X}{}", value.len(), common::hex(value))
}

fn addressed(seq: u8, address: &[u8]) -> String {
    [&element("80", &[seq]), "81020640", &element("0C", address), ICCID].concat()
}

/// The addresses of one card, and those that carriers and makers have put there.
#[test]
fn addresses_are_kept_as_they_are_and_judged() {
    let expected: &[(&[u8], Result<&str, E>)] = &[
        (b"", Err(E::Empty)),
        (b" smdp.example.com ", Ok("smdp.example.com")),
        (b"SMDP.EXAMPLE.COM", Ok("smdp.example.com")),
        (b"smdp.example.com.", Ok("smdp.example.com")),
        (b"https://smdp.example.com/", Ok("smdp.example.com")),
        (b"smdp.example.com:8443", Ok("smdp.example.com:8443")),
        (b"smdp.example.com\0", Ok("smdp.example.com")),
        (b"s\xC3\xBCd.example", Err(E::NotAscii)),
        (b"smdp example com", Err(E::Blank)),
        (b"smdp\0example.com", Err(E::Control)),
        // Filler as in files of SIMs.
        (b"\xFF\xFF\xFF\xFF", Err(E::Empty)),
        (b"\0\0\0\0", Err(E::Empty)),
        (b"smdp.example.com:0", Err(E::Port)),
        (b"*", Err(E::Wildcard)),
    ];
    let rows: Vec<String> = (0..).zip(expected).map(|(seq, (address, _))| addressed(seq, address)).collect();
    for (one, (address, server)) in list(&rows).iter().zip(expected) {
        assert_eq!(one.address.as_bytes(), *address, "as the card has it");
        let found = one.server().map(|server| server.to_string());
        assert_eq!(found.as_deref().map_err(|why| *why), *server, "{address:02X?}");
    }
}

#[test]
fn one_without_an_address_names_no_server() {
    let found = list(&[["800101", "81020640", ICCID].concat()]);
    assert_eq!((found[0].server(), found[0].server_name().as_str()), (Err(E::Empty), ""));
}

/// A disable of a profile with three servers: a notification for each, in the order of the numbers.
#[test]
fn several_servers_of_one_change_are_told_apart() {
    let servers = ["a.example", "b.example", "C.example."];
    let rows: Vec<String> = (5..).zip(servers).map(|(seq, server)| addressed(seq, server.as_bytes())).collect();
    let found = list(&rows);
    let told: Vec<_> = found.iter().map(|one| (one.seq, one.server_name())).collect();
    assert_eq!(told, [(5, "a.example".into()), (6, "b.example".into()), (7, "c.example".into())]);
}

#[test]
fn numbers_from_0_to_the_largest_and_the_same_one_twice_are_kept() {
    let row = |number: &str| [number, "81020640", "0C09612E6578616D706C65", ICCID].concat();
    let largest = "8008FFFFFFFFFFFFFFFF";
    let found = list(&["800100", "800200FF", "80020100", "800105", "800105", largest].map(row));
    let numbers: Vec<u64> = found.iter().map(|one| one.seq).collect();
    assert_eq!(numbers, [0, 255, 256, 5, 5, u64::MAX], "none is merged with another");
}

/// It can neither be fetched nor removed, and hides no other.
#[test]
fn one_without_a_number_is_counted_and_hides_no_other() {
    let row = |number: &str| [number, "81020640", "0C09612E6578616D706C65", ICCID].concat();
    let rows = ["800101", "", "8000", "8009FFFFFFFFFFFFFFFFFF", "800102"].map(row);
    assert_eq!(list(&rows).iter().map(|one| one.seq).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(ListNotification::count_unnumbered(&answer(&rows)), 3);
    assert_eq!(ListNotification::count_unnumbered(&answer(&[row("800100")])), 0);
    for no_list in ["BF280381017F", "BF28", "", "BF2805A003BF2F05"] {
        assert_eq!(ListNotification::count_unnumbered(&bytes(no_list)), 0, "{no_list}");
    }
}

#[test]
fn any_events_are_told_and_none_too() {
    let row = |events: &str| ["800101", events, "0C09612E6578616D706C65", ICCID].concat();
    let names = |events: &str| list(&[row(events)])[0].event.names().collect::<Vec<_>>();
    assert_eq!(names("81020780"), ["install"]);
    assert_eq!(names("810204F0"), ["install", "enable", "disable", "delete"], "more than one at once");
    assert_eq!(names("81020430"), ["disable", "delete"]);
    assert_eq!(names("81020308"), ["rpm-enable"]);
    assert_eq!(names("8103060040"), ["event9"], "one that no version defines");
    for none in ["81020700", "810100", "8100", ""] {
        assert_eq!(names(none), [""; 0], "{none}");
    }
}

#[test]
fn a_failed_installation_names_no_profile() {
    let found = list(&["80010E8102078 00C09612E6578616D706C65".replace(' ', "")]);
    assert_eq!((found[0].seq, &found[0].iccid), (14, &None));
}
