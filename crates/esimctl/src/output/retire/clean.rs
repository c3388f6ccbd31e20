//! Removing the profile, before and after.

use manager::Error;
use manager::card::{ConnectionRisk, Deleted, describe};
use manager::retire::{Case, CleanPlan};
use serde_json::{Value, json};
use sgp22::id::Iccid;

use super::{Others, case_data, devices_table, end_text, line, others_text, phrase};
use crate::output::Report;
use crate::output::notifications::{reporting, reporting_warnings};
use crate::output::switch::connection_warning;
use crate::output::text::{DIM, Fields, YELLOW, clean, clean_text};

/// What became of the profile on one device.
pub(crate) enum CleanedDevice {
    Absent(String, Error),
    Gone(String),
    Planned(Box<CleanPlan>),
    Deleted(String, Box<Deleted>),
}

impl CleanedDevice {
    pub(crate) fn is_changed(&self) -> bool {
        matches!(self, Self::Deleted(..))
    }

    pub(crate) fn why(&self) -> Option<String> {
        match self {
            Self::Absent(device, error) => Some(format!("{device}: {}", error.message())),
            _ => None,
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Absent(device, error) => {
                json!({ "device": device, "outcome": "absent", "error": error.id.entry().name })
            }
            Self::Gone(device) => json!({ "device": device, "outcome": "gone" }),
            Self::Planned(plan) => json!({
                "device": plan.device,
                "outcome": "planned",
                "disable_first": plan.delete.disable_first,
                "obstacles": plan.obstacles.iter().map(manager::retire::Obstacle::name).collect::<Vec<_>>(),
                "open_steps": plan.open_steps.iter().map(|step| step.name()).collect::<Vec<_>>(),
                "servers": plan.servers.iter().map(|one| json!({ "server": one.server, "reached": one.why_not.is_none() })).collect::<Vec<_>>(),
                "only_way": plan.only_way,
            }),
            Self::Deleted(device, deleted) => json!({
                "device": device,
                "outcome": "deleted",
                "profiles_left": deleted.left,
                "connection_risk": deleted.plan.loss.risk.map(ConnectionRisk::name),
                "notifications": reporting(&deleted.notifications),
            }),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Absent(device, error) => line("retire-absent", &[("device", device), ("why", &error.message())]),
            Self::Gone(device) => line("retire-found-gone", &[("device", device)]),
            Self::Planned(plan) => clean_plan_text(plan),
            Self::Deleted(device, _) => line("retire-cleaned", &[("device", device)]),
        }
    }
}

/// What became of a connection of NetworkManager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TraceOutcome {
    Found,
    Kept,
    Removed,
    Failed,
}

/// A connection of NetworkManager that is bound to the SIM or its operator.
pub(crate) struct Trace {
    pub(crate) name: String,
    pub(crate) uuid: String,
    /// By which property it is bound.
    pub(crate) property: &'static str,
    /// Name and property, for people.
    pub(crate) title: String,
    pub(crate) outcome: TraceOutcome,
}

/// What the system keeps of the SIM.
#[derive(Default)]
pub(crate) struct Traces {
    /// `None`: nobody could be asked.
    pub(crate) connections: Option<Vec<Trace>>,
    /// What is told of it, a line each.
    pub(crate) told: Vec<String>,
}

impl Traces {
    fn is_changed(&self) -> bool {
        self.connections.iter().flatten().any(|trace| trace.outcome == TraceOutcome::Removed)
    }

    fn json(&self) -> Option<Vec<Value>> {
        let one = |trace: &Trace| {
            let outcome = match trace.outcome {
                TraceOutcome::Found => "found",
                TraceOutcome::Kept => "kept",
                TraceOutcome::Removed => "removed",
                TraceOutcome::Failed => "failed",
            };
            json!({ "name": clean(&trace.name), "uuid": clean(&trace.uuid), "bound_by": trace.property, "outcome": outcome })
        };
        self.connections.as_ref().map(|traces| traces.iter().map(one).collect())
    }
}

pub(crate) struct CleanedReport {
    pub(crate) case: Case,
    pub(crate) devices: Vec<CleanedDevice>,
    pub(crate) others: Others,
    pub(crate) traces: Traces,
    pub(crate) dry_run: bool,
}

