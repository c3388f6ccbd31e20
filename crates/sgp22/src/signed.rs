//! The objects that servers and cards sign, and what is in them (SGP.22 5.6, 5.7.5, 5.7.13, 5.7.14).
//!
//! Each is read from the bytes as received, and written by the side that signs. A signature covers the whole object, tag
//! and length included; what follows it in the signed data is told with each.

use crate::es10b::{CancelSessionReason, DeviceInfo};
use crate::euicc_info::EuiccInfo2;
use crate::id::{MatchingId, Oid, TransactionId};
use crate::tlv::{DecodeError, Elements, Tag, Text, Writer, decode_bool};

/// A function that failed on the card: which session, and why. `A1 { 80 transactionId, 02 code }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed<E> {
    /// The session.
    pub transaction_id: Option<TransactionId>,
    /// Why.
    pub error: E,
}

impl<E> Failed<E> {
    pub(crate) fn write(&self, writer: &mut Writer, code: impl FnOnce(&E) -> Vec<u8>) {
        writer.nest(Tag(0xA1), |w| {
            w.maybe(Tag(0x80), self.transaction_id.as_ref());
            w.put(Tag(0x02), &code(&self.error));
        });
    }

    pub(crate) fn decode(
        place: &'static str,
        value: &[u8],
        read: impl FnOnce(&[u8]) -> Result<E, DecodeError>,
    ) -> Result<Self, DecodeError> {
        let mut elements = Elements::parse(place, value)?;
        Ok(Self { transaction_id: TransactionId::of(&mut elements)?, error: elements.required(Tag(0x02), read)? })
    }
}

/// A challenge: 16 random bytes.
pub type Challenge = [u8; 16];

fn challenge(value: &[u8]) -> Result<Challenge, DecodeError> {
    value.try_into().map_err(|_| DecodeError::value("challenge", "a challenge has 16 bytes"))
}

fn text(value: &[u8]) -> Result<Text, DecodeError> {
    Ok(Text::from_bytes(value))
}

/// A `5F37` with this signature: r and s, 32 bytes each.
#[must_use]
pub fn signature_object(signature: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.put(Tag(0x5F37), signature);
    writer.finish()
}

/// What a server signs first. The signature covers this object alone.
///
/// ```text
/// ServerSigned1 ::= SEQUENCE {
///     transactionId, euiccChallenge Octet16, serverAddress UTF8String, serverChallenge Octet16    -- 80, 81, 83, 84
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSigned1 {
    /// What the server calls the session.
    pub transaction_id: TransactionId,
    /// The card's challenge.
    pub euicc_challenge: Challenge,
    /// The server's own address; must be the one that was asked.
    pub server_address: Text,
    /// The server's challenge.
    pub server_challenge: Challenge,
}

impl ServerSigned1 {
    /// Reads the whole object. Newer servers put more into it.
    pub fn decode(object: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open("ServerSigned1", object, Tag(0x30))?;
        Ok(Self {
            transaction_id: elements.required(Tag(0x80), TransactionId::decode)?,
            euicc_challenge: elements.required(Tag(0x81), challenge)?,
            server_address: elements.required(Tag(0x83), text)?,
            server_challenge: elements.required(Tag(0x84), challenge)?,
        })
    }

    /// The whole object.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::object(Tag(0x30), |w| {
            w.put(Tag(0x80), self.transaction_id.as_bytes());
            w.put(Tag(0x81), &self.euicc_challenge);
            w.put(Tag(0x83), self.server_address.as_bytes());
            w.put(Tag(0x84), &self.server_challenge);
        })
    }
}

/// What a card signs first. The signature covers this object alone.
///
/// ```text
/// EuiccSigned1 ::= SEQUENCE {
///     transactionId, serverAddress UTF8String, serverChallenge Octet16,      -- 80, 83, 84
///     euiccInfo2 EUICCInfo2, ctxParams1 CtxParams1                           -- BF22, A0
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EuiccSigned1 {
    /// The session.
    pub transaction_id: TransactionId,
    /// The server's address as it gave it.
    pub server_address: Text,
    /// The server's challenge.
    pub server_challenge: Challenge,
    /// What the card says of itself.
    pub euicc_info2: EuiccInfo2,
    /// The token or event id.
    pub matching_id: Option<MatchingId>,
    /// What the device says of itself.
    pub device: DeviceInfo,
}

impl EuiccSigned1 {
    /// Reads the whole object.
    pub fn decode(object: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open("EuiccSigned1", object, Tag(0x30))?;
        let transaction_id = elements.required(Tag(0x80), TransactionId::decode)?;
        let server_address = elements.required(Tag(0x83), text)?;
        let server_challenge = elements.required(Tag(0x84), challenge)?;
        let info = elements.take(EuiccInfo2::TAG).ok_or(DecodeError::value("EuiccSigned1", "lacks euiccInfo2"))?;
        let euicc_info2 = EuiccInfo2::decode(info.raw)?;
        let (matching_id, device) = elements.required(Tag(0xA0), crate::es10b::read_ctx_params1)?;
        Ok(Self { transaction_id, server_address, server_challenge, euicc_info2, matching_id, device })
    }

