//! Devices: how they are named, which there are, and how one becomes a card.

mod choose;
mod discover;
pub(crate) mod elements;
mod habits;
mod hints;
mod identity;
mod modem;
mod open;
#[cfg(feature = "pcsc")]
mod pcsc;
mod probe;
mod program;
mod refusal;
mod slot_keeper;
mod spec;
mod system;

pub(crate) use choose::only;
pub use discover::{DeviceEntry, Devices, Element, discover};
pub use elements::OtherElement;
pub use habits::quirks_of;
pub(crate) use habits::{ISDR_FACT, SLOT_FACT};
pub(crate) use hints::UsedDevice;
pub use hints::{DeviceHint, hints_of};
pub(crate) use modem::node as modem_node;
pub(crate) use open::{BLOCK_FACT, Meeting, Opened, open, opening_error, virtual_lock};
pub use probe::Probed;
pub use program::ProgramCommand;
pub use slot_keeper::{SlotOutcome, SlotReport};
pub(crate) use slot_keeper::{SlotRecord, unrestored_slots};
pub use spec::{DeviceKind, DeviceOptions, DeviceSpec};
pub use system::{ModemHardware, Port, PortHolder};
pub(crate) use system::{System, plugged_without_driver};

use sgp22::id::Aid;

use crate::Manager;
use crate::error::Error;

/// The AIDs under which an ISD-R is looked for, the standard one first.
const ISDR_AIDS: [&[u8; 16]; 10] = [
    &Aid::ISD_R,
    // 5ber
    b"\xA0\x00\x00\x05\x59\x10\x10\xFF\xFF\xFF\xFF\x89\x00\x05\x05\x00",
    // eSIM.me
    b"\xA0\x00\x00\x05\x59\x10\x10\x00\x00\x00\x00\x89\x00\x00\x03\x00",
    // Xesim
    b"\xA0\x00\x00\x05\x59\x10\x10\xFF\xFF\xFF\xFF\x89\x00\x00\x01\x77",
    // LinksField
    b"\xA0\x00\x00\x05\x59\x10\x4C\x69\x6E\x6B\x73\x66\x69\x65\x6C\x64",
    // GlocalMe
    b"\xA0\x00\x00\x06\x28\x10\x10\xFF\xFF\xFF\xFF\x89\x00\x00\x01\x00",
    // eSTK.me, first and second secure element, and the AID of older ones
    b"\xA0\x65\x73\x74\x6B\x6D\x65\xFF\xFF\x49\x53\x44\x2D\x52\x20\x30",
    b"\xA0\x65\x73\x74\x6B\x6D\x65\xFF\xFF\x49\x53\x44\x2D\x52\x20\x31",
    b"\xA0\x65\x73\x74\x6B\x6D\x65\xFF\xFF\xFF\xFF\x49\x53\x44\x2D\x52",
    // Tried by others, on no card that is known: last.
    b"\xA0\x00\x00\x05\x59\x10\x10\xFF\xFF\xFF\xFF\x89\x00\x00\x01\x01",
];

/// The full name of the device that is meant.
pub(crate) fn full_name(spec: &DeviceSpec) -> Result<String, Error> {
    #[cfg(feature = "pcsc")]
    if let DeviceKind::Pcsc(wanted) = &spec.kind {
        return pcsc::choose(wanted.as_deref()).map(|reader| format!("pcsc:{reader}"));
    }
    Ok(spec.kind.to_string())
}

/// The keys under which things may be remembered about a device: all of them together, or what begins with one and `|`.
pub(crate) fn fact_keys(manager: &Manager, kind: &DeviceKind, device: &str) -> Vec<String> {
    match kind {
        DeviceKind::Modem(address) => {
            let [base, device] = identity::keys_of(manager.system(), address);
            vec![slot_keeper::note_key(&base), base, device]
        }
        _ => vec![device.to_owned()],
    }
}

/// The AIDs to try: the one that is named, or those of the configuration and the known ones.
pub(crate) fn applications(options: &DeviceOptions, configured: &[Aid]) -> Vec<Aid> {
    match &options.aid {
        Some(aid) => vec![aid.clone()],
        None => {
            configured.iter().cloned().chain(ISDR_AIDS.iter().filter_map(|aid| Aid::from_bytes(*aid).ok())).collect()
        }
    }
}
