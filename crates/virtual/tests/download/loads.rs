//! Packages on their way in: those that become profiles, and every way not to.

use sgp22::bpp::ControlReference;
use sgp22::es10b::{
    AuthenticateServer, BppCommand as Command, BppErrorReason as Reason, CancelSession, CancelSessionReason,
    GetEuiccChallenge, GetEuiccInfo2, InstallationError, ListNotification, ProfileInstallationResult,
    RetrieveNotificationsList, SimaResponse,
};
use sgp22::es10c::{EnableProfile, GetProfilesInfo, ProfileRef};
use sgp22::id::OperatorId;
use sgp22::metadata::StoreMetadata;
use sgp22::notification::{Events, PendingKind};
use sgp22::policy::PprIds;
use sgp22::profile::{IconType, ProfileClass};
use sgp22::tlv::{Elements, Tag, Writer};
use sgp22::transport::RawCard;
use virtual_euicc::card::{StoredClass, VirtualCard};

use crate::bench::{Bench, HOST, ICCID, Link, Package, element, metadata, prepared_keys, profile, segments, verify};

fn error(result: &ProfileInstallationResult) -> (i64, i64) {
    let InstallationError { command, reason, .. } =
        result.result.as_ref().expect_err("the profile is not to be installed");
    (command.code(), reason.code())
}

/// Metadata with an icon, which needs two blocks.
fn with_icon() -> StoreMetadata {
    StoreMetadata { icon: Some(vec![0x89; 1024]), icon_type: Some(IconType::Png), ..metadata() }
}

#[test]
fn a_package_becomes_a_profile() {
    let packages = [
        ("session keys", Package::default()),
        ("keys of its own", Package { keys: Some(prepared_keys().encode()), ..Package::default() }),
        ("metadata in two blocks", Package { metadata: with_icon().encode(), ..Package::default() }),
        (
            "data of the server",
            Package { configure: b"\xBF\x24\x07\xB8\x05\x80\x03\x88\x37\x0A".to_vec(), ..Package::default() },
        ),
        ("a profile of half a megabyte", Package { profile: profile(ICCID, 500_000), ..Package::default() }),
    ];
    for (what, package) in packages {
        for quirks in [&[][..], &["61xx"]] {
            let mut bench = Bench::new(quirks);
            let result = bench.download(&package);
            let installed = result.result.as_ref().unwrap_or_else(|error| panic!("{what}: {error:?}"));
            assert_eq!(installed.sima_response, b"\x30\x07\xA0\x05\x30\x03\x80\x01\x00", "{what}");
            assert_eq!(result.transaction_id, bench.server.transaction_id);
            assert_eq!(result.smdp_oid.to_string(), "2.999.10");
            let euicc = bench.link.euicc();
            let stored = euicc.profiles.last().unwrap();
            assert_eq!((stored.enabled, stored.nickname.as_str(), stored.class), (false, "", StoredClass::Operational));
            assert_eq!((stored.provider.as_str(), stored.name.as_str()), ("Example Mobile", "Test plan"));
            assert_eq!((stored.iccid.digits().as_str(), &stored.isdp_aid), (ICCID, &installed.isdp_aid));
            assert_eq!(stored.size, package.profile.len() as u64);
            assert_eq!((euicc.loading.is_none(), euicc.one_time_keys.len()), (true, 0));
            assert_eq!(bench.link.call(&GetProfilesInfo::default()).unwrap().len(), 3);
        }
    }
}

