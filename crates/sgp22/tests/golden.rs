//! The worked examples of the protocol, byte for byte, in both directions.
//!
//! Where they come from: encoded by an independent ASN.1 compiler from the module of SGP.22 v2.5 and decoded back, or
//! seen on real cards ("trace"). A mistake that LPA and virtual card share cannot hide from them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use sgp22::Function;
use sgp22::apdu::{Command, Le};
use sgp22::ci::{CiKeyId, CiKind};
use sgp22::es10a::{ConfiguredAddresses, GetEuiccConfiguredAddresses, SetDefaultDpAddress, SetDefaultDpAddressResult};
use sgp22::es10b::*;
use sgp22::es10c::*;
use sgp22::euicc_info::{CardResources, EuiccInfo1, EuiccInfo2, rsp_capability, uicc_capability};
use sgp22::fci::IsdrFci;
use sgp22::id::{Aid, Eid, Iccid, Mccmnc, OperatorId, Version};
use sgp22::notification::{Events, NotificationMetadata, PendingKind};
use sgp22::policy::{AuthorisationRule, PprIds};
use sgp22::profile::{ProfileClass, ProfileInfo, ProfileState, field};
use sgp22::store_data::blocks;
use sgp22::tlv::{Bits, Tag, Text, Writer};

fn bytes(hex: &str) -> Vec<u8> {
    let compact: String = hex.split_whitespace().collect();
    data_encoding::HEXUPPER.decode(compact.as_bytes()).expect("the test's own hexadecimal")
}

/// The command is written as `hex`, and `hex` is read as the command.
fn command<F: Function + std::fmt::Debug + PartialEq>(function: F, hex: &str) {
    assert_eq!(data_encoding::HEXUPPER.encode(&function.encode()), data_encoding::HEXUPPER.encode(&bytes(hex)));
    assert_eq!(F::decode(&bytes(hex)).expect(F::NAME), function);
}

/// The answer is written as `hex`, and `hex` is read as the answer.
fn answer<F: Function>(value: F::Answer, hex: &str)
where
    F::Answer: std::fmt::Debug + PartialEq,
{
    assert_eq!(data_encoding::HEXUPPER.encode(&F::encode_answer(&value)), data_encoding::HEXUPPER.encode(&bytes(hex)));
    assert_eq!(F::decode_answer(&bytes(hex)).expect(F::NAME), value);
}

fn iccid(digits: &str) -> Iccid {
    digits.parse().expect("the test's own ICCID")
}

const ONE: &str = "89000123456789012341";
const TWO: &str = "8944478600004573128";

fn isd_p(counter: u16) -> Aid {
    Aid::isd_p(counter)
}

#[test]
fn iccid_of_20_19_and_18_digits() {
    for (digits, wire) in
        [(ONE, "98001032547698103214"), (TWO, "984474680000543721F8"), ("897012345678901234", "980721436587092143FF")]
    {
        assert_eq!(iccid(digits).as_bytes(), bytes(wire), "{digits}");
        assert_eq!(Iccid::decode(&bytes(wire)).unwrap().digits(), digits);
    }
}

#[test]
fn iccid_with_filler_as_servers_write_it() {
    assert_eq!(iccid("8944478600004573128F"), iccid(TWO));
    assert_eq!(iccid("8944 4786 0000 4573 128"), iccid(TWO));
}

#[test]
fn eid_check_digits() {
    let eid: Eid = "89049032123451234512345678901235".parse().unwrap();
    assert!(eid.is_valid());
    assert_eq!(eid.maker().map(|maker| maker.name), Some("Giesecke+Devrient"));
    let wrong: Eid = "89049032123451234512345678901234".parse().unwrap();
    assert!(!wrong.is_valid());
    assert_eq!(wrong.with_check_digits(), eid);
}

#[test]
fn operator_codes() {
    for (text, wire) in [("262-01", "62F210"), ("310/410", "130014"), ("00101", "00F110")] {
        let code: Mccmnc = text.parse().unwrap();
        assert_eq!(code.0.to_vec(), bytes(wire), "{text}");
    }
    assert_eq!(Mccmnc([0x13, 0x00, 0x14]).to_string(), "310-410");
    assert_eq!(Mccmnc::ANY.to_string(), "any");
}

#[test]
fn policy_rules() {
    for (rules, wire) in [
        (PprIds::of(&[PprIds::PPR1]), "0640"),
        (PprIds::of(&[PprIds::PPR2]), "0520"),
        (PprIds::of(&[PprIds::PPR1, PprIds::PPR2]), "0560"),
    ] {
        assert_eq!(rules.0.encode(), bytes(wire));
        assert_eq!(PprIds::decode(&bytes(wire)).unwrap(), rules);
    }
    // Untrimmed, as some cards write it.
    assert_eq!(PprIds::decode(&bytes("0060")).unwrap(), PprIds::of(&[PprIds::PPR1, PprIds::PPR2]));
}

