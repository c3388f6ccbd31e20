//! The servers that the card knows, and resets.

use manager::card::{ConnectionRisk, ResetDone, ResetPlan, ServerSet};
use serde_json::{Value, json};
use sgp22::es10a::ConfiguredAddresses;
use sgp22::id::{Iccid, ServerAddress};
use sgp22::tlv::Text;

use super::notifications::{reporting, reporting_text, reporting_warnings};
use super::profile::{ProfileView, profiles_table};
use super::switch::{connection_text, connection_warning};
use super::text::{DIM, Fields, YELLOW, clean, count, filled};
use super::{Report, to_json};

pub(crate) struct AddressesReport(pub(crate) ConfiguredAddresses);

impl Report for AddressesReport {
    fn data(&self) -> Value {
        json!({
            "default_smdp": filled(self.0.default_smdp.as_ref()),
            "root_smds": filled(self.0.root_smds.as_ref()),
            "root_smds_is_for_tests": self.0.root_is_for_tests(),
        })
    }

    fn text(&self) -> String {
        let shown = |text: Option<&Text>| match filled(text) {
            None => "none".to_owned(),
            Some(address) => match address.parse::<ServerAddress>() {
                Ok(_) => clean(&address),
                Err(why) => format!("'{}', which is not the address of a server: {why}", clean(&address)),
            },
        };
        let mut fields = Fields::default();
        fields
            .add("Default SM-DP+", shown(self.0.default_smdp.as_ref()))
            .add("Root SM-DS", format!("{}{}", shown(self.0.root_smds.as_ref()), test_mark(&self.0)));
        fields.text()
    }
}

/// The words behind the address of an SM-DS that is for tests; empty for another one.
pub(super) fn test_mark(addresses: &ConfiguredAddresses) -> String {
    if addresses.root_is_for_tests() { format!(" {YELLOW}(for tests only){YELLOW:#}") } else { String::new() }
}

pub(crate) struct ServerSetReport(pub(crate) ServerSet);

/// An address, `null` for none.
fn or_null(address: &str) -> Option<&str> {
    Some(address).filter(|address| !address.is_empty())
}

impl Report for ServerSetReport {
    fn data(&self) -> Value {
        let ServerSet { plan, already, notifications } = &self.0;
        json!({
            "default_smdp": or_null(&plan.address),
            "former": or_null(&plan.former),
            "changed": !already,
            "notifications": reporting(notifications),
        })
    }

    fn text(&self) -> String {
        let ServerSet { plan, already, notifications } = &self.0;
        let told = match (plan.address.as_str(), already) {
            ("", true) => "The card has no default SM-DP+.\n".into(),
            ("", false) => format!("The default SM-DP+ was cleared; it was {}.\n", clean(&plan.former)),
            (address, true) => format!("The default SM-DP+ is {address} already.\n"),
            (address, false) => format!("The default SM-DP+ is {address} now.\n"),
        };
        told + &reporting_text(notifications)
    }

    fn warnings(&self) -> Vec<String> {
        reporting_warnings(&self.0.notifications)
    }
}

/// What a reset would do, for the person who is asked.
pub(crate) fn reset_plan_text(plan: &ResetPlan) -> String {
    if plan.is_empty() {
        return "There is nothing on the card that this would delete.\n".into();
    }
    let mut text = String::new();
    if !plan.doomed.is_empty() {
        let many = count(plan.doomed.len(), "operational profile");
        text += &format!("To be deleted for good: {many}, enabled or not, whatever its rules.\n");
        text += &profiles_table(&plan.doomed, false);
    }
    if !plan.in_danger.is_empty() {
        text +=
            "May be deleted with them: test profiles, unless the card came with them, and those of no known class.\n";
        text += &profiles_table(&plan.in_danger, false);
    }
    if let Some(server) = &plan.server {
        let now = if server.is_empty() { "not set".to_owned() } else { format!("now {}", clean(server)) };
        text += &format!("The default SM-DP+, {now}, goes back to what the card was made with.\n");
    }
    text + &connection_text(&plan.loss)
}

fn plan_json(plan: &ResetPlan) -> Value {
    let views = |profiles: &[_]| profiles.iter().map(|profile| to_json(&ProfileView::new(profile))).collect::<Vec<_>>();
    json!({
        "eid": plan.eid.to_string(),
        "operational": views(&plan.doomed),
        "in_danger": views(&plan.in_danger),
        "server": plan.choice.server,
        "connection_risk": plan.loss.risk.map(ConnectionRisk::name),
    })
}

pub(crate) struct ResetPlanReport(pub(crate) ResetPlan);

impl Report for ResetPlanReport {
    fn data(&self) -> Value {
        json!({ "plan": plan_json(&self.0), "dry_run": true, "changed": false })
    }

    fn text(&self) -> String {
        format!("{}{DIM}A dry run: nothing was changed.{DIM:#}\n", reset_plan_text(&self.0))
    }
}

pub(crate) struct ResetReport(pub(crate) ResetDone);

impl Report for ResetReport {
    fn data(&self) -> Value {
        let done = &self.0;
        json!({
            "plan": plan_json(&done.plan),
            "dry_run": false,
            "changed": done.changed(),
            "deleted": done.deleted.iter().map(Iccid::digits).collect::<Vec<_>>(),
            "profiles_left": done.left,
            "default_smdp": done.server.as_deref().and_then(or_null),
            "notifications": reporting(&done.notifications),
        })
    }

    fn text(&self) -> String {
        let done = &self.0;
        if done.plan.is_empty() {
            return reset_plan_text(&done.plan);
        }
        let mut text = String::new();
        if done.plan.choice.operational || done.plan.choice.test {
            let (gone, left) = (count(done.deleted.len(), "profile"), count(done.left, "profile"));
            text += &format!("Deleted: {gone}; the card has {left} left.\n");
        }
        if let Some(server) = &done.server {
            let now = or_null(server).map_or_else(|| "none".to_owned(), clean);
            text += &format!("The default SM-DP+ is as the card was made: {now}.\n");
        }
        text + &reporting_text(&done.notifications)
    }

    fn warnings(&self) -> Vec<String> {
        let ResetDone { plan, deleted, notifications, .. } = &self.0;
        let gone = plan.enabled().and_then(|profile| profile.iccid.as_ref()).is_some_and(|it| deleted.contains(it));
        let lost = connection_warning(&plan.loss).filter(|_| gone).into_iter();
        lost.chain(reporting_warnings(notifications)).collect()
    }
}
