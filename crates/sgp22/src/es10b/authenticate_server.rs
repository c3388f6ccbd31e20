//! ES10b.AuthenticateServer.

use crate::ci::CiKeyId;
use crate::codes::codes;
use crate::function::Function;
use crate::id::{Imei, MatchingId, Tac, TransactionId, Version};
use crate::signed::Failed;
use crate::tlv::{DecodeError, DecodeErrorKind, Elements, RawTlv, Tag, Writer};

/// Has the card check a server's certificate and signature, and sign in its turn (SGP.22 5.7.13).
///
/// ```text
/// AuthenticateServerRequest ::= [56] SEQUENCE {                   -- BF38
///     serverSigned1 ServerSigned1,                                -- 30
///     serverSignature1 [APPLICATION 55] OCTET STRING,             -- 5F37
///     euiccCiPKIdToBeUsed SubjectKeyIdentifier,                   -- 04
///     serverCertificate Certificate,                              -- 30
///     ctxParams1 CtxParams1                                       -- A0
/// }
/// CtxParams1 ::= CHOICE { ctxParamsForCommonAuthentication SEQUENCE {     -- [0]
///     matchingId UTF8String OPTIONAL, deviceInfo DeviceInfo } }           -- 80, A1
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticateServer {
    /// `serverSigned1`, the whole object as the server sent it.
    pub server_signed1: Vec<u8>,
    /// `serverSignature1`, the whole object.
    pub server_signature1: Vec<u8>,
    /// The issuer under which the card is to sign.
    pub ci: CiKeyId,
    /// The server's certificate in DER.
    pub server_certificate: Vec<u8>,
    /// The token or event id; `None` for the default SM-DP+ and an SM-DS.
    pub matching_id: Option<MatchingId>,
    /// What the device says of itself.
    pub device: DeviceInfo,
}

/// What a device says of itself (SGP.22 4.2).
///
/// ```text
/// DeviceInfo ::= SEQUENCE {
///     tac Octet4, deviceCapabilities DeviceCapabilities, imei Octet8 OPTIONAL      -- 80, A1, 82
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Which model it is.
    pub tac: Tac,
    /// The release of LTE that it supports (`85`, eutranEpc), as 3GPP counts them.
    pub lte_release: Option<u8>,
    /// Its IMEI; only where the user or the modem gives it.
    pub imei: Option<Imei>,
    /// Elements of newer versions, kept as they came.
    pub other: Vec<RawTlv>,
}

impl DeviceInfo {
    /// A device with this IMEI, or one that does not say which it is.
    #[must_use]
    pub fn new(imei: Option<Imei>) -> Self {
        let tac = imei.map_or(Tac::GENERIC, |imei| imei.tac());
        Self { tac, lte_release: Some(15), imei, other: Vec::new() }
    }

    fn write(&self, writer: &mut Writer) {
        writer.put(Tag(0x80), &self.tac.0);
        writer.nest(Tag(0xA1), |w| {
            w.maybe(Tag(0x85), self.lte_release.map(|release| Version([release, 0, 0])));
        });
        writer.maybe(Tag(0x82), self.imei.as_ref().map(Imei::as_bytes));
        writer.kept(&self.other);
    }

    fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::parse("DeviceInfo", value)?;
        let tac = elements.required(Tag(0x80), |tac| {
            tac.try_into().map(Tac).map_err(|_| DecodeError::value("DeviceInfo.tac", "a TAC has 4 bytes"))
        })?;
        let lte_release = elements.required(Tag(0xA1), |capabilities| {
            Elements::parse("DeviceCapabilities", capabilities)?
                .optional(Tag(0x85), |release| Version::decode(release).map(|version| version.0[0]))
        })?;
        let imei = elements.optional(Tag(0x82), Imei::decode)?;
        Ok(Self { tac, lte_release, imei, other: elements.rest() })
    }
}

/// What the card signs in its turn.
///
/// ```text
/// AuthenticateResponseOk ::= SEQUENCE {                  -- A0
///     euiccSigned1 EuiccSigned1,                         -- 30
///     euiccSignature1 [APPLICATION 55] OCTET STRING,     -- 5F37
///     euiccCertificate Certificate, eumCertificate Certificate
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AuthenticateServerOk {
    /// `euiccSigned1`, the whole object.
    pub euicc_signed1: Vec<u8>,
    /// `euiccSignature1`, the whole object.
    pub euicc_signature1: Vec<u8>,
    /// The eUICC's certificate in DER.
    pub euicc_certificate: Vec<u8>,
    /// The EUM's certificate in DER.
    pub eum_certificate: Vec<u8>,
}

/// The token stands in what is signed: it is not shown.
impl std::fmt::Debug for AuthenticateServerOk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AuthenticateServerOk({} bytes signed, …)", self.euicc_signed1.len())
    }
}

