//! Microsoft's Basic Connect Extensions: slots, and which extension of MBIM is spoken.

use super::buffer::{Reader, Writer, length};
use super::{BufferError, Command, Uuid};

/// The service.
pub const SERVICE: Uuid =
    Uuid([0x3d, 0x01, 0xdc, 0xc5, 0xfe, 0xf5, 0x4d, 0x05, 0x0d, 0x3a, 0xbe, 0xf7, 0x05, 0x8e, 0x9a, 0xaf]);

/// The command that asks for [`SysCaps`].
pub const SYS_CAPS: u32 = 5;
/// The command that asks for the device's abilities, executor included.
pub const DEVICE_CAPS: u32 = 6;
/// The command that asks for or sets [`SlotMappings`].
pub const DEVICE_SLOT_MAPPINGS: u32 = 7;
/// The command that asks for [`SlotInfo`]; told by the device as well.
pub const SLOT_INFO_STATUS: u32 = 8;
/// The command by which host and device agree on a [`Version`].
pub const VERSION: u32 = 15;

/// How many slots and radios there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SysCaps {
    /// Radios, each of which uses one slot.
    pub executors: u32,
    /// Slots.
    pub slots: u32,
    /// Radios that can be used at the same time.
    pub concurrency: u32,
    /// The modem's number.
    pub modem: u64,
}

impl SysCaps {
    /// The question.
    #[must_use]
    pub fn query() -> Command {
        Command::query(SERVICE, SYS_CAPS, Vec::new())
    }

    /// As the device tells it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let numbers = [self.executors, self.slots, self.concurrency];
        Writer::new(20).u32s(&numbers).bytes(&self.modem.to_le_bytes()).finish()
    }

    /// Reads it.
    pub fn decode(buffer: &[u8]) -> Result<Self, BufferError> {
        let mut reader = Reader::new(buffer);
        let (executors, slots, concurrency) = (reader.u32()?, reader.u32()?, reader.u32()?);
        let modem = u64::from(reader.u32()?) | u64::from(reader.u32()?) << 32;
        Ok(Self { executors, slots, concurrency, modem })
    }
}

/// Which slot each radio uses, from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotMappings(pub Vec<u32>);

impl SlotMappings {
    /// The question.
    #[must_use]
    pub fn query() -> Command {
        Command::query(SERVICE, DEVICE_SLOT_MAPPINGS, Vec::new())
    }

    /// The command that sets them; each radio must be in it.
    #[must_use]
    pub fn set(&self) -> Command {
        Command::set(SERVICE, DEVICE_SLOT_MAPPINGS, self.encode())
    }

    /// As either side tells it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let writer = Writer::new(4 + 8 * self.0.len()).u32(length(self.0.len()));
        self.0.iter().fold(writer, |writer, slot| writer.offset_size(&slot.to_le_bytes())).finish()
    }

    /// Reads it.
    pub fn decode(buffer: &[u8]) -> Result<Self, BufferError> {
        let mut reader = Reader::new(buffer);
        let count = reader.count("the number of mappings", 8)?;
        (0..count).map(|_| Reader::new(reader.offset_size()?).u32()).collect::<Result<_, _>>().map(Self)
    }
}

/// How a slot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotState(pub u32);

impl SlotState {
    /// The modem does not know.
    pub const UNKNOWN: Self = Self(0);
    /// Not in use, without a card.
    pub const OFF_EMPTY: Self = Self(1);
    /// Not in use, with a card.
    pub const OFF: Self = Self(2);
    /// In use, without a card.
    pub const EMPTY: Self = Self(3);
    /// The card is being started.
    pub const NOT_READY: Self = Self(4);
    /// The card can be used.
    pub const ACTIVE: Self = Self(5);
    /// The card failed.
    pub const ERROR: Self = Self(6);
    /// The card is an eUICC with an enabled profile.
    pub const ACTIVE_ESIM: Self = Self(7);
    /// The card is an eUICC without an enabled profile.
    pub const ACTIVE_ESIM_NO_PROFILE: Self = Self(8);
}

/// One slot, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotInfo {
    /// Which one.
    pub slot: u32,
    /// How it is.
    pub state: SlotState,
}

impl SlotInfo {
    /// The question.
    #[must_use]
    pub fn query(slot: u32) -> Command {
        Command::query(SERVICE, SLOT_INFO_STATUS, slot.to_le_bytes().into())
    }

    /// The slot that is asked about.
    pub fn decode_query(buffer: &[u8]) -> Result<u32, BufferError> {
        Reader::new(buffer).u32()
    }

    /// As the device tells it.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        Writer::new(8).u32(self.slot).u32(self.state.0).finish()
    }

    /// Reads it.
    pub fn decode(buffer: &[u8]) -> Result<Self, BufferError> {
        let mut reader = Reader::new(buffer);
        Ok(Self { slot: reader.u32()?, state: SlotState(reader.u32()?) })
    }
}

/// What is spoken: versions as two decimal digits a byte, `0400` for 4.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Of MBIM.
    pub mbim: u16,
    /// Of Microsoft's extensions.
    pub extensions: u16,
}

impl Version {
    /// The first of the extensions in which commands to a card name its slot.
    pub const WITH_SLOT_IDS: u16 = 0x0400;

    /// What the host speaks. From then on both sides speak the lower of the two versions.
    #[must_use]
    pub fn query(self) -> Command {
        Command::query(SERVICE, VERSION, self.encode())
    }

    /// As either side tells it.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        [self.mbim.to_le_bytes(), self.extensions.to_le_bytes()].concat()
    }

    /// Reads it.
    pub fn decode(buffer: &[u8]) -> Result<Self, BufferError> {
        let mut reader = Reader::new(buffer);
        Ok(Self { mbim: reader.u16()?, extensions: reader.u16()? })
    }
}
