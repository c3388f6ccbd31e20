//! Errors: what happened, whose fault it is, what state things are in now, what to do next.

use manager::Error;
use manager::error::{Details, Layer};
use serde_json::{Value, json};

use super::devices::devices_table;
use super::profile::{ProfileView, profiles_table};
use super::text::{BOLD, DIM, RED, clean};
use super::to_json;

pub(super) fn json(error: &Error) -> Value {
    let mut document = json!({
        "id": error.id.entry().name,
        "layer": error.layer().name(),
        "message": error.message(),
        "state": error.state.name(),
        "next": error.next(),
    });
    if !error.cause.is_empty() {
        document["cause"] = error.cause.clone().into();
    }
    if let Some(code) = error.code {
        document["code"] = code.name().into();
    }
    if let Some(refusal) = &error.refusal {
        document["refusal"] = json!({
            "server": refusal.server,
            "function": refusal.function,
            "subject": refusal.subject,
            "reason": refusal.reason,
            "message": refusal.message,
        });
    }
    match &error.details {
        Details::None => {}
        Details::Profiles(profiles) => {
            document["profiles"] = profiles.iter().map(|profile| to_json(&ProfileView::new(profile))).collect();
        }
        Details::Devices(devices) => {
            document["devices"] = devices.iter().map(|entry| Value::from(entry.device.clone())).collect();
        }
        Details::Holder(holder) => document["holder"] = to_json(holder.as_ref()),
    }
    document
}

pub(super) fn text(error: &Error) -> String {
    let mut text = format!("{RED}{BOLD}error:{BOLD:#}{RED:#} {}\n", clean(&error.message()));
    match &error.details {
        Details::None | Details::Holder(_) => {}
        Details::Profiles(profiles) => text += &indented(&profiles_table(profiles, false)),
        Details::Devices(devices) => text += &indented(&devices_table(devices)),
    }
    let mut line = |label: &str, value: &str| {
        if !value.is_empty() {
            text += &format!("  {DIM}{label:6}{DIM:#} {}\n", value.replace('\n', "\n         "));
        }
    };
    line("whose", whose(error.layer()));
    line("state", format!("{} {}", error.state_sentence(), error.code_sentence()).trim_end());
    line("detail", &clean(&error.cause));
    let next: Vec<String> = error.next().lines().map(clean).collect();
    line("next", &next.join("\n"));
    text
}

fn indented(table: &str) -> String {
    table.lines().map(|line| format!("  {line}\n")).collect()
}

fn whose(layer: Layer) -> &'static str {
    match layer {
        Layer::You => "What was asked for.",
        Layer::Card => "The card.",
        Layer::Reader => "The reader or the system.",
        Layer::Server => "The operator's server.",
        Layer::Network => "The network.",
        Layer::Esimctl => "esimctl, or the files that it keeps.",
    }
}
