//! Hints on kinds of devices: where a device of such a kind is looked at, and beside an error that comes from it.

use serde_json::Value;

use super::common::Sandbox;
use super::server::Server;
use super::sysroot::Sysroot;

const DEVICE: &str = "mbim:/dev/wwan0mbim0";

/// A Foxconn DW5934e on PCIe, which refuses the eUICC.
fn foxconn(sandbox: &Sandbox) -> Server {
    let ids = ["105b", "e11d", "105b", "e11e"];
    let node = Sysroot::new(sandbox).pci_port("0000:08:00.0", ids, "wwan0mbim0");
    let arguments = ["modem", "mbim", "card", "--link", node.to_str().unwrap(), "--quirk", "select-fails", "--json"];
    Server::start(sandbox, &arguments)
}

/// Asserts that this is the hint on that modem.
fn is_hint(hint: &Value) {
    assert_eq!(hint["device"], "Foxconn DW5934e", "{hint}");
    assert!(hint["text"].as_str().unwrap().starts_with("The eUICC is in slot 2; "), "{hint}");
    assert!(hint["source"].as_str().unwrap().contains("mhi_pci_generic"), "{hint}");
}

/// Asserts that the hint is there in lines that fit, behind this indent.
fn is_told(text: &str, first: &str, indent: &str) {
    let from = text.find(first).unwrap_or_else(|| panic!("no {first:?} in {text}"));
    let mut lines = text[from..].lines();
    let hint: Vec<&str> = std::iter::once(lines.next().unwrap())
        .chain(
            lines.take_while(|line| line.starts_with(indent) && line[indent.len()..].starts_with(char::is_alphabetic)),
        )
        .collect();
    assert!(hint.len() > 2 && hint.iter().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text[from..].contains("again."), "{text}");
}

#[test]
fn a_hint_is_told_where_the_device_is_looked_at() {
    let sandbox = Sandbox::with_card(&[]);
    let _modem = foxconn(&sandbox);
    let devices = sandbox.data(&["devices"])["devices"].clone();
    let port = devices.as_array().unwrap().iter().find(|entry| entry["device"] == DEVICE).unwrap().clone();
    is_hint(&port["hints"][0]);
    let text = sandbox.run(&["devices", "--probe"]).out;
    assert!(text.contains("Foxconn DW5934e (pci 0000:08:00.0, 105b:e11d)\n"), "{text}");
    is_told(&text, "  Foxconn DW5934e: The eUICC", "  ");
    let checks = sandbox.data(&["doctor"])["checks"].clone();
    let hints = checks.as_array().unwrap().iter().filter(|check| check["name"] == "device_hint").count();
    assert_eq!(hints, 1, "{checks}");
    is_told(&sandbox.run(&["doctor"]).out, "note  Foxconn DW5934e: The eUICC", "      ");
}

#[test]
fn a_hint_stands_beside_an_error_of_the_device() {
    let sandbox = Sandbox::with_card(&[]);
    let modem = foxconn(&sandbox);
    let (_, error) = sandbox.error(&["list", "-d", DEVICE]);
    is_hint(&error["hints"][0]);
    is_told(&sandbox.run(&["list", "-d", DEVICE]).err, "  hint   Foxconn DW5934e", "         ");
    let chinese = sandbox.run(&["list", "-d", DEVICE, "--lang", "zh-CN"]).err;
    assert!(chinese.contains("提示") && chinese.contains("eUICC 在卡槽 2"), "{chinese}");
    // Before the modem was reached, too; not where the user is at fault.
    drop(modem);
    let (_, gone) = sandbox.error(&["list", "-d", DEVICE]);
    is_hint(&gone["hints"][0]);
    let (_, mistake) = sandbox.error(&["list", "-d", &format!("{DEVICE},quirk=nonsense")]);
    assert_eq!(mistake["hints"], Value::Null, "{mistake}");
}

#[test]
fn a_device_that_is_not_known_has_no_hint() {
    let sandbox = Sandbox::with_card(&[]);
    let node = Sysroot::new(&sandbox).modem_port("1-2", 2, "ttyUSB2");
    let arguments = ["modem", "at", "card", "--link", node.to_str().unwrap(), "--quirk", "no-euicc", "--json"];
    let _modem = Server::start(&sandbox, &arguments);
    let devices = sandbox.data(&["devices", "--probe"])["devices"].clone();
    assert!(devices.as_array().unwrap().iter().all(|entry| entry["hints"].as_array().unwrap().is_empty()), "{devices}");
    assert_eq!(sandbox.error(&["list", "-d", "at:/dev/ttyUSB2"]).1["hints"], Value::Null);
}
