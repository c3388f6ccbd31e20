//! Logical channels and STORE DATA chains: the card's side of ISO/IEC 7816-4.

use sgp22::apdu::{Command, Le, Response, StatusWord, channel_of};
use sgp22::store_data::{self, Collector};
use sgp22::tlv::{Tag, Writer};
use sgp22::transport::{ChannelKeeper, Nature, Patience, RawCard, TransportError, TransportErrorKind};

use super::VirtualCard;
use super::files::{OpenSim, Place};
use super::isdr::{Moods, Outcome, Session, command_name};
use super::quirk::Quirk;
use super::state::CardState;

/// The proactive command REFRESH, UICC reset (ETSI TS 102 223 6.6.13).
const REFRESH: [u8; 11] = [0xD0, 0x09, 0x81, 0x03, 0x01, 0x01, 0x04, 0x82, 0x02, 0x81, 0x82];

/// The shortest AID, in bytes (ISO/IEC 7816-4 8.2.1.2).
const MIN_AID_LEN: usize = 5;

/// What is gone when the card is reset.
#[derive(Debug, Default)]
pub(super) struct Volatile {
    pub(super) channels: [Channel; 20],
    pub(super) moods: Moods,
    /// The session of each eUICC.
    pub(super) sessions: Vec<Session>,
    /// Commands since the reset.
    commands: u16,
    /// TERMINAL CAPABILITY was sent since the reset.
    introduced: bool,
    /// After a switch: nothing but a reset helps.
    pub(super) needs_reset: bool,
    /// A REFRESH waits to be fetched.
    pub(super) refresh: Refresh,
    /// Whose files the channels stand in, and whether its PIN was right.
    pub(super) sim: OpenSim,
}

/// How far a REFRESH has come.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refresh {
    #[default]
    None,
    Announced,
    Fetched,
}

#[derive(Debug, Default)]
pub(super) struct Channel {
    open: bool,
    /// The eUICC whose ISD-R is selected; without one, files are.
    pub(super) selected: Option<usize>,
    /// The file that is selected.
    pub(super) place: Place,
    collector: Collector,
    /// Answer bytes that wait for GET RESPONSE.
    pub(super) waiting: Vec<u8>,
}

impl Volatile {
    pub(super) fn at_power_on(state: &CardState) -> Self {
        let sessions = state.euiccs.iter().map(|_| Session::None).collect();
        let mut volatile = Self { moods: Moods::at_power_on(&state.quirks), sessions, ..Self::default() };
        volatile.channels[0].open = true;
        volatile
    }
}

impl RawCard for VirtualCard {
    fn transmit(&mut self, bytes: &[u8], _: Patience) -> Result<Vec<u8>, TransportError> {
        if let Some(milliseconds) = self.state.quirks.number(Quirk::Latency) {
            std::thread::sleep(std::time::Duration::from_millis(milliseconds.into()));
        }
        self.removed |= self.reaches(Quirk::RemovedBefore);
        if self.removed {
            return Err(removed());
        }
        self.volatile.commands = self.volatile.commands.saturating_add(1);
        let mut answer = match self.next_fault() {
            Some(fault) => self.fail(fault, bytes)?,
            None => self.carry_out(bytes)?,
        };
        if self.reaches(Quirk::RemovedAfter) {
            self.removed = true;
            return Err(removed());
        }
        if self.state.quirks.has(Quirk::NoStatusWord) {
            answer.truncate(1);
        }
        Ok(answer)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        if self.removed {
            return Err(removed());
        }
        // How many commands it has had does not start anew: a cable is pulled once.
        let commands = self.volatile.commands;
        self.power_up();
        self.volatile.commands = commands;
        Ok(())
    }

    fn nature(&self) -> Nature {
        let le_with_data = !self.state.quirks.has(Quirk::OnlyGetResponse);
        Nature { le_with_data, we_are_the_terminal: true, channels: ChannelKeeper::Host, longest_data: None }
    }
}

fn removed() -> TransportError {
    TransportError::unsure(TransportErrorKind::CardRemoved, "the virtual card was taken out")
}

impl VirtualCard {
    /// True once the card has had as many commands as `quirk` waits for, not counting the one to come.
    fn reaches(&self, quirk: Quirk) -> bool {
        let wait = match quirk {
            Quirk::RemovedBefore => 1,
            _ => 0,
        };
        self.state.quirks.number(quirk).is_some_and(|number| self.volatile.commands + wait >= number)
    }