#[test]
fn the_result_and_the_configured_notifications_wait() {
    let mut bench = Bench::new(&[]);
    let certificate = bench.authenticate().euicc_certificate;
    let otpk = bench.prepare();
    let package = Package::default().bind(&bench.server, &otpk);
    let answer = bench.load(&segments(&package));
    let mut outer = Elements::open("", &answer, Tag(0xBF37)).unwrap();
    let (data, signature) = (outer.take(Tag(0xBF27)).unwrap(), outer.take(Tag(0x5F37)).unwrap());
    verify(&certificate, data.raw, signature.raw);
    // The result first, then one notification for the server that wants to hear of installations.
    let listed = bench.link.call(&ListNotification::default()).unwrap();
    let told: Vec<_> = listed.iter().map(|entry| (entry.seq, entry.address.to_string())).collect();
    assert_eq!(told, [(1, HOST.into()), (2, HOST.into())]);
    assert!(listed.iter().all(|entry| entry.event == Events::of(&[Events::INSTALL])));
    assert_eq!(listed[0].iccid.as_ref().unwrap().digits(), ICCID);
    let pending = bench.link.call(&RetrieveNotificationsList::All).unwrap();
    assert_eq!((pending[0].kind, pending[1].kind), (PendingKind::InstallationResult, PendingKind::Other));
    assert_eq!(pending[0].bytes, answer, "byte for byte what the LPA was told");
    let by_event = RetrieveNotificationsList::Events(Events::of(&[Events::ENABLE]));
    assert!(bench.link.call(&by_event).unwrap().is_empty());
    // Enabled, it tells both servers.
    let iccid = ICCID.parse().unwrap();
    bench.link.call(&EnableProfile { profile: ProfileRef::Iccid(iccid), refresh: false, port: None });
    let listed = bench.link.call(&ListNotification { events: Some(Events::of(&[Events::ENABLE])) }).unwrap();
    assert_eq!(listed.len(), 2);
}

