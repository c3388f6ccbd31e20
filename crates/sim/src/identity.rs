//! Who a SIM is: ICCID, IMSI, provider, network, applications.

use serde::Serialize;
use sgp22::id::Aid;
use sgp22::tlv::{Elements, Reader, Tag};

use crate::{Slot, alpha, digits, is_blank};

/// The ICCID in EF.ICCID (ETSI TS 102 221 13.2).
pub fn decode_iccid(bytes: &[u8]) -> Result<String, &'static str> {
    let iccid = sgp22::id::Iccid::decode(bytes).map_err(|_| "not the ten bytes of an ICCID")?;
    let text = iccid.digits();
    if text.is_empty() { Err("nothing but filler") } else { Ok(text) }
}

/// The IMSI in EF.IMSI (3GPP TS 31.102 4.2.2): a length, a half byte of parity, then digits.
pub fn decode_imsi(bytes: &[u8]) -> Result<String, &'static str> {
    let [length, rest @ ..] = bytes else { return Err("empty") };
    if is_blank(bytes) {
        return Err("nothing but filler");
    }
    let used = rest.get(..usize::from(*length)).filter(|used| (1..=8).contains(&used.len()));
    let halves: Vec<u8> = used.ok_or("a wrong length")?.iter().flat_map(|byte| [byte & 0x0F, byte >> 4]).collect();
    let imsi: Vec<u8> = halves.into_iter().skip(1).take_while(|half| *half != 0x0F).collect();
    if !(6..=15).contains(&imsi.len()) || imsi.iter().any(|digit| *digit > 9) {
        return Err("not the digits of an IMSI");
    }
    Ok(imsi.into_iter().map(|digit| char::from(b'0' + digit)).collect())
}

/// Writes EF.IMSI; `None` if that is no IMSI.
#[must_use]
pub fn encode_imsi(imsi: &str) -> Option<Vec<u8>> {
    if !(6..=15).contains(&imsi.len()) || !imsi.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // Type of identity 1 (IMSI), and 8 more if the number of digits is odd.
    let parity = if imsi.len() % 2 == 1 { '9' } else { '1' };
    let used = digits::encode(&format!("{parity}{imsi}"), digits::DIALLING)?;
    let mut bytes = vec![u8::try_from(used.len()).ok()?];
    bytes.extend(used);
    bytes.resize(9, 0xFF);
    Some(bytes)
}

/// An IMSI of which only the operator's part and the last two digits can be read.
#[must_use]
pub fn mask_imsi(imsi: &str, mnc_digits: usize) -> String {
    let shown = 3 + mnc_digits;
    let last = imsi.len().saturating_sub(2);
    imsi.char_indices().map(|(at, digit)| if at < shown || at >= last { digit } else { '*' }).collect()
}

/// The name of the provider, as EF.SPN has it (3GPP TS 31.102 4.2.12).
pub fn decode_spn(bytes: &[u8]) -> Result<String, &'static str> {
    let [_, name @ ..] = bytes else { return Err("empty") };
    if is_blank(name) { Ok(String::new()) } else { alpha::decode(name) }
}

/// The number of digits of the network code, as EF.AD has it (3GPP TS 31.102 4.2.18); `None` if it does not say.
#[must_use]
pub fn decode_mnc_digits(bytes: &[u8]) -> Option<usize> {
    bytes.get(3).map(|byte| usize::from(byte & 0x0F)).filter(|digits| matches!(digits, 2 | 3))
}

/// An application, as EF.DIR has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Application {
    /// Its identifier.
    #[serde(serialize_with = "as_text")]
    pub aid: Aid,
    /// Its name; empty if it has none.
    pub label: String,
}

fn as_text<S: serde::Serializer>(aid: &Aid, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(aid)
}

/// Reads a record of EF.DIR (ETSI TS 102 221 13.1): `61 { 4F, 50, ... }` and filler.
#[must_use]
pub fn decode_application(record: &[u8]) -> Slot<Application> {
    if is_blank(record) || record.first() == Some(&0) {
        return Slot::Free;
    }
    let template = Reader::new("EF.DIR", record).next().and_then(Result::ok).filter(|one| one.tag == Tag(0x61));
    let elements = template.and_then(|template| Elements::parse("EF.DIR", template.value).ok());
    let Some(mut elements) = elements else { return Slot::Damaged("no application template") };
    let Ok(aid) = elements.required(Tag(0x4F), Aid::decode) else { return Slot::Damaged("no application identifier") };
    let label = elements.take(Tag(0x50)).map(|label| String::from_utf8_lossy(label.value).into_owned());
    Slot::Used(Application { aid, label: label.unwrap_or_default() })
}
