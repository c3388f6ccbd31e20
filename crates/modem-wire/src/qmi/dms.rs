//! The device management service, as far as it says who the modem is.

use super::{Malformed, Message, Plain, Request, Service, Tlvs, Writer};

/// Who makes it.
pub type GetManufacturer = Plain<0x02, 0x0021>;
/// Its model.
pub type GetModel = Plain<0x02, 0x0022>;
/// Its firmware.
pub type GetRevision = Plain<0x02, 0x0023>;

impl<const ID: u16> Request for Plain<0x02, ID> {
    type Response = Name<ID>;
}

/// One of the modem's names: `{ 01: text }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name<const ID: u16>(pub String);

impl<const ID: u16> Message for Name<ID> {
    const SERVICE: Service = Service::DMS;
    const ID: u16 = ID;

    fn write(&self, out: &mut Writer) {
        out.element(0x01, |out| out.bytes(self.0.as_bytes()));
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        let text = String::from_utf8_lossy(tlvs.want(0x01)?.rest());
        Ok(Self(text.trim_matches(|one: char| one.is_whitespace() || one == '\0').to_owned()))
    }
}
