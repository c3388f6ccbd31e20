//! What a virtual modem does on commands to its card.

use modem_wire::mbim::uicc::{
    self, Apdu, ApduDone, Atr, CardStatus, ChannelOpened, CloseChannel, OpenChannel, Reset, TerminalCapability,
};
use modem_wire::mbim::{Command, Status, extensions};
use sgp22::apdu::{Response, StatusWord};
use sgp22::id::Aid;

use super::{Answer, Failed, MbimModem};
use crate::modem::qmi::RESTART;
use crate::modem::quirk::{AFTER_SWITCH, HANGS, ModemQuirk};
use crate::modem::sim::Refused;

/// The tag of the answer that ends a download: ProfileInstallationResult (SGP.22 2.5.6).
const INSTALLATION_RESULT: &[u8] = &[0xBF, 0x37];

/// The longest answer that is fetched for the host.
const LONGEST_ANSWER: usize = 1 << 16;

fn said(status: StatusWord) -> CardStatus {
    CardStatus::of(status.sw1(), status.sw2())
}

impl From<Refused> for Failed {
    fn from(refused: Refused) -> Self {
        let opened = |status| ChannelOpened { status: said(status), channel: 0, answer: Vec::new() }.encode();
        match refused {
            Refused::NoCard => Status::SIM_NOT_INSERTED.into(),
            Refused::NoChannel(status) => Self::Status(Status::NO_LOGICAL_CHANNELS, opened(status)),
            Refused::NotFound(status) => Self::Status(Status::SELECT_FAILED, opened(status)),
            Refused::BadChannel => Status::INVALID_LOGICAL_CHANNEL.into(),
            Refused::BadApdu => Status::INVALID_PARAMETERS.into(),
            Refused::Silent => Self::Silence,
            Refused::Lost => Status::FAILURE.into(),
        }
    }
}

impl MbimModem {
    /// Whether commands to the card name its slot.
    fn slots(&self) -> bool {
        self.extensions >= extensions::Version::WITH_SLOT_IDS
    }

    /// A card in a slot that is not in use cannot be talked to.
    fn in_use(&self, slot: Option<u32>) -> Result<(), Failed> {
        if slot.is_some_and(|slot| slot != self.active_slot()) {
            return Err(Status::INVALID_PARAMETERS.into());
        }
        Ok(())
    }

    pub(super) fn uicc(&mut self, command: &Command) -> Answer {
        match (command.command, command.set) {
            (uicc::ATR, _) => {
                let atr = self.core.modem.atr(self.core.modem.active_slot()).ok_or(Status::SIM_NOT_INSERTED)?;
                Ok(Atr(atr).encode())
            }
            (uicc::OPEN_CHANNEL, _) => {
                let wanted = OpenChannel::decode(&command.buffer, self.slots())?;
                self.amid_trouble(|modem| modem.open_channel(&wanted))
            }
            (uicc::CLOSE_CHANNEL, _) => self.close_channel(CloseChannel::decode(&command.buffer, self.slots())?),
            (uicc::APDU, _) => {
                let wanted = Apdu::decode(&command.buffer, self.slots())?;
                self.amid_trouble(|modem| modem.apdu(&wanted))
            }
            (uicc::TERMINAL_CAPABILITY, true) => {
                self.capability = TerminalCapability::decode(&command.buffer, self.slots())?.0;
                self.introduce();
                Ok(TerminalCapability(self.capability.clone()).encode())
            }
            (uicc::TERMINAL_CAPABILITY, false) => Ok(TerminalCapability(self.capability.clone()).encode()),
            (_, true) => {
                let reset = Reset::decode(&command.buffer, self.slots())?;
                self.in_use(reset.slot)?;
                self.pass_through = reset.pass_through;
                self.restart_card();
                Ok(Reset::encode_state(self.pass_through))
            }
            (_, false) => Ok(Reset::encode_state(self.pass_through)),
        }
    }

    /// A command for the card, with what goes wrong around it.
    fn amid_trouble(&mut self, carry_out: impl FnOnce(&mut Self) -> Answer) -> Answer {
        self.core.commands += 1;
        let silent_from = self.core.modem.quirks().number(ModemQuirk::SilentFrom);
        if self.hangs || silent_from.is_some_and(|from| self.core.commands >= from) {
            return Err(Failed::Silence);
        }
        if self.core.is_due(ModemQuirk::VanishesBefore) {
            return Err(Failed::Gone(RESTART));
        }
        if self.core.is_due(ModemQuirk::Unplugged) {
            return Err(Failed::Closed);
        }
        if self.core.is_due(ModemQuirk::CommandRefused) {
            return Err(Status::OPERATION_NOT_ALLOWED.into());
        }
        let answer = carry_out(self);
        if self.core.is_due(ModemQuirk::VanishesAfter) {
            return Err(Failed::Gone(RESTART));
        }
        answer
    }

