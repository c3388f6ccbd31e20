//! Cards behind modems that speak MBIM.
//!
//! [`wire::Wire`] matches answers to commands, at a port or through mbim-proxy; [`device::Device`] is a modem that was
//! opened, and is closed whatever happens; [`card::MbimCard`] is the card behind it.

mod card;
mod device;
mod proxy;
mod qmi;
mod refusal;
mod slot;
mod terminal;
mod transfer;
mod wire;

use std::path::Path;

use sgp22::transport::{Identity, RawCard};

pub(crate) use qmi::{carry_qmi, is_mbim_port};

use crate::modem::{LinkError, ModemOptions};
use device::Device;

/// Reaches the card behind a control port.
pub(crate) fn open(path: &Path, options: &ModemOptions) -> Result<Box<dyn RawCard + Send>, LinkError> {
    Ok(Box::new(card::MbimCard::open(path, options)?))
}

/// Asks the modem behind a control port who it is, and leaves its card and slots alone; `None` if it does not say.
pub(crate) fn identify(path: &Path, options: &ModemOptions) -> Result<Option<Identity>, LinkError> {
    let mut device = Device::open(path, options.proxy, &options.timeouts)?;
    let said = terminal::identity(&mut device, options.timeouts.connect);
    Ok(said.map_err(|trouble| log::info!("it does not say who it is: {trouble}")).ok())
}
