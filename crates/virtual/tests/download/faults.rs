//! What goes wrong once: at which command, and what is left afterwards.

use std::process::Command;

use sgp22::Function;
use sgp22::es10b::{
    AuthenticateServer, GetEuiccChallenge, PrepareDownload, ProfileInstallationResult, RetrieveNotificationsList,
};
use sgp22::es10c::{GetEid, SetNickname};
use sgp22::notification::PendingKind;
use sgp22::transport::{Delivery, Patience, RawCard, TransportErrorKind as Kind};
use virtual_euicc::card::{CardShelf, Quirk, VirtualCard};
use virtual_euicc::pki::Pki;

use crate::bench::{Bench, ICCID, Link, Package, new_card, otpk, profile, segments};

fn rename(to: &str) -> Vec<u8> {
    SetNickname { iccid: "8999934567890120011".parse().unwrap(), nickname: to.into() }.encode()
}

/// Renames the first profile with this fault at the command after its first: what goes wrong, and the name afterwards.
fn renamed_with(fault: &str) -> (Bench, Result<(Vec<u8>, u16), Kind>) {
    let mut bench = Bench::new(&[&format!("fault={fault}@4")]);
    bench.link.call(&GetEid);
    assert_eq!(bench.link.card.state().quirks.parameter(Quirk::Fault), Some(&format!("{fault}@1")[..]));
    let result = bench.link.try_send(&rename("Work"));
    assert!(!bench.link.card.state().quirks.has(Quirk::Fault), "{fault}: once");
    if let Err(error) = &result {
        assert_eq!(error.delivery, Delivery::Unknown);
    }
    (bench, result.map_err(|error| error.kind))
}

#[test]
fn what_each_fault_does() {
    let done = (b"\xBF\x29\x03\x80\x01\x00".to_vec(), 0x9000);
    for (fault, expected, carried_out) in [
        ("request-lost", Err(Kind::Lost), false),
        ("reply-lost", Err(Kind::Lost), true),
        ("cut", Err(Kind::Lost), true),
        ("delay", Err(Kind::Timeout), true),
        ("duplicate", Ok(done), true),
        ("unplugged", Err(Kind::CardRemoved), false),
    ] {
        let (bench, result) = renamed_with(fault);
        assert_eq!(result, expected, "{fault}");
        assert_eq!(bench.link.euicc().profiles[0].nickname == "Work", carried_out, "{fault}");
    }
    let (bench, result) = renamed_with("garbage");
    assert_ne!(result, Ok((b"\xBF\x29\x03\x80\x01\x00".to_vec(), 0x9000)));
    assert_eq!(bench.link.euicc().profiles[0].nickname, "Work");
}

#[test]
fn what_is_left_afterwards() {
    // The channel stays, unless the card lost power.
    for (fault, status) in [("request-lost", 0x9000), ("reply-lost", 0x9000), ("delay", 0x9000), ("cut", 0x6881)] {
        let (mut bench, _) = renamed_with(fault);
        assert_eq!(bench.link.status_of(&GetEid), status, "{fault}");
    }
    let (mut bench, _) = renamed_with("unplugged");
    assert_eq!(
        bench.link.card.transmit(b"\x00\x70\x00\x00\x01", Patience::Normal).unwrap_err().kind,
        Kind::CardRemoved
    );
    bench.link.card.insert();
    bench.link.open();
    assert_eq!(bench.link.status_of(&GetEid), 0x9000);
}

#[test]
fn every_command_counts_and_a_reset_does_not() {
    let mut bench = Bench::new(&["fault=reply-lost@5"]);
    bench.link.card.reset().unwrap();
    bench.link.open();
    assert_eq!(bench.link.try_send(&GetEid.encode()).unwrap_err().kind, Kind::Lost);
    assert_eq!(bench.link.status_of(&GetEid), 0x9000);
}

/// A download as far as it goes; `None` if the link or the card gave up on the way.
fn attempt(bench: &mut Bench, package: &Package) -> Option<Vec<u8>> {
    let mut call = |tlv: &[u8]| bench.link.try_send(tlv).ok().filter(|(_, status)| *status == 0x9000);
    let challenge = GetEuiccChallenge::decode_answer(&call(&GetEuiccChallenge.encode())?.0).ok()?;
    let request = bench.server.authentication(&challenge);
    let first = AuthenticateServer::decode_answer(&call(&request.encode())?.0).ok()?.ok()?;
    let offer = bench.server.offer(&first.euicc_signature1);
    let prepared = PrepareDownload::decode_answer(&call(&offer.encode())?.0).ok()?.ok()?;
    for segment in segments(&package.bind(&bench.server, &otpk(&prepared))) {
        let (answer, _) = call(&segment)?;
        if !answer.is_empty() {
            return Some(answer);
        }
    }
    None
}

