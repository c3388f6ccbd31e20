//! ES9+.HandleNotification.

use serde::de::IgnoredAny;
use serde_json::json;

use super::body::{Body, base64, request};
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

    /// None, or one that does not refuse: some servers answer 200 with a body. What is no JSON comes from something else
    /// that stands in the server's place, and is no acceptance.
    fn decode_answer(body: Vec<u8>) -> Result<Result<(), ExecutionFailure>, BodyError> {
        match Body::answer(Self::NAME, &body, |_| Ok(())) {
            Err(BodyError::Empty { .. }) => Ok(Ok(())),
            // JSON all the same: `null`, `[]`, `"ok"`.
            Err(BodyError::NotJson { .. }) if serde_json::from_slice::<IgnoredAny>(&body).is_ok() => Ok(Ok(())),
            answer => answer,
        }
    }
}
