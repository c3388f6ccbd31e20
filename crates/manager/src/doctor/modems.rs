//! What keeps a modem from being used.

use std::collections::BTreeMap;
use std::path::Path;

use card_io::modem::ModemAddress;
use sgp22::transport::Slot;

use super::Check;
use crate::Manager;
use crate::database::Database;
use crate::device::{DeviceEntry, Port, System, plugged_without_driver, unrestored_slots};
use crate::error::{Details, Error, Id};
use crate::modem_manager::ModemManager;

/// What lets users open the ports of modems.
const RULE: &str = include_str!("../../../../dist/70-esimctl.rules");

/// Looks at modems, from the kernel upwards.
pub(super) fn examine(manager: &Manager, entries: &[DeviceEntry]) -> Vec<Check> {
    let system = manager.system();
    let mut modems: BTreeMap<&str, Vec<(&DeviceEntry, &Port)>> = BTreeMap::new();
    for entry in entries {
        if let Some(port) = entry.port.as_deref() {
            modems.entry(&port.modem.place).or_default().push((entry, port));
        }
    }
    let mut checks: Vec<Check> = drivers(system).into_iter().chain(qrtr(manager)).collect();
    checks.extend(rights(entries));
    checks.extend(proxies(system, entries));
    checks.extend(modem_manager(&modems));
    checks.extend(modems.values().map(|ports| modem(ports)));
    checks.extend(unrestored(manager));
    checks
}

/// Modems that a command has switched to another slot, and that are not back. Those that were asked just now are.
fn unrestored(manager: &Manager) -> Vec<Check> {
    let Some(database) = Database::peek(manager.paths()) else { return Vec::new() };
    let note = |(device, from, to): (String, u8, u8)| {
        let message = format!(
            "A command of esimctl switched {device} from slot {from} to slot {to} and ended before it could go back."
        );
        Check::note(
            "modem_slot_switched",
            message,
            format!("The next command at this modem goes back: esimctl info --device {device}"),
        )
    };
    unrestored_slots(&database).into_iter().map(note).collect()
}

/// Modems that are plugged in and that no driver has taken.
fn drivers(system: &System) -> Vec<Check> {
    let bad = |name: String| {
        let message = format!("A modem is plugged in ({name}), but no driver of the kernel has taken it.");
        Check::bad("modem_driver", message, "sudo modprobe -a option qmi_wwan cdc_mbim    # then plug it in again")
    };
    plugged_without_driver(system).into_iter().map(bad).collect()
}

/// Whether the kernel has QRTR, where something needs it.
fn qrtr(manager: &Manager) -> Option<Check> {
    let system = manager.system();
    let named = manager.named_device().is_some_and(|device| device.starts_with("qrtr"));
    let mhi = std::fs::read_dir(system.path("/sys/bus/mhi/devices")).ok()?;
    let router = mhi.flatten().any(|entry| entry.file_name().to_string_lossy().contains("IPCR"));
    if (!named && !router) || system.has_qrtr() {
        return None;
    }
    let message = "The kernel has no QRTR, by which this modem's cards are reached.";
    Some(Check::bad("qrtr", message, "sudo modprobe -a qrtr qrtr-mhi"))
}

/// Ports that this user may not open.
fn rights(entries: &[DeviceEntry]) -> Option<Check> {
    let closed = |entry: &&DeviceEntry| entry.problem.as_ref().is_some_and(|error| error.id == Id::PortNoAccess);
    let closed: Vec<&str> = entries.iter().filter(closed).map(|entry| entry.device.as_str()).collect();
    if closed.is_empty() {
        return None;
    }
    let rules: Vec<&str> = RULE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let remedy = format!(
        "sudo tee /etc/udev/rules.d/70-esimctl.rules <<'EOF'\n{}\nEOF\nsudo udevadm control --reload && sudo udevadm trigger\n\
         sudo adduser \"$USER\" dialout    # for logins from elsewhere; then log in again",
        rules.join("\n")
    );
    let message = format!("This user may not open {}.", closed.join(", "));
    Some(Check::bad("modem_rights", message, remedy))
}

/// The daemons that share control ports.
fn proxies(system: &System, entries: &[DeviceEntry]) -> Vec<Check> {
    let speaks = |kind: &str| entries.iter().any(|entry| entry.port.is_some() && entry.kind == kind);
    let missing = |(kind, program, package): &(&str, &str, &str)| {
        let installed = ["/usr/libexec", "/usr/lib", "/usr/lib/libqmi", "/usr/lib/libmbim"]
            .iter()
            .any(|directory| system.path(Path::new(directory).join(program)).exists());
        (speaks(kind) && !installed).then(|| {
            let message = format!("{program} is not installed, so that a {kind}: port is for one program at a time.");
            Check::note("modem_proxy", message, format!("sudo apt install {package}"))
        })
    };
    [("qmi", "qmi-proxy", "libqmi-proxy"), ("mbim", "mbim-proxy", "libmbim-proxy")].iter().filter_map(missing).collect()
}

type Modems<'a> = BTreeMap<&'a str, Vec<(&'a DeviceEntry, &'a Port)>>;

