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
    let mut session = app.manager.session()?;
    let mut card = session.card()?;
    let plan = card.plan_reset(choice)?;
    if arguments.consent.dry_run {
        return Ok(Box::new(ResetPlanReport(plan)));
    }
    if !arguments.consent.yes && !plan.is_empty() {
        if prompt::someone_is_here() {
            anstream::eprint!("{}", reset_plan_text(&plan));
        }
        let question = format!("Type the last six digits of the EID ({}) to delete all of it", plan.eid);
        prompt::confirm(&question, &plan.confirmation(), &app.interrupt)?;
    }
    Ok(Box::new(ResetReport(card.reset(plan)?)))
}
