//! What a signed notification proves, and every way in which it does not.

#![allow(clippy::unwrap_used, clippy::panic)]

mod pki;

use lpa::proof::{CertificateOf, Misuse, ProofError, ProofVerifier, ProvenNotification};
use lpa::smdp::https::{Anchor, AnchorKind};
use pki::{EID, IN_2026, NAME_CONSTRAINTS, PERMITTED_EINS, Party, Plan, SIGNS_CERTIFICATES, SIGNS_DATA};
use pki::{constraints, name, permitted, permitted_eins};
use sgp22::notification::{Events, NotificationMetadata};
use sgp22::tlv::{Tag, Text, Writer};

fn metadata() -> NotificationMetadata {
    NotificationMetadata {
        seq: 300,
        event: Events::of(&[Events::DELETE]),
        address: Text::from("smdp.example.com"),
        iccid: Some("8999900000000000033".parse().unwrap()),
    }
}

/// Root, maker and card, and what stands in the notification.
struct World {
    root: Plan,
    maker: Plan,
    card: Plan,
}

impl World {
    fn new() -> Self {
        Self { root: Plan::root(), maker: Plan::maker(), card: Plan::card() }
    }

    fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut world = Self::new();
        change(&mut world);
        world
    }

    /// The notification, and the issuer that is to be trusted.
    fn signed(&self) -> (Vec<u8>, Party) {
        let root = Party::root(&self.root);
        let maker = root.issue(&self.maker);
        let card = maker.issue(&self.card);
        (notification(&card, &[&card.der, &maker.der], &[]), root)
    }

    fn judge(&self) -> Result<ProvenNotification, ProofError> {
        let (bytes, root) = self.signed();
        judge(&bytes, &root)
    }
}

fn judge(bytes: &[u8], root: &Party) -> Result<ProvenNotification, ProofError> {
    ProofVerifier::new(Anchor::read(&root.der).unwrap(), false).verify(bytes, IN_2026)
}

fn notification(signer: &Party, certificates: &[&[u8]], others: &[&[u8]]) -> Vec<u8> {
    let tbs = metadata().encode();
    Writer::object(Tag(0x30), |w| {
        w.raw(&tbs).put(Tag(0x5F37), &signer.sign(&tbs));
        certificates.iter().for_each(|certificate| {
            w.raw(certificate);
        });
        if !others.is_empty() {
            w.put(Tag(0xA1), &others.concat());
        }
    })
}

#[test]
fn a_genuine_card_is_believed() {
    let proven = World::new().judge().unwrap();
    assert_eq!((proven.metadata, proven.eid.to_string().as_str()), (metadata(), EID));
    assert_eq!((proven.maker.as_str(), proven.issuer.kind), ("Maker", AnchorKind::Added));
    assert_eq!(proven.issuer.name, "CN=Laboratory CI, O=Laboratory");
    assert_eq!(proven.out_of_date, []);
}

#[test]
fn a_chain_of_version_3_is_believed() {
    let root = Party::root(&Plan::root());
    let between = root.issue(&Plan { role: &[0, 0], subject: name(&[(3, "Sub CI")]), ..Plan::root() });
    let eins = (PERMITTED_EINS, true, permitted_eins(&["89000000", "89049032"]));
    let maker = between.issue(&Plan { role: &[0, 0, 0], more: vec![eins], ..Plan::maker() });
    let card = maker.issue(&Plan { role: &[0, 0, 0, 0, 0], ..Plan::card() });
    let bytes = notification(&card, &[&card.der, &maker.der], &[&between.der]);
    assert_eq!(judge(&bytes, &root).unwrap().eid.to_string(), EID);
    let without = notification(&card, &[&card.der, &maker.der], &[]);
    let Err(ProofError::UnknownIssuer { name, .. }) = judge(&without, &root) else { panic!("believed") };
    assert_eq!(name, "CN=Sub CI");
}

