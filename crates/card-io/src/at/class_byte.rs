//! The channel in the class byte of `AT+CGLA`.
//!
//! TS 27.007 8.43 has it both ways: the command is sent to the card as it is, and the modem manages the channel. So some
//! modems leave the class byte alone, and the card must find the channel in it; others write the channel themselves, and
//! a few of those refuse a class byte that has one already. It is set where the session is a channel's number, and left
//! out where it is not or where that is known to be refused. As long as nothing is known, a read command that is refused
//! is tried in the other form: nothing has been changed by then, and reading twice changes nothing either.

use sgp22::apdu::{StatusWord, class_byte};

/// The form of the class byte that a modem accepts, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClassForm {
    /// True if the class byte names the channel, false if it must not; `None` as long as nothing is known.
    known: Option<bool>,
    /// True if a form other than the usual one was learned in this session.
    is_new: bool,
}

impl ClassForm {
    pub(super) fn new(known: Option<bool>) -> Self {
        Self { known, is_new: false }
    }

    /// True if the class byte is to name the channel at first.
    pub(super) fn names_channel(self) -> bool {
        self.known != Some(false)
    }

    /// True if the other form may be tried after a refusal of this command.
    pub(super) fn may_change(self, apdu: &[u8]) -> bool {
        self.known.is_none() && is_reading(apdu)
    }

    /// Notes which form the modem takes.
    pub(super) fn learn(&mut self, names_channel: bool) {
        if self.known.is_none() {
            (self.known, self.is_new) = (Some(names_channel), !names_channel);
        }
    }

    /// The form to be remembered for the modem; `None` if this session learned none but the usual one.
    pub(super) fn finding(self) -> Option<bool> {
        self.known.filter(|_| self.is_new)
    }
}

/// The command with the channel of this number in its class byte, or with none.
pub(super) fn with_channel(command: &[u8], channel: Option<u8>) -> Vec<u8> {
    let mut apdu = command.to_vec();
    if let Some(class) = apdu.first_mut() {
        *class &= if *class & 0x40 == 0 { 0xFC } else { 0xB0 };
        *class = class_byte(*class, channel.unwrap_or(0));
    }
    apdu
}

/// True if this answer may be about the channel in the class byte.
pub(super) fn is_about_class(answer: &[u8]) -> bool {
    let Some(&[sw1, sw2]) = answer.last_chunk() else { return false };
    [StatusWord::CHANNEL_NOT_SUPPORTED, StatusWord::CONDITIONS_NOT_SATISFIED, StatusWord::WRONG_CLA]
        .contains(&StatusWord::new(sw1, sw2))
}

/// True if the command was carried out: only that shows that the modem takes this form.
pub(super) fn is_success(answer: &[u8]) -> bool {
    answer.last_chunk().is_some_and(|&[sw1, sw2]| StatusWord::new(sw1, sw2).is_ok() || sw1 == 0x61)
}

/// The functions that change nothing and spend nothing (SGP.22 5.7): EuiccInfo1, EuiccInfo2, ListNotification,
/// RetrieveNotificationsList, ProfilesInfo, EuiccConfiguredAddresses, GetEID, RAT.
const READING_FUNCTIONS: [u8; 8] = [0x20, 0x22, 0x28, 0x2B, 0x2D, 0x3C, 0x3E, 0x43];

/// True for a command that only reads: one of these functions in a single block of STORE DATA, STATUS, GET DATA, READ
/// BINARY, READ RECORD.
fn is_reading(apdu: &[u8]) -> bool {
    match apdu {
        [_, 0xE2, 0x91, 0x00, _, 0xBF, function, ..] => READING_FUNCTIONS.contains(function),
        [_, 0xF2 | 0xCA | 0xB0 | 0xB2, ..] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_channel_is_written_into_the_class_byte() {
        for (class, channel, expected) in [
            (0x80, Some(1), 0x81),
            (0x81, Some(1), 0x81),
            (0x81, Some(3), 0x83),
            (0x82, None, 0x80),
            (0x81, Some(4), 0xC0),
            (0x80, Some(19), 0xCF),
            (0xC2, Some(2), 0x82),
            (0xC2, None, 0x80),
            (0x01, Some(5), 0x41),
            (0x41, None, 0x00),
        ] {
            assert_eq!(with_channel(&[class, 0xE2], channel), [expected, 0xE2], "{class:02X} {channel:?}");
        }
        assert!(with_channel(&[], Some(1)).is_empty());
    }

    #[test]
    fn only_what_reads_is_tried_in_another_form() {
        let form = ClassForm::new(None);
        for reading in
            [&b"\x81\xE2\x91\x00\x06\xBF\x3E\x03\x5C\x01\x5A"[..], b"\x81\xF2\x00\x0C", b"\x01\xB0\x00\x00\x0A"]
        {
            assert!(form.may_change(reading), "{reading:02X?}");
            assert!(!ClassForm::new(Some(true)).may_change(reading), "what is known stays");
        }
        for other in [
            &b"\x81\xE2\x91\x00\x11\xBF\x31\x0E"[..], // EnableProfile
            b"\x81\xE2\x11\x00\x78\xBF\x3E\x03",      // the first of several blocks
            b"\x81\xE2\x91\x01\x06\xBF\x3E\x03",      // the last of several
            b"\x81\xE2\x91\x00\x78\xBF\x36\x82",      // a profile
            b"\x81\xE2\x91\x00\x02\xBF\x2E",          // a challenge ends the session before
            b"\x81\xE2\x91\x00",
            b"\x01\xA4\x04\x00",
            b"",
        ] {
            assert!(!form.may_change(other), "{other:02X?}");
        }
        assert!(is_about_class(b"\x68\x81") && is_about_class(b"\x69\x85") && is_about_class(b"\x6E\x00"));
        assert!(!is_about_class(b"\x90\x00") && !is_about_class(b"\x6A\x82") && !is_about_class(b"\x68"));
    }
}
