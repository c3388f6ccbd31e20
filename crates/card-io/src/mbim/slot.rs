//! Getting at the card in the slot that is wanted.

use std::time::{Duration, Instant};

use modem_wire::mbim::Status;
use modem_wire::mbim::basic::{self, ReadyState, SubscriberReady};
use modem_wire::mbim::extensions::{self, SlotInfo, SlotMappings, SlotState, SysCaps};
use sgp22::transport::Slot as Slotted;

use super::device::{Device, Trouble};
use crate::modem::{LinkError, LinkErrorKind, ModemOptions, SlotEvent, SlotSwitch};

/// How often a card that is being started is looked at.
const POLL: Duration = Duration::from_millis(250);

/// More slots than this are not asked about.
const MOST_SLOTS: u32 = 8;

/// The slot in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    /// From 0; `None` if the modem does not tell.
    pub(super) index: Option<u32>,
    /// It was not in use before.
    pub(super) switched: bool,
}

/// Has the modem use the slot that is wanted. Where it has to be switched for that, the slot that it used before is put
/// into `home` first, unless there is one in it.
pub(super) fn choose(device: &mut Device, options: &ModemOptions, home: &mut Option<u32>) -> Result<Slot, LinkError> {
    let wanted = options.slot.map(|slot| u32::from(slot).saturating_sub(1));
    // The slot in use matters where commands name it.
    let matters = wanted.is_some() || device.names_slots();
    let mappings = if matters { mappings(device, options)? } else { None };
    let current = mappings.as_ref().and_then(|mappings| mappings.0.first().copied());
    let (wanted, mut mappings) = match (wanted, mappings) {
        (None, _) => return Ok(Slot { index: current, switched: false }),
        (wanted, _) if wanted == current => return Ok(Slot { index: current, switched: false }),
        (Some(0), None) => return Ok(Slot { index: Some(0), switched: false }),
        (Some(_), None) => return Err(LinkError::new(LinkErrorKind::NoSlot, "the modem tells of one slot only")),
        (Some(wanted), Some(mappings)) => (wanted, mappings),
    };
    let no_slot = |status: Status| LinkError::new(LinkErrorKind::NoSlot, format!("slot {}: {status}", wanted + 1));
    match device.read(SlotInfo::query(wanted), options.timeouts.connect, SlotInfo::decode) {
        Ok(SlotInfo { state: SlotState::OFF_EMPTY, .. }) => {
            return Err(LinkError::new(LinkErrorKind::NoCard, format!("slot {}", wanted + 1)));
        }
        Ok(_) => {}
        Err(Trouble::Status(status @ Status::INVALID_PARAMETERS, _)) => return Err(no_slot(status)),
        Err(trouble @ Trouble::Status(..)) => log::info!("slot {}: {trouble}", wanted + 1),
        Err(trouble) => return Err(device.refused(&trouble)),
    }
    let before = *home;
    if let Some(from) = current {
        home.get_or_insert(from);
        options.slot_observer.tell(SlotEvent::Switching(SlotSwitch { from: number(from), to: number(wanted) }));
    }
    exchange(&mut mappings.0, wanted);
    match device.command(mappings.set(), options.timeouts.normal) {
        Ok(_) => {}
        Err(Trouble::Status(status, _)) => {
            *home = before;
            options.slot_observer.tell(SlotEvent::Refused);
            let kind = match status {
                Status::INVALID_PARAMETERS | Status::NO_DEVICE_SUPPORT => LinkErrorKind::NoSlot,
                _ => LinkErrorKind::SlotRefused,
            };
            return Err(LinkError::new(kind, format!("slot {}: {status}", number(wanted))));
        }
        Err(trouble) => return Err(device.refused(&trouble)),
    }
    log::info!("the modem uses slot {} from now on", wanted + 1);
    std::thread::sleep(options.habits.slot_settle);
    Ok(Slot { index: Some(wanted), switched: true })
}

