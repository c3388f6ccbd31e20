//! Reads a SIM over any way to a card.
//!
//! The USIM is opened on a channel of its own, which is closed in the end. Nothing is written but, at most once and only
//! after it was asked for, a PIN for comparison.

mod book;
mod files;
mod pin;

pub use pin::{AskPin, NoPin, Pin, PinError, PinRequest};

use sgp22::id::Aid;
use sgp22::transport::{OpenError, Transport, TransportError};

use crate::contents::{Damaged, Part, PinOutcome, Records, SimContents};
use crate::dialling::Dialling;
use crate::sms::Message;
use crate::{Slot, dialling, hex, identity, sms};
use files::{Content, Trouble, Usim};

/// The current application, in a path.
const ADF: u16 = 0x7FFF;
const DF_TELECOM: u16 = 0x7F10;
const EF_ICCID: u16 = 0x2FE2;
const EF_DIR: u16 = 0x2F00;
const EF_IMSI: u16 = 0x6F07;
const EF_AD: u16 = 0x6FAD;
const EF_SPN: u16 = 0x6F46;
const EF_MSISDN: u16 = 0x6F40;
const EF_SMS: u16 = 0x6F3C;
const EF_LND: u16 = 0x6F44;
const EF_OCI: u16 = 0x6F81;

/// Why a SIM was not read to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There is no USIM, or no channel to it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The way to the card failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The user wants to stop.
    #[error("stopped")]
    Stopped,
}

/// Reads all that is worth keeping. `stop` is asked before every command.
pub fn read(
    transport: &mut dyn Transport,
    ask: &mut dyn AskPin,
    stop: &dyn Fn() -> bool,
) -> Result<SimContents, ReadError> {
    let opened = transport.open_channel(&[Aid::usim()])?;
    let mut usim = Usim::new(transport, opened, ask, stop);
    Ok(SimContents {
        iccid: usim.bytes(&[EF_ICCID], identity::decode_iccid)?,
        applications: usim.listed(&[EF_DIR], identity::decode_application)?,
        provider: usim.bytes(&[ADF, EF_SPN], identity::decode_spn)?,
        mnc_digits: usim.bytes(&[ADF, EF_AD], |bytes| Ok(identity::decode_mnc_digits(bytes)))?,
        imsi: usim.bytes(&[ADF, EF_IMSI], identity::decode_imsi)?,
        numbers: usim.listed(&[ADF, EF_MSISDN], dialling::decode)?,
        contacts: usim.contacts()?,
        messages: usim.messages()?,
        last_numbers: usim.last_numbers()?,
        pin: usim.pin.unwrap_or(PinOutcome::NotNeeded),
    })
}

impl Usim<'_> {
    /// A file of bytes.
    fn bytes<T>(
        &mut self,
        path: &[u16],
        decode: impl FnOnce(&[u8]) -> Result<T, &'static str>,
    ) -> Result<Part<T>, ReadError> {
        Ok(match self.file(path) {
            Ok(Content::Bytes(bytes)) => match decode(&bytes) {
                Ok(value) => Part::Present { value },
                Err(why) => Part::Unreadable { why: why.into() },
            },
            Ok(Content::Records { .. }) => Part::Unreadable { why: "it has records, and should have none".into() },
            Err(trouble) => self.part(trouble)?,
        })
    }

    /// A file of records.
    fn listed<T>(&mut self, path: &[u16], decode: impl Fn(&[u8]) -> Slot<T>) -> Result<Part<Records<T>>, ReadError> {
        let content = match self.file(path) {
            Ok(content) => content,
            Err(trouble) => return self.part(trouble),
        };
        let mut records = Records::default();
        let mut entries = Vec::new();
        match sort(content, path, decode, &mut records.damaged) {
            Ok(found) => entries.extend(found.into_iter().map(|(_, entry, _)| entry)),
            Err(why) => return Ok(Part::Unreadable { why }),
        }
        records.entries = entries;
        Ok(Part::Present { value: records })
    }

    /// EF.LND, which came from SIMs; where that is missing or empty, what a USIM has for it.
    fn last_numbers(&mut self) -> Result<Part<Records<Dialling>>, ReadError> {
        let dialled = self.listed(&[DF_TELECOM, EF_LND], dialling::decode)?;
        let nothing = |records: &Records<Dialling>| records.entries.is_empty() && records.damaged.is_empty();
        if !matches!(dialled, Part::Absent) && !dialled.value().is_some_and(nothing) {
            return Ok(dialled);
        }
        let called = self.listed(&[ADF, EF_OCI], dialling::decode_call)?;
        Ok(if matches!(called, Part::Absent) { dialled } else { called })
    }

    /// The messages of the USIM; where that has no such file, those of DF.TELECOM.
    fn messages(&mut self) -> Result<Part<Records<Message>>, ReadError> {
        let mut path = [ADF, EF_SMS];
        let mut content = self.file(&path);
        if matches!(content, Err(Trouble::Absent)) {
            path = [DF_TELECOM, EF_SMS];
            content = self.file(&path);
        }
        let content = match content {
            Ok(content) => content,
            Err(trouble) => return self.part(trouble),
        };
        let mut damaged = Vec::new();
        Ok(match sort(content, &path, sms::decode, &mut damaged) {
            Ok(found) => Part::Present { value: Records { entries: sms::join(found), damaged, notes: Vec::new() } },
            Err(why) => Part::Unreadable { why },
        })
    }

    /// What a part is that cannot be read.
    fn part<T>(&self, trouble: Trouble) -> Result<Part<T>, ReadError> {
        match trouble {
            Trouble::Absent => Ok(Part::Absent),
            Trouble::Refused(why) => Ok(Part::Unreadable { why }),
            Trouble::Fatal(error) => Err(error),
            Trouble::Locked => Ok(match self.pin {
                Some(PinOutcome::Verified) => {
                    Part::Unreadable { why: "the card wants more than the PIN for it".into() }
                }
                pin => Part::NeedsPin { tries_left: pin.and_then(PinOutcome::tries_left) },
            }),
        }
    }
}

/// What makes sense, with the number and the bytes of its record; the rest goes to `damaged`.
fn sort<T>(
    content: Content,
    path: &[u16],
    decode: impl Fn(&[u8]) -> Slot<T>,
    damaged: &mut Vec<Damaged>,
) -> Result<Vec<(u8, T, Vec<u8>)>, String> {
    let Content::Records { records, failed } = content else {
        return Err("it has no records, and should have some".into());
    };
    let file = hex(&path.last().copied().unwrap_or(0).to_be_bytes());
    for (record, status) in failed {
        let why = format!("the card does not give it: {} ({status})", status.meaning());
        damaged.push(Damaged { file: file.clone(), record, why, raw: String::new() });
    }
    let mut found = Vec::new();
    for (record, bytes) in records {
        match decode(&bytes) {
            Slot::Free => {}
            Slot::Used(entry) => found.push((record, entry, bytes)),
            Slot::Damaged(why) => {
                damaged.push(Damaged { file: file.clone(), record, why: why.into(), raw: hex(&bytes) });
            }
        }
    }
    Ok(found)
}
