//! Answers of cards as they are in the field, and offers of servers that keep to less than the standard.
//!
//! The bytes of cards were read from public reports and documents of others; numbers that are somebody's were replaced.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{bytes, object};
use sgp22::Function;
use sgp22::card_limits::CardLimit;
use sgp22::es10a::GetEuiccConfiguredAddresses;
use sgp22::es10b::{
    GetEuiccInfo1, GetEuiccInfo2, GetRat, ListNotification, RetrieveNotificationsError, RetrieveNotificationsList,
};
use sgp22::es10c::GetProfilesInfo;
use sgp22::id::Iccid;
use sgp22::metadata::StoreMetadata;
use sgp22::notification::{NotificationMetadata, PendingKind};
use sgp22::profile::{ProfileClass, ProfileInfo};
use sgp22::tlv::{DecodeErrorKind, Tag};

fn profiles(hex: &str) -> Vec<ProfileInfo> {
    GetProfilesInfo::decode_answer(&bytes(hex)).unwrap().unwrap()
}

/// ICCID, nickname, provider and name, as people read them.
fn row(profile: &ProfileInfo) -> [String; 4] {
    let text = |text: &Option<sgp22::tlv::Text>| text.as_ref().and_then(sgp22::tlv::Text::readable).unwrap_or_default();
    let iccid = profile.iccid.as_ref().map(Iccid::digits).unwrap_or_default();
    [iccid, text(&profile.nickname), text(&profile.service_provider), text(&profile.name)]
}

/// A nickname in GB 2312, a provider in UTF-16, a hostile name; an ICCID of 9 bytes and one with a letter in it; empty names,
/// an empty icon with an empty type, a class of the future.
#[test]
fn rows_with_odd_members_are_rows() {
    let list = profiles(
        "BF2D81B7A081B4E34F5A0A9868005B1234567890214F10A0000005591010FFFFFFFF89000012009F7001019008D6D0B9FAD2C6B6AF9106FEFF
         4E2D56FD9216611B5B33316D726564E280AE6576696C0D0AF09F9880950102E3315A099892090121436587094F10A0000005591010FFFFFFFF
         89000013009F70010091093138206469676974739200950102E32E5A0A9892090121436587091A4F10A0000005591010FFFFFFFF8900001400
         9F700100930094009103200000950103",
    );
    let rows: Vec<_> = list.iter().map(row).collect();
    assert_eq!(rows[0], ["898600B5214365870912", "中国移动", "中国", "a\u{1B}[31mred\u{202E}evil\r\n😀"]);
    assert_eq!(rows[1], ["892990101234567890", "", "18 digits", ""]);
    assert_eq!(rows[2][1..], ["", "", ""]);
    assert_eq!((list[2].icon_type, list[2].icon.as_deref()), (None, Some(&[][..])));
    assert_eq!(list[2].class, Some(ProfileClass::Unknown(3)));
    assert!(list[0].is_enabled() && !list[1].is_enabled());
}

/// Rows with an SGP.32 field for emergency calls and fallback, with ICCIDs of 20 digits that end in filler, with Android's
/// rules, and a list inside one more wrapper.
#[test]
fn rows_of_iot_cards_and_their_neighbours() {
    let iot = profiles(
        "BF2D5CA05AE3585A0A989209012143658709F54F10A0000005591010FFFFFFFF89000014009F70010091095350204E616D652031921A4F7065
         726174696F6E616C2050726F66696C65204E616D6520319501029F7B01009F2601009F670100",
    );
    assert_eq!(row(&iot[0]), ["8929901012345678905", "", "SP Name 1", "Operational Profile Name 1"]);
    assert_eq!(iot[0].other.iter().map(|one| one.tag).collect::<Vec<_>>(), [Tag(0x9F7B), Tag(0x9F26), Tag(0x9F67)]);
    let filler = profiles("BF2D14A012E3105A0A896700000000004523FF9F700101");
    assert_eq!(filler[0].iccid.as_ref().unwrap().as_bytes(), bytes("896700000000004523FF"));
    let wrapped = profiles(
        "BF2D49A04730455A0A980103000040773677634F10A0000005591010FFFFFFFF89000011009F700101910B4C616220284555203031299211
         4C61622028446F6D61696E2D4120303129950102",
    );
    assert_eq!(row(&wrapped[0]), ["89103000000477637736", "", "Lab (EU 01)", "Lab (Domain-A 01)"]);
}

