//! SMS-DELIVER, SMS-SUBMIT and SMS-STATUS-REPORT (3GPP TS 23.040 9.2.2).

use sgp22::tlv::DecodeError;

use super::coding::Coding;
use super::time;
use crate::{alpha, digits, gsm7};

/// A message as it travelled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tpdu {
    /// Whom it came from or goes to.
    pub party: String,
    /// When the service centre got it, as `2024-05-01T12:34:56+02:00`.
    pub time: Option<String>,
    /// How its content is coded; `None` for a report, which has none.
    pub coding: Option<Coding>,
    /// Its text; `None` if it has none.
    pub text: Option<String>,
    /// Content that is no text.
    pub data: Vec<u8>,
    /// Its place among those that make one message: reference, number of parts, this part from 1.
    pub part: Option<(u16, u8, u8)>,
    /// What is to be known about it beside that.
    pub notes: Vec<&'static str>,
}

/// Message type indicator, where a mobile receives: a message.
const DELIVER: u8 = 0b00;
/// The same: a report on one that was sent.
const STATUS_REPORT: u8 = 0b10;
/// Message type indicator, where a mobile sends.
const SUBMIT: u8 = 0b01;
/// User data begins with a header.
const HEADER: u8 = 0x40;

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or("a message that is cut short")?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, &'static str> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn time(&mut self) -> Result<Option<String>, &'static str> {
        Ok(self.take(7)?.try_into().ok().and_then(time::decode))
    }

    /// An address: number of signs, type, signs.
    fn address(&mut self) -> Result<String, &'static str> {
        let signs = usize::from(self.byte()?);
        if signs > 20 {
            return Err("an address that is longer than its field");
        }
        let kind = self.byte()?;
        let bytes = self.take(signs.div_ceil(2))?;
        if kind & 0x70 == 0x50 {
            return Ok(gsm7::decode(&gsm7::unpack(bytes, 0, signs * 4 / 7)));
        }
        let number: String = digits::decode(bytes, digits::ADDRESS).chars().take(signs).collect();
        Ok(digits::with_type(kind, &number))
    }
}

