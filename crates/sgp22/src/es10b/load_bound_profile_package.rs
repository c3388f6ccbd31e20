//! What ES10b.LoadBoundProfilePackage ends with. The call itself is a package cut in segments: see [`crate::bpp`].

use crate::codes::codes;
use crate::id::{Aid, Oid, TransactionId};
use crate::notification::NotificationMetadata;
use crate::tlv::{DecodeError, Elements, Reader, Tag, Writer, decode_u64, encode_u64};

/// The card's signed word on how the installation of a profile ended (SGP.22 5.7.6, 2.5.6).
///
/// ```text
/// ProfileInstallationResult ::= [55] SEQUENCE {                    -- BF37
///     profileInstallationResultData [39] SEQUENCE {                -- BF27
///         transactionId [0], notificationMetadata [47],            -- 80, BF2F
///         smdpOid OBJECT IDENTIFIER,                               -- 06
///         finalResult [2] CHOICE {                                 -- A2
///             successResult SEQUENCE { aid [APPLICATION 15], simaResponse OCTET STRING },       -- A0 { 4F, 04 }
///             errorResult SEQUENCE { bppCommandId, errorReason, simaResponse OPTIONAL }         -- A1 { 80, 81, 82 }
///         }
///     },
///     euiccSignPIR [APPLICATION 55] OCTET STRING                   -- 5F37
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileInstallationResult {
    /// The session.
    pub transaction_id: TransactionId,
    /// Number and address: it waits on the card as a notification.
    pub metadata: NotificationMetadata,
    /// The server that bound the package.
    pub smdp_oid: Oid,
    /// How it ended.
    pub result: Result<Installed, InstallationError>,
}

/// A profile that was installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The AID of its security domain.
    pub isdp_aid: Aid,
    /// What the card says of each profile element; see [`SimaResponse`].
    pub sima_response: Vec<u8>,
}

/// A profile that was not installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallationError {
    /// The command that failed.
    pub command: BppCommand,
    /// Why.
    pub reason: BppErrorReason,
    /// What the card says of each profile element, if it came that far.
    pub sima_response: Option<Vec<u8>>,
}

codes! {
    /// The commands inside a package (SGP.22 BppCommandId).
    pub enum BppCommand {
        InitialiseSecureChannel = 0, "initialiseSecureChannel", "agreeing on keys";
        ConfigureIsdp = 1, "configureISDP", "preparing a place for the profile";
        StoreMetadata = 2, "storeMetadata", "storing the profile's description";
        StoreMetadata2 = 3, "storeMetadata2", "storing the profile's description";
        ReplaceSessionKeys = 4, "replaceSessionKeys", "changing keys";
        LoadProfileElements = 5, "loadProfileElements", "installing the profile itself";
    }
}

codes! {
    /// Why a profile was not installed (SGP.22 ErrorReason).
    pub enum BppErrorReason {
        IncorrectInputValues = 1, "incorrectInputValues", "the server's package has a malformed command";
        InvalidSignature = 2, "invalidSignature", "the server's signature on the package is wrong";
        InvalidTransactionId = 3, "invalidTransactionId", "the package is for another session";
        UnsupportedCrtValues = 4, "unsupportedCrtValues", "the package asks for keys of an unknown kind";
        UnsupportedRemoteOperationType = 5, "unsupportedRemoteOperationType", "the package is not for installing a profile";
        UnsupportedProfileClass = 6, "unsupportedProfileClass", "the card does not take profiles of this class";
        StructureError = 7, "scp03tStructureError", "the blocks of the package are in disorder";
        SecurityError = 8, "scp03tSecurityError", "a block of the package was changed on the way";
        IccidAlreadyExists = 9, "installFailedDueToIccidAlreadyExistsOnEuicc", "a profile with this ICCID is on the card already";
        InsufficientMemory = 10, "installFailedDueToInsufficientMemoryForProfile", "the card has not enough memory";
        Interruption = 11, "installFailedDueToInterruption", "the card lost power or was reset";
        PeProcessing = 12, "installFailedDueToPEProcessingError", "the card cannot process a part of the profile";
        DataMismatch = 13, "installFailedDueToDataMismatch", "the profile has another ICCID than its description";
        InvalidNaaKey = 14, "testProfileInstallFailedDueToInvalidNaaKey", "a test profile must have the known test keys";
        PprNotAllowed = 15, "pprNotAllowed", "the profile's rules are not allowed on this card";
        EnterpriseProfilesNotSupported = 17, "enterpriseProfilesNotSupported", "the card takes no enterprise profiles";
        EnterpriseRulesNotAllowed = 18, "enterpriseRulesNotAllowed", "the profile's enterprise rules are not allowed";
        EnterpriseProfileNotAllowed = 19, "enterpriseProfileNotAllowed", "this enterprise profile is not allowed";
        EnterpriseOidMismatch = 20, "enterpriseOidMismatch", "the profile is for another enterprise";
        EnterpriseRulesError = 21, "enterpriseRulesError", "the profile's enterprise rules are wrong";
        EnterpriseProfilesOnly = 22, "enterpriseProfilesOnly", "the card takes enterprise profiles only";
        LprNotSupported = 23, "lprNotSupported", "the card has no LPA proxy";
        UnknownTlvInMetadata = 26, "unknownTlvInMetadata", "the profile's description has an unknown element";
        InsufficientSecurityLevel = 31, "installFailedDueToInsufficientMinimumSecurityLevel", "the server's security level is too low for the card";
        ServerNotAllowed = 32, "installFailedDueToServerAddressAbsentInEuiccAllowList", "the card does not allow this server";
        Unknown127 = 127, "installFailedDueToUnknownError", "the card failed without saying why";
    }
}

