//! How long a frame to a device may be.
//!
//! The kernel tells by an ioctl that safe Rust has no call for; the device's USB descriptors say the same.

use std::path::Path;

use modem_wire::mbim::{LEAST_TRANSFER, USUAL_TRANSFER};

/// The longest frame for the device at `path`; the usual length for anything but a USB modem.
pub(super) fn longest(path: &Path) -> u32 {
    let told = std::fs::canonicalize(path).ok().and_then(|path| of_usb(&path));
    told.filter(|longest| *longest >= LEAST_TRANSFER).unwrap_or(USUAL_TRANSFER)
}

fn of_usb(path: &Path) -> Option<u32> {
    let interface = Path::new("/sys/class/usbmisc").join(path.file_name()?).join("device");
    let number = std::fs::read_to_string(interface.join("bInterfaceNumber")).ok()?;
    let number = u8::from_str_radix(number.trim(), 16).ok()?;
    let descriptors = std::fs::read(std::fs::canonicalize(interface).ok()?.parent()?.join("descriptors")).ok()?;
    in_descriptors(&descriptors, number)
}

/// `wMaxControlMessage` of the MBIM functional descriptor (USB CDC MBIM 1.0 6.4) of this interface.
fn in_descriptors(mut descriptors: &[u8], interface: u8) -> Option<u32> {
    const INTERFACE: u8 = 0x04;
    const CLASS_SPECIFIC: u8 = 0x24;
    const MBIM: u8 = 0x1B;
    let mut ours = false;
    while let [length, kind, ..] = *descriptors {
        let descriptor = descriptors.get(..length.into()).filter(|descriptor| descriptor.len() >= 2)?;
        match *descriptor {
            [_, INTERFACE, number, ..] => ours = number == interface,
            [_, CLASS_SPECIFIC, MBIM, _, _, low, high, ..] if ours => {
                return Some(u16::from_le_bytes([low, high]).into());
            }
            _ => log::trace!("a descriptor of kind {kind:02X}"),
        }
        descriptors = &descriptors[descriptor.len()..];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Device, configuration, another interface, and one of MBIM with header, MBIM and Ethernet descriptors.
    const DESCRIPTORS: &[u8] = &[
        18, 1, 0, 2, 0xEF, 2, 1, 64, 0x87, 0x80, 0x5A, 0x09, 0, 6, 1, 2, 3, 1, //
        9, 2, 95, 0, 2, 1, 0, 0xA0, 250, //
        9, 4, 0, 0, 1, 0xFF, 0, 0, 0, 12, 0x24, 0x1B, 0, 1, 0x00, 0x08, 16, 0x80, 0, 0x10, 0, //
        9, 4, 2, 0, 1, 2, 0x0E, 0, 0, 5, 0x24, 0, 0x10, 1, 12, 0x24, 0x1B, 0, 1, 0x00, 0x10, 32, 0x80, 0xDC, 5, 0x20,
    ];

    #[test]
    fn descriptors_are_read() {
        assert_eq!(in_descriptors(DESCRIPTORS, 2), Some(0x1000));
        assert_eq!(in_descriptors(DESCRIPTORS, 0), Some(0x0800));
        assert_eq!(in_descriptors(DESCRIPTORS, 1), None);
    }

    #[test]
    fn odd_descriptors_end_the_search() {
        assert_eq!(in_descriptors(&[0, 0, 0, 0], 0), None);
        assert_eq!(in_descriptors(&[1], 0), None);
        assert_eq!(in_descriptors(&[200, 4, 0], 0), None);
        for cut in 0..DESCRIPTORS.len() - 6 {
            assert_eq!(in_descriptors(&DESCRIPTORS[..cut], 2), None);
        }
    }

    #[test]
    fn anything_else_gets_the_usual_length() {
        assert_eq!(longest(Path::new("/dev/null")), USUAL_TRANSFER);
        assert_eq!(longest(Path::new("/nowhere")), USUAL_TRANSFER);
    }
}
