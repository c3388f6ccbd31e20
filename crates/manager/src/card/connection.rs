//! What a change takes from whoever uses the card for a connection.

use card_io::modem::ModemAddress;
use lpa::profiles::Detail;
use sgp22::profile::ProfileInfo;

use super::Card;
use super::switch::describe;
use crate::device::{DeviceKind, DeviceSpec, System};
use crate::error::{Error, Id};
use crate::route;

/// The connection that is lost with the enabled profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionRisk {
    /// No profile of the card is enabled afterwards.
    LastEnabled,
    /// The machine reaches the internet by a mobile network alone, which this card may be used for.
    InternetLink,
}

impl ConnectionRisk {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LastEnabled => "last_enabled",
            Self::InternetLink => "internet_link",
        }
    }
}

/// The connection that a planned change takes from whoever uses the card, and whether the user has agreed to that.
#[derive(Debug, Clone, Copy, Default)]
pub struct ConnectionLoss {
    /// The loss; `None` if there is none.
    pub risk: Option<ConnectionRisk>,
    agreed: bool,
}

/// Two losses are equal if the same is lost: whether the user has agreed is no part of what a plan does.
impl PartialEq for ConnectionLoss {
    fn eq(&self, other: &Self) -> bool {
        self.risk == other.risk
    }
}

impl Eq for ConnectionLoss {}

impl ConnectionLoss {
    /// True if this machine may lose its way to the internet: that takes the user's word.
    #[must_use]
    pub fn takes_consent(&self) -> bool {
        self.risk == Some(ConnectionRisk::InternetLink)
    }

    /// Notes the user's word that the connection may be lost.
    pub fn agree(&mut self) {
        self.agreed = true;
    }

    /// The refusal to switch this profile off as long as the user has not agreed.
    ///
    /// # Errors
    ///
    /// [`Id::LinkInUse`], if the way to the internet would be lost without the user's word.
    pub fn check(&self, profile: &ProfileInfo) -> Result<(), Error> {
        if self.takes_consent() && !self.agreed {
            return Err(Error::new(Id::LinkInUse).with("profile", describe(profile)));
        }
        Ok(())
    }
}

impl Card<'_> {
    /// What is lost if the enabled profile is switched off; `leaves_none` if no other takes its place.
    pub(super) fn loss(&self, leaves_none: bool) -> ConnectionLoss {
        let risk = if carries_the_link(self.device, &System::default()) {
            Some(ConnectionRisk::InternetLink)
        } else {
            leaves_none.then_some(ConnectionRisk::LastEnabled)
        };
        ConnectionLoss { risk, agreed: false }
    }
}

impl Card<'_> {
    /// What is lost if another profile is enabled, with the one that is now; `None` if nothing takes the user's word. The
    /// card is read only where this machine reaches the internet by a mobile network alone.
    pub fn loss_of_enabling_another(&mut self) -> Result<Option<(ProfileInfo, ConnectionLoss)>, Error> {
        let loss = self.loss(false);
        if !loss.takes_consent() {
            return Ok(None);
        }
        let enabled = self.profiles(Detail::Row)?.into_iter().find(ProfileInfo::is_enabled);
        Ok(enabled.map(|profile| (profile, loss)))
    }
}

/// True if this machine reaches the internet by a mobile network alone, and the card may be that of the modem in use.
fn carries_the_link(device: &str, system: &System) -> bool {
    let interfaces = route::default_interfaces(&system.path("/"));
    route::are_mobile(&system.path("/"), &interfaces) && may_be_used_by(device, &interfaces, system)
}

/// True if the device may be the modem of one of these interfaces. What is not known counts as it.
fn may_be_used_by(device: &str, interfaces: &[String], system: &System) -> bool {
    let Ok(spec) = device.parse::<DeviceSpec>() else { return true };
    let address = match spec.kind {
        DeviceKind::Pcsc(_) | DeviceKind::Replay(_) => return false,
        // It stands for a real one only where the system is made up, too.
        DeviceKind::Virtual(_) => return !system.is_real(),
        DeviceKind::Stdio(_) => return true,
        DeviceKind::Modem(address) => address,
    };
    let own = match &address {
        ModemAddress::At(node) | ModemAddress::AtCsim(node) | ModemAddress::Qmi(node) | ModemAddress::Mbim(node) => {
            system.hardware(node)
        }
        ModemAddress::Qrtr(_) => None,
    };
    let Some(own) = own else { return true };
    interfaces.iter().any(|name| system.interface_hardware(name).is_none_or(|hardware| hardware == own))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A system with a modem at `1-2` and another at `1-3`, which reaches the internet by the first.
    fn system(root: &std::path::Path) -> System {
        let usb = root.join("sys/devices/usb1");
        for (place, port, interface) in [("1-2", "ttyUSB2", "wwan0"), ("1-3", "ttyUSB7", "wwan1")] {
            let device = usb.join(place);
            for (class, name) in [("tty", port), ("net", interface)] {
                let node = device.join(class).join(name);
                std::fs::create_dir_all(&node).unwrap();
                std::fs::create_dir_all(root.join("sys/class").join(class)).unwrap();
                symlink(&node, root.join("sys/class").join(class).join(name)).unwrap();
            }
            std::fs::write(device.join("idVendor"), "2c7c\n").unwrap();
            std::fs::create_dir_all(root.join("dev")).unwrap();
            std::fs::write(root.join("dev").join(port), "").unwrap();
        }
        let route = "Iface Destination Gateway Flags RefCnt Use Metric Mask\nwwan0 00000000 0 0003 0 0 100 00000000\n";
        std::fs::create_dir_all(root.join("proc/net")).unwrap();
        std::fs::write(root.join("proc/net/route"), route).unwrap();
        System::at(root.to_owned())
    }

    #[test]
    fn the_card_that_carries_the_link_is_told_from_others() {
        let root = tempfile::tempdir().unwrap();
        let system = system(root.path());
        for (device, carries) in [
            ("at:/dev/ttyUSB2", true),
            ("qmi:/dev/cdc-wdm9", true),
            ("stdio:program", true),
            ("qrtr:", true),
            ("virtual:card", true),
            ("at:/dev/ttyUSB7", false),
            ("pcsc", false),
            ("pcsc:Omnikey,se=1", false),
            ("replay:file", false),
        ] {
            assert_eq!(carries_the_link(device, &system), carries, "{device}");
        }
        // A virtual card carries no connection of a real machine.
        assert!(!may_be_used_by("virtual:card", &["wwan0".into()], &System::at("/".into())));
        let other = "Iface Destination Gateway Flags RefCnt Use Metric Mask\neth0 00000000 0 0003 0 0 100 00000000\n";
        std::fs::write(root.path().join("proc/net/route"), other).unwrap();
        assert!(!carries_the_link("at:/dev/ttyUSB2", &system));
    }
}
