//! A card with logical channels, made of a bare one: ISO/IEC 7816-4, ETSI TS 102 221 and 102 223.

use sgp22::apdu::{Command, Le, Response, StatusWord, class_byte};
use sgp22::id::Aid;
use sgp22::transport::{
    Channel, ChannelKeeper, Nature, OpenChannel, OpenError, Opening, Patience, RawCard, Terminal, Transport,
    TransportError, TransportErrorKind,
};

/// How many parts of an answer are fetched: at 256 bytes each, 200 profiles with their icons. The count is what ends a
/// card that gives one byte at a time for ever.
const MOST_PARTS: usize = 1024;

/// How many proactive commands in a row are answered before the card is left alone.
const MOST_PROACTIVE_COMMANDS: usize = 8;

/// TERMINAL CAPABILITY (ETSI TS 102 221 11.1.19): extended logical channels (`81`), UICC-CLF (`82`), and an LPA in
/// the device that does everything a user needs (`83`: LUId, LPDd, LDSd). Some cards refuse the ISD-R without it.
pub(crate) const TERMINAL_CAPABILITY: [u8; 10] = [0xA9, 0x08, 0x81, 0x00, 0x82, 0x01, 0x01, 0x83, 0x01, 0x07];

/// Makes a [`Transport`] of a [`RawCard`].
///
/// What a card does not take is found out by its refusals, which are harmless: a command refused for its length, class
/// or Le has not been carried out. What was found out is kept while this lives.
pub struct Iso7816<R: RawCard> {
    card: R,
    nature: Nature,
    /// Cleared once the card refused a command for its Le, set once it refused one without.
    le_with_data: bool,
    longest_data: u8,
    /// TERMINAL CAPABILITY is due once after every reset.
    introduced: bool,
    /// The channels that were opened here and must be closed here.
    open: Vec<Channel>,
}

impl<R: RawCard> Iso7816<R> {
    /// Talks to `card` with command data of up to `longest_data` bytes.
    pub fn new(card: R, longest_data: u8) -> Self {
        let nature = card.nature();
        let le_with_data = nature.le_with_data;
        Self { card, nature, le_with_data, longest_data: longest_data.max(1), introduced: false, open: Vec::new() }
    }

    /// Sends one APDU as it is and returns what the card answers, unfetched. A channel that it opens or closes is noted.
    pub fn transmit_raw(&mut self, command: &[u8]) -> Result<Response, TransportError> {
        let response = self.exchange(command, Patience::Normal)?;
        if let ([_, 0x70, p1, p2, ..], true) = (command, response.status.is_ok()) {
            match (p1, p2, &response.data[..]) {
                (0x00, 0x00, [number]) => self.open.push(Channel(*number)),
                (0x00, number, _) => self.open.push(Channel(*number)),
                (_, number, _) => self.open.retain(|open| open.0 != *number),
            }
        }
        Ok(response)
    }

    /// Closes whatever channel is still open, also when the card is about to be left for good.
    fn close_all(&mut self) {
        for channel in std::mem::take(&mut self.open) {
            if let Err(error) = self.close(channel) {
                log::debug!("channel {} could not be closed: {error}", channel.0);
            }
        }
    }

    fn exchange(&mut self, command: &[u8], patience: Patience) -> Result<Response, TransportError> {
        let answer = self.card.transmit(command, patience)?;
        // Readers give an empty answer when the card goes away in the middle of it.
        let kind = if answer.is_empty() { TransportErrorKind::Lost } else { TransportErrorKind::Garbage };
        Response::parse(answer).map_err(|error| TransportError::unsure(kind, error.to_string()))
    }

