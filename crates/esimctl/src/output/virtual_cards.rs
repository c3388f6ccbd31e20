//! Virtual cards.

use manager::Error;
use manager::virtual_cards::{ChosenQuirk, Euicc, NamedCard, Quirk, Unplugged};
use serde_json::{Value, json};
use sgp22::id::Iccid;
use sgp22::notification::Events;
use sgp22::profile::ProfileInfo;

use super::profile::{ProfileView, event_words, profiles_table};
use super::table::table;
use super::text::{Fields, bytes, count};
use super::{Event, Report, SCHEMA, error, to_json};

fn card_json(card: &NamedCard) -> Value {
    json!({
        "name": card.name,
        "device": format!("virtual:{}", card.name),
        "quirks": card.state.quirks.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "euiccs": card.state.euiccs.iter().map(euicc_json).collect::<Vec<_>>(),
    })
}

fn euicc_json(euicc: &Euicc) -> Value {
    let notifications = euicc.notifications.iter().map(|one| {
        json!({
            "seq": one.seq,
            "events": Events::of(&one.event).names().collect::<Vec<_>>(),
            "address": one.address,
            "iccid": one.iccid.as_ref().map(Iccid::digits),
        })
    });
    json!({
        "eid": euicc.eid.to_string(),
        "isdr_aid": euicc.isdr_aid.to_string(),
        "default_smdp": Some(&euicc.default_smdp).filter(|address| !address.is_empty()),
        "root_smds": euicc.root_smds,
        "free_memory_bytes": euicc.free_memory(),
        "profiles": profiles(euicc).iter().map(|profile| to_json(&ProfileView::new(profile))).collect::<Vec<_>>(),
        "notifications": notifications.collect::<Vec<_>>(),
    })
}

fn profiles(euicc: &Euicc) -> Vec<ProfileInfo> {
    euicc.profiles.iter().map(manager::virtual_cards::StoredProfile::info).collect()
}

fn quirks_text(card: &NamedCard) -> String {
    card.state.quirks.iter().map(ChosenQuirk::to_string).collect::<Vec<_>>().join(", ")
}

pub(crate) struct CreatedReport(pub(crate) NamedCard);

impl Report for CreatedReport {
    fn data(&self) -> Value {
        card_json(&self.0)
    }

    fn text(&self) -> String {
        let card = &self.0;
        let euiccs = card
            .state
            .euiccs
            .iter()
            .map(|euicc| format!("EID {} with {}", euicc.eid, count(euicc.profiles.len(), "profile")));
        format!(
            "The virtual card '{0}' was made: {1}.\nUse it with --device virtual:{0}\n",
            card.name,
            euiccs.collect::<Vec<_>>().join("; ")
        )
    }
}

pub(crate) struct VirtualListReport(pub(crate) Vec<(String, Result<NamedCard, Error>)>);

impl Report for VirtualListReport {
    fn data(&self) -> Value {
        let cards = self.0.iter().map(|(name, card)| match card {
            Ok(card) => {
                let eids: Vec<String> = card.state.euiccs.iter().map(|euicc| euicc.eid.to_string()).collect();
                let profiles: usize = card.state.euiccs.iter().map(|euicc| euicc.profiles.len()).sum();
                let quirks: Vec<String> = card.state.quirks.iter().map(ToString::to_string).collect();
                json!({ "name": name, "eids": eids, "profiles": profiles, "quirks": quirks, "problem": null })
            }
            Err(problem) => {
                json!({ "name": name, "eids": [], "profiles": null, "quirks": [], "problem": error::json(problem) })
            }
        });
        cards.collect()
    }

    fn text(&self) -> String {
        if self.0.is_empty() {
            return "There are no virtual cards. To make one: esimctl virtual create demo\n".into();
        }
        let rows: Vec<Vec<String>> = self
            .0
            .iter()
            .map(|(name, card)| match card {
                Ok(card) => {
                    let eids: Vec<String> = card.state.euiccs.iter().map(|euicc| euicc.eid.to_string()).collect();
                    let profiles: usize = card.state.euiccs.iter().map(|euicc| euicc.profiles.len()).sum();
                    vec![name.clone(), eids.join(", "), profiles.to_string(), quirks_text(card), String::new()]
                }
                Err(problem) => vec![name.clone(), String::new(), String::new(), String::new(), problem.message()],
            })
            .collect();
        table(&["NAME", "EID", "PROFILES", "QUIRKS", "PROBLEM"], &rows)
    }
}

