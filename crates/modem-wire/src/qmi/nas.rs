//! The network access service, as far as it says whether a network has the modem.

use super::{Malformed, Message, Plain, Request, Service, Tlvs, Writer};

/// Asks for the network in use.
pub type GetServingSystem = Plain<0x03, 0x0024>;

impl Request for GetServingSystem {
    type Response = ServingSystem;
}

/// The network in use: `{ 01: registration u8, circuits attached u8, packets attached u8, network u8, radios }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServingSystem {
    /// How far registration has come.
    pub registration: Registration,
}

/// How far registration has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registration(pub u8);

impl Registration {
    /// No network, and none is looked for.
    pub const NOT_REGISTERED: Self = Self(0);
    /// A network has it.
    pub const REGISTERED: Self = Self(1);
    /// It looks for one.
    pub const SEARCHING: Self = Self(2);
    /// A network refused it.
    pub const DENIED: Self = Self(3);
}

impl Message for ServingSystem {
    const SERVICE: Service = Service::NAS;
    const ID: u16 = 0x0024;

    fn write(&self, out: &mut Writer) {
        const ATTACHED: u8 = 1;
        const DETACHED: u8 = 2;
        const NETWORK_3GPP: u8 = 2;
        const LTE: u8 = 8;
        let registered = self.registration == Registration::REGISTERED;
        let attached = if registered { ATTACHED } else { DETACHED };
        out.element(0x01, |out| {
            out.bytes(&[self.registration.0, attached, attached, if registered { NETWORK_3GPP } else { 0 }]);
            out.counted(if registered { &[LTE] } else { &[] });
        });
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        Ok(Self { registration: Registration(tlvs.want(0x01)?.u8()?) })
    }
}
