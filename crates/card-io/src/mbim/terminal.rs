//! What the modem says of itself, its card and its network.

use std::time::Duration;

use modem_wire::mbim::basic::{self, DeviceCaps, ReadyState, RegisterState, SubscriberReady};
use sgp22::transport::{CardSight, Identity, Sight, Slot, Terminal, TransportError, TransportErrorKind};

use super::card::MbimCard;
use super::device::{Device, Trouble};
use super::refusal::transport_error;
use super::slot;

impl Terminal for MbimCard {
    fn sight(&mut self) -> Result<Sight, TransportError> {
        self.revive()?;
        let time = self.options.timeouts.connect;
        let question = basic::query(basic::SUBSCRIBER_READY_STATUS);
        let ready = self.device.read(question, time, SubscriberReady::decode).map_err(transport_error)?;
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
        identity(&mut self.device, self.options.timeouts.connect).map_err(transport_error)
    }

    fn slots(&mut self) -> Result<Vec<Slot>, TransportError> {
        self.revive()?;
        Ok(slot::all(&mut self.device, &self.options))
    }

    fn use_slot(&mut self, slot: u8) -> Result<(), TransportError> {
        // A modem that left starts anew: nobody waits for it only to switch it back.
        if self.device.is_gone() {
            return Err(TransportError::not_sent(TransportErrorKind::DeviceGone, ""));
        }
        let index = u32::from(slot).saturating_sub(1);
        slot::switch(&mut self.device, &self.options, index).map_err(transport_error)?;
        std::thread::sleep(self.options.habits.slot_settle);
        Ok(())
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
        ReadyState::NOT_ACTIVATED => CardSight::NotActivated,
        _ => CardSight::Usable,
    }
}
