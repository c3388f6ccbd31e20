//! One file a command, or a family of them: each reads its arguments, has the manager do it, and gives a report.

mod apdu;
mod connection;
mod delete;
mod discover;
mod download;
mod generate;
mod icon;
mod inventory;
mod learn;
mod notifications;
mod outbox;
mod read;
mod reset;
mod retire;
mod rollback;
mod support;
mod switch;
mod virtual_cards;
mod virtual_modems;
mod virtual_servers;

use manager::error::Id;
use manager::{Error, doctor, words};

use crate::app::App;
use crate::cli::{Command, Notifications, Server};
use crate::output::{DevicesReport, DoctorReport, KnownQuirksReport, RecoveryReport, Report, ServerSetReport};
use crate::phase::{self, Phase};

/// Runs a command. `None`: it has said all that is to be said.
pub(crate) fn run(app: &mut App, command: Command) -> Result<Option<Box<dyn Report>>, Error> {
    if app.traces && matches!(command, Command::Devices { .. } | Command::Doctor { .. } | Command::SupportBundle(_)) {
        let why = words::text("recording-holds-one", &[]);
        return Err(Error::new(Id::Usage).with("why", why).with("hint", words::text("recording-holds-one.next", &[])));
    }
    match &command {
        Command::Virtual { .. } => drop(phase::enter(Phase::Serving)),
        Command::Outbox { .. } | Command::Notifications { command: Notifications::Send(_) } => {
            phase::enter(Phase::Delivering);
        }
        _ => {}
    }
    let report: Box<dyn Report> = match command {
        Command::Devices { probe } => Box::new(DevicesReport(app.manager.devices(probe))),
        Command::Info => Box::new(read::info(app)?),
        Command::List { all_fields } => Box::new(read::list(app, all_fields)?),
        Command::Show { profile, save_icon } => Box::new(read::show(app, &profile, save_icon.as_deref())?),
        Command::Download(arguments) => download::run(app, &arguments)?,
        Command::Discover(arguments) => discover::run(app, &arguments)?,
        Command::Enable(arguments) => Box::new(switch::enable(app, &arguments)?),
        Command::Disable(arguments) => Box::new(switch::disable(app, &arguments)?),
        Command::Rename { profile, name } => Box::new(switch::rename(app, &profile, &name)?),
        Command::Delete(arguments) => delete::run(app, &arguments)?,
        Command::Retire(arguments) => return retire::run(app, arguments),
        Command::Inventory(arguments) => inventory::run(app, arguments)?,
        Command::Notifications { command } => notifications::run(app, command)?,
        Command::Outbox { command } => outbox::run(app, command)?,
        Command::Recover { close } => Box::new(RecoveryReport { recovery: app.manager.recover(close)?, close }),
        Command::Rollback(arguments) => rollback::run(app, &arguments)?,
        Command::Server { command: Server::Show } => Box::new(read::addresses(app)?),
        Command::Server { command: Server::Set { address } } => Box::new(server(app, Some(&address))?),
        Command::Server { command: Server::Clear } => Box::new(server(app, None)?),
        Command::Reset(arguments) => reset::run(app, &arguments)?,
        Command::Virtual { command } => return virtual_cards::run(app, command),
        Command::Apdu { commands, isdr } => apdu::run(app, &commands, isdr)?,
        Command::Doctor { learn: true, .. } => Box::new(learn::learn(app)?),
        Command::Doctor { forget: true, .. } => Box::new(learn::forget(app)?),
        Command::Quirks => Box::new(KnownQuirksReport),
        Command::SupportBundle(arguments) => support::run(app, &arguments)?,
        Command::Doctor { .. } => Box::new(DoctorReport(doctor::examine(&app.manager))),
        Command::Completions { shell } => {
            generate::completions(shell);
            return Ok(None);
        }
        Command::Man { directory } => {
            generate::man(&directory, app.manager.existing_files())?;
            return Ok(None);
        }
    };
    Ok(Some(report))
}

fn server(app: &App, address: Option<&str>) -> Result<ServerSetReport, Error> {
    let mut session = app.manager.session()?;
    let mut card = session.card()?;
    let plan = card.plan_server(address)?;
    card.set_server(plan).map(ServerSetReport)
}
