//! The PIN: asked for once, with what is known of the tries, and tried once.

use zeroize::Zeroizing;

/// Knows a PIN, or somebody who does.
pub trait AskPin {
    /// The PIN of the SIM; `None`: it is not to be tried. Called once at most, and never for a PIN that is blocked.
    fn ask(&mut self, request: &PinRequest) -> Option<Pin>;
}

/// What somebody should know who is asked for a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinRequest {
    /// How often a PIN may be tried before it is blocked; `None` if the card does not say.
    pub tries_left: Option<u8>,
}

/// Never gives a PIN.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPin;

impl AskPin for NoPin {
    fn ask(&mut self, _: &PinRequest) -> Option<Pin> {
        None
    }
}

/// A PIN: 4 to 8 digits. `Debug` does not show it.
#[derive(Clone)]
pub struct Pin(Zeroizing<[u8; 8]>);

/// What is no PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a PIN has 4 to 8 digits")]
pub struct PinError;

impl std::str::FromStr for Pin {
    type Err = PinError;

    fn from_str(text: &str) -> Result<Self, PinError> {
        let digits = text.trim().as_bytes();
        if !(4..=8).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
            return Err(PinError);
        }
        let mut value = Zeroizing::new([0xFF; 8]);
        value[..digits.len()].copy_from_slice(digits);
        Ok(Self(value))
    }
}

impl Pin {
    /// As VERIFY carries it: eight bytes, filled up (ETSI TS 102 221 9.5.1).
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0[..]
    }
}

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin(...)")
    }
}
