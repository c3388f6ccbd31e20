//! The virtual modem by raw lines, as a person types them at a terminal: what each deviation does, and a real terminal
//! program at its port.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use virtual_euicc::card::{NewCard, NewProfiles, Quirks, VirtualCard};
use virtual_euicc::modem::{AtVoice, ChosenModemQuirk, Modem, ModemQuirks, Pty, Said, Voice};

const OPEN: &str = "AT+CCHO=\"A0000005591010FFFFFFFF8900000100\"";
const GET_EID: &str = "AT+CGLA=1,22,\"80E2910006BF3E035C015A\"";
const GET_EID_ON_1: &str = "AT+CGLA=1,22,\"81E2910006BF3E035C015A\"";
const ANNOUNCED: &str = "+CGLA: 4,\"6115\" OK";
const CRSM: &str = "AT+CRSM=176,12258,0,0,10";
const MANAGE: &str = "AT+CSIM=10,\"0070000001\"";
const EID: &str = "89049032123451234512345678901235";

fn card(profiles: NewProfiles, quirks: &[&str]) -> VirtualCard {
    let quirks = Quirks::of(quirks.iter().map(|quirk| quirk.parse().unwrap()).collect());
    VirtualCard::in_memory(&NewCard { eid: Some(EID.parse().unwrap()), profiles, icons: false, quirks }).unwrap()
}

fn modem_with(card: Option<VirtualCard>, quirks: &[&str]) -> AtVoice {
    let quirks = quirks.iter().map(|quirk| quirk.parse::<ChosenModemQuirk>().unwrap()).collect();
    AtVoice::new(Modem::new(vec![card], ModemQuirks::of(quirks)))
}

/// A modem without echo, with errors in digits.
fn modem(quirks: &[&str]) -> AtVoice {
    let mut modem = modem_with(Some(card(NewProfiles::Sample, &[])), quirks);
    modem.hear(b"ATE0V1+CMEE=1\r");
    modem
}

/// What it says to a line, with what else it does in braces.
fn say(modem: &mut AtVoice, line: &str) -> String {
    let said = modem.hear(format!("{line}\r\n").as_bytes());
    said.into_iter()
        .map(|said| match said {
            Said::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Said::Gone(_) => "{gone}".into(),
            Said::Closed => "{closed}".into(),
            Said::Pause(_) => "{pause}".into(),
        })
        .collect()
}

