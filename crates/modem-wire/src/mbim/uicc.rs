//! Microsoft's UICC Low Level Access: logical channels and APDUs.
//!
//! Alone among the services it refers to data as size and offset. From MBIMEx 4.0 commands name the slot.

use super::buffer::{Reader, Writer, length};
use super::{BufferError, Command, Uuid};

/// The service.
pub const SERVICE: Uuid =
    Uuid([0xc2, 0xf6, 0x58, 0x8e, 0xf0, 0x37, 0x4b, 0xc9, 0x86, 0x65, 0xf4, 0xd4, 0x4b, 0xd0, 0x93, 0x67]);

/// The command that asks for the answer to reset: [`Atr`].
pub const ATR: u32 = 1;
/// The command of [`OpenChannel`].
pub const OPEN_CHANNEL: u32 = 2;
/// The command of [`CloseChannel`].
pub const CLOSE_CHANNEL: u32 = 3;
/// The command of [`Apdu`].
pub const APDU: u32 = 4;
/// The command that asks for or sets [`TerminalCapability`].
pub const TERMINAL_CAPABILITY: u32 = 5;
/// The command of [`Reset`].
pub const RESET: u32 = 6;

/// The longest application identifier, in bytes.
const LONGEST_AID: usize = 32;
/// The longest command APDU, in bytes.
const LONGEST_APDU: usize = 261;
/// The longest answer to reset, in bytes.
const LONGEST_ATR: usize = 33;
/// The longest answer to SELECT, in bytes.
const LONGEST_SELECT: usize = 256;

fn capped<'a>(what: &'static str, data: &'a [u8], most: usize) -> Result<&'a [u8], BufferError> {
    if data.len() > most {
        return Err(BufferError::TooMuch { what, value: length(data.len()), most: length(most) });
    }
    Ok(data)
}

/// A status word as this service has it: SW1 in the lowest byte, then SW2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardStatus(pub u32);

impl CardStatus {
    /// Of SW1 and SW2.
    #[must_use]
    pub const fn of(sw1: u8, sw2: u8) -> Self {
        Self(u32::from_le_bytes([sw1, sw2, 0, 0]))
    }

    /// SW1 and SW2. Some devices say 0 where all is well.
    #[must_use]
    pub const fn words(self) -> [u8; 2] {
        match self.0.to_le_bytes() {
            [0, 0, 0, 0] => [0x90, 0x00],
            [sw1, sw2, ..] => [sw1, sw2],
        }
    }
}

fn number_of_slot(slot: Option<u32>) -> Vec<u8> {
    slot.map(|slot| slot.to_le_bytes().to_vec()).unwrap_or_default()
}

/// The answer to reset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Atr(pub Vec<u8>);

impl Atr {
    /// The question.
    #[must_use]
    pub fn query(slot: Option<u32>) -> Command {
        Command::query(SERVICE, ATR, number_of_slot(slot))
    }

    /// As the device tells it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::new(8).size_offset(&self.0).finish()
    }

    /// Reads it.
    pub fn decode(buffer: &[u8]) -> Result<Self, BufferError> {
        let atr = Reader::new(buffer).size_offset()?;
        capped("the answer to reset", atr, LONGEST_ATR).map(|atr| Self(atr.into()))
    }
}

/// Opens a logical channel and selects an application on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenChannel {
    /// The application.
    pub aid: Vec<u8>,
    /// P2 of the SELECT.
    pub select_p2: u32,
    /// A number by which channels can be closed together.
    pub group: u32,
    /// The slot, from 0; said from MBIMEx 4.0.
    pub slot: Option<u32>,
}

impl OpenChannel {
    /// The command.
    #[must_use]
    pub fn command(&self) -> Command {
        let fixed = 16 + if self.slot.is_some() { 4 } else { 0 };
        let writer = Writer::new(fixed).size_offset(&self.aid).u32(self.select_p2).u32(self.group);
        Command::set(SERVICE, OPEN_CHANNEL, writer.u32s(self.slot.as_slice()).finish())
    }

