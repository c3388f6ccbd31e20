//! Devices.

use manager::card::CardSight;
use manager::device::{DeviceEntry, Devices, Port, PortHolder, Probed};
use manager::quirks::{DeviceHint, hints_of, quirks_of};
use serde_json::{Value, json};

use super::Report;
use super::error;
use super::switch::card_word;
use super::table::table;
use super::text::{BOLD, YELLOW, clean, list};

pub(crate) struct DevicesReport(pub(crate) Devices);

fn entry_json(entry: &DeviceEntry) -> Value {
    let elements = entry.elements.as_ref().map(|elements| {
        elements
            .iter()
            .map(|element| json!({ "eid": element.eid.to_string(), "isdr_aid": element.isdr_aid.to_string() }))
            .collect::<Vec<_>>()
    });
    json!({
        "device": entry.device,
        "kind": entry.kind,
        "name": entry.name,
        "usable": entry.is_usable(),
        "in_use": entry.in_use,
        "atr": (!entry.atr.is_empty()).then(|| data_encoding::HEXUPPER.encode(&entry.atr)),
        "euiccs": elements,
        "port": entry.port.as_deref().map(port_json),
        "modem": entry.probed.as_ref().map(probed_json),
        "quirks": quirks_of(entry).iter().map(|quirk| quirk.name).collect::<Vec<_>>(),
        "hints": hints_of(entry).iter().map(error::hint_json).collect::<Vec<_>>(),
        "problem": entry.problem.as_ref().map(error::json),
    })
}

fn port_json(port: &Port) -> Value {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let holder =
        |holder: &PortHolder| json!({ "pid": (holder.pid != 0).then_some(holder.pid), "command": holder.command });
    json!({
        "node": text(&port.node),
        "stable": port.stable,
        "driver": text(&port.driver),
        "role": port.role,
        "hardware": {
            "place": port.modem.place,
            "vendor": text(&port.modem.vendor),
            "product": text(&port.modem.product),
            "id": text(&port.modem.id),
        },
        "holders": port.holders.iter().map(holder).collect::<Vec<_>>(),
        "holders_known": port.holders_known,
    })
}

fn probed_json(probed: &Probed) -> Value {
    let Probed { language, identity, sight, slots } = probed;
    let slots: Vec<Value> = slots
        .iter()
        .map(|slot| {
            json!({
                "number": slot.number,
                "active": slot.active,
                "present": slot.present,
                "euicc": slot.euicc,
                "eid": slot.eid.map(|eid| eid.to_string()),
            })
        })
        .collect();
    json!({
        "language": language,
        "manufacturer": identity.manufacturer,
        "model": identity.model,
        "firmware": identity.firmware,
        "card": sight.as_ref().map(|sight| card_word(sight.card)),
        "iccid": sight.as_ref().and_then(|sight| sight.iccid.as_ref()).map(sgp22::id::Iccid::digits),
        "registered": sight.as_ref().and_then(|sight| sight.registered),
        "slots": slots,
    })
}

fn status(entry: &DeviceEntry) -> String {
    let role = entry.port.as_ref().filter(|port| port.is_for_something_else()).and_then(|port| port.role);
    match (&entry.problem, &entry.elements, role) {
        (Some(error), _, _) => clean(&error.message()),
        (None, _, Some(role)) => format!("for {role}"),
        (None, Some(elements), _) => {
            let eids: Vec<String> = elements.iter().map(|element| format!("EID {}", element.eid)).collect();
            let quirks: Vec<&str> = quirks_of(entry).iter().map(|quirk| quirk.name).collect();
            let known = match entry.port {
                // A modem's are told once for all its ports.
                None if !quirks.is_empty() => format!("; known for {}", quirks.join(", ")),
                _ => String::new(),
            };
            eids.join(", ") + &known
        }
        (None, None, _) if entry.probed.is_some() => "answers, too".into(),
        (None, None, _) if entry.in_use && entry.port.is_none() => "usable; another program is connected, too".into(),
        (None, None, _) => "usable".into(),
    }
}

/// All of them in one table.
pub(super) fn devices_table(entries: &[DeviceEntry]) -> String {
    let rows: Vec<Vec<String>> = entries.iter().map(|entry| vec![clean(&entry.device), status(entry)]).collect();
    table(&["DEVICE", "STATUS"], &rows)
}

