//! What checking a proof came to.

use manager::error::Exit;
use manager::proof::{
    AnchorKind, CheckedNotification, Claim, Difference, Problem, ProvenNotification, Purpose, ReportedDevice,
    Verification, tell_out_of_date,
};
use serde_json::{Value, json};
use sgp22::id::Iccid;

use super::Report;
use super::retire::phrase;
use super::text::{BOLD, Fields, GREEN, RED, YELLOW, clean, wrap};

/// What is never proved by a signature of a card.
const NOT_PROVED: [&str; 4] = ["proof-not-when", "proof-not-contract", "proof-not-accepted", "proof-not-revoked"];
/// What is not proved of a report.
const REST_NOT_PROVED: &str = "proof-not-rest";

pub(crate) struct VerificationReport(pub(crate) Verification);

const fn kind_name(kind: AnchorKind) -> &'static str {
    match kind {
        AnchorKind::Production => "production",
        AnchorKind::Added => "added",
        AnchorKind::Test => "test",
    }
}

fn iccid(proven: &ProvenNotification) -> Option<String> {
    proven.metadata.iccid.as_ref().map(Iccid::digits)
}

fn event(proven: &ProvenNotification) -> String {
    proven.metadata.event.names().collect::<Vec<_>>().join(",")
}

fn claim_json(claim: &Claim) -> Value {
    json!({
        "event": claim.event,
        "iccid": claim.iccid,
        "eid": claim.eid,
        "seq": claim.seq,
        "server": claim.server,
        "address": claim.address,
        "sha256": claim.sha256,
    })
}

fn proven_json(proven: &ProvenNotification) -> Value {
    let out_of_date = proven.out_of_date.iter().map(
        |one| json!({ "of": one.of.name(), "expired": one.expired, "at": one.at, "message": tell_out_of_date(one) }),
    );
    json!({
        "event": event(proven),
        "iccid": iccid(proven),
        "eid": proven.eid.to_string(),
        "seq": proven.metadata.seq,
        "address": proven.metadata.address.to_string(),
        "maker": proven.maker,
        "issuer": {
            "key_id": proven.issuer.key.to_string(),
            "name": proven.issuer.name,
            "kind": kind_name(proven.issuer.kind),
        },
        "out_of_date": out_of_date.collect::<Vec<_>>(),
    })
}

fn problem_json(problem: &Problem) -> Value {
    let mut json = json!({ "id": problem.name(), "message": problem.tell() });
    match problem {
        Problem::NotProven(error) => json["cause"] = error.to_string().into(),
        Problem::Differs(Difference { field, claimed, signed }) => {
            json["field"] = (*field).into();
            json["claimed"] = claimed.as_str().into();
            json["signed"] = signed.as_str().into();
        }
        Problem::TableDiffers(field) => json["field"] = (*field).into(),
        _ => {}
    }
    json
}

fn notification_json(one: &CheckedNotification) -> Value {
    json!({
        "verified": one.is_verified(),
        "sha256": one.sha256,
        "claimed": claim_json(&one.claim),
        "signed": one.proven.as_ref().map(proven_json),
        "problems": one.problems.iter().map(problem_json).collect::<Vec<_>>(),
    })
}

impl VerificationReport {
    fn under_test_issuer(&self) -> bool {
        let mut proven = self.0.notifications.iter().filter_map(|one| one.proven.as_ref());
        proven.any(|proven| proven.issuer.kind == AnchorKind::Test)
    }

    /// What a verified file proves; nothing if it is not verified.
    fn proves(&self) -> Vec<String> {
        if !self.0.is_verified() {
            return Vec::new();
        }
        let key = match self.0.purpose {
            _ if self.under_test_issuer() => "proof-proves-test",
            Purpose::Deletion => "proof-proves-deletion",
            Purpose::AnyEvent => "proof-proves-event",
        };
        vec![phrase(key, &[])]
    }

    fn proves_not(&self) -> Vec<String> {
        if !self.0.is_verified() {
            return Vec::new();
        }
        let rest = self.0.kind.is_report().then_some(REST_NOT_PROVED);
        rest.into_iter().chain(NOT_PROVED).map(|key| phrase(key, &[])).collect()
    }
}

fn fields(one: &CheckedNotification, proven: &ProvenNotification) -> String {
    let (seq, address) = (proven.metadata.seq.to_string(), proven.metadata.server_name());
    let kind = phrase(&format!("proof-issuer-{}", kind_name(proven.issuer.kind)), &[]);
    let issuer = format!("{}\n{kind}", clean(&proven.issuer.name));
    let mut fields = Fields::default();
    fields
        .add(
            phrase("proof-notification", &[]),
            phrase("proof-notification-value", &[("seq", &seq), ("server", &address)]),
        )
        .add(phrase("proof-sha256", &[]), one.sha256.clone().unwrap_or_default())
        .add(phrase("proof-maker", &[]), clean(&proven.maker))
        .add(phrase("proof-issuer", &[]), issuer);
    fields.text()
}