impl Tpdu {
    /// Reads a message that came (`received`), or one that goes out. Filler may follow.
    pub fn decode(bytes: &[u8], received: bool) -> Result<Self, &'static str> {
        let mut cursor = Cursor(bytes);
        let first = cursor.byte()?;
        match (first & 0x03, received) {
            (DELIVER, true) => Self::deliver(first, &mut cursor),
            (STATUS_REPORT, true) => Self::status_report(&mut cursor),
            (SUBMIT, false) => Self::submit(first, &mut cursor),
            _ => Err("no message of the kind that its status says"),
        }
    }

    fn deliver(first: u8, cursor: &mut Cursor<'_>) -> Result<Self, &'static str> {
        let party = cursor.address()?;
        cursor.byte()?; // protocol identifier
        let scheme = cursor.byte()?;
        let time = cursor.time()?;
        let mut message = Self { party, ..Self::default() };
        if time.is_none() {
            message.notes.push("its time makes no sense");
        }
        message.time = time;
        message.user_data(first, scheme, cursor)?;
        Ok(message)
    }

    fn submit(first: u8, cursor: &mut Cursor<'_>) -> Result<Self, &'static str> {
        cursor.byte()?; // message reference
        let party = cursor.address()?;
        cursor.byte()?; // protocol identifier
        let scheme = cursor.byte()?;
        let validity = match first >> 3 & 0x03 {
            0b00 => 0,
            0b10 => 1,
            _ => 7,
        };
        cursor.take(validity)?;
        let mut message = Self { party, ..Self::default() };
        message.user_data(first, scheme, cursor)?;
        Ok(message)
    }

    fn status_report(cursor: &mut Cursor<'_>) -> Result<Self, &'static str> {
        cursor.byte()?; // message reference
        let party = cursor.address()?;
        let time = cursor.time()?;
        cursor.time()?; // when it was discharged
        let note = match cursor.byte()? {
            0x00..=0x1F => "a report: the message was delivered",
            0x20..=0x3F => "a report: the message is still being tried",
            _ => "a report: the message was not delivered",
        };
        Ok(Self { party, time, notes: vec![note], ..Self::default() })
    }

    fn user_data(&mut self, first: u8, scheme: u8, cursor: &mut Cursor<'_>) -> Result<(), &'static str> {
        let coding = Coding::of(scheme);
        let length = usize::from(cursor.byte()?);
        let bytes = cursor.take(if coding == Coding::Gsm7 { (length * 7).div_ceil(8) } else { length })?;
        if bytes.len() > 140 {
            return Err("a text that is longer than a message");
        }
        let header = match bytes.first() {
            Some(header) if first & HEADER != 0 => 1 + usize::from(*header),
            None if first & HEADER != 0 => return Err("a header that is missing"),
            _ => 0,
        };
        let (elements, body) = bytes.split_at_checked(header).ok_or("a header that is longer than its message")?;
        self.read_header(elements.get(1..).unwrap_or_default());
        self.coding = Some(coding);
        match coding {
            Coding::Gsm7 => {
                // Text begins at a whole number of signs.
                let skip = (header * 8).div_ceil(7);
                let count = length.checked_sub(skip).ok_or("a header that is longer than its message")?;
                self.text = Some(gsm7::decode(&gsm7::unpack(bytes, skip * 7, count)));
            }
            Coding::Ucs2 => self.text = Some(alpha::ucs2(body)?),
            Coding::Data => self.data = body.to_vec(),
            Coding::Compressed => {
                self.data = body.to_vec();
                self.notes.push("its text is compressed, and stands here as it is");
            }
        }
        Ok(())
    }

    /// Information elements: identifier, length, value (3GPP TS 23.040 9.2.3.24).
    fn read_header(&mut self, mut elements: &[u8]) {
        while let [kind, length, rest @ ..] = elements {
            let Some((value, behind)) = rest.split_at_checked(usize::from(*length)) else { break };
            match (kind, value) {
                (0x00, [reference, parts, part]) => self.part = Some((u16::from(*reference), *parts, *part)),
                (0x08, [high, low, parts, part]) => {
                    self.part = Some((u16::from_be_bytes([*high, *low]), *parts, *part));
                }
                (0x24 | 0x25, _) => self.notes.push("it uses a national alphabet, so that signs may be wrong"),
                _ => {}
            }
            elements = behind;
        }
        // A part of none, or behind the last one, is no part.
        self.part = self.part.filter(|(_, parts, part)| *parts > 0 && (1..=*parts).contains(part));
    }
}

/// A message to be written, as a service centre delivers it.
#[derive(Debug, Clone, Copy)]
pub struct NewMessage<'a> {
    /// The number that it comes from.
    pub from: &'a str,
    /// When: year of the century, month, day, hour, minute, second, quarters of an hour east of Greenwich.
    pub time: [u8; 7],
    /// Its text: in the GSM alphabet if that has all its signs, else in UCS-2.
    pub text: &'a str,
    /// Its place among those that make one message: reference, number of parts, this part from 1.
    pub part: Option<(u8, u8, u8)>,
}

impl NewMessage<'_> {
    /// Writes an SMS-DELIVER.
    pub fn encode(&self) -> Result<Vec<u8>, DecodeError> {
        let no = |why| DecodeError::value("SMS-DELIVER", why);
        let (kind, signs) = digits::type_of(self.from);
        let number = digits::encode(signs, digits::ADDRESS).ok_or(no("no number"))?;
        let header =
            self.part.map(|(reference, parts, part)| vec![5, 0x00, 3, reference, parts, part]).unwrap_or_default();
        // 04: no more messages wait.
        let first = if header.is_empty() { 0x04 } else { 0x04 | HEADER };
        let mut bytes = vec![first, u8::try_from(signs.len()).map_err(|_| no("a long number"))?, kind];
        bytes.extend(number);
        let skip = (header.len() * 8).div_ceil(7);
        let (scheme, length, body) = match gsm7::encode(self.text) {
            Some(codes) => (0x00, skip + codes.len(), gsm7::pack(&codes, skip * 7)),
            None => {
                let units = self.text.encode_utf16().flat_map(u16::to_be_bytes);
                let body: Vec<u8> = header.iter().copied().chain(units).collect();
                (0x08, body.len(), body)
            }
        };
        bytes.extend([0x00, scheme]);
        bytes.extend(self.time.map(|two| ((two % 10) << 4) | (two / 10)));
        bytes.push(u8::try_from(length).map_err(|_| no("a long text"))?);
        let start = bytes.len();
        bytes.extend(body);
        bytes[start..start + header.len()].copy_from_slice(&header);
        if bytes.len() - start > 140 { Err(no("a long text")) } else { Ok(bytes) }
    }
}
