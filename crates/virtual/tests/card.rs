//! The virtual card at its wire: status words, rules, and a memory that survives.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use data_encoding::HEXUPPER;
use p256::ecdsa::Signature;
use sgp22::tlv::{Elements, Tag};
use sgp22::transport::{Patience, RawCard};
use virtual_euicc::card::{CardShelf, NewCard, Quirks, VirtualCard};
use virtual_euicc::pki::Pki;
use x509_cert::Certificate;
use x509_cert::der::{Decode, DecodePem, Encode};

fn card(quirks: &[&str]) -> VirtualCard {
    let quirks = Quirks::of(quirks.iter().map(|quirk| quirk.parse().unwrap()).collect());
    let eid = Some("89049032123451234512345678901235".parse().unwrap());
    VirtualCard::in_memory(&NewCard { eid, quirks, ..NewCard::default() }).unwrap()
}

fn send(card: &mut VirtualCard, command: &str) -> String {
    let answer = card.transmit(&HEXUPPER.decode(command.as_bytes()).unwrap(), Patience::Normal).unwrap();
    HEXUPPER.encode(&answer)
}

fn selected(quirks: &[&str]) -> VirtualCard {
    let mut card = card(quirks);
    assert_eq!(send(&mut card, "0070000001"), "019000");
    let fci = "6F1F8410A0000005591010FFFFFFFF8900000100A5049F6501FFE0058203020500";
    assert_eq!(send(&mut card, "01A4040010A0000005591010FFFFFFFF890000010000"), format!("{fci}9000"));
    card
}

#[test]
fn status_words_for_what_is_wrong_with_a_command() {
    let mut card = selected(&[]);
    for (what, command, status) in [
        ("no header", "81", "6700"),
        ("Lc and data do not fit", "81E2910003BF2D", "6700"),
        ("a file that is not there", "00A40000027FFE", "6A82"),
        ("a file of the ISD-R", "01A40000023F00", "6A82"),
        ("an application that is not there", "01A4040005A000000087", "6A82"),
        ("a P2 that SELECT does not have", "01A4040110A0000005591010FFFFFFFF8900000100", "6A86"),
        ("an instruction", "01B0000000", "6D00"),
        ("a proprietary instruction", "81CA00C000", "6D00"),
        ("a channel that is not open", "82E2910003BF2D00", "6881"),
        ("a channel without the ISD-R", "80E2910003BF2D00", "6982"),
        ("a block 1 without a block 0", "81E2910103BF2D00", "6A86"),
        ("a P1 that STORE DATA does not have", "81E2900003BF2D00", "6A86"),
        ("a function that no card has", "81E2910003BF7F00", "6A88"),
        ("a missing tag list", "81E2910003BF3E00", "6A80"),
        ("a length that is too long", "81E2910004BF2D0100", "6A80"),
        ("an indefinite length", "81E2910005BF2D800000", "6A80"),
        ("a tag without a length", "81E2910002BF2D", "6A80"),
        ("an element that does not belong", "81E2910006BF2D03990100", "6A80"),
        ("a missing refresh flag", "81E2910011BF310EA00C5A0A984474680000543721F8", "6A80"),
    ] {
        assert_eq!(send(&mut card, command), status, "{what}");
    }
}

#[test]
fn channels_are_given_and_taken_back() {
    let mut card = card(&[]);
    for number in ["01", "02", "03"] {
        assert_eq!(send(&mut card, "0070000001"), format!("{number}9000"));
    }
    assert_eq!(send(&mut card, "0070000001"), "6A81");
    assert_eq!(send(&mut card, "00708002"), "9000");
    assert_eq!(send(&mut card, "00708002"), "6881");
    assert_eq!(send(&mut card, "0070000001"), "029000");
    assert_eq!(send(&mut card, "00708000"), "6881", "the basic channel stays");
}

#[test]
fn long_answers_come_in_parts_whatever_is_asked_for() {
    let whole = send(&mut selected(&[]), "81E2910003BF2D0000");
    let length = whole.len() / 2 - 2;
    assert!(whole.ends_with("9000") && length < 256);
    // No Le: all of it is announced. Other programs do that over T=1, too.
    let mut card = selected(&[]);
    assert_eq!(send(&mut card, "81E2910003BF2D00"), format!("61{length:02X}"));
    // Less than there is: the rest is announced. More: the card says how much.
    let first = send(&mut card, "01C0000010");
    assert_eq!(&first[32..], format!("61{:02X}", length - 16));
    assert_eq!(send(&mut card, "01C00000FF"), format!("6C{:02X}", length - 16));
    let rest = send(&mut card, &format!("01C00000{:02X}", length - 16));
    assert_eq!([&first[..32], &rest].concat(), whole);
    assert_eq!(send(&mut card, "01C0000001"), "6985", "nothing waits any more");
    // Another command drops what waits.
    send(&mut card, "81E2910003BF2D00");
    send(&mut card, "81E2910006BF3E035C015A00");
    assert_eq!(send(&mut card, "01C0000001"), "6985");
}

