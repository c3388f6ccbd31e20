//! ES9+.CancelSession.

use serde_json::json;

use super::body::{Body, base64, request, success};
use super::{BodyError, ExecutionFailure, ServerFunction};
use crate::id::TransactionId;

/// Tells the server that a session is over, with the card's signature on why (SGP.22 5.6.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelSession {
    /// The session.
    pub transaction_id: TransactionId,
    /// `CancelSessionResponse`, the whole object as the card gave it.
    pub cancel_session_response: Vec<u8>,
}

impl ServerFunction for CancelSession {
    type Answer = ();
    const NAME: &'static str = "ES9+.CancelSession";
    const ENDPOINT: &'static str = "cancelSession";

    fn encode(&self) -> Vec<u8> {
        request(&json!({
            "transactionId": self.transaction_id.to_string(),
            "cancelSessionResponse": base64(&self.cancel_session_response),
        }))
    }

    fn decode(body: &[u8]) -> Result<Self, BodyError> {
        let mut body = Body::parse(Self::NAME, body)?;
        Ok(Self {
            transaction_id: body.transaction_id()?,
            cancel_session_response: body.bytes("cancelSessionResponse")?,
        })
    }

    fn encode_answer((): &Self::Answer) -> Vec<u8> {
        success(json!({}))
    }

    fn decode_answer(body: Vec<u8>) -> Result<Result<(), ExecutionFailure>, BodyError> {
        Body::answer(Self::NAME, &body, |_| Ok(()))
    }
}
