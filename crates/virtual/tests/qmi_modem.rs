//! The virtual modem against the real `qmicli`: at a port, through the real `qmi-proxy`, and in its place.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

#[path = "common/programs.rs"]
mod programs;

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use virtual_euicc::card::{NewCard, NewProfiles, VirtualCard};
use virtual_euicc::modem::{Modem, ModemQuirks, ProxySocket, Pty, QmiModem};

const QMICLI: &str = "/usr/bin/qmicli";
const PROXY: &str = "/usr/libexec/qmi-proxy";
const EID: &str = "89049032123451234512345678901235";
const HOME: &str = "8999934567890120011";

/// A modem with a card in its first slot, none in its second, and one without profiles in its third.
struct Running {
    modem: QmiModem,
    port: String,
    /// qmicli asks the proxy for it.
    through_proxy: bool,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl Running {
    fn modem(quirks: &[&str]) -> QmiModem {
        let quirks = ModemQuirks::of(quirks.iter().map(|quirk| quirk.parse().unwrap()).collect());
        let new = NewCard { eid: Some(EID.parse().unwrap()), ..NewCard::default() };
        let empty = NewCard { profiles: NewProfiles::Count(0), ..NewCard::default() };
        let card = |new: &NewCard| Some(VirtualCard::in_memory(new).unwrap());
        QmiModem::new(Modem::new(vec![card(&new), None, card(&empty)], quirks))
    }

    fn at_a_port(quirks: &[&str]) -> Self {
        let modem = Self::modem(quirks);
        let pty = Pty::open(None).unwrap();
        let port = pty.path().display().to_string();
        let mut voice = modem.at_port();
        Self::run(modem, port, false, move |stop| pty.serve(&mut voice, stop))
    }

    fn as_proxy() -> Self {
        let modem = Self::modem(&[]);
        let socket = ProxySocket::bind("qmi-proxy").unwrap();
        let shared = modem.clone();
        let port = "/dev/null".to_owned();
        Self::run(modem, port, true, move |stop| socket.serve(&|| shared.as_proxy(), stop))
    }

    fn run(
        modem: QmiModem,
        port: String,
        through_proxy: bool,
        serve: impl FnOnce(&AtomicBool) -> std::io::Result<()> + Send + 'static,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = Some(std::thread::spawn(move || serve(&stopped)));
        Self { modem, port, through_proxy, stop, thread }
    }

    /// What qmicli says, and whether it is content.
    fn ask(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(QMICLI);
        command.args(["--device", &self.port, "--device-open-qmi"]).args(arguments).stdin(Stdio::null());
        if self.through_proxy {
            command.arg("--device-open-proxy");
        }
        let output = command.output().unwrap();
        let text = [&output.stdout[..], &output.stderr[..]].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    }

    /// The same for what must succeed, with these words in the answer. Nothing is left open.
    fn tells(&self, arguments: &[&str], words: &[&str]) -> String {
        let (ok, text) = self.ask(arguments);
        assert!(ok, "{arguments:?}: {text}");
        for word in words {
            assert!(text.contains(word), "{arguments:?} says nothing of {word}: {text}");
        }
        assert_eq!(self.modem.clients(), 0, "{arguments:?} left a client: {text}");
        text
    }

    /// The same for what must fail.
    fn refuses(&self, arguments: &[&str], word: &str) {
        let (ok, text) = self.ask(arguments);
        assert!(!ok && text.contains(word), "{arguments:?} should fail with {word}: {text}");
    }

    /// All that qmicli can say about cards.
    fn answers_everything(&self) {
        let card = self.tells(&["--uim-get-card-status"], &["Card state: 'present'", "usim (2)", "'ready'"]);
        assert!(card.contains("Primary GW:   slot '1', application '1'"), "{card}");
        let slots =
            self.tells(&["--uim-get-slot-status"], &["3 physical slots found", "Card status: absent", HOME, EID]);
        assert!(slots.contains("Logical slot: 1") && slots.contains("Is eUICC: yes"), "{slots}");
        self.tells(&["--uim-switch-slot=3"], &["Successfully switched slots"]);
        let bare = self.tells(&["--uim-get-card-status"], &["Card state: 'present'"]);
        assert!(!bare.contains("usim"), "a card without profiles has nothing to be ready: {bare}");
        self.refuses(&["--uim-switch-slot=3"], "NoEffect");
        self.refuses(&["--uim-switch-slot=9"], "unavailable");
        self.tells(&["--uim-switch-slot=2"], &["Successfully"]);
        self.tells(&["--uim-get-card-status"], &["Card state: 'absent'"]);
        self.tells(&["--uim-switch-slot=1"], &["Successfully"]);
        self.tells(&["--uim-sim-power-off=1"], &["Successfully"]);
        self.tells(&["--uim-get-card-status"], &["Card state: 'error: power-down (1)"]);
        self.tells(&["--uim-sim-power-on=1"], &["Successfully"]);
        self.tells(&["--uim-get-card-status"], &["'ready'"]);
        self.tells(&["--uim-reset"], &["Successfully"]);
        self.tells(&["--dms-get-manufacturer"], &["esimctl"]);
        self.tells(&["--dms-get-model"], &["virtual QMI modem"]);
        self.tells(&["--dms-get-revision"], &["Revision"]);
        self.tells(&["--nas-get-serving-system"], &["Registration state: 'registered'", "lte"]);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let served = thread.join().unwrap();
            if !std::thread::panicking() {
                served.unwrap();
            }
        }
    }
}

