//! The cards that were seen.

use manager::{SeenCard, SeenProfile};
use serde_json::{Value, json};

use super::Report;
use super::table::table;
use super::text::{BOLD, DIM, clean};

fn card_json(card: &SeenCard) -> Value {
    let profile = |profile: &SeenProfile| {
        json!({
            "iccid": profile.iccid,
            "provider": profile.provider,
            "name": profile.name,
            "nickname": profile.nickname,
            "first_seen": profile.first_seen,
            "last_seen": profile.last_seen,
            "gone": profile.gone,
        })
    };
    json!({
        "eid": card.eid,
        "device": card.device,
        "first_seen": card.first_seen,
        "last_seen": card.last_seen,
        "profiles": card.profiles.iter().map(profile).collect::<Vec<_>>(),
    })
}

fn card_text(card: &SeenCard) -> String {
    let head = format!("{BOLD}{}{BOLD:#}  {}, as of {}\n", card.eid, clean(&card.device), card.last_seen);
    let shown = |text: &Option<String>| text.as_deref().map(clean).unwrap_or_default();
    let row = |profile: &SeenProfile| {
        let gone = profile.gone.as_ref().map(|since| format!("gone since {since}")).unwrap_or_default();
        vec![clean(&profile.iccid), shown(&profile.nickname), shown(&profile.name), shown(&profile.provider), gone]
    };
    let rows: Vec<_> = card.profiles.iter().map(row).collect();
    let profiles = match rows.is_empty() {
        true => format!("{DIM}No profile was seen on it.{DIM:#}\n"),
        false => table(&["ICCID", "NICKNAME", "NAME", "PROVIDER", "GONE"], &rows),
    };
    head + &profiles.lines().map(|line| format!("  {line}\n")).collect::<String>()
}

pub(crate) struct InventoryReport(pub(crate) Vec<SeenCard>);

impl Report for InventoryReport {
    fn data(&self) -> Value {
        json!({ "cards": self.0.iter().map(card_json).collect::<Vec<_>>() })
    }

    fn text(&self) -> String {
        if self.0.is_empty() {
            return "No card was seen yet. To look at one: esimctl list\n".into();
        }
        self.0.iter().map(card_text).collect::<Vec<_>>().join("\n")
    }
}

pub(crate) struct ForgottenDeviceReport(pub(crate) SeenCard);

impl Report for ForgottenDeviceReport {
    fn data(&self) -> Value {
        json!({ "forgotten": card_json(&self.0) })
    }

    fn text(&self) -> String {
        format!("The card {} ({}) is forgotten, until it is seen again.\n", self.0.eid, clean(&self.0.device))
    }
}
