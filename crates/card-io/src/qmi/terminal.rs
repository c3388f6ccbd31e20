//! What the modem says of itself, its card and its network.

use std::time::Duration;

use modem_wire::qmi::Plain;
use modem_wire::qmi::dms::{GetManufacturer, GetModel, GetRevision, Name};
use modem_wire::qmi::nas::{GetServingSystem, Registration};
use modem_wire::qmi::uim::{Application, Card, GetCardStatus, GetSlotStatus, SlotStatus};
use sgp22::id::Iccid;
use sgp22::transport::{CardSight, Identity, Sight, Slot, Terminal, TransportError, TransportErrorKind};

use super::card::{QmiCard, told};
use super::client::Client;
use super::slot::{self, Condition, card_in, judge};

impl Terminal for QmiCard {
    fn sight(&mut self) -> Result<Sight, TransportError> {
        self.revive()?;
        let time = self.options.timeouts.connect;
        let cards = self.modem.ask(&GetCardStatus {}, time).map_err(told)?.0;
        let card = seen(card_in(&cards, self.slot));
        // What the modem does not say is no error.
        let slots = self.modem.ask(&GetSlotStatus {}, time).ok();
        let iccid = slots.and_then(|slots| iccid_in(&slots.0, self.slot));
        let network = self.modem.ask(&GetServingSystem {}, time).ok();
        let registered = network.map(|network| network.registration == Registration::REGISTERED);
        Ok(Sight { card, iccid, registered })
    }

    fn power_cycle(&mut self) -> Result<(), TransportError> {
        self.power()
    }

    fn identity(&mut self) -> Result<Identity, TransportError> {
        self.revive()?;
        Ok(identity(&mut self.modem, self.options.timeouts.connect))
    }

    fn slots(&mut self) -> Result<Vec<Slot>, TransportError> {
        self.revive()?;
        Ok(slot::all(&mut self.modem, &self.options.timeouts))
    }

    fn use_slot(&mut self, slot: u8) -> Result<(), TransportError> {
        // A modem that left starts anew: nobody waits for it only to switch it back.
        if self.modem.is_gone() {
            return Err(TransportError::not_sent(TransportErrorKind::DeviceGone, ""));
        }
        slot::switch(&mut self.modem, slot, &self.options.timeouts).map_err(told)?;
        std::thread::sleep(self.options.habits.slot_settle);
        Ok(())
    }
}

/// Asks a modem who it is; what it does not say is empty.
pub(super) fn identity(modem: &mut Client, time: Duration) -> Identity {
    let manufacturer = name(modem, &GetManufacturer {}, time);
    let model = name(modem, &GetModel {}, time);
    Identity::new(&manufacturer, &model, &name(modem, &GetRevision {}, time))
}

/// Asks a modem for one of its names; empty if it does not say.
fn name<const ID: u16>(modem: &mut Client, request: &Plain<0x02, ID>, time: Duration) -> String {
    modem.ask(request, time).map(|Name(name)| name).unwrap_or_default()
}

fn seen(card: Option<&Card>) -> CardSight {
    match judge(card) {
        Condition::Absent => return CardSight::Absent,
        Condition::NoPower | Condition::Starting => return CardSight::Starting,
        Condition::Failed(_) => return CardSight::Failed,
        Condition::Usable => {}
    }
    let states: Vec<u8> =
        card.iter().flat_map(|card| &card.applications).filter(|one| one.kind != 0).map(|one| one.state).collect();
    match &states[..] {
        [] => CardSight::NoProfile,
        states if states.contains(&Application::READY) => CardSight::Usable,
        states if states.contains(&Application::PIN) => CardSight::Locked,
        states if states.contains(&Application::PUK) => CardSight::PukRequired,
        states if states.contains(&Application::BLOCKED) => CardSight::Failed,
        _ => CardSight::Starting,
    }
}

fn iccid_in(slots: &SlotStatus, logical: u8) -> Option<Iccid> {
    let slot = slots.slots.iter().find(|slot| slot.active && slot.logical.max(1) == logical)?;
    Iccid::decode(&slot.iccid).ok()
}
