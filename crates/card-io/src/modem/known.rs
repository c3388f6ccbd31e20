//! The quirks that esimctl knows how to live with: one table, a row each, with the devices that have it and where that was
//! told. A row says what to do in [`Habits`]; one that changes nothing there is lived with at every modem.

mod table;

use sgp22::id::Aid;
use sgp22::transport::Identity;
pub use table::KNOWN;

use super::habits::Habits;

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct KnownQuirk {
    /// Its name, for `quirk=`.
    pub name: &'static str,
    /// What the device does.
    pub behaviour: &'static str,
    /// What is done about it.
    pub answer: &'static str,
    /// The devices that have it.
    pub devices: &'static str,
    /// Where it was told.
    pub source: &'static str,
    /// What tells that it is there.
    signs: &'static [Sign],
    /// What it changes; `None` where nothing has to be changed: all modems are treated so.
    change: Option<fn(&mut Habits)>,
}

/// What a device is known by.
#[derive(Debug, Clone, Copy)]
enum Sign {
    /// Vendor and product on USB.
    Usb(u16, u16),
    /// Words that all stand in what the modem says of itself, in lower case.
    Says(&'static str),
    /// The AID of the card's ISD-R.
    Isdr([u8; 16]),
}

/// What is known of a device.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signs<'a> {
    /// Vendor and product on USB.
    pub usb: Option<(u16, u16)>,
    /// What the modem says of itself.
    pub identity: Option<&'a Identity>,
    /// The AID of the card's ISD-R.
    pub isdr: Option<&'a Aid>,
}

impl KnownQuirk {
    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        KNOWN.iter().find(|quirk| quirk.name == name)
    }

    /// Those that a device with these signs has.
    pub fn of(signs: Signs<'_>) -> impl Iterator<Item = &'static Self> {
        let says = signs.identity.map(|Identity { manufacturer, model, firmware }| {
            format!("{manufacturer} {model} {firmware}").to_lowercase()
        });
        KNOWN.iter().filter(move |quirk| {
            quirk.signs.iter().any(|sign| match sign {
                Sign::Usb(vendor, product) => signs.usb == Some((*vendor, *product)),
                Sign::Says(words) => says.as_ref().is_some_and(|says| says.contains(words)),
                Sign::Isdr(aid) => signs.isdr.is_some_and(|isdr| isdr.as_bytes() == aid),
            })
        })
    }

    /// True if a device that has it is treated otherwise than all are.
    #[must_use]
    pub fn changes_something(&self) -> bool {
        self.change.is_some()
    }

    /// Whether it can be told from the device, and need not be named.
    #[must_use]
    pub fn is_recognised(&self) -> bool {
        !self.signs.is_empty()
    }

    /// Changes what it changes.
    pub fn apply(&self, habits: &mut Habits) {
        if let Some(change) = self.change {
            change(habits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modem::{ApduForm, ClassByte};

    fn modem(manufacturer: &str, model: &str) -> Identity {
        Identity { manufacturer: manufacturer.into(), model: model.into(), firmware: "R1".into() }
    }

    fn names(signs: Signs<'_>) -> Vec<&'static str> {
        KnownQuirk::of(signs).map(|quirk| quirk.name).collect()
    }

    #[test]
    fn devices_are_known_by_their_signs() {
        let identity = modem("QUECTEL", "EG916Q-GL");
        let said = Signs { identity: Some(&identity), ..Signs::default() };
        assert_eq!(names(said), ["leftover-session", "needs-cfun"]);
        assert_eq!(names(Signs { usb: Some((0x2C7C, 0x6007)), ..Signs::default() }), names(said));
        let dell = Signs { usb: Some((0x413C, 0x81D7)), ..Signs::default() };
        let mut habits = Habits::default();
        KnownQuirk::of(dell).for_each(|quirk| quirk.apply(&mut habits));
        let expected = Habits {
            apdu_form: ApduForm::Csim,
            class_byte: ClassByte::Extended,
            select_p2: 0x0C,
            slot_mapping: false,
            ..Habits::default()
        };
        assert_eq!(habits, expected);
        let aid = Aid::from_bytes(b"\xA0\x00\x00\x05\x59\x10\x10\xFF\xFF\xFF\xFF\x89\x00\x05\x05\x00").unwrap();
        assert_eq!(names(Signs { isdr: Some(&aid), ..Signs::default() }), ["no-iccid-refresh"]);
        let other = modem("esimctl", "virtual modem");
        assert!(names(Signs { usb: Some((1, 2)), identity: Some(&other), isdr: Some(&Aid::isd_r()) }).is_empty());
        assert!(names(Signs::default()).is_empty());
    }

    #[test]
    fn the_table_is_sound() {
        for (index, quirk) in KNOWN.iter().enumerate() {
            let KnownQuirk { name, behaviour, answer, devices, source, .. } = quirk;
            assert!([behaviour, answer, devices, source].iter().all(|text| text.len() > 3), "{name} tells everything");
            assert!(name.chars().all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '-')), "{name}");
            assert!(std::ptr::eq(KnownQuirk::named(name).unwrap(), &raw const KNOWN[index]), "{name} stands once");
            for sign in quirk.signs {
                match sign {
                    Sign::Says(words) => assert_eq!(*words, words.to_lowercase()),
                    Sign::Usb(vendor, product) => assert!(*vendor != 0 && *product != 0),
                    Sign::Isdr(_) => {}
                }
            }
            // A change changes something, wherever the default is not what it wants.
            let mut habits = Habits { le_with_data: false, ..Habits::default() };
            let before = if quirk.name == "no-le" { Habits::default() } else { habits.clone() };
            habits = before.clone();
            quirk.apply(&mut habits);
            assert_eq!(habits != before, quirk.changes_something(), "{name}");
        }
        assert!(KnownQuirk::named("nonsense").is_none());
    }
}