#[test]
fn every_reason_not_to_install() {
    type Spoil = fn(&mut Package);
    fn describe(package: &mut Package, change: fn(&mut StoreMetadata)) {
        let mut metadata = metadata();
        change(&mut metadata);
        package.metadata = metadata.encode();
    }
    fn template(package: &mut Package, key_type: u8, key_length: u8, host_id: usize) {
        let (key_type, key_length) = (vec![key_type], vec![key_length]);
        package.template = Some(ControlReference { key_type, key_length, host_id: vec![1; host_id] });
    }
    type Case = (&'static str, &'static [&'static str], Spoil, (i64, i64));
    let cases: [Case; 26] = [
        ("remote operation", &[], |p| p.remote_op = vec![2], (0, 5)),
        ("session", &[], |p| p.transaction_id = Some("99".parse().unwrap()), (0, 3)),
        ("kind of key", &[], |p| template(p, 0x80, 0x10, 5), (0, 4)),
        ("length of key", &[], |p| template(p, 0x88, 0x20, 5), (0, 4)),
        ("host id", &[], |p| template(p, 0x88, 0x10, 17), (0, 4)),
        ("signature", &[], |p| p.wrong_signer = true, (0, 2)),
        ("other host id than the keys were made with", &[], |p| template(p, 0x88, 0x10, 4), (1, 8)),
        ("malformed ConfigureISDP", &[], |p| p.configure = b"\xBF\x24\x02\x80\x00".to_vec(), (1, 1)),
        ("malformed metadata", &[], |p| p.metadata = b"\xBF\x25\x00".to_vec(), (2, 1)),
        ("long name", &[], |p| describe(p, |m| m.service_provider = Some("x".repeat(33).as_str().into())), (2, 1)),
        ("icon without type", &[], |p| describe(p, |m| m.icon = Some(vec![1; 20])), (2, 1)),
        (
            "metadata malformed behind",
            &[],
            |p| {
                p.metadata = [&with_icon().encode()[..], &[0]].concat();
            },
            (3, 1),
        ),
        ("metadata without end", &[], |p| p.metadata = vec![0; 9000], (3, 1)),
        ("ICCID is there", &[], |p| describe(p, |m| m.iccid = "8999934567890120011".parse().unwrap()), (2, 9)),
        ("class", &[], |p| describe(p, |m| m.class = ProfileClass::Unknown(5)), (2, 6)),
        ("no test profiles", &["no-test-profiles"], |p| describe(p, |m| m.class = ProfileClass::Test), (2, 6)),
        ("rule without owner", &[], |p| describe(p, |m| m.policy_rules = PprIds::of(&[2])), (2, 15)),
        (
            "PPR1 beside operational profiles",
            &[],
            |p| {
                describe(p, |m| {
                    m.policy_rules = PprIds::of(&[1]);
                    m.owner = Some(OperatorId::new("262-01".parse().unwrap()));
                });
            },
            (2, 15),
        ),
        ("full", &["memory-full"], |_| {}, (2, 10)),
        ("malformed keys", &[], |p| p.keys = Some(b"\xBF\x26\x00".to_vec()), (4, 1)),
        ("larger than the memory", &[], |p| p.profile = profile(ICCID, 700_000), (5, 10)),
        ("no profile", &[], |p| p.profile = b"hello".to_vec(), (5, 12)),
        ("no end", &[], |p| p.profile.truncate(p.profile.len() - 9), (5, 12)),
        ("another profile", &[], |p| p.profile = profile("89000123456789012358", 10), (5, 13)),
        (
            "test profile with real keys",
            &[],
            |p| {
                describe(p, |m| m.class = ProfileClass::Test);
                let key = Writer::object(Tag(0xA1), |w| {
                    w.nest(Tag(0xA1), |w| {
                        w.put(Tag(0x80), &[1]).put(Tag(0x81), &[0]).put(Tag(0x82), &[7; 16]);
                    });
                });
                let end = p.profile.split_off(p.profile.len() - 9);
                p.profile = [&p.profile[..], &element(0xA4, 4, &key), &end].concat();
            },
            (5, 14),
        ),
        ("a quirk", &["install-error=5/127"], |_| {}, (5, 127)),
    ];
    for (what, quirks, spoil, expected) in cases {
        let mut bench = Bench::new(quirks);
        let mut package = Package::default();
        spoil(&mut package);
        let before = bench.link.euicc().profiles.clone();
        let result = bench.download(&package);
        assert_eq!(error(&result), expected, "{what}");
        assert_eq!(bench.link.euicc().profiles, before, "{what}");
        assert_eq!(result.metadata.iccid.is_some(), expected.0 > 3 || matches!(expected.1, 6 | 9 | 10 | 15), "{what}");
        let pending = bench.link.call(&RetrieveNotificationsList::All).unwrap();
        assert_eq!(pending.len(), 1, "{what}: the result and nothing else");
        assert_eq!(pending[0].metadata.as_ref(), Some(&result.metadata));
        // The session is over, and the card does what it is asked again.
        assert_eq!(bench.link.send(b"\x86\x02\x00\x00").1, 0x6A88, "{what}");
        let id = bench.server.transaction_id.clone();
        let cancel = CancelSession { transaction_id: id, reason: CancelSessionReason::LoadBppExecutionError };
        bench.link.call(&cancel).unwrap_err();
        assert_eq!(bench.link.euicc().one_time_keys.len(), 1, "the server may try again");
    }
}

#[test]
fn rules_that_the_card_allows() {
    let owned = |rules: &[usize]| {
        let owner = Some(OperatorId::new("262-01".parse().unwrap()));
        Package {
            metadata: StoreMetadata { owner, policy_rules: PprIds::of(rules), ..metadata() }.encode(),
            ..Package::default()
        }
    };
    let mut bench = Bench::new(&[]);
    bench.download(&owned(&[2])).result.unwrap();
    let stored = bench.link.euicc().profiles.last().unwrap().clone();
    assert_eq!((stored.policy_rules, stored.owner.as_str()), (vec![2], "262-01"));
}

/// What the card answers when segments are changed on the way, and which segment it was.
fn tampered(package: &Package, tamper: impl FnOnce(&mut Vec<Vec<u8>>)) -> (i64, i64) {
    let mut bench = Bench::new(&[]);
    let otpk = bench.prepare();
    let mut segments = segments(&package.bind(&bench.server, &otpk));
    tamper(&mut segments);
    let answer = bench.load(&segments);
    error(&ProfileInstallationResult::decode(&answer).unwrap())
}

#[test]
fn blocks_that_were_touched_or_moved_are_noticed_at_once() {
    let package =
        || Package { keys: Some(prepared_keys().encode()), metadata: with_icon().encode(), ..Package::default() };
    // 0: BF36 BF23, 1: A0 87, 2: A1, 3 and 4: 88, 5: A2 87, 6: A3, 7 and on: 86
    for (segment, command) in [(1, 1), (3, 2), (4, 3), (5, 4), (7, 5), (9, 5)] {
        let touch = |segments: &mut Vec<Vec<u8>>| *segments[segment].last_mut().unwrap() ^= 1;
        assert_eq!(tampered(&package(), touch), (command, 8), "segment {segment}");
    }
    assert_eq!(tampered(&package(), |s| s.swap(7, 8)), (5, 8), "blocks in another order");
    assert_eq!(tampered(&package(), |s| drop(s.remove(8))), (5, 8), "a block left out");
    assert_eq!(tampered(&package(), |s| drop(s.remove(6))), (5, 7), "no header");
    assert_eq!(tampered(&package(), |s| drop(s.remove(2))), (2, 7), "no header of the metadata");
    assert_eq!(tampered(&package(), |s| s.swap(1, 5)), (1, 7), "parts in another order");
    assert_eq!(tampered(&package(), |s| s[1].truncate(2)), (1, 7), "no block behind the header");
    assert_eq!(
        tampered(&package(), |s| s[2].extend(vec![0x88, 0x00])),
        (2, 7),
        "a block behind a header that comes alone"
    );
    assert_eq!(tampered(&package(), |s| s[7].push(0x00)), (5, 7), "something behind a block");
    assert_eq!(tampered(&package(), |s| s[6] = vec![0xA3, 0x00]), (5, 7), "no profile");
    let first = |change: fn(&mut Vec<u8>)| move |s: &mut Vec<Vec<u8>>| change(&mut s[0]);
    assert_eq!(tampered(&package(), first(|s| s.truncate(60))), (0, 1), "a first segment that was cut");
    assert_eq!(
        tampered(&package(), first(|s| s[3..5].fill(0))),
        (0, 7),
        "a package that is shorter than its first part"
    );
}

#[test]
fn while_a_package_comes_in_the_card_does_nothing_else() {
    let mut bench = Bench::new(&[]);
    let otpk = bench.prepare();
    let segments = segments(&Package::default().bind(&bench.server, &otpk));
    let challenge = [0; 16];
    for segment in &segments[..6] {
        assert_eq!(bench.link.send(segment), (Vec::new(), 0x9000));
    }
    let profile = ProfileRef::Iccid("8999934567890120029".parse().unwrap());
    assert_eq!(bench.link.status_of(&EnableProfile { profile, refresh: true, port: None }), 0x6985);
    assert_eq!(bench.link.status_of(&GetProfilesInfo::default()), 0x6985);
    assert_eq!(bench.link.status_of(&ListNotification::default()), 0x6985);
    assert_eq!(bench.link.status_of(&GetEuiccInfo2), 0x6985);
    assert_eq!(bench.link.status_of::<AuthenticateServer>(&bench.server.authentication(&challenge)), 0x6985);
    assert_eq!(bench.link.send(&segments[0]).1, 0x6985, "one package at a time");
    assert_eq!(bench.link.send(b"\xBF\x7F\x00").1, 0x6A88, "unknown, and the session stays");
    let answer = bench.load(&segments[6..]);
    ProfileInstallationResult::decode(&answer).unwrap().result.unwrap();
    assert_eq!(bench.link.send(&segments[5]).1, 0x6A88, "it is over");
    assert_eq!(bench.link.send(&segments[0]).1, 0x6985, "a package is loaded once");
}

#[test]
fn a_load_is_dropped_by_a_new_session_or_its_end() {
    for cancel in [false, true] {
        let mut bench = Bench::new(&[]);
        let otpk = bench.prepare();
        let segments = segments(&Package::default().bind(&bench.server, &otpk));
        for segment in &segments[..6] {
            bench.link.send(segment);
        }
        if cancel {
            let id = bench.server.transaction_id.clone();
            let reason = CancelSessionReason::LoadBppExecutionError;
            bench.link.call(&CancelSession { transaction_id: id, reason }).unwrap();
        } else {
            bench.link.call(&GetEuiccChallenge);
        }
        assert_eq!(bench.link.send(&segments[6]).1, 0x6A88);
        assert_eq!((bench.link.euicc().profiles.len(), bench.link.euicc().notifications.len()), (2, 0));
        bench.link.card.reset().unwrap();
        assert_eq!(bench.link.euicc().notifications.len(), 0, "nothing was interrupted");
        bench.link.open();
        bench.download(&Package::default()).result.unwrap();
    }
}

#[test]
fn an_interrupted_load_is_told_of_at_the_next_power_up() {
    // Segments before the power goes; what the card says; whether it knows the profile's number by then.
    for (count, expected) in [(0, None), (1, Some((1, 11, false))), (3, Some((1, 11, false))), (6, Some((5, 11, true)))]
    {
        let mut bench = Bench::new(&[]);
        let otpk = bench.prepare();
        let all = segments(&Package::default().bind(&bench.server, &otpk));
        for segment in &all[..count] {
            bench.link.send(segment);
        }
        bench.link.card.reset().unwrap();
        bench.link.open();
        let pending = bench.link.call(&RetrieveNotificationsList::All).unwrap();
        let told = pending.first().map(|pending| {
            let result = ProfileInstallationResult::decode(&pending.bytes).unwrap();
            let (command, reason) = error(&result);
            (command, reason, result.metadata.iccid.is_some())
        });
        assert_eq!((told, pending.len() < 2), (expected, true), "after {count} segments");
        assert_eq!(bench.link.send(&all[count]).1, if count == 0 { 0x6985 } else { 0x6A88 });
        bench.link.card.reset().unwrap();
        assert_eq!(bench.link.euicc().notifications.len(), pending.len(), "it is told once");
        bench.link.open();
        // The same package again: only the binding is new.
        bench.server.bound_to = Some(otpk);
        bench.download(&Package::default()).result.unwrap();
    }
    let mut bench = Bench::new(&["no-interruption-result"]);
    let otpk = bench.prepare();
    for segment in &segments(&Package::default().bind(&bench.server, &otpk))[..6] {
        bench.link.send(segment);
    }
    bench.link.card.reset().unwrap();
    assert!(bench.link.euicc().notifications.is_empty() && bench.link.euicc().loading.is_none());
}

#[test]
fn results_survive_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let pki = virtual_euicc::pki::Pki::open(&directory.path().join("pki")).unwrap();
    let shelf = virtual_euicc::card::CardShelf::new(directory.path().join("cards"));
    VirtualCard::create(&shelf, "card", &pki, &crate::bench::new_card(&[])).unwrap();
    let folder = shelf.existing("card").unwrap();
    let open = || Link::new(VirtualCard::open(&folder).unwrap());
    let credentials = pki.issue_server(virtual_euicc::pki::ServerKind::Smdp, HOST).unwrap();
    let mut bench = Bench { link: open(), server: crate::bench::Server::new(credentials), pki };
    let otpk = bench.prepare();
    for segment in &segments(&Package::default().bind(&bench.server, &otpk))[..6] {
        bench.link.send(segment);
    }
    bench.link = open();
    assert_eq!(bench.link.euicc().notifications.len(), 1, "interrupted by the end of the process");
    bench.download(&Package::default()).result.unwrap();
    bench.link = open();
    assert_eq!((bench.link.euicc().profiles.len(), bench.link.euicc().notifications.len()), (3, 3));
    // What cannot be kept did not happen.
    bench.link.call(&GetEuiccChallenge);
    let otpk = bench.prepare();
    let other = Package {
        metadata: StoreMetadata { iccid: "89000123456789012358".parse().unwrap(), ..metadata() }.encode(),
        profile: profile("89000123456789012358", 100),
        ..Package::default()
    };
    let all = segments(&other.bind(&bench.server, &otpk));
    for segment in &all[..all.len() - 1] {
        assert_eq!(bench.link.send(segment).1, 0x9000);
    }
    let moved = folder.with_extension("gone");
    std::fs::rename(&folder, &moved).unwrap();
    assert_eq!(bench.link.send(&all[all.len() - 1]).1, 0x6581, "memory failure");
    assert_eq!((bench.link.euicc().profiles.len(), bench.link.euicc().notifications.len()), (3, 3));
    std::fs::rename(&moved, &folder).unwrap();
}

#[test]
fn a_refusal_may_come_at_any_command_and_early() {
    for (wanted, segment) in [("0/2", 0), ("1/7", 1), ("2/15", 2), ("3/8", 4), ("4/1", 5), ("5/12", 6)] {
        let mut bench = Bench::new(&[&format!("install-error={wanted}")]);
        let otpk = bench.prepare();
        let package =
            Package { keys: Some(prepared_keys().encode()), metadata: with_icon().encode(), ..Package::default() };
        let segments = segments(&package.bind(&bench.server, &otpk));
        for segment in &segments[..segment] {
            assert_eq!(bench.link.send(segment), (Vec::new(), 0x9000), "{wanted}");
        }
        let result = ProfileInstallationResult::decode(&bench.link.send(&segments[segment]).0).unwrap();
        let (command, reason) = error(&result);
        assert_eq!(format!("{command}/{reason}"), wanted);
        assert_eq!(bench.link.send(&segments[segment + 1]).1, 0x6A88, "{wanted}: what is still sent hides the reason");
        if let Err(InstallationError {
            command: Command::LoadProfileElements,
            reason: Reason::PeProcessing,
            sima_response,
        }) = result.result
        {
            let response = SimaResponse::decode(&sima_response.unwrap()).unwrap();
            assert!(response.aborted && response.elements[0].identification == Some(5));
        }
    }
}
