//! What is in the physical slots: Get Slot Status (0047) and its indication (0048).

use crate::qmi::{Malformed, Message, Reader, Service, Tlvs, Writer};

/// The physical slots, the first one first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SlotStatus {
    /// The slots.
    pub slots: Vec<PhysicalSlot>,
}

/// A physical slot. What the modem does not tell is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhysicalSlot {
    /// Whether there is a card; `None` if that is not known.
    pub present: Option<bool>,
    /// Whether a logical slot uses it.
    pub active: bool,
    /// The logical slot that uses it.
    pub logical: u8,
    /// The ICCID as the card's file has it: digits with their halves swapped.
    pub iccid: Vec<u8>,
    /// The answer to reset.
    pub atr: Vec<u8>,
    /// Whether it is an eUICC; `None` if the modem does not say.
    pub is_euicc: Option<bool>,
    /// The EID.
    pub eid: Vec<u8>,
}

impl SlotStatus {
    fn write(&self, out: &mut Writer) {
        out.element(0x10, |out| {
            out.list(&self.slots, |out, slot| {
                out.u32(slot.present.map_or(0, |present| if present { 2 } else { 1 }));
                out.u32(slot.active.into());
                out.u8(slot.logical);
                out.counted(&slot.iccid);
            });
        });
        if self.slots.iter().all(|slot| slot.is_euicc.is_none()) {
            return;
        }
        out.element(0x11, |out| {
            out.list(&self.slots, |out, slot| {
                const UICC: u32 = 2;
                out.u32(if slot.present == Some(true) { UICC } else { 0 });
                out.u8((!slot.iccid.is_empty()).into());
                out.counted(&slot.atr);
                out.u8(slot.is_euicc.unwrap_or(false).into());
            });
        });
        out.element(0x12, |out| out.list(&self.slots, |out, slot| out.counted(&slot.eid)));
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        let mut slots = tlvs.want(0x10)?.list(|value| {
            let present = match value.u32()? {
                1 => Some(false),
                2 => Some(true),
                _ => None,
            };
            let active = value.u32()? == 1;
            let logical = value.u8()?;
            let iccid = value.counted()?.to_vec();
            Ok(PhysicalSlot { present, active, logical, iccid, ..PhysicalSlot::default() })
        })?;
        // The lists of what is known beside it may be shorter or longer, and a broken one says nothing.
        let more = tlvs.get(0x11).map(|mut value| value.list(Self::more)).and_then(Result::ok);
        for (slot, (atr, is_euicc)) in slots.iter_mut().zip(more.into_iter().flatten()) {
            (slot.atr, slot.is_euicc) = (atr, Some(is_euicc));
        }
        let eids = tlvs.get(0x12).map(|mut value| value.list(|value| Ok(value.counted()?.to_vec())));
        for (slot, eid) in slots.iter_mut().zip(eids.and_then(Result::ok).into_iter().flatten()) {
            slot.eid = eid;
        }
        Ok(Self { slots })
    }

    fn more(value: &mut Reader<'_>) -> Result<(Vec<u8>, bool), Malformed> {
        value.bytes(5)?;
        let atr = value.counted()?.to_vec();
        Ok((atr, value.u8()? != 0))
    }
}

/// A message with the physical slots: `{ 10: slots, 11: cards, 12: EIDs }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotStatusIs<const ID: u16>(pub SlotStatus);

impl<const ID: u16> Message for SlotStatusIs<ID> {
    const SERVICE: Service = Service::UIM;
    const ID: u16 = ID;

    fn write(&self, out: &mut Writer) {
        self.0.write(out);
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        SlotStatus::read(tlvs).map(Self)
    }
}
