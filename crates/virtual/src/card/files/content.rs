//! What is in the files: all of it follows from the profile, and none of it belongs to anybody. The numbers are from the
//! ranges that regulators keep free for films.

use sgp22::id::{Aid, Mccmnc};
use sgp22::tlv::{Tag, Writer};
use sim::sms::NewMessage;
use sim::{alpha, dialling, gsm7, identity, phonebook, sms};

use crate::card::state::StoredProfile;

pub(super) const BOOK_ADN: u16 = 0x4F3A;
pub(super) const BOOK_ANR: u16 = 0x4F11;
pub(super) const BOOK_SNE: u16 = 0x4F19;
pub(super) const BOOK_EMAIL: u16 = 0x4F50;

/// Room for a name, in bytes.
const NAME: usize = 20;
/// Records of the phone book.
const BOOK: usize = 10;
/// Records for messages.
const MESSAGES: usize = 10;

/// Name and number: in the GSM alphabet, with its umlauts, in UCS-2, in UCS-2 by a base, a service.
const CONTACTS: [(&str, &str); 5] = [
    ("Anna Beispiel", "+447700900123"),
    ("Müller & Söhne", "03023125003"),
    ("王小明", "+442079460456"),
    ("Иван Петров", "+493023125004"),
    ("Voicemail", "*100#"),
];

/// A file of records, filled up with free ones.
fn records(used: impl IntoIterator<Item = Option<Vec<u8>>>, length: usize, count: usize) -> Vec<Vec<u8>> {
    let mut records: Vec<Vec<u8>> = used.into_iter().map(|one| one.unwrap_or_else(|| vec![0xFF; length])).collect();
    records.resize(count, vec![0xFF; length]);
    records
}

pub(super) fn applications(usim: &Aid) -> Vec<Vec<u8>> {
    let mut record = Writer::object(Tag(0x61), |w| {
        w.put(Tag(0x4F), usim.as_bytes());
        w.put(Tag(0x50), b"USIM");
    });
    record.resize(38, 0xFF);
    vec![record]
}

/// EF.ARR (ETSI TS 102 221 9.2.7): reading is free, or takes the PIN; everything else is for the operator alone.
pub(super) fn access_rules() -> Vec<Vec<u8>> {
    let never: &[u8] = &[0x80, 0x01, 0x02, 0x97, 0x00];
    let always: &[u8] = &[0x80, 0x01, 0x01, 0x90, 0x00];
    let pin: &[u8] = &[0x80, 0x01, 0x01, 0xA4, 0x06, 0x83, 0x01, 0x01, 0x95, 0x01, 0x08];
    let rule = |read: &[u8]| {
        let mut record = [read, never].concat();
        record.resize(20, 0xFF);
        record
    };
    vec![rule(always), rule(pin)]
}

/// Country and network code of the owner; those of test networks if it has none.
fn network(profile: &StoredProfile) -> (String, String) {
    let own = profile.owner.parse::<Mccmnc>().ok().filter(|own| *own != Mccmnc::ANY);
    own.map_or_else(|| ("001".into(), "01".into()), |own| (own.mcc(), own.mnc()))
}

/// Digits that differ from profile to profile: the last ones of its number.
fn own_digits(profile: &StoredProfile, count: usize) -> String {
    let digits: String = profile.iccid.digits().chars().filter(char::is_ascii_digit).collect();
    let padded = format!("{digits:0>20}");
    padded[padded.len() - count..].to_owned()
}

pub(super) fn imsi(profile: &StoredProfile) -> Vec<u8> {
    let (mcc, mnc) = network(profile);
    let imsi = format!("{mcc}{mnc}{}", own_digits(profile, 15 - mcc.len() - mnc.len()));
    identity::encode_imsi(&imsi).unwrap_or_else(|| vec![0xFF; 9])
}

/// EF.AD: normal operation, and how long the network code is.
pub(super) fn administrative_data(profile: &StoredProfile) -> Vec<u8> {
    vec![0x00, 0x00, 0x00, if network(profile).1.len() == 3 { 3 } else { 2 }]
}

