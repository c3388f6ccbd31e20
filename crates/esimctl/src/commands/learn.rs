//! What esimctl knows of devices, and learns.

use manager::Error;

use crate::app::App;
use crate::output::{ForgottenReport, LessonReport};

pub(super) fn learn(app: &App) -> Result<LessonReport, Error> {
    app.manager.learn().map(LessonReport)
}

pub(super) fn forget(app: &App) -> Result<ForgottenReport, Error> {
    let (device, facts) = app.manager.forget()?;
    Ok(ForgottenReport { device, facts })
}
