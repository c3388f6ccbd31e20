//! ES9+.GetBoundProfilePackage.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::body::{Body, base64, decode_base64, request, success};
use super::json::{CONTRADICTION, Consistent, is_blank, unreadable, without_mark};
use super::{BodyError, ExecutionFailure, ServerFunction};
use crate::id::TransactionId;

/// Asks for the package, bound to the key that the card has made (SGP.22 5.6.2). With it the server hands the profile out.
#[derive(Clone, PartialEq, Eq)]
pub struct GetBoundProfilePackage {
    /// The session.
    pub transaction_id: TransactionId,
    /// `PrepareDownloadResponse`, the whole object as the card gave it.
    pub prepare_download_response: Vec<u8>,
}

/// The card's answer holds the hash of the confirmation code: it is not shown.
impl std::fmt::Debug for GetBoundProfilePackage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GetBoundProfilePackage({}, {} bytes)", self.transaction_id, self.prepare_download_response.len())
    }
}

/// What the server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundPackage {
    /// The session; `None` where the server leaves it out. The package has it, too, and the card compares that.
    pub transaction_id: Option<TransactionId>,
    /// `BoundProfilePackage`, the whole object.
    pub bound_profile_package: Vec<u8>,
}

/// The body, with the package still in it as it was written: it is decoded where it stands, since it is long.
#[derive(Default)]
struct Wire<'a> {
    transaction_id: Option<&'a RawValue>,
    package: Option<&'a RawValue>,
    /// Read on its own, if it is no longer than one can be: it must not grow in memory.
    header: Option<&'a RawValue>,
    /// The execution status of a server that sends it without a header.
    status: Option<&'a RawValue>,
}

impl<'de> Deserialize<'de> for Wire<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(WireVisitor)
    }
}

struct WireVisitor;

impl<'de> Visitor<'de> for WireVisitor {
    type Value = Wire<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Wire<'de>, A::Error> {
        let mut wire = Wire::default();
        while let Some(name) = members.next_key::<Cow<'_, str>>()? {
            let slot = match &*name {
                "transactionId" => &mut wire.transaction_id,
                "boundProfilePackage" => &mut wire.package,
                "header" => &mut wire.header,
                "functionExecutionStatus" => &mut wire.status,
                _ => {
                    members.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let value: &RawValue = members.next_value()?;
            if slot.is_some_and(|known| known.get() != value.get()) {
                return Err(A::Error::custom(CONTRADICTION));
            }
            *slot = Some(value);
        }
        Ok(wire)
    }
}

/// A part of the body that is read on its own.
fn read_part(place: &'static str, part: Option<&RawValue>) -> Result<Option<Value>, BodyError> {
    let Some(part) = part.map(RawValue::get).filter(|part| part.len() <= LONGEST_HEADER) else { return Ok(None) };
    serde_json::from_str(part).map(|Consistent(value)| Some(value)).map_err(|error| unreadable(place, &error))
}

/// The longest header that is looked into, in bytes.
const LONGEST_HEADER: usize = 64 * 1024;

impl ServerFunction for GetBoundProfilePackage {
    type Answer = BoundPackage;
    const NAME: &'static str = "ES9+.GetBoundProfilePackage";
    const ENDPOINT: &'static str = "getBoundProfilePackage";

    fn encode(&self) -> Vec<u8> {
        request(&json!({
            "transactionId": self.transaction_id.to_string(),
            "prepareDownloadResponse": base64(&self.prepare_download_response),
        }))
    }

    fn decode(body: &[u8]) -> Result<Self, BodyError> {
        let mut body = Body::parse(Self::NAME, body)?;
        Ok(Self {
            transaction_id: body.transaction_id()?,
            prepare_download_response: body.bytes("prepareDownloadResponse")?,
        })
    }

    fn encode_answer(answer: &Self::Answer) -> Vec<u8> {
        success(json!({
            "transactionId": answer.transaction_id.as_ref().map(TransactionId::to_string),
            "boundProfilePackage": base64(&answer.bound_profile_package),
        }))
    }

    fn decode_answer(mut body: Vec<u8>) -> Result<Result<Self::Answer, ExecutionFailure>, BodyError> {
        let place = Self::NAME;
        if is_blank(&body) {
            return Err(BodyError::Empty { place });
        }
        let bad = |field, why| BodyError::BadField { place, field, why };
        let wire: Wire<'_> = serde_json::from_slice(without_mark(&body)).map_err(|error| unreadable(place, &error))?;
        let (header, status) = (read_part(place, wire.header)?, read_part(place, wire.status)?);
        if let Some(failure) = ExecutionFailure::from_header(header.as_ref(), status.as_ref()) {
            return Ok(Err(failure));
        }
        let transaction_id = match read_part(place, wire.transaction_id)? {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => {
                Some(text.parse().map_err(|_| bad("transactionId", "is not 1 to 16 bytes in hexadecimal"))?)
            }
            Some(_) => return Err(bad("transactionId", "is no text")),
        };
        let quoted = wire.package.map(RawValue::get).filter(|text| *text != "null");
        let quoted = quoted.ok_or(BodyError::Missing { place, field: "boundProfilePackage" })?;
        let text = quoted
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .ok_or(bad("boundProfilePackage", "is no text"))?;
        let (start, length) = (text.as_ptr().addr() - body.as_ptr().addr(), text.len());
        body.truncate(start + length);
        let decoded = decode_base64(&mut body[start..]).ok_or(bad("boundProfilePackage", "is not in base64"))?;
        body.truncate(start + decoded);
        body.drain(..start);
        body.shrink_to_fit();
        Ok(Ok(BoundPackage { transaction_id, bound_profile_package: body }))
    }
}