/// One odd member, each in turn, hides neither the row nor the list that it stands in.
#[test]
fn no_odd_member_hides_a_row() {
    let good = "E3105A0A980010325476981032149F700101";
    for member in [
        "9F7000",
        "9F70020000",
        "4F0101",
        "9300",
        "9400",
        "9500",
        "B600",
        "B6023000",
        "B60430028000",
        "B700",
        "B703800100",
        "B800",
        "9900",
        "990107",
        "9902FF60",
        "9F2400",
        "9F2509FFFFFFFFFFFFFFFFFF",
        "9100",
        "9200",
        "90020000",
        "BF7600",
        "9F7F00",
    ] {
        let row = object(0xE3, &["5A0A98001032547698103215", member, "9200"]);
        let list = profiles(&object(0xBF2D, &[&object(0xA0, &[good, &row])]));
        assert_eq!(list.len(), 2, "{member}");
        assert_eq!(list[1].iccid.as_ref().unwrap().digits(), "89000123456789012351", "{member}");
    }
    // The number that names the profile is essential.
    for iccid in ["5A00", "5A0B9800103254769810321400"] {
        let list = object(0xBF2D, &[&object(0xA0, &[&object(0xE3, &[iccid])])]);
        let error = GetProfilesInfo::decode_answer(&bytes(&list)).unwrap_err();
        assert_eq!(error.place, "ICCID", "{iccid}");
    }
}

/// What forbids something is read from whatever a rule's bits are written like.
#[test]
fn rules_are_read_however_they_are_written() {
    for (member, disabling, deletion) in [
        ("99020560", true, true),
        ("99020640", true, false),
        ("9903000020", false, false),
        ("99020020", false, true),
        // No count of unused bits, a wrong one, and bits that are said to be unused.
        ("990160", true, true),
        ("9902FF60", true, true),
        ("9900", false, false),
        ("990105", false, false),
        // Twice: both count.
        ("99020640 99020520", true, true),
    ] {
        let row = ProfileInfo::decode(&bytes(&format!("5A0A98001032547698103215{member}"))).unwrap();
        let rules = row.policy_rules.unwrap();
        assert_eq!((rules.forbids_disabling(), rules.forbids_deletion()), (disabling, deletion), "{member}");
        let offer = StoreMetadata::decode(&bytes(&object(0xBF25, &["5A0A98001032547698103215", member]))).unwrap();
        assert_eq!(offer.policy_rules, rules, "{member}");
    }
}

/// Only the ICCID is essential in an offer.
#[test]
fn an_offer_stands_whatever_else_is_odd() {
    let iccid = "5A0A98001032547698103215";
    let read = |elements: &[&str]| StoreMetadata::decode(&bytes(&object(0xBF25, elements)));
    let bare = read(&[iccid]).unwrap();
    assert_eq!((&bare.service_provider, &bare.name, bare.class), (&None, &None, ProfileClass::Operational));
    assert_eq!(bare.encode(), bytes(&object(0xBF25, &[iccid])), "and is written without what is missing");
    for elements in [
        &["9300", iccid, "9400"][..],
        &[iccid, "9105 5350204F6E", "B700"],
        &[iccid, "B600"],
        &[iccid, "B603800102"],
        &[iccid, "9500"],
        &[iccid, "9900"],
        &[iccid, "920654657374204191054F6E650000"],
        &["9206546573742041", "9F7F0101", iccid, "BF760100"],
        &[iccid, "92020000", "910101"],
        &[iccid, iccid],
    ] {
        let elements: Vec<&str> = elements.to_vec();
        let found = read(&elements).unwrap_or_else(|error| panic!("{elements:?}: {error}"));
        assert_eq!(found.iccid.digits(), "89000123456789012351", "{elements:?}");
    }
    // A target without an event or an address does not hide another one.
    let target = object(0x30, &["80020640", "8110736D64702E6578616D706C652E636F6D"]);
    let targets = object(0xB6, &["3000", "3003800100", &target]);
    let found = read(&[iccid, &targets]).unwrap();
    assert_eq!(found.notification_targets.len(), 3);
    assert_eq!(found.notification_targets[2].address.to_string(), "smdp.example.com");
    let missing = read(&["9206546573742041"]).unwrap_err();
    assert_eq!(missing.kind, DecodeErrorKind::Missing(Tag(0x5A)));
    assert_eq!(read(&["5A00"]).unwrap_err().place, "ICCID");
}