    /// What the card does with a command, well-formed or not.
    pub(super) fn carry_out(&mut self, bytes: &[u8]) -> Result<Vec<u8>, TransportError> {
        Ok(match Command::parse(bytes) {
            Ok(command) => self.answer(&command)?.into_bytes(),
            Err(_) => Response::status(StatusWord::WRONG_LENGTH).into_bytes(),
        })
    }

    fn answer(&mut self, command: &Command) -> Result<Response, TransportError> {
        let number = channel_of(command.cla);
        let index = usize::from(number);
        if !self.volatile.channels[index].open {
            return Ok(Response::status(StatusWord::CHANNEL_NOT_SUPPORTED));
        }
        if command.ins == 0xC0 {
            return Ok(self.get_response(command, index));
        }
        self.volatile.channels[index].waiting.clear();
        if let Some(status) = self.refuses(command) {
            return Ok(Response::status(status));
        }
        let proprietary = command.cla & 0x80 != 0;
        let result = match (proprietary, command.ins) {
            (false, 0x70) => self.manage_channel(command, number),
            (false, 0xA4) => self.select(command, index),
            (false, 0xB0 | 0xB2 | 0x20 | 0x2C) if self.volatile.channels[index].selected.is_none() => {
                self.file_command(command, index)
            }
            (true, 0xAA) => self.terminal_capability(command),
            (true, 0x10) => Ok(Vec::new()), // TERMINAL PROFILE
            (true, 0xF2) => Ok(Vec::new()), // STATUS
            (true, 0x12) => self.fetch(),
            (true, 0x14) => self.terminal_response(),
            (true, store_data::INS) => self.store_data(command, index)?,
            _ => Err(StatusWord::WRONG_INS),
        };
        Ok(match result {
            Ok(data) => self.deliver(command, index, data),
            Err(status) => Response::status(status),
        })
    }

    /// What the quirks make the card refuse before it looks at the command.
    fn refuses(&self, command: &Command) -> Option<StatusWord> {
        let quirks = &self.state.quirks;
        let has_data = !command.data.is_empty();
        if has_data && command.le != Le::Absent && quirks.has(Quirk::NoLe) {
            return Some(StatusWord::WRONG_LENGTH);
        }
        if command.ins == store_data::INS && command.le == Le::Absent && quirks.has(Quirk::LeRequired) {
            return Some(StatusWord::WRONG_LENGTH);
        }
        if quirks.number(Quirk::MaxBlock).is_some_and(|most| command.data.len() > usize::from(most)) {
            return Some(StatusWord::WRONG_LENGTH);
        }
        None
    }

    fn manage_channel(&mut self, command: &Command, from: u8) -> Result<Vec<u8>, StatusWord> {
        if self.state.quirks.has(Quirk::NoManageChannel) {
            return Err(StatusWord::WRONG_INS);
        }
        match (command.p1, command.p2) {
            (0x00, 0x00) => {
                let range = if self.state.quirks.has(Quirk::HighChannels) { 4..=19u8 } else { 1..=3 };
                let free = range.into_iter().find(|number| !self.volatile.channels[usize::from(*number)].open);
                let number = free.ok_or(StatusWord::FUNCTION_NOT_SUPPORTED)?;
                self.volatile.channels[usize::from(number)] = Channel { open: true, ..Channel::default() };
                Ok(vec![number])
            }
            (0x80, number) => {
                let number = if number == 0 { from } else { number };
                match self.volatile.channels.get_mut(usize::from(number)) {
                    Some(channel) if number > 0 && channel.open => {
                        *channel = Channel::default();
                        Ok(Vec::new())
                    }
                    _ => Err(StatusWord::CHANNEL_NOT_SUPPORTED),
                }
            }
            _ => Err(StatusWord::WRONG_P1_P2),
        }
    }

