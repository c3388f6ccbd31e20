//! Another modem at the same port: nothing that was learnt about the first one is applied to it.

use std::path::PathBuf;

use serde_json::Value;

use super::common::{HOME, Sandbox};
use super::server::Server;
use super::sysroot::Sysroot;

/// A modem that carries APDUs by `AT+CSIM` alone, and one that does so by `AT+CGLA` alone.
const CSIM_ALONE: &[&str] = &["only-csim", "identity=Maker/Model A/1"];
const CGLA_ALONE: &[&str] = &["csim-basic-only", "identity=Maker/Model B/1"];

/// A port at which modems come and go.
struct Port {
    sandbox: Sandbox,
    link: PathBuf,
    device: String,
    language: &'static str,
    modem: Option<Server>,
}

impl Port {
    fn new(language: &'static str, node: impl FnOnce(&Sandbox) -> PathBuf) -> Self {
        let sandbox = Sandbox::with_card(&[]);
        let link = node(&sandbox);
        let name = link.strip_prefix(sandbox.sysroot()).map(|node| PathBuf::from("/").join(node));
        let proxy = if language == "at" { "" } else { ",proxy=no" };
        let device = format!("{language}:{}{proxy}", name.unwrap_or_else(|_| link.clone()).display());
        Self { sandbox, link, device, language, modem: None }
    }

    /// Puts this modem at the port.
    fn put(&mut self, quirks: &[&str]) {
        self.modem = None;
        let mut arguments = vec!["modem", self.language, "card", "--link", self.link.to_str().unwrap(), "--json"];
        quirks.iter().for_each(|quirk| arguments.extend(["--quirk", quirk]));
        self.modem = Some(Server::start(&self.sandbox, &arguments));
    }

    fn learn(&self) -> Value {
        self.sandbox.data(&["doctor", "--learn", "-d", &self.device])["remembered"].clone()
    }

    fn works(&self) -> bool {
        let run = self.sandbox.run(&["list", "--json", "-d", &self.device]);
        run.code == 0 && run.json()["data"][0]["iccid"] == HOME
    }

    /// The values of this fact that are remembered, of whatever modem.
    fn facts(&self, name: &str) -> Vec<String> {
        let bundle = self.sandbox.data(&["support-bundle", "x", "--dry-run"]);
        let learnt = bundle["bundle"]["learnt"].as_array().unwrap().clone();
        let named = learnt.iter().filter(|fact| fact["name"] == name);
        named.map(|fact| fact["value"].as_str().unwrap().to_owned()).collect()
    }
}

/// The port of a USB modem of which the ids do not tell all models apart.
fn usb(sandbox: &Sandbox) -> PathBuf {
    Sysroot::new(sandbox).modem_port("1-2", 2, "ttyUSB2")
}

/// A port that has no hardware in `/sys`.
fn bare(sandbox: &Sandbox) -> PathBuf {
    Sysroot::new(sandbox);
    sandbox.path().join("modem")
}

#[test]
fn at_a_port_without_signs_each_modem_is_asked_who_it_is() {
    let mut port = Port::new("at", bare);
    port.put(CSIM_ALONE);
    assert_eq!(port.learn()["apdu_form"], "csim");
    assert!(port.works());
    port.put(CGLA_ALONE);
    assert!(port.works(), "by the form that it has");
    assert_eq!(port.facts("apdu_form"), [""; 0], "the other one's facts are dropped");
    assert_eq!(port.learn()["apdu_form"], "cgla");
    port.put(CSIM_ALONE);
    assert!(port.works());
    // Other firmware may have other habits.
    assert_eq!(port.learn()["apdu_form"], "csim");
    port.put(&["csim-basic-only", "identity=Maker/Model A/2"]);
    assert!(port.works());
}

#[test]
fn a_usb_modem_is_asked_again_when_it_was_plugged_in_anew() {
    let mut port = Port::new("at", usb);
    port.put(CSIM_ALONE);
    assert_eq!(port.learn()["apdu_form"], "csim");
    assert!(port.works());
    // The modem itself, plugged in anew: what was learnt holds.
    let sysroot = Sysroot::new(&port.sandbox);
    sysroot.plug_anew("1-2");
    assert!(port.works());
    assert_eq!(port.facts("apdu_form"), ["csim"]);
    // Another one with the same ids.
    sysroot.plug_anew("1-2");
    port.put(CGLA_ALONE);
    assert!(port.works());
    assert_eq!(port.facts("apdu_form"), [""; 0]);
}