#[test]
fn chains_are_collected_on_each_channel_apart() {
    let mut card = selected(&[]);
    assert_eq!(send(&mut card, "0070000001"), "029000");
    send(&mut card, "02A4040010A0000005591010FFFFFFFF8900000100");
    assert_eq!(send(&mut card, "81E2110003BF3E03"), "9000");
    assert_eq!(send(&mut card, "82E2910003BF3E03"), "6A80");
    assert_eq!(send(&mut card, "81E29101035C015A00"), "BF3E125A10890490321234512345123456789012359000");
}

#[test]
fn a_reset_forgets_channels_and_keeps_profiles() {
    let mut card = selected(&[]);
    let before = send(&mut card, "81E2910003BF2D0000");
    card.reset().unwrap();
    assert_eq!(send(&mut card, "81E2910003BF2D0000"), "6881");
    open_isdr(&mut card);
    assert_eq!(send(&mut card, "81E2910003BF2D0000"), before);
}

/// A card in a directory that is gone with the test.
fn shelved() -> (tempfile::TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let pki = Pki::open(&directory.path().join("pki")).unwrap();
    let shelf = CardShelf::new(directory.path().join("cards"));
    VirtualCard::create(&shelf, "card", &pki, &NewCard::default()).unwrap();
    let folder = shelf.existing("card").unwrap();
    (directory, folder)
}

fn open_isdr(card: &mut VirtualCard) {
    assert_eq!(send(card, "0070000001"), "019000");
    assert_eq!(send(card, "01A404000CA0000005591010FFFFFFFF89"), "6A82", "no application by a part of its AID");
    assert_eq!(send(card, "01A4040C10A0000005591010FFFFFFFF8900000100"), "9000");
}

/// Disables the first profile by ICCID, with refresh.
fn disable(card: &mut VirtualCard) -> String {
    let iccid = HEXUPPER.encode(card.state().euiccs[0].profiles[0].iccid.as_bytes());
    send(card, &format!("81E2910014BF3211A00C5A0A{iccid}8101FF00"))
}

#[test]
fn the_memory_survives_the_process() {
    let (_directory, folder) = shelved();
    let mut card = VirtualCard::open(&folder).unwrap();
    open_isdr(&mut card);
    assert_eq!(disable(&mut card), "BF32038001009000");
    let state = card.state().clone();
    drop(card);
    assert_eq!(*VirtualCard::open(&folder).unwrap().state(), state);
    assert_eq!((state.euiccs[0].next_seq, state.euiccs[0].notifications.len()), (2, 1));
}

#[test]
fn what_was_signed_stays_on_record_when_the_card_forgets_it() {
    let (_directory, folder) = shelved();
    let mut card = VirtualCard::open(&folder).unwrap();
    open_isdr(&mut card);
    assert_eq!(disable(&mut card), "BF32038001009000");
    let waiting = card.state().euiccs[0].notifications[0].clone();
    assert_eq!(send(&mut card, "81E2910006BF300380010100"), "BF30038001009000", "removed");
    drop(card);
    let euicc = VirtualCard::open(&folder).unwrap().state().euiccs[0].clone();
    assert!(euicc.notifications.is_empty());
    let [signed] = &euicc.signed[..] else { panic!("{:?}", euicc.signed) };
    let on_record = (signed.seq, &signed.event, &signed.address, &signed.iccid, signed.sha256.clone());
    assert_eq!(on_record, (1, &waiting.event, &waiting.address, &waiting.iccid, waiting.sha256()));
}

#[test]
fn a_change_that_cannot_be_kept_is_not_made() {
    let (_directory, folder) = shelved();
    let mut card = VirtualCard::open(&folder).unwrap();
    open_isdr(&mut card);
    let before = card.state().clone();
    let moved = folder.with_extension("gone");
    std::fs::rename(&folder, &moved).unwrap();
    assert_eq!(disable(&mut card), "6581", "memory failure");
    assert_eq!(*card.state(), before);
    std::fs::rename(&moved, &folder).unwrap();
    assert_eq!(disable(&mut card), "BF32038001009000");
}

