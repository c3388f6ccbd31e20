//! The part of a modem that deals with its cards.

use sgp22::apdu::{Command, Le, Response, StatusWord, class_byte};
use sgp22::id::{Aid, Eid, Iccid};
use sgp22::transport::{CardSight, Patience, RawCard, TransportErrorKind};

use super::quirk::{ModemQuirk, ModemQuirks};
use crate::card::VirtualCard;

/// The longest that an answer of a card gets when the modem fetches it.
const LONGEST_ANSWER: usize = 1 << 16;

/// A modem, without a language yet.
#[derive(Debug)]
pub struct Modem {
    slots: Vec<Slot>,
    /// Index of the slot in use.
    active: usize,
    quirks: ModemQuirks,
    /// The profile that a network was found with at the start.
    first: Option<Iccid>,
    /// The card was started anew since somebody asked: channels are gone.
    refreshed: bool,
}

#[derive(Debug)]
struct Slot {
    card: Option<VirtualCard>,
    powered: bool,
    /// The profile that the modem read when it started the card, or when the card asked for a refresh.
    seen: Option<Iccid>,
    /// The profile that it read last, which it may go on with when the card was switched.
    known: Option<Iccid>,
    /// How often the card has to be started before another profile is noticed, and how often that was not enough.
    needs: u32,
    overlooked: u32,
    /// Channels that are open, by the card's number.
    channels: Vec<u8>,
}

/// A channel that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The card's number for it.
    pub channel: u8,
    /// The card's answer to SELECT.
    pub answer: Response,
}

/// Why the modem does not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The slot is empty, or its power is off.
    NoCard,
    /// The card gives no channel.
    NoChannel(StatusWord),
    /// The card has no such application.
    NotFound(StatusWord),
    /// No such channel is open.
    BadChannel,
    /// What the host sent is no APDU.
    BadApdu,
    /// The card is silent: the modem answers nothing either, or much later.
    Silent,
    /// The answer was lost between card and modem, or the card is gone.
    Lost,
}

impl Modem {
    /// A modem with these cards in its slots; `None` is an empty slot. It uses the first slot that has a card, unless a
    /// quirk wants another.
    #[must_use]
    pub fn new(cards: Vec<Option<VirtualCard>>, quirks: ModemQuirks) -> Self {
        let wanted =
            quirks.number(ModemQuirk::StartsInSlot).and_then(|number| usize::try_from(number).ok()?.checked_sub(1));
        let wanted = wanted.filter(|index| *index < cards.len());
        let active = wanted.or_else(|| cards.iter().position(Option::is_some)).unwrap_or(0);
        let needs = quirks.number(ModemQuirk::IgnoresSwitch).unwrap_or(1);
        let slots = cards.into_iter().map(|card| Slot::new(card, needs)).collect();
        let mut modem = Self { slots, active, quirks, first: None, refreshed: false };
        modem.first = modem.iccid().cloned();
        modem
    }

    /// Its quirks.
    #[must_use]
    pub fn quirks(&self) -> &ModemQuirks {
        &self.quirks
    }

    /// How many slots it has.
    #[must_use]
    pub fn slot_count(&self) -> usize {
        self.slots.len()
    }

    /// The slot in use, from 0.
    #[must_use]
    pub fn active_slot(&self) -> usize {
        self.active
    }

    /// Uses another slot, whose card is started; false if there is none of this index.
    pub fn switch_slot(&mut self, index: usize) -> bool {
        if index >= self.slots.len() {
            return false;
        }
        self.power_off();
        self.active = index;
        self.power_on();
        true
    }

    /// Turns to another slot, on a modem that uses all of them at once; false if there is none of this index.
    pub fn turn_to(&mut self, index: usize) -> bool {
        let there = index < self.slots.len();
        if there {
            self.active = index;
        }
        there
    }

    /// Takes the power from the card in use: its channels are gone.
    pub fn power_off(&mut self) {
        self.refreshed = true;
        let slot = &mut self.slots[self.active];
        slot.powered = false;
        slot.seen = None;
        slot.channels.clear();
    }

    /// Starts the card in use.
    pub fn power_on(&mut self) {
        self.slots[self.active].start();
    }

    /// How the modem gets on with the card in this slot.
    #[must_use]
    pub fn sight(&self, index: usize) -> CardSight {
        match self.slots.get(index) {
            None | Some(Slot { card: None, .. }) => CardSight::Absent,
            Some(slot) if !slot.powered => CardSight::Starting,
            Some(slot) if slot.seen.is_none() => CardSight::NoProfile,
            Some(_) => CardSight::Usable,
        }
    }