#[test]
fn notification_events() {
    for (events, wire) in [
        (Events::of(&[Events::INSTALL]), "0780"),
        (Events::of(&[Events::ENABLE]), "0640"),
        (Events::of(&[Events::DISABLE]), "0520"),
        (Events::of(&[Events::DELETE]), "0410"),
        (Events::all(), "04F0"),
    ] {
        assert_eq!(events.0.encode(), bytes(wire));
    }
}

#[test]
fn select_isd_r() {
    let select = Command::new(0x01, 0xA4, 0x04, 0x00).with_data(Aid::isd_r().as_bytes()).with_le(Le::Max);
    assert_eq!(select.to_bytes(), bytes("01A4040010A0000005591010FFFFFFFF890000010000"));
}

#[test]
fn fci_of_a_v2_card_and_of_an_iot_card() {
    let v2 = IsdrFci::decode(&bytes("6F1F8410A0000005591010FFFFFFFF8900000100A5049F6501FFE0058203020202")).unwrap();
    assert_eq!(v2.aid, Some(Aid::isd_r()));
    assert_eq!(v2.svn, Some(Version([2, 2, 2])));
    assert_eq!(v2.iot_configuration, None);
    let iot = IsdrFci::decode(&bytes("6F258410A0000005591010FFFFFFFF8900000100A5049F6501FFE0058203020500E104800206C0"))
        .unwrap();
    assert_eq!(iot.svn, Some(Version([2, 5, 0])));
    assert_eq!(iot.iot_configuration, Some(Bits::of(&[0, 1])));
}

#[test]
fn get_eid() {
    command(GetEid, "BF3E035C015A");
    let eid = "89049032123451234512345678901235".parse().unwrap();
    answer::<GetEid>(eid, "BF3E125A1089049032123451234512345678901235");
    let apdus = blocks(&GetEid.encode(), 255).unwrap();
    assert_eq!(apdus.len(), 1);
    let mut apdu = apdus[0].clone();
    apdu.cla = sgp22::apdu::class_byte(0x80, 1);
    assert_eq!(apdu.to_bytes(), bytes("81E2910006BF3E035C015A00"));
}

#[test]
fn get_profiles_info_requests() {
    command(GetProfilesInfo::default(), "BF2D00");
    let tags = vec![
        field::ICCID,
        field::ISDP_AID,
        field::STATE,
        field::NICKNAME,
        field::SERVICE_PROVIDER,
        field::NAME,
        field::ICON_TYPE,
        field::ICON,
        field::CLASS,
        field::NOTIFICATION_TARGETS,
        field::OWNER,
        field::DP_PROPRIETARY,
        field::POLICY_RULES,
    ];
    command(
        GetProfilesInfo { search: None, tags: Some(tags), iot_tags: None },
        "BF2D105C0E5A4F9F70909192939495B6B7B899",
    );
    command(
        GetProfilesInfo {
            search: Some(SearchCriterion::Profile(ProfileRef::Iccid(iccid(ONE)))),
            tags: None,
            iot_tags: None,
        },
        "BF2D0EA00C5A0A98001032547698103214",
    );
    command(
        GetProfilesInfo {
            search: Some(SearchCriterion::Class(ProfileClass::Operational)),
            tags: Some(vec![field::ICCID]),
            iot_tags: None,
        },
        "BF2D08A0039501025C015A",
    );
}

const TWO_PROFILES: &str =
    "BF2D8181A07FE3465A0A980010325476981032144F10A0000005591010FFFFFFFF89000010009F7001019004576F
    726B91065350204F6E659206546573742041950102B705800362F21099020640E3355A0A984474680000543721F84F10A0000005591010FFFFFF
    FF89000012009F700100910653502054776F9206546573742042950100";

