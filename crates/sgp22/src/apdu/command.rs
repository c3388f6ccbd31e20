//! Command APDUs.

/// How many bytes of answer are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Le {
    /// No Le field: no answer data expected, or the card announces it by `61xx`.
    #[default]
    Absent,
    /// As much as a short Le can ask for: 256 bytes (`00` on the wire).
    Max,
    /// This many bytes, 1 to 65,536.
    Exactly(u32),
}

/// A command APDU.
///
/// `Debug` shows the header and the length alone: data may hold matching ids, PINs or keys.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    /// Class byte, with the logical channel in it (see [`super::class_byte`]).
    pub cla: u8,
    /// Instruction.
    pub ins: u8,
    /// First parameter.
    pub p1: u8,
    /// Second parameter.
    pub p2: u8,
    /// Command data; more than 255 bytes makes the APDU an extended one.
    pub data: Vec<u8>,
    /// Answer length asked for.
    pub le: Le,
}

/// Why bytes are not a command APDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// Fewer than four bytes.
    #[error("shorter than the four bytes of a header")]
    TooShort,
    /// The length field and the number of bytes contradict each other.
    #[error("the length field does not fit the number of bytes")]
    WrongLength,
}

impl Command {
    /// A command without data.
    #[must_use]
    pub fn new(cla: u8, ins: u8, p1: u8, p2: u8) -> Self {
        Self { cla, ins, p1, p2, data: Vec::new(), le: Le::Absent }
    }

    /// The same with data.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<Vec<u8>>) -> Self {
        self.data = data.into();
        self
    }

    /// The same with another answer length.
    #[must_use]
    pub fn with_le(mut self, le: Le) -> Self {
        self.le = le;
        self
    }

    /// The bytes on the wire; extended lengths only where a short form does not do.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.cla, self.ins, self.p1, self.p2];
        let le = match self.le {
            Le::Absent => None,
            Le::Max => Some(256),
            Le::Exactly(le) => Some(le),
        };
        let extended = self.data.len() > 255 || le.is_some_and(|le| le > 256);
        if extended {
            bytes.push(0);
        }
        if !self.data.is_empty() {
            push_count(&mut bytes, extended, u32::try_from(self.data.len()).unwrap_or(u32::MAX));
            bytes.extend_from_slice(&self.data);
        }
        if let Some(le) = le {
            push_count(&mut bytes, extended, le);
        }
        bytes
    }

    /// Reads a command from the wire, in any of the four cases, short or extended.
    pub fn parse(bytes: &[u8]) -> Result<Self, CommandError> {
        let [cla, ins, p1, p2, body @ ..] = bytes else { return Err(CommandError::TooShort) };
        let (data, le) = match body {
            [] => (&[][..], Le::Absent),
            [le] => (&[][..], short_le(*le)),
            [0, high, low] => (&[][..], extended_le(*high, *low)),
            [0, high, low, rest @ ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                match rest.split_at_checked(length) {
                    Some((data, [])) if length > 0 => (data, Le::Absent),
                    Some((data, [high, low])) if length > 0 => (data, extended_le(*high, *low)),
                    _ => return Err(CommandError::WrongLength),
                }
            }
            [length, rest @ ..] => match rest.split_at_checked(usize::from(*length)) {
                Some((data, [])) => (data, Le::Absent),
                Some((data, [le])) => (data, short_le(*le)),
                _ => return Err(CommandError::WrongLength),
            },
        };
        Ok(Self { cla: *cla, ins: *ins, p1: *p1, p2: *p2, data: data.to_vec(), le })
    }
}

/// A count as Lc or Le; 256 and 65,536 are written as zeros, as the standard has it.
fn push_count(bytes: &mut Vec<u8>, extended: bool, count: u32) {
    let [.., high, low] = count.to_be_bytes();
    if extended {
        bytes.push(high);
    }
    bytes.push(low);
}

fn short_le(le: u8) -> Le {
    if le == 0 { Le::Max } else { Le::Exactly(u32::from(le)) }
}

fn extended_le(high: u8, low: u8) -> Le {
    match u16::from_be_bytes([high, low]) {
        0 => Le::Exactly(65_536),
        le => Le::Exactly(u32::from(le)),
    }
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cla, ins, p1, p2, data, le } = self;
        write!(f, "Command({cla:02X} {ins:02X} {p1:02X} {p2:02X}, {} bytes, {le:?})", data.len())
    }
}
