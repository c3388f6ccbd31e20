//! QMI: messages of type, length and value, framed by QMUX on a port and bare over QRTR.
//!
//! From the outside in: a [`Frame`] says for which client of which service its [`Sdu`] is; that has [`Tlvs`], and what
//! they mean is a [`Message`] in the room of its service. All integers are little-endian.

mod code;
pub mod ctl;
pub mod dms;
mod frame;
pub mod nas;
mod sdu;
mod tlv;
pub mod uim;

pub use code::ErrorCode;
pub use frame::{Frame, FrameError, FrameReader, LONGEST_FRAME};
pub use sdu::{Kind, Sdu};
pub use tlv::{Reader, Tlvs, Writer};

/// The services of a modem, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Service(pub u8);

impl Service {
    /// What gives client ids; its messages have a shorter header.
    pub const CTL: Self = Self(0x00);
    /// Who the modem is.
    pub const DMS: Self = Self(0x02);
    /// The network.
    pub const NAS: Self = Self(0x03);
    /// The card.
    pub const UIM: Self = Self(0x0B);
}

impl std::fmt::Display for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::CTL => f.write_str("CTL"),
            Self::DMS => f.write_str("DMS"),
            Self::NAS => f.write_str("NAS"),
            Self::UIM => f.write_str("UIM"),
            Self(number) => write!(f, "service {number:02X}"),
        }
    }
}

/// What a request, an answer or an indication carries.
pub trait Message: Sized {
    /// Its service.
    const SERVICE: Service;
    /// Its number.
    const ID: u16;

    /// As elements.
    fn write(&self, out: &mut Writer);

    /// From elements, in whatever order they come; those that are unknown are left alone.
    fn read(tlvs: &Tlvs) -> Result<Self, Malformed>;

    /// As elements.
    fn tlvs(&self) -> Tlvs {
        let mut out = Writer::default();
        self.write(&mut out);
        out.done()
    }
}

/// A message that is answered.
pub trait Request: Message {
    /// The answer, beside its result.
    type Response: Message;
}

/// A message that carries nothing, or nothing that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plain<const SERVICE: u8, const ID: u16>;

impl<const SERVICE: u8, const ID: u16> Message for Plain<SERVICE, ID> {
    const SERVICE: Service = Service(SERVICE);
    const ID: u16 = ID;

    fn write(&self, _: &mut Writer) {}

    fn read(_: &Tlvs) -> Result<Self, Malformed> {
        Ok(Self)
    }
}

/// A message does not have what it must have, or in no form that it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Less bytes than its lengths say.
    #[error("message {0:04X} is cut short")]
    Short(u16),
    /// An element is missing, or is too short.
    #[error("element {0:02X} is missing or too short")]
    Element(u8),
}
