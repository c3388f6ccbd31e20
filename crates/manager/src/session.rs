//! A card that is ours for a while.

use lpa::Isdr;
use sgp22::apdu::Response;

use crate::card::Card;
use crate::device::{CardLink, DeviceOptions, Opened, applications};
use crate::error::{Error, State, card_error, open_error};
use crate::{Manager, database};

/// A device that is locked for this process, with its card connected. Given back when dropped.
pub struct Session<'m> {
    manager: &'m Manager,
    options: DeviceOptions,
    opened: Opened,
}

impl<'m> Session<'m> {
    pub(crate) fn new(manager: &'m Manager, options: DeviceOptions, opened: Opened) -> Self {
        Self { manager, options, opened }
    }

    /// The device by its full name.
    #[must_use]
    pub fn device(&self) -> &str {
        &self.opened.device
    }

    /// Opens the eUICC on the card.
    pub fn card(&mut self) -> Result<Card<'_>, Error> {
        let aids = applications(&self.options, &self.manager.config().isdr_aids);
        let interrupt = self.manager.interrupt();
        let link: &mut CardLink = &mut self.opened.link;
        let isdr = match self.options.se {
            None => Isdr::open(link, &aids, interrupt).map_err(|error| open_error(error.into(), None))?,
            Some(index) => {
                Isdr::open_element(link, &aids, index, interrupt).map_err(|error| open_error(error, Some(index)))?
            }
        };
        Ok(Card::new(self.manager, isdr, &self.opened.device, &self.opened.fact_key))
    }

    /// Sends APDUs to the card as they are, on the basic channel or whichever they name.
    ///
    /// What they do to the card nobody here knows, so they are recorded as one change with an unknown end. Gives the
    /// answers so far with the error if one gets none.
    pub fn apdus(&mut self, commands: &[Vec<u8>]) -> Result<Vec<Response>, (Vec<Response>, Error)> {
        let journal = database::Database::open(self.manager.paths()).map_err(|error| (Vec::new(), error))?;
        let headers: Vec<String> = commands.iter().map(|command| header(command)).collect();
        let entry = database::NewEntry {
            command: "apdu",
            device: &self.opened.device,
            eid: String::new(),
            iccid: None,
            plan: serde_json::json!({ "commands": headers }),
        };
        let id = journal.begin(&entry).map_err(|error| (Vec::new(), error))?;
        let mut answers = Vec::new();
        for command in commands {
            match self.opened.link.transmit_raw(command) {
                Ok(answer) => answers.push(answer),
                Err(source) => {
                    let error = card_error(lpa::Error::Transport { function: "APDU", source }).state(State::Unknown);
                    close(&journal, id, database::Outcome::Unknown, Some(&error));
                    return Err((answers, error));
                }
            }
        }
        close(&journal, id, database::Outcome::Done, None);
        Ok(answers)
    }
}

/// Class, instruction and parameters; data may hold secrets.
fn header(command: &[u8]) -> String {
    command.iter().take(4).map(|byte| format!("{byte:02X}")).collect()
}

/// Closes a journal entry. The card has been touched already, so a failure here is only told.
pub(crate) fn close(journal: &database::Database, id: i64, outcome: database::Outcome, error: Option<&Error>) {
    let detail = error.map(|error| format!("{}: {}", error.id.entry().name, error.cause));
    if let Err(error) = journal.finish(id, outcome, detail.as_deref()) {
        log::error!("the journal could not be closed: {} ({})", error.message(), error.cause);
    }
}
