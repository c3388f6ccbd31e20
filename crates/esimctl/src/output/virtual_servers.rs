//! Virtual servers.

use std::path::PathBuf;

use manager::virtual_servers::{Behaviour, FAULT_KINDS, Order, ServerKind, VirtualServer};
use serde_json::{Value, json};

use super::table::table;
use super::text::Fields;
use super::{Report, SCHEMA, print};

/// Says that a server can be asked, in one line of JSON for whoever started it.
pub(crate) fn ready(kind: ServerKind, server: &VirtualServer) {
    let line = json!({
        "event": "ready",
        "kind": kind.name(),
        "address": server.address().to_string(),
        "host": server.hosts.first(),
        "hosts": server.hosts,
        "ca": server.ca.display().to_string(),
        "schema": SCHEMA,
    });
    print(&format!("{line}\n"));
}

pub(crate) struct OrdersReport(pub(crate) Vec<Order>);

impl Report for OrdersReport {
    fn data(&self) -> Value {
        let orders = self.0.iter().map(|order| {
            json!({
                "matching_id": order.matching_id,
                "state": order.state.name(),
                "expired": order.has_expired(),
                "iccid": order.iccid.digits(),
                "eid": order.eid.map(|eid| eid.to_string()),
                "confirmation_code_required": order.wants_code(),
                "wrong_confirmation_codes": order.wrong_codes,
                "downloads": order.downloads,
                "size_bytes": order.size(),
            })
        });
        orders.collect()
    }

    fn text(&self) -> String {
        if self.0.is_empty() {
            return "There are no orders.\n".into();
        }
        let rows: Vec<Vec<String>> = self
            .0
            .iter()
            .map(|order| {
                vec![
                    order.matching_id.clone(),
                    if order.has_expired() { format!("{}, expired", order.state) } else { order.state.to_string() },
                    order.iccid.digits(),
                    order.eid.map(|eid| eid.to_string()).unwrap_or_default(),
                    order.downloads.to_string(),
                    if order.wrong_codes > 0 { order.wrong_codes.to_string() } else { String::new() },
                ]
            })
            .collect();
        table(&["MATCHINGID", "STATE", "ICCID", "EID", "DOWNLOADS", "WRONG CODES"], &rows)
    }
}

pub(crate) struct BehavioursReport;

impl Report for BehavioursReport {
    fn data(&self) -> Value {
        let behaviours = Behaviour::ALL.iter().map(|behaviour| {
            let entry = behaviour.describe();
            json!({
                "name": entry.name,
                "parameter": entry.parameter.map(|(name, _)| name),
                "default": entry.parameter.map(|(_, default)| default),
                "effect": entry.effect,
            })
        });
        let faults = FAULT_KINDS.iter().map(|(name, effect)| json!({ "name": name, "effect": effect }));
        json!({ "behaviours": behaviours.collect::<Vec<_>>(), "faults": faults.collect::<Vec<_>>() })
    }

    fn text(&self) -> String {
        let mut fields = Fields::default();
        for behaviour in Behaviour::ALL {
            let entry = behaviour.describe();
            let name = match entry.parameter {
                Some((parameter, _)) => format!("{}={parameter}", entry.name),
                None => entry.name.to_owned(),
            };
            fields.add(name, entry.effect);
        }
        let mut faults = Fields::default();
        for (name, effect) in FAULT_KINDS {
            faults.add(format!("{name}@N"), effect);
        }
        format!(
            "With --behaviour, as long as the server runs:\n{}\nWith --fault, once:\n{}",
            fields.text(),
            faults.text()
        )
    }
}

/// The issuer's certificate, and the directory that it is in.
pub(crate) struct NewPkiReport(pub(crate) PathBuf, pub(crate) PathBuf);

impl Report for NewPkiReport {
    fn data(&self) -> Value {
        json!({ "directory": self.1.display().to_string(), "ca": self.0.display().to_string() })
    }

    fn text(&self) -> String {
        let directory = self.1.display();
        format!(
            "Certificates and keys were made in {directory}. To use them:\n  esimctl virtual create NAME --pki {directory}\n  esimctl virtual smdp --pki {directory} --order CODE\n"
        )
    }
}
