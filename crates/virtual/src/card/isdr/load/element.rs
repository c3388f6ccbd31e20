//! One profile element: its beginning is kept, the rest is counted.

use sgp22::tlv::{Elements, Reader, Tag, decode_u64};

/// So much of an element is looked at. A header has 100 bytes, an authentication parameter fewer.
const KEPT: usize = 1024;
/// `identification` is a number below this.
const IDENTIFICATIONS: u64 = 1 << 15;
/// The algorithm that is for tests only.
const TEST_ALGORITHM: u64 = 3;

/// An element, as far as it has come.
#[derive(Debug)]
pub(super) struct OpenElement {
    pub(super) tag: Tag,
    /// Bytes that are still to come.
    pub(super) left: usize,
    /// Its beginning.
    pub(super) kept: Vec<u8>,
}

/// What the header of an element says.
pub(super) struct ElementHeader {
    pub(super) mandated: bool,
    pub(super) identification: u64,
}

impl OpenElement {
    pub(super) fn new(tag: Tag, length: usize) -> Self {
        Self { tag, left: length, kept: Vec::new() }
    }

    /// Takes what belongs to it; the bytes behind it.
    pub(super) fn take<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let (ours, behind) = bytes.split_at(self.left.min(bytes.len()));
        self.left -= ours.len();
        let room = KEPT - self.kept.len();
        self.kept.extend_from_slice(&ours[..room.min(ours.len())]);
        behind
    }

    /// The first component of every element but the profile header: `A0 { 80 mandated NULL OPTIONAL, 81 identification }`.
    pub(super) fn header(&self) -> Option<ElementHeader> {
        let first = Reader::new("ProfileElement", &self.kept).next()?.ok().filter(|first| first.tag == Tag(0xA0))?;
        let mut fields = Elements::parse("PEHeader", first.value).ok()?;
        let mandated = fields.take(Tag(0x80)).is_some();
        let identification = fields.required(Tag(0x81), |number| decode_u64("identification", number)).ok()?;
        (identification < IDENTIFICATIONS).then_some(ElementHeader { mandated, identification })
    }

    /// AKA parameters: `A1 { A1 { 80 algorithmID, 81 algorithmOptions, 82 key, … } }`, or `A1 { A0 … }` for those of another
    /// application. The key of the test network is known to all: 00 01 02 … (3GPP TS 34.108 8.1.2, TS.48).
    pub(super) fn has_test_key(&self) -> bool {
        let read = || {
            let mut fields = Elements::parse("PE-AKAParameter", &self.kept).ok()?;
            let configuration = fields.take(Tag(0xA1))?;
            let mut choice = Elements::parse("algoConfiguration", configuration.value).ok()?;
            let Some(own) = choice.take(Tag(0xA1)) else { return Some(true) };
            let mut own = Elements::parse("algoParameter", own.value).ok()?;
            let algorithm = own.required(Tag(0x80), |id| decode_u64("algorithmID", id)).ok()?;
            let key = own.take(Tag(0x82))?.value;
            Some(algorithm == TEST_ALGORITHM || (0u8..).zip(key).all(|(number, byte)| number == *byte))
        };
        read().unwrap_or(false)
    }
}

/// Elements of SAIP 2.3 and 3.3; those for future use are not among them.
pub(super) fn is_known(tag: Tag) -> bool {
    matches!(tag.0, 0xA1..=0xAA | 0xB0..=0xBE | 0xBF1F | 0xBF20 | 0xBF21)
}