/// A modem: what it is, and its ports.
fn modem_text(ports: &[&DeviceEntry]) -> String {
    let Some(port) = ports.first().and_then(|entry| entry.port.as_deref()) else { return String::new() };
    let hardware = &port.modem;
    let id = if hardware.id.is_empty() { String::new() } else { format!(", {}", hardware.id) };
    let mut text = format!("{BOLD}{}{BOLD:#} ({}{id})\n", clean(&hardware.name()), clean(&hardware.place));
    let rows: Vec<Vec<String>> = ports
        .iter()
        .filter_map(|entry| {
            let port = entry.port.as_deref()?;
            Some(vec![clean(&entry.device), clean(&port.driver), clean(&holders(port)), status(entry)])
        })
        .collect();
    text += &indented(&table(&["DEVICE", "DRIVER", "HELD BY", "STATUS"], &rows));
    let links = ports.iter().filter_map(|entry| entry.port.as_deref()?.stable.as_ref().map(|link| (entry, link)));
    for (entry, link) in links {
        let kind = entry.device.split(':').next().unwrap_or_default();
        text += &format!("  A name of {} that stays: {kind}:{}\n", clean(&entry.device), clean(link));
    }
    if let Some(probed) = ports.iter().find_map(|entry| entry.probed.as_ref()) {
        text += &probed_text(probed);
    } else if let Some(entry) = ports.iter().find(|entry| entry.is_modem_managers()) {
        let device = clean(&entry.device);
        text += "  ModemManager uses it, so that --probe leaves it alone. It lets go of it for a command:\n";
        text += &format!("    esimctl info --device {device}\n");
    }
    let mut quirks: Vec<&str> = Vec::new();
    for quirk in ports.iter().flat_map(|entry| quirks_of(entry)) {
        if !quirks.contains(&quirk.name) {
            quirks.push(quirk.name);
        }
    }
    if !quirks.is_empty() {
        text += &format!("  Known for {}, and treated so.\n", quirks.join(", "));
    }
    text += &hints_text(ports);
    text
}

/// The hints on devices, each once and indented.
fn hints_text(entries: &[&DeviceEntry]) -> String {
    let mut hints: Vec<DeviceHint> = Vec::new();
    for hint in entries.iter().flat_map(|entry| hints_of(entry)) {
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints.iter().map(|hint| indented(&error::hint_text(hint, 2))).collect()
}

fn holders(port: &Port) -> String {
    let holders: Vec<String> = port
        .holders
        .iter()
        .map(
            |holder| {
                if holder.pid == 0 { holder.command.clone() } else { format!("{} ({})", holder.command, holder.pid) }
            },
        )
        .collect();
    list(&holders, if port.holders_known { "" } else { "unknown" })
}

fn card_text(card: CardSight) -> String {
    match card {
        CardSight::NotActivated => "its operator has not activated the subscription".into(),
        CardSight::NoProfile => "its card has no enabled profile".into(),
        CardSight::Locked => "its card wants the PIN".into(),
        CardSight::PukRequired => "its card wants the PUK: the PIN is blocked".into(),
        CardSight::DeviceLocked => "it is locked to another card or operator".into(),
        card => format!("its card is {}", card_word(card)),
    }
}

fn probed_text(probed: &Probed) -> String {
    let Probed { identity, sight, slots, .. } = probed;
    let names = [&identity.manufacturer, &identity.model, &identity.firmware].map(|part| clean(part));
    let said: Vec<&str> = names.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let mut text = String::new();
    if !said.is_empty() {
        text += &format!("  It says that it is {}.\n", said.join(", "));
    }
    if let Some(sight) = sight {
        let card = match (sight.card, &sight.iccid) {
            (CardSight::Usable, Some(iccid)) => format!("uses the profile {}", iccid.digits()),
            (card, Some(iccid)) => format!("{}, with the profile {}", card_text(card), iccid.digits()),
            (card, None) => card_text(card),
        };
        let network = match sight.registered {
            Some(true) => ", in a network",
            Some(false) => ", in no network",
            None => "",
        };
        text += &format!("  The modem: {}{network}.\n", clean(&card));
    }
    for slot in slots {
        let what = match (slot.present, slot.euicc, &slot.eid) {
            (_, _, Some(eid)) => format!("an eUICC, EID {eid}"),
            (_, Some(true), None) => "an eUICC".into(),
            (Some(true), Some(false), _) => "a card that is no eUICC".into(),
            (Some(true), None, _) => "a card".into(),
            (Some(false), _, _) => "empty".into(),
            (None, _, _) => "unknown".into(),
        };
        text += &format!("  Slot {}: {what}{}.\n", slot.number, if slot.active { ", in use" } else { "" });
    }
    text
}

fn indented(table: &str) -> String {
    table.lines().map(|line| format!("  {line}\n")).collect()
}

impl Report for DevicesReport {
    fn data(&self) -> Value {
        json!({
            "devices": self.0.entries.iter().map(entry_json).collect::<Vec<_>>(),
            "problems": self.0.problems.iter().map(error::json).collect::<Vec<_>>(),
        })
    }

    fn text(&self) -> String {
        let (ports, others): (Vec<&DeviceEntry>, Vec<&DeviceEntry>) =
            self.0.entries.iter().partition(|entry| entry.port.is_some());
        let mut text = match (others.is_empty(), ports.is_empty()) {
            (true, true) => "No reader, no modem and no virtual card was found.\n".to_owned(),
            (true, false) => String::new(),
            (false, _) => {
                let table = devices_table(&others.iter().map(|entry| (*entry).clone()).collect::<Vec<_>>());
                table + &hints_text(&others)
            }
        };
        let place = |entry: &DeviceEntry| entry.port.as_ref().map(|port| port.modem.place.clone());
        let mut places: Vec<_> = ports.iter().map(|entry| place(entry)).collect();
        places.sort();
        places.dedup();
        for modem in places {
            let ports: Vec<&DeviceEntry> = ports.iter().copied().filter(|entry| place(entry) == modem).collect();
            if !text.is_empty() {
                text += "\n";
            }
            text += &modem_text(&ports);
        }
        for problem in &self.0.problems {
            text += &format!("{YELLOW}note:{YELLOW:#} {}\n      {}\n", problem.message(), problem.next());
        }
        text
    }
}