/// Whether each result that waits on the card is of an installation that succeeded.
fn results(bench: &mut Bench) -> Vec<bool> {
    let pending = bench.link.call(&RetrieveNotificationsList::All).unwrap();
    let results = pending.iter().filter(|pending| pending.kind == PendingKind::InstallationResult);
    results.map(|result| ProfileInstallationResult::decode(&result.bytes).unwrap().result.is_ok()).collect()
}

#[test]
fn a_download_that_fails_anywhere_leaves_a_card_that_says_what_it_holds() {
    let package = Package { profile: profile(ICCID, 1500), ..Package::default() };
    for kind in ["request-lost", "reply-lost", "cut", "delay", "duplicate", "unplugged", "garbage"] {
        for moment in 3.. {
            let mut bench = Bench::new(&[&format!("fault={kind}@{moment}")]);
            let told = attempt(&mut bench, &package);
            let struck = !bench.link.card.state().quirks.has(Quirk::Fault);
            let installed = bench.link.euicc().profiles.len() == 3;
            if !struck {
                assert!(told.is_some() && installed && moment > 27, "{kind}@{moment}: nothing went wrong");
                break;
            }
            bench.link.card.insert();
            bench.link.open();
            let waiting = results(&mut bench);
            assert_eq!(waiting.iter().filter(|success| **success).count(), usize::from(installed), "{kind}@{moment}");
            assert!(waiting.len() <= 1 && bench.link.euicc().loading.is_none(), "{kind}@{moment}");
            if !installed {
                bench.download(&package).result.unwrap();
            }
        }
    }
}

#[test]
fn a_last_segment_that_comes_twice_hides_the_result() {
    let package = Package { profile: profile(ICCID, 10), ..Package::default() };
    let mut bench = Bench::new(&[]);
    let otpk = bench.prepare();
    let (last, others) =
        segments(&package.bind(&bench.server, &otpk)).split_last().map(|(l, o)| (l.clone(), o.to_vec())).unwrap();
    for segment in others {
        bench.link.send(&segment);
    }
    assert_eq!((bench.link.send(&last).1, bench.link.send(&last)), (0x9000, (Vec::new(), 0x6A88)));
    assert_eq!(results(&mut bench), [true], "it waits all the same");
}

#[test]
fn a_wrong_fault_is_refused() {
    for wrong in ["fault=cut", "fault=cut@0", "fault=bang@1", "fault=@", "install-error=5", "install-error=x/y"] {
        assert!(wrong.parse::<virtual_euicc::card::ChosenQuirk>().is_err(), "{wrong}");
    }
    let default: virtual_euicc::card::ChosenQuirk = "fault".parse().unwrap();
    assert_eq!(default.to_string(), "fault=reply-lost@1");
}

/// Runs in a process of its own, which the fault kills.
#[test]
fn victim() {
    let Ok(folder) = std::env::var("VICTIM_CARD") else { return };
    let mut link = Link::new(VirtualCard::open(folder.as_ref()).unwrap());
    link.call(&GetEuiccChallenge);
    link.send(&rename("Work"));
    unreachable!("the process was to be killed");
}

#[test]
fn a_killed_process_finds_the_command_done_and_the_fault_gone() {
    let directory = tempfile::tempdir().unwrap();
    let pki = Pki::open(&directory.path().join("pki")).unwrap();
    let shelf = CardShelf::new(directory.path().join("cards"));
    VirtualCard::create(&shelf, "card", &pki, &new_card(&["fault=kill@4"])).unwrap();
    let folder = shelf.existing("card").unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "faults::victim"])
        .env("VICTIM_CARD", &folder)
        .output()
        .unwrap()
        .status;
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
    let mut link = Link::new(VirtualCard::open(&folder).unwrap());
    assert_eq!(link.euicc().profiles[0].nickname, "Work");
    assert_eq!(link.send(&rename("Play")).1, 0x9000);
    assert!(!link.card.state().quirks.has(Quirk::Fault));
}

#[test]
fn in_a_reader_the_card_loses_power_instead() {
    let mut bench = Bench::new(&["fault=kill@3"]);
    bench.link.card.stand_in_reader();
    assert_eq!(bench.link.try_send(&rename("Work")).unwrap_err().kind, Kind::Lost);
    assert_eq!(bench.link.status_of(&GetEid), 0x6881);
}
