//! ES9+.HandleNotification.

use serde_json::{Value, json};

use super::body::{Body, base64, request};
use super::json::{Consistent, without_mark};
use super::{BodyError, ExecutionFailure, ServerFunction};

/// Brings the server what the card has signed for it (SGP.22 5.6.4). The server answers 204, without a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleNotification {
    /// `PendingNotification`, the whole object as the card gave it.
    pub pending_notification: Vec<u8>,
}

impl ServerFunction for HandleNotification {
    type Answer = ();
    const NAME: &'static str = "ES9+.HandleNotification";
    const ENDPOINT: &'static str = "handleNotification";

    fn encode(&self) -> Vec<u8> {
        request(&json!({ "pendingNotification": base64(&self.pending_notification) }))
    }

    fn decode(body: &[u8]) -> Result<Self, BodyError> {
        let mut body = Body::parse(Self::NAME, body)?;
        Ok(Self { pending_notification: body.bytes("pendingNotification")? })
    }

    fn encode_answer((): &Self::Answer) -> Vec<u8> {
        Vec::new()
    }

    /// Reads an answer that has a body though none is expected.
    ///
    /// A notification that was accepted is removed from the card, so that a wrong acceptance loses it for good, while a
    /// wrong refusal only has it sent again. A body is therefore an acceptance where it says so, or says nothing: a header
    /// that refuses nothing, an empty JSON value, or a word such as `OK` alone. Pages, sentences and JSON of a gateway that
    /// stands in the server's place are none.
    fn decode_answer(body: Vec<u8>) -> Result<Result<(), ExecutionFailure>, BodyError> {
        let place = Self::NAME;
        let fields = match Body::parse(place, &body) {
            Ok(fields) => fields,
            Err(BodyError::Empty { .. }) => return Ok(Ok(())),
            Err(BodyError::NotJson { .. }) if is_acceptance(&body) => return Ok(Ok(())),
            Err(error) => return Err(error),
        };
        match fields.failure() {
            Some(failure) => Ok(Err(failure)),
            None if fields.members().all(|(name, value)| agrees(name, value)) => Ok(Ok(())),
            None => Err(BodyError::NoAcceptance { place }),
        }
    }
}

/// The longest body that can be a word of acceptance, in bytes.
const MAX_WORD_LEN: usize = 64;

/// The words by which something is accepted, letters alone.
const ACCEPTING_WORDS: [&str; 10] = [
    "ok",
    "okay",
    "success",
    "successful",
    "accepted",
    "received",
    "done",
    "true",
    "executedsuccess",
    "executedwithwarning",
];

/// True for a body that is no JSON object, and accepts: JSON without a content, or a word.
fn is_acceptance(body: &[u8]) -> bool {
    match serde_json::from_slice(without_mark(body)) {
        Ok(Consistent(Value::Null)) => true,
        Ok(Consistent(Value::Bool(accepted))) => accepted,
        Ok(Consistent(Value::Array(list))) => list.is_empty(),
        Ok(Consistent(Value::String(text))) => text.trim().is_empty() || is_accepting_word(&text),
        Ok(_) => false,
        Err(_) => std::str::from_utf8(without_mark(body)).is_ok_and(is_accepting_word),
    }
}

/// True for one of the words, in any case, with a full stop or an exclamation mark behind it.
fn is_accepting_word(text: &str) -> bool {
    if text.len() > MAX_WORD_LEN {
        return false;
    }
    let word = text.trim().trim_end_matches(['.', '!']).to_ascii_lowercase().replace(['-', '_'], "");
    ACCEPTING_WORDS.contains(&word.as_str())
}

/// True unless a member of an object says that something went wrong. Members that nobody knows say nothing.
fn agrees(name: &str, value: &Value) -> bool {
    let name = name.to_ascii_lowercase();
    if ["error", "fault", "fail", "exception"].iter().any(|word| name.contains(word)) {
        return matches!(value, Value::Null | Value::Bool(false)) || value == "" || value == 0;
    }
    if !["status", "result", "success", "accepted", "code", "message", "detail", "title"].contains(&name.as_str()) {
        return true;
    }
    match value {
        Value::Bool(accepted) => *accepted,
        Value::String(text) => text.is_empty() || is_accepting_word(text),
        Value::Number(number) => number.as_u64().is_some_and(|code| code == 0 || (200..300).contains(&code)),
        _ => true,
    }
}
