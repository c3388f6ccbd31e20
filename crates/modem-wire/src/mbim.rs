//! MBIM: messages, fragments, and the services that reach a card (USB-IF MBIM 1.0, Microsoft's extensions of it).
//!
//! [`Message`] is a whole message; [`Frame`]s are what travels, one message being cut into several where it is long.
//! [`Deframer`] finds frames in a stream of bytes, [`Collector`] makes messages of them. What a message carries is a
//! structure of [`basic`], [`extensions`], [`uicc`] or [`proxy`]. All integers are little-endian, offsets count from the
//! start of the structure.

pub mod basic;
mod buffer;
pub mod extensions;
mod fragments;
mod frame;
mod message;
pub mod proxy;
mod status;
pub mod uicc;

pub use buffer::BufferError;
pub use fragments::{CollectError, Collector, LONGEST_MESSAGE};
pub use frame::{Deframer, Frame, FrameError, LONGEST_FRAME};
pub use message::{Body, Command, CommandDone, Indication, Message};
pub use status::{ProtocolError, Status};

/// The name of a service.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Uuid(pub [u8; 16]);

impl std::fmt::Debug for Uuid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

/// The least that a host may set as the longest control transfer, in bytes.
pub const LEAST_TRANSFER: u32 = 64;

/// The longest control transfer where nothing else is known.
pub const USUAL_TRANSFER: u32 = 4096;

/// QMI messages inside MBIM (libqmi, Sierra Wireless, Quectel): command 1, set, a whole QMUX frame in either direction.
pub const QMI: Uuid =
    Uuid([0xd1, 0xa3, 0x0b, 0xc2, 0xf9, 0x7a, 0x6e, 0x43, 0xbf, 0x65, 0xc7, 0xe2, 0x4f, 0xb0, 0xf0, 0xd3]);

/// The command of [`QMI`] that carries a frame.
pub const QMI_MESSAGE: u32 = 1;
