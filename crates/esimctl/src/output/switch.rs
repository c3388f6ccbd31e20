//! What enabling and disabling did.

use manager::card::{
    Attempt, CardSight, ConnectionLoss, ConnectionRisk, Goal, ModemReport, SwitchDone, View, seen_iccid,
};
use manager::words;
use serde_json::{Value, json};

use super::notifications::{reporting, reporting_text, reporting_warnings};
use super::profile::{ProfileView, describe};
use super::text::{YELLOW, clean};
use super::{Report, to_json};

pub(crate) struct SwitchReport(pub(crate) SwitchDone);

impl Report for SwitchReport {
    fn data(&self) -> Value {
        let SwitchDone { plan, attempts, modem, notifications } = &self.0;
        let mut profile = to_json(&ProfileView::new(&plan.profile));
        profile["state"] = if plan.goal == Goal::Enabled { "enabled" } else { "disabled" }.into();
        let former = plan.current.as_ref().map(|profile| to_json(&ProfileView::new(profile)));
        json!({
            "profile": profile,
            "former": former,
            "changed": !plan.already,
            "connection_risk": plan.loss.risk.map(ConnectionRisk::name),
            "attempts": attempts.iter().map(attempt).collect::<Vec<_>>(),
            "modem": modem.as_ref().map(modem_json),
            "notifications": reporting(notifications),
        })
    }

    fn text(&self) -> String {
        let SwitchDone { plan, attempts, modem, notifications } = &self.0;
        let state = if plan.goal == Goal::Enabled { "enabled" } else { "disabled" };
        let profile = describe(&plan.profile);
        if plan.already {
            return format!("{profile} is {state} already.\n");
        }
        let instead = match &plan.current {
            Some(former) => format!(", {} is disabled", describe(former)),
            None => String::new(),
        };
        let mut text = format!("{profile} is {state}{instead}; the card confirms it.\n");
        if let [failed @ .., done] = &attempts[..]
            && !failed.is_empty()
        {
            let tried: Vec<&str> = failed.iter().map(|attempt| attempt.form.name()).collect();
            text += &format!("The card took the form '{}', after {}.\n", done.form.name(), tried.join(", "));
        }
        if attempts.last().is_some_and(|attempt| attempt.error.is_some()) {
            text += "Its answer was lost on the way; reading the card again shows that it is done.\n";
        }
        text += modem.as_ref().map_or("", modem_text);
        text + &reporting_text(notifications)
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings: Vec<String> = connection_warning(&self.0.plan.loss).into_iter().collect();
        warnings.extend(self.0.modem.iter().filter_map(modem_warning));
        warnings.extend(reporting_warnings(&self.0.notifications));
        warnings
    }
}

/// What is lost with the profile that was switched off.
pub(in crate::output) fn connection_warning(loss: &ConnectionLoss) -> Option<String> {
    let key = match loss.risk? {
        ConnectionRisk::LastEnabled => "connection-none-enabled",
        ConnectionRisk::InternetLink => "connection-link-off",
    };
    Some(words::text(key, &[]))
}

/// The same before it happens, for the person who is asked.
pub(super) fn connection_text(loss: &ConnectionLoss) -> String {
    let key = match loss.risk {
        None => return String::new(),
        Some(ConnectionRisk::LastEnabled) => "connection-none-enabled-plan",
        Some(ConnectionRisk::InternetLink) => "connection-link-plan",
    };
    format!("{YELLOW}{}{YELLOW:#}\n", words::text(key, &[]))
}

fn attempt(attempt: &Attempt) -> Value {
    let error = attempt.error.as_ref().map(ToString::to_string);
    json!({ "form": attempt.form.name(), "error": error })
}

fn modem_json(report: &ModemReport) -> Value {
    let outcome = match report.view {
        View::Agrees => "agrees",
        View::DoesNotSay => "does_not_say",
        View::Disagrees => "disagrees",
        View::Away => "away",
        View::Unawaited => "unawaited",
    };
    json!({
        "outcome": outcome,
        "power_cycled": report.power_cycled,
        "was_away": report.was_away,
        "iccid": seen_iccid(report),
        "card": report.sight.as_ref().map(|sight| card_word(sight.card)),
        "registered": report.sight.as_ref().and_then(|sight| sight.registered),
    })
}

pub(super) fn card_word(card: CardSight) -> &'static str {
    match card {
        CardSight::Absent => "absent",
        CardSight::Starting => "starting",
        CardSight::Usable => "usable",
        CardSight::NotActivated => "not_activated",
        CardSight::NoProfile => "no_profile",
        CardSight::Locked => "locked",
        CardSight::PukRequired => "puk_required",
        CardSight::DeviceLocked => "device_locked",
        CardSight::Failed => "failed",
    }
}

fn modem_text(report: &ModemReport) -> &'static str {
    match (report.view, report.power_cycled) {
        (View::Agrees, false) => "The modem sees it, too.\n",
        (View::Agrees, true) => "The modem sees it, too, after its card was powered off and on.\n",
        (View::DoesNotSay, _) => "The modem does not say which profile it uses.\n",
        (View::Disagrees | View::Away | View::Unawaited, _) => "",
    }
}

/// The warning about what keeps the modem from using the profile that is enabled now.
fn card_warning(card: CardSight) -> Option<String> {
    let key = match card {
        CardSight::Locked => "modem-wants-pin",
        CardSight::PukRequired => "modem-wants-puk",
        CardSight::DeviceLocked => "modem-is-locked",
        _ => return None,
    };
    Some(words::text(key, &[]))
}

/// What the modem makes of a switch, where it is not what the card says.
pub(super) fn modem_warning(report: &ModemReport) -> Option<String> {
    let mend = "Switch the modem off and on, or unplug it; then look: esimctl list";
    match report.view {
        View::Agrees | View::DoesNotSay => card_warning(report.sight.as_ref()?.card),
        View::Disagrees => {
            let sees = match (seen_iccid(report), &report.sight) {
                (Some(iccid), _) => format!("still uses {}", clean(&iccid)),
                (None, Some(sight)) => {
                    format!("sees no profile (its card: {})", card_word(sight.card).replace('_', " "))
                }
                (None, None) => "does not see it".into(),
            };
            let helped = if report.power_cycled { ", also after its card was powered off and on" } else { "" };
            Some(format!("the card is switched, but the modem {sees}{helped}. {mend}"))
        }
        View::Away => Some(format!("the card is switched, but the modem has not come back. {mend}")),
        View::Unawaited => Some(
            "the card is switched; whether the modem has noticed was not waited for. Look: esimctl devices --probe"
                .into(),
        ),
    }
}
