//! Status words.

/// SW1 and SW2 of an answer, as one number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusWord(pub u16);

impl StatusWord {
    /// Done, nothing more to fetch.
    pub const OK: Self = Self(0x9000);
    /// Memory failure.
    pub const MEMORY_FAILURE: Self = Self(0x6581);
    /// Wrong length.
    pub const WRONG_LENGTH: Self = Self(0x6700);
    /// Logical channel not supported, or not open.
    pub const CHANNEL_NOT_SUPPORTED: Self = Self(0x6881);
    /// Security status not satisfied.
    pub const SECURITY_STATUS: Self = Self(0x6982);
    /// Conditions of use not satisfied.
    pub const CONDITIONS_NOT_SATISFIED: Self = Self(0x6985);
    /// Incorrect values in the command data.
    pub const WRONG_DATA: Self = Self(0x6A80);
    /// Function not supported; for MANAGE CHANNEL: no free channel.
    pub const FUNCTION_NOT_SUPPORTED: Self = Self(0x6A81);
    /// File or application not found.
    pub const NOT_FOUND: Self = Self(0x6A82);
    /// Incorrect P1 or P2.
    pub const WRONG_P1_P2: Self = Self(0x6A86);
    /// Referenced data not found: a command TLV that the card does not know.
    pub const REFERENCE_NOT_FOUND: Self = Self(0x6A88);
    /// Instruction not supported.
    pub const WRONG_INS: Self = Self(0x6D00);
    /// Class not supported.
    pub const WRONG_CLA: Self = Self(0x6E00);
    /// No precise diagnosis.
    pub const UNKNOWN: Self = Self(0x6F00);

    /// The word of these two bytes.
    #[must_use]
    pub const fn new(sw1: u8, sw2: u8) -> Self {
        Self(u16::from_be_bytes([sw1, sw2]))
    }

    /// First byte.
    #[must_use]
    pub const fn sw1(self) -> u8 {
        self.0.to_be_bytes()[0]
    }

    /// Second byte.
    #[must_use]
    pub const fn sw2(self) -> u8 {
        self.0.to_be_bytes()[1]
    }

    /// `9000`, or `91xx`: done, with a proactive command pending.
    #[must_use]
    pub const fn is_ok(self) -> bool {
        self.0 == Self::OK.0 || self.sw1() == 0x91
    }

    /// What the word says, in a few words (ISO/IEC 7816-4 5.1.3, ETSI TS 102 221 10.2.1).
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match (self.sw1(), self.sw2()) {
            (0x90, 0x00) => "done",
            (0x91, _) => "done, the card has a proactive command pending",
            (0x61, _) => "done, more answer bytes are waiting",
            (0x62, 0x83) => "the selected application is blocked",
            (0x62 | 0x63, _) => "done with a warning",
            (0x65, 0x81) => "memory failure",
            (0x66, 0x01) => "checksum error on the way",
            (0x67, _) => "wrong length",
            (0x68, 0x81) => "this logical channel is not supported or not open",
            (0x68, 0x82) => "secure messaging is not supported",
            (0x69, 0x82) => "security status not satisfied",
            (0x69, 0x83) => "authentication method blocked",
            (0x69, 0x84) => "referenced data invalidated",
            (0x69, 0x85) => "conditions of use not satisfied",
            (0x69, 0x86) => "command not allowed",
            (0x69, 0x99) => "the application could not be selected",
            (0x6A, 0x80) => "incorrect values in the command data",
            (0x6A, 0x81) => "function not supported",
            (0x6A, 0x82) => "file or application not found",
            (0x6A, 0x83) => "record not found",
            (0x6A, 0x84) => "not enough memory",
            (0x6A, 0x86) => "wrong P1 or P2",
            (0x6A, 0x88) => "referenced data not found",
            (0x6B, _) => "wrong P1 or P2",
            (0x6C, _) => "wrong Le",
            (0x6D, _) => "instruction not supported",
            (0x6E, _) => "class not supported",
            (0x6F, _) => "the card failed without saying why",
            (0x93, 0x00) => "the card is busy with a proactive command",
            (0x98, 0x40) => "PIN blocked",
            _ => "a status word without a standard meaning",
        }
    }
}

impl std::fmt::Display for StatusWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl std::fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self} ({})", self.meaning())
    }
}
