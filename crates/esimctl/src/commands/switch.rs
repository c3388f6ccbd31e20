//! Enabling, disabling, renaming.

use manager::card::Goal;
use manager::{Error, ProfileQuery};

use crate::app::App;
use crate::output::{RenamedReport, SwitchReport};

pub(super) fn enable(app: &App, profile: &str) -> Result<SwitchReport, Error> {
    switch(app, profile, Goal::Enabled)
}

pub(super) fn disable(app: &App, profile: &str) -> Result<SwitchReport, Error> {
    switch(app, profile, Goal::Disabled)
}

fn switch(app: &App, profile: &str, goal: Goal) -> Result<SwitchReport, Error> {
    let mut session = app.manager.session()?;
    let mut card = session.card()?;
    let plan = card.plan_switch(&ProfileQuery::new(profile), goal)?;
    card.switch(plan).map(SwitchReport)
}

pub(super) fn rename(app: &App, profile: &str, name: &str) -> Result<RenamedReport, Error> {
    let mut session = app.manager.session()?;
    let mut card = session.card()?;
    let plan = card.plan_rename(&ProfileQuery::new(profile), name)?;
    card.rename(plan).map(RenamedReport)
}
