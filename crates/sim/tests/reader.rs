//! Reading the SIM of the virtual card, through the same layers as a real one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::cell::Cell;

use card_io::{Counters, Iso7816, Tap};
use sgp22::id::Aid;
use sgp22::transport::{OpenError, Transport};
use sim::{AskPin, NoPin, Part, Pin, PinOutcome, PinRequest, ReadError, SimContents, Source};
use virtual_euicc::card::{NewCard, NewProfile, NewProfiles, Quirks, VirtualCard};

type Link = Iso7816<Tap<VirtualCard>>;

fn link(quirks: &[&str], pin: &str) -> (Link, Counters) {
    let quirks = Quirks::of(quirks.iter().map(|quirk| quirk.parse().unwrap()).collect());
    let profile = NewProfile { enabled: true, pin: pin.into(), ..NewProfile::named("Example Mobile", "Flat") };
    let eid = Some("89049032123451234512345678901235".parse().unwrap());
    let card = NewCard { eid, profiles: NewProfiles::These(vec![profile]), quirks, ..NewCard::default() };
    let counters = Counters::default();
    (Iso7816::new(Tap::new(VirtualCard::in_memory(&card).unwrap(), counters.clone(), None), 255), counters)
}

/// Gives this PIN, and keeps what it was told.
struct Knows(&'static str, Vec<PinRequest>);

impl AskPin for Knows {
    fn ask(&mut self, request: &PinRequest) -> Option<Pin> {
        self.1.push(*request);
        Some(self.0.parse().unwrap())
    }
}

fn read(link: &mut Link, ask: &mut dyn AskPin) -> SimContents {
    sim::read(link, ask, &|| false).unwrap()
}

fn assert_whole(contents: &SimContents, what: &str) {
    assert_eq!(contents.unread(), [""; 0], "{what}");
    assert_eq!(contents.iccid.value().unwrap(), "8999934567890120011", "{what}");
    assert_eq!(contents.applications.value().unwrap().entries[0].label, "USIM", "{what}");
    assert_eq!(contents.imsi.value().unwrap(), "999017890120011", "{what}");
    assert_eq!(contents.mnc_digits.value().unwrap(), &Some(2), "{what}");
    assert_eq!(contents.provider.value().unwrap(), "Example Mobile", "{what}");
    let numbers = &contents.numbers.value().unwrap().entries;
    assert_eq!((numbers[0].name.as_str(), numbers[0].number.as_str()), ("Mine", "+9990190120011"), "{what}");

    let book = contents.contacts.value().unwrap();
    assert!(book.damaged.is_empty() && book.notes.is_empty(), "{what}: {book:?}");
    let names: Vec<&str> = book.entries.iter().map(|contact| contact.name.as_str()).collect();
    assert_eq!(names, ["Anna Beispiel", "Müller & Söhne", "王小明", "Иван Петров", "Voicemail"], "{what}");
    let anna = &book.entries[0];
    assert_eq!(anna.source, Source::PhoneBook, "{what}");
    assert_eq!(anna.numbers, ["+447700900123", "+493023125002"], "{what}");
    assert_eq!(anna.emails, ["anna@example.com"], "{what}");
    assert_eq!(anna.second_names, ["Annie"], "{what}");
    assert_eq!(book.entries[4].numbers, ["*100#"], "{what}");

    let messages = &contents.messages.value().unwrap().entries;
    let texts: Vec<&str> = messages.iter().map(|message| message.text.as_deref().unwrap()).collect();
    assert_eq!(texts[0], "Welcome! Call *100# for your balance {free of charge}.", "{what}");
    assert_eq!(texts[1], "您好！余额 ¥100。", "{what}");
    assert!(texts[2].starts_with("Your balance is 12.30 EUR.") && texts[2].ends_with("keep this message."), "{what}");
    assert_eq!(messages[2].records, [4, 3], "{what}");
    assert_eq!(messages[2].time.as_deref(), Some("2024-06-03T09:15:00+01:00"), "{what}");
    assert_eq!(messages[0].service_centre, "+447700900000", "{what}");
    let dialled: Vec<&str> =
        contents.last_numbers.value().unwrap().entries.iter().map(|entry| entry.number.as_str()).collect();
    assert_eq!(dialled, ["+447700900123", "03023125003", "*100#"], "{what}");
}

#[test]
fn everything_is_read_whatever_the_card_is_like() {
    for quirk in [
        &[][..],
        &["61xx"],
        &["no-le"],
        &["high-channels"],
        &["basic-channel-only"],
        &["no-manage-channel"],
        &["terminal-capability-required"],
        &["get-response-class"],
        &["max-block=16"],
        &["no-path-select"],
        &["no-path-select", "61xx", "no-manage-channel"],
    ] {
        let (mut link, _) = link(quirk, "");
        let contents = read(&mut link, &mut NoPin);
        assert_whole(&contents, &quirk.join(", "));
        assert_eq!(contents.pin, PinOutcome::NotNeeded);
    }
}

#[test]
fn the_channel_is_given_back() {
    let (mut link, _) = link(&[], "");
    for _ in 0..5 {
        read(&mut link, &mut NoPin);
        let isdr = link.open_channel(&[Aid::isd_r()]).unwrap();
        assert_eq!(isdr.channel.0, 1);
        link.close_channel(isdr.channel).unwrap();
    }
}

#[test]
fn a_pin_is_asked_for_once_with_what_is_known_of_the_tries() {
    let (mut link, _) = link(&[], "1234");
    let mut ask = Knows("1234", Vec::new());
    let contents = read(&mut link, &mut ask);
    assert_whole(&contents, "the right one");
    assert_eq!(contents.pin, PinOutcome::Verified);
    assert_eq!(ask.1, [PinRequest { tries_left: Some(3) }]);
}

fn assert_locked(contents: &SimContents, tries_left: u8) {
    assert_eq!(contents.unread(), ["imsi", "numbers", "contacts", "messages", "last_numbers"]);
    assert_eq!(contents.imsi, Part::NeedsPin { tries_left: Some(tries_left) });
    assert_eq!(contents.contacts, Part::NeedsPin { tries_left: Some(tries_left) });
    // What is free is read all the same.
    assert_eq!(contents.provider.value().unwrap(), "Example Mobile");
}

#[test]
fn a_wrong_pin_is_never_tried_again() {
    let (mut link, _) = link(&[], "1234");
    for tries_left in [2, 1, 0] {
        let mut ask = Knows("9999", Vec::new());
        let contents = read(&mut link, &mut ask);
        assert_eq!(contents.pin, PinOutcome::Wrong { tries_left });
        assert_eq!(ask.1, [PinRequest { tries_left: Some(tries_left + 1) }]);
        assert_locked(&contents, tries_left);
    }
    // Blocked: nobody is asked.
    let mut ask = Knows("1234", Vec::new());
    let contents = read(&mut link, &mut ask);
    assert_eq!((contents.pin, ask.1.len()), (PinOutcome::Blocked, 0));
    assert_locked(&contents, 0);
}

#[test]
fn no_pin_costs_no_try() {
    let (mut link, _) = link(&[], "1234");
    for _ in 0..4 {
        let contents = read(&mut link, &mut NoPin);
        assert_eq!(contents.pin, PinOutcome::NotGiven { tries_left: Some(3) });
        assert_locked(&contents, 3);
    }
    let (mut link, _) = self::link(&["pin-blocked"], "1234");
    assert_eq!(read(&mut link, &mut Knows("1234", Vec::new())).pin, PinOutcome::Blocked);
}

#[test]
fn what_is_no_pin_is_not_sent() {
    for text in ["", "123", "123456789", "12a4", "１２３４"] {
        assert!(text.parse::<Pin>().is_err(), "{text}");
    }
    assert_eq!(format!("{:?}", "1234".parse::<Pin>().unwrap()), "Pin(...)");
}

#[test]
fn a_sim_without_phone_book() {
    let (mut link, _) = link(&["no-phone-book"], "");
    let contents = read(&mut link, &mut NoPin);
    assert_eq!(contents.contacts, Part::Absent);
    assert_eq!(contents.unread(), [""; 0]);
    assert_eq!(contents.messages.value().unwrap().entries.len(), 3);
}

#[test]
fn garbage_is_kept_beside_what_makes_sense() {
    let (mut link, _) = link(&["garbage-records"], "");
    let contents = read(&mut link, &mut NoPin);
    let book = contents.contacts.value().unwrap();
    let names: Vec<&str> = book.entries.iter().map(|contact| contact.name.as_str()).collect();
    assert_eq!(names, ["Anna Beispiel", "王小明", "Voicemail"]);
    assert!(book.damaged.iter().any(|damaged| damaged.file == "4F3A" && damaged.record == 2), "{book:?}");
    assert!(book.damaged.iter().all(|damaged| !damaged.raw.is_empty() && !damaged.why.is_empty()));
    let messages = contents.messages.value().unwrap();
    assert_eq!(messages.entries.len(), 2);
    assert_eq!(messages.entries[1].missing, [1]);
    assert_eq!(messages.damaged.len(), 5);
    assert_eq!(messages.damaged[0].raw.len(), 2 * sim::sms::RECORD);
}

#[test]
fn a_card_without_an_enabled_profile_has_no_sim() {
    let card = NewCard { profiles: NewProfiles::Count(0), ..NewCard::default() };
    let mut link = Iso7816::new(Tap::new(VirtualCard::in_memory(&card).unwrap(), Counters::default(), None), 255);
    let error = sim::read(&mut link, &mut NoPin, &|| false).unwrap_err();
    assert!(matches!(error, ReadError::Open(OpenError::NotFound(_))), "{error}");
}

#[test]
fn who_wants_to_stop_is_heard_before_the_next_command() {
    let (mut link, counters) = link(&[], "");
    let asked = Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > 5
    };
    assert_eq!(sim::read(&mut link, &mut NoPin, &stop).unwrap_err(), ReadError::Stopped);
    // Terminal capability, channel, application, five commands, and the channel closed.
    assert_eq!(counters.get().apdus, 9);
}

#[test]
fn a_card_pulled_out_in_the_middle_is_told() {
    for number in [4, 9, 30] {
        let (mut link, _) = link(&[&format!("removed-before={number}")], "");
        let error = sim::read(&mut link, &mut NoPin, &|| false).unwrap_err();
        assert!(matches!(error, ReadError::Transport(_)), "{error}");
    }
}

#[test]
fn it_is_whole_in_json() {
    let (mut link, _) = link(&["garbage-records"], "1234");
    let json = serde_json::to_value(read(&mut link, &mut Knows("1234", Vec::new()))).unwrap();
    assert_eq!(json["iccid"]["state"], "present");
    assert_eq!(json["pin"]["state"], "verified");
    assert_eq!(json["contacts"]["value"]["entries"][0]["source"], "phone_book");
    assert_eq!(json["messages"]["value"]["entries"][0]["coding"], "gsm7");
    assert!(!json.to_string().contains("1234\""), "no PIN");
}