pub(crate) struct VirtualShowReport(pub(crate) NamedCard);

impl Report for VirtualShowReport {
    fn data(&self) -> Value {
        card_json(&self.0)
    }

    fn text(&self) -> String {
        let card = &self.0;
        let mut text = String::new();
        for euicc in &card.state.euiccs {
            if !text.is_empty() {
                text += "\n";
            }
            let mut fields = Fields::default();
            fields
                .add("Device", format!("virtual:{}", card.name))
                .add("EID", euicc.eid.to_string())
                .add("ISD-R", euicc.isdr_aid.to_string())
                .add("Default SM-DP+", &euicc.default_smdp)
                .add("Root SM-DS", &euicc.root_smds)
                .add("Free memory", bytes(euicc.free_memory()))
                .add("Quirks", quirks_text(card));
            text += &fields.text();
            text += "\n";
            text += &match &profiles(euicc)[..] {
                [] => "No profiles.\n".to_owned(),
                profiles => profiles_table(profiles, true),
            };
            if !euicc.notifications.is_empty() {
                let rows: Vec<Vec<String>> = euicc
                    .notifications
                    .iter()
                    .map(|one| {
                        let iccid = one.iccid.as_ref().map(Iccid::digits).unwrap_or_default();
                        vec![one.seq.to_string(), event_words(&Events::of(&one.event)), one.address.clone(), iccid]
                    })
                    .collect();
                text += "\n";
                text += &table(&["SEQ", "EVENT", "SERVER", "ICCID"], &rows);
            }
        }
        text
    }
}

pub(crate) struct RemovedReport(pub(crate) String);

impl Report for RemovedReport {
    fn data(&self) -> Value {
        json!({ "name": self.0 })
    }

    fn text(&self) -> String {
        format!("The virtual card '{}' was removed.\n", self.0)
    }
}

pub(crate) struct QuirksReport;

impl Report for QuirksReport {
    fn data(&self) -> Value {
        let quirks = Quirk::ALL.iter().map(|quirk| {
            let entry = quirk.describe();
            json!({
                "name": entry.name,
                "parameter": entry.parameter.map(|(name, _)| name),
                "default": entry.parameter.map(|(_, default)| default),
                "effect": entry.effect,
                "seen_on": entry.seen_on,
            })
        });
        quirks.collect()
    }

    fn text(&self) -> String {
        let mut fields = Fields::default();
        for quirk in Quirk::ALL {
            let entry = quirk.describe();
            let name = match entry.parameter {
                Some((parameter, _)) => format!("{}={parameter}", entry.name),
                None => entry.name.to_owned(),
            };
            fields.add(name, format!("{}\n({})", entry.effect, entry.seen_on));
        }
        fields.text()
    }
}

/// What happens while a virtual card is in a reader.
pub(crate) enum PlugEvent<'a> {
    Ready { card: &'a str, eids: Vec<String>, address: &'a str, atr: Vec<u8> },
    Unplugged(Unplugged),
    PluggedAgain,
}

impl Event for PlugEvent<'_> {
    fn json(&self) -> Value {
        let mut line = match self {
            Self::Ready { card, eids, address, atr } => json!({
                "event": "ready",
                "card": card,
                "eids": eids,
                "vpcd": address,
                "atr": data_encoding::HEXUPPER.encode(atr),
            }),
            Self::Unplugged(why) => json!({ "event": "unplugged", "reason": reason(*why) }),
            Self::PluggedAgain => json!({ "event": "plugged" }),
        };
        line["schema"] = SCHEMA.into();
        line
    }

    fn text(&self) -> String {
        match self {
            Self::Ready { card, eids, address, .. } => format!(
                "The virtual card '{card}' (EID {}) is in the reader at {address}. Ctrl-C takes it out.\n",
                eids.join(", ")
            ),
            Self::Unplugged(Unplugged::Stopped) => "The card was taken out.\n".into(),
            Self::Unplugged(Unplugged::ReaderGone) => "The reader is gone; waiting for it to come back.\n".into(),
            Self::Unplugged(Unplugged::AnswerLost) => "The card lost an answer, as its quirk wants it.\n".into(),
            Self::PluggedAgain => "The card is in the reader again.\n".into(),
        }
    }
}

fn reason(why: Unplugged) -> &'static str {
    match why {
        Unplugged::Stopped => "stopped",
        Unplugged::ReaderGone => "reader-gone",
        Unplugged::AnswerLost => "answer-lost",
    }
}