const BF27: Tag = Tag(0xBF27);

impl ProfileInstallationResult {
    /// The tag of the object.
    pub const TAG: Tag = Tag(0xBF37);

    /// Reads the whole object.
    pub fn decode(object: &[u8]) -> Result<Self, DecodeError> {
        let mut outer = Elements::open("ProfileInstallationResult", object, Self::TAG)?;
        outer.required(BF27, |value| {
            let mut data = Elements::parse("ProfileInstallationResultData", value)?;
            Ok(Self {
                transaction_id: data.required(Tag(0x80), TransactionId::decode)?,
                metadata: data.required(NotificationMetadata::TAG, NotificationMetadata::decode)?,
                smdp_oid: data.required(Tag(0x06), Oid::decode)?,
                result: data.required(Tag(0xA2), decode_result)?,
            })
        })
    }

    /// `BF27`, the whole object: what the card signs.
    #[must_use]
    pub fn encode_data(&self) -> Vec<u8> {
        Writer::object(BF27, |w| {
            w.put(Tag(0x80), self.transaction_id.as_bytes());
            w.raw(&self.metadata.encode());
            w.put(Tag(0x06), self.smdp_oid.as_bytes());
            w.nest(Tag(0xA2), |w| match &self.result {
                Ok(Installed { isdp_aid, sima_response }) => {
                    w.nest(Tag(0xA0), |w| {
                        w.put(Tag(0x4F), isdp_aid.as_bytes());
                        w.put(Tag(0x04), sima_response);
                    });
                }
                Err(InstallationError { command, reason, sima_response }) => {
                    w.nest(Tag(0xA1), |w| {
                        w.put(Tag(0x80), &command.encode());
                        w.put(Tag(0x81), &reason.encode());
                        w.maybe(Tag(0x82), sima_response.as_ref());
                    });
                }
            });
        })
    }

    /// The whole object, of what was signed and the signature (r and s).
    #[must_use]
    pub fn join(data: &[u8], signature: &[u8]) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.raw(data);
            w.put(Tag(0x5F37), signature);
        })
    }
}

fn decode_result(value: &[u8]) -> Result<Result<Installed, InstallationError>, DecodeError> {
    let bytes = |value: &[u8]| Ok(value.to_vec());
    let mut choice = Elements::parse("finalResult", value)?;
    if let Some(error) = choice.take(Tag(0xA1)) {
        let mut error = Elements::parse("errorResult", error.value)?;
        return Ok(Err(InstallationError {
            command: error.required(Tag(0x80), BppCommand::decode)?,
            reason: error.required(Tag(0x81), BppErrorReason::decode)?,
            sima_response: error.optional(Tag(0x82), bytes)?,
        }));
    }
    choice.required(Tag(0xA0), |value| {
        let mut success = Elements::parse("successResult", value)?;
        Ok(Ok(Installed {
            isdp_aid: success.required(Tag(0x4F), Aid::decode)?,
            sima_response: success.optional(Tag(0x04), bytes)?.unwrap_or_default(),
        }))
    })
}

