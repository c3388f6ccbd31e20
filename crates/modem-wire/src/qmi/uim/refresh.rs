//! Refreshes: what the modem tells of a card that wants its files read again.

use crate::qmi::{Malformed, Message, Service, Tlvs, Writer};

/// Wants to hear of all refreshes: `{ 01: session, 02: register u8 }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshRegisterAll(pub bool);

impl Message for RefreshRegisterAll {
    const SERVICE: Service = Service::UIM;
    const ID: u16 = 0x0044;

    fn write(&self, out: &mut Writer) {
        out.element(0x01, |out| out.bytes(&[0, 0]));
        out.element(0x02, |out| out.u8(self.0.into()));
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        Ok(Self(tlvs.want(0x02)?.u8()? != 0))
    }
}

/// A refresh goes on (0033): `{ 10: stage u8, mode u8, session u8, aid, files }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refresh {
    /// How far it is: see [`Refresh::START`].
    pub stage: u8,
    /// What is read again: see [`Refresh::RESET`].
    pub mode: u8,
}

impl Refresh {
    /// The stage at which it begins.
    pub const START: u8 = 1;
    /// The stage at which it is done.
    pub const DONE: u8 = 2;
    /// The mode in which the card is started anew.
    pub const RESET: u8 = 0;
}

impl Message for Refresh {
    const SERVICE: Service = Service::UIM;
    const ID: u16 = 0x0033;

    fn write(&self, out: &mut Writer) {
        out.element(0x10, |out| {
            out.bytes(&[self.stage, self.mode, 0, 0]);
            out.u16(0);
        });
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        let mut value = tlvs.want(0x10)?;
        Ok(Self { stage: value.u8()?, mode: value.u8()? })
    }
}
