//! Virtual modems.

use manager::virtual_modems::{ModemQuirk, ModemSlot, VirtualModem};
use serde_json::{Value, json};

use super::text::Fields;
use super::{Event, Report, SCHEMA};

/// What happens while a virtual modem is on.
pub(crate) enum ModemEvent<'a> {
    Ready(&'a VirtualModem<'a>),
    Off,
}

impl Event for ModemEvent<'_> {
    fn json(&self) -> Value {
        match self {
            Self::Ready(modem) => json!({
                "event": "ready",
                "speaks": modem.language().name(),
                "port": modem.port(),
                "device": device(modem),
                "slots": modem.slots().iter().map(slot_json).collect::<Vec<_>>(),
                "schema": SCHEMA,
            }),
            Self::Off => json!({ "event": "off", "schema": SCHEMA }),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Ready(modem) => {
                let slots: Vec<String> = modem.slots().iter().zip(1..).map(slot_text).collect();
                format!(
                    "The virtual modem is on: {}.\nUse it with --device {}\nCtrl-C switches it off.\n",
                    slots.join("; "),
                    device(modem)
                )
            }
            Self::Off => "The virtual modem is off.\n".into(),
        }
    }
}

fn device(modem: &VirtualModem) -> String {
    format!("{}:{}", modem.language().name(), modem.port())
}

fn slot_json(slot: &ModemSlot) -> Value {
    json!({ "card": slot.card, "eids": slot.eids })
}

fn slot_text((slot, number): (&ModemSlot, usize)) -> String {
    match &slot.card {
        Some(card) => format!("slot {number} has the virtual card '{card}' (EID {})", slot.eids.join(", ")),
        None => format!("slot {number} is empty"),
    }
}

pub(crate) struct ModemQuirksReport;

impl Report for ModemQuirksReport {
    fn data(&self) -> Value {
        let quirks = ModemQuirk::ALL.iter().map(|quirk| {
            let entry = quirk.describe();
            json!({
                "name": entry.name,
                "parameter": entry.parameter.map(|(name, _)| name),
                "default": entry.parameter.map(|(_, default)| default),
                "speaks": entry.speaks.split(' ').collect::<Vec<_>>(),
                "effect": entry.effect,
                "seen_on": entry.seen_on,
            })
        });
        quirks.collect()
    }

    fn text(&self) -> String {
        let mut fields = Fields::default();
        for quirk in ModemQuirk::ALL {
            let entry = quirk.describe();
            let name = match entry.parameter {
                Some((parameter, _)) => format!("{}={parameter}", entry.name),
                None => entry.name.to_owned(),
            };
            fields.add(name, format!("{}: {}\n({})", entry.speaks, entry.effect, entry.seen_on));
        }
        fields.text()
    }
}