#[test]
fn drafts_of_a_crash_are_not_cards() {
    let (directory, folder) = shelved();
    let cards = directory.path().join("cards");
    std::fs::create_dir(cards.join(".newXYZ")).unwrap();
    std::fs::create_dir(cards.join("half")).unwrap();
    std::fs::write(folder.join(".tmpXYZ"), "half a state").unwrap();
    assert_eq!(CardShelf::new(cards).names().unwrap(), ["card"]);
    VirtualCard::open(&folder).unwrap();
}

#[test]
fn one_pki_serves_all_cards_of_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pki");
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || Pki::open(&path).unwrap().ci().key_id().unwrap())
        })
        .collect();
    let ids: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "made at once by four, there is one");
}

fn openssl(arguments: &[&str], input: &[u8]) -> (bool, String) {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl is installed");
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Certificates and signatures as openssl sees them. The eUICC's own cannot be checked by `openssl verify`: SGP.22 reads
/// the EUM's name constraint as a prefix of the EID, X.509 as equality.
#[test]
fn openssl_agrees_with_certificates_and_signatures() {
    let (directory, folder) = shelved();
    let pki = directory.path().join("pki");
    let (ci, eum) = (pki.join("ci.cert.pem"), pki.join("eum-89049032.cert.pem"));
    let (ok, said) = openssl(&["verify", "-CAfile", text(&ci), text(&eum)], b"");
    assert!(ok, "{said}");
    let mut card = VirtualCard::open(&folder).unwrap();
    let euicc_pem = folder.join("euicc0.cert.pem");
    let eid = format!("serialNumber = {}", card.state().euiccs[0].eid);
    shows(
        &euicc_pem,
        &[&eid, "Policy: 2.23.146.1.2.1.1", "Digital Signature", "Authority Key Identifier", "prime256v1"],
    );
    shows(&eum, &["Policy: 2.23.146.1.2.1.2", "serialNumber = 89049032", "pathlen:0", "Registered ID:2.999.5"]);
    shows(&ci, &["Policy: 2.23.146.1.2.1.0", "Certificate Sign, CRL Sign", "Registered ID:2.999.1"]);

    // The eUICC's certificate is signed by the EUM.
    let euicc = Certificate::from_pem(std::fs::read(&euicc_pem).unwrap()).unwrap();
    verify(directory.path(), &eum, &euicc.tbs_certificate().to_der().unwrap(), euicc.signature().raw_bytes());

    // A notification is signed by the eUICC over its metadata, and carries both certificates.
    open_isdr(&mut card);
    assert_eq!(disable(&mut card), "BF32038001009000");
    let signed = card.state().euiccs[0].notifications[0].signed.clone();
    let mut elements = Elements::open("OtherSignedNotification", &signed, Tag(0x30)).unwrap();
    let tbs = elements.take(Tag(0xBF2F)).unwrap();
    let signature = elements.take(Tag(0x5F37)).unwrap();
    let certificates = elements.all(Tag(0x30));
    assert_eq!(certificates.len(), 2);
    assert_eq!(Certificate::from_der(certificates[0].raw).unwrap(), euicc);
    let signature = Signature::from_slice(signature.value).unwrap().to_der();
    verify(directory.path(), &euicc_pem, tbs.raw, signature.as_bytes());
}

/// Has openssl describe a certificate.
fn shows(certificate: &Path, wanted: &[&str]) {
    let (_, shown) = openssl(&["x509", "-in", text(certificate), "-noout", "-text"], b"");
    for wanted in wanted {
        assert!(shown.contains(wanted), "{wanted}: {shown}");
    }
}

/// Has openssl check an ECDSA signature by the key of a certificate.
fn verify(scratch: &Path, signer: &Path, message: &[u8], signature: &[u8]) {
    let key = scratch.join("key.pem");
    let (ok, public) = openssl(&["x509", "-in", text(signer), "-noout", "-pubkey"], b"");
    assert!(ok);
    std::fs::write(&key, public).unwrap();
    let file = scratch.join("signature");
    std::fs::write(&file, signature).unwrap();
    let (ok, said) = openssl(&["dgst", "-sha256", "-verify", text(&key), "-signature", text(&file)], message);
    assert!(ok && said.contains("Verified OK"), "{said}");
}