/// Addresses with blanks, a scheme, a port, filler at the end, or nothing in them; a missing number of the profile; events
/// without a bit and with two.
#[test]
fn notifications_with_odd_members_are_listed() {
    let rows = "BF2F15800100810206400C005A0A98583215220500000010BF2F27800101810206400C1220736D64702E6578616D706C652E636F6D20
         5A0A98583215220500000010BF2F26800106810206400C11736D64702E6578616D706C652E636F6D005A0A98583215220500000010BF2F1980
         0114810206400C10736D64702E6578616D706C652E636F6DBF2F15800115810204F00C005A0A98583215220500000010";
    let answer = object(0xBF28, &[&object(0xA0, &[rows])]);
    let list = ListNotification::decode_answer(&bytes(&answer)).unwrap().unwrap();
    let servers: Vec<String> = list.iter().map(NotificationMetadata::server_name).collect();
    assert_eq!(servers, ["", "smdp.example.com", "smdp.example.com", "smdp.example.com", ""]);
    assert_eq!(list.iter().map(|one| one.seq).collect::<Vec<_>>(), [0, 1, 6, 20, 21]);
    assert_eq!(list[3].iccid, None);
    assert_eq!(list[4].event.names().count(), 4);
    // Nothing but its number is essential.
    let bare = NotificationMetadata::decode(&bytes("8001058100")).unwrap();
    assert_eq!((bare.seq, bare.event.names().count(), bare.address.is_empty()), (5, 0, true));
    let without = NotificationMetadata::decode(&bytes("810206400C00")).unwrap_err();
    assert_eq!(without.kind, DecodeErrorKind::Missing(Tag(0x80)));
}

/// A card that does not search: 127 to each question with a criterion, and all of its notifications without one.
#[test]
fn a_refused_search_is_an_answer() {
    let refused = RetrieveNotificationsList::decode_answer(&bytes("BF2B0381017F")).unwrap();
    assert_eq!(refused, Err(RetrieveNotificationsError::UndefinedError));
    assert_eq!(RetrieveNotificationsList::All.encode(), bytes("BF2B00"));
}

/// What a signed notification says may be unreadable: it does not hide the others, and is kept as it came.
#[test]
fn unreadable_notifications_do_not_hide_the_others() {
    let metadata = object(0xBF2F, &["800103", "81020640", "0C03612E62"]);
    let good = object(0x30, &[&metadata, "5F370401020304"]);
    for odd in ["3003BF2F00", "3000", "BF3700", "BF3704BF2701FF", "BF3703BF2700", "BF4F00", "3004800101FF"] {
        let answer = object(0xBF2B, &[&object(0xA0, &[odd, &good])]);
        let list = RetrieveNotificationsList::decode_answer(&bytes(&answer)).unwrap().unwrap();
        assert_eq!(list.len(), 2, "{odd}");
        assert_eq!((&list[0].metadata, &list[0].bytes), (&None, &bytes(odd)), "{odd}");
        assert_eq!((list[1].metadata.as_ref().unwrap().seq, list[1].kind), (3, PendingKind::Other), "{odd}");
    }
}

/// The last part of EUICCInfo2 of a card by Eastcompeace: all about the GSMA's issuer.
const GSMA: &str = "0414 81370F5125D0B1D408D4C3B232E6D25E795BEBFB";

#[test]
fn info_of_a_5ber_card_names_an_issuer_that_is_known_by_name_only() {
    let own = "0414 0B1359633D2AB469761CA9D82B2229350DB722D7";
    let lists = object(0xA9, &[own, GSMA]) + &object(0xAA, &[own, GSMA]);
    let info = GetEuiccInfo2::decode_answer(&bytes(&object(
        0xBF22,
        &[
            "8103020301 8203020202 8303040200 840D8101008204000279D083020B89 8505077F3E1F80 8603090200 8703020300 88020490",
            &lists,
            "8B0100 99020640 0403010000 0C0D45442D5A492D55502D30383236",
        ],
    )))
    .unwrap();
    assert_eq!(info.firmware.unwrap().to_string(), "4.2.0");
    let names: Vec<_> = info.ci_for_verification.iter().flatten().map(|key| key.name().unwrap()).collect();
    assert_eq!(names, ["an issuer of 5ber cards", "GSM Association RSP2 Root CI1"]);
    assert_eq!(info.limits(|_| false), []);
}

/// A card of which the standard's minimum is there, in the bytes of a document: issuers that have nothing in common, and no
/// byte free.
#[test]
fn info_with_nothing_in_common_is_judged() {
    let info = GetEuiccInfo2::decode_answer(&bytes(
        "BF226E810302010082030202008303060000840881020100820201008502000088020000A92C04140102030405060708090A0B0C0D0E0F1011
         1213140414AABBCCDDEEFF11223344556677889900A1B2C3D4AA160414999897969594939291908988878685848382818004030201000C00",
    ))
    .unwrap();
    assert_eq!(info.resources.as_ref().unwrap().applications, Some(0x0100));
    assert_eq!(info.limits(|_| false), [CardLimit::NoCommonIssuer, CardLimit::UnknownIssuers, CardLimit::NoRoom]);
}

