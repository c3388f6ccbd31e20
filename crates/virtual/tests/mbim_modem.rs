//! The virtual modem against the real `mbimcli`: at a port, and in place of the proxy.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

#[path = "common/programs.rs"]
mod programs;
#[path = "common/running.rs"]
mod running;

use std::process::{Command, Stdio};

use running::{EID, HOME, Running, card};
use virtual_euicc::modem::Language;

const MBIMCLI: &str = "/usr/bin/mbimcli";
const ISD_R: &str = "application-id=a0000005591010ffffffff8900000100,selectp2arg=0,channel-group=1";
const GET_EID: &str = "channel=1,secure-message=none,classbyte-type=extended,command=80e2910006bf3e035c015a00";

/// A modem with a card in its first slot and none in its second.
struct Asked {
    modem: Running,
    proxy: bool,
}

impl Asked {
    fn start(quirks: &[&str], proxy: bool) -> Self {
        Self { modem: Running::start(Language::Mbim, vec![card(), None], quirks, proxy), proxy }
    }

    /// What mbimcli says, and whether it is content.
    fn ask(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(MBIMCLI);
        command.args(["--device", &self.modem.port]).args(arguments).stdin(Stdio::null());
        if self.proxy {
            command.arg("--device-open-proxy");
        }
        let output = command.output().unwrap();
        let text = [&output.stdout[..], &output.stderr[..]].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    }

    /// The same for what must succeed, with these words in the answer.
    fn tells(&self, arguments: &[&str], words: &[&str]) -> String {
        let (ok, text) = self.ask(arguments);
        assert!(ok, "{arguments:?}: {text}");
        for word in words {
            assert!(text.contains(word), "{arguments:?} says nothing of {word}: {text}");
        }
        text
    }

    /// The same for what must fail.
    fn refuses(&self, arguments: &[&str], word: &str) {
        let (ok, text) = self.ask(arguments);
        assert!(!ok && text.contains(word), "{arguments:?} should fail with {word}: {text}");
    }
}

fn at_a_port(quirks: &[&str]) -> Option<Asked> {
    programs::is_there(MBIMCLI).then(|| Asked::start(quirks, false))
}

/// The transaction that the next run begins with, as mbimcli wants to be told if the device stays open.
fn open_and_keep(modem: &Asked, arguments: &[&str], words: &[&str]) {
    modem.tells(&[&["--no-close"], arguments].concat(), words);
}

fn go_on(modem: &Asked, arguments: &[&str], words: &[&str]) {
    modem.tells(&[&["--no-open=100", "--no-close"], arguments].concat(), words);
}

#[test]
fn it_tells_of_itself() {
    let Some(modem) = at_a_port(&[]) else { return };
    modem.tells(&["--query-device-caps"], &["Virtual MBIM modem", "990000862471854", "esimctl"]);
    modem.tells(&["--ms-query-device-caps"], &["Virtual MBIM modem", "Executor Index: '0'"]);
    modem.tells(&["--query-device-services"], &["ms-uicc-low-level-access", "ms-basic-connect-extensions", "apdu"]);
    modem.tells(&["--query-subscriber-ready-status"], &["'initialized'", HOME]);
    modem.tells(&["--query-registration-state"], &["Register state: 'home'", "99934"]);
    modem.tells(&["--query-radio-state"], &["Software radio state: 'on'"]);
    modem.tells(&["--ms-query-sys-caps"], &["Number of executors: '1'", "Number of slots: '2'"]);
    modem.tells(&["--ms-query-version=1.00,3.00"], &["3.00"]);
}

#[test]
fn newer_forms_are_read() {
    let Some(modem) = at_a_port(&[]) else { return };
    let v3 = "--device-open-ms-mbimex-v3";
    modem.tells(&[v3, "--query-subscriber-ready-status"], &["'initialized'", HOME, "esim"]);
    modem.tells(&["--device-open-ms-mbimex-v2", "--query-registration-state"], &["home", "99934"]);
}

#[test]
fn slots() {
    let Some(modem) = at_a_port(&[]) else { return };
    modem.tells(&["--ms-query-device-slot-mappings"], &["0"]);
    modem.tells(&["--ms-query-slot-info-status=0"], &["'state-active-esim'"]);
    modem.tells(&["--ms-query-slot-info-status=1"], &["off-empty'"]);
    modem.refuses(&["--ms-query-slot-info-status=2"], "Invalid");
    modem.tells(&["--ms-set-device-slot-mappings=1"], &["1"]);
    modem.tells(&["--ms-query-slot-info-status=1"], &["'state-empty'"]);
    modem.tells(&["--query-subscriber-ready-status"], &["sim-not-inserted"]);
    modem.tells(&["--ms-set-device-slot-mappings=0"], &["0"]);
    modem.tells(&["--query-subscriber-ready-status"], &["'initialized'"]);
    modem.refuses(&["--ms-set-device-slot-mappings=7"], "Invalid");
}

