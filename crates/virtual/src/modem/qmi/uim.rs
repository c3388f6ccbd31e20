//! The card service.

use std::time::{Duration, Instant};

use modem_wire::qmi::uim::{
    AnswerApdu, Application, Card, CardState, CardStatus, CardStatusIs, ChannelOpened, ChannelRefused, CloseChannel,
    CloseOrOpen, GetAtr, GetCardStatus, GetSlotStatus, LongAnswer, OpenByOldMessage, OpenChannel, PhysicalSlot,
    PowerOff, PowerOn, RefreshRegisterAll, RegisterEvents, Reset, SendApdu, SlotStatus, SlotStatusIs, SwitchSlot,
};
use modem_wire::qmi::{ErrorCode, Message, Sdu, Service};
use sgp22::apdu::StatusWord;
use sgp22::id::Aid;
use sgp22::transport::CardSight;

use super::clients::{Client, HostId};
use super::service::{Outcome, Shared, done, malformed, refuse};
use crate::modem::quirk::ModemQuirk;
use crate::modem::sim::Refused;

/// The AID of a USIM, as modems list it.
const USIM: [u8; 12] = [0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02, 0xFF, 0x49, 0xFF, 0xFF, 0x89];

/// The longest AID in a request.
const LONGEST_AID: usize = 32;

/// The longest APDU in a request.
const LONGEST_APDU: usize = 1024;

/// A request that is refused with a word of the card's.
type Refusal = (ErrorCode, ChannelRefused);

impl Shared {
    pub(super) fn uim(&mut self, id: u8, host: HostId, request: &Sdu) -> Outcome {
        let unknown = || refuse(request, ErrorCode::INVALID_QMI_COMMAND);
        match request.message {
            OpenChannel::ID if self.has(ModemQuirk::OldOpen) => return unknown(),
            OpenChannel::ID | OpenByOldMessage::ID | SendApdu::ID if self.has(ModemQuirk::NoUicc) => return unknown(),
            GetSlotStatus::ID | SwitchSlot::ID => {
                if let Some(code) = self.modem.quirks().number(ModemQuirk::NoSlotStatus) {
                    return refuse(request, ErrorCode(u16::try_from(code).unwrap_or(94)));
                }
            }
            _ => {}
        }
        self.try_uim(id, host, request).unwrap_or_else(|error| refuse(request, error))
    }

    fn try_uim(&mut self, id: u8, host: HostId, request: &Sdu) -> Result<Outcome, ErrorCode> {
        let tlvs = &request.tlvs;
        let yes = |message: &dyn Fn(&mut modem_wire::qmi::Writer)| Ok(Outcome::Answer(request.answer(Ok(()), message)));
        match request.message {
            Reset::ID => {
                self.reset_client(id, host);
                Ok(done(request))
            }
            RegisterEvents::ID => {
                let mask = RegisterEvents::read(tlvs).map_err(malformed)?.0
                    & (RegisterEvents::CARD_STATUS | RegisterEvents::SLOT_STATUS);
                self.client(id, host)?.events = mask;
                yes(&|out| out.element(0x10, |out| out.u32(mask)))
            }
            RefreshRegisterAll::ID => {
                self.client(id, host)?.refreshes = RefreshRegisterAll::read(tlvs).map_err(malformed)?.0;
                Ok(done(request))
            }
            GetCardStatus::ID => {
                let status = CardStatusIs::<0x002F>(self.card_status());
                yes(&|out| status.write(out))
            }
            GetSlotStatus::ID => {
                let status = SlotStatusIs::<0x0047>(self.slot_status());
                yes(&|out| status.write(out))
            }
            SwitchSlot::ID => self.switch(request),
            PowerOff::ID => self.power(request, PowerOff::read(tlvs).map_err(malformed)?.slot, false),
            PowerOn::ID => self.power(request, PowerOn::read(tlvs).map_err(malformed)?.slot, true),
            GetAtr::ID => {
                let index = self.slot(GetAtr::read(tlvs).map_err(malformed)?.slot)?;
                let atr = self.modem.atr(index).ok_or(ErrorCode::NO_SIM)?;
                yes(&|out| out.element(0x10, |out| out.counted(&atr)))
            }
            OpenChannel::ID => self.open(id, host, request, OpenChannel::read(tlvs).map_err(malformed)?),
            OpenByOldMessage::ID => match CloseOrOpen::read(tlvs).map_err(malformed)? {
                CloseOrOpen::Open(open) => self.open(id, host, request, open),
                CloseOrOpen::Close(close) => self.close(id, host, request, close),
            },
            SendApdu::ID => self.apdu(request, &SendApdu::read(tlvs).map_err(malformed)?),
            _ => Err(ErrorCode::INVALID_QMI_COMMAND),
        }
    }

    fn client(&mut self, id: u8, host: HostId) -> Result<&mut Client, ErrorCode> {
        self.clients.get(Service::UIM, id, host).ok_or(ErrorCode::INVALID_CLIENT_ID)
    }