/// A row for each rule: what is changed, and what is said of it. Without the rule the row would be believed.
#[test]
fn every_rule_of_the_chain_is_kept() {
    let maker = |why| ProofError::WrongUse { of: CertificateOf::Maker, why };
    let card = |why| ProofError::WrongUse { of: CertificateOf::Card, why };
    let odd = || (&b"\x88\x37\x63"[..], true, b"\x05\x00".to_vec());
    type Change = Box<dyn Fn(&mut World)>;
    let rows: Vec<(&str, Change, ProofError)> = vec![
        ("a server's certificate is no maker's", Box::new(|w| w.maker.role = &[4]), maker(Misuse::NotMaker)),
        ("an issuer below a CI is no maker", Box::new(|w| w.maker.role = &[0, 0]), maker(Misuse::NotFromMaker)),
        ("no basicConstraints", Box::new(|w| w.maker.basic = None), maker(Misuse::NoCertificates)),
        ("basicConstraints without CA", Box::new(|w| w.maker.basic = Some(b"\x30\x00")), maker(Misuse::NoCertificates)),
        ("no keyCertSign", Box::new(|w| w.maker.key_usage = SIGNS_DATA), maker(Misuse::NoCertificates)),
        (
            "an unknown critical extension of the maker",
            Box::new(move |w| w.maker.more.push(odd())),
            maker(Misuse::UnknownCritical),
        ),
        ("a server's certificate is no card's", Box::new(|w| w.card.role = &[4]), card(Misuse::NotCard)),
        ("a card without digitalSignature", Box::new(|w| w.card.key_usage = SIGNS_CERTIFICATES), card(Misuse::NoData)),
        (
            "an unknown critical extension of the card",
            Box::new(move |w| w.card.more.push(odd())),
            card(Misuse::UnknownCritical),
        ),
        ("a maker without a range", Box::new(|w| w.maker.more.clear()), ProofError::EidNotPermitted),
        (
            "another EIN",
            Box::new(|w| w.maker.more = vec![(NAME_CONSTRAINTS, true, permitted("Maker", "89044045"))]),
            ProofError::EidNotPermitted,
        ),
        (
            "another organisation",
            Box::new(|w| w.maker.more = vec![(NAME_CONSTRAINTS, true, permitted("Other", "89049032"))]),
            ProofError::EidNotPermitted,
        ),
        (
            "an empty EIN",
            Box::new(|w| w.maker.more = vec![(NAME_CONSTRAINTS, true, permitted("Maker", ""))]),
            ProofError::EidNotPermitted,
        ),
        (
            "another EIN in version 3",
            Box::new(|w| w.maker.more = vec![(PERMITTED_EINS, true, permitted_eins(&["89044045"]))]),
            ProofError::EidNotPermitted,
        ),
        ("a card without EID", Box::new(|w| w.card.subject = name(&[(10, "Maker")])), ProofError::EidNotPermitted),
        ("a key that cannot be used", Box::new(|w| w.card.brainpool = true), ProofError::Curve(CertificateOf::Card)),
    ];
    for (what, change, expected) in rows {
        assert_eq!(World::with(|world| change(world)).judge(), Err(expected), "{what}");
    }
}

#[test]
fn a_constraint_that_excludes_is_not_passed_over() {
    let excluding = (NAME_CONSTRAINTS, true, constraints(Tag(0xA1), "Maker", "89049032"));
    let world = World::with(|world| world.maker.more = vec![excluding]);
    let Err(ProofError::BadCertificate { of: CertificateOf::Maker, .. }) = world.judge() else { panic!("believed") };
}

#[test]
fn the_path_length_of_a_maker_is_kept() {
    let root = Party::root(&Plan::root());
    let maker = root.issue(&Plan::maker());
    let below = maker.issue(&Plan { subject: name(&[(10, "Maker"), (3, "Below")]), ..Plan::maker() });
    let card = below.issue(&Plan::card());
    let bytes = notification(&card, &[&card.der, &below.der], &[&maker.der]);
    let Err(ProofError::BadChain { .. }) = judge(&bytes, &root) else { panic!("believed") };
    let longer = root.issue(&Plan { basic: Some(b"\x30\x06\x01\x01\xFF\x02\x01\x01"), ..Plan::maker() });
    let below = longer.issue(&Plan { subject: name(&[(10, "Maker"), (3, "Below")]), ..Plan::maker() });
    let card = below.issue(&Plan::card());
    judge(&notification(&card, &[&card.der, &below.der], &[&longer.der]), &root).unwrap();
}

#[test]
fn a_card_that_an_issuer_certified_itself_is_not_believed() {
    let root = Party::root(&Plan::root());
    let (maker, card) = (root.issue(&Plan::maker()), root.issue(&Plan::card()));
    let bytes = notification(&card, &[&card.der, &maker.der], &[]);
    let Err(ProofError::WrongUse { of: CertificateOf::Maker, .. }) = judge(&bytes, &root) else { panic!("believed") };
}