impl Report for CleanedReport {
    fn data(&self) -> Value {
        json!({
            "case": case_data(&self.case, &self.others),
            "devices": self.devices.iter().map(CleanedDevice::json).collect::<Vec<_>>(),
            "connections": self.traces.json(),
            "dry_run": self.dry_run,
            "changed": self.devices.iter().any(CleanedDevice::is_changed) || self.traces.is_changed(),
        })
    }

    fn text(&self) -> String {
        let devices: String = self.devices.iter().map(CleanedDevice::text).collect();
        let told: String = self.traces.told.iter().map(|line| format!("{line}\n")).collect();
        if self.dry_run {
            return format!("{devices}{told}{DIM}{}{DIM:#}", line("retire-dry-run", &[]));
        }
        format!("{devices}{told}\n{}{}{}", devices_table(&self.case), others_text(&self.others), end_text(&self.case))
    }

    fn warnings(&self) -> Vec<String> {
        let of = |device: &CleanedDevice| match device {
            CleanedDevice::Deleted(_, deleted) => {
                let lost = connection_warning(&deleted.plan.loss).into_iter();
                lost.chain(reporting_warnings(&deleted.notifications)).collect()
            }
            _ => Vec::new(),
        };
        self.devices.iter().flat_map(of).collect()
    }
}

fn profile_text(plan: &CleanPlan) -> String {
    let profile = &plan.delete.profile;
    let mut text = Fields::default();
    for (key, value) in [
        ("iccid", clean(&plan.case.subscription.iccid)),
        ("nickname", clean_text(profile.nickname.as_ref())),
        ("provider", clean_text(profile.service_provider.as_ref())),
        ("name", clean_text(profile.name.as_ref())),
    ] {
        text.add(phrase(&format!("retire-report-{key}"), &[]), value);
    }
    text.text()
}

/// What a removal would do, for the person who is asked.
pub(crate) fn clean_plan_text(plan: &CleanPlan) -> String {
    let mut text = line("retire-plan", &[("device", &plan.device)]) + &profile_text(plan);
    if plan.delete.disable_first {
        text += &match &plan.instead {
            Some(profile) => line("retire-plan-instead", &[("profile", &describe(profile))]),
            None => line("retire-plan-disable", &[]),
        };
        let choices: Vec<String> = plan.others.iter().filter_map(|one| one.iccid.as_ref()).map(Iccid::digits).collect();
        if plan.instead.is_none() && !choices.is_empty() {
            text += &line("retire-plan-choices", &[("profiles", &choices.join(", "))]);
        }
    }
    if plan.servers.is_empty() {
        text += &line("retire-plan-no-server", &[]);
    }
    for one in plan.servers.iter().filter(|one| one.why_not.is_none()) {
        text += &line("retire-plan-server", &[("server", &one.server)]);
    }
    if !plan.obstacles.is_empty() {
        text += &format!("{YELLOW}{}{YELLOW:#}", line("retire-plan-despite", &[]));
        text += &plan.obstacles.iter().map(|obstacle| format!("- {}\n", clean(&obstacle.tell()))).collect::<String>();
    }
    if !plan.open_steps.is_empty() {
        let steps: Vec<String> = plan.open_steps.iter().map(|step| step.title()).collect();
        text += &line("retire-plan-open", &[("steps", &steps.join(&phrase("retire-comma", &[])))]);
    }
    if plan.only_way {
        text += &format!("{YELLOW}{}{YELLOW:#}", line("retire-only-way", &[]));
    }
    text += &line("retire-checklist", &[]);
    for item in ["banks", "messengers", "two-factor", "porting"] {
        text += &format!("- {}", line(&format!("retire-checklist-{item}"), &[]));
    }
    text
}

/// What the person types to have it removed.
pub(crate) fn clean_question(plan: &CleanPlan) -> String {
    let digits = plan.case.subscription.iccid.ends_with(&plan.delete.confirmation().answer);
    let key = if digits { "retire-ask-digits" } else { "retire-ask-aid" };
    phrase(key, &[("device", &plan.device)])
}
