//! What the modem says of itself, its card and its network.

use std::time::Duration;

use modem_wire::mbim::basic::{self, DeviceCaps, ReadyState, RegisterState, SubscriberReady};
use sgp22::transport::{CardSight, Identity, Sight, Slot, Terminal, TransportError};

use super::card::{MbimCard, told};
use super::device::{Device, Trouble};
use super::slot;

impl Terminal for MbimCard {
    fn sight(&mut self) -> Result<Sight, TransportError> {
        self.revive()?;
        let time = self.options.timeouts.connect;
        let question = basic::query(basic::SUBSCRIBER_READY_STATUS);
        let ready = self.device.read(question, time, SubscriberReady::decode).map_err(told)?;
        // What the modem does not say is no error.
        let network = self.device.read(basic::query(basic::REGISTER_STATE), time, RegisterState::decode).ok();
        Ok(Sight {
            card: seen(ready.state),
            iccid: ready.iccid.parse().ok(),
            registered: network.and_then(|network| network.registered()),
        })
    }

    fn power_cycle(&mut self) -> Result<(), TransportError> {
        self.restart()
    }

    fn identity(&mut self) -> Result<Identity, TransportError> {
        self.revive()?;
        identity(&mut self.device, self.options.timeouts.connect).map_err(told)
    }

    fn slots(&mut self) -> Result<Vec<Slot>, TransportError> {
        self.revive()?;
        Ok(slot::all(&mut self.device, &self.options))
    }
}

/// Asks a device who it is. MBIM has no word for its maker.
pub(super) fn identity(device: &mut Device, time: Duration) -> Result<Identity, Trouble> {
    let caps = device.read(basic::query(basic::DEVICE_CAPS), time, DeviceCaps::decode)?;
    Ok(Identity::new("", &caps.hardware, &caps.firmware))
}

fn seen(state: ReadyState) -> CardSight {
    match state {
        ReadyState::SIM_NOT_INSERTED => CardSight::Absent,
        ReadyState::NOT_INITIALIZED => CardSight::Starting,
        ReadyState::BAD_SIM | ReadyState::FAILURE => CardSight::Failed,
        ReadyState::DEVICE_LOCKED => CardSight::Locked,
        ReadyState::NO_ESIM_PROFILE => CardSight::NoProfile,
        // Without a subscription a card can be used all the same.
        _ => CardSight::Usable,
    }
}