    /// The ICCID of the profile that the modem uses.
    #[must_use]
    pub fn iccid(&self) -> Option<&Iccid> {
        self.slots[self.active].seen.as_ref()
    }

    /// The EID of the card in this slot, as modems that know eUICCs tell it.
    #[must_use]
    pub fn eid(&self, index: usize) -> Option<Eid> {
        if self.quirks.has(ModemQuirk::NoEuicc) {
            return None;
        }
        self.slots.get(index)?.card.as_ref()?.state().euiccs.first().map(|euicc| euicc.eid)
    }

    /// The EID of the card in this slot, whether a host can reach it or not.
    #[must_use]
    pub fn named_eid(&self, index: usize) -> Option<Eid> {
        self.slots.get(index)?.card.as_ref()?.state().euiccs.first().map(|euicc| euicc.eid)
    }

    /// The ICCID of the enabled profile as the card has it now, whatever the modem goes on with.
    #[must_use]
    pub fn enabled_iccid(&self) -> Option<Iccid> {
        let slot = &self.slots[self.active];
        slot.enabled().filter(|_| slot.powered)
    }

    /// The answer to reset of the card in this slot.
    #[must_use]
    pub fn atr(&self, index: usize) -> Option<Vec<u8>> {
        let slot = self.slots.get(index)?;
        slot.card.as_ref().filter(|_| slot.powered).map(VirtualCard::atr)
    }

    /// Whether a network has the modem.
    #[must_use]
    pub fn registered(&self) -> bool {
        let seen = self.iccid();
        seen.is_some() && (!self.quirks.has(ModemQuirk::NeverRegisters) || seen == self.first.as_ref())
    }

    /// True if the card was restarted since the last call of [`Modem::take_refreshed`].
    pub(crate) fn is_refreshed(&self) -> bool {
        self.refreshed
    }

    /// Whether the card was started anew since this was asked last.
    pub fn take_refreshed(&mut self) -> bool {
        std::mem::take(&mut self.refreshed)
    }

    /// Opens a channel and selects `application` with this P2.
    pub fn open_channel(&mut self, application: &Aid, p2: u8) -> Result<Opened, Refused> {
        let answer = self.exchange(&Command::new(0x00, 0x70, 0x00, 0x00).with_le(Le::Exactly(1)))?;
        let channel = match (answer.status.is_ok(), &answer.data[..]) {
            (true, [channel]) => *channel,
            _ => return Err(Refused::NoChannel(answer.status)),
        };
        self.slots[self.active].channels.push(channel);
        if self.quirks.has(ModemQuirk::NoEuicc) {
            self.close_channel(channel)?;
            return Err(Refused::NotFound(StatusWord::NOT_FOUND));
        }
        let select = Command::new(class_byte(0x00, channel), 0xA4, 0x04, p2).with_data(application.as_bytes());
        let answer = self.fetched(&select.with_le(Le::Max))?;
        if answer.status.is_ok() {
            return Ok(Opened { channel, answer });
        }
        self.close_channel(channel)?;
        Err(Refused::NotFound(answer.status))
    }

    /// Closes a channel.
    pub fn close_channel(&mut self, channel: u8) -> Result<(), Refused> {
        let channels = &mut self.slots[self.active].channels;
        let position = channels.iter().position(|open| *open == channel).ok_or(Refused::BadChannel)?;
        channels.remove(position);
        self.exchange(&Command::new(0x00, 0x70, 0x80, channel)).map(drop)
    }

    /// The channels that are open.
    #[must_use]
    pub fn channels(&self) -> &[u8] {
        &self.slots[self.active].channels
    }

    /// Sends an APDU on a channel that the modem opened, or on the basic one; writes the channel into its class.
    pub fn apdu(&mut self, channel: u8, apdu: &[u8]) -> Result<Response, Refused> {
        if channel != 0 && !self.slots[self.active].channels.contains(&channel) {
            return Err(Refused::BadChannel);
        }
        let mut command = Command::parse(apdu).map_err(|_| Refused::BadApdu)?;
        command.cla = class_byte(command.cla & 0x80, channel);
        if self.quirks.has(ModemQuirk::FetchesAnswers) { self.fetched(&command) } else { self.exchange(&command) }
    }

    /// Sends an APDU as it is on a channel that the modem opened; answers are fetched where the modem does that.
    ///
    /// # Errors
    ///
    /// [`Refused::BadApdu`] if it is not an APDU; [`Refused::NoCard`], [`Refused::Silent`] or [`Refused::Lost`] if no card
    /// answers.
    pub fn apdu_as_sent(&mut self, apdu: &[u8]) -> Result<Response, Refused> {
        let command = Command::parse(apdu).map_err(|_| Refused::BadApdu)?;
        if self.quirks.has(ModemQuirk::FetchesAnswers) { self.fetched(&command) } else { self.exchange(&command) }
    }