/// Whether ModemManager runs, and what it uses.
fn modem_manager(modems: &Modems<'_>) -> Option<Check> {
    if modems.is_empty() {
        return None;
    }
    let Some(service) = ModemManager::find() else {
        return Some(Check::good("modem_manager", "ModemManager does not run: the modems are free."));
    };
    let used = match service.modems() {
        Ok(used) => used,
        Err(error) => {
            let message = format!("ModemManager runs, and does not say what it uses ({error:?}).");
            return Some(Check::note("modem_manager", message, "sudo systemctl restart ModemManager"));
        }
    };
    let name = |port: &Port| port.node.rsplit('/').next().unwrap_or_default().to_owned();
    let ports: Vec<&Port> = modems.values().flatten().map(|(_, port)| *port).collect();
    let held: Vec<&str> = ports
        .iter()
        .filter(|port| used.iter().any(|modem| modem.is(&name(port), None)))
        .map(|port| port.node.as_str())
        .collect();
    if held.is_empty() {
        return Some(Check::good("modem_manager", "ModemManager runs, and uses none of these modems."));
    }
    let shared = ports.iter().any(|port| matches!(port.address, ModemAddress::Qmi(_) | ModemAddress::Mbim(_)));
    let message = format!(
        "ModemManager uses {}. It lets go of the modem as long as a command of esimctl runs, which ends connections.",
        held.join(", ")
    );
    let remedy = match shared {
        true => "To keep connections, use a qmi: or mbim: port through its proxy: ,proxy=yes behind the device",
        false => "Nothing needs to be mended; connect again afterwards.",
    };
    Some(Check::note("modem_manager", message, remedy))
}

/// Errors of a modem that answers but offers no eUICC.
const NO_EUICC_ERRORS: [Id; 13] = [
    Id::NotAnEuicc,
    Id::ModemOpensNoChannel,
    Id::ModemSelectFailed,
    Id::ModemDenies,
    Id::ModemNoChannel,
    Id::SlotEmpty,
    Id::ModemNoCard,
    Id::ModemCardStarting,
    Id::ModemCardBroken,
    Id::ModemCardPin,
    Id::ModemCardPuk,
    Id::ModemLocked,
    Id::ModemHidesEuicc,
];

/// One modem: the eUICC that was found behind it, or the best reason why there is none.
fn modem(ports: &[(&DeviceEntry, &Port)]) -> Check {
    let name = ports.first().map(|(_, port)| port.modem.name()).unwrap_or_default();
    if let Some((entry, elements)) = ports.iter().find_map(|(entry, _)| Some((entry, entry.elements.as_ref()?))) {
        let eids: Vec<String> = elements.iter().map(|element| element.eid.to_string()).collect();
        return Check::good("modem", format!("{name}: an eUICC, EID {}, at {}.", eids.join(" and "), entry.device));
    }
    if let Some((device, slot, how)) = other_slot(ports) {
        let message = format!("{name}: {}", how.replace("{slot}", &slot.to_string()));
        let remedy = format!("Name the slot behind the device: --device {device},slot={slot}");
        return Check::note("modem_slot", message, remedy);
    }
    let managed = ports.iter().find(|(entry, _)| entry.is_modem_managers());
    let held = ports.iter().any(|(entry, _)| entry.is_usable() && entry.in_use);
    let problems: Vec<&Error> = ports.iter().filter_map(|(entry, _)| entry.problem.as_ref()).collect();
    let answering = |error: &&&Error| NO_EUICC_ERRORS.contains(&error.id);
    if let Some(error) = problems.iter().find(answering) {
        let message = format!("{name}: {}", error.message());
        return Check::note("modem_euicc", message, error.next());
    }
    if let Some((entry, _)) = managed {
        let message = format!("{name}: ModemManager uses it, so it was not asked. It lets go of it for a command.");
        return Check::note("modem", message, format!("To look: esimctl info --device {}", entry.device));
    }
    if held {
        let remedy = "To look all the same: esimctl info --device DEVICE, as 'esimctl devices' lists it";
        return Check::note("modem", format!("{name}: in use by another program, so it was not asked."), remedy);
    }
    match problems.first() {
        Some(error) => {
            let cause = if error.cause.is_empty() { String::new() } else { format!(" ({})", error.cause) };
            Check::note("modem", format!("{name}: {}{cause}", error.message()), error.next())
        }
        None => Check::note(
            "modem",
            format!("{name}: none of its ports is for cards."),
            "Restart it: unplug it, or switch the machine off.",
        ),
    }
}

/// A slot that is not in use, and has an eUICC or may have one; the port by which it was seen, and what is to be said.
fn other_slot<'a>(ports: &[(&'a DeviceEntry, &Port)]) -> Option<(&'a str, u8, &'static str)> {
    let seen = |wanted: fn(&Slot) -> bool| {
        ports.iter().find_map(|(entry, _)| {
            let slots = &entry.probed.as_ref()?.slots;
            let slot = slots.iter().find(|slot| !slot.active && wanted(slot))?;
            Some((entry.device.as_str(), slot.number))
        })
    };
    let refused = |(entry, _): &(&'a DeviceEntry, &Port)| match entry.problem.as_ref()? {
        Error { id: Id::SlotEmpty, details: Details::Slots(slots), .. } => {
            Some((entry.device.as_str(), *slots.first()?))
        }
        _ => None,
    };
    let said = |how: &'static str| move |(device, slot)| (device, slot, how);
    seen(|slot| slot.euicc == Some(true) || slot.eid.is_some())
        .map(said("the slot in use has no eUICC, and slot {slot} has one."))
        .or_else(|| ports.iter().find_map(refused).map(said("the slot in use is empty, and slot {slot} has a card.")))
        // MBIM does not tell of what kind a card is that is not in use.
        .or_else(|| {
            let found = seen(|slot| slot.present == Some(true) && slot.euicc.is_none());
            found.map(said("the slot in use has no eUICC, and the card in slot {slot} may be one."))
        })
}