    /// The whole object, with `ctxParams1` byte for byte as it was in the request.
    #[must_use]
    pub fn encode_with(
        transaction_id: &TransactionId,
        server_address: &Text,
        server_challenge: &Challenge,
        euicc_info2: &[u8],
        ctx_params1: &[u8],
    ) -> Vec<u8> {
        Writer::object(Tag(0x30), |w| {
            w.put(Tag(0x80), transaction_id.as_bytes());
            w.put(Tag(0x83), server_address.as_bytes());
            w.put(Tag(0x84), server_challenge);
            w.raw(euicc_info2).raw(ctx_params1);
        })
    }
}

/// What a server signs second. The signature covers this object and the whole `euiccSignature1` object.
///
/// ```text
/// SmdpSigned2 ::= SEQUENCE {
///     transactionId, ccRequiredFlag BOOLEAN,                                 -- 80, 01
///     bppEuiccOtpk [APPLICATION 73] OCTET STRING OPTIONAL                    -- 5F49
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmdpSigned2 {
    /// The session.
    pub transaction_id: TransactionId,
    /// The server wants a confirmation code.
    pub confirmation_required: bool,
    /// On a retry: the card's key that the package is bound to already.
    pub bpp_euicc_otpk: Option<Vec<u8>>,
}

impl SmdpSigned2 {
    /// Reads the whole object.
    pub fn decode(object: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open("SmdpSigned2", object, Tag(0x30))?;
        Ok(Self {
            transaction_id: elements.required(Tag(0x80), TransactionId::decode)?,
            confirmation_required: elements.required(Tag(0x01), |value| decode_bool("ccRequiredFlag", value))?,
            bpp_euicc_otpk: elements.take(Tag(0x5F49)).map(|key| key.value.to_vec()),
        })
    }

    /// The whole object.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::object(Tag(0x30), |w| {
            w.put(Tag(0x80), self.transaction_id.as_bytes());
            w.put(Tag(0x01), if self.confirmation_required { &[0xFF] } else { &[0x00] });
            w.maybe(Tag(0x5F49), self.bpp_euicc_otpk.as_ref());
        })
    }
}

/// What a card signs second. The signature covers this object and the whole `smdpSignature2` object.
///
/// ```text
/// EUICCSigned2 ::= SEQUENCE {
///     transactionId, euiccOtpk [APPLICATION 73] OCTET STRING, hashCc Octet32 OPTIONAL    -- 80, 5F49, 04
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct EuiccSigned2 {
    /// The session.
    pub transaction_id: TransactionId,
    /// The card's one-time public key: `04 || X || Y`.
    pub euicc_otpk: Vec<u8>,
    /// The hash of the confirmation code.
    pub hash_cc: Option<Vec<u8>>,
}

impl std::fmt::Debug for EuiccSigned2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EuiccSigned2({})", self.transaction_id)
    }
}

impl EuiccSigned2 {
    /// Reads the whole object.
    pub fn decode(object: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open("EUICCSigned2", object, Tag(0x30))?;
        Ok(Self {
            transaction_id: elements.required(Tag(0x80), TransactionId::decode)?,
            euicc_otpk: elements.required(Tag(0x5F49), |key| Ok(key.to_vec()))?,
            hash_cc: elements.take(Tag(0x04)).map(|hash| hash.value.to_vec()),
        })
    }

    /// The whole object.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::object(Tag(0x30), |w| {
            w.put(Tag(0x80), self.transaction_id.as_bytes());
            w.put(Tag(0x5F49), &self.euicc_otpk);
            w.maybe(Tag(0x04), self.hash_cc.as_ref());
        })
    }
}

/// What a card signs when a session is ended. The signature covers this object alone.
///
/// ```text
/// EuiccCancelSessionSigned ::= SEQUENCE {
///     transactionId, smdpOid OBJECT IDENTIFIER, reason CancelSessionReason       -- 80, 81, 82
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EuiccCancelSessionSigned {
    /// The session.
    pub transaction_id: TransactionId,
    /// The server that the session was with.
    pub smdp_oid: Oid,
    /// Why it was ended.
    pub reason: CancelSessionReason,
}

impl EuiccCancelSessionSigned {
    /// Reads the whole object.
    pub fn decode(object: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open("EuiccCancelSessionSigned", object, Tag(0x30))?;
        Ok(Self {
            transaction_id: elements.required(Tag(0x80), TransactionId::decode)?,
            smdp_oid: elements.required(Tag(0x81), Oid::decode)?,
            reason: elements.required(Tag(0x82), CancelSessionReason::decode)?,
        })
    }

    /// The whole object.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::object(Tag(0x30), |w| {
            w.put(Tag(0x80), self.transaction_id.as_bytes());
            w.put(Tag(0x81), self.smdp_oid.as_bytes());
            w.put(Tag(0x82), &self.reason.encode());
        })
    }
}