    /// Sends a command and fetches the whole answer.
    fn converse(&mut self, mut command: Command, patience: Patience) -> Result<Response, TransportError> {
        let had_data = !command.data.is_empty();
        if had_data && !self.le_with_data {
            command.le = Le::Absent;
        }
        let mut response = self.exchange(&command.to_bytes(), patience)?;
        if response.status.sw1() == 0x6C {
            command.le = exact_le(response.status.sw2());
            response = self.exchange(&command.to_bytes(), patience)?;
        }
        if response.status == StatusWord::WRONG_LENGTH && had_data && command.data.len() <= 120 {
            response = self.retry_with_other_le(command.clone(), response, patience)?;
        }
        let mut data = std::mem::take(&mut response.data);
        let mut parts = 0;
        while response.status.sw1() == 0x61 {
            parts += 1;
            // The command itself is done: what is lost of its answer from here on leaves doubt, sent or not.
            response = self
                .get_response(command.cla, response.status.sw2(), patience)
                .map_err(|error| TransportError::unsure(error.kind, error.detail))?;
            // A card that announces more and gives nothing would go on for ever.
            if response.data.is_empty() && response.status.sw1() == 0x61 {
                return Err(garbage("the card announces more bytes and gives none"));
            }
            data.append(&mut response.data);
            if parts > MOST_PARTS {
                return Err(garbage("the answer does not end"));
            }
        }
        if response.status.sw1() == 0x91 && self.nature.we_are_the_terminal {
            self.answer_proactive_commands(response.status.sw2());
        }
        Ok(Response { data, status: response.status })
    }

    /// `6700` on a short command is mostly about Le: some cards cannot handle one, others cannot do without.
    fn retry_with_other_le(
        &mut self,
        mut command: Command,
        refusal: Response,
        patience: Patience,
    ) -> Result<Response, TransportError> {
        if !self.nature.le_with_data {
            return Ok(refusal);
        }
        command.le = if command.le == Le::Absent { Le::Max } else { Le::Absent };
        let response = self.exchange(&command.to_bytes(), patience)?;
        if response.status == StatusWord::WRONG_LENGTH {
            return Ok(refusal);
        }
        self.le_with_data = command.le != Le::Absent;
        log::info!("the card wants commands {} Le", if self.le_with_data { "with" } else { "without" });
        Ok(response)
    }

    /// GET RESPONSE on the channel of the command that announced it. ETSI wants the interindustry class here, yet some
    /// cards take only that of the command.
    fn get_response(&mut self, class: u8, length: u8, patience: Patience) -> Result<Response, TransportError> {
        let mut get = Command::new(class & 0x7F, 0xC0, 0x00, 0x00).with_le(exact_le(length));
        let mut response = self.exchange(&get.to_bytes(), patience)?;
        if response.status == StatusWord::WRONG_CLA && class & 0x80 != 0 {
            get.cla = class;
            response = self.exchange(&get.to_bytes(), patience)?;
        }
        if response.status.sw1() == 0x6C {
            get.le = exact_le(response.status.sw2());
            response = self.exchange(&get.to_bytes(), patience)?;
        }
        Ok(response)
    }

    /// `91xx`: the command is done, and the card wants something of the terminal, mostly a REFRESH after a switch.
    /// A failure here does not undo the command, so it is only noted.
    fn answer_proactive_commands(&mut self, mut length: u8) {
        for _ in 0..MOST_PROACTIVE_COMMANDS {
            let fetch = Command::new(0x80, 0x12, 0x00, 0x00).with_le(exact_le(length));
            let fetched = match self.exchange(&fetch.to_bytes(), Patience::Normal) {
                Ok(response) if response.status.is_ok() => response,
                other => return log::debug!("FETCH failed: {other:?}"),
            };
            let Some(details) = command_details(&fetched.data) else {
                return log::debug!("the proactive command cannot be read");
            };
            const REFRESH: u8 = 0x01;
            let result = if details[1] == REFRESH { 0x00 } else { 0x30 };
            let [number, kind, qualifier] = details;
            log::info!("the card's proactive command {kind:02X}/{qualifier:02X} is answered with {result:02X}");
            let answer = Command::new(0x80, 0x14, 0x00, 0x00)
                .with_data([0x81, 0x03, number, kind, qualifier, 0x82, 0x02, 0x82, 0x81, 0x83, 0x01, result]);
            match self.exchange(&answer.to_bytes(), Patience::Normal) {
                Ok(response) if response.status.sw1() == 0x91 => length = response.status.sw2(),
                Ok(_) => return,
                Err(error) => return log::debug!("TERMINAL RESPONSE failed: {error}"),
            }
        }
    }