#[test]
fn qmicli_at_a_port() {
    if programs::is_there(QMICLI) {
        Running::at_a_port(&[]).answers_everything();
    }
}

#[test]
fn qmicli_opens_in_every_way() {
    if programs::is_there(QMICLI) {
        let modem = Running::at_a_port(&[]);
        modem.tells(&["--device-open-sync", "--uim-noop"], &[]);
        modem.tells(&["--device-open-version-info", "--uim-noop"], &[]);
        modem.tells(&["--get-service-version-info"], &["uim (1.46)"]);
    }
}

#[test]
fn frames_that_come_anyhow() {
    if programs::is_there(QMICLI) {
        for quirk in ["cut-frames", "joined-frames", "chatty", "foreign-answers"] {
            Running::at_a_port(&[quirk]).tells(&["--uim-get-slot-status"], &[HOME]);
        }
    }
}

#[test]
fn quirks_that_qmicli_sees() {
    if !programs::is_there(QMICLI) {
        return;
    }
    Running::at_a_port(&["no-slot-status"]).refuses(&["--uim-get-slot-status"], "NotSupported");
    Running::at_a_port(&["no-slot-status=71"]).refuses(&["--uim-switch-slot=1"], "InvalidQmiCommand");
    Running::at_a_port(&["no-client-ids"]).refuses(&["--uim-get-card-status"], "ClientIdsExhausted");
    Running::at_a_port(&["pin-locked"]).tells(&["--uim-get-card-status"], &["pin1-or-upin-pin-required"]);
    Running::at_a_port(&["never-registers"]).tells(&["--nas-get-serving-system"], &["'registered'"]);
    Running::at_a_port(&["powers-down"]).tells(&["--uim-get-card-status"], &["power-down"]);
    let all = Running::at_a_port(&["logical-slots"]).tells(&["--uim-get-card-status"], &["Slot [3]"]);
    assert!(all.contains("Slot [2]"), "{all}");
    let slow = Running::at_a_port(&["slow-slot=600000"]);
    slow.tells(&["--uim-switch-slot=3"], &["Successfully"]);
    slow.tells(&["--uim-get-card-status"], &["Card state: 'error"]);
}

/// Client ids that nobody gives back are used up, until a host that is alone says Sync.
#[test]
fn client_ids_run_out() {
    if !programs::is_there(QMICLI) {
        return;
    }
    let modem = Running::at_a_port(&[]);
    for _ in 0..20 {
        assert!(modem.ask(&["--uim-noop", "--client-no-release-cid"]).0);
    }
    assert_eq!(modem.modem.clients(), 20);
    modem.refuses(&["--uim-noop"], "ClientIdsExhausted");
    modem.tells(&["--device-open-sync", "--uim-noop"], &[]);
}

#[test]
fn qmicli_through_the_real_proxy() {
    if programs::is_there(QMICLI) && programs::is_there(PROXY) {
        programs::in_namespaces("inside::through_the_real_proxy");
    }
}

#[test]
fn qmicli_with_us_as_the_proxy() {
    if programs::is_there(QMICLI) {
        programs::in_namespaces("inside::with_us_as_the_proxy");
    }
}

/// What has to be alone with its abstract sockets.
mod inside {
    use super::Running;

    #[test]
    #[ignore = "run in namespaces by another test"]
    fn through_the_real_proxy() {
        let mut modem = Running::at_a_port(&[]);
        modem.through_proxy = true;
        modem.answers_everything();
    }

    #[test]
    #[ignore = "run in namespaces by another test"]
    fn with_us_as_the_proxy() {
        Running::as_proxy().answers_everything();
    }
}