    /// Sends an APDU as it is: its channel is the host's affair.
    pub fn raw(&mut self, apdu: &[u8]) -> Result<Response, Refused> {
        let command = Command::parse(apdu).map_err(|_| Refused::BadApdu)?;
        if self.quirks.has(ModemQuirk::NoEuicc) && command.ins == 0xA4 {
            return Ok(Response::status(StatusWord::NOT_FOUND));
        }
        self.exchange(&command)
    }

    /// The whole answer: what the card announces is fetched.
    fn fetched(&mut self, command: &Command) -> Result<Response, Refused> {
        let mut response = self.exchange(command)?;
        let mut data = std::mem::take(&mut response.data);
        while response.status.sw1() == 0x61 && data.len() < LONGEST_ANSWER {
            let length = response.status.sw2();
            let le = if length == 0 { Le::Max } else { Le::Exactly(length.into()) };
            response = self.exchange(&Command::new(command.cla & 0x7F, 0xC0, 0x00, 0x00).with_le(le))?;
            data.append(&mut response.data);
        }
        Ok(Response { data, status: response.status })
    }

    fn exchange(&mut self, command: &Command) -> Result<Response, Refused> {
        if let Some(milliseconds) = self.quirks.number(ModemQuirk::Latency) {
            std::thread::sleep(std::time::Duration::from_millis(milliseconds.into()));
        }
        let response = self.slots[self.active].transmit(&command.to_bytes())?;
        if response.status.sw1() == 0x91 {
            self.obey_the_card(response.status.sw2());
            let status = if self.quirks.has(ModemQuirk::Returns91xx) { response.status } else { StatusWord::OK };
            return Ok(Response { data: response.data, status });
        }
        Ok(response)
    }

    /// The card wants a REFRESH: the modem starts it anew, unless it is one that does not care.
    fn obey_the_card(&mut self, length: u8) {
        let slot = &mut self.slots[self.active];
        let fetch = Command::new(0x80, 0x12, 0x00, 0x00).with_le(Le::Exactly(length.into()));
        let fetched = slot.transmit(&fetch.to_bytes());
        let done = Command::new(0x80, 0x14, 0x00, 0x00)
            .with_data([0x81, 0x03, 0x01, 0x01, 0x04, 0x82, 0x02, 0x82, 0x81, 0x83, 0x01, 0x00]);
        let told = slot.transmit(&done.to_bytes());
        log::debug!("the card asked for a refresh: {fetched:?}, {told:?}");
        if !self.quirks.has(ModemQuirk::IgnoresSwitch) {
            self.slots[self.active].start();
            self.refreshed = true;
        }
    }
}

impl Slot {
    fn new(mut card: Option<VirtualCard>, needs: u32) -> Self {
        // Faults that kill the process that uses the card take the card's power here.
        if let Some(card) = &mut card {
            card.stand_in_reader();
        }
        let (seen, known, channels) = (None, None, Vec::new());
        let mut slot = Self { card, powered: false, seen, known, needs: 1, overlooked: 0, channels };
        slot.start();
        Self { needs, ..slot }
    }

    fn start(&mut self) {
        self.channels.clear();
        self.powered = self.card.as_mut().is_some_and(|card| card.reset().is_ok());
        self.seen = if self.powered { self.notice() } else { None };
    }

    /// The enabled profile, or the former one as long as the modem goes on with that.
    fn notice(&mut self) -> Option<Iccid> {
        let enabled = self.enabled();
        self.overlooked = if enabled == self.known { 0 } else { self.overlooked.saturating_add(1) };
        if self.overlooked >= self.needs {
            self.overlooked = 0;
            self.known = enabled;
        }
        self.known.clone()
    }

    /// The enabled profile, as the modem reads it from the files of the card.
    fn enabled(&self) -> Option<Iccid> {
        let euiccs = &self.card.as_ref()?.state().euiccs;
        euiccs.iter().flat_map(|euicc| &euicc.profiles).find(|profile| profile.enabled).map(|one| one.iccid.clone())
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Response, Refused> {
        let card = self.card.as_mut().filter(|_| self.powered).ok_or(Refused::NoCard)?;
        let answer = card.transmit(command, Patience::Normal).map_err(|error| match error.kind {
            TransportErrorKind::Timeout => Refused::Silent,
            _ => Refused::Lost,
        })?;
        Response::parse(answer).map_err(|_| Refused::Lost)
    }
}