    fn reset_client(&mut self, id: u8, host: HostId) {
        self.opened = 0;
        let mut channels = std::mem::take(&mut self.leaked);
        if let Ok(client) = self.client(id, host) {
            (client.events, client.refreshes) = (0, false);
            channels.append(&mut client.channels);
        }
        for channel in channels {
            // One that is gone already is no matter.
            let _ = self.modem.close_channel(channel);
        }
    }

    /// The physical slot, from 0, of a logical one; made the one in use.
    fn slot(&mut self, logical: u8) -> Result<usize, ErrorCode> {
        let index = usize::from(logical).checked_sub(1).ok_or(ErrorCode::INVALID_ARGUMENT)?;
        if self.has(ModemQuirk::LogicalSlots) {
            return if self.modem.turn_to(index) { Ok(index) } else { Err(ErrorCode::INVALID_ARGUMENT) };
        }
        if index == 0 { Ok(self.modem.active_slot()) } else { Err(ErrorCode::INVALID_ARGUMENT) }
    }

    pub(super) fn card_status(&self) -> CardStatus {
        let slots = if self.has(ModemQuirk::LogicalSlots) {
            0..self.modem.slot_count()
        } else {
            self.modem.active_slot()..self.modem.active_slot() + 1
        };
        CardStatus { cards: slots.map(|index| self.card(index)).collect() }
    }

    fn card(&self, index: usize) -> Card {
        let with = |state: u8| {
            let application = Application { kind: Application::USIM, state, aid: USIM.to_vec() };
            Card { applications: vec![application], ..Card::in_state(CardState::PRESENT) }
        };
        match self.sight(index) {
            CardSight::Absent => Card::in_state(CardState::ABSENT),
            CardSight::Starting if self.ready_at.is_some() => Card::in_state(CardState::ERROR),
            CardSight::Starting => Card { error: Card::POWER_DOWN, ..Card::in_state(CardState::ERROR) },
            CardSight::Failed => Card { error: 3, ..Card::in_state(CardState::ERROR) },
            CardSight::NoProfile => Card::in_state(CardState::PRESENT),
            CardSight::Locked | CardSight::DeviceLocked => with(Application::PIN),
            CardSight::PukRequired => with(Application::PUK),
            CardSight::Usable | CardSight::NotActivated => with(Application::READY),
        }
    }

    pub(super) fn slot_status(&self) -> SlotStatus {
        let several = self.has(ModemQuirk::LogicalSlots);
        let slot = |index: usize| {
            let active = index == self.modem.active_slot();
            let iccid = self.modem.iccid().filter(|_| active);
            PhysicalSlot {
                present: Some(self.modem.sight(index) != CardSight::Absent),
                active: active || several,
                logical: if several { u8::try_from(index + 1).unwrap_or(u8::MAX) } else { active.into() },
                iccid: iccid.map(|iccid| iccid.as_bytes().to_vec()).unwrap_or_default(),
                atr: self.modem.atr(index).unwrap_or_default(),
                is_euicc: Some(self.modem.eid(index).is_some()),
                eid: self.modem.eid(index).map(|eid| eid.as_bytes().to_vec()).unwrap_or_default(),
            }
        };
        SlotStatus { slots: (0..self.modem.slot_count()).map(slot).collect() }
    }

    fn switch(&mut self, request: &Sdu) -> Result<Outcome, ErrorCode> {
        let SwitchSlot { logical, physical } = SwitchSlot::read(&request.tlvs).map_err(malformed)?;
        let index = usize::try_from(physical).ok().and_then(|slot| slot.checked_sub(1));
        let index = index.filter(|index| *index < self.modem.slot_count()).ok_or(ErrorCode::INVALID_ARGUMENT)?;
        if logical != 1 || self.has(ModemQuirk::LogicalSlots) {
            return Err(ErrorCode::INVALID_ARGUMENT);
        }
        if index == self.modem.active_slot() {
            return Err(ErrorCode::NO_EFFECT);
        }
        if let Some(code) = self.modem.quirks().number(ModemQuirk::SwitchRefused) {
            return Err(ErrorCode(u16::try_from(code).unwrap_or(82)));
        }
        self.modem.switch_slot(index);
        self.modem.take_refreshed();
        let slow = self.modem.quirks().number(ModemQuirk::SlowSlot);
        self.ready_at = slow.map(|time| Instant::now() + Duration::from_millis(time.into()));
        self.tell_slots();
        self.tell_cards();
        Ok(done(request))
    }

    fn power(&mut self, request: &Sdu, logical: u8, on: bool) -> Result<Outcome, ErrorCode> {
        let index = self.slot(logical)?;
        match (self.modem.sight(index), on) {
            (CardSight::Absent, _) => return Err(ErrorCode::NO_SIM),
            (CardSight::Starting, false) => return Err(ErrorCode::NO_EFFECT),
            (CardSight::Starting, true) => self.modem.power_on(),
            (_, true) => return Err(ErrorCode::NO_EFFECT),
            (_, false) => {
                self.modem.power_off();
                self.leaked.clear();
            }
        }
        self.modem.take_refreshed();
        self.tell_cards();
        Ok(done(request))
    }