/// EF.SPN: to be shown in the home network.
pub(super) fn provider_name(profile: &StoredProfile) -> Vec<u8> {
    [&[0x01][..], &alpha::encode(&profile.provider, 16)].concat()
}

pub(super) fn own_numbers(profile: &StoredProfile) -> Vec<Vec<u8>> {
    let number = format!("+99901{}", own_digits(profile, 8));
    records([dialling::encode("Mine", &number, NAME)], NAME + 14, 2)
}

pub(super) fn names() -> Vec<Vec<u8>> {
    let entry = |(name, number): (&str, &str)| match alpha::encode_based(name, NAME) {
        Some(name) => dialling::with_name(name, number),
        None => dialling::encode(name, number, NAME),
    };
    records(CONTACTS.map(entry), NAME + 14, BOOK)
}

/// EF.PBR: one part, all files by position.
pub(super) fn phone_book_reference() -> Vec<Vec<u8>> {
    let mut record = Writer::object(Tag(0xA8), |w| {
        for (tag, id, sfi) in [(0xC0, BOOK_ADN, 1), (0xC4, BOOK_ANR, 2), (0xC3, BOOK_SNE, 3), (0xCA, BOOK_EMAIL, 4)] {
            let [high, low] = id.to_be_bytes();
            w.put(Tag(tag), &[high, low, sfi]);
        }
    });
    record.resize(40, 0xFF);
    vec![record]
}

pub(super) fn further_numbers() -> Vec<Vec<u8>> {
    records([phonebook::encode_further_number("+493023125002")], 15, BOOK)
}

pub(super) fn second_names() -> Vec<Vec<u8>> {
    records([Some(alpha::encode("Annie", 12))], 12, BOOK)
}

pub(super) fn emails() -> Vec<Vec<u8>> {
    let mail = gsm7::encode("anna@example.com").map(|mut mail| {
        mail.resize(30, 0xFF);
        mail
    });
    records([mail], 30, BOOK)
}

pub(super) fn last_numbers() -> Vec<Vec<u8>> {
    let dialled = [("", "+447700900123"), ("Müller & Söhne", "03023125003"), ("", "*100#")];
    records(dialled.map(|(name, number)| dialling::encode(name, number, NAME)), NAME + 14, 5)
}

/// Three messages in four records: one in the GSM alphabet, one in UCS-2, one in two parts, the later one first.
pub(super) fn messages() -> Vec<Vec<u8>> {
    const CENTRE: &str = "+447700900000";
    const READ: u8 = 0x01;
    const UNREAD: u8 = 0x03;
    let long = "Your balance is 12.30 EUR. The contract ends with the month in which we have confirmed your cancellation; \
                until then the number stays yours. Take your contacts with you, and keep this message.";
    let (first, second) = long.split_at(153);
    let of = |status, time, text, part| {
        let message = NewMessage { from: "+447700900123", time, text, part };
        message.encode().ok().and_then(|tpdu| sms::encode(status, CENTRE, &tpdu))
    };
    let used = [
        of(READ, [24, 5, 1, 12, 34, 56, 8], "Welcome! Call *100# for your balance {free of charge}.", None),
        of(UNREAD, [24, 5, 2, 8, 0, 0, 8], "您好！余额 ¥100。", None),
        of(READ, [24, 6, 3, 9, 15, 1, 4], second, Some((0x2A, 2, 2))),
        of(READ, [24, 6, 3, 9, 15, 0, 4], first, Some((0x2A, 2, 1))),
    ];
    let mut all = records(used, sms::RECORD, MESSAGES);
    for free in all.iter_mut().filter(|record| record[0] == 0xFF) {
        free[0] = 0x00;
    }
    all
}

/// Bytes that mean nothing, the same ones each time.
pub(super) fn spoil(record: &mut [u8], seed: usize) {
    let mut state = u32::try_from(seed).unwrap_or(1).wrapping_mul(0x9E37_79B9) | 1;
    for byte in record {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        *byte = state.to_le_bytes()[1] | 0x81;
    }
}
