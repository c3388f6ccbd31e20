//! Enabling, disabling, renaming.

use std::time::Duration;

use manager::card::Goal;
use manager::{Error, ProfileQuery, words};

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
    let mut session = app.manager.session()?;
    let mut card = session.card()?;
    let plan = card.plan_switch(&ProfileQuery::new(&arguments.profile), goal)?;
    if rollback.is_some() {
        card.check_rollback(&plan)?;
    }
    if rollback.is_some() && !plan.already && !app.manager.register_for_reboot()? {
        let state = app.manager.paths().state().display().to_string();
        output::warn(&words::text("rollback-not-over-reboots", &[("state", state.into())]));
    }
    let mut progress = Progress::new(&app.screen, arguments.progress);
    card.switch(plan, rollback, &mut progress).map(SwitchReport)
}

pub(super) fn rename(app: &App, profile: &str, name: &str) -> Result<RenamedReport, Error> {
    let mut session = app.manager.session()?;
    let mut card = session.card()?;
    let plan = card.plan_rename(&ProfileQuery::new(profile), name)?;
    card.rename(plan).map(RenamedReport)
}