/// Issuers to verify under, and none to sign under, as on cards with an ST33G1M2.
#[test]
fn a_card_without_issuers_to_sign_under_is_judged() {
    let lists = object(
        0xA9,
        &[
            "0414 665A1433D67C1A2C5DB8B52C967F10A057BA5CB2",
            "0414 16B5D160B2C3D4E5F60718293A4B5C6D7E8F9001",
            "0414 16704B7F00112233445566778899AABBCCDDEEFF",
        ],
    ) + "AA00";
    let info = GetEuiccInfo1::decode_answer(&bytes(&object(0xBF20, &["8203020202", &lists]))).unwrap();
    assert_eq!(info.limits(|_| false), [CardLimit::NoSigningIssuer]);
}

/// A card for SGP.32, a platform label, extensions.
#[test]
fn info_of_iot_cards_is_read_whole() {
    let info = GetEuiccInfo2::decode_answer(&bytes(
        "BF228192810302030182030206008303260116840D81010882040002EC08830224DF8505007FB6F3C1860311020087030203008802029CA916
         041481370F5125D0B1D408D4C3B232E6D25E795BEBFBAA16041481370F5125D0B1D408D4C3B232E6D25E795BEBFB990206400403FFFFFF0C0D
         4B4E2D444E2D55502D30333237AF050403030301900101B40BA005040301020081008200",
    ))
    .unwrap();
    assert!(info.iot.is_some() && info.limits(|_| false).is_empty());
    assert_eq!(info.more_profile_versions.len(), 1);
    assert_eq!(info.pp_version.unwrap().to_string(), "255.255.255");
}

/// One odd member hides neither the others nor the whole.
#[test]
fn no_odd_member_hides_what_a_card_says_of_itself() {
    let lists = object(0xA9, &[GSMA]) + &object(0xAA, &[GSMA]);
    for member in [
        "8100",
        "820102",
        "83020102",
        "8400",
        "840281FF",
        "8500",
        "850109",
        "8600",
        "8800",
        "8B00",
        "9900",
        "0400",
        "AC02FFFF",
        "8D00",
        "AF028101",
        "9300",
        "B400",
        "9F7F00",
        "A900",
        "A9020400",
        "A903041481",
    ] {
        let info = GetEuiccInfo2::decode_answer(&bytes(&object(0xBF22, &[member, &lists])))
            .unwrap_or_else(|error| panic!("{member}: {error}"));
        assert_eq!(info.ci_for_signing.unwrap().len(), 1, "{member}");
    }
    // An unreadable issuer does not hide the others; a list of nothing readable says nothing.
    let odd =
        GetEuiccInfo1::decode_answer(&bytes(&object(0xBF20, &[&object(0xA9, &["0400", GSMA]), "AA020400"]))).unwrap();
    assert_eq!((odd.ci_for_verification.unwrap().len(), odd.ci_for_signing), (1, None));
    // No digits: that is not zero.
    let info = GetEuiccInfo2::decode_answer(&bytes("BF2204 84028200")).unwrap();
    assert_eq!(info.resources.unwrap().free_nonvolatile, None);
}

/// A rule that cannot be read allows nothing, and hides no other one.
#[test]
fn an_odd_rule_hides_no_other_rule() {
    let rule = object(0x30, &["80020560", "A10B 3009 8003EEEEEE 8100 8200", "82020780"]);
    let answer = object(0xBF43, &[&object(0xA0, &["3000", &rule])]);
    let rules = GetRat::decode_answer(&bytes(&answer)).unwrap();
    assert_eq!(rules.len(), 1);
    assert!(rules[0].consent_required());
}

/// No addresses at all, an empty one, and the GSMA's SM-DS for tests.
#[test]
fn addresses_may_be_missing() {
    for answer in ["BF3C00", "BF3C0480008100"] {
        let found = GetEuiccConfiguredAddresses::decode_answer(&bytes(answer)).unwrap();
        let texts = [found.default_smdp, found.root_smds];
        assert!(texts.iter().flatten().all(sgp22::tlv::Text::is_empty), "{answer}");
    }
    let test =
        GetEuiccConfiguredAddresses::decode_answer(&bytes("BF3C17811574657374726F6F74736D64732E67736D612E636F6D"))
            .unwrap();
    assert_eq!(test.root_smds.as_ref().unwrap().to_string(), "testrootsmds.gsma.com");
    assert!(test.root_is_for_tests());
    let real = GetEuiccConfiguredAddresses::decode_answer(&bytes("BF3C11810F6C70612E64732E67736D612E636F6D")).unwrap();
    assert!(!real.root_is_for_tests());
}
