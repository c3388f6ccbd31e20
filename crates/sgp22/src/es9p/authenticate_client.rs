//! ES9+.AuthenticateClient.

use serde_json::json;

use super::body::{Body, base64, request, success};
use super::{BodyError, ExecutionFailure, ServerFunction};
use crate::id::TransactionId;

/// Brings the card's signature to the server, which looks for the order and offers its profile (SGP.22 5.6.3).
#[derive(Clone, PartialEq, Eq)]
pub struct AuthenticateClient {
    /// The session.
    pub transaction_id: TransactionId,
    /// `AuthenticateServerResponse`, the whole object as the card gave it.
    pub authenticate_server_response: Vec<u8>,
}

/// The card's answer holds the token: it is not shown.
impl std::fmt::Debug for AuthenticateClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AuthenticateClient({}, {} bytes)", self.transaction_id, self.authenticate_server_response.len())
    }
}

/// What the server offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileOffer {
    /// The session; `None` where the server leaves it out. `smdp_signed2` has it, too.
    pub transaction_id: Option<TransactionId>,
    /// `StoreMetadataRequest`, the whole object: the profile.
    pub profile_metadata: Vec<u8>,
    /// `smdpSigned2`, the whole object.
    pub smdp_signed2: Vec<u8>,
    /// `smdpSignature2`, the whole object.
    pub smdp_signature2: Vec<u8>,
    /// The server's certificate for binding packages, in DER.
    pub smdp_certificate: Vec<u8>,
}

impl AuthenticateClient {
    /// Reads a request of this function on either interface.
    pub(crate) fn decode_for(place: &'static str, body: &[u8]) -> Result<Self, BodyError> {
        let mut body = Body::parse(place, body)?;
        Ok(Self {
            transaction_id: body.transaction_id()?,
            authenticate_server_response: body.bytes("authenticateServerResponse")?,
        })
    }

    pub(crate) fn encode_request(&self) -> Vec<u8> {
        request(&json!({
            "transactionId": self.transaction_id.to_string(),
            "authenticateServerResponse": base64(&self.authenticate_server_response),
        }))
    }
}

impl ServerFunction for AuthenticateClient {
    type Answer = ProfileOffer;
    const NAME: &'static str = "ES9+.AuthenticateClient";
    const ENDPOINT: &'static str = "authenticateClient";

    fn encode(&self) -> Vec<u8> {
        self.encode_request()
    }

    fn decode(body: &[u8]) -> Result<Self, BodyError> {
        Self::decode_for(Self::NAME, body)
    }

    fn encode_answer(answer: &Self::Answer) -> Vec<u8> {
        success(json!({
            "transactionId": answer.transaction_id.as_ref().map(TransactionId::to_string),
            "profileMetadata": base64(&answer.profile_metadata),
            "smdpSigned2": base64(&answer.smdp_signed2),
            "smdpSignature2": base64(&answer.smdp_signature2),
            "smdpCertificate": base64(&answer.smdp_certificate),
        }))
    }

    fn decode_answer(body: Vec<u8>) -> Result<Result<Self::Answer, ExecutionFailure>, BodyError> {
        Body::answer(Self::NAME, &body, |body| {
            Ok(ProfileOffer {
                transaction_id: body.optional_transaction_id()?,
                profile_metadata: body.bytes("profileMetadata")?,
                smdp_signed2: body.bytes("smdpSigned2")?,
                smdp_signature2: body.bytes("smdpSignature2")?,
                smdp_certificate: body.bytes("smdpCertificate")?,
            })
        })
    }
}
