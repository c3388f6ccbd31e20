//! The cards that were seen.

use manager::Error;

use crate::app::App;
use crate::cli::{Inventory, InventoryCommand};
use crate::output::{ForgottenDeviceReport, InventoryReport, Report};

pub(super) fn run(app: &App, arguments: Inventory) -> Result<Box<dyn Report>, Error> {
    Ok(match arguments.command {
        None => Box::new(InventoryReport(app.manager.inventory()?)),
        Some(InventoryCommand::Forget { card }) => Box::new(ForgottenDeviceReport(app.manager.forget_card(&card)?)),
    })
}