/// The lines of an answer, with blanks between.
fn lines(modem: &mut AtVoice, line: &str) -> String {
    say(modem, line).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_well_behaved_one() {
    let mut modem = modem_with(Some(card(NewProfiles::Sample, &[])), &[]);
    assert_eq!(say(&mut modem, "AT"), "AT\r\r\nOK\r\n", "echo is on at first");
    assert_eq!(say(&mut modem, "AT+NONSENSE"), "AT+NONSENSE\r\r\nERROR\r\n");
    assert_eq!(say(&mut modem, "ATE0"), "ATE0\r\r\nOK\r\n");
    assert_eq!(say(&mut modem, "AT+CGLA=9,8,\"80CA0000\""), "\r\nERROR\r\n", "no codes at first");
    assert_eq!(say(&mut modem, "AT+CMEE=1"), "\r\nOK\r\n");
    assert_eq!(say(&mut modem, "AT+CGLA=9,8,\"80CA0000\""), "\r\n+CME ERROR: 22\r\n");
    assert_eq!(say(&mut modem, "AT+CMEE=2"), "\r\nOK\r\n");
    assert_eq!(say(&mut modem, "AT+CGLA=9,8,\"80CA0000\""), "\r\n+CME ERROR: not found\r\n");
    assert_eq!(lines(&mut modem, "AT+CPIN?"), "+CPIN: READY OK");
    assert_eq!(lines(&mut modem, "AT+CCID"), "+CCID: 8999934567890120011F OK");
    assert_eq!(lines(&mut modem, "AT+CREG?"), "+CREG: 0,1 OK");
    assert_eq!(lines(&mut modem, "AT+CCHO=?"), "OK");
    assert_eq!(lines(&mut modem, OPEN), "+CCHO: 1 OK");
    assert_eq!(lines(&mut modem, OPEN), "+CCHO: 2 OK");
    assert_eq!(lines(&mut modem, GET_EID), "+CGLA: 4,\"6115\" OK");
    assert_eq!(lines(&mut modem, "AT+CGLA=1,10,\"80C0000015\""), format!("+CGLA: 46,\"BF3E125A10{EID}9000\" OK"));
    assert_eq!(lines(&mut modem, "AT+CCHC=1"), "OK");
    assert_eq!(lines(&mut modem, GET_EID), "+CME ERROR: not found", "closed");
    assert_eq!(lines(&mut modem, "AT+CCHC=2"), "OK");
    assert!(modem.modem().channels().is_empty());
    assert_eq!(lines(&mut modem, MANAGE), "+CSIM: 6,\"019000\" OK", "the card has its first channel back");
    assert_eq!(say(&mut modem, "ATV0"), "0\r");
    assert_eq!(say(&mut modem, "AT+CPIN?"), "+CPIN: READY\r\n0\r");
    assert_eq!(say(&mut modem, "AT+NONSENSE"), "4\r");
}

#[test]
fn mistakes_of_a_host_are_refused() {
    let mut modem = modem(&[]);
    lines(&mut modem, OPEN);
    for line in [
        "AT+CGLA=1,20,\"80E2910006BF3E035C015A\"",
        "AT+CGLA=1,2,\"80\"",
        "AT+CGLA=1",
        "AT+CCHO=\"A000\"",
        "AT+CCHO=",
        "AT+CFUN=7",
        "AT+CSIM=10",
    ] {
        assert_eq!(lines(&mut modem, line), "+CME ERROR: 50", "{line}");
    }
    for line in ["AT+CGLA=1,8,\"80XX0000\"", "AT+CGLA=1,3,\"80E\""] {
        assert_eq!(lines(&mut modem, line), "+CME ERROR: 25", "{line}");
    }
    assert_eq!(lines(&mut modem, "AT+CCHC=7"), "+CME ERROR: 22");
    for line in ["hello", "AT\"", &format!("AT+CSIM=8,\"{}\"", "A".repeat(100_000))] {
        assert_eq!(lines(&mut modem, line), "ERROR");
    }
    assert_eq!(say(&mut modem, ""), "");
}

#[test]
fn every_deviation_by_raw_lines() {
    let sim_failure = "+CME ERROR: 13";
    for (quirk, exchanges) in [
        ("bare-session", vec![(OPEN, "1 OK")]),
        ("long-session", vec![(OPEN, "+CCHO: 000000000385a7cf OK"), ("AT+CCHC=000000000385a7cf", "OK")]),
        ("no-test-forms", vec![("AT+CCHO=?", "ERROR"), (OPEN, "+CCHO: 1 OK")]),
        ("ccho-parameters", vec![("AT+CMEE=2", "OK"), (OPEN, "+CME ERROR: Parameters error")]),
        ("no-cchc", vec![(OPEN, "+CCHO: 1 OK"), ("AT+CCHC=1", "ERROR"), (GET_EID, "+CGLA: 4,\"6115\" OK")]),
        ("cchc-line", vec![(OPEN, "+CCHO: 1 OK"), ("AT+CCHC=1", "+CCHC OK")]),
        (
            "last-block-error",
            vec![
                (OPEN, "+CCHO: 1 OK"),
                (GET_EID, "+CGLA: 4,\"6115\" OK"),
                ("AT+CGLA=1,16,\"80E2110003BF3E03\"", "+CGLA: 4,\"9000\" OK"),
                ("AT+CGLA=1,16,\"80E29101035C015A\"", "ERROR"),
            ],
        ),
        ("only-csim", vec![(OPEN, "ERROR"), ("AT+CCHC=1", "ERROR"), (MANAGE, "+CSIM: 6,\"019000\" OK")]),
        ("no-csim", vec![(MANAGE, "ERROR"), (OPEN, "+CCHO: 1 OK")]),
        ("csim-basic-only", vec![(MANAGE, "+CSIM: 6,\"019000\" OK"), ("AT+CSIM=8,\"01A40400\"", "ERROR")]),
        (
            "leftover-session",
            vec![(OPEN, "+CME ERROR: 3"), ("AT+CCHC=2", "+CME ERROR: 22"), ("AT+CCHC=1", "OK"), (OPEN, "+CCHO: 1 OK")],
        ),
        ("no-cfun", vec![("AT+CFUN=0", "ERROR"), (OPEN, "+CCHO: 1 OK")]),
        ("sim-busy=2", vec![(OPEN, "+CME ERROR: 14"), (OPEN, "+CME ERROR: 14"), (OPEN, "+CCHO: 1 OK")]),
        ("pin-locked", vec![("AT+CPIN?", "+CPIN: SIM PIN OK"), (OPEN, "+CCHO: 1 OK")]),
        (
            "upper-hex-only",
            vec![("AT+CCHO=\"a0000005591010ffffffff8900000100\"", "+CME ERROR: 25"), (OPEN, "+CCHO: 1 OK")],
        ),
        ("error-words", vec![("AT+CGLA=9,8,\"80CA0000\"", "+CME ERROR: not found")]),
        ("plain-errors", vec![("AT+CGLA=9,8,\"80CA0000\"", "ERROR")]),
        ("urcs", vec![(OPEN, "+CREG: 1 +CCHO: 1 RING +QIND: \"csq\",20,99 OK +CSQ: 20,99")]),
        (
            "line-limit=60",
            vec![
                (OPEN, "+CCHO: 1 OK"),
                ("AT+CGLA=1,48,\"80E2910012BF290F5A0A989999436587092110F190017800\"", "+CCHO: 1 OK"),
            ],
        ),
        (
            "no-channel-in-class",
            vec![(OPEN, "+CCHO: 1 OK"), (GET_EID_ON_1, "+CGLA: 4,\"6E00\" OK"), (GET_EID, ANNOUNCED)],
        ),
        (
            "no-channel-in-class=6881",
            vec![(OPEN, "+CCHO: 1 OK"), (GET_EID_ON_1, "+CGLA: 4,\"6881\" OK"), (GET_EID, ANNOUNCED)],
        ),
        (
            "no-channel-in-class=error",
            vec![(OPEN, "+CCHO: 1 OK"), (GET_EID_ON_1, "+CME ERROR: 50"), (GET_EID, ANNOUNCED)],
        ),
        (
            "class-as-sent",
            vec![
                (OPEN, "+CCHO: 1 OK"),
                (GET_EID, "+CGLA: 4,\"6982\" OK"),
                (GET_EID_ON_1, ANNOUNCED),
                ("AT+CGLA=1,10,\"80C0000015\"", "+CGLA: 4,\"6985\" OK"),
                ("AT+CGLA=1,10,\"81C0000015\"", &format!("+CGLA: 46,\"BF3E125A10{EID}9000\" OK")),
            ],
        ),
        ("no-blank", vec![(OPEN, "+CCHO:1 OK"), (GET_EID, "+CGLA:4,\"6115\" OK"), ("AT+CPIN?", "+CPIN:READY OK")]),
        ("iccid-command", vec![("AT+CCID", "ERROR"), (CRSM, "+CRSM: 144,0,\"989939547698100210F1\" OK")]),
        ("iccid-command=AT+CICCID", vec![("AT+CCID", "ERROR"), ("AT+CICCID", "+ICCID: 8999934567890120011 OK")]),
        ("iccid-command=AT#CCID", vec![(CRSM, "ERROR"), ("AT#CCID", "#CCID: 8999934567890120011 OK")]),
        ("iccid-command=AT^ICCID?", vec![("AT^ICCID?", "^ICCID: 989939547698100210F1 OK")]),
        ("iccid-command=AT+MCCID", vec![("AT+MCCID", "8999934567890120011 OK")]),
        (
            "iccid-command=AT+SQNCCID?",
            vec![("AT+SQNCCID?", &format!("+SQNCCID: \"8999934567890120011\",\"{EID}\" OK"))],
        ),
        ("iccid-command=none", vec![("AT+CCID", "ERROR"), (CRSM, "ERROR")]),
        ("iccid-command=silent", vec![("AT+CCID", ""), (CRSM, ""), ("AT+CPIN?", "+CPIN: READY OK")]),
        ("empty-euicc", vec![("AT+CFUN=0", "OK"), ("AT+CPIN?", "+CME ERROR: 14"), ("AT+ICCID", "+CME ERROR: 14")]),
        (
            "names-eid",
            vec![
                ("AT+EID?", &format!("+EID: \"{EID}\" OK")),
                ("AT+ESLOTSINFO?", &format!("+ESLOTSINFO: 1,1,\"\",\"{EID}\",\"\" OK")),
            ],
        ),
        ("card-state", vec![("AT+CPIN?", "+CPIN: SIM PUK OK"), (OPEN, "+CCHO: 1 OK")]),
        ("card-state=PH-NET PIN", vec![("AT+CPIN?", "+CPIN: PH-NET PIN OK")]),
        (
            "not-ready=1",
            vec![
                (OPEN, "ERROR"),
                ("AT+CPIN?", "+CPIN: NOT READY OK"),
                ("AT+CPIN?", "+CPIN: READY OK"),
                (OPEN, "+CCHO: 1 OK"),
            ],
        ),
        (
            "no-channels",
            vec![(OPEN, "ERROR"), (MANAGE, "ERROR"), ("AT+CSIM=10,\"80F2000C00\"", "+CSIM: 4,\"9000\" OK")],
        ),
        ("cchc-error", vec![("AT+CCHC=1", "ERROR"), (OPEN, "+CCHO: 1 OK"), ("AT+CCHC=1", "OK")]),
        ("late-answer=2", vec![(OPEN, "+CCHO: 1 OK"), (GET_EID, ""), ("AT", "+CGLA: 4,\"6115\" OK OK")]),
        ("half-answer=1", vec![(OPEN, "+CCHO:"), (OPEN, "+CCHO: 2 OK")]),
        ("silent-from=2", vec![(OPEN, "+CCHO: 1 OK"), (GET_EID, ""), ("AT", "OK"), (GET_EID, "")]),
        ("vanishes-before=2", vec![(OPEN, "+CCHO: 1 OK"), (GET_EID, "{gone}")]),
        ("vanishes-after=1", vec![(OPEN, "{gone}")]),
        ("unplugged=1", vec![(OPEN, "{closed}")]),
        ("no-euicc", vec![(OPEN, "+CME ERROR: 22"), ("AT+CPIN?", "+CPIN: READY OK")]),
        ("dead", vec![("AT", ""), (OPEN, "")]),
        ("fetches-answers", vec![(OPEN, "+CCHO: 1 OK"), (GET_EID, &format!("+CGLA: 46,\"BF3E125A10{EID}9000\" OK"))]),
        ("ccho-needs-profile", vec![(OPEN, "+CCHO: 1 OK")]),
        ("echo-returns", vec![("AT+CFUN=0", "OK"), ("AT+CPIN?", sim_failure), ("AT+CFUN=1", "OK"), ("AT", "AT OK")]),
    ] {
        let mut modem = modem(&[quirk]);
        for (line, expected) in exchanges {
            assert_eq!(lines(&mut modem, line), expected, "{quirk}: {line}");
        }
    }
}

#[test]
fn the_lines_of_some() {
    let mut numeric = modem_with(Some(card(NewProfiles::Sample, &[])), &["numeric-results"]);
    assert_eq!(say(&mut numeric, "AT"), "AT\r0\r");
    assert_eq!(say(&mut modem(&["newlines-only"]), OPEN), "\n+CCHO: 1\n\nOK\n");
    let garbage = say(&mut modem(&["garbage"]), "AT");
    assert!(garbage.contains("GPTXT") && !garbage.contains("OK"));
    let mut flooding = modem(&["endless-urcs"]);
    assert_eq!(say(&mut flooding, "AT"), "\r\nOK\r\n");
    assert!(say(&mut flooding, OPEN).lines().count() > 2_000);
    assert!(matches!(&flooding.idle()[..], [Said::Bytes(bytes)] if bytes.len() > 10_000), "and goes on");
    let endless = say(&mut modem(&["endless-line=1"]), OPEN);
    assert_eq!((endless.len(), endless.trim_start_matches('A')), ((1 << 20) + 8, "\r\n\r\nOK\r\n"));
    let mut exactly = modem(&[&format!("line-limit={}", GET_EID.len() - 1)[..]]);
    lines(&mut exactly, OPEN);
    assert_eq!(say(&mut exactly, GET_EID), "", "longer by one: it hangs");
}

/// The card asks for a refresh after a switch: EnableProfile of the second profile by its ICCID, with the refresh flag.
const ENABLE: &str = "AT+CGLA=1,52,\"80E2910014BF3111A00C5A0A989939547698100220F98101FF00\"";

/// A modem whose card asks for a refresh, with a session to the ISD-R.
fn refreshing(quirks: &[&str]) -> AtVoice {
    let mut modem = modem_with(Some(card(NewProfiles::Sample, &["91xx"])), quirks);
    modem.hear(b"ATE0+CMEE=1\r");
    assert_eq!(lines(&mut modem, OPEN), "+CCHO: 1 OK");
    assert_eq!(lines(&mut modem, "AT+CCID"), "+CCID: 8999934567890120011F OK");
    modem
}

#[test]
fn after_a_switch() {
    let second = "+CCID: 8999934567890120029F OK";
    let mut good = refreshing(&[]);
    assert!(lines(&mut good, ENABLE).starts_with("+CGLA: "));
    assert_eq!(lines(&mut good, "AT+CCID"), second, "the modem has read the card again");
    assert_eq!(lines(&mut good, GET_EID), "+CME ERROR: 22", "and its channels are gone");
    assert_eq!(lines(&mut good, OPEN), "+CCHO: 1 OK");

    let mut leaving = refreshing(&["reenumerates"]);
    assert_eq!(lines(&mut leaving, ENABLE), "{gone}");
    leaving.reconnected();
    assert_eq!(lines(&mut leaving, "AT+CCID"), format!("AT+CCID {second}"));

    let mut blocked = refreshing(&["needs-cfun"]);
    lines(&mut blocked, ENABLE);
    for (line, expected) in
        [(OPEN, "+CME ERROR: 13"), ("AT+CFUN=0", "OK"), ("AT+CFUN=1", "OK"), (OPEN, "+CCHO: 1 OK"), ("AT+CCID", second)]
    {
        assert_eq!(lines(&mut blocked, line), expected);
    }

    let mut deaf = refreshing(&["ignores-switch"]);
    lines(&mut deaf, ENABLE);
    assert_eq!(lines(&mut deaf, "AT+CCID"), "+CCID: 8999934567890120011F OK", "as before");
    lines(&mut deaf, "AT+CFUN=0");
    lines(&mut deaf, "AT+CFUN=1");
    assert_eq!(lines(&mut deaf, "AT+CCID"), second);

    let mut open = refreshing(&["returns-91xx"]);
    assert!(lines(&mut open, ENABLE).contains("910B\" OK"));
    assert_eq!(lines(&mut open, "AT+CCID"), second, "it has read the card all the same");

    let mut forgetful = refreshing(&["ignores-switch"]);
    lines(&mut forgetful, ENABLE);
    assert_eq!(lines(&mut forgetful, "AT+CCID"), "+CCID: 8999934567890120011F OK", "what the modem goes on with");
    assert_eq!(lines(&mut forgetful, CRSM), "+CRSM: 144,0,\"989939547698100220F9\" OK", "what is on the card");

    let mut lost = refreshing(&["never-registers"]);
    assert_eq!(lines(&mut lost, "AT+CREG?"), "+CREG: 0,1 OK");
    lines(&mut lost, ENABLE);
    assert_eq!(lines(&mut lost, "AT+CREG?"), "+CREG: 0,2 OK");
}

#[test]
fn slots_without_a_card_or_a_profile() {
    let mut empty = modem_with(None, &[]);
    empty.hear(b"ATE0+CMEE=1\r");
    for line in ["AT+CPIN?", "AT+CCID", OPEN, MANAGE] {
        assert_eq!(lines(&mut empty, line), "+CME ERROR: 10", "{line}");
    }
    let mut bare = modem_with(Some(card(NewProfiles::Count(0), &[])), &[]);
    bare.hear(b"ATE0+CMEE=1\r");
    assert_eq!(lines(&mut bare, "AT+CPIN?"), "+CME ERROR: 13", "no profile is nothing to use");
    assert_eq!(lines(&mut bare, "AT+CREG?"), "+CREG: 0,2 OK");
    assert_eq!(lines(&mut bare, OPEN), "+CCHO: 1 OK", "the ISD-R is there all the same");
    let mut empty = modem_with(Some(card(NewProfiles::Count(0), &[])), &["empty-euicc"]);
    empty.hear(b"ATE0+CMEE=1\r");
    assert_eq!(lines(&mut empty, "AT+CPIN?"), "+CPIN: EMPTY_EUICC OK");
    assert_eq!(lines(&mut empty, "AT+ICCID"), "+CME ERROR: 10");
    assert_eq!(lines(&mut empty, OPEN), "+CCHO: 1 OK");
    let mut picky = modem_with(Some(card(NewProfiles::Count(0), &[])), &["ccho-needs-profile"]);
    picky.hear(b"ATE0+CMEE=1\r");
    assert_eq!(lines(&mut picky, OPEN), "+CME ERROR: 13");
}

#[test]
fn power() {
    let mut modem = modem(&[]);
    lines(&mut modem, OPEN);
    assert_eq!(lines(&mut modem, "AT+CFUN?"), "+CFUN: 1 OK");
    assert_eq!(lines(&mut modem, "AT+CFUN=0"), "OK");
    assert_eq!(lines(&mut modem, "AT+CFUN?"), "+CFUN: 0 OK");
    assert_eq!(lines(&mut modem, OPEN), "+CME ERROR: 10");
    assert_eq!(lines(&mut modem, "AT+CFUN=1"), "OK");
    assert_eq!(lines(&mut modem, GET_EID), "+CME ERROR: 22", "channels do not survive it");
    assert_eq!(lines(&mut modem, OPEN), "+CCHO: 1 OK");
    assert_eq!(lines(&mut modem, "AT+CFUN=1,1"), "{gone}");
    modem.reconnected();
    assert_eq!(lines(&mut modem, "AT"), "AT OK", "as when it was switched on");
}

/// A terminal program that nobody here wrote, at the port.
#[test]
fn socat_talks_to_it() {
    if Command::new("socat").arg("-V").stdout(Stdio::null()).status().is_err() {
        assert!(std::env::var_os("ESIMCTL_REQUIRE_PCSC").is_none(), "socat is missing");
        let text = "\nSKIPPED: the virtual modem and socat (it is missing); 'make test' installs it\n";
        std::io::stderr().write_all(text.as_bytes()).unwrap();
        return;
    }
    let stop = AtomicBool::new(false);
    let folder = tempfile::tempdir().unwrap();
    let pty = Pty::open(Some(&folder.path().join("modem"))).unwrap();
    let port = pty.path().to_owned();
    let output = std::thread::scope(|scope| {
        let mut voice = modem_with(Some(card(NewProfiles::Sample, &[])), &["bare-session"]);
        let stop = &stop;
        scope.spawn(move || pty.serve(&mut voice, stop).unwrap());
        let mut socat = Command::new("socat")
            .args(["-t", "2", "-", &format!("{},raw,echo=0", port.display())])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut typed = socat.stdin.take().unwrap();
        for line in ["ATE0", OPEN, GET_EID, "AT+CGLA=1,10,\"80C0000015\"", "AT+CCHC=1"] {
            write!(typed, "{line}\r").unwrap();
            typed.flush().unwrap();
            std::thread::sleep(Duration::from_millis(100));
        }
        drop(typed);
        let output = socat.wait_with_output().unwrap();
        stop.store(true, Ordering::Relaxed);
        output
    });
    let said: Vec<String> = String::from_utf8(output.stdout).unwrap().split_whitespace().map(str::to_owned).collect();
    let eid = format!("46,\"BF3E125A10{EID}9000\"");
    assert_eq!(said.join(" "), format!("ATE0 OK 1 OK +CGLA: 4,\"6115\" OK +CGLA: {eid} OK OK"),);
    assert!(!port.exists(), "the link goes with the modem");
}
