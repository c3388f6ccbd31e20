//! ES9+.InitiateAuthentication, and ES11.InitiateAuthentication, which is the same.

use serde_json::json;

use super::body::{Body, base64, request, success};
use super::{BodyError, ExecutionFailure, ServerFunction};
use crate::ci::CiKeyId;
use crate::id::TransactionId;
use crate::signed::Challenge;
use crate::tlv::{Tag, Writer, open};

/// Begins a session: the server answers the card's challenge (SGP.22 5.6.1, 5.8.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitiateAuthentication {
    /// The card's challenge.
    pub euicc_challenge: Challenge,
    /// `EUICCInfo1`, the whole object as the card gave it.
    pub euicc_info1: Vec<u8>,
    /// The server's address as the activation code has it.
    pub smdp_address: String,
}

/// What the server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAuthentication {
    /// What the server calls the session.
    pub transaction_id: TransactionId,
    /// `serverSigned1`, the whole object.
    pub server_signed1: Vec<u8>,
    /// `serverSignature1`, the whole object.
    pub server_signature1: Vec<u8>,
    /// The issuer under which the card is to sign.
    pub ci: CiKeyId,
    /// The server's certificate in DER.
    pub server_certificate: Vec<u8>,
}

impl ServerFunction for InitiateAuthentication {
    type Answer = ServerAuthentication;
    const NAME: &'static str = "ES9+.InitiateAuthentication";
    const ENDPOINT: &'static str = "initiateAuthentication";

    fn encode(&self) -> Vec<u8> {
        request(&json!({
            "smdpAddress": self.smdp_address,
            "euiccChallenge": base64(&self.euicc_challenge),
            "euiccInfo1": base64(&self.euicc_info1),
        }))
    }

    fn decode(body: &[u8]) -> Result<Self, BodyError> {
        let mut body = Body::parse(Self::NAME, body)?;
        let challenge = body.bytes("euiccChallenge")?;
        let bad = BodyError::BadField { place: Self::NAME, field: "euiccChallenge", why: "has not 16 bytes" };
        Ok(Self {
            euicc_challenge: challenge.try_into().map_err(|_| bad)?,
            euicc_info1: body.bytes("euiccInfo1")?,
            smdp_address: body.text("smdpAddress")?,
        })
    }

    fn encode_answer(answer: &Self::Answer) -> Vec<u8> {
        let mut ci = Writer::new();
        ci.put(Tag(0x04), answer.ci.as_bytes());
        success(json!({
            "transactionId": answer.transaction_id.to_string(),
            "serverSigned1": base64(&answer.server_signed1),
            "serverSignature1": base64(&answer.server_signature1),
            "euiccCiPKIdToBeUsed": base64(&ci.finish()),
            "serverCertificate": base64(&answer.server_certificate),
        }))
    }

    fn decode_answer(body: Vec<u8>) -> Result<Result<Self::Answer, ExecutionFailure>, BodyError> {
        Body::answer(Self::NAME, &body, |body| {
            let transaction_id = body.transaction_id()?;
            let ci = body.bytes("euiccCiPKIdToBeUsed")?;
            let ci = open("euiccCiPKIdToBeUsed", &ci, Tag(0x04)).and_then(|id| CiKeyId::decode(id.value));
            let no_key_id =
                BodyError::BadField { place: Self::NAME, field: "euiccCiPKIdToBeUsed", why: "is no key identifier" };
            Ok(ServerAuthentication {
                transaction_id,
                server_signed1: body.bytes("serverSigned1")?,
                server_signature1: body.bytes("serverSignature1")?,
                ci: ci.map_err(|_| no_key_id)?,
                server_certificate: body.bytes("serverCertificate")?,
            })
        })
    }
}
