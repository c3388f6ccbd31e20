//! ES10b.CancelSession.

use crate::codes::codes;
use crate::function::Function;
use crate::id::TransactionId;
use crate::tlv::{DecodeError, DecodeErrorKind, Elements, Tag, Writer};

/// Ends a session on the card, which signs why (SGP.22 5.7.14).
///
/// ```text
/// CancelSessionRequest ::= [65] SEQUENCE { transactionId TransactionId, reason CancelSessionReason }   -- BF41, 80, 81
/// CancelSessionResponse ::= [65] CHOICE {
///     cancelSessionResponseOk SEQUENCE {                           -- A0
///         euiccCancelSessionSigned EuiccCancelSessionSigned,       -- 30
///         euiccCancelSessionSignature [APPLICATION 55] OCTET STRING
///     },
///     cancelSessionResponseError INTEGER                           -- 81
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelSession {
    /// The session.
    pub transaction_id: TransactionId,
    /// Why.
    pub reason: CancelSessionReason,
}

codes! {
    /// Why a session is ended. Servers keep an order for another try after `Postponed` and `Timeout` alone.
    pub enum CancelSessionReason {
        EndUserRejection = 0, "endUserRejection", "the user does not want the profile";
        Postponed = 1, "postponed", "the user will come back";
        Timeout = 2, "timeout", "the user did not answer";
        PprNotAllowed = 3, "pprNotAllowed", "the profile's rules are not allowed on this card";
        MetadataMismatch = 4, "metadataMismatch", "the package is for another profile than was offered";
        LoadBppExecutionError = 5, "loadBppExecutionError", "the package could not be loaded";
        UndefinedReason = 127, "undefinedReason", "for another reason";
    }
}

impl CancelSessionReason {
    /// True if the server keeps the order, so that the activation code still works.
    #[must_use]
    pub const fn keeps_the_order(self) -> bool {
        matches!(self, Self::Postponed | Self::Timeout)
    }
}

codes! {
    /// Error of ES10b.CancelSession.
    pub enum CancelSessionError {
        InvalidTransactionId = 5, "invalidTransactionId", "the card has no such session";
        UndefinedError = 127, "undefinedError", "the card refused without saying why";
    }
}

/// What the card signs: `euiccCancelSessionSigned` and its signature, each a whole object.
pub type Cancelled = (Vec<u8>, Vec<u8>);

impl Function for CancelSession {
    type Answer = Result<Cancelled, CancelSessionError>;
    const TAG: Tag = Tag(0xBF41);
    const NAME: &'static str = "ES10b.CancelSession";

    fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.put(Tag(0x80), self.transaction_id.as_bytes());
            w.put(Tag(0x81), &self.reason.encode());
        })
    }

    fn decode(command: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open(Self::NAME, command, Self::TAG)?;
        let transaction_id = elements.required(Tag(0x80), TransactionId::decode)?;
        let reason = elements.required(Tag(0x81), CancelSessionReason::decode)?;
        elements.deny_rest()?;
        Ok(Self { transaction_id, reason })
    }

    fn encode_answer(answer: &Self::Answer) -> Vec<u8> {
        Writer::object(Self::TAG, |w| match answer {
            Ok((signed, signature)) => {
                w.nest(Tag(0xA0), |w| {
                    w.raw(signed).raw(signature);
                });
            }
            Err(error) => {
                w.put(Tag(0x81), &error.encode());
            }
        })
    }

    fn decode_answer(answer: &[u8]) -> Result<Self::Answer, DecodeError> {
        let mut elements = Elements::open(Self::NAME, answer, Self::TAG)?;
        if let Some(error) = elements.optional(Tag(0x81), CancelSessionError::decode)? {
            return Ok(Err(error));
        }
        elements.required(Tag(0xA0), |value| {
            let mut ok = Elements::parse("CancelSessionResponseOk", value)?;
            let missing = |tag| DecodeError::new("CancelSessionResponseOk", DecodeErrorKind::Missing(tag));
            let mut raw = |tag| ok.take(tag).map(|element| element.raw.to_vec()).ok_or(missing(tag));
            Ok(Ok((raw(Tag(0x30))?, raw(Tag(0x5F37))?)))
        })
    }
}
