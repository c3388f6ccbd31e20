//! Errors: what happened, whose fault it is, what state things are in now, what to do next.

use manager::Error;
use manager::error::{Details, Layer};
use manager::quirks::DeviceHint;
use manager::words::{self, sentences};
use serde_json::{Value, json};

use super::devices::devices_table;
use super::profile::{ProfileView, profiles_table};
use super::text::{BOLD, DIM, RED, clean, padded};
use super::to_json;
use super::wrap::{terminal_width, wrap};

/// Columns of the words before each line.
const LABEL_WIDTH: usize = 6;

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
    if !error.hints.is_empty() {
        document["hints"] = error.hints.iter().map(hint_json).collect();
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
            "subject_identifier": refusal.identifier,
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
        Details::Slots(slots) => document["slots"] = slots.as_slice().into(),
    }
    document
}

pub(super) fn hint_json(hint: &DeviceHint) -> Value {
    json!({ "device": hint.device, "text": hint.text, "source": hint.source })
}

/// A hint in lines that fit the terminal behind this many columns; they have no end of line behind the last one.
pub(super) fn hint_text(hint: &DeviceHint, indent: usize) -> String {
    let width = terminal_width().saturating_sub(indent);
    wrap(&format!("{}: {} ({})", hint.device, hint.text, hint.source), width).trim_end().to_owned()
}

pub(super) fn text(error: &Error) -> String {
    let mut text = format!("{RED}{BOLD}{}{BOLD:#}{RED:#} {}\n", word("error-label"), clean(&error.message()));
    match &error.details {
        Details::None | Details::Holder(_) | Details::Slots(_) => {}
        Details::Profiles(profiles) => text += &indented(&profiles_table(profiles, false)),
        Details::Devices(devices) => text += &indented(&devices_table(devices)),
    }
    let mut line = |label: &str, value: &str| {
        if !value.is_empty() {
            let label = padded(&word(label), LABEL_WIDTH);
            text += &format!("  {DIM}{label}{DIM:#} {}\n", value.replace('\n', "\n         "));
        }
    };
    line("error-label-whose", &whose(error.layer()));
    line("error-label-state", &sentences(&error.state_sentence(), &error.code_sentence()));
    let quotation = error.refusal.as_ref().and_then(|refusal| refusal.quotation());
    let says = quotation.map(|quotation| words::text("says", &[("quotation", clean(&quotation).into())]));
    line("error-label-server", &says.unwrap_or_default());
    line("error-label-detail", &clean(&error.cause));
    for hint in &error.hints {
        line("hint-label", &hint_text(hint, LABEL_WIDTH + 3));
    }
    let next: Vec<String> = error.next().lines().map(clean).collect();
    line("error-label-next", &next.join("\n"));
    text
}

/// An error that came after the command: it says nothing of the change, which may be done.
pub(super) fn text_after_the_command(error: &Error) -> String {
    let mut text = format!("{RED}{BOLD}{}{BOLD:#}{RED:#} {}\n", word("error-label"), clean(&error.message()));
    for (label, value) in [("error-label-detail", clean(&error.cause)), ("error-label-next", clean(&error.next()))] {
        text += &format!("  {DIM}{}{DIM:#} {value}\n", padded(&word(label), LABEL_WIDTH));
    }
    text
}

fn word(key: &str) -> String {
    words::text(key, &[])
}

fn indented(table: &str) -> String {
    table.lines().map(|line| format!("  {line}\n")).collect()
}

fn whose(layer: Layer) -> String {
    word(match layer {
        Layer::You => "layer-you",
        Layer::Card => "layer-card",
        Layer::Reader => "layer-reader",
        Layer::Server => "layer-server",
        Layer::Network => "layer-network",
        Layer::Esimctl => "layer-esimctl",
    })
}
