//! Deleting a profile.

use manager::{Error, ProfileQuery};

use crate::app::App;
use crate::cli::Delete;
use crate::output::{DeletePlanReport, DeletedReport, Report, delete_plan_text};
use crate::prompt;

pub(super) fn run(app: &App, arguments: &Delete) -> Result<Box<dyn Report>, Error> {
    let mut session = app.manager.session()?;
    let mut card = session.card()?;
    let plan = card.plan_delete(&ProfileQuery::new(&arguments.profile), arguments.disable_first)?;
    if arguments.consent.dry_run {
        return Ok(Box::new(DeletePlanReport(plan)));
    }
    if !arguments.consent.yes {
        if prompt::someone_is_here() {
            anstream::eprint!("{}", delete_plan_text(&plan));
        }
        let question = "Type the last four digits of the ICCID to delete it";
        prompt::confirm(question, &plan.confirmation(), &app.interrupt)?;
    }
    Ok(Box::new(DeletedReport(card.delete(plan)?)))
}