    /// Reads it; `slots` says whether the slot is named.
    pub fn decode(buffer: &[u8], slots: bool) -> Result<Self, BufferError> {
        let mut reader = Reader::new(buffer);
        let mut behind = reader.clone();
        behind.take(8)?;
        let (select_p2, group) = (behind.u32()?, behind.u32()?);
        let slot = if slots { Some(behind.u32()?) } else { None };
        let aid = capped("the application identifier", reader.size_offset()?, LONGEST_AID)?.into();
        if select_p2 > 255 {
            return Err(BufferError::TooMuch { what: "P2", value: select_p2, most: 255 });
        }
        Ok(Self { aid, select_p2, group, slot })
    }
}

/// The answer to [`OpenChannel`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelOpened {
    /// What the card said.
    pub status: CardStatus,
    /// The channel, 1 to 19; 0 if there is none.
    pub channel: u32,
    /// The answer to SELECT.
    pub answer: Vec<u8>,
}

impl ChannelOpened {
    /// As the device tells it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::new(16).u32(self.status.0).u32(self.channel).size_offset(&self.answer).finish()
    }

    /// Reads it.
    pub fn decode(buffer: &[u8]) -> Result<Self, BufferError> {
        let mut reader = Reader::new(buffer);
        let (status, channel) = (CardStatus(reader.u32()?), reader.u32()?);
        let answer = capped("the answer to SELECT", reader.size_offset()?, LONGEST_SELECT)?.into();
        Ok(Self { status, channel, answer })
    }
}

/// Closes a channel, or, if that is 0, those of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseChannel {
    /// The channel.
    pub channel: u32,
    /// The group.
    pub group: u32,
    /// The slot, from 0; said from MBIMEx 4.0.
    pub slot: Option<u32>,
}

impl CloseChannel {
    /// The command. The answer to it is a [`CardStatus`].
    #[must_use]
    pub fn command(&self) -> Command {
        let mut buffer = Writer::new(8).u32(self.channel).u32(self.group).finish();
        buffer.extend(number_of_slot(self.slot));
        Command::set(SERVICE, CLOSE_CHANNEL, buffer)
    }

    /// Reads it; `slots` says whether the slot is named.
    pub fn decode(buffer: &[u8], slots: bool) -> Result<Self, BufferError> {
        let mut reader = Reader::new(buffer);
        let (channel, group) = (reader.u32()?, reader.u32()?);
        Ok(Self { channel, group, slot: if slots { Some(reader.u32()?) } else { None } })
    }
}

/// A command APDU.
#[derive(Clone, PartialEq, Eq)]
pub struct Apdu {
    /// The channel.
    pub channel: u32,
    /// Whether secure messaging is used.
    pub secure_messaging: bool,
    /// Whether the class is one of the extended ones. The device makes the class byte of that and the channel.
    pub extended_class: bool,
    /// The slot, from 0; said from MBIMEx 4.0.
    pub slot: Option<u32>,
    /// The APDU.
    pub command: Vec<u8>,
}

impl std::fmt::Debug for Apdu {
    // What goes to a card can be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Apdu on channel {}, {} bytes", self.channel, self.command.len())
    }
}

impl Apdu {
    /// The command.
    #[must_use]
    pub fn command(&self) -> Command {
        let fixed = 20 + if self.slot.is_some() { 4 } else { 0 };
        let numbers = [self.channel, self.secure_messaging.into(), self.extended_class.into()];
        let writer = Writer::new(fixed).u32s(&numbers).size_offset(&self.command);
        Command::set(SERVICE, APDU, writer.u32s(self.slot.as_slice()).finish())
    }

