//! Which device is meant where none is named.

use card_io::modem::ModemAddress;

use super::{DeviceEntry, Port};

/// Those that could be meant; one if it is clear.
///
/// A reader or virtual card is there to be used. A modem is there for its network, and most have an ordinary SIM: so it
/// is meant only if nothing else is there, and it is the only one. Of its ports a control port is better than a serial
/// one, which may be for something else.
pub(crate) fn only(entries: &[DeviceEntry]) -> Vec<&DeviceEntry> {
    // One that is only busy counts: which card is meant must not depend on what runs beside.
    let usable: Vec<&DeviceEntry> = entries.iter().filter(|entry| entry.is_usable() || entry.is_busy()).collect();
    let (modems, others): (Vec<&DeviceEntry>, Vec<&DeviceEntry>) =
        usable.into_iter().partition(|entry| entry.port.is_some());
    if !others.is_empty() {
        return others;
    }
    let place = |entry: &DeviceEntry| entry.port.as_ref().map(|port| port.modem.place.clone());
    if modems.iter().any(|entry| place(entry) != place(modems[0])) {
        return modems;
    }
    let best = modems.iter().map(|entry| rank(entry.port.as_deref())).min();
    modems.into_iter().filter(|entry| Some(rank(entry.port.as_deref())) == best).collect::<Vec<_>>().into_iter().fold(
        Vec::new(),
        |mut best, entry| {
            // A control port that the kernel shows twice is one.
            if best.is_empty() || rank(entry.port.as_deref()) > 0 {
                best.push(entry);
            }
            best
        },
    )
}

/// The lower, the better.
pub(super) fn rank(port: Option<&Port>) -> u8 {
    match port {
        Some(Port { address: ModemAddress::Qmi(_) | ModemAddress::Mbim(_) | ModemAddress::Qrtr(_), .. }) => 0,
        Some(Port { role: Some("at"), .. }) => 1,
        _ => 2,
    }
}
