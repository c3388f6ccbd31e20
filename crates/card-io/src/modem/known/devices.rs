//! Devices that are known, and the signs by which each is recognised.

use sgp22::id::Aid;
use sgp22::transport::Identity;

use super::KnownQuirk;
pub use super::device_table::KNOWN_DEVICES;

/// A kind of device: a row of [`KNOWN_DEVICES`].
#[derive(Debug, Clone, Copy)]
pub struct KnownDevice {
    /// Maker and model, for people.
    pub name: &'static str,
    /// The signs that tell it; one of them suffices.
    pub(super) signs: &'static [Sign],
    /// The names of its quirks in [`KNOWN`](super::KNOWN).
    pub(super) quirks: &'static [&'static str],
    /// The key of a text that helps whoever uses it; `None` where nothing has to be said.
    pub hint: Option<&'static str>,
    /// The reports or drivers that the row rests on.
    pub source: &'static str,
}

/// A sign that tells one kind of device from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Vendor and product on USB.
    Usb(u16, u16),
    /// Vendor and device on PCI.
    Pci(u16, u16),
    /// Words in what the modem says of itself, in lower case; see [`names_model`].
    Says(&'static str),
    /// The AID of the card's ISD-R.
    Isdr([u8; 16]),
}

/// The signs that are seen of a device.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signs<'a> {
    /// Vendor and product on USB.
    pub usb: Option<(u16, u16)>,
    /// Vendor and device on PCI.
    pub pci: Option<(u16, u16)>,
    /// The words that the modem says of itself.
    pub identity: Option<&'a Identity>,
    /// The AID of the card's ISD-R.
    pub isdr: Option<&'a Aid>,
}

impl KnownDevice {
    /// The rows that fit a device with these signs, in the order of the table.
    pub fn matching(signs: Signs<'_>) -> impl Iterator<Item = &'static Self> {
        let words = signs.identity.map(|Identity { manufacturer, model, firmware }| {
            format!("{manufacturer} {model} {firmware}").to_lowercase()
        });
        KNOWN_DEVICES.iter().filter(move |device| {
            device.signs.iter().any(|sign| match sign {
                Sign::Usb(vendor, product) => signs.usb == Some((*vendor, *product)),
                Sign::Pci(vendor, device) => signs.pci == Some((*vendor, *device)),
                Sign::Says(model) => words.as_ref().is_some_and(|words| names_model(words, model)),
                Sign::Isdr(aid) => signs.isdr.is_some_and(|isdr| isdr.as_bytes() == aid),
            })
        })
    }

    /// The name of the hardware with this id, where no device says it itself; PCI has no names at all.
    #[must_use]
    pub fn name_of_hardware(usb: Option<(u16, u16)>, pci: Option<(u16, u16)>) -> Option<&'static str> {
        Self::matching(Signs { usb, pci, ..Signs::default() }).map(|device| device.name).next()
    }

    /// The quirks of this kind of device.
    pub fn quirks(&self) -> impl Iterator<Item = &'static KnownQuirk> {
        self.quirks.iter().filter_map(|name| KnownQuirk::named(name))
    }

    /// True if this kind of device has the quirk.
    #[must_use]
    pub(super) fn has(&self, quirk: &str) -> bool {
        self.quirks.contains(&quirk)
    }
}

/// True if the words name this model: it begins where a word begins, and no digit follows that would make it another
/// model. `ec20` is in `ec20cefag`, not in `ec200u`, which is another modem altogether.
fn names_model(words: &str, model: &str) -> bool {
    words.match_indices(model).any(|(at, found)| {
        let before = words[..at].chars().next_back();
        let after = words[at + found.len()..].chars().next();
        let goes_on = found.ends_with(|c: char| c.is_ascii_digit()) && after.is_some_and(|c| c.is_ascii_digit());
        !before.is_some_and(char::is_alphanumeric) && !goes_on
    })
}
