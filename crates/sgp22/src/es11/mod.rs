//! ES11: what an LPA says to an SM-DS, which knows what waits where for a card (SGP.22 5.8).
//!
//! InitiateAuthentication is that of ES9+, down to the path.

use serde_json::{Value, json};

use crate::es9p::body::{Body, success};
use crate::es9p::{self, BodyError, ExecutionFailure, ServerFunction};
use crate::id::{MatchingId, TransactionId};

/// Brings the card's signature to the SM-DS, which answers what waits for the card (SGP.22 5.8.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticateClient(pub es9p::AuthenticateClient);

/// Something that waits for the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventEntry {
    /// What the server there calls it: to be given as the MatchingID.
    pub event_id: MatchingId,
    /// Where it waits: an SM-DP+, or another SM-DS.
    pub server: String,
}

/// What an SM-DS answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events {
    /// The session; some servers leave it out.
    pub transaction_id: Option<TransactionId>,
    /// What waits for the card.
    pub entries: Vec<EventEntry>,
}

impl ServerFunction for AuthenticateClient {
    type Answer = Events;
    const NAME: &'static str = "ES11.AuthenticateClient";
    const ENDPOINT: &'static str = "authenticateClient";

    fn encode(&self) -> Vec<u8> {
        self.0.encode_request()
    }

    fn decode(body: &[u8]) -> Result<Self, BodyError> {
        es9p::AuthenticateClient::decode_for(Self::NAME, body).map(Self)
    }

    fn encode_answer(events: &Self::Answer) -> Vec<u8> {
        let entry =
            |event: &EventEntry| json!({ "eventId": event.event_id.expose(), "rspServerAddress": event.server });
        let mut fields = json!({ "eventEntries": events.entries.iter().map(entry).collect::<Vec<_>>() });
        if let Some(id) = &events.transaction_id {
            fields["transactionId"] = id.to_string().into();
        }
        success(fields)
    }

    fn decode_answer(body: Vec<u8>) -> Result<Result<Self::Answer, ExecutionFailure>, BodyError> {
        let bad = |why| BodyError::BadField { place: Self::NAME, field: "eventEntries", why };
        Body::answer(Self::NAME, &body, |body| {
            let transaction_id = match body.take("transactionId") {
                None => None,
                Some(id) => Some(id.as_str().and_then(|id| id.parse().ok()).ok_or(BodyError::BadField {
                    place: Self::NAME,
                    field: "transactionId",
                    why: "is not 1 to 16 bytes in hexadecimal",
                })?),
            };
            let entries = match body.take("eventEntries") {
                None => Vec::new(),
                Some(Value::Array(entries)) => entries,
                Some(_) => return Err(bad("is no list")),
            };
            // An entry that nobody can follow does not hide the others.
            let read: Vec<Result<EventEntry, BodyError>> = entries
                .iter()
                .map(|entry| {
                    let text = |field: &str| entry[field].as_str();
                    let event_id = text("eventId").and_then(|id| id.trim().parse().ok());
                    Ok(EventEntry {
                        event_id: event_id.ok_or(bad("has an entry without a proper eventId"))?,
                        server: text("rspServerAddress").ok_or(bad("has an entry without rspServerAddress"))?.into(),
                    })
                })
                .collect();
            let is_readable = read.is_empty() || read.iter().any(Result::is_ok);
            let entries = if is_readable {
                read.into_iter().flatten().collect()
            } else {
                read.into_iter().collect::<Result<_, _>>()?
            };
            Ok(Events { transaction_id, entries })
        })
    }
}