    fn open_channel(&mut self, wanted: &OpenChannel) -> Answer {
        self.in_use(wanted.slot)?;
        if let Some(left) = self.core.busy.checked_sub(1) {
            self.core.busy = left;
            return Err(Status::BUSY.into());
        }
        if self.has(ModemQuirk::OpenFails) || !self.settled() {
            return Err(Status::FAILURE.into());
        }
        let when = self.core.modem.quirks().parameter(ModemQuirk::SelectFails);
        if when.is_some_and(|when| when != AFTER_SWITCH || self.after_switch) {
            return Err(Status::SELECT_FAILED.into());
        }
        if self.has(ModemQuirk::WantsCapability) && self.capability.is_empty() {
            return Err(Refused::NotFound(StatusWord::NOT_FOUND).into());
        }
        if self.has(ModemQuirk::SelectP2) && wanted.select_p2 != 0x0C {
            return Err(Refused::NotFound(StatusWord::WRONG_P1_P2).into());
        }
        let aid = Aid::from_bytes(&wanted.aid).map_err(|_| Status::INVALID_PARAMETERS)?;
        let p2 = u8::try_from(wanted.select_p2).map_err(|_| Status::INVALID_PARAMETERS)?;
        let opened = self.core.modem.open_channel(&aid, p2)?;
        self.groups.push((opened.channel, wanted.group));
        let status = self.well(said(opened.answer.status));
        Ok(ChannelOpened { status, channel: opened.channel.into(), answer: opened.answer.data }.encode())
    }

    fn well(&self, status: CardStatus) -> CardStatus {
        if self.has(ModemQuirk::StatusZero) { CardStatus(0) } else { status }
    }

    fn close_channel(&mut self, wanted: CloseChannel) -> Answer {
        self.in_use(wanted.slot)?;
        // A card that was started anew has none of the channels that it had.
        let open = self.core.modem.channels().to_vec();
        self.groups.retain(|(channel, _)| open.contains(channel));
        let meant = |&(channel, group): &(u8, u32)| match wanted.channel {
            0 => group == wanted.group,
            number => u32::from(channel) == number && group == wanted.group,
        };
        let closing: Vec<u8> = self.groups.iter().filter(|one| meant(one)).map(|one| one.0).collect();
        if closing.is_empty() && wanted.channel != 0 {
            return Err(Status::INVALID_LOGICAL_CHANNEL.into());
        }
        self.groups.retain(|one| !meant(one));
        for channel in closing {
            self.core.modem.close_channel(channel)?;
        }
        Ok(self.well(said(StatusWord::OK)).0.to_le_bytes().into())
    }

    fn apdu(&mut self, wanted: &Apdu) -> Answer {
        self.in_use(wanted.slot)?;
        self.apdus = self.apdus.saturating_add(1);
        if self.has(ModemQuirk::BusyOnce) && self.apdus == 2 {
            return Err(Status::BUSY.into());
        }
        let channel = u8::try_from(wanted.channel).map_err(|_| Status::INVALID_LOGICAL_CHANNEL)?;
        // The basic channel is the modem's own.
        if channel == 0 || self.stale {
            return Err(Status::INVALID_LOGICAL_CHANNEL.into());
        }
        let done = |response: Response| ApduDone { status: said(response.status), answer: response.data }.encode();
        if wanted.secure_messaging {
            return Ok(done(Response::status(StatusWord(0x6882))));
        }
        let mut command = wanted.command.clone();
        let class = command.first_mut().ok_or(Status::INVALID_PARAMETERS)?;
        if !self.has(ModemQuirk::ExtendedClass) {
            // The device makes the class byte anew; the modem writes the channel into it.
            *class = if wanted.extended_class { 0x80 } else { 0x00 };
        } else if !wanted.extended_class {
            return Err(Status::FAILURE.into());
        }
        if self.has(ModemQuirk::InterindustryRefused) && !wanted.extended_class {
            return Ok(done(Response::status(StatusWord::WRONG_CLA)));
        }
        if self.has(ModemQuirk::EmptyWithoutLe) && lacks_le(&command) {
            return Ok(done(Response::status(StatusWord::OK)));
        }
        if self.has(ModemQuirk::NeedsLe) && lacks_le(&command) {
            return Ok(done(Response::status(StatusWord::WRONG_LENGTH)));
        }
        let response = self.fetched(channel, &command);
        self.after_switch |= self.core.modem.is_refreshed();
        if let Some(then) = self.core.modem.quirks().parameter(ModemQuirk::LoadUnanswered)
            && response.as_ref().is_ok_and(|response| response.data.starts_with(INSTALLATION_RESULT))
        {
            self.hangs = then == HANGS;
            return Err(Failed::Silence);
        }
        response.map(done).map_err(Failed::from)
    }

    /// The whole answer: the device fetches what the card announces.
    fn fetched(&mut self, channel: u8, command: &[u8]) -> Result<Response, Refused> {
        let mut response = self.core.modem.apdu(channel, command)?;
        if self.has(ModemQuirk::Returns61xx) {
            return Ok(response);
        }
        let mut data = std::mem::take(&mut response.data);
        while response.status.sw1() == 0x61 && data.len() < LONGEST_ANSWER {
            response = self.core.modem.apdu(channel, &[0x00, 0xC0, 0x00, 0x00, response.status.sw2()])?;
            data.append(&mut response.data);
        }
        Ok(Response { data, status: response.status })
    }
}

/// True for a command with data and without Le.
fn lacks_le(command: &[u8]) -> bool {
    command.len() > 5 && command.len() == 5 + usize::from(command[4])
}