/// Has the modem use this slot, from 0. One that it uses already is no error.
pub(super) fn switch(device: &mut Device, options: &ModemOptions, index: u32) -> Result<(), Trouble> {
    let mut mappings = device.read(SlotMappings::query(), options.timeouts.connect, SlotMappings::decode)?;
    if mappings.0.first() == Some(&index) {
        return Ok(());
    }
    exchange(&mut mappings.0, index);
    device.command(mappings.set(), options.timeouts.normal).map(drop)
}

/// The number by which people name a slot, from 1.
fn number(index: u32) -> u8 {
    u8::try_from(index.saturating_add(1)).unwrap_or(u8::MAX)
}

/// What the modem says of its slots; empty if it says nothing.
pub(super) fn all(device: &mut Device, options: &ModemOptions) -> Vec<Slotted> {
    // Where one of these questions has to be left out, the others are as well.
    if !options.habits.slot_mapping || device.lacks(extensions::SERVICE, extensions::SYS_CAPS) {
        return Vec::new();
    }
    let patience = options.timeouts.connect;
    let Ok(caps) = device.read(SysCaps::query(), patience, SysCaps::decode) else { return Vec::new() };
    let used = if caps.slots > 1 { ask_mappings(device, options).ok().flatten() } else { None };
    let mut slots = Vec::new();
    for index in 0..caps.slots.min(MOST_SLOTS) {
        let Ok(info) = device.read(SlotInfo::query(index), patience, SlotInfo::decode) else { break };
        slots.extend(told_slot(index, info.state, used.as_ref()));
    }
    slots
}

fn told_slot(index: u32, state: SlotState, used: Option<&SlotMappings>) -> Option<Slotted> {
    let off = matches!(state, SlotState::OFF_EMPTY | SlotState::OFF);
    let present = match state {
        SlotState::OFF_EMPTY | SlotState::EMPTY => Some(false),
        SlotState::UNKNOWN => None,
        _ => Some(true),
    };
    // Of a card that is not in use, or not started yet, the state says nothing more.
    let euicc = match state {
        SlotState::ACTIVE_ESIM | SlotState::ACTIVE_ESIM_NO_PROFILE => Some(true),
        SlotState::ACTIVE => Some(false),
        _ => None,
    };
    Some(Slotted {
        number: u8::try_from(index + 1).ok()?,
        active: used.map_or(!off && state != SlotState::UNKNOWN, |used| used.0.contains(&index)),
        present,
        euicc,
        eid: None,
    })
}

/// The first radio gets the slot, and gives its own to the one that had it.
fn exchange(mappings: &mut [u32], wanted: u32) {
    match mappings.iter().position(|slot| *slot == wanted) {
        Some(position) => mappings.swap(0, position),
        None => mappings.iter_mut().take(1).for_each(|slot| *slot = wanted),
    }
}

/// Which slots are in use; `None` if the modem has no say in it.
fn mappings(device: &mut Device, options: &ModemOptions) -> Result<Option<SlotMappings>, LinkError> {
    ask_mappings(device, options).map_err(|trouble| device.refused(&trouble))
}

/// The slot in use.
pub(super) fn in_use(device: &mut Device, options: &ModemOptions) -> Result<Option<u32>, Trouble> {
    Ok(ask_mappings(device, options)?.and_then(|mappings| mappings.0.first().copied()))
}

fn ask_mappings(device: &mut Device, options: &ModemOptions) -> Result<Option<SlotMappings>, Trouble> {
    let unlisted = device.lacks(extensions::SERVICE, extensions::DEVICE_SLOT_MAPPINGS);
    if !options.habits.slot_mapping || unlisted {
        return Ok(None);
    }
    match device.read(SlotMappings::query(), options.timeouts.connect, SlotMappings::decode) {
        Ok(mappings) => Ok(Some(mappings)),
        Err(Trouble::Status(status, _)) => {
            log::info!("the modem tells nothing of slots: {status}");
            Ok(None)
        }
        Err(trouble) => Err(trouble),
    }
}