    /// Reads it; `slots` says whether the slot is named.
    pub fn decode(buffer: &[u8], slots: bool) -> Result<Self, BufferError> {
        let mut reader = Reader::new(buffer);
        let (channel, secure, extended) = (reader.u32()?, reader.u32()?, reader.u32()?);
        for (what, value) in [("the kind of secure messaging", secure), ("the type of the class byte", extended)] {
            if value > 1 {
                return Err(BufferError::TooMuch { what, value, most: 1 });
            }
        }
        let mut behind = reader.clone();
        behind.take(8)?;
        let slot = if slots { Some(behind.u32()?) } else { None };
        let command = capped("the APDU", reader.size_offset()?, LONGEST_APDU)?.into();
        Ok(Self { channel, secure_messaging: secure == 1, extended_class: extended == 1, slot, command })
    }
}

/// The answer to an [`Apdu`].
#[derive(Clone, PartialEq, Eq)]
pub struct ApduDone {
    /// What the card said.
    pub status: CardStatus,
    /// What it answered, which may be more than one answer APDU could be.
    pub answer: Vec<u8>,
}

impl ApduDone {
    /// As the device tells it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::new(12).u32(self.status.0).size_offset(&self.answer).finish()
    }

    /// Reads it.
    pub fn decode(buffer: &[u8]) -> Result<Self, BufferError> {
        let mut reader = Reader::new(buffer);
        Ok(Self { status: CardStatus(reader.u32()?), answer: reader.size_offset()?.into() })
    }
}

impl std::fmt::Debug for ApduDone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ApduDone {:02X?}, {} bytes", self.status.words(), self.answer.len())
    }
}

/// What the device is to tell the card of its host: data objects of TERMINAL CAPABILITY (ETSI TS 102 221 11.1.19).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalCapability(pub Vec<Vec<u8>>);

impl TerminalCapability {
    /// The command that sets it; the slot is said from MBIMEx 4.0.
    #[must_use]
    pub fn set(&self, slot: Option<u32>) -> Command {
        let fixed = 4 + 8 * self.0.len() + if slot.is_some() { 4 } else { 0 };
        let writer = Writer::new(fixed).u32s(slot.as_slice()).u32(length(self.0.len()));
        let writer = self.0.iter().fold(writer, |writer, object| writer.offset_size(object));
        Command::set(SERVICE, TERMINAL_CAPABILITY, writer.finish())
    }

    /// As the device tells it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.set(None).buffer
    }

    /// Reads it; `slots` says whether the slot is named. Older hosts count the padding: what an object says of its own
    /// length holds.
    pub fn decode(buffer: &[u8], slots: bool) -> Result<Self, BufferError> {
        let mut reader = Reader::new(buffer);
        if slots {
            reader.u32()?;
        }
        let count = reader.count("the number of objects", 8)?;
        let object = |object: &[u8]| {
            let said = object.get(1).map_or(0, |said| usize::from(*said) + 2);
            object.get(..said).map(<[u8]>::to_vec).ok_or(BufferError::Short { length: object.len(), wanted: said })
        };
        (0..count).map(|_| object(reader.offset_size()?)).collect::<Result<_, _>>().map(Self)
    }
}

/// Resets the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reset {
    /// Whether the device is to leave the card alone afterwards.
    pub pass_through: bool,
    /// The slot, from 0; said from MBIMEx 4.0.
    pub slot: Option<u32>,
}

impl Reset {
    /// The command.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut buffer = u32::from(self.pass_through).to_le_bytes().to_vec();
        buffer.extend(number_of_slot(self.slot));
        Command::set(SERVICE, RESET, buffer)
    }

    /// Reads it; `slots` says whether the slot is named.
    pub fn decode(buffer: &[u8], slots: bool) -> Result<Self, BufferError> {
        let mut reader = Reader::new(buffer);
        let action = reader.u32()?;
        if action > 1 {
            return Err(BufferError::TooMuch { what: "the action", value: action, most: 1 });
        }
        Ok(Self { pass_through: action == 1, slot: if slots { Some(reader.u32()?) } else { None } })
    }

    /// The answer: whether the card is passed through.
    #[must_use]
    pub fn encode_state(pass_through: bool) -> Vec<u8> {
        u32::from(pass_through).to_le_bytes().into()
    }
}