#[test]
fn an_unknown_issuer_is_named() {
    let (bytes, _) = World::new().signed();
    let Err(ProofError::UnknownIssuer { name, .. }) = ProofVerifier::new(Vec::new(), true).verify(&bytes, IN_2026)
    else {
        panic!("believed")
    };
    assert_eq!(name, "CN=Laboratory CI, O=Laboratory");
}

/// An issuer of the same name is no issuer: the key decides.
#[test]
fn an_issuer_that_only_has_the_name_is_not_believed() {
    let (bytes, _) = World::new().signed();
    let other = Party::root(&Plan::root());
    let Err(ProofError::BadChain { .. }) = judge(&bytes, &other) else { panic!("believed") };
}

#[test]
fn a_test_issuer_counts_only_if_it_is_trusted() {
    let (bytes, root) = World::new().signed();
    let mut anchors = Anchor::read(&root.der).unwrap();
    anchors.iter_mut().for_each(|anchor| anchor.kind = AnchorKind::Test);
    let Err(ProofError::TestIssuer(issuer)) = ProofVerifier::new(anchors.clone(), false).verify(&bytes, IN_2026) else {
        panic!("believed")
    };
    assert_eq!(issuer.name, "CN=Laboratory CI, O=Laboratory");
    ProofVerifier::new(anchors, true).verify(&bytes, IN_2026).unwrap();
}

#[test]
fn what_is_out_of_date_is_told() {
    let told = |world: World| {
        let proven = world.judge().unwrap();
        proven.out_of_date.iter().map(|one| (one.of, one.expired)).collect::<Vec<_>>()
    };
    assert_eq!(told(World::with(|w| w.card.until = "20210101000000Z")), [(CertificateOf::Card, true)]);
    assert_eq!(told(World::with(|w| w.maker.until = "20210101000000Z")), [(CertificateOf::Maker, true)]);
    assert_eq!(told(World::with(|w| w.root.until = "20210101000000Z")), [(CertificateOf::Issuer, true)]);
    assert_eq!(told(World::with(|w| w.maker.from = "20480101000000Z")), [(CertificateOf::Maker, false)]);
}

#[test]
fn what_the_card_left_out_is_told() {
    let root = Party::root(&Plan::root());
    let maker = root.issue(&Plan::maker());
    let card = maker.issue(&Plan::card());
    let none = judge(&notification(&card, &[], &[]), &root);
    assert_eq!(none, Err(ProofError::Missing(CertificateOf::Card)));
    let one = judge(&notification(&card, &[&card.der], &[]), &root);
    assert_eq!(one, Err(ProofError::Missing(CertificateOf::Maker)));
    let stranger = root.issue(&Plan { subject: name(&[(3, "Another maker")]), ..Plan::maker() });
    let other = judge(&notification(&card, &[&card.der, &stranger.der], &[]), &root);
    assert_eq!(other, Err(ProofError::WrongIssuer(CertificateOf::Card)));
    assert_eq!(judge(b"\xBF\x37\x05\xBF\x27\x02\x80\x00", &root), Err(ProofError::OtherKind));
}

#[test]
fn a_signature_of_another_card_is_not_believed() {
    let root = Party::root(&Plan::root());
    let maker = root.issue(&Plan::maker());
    let (card, other) = (maker.issue(&Plan::card()), maker.issue(&Plan::card()));
    let bytes = notification(&other, &[&card.der, &maker.der], &[]);
    assert_eq!(judge(&bytes, &root), Err(ProofError::BadSignature));
}

/// Each bit of each byte: none may panic, none may be believed.
#[test]
fn every_changed_bit_is_found() {
    let (bytes, root) = World::new().signed();
    let verifier = ProofVerifier::new(Anchor::read(&root.der).unwrap(), false);
    verifier.verify(&bytes, IN_2026).unwrap();
    for index in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[index] ^= 1 << bit;
            assert!(verifier.verify(&changed, IN_2026).is_err(), "byte {index}, bit {bit}");
        }
    }
    for length in 0..bytes.len() {
        assert!(verifier.verify(&bytes[..length], IN_2026).is_err(), "cut at {length}");
    }
}