/// Waits until the card can be used. `starting`: a card that is not seen yet may still come.
pub(super) fn wait_for_card(
    device: &mut Device,
    slot: Slot,
    starting: bool,
    options: &ModemOptions,
) -> Result<(), LinkError> {
    let patience = options.timeouts.connect;
    let deadline = Instant::now() + patience;
    loop {
        let state = match slot {
            Slot { index: Some(index), switched: true } => of_slot(device, index, patience)?,
            _ => Condition::Usable,
        };
        let state = if state == Condition::Usable { of_card(device, patience)? } else { state };
        let (kind, why) = match state {
            Condition::Usable => return Ok(()),
            Condition::Absent => (LinkErrorKind::NoCard, String::new()),
            Condition::Starting(why) => (LinkErrorKind::CardStarting, why),
            Condition::Failed(why) => (LinkErrorKind::CardFailed, why),
        };
        let error = LinkError::new(kind, why);
        let may_change = kind == LinkErrorKind::CardStarting || kind == LinkErrorKind::NoCard && starting;
        if !may_change || Instant::now() > deadline {
            return Err(error);
        }
        std::thread::sleep(POLL);
    }
}

/// What can be done with a card.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    Absent,
    /// May become usable; the modem's word for the state.
    Starting(String),
    Usable,
    /// Given up by the modem; the modem's word for the state.
    Failed(String),
}

fn of_slot(device: &mut Device, index: u32, patience: Duration) -> Result<Condition, LinkError> {
    match device.read(SlotInfo::query(index), patience, SlotInfo::decode) {
        Ok(info) => Ok(match info.state {
            SlotState::OFF_EMPTY | SlotState::EMPTY => Condition::Absent,
            SlotState::OFF => Condition::Starting("slot state: off".into()),
            SlotState::NOT_READY => Condition::Starting("slot state: not ready".into()),
            SlotState::ERROR => Condition::Failed("slot state: error".into()),
            _ => Condition::Usable,
        }),
        // Then the card's own state has to do.
        Err(trouble) if trouble.is_unsupported() => Ok(Condition::Usable),
        Err(Trouble::Status(status, _)) => Ok(Condition::Starting(status.to_string())),
        Err(trouble) => Err(device.refused(&trouble)),
    }
}

/// An ISD-R can be reached without a subscription, without a PIN and without a profile.
fn of_card(device: &mut Device, patience: Duration) -> Result<Condition, LinkError> {
    match device.read(basic::query(basic::SUBSCRIBER_READY_STATUS), patience, SubscriberReady::decode) {
        Ok(ready) => Ok(match ready.state {
            ReadyState::SIM_NOT_INSERTED => Condition::Absent,
            state @ ReadyState::NOT_INITIALIZED => Condition::Starting(state.to_string()),
            state @ (ReadyState::BAD_SIM | ReadyState::FAILURE) => Condition::Failed(state.to_string()),
            _ => Condition::Usable,
        }),
        Err(trouble) if trouble.is_unsupported() => Ok(Condition::Usable),
        Err(Trouble::Status(Status::SIM_NOT_INSERTED, _)) => Ok(Condition::Absent),
        Err(Trouble::Status(status @ Status::BAD_SIM, _)) => Ok(Condition::Failed(status.to_string())),
        Err(Trouble::Status(Status::PIN_REQUIRED, _)) => Ok(Condition::Usable),
        Err(Trouble::Status(status, _)) => Ok(Condition::Starting(status.to_string())),
        Err(trouble) => Err(device.refused(&trouble)),
    }
}

#[cfg(test)]
mod tests {
    use super::exchange;

    #[test]
    fn no_two_radios_get_one_slot() {
        for (before, wanted, after) in [(vec![0], 1, vec![1]), (vec![0, 1], 1, vec![1, 0]), (vec![0, 1], 2, vec![2, 1])]
        {
            let mut mappings = before;
            exchange(&mut mappings, wanted);
            assert_eq!(mappings, after);
        }
    }
}