#[test]
fn a_usb_modem_with_other_ids_or_after_a_reboot_is_asked() {
    let mut port = Port::new("at", usb);
    let sysroot = Sysroot::new(&port.sandbox);
    let boot = |number: u8| sysroot.file("proc/sys/kernel/random/boot_id", &format!("boot {number}\n"));
    boot(1);
    port.put(CSIM_ALONE);
    assert_eq!(port.learn()["apdu_form"], "csim");
    boot(2);
    assert!(port.works());
    assert_eq!(port.facts("apdu_form"), ["csim"], "the same one after a reboot");
    boot(3);
    port.put(CGLA_ALONE);
    assert!(port.works());
    assert_eq!(port.learn()["apdu_form"], "cgla");
    sysroot.file("sys/devices/pci0000:00/usb1/1-2/idProduct", "0512\n");
    port.put(CSIM_ALONE);
    assert!(port.works());
    // What is known of the one with the other ids stays, for it may come back.
    assert_eq!(port.facts("apdu_form"), ["cgla"]);
}

#[test]
fn a_pci_modem_is_told_from_another_by_its_board() {
    let quirks = ["extended-class", "select-p2-0c", "identity=Maker/Model/1"];
    let ids = |board| ["8086", "7560", "1cf8", board];
    let mut port =
        Port::new("mbim", |sandbox| Sysroot::new(sandbox).pci_port("0000:08:00.0", ids("8521"), "wwan0mbim0"));
    port.put(&quirks);
    assert!(!port.works(), "nobody knows this model");
    assert_eq!(port.learn()["select_p2"], "0C");
    port.put(&quirks);
    assert!(port.works());
    Sysroot::new(&port.sandbox).pci_port("0000:08:00.0", ids("8522"), "wwan0mbim0");
    port.put(&quirks);
    assert!(!port.works(), "what was learnt about the one is not applied to the other");
    Sysroot::new(&port.sandbox).pci_port("0000:08:00.0", ids("8521"), "wwan0mbim0");
    port.put(&quirks);
    assert!(port.works(), "back again, it is known");
}

/// A slot that was learnt must not be switched to in another modem.
#[test]
fn a_slot_is_not_remembered_for_another_modem() {
    let sandbox = Sandbox::with_card(&[]);
    sandbox.create("other", &["--eid", "89049032000000000000000000000066"]);
    Sysroot::new(&sandbox);
    let link = sandbox.path().join("modem");
    let device = format!("qmi:{},proxy=no", link.display());
    let put = |slots: [&str; 2], identity: &str| {
        let link = link.to_str().unwrap();
        let arguments = ["modem", "qmi", slots[0], "--slot", slots[1], "--link", link, "--quirk", identity, "--json"];
        Server::start(&sandbox, &arguments)
    };
    let first = put(["other", "card"], "identity=Maker/Model A/1");
    let lesson = sandbox.data(&["doctor", "--learn", "-d", &format!("{device},slot=2")]);
    assert_eq!(lesson["remembered"]["slot"], "2");
    assert_eq!(sandbox.data(&["list", "-d", &device])[0]["iccid"], HOME);
    drop(first);
    let _second = put(["card", "other"], "identity=Maker/Model B/1");
    assert_eq!(sandbox.data(&["list", "-d", &device])[0]["iccid"], HOME, "its slot in use, and no other");
}

/// The modem has to be identified before its slot is chosen: the one in use leads to no card.
#[test]
fn a_slot_that_was_learnt_is_used_where_the_one_in_use_is_empty() {
    for language in ["qmi", "mbim"] {
        let sandbox = Sandbox::with_card(&[]);
        Sysroot::new(&sandbox);
        let link = sandbox.path().join("modem");
        let device = format!("{language}:{},proxy=no", link.display());
        let start = || {
            let link = link.to_str().unwrap();
            let arguments = ["modem", language, "empty", "--slot", "card", "--link", link, "--json"];
            Server::start(&sandbox, &[&arguments[..], &["--quirk", "starts-in-slot=1"]].concat())
        };
        let first = start();
        assert_eq!(sandbox.error(&["list", "-d", &device]).1["id"], "slot_empty");
        sandbox.data(&["doctor", "--learn", "-d", &format!("{device},slot=2")]);
        drop(first);
        let _again = start();
        assert_eq!(sandbox.data(&["list", "-d", &device])[0]["iccid"], HOME, "{language}");
    }
}
