//! Block sizes: trying them, and remembering them.

use super::Card;
use crate::database::Database;
use crate::device::BLOCK_FACT;
use crate::error::{Error, card_error};

impl Card<'_> {
    /// Whether blocks of this size reach the card.
    pub(crate) fn takes_block(&mut self, size: u8) -> Result<bool, Error> {
        self.isdr.takes(size).map_err(card_error)
    }

    /// Goes over to the longest blocks before much is to be sent, where the device began with shorter ones and nobody has
    /// tried yet. That it was tried is remembered first: a modem that hangs at it is not asked again.
    pub(super) fn stretch(&mut self) -> Result<(), Error> {
        if !std::mem::take(&mut self.may_stretch) {
            return Ok(());
        }
        self.remember_block(self.block);
        self.isdr.stretch().map_err(card_error)
    }

    pub(super) fn remember_block(&self, block: u8) {
        let Some(key) = self.fact_key else { return };
        let learnt = Database::open(self.manager.paths())
            .and_then(|database| database.learn(key, BLOCK_FACT, &block.to_string()));
        match learnt {
            Ok(()) => log::info!("remembered: this device takes blocks of {block} bytes"),
            Err(error) => log::info!("not remembered: {error}"),
        }
    }
}
