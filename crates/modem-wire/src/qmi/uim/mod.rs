//! The service of the card: its state, its slots, its power, logical channels and APDUs.
//!
//! Slots count from 1. A card is asked for by its *logical* slot; which *physical* one that is can be switched.

mod card_status;
mod channel;
mod refresh;
mod slot_status;

pub use card_status::{Application, Card, CardState, CardStatus, CardStatusIs};
pub use channel::{
    AnswerApdu, ChannelOpened, ChannelRefused, CloseChannel, CloseOrOpen, LongAnswer, OpenByOldMessage, OpenChannel,
    SendApdu,
};
pub use refresh::{Refresh, RefreshRegisterAll};
pub use slot_status::{PhysicalSlot, SlotStatus, SlotStatusIs};

use super::{Malformed, Message, Plain, Request, Service, Tlvs, Writer};

/// Forgets what this client registered and opened; the card is not touched.
pub type Reset = Plain<0x0B, 0x0000>;

impl Request for Reset {
    type Response = Self;
}

/// How the cards are.
pub type GetCardStatus = Plain<0x0B, 0x002F>;

impl Request for GetCardStatus {
    type Response = CardStatusIs<0x002F>;
}

/// What is in the physical slots.
pub type GetSlotStatus = Plain<0x0B, 0x0047>;

impl Request for GetSlotStatus {
    type Response = SlotStatusIs<0x0047>;
}

/// The state of a card changed.
pub type CardStatusIndication = CardStatusIs<0x0032>;

/// The state of a slot changed.
pub type SlotStatusIndication = SlotStatusIs<0x0048>;

/// Wants to hear of changes: `{ 01: mask u32 }`; the answer has the mask that was accepted in `10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisterEvents(pub u32);

impl RegisterEvents {
    /// Changes of cards.
    pub const CARD_STATUS: u32 = 1;
    /// Changes of physical slots.
    pub const SLOT_STATUS: u32 = 1 << 4;
}

impl Message for RegisterEvents {
    const SERVICE: Service = Service::UIM;
    const ID: u16 = 0x002E;

    fn write(&self, out: &mut Writer) {
        out.element(0x01, |out| out.u32(self.0));
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        tlvs.want(0x01)?.u32().map(Self)
    }
}

/// Something with a slot alone: `{ 01: slot }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfSlot<const ID: u16> {
    /// The logical slot.
    pub slot: u8,
}

/// Takes the card's power away.
pub type PowerOff = OfSlot<0x0030>;
/// Gives it back.
pub type PowerOn = OfSlot<0x0031>;
/// Asks for the answer to reset.
pub type GetAtr = OfSlot<0x0041>;

impl<const ID: u16> Message for OfSlot<ID> {
    const SERVICE: Service = Service::UIM;
    const ID: u16 = ID;

    fn write(&self, out: &mut Writer) {
        out.element(0x01, |out| out.u8(self.slot));
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        Ok(Self { slot: tlvs.want(0x01)?.u8()? })
    }
}

impl Request for PowerOff {
    type Response = Plain<0x0B, 0x0030>;
}

impl Request for PowerOn {
    type Response = Plain<0x0B, 0x0031>;
}

/// Has a logical slot use a physical one: `{ 01: logical u8, 02: physical u32 }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SwitchSlot {
    /// The logical slot.
    pub logical: u8,
    /// The physical slot.
    pub physical: u32,
}

impl Message for SwitchSlot {
    const SERVICE: Service = Service::UIM;
    const ID: u16 = 0x0046;

    fn write(&self, out: &mut Writer) {
        out.element(0x01, |out| out.u8(self.logical));
        out.element(0x02, |out| out.u32(self.physical));
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        Ok(Self { logical: tlvs.want(0x01)?.u8()?, physical: tlvs.want(0x02)?.u32()? })
    }
}

impl Request for SwitchSlot {
    type Response = Plain<0x0B, 0x0046>;
}