    fn introduce(&mut self) -> Result<(), TransportError> {
        if self.introduced {
            return Ok(());
        }
        let command = Command::new(0x80, 0xAA, 0x00, 0x00).with_data(TERMINAL_CAPABILITY);
        let response = match self.exchange(&command.to_bytes(), Patience::Normal) {
            Err(error) if error.kind == TransportErrorKind::Refused => {
                log::info!("TERMINAL CAPABILITY: {error}; that is no error");
                self.introduced = true;
                return Ok(());
            }
            response => response?,
        };
        if !response.status.is_ok() {
            log::info!("the card does not take TERMINAL CAPABILITY ({}); that is no error", response.status);
        }
        self.introduced = true;
        Ok(())
    }

    /// MANAGE CHANNEL open. `Err` of the inner result: the card gives none.
    fn manage_channel_open(&mut self) -> Result<Result<Channel, StatusWord>, TransportError> {
        let command = Command::new(0x00, 0x70, 0x00, 0x00).with_le(Le::Exactly(1));
        let response = self.converse(command, Patience::Normal)?;
        Ok(match response.data[..] {
            [number @ 1..=19] if response.status.is_ok() => {
                self.open.push(Channel(number));
                Ok(Channel(number))
            }
            _ => Err(response.status),
        })
    }

    fn select_first(&mut self, channel: Channel, applications: &[Aid]) -> Result<Selection, TransportError> {
        let mut last = StatusWord::NOT_FOUND;
        for application in applications {
            let command = Command::new(class_byte(0x00, channel.0), 0xA4, 0x04, 0x00)
                .with_data(application.as_bytes())
                .with_le(Le::Max);
            let response = self.converse(command, Patience::Normal)?;
            if response.status.is_ok() {
                log::info!("selected {application} on channel {}", channel.0);
                let application = application.clone();
                return Ok(Selection::Done(OpenChannel { channel, application, fci: response.data }));
            }
            if response.status == StatusWord::CHANNEL_NOT_SUPPORTED {
                return Ok(Selection::ChannelRefused(response.status));
            }
            last = response.status;
        }
        Ok(Selection::NotFound(last))
    }

    /// Like [`Self::select_first`]; the channel is closed unless one of the applications is selected on it.
    fn select_or_close(&mut self, channel: Channel, applications: &[Aid]) -> Result<Selection, TransportError> {
        let selected = self.select_first(channel, applications);
        match &selected {
            Ok(Selection::Done(_)) => {}
            Err(error) if error.kind != TransportErrorKind::Refused => {}
            _ => self.close(channel)?,
        }
        selected
    }

    /// Opens a channel by MANAGE CHANNEL and SELECT.
    fn open_by_commands(&mut self, applications: &[Aid]) -> Result<OpenChannel, OpenError> {
        self.introduce()?;
        let refusal = match self.manage_channel_open()? {
            Err(status) => status,
            Ok(channel) => match self.select_or_close(channel, applications)? {
                Selection::Done(open) => return Ok(open),
                Selection::NotFound(status) => return Err(OpenError::NotFound(status)),
                Selection::ChannelRefused(status) => status,
            },
        };
        // Some cards answer on the basic channel only, and nobody else needs it on a card in a reader.
        log::info!("no logical channel ({refusal}): trying the basic one");
        match self.select_first(Channel(0), applications)? {
            Selection::Done(open) => Ok(open),
            Selection::NotFound(status) => Err(OpenError::NotFound(status)),
            Selection::ChannelRefused(_) => Err(OpenError::NoChannel(refusal)),
        }
    }

    fn close(&mut self, channel: Channel) -> Result<(), TransportError> {
        self.open.retain(|open| *open != channel);
        if channel.0 == 0 {
            return Ok(());
        }
        if self.nature.channels == ChannelKeeper::Modem {
            return self.card.close(channel);
        }
        let command = Command::new(0x00, 0x70, 0x80, channel.0);
        let response = self.exchange(&command.to_bytes(), Patience::Normal)?;
        if !response.status.is_ok() {
            log::debug!("closing channel {}: {}", channel.0, response.status);
        }
        Ok(())
    }
}

