//! Virtual modems.

use manager::Error;
use manager::error::Id;
use manager::virtual_cards::SwitchError;
use manager::virtual_modems::NewModem;

use crate::app::App;
use crate::cli::Modem;
use crate::output::{ModemEvent, say};

/// What stands for an empty slot.
const EMPTY: &str = "empty";

/// Runs a modem until the user stops it.
pub(super) fn run(app: &App, arguments: &Modem) -> Result<(), Error> {
    let modem = app.manager.start_modem(&wanted(arguments)?)?;
    say(&app.screen, &ModemEvent::Ready(&modem));
    modem.serve()?;
    say(&app.screen, &ModemEvent::Off);
    Ok(())
}

fn wanted(arguments: &Modem) -> Result<NewModem, Error> {
    let quirks = arguments.quirk.iter().map(|quirk| quirk.parse()).collect::<Result<_, SwitchError>>();
    let slots = std::iter::once(&arguments.card).chain(&arguments.slot);
    Ok(NewModem {
        language: arguments.language,
        slots: slots.map(|card| Some(card.clone()).filter(|card| card != EMPTY)).collect(),
        link: arguments.link.clone(),
        quirks: quirks.map_err(|error| Error::new(Id::ModemQuirkUnknown).with("why", error))?,
        as_proxy: arguments.as_proxy,
    })
}
