//! STORE DATA: how a function's TLV travels in blocks (SGP.22 5.7.2, GlobalPlatform 11.11).

use crate::apdu::{Command, Le, StatusWord};
use crate::tlv::Tag;

/// Instruction byte of STORE DATA.
pub const INS: u8 = 0xE2;
/// P1 of a block that more blocks follow.
const MORE: u8 = 0x11;
/// P1 of the last block.
const LAST: u8 = 0x91;
/// The block number is one byte.
const MAX_BLOCKS: usize = 256;

/// The TLV needs more blocks of this size than there are block numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{length} bytes do not fit into 256 blocks of {block} bytes")]
pub struct TooLong {
    /// Length of the TLV.
    pub length: usize,
    /// Size of a block.
    pub block: u8,
}

/// Cuts a TLV into STORE DATA commands of up to `block` bytes each, for channel 0.
///
/// The answer comes with the last one. `Le` is asked for in every block: the channel drops it where it cannot be had.
pub fn blocks(tlv: &[u8], block: u8) -> Result<Vec<Command>, TooLong> {
    let size = usize::from(block.max(1));
    let count = tlv.len().div_ceil(size);
    if count > MAX_BLOCKS {
        return Err(TooLong { length: tlv.len(), block });
    }
    let commands = tlv.chunks(size).zip(0u8..=255).map(|(data, number)| {
        let p1 = if usize::from(number) + 1 == count { LAST } else { MORE };
        Command::new(0x80, INS, p1, number).with_data(data).with_le(Le::Max)
    });
    Ok(commands.collect())
}

/// The card's side: collects blocks until the last one.
#[derive(Debug, Default, Clone)]
pub struct Collector {
    collected: Vec<u8>,
    next_block: u16,
}

/// The longest TLV that a card collects, in bytes.
const MAX_COLLECTED: usize = MAX_BLOCKS * 255;

impl Collector {
    /// Takes one block. Gives the whole TLV with the last one, and a status word for a block out of order.
    pub fn take(&mut self, command: &Command) -> Result<Option<Vec<u8>>, StatusWord> {
        if command.p1 & 0x7F != MORE {
            return Err(StatusWord::WRONG_P1_P2);
        }
        // Block 0 starts a new chain and drops what an abandoned one left behind.
        if command.p2 == 0 {
            *self = Self::default();
        }
        if u16::from(command.p2) != self.next_block {
            *self = Self::default();
            return Err(StatusWord::WRONG_P1_P2);
        }
        if self.collected.len() + command.data.len() > MAX_COLLECTED {
            *self = Self::default();
            return Err(StatusWord::WRONG_LENGTH);
        }
        self.collected.extend_from_slice(&command.data);
        self.next_block += 1;
        if command.p1 == LAST {
            return Ok(Some(std::mem::take(self).collected));
        }
        Ok(None)
    }
}

/// Which function a chain calls: the tag at the beginning of its block number 0.
#[must_use]
pub fn leading_tag(data: &[u8]) -> Option<Tag> {
    Tag::split(data).ok().map(|(tag, _)| tag)
}
