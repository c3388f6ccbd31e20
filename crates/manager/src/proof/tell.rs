//! What was found about a proof, in the language that was chosen.

use super::{CertificateOf, Difference, OutOfDate, Problem, ProofError};
use crate::words;

/// In the name of the issuer of virtual cards, wherever they were made.
const VIRTUAL_ISSUER: &str = "CN=esimctl virtual CI";

fn say(key: &str, particulars: &[(&str, &str)]) -> String {
    let arguments: Vec<(&str, words::Value<'_>)> =
        particulars.iter().map(|(name, value)| (*name, words::Value::from(*value))).collect();
    words::text(key, &arguments)
}

fn owner(of: CertificateOf) -> String {
    say(&format!("proof-of-{}", of.name()), &[])
}

fn field(name: &str) -> String {
    say(&format!("proof-field-{name}"), &[])
}

impl Problem {
    /// The name in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Masked => "masked",
            Self::NotBase64(_) => "not_base64",
            Self::NotProven(error) => name_of(error),
            Self::Differs(_) => "differs",
            Self::TableDiffers(_) => "table_differs",
            Self::NotADeletion(_) => "not_a_deletion",
        }
    }

    /// The problem in a sentence or two.
    #[must_use]
    pub fn tell(&self) -> String {
        let key = format!("proof-problem-{}", self.name().replace('_', "-"));
        match self {
            Self::Masked | Self::NotBase64(_) => say(&key, &[]),
            Self::NotProven(error) => tell_error(&key, error),
            Self::Differs(Difference { field: "sha256", claimed, signed }) => {
                say("proof-problem-hash", &[("claimed", claimed), ("signed", signed)])
            }
            Self::Differs(Difference { field: name, claimed, signed }) => {
                say(&key, &[("field", &field(name)), ("claimed", claimed), ("signed", signed)])
            }
            Self::TableDiffers(name) => say("proof-problem-table", &[("field", &field(name))]),
            Self::NotADeletion(event) => say(&key, &[("event", event)]),
        }
    }
}

const fn name_of(error: &ProofError) -> &'static str {
    match error {
        ProofError::Unreadable(_) => "unreadable",
        ProofError::OtherKind => "other_kind",
        ProofError::Missing(_) => "missing",
        ProofError::BadCertificate { .. } => "bad_certificate",
        ProofError::WrongUse { .. } => "wrong_use",
        ProofError::WrongIssuer(_) => "wrong_issuer",
        ProofError::BadChain { .. } => "bad_chain",
        ProofError::UnknownIssuer { .. } => "unknown_issuer",
        ProofError::TestIssuer(_) => "test_issuer",
        ProofError::EidNotPermitted => "eid",
        ProofError::Curve(_) => "curve",
        ProofError::BadSignature => "signature",
    }
}

fn tell_error(key: &str, error: &ProofError) -> String {
    match error {
        ProofError::Unreadable(_) | ProofError::OtherKind | ProofError::EidNotPermitted | ProofError::BadSignature => {
            say(key, &[])
        }
        ProofError::Missing(of) | ProofError::WrongIssuer(of) | ProofError::Curve(of) => {
            say(key, &[("owner", &owner(*of))])
        }
        ProofError::BadCertificate { of, .. } => say(key, &[("owner", &owner(*of))]),
        ProofError::WrongUse { of, why } => {
            let why = say(&format!("proof-misuse-{}", why.name().replace('_', "-")), &[]);
            say(key, &[("owner", &owner(*of)), ("why", &why)])
        }
        ProofError::BadChain { issuer } => say(key, &[("name", issuer)]),
        ProofError::UnknownIssuer { name, .. } if name.contains(VIRTUAL_ISSUER) => {
            say("proof-problem-virtual-issuer", &[("name", name)])
        }
        ProofError::UnknownIssuer { name, .. } => say(key, &[("name", name)]),
        ProofError::TestIssuer(issuer) => say(key, &[("name", &issuer.name)]),
    }
}

/// A certificate that is out of date, in a sentence.
#[must_use]
pub fn tell_out_of_date(certificate: &OutOfDate) -> String {
    let moment = jiff::Timestamp::from_second(certificate.at).map_or_else(|_| String::new(), |at| at.to_string());
    let date = moment.get(..10).unwrap_or(&moment);
    let key = if certificate.expired { "proof-expired" } else { "proof-early" };
    say(key, &[("owner", &owner(certificate.of)), ("date", date)])
}
