//! Finding out what waits for the card, and where.

use lpa::Interrupt;
use lpa::download::{Cause, Mistrust, Parties, Stopped, Watch};
use lpa::smdp::{RspServer, ServerErrorKind};
use sgp22::es10b::DeviceInfo;
use sgp22::es11::EventEntry;
use sgp22::id::{Imei, MatchingId, ServerAddress};

use super::server::address_on_card;
use super::{Card, server_address};
use crate::error::{Error, Id, discovery_error};
use crate::words;

/// How often one discovery server may point to another.
const LONGEST_WAY: usize = 3;
/// The most events that are followed; a card has a handful.
const MOST_EVENTS: usize = 64;

/// A profile that waits for the card.
#[derive(Debug, Clone)]
pub struct FoundEvent {
    /// What the server there knows it by.
    pub event_id: MatchingId,
    /// The SM-DP+ that has it.
    pub server: String,
    /// The discovery server that knew.
    pub via: String,
    /// The server there has said that it is an SM-DP+; if not, it could not be asked.
    pub reached: bool,
}

/// What a discovery found.
#[derive(Debug, Clone)]
pub struct Discovery {
    /// The discovery server that was asked first.
    pub server: String,
    /// What waits.
    pub events: Vec<FoundEvent>,
}

/// A question that is still to be put to a discovery server.
struct Question {
    address: String,
    event: Option<MatchingId>,
    /// Who pointed there, and over how many others.
    via: Vec<String>,
}

impl Card<'_> {
    /// Asks a discovery server, or the one that the card names, and those that it points to.
    pub fn discover(
        &mut self,
        server: Option<&str>,
        imei: Option<Imei>,
        watch: &mut dyn Watch,
    ) -> Result<Discovery, Error> {
        let address = match server {
            Some(server) => server_address(server)?,
            None => {
                let addresses = self.addresses()?;
                if addresses.root_is_for_tests() {
                    let root = addresses.root_smds.unwrap_or_default();
                    return Err(Error::new(Id::TestRootServer).with("server", root));
                }
                let root = address_on_card("root SM-DS", addresses.root_smds.as_ref())?;
                root.ok_or(Error::new(Id::NoRootServer))?
            }
        };
        let address = address.to_string();
        let servers = self.servers()?;
        let mut events = Vec::new();
        let first = Question { address: address.clone(), event: None, via: Vec::new() };
        let mut questions = self.ask_smds(first, servers, imei, watch).map_err(|stopped| {
            if is_smdp(&stopped) {
                return Error::new(Id::NoDiscoveryServer).with("server", &address);
            }
            discovery_error(&stopped, &address)
        })?;
        while let Some(question) = questions.pop() {
            let (event, to, via) = (question.event.clone(), question.address.clone(), question.via.clone());
            if via.len() > LONGEST_WAY || via.contains(&to) || events.len() + questions.len() > MOST_EVENTS {
                log::warn!("{to} is not asked: discovery servers point there in a circle, or to too many others.");
                continue;
            }
            match self.ask_smds(question, servers, imei, watch) {
                Ok(more) => questions.extend(more),
                // Nobody else is to be asked then.
                Err(stopped @ Stopped { cause: Cause::Card(_), .. }) => return Err(discovery_error(&stopped, &to)),
                Err(stopped) if self.manager.interrupt().requested() => return Err(discovery_error(&stopped, &to)),
                Err(stopped) => {
                    let reached = is_smdp(&stopped);
                    if !reached {
                        log::warn!("{to} cannot be asked now whether it is an SM-DP+: {stopped}");
                    }
                    let via = via.last().cloned().unwrap_or_default();
                    events.extend(event.map(|event_id| FoundEvent { event_id, server: to, via, reached }));
                }
            }
        }
        Ok(Discovery { server: address, events })
    }

    /// What a server points to. That it is an SM-DP+ is an error here.
    fn ask_smds(
        &mut self,
        question: Question,
        servers: &dyn RspServer,
        imei: Option<Imei>,
        watch: &mut dyn Watch,
    ) -> Result<Vec<Question>, Stopped> {
        let mut parties = Parties { isdr: &mut self.isdr, servers, watch };
        let Question { address, event, mut via } = question;
        let entries = lpa::discovery::events(&mut parties, &address, event, DeviceInfo::new(imei));
        let asked = address.clone();
        via.push(address);
        let to_question = |EventEntry { event_id, server }| {
            let address = server.parse().map(|address: ServerAddress| address.to_string());
            let address = address.inspect_err(|why| {
                // The event's id is as good as a matching id, so it is not repeated here.
                let about = [
                    ("via", (&*asked).into()),
                    ("address", (&*server).into()),
                    ("why", words::phrase(words::language(), why.meaning()).into()),
                ];
                log::warn!("{}", words::text("event-without-server", &about));
            });
            Some(Question { address: address.ok()?, event: Some(event_id), via: via.clone() })
        };
        match entries {
            Ok(entries) => Ok(entries.into_iter().take(MOST_EVENTS).filter_map(to_question).collect()),
            Err(stopped) if knows_nothing(&stopped) => Ok(Vec::new()),
            Err(stopped) => Err(stopped),
        }
    }
}

fn is_smdp(stopped: &Stopped) -> bool {
    stopped.cause == Cause::Mistrust(Mistrust::Role)
}

/// Some servers say that there is nothing as an error.
fn knows_nothing(stopped: &Stopped) -> bool {
    let Cause::Server(error) = &stopped.cause else { return false };
    let ServerErrorKind::Refused(failure) = &error.kind else { return false };
    failure.code.as_ref().is_some_and(|code| code.subject == "8.9.5" && code.reason == "3.9")
}