codes! {
    /// Error of ES10b.AuthenticateServer.
    pub enum AuthenticateServerError {
        InvalidCertificate = 1, "invalidCertificate", "the card does not accept the server's certificate";
        InvalidSignature = 2, "invalidSignature", "the server's signature is wrong";
        UnsupportedCurve = 3, "unsupportedCurve", "the card does not support the server's kind of key";
        NoSessionContext = 4, "noSessionContext", "the card has forgotten the session";
        InvalidOid = 5, "invalidOid", "the server's certificate is for another role";
        EuiccChallengeMismatch = 6, "euiccChallengeMismatch", "the server did not sign the card's challenge";
        CiPkUnknown = 7, "ciPKUnknown", "the card does not know the issuer that the server chose";
        TransactionIdError = 8, "transactionIdError", "the server uses a transaction id twice";
        MissingCrl = 9, "missingCrl", "a revocation list is missing";
        InvalidCrlSignature = 10, "invalidCrlSignature", "the signature of a revocation list is wrong";
        RevokedCert = 11, "revokedCert", "the server's certificate was revoked";
        InvalidCertOrCrlTime = 12, "invalidCertOrCrlTime", "a certificate or revocation list is out of date";
        InvalidCertOrCrlConfiguration = 13, "invalidCertOrCrlConfiguration", "certificates or revocation lists do not fit together";
        InvalidIccid = 14, "invalidIccid", "the ICCID does not fit";
        UndefinedError = 127, "undefinedError", "the card refused without saying why";
    }
}

impl Function for AuthenticateServer {
    type Answer = Result<AuthenticateServerOk, Failed<AuthenticateServerError>>;
    const TAG: Tag = Tag(0xBF38);
    const NAME: &'static str = "ES10b.AuthenticateServer";

    fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.raw(&self.server_signed1);
            w.raw(&self.server_signature1);
            w.put(Tag(0x04), self.ci.as_bytes());
            w.raw(&self.server_certificate);
            w.raw(&ctx_params1(self.matching_id.as_ref(), &self.device));
        })
    }

    fn decode(command: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open(Self::NAME, command, Self::TAG)?;
        let missing = |tag| DecodeError::new(Self::NAME, DecodeErrorKind::Missing(tag));
        let mut raw = |tag| elements.take(tag).map(|element| element.raw.to_vec()).ok_or(missing(tag));
        let server_signed1 = raw(Tag(0x30))?;
        let server_signature1 = raw(Tag(0x5F37))?;
        let server_certificate = raw(Tag(0x30))?;
        let ci = elements.required(Tag(0x04), CiKeyId::decode)?;
        let (matching_id, device) = elements.required(Tag(0xA0), read_ctx_params1)?;
        elements.deny_rest()?;
        Ok(Self { server_signed1, server_signature1, ci, server_certificate, matching_id, device })
    }

    fn encode_answer(answer: &Self::Answer) -> Vec<u8> {
        Writer::object(Self::TAG, |w| match answer {
            Ok(ok) => {
                w.nest(Tag(0xA0), |w| {
                    w.raw(&ok.euicc_signed1);
                    w.raw(&ok.euicc_signature1);
                    w.raw(&ok.euicc_certificate);
                    w.raw(&ok.eum_certificate);
                });
            }
            Err(failed) => failed.write(w, |error| error.encode()),
        })
    }

    fn decode_answer(answer: &[u8]) -> Result<Self::Answer, DecodeError> {
        let mut elements = Elements::open(Self::NAME, answer, Self::TAG)?;
        if let Some(failed) = elements.take(Tag(0xA1)) {
            return Failed::decode(Self::NAME, failed.value, AuthenticateServerError::decode).map(Err);
        }
        elements.required(Tag(0xA0), |value| {
            let mut ok = Elements::parse("AuthenticateResponseOk", value)?;
            let missing = |tag| DecodeError::new("AuthenticateResponseOk", DecodeErrorKind::Missing(tag));
            let mut raw = |tag| ok.take(tag).map(|element| element.raw.to_vec()).ok_or(missing(tag));
            Ok(Ok(AuthenticateServerOk {
                euicc_signed1: raw(Tag(0x30))?,
                euicc_signature1: raw(Tag(0x5F37))?,
                euicc_certificate: raw(Tag(0x30))?,
                eum_certificate: raw(Tag(0x30))?,
            }))
        })
    }
}

/// `ctxParams1`, the whole object: the card signs it byte for byte.
#[must_use]
pub(crate) fn ctx_params1(matching_id: Option<&MatchingId>, device: &DeviceInfo) -> Vec<u8> {
    Writer::object(Tag(0xA0), |w| {
        w.maybe(Tag(0x80), matching_id.map(MatchingId::expose));
        w.nest(Tag(0xA1), |w| device.write(w));
    })
}

/// Reads the value of `ctxParams1`.
pub(crate) fn read_ctx_params1(value: &[u8]) -> Result<(Option<MatchingId>, DeviceInfo), DecodeError> {
    let mut elements = Elements::parse("CtxParams1", value)?;
    let matching_id = elements.optional(Tag(0x80), |id| {
        let bad = DecodeError::value("CtxParams1.matchingId", "not a MatchingID");
        std::str::from_utf8(id).ok().and_then(|id| id.parse().ok()).ok_or(bad)
    })?;
    // Newer LPAs add more.
    let device = elements.required(Tag(0xA1), DeviceInfo::decode)?;
    Ok((matching_id, device))
}

impl TransactionId {
    /// The transaction id of an answer that failed, if it has one.
    pub(crate) fn of(elements: &mut Elements<'_>) -> Result<Option<Self>, DecodeError> {
        elements.optional(Tag(0x80), Self::decode)
    }
}