#[test]
fn get_profiles_info_answers() {
    let first = ProfileInfo {
        iccid: Some(iccid(ONE)),
        isdp_aid: Some(isd_p(0x0010)),
        state: Some(ProfileState::Enabled),
        nickname: Some("Work".into()),
        service_provider: Some("SP One".into()),
        name: Some("Test A".into()),
        class: Some(ProfileClass::Operational),
        owner: Some(OperatorId::new("262-01".parse().unwrap())),
        policy_rules: Some(PprIds::of(&[PprIds::PPR1])),
        ..ProfileInfo::default()
    };
    let second = ProfileInfo {
        iccid: Some(iccid(TWO)),
        isdp_aid: Some(isd_p(0x0012)),
        state: Some(ProfileState::Disabled),
        service_provider: Some("SP Two".into()),
        name: Some("Test B".into()),
        class: Some(ProfileClass::Test),
        ..ProfileInfo::default()
    };
    answer::<GetProfilesInfo>(Ok(vec![first, second]), TWO_PROFILES);
    answer::<GetProfilesInfo>(Ok(vec![]), "BF2D02A000");
    answer::<GetProfilesInfo>(Err(ProfilesInfoError::IncorrectInputValues), "BF2D03810101");
}

fn object(tag: u32, value: &[u8]) -> Vec<u8> {
    Writer::object(Tag(tag), |w| {
        w.raw(value);
    })
}

/// Cards that put the rows into one more SEQUENCE: the same bytes, with `30` around all rows or around each.
#[test]
fn one_more_wrapper_around_the_rows_is_taken_off() {
    let plain = bytes(TWO_PROFILES);
    let expected = GetProfilesInfo::decode_answer(&plain).unwrap();
    let rows = &plain[6..];
    let (first, second) = rows.split_at(2 + usize::from(rows[1]));
    let all = object(0x30, rows);
    let each = [object(0x30, first), object(0x30, second)].concat();
    for list in [all, each] {
        let answer = object(0xBF2D, &object(0xA0, &list));
        assert_eq!(GetProfilesInfo::decode_answer(&answer), Ok(expected.clone()));
    }
    // The row itself may be a plain SEQUENCE: that is no wrapper.
    let row = object(0xBF2D, &object(0xA0, &object(0x30, &first[2..])));
    assert_eq!(GetProfilesInfo::decode_answer(&row).unwrap().unwrap(), expected.unwrap()[..1]);
    // What holds anything else is no wrapper either, and no profile comes out of it.
    for list in
        [object(0x30, &[]), object(0x30, &[first, b"\x9F\x7F\x00"].concat()), object(0x30, &object(0x30, first))]
    {
        let answer = object(0xBF2D, &object(0xA0, &list));
        let rows = GetProfilesInfo::decode_answer(&answer).unwrap().unwrap();
        assert!(rows.iter().all(|row| row.iccid.is_none()), "{rows:?}");
    }
}

#[test]
fn notifications_in_one_more_wrapper_are_listed() {
    let plain = bytes("BF282AA028BF2F2580010081020780 0C10736D64702E6578616D706C652E636F6D5A0A98001032547698103214");
    let list = ListNotification::decode_answer(&plain);
    let inside = &plain[5..];
    let wrapped = object(0xBF28, &object(0xA0, &object(0x30, inside)));
    assert_eq!(ListNotification::decode_answer(&wrapped), list);
    assert_eq!(list.unwrap().unwrap().len(), 1);
}

#[test]
fn enable_and_disable() {
    let by_iccid = ProfileRef::Iccid(iccid(TWO));
    let by_aid = ProfileRef::Aid(isd_p(0x0012));
    command(
        EnableProfile { profile: by_iccid.clone(), refresh: true, port: None },
        "BF3111A00C5A0A984474680000543721F88101FF",
    );
    command(
        EnableProfile { profile: by_iccid.clone(), refresh: false, port: None },
        "BF3111A00C5A0A984474680000543721F8810100",
    );
    command(
        EnableProfile { profile: by_aid, refresh: true, port: None },
        "BF3117A0124F10A0000005591010FFFFFFFF89000012008101FF",
    );
    command(DisableProfile { profile: by_iccid, refresh: true }, "BF3211A00C5A0A984474680000543721F88101FF");
    answer::<EnableProfile>(EnableProfileResult::Ok, "BF3103800100");
    answer::<EnableProfile>(EnableProfileResult::ProfileNotInDisabledState, "BF3103800102");
    answer::<DisableProfile>(DisableProfileResult::Ok, "BF3203800100");
    // A card of next year.
    answer::<EnableProfile>(EnableProfileResult::Unknown(99), "BF3103800163");
}

#[test]
fn delete() {
    command(DeleteProfile { profile: ProfileRef::Iccid(iccid(TWO)) }, "BF330C5A0A984474680000543721F8");
    command(DeleteProfile { profile: ProfileRef::Aid(isd_p(0x0012)) }, "BF33124F10A0000005591010FFFFFFFF8900001200");
    answer::<DeleteProfile>(DeleteProfileResult::Ok, "BF3303800100");
}