fn verified_text(one: &CheckedNotification, proven: &ProvenNotification) -> String {
    let eid = proven.eid.to_string();
    let iccid = iccid(proven).unwrap_or_else(|| phrase("proof-no-profile", &[]));
    let event = event(proven);
    let particulars = [("eid", &*eid), ("iccid", &*iccid), ("event", &*event)];
    let key = if event == "delete" { "proof-deleted" } else { "proof-signed" };
    let mut text = format!("\n{}\n{}", wrap(&phrase(key, &particulars)), fields(one, proven));
    for late in &proven.out_of_date {
        text += &format!("{YELLOW}{}{YELLOW:#}\n", wrap(&tell_out_of_date(late)));
    }
    text
}

/// The notification that problems are told of. Each card counts its own, so the number alone names none of several.
fn problem_head(place: usize, claim: &Claim) -> String {
    let number = claim.seq.as_deref().map_or_else(|| place.to_string(), clean);
    let particular = |name, value: &Option<String>| Some((name, clean(value.as_deref()?)));
    match particular("eid", &claim.eid).or_else(|| particular("server", &claim.server)) {
        Some((name, value)) => {
            let key = if name == "eid" { "proof-problem-head-of" } else { "proof-problem-head-for" };
            phrase(key, &[("number", &number), (name, &value)])
        }
        None => phrase("proof-problem-head", &[("number", &number)]),
    }
}

fn notification_text((number, one): (usize, &CheckedNotification)) -> String {
    if let (true, Some(proven)) = (one.is_verified(), &one.proven) {
        return verified_text(one, proven);
    }
    let mut text = format!("\n{}\n", wrap(&problem_head(number + 1, &one.claim)));
    for problem in &one.problems {
        text += &format!("{}\n", wrap(&clean(&problem.tell())));
    }
    text
}

fn device_json(device: &ReportedDevice) -> Value {
    json!({ "eid": device.eid, "state": device.state, "says_removed": device.says_removed })
}

/// A device that the proof is not about. That it is rid of the profile is what the file is to prove, and does not.
fn device_text(device: &ReportedDevice) -> String {
    let (style, key) =
        if device.says_removed { (RED, "proof-device-unsigned") } else { (YELLOW, "proof-device-not-covered") };
    let eid = Some(clean(&device.eid)).filter(|eid| !eid.is_empty()).unwrap_or_else(|| phrase("proof-no-profile", &[]));
    let line = wrap(&phrase(key, &[("eid", &eid), ("state", &clean(&device.state))]));
    format!("\n{style}{line}{style:#}\n")
}

impl Report for VerificationReport {
    fn data(&self) -> Value {
        json!({
            "file": self.0.path,
            "kind": self.0.kind.name(),
            "verified": self.0.is_verified(),
            "notifications": self.0.notifications.iter().map(notification_json).collect::<Vec<_>>(),
            "signed_nothing": self.0.signed_nothing,
            "other_numbers": self.0.other_numbers,
            "devices_not_covered": self.0.not_covered.iter().map(device_json).collect::<Vec<_>>(),
            "proves": self.proves(),
            "does_not_prove": self.proves_not(),
        })
    }

    fn text(&self) -> String {
        let verification = &self.0;
        let (style, key) =
            if verification.is_verified() { (GREEN, "proof-verified") } else { (RED, "proof-not-verified") };
        let mut text = format!("{style}{}{style:#}\n", phrase(key, &[("path", &verification.path)]));
        if verification.notifications.is_empty() {
            text += &format!("{}\n", phrase("proof-none", &[]));
        }
        text += &verification.notifications.iter().enumerate().map(notification_text).collect::<String>();
        for eid in &verification.signed_nothing {
            text += &format!("\n{}\n", wrap(&phrase("proof-signed-nothing", &[("eid", eid)])));
        }
        text += &verification.not_covered.iter().map(device_text).collect::<String>();
        if !verification.other_numbers.is_empty() {
            let numbers = verification.other_numbers.join(", ");
            let line = wrap(&phrase("proof-other-numbers", &[("numbers", &numbers)]));
            text += &format!("\n{YELLOW}{line}{YELLOW:#}\n");
        }
        for (head, lines) in [("proof-proves", self.proves()), ("proof-proves-not", self.proves_not())] {
            if !lines.is_empty() {
                text += &format!("\n{BOLD}{}{BOLD:#}\n", phrase(head, &[]));
                text += &lines.iter().map(|line| format!("{}\n", wrap(line))).collect::<String>();
            }
        }
        text
    }

    fn exit(&self) -> Exit {
        if self.0.is_verified() { Exit::Done } else { Exit::NotDone }
    }
}
