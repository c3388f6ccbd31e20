//! Reading and writing JSON bodies: fields by name, as the TLV reader has elements by tag.

use serde_json::{Map, Value, json};

use super::json::{Consistent, is_blank, unreadable, without_mark};
use super::status::ExecutionFailure;
use crate::id::TransactionId;

/// Why a body cannot be read. What is in it is not repeated: it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Nothing there.
    #[error("{place}: the body is empty")]
    Empty {
        /// The function.
        place: &'static str,
    },
    /// Not JSON, or cut short.
    #[error("{place}: the body is no JSON object: {why}")]
    NotJson {
        /// The function.
        place: &'static str,
        /// Where it stops to be one.
        why: String,
    },
    /// A member stands in it twice, with different values: readers differ in which one counts.
    #[error("{place}: a member of the body stands there twice, with different values")]
    Contradiction {
        /// The function.
        place: &'static str,
    },
    /// The body of an answer that needs none does not say that the function was carried out.
    #[error("{place}: the body does not say that it was accepted")]
    NoAcceptance {
        /// The function.
        place: &'static str,
    },
    /// A mandatory field is missing.
    #[error("{place}: {field} is missing")]
    Missing {
        /// The function.
        place: &'static str,
        /// The field.
        field: &'static str,
    },
    /// A field is of no use.
    #[error("{place}: {field} {why}")]
    BadField {
        /// The function.
        place: &'static str,
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// The fields of a body.
#[derive(Debug)]
pub(crate) struct Body {
    place: &'static str,
    fields: Map<String, Value>,
}

impl Body {
    pub(crate) fn parse(place: &'static str, body: &[u8]) -> Result<Self, BodyError> {
        if is_blank(body) {
            return Err(BodyError::Empty { place });
        }
        match serde_json::from_slice(without_mark(body)) {
            Ok(Consistent(Value::Object(fields))) => Ok(Self { place, fields }),
            Ok(_) => Err(BodyError::NotJson { place, why: "line 1, column 1".into() }),
            Err(error) => Err(unreadable(place, &error)),
        }
    }

    /// Reads an answer: what was asked for, or why not.
    pub(crate) fn answer<T>(
        place: &'static str,
        body: &[u8],
        read: impl FnOnce(&mut Self) -> Result<T, BodyError>,
    ) -> Result<Result<T, ExecutionFailure>, BodyError> {
        let mut body = Self::parse(place, body)?;
        match body.failure() {
            Some(failure) => Ok(Err(failure)),
            None => read(&mut body).map(Ok),
        }
    }

    /// The refusal in the body; `None` if the function was carried out, or nothing is said of it.
    pub(crate) fn failure(&self) -> Option<ExecutionFailure> {
        ExecutionFailure::from_header(self.fields.get("header"), self.fields.get("functionExecutionStatus"))
    }

    /// The members, but for `null`s.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.fields.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.as_str(), value))
    }

    /// A field; `null` counts as none.
    pub(crate) fn take(&mut self, field: &str) -> Option<Value> {
        self.fields.remove(field).filter(|value| !value.is_null())
    }

    fn bad(&self, field: &'static str, why: &'static str) -> BodyError {
        BodyError::BadField { place: self.place, field, why }
    }

    pub(crate) fn text(&mut self, field: &'static str) -> Result<String, BodyError> {
        match self.take(field) {
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(self.bad(field, "is no text")),
            None => Err(BodyError::Missing { place: self.place, field }),
        }
    }

    /// Bytes in base64.
    pub(crate) fn bytes(&mut self, field: &'static str) -> Result<Vec<u8>, BodyError> {
        let mut bytes = self.text(field)?.into_bytes();
        let length = decode_base64(&mut bytes).ok_or_else(|| self.bad(field, "is not in base64"))?;
        bytes.truncate(length);
        Ok(bytes)
    }

    pub(crate) fn transaction_id(&mut self) -> Result<TransactionId, BodyError> {
        let text = self.text("transactionId")?;
        text.parse().map_err(|_| self.bad("transactionId", "is not 1 to 16 bytes in hexadecimal"))
    }

    /// The session of an answer that has it in what is signed as well, so that servers may leave it out here.
    pub(crate) fn optional_transaction_id(&mut self) -> Result<Option<TransactionId>, BodyError> {
        match self.transaction_id() {
            Err(BodyError::Missing { .. }) => Ok(None),
            read => read.map(Some),
        }
    }
}