codes! {
    /// How a profile element fared (TCA Interoperable Profile Package, PEStatus).
    pub enum PeStatusCode {
        Ok = 0, "ok", "done";
        NotSupported = 1, "pe-not-supported", "not supported";
        MemoryFailure = 2, "memory-failure", "the card's memory failed";
        BadValues = 3, "bad-values", "it has values that make no sense";
        NotEnoughMemory = 4, "not-enough-memory", "the card has not enough memory";
        InvalidRequestFormat = 5, "invalid-request-format", "it is malformed";
        InvalidParameter = 6, "invalid-parameter", "it has a wrong parameter";
        RuntimeNotSupported = 7, "runtime-not-supported", "it needs a runtime that the card lacks";
        LibNotSupported = 8, "lib-not-supported", "it needs a library that the card lacks";
        TemplateNotSupported = 9, "template-not-supported", "it uses a template that the card lacks";
        FeatureNotSupported = 10, "feature-not-supported", "it needs a feature that the card lacks";
        PinCodeMissing = 11, "pin-code-missing", "a PIN is missing";
        UnsupportedVersion = 31, "unsupported-profile-version", "the profile is of a version that the card does not support";
    }
}

/// What the card says of the profile elements (TCA Interoperable Profile Package, EUICCResponse).
///
/// ```text
/// EUICCResponse ::= SEQUENCE {
///     peStatus SEQUENCE OF PEStatus,                                           -- A0
///     profileInstallationAborted NULL OPTIONAL, statusMessage UTF8String OPTIONAL      -- 81, 82
/// }
/// PEStatus ::= SEQUENCE { status INTEGER, identification INTEGER OPTIONAL,
///     additional-information INTEGER OPTIONAL, offset INTEGER OPTIONAL }       -- 80, 81, 82, 83
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SimaResponse {
    /// Each element that the card had something to say of.
    pub elements: Vec<PeStatus>,
    /// The installation was broken off.
    pub aborted: bool,
    /// The card's own words.
    pub message: Option<String>,
}

/// How one profile element fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeStatus {
    /// How.
    pub status: PeStatusCode,
    /// Number of the element, as its header has it.
    pub identification: Option<u64>,
    /// More, for experts.
    pub additional: Option<u64>,
    /// Where in the element.
    pub offset: Option<u64>,
}

impl SimaResponse {
    /// Reads one response, or several that stand one after the other.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut all = Self::default();
        for response in Reader::new("EUICCResponse", bytes) {
            let mut elements = Elements::parse("EUICCResponse", response?.value)?;
            if let Some(list) = elements.take(Tag(0xA0)) {
                for status in Reader::new("peStatus", list.value) {
                    all.elements.push(PeStatus::decode(status?.value)?);
                }
            }
            all.aborted |= elements.take(Tag(0x81)).is_some();
            if let Some(message) = elements.take(Tag(0x82)) {
                all.message = Some(String::from_utf8_lossy(message.value).into_owned());
            }
        }
        Ok(all)
    }

    /// One response.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::object(Tag(0x30), |w| {
            w.nest(Tag(0xA0), |w| {
                for element in &self.elements {
                    w.nest(Tag(0x30), |w| element.write(w));
                }
            });
            w.maybe(Tag(0x81), self.aborted.then_some([]));
            w.maybe(Tag(0x82), self.message.as_ref());
        })
    }

    /// All elements are installed.
    #[must_use]
    pub fn ok() -> Self {
        let ok = PeStatus { status: PeStatusCode::Ok, identification: None, additional: None, offset: None };
        Self { elements: vec![ok], aborted: false, message: None }
    }
}

impl PeStatus {
    fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::parse("PEStatus", value)?;
        let number = |value: &[u8]| decode_u64("PEStatus", value);
        Ok(Self {
            status: elements.required(Tag(0x80), PeStatusCode::decode)?,
            identification: elements.optional(Tag(0x81), number)?,
            additional: elements.optional(Tag(0x82), number)?,
            offset: elements.optional(Tag(0x83), number)?,
        })
    }

    fn write(&self, writer: &mut Writer) {
        writer.put(Tag(0x80), &self.status.encode());
        writer.maybe(Tag(0x81), self.identification.map(encode_u64));
        writer.maybe(Tag(0x82), self.additional.map(encode_u64));
        writer.maybe(Tag(0x83), self.offset.map(encode_u64));
    }
}
