//! Deleting whole kinds of profiles.

use manager::Error;
use manager::card::ResetChoice;

use crate::app::App;
use crate::cli::Reset;
use crate::output::{Report, ResetPlanReport, ResetReport, reset_plan_text};
use crate::prompt;

pub(super) fn run(app: &App, arguments: &Reset) -> Result<Box<dyn Report>, Error> {
    let chosen = &arguments.choice;
    let choice = ResetChoice {
        operational: chosen.operational || chosen.all,
        test: chosen.test || chosen.all,
        server: chosen.server || chosen.all,
    };
    if arguments.consent.dry_run {
        let plan = app.manager.session()?.card()?.plan_reset(choice)?;
        return Ok(Box::new(ResetPlanReport(plan)));
    }
    // As for a deletion: the reader is free while a person thinks.
    let agreed = if arguments.consent.yes { None } else { Some(app.manager.session()?.card()?.plan_reset(choice)?) };
    if let Some(plan) = agreed.as_ref().filter(|plan| !plan.is_empty()) {
        let confirmation = plan.confirmation();
        let question = format!("Type {} ({}) to delete all of it", confirmation.what, plan.eid);
        prompt::confirm(|| reset_plan_text(plan), &question, &confirmation.answer, &app.interrupt)?;
    }
    let mut session = app.manager.session()?;
    let mut card = session.card()?;
    let asked = agreed.is_some();
    let mut plan = agreed.map_or_else(|| card.plan_reset(choice), Ok)?;
    // Who typed the digits was told what is lost; --yes alone says nothing of it.
    if asked || arguments.link.lose_connection {
        plan.loss.agree();
    }
    Ok(Box::new(ResetReport(card.reset(plan)?)))
}