    /// Whether the card in this logical slot can be used now.
    fn usable(&mut self, logical: u8) -> Result<(), ErrorCode> {
        let index = self.slot(logical)?;
        match self.sight(index) {
            CardSight::Absent => Err(ErrorCode::NO_SIM),
            CardSight::Starting | CardSight::Failed => Err(ErrorCode::DEVICE_NOT_READY),
            _ => Ok(()),
        }
    }

    fn open(&mut self, id: u8, host: HostId, request: &Sdu, open: OpenChannel) -> Result<Outcome, ErrorCode> {
        let opened = self.try_open(id, host, open);
        Ok(match opened {
            Ok(opened) => Outcome::Answer(request.answer(Ok(()), |out| opened.write(out))),
            Err((error, status)) => Outcome::Answer(request.answer(Err(error), |out| status.write(out))),
        })
    }

    fn try_open(&mut self, id: u8, host: HostId, open: OpenChannel) -> Result<ChannelOpened<0x0042>, Refusal> {
        let plain = |error: ErrorCode| (error, ChannelRefused(None));
        self.usable(open.slot).map_err(plain)?;
        if let Some(left) = self.busy.checked_sub(1) {
            self.busy = left;
            return Err(plain(ErrorCode::DEVICE_NOT_READY));
        }
        if let Some(code) = self.modem.quirks().number(ModemQuirk::OpenRefused) {
            return Err(plain(ErrorCode(u16::try_from(code).unwrap_or(82))));
        }
        if self.modem.quirks().number(ModemQuirk::FewChannels).is_some_and(|most| self.opened >= most) {
            return Err(plain(ErrorCode::INSUFFICIENT_RESOURCES));
        }
        if open.aid.len() > LONGEST_AID {
            return Err(plain(ErrorCode::ARGUMENT_TOO_LONG));
        }
        let aid = Aid::from_bytes(&open.aid).map_err(|_| plain(ErrorCode::INVALID_ARGUMENT))?;
        let opened = self.modem.open_channel(&aid, 0x00).map_err(|refused| match refused {
            Refused::NotFound(status) | Refused::NoChannel(status) => {
                (ErrorCode::INTERNAL, ChannelRefused(Some(bytes(status))))
            }
            Refused::NoCard => plain(ErrorCode::NO_SIM),
            _ => plain(ErrorCode::INTERNAL),
        })?;
        self.opened += 1;
        self.client(id, host).map_err(plain)?.channels.push(opened.channel);
        Ok(ChannelOpened {
            channel: opened.channel,
            status: Some(bytes(opened.answer.status)),
            select: opened.answer.data,
        })
    }

    fn close(&mut self, id: u8, host: HostId, request: &Sdu, close: CloseChannel) -> Result<Outcome, ErrorCode> {
        self.usable(close.slot)?;
        self.client(id, host)?.channels.retain(|channel| *channel != close.channel);
        self.modem.close_channel(close.channel).map_err(|_| ErrorCode::INVALID_ARGUMENT)?;
        Ok(done(request))
    }

    fn apdu(&mut self, request: &Sdu, apdu: &SendApdu) -> Result<Outcome, ErrorCode> {
        self.usable(apdu.slot)?;
        if apdu.apdu.len() > LONGEST_APDU {
            return Err(ErrorCode::ARGUMENT_TOO_LONG);
        }
        let response = self.modem.apdu(apdu.channel.unwrap_or(0), &apdu.apdu);
        if self.modem.take_refreshed() {
            self.refreshed();
            if self.has(ModemQuirk::ProcedureBytes) && !apdu.skip_procedure_bytes {
                return Ok(Outcome::Silence);
            }
        }
        let answer = match response {
            Ok(response) => response.into_bytes(),
            Err(Refused::Silent) => return Ok(Outcome::Silence),
            Err(Refused::BadChannel | Refused::BadApdu) => return Err(ErrorCode::INVALID_ARGUMENT),
            Err(Refused::NoCard) => return Err(ErrorCode::NO_SIM),
            Err(_) => return Err(ErrorCode::ABORTED),
        };
        let longest = self.modem.quirks().number(ModemQuirk::LongAnswers).unwrap_or(u32::MAX);
        if u32::try_from(answer.len()).is_ok_and(|length| length > longest) || answer.len() > usize::from(u16::MAX) - 64
        {
            let announced = LongAnswer { length: u16::try_from(answer.len()).unwrap_or(u16::MAX), token: 1 };
            let refusal = request.answer(Err(ErrorCode::INSUFFICIENT_RESOURCES), |out| announced.write(out));
            return Ok(Outcome::Answer(refusal));
        }
        Ok(Outcome::Answer(request.answer(Ok(()), |out| AnswerApdu(answer).write(out))))
    }
}

fn bytes(status: StatusWord) -> [u8; 2] {
    [status.sw1(), status.sw2()]
}
