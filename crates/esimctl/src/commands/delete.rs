//! Deleting a profile.

use manager::{Error, ProfileQuery};

use crate::app::App;
use crate::cli::Delete;
use crate::output::{DeletePlanReport, DeletedReport, Report, delete_plan_text};
use crate::prompt;

pub(super) fn run(app: &App, arguments: &Delete) -> Result<Box<dyn Report>, Error> {
    let query = ProfileQuery::new(&arguments.profile);
    if arguments.consent.dry_run {
        let plan = app.manager.session()?.card()?.plan_delete(&query, arguments.disable_first)?;
        return Ok(Box::new(DeletePlanReport(plan)));
    }
    // While a person thinks, the reader is free for others: what they agreed to is compared with the card afterwards.
    let agreed = if arguments.consent.yes {
        None
    } else {
        let plan = app.manager.session()?.card()?.plan_delete(&query, arguments.disable_first)?;
        let shown = || delete_plan_text(&plan);
        prompt::confirm(
            shown,
            &format!("Type {} to delete it", plan.confirmation().what),
            &plan.confirmation().answer,
            &app.interrupt,
        )?;
        Some(plan)
    };
    let mut session = app.manager.session()?;
    let mut card = session.card()?;
    let asked = agreed.is_some();
    let mut plan = agreed.map_or_else(|| card.plan_delete(&query, arguments.disable_first), Ok)?;
    // Who typed the digits was told what is lost; --yes alone says nothing of it.
    if asked || arguments.link.lose_connection {
        plan.loss.agree();
    }
    Ok(Box::new(DeletedReport(card.delete(plan)?)))
}
