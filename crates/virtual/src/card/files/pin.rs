//! VERIFY PIN and UNBLOCK PIN (ETSI TS 102 221 11.1.9, 11.1.13).

use sgp22::apdu::{Command, StatusWord};

use crate::card::VirtualCard;
use crate::card::state::StoredPin;

/// The PIN of the application (PIN1).
pub(super) const PIN1: u8 = 0x01;
/// No more tries.
const BLOCKED: StatusWord = StatusWord(0x6983);
/// The PIN is disabled.
const DISABLED: StatusWord = StatusWord(0x6984);

/// `63CX`: so many tries are left.
fn tries_left(tries: u8) -> StatusWord {
    StatusWord::new(0x63, 0xC0 | tries.min(0x0F))
}

/// Eight bytes, filled up.
fn filled(digits: &str) -> Vec<u8> {
    let mut bytes = digits.as_bytes().to_vec();
    bytes.resize(8, 0xFF);
    bytes
}

/// Digits from eight bytes; `None` if they are no PIN.
fn digits(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().position(|byte| *byte == 0xFF).unwrap_or(bytes.len());
    let (digits, filler) = bytes.split_at(end);
    let is_pin = (4..=8).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    (is_pin && filler.iter().all(|byte| *byte == 0xFF)).then(|| digits.iter().map(|digit| char::from(*digit)).collect())
}

impl VirtualCard {
    pub(super) fn verify_pin(
        &mut self,
        command: &Command,
        euicc: usize,
        profile: usize,
    ) -> Result<Vec<u8>, StatusWord> {
        let pin = self.pin_for(command, &[0, 8], euicc, profile)?;
        if command.data.is_empty() {
            return Err(tries_left(pin.map_or(StoredPin::TRIES, |pin| pin.tries)));
        }
        let mut pin = pin.ok_or(DISABLED)?;
        if pin.tries == 0 {
            return Err(BLOCKED);
        }
        let right = command.data == filled(&pin.code);
        pin.tries = if right { StoredPin::TRIES } else { pin.tries - 1 };
        let tries = pin.tries;
        self.keep_pin(euicc, profile, pin)?;
        self.volatile.sim.verified = right;
        if right { Ok(Vec::new()) } else { Err(tries_left(tries)) }
    }

    pub(super) fn unblock_pin(
        &mut self,
        command: &Command,
        euicc: usize,
        profile: usize,
    ) -> Result<Vec<u8>, StatusWord> {
        let pin = self.pin_for(command, &[0, 16], euicc, profile)?;
        if command.data.is_empty() {
            return Err(tries_left(pin.map_or(StoredPin::PUK_TRIES, |pin| pin.puk_tries)));
        }
        let mut pin = pin.ok_or(DISABLED)?;
        if pin.puk_tries == 0 {
            return Err(BLOCKED);
        }
        let (puk, new) = command.data.split_at(8);
        if puk != filled(&pin.puk) {
            pin.puk_tries -= 1;
            let tries = pin.puk_tries;
            self.keep_pin(euicc, profile, pin)?;
            return Err(tries_left(tries));
        }
        let code = digits(new).ok_or(StatusWord::WRONG_DATA)?;
        self.keep_pin(euicc, profile, StoredPin { code, ..StoredPin::new("") })?;
        self.volatile.sim.verified = true;
        Ok(Vec::new())
    }

    /// The PIN that a command names, if it is enabled.
    fn pin_for(
        &self,
        command: &Command,
        lengths: &[usize],
        euicc: usize,
        profile: usize,
    ) -> Result<Option<StoredPin>, StatusWord> {
        if command.p1 != 0 {
            return Err(StatusWord::WRONG_P1_P2);
        }
        if command.p2 != PIN1 {
            return Err(StatusWord::REFERENCE_NOT_FOUND);
        }
        if !lengths.contains(&command.data.len()) {
            return Err(StatusWord::WRONG_LENGTH);
        }
        Ok(self.state.euiccs[euicc].profiles[profile].pin.clone())
    }

    /// A try counts before it is answered, also if the power goes.
    fn keep_pin(&mut self, euicc: usize, profile: usize, pin: StoredPin) -> Result<(), StatusWord> {
        let stored = &mut self.state.euiccs[euicc].profiles[profile].pin;
        if stored.as_ref() == Some(&pin) {
            return Ok(());
        }
        let before = stored.replace(pin);
        if self.keep() {
            return Ok(());
        }
        self.state.euiccs[euicc].profiles[profile].pin = before;
        Err(StatusWord::MEMORY_FAILURE)
    }
}
