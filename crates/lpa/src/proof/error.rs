//! Reasons not to believe a notification.

use sgp22::ci::CiKeyId;
use sgp22::tlv::DecodeError;

use super::ProofIssuer;

/// The owner of a certificate in a card's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateOf {
    /// The eUICC.
    Card,
    /// The maker of the card (EUM).
    Maker,
    /// An issuer above the maker.
    Issuer,
}

impl CertificateOf {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Maker => "maker",
            Self::Issuer => "issuer",
        }
    }
}

/// A rule of its role that a certificate breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misuse {
    /// The maker's is not that of a maker of eUICCs.
    NotMaker,
    /// The maker's key may not sign certificates.
    NoCertificates,
    /// A critical extension is not known here.
    UnknownCritical,
    /// The card's is not that of an eUICC.
    NotCard,
    /// The card's key may not sign data.
    NoData,
    /// The card's was not issued by a maker of eUICCs.
    NotFromMaker,
}

impl Misuse {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotMaker => "not_maker",
            Self::NoCertificates => "no_certificates",
            Self::UnknownCritical => "unknown_critical",
            Self::NotCard => "not_card",
            Self::NoData => "no_data",
            Self::NotFromMaker => "not_from_maker",
        }
    }
}

/// The reason why a notification proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The bytes are no notification.
    #[error("the notification cannot be read: {0}")]
    Unreadable(DecodeError),
    /// An installation result, or a kind of a newer version: these carry no certificates.
    #[error("it is not a notification that carries certificates")]
    OtherKind,
    /// The card sent the notification without this certificate.
    #[error("the certificate of the {} is missing", .0.name())]
    Missing(CertificateOf),
    /// A certificate cannot be read.
    #[error("the certificate of the {} cannot be read: {why}", .of.name())]
    BadCertificate {
        /// The owner.
        of: CertificateOf,
        /// The first thing that is wrong.
        why: DecodeError,
    },
    /// A certificate that is not for what it is used for.
    #[error("the certificate of the {} is not one: {}", .of.name(), .why.name())]
    WrongUse {
        /// The owner.
        of: CertificateOf,
        /// The part that it lacks.
        why: Misuse,
    },
    /// The certificate names an issuer whose certificate is not in the file.
    #[error("the issuer that the certificate of the {} names is not there", .0.name())]
    WrongIssuer(CertificateOf),
    /// The issuer is known, and the certificates below it do not fit: one was changed.
    #[error("the certificates do not lead to {issuer}: one of them was changed")]
    BadChain {
        /// The issuer's name.
        issuer: String,
    },
    /// An issuer that nobody here knows.
    #[error("an issuer that is not known: {name}")]
    UnknownIssuer {
        /// The name that the maker's certificate gives.
        name: String,
        /// The key identifier that it gives.
        key: Option<CiKeyId>,
    },
    /// Everything holds, under an issuer whose key may be public.
    #[error("a test issuer: {}", .0.name)]
    TestIssuer(ProofIssuer),
    /// The maker may not certify this EID, or the certificate has none.
    #[error("the maker may not certify this EID")]
    EidNotPermitted,
    /// A key on a curve that cannot be used here.
    #[error("the key of the {} is on a curve that is not supported", .0.name())]
    Curve(CertificateOf),
    /// The card did not sign this.
    #[error("the signature is not one of this card over this notification")]
    BadSignature,
}
