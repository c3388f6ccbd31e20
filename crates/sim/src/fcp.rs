//! What a card says of a file when it is selected (ETSI TS 102 221 11.1.1.3).

use sgp22::tlv::{DecodeError, Elements, Reader, Tag};

/// How a file is made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Structure {
    /// MF, DF or ADF.
    Directory,
    /// Bytes.
    Transparent,
    /// Records of one length.
    Linear,
    /// The same, the newest first.
    Cyclic,
    /// Something else.
    Other(u8),
}

/// File control parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fcp {
    /// How it is made up.
    pub structure: Structure,
    /// File identifier; `None` if the card does not say.
    pub id: Option<u16>,
    /// Length in bytes; `None` if the card does not say.
    pub size: Option<usize>,
    /// Length of a record in bytes; 0 where there are none.
    pub record_length: u8,
    /// Number of records, if the card says.
    pub records: Option<u8>,
    /// The PINs of the application, and whether each is enabled.
    pub pins: Vec<(u8, bool)>,
}

impl Fcp {
    /// Reads an answer to SELECT: `62 { ... }`.
    pub fn decode(answer: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open("FCP", answer, Tag(0x62))?;
        let descriptor = elements.required(Tag(0x82), |value| Ok(value.to_vec()))?;
        let [kind, ..] = descriptor[..] else { return Err(DecodeError::value("FCP", "an empty file descriptor")) };
        // Bit 7 tells shareable files from others.
        let structure = match kind & 0xBF {
            0x38 => Structure::Directory,
            0x01 | 0x09 | 0x11 => Structure::Transparent,
            0x02 | 0x0A | 0x12 => Structure::Linear,
            0x06 | 0x0E | 0x16 => Structure::Cyclic,
            other => Structure::Other(other),
        };
        let (record_length, records) = match descriptor[..] {
            [_, _, high, low, count, ..] => {
                let length = u8::try_from(u16::from_be_bytes([high, low]))
                    .map_err(|_| DecodeError::value("FCP", "a record of more than 255 bytes"))?;
                (length, Some(count))
            }
            _ => (0, None),
        };
        let number =
            |value: &[u8]| value.iter().try_fold(0usize, |all, byte| all.checked_mul(256)?.checked_add((*byte).into()));
        Ok(Self {
            structure,
            id: elements.take(Tag(0x83)).and_then(|id| id.value.try_into().ok()).map(u16::from_be_bytes),
            size: elements.take(Tag(0x80)).and_then(|size| number(size.value)),
            record_length,
            records,
            pins: elements.take(Tag(0xC6)).map(|template| pins(template.value)).unwrap_or_default(),
        })
    }
}

/// The PIN status template (ETSI TS 102 221 9.5.2): a bit for each key reference, then the references.
fn pins(template: &[u8]) -> Vec<(u8, bool)> {
    let elements: Vec<_> = Reader::new("PIN status", template).map_while(Result::ok).collect();
    let status = elements.iter().find(|one| one.tag == Tag(0x90)).map_or(&[][..], |one| one.value);
    let references = elements.iter().filter(|one| one.tag == Tag(0x83)).filter_map(|one| one.value.first().copied());
    let enabled = |at: usize| status.get(at / 8).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0);
    references.enumerate().map(|(at, reference)| (reference, enabled(at))).collect()
}
