//! Enabling, disabling, renaming.

use std::time::Duration;

use manager::card::{Card, Goal, SwitchPlan};
use manager::{Error, ProfileQuery, words};

use super::connection;
use crate::app::App;
use crate::cli::{Enable, Switch};
use crate::output::{self, Progress, RenamedReport, SwitchReport};

pub(super) fn enable(app: &App, arguments: &Enable) -> Result<SwitchReport, Error> {
    switch(app, &arguments.switch, Goal::Enabled, arguments.rollback_after)
}

pub(super) fn disable(app: &App, arguments: &Switch) -> Result<SwitchReport, Error> {
    switch(app, arguments, Goal::Disabled, None)
}

fn switch(app: &App, arguments: &Switch, goal: Goal, rollback: Option<Duration>) -> Result<SwitchReport, Error> {
    let mut progress = Progress::new(&app.screen, arguments.progress);
    let mut plan = {
        let mut session = app.manager.session()?;
        let mut card = session.card()?;
        let mut plan = card.plan_switch(&ProfileQuery::new(&arguments.profile), goal)?;
        // With --rollback-after it goes back by itself, so that nobody has to agree.
        if rollback.is_some() || !connection::must_ask(&plan.loss, &arguments.link) {
            if arguments.link.lose_connection {
                plan.loss.agree();
            }
            prepare_rollback(app, &mut card, &plan, rollback)?;
            return card.switch(plan, rollback, &mut progress).map(SwitchReport);
        }
        plan
    };
    // While a person thinks, the card is free for others; the plan is bound to it as it was.
    if let Some(profile) = plan.switched_off() {
        connection::ask(app, &plan.loss, profile)?;
    }
    plan.loss.agree();
    app.manager.session()?.card()?.switch(plan, rollback, &mut progress).map(SwitchReport)
}

/// Sees that a rollback can be kept, and warns where it would not survive a reboot.
fn prepare_rollback(
    app: &App,
    card: &mut Card<'_>,
    plan: &SwitchPlan,
    rollback: Option<Duration>,
) -> Result<(), Error> {
    if rollback.is_none() {
        return Ok(());
    }
    card.check_rollback(plan)?;
    if !plan.already && !app.manager.register_for_reboot()? {
        let state = app.manager.paths().state().display().to_string();
        output::warn(&words::text("rollback-not-over-reboots", &[("state", state.into())]));
    }
    Ok(())
}

pub(super) fn rename(app: &App, profile: &str, name: &str) -> Result<RenamedReport, Error> {
    let mut session = app.manager.session()?;
    let mut card = session.card()?;
    let plan = card.plan_rename(&ProfileQuery::new(profile), name)?;
    card.rename(plan).map(RenamedReport)
}
