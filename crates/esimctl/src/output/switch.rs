//! What enabling and disabling did.

use manager::card::{Attempt, Goal, SwitchDone};
use serde_json::{Value, json};

use super::notifications::{reporting, reporting_text, reporting_warnings};
use super::profile::{ProfileView, describe};
use super::{Report, to_json};

pub(crate) struct SwitchReport(pub(crate) SwitchDone);

impl Report for SwitchReport {
    fn data(&self) -> Value {
        let SwitchDone { plan, attempts, notifications } = &self.0;
        let mut profile = to_json(&ProfileView::new(&plan.profile));
        profile["state"] = if plan.goal == Goal::Enabled { "enabled" } else { "disabled" }.into();
        let former = plan.current.as_ref().map(|profile| to_json(&ProfileView::new(profile)));
        json!({
            "profile": profile,
            "former": former,
            "changed": !plan.already,
            "attempts": attempts.iter().map(attempt).collect::<Vec<_>>(),
            "notifications": reporting(notifications),
        })
    }

    fn text(&self) -> String {
        let SwitchDone { plan, attempts, notifications } = &self.0;
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
        text + &reporting_text(notifications)
    }

    fn warnings(&self) -> Vec<String> {
        reporting_warnings(&self.0.notifications)
    }
}

fn attempt(attempt: &Attempt) -> Value {
    let error = attempt.error.as_ref().map(ToString::to_string);
    json!({ "form": attempt.form.name(), "error": error })
}
