//! The fields of a bundle that may leave the machine, and how each is treated. A field that is not listed is left out.

use card_io::PersonalData;
use serde_json::{Map, Value};

use super::mask::Mask;

/// How a field is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// It is none of a person: kept.
    Keep,
    /// An EID or ICCID: another number.
    Number,
    /// Words of a device: long numbers go.
    Text,
    /// The name of a device.
    Device,
}

use Treatment::{Device, Keep, Number, Text};

/// Fields by their path; lists are not counted.
pub(super) type Table = &'static [(&'static str, Treatment)];

/// The devices, as `esimctl devices --json` tells them. Not: names of ports that stay (they hold serial numbers), command
/// lines of other programs, and the words of errors.
pub(super) const DEVICES: Table = &[
    ("devices/device", Device),
    ("devices/kind", Keep),
    ("devices/usable", Keep),
    ("devices/in_use", Keep),
    ("devices/atr", Keep),
    ("devices/euiccs/eid", Number),
    ("devices/euiccs/isdr_aid", Keep),
    ("devices/port/node", Text),
    ("devices/port/driver", Keep),
    ("devices/port/role", Keep),
    ("devices/port/hardware/place", Keep),
    ("devices/port/hardware/vendor", Text),
    ("devices/port/hardware/product", Text),
    ("devices/port/hardware/id", Keep),
    ("devices/port/holders/pid", Keep),
    ("devices/port/holders_known", Keep),
    ("devices/modem/language", Keep),
    ("devices/modem/manufacturer", Text),
    ("devices/modem/model", Text),
    ("devices/modem/firmware", Text),
    ("devices/modem/card", Keep),
    ("devices/modem/iccid", Number),
    ("devices/modem/registered", Keep),
    ("devices/modem/slots/number", Keep),
    ("devices/modem/slots/active", Keep),
    ("devices/modem/slots/present", Keep),
    ("devices/modem/slots/euicc", Keep),
    ("devices/modem/slots/eid", Number),
    ("devices/quirks", Keep),
    ("devices/problem/id", Keep),
    ("problems/id", Keep),
];

/// What was learnt about devices.
pub(super) const LEARNT: Table = &[("device", Device), ("name", Keep), ("value", Text)];

/// The journal. Not: nicknames, lists of profiles, and other words of plans.
pub(super) const JOURNAL: Table = &[
    ("id", Keep),
    ("started", Keep),
    ("command", Keep),
    ("device", Device),
    ("eid", Number),
    ("iccid", Number),
    ("plan/disabled_first", Keep),
    ("plan/enable", Keep),
    ("plan/refresh", Keep),
    ("plan/options", Keep),
    ("plan/server", Text),
    ("plan/letters", Keep),
    ("outcome", Keep),
    ("steps/name", Keep),
    ("steps/detail/server", Text),
    ("steps/detail/iccid", Number),
    ("steps/detail/seq", Keep),
    ("steps/detail/reason", Keep),
    ("steps/detail/name", Keep),
];

/// The listed fields of `value`.
pub(super) fn keep(value: &Value, table: Table, mask: &mut Mask) -> Value {
    kept(value, "", table, mask).unwrap_or(Value::Null)
}

fn kept(value: &Value, path: &str, table: Table, mask: &mut Mask) -> Option<Value> {
    match value {
        Value::Array(list) => Some(list.iter().filter_map(|value| kept(value, path, table, mask)).collect()),
        Value::Object(fields) => {
            let mut left = Map::new();
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                let listed = table.iter().any(|(field, _)| *field == path || is_below(field, &path));
                if let Some(value) = listed.then(|| kept(value, &path, table, mask)).flatten() {
                    left.insert(name.clone(), value);
                }
            }
            Some(left.into())
        }
        Value::Null => Some(Value::Null),
        leaf => {
            let (_, treatment) = table.iter().find(|(field, _)| *field == path)?;
            Some(treated(leaf, *treatment, mask))
        }
    }
}

fn is_below(field: &str, path: &str) -> bool {
    field.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
}

fn treated(leaf: &Value, treatment: Treatment, mask: &mut Mask) -> Value {
    match (leaf, treatment) {
        (Value::String(text), Number) => mask.number(text).into(),
        (Value::String(text), Text) => mask.text(text).into(),
        (Value::String(text), Device) => mask.device(text).into(),
        (other, _) => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_listed_stays() {
        let value = json!([{
            "id": 5, "device": "stdio:ssh#12ab34", "eid": "89049032123451234512345678901235", "new": "Canary",
            "plan": { "nickname": "Canary", "profiles": ["8999934567890120011"], "disabled_first": true },
            "steps": [{ "name": "loading", "detail": { "seq": 3, "words": "Canary" } }, "Canary"],
        }]);
        let kept = keep(&value, JOURNAL, &mut Mask::default());
        assert_eq!(
            kept,
            json!([{
                "id": 5, "device": "stdio:ssh", "eid": "89049032000000000000000000000001",
                "plan": { "disabled_first": true },
                "steps": [{ "name": "loading", "detail": { "seq": 3 } }],
            }])
        );
    }
}