#[test]
fn nickname() {
    command(SetNickname { iccid: iccid(TWO), nickname: "Home".into() }, "BF29125A0A984474680000543721F89004486F6D65");
    command(SetNickname { iccid: iccid(TWO), nickname: "".into() }, "BF290E5A0A984474680000543721F89000");
    answer::<SetNickname>(SetNicknameResult::Ok, "BF2903800100");
}

#[test]
fn memory_reset() {
    let all = ResetOptions::of(&[ResetOptions::OPERATIONAL, ResetOptions::TEST, ResetOptions::SERVER]);
    command(EuiccMemoryReset { options: all }, "BF3404820205E0");
    command(EuiccMemoryReset { options: ResetOptions::of(&[ResetOptions::OPERATIONAL]) }, "BF340482020780");
    answer::<EuiccMemoryReset>(MemoryResetResult::Ok, "BF3403800100");
}

#[test]
fn notifications_listed() {
    command(ListNotification::default(), "BF2800");
    command(ListNotification { events: Some(Events::of(&[Events::INSTALL])) }, "BF280481020780");
    let address = Text::from("smdp.example.com");
    let entry = |seq, event| NotificationMetadata {
        seq,
        event: Events::of(&[event]),
        address: address.clone(),
        iccid: Some(iccid(ONE)),
    };
    answer::<ListNotification>(
        Ok(vec![entry(1, Events::INSTALL), entry(129, Events::ENABLE)]),
        "BF2853A051
         BF2F25 800101   81020780 0C10736D64702E6578616D706C652E636F6D 5A0A98001032547698103214
         BF2F26 80020081 81020640 0C10736D64702E6578616D706C652E636F6D 5A0A98001032547698103214",
    );
    answer::<ListNotification>(Ok(vec![]), "BF2802A000");
}

#[test]
fn notifications_retrieved_and_removed() {
    command(RetrieveNotificationsList::Seq(1), "BF2B05A003800101");
    command(RetrieveNotificationsList::All, "BF2B00");
    command(RetrieveNotificationsList::Events(Events::of(&[Events::DELETE])), "BF2B06A00481020410");
    command(RemoveNotificationFromList { seq: 129 }, "BF300480020081");
    command(RemoveNotificationFromList { seq: 0 }, "BF3003800100");
    answer::<RemoveNotificationFromList>(RemoveNotificationResult::Ok, "BF3003800100");
    answer::<RemoveNotificationFromList>(RemoveNotificationResult::NothingToDelete, "BF3003800101");
}

#[test]
fn no_notification_in_every_form_that_cards_use() {
    for nothing in ["BF2B02A000", "BF2B00", ""] {
        let list = RetrieveNotificationsList::decode_answer(&bytes(nothing)).unwrap();
        assert_eq!(list, Ok(vec![]), "{nothing}");
    }
    let error = RetrieveNotificationsList::decode_answer(&bytes("BF2B03810101")).unwrap();
    assert_eq!(error, Err(RetrieveNotificationsError::NoResultAvailable));
}

#[test]
fn an_installation_result_is_kept_as_it_came() {
    let result =
        "BF3781A6BF276080100102030405060708090A0B0C0D0E0F10BF2F25800102810207800C10736D64702E6578616D706C652E63
        6F6D5A0A98001032547698103214060388370AA21FA01D4F10A0000005591010FFFFFFFF890000100004093007A00530038001005F3740
        11111111111111111111111111111111111111111111111111111111111111112222222222222222222222222222222222222222222222
        222222222222222222";
    let list = [bytes("BF2B81ADA081AA"), bytes(result)].concat();
    let notifications = RetrieveNotificationsList::decode_answer(&list).unwrap().unwrap();
    assert_eq!(notifications.len(), 1);
    assert_eq!(notifications[0].kind, PendingKind::InstallationResult);
    assert_eq!(notifications[0].bytes, bytes(result));
    let metadata = notifications[0].metadata.as_ref().unwrap();
    assert_eq!((metadata.seq, metadata.server_name().as_str()), (2, "smdp.example.com"));
    assert_eq!(metadata.iccid, Some(iccid(ONE)));
}

#[test]
fn challenge() {
    command(GetEuiccChallenge, "BF2E00");
    answer::<GetEuiccChallenge>(
        *b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F",
        "BF2E128010000102030405060708090A0B0C0D0E0F",
    );
}

fn test_ci() -> CiKeyId {
    CiKeyId::from_bytes(&bytes("F54172BDF98A95D65CBEB88A38A1C11D800A85C3"))
}

