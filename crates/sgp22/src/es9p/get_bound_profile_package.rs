//! ES9+.GetBoundProfilePackage.

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::body::{Body, base64, decode_base64, request, success};
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
    /// The session.
    pub transaction_id: TransactionId,
    /// `BoundProfilePackage`, the whole object.
    pub bound_profile_package: Vec<u8>,
}

/// The body, with the package still in it as it was written: it is decoded where it stands, since it is long.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "transactionId")]
    transaction_id: Option<String>,
    #[serde(borrow, rename = "boundProfilePackage")]
    package: Option<&'a RawValue>,
    /// Read on its own, if it is no longer than one can be: it must not grow in memory.
    #[serde(borrow)]
    header: Option<&'a RawValue>,
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
            "transactionId": answer.transaction_id.to_string(),
            "boundProfilePackage": base64(&answer.bound_profile_package),
        }))
    }

    fn decode_answer(mut body: Vec<u8>) -> Result<Result<Self::Answer, ExecutionFailure>, BodyError> {
        let place = Self::NAME;
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(BodyError::Empty { place });
        }
        let bad = |field, why| BodyError::BadField { place, field, why };
        let wire: Wire<'_> = serde_json::from_slice(&body).map_err(|error| BodyError::NotJson {
            place,
            why: format!("line {}, column {}", error.line(), error.column()),
        })?;
        let header = wire.header.map(RawValue::get).filter(|header| header.len() <= LONGEST_HEADER);
        let header: Option<serde_json::Value> = header.and_then(|header| serde_json::from_str(header).ok());
        if let Some(failure) = header.as_ref().and_then(ExecutionFailure::of_header) {
            return Ok(Err(failure));
        }
        let transaction_id = wire
            .transaction_id
            .ok_or(BodyError::Missing { place, field: "transactionId" })?
            .parse()
            .map_err(|_| bad("transactionId", "is not 1 to 16 bytes in hexadecimal"))?;
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
