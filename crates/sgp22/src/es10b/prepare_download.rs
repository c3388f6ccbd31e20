//! ES10b.PrepareDownload.

use crate::codes::codes;
use crate::function::Function;
use crate::signed::Failed;
use crate::tlv::{DecodeError, DecodeErrorKind, Elements, Tag, Writer};

/// Has the card check what the server offers, and make the key that the package is bound to (SGP.22 5.7.5).
///
/// ```text
/// PrepareDownloadRequest ::= [33] SEQUENCE {              -- BF21
///     smdpSigned2 SmdpSigned2,                            -- 30
///     smdpSignature2 [APPLICATION 55] OCTET STRING,       -- 5F37
///     hashCc Octet32 OPTIONAL,                            -- 04
///     smdpCertificate Certificate                         -- 30
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PrepareDownload {
    /// `smdpSigned2`, the whole object as the server sent it.
    pub smdp_signed2: Vec<u8>,
    /// `smdpSignature2`, the whole object.
    pub smdp_signature2: Vec<u8>,
    /// The hash of the confirmation code, if one is wanted.
    pub hash_cc: Option<[u8; 32]>,
    /// The server's certificate for binding packages, in DER.
    pub smdp_certificate: Vec<u8>,
}

/// The hash of a confirmation code is as good as the code for this session: it is not shown.
impl std::fmt::Debug for PrepareDownload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrepareDownload(confirmation code: {})", if self.hash_cc.is_some() { "yes" } else { "no" })
    }
}

/// What the card signs in its turn.
///
/// ```text
/// PrepareDownloadResponseOk ::= SEQUENCE {                -- A0
///     euiccSigned2 EUICCSigned2,                          -- 30
///     euiccSignature2 [APPLICATION 55] OCTET STRING       -- 5F37
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PrepareDownloadOk {
    /// `euiccSigned2`, the whole object.
    pub euicc_signed2: Vec<u8>,
    /// `euiccSignature2`, the whole object.
    pub euicc_signature2: Vec<u8>,
}

/// The hash of the confirmation code stands in what is signed: it is not shown.
impl std::fmt::Debug for PrepareDownloadOk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrepareDownloadOk({} bytes signed, …)", self.euicc_signed2.len())
    }
}

codes! {
    /// Error of ES10b.PrepareDownload.
    pub enum PrepareDownloadError {
        InvalidCertificate = 1, "invalidCertificate", "the card does not accept the server's certificate";
        InvalidSignature = 2, "invalidSignature", "the server's signature is wrong";
        UnsupportedCurve = 3, "unsupportedCurve", "the card does not support the server's kind of key";
        NoSessionContext = 4, "noSessionContext", "the card has forgotten the session";
        InvalidTransactionId = 5, "invalidTransactionId", "the server mixed up its sessions";
        UndefinedError = 127, "undefinedError", "the card refused without saying why";
    }
}

impl Function for PrepareDownload {
    type Answer = Result<PrepareDownloadOk, Failed<PrepareDownloadError>>;
    const TAG: Tag = Tag(0xBF21);
    const NAME: &'static str = "ES10b.PrepareDownload";

    fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.raw(&self.smdp_signed2);
            w.raw(&self.smdp_signature2);
            w.maybe(Tag(0x04), self.hash_cc);
            w.raw(&self.smdp_certificate);
        })
    }

    fn decode(command: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open(Self::NAME, command, Self::TAG)?;
        let missing = |tag| DecodeError::new(Self::NAME, DecodeErrorKind::Missing(tag));
        let mut raw = |tag| elements.take(tag).map(|element| element.raw.to_vec()).ok_or(missing(tag));
        let smdp_signed2 = raw(Tag(0x30))?;
        let smdp_signature2 = raw(Tag(0x5F37))?;
        let smdp_certificate = raw(Tag(0x30))?;
        let hash_cc = elements.optional(Tag(0x04), |hash| {
            hash.try_into().map_err(|_| DecodeError::value("hashCc", "a hash has 32 bytes"))
        })?;
        elements.deny_rest()?;
        Ok(Self { smdp_signed2, smdp_signature2, hash_cc, smdp_certificate })
    }

    fn encode_answer(answer: &Self::Answer) -> Vec<u8> {
        Writer::object(Self::TAG, |w| match answer {
            Ok(ok) => {
                w.nest(Tag(0xA0), |w| {
                    w.raw(&ok.euicc_signed2);
                    w.raw(&ok.euicc_signature2);
                });
            }
            Err(failed) => failed.write(w, |error| error.encode()),
        })
    }

    fn decode_answer(answer: &[u8]) -> Result<Self::Answer, DecodeError> {
        let mut elements = Elements::open(Self::NAME, answer, Self::TAG)?;
        if let Some(failed) = elements.take(Tag(0xA1)) {
            return Failed::decode(Self::NAME, failed.value, PrepareDownloadError::decode).map(Err);
        }
        elements.required(Tag(0xA0), |value| {
            let mut ok = Elements::parse("PrepareDownloadResponseOk", value)?;
            let missing = |tag| DecodeError::new("PrepareDownloadResponseOk", DecodeErrorKind::Missing(tag));
            let mut raw = |tag| ok.take(tag).map(|element| element.raw.to_vec()).ok_or(missing(tag));
            Ok(Ok(PrepareDownloadOk { euicc_signed2: raw(Tag(0x30))?, euicc_signature2: raw(Tag(0x5F37))? }))
        })
    }
}