/// Bytes in base64.
pub(crate) fn base64(bytes: &[u8]) -> String {
    data_encoding::BASE64.encode(bytes)
}

/// A body of these fields.
pub(crate) fn request(fields: &Value) -> Vec<u8> {
    fields.to_string().into_bytes()
}

/// The body of an answer with these fields: a header that says that all is well goes before them.
pub(crate) fn success(fields: Value) -> Vec<u8> {
    let mut body = json!({ "header": { "functionExecutionStatus": { "status": "Executed-Success" } } });
    if let (Value::Object(body), Value::Object(fields)) = (&mut body, fields) {
        body.extend(fields);
    }
    request(&body)
}

/// Decodes base64 in place, as it stands in a JSON string, and gives the number of bytes that are left at the beginning.
///
/// Servers are read leniently, since there is one way to understand each of these: white space and escapes of it are
/// skipped, `\/` is a slash, padding may be missing, and the two digits of the URL-safe alphabet (RFC 4648 5) are taken.
/// If a reading were wrong, a signature over the bytes would not fit.
pub(crate) fn decode_base64(text: &mut [u8]) -> Option<usize> {
    let (mut read, mut written) = (0, 0);
    let (mut bits, mut count) = (0u32, 0u32);
    let mut padded = false;
    while let Some(&byte) = text.get(read) {
        read += 1;
        let character = match byte {
            b'\\' => unescape(text, &mut read)?,
            byte => byte,
        };
        let digit = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                padded = true;
                continue;
            }
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            _ => return None,
        };
        if padded {
            return None;
        }
        bits = (bits << 6) | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            text[written] = (bits >> count).to_le_bytes()[0];
            written += 1;
            bits &= (1 << count) - 1;
        }
    }
    // What is left are the unused bits of the last digit; a digit alone is half a byte.
    (count < 6).then_some(written)
}

/// The character behind a backslash; one that base64 cannot have gives nothing.
fn unescape(text: &[u8], read: &mut usize) -> Option<u8> {
    let kind = *text.get(*read)?;
    *read += 1;
    match kind {
        b'/' => Some(b'/'),
        b'n' | b'r' | b't' => Some(b' '),
        b'u' => {
            let digits = std::str::from_utf8(text.get(*read..*read + 4)?).ok()?;
            *read += 4;
            u8::from_str_radix(digits, 16).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<Vec<u8>> {
        let mut bytes = text.as_bytes().to_vec();
        let length = decode_base64(&mut bytes)?;
        bytes.truncate(length);
        Some(bytes)
    }

    #[test]
    fn base64_as_servers_write_it() {
        for text in [
            "3q2+7/8=",
            "3q2+7/8",
            "3q2-7_8=",
            "3q2-7_8",
            "3q2+\r\n 7/8=",
            r"3q2+7\/8=",
            r"3q2+\r\n7\/8=",
            r"3q2\u002b7\u002F8=",
        ] {
            assert_eq!(decoded(text), Some(b"\xDE\xAD\xBE\xEF\xFF".to_vec()), "{text}");
        }
        assert_eq!(decoded(""), Some(Vec::new()));
        for text in ["3q2*", "3q2.", "3q2+7", "AA==AA", "\\", "\\u00", "ä", "\\x41"] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }

    #[test]
    fn decoding_in_place_agrees_with_the_library() {
        for length in 0..70u8 {
            let bytes: Vec<u8> = (0..length).map(|n| n.wrapping_mul(37)).collect();
            assert_eq!(decoded(&base64(&bytes)), Some(bytes));
        }
    }
}