impl<R: RawCard> Iso7816<R> {
    /// Has the modem open a channel to the first of these applications that the card has.
    fn ask_the_modem(&mut self, applications: &[Aid]) -> Result<OpenChannel, OpenError> {
        let mut refusal = OpenError::NotFound(StatusWord::NOT_FOUND);
        let mut refused_by_modem = None;
        for application in applications {
            match self.card.open(application)? {
                Opening::Open { channel, fci } => {
                    log::info!("the modem selected {application} on channel {}", channel.0);
                    self.open.push(channel);
                    return Ok(OpenChannel { channel, application: application.clone(), fci });
                }
                Opening::NotFound(status) => refusal = OpenError::NotFound(status),
                // No other application would get a channel either.
                Opening::NoChannel(status) => return Err(OpenError::NoChannel(status)),
                Opening::Refused(why) => refusal = OpenError::Refused(why),
                // Nor would another one change the state of the card.
                Opening::Unusable(card, why) => return Err(OpenError::Unusable(card, why)),
                Opening::RefusedByModem(why) if why.reason.concerns_all_applications() => {
                    return Err(OpenError::RefusedByModem(why));
                }
                Opening::RefusedByModem(why) => {
                    refused_by_modem.get_or_insert(why);
                }
            }
        }
        // What the card says of other applications does not tell whether it has the one that the modem kept from it.
        Err(refused_by_modem.map_or(refusal, OpenError::RefusedByModem))
    }
}

enum Selection {
    Done(OpenChannel),
    ChannelRefused(StatusWord),
    NotFound(StatusWord),
}

impl<R: RawCard> Transport for Iso7816<R> {
    fn open_channel(&mut self, applications: &[Aid]) -> Result<OpenChannel, OpenError> {
        if self.nature.channels == ChannelKeeper::Modem {
            return self.ask_the_modem(applications);
        }
        // What carries the bytes may refuse the commands for it: nothing has been done then, and no card was asked.
        self.open_by_commands(applications).map_err(|error| match error {
            OpenError::Transport(error) if error.kind == TransportErrorKind::Refused => {
                OpenError::Refused(error.detail)
            }
            error => error,
        })
    }

    fn transmit(
        &mut self,
        channel: Channel,
        mut command: Command,
        patience: Patience,
    ) -> Result<Response, TransportError> {
        command.cla = class_byte(command.cla & 0x80, channel.0);
        self.converse(command, patience)
    }

    fn close_channel(&mut self, channel: Channel) -> Result<(), TransportError> {
        self.close(channel)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.open.clear();
        self.introduced = false;
        self.card.reset()
    }

    fn longest_data(&self) -> u8 {
        self.longest_data
    }

    fn terminal(&mut self) -> Option<&mut dyn Terminal> {
        self.card.terminal()
    }
}

impl<R: RawCard> Drop for Iso7816<R> {
    fn drop(&mut self) {
        self.close_all();
    }
}

fn garbage(why: &str) -> TransportError {
    TransportError::unsure(TransportErrorKind::Garbage, why)
}

/// The Le for a length that the card announced; 0 stands for 256.
fn exact_le(length: u8) -> Le {
    if length == 0 { Le::Max } else { Le::Exactly(u32::from(length)) }
}

/// Number, type and qualifier of a proactive command (ETSI TS 102 223 8.6): `D0 { 81 or 01, 3 bytes, ... }`.
fn command_details(proactive: &[u8]) -> Option<[u8; 3]> {
    let mut elements = sgp22::tlv::Elements::open("proactive command", proactive, sgp22::tlv::Tag(0xD0)).ok()?;
    let details = elements.take(sgp22::tlv::Tag(0x81)).or_else(|| elements.take(sgp22::tlv::Tag(0x01)))?;
    details.value.try_into().ok()
}
