//! Asking what waits for the card.

use manager::Error;
use manager::card::Source;
use manager::error::Id;

use super::download::Wanted;
use crate::app::App;
use crate::cli::Discover;
use crate::output::{DiscoveredReport, Progress, Report};

pub(super) fn run(app: &App, arguments: &Discover) -> Result<Box<dyn Report>, Error> {
    let wanted = Wanted::new(&arguments.wishes, &arguments.consent)?;
    let mut session = app.manager.session()?;
    let mut card = session.card()?;
    let mut progress = Progress::new(&app.screen, arguments.wishes.progress);
    let found = card.discover(arguments.server.as_deref(), wanted.imei, &mut progress)?;
    progress.pause();
    if !arguments.download {
        return Ok(Box::new(DiscoveredReport(found)));
    }
    match &found.events[..] {
        [] => Err(Error::new(Id::NoEvent)),
        [event] => {
            let source = Source::Server { address: event.server.clone(), matching_id: Some(event.event_id.clone()) };
            super::download::from(app, &mut card, source, wanted)
        }
        several => Err(Error::new(Id::EventsSeveral).with("count", several.len())),
    }
}
