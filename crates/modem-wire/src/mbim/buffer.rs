//! Structures: numbers at fixed places, and references to data behind them.

/// Why a structure cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BufferError {
    /// It ends too early.
    #[error("the structure is cut short: {length} bytes, and byte {wanted} is wanted")]
    Short {
        /// What there is.
        length: usize,
        /// What would have to be there.
        wanted: usize,
    },
    /// A reference points to where nothing can be.
    #[error("a reference points to {size} bytes at {offset}, outside of the {length} that there are")]
    Reference {
        /// Where it points to.
        offset: u32,
        /// How many bytes it names.
        size: u32,
        /// What there is.
        length: usize,
    },
    /// A count or size is beyond what the structure allows.
    #[error("{what} is {value}, and {most} is the most")]
    TooMuch {
        /// What is counted.
        what: &'static str,
        /// What it says.
        value: u32,
        /// What is allowed.
        most: u32,
    },
    /// Text that is no UTF-16.
    #[error("a text is no UTF-16")]
    Text,
}

/// Reads a structure from its start to its end.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], BufferError> {
        let wanted = self.at.saturating_add(count);
        let taken = self.bytes.get(self.at..wanted).ok_or(BufferError::Short { length: self.bytes.len(), wanted })?;
        self.at = wanted;
        Ok(taken)
    }

    pub(super) fn u16(&mut self) -> Result<u16, BufferError> {
        let bytes = self.take(2)?;
        Ok(u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    pub(super) fn u32(&mut self) -> Result<u32, BufferError> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// A count of things of `each` bytes, which must all be there.
    pub(super) fn count(&mut self, what: &'static str, each: usize) -> Result<usize, BufferError> {
        let value = self.u32()?;
        let most = (self.bytes.len() - self.at) / each;
        match usize::try_from(value) {
            Ok(count) if count <= most => Ok(count),
            _ => Err(BufferError::TooMuch { what, value, most: u32::try_from(most).unwrap_or(u32::MAX) }),
        }
    }

    /// What a reference as offset and size points to.
    pub(super) fn offset_size(&mut self) -> Result<&'a [u8], BufferError> {
        let (offset, size) = (self.u32()?, self.u32()?);
        self.data(offset, size)
    }

    /// What a reference as size and offset points to, as the UICC service has them.
    pub(super) fn size_offset(&mut self) -> Result<&'a [u8], BufferError> {
        let (size, offset) = (self.u32()?, self.u32()?);
        self.data(offset, size)
    }

    pub(super) fn text(&mut self) -> Result<String, BufferError> {
        let units: Vec<u16> =
            self.offset_size()?.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        String::from_utf16(&units).map_err(|_| BufferError::Text)
    }

    /// Data lies behind what refers to it; an offset without a size means nothing.
    fn data(&self, offset: u32, size: u32) -> Result<&'a [u8], BufferError> {
        if size == 0 {
            return Ok(&[]);
        }
        let error = BufferError::Reference { offset, size, length: self.bytes.len() };
        let start = usize::try_from(offset).map_err(|_| error)?;
        let end = usize::try_from(size).ok().and_then(|size| start.checked_add(size)).ok_or(error)?;
        if start < self.at {
            return Err(error);
        }
        self.bytes.get(start..end).ok_or(error)
    }
}

/// Writes a structure whose numbers and references take `fixed` bytes.
#[derive(Debug)]
pub(super) struct Writer {
    fixed: usize,
    head: Vec<u8>,
    data: Vec<u8>,
}

impl Writer {
    pub(super) fn new(fixed: usize) -> Self {
        Self { fixed, head: Vec::with_capacity(fixed), data: Vec::new() }
    }

    pub(super) fn u32(mut self, value: u32) -> Self {
        self.head.extend(value.to_le_bytes());
        self
    }

    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.head.extend(bytes);
        self
    }

    pub(super) fn u32s(self, values: &[u32]) -> Self {
        values.iter().fold(self, |writer, value| writer.u32(*value))
    }

    pub(super) fn offset_size(self, data: &[u8]) -> Self {
        let (offset, size) = self.reference(data);
        self.u32(offset).u32(size).append(data)
    }

    pub(super) fn size_offset(self, data: &[u8]) -> Self {
        let (offset, size) = self.reference(data);
        self.u32(size).u32(offset).append(data)
    }

    pub(super) fn text(self, text: &str) -> Self {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        self.offset_size(&bytes)
    }

    fn reference(&self, data: &[u8]) -> (u32, u32) {
        let offset = if data.is_empty() { 0 } else { self.fixed + self.data.len() };
        (length(offset), length(data.len()))
    }

    /// Each piece of data is padded to four bytes, which its size does not count.
    fn append(mut self, data: &[u8]) -> Self {
        self.data.extend(data);
        self.data.resize(self.data.len().next_multiple_of(4), 0);
        self
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        debug_assert_eq!(self.head.len(), self.fixed, "the fixed part is as long as was said");
        self.head.append(&mut self.data);
        self.head
    }
}

/// A length as it is written; what is longer than that is never made.
pub(super) fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