/// Opening the ISD-R, asking for the EID, closing; over several runs of mbimcli with the device left open.
fn get_eid(modem: &Asked) {
    open_and_keep(modem, &[&format!("--ms-set-uicc-open-channel={ISD_R}")], &["status: 144", "channel: 1", "6F"]);
    go_on(modem, &[&format!("--ms-set-uicc-apdu={GET_EID}")], &["144", &spaced(EID)]);
    go_on(modem, &["--ms-set-uicc-close-channel=channel=1,channel-group=1"], &["144"]);
}

/// Hexadecimal digits as mbimcli prints bytes.
fn spaced(digits: &str) -> String {
    digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect::<Vec<_>>().join(":")
}

#[test]
fn the_card_is_reached() {
    let Some(modem) = at_a_port(&[]) else { return };
    modem.tells(&["--ms-query-uicc-atr"], &["3B"]);
    get_eid(&modem);
    // Closing the device closes its channels.
    open_and_keep(&modem, &[&format!("--ms-set-uicc-open-channel={ISD_R}")], &["channel: 1"]);
    modem.tells(&["--no-open=200", "--ms-query-uicc-atr"], &[]);
    modem.refuses(&[&format!("--ms-set-uicc-apdu={GET_EID}")], "87430003");
}

#[test]
fn the_card_is_reset_and_told_of_its_host() {
    let Some(modem) = at_a_port(&["wants-terminal-capability"]) else { return };
    modem.refuses(&[&format!("--ms-set-uicc-open-channel={ISD_R}")], "87430002");
    // This mbimcli may count the padding behind the object.
    let capability = "--ms-set-uicc-terminal-capability=terminal-capability=a9088100820101830107";
    modem.tells(&[capability], &[]);
    modem.tells(&["--ms-query-uicc-terminal-capability"], &["A9:08:81:00:82:01:01:83:01:07"]);
    get_eid(&modem);
    open_and_keep(&modem, &[&format!("--ms-set-uicc-open-channel={ISD_R}")], &["channel: 1"]);
    go_on(&modem, &["--ms-set-uicc-reset=disable"], &["disabled"]);
    modem.refuses(&["--no-open=150", "--no-close", &format!("--ms-set-uicc-apdu={GET_EID}")], "87430003");
    go_on(&modem, &["--ms-set-uicc-reset=enable"], &["enabled"]);
    go_on(&modem, &["--query-subscriber-ready-status"], &["'not-initialized'"]);
    go_on(&modem, &["--ms-query-uicc-reset"], &["enabled"]);
}

/// What a well-behaved client does not mind.
#[test]
fn lines_in_disarray() {
    for quirk in ["fragments=64", "chatty", "foreign-answers"] {
        let Some(modem) = at_a_port(&[quirk]) else { return };
        modem.tells(&["--query-device-services"], &["ms-uicc-low-level-access"]);
        get_eid(&modem);
    }
}

#[test]
fn deviations() {
    for (quirk, word) in [
        ("select-fails", "87430002"),
        ("select-p2-0c", "87430002"),
        ("open-fails", "Failure"),
        ("no-uicc-access", "NoDeviceSupport"),
    ] {
        let Some(modem) = at_a_port(&[quirk]) else { return };
        modem.refuses(&[&format!("--ms-set-uicc-open-channel={ISD_R}")], word);
    }
    let Some(modem) = at_a_port(&["no-slot-mapping"]) else { return };
    modem.refuses(&["--ms-query-device-slot-mappings"], "NoDeviceSupport");
    let Some(modem) = at_a_port(&["no-reset"]) else { return };
    modem.refuses(&["--ms-set-uicc-reset=disable"], "NoDeviceSupport");
}

#[test]
#[ignore = "is run in namespaces of its own by the one below"]
fn inside_as_the_proxy() {
    let modem = Asked::start(&[], true);
    modem.tells(&["--query-device-caps"], &["Virtual MBIM modem"]);
    // What one host leaves open stays open for the next, as with the real proxy.
    modem.tells(&[&format!("--ms-set-uicc-open-channel={ISD_R}")], &["channel: 1"]);
    modem.tells(&[&format!("--ms-set-uicc-apdu={GET_EID}")], &["144", &spaced(EID)]);
    modem.tells(&["--ms-set-uicc-close-channel=channel=1,channel-group=1"], &["144"]);
    modem.tells(&["--ms-query-device-slot-mappings"], &["0"]);
}

#[test]
fn as_the_proxy() {
    if programs::is_there(MBIMCLI) {
        programs::in_namespaces("inside_as_the_proxy");
    }
}