    fn select(&mut self, command: &Command, index: usize) -> Result<Vec<u8>, StatusWord> {
        if command.p1 != 0x04 {
            return self.select_file(command, index);
        }
        if !matches!(command.p2, 0x00 | 0x04 | 0x0C) {
            return Err(StatusWord::WRONG_P1_P2);
        }
        let quirks = &self.state.quirks;
        if index != 0 && quirks.has(Quirk::BasicChannelOnly) {
            return Err(StatusWord::CHANNEL_NOT_SUPPORTED);
        }
        if quirks.has(Quirk::TerminalCapabilityRequired) && !self.volatile.introduced {
            return Err(StatusWord::NOT_FOUND);
        }
        let partial = self.state.quirks.has(Quirk::PartialAid) && command.data.len() >= MIN_AID_LEN;
        let is_meant = |aid: &[u8]| aid == command.data || (partial && aid.starts_with(&command.data));
        let found = self.state.euiccs.iter().position(|euicc| is_meant(euicc.isdr_aid.as_bytes()));
        let Some(found) = found else { return self.select_usim(command, index) };
        self.volatile.channels[index].selected = Some(found);
        self.volatile.channels[index].collector = Collector::default();
        if command.p2 == 0x0C {
            return Ok(Vec::new());
        }
        Ok(Writer::object(Tag(0x6F), |w| {
            w.put(Tag(0x84), self.state.euiccs[found].isdr_aid.as_bytes());
            w.nest(Tag(0xA5), |w| {
                w.put(Tag(0x9F65), &[0xFF]);
            });
            w.nest(Tag(0xE0), |w| {
                w.put(Tag(0x82), &[2, 5, 0]);
            });
        }))
    }

    fn terminal_capability(&mut self, command: &Command) -> Result<Vec<u8>, StatusWord> {
        if self.state.quirks.has(Quirk::NoTerminalCapability) {
            return Err(StatusWord::WRONG_INS);
        }
        sgp22::tlv::Elements::open("TERMINAL CAPABILITY", &command.data, Tag(0xA9))
            .map_err(|_| StatusWord::WRONG_DATA)?;
        self.volatile.introduced = true;
        Ok(Vec::new())
    }

    fn fetch(&mut self) -> Result<Vec<u8>, StatusWord> {
        if self.volatile.refresh == Refresh::None {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        self.volatile.refresh = Refresh::Fetched;
        Ok(REFRESH.to_vec())
    }

    fn terminal_response(&mut self) -> Result<Vec<u8>, StatusWord> {
        if self.volatile.refresh != Refresh::Fetched {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        self.volatile.refresh = Refresh::None;
        Ok(Vec::new())
    }

    /// Collects a block, and carries the command out with the last one.
    fn store_data(&mut self, command: &Command, index: usize) -> Result<Result<Vec<u8>, StatusWord>, TransportError> {
        if self.volatile.needs_reset {
            return Ok(Err(StatusWord::CONDITIONS_NOT_SATISFIED));
        }
        let Some(euicc) = self.volatile.channels[index].selected else {
            return Ok(Err(StatusWord::SECURITY_STATUS));
        };
        let tlv = match self.volatile.channels[index].collector.take(command) {
            Ok(Some(tlv)) => tlv,
            Ok(None) => return Ok(Ok(Vec::new())),
            Err(status) => return Ok(Err(status)),
        };
        let name = command_name(&tlv);
        if self.state.quirks.concerns(Quirk::Silent, name) {
            return Err(TransportError::unsure(TransportErrorKind::Timeout, "the virtual card is silent"));
        }
        if self.state.quirks.concerns(Quirk::RequestLost, name) {
            return Err(TransportError::unsure(TransportErrorKind::Lost, "the virtual card lost the command"));
        }
        let outcome = match self.execute(euicc, &tlv) {
            Ok(outcome) => outcome,
            Err(status) => return Ok(Err(status)),
        };
        if outcome.switched {
            self.after_switch(index);
        }
        if self.state.quirks.concerns(Quirk::ReplyLost, name) {
            return Err(TransportError::unsure(TransportErrorKind::Lost, "the virtual card lost its answer"));
        }
        Ok(Ok(self.distorted(outcome.answer)))
    }

    /// Carries the command out; a change counts only once it is kept.
    fn execute(&mut self, index: usize, tlv: &[u8]) -> Result<Outcome, StatusWord> {
        let before = self.state.euiccs[index].clone();
        let outcome = self.isdr(index).execute(tlv)?;
        if outcome.changed && !self.keep() {
            self.state.euiccs[index] = before;
            self.volatile.sessions[index] = Session::None;
            return Err(StatusWord::MEMORY_FAILURE);
        }
        Ok(outcome)
    }

    fn after_switch(&mut self, asked_on: usize) {
        let quirks = &self.state.quirks;
        self.volatile.needs_reset = quirks.has(Quirk::ResetAfterSwitch);
        if quirks.has(Quirk::RefreshPending) {
            self.volatile.refresh = Refresh::Announced;
        }
        if quirks.has(Quirk::ChannelLost) {
            for (number, channel) in self.volatile.channels.iter_mut().enumerate().skip(1) {
                // The answer to the switch itself still comes through.
                if number == asked_on {
                    channel.selected = None;
                } else {
                    *channel = Channel::default();
                }
            }
        }
    }
}
