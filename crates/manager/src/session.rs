//! A card that is ours for a while.

use lpa::{Interrupt, Isdr, NeverInterrupted};
use sgp22::apdu::Response;
use sgp22::id::Aid;
use sgp22::transport::{OpenError, Transport};
use sim::{AskPin, ReadError, SimContents};

use crate::Manager;
use crate::card::Card;
use crate::database::NewEntry;
use crate::device::{DeviceOptions, Meeting, Opened, applications, elements, opening_error};
use crate::error::{Error, State, card_error, open_error};
use crate::record::Record;

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

    /// What is known of the device itself.
    pub(crate) fn meeting(&self) -> Meeting {
        self.opened.meeting()
    }

    /// Opens the eUICC on the card.
    pub fn card(&mut self) -> Result<Card<'_>, Error> {
        let interrupt = self.manager.interrupt();
        self.card_until(interrupt)
    }

    /// The same, whoever wants to stop: for what must be put right.
    pub(crate) fn card_to_the_end(&mut self) -> Result<Card<'_>, Error> {
        self.card_until(&NeverInterrupted)
    }

    fn card_until<'s>(&'s mut self, interrupt: &'s dyn Interrupt) -> Result<Card<'s>, Error> {
        let mut aids = applications(&self.options, &self.manager.config().isdr_aids);
        // Where it was found before is asked first.
        let learnt = self.opened.isdr.as_ref().and_then(|isdr| aids.iter().position(|aid| aid == isdr));
        aids[..=learnt.unwrap_or(0)].rotate_right(1);
        let (link, device, place) = self.opened.parts();
        let isdr = match self.options.se {
            None => match link.open_channel(&aids) {
                Ok(opened) => Isdr::with_channel(link, interrupt, opened),
                Err(error) => return Err(opening_error(self.manager, link, error.into(), None, device)),
            },
            Some(index) => {
                Isdr::open_element(link, &aids, index, interrupt).map_err(|error| open_error(error, Some(index)))?
            }
        };
        Ok(Card::new(self.manager, isdr, device, place, &self.options))
    }

    /// Opens the eUICC with this EID, wherever on the card it is; `None` if it has none of that EID.
    pub(crate) fn card_of(&mut self, eid: &str) -> Result<Option<Card<'_>>, Error> {
        let aids = applications(&self.options, &self.manager.config().isdr_aids);
        let interrupt = self.manager.interrupt();
        let (link, device, place) = self.opened.parts();
        let elements = lpa::elements(link, &aids, interrupt)
            .map_err(|error| opening_error(self.manager, link, error, None, device))?;
        let Some((aid, _)) = elements.into_iter().find(|(_, found)| found.to_string() == eid) else { return Ok(None) };
        let isdr = Isdr::open(link, &[aid], interrupt).map_err(|error| open_error(error.into(), None))?;
        Ok(Some(Card::new(self.manager, isdr, device, place, &self.options)))
    }

    /// Looks once whether a card of a kind that can have two eUICCs has the other one, besides the one with this AID. A card
    /// of another kind is asked nothing.
    pub fn look_for_other_element(&mut self, application: &Aid) {
        let (Some(key), Some(other)) = (self.opened.fact_key.clone(), elements::counterpart(application)) else {
            return;
        };
        if elements::remembered_elements(self.manager, &key).is_some_and(|known| known.contains(application)) {
            return;
        }
        let found = match Isdr::open(&mut self.opened.link, std::slice::from_ref(&other), self.manager.interrupt()) {
            Ok(_) => vec![application.clone(), other],
            Err(OpenError::NotFound(_)) => vec![application.clone()],
            Err(error) => return log::info!("whether there is another eUICC cannot be told: {error}"),
        };
        elements::remember(self.manager, &key, &found);
        self.manager.note_other_elements(&self.opened.device, &key, application);
    }

    /// Reads the SIM that the enabled profile makes of the card.
    pub(crate) fn sim(&mut self, ask: &mut dyn AskPin) -> Result<SimContents, ReadError> {
        let interrupt = self.manager.interrupt();
        sim::read(&mut self.opened.link, ask, &|| interrupt.requested())
    }

    /// Sends APDUs to the card as they are, on the basic channel or whichever they name. A channel that they open is closed
    /// in the end.
    ///
    /// What they do to the card nobody here knows; what is recorded is that they were sent. Gives the answers so far
    /// with the error if one gets none.
    pub fn apdus(&mut self, commands: &[Vec<u8>]) -> Result<Vec<Response>, (Vec<Response>, Error)> {
        let headers: Vec<String> = commands.iter().map(|command| header(command)).collect();
        let entry = NewEntry {
            command: "apdu",
            device: &self.opened.device,
            eid: String::new(),
            iccid: None,
            plan: serde_json::json!({ "commands": headers }),
        };
        let record = self.opened.fact_key.as_ref().map(|_| Record::begin(self.manager, &entry)).transpose();
        let record = record.map_err(|error| (Vec::new(), error))?;
        let mut answers = Vec::new();
        let mut failure = None;
        for command in commands {
            match self.opened.link.transmit_raw(command) {
                Ok(answer) => answers.push(answer),
                Err(source) => {
                    failure =
                        Some(card_error(lpa::Error::Transport { function: "APDU", source }).state(State::Unknown));
                    break;
                }
            }
        }
        if let Some(record) = record {
            record.end(failure.as_ref());
        }
        failure.map_or(Ok(answers.clone()), |error| Err((answers, error)))
    }
}

/// Class, instruction and parameters; data may hold secrets.
fn header(command: &[u8]) -> String {
    command.iter().take(4).map(|byte| format!("{byte:02X}")).collect()
}