#[test]
fn info1() {
    command(GetEuiccInfo1, "BF2000");
    assert_eq!(test_ci().kind(), CiKind::Test);
    answer::<GetEuiccInfo1>(
        EuiccInfo1 {
            svn: Some(Version([2, 5, 0])),
            ci_for_verification: Some(vec![test_ci()]),
            ci_for_signing: Some(vec![test_ci()]),
            ..EuiccInfo1::default()
        },
        "BF20358203020500A9160414F54172BDF98A95D65CBEB88A38A1C11D800A85C3AA160414F54172BDF98A95D65CBEB88A38A1C11D800A85
         C3",
    );
}

const INFO2: &str = "BF227B810302030182030205008303230623840D810108820400045BF8830224198505067F36F3C086030F01008703020300
    88020398A9160414F54172BDF98A95D65CBEB88A38A1C11D800A85C3AA160414F54172BDF98A95D65CBEB88A38A1C11D800A85C39902064004030
    100000C0D544553542D5341532D30303031";

#[test]
fn info2() {
    command(GetEuiccInfo2, "BF2200");
    let info = EuiccInfo2 {
        profile_version: Some(Version([2, 3, 1])),
        svn: Some(Version([2, 5, 0])),
        firmware: Some(Version([0x23, 0x06, 0x23])),
        resources: Some(CardResources {
            applications: Some(8),
            free_nonvolatile: Some(0x0004_5BF8),
            free_volatile: Some(0x2419),
        }),
        uicc_capability: Bits::decode("test", &bytes("067F36F3C0")).unwrap(),
        ts102241_version: Some(Version([0x0F, 1, 0])),
        globalplatform_version: Some(Version([2, 3, 0])),
        rsp_capability: Some(Bits::of(&[0, 3, 4])),
        ci_for_verification: Some(vec![test_ci()]),
        ci_for_signing: Some(vec![test_ci()]),
        forbidden_rules: Some(PprIds::of(&[PprIds::PPR1])),
        pp_version: Some(Version([1, 0, 0])),
        sas_accreditation: Some("TEST-SAS-0001".into()),
        ..EuiccInfo2::default()
    };
    answer::<GetEuiccInfo2>(info.clone(), INFO2);
    assert_eq!(
        rsp_capability(info.rsp_capability.as_ref().unwrap()).collect::<Vec<_>>(),
        ["additional-profile", "test-profile", "device-info-extensibility"]
    );
    assert!(uicc_capability(&info.uicc_capability).any(|name| name == "usim"));
    assert!(!uicc_capability(&info.uicc_capability).any(|name| name == "contactless"));
}

#[test]
fn addresses() {
    command(GetEuiccConfiguredAddresses, "BF3C00");
    answer::<GetEuiccConfiguredAddresses>(
        ConfiguredAddresses {
            default_smdp: Some("smdp.example.com".into()),
            root_smds: Some("testrootsmds.example.com".into()),
            ..ConfiguredAddresses::default()
        },
        "BF3C2C8010736D64702E6578616D706C652E636F6D811874657374726F6F74736D64732E6578616D706C652E636F6D",
    );
    command(
        SetDefaultDpAddress { address: "smdp.example.com".into(), allowed_ci: None },
        "BF3F128010736D64702E6578616D706C652E636F6D",
    );
    command(SetDefaultDpAddress { address: "".into(), allowed_ci: None }, "BF3F028000");
    answer::<SetDefaultDpAddress>(SetDefaultDpAddressResult::Ok, "BF3F03800100");
}

#[test]
fn rules_authorisation_table() {
    command(GetRat, "BF4300");
    let rule = AuthorisationRule {
        rules: PprIds::of(&[PprIds::PPR1, PprIds::PPR2]),
        operators: vec![OperatorId { mccmnc: Mccmnc::ANY, gid1: Some(vec![]), gid2: Some(vec![]) }],
        flags: Bits::of(&[0]),
    };
    assert!(rule.consent_required());
    answer::<GetRat>(vec![rule], "BF4319A017301580020560A10B30098003EEEEEE8100820082020780");
    answer::<GetRat>(vec![], "BF4302A000");
}

#[test]
fn unknown_elements_of_newer_cards_are_kept() {
    // EUICCInfo2 with lpaMode and an element nobody knows behind it.
    let longer = [bytes("BF228183"), bytes(INFO2).split_off(3), bytes("900100 9F7B020102")].concat();
    let info = EuiccInfo2::decode(&longer).unwrap();
    assert_eq!(info.other.iter().map(|element| element.tag).collect::<Vec<_>>(), [Tag(0x90), Tag(0x9F7B)]);
    assert_eq!(EuiccInfo2::kept_name(Tag(0x90)), Some("lpaMode"));
    assert_eq!(info.encode(), longer);
}
